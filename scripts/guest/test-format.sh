#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# LBA formats: nvme format between them, with nvme-cli 1.12 (nvme) and 2.x (nvme2).

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

# use CLI COMMAND [PARAMETER...] - a device made so and the case on it, whose words are COMMAND.
use()
{
	start "${small[@]}" "${@:3}"
	nvme=$1
	$2
	nvme=nvme
	stop
}

# Format namespace 1. By its block device: afterwards the tools look for partitions there.
format()
{
	"$nvme" format "/dev/$ns" --force "$@"
}

# To format number $1, with sectors that no block device can have: the tools would fail
# afterwards, setting its block size.
format_large()
{
	"$nvme" admin-passthru "/dev/$ctrl" -o 0x80 -n 1 --cdw10="$1"
}

# field NAME TEXT - the same of what "nvme id-ns" has said
field()
{
	[[ $'\n'$2 =~ $'\n'$1\ *:\ *([^$' \n']*) ]] || fail "no $1 in: ${2:0:300}"
	echo "${BASH_REMATCH[1]}"
}

# lbaf SIZE+OOB [TEXT] - its number in the table
lbaf()
{
	local size=${1%+*} shift=0 text=${2:-}

	while ((size > 1)); do
		size=$((size / 2))
		shift=$((shift + 1))
	done
	[[ $text ]] || text=$(nvme id-ns "/dev/$ctrl" -n 1)
	[[ $text =~ lbaf\ *([0-9]+)\ :\ ms:${1#*+}\ *lbads:$shift\  ]] || fail "there is no $1"
	echo "${BASH_REMATCH[1]}"
}

# formatted SIZE+OOB - is that what the namespace has, and says?
formatted()
{
	local nr text size=${1%+*} capacity=$((2 * 123 * 256 * ${1%+*}))

	text=$(nvme id-ns "/dev/$ctrl" -n 1)
	nr=$(lbaf "$1" "$text")
	same flbas $(($(field flbas "$text"))) "$nr"
	has "^lbaf +$nr :.*in use" "$text"
	same nvmcap "$(field nvmcap "$text")" $capacity
	same nsze "$(field nsze "$text")" 0x10000
	same mc $(($(field mc "$text"))) 3
	same dlfeat $(($(field dlfeat "$text"))) 1
	same 'bytes held' "$(data_bytes)" 0
	# The kernel has no blocks larger than a page.
	if ((size > 4096)); then
		same size "$(blockdev --getsize64 "/dev/$ns")" 0
	else
		same 'logical block' "$(<"/sys/block/$ns/queue/logical_block_size")" "$size"
		same sectors "$(<"/sys/block/$ns/size")" $((0x10000 * size / 512))
		# 64 sectors
		same 'longest transfer' "$(<"/sys/block/$ns/queue/max_hw_sectors_kb")" \
			$((size / 16))
	fi
}

# Write some of the first chunks, and look at it.
fill()
{
	local size=$1 file=$work/tmp.a

	noise "$file" $((size * 600 / 1024))
	if ((size <= 4096)); then
		uncached "/dev/$ns"
		cmp -n $((size * 600)) "/dev/$ns" /dev/zero
		dd if="$file" of="/dev/$ns" bs=$((size * 8)) count=75 oflag=direct conv=notrunc \
			status=none
		uncached "/dev/$ns"
		# The third chunk is open
		cmp -n $((size * 512)) "$file" "/dev/$ns"
		dd if="/dev/$ns" bs=$((size * 64)) count=8 iflag=direct status=none |
			cmp -n $((size * 512)) "$file" -
		same 'closed chunks' "$(counter closed)" 2
		return
	fi
	nvme io-passthru "/dev/$ns" -n 1 -o 1 --cdw10=0 --cdw12=63 -l $((size * 64)) -w \
		-i "$file" >/dev/null
	nvme io-passthru "/dev/$ns" -n 1 -o 2 --cdw10=0 --cdw12=31 -l $((size * 32)) -r -b \
		2>/dev/null | cmp -n $((size * 32)) "$file" -
	# By an address of the vector kind, and past what is readable
	nvme io-passthru "/dev/$ns" -n 1 -o 0x92 --cdw10=7 --cdw12=0 -l "$size" -r -b \
		2>/dev/null | cmp -i "0:$((7 * size))" -n "$size" - "$file"
	nvme io-passthru "/dev/$ns" -n 1 -o 0x92 --cdw10=33 --cdw12=0 -l "$size" -r -b \
		2>/dev/null | cmp -n "$size" - /dev/zero
}

# between FORMAT... - from 4096+16 through these and back
between()
{
	local to

	formatted 4096+16
	fill 4096
	for to in "$@" 4096+16; do
		if ((${to%+*} > 4096)); then
			format_large "$(lbaf "$to")"
		else
			format -l "$(lbaf "$to")"
		fi
		formatted "$to"
		fill "${to%+*}"
	done
	# To what it is, with and without an erase
	format -l "$(lbaf 4096+16)" -s 1
	formatted 4096+16
	fill 4096
	format -l "$(lbaf 4096+16)"
	formatted 4096+16
	same 'free chunks' "$(counter free)" 256
}

bad()
{
	local nr

	fill 4096
	nr=$(data_bytes)
	refused "$nvme" admin-passthru "/dev/$ctrl" -o 0x80 -n 0 --cdw10=1
	has '400b|INVALID_NS|Invalid Namespace' "$said"
	refused "$nvme" admin-passthru "/dev/$ctrl" -o 0x80 -n 3 --cdw10=1
	has '400b|INVALID_NS|Invalid Namespace' "$said"
	# There could be one of this number
	refused "$nvme" admin-passthru "/dev/$ctrl" -o 0x80 -n 2 --cdw10=1
	has '4002|INVALID_FIELD|Invalid Field' "$said"
	# Four formats: there is no fifth; protection information; a reserved bit
	for dword in 4 15 0x21 0x1000; do
		refused "$nvme" admin-passthru "/dev/$ctrl" -o 0x80 -n 1 --cdw10=$dword
		has '410a|INVALID_FORMAT|Invalid Format' "$said"
	done
	for dword in 0x401 0x101 0x4001 0x81; do
		refused "$nvme" admin-passthru "/dev/$ctrl" -o 0x80 -n 1 --cdw10=$dword
		has '4002|INVALID_FIELD|Invalid Field' "$said"
	done
	refused format -l 4
	has '410a|INVALID_FORMAT|Invalid Format' "$said"
	refused format -l 1 -i 1
	refused format -l 1 -s 2
	same 'bytes held' "$(data_bytes)" "$nr"
	cmp -n $((4096 * 512)) "$work/tmp.a" "/dev/$ns"
}

# Metadata that follows each sector: for passthrough only, and not for pblk.
interleaved()
{
	local size=$((4 * 4112))

	format -l "$(lbaf 4096+16)" -m 1
	same flbas $(($(ns_field flbas))) 16
	same size "$(blockdev --getsize64 "/dev/$ns")" 0
	noise "$work/tmp.a" 64
	for i in 0 4 8 12 16 20 24 28 32; do
		nvme io-passthru "/dev/$ns" -n 1 -o 1 --cdw10=$i --cdw12=3 -l $size -w \
			-i "$work/tmp.a"
	done
	nvme io-passthru "/dev/$ns" -n 1 -o 2 --cdw10=0 --cdw12=3 -l $size -r -b 2>/dev/null |
		cmp -n $size - "$work/tmp.a"
	refused nvme io-passthru "/dev/$ns" -n 1 -o 2 --cdw10=0 --cdw12=3 -l $((size - 8)) -r
	# Not readable: zeroes, and then ones
	nvme io-passthru "/dev/$ns" -n 1 -o 2 --cdw10=40 --cdw12=0 -l 4112 -r -b 2>/dev/null |
		cmp - <(head -c 4096 /dev/zero; printf '\377%.0s' {1..16})
	modprobe pblk
	refused nvme lnvm create -d "$ns" -n tgt -t pblk -b 0 -e 7
	format -l "$(lbaf 4096+16)"
	formatted 4096+16
	pblk tgt
	unpblk tgt
}

# pblk on what there is after a Format, and no Format under pblk
with_pblk()
{
	local to

	modprobe pblk
	format -l "$(lbaf 512+0)"
	for to in 4096+64 4096+0; do
		format -l "$(lbaf "$to")"
		formatted "$to"
		pblk tgt
		verify /dev/tgt --rw=randwrite --bs=16k --iodepth=8 --size=12m
		refused format -l "$(lbaf 512+0)"
		has '4015|OP_DENIED|Operation Denied|denied' "$said"
		refused "$nvme" admin-passthru "/dev/$ctrl" -o 0x80 -n 0xffffffff --cdw10=0
		verify /dev/tgt --rw=randwrite --bs=16k --iodepth=8 --size=4m
		unpblk tgt
	done
	# Half of it is enough to be in the way, and the other half is free again. Not on what
	# a target of all has left: pblk would take it for its own.
	format -l "$(lbaf 4096+16)"
	pblk tgt 0 3
	refused format -l 0
	pblk other 4 7
	unpblk other
	unpblk tgt
	format -l 0
}

# While others read and nothing breaks. What has waited for the end of a Format the kernel
# sends by the old sizes, and that may fail.
under_load()
{
	local fio i

	(cd "$work" && exec fio --name=load --filename="/dev/$ns" --ioengine=libaio --direct=1 \
		--rw=randread --bs=16k --iodepth=16 --size=16m --time_based --runtime=1000 \
		--continue_on_error=io --numjobs=2 --thread --group_reporting --minimal \
		--output="$work/fio" 2>/dev/null) &
	fio=$!
	sleep 1
	for ((i = 0; i < 4; i++)); do
		format -l "$(lbaf 512+8)"
		same 'logical block' "$(<"/sys/block/$ns/queue/logical_block_size")" 512
		format -l "$(lbaf 4096+16)"
		same 'logical block' "$(<"/sys/block/$ns/queue/logical_block_size")" 4096
	done
	kill -INT $fio
	wait $fio || true	# it tells of the signal, and of the errors
	at_least 'KiB that fio has read' "$(awk -F ';' '$1 == 3 { print $6 }' "$work/fio")" 1024
	fill 4096
}

# It stays through resets and connects, and goes with the module.
stays()
{
	format -l "$(lbaf 512+8)"
	formatted 512+8
	fill 512
	"$nvme" reset "/dev/$ctrl"
	wait_for 10 'a live controller' grep -q live "/sys/class/nvme/$ctrl/state"
	same 'logical block' "$(blockdev --getss "/dev/$ns")" 512
	cmp -n $((512 * 512)) "$work/tmp.a" "/dev/$ns"
	disconnect
	nvme=nvme
	connect
	same 'logical block' "$(blockdev --getss "/dev/$ns")" 512
	cmp -n $((512 * 512)) "$work/tmp.a" "/dev/$ns"
	same flbas $(($(ns_field flbas))) "$(lbaf 512+8)"
	has 'ocloop_sector_512$' "$(ls -d /sys/kernel/slab/ocloop_sector*)"
	stop
	start "${small[@]}"
	formatted 4096+16
}

# Each namespace has its own; data of the other stays.
two()
{
	local one two

	start "${small[@]}" ns=oc20:1,oc20:1
	one=$ns
	wait_for 10 'the second namespace' has_node "$ctrl" 2
	two=$ns
	noise "$work/tmp.b" 2048
	dd if="$work/tmp.b" of="/dev/$one" bs=256k oflag=direct status=none
	nvme format "/dev/$two" --force -l "$(lbaf 512+0)"
	same 'logical block of 1' "$(blockdev --getss "/dev/$one")" 4096
	same 'logical block of 2' "$(blockdev --getss "/dev/$two")" 512
	same noiob "$(ns_field noiob 2)" 64
	uncached "/dev/$one"
	cmp -n $((2 << 20)) "$work/tmp.b" "/dev/$one"
	# Longer than 64 sectors of the smaller: the kernel cuts it
	dd if="$work/tmp.b" of="/dev/$two" bs=1M oflag=direct status=none
	dd if="/dev/$two" bs=1M count=2 iflag=direct status=none | cmp - "$work/tmp.b"
	nvme format "/dev/$two" -n 0xffffffff --force -l "$(lbaf 4096+0)"
	same 'logical block of 2' "$(blockdev --getss "/dev/$two")" 4096
	same 'bytes held' "$(data_bytes)" 0
	stop
}

# The table is the user's to choose.
parameter()
{
	local text

	start "${small[@]}" formats=4096+0,2048+24,512+128
	same nlbaf "$(ns_field nlbaf)" 3
	has '^lbaf +2 : ms:24 +lbads:11' "$(nvme id-ns "/dev/$ns")"
	format -l 3
	same 'logical block' "$(blockdev --getss "/dev/$ns")" 512
	stop
	for text in 4096 4096+4 3000+16 4096+16+1 '512+0,' 512+136; do
		mark_log
		refused load "${small[@]}" formats="$text"
		in_log "ocloop: formats=.*want" || fail "nothing about $text in the log"
	done
	# pblk would divide by zero there
	start "${small[@]}" ws_min=1 ws_opt=1 formats=4096+0
	has '^lbaf +1 : ms:0 +lbads:0' "$(nvme id-ns "/dev/$ns")"
	refused format -l 1
	stop
}

# All of it many times: memory comes back.
again()
{
	local i tables

	tables=$(awk '$1 == "tables"' "$debug/memory")
	for ((i = 0; i < 12; i++)); do
		dd if=/dev/zero of="/dev/$ns" bs=128k count=32 oflag=direct status=none
		nvme admin-passthru "/dev/$ctrl" -o 0x80 -n 1 --cdw10=$((i % 4))
		same 'bytes held' "$(data_bytes)" 0
	done
	format -l "$(lbaf 4096+16)"
	same tables "$(awk '$1 == "tables"' "$debug/memory")" "$tables"
}

# Each format, whichever way metadata goes: the right data, and a kernel that has no
# complaint.
ways()
{
	local said

	start "${small[@]}" type=random formats=
	said=$("$guest/../../tests/metadata" "/dev/$ns" "/dev/$ctrl") || fail "$said"
	note "$said"
	stop
}

reader()
{
	until [[ -e $work/tmp.stop ]]; do
		dd if="/dev/$ns" of=/dev/null bs=4k count=500 iflag=direct status=none || true
	done
}

# What has waited for the end of a Format that put metadata where the block layer has none.
interleaved_under_load()
{
	local i

	set +x
	for ((i = 0; i < 4; i++)); do
		reader 2>/dev/null &
	done
	for ((i = 0; i < 6; i++)); do
		nap 0.2
		format -l "$(lbaf 4096+16)" -m 1
		format -l "$(lbaf 4096+16)"
	done
	touch "$work/tmp.stop"
	wait
	fill 4096
}

if ((slow > 1)); then
	t between 25 use nvme 'between 512+0 16384+16'
else
	t between 25 use nvme 'between 512+0 4096+64 16384+16 1024+16 2048+0'
	t between-nvme2 15 use nvme2 'between 512+8'
fi
t bad 10 use nvme bad formats=4096+0,512+0,512+8
t interleaved 15 use nvme interleaved
t pblk 25 use nvme with_pblk
t under-load 20 use nvme under_load
t interleaved-under-load 20 use nvme interleaved_under_load
t ways 30 ways
t stays 15 use nvme2 stays
t two-namespaces 15 two
t parameter 15 parameter
t again 10 use nvme again
