// SPDX-License-Identifier: GPL-2.0
/*
 * ns/block/ftl.c - a page-mapping flash translation layer for one channel
 *
 * Pure: memory is taken when it is made, then there is no clock, no sleeping, no
 * printing. All functions but init and exit are called by the channel's owner.
 *
 * The host's sectors go to a few open chunks in turn, those that garbage
 * collection moves to others, each on parallel units of its own, ws_opt sectors
 * at a time. Flash takes ws_min sectors at once: what does not fill that yet
 * waits in the write buffer, and has its place in the chunk already.
 *
 * Collecting. When free chunks become few, sectors that the host writes are
 * preceded by as many moves as keep the balance: a victim of which v sectors
 * are valid and f are not gives f sectors for v moves, so v / f moves go with
 * each. The last OC_FTL_RESERVE free chunks are not opened for the host.
 *
 * Why that never locks up. A host's data fill at most good - OC_FTL_SPARE
 * chunks (oc_ftl_fits()). When the host finds no room, no more than the reserve
 * is free, and the rest is closed, but for what the collector has open:
 *
 *  - Some closed chunk has a sector that is not valid. Moving away what is valid
 *    there takes less than one chunk, which the reserve has, and gives one chunk
 *    back: the reserve is as large as before, and what is open has grown.
 *  - None has. Then the closed chunks are at most those that the data fill, the
 *    collector has three open ones at least, and hands one over.
 *
 * Failures eat the reserve, and the collector's own programs fail as any. With
 * no chunk left to move to, the victim itself takes what is valid in it: that is
 * read into the write buffer, and programmed again after the erase. The chunk is
 * open then, with room for as many sectors as were not valid, and the next
 * victim is moved there. So whatever has failed, each step that does not fail
 * makes room of sectors that are not valid, until there are chunks enough; and
 * each that fails makes good smaller, until the data do not fit.
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

/* Take out @chk, which follows @prev, or is the first if that is no chunk */
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
 * oc_ftl_add_free() - a chunk can be written
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
 * oc_ftl_lose() - a good chunk is lost: streams may have to do with fewer
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

/* What chunk @chk holds has to be moved away, and nothing goes there any more */
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

/* Nothing is valid at @index, in chunk @nr, any more */
static void oc_ftl_invalidate(struct oc_ftl *ftl, u32 index, u32 nr)
{
	struct oc_ftl_chunk *chk = &ftl->chk[nr];

	ftl->p2l[index] = 0;
	chk->valid--;
	chk->stamp = ftl->now;
	ftl->valid--;
}

/* What logical sector @lba has had is not asked for any more */
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

/* The slot's chunk takes no more */
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
 * Program the slot's write units that are complete. Of a chunk that failed, the
 * data, written or buffered, stay where they are until collected; so do those
 * of units behind the one that failed.
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

/* Open a chunk if there are more than @floor free ones */
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

/* Sectors that go together, from the one that oc_ftl_next() has named on */
static u32 oc_ftl_stretch(const struct oc_ftl *ftl,
			  const struct oc_ftl_stream *st)
{
	u32 fill = st->slot[st->cur].fill, ws_opt = ftl->geo->ws_opt;

	return min(ftl->geo->clba - fill, ws_opt - fill % ws_opt);
}

/* The @n sectors from the one that oc_ftl_next() has named on are written */
static void oc_ftl_advance(struct oc_ftl *ftl, struct oc_ftl_stream *st, u32 n)
{
	struct oc_ftl_slot *slot = &st->slot[st->cur];

	slot->fill += n;
	st->left -= n;
	/* The next ws_opt sectors are another chunk's */
	if (ftl->slots > 1 && slot->fill % ftl->geo->ws_opt == 0 &&
	    ++st->cur == ftl->slots)
		st->cur = 0;
	oc_ftl_program(ftl, st, slot);
}

/* ---- garbage collection ----------------------------------------------- */

/* Free chunks below which the host's writes pay for collecting */
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
 * Choose what to collect: the best of a window, or, where the host has no room
 * left (@all), of the next window that has anything. False if there is nothing
 * that would help.
 */
static bool oc_ftl_choose(struct oc_ftl *ftl, bool all)
{
	u32 best = OC_FTL_NO_CHUNK, young = OC_FTL_NO_CHUNK, chk = ftl->hand;
	u32 chks = ftl->geo->chks, free, n;
	u64 most = 0;

	/* Nothing is gained by these, so not before it can be afforded */
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
			/* Little is not nothing: it may be all there is */
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

	/* What never changes keeps its chunk from taking its share of wear */
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

/* Erase a chunk. What is valid there, if anything, is @held in the write buffer */
static bool oc_ftl_erase(struct oc_ftl *ftl, u32 chk, bool held)
{
	struct oc_chunk *chunk = &ftl->chunks[chk];

	/* What mccap forbids, it forbids hosts */
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

/* Nothing is valid in the victim any more */
static void oc_ftl_reclaim(struct oc_ftl *ftl)
{
	u32 chk = ftl->victim;

	ftl->victim = OC_FTL_NO_CHUNK;
	if (ftl->chk[chk].role == OC_FTL_FAILED) {
		/* It was the first, and others come behind */
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
 * Move the next @n valid sectors of the victim, which has as many, to @to and
 * what follows it. Returns how many that were.
 */
static u32 oc_ftl_move(struct oc_ftl *ftl, u32 to, u32 n)
{
	u32 end = (ftl->victim + 1) * ftl->geo->clba;
	u32 chk = ftl->gc.slot[ftl->gc.cur].chk;
	u32 from = ftl->scan, lba, i;

	for (i = 0; i < n; i++, from++) {
		/* Something is valid, and not before here */
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
 * There is no chunk to move to: the victim, which has room to gain, takes its own
 * sectors, side by side from its beginning, and is open for more. If it fails,
 * they are in the write buffer still, as those of any chunk that fails.
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
 * The collector keeps what the host needs, and finds nothing to collect: hand a
 * chunk over to the host, who has none. False if there is none.
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
 * Move up to @most sectors, reclaim a chunk, or give one up; @all as in
 * oc_ftl_choose(). Returns how much of @most that was; 0 if there is nothing to
 * be done.
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

/* Collect what @n sectors of the host have to pay for */
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
 * oc_ftl_work() - how much is to be done before the host's next sectors?
 * @ftl:	FTL
 * @nr:		sectors it wants to write
 *
 * Context: owner of the channel.
 * Return: moves, about; U32_MAX if it may have to wait for whole chunks.
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
 * @ftl:	FTL; what the sectors need more than they have oc_ftl_fits()
 * @lba:	the first one's logical sector; all are below @ftl->nr_lba
 * @want:	how many there are, at least 1
 * @n:		set to how many of them there is room for side by side
 *
 * Collects what is to be collected first, and drops what @n logical sectors
 * have had. The caller writes them there and calls oc_ftl_commit() before
 * anything else.
 *
 * Context: owner of the channel; does not sleep.
 * Return: physical sector; 0, with nothing dropped, if chunks that the data need
 * have failed meanwhile, so that nothing oc_ftl_fits() any more.
 */
u32 oc_ftl_place(struct oc_ftl *ftl, u32 lba, u32 want, u32 *n)
{
	const struct oc_ftl_stream *st = &ftl->host;
	u64 before = ftl->count.moves;
	bool stalled = false;
	u32 index, moves, i;

	oc_assert_owned_of(ftl->stat);
	/* Of a chunk not yet open nobody knows */
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
 * oc_ftl_commit() - the host's sectors are written
 * @ftl:	FTL
 * @lba:	what oc_ftl_place() was just asked for
 * @index:	what it has answered
 * @n:		and for how many
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
