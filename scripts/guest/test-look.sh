#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Looking inside: the tables in debugfs, the tracepoints.

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

tracing=/sys/kernel/tracing
events=(oc_cmd_begin oc_cmd_end oc_refuse oc_chunk_refuse oc_chunk_state oc_media
	oc_read_nothing)

# column FILE NAME - the sum of a column of a table.
column()
{
	awk -v want="$2" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == want) col = i }
		NR > 1 { sum += $col }
		END { printf "%.0f\n", sum }' "$debug/$1"
}

# row FILE CHANNEL UNIT [CHUNK] - one row, blanks squeezed.
row()
{
	awk -v ch="$2" -v pu="$3" -v chk="${4:-}" '
		$1 == ch && $2 == pu && (chk == "" || $3 == chk) { $1 = $1; print }' "$debug/$1"
}

tables()
{
	local file state

	# With room for a second reset of a free chunk
	start "${small[@]}" mccap=6 endurance=10
	# Chunk 0 of the first unit, and a quarter of chunk 1
	dd if=/dev/zero of="/dev/$ns" bs=256k count=5 oflag=direct status=none
	dd if="/dev/$ns" of=/dev/null bs=256k count=1 skip=2 iflag=direct status=none
	nvme io-passthru "/dev/$ns" -o 0x90 -n 1 --cdw10=0
	nvme io-passthru "/dev/$ns" -o 0x90 -n 1 --cdw10=0
	refused nvme io-passthru "/dev/$ns" -o 0x91 -n 1 --cdw10=$((256 + 4)) --cdw12=0 \
		-l 4096 -w -i /dev/zero

	same 'rows of chunks' "$(wc -l <"$debug/chunks")" 257
	has '^0 0 0 free seq 256 0 2 [0-9]+ 256 0$' "$(row chunks 0 0 0)"
	has '^0 0 1 open seq 256 64 0 0 64 1$' "$(row chunks 0 0 1)"
	same 'the last row' "$(tail -n 1 "$debug/chunks" | xargs)" '1 3 31 free seq 256 0 0 0 0 0'
	at_least 'reads of chunk 0' "$(row chunks 0 0 0 | cut -d ' ' -f 9)" 64
	for state in free open closed offline; do
		same "$state chunks" "$(grep -c " $state " "$debug/chunks" || true)" \
			"$(column channels "$state")"
		same "$state chunks of units" "$(column units "$state")" \
			"$(column channels "$state")"
	done
	for file in chunks units; do
		same "writes of $file" "$(column $file writes)" "$(column channels writes)"
		same "resets of $file" "$(column $file resets)" "$(column channels resets)"
	done
	same 'rows of units' "$(wc -l <"$debug/units")" 9
	same 'sectors of units' "$(column units sectors)" 64
	same 'bytes of units' "$(column units bytes)" $((64 * 4112))
	same 'fails of units' "$(column units fails)" 1
	same 'the worn unit' "$(row wear 0 0)" '0 0 0 0.0 2 2 0'
	same 'another unit' "$(row wear 1 3)" '1 3 0 0.0 0 0 0'

	# Written sectors have an entry; so may one that a refused write prepared.
	same 'rows of l2p' $(($(wc -l <"$debug/l2p") - 1)) "$(column channels sectors)"
	same 'the first entry' "$(sed -n 2p "$debug/l2p" | awk '{ print $1, $2, $3, $4, $5 }')" \
		'0 0 1 0 256'
	same 'rows of controllers' "$(wc -l <"$debug/controllers")" 2
	has "^ *1 +$(nproc) +15000 +0x100 +[12] nqn\." "$(<"$debug/controllers")"

	# However little is read at a time, and from wherever
	for file in chunks units wear l2p; do
		dd if="$debug/$file" bs=77 of="$work/tmp.a" status=none
		cmp "$work/tmp.a" "$debug/$file"
		dd if="$debug/$file" bs=1 skip=500 count=3000 of="$work/tmp.b" status=none
		cmp -i 500:0 -n 3000 "$work/tmp.a" "$work/tmp.b"
	done
	stop
}

# 65536 chunks, 4 million sectors; and a table that is open while the module shall go
large()
{
	load num_grp=4 num_pu=16 num_chk=1024 clba=64 ws_opt=8
	same 'rows of chunks' "$(wc -l <"$debug/chunks")" 65537
	same 'rows of l2p' "$(wc -l <"$debug/l2p")" 1
	same 'rows of units' "$(wc -l <"$debug/units")" 65
	exec 7<"$debug/chunks"
	head -n 3 <&7 >/dev/null
	# Whoever looks is a user of the module.
	refused unload
	exec 7<&-
	unload
}

read_all()
{
	while :; do
		cat "$debug"/{channels,chunks,units,wear,l2p,memory,controllers} >/dev/null
	done
}

load_and_look()
{
	local pid

	start "${small[@]}"
	modprobe pblk
	pblk ftl
	read_all &
	pid=$!
	verify /dev/ftl --rw=randwrite --bs=16k --size=16m --iodepth=16
	kill "$pid"
	wait "$pid" || true
	unpblk ftl
	stop
}

trace_on()
{
	[[ -d $tracing/events ]] || mount -t tracefs tracefs "$tracing"
	echo >"$tracing/trace"
	echo 1 >"$tracing/events/ocloop/enable"
}

trace_off()
{
	echo 0 >"$tracing/events/ocloop/enable"
}

tracepoints()
{
	local event trace begun

	[[ -d $tracing/events ]] || mount -t tracefs tracefs "$tracing"
	start "${small[@]}"
	for event in "${events[@]}"; do
		has '^print fmt: "' "$(<"$tracing/events/ocloop/$event/format")"
		# A name of an enum or a macro would be nothing to a program that reads this.
		has_not '^print fmt.*\{ *[a-zA-Z_]' "$(<"$tracing/events/ocloop/$event/format")"
	done
	same 'events' "$(find "$tracing/events/ocloop" -mindepth 1 -maxdepth 1 -type d | wc -l)" \
		${#events[@]}

	trace_on
	dd if=/dev/zero of="/dev/$ns" bs=256k count=4 oflag=direct status=none
	dd if="/dev/$ns" of=/dev/null bs=16k count=1 iflag=direct status=none
	nvme io-passthru "/dev/$ns" -o 0x90 -n 1 --cdw10=0
	refused nvme io-passthru "/dev/$ns" -o 0x90 -n 1 --cdw10=$((3 * 256))
	refused nvme io-passthru "/dev/$ns" -o 0x44 -n 1
	refused nvme admin-passthru "/dev/$ctrl" -o 2 -n 1 --cdw10=0x7f0077 -l 512 -r
	# An event that the kernel waits for
	nvme set-feature "/dev/$ctrl" -f 0xb -v 0x102
	nvme set-feature "/dev/$ctrl" -f 4 -v 300
	trace_off
	trace=$(<"$tracing/trace")
	head -n 60 <<<"$trace"
	has 'oc_cmd_begin: ctrl=1 qid=[0-9]+ cid=[0-9]+ opcode=0x1 \(write\) nsid=1 addr=0x0 cdw12=0x[0-9a-f]*3f bytes=262144' "$trace"
	has 'oc_cmd_end: .*opcode=0x1 \(write\) status=0x0 \(ok\) result=0x0$' "$trace"
	has 'oc_media: write ch=0 pu=0 chk=0 sec=0 n=64 bytes=262144 oob=[01]' "$trace"
	has 'oc_media: read ch=0 pu=0 chk=0 sec=0 n=4 bytes=16384' "$trace"
	has 'oc_media: discard ch=0 pu=0 chk=0 sec=0 n=256 bytes=1048576' "$trace"
	has 'oc_chunk_state: ch=0 pu=0 chk=0 free -> open wp=64 resets=0' "$trace"
	has 'oc_chunk_state: ch=0 pu=0 chk=0 open -> closed wp=256 resets=0' "$trace"
	has 'oc_chunk_state: ch=0 pu=0 chk=0 closed -> free wp=0 resets=1' "$trace"
	has 'oc_chunk_refuse: ch=0 pu=0 chk=3 sec=0 n=256 state=free wp=0 status=0x42c1 \(invalid reset\) reason=free already' "$trace"
	has 'oc_refuse: .*\(vector reset\) status=0x42c1 \(invalid reset\) field=none index=0 ch=0 pu=0 chk=3 sec=0' "$trace"
	has 'oc_refuse: .*opcode=0x44 \(unknown\) status=0x4001 \(invalid opcode\) field=opcode index=-1' "$trace"
	has 'oc_refuse: .*qid=0 .*\(get log page\) status=0x4109 \(invalid log page\) field=cdw10' "$trace"
	has 'oc_cmd_end: .*\(async event request\) status=0x0 \(ok\) result=0x20101' "$trace"
	# As many ends as beginnings, but for event requests and what was under way
	begun=$(grep -c ' oc_cmd_begin: ' <<<"$trace")
	at_least ends "$(grep -c ' oc_cmd_end: ' <<<"$trace")" $((begun - 2))
	at_most ends "$(grep -c ' oc_cmd_end: ' <<<"$trace")" $((begun + 2))

	# Off is off; and unloading does not mind events that are on.
	echo >"$tracing/trace"
	dd if="/dev/$ns" of=/dev/null bs=16k count=1 iflag=direct status=none
	has_not 'oc_[a-z_]+: ' "$(<"$tracing/trace")"
	trace_on
	stop
	[[ ! -e $tracing/events/ocloop ]] || fail 'the events are still there'
	start "${small[@]}"
	dd if="/dev/$ns" of=/dev/null bs=16k count=1 iflag=direct status=none
	stop
}

# All that is called after the device is, and the folder's first name still leads to it.
names()
{
	local id threads

	start "${small[@]}"
	id=$(nvme id-ctrl "/dev/$ctrl")
	has '^sn *: OC-ssd0 *$' "$id"
	has "^subnqn *: nqn.2026-11.ocloop:ssd0\$" "$id"
	same 'parameter serial' "$(</sys/module/ocloop/parameters/serial)" OC-ssd0
	same 'parameter subsysnqn' "$(</sys/module/ocloop/parameters/subsysnqn)" "$nqn"
	threads=$(cat /proc/[0-9]*/comm)
	for id in admin ch0 ch1; do
		has "^(kworker/R-)?ssd0_$id\$" "$threads"
	done
	same 'the older name' "$(readlink "${debug%/*}/oc0")" ssd0
	same 'channels' "$(wc -l <"${debug%/*}/oc0/channels")" 3
	stop
}

t tables 15 tables
t names 10 names
t large 15 large
t load 20 load_and_look
t tracepoints 15 tracepoints
