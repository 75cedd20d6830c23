#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# All tests: static checks, KUnit, commands and integration in both kernel flavours, DKMS.
# Every case is a line "ok NAME" or "not ok NAME"; a table of the stages and a line that counts
# the cases end the run.

set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$here/lib.sh"

top=$(dirname "$here")
out=$top/build/check
results=$out/results
stages=$out/stages

usage()
{
	cat <<USAGE
usage: ${0##*/} [all|long|quick|kunit|conformance|fuzz]
  all          what a change has to pass (default); half an hour on 2 processors, more on slow
               ones, and as long again if the kernels are not there
  long         everything, and everything at length: hours
  quick        static checks, KUnit natively, and a smoke test on the plain kernel
  kunit        the KUnit suites, natively in user-mode Linux
  conformance  every command in every state, a line each, on the plain kernel
  fuzz         COUNT random commands (200000) from SEED (chosen) on the debug kernel
The logs are in build/check.
USAGE
}

# Pass everything on, keep the results.
keep()
{
	tee >(grep --line-buffered -aE '^(not )?ok ' >>"$results")
}

result()
{
	if "${@:2}"; then
		echo "ok $1"
	else
		echo "not ok $1"
	fi | keep
}

# stage NAME COMMAND... - what it takes is a row of the table; its cases begin with NAME.
stage()
{
	local name=$1 at=$SECONDS busy=$out/times.$BASHPID

	shift
	info "$name"
	# In a shell of its own, which knows what processors its processes had
	(
		"$@"
		times >"$busy"
	)
	printf '%s\t%d\t%.0f\n' "$name" $((SECONDS - at)) \
		"$(awk -F '[ms ]+' 'END { print $1 * 60 + $2 + $3 * 60 + $4 }' "$busy")" >>"$stages"
	rm -f "$busy"
	info "$name took $((SECONDS - at)) s"
}

# What vm.sh's own statuses mean.
ends=([97]="time ran out" [98]="the VM died" [99]="faults in the kernel log")

# vm FLAVOUR STAGE SECONDS COMMAND... - a stage is judged by its cases, its status and the
# kernel's log.
vm()
{
	stage "$1/$2" vm_run "$@"
}

vm_run()
{
	local flavour=$1 stage=$2 limit=$3 status=0

	shift 3
	"$here/vm.sh" -f "$flavour" -t "$limit" -s "$top/build/$flavour" \
		-o "$out/$flavour-$stage" -- env FLAVOUR="$flavour" OC_LONG="${OC_LONG:-0}" "$@" |
		sed -uE "s#^(not )?ok #&$flavour/$stage/#" | keep
	status=${PIPESTATUS[0]}
	if ((status)); then
		echo "not ok $flavour/$stage/end: ${ends[status]:-status $status}"
	else
		echo "ok $flavour/$stage/end: status 0 and a clean kernel log"
	fi | keep
}

# Cases that only repetition makes certain: what races, is taken away, or runs out
soaks='@(life.*|faults.*|*.race-*|*-races|*under-load|*unload*|manage.many|manage.two-hosts'
soaks+='|inject.lost*|inject.pblk-lost|inject.fake-timeouts|look.load|connect.shared|memory.little)'

# The processes that aside() started
asides=()

# aside COMMAND... - run it with what the others leave of the processors.
aside()
{
	{
		renice -n 10 -p "$BASHPID" >/dev/null
		"$@"
	} &
	asides+=($!)
}

# How many run that are not aside
running()
{
	local pid count=0

	for pid in $(jobs -rp); do
		[[ " ${asides[*]} " == *" $pid "* ]] || count=$((count + 1))
	done
	echo $count
}

# beside COMMAND... - run it beside one other: most of what the guest does keeps one
# processor busy at a time.
beside()
{
	while (($(running) > 1)); do
		wait -n
	done
	"$@" &
}

# integration FLAVOUR SECONDS - the themes, half of them in each of two VMs. Of the debug kernel's
# two, one looks for leaks.
integration()
{
	OC_LEAKS=0 OC_APPEND="kmemleak=off ${OC_APPEND:-}" \
		beside vm "$1" integration-0 "$2" bash scripts/guest/run.sh --half 0
	# Its last case looks for them.
	OC_LEAKS=0 beside vm "$1" integration-1 "$2" bash scripts/guest/run.sh --half 1
}

# parse_kunit FLAVOUR - KUnit's own parser reads what the suites wrote to the kernel's log.
parse_kunit()
{
	local flavour=$1 log=$out/$1-kunit src status

	src=$(sed -n 's/^include \(.*\)\/Makefile$/\1/p' "$("$here/kernel.sh" "$flavour")/Makefile")
	# Suites in a module print neither header nor plan, and the kernel adds its time.
	{
		printf 'TAP version 14\n1..%s\n' "$(grep -c '# Subtest:' "$log/kunit.log")"
		sed -E 's/^\[ *[0-9.]+\] //' "$log/kunit.log"
	} >"$log/kunit.tap"
	(cd "$src" && PYTHONDONTWRITEBYTECODE=1 python3 tools/testing/kunit/kunit.py \
		parse "$log/kunit.tap") >"$log/parsed.log" 2>&1
	status=$?

	sed -E 's/\x1b\[[0-9;]*m//g; s/^\[[0-9:]+\] //' "$log/parsed.log" |
		sed -nE "s,^\[PASSED\] (.+),ok $flavour/kunit/\1,p
			s,^\[(FAILED|CRASHED)\] (.+),not ok $flavour/kunit/\2,p" | keep
	grep -E 'Testing complete' "$log/parsed.log"
	result "$flavour/kunit/end: kunit.py finds no failure" test "$status" -eq 0
}

# kunit FLAVOUR - in a VM
kunit()
{
	vm_run "$1" kunit 1500 bash scripts/guest/kunit.sh
	parse_kunit "$1"
}

# kunit_native FLAVOUR EFFORT - random cases can try much more in the same time there.
kunit_native()
{
	local flavour=$1 effort=${OC_EFFORT:-$2} log=$out/$1-kunit

	result "$flavour/kunit/end: status 0" env OC_EFFORT="$effort" \
		"$here/uml.sh" -f "$flavour" -t $((900 + effort * 60)) -o "$log"
	result "$flavour/kunit/end: a clean kernel log" test ! -s "$log/faults.log"
	parse_kunit "$flavour"
}

static()
{
	"$here/static.sh" | keep
}

dkms()
{
	"$here/dkms.sh" test | keep
}

# build FLAVOUR - kernel and module
build()
{
	stage "build/$1" result "build/$1" "$here/build.sh" "$1"
}

# What a VM boots besides the kernel
rootfs()
{
	stage build/rootfs result build/rootfs "$here/rootfs.sh"
}

# The suites natively: as they are, with random cases at length, and with every checker.
natively()
{
	stage uml/kunit kunit_native uml "$1"
	stage uml-debug/kunit kunit_native uml-debug "$2"
}

# What needs no VM but the plain kernel's tree
no_vm()
{
	stage static static
	stage dkms dkms
}

# What is no theme, on the debug kernel
debug_rest()
{
	vm debug commands 4000 bash scripts/guest/commands.sh
	stage debug/kunit kunit debug
}

# What the kernel said where a VM's log has faults, and how the first of them came about.
explain()
{
	local dir faults

	for dir in "$out"/*/; do
		faults=$dir/faults.log
		[[ -s $faults ]] || continue
		echo
		info "$(basename "$dir"):"
		head -n 5 "$faults"
		cat "$dir"/{dmesg,kernel}.log 2>/dev/null |
			grep -aF -m 1 -B 5 -A 35 -e "$(head -n 1 "$faults")"
	done
}

# The stages in the order in which they ended: seconds, those of processors, cases
table()
{
	local name seconds busy

	printf '\n%-24s %8s %8s %8s\n' stage seconds busy cases
	while IFS=$'\t' read -r name seconds busy; do
		printf '%-24s %8d %8d %8d\n' "$name" "$seconds" "$busy" \
			"$(grep -cE "^(not )?ok $name(/|:|$)" "$results")"
	done <"$stages"
	printf '%-24s %8d %8d %8d\n' all "$SECONDS" "$(awk '{ n += $3 } END { print n + 0 }' "$stages")" \
		"$(wc -l <"$results")"
}

summary()
{
	local good bad

	# The readers of the last stage may still be writing.
	sleep 1
	good=$(grep -c '^ok ' "$results")
	bad=$(grep -c '^not ok ' "$results")
	if ((bad)); then
		explain
		echo
		grep '^not ok ' "$results"
	fi
	table
	echo "$good passed, $bad failed"
	((good && !bad))
}

mode=${1:-all}
case $mode in
-h | --help) usage; exit 0 ;;
all | long | quick | kunit | conformance | fuzz) ;;
*) usage >&2; exit 2 ;;
esac

need_packages python3-minimal
rm -rf "$out"
mkdir -p "$out"
: >"$results"
: >"$stages"

case $mode in
conformance)
	build plain
	vm plain conformance 900 bash scripts/guest/commands.sh --each
	;;
fuzz)
	: "${SEED:=$RANDOM$RANDOM}" "${COUNT:=200000}"
	info "SEED=$SEED COUNT=$COUNT"
	build debug
	vm debug fuzz $((600 + COUNT / 50)) env SEED="$SEED" COUNT="$COUNT" \
		bash scripts/guest/commands.sh --fuzz
	;;
kunit)
	stage uml/kunit kunit_native uml 1
	;;
quick)
	build plain
	stage static static
	stage uml/kunit kunit_native uml 1
	vm plain smoke 120 bash scripts/guest/run.sh smoke
	;;
all)
	# Where nothing has been made yet, the kernels are, each when it is first asked for.
	beside natively 20 2
	aside rootfs
	build plain
	aside build debug
	debug=$!
	beside no_vm
	beside stage plain/kunit kunit plain
	beside vm plain commands 1200 bash scripts/guest/commands.sh
	beside vm plain pages 900 bash scripts/guest/run.sh pages
	integration plain 2000
	wait "$debug"
	aside debug_rest
	integration debug 4000
	wait
	;;
long)
	# Also what the debug kernel otherwise leaves to others, at any length
	export OC_LONG=1 OC_KUNIT=1
	beside natively 400 40
	aside rootfs
	build plain
	build debug
	beside no_vm
	beside stage plain/kunit kunit plain
	beside vm plain commands 9000 env COUNT=1000000 bash scripts/guest/commands.sh
	beside vm plain pages 9000 bash scripts/guest/run.sh pages
	integration plain 4000
	beside vm debug commands 18000 env COUNT=200000 bash scripts/guest/commands.sh
	beside stage debug/kunit kunit debug
	integration debug 9000
	OC_LEAKS=0 beside vm debug soak 36000 env OC_ROUNDS=10 OC_ONLY="$soaks" \
		bash scripts/guest/run.sh
	OC_LEAKS=0 beside vm debug mixed 3000 bash scripts/guest/races.sh 1800
	wait
	;;
esac
summary
