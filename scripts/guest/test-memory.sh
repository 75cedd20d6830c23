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

# full FILE [OPTION...] - write to it until there is no more; what dd said is in $said.
full()
{
	refused dd if=/dev/zero of="$1" bs=1M oflag=direct "${@:2}"
	has "${no_more:-No space left on device}" "$said"
}

memory_is()
{
	echo "$1" >/sys/module/ocloop/parameters/memory
}

limit_is()
{
	has "^limit +$1\$" "$(<"$debug/memory")"
}

# What data may take, set at load and changed later.
parameter()
{
	start "${small[@]}" memory=64M
	in_log '^ocloop: 256 MiB when full, and there are 64 MiB of memory for it: '
	limit_is $((64 << 20))
	same memory "$(</sys/module/ocloop/parameters/memory)" 64M
	memory_is auto
	limit_is 'auto, leaves [0-9]{9}'
	memory_is 50%
	at_most 'bytes of half' $(($(number limit "$debug/memory") / 1024)) \
		$(($(number MemTotal: /proc/meminfo) / 2))
	memory_is 0
	limit_is none
	mark_log
	refused memory_is 2T
	in_log '^ocloop: memory=2T: want auto, '
	same memory "$(</sys/module/ocloop/parameters/memory)" 0
	limit_is none
}

# To the limit and on: what is there can be read and written, and what goes makes room.
limit_block()
{
	start "${small[@]}" ns=block memory=64M
	full "/dev/$ns"
	at_most 'bytes held' "$(data_bytes)" $((64 << 20))
	at_least 'bytes held' "$(data_bytes)" $(((64 << 20) - 256 * 1024))
	in_log '^ocloop: data has reached the limit of 64 MiB '
	noise "$work/tmp.a" 32768
	dd if="$work/tmp.a" of="/dev/$ns" bs=1M oflag=direct status=none
	cmp -n $((32 << 20)) "$work/tmp.a" "/dev/$ns"
	# Every other block, so that few pages get empty
	perl -e 'print pack("LLQ", 0, 1, 2 * $_) for 0 .. 255' >"$work/tmp.dsm"
	nvme io-passthru "/dev/$ctrl" -o 9 -n 1 --cdw10=255 --cdw11=4 -l 4096 -w \
		-i "$work/tmp.dsm"
	blkdiscard -o $((40 << 20)) -l $((4 << 20)) "/dev/$ns"
	at_most 'bytes held' "$(data_bytes)" $(((59 << 20) + 512 * 1024))
	dd if="$work/tmp.a" of="/dev/$ns" bs=1M seek=128 count=4 oflag=direct status=none
	cmp -n $((4 << 20)) "$work/tmp.a" <(dd if="/dev/$ns" bs=1M skip=128 count=4 status=none)
	full "/dev/$ns" seek=140
	# A limit below that takes nothing away
	memory_is 1M
	dd if="$work/tmp.a" of="/dev/$ns" bs=1M skip=8 seek=8 count=8 oflag=direct status=none
	memory_is 72M
	dd if="$work/tmp.a" of="/dev/$ns" bs=1M seek=160 count=4 oflag=direct status=none
	full "/dev/$ns" seek=170
	at_most 'bytes held' "$(data_bytes)" $((72 << 20))
	nvme format "/dev/$ns"
	same 'bytes held' "$(data_bytes)" 0
}

# The same of flash that a host manages: no other status would end its attempts.
limit_raw()
{
	local chunks bytes

	start "${small[@]}" memory=32M
	no_more='Input/output error' full "/dev/$ns"
	bytes=$(data_bytes)
	at_most 'bytes held' "$bytes" $((32 << 20))
	# What was too much may leave room for less.
	no_more='Input/output error' full "/dev/$ns" bs=16k seek=4096
	bytes=$(data_bytes)
	refused dd if=/dev/zero of="/dev/$ns" bs=16k oflag=direct seek=8192 count=1
	same 'bytes held' "$(data_bytes)" "$bytes"
	dd if="/dev/$ns" of=/dev/null bs=1M count=32 iflag=direct status=none
	chunks=$(counter closed)
	blkdiscard -l $chunk "/dev/$ns"
	dd if=/dev/zero of="/dev/$ns" bs=1M oflag=direct count=1 status=none
	same 'closed chunks' "$(counter closed)" "$chunks"
	has 'status_field *: *(0x)?4006|INTERNAL' "$(nvme error-log "/dev/$ctrl" -e 4)"
}

# A file system on a device that fills up before it does. Without a journal, which it would
# rather give up than miss a write of.
limit_ext4()
{
	local i

	start "${small[@]}" ns=block memory=64M
	mkfs.ext4 -q -O ^has_journal -E lazy_itable_init=0 "/dev/$ns"
	mount -o discard "/dev/$ns" /mnt/a
	noise "$work/tmp.a" 4096
	for ((i = 0; i < 20; i++)); do
		cp "$work/tmp.a" "/mnt/a/f$i"
		sync "/mnt/a/f$i" || break
	done
	at_least 'files that fit' $i 10
	at_most 'files that fit' $i 16
	uncached "/dev/$ns"
	cmp "$work/tmp.a" "/mnt/a/f$((i - 1))"
	rm /mnt/a/f{0..5} "/mnt/a/f$i"
	sync
	at_most 'bytes held' "$(data_bytes)" $((44 << 20))
	for ((i = 0; i < 4; i++)); do
		cp "$work/tmp.a" "/mnt/a/g$i"
		sync "/mnt/a/g$i"
	done
	umount /mnt/a
	e2fsck -fn "/dev/$ns"
	mount "/dev/$ns" /mnt/a
	cmp "$work/tmp.a" /mnt/a/g3
	cmp "$work/tmp.a" /mnt/a/f6
	umount /mnt/a
}

# pblk never lets go of a write that failed: it needs memory for all of the device, and
# with that it takes no more. Filled, trimmed, filled again.
limit_pblk()
{
	start num_grp=2 num_pu=4 num_chk=32 clba=64 memory=65M
	modprobe pblk
	pblk tgt
	full /dev/tgt
	blkdiscard -l $((16 << 20)) /dev/tgt
	dd if=/dev/zero of=/dev/tgt bs=1M count=20 oflag=direct status=none
	verify /dev/tgt --rw=randwrite --bs=64k --iodepth=16 --size=8m
	has '^refused +0$' "$(<"$debug/memory")"
	unpblk tgt
}

# Without a limit, on a machine with little memory, as the kernel keeps most of it for itself
# (no less than 3/2 of min_free_kbytes): it keeps what it needs.
little()
{
	local reserve=/proc/sys/vm/min_free_kbytes was have

	start ns=block
	limit_is 'auto, leaves [0-9]{9}'
	was=$(<$reserve)
	# shellcheck disable=SC2064 # now
	trap "echo $was >$reserve; no_files" EXIT
	echo $((was + ($(mem_available) - 300 * 1024) * 2 / 3)) >$reserve
	have=$(mem_available)
	at_most 'KiB available' "$have" $((400 << 10))
	full "/dev/$ns"
	at_least 'KiB available' "$(mem_available)" $((96 << 10))
	at_least "KiB written" $(($(data_bytes) >> 10)) \
		$((have - ((slow > 1 ? 300 : 200) << 10)))
	in_log '^ocloop: data takes [0-9]+ MiB and gets no more, since [0-9]+ MiB must stay '
	# Reading, writing over it and a program or two, all as ever
	dd if=/dev/zero of="/dev/$ns" bs=1M count=32 oflag=direct status=none
	dd if="/dev/$ns" of=/dev/null bs=1M count=32 iflag=direct status=none
	uncached "/dev/$ns"
	blkdiscard -l $((32 << 20)) "/dev/$ns"
	dd if=/dev/zero of="/dev/$ns" bs=1M count=24 seek=1024 oflag=direct status=none
	echo "$was" >$reserve
	dd if=/dev/zero of="/dev/$ns" bs=1M count=64 seek=1100 oflag=direct status=none
	has_not 'out of memory|oom-kill' "$(dmesg)"
}

t shown 10 shown
t parameter 10 parameter
t limit-block 20 limit_block
t limit-raw 10 limit_raw
t limit-ext4 20 limit_ext4
t limit-pblk 30 limit_pblk
t little 30 little
t grows 30 grows 16
t grows-no-oob 30 grows 0
t unload-frees 30 unload_frees
t bounded 40 bounded
