#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The namespace as a block device: what scalar commands may do, and what they may not.

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

chunk=$((256 * 4096))	# bytes; of the small geometry, in which addresses have no holes

write_at()
{
	dd if="$1" of="/dev/$ns" bs="$2" seek="$3" oflag=direct conv=notrunc status=none "${@:4}"
}

# reads_zero OFFSET LENGTH - bytes of the namespace
reads_zero()
{
	uncached "/dev/$ns"
	cmp -i "$1:0" -n "$2" "/dev/$ns" /dev/zero || fail "no zeroes at $1"
}

# Reading before anything was written: all of it, as a partition scan or blkid would.
untouched()
{
	local mib

	start "${small[@]}" "$@"
	same 'size' "$(blockdev --getsize64 "/dev/$ns")" $((256 << 20))
	same 'logical block' "$(blockdev --getss "/dev/$ns")" 4096
	same 'physical block' "$(blockdev --getpbsz "/dev/$ns")" 4096
	same 'merging off' "$(<"/sys/block/$ns/queue/nomerges")" 2
	mib=$((slow > 1 ? 32 : 256))
	dd if="/dev/$ns" bs=1M count=$mib status=none | cmp -n $((mib << 20)) - /dev/zero
	refused blkid "/dev/$ns"
	blockdev --rereadpt "/dev/$ns"
	# The last sector, and the one after it
	dd if="/dev/$ns" of=/dev/null bs=4k skip=65535 count=1 iflag=direct status=none
	same 'sectors after the end' "$(dd if="/dev/$ns" bs=4k skip=65536 count=1 status=none | wc -c)" 0
	same 'memory used' "$(data_bytes)" 0
}

# Chunks written in order by pieces of several sizes, read back by others.
sequential()
{
	local i

	start "${small[@]}" "$@"
	noise "$work/tmp.a" $((12 * 1024))
	write_at "$work/tmp.a" 256k 0 count=16
	write_at "$work/tmp.a" 16k 256 skip=256 count=256
	write_at "$work/tmp.a" 64k 128 skip=128 count=64
	uncached "/dev/$ns"
	cmp -n $((12 << 20)) "$work/tmp.a" "/dev/$ns"
	for i in 4k 12k 128k 256k 1M; do
		dd if="/dev/$ns" bs=$i iflag=direct,count_bytes count=$((12 << 20)) status=none |
			cmp - "$work/tmp.a"
	done
	same 'closed chunks' "$(counter closed)" 12
	same 'sectors written' "$(counter writes)" $((12 * 256))
	# The data is the device's: it stays through disconnect and connect.
	disconnect
	connect
	cmp -n $((12 << 20)) "$work/tmp.a" "/dev/$ns"
	if [[ ! $* ]]; then
		same 'lowest byte of the integrity profile' \
			"$(cat "/sys/block/$ns/integrity/format")" nop
	fi
}

# A read that the host counts as failed is tried again, with the metadata it came with.
retried()
{
	local inject

	start "${small[@]}"
	noise "$work/tmp.a" 2048
	write_at "$work/tmp.a" 256k 0
	inject=/sys/kernel/debug/$ns/fault_inject
	echo 6 >"$inject/status"
	echo 0 >"$inject/dont_retry"
	echo -1 >"$inject/times"
	echo 0 >"$inject/verbose"
	echo 10 >"$inject/probability"
	dd if="/dev/$ns" bs=4k iflag=direct count=512 status=none | cmp - "$work/tmp.a"
	echo 0 >"$inject/probability"
	at_least 'reads of the device' "$(counter reads)" 520
	stop
}

# A partition table is found, and its partition read.
partitions()
{
	start "${small[@]}"
	# An MBR by hand, for sectors of 4096 bytes: type 83h, sectors 512 to 1535
	head -c 4096 /dev/zero >"$work/tmp.mbr"
	printf '\0\0\0\0\203\0\0\0\0\2\0\0\0\4\0\0' |
		dd of="$work/tmp.mbr" bs=1 seek=446 conv=notrunc status=none
	printf '\125\252' | dd of="$work/tmp.mbr" bs=1 seek=510 conv=notrunc status=none
	noise "$work/tmp.a" 1024
	dd if="$work/tmp.mbr" of="$work/tmp.a" conv=notrunc status=none
	write_at "$work/tmp.a" 256k 0
	noise "$work/tmp.b" 2048
	write_at "$work/tmp.b" 256k 8
	blockdev --rereadpt "/dev/$ns"
	wait_for 5 'the partition' test -b "/dev/${ns}p1"
	same 'size of the partition' "$(blockdev --getsize64 "/dev/${ns}p1")" $((4 << 20))
	cmp -n $((2 << 20)) "$work/tmp.b" "/dev/${ns}p1"
	has 'PTTYPE="dos"' "$(blkid -p "/dev/$ns")"
}

# What breaks a rule fails and changes nothing.
rules()
{
	local before

	start "${small[@]}"
	noise "$work/tmp.a" 1024
	noise "$work/tmp.b" 1024
	write_at "$work/tmp.a" 256k 0 count=2
	before=$(counter writes)
	# At a place behind and before the write pointer, less than ws_min, over the chunk's end
	refused write_at "$work/tmp.b" 16k 40 count=1
	refused write_at "$work/tmp.b" 16k 0 count=1
	refused write_at "$work/tmp.b" 4k 128 count=1
	refused write_at "$work/tmp.b" 4k 512 count=1
	write_at "$work/tmp.a" 16k 32 skip=32 count=31
	refused write_at "$work/tmp.b" 32k $((63 * 16 / 32)) count=1
	dd if="$work/tmp.b" of="/dev/$ns" bs=16k seek=63 count=1 oflag=direct status=none
	same 'sectors written' $(($(counter writes) - before)) $((32 * 4))
	refused write_at "$work/tmp.b" 16k 0 count=1
	dd if="$work/tmp.b" of="$work/tmp.a" bs=16k seek=63 count=1 conv=notrunc status=none
	uncached "/dev/$ns"
	cmp -n $chunk "$work/tmp.a" "/dev/$ns"
	reads_zero $chunk $((4 * chunk))
	same 'closed chunks' "$(counter closed)" 1
	same 'open chunks' "$(counter open)" 0
}

# Of an open chunk, the last mw_cunits sectors cannot be read yet.
not_yet_readable()
{
	start "${small[@]}"
	noise "$work/tmp.a" 1024
	write_at "$work/tmp.a" 256k 0 count=1
	uncached "/dev/$ns"
	cmp -n 131072 "$work/tmp.a" "/dev/$ns"
	reads_zero 131072 131072
	write_at "$work/tmp.a" 128k 2 skip=2 count=1
	uncached "/dev/$ns"
	cmp -n 262144 "$work/tmp.a" "/dev/$ns"
	reads_zero 262144 131072
	write_at "$work/tmp.a" 128k 3 skip=3 count=5
	uncached "/dev/$ns"
	cmp -n $chunk "$work/tmp.a" "/dev/$ns"
}

# Discarding exactly a chunk resets it; anything else is refused.
discard()
{
	start "${small[@]}" "$@"
	noise "$work/tmp.a" 4096
	write_at "$work/tmp.a" 256k 0
	blkdiscard -o $chunk -l $chunk "/dev/$ns"
	reads_zero $chunk $chunk
	cmp -n $chunk "$work/tmp.a" "/dev/$ns"
	cmp -i $((2 * chunk)) -n $((2 * chunk)) "$work/tmp.a" "/dev/$ns"
	same resets "$(counter resets)" 1
	# A free chunk once more, half a chunk, two at once, not at its beginning
	refused blkdiscard -o $chunk -l $chunk "/dev/$ns"
	refused blkdiscard -o 0 -l $((chunk / 2)) "/dev/$ns"
	refused blkdiscard -o $((2 * chunk)) -l $((2 * chunk)) "/dev/$ns"
	refused blkdiscard -o $((chunk / 2)) -l $chunk "/dev/$ns"
	same resets "$(counter resets)" 1
	cmp -n $chunk "$work/tmp.a" "/dev/$ns"
	# Written again
	write_at "$work/tmp.a" 256k 4 skip=8 count=4
	uncached "/dev/$ns"
	cmp -i $chunk:$((2 * chunk)) -n $chunk "/dev/$ns" "$work/tmp.a"
	# The tool's way: two chunks in one command
	nvme dsm "/dev/$ns" -n 1 -d -s 0,256 -b 256,256
	reads_zero 0 $((2 * chunk))
	same resets "$(counter resets)" 3
}

# Sectors of 512 bytes, which pblk cannot use
small_sectors()
{
	load num_grp=2 num_pu=2 num_chk=16 clba=256 lba_size=512 "$@"
	connect
	same 'logical block' "$(blockdev --getss "/dev/$ns")" 512
	same size "$(blockdev --getsize64 "/dev/$ns")" $((8 << 20))
	noise "$work/tmp.a" 1024
	write_at "$work/tmp.a" 32k 0 count=8
	write_at "$work/tmp.a" 2k 128 skip=128 count=256
	write_at "$work/tmp.a" 4k 192 skip=192 count=64
	uncached "/dev/$ns"
	cmp -n $((1 << 20)) "$work/tmp.a" "/dev/$ns"
	dd if="/dev/$ns" bs=512 count=300 iflag=direct status=none | cmp -n 153600 - "$work/tmp.a"
	reads_zero $((1 << 20)) $((1 << 20))
	blkdiscard -o 0 -l 131072 "/dev/$ns"
	reads_zero 0 131072
	stop
}

large_sectors()
{
	load num_grp=2 num_pu=2 num_chk=16 clba=64 lba_size=16384
	# The host takes no sectors larger than a page: a namespace without capacity, and no harm.
	nvme connect -t loop -n "$nqn"
	ctrl=$(controllers)
	nvme id-ctrl "/dev/$ctrl" >/dev/null
	has 'lbads:14' "$(nvme id-ns "/dev/$ctrl" -n 1)"
	disconnect
	unload
}

t untouched 30 untouched
t untouched-no-oob 30 untouched oob_size=0
t sequential 20 sequential
t sequential-no-oob 20 sequential oob_size=0
# Only a kernel with fault injection has that
[[ ! -e /sys/kernel/debug/failslab ]] || t retried 15 retried
t partitions 15 partitions
t rules 15 rules
t not-yet-readable 15 not_yet_readable
t discard 15 discard
t discard-no-oob 15 discard oob_size=0
t small-sectors 15 small_sectors
t small-sectors-no-oob 15 small_sectors oob_size=0
t large-sectors 10 large_sectors
