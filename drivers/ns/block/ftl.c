// SPDX-License-Identifier: GPL-2.0
/*
 * ns/block/ftl.c - a page-mapping flash translation layer for one channel
 *
 * Pure: memory is allocated on creation; after that no clock, no sleeping, no
 * printing. All functions but init and exit are called by the channel's owner.
 *
 * There are two streams of open chunks: one for sectors that the host writes, one
 * for those that garbage collection moves. Each stream has chunks on several
 * parallel units and writes ws_opt sectors to each in turn. Flash is programmed in
 * units of ws_min sectors: sectors of a unit that is not full wait in the write
 * buffer, with their place in the chunk already assigned.
 *
 * Collecting. When few chunks are free, each sector that the host writes is preceded
 * by as many moves as keep the balance: a victim with v valid and f invalid sectors
 * gains f sectors for v moves, so v / f moves for each sector. The last
 * OC_FTL_RESERVE free chunks are not opened for the host.
 *
 * Why this cannot deadlock. The host's data fills at most good - OC_FTL_SPARE chunks
 * (oc_ftl_fits()). When the host finds no room, at most the reserve is free, and all
 * other chunks are closed, except those that the collector has open:
 *
 *  - Either some closed chunk has an invalid sector. To move its valid sectors away
 *    takes less than the one chunk that the reserve has, and frees one: the reserve
 *    is as large as before, and the open chunks have gained room.
 *  - Or none has. Then the closed chunks are no more than the data fills, so the
 *    collector has at least three open, and hands one over to the host.
 *
 * Failures use up the reserve, and the collector's own programs may fail, too. With
 * no chunk left to move to, the victim takes its own valid sectors: they are read
 * into the write buffer and programmed again after the erase. The chunk is then open
 * and has room for as many sectors as were invalid; the next victim is moved there.
 * So each step that succeeds gains the room of invalid sectors, until there are
 * enough chunks, and each step that fails lowers "good", until the data does not
 * fit.
 */
#include <linux/kernel.h>

#include "oc.h"
#include "oc_assert.h"
#include "oc_chunk.h"
#include "oc_ftl.h"
#include "oc_l2p.h"

#define OC_FTL_WINDOW	4096U	/* chunks looked at for a victim */
#define OC_FTL_CHOICE	16U	/* free chunks looked at for the least worn */
#define OC_FTL_WEAR	32U	/* resets that wear may differ by */
#define OC_FTL_TURNS	8U	/* victims for one that is taken for its wear */
#define OC_FTL_PACE	8U	/* moves a sector, where nothing is gained */

/* ---- lists of chunks -------------------------------------------------- */

static void oc_ftl_push(struct oc_ftl *ftl, struct oc_ftl_list *list, u32 chk)
{
	ftl->chk[chk].next = OC_FTL_NO_CHUNK;
	if (list->nr++)
		ftl->chk[list->tail].next = chk;
	else
		list->head = chk;
	list->tail = chk;
}

/* Unlink @chk, which follows @prev, or is the first if @prev is OC_FTL_NO_CHUNK */
static void oc_ftl_unlink(struct oc_ftl *ftl, struct oc_ftl_list *list,
			  u32 prev, u32 chk)
{
	u32 next = ftl->chk[chk].next;

	if (prev == OC_FTL_NO_CHUNK)
		list->head = next;
	else
		ftl->chk[prev].next = next;
	if (list->tail == chk)
		list->tail = prev;
	list->nr--;
}

/* The least worn of the first few free chunks of a unit that has any */
static u32 oc_ftl_pop(struct oc_ftl *ftl, struct oc_ftl_list *list)
{
	u32 prev = OC_FTL_NO_CHUNK, chk = list->head;
	u32 best = chk, before = prev, i;

	for (i = 0; i < OC_FTL_CHOICE && chk != OC_FTL_NO_CHUNK; i++) {
		if (ftl->chunks[chk].resets < ftl->chunks[best].resets) {
			best = chk;
			before = prev;
		}
		prev = chk;
		chk = ftl->chk[chk].next;
	}
	oc_ftl_unlink(ftl, list, before, best);
	return best;
}

/**
 * oc_ftl_add_free() - add a chunk to the free ones
 * @ftl:	FTL
 * @chk:	chunk, in no list
 *
 * Context: owner of the channel; does not sleep.
 */
void oc_ftl_add_free(struct oc_ftl *ftl, u32 chk)
{
	oc_assert_owned_of(ftl->stat);
	ftl->chk[chk].role = OC_FTL_FREE;
	oc_ftl_push(ftl, &ftl->free[chk / ftl->geo->num_chk], chk);
	ftl->nr_free++;
}

/* ---- capacity --------------------------------------------------------- */

/* Sectors of a chunk that can hold data */
static u32 oc_ftl_room(const struct oc_ftl *ftl, u32 chk)
{
	return ftl->geo->clba - !chk;
}

/**
 * oc_ftl_lose() - a good chunk is lost: the streams may become narrower
 * @ftl:	FTL
 *
 * Context: owner of the channel; does not sleep.
 */
void oc_ftl_lose(struct oc_ftl *ftl)
{
	u32 need = DIV_ROUND_UP(ftl->nr_lba, ftl->geo->clba) + OC_FTL_RESERVE + 1;

	oc_assert_owned_of(ftl->stat);
	oc_count_add(ftl->good, -1);
	while (ftl->width > 1 && need + 8 * ftl->width > ftl->good)
		ftl->width--;
}

/* A chunk has failed: its data has to be moved away, and no more is written there */
static void oc_ftl_fail(struct oc_ftl *ftl, u32 chk)
{
	ftl->chk[chk].role = OC_FTL_FAILED;
	oc_ftl_push(ftl, &ftl->failed, chk);
	oc_ftl_lose(ftl);
}

/* ---- the map ---------------------------------------------------------- */

/* Logical sector @lba is at @index, in chunk @chk */
static void oc_ftl_map(struct oc_ftl *ftl, u32 lba, u32 index, u32 chk)
{
	oc_l2p_set(&ftl->l2p, lba, index);
	ftl->p2l[index] = lba + 1;
	ftl->chk[chk].valid++;
	ftl->valid++;
}

/* Physical sector @index, in chunk @nr, becomes invalid */
static void oc_ftl_invalidate(struct oc_ftl *ftl, u32 index, u32 nr)
{
	struct oc_ftl_chunk *chk = &ftl->chk[nr];

	ftl->p2l[index] = 0;
	chk->valid--;
	chk->stamp = ftl->now;
	ftl->valid--;
}

/* Drop what logical sector @lba is mapped to */
static void oc_ftl_unmap(struct oc_ftl *ftl, u32 lba)
{
	u32 old = oc_l2p_clear(&ftl->l2p, lba);

	if (!oc_ftl_on_flash(old))
		return;
	oc_ftl_invalidate(ftl, old, old / ftl->geo->clba);
	ftl->ops->drop(ftl, old);
}

/**
 * oc_ftl_set() - give a logical sector a value that takes no flash
 * @ftl:	FTL
 * @lba:	logical sector, below @ftl->nr_lba
 * @val:	OC_FTL_NONE, OC_FTL_ZERO or OC_FTL_BAD
 *
 * Context: owner of the channel; does not sleep.
 */
void oc_ftl_set(struct oc_ftl *ftl, u32 lba, u32 val)
{
	oc_assert_owned_of(ftl->stat);
	oc_ftl_unmap(ftl, lba);
	if (val != OC_FTL_NONE)
		oc_l2p_set(&ftl->l2p, lba, val);
}

/* ---- writing ---------------------------------------------------------- */

/* The slot's chunk is full or has failed */
static void oc_ftl_close(struct oc_ftl *ftl, struct oc_ftl_stream *st,
			 struct oc_ftl_slot *slot)
{
	struct oc_ftl_chunk *chk = &ftl->chk[slot->chk];

	chk->role = OC_FTL_CLOSED;
	chk->stamp = ftl->now;
	st->left -= ftl->geo->clba - slot->fill;
	st->nr--;
	slot->chk = OC_FTL_NO_CHUNK;
}

/*
 * Program the complete write units of a slot. If one fails, all data of the chunk,
 * programmed or buffered, stays where it is until the chunk is collected.
 */
static void oc_ftl_program(struct oc_ftl *ftl, struct oc_ftl_stream *st,
			   struct oc_ftl_slot *slot)
{
	struct oc_chunk *chunk = &ftl->chunks[slot->chk];
	const struct oc_geo *geo = ftl->geo;
	u32 n = slot->fill - chunk->wp, chk = slot->chk, done = 0;

	if (n < geo->ws_min)
		return;
	n -= n % geo->ws_min;
	if (!WARN_ON_ONCE(oc_chunk_check_write(geo, chunk, chunk->wp, n,
					       false)))
		done = ftl->ops->program(ftl, chk, chunk->wp, n,
					 st == &ftl->gc);
	if (likely(done)) {
		oc_chunk_commit_write(geo, chunk, ftl->stat, done);
		ftl->now += done;
		oc_count_add(ftl->count.programs, done);
	}
	if (unlikely(done < n)) {
		ftl->count.failed++;
		oc_ftl_close(ftl, st, slot);
		oc_ftl_fail(ftl, chk);
	} else if (chunk->wp == geo->clba) {
		oc_ftl_close(ftl, st, slot);
	}
}

/* Open a chunk if more than @floor are free */
static bool oc_ftl_open(struct oc_ftl *ftl, struct oc_ftl_stream *st,
			struct oc_ftl_slot *slot, u32 floor)
{
	const struct oc_geo *geo = ftl->geo;

	if (st->nr >= ftl->width || ftl->nr_free <= floor)
		return false;
	while (!ftl->free[st->pu].nr)
		st->pu = (st->pu + 1) % geo->num_pu;
	slot->chk = oc_ftl_pop(ftl, &ftl->free[st->pu]);
	slot->fill = 0;
	st->pu = (st->pu + 1) % geo->num_pu;
	st->nr++;
	st->left += geo->clba;
	ftl->nr_free--;
	ftl->chk[slot->chk].role = OC_FTL_OPEN;
	if (!slot->chk) {
		/* Sector 0 of the channel stands for "none" */
		slot->fill++;
		st->left--;
		oc_ftl_program(ftl, st, slot);
	}
	return slot->chk != OC_FTL_NO_CHUNK;
}

/* Where the next sector of a stream goes; 0 if there is no room */
static u32 oc_ftl_next(struct oc_ftl *ftl, struct oc_ftl_stream *st, u32 floor)
{
	u32 i;

	for (i = 0; i < ftl->slots; i++) {
		struct oc_ftl_slot *slot = &st->slot[st->cur];

		if (slot->chk != OC_FTL_NO_CHUNK ||
		    oc_ftl_open(ftl, st, slot, floor))
			return slot->chk * ftl->geo->clba + slot->fill;
		st->cur = (st->cur + 1) % ftl->slots;
	}
	return 0;
}

/* The number of sectors that can be written at what oc_ftl_next() has returned */
static u32 oc_ftl_stretch(const struct oc_ftl *ftl,
			  const struct oc_ftl_stream *st)
{
	u32 fill = st->slot[st->cur].fill, ws_opt = ftl->geo->ws_opt;

	return min(ftl->geo->clba - fill, ws_opt - fill % ws_opt);
}

/* Advance by @n sectors from what oc_ftl_next() has returned */
static void oc_ftl_advance(struct oc_ftl *ftl, struct oc_ftl_stream *st, u32 n)
{
	struct oc_ftl_slot *slot = &st->slot[st->cur];

	slot->fill += n;
	st->left -= n;
	/* The next ws_opt sectors go to another chunk */
	if (ftl->slots > 1 && slot->fill % ftl->geo->ws_opt == 0 &&
	    ++st->cur == ftl->slots)
		st->cur = 0;
	oc_ftl_program(ftl, st, slot);
}

/* ---- garbage collection ----------------------------------------------- */

/* With fewer free chunks than this, the host's writes are preceded by moves */
static u32 oc_ftl_low(const struct oc_ftl *ftl)
{
	return OC_FTL_RESERVE + ftl->width + 1;
}

static void oc_ftl_collect(struct oc_ftl *ftl, u32 chk, u32 pace)
{
	ftl->victim = chk;
	ftl->scan = chk * ftl->geo->clba;
	ftl->pace = pace;
	ftl->count.victims++;
}

/*
 * Choose a victim: the best of a window of chunks or, if the host has no room left
 * (@all), of the first window that has one. Returns false if no chunk would help.
 */
static bool oc_ftl_choose(struct oc_ftl *ftl, bool all)
{
	u32 best = OC_FTL_NO_CHUNK, young = OC_FTL_NO_CHUNK, chk = ftl->hand;
	u32 chks = ftl->geo->chks, free, n;
	u64 most = 0;

	/* Failed chunks gain nothing, so only while there is a reserve */
	if (ftl->failed.nr && ftl->nr_free >= OC_FTL_RESERVE) {
		oc_ftl_collect(ftl, ftl->failed.head, OC_FTL_PACE);
		return true;
	}

	for (n = 0; n < chks; n++) {
		const struct oc_ftl_chunk *c = &ftl->chk[chk];

		if (n && n % OC_FTL_WINDOW == 0 &&
		    (!all || best != OC_FTL_NO_CHUNK))
			break;

		if (c->role == OC_FTL_CLOSED) {
			u64 gain;

			free = oc_ftl_room(ftl, chk) - c->valid;
			/* + 1: even a policy's 0 is better than no victim */
			gain = free ? ftl->policy->gain(ftl, chk, free) + 1 : 0;
			if (gain > most) {
				most = gain;
				best = chk;
			}
			if (young == OC_FTL_NO_CHUNK ||
			    ftl->chunks[chk].resets < ftl->chunks[young].resets)
				young = chk;
		}
		if (++chk == chks)
			chk = 0;
	}
	ftl->hand = chk;

	/* Wear leveling: data that never changes keeps its chunk from being erased */
	if (ftl->turns)
		ftl->turns--;
	if (!ftl->turns && young != OC_FTL_NO_CHUNK &&
	    ftl->worn > ftl->chunks[young].resets + OC_FTL_WEAR &&
	    ftl->nr_free > OC_FTL_RESERVE) {
		ftl->turns = OC_FTL_TURNS;
		ftl->count.levels++;
		oc_ftl_collect(ftl, young, OC_FTL_PACE);
		return true;
	}
	if (best == OC_FTL_NO_CHUNK)
		return false;
	free = oc_ftl_room(ftl, best) - ftl->chk[best].valid;
	oc_ftl_collect(ftl, best,
		       max(1U, DIV_ROUND_UP(ftl->chk[best].valid, free)));
	return true;
}

static void oc_ftl_retire(struct oc_ftl *ftl, u32 chk)
{
	ftl->chk[chk].role = OC_FTL_GONE;
	oc_chunk_offline(&ftl->chunks[chk], ftl->stat);
}

/* Erase a chunk. If valid sectors are left, they are @held in the write buffer */
static bool oc_ftl_erase(struct oc_ftl *ftl, u32 chk, bool held)
{
	struct oc_chunk *chunk = &ftl->chunks[chk];

	/* mccap restricts only hosts */
	if (chunk->state == OC_CHK_OFFLINE ||
	    !ftl->ops->erase(ftl, chk, held)) {
		ftl->count.failed++;
		return false;
	}
	oc_chunk_commit_reset(chunk, ftl->stat);
	ftl->worn = max(ftl->worn, chunk->resets);
	ftl->count.erases++;
	return true;
}

/* Reclaim the victim, which has no valid sectors any more */
static void oc_ftl_reclaim(struct oc_ftl *ftl)
{
	u32 chk = ftl->victim;

	ftl->victim = OC_FTL_NO_CHUNK;
	if (ftl->chk[chk].role == OC_FTL_FAILED) {
		/* It was the first of the list */
		oc_ftl_unlink(ftl, &ftl->failed, OC_FTL_NO_CHUNK, chk);
		oc_ftl_retire(ftl, chk);
	} else if (oc_ftl_erase(ftl, chk, false)) {
		oc_ftl_add_free(ftl, chk);
	} else {
		oc_ftl_retire(ftl, chk);
		oc_ftl_lose(ftl);
	}
}

/*
 * Move the next @n valid sectors of the victim, which has at least as many, to @to
 * and the sectors that follow. Returns how many were moved.
 */
static u32 oc_ftl_move(struct oc_ftl *ftl, u32 to, u32 n)
{
	u32 end = (ftl->victim + 1) * ftl->geo->clba;
	u32 chk = ftl->gc.slot[ftl->gc.cur].chk;
	u32 from = ftl->scan, lba, i;

	for (i = 0; i < n; i++, from++) {
		/* Skip invalid sectors; there are valid ones left */
		while (from < end && !ftl->p2l[from])
			from++;
		if (WARN_ON_ONCE(from == end))
			break;
		lba = ftl->p2l[from] - 1;
		oc_l2p_clear(&ftl->l2p, lba);
		oc_ftl_invalidate(ftl, from, ftl->victim);
		ftl->ops->move(ftl, from, to + i);
		oc_ftl_map(ftl, lba, to + i, chk);
	}
	ftl->scan = from;
	ftl->count.moves += i;
	if (likely(i))
		oc_ftl_advance(ftl, &ftl->gc, i);
	return i;
}

/*
 * There is no chunk to move to: erase the victim, which has invalid sectors, and
 * write its valid ones back from its start on; it is then open for more. If the
 * erase fails, they remain in the write buffer, as for any chunk that fails.
 */
static u32 oc_ftl_rewrite(struct oc_ftl *ftl)
{
	struct oc_ftl_slot *slot = &ftl->gc.slot[ftl->gc.cur];
	u32 chk = ftl->victim, clba = ftl->geo->clba;
	u32 n = ftl->chk[chk].valid, from = ftl->scan, left;
	u32 to = chk * clba + !chk;

	for (left = n; left; from++) {
		u32 lba = ftl->p2l[from];

		if (!lba)
			continue;
		ftl->ops->move(ftl, from, to);
		ftl->p2l[from] = 0;
		ftl->p2l[to] = lba;
		oc_l2p_clear(&ftl->l2p, lba - 1);
		oc_l2p_set(&ftl->l2p, lba - 1, to++);
		left--;
	}
	ftl->victim = OC_FTL_NO_CHUNK;
	ftl->count.moves += n;
	ftl->count.rewrites++;
	if (!oc_ftl_erase(ftl, chk, true)) {
		oc_ftl_fail(ftl, chk);
		return n;
	}
	slot->chk = chk;
	slot->fill = to - chk * clba;
	ftl->gc.nr++;
	ftl->gc.left += clba - slot->fill;
	ftl->chk[chk].role = OC_FTL_OPEN;
	oc_ftl_program(ftl, &ftl->gc, slot);
	return n;
}

/*
 * The host has no open chunk, and there is nothing to collect: hand one of the
 * collector's over to it. Returns false if that has none.
 */
static bool oc_ftl_hand_over(struct oc_ftl *ftl)
{
	struct oc_ftl_slot *to = &ftl->host.slot[ftl->host.cur];
	u32 i, left;

	for (i = 0; i < ftl->slots; i++) {
		struct oc_ftl_slot *from = &ftl->gc.slot[i];

		if (from->chk == OC_FTL_NO_CHUNK)
			continue;
		*to = *from;
		from->chk = OC_FTL_NO_CHUNK;
		left = ftl->geo->clba - to->fill;
		ftl->gc.nr--;
		ftl->gc.left -= left;
		ftl->host.nr++;
		ftl->host.left += left;
		return true;
	}
	return false;
}

/*
 * One step of collecting: move up to @most sectors, reclaim a chunk, or hand one
 * over; @all as in oc_ftl_choose(). Returns the part of @most that is used up, 0 if
 * there is nothing to do.
 */
static u32 oc_ftl_step(struct oc_ftl *ftl, bool all, u32 most)
{
	u32 to, n;

	if (ftl->victim == OC_FTL_NO_CHUNK && !oc_ftl_choose(ftl, all))
		return 0;
	if (!ftl->chk[ftl->victim].valid) {
		oc_ftl_reclaim(ftl);
		return 1;
	}

	to = oc_ftl_next(ftl, &ftl->gc, OC_FTL_RESERVE);
	if (!to && !ftl->gc.left)
		to = oc_ftl_next(ftl, &ftl->gc, 0);
	if (!to) {
		struct oc_ftl_chunk *chk = &ftl->chk[ftl->victim];

		/* Where it was to go has failed; so may this */
		if (!ftl->nr_free && oc_ftl_fits(ftl, 0) &&
		    chk->role == OC_FTL_CLOSED &&
		    chk->valid < oc_ftl_room(ftl, ftl->victim))
			return min(most, oc_ftl_rewrite(ftl));
		ftl->victim = OC_FTL_NO_CHUNK;
		return oc_ftl_choose(ftl, all);
	}
	n = min3(most, oc_ftl_stretch(ftl, &ftl->gc),
		 ftl->chk[ftl->victim].valid);
	n = oc_ftl_move(ftl, to, n);
	if (!ftl->chk[ftl->victim].valid)
		oc_ftl_reclaim(ftl);
	return n;
}

/* Collect as much as is due with @n sectors of the host */
static void oc_ftl_pay(struct oc_ftl *ftl, u32 n)
{
	while (n && ftl->nr_free <= oc_ftl_low(ftl)) {
		u32 at_once = 1, owed, done;

		if (ftl->victim == OC_FTL_NO_CHUNK &&
		    !oc_ftl_choose(ftl, false)) {
			n--;
			continue;
		}
		/* For all together, unless the victim's end comes between them */
		if ((u64)n * ftl->pace < ftl->chk[ftl->victim].valid)
			at_once = n;
		for (owed = at_once * ftl->pace; owed; owed -= done) {
			done = oc_ftl_step(ftl, false, owed);
			if (!done)
				break;
		}
		n -= at_once;
	}
}

/**
 * oc_ftl_work() - how many moves precede the host's next sectors?
 * @ftl:	FTL
 * @nr:		sectors that it is about to write
 *
 * Context: owner of the channel.
 * Return: about how many; U32_MAX if whole chunks may have to be collected.
 */
u32 oc_ftl_work(const struct oc_ftl *ftl, u32 nr)
{
	oc_assert_owned_of(ftl->stat);
	if (ftl->nr_free > oc_ftl_low(ftl))
		return 0;
	if (!ftl->nr_free ||
	    (ftl->nr_free <= OC_FTL_RESERVE && ftl->host.left < nr))
		return U32_MAX;
	return nr * max(ftl->pace, 1U);
}

/**
 * oc_ftl_place() - find a place for sectors of the host
 * @ftl:	FTL, where oc_ftl_fits() has allowed the sectors
 * @lba:	logical sector of the first; all are below @ftl->nr_lba
 * @want:	how many there are, at least 1
 * @n:		set to how many of them get places that follow each other
 *
 * Collects what is due first, and drops the old data of the @n logical sectors. The
 * caller writes them and calls oc_ftl_commit() before anything else.
 *
 * Context: owner of the channel; does not sleep.
 * Return: physical sector of the first; 0, with nothing dropped, if chunks have
 * failed meanwhile so that the data does not fit any more.
 */
u32 oc_ftl_place(struct oc_ftl *ftl, u32 lba, u32 want, u32 *n)
{
	const struct oc_ftl_stream *st = &ftl->host;
	u64 before = ftl->count.moves;
	bool stalled = false;
	u32 index, moves, i;

	oc_assert_owned_of(ftl->stat);
	/* No chunk is open: its length is unknown */
	*n = st->slot[st->cur].chk == OC_FTL_NO_CHUNK ?
		1 : min(want, oc_ftl_stretch(ftl, st));
	oc_ftl_pay(ftl, *n);
	while (!(index = oc_ftl_next(ftl, &ftl->host, OC_FTL_RESERVE))) {
		stalled = true;
		if (!oc_ftl_fits(ftl, 0))
			break;
		if (!oc_ftl_step(ftl, true, U32_MAX) && !oc_ftl_hand_over(ftl))
			break;
	}
	ftl->count.stalls += stalled;
	moves = ftl->count.moves - before;
	if (moves)
		ftl->count.worst = max(ftl->count.worst,
				       DIV_ROUND_UP(moves, *n));
	for (i = 0; index && i < *n; i++)
		oc_ftl_unmap(ftl, lba + i);
	return index;
}

/**
 * oc_ftl_commit() - map sectors that the host has written
 * @ftl:	FTL
 * @lba:	what oc_ftl_place() was just called with
 * @index:	what it has returned
 * @n:		and for how many sectors
 *
 * Context: owner of the channel; does not sleep.
 */
void oc_ftl_commit(struct oc_ftl *ftl, u32 lba, u32 index, u32 n)
{
	u32 chk = ftl->host.slot[ftl->host.cur].chk, i;

	oc_assert_owned_of(ftl->stat);
	for (i = 0; i < n; i++)
		oc_ftl_map(ftl, lba + i, index + i, chk);
	ftl->count.host += n;
	oc_ftl_advance(ftl, &ftl->host, n);
}

static u32 oc_ftl_stream_buffered(const struct oc_ftl *ftl,
				  const struct oc_ftl_stream *st)
{
	u32 n = 0, i;

	for (i = 0; i < ftl->slots; i++)
		if (st->slot[i].chk != OC_FTL_NO_CHUNK)
			n += st->slot[i].fill - ftl->chunks[st->slot[i].chk].wp;
	return n;
}

/**
 * oc_ftl_buffered() - sectors in the write buffer
 * @ftl:	FTL
 *
 * Context: owner of the channel.
 * Return: how many.
 */
u32 oc_ftl_buffered(const struct oc_ftl *ftl)
{
	oc_assert_owned_of(ftl->stat);
	return oc_ftl_stream_buffered(ftl, &ftl->host) +
		oc_ftl_stream_buffered(ftl, &ftl->gc);
}
