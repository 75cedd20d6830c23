#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In the VM: tests/octest, and tests/oc12test for OCSSD 1.2, on every configuration that
# answers differently, then a fuzz run.
# One line per case, "ok CONFIG/CASE" or "not ok CONFIG/CASE: reason".

set -uo pipefail
# shellcheck source-path=SCRIPTDIR
. "${0%/*}/nodes.sh"
: "${FLAVOUR:=$([[ -e /sys/kernel/debug/kmemleak ]] && echo debug || echo plain)}"
: "${SEED:=1}"
nqn=nqn.2026-11.ocloop:ssd0
: "${COUNT:=$([[ $FLAVOUR == plain ]] && echo 100000 || echo 20000)}"
status=0 each='' only=''
# The debug kernel looks for other things than statuses, and is slow: what takes no other way
# through the code is left out there.
[[ $FLAVOUR == plain || ${OC_LONG:-0} != 0 ]] && all=1 || all=0

usage()
{
	cat <<USAGE
usage: ${0##*/} [--each] [PATTERN]
       ${0##*/} --fuzz
  --each  a line for each combination of a case that is made of many; no fuzz run
  --fuzz  the fuzz run only
PATTERN names cases; with one there is no fuzz run.
Environment: FLAVOUR plain or debug (default: as the kernel is), OC_LONG=1 for all
configurations on the debug kernel too; of the fuzz run SEED (1)
and COUNT, the number of commands (100000, on the debug kernel 20000)
USAGE
}

result()
{
	if [[ $2 ]]; then
		echo "not ok $1: $2"
		status=1
	else
		echo "ok $1"
	fi
}

# wait_for COMMAND... - for half a minute at most.
wait_for()
{
	local end=$((SECONDS + 30))

	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || return 1
		sleep 0.1
	done
}

# The controller's namespace is there when lightnvm has taken it.
has_node()
{
	local dir

	for dir in /sys/class/nvme/nvme*; do
		ctrl=${dir##*/}
		ns=$(node_of "$ctrl" 1) || continue
		[[ ! -d /sys/block/${ns##*/}/lightnvm ]] || return 0
	done
	return 1
}

# shellcheck disable=SC2317 # reached through wait_for
no_controller()
{
	local dir

	for dir in /sys/class/nvme/nvme*; do
		[[ ! -e $dir ]] || return 1
	done
}

# start PARAMETER... - says what did not work. A keep-alive of a minute: a machine this
# busy may well forget about one of five seconds.
start()
{
	insmod ./ocloop.ko "$@" || { echo "insmod"; return 1; }
	nvme connect -t loop -n "$nqn" -k 60 || { echo "connect"; return 1; }
	wait_for has_node || { echo "no namespace"; return 1; }
}

stop()
{
	nvme disconnect -n "$nqn" >/dev/null || { echo "disconnect"; return 1; }
	wait_for no_controller || { echo "the controller stays"; return 1; }
	wait_for rmmod ocloop || { echo "rmmod"; return 1; }
}

# config NAME COMMAND... -- PARAMETER... - a device made so, and the command on it, where
# "@2" is the node of namespace 2.
config()
{
	local name=$1 command=() why=$work/why at=$SECONDS ret second

	shift
	while [[ $1 != -- ]]; do
		command+=("$1")
		shift
	done
	shift
	echo "commands: $name" >/dev/kmsg
	if ! start "$@" >"$why" 2>&1; then
		result "$name/start" "$(xargs <"$why")"
	else
		has_node
		[[ ${command[*]} != *@2* ]] || wait_for node_of "$ctrl" 2
		second=$(node_of "$ctrl" 2)
		command=("${command[@]/#@2/$second}")
		"${command[0]}" -n "$ns" -c "/dev/$ctrl" "${command[@]:1}" >"$work/out"
		ret=$?
		# The fuzz run is a case of that name
		sed "s|^\(not \)*ok |&$name/|; s|ok fuzz/|ok |; s|.* passed, .* failed$|# $name: &|" "$work/out"
		# A pattern need not fit a case everywhere
		((!ret)) || { [[ $chosen ]] && grep -qx '0 passed, 0 failed' "$work/out"; } ||
			status=1
		grep -q ' passed, .* failed$' "$work/out" ||
			result "$name/octest" "ended with status $ret"
	fi
	if ! stop >"$why" 2>&1; then
		result "$name/stop" "$(xargs <"$why")"
		# Nothing that comes now would tell us anything
		exit 1
	fi
	echo "# $name: $((SECONDS - at)) s"
}

# The fuzzer needs two namespaces, one for what is wild and one whose answers are compared, and
# channels for those that it makes. Without a controller there are lightnvm's targets.
fuzz()
{
	config fuzz tests/octest -m @2 --fuzz "$SEED" "$COUNT" -- num_grp=6 num_chk=32 \
		ns=oc20:2,oc20:2 clba=256 ws_min=$((SEED % 2 ? 4 : 1))
	# pblk leaves its disk behind with each target, which kmemleak would report.
	[[ $FLAVOUR != plain ]] || fuzz_targets
}

fuzz_targets()
{
	local at=$SECONDS ret=0

	echo "commands: targets" >/dev/kmsg
	modprobe pblk
	if ! insmod ./ocloop.ko attach=lightnvm num_grp=2 num_chk=32 clba=256; then
		result targets/start insmod
		return
	fi
	tests/targetfuzz ssd0n1 8 "$SEED" $((COUNT / 20)) >"$work/out" || ret=$?
	sed '/passed,/d' "$work/out"
	((!ret)) || status=1
	((ret < 2)) || result targets/targetfuzz "ended with status $ret"
	result targets/stop "$(rmmod ocloop 2>&1)"
	echo "# targets: $((SECONDS - at)) s"
}

[[ ${1:-} == -h || ${1:-} == --help ]] && { usage; exit 0; }
case ${1:-} in
--each) each=--each; shift ;;
--fuzz) only=fuzz; shift ;;
esac
(($# <= 1)) || { usage >&2; exit 2; }
chosen=${1:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
modprobe nvme-fabrics
if [[ $only ]]; then
	fuzz
	exit "$status"
fi

# Two bad chunks, for what commands say to them.
echo 'offline grp=0 pu=0 chk=7-8' >"$work/state"

# What is made of many combinations fills thousands of chunks: those are small then.
octest=(tests/octest ${each:+"$each"})
some=("${octest[@]}" -x 'matrix.*' ${1:+"$1"})
config default "${some[@]}" --
times=timing=read=10us,prog=20us,erase=50us,bus=1us
if ((all)); then
	config worker "${some[@]}" -- use_inline=0
	config timing "${some[@]}" -- "$times"
else
	config worker-timing "${some[@]}" -- use_inline=0 "$times"
fi
config large "${octest[@]}" -x 'matrix.*' "${1:-defect.four-gib}" -- num_grp=2 num_pu=2 num_chk=600
config two "${octest[@]}" "${1:-defect.*}" -- ns=oc20:2,oc20:2 clba=64
octest+=(${1:+"$1"})
if ((all)); then
	config odd "${octest[@]}" -- num_grp=3 num_pu=3 num_chk=60 clba=96 ws_min=4 ws_opt=24 \
		mw_cunits=24
	config mccap-6 "${octest[@]}" -- mccap=6 num_chk=24 clba=64 ws_min=2 use_inline=0
	config one "${octest[@]}" -- num_grp=1 num_pu=1 num_chk=100 clba=64 ws_min=1 ws_opt=8 \
		mw_cunits=0 state="$work/state"
	config no-oob "${octest[@]}" -- oob_size=0 num_pu=2 num_chk=32 clba=128
	config mccap-0 "${octest[@]}" -- mccap=0 num_chk=20 clba=128 ws_min=8 ws_opt=16 mw_cunits=20
else
	config no-oob "${octest[@]}" -x 'matrix.*' -- oob_size=0 num_pu=2 num_chk=32 clba=128
fi
config unusual tests/octest ${each:+"$each"} "${1:-20x.*}" -- num_grp=2 num_pu=2 num_chk=20 \
	clba=64 ws_min=1 mw_cunits=0 type=random:2 cnlb=3:40 wit=3 maxoc=12 maxocpu=5 dlfeat=2

# OCSSD 1.2: on one, two and four planes, in any order, and with the device's mapping.
oc12=(tests/oc12test ${each:+"$each"})
pattern=("${@:1:1}")
config oc12-two "${oc12[@]}" "${pattern[@]}" -- ns=oc12 mw_cunits=0 num_grp=3 num_pu=1 \
	num_chk=8 clba=16 num_pln=2
if ((all)); then
	config oc12-one "${oc12[@]}" "${pattern[@]}" -- ns=oc12 mw_cunits=0 num_grp=2 num_pu=2 \
		num_chk=6 clba=16 secs_per_pg=1 oob_size=64 use_inline=0
	config oc12-four "${oc12[@]}" "${pattern[@]}" -- ns=oc12 mw_cunits=0 num_grp=1 num_pu=3 \
		num_chk=20 clba=16 num_pln=4 secs_per_pg=2
	config oc12-loose "${oc12[@]}" -l "${pattern[@]}" -- ns=oc12 mw_cunits=0 num_grp=2 \
		num_pu=2 num_chk=10 clba=16 num_pln=2 strict=0
	config oc12h "${oc12[@]}" "${pattern[@]}" -- ns=oc12h mw_cunits=0 num_grp=2 num_pu=2 \
		num_chk=6 clba=16 secs_per_pg=1 timing=read=10us,prog=20us,erase=50us
	config oc12h-loose "${oc12[@]}" -l -x 'matrix.[erw]*' "${pattern[@]}" -- ns=oc12h \
		mw_cunits=0 num_grp=2 num_pu=1 num_chk=12 clba=16 num_pln=2 strict=0
fi
(($#)) || [[ $each ]] || fuzz
exit "$status"
