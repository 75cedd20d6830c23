#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Connecting and parting, with nvme-cli 1.12 (nvme) and 2.x (nvme2).

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

sysfs()
{
	echo "$(<"/sys/class/nvme/$ctrl/$1")"
}

live()
{
	[[ $(sysfs state) == live ]]
}

# use CLI FUNCTION - run a case with one of the two tools.
use()
{
	nvme=$1
	"${@:2}"
}

discover()
{
	local said

	load
	said=$("$nvme" discover -t loop)
	has 'Number of Records 1,' "$said"
	has '^trtype: +loop$' "$said"
	has '^subtype: +nvme subsystem' "$said"
	has "^subnqn: +$nqn\$" "$said"
	wait_for 5 'the end of the discovery controller' no_controllers
}

# A discovery controller may stay, and does not stand in the way.
discovery_stays()
{
	load
	nvme connect -t loop -n nqn.2014-08.org.nvmexpress.discovery
	same 'controllers' "$(controllers | wc -l)" 1
	connect
	same 'controllers' "$(controllers | wc -l)" 2
	nvme disconnect-all
	wait_for 10 'the end of all controllers' no_controllers
	unload
}

plain_connect()
{
	start "${small[@]}"
	same state "$(sysfs state)" live
	same subsysnqn "$(sysfs subsysnqn)" "$nqn"
	same 'host NQN' "$(sysfs hostnqn)" "$(cat /etc/nvme/hostnqn)"
	same 'host ID' "$(sysfs hostid)" "$(cat /etc/nvme/hostid)"
	same 'queue size' "$(sysfs sqsize)" 127
	same queues "$(sysfs queue_count)" $(($(nproc) + 1))
	# The transport by the name the user gave: nvme-cli 2.x knows fabrics by it.
	same transport "$(sysfs transport)" loop
}

# with OPTION ATTRIBUTE VALUE - what a connect option does, as sysfs shows it.
with()
{
	connect "$1"
	same "$2 with $1" "$(sysfs "$2")" "$3"
	nvme disconnect -d "$ctrl"
	wait_for 10 'the end of the controller' no_controllers
}

options()
{
	load "${small[@]}"
	with -i1 queue_count 2
	with --nr-io-queues=2 queue_count 3
	with -Q32 sqsize 31
	with --queue-size=1024 sqsize 1023
	with --hostnqn=nqn.2026-11.test:host hostnqn nqn.2026-11.test:host
	with --hostid=11111111-2222-3333-4444-555555555555 hostid \
		11111111-2222-3333-4444-555555555555
	# More queues than processors: as many as there are processors.
	with -i100 queue_count $(($(nproc) + 1))
	refused "$nvme" connect -t loop -n "$nqn" -Q 5000
	refused "$nvme" connect -t loop -n "$nqn" -Q 1
	no_controllers || fail 'a refused connect left a controller'
}

# The host adds ten seconds to what -k says.
keep_alive_option()
{
	load "${small[@]}"
	connect -k 1
	has 'value:0x0*2af8$' "$(nvme get-feature "/dev/$ctrl" -f 0x0f)"
	disconnect
	mark_log
	connect --keep-alive-tmo=2
	has 'value:0x0*2ee0$' "$(nvme get-feature "/dev/$ctrl" -f 0x0f)"
	sleep 3
	same state "$(sysfs state)" live
	has_not 'no keep-alive' "$(log_since_mark)"
}

connect_all()
{
	load "${small[@]}"
	mark_log
	"$nvme" connect-all -t loop
	wait_for 10 'the controller alone' controllers_are 1
	ctrl=$(controllers)
	same subsysnqn "$(sysfs subsysnqn)" "$nqn"
	wait_for 10 'a namespace' has_node "$ctrl" 1
}

disconnects()
{
	local said

	start "${small[@]}"
	said=$("$nvme" disconnect -n "$nqn")
	has 'disconnected 1 controller' "$said"
	wait_for 10 'the end of the controller' no_controllers
	[[ ! -e /dev/$ns ]] || fail "/dev/$ns is still there"
	connect
	"$nvme" disconnect -d "$ctrl"
	wait_for 10 'the end of the controller' no_controllers
	connect
	"$nvme" disconnect-all
	wait_for 10 'the end of all controllers' no_controllers
	unload
}

list()
{
	local said

	start "${small[@]}" serial=LIST-SN 'model="list model"'
	said=$("$nvme" list)
	has "^/dev/$ns .*LIST-SN +list model +1 .* 4 KiB \+ 16 B +1\.0" "$said"
	said=$("$nvme" list -o json)
	has '"SerialNumber" *: *"LIST-SN' "$said"
}

list_subsys()
{
	local said

	start "${small[@]}"
	said=$("$nvme" list-subsys)
	has "NQN=$nqn\$" "$said"
	has "\+- $ctrl loop +live" "$said"
}

# A second controller is refused, and the first does not notice.
second_refused()
{
	start "${small[@]}"
	noise "$work/tmp.a" 256
	dd if="$work/tmp.a" of="/dev/$ns" bs=256k oflag=direct status=none
	mark_log
	refused "$nvme" connect -t loop -n "$nqn"
	# nvme-cli 2.x may know by itself, and not ask.
	[[ $said == *'already connected'* ]] ||
		has 'connect refused: a controller is connected already \(shared=1' "$(log_since_mark)"
	mark_log
	refused dd of=/dev/nvme-fabrics <<<"transport=loop,nqn=$nqn,hostnqn=$(</etc/nvme/hostnqn),hostid=$(</etc/nvme/hostid)"
	has 'Operation already in progress' "$said"
	has 'connect refused: a controller is connected already \(shared=1' "$(log_since_mark)"
	# By whatever name
	refused dd of=/dev/nvme-fabrics <<<"transport=ocloop,nqn=$nqn,hostnqn=$(</etc/nvme/hostnqn),hostid=$(</etc/nvme/hostid)"
	has 'Operation already in progress' "$said"
	# Another host, and one that insists, have the device's answer
	refused dd of=/dev/nvme-fabrics <<<"transport=loop,nqn=$nqn,hostnqn=nqn.2026-11.test:other"
	has 'Input/output error' "$said"
	refused dd of=/dev/nvme-fabrics \
		<<<"transport=loop,nqn=$nqn,hostnqn=$(</etc/nvme/hostnqn),hostid=$(</etc/nvme/hostid),duplicate_connect"
	has 'Input/output error' "$said"
	# What is there already is none of connect-all's troubles
	"$nvme" connect-all -t loop
	same controllers "$(controllers)" "$ctrl"
	same state "$(sysfs state)" live
	# Of an open chunk, the last mw_cunits are not to be read.
	cmp -n $((128 << 10)) "$work/tmp.a" "/dev/$ns"
	nvme id-ctrl "/dev/$ctrl" >/dev/null
}

wrong_nqn()
{
	load "${small[@]}"
	mark_log
	refused "$nvme" connect -t loop -n nqn.2026-11.test:nobody
	has '^ocloop: connect refused: no subsystem nqn.2026-11.test:nobody here' \
		"$(log_since_mark)"
	has 'Connect Invalid Data Parameter, subsysnqn' "$(log_since_mark)"
	refused "$nvme" connect -t loop -n "${nqn}x"
	refused "$nvme" connect -t loop -n "${nqn%?}"
	no_controllers || fail 'a refused connect left a controller'
	connect
}

wrong_host()
{
	load "${small[@]}" host=nqn.2026-11.test:friend
	mark_log
	refused "$nvme" connect -t loop -n "$nqn"
	has 'connect refused: host .* is not the one allowed' "$(log_since_mark)"
	refused "$nvme" connect -t loop -n "$nqn" --hostnqn=nqn.2026-11.test:foe
	no_controllers || fail 'a refused connect left a controller'
	connect --hostnqn=nqn.2026-11.test:friend
	same 'host NQN' "$(sysfs hostnqn)" nqn.2026-11.test:friend
}

# Connect and other Fabrics commands on a queue that is connected: a passthrough command
# with opcode 7Fh carries the type where the namespace id stands.
fabrics_again()
{
	start "${small[@]}"
	head -c 1024 /dev/zero >"$work/tmp.connect"
	refused nvme admin-passthru "/dev/$ctrl" -o 0x7f -n 1 --cdw11=31 -l 1024 -w \
		-i "$work/tmp.connect"
	has '400c|SEQ' "$said"
	# Property Get of VS, and of what is no property
	has '00010400' "$(nvme admin-passthru "/dev/$ctrl" -o 0x7f -n 4 --cdw11=8 2>&1)"
	refused nvme admin-passthru "/dev/$ctrl" -o 0x7f -n 4 --cdw11=0x40
	has '4002|INVALID_FIELD' "$said"
	# No such type
	refused nvme admin-passthru "/dev/$ctrl" -o 0x7f -n 9
	same state "$(sysfs state)" live
	nvme id-ctrl "/dev/$ctrl" >/dev/null
}

# On the controller CTRL, read the sector at LBA $2 into a file.
read_through()
{
	nvme io-passthru "/dev/$1" -o 2 -n 1 -l 4096 -r --cdw10="$2" -b >"$3"
}

shared()
{
	local one two i

	load "${small[@]}" shared=1
	connect
	one=$ctrl
	nvme connect -t loop -n "$nqn"
	same controllers "$(controllers | wc -l)" 2
	two=$(controllers | grep -vx "$one")
	wait_for 10 'the second path' has_node "$two" 1
	has 'cmic *: 0x[2-9a-f]|cmic *: [2-9]' "$(nvme id-ctrl "/dev/$two")"
	# Written through one, read through the other, and through the block device
	for ((i = 0; i < 8; i++)); do
		noise "$work/tmp.w" 16
		if ((i % 2)); then ctrl=$one; else ctrl=$two; fi
		nvme io-passthru "/dev/$ctrl" -o 1 -n 1 -l 16384 -w --cdw10=$((i * 4)) \
			--cdw12=3 -i "$work/tmp.w"
		cat "$work/tmp.w" >>"$work/tmp.all"
	done
	noise "$work/tmp.rest" $((1024 - 128))
	dd if="$work/tmp.rest" of="/dev/$ns" bs=128k seek=1 oflag=direct status=none
	cat "$work/tmp.rest" >>"$work/tmp.all"
	for ctrl in "$one" "$two"; do
		for i in 0 5 31 32 200 255; do
			read_through "$ctrl" $i "$work/tmp.r"
			cmp -i "0:$((i * 4096))" -n 4096 "$work/tmp.r" "$work/tmp.all"
		done
	done
	cmp -n $((1 << 20)) "$work/tmp.all" "/dev/$ns"
	# One of them goes, the other stays and has all the data.
	nvme disconnect -d "$one"
	wait_for 10 'one controller' controllers_are 1
	uncached "/dev/$ns"
	cmp -n $((1 << 20)) "$work/tmp.all" "/dev/$ns"
	nvme disconnect -d "$two"
	wait_for 10 'no controller' no_controllers
	unload
}

# Several controllers on one flash cannot each have a lightnvm device.
shared_no_lightnvm()
{
	load "${small[@]}" shared=1
	connect
	# Not by /sys/block/*/lightnvm: the kernel takes the node of several paths for a namespace,
	# and finds something there on some configurations.
	modprobe pblk
	has_not "^${ns}[[:space:]]" "$(nvme lnvm list)"
	refused nvme lnvm create -d "$ns" -n tgt -t pblk -b 0 -e 7
}

# nvme-cli 1.12 knows no such transport, and demands some address.
other_transport()
{
	mark_log
	load "${small[@]}" transport=ocl
	has 'ready on transport ocl:' "$(log_since_mark)"
	refused "$nvme" connect -t loop -n "$nqn"
	for transport in ocl ocloop; do
		connect -a here
		same state "$(sysfs state)" live
		same transport "$(sysfs transport)" $transport
		disconnect
	done
	unload
}

# The name that nobody else has is always there.
own_name()
{
	local said name

	for name in loop ocloop; do
		load "${small[@]}" transport=$name
		said=$("$nvme" discover -t ocloop -a any)
		has "^subnqn: +$nqn\$" "$said"
		transport=ocloop
		connect -a any
		same transport "$(sysfs transport)" ocloop
		has "\+- $ctrl ocloop .*live" "$("$nvme" list-subsys)"
		stop
	done
	has '^nvme-ocloop$' "$(modinfo -F alias "$OC_KO")"
}

# The kernel's own nvme_loop has the name: said clearly, and another name works.
loop_is_taken()
{
	modprobe -i nvme-loop
	mark_log
	load "${small[@]}"
	has 'ready on transport ocloop:' "$(log_since_mark)"
	has "^ocloop: transport=loop: the kernel's own nvme_loop has this name, so: nvme connect -t ocloop -a any -n $nqn\$" \
		"$(log_since_mark)"
	refused nvme connect -t loop -n "$nqn"
	no_controllers || fail 'a refused connect left a controller'
	transport=ocloop
	connect -a any
	disconnect
	# The name is ours as soon as nobody else has it
	rmmod nvme_loop
	transport=loop
	connect
	same transport "$(sysfs transport)" loop
	stop
	start "${small[@]}"
}

# Without the line in modprobe.d a connect loads nvme_loop as well: ours came first, until it is
# loaded anew.
loop_pulled_in()
{
	mv /etc/modprobe.d/ocloop.conf "$work/tmp.conf"
	mark_log
	start "${small[@]}"
	has 'ready on transport loop:' "$(log_since_mark)"
	[[ -d /sys/module/nvme_loop ]] || fail 'nvme_loop was not loaded: what is tested here?'
	disconnect
	connect
	stop
	mark_log
	load "${small[@]}"
	has 'ready on transport ocloop:' "$(log_since_mark)"
	transport=ocloop
	connect -a any
	stop
	rmmod nvme_loop
	transport=loop
	start "${small[@]}"
	cp "$work/tmp.conf" /etc/modprobe.d/ocloop.conf
}

# A timer the host does not know of runs out: the device gives up, the host resets it.
keep_alive_expires()
{
	local i

	start "${small[@]}"
	noise "$work/tmp.a" 1024
	dd if="$work/tmp.a" of="/dev/$ns" bs=256k oflag=direct status=none
	for ((i = 0; i < 3; i++)); do
		mark_log
		nvme set-feature "/dev/$ctrl" -f 0x0f -v 300
		wait_log 5 'no keep-alive for 300 ms, giving it up'
		wait_for 10 'a live controller' live
		wait_for 10 'a controller that answers' nvme id-ctrl "/dev/$ctrl"
	done
	uncached "/dev/$ns"
	cmp -n $((1 << 20)) "$work/tmp.a" "/dev/$ns"
	dd if="$work/tmp.a" of="/dev/$ns" bs=256k seek=4 oflag=direct status=none
	# The timer is as long as at connect again.
	has 'value:0x0*3a98$' "$(nvme get-feature "/dev/$ctrl" -f 0x0f)"
	mark_log
	sleep 1
	has_not 'no keep-alive' "$(log_since_mark)"
}

async_event()
{
	local i

	start "${small[@]}"
	for ((i = 0; i < 3; i++)); do
		mark_log
		echo 1 >"$debug/notify_ns"
		wait_log 5 'rescanning namespaces'
		sleep 0.2
	done
	# The host has read the log, which cleared it.
	has_not '0x1' "$(nvme changed-ns-list-log "/dev/$ctrl")"
}

# Switched off, the event does not come, and the log waits. What was never told does not
# stand in the way of the next event.
async_event_off()
{
	start "${small[@]}"
	nvme set-feature "/dev/$ctrl" -f 0x0b -v 0
	mark_log
	echo 1 >"$debug/notify_ns"
	sleep 0.5
	has_not 'rescanning' "$(log_since_mark)"
	# The tools leave the log as it was.
	has '0x1' "$(nvme changed-ns-list-log "/dev/$ctrl")"
	has '0x1' "$(nvme2 changed-ns-list-log "/dev/$ctrl")"
	nvme set-feature "/dev/$ctrl" -f 0x0b -v 0x100
	mark_log
	echo 1 >"$debug/notify_ns"
	wait_log 3 'rescanning namespaces'
	has_not '0x1' "$(nvme changed-ns-list-log "/dev/$ctrl")"
}

for cli in "${clis[@]}"; do
	t "discover-$cli" 10 use "$cli" discover
	t "connect-$cli" 10 use "$cli" plain_connect
	t "options-$cli" 25 use "$cli" options
	t "keep-alive-$cli" 15 use "$cli" keep_alive_option
	t "connect-all-$cli" 10 use "$cli" connect_all
	t "disconnect-$cli" 15 use "$cli" disconnects
	t "list-$cli" 10 use "$cli" list
	t "list-subsys-$cli" 10 use "$cli" list_subsys
	t "second-refused-$cli" 10 use "$cli" second_refused
	t "wrong-nqn-$cli" 10 use "$cli" wrong_nqn
	t "wrong-host-$cli" 10 use "$cli" wrong_host
	t "other-transport-$cli" 10 use "$cli" other_transport
	t "own-name-$cli" 10 use "$cli" own_name
done
t async-event 15 async_event
t async-event-off 15 async_event_off
t discovery-stays 10 discovery_stays
t fabrics-again 10 fabrics_again
t shared 20 shared
t shared-no-lightnvm 10 shared_no_lightnvm
t loop-is-taken 15 loop_is_taken
t loop-pulled-in 15 loop_pulled_in
t keep-alive-expires 25 keep_alive_expires
