#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build a test kernel (Debian 11's linux-source-5.10, lightnvm enabled), once, and
# print the path of its build tree: a KDIR for modules, with the kernel's own in mods/.
# The flavours uml and uml-debug are user-mode Linux, a program; modules for it are built with
# ARCH=um. The latter is of Debian 12's source: with 5.10's, KASAN is not for it. Of i386 there is
# only what compiling modules takes (ARCH=i386).

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$here/lib.sh"

# Where a source package comes from, if not from Debian 12, and what is done to it
declare -A suites=([linux-source-5.10]=bullseye)
declare -A edits=([linux-source-5.10]=enable_lightnvm [linux-source-6.1]=enable_preempt_count)
declare -A nr_objects=([plain]=1560 [debug]=1600 [uml]=640 [uml-debug]=640 [i386]=20 [kcsan]=1300)
tmp=

usage()
{
	cat <<USAGE
usage: ${0##*/} plain|debug|uml|uml-debug|i386|kcsan
Environment: JOBS (default: processors), OC_CACHE, OC_MIRROR, OC_SECURITY_MIRROR
USAGE
}

cleanup()
{
	progress_end
	[[ -z $tmp ]] || rm -rf "$tmp"
}
trap cleanup EXIT

# The source: fetched, unpacked and edited once, then never written to again.
get_source()
{
	local debs suite=${suites[$package]:-bookworm}

	[[ ! -d $src ]] || return 0
	tmp=$src.new.$$
	mkdir -p "$tmp/deb"
	info "fetching $package"
	oc_apt "$suite" update || die "cannot read the $suite package lists"
	(cd "$tmp/deb" && oc_apt "$suite" download "$package") || die "cannot fetch $package"
	debs=("$tmp"/deb/*.deb)
	info "unpacking ${debs[0]##*/}"
	dpkg-deb --fsys-tarfile "${debs[0]}" | tar -xO "./usr/src/$package.tar.xz" |
		tar -xJ -C "$tmp" || die "cannot unpack ${debs[0]}"
	"${edits[$package]:-:}" "$tmp/$package"
	dpkg-deb -f "${debs[0]}" Version >"$tmp/$package/.ocloop-version"
	mv "$tmp/$package" "$src"
	rm -rf "$tmp"
	tmp=
}

enable_lightnvm()
{
	local kconfig=$1/drivers/lightnvm/Kconfig

	sed -i 's/^\(\s*depends on .*\) && BROKEN$/\1/' "$kconfig"
	! grep -q BROKEN "$kconfig" || die "NVM still depends on BROKEN in $package"
}

# Who sleeps where that is not allowed is found by the count of who disables preemption, which
# user-mode Linux keeps as well as others do.
enable_preempt_count()
{
	sed -i '/^\s*select ARCH_NO_PREEMPT$/d' "$1/arch/um/Kconfig"
}

# configure DIR FRAGMENT... - write DIR/.config; fail when a line did not survive.
configure()
{
	local dir=$1 line bad=0

	shift
	cat "$@" >"$dir/wanted.config"
	make -s -C "$src" O="$dir" KCONFIG_ALLCONFIG="$dir/wanted.config" allnoconfig \
		>"$dir/config.log" 2>&1 || die "allnoconfig failed; the log is $dir/config.log"
	# A later fragment overrides an earlier one: the last word on a symbol counts.
	while IFS= read -r line; do
		grep -qxF -e "$line" "$dir/.config" && continue
		# "is not set" also holds where the symbol does not exist at all.
		[[ $line == '# CONFIG_'*' is not set' ]] &&
			! grep -q "^${line:2:-11}=" "$dir/.config" && continue
		info "not in the resulting .config: $line"
		bad=1
	done < <(tac "$dir/wanted.config" | awk '
		match($0, /CONFIG_[A-Z0-9_a-z]+/) && /^(CONFIG_|# CONFIG_.* is not set$)/ {
			if (!seen[substr($0, RSTART, RLENGTH)]++) print
		}')
	((!bad)) || die "the kernel configuration is not what was asked for"
}

# What progress() counts: MiB of the source, files that make writes.
source_size()
{
	du -cms "$src".new.* | tail -n 1 | cut -f1
}

objects()
{
	find "$1" -name '*.o' | wc -l
}

# KASAN looks where the module's memory goes: what is given its pages, requests, locks, timers
# and works. The rest of the kernel, most of all what starts programs, is slow with it, and twice
# as slow to compile. Nor does it look at what checks everything else, or is asked for with
# every interrupt.
near='block drivers/base drivers/block drivers/lightnvm drivers/md drivers/nvme/% fs/configfs'
near+=' fs/debugfs fs/kernfs fs/sysfs io_uring kernel/dma kernel/locking kernel/rcu kernel/time lib'
near+=' lib/kunit lib/math'
debug_make=("KASAN_SANITIZE=\$(if \$(filter $near,\$(obj)),y,n)"
	KASAN_SANITIZE_{aio,block_dev,direct-io,libfs,seq_file,completion,swait,wait,workqueue}.o=y
	KASAN_SANITIZE_{lockdep,spinlock_debug,debugobjects,rbtree}.o=n)

# KCSAN looks at those whose structures the module shares.
kcsan_make=("KCSAN_SANITIZE=\$(if \$(filter block drivers/lightnvm drivers/nvme/%,\$(obj)),y,n)")

build()
{
	local dir=$1 log=$1/build.log make=(make -s -C "$src" "O=$1" "-j${JOBS:-$(nproc)}"
		"${options[@]}")

	info "building the kernel in $dir (minutes; log in build.log there)"
	"${make[@]}" bzImage modules >"$log" 2>&1 || {
		grep -E -m 5 'error|Error' "$log" >&2 || true
		die "the kernel build failed; the log is $log"
	}
	"${make[@]}" INSTALL_MOD_PATH="$dir/mods" modules_install >>"$log" 2>&1 ||
		die "modules_install failed; the log is $log"
	rm -f "$dir"/mods/lib/modules/*/{build,source}
}

build_uml()
{
	info "building user-mode Linux in $1 (minutes; log in build.log there)"
	make -s -C "$src" "O=$1" "-j${JOBS:-$(nproc)}" linux modules >"$1/build.log" 2>&1 ||
		die "the kernel build failed; the log is $1/build.log"
}

build_i386()
{
	make -s -C "$src" "O=$1" "-j${JOBS:-$(nproc)}" modules_prepare >"$1/build.log" 2>&1 ||
		die "modules_prepare failed; the log is $1/build.log"
}

[[ ${1:-} == -h || ${1:-} == --help ]] && { usage; exit 0; }
[[ $# -eq 1 ]] || { usage >&2; exit 2; }
flavour=$1
package=linux-source-5.10
fragments=("$here/kernel-plain.config")
options=()
build=build
case $flavour in
plain) ;;
debug)
	fragments+=("$here/kernel-debug.config")
	options=("${debug_make[@]}")
	;;
kcsan)
	fragments+=("$here/kernel-kcsan.config")
	options=("${kcsan_make[@]}")
	export MAKEFLAGS="CC=$OC_CLANG"
	need_packages "$OC_CLANG"
	;;
uml)
	fragments=("$here/kernel-uml.config")
	build=build_uml
	export ARCH=um
	;;
uml-debug)
	package=linux-source-6.1
	fragments=("$here/kernel-uml.config" "$here/kernel-uml-debug.config")
	build=build_uml
	export ARCH=um
	;;
i386)
	fragments=("$here/kernel-i386.config")
	build=build_i386
	export ARCH=i386
	;;
*) usage >&2; exit 2 ;;
esac

need_packages gcc make bc bison flex libc6-dev libelf-dev libssl-dev kmod cpio perl \
	python3-minimal xz-utils debian-archive-keyring
src=$OC_CACHE/src/$package
oc_lock "$package"
if [[ ! -d $src ]]; then
	progress 1220 source_size
	get_source
	progress_end
fi
oc_unlock

# The code that builds is part of the key, its comments are not.
code=(configure "$build")
[[ ! ${edits[$package]:-} ]] || code+=("${edits[$package]}")
dir=$OC_CACHE/kernel-$flavour-$(oc_key "${fragments[@]}" "$src/.ocloop-version" \
	"$(declare -f "${code[@]}") ${options[*]}")
oc_lock "${dir##*/}"
# The tree holds its own absolute path, so it is built in place and marked when whole.
if [[ ! -e $dir/.ocloop-complete ]]; then
	rm -rf "$dir"
	mkdir -p "$dir"
	configure "$dir" "${fragments[@]}"
	progress "${nr_objects[$flavour]}" objects "$dir"
	"$build" "$dir"
	progress_end
	touch "$dir/.ocloop-complete"
fi
printf '%s\n' "$dir"
