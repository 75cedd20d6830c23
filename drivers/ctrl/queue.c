// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/queue.c - queues of a controller: commands come in, end, and get lost
 *
 * Through oc_queue_ops a queue also answers what the engine below cannot know of a
 * command: its name, whether its namespace is still attached, where errors go.
 */
#include <linux/kernel.h>
#include <linux/percpu-refcount.h>
#include <linux/slab.h>

#include "oc_channel.h"
#include "oc_cmd.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_ns.h"

/* ---- what the engine asks --------------------------------------------- */

/* The name of a command's opcode; at any time */
static const char *oc_queue_name(const struct oc_cmd *cmd)
{
	const struct oc_ctrl *ctrl = READ_ONCE(cmd->queue->ctrl);
	const struct oc_ns *ns = cmd->ns;
	u8 opcode = cmd->sqe->common.opcode;
	const struct oc_ns_kind *kind;
	const char *name = NULL;

	if (opcode == nvme_fabrics_command)
		return "fabrics";
	if (oc_cmd_is_for_all(cmd))
		return "flush";
	if (!ns && ctrl && cmd->queue->qid)
		ns = oc_ns_active(ctrl->port,
				  le32_to_cpu(cmd->sqe->common.nsid));
	/* The namespace may go meanwhile; kinds do not */
	kind = ns ? READ_ONCE(ns->kind) : NULL;
	/* A host without a controller has no connection, and I/O commands only */
	if (!cmd->queue->qid && cmd->queue->port) {
		name = cmd->queue->port->dev->admin[opcode].name;
		if (!name && kind && kind->admin)
			name = kind->admin[opcode].name;
	} else if (kind) {
		name = kind->io[opcode].name;
	}
	return name ? name : "unknown";
}

/* Must a command end between two rounds, as far as its queue knows? */
static enum oc_cut oc_queue_why_cut(const struct oc_cmd *cmd)
{
	if (READ_ONCE(cmd->queue->closing))
		return OC_CUT_QUEUE;
	/* Without a controller, all namespaces are attached */
	if (cmd->queue->ctrl &&
	    !oc_ns_active(cmd->queue->ctrl->port, cmd->ns->nsid))
		return OC_CUT_DETACH;
	return OC_CUT_NOT;
}

/*
 * Lose the completion of a command that is done: it ends when it is aborted or its
 * queue is stopped. Returns false if neither can happen: the caller ends it.
 */
static bool oc_queue_lose(struct oc_cmd *cmd)
{
	struct oc_queue *queue = cmd->queue;
	unsigned long flags;
	bool lost;

	/* Without a controller there is neither Abort nor reset */
	if (!queue->ctrl)
		return false;
	spin_lock_irqsave(&queue->lost_lock, flags);
	lost = !queue->closing;
	if (lost) {
		if (!cmd->lose)
			cmd->lose = OC_LOSE_UNTIL_ABORT;
		list_add_tail(&cmd->lost, &queue->lost);
	}
	spin_unlock_irqrestore(&queue->lost_lock, flags);
	return lost;
}

static void oc_queue_failed(const struct oc_cmd *cmd)
{
	if (cmd->queue->ctrl)
		oc_ctrl_log_error(cmd->queue->ctrl, cmd);
}

const struct oc_queue_ops oc_queue_ops = {
	.name	= oc_queue_name,
	.why_cut	= oc_queue_why_cut,
	.lose	= oc_queue_lose,
	.failed	= oc_queue_failed,
};

/* ---- made, started, entered -------------------------------------------- */

static void oc_queue_idle(struct percpu_ref *ref)
{
	complete(&container_of(ref, struct oc_queue, ref)->idle);
}

/**
 * oc_queue_init() - make a queue that takes no commands yet
 * @queue:	queue
 * @port:	connection it belongs to
 *
 * Context: process; sleeps.
 * Return: 0, or -ENOMEM.
 */
int oc_queue_init(struct oc_queue *queue, struct oc_port *port)
{
	queue->ops = &oc_queue_ops;
	queue->port = port;
	queue->ctrl = NULL;
	queue->qid = U16_MAX;
	mutex_init(&queue->stop_lock);
	queue->live = false;
	init_completion(&queue->idle);
	INIT_LIST_HEAD(&queue->entry);
	spin_lock_init(&queue->lost_lock);
	INIT_LIST_HEAD(&queue->lost);
	queue->closing = false;
	return percpu_ref_init(&queue->ref, oc_queue_idle,
			       PERCPU_REF_INIT_DEAD | PERCPU_REF_ALLOW_REINIT,
			       GFP_KERNEL);
}

/**
 * oc_queue_exit() - end a stopped queue
 * @queue:	queue
 *
 * Context: process.
 */
void oc_queue_exit(struct oc_queue *queue)
{
	percpu_ref_exit(&queue->ref);
	mutex_destroy(&queue->stop_lock);
}

/**
 * oc_queue_start() - let commands in, Connect first
 * @queue:	stopped queue
 *
 * Context: process.
 */
void oc_queue_start(struct oc_queue *queue)
{
	reinit_completion(&queue->idle);
	percpu_ref_reinit(&queue->ref);
	WRITE_ONCE(queue->closing, false);
	queue->live = true;
}

/**
 * oc_queue_enter() - begin a command
 * @queue:	queue
 *
 * Context: any.
 * Return: false if the queue takes no commands.
 */
bool oc_queue_enter(struct oc_queue *queue)
{
	return percpu_ref_tryget_live(&queue->ref);
}

/**
 * oc_queue_leave() - a command is over
 * @queue:	queue it entered
 *
 * Context: any.
 */
void oc_queue_leave(struct oc_queue *queue)
{
	percpu_ref_put(&queue->ref);
}

/* ---- commands whose completion was lost ------------------------------- */

/**
 * oc_queue_abort() - end a command whose completion was lost
 * @queue:	queue
 * @cid:	the command's id, as in its submission queue entry
 * @why:	what ends it
 * @force:	also one that Abort must not find (OC_LOSE_UNTIL_RESET)
 *
 * Context: any; takes oc_queue.lost_lock.
 * Return: false if no completion of such a command was lost.
 */
bool oc_queue_abort(struct oc_queue *queue, u16 cid, enum oc_cut why,
		    bool force)
{
	struct oc_cmd *cmd, *found = NULL;
	unsigned long flags;

	spin_lock_irqsave(&queue->lost_lock, flags);
	list_for_each_entry(cmd, &queue->lost, lost) {
		if (cmd->sqe->common.command_id != cid ||
		    (cmd->lose == OC_LOSE_UNTIL_RESET && !force))
			continue;
		found = cmd;
		list_del(&cmd->lost);
		break;
	}
	spin_unlock_irqrestore(&queue->lost_lock, flags);

	if (found)
		oc_cmd_end(found, oc_cut_status(found, why));
	return found;
}

/* End the commands whose completion was lost; none is lost from now on */
static void oc_queue_find_lost(struct oc_queue *queue)
{
	struct oc_cmd *cmd, *next;
	LIST_HEAD(lost);

	spin_lock_irq(&queue->lost_lock);
	WRITE_ONCE(queue->closing, true);
	list_splice_init(&queue->lost, &lost);
	spin_unlock_irq(&queue->lost_lock);

	list_for_each_entry_safe(cmd, next, &lost, lost)
		oc_cmd_end(cmd, oc_cut_status(cmd, OC_CUT_QUEUE));
}

/**
 * oc_ctrl_abort() - abort an I/O command
 * @ctrl:	controller
 * @qid:	queue of the command to abort
 * @cid:	its id, as in its submission queue entry
 *
 * Aborts commands whose completion was lost. The others complete by themselves soon
 * enough (NVMe 1.4, 5.1).
 *
 * Context: process; takes oc_ctrl.lock.
 * Return: true if the command was aborted.
 */
bool oc_ctrl_abort(struct oc_ctrl *ctrl, u16 qid, u16 cid)
{
	struct oc_queue *queue;
	bool found = false;

	mutex_lock(&ctrl->lock);
	list_for_each_entry(queue, &ctrl->queues, entry)
		if (queue->qid == qid)
			found = oc_queue_abort(queue, cid, OC_CUT_ABORT, false);
	mutex_unlock(&ctrl->lock);
	return found;
}

/* ---- the end ----------------------------------------------------------- */

/*
 * Refuse new commands and wait for those in flight; the queue is then no longer
 * connected. Parked event requests and commands whose completion was lost end here,
 * deferred parts complete at once, and all others end by themselves.
 */
static void oc_queue_drain(struct oc_queue *queue)
{
	struct oc_ctrl *ctrl = queue->ctrl;
	struct oc_dev *dev = queue->port->dev;
	u32 i;

	lockdep_assert_held(&queue->stop_lock);
	queue->live = false;
	percpu_ref_kill(&queue->ref);
	if (ctrl && !queue->qid)
		oc_ctrl_drop_aers(ctrl, true);
	oc_queue_find_lost(queue);
	for (i = 0; ctrl && queue->qid && i < dev->geo.num_grp; i++)
		oc_channel_call_worker(&dev->ch[i], oc_channel_hurry, queue);
	wait_for_completion(&queue->idle);

	/* The Connect may have been the last command to end */
	ctrl = queue->ctrl;
	if (!ctrl)
		return;
	queue->ctrl = NULL;
	if (queue->qid) {
		mutex_lock(&ctrl->lock);
		clear_bit(queue->qid, ctrl->qmask);
		list_del(&queue->entry);
		mutex_unlock(&ctrl->lock);
	} else {
		queue->port->ctrl = NULL;
		oc_ctrl_free(ctrl);
	}
	queue->qid = U16_MAX;
}

/**
 * oc_queue_stop() - disconnect a queue and end all its commands
 * @queue:	queue; the I/O queues of a controller are stopped before its
 *		admin queue, which takes the controller with it
 *
 * It takes no commands until oc_queue_start().
 *
 * Context: process; sleeps. Takes oc_queue.stop_lock.
 */
void oc_queue_stop(struct oc_queue *queue)
{
	mutex_lock(&queue->stop_lock);
	if (queue->live)
		oc_queue_drain(queue);
	mutex_unlock(&queue->stop_lock);
}

/**
 * oc_queue_delete() - disconnect an I/O queue, which may connect again
 * @queue:	queue
 *
 * Context: process; sleeps. Takes oc_queue.stop_lock.
 */
void oc_queue_delete(struct oc_queue *queue)
{
	mutex_lock(&queue->stop_lock);
	/* Else the host has just stopped it */
	if (queue->live) {
		oc_queue_drain(queue);
		oc_queue_start(queue);
	}
	mutex_unlock(&queue->stop_lock);
}
