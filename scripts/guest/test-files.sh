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

# Remove a target of all of a device of $gc_size, so that another one can go on. pblk erases the
# line that is next while it writes the first requests of the one before. Removed in between,
# with all other lines in use, it would take the half erased one for its data line when it comes
# back, and write behind the end of its bitmap. Nothing is in that line, so the rest is erased.
remove_used()
{
	local grp pu chk

	unpblk tgt
	while read -r grp pu chk; do
		note "erased chunk $chk of group $grp, unit $pu, as pblk had begun to"
		nvme io-passthru "/dev/$ctrl" -o 0x90 -n 1 \
			--cdw10=$((((grp * 2 + pu) * 32 + chk) * 128))
	done < <(awk 'NR == 1 { next }
		{ row[NR] = $1 " " $2 " " $3; of[NR] = $3; state[NR] = $4 }
		$4 == "free" { free[$3]++ }
		END { for (i in row) if (state[i] != "free" && free[of[i]]) print row[i] }' \
		"$debug/chunks")
}

# fio over more than three times what pblk offers, in all sizes and depths, so that it has
# to collect garbage, and once more on what a removed target left. A quarter stays empty: pblk
# lets users write until its reserve of 10 lines is all that is free, 22 are in use then, and
# what it offers is 21 of them. Full to the last sector, its collector at times finds nothing to
# gain, takes the last line and stops for good ("no free lines").
collect_garbage()
{
	local size total=0 resets bs depth rw job times
	local jobs=(write:256k:64 randwrite:4k-256k:16 randwrite:16k-128k:4 randwrite:4k:32
		write:4k-64k:1)

	# KASAN takes minutes for what the plain kernel does in seconds.
	((slow == 1)) || jobs=(write:256k:64 randwrite:16k-256k:16 randwrite:64k-256k:4)

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
	local resets i free times=$((slow > 1 ? 3 : 4))

	start "${gc_size[@]}"
	modprobe pblk
	pblk tgt
	mkfs.ext4 -q -E nodiscard /dev/tgt
	mount /dev/tgt /mnt/a
	files /mnt/a 4
	free=$(df --output=avail -k /mnt/a | tail -n 1)
	resets=$(counter resets)
	for ((i = 0; i < times; i++)); do
		dd if=/dev/zero of=/mnt/a/filler bs=64k count=$((free * 3 / 4 / 64)) conv=fsync status=none
		rm /mnt/a/filler
		noise /mnt/a/noise$((i % 2)) 2048
	done
	at_least 'chunk resets' "$(($(counter resets) - resets))" $((16 * (times - 2)))
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
