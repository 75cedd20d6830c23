// SPDX-License-Identifier: GPL-2.0
/*
 * ns/oc20/run.c - what reads, writes and resets of OCSSD 2.0 do in a channel
 *
 * The sectors of a part are bits of the command's list. Sectors that follow each
 * other in one chunk are a run, which is checked and committed as one.
 */
#include <linux/kernel.h>

#include "oc.h"
#include "oc20.h"
#include "oc_assert.h"
#include "oc_channel.h"
#include "oc_chunk.h"
#include "oc_cmd.h"
#include "oc_data.h"
#include "oc_dev.h"
#include "oc_fault.h"
#include "oc_geometry.h"
#include "oc_l2p.h"
#include "oc_media.h"
#include "oc_notice.h"
#include "oc_ns.h"
#include "oc_trace.h"
#include "oc_wire.h"

static struct oc_chunk *oc20_chunk(struct oc_part *part,
				   const struct oc_addr *addr)
{
	return &part->ch->chunks[addr->chk];
}

static bool oc20_is_random(const struct oc_chunk *chk)
{
	return chk->flags & OC_CHK_RANDOM;
}

/* Does the part's list name a sector of the chunk of @addr before bit @i? */
static bool oc20_seen(const struct oc_part *part, u32 i)
{
	const struct oc_addr *addr = part->cmd->addr;
	u64 before = part->sectors & (BIT_ULL(i) - 1);

	for (; before; before &= before - 1)
		if (addr[__ffs64(before)].chk == addr[i].chk)
			return true;
	return false;
}

/* Remove the first run from @left, the sectors of a write not yet visited */
static void oc20_next_run(struct oc_part *part, u64 *left, struct oc20_run *run)
{
	const struct oc_addr *addr = part->cmd->addr;
	u32 i = __ffs64(*left);
	u32 chk = addr[i].chk;

	run->chk = oc20_chunk(part, &addr[i]);
	run->sec = addr[i].sec;
	run->n = 0;
	run->hole = false;
	/* A scalar write is one run of one chunk */
	if (part->cmd->scalar) {
		run->n = hweight64(*left);
		*left = 0;
		return;
	}
	while (*left) {
		i = __ffs64(*left);
		if (addr[i].chk != chk)
			return;
		if (addr[i].sec != run->sec + run->n) {
			if (oc20_is_random(run->chk))
				return;
			run->hole = true;
		}
		run->n++;
		*left &= *left - 1;
	}
}

/* ---- write ------------------------------------------------------------ */

/* Chunks of unit @pu that the part opens with its bits before @i */
static u32 oc20_opened(const struct oc_part *part, u32 i, u32 pu)
{
	const struct oc_addr *addr = part->cmd->addr;
	u64 before = part->sectors & (BIT_ULL(i) - 1);
	u32 nr = 0;

	for (; before; before &= before - 1) {
		u32 k = __ffs64(before);
		const struct oc_chunk *other = &part->ch->chunks[addr[k].chk];

		if (other->state == OC_CHK_FREE &&
		    oc_chunk_pu(&part->ch->stat, other) == pu &&
		    !oc20_seen(part, k))
			nr++;
	}
	return nr;
}

/* May the part open the free chunk that its bit @i is in? */
static bool oc20_may_open(const struct oc_part *part, u32 i,
			  const struct oc_chunk *chk)
{
	const struct oc_chunk_stat *stat = &part->ch->stat;
	u32 most = part->ch->geo->maxocpu;
	u32 pu;

	if (likely(!most))
		return true;
	pu = oc_chunk_pu(stat, chk);
	return stat->open_pu[pu] + oc20_opened(part, i, pu) < most;
}

/**
 * oc20_write_check() - may a part's sectors be written?
 * @part:	part
 *
 * More open chunks than maxoc and maxocpu allow are a Write Fault: the
 * specification has no status of its own for that.
 *
 * Context: owner of the part's channel.
 * Return: 0, or the status of the first chunk that refuses.
 */
u16 oc20_write_check(struct oc_part *part)
{
	struct oc_channel *ch = part->ch;
	u64 left = part->sectors;
	struct oc20_run run;
	u32 opens = 0;
	u16 status;

	oc_assert_owned(ch);
	while (left) {
		/* A chunk may have one run: not another one further down the list */
		u32 first = __ffs64(left);
		bool again = oc20_seen(part, first);

		oc20_next_run(part, &left, &run);
		status = oc_chunk_check_write(&part->cmd->ns->geo, run.chk,
					      run.sec, run.n,
					      run.hole || again);
		if (!status && run.chk->state == OC_CHK_FREE && !again) {
			opens++;
			if (!oc20_may_open(part, first, run.chk))
				status = OC_ERR(NVME_SC_WRITE_FAULT);
		}
		if (status)
			goto refused;
	}
	if (likely(!opens || !ch->stat.open_ns))
		return 0;
	status = OC_ERR(NVME_SC_WRITE_FAULT);
	if (oc_chunk_reserve(&ch->stat, opens, ch->geo->maxoc))
		return 0;
refused:
	oc_chunk_refuse(ch, run.chk, run.sec, run.n, status);
	oc_count_add(ch->count.fails, hweight64(part->sectors));
	return status;
}

/**
 * oc20_write_undo() - a part that was checked will not be written
 * @part:	part
 *
 * Context: owner of the part's channel.
 */
void oc20_write_undo(struct oc_part *part)
{
	oc_assert_owned(part->ch);
	oc_chunk_unreserve(&part->ch->stat);
}

/**
 * oc20_write_prepare() - allocate memory for what a part writes
 * @part:	part
 * @gfp:	may it sleep?
 *
 * Context: owner of the part's channel; sleeps if @gfp says so.
 * Return: 0, -ENOMEM, or -ENOSPC if data may take no more memory.
 */
int oc20_write_prepare(struct oc_part *part, gfp_t gfp)
{
	struct oc_channel *ch = part->ch;
	u64 left = part->sectors;
	struct oc20_run run;
	int ret;

	oc_assert_owned(ch);
	while (left) {
		u32 chk = part->cmd->addr[__ffs64(left)].chk;
		u64 bits = left;

		oc20_next_run(part, &left, &run);
		bits &= ~left;
		part->fresh |= unlikely(oc20_is_random(run.chk)) ?
			       oc_part_empty(part, bits) : bits;
		ret = ch->dev->media->prepare(ch,
					      chk * ch->geo->clba + run.sec,
					      run.n, gfp);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * oc20_write_chunks() - the chunks of a part have been written
 * @part:	part, checked; all its data is stored, except for @part->failed
 * @closes:	sectors that failed since their chunk was closed before them
 * @ready_ns:	when the device had the data, CLOCK_MONOTONIC; 0 for at once
 *
 * Context: owner of the part's channel.
 */
void oc20_write_chunks(struct oc_part *part, u64 closes, u64 ready_ns)
{
	struct oc_channel *ch = part->ch;
	struct oc20_run run;
	u64 left;

	oc_assert_owned(ch);
	for (left = part->sectors; left; ) {
		u64 bits = left;

		oc20_next_run(part, &left, &run);
		bits &= ~left;
		oc_chunk_commit_write(ch->geo, run.chk, &ch->stat,
				      run.n - hweight64(bits & closes));
		if (unlikely(bits & closes))
			oc_chunk_close(run.chk, &ch->stat);
		else if (unlikely(bits & part->failed))
			oc_chunk_settle(run.chk);
		if (ch->timing.on)
			oc20_time_write(part, &run, ready_ns);
	}
	/* What was written whole at once was never open */
	oc_chunk_unreserve(&ch->stat);
}

/* As oc_cmd_store(), for sectors whose OOB follows their data */
static noinline_for_stack void oc20_store_extended(const struct oc_cmd *cmd,
						   struct oc_channel *ch,
						   u64 sectors)
{
	struct oc_cursor cur = { .data = cmd->data, .pos = 0 };
	u8 oob[OC_MAX_OOB];

	for (; sectors; sectors &= sectors - 1) {
		u32 i = __ffs64(sectors);
		struct iov_iter iter;

		oc_cursor_seek(&cur, cmd, i, 1);
		iter = cur.data;
		iov_iter_advance(&iter, ch->geo->lba_size);
		oc_iter_get(&iter, oob, ch->geo->oob_size);
		ch->dev->media->write(ch, oc_geo_index(ch->geo, &cmd->addr[i]),
				      1, &cur.data, oob);
	}
}

/* Put the OOB of a sector that is read after its data, where @cur is */
static void oc20_put_oob(struct oc_cursor *cur, const struct oc_geo *geo,
			 const void *oob)
{
	oc_iter_put(&cur->data, oob, geo->oob_size);
	cur->pos += geo->oob_size;
}

static void oc20_write_commit(struct oc_part *part)
{
	u64 stored = part->sectors, closes = 0;
	const struct oc_cmd *cmd = part->cmd;
	struct oc_channel *ch = part->ch;

	oc_assert_owned(ch);
	if (unlikely(ch->faults))
		stored &= ~oc_fault_write(part, &closes);
	if (unlikely(cmd->ns->extended))
		oc20_store_extended(cmd, ch, stored);
	else
		oc_cmd_store(cmd, ch, stored);
	oc20_write_chunks(part, closes, 0);
	oc_count_add(ch->count.writes, hweight64(stored));
}

static const struct oc_exec oc20_write_exec = {
	.op		= OC_OP_WRITE,
	.atomic		= true,
	.check		= oc20_write_check,
	.undo		= oc20_write_undo,
	.prepare	= oc20_write_prepare,
	.commit		= oc20_write_commit,
};

/**
 * oc20_nothing() - what a sector that may not be read reads as
 * @geo:	geometry, for its DLFEAT
 * @vec:	filled in with a sector
 *
 * Context: any.
 * Return: entries of @vec in use.
 */
u32 oc20_nothing(const struct oc_geo *geo, struct kvec vec[OC20_SECTOR_VECS])
{
	static const u8 oc20_bytes[][OC20_VEC] = {
		[0] = { },
		[OC_DLFEAT_ZEROES] = { },
		[OC_DLFEAT_ONES] = { [0 ... OC20_VEC - 1] = 0xff },
	};
	u32 nr;

	for (nr = 0; nr < geo->lba_size / OC20_VEC; nr++) {
		vec[nr].iov_base = (void *)oc20_bytes[geo->dlfeat];
		vec[nr].iov_len = OC20_VEC;
	}
	return nr;
}

static void oc20_read_nothing(const struct oc_cmd *cmd,
			      struct oc_cursor *cur, u32 i)
{
	const struct oc_geo *geo = &cmd->ns->geo;
	struct kvec vec[OC20_SECTOR_VECS];
	u32 nr, k;

	oc_cursor_seek(cur, cmd, i, 1);
	if (geo->dlfeat == OC_DLFEAT_ONES) {
		nr = oc20_nothing(geo, vec);
		for (k = 0; k < nr; k++)
			oc_iter_put(&cur->data, vec[k].iov_base,
				    vec[k].iov_len);
	} else {
		iov_iter_zero(geo->lba_size, &cur->data);
	}
	if (cmd->ns->extended) {
		u8 meta[OC_MAX_OOB];

		memset(meta, 0xff, geo->oob_size);
		oc20_put_oob(cur, geo, meta);
	}
	oc_cmd_blank_oob(cmd, i);
}

/* Is a sector of @chk among the @limit that may be read, and does it hold data? */
static bool oc20_has_data(const struct oc_channel *ch,
			  const struct oc_chunk *chk,
			  const struct oc_addr *addr, u32 limit)
{
	if (addr->sec >= limit)
		return false;
	return likely(!oc20_is_random(chk)) ||
		oc_l2p_get(&ch->l2p, oc_geo_index(ch->geo, addr)) !=
		OC_L2P_NONE;
}

/**
 * oc20_readable() - may this sector be read?
 * @ch:		channel
 * @addr:	address in it
 *
 * Context: owner of the channel.
 * Return: true if it holds data that the rules let a host see.
 */
bool oc20_readable(const struct oc_channel *ch, const struct oc_addr *addr)
{
	const struct oc_chunk *chk = &ch->chunks[addr->chk];

	oc_assert_owned(ch);
	return oc20_has_data(ch, chk, addr, oc_chunk_readable(ch->geo, chk));
}

/* Does a fault keep sector @i from being read? Sets @warn if only just not */
static bool oc20_read_fault(struct oc_part *part, u32 i, u64 *warn)
{
	bool good;
	u16 status = oc_fault_read(part, &part->cmd->addr[i], &good);

	if (!status)
		return false;
	if (good)
		*warn |= BIT_ULL(i);
	else
		oc_part_fail(part, BIT_ULL(i), status);
	return !good;
}

/* As oc_cursor_read(), for one sector, whose OOB follows its data */
static noinline_for_stack void oc20_read_extended(struct oc_cursor *cur,
						  const struct oc_part *part,
						  u32 i)
{
	struct oc_channel *ch = part->ch;
	u8 oob[OC_MAX_OOB];

	oc_cursor_seek(cur, part->cmd, i, 1);
	ch->dev->media->read(ch, oc_geo_index(ch->geo, &part->cmd->addr[i]), 1,
			     &cur->data, oob);
	oc20_put_oob(cur, ch->geo, oob);
}

/* Sector @i of the part, in @chk, holds nothing that may be read: fail or blank it */
static void oc20_read_hole(struct oc_part *part, struct oc_cursor *cur, u32 i,
			   struct oc_chunk *chk)
{
	u16 status = OC_ERR(NVME_SC_UNWRITTEN_BLOCK);
	const struct oc_cmd *cmd = part->cmd;

	if (!cmd->dulbe) {
		trace_oc_read_nothing(cmd, i, &cmd->addr[i],
				      oc_chunk_why(chk, cmd->addr[i].sec,
						   status));
		oc20_read_nothing(cmd, cur, i);
		return;
	}
	oc_chunk_refuse(part->ch, chk, cmd->addr[i].sec, 1, status);
	oc_part_fail(part, BIT_ULL(i), status);
}

static void oc20_read_commit(struct oc_part *part)
{
	struct oc_cursor cur = { .data = part->cmd->data, .pos = 0 };
	const struct oc_cmd *cmd = part->cmd;
	struct oc_channel *ch = part->ch;
	struct oc_chunk *chk = NULL;
	u64 left, rest, done = 0, warn = 0;
	u32 limit = 0, i, n;

	oc_assert_owned(ch);
	for (left = part->sectors; left; left = rest) {
		const struct oc_addr *addr;

		i = __ffs64(left);
		addr = &cmd->addr[i];
		if (oc20_chunk(part, addr) != chk) {
			chk = oc20_chunk(part, addr);
			limit = oc_chunk_readable(ch->geo, chk);
		}
		rest = left & (left - 1);
		if (!oc20_has_data(ch, chk, addr, limit)) {
			oc20_read_hole(part, &cur, i, chk);
			continue;
		}
		n = 1;
		/* Faults strike single sectors; random-write chunks have gaps */
		if (rest && likely(!ch->faults) && !oc20_is_random(chk)) {
			rest = left;
			oc_cmd_next_run(cmd, &rest, limit - addr->sec, &n);
		}
		done |= left ^ rest;
		if (unlikely(ch->faults) && oc20_read_fault(part, i, &warn))
			continue;
		if (unlikely(cmd->ns->extended))
			oc20_read_extended(&cur, part, i);
		else
			oc_cursor_read(&cur, ch, cmd, i, n);
		chk->reads += n;
	}

	if (ch->timing.on)
		oc20_time_read(part, cmd->addr, done);
	oc_count_add(ch->count.reads, hweight64(part->sectors & ~part->failed));
	if (unlikely(warn))
		oc_fault_read_end(part, 0, warn);
}

static const struct oc_exec oc20_read_exec = {
	.op		= OC_OP_READ,
	.commit		= oc20_read_commit,
};

/*
 * A chunk of this group was reset: notify of its wear if need be, and of that of
 * one more chunk, in turn. So each chunk is checked as the average rises by one.
 */
static void oc20_look_at_wear(const struct oc_part *part,
			      const struct oc_addr *addr)
{
	struct oc_channel *ch = part->ch;
	u32 next = ch->wear_next;

	oc_assert_owned(ch);
	ch->wear_next = next + 1 < ch->geo->chks ? next + 1 : 0;
	if (oc_chunk_worn(ch->geo, &ch->chunks[addr->chk], &ch->stat))
		oc_notify_chunk(part->cmd->ns, addr->grp, addr->chk,
				OC_NOTICE_WEAR);
	if (oc_chunk_worn(ch->geo, &ch->chunks[next], &ch->stat))
		oc_notify_chunk(part->cmd->ns, addr->grp, next,
				OC_NOTICE_WEAR);
}

static void oc20_reset_commit(struct oc_part *part)
{
	const struct oc_cmd *cmd = part->cmd;
	const struct oc_geo *geo = &cmd->ns->geo;
	struct oc_channel *ch = part->ch;
	struct oc_wire_chunk *desc = cmd->oob;
	u64 left;

	oc_assert_owned(ch);
	for (left = part->sectors; left; left &= left - 1) {
		u32 i = __ffs64(left);
		const struct oc_addr *addr = &cmd->addr[i];
		struct oc_chunk *chk = oc20_chunk(part, addr);
		u16 status = oc_chunk_check_reset(geo, chk);

		/* A short chunk ends before its addresses do */
		if (addr->sec >= oc_chunk_secs(geo, chk))
			status = OC_ERR(OC_SC_INVALID_RESET);
		if (!status) {
			ch->dev->media->discard(ch, addr->chk);
			if (ch->timing.on)
				oc_part_reset_until(part, addr->chk);
			if (unlikely(ch->faults))
				status = oc_fault_reset(part, i, addr->chk);
		}
		if (!status) {
			oc_chunk_commit_reset(chk, &ch->stat);
			oc_count_add(ch->count.resets, 1);
			if (geo->wit && geo->wit < U8_MAX)
				oc20_look_at_wear(part, addr);
		} else {
			oc_part_fail(part, BIT_ULL(i), status);
			oc_chunk_refuse_reset(ch, chk, status);
		}
		if (desc)
			oc_chunk_describe(geo, chk,
					  oc20_chunk_slba(cmd->ns, addr->grp,
							  addr->chk),
					  &desc[i]);
	}
}

/* To free more sectors than this is work for the worker */
#define OC20_INLINE_RESET	4096

static int oc20_reset_prepare(struct oc_part *part, gfp_t gfp)
{
	const struct oc_channel *ch = part->ch;
	u64 left = part->sectors, secs = 0;

	if (gfpflags_allow_blocking(gfp))
		return 0;
	for (; left; left &= left - 1) {
		const struct oc_chunk *chk =
			oc20_chunk(part, &part->cmd->addr[__ffs64(left)]);

		secs += oc20_is_random(chk) ? ch->geo->clba : chk->wp;
	}
	return secs > OC20_INLINE_RESET ? -EAGAIN : 0;
}

const struct oc_exec oc20_reset_exec = {
	.op		= OC_OP_RESET,
	.prepare	= oc20_reset_prepare,
	.commit		= oc20_reset_commit,
};

/* The data a read or write moves, and its OOB */
static u16 oc20_buffers(struct oc_cmd *cmd)
{
	const struct oc_geo *geo = &cmd->ns->geo;
	u16 status;

	status = oc_cmd_need_data(cmd, cmd->nr * oc_ns_stride(cmd->ns));
	if (status)
		return status;
	return oc_cmd_need_oob(cmd, le64_to_cpu(cmd->sqe->common.metadata),
			       cmd->ns->extended ? 0 :
			       cmd->nr * geo->oob_size);
}

/**
 * oc20_start_write() - write what a command names
 * @cmd:	command with addresses
 *
 * Context: any; does not sleep.
 * Return: OC_ASYNC; Data SGL Length Invalid, Metadata SGL Length Invalid or
 * Invalid Field for buffers that are too short or missing; Write Fault if an
 * address names no chunk (OCSSD 2.0, 2.3).
 */
u16 oc20_start_write(struct oc_cmd *cmd)
{
	u16 status = oc20_buffers(cmd);

	if (status)
		return status;
	/* All or nothing: one address that names no chunk fails the command */
	if (cmd->invalid) {
		cmd->failed = cmd->invalid;
		if (!cmd->scalar)
			cmd->result.u64 =
				cpu_to_le64(GENMASK_ULL(cmd->nr - 1, 0));
		return OC_ERR(NVME_SC_WRITE_FAULT);
	}
	oc_cmd_split(cmd);
	oc_cmd_start(cmd, &oc20_write_exec);
	return OC_ASYNC;
}

/**
 * oc20_start_read() - read what a command names
 * @cmd:	command with addresses; those that name no chunk read as empty, or
 *		fail if the host has set DULBE
 *
 * Context: any; does not sleep.
 * Return: OC_ASYNC, or as oc20_start_write() for the buffers (OCSSD 2.0, 2.3).
 */
u16 oc20_start_read(struct oc_cmd *cmd)
{
	struct oc_cursor cur = { .data = cmd->data, .pos = 0 };
	u16 status = oc20_buffers(cmd);
	u64 left;

	if (status)
		return status;
	if (cmd->invalid && cmd->dulbe) {
		cmd->failed = cmd->invalid;
		cmd->status = OC_ERR(NVME_SC_UNWRITTEN_BLOCK);
	} else {
		for (left = cmd->invalid; left; left &= left - 1) {
			trace_oc_read_nothing(cmd, __ffs64(left), NULL,
					      "no such sector");
			oc20_read_nothing(cmd, &cur, __ffs64(left));
		}
	}
	oc_cmd_split(cmd);
	oc_cmd_start(cmd, &oc20_read_exec);
	return OC_ASYNC;
}
