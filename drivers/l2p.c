// SPDX-License-Identifier: GPL-2.0
/*
 * l2p.c - a channel's table, 4 bytes an entry, in vmalloc memory
 *
 * Every function but init and exit is called by the owner of the channel.
 */
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/vmalloc.h>

#include "oc.h"

/**
 * oc_l2p_init() - make an empty table
 * @l2p:	table
 * @nr:		entries
 *
 * Context: process; sleeps.
 * Return: 0, or -ENOMEM.
 */
int oc_l2p_init(struct oc_l2p *l2p, u32 nr)
{
	/* The caller reports a failure in its own words */
	l2p->map = __vmalloc(array_size(nr, sizeof(*l2p->map)),
			     GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
	if (!l2p->map)
		return -ENOMEM;
	l2p->nr = nr;
	l2p->used = 0;
	return 0;
}

/**
 * oc_l2p_exit() - free a table
 * @l2p:	table, or zeroes
 *
 * Context: process; sleeps.
 */
void oc_l2p_exit(struct oc_l2p *l2p)
{
	vfree(l2p->map);
	l2p->map = NULL;
	l2p->nr = 0;
	l2p->used = 0;
}

/**
 * oc_l2p_reset() - empty all entries
 * @l2p:	table whose values nobody needs any more
 *
 * Context: owner of the channel.
 */
void oc_l2p_reset(struct oc_l2p *l2p)
{
	memset(l2p->map, 0, array_size(l2p->nr, sizeof(*l2p->map)));
	l2p->used = 0;
}

/**
 * oc_l2p_get() - look an entry up
 * @l2p:	table
 * @index:	entry
 *
 * Context: owner of the channel.
 * Return: the value; OC_L2P_NONE if it was never set, or if there is no such
 * entry.
 */
u32 oc_l2p_get(const struct oc_l2p *l2p, u32 index)
{
	if (WARN_ON_ONCE(index >= l2p->nr))
		return OC_L2P_NONE;
	return l2p->map[index];
}

/**
 * oc_l2p_set() - set an entry that is empty
 * @l2p:	table
 * @index:	entry
 * @slot:	value, not OC_L2P_NONE
 *
 * Context: owner of the channel.
 */
void oc_l2p_set(struct oc_l2p *l2p, u32 index, u32 slot)
{
	if (WARN_ON_ONCE(index >= l2p->nr || slot == OC_L2P_NONE))
		return;
	if (l2p->map[index] == OC_L2P_NONE)
		l2p->used++;
	l2p->map[index] = slot;
}

/**
 * oc_l2p_clear() - empty an entry
 * @l2p:	table
 * @index:	entry
 *
 * Context: owner of the channel.
 * Return: the value it had, OC_L2P_NONE if it was empty already.
 */
u32 oc_l2p_clear(struct oc_l2p *l2p, u32 index)
{
	u32 slot;

	if (WARN_ON_ONCE(index >= l2p->nr))
		return OC_L2P_NONE;
	slot = l2p->map[index];
	if (slot != OC_L2P_NONE) {
		l2p->map[index] = OC_L2P_NONE;
		l2p->used--;
	}
	return slot;
}
