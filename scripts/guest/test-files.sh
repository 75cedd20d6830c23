#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# File systems and fio on pblk: every byte comes back, also after garbage collection.

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

# file_system TYPE MKFS... - files stay, through umount, removal of the target, reload of
# the file system and fsck.
file_system()
{
	local type=$1

	shift
	modprobe "$type" 2>/dev/null || true
	start "${small[@]}"
	modprobe pblk
	pblk tgt
	"$@" /dev/tgt
	mount -t "$type" /dev/tgt /mnt/a
	files /mnt/a $((slow > 1 ? 8 : 24))
	cp -r /mnt/a/a /mnt/a/copy
	sync
	rm -r /mnt/a/copy
	umount /mnt/a
	unpblk tgt
	drop_caches
	pblk tgt
	check_fs "$type"
	mount -t "$type" /dev/tgt /mnt/a
	check_files /mnt/a
	umount /mnt/a
	unpblk tgt
	# And through a disconnect
	disconnect
	connect
	pblk tgt
	check_fs "$type"
	mount -t "$type" /dev/tgt /mnt/a
	check_files /mnt/a
	umount /mnt/a
	unpblk tgt
	stop
}

check_fs()
{
	case $1 in
	ext4) fsck.ext4 -f -n /dev/tgt ;;
	xfs) xfs_repair -n /dev/tgt ;;
	f2fs) fsck.f2fs --dry-run /dev/tgt ;;
	btrfs) btrfs check --readonly /dev/tgt ;;
	esac
}

# Small enough to be filled several times over: 64 MiB
gc_size=(num_grp=2 num_pu=2 num_chk=32 clba=128)

# Is the target's collector idle, and the line that is written next erased? pblk erases that a
# chunk with each of the line's first requests, of up to 64 sectors.
line_is_ready()
{
	local cur

	dd if=/dev/tgt of=/dev/tgt bs=64k count=4 iflag=direct oflag=direct conv=notrunc \
		status=none
	cur=$(sed -n 's/^data .* cur:\([0-9]*\),.*/\1/p' /sys/block/tgt/pblk/lines)
	finds 'gc_active=0' "$(</sys/block/tgt/pblk/gc_state)" && ((cur > 4 * 64))
}

# Remove a target that has used every line, so that another one can go on: of a line that is
# half erased, and the only one that might be free, pblk makes its data line then, writes what
# cannot be written and behind the end of its bitmap.
remove_used()
{
	wait_for 20 'an erased line' line_is_ready
	unpblk tgt
}

# fio over more than three times what pblk offers, in all sizes and depths, so that it has
# to collect garbage, and once more on what a removed target left. A quarter stays empty: pblk
# lets users write until its reserve of 10 lines is all that is free, 22 are in use then, and
# what it offers is 21 of them. Full to the last sector, its collector at times finds nothing to
# gain, takes the last line and stops for good ("no free lines").
collect_garbage()
{
	local size total=0 resets bs depth rw job times
	local jobs=(write:256k:64 randwrite:4k-256k:16 randwrite:4k:32 randwrite:16k-128k:4
		write:4k-64k:1)

	# KASAN takes minutes for what the plain kernel does in seconds.
	((slow == 1)) || jobs=("${jobs[@]:0:2}")

	start "${gc_size[@]}" "$@"
	modprobe pblk
	pblk tgt
	size=$(($(blockdev --getsize64 /dev/tgt) * 3 / 4 / 262144 * 262144))
	resets=$(counter resets)
	for job in "${jobs[@]}"; do
		IFS=: read -r rw bs depth <<<"$job"
		((depth > 1)) || {
			remove_used
			pblk tgt
		}
		verify /dev/tgt --rw="$rw" --bsrange="${bs%-*}-${bs#*-}" --iodepth="$depth" \
			--size="$size"
		total=$((total + written))
		echo "resets so far: $(($(counter resets) - resets))"
	done
	resets=$(($(counter resets) - resets))
	times=$((total * 10 / size))
	note "fio verified $total bytes, $((times / 10)).$((times % 10)) times the $size bytes in" \
		"use of pblk, $((total * 10 / (64 << 20) / 10)).$((total * 10 / (64 << 20) % 10)) times" \
		"the device ($resets chunk resets)"
	at_least 'bytes written' "$total" $(((${#jobs[@]} - 1) * size))
	at_least 'chunk resets' "$resets" $((16 * ${#jobs[@]}))
	unpblk tgt
	stop
}

# Garbage collection under a file system that is full.
full_file_system()
{
	local resets i free

	start "${gc_size[@]}"
	modprobe pblk
	pblk tgt
	mkfs.ext4 -q -E nodiscard /dev/tgt
	mount /dev/tgt /mnt/a
	files /mnt/a 4
	free=$(df --output=avail -k /mnt/a | tail -n 1)
	resets=$(counter resets)
	for ((i = 0; i < 4; i++)); do
		dd if=/dev/zero of=/mnt/a/filler bs=64k count=$((free * 3 / 4 / 64)) conv=fsync status=none
		rm /mnt/a/filler
		noise /mnt/a/noise$((i % 2)) 2048
	done
	at_least 'chunk resets' "$(($(counter resets) - resets))" 32
	umount /mnt/a
	remove_used
	pblk tgt
	check_fs ext4
	mount /dev/tgt /mnt/a
	check_files /mnt/a
	umount /mnt/a
	unpblk tgt
}

# pblk returns stale memory for what was never written: another one may seem to be there.
t ext4 40 file_system ext4 mkfs.ext4 -q -F
t xfs 40 file_system xfs mkfs.xfs -q -f
t f2fs 40 file_system f2fs mkfs.f2fs -q -f
t full 60 full_file_system
t garbage 100 collect_garbage
((slow > 1)) || t garbage-no-oob 100 collect_garbage oob_size=0
