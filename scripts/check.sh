#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# All tests: static checks, KUnit, commands and integration in both kernel flavours, DKMS.
# Every case is a line "ok NAME" or "not ok NAME"; the last line counts them.

set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$here/lib.sh"

top=$(dirname "$here")
out=$top/build/check
results=$out/results

usage()
{
	cat <<USAGE
usage: ${0##*/} [all|quick|kunit|conformance|fuzz]
  all          everything (default); an hour on 2 processors, more on slow ones
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

# What vm.sh's own statuses mean.
ends=([97]="time ran out" [98]="the VM died" [99]="faults in the kernel log")

# vm FLAVOUR STAGE SECONDS COMMAND... - a stage is judged by its cases, its status and the
# kernel's log.
vm()
{
	local flavour=$1 stage=$2 limit=$3 status=0 at=$SECONDS

	shift 3
	info "$flavour kernel: $stage"
	"$here/vm.sh" -f "$flavour" -t "$limit" -s "$top/build/$flavour" \
		-o "$out/$flavour-$stage" -- env FLAVOUR="$flavour" "$@" |
		sed -uE "s#^(not )?ok #&$flavour/$stage/#" | keep
	status=${PIPESTATUS[0]}
	if ((status)); then
		echo "not ok $flavour/$stage: ${ends[status]:-status $status}"
	else
		echo "ok $flavour/$stage: status 0 and a clean kernel log"
	fi | keep
	info "$flavour kernel: $stage took $((SECONDS - at)) s"
}

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
	local flavour=$1 log=$out/$1-kunit src

	src=$(sed -n 's/^include \(.*\)\/Makefile$/\1/p' "$("$here/kernel.sh" "$flavour")/Makefile")
	# Suites in a module print neither header nor plan, and the kernel adds its time.
	{
		printf 'TAP version 14\n1..%s\n' "$(grep -c '# Subtest:' "$log/kunit.log")"
		sed -E 's/^\[ *[0-9.]+\] //' "$log/kunit.log"
	} >"$log/kunit.tap"
	(cd "$src" && PYTHONDONTWRITEBYTECODE=1 python3 tools/testing/kunit/kunit.py \
		parse "$log/kunit.tap") >"$log/parsed.log" 2>&1
	local status=$?

	sed -E 's/\x1b\[[0-9;]*m//g; s/^\[[0-9:]+\] //' "$log/parsed.log" |
		sed -nE "s,^\[PASSED\] (.+),ok $flavour/kunit/\1,p
			s,^\[(FAILED|CRASHED)\] (.+),not ok $flavour/kunit/\2,p" | keep
	grep -E 'Testing complete' "$log/parsed.log"
	result "$flavour/kunit: kunit.py finds no failure" test "$status" -eq 0
}

kunit()
{
	vm "$1" kunit 1500 bash scripts/guest/kunit.sh
	parse_kunit "$1"
}

# Natively, random cases can try much more in the same time.
kunit_native()
{
	local at=$SECONDS log=$out/uml-kunit

	info "user-mode Linux: kunit"
	result "uml/kunit: status 0" env OC_EFFORT="${OC_EFFORT:-$1}" "$here/uml.sh" -o "$log"
	result "uml/kunit: a clean kernel log" test ! -s "$log/faults.log"
	parse_kunit uml
	info "user-mode Linux: kunit took $((SECONDS - at)) s"
}

# What is no theme, on the debug kernel
debug_rest()
{
	vm debug commands 4000 bash scripts/guest/commands.sh
	kunit debug
	dkms
}

static()
{
	info "static checks"
	"$here/static.sh" | keep
}

dkms()
{
	info "DKMS"
	"$here/dkms.sh" test | keep
}

build()
{
	result "build for the $1 kernel" "$here/build.sh" "$1"
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
	info "$((SECONDS / 60)) minutes"
	echo "$good passed, $bad failed"
	((good && !bad))
}

mode=${1:-all}
case $mode in
-h | --help) usage; exit 0 ;;
all | quick | kunit | conformance | fuzz) ;;
*) usage >&2; exit 2 ;;
esac

need_packages python3-minimal
rm -rf "$out"
mkdir -p "$out"
: >"$results"

[[ $mode == fuzz || $mode == kunit ]] || build plain
case $mode in
conformance)
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
	kunit_native 1
	;;
quick)
	static
	kunit_native 1
	vm plain smoke 120 bash scripts/guest/run.sh smoke
	;;
all)
	aside build debug
	debug=$!
	beside static
	beside kunit_native 20
	beside kunit plain
	beside vm plain commands 1200 bash scripts/guest/commands.sh
	beside vm plain pages 900 bash scripts/guest/run.sh pages
	integration plain 2000
	wait "$debug"
	aside debug_rest
	integration debug 4000
	wait
	;;
esac
summary
