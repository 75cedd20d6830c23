// SPDX-License-Identifier: GPL-2.0
/*
 * host/transport-queues.c - a controller's queues: how many, made, up and down
 *
 * There are as many I/O queues as processors have been online at once when the
 * controller was connected or reset. A processor that comes later shares a queue until
 * the next reset. Queues never become fewer: one whose processors have all gone stays
 * connected, and is there when they come back. Taken away, it would be used after it
 * is freed: blk-mq of 5.10 frees a queue's tags before it tells them that the queue is
 * idle (blk_mq_realloc_hw_ctxs()).
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>

#include "oc_ctrl.h"
#include "oc_ns.h"
#include "oc_transport.h"

/* ---- queues: up and down ---------------------------------------------- */

static void oc_stop_queue(struct oc_host_queue *hq)
{
	WRITE_ONCE(hq->ready, false);
	oc_queue_stop(&hq->q);
}

/**
 * oc_host_stop() - stop the I/O queues, then the admin queue
 * @host:	controller; its end on the device goes with the admin queue
 *
 * Context: process; sleeps.
 */
void oc_host_stop(struct oc_host *host)
{
	struct nvme_ctrl *ctrl = &host->ctrl;
	u32 i;

	/* 6.2 and later leave that to us; without a queue it would reset the controller */
	nvme_stop_keep_alive(ctrl);
	nvme_quiesce_io_queues(ctrl);
	for (i = 1; i <= host->max_io; i++)
		oc_stop_queue(&host->queues[i]);
	ctrl->queue_count = 1;

	blk_mq_quiesce_queue(ctrl->admin_q);
	oc_stop_queue(&host->queues[0]);
	blk_mq_unquiesce_queue(ctrl->admin_q);
	/* An event may have come since nvme_stop_ctrl() waited for this */
	cancel_work_sync(&ctrl->async_event_work);
}

/**
 * oc_host_limit() - tell nvme-core how long a transfer may be
 * @host:	controller
 *
 * nvme-core has one limit for all namespaces, and looks at it whenever it looks
 * at one of them.
 *
 * Context: any.
 */
void oc_host_limit(struct oc_host *host)
{
	WRITE_ONCE(host->ctrl.max_hw_sectors,
		   oc_dev_max_transfer(host->port.dev) >> SECTOR_SHIFT);
}

/**
 * oc_host_start_admin() - connect the admin queue and enable the controller
 * @host:	controller with its admin queue stopped
 *
 * Context: process; sleeps.
 * Return: 0, an errno, or above 0 an NVMe status.
 */
int oc_host_start_admin(struct oc_host *host)
{
	struct nvme_ctrl *ctrl = &host->ctrl;
	struct oc_host_queue *hq = &host->queues[0];
	int ret;

	oc_queue_start(&hq->q);
	ret = nvmf_connect_admin_queue(ctrl);
	if (ret)
		goto err_stop;
	WRITE_ONCE(hq->ready, true);

	ret = nvme_enable_ctrl(ctrl);
	if (ret)
		goto err_stop;
	oc_host_limit(host);
	ctrl->max_segments = oc_iod_max_segments(host->port.dev);
	ctrl->max_integrity_segments = 1;
	ret = oc_nvme_init_finish(ctrl);
	if (ret)
		goto err_stop;
	oc_host_lift_admin(ctrl);
	return 0;

err_stop:
	oc_stop_queue(hq);
	return ret;
}

/* One for each processor there is now, if the user has not asked for fewer */
static u32 oc_host_wants_io(const struct oc_host *host)
{
	return max(host->nr_io, min(host->max_io, num_online_cpus()));
}

/**
 * oc_host_start_io() - connect the I/O queues
 * @host:	controller whose admin queue is up
 *
 * Those that blk-mq has now, since requests wait in them, and those that it is to
 * have: oc_host_fit_io() is next.
 *
 * Context: process; sleeps.
 * Return: 0, -ENOSPC if the device grants fewer than blk-mq has, another errno, or
 * above 0 an NVMe status.
 */
int oc_host_start_io(struct oc_host *host)
{
	struct nvme_ctrl *ctrl = &host->ctrl;
	int granted = oc_host_wants_io(host), ret;
	u32 i;

	ret = nvme_set_queue_count(ctrl, &granted);
	if (ret)
		return ret;
	if (granted < host->nr_io)
		return -ENOSPC;

	for (i = 1; i <= granted; i++) {
		struct oc_host_queue *hq = &host->queues[i];

		oc_queue_start(&hq->q);
		ret = oc_connect_queue(host, i);
		if (ret)
			goto err_stop;
		WRITE_ONCE(hq->ready, true);
	}
	host->nr_up = granted;
	ctrl->queue_count = granted + 1;
	return 0;

err_stop:
	while (i)
		oc_stop_queue(&host->queues[i--]);
	return ret;
}

/*
 * blk-mq marks a queue when the last of its processors goes, and lets nobody in. In
 * 5.10 the mark stays when the queue is then given to other processors, or made
 * anew from an old one, and who submits there would wait for ever.
 */
static void oc_host_wake_io(struct blk_mq_tag_set *set)
{
	struct blk_mq_hw_ctx *hctx;
	struct request_queue *q;
	unsigned long i;

	mutex_lock(&set->tag_list_lock);
	cpus_read_lock();
	list_for_each_entry(q, &set->tag_list, tag_set_list)
		queue_for_each_hw_ctx(q, hctx, i)
			if (cpumask_intersects(hctx->cpumask, cpu_online_mask))
				clear_bit(BLK_MQ_S_INACTIVE, &hctx->state);
	cpus_read_unlock();
	mutex_unlock(&set->tag_list_lock);
}

/*
 * A disk that is being made has queues and is in no list yet, so this must not come
 * between. Nobody waits for a scan once the controller is not live: it may wait for
 * what only the next reset brings back.
 */
static bool oc_host_lock_scan(struct oc_host *host)
{
	while (!mutex_trylock(&host->ctrl.scan_lock)) {
		if (nvme_ctrl_state(&host->ctrl) != NVME_CTRL_LIVE)
			return false;
		msleep(20);
	}
	return true;
}

/**
 * oc_host_fit_io() - have blk-mq use the I/O queues that there are to be now
 * @host:	controller whose queues take commands: what is in them must end, for
 *		blk-mq waits for it
 *
 * A processor that goes offline waits for the commands of its queue, and with the
 * lock that blk-mq takes here; so a reset may not do this before they can end.
 *
 * Context: process; sleeps.
 */
void oc_host_fit_io(struct oc_host *host)
{
	struct blk_mq_tag_set *set = &host->io_set;
	u32 nr = min(host->nr_up, oc_host_wants_io(host));

	if (!host->nr_io)
		return;
	if (nr > set->nr_hw_queues && oc_host_lock_scan(host)) {
		/* Without memory it leaves everything as it was */
		blk_mq_update_nr_hw_queues(set, nr);
		oc_host_wake_io(set);
		mutex_unlock(&host->ctrl.scan_lock);
		dev_info(host->ctrl.device, "%u I/O queues now, of %u wanted\n",
			 set->nr_hw_queues, nr);
	}
	host->nr_io = set->nr_hw_queues;
	for (; host->nr_up > host->nr_io; host->nr_up--)
		oc_stop_queue(&host->queues[host->nr_up]);
	host->ctrl.queue_count = host->nr_io + 1;
}

/* ---- made, for as long as the controller is there --------------------- */

/**
 * oc_host_alloc_admin() - make the admin queue, not yet connected
 * @host:	controller
 *
 * Context: process; sleeps.
 * Return: 0 or an errno.
 */
int oc_host_alloc_admin(struct oc_host *host)
{
	struct nvme_ctrl *ctrl = &host->ctrl;
	struct blk_mq_tag_set *set = &host->admin_set;
	int ret;

	set->ops = &oc_admin_mq_ops;
	set->queue_depth = NVME_AQ_MQ_TAG_DEPTH;
	set->reserved_tags = 2;	/* Connect and keep-alive */
	set->numa_node = ctrl->numa_node;
	set->cmd_size = oc_iod_size(host->port.dev,
				    oc_iod_max_admin_segments());
	set->driver_data = host;
	set->nr_hw_queues = 1;
	set->timeout = NVME_ADMIN_TIMEOUT;
	set->flags = BLK_MQ_F_NO_SCHED;
	ret = blk_mq_alloc_tag_set(set);
	if (ret)
		return ret;
	ctrl->admin_tagset = set;

	ctrl->fabrics_q = blk_mq_alloc_queue(set, NULL, NULL);
	if (IS_ERR(ctrl->fabrics_q)) {
		ret = PTR_ERR(ctrl->fabrics_q);
		goto err_set;
	}
	ctrl->admin_q = blk_mq_alloc_queue(set, NULL, NULL);
	if (IS_ERR(ctrl->admin_q)) {
		ret = PTR_ERR(ctrl->admin_q);
		goto err_fabrics;
	}
	return 0;

err_fabrics:
	ctrl->admin_q = NULL;
	blk_mq_destroy_queue(ctrl->fabrics_q);
	blk_put_queue(ctrl->fabrics_q);
err_set:
	ctrl->fabrics_q = NULL;
	blk_mq_free_tag_set(set);
	ctrl->admin_tagset = NULL;
	return ret;
}

/**
 * oc_host_alloc_io() - make the I/O queues, not yet connected
 * @host:	controller that is to have some
 *
 * Context: process; sleeps.
 * Return: 0 or an errno.
 */
int oc_host_alloc_io(struct oc_host *host)
{
	struct nvme_ctrl *ctrl = &host->ctrl;
	struct blk_mq_tag_set *set = &host->io_set;
	int ret;

	set->ops = &oc_mq_ops;
	set->queue_depth = ctrl->sqsize + 1;
	set->numa_node = ctrl->numa_node;
	set->cmd_size = oc_iod_size(host->port.dev,
				    oc_iod_max_segments(host->port.dev));
	set->driver_data = host;
	host->nr_io = oc_host_wants_io(host);
	set->nr_hw_queues = host->nr_io;
	set->timeout = NVME_IO_TIMEOUT;
	set->flags = BLK_MQ_F_SHOULD_MERGE;
	ret = blk_mq_alloc_tag_set(set);
	if (ret)
		return ret;
	ctrl->tagset = set;

	/* blk-mq keeps the tags of queues with those who use them: one must */
	ctrl->connect_q = blk_mq_alloc_queue(set, NULL, NULL);
	if (IS_ERR(ctrl->connect_q)) {
		ret = PTR_ERR(ctrl->connect_q);
		blk_mq_free_tag_set(set);
		ctrl->tagset = NULL;
		ctrl->connect_q = NULL;
	}
	return ret;
}
