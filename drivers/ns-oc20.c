// SPDX-License-Identifier: GPL-2.0
/*
 * ns-oc20.c - host-managed namespaces of OCSSD 2.0
 *
 * Scalar commands are vector commands whose addresses follow each other; what
 * differs is how they are refused.
 */
#include <linux/kernel.h>

#include "oc20.h"
#include "oc_fault.h"
#include "oc_trace.h"

static struct oc_chunk *oc20_chunk(struct oc_part *part,
				   const struct oc_addr *addr)
{
	return &part->ch->chunks[addr->chk];
}

static bool oc20_is_random(const struct oc_chunk *chk)
{
	return chk->flags & OC_CHK_RANDOM;
}

/**
 * struct oc20_run - a piece of a part's list that stays in one chunk
 * @chk:	the chunk
 * @sec:	its first sector
 * @n:		sectors
 * @hole:	they do not all follow each other; in a random-write chunk
 *		another run begins there
 */
struct oc20_run {
	struct oc_chunk *chk;
	u32 sec;
	u32 n;
	bool hole;
};

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

/* Cut the first run off @left, the bits of the part not yet looked at */
static void oc20_next_run(struct oc_part *part, u64 *left, struct oc20_run *run)
{
	const struct oc_addr *addr = part->cmd->addr;
	u32 i = __ffs64(*left);
	u32 chk = addr[i].chk;

	run->chk = oc20_chunk(part, &addr[i]);
	run->sec = addr[i].sec;
	run->n = 0;
	run->hole = false;
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

/* ---- time ------------------------------------------------------------- */

/* @ready_ns: when what is copied has been read, 0 for the host's data */
static void oc20_time_write(struct oc_part *part, const struct oc20_run *run,
			    u64 ready_ns)
{
	struct oc_channel *ch = part->ch;
	u32 pu = (run->chk - ch->chunks) / ch->geo->num_chk;
	u32 secs = oc_chunk_secs(ch->geo, run->chk);
	struct oc_timing tm = ch->timing;
	u64 end;

	/* Force Unit Access: over when it is in the flash, not in the cache */
	if (le16_to_cpu(part->cmd->sqe->rw.control) & NVME_RW_FUA)
		tm.cache = 0;
	if (ready_ns)
		end = oc_timing_copy(&ch->clock, &tm, pu, run->sec, run->n,
				     secs, oc_part_began(part), ready_ns);
	else
		end = oc_timing_write(&ch->clock, &tm, pu, run->sec, run->n,
				      secs, oc_part_began(part));

	/* It waits for the die, not for the cache or the controller */
	oc_part_until(part, pu, end,
		      run->n > tm.cache && end == ch->clock.die[pu].idle_ns);
}

/**
 * oc20_time_read() - account for the time of reading sectors
 * @part:	part that is over no sooner
 * @addr:	addresses
 * @done:	those of them that are read; those that follow each other are
 *		read together
 *
 * Context: owner of the part's channel.
 */
void oc20_time_read(struct oc_part *part, const struct oc_addr *addr, u64 done)
{
	struct oc_channel *ch = part->ch;

	while (done) {
		u32 first = __ffs64(done), n = 0, i = first, pu;

		do {
			n++;
			done &= done - 1;
			i = done ? __ffs64(done) : 0;
		} while (done && addr[i].chk == addr[first].chk &&
			 addr[i].sec == addr[first].sec + n);
		pu = addr[first].chk / ch->geo->num_chk;
		oc_part_until(part, pu,
			      oc_timing_read(&ch->clock, &ch->timing, pu,
					     addr[first].sec, n,
					     oc_part_began(part)), false);
	}
}

static void oc20_time_reset(struct oc_part *part, u32 chk)
{
	struct oc_channel *ch = part->ch;
	u32 pu = chk / ch->geo->num_chk;

	oc_part_until(part, pu,
		      oc_timing_reset(&ch->clock, &ch->timing, pu,
				      oc_part_began(part)), true);
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

	while (left) {
		/* A chunk has one run: one that the list comes back to has none */
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
	trace_oc_chunk_refuse(ch, run.chk, run.sec, run.n, status);
	run.chk->fails += run.n;
	ch->count.fails += hweight64(part->sectors);
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
	oc_chunk_unreserve(&part->ch->stat);
}

/**
 * oc20_write_prepare() - make room for what a part writes
 * @part:	part
 * @gfp:	may it sleep?
 *
 * Context: owner of the part's channel; sleeps if @gfp says so.
 * Return: 0, or -ENOMEM.
 */
int oc20_write_prepare(struct oc_part *part, gfp_t gfp)
{
	struct oc_channel *ch = part->ch;
	u64 left = part->sectors;
	int ret;

	for (; left; left &= left - 1) {
		const struct oc_addr *addr = &part->cmd->addr[__ffs64(left)];
		bool random = oc20_is_random(oc20_chunk(part, addr));

		/* There, what has room may be read, even if a later one fails */
		ret = ch->dev->media->prepare(ch, oc_geo_index(ch->geo, addr),
					      random ? gfp | __GFP_ZERO : gfp);
		if (ret)
			return ret;
	}
	return 0;
}

/* A cursor over the host's buffers, which parts walk in ascending order */
struct oc20_cursor {
	struct iov_iter data;
	u32 pos;
};

static void oc20_seek(struct oc20_cursor *cur, const struct oc_cmd *cmd, u32 i)
{
	u32 pos = i * oc_ns_stride(cmd->ns);

	if (pos != cur->pos)
		iov_iter_advance(&cur->data, pos - cur->pos);
	cur->pos = pos + cmd->ns->geo.lba_size;
}

static void *oc20_oob(const struct oc_cmd *cmd, u32 i)
{
	return cmd->oob ? cmd->oob + i * cmd->ns->geo.oob_size : NULL;
}

/**
 * oc20_write_chunks() - the chunks of a part have been written
 * @part:	part, checked; its data is where it belongs, but for sectors in
 *		its bitmap of those that failed
 * @closes:	those of them before which their chunk was closed
 * @ready_ns:	when the device had the data, CLOCK_MONOTONIC; 0 for at once
 *
 * Context: owner of the part's channel.
 */
void oc20_write_chunks(struct oc_part *part, u64 closes, u64 ready_ns)
{
	struct oc_channel *ch = part->ch;
	struct oc20_run run;
	u64 left;

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

/* Interleaved OOB of the sector whose data @cur stands at, of a write */
static void oc20_get_oob(const struct oc20_cursor *cur,
			 const struct oc_geo *geo, void *oob)
{
	struct iov_iter iter = cur->data;

	iov_iter_advance(&iter, geo->lba_size);
	copy_from_iter(oob, geo->oob_size, &iter);
}

/* And of a read, when @cur has come to the end of the data */
static void oc20_put_oob(struct oc20_cursor *cur, const struct oc_geo *geo,
			 const void *oob)
{
	copy_to_iter(oob, geo->oob_size, &cur->data);
	cur->pos += geo->oob_size;
}

static void oc20_write_commit(struct oc_part *part)
{
	struct oc20_cursor cur = { .data = part->cmd->data };
	bool extended = part->cmd->ns->extended;
	u8 meta[OC_MAX_OOB];
	u64 left, stored = part->sectors, closes = 0;
	const struct oc_cmd *cmd = part->cmd;
	struct oc_channel *ch = part->ch;

	if (unlikely(ch->faults))
		stored &= ~oc_fault_write(part, &closes);
	for (left = stored; left; left &= left - 1) {
		u32 i = __ffs64(left);

		oc20_seek(&cur, cmd, i);
		if (unlikely(extended))
			oc20_get_oob(&cur, ch->geo, meta);
		ch->dev->media->write(ch, oc_geo_index(ch->geo, &cmd->addr[i]),
				      &cur.data,
				      extended ? meta : oc20_oob(cmd, i));
	}
	oc20_write_chunks(part, closes, 0);
	ch->count.writes += hweight64(stored);
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
 * oc20_nothing() - what a sector that may not be read looks like
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
			      struct oc20_cursor *cur, u32 i)
{
	const struct oc_geo *geo = &cmd->ns->geo;
	struct kvec vec[OC20_SECTOR_VECS];
	u32 nr, k;

	oc20_seek(cur, cmd, i);
	if (geo->dlfeat == OC_DLFEAT_ONES) {
		nr = oc20_nothing(geo, vec);
		for (k = 0; k < nr; k++)
			copy_to_iter(vec[k].iov_base, vec[k].iov_len,
				     &cur->data);
	} else {
		iov_iter_zero(geo->lba_size, &cur->data);
	}
	if (cmd->ns->extended) {
		u8 meta[OC_MAX_OOB];

		memset(meta, 0xff, geo->oob_size);
		oc20_put_oob(cur, geo, meta);
	}
	/* pblk takes all ones for "no logical address here" */
	if (cmd->oob)
		memset(oc20_oob(cmd, i), 0xff, geo->oob_size);
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

	if (!oc_chunk_readable(ch->geo, chk, addr->sec))
		return false;
	return !oc20_is_random(chk) ||
		oc_l2p_get(&ch->l2p, oc_geo_index(ch->geo, addr)) !=
		OC_L2P_NONE;
}

static void oc20_read_fail(struct oc_part *part, u32 i, u16 status)
{
	/* The status is that of the first sector that failed */
	if (!part->failed)
		part->status = status;
	part->failed |= BIT_ULL(i);
}

/* Does a fault keep sector @i from being read? Sets it in @warn if it nearly did */
static bool oc20_read_fault(struct oc_part *part, u32 i, u64 *warn)
{
	bool good;
	u16 status = oc_fault_read(part, &part->cmd->addr[i], &good);

	if (!status)
		return false;
	if (good)
		*warn |= BIT_ULL(i);
	else
		oc20_read_fail(part, i, status);
	return !good;
}

static void oc20_read_commit(struct oc_part *part)
{
	struct oc20_cursor cur = { .data = part->cmd->data };
	const struct oc_cmd *cmd = part->cmd;
	const struct oc_geo *geo = &cmd->ns->geo;
	struct oc_channel *ch = part->ch;
	bool extended = cmd->ns->extended;
	u8 meta[OC_MAX_OOB];
	u64 left, done = 0, warn = 0;

	for (left = part->sectors; left; left &= left - 1) {
		u32 i = __ffs64(left);
		const struct oc_addr *addr = &cmd->addr[i];

		if (oc20_readable(ch, addr)) {
			done |= BIT_ULL(i);
			if (unlikely(ch->faults) &&
			    oc20_read_fault(part, i, &warn))
				continue;
			oc20_seek(&cur, cmd, i);
			ch->dev->media->read(ch, oc_geo_index(geo, addr),
					     &cur.data, extended ? meta :
					     oc20_oob(cmd, i));
			if (unlikely(extended))
				oc20_put_oob(&cur, geo, meta);
			oc20_chunk(part, addr)->reads++;
		} else if (cmd->dulbe) {
			trace_oc_chunk_refuse(ch, oc20_chunk(part, addr),
					      addr->sec, 1,
					      OC_ERR(NVME_SC_UNWRITTEN_BLOCK));
			oc20_chunk(part, addr)->fails++;
			oc20_read_fail(part, i,
				       OC_ERR(NVME_SC_UNWRITTEN_BLOCK));
		} else {
			oc20_read_nothing(cmd, &cur, i);
		}
	}

	if (ch->timing.on)
		oc20_time_read(part, cmd->addr, done);
	if (part->failed)
		ch->count.fails += hweight64(part->failed);
	ch->count.reads += hweight64(part->sectors & ~part->failed);
	/* A warning gives way to a failure */
	if (unlikely(warn) && !part->failed) {
		part->status = cmd->ns->kind->faults->sc[OC_FAULT_READ_ECC];
		part->failed = warn;
	}
}

static const struct oc_exec oc20_read_exec = {
	.op		= OC_OP_READ,
	.commit		= oc20_read_commit,
};

/*
 * A chunk of this group was reset: does the wear of it, or of the one whose turn
 * it is, need to be told of? The average rises by one as all have had theirs.
 */
static void oc20_look_at_wear(const struct oc_part *part,
			      const struct oc_addr *addr)
{
	struct oc_channel *ch = part->ch;
	u32 next = ch->wear_next;

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
				oc20_time_reset(part, addr->chk);
			if (unlikely(ch->faults))
				status = oc_fault_reset(part, i, addr->chk);
		}
		if (!status) {
			oc_chunk_commit_reset(chk, &ch->stat);
			ch->count.resets++;
			if (geo->wit && geo->wit < U8_MAX)
				oc20_look_at_wear(part, addr);
		} else {
			if (!part->failed)
				part->status = status;
			part->failed |= BIT_ULL(i);
			trace_oc_chunk_refuse(ch, chk, 0, geo->clba, status);
			chk->fails++;
			ch->count.fails++;
		}
		if (desc)
			oc_chunk_describe(geo, chk,
					  oc20_chunk_slba(cmd->ns, addr->grp,
							  addr->chk),
					  &desc[i]);
	}
}

/* More sectors than this are given back by the worker, not by the submitter */
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

static const struct oc_exec oc20_reset_exec = {
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

static u16 oc20_start_write(struct oc_cmd *cmd)
{
	u16 status = oc20_buffers(cmd);

	if (status)
		return status;
	/* All or nothing: one address that names no chunk fails them all */
	if (cmd->invalid) {
		if (!cmd->scalar)
			cmd->result.u64 =
				cpu_to_le64(GENMASK_ULL(cmd->nr - 1, 0));
		return OC_ERR(NVME_SC_WRITE_FAULT);
	}
	oc_cmd_split(cmd);
	oc_cmd_start(cmd, &oc20_write_exec);
	return OC_ASYNC;
}

static u16 oc20_start_read(struct oc_cmd *cmd)
{
	struct oc20_cursor cur = { .data = cmd->data };
	u16 status = oc20_buffers(cmd);
	u64 left;

	if (status)
		return status;
	if (cmd->invalid && cmd->dulbe) {
		cmd->failed = cmd->invalid;
		cmd->status = OC_ERR(NVME_SC_UNWRITTEN_BLOCK);
	} else {
		for (left = cmd->invalid; left; left &= left - 1)
			oc20_read_nothing(cmd, &cur, __ffs64(left));
	}
	oc_cmd_split(cmd);
	oc_cmd_start(cmd, &oc20_read_exec);
	return OC_ASYNC;
}

/* Count and addresses of a vector command (OCSSD 2.0, 2.3) */
static u16 oc20_vector(struct oc_cmd *cmd)
{
	const struct oc_wire_vector *sqe = (const void *)cmd->sqe;
	u32 nr = le16_to_cpu(sqe->nlb) + 1;

	if (nr > OC_VECTOR_MAX) {
		cmd->err_loc = offsetof(struct oc_wire_vector, nlb);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	if (!oc_cmd_list(cmd, le64_to_cpu(sqe->lbal), nr)) {
		cmd->err_loc = offsetof(struct oc_wire_vector, lbal);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	return 0;
}

static u16 oc20_vector_write(struct oc_cmd *cmd)
{
	u16 status = oc20_vector(cmd);

	return status ? status : oc20_start_write(cmd);
}

static u16 oc20_vector_read(struct oc_cmd *cmd)
{
	u16 status = oc20_vector(cmd);

	return status ? status : oc20_start_read(cmd);
}

static u16 oc20_vector_reset(struct oc_cmd *cmd)
{
	u16 status = oc20_vector(cmd);

	if (status)
		return status;
	status = oc_cmd_need_oob(cmd, le64_to_cpu(cmd->sqe->common.metadata),
				 cmd->nr * sizeof(struct oc_wire_chunk));
	if (status)
		return status;
	if (cmd->invalid) {
		cmd->failed = cmd->invalid;
		cmd->status = OC_ERR(OC_SC_INVALID_RESET);
	}
	oc_cmd_split(cmd);
	oc_cmd_start(cmd, &oc20_reset_exec);
	return OC_ASYNC;
}

/* Start and length of a scalar command */
static u16 oc20_scalar(struct oc_cmd *cmd)
{
	const struct nvme_rw_command *sqe = &cmd->sqe->rw;
	u64 nsze = oc_geo_nsze(&cmd->ns->geo);
	u64 slba = le64_to_cpu(sqe->slba);
	u32 nr = le16_to_cpu(sqe->length) + 1;

	if (nr > OC_VECTOR_MAX) {
		/* More than MDTS says */
		cmd->err_loc = offsetof(struct nvme_rw_command, length);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	if (slba >= nsze || nr > nsze - slba) {
		cmd->err_loc = offsetof(struct nvme_rw_command, slba);
		return OC_ERR(NVME_SC_LBA_RANGE);
	}
	oc_cmd_range(cmd, slba, nr);
	return 0;
}

static u16 oc20_scalar_write(struct oc_cmd *cmd)
{
	u16 status = oc20_scalar(cmd);

	if (status)
		return status;
	/* A scalar write is one run of one chunk */
	if (!(cmd->invalid & 1) &&
	    cmd->nr > cmd->ns->geo.clba - cmd->addr[0].sec)
		return OC_ERR(NVME_SC_WRITE_FAULT);
	return oc20_start_write(cmd);
}

static u16 oc20_scalar_read(struct oc_cmd *cmd)
{
	u16 status = oc20_scalar(cmd);

	return status ? status : oc20_start_read(cmd);
}

/* Sectors of the chunk at @addr, which do not change once there are hosts */
static u32 oc20_secs_at(const struct oc_ns *ns, const struct oc_addr *addr)
{
	const struct oc_channel *ch = &ns->dev->ch[ns->first + addr->grp];

	return oc_chunk_secs(&ns->geo, &ch->chunks[addr->chk]);
}

/* Range @i of a DSM command. False past the buffer's end */
static bool oc20_dsm_range(struct oc_cmd *cmd, u32 i,
			   struct nvme_dsm_range *range)
{
	struct iov_iter iter = cmd->data;

	iov_iter_advance(&iter, i * sizeof(*range));
	return copy_from_iter_full(range, sizeof(*range), &iter);
}

/* Reset the next chunks of a DSM command, as many as a command can name */
static bool oc20_dsm_more(struct oc_cmd *cmd)
{
	u32 end = le32_to_cpu(cmd->sqe->dsm.nr) % 256 + 1;
	struct nvme_dsm_range range;

	cmd->nr = 0;
	cmd->invalid = 0;
	while (cmd->cursor < end && cmd->nr < OC_VECTOR_MAX &&
	       oc20_dsm_range(cmd, cmd->cursor, &range)) {
		u64 slba = le64_to_cpu(range.slba);

		/* Looked at before, but the host's memory is the host's */
		if (!oc_geo_decode(&cmd->ns->geo, slba, &cmd->addr[cmd->nr]))
			break;
		cmd->nr++;
		cmd->cursor++;
	}
	if (!cmd->nr)
		return false;
	oc_cmd_split(cmd);
	oc_cmd_start(cmd, &oc20_reset_exec);
	return true;
}

/*
 * Deallocate resets chunks: each range must be exactly one (OCSSD 2.0, 2.3.5).
 * All ranges are looked at before the first chunk is reset.
 */
static u16 oc20_dsm(struct oc_cmd *cmd)
{
	const struct nvme_dsm_cmd *sqe = &cmd->sqe->dsm;
	u32 nr = le32_to_cpu(sqe->nr) % 256 + 1;
	struct nvme_dsm_range range;
	struct oc_addr addr;
	u16 status;
	u32 i;

	status = oc_cmd_need_data(cmd, nr * sizeof(range));
	if (status)
		return status;
	if (!(le32_to_cpu(sqe->attributes) & NVME_DSMGMT_AD))
		return 0;

	for (i = 0; i < nr; i++) {
		if (!oc20_dsm_range(cmd, i, &range))
			return OC_ERR(NVME_SC_SGL_INVALID_DATA);
		if (!oc_geo_decode(&cmd->ns->geo, le64_to_cpu(range.slba),
				   &addr) || addr.sec)
			return OC_ERR(OC_SC_INVALID_RESET);
		if (le32_to_cpu(range.nlb) != oc20_secs_at(cmd->ns, &addr))
			return OC_ERR(NVME_SC_LBA_RANGE);
	}

	/* No bitmap: more chunks than bits */
	cmd->scalar = true;
	cmd->cursor = 0;
	cmd->more = oc20_dsm_more;
	if (!oc20_dsm_more(cmd))
		return 0;
	return OC_ASYNC;
}

/* Written means stored: there is no cache to flush */
static u16 oc20_flush(struct oc_cmd *cmd)
{
	return 0;
}

static const struct oc_opcode oc20_io[256] = {
	[nvme_cmd_flush] = {
		.name = "flush", .parse = oc20_flush,
	},
	[nvme_cmd_write] = {
		.name = "write", .dir = OC_DIR_OUT, .count = OC_COUNT_WRITE,
		.parse = oc20_scalar_write,
		.effects = NVME_CMD_EFFECTS_LBCC,
	},
	[nvme_cmd_read] = {
		.name = "read", .dir = OC_DIR_IN, .count = OC_COUNT_READ,
		.parse = oc20_scalar_read,
	},
	[nvme_cmd_dsm] = {
		.name = "dsm", .dir = OC_DIR_OUT, .parse = oc20_dsm,
		.effects = NVME_CMD_EFFECTS_LBCC,
	},
	[OC_CMD_VECTOR_RESET] = {
		.name = "vector reset", .parse = oc20_vector_reset,
		.effects = NVME_CMD_EFFECTS_LBCC,
	},
	[OC_CMD_VECTOR_WRITE] = {
		.name = "vector write", .dir = OC_DIR_OUT,
		.count = OC_COUNT_WRITE, .parse = oc20_vector_write,
		.effects = NVME_CMD_EFFECTS_LBCC,
	},
	[OC_CMD_VECTOR_READ] = {
		.name = "vector read", .dir = OC_DIR_IN,
		.count = OC_COUNT_READ, .parse = oc20_vector_read,
	},
	[OC_CMD_VECTOR_COPY] = {
		.name = "vector copy", .parse = oc20_vector_copy,
		.mccap = OC_MCCAP_VECTOR_COPY,
		.effects = NVME_CMD_EFFECTS_LBCC,
	},
};

/* The last chunks of each parallel unit may be unlike the others */
static void oc20_setup_channel(struct oc_channel *ch)
{
	const struct oc_geo *geo = ch->geo;
	u32 from = geo->num_chk - max(geo->rnd_chk, geo->odd_chk);
	u32 pu, i;

	for (pu = 0; pu < geo->num_pu; pu++) {
		for (i = from; i < geo->num_chk; i++)
			oc_chunk_shape(geo, &ch->chunks[pu * geo->num_chk + i],
				       &ch->stat,
				       i >= geo->num_chk - geo->rnd_chk,
				       i >= geo->num_chk - geo->odd_chk ?
				       geo->odd_secs : geo->clba);
		cond_resched();
	}
}

static void oc20_setup(struct oc_ns *ns)
{
	u32 i;

	for (i = 0; i < ns->geo.num_grp; i++) {
		struct oc_channel *ch = &ns->dev->ch[ns->first + i];

		oc20_setup_channel(ch);
		if (ns->geo.maxoc)
			ch->stat.open_ns = &ns->open;
	}
}

static bool oc20_fits(const struct oc_ns *ns, struct oc_geo *geo)
{
	return true;
}

const struct oc_ns_kind oc_ns_oc20 = {
	.name		= "oc20",
	.dulbe		= true,
	.fits		= oc20_fits,
	.extended	= true,
	.identify	= oc20_identify,
	.geometry	= oc20_geometry,
	.chunk_log	= oc20_chunk_log,
	.setup		= oc20_setup,
	.io		= oc20_io,
	.faults		= &oc_fault_sc_20,
	.oncs		= NVME_CTRL_ONCS_DSM,
};
