#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build ocloop.ko, the KUnit module and the test programs for a flavour of the test
# kernel, in build/FLAVOUR, and print that directory. For user-mode Linux there is only the
# KUnit module.

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$here/lib.sh"

top=$(dirname "$here")

usage()
{
	cat <<USAGE
usage: ${0##*/} plain|debug|uml|uml-debug|kcsan [MAKE-ARG...]
Environment: OC_KUNIT, which suites the KUnit module has: 1 all, races those in which more than
one processor takes part (default: races for debug and kcsan); and as scripts/kernel.sh
USAGE
}

[[ ${1:-} == -h || ${1:-} == --help ]] && { usage; exit 0; }
[[ ${1:-} == @(plain|debug|uml|uml-debug|kcsan) ]] || { usage >&2; exit 2; }
flavour=$1
shift

kdir=$("$here/kernel.sh" "$flavour")
dir=$top/build/$flavour
[[ $flavour != uml* ]] || export ARCH=um
mkdir -p "$dir"
# Objects lie beside their sources, so each flavour has sources of its own.
for part in Kbuild Makefile README.md doc examples include drivers kunit tests scripts; do
	[[ ! -e $top/$part ]] || cp -rpu "$top/$part" "$dir"
done
# Where everything is checked, so is who owns a channel.
options=() kunit=1
[[ $flavour == plain ]] || options+=(OC_DEBUG=1)
# What user-mode Linux checks as well is left to it, where emulated processors are slow.
[[ $flavour != debug && $flavour != kcsan ]] || kunit=races
[[ $flavour != kcsan ]] || options+=("CC=$OC_CLANG")
make -C "$kdir" M="$dir" OC_KUNIT="${OC_KUNIT:-$kunit}" "${options[@]}" -j"$(nproc)" modules "$@" >"$dir/build.log" 2>&1 || {
	grep -E 'error|Error|ERROR' "$dir/build.log" >&2 || tail -n 20 "$dir/build.log" >&2
	die "the build failed; the log is $dir/build.log"
}
[[ ! -e $dir/tests/Makefile ]] || make -s -C "$dir/tests" >>"$dir/build.log" 2>&1 ||
	die "the test programs do not build; the log is $dir/build.log"
printf '%s\n' "$dir"
