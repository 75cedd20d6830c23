#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Block namespaces: disks whose map the device keeps, up to file systems on them.

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

# 64 MiB of flash on each channel
block=(num_pu=4 num_chk=64 clba=64)

# ftl COLUMN [NSID] - a column of debugfs's "ftl", for all of a namespace.
ftl()
{
	awk -v want="$1" -v nsid="${2:-1}" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) col = i }
		$1 == nsid && $2 == "all" { print $col }' "$debug/ftl"
}

ftl_is_true()
{
	has_not ': [^o]' "$(<"$debug/ftl_check")"
	has ': ok$' "$(<"$debug/ftl_check")"
}

# passthru OPCODE CDW10 CDW12 [OPTION...] - an I/O command without data.
passthru()
{
	nvme io-passthru "/dev/$ctrl" -n 1 --opcode="$1" --cdw10="$2" --cdw12="$3" "${@:4}" 2>&1
}

# What it says of itself is true, and follows what is done to it.
identity()
{
	local id

	mark_log
	start num_grp=2 "${block[@]}" ns=block:2:28
	has '^ocloop: .*: ns block:2:28; ' "$(log_since_mark)"
	id=$(nvme id-ns "/dev/$ns")
	# 16384 sectors a channel * 100 / 128
	has '^nsze +: 0x6400$' "$id"
	has '^ncap +: 0x6400$' "$id"
	has '^nuse +: 0$' "$id"
	has '^nsfeat +: 0x16$' "$id"
	has '^dlfeat +: 9$' "$id"
	has '^nawun +: 7$' "$id"
	has '^nabsn +: 7$' "$id"
	has '^npwg +: 3$' "$id"
	has '^nows +: 15$' "$id"
	has '^flbas +: 0x1$' "$id"
	has 'lbaf +1 : ms:0 +lbads:12 .*in use' "$id"
	has '^oncs +: 0xdf$' "$(nvme id-ctrl "/dev/$ctrl")"
	same 'size' "$(blockdev --getsize64 "/dev/$ns")" $((0x6400 * 4096))
	same 'optimal I/O size' "$(<"/sys/block/$ns/queue/optimal_io_size")" 65536
	same 'discard granularity' "$(<"/sys/block/$ns/queue/discard_granularity")" 4096
	has_not "$ns" "$(nvme lnvm list)"

	dd if=/dev/urandom of="/dev/$ns" bs=64k count=16 oflag=direct status=none
	same 'nuse' "$(ns_field nuse)" 0x100
	same 'sectors mapped' "$(ftl used)" 256
	same 'sectors written' "$(ftl host)" 256
	blkdiscard -o 65536 -l 131072 "/dev/$ns"
	same 'nuse' "$(ns_field nuse)" 0xe0
	blkdiscard -z -o 0 -l 4096 "/dev/$ns"
	same 'nuse' "$(ns_field nuse)" 0xe0
	has '^1 +0 +0 zeroes$' "$(<"$debug/ftl_map")"
	# Block 8 is the first one of the second channel; the first sectors of its chunk
	# in the second channel are what was written there first, but for sector 0.
	has '^1 +8 +1 +0 +0 +1$' "$(<"$debug/ftl_map")"
	id=$(nvme admin-passthru "/dev/$ctrl" --opcode=0xea -n 1 --cdw10=8 --cdw12=1 -l 8 -r)
	# Channel 1, sector 1: 16384 + 1
	has '0000: 01 40 00 00 00 00 00 00' "$id"
	has 'INVALID_FIELD' "$(nvme admin-passthru "/dev/$ctrl" --opcode=0xea -n 1 --cdw10=25600 \
		--cdw12=1 -l 8 -r 2>&1 || true)"
	ftl_is_true
	stop
}

commands()
{
	start num_grp=3 "${block[@]}" ns=block:3:28
	noise "$work/a" 64
	noise "$work/b" 64
	nvme write "/dev/$ns" -s 3 -c 15 -z 65536 -d "$work/a"
	nvme read "/dev/$ns" -s 3 -c 15 -z 65536 -d "$work/c"
	cmp "$work/a" "$work/c"
	nvme compare "/dev/$ns" -s 3 -c 15 -z 65536 -d "$work/a"
	refused nvme compare "/dev/$ns" -s 3 -c 15 -z 65536 -d "$work/b"
	has 'COMPARE_FAILED' "$said"
	# Forced unit access
	nvme write "/dev/$ns" -s 3 -c 15 -z 65536 -d "$work/b" -f
	nvme flush "/dev/$ns" -n 1
	# As 1.12 sends it to a disk, for all namespaces
	has '^vwc +: 0x6$' "$(nvme id-ctrl "/dev/$ctrl")"
	nvme flush "/dev/$ns"
	nvme io-passthru "/dev/$ns" -o 0 -n 0xffffffff
	nvme compare "/dev/$ns" -s 3 -c 15 -z 65536 -d "$work/b"
	# Verify
	passthru 0x0c 3 15
	nvme write-uncor "/dev/$ns" -s 5 -c 1
	refused nvme read "/dev/$ns" -s 3 -c 15 -z 65536 -d "$work/c"
	has 'READ_ERROR' "$said"
	refused passthru 0x0c 3 15
	nvme read "/dev/$ns" -s 7 -c 11 -z 49152 -d "$work/c"
	cmp -n 49152 -i 16384:0 "$work/b" "$work/c"
	nvme write-zeroes "/dev/$ns" -s 3 -c 7
	nvme read "/dev/$ns" -s 3 -c 7 -z 32768 -d "$work/c"
	cmp -n 32768 /dev/zero "$work/c"
	nvme dsm "/dev/$ns" -n 1 -d -s 3,11,18 -b 8,2,1
	same 'nuse' "$(ns_field nuse)" 0x5
	nvme read "/dev/$ns" -s 11 -c 7 -z 32768 -d "$work/c"
	cmp -n 8192 /dev/zero "$work/c"
	cmp -n 20480 -i 40960:8192 "$work/b" "$work/c"
	refused nvme dsm "/dev/$ns" -n 1 -d -s 13,38399 -b 1,2
	has 'LBA_RANGE' "$said"
	same 'nuse' "$(ns_field nuse)" 0x5
	refused passthru 0x08 38399 1
	refused nvme read "/dev/$ns" -s 38400 -c 0 -z 4096 -d "$work/c"
	# DULBE: deallocated is an error then
	nvme set-feature "/dev/$ctrl" -n 1 -f 5 -v 0x10000
	refused nvme read "/dev/$ns" -s 3 -c 0 -z 4096 -d "$work/c"
	has '287' "$said"
	nvme read "/dev/$ns" -s 13 -c 0 -z 4096 -d "$work/c"
	ftl_is_true
	stop
}

# endurance GROUP - the endurance group log page, 16 bytes a line.
endurance()
{
	nvme admin-passthru "/dev/$ctrl" --opcode=2 -n 0xffffffff --cdw10=0x007f0009 \
		--cdw11=$(($1 << 16)) -l 512 -r -b | od -A d -t x1 -v
}

# fill [OPTION...] - write the disk from its beginning.
fill()
{
	dd if="$work/a" of="/dev/$ns" bs=64k oflag=direct status=none "$@"
}

# Chunks fail: the host notices nothing as long as its data fit. Then nothing can be written until
# something is deallocated, and the log and ftl_check say so.
failures()
{
	start num_grp=1 num_pu=2 num_chk=24 clba=64 ns=block:1:50
	noise "$work/a" 8192
	fill
	for ((i = 0; i < 3; i++)); do
		echo 'write-fail times=2' >"$debug/faults"
		fill
		echo clear >"$debug/faults"
	done
	same 'failures' "$(ftl failed)" 6
	ftl_is_true
	cmp -n 8388608 "$work/a" "/dev/$ns"

	mark_log
	echo write-fail >"$debug/faults"
	refused fill
	has 'No space left' "$said"
	echo clear >"$debug/faults"
	refused fill
	has '^ocloop: channel 0: too many chunks have failed' "$(log_since_mark)"
	has '^channel 0: ok; too many chunks have failed: 2048 of 2048 blocks used' \
		"$(<"$debug/ftl_check")"
	cmp -n 8388608 "$work/a" "/dev/$ns"
	blkdiscard -o 1M -l 7M "/dev/$ns"
	fill count=16
	has '^ocloop: channel 0: there is room for writes again' "$(log_since_mark)"
	cmp -n 1048576 "$work/a" "/dev/$ns"
	stop
}

# Every byte comes back, over several times the size, with garbage collected meanwhile.
# collect PARAMETER... - with these
collect()
{
	local job rw bs depth total=0 size
	local jobs=(write:256k:16 randwrite:4k-256k:16 randwrite:4k:32)

	((slow == 1)) || jobs=("${jobs[@]:1:1}")
	[[ $* != *use_inline=0* ]] || jobs=("${jobs[@]:0:2}")
	start num_grp=2 "${block[@]}" num_chk=32 "$@"
	size=$(blockdev --getsize64 "/dev/$ns")
	for job in "${jobs[@]}"; do
		IFS=: read -r rw bs depth <<<"$job"
		verify "/dev/$ns" --rw="$rw" --bsrange="${bs%-*}-${bs#*-}" --iodepth="$depth"
		total=$((total + written))
	done
	note "fio verified $((total * 10 / size / 10)).$((total * 10 / size % 10)) times the size," \
		"amplification $(ftl amplif), $(ftl moves) moves, $(ftl stalls) stalls"
	((slow > 1)) || at_least 'moves' "$(ftl moves)" 10
	# All spare is there; less than a billion bytes were written, which is rounded up
	has '^0000000 00 00 00 64 0a 00 ' "$(endurance 1)"
	has '^0000064 01 00 00 00 00 00 00 00 ' "$(endurance 1)"
	has '^0000080 0[1-9] 00 00 00 00 00 00 00 ' "$(endurance 1)"
	refused nvme admin-passthru "/dev/$ctrl" --opcode=2 -n 0xffffffff --cdw10=0x007f0009 \
		--cdw11=0x20000 -l 512 -r -b
	same 'nuse' "$(ns_field nuse)" "$(printf '0x%x' $((size / 4096)))"
	at_most 'bytes held' "$(data_bytes)" $((size + 2 * 64 * 4096 + (2 << 20)))
	ftl_is_true
	blkdiscard "/dev/$ns"
	same 'nuse' "$(ns_field nuse)" 0
	at_most 'bytes held' "$(data_bytes)" $((2 * 64 * 4096 + (2 << 20)))
	ftl_is_true
	stop
}

# Write amplification of uniform random writes is what theory says: a chunk is collected
# when v of it is valid, v = exp(-(1 - v) (1 + OP)), and A = 1 / (1 - v).
amplification()
{
	local op blocks host programs got want

	note "  OP %  formula  measured"
	for op in 11 80; do
		start num_grp=1 num_pu=1 num_chk=512 clba=32 oob_size=0 ns="block:1:$op"
		blocks=$(($(blockdev --getsize64 "/dev/$ns") / 4096))
		overwrite write 256k
		overwrite randwrite 4k $((blocks * 2))
		host=$(ftl host)
		programs=$(ftl programs)
		overwrite randwrite 4k "$blocks"
		got=$(awk -v h="$(($(ftl host) - host))" -v p="$(($(ftl programs) - programs))" \
			'BEGIN { printf "%.2f\n", p / h }')
		want=$(awk -v op="$op" 'BEGIN {
			for (i = 0; i < 10000; i++)
				v = exp(-(1 - v) * (1 + op / 100))
			printf "%.2f\n", 1 / (1 - v) }')
		note "$(printf '%6d  %7s  %8s' "$op" "$want" "$got")"
		awk -v got="$got" -v want="$want" \
			'BEGIN { exit !(got > want * 0.9 && got < want * 1.1) }' ||
			fail "amplification at $op % is $got, not $want"
		same stalls "$(ftl stalls)" 0
		stop
	done
}

# overwrite RW BS BLOCKS - by fio, of the whole namespace in order, or so many random blocks.
overwrite()
{
	local times=()

	[[ $1 == write ]] || times=(--norandommap --io_size=100g --number_ios="$3")
	(cd "$work" && fio --name=overwrite --filename="/dev/$ns" --ioengine=libaio --direct=1 \
		--iodepth=16 --randrepeat=0 --rw="$1" --bs="$2" "${times[@]}" --minimal \
		--output=/dev/null)
}

# Namespaces of all kinds and sizes side by side, all busy at once.
mixed()
{
	local all two four

	start num_grp=5 "${block[@]}" ns=oc20:1,block:2:28,oc20:1,block:1:50
	wait_for 10 'four namespaces' has_node "$ctrl" 4
	find_namespaces "$ctrl"
	same namespaces "${#all[@]}" 4
	two=/dev/${all[2]} four=/dev/${all[4]}
	same 'size of the second' "$(blockdev --getsize64 "$two")" $((25600 * 4096))
	same 'size of the fourth' "$(blockdev --getsize64 "$four")" $((10920 * 4096))
	modprobe pblk
	ns=${all[1]}
	pblk tgt
	(cd "$work" && fio --ioengine=libaio --direct=1 --verify=crc32c --verify_fatal=1 \
		--do_verify=1 --verify_state_save=0 --rw=randwrite --bsrange=4k-64k --iodepth=8 \
		--minimal --output=/dev/null \
		--name=two --filename="$two" --size=50% \
		--name=four --filename="$four" --size=100% \
		--name=pblk --filename=/dev/tgt --size=16m)
	ftl_is_true
	at_least 'sectors written to the second' "$(ftl host 2)" 12800
	same 'sectors written to the fourth' "$(ftl host 4)" 10920
	unpblk tgt
	stop
}

check_fs()
{
	case $1 in
	ext4) fsck.ext4 -f -n "/dev/$ns" ;;
	xfs) xfs_repair -n "/dev/$ns" ;;
	f2fs) fsck.f2fs --dry-run "/dev/$ns" ;;
	btrfs) btrfs check --readonly "/dev/$ns" ;;
	esac
}

# churn DIR BLOCKS - what stress-ng does to a file system: names, attributes and extents come
# and go, by number and not by time, beside large writes; then writes until the device has
# seen so many blocks.
churn()
{
	local large=(--hdd 1 --hdd-bytes 8m --hdd-write-size 256k --hdd-ops 300)
	local begin small=(--dir 1 --dir-ops 1 --dentry 1 --dentry-ops $((500 / slow)) --dentries 100
		--rename 1 --rename-ops $((300 / slow)) --fallocate 1 --fallocate-bytes 2m
		--fallocate-ops 1 --chmod 1 --chmod-ops $((20 / slow)) --iomix 1 --iomix-bytes 4m
		--iomix-ops $((200 / slow)))

	begin=$(ftl host)
	cd "$1"
	! setfattr -n user.a -v b sums 2>/dev/null || small+=(--xattr 1 --xattr-ops 1)
	stress-ng --temp-path . --verify "${small[@]}" "${large[@]}" --hdd-opts fsync
	while (($(ftl host) - begin < $2)); do
		stress-ng --temp-path . --verify "${large[@]}" --hdd-opts direct \
			--fiemap 1 --fiemap-bytes 4m --fiemap-ops $((100 / slow)) --seek 1 \
			--seek-size 4m --seek-ops $((100 / slow))
	done
	cd "$work"
}

# file_system TYPE CHUNKS MKFS... - on the first of two namespaces, of so many chunks per unit,
# mounted with discard, until several times its size was written, or, on the debug kernel, what
# stress-ng writes in one go. The other one does not notice.
file_system()
{
	local type=$1 num_chk=$2 often=$((slow > 1 ? 0 : 3)) blocks other

	shift 2
	modprobe "$type" 2>/dev/null || true
	start num_grp=3 "${block[@]}" num_chk="$num_chk" ns=block:2:28,block:1:28
	wait_for 10 'two namespaces' has_node "$ctrl" 2
	other=/dev/$ns
	has_node "$ctrl" 1
	blocks=$(($(blockdev --getsize64 "/dev/$ns") / 4096))
	noise "$work/tmp.other" 4096
	dd if="$work/tmp.other" of="$other" bs=256k oflag=direct status=none
	"$@" "/dev/$ns"
	mount -t "$type" -o discard "/dev/$ns" /mnt/a
	files /mnt/a 4
	verify /mnt/a/fio --rw=randwrite --bsrange=4k-64k --iodepth=8 --size=8m
	rm /mnt/a/fio
	churn /mnt/a $((often * blocks))
	sync
	fstrim -v /mnt/a
	note "$type: amplification $(ftl amplif)," \
		"$(($(ftl host) * 10 / blocks / 10)).$(($(ftl host) * 10 / blocks % 10)) times the size"
	# What was deleted is not held; tables and journals are
	at_most 'bytes held after fstrim' "$(data_bytes)" $((blocks * 2048 + (16 << 20)))
	umount /mnt/a
	check_fs "$type"
	# And through a disconnect
	disconnect
	connect
	mount -t "$type" "/dev/$ns" /mnt/a
	check_files /mnt/a
	umount /mnt/a
	cmp -n $((4 << 20)) "$work/tmp.other" "$other"
	same 'blocks of the other namespace' "$(ftl used 2)" 1024
	ftl_is_true
	stop
}

bad()
{
	mark_log
	refused load num_grp=4 "${@:2}"
	has "^ocloop: $1" "$(log_since_mark)"
}

refuses()
{
	bad 'ns=2: want block:CHANNELS:OP with an over-provisioning of 3 to 80 per cent' ns=block:1:2
	bad 'ns=81: want ' ns=block:1:81
	bad 'ns=x: want ' ns=block:1:x
	bad 'ns=block:5: want no more than num_grp=4 channels' ns=block:5
	bad 'ns=oc20:3,block:2: want no more than' ns=oc20:3,block:2
	bad 'ns=block:1:11: want 5 chunks per channel beyond its capacity, not 3' num_chk=10 ns=block:1
	bad 'ns=block:1:11: want clba of 2 or more' clba=1 ws_min=1 ws_opt=1 mw_cunits=0 ns=block:1
	bad 'gc=lazy: want greedy or cost-benefit' ns=block:1 gc=lazy
}

t identity 10 identity
t commands 10 commands
t refuses 5 refuses
t failures 15 failures
t garbage 20 collect ns=block:2:28
t garbage-worker 20 collect ns=block:2:28 use_inline=0 gc=cost-benefit
((slow > 1)) || t amplification 40 amplification
t mixed 20 mixed
t ext4 30 file_system ext4 32 mkfs.ext4 -q
((slow > 1)) || {
	t xfs 30 file_system xfs 32 mkfs.xfs -q
	# With less it would collect garbage itself
	t f2fs 35 file_system f2fs 64 mkfs.f2fs -q
	t btrfs 30 file_system btrfs 32 mkfs.btrfs -q --mixed
}
