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
	install -D -m 755 "$top/scripts/nvme-headers.sh" "$1/scripts/nvme-headers.sh"
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

# says PATTERN KDIR MAKE-ARG... - what cannot be built gets a sentence, not a compiler error.
says()
{
	local pattern=$1 kdir=$2 log=$tmp/log source=$tmp/src/$name-$version

	shift 2
	rm -rf "$source/nvme-host"
	! make -C "$kdir" M="$source" "$@" modules >"$log" 2>&1 || return 1
	tail -n 5 "$log"
	grep -qE "ocloop.* $pattern" "$log"
}

# A source package of the release, unpacked or not, of an earlier update, and of another series:
# of all that is in it, what is needed here.
make_sources()
{
	local kdir=$1 src place=$tmp/linux-source-5.10

	src=$(sed -n 's/^include \(.*\)\/Makefile$/\1/p' "$kdir/Makefile")
	mkdir -p "$place/drivers/nvme/host"
	cp "$src"/drivers/nvme/host/{nvme.h,fabrics.h,core.c} "$place/drivers/nvme/host"
	cp "$src/Makefile" "$place"
	tar -cJf "$place.tar.xz" -C "$tmp" linux-source-5.10
	cp -r "$place" "$tmp/earlier"
	sed -i 's/^SUBLEVEL = .*/SUBLEVEL = 1/' "$tmp/earlier/Makefile"
	cp -r "$place" "$tmp/other"
	sed -i 's/^PATCHLEVEL = .*/PATCHLEVEL = 11/' "$tmp/other/Makefile"
}

# builds KDIR PLACE... - of several places the one of the very release is taken.
builds()
{
	local kdir=$1 source=$tmp/src/$name-$version

	rm -rf "$source/nvme-host"
	make -C "$kdir" M="$source" NVME_HOST_DIR="${*:2}" modules
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
	need_packages dkms kmod xz-utils
	kdir=$("$here/kernel.sh" plain)
	life_cycle "$kdir"
	make_sources "$kdir"
	ok "missing headers are named" says 'the source of Linux .* is needed' "$kdir" oc-sources=
	ok "those of another series are none" says 'the source of Linux .* is needed' "$kdir" \
		NVME_HOST_DIR="$tmp/other $tmp/nothing"
	ok "those of another update must be compared" says "cannot be told without" "$kdir" \
		NVME_HOST_DIR="$tmp/earlier"
	ok "a kernel without fabrics is told" says 'built without CONFIG_NVME_FABRICS' "$kdir" \
		CONFIG_NVME_FABRICS=
	ok "a series that is not supported is named" says 'is for Linux .*, and this is 5.10' "$kdir" \
		oc-supported='6.1 6.12'
	ok "the package's archive will do" builds "$kdir" "$tmp/other" "$tmp/earlier" \
		"$tmp/linux-source-5.10.tar.xz"
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
