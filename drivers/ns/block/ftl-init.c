// SPDX-License-Identifier: GPL-2.0
/*
 * ns/block/ftl-init.c - the size of an FTL; to create, reset and free one
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "oc_assert.h"
#include "oc_chunk.h"
#include "oc_ftl.h"
#include "oc_l2p.h"

/**
 * oc_ftl_capacity() - logical sectors of a channel
 * @geo:	geometry
 * @op:		over-provisioning: physical sectors beyond the logical ones, per
 *		cent of the logical ones
 *
 * Context: any.
 * Return: sectors, a multiple of ws_opt.
 */
u32 oc_ftl_capacity(const struct oc_geo *geo, u32 op)
{
	u32 nr = div_u64((u64)geo->secs * 100, 100 + op);

	return nr - nr % geo->ws_opt;
}

/**
 * oc_ftl_spare() - chunks of a channel that its logical sectors do not fill
 * @geo:	geometry
 * @nr_lba:	logical sectors
 *
 * Context: any.
 * Return: chunks; OC_FTL_SPARE are needed.
 */
u32 oc_ftl_spare(const struct oc_geo *geo, u32 nr_lba)
{
	return geo->chks - DIV_ROUND_UP(nr_lba, geo->clba);
}

/**
 * oc_ftl_bytes() - memory of a channel's FTL
 * @geo:	geometry
 * @nr_lba:	logical sectors
 *
 * Context: any.
 * Return: bytes, about.
 */
u64 oc_ftl_bytes(const struct oc_geo *geo, u32 nr_lba)
{
	return ((u64)nr_lba + geo->secs) * sizeof(u32) +
		(u64)geo->chks * sizeof(struct oc_ftl_chunk) +
		(u64)geo->num_pu * (sizeof(struct oc_ftl_list) +
				    2 * sizeof(struct oc_ftl_slot));
}

static void oc_ftl_reset_stream(struct oc_ftl *ftl, struct oc_ftl_stream *st)
{
	u32 i;

	*st = (struct oc_ftl_stream) { .slot = st->slot };
	for (i = 0; i < ftl->slots; i++)
		st->slot[i].chk = OC_FTL_NO_CHUNK;
}

static void oc_ftl_reset_list(struct oc_ftl_list *list)
{
	*list = (struct oc_ftl_list) {
		.head = OC_FTL_NO_CHUNK, .tail = OC_FTL_NO_CHUNK,
	};
}

/* Set the role of each chunk from its state */
static void oc_ftl_adopt(struct oc_ftl *ftl)
{
	u32 chk, pu;

	for (pu = 0; pu < ftl->geo->num_pu; pu++)
		oc_ftl_reset_list(&ftl->free[pu]);
	for (chk = 0; chk < ftl->geo->chks; chk++) {
		const struct oc_chunk *chunk = &ftl->chunks[chk];

		ftl->worn = max(ftl->worn, chunk->resets);
		switch (chunk->state) {
		case OC_CHK_FREE:
			ftl->good++;
			oc_ftl_add_free(ftl, chk);
			break;
		case OC_CHK_OFFLINE:
			ftl->chk[chk].role = OC_FTL_GONE;
			break;
		default:
			/* Written before the FTL was created: garbage */
			ftl->good++;
			ftl->chk[chk].role = OC_FTL_CLOSED;
			break;
		}
	}
}

/* Open chunks take at most a quarter of the spare ones */
static u32 oc_ftl_width(const struct oc_ftl *ftl)
{
	u32 need = DIV_ROUND_UP(ftl->nr_lba, ftl->geo->clba) + OC_FTL_RESERVE + 1;

	if (ftl->good < need)
		return 1;
	return clamp((ftl->good - need) / 8, 1U, ftl->geo->num_pu);
}

/**
 * oc_ftl_init() - create a channel's FTL, with nothing mapped
 * @ftl:	FTL, zeroes
 * @geo:	geometry
 * @chunks:	the channel's chunks, in any states
 * @stat:	how many are in each state
 * @ops:	services
 * @policy:	how to choose what to collect
 * @nr_lba:	logical sectors
 *
 * Context: process; sleeps.
 * Return: 0, -ENOMEM, or -ENOSPC if less than OC_FTL_SPARE usable chunks would
 * be left over, or a chunk is a single sector; oc_ftl_exit() cleans up after
 * all of them.
 */
int oc_ftl_init(struct oc_ftl *ftl, const struct oc_geo *geo,
		struct oc_chunk *chunks, struct oc_chunk_stat *stat,
		const struct oc_ftl_ops *ops,
		const struct oc_ftl_policy *policy, u32 nr_lba)
{
	u32 used = DIV_ROUND_UP(nr_lba, geo->clba);
	int ret;

	*ftl = (struct oc_ftl) {
		.geo = geo, .ops = ops, .policy = policy, .chunks = chunks,
		.stat = stat, .nr_lba = nr_lba, .victim = OC_FTL_NO_CHUNK,
	};
	oc_ftl_reset_list(&ftl->failed);
	ftl->p2l = __vmalloc(array_size(geo->secs, sizeof(*ftl->p2l)),
			     GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
	ftl->chk = __vmalloc(array_size(geo->chks, sizeof(*ftl->chk)),
			     GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
	ftl->free = kvcalloc(geo->num_pu, sizeof(*ftl->free), GFP_KERNEL);
	if (!ftl->p2l || !ftl->chk || !ftl->free)
		return -ENOMEM;
	oc_ftl_adopt(ftl);
	if (geo->clba < 2 || ftl->good < used + OC_FTL_SPARE)
		return -ENOSPC;

	ftl->width = oc_ftl_width(ftl);
	ftl->slots = ftl->width;
	ret = oc_l2p_init(&ftl->l2p, nr_lba);
	if (ret)
		return ret;
	oc_assert_set_of(&ftl->l2p, stat->of);
	ftl->host.slot = kvcalloc(ftl->slots, sizeof(*ftl->host.slot),
				  GFP_KERNEL);
	ftl->gc.slot = kvcalloc(ftl->slots, sizeof(*ftl->gc.slot), GFP_KERNEL);
	if (!ftl->host.slot || !ftl->gc.slot)
		return -ENOMEM;
	oc_ftl_reset_stream(ftl, &ftl->host);
	oc_ftl_reset_stream(ftl, &ftl->gc);
	return 0;
}

/**
 * oc_ftl_reset() - drop all mappings
 * @ftl:	FTL; what its flash holds is gone or garbage
 *
 * Roles of chunks are set from their states; chunks in which a program has failed go
 * offline. Counters go on. If too many chunks are offline, not all logical sectors
 * can be written: see oc_ftl_fits().
 *
 * Context: owner of the channel; takes no memory. Sleeps.
 */
void oc_ftl_reset(struct oc_ftl *ftl)
{
	u32 chk;

	oc_assert_owned_of(ftl->stat);
	for (chk = ftl->failed.head; chk != OC_FTL_NO_CHUNK;
	     chk = ftl->chk[chk].next)
		oc_chunk_offline(&ftl->chunks[chk], ftl->stat);
	oc_ftl_reset_list(&ftl->failed);
	oc_l2p_reset(&ftl->l2p);
	cond_resched();
	memset(ftl->p2l, 0, array_size(ftl->geo->secs, sizeof(*ftl->p2l)));
	cond_resched();
	memset(ftl->chk, 0, array_size(ftl->geo->chks, sizeof(*ftl->chk)));
	oc_ftl_reset_stream(ftl, &ftl->host);
	oc_ftl_reset_stream(ftl, &ftl->gc);
	ftl->nr_free = 0;
	ftl->good = 0;
	ftl->valid = 0;
	ftl->victim = OC_FTL_NO_CHUNK;
	ftl->pace = 0;
	oc_ftl_adopt(ftl);
	ftl->width = min(oc_ftl_width(ftl), ftl->slots);
}

/**
 * oc_ftl_erased() - a chunk has been erased, or gone offline, outside of the FTL
 * @ftl:	FTL, reset and not written since
 * @chk:	chunk; it is free now, or offline
 *
 * Context: owner of the channel; does not sleep.
 */
void oc_ftl_erased(struct oc_ftl *ftl, u32 chk)
{
	oc_assert_owned_of(ftl->stat);
	if (ftl->chk[chk].role != OC_FTL_CLOSED)
		return;
	if (ftl->chunks[chk].state == OC_CHK_FREE) {
		ftl->worn = max(ftl->worn, ftl->chunks[chk].resets);
		oc_ftl_add_free(ftl, chk);
	} else {
		ftl->chk[chk].role = OC_FTL_GONE;
		oc_ftl_lose(ftl);
	}
}

/**
 * oc_ftl_exit() - free a channel's FTL
 * @ftl:	FTL, perhaps half made, or zeroes
 *
 * Context: process; sleeps.
 */
void oc_ftl_exit(struct oc_ftl *ftl)
{
	kvfree(ftl->host.slot);
	kvfree(ftl->gc.slot);
	oc_l2p_exit(&ftl->l2p);
	kvfree(ftl->free);
	vfree(ftl->chk);
	vfree(ftl->p2l);
	memset(ftl, 0, sizeof(*ftl));
}
