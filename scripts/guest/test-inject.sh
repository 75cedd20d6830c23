#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Faults that the user chooses, and chunk states to begin with: what a command sees, what the
# host does about it, and that pblk lives through what it says it lives through.

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

# 64 chunks of 64 sectors on 2 groups of 2 units; addresses have no holes. No OOB, so that
# passthrough needs no metadata.
plain=(num_grp=2 num_pu=2 num_chk=16 clba=64 mw_cunits=0 oob_size=0)
timeouts=/sys/module/nvme_core/parameters/io_timeout

faults()
{
	printf '%s\n' "$@" >"$debug/faults"
}

# hits RULE - how often the Nth rule struck.
hits()
{
	local rules

	mapfile -t rules <"$debug/faults"
	[[ ! ${rules[$1]:-} =~ \#\ ([0-9]+)\ of\  ]] || echo "${BASH_REMATCH[1]}"
}

# io OPCODE LBA SECTORS [OPTION...] - a scalar command through the ioctl.
io()
{
	local length=$(($3 * 4096))

	case $1 in
	1) nvme io-passthru "/dev/$ctrl" -o 1 -n 1 --cdw10="$2" --cdw12=$(($3 - 1)) -l $length \
		-w -i "$work/tmp.a" "${@:4}" ;;
	2) nvme io-passthru "/dev/$ctrl" -o 2 -n 1 --cdw10="$2" --cdw12=$(($3 - 1)) -l $length \
		-r -b "${@:4}" ;;
	*) nvme io-passthru "/dev/$ctrl" -o "$1" -n 1 --cdw10="$2" "${@:4}" ;;
	esac
}

# status HEX COMMAND... - the command ends with this NVMe status.
status()
{
	refused "${@:2}"
	has "\\(0x0?$1\\)|NVMe [Ss]tatus.*[( :]0?x?$1" "$said"
}

# chunk N - a chunk's state, write pointer and wear, as the chunk log has them.
chunk()
{
	nvme admin-passthru "/dev/$ctrl" -o 2 -n 1 -l 32 -r -b --cdw10=0x000700ca \
		--cdw12=$(($1 * 32)) | od -An -v -tu1 -w32 |
		awk '{ print $1, $25 + $26 * 256, $3 }'
}

# ---- rules -----------------------------------------------------------------

bad_rules=(
	'nonsense'
	'write-fail grp=2'
	'write-fail pu=1-2'
	'write-fail chk=5-3'
	'write-fail sec=64'
	'write-fail grp'
	'write-fail grp=0 grp=1'
	'write-fail op=write'
	'write-fail probability=0'
	'write-fail probability=101'
	'write-fail times=0'
	'delay'
	'delay time=61s'
	'delay time=0'
	'reset-fail sec=0'
	'read-fail time=1ms'
	'drop op=erase'
	'seed=x'
	'seed=1 2'
	'read-fail interval=0'
	'read-fail after=-1'
)

refused_rules()
{
	local rule lines n text

	load "${plain[@]}" faults='"seed=5; read-fail grp=1 pu=0 chk=3-5 sec=0 probability=12.5% times=7"'
	# What is not understood is refused by the other file that takes text, too
	! echo perhaps 2>/dev/null >"$debug/use_inline" || fail 'use_inline took nonsense'
	same use_inline "$(<"$debug/use_inline")" Y
	same 'rules given at load' "$(<"$debug/faults")" \
		$'seed=5\nread-fail grp=1 pu=0 chk=3-5 sec=0 probability=12.5000 times=7 # 0 of 0'
	for rule in "${bad_rules[@]}"; do
		mark_log
		! faults 'write-fail' '# and then' "$rule" 'drop' 2>/dev/null || fail "'$rule' was taken"
		has '^ocloop: faults, line 3: want ' "$(log_since_mark)"
		mapfile -t lines <"$debug/faults"
		same 'first rule' "${lines[1]%% *}" read-fail
	done
	# What is read can be written
	cat "$debug/faults" >"$work/tmp.rules"
	cat "$work/tmp.rules" >"$debug/faults"
	cmp "$work/tmp.rules" "$debug/faults"
	faults 'delay op=read time=2ms' '' '  # nothing' 'drop,op=write,after=3,interval=2'
	same 'rules' "$(<"$debug/faults")" \
		$'seed=1\ndelay op=read time=2000000ns # 0 of 0\ndrop op=write interval=2 after=3 # 0 of 0'
	# A last line needs no end, right or wrong
	printf 'drop\nread-fail' >"$debug/faults"
	same 'rules' "$(<"$debug/faults")" $'seed=1\ndrop # 0 of 0\nread-fail # 0 of 0'
	for text in what $'delay time=1s\nwhat' $'read-fail\ndelay'; do
		mark_log
		! printf %s "$text" >"$debug/faults" || fail "'$text' was taken"
		! cat >"$debug/faults" <<<"$text"$'\ndrop' || fail "cat: '$text' was taken"
		! dd of="$debug/faults" status=none < <(printf %s "$text") || fail "dd: '$text' was taken"
		has '^ocloop: faults, line [12]: want ' "$(log_since_mark)"
		same 'first rule' "$(sed -n '2s/ .*//p' "$debug/faults")" drop
	done
	# A buffer of 512 bytes cuts the last line of a text that is longer, right or wrong
	{
		printf '# %0497d\n' 0
		echo 'delay op=read time=7ms'
	} >"$work/tmp.rules"
	dd if="$work/tmp.rules" of="$debug/faults" bs=512 status=none
	has '^delay op=read time=7000000ns ' "$(<"$debug/faults")"
	mark_log
	! dd if="$work/tmp.rules" of="$debug/faults" bs=512 count=1 status=none ||
		fail 'half a line was taken'
	has '^ocloop: faults, line 2: want ' "$(log_since_mark)"
	has '^delay op=read time=7000000ns ' "$(<"$debug/faults")"
	# And so does the shell's own, of a page
	text=
	for ((n = 0; n < 200; n++)); do
		text+=$'\n'"read-fail grp=0 chk=$((n % 16)) sec=1-63 times=$((n + 1)) # $n"
		((n % 60)) || text+=$'\nclear'
	done
	at_least 'bytes of the text' ${#text} 8193
	printf %s "$text" >"$debug/faults"
	same 'last rule' "$(tail -n 1 "$debug/faults")" \
		'read-fail grp=0 chk=7 sec=1-63 times=200 # 0 of 0'
	faults clear
	same 'no rules' "$(<"$debug/faults")" ''
	unload

	for n in 1 2; do
		mark_log
		printf 'write-fail\n\nread-ecc grp=9\n' >"$work/tmp.rules"
		if ((n == 1)); then
			refused load "${plain[@]}" faults="$work/tmp.rules"
		else
			refused load "${plain[@]}" faults='"drop; drop; read-ecc grp=9"'
		fi
		has "^ocloop: faults=(.*, )?line [13]: want grp=" "$(log_since_mark)"
	done
	# Reads of block namespaces do not fail
	mark_log
	refused load ns=block faults=read-fail
	has "^ocloop: faults=line 1: want 'read-fail' in groups of oc20, oc12 or oc12h" \
		"$(log_since_mark)"
	mark_log
	refused load faults=/nowhere
	has '^ocloop: faults=/nowhere: want a file' "$(log_since_mark)"
}

# Every kind, and the state it leaves behind.
statuses()
{
	start "${plain[@]}"
	noise "$work/tmp.a" 64
	# The second unit of chunk 0 fails, the chunk goes on behind it
	faults 'write-fail sec=4-7 times=1'
	status 42f0 io 1 0 16
	same 'chunk 0' "$(chunk 0)" '4 16 0'
	io 1 16 8
	same 'chunk 0' "$(chunk 0)" '4 24 0'
	io 2 0 24 >"$work/tmp.b"
	cmp -n 16384 "$work/tmp.a" "$work/tmp.b"
	cmp -n 16384 -i 32768 "$work/tmp.a" "$work/tmp.b"
	cmp -n 16384 -i 0:16384 /dev/zero "$work/tmp.b"
	same 'sectors refused' "$(counter fails)" 4
	# It fails and closes the chunk
	faults 'write-close pu=0 chk=1 sec=8'
	status 42f1 io 1 64 16
	same 'chunk 1' "$(chunk 1)" '2 8 0'
	status 4280 io 1 $((64 + 8)) 8
	io 2 64 8 | cmp -n 32768 - "$work/tmp.a"
	# Reset of it fails, and it's gone with what it held
	faults 'reset-fail pu=0 chk=1'
	status 42c1 io 0x90 64 1
	same 'chunk 1' "$(chunk 1)" "8 65535 0"
	status 42c0 io 0x90 64 1
	status 4280 io 1 64 8
	same 'reset failures' "$(hits 1)" 1
	io 0x90 0 1
	same 'chunk 0' "$(chunk 0)" '1 0 1'
	# Reads: failed, and good but for ECC, which must be asked for
	faults 'read-fail sec=3' 'read-ecc sec=5'
	io 1 128 16
	status 4281 io 2 128 16
	io 2 $((128 + 4)) 8 | cmp -n 32768 -i 0:16384 - "$work/tmp.a"
	nvme set-feature "/dev/$ctrl" -n 1 -f 0xca -v 1
	status 42d0 io 2 $((128 + 4)) 8
	same 'hits' "$(hits 1) $(hits 2)" '1 3'
	nvme admin-passthru "/dev/$ctrl" -o 2 -n 1 -l 4096 -r -b --cdw10=0x03ff00d0 |
		od -An -v -tu1 -w64 >"$work/tmp.log"
	# Sectors that were weak and unreadable, and a chunk: state and what it is about
	same 'notices' "$(awk '$1 { print $21, $23 }' "$work/tmp.log" | sort | tr '\n' ' ')" \
		'4 1 4 1 4 1 8 1 8 2 '
	faults clear
	io 2 128 16 | cmp -n 65536 - "$work/tmp.a"
	stop
}

# The same seed, the same faults; another one, others.
repeatable()
{
	local seed run i number=$((slow > 1 ? 32 : 64))

	start "${plain[@]}" mccap=6
	noise "$work/tmp.a" 256
	io 1 0 64
	for run in 1 2 3; do
		((run < 3)) && seed=42 || seed=43
		faults "seed=$seed" 'read-fail probability=20'
		for ((i = 0; i < number; i++)); do
			io 2 $i 1 >/dev/null 2>&1 && echo ok || echo failed
		done >"$work/tmp.$run"
		echo "seed $seed: $(hits 1) of $number"
		at_least 'faults' "$(hits 1)" 3
		at_most 'faults' "$(hits 1)" $((number / 2))
	done
	cmp "$work/tmp.1" "$work/tmp.2"
	refused cmp "$work/tmp.1" "$work/tmp.3"
	# "after", "interval" and "times"
	faults 'read-fail after=3 interval=2 times=2'
	for ((i = 0; i < 12; i++)); do
		io 2 $i 1 >/dev/null 2>&1 && echo -n . || echo -n x
	done >"$work/tmp.1"
	same 'which reads failed' "$(<"$work/tmp.1")" '...x.x......'
	stop
}

# took COMMAND... - milliseconds.
took()
{
	local begin=${EPOCHREALTIME/./}

	"$@" >/dev/null
	ms=$(((${EPOCHREALTIME/./} - begin) / 1000))
}

delays()
{
	local use_inline ms quick

	for use_inline in 1 0; do
		start "${plain[@]}" use_inline=$use_inline
		noise "$work/tmp.a" 64
		took io 1 0 8
		quick=$ms
		faults 'delay op=write time=1s times=1' 'delay op=read sec=4 time=1s'
		took io 1 8 8
		at_least 'delayed write, ms' "$ms" 1000
		took io 1 16 8
		at_most 'write, ms' "$ms" $((quick + 900))
		took io 2 0 8
		at_least 'delayed read, ms' "$ms" 1000
		took io 2 8 8
		at_most 'read, ms' "$ms" $((quick + 900))
		io 2 0 8 | cmp -n 32768 - "$work/tmp.a"
		stop
	done
}

# ---- lost completions --------------------------------------------------------

# lossy PARAMETER... - a host that waits for a second.
lossy()
{
	echo $((slow > 1 ? 3 : 1)) >"$timeouts"
	start "$@"
	noise "$work/tmp.a" 256
}

patient()
{
	echo 30 >"$timeouts"
}

lost()
{
	lossy "${plain[@]}"
	io 1 0 16
	mark_log
	# A read is aborted and tried again, and nobody sees more than the time
	faults 'drop op=read times=1'
	dd if="/dev/$ns" bs=64k count=1 iflag=direct status=none | cmp -n 65536 - "$work/tmp.a"
	has 'timeout, aborting' "$(log_since_mark)"
	has 'Abort status 0x0, aborted' "$(log_since_mark)"
	has_not 'reset controller' "$(log_since_mark)"
	same 'lost reads' "$(hits 1)" 1
	# A user's own command is not tried again
	faults 'drop op=write times=1'
	status 7 io 1 16 16
	# It has been done all the same
	same 'chunk 0' "$(chunk 0)" '4 32 0'
	# One that is late is no lost one: it cannot be aborted, and ends by the reset
	mark_log
	faults 'delay op=read time=50s times=1'
	dd if="/dev/$ns" bs=64k count=1 iflag=direct status=none | cmp -n 65536 - "$work/tmp.a"
	has 'Abort status 0x0, not aborted' "$(log_since_mark)"
	has 'timeout, reset controller' "$(log_since_mark)"
	# One that Abort does not find
	mark_log
	faults 'drop op=read times=1 until=reset'
	dd if="/dev/$ns" bs=64k count=1 iflag=direct status=none | cmp -n 65536 - "$work/tmp.a"
	has 'Abort status 0x0, not aborted' "$(log_since_mark)"
	has 'timeout, reset controller' "$(log_since_mark)"
	stop
	patient
}

# Lost while the controller is reset or goes away: nothing hangs, nothing leaks.
lost_for_good()
{
	local how i pid

	for how in reset disconnect; do
		lossy "${plain[@]}"
		echo 30 >"$timeouts"
		[[ $how == reset ]] || echo $((slow > 1 ? 6 : 2)) >"$timeouts"
		# The timeout of the queues is that of the connect
		disconnect
		connect
		io 1 0 64
		faults 'drop op=read times=8'
		for ((i = 0; i < 4; i++)); do
			dd if="/dev/$ns" of=/dev/null bs=4k skip=$i count=1 iflag=direct status=none &
		done
		wait_for 10 'lost reads' lost_some 4
		if [[ $how == reset ]]; then
			# Tried again after it, and lost again; then once more
			nvme reset "/dev/$ctrl"
			wait_for 10 'the same reads to be lost again' lost_some 8
			nvme reset "/dev/$ctrl"
			for pid in $(jobs -p); do
				wait "$pid"
			done
			stop
		else
			stop
			for pid in $(jobs -p); do
				wait "$pid" || true
			done
		fi
	done
	patient
}

lost_some()
{
	(($(hits 1) >= $1))
}

# The kernel's own way to lose completions ends the same way.
fake_timeouts()
{
	lossy "${plain[@]}"
	io 1 0 64
	echo 100 >/sys/kernel/debug/fail_io_timeout/probability
	echo 3 >/sys/kernel/debug/fail_io_timeout/times
	echo 0 >/sys/kernel/debug/fail_io_timeout/verbose
	echo 1 >"/sys/block/$ns/io-timeout-fail"
	mark_log
	dd if="/dev/$ns" bs=64k count=4 iflag=direct status=none | cmp - "$work/tmp.a"
	has 'timeout, aborting' "$(log_since_mark)"
	echo 0 >/sys/kernel/debug/fail_io_timeout/probability
	stop
	patient
}

# ---- pblk --------------------------------------------------------------------

# Where a chunk stays open behind a write that pblk takes for failed, pblk has mapped the next
# one to it already and forgets that one: only one at a time is safe.
# shellcheck disable=SC2034 # by its name, as "many" is
one_by_one=(--rw=randwrite --bs=16k --iodepth=1 --fsync=1 --size=1m)
# shellcheck disable=SC2034
many=(--rw=randwrite --bsrange=4k-64k --iodepth=8 --size=$((slow > 1 ? 8 : 24))m)
# Lines of 4 MiB, for faults in several
# shellcheck disable=SC2034
short_lines=(num_grp=2 num_pu=4 num_chk=64 clba=128)

# The same kinds on a 1.2 namespace, with its statuses: grown bad blocks stand in the table.
old_device()
{
	start "${small[@]}" mw_cunits=0 ns=oc12
	modprobe pblk
	pblk tgt 0 7
	faults 'write-fail probability=2 times=3' 'reset-fail probability=20 times=2'
	verify /dev/tgt "${one_by_one[@]}"
	note "pblk lived through $(hits 1) failed programs of 1.2"
	at_least 'failed programs' "$(hits 1)" 1
	unpblk tgt
	faults 'reset-fail'
	refused nvme io-passthru "/dev/$ctrl" -o 0x90 -n 1 --cdw10=0
	has '40ff' "$said"
	same 'chunks gone' "$(counter offline)" 1
	nvme lnvm diag-bbtbl "/dev/$ctrl" -c 0 -l 0 | tee "$work/tmp.bbt" || true
	faults clear
	stop
}

# survives GEOMETRY HOW RULE... - fio finds what it wrote, while this goes wrong.
survives()
{
	local -n geometry=$1 how=$2
	local i n=0

	shift 2
	start "${geometry[@]}"
	modprobe pblk
	pblk tgt
	faults "$@"
	verify /dev/tgt "${how[@]}"
	for ((i = 1; i <= $#; i++)); do
		n=$((n + $(hits "$i")))
	done
	note "pblk lived through $n faults: $*"
	at_least 'faults' "$n" 5
	faults clear
	verify /dev/tgt --rw=write --bs=64k --iodepth=4 --size=$((10 / slow))m
	unpblk tgt
	stop
}

# Resets fail while pblk collects garbage; the chunks are gone, the data is not.
survives_resets()
{
	local gone

	start num_grp=2 num_pu=2 num_chk=48 clba=128
	modprobe pblk
	pblk tgt -1 -1 -o 40
	faults 'reset-fail probability=5 times=6'
	verify /dev/tgt --rw=write --bs=256k --iodepth=4 --size=$((40 / slow))m --loops=2
	verify /dev/tgt --rw=randwrite --bs=64k --iodepth=4 --size=$((40 / slow))m
	gone=$(counter offline)
	note "pblk lived through $gone failed resets of $(counter resets)"
	same 'chunks gone' "$gone" "$(hits 1)"
	at_least 'chunks gone' "$gone" 1
	unpblk tgt
	# Another target knows from the chunk log
	faults clear
	pblk tgt -1 -1 -f -o 40
	verify /dev/tgt --rw=write --bs=256k --iodepth=4 --size=$((20 / slow))m
	same 'chunks gone' "$(counter offline)" "$gone"
	unpblk tgt
	stop
}

survives_losses()
{
	lossy "${small[@]}"
	modprobe pblk
	pblk tgt
	noise "$work/tmp.a" 2048
	dd if="$work/tmp.a" of=/dev/tgt bs=64k oflag=direct status=none
	# A new target has nothing in its buffer: it must ask the device.
	unpblk tgt
	pblk tgt
	faults 'drop op=read after=2 interval=3 times=2'
	dd if=/dev/tgt bs=64k count=32 iflag=direct status=none | cmp - "$work/tmp.a"
	same 'lost reads' "$(hits 1)" 2
	faults 'drop op=write probability=2 times=3' 'delay probability=2 time=20ms'
	verify /dev/tgt "${one_by_one[@]}"
	note "pblk lived through 2 lost reads, $(hits 1) lost writes, $(hits 2) delays"
	at_least 'lost writes' "$(hits 1)" 1
	faults clear
	unpblk tgt
	stop
	patient
}

# ---- states ------------------------------------------------------------------

bad_states=(
	'full grp=0'
	'closed grp=2'
	'closed wp=65'
	'open grp=0 chk=3'
	'open wp=64'
	'open wp=3'
	'free wp=4'
	'offline wp=4'
	'closed chk=16'
	'closed chk=2-1'
	'closed wear=-1'
	'closed sec=0'
	'closed grp=0 grp=1'
)

refused_states()
{
	local line

	for line in "${bad_states[@]}"; do
		mark_log
		printf '%s\n' '# states' 'closed grp=0' "$line" free >"$work/tmp.state"
		refused load "${plain[@]}" state="$work/tmp.state"
		has "^ocloop: state=$work/tmp.state, line 3: want " "$(log_since_mark)"
	done
	mark_log
	refused load state=/nowhere
	has '^ocloop: state=/nowhere: want a file that is there$' "$(log_since_mark)"
	mark_log
	refused load state=/
	has '^ocloop: state=/: want a file, no folder or device, and not empty$' "$(log_since_mark)"
	# The data of block namespaces need chunks that are not offline
	mark_log
	echo 'offline grp=1 pu=*  chk=20-63' >"$work/tmp.state"
	refused load ns=block state="$work/tmp.state"
	has '^ocloop: state=176 offline chunks in group 1: want at most 20 in groups of block:4:11' \
		"$(log_since_mark)"
}

states()
{
	cat >"$work/tmp.state" <<STATE
# A used device
free wear=3
closed grp=0 pu=0 chk=0-2 wear=7
closed grp=0 pu=0 chk=1 wp=12 wear=300
open grp=0 pu=0 chk=3 wp=32
offline grp=1 pu=* chk=15
STATE
	start "${plain[@]}" state="$work/tmp.state"
	same 'chunk 0' "$(chunk 0)" '2 64 7'
	same 'chunk 1' "$(chunk 1)" '2 12 255'
	same 'chunk 3' "$(chunk 3)" '4 32 0'
	same 'chunk 4' "$(chunk 4)" '1 0 3'
	same 'chunk 63' "$(chunk 63)" '8 65535 0'
	same 'chunks gone' "$(counter offline)" 2
	same 'memory used' "$(data_bytes)" 0
	cat "$debug/state" >"$work/tmp.first"
	has '^closed grp=0 pu=0 chk=1 wp=12 wear=300$' "$(<"$work/tmp.first")"
	# Written, with nothing
	cmp -n $((64 * 4096)) "/dev/$ns" /dev/zero
	noise "$work/tmp.a" 256
	io 1 $((3 * 64 + 32)) 16
	io 2 $((3 * 64 + 32)) 16 | cmp -n 65536 - "$work/tmp.a"
	io 2 $((3 * 64)) 16 | cmp -n 65536 - /dev/zero
	status 4280 io 1 $((64 + 12)) 4
	# All of it comes back from a reset
	io 0x90 $((3 * 64)) 1
	io 0x90 0 1
	same 'memory used' "$(data_bytes)" 0
	same 'chunk 0' "$(chunk 0)" '1 0 8'
	stop
	# What is read can be loaded, and is the same again
	start "${plain[@]}" state="$work/tmp.first"
	cmp "$work/tmp.first" "$debug/state"
	stop
}

# pblk on a device that has been used, and has lost chunks.
states_pblk()
{
	cat >"$work/tmp.state" <<STATE
closed chk=0-15 wear=9
open chk=16-20 wp=64
offline grp=0 pu=0 chk=3,
offline grp=1 pu=3 chk=30-31
STATE
	start "${small[@]}" state="$work/tmp.state"
	modprobe pblk
	pblk tgt 0 7 -f
	verify /dev/tgt --rw=randwrite --bsrange=4k-64k --iodepth=8 --size=$((16 / slow))m
	same 'chunks gone' "$(counter offline)" 3
	unpblk tgt
	cat "$debug/state" >"$work/tmp.first"
	stop
	start "${small[@]}" state="$work/tmp.first"
	cmp "$work/tmp.first" "$debug/state"
	stop
}

t refused-rules 15 refused_rules
t statuses 15 statuses
t repeatable 25 repeatable
t delays 20 delays
t lost 30 lost
t lost-for-good 40 lost_for_good
[[ ! -e /sys/kernel/debug/fail_io_timeout ]] || t fake-timeouts 20 fake_timeouts
t pblk-write-fail 30 survives small one_by_one 'write-fail probability=2' 'write-fail grp=1 pu=2 probability=9'
t pblk-12 20 old_device
# Not the last chunk of a line: of one that closes early pblk counts the sectors of its own end
# of line as data not written, and then goes on behind the end of its bitmap.
t pblk-write-close 30 survives short_lines many 'write-close pu=0-1 interval=5 times=6'
# For chunks to be reset it takes more writes than the debug kernel has time for.
((slow > 1)) || t pblk-reset-fail 40 survives_resets
t pblk-lost 40 survives_losses
t refused-states 15 refused_states
t states 15 states
t pblk-states 30 states_pblk
