// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/fabrics.c - queues, connect, properties, keep-alive, discovery
 *
 * NVMe over Fabrics 1.1. All commands here run on the device's admin workqueue.
 */
/* KBUILD_MODNAME would name the KUnit module too */
#define pr_fmt(fmt) "ocloop: " fmt

#include <linux/kernel.h>
#include <linux/slab.h>

#include "oc_admin.h"

/* Offset of a wrong parameter in the Connect result (Fabrics 1.1, figure 19) */
#define OC_IPO_SQE(_field)	offsetof(struct nvmf_connect_command, _field)
#define OC_IPO_DATA(_field)	\
	(BIT(16) | offsetof(struct nvmf_connect_data, _field))

/* ---- queues ----------------------------------------------------------- */

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

/* ---- commands whose completion got lost ------------------------------- */

/**
 * oc_queue_lose() - lose a command's completion
 * @cmd:	command that is done; if it is lost, it ends when it is aborted or
 *		its queue is stopped
 *
 * Context: any; takes oc_queue.lost_lock.
 * Return: false if nobody would ask for it again: the caller ends it.
 */
bool oc_queue_lose(struct oc_cmd *cmd)
{
	struct oc_queue *queue = cmd->queue;
	unsigned long flags;
	bool lost;

	/* A host without a controller knows neither Abort nor reset */
	if (!queue->ctrl)
		return false;
	spin_lock_irqsave(&queue->lost_lock, flags);
	lost = !queue->closing;
	if (lost) {
		if (!cmd->lose)
			cmd->lose = OC_LOSE;
		list_add_tail(&cmd->lost, &queue->lost);
	}
	spin_unlock_irqrestore(&queue->lost_lock, flags);
	return lost;
}

/**
 * oc_queue_abort() - end a command whose completion got lost
 * @queue:	queue
 * @cid:	the command's id, as in its submission queue entry
 * @why:	what ends it
 * @hard:	even if Abort would not find it
 *
 * Context: any; takes oc_queue.lost_lock.
 * Return: false if there is no such command; commands that still run are none.
 */
bool oc_queue_abort(struct oc_queue *queue, u16 cid, enum oc_cut why,
		    bool hard)
{
	struct oc_cmd *cmd, *found = NULL;
	unsigned long flags;

	spin_lock_irqsave(&queue->lost_lock, flags);
	list_for_each_entry(cmd, &queue->lost, lost) {
		if (cmd->sqe->common.command_id != cid ||
		    (cmd->lose == OC_LOSE_HARD && !hard))
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

/* Nothing gets lost from now on, and what did so far ends */
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

/* ---- Abort ------------------------------------------------------------ */

/**
 * oc_ctrl_abort() - end an I/O command at the host's wish
 * @ctrl:	controller
 * @qid:	queue of the command to abort
 * @cid:	its id, as in its submission queue entry
 *
 * Only those whose completion got lost can be: the others end by themselves
 * (NVMe 1.4, 5.1).
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

/* ---- keep-alive ------------------------------------------------------- */

static void oc_kato_expired(struct timer_list *timer)
{
	struct oc_ctrl *ctrl = timer_container_of(ctrl, timer, kato);

	pr_warn("controller %u: no keep-alive for %u ms, giving it up\n",
		ctrl->cntlid, READ_ONCE(ctrl->kato_ms));
	/* What is on its way is still served: the host's reset ends that */
	WRITE_ONCE(ctrl->port->dead, true);
	ctrl->port->fatal(ctrl->port);
}

/**
 * oc_ctrl_set_kato() - set or restart the keep-alive timer
 * @ctrl:	controller
 * @kato_ms:	timeout, rounded up to 100 ms as KAS says; 0 for none
 *
 * Context: process; takes oc_ctrl.lock.
 */
void oc_ctrl_set_kato(struct oc_ctrl *ctrl, u32 kato_ms)
{
	mutex_lock(&ctrl->lock);
	kato_ms = kato_ms > U32_MAX - 99 ? U32_MAX : roundup(kato_ms, 100);
	WRITE_ONCE(ctrl->kato_ms, kato_ms);
	if (kato_ms)
		mod_timer(&ctrl->kato, jiffies + msecs_to_jiffies(kato_ms));
	else
		timer_delete(&ctrl->kato);
	mutex_unlock(&ctrl->lock);
}

/* ---- controllers ------------------------------------------------------ */

static struct oc_ctrl *oc_ctrl_alloc(struct oc_port *port, bool discovery,
				     const struct nvmf_connect_data *data)
{
	struct oc_ctrl *ctrl = kzalloc(sizeof(*ctrl), GFP_KERNEL);

	if (!ctrl)
		return NULL;
	ctrl->dev = port->dev;
	ctrl->port = port;
	ctrl->discovery = discovery;
	strscpy(ctrl->hostnqn, data->hostnqn, sizeof(ctrl->hostnqn));
	uuid_copy(&ctrl->hostid, &data->hostid);
	mutex_init(&ctrl->reset_lock);
	mutex_init(&ctrl->lock);
	INIT_LIST_HEAD(&ctrl->queues);
	timer_setup(&ctrl->kato, oc_kato_expired, 0);
	spin_lock_init(&ctrl->aer_lock);
	INIT_LIST_HEAD(&ctrl->aers);
	spin_lock_init(&ctrl->log_lock);
	return ctrl;
}

/* Enter a controller into its device's list, if there is room for it */
static u16 oc_ctrl_add(struct oc_ctrl *ctrl)
{
	struct oc_port *port = ctrl->port;
	struct oc_dev *dev = ctrl->dev;
	bool fresh = false;
	u16 status = 0;
	int id;

	mutex_lock(&dev->lock);
	if (!ctrl->discovery && !dev->shared && dev->holder &&
	    dev->holder != port) {
		status = OC_ERR(NVME_SC_CONNECT_CTRL_BUSY);
		goto out;
	}
	if (!port->cntlid) {
		id = ida_alloc_range(&dev->cntlids, 1, OC_MAX_CNTLID,
				     GFP_KERNEL);
		if (id < 0) {
			status = OC_ERR(NVME_SC_CONNECT_CTRL_BUSY);
			goto out;
		}
		port->cntlid = id;
		fresh = true;
		list_add_tail(&port->entry, &dev->ports);
		if (!ctrl->discovery)
			oc_port_attach(port);
	}
	if (!ctrl->discovery && !dev->shared)
		dev->holder = port;
	ctrl->cntlid = port->cntlid;
	WRITE_ONCE(port->dead, false);
	list_add_tail(&ctrl->entry, &dev->ctrls);
	oc_notices_connect(ctrl, fresh);
out:
	mutex_unlock(&dev->lock);
	return status;
}

/**
 * oc_port_close() - a host will not connect here again
 * @port:	connection whose queues are stopped; closing it twice is harmless
 *
 * Until then a controller keeps its number and its device through every reset.
 *
 * Context: process; sleeps. Takes oc_dev.lock.
 */
void oc_port_close(struct oc_port *port)
{
	struct oc_dev *dev = port->dev;

	mutex_lock(&dev->lock);
	if (port->cntlid) {
		ida_free(&dev->cntlids, port->cntlid);
		list_del(&port->entry);
		bitmap_zero(port->active, OC_MAX_NS);
	}
	port->cntlid = 0;
	if (dev->holder == port)
		dev->holder = NULL;
	mutex_unlock(&dev->lock);
}

static void oc_ctrl_free(struct oc_ctrl *ctrl)
{
	struct oc_dev *dev = ctrl->dev;

	mutex_lock(&dev->lock);
	list_del(&ctrl->entry);
	mutex_unlock(&dev->lock);

	timer_delete_sync(&ctrl->kato);
	mutex_destroy(&ctrl->lock);
	mutex_destroy(&ctrl->reset_lock);
	kfree(ctrl);
}

/*
 * Refuse new commands and wait for those in flight; from then on the queue is not
 * connected. Every command ends by itself but parked event requests and those whose
 * completion got lost, which end here. Those that wait for their time need not wait
 * any longer.
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
		oc_channel_hurry(&dev->ch[i], queue);
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
 * oc_queue_stop() - end a queue's connection, and all its commands
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

/* An I/O queue is there no more, and can be connected again */
static void oc_queue_delete(struct oc_queue *queue)
{
	mutex_lock(&queue->stop_lock);
	/* If not, its host has just stopped it */
	if (queue->live) {
		oc_queue_drain(queue);
		oc_queue_start(queue);
	}
	mutex_unlock(&queue->stop_lock);
}

/* ---- connect ---------------------------------------------------------- */

static u16 oc_connect_refuse(struct oc_cmd *cmd, u32 where)
{
	cmd->result.u32 = cpu_to_le32(where);
	return OC_ERR(NVME_SC_CONNECT_INVALID_PARAM);
}

static u16 oc_connect_admin(struct oc_cmd *cmd,
			    const struct nvmf_connect_data *data)
{
	const struct nvmf_connect_command *sqe = &cmd->sqe->connect;
	struct oc_port *port = cmd->queue->port;
	struct oc_dev *dev = port->dev;
	struct oc_ctrl *ctrl;
	bool discovery;
	u16 status;

	discovery = !strcmp(data->subsysnqn, NVME_DISC_SUBSYS_NAME);
	if (!discovery && strcmp(data->subsysnqn, dev->subsysnqn)) {
		pr_info_ratelimited("connect refused: no subsystem %.223s here\n",
				    data->subsysnqn);
		return oc_connect_refuse(cmd, OC_IPO_DATA(subsysnqn));
	}
	if (data->cntlid != cpu_to_le16(0xffff))
		return oc_connect_refuse(cmd, OC_IPO_DATA(cntlid));
	if (!*data->hostnqn)
		return oc_connect_refuse(cmd, OC_IPO_DATA(hostnqn));
	if (!discovery && *dev->host && strcmp(data->hostnqn, dev->host)) {
		pr_info_ratelimited("connect refused: host %.223s is not the one allowed\n",
				    data->hostnqn);
		return OC_ERR(NVME_SC_CONNECT_INVALID_HOST);
	}

	ctrl = oc_ctrl_alloc(port, discovery, data);
	if (!ctrl)
		return NVME_SC_INTERNAL;
	status = oc_ctrl_add(ctrl);
	if (status) {
		pr_info_ratelimited("connect refused: a controller is connected already (shared=1 allows several)\n");
		mutex_destroy(&ctrl->lock);
		mutex_destroy(&ctrl->reset_lock);
		kfree(ctrl);
		return status;
	}

	cmd->queue->qid = 0;
	cmd->queue->ctrl = ctrl;
	port->ctrl = ctrl;
	oc_ctrl_set_kato(ctrl, le32_to_cpu(sqe->kato));
	cmd->result.u16 = cpu_to_le16(ctrl->cntlid);
	return 0;
}

static u16 oc_connect_io(struct oc_cmd *cmd,
			 const struct nvmf_connect_data *data, u16 qid)
{
	struct oc_ctrl *ctrl = cmd->queue->port->ctrl;
	u16 status = 0;

	if (!ctrl || ctrl->cntlid != le16_to_cpu(data->cntlid))
		return oc_connect_refuse(cmd, OC_IPO_DATA(cntlid));
	if (ctrl->discovery || strcmp(data->subsysnqn, ctrl->dev->subsysnqn))
		return oc_connect_refuse(cmd, OC_IPO_DATA(subsysnqn));
	if (strcmp(data->hostnqn, ctrl->hostnqn) ||
	    !uuid_equal(&data->hostid, &ctrl->hostid))
		return OC_ERR(NVME_SC_CONNECT_INVALID_HOST);

	mutex_lock(&ctrl->lock);
	if (!(ctrl->csts & NVME_CSTS_RDY))
		status = OC_ERR(NVME_SC_CMD_SEQ_ERROR);
	else if (qid > ctrl->nr_queues)
		status = oc_connect_refuse(cmd, OC_IPO_SQE(qid));
	else if (test_and_set_bit(qid, ctrl->qmask))
		status = OC_ERR(NVME_SC_CMD_SEQ_ERROR);
	if (!status) {
		cmd->queue->qid = qid;
		list_add_tail(&cmd->queue->entry, &ctrl->queues);
	}
	mutex_unlock(&ctrl->lock);
	if (status)
		return status;

	cmd->queue->ctrl = ctrl;
	cmd->result.u16 = cpu_to_le16(ctrl->cntlid);
	return 0;
}

static u16 oc_fabrics_connect(struct oc_cmd *cmd)
{
	const struct nvmf_connect_command *sqe = &cmd->sqe->connect;
	u16 qid = le16_to_cpu(sqe->qid);
	u16 sqsize = le16_to_cpu(sqe->sqsize);
	struct iov_iter iter = cmd->data;
	struct nvmf_connect_data *data;
	u16 status;

	/* One Connect a queue */
	if (cmd->queue->ctrl)
		return OC_ERR(NVME_SC_CMD_SEQ_ERROR);
	if (sqe->recfmt)
		return OC_ERR(NVME_SC_CONNECT_FORMAT);
	if (!sqsize || sqsize >= OC_MAX_QSIZE)
		return oc_connect_refuse(cmd, OC_IPO_SQE(sqsize));
	status = oc_cmd_need_data(cmd, sizeof(*data));
	if (status)
		return status;

	data = kmalloc(sizeof(*data), GFP_KERNEL);
	if (!data)
		return NVME_SC_INTERNAL;
	if (copy_from_iter_full(data, sizeof(*data), &iter)) {
		data->subsysnqn[sizeof(data->subsysnqn) - 1] = '\0';
		data->hostnqn[sizeof(data->hostnqn) - 1] = '\0';
		cmd->queue->sqsize = sqsize;
		status = qid ? oc_connect_io(cmd, data, qid) :
			       oc_connect_admin(cmd, data);
	} else {
		status = OC_ERR(NVME_SC_SGL_INVALID_DATA);
	}
	kfree(data);
	return status;
}

/* ---- properties ------------------------------------------------------- */

#define OC_CAP	((u64)(OC_MAX_QSIZE - 1) |	/* MQES */		\
		 BIT_ULL(16) |			/* CQR */		\
		 15ULL << 24 |			/* TO, 7.5 s */		\
		 BIT_ULL(37))			/* CSS: NVM commands */

static u16 oc_property_get(struct oc_cmd *cmd)
{
	const struct nvmf_property_get_command *sqe = &cmd->sqe->prop_get;
	struct oc_ctrl *ctrl = cmd->queue->ctrl;
	u32 off = le32_to_cpu(sqe->offset);
	bool wide = sqe->attrib & 1, narrow;
	u64 val;

	mutex_lock(&ctrl->lock);
	switch (off) {
	case NVME_REG_CAP:
		val = OC_CAP;
		break;
	case NVME_REG_VS:
		val = OC_NVME_VERSION;
		break;
	case NVME_REG_CC:
		val = ctrl->cc;
		break;
	case NVME_REG_CSTS:
		val = ctrl->csts;
		if (READ_ONCE(ctrl->port->dead))
			val |= NVME_CSTS_CFS;
		break;
	default:
		off = U32_MAX;
		break;
	}
	mutex_unlock(&ctrl->lock);

	/* CAP is the one property of 8 bytes */
	narrow = off != NVME_REG_CAP;
	if (off == U32_MAX || wide == narrow) {
		cmd->err_loc = offsetof(struct nvmf_property_get_command,
					offset);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	cmd->result.u64 = cpu_to_le64(val);
	return 0;
}

/* Is this a way to run the queues that we know? NVMe 1.4, 3.1.5 */
static bool oc_cc_valid(u32 cc)
{
	return (cc >> NVME_CC_IOSQES_SHIFT & 0xf) == NVME_NVM_IOSQES &&
		(cc >> NVME_CC_IOCQES_SHIFT & 0xf) == NVME_NVM_IOCQES &&
		!(cc >> NVME_CC_MPS_SHIFT & 0xf) &&
		!(cc >> NVME_CC_AMS_SHIFT & 0x7) &&
		!(cc >> NVME_CC_CSS_SHIFT & 0x7);
}

/* The I/O queues go, with what is in them. The admin queue stays connected */
static void oc_ctrl_delete_queues(struct oc_ctrl *ctrl)
{
	struct oc_queue *queue;

	for (;;) {
		mutex_lock(&ctrl->lock);
		queue = list_first_entry_or_null(&ctrl->queues, struct oc_queue,
						 entry);
		mutex_unlock(&ctrl->lock);
		if (!queue)
			break;
		/*
		 * It stays there for as long as a command is on the admin queue,
		 * and ours is
		 */
		oc_queue_delete(queue);
	}
}

/* Nothing waits for the host any more, and it was told of nothing */
static void oc_ctrl_forget(struct oc_ctrl *ctrl)
{
	oc_ctrl_drop_aers(ctrl, false);
	mutex_lock(&ctrl->lock);
	bitmap_zero(ctrl->ns_changed, OC_MAX_NS);
	ctrl->ns_told = false;
	ctrl->notice_told = false;
	ctrl->sanitize_told = false;
	mutex_unlock(&ctrl->lock);
}

/*
 * CC.EN has gone from 1 to 0: a Controller Reset (NVMe 1.4, 7.3.2). What the host
 * has agreed with the controller ends, and it is as it was after its Connect but for
 * what belongs to that: the admin queue, its number, host and keep-alive. Features
 * get their values when it is enabled again, before anybody can look at them.
 */
static void oc_ctrl_reset(struct oc_ctrl *ctrl)
{
	oc_ctrl_delete_queues(ctrl);
	oc_ctrl_forget(ctrl);
	mutex_lock(&ctrl->lock);
	WRITE_ONCE(ctrl->nr_queues, 0);
	WRITE_ONCE(ctrl->aen_mask, 0);
	/* CFS tells of it no more */
	WRITE_ONCE(ctrl->port->dead, false);
	mutex_unlock(&ctrl->lock);
}

static void oc_ctrl_enable(struct oc_ctrl *ctrl, u32 cc)
{
	oc_features_reset(ctrl);
	oc_ctrl_clear_errors(ctrl);
	/* Only now commands are taken that could look at them */
	WRITE_ONCE(ctrl->csts, oc_cc_valid(cc) ? NVME_CSTS_RDY : NVME_CSTS_CFS);
}

static void oc_ctrl_set_cc(struct oc_ctrl *ctrl, u32 cc)
{
	u32 old = ctrl->cc;
	bool on = cc & NVME_CC_ENABLE, was_on = old & NVME_CC_ENABLE;

	/* A request or an event may have come while it was down */
	if (on && !was_on)
		oc_ctrl_forget(ctrl);
	mutex_lock(&ctrl->lock);
	ctrl->cc = cc;
	if (on && !was_on)
		oc_ctrl_enable(ctrl, cc);
	/* No command is taken from here on */
	if (!on && was_on)
		WRITE_ONCE(ctrl->csts, 0);
	if ((cc & NVME_CC_SHN_MASK) && !(old & NVME_CC_SHN_MASK))
		WRITE_ONCE(ctrl->csts, (ctrl->csts & ~NVME_CSTS_RDY) |
				       NVME_CSTS_SHST_CMPLT);
	mutex_unlock(&ctrl->lock);

	if (!on && was_on)
		oc_ctrl_reset(ctrl);
	/* It may have run out */
	if (on && !was_on)
		oc_ctrl_set_kato(ctrl, READ_ONCE(ctrl->kato_ms));
}

static u16 oc_property_set(struct oc_cmd *cmd)
{
	const struct nvmf_property_set_command *sqe = &cmd->sqe->prop_set;
	struct oc_ctrl *ctrl = cmd->queue->ctrl;

	if ((sqe->attrib & 1) || le32_to_cpu(sqe->offset) != NVME_REG_CC) {
		cmd->err_loc = offsetof(struct nvmf_property_set_command,
					offset);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	mutex_lock(&ctrl->reset_lock);
	oc_ctrl_set_cc(ctrl, le64_to_cpu(sqe->value));
	mutex_unlock(&ctrl->reset_lock);
	return 0;
}

/**
 * oc_fabrics_parse() - serve a Fabrics command
 * @cmd:	command
 *
 * Context: process; sleeps.
 * Return: NVMe status: Command Sequence Error for what comes before or after
 * its time, Invalid Field for an unknown type, or the command's own.
 */
u16 oc_fabrics_parse(struct oc_cmd *cmd)
{
	u8 type = cmd->sqe->fabrics.fctype;

	if (type == nvme_fabrics_type_connect)
		return oc_fabrics_connect(cmd);
	/* Properties belong to a connected admin queue */
	if (!cmd->queue->ctrl || cmd->queue->qid)
		return OC_ERR(NVME_SC_CMD_SEQ_ERROR);
	if (type == nvme_fabrics_type_property_get)
		return oc_property_get(cmd);
	if (type == nvme_fabrics_type_property_set)
		return oc_property_set(cmd);
	cmd->err_loc = offsetof(struct nvmf_common_command, fctype);
	return OC_ERR(NVME_SC_INVALID_FIELD);
}

/* ---- discovery -------------------------------------------------------- */

/**
 * oc_discovery_fill() - the discovery log: the one subsystem there is
 * @cmd:	command, on a discovery controller
 * @page:	OC_DISCOVERY_BYTES of zeroes to fill
 *
 * Context: process.
 */
void oc_discovery_fill(struct oc_cmd *cmd, void *page)
{
	const struct oc_dev *dev = cmd->queue->ctrl->dev;
	struct nvmf_disc_rsp_page_hdr *hdr = page;
	struct nvmf_disc_rsp_page_entry *entry = hdr->entries;

	hdr->genctr = cpu_to_le64(1);
	hdr->numrec = cpu_to_le64(1);
	entry->trtype = NVMF_TRTYPE_LOOP;
	entry->adrfam = NVMF_ADDR_FAMILY_LOOP;
	entry->subtype = NVME_NQN_NVME;
	entry->treq = NVMF_TREQ_DISABLE_SQFLOW;
	entry->cntlid = cpu_to_le16(0xffff);
	entry->asqsz = cpu_to_le16(NVME_AQ_DEPTH);
	strscpy(entry->subnqn, dev->subsysnqn, sizeof(entry->subnqn));
}
