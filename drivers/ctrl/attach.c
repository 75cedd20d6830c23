// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/attach.c - which controllers a namespace is attached to
 *
 * An attachment is a bit of the controller's connection, which survives resets. To a
 * controller that connects, all namespaces are attached that are attached to another
 * one, except for private ones.
 */
#include <linux/bitfield.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "oc.h"
#include "oc_cmd.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_freeze.h"
#include "oc_ns.h"
#include "oc_wire.h"

/* Is the namespace attached to any controller? */
static bool oc_ns_has_port(const struct oc_ns *ns)
{
	struct oc_port *port;

	lockdep_assert_held(&ns->dev->lock);
	list_for_each_entry(port, &ns->dev->ports, entry)
		if (oc_ns_active(port, ns->nsid))
			return true;
	return false;
}

/**
 * oc_port_attach() - attach namespaces to a new controller
 * @port:	its connection, to which none is attached yet
 *
 * Those that are attached to others, or were when these disconnected; except private
 * ones that are attached now.
 *
 * Context: process; the caller holds oc_dev.lock, once there are hosts.
 */
void oc_port_attach(struct oc_port *port)
{
	struct oc_dev *dev = port->dev;
	u32 i;

	for (i = 0; i < dev->geo.num_grp; i++) {
		const struct oc_ns *ns = &dev->ns[i];

		if (ns->attached && (ns->shared || !oc_ns_has_port(ns)))
			set_bit(i, port->active);
	}
}

/* ---- Namespace Attachment ---------------------------------------------- */

static struct oc_ctrl *oc_ctrl_find(struct oc_dev *dev, u16 cntlid)
{
	struct oc_ctrl *ctrl;

	list_for_each_entry(ctrl, &dev->ctrls, entry)
		if (!ctrl->discovery && ctrl->cntlid == cntlid)
			return ctrl;
	return NULL;
}

/* A list names each controller once, in ascending order (NVMe 1.4, 4.9) */
static u16 oc_list_check(struct oc_cmd *cmd, const __le16 *list)
{
	u32 nr = le16_to_cpu(list[0]), i;

	cmd->err_loc = offsetof(struct nvme_common_command, dptr);
	if (!nr || nr > OC_MAX_CTRL_LIST)
		return OC_ERR(NVME_SC_CTRL_LIST_INVALID);
	for (i = 1; i <= nr; i++)
		if (!oc_ctrl_find(cmd->queue->ctrl->dev, le16_to_cpu(list[i])) ||
		    (i > 1 && le16_to_cpu(list[i]) <= le16_to_cpu(list[i - 1])))
			return OC_ERR(NVME_SC_CTRL_LIST_INVALID);
	cmd->err_loc = U16_MAX;
	return 0;
}

static u16 oc_attach_check(const struct oc_ns *ns, const __le16 *list)
{
	u32 nr = le16_to_cpu(list[0]), i;

	for (i = 1; i <= nr; i++)
		if (oc_ns_active(oc_ctrl_find(ns->dev,
					      le16_to_cpu(list[i]))->port,
				 ns->nsid))
			return OC_ERR(NVME_SC_NS_ALREADY_ATTACHED);
	if (!ns->shared && (nr > 1 || oc_ns_has_port(ns)))
		return OC_ERR(NVME_SC_NS_IS_PRIVATE);
	return 0;
}

static u16 oc_detach_check(const struct oc_ns *ns, const __le16 *list)
{
	u32 nr = le16_to_cpu(list[0]), i;
	bool used = false;

	for (i = 1; i <= nr; i++)
		if (!oc_ns_active(oc_ctrl_find(ns->dev,
					       le16_to_cpu(list[i]))->port,
				  ns->nsid))
			return OC_ERR(NVME_SC_NS_NOT_ATTACHED);
	for (i = 1; i <= nr; i++)
		used |= oc_port_uses(oc_ctrl_find(ns->dev,
						  le16_to_cpu(list[i]))->port,
				     ns->nsid);
	if (!used)
		return 0;
	oc_hosts_look(ns->dev, ns->nsid);
	return OC_ERR(OC_SC_OP_DENIED);
}

static void oc_attach_commit(struct oc_ns *ns, const __le16 *list, bool attach)
{
	DECLARE_BITMAP(which, OC_MAX_NS) = { };
	u32 nr = le16_to_cpu(list[0]), bit = ns->nsid - 1, i;
	struct oc_ctrl *ctrl;

	for (i = 1; i <= nr; i++) {
		ctrl = oc_ctrl_find(ns->dev, le16_to_cpu(list[i]));
		if (attach)
			set_bit(bit, ctrl->port->active);
		else
			clear_bit(bit, ctrl->port->active);
	}
	ns->attached = attach || oc_ns_has_port(ns);
	oc_hosts_look(ns->dev, ns->nsid);

	__set_bit(bit, which);
	for (i = 1; i <= nr; i++)
		oc_ctrl_ns_changed(oc_ctrl_find(ns->dev, le16_to_cpu(list[i])),
				   which);
}

/* As oc_hosts_yield(), for the controllers of @list, and then detach */
static u16 oc_detach_commit(struct oc_ns *ns, const __le16 *list)
{
	struct oc_freeze fz = { .dev = ns->dev, .why = OC_CUT_FORMAT };
	u32 nr = le16_to_cpu(list[0]), i;
	bool used = false;

	__set_bit(ns->nsid - 1, fz.which);
	oc_freeze_shut(&fz);
	for (i = 1; i <= nr; i++)
		used |= oc_port_claims(oc_ctrl_find(ns->dev,
						    le16_to_cpu(list[i]))->port,
				       ns->nsid);
	if (used)
		oc_hosts_look(ns->dev, ns->nsid);
	else
		oc_attach_commit(ns, list, false);
	oc_freeze_open(ns->dev, fz.which);
	return used ? OC_ERR(OC_SC_OP_DENIED) : 0;
}

static u16 oc_attach(struct oc_cmd *cmd, const __le16 *list, bool attach)
{
	struct oc_dev *dev = cmd->queue->ctrl->dev;
	struct oc_ns *ns = oc_ns_find(dev, le32_to_cpu(cmd->sqe->common.nsid));
	u16 status;

	if (!ns)
		return oc_inactive_ns(cmd);
	mutex_lock(&dev->lock);
	status = oc_list_check(cmd, list);
	if (!status)
		status = attach ? oc_attach_check(ns, list) :
				  oc_detach_check(ns, list);
	if (!status && attach)
		oc_attach_commit(ns, list, true);
	else if (!status)
		status = oc_detach_commit(ns, list);
	mutex_unlock(&dev->lock);
	/* No command of these controllers begins there any more */
	if (!status && !attach)
		synchronize_rcu();
	return status;
}

/**
 * oc_admin_ns_attach() - serve Namespace Attachment
 * @cmd:	command
 *
 * Context: process; sleeps. Takes oc_dev.format_lock, oc_dev.lock.
 * Return: 0, or NVMe status with nothing changed: Invalid Field for another
 * operation or a number without a namespace, Invalid Namespace for one that none
 * can have, Controller List Invalid, Namespace
 * Already Attached, Namespace Is Private, Namespace Not Attached, Operation Denied
 * while one of the hosts uses it, Sanitize In Progress or Failed, Data SGL Length
 * Invalid, Internal Error for lack of memory (NVMe 1.4, 5.19).
 */
u16 oc_admin_ns_attach(struct oc_cmd *cmd)
{
	u16 where = offsetof(struct nvme_common_command, cdw10);
	u32 sel = FIELD_GET(OC_NS_SEL, le32_to_cpu(cmd->sqe->common.cdw10));
	struct oc_ctrl *ctrl = cmd->queue->ctrl;
	__le16 *list;
	u16 status;

	if (sel != OC_NS_CREATE && sel != OC_NS_DELETE)
		return oc_invalid_field(cmd, where);
	list = oc_copy_page(cmd, &status);
	if (!list)
		return status;
	oc_change_lock(cmd);
	status = oc_sanitize_status(ctrl->dev);
	if (!status)
		status = oc_attach(cmd, list, sel == OC_NS_CREATE);
	oc_change_unlock(ctrl->dev);
	kfree(list);
	return status;
}
