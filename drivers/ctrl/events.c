// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/events.c - asynchronous events: requests that are parked until there is an
 * event, events that wait for a request, and which events are sent at all
 *
 * A host is told of something once, and again only after it has read the log page
 * about it: oc_ctrl.told has a bit for each.
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
 * If no request is parked, the event waits for one. A second event of the same type
 * replaces it meanwhile: the host reads the log pages anyway.
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

/* Completion dword 0 of those that are always the same */
static const u32 oc_news_event[] = {
	[OC_NEWS_NS]		= NVME_AER_NOTICE |
				  NVME_AER_NOTICE_NS_CHANGED << 8 |
				  NVME_LOG_CHANGED_NS << 16,
	[OC_NEWS_NOTICES]	= OC_AER_NOTICE,
	[OC_NEWS_SANITIZED]	= OC_AER_SANITIZED,
};

/**
 * oc_ctrl_untold() - should a host be told of something now?
 * @ctrl:	controller
 * @news:	what has happened
 *
 * Context: any.
 * Return: true if the host has read the log since it was last told; it counts as
 * told from here on, and the caller sends the event.
 */
bool oc_ctrl_untold(struct oc_ctrl *ctrl, enum oc_news news)
{
	return !test_and_set_bit(news, &ctrl->told);
}

static void oc_ctrl_tell(struct oc_ctrl *ctrl, enum oc_news news)
{
	if (oc_ctrl_untold(ctrl, news))
		oc_ctrl_event(ctrl, oc_news_event[news]);
}

/**
 * oc_dev_tell() - tell the hosts of a device that something has happened
 * @dev:	device
 * @news:	what, but OC_NEWS_HEALTH, whose event depends on the warning
 * @concerns:	is it news to this controller? NULL for all controllers
 *
 * Context: process; takes oc_dev.lock.
 */
void oc_dev_tell(struct oc_dev *dev, enum oc_news news,
		 bool (*concerns)(struct oc_ctrl *ctrl))
{
	struct oc_ctrl *ctrl;

	mutex_lock(&dev->lock);
	list_for_each_entry(ctrl, &dev->ctrls, entry)
		if (!ctrl->discovery && (!concerns || concerns(ctrl)))
			oc_ctrl_tell(ctrl, news);
	mutex_unlock(&dev->lock);
}

/**
 * oc_log_was_read() - a host reads a log: tell it of what comes next
 * @cmd:	Get Log Page; does nothing if that retains the event
 * @news:	what the log is about
 *
 * Called before the log is read, or under the lock that its changes need: what
 * changes later then finds the host untold.
 *
 * Context: any.
 */
void oc_log_was_read(struct oc_cmd *cmd, enum oc_news news)
{
	if (!oc_log_retains(cmd))
		clear_bit(news, &cmd->queue->ctrl->told);
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
 * oc_ctrl_abort_aer() - abort a parked request
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
	bool wanted;

	lockdep_assert_held(&ctrl->dev->lock);
	mutex_lock(&ctrl->lock);
	wanted = ctrl->aen_mask & NVME_AEN_CFG_NS_ATTR;
	bitmap_or(ctrl->ns_changed, ctrl->ns_changed, which, OC_MAX_NS);
	mutex_unlock(&ctrl->lock);
	if (wanted)
		oc_ctrl_tell(ctrl, OC_NEWS_NS);
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
