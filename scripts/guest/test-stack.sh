#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Block namespaces below what disks usually have above them: LVM, md RAID, and the tools
# that deallocate.

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

# Two disks of 50 MiB: 64 MiB of flash each, on two channels
two=(num_grp=4 num_pu=4 num_chk=32 clba=64 "ns=block:2:28,block:2:28")
disks=()

# disks - wait for both, and set $disks.
disks()
{
	wait_for 10 'two namespaces' has_node "$ctrl" 2
	mapfile -t disks < <(namespaces "$ctrl")
	disks=("${disks[@]/#//dev/}")
}

two_disks()
{
	start "${two[@]}"
	disks
}

# nuse NSID - blocks that are mapped.
nuse()
{
	echo $(($(ns_field nuse "$1")))
}

# both_hold AT-LEAST AT-MOST - blocks that each of the disks has mapped.
both_hold()
{
	local nsid held

	for nsid in 1 2; do
		held=$(nuse $nsid)
		at_least "blocks of disk $nsid" "$held" "$1"
		at_most "blocks of disk $nsid" "$held" "$2"
	done
}

ftl_is_true()
{
	has_not ': [^o]' "$(<"$debug/ftl_check")"
	has ': ok$' "$(<"$debug/ftl_check")"
}

# There is no udev here: LVM makes its nodes itself, and looks at nothing but these disks.
lvm_begin()
{
	export LVM_SYSTEM_DIR=$work/lvm LVM_SUPPRESS_FD_WARNINGS=1 DM_DISABLE_UDEV=1

	modprobe dm-mod
	mkdir -p "$LVM_SYSTEM_DIR"
	cat >"$LVM_SYSTEM_DIR/lvm.conf" <<-CONF
		activation { udev_sync = 0 udev_rules = 0 monitoring = 0 }
		backup { backup = 0 archive = 0 }
		devices {
			filter = [ "a|^/dev/nvme|", "r|.*|" ]
			obtain_device_list_from_udev = 0
			issue_discards = 1
			scan_lvs = 0
		}
		global { event_activation = 0 use_lvmpolld = 0 }
	CONF
	two_disks
	pvcreate -q "${disks[@]}"
	vgcreate -q -s 1m vg "${disks[@]}"
}

lvm_end()
{
	vgremove -q -f vg
	pvremove -q "${disks[@]}"
}

md_begin()
{
	modprobe raid0
	two_disks
	mdadm --create /dev/md0 --run --level=0 --chunk=64 --raid-devices=2 "${disks[@]}"
	wait_for 10 '/dev/md0' test -b /dev/md0
}

md_end()
{
	mdadm --stop /dev/md0
	mdadm --zero-superblock "${disks[@]}"
}

# A striped volume with ext4, which grows while it is mounted; what is deleted comes back.
lvm()
{
	local i

	lvm_begin
	lvcreate -q -y -W n -i 2 -I 64k -L 48m -n lv vg
	verify /dev/vg/lv --rw=randwrite --bsrange=4k-64k --iodepth=16 --size=16m
	both_hold 1800 2400
	mkfs.ext4 -q /dev/vg/lv
	both_hold 0 1024
	mount -o discard /dev/vg/lv /mnt/a
	files /mnt/a 4
	verify /mnt/a/fio --rw=randwrite --bsrange=4k-64k --iodepth=8 --size=8m
	lvextend -q -L 88m vg/lv
	resize2fs /dev/vg/lv
	at_least 'KiB of the file system' "$(df --output=size -k /mnt/a | tail -n 1)" $((72 << 10))
	check_files /mnt/a
	for ((i = 0; i < (slow > 1 ? 1 : 2); i++)); do
		noise "$work/tmp.noise" 8192
		cat "$work"/tmp.noise{,,,,} >/mnt/a/filler
		sync
		both_hold 6000 12000
		rm /mnt/a/filler
		# The journal's commit deallocates
		sync
		both_hold 1000 4600
	done
	rm /mnt/a/fio
	fstrim -v /mnt/a
	both_hold 500 2600
	at_most 'bytes held' "$(data_bytes)" $((24 << 20))
	check_files /mnt/a
	umount /mnt/a
	fsck.ext4 -f -n /dev/vg/lv
	# Deactivated, disconnected, and found again
	vgchange -q -an vg
	disconnect
	connect
	disks
	vgchange -q -ay vg
	mount -o discard /dev/vg/lv /mnt/a
	check_files /mnt/a
	umount /mnt/a
	lvremove -q -f vg/lv
	both_hold 0 300
	lvm_end
	ftl_is_true
	stop
}

# A RAID with xfs, or with what the debug kernel has, taken apart and put together again.
md()
{
	local type=xfs check=(xfs_repair -n)

	((slow == 1)) || {
		type=ext4
		check=(fsck.ext4 -f -n)
	}
	md_begin
	verify /dev/md0 --rw=randwrite --bsrange=4k-256k --iodepth=16 --size=$((slow > 1 ? 32 : 96))m
	blkdiscard /dev/md0
	both_hold 0 300
	modprobe "$type" 2>/dev/null || true
	"mkfs.$type" -q /dev/md0
	mount -t "$type" -o discard /dev/md0 /mnt/a
	files /mnt/a 8
	verify /mnt/a/fio --rw=randwrite --bsrange=4k-64k --iodepth=8 --size=16m
	umount /mnt/a
	mdadm --stop /dev/md0
	disconnect
	connect
	disks
	mdadm --assemble --run /dev/md0 "${disks[@]}"
	wait_for 10 '/dev/md0' test -b /dev/md0
	"${check[@]}" /dev/md0
	mount -t "$type" -o discard /dev/md0 /mnt/a
	check_files /mnt/a
	both_hold 3000 6000
	rm /mnt/a/fio
	sync
	fstrim -v /mnt/a
	both_hold 1000 3900
	umount /mnt/a
	"${check[@]}" /dev/md0
	md_end
	ftl_is_true
	stop
}

# busy FILE - fio that never ends by itself, in the background; sets $fio.
busy()
{
	(cd "$work" && exec fio --name=busy --filename="$1" --ioengine=libaio --direct=1 --rw=randrw \
		--bsrange=4k-64k --iodepth=16 --size=16m --time_based --runtime=600 --minimal \
		--output="$work/fio.busy") &
	fio=$!
	sleep $((slow > 1 ? 3 : 1))
	kill -0 $fio || fail 'fio ended at once'
}

# The disks go while they are busy: whoever uses them gets errors and ends.
pulled()
{
	local status=0

	disconnect
	wait "$fio" || status=$?
	((status)) || fail "fio has noticed nothing"
}

# A file system on one volume, fio on the other; then all can be taken down, and what comes
# back has what was synced.
unplug_lvm()
{
	lvm_begin
	lvcreate -q -y -W n -i 2 -I 64k -L 32m -n raw vg
	lvcreate -q -y -W n -i 2 -I 64k -L 48m -n fs vg
	mkfs.ext4 -q /dev/vg/fs
	mount -o discard /dev/vg/fs /mnt/a
	files /mnt/a 4
	sync
	busy /dev/vg/raw
	noise /mnt/a/late 2048
	pulled
	umount /mnt/a
	dmsetup remove vg-raw vg-fs
	# Nothing holds what has gone
	connect
	disks
	vgchange -q -ay vg
	fsck.ext4 -f -p /dev/vg/fs || (($? == 1))
	mount /dev/vg/fs /mnt/a
	check_files /mnt/a
	umount /mnt/a
	lvm_end
	ftl_is_true
	stop
}

unplug_md()
{
	md_begin
	busy /dev/md0
	pulled
	mdadm --stop /dev/md0
	connect
	disks
	mdadm --assemble --run /dev/md0 "${disks[@]}"
	wait_for 10 '/dev/md0' test -b /dev/md0
	verify /dev/md0 --rw=write --bs=64k --iodepth=4 --size=8m
	md_end
	ftl_is_true
	stop
}

# commas WORD... - one word of all.
commas()
{
	local IFS=,

	echo "$*"
}

# Ranges by nvme-cli of both versions, 256 at a time, and by blkdiscard; what is between
# them stays, and so does the other disk.
deallocate()
{
	local i tool starts=() units=() wants=()

	two_disks
	# 256 times 16 blocks, of which the fourth to the tenth go: from one stripe to the next
	noise "$work/tmp.unit" 64
	{
		head -c $((3 * 4096)) "$work/tmp.unit"
		head -c $((7 * 4096)) /dev/zero
		tail -c $((6 * 4096)) "$work/tmp.unit"
	} >"$work/tmp.holes"
	set +x
	for ((i = 0; i < 256; i++)); do
		starts+=($((i * 16 + 3)))
		units+=("$work/tmp.unit")
		wants+=("$work/tmp.holes")
	done
	set -x
	cat "${units[@]}" >"$work/tmp.a"
	cat "${wants[@]}" >"$work/tmp.want"
	dd if="$work/tmp.a" of="${disks[0]}" bs=256k oflag=direct status=none
	for tool in nvme nvme2; do
		dd if="$work/tmp.a" of="${disks[1]}" bs=256k oflag=direct status=none
		both_hold 4096 4096
		"$tool" dsm "${disks[1]}" -n 2 -d -s "$(commas "${starts[@]}")" \
			-b "$(commas "${starts[@]/*/7}")"
		same "blocks left by $tool" "$(nuse 2)" $((256 * 9))
		same 'blocks of the other disk' "$(nuse 1)" 4096
		uncached "${disks[@]}"
		cmp -n $((16 << 20)) "$work/tmp.want" "${disks[1]}"
		cmp -n $((16 << 20)) "$work/tmp.a" "${disks[0]}"
	done
	# Ranges that end where no stripe does, a single block, zeroes, and all
	blkdiscard -o $((4096 * 100)) -l $((4096 * 1001)) "${disks[0]}"
	same blocks "$(nuse 1)" 3095
	blkdiscard -o 4096 -l 4096 "${disks[0]}"
	blkdiscard -z -o 8192 -l 8192 "${disks[0]}"
	same blocks "$(nuse 1)" 3094
	refused blkdiscard -s "${disks[0]}"
	blkdiscard "${disks[0]}"
	blkdiscard "${disks[1]}"
	both_hold 0 0
	cmp -n $((16 << 20)) /dev/zero "${disks[0]}"
	at_most 'bytes held' "$(data_bytes)" $((4 * 65 * 4096 + (2 << 20)))
	ftl_is_true
	stop
}

# A file system that never deallocates by itself, until fstrim.
trim()
{
	two_disks
	mkfs.ext4 -q "${disks[1]}"
	mount -o nodiscard "${disks[1]}" /mnt/a
	files /mnt/a 4
	noise /mnt/a/filler 16384
	sync
	rm /mnt/a/filler
	sync
	at_least 'blocks of what is deleted' "$(nuse 2)" 4096
	fstrim -v /mnt/a
	at_most 'blocks after fstrim' "$(nuse 2)" 3200
	check_files /mnt/a
	umount /mnt/a
	fsck.ext4 -f -n "${disks[1]}"
	ftl_is_true
	stop
}

t deallocate 20 deallocate
t trim 15 trim
t lvm 30 lvm
t md 30 md
t unplug-lvm 25 unplug_lvm
t unplug-md 20 unplug_md
