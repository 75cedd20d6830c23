#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Life and death: loops, resets and disconnects under load, unloading what is in use.

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

live()
{
	[[ $(<"/sys/class/nvme/$ctrl/state") == live ]]
}

# background FILE [OPTION...] - fio in the background, verifying, for as long as it takes.
background()
{
	(cd "$work" && exec fio --name=background --filename="$1" --ioengine=libaio --direct=1 \
		--randrepeat=0 --verify_state_save=0 --minimal --output="$work/fio.background" \
		"${@:2}") &
	fio=$!
	sleep $((slow > 1 ? 2 : 1))
	kill -0 $fio || fail 'fio ended at once'
}

# Everything, over and over.
loop()
{
	local i

	modprobe pblk
	for ((i = 0; i < (slow > 1 ? 2 : 3); i++)); do
		start "${small[@]}" use_inline=$((i % 2))
		pblk tgt
		mkfs.ext4 -q -E nodiscard /dev/tgt
		mount /dev/tgt /mnt/a
		verify /mnt/a/fio --size=2m --rw=randwrite --bs=4k --iodepth=8
		umount /mnt/a
		unpblk tgt
		stop
	done
	no_traces || fail "left behind: $(left_over)"
}

# Resets while fio writes to pblk and verifies what it reads.
reset_under_pblk()
{
	local i status=0

	start "${small[@]}" "$@"
	modprobe pblk
	pblk tgt
	background /dev/tgt --rw=randwrite --bsrange=4k-64k --iodepth=16 --size=24m --loops=50 \
		--time_based --runtime=$((slow > 1 ? 15 : 6)) --verify=crc32c --verify_fatal=1 \
		--verify_backlog=64
	for ((i = 0; i < 12; i++)); do
		nvme reset "/dev/$ctrl"
		wait_for 20 'a live controller' live
		sleep 0.1
	done
	wait $fio || status=$?
	same "fio's status" $status 0
	# All errors, then reads and writes, in fio's one line
	same "fio's errors" "$(cut -d ';' -f 5 "$work/fio.background")" 0
	verify /dev/tgt --size=4m --rw=write --bs=64k
	unpblk tgt
	stop
}

# The same for the namespace itself: reads never fail and are always right.
reset_under_raw()
{
	local i status=0

	start "${small[@]}"
	noise "$work/tmp.a" 8192
	dd if="$work/tmp.a" of="/dev/$ns" bs=256k oflag=direct status=none
	(
		while [[ ! -e $work/tmp.stop ]]; do
			dd if="/dev/$ns" bs=64k count=128 iflag=direct status=none |
				cmp - "$work/tmp.a" || exit 1
		done
	) &
	for ((i = 0; i < 12; i++)); do
		nvme reset "/dev/$ctrl"
		wait_for 20 'a live controller' live
	done
	touch "$work/tmp.stop"
	wait $! || status=$?
	same "the reader's status" $status 0
}

# A disconnect takes the disk away from whoever reads and writes it: they get errors, and
# nobody hangs.
disconnect_under_raw()
{
	local i

	load "${small[@]}"
	for ((i = 0; i < 3; i++)); do
		connect
		background "/dev/$ns" --rw=randread --bsrange=4k-256k --iodepth=32 --size=64m \
			--time_based --runtime=60
		disconnect
		wait $fio || true
		[[ ! -e /dev/$ns ]] || fail "/dev/$ns is still there"
	done
	connect
	dd if="/dev/$ns" of=/dev/null bs=256k count=16 iflag=direct status=none
	stop
}

# Readers of a target lose it; what was written before is all there afterwards.
disconnect_under_pblk()
{
	start "${small[@]}"
	modprobe pblk
	pblk tgt
	noise "$work/tmp.a" 8192
	dd if="$work/tmp.a" of=/dev/tgt bs=64k oflag=direct status=none
	background /dev/tgt --rw=randread --bsrange=4k-64k --iodepth=16 --size=8m \
		--time_based --runtime=60
	disconnect
	wait $fio || true
	connect
	pblk tgt
	cmp -n 8388608 "$work/tmp.a" /dev/tgt
	unpblk tgt
	stop
}

# A mounted file system gets errors, as from any disk that is pulled; what was synced stays.
disconnect_mounted()
{
	start "${small[@]}"
	modprobe pblk
	pblk tgt
	mkfs.ext4 -q -E nodiscard /dev/tgt
	mount /dev/tgt /mnt/a
	files /mnt/a 4
	sync
	disconnect
	! dd if=/dev/zero of=/mnt/a/more bs=1M count=8 conv=fsync status=none ||
		fail 'a disk that has gone was written to'
	umount /mnt/a
	connect
	pblk tgt
	fsck.ext4 -f -y /dev/tgt || (($? <= 1))
	mount /dev/tgt /mnt/a
	check_files /mnt/a
	umount /mnt/a
	unpblk tgt
	stop
}

busy()
{
	refused unload
	has 'in use' "$said"
	loaded || fail 'the module has gone'
}

# rmmod of what is in use is refused, and everything goes on.
unload_refused()
{
	start "${small[@]}"
	modprobe pblk
	busy
	pblk tgt
	busy
	mkfs.ext4 -q -E nodiscard /dev/tgt
	mount /dev/tgt /mnt/a
	busy
	files /mnt/a 2
	busy
	check_files /mnt/a
	umount /mnt/a
	busy
	unpblk tgt
	busy
	# An open node keeps the module as well, after the controller has gone.
	exec {fd}<"/dev/$ctrl"
	disconnect
	busy
	exec {fd}<&-
	wait_for 5 'the unload' unload
	no_traces || fail "left behind: $(left_over)"
}

# A namespace that is open while its controller goes
held_open()
{
	local i

	for ((i = 0; i < 3; i++)); do
		start "${small[@]}"
		exec {fd}<"/dev/$ns"
		disconnect
		busy
		refused dd bs=4k count=1 of=/dev/null <&"$fd"
		exec {fd}<&-
		wait_for 5 'the unload' unload
	done
	no_traces || fail "left behind: $(left_over)"
}

# Two who connect, two who disconnect, all at once
races()
{
	local i pids=()

	load "${small[@]}"
	(
		for ((i = 0; i < 10; i++)); do
			nvme connect -t loop -n "$nqn" || true
		done
	) &
	pids+=($!)
	(
		for ((i = 0; i < 10; i++)); do
			nvme2 connect -t loop -n "$nqn" || true
		done
	) &
	pids+=($!)
	(
		for ((i = 0; i < 16; i++)); do
			nvme disconnect -n "$nqn" || true
			nvme discover -t loop >/dev/null || true
		done
	) &
	pids+=($!)
	(
		for ((i = 0; i < 40; i++)); do
			for dir in /sys/class/nvme/nvme*; do
				echo 1 >"$dir/reset_controller" || true
				echo 1 >"$debug/notify_ns"
				cat "$debug/memory" "$debug/channels"
			done
			sleep 0.1
		done
	) 2>/dev/null >&2 &
	pids+=($!)
	wait "${pids[@]}"
	nvme disconnect-all
	wait_for 20 'the end of all controllers' no_controllers
	connect
	dd if=/dev/zero of="/dev/$ns" bs=256k count=4 oflag=direct status=none
	stop
	no_traces || fail "left behind: $(left_over)"
}

# Resets of a controller from the moment that it has a node, before it has queues
reset_newborn()
{
	local i pids=()

	load "${small[@]}"
	for i in 0 1; do
		(
			set +x
			while :; do
				echo 1 >/sys/class/nvme/nvme0/reset_controller || true
			done
		) 2>/dev/null >&2 &
		pids+=($!)
	done
	for ((i = 0; i < (slow > 1 ? 10 : 20); i++)); do
		echo "transport=loop,nqn=$nqn" 2>/dev/null >/dev/nvme-fabrics || true
		nvme disconnect -n "$nqn" >/dev/null
	done
	kill "${pids[@]}"
	wait "${pids[@]}" || true
	wait_for 20 'the end of all controllers' no_controllers
	connect
	dd if="/dev/$ns" of=/dev/null bs=256k count=4 iflag=direct status=none
	stop
}

# Load and unload against connect: whoever comes too late gets an error.
unload_races()
{
	local i

	(
		while [[ ! -e $work/tmp.stop ]]; do
			nvme connect -t loop -n "$nqn" || true
			nvme disconnect -n "$nqn" || true
		done
	) >/dev/null 2>&1 &
	for ((i = 0; i < 15; i++)); do
		loaded || load "${small[@]}"
		unload || true
	done
	touch "$work/tmp.stop"
	wait
	nvme disconnect-all
	wait_for 20 'the end of all controllers' no_controllers
	loaded || load "${small[@]}"
	connect
	stop
}

# All work handed to the channels' workers; and changed while it runs
workers_only()
{
	local i

	start "${small[@]}" use_inline=0
	modprobe pblk
	pblk tgt
	verify /dev/tgt --size=$((slow > 1 ? 4 : 16))m --rw=randwrite --bsrange=4k-64k \
		--iodepth=32
	same 'parts run inline' "$(counter inline)" 0
	at_least 'parts run by workers' "$(counter worker)" 100
	background /dev/tgt --rw=randwrite --bs=4k --iodepth=16 --size=8m --time_based \
		--runtime=4 --verify=crc32c --verify_fatal=1 --verify_backlog=64
	for ((i = 0; i < 20; i++)); do
		echo $((i % 2)) >"$debug/use_inline"
		sleep 0.1
	done
	wait $fio
	at_least 'parts run inline' "$(counter inline)" 1
	unpblk tgt
	stop
}

# Several processes on the same channels, raw: every reader sees what the writers wrote.
crowd()
{
	local i pids=()

	start "${small[@]}"
	for i in 0 1 2 3; do
		noise "$work/tmp.$i" 8192
		(
			dd if="$work/tmp.$i" of="/dev/$ns" bs=64k seek=$((i * 512)) oflag=direct status=none
			for _ in 1 2 3; do
				dd if="/dev/$ns" bs=256k skip=$((i * 128)) count=32 iflag=direct status=none |
					cmp - "$work/tmp.$i"
			done
		) &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i"
	done
	same 'closed chunks' "$(counter closed)" 32
}

processor()
{
	echo "$1" >"/sys/devices/system/cpu/cpu$2/online"
}

# has_queues N - I/O queues, as the block layer and the controller count them.
has_queues()
{
	local queues=("/sys/block/$ns/mq"/*)

	((${#queues[@]} == $1 && $(<"/sys/class/nvme/$ctrl/queue_count") == $1 + 1))
}

reset_to()
{
	nvme reset "/dev/$ctrl"
	wait_for 20 'a live controller' live
	wait_for 10 "$1 I/O queues" has_queues "$1"
	# By every processor, through whatever queue that has now
	for ((i = 0; i < all; i++)); do
		[[ $i != 0 && $(<"/sys/devices/system/cpu/cpu$i/online") == 0 ]] || taskset -c "$i" \
			dd if="/dev/$ns" bs=64k count=16 iflag=direct status=none |
				cmp -n 1048576 - "$work/tmp.a"
	done
}

# Queues are counted at connect and at each reset; a processor may come and go between.
hotplug()
{
	local i all

	all=$(nproc)
	load "${small[@]}"
	processor 0 1
	connect
	has_queues $((all - 1)) || fail 'there is a queue for a processor that is not online'
	noise "$work/tmp.a" 1024
	dd if="$work/tmp.a" of="/dev/$ns" bs=64k oflag=direct status=none
	reset_to $((all - 1))
	processor 1 1
	has_queues $((all - 1)) || fail 'queues changed without a reset'
	taskset -c 1 dd if="/dev/$ns" bs=64k count=16 iflag=direct status=none |
		cmp -n 1048576 - "$work/tmp.a"
	reset_to "$all"
	processor 0 1
	dd if="/dev/$ns" bs=64k count=16 iflag=direct status=none |
		cmp -n 1048576 - "$work/tmp.a"
	# Its queue waits for it to come back
	reset_to "$all"
	reset_to "$all"
	processor 1 1
	reset_to "$all"
	# Who asked for fewer keeps to that
	disconnect
	connect -i 1
	reset_to 1
	disconnect
	# A controller without I/O queues, and without namespaces
	processor 0 1
	nvme connect -t loop -n nqn.2014-08.org.nvmexpress.discovery
	ctrl=$(controllers)
	processor 1 1
	nvme reset "/dev/$ctrl"
	wait_for 10 'a live controller' live
	nvme disconnect-all
	wait_for 10 'the end of all controllers' no_controllers
	load_none
}

load_none()
{
	local all

	all=$(nproc)
	unload
	load "${small[@]}" ns=none
	processor 0 1
	nvme connect -t loop -n "$nqn"
	ctrl=$(controllers)
	processor 1 1
	nvme reset "/dev/$ctrl"
	wait_for 10 'a live controller' live
	wait_for 10 'its queues' queue_count_is $((all + 1))
	processor 0 1
	nvme reset "/dev/$ctrl"
	wait_for 10 'a live controller' live
	wait_for 10 'as many queues' queue_count_is $((all + 1))
	processor 1 1
	stop
}

queue_count_is()
{
	(($(<"/sys/class/nvme/$ctrl/queue_count") == $1))
}

# Processors that come and go while commands are written and verified, get lost and are
# aborted, and while the controller is reset.
hotplug_under_load()
{
	local status=0 runtime=$((slow > 1 ? 20 : 8)) resets=0 turns=0 end
	local core=/sys/module/nvme_core/parameters

	echo $((slow > 1 ? 3 : 1)) >$core/io_timeout
	# The same read may be lost at each reset
	echo 200 >$core/max_retries
	start num_grp=2 num_pu=2 num_chk=32 clba=256 ns=block
	background "/dev/$ns" --rw=randrw --bsrange=4k-64k --iodepth=16 --size=24m --loops=50 \
		--time_based --runtime=$runtime --verify=crc32c --verify_fatal=1 --verify_backlog=64
	(
		while [[ ! -e $work/tmp.stop ]]; do
			processor 0 1
			processor 1 1
			turns=$((turns + 1))
		done
		echo $turns >"$work/tmp.turns"
	) &
	end=$((SECONDS + runtime - 2))
	while ((SECONDS < end)); do
		echo 'drop op=read times=2' >"$debug/faults"
		nvme reset "/dev/$ctrl" || true
		wait_for 30 'a live controller' live
		resets=$((resets + 1))
	done
	echo >"$debug/faults"
	wait $fio || status=$?
	touch "$work/tmp.stop"
	wait
	echo 30 >$core/io_timeout
	echo 5 >$core/max_retries
	same "fio's status" $status 0
	same "fio's errors" "$(cut -d ';' -f 5 "$work/fio.background")" 0
	at_least 'turns of the processor' "$(<"$work/tmp.turns")" 3
	note "$(<"$work/tmp.turns") turns of a processor, $resets resets"
	nvme reset "/dev/$ctrl"
	wait_for 20 'a live controller' live
	wait_for 10 'a queue for each processor' has_queues "$(nproc)"
	stop
}

t loop 60 loop
t hotplug 20 hotplug
t hotplug-load 30 hotplug_under_load
t reset-pblk 40 reset_under_pblk
t reset-raw 40 reset_under_raw
t disconnect-raw 40 disconnect_under_raw
t disconnect-pblk 20 disconnect_under_pblk
t disconnect-mounted 20 disconnect_mounted
t unload-refused 20 unload_refused
t held-open 20 held_open
t races 60 races
t reset-newborn 40 reset_newborn
t unload-races 40 unload_races
t workers-only 30 workers_only
t crowd 20 crowd
