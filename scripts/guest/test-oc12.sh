#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# OCSSD 1.2: identity, pblk on one, two and four planes, bad blocks, order of writes, hybrid
# mode, and both versions on one controller.

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

octest=$guest/../../tests/oc12test

# flash PLANES - parameters of 256 MiB in blocks of 256 sectors over all planes.
flash()
{
	echo "num_grp=2 num_pu=4 num_chk=$((32 * $1)) clba=$((256 / $1)) num_pln=$1"
}

# start12 PLANES KIND [PARAMETER...]
start12()
{
	# shellcheck disable=SC2046 # parameters
	start $(flash "$1") "ns=$2" "${@:3}"
	modprobe pblk
}

attributes()
{
	mark_log
	load num_grp=4 num_pu=2 num_chk=96 clba=160 num_pln=2 secs_per_pg=8 ns=oc12
	has 'ready on transport loop: ns oc12:4; 4 grp x 2 pu x 96 chk' "$(log_since_mark)"
	connect
	wait_log 5 'nvm: registered .*\[8/16/48/8/4\]'
	same version "$(lightnvm version)" 1
	same channels "$(lightnvm num_channels)" 4
	same luns "$(lightnvm num_luns)" 2
	same planes "$(lightnvm num_planes)" 2
	same blocks "$(lightnvm num_blocks)" 48
	same pages "$(lightnvm num_pages)" 20
	same 'page size' "$(lightnvm page_size)" 32768
	same 'sector size' "$(lightnvm hw_sector_size)" 4096
	same 'OOB size' "$(lightnvm oob_sector_size)" 16
	same 'plane modes' "$(lightnvm multiplane_modes)" 0x00030303
	same 'media type' "$(lightnvm media_type)" 0
	same 'device mode' "$(lightnvm device_mode)" 0
	same 'read time' "$(lightnvm read_typ)" 70000
	same 'program time' "$(lightnvm prog_typ)" 1900000
	same 'erase time' "$(lightnvm erase_typ)" 3000000
	said=$(nvme lnvm id-ns "/dev/$ns")
	has 'verid +: 0x1' "$said"
	# Channel, LUN, plane, block, page, sector: offset and length
	same 'address format' "$(lightnvm ppa_format | tr -d '\n')" \
		0x10020f010301090604050003
	has '^ncap +: 0x1e000$' "$(nvme id-ns "/dev/$ns")"
}

# whole PLANES [PARAMETER...] - pblk on all of it
whole()
{
	start12 "$1" oc12 "${@:2}"
	pblk tgt 0 7
	at_least 'size of the target' "$(blockdev --getsize64 /dev/tgt)" $((128 << 20))
	verify /dev/tgt --size=$((slow > 1 ? 4 : 8))m --rw=randwrite --bs=4k --iodepth=16
	unpblk tgt
	noise "$work/tmp.a" 6000
	pblk tgt 0 7
	dd if="$work/tmp.a" of=/dev/tgt bs=40k oflag=direct status=none
	# Without grace: what was written is found by scanning pages and their OOB.
	disconnect
	connect
	pblk tgt 0 7
	cmp -n 6144000 "$work/tmp.a" /dev/tgt
	unpblk tgt
	has_not 'corrupted read LBA' "$(dmesg)"
	at_least 'sectors written' "$(counter writes)" 1000
}

# Three quarters of the capacity three times, so that blocks are erased and written again.
rewritten()
{
	local mib

	start num_grp=1 num_pu=2 num_chk=48 clba=64 num_pln=2 ns=oc12
	modprobe pblk
	pblk tgt 0 1
	mib=$((($(blockdev --getsize64 /dev/tgt) >> 20) * 3 / 4))
	dd if=/dev/zero of=/dev/tgt bs=256k count=$((mib * 4)) oflag=direct status=none
	dd if=/dev/zero of=/dev/tgt bs=256k count=$((mib * 4)) oflag=direct status=none
	verify /dev/tgt --size=${mib}m --rw=randwrite --bs=64k --iodepth=4
	unpblk tgt
	at_least 'erased blocks' "$(counter resets)" 20
	same 'refused' "$(counter offline)" 0
}

# verify_apart FILE [OPTION...] - verify, with a place of its own for what fio says.
verify_apart()
{
	local work=$work/tmp.apart

	mkdir "$work"
	verify "$@"
}

beside()
{
	local old

	# shellcheck disable=SC2046 # parameters
	load num_grp=4 num_pu=4 num_chk=64 clba=128 num_pln=2 ns=oc20:2,oc12:2
	connect
	modprobe pblk
	same 'version of the first' "$(lightnvm version)" 2.0
	pblk new 0 7
	wait_for 10 'the second namespace' has_node "$ctrl" 2
	same 'version of the second' "$(lightnvm version)" 1
	old=$ns
	pblk old 0 7
	verify /dev/new --size=4m --rw=randwrite --bs=4k --iodepth=8 &
	verify_apart /dev/old --size=4m --rw=randwrite --bs=16k --iodepth=8
	wait $!
	# Each has written its own channels.
	at_least 'sectors of channel 1' "$(awk '$1 == "1" { print $3 }' "$debug/memory")" 500
	at_least 'sectors of channel 3' "$(awk '$1 == "3" { print $3 }' "$debug/memory")" 500
	unpblk new
	unpblk old
	refused nvme admin-passthru "/dev/$ctrl" -o 0xf2 -n 1 -l 192 -r
	nvme admin-passthru "/dev/$ctrl" -o 0xf2 -n 2 -l 128 -r >/dev/null
	has "^$old " "$(nvme lnvm list)"
}

# bbt CHANNEL LUN - the table's blocks in hexadecimal, planes after each other.
bbt()
{
	# lun, ch at bits 13, 15 of this geometry: 2 sector, 1 plane, 5 page, 5 block
	nvme admin-passthru "/dev/$ctrl" -o 0xf2 -n 1 -r -b -l 128 \
		--cdw10=$(($2 << 13 | $1 << 15)) | tail -c +65 | od -An -v -tx1 | tr -d ' \n'
}

good=$(printf '00%.0s' {1..64})

bad_blocks()
{
	start12 2 oc12
	same 'table' "$(bbt 1 2)" "$good"
	# Block 5, plane 0: grown bad
	nvme lnvm diag-set-bbtbl "/dev/$ctrl" -n 1 -c 1 -l 2 -p 0 -b 5 -v 2
	same 'table' "$(bbt 1 2)" "${good::20}02${good:22}"
	same 'table of another LUN' "$(bbt 1 3)" "$good"
	said=$(nvme lnvm diag-bbtbl "/dev/$ctrl" -n 1 -c 1 -l 2)
	has 'tblks +: 64' "$said"
	has 'tgrown +: 1' "$said"
	same 'offline' "$(counter offline)" 1
	# It stays through reset and reconnect, and pblk leaves the block out.
	nvme reset "/dev/$ctrl"
	disconnect
	connect
	same 'table' "$(bbt 1 2)" "${good::20}02${good:22}"
	pblk tgt 0 7
	verify /dev/tgt --size=8m --rw=write --bs=64k
	unpblk tgt
	same 'table' "$(bbt 1 2)" "${good::20}02${good:22}"
	nvme lnvm diag-set-bbtbl "/dev/$ctrl" -n 1 -c 1 -l 2 -p 0 -b 5 -v 0
	same 'table' "$(bbt 1 2)" "$good"
	same 'offline' "$(counter offline)" 0
	refused nvme lnvm diag-set-bbtbl "/dev/$ctrl" -n 1 -c 1 -l 2 -p 0 -b 5 -v 16
}

# An erase fails: pblk marks all planes of the block in one command, and goes on.
grown_bad()
{
	start12 2 oc12
	# A page of block 5 of channel 0, LUN 1, so that pblk erases it before use
	dd if=/dev/zero of="/dev/$ns" bs=32k count=1 seek=$(((1 << 13 | 5 << 8) / 8)) \
		oflag=direct status=none
	same 'open' "$(counter open)" 2
	pblk tgt 0 7
	nvme lnvm diag-set-bbtbl "/dev/$ctrl" -n 1 -c 0 -l 1 -p 1 -b 5 -v 2
	# A line of blocks is 8 MiB: the first eight of them
	verify /dev/tgt --size=64m --rw=write --bs=256k
	wait_for 5 'the block to be marked' test "$(bbt 0 1)" = "${good::20}0202${good:24}"
	unpblk tgt
	same 'offline' "$(counter offline)" 2
}

# Addresses as block addresses: the raw namespace under the rules of NAND.
order()
{
	start12 2 oc12
	same 'size' "$(blockdev --getsize64 "/dev/$ns")" $((256 << 20))
	cmp -n $((16 << 20)) "/dev/$ns" /dev/zero
	noise "$work/tmp.a" 1024
	refused dd if="$work/tmp.a" of="/dev/$ns" bs=4k count=1 oflag=direct status=none
	refused dd if="$work/tmp.a" of="/dev/$ns" bs=32k count=1 seek=1 oflag=direct status=none
	dd if="$work/tmp.a" of="/dev/$ns" bs=32k oflag=direct status=none
	refused dd if="$work/tmp.a" of="/dev/$ns" bs=32k count=1 oflag=direct status=none
	uncached "/dev/$ns"
	cmp "$work/tmp.a" <(head -c $((1 << 20)) "/dev/$ns")
	same 'closed' "$(counter closed)" 2
}

loose()
{
	start12 4 oc12 strict=0
	noise "$work/tmp.a" 1024
	dd if="$work/tmp.a" of="/dev/$ns" bs=4k count=8 seek=100 oflag=direct status=none
	dd if="$work/tmp.a" of="/dev/$ns" bs=64k oflag=direct status=none
	dd if="$work/tmp.a" of="/dev/$ns" bs=4k count=1 seek=3 oflag=direct status=none
	uncached "/dev/$ns"
	cmp -n 4096 -i 0:$((3 * 4096)) "$work/tmp.a" "/dev/$ns"
	cmp -n $((1 << 19)) -i $((1 << 19)) "$work/tmp.a" "/dev/$ns"
	same 'sectors stored' "$(awk '$1 == 0 { print $3 }' "$debug/memory")" 256
	# Quad erase of block 0
	nvme io-passthru "/dev/$ctrl" -o 0x90 -n 1 --cdw12=$((2 << 16))
	same 'bytes stored' "$(data_bytes)" 0
}

# conformance [OPTION] -- PARAMETER... - the program that knows what to expect, without the
# combinations that commands.sh runs
conformance()
{
	local options=()

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	start "${@:2}"
	"$octest" -n "/dev/$ns" -c "/dev/$ctrl" -x 'matrix.*' "${options[@]}" \
		>"$work/tmp.out" ||
		fail "$(grep -v '^ok' "$work/tmp.out" || echo 'no result')"
	note "$(tail -n 1 "$work/tmp.out")"
}

hybrid()
{
	local entry

	start12 1 oc12h secs_per_pg=1
	same 'device mode' "$(lightnvm device_mode)" 1
	refused nvme lnvm create -d "$ns" -n tgt -t pblk -b 0 -e 7
	noise "$work/tmp.a" 4
	cmp -n 1048576 "/dev/$ns" /dev/zero
	# Logical 1000 to sector 0 of block 3 of channel 1: bits 8 page, 5 block, 2 LUN
	nvme io-passthru "/dev/$ctrl" -o 0x81 -n 1 -w -l 4096 -i "$work/tmp.a" \
		--cdw10=$((1 << 15 | 3 << 8)) --cdw14=1000
	uncached "/dev/$ns"
	cmp -n 4096 -i 0:4096000 "$work/tmp.a" "/dev/$ns"
	entry=$(nvme admin-passthru "/dev/$ctrl" -o 0xea -n 1 -r -b -l 24 --cdw10=999 --cdw12=3 |
		od -An -v -tu8 | xargs)
	same 'mapping' "$entry" "0 $((4 * 32 * 256 + 3 * 256)) 0"
	nvme io-passthru "/dev/$ctrl" -o 0x90 -n 1 --cdw10=$((1 << 15 | 3 << 8))
	uncached "/dev/$ns"
	cmp -n 4096 -i 0:4096000 /dev/zero "/dev/$ns"
	# The host writes where it maps, and nowhere else
	refused dd if="$work/tmp.a" of="/dev/$ns" bs=4k count=1 oflag=direct status=none
}

# What nobody may learn by SUBMIT_IO: which bus addresses lightnvm has. They are those of the
# lists that pblk sends on one namespace and an ioctl on the other.
handles()
{
	local events=/sys/kernel/debug/tracing/events/nvme/nvme_setup_cmd
	local nobody=$guest/../../tests/handles list said

	load num_grp=2 num_pu=4 num_chk=32 clba=256 secs_per_pg=1 ns=oc20:1,oc12h:1
	connect
	modprobe pblk
	pblk tgt 0 3
	wait_for 10 'the second namespace' has_node "$ctrl" 2
	echo 'opcode == 0x91 || opcode == 0x92' >"$events/filter"
	echo >"${events%/events*}/trace"
	echo 1 >"$events/enable"
	dd if=/dev/zero of=/dev/tgt bs=64k count=4 oflag=direct status=none
	"$nobody" "/dev/$ns"
	echo 0 >"$events/enable"
	echo 0 >"$events/filter"
	# CDW10 and CDW11 of what has a list, which is where CDW12 is not 0
	list=$(perl -ne '
		/cdw10=([0-9a-f ]{23}) (..)/ && $2 ne "00" or next;
		my $page = hex(join("", reverse(split(" ", $1)))) >> 12;
		printf("0x%x000\n", $page) unless $seen{$page}++;
		' "${events%/events*}/trace" | head -n 24)
	at_least 'pages of lists' "$(wc -w <<<"$list")" 2
	# shellcheck disable=SC2086 # one word each
	said=$("$nobody" "/dev/$ns" $list) || fail "$said"
	note "${said##*$'\n'}"
	unpblk tgt
	stop
}

has_both()
{
	finds '^ssd0n2 ' "$(nvme lnvm list)"
}

# Both versions as devices of lightnvm's own.
attached()
{
	modprobe pblk
	load attach=lightnvm num_grp=4 num_pu=4 num_chk=64 clba=128 num_pln=2 ns=oc20:2,oc12:2
	wait_for 5 'both devices' has_both
	ns=ssd0n2
	pblk tgt 0 7
	verify /dev/tgt --size=8m --rw=randwrite --bs=4k --iodepth=16
	unpblk tgt
	pblk tgt 0 7
	ns=ssd0n1
	pblk two 0 7
	verify /dev/two --size=4m --rw=write --bs=64k
	unpblk two
	unpblk tgt
	unload
}

refusals()
{
	local row wrong=()
	local rows=(
		'num_pln=3: want 1, 2 or 4|num_pln=3'
		'num_pln=8: want 1, 2 or 4|num_pln=8'
		'num_pln=x: want 1, 2 or 4|num_pln=x'
		'secs_per_pg=3: want a power|secs_per_pg=3'
		'secs_per_pg=32: want a power|secs_per_pg=32'
		'strict=2: want 0 or 1|strict=2'
		'num_chk=6: want .*multiple of num_pln=4|ns=oc12 num_pln=4 num_chk=6'
		'clba=72: want .*multiple of secs_per_pg=16|ns=oc12 secs_per_pg=16 clba=72'
		'ns=256: want at most 255|ns=oc12 num_grp=256 num_chk=16 clba=64'
		'num_pu=256: want at most 255|ns=oc20:1,oc12h:1 num_pu=256 num_grp=2 num_chk=16 clba=64'
		'secs_per_pg=16: want .* at most 65535 bytes|ns=oc12 secs_per_pg=16'
		'ns=oc13:1: want KIND|ns=oc13:1'
	)

	for row in "${rows[@]}"; do
		mark_log
		# shellcheck disable=SC2086 # parameters
		refused load ${row#*|}
		in_log "^ocloop: ${row%%|*}" || wrong+=("${row#*|}: $(log_since_mark)")
	done
	((!${#wrong[@]})) || fail "${wrong[*]}"
	mark_log
	load ns=oc12:3
	has 'namespace 1: pblk needs powers of two' "$(log_since_mark)"
}

t attributes 10 attributes
t one-plane 30 whole 1
t two-planes 30 whole 2
t four-planes 30 whole 4
t rewritten 40 rewritten
t beside 30 beside
t bad-blocks 30 bad_blocks
t grown-bad 60 grown_bad
t order 20 order
t loose 25 loose
t hybrid 15 hybrid
t handles 15 handles
t attached 25 attached
t refusals 30 refusals
t octest 20 conformance -- ns=oc12 num_grp=3 num_pu=3 num_chk=60 clba=96
t octest-planes 20 conformance -- ns=oc12 num_pln=4 num_chk=48 secs_per_pg=2 clba=64 \
	timing=mlc,read=10us,prog=20us,erase=50us
t octest-hybrid 20 conformance -l -- ns=oc12h num_pln=2 num_grp=2 strict=0 use_inline=0
