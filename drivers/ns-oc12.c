// SPDX-License-Identifier: GPL-2.0
/*
 * ns-oc12.c - namespaces of OCSSD 1.2: host-managed flash with planes and pages
 *
 * Two kinds. oc12 is physical commands only; oc12h (hybrid) also takes a logical
 * address with each sector and keeps the mapping. oc12.h tells how blocks and
 * planes lie in chunks, ns-oc12-hybrid.c serves the logical addresses.
 *
 * With strict=1 writes follow the rules of NAND: whole pages, a block's pages in
 * order, none of them twice between erases, and the same pages of all planes
 * together, of those planes whose block is good. Plane bits of a command are
 * hints: they say what works at the same time, and which blocks an erase names.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "oc12.h"
#include "oc_fault.h"
#include "oc_trace.h"

static struct oc_chunk *oc12_chunk(const struct oc_part *part, u32 i)
{
	return &part->ch->chunks[part->cmd->addr[i].chk];
}

/* ---- what was written ------------------------------------------------- */

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

		/* Mostly it is the chunk of the sector before */
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

/* Are the good planes of the block of run @i written as that one is? */
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
	/* A wrong amount at a wrong place is a wrong amount */
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

	for (i = 0; i < nr; i++) {
		struct oc_chunk *chk = &part->ch->chunks[run[i].chk];

		status = oc12_check_run(part, run, nr, i);
		if (likely(!status))
			continue;
		trace_oc_chunk_refuse(part->ch, chk, run[i].sec, run[i].n,
				      status);
		chk->fails += run[i].n;
		part->ch->count.fails += hweight64(part->sectors);
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
 * Return: 0, or -ENOMEM.
 */
int oc12_write_prepare(struct oc_part *part, gfp_t gfp)
{
	struct oc_channel *ch = part->ch;
	u64 left = part->sectors;
	int ret;

	for (; left; left &= left - 1) {
		const struct oc_addr *addr = &part->cmd->addr[__ffs64(left)];

		ret = ch->dev->media->prepare(ch, oc_geo_index(ch->geo, addr),
					      gfp);
		if (ret)
			return ret;
	}
	return 0;
}

/* A cursor over the host's buffers, which parts walk in ascending order */
struct oc12_cursor {
	struct iov_iter data;
	u32 pos;
};

static void oc12_seek(struct oc12_cursor *cur, const struct oc_cmd *cmd, u32 i)
{
	u32 pos = i << cmd->ns->geo.lba_shift;

	if (pos != cur->pos)
		iov_iter_advance(&cur->data, pos - cur->pos);
	cur->pos = pos + cmd->ns->geo.lba_size;
}

static void *oc12_oob(const struct oc_cmd *cmd, u32 i)
{
	return cmd->oob ? cmd->oob + i * cmd->ns->geo.oob_size : NULL;
}

/* The sectors are in the media: move write pointers, and let time pass */
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
	struct oc12_cursor cur = { .data = part->cmd->data };
	const struct oc_cmd *cmd = part->cmd;
	const struct oc12 *o = cmd->ns->priv;
	struct oc_channel *ch = part->ch;
	u64 left, stored = part->sectors, closes = 0;

	/* Where a program fails, the page is used up all the same */
	if (unlikely(ch->faults))
		stored &= ~oc_fault_write(part, &closes);
	for (left = part->sectors; left; left &= left - 1) {
		u32 i = __ffs64(left);

		/* What was there is gone, even where nothing came in its place */
		if (o->hybrid)
			oc12_map_drop(cmd->ns, &cmd->addr[i]);
		if (unlikely(!(stored & BIT_ULL(i))))
			continue;
		oc12_seek(&cur, cmd, i);
		ch->dev->media->write(ch, oc_geo_index(ch->geo, &cmd->addr[i]),
				      &cur.data, oc12_oob(cmd, i));
	}
	oc12_write_chunks(part);
	ch->count.writes += hweight64(stored);
	if (unlikely(closes) && o->strict)
		oc_fault_close(part, closes);
}

static const struct oc_exec oc12_write_exec = {
	.op		= OC_OP_WRITE,
	.atomic		= true,
	.check		= oc12_write_check,
	.prepare	= oc12_write_prepare,
	.commit		= oc12_write_commit,
};

/* ---- read ------------------------------------------------------------- */

/* What a sector that holds nothing looks like */
static void oc12_read_nothing(const struct oc_cmd *cmd,
			      struct oc12_cursor *cur, u32 i)
{
	oc12_seek(cur, cmd, i);
	iov_iter_zero(cmd->ns->geo.lba_size, &cur->data);
	/* pblk takes all ones for "no logical address here" */
	if (cmd->oob)
		memset(oc12_oob(cmd, i), 0xff, cmd->ns->geo.oob_size);
}

/**
 * oc12_read_holes() - show sectors of a command as empty
 * @cmd:	command that reads, with its buffers
 * @holes:	the sectors
 *
 * Context: any; does not sleep.
 */
void oc12_read_holes(const struct oc_cmd *cmd, u64 holes)
{
	struct oc12_cursor cur = { .data = cmd->data };

	for (; holes; holes &= holes - 1)
		oc12_read_nothing(cmd, &cur, __ffs64(holes));
}

/**
 * oc12_read() - read some sectors of a part, and show its others as empty
 * @part:	part
 * @want:	those that are read
 *
 * Context: owner of the part's channel.
 */
void oc12_read(struct oc_part *part, u64 want)
{
	struct oc12_cursor cur = { .data = part->cmd->data };
	const struct oc_cmd *cmd = part->cmd;
	struct oc_channel *ch = part->ch;
	u64 left;

	for (left = part->sectors; left; left &= left - 1) {
		u32 i = __ffs64(left);

		if (!(want & BIT_ULL(i))) {
			oc12_read_nothing(cmd, &cur, i);
			continue;
		}
		oc12_seek(&cur, cmd, i);
		oc12_chunk(part, i)->reads++;
		ch->dev->media->read(ch, oc_geo_index(ch->geo, &cmd->addr[i]),
				     &cur.data, oc12_oob(cmd, i));
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

/* Physical and hybrid reads: an empty page is an error of its sectors */
static void oc12_read_commit(struct oc_part *part)
{
	u64 written = oc12_all_written(part), left, lost = 0, warn = 0;

	if (unlikely(part->ch->faults))
		lost = oc_fault_reads(part, part->cmd->addr, written, &warn);
	oc12_read(part, written & ~lost);
	part->failed = part->sectors & ~written;
	for (left = part->failed; left; left &= left - 1) {
		u32 i = __ffs64(left);
		struct oc_chunk *chk = oc12_chunk(part, i);

		part->status = OC_ERR(OC_SC_EMPTY_PAGE);
		trace_oc_chunk_refuse(part->ch, chk, part->cmd->addr[i].sec, 1,
				      part->status);
		chk->fails++;
		part->ch->count.fails++;
	}
	part->ch->count.reads += hweight64(written & ~lost);
	if (unlikely(lost | warn))
		oc_fault_read_end(part, lost, warn);
}

const struct oc_exec oc12_read_exec = {
	.commit		= oc12_read_commit,
};

/* Scalar reads: what is empty is zeroes */
static void oc12_scalar_read_commit(struct oc_part *part)
{
	u64 written = oc12_all_written(part), lost = 0, warn = 0;

	if (unlikely(part->ch->faults))
		lost = oc_fault_reads(part, part->cmd->addr, written, &warn);
	oc12_read(part, written & ~lost);
	part->ch->count.reads += hweight64(part->sectors & ~lost);
	if (unlikely(lost | warn))
		oc_fault_read_end(part, lost, warn);
}

static const struct oc_exec oc12_scalar_read_exec = {
	.commit		= oc12_scalar_read_commit,
};

/* ---- erase ------------------------------------------------------------ */

/* Has the list named the block of entry @i before, with all its planes? */
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

	if (o->hybrid && ch->chunks[chk].wp)
		oc12_map_drop_chunk(part->cmd->ns, ch->id - ns->first, chk);
	if (!o->strict && ch->chunks[chk].wp)
		bitmap_clear(oc12_bits(part), chk * ns->geo.clba,
			     ns->geo.clba);
	ch->dev->media->discard(ch, chk);
	oc_chunk_commit_reset(&ch->chunks[chk], &ch->stat);
	ch->count.resets++;
}

static void oc12_erase_commit(struct oc_part *part)
{
	struct oc_channel *ch = part->ch;
	u32 planes = oc12_planes(part->cmd);
	u64 left;

	for (left = part->sectors; left; left &= left - 1) {
		u32 i = __ffs64(left);
		u32 chk = oc12_together(part->cmd->addr[i].chk, planes);
		bool again = oc12_erased_before(part, i, planes);
		u32 end = chk + planes, bad = 0;

		/* Hosts also list each plane: then it is one erase */
		for (; chk < end; chk++) {
			if (ch->chunks[chk].state != OC_CHK_OFFLINE && !again) {
				oc12_erase_chunk(part, chk);
				if (unlikely(ch->faults))
					oc_fault_reset(part, i, chk);
			}
			if (ch->chunks[chk].state != OC_CHK_OFFLINE)
				continue;
			bad++;
			part->failed |= BIT_ULL(i);
			part->status = OC_ERR(OC_SC_WRITE_FAIL);
			trace_oc_chunk_refuse(ch, &ch->chunks[chk], 0,
					      ch->geo->clba, part->status);
			ch->chunks[chk].fails++;
		}
		if (bad)
			ch->count.fails++;
		if (ch->timing.on && !again && bad < planes)
			oc12_time_erase(part, end - 1);
	}
}

/* More sectors than this are given back by the worker, not by the submitter */
#define OC12_INLINE_ERASE	4096

static int oc12_erase_prepare(struct oc_part *part, gfp_t gfp)
{
	const struct oc12 *o = part->cmd->ns->priv;
	u32 planes = oc12_planes(part->cmd), k;
	u64 left = part->sectors, secs = 0;

	if (gfpflags_allow_blocking(gfp))
		return 0;
	for (; left; left &= left - 1) {
		u32 chk = oc12_together(part->cmd->addr[__ffs64(left)].chk,
					planes);

		/* Without order, and for the mapping, all are looked at */
		for (k = 0; k < planes; k++)
			secs += o->strict && !o->hybrid ?
				part->ch->chunks[chk + k].wp :
				part->ch->geo->clba;
	}
	return secs > OC12_INLINE_ERASE ? -EAGAIN : 0;
}

static const struct oc_exec oc12_erase_exec = {
	.op		= OC_OP_RESET,
	.prepare	= oc12_erase_prepare,
	.commit		= oc12_erase_commit,
};

/* ---- physical commands ------------------------------------------------ */

/**
 * oc12_list() - count and addresses of a physical or hybrid command
 * @cmd:	command
 *
 * Context: any; does not sleep.
 * Return: 0, or Invalid Field for too many addresses, a list that was never
 * handed out, and addresses that name nothing, which are then in the bitmap.
 */
u16 oc12_list(struct oc_cmd *cmd)
{
	const struct oc12_wire_rw *sqe = (const void *)cmd->sqe;
	u32 nr = le16_to_cpu(sqe->nppa) + 1;

	if (nr > OC_VECTOR_MAX) {
		cmd->err_loc = offsetof(struct oc12_wire_rw, nppa);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	if (!oc_cmd_list(cmd, le64_to_cpu(sqe->ppa), nr) || cmd->invalid) {
		cmd->err_loc = offsetof(struct oc12_wire_rw, ppa);
		cmd->failed = cmd->invalid;
		cmd->result.u64 = cpu_to_le64(cmd->invalid);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	return 0;
}

/**
 * oc12_buffers() - the data a read or write moves, and its OOB
 * @cmd:	command with its number of sectors
 *
 * Context: any; does not sleep.
 * Return: 0, or NVMe status if either is too short.
 */
u16 oc12_buffers(struct oc_cmd *cmd)
{
	const struct oc_geo *geo = &cmd->ns->geo;
	u16 status = oc_cmd_need_data(cmd, cmd->nr << geo->lba_shift);

	if (status)
		return status;
	return oc_cmd_need_oob(cmd, le64_to_cpu(cmd->sqe->common.metadata),
			       cmd->nr * geo->oob_size);
}

/**
 * oc12_start() - split a command, and hand the parts to their channels
 * @cmd:	command with its addresses
 * @exec:	what the parts do
 *
 * Context: any; does not sleep.
 * Return: OC_ASYNC.
 */
u16 oc12_start(struct oc_cmd *cmd, const struct oc_exec *exec)
{
	oc_cmd_split(cmd);
	oc_cmd_start(cmd, exec);
	return OC_ASYNC;
}

static u16 oc12_physical_write(struct oc_cmd *cmd)
{
	u16 status = oc12_list(cmd);

	if (!status)
		status = oc12_buffers(cmd);
	return status ? status : oc12_start(cmd, &oc12_write_exec);
}

static u16 oc12_physical_read(struct oc_cmd *cmd)
{
	u16 status = oc12_list(cmd);

	if (!status)
		status = oc12_buffers(cmd);
	return status ? status : oc12_start(cmd, &oc12_read_exec);
}

/* Some hosts pass data or metadata with an erase: both are ignored */
static u16 oc12_erase(struct oc_cmd *cmd)
{
	u16 status = oc12_list(cmd);

	return status ? status : oc12_start(cmd, &oc12_erase_exec);
}

/* ---- scalar commands of oc12: addresses are physical ------------------ */

/**
 * oc12_range() - start and length of a scalar command
 * @cmd:	command
 * @total:	addresses of the namespace
 * @slba:	set to the first
 * @nr:		set to how many
 *
 * Context: any; does not sleep.
 * Return: 0, Invalid Field for more than MDTS allows, or LBA Out of Range.
 */
u16 oc12_range(struct oc_cmd *cmd, u64 total, u64 *slba, u32 *nr)
{
	const struct nvme_rw_command *sqe = &cmd->sqe->rw;

	*slba = le64_to_cpu(sqe->slba);
	*nr = le16_to_cpu(sqe->length) + 1;
	if (*nr > OC_VECTOR_MAX) {
		/* More than MDTS says */
		cmd->err_loc = offsetof(struct nvme_rw_command, length);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	if (*slba >= total || *nr > total - *slba) {
		cmd->err_loc = offsetof(struct nvme_rw_command, slba);
		return OC_ERR(NVME_SC_LBA_RANGE);
	}
	return 0;
}

static u16 oc12_scalar(struct oc_cmd *cmd)
{
	u64 slba;
	u32 nr;
	u16 status = oc12_range(cmd, oc12_nsze(cmd->ns->priv), &slba, &nr);

	if (status)
		return status;
	oc_cmd_range(cmd, slba, nr);
	return oc12_buffers(cmd);
}

static u16 oc12_scalar_write(struct oc_cmd *cmd)
{
	u16 status = oc12_scalar(cmd);

	if (status)
		return status;
	if (cmd->invalid) {
		cmd->err_loc = offsetof(struct nvme_rw_command, slba);
		return OC_ERR(NVME_SC_LBA_RANGE);
	}
	return oc12_start(cmd, &oc12_write_exec);
}

static u16 oc12_scalar_read(struct oc_cmd *cmd)
{
	u16 status = oc12_scalar(cmd);

	if (status)
		return status;
	/* Addresses have holes, and partition scans and readahead meet them */
	oc12_read_holes(cmd, cmd->invalid);
	return oc12_start(cmd, &oc12_scalar_read_exec);
}

/* Written means stored: there is no cache to flush */
static u16 oc12_flush(struct oc_cmd *cmd)
{
	return 0;
}

#define OC12_PHYSICAL_IO						\
	[nvme_cmd_flush] = {						\
		.name = "flush", .parse = oc12_flush,			\
	},								\
	[OC_CMD_VECTOR_RESET] = {					\
		.name = "physical erase", .parse = oc12_erase,		\
		.effects = NVME_CMD_EFFECTS_LBCC,			\
	},								\
	[OC_CMD_VECTOR_WRITE] = {					\
		.name = "physical write", .dir = OC_DIR_OUT,		\
		.count = OC_COUNT_WRITE, .parse = oc12_physical_write,	\
		.effects = NVME_CMD_EFFECTS_LBCC,			\
	},								\
	[OC_CMD_VECTOR_READ] = {					\
		.name = "physical read", .dir = OC_DIR_IN,		\
		.count = OC_COUNT_READ, .parse = oc12_physical_read,	\
	}

static const struct oc_opcode oc12_io[256] = {
	OC12_PHYSICAL_IO,
	[nvme_cmd_write] = {
		.name = "write", .dir = OC_DIR_OUT, .count = OC_COUNT_WRITE,
		.effects = NVME_CMD_EFFECTS_LBCC,
		.parse = oc12_scalar_write,
	},
	[nvme_cmd_read] = {
		.name = "read", .dir = OC_DIR_IN, .count = OC_COUNT_READ,
		.parse = oc12_scalar_read,
	},
};

static const struct oc_opcode oc12h_io[256] = {
	OC12_PHYSICAL_IO,
	[OC12_CMD_HYBRID_WRITE] = {
		.name = "hybrid write", .dir = OC_DIR_OUT,
		.count = OC_COUNT_WRITE, .effects = NVME_CMD_EFFECTS_LBCC,
		.parse = oc12h_write,
	},
	[OC12_CMD_HYBRID_READ] = {
		.name = "hybrid read", .dir = OC_DIR_IN,
		.count = OC_COUNT_READ, .parse = oc12h_read,
	},
};

/* ---- the two kinds ---------------------------------------------------- */

static bool oc12_ns_decode(const struct oc_ns *ns, u64 ppa,
			   struct oc_addr *addr)
{
	return oc12_decode(ns->priv, &ns->geo, ppa, addr);
}

static u64 oc12_ns_encode(const struct oc_ns *ns, const struct oc_addr *addr)
{
	return oc12_encode(ns->priv, &ns->geo, addr);
}

static void oc12_identify(const struct oc_ns *ns, struct nvme_id_ns *id)
{
	const struct oc12 *o = ns->priv;
	u64 sectors = oc_geo_sectors(&ns->geo);

	/* Physical addresses have holes, the hybrid's logical ones have none */
	id->nsze = cpu_to_le64(o->hybrid ? sectors : oc12_nsze(o));
	id->ncap = cpu_to_le64(sectors);
	id->nuse = id->ncap;
	id->dlfeat = OC_DLFEAT_ZEROES;
	/* The mark by which Linux knows an open-channel namespace */
	id->vs[0] = 1;
}

static const char *oc12_advice(const struct oc_ns *ns)
{
	return oc12_geo_advice(ns->priv, &ns->geo);
}

static int oc12_make(struct oc_ns *ns, bool hybrid, struct oc_complaint *why)
{
	const struct oc_geo *geo = &ns->geo;
	struct oc12 *o;
	int ret;

	o = kzalloc(sizeof(*o), GFP_KERNEL);
	if (!o)
		return -ENOMEM;
	ret = oc12_geo_init(o, geo, hybrid, why);
	if (ret) {
		kfree(o);
		return ret;
	}
	o->strict = ns->dev->strict;
	/* Whole longs, so that no two channels share one */
	o->stride = BITS_TO_LONGS(geo->secs);

	ns->table_bytes = sizeof(*o) + (u64)geo->num_grp * geo->chks;
	if (!o->strict)
		ns->table_bytes += geo->num_grp * o->stride * sizeof(long);
	if (hybrid)
		ns->table_bytes += 2 * oc_geo_sectors(geo) * sizeof(u32);
	ns->priv = o;
	return 0;
}

static int oc12_init(struct oc_ns *ns, struct oc_complaint *why)
{
	return oc12_make(ns, false, why);
}

static int oc12h_init(struct oc_ns *ns, struct oc_complaint *why)
{
	return oc12_make(ns, true, why);
}

static void *oc12_table(u64 nr, size_t size)
{
	/* The caller reports a failure in its own words */
	return __vmalloc(array_size(nr, size),
			 GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
}

/* What the initial state says is written */
static void oc12_first_states(struct oc_ns *ns)
{
	const struct oc_geo *geo = &ns->geo;
	const struct oc12 *o = ns->priv;
	u32 grp, chk;

	for (grp = 0; grp < geo->num_grp; grp++) {
		const struct oc_channel *ch = &ns->dev->ch[ns->first + grp];

		for (chk = 0; chk < geo->chks; chk++)
			bitmap_set(o->written + grp * o->stride,
				   chk * geo->clba, ch->chunks[chk].wp);
		cond_resched();
	}
}

static int oc12_open(struct oc_ns *ns)
{
	u64 secs = oc_geo_sectors(&ns->geo);
	struct oc12 *o = ns->priv;
	u32 i;

	for (i = 0; i < ns->geo.num_grp; i++)
		ns->dev->ch[ns->first + i].unordered = !o->strict;
	o->marks = oc12_table((u64)ns->geo.num_grp * ns->geo.chks,
			      sizeof(*o->marks));
	if (!o->marks)
		return -ENOMEM;
	if (!o->strict) {
		o->written = oc12_table(ns->geo.num_grp * o->stride,
					sizeof(*o->written));
		if (!o->written)
			return -ENOMEM;
		oc12_first_states(ns);
	}
	if (!o->hybrid)
		return 0;
	o->map = oc12_table(secs, sizeof(*o->map));
	o->back = oc12_table(secs, sizeof(*o->back));
	return o->map && o->back ? 0 : -ENOMEM;
}

static void oc12_exit(struct oc_ns *ns)
{
	struct oc12 *o = ns->priv;

	vfree(o->back);
	vfree(o->map);
	vfree(o->written);
	vfree(o->marks);
	kfree(o);
}

static bool oc12_fits(const struct oc_ns *ns, struct oc_geo *geo)
{
	struct oc12 o = *(const struct oc12 *)ns->priv;
	struct oc_complaint why;

	return !oc12_geo_init(&o, geo, o.hybrid, &why);
}

/* Blocks that are marked bad stay so */
static void oc12_clear(struct oc_ns *ns)
{
	u64 secs = oc_geo_sectors(&ns->geo);
	struct oc12 *o = ns->priv;

	if (o->written)
		memset(o->written, 0, array3_size(ns->geo.num_grp, o->stride,
						  sizeof(*o->written)));
	if (o->hybrid) {
		memset(o->map, 0, array_size(secs, sizeof(*o->map)));
		memset(o->back, 0, array_size(secs, sizeof(*o->back)));
	}
}

const struct oc_ns_kind oc_ns_oc12 = {
	.name		= "oc12",
	.init		= oc12_init,
	.fits		= oc12_fits,
	.clear		= oc12_clear,
	.open		= oc12_open,
	.exit		= oc12_exit,
	.advice		= oc12_advice,
	.decode		= oc12_ns_decode,
	.encode		= oc12_ns_encode,
	.identify	= oc12_identify,
	.geometry	= oc12_identity,
	.io		= oc12_io,
	.faults		= &oc_fault_sc_12,
	.admin		= oc12_admin,
};

const struct oc_ns_kind oc_ns_oc12h = {
	.name		= "oc12h",
	.init		= oc12h_init,
	.fits		= oc12_fits,
	.clear		= oc12_clear,
	.open		= oc12_open,
	.exit		= oc12_exit,
	.advice		= oc12_advice,
	.decode		= oc12_ns_decode,
	.encode		= oc12_ns_encode,
	.identify	= oc12_identify,
	.geometry	= oc12_identity,
	.io		= oc12h_io,
	.faults		= &oc_fault_sc_12,
	.admin		= oc12h_admin,
};
