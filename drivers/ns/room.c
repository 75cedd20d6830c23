// SPDX-License-Identifier: GPL-2.0
/*
 * ns/room.c - free channels, and the capacity of namespaces created there
 *
 * Capacity is what a host can write. Chunks that a block namespace reserves for
 * garbage collection and for failures do not count, in any sum of Identify.
 */
#include <linux/kernel.h>
#include <linux/spinlock.h>

#include "oc_chunk.h"
#include "oc_dev.h"
#include "oc_ns.h"

/**
 * oc_dev_has_room() - is any channel free?
 * @dev:	device
 *
 * Context: process; as for oc_for_each_ns().
 * Return: true if a namespace could be created.
 */
bool oc_dev_has_room(const struct oc_dev *dev)
{
	u32 i;

	for (i = 0; i < dev->geo.num_grp; i++)
		if (!oc_ns_of(dev, i))
			return true;
	return false;
}

/* Sectors that a namespace could have of a free channel, without its bad chunks */
static u32 oc_channel_room(const struct oc_dev *dev, u32 i)
{
	return dev->created->most(&dev->geo,
			READ_ONCE(dev->ch[i].stat.nr[OC_CHK_OFFLINE]));
}

/* The number of free channels from @first on in a row with @room sectors each */
static u32 oc_dev_run(const struct oc_dev *dev, u32 first, u64 room)
{
	u32 i = first;

	while (i < dev->geo.num_grp && !oc_ns_of(dev, i) &&
	       oc_channel_room(dev, i) >= room)
		i++;
	return i - first;
}

/**
 * oc_ns_capacity() - capacity of a namespace
 * @ns:		namespace of any kind
 * @lba_shift:	log2 of its sector size
 *
 * It is that of a block namespace on the same channels (NVMCAP).
 *
 * Context: any; as for oc_for_each_ns().
 * Return: bytes.
 */
u64 oc_ns_capacity(const struct oc_ns *ns, u8 lba_shift)
{
	return (u64)ns->geo.num_grp *
		ns->dev->created->most(&ns->geo, 0) << lba_shift;
}

/*
 * The unallocated capacity, in the first format. A run of free channels can be one
 * namespace, whose channels all have as much as the one with the most bad chunks
 */
static u64 oc_dev_unallocated(const struct oc_dev *dev)
{
	u32 i, k, len, least;
	u64 secs = 0;

	for (i = 0; i < dev->geo.num_grp; i += len ? len : 1) {
		len = oc_dev_run(dev, i, 0);
		least = U32_MAX;
		for (k = 0; k < len; k++)
			least = min(least, oc_channel_room(dev, i + k));
		secs += (u64)len * least;
	}
	return secs << dev->geo.lba_shift;
}

/**
 * oc_dev_capacity() - total and unallocated capacity
 * @dev:	device
 * @left:	set to what they could have of free channels, bytes (UNVMCAP)
 *
 * Context: process; takes oc_dev.geo_lock, so that the sums are of one moment.
 * Return: bytes of both, with the formats of the namespaces (TNVMCAP).
 */
u64 oc_dev_capacity(struct oc_dev *dev, u64 *left)
{
	const struct oc_ns *ns;
	u64 bytes;

	spin_lock(&dev->geo_lock);
	*left = oc_dev_unallocated(dev);
	bytes = *left;
	oc_for_each_ns(dev, ns)
		bytes += oc_ns_capacity(ns, ns->geo.lba_shift);
	spin_unlock(&dev->geo_lock);
	return bytes;
}

/**
 * oc_dev_find_run() - find channels for a namespace
 * @dev:	device
 * @nr:		how many
 * @room:	sectors that each must have room for
 * @first:	set to the first of the smallest run of free ones with so many
 *
 * Context: process; as for oc_for_each_ns().
 * Return: false if there is none.
 */
bool oc_dev_find_run(const struct oc_dev *dev, u32 nr, u64 room, u32 *first)
{
	u32 best = U32_MAX, len, i;

	for (i = 0; i < dev->geo.num_grp; i += len ? len : 1) {
		len = oc_dev_run(dev, i, room);
		if (len >= nr && len < best) {
			best = len;
			*first = i;
		}
	}
	return best != U32_MAX;
}
