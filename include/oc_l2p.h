/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_l2p.h - the table "sector of the channel -> where its bytes are"
 */
#ifndef OC_L2P_H
#define OC_L2P_H

#include <linux/bug.h>
#include <linux/types.h>

#include "oc.h"
#include "oc_assert.h"

struct oc_channel;

#define OC_L2P_NONE	0U	/* value of an entry that was never written */

/**
 * struct oc_l2p - a channel's table, in vmalloc memory, 4 bytes an entry
 * @map:	the entries; OC_L2P_NONE, or where the sector's bytes are
 * @nr:		entries
 * @used:	entries that are not OC_L2P_NONE
 * @of:		with OC_DEBUG, the channel, NULL for a table of none
 *
 * Belongs to the channel's owner.
 */
struct oc_l2p {
	u32 *map;
	u32 nr;
	u32 used;
#ifdef OC_DEBUG
	const struct oc_channel *of;
#endif
};

/**
 * oc_l2p_get() - look an entry up
 * @l2p:	table
 * @index:	entry
 *
 * Context: owner of the channel.
 * Return: the value; OC_L2P_NONE if it was never set, or if there is no such
 * entry.
 */
static inline u32 oc_l2p_get(const struct oc_l2p *l2p, u32 index)
{
	oc_assert_owned_of(l2p);
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
static inline void oc_l2p_set(struct oc_l2p *l2p, u32 index, u32 slot)
{
	oc_assert_owned_of(l2p);
	if (WARN_ON_ONCE(index >= l2p->nr || slot == OC_L2P_NONE))
		return;
	if (l2p->map[index] == OC_L2P_NONE)
		oc_count_add(l2p->used, 1);
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
static inline u32 oc_l2p_clear(struct oc_l2p *l2p, u32 index)
{
	u32 slot;

	oc_assert_owned_of(l2p);
	if (WARN_ON_ONCE(index >= l2p->nr))
		return OC_L2P_NONE;
	slot = l2p->map[index];
	if (slot != OC_L2P_NONE) {
		l2p->map[index] = OC_L2P_NONE;
		oc_count_add(l2p->used, -1);
	}
	return slot;
}

/* ---- flash/l2p.c ---------------------------------------------------------- */

int oc_l2p_init(struct oc_l2p *l2p, u32 nr);
void oc_l2p_exit(struct oc_l2p *l2p);
void oc_l2p_reset(struct oc_l2p *l2p);

#endif /* OC_L2P_H */
