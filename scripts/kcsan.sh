#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Look for data races: the KUnit suites, some themes and a load of everything at once on a
# kernel with KCSAN. It fails on any report with code of the module in it.

set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$here/lib.sh"

top=$(dirname "$here")
out=$top/build/kcsan-run
failed=0

usage()
{
	cat <<USAGE
usage: ${0##*/} [THEME...]
Themes: as scripts/guest/run.sh (default: load connect raw block inject timing)
Environment: OC_SECONDS, how long the mixed load takes (default 300)
The logs are in build/kcsan-run; reports of the kernel's own races are counted only.
USAGE
}

# stage NAME SECONDS COMMAND... - run it in a VM and print the reports that are ours.
stage()
{
	local name=$1 limit=$2 log=$out/$1 status=0 all ours

	shift 2
	"$here/vm.sh" -f kcsan -t "$limit" -s "$top/build/kcsan" -o "$log" -- bash -c '
		echo "BUG: KCSAN: " >/out/expected-log-patterns
		exec "$@"' kcsan env FLAVOUR=kcsan "$@" || status=$?
	cat "$log"/{dmesg,kernel}.log 2>/dev/null | tr -d '\r' | sed -E 's/^\[ *[0-9.]+\] //' |
		awk '/^=+$/ { want = 0 }
			/BUG: KCSAN: / { want = /\[ocloop/ && !seen[$0]++ }
			want' >"$log/races.log"
	ours=$(grep -c 'BUG: KCSAN: ' "$log/races.log")
	all=$(cat "$log"/{dmesg,kernel}.log 2>/dev/null | grep -ao 'BUG: KCSAN: .*' | sort -u | wc -l)
	cat "$log/races.log"
	echo "# $name: $ours reports with code of the module, $((all - ours)) of the kernel's own"
	if ((status || ours)); then
		echo "not ok kcsan/$name: status $status, $ours races"
		failed=1
	else
		echo "ok kcsan/$name"
	fi
}

[[ ${1:-} == -h || ${1:-} == --help ]] && { usage; exit 0; }
(($#)) || set -- load connect raw block inject timing
"$here/build.sh" kcsan || exit 1
mkdir -p "$out"
stage kunit 3000 bash scripts/guest/kunit.sh
stage mixed $((${OC_SECONDS:-300} + 600)) bash scripts/guest/races.sh "${OC_SECONDS:-300}"
stage themes 6000 bash scripts/guest/run.sh "$@"
exit "$failed"
