// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/events.c - what a controller tells its host unasked: requests that are parked
 * until there is an event, and events that wait for a request
 */
#include <linux/kernel.h>

#include "oc.h"
#include "oc_cmd.h"
#include "oc_ctrl.h"
#include "oc_dev.h"

/**
 * oc_ctrl_drop_aers() - end all parked requests, and forget what waits for one
 * @ctrl:	controller
 * @last:	it takes no more of them
 *
 * Context: process; takes oc_ctrl.aer_lock.
 */
void oc_ctrl_drop_aers(struct oc_ctrl *ctrl, bool last)
{
	struct oc_cmd *cmd, *next;
	LIST_HEAD(aers);

	spin_lock_irq(&ctrl->aer_lock);
	ctrl->no_aers |= last;
	list_splice_init(&ctrl->aers, &aers);
	ctrl->nr_aers = 0;
	memset(ctrl->pending, 0, sizeof(ctrl->pending));
	spin_unlock_irq(&ctrl->aer_lock);

	list_for_each_entry_safe(cmd, next, &aers, aer)
		oc_cmd_end(cmd, oc_cut_status(cmd, OC_CUT_QUEUE));
}

/**
 * oc_ctrl_event() - tell the host about an event
 * @ctrl:	controller
 * @event:	completion dword 0: type, information, log page
 *
 * If no request is parked the event waits for one; a second event of the same
 * type meanwhile replaces it, the host reads the log pages anyway.
 *
 * Context: any; takes oc_ctrl.aer_lock.
 */
void oc_ctrl_event(struct oc_ctrl *ctrl, u32 event)
{
	struct oc_cmd *cmd;
	unsigned long flags;

	spin_lock_irqsave(&ctrl->aer_lock, flags);
	cmd = list_first_entry_or_null(&ctrl->aers, struct oc_cmd, aer);
	if (cmd) {
		list_del(&cmd->aer);
		ctrl->nr_aers--;
	} else {
		ctrl->pending[event % OC_MAX_EVENTS] = event;
	}
	spin_unlock_irqrestore(&ctrl->aer_lock, flags);

	if (cmd) {
		cmd->result.u32 = cpu_to_le32(event);
		oc_cmd_end(cmd, 0);
	}
}

/**
 * oc_admin_parse_aer() - park an Asynchronous Event Request
 * @cmd:	command
 *
 * Context: process; takes oc_ctrl.aer_lock.
 * Return: OC_ASYNC, or Asynchronous Event Request Limit Exceeded, or Aborted
 * due to SQ Deletion when the controller is going away.
 */
u16 oc_admin_parse_aer(struct oc_cmd *cmd)
{
	struct oc_ctrl *ctrl = cmd->queue->ctrl;
	u16 status = OC_ASYNC;
	u32 event = 0, i;

	spin_lock_irq(&ctrl->aer_lock);
	for (i = 0; i < OC_MAX_EVENTS && !ctrl->pending[i]; i++)
		;
	if (ctrl->no_aers) {
		status = oc_cut_status(cmd, OC_CUT_QUEUE);
	} else if (i < OC_MAX_EVENTS) {
		swap(event, ctrl->pending[i]);
		status = 0;
	} else if (ctrl->nr_aers >= OC_MAX_AER) {
		status = OC_ERR(NVME_SC_ASYNC_LIMIT);
	} else {
		list_add_tail(&cmd->aer, &ctrl->aers);
		ctrl->nr_aers++;
	}
	spin_unlock_irq(&ctrl->aer_lock);

	if (status != OC_ASYNC)
		cmd->result.u32 = cpu_to_le32(event);
	return status;
}

/**
 * oc_ctrl_abort_aer() - end a parked request at the host's wish
 * @ctrl:	controller
 * @cid:	the request's command identifier, as it is in its command
 *
 * Context: process; takes oc_ctrl.aer_lock.
 * Return: false if no such request is parked.
 */
bool oc_ctrl_abort_aer(struct oc_ctrl *ctrl, u16 cid)
{
	struct oc_cmd *cmd, *found = NULL;

	spin_lock_irq(&ctrl->aer_lock);
	list_for_each_entry(cmd, &ctrl->aers, aer) {
		if (cmd->sqe->common.command_id != cid)
			continue;
		found = cmd;
		list_del(&cmd->aer);
		ctrl->nr_aers--;
		break;
	}
	spin_unlock_irq(&ctrl->aer_lock);

	if (found)
		oc_cmd_end(found, oc_cut_status(found, OC_CUT_ABORT));
	return found;
}

/**
 * oc_ctrl_ns_changed() - tell a host that namespaces have changed
 * @ctrl:	controller
 * @which:	bit NSID - 1: this one has
 *
 * Context: process; the caller holds oc_dev.lock. Takes oc_ctrl.lock.
 */
void oc_ctrl_ns_changed(struct oc_ctrl *ctrl, const unsigned long *which)
{
	bool tell;

	lockdep_assert_held(&ctrl->dev->lock);
	mutex_lock(&ctrl->lock);
	/* One event until the host has read the log */
	tell = !ctrl->ns_told && (ctrl->aen_mask & NVME_AEN_CFG_NS_ATTR);
	bitmap_or(ctrl->ns_changed, ctrl->ns_changed, which, OC_MAX_NS);
	ctrl->ns_told |= tell;
	mutex_unlock(&ctrl->lock);
	if (tell)
		oc_ctrl_event(ctrl, NVME_AER_NOTICE |
			      NVME_AER_NOTICE_NS_CHANGED << 8 |
			      NVME_LOG_CHANGED_NS << 16);
}

/**
 * oc_dev_ns_changed() - tell the hosts that namespaces of theirs have changed
 * @dev:	device
 * @which:	bit NSID - 1: this one has; NULL for all, told to every host
 *
 * Context: process; takes oc_dev.lock.
 */
void oc_dev_ns_changed(struct oc_dev *dev, const unsigned long *which)
{
	DECLARE_BITMAP(theirs, OC_MAX_NS);
	struct oc_ctrl *ctrl;

	mutex_lock(&dev->lock);
	list_for_each_entry(ctrl, &dev->ctrls, entry) {
		bitmap_copy(theirs, ctrl->port->active, OC_MAX_NS);
		if (which && !bitmap_and(theirs, theirs, which, OC_MAX_NS))
			continue;
		oc_ctrl_ns_changed(ctrl, theirs);
	}
	mutex_unlock(&dev->lock);
}
