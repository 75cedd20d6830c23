#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In the VM: everything at once, for a kernel that looks for data races. Two kinds of namespace
# are read and written with times and faults while others look into everything there is to look
# into, change features and rules, format, sanitize and reset.

set -uo pipefail
# shellcheck source-path=SCRIPTDIR
. "${0%/*}/lib.sh"

seconds=${1:-300}
mkdir -p "$work"
clean_up || exit 1
modprobe nvme-fabrics
load num_grp=4 num_pu=2 num_chk=32 clba=64 ns=oc20:2,block:2:40 shared=1 \
	'timing="read=100us,prog=200us,erase=1ms,bus=1us"' || exit 1
nvme=nvme
connect || exit 1
wait_for 10 'the second namespace' has_node "$ctrl" 2
first=$(node 1) second=$(node 2)
end=$((SECONDS + seconds))

# over_and_over COMMAND... - until the time is over; what it prints and whether it fails does not
# matter here.
over_and_over()
{
	while ((SECONDS < end)); do
		"$@"
	done >/dev/null 2>&1 &
}

disks()
{
	fio --name=block --filename="$second" --ioengine=libaio --direct=1 --rw=randrw \
		--bs=4k --iodepth=16 --numjobs=2 --size=4m --runtime=20 --time_based
}

chunks()
{
	dd if=/dev/zero of="$first" bs=64k count=16 oflag=direct
	fio --name=chunks --filename="$first" --ioengine=libaio --direct=1 \
		--rw=randread --bs=4k --iodepth=8 --runtime=10 --time_based
	nvme io-passthru "$first" -o 0x90 -n 1 --cdw10=0
}

ask()
{
	local id

	nvme smart-log "/dev/$ctrl"
	nvme error-log "/dev/$ctrl"
	nvme id-ctrl "/dev/$ctrl"
	nvme id-ns "/dev/$ctrl" -n 2
	for id in 0x09 0x81 0xca 0xd0; do
		nvme get-log "/dev/$ctrl" -i $id -n 1 -l 512
	done
	nvme set-feature "/dev/$ctrl" -f 4 -v $((300 + RANDOM % 100))
	nvme set-feature "/dev/$ctrl" -f 0xb -v 0x1ff
	nvme set-feature "/dev/$ctrl" -n 2 -f 5 -v 0x10000
}

look()
{
	local file

	for file in channels units wear controllers memory ftl chunks l2p state; do
		cat "$debug/$file"
	done
	echo 1 >"$debug/notify_ns"
	echo $((RANDOM % 2)) >"$debug/use_inline"
	printf '%s\n' 'read-ecc probability=2' 'write-fail grp=2-3 probability=0.1' \
		'delay op=read time=1ms probability=5' >"$debug/faults"
	cat "$debug/faults"
	echo "read=$((RANDOM % 200))us" >/sys/module/ocloop/parameters/timing
}

change()
{
	nap 5
	nvme format "/dev/$ctrl" -n 2 -l $((RANDOM % 2 * 4)) -f
	nap 5
	nvme reset "/dev/$ctrl"
	nap 5
	nvme admin-passthru "/dev/$ctrl" -o 0x84 --cdw10=2
}

for job in disks chunks ask look change; do
	over_and_over "$job"
done
wait
clean_up
