// SPDX-License-Identifier: GPL-2.0
/*
 * cmd/engine.c - from a command to its parts and back
 *
 * Parsers decide what a command does; the channels it touches do the work. Every
 * command ends in oc_cmd_end(), once.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "oc.h"
#include "oc_assert.h"
#include "oc_channel.h"
#include "oc_cmd.h"
#include "oc_data.h"
#include "oc_dev.h"
#include "oc_fault.h"
#include "oc_geometry.h"
#include "oc_l2p.h"
#include "oc_media.h"
#include "oc_trace.h"
#include "oc_wire.h"

/* A submitter may be reclaim itself: leave its reserves alone */
#define OC_NO_SLEEP	(GFP_NOWAIT | __GFP_NOWARN | __GFP_NOMEMALLOC)
/* The host may be writing back to this very device under memory pressure */
#define OC_MAY_SLEEP	(GFP_NOIO | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

/**
 * oc_cmd_end() - a command is over
 * @cmd:	command; not touched afterwards
 * @status:	NVMe status
 *
 * Context: any; does not sleep.
 */
void oc_cmd_end(struct oc_cmd *cmd, u16 status)
{
	const struct oc_queue_ops *ops = cmd->queue->ops;

	cmd->status = status;
	if (unlikely(status))
		ops->failed(cmd);
	if (trace_oc_refuse_enabled() && status)
		trace_oc_refuse(cmd, ops->name(cmd));
	if (trace_oc_cmd_end_enabled())
		trace_oc_cmd_end(cmd, ops->name(cmd));
	cmd->done(cmd);
}

/* Must a command end between two rounds? Called under RCU */
static enum oc_cut oc_cmd_why_cut(const struct oc_cmd *cmd)
{
	/* Pairs with smp_store_release() in oc_freeze_shut() */
	enum oc_cut why = smp_load_acquire(&cmd->ns->gate);
	u32 epoch = READ_ONCE(cmd->ns->epoch);

	if (why)
		return why;
	if (cmd->epoch != epoch)
		return oc_epoch_why(epoch);
	return cmd->queue->ops->why_cut(cmd);
}

/* Start another round of a command, if there is one */
static bool oc_cmd_again(struct oc_cmd *cmd, u16 *status)
{
	bool again = false;
	enum oc_cut why;

	rcu_read_lock();
	why = oc_cmd_why_cut(cmd);
	if (unlikely(why))
		*status = oc_cut_status(cmd, why);
	else
		again = cmd->more(cmd);
	rcu_read_unlock();
	return again;
}

/* All parts are over: one status, one bitmap */
static void oc_cmd_join(struct oc_cmd *cmd)
{
	u64 failed = cmd->failed;
	u16 status = cmd->status;
	u32 i;

	for (i = 0; i < cmd->nr_parts; i++) {
		const struct oc_part *part = &cmd->parts[i];

		if (unlikely(part->status))
			oc_failed_add(&failed, &status, part->failed,
				      part->status);
	}

	if (!status && cmd->more && oc_cmd_again(cmd, &status))
		return;
	if (unlikely(READ_ONCE(cmd->lose)) && cmd->queue->ops->lose(cmd))
		return;
	if (unlikely(status)) {
		cmd->failed = failed;
		if (!cmd->scalar)
			cmd->result.u64 = cpu_to_le64(failed);
	}
	oc_cmd_end(cmd, status);
}

static void oc_part_fail_all(struct oc_part *part, u16 status)
{
	part->status = status;
	part->failed = part->sectors | part->sources;
}

static void oc_part_undo(struct oc_part *part)
{
	if (part->cmd->exec->undo)
		part->cmd->exec->undo(part);
}

/**
 * oc_part_empty() - which sectors of a part hold nothing?
 * @part:	part
 * @bits:	some of its sectors
 *
 * Context: owner of the part's channel.
 * Return: those of @bits.
 */
u64 oc_part_empty(const struct oc_part *part, u64 bits)
{
	const struct oc_addr *addr = part->cmd->addr;
	const struct oc_channel *ch = part->ch;
	u64 left;

	oc_assert_owned(ch);
	for (left = bits; left; left &= left - 1)
		if (oc_l2p_get(&ch->l2p,
			       oc_geo_index(ch->geo, &addr[__ffs64(left)])) !=
		    OC_L2P_NONE)
			bits ^= left & -left;
	return bits;
}

/**
 * oc_part_unprepare() - give back the room made for a part that is not written
 * @part:	part, perhaps prepared only partly
 *
 * Sectors that held data before keep it; the others are free again.
 *
 * Context: owner of the part's channel.
 */
void oc_part_unprepare(struct oc_part *part)
{
	const struct oc_cmd *cmd = part->cmd;
	struct oc_channel *ch = part->ch;
	u64 left = part->fresh;
	u32 i, n;

	oc_assert_owned(ch);
	while (left) {
		i = oc_cmd_next_run(cmd, &left, OC_VECTOR_MAX, &n);
		ch->dev->media->unprepare(ch, oc_geo_index(ch->geo,
							   &cmd->addr[i]), n);
	}
	/* Room may be made for it again */
	part->fresh = 0;
}

/* The status of a command that could not be prepared */
static u16 oc_cmd_short(const struct oc_cmd *cmd, int err)
{
	/* No DNR: a shortage of memory passes, and the host may retry */
	return err == -ENOSPC ? cmd->ns->kind->full : NVME_SC_INTERNAL;
}

static void oc_part_commit(struct oc_part *part)
{
	oc_assert_owned(part->ch);
	part->cmd->exec->commit(part);
	if (unlikely(part->ch->faults))
		oc_fault_late(part);
}

static bool oc_part_run(struct oc_part *part, bool may_sleep)
{
	const struct oc_exec *exec = part->cmd->exec;
	u16 status;
	int ret;

	oc_assert_owned(part->ch);
	if (exec->check) {
		status = exec->check(part);
		if (unlikely(status)) {
			oc_part_undo(part);
			oc_part_fail_all(part, status);
			return true;
		}
	}
	ret = exec->prepare ? exec->prepare(part, may_sleep ? OC_MAY_SLEEP :
							      OC_NO_SLEEP) : 0;
	if (unlikely(ret)) {
		oc_part_undo(part);
		oc_part_unprepare(part);
		if (!may_sleep && ret != -ENOSPC)
			return false;
		oc_count_add(part->ch->count.fails, hweight64(part->sectors));
		oc_part_fail_all(part, oc_cmd_short(part->cmd, ret));
		return true;
	}
	oc_part_commit(part);
	return true;
}

static void oc_part_done(struct oc_part *part)
{
	struct oc_cmd *cmd = part->cmd;

	if (cmd->nr_parts == 1 || atomic_dec_and_test(&cmd->left))
		oc_cmd_join(cmd);
}

static const struct oc_part_ops oc_part_ops = {
	.run	= oc_part_run,
	.done	= oc_part_done,
};

static void oc_atomic_undo(struct oc_cmd *cmd)
{
	u32 i;

	for (i = 0; i < cmd->nr_parts; i++)
		oc_part_undo(&cmd->parts[i]);
}

static void oc_atomic_fail(struct oc_cmd *cmd, u16 status)
{
	u32 i;

	for (i = 0; i < cmd->nr_parts; i++)
		oc_part_fail_all(&cmd->parts[i], status);
}

/* Run a command that owns all its channels. Returns false if it would sleep */
static bool oc_atomic_run(struct oc_cmd *cmd, bool may_sleep)
{
	const struct oc_exec *exec = cmd->exec;
	gfp_t gfp = may_sleep ? OC_MAY_SLEEP : OC_NO_SLEEP;
	u16 status;
	u32 i, k;
	int ret;

	for (i = 0; i < cmd->nr_parts; i++) {
		status = exec->check(&cmd->parts[i]);
		if (unlikely(status)) {
			oc_atomic_undo(cmd);
			oc_atomic_fail(cmd, status);
			return true;
		}
	}
	for (i = 0; i < cmd->nr_parts; i++) {
		ret = exec->prepare(&cmd->parts[i], gfp);
		if (likely(!ret))
			continue;
		oc_atomic_undo(cmd);
		/* Else a retry would mistake what this pass allocated for old data */
		for (k = 0; k <= i; k++)
			oc_part_unprepare(&cmd->parts[k]);
		if (!may_sleep && ret != -ENOSPC)
			return false;
		oc_count_add(cmd->parts[i].ch->count.fails,
			     hweight64(cmd->parts[i].sectors));
		oc_atomic_fail(cmd, oc_cmd_short(cmd, ret));
		return true;
	}
	for (i = 0; i < cmd->nr_parts; i++)
		oc_part_commit(&cmd->parts[i]);
	return true;
}

/* The command waits for its next channel: the thread that owned the others passes */
static void oc_atomic_pass(struct oc_cmd *cmd)
{
	u32 i;

	for (i = 0; i < cmd->nr_owned; i++)
		oc_owner_pass(cmd->parts[i].ch);
}

/* The thread that resumes the command receives them */
static void oc_atomic_receive(struct oc_cmd *cmd)
{
	u32 i;

	for (i = 0; i < cmd->nr_owned; i++)
		oc_owner_receive(cmd->parts[i].ch);
}

/*
 * Own the channels that are still missing, then run. If one is busy, the command
 * is queued there and oc_atomic_grant() resumes it: after the enqueue this thread
 * must not touch the command any more.
 */
static void oc_atomic_collect(struct oc_cmd *cmd, bool may_sleep)
{
	u32 nr = cmd->nr_parts, i;
	bool ran, deferred;

	while (cmd->nr_owned < nr) {
		struct oc_part *part = &cmd->parts[cmd->nr_owned];

		if (!oc_channel_try_own(part->ch)) {
			oc_atomic_pass(cmd);
			oc_channel_enqueue(part);
			return;
		}
		cmd->nr_owned++;
	}

	ran = oc_atomic_run(cmd, may_sleep);
	atomic_set(&cmd->left, nr);
	for (i = 0; i < nr; i++) {
		struct oc_part *part = &cmd->parts[i];
		struct oc_channel *ch = part->ch;

		if (ran && !may_sleep)
			oc_count_add(ch->count.inline_runs, 1);
		deferred = ran && oc_part_defer(part);
		oc_channel_release(ch);
		/* The last one may free the command */
		if (ran && !deferred)
			oc_part_done(part);
	}
	if (ran) {
		if (!may_sleep)
			oc_channel_give_way();
		return;
	}

	/* Retry from the worker, which may sleep */
	cmd->nr_owned = 0;
	oc_channel_enqueue(&cmd->parts[0]);
}

static void oc_atomic_grant(struct oc_part *part)
{
	oc_atomic_receive(part->cmd);
	part->cmd->nr_owned++;
	oc_atomic_collect(part->cmd, true);
}

static const struct oc_part_ops oc_atomic_ops = {
	.done	= oc_part_done,
	.grant	= oc_atomic_grant,
};

/**
 * oc_cmd_start() - run a command's parts on their channels
 * @cmd:	command, split; may be over when this returns
 * @exec:	what to do
 *
 * Context: any, with interrupts enabled; does not sleep.
 */
void oc_cmd_start(struct oc_cmd *cmd, const struct oc_exec *exec)
{
	bool atomic = exec->atomic;
	u32 nr = cmd->nr_parts;
	u32 i;

	cmd->exec = exec;
	cmd->arrival_ns = READ_ONCE(cmd->ns->dev->timed) ? ktime_get_ns() : 0;
	if (likely(nr == 1)) {
		cmd->parts[0].ops = &oc_part_ops;
		oc_channel_submit(&cmd->parts[0]);
		return;
	}
	for (i = 0; i < nr; i++)
		cmd->parts[i].ops = atomic ? &oc_atomic_ops : &oc_part_ops;

	if (!nr) {
		oc_cmd_join(cmd);
	} else if (!atomic) {
		atomic_set(&cmd->left, nr);
		for (i = 0; i < nr; i++)
			oc_channel_submit(&cmd->parts[i]);
	} else {
		cmd->nr_owned = 0;
		if (READ_ONCE(cmd->ns->dev->use_inline))
			oc_atomic_collect(cmd, false);
		else
			oc_channel_enqueue(&cmd->parts[0]);
	}
}

static void oc_part_init(struct oc_part *part, struct oc_cmd *cmd,
			 struct oc_channel *ch, u64 sectors)
{
	/* The other fields are set before they are used */
	part->ch = ch;
	part->cmd = cmd;
	part->sectors = sectors;
	part->sources = 0;
	part->stale = 0;
	part->failed = 0;
	part->status = 0;
	part->suspendable = false;
	part->when.expires = 0;
}

/* The command's part for channel @ch, added if missing; parts stay ascending */
static struct oc_part *oc_cmd_part(struct oc_cmd *cmd, struct oc_channel *ch)
{
	struct oc_part *part;
	u32 pos = cmd->nr_parts;

	while (pos && cmd->parts[pos - 1].ch > ch)
		pos--;
	if (pos && cmd->parts[pos - 1].ch == ch)
		return &cmd->parts[pos - 1];

	part = &cmd->parts[pos];
	if (pos < cmd->nr_parts)
		memmove(part + 1, part, (cmd->nr_parts - pos) * sizeof(*part));
	cmd->nr_parts++;
	oc_part_init(part, cmd, ch, 0);
	return part;
}

/**
 * oc_cmd_split() - make one part for each channel a command touches
 * @cmd:	command with decoded addresses; those in @cmd->invalid and
 *		@cmd->src_invalid are skipped
 *
 * Context: any; does not sleep.
 */
void oc_cmd_split(struct oc_cmd *cmd)
{
	struct oc_channel *first = &cmd->ns->dev->ch[cmd->ns->first];
	struct oc_part *part = NULL;
	u32 i, grp = 0;
	u64 bit = 1;

	if (likely(cmd->nr == 1 && !cmd->invalid && !cmd->copy)) {
		cmd->nr_parts = 1;
		oc_part_init(cmd->parts, cmd, first + cmd->addr[0].grp, 1);
		return;
	}
	cmd->nr_parts = 0;
	for (i = 0; i < cmd->nr; i++, bit <<= 1) {
		if (unlikely(cmd->invalid & bit))
			continue;
		if (!part || cmd->addr[i].grp != grp) {
			grp = cmd->addr[i].grp;
			part = oc_cmd_part(cmd, first + grp);
		}
		part->sectors |= bit;
	}
	if (likely(!cmd->copy))
		return;

	for (i = 0; i < cmd->nr; i++) {
		if (cmd->src_invalid & BIT_ULL(i))
			continue;
		part = oc_cmd_part(cmd, first + cmd->src[i].grp);
		part->sources |= BIT_ULL(i);
	}
}

/**
 * oc_cmd_max_parts() - the most parts that a command of a device can have
 * @dev:	device
 *
 * Context: any.
 * Return: the number of parts an oc_cmd needs room for.
 */
u32 oc_cmd_max_parts(const struct oc_dev *dev)
{
	/* A copy has as many sources as destinations */
	return min(dev->geo.num_grp, 2 * OC_VECTOR_MAX);
}
