#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Hand the module to DKMS: "install" for the running kernel, "test" goes through the whole
# life cycle against the test kernel in trees of its own and prints ok/not ok lines.

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$here/lib.sh"

top=$(dirname "$here")
name=$(sed -n 's/^PACKAGE_NAME="\(.*\)"/\1/p' "$top/dkms.conf")
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$top/dkms.conf")
tmp='' failed=0

usage()
{
	cat <<USAGE
usage: ${0##*/} install|test
USAGE
}

cleanup()
{
	[[ -z $tmp ]] || rm -rf "$tmp"
}
trap cleanup EXIT

# copy_source DIR - what DKMS needs of this tree.
copy_source()
{
	mkdir -p "$1"
	cp -r "$top"/{Kbuild,Makefile,dkms.conf,include,drivers} "$1"
	find "$1" \( -name '*.o' -o -name '*.cmd' \) -delete
}

# ok NAME COMMAND... - a step that must succeed.
ok()
{
	local what=$1 log

	shift
	log=$("$@" 2>&1) && { printf 'ok dkms/%s\n' "$what"; return; }
	printf '%s\n' "$log" | tail -n 20
	printf 'not ok dkms/%s\n' "$what"
	failed=1
}

life_cycle()
{
	local kdir=$1 kver args trees module

	kver=$(<"$kdir/include/config/kernel.release")
	tmp=$(mktemp -d)
	mkdir -p "$tmp"/{dkms,src,lib}
	copy_source "$tmp/src/$name-$version"
	trees=(--dkmstree "$tmp/dkms" --sourcetree "$tmp/src" --installtree "$tmp/lib")
	args=(-m "$name" -v "$version" "${trees[@]}")
	module=$tmp/lib/$kver/updates/dkms/$name.ko

	# depmod looks for what the kernel itself has.
	mkdir -p "$tmp/lib/$kver"
	cp "$kdir"/modules.{order,builtin,builtin.modinfo} "$tmp/lib/$kver"

	ok add dkms add "${args[@]}"
	ok build dkms build "${args[@]}" -k "$kver" --kernelsourcedir "$kdir"
	ok install dkms install "${args[@]}" -k "$kver" --kernelsourcedir "$kdir" --no-depmod
	ok "installed module is $version" sh -c "modinfo -F version $module* | grep -qx '$version'"
	ok "built for $kver" sh -c "modinfo -F vermagic $module* | grep -q '^$kver '"
	ok uninstall dkms uninstall "${args[@]}" -k "$kver" --no-depmod
	ok "nothing installed is left" sh -c "! ls $module* 2>/dev/null"
	ok remove dkms remove "${args[@]}" --all --no-depmod
	ok "nothing known is left" sh -c "test -z \"\$(dkms status ${trees[*]} 2>/dev/null)\""
}

# A kernel tree without the private headers must get a sentence, not a compiler error.
no_headers()
{
	local kdir=$1 log=$tmp/log

	make -C "$kdir" M="$tmp/src/$name-$version" oc-sources= modules >"$log" 2>&1 && return 1
	grep -q 'ocloop needs the source of Linux' "$log"
}

case ${1:-} in
install)
	need_packages dkms
	rm -rf "/usr/src/$name-$version"
	copy_source "/usr/src/$name-$version"
	dkms add -m "$name" -v "$version"
	dkms install -m "$name" -v "$version"
	;;
test)
	need_packages dkms kmod
	kdir=$("$here/kernel.sh" plain)
	life_cycle "$kdir"
	ok "missing headers are named" no_headers "$kdir"
	exit "$failed"
	;;
-h | --help)
	usage
	;;
*)
	usage >&2
	exit 2
	;;
esac
