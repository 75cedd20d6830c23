#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Make the test VM's root file system (Debian 11, plus Debian 12's nvme-cli as nvme2),
# once, and print the path of its ext4 image. QEMU opens it with snapshot=on.

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$here/lib.sh"

# What the tests use, and what whoever works in the lab (vm-shell.sh) misses otherwise.
packages=(attr btrfs-progs dosfstools e2fsprogs f2fs-tools fio iproute2 kmod lvm2 mdadm mount
	nvme-cli procps smartmontools strace stress-ng util-linux xfsprogs)
packages+=(gcc less libc6-dev make nano python3 tmux vim-tiny)
size=3G
tmp=

usage()
{
	cat <<USAGE
usage: ${0##*/}
Environment: OC_CACHE, OC_MIRROR, OC_SECURITY_MIRROR
USAGE
}

cleanup()
{
	progress_end
	[[ -z $tmp ]] || rm -rf --one-file-system "$tmp"
}
trap cleanup EXIT

make_tree()
{
	local root=$1

	info "installing Debian 11 (a minute; log in $OC_CACHE/rootfs.log)"
	oc_sources bullseye | mmdebstrap --mode=root --variant=essential \
		--include="$(IFS=,; echo "${packages[*]}")" \
		--aptopt='Acquire::Check-Valid-Until "false"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		bullseye "$root" - >"$OC_CACHE/rootfs.log" 2>&1 ||
		die "mmdebstrap failed; the log is $OC_CACHE/rootfs.log"
}

# Debian 12's nvme-cli with its own libraries and loader, as those of 11 are too old.
add_nvme2()
{
	local root=$1 deb lib=/opt/nvme2/lib/x86_64-linux-gnu

	info "adding Debian 12's nvme-cli"
	{
		oc_apt bookworm clean && oc_apt bookworm update &&
			oc_apt bookworm -y --no-install-recommends --download-only install nvme-cli
	} >>"$OC_CACHE/rootfs.log" 2>&1 ||
		die "cannot fetch Debian 12's nvme-cli; the log is $OC_CACHE/rootfs.log"
	mkdir -p "$root/opt/nvme2" "$root/usr/local/bin"
	for deb in "$OC_CACHE"/apt-bookworm/cache/archives/{lib,zlib,nvme-cli}*.deb; do
		dpkg-deb -x "$deb" "$root/opt/nvme2" || die "cannot unpack $deb"
	done
	rm -rf "$root"/opt/nvme2/usr/share "$root"/opt/nvme2/usr/lib/x86_64-linux-gnu/{gconv,perl}
	[[ -x $root$lib/ld-linux-x86-64.so.2 && -x $root/opt/nvme2/usr/sbin/nvme ]] ||
		die "Debian 12's nvme-cli did not unpack"
	cat >"$root/usr/local/bin/nvme2" <<WRAPPER
#!/bin/sh
exec $lib/ld-linux-x86-64.so.2 --library-path $lib:/opt/nvme2/usr/lib/x86_64-linux-gnu \\
	/opt/nvme2/usr/sbin/nvme "\$@"
WRAPPER
	chmod 755 "$root/usr/local/bin/nvme2"
}

# What vm-init.sh relies on: mount points, a host identity for nvme connect, and a
# first process that does no more than start vm-init.sh from the host.
add_vm_files()
{
	local root=$1

	mkdir -p "$root"/{oc,share,out,lib/modules,etc/nvme,etc/modprobe.d}
	echo 'nqn.2014-08.org.nvmexpress:uuid:6f636c6f-6f70-4000-8000-000000000001' \
		>"$root/etc/nvme/hostnqn"
	echo '6f636c6f-6f70-4000-8000-000000000001' >"$root/etc/nvme/hostid"
	echo ocloop-vm >"$root/etc/hostname"
	echo '127.0.0.1 localhost ocloop-vm' >"$root/etc/hosts"
	: >"$root/etc/fstab"
	cat >"$root/sbin/oc-init" <<'INIT'
#!/bin/bash
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t 9p -o ro,trans=virtio,version=9p2000.L,cache=loose,msize=131072 oc /oc
exec /oc/vm-init.sh
INIT
	chmod 755 "$root/sbin/oc-init"
}

# What progress() counts. Whoever walks through all of the tree keeps mmdebstrap from
# unmounting what it has mounted there.
installed()
{
	local lists=("$1"/var/lib/dpkg/info/*.list)

	echo "${#lists[@]}"
}

make_image()
{
	local root=$1 image=$2

	info "packing the image"
	rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*
	truncate -s "$size" "$image"
	mke2fs -q -t ext4 -O ^has_journal -m 0 -L ocloop-root -d "$root" "$image" ||
		die "cannot make the image $image"
}

[[ ${1:-} == -h || ${1:-} == --help ]] && { usage; exit 0; }
[[ $# -eq 0 ]] || { usage >&2; exit 2; }
[[ $EUID -eq 0 ]] || die "must be root to make a root file system"

need_packages mmdebstrap e2fsprogs debian-archive-keyring
# The code that builds is part of the key, its comments are not.
image=$OC_CACHE/rootfs-$(oc_key "${packages[*]} $size" \
	"$(declare -f make_tree add_nvme2 add_vm_files make_image)").ext4
oc_lock "${image##*/}"
if [[ ! -e $image ]]; then
	tmp=$(mktemp -d "$OC_CACHE/rootfs.XXXXXX")
	# Packing takes a fifth of the time.
	progress 240 installed "$tmp/root"
	make_tree "$tmp/root"
	add_nvme2 "$tmp/root"
	add_vm_files "$tmp/root"
	make_image "$tmp/root" "$tmp/image"
	progress_end
	mv "$tmp/image" "$image"
fi
printf '%s\n' "$image"
