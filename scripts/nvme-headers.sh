#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The private headers of the kernel's NVMe host, for Kbuild: "find" puts those of a kernel's source
# into a directory, "check" compares structures compiled with them with those of the nvme-core that
# is installed. Who cannot build is told why in one sentence.

set -euo pipefail

# Who tells of what
declare -A structures=(
	[nvme-core]='nvme_ctrl nvme_ctrl_ops nvme_ns nvme_ns_head nvme_request nvme_subsystem'
	[nvme-fabrics]='nvmf_ctrl_options nvmf_transport_ops')
# Since when nvme_free_ctrl() puts the queues in Debian's kernels
declare -A puts=([6.1]=170 [6.12]=95)

usage()
{
	cat <<USAGE
usage: ${0##*/} find DIR SERIES SUBLEVEL FABRICS PLACE...
       ${0##*/} check DIR OBJECT KERNELRELEASE OBJTREE MODULES
A PLACE is a kernel tree, a linux-source-*.tar.xz, or a drivers/nvme/host.
USAGE
}

die()
{
	echo "ocloop: $*" >&2
	exit 1
}

# release MAKEFILE - print the release that a kernel's Makefile is of.
release()
{
	sed -n 's/^\(VERSION\|PATCHLEVEL\|SUBLEVEL\) = //p' "$1" | paste -sd .
}

# take DIR PLACE - the files that are needed of a place into DIR; true if they are there.
take()
{
	local dir=$1 place=$2 top

	rm -rf "$dir"
	mkdir -p "$dir"
	case $place in
	*.tar.xz)
		[[ -e $place ]] || return 1
		top=$(basename "$place" .tar.xz)
		echo "  NVME    headers from $place (a minute)"
		tar -xJf "$place" -C "$dir" --strip-components=1 "$top/Makefile" \
			"$top"/drivers/nvme/host/{nvme.h,fabrics.h,core.c} 2>/dev/null || return 1
		mv "$dir"/drivers/nvme/host/* "$dir"
		;;
	*)
		[[ -e $place/nvme.h ]] || place+=/drivers/nvme/host
		cp "$place"/{nvme.h,fabrics.h,core.c} "$dir" 2>/dev/null || return 1
		[[ ! -e $place/../../../Makefile ]] || cp "$place/../../../Makefile" "$dir"
		;;
	esac
}

find_headers()
{
	local dir=$1 series=$2 sublevel=$3 fabrics=$4 place found='' first='' taken=''

	shift 4
	[[ $fabrics ]] || die "this kernel is built without CONFIG_NVME_FABRICS, by which hosts connect"
	for place in "$@"; do
		[[ ! -e $place ]] || taken=$place
		take "$dir.new" "$place" || continue
		if [[ -e $dir.new/Makefile ]]; then
			found=$(release "$dir.new/Makefile")
			[[ $found == "$series".* ]] || { found=; continue; }
		else
			# Of no release: somebody has named it, who may know.
			found=named
		fi
		# Another update's is better than none.
		[[ $found == "$series.$sublevel" || $found == named ]] && break
		[[ $first ]] || first=$place
		found=
	done
	if [[ ! $found ]]; then
		[[ $first ]] || die "the source of Linux $series.$sublevel is needed for drivers/nvme/host/nvme.h:" \
				"install linux-source-$series, or set NVME_HOST_DIR to its drivers/nvme/host"
		[[ $taken == "$first" ]] || take "$dir.new" "$first"
		found=$(release "$dir.new/Makefile")
		[[ ${puts[$series]:-} && $sublevel -lt ${puts[$series]} ]] &&
			die "Linux $series.$sublevel is too old to be built with the source of $found:" \
				"install a later kernel, or its own source"
		place=$first
	fi
	{
		echo "/* $place: $found */"
		! grep -qw get_virt_boundary "$dir.new/nvme.h" ||
			echo '#define OC_HAS_get_virt_boundary'
		! sed -n '/^static void nvme_free_ctrl/,/^}/p' "$dir.new/core.c" |
			grep -q 'blk_put_queue(ctrl->admin_q)' ||
			echo '#define OC_HAS_free_ctrl_puts'
	} >"$dir.new/oc_nvme_probes.h"
	# Only what is of another update must be compared.
	[[ $found == "$series.$sublevel" || $found == named ]] || echo "$place ($found)" >"$dir.new/foreign"
	rm -rf "$dir" "$dir.new"/{core.c,Makefile,drivers}
	mv "$dir.new" "$dir"
	touch "$dir/ready"
}

# btf DIR MODULE RELEASE OBJTREE MODULES - what pahole has to be told to find a module's structures.
btf()
{
	local module vmlinux=$4/vmlinux

	module=$(find "$5/" -name "$2.ko*" 2>/dev/null | head -n 1)
	case $module in
	*.xz) xz -dc "$module" >"$1/$2.ko" && module=$1/$2.ko ;;
	*.zst) zstd -qdc "$module" >"$1/$2.ko" && module=$1/$2.ko ;;
	esac
	[[ -e $vmlinux ]] || vmlinux=$([[ $(uname -r) != "$3" ]] || echo /sys/kernel/btf/vmlinux)
	[[ $module && -e $vmlinux ]] || return 1
	printf '%s\n' --btf_base "$vmlinux" "$module"
}

# layout STRUCTURE PAHOLE-ARG... - print it. DWARF tells of alignments, BTF does not, and
# their columns differ.
layout()
{
	pahole -C "$1" "${@:2}" 2>/dev/null | sed -E 's/ *__attribute__\(\(__aligned__\([0-9]+\)\)\)//g
		s/[[:space:]]+/ /g; /forced alignments/d'
}

check_layout()
{
	local dir=$1 object=$2 kernel=$3 name source module there

	[[ -e $dir/foreign ]] || { touch "$dir/checked"; return; }
	source=$(<"$dir/foreign")
	command -v pahole >/dev/null ||
		die "whether $source fits Linux $kernel cannot be told without pahole: install it, or" \
			"the kernel's own source"
	for module in "${!structures[@]}"; do
		mapfile -t there < <(btf "$dir" "$module" "${@:3}")
		((${#there[@]})) ||
			die "whether $source fits Linux $kernel cannot be told without the kernel's" \
				"$module and BTF: install its own source"
		for name in ${structures[$module]}; do
			layout "$name" "${there[@]}" >"$dir/there"
			layout "$name" "$object" >"$dir/here"
			[[ -s $dir/there ]] || die "the $module of Linux $kernel does not tell of its" \
				"structures, so $source cannot be used: install the kernel's own source"
			cmp -s "$dir/there" "$dir/here" ||
				die "the $module of Linux $kernel has another struct $name than $source:" \
					"install the kernel's own source"
		done
	done
	rm -f "$dir"/{here,there,*.ko}
	touch "$dir/checked"
}

case ${1:-} in
find) find_headers "${@:2}" ;;
check) check_layout "${@:2}" ;;
-h | --help) usage ;;
*) usage >&2; exit 2 ;;
esac
