// SPDX-License-Identifier: GPL-2.0
/*
 * ns/block/ftl-check.c - is the state of an FTL consistent?
 *
 * For debugfs and the tests. Recounts everything that ftl.c counts.
 */
#include <linux/kernel.h>
#include <linux/sched.h>

#include "oc_assert.h"
#include "oc_chunk.h"
#include "oc_ftl.h"
#include "oc_l2p.h"

static const char *oc_ftl_check_map(const struct oc_ftl *ftl)
{
	u32 used = 0, lba;
	u64 valid = 0;

	for (lba = 0; lba < ftl->nr_lba; lba++) {
		u32 val = oc_l2p_get(&ftl->l2p, lba);

		used += val != OC_FTL_NONE;
		if (!oc_ftl_on_flash(val))
			continue;
		valid++;
		if (val >= ftl->geo->secs)
			return "a logical sector beyond the flash";
		if (ftl->p2l[val] != lba + 1)
			return "a logical sector that its physical one denies";
		if (lba % 65536 == 65535)
			cond_resched();
	}
	if (used != ftl->l2p.used)
		return "a wrong count of mapped logical sectors";
	if (valid != ftl->valid)
		return "a wrong count of valid sectors";
	return NULL;
}

/* Do the chunk's state and the sectors given out match its role? */
static const char *oc_ftl_check_role(const struct oc_ftl *ftl, u32 chk)
{
	const struct oc_chunk *chunk = &ftl->chunks[chk];
	u32 valid = ftl->chk[chk].valid;

	switch (ftl->chk[chk].role) {
	case OC_FTL_FREE:
		return chunk->state == OC_CHK_FREE && !valid ?
			NULL : "a free chunk that is not";
	case OC_FTL_OPEN:
		return chunk->state <= OC_CHK_OPEN && chunk->wp < ftl->geo->clba ?
			NULL : "an open chunk that is not";
	case OC_FTL_CLOSED:
		/* Chunks that were open when the FTL was created have no data */
		return chunk->state == OC_CHK_CLOSED ||
			(chunk->state == OC_CHK_OPEN && !valid) ?
			NULL : "a closed chunk that is not";
	case OC_FTL_FAILED:
		return chunk->state != OC_CHK_OFFLINE ?
			NULL : "a failed chunk in a wrong state";
	case OC_FTL_GONE:
		return chunk->state == OC_CHK_OFFLINE && !valid ?
			NULL : "an offline chunk that is not";
	default:
		return "a chunk without a role";
	}
}

static const char *oc_ftl_check_chunks(const struct oc_ftl *ftl)
{
	const u32 clba = ftl->geo->clba;
	u32 good = 0, nr_free = 0, failed = 0, chk, i;
	const char *what;

	for (chk = 0; chk < ftl->geo->chks; chk++) {
		u8 role = ftl->chk[chk].role;
		u32 valid = 0;

		what = oc_ftl_check_role(ftl, chk);
		if (what)
			return what;
		good += role <= OC_FTL_CLOSED;
		nr_free += role == OC_FTL_FREE;
		failed += role == OC_FTL_FAILED;
		for (i = chk * clba; i < (chk + 1) * clba; i++) {
			u32 lba = ftl->p2l[i];

			if (!lba)
				continue;
			valid++;
			if (lba > ftl->nr_lba)
				return "a physical sector of no logical one";
			if (oc_l2p_get(&ftl->l2p, lba - 1) != i)
				return "a physical sector that its logical one denies";
			if (chk == ftl->victim && i < ftl->scan)
				return "a valid sector that would be forgotten";
		}
		if (valid != ftl->chk[chk].valid)
			return "a chunk with a wrong count of valid sectors";
		if (chk % 64 == 63)
			cond_resched();
	}
	if (good != ftl->good || nr_free != ftl->nr_free ||
	    failed != ftl->failed.nr)
		return "a wrong count of chunks";
	return ftl->p2l[0] ? "data in sector 0" : NULL;
}

static const char *oc_ftl_check_list(const struct oc_ftl *ftl,
				     const struct oc_ftl_list *list, u32 pu,
				     enum oc_ftl_role role)
{
	u32 chk = list->head, last = OC_FTL_NO_CHUNK, n;

	for (n = 0; n < list->nr; n++) {
		if (chk >= ftl->geo->chks)
			return "a list that ends too early";
		if (ftl->chk[chk].role != role)
			return "a chunk in the wrong list";
		if (role == OC_FTL_FREE && chk / ftl->geo->num_chk != pu)
			return "a chunk in the list of another unit";
		last = chk;
		chk = ftl->chk[chk].next;
	}
	if (chk != OC_FTL_NO_CHUNK || list->tail != last)
		return "a list that does not end";
	return NULL;
}

static const char *oc_ftl_check_stream(const struct oc_ftl *ftl,
				       const struct oc_ftl_stream *st)
{
	u32 nr = 0, i, k;
	u64 left = 0;

	for (i = 0; i < ftl->slots; i++) {
		const struct oc_ftl_slot *slot = &st->slot[i];
		u32 wp, end;

		if (slot->chk == OC_FTL_NO_CHUNK)
			continue;
		nr++;
		left += ftl->geo->clba - slot->fill;
		wp = ftl->chunks[slot->chk].wp;
		if (ftl->chk[slot->chk].role != OC_FTL_OPEN)
			return "a slot whose chunk is not open";
		if (slot->fill < wp || slot->fill - wp >= ftl->geo->ws_min)
			return "a write buffer larger than a write unit";
		end = slot->chk * ftl->geo->clba;
		for (k = slot->fill; k < ftl->geo->clba; k++)
			if (ftl->p2l[end + k])
				return "data where nothing was written";
	}
	if (nr != st->nr || left != st->left)
		return "a stream with a wrong count";
	return NULL;
}

/**
 * oc_ftl_check() - is the state of an FTL consistent?
 * @ftl:	FTL
 *
 * Checks that each valid physical sector is mapped once, and the counts of valid
 * sectors, the free lists, the open chunks and their states.
 *
 * Context: owner of the channel; sleeps. Looks at every sector.
 * Return: NULL, or what is wrong.
 */
const char *oc_ftl_check(const struct oc_ftl *ftl)
{
	const char *what;
	u32 nr = 0, pu;

	oc_assert_owned_of(ftl->stat);
	what = oc_ftl_check_map(ftl);
	if (!what)
		what = oc_ftl_check_chunks(ftl);
	for (pu = 0; !what && pu < ftl->geo->num_pu; pu++) {
		what = oc_ftl_check_list(ftl, &ftl->free[pu], pu, OC_FTL_FREE);
		nr += ftl->free[pu].nr;
	}
	if (!what && nr != ftl->nr_free)
		what = "a wrong count of free chunks";
	if (!what)
		what = oc_ftl_check_list(ftl, &ftl->failed, 0, OC_FTL_FAILED);
	if (!what)
		what = oc_ftl_check_stream(ftl, &ftl->host);
	if (!what)
		what = oc_ftl_check_stream(ftl, &ftl->gc);
	return what;
}
