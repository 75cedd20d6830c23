// SPDX-License-Identifier: GPL-2.0
/*
 * ns/oc12/map.c - hybrid mode: the mapping that the host gives with its writes
 *
 * There are two tables. @map has the sector of each logical address. @back has the
 * logical address of each sector of a channel, so that an erase finds the entries
 * to drop without a search.
 *
 * @back belongs to the channel's owner. @map cannot: a logical address may move to
 * any channel, and no channel may wait for another. So its entries change by atomic
 * exchange: only the owner of a sector's channel puts that sector into an entry, and
 * only that owner removes it, by a cmpxchg that fails if another owner has mapped
 * the address elsewhere meanwhile.
 *
 * This command set has no way to tell sector 0 from "not mapped", so nothing is ever
 * mapped to it.
 */
#include <linux/atomic.h>
#include <linux/kernel.h>

#include "oc12.h"
#include "oc_geometry.h"
#include "oc_ns.h"

static u32 *oc12_back(const struct oc_ns *ns, const struct oc_addr *addr)
{
	const struct oc12 *o = ns->priv;

	return &o->back[(size_t)addr->grp * ns->geo.secs +
			oc_geo_index(&ns->geo, addr)];
}

/**
 * oc12_map_drop() - unmap the logical address of a sector
 * @ns:		hybrid namespace
 * @addr:	the sector
 *
 * Context: owner of the sector's channel.
 */
void oc12_map_drop(struct oc_ns *ns, const struct oc_addr *addr)
{
	const struct oc12 *o = ns->priv;
	u32 *back = oc12_back(ns, addr);

	if (!*back)
		return;
	/* Fails if the address has been written elsewhere since */
	cmpxchg(&o->map[*back - 1], (u32)oc12_linear(o, &ns->geo, addr), 0);
	*back = 0;
}

/**
 * oc12_map_put() - map a logical address to a sector
 * @ns:		hybrid namespace
 * @addr:	the sector, not the one with number 0
 * @lba:	logical address, below oc_geo_sectors()
 *
 * Context: owner of the sector's channel.
 */
void oc12_map_put(struct oc_ns *ns, const struct oc_addr *addr, u64 lba)
{
	const struct oc12 *o = ns->priv;

	oc12_map_drop(ns, addr);
	*oc12_back(ns, addr) = lba + 1;
	xchg(&o->map[lba], (u32)oc12_linear(o, &ns->geo, addr));
}

/**
 * oc12_map_drop_chunk() - unmap all logical addresses of a chunk
 * @ns:		hybrid namespace
 * @grp:	channel, in the namespace
 * @chk:	its chunk
 *
 * Context: owner of the channel.
 */
void oc12_map_drop_chunk(struct oc_ns *ns, u32 grp, u32 chk)
{
	struct oc_addr addr = { .grp = grp, .chk = chk };

	for (; addr.sec < ns->geo.clba; addr.sec++)
		oc12_map_drop(ns, &addr);
}

/**
 * oc12_map_get() - where is a logical address?
 * @ns:		hybrid namespace
 * @lba:	logical address, below oc_geo_sectors()
 *
 * Context: any.
 * Return: the number of its sector, 0 for nowhere.
 */
u32 oc12_map_get(const struct oc_ns *ns, u64 lba)
{
	const struct oc12 *o = ns->priv;

	return READ_ONCE(o->map[lba]);
}

/**
 * oc12_map_holds() - does a sector hold the data of a logical address?
 * @ns:		hybrid namespace
 * @addr:	the sector
 * @lba:	logical address
 *
 * Context: owner of the sector's channel.
 * Return: true if it was written for it, and not erased or written since.
 */
bool oc12_map_holds(const struct oc_ns *ns, const struct oc_addr *addr,
		    u64 lba)
{
	return *oc12_back(ns, addr) == lba + 1;
}
