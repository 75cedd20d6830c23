// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/submit.c - the entrance: a command is parsed or refused
 *
 * A parser decides first and changes nothing; channels do the work later.
 */
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>

#include "oc.h"
#include "oc_cmd.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_ns.h"
#include "oc_trace.h"

/*
 * No command begins while its namespace is formatted or sanitized, or if there is
 * none. Called under RCU: whoever shuts the gate waits for a grace period.
 */
static u16 oc_cmd_check_gate(struct oc_cmd *cmd)
{
	/* Pairs with smp_store_release() in oc_freeze_shut(), oc_freeze_open() */
	enum oc_cut why = smp_load_acquire(&cmd->ns->gate);

	return likely(!why) ? 0 : oc_cut_status(cmd, why);
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

/* Nothing to do: what was written is stored (NVMe 1.4, 6.8) */
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

	/* The queue is not connected, or the controller not enabled */
	if (unlikely(!ctrl || !(READ_ONCE(ctrl->csts) & NVME_CSTS_RDY)))
		return OC_ERR(NVME_SC_CMD_SEQ_ERROR);

	cmd->ns = oc_ns_active(ctrl->port,
			       le32_to_cpu(cmd->sqe->common.nsid));
	if (likely(cmd->ns))
		return oc_ns_parse_io(cmd);
	return oc_cmd_is_for_all(cmd) ? oc_io_flush_all(cmd) :
				       oc_inactive_ns(cmd);
}

/* NOIO: a reset waits for these, and writeback of reclaim may wait for the reset */
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

static void oc_cmd_trace(const struct oc_cmd *cmd)
{
	if (trace_oc_cmd_begin_enabled())
		trace_oc_cmd_begin(cmd, cmd->queue->ops->name(cmd));
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
	cmd->worker_only = false;
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
	oc_cmd_trace(cmd);
	if (cmd->sqe->common.opcode == nvme_fabrics_command ||
	    !cmd->queue->qid) {
		INIT_WORK(&cmd->work, oc_cmd_work);
		queue_work(cmd->queue->port->dev->admin_wq, &cmd->work);
		return;
	}

	/* Format waits for the end of this section: all parts are submitted then */
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
	oc_cmd_trace(cmd);
	rcu_read_lock();
	status = oc_ns_parse_io(cmd);
	rcu_read_unlock();
	if (status != OC_ASYNC)
		oc_cmd_end(cmd, status);
}
