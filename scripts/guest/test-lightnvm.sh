#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lightnvm: what it sees, targets, odd geometries, OOB.

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

attributes()
{
	local said

	load num_grp=3 num_pu=2 num_chk=24 clba=192 ws_min=6 ws_opt=12 mw_cunits=24
	connect
	modprobe pblk
	same version "$(lightnvm version)" 2.0
	same groups "$(lightnvm groups)" 3
	same punits "$(lightnvm punits)" 2
	same chunks "$(lightnvm chunks)" 24
	same clba "$(lightnvm clba)" 192
	same ws_min "$(lightnvm ws_min)" 6
	same ws_opt "$(lightnvm ws_opt)" 12
	same mw_cunits "$(lightnvm mw_cunits)" 24
	same maxoc "$(lightnvm maxoc)" 0
	same read_typ "$(lightnvm read_typ)" 70000
	same write_typ "$(lightnvm write_typ)" 1900000
	same reset_typ "$(lightnvm reset_typ)" 3000000
	has "^${ns}[[:space:]]+gennvm" "$(nvme lnvm list)"
	has '^pblk' "$(nvme lnvm info)"
	said=$(nvme lnvm id-ns "/dev/$ns")
	has 'ver_major +: 0x2' "$said"
	has 'mccap +: 0x5' "$said"
	has 'grp len +: 2' "$said"
	has 'pu len +: 1' "$said"
	has 'chk len +: 5' "$said"
	has 'clba len +: 8' "$said"
	has 'num_grp +: 3' "$said"
	has 'num_pu +: 2' "$said"
	has 'num_chk +: 24' "$said"
	has 'clba +: 192' "$said"
}

# chunk SLBA - its line in the chunk log
chunk()
{
	nvme lnvm chunk-log "/dev/$ns" | grep -i "SLBA: 0x0*$1,"
}

chunk_log()
{
	local log

	start "${small[@]}"
	log=$(nvme lnvm chunk-log "/dev/$ns")
	has '^Total chunks in namespace: 256$' "$log"
	same 'free chunks' "$(grep -c 'State: FREE' <<<"$log")" 256
	# The last chunk: group 1, PU 3, chunk 31
	has ' \[ *255\] .*SLBA: 0x0*ff00, WP: 0x0+, CNLB: 0x0*100, ' "$log"
	dd if=/dev/zero of="/dev/$ns" bs=128k count=1 seek=8 oflag=direct status=none
	dd if=/dev/zero of="/dev/$ns" bs=256k count=4 seek=8 oflag=direct status=none
	has 'WP: 0x0*20, .*State: OPEN' "$(chunk 100)"
	has 'WP: 0x0*100, .*State: CLOSED' "$(chunk 200)"
	nvme io-passthru "/dev/$ctrl" -o 0x90 -n 1 --cdw10=0x200
	has 'WP: 0x0+, .*State: FREE .*WLI: +1 ' "$(chunk 200)"
	same 'free chunks' "$(nvme lnvm chunk-log "/dev/$ns" | grep -c 'State: FREE')" 255
	same 'open chunks' "$(counter open)" 1
}

# Any offset and any length of the log are parts of the same log.
chunk_log_windows()
{
	local off len

	start "${small[@]}"
	dd if=/dev/zero of="/dev/$ns" bs=256k count=5 oflag=direct status=none
	nvme get-log "/dev/$ctrl" -n 1 -i 0xca -l 8192 -b >"$work/tmp.all"
	for off in 0 4 12 32 60 4092 4096 4100 8160 8188; do
		for len in 4 36 512; do
			nvme admin-passthru "/dev/$ctrl" -o 2 -n 1 -l $len -r -b \
				--cdw10=$(((len / 4 - 1) << 16 | 0xca)) --cdw12=$off >"$work/tmp.part"
			((off + len <= 8192)) || truncate -s 8704 "$work/tmp.all"
			cmp -i $off:0 -n $len "$work/tmp.all" "$work/tmp.part"
		done
	done
	refused nvme admin-passthru "/dev/$ctrl" -o 2 -n 1 -l 4 -r --cdw10=0xca --cdw12=8192
	refused nvme admin-passthru "/dev/$ctrl" -o 2 -n 1 -l 4 -r --cdw10=0xca --cdw13=1
}

whole()
{
	start "${small[@]}" "$@"
	modprobe pblk
	pblk tgt
	echo "pblk has $(blockdev --getsize64 /dev/tgt) bytes"
	at_least 'size of the target' "$(blockdev --getsize64 /dev/tgt)" $((128 << 20))
	verify /dev/tgt --size=$((slow > 1 ? 4 : 16))m --rw=randwrite --bs=4k --iodepth=16
	unpblk tgt
	pblk tgt
	unpblk tgt
	has_not 'corrupted read LBA' "$(dmesg)"
}

two_targets()
{
	start "${small[@]}"
	modprobe pblk
	pblk one 0 3
	pblk two 4 7
	refused nvme lnvm create -d "$ns" -n three -t pblk -b 2 -e 5
	noise "$work/tmp.one" 8192
	noise "$work/tmp.two" 8192
	dd if="$work/tmp.one" of=/dev/one bs=64k oflag=direct status=none &
	dd if="$work/tmp.two" of=/dev/two bs=64k oflag=direct status=none
	wait $!
	uncached /dev/one /dev/two
	cmp -n 8388608 "$work/tmp.one" /dev/one
	cmp -n 8388608 "$work/tmp.two" /dev/two
	# Group 0 is the first's, group 1 the second's.
	unpblk one
	at_least 'sectors of channel 1' "$(awk '$1 == "1" { print $3 }' "$debug/memory")" 2048
	cmp -n 8388608 "$work/tmp.two" /dev/two
	pblk one 0 3
	uncached /dev/one /dev/two
	cmp -n 8388608 "$work/tmp.one" /dev/one
	unpblk two
	unpblk one
	# Together again: the flash is one, its contents are of no use to pblk.
	pblk tgt 0 7 -f
	verify /dev/tgt --size=4m --rw=write --bs=64k
	unpblk tgt
}

odd_geometry()
{
	load num_grp=2 num_pu=3 num_chk=30 clba=96 ws_min=4 ws_opt=8 mw_cunits=16
	connect
	modprobe pblk
	same 'address space' "$(blockdev --getsize64 "/dev/$ns")" $((2 * 4 * 32 * 128 * 4096))
	pblk tgt
	verify /dev/tgt --size="$(($(blockdev --getsize64 /dev/tgt) / slow / 65536 * 65536))" \
		--rw=randwrite --bs=64k --iodepth=8
	unpblk tgt
	pblk tgt
	unpblk tgt
	# An address of a hole: PU 3, and chunk 30; the last sector is a hole too.
	refused nvme io-passthru "/dev/$ctrl" -o 0x90 -n 1 --cdw10=$((3 << 12))
	refused nvme io-passthru "/dev/$ctrl" -o 0x90 -n 1 --cdw10=$((30 << 7))
	dd if="/dev/$ns" bs=4k skip=32767 count=1 status=none | cmp - <(head -c 4096 /dev/zero)
}

# The user's data and what was written last survive a target that goes without grace.
dirty_disconnect()
{
	start "${small[@]}"
	modprobe pblk
	pblk tgt
	noise "$work/tmp.a" 6000
	dd if="$work/tmp.a" of=/dev/tgt bs=40k oflag=direct status=none
	mark_log
	disconnect
	[[ ! -e /dev/tgt ]] || fail 'the target is still there'
	same 'bytes stored' "$(($(data_bytes) > 6144000))" 1
	connect
	pblk tgt
	cmp -n 6144000 "$work/tmp.a" /dev/tgt
	# Once more, with the page cache full of it
	noise "$work/tmp.b" 4000
	dd if="$work/tmp.b" of=/dev/tgt bs=40k seek=200 status=none
	disconnect
	connect
	pblk tgt
	cmp -n 6144000 "$work/tmp.a" /dev/tgt
	cmp -i $((200 * 40960)):0 -n 4096000 /dev/tgt "$work/tmp.b"
	unpblk tgt
	stop
}

# Removed by rescan or reset it is not: a target survives both.
target_survives()
{
	start "${small[@]}"
	modprobe pblk
	pblk tgt
	noise "$work/tmp.a" 4096
	dd if="$work/tmp.a" of=/dev/tgt bs=64k oflag=direct status=none
	nvme reset "/dev/$ctrl"
	nvme ns-rescan "/dev/$ctrl"
	uncached /dev/tgt
	cmp -n 4194304 "$work/tmp.a" /dev/tgt
	dd if="$work/tmp.a" of=/dev/tgt bs=64k seek=64 oflag=direct status=none
	unpblk tgt
	pblk tgt
	cmp -i 4194304:0 -n 4194304 /dev/tgt "$work/tmp.a"
	unpblk tgt
}

races=$guest/../../tests/lnvmrace

# race create|remove - the ioctl and the end of the controller, in whatever order.
race()
{
	local i

	load "${small[@]}"
	modprobe pblk
	for ((i = 0; i < ${OC_ROUNDS:-3}; i++)); do
		connect
		if [[ $1 == remove ]]; then
			pblk tgt
			dd if=/dev/zero of=/dev/tgt bs=64k count=2 oflag=direct status=none
			"$races" remove tgt "/sys/class/nvme/$ctrl/delete_controller"
		else
			"$races" create tgt "$ns" 8 "/sys/class/nvme/$ctrl/delete_controller"
		fi
		wait_for 10 "the controller's end" no_controllers
		[[ ! -e /dev/tgt ]] || fail 'the target is still there'
	done
	unload
}

# The same at the end of a module that is lightnvm's own device. What is on the flash goes
# with it.
race_unload()
{
	local i op

	modprobe pblk
	for ((i = 0; i < ${OC_ROUNDS:-3}; i++)); do
		for op in remove create; do
			load attach=lightnvm "${small[@]}"
			ns=ssd0n1
			if [[ $op == remove ]]; then
				pblk tgt 0 7
				"$races" remove tgt ocloop
			else
				"$races" create tgt "$ns" 8 ocloop
			fi
			! loaded || unload
			[[ ! -e /dev/tgt ]] || fail 'the target is still there'
		done
	done
}

t attributes 10 attributes
t chunk-log 10 chunk_log
t chunk-log-windows 15 chunk_log_windows
t whole-device 25 whole
t no-oob 25 whole oob_size=0
t oob-64 25 whole oob_size=64
t oob-8 25 whole oob_size=8
t two-targets 30 two_targets
t odd-geometry 30 odd_geometry
t dirty-disconnect 30 dirty_disconnect
t target-survives 25 target_survives
t race-remove 15 race remove
t race-create 15 race create
t race-unload 15 race_unload
