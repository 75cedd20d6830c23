#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run the KUnit suites natively, in user-mode Linux: the device without its host binding, on one
# processor. Their log is OUT_DIR/kunit.log, the kernel's own messages are in console.log; what
# kmemleak reports (uml-debug) is in kmemleak.log.

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$here/lib.sh"

top=$(dirname "$here")
limit=900 memory='' flavour=uml out=''

usage()
{
	cat <<USAGE
usage: ${0##*/} [-f uml|uml-debug] [-t SECONDS] [-m MIB] [-o OUT_DIR]
Exit status: 0 if the suites ran and no case failed; 1 if one did; 97 time ran out; 99 the
kernel log or kmemleak tells of a fault, which OUT_DIR/faults.log repeats
Environment: OC_EFFORT, how many times as much the random cases try; OC_CACHE, OC_MIRROR
USAGE
}

while getopts :f:t:m:o:h opt; do
	case $opt in
	f) flavour=$OPTARG ;;
	t) limit=$OPTARG ;;
	m) memory=$OPTARG ;;
	o) out=$OPTARG ;;
	h) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
done

[[ $flavour == uml || $flavour == uml-debug ]] || { usage >&2; exit 2; }
: "${out:=$top/build/$flavour-kunit}"
# KASAN takes an eighth, and keeps what was freed
: "${memory:=$([[ $flavour == uml ]] && echo 1500 || echo 2500)}"

need_packages perl-base
kdir=$("$here/kernel.sh" "$flavour")
dir=$("$here/build.sh" "$flavour")
mkdir -p "$out"
out=$(realpath "$out")
rm -f "$out"/{kunit,console,faults,kmemleak}.log

# The host's file system is its root, so its first process is a script of ours. There need be
# no program that turns a machine off: 0x4321fedc is LINUX_REBOOT_CMD_POWER_OFF. An object is
# reported when it is 5 s old and two scans find no pointer to it.
cat >"$out/init" <<INIT
#!/bin/bash
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t sysfs sysfs /sys
mount -t debugfs debugfs /sys/kernel/debug
# From 6.1 on it wants to be asked
insmod "$kdir/lib/kunit/kunit.ko" enable=1
leaks=/sys/kernel/debug/kmemleak
[[ ! -e \$leaks ]] || echo clear >\$leaks
dmesg --clear
insmod "$dir/ocloop_kunit.ko"${OC_EFFORT:+ effort="$OC_EFFORT"}
rmmod ocloop_kunit
if [[ -e \$leaks ]]; then
	sleep 5
	echo scan >\$leaks
	echo scan >\$leaks
	cat \$leaks >"$out/kmemleak.log"
fi
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
: >>"$out/kmemleak.log"
oc_judge_log "$out/faults.log" "$out/kunit.log" "$out/console.log" "$out/kmemleak.log"
! grep -qE '(^|\] ) *not ok' "$out/kunit.log" && grep -qE '(^|\] )ok 1' "$out/kunit.log" || exit 1
# What a device has not given back, slab caches complain of
if [[ -s $out/faults.log ]]; then
	info "faults in the kernel log ($out/kunit.log):"
	head -n 20 "$out/faults.log" >&2
	exit 99
fi
