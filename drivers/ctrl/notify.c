// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/notify.c - the chunk notification log (D0h) and the event that announces it
 *
 * A device has one ring of notices, which any context fills. A controller shows
 * those of its attached namespaces. The connection remembers, across resets, how far
 * its host has read: the log has the entries that are new to the host first, oldest
 * first, and then those it has read before. So a host that reads from the top and
 * stops at a number it knows misses nothing, whatever the size of its buffer. The
 * entries are numbered through the device, so the numbers have gaps where namespaces
 * of other controllers were concerned.
 *
 * The event is sent once; reading the log without Retain Asynchronous Event arms it
 * again (OCSSD 2.0, 2.2.2), and so does a reset, which drops the event.
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

/* Is the namespace of a notice attached? Called with oc_notices.lock */
static bool oc_notice_is_for(const struct oc_wire_notice *entry,
			     const struct oc_port *port)
{
	return oc_ns_active(port, le32_to_cpu(entry->nsid));
}

/* The number of notices that are new to the host. Called with oc_notices.lock */
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

/* Are there notices that the host of a controller has not read? */
static bool oc_notices_concern(struct oc_ctrl *ctrl)
{
	struct oc_notices *notices = &ctrl->dev->notices;
	bool fresh;

	spin_lock_irq(&notices->lock);
	fresh = oc_notices_fresh(notices, ctrl->port);
	spin_unlock_irq(&notices->lock);
	return fresh;
}

static void oc_notices_work(struct work_struct *work)
{
	struct oc_notices *notices = container_of(work, struct oc_notices, work);
	struct oc_dev *dev = container_of(notices, struct oc_dev, notices);
	unsigned int noio = memalloc_noio_save();

	oc_dev_tell(dev, OC_NEWS_NOTICES, oc_notices_concern);
	memalloc_noio_restore(noio);
}

/**
 * oc_notices_init() - initialize a device's log
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
 * oc_notices_connect() - send what a new controller has missed
 * @ctrl:	controller that has just been added to its device's list
 * @fresh:	its connection is new: all entries of the log are news
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
 * oc_notices_exit() - send no more events
 * @dev:	device without controllers, its admin workqueue still there
 *
 * destroy_workqueue() waits for the work item. Flushing or cancelling it here would
 * leave a barrier in the workqueue, about which destroy_workqueue() warns in Linux
 * before 5.15.
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

/* Copy those of the entries @from to @to that are for the host. Returns their end */
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
	struct oc_wire_notice *page;
	u16 status = 0;
	u32 fresh, n;

	if (nsid && nsid != NVME_NSID_ALL)
		status = oc_need_ns(cmd);
	if (!status)
		status = oc_cmd_window(cmd, sizeof(notices->ring), off, len,
				       &n);
	if (status)
		return status;
	page = kzalloc(sizeof(notices->ring), GFP_KERNEL);
	if (!page)
		return NVME_SC_INTERNAL;

	spin_lock_irq(&notices->lock);
	fresh = oc_notices_show(notices, port, page);
	oc_log_was_read(cmd, OC_NEWS_NOTICES);
	if (!oc_log_retains(cmd)) {
		u32 seen = min_t(u32, fresh, (off + n) / sizeof(*page));

		/* Entries are numbered from 1 */
		port->notices_read = seen < fresh ?
			le64_to_cpu(page[seen].nc) - 1 : notices->nr;
		/* Entries that did not fit are still news */
		if (seen < fresh && !notices->dead)
			queue_work(ctrl->dev->admin_wq, &notices->work);
	}
	spin_unlock_irq(&notices->lock);

	oc_send_window(cmd, (u8 *)page + off, n, len);
	kfree(page);
	return 0;
}
