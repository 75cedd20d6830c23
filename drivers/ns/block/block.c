// SPDX-License-Identifier: GPL-2.0
/*
 * ns/block/block.c - block namespaces: logical blocks whose map the device keeps
 *
 * Logical blocks are striped over the namespace's channels, ws_opt of them at a
 * time, so each channel has its own logical sectors, from 0 on, and its own map
 * (ftl.c). The owner of a channel runs a command's part there in one go, so a write
 * within one stripe is atomic, and no sector is ever torn.
 *
 * Commands with data are here; those without, which may be as long as the namespace,
 * in range.c; the services that the FTL needs of flash in flash.c.
 *
 * A write is done when its sectors are in the write buffer or, where they fill a
 * write unit, programmed. The buffer survives a loss of power, as one with
 * capacitors does, so there is nothing to flush.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc.h"
#include "oc_assert.h"
#include "oc_block.h"
#include "oc_chunk.h"
#include "oc_cmd.h"
#include "oc_data.h"
#include "oc_dev.h"
#include "oc_ftl.h"
#include "oc_l2p.h"
#include "oc_media.h"
#include "oc_ns.h"
#include "oc_text.h"
#include "oc_wire.h"

/* Moves that a submitter may do; more are left to the worker */
#define OC_BLOCK_INLINE	256U

/* ---- sectors with data ------------------------------------------------ */

/* A command with data: its sectors one by one, and a buffer for them */
static u16 oc_block_data(struct oc_cmd *cmd)
{
	const struct nvme_rw_command *sqe = &cmd->sqe->rw;
	u32 stripe = cmd->ns->geo.ws_opt;
	u64 slba = le64_to_cpu(sqe->slba);
	u32 nr = le16_to_cpu(sqe->length) + 1, left, i;
	struct oc_addr addr;
	u16 status;

	if (nr > OC_VECTOR_MAX) {
		/* More than MDTS says */
		cmd->err_loc = offsetof(struct nvme_rw_command, length);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	status = oc_block_check_range(cmd, slba, nr);
	if (!status)
		status = oc_cmd_need_data(cmd, nr << cmd->ns->geo.lba_shift);
	if (status)
		return status;

	cmd->nr = nr;
	cmd->invalid = 0;
	cmd->scalar = true;
	oc_block_addr(cmd->ns, slba, &addr);
	left = stripe - addr.sec % stripe;
	for (i = 0; i < nr; i++) {
		cmd->addr[i] = addr;
		addr.sec++;
		if (--left)
			continue;
		/* The next stripe is in the next channel, perhaps of the next row */
		left = stripe;
		if (++addr.grp == cmd->ns->geo.num_grp)
			addr.grp = 0;
		else
			addr.sec -= stripe;
	}
	return 0;
}

static void oc_block_read_commit(struct oc_part *part)
{
	struct oc_cursor cur = { .data = part->cmd->data, .pos = 0 };
	struct oc_block_ch *bch = oc_part_block(part);
	const struct oc_cmd *cmd = part->cmd;
	struct oc_channel *ch = part->ch;
	u64 left;

	oc_assert_owned(ch);
	bch->part = part;
	for (left = part->sectors; left; left &= left - 1) {
		u32 i = __ffs64(left);
		u32 val = oc_l2p_get(&bch->ftl.l2p, cmd->addr[i].sec);
		u16 status = oc_block_readable(part, val);

		if (unlikely(status)) {
			oc_block_fail(part, i, status);
			continue;
		}
		oc_cursor_seek(&cur, cmd, i, 1);
		if (oc_ftl_on_flash(val)) {
			ch->dev->media->read(ch, val, 1, &cur.data, NULL);
			oc_block_note_read(bch, val, true);
		} else {
			iov_iter_zero(cmd->ns->geo.lba_size, &cur.data);
		}
	}
	oc_block_time_read(bch, true);
	oc_count_add(ch->count.reads, hweight64(part->sectors & ~part->failed));
}

static const struct oc_exec oc_block_read_exec = {
	.commit		= oc_block_read_commit,
};

/* Sectors of the part that the map has nothing on flash for */
static u32 oc_block_new(const struct oc_part *part)
{
	const struct oc_l2p *l2p = &part->ch->ftl->l2p;
	const struct oc_addr *addr = part->cmd->addr;
	u64 left;
	u32 n = 0;

	for (left = part->sectors; left; left &= left - 1)
		if (!oc_ftl_on_flash(oc_l2p_get(l2p, addr[__ffs64(left)].sec)))
			n++;
	return n;
}

static u16 oc_block_write_check(struct oc_part *part)
{
	const struct oc_ftl *ftl = part->ch->ftl;

	oc_assert_owned(part->ch);
	/* Mostly there is room enough even if all of them are new */
	if (likely(oc_ftl_fits(ftl, hweight64(part->sectors)) ||
		   oc_ftl_fits(ftl, oc_block_new(part))))
		return 0;
	oc_count_add(part->ch->count.fails, hweight64(part->sectors));
	return oc_block_full(part);
}

static int oc_block_write_prepare(struct oc_part *part, gfp_t gfp)
{
	struct oc_channel *ch = part->ch;

	if (!gfpflags_allow_blocking(gfp) &&
	    oc_ftl_work(ch->ftl, hweight64(part->sectors)) > OC_BLOCK_INLINE)
		return -EAGAIN;
	/* A sector that is replaced leaves its memory to the new one */
	return ch->dev->media->reserve(ch, oc_block_new(part), gfp);
}

/* Write @run sectors from @i on, to wherever the FTL places them */
static void oc_block_write_run(struct oc_part *part, struct oc_cursor *cur,
			       u32 i, u32 run)
{
	const struct oc_cmd *cmd = part->cmd;
	struct oc_channel *ch = part->ch;
	u32 n;

	for (; run; i += n, run -= n) {
		u32 lba = cmd->addr[i].sec;
		u32 index = oc_ftl_place(ch->ftl, lba, run, &n);

		if (unlikely(!index)) {
			/* Chunks have failed since oc_block_write_check() */
			n = 1;
			oc_block_fail(part, i, oc_block_full(part));
			continue;
		}
		oc_cursor_seek(cur, cmd, i, n);
		ch->dev->media->store(ch, index, n, &cur->data);
		oc_ftl_commit(ch->ftl, lba, index, n);
	}
}

static void oc_block_write_commit(struct oc_part *part)
{
	struct oc_cursor cur = { .data = part->cmd->data, .pos = 0 };
	struct oc_block_ch *bch = oc_part_block(part);
	struct oc_channel *ch = part->ch;
	u64 left = part->sectors;
	u32 i, n;

	oc_assert_owned(ch);
	bch->part = part;
	while (left) {
		i = oc_cmd_next_run(part->cmd, &left, OC_VECTOR_MAX, &n);
		oc_block_write_run(part, &cur, i, n);
	}
	/* Free what was reserved for sectors that found no place */
	if (unlikely(part->failed))
		ch->dev->media->unreserve(ch);
	oc_block_time_read(bch, false);
	oc_count_add(ch->count.writes,
		     hweight64(part->sectors & ~part->failed));
}

static const struct oc_exec oc_block_write_exec = {
	.op		= OC_OP_WRITE,
	.check		= oc_block_write_check,
	.prepare	= oc_block_write_prepare,
	.commit		= oc_block_write_commit,
};

/* Is sector @i of the host's data the same as the sector that @val maps to? */
static bool oc_block_same(struct oc_part *part, struct oc_cursor *cur,
			  u32 i, u32 val)
{
	struct oc_block_ch *bch = oc_part_block(part);
	u32 size = part->cmd->ns->geo.lba_size;
	void *theirs = bch->bounce, *ours = bch->bounce + size;
	struct kvec vec = { .iov_base = ours, .iov_len = size };
	struct iov_iter iter;

	oc_cursor_seek(cur, part->cmd, i, 1);
	if (!copy_from_iter_full(theirs, size, &cur->data))
		return false;
	if (!oc_ftl_on_flash(val))
		return !memchr_inv(theirs, 0, size);
	iov_iter_kvec(&iter, READ, &vec, 1, size);
	part->ch->dev->media->read(part->ch, val, 1, &iter, NULL);
	oc_block_note_read(bch, val, true);
	return !memcmp(theirs, ours, size);
}

static void oc_block_compare_commit(struct oc_part *part)
{
	struct oc_cursor cur = { .data = part->cmd->data, .pos = 0 };
	struct oc_block_ch *bch = oc_part_block(part);
	u64 left;

	oc_assert_owned(part->ch);
	bch->part = part;
	for (left = part->sectors; left; left &= left - 1) {
		u32 i = __ffs64(left);
		u32 val = oc_l2p_get(&bch->ftl.l2p, part->cmd->addr[i].sec);
		u16 status = oc_block_readable(part, val);

		if (!status && !oc_block_same(part, &cur, i, val))
			status = OC_ERR(NVME_SC_COMPARE_FAILED);
		if (status)
			oc_block_fail(part, i, status);
	}
	oc_block_time_read(bch, true);
	oc_count_add(part->ch->count.reads,
		     hweight64(part->sectors & ~part->failed));
}

static const struct oc_exec oc_block_compare_exec = {
	.commit		= oc_block_compare_commit,
};

static u16 oc_block_start(struct oc_cmd *cmd, const struct oc_exec *exec)
{
	u16 status = oc_block_data(cmd);

	if (status)
		return status;
	oc_cmd_split(cmd);
	oc_cmd_start(cmd, exec);
	return OC_ASYNC;
}

static u16 oc_block_read(struct oc_cmd *cmd)
{
	return oc_block_start(cmd, &oc_block_read_exec);
}

static u16 oc_block_write(struct oc_cmd *cmd)
{
	return oc_block_start(cmd, &oc_block_write_exec);
}

static u16 oc_block_compare(struct oc_cmd *cmd)
{
	return oc_block_start(cmd, &oc_block_compare_exec);
}

/* Nothing to do: see above */
static u16 oc_block_flush(struct oc_cmd *cmd)
{
	return 0;
}

/* ---- the commands ----------------------------------------------------- */

static const struct oc_opcode oc_block_io[256] = {
	[nvme_cmd_flush] = {
		.name = "flush", .parse = oc_block_flush,
	},
	[nvme_cmd_write] = {
		.name = "write", .dir = OC_DIR_OUT, .count = OC_COUNT_WRITE,
		.parse = oc_block_write,
		.effects = NVME_CMD_EFFECTS_LBCC,
	},
	[nvme_cmd_read] = {
		.name = "read", .dir = OC_DIR_IN, .count = OC_COUNT_READ,
		.parse = oc_block_read,
	},
	[nvme_cmd_write_uncor] = {
		.name = "write uncorrectable", .parse = oc_block_write_uncor,
		.effects = NVME_CMD_EFFECTS_LBCC,
	},
	[nvme_cmd_compare] = {
		.name = "compare", .dir = OC_DIR_OUT, .count = OC_COUNT_READ,
		.parse = oc_block_compare,
	},
	[nvme_cmd_write_zeroes] = {
		.name = "write zeroes", .parse = oc_block_write_zeroes,
		.effects = NVME_CMD_EFFECTS_LBCC,
	},
	[nvme_cmd_dsm] = {
		.name = "dsm", .dir = OC_DIR_OUT, .parse = oc_block_dsm,
		.effects = NVME_CMD_EFFECTS_LBCC,
	},
	[nvme_cmd_verify] = {
		.name = "verify", .parse = oc_block_verify,
	},
};

/* ---- the namespace ---------------------------------------------------- */

static void oc_block_identify(const struct oc_ns *ns, struct nvme_id_ns *id)
{
	const struct oc_block *block = ns->priv;
	const struct oc_geo *geo = &ns->geo;
	u64 used = 0;
	u32 i;

	for (i = 0; i < geo->num_grp; i++)
		used += READ_ONCE(block->ch[i].ftl.l2p.used);
	id->nsze = cpu_to_le64(oc_block_nsze(ns));
	id->ncap = id->nsze;
	id->nuse = cpu_to_le64(used);
	/* NUSE follows writes, but there is no thin provisioning: bit 0 is clear */
	id->nsfeat = OC_NSFEAT_ATOMIC | OC_NSFEAT_DULBE | OC_NSFEAT_OPTPERF;
	id->dlfeat = OC_DLFEAT_ZEROES | OC_DLFEAT_WZ_DEAC;
	/* One part is atomic; it ends where its stripe does */
	if (geo->num_grp > 1) {
		id->nawun = cpu_to_le16(geo->ws_opt - 1);
		id->nabsn = id->nawun;
	} else {
		id->nawun = cpu_to_le16(OC_VECTOR_MAX - 1);
	}
	/* Single blocks can be deallocated: NPDG and NPDA are 0, which means 1 */
	id->npwg = cpu_to_le16(geo->ws_min - 1);
	id->npwa = id->npwg;
	id->nows = cpu_to_le16(geo->ws_opt * geo->num_grp - 1);
}

static const struct oc_opcode oc_block_admin[256] = {
	[OC_ADMIN_GET_L2P] = {
		.name = "get L2P", .dir = OC_DIR_IN, .parse = oc_block_get_l2p,
	},
};

static u64 oc_block_bytes(const struct oc_ns *ns, u32 nr_lba)
{
	return ns->geo.num_grp * (oc_ftl_bytes(&ns->geo, nr_lba) +
				  sizeof(struct oc_block_ch) +
				  2 * oc_dev_max_lba(ns->dev));
}

static int oc_block_config(struct oc_ns *ns, const char *option,
			   struct oc_complaint *why)
{
	struct oc_geo *geo = &ns->geo;
	u32 nr_lba, spare;
	char value[24];

	ns->op = OC_FTL_OP;
	if (option && (kstrtou32(option, 0, &ns->op) ||
		       ns->op < OC_FTL_OP_MIN || ns->op > OC_FTL_OP_MAX)) {
		oc_complain(why, "ns", option,
			    "block:CHANNELS:OP with an over-provisioning of %u to %u per cent",
			    OC_FTL_OP_MIN, OC_FTL_OP_MAX);
		return -EINVAL;
	}
	scnprintf(value, sizeof(value), "block:%u:%u", geo->num_grp, ns->op);
	if (geo->clba < 2) {
		oc_complain(why, "ns", value, "clba of 2 or more");
		return -EINVAL;
	}
	nr_lba = oc_ftl_capacity(geo, ns->op);
	spare = oc_ftl_spare(geo, nr_lba);
	if (!nr_lba || spare < OC_FTL_SPARE) {
		oc_complain(why, "ns", value,
			    "%u chunks per channel beyond its capacity, not %u: more num_chk, num_pu or over-provisioning",
			    OC_FTL_SPARE, spare);
		return -EINVAL;
	}
	/* There is no place for metadata */
	geo->oob_size = 0;
	ns->format = oc_format_least(ns->dev, geo->lba_size);
	ns->table_bytes = oc_block_bytes(ns, nr_lba);
	return 0;
}

/* Whole stripes, so that all channels have as many */
static u64 oc_block_share(const struct oc_geo *geo, u64 nsze, u32 nr)
{
	u64 stripes = div_u64(nsze - 1, geo->ws_opt) + 1;

	return (div_u64(stripes - 1, nr) + 1) * geo->ws_opt;
}

/* Logical sectors of each channel */
static u32 oc_block_nr_lba(const struct oc_ns *ns)
{
	const struct oc_geo *geo = &ns->geo;

	if (!ns->nsze)
		return oc_ftl_capacity(geo, ns->op);
	return oc_block_share(geo, ns->nsze, geo->num_grp);
}

static u32 oc_block_most(const struct oc_geo *geo, u32 lost)
{
	u32 most;

	if (!oc_ftl_possible(geo) || geo->chks - OC_FTL_SPARE <= lost)
		return 0;
	most = (geo->chks - OC_FTL_SPARE - lost) * geo->clba;
	return min(most - most % geo->ws_opt,
		   oc_ftl_capacity(geo, OC_FTL_OP_MIN));
}

static void oc_block_carve(struct oc_ns *ns, u64 nsze, u32 nr)
{
	struct oc_geo *geo = &ns->geo;
	u32 nr_lba;

	geo->num_grp = nr;
	geo->oob_size = 0;
	ns->nsze = nsze;
	nr_lba = oc_block_nr_lba(ns);
	ns->op = min_t(u64, div_u64(((u64)geo->secs - nr_lba) * 100, nr_lba),
		       U32_MAX);
	ns->table_bytes = oc_block_bytes(ns, nr_lba);
}

/* Too many chunks are offline at load: the parameter state says so */
static void oc_block_complain(const struct oc_ns *ns,
			      const struct oc_channel *ch, u32 nr_lba,
			      struct oc_complaint *why)
{
	char value[40];

	scnprintf(value, sizeof(value), "%u offline chunks in group %u",
		  ch->stat.nr[OC_CHK_OFFLINE], ch->id);
	oc_complain(why, "state", value,
		    "at most %u in groups of block:%u:%u: the blocks need the others",
		    oc_ftl_spare(&ns->geo, nr_lba) - OC_FTL_SPARE,
		    ns->geo.num_grp, ns->op);
}

static int oc_block_open(struct oc_ns *ns, struct oc_complaint *why)
{
	const struct oc_geo *geo = &ns->geo;
	struct oc_block *block;
	u32 i;
	int ret;

	block = kvzalloc(struct_size(block, ch, geo->num_grp), GFP_KERNEL);
	if (!block)
		return -ENOMEM;
	ns->priv = block;
	block->nr_lba = oc_block_nr_lba(ns);
	block->nsze = ns->nsze ? ns->nsze :
				 (u64)block->nr_lba * geo->num_grp;
	for (i = 0; i < geo->num_grp; i++) {
		struct oc_channel *ch = &ns->dev->ch[ns->first + i];
		struct oc_block_ch *bch = &block->ch[i];

		bch->ch = ch;
		/* Large enough for all formats */
		bch->bounce = kmalloc(2 * oc_dev_max_lba(ns->dev), GFP_KERNEL);
		if (!bch->bounce)
			return -ENOMEM;
		ret = oc_ftl_init(&bch->ftl, ch->geo, ch->chunks, &ch->stat,
				  &oc_block_flash, ns->dev->gc,
				  block->nr_lba);
		if (ret == -ENOSPC)
			oc_block_complain(ns, ch, block->nr_lba, why);
		if (ret)
			return ret;
		/* Pairs with READ_ONCE() in code that does not own the channel */
		smp_store_release(&ch->ftl, &bch->ftl);
	}
	return 0;
}

/* The channels may have been freed already */
static void oc_block_exit(struct oc_ns *ns)
{
	struct oc_block *block = ns->priv;
	u32 i;

	if (!block)
		return;
	for (i = 0; i < ns->geo.num_grp; i++) {
		struct oc_block_ch *bch = &block->ch[i];

		oc_ftl_exit(&bch->ftl);
		kfree(bch->bounce);
	}
	kvfree(block);
	ns->priv = NULL;
}

/*
 * For each sector size it can have the format without metadata. If there is none,
 * the one with the least, whose metadata it then leaves out.
 */
static bool oc_block_fits(const struct oc_ns *ns, struct oc_geo *geo)
{
	const struct oc_dev *dev = ns->dev;
	u32 least = oc_format_least(dev, geo->lba_size);

	if (geo->oob_size != dev->formats[least].oob_size)
		return false;
	geo->oob_size = 0;
	return true;
}

static void oc_block_clear(struct oc_ns *ns)
{
	struct oc_block *block = ns->priv;
	u32 i;

	for (i = 0; i < ns->geo.num_grp; i++) {
		oc_ftl_reset(&block->ch[i].ftl);
		oc_block_freed(&block->ch[i]);
	}
}

const struct oc_ns_kind oc_ns_block = {
	.name		= "block",
	.fits		= oc_block_fits,
	.clear		= oc_block_clear,
	.encode		= oc_block_encode,
	.identify	= oc_block_identify,
	.dulbe		= true,
	.io		= oc_block_io,
	.admin		= oc_block_admin,
	.full		= OC_ERR(NVME_SC_CAP_EXCEEDED),
	.oncs		= NVME_CTRL_ONCS_COMPARE |
			  NVME_CTRL_ONCS_WRITE_UNCORRECTABLE |
			  NVME_CTRL_ONCS_DSM | NVME_CTRL_ONCS_WRITE_ZEROES |
			  OC_ONCS_VERIFY,
	.config		= oc_block_config,
	.most		= oc_block_most,
	.share		= oc_block_share,
	.carve		= oc_block_carve,
	.open		= oc_block_open,
	.exit		= oc_block_exit,
};
