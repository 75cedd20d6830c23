#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In the VM: load the module with the parameters given, connect, and start a shell.

modprobe -a nvme-fabrics pblk
insmod ./ocloop.ko "$@" || dmesg | grep ocloop | tail -n 1
nvme connect -t loop -n "$(cat /sys/module/ocloop/parameters/subsysnqn)"
exec bash -l
