// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/notify.c - the chunk notification log (D0h) and the event that announces it
 *
 * A device has one ring of notices, which any context fills. A controller shows
 * those of the namespaces it has, and the connection remembers how far its host
 * has read, through resets as well: the log begins with what is new to that host,
 * in the order in which it happened, and what the host knows already comes after
 * it. So a reader that starts at the top and stops at a number it has seen misses
 * nothing, whatever the size of its buffer. Numbers are the device's: where some are
 * missing, something happened to somebody else's namespace.
 *
 * The event is sent once; reading the log without Retain Asynchronous Event
 * arms it again (OCSSD 2.0, 2.2.2), and so does a reset, with which it gets lost.
 */
#include <linux/kernel.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "oc.h"
#include "oc_cmd.h"
#include "oc_ctrl.h"
#include "oc_data.h"
#include "oc_dev.h"
#include "oc_notice.h"
#include "oc_ns.h"
#include "oc_wire.h"

/* Is it of a namespace that the host has? Called with oc_notices.lock */
static bool oc_notice_is_for(const struct oc_wire_notice *entry,
			     const struct oc_port *port)
{
	return oc_ns_active(port, le32_to_cpu(entry->nsid));
}

/* How many are new to the host. Called with oc_notices.lock */
static u32 oc_notices_fresh(const struct oc_notices *notices,
			    const struct oc_port *port)
{
	u64 old = notices->nr - min_t(u64, notices->nr, OC_MAX_NOTICES), i;
	u32 fresh = 0;

	for (i = max(port->notices_read, old); i < notices->nr; i++)
		fresh += oc_notice_is_for(&notices->ring[i % OC_MAX_NOTICES],
					  port);
	return fresh;
}

static void oc_notices_work(struct work_struct *work)
{
	struct oc_notices *notices = container_of(work, struct oc_notices, work);
	struct oc_dev *dev = container_of(notices, struct oc_dev, notices);
	unsigned int noio = memalloc_noio_save();
	struct oc_ctrl *ctrl;
	bool tell;

	mutex_lock(&dev->lock);
	list_for_each_entry(ctrl, &dev->ctrls, entry) {
		if (ctrl->discovery)
			continue;
		spin_lock_irq(&notices->lock);
		tell = !ctrl->notice_told &&
			oc_notices_fresh(notices, ctrl->port);
		ctrl->notice_told |= tell;
		spin_unlock_irq(&notices->lock);
		if (tell)
			oc_ctrl_event(ctrl, OC_AER_NOTICE);
	}
	mutex_unlock(&dev->lock);
	memalloc_noio_restore(noio);
}

/**
 * oc_notices_init() - make a device's empty log
 * @dev:	device
 *
 * Context: process.
 */
void oc_notices_init(struct oc_dev *dev)
{
	spin_lock_init(&dev->notices.lock);
	INIT_WORK(&dev->notices.work, oc_notices_work);
}

/**
 * oc_notices_connect() - a controller may tell its host
 * @ctrl:	controller that has just entered its device's list
 * @fresh:	its connection is new: all that the log has is news there
 *
 * Context: process; holds oc_dev.lock. Takes oc_notices.lock.
 */
void oc_notices_connect(struct oc_ctrl *ctrl, bool fresh)
{
	struct oc_notices *notices = &ctrl->dev->notices;

	spin_lock_irq(&notices->lock);
	if (fresh)
		ctrl->port->notices_read = 0;
	if (!notices->dead && notices->nr)
		queue_work(ctrl->dev->admin_wq, &notices->work);
	spin_unlock_irq(&notices->lock);
}

/**
 * oc_notices_exit() - no host will be told anything more
 * @dev:	device without controllers, its admin workqueue still there
 *
 * The end of the admin workqueue waits for who is being told. To wait for that
 * work alone, as to cancel it would, is to leave a barrier behind, and the end of
 * a workqueue finds fault with those in Linux before 5.15.
 *
 * Context: process.
 */
void oc_notices_exit(struct oc_dev *dev)
{
	struct oc_notices *notices = &dev->notices;

	spin_lock_irq(&notices->lock);
	notices->dead = true;
	spin_unlock_irq(&notices->lock);
}

/* Entries @from to @to, as far as they are for the host. Returns their end */
static struct oc_wire_notice *
oc_notices_copy(const struct oc_notices *notices, const struct oc_port *port,
		u64 from, u64 to, struct oc_wire_notice *page)
{
	for (; from < to; from++) {
		const struct oc_wire_notice *entry =
			&notices->ring[from % OC_MAX_NOTICES];

		if (oc_notice_is_for(entry, port))
			*page++ = *entry;
	}
	return page;
}

/* The log as a controller shows it. Returns the entries new to its host */
static u32 oc_notices_show(const struct oc_notices *notices,
			   const struct oc_port *port,
			   struct oc_wire_notice *page)
{
	u64 nr = notices->nr, old = nr - min_t(u64, nr, OC_MAX_NOTICES);
	u64 read = max(port->notices_read, old);
	struct oc_wire_notice *known;

	known = oc_notices_copy(notices, port, read, nr, page);
	oc_notices_copy(notices, port, old, read, known);
	return known - page;
}

/**
 * oc_log_notices() - serve the chunk notification log
 * @cmd:	Get Log Page; its namespace may be 0 or all ones for all, and
 *		the log is of all that the controller has in any case
 * @off:	first byte wanted
 * @len:	how many
 *
 * Context: process; sleeps. Takes oc_notices.lock.
 * Return: 0, Invalid Namespace for a namespace that does not exist, Invalid
 * Field past the log's end, Internal Error without memory.
 */
u16 oc_log_notices(struct oc_cmd *cmd, u64 off, u32 len)
{
	struct oc_ctrl *ctrl = cmd->queue->ctrl;
	struct oc_notices *notices = &ctrl->dev->notices;
	u32 nsid = le32_to_cpu(cmd->sqe->common.nsid);
	struct oc_port *port = ctrl->port;
	/* Retain Asynchronous Event, CDW10 bit 15 */
	bool retain = cmd->sqe->get_log_page.lsp & BIT(7);
	struct iov_iter iter = cmd->data;
	struct oc_wire_notice *page;
	u32 fresh, n;
	u16 status;

	if (nsid && nsid != NVME_NSID_ALL) {
		status = oc_need_ns(cmd);
		if (status)
			return status;
	}
	if (off > sizeof(notices->ring))
		return oc_invalid_field(cmd,
			offsetof(struct nvme_get_log_page_command, lpo));
	page = kzalloc(sizeof(notices->ring), GFP_KERNEL);
	if (!page)
		return NVME_SC_INTERNAL;

	n = min_t(u64, len, sizeof(notices->ring) - off);
	spin_lock_irq(&notices->lock);
	fresh = oc_notices_show(notices, port, page);
	if (!retain) {
		u32 seen = min_t(u32, fresh, (off + n) / sizeof(*page));

		/* The number of an entry is one more than its place */
		port->notices_read = seen < fresh ?
			le64_to_cpu(page[seen].nc) - 1 : notices->nr;
		ctrl->notice_told = false;
		/* What did not fit is news still */
		if (seen < fresh && !notices->dead)
			queue_work(ctrl->dev->admin_wq, &notices->work);
	}
	spin_unlock_irq(&notices->lock);

	oc_iter_put(&iter, (u8 *)page + off, n);
	iov_iter_zero(len - n, &iter);
	kfree(page);
	return 0;
}
