// SPDX-License-Identifier: GPL-2.0
/*
 * ns/block/range.c - commands of block namespaces that transfer no data
 *
 * They work on extents instead of sectors: since blocks are striped, a range of
 * them is at most one extent in each channel. What exceeds a round of a command is
 * left to the next rounds, which run in the workers.
 */
#include <linux/kernel.h>
#include <linux/slab.h>

#include "oc.h"
#include "oc_block.h"
#include "oc_channel.h"
#include "oc_cmd.h"
#include "oc_dev.h"
#include "oc_ftl.h"
#include "oc_l2p.h"
#include "oc_media.h"
#include "oc_ns.h"
#include "oc_wire.h"

/* Sectors that a submitter may handle; more are left to the worker */
#define OC_BLOCK_INLINE	256U
/* Sectors of one extent: short enough that others get their turn */
#define OC_BLOCK_EXTENT	16384U

#define OC_WZ_DEAC	BIT(9)		/* Write Zeroes may deallocate */

/* Logical sectors of channel @grp that are below logical block @lba */
static u32 oc_block_below(const struct oc_ns *ns, u64 lba, u32 grp)
{
	u32 stripe = ns->geo.ws_opt, rest;
	u64 rows = div_u64_rem(lba, stripe * ns->geo.num_grp, &rest);
	u32 before = grp * stripe;

	return rows * stripe + (rest > before ? min(rest - before, stripe) : 0);
}

static int oc_block_extent_prepare(struct oc_part *part, gfp_t gfp)
{
	u64 left = part->sectors, n = 0;

	if (gfpflags_allow_blocking(gfp))
		return 0;
	/* A submitter would run round after round, each on top of the last */
	if (part->cmd->worker_only)
		return -EAGAIN;
	for (; left; left &= left - 1)
		n += part->cmd->extent[__ffs64(left)].nr;
	return n > OC_BLOCK_INLINE ? -EAGAIN : 0;
}

static void oc_block_set(struct oc_part *part, u32 val)
{
	const struct oc_extent *extent;
	u64 left;
	u32 k;

	for (left = part->sectors; left; left &= left - 1) {
		extent = &part->cmd->extent[__ffs64(left)];
		for (k = 0; k < extent->nr; k++)
			oc_ftl_set(part->ch->ftl, extent->sec + k, val);
	}
	/* No write follows that needs the stock; other channels may */
	part->ch->dev->media->unreserve(part->ch);
	oc_block_freed(oc_part_block(part));
}

static void oc_block_deallocate_commit(struct oc_part *part)
{
	oc_block_set(part, OC_FTL_NONE);
}

static void oc_block_zero_commit(struct oc_part *part)
{
	oc_block_set(part, OC_FTL_ZERO);
}

static void oc_block_spoil_commit(struct oc_part *part)
{
	oc_block_set(part, OC_FTL_BAD);
}

static void oc_block_verify_commit(struct oc_part *part)
{
	struct oc_block_ch *bch = oc_part_block(part);
	struct oc_extent *extent;
	u64 left;
	u32 k;

	bch->part = part;
	for (left = part->sectors; left; left &= left - 1) {
		u32 i = __ffs64(left);

		extent = &part->cmd->extent[i];
		for (k = 0; k < extent->nr; k++) {
			u32 val = oc_l2p_get(&bch->ftl.l2p, extent->sec + k);
			u16 status = oc_block_readable(part, val);

			if (status) {
				/* The error log names the sector that failed */
				extent->sec += k;
				extent->nr = 1;
				oc_block_fail(part, i, status);
				break;
			}
			if (oc_ftl_on_flash(val))
				oc_block_note_read(bch, val, true);
		}
	}
	oc_block_time_read(bch, true);
}

static const struct oc_exec oc_block_deallocate_exec = {
	.op		= OC_OP_RESET,
	.prepare	= oc_block_extent_prepare,
	.commit		= oc_block_deallocate_commit,
};

static const struct oc_exec oc_block_zero_exec = {
	.op		= OC_OP_WRITE,
	.prepare	= oc_block_extent_prepare,
	.commit		= oc_block_zero_commit,
};

static const struct oc_exec oc_block_spoil_exec = {
	.op		= OC_OP_WRITE,
	.prepare	= oc_block_extent_prepare,
	.commit		= oc_block_spoil_commit,
};

static const struct oc_exec oc_block_verify_exec = {
	.prepare	= oc_block_extent_prepare,
	.commit		= oc_block_verify_commit,
};

/*
 * Range @i of a command: a DSM command has a list of them in host memory, others
 * have one. Returns false if there is none, or if the host has changed it to an
 * invalid one since it was checked.
 */
static bool oc_block_range(struct oc_cmd *cmd, u32 i, u64 *slba, u32 *nr)
{
	const struct nvme_command *sqe = cmd->sqe;
	struct iov_iter iter = cmd->data;
	struct nvme_dsm_range range;

	if (sqe->common.opcode != nvme_cmd_dsm) {
		*slba = le64_to_cpu(sqe->rw.slba);
		*nr = le16_to_cpu(sqe->rw.length) + 1;
		return !i;
	}
	if (i > (le32_to_cpu(sqe->dsm.nr) & 0xff))
		return false;
	iov_iter_advance(&iter, i * sizeof(range));
	if (!copy_from_iter_full(&range, sizeof(range), &iter))
		return false;
	*slba = le64_to_cpu(range.slba);
	*nr = le32_to_cpu(range.nlb);
	return !oc_block_check_range(cmd, *slba, *nr);
}

/*
 * Add extents for the first of the @nr blocks from @slba on, as many as there is
 * room for. Returns how many blocks they have, 1 or more.
 */
static u32 oc_block_add_extents(struct oc_cmd *cmd, u64 slba, u32 nr)
{
	const struct oc_ns *ns = cmd->ns;
	u32 stripe = ns->geo.ws_opt, num_grp = ns->geo.num_grp;
	u32 room = OC_VECTOR_MAX - cmd->nr, grp, from, off;

	if (room >= num_grp) {
		/* Up to an extent in each channel */
		nr = min(nr, OC_BLOCK_EXTENT / stripe * stripe * num_grp);
	} else {
		div_u64_rem(slba, stripe, &off);
		nr = min(nr, room * stripe - off);
	}
	for (grp = 0; grp < num_grp; grp++) {
		struct oc_extent *extent = &cmd->extent[cmd->nr];

		from = oc_block_below(ns, slba, grp);
		extent->grp = grp;
		extent->sec = from;
		extent->nr = oc_block_below(ns, slba + nr, grp) - from;
		if (!extent->nr)
			continue;
		if (++cmd->nr == OC_VECTOR_MAX)
			break;
	}
	return nr;
}

/* Is anything left for another round? */
static bool oc_block_left(struct oc_cmd *cmd)
{
	u32 i = cmd->cursor >> 32, off = lower_32_bits(cmd->cursor), nr;
	u64 slba;

	for (; oc_block_range(cmd, i, &slba, &nr); i++, off = 0)
		if (off < nr)
			return true;
	return false;
}

/*
 * Start the next round: about OC_BLOCK_EXTENT sectors in each channel, in however
 * many extents. @cmd->cursor is the range and the offset in it. Returns false if
 * all is done.
 */
static bool oc_block_round(struct oc_cmd *cmd)
{
	u32 room = OC_BLOCK_EXTENT * cmd->ns->geo.num_grp;
	u32 nr, done, sum = 0;
	u64 slba;

	cmd->nr = 0;
	cmd->invalid = 0;
	while (cmd->nr < OC_VECTOR_MAX && sum < room &&
	       oc_block_range(cmd, cmd->cursor >> 32, &slba, &nr)) {
		u32 off = lower_32_bits(cmd->cursor);

		if (off >= nr) {
			cmd->cursor = ((cmd->cursor >> 32) + 1) << 32;
			continue;
		}
		done = oc_block_add_extents(cmd, slba + off, nr - off);
		cmd->cursor += done;
		sum += done;
	}
	if (!cmd->nr)
		return false;
	/* The last round: it does not look at the gate again */
	if (!oc_block_left(cmd))
		cmd->more = NULL;
	oc_cmd_split(cmd);
	oc_cmd_start(cmd, cmd->exec);
	return true;
}

static bool oc_block_more(struct oc_cmd *cmd)
{
	cmd->worker_only = true;
	return oc_block_round(cmd);
}

static u16 oc_block_start_rounds(struct oc_cmd *cmd, const struct oc_exec *exec)
{
	cmd->scalar = true;
	cmd->cursor = 0;
	cmd->exec = exec;
	cmd->more = oc_block_more;
	return oc_block_round(cmd) ? OC_ASYNC : 0;
}

static u16 oc_block_start_range(struct oc_cmd *cmd, const struct oc_exec *exec)
{
	const struct nvme_rw_command *sqe = &cmd->sqe->rw;
	u16 status = oc_block_check_range(cmd, le64_to_cpu(sqe->slba),
					  le16_to_cpu(sqe->length) + 1);

	return status ? status : oc_block_start_rounds(cmd, exec);
}

/**
 * oc_block_write_zeroes() - Write Zeroes
 * @cmd:	command
 *
 * Context: any; does not sleep.
 * Return: OC_ASYNC, or LBA Out of Range.
 */
u16 oc_block_write_zeroes(struct oc_cmd *cmd)
{
	bool deac = le16_to_cpu(cmd->sqe->rw.control) & OC_WZ_DEAC;

	return oc_block_start_range(cmd, deac ? &oc_block_deallocate_exec :
						&oc_block_zero_exec);
}

/**
 * oc_block_write_uncor() - Write Uncorrectable
 * @cmd:	command
 *
 * Context: any; does not sleep.
 * Return: OC_ASYNC, or LBA Out of Range.
 */
u16 oc_block_write_uncor(struct oc_cmd *cmd)
{
	return oc_block_start_range(cmd, &oc_block_spoil_exec);
}

/**
 * oc_block_verify() - Verify
 * @cmd:	command
 *
 * Context: any; does not sleep.
 * Return: OC_ASYNC, or LBA Out of Range.
 */
u16 oc_block_verify(struct oc_cmd *cmd)
{
	return oc_block_start_range(cmd, &oc_block_verify_exec);
}

/**
 * oc_block_dsm() - Dataset Management
 * @cmd:	command
 *
 * All ranges are checked before the first is deallocated.
 *
 * Context: any; does not sleep.
 * Return: OC_ASYNC; 0 if there is nothing to be done; LBA Out of Range; or Data
 * SGL Length Invalid.
 */
u16 oc_block_dsm(struct oc_cmd *cmd)
{
	const struct nvme_dsm_cmd *sqe = &cmd->sqe->dsm;
	u32 n = (le32_to_cpu(sqe->nr) & 0xff) + 1, i, nr;
	u64 slba;
	u16 status;

	status = oc_cmd_need_data(cmd, n * sizeof(struct nvme_dsm_range));
	if (status)
		return status;
	/* Hints about use are ignored */
	if (!(le32_to_cpu(sqe->attributes) & NVME_DSMGMT_AD))
		return 0;
	for (i = 0; i < n; i++)
		if (!oc_block_range(cmd, i, &slba, &nr))
			return OC_ERR(NVME_SC_LBA_RANGE);
	return oc_block_start_rounds(cmd, &oc_block_deallocate_exec);
}

/* ---- a look at the map ------------------------------------------------ */

/**
 * struct oc_block_window - a window of the map for the host
 * @ns:		namespace
 * @grp:	channel whose entries are filled in
 * @slba:	first block
 * @nr:		blocks
 * @entry:	where their physical sectors go
 */
struct oc_block_window {
	const struct oc_ns *ns;
	u32 grp;
	u64 slba;
	u32 nr;
	__le64 *entry;
};

static void oc_block_l2p_channel(struct oc_channel *ch, void *arg)
{
	const struct oc_block_window *win = arg;
	const struct oc_geo *geo = &win->ns->geo;
	u64 lba = oc_block_next(win->ns, win->grp, win->slba);
	struct oc_addr addr;
	u32 val;

	for (; lba < win->slba + win->nr;
	     lba = oc_block_next(win->ns, win->grp, lba + 1)) {
		oc_block_addr(win->ns, lba, &addr);
		val = oc_l2p_get(&ch->ftl->l2p, addr.sec);
		if (oc_ftl_on_flash(val))
			win->entry[lba - win->slba] =
				cpu_to_le64((u64)addr.grp * geo->secs + val);
	}
}

/**
 * oc_block_get_l2p() - get L2P (OCSSD 1.2)
 * @cmd:	command: first block in CDW10 and CDW11, how many in CDW12. Entries
 *		are sectors counted through the namespace, 0 for what is not on
 *		flash
 *
 * Context: process; sleeps.
 * Return: 0; Invalid Field for a range that is not all the namespace's; Data SGL
 * Length Invalid; or Internal Error without memory.
 */
u16 oc_block_get_l2p(struct oc_cmd *cmd)
{
	const struct nvme_common_command *sqe = &cmd->sqe->common;
	const u32 at_once = PAGE_SIZE / sizeof(__le64);
	u64 slba = (u64)le32_to_cpu(sqe->cdw11) << 32 | le32_to_cpu(sqe->cdw10);
	u32 nr = le32_to_cpu(sqe->cdw12), done = 0;
	struct oc_ns *ns = cmd->ns;
	struct oc_block_window win = { .ns = ns };
	u16 status;

	if (oc_block_check_range(cmd, slba, nr) ||
	    nr > U32_MAX / sizeof(__le64)) {
		cmd->err_loc = offsetof(struct nvme_common_command, cdw10);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	status = oc_cmd_need_data(cmd, nr * sizeof(__le64));
	if (status)
		return status;
	win.entry = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!win.entry)
		return NVME_SC_INTERNAL;
	for (; !status && done < nr; done += win.nr) {
		win.slba = slba + done;
		win.nr = min(nr - done, at_once);
		memset(win.entry, 0, PAGE_SIZE);
		for (win.grp = 0; win.grp < ns->geo.num_grp; win.grp++)
			oc_channel_call(&ns->dev->ch[ns->first + win.grp],
					oc_block_l2p_channel, &win);
		status = oc_copy_to_host(cmd, done * sizeof(__le64), win.entry,
					 win.nr * sizeof(__le64));
	}
	kfree(win.entry);
	return status;
}
