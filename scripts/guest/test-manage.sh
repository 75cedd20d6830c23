#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Namespaces that are created, attached, detached and deleted at run time, with nvme-cli
# 1.12 (nvme) and 2.x (nvme2).

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

# 32 MiB on each channel, of which a namespace can have all but five chunks of 128
flash=(num_pu=4 num_chk=32 clba=64)
most=$((123 * 64))

# join - connect where no namespace may be; sets ctrl and id, its number.
join()
{
	local before

	before=" $(controllers | tr '\n' ' ')"
	"$nvme" connect -t "$transport" -n "$nqn"
	for ctrl in $(controllers) ''; do
		[[ $before == *" $ctrl "* ]] || break
	done
	[[ $ctrl ]] || fail "connected, but there is no new controller"
	wait_for 10 "$ctrl" live
	id=$(<"/sys/class/nvme/$ctrl/cntlid")
}

live()
{
	[[ $(<"/sys/class/nvme/$ctrl/state") == live ]]
}

# create SECTORS [OPTION...] - sets nsid. Format 1 is 4096+0.
create()
{
	said=$("$nvme" create-ns "/dev/$ctrl" --nsze="$1" --ncap="$1" --flbas=1 "${@:2}")
	[[ $said =~ nsid:([0-9]+) ]] || fail "no number in: $said"
	nsid=${BASH_REMATCH[1]}
}

# attach NSID [CONTROLLERS], detach, delete: with $nvme, which must succeed.
attach()
{
	"$nvme" attach-ns "/dev/$ctrl" -n "$1" -c "${2:-$id}"
}

detach()
{
	"$nvme" detach-ns "/dev/$ctrl" -n "$1" -c "${2:-$id}"
}

delete()
{
	"$nvme" delete-ns "/dev/$ctrl" -n "$1"
}

# has_disk NSID, no_disk NSID - the kernel's block device of a namespace; sets ns.
has_disk()
{
	local dir

	for dir in "/sys/class/nvme/$ctrl"/nvme*n* /sys/class/nvme-subsystem/*/nvme*n*; do
		[[ ${dir##*/} =~ ^nvme[0-9]+n[0-9]+$ && $(<"$dir/nsid") == "$1" ]] || continue
		ns=${dir##*/}
		[[ -b /dev/$ns ]] && return
	done
	return 1
}

no_disk()
{
	! has_disk "$1"
}

# idle - nobody has it open: what looks for partitions and file systems has gone.
idle()
{
	blockdev --rereadpt "/dev/$ns"
}

# nsids [OPTION...] - the numbers of a list of namespaces, in one line.
nsids()
{
	local list

	list=$("$nvme" list-ns "/dev/$ctrl" "$@" | sed -n 's/^\[[^]]*\]:\(0x\)\?/0x/p')
	list=${list//$'\n'/ }
	echo "${list//0x/}"
}

# capacity FIELD - of Identify Controller, in sectors.
capacity()
{
	nvme id-ctrl "/dev/$ctrl" | awk -v want="$1" '$1 == want { print $3 / 4096 }'
}

tables()
{
	awk '$1 == "tables" { print $2 }' "$debug/memory"
}

# One namespace's life, from a device without any.
life()
{
	local mem

	load num_grp=4 "${flash[@]}" ns=none
	has '^ocloop: .*: ns none; ' "$(log_since_mark)"
	join
	mem=$(tables)
	same 'namespaces' "$(nsids)" ''
	same tnvmcap "$(capacity tnvmcap)" $((4 * most))
	same unvmcap "$(capacity unvmcap)" $((4 * most))
	create $((most + 100))
	same nsid "$nsid" 1
	same 'active namespaces' "$(nsids)" ''
	same 'allocated namespaces' "$(nsids --all)" 1
	same unvmcap "$(capacity unvmcap)" $((2 * most))
	has "^nsze +: $(printf '0x%x' $((most + 100)))$" "$(nvme id-ns "/dev/$ctrl" -n 1 --force)"
	no_disk 1 || fail 'a namespace that is not attached has a disk'
	attach 1
	wait_for 10 'its disk' has_disk 1
	same size "$(blockdev --getsz "/dev/$ns")" $(((most + 100) * 8))
	same controllers "$(nvme list-ctrl "/dev/$ctrl" -n 1 | grep -c ':')" 1
	verify "/dev/$ns" --rw=randwrite --bs=16k --iodepth=8 --size=100% --io_size=40m
	has_not ': [^o]' "$(<"$debug/ftl_check")"
	noise "$work/tmp.a" 1024
	dd if="$work/tmp.a" of="/dev/$ns" bs=256k oflag=direct status=none
	wait_for 10 'nobody at the disk' idle
	detach 1
	wait_for 10 'the end of its disk' no_disk 1
	attach 1
	wait_for 10 'its disk' has_disk 1
	cmp -n $((1 << 20)) "$work/tmp.a" "/dev/$ns"
	wait_for 10 'nobody at the disk' idle
	mark_log
	delete 1
	wait_log 5 '^ocloop: namespace 1 deleted, channels 0-1 are free'
	wait_for 10 'the end of its disk' no_disk 1
	same 'allocated namespaces' "$(nsids --all)" ''
	same unvmcap "$(capacity unvmcap)" $((4 * most))
	same 'bytes held' "$(data_bytes)" 0
	same tables "$(tables)" "$mem"

	# What is written there next does not show what was
	create "$most"
	attach "$nsid"
	wait_for 10 'its disk' has_disk 1
	cmp -n $((1 << 20)) /dev/zero "/dev/$ns"
	stop
}

# As every tutorial has it: all the capacity, in the first format, or in whatever the tool takes.
tutorial()
{
	local all

	load num_grp=3 "${flash[@]}"
	connect
	id=$(<"/sys/class/nvme/$ctrl/cntlid")
	all=$(capacity tnvmcap)
	nvme delete-ns "/dev/$ctrl" -n 1
	same unvmcap "$(capacity unvmcap)" "$all"
	mark_log
	said=$("$nvme" create-ns "/dev/$ctrl" --nsze="$all" --ncap="$all" --flbas=0)
	has 'nsid:1' "$said"
	has '^ocloop: namespace 1 has format 1, not 0' "$(log_since_mark)"
	same unvmcap "$(capacity unvmcap)" 0
	same tnvmcap "$(capacity tnvmcap)" "$all"
	attach 1
	wait_for 10 'its disk' has_disk 1
	has '^flbas +: 0x1$' "$(nvme id-ns "/dev/$ns")"
	same size "$(blockdev --getsz "/dev/$ns")" $((all * 8))
	verify "/dev/$ns" --rw=randwrite --bs=64k --iodepth=8 --size=8m
	wait_for 10 'nobody at the disk' idle
	delete 1
	# By the size of a block; without either the tool does not know what to send
	"$nvme" create-ns "/dev/$ctrl" --nsze="$all" --ncap="$all" --block-size=4096
	delete 1
	refused "$nvme" create-ns "/dev/$ctrl" --nsze="$all" --ncap="$all"
	has 'specify FLBAS' "$said"
	same 'allocated namespaces' "$(nsids --all)" ''
	# What is asked for and cannot be had is refused, not passed over
	head -c 4096 /dev/zero >"$work/page"
	printf '\10' | dd of="$work/page" conv=notrunc status=none
	printf '\10' | dd of="$work/page" bs=1 seek=8 conv=notrunc status=none
	nvme admin-passthru "/dev/$ctrl" -o 0x0d -w -l 4096 -i "$work/page"
	printf '\1' | dd of="$work/page" bs=1 seek=102 conv=notrunc status=none
	refused nvme admin-passthru "/dev/$ctrl" -o 0x0d -w -l 4096 -i "$work/page"
	has '002|INVALID_FIELD|Invalid Field' "$said"
	refused nvme2 create-ns "/dev/$ctrl" --nsze=8 --ncap=8 --flbas=0 --csi=2
	stop
}

# It is a device like any other without a namespace.
nothing()
{
	local file

	load num_grp=2 "${flash[@]}" ns=none
	has "subnqn: *$nqn" "$(nvme discover -t loop)"
	join
	nvme smart-log "/dev/$ctrl" >/dev/null
	nvme endurance-log "/dev/$ctrl" -g 1 >/dev/null
	has 'Write Zeroes' "$(nvme effects-log "/dev/$ctrl")"
	nvme error-log "/dev/$ctrl" >/dev/null
	nvme admin-passthru "/dev/$ctrl" -o 0x80 -n 0xffffffff --cdw10=0
	nvme get-feature "/dev/$ctrl" -f 5 -n 0xffffffff || true
	refused nvme smart-log "/dev/$ctrl" -n 1
	refused nvme id-ns "/dev/$ctrl" -n 3
	has '^nlbaf' "$(nvme id-ns "/dev/$ctrl" -n 0xffffffff)"
	for file in "$debug"/*; do
		[[ ! -r $file || ! -f $file ]] || cat "$file" >/dev/null || true
	done
	echo 1 >"$debug/notify_ns"
	nvme reset "/dev/$ctrl"
	wait_for 10 'a live controller' live
	nvme delete-ns "/dev/$ctrl" -n 0xffffffff
	disconnect
	unload
	load num_grp=2 "${flash[@]}" ns=none attach=lightnvm
	unload
}

# Each with a reason, and nothing has changed.
refusals()
{
	local mem

	modprobe pblk
	load num_grp=5 "${flash[@]}" ns=block:1,oc20:2
	connect
	id=$(<"/sys/class/nvme/$ctrl/cntlid")
	mem=$(tables)
	refused "$nvme" create-ns "/dev/$ctrl" --nsze=$((2 * most + 1)) --ncap=$((2 * most + 1)) \
		--flbas=1
	has '115|INSUFFICIENT_CAP|Insufficient Capacity' "$said"
	refused "$nvme" create-ns "/dev/$ctrl" --nsze=0 --ncap=0 --flbas=1
	refused "$nvme" create-ns "/dev/$ctrl" --nsze=8 --ncap=4 --flbas=1
	has '11b|THIN_PROV|Thin Provisioning' "$said"
	refused "$nvme" create-ns "/dev/$ctrl" --nsze=8 --ncap=8 --flbas=16
	has '10a|INVALID_FORMAT|Invalid Format' "$said"
	refused "$nvme" create-ns "/dev/$ctrl" --nsze=8 --ncap=8 --flbas=1 --nmic=1
	has '002|INVALID_FIELD|Invalid Field' "$said"
	refused delete 4
	has '002|INVALID_FIELD|Invalid Field' "$said"
	refused delete 6
	has '00b|INVALID_NS|Invalid Namespace' "$said"
	refused attach 1
	has '118|ALREADY_ATTACHED|[Aa]lready' "$said"
	refused attach 1 77
	has '11c|CTRL_LIST_INVALID|[Ll]ist Invalid' "$said"
	create 8
	same nsid "$nsid" 3
	refused detach 3
	has '11a|NOT_ATTACHED|[Nn]ot [Aa]ttached' "$said"
	delete 3
	same tables "$(tables)" "$mem"

	# With a target on it
	wait_for 10 'its disk' has_disk 2
	pblk tgt
	refused delete 2
	has '015|OP_DENIED|Denied|denied' "$said"
	refused detach 2
	verify /dev/tgt --rw=randwrite --bs=16k --iodepth=8 --size=4m
	unpblk tgt
	pblk tgt
	unpblk tgt
	same 'allocated namespaces' "$(nsids --all)" '1 2'
	# Then they can go, and block namespaces take their place
	delete 0xffffffff
	wait_for 10 'the end of the disks' no_disk 2
	create $((5 * most))
	attach 1
	wait_for 10 'its disk' has_disk 1
	verify "/dev/$ns" --rw=randwrite --bs=32k --iodepth=8 --size=100% --io_size=16m
	stop
}

# denied COMMAND... - is refused with Operation Denied.
denied()
{
	refused "$@"
	has '015|OP_DENIED|Denied|denied' "$said"
}

# stands_fast - what would take the ground from under namespace 1 is refused.
stands_fast()
{
	denied nvme admin-passthru "/dev/$ctrl" -o 0x80 -n 1 --cdw10=1
	denied nvme admin-passthru "/dev/$ctrl" -o 0x80 -n 0xffffffff --cdw10=1
	denied nvme sanitize "/dev/$ctrl" -a 2
	denied detach 1
	denied delete 1
	denied delete 0xffffffff
}

# Whoever has claimed a disk or a part of it keeps it; a plain open is no claim.
claims()
{
	local pid dm rule=/sys/module/ocloop/parameters/in_use

	load num_grp=2 "${flash[@]}" ns=block:1
	connect
	id=$(<"/sys/class/nvme/$ctrl/cntlid")
	wait_for 10 'its disk' has_disk 1
	wait_for 10 'nobody at the disk' idle
	same in_use "$(<"$rule")" refuse
	mkfs.ext4 -q "/dev/$ns"
	mount "/dev/$ns" /mnt/a
	files /mnt/a 4
	stands_fast
	check_files /mnt/a
	umount /mnt/a

	addpart "/dev/$ns" 1 2048 32768
	wait_for 10 'a partition' test -b "/dev/${ns}p1"
	mkfs.ext4 -q "/dev/${ns}p1"
	mount "/dev/${ns}p1" /mnt/a
	files /mnt/a 4
	stands_fast
	check_files /mnt/a
	umount /mnt/a
	delpart "/dev/$ns" 1

	mdadm --create /dev/md7 --run --force --level=0 --raid-devices=1 "/dev/$ns" 2>/dev/null
	stands_fast
	mdadm --stop /dev/md7 2>/dev/null

	dmsetup create claim --table "0 16384 linear /dev/$ns 0"
	dm=/dev/$(dmsetup info -c --noheadings -o blkdevname claim)
	noise "$work/tmp.a" 1024
	dd if="$work/tmp.a" of="$dm" bs=256k oflag=direct status=none
	stands_fast
	cmp -n $((1 << 20)) "$work/tmp.a" "$dm"
	# As a real device has it
	refused sh -c "echo perhaps >$rule"
	echo ignore >"$rule"
	nvme admin-passthru "/dev/$ctrl" -o 0x80 -n 1 --cdw10=1
	dd if="$dm" bs=256k count=4 iflag=direct status=none |
		cmp -n $((1 << 20)) - /dev/zero
	echo refuse >"$rule"
	stands_fast
	dmsetup remove claim

	# shellcheck disable=SC2016 # perl's
	perl -MFcntl -e 'sysopen(F, shift, O_RDONLY | O_EXCL) or die; $| = 1; print "\n"; sleep 1000' \
		"/dev/$ns" >"$work/tmp.open" &
	pid=$!
	wait_for 10 'an exclusive open' test -s "$work/tmp.open"
	stands_fast
	kill $pid
	wait $pid || true

	# As nvme-cli 2.x does: whoever sends the command may have claimed it
	# shellcheck disable=SC2016 # perl's
	perl -MFcntl -e 'sysopen(F, shift, O_RDWR | O_EXCL) or die;
		$format = pack("CCSLx32Lx28", 0x80, 0, 0, 1, 1);
		$ret = ioctl(F, 0xc0484e41, $format);
		die "refused: $ret" unless $ret == 0' "/dev/$ns"
	# Open it is all the same, and what reads it there afterwards gets errors
	{
		nvme admin-passthru "/dev/$ctrl" -o 0x80 -n 1 --cdw10=1
		nvme sanitize "/dev/$ctrl" -a 2
		wait_for 20 'the end of sanitize' sanitized
		detach 1
		wait_for 10 'the end of its disk' no_disk 1
	} 9<"/dev/$ns"
	attach 1
	wait_for 10 'its disk' has_disk 1
	wait_for 10 'nobody at the disk' idle
	delete 1 9<"/dev/$ns"
	wait_for 10 'the end of its disk' no_disk 1
	stop
}

# A disk that is swapped to is claimed as well, and pages that went there come back.
swap()
{
	local pid

	load num_grp=2 "${flash[@]}" ns=block:1
	connect
	id=$(<"/sys/class/nvme/$ctrl/cntlid")
	wait_for 10 'its disk' has_disk 1
	wait_for 10 'nobody at the disk' idle
	mkswap "/dev/$ns" >/dev/null
	swapon "/dev/$ns"
	# 21 is MADV_PAGEOUT
	python3 -c '
import mmap, sys
area = mmap.mmap(-1, 16 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for at in range(0, len(area), 4096):
    area[at:at + 8] = at.to_bytes(8, "little")
area.madvise(21)
print("out", flush=True)
sys.stdin.readline()
for at in range(0, len(area), 4096):
    assert area[at:at + 8] == at.to_bytes(8, "little"), at
print("in")' < <(wait_for 30 'a word to go on' test -e "$work/tmp.go" && echo) >"$work/tmp.swap" &
	pid=$!
	wait_for 20 'pages to go' grep -qx out "$work/tmp.swap"
	at_least 'KiB that are out' "$(awk -v disk="/dev/$ns" '$1 == disk { print $4 }' /proc/swaps)" 8192
	stands_fast
	: >"$work/tmp.go"
	wait $pid
	grep -qx in "$work/tmp.swap"
	swapoff "/dev/$ns"
	nvme admin-passthru "/dev/$ctrl" -o 0x80 -n 1 --cdw10=1
	stop
}

sanitized()
{
	nvme sanitize-log "/dev/$ctrl" | grep -q 'SSTAT.*0x101'
}

# Who looks at a large map stops neither what is asked for nor what comes and goes.
readers()
{
	local begin pid

	load num_grp=2 num_pu=4 num_chk=256 clba=4096 ns=block:1
	connect
	id=$(<"/sys/class/nvme/$ctrl/cntlid")
	timeout 60 cat "$debug/ftl_map" >"$work/tmp.map" &
	pid=$!
	sleep 0.2
	begin=$SECONDS
	create 8
	nvme id-ctrl "/dev/$ctrl" >/dev/null
	nvme smart-log "/dev/$ctrl" >/dev/null
	delete "$nsid"
	at_most seconds $((SECONDS - begin)) $((4 * slow))
	wait $pid
	same 'lines of an empty map' "$(wc -l <"$work/tmp.map")" 1
	stop
}

# Through resets and connects it is whose it was.
stays()
{
	load num_grp=3 "${flash[@]}" ns=block:1,oc12:1
	connect
	id=$(<"/sys/class/nvme/$ctrl/cntlid")
	create 1000
	attach 3
	wait_for 10 'its disk' has_disk 3
	noise "$work/tmp.a" 1024
	dd if="$work/tmp.a" of="/dev/$ns" bs=256k oflag=direct status=none
	detach 2
	same 'active namespaces' "$(nsids)" '1 3'
	nvme reset "/dev/$ctrl"
	wait_for 10 'a live controller' live
	same 'active namespaces' "$(nsids)" '1 3'
	cmp -n $((1 << 20)) "$work/tmp.a" "/dev/$ns"
	disconnect
	connect
	id=$(<"/sys/class/nvme/$ctrl/cntlid")
	same 'active namespaces' "$(nsids)" '1 3'
	same 'allocated namespaces' "$(nsids --all)" '1 2 3'
	wait_for 10 'its disk' has_disk 3
	cmp -n $((1 << 20)) "$work/tmp.a" "/dev/$ns"
	attach 2
	wait_for 10 'a disk of the second' has_disk 2
	stop
}

# Two controllers: what one does the other hears of by itself.
two_hosts()
{
	local one two first second

	load num_grp=4 "${flash[@]}" shared=1 ns=block:1
	connect
	one=$ctrl
	first=$(<"/sys/class/nvme/$one/cntlid")
	join
	two=$ctrl
	second=$id
	create 2000 --nmic=1
	attach 2 "$second"
	same 'namespaces of the second' "$(nsids)" '1 2'
	ctrl=$one
	same 'namespaces of the first' "$(nsids)" 1
	attach 2 "$first"
	same 'namespaces of the first' "$(nsids)" '1 2'
	same controllers "$(nvme list-ctrl "/dev/$ctrl" -n 2 | grep -c ':')" 2
	ctrl=$two
	wait_for 10 'its disk' has_disk 2
	verify "/dev/$ns" --rw=randwrite --bs=16k --iodepth=8 --size=100%
	# By the first, from the second: it notices by the event
	wait_for 10 'nobody at the disk' idle
	ctrl=$one
	detach 2 "$first,$second"
	ctrl=$two
	wait_for 10 'the end of its disk' no_disk 2
	# A private one is one controller's
	create 2000
	refused attach "$nsid" "$first,$second"
	has '119|IS_PRIVATE|[Pp]rivate' "$said"
	attach "$nsid" "$first"
	refused attach "$nsid" "$second"
	ctrl=$one
	wait_for 10 'its disk' has_disk "$nsid"
	wait_for 10 'nobody at the disk' idle
	ctrl=$two
	delete "$nsid"
	ctrl=$one
	wait_for 10 'the end of its disk' no_disk "$nsid"
	stop
}

# While others write next door nothing breaks, and memory comes back.
under_load()
{
	local fio i mem neighbour

	load num_grp=4 "${flash[@]}" ns=block:2
	connect
	id=$(<"/sys/class/nvme/$ctrl/cntlid")
	neighbour=$ns
	mem=$(tables)
	(cd "$work" && exec fio --name=load --filename="/dev/$neighbour" --ioengine=libaio \
		--direct=1 --rw=randwrite --bs=16k --iodepth=16 --size=24m --verify=crc32c \
		--verify_fatal=1 --verify_backlog=64 --time_based --runtime=1000 --minimal \
		--output="$work/fio" 2>/dev/null) &
	fio=$!
	for ((i = 0; i < (slow > 1 ? 4 : 10); i++)); do
		create $(((i % 2 + 1) * most))
		same nsid "$nsid" 2
		attach 2
		wait_for 10 'its disk' has_disk 2
		dd if=/dev/urandom of="/dev/$ns" bs=256k count=16 oflag=direct status=none
		wait_for 10 'nobody at the disk' idle
		delete 2
		wait_for 10 'the end of its disk' no_disk 2
		same tables "$(tables)" "$mem"
	done
	[[ -d /proc/$fio ]] || fail 'the neighbour has ended'
	kill -INT $fio
	wait $fio || true
	at_least 'KiB written next door' "$(awk -F ';' '$1 == 3 { print $47 }' "$work/fio")" 1024
	has_not ': [^o]' "$(<"$debug/ftl_check")"
	stop
}

# Everybody at once: many may be refused, nothing may break.
many()
{
	local end=$((SECONDS + 15)) pids=() mem

	load num_grp=4 "${flash[@]}" ns=block:1,oc20:1
	connect
	id=$(<"/sys/class/nvme/$ctrl/cntlid")
	mem=$(tables)
	# Here a refusal is no failure
	trap - ERR
	set +e
	exec 2>/dev/null
	for i in 1 2; do
		while ((SECONDS < end)); do
			nvme create-ns "/dev/$ctrl" --nsze=$((i * 1000)) --ncap=$((i * 1000)) --flbas=1
			nvme attach-ns "/dev/$ctrl" -n $((i + 2)) -c "$id"
			nvme delete-ns "/dev/$ctrl" -n $((i + 2))
		done >/dev/null &
		pids+=($!)
	done
	while ((SECONDS < end)); do
		nvme io-passthru "$(node_of "$ctrl" 3)" -n 3 -o 1 --cdw10=0 --cdw12=7 -l 32768 -w </dev/zero
		nvme io-passthru "$(node_of "$ctrl" 4)" -n 4 -o 0x0c --cdw10=0 --cdw12=900
		nvme admin-passthru "/dev/$ctrl" -o 0x80 -n 2 --cdw10=0
		nvme id-ns "/dev/$ctrl" -n 3 --force
	done >/dev/null &
	pids+=($!)
	while ((SECONDS < end)); do
		cat "$debug"/{ftl,ftl_check,ftl_map,memory,channels}
		nvme list-ns "/dev/$ctrl" --all
	done >/dev/null &
	pids+=($!)
	wait "${pids[@]}"
	# Who looked for partitions may hold one for a moment
	for ((i = 0; i < 50; i++)); do
		nvme delete-ns "/dev/$ctrl" -n 3
		nvme delete-ns "/dev/$ctrl" -n 4
		[[ $(nsids --all) != '1 2' ]] || break
		sleep 0.2
	done
	set -e
	same 'allocated namespaces' "$(nsids --all)" '1 2'
	same tables "$(tables)" "$mem"
	stop
}

# use CLI CASE - the case with this tool.
use()
{
	nvme=$1
	$2
	nvme=nvme
}

t life 20 use nvme life
((slow > 1)) || t life-nvme2 20 use nvme2 life
t tutorial 15 use nvme tutorial
((slow > 1)) || t tutorial-nvme2 15 use nvme2 tutorial
t nothing 10 nothing
t refusals 25 use nvme refusals
t claims 25 claims
t swap 20 swap
t readers 10 readers
t stays 15 stays
t two-hosts 20 two_hosts
t under-load 25 under_load
t many 35 many
