#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Format of block namespaces, and Sanitize of whole devices, with nvme-cli 1.12 (nvme) and
# 2.x (nvme2).

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

# 32 MiB of flash on each channel
block=(num_grp=2 num_pu=4 num_chk=32 clba=64 ns=block:2:28)

# use CLI COMMAND [PARAMETER...] - a device made so and the case on it, whose words are COMMAND.
use()
{
	start "${block[@]}" "${@:3}"
	nvme=$1
	$2
	nvme=nvme
	stop
}

# lbaf SIZE - the number of the format with this size and no metadata.
lbaf()
{
	local size=$1 shift=0 text

	while ((size > 1)); do
		size=$((size / 2))
		shift=$((shift + 1))
	done
	text=$(nvme id-ns "/dev/$ctrl" -n 1)
	[[ $text =~ lbaf\ *([0-9]+)\ :\ ms:0\ *lbads:$shift\  ]] || fail "there is no $1"
	echo "${BASH_REMATCH[1]}"
}

# to SIZE - format namespace 1, and see that it is so.
to()
{
	local nr

	nr=$(lbaf "$1")
	# No block device has sectors that large: the tools would fail afterwards
	if (($1 > 4096)); then
		"$nvme" admin-passthru "/dev/$ctrl" -o 0x80 -n 1 --cdw10="$nr"
	else
		"$nvme" format "/dev/$ns" --force -l "$nr"
	fi
	same flbas $(($(ns_field flbas))) "$nr"
	# 8192 sectors a channel * 100 / 128
	same nsze $(($(ns_field nsze))) 12800
	same nuse $(($(ns_field nuse))) 0
	same mc $(($(ns_field mc))) 0
	same 'bytes held' "$(data_bytes)" 0
	(($1 > 4096)) || same size "$(blockdev --getsize64 "/dev/$ns")" $((12800 * $1))
	ftl_is_true
}

ftl_is_true()
{
	has_not ': [^o]' "$(<"$debug/ftl_check")"
	has ': ok$' "$(<"$debug/ftl_check")"
}

# Through all sizes and back: every byte of each; on the debug kernel of a quarter.
sizes()
{
	local amplification part=100%

	[[ $FLAVOUR == plain ]] || part=25%
	verify "/dev/$ns" --rw=randwrite --bs=4k --iodepth=16 --size=$part
	to 512
	verify "/dev/$ns" --rw=randwrite --bsrange=512-32k --iodepth=16 --size=$part
	mkfs.ext4 -q "/dev/$ns"
	fsck.ext4 -f -n "/dev/$ns"
	to 16384
	noise "$work/tmp.a" 1024
	nvme io-passthru "/dev/$ns" -n 1 -o 1 --cdw10=100 --cdw12=63 -l $((64 * 16384)) -w \
		-i "$work/tmp.a" >/dev/null
	nvme io-passthru "/dev/$ns" -n 1 -o 2 --cdw10=100 --cdw12=63 -l $((64 * 16384)) -r -b \
		2>/dev/null | cmp - "$work/tmp.a"
	to 4096
	cmp -n $((1 << 20)) "/dev/$ns" /dev/zero
	verify "/dev/$ns" --rw=randwrite --bsrange=4k-64k --iodepth=16 --size=$part
	mkfs.ext4 -q "/dev/$ns"
	mount -o discard "/dev/$ns" /mnt/a
	files /mnt/a 4
	umount /mnt/a
	uncached "/dev/$ns"
	mount "/dev/$ns" /mnt/a
	check_files /mnt/a
	umount /mnt/a
	ftl_is_true
	# What was counted before is counted still, in bytes
	amplification=$(awk '$2 == "all" { print $12 }' "$debug/ftl")
	note "amplification $amplification"
	awk -v a="$amplification" 'BEGIN { exit !(a >= 0.99 && a < 3) }' ||
		fail "amplification is $amplification"
	# DULBE survives, as any feature of the namespace
	nvme set-feature "/dev/$ctrl" -n 1 -f 5 -v 0x10000
	to 4096
	refused nvme read "/dev/$ns" -s 3 -c 0 -z 4096 -d "$work/tmp.c"
	has '287' "$said"
}

bad()
{
	local text nr

	noise "$work/tmp.a" 64
	dd if="$work/tmp.a" of="/dev/$ns" bs=64k oflag=direct status=none
	text=$(nvme id-ns "/dev/$ctrl" -n 1)
	has 'lbaf +0 : ms:0 +lbads:0 ' "$text"
	has 'lbaf +1 : ms:0 +lbads:12 .*in use' "$text"
	has_not 'ms:[1-9]' "$text"
	for nr in 0 2 3; do
		refused "$nvme" admin-passthru "/dev/$ctrl" -o 0x80 -n 1 --cdw10=$nr
		has '410a|INVALID_FORMAT|Invalid Format' "$said"
	done
	# Interleaved metadata
	refused "$nvme" admin-passthru "/dev/$ctrl" -o 0x80 -n 1 --cdw10=0x11
	refused "$nvme" admin-passthru "/dev/$ctrl" -o 0x80 -n 0xffffffff --cdw10=2
	cmp -n 65536 "/dev/$ns" "$work/tmp.a"
	same nuse $(($(ns_field nuse))) 16
}

# While others read and write. What waits for its end is sent by the old sizes and may fail.
under_load()
{
	local fio i

	(cd "$work" && exec fio --name=load --filename="/dev/$ns" --ioengine=libaio --direct=1 \
		--rw=randrw --bs=16k --iodepth=16 --size=6m --time_based --runtime=1000 \
		--continue_on_error=io --numjobs=2 --thread --group_reporting --minimal \
		--output="$work/fio" 2>/dev/null) &
	fio=$!
	sleep 1
	for ((i = 0; i < 3; i++)); do
		nvme format "/dev/$ns" --force -l "$(lbaf 512)"
		nvme format "/dev/$ns" --force -l "$(lbaf 4096)"
	done
	kill -INT $fio
	wait $fio || true	# it tells of the signal, and of the errors
	at_least 'KiB that fio has read' "$(awk -F ';' '$1 == 3 { print $6 }' "$work/fio")" 256
	to 4096
	verify "/dev/$ns" --rw=randwrite --bs=16k --iodepth=8
	ftl_is_true
}

# ---- Sanitize ------------------------------------------------------------

# One of each kind, and a channel that belongs to none
mixed=(num_grp=5 num_pu=4 num_chk=16 clba=64 "ns=oc20:1,block:1:50,oc12:1,oc12h:1")

# mixed COMMAND [PARAMETER...] - a device of all kinds and the case on it.
mixed()
{
	start "${mixed[@]}" "${@:2}"
	wait_for 10 'four namespaces' has_node "$ctrl" 4
	has_node "$ctrl" 1
	$1
	stop
}

# sanitize_log FIELD - of the log: progress, status, cdw10, erase.
sanitize_log()
{
	local bytes

	bytes=$(nvme admin-passthru "/dev/$ctrl" -o 2 -n 0xffffffff --cdw10=0x007f8081 -l 512 \
		-r -b 2>/dev/null | od -A n -t u4 -N 16)
	# shellcheck disable=SC2086 # four numbers
	set -- "$1" $bytes
	case $1 in
	progress) echo $(($2 & 0xffff)) ;;
	status) echo $(($2 >> 16)) ;;
	cdw10) echo "$3" ;;
	erase) echo "$5" ;;
	esac
}

sanitize_is()
{
	(($(sanitize_log status) == $1))
}

# Something in every namespace but the hybrid one, which is not written as blocks; in the
# first namespace a chunk of each of the sixteen rows.
use_all()
{
	noise "$work/tmp.a" 4096
	dd if="$work/tmp.a" of="$(node 1)" bs=256k oflag=direct status=none
	dd if="$work/tmp.a" of="$(node 2)" bs=64k count=16 oflag=direct status=none
	dd if="$work/tmp.a" of="$(node 3)" bs=16k count=16 oflag=direct status=none
	at_least 'bytes held' "$(data_bytes)" $((5 << 20))
}

is_blank()
{
	local n disk

	same 'bytes held' "$(data_bytes)" 0
	same 'closed chunks' "$(counter closed)" 0
	same 'open chunks' "$(counter open)" 0
	ftl_is_true
	for n in 1 2 3; do
		disk=$(node $n)
		uncached "$disk"
		cmp -n 524288 "$disk" /dev/zero
	done
}

# With both tools: begin, and read the log.
erase_all()
{
	local tool resets

	same 'before anything' "$(sanitize_log status)" 256
	for tool in nvme nvme2; do
		use_all
		same 'after writes' $(($(sanitize_log status) & 256)) 0
		resets=$(counter resets)
		mark_log
		"$tool" sanitize "/dev/$ctrl" -a 2
		wait_for 20 'the end of sanitize' sanitize_is 257
		wait_log 10 'ocloop: sanitized'
		at_least 'chunks reset' $(($(counter resets) - resets)) 21
		is_blank
		same progress "$(sanitize_log progress)" 65535
		same cdw10 "$(sanitize_log cdw10)" 2
		"$tool" sanitize-log "/dev/$ctrl" | tee "$work/tmp.log"
		has 'SPROG\) *: *65535' "$(<"$work/tmp.log")"
	done
	has '^sanicap *: 0x60000002' "$(nvme id-ctrl "/dev/$ctrl")"
	# All of it can be used again
	use_all
}

# What is refused, and that it changes nothing.
erase_bad()
{
	local dword held

	use_all
	held=$(data_bytes)
	for dword in 0 3 4 5 0x202 0x402; do
		refused nvme2 admin-passthru "/dev/$ctrl" -o 0x84 --cdw10=$dword
		has '4002|INVALID_FIELD|Invalid Field' "$said"
	done
	# There is no failure to exit
	nvme2 admin-passthru "/dev/$ctrl" -o 0x84 --cdw10=1
	modprobe pblk
	nvme format "/dev/$ns" --force -l 0
	pblk tgt
	refused nvme sanitize "/dev/$ctrl" -a 2
	has '4015|OP_DENIED|Operation Denied|denied' "$said"
	verify /dev/tgt --rw=randwrite --bs=16k --iodepth=8 --size=2m
	unpblk tgt
	same 'status' "$(sanitize_log status)" 0
	at_least 'bytes held' "$(data_bytes)" $((held / 5))
	nvme sanitize "/dev/$ctrl" -a 2
	wait_for 20 'the end of sanitize' sanitize_is 257
	pblk tgt
	verify /dev/tgt --rw=randwrite --bs=16k --iodepth=8 --size=2m
	unpblk tgt
}

# It takes its time, can be watched, and nothing but user data waits for it.
erase_slowly()
{
	local last=-1 now steps=0 begin

	use_all
	echo erase=1s >/sys/module/ocloop/parameters/timing
	begin=$SECONDS
	nvme sanitize "/dev/$ctrl" -a 2
	same erase "$(sanitize_log erase)" 16
	refused nvme2 sanitize "/dev/$ctrl" -a 2
	has '1d|SANITIZE_IN_PROGRESS|sanitize operation is in progress|Sanitize In Progress' "$said"
	refused nvme read "$(node 2)" -s 0 -c 0 -z 4096 -d "$work/tmp.c"
	has '1d|SANITIZE_IN_PROGRESS' "$said"
	refused nvme admin-passthru "/dev/$ctrl" -o 0x80 -n 2 --cdw10=1
	has '1d|SANITIZE_IN_PROGRESS' "$said"
	nvme id-ctrl "/dev/$ctrl" >/dev/null
	nvme smart-log "/dev/$ctrl" >/dev/null
	refused nvme fw-log "/dev/$ctrl"
	# A reset and a new connect do not stop it
	nvme reset "/dev/$ctrl"
	wait_for 10 'a live controller' grep -q live "/sys/class/nvme/$ctrl/state"
	sanitize_is 2 || ((slow > 1)) || fail "the reset has ended it"
	while sanitize_is 2; do
		now=$(sanitize_log progress)
		((now == 65535 || now >= last)) || fail "progress went back from $last to $now"
		((now == last || now == 65535)) || steps=$((steps + 1))
		last=$now
		sleep 0.1
	done
	note "watched $steps steps in $((SECONDS - begin)) s"
	sanitize_is 257 || fail "status $(sanitize_log status)"
	echo off >/sys/module/ocloop/parameters/timing
	is_blank
	use_all
}

# A host that connects meanwhile, and one that is told of the end.
erase_reconnect()
{
	use_all
	echo erase=1s >/sys/module/ocloop/parameters/timing
	nvme sanitize "/dev/$ctrl" -a 2
	disconnect
	connect
	sanitize_is 2 || ((slow > 1)) || fail "the disconnect has ended it"
	wait_for 30 'the end of sanitize' sanitize_is 257
	echo off >/sys/module/ocloop/parameters/timing
	nvme reset "/dev/$ctrl"
	wait_for 10 'a live controller' grep -q live "/sys/class/nvme/$ctrl/state"
	wait_for 10 'four namespaces' has_node "$ctrl" 4
	has_node "$ctrl" 1
	is_blank
	use_all
}

# Unloading does not wait for all of it.
erase_unload()
{
	local begin

	start "${mixed[@]}"
	wait_for 10 'four namespaces' has_node "$ctrl" 4
	has_node "$ctrl" 1
	use_all
	echo erase=4s >/sys/module/ocloop/parameters/timing
	nvme sanitize "/dev/$ctrl" -a 2
	begin=$SECONDS
	stop
	# Of 64
	at_most 'seconds to unload' $((SECONDS - begin)) 40
}

# An erase that fails: the chunk is offline, and the host must know.
erase_fails()
{
	use_all
	echo 'reset-fail grp=0 times=1' >"$debug/faults"
	nvme sanitize "/dev/$ctrl" -a 2
	wait_for 20 'the end of sanitize' sanitize_is 3
	same 'offline chunks' "$(counter offline)" 1
	same 'bytes held' "$(data_bytes)" 0
	refused nvme read "$(node 2)" -s 0 -c 0 -z 4096 -d "$work/tmp.c"
	has '401c|SANITIZE_FAILED|sanitize operation failed|Sanitize Failed' "$said"
	# It was not begun so that the host could go on
	refused nvme sanitize "/dev/$ctrl" -a 1
	nvme2 sanitize "/dev/$ctrl" -a 2
	wait_for 20 'the end of sanitize' sanitize_is 257
	nvme read "$(node 2)" -s 0 -c 0 -z 4096 -d "$work/tmp.c"

	dd if="$work/tmp.a" of="$(node 3)" bs=16k count=16 oflag=direct status=none
	echo 'reset-fail grp=2 times=1' >"$debug/faults"
	nvme sanitize "/dev/$ctrl" -a 2 -u
	wait_for 20 'the end of sanitize' sanitize_is 3
	refused nvme read "$(node 2)" -s 0 -c 0 -z 4096 -d "$work/tmp.c"
	nvme sanitize "/dev/$ctrl" -a 1
	nvme read "$(node 2)" -s 0 -c 0 -z 4096 -d "$work/tmp.c"
	same status "$(sanitize_log status)" 3
	echo clear >"$debug/faults"
}

# While the disk is busy: its commands fail, and nothing hangs.
erase_under_load()
{
	local fio i disk

	disk=$(node 2)
	(cd "$work" && exec fio --name=load --filename="$disk" --ioengine=libaio \
		--direct=1 --rw=randrw --bs=16k --iodepth=16 --size=4m --time_based \
		--runtime=1000 --continue_on_error=io --numjobs=2 --thread --group_reporting \
		--minimal --output="$work/fio" 2>/dev/null) &
	fio=$!
	sleep 1
	for ((i = 0; i < 5; i++)); do
		nvme sanitize "/dev/$ctrl" -a 2
		wait_for 20 'the end of sanitize' eval '! sanitize_is 2'
	done
	kill -INT $fio
	wait $fio || true	# it tells of the signal, and of the errors
	nvme sanitize "/dev/$ctrl" -a 2
	wait_for 20 'the end of sanitize' sanitize_is 257
	is_blank
	verify "$disk" --rw=randwrite --bs=16k --iodepth=8
	ftl_is_true
}

t format-sizes 20 use nvme sizes
t format-bad 10 use nvme2 bad
t format-under-load 20 use nvme2 under_load
t sanitize 15 mixed erase_all
t sanitize-bad 20 mixed erase_bad
t sanitize-slowly 25 mixed erase_slowly
t sanitize-reconnect 25 mixed erase_reconnect
t sanitize-unload 15 erase_unload
t sanitize-fails 15 mixed erase_fails
t sanitize-under-load 20 mixed erase_under_load
