#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The way through everything, in seconds: for the edit loop.

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

smoke()
{
	start "${small[@]}"
	modprobe pblk
	pblk tgt
	mkfs.ext4 -q -E nodiscard /dev/tgt
	mount /dev/tgt /mnt/a
	files /mnt/a 2
	verify /mnt/a/fio --size=4m --rw=randwrite --bs=4k --iodepth=8
	umount /mnt/a
	unpblk tgt
	pblk tgt
	mount /dev/tgt /mnt/a
	check_files /mnt/a
	umount /mnt/a
	unpblk tgt
	stop
	no_traces || fail "left behind: $(left_over)"
}

refuses()
{
	mark_log
	refused load num_grp=0
	has 'Invalid parameters' "$said"
	has '^ocloop: num_grp=0: want ' "$(log_since_mark)"
}

t session 40 smoke
t refuses 5 refuses
