#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Helpers of the guest tests, sourced by run.sh. A case is a function that runs in a shell
# of its own with errexit: a command that fails ends it, and is the reason it gives.
# Starting a program takes long under emulation: what bash can do itself, it does.

guest=${BASH_SOURCE[0]%/*}
# shellcheck source-path=SCRIPTDIR
. "$guest/nodes.sh"
: "${OC_KO:=$guest/../../ocloop.ko}"
: "${OC_OUT:=/out}"
: "${FLAVOUR:=$([[ -e /sys/kernel/debug/kmemleak ]] && echo debug || echo plain)}"

# What the helpers set, or go by: controller and namespace, what a refused command said,
# bytes fio wrote, transport and tool to connect with.
nqn=nqn.2026-11.ocloop:ssd0
# shellcheck disable=SC2034 # for the cases
ctrl='' ns='' said='' written='' transport=loop nvme=nvme
: "${theme:=}" "${done_fd:=}" "${passed:=0}" "${failed:=0}"
# What cases there are, and patterns of those that are none of the debug kernel's
names=() plain_only=()
debug=/sys/kernel/debug/ocloop/ssd0
work=/tmp/guest
# 256 MiB, of which pblk makes 174
# shellcheck disable=SC2034 # for the cases
small=(num_grp=2 num_pu=4 num_chk=32 clba=256)
# KASAN under emulation takes five times as long.
[[ $FLAVOUR == plain ]] && slow=1 || slow=5
# Both versions of nvme-cli where what they print is looked at; to the device they say the same.
# shellcheck disable=SC2034 # for the cases
[[ $FLAVOUR == plain ]] && clis=(nvme nvme2) || clis=(nvme)

# What the kernel says when something is broken.
log_fault='WARNING|\<BUG\>|Oops|general protection|KASAN:|UBSAN|possible .*(deadlock|locking)'
log_fault+='|inconsistent lock|suspicious RCU|soft lockup|workqueue lockup|blocked for more than'
log_fault+='|rcu.* stall|ODEBUG|list_(add|del) corruption|refcount_t|corrupted read LBA'
log_fault+='|unable to handle|while atomic|sleeping function called|Bad page'

# ---- judging -----------------------------------------------------------

# fail TEXT... - end the case.
fail()
{
	trap - ERR
	printf '%s\n' "$*" >"$work/reason"
	echo "FAILED: $*"
	exit 1
}

# same WHAT GOT WANT
same()
{
	[[ $2 == "$3" ]] || fail "$1 is '$2', not '$3'"
}

# at_least WHAT GOT MIN, at_most WHAT GOT MAX: whole numbers.
at_least()
{
	((${2:-0} >= $3)) || fail "$1 is $2, less than $3"
}

at_most()
{
	((${2:-0} <= $3)) || fail "$1 is $2, more than $3"
}

# finds PATTERN TEXT - does an extended regular expression match one line of TEXT? What bash
# reads from a pipe, as a short <<< is, it reads by single bytes, each a system call.
finds()
{
	local - line IFS=$'\n'

	set +x -f
	for line in $2; do
		[[ ! $line =~ $1 ]] || return 0
	done
	return 1
}

has()
{
	finds "$1" "$2" || fail "no line like '$1' in: ${2:0:300}"
}

has_not()
{
	! finds "$1" "$2" || fail "there is a line like '$1'"
}

# refused COMMAND... - the command must fail; what it says ends up in $said.
refused()
{
	local status=0

	said=$("$@" 2>&1) || status=$?
	echo "$said"
	((status)) || fail "this should have failed: $*"
}

# nap SECONDS - sleep without a program: nobody ever writes to this pipe.
[[ ${never:-} ]] || exec {never}<> <(:)
nap()
{
	read -r -t "$1" -u "$never" || true
}

# wait_for SECONDS WHAT COMMAND... - until the command succeeds.
wait_for()
{
	local - end=$((SECONDS + $1 * slow * 2)) what=$2

	shift 2
	set +x
	until "$@" >/dev/null 2>&1; do
		((SECONDS <= end)) || fail "waited in vain for $what"
		nap 0.05
	done
}

# note TEXT... - a line of comment for those who read the results.
note()
{
	printf '# %s\n' "$*" | tee -a "$work/notes"
}

# ---- the kernel log ----------------------------------------------------

mark_log()
{
	mark="guest mark $$.$RANDOM$RANDOM"
	echo "$mark" >/dev/kmsg
}

# read_log - into $logged, the kernel log from the last mark on, without its times.
read_log()
{
	local - lines i

	set +x
	dmesg >"$work/dmesg"
	mapfile -t lines <"$work/dmesg"
	for ((i = ${#lines[@]}; i > 0; i--)); do
		[[ ${lines[i - 1]} != *"$mark" ]] || break
	done
	logged=
	for i in "${lines[@]:i}"; do
		[[ $i == *': loading out-of-tree module taints'* ]] || logged+=${i#\[*\] }$'\n'
	done
}

log_since_mark()
{
	local logged

	read_log
	printf '%s' "$logged"
}

# faults_in TEXT - the first lines of a log that tell of a fault which no theme expects.
faults_in()
{
	local - LC_ALL=C expected=$OC_OUT/expected-log-patterns

	set +x
	# Most logs have none, and need no program to know it.
	[[ $1 =~ $log_fault ]] || return 0
	[[ -s $expected ]] || expected=/dev/null
	grep -avE -f "$expected" <<<"$1" | grep -aE -m 3 -e "$log_fault"
}

in_log()
{
	local logged

	read_log
	finds "$1" "$logged"
}

wait_log()
{
	wait_for "$1" "'$2' in the kernel log" in_log "$2"
}

# ---- module and controllers --------------------------------------------

load()
{
	insmod "$OC_KO" "$@"
}

unload()
{
	rmmod ocloop
}

loaded()
{
	[[ -d /sys/module/ocloop ]]
}

# find_controllers - into $all.
find_controllers()
{
	all=(/sys/class/nvme/nvme*)
	[[ -e ${all[0]} ]] || all=()
	all=("${all[@]##*/}")
}

controllers()
{
	local all

	find_controllers
	((!${#all[@]})) || printf '%s\n' "${all[@]}"
}

# namespaces CTRL - names of its namespaces.
namespaces()
{
	local all

	find_namespaces "$1"
	((!${#all[@]})) || printf '%s\n' "${all[@]}"
}

# has_node CTRL NSID - is the namespace's node ready? Sets ns.
has_node()
{
	local all

	find_namespaces "$1"
	ns=${all[$2]:-}
	[[ $ns && -b /dev/$ns ]]
}

# node NSID - the node of a namespace of $ctrl.
node()
{
	node_of "$ctrl" "$1" || fail "namespace $1 of $ctrl has no node"
}

# shellcheck disable=SC2120 # cases pass options
# connect [OPTION...] - connect with $nvme and wait for the first namespace's node; sets
# ctrl and ns, and prints them.
connect()
{
	local before all

	find_controllers
	before=" ${all[*]} "
	"$nvme" connect -t "$transport" -n "$nqn" "$@"
	find_controllers
	for ctrl in "${all[@]}" ''; do
		[[ $before == *" $ctrl "* ]] || break
	done
	[[ $ctrl ]] || fail "connected, but there is no new controller"
	wait_for 10 "a namespace of $ctrl" has_node "$ctrl" 1
	echo "$ctrl $ns"
}

controllers_are()
{
	local all

	find_controllers
	((${#all[@]} == $1))
}

no_controllers()
{
	controllers_are 0
}

disconnect()
{
	nvme disconnect -n "$nqn"
	wait_for 10 "the controller's end" no_controllers
}

# start [PARAMETER...] - load and connect.
start()
{
	load "$@"
	# shellcheck disable=SC2119 # those are the module's
	connect
}

stop()
{
	disconnect
	unload
}

# ns_field FIELD [NSID] - what Identify Namespace has.
ns_field()
{
	local text

	text=$(nvme id-ns "/dev/$ctrl" -n "${2:-1}")
	[[ $'\n'$text =~ $'\n'$1\ *:\ *([^$' \n']*) ]] || fail "no $1 in: ${text:0:300}"
	echo "${BASH_REMATCH[1]}"
}

lightnvm()
{
	echo "$(<"/sys/block/$ns/lightnvm/$1")"
}

luns()
{
	echo $(($(lightnvm groups) * $(lightnvm punits)))
}

# pblk NAME [FIRST LAST [OPTION...]] - a target on $ns, of all LUNs unless told.
pblk()
{
	local first=${2:-0} last=${3:-$(($(luns) - 1))}

	nvme lnvm create -d "$ns" -n "$1" -t pblk -b "$first" -e "$last" "${@:4}"
	wait_for 10 "/dev/$1" test -b "/dev/$1"
}

unpblk()
{
	nvme lnvm remove -n "$1"
	[[ ! -e /dev/$1 ]] || fail "/dev/$1 is still there"
}

# counter COLUMN - the sum over all channels of a column of debugfs's "channels".
counter()
{
	local - row col sum=0

	set +x
	{
		read -ra row
		for ((col = 0; col < ${#row[@]}; col++)); do
			[[ ${row[col]} != "$1" ]] || break
		done
		while read -ra row; do
			sum=$((sum + row[col]))
		done
	} <"$debug/channels"
	echo $sum
}

# number NAME FILE - what stands behind a name at the beginning of a line.
number()
{
	local - name value rest

	set +x
	while read -r name value rest; do
		[[ $name != "$1" ]] || echo "$value"
	done <"$2"
}

# data_bytes - what the media holds now.
data_bytes()
{
	number data "$debug/memory"
}

mem_available()
{
	number MemAvailable: /proc/meminfo
}

# All that the kernel has cached: what runs next has to come from the disk again.
drop_caches()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
}

# uncached DISK... - what is read of it next comes from the device.
uncached()
{
	blockdev --flushbufs "$@"
}

# ---- data --------------------------------------------------------------

# noise FILE KIB
noise()
{
	head -c "$(($2 * 1024))" /dev/urandom >"$1"
}

# verify FILE [OPTION...] - fio writes and reads back, checksums compared; prints the
# bytes written, which $written holds as well.
verify()
{
	local file=$1 line

	shift
	(cd "$work" && fio --name=verify --filename="$file" --ioengine=libaio --direct=1 \
		--verify=crc32c --verify_fatal=1 --do_verify=1 --verify_state_save=0 \
		--randrepeat=0 --minimal --output="$work/fio" "$@")
	# Field 47 of each job's line: KiB written.
	written=0
	while IFS=';' read -ra line; do
		[[ ${line[0]:-} != 3 ]] || written=$((written + line[46] * 1024))
	done <"$work/fio"
	at_least 'bytes that fio wrote' "$written" 1
	echo "fio wrote $written bytes"
}

# files DIR MIB - files of several sizes, and the list of their checksums.
files()
{
	mkdir -p "$1/a/b"
	# noise() 21 times, as one program
	perl -e '
		my ($dir, $mib) = @ARGV;
		my %size = map { ("b/small$_", $_ * 3 + 1) } 0 .. 19;
		$size{large} = $mib * 1024;
		open(my $noise, "<:raw", "/dev/urandom") or die "urandom: $!\n";
		for my $name (sort keys %size) {
			read($noise, my $bytes, $size{$name} * 1024) == $size{$name} * 1024 or die;
			open(my $file, ">:raw", "$dir/a/$name") or die "$name: $!\n";
			print $file $bytes or die "$name: $!\n";
			close($file) or die "$name: $!\n";
		}' "$1" "$2"
	(cd "$1" && find . -type f ! -name sums -exec sha256sum {} + >"$work/sums.tmp" &&
		mv "$work/sums.tmp" sums)
}

check_files()
{
	local sums

	(cd "$1" && sha256sum --quiet -c sums)
	mapfile -t sums <"$1/sums"
	same 'files with a checksum' ${#sums[@]} 21
}

# ---- leaving nothing behind ---------------------------------------------

# left_over - what there is of the module, nothing if it is gone. Of a module that has gone,
# /proc/vmallocinfo shows bare addresses.
left_over()
{
	local - name file vmalloc

	set +x
	! loaded || echo "the module"
	no_controllers || echo "controllers"
	[[ ! -e /sys/kernel/slab/ocloop_sector ]] || echo "slab cache ocloop_sector"
	[[ ! -e /sys/kernel/debug/ocloop ]] || echo "debugfs directory"
	for file in /sys/devices/platform/ocloop*; do
		[[ ! -e $file ]] || echo "platform device ${file##*/}"
	done
	vmalloc=$(</proc/vmallocinfo)
	[[ ! $vmalloc =~ ([a-z0-9_]*\+0x[^ ]*)\ \[ocloop\]|\ (0xffffffffc[0-9a-f]*)\  ]] ||
		echo "vmalloc memory of ${BASH_REMATCH[1]}${BASH_REMATCH[2]}"
	for file in /proc/[0-9]*/comm; do
		# Who was there before us is none of the module's.
		((${file//[!0-9]/} > $$)) || continue
		read -r name 2>/dev/null <"$file" || continue
		[[ ! $name =~ ^(kworker/R-)?ssd0_ ]] || echo "workqueue $name"
	done
}

no_traces()
{
	left_over >"$work/left"
	[[ ! -s $work/left ]]
}

# Before the first and after every case, however it ended: a machine without the module.
clean_up()
{
	local dir tries line all

	# Every connect by the name loop would pull in the kernel's nvme_loop.
	[[ -e /etc/modprobe.d/ocloop.conf ]] ||
		echo 'install nvme-loop /bin/true' >/etc/modprobe.d/ocloop.conf
	for dir in /sys/devices/system/cpu/cpu[0-9]*/online; do
		[[ $(<"$dir") == 1 ]] || echo 1 >"$dir"
	done
	for dir in /sys/kernel/debug/{failslab,fail_page_alloc}; do
		[[ ! -e $dir ]] || echo 0 >"$dir/probability"
	done
	# Its first line is a heading
	[[ $(</proc/swaps) != *$'\n'* ]] || swapoff -a
	for ((tries = 0; tries < 5; tries++)); do
		mapfile -t line </proc/mounts
		for dir in "${line[@]}"; do
			[[ ! $dir =~ \ (/mnt[^\ ]*) ]] || umount "${BASH_REMATCH[1]}" ||
				umount -l "${BASH_REMATCH[1]}"
		done
		for dir in /sys/block/{dm-*/dm,md*/md}; do
			case $dir in
			*'*'*) ;;
			*/dm) dmsetup remove -f "$(<"$dir/name")" || true ;;
			*) mdadm --stop "/dev/$(basename "${dir%/md}")" || true ;;
			esac
		done
		for dir in /sys/block/*/pblk; do
			dir=${dir%/pblk}
			[[ $dir == *'*'* ]] || nvme lnvm remove -n "${dir##*/}" || true
		done
		find_controllers
		for dir in "${all[@]}"; do
			echo 1 >"/sys/class/nvme/$dir/delete_controller" || true
		done
		! loaded || rmmod ocloop || true
		[[ ! -e /sys/module/nvme_loop ]] || rmmod nvme_loop || true
		! no_traces || return 0
		nap 0.5
	done
	left_over
	lsmod
	cat /proc/mounts
	return 1
}

# Memory that nothing points to. Kernel 5.10 itself leaks two things, which are forgotten
# here before anybody else looks: a target's disk, whose reference pblk_sysfs_init() takes
# and nobody drops, and a cache's name when sysfs_slab_add() fails.
no_leaks()
{
	local - leaks file=/sys/kernel/debug/kmemleak

	set +x
	echo scan >$file
	sleep 5
	echo scan >$file
	leaks=$(awk -v RS='unreferenced object ' '
		NR == 1 || /sysfs_slab_add/ { next }
		/nvm_ioctl_dev_create/ && /__alloc_disk_node|blk_alloc_queue|device_add_disk/ { next }
		{ print }' $file)
	echo clear >$file
	[[ ! $leaks ]] || {
		echo "$leaks"
		fail "leaks: ${leaks:0:250}"
	}
	# The count that the scan has put into the log is of these.
	echo 'kmemleak: [0-9]+ new suspected memory leaks' >>"$OC_OUT/expected-log-patterns"
}

# ---- running cases ------------------------------------------------------

# A case's files go with it.
no_files()
{
	local files=("$work"/tmp.*)

	[[ ! -e ${files[0]} ]] || rm -rf "${files[@]}"
}

# The shell of a case.
run_case()
{
	set -Eeuo pipefail
	PS4='+ ${BASH_SOURCE[0]##*/}:$LINENO: '
	trap 'fail "line $LINENO: $BASH_COMMAND"' ERR
	trap no_files EXIT
	nvme=nvme
	set -x
	"$@"
}

# gone GROUP SECONDS - wait for the end of a process group.
gone()
{
	local end=$((SECONDS + $2))

	while kill -0 -- "-$1" 2>/dev/null; do
		((SECONDS < end)) || return 1
		nap 0.1
	done
}

# supervise SECONDS LOG FUNCTION... - run it in a shell and process group of its own, and
# end what it leaves running. Status: 124 if it took too long, 125 if it does not even end
# by SIGKILL.
supervise()
{
	local limit=$1 log=$2 pid status=''

	shift 2
	set -m
	{
		(run_case "$@")
		echo $? >&"$done_fd"
	} </dev/null >>"$log" 2>&1 &
	pid=$!
	set +m
	if ! read -r -t "$limit" -u "$done_fd" status; then
		status=124
		kill -TERM -- "-$pid" 2>/dev/null
		gone "$pid" 5 || kill -KILL -- "-$pid" 2>/dev/null
	else
		wait "$pid"
		kill -KILL -- "-$pid" 2>/dev/null
	fi
	gone "$pid" 30 || status=125
	return "$status"
}

# Must fail, and not at its end: or no case would notice what fails in it.
canary()
{
	false
	true
}

report()
{
	local reason

	if [[ ! $2 ]]; then
		passed=$((passed + 1))
		echo "ok $1"
		[[ ! -e $work/notes ]] || cat "$work/notes"
		return
	fi
	failed=$((failed + 1))
	reason=${2//$'\n'/ }
	echo "not ok $1: ${reason:0:300}"
	sed -n '/FAILED: /q; p' "$work/log" | grep -av '^+* lib.sh:' | tail -n 8 |
		cut -c1-200 | sed 's/^/#   /'
}

# fits_one NAME PATTERN...
fits_one()
{
	local name=$1 pattern

	shift
	for pattern in "$@"; do
		# shellcheck disable=SC2053 # a pattern
		[[ $name != $pattern ]] || return 0
	done
	return 1
}

# t NAME SECONDS FUNCTION [ARGUMENT...] - run a case; the time is for the plain flavour.
t()
{
	local name=$theme.$1 limit=$(($2 * (slow > 1 ? 16 : 8) + 60)) status=0 cleaned reason='' log

	names+=("$name")
	if [[ ${OC_ONLY:-} ]]; then
		# shellcheck disable=SC2053 # a pattern
		[[ $name == $OC_ONLY ]] || return 0
	elif [[ $FLAVOUR == debug && ${OC_LONG:-0} == 0 ]] && fits_one "$name" "${plain_only[@]}"; then
		return 0
	fi
	shift 2
	log=$work/log
	: >"$log"
	[[ ! -e $work/reason && ! -e $work/notes ]] || rm -f "$work/reason" "$work/notes"
	mark_log
	echo "case $name" >/dev/kmsg
	# Not within "if" or "||": bash would ignore errexit in all of the case.
	supervise "$limit" "$log" "$@"
	status=$?
	case $status in
	0) ;;
	124) reason="took longer than $limit s" ;;
	125) reason="hangs and cannot be killed" ;;
	*) reason=$(cat "$work/reason" 2>/dev/null || echo "exit status $status") ;;
	esac
	if ((status == 124 || status == 125)); then
		echo w >/proc/sysrq-trigger
	fi
	if ((status == 125)); then
		report "$name" "$reason"
		stop_run "$name hangs"
	fi

	printf '%s\n' "$(<"$log")" >"$OC_OUT/$name.log" 2>/dev/null
	supervise $((40 * slow)) "$OC_OUT/clean-up.log" clean_up
	cleaned=$?
	if ((cleaned)); then
		report "$name" "${reason:-passed}; cannot clean up: $(left_over)"
		tail -n 30 "$OC_OUT/clean-up.log" | sed 's/^/#   /'
		stop_run "no clean state after $name"
	fi
	[[ $reason ]] || {
		read_log
		reason=$(faults_in "$logged")
	}
	report "$name" "$reason"
}

stop_run()
{
	echo "# $passed ok, $failed not ok; stopped: $1"
	exit 1
}
