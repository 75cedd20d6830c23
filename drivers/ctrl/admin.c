// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/admin.c - the table of admin commands, and identify
 *
 * All of it runs on the device's admin workqueue and may sleep. Commands and
 * identify structures have their tables here, log pages in logs.c and features in
 * features.c. What has no row gets the status that the specification gives.
 */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/slab.h>

#include "oc.h"
#include "oc_cmd.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_ns.h"
#include "oc_text.h"
#include "oc_unaligned.h"
#include "oc_wire.h"

/* ---- identify --------------------------------------------------------- */

static u16 oc_identify_ctrl(struct oc_cmd *cmd, void *page)
{
	const struct oc_ctrl *ctrl = cmd->queue->ctrl;
	struct oc_dev *dev = ctrl->dev;
	struct oc_wire_id_14 *more = page;
	struct nvme_id_ctrl *id = page;
	u64 all, left;

	oc_pad(id->sn, dev->serial, sizeof(id->sn));
	oc_pad(id->mn, dev->model, sizeof(id->mn));
	oc_pad(id->fr, OC_VERSION, sizeof(id->fr));
	/* 64 sectors, as they are formatted now, in units of 4 KiB */
	id->mdts = order_base_2(oc_dev_max_transfer(dev)) - 12;
	id->cntlid = cpu_to_le16(ctrl->cntlid);
	id->ver = cpu_to_le32(OC_NVME_VERSION);
	id->ctratt = cpu_to_le32(NVME_CTRL_CTRATT_128_ID);
	more->cntrltype = ctrl->discovery ? OC_CNTRLTYPE_DISCOVERY :
					    OC_CNTRLTYPE_IO;
	id->acl = 3;
	id->aerl = OC_MAX_AER - 1;
	id->lpa = OC_LPA_EXTENDED;
	id->elpe = OC_MAX_ERRLOG - 1;
	/* Keep-alive in steps of 100 ms */
	id->kas = cpu_to_le16(1);
	id->sqes = NVME_NVM_IOSQES << 4 | NVME_NVM_IOSQES;
	id->cqes = NVME_NVM_IOCQES << 4 | NVME_NVM_IOCQES;
	id->maxcmd = cpu_to_le16(OC_MAX_QSIZE);
	id->sgls = cpu_to_le32(BIT(0) | BIT(18));
	id->ioccsz = cpu_to_le32(sizeof(struct nvme_command) / 16);
	id->iorcsz = cpu_to_le32(sizeof(struct nvme_completion) / 16);
	id->msdbd = 1;
	/* The rest is of namespaces, health and firmware */
	if (ctrl->discovery) {
		strscpy(id->subnqn, NVME_DISC_SUBSYS_NAME, sizeof(id->subnqn));
		return 0;
	}

	id->rab = 6;
	id->oaes = cpu_to_le32(OC_OAES);
	id->oacs = cpu_to_le16(OC_OACS_FORMAT | OC_OACS_NS_MANAGE);
	/* One firmware slot, read only */
	id->frmw = BIT(0) | 1 << 1;
	id->lpa |= NVME_CTRL_LPA_CMD_EFFECTS_LOG;
	id->wctemp = cpu_to_le16(OC_TEMP_WARNING);
	id->cctemp = cpu_to_le16(OC_TEMP_CRITICAL);
	strscpy(id->subnqn, dev->subsysnqn, sizeof(id->subnqn));
	if (dev->shared)
		id->cmic = NVME_CTRL_CMIC_MULTI_CTRL;
	all = oc_dev_capacity(dev, &left);
	put_unaligned_le64(all, id->tnvmcap);
	put_unaligned_le64(left, id->unvmcap);
	id->nn = cpu_to_le32(dev->geo.num_grp);
	id->mnan = id->nn;
	id->oncs = cpu_to_le16(oc_ns_oncs(dev) | OC_ONCS_SAVE_SELECT |
			       NVME_CTRL_ONCS_TIMESTAMP);
	id->vwc = OC_VWC_FLUSH_ALL;
	oc_endurance_identify(id);
	oc_sanitize_identify(id);
	id->psd[0].max_power = cpu_to_le16(2500);
	return 0;
}

/* An unused number that a namespace could have gets zeroes (NVMe 1.4, 5.15.2.1) */
static u16 oc_identify_slot(struct oc_cmd *cmd, const struct oc_ns *ns,
			    void *page)
{
	u32 nsid = le32_to_cpu(cmd->sqe->common.nsid);

	if (ns)
		oc_ns_identify(ns, page);
	else if (!nsid || nsid > cmd->queue->ctrl->dev->geo.num_grp)
		return oc_inactive_ns(cmd);
	return 0;
}

static u16 oc_identify_ns(struct oc_cmd *cmd, void *page)
{
	const struct oc_ctrl *ctrl = cmd->queue->ctrl;
	u32 nsid = le32_to_cpu(cmd->sqe->common.nsid);

	if (nsid == NVME_NSID_ALL) {
		oc_format_common(ctrl->dev, page);
		return 0;
	}
	return oc_identify_slot(cmd, oc_ns_active(ctrl->port, nsid), page);
}

static u16 oc_identify_allocated(struct oc_cmd *cmd, void *page)
{
	return oc_identify_slot(cmd,
		oc_ns_find(cmd->queue->ctrl->dev,
			   le32_to_cpu(cmd->sqe->common.nsid)), page);
}

static u16 oc_identify_ns_list(struct oc_cmd *cmd, void *page)
{
	bool all = cmd->sqe->identify.cns == NVME_ID_CNS_NS_PRESENT_LIST;
	const struct oc_ctrl *ctrl = cmd->queue->ctrl;
	u32 nsid = le32_to_cpu(cmd->sqe->common.nsid);
	__le32 *list = page;

	/* The list begins after the namespace named */
	if (nsid >= NVME_NSID_ALL - 1) {
		cmd->err_loc = offsetof(struct nvme_common_command, nsid);
		return OC_ERR(NVME_SC_INVALID_NS);
	}
	for (nsid++; nsid <= ctrl->dev->geo.num_grp; nsid++)
		if (all ? oc_ns_find(ctrl->dev, nsid) :
			  oc_ns_active(ctrl->port, nsid))
			*list++ = cpu_to_le32(nsid);
	return 0;
}

static u16 oc_identify_ns_descs(struct oc_cmd *cmd, void *page)
{
	struct nvme_ns_id_desc *desc = page;
	u16 status = oc_need_ns(cmd);

	if (status)
		return status;
	desc->nidt = NVME_NIDT_NGUID;
	desc->nidl = NVME_NIDT_NGUID_LEN;
	memcpy(desc + 1, cmd->ns->nguid, NVME_NIDT_NGUID_LEN);
	return 0;
}

/* Controllers from CDW10's number on, ascending: all, or those it is attached to */
static u16 oc_identify_ctrl_list(struct oc_cmd *cmd, void *page)
{
	struct oc_dev *dev = cmd->queue->ctrl->dev;
	bool attached = cmd->sqe->identify.cns == NVME_ID_CNS_CTRL_NS_LIST;
	u32 nsid = le32_to_cpu(cmd->sqe->common.nsid);
	u16 from = le16_to_cpu(cmd->sqe->identify.ctrlid);
	__le16 *list = page;
	u32 nr = 0;

	if (attached && !oc_ns_find(dev, nsid))
		return oc_inactive_ns(cmd);

	mutex_lock(&dev->lock);
	while (nr < 2047) {
		struct oc_ctrl *ctrl;
		u32 next = U32_MAX;

		list_for_each_entry(ctrl, &dev->ctrls, entry)
			if (!ctrl->discovery && ctrl->cntlid >= from &&
			    (!attached || oc_ns_active(ctrl->port, nsid)))
				next = min_t(u32, next, ctrl->cntlid);
		if (next == U32_MAX)
			break;
		list[++nr] = cpu_to_le16(next);
		from = next + 1;
	}
	mutex_unlock(&dev->lock);
	list[0] = cpu_to_le16(nr);
	return 0;
}

/**
 * struct oc_identify - a structure that Identify returns
 * @cns:	its number
 * @fill:	fill the page of zeroes; returns an NVMe status
 */
struct oc_identify {
	u8 cns;
	u16 (*fill)(struct oc_cmd *cmd, void *page);
};

static const struct oc_identify oc_identifies[] = {
	{ .cns = NVME_ID_CNS_NS, .fill = oc_identify_ns },
	{ .cns = NVME_ID_CNS_CTRL, .fill = oc_identify_ctrl },
	{ .cns = NVME_ID_CNS_NS_ACTIVE_LIST, .fill = oc_identify_ns_list },
	{ .cns = NVME_ID_CNS_NS_DESC_LIST, .fill = oc_identify_ns_descs },
	{ .cns = NVME_ID_CNS_NS_PRESENT_LIST, .fill = oc_identify_ns_list },
	{ .cns = NVME_ID_CNS_NS_PRESENT, .fill = oc_identify_allocated },
	{ .cns = NVME_ID_CNS_CTRL_NS_LIST, .fill = oc_identify_ctrl_list },
	{ .cns = NVME_ID_CNS_CTRL_LIST, .fill = oc_identify_ctrl_list },
};

/* Fill a zeroed page of @size bytes and give it to the host */
static u16 oc_send_page(struct oc_cmd *cmd, u32 size,
			u16 (*fill)(struct oc_cmd *cmd, void *page))
{
	void *page;
	u16 status;

	status = oc_cmd_need_data(cmd, size);
	if (status)
		return status;
	page = kzalloc(size, GFP_KERNEL);
	if (!page)
		return NVME_SC_INTERNAL;
	status = fill(cmd, page);
	if (!status)
		status = oc_copy_to_host(cmd, 0, page, size);
	kfree(page);
	return status;
}

static u16 oc_admin_identify(struct oc_cmd *cmd)
{
	u8 cns = cmd->sqe->identify.cns;
	u32 i;

	/* A discovery controller has no namespaces */
	for (i = 0; i < ARRAY_SIZE(oc_identifies); i++)
		if (oc_identifies[i].cns == cns &&
		    (cns == NVME_ID_CNS_CTRL || !cmd->queue->ctrl->discovery))
			return oc_send_page(cmd, NVME_IDENTIFY_DATA_SIZE,
					    oc_identifies[i].fill);
	return oc_invalid_field(cmd, offsetof(struct nvme_identify, cns));
}

static u16 oc_geometry_fill(struct oc_cmd *cmd, void *page)
{
	cmd->ns->kind->geometry(cmd->ns, page);
	return 0;
}

static u16 oc_admin_geometry(struct oc_cmd *cmd)
{
	u16 status = oc_need_ns(cmd);

	if (status)
		return status;
	if (!cmd->ns->kind->geometry)
		return OC_ERR(NVME_SC_INVALID_OPCODE);
	return oc_send_page(cmd, sizeof(struct oc_wire_geometry),
			    oc_geometry_fill);
}

/* ---- the rest --------------------------------------------------------- */

static u16 oc_admin_abort(struct oc_cmd *cmd)
{
	const struct nvme_abort_cmd *sqe = &cmd->sqe->abort;
	u16 qid = le16_to_cpu(sqe->sqid);
	bool found;

	found = qid ? oc_ctrl_abort(cmd->queue->ctrl, qid, sqe->cid) :
		      oc_ctrl_abort_aer(cmd->queue->ctrl, sqe->cid);
	/* Bit 0: the command was not aborted */
	cmd->result.u32 = cpu_to_le32(!found);
	return 0;
}

static u16 oc_admin_keep_alive(struct oc_cmd *cmd)
{
	oc_ctrl_set_kato(cmd->queue->ctrl, READ_ONCE(cmd->queue->ctrl->kato_ms));
	oc_ctrl_check_health(cmd->queue->ctrl);
	return 0;
}

const struct oc_opcode oc_admin_ops[256] = {
	[nvme_admin_get_log_page] = {
		.name = "get log page", .dir = OC_DIR_IN,
		.during_sanitize = true, .discovery = true,
		.parse = oc_admin_get_log,
	},
	[nvme_admin_identify] = {
		.name = "identify", .dir = OC_DIR_IN,
		.during_sanitize = true, .discovery = true,
		.parse = oc_admin_identify,
	},
	[nvme_admin_abort_cmd] = {
		.name = "abort", .no_ns_srcu = true,
		.during_sanitize = true, .discovery = true,
		.parse = oc_admin_abort,
	},
	[nvme_admin_set_features] = {
		.name = "set features",
		.during_sanitize = true, .discovery = true,
		.parse = oc_admin_set_features,
	},
	[nvme_admin_get_features] = {
		.name = "get features", .dir = OC_DIR_IN,
		.during_sanitize = true, .discovery = true,
		.parse = oc_admin_get_features,
	},
	[nvme_admin_async_event] = {
		.name = "async event request", .no_ns_srcu = true,
		.during_sanitize = true, .discovery = true,
		.parse = oc_admin_parse_aer,
	},
	[nvme_admin_keep_alive] = {
		.name = "keep alive", .no_ns_srcu = true,
		.during_sanitize = true, .discovery = true,
		.parse = oc_admin_keep_alive,
	},
	[nvme_admin_ns_mgmt] = {
		.name = "namespace management", .dir = OC_DIR_OUT,
		.parse = oc_admin_ns_manage, .no_ns_srcu = true,
		.effects = NVME_CMD_EFFECTS_NIC | NVME_CMD_EFFECTS_CCC,
	},
	[nvme_admin_ns_attach] = {
		.name = "namespace attachment", .dir = OC_DIR_OUT,
		.parse = oc_admin_ns_attach, .no_ns_srcu = true,
		.effects = NVME_CMD_EFFECTS_NIC,
	},
	/* CCC: MDTS and TNVMCAP depend on the size of sectors */
	[nvme_admin_format_nvm] = {
		.name = "format", .no_ns_srcu = true, .parse = oc_admin_format,
		.effects = NVME_CMD_EFFECTS_LBCC | NVME_CMD_EFFECTS_NCC |
			   NVME_CMD_EFFECTS_CCC | OC_EFFECTS_ONE_NS,
	},
	[nvme_admin_sanitize_nvm] = {
		.name = "sanitize", .during_sanitize = true, .no_ns_srcu = true,
		.parse = oc_admin_sanitize,
		.effects = NVME_CMD_EFFECTS_LBCC,
	},
	[OC_ADMIN_GEOMETRY] = {
		.name = "geometry", .during_sanitize = true, .dir = OC_DIR_IN,
		.parse = oc_admin_geometry,
	},
};

/* The command's row: the table's own, or one of the namespace's kind */
static const struct oc_opcode *oc_admin_row(struct oc_cmd *cmd)
{
	const struct oc_opcode *row = &oc_admin_ops[cmd->sqe->common.opcode];
	struct oc_ctrl *ctrl = cmd->queue->ctrl;
	struct oc_ns *ns;

	if (row->parse || ctrl->discovery)
		return row;
	ns = oc_ns_active(ctrl->port, le32_to_cpu(cmd->sqe->common.nsid));
	if (!ns || !ns->kind->admin)
		return row;
	cmd->ns = ns;
	return &ns->kind->admin[cmd->sqe->common.opcode];
}

static u16 oc_admin_serve(struct oc_cmd *cmd)
{
	const struct oc_opcode *row = oc_admin_row(cmd);
	u16 status;

	if (!row->parse || (cmd->queue->ctrl->discovery && !row->discovery)) {
		cmd->err_loc = offsetof(struct nvme_common_command, opcode);
		return OC_ERR(NVME_SC_INVALID_OPCODE);
	}
	if (!row->during_sanitize) {
		status = oc_sanitize_status(cmd->queue->ctrl->dev);
		if (status)
			return status;
	}
	/* The host's buffer, if any, must be writable */
	if (row->dir == OC_DIR_IN && cmd->data_len && !cmd->to_host)
		return OC_ERR(NVME_SC_INVALID_FIELD);
	return row->parse(cmd);
}

/**
 * oc_admin_parse() - serve an admin command
 * @cmd:	command
 *
 * Context: process; sleeps. Reads oc_dev.ns_srcu; commands that change namespaces
 * take oc_dev.format_lock instead.
 * Return: NVMe status: Command Sequence Error before Connect or while the
 * controller is not ready, Invalid Field for a buffer of more than
 * OC_MAX_ADMIN_DATA, Invalid Opcode, or the command's own; OC_ASYNC for a parked
 * event request.
 */
u16 oc_admin_parse(struct oc_cmd *cmd)
{
	struct oc_ctrl *ctrl = cmd->queue->ctrl;
	u16 status;
	int idx;

	if (!ctrl || !(READ_ONCE(ctrl->csts) & NVME_CSTS_RDY))
		return OC_ERR(NVME_SC_CMD_SEQ_ERROR);
	if (cmd->data_len > OC_MAX_ADMIN_DATA)
		return oc_invalid_field(cmd,
			offsetof(struct nvme_common_command, dptr));
	if (oc_admin_ops[cmd->sqe->common.opcode].no_ns_srcu)
		return oc_admin_serve(cmd);
	idx = srcu_read_lock(&ctrl->dev->ns_srcu);
	status = oc_admin_serve(cmd);
	srcu_read_unlock(&ctrl->dev->ns_srcu, idx);
	return status;
}
