#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In the VM: load, connect, pblk, ext4, fio, and a look inside; one line per step.

set -euo pipefail
nqn=nqn.2026-11.ocloop:ssd0
debugfs=/sys/kernel/debug/ocloop/ssd0

# step TEXT COMMAND... - say what happens, do it, and stop if it fails.
step()
{
	local text=$1 out

	shift
	printf '\n== %s\n' "$text"
	printf '   $ %s\n' "$*"
	out=$("$@" 2>&1) || { printf '%s\nFAILED\n' "$out"; exit 1; }
	[[ -z $out ]] || printf '%s\n' "$out" | sed 's/^/   /'
}

# wait_for FILE - devices appear a moment after the command that makes them.
wait_for()
{
	local i

	for ((i = 0; i < 100; i++)); do
		[[ ! -e $1 ]] || return 0
		sleep 0.1
	done
	echo "$1 did not appear"
	return 1
}

modprobe -a nvme-fabrics pblk
step "Load: 2 groups x 4 parallel units x 32 chunks x 256 sectors" \
	insmod ./ocloop.ko num_grp=2 num_pu=4 num_chk=32 clba=256
step "What the kernel says" sh -c "dmesg | sed -n 's/.*ocloop: nqn/nqn/p'"
step "Discover" sh -c "nvme discover -t loop | grep -E 'trtype|subnqn'"
step "Connect" nvme connect -t loop -n $nqn
wait_for /dev/nvme0n1
step "The controller and its namespace" nvme list
step "What lightnvm makes of it" nvme lnvm list
step "Its geometry" sh -c "nvme lnvm id-ns /dev/nvme0n1 | grep -E 'num_|clba|ws_|mw_'"
step "A pblk target on all of it" nvme lnvm create -d nvme0n1 -t pblk -n ftl
wait_for /dev/ftl
step "A file system on the target" mkfs.ext4 -q /dev/ftl
step "Mounted" mount /dev/ftl /mnt
step "fio: random writes over twice the file, each block verified" \
	fio --name=demo --directory=/mnt --size=48m --rw=randwrite --bsrange=4k-64k \
	--ioengine=libaio --iodepth=16 --direct=1 --loops=2 --verify=crc32c \
	--aux-path=/tmp --output-format=terse --output=/tmp/fio
printf '   %s bytes read back and verified, error code %s\n' \
	"$(($(cut -d';' -f6 /tmp/fio) * 1024))" "$(cut -d';' -f5 /tmp/fio)"
step "How full it is" df -h /mnt
step "Chunk states, I/O and who ran it, per channel" cat $debugfs/channels
step "Memory in use, per channel" cat $debugfs/memory
step "The first chunks" sh -c "nvme lnvm chunk-log /dev/nvme0n1 | head -n 5"
step "Unmount" umount /mnt
step "Remove the target" nvme lnvm remove -n ftl
step "Disconnect" nvme disconnect -n $nqn
step "Unload" rmmod ocloop
printf '\n== All of it worked\n'
