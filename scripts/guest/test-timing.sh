#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Does the device take the time its model says? Closed loops of fio on chosen parallel units
# against what one computes by hand. An idle timer wakes up late under emulation (0.5 ms, on
# any device), so the times here are long. bench.sh runs timing_rows() for its report.

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

# Two channels of 16 parallel units of 4 MiB, one sector to a flash page. Chunks 0 to 7 of
# each unit are written and read, the rest is for the writers.
truth=(num_grp=2 num_pu=16 num_chk=16 clba=64 ws_min=1 ws_opt=8 mw_cunits=0 mccap=6 oob_size=0)
unit=$((16 * 64 * 4096))
chunk=$((64 * 4096))
# What the last measurement found: "lat.JOB" mean, "p50.JOB", "p99.JOB" in ms; per second, all
# jobs together, "rate" by their medians, which a machine that stalls leaves alone, and "wall"
declare -A found
# KASAN makes each step slower, not each wait: longer waits, and less of them.
stretch=$((slow > 1 ? 4 : 1))

timing()
{
	echo "$1" >/sys/module/ocloop/parameters/timing
}

# ms N - as the timing parameter takes it.
ms()
{
	echo "$(($1 * stretch))ms"
}

# note NAME VALUE GOT WANT - for the report.
note()
{
	:
}

# loops SPEC... - run closed loops side by side. SPEC: NAME,RW,UNIT,NUMBER[,OPTION...]; each
# has one request under way, unless an option says otherwise.
loops()
{
	local - spec name rw pu number more args

	set +x
	args=(--filename="/dev/$ns" --direct=1 --thread --bs=4k --ioengine=psync
		--disable_slat=1 --randrepeat=1 --output-format=terse --terse-version=4
		--output="$work/fio")
	for spec in "$@"; do
		IFS=, read -r name rw pu number more <<<"$spec"
		args+=(--name="$name" --rw="$rw" --offset=$((pu * unit)) --size=2m
			--number_ios="$number")
		IFS=, read -ra more <<<"$more"
		args+=("${more[@]}")
	done
	(cd "$work" && fio "${args[@]}")
	# KiB, IOPS, ms, mean, median, p99 begin at field 6, 47 and 88: read, write, trim.
	found=()
	while read -r name value; do
		found[$name]=$value
	done < <(awk -F ';' '
		$1 == 4 {
			at = $6 ? 6 : $47 ? 47 : 88
			split($(at + 18), p50, "=")
			split($(at + 24), p99, "=")
			print "lat." $3, $(at + 10) / 1000
			print "p50." $3, p50[2] / 1000
			print "p99." $3, p99[2] / 1000
			rate += 1000000 / p50[2]
			ios += $at / 4
			if ($(at + 3) > longest)
				longest = $(at + 3)
		}
		END { print "rate", rate; print "wall", ios / longest * 1000 }' "$work/fio")
}

# check NAME PERCENT VALUE=WANT... COMMAND... - measure; what is found must be as near as that,
# in the second attempt if not in the first. WANT is for times that are not stretched.
check()
{
	local - name=$1 percent=$2 wants=() want bad try

	set +x
	shift 2
	while [[ $1 == *=* && $1 != *,* ]]; do
		case $1 in
		rate=*) wants+=("rate=$((${1#*=} / stretch))") ;;
		*) wants+=("${1%=*}=$((${1#*=} * stretch))") ;;
		esac
		shift
	done
	for try in 1 2; do
		"$@"
		bad=''
		for want in "${wants[@]}"; do
			echo "$name: ${want%=*} is ${found[${want%=*}]:-nothing}, model ${want#*=}, try $try"
			awk -v got="${found[${want%=*}]:-0}" -v want="${want#*=}" \
				-v percent="$percent" 'BEGIN {
				diff = got - want
				exit (diff < 0 ? -diff : diff) * 100 > want * percent }' ||
				bad+="$name: ${want%=*} is ${found[${want%=*}]}, not ${want#*=}; "
		done
		[[ $bad ]] || break
	done
	for want in "${wants[@]}"; do
		note "$name" "${want%=*}" "${found[${want%=*}]}" "${want#*=}"
		case $want in
		rate=*) note "$name" wall "${found[wall]}" "${want#*=}" ;;
		p50.*) note "$name" "lat.${want:4:1}" "${found[lat.${want:4:1}]}" "${want#*=}" ;;
		esac
	done
	[[ ! $bad ]] || fail "$bad"
}

truth_begin()
{
	start "${truth[@]}"
	(cd "$work" && fio --name=fill --filename="/dev/$ns" --rw=write --bs=256k --direct=1 \
		--ioengine=psync --size=2m --offset_increment=$unit --numjobs=32 --thread \
		--group_reporting --output=/dev/null)
}

# Empty chunks 8 to 15 of a unit.
empty()
{
	blkdiscard -p $chunk -o $(($1 * unit + 8 * chunk)) -l $((8 * chunk)) "/dev/$ns"
}

# Loops that begin with empty chunks to write to.
writing()
{
	empty 0
	loops "$@"
}

room=offset=$((8 * chunk))
erase=bs=256k
base="read=$(ms 40),prog=$(ms 80),erase=$(ms 150),bus=$(ms 4)"

# n_units N FIRST NUMBER - a reader on each of N units.
n_units()
{
	local i specs=()

	for ((i = 0; i < $1; i++)); do
		specs+=("r$i,read,$(($2 + i)),$3")
	done
	loops "${specs[@]}"
}

# ---- rows: what is measured and what one computes ------------------------

rows_single()
{
	timing "$base"
	check 'read, one unit' 3 p50.r=44 loops r,read,0,20
	check 'write, one unit' 3 p50.w=84 writing w,write,0,12,--$room
	timing off
	empty 0
	(cd "$work" && fio --name=x --filename="/dev/$ns" --rw=write --bs=256k --direct=1 \
		--offset=$((8 * chunk)) --size=$((8 * chunk)) --output=/dev/null)
	timing "$base"
	check 'reset, one unit' 3 p50.e=150 loops e,trim,0,8,--$erase,--$room
}

# Units that share no bus time: N times the throughput of one.
rows_parallel()
{
	local n

	timing "read=$(ms 40)"
	for n in "$@"; do
		check "reads, $n units" 3 rate=$((n * 25)) n_units "$n" 0 16
	done
}

rows_queues()
{
	timing "$base"
	check 'two queues, one unit' 3 p50.a=88 p50.b=88 \
		loops a,read,0,25 b,read,0,25
	check 'four queues, one unit' 3 p50.a=176 p50.b=176 \
		loops a,read,0,12 b,read,0,12 c,read,0,12 d,read,0,12
	note 'four queues, one unit' p99.a "${found[p99.a]}" $((176 * stretch))
	timing "read=$(ms 1),bus=$(ms 10)"
	check 'bus-bound, 8 units, one channel' 3 rate=100 n_units 8 0 16
	check 'bus-bound, 8 + 8 units, two channels' 3 rate=200 n_units 16 8 16
}

rows_mixed()
{
	timing "$base"
	check 'read and write, one unit' 3 p50.r=128 p50.w=128 \
		writing r,read,0,12 w,write,0,12,--$room
	check 'reset in front of read' 3 p50.r=194 \
		loops r,read,0,8 e,trim,0,8,--$erase,--$room
}

rows_options()
{
	timing "read=20ms/40ms,bus=4ms"
	check 'lower and upper pages' 5 lat.r=34 loops r,read,0,24
	timing "read=40ms,bus=4ms,page=4,planes=2"
	check '32 KiB, 2 planes of 4 sectors' 3 p50.r=72 loops r,read,0,16,--bs=32k
	timing "prog=80ms,bus=4ms,cache=16"
	# 16 go to the cache; each of the rest waits for a program.
	check 'write cache of 16 sectors, 32 writes' 5 lat.w=42 \
		writing w,write,0,32,--$room
	timing "read=40ms,erase=1000ms,bus=4ms,suspend=10ms"
	check 'reads that interrupt an erase' 5 p50.r=54 lat.e=1540 \
		loops r,read,1,10,--startdelay=100ms "e,trim,1,1,--$erase,--offset=$((unit + 8 * chunk))"
}

# What bench.sh reports.
timing_rows()
{
	truth_begin
	rows_single
	rows_parallel 1 2 4 8 16
	rows_queues
	rows_mixed
	rows_options
	truth_cpu
	stop
	truth_control
}

# ---- the cost of waiting -------------------------------------------------

busy_ticks()
{
	local user nice system idle iowait irq softirq rest

	# shellcheck disable=SC2034 # the fields between
	read -r rest user nice system idle iowait irq softirq rest </proc/stat
	echo $((user + nice + system + irq + softirq))
}

# 16 units at full load: a timer, not a loop, so most of the time nobody runs. Percent of one
# processor, fio and the copying included.
truth_cpu()
{
	local before took

	timing "read=10ms"
	before=$(busy_ticks)
	took=${EPOCHREALTIME/./}
	n_units 16 0 300
	took=$((${EPOCHREALTIME/./} - took))
	found[cpu]=$((($(busy_ticks) - before) * 1000000 / (took / 100) / 100))
	echo "16 units: ${found[rate]} reads/s, ${found[cpu]} % of a processor"
	note '16 units at full load, 10 ms' cpu "${found[cpu]}" 0
	note '16 units at full load, 10 ms' busy "${found[rate]}" 1600
}

# The same waits and loops on null_blk with a timer: what the kernel and fio cost by themselves.
truth_control()
{
	local dir=/sys/kernel/config/nullb/control before took ns

	modprobe null_blk nr_devices=0
	mkdir $dir
	echo 256 >$dir/size
	echo 4096 >$dir/blocksize
	echo 1 >$dir/memory_backed
	echo 2 >$dir/irqmode
	echo 40000000 >$dir/completion_nsec
	echo 1 >$dir/power
	ns=nullb$(<$dir/index)
	wait_for 5 "/dev/$ns" test -b "/dev/$ns"
	loops r,read,0,20
	note 'control: null_blk, timer of 40 ms' p50.r "${found[p50.r]}" 40
	echo 0 >$dir/power
	echo 10000000 >$dir/completion_nsec
	echo 1 >$dir/power
	ns=nullb$(<$dir/index)
	wait_for 5 "/dev/$ns" test -b "/dev/$ns"
	before=$(busy_ticks)
	took=${EPOCHREALTIME/./}
	n_units 16 0 300
	took=$((${EPOCHREALTIME/./} - took))
	note 'control: null_blk, 16 loops, 10 ms' cpu \
		$((($(busy_ticks) - before) * 1000000 / (took / 100) / 100)) 0
	note 'control: null_blk, 16 loops, 10 ms' busy "${found[rate]}" 1600
	rmdir $dir
}

# ---- cases ----------------------------------------------------------------

single()
{
	truth_begin
	rows_single
	stop
}

parallel()
{
	truth_begin
	if ((slow > 1)); then
		rows_parallel 4
	else
		rows_parallel 1 2 4 8 16
	fi
	stop
}

queues()
{
	truth_begin
	rows_queues
	stop
}

mixed()
{
	truth_begin
	rows_mixed
	stop
}

options()
{
	truth_begin
	rows_options
	stop
}

full_load()
{
	truth_begin
	truth_cpu
	at_most 'percent of a processor, 16 units busy' "${found[cpu]}" 60
	stop
}

# Commands that wait keep their time, the next ones have the new: none is lost, whatever the
# times change to.
change()
{
	local changes=0 pid text

	start "${small[@]}"
	modprobe pblk
	pblk tgt
	(
		set +x
		trap 'echo $changes >"$work/changes"; exit 0' TERM
		while :; do
			for text in slc mlc tlc off read=3ms tlc,suspend=20us,cache=64 \
				prog=5ms,bus=100us erase=20ms,read=50us off; do
				timing $text
				changes=$((changes + 1))
				sleep 0.02
			done
		done
	) &
	pid=$!
	verify /dev/tgt --rw=randwrite --bs=4k --size=8m --iodepth=32
	kill -TERM $pid
	wait $pid
	at_least 'changes of the times' "$(<"$work/changes")" 20
	timing off
	verify /dev/tgt --rw=write --bs=64k --size=8m --iodepth=4
	same 'sectors refused' "$(counter fails)" 0
	unpblk tgt
	stop
}

refused_times()
{
	local text

	load
	for text in read=-1 read=5s nonsense tlc,bogus=1 read page=0 planes=17 read=1h \
		read=1us/2us/3us/4us bus=1/2; do
		mark_log
		! timing "$text" 2>/dev/null || fail "timing=$text was taken"
		has '^ocloop: timing=.*: want ' "$(log_since_mark)"
		same 'timing' "$(</sys/module/ocloop/parameters/timing)" off
	done
	unload
	refused load timing=nonsense
}

# bench.sh wants the rows only.
[[ ! ${timing_rows_only:-} ]] || return 0

t single 15 single
t parallel 15 parallel
t change 30 change
t refused 10 refused_times
if ((slow == 1)); then
	t queues 25 queues
	t mixed 20 mixed
	t options 20 options
	t full-load 15 full_load
fi
