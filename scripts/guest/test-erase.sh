#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Format of block namespaces, with nvme-cli 1.12 (nvme) and 2.x (nvme2).

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

# id_ns FIELD - a number of Identify Namespace, decimal.
id_ns()
{
	local value

	value=$(nvme id-ns "/dev/$ctrl" -n 1 | awk -v want="$1" '$1 == want { print $3 }')
	echo $((value))
}

# lbaf SIZE - the number of the format with this size and no metadata.
lbaf()
{
	local size=$1 shift=0

	while ((size > 1)); do
		size=$((size / 2))
		shift=$((shift + 1))
	done
	nvme id-ns "/dev/$ctrl" -n 1 | awk -v want="lbads:$shift" \
		'$1 == "lbaf" && $4 == "ms:0" && $5 == want { print $2 }'
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
	same flbas "$(id_ns flbas)" "$nr"
	# 8192 sectors a channel * 100 / 128
	same nsze "$(id_ns nsze)" 12800
	same nuse "$(id_ns nuse)" 0
	same mc "$(id_ns mc)" 0
	same 'bytes held' "$(data_bytes)" 0
	(($1 > 4096)) || same size "$(blockdev --getsize64 "/dev/$ns")" $((12800 * $1))
	ftl_is_true
}

ftl_is_true()
{
	has_not ': [^o]' "$(<"$debug/ftl_check")"
	has ': ok$' "$(<"$debug/ftl_check")"
}

# Through all sizes and back: every byte of each.
sizes()
{
	local amplification

	verify "/dev/$ns" --rw=randwrite --bs=4k --iodepth=16
	to 512
	verify "/dev/$ns" --rw=randwrite --bsrange=512-32k --iodepth=16
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
	verify "/dev/$ns" --rw=randwrite --bsrange=4k-64k --iodepth=16
	mkfs.ext4 -q "/dev/$ns"
	mount -o discard "/dev/$ns" /mnt/a
	files /mnt/a 4
	umount /mnt/a
	drop_caches
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
	same nuse "$(id_ns nuse)" 16
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

t format-sizes 20 use nvme sizes
t format-bad 10 use nvme2 bad
t format-under-load 20 use nvme2 under_load
