// SPDX-License-Identifier: GPL-2.0
/*
 * ns/block/flash.c - the services that the FTL of a block namespace needs of flash:
 * bytes, time and faults
 *
 * A read waits for its sectors, a write for the programs that it completes. Garbage
 * collection occupies dies and bus and so delays both, as in a real device, but no
 * command waits for it otherwise. Buffered sectors are read from the buffer, so
 * mw_cunits has no effect here.
 */
/* KBUILD_MODNAME would name the KUnit module too */
#define pr_fmt(fmt) "ocloop: " fmt

#include <linux/kernel.h>

#include "oc.h"
#include "oc_assert.h"
#include "oc_block.h"
#include "oc_channel.h"
#include "oc_cmd.h"
#include "oc_dev.h"
#include "oc_fault.h"
#include "oc_ftl.h"
#include "oc_media.h"
#include "oc_timing.h"

static struct oc_block_ch *to_block_ch(struct oc_ftl *ftl)
{
	return container_of(ftl, struct oc_block_ch, ftl);
}

/* ---- time ------------------------------------------------------------- */

/**
 * oc_block_time_read() - account for the time of reading the sectors noted
 * @bch:	channel
 * @host:	the part that runs waits for them
 *
 * Context: owner of the channel.
 */
void oc_block_time_read(struct oc_block_ch *bch, bool host)
{
	const struct oc_geo *geo = bch->ch->geo;
	u32 pu;
	u64 end;

	oc_assert_owned(bch->ch);
	if (!bch->nr_read)
		return;
	pu = bch->first / geo->clba / geo->num_chk;
	end = oc_timing_read(&bch->ch->clock, &bch->ch->timing, pu,
			     bch->first % geo->clba, bch->nr_read,
			     oc_part_began(bch->part));
	bch->nr_read = 0;
	if (host)
		oc_part_until(bch->part, pu, end, false);
}

/**
 * oc_block_note_read() - note that a sector is read
 * @bch:	channel
 * @index:	physical sector
 * @host:	the part that runs waits for it
 *
 * Sectors that follow each other in a chunk are read together. Those in the write
 * buffer take no time of the flash.
 *
 * Context: owner of the channel.
 */
void oc_block_note_read(struct oc_block_ch *bch, u32 index, bool host)
{
	const struct oc_channel *ch = bch->ch;
	u32 sec;

	oc_assert_owned(ch);
	if (!ch->timing.on)
		return;
	sec = index % ch->geo->clba;
	if (sec >= ch->chunks[index / ch->geo->clba].wp)
		return;
	if (bch->nr_read && index == bch->first + bch->nr_read && sec) {
		bch->nr_read++;
		return;
	}
	oc_block_time_read(bch, host);
	bch->first = index;
	bch->nr_read = 1;
}

/* ---- faults ----------------------------------------------------------- */

/*
 * Does a rule fail the operation on @n sectors of chunk @chk from @sec on? Which kind
 * of write fault makes no difference: the FTL gives up the chunk in either case.
 */
static bool oc_block_fails(const struct oc_channel *ch, enum oc_op op, u32 kinds,
			   u32 chk, u32 sec, u32 n)
{
	struct oc_fault_at at = { .op = op, .sec = sec, .n = n };

	if (likely(!ch->faults))
		return false;
	at.pu = chk / ch->geo->num_chk;
	at.chk = chk % ch->geo->num_chk;
	return oc_fault_pick(ch->faults, kinds, &at);
}

/**
 * oc_block_full() - a write finds no room, since too many chunks have failed
 * @part:	part
 *
 * It is logged once, and again only after there has been room in between.
 *
 * Context: owner of the channel.
 * Return: Capacity Exceeded.
 */
u16 oc_block_full(const struct oc_part *part)
{
	struct oc_block_ch *bch = oc_part_block(part);

	oc_assert_owned(part->ch);
	if (!bch->full)
		pr_warn_ratelimited("channel %u: too many chunks have failed, %u of %u are good: writes fail until blocks are deallocated (%llu used, room for %llu)\n",
				    part->ch->id, bch->ftl.good,
				    part->ch->geo->chks, bch->ftl.valid,
				    oc_ftl_limit(&bch->ftl));
	bch->full = true;
	return OC_ERR(NVME_SC_CAP_EXCEEDED);
}

/**
 * oc_block_freed() - blocks may have been deallocated
 * @bch:	channel
 *
 * Context: owner of the channel.
 */
void oc_block_freed(struct oc_block_ch *bch)
{
	oc_assert_owned(bch->ch);
	if (likely(!bch->full) || !oc_ftl_fits(&bch->ftl, 1))
		return;
	bch->full = false;
	pr_info_ratelimited("channel %u: there is room for writes again\n",
			    bch->ch->id);
}

/* ---- services for the FTL --------------------------------------------- */

static void oc_block_move(struct oc_ftl *ftl, u32 from, u32 to)
{
	struct oc_block_ch *bch = to_block_ch(ftl);

	oc_block_note_read(bch, from, false);
	if (likely(from != to))
		bch->ch->dev->media->move(bch->ch, from, to);
}

static void oc_block_drop(struct oc_ftl *ftl, u32 index)
{
	struct oc_channel *ch = to_block_ch(ftl)->ch;

	ch->dev->media->drop(ch, index);
}

/* Account for the time of programming a write unit */
static void oc_block_time_program(struct oc_block_ch *bch, u32 chk, u32 sec,
				  bool gc)
{
	struct oc_channel *ch = bch->ch;
	u32 pu = chk / ch->geo->num_chk, n = ch->geo->ws_min;
	u64 end;

	oc_block_time_read(bch, false);
	end = oc_timing_write(&ch->clock, &ch->timing, pu, sec, n,
			      ch->geo->clba, oc_part_began(bch->part));
	/* Suspendable if it waits for the die, not the cache or the controller */
	if (!gc)
		oc_part_until(bch->part, pu, end,
			      n > ch->timing.cache &&
			      end == ch->clock.die[pu].idle_ns);
}

static u32 oc_block_program(struct oc_ftl *ftl, u32 chk, u32 sec, u32 n,
			    bool gc)
{
	const u32 kinds = BIT(OC_FAULT_WRITE_FAIL) | BIT(OC_FAULT_WRITE_CLOSE);
	struct oc_block_ch *bch = to_block_ch(ftl);
	struct oc_channel *ch = bch->ch;
	u32 unit = ch->geo->ws_min, done;

	if (likely(!ch->timing.on && !ch->faults))
		return n;
	for (done = 0; done < n; done += unit) {
		/* A program that fails takes its time, too */
		if (ch->timing.on)
			oc_block_time_program(bch, chk, sec + done, gc);
		if (oc_block_fails(ch, OC_OP_WRITE, kinds, chk, sec + done,
				   unit))
			break;
	}
	return done;
}

static bool oc_block_erase(struct oc_ftl *ftl, u32 chk, bool held)
{
	struct oc_block_ch *bch = to_block_ch(ftl);
	struct oc_channel *ch = bch->ch;

	oc_assert_owned(ch);
	/* If not held, the chunk has only sectors that were dropped or moved */
	if (!held)
		ch->dev->media->discard(ch, chk);
	oc_count_add(ch->count.resets, 1);
	if (ch->timing.on) {
		oc_block_time_read(bch, false);
		oc_timing_reset(&ch->clock, &ch->timing,
				chk / ch->geo->num_chk,
				oc_part_began(bch->part));
	}
	return !oc_block_fails(ch, OC_OP_RESET, BIT(OC_FAULT_RESET_FAIL), chk, 0,
			       1);
}

const struct oc_ftl_ops oc_block_flash = {
	.move		= oc_block_move,
	.drop		= oc_block_drop,
	.program	= oc_block_program,
	.erase		= oc_block_erase,
};
