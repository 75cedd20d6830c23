// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/fabrics.c - Connect and properties
 *
 * NVMe over Fabrics 1.1. All commands here run on the device's admin workqueue.
 */
/* KBUILD_MODNAME would name the KUnit module too */
#define pr_fmt(fmt) "ocloop: " fmt

#include <linux/kernel.h>
#include <linux/slab.h>

#include "oc.h"
#include "oc_cmd.h"
#include "oc_ctrl.h"
#include "oc_dev.h"

/* Offset of a wrong parameter in the Connect result (Fabrics 1.1, figure 19) */
#define OC_IPO_SQE(_field)	offsetof(struct nvmf_connect_command, _field)
#define OC_IPO_DATA(_field)	\
	(BIT(16) | offsetof(struct nvmf_connect_data, _field))

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

	status = oc_ctrl_make(port, discovery, data, &ctrl);
	if (status)
		return status;

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

/* Are all settings of CC supported? NVMe 1.4, 3.1.5 */
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
		/* The queue stays: this command is on the admin queue */
		oc_queue_delete(queue);
	}
}

/* No event waits for the host any more, and it counts as told of nothing */
static void oc_ctrl_forget(struct oc_ctrl *ctrl)
{
	oc_ctrl_drop_aers(ctrl, false);
	mutex_lock(&ctrl->lock);
	bitmap_zero(ctrl->ns_changed, OC_MAX_NS);
	WRITE_ONCE(ctrl->told, 0);
	mutex_unlock(&ctrl->lock);
}

/*
 * CC.EN has gone from 1 to 0: a Controller Reset (NVMe 1.4, 7.3.2). The controller
 * returns to its state after Connect, which keeps the admin queue, the controller's
 * number, the host and the keep-alive. Features are reset when it is enabled again,
 * before commands can read them.
 */
static void oc_ctrl_reset(struct oc_ctrl *ctrl)
{
	oc_ctrl_delete_queues(ctrl);
	oc_ctrl_forget(ctrl);
	mutex_lock(&ctrl->lock);
	WRITE_ONCE(ctrl->nr_queues, 0);
	WRITE_ONCE(ctrl->aen_mask, 0);
	/* Clears CFS */
	WRITE_ONCE(ctrl->port->dead, false);
	mutex_unlock(&ctrl->lock);
}

static void oc_ctrl_enable(struct oc_ctrl *ctrl, u32 cc)
{
	oc_features_reset(ctrl);
	oc_ctrl_clear_errors(ctrl);
	/* Commands that could read them are accepted from here on */
	WRITE_ONCE(ctrl->csts, oc_cc_valid(cc) ? NVME_CSTS_RDY : NVME_CSTS_CFS);
}

static void oc_ctrl_set_cc(struct oc_ctrl *ctrl, u32 cc)
{
	u32 old = ctrl->cc;
	bool on = cc & NVME_CC_ENABLE, was_on = old & NVME_CC_ENABLE;

	/* A request or an event may have come while it was disabled */
	if (on && !was_on)
		oc_ctrl_forget(ctrl);
	mutex_lock(&ctrl->lock);
	ctrl->cc = cc;
	if (on && !was_on)
		oc_ctrl_enable(ctrl, cc);
	/* No command is accepted from here on */
	if (!on && was_on)
		WRITE_ONCE(ctrl->csts, 0);
	if ((cc & NVME_CC_SHN_MASK) && !(old & NVME_CC_SHN_MASK))
		WRITE_ONCE(ctrl->csts, (ctrl->csts & ~NVME_CSTS_RDY) |
				       NVME_CSTS_SHST_CMPLT);
	mutex_unlock(&ctrl->lock);

	if (!on && was_on)
		oc_ctrl_reset(ctrl);
	/* The timer may have expired */
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
