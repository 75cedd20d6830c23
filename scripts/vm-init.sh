#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The VM's first process, started by /sbin/oc-init in the image: set up the system, run
# /out/command, leave its status, the kernel log and kmemleak's report in /out, power off.

set -uo pipefail
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root LANG=C.UTF-8 TERM=${TERM:-linux}

power_off()
{
	sync
	echo o >/proc/sysrq-trigger
	while :; do sleep 60; done
}

# parameter NAME - the value of oc.NAME= on the kernel's command line.
parameter()
{
	local word

	for word in $(</proc/cmdline); do
		[[ $word != "oc.$1="* ]] || printf '%s' "${word#*=}"
	done
}

share()
{
	mount -t 9p -o "$3,trans=virtio,version=9p2000.L,msize=131072" "$1" "$2"
}

setup()
{
	local cpu

	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mkdir -p /dev/pts /dev/shm
	mount -t devpts devpts /dev/pts
	mount -t tmpfs tmpfs /dev/shm
	mount -t tmpfs tmpfs /tmp
	mount -t tmpfs tmpfs /run
	mount -t debugfs debugfs /sys/kernel/debug
	mount -t tracefs tracefs /sys/kernel/tracing
	mount -t configfs configfs /sys/kernel/config
	ln -sf /proc/self/fd /dev/fd
	ln -sf /proc/self/fd/0 /dev/stdin
	ln -sf /proc/self/fd/1 /dev/stdout
	ln -sf /proc/self/fd/2 /dev/stderr
	ln -sf /proc/mounts /etc/mtab
	share out /out rw
	share mods /lib/modules ro,cache=loose
	if [[ $(parameter shell) == 1 ]]; then
		# What is built meanwhile can be loaded.
		share share /share ro
	else
		share share /share ro,cache=loose
	fi
	[[ $(parameter lab) != 1 ]] || {
		mkdir -p /lab
		share lab /lab rw,cache=mmap
	}
	# Or every connect by the name loop pulls in the kernel's own, which then has the name.
	echo 'install nvme-loop /bin/true' >/etc/modprobe.d/ocloop.conf
	hostname ocloop-vm
	ip link set lo up
	for cpu in /sys/devices/system/cpu/cpu[0-9]*/online; do
		[[ $(<"$cpu") == 1 ]] || echo 1 >"$cpu"
	done
	ulimit -n 65536
	ulimit -l unlimited
	cd /share || cd /
}

# The output goes through a pipe: a virtio port can be opened only once, and a command
# that opens /dev/stdout again, or leaves a daemon behind, must not mind.
run_command()
{
	local status=0 relay i

	mkfifo /run/output
	cat /run/output >"$(echo /dev/vport*p1)" &
	relay=$!
	/bin/bash /out/command </dev/null >/run/output 2>&1 || status=$?
	for ((i = 0; i < 20; i++)); do
		kill -0 "$relay" 2>/dev/null || break
		sleep 0.1
	done
	echo "$status" >/out/command-status
}

run_shell()
{
	[[ -c /dev/hvc0 ]] || return
	echo "ocloop VM, kernel $(uname -r). Leave with exit (or Ctrl-A X)." >/dev/hvc0
	setsid --ctty --wait /bin/bash /out/command <>/dev/hvc0 >&0 2>&1
	echo $? >/out/command-status
}

# An object is reported when two scans find no pointer to it.
scan_for_leaks()
{
	local file=/sys/kernel/debug/kmemleak

	[[ -w $file ]] || return
	echo scan >"$file"
	sleep 5
	echo scan >"$file"
	cat "$file" >/out/kmemleak.log
}

setup
# Leaks of the boot itself are nobody's business here.
[[ ! -w /sys/kernel/debug/kmemleak ]] || echo clear >/sys/kernel/debug/kmemleak
if [[ $(parameter shell) == 1 ]]; then
	run_shell
else
	run_command
	[[ $(parameter leaks) != 1 ]] || scan_for_leaks
fi
dmesg >/out/dmesg.log
mv /out/command-status /out/status
power_off
