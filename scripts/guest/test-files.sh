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

# Small enough to be filled several times over: 64 MiB, 32 where all is slow
clba=$((slow > 1 ? 64 : 128))
gc_size=(num_grp=2 num_pu=2 num_chk=32 clba="$clba")

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
			--cdw10=$((((grp * 2 + pu) * 32 + chk) * clba))
	done < <(awk 'NR == 1 { next }
		{ row[NR] = $1 " " $2 " " $3; of[NR] = $3; state[NR] = $4 }
		$4 == "free" { free[$3]++ }
		END { for (i in row) if (state[i] != "free" && free[of[i]]) print row[i] }' \
		"$debug/chunks")
}

# fio over twice what pblk offers or more, in all sizes and depths, so that it has to collect
# garbage, and once more on what a removed target left. Half of what it offers stays empty: pblk
# moves several lines at a time, none of which is free before all of it has been moved. With a
# quarter empty there were at times 2 free lines left, and on a busy machine none, for which it
# stops for good and dereferences NULL. Like this there are never less than 9.
collect_garbage()
{
	local size total=0 resets bs depth rw job times chunks
	local jobs=(write:256k:64 randwrite:4k-256k:16 randwrite:16k-128k:4 randwrite:4k:32
		write:4k-64k:1)

	# KASAN takes minutes for what the plain kernel does in seconds.
	((slow == 1)) || jobs=(write:256k:64 randwrite:16k-256k:16 randwrite:64k-256k:4
		write:16k-256k:8)

	start "${gc_size[@]}" "$@"
	modprobe pblk
	pblk tgt
	size=$(($(blockdev --getsize64 /dev/tgt) / 2 / 262144 * 262144))
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
	chunks=$((total / (clba * 4096)))
	note "fio verified $total bytes, $((times / 10)).$((times % 10)) times the $size bytes in" \
		"use of pblk: $chunks chunks of the device's 128 ($resets chunk resets)"
	at_least 'bytes written' "$total" $(((${#jobs[@]} - 1) * size))
	# All were free to begin with.
	at_least 'chunks written' "$chunks" 160
	at_least 'chunk resets' "$resets" $((chunks - 128))
	unpblk tgt
	stop
}

# Garbage collection under a file system, which writes a quarter of the device again and again:
# discarded, for pblk would hold all of it at last, and not in one burst from the page cache, for
# writes like that leave its collector 2 or 3 lines, and these 8, or 4 on a busy machine.
file_system_garbage()
{
	local resets i

	start "${gc_size[@]}"
	modprobe pblk
	pblk tgt
	mkfs.ext4 -q -E nodiscard /dev/tgt
	mount -o discard /dev/tgt /mnt/a
	files /mnt/a $((clba / 32))
	resets=$(counter resets)
	for ((i = 0; i < 6; i++)); do
		dd if=/dev/zero of=/mnt/a/filler bs=64k count=$((clba * 2)) oflag=direct status=none
		rm /mnt/a/filler
		noise /mnt/a/noise$((i % 2)) $((clba * 16))
	done
	# Of the 32 chunks each time, 128 were free.
	at_least 'chunk resets' "$(($(counter resets) - resets))" 64
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
((slow > 1)) || {
	t xfs 40 file_system xfs mkfs.xfs -q -f
	t f2fs 40 file_system f2fs mkfs.f2fs -q -f
}
t ext4-garbage 60 file_system_garbage
t garbage 100 collect_garbage
((slow > 1)) || t garbage-no-oob 100 collect_garbage oob_size=0
