#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Inside the VM: run test themes in order. One line per case, "ok NAME" or "not ok NAME:
# reason", each case's output in /out/NAME.log. Exit status 0 if every case was ok.

# No errexit here: a case that fails is no reason to stop. The cases have it.
set -uo pipefail
# shellcheck source-path=SCRIPTDIR
. "${0%/*}/lib.sh"

# Two halves, for two machines. In the second one everything is made, or cannot be, and ends: that
# is where the debug kernel looks for leaks, which takes a quarter of its time.
halves=('files inject admin timing oc12 block raw lightnvm erase stack look cli'
	'connect load life faults memory manage format')
read -ra themes <<<"${halves[*]}"

usage()
{
	cat <<USAGE
usage: ${0##*/} [--half 0|1] [THEME...]
Themes: smoke ${themes[*]} (default: all but smoke)
--half 0 runs the themes up to look, 1 the others: for two machines at once.
Environment: OC_KO the module (default: ocloop.ko of this tree), FLAVOUR plain or debug
(default: as the kernel is), OC_ONLY a pattern of case names, OC_LONG=1 has the debug kernel
run what plain-only.txt leaves to the plain one, OC_ROUNDS how often (1), OC_OUT where logs go (/out)
USAGE
}

die()
{
	echo "${0##*/}: $*" >&2
	exit 2
}

# What the cases rely on.
set_up()
{
	[[ -e $OC_KO ]] || die "no module $OC_KO"
	mkdir -p "$work" "$OC_OUT" /mnt/a /mnt/b
	# Not on 9p: when memory runs out there, the file is empty for ever after.
	cp "$OC_KO" "$work/ocloop.ko"
	OC_KO=$work/ocloop.ko
	rm -f "$work/done" "$OC_OUT/clean-up.log"
	mkfifo "$work/done"
	exec {done_fd}<>"$work/done"
	supervise 10 "$work/log" canary
	(($? == 1)) || die "a case does not end when a command fails"
	modprobe nvme-fabrics || die "no nvme-fabrics"
	clean_up || die "this machine is not clean"
}

# Renamed cases must not be run twice as long unnoticed.
patterns_fit()
{
	local pattern name

	for pattern in "${plain_only[@]}"; do
		[[ " $* " == *" ${pattern%%.*} "* ]] || continue
		for name in "${names[@]}"; do
			! fits_one "$name" "$pattern" || continue 2
		done
		fail "plain-only.txt: no case is called $pattern"
	done
}

case ${1:-} in
-h | --help) usage; exit 0 ;;
--half)
	[[ ${2:-} == [01] ]] || { usage >&2; exit 2; }
	read -ra themes <<<"${halves[$2]}"
	shift 2
	;;
esac
(($#)) || set -- "${themes[@]}"
for theme in "$@"; do
	[[ -e $guest/test-$theme.sh ]] || { usage >&2; exit 2; }
done
mapfile -t plain_only < <(grep -v '^#' "$guest/plain-only.txt")
set_up
begin=$SECONDS
for ((round = 0; round < ${OC_ROUNDS:-1}; round++)); do
	for theme in "$@"; do
		at=$SECONDS
		# shellcheck source=/dev/null
		. "$guest/test-$theme.sh"
		echo "# theme $theme: $((SECONDS - at)) s"
	done
done
theme=run
[[ $FLAVOUR != plain ]] || t patterns 5 patterns_fit "$@"
[[ ! -e /sys/kernel/debug/kmemleak || $(</proc/cmdline) == *kmemleak=off* ]] || t leaks 30 no_leaks
echo "# $passed ok, $failed not ok, $((SECONDS - begin)) s, $FLAVOUR"
((!failed && passed))
