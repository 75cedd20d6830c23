// SPDX-License-Identifier: GPL-2.0
/*
 * flash/l2p.c - a channel's table, 4 bytes an entry, in vmalloc memory
 *
 * The accesses for every sector are inline, in oc_l2p.h.
 */
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/vmalloc.h>

#include "oc_assert.h"
#include "oc_l2p.h"

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
	/* No warning: the caller reports the failure */
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
 * @l2p:	table whose values are not needed any more
 *
 * Context: owner of the channel.
 */
void oc_l2p_reset(struct oc_l2p *l2p)
{
	oc_assert_owned_of(l2p);
	memset(l2p->map, 0, array_size(l2p->nr, sizeof(*l2p->map)));
	l2p->used = 0;
}
