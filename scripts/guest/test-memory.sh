#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Memory: taken when written, given back by resets, and shown.

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

chunk=$((256 * 4096))

# Objects of the slab cache in use
objects()
{
	awk '$1 == "ocloop_sector" { print $2 }' /proc/slabinfo
}

shown()
{
	local vmalloc memory

	start "${small[@]}"
	vmalloc=$(grep -E 'oc_(l2p|channel|ram)' /proc/vmallocinfo)
	same 'tables in vmalloc memory' "$(grep -c 'oc_l2p_init' <<<"$vmalloc")" 2
	# 32768 sectors of 4 bytes, and a guard page
	has 'oc_l2p_init.* pages=32 ' "$vmalloc"
	memory=$(<"$debug/memory")
	has '^media +ram$' "$memory"
	has '^tables +[0-9]{6}$' "$memory"
	at_least 'bytes of tables' "$(awk '$1 == "tables" { print $2 }' <<<"$memory")" 262144
	has '^data +0$' "$memory"
	has '^0 +32768 +0 +0$' "$memory"
	has '^1 +32768 +0 +0$' "$memory"
	has '^ocloop_sector ' "$(grep ocloop /proc/slabinfo)"
	same 'object size' "$(cat /sys/kernel/slab/ocloop_sector/object_size)" 4096
	dd if=/dev/zero of="/dev/$ns" bs=256k count=8 oflag=direct status=none
	has '^0 +32768 +512 +[0-9]+$' "$(<"$debug/memory")"
	has 'ocloop_sector' "$(slabtop -o -s c | head -40)"
	at_least 'objects in use' "$(objects)" 512
}

# grows OOB - written chunks take their bytes and OOB, each reset gives them back, by each
# of the ways to reset a chunk.
grows()
{
	local i before per_chunk=$((chunk + ($1 ? 4096 : 0)))

	start "${small[@]}" oob_size="$1"
	drop_caches
	before=$(mem_available)
	for ((i = 1; i <= 32; i++)); do
		dd if=/dev/zero of="/dev/$ns" bs=256k seek=$(((i - 1) * 4)) count=4 oflag=direct \
			status=none
		same "bytes after $i chunks" "$(data_bytes)" $((i * per_chunk))
	done
	at_least 'KiB less available' $((before - $(mem_available))) $((32 * 1024 * 9 / 10))
	# An open chunk takes what is written to it.
	dd if=/dev/zero of="/dev/$ns" bs=64k seek=$((32 * 16)) count=1 oflag=direct status=none
	same 'bytes with an open chunk' "$(data_bytes)" \
		$((32 * per_chunk + 65536 + ($1 ? 4096 : 0)))
	nvme io-passthru "/dev/$ctrl" -o 0x90 -n 1 --cdw10=$((32 * 256))
	for ((i = 0; i < 32; i++)); do
		case $((i % 3)) in
		0) blkdiscard -o $((i * chunk)) -l $chunk "/dev/$ns" ;;
		1) nvme dsm "/dev/$ns" -n 1 -d -s $((i * 256)) -b 256 ;;
		2) nvme io-passthru "/dev/$ctrl" -o 0x90 -n 1 --cdw10=$((i * 256)) ;;
		esac
		same "bytes after $((i + 1)) resets" "$(data_bytes)" $(((31 - i) * per_chunk))
	done
	same 'free chunks' "$(counter free)" 256
	drop_caches
	at_least 'KiB available' "$(mem_available)" $((before - 4096))
}

# After rmmod all of it is back, however full the device was. Two rounds: what the kernel
# keeps for itself, it keeps once.
unload_frees()
{
	local before i

	start "${small[@]}"
	stop
	drop_caches
	before=$(mem_available)
	for ((i = 0; i < 2; i++)); do
		start "${small[@]}"
		# All of group 1, half a chunk of group 0
		dd if=/dev/zero of="/dev/$ns" bs=256k seek=512 oflag=direct count=512 status=none
		dd if=/dev/zero of="/dev/$ns" bs=256k count=2 oflag=direct status=none
		at_least 'KiB taken' $((before - $(mem_available))) $((128 * 1024))
		stop
	done
	drop_caches
	sleep 1
	echo "KiB available: $before, then $(mem_available)"
	at_least 'KiB available again' "$(mem_available)" $((before - 6144))
}

# pblk's garbage collection keeps memory in bounds: never more than the device.
bounded()
{
	start "${small[@]}"
	modprobe pblk
	pblk tgt
	verify /dev/tgt --rw=randwrite --bs=64k --iodepth=16 --size=$((slow > 1 ? 72 : 160))m
	at_most 'bytes held' "$(data_bytes)" $((256 * (chunk + 4096)))
	at_least 'bytes held' "$(data_bytes)" $((64 << 20))
	same 'chunks in all' $(($(counter free) + $(counter open) + $(counter closed))) 256
	unpblk tgt
}

t shown 10 shown
t grows 30 grows 16
t grows-no-oob 30 grows 0
t unload-frees 30 unload_frees
t bounded 40 bounded
