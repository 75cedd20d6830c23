#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Inside the VM: measure ocloop and what one would take instead, interleaved. Each result
# is a JSON object, one line in /out/records.

set -euo pipefail
guest=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$guest/nodes.sh"
: "${OC_KO:=$guest/../../ocloop.ko}"
: "${OC_SEED:=1}"
: "${OC_OUT:=/out}"

nqn=nqn.2026-11.ocloop:ssd0
debug=/sys/kernel/debug/ocloop/ssd0
peer=bench-peer
records=$OC_OUT/records
tmp=/tmp/bench
mib=256 pblk_mib=96
# Milliseconds of a measurement, turns of each in a round: what makes turns differ does not
# average out in longer ones, only in more of them.
ms=100 turns=8 rounds=5 round=0 extra=
target=/sys/kernel/config/nvmet
# What to read and write on: device name -> node. null_blk has more names, for where it is the
# yardstick of two that cannot be there at the same time.
declare -A node

# 16 channels of 1 GiB together for raw access, read and written in the first $mib as the other
# devices are: memory that has just been in use is faster than other memory.
# 12 channels are pblk's, with larger units while it is there: it must not come to collecting
# garbage, or that is what is measured. A sector is the smallest write, as it is for the others,
# and there is no out-of-band area, which they do not have. The block namespace has 320 MiB of
# flash for 258 MiB, and collects garbage all the time.
geometry=(num_grp=33 num_pu=2 num_chk=32 clba=256 ws_min=1 ws_opt=8 mw_cunits=0 mccap=6)
pblk_geometry=("${geometry[@]}" num_chk=128)
namespaces=oc20:16,oc20:12,block:5:24

usage()
{
	cat <<USAGE
usage: ${0##*/} quick|full|count|budget
  quick   the comparison only, 1 round, few workloads
  full    everything, 5 rounds
  count   the comparison once, by a clock that counts instructions
  budget  run one workload on each device, long, for somebody who takes samples
Environment: OC_KO, OC_OUT, OC_SEED, OC_ROUNDS, OC_TURNS, OC_MS, OC_STAGES,
OC_BUDGET (DEVICE/WORKLOAD...: these only)
USAGE
}

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

say()
{
	printf '%4d s  %s\n' "$SECONDS" "$*"
}

# wait_for WHAT COMMAND...
wait_for()
{
	local i what=$1

	shift
	for ((i = 0; i < 200; i++)); do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.05
	done
	die "waited in vain for $what"
}

# record KIND [NAME VALUE]... - a line of JSON; what looks like a number is one.
record()
{
	local line

	line="{\"kind\": \"$1\", \"round\": $round"
	shift
	while (($#)); do
		line+=", \"$1\": "
		[[ $2 =~ ^-?[0-9]+(\.[0-9]+)?$ ]] && line+=$2 || line+="\"$2\""
		shift 2
	done
	printf '%s}\n' "$line" >>"$records"
}

# skip WHAT WHY
skip()
{
	[[ ${skipped[$1]:-} ]] || record skip what "$1" why "$2"
	skipped[$1]=1
	say "skipped $1: $2"
}
declare -A skipped

# failed WHAT - one measurement less, but not all of them.
failed()
{
	record failed what "$1"
	say "FAILED: $1"
	cat "$tmp/fio" >>"$OC_OUT/fio.log"
	failures=$((failures + 1))
}
failures=0

# ---- devices -----------------------------------------------------------

# ctrl_of ATTRIBUTE VALUE - the NVMe controller with it.
ctrl_of()
{
	local dir

	for dir in /sys/class/nvme/nvme*; do
		[[ -e $dir/$1 && $(<"$dir/$1") == "$2" ]] || continue
		echo "${dir##*/}"
		return 0
	done
	return 1
}

# find_node NAME CTRL NSID - wait for it.
find_node()
{
	wait_for "namespace $3 of $2" node_of "$2" "$3"
	node[$1]=$(node_of "$2" "$3")
}

null_blk_begin()
{
	local dir=/sys/kernel/config/nullb/bench

	modprobe null_blk nr_devices=0
	mkdir "$dir"
	echo $mib >$dir/size
	echo 4096 >$dir/blocksize
	echo 1 >$dir/memory_backed
	echo 2 >$dir/submit_queues
	echo 0 >$dir/irqmode
	echo 1 >$dir/power
	node[null_blk]=/dev/nullb$(<$dir/index)
	node[null_blk-pblk]=${node[null_blk]}
	node[null_blk-direct]=${node[null_blk]}
	wait_for "${node[null_blk]}" test -b "${node[null_blk]}"
}

# The kernel's nvme-loop over that null_blk.
loop_begin()
{
	local subsystem=$target/subsystems/$peer

	# vm-init.sh keeps it out, for connects to have no other
	modprobe -i nvme-loop
	mkdir "$subsystem" "$subsystem/namespaces/1" "$target/ports/1"
	echo 1 >"$subsystem/attr_allow_any_host"
	echo "${node[null_blk]}" >"$subsystem/namespaces/1/device_path"
	echo 1 >"$subsystem/namespaces/1/enable"
	echo loop >"$target/ports/1/addr_trtype"
	ln -s "$subsystem" "$target/ports/1/subsystems/$peer"
	nvme connect -t loop -n "$peer"
	find_node nvme-loop "$(ctrl_of subsysnqn "$peer")" 1
}

qemu_begin()
{
	modprobe nvme
	wait_for "QEMU's controller" ctrl_of transport pcie
	find_node qemu "$(ctrl_of transport pcie)" 1
}

# ocloop_begin [PARAMETER...] - load and connect; the first namespace is "ocloop".
ocloop_begin()
{
	local ctrl

	insmod "$OC_KO" transport=oc "$@"
	# nvme-cli 1.12 wants an address for names it does not know.
	nvme connect -t oc -a x -n "$nqn"
	ctrl=$(ctrl_of subsysnqn "$nqn")
	find_node ocloop "$ctrl" 1
	node[ocloop-worker]=${node[ocloop]}
	[[ " $* " != *" ns=$namespaces "* ]] || {
		find_node ocloop2 "$ctrl" 2
		find_node block "$ctrl" 3
	}
}

ocloop_end()
{
	nvme disconnect -n "$nqn" >/dev/null
	rmmod ocloop
}

# pblk_begin NAME LIGHTNVM-DEVICE - a target on all 24 parallel units of the namespace, 3 GiB
# of flash, of which the first $pblk_mib are written.
pblk_begin()
{
	nvme lnvm create -d "$2" -n "$1" -t pblk -b 0 -e 23 -f
	node[$1]=/dev/$1
	wait_for "/dev/$1" test -b "/dev/$1"
	fill "$1" --size=${pblk_mib}m
}

fill()
{
	fio --name=fill --filename="${node[$1]}" --direct=1 --thread --rw=write --bs=64k \
		--ioengine=libaio --iodepth=8 --gtod_reduce=1 --randseed="$OC_SEED" \
		--output=/dev/null "${@:2}"
}

# block_count COLUMN - of the block namespace, from debugfs.
block_count()
{
	awk -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) col = i }
		$2 == "all" { print $col }' $debug/ftl
}

# Written once in order and once at random: from then on writes are paid for by collecting.
block_begin()
{
	wait_for "${node[block]}" test -b "${node[block]}"
	fill block --size=${mib}m
	fill block --size=${mib}m --rw=randwrite --bs=4k --iodepth=32 --norandommap
}

has_parameter()
{
	modinfo -F parm "$OC_KO" | grep -q "^$1:"
}

# ---- one measurement ----------------------------------------------------

# Workloads. They go on for some time.
declare -A workload=(
	[read4k-psync-qd1]='randread 4k psync 1 1'
	[read4k-libaio-qd32-j1]='randread 4k libaio 32 1'
	[read4k-libaio-qd32-j2]='randread 4k libaio 32 2'
	[read4k-uring-qd32-j1]='randread 4k io_uring 32 1'
	[read4k-uring-qd32-j2]='randread 4k io_uring 32 2'
	[write4k-psync-qd1]='write 4k psync 1 1'
	[write4k-libaio-qd32]='write 4k libaio 32 1'
	[randwrite4k-psync-qd1]='randwrite 4k psync 1 1'
	[randwrite4k-libaio-qd32]='randwrite 4k libaio 32 1'
	[read64k-qd8]='read 64k libaio 8 1'
	[write64k-qd8]='write 64k libaio 8 1'
	[read4k-p99-qd32-j4]='randread 4k libaio 32 4'
)

# run_fio WORKLOAD DEVICES [OPTION...] - measure the devices in turn, $turns times: one fio
# with a group of jobs for each, because starting a program takes long.
run_fio()
{
	local name=$1 devices device rw bs engine depth jobs args turn

	read -ra devices <<<"$2"
	shift 2
	read -r rw bs engine depth jobs <<<"${workload[$name]}"
	args=(--direct=1 --thread --group_reporting --norandommap --randrepeat=1
		--randseed="$OC_SEED" --rw="$rw" --bs="$bs" --ioengine="$engine"
		--iodepth="$depth" --numjobs="$jobs" --output-format=terse --output="$tmp/fio")
	# Taking the time of each request costs more than some devices do.
	[[ $name == *p99* ]] || args+=(--gtod_reduce=1)
	args+=(--runtime="${ms}ms")
	for ((turn = 0; turn < turns; turn++)); do
		for device in "${devices[@]}"; do
			args+=(--name="$device" --filename="${node[$device]}" --stonewall)
			if [[ $rw == write && $device == ocloop* ]]; then
				# Nothing is written twice: an open-channel SSD would refuse. So its chunks
				# are reset before each turn, one by one: a deallocation must be exactly one.
				args+=(--exec_prerun="blkdiscard -p 1M ${node[$device]}")
			else
				args+=(--time_based)
			fi
			args+=(--size="${mib}m" "$@")
		done
	done
	# What exec_prerun says goes to a file in the working directory.
	(cd "$tmp" && fio "${args[@]}") 2>>"$OC_OUT/fio.log" || {
		failed "$name on ${devices[*]}"
		return 0
	}
	# Field 6, 47: KiB read, written; 9, 50: ms; 24 and 30, 65 and 71: median, p99
	awk -F ';' -v round="$round" -v per="${#devices[@]}" -v name="$name" -v kib="${bs%k}" \
		-v depth="$depth" -v jobs="$jobs" -v engine="$engine" \
		-v want=$((turns * ${#devices[@]})) -v extra="$extra" '
		$1 == 3 {
			done = $6 ? $6 : $47
			time = $6 ? $9 : $50
			if ($5 != 0 || !done || !time) {
				bad = 1
				exit
			}
			split($6 ? $24 : $65, median, "=")
			split($6 ? $30 : $71, p99, "=")
			printf "{\"kind\": \"fio\", \"round\": %d, \"turn\": %d, ", round, int(nr / per)
			printf "\"workload\": \"%s\", \"device\": \"%s\", ", name, $3
			printf "\"engine\": \"%s\", \"depth\": %d, \"jobs\": %d, ", engine, depth, jobs
			printf "\"iops\": %.0f, \"ms\": %d, ", done / kib * 1000 / time, time
			printf "\"p50_us\": %d, \"p99_us\": %d%s}\n", median[2], p99[2], extra
			nr++
		}
		END { exit bad || nr != want }' "$tmp/fio" >>"$records" ||
		failed "$name on ${devices[*]}"
}

# run WORKLOAD DEVICES [OPTION...] - what forces the workqueues is a switch of the device, so
# "ocloop-worker" has a fio of its own.
run()
{
	local others=${2/ocloop-worker/}

	run_fio "$1" "$others" "${@:3}"
	[[ $others != "$2" ]] || return 0
	echo 0 >$debug/use_inline
	run_fio "$1" ocloop-worker "${@:3}"
	echo 1 >$debug/use_inline
}

# compare DEVICES WORKLOAD...
compare()
{
	local which=$1 name

	shift
	for name in "$@"; do
		run "$name" "$which"
	done
}

# compare_pblk TARGET YARDSTICK - on what is written; less than there is room for is overwritten.
compare_pblk()
{
	local name which=("${reads[@]}" read64k-qd8)

	[[ $mode != quick ]] || which=("${reads[@]}")
	for name in "${which[@]}"; do
		run "$name" "$2 $1" --size=${pblk_mib}m
	done
	# Targets write from a thread of their own, and waiting for it is no instruction.
	[[ $mode != count ]] || return 0
	[[ $mode == quick ]] || run write64k-qd8 "$2 $1" --size=${pblk_mib}m \
		--io_size=$((pblk_mib * 8 / turns))m --time_based=0 --runtime=60
	run randwrite4k-libaio-qd32 "$2 $1" --size=${pblk_mib}m \
		--io_size=$((pblk_mib * 2 / turns))m --time_based=0 --runtime=60
}

# ---- stages -------------------------------------------------------------

reads=(read4k-psync-qd1 read4k-libaio-qd32-j1)
more_reads=(read4k-libaio-qd32-j2 read4k-uring-qd32-j1 read4k-uring-qd32-j2)
writes=(write4k-psync-qd1 write4k-libaio-qd32)
random_writes=(randwrite4k-psync-qd1 randwrite4k-libaio-qd32)
large=(read64k-qd8 write64k-qd8)

stage_compare()
{
	local raw='null_blk nvme-loop qemu ocloop block' all host programs

	# What QEMU does itself is no instruction of the guest's.
	[[ $mode != count ]] || raw=${raw/qemu /}
	all="$raw ocloop-worker"
	ocloop_begin "${geometry[@]}" oob_size=0 ns=$namespaces
	block_begin
	fill ocloop --size=${mib}m
	compare "$all" "${reads[@]}"
	[[ $mode != full ]] || compare "$raw" "${more_reads[@]}"
	[[ $mode == count ]] ||
		compare 'null_blk nvme-loop ocloop ocloop-worker' read4k-p99-qd32-j4
	compare "$raw" read64k-qd8
	compare "$all" "${writes[@]}"
	compare "$raw" write64k-qd8
	host=$(block_count host) programs=$(block_count programs)
	compare "${raw/ocloop /}" "${random_writes[@]}"
	record block host $(($(block_count host) - host)) \
		programs $(($(block_count programs) - programs))
	ocloop_end
	ocloop_begin "${pblk_geometry[@]}" oob_size=0 ns=$namespaces
	pblk_begin pblk "${node[ocloop2]#/dev/}"
	compare_pblk pblk null_blk-pblk
	nvme lnvm remove -n pblk
	ocloop_end
}

lightnvm_knows()
{
	nvme lnvm list | grep -q "^$1 "
}

# pblk on lightnvm devices of ocloop's own, with no controller between.
stage_direct()
{
	if ! has_parameter attach; then
		skip pblk-direct 'this ocloop has no parameter attach'
		return
	fi
	insmod "$OC_KO" attach=lightnvm "${pblk_geometry[@]}" oob_size=0 ns=$namespaces
	wait_for 'lightnvm device ssd0n2' lightnvm_knows ssd0n2
	pblk_begin pblk-direct ssd0n2
	compare_pblk pblk-direct null_blk-direct
	nvme lnvm remove -n pblk-direct
	rmmod ocloop
}

# The default out-of-band area: the block layer adds an integrity buffer to each request.
stage_oob()
{
	local which=("${reads[@]}" "${large[@]}")

	[[ $mode == full ]] || which=("${reads[@]}")
	ocloop_begin "${geometry[@]}" oob_size=16 ns=oc20:16
	node[ocloop-oob16]=${node[ocloop]}
	fill ocloop --size=${mib}m
	compare ocloop-oob16 "${which[@]}"
	ocloop_end
}

# scale AXIS VALUE DEVICES WORKLOAD - a workload made up on the spot.
scale()
{
	local name="scale-$1-$2"

	workload[$name]=$4
	run "$name" "$3"
}

stage_scale()
{
	local n

	for n in 1 2 4 8; do
		ocloop_begin num_grp=$n num_pu=2 num_chk=$((128 / n)) clba=256 oob_size=0 \
			mw_cunits=0
		fill ocloop
		scale channels $n 'null_blk ocloop ocloop-worker' 'randread 4k libaio 32 2'
		ocloop_end
	done
	ocloop_begin "${geometry[@]}" oob_size=0 ns=$namespaces
	fill ocloop --size=${mib}m
	for n in 1 2 4; do
		scale jobs $n 'null_blk nvme-loop ocloop' "randread 4k libaio 32 $n"
	done
	for n in 1 2 4 8 16 32 64; do
		scale depth $n 'null_blk nvme-loop ocloop' "randread 4k libaio $n 1"
	done
	ocloop_end
}

# The same 256 MiB on devices of other sizes, and reads all over them, beside null_blk: these
# devices cannot be there at the same time.
stage_capacity()
{
	local gib

	for gib in 1 4 16 64 256; do
		ocloop_begin num_grp=4 num_pu=4 num_chk=$((gib * 16)) clba=1024 oob_size=0 \
			mw_cunits=0
		fill ocloop --size=${mib}m
		workload[capacity-written]='randread 4k psync 1 1'
		workload[capacity-anywhere]='randread 4k psync 1 1'
		extra=", \"gib\": $gib"
		run capacity-written 'null_blk ocloop'
		run capacity-anywhere 'null_blk ocloop' --size=100%
		extra=
		ocloop_end
	done
}

# One command of 64 addresses against 64 commands of one.
stage_vector()
{
	local line

	if [[ ! -x $guest/../../vecbench ]]; then
		skip vector 'no program vecbench'
		return
	fi
	ocloop_begin "${geometry[@]}" oob_size=0 ns=$namespaces
	fill ocloop --size=${mib}m
	line=$("$guest/../../vecbench" "${node[ocloop]}" $((ms * 2)))
	read -r one many <<<"$line"
	record vector one_ns "$one" many_ns "$many"
	ocloop_end
}

cpu_ticks()
{
	# user, nice, system, irq, softirq
	awk '$1 == "cpu" { print $2 + $3 + $4 + $7 + $8 }' /proc/stat
}

local_timers()
{
	awk '$1 == "LOC:" { for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++) sum += $i } END { print sum }' \
		/proc/interrupts
}

oc_runs()
{
	awk 'NR > 1 { sum += $(NF - 1) + $NF } END { print sum }' $debug/channels
}

# idle NAME SECONDS - what happens while nothing happens.
idle()
{
	local ticks timers runs=0 after=0

	[[ ! -e $debug ]] || runs=$(oc_runs)
	timers=$(local_timers)
	ticks=$(cpu_ticks)
	sleep "$2"
	ticks=$(($(cpu_ticks) - ticks))
	timers=$(($(local_timers) - timers))
	if [[ -e $debug ]]; then
		# Looking at a channel is itself a part that runs on it.
		after=$(($(oc_runs) - $(wc -l <$debug/channels) + 1))
	fi
	record idle name "$1" seconds "$2" cpu_ticks $ticks hz "$(getconf CLK_TCK)" \
		timer_interrupts $timers parts $((after - runs)) \
		timers_armed "$(grep -c oc_channel_timer /proc/timer_list || true)"
}

stage_idle()
{
	idle 'no module' 10
	ocloop_begin "${geometry[@]}" oob_size=0 ns=$namespaces
	fill ocloop --size=${mib}m
	fio --name=x --filename="${node[ocloop]}" --direct=1 --thread --rw=randread --bs=4k \
		--number_ios=1000 --output=/dev/null
	sleep 1
	idle 'connected' 10
	echo tlc >/sys/module/ocloop/parameters/timing
	fio --name=x --filename="${node[ocloop]}" --direct=1 --thread --rw=randread --bs=4k \
		--number_ios=100 --output=/dev/null
	sleep 1
	idle 'connected, timing=tlc' 10
	ocloop_end
}

# The rows of test-timing.sh, without its judgement, in a shell of its own.
stage_timing()
{
	OC_KO=$OC_KO bash "$guest/bench.sh" rows
	rm -f /etc/modprobe.d/ocloop.conf
}

timing_records()
{
	# shellcheck disable=SC2034 # for test-timing.sh
	local timing_rows_only=1

	# shellcheck source-path=SCRIPTDIR source=test-timing.sh
	. "$guest/test-timing.sh"
	# shellcheck disable=SC2317 # the rows call these
	fail() { echo "timing: $*"; }
	# shellcheck disable=SC2317
	row() { record timing name "$1" value "$2" got "$3" want "$4"; }
	mkdir -p "$work"
	# shellcheck disable=SC2034 # lib.sh's
	nvme=nvme
	clean_up
	timing_rows
	clean_up
}

# sampled DEVICE WORKLOAD [OPTION...] - a long run, announced for the one who takes samples.
sampled()
{
	local device=$1 name=$2

	shift 2
	[[ " ${OC_BUDGET:-$device/$name} " == *" $device/$name "* ]] || return 0
	say "$device $name"
	echo "budget $device/$name" >"$OC_OUT/now"
	run_fio "$name" "$device" "$@"
	echo idle >"$OC_OUT/now"
}

# Where the time of one command goes. Writes need a larger device to last, and null_blk starts
# again at its beginning.
stage_budget()
{
	local device name big

	big=("${geometry[@]}" num_chk=256)
	cp /proc/kallsyms "$OC_OUT/kallsyms"
	ocloop_begin "${big[@]}" oob_size=0 ns=$namespaces
	cp /proc/kallsyms "$OC_OUT/kallsyms"
	fill ocloop --size=${mib}m
	for name in "${reads[@]}" read64k-qd8; do
		for device in null_blk nvme-loop ocloop; do
			sampled $device "$name"
		done
		echo 0 >$debug/use_inline
		sampled ocloop-worker "$name"
		echo 1 >$debug/use_inline
	done
	for name in "${writes[@]}" write64k-qd8; do
		sampled null_blk "$name"
		sampled nvme-loop "$name"
		sampled ocloop "$name" --offset=0 --size=2g
	done
	blkdiscard -p 1M "${node[ocloop]}"
	pblk_begin pblk "${node[ocloop2]#/dev/}"
	for name in "${reads[@]}" randwrite4k-libaio-qd32; do
		sampled pblk "$name" --size=${pblk_mib}m
	done
	sampled pblk write64k-qd8 --size=${pblk_mib}m --io_size=2g \
		--time_based=0 --runtime=60
	nvme lnvm remove -n pblk
	ocloop_end
	ocloop_begin "${geometry[@]}" oob_size=0 ns=$namespaces
	cp /proc/kallsyms "$OC_OUT/kallsyms-block"
	block_begin
	for name in "${random_writes[@]}"; do
		sampled block "$name"
	done
	ocloop_end
	insmod "$OC_KO" attach=lightnvm "${big[@]}" oob_size=0 ns=$namespaces
	cp /proc/kallsyms "$OC_OUT/kallsyms-direct"
	wait_for 'lightnvm device ssd0n2' lightnvm_knows ssd0n2
	pblk_begin pblk-direct ssd0n2
	for name in "${reads[@]}" randwrite4k-libaio-qd32; do
		sampled pblk-direct "$name" --size=${pblk_mib}m
	done
	sampled pblk-direct write64k-qd8 --size=${pblk_mib}m --io_size=2g \
		--time_based=0 --runtime=60
	nvme lnvm remove -n pblk-direct
	rmmod ocloop
}

stages()
{
	local stage

	for stage in "$@"; do
		say "round $round: $stage"
		"stage_$stage"
	done
}

if [[ ${1:-} == rows ]]; then
	timing_records
	exit 0
fi
[[ ${1:-} == @(quick|full|count|budget) ]] || { usage >&2; exit 2; }
mode=$1
case $mode in
quick) rounds=1 turns=3 ms=200 ;;
count) rounds=1 turns=1 ms=300 ;;
budget) rounds=1 turns=1 ms=8000 ;;
esac
rounds=${OC_ROUNDS:-$rounds}
turns=${OC_TURNS:-$turns}
ms=${OC_MS:-$ms}
mkdir -p "$tmp"
: >"$records"
ulimit -l unlimited
record guest kernel "$(uname -r)" cpus "$(nproc)" \
	cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" \
	fio "$(fio --version)" rounds "$rounds" turns "$turns" ms "$ms" mode "$mode" \
	memory_kib "$(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo)"
# The multipath layer would cost the kernel's nvme-loop time, and nobody else.
modprobe nvme-core multipath=N
modprobe nvme-fabrics
wanted=" ${OC_STAGES:-timing compare direct oob scale capacity vector idle} "
[[ $mode != full || $wanted != *' timing '* ]] || stages timing

modprobe pblk
null_blk_begin
loop_begin
qemu_begin
fill null_blk
[[ $mode == count ]] || fill qemu
if [[ $mode == budget ]]; then
	stages budget
	exit 0
fi
for ((round = 1; round <= rounds; round++)); do
	for stage in compare direct oob vector; do
		[[ $wanted != *" $stage "* || ($mode == count && $stage == vector) ]] ||
			stages $stage
	done
	if [[ $mode == full ]]; then
		for stage in scale capacity; do
			[[ $wanted != *" $stage "* ]] || ((round % 2 == 0)) || stages $stage
		done
	fi
done
[[ $mode != full || $wanted != *' idle '* ]] || stages idle
say "done"
((!failures))
