#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Boot the VM once, measure ocloop against its peers, and print table and targets; the raw
# results are in build/bench/results.json.

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$here/lib.sh"

: "${OC_SEED:=1}"
top=$(dirname "$here")
out=$top/build/bench
share=$out/share
tmp='' sampler='' vm='' commit=''

usage()
{
	cat <<USAGE
usage: ${0##*/} [full|quick|count|budget|report]
  full    everything, five rounds, three quarters of an hour under emulation (default); draws
          doc/bench.svg, doc/scale.svg and doc/timing.svg
  quick   the comparison only, one short round, under three minutes; draws into build/bench
  count   the comparison in instructions: the emulator counts them, and no neighbour of this
          machine's makes any difference. Three minutes
  budget  where the time of a 4k read goes: samples of the VM's processors while it runs
  report  table and plots again, from build/bench/results.json
Environment: OC_SEED (default 1), OC_ROUNDS, OC_TURNS in each, OC_MS of each, OC_STAGES of: timing
compare direct oob scale capacity vector idle; OC_BUDGET, as DEVICE/WORKLOAD...
USAGE
}

# shellcheck disable=SC2317 # reached through the trap
cleanup()
{
	[[ -z $sampler ]] || kill "$sampler" 2>/dev/null || true
	[[ -z $vm ]] || kill "$vm" 2>/dev/null || true
	[[ -z $tmp ]] || rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# What the guest needs, apart from the build: a test run meanwhile may rebuild that.
make_share()
{
	local dir

	commit=$(git -C "$top" describe --always --dirty 2>/dev/null || echo unknown)
	dir=$("$here/build.sh" plain OC_KUNIT=)
	rm -rf "$share"
	mkdir -p "$share/scripts"
	cp "$dir/ocloop.ko" "$share"
	cp -r "$here/guest" "$share/scripts"
	gcc -static -O2 -Wall -o "$share/vecbench" "$top"/tests/{vecbench,options}.c ||
		die "vecbench does not build"
}

# Which one vm.sh uses.
accelerator()
{
	if [[ $mode != count ]] && grep -qE -m 1 '^flags.* (vmx|svm)( |$)' /proc/cpuinfo &&
		{ : <>/dev/kvm; } 2>/dev/null; then
		echo kvm
	else
		echo tcg
	fi
}

# make_results FILE - as JSON: the machine, and the guest's records.
make_results()
{
	{
		printf '{"machine": {"cpu": "%s", "cpus": %d, "host_kernel": "%s", ' \
			"$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" \
			"$(nproc)" "$(uname -r)"
		printf '"qemu": "%s", "accel": "%s", "seed": %d, "commit": "%s", "date": "%s"},\n' \
			"$(qemu-system-x86_64 --version | sed -n '1s/.*version \([0-9.]*\).*/\1/p')" \
			"$(accelerator)" "$OC_SEED" "$commit" "$(date -u +%Y-%m-%dT%H:%MZ)"
		printf '"records": [\n'
		sed '$!s/$/,/' "$out/records"
		printf ']}\n'
	} >"$1"
}

# run_vm MODE SECONDS [QEMU-ARGUMENTS] - 256 MiB of disk for QEMU's own device.
run_vm()
{
	local disk=$tmp/disk

	truncate -s 256M "$disk"
	# The guest's memory is there from the start: the first to touch a page would pay for it.
	OC_QEMU_ARGS="-mem-prealloc -drive file=$disk,if=none,id=bench,format=raw,cache=unsafe
		-device nvme,serial=bench,drive=bench ${3:-}" \
		"$here/vm.sh" -t "$2" -m 6144 -s "$share" -o "$out" -- \
		env OC_SEED="$OC_SEED" OC_ROUNDS="${OC_ROUNDS:-}" OC_TURNS="${OC_TURNS:-}" \
		OC_MS="${OC_MS:-}" OC_STAGES="${OC_STAGES:-}" OC_BUDGET="${OC_BUDGET:-}" \
		bash scripts/guest/bench.sh "$1" >&2 &
	vm=$!
	wait "$vm"
	vm=
}

mode=${1:-full}
case $mode in
-h | --help) usage; exit 0 ;;
full | quick | count | budget | report) ;;
*) usage >&2; exit 2 ;;
esac

need_packages python3-minimal gcc libc6-dev
if [[ $mode != report ]]; then
	need_packages qemu-system-x86
	mkdir -p "$out"
	make_share
	# In memory, if there is such a place: the disk is not what is measured.
	tmp=$(mktemp -d "$([[ -w /dev/shm ]] && echo /dev/shm || echo "${TMPDIR:-/tmp}")/ocloop.XXXXXX")
fi
plots=$top/doc
case $mode in
full)
	run_vm full 3600
	make_results "$out/results.json"
	;;
quick)
	run_vm quick 600
	make_results "$out/results.json"
	plots=$out
	;;
count)
	# The guest's clock goes on by a nanosecond with each instruction.
	export OC_ACCEL=tcg,thread=single
	run_vm count 1200 '-icount shift=0'
	# Not among the results: their plots are of time.
	make_results "$out/count.json"
	exec "$here/bench-report.py" count "$out/count.json"
	;;
budget)
	rm -f "$out"/{now,kallsyms*}
	"$here/bench-report.py" sample "$tmp/monitor" "$out" &
	sampler=$!
	run_vm budget 600 "-monitor unix:$tmp/monitor,server=on,wait=off"
	wait "$sampler" || true
	sampler=
	exec "$here/bench-report.py" budget "$out"
	;;
esac
mkdir -p "$plots"
exec "$here/bench-report.py" report "$out/results.json" "$plots"
