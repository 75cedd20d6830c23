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
# What the last measurement found: "lat.JOB" mean, "p20.JOB" to "p99.JOB" in ms; per second, all
# jobs together, "rate" by their medians, which a machine that stalls leaves alone, and "wall"
declare -A found
# Rows that were off, in words; the p99 of four readers of one unit, ms
wrong='' tail_ms=0
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

# row NAME VALUE GOT WANT - for bench.sh's report.
row()
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
			# Percentiles from the 1st on: the 20th, 50th, 80th and 99th
			split($(at + 15), p20, "=")
			split($(at + 18), p50, "=")
			split($(at + 21), p80, "=")
			split($(at + 24), p99, "=")
			print "lat." $3, $(at + 10) / 1000
			print "p20." $3, p20[2] / 1000
			print "p50." $3, p50[2] / 1000
			print "p80." $3, p80[2] / 1000
			print "p99." $3, p99[2] / 1000
			rate += 1000000 / p50[2]
			ios += $at / 4
			if ($(at + 3) > longest)
				longest = $(at + 3)
		}
		END { print "rate", rate; print "wall", ios / longest * 1000 }' "$work/fio")
}

# check NAME PERCENT VALUE=WANT... COMMAND... - measure; what is found must be as near as that,
# in the third attempt if not before: a machine that has other things to do is late, but no
# machine is early. WANT is for times that are not stretched.
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
	for try in 1 2 3; do
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
		row "$name" "${want%=*}" "${found[${want%=*}]}" "${want#*=}"
		case $want in
		rate=*) row "$name" wall "${found[wall]}" "${want#*=}" ;;
		p50.*) row "$name" "lat.${want:4:1}" "${found[lat.${want:4:1}]}" "${want#*=}" ;;
		esac
	done
	wrong+=$bad
}

# judge - the case fails if a row was off.
judge()
{
	[[ ! $wrong ]] || fail "$wrong"
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
	row 'four queues, one unit' p99.a "${found[p99.a]}" $((176 * stretch))
	tail_ms=${found[p99.a]}
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
	check 'lower and upper pages' 3 p20.r=24 p80.r=44 loops r,read,0,20
	timing "read=40ms,bus=4ms,page=4,planes=2"
	check '32 KiB, 2 planes of 4 sectors' 3 p50.r=72 loops r,read,0,16,--bs=32k
	timing "prog=80ms,bus=4ms,cache=16"
	# 16 go to the cache at once; each of the rest waits for a program.
	check 'write cache of 16 sectors, 48 writes' 3 p80.w=84 \
		writing w,write,0,48,--$room
	row 'write cache of 16 sectors, 48 writes' p20.w "${found[p20.w]}" 0
	timing "read=40ms,erase=1000ms,bus=4ms,suspend=10ms"
	check 'reads that interrupt an erase' 5 p50.r=54 lat.e=1540 \
		loops r,read,1,10,--startdelay=100ms "e,trim,1,1,--$erase,--offset=$((unit + 8 * chunk))"
}

# A block namespace of one channel. A sector is the smallest write, so none waits in the write
# buffer, and the next goes to another unit.
block_begin()
{
	start num_grp=1 num_pu="$1" num_chk=64 clba=16 ws_min=1 ws_opt=1 mw_cunits=0 ns=block:1:28
}

# block_write RW SIZE [OPTION...] - without judging.
block_write()
{
	(cd "$work" && fio --name=write --filename="/dev/$ns" --direct=1 --rw="$1" --bs=4k \
		--size="$2" --ioengine=libaio --iodepth=16 --output=/dev/null "${@:3}")
}

rows_block()
{
	block_begin 4
	block_write write 2m
	timing "$base"
	check 'block: random read' 3 p50.r=44 loops r,randread,0,16
	check 'block: random write' 3 p50.w=84 loops w,randwrite,0,12
	timing "prog=$(ms 100)"
	check 'block: four writers, four units' 3 rate=40 \
		loops a,randwrite,0,10 b,randwrite,0,10 c,randwrite,0,10 d,randwrite,0,10
	timing off
	stop
	rows_block_garbage
}

# flash_ms - what the block namespace's only unit has done, reads of the host apart, in ms of
# timing read=10ms,prog=20ms,erase=30ms.
flash_ms()
{
	awk 'NR == 1 { for (i = 1; i <= NF; i++) col[$i] = i }
		$2 == "all" { print $col["moves"] * 10 + $col["programs"] * 20 + $col["erases"] * 30 }' \
		"$debug/ftl"
}

# One unit that never rests, with a reader and a writer of blocks that have all been written:
# what both take together is the time of all that the device has done, garbage included.
rows_block_garbage()
{
	local try number=$((slow > 1 ? 20 : 40)) name='block: reads beside garbage collection'
	local before want lasted

	block_begin 1
	block_write write 100%
	block_write randwrite 100% --norandommap --io_size=8m --randrepeat=0
	timing "read=$(ms 10),prog=$(ms 20),erase=$(ms 30)"
	for try in 1 2 3; do
		before=$(flash_ms)
		loops r,randread,0,$number w,randwrite,0,$number
		want=$((($(flash_ms) - before + number * 10) * stretch))
		lasted=$(awk -v n="$((2 * number))" -v rate="${found[wall]}" \
			'BEGIN { printf "%d", n / rate * 1000 }')
		echo "$name: $lasted ms, model $want, reads ${found[lat.r]} ms, try $try"
		((lasted * 100 < want * 95 || lasted * 100 > want * 105)) || break
	done
	row "$name" sum "$lasted" "$want"
	((lasted * 100 >= want * 95 && lasted * 100 <= want * 105)) ||
		wrong+="$name: $lasted ms, not $want; "
	timing off
	stop
}

# What bench.sh reports.
timing_rows()
{
	rows_block
	truth_begin
	rows_single
	rows_parallel 1 2 4 8 16
	rows_queues
	rows_mixed
	rows_options
	truth_cpu 10 300
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

# cost_of COMMAND... - processor time that the loops of COMMAND and all under them take, ms;
# sets "cost", and "lasted", ms.
cost_of()
{
	local before

	before=$(busy_ticks)
	"$@"
	cost=$((($(busy_ticks) - before) * 1000 / $(getconf CLK_TCK)))
	lasted=$(awk -v ios="$(awk -F ';' '$1 == 4 { sum += $6 / 4 } END { print sum }' \
		"$work/fio")" -v wall="${found[wall]}" 'BEGIN { printf "%d", ios / wall * 1000 }')
}

# truth_cpu MS NUMBER - 16 units at full load: a timer, not a loop, so most of the time nobody
# runs. Sets found[cpu]: percent of one processor, beyond what as many reads without times take.
truth_cpu()
{
	local cost lasted copying name="16 units at full load, $1 ms"

	timing off
	cost_of n_units 16 0 "$2"
	copying=$cost
	timing "read=$1ms"
	cost_of n_units 16 0 "$2"
	found[cpu]=$(((cost - copying) * 100 / lasted))
	echo "$name: $cost ms of a processor in $lasted ms, of them $copying for the reads"
	row "$name" cpu "${found[cpu]}" 0
	row "$name" busy "${found[rate]}" $((16000 / $1))
}

# The same waits and loops on null_blk with a timer: what the kernel and fio cost by themselves.
truth_control()
{
	local dir=/sys/kernel/config/nullb/control cost lasted ns

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
	row 'control: null_blk, timer of 40 ms' p50.r "${found[p50.r]}" 40
	echo 0 >$dir/power
	echo 10000000 >$dir/completion_nsec
	echo 1 >$dir/power
	ns=nullb$(<$dir/index)
	wait_for 5 "/dev/$ns" test -b "/dev/$ns"
	cost_of n_units 16 0 300
	row 'control: null_blk, 16 loops, 10 ms, with fio' cpu $((cost * 100 / lasted)) 0
	row 'control: null_blk, 16 loops, 10 ms, with fio' busy "${found[rate]}" 1600
	rmdir $dir
}

# ---- cases ----------------------------------------------------------------

# Connecting takes longer than most rows: one device for all.
model()
{
	truth_begin
	rows_single
	if ((slow > 1)); then
		rows_parallel 4
	else
		rows_parallel 1 2 4 8 16
		rows_queues
		# 176 ms, queueing and nothing else; of so few, it is the longest of all.
		at_least 'p99 of four queues, us' "$(micro "$tail_ms")" 171000
		at_most 'p99 of four queues, us' "$(micro "$tail_ms")" 264000
		rows_mixed
		rows_options
	fi
	judge
	stop
}

model_block()
{
	rows_block
	judge
}

full_load()
{
	truth_begin
	truth_cpu 20 150
	at_most 'percent of a processor beyond the reads' "${found[cpu]}" 24
	stop
}

# micro MS - microseconds
micro()
{
	awk -v ms="$1" 'BEGIN { printf "%d", ms * 1000 }'
}

armed_timers()
{
	grep -c oc_channel_timer /proc/timer_list || true
}

a_timer_is_armed()
{
	(($(armed_timers) == 1))
}

# parts_run - on all channels, ever.
parts_run()
{
	awk 'NR == 1 { for (i = 1; i <= NF; i++) col[$i] = i }
		NR > 1 { sum += $col["inline"] + $col["worker"] }
		END { print sum }' "$debug/channels"
}

# A device that has nothing to do has no timer, runs nothing and costs nothing.
idle()
{
	local parts ticks pid

	start "${small[@]}" mw_cunits=0
	dd if=/dev/zero of="/dev/$ns" bs=32k count=1 oflag=direct status=none
	timing "read=$((slow > 1 ? 4 : 2))s"
	dd if="/dev/$ns" of=/dev/null bs=4k count=1 iflag=direct status=none &
	pid=$!
	wait_for 5 'a timer' a_timer_is_armed
	wait $pid
	same 'timers armed' "$(armed_timers)" 0
	parts=$(parts_run)
	ticks=$(busy_ticks)
	sleep 4
	ticks=$(($(busy_ticks) - ticks))
	# The first look ran a part on each channel.
	same 'parts run while idle' $(($(parts_run) - parts)) 2
	same 'timers armed' "$(armed_timers)" 0
	note "idle with times: busy for $((ticks * 1000 / $(getconf CLK_TCK))) ms of 4 s"
	# The debug kernel looks for leaks meanwhile.
	((slow > 1)) || at_most 'ticks of processor time in 4 s' $ticks 20
	stop
}

# Commands that wait keep their time, the next ones have the new: none is lost, whatever the
# times change to.
change()
{
	local pid text

	start "${small[@]}"
	modprobe pblk
	pblk tgt
	: >"$work/tmp.changes"
	(
		set +x
		trap 'exit 0' TERM
		while :; do
			for text in slc mlc tlc off read=3ms tlc,suspend=20us,cache=64 \
				prog=5ms,bus=100us erase=20ms,read=50us off; do
				timing $text
				echo "$text" >>"$work/tmp.changes"
				sleep 0.02
			done
		done
	) &
	pid=$!
	# Until each of them has met commands that waited
	while (($(wc -l <"$work/tmp.changes") < 20)); do
		verify /dev/tgt --rw=randwrite --bs=4k --size=8m --iodepth=32
	done
	kill -TERM $pid
	wait $pid
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

t model 60 model
t block 25 model_block
t change 30 change
t refused 10 refused_times
t idle 15 idle
# What KASAN costs is not the model's.
((slow > 1)) || t full-load 15 full_load
