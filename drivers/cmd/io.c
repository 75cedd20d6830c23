// SPDX-License-Identifier: GPL-2.0
/*
 * cmd/io.c - from a command to its parts and back
 *
 * A parser decides first and changes nothing; channels do the work later. Every
 * command ends in oc_cmd_end(), once.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "oc_admin.h"
#include "oc_data.h"
#include "oc_fault.h"
#include "oc_trace.h"

/* An inline submitter may be reclaim itself: leave its reserves alone */
#define OC_NO_SLEEP	(GFP_NOWAIT | __GFP_NOWARN | __GFP_NOMEMALLOC)
/* Memory pressure may be the host writing back to this very device */
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
	cmd->status = status;
	if (unlikely(status) && cmd->queue->ctrl)
		oc_ctrl_log_error(cmd->queue->ctrl, cmd);
	if (trace_oc_refuse_enabled() && status)
		trace_oc_refuse(cmd);
	trace_oc_cmd_end(cmd);
	cmd->done(cmd);
}

/*
 * No command begins while its namespace is formatted, or all are sanitized, or
 * where there is none. Called under RCU, which those wait for who change that.
 */
static u16 oc_cmd_check_gate(struct oc_cmd *cmd)
{
	/* Pairs with smp_store_release() of freeze.c */
	enum oc_cut why = smp_load_acquire(&cmd->ns->gate);

	return likely(!why) ? 0 : oc_cut_status(cmd, why);
}

/* What has come between two rounds of a command. Called under RCU */
static enum oc_cut oc_cmd_came(const struct oc_cmd *cmd)
{
	/* Pairs with smp_store_release() of freeze.c */
	enum oc_cut why = smp_load_acquire(&cmd->ns->gate);
	u32 epoch = READ_ONCE(cmd->ns->epoch);

	if (why)
		return why;
	if (cmd->epoch != epoch)
		return oc_epoch_why(epoch);
	if (READ_ONCE(cmd->queue->closing))
		return OC_CUT_QUEUE;
	/* A host without a controller has all there are */
	if (cmd->queue->ctrl &&
	    !oc_ns_active(cmd->queue->ctrl->port, cmd->ns->nsid))
		return OC_CUT_DETACH;
	return OC_CUT_NOT;
}

/* Start another round of a command, if there is one */
static bool oc_cmd_again(struct oc_cmd *cmd, u16 *status)
{
	bool again = false;
	enum oc_cut why;

	rcu_read_lock();
	why = oc_cmd_came(cmd);
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

		if (likely(!part->status))
			continue;
		/* Sectors that are good but for a warning only count alone */
		if (status && oc_fault_is_warning(part->status) &&
		    !oc_fault_is_warning(status))
			continue;
		if (oc_fault_is_warning(status) &&
		    !oc_fault_is_warning(part->status))
			status = 0;
		if (!status)
			failed = cmd->failed;
		/* The status is that of the first sector that failed */
		if (!status || __ffs64(part->failed) < __ffs64(failed))
			status = part->status;
		failed |= part->failed;
	}

	if (!status && cmd->more && oc_cmd_again(cmd, &status))
		return;
	if (unlikely(READ_ONCE(cmd->lose)) && oc_queue_lose(cmd))
		return;
	if (unlikely(status)) {
		cmd->failed = failed;
		if (!cmd->scalar)
			cmd->result.u64 = cpu_to_le64(failed);
	}
	oc_cmd_end(cmd, status);
}

static void oc_part_fail(struct oc_part *part, u16 status)
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
 * oc_part_empty() - which of a part's sectors hold nothing
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
 * oc_part_unprepare() - a part that room was made for will not be written
 * @part:	part, perhaps of a command for which there was not room enough
 *
 * What was there is as it was, and nothing is where nothing was.
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
		i = oc_cmd_cut(cmd, &left, OC_VECTOR_MAX, &n);
		ch->dev->media->unprepare(ch, oc_geo_index(ch->geo,
							   &cmd->addr[i]), n);
	}
	/* Room may be made for it again */
	part->fresh = 0;
}

/* The status of a command for which memory could not be had */
static u16 oc_cmd_short(const struct oc_cmd *cmd, int err)
{
	/* Of a shortage that passes the host may well try again */
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
			oc_part_fail(part, status);
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
		oc_part_fail(part, oc_cmd_short(part->cmd, ret));
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
		oc_part_fail(&cmd->parts[i], status);
}

/* Run a command that owns all its channels. False: it would have slept */
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
		/* A second pass would take the first one's sectors for old ones */
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

/* The channels collected so far are the command's while it waits for another */
static void oc_atomic_pass(struct oc_cmd *cmd)
{
	u32 i;

	for (i = 0; i < cmd->held; i++)
		oc_owner_pass(cmd->parts[i].ch);
}

/* And its that goes on with it */
static void oc_atomic_adopt(struct oc_cmd *cmd)
{
	u32 i;

	for (i = 0; i < cmd->held; i++)
		oc_owner_adopt(cmd->parts[i].ch);
}

/*
 * Collect the channels that are still missing, then run. Whenever one is busy
 * the command waits in its inbox and oc_atomic_grant() goes on from there, so
 * after the enqueue this thread has nothing more to say.
 */
static void oc_atomic_collect(struct oc_cmd *cmd, bool may_sleep)
{
	u32 nr = cmd->nr_parts, i;
	bool ran, held;

	while (cmd->held < nr) {
		struct oc_part *part = &cmd->parts[cmd->held];

		if (!oc_channel_take(part->ch)) {
			oc_atomic_pass(cmd);
			oc_channel_enqueue(part);
			return;
		}
		cmd->held++;
	}

	ran = oc_atomic_run(cmd, may_sleep);
	atomic_set(&cmd->left, nr);
	for (i = 0; i < nr; i++) {
		struct oc_part *part = &cmd->parts[i];
		struct oc_channel *ch = part->ch;

		if (ran && !may_sleep)
			oc_count_add(ch->count.inline_runs, 1);
		held = ran && oc_channel_hold(part);
		oc_channel_release(ch);
		/* The last part takes the command with it */
		if (ran && !held)
			oc_part_done(part);
	}
	if (ran) {
		if (!may_sleep)
			oc_channel_give_way();
		return;
	}

	/* Start again from the inbox: what comes out of it may sleep */
	cmd->held = 0;
	oc_channel_enqueue(&cmd->parts[0]);
}

static void oc_atomic_grant(struct oc_part *part)
{
	oc_atomic_adopt(part->cmd);
	part->cmd->held++;
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
		cmd->held = 0;
		if (READ_ONCE(cmd->ns->dev->use_inline))
			oc_atomic_collect(cmd, false);
		else
			oc_channel_enqueue(&cmd->parts[0]);
	}
}

static void oc_part_init(struct oc_part *part, struct oc_cmd *cmd,
			 struct oc_channel *ch, u64 sectors)
{
	/* The rest means nothing before it is set */
	part->ch = ch;
	part->cmd = cmd;
	part->sectors = sectors;
	part->sources = 0;
	part->missed = 0;
	part->failed = 0;
	part->status = 0;
	part->moves = false;
	part->when.expires = 0;
}

/* The command's part for channel @ch, made if need be; parts stay ascending */
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
 * oc_cmd_split() - make one part for each channel the command touches
 * @cmd:	command with decoded addresses; those in @cmd->invalid and
 *		@cmd->src_invalid get none
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
 * oc_cmd_max_parts() - parts the largest command of a device can have
 * @dev:	device
 *
 * Context: any.
 * Return: parts an oc_cmd needs room for.
 */
u32 oc_cmd_max_parts(const struct oc_dev *dev)
{
	/* A copy has as many sources again */
	return min(dev->geo.num_grp, 2 * OC_VECTOR_MAX);
}

static void oc_cmd_decode(struct oc_cmd *cmd, u32 i, u64 lba)
{
	const struct oc_ns *ns = cmd->ns;
	bool ok;

	if (ns->kind->decode)
		ok = ns->kind->decode(ns, lba, &cmd->addr[i]);
	else
		ok = oc_geo_decode(&ns->geo, lba, &cmd->addr[i]);
	if (unlikely(!ok))
		cmd->invalid |= BIT_ULL(i);
}

/* What stands at byte @where of a command */
static u64 oc_cmd_word(const struct oc_cmd *cmd, u16 where)
{
	return le64_to_cpup((const void *)cmd->sqe + where);
}

/**
 * oc_cmd_map_list() - find a list of addresses that the host holds ready
 * @cmd:	command
 * @where:	byte of the command where the list's bus address stands
 * @nr:		addresses
 *
 * Context: any; does not sleep.
 * Return: the list; NULL if it was not handed out to who sends the command, or
 * is not aligned to 8 bytes.
 */
const __le64 *oc_cmd_map_list(struct oc_cmd *cmd, u16 where, u32 nr)
{
	u64 handle = oc_cmd_word(cmd, where);

	if (handle % sizeof(__le64))
		return NULL;
	return cmd->host->map(cmd, where, handle, nr * sizeof(__le64));
}

/**
 * oc_cmd_list() - fetch and decode the addresses of a vector command
 * @cmd:	command
 * @where:	byte of the command where the address itself stands if @nr is 1,
 *		else the bus address of a list
 * @nr:		addresses, at most OC_VECTOR_MAX
 *
 * The list is read once; whatever its owner does to it later does not matter.
 *
 * Context: any; does not sleep.
 * Return: false if no such list was handed out to who sends the command.
 */
bool oc_cmd_list(struct oc_cmd *cmd, u16 where, u32 nr)
{
	const __le64 *list;
	u32 i;

	cmd->nr = nr;
	cmd->invalid = 0;
	if (nr == 1) {
		oc_cmd_decode(cmd, 0, oc_cmd_word(cmd, where));
		return true;
	}

	list = oc_cmd_map_list(cmd, where, nr);
	if (!list) {
		/* What @addr holds is another command's */
		cmd->nr = 0;
		return false;
	}
	for (i = 0; i < nr; i++)
		oc_cmd_decode(cmd, i, le64_to_cpu(READ_ONCE(list[i])));
	return true;
}

/**
 * oc_cmd_sources() - fetch and decode what a vector copy copies from
 * @cmd:	command that has had its oc_cmd_list(), which said how many
 * @where:	byte of the command where the address itself stands if it is one,
 *		else the bus address of a list
 *
 * Context: any; does not sleep.
 * Return: false if no such list was handed out to who sends the command.
 */
bool oc_cmd_sources(struct oc_cmd *cmd, u16 where)
{
	u64 lba = oc_cmd_word(cmd, where);
	const __le64 *list = NULL;
	u32 i;

	if (cmd->nr > 1) {
		list = oc_cmd_map_list(cmd, where, cmd->nr);
		if (!list)
			return false;
	}
	cmd->copy = true;
	cmd->src_invalid = 0;
	for (i = 0; i < cmd->nr; i++) {
		if (list)
			lba = le64_to_cpu(READ_ONCE(list[i]));
		if (!oc_geo_decode(&cmd->ns->geo, lba, &cmd->src[i]))
			cmd->src_invalid |= BIT_ULL(i);
	}
	return true;
}

/**
 * oc_cmd_no_list() - refuse a command that has a list where its address belongs
 * @cmd:	command with one address, in CDW10-11
 *
 * Of an ioctl's list lightnvm makes a copy, and puts its bus address into the
 * command, though it be one that knows no lists. Taken for an address of sectors,
 * it would tell who sent it where in memory that is.
 *
 * Context: any.
 * Return: 0, or Invalid Field.
 */
u16 oc_cmd_no_list(struct oc_cmd *cmd)
{
	if (likely(!cmd->listed))
		return 0;
	cmd->err_loc = offsetof(struct nvme_common_command, cdw10);
	return OC_ERR(NVME_SC_INVALID_FIELD);
}

/**
 * oc_cmd_range() - decode the addresses of a scalar command
 * @cmd:	command
 * @slba:	first address; @slba + @nr does not overflow
 * @nr:		addresses, at most OC_VECTOR_MAX
 *
 * Context: any; does not sleep.
 */
void oc_cmd_range(struct oc_cmd *cmd, u64 slba, u32 nr)
{
	const struct oc_ns *ns = cmd->ns;
	u32 i, more = 0;

	cmd->nr = nr;
	cmd->invalid = 0;
	cmd->scalar = true;
	if (likely(nr == 1)) {
		oc_cmd_decode(cmd, 0, slba);
		return;
	}
	for (i = 0; i < nr; i++) {
		/* In a chunk the next address is the next sector */
		if (more) {
			cmd->addr[i] = cmd->addr[i - 1];
			cmd->addr[i].sec++;
			more--;
			continue;
		}
		oc_cmd_decode(cmd, i, slba + i);
		if (!ns->kind->decode && !(cmd->invalid & BIT_ULL(i)))
			more = ns->geo.clba - cmd->addr[i].sec - 1;
	}
}

/**
 * oc_cmd_need_data() - has the host given a buffer this long?
 * @cmd:	command
 * @len:	bytes
 *
 * More than needed is fine: hosts pass one fixed buffer for several lengths.
 *
 * Context: any.
 * Return: 0, or Data SGL Length Invalid.
 */
u16 oc_cmd_need_data(struct oc_cmd *cmd, u32 len)
{
	if (likely(cmd->data_len >= len))
		return 0;
	cmd->err_loc = offsetof(struct nvme_common_command, dptr);
	return OC_ERR(NVME_SC_SGL_INVALID_DATA);
}

/**
 * oc_cmd_need_oob() - find the host's metadata buffer
 * @cmd:	command; @cmd->oob is set, to NULL if the host gave none
 * @mptr:	the command's metadata pointer
 * @len:	bytes it must have
 *
 * Context: any; does not sleep.
 * Return: 0, Metadata SGL Length Invalid if the buffer that came with the data
 * is too short, Invalid Field if the pointer was not handed out to who sends the
 * command.
 */
u16 oc_cmd_need_oob(struct oc_cmd *cmd, u64 mptr, u32 len)
{
	cmd->oob = NULL;
	if (!len)
		return 0;

	cmd->err_loc = offsetof(struct nvme_common_command, metadata);
	if (cmd->meta) {
		if (cmd->meta_len < len)
			return OC_ERR(NVME_SC_SGL_INVALID_METADATA);
		cmd->oob = cmd->meta;
	} else if (mptr) {
		cmd->oob = cmd->host->map(cmd, cmd->err_loc, mptr, len);
		if (!cmd->oob)
			return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	cmd->err_loc = U16_MAX;
	return 0;
}

/**
 * oc_copy_to_host() - put bytes into a command's data buffer
 * @cmd:	command
 * @off:	where in the buffer
 * @src:	bytes
 * @len:	how many
 *
 * Context: any; does not sleep.
 * Return: 0, or Data SGL Length Invalid if the buffer ends before.
 */
u16 oc_copy_to_host(struct oc_cmd *cmd, u32 off, const void *src, u32 len)
{
	struct iov_iter iter = cmd->data;
	u16 status;

	status = oc_cmd_need_data(cmd, off + len);
	if (status)
		return status;
	iov_iter_advance(&iter, off);
	oc_iter_put(&iter, src, len);
	return 0;
}

/* Is a command for all the namespaces of its controller? Of I/O commands Flush may be */
static bool oc_io_is_for_all(const struct oc_cmd *cmd)
{
	return cmd->queue->qid &&
		cmd->sqe->common.opcode == nvme_cmd_flush &&
		cmd->sqe->common.nsid == cpu_to_le32(NVME_NSID_ALL);
}

/**
 * oc_cmd_name() - a command in words
 * @cmd:	command, at any time
 *
 * Context: any.
 * Return: the name of its opcode, "unknown" for one that is none.
 */
const char *oc_cmd_name(const struct oc_cmd *cmd)
{
	const struct oc_ctrl *ctrl = READ_ONCE(cmd->queue->ctrl);
	const struct oc_ns *ns = cmd->ns;
	u8 opcode = cmd->sqe->common.opcode;
	const struct oc_ns_kind *kind;
	const char *name = NULL;

	if (opcode == nvme_fabrics_command)
		return "fabrics";
	if (oc_io_is_for_all(cmd))
		return "flush";
	if (!ns && ctrl && cmd->queue->qid)
		ns = oc_ns_active(ctrl->port,
				  le32_to_cpu(cmd->sqe->common.nsid));
	/* It may go meanwhile; kinds do not */
	kind = ns ? READ_ONCE(ns->kind) : NULL;
	if (!cmd->queue->qid) {
		name = oc_admin_ops[opcode].name;
		if (!name && kind && kind->admin)
			name = kind->admin[opcode].name;
	} else if (kind) {
		name = kind->io[opcode].name;
	}
	return name ? name : "unknown";
}

/**
 * oc_cmd_culprit() - the first address of a command that failed
 * @cmd:	command that is over
 *
 * Context: any.
 * Return: the address, of @cmd->addr; NULL if it failed for something else, or
 * the address names no sector.
 */
const struct oc_addr *oc_cmd_culprit(const struct oc_cmd *cmd)
{
	u32 i = cmd->failed ? __ffs64(cmd->failed) : 0;

	if (!cmd->nr || (cmd->invalid & BIT_ULL(i)))
		return NULL;
	return &cmd->addr[i];
}

/**
 * oc_cmd_field() - the field of a command that a byte belongs to
 * @err_loc:	byte of the command, ffffh for none
 *
 * Context: any.
 * Return: the first byte of the field, 255 for none.
 */
u8 oc_cmd_field(u16 err_loc)
{
	if (err_loc >= sizeof(struct nvme_command))
		return U8_MAX;
	if (err_loc < 4)
		return err_loc;
	/* MPTR and DPTR are longer than a dword */
	if (err_loc >= 16 && err_loc < 24)
		return 16;
	if (err_loc >= 24 && err_loc < 40)
		return 24;
	return err_loc & ~3;
}

/**
 * oc_cmd_counted() - commands of one kind the host has sent
 * @dev:	device
 * @kind:	OC_COUNT_*
 *
 * Context: any.
 * Return: how many.
 */
u64 oc_cmd_counted(const struct oc_dev *dev, u32 kind)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(dev->cmds, cpu)->nr[kind]);
	return sum;
}

/* A command whose namespace is known */
static u16 oc_ns_parse_io(struct oc_cmd *cmd)
{
	const struct nvme_command *sqe = cmd->sqe;
	u16 status = oc_cmd_check_gate(cmd);
	const struct oc_opcode *row;

	if (unlikely(status))
		return status;
	cmd->epoch = READ_ONCE(cmd->ns->epoch);
	cmd->dulbe = READ_ONCE(cmd->ns->dulbe);
	row = &cmd->ns->kind->io[sqe->common.opcode];
	if (unlikely(!row->parse)) {
		cmd->err_loc = offsetof(struct nvme_common_command, opcode);
		return OC_ERR(NVME_SC_INVALID_OPCODE);
	}
	/* No fused commands */
	if (unlikely(sqe->common.flags & (NVME_CMD_FUSE_FIRST |
					  NVME_CMD_FUSE_SECOND))) {
		cmd->err_loc = offsetof(struct nvme_common_command, flags);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	if (row->dir == OC_DIR_IN && unlikely(!cmd->to_host))
		return OC_ERR(NVME_SC_INVALID_FIELD);

	this_cpu_inc(cmd->ns->dev->cmds->nr[row->count]);
	return row->parse(cmd);
}

/* Written means stored, whichever namespaces there are (NVMe 1.4, 6.8) */
static u16 oc_io_flush_all(struct oc_cmd *cmd)
{
	struct oc_dev *dev = cmd->queue->ctrl->dev;

	if (cmd->sqe->common.flags & (NVME_CMD_FUSE_FIRST |
				      NVME_CMD_FUSE_SECOND)) {
		cmd->err_loc = offsetof(struct nvme_common_command, flags);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	this_cpu_inc(dev->cmds->nr[OC_COUNT_OTHER]);
	return oc_sanitize_status(dev);
}

static u16 oc_io_parse(struct oc_cmd *cmd)
{
	struct oc_ctrl *ctrl = cmd->queue->ctrl;

	/* An I/O queue before its Connect, a controller before it is enabled */
	if (unlikely(!ctrl || !(READ_ONCE(ctrl->csts) & NVME_CSTS_RDY)))
		return OC_ERR(NVME_SC_CMD_SEQ_ERROR);

	cmd->ns = oc_ns_active(ctrl->port,
			       le32_to_cpu(cmd->sqe->common.nsid));
	if (likely(cmd->ns))
		return oc_ns_parse_io(cmd);
	return oc_io_is_for_all(cmd) ? oc_io_flush_all(cmd) :
				       oc_inactive_ns(cmd);
}

/* A reset waits for these, and what reclaim writes back may wait for the reset */
static void oc_cmd_work(struct work_struct *work)
{
	struct oc_cmd *cmd = container_of(work, struct oc_cmd, work);
	unsigned int noio = memalloc_noio_save();
	u16 status;

	if (cmd->sqe->common.opcode == nvme_fabrics_command)
		status = oc_fabrics_parse(cmd);
	else
		status = oc_admin_parse(cmd);
	if (status != OC_ASYNC)
		oc_cmd_end(cmd, status);
	memalloc_noio_restore(noio);
}

static void oc_cmd_begin(struct oc_cmd *cmd)
{
	cmd->status = 0;
	cmd->err_loc = U16_MAX;
	cmd->result.u64 = 0;
	cmd->ns = NULL;
	cmd->more = NULL;
	cmd->oob = NULL;
	cmd->scalar = false;
	cmd->copy = false;
	cmd->lose = OC_LOSE_NOT;
	cmd->slow = false;
	cmd->failed = 0;
	cmd->nr = 0;
	cmd->nr_parts = 0;
}

/**
 * oc_cmd_submit() - serve a command
 * @cmd:	command with @sqe, @host, @done, @queue, @data, @data_len,
 *		@to_host, @listed, @meta and @meta_len set; may be over on return
 *
 * The caller has entered @cmd->queue and leaves it after done().
 *
 * Context: any, with interrupts enabled; does not sleep.
 */
void oc_cmd_submit(struct oc_cmd *cmd)
{
	u16 status;

	oc_cmd_begin(cmd);
	trace_oc_cmd_begin(cmd);
	if (cmd->sqe->common.opcode == nvme_fabrics_command ||
	    !cmd->queue->qid) {
		INIT_WORK(&cmd->work, oc_cmd_work);
		queue_work(cmd->queue->port->dev->admin_wq, &cmd->work);
		return;
	}

	/* Format waits until all parts have been given away */
	rcu_read_lock();
	status = oc_io_parse(cmd);
	rcu_read_unlock();
	if (status != OC_ASYNC)
		oc_cmd_end(cmd, status);
}

/**
 * oc_cmd_submit_ns() - serve an I/O command of a host without a controller
 * @cmd:	as for oc_cmd_submit(), on a queue whose ctrl is NULL
 * @ns:		its namespace
 *
 * Context: any, with interrupts enabled; does not sleep.
 */
void oc_cmd_submit_ns(struct oc_cmd *cmd, struct oc_ns *ns)
{
	u16 status;

	oc_cmd_begin(cmd);
	cmd->ns = ns;
	trace_oc_cmd_begin(cmd);
	rcu_read_lock();
	status = oc_ns_parse_io(cmd);
	rcu_read_unlock();
	if (status != OC_ASYNC)
		oc_cmd_end(cmd, status);
}
