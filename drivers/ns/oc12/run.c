// SPDX-License-Identifier: GPL-2.0
/*
 * ns/oc12/run.c - what reads, writes and erases of OCSSD 1.2 do in a channel
 *
 * With strict=1 writes follow the rules of NAND: whole pages, the pages of a block
 * in order and once between erases, and the same pages in all planes whose block is
 * good. The plane bits of a command are hints: they say what is done in parallel,
 * and whether an erase is of all planes of a block.
 */
#include <linux/kernel.h>

#include "oc.h"
#include "oc12.h"
#include "oc_assert.h"
#include "oc_channel.h"
#include "oc_chunk.h"
#include "oc_cmd.h"
#include "oc_data.h"
#include "oc_dev.h"
#include "oc_fault.h"
#include "oc_geometry.h"
#include "oc_media.h"
#include "oc_trace.h"
#include "oc_wire.h"

static struct oc_chunk *oc12_chunk(const struct oc_part *part, u32 i)
{
	return &part->ch->chunks[part->cmd->addr[i].chk];
}

/* ---- which sectors are written ---------------------------------------- */

static unsigned long *oc12_bits(const struct oc_part *part)
{
	const struct oc_ns *ns = part->cmd->ns;
	const struct oc12 *o = ns->priv;

	return o->written + (part->ch->id - ns->first) * o->stride;
}

static bool oc12_written(const struct oc_part *part, u32 i)
{
	const struct oc_cmd *cmd = part->cmd;
	const struct oc12 *o = cmd->ns->priv;

	if (o->strict)
		return cmd->addr[i].sec < oc12_chunk(part, i)->wp;
	return test_bit(oc_geo_index(&cmd->ns->geo, &cmd->addr[i]),
			oc12_bits(part));
}

/* Sector @i of the part has been written, in any order and perhaps again */
static void oc12_set_written(struct oc_part *part, u32 i)
{
	const struct oc_cmd *cmd = part->cmd;
	struct oc_chunk *chk = oc12_chunk(part, i);

	/* The write pointer counts the sectors that have been written */
	if (__test_and_set_bit(oc_geo_index(&cmd->ns->geo, &cmd->addr[i]),
			       oc12_bits(part)))
		chk->writes++;
	else
		oc_chunk_commit_write(&cmd->ns->geo, chk, &part->ch->stat, 1);
}

/* ---- runs ------------------------------------------------------------- */

/* Sort the part's sectors by chunk. Returns the number of chunks */
static u32 oc12_runs(const struct oc_part *part, struct oc12_run *run)
{
	const struct oc_addr *addr = part->cmd->addr;
	u64 left = part->sectors;
	u32 nr = 0, k = 0;

	for (; left; left &= left - 1) {
		u32 i = __ffs64(left);

		/* Usually it is in the chunk of the sector before */
		if (!nr || run[k].chk != addr[i].chk)
			for (k = 0; k < nr && run[k].chk != addr[i].chk; k++)
				;
		if (k == nr) {
			run[nr++] = (struct oc12_run) {
				.chk = addr[i].chk, .sec = addr[i].sec,
			};
		}
		if (addr[i].sec != run[k].sec + run[k].n)
			run[k].hole = true;
		run[k].n++;
	}
	return nr;
}

/* ---- write ------------------------------------------------------------ */

/* Does the part write all good planes of a block as run @i does its own? */
static bool oc12_all_planes(const struct oc_part *part,
			    const struct oc12_run *run, u32 nr, u32 i)
{
	const struct oc12 *o = part->cmd->ns->priv;
	u32 chk = oc12_together(run[i].chk, o->num_pln);
	u32 end = chk + o->num_pln, k;

	for (; chk < end; chk++) {
		if (part->ch->chunks[chk].state == OC_CHK_OFFLINE)
			continue;
		for (k = 0; k < nr && run[k].chk != chk; k++)
			;
		if (k == nr || run[k].sec != run[i].sec || run[k].n != run[i].n)
			return false;
	}
	return true;
}

static u16 oc12_check_run(const struct oc_part *part,
			  const struct oc12_run *run, u32 nr, u32 i)
{
	const struct oc_chunk *chk = &part->ch->chunks[run[i].chk];
	const struct oc12 *o = part->cmd->ns->priv;

	if (chk->state == OC_CHK_OFFLINE)
		return OC_ERR(OC_SC_WRITE_FAIL);
	if (!o->strict)
		return 0;
	/* A wrong amount is reported even if the place is wrong, too */
	if (run[i].n % o->spp || !oc12_all_planes(part, run, nr, i))
		return OC_ERR(NVME_SC_INVALID_FIELD);
	/* A block closed before its end takes nothing before it is erased */
	if (run[i].hole || run[i].sec != chk->wp || chk->state == OC_CHK_CLOSED)
		return OC_ERR(OC_SC_WRITE_FAIL);
	return 0;
}

/**
 * oc12_write_check() - may a part's sectors be written?
 * @part:	part
 *
 * Context: owner of the part's channel.
 * Return: 0, or the status of the first chunk that refuses: Invalid Field for a
 * wrong amount, Write Failed for a bad block or a page that is not the next.
 */
u16 oc12_write_check(struct oc_part *part)
{
	struct oc12_run run[OC_VECTOR_MAX];
	u32 nr = oc12_runs(part, run), i;
	u16 status;

	oc_assert_owned(part->ch);
	for (i = 0; i < nr; i++) {
		struct oc_chunk *chk = &part->ch->chunks[run[i].chk];

		status = oc12_check_run(part, run, nr, i);
		if (likely(!status))
			continue;
		oc_chunk_refuse(part->ch, chk, run[i].sec, run[i].n, status);
		oc_count_add(part->ch->count.fails, hweight64(part->sectors));
		return status;
	}
	return 0;
}

/**
 * oc12_write_prepare() - make room for what a part writes
 * @part:	part
 * @gfp:	may it sleep?
 *
 * Context: owner of the part's channel; sleeps if @gfp says so.
 * Return: 0, -ENOMEM, or -ENOSPC if data may take no more memory.
 */
int oc12_write_prepare(struct oc_part *part, gfp_t gfp)
{
	struct oc_channel *ch = part->ch;
	u64 left = part->sectors, bits;
	u32 i, n;
	int ret;

	oc_assert_owned(ch);
	while (left) {
		bits = left;
		i = oc_cmd_next_run(part->cmd, &left, OC_VECTOR_MAX, &n);
		bits &= ~left;
		part->fresh |= unlikely(ch->unordered) ?
			       oc_part_empty(part, bits) : bits;
		ret = ch->dev->media->prepare(ch,
					      oc_geo_index(ch->geo,
							   &part->cmd->addr[i]),
					      n, gfp);
		if (ret)
			return ret;
	}
	return 0;
}

/* The sectors are stored: advance write pointers, and account for the time */
static void oc12_write_chunks(struct oc_part *part)
{
	const struct oc12 *o = part->cmd->ns->priv;
	struct oc_channel *ch = part->ch;
	struct oc12_run run[OC_VECTOR_MAX];
	u32 nr, i;
	u64 left;

	if (!o->strict)
		for (left = part->sectors; left; left &= left - 1)
			oc12_set_written(part, __ffs64(left));
	if (!o->strict && !ch->timing.on)
		return;

	nr = oc12_runs(part, run);
	for (i = 0; i < nr && o->strict; i++)
		oc_chunk_commit_write(&part->cmd->ns->geo,
				      &ch->chunks[run[i].chk], &ch->stat,
				      run[i].n);
	if (ch->timing.on)
		oc12_time_write(part, run, nr);
}

/**
 * oc12_write_commit() - write a part's sectors
 * @part:	part, checked and prepared; gets bitmap and status of those that
 *		rules of faults have failed
 *
 * Context: owner of the part's channel.
 */
void oc12_write_commit(struct oc_part *part)
{
	const struct oc_cmd *cmd = part->cmd;
	const struct oc12 *o = cmd->ns->priv;
	struct oc_channel *ch = part->ch;
	u64 left, stored = part->sectors, closes = 0;

	oc_assert_owned(ch);
	/* A program that fails uses up the page all the same */
	if (unlikely(ch->faults))
		stored &= ~oc_fault_write(part, &closes);
	/* Old data is gone even if the new data was not stored */
	for (left = part->sectors; o->hybrid && left; left &= left - 1)
		oc12_map_drop(cmd->ns, &cmd->addr[__ffs64(left)]);
	oc_cmd_store(cmd, ch, stored);
	oc12_write_chunks(part);
	oc_count_add(ch->count.writes, hweight64(stored));
	if (unlikely(closes) && o->strict)
		oc_fault_close(part, closes);
}

const struct oc_exec oc12_write_exec = {
	.op		= OC_OP_WRITE,
	.atomic		= true,
	.check		= oc12_write_check,
	.prepare	= oc12_write_prepare,
	.commit		= oc12_write_commit,
};

/* ---- read ------------------------------------------------------------- */

/* Sector @i holds nothing: it reads as zeroes */
static void oc12_read_nothing(const struct oc_cmd *cmd,
			      struct oc_cursor *cur, u32 i)
{
	oc_cursor_seek(cur, cmd, i, 1);
	iov_iter_zero(cmd->ns->geo.lba_size, &cur->data);
	oc_cmd_blank_oob(cmd, i);
}

/**
 * oc12_trace_holes() - trace why sectors of a command read as empty
 * @cmd:	command that reads
 * @holes:	the sectors
 * @named:	they have addresses, whose channels the caller owns
 * @why:	the reason
 *
 * Context: any; does not sleep.
 */
void oc12_trace_holes(const struct oc_cmd *cmd, u64 holes, bool named,
		      const char *why)
{
	if (!trace_oc_read_nothing_enabled())
		return;
	for (; holes; holes &= holes - 1) {
		u32 i = __ffs64(holes);

		trace_oc_read_nothing(cmd, i, named ? &cmd->addr[i] : NULL,
				      why);
	}
}

/**
 * oc12_read_holes() - fill the buffers of sectors that hold nothing
 * @cmd:	command that reads, with its buffers
 * @holes:	the sectors
 *
 * Context: any; does not sleep.
 */
void oc12_read_holes(const struct oc_cmd *cmd, u64 holes)
{
	struct oc_cursor cur = { .data = cmd->data, .pos = 0 };

	for (; holes; holes &= holes - 1)
		oc12_read_nothing(cmd, &cur, __ffs64(holes));
}

/**
 * oc12_read() - read some sectors of a part; the others read as empty
 * @part:	part
 * @want:	the sectors to read
 *
 * Context: owner of the part's channel.
 */
void oc12_read(struct oc_part *part, u64 want)
{
	struct oc_cursor cur = { .data = part->cmd->data, .pos = 0 };
	const struct oc_cmd *cmd = part->cmd;
	struct oc_channel *ch = part->ch;
	u64 left;
	u32 i, n;

	oc_assert_owned(ch);
	oc12_read_holes(cmd, part->sectors & ~want);
	for (left = want; left; ) {
		i = oc_cmd_next_run(cmd, &left, OC_VECTOR_MAX, &n);
		oc12_chunk(part, i)->reads += n;
		oc_cursor_read(&cur, ch, cmd, i, n);
	}
	if (ch->timing.on)
		oc12_time_read(part, want);
}

static u64 oc12_all_written(const struct oc_part *part)
{
	u64 left = part->sectors, written = 0;

	for (; left; left &= left - 1)
		if (oc12_written(part, __ffs64(left)))
			written |= left & -left;
	return written;
}

/* Physical and hybrid reads: sectors of an empty page fail */
static void oc12_read_commit(struct oc_part *part)
{
	u64 written = oc12_all_written(part), left, lost = 0, warn = 0;
	const u16 empty = OC_ERR(OC_SC_EMPTY_PAGE);

	oc_assert_owned(part->ch);
	if (unlikely(part->ch->faults))
		lost = oc_fault_reads(part, part->cmd->addr, written, &warn);
	oc12_read(part, written & ~lost);
	for (left = part->sectors & ~written; left; left &= left - 1) {
		u32 i = __ffs64(left);

		oc_part_fail(part, BIT_ULL(i), empty);
		oc_chunk_refuse(part->ch, oc12_chunk(part, i),
				part->cmd->addr[i].sec, 1, empty);
	}
	oc_count_add(part->ch->count.reads, hweight64(written & ~lost));
	if (unlikely(lost | warn))
		oc_fault_read_end(part, lost, warn);
}

const struct oc_exec oc12_read_exec = {
	.commit		= oc12_read_commit,
};

/* Scalar reads: empty sectors read as zeroes */
static void oc12_scalar_read_commit(struct oc_part *part)
{
	u64 written = oc12_all_written(part), lost = 0, warn = 0;

	oc_assert_owned(part->ch);
	if (unlikely(part->ch->faults))
		lost = oc_fault_reads(part, part->cmd->addr, written, &warn);
	oc12_trace_holes(part->cmd, part->sectors & ~written, true,
			 "never written");
	oc12_read(part, written & ~lost);
	oc_count_add(part->ch->count.reads, hweight64(part->sectors & ~lost));
	if (unlikely(lost | warn))
		oc_fault_read_end(part, lost, warn);
}

const struct oc_exec oc12_scalar_read_exec = {
	.commit		= oc12_scalar_read_commit,
};

/* ---- erase ------------------------------------------------------------ */

/*
 * The planes that each address of an erase is about: with any plane bit, all planes
 * of the block. Hosts treat them as one erase unit, whichever mode they name
 */
static u32 oc12_erase_planes(const struct oc_cmd *cmd)
{
	const struct oc12 *o = cmd->ns->priv;

	return oc12_planes(cmd) > 1 ? o->num_pln : 1;
}

/* Does an earlier entry of the list erase the block of entry @i? */
static bool oc12_erased_before(const struct oc_part *part, u32 i, u32 planes)
{
	const struct oc_addr *addr = part->cmd->addr;
	u64 before = part->sectors & (BIT_ULL(i) - 1);

	for (; before; before &= before - 1)
		if (oc12_together(addr[__ffs64(before)].chk, planes) ==
		    oc12_together(addr[i].chk, planes))
			return true;
	return false;
}

static void oc12_erase_chunk(struct oc_part *part, u32 chk)
{
	const struct oc_ns *ns = part->cmd->ns;
	const struct oc12 *o = ns->priv;
	struct oc_channel *ch = part->ch;

	oc_assert_owned(ch);
	if (o->hybrid && ch->chunks[chk].wp)
		oc12_map_drop_chunk(part->cmd->ns, ch->id - ns->first, chk);
	if (!o->strict && ch->chunks[chk].wp)
		bitmap_clear(oc12_bits(part), chk * ns->geo.clba,
			     ns->geo.clba);
	ch->dev->media->discard(ch, chk);
	oc_chunk_commit_reset(&ch->chunks[chk], &ch->stat);
	oc_count_add(ch->count.resets, 1);
}

/* Erase chunk @chk for entry @i, unless one before has. Returns false if it is bad */
static bool oc12_erase_plane(struct oc_part *part, u32 i, u32 chk, bool again)
{
	const u16 bad = OC_ERR(OC_SC_WRITE_FAIL);
	struct oc_channel *ch = part->ch;

	if (ch->chunks[chk].state != OC_CHK_OFFLINE && !again) {
		oc12_erase_chunk(part, chk);
		if (unlikely(ch->faults))
			oc_fault_reset(part, i, chk);
	}
	if (likely(ch->chunks[chk].state != OC_CHK_OFFLINE))
		return true;
	oc_part_fail(part, BIT_ULL(i), bad);
	oc_chunk_refuse_reset(ch, &ch->chunks[chk], bad);
	return false;
}

static void oc12_erase_commit(struct oc_part *part)
{
	u32 planes = oc12_erase_planes(part->cmd);
	u32 at_once = oc12_planes(part->cmd);
	struct oc_channel *ch = part->ch;
	u64 left;

	oc_assert_owned(ch);
	for (left = part->sectors; left; left &= left - 1) {
		u32 i = __ffs64(left);
		u32 chk = oc12_together(part->cmd->addr[i].chk, planes);
		/* Hosts also list each plane, for a single erase */
		bool again = oc12_erased_before(part, i, planes);
		u32 end = chk + planes, good = 0;

		for (; chk < end; chk++) {
			good += oc12_erase_plane(part, i, chk, again);
			/* Planes that the mode does not combine take turns */
			if ((chk + 1) % at_once)
				continue;
			if (ch->timing.on && !again && good)
				oc_part_reset_until(part, chk);
			good = 0;
		}
	}
}

/* To free more sectors than this is work for the worker */
#define OC12_INLINE_ERASE	4096

static int oc12_erase_prepare(struct oc_part *part, gfp_t gfp)
{
	const struct oc12 *o = part->cmd->ns->priv;
	u32 planes = oc12_erase_planes(part->cmd), k;
	u64 left = part->sectors, secs = 0;

	if (gfpflags_allow_blocking(gfp))
		return 0;
	for (; left; left &= left - 1) {
		u32 chk = oc12_together(part->cmd->addr[__ffs64(left)].chk,
					planes);

		/* Without order, and for the map, all sectors are visited */
		for (k = 0; k < planes; k++)
			secs += o->strict && !o->hybrid ?
				part->ch->chunks[chk + k].wp :
				part->ch->geo->clba;
	}
	return secs > OC12_INLINE_ERASE ? -EAGAIN : 0;
}

const struct oc_exec oc12_erase_exec = {
	.op		= OC_OP_RESET,
	.prepare	= oc12_erase_prepare,
	.commit		= oc12_erase_commit,
};
