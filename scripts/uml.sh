#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run the KUnit suites natively, in user-mode Linux: the device without its host binding, on one
# processor. Their log is OUT_DIR/kunit.log, the kernel's own messages are in console.log.

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$here/lib.sh"

top=$(dirname "$here")
limit=900 memory=1500 out=$top/build/uml-kunit

usage()
{
	cat <<USAGE
usage: ${0##*/} [-t SECONDS] [-m MIB] [-o OUT_DIR]
Exit status: 0 if the suites ran and no case failed; 1 if one did; 97 time ran out; 99 the
kernel log tells of a fault, which OUT_DIR/faults.log repeats
Environment: OC_EFFORT, how many times as much the random cases try; OC_CACHE, OC_MIRROR
USAGE
}

while getopts :t:m:o:h opt; do
	case $opt in
	t) limit=$OPTARG ;;
	m) memory=$OPTARG ;;
	o) out=$OPTARG ;;
	h) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
done

need_packages perl-base
kdir=$("$here/kernel.sh" uml)
dir=$("$here/build.sh" uml)
mkdir -p "$out"
out=$(realpath "$out")
rm -f "$out"/{kunit,console,faults}.log

# The host's file system is its root, so its first process is a script of ours. There need be
# no program that turns a machine off: 0x4321fedc is LINUX_REBOOT_CMD_POWER_OFF.
cat >"$out/init" <<INIT
#!/bin/bash
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t sysfs sysfs /sys
insmod "$kdir/lib/kunit/kunit.ko"
dmesg --clear
insmod "$dir/ocloop_kunit.ko"${OC_EFFORT:+ effort="$OC_EFFORT"}
dmesg >"$out/kunit.log"
perl -e 'syscall(169, 0xfee1dead, 672274793, 0x4321fedc, 0)'
INIT
chmod 755 "$out/init"
status=0
timeout --foreground -k 5 "$limit" "$kdir/linux" "mem=${memory}M" root=/dev/root rootfstype=hostfs \
	rootflags=/ rw init="$out/init" con=null quiet panic=-1 \
	</dev/null >"$out/console.log" 2>&1 || status=$?
if ((status == 124)); then
	info "time ran out after $limit seconds"
	exit 97
fi
if [[ ! -s $out/kunit.log ]]; then
	info "user-mode Linux died (status $status); the end of $out/console.log:"
	tail -n 20 "$out/console.log" >&2
	exit 1
fi
oc_judge_log "$out/faults.log" "$out/kunit.log" "$out/console.log"
! grep -qE '(^|\] ) *not ok' "$out/kunit.log" && grep -qE '(^|\] )ok 1' "$out/kunit.log" || exit 1
# What a device has not given back, slab caches complain of
if [[ -s $out/faults.log ]]; then
	info "faults in the kernel log ($out/kunit.log):"
	head -n 20 "$out/faults.log" >&2
	exit 99
fi
