#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In the VM: load the module with the parameters given, connect, and start a shell.
# Environment: OC_LAB, what the user calls the directory that is /lab here.

nqn=nqn.2026-11.ocloop:ssd0

modprobe -a nvme-fabrics pblk
if insmod ./ocloop.ko "$@"; then
	nqn=$(</sys/module/ocloop/parameters/subsysnqn)
	nvme connect -t loop -n "$nqn"
else
	dmesg | grep ocloop: | tail -n 1
fi
cat <<TEXT

  /lab    ${OC_LAB:-nothing} on your machine, for files in and out
  /share  here: ocloop.ko and tests/octest, as they are built on your machine (read-only)

gcc, make, python3, nano, vi, less, tmux, strace, fio; nvme is nvme-cli 1.12, nvme2 a 2.x.
Look around: nvme list; nvme lnvm list; dmesg | tail; ls /sys/kernel/debug/ocloop/ssd0
Load anew:   nvme disconnect -n $nqn; rmmod ocloop
             insmod ocloop.ko num_grp=2; nvme connect -t loop -n $nqn

TEXT
exec bash -l
