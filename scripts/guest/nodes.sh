# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Which disk is which namespace; sourced. The number in a disk's name need not be the
# namespace's: it is from Linux 6.12 on that of the disk. A hidden disk, one of several paths,
# has a name that nobody finds in /dev.

# find_namespaces CTRL - into $all, by NSID: the disks as /dev knows them.
find_namespaces()
{
	local dir nsid

	all=()
	for dir in "/sys/class/nvme/$1"/nvme*n*; do
		[[ ${dir##*/} =~ ^(nvme[0-9]+)(c[0-9]+)?(n[0-9]+)$ ]] || continue
		read -r nsid 2>/dev/null <"$dir/nsid" || continue
		all[nsid]=${BASH_REMATCH[1]}${BASH_REMATCH[3]}
	done
}

# node_of CTRL NSID - the namespace's node, once it is there.
node_of()
{
	local all

	find_namespaces "$1"
	[[ ${all[$2]:-} && -b /dev/${all[$2]} ]] || return
	echo "/dev/${all[$2]}"
}
