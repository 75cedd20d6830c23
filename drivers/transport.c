// SPDX-License-Identifier: GPL-2.0
/*
 * transport.c - the host binding: a fabrics transport whose other end is the
 * device in this module
 *
 * Nothing below knows of blk-mq or nvme_ctrl, nothing else in the module does.
 * nvme-core returns an errno below 0 or an NVMe status above it in one int;
 * both become an errno in oc_create_ctrl().
 *
 * The transport is no NVME_F_FABRICS one: that flag would force metadata into
 * extended LBAs, which neither the block layer nor pblk accept.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/blk-mq.h>
#include <linux/module.h>

#include "nvme.h"
#include "fabrics.h"

#include "oc.h"
#include "oc_host.h"

/* Buffers a command can name by bus address: address list and OOB */
#define OC_IOD_BUFS	2

/**
 * struct oc_host_queue - a queue, the host's end and the device's
 * @q:		the device's end
 * @host:	the controller
 * @ready:	connected: others than Connect may be sent
 */
struct oc_host_queue {
	struct oc_queue q;
	struct oc_host *host;
	bool ready;
};

/**
 * struct oc_host - a controller, the host's end
 * @ctrl:	what nvme-core knows
 * @port:	what the device knows
 * @queues:	queue 0 is the admin queue
 * @nr_io:	I/O queues; fixed when the controller is created
 * @admin_set:	tags of the admin queue
 * @io_set:	tags of the I/O queues
 * @reserved:	by namespace, lightnvm devices kept free of targets while they
 *		are formatted; under oc_dev.lock
 * @aer:	the one async event request nvme-core keeps with us
 * @aer_busy:	bit 0: @aer is on its way
 * @created:	oc_create_ctrl() has ended, well or not
 * @owns_opts:	the connect options are ours to free: the connect succeeded
 */
struct oc_host {
	struct nvme_ctrl ctrl;
	struct oc_port port;
	struct oc_host_queue *queues;
	u32 nr_io;
	struct blk_mq_tag_set admin_set;
	struct blk_mq_tag_set io_set;
	struct nvm_dev **reserved;
	struct oc_iod *aer;
	unsigned long aer_busy;
	struct completion created;
	bool owns_opts;
};

/**
 * struct oc_iod - a command in its request's own memory
 * @req:	nvme-core's; must come first
 * @sqe:	the command
 * @bufs:	buffers held by bus address
 * @nr_bufs:	how many
 * @aborted:	it has timed out once, and an Abort was sent
 * @nr_bvecs:	room in the array behind @cmd's parts, used when a request
 *		has several bios
 * @cmd:	what the device sees; its parts and the bio_vecs follow
 */
struct oc_iod {
	struct nvme_request req;
	struct nvme_command sqe;
	struct oc_dma_buf *bufs[OC_IOD_BUFS];
	u32 nr_bufs;
	bool aborted;
	u32 nr_bvecs;
	struct oc_cmd cmd;
};

static struct oc_dev *oc_device;
static struct device *oc_dma_device;

static struct oc_host *to_oc_host(struct nvme_ctrl *ctrl)
{
	return container_of(ctrl, struct oc_host, ctrl);
}

static struct oc_iod *to_oc_iod(struct oc_cmd *cmd)
{
	return container_of(cmd, struct oc_iod, cmd);
}

/* ---- data path -------------------------------------------------------- */

static void oc_iod_put_bufs(struct oc_iod *iod)
{
	while (iod->nr_bufs)
		oc_dma_put(iod->bufs[--iod->nr_bufs]);
}

static void *oc_host_map(struct oc_cmd *cmd, u64 handle, u32 len)
{
	struct oc_iod *iod = to_oc_iod(cmd);
	void *addr;

	if (WARN_ON_ONCE(iod->nr_bufs == OC_IOD_BUFS))
		return NULL;
	iod->bufs[iod->nr_bufs] = oc_dma_get(handle, len, &addr);
	if (!iod->bufs[iod->nr_bufs])
		return NULL;
	iod->nr_bufs++;
	return addr;
}

static const struct oc_host_ops oc_host_ops = {
	.map	= oc_host_map,
};

/*
 * The block layer gives each raw read metadata of its own and has a workqueue
 * verify it: a wake-up for every read, and for nothing, since ours is the
 * profile that takes everything for right. Metadata whose buffer has gone ends
 * without. A read that failed keeps its buffer, it may be tried again.
 */
static void oc_skip_verify(struct request *rq)
{
	struct bio_integrity_payload *bip;
	struct bio *bio;

	if (!blk_integrity_rq(rq) || rq_data_dir(rq) != READ ||
	    nvme_req(rq)->status)
		return;
	__rq_for_each_bio(bio, rq) {
		bip = bio_integrity(bio);
		if (!bip || !(bip->bip_flags & BIP_BLOCK_INTEGRITY))
			continue;
		kfree(page_address(bip->bip_vec->bv_page) +
		      bip->bip_vec->bv_offset);
		bip->bip_flags &= ~BIP_BLOCK_INTEGRITY;
	}
}

static void oc_complete_rq(struct request *rq)
{
	oc_skip_verify(rq);
	nvme_complete_rq(rq);
}

static void oc_host_done(struct oc_cmd *cmd)
{
	struct oc_iod *iod = to_oc_iod(cmd);
	struct request *rq = blk_mq_rq_from_pdu(iod);
	struct oc_queue *queue = cmd->queue;

	/* The kernel's own fault injection; nvme-core would lose it for good */
	if (unlikely(blk_should_fake_timeout(rq->q)) && !cmd->lose &&
	    oc_queue_lose(cmd))
		return;
	oc_iod_put_bufs(iod);
	nvme_req(rq)->status = cmd->status;
	nvme_req(rq)->result = cmd->result;
	nvme_should_fail(rq);
	if (!blk_mq_complete_request_remote(rq))
		oc_complete_rq(rq);
	/* The request may serve another command by now, the queue is ours */
	oc_queue_leave(queue);
}

static struct bio_vec *oc_iod_bvecs(struct oc_iod *iod)
{
	return (struct bio_vec *)&iod->cmd.parts[oc_cmd_max_parts(oc_device)];
}

/* Show the request's pages to the device, without copying a byte */
static blk_status_t oc_iod_map_data(struct oc_iod *iod, struct request *rq)
{
	struct oc_cmd *cmd = &iod->cmd;
	unsigned int dir = rq_data_dir(rq);
	struct bio_vec *bvecs;
	size_t skip = 0;
	u32 nr = 0;

	cmd->to_host = dir == READ;
	cmd->data_len = 0;
	if (!blk_rq_nr_phys_segments(rq)) {
		iov_iter_bvec(&cmd->data, dir, NULL, 0, 0);
		return BLK_STS_OK;
	}

	cmd->data_len = blk_rq_payload_bytes(rq);
	if (rq->rq_flags & RQF_SPECIAL_PAYLOAD) {
		bvecs = &rq->special_vec;
		nr = 1;
	} else if (rq->bio == rq->biotail) {
		bvecs = __bvec_iter_bvec(rq->bio->bi_io_vec, rq->bio->bi_iter);
		skip = rq->bio->bi_iter.bi_bvec_done;
		nr = blk_rq_nr_phys_segments(rq);
	} else {
		struct req_iterator iter;
		struct bio_vec bv;

		bvecs = oc_iod_bvecs(iod);
		rq_for_each_bvec(bv, rq, iter) {
			if (WARN_ON_ONCE(nr == iod->nr_bvecs))
				return BLK_STS_IOERR;
			bvecs[nr++] = bv;
		}
	}
	iov_iter_bvec(&cmd->data, dir, bvecs, nr, cmd->data_len);
	cmd->data.iov_offset = skip;
	return BLK_STS_OK;
}

/*
 * Metadata that came with the bio: one segment, since max_integrity_segments is
 * 1, but a bio_vec for each page of it.
 */
static blk_status_t oc_iod_map_meta(struct oc_iod *iod, struct request *rq)
{
	struct oc_cmd *cmd = &iod->cmd;
	struct bio_integrity_payload *bip;
	struct bvec_iter iter;
	struct bio_vec bv;

	cmd->meta = NULL;
	cmd->meta_len = 0;
	if (!blk_integrity_rq(rq))
		return BLK_STS_OK;
	bip = bio_integrity(rq->bio);
	bip_for_each_vec(bv, bip, iter) {
		void *addr = page_address(bv.bv_page) + bv.bv_offset;

		if (!cmd->meta)
			cmd->meta = addr;
		if (WARN_ON_ONCE(addr != cmd->meta + cmd->meta_len))
			return BLK_STS_IOERR;
		cmd->meta_len += bv.bv_len;
	}
	return BLK_STS_OK;
}

/*
 * A queue that is not connected: wait for the reset to end, or fail if there
 * will be no more of it. nvmf_fail_nonready_command() would have a controller
 * that is being deleted wait for ever.
 */
static blk_status_t oc_host_not_ready(struct nvme_ctrl *ctrl,
				      struct request *rq)
{
	/* Multipath has other paths to try, which DNR would keep it from */
	if (nvme_ctrl_state(ctrl) != NVME_CTRL_DELETING ||
	    rq->cmd_flags & REQ_NVME_MPATH)
		return nvmf_fail_nonready_command(ctrl, rq);
	nvme_req(rq)->status = OC_ERR(NVME_SC_HOST_PATH_ERROR);
	blk_mq_start_request(rq);
	nvme_complete_rq(rq);
	return BLK_STS_OK;
}

/*
 * lightnvm's ioctl does not say that its command is a user's, so nvme-core would
 * let a Connect of it through: before a queue is connected, only the kernel's
 * own may pass, and these come by queues that nobody else has.
 */
static bool oc_host_ready(struct oc_host_queue *hq, struct request *rq)
{
	struct nvme_ctrl *ctrl = &hq->host->ctrl;
	bool ready = READ_ONCE(hq->ready);

	return nvmf_check_ready(ctrl, rq, ready) &&
		(ready || rq->q == ctrl->fabrics_q || rq->q == ctrl->connect_q);
}

static blk_status_t oc_queue_rq(struct blk_mq_hw_ctx *hctx,
				const struct blk_mq_queue_data *bd)
{
	struct oc_host_queue *hq = hctx->driver_data;
	struct nvme_ctrl *ctrl = &hq->host->ctrl;
	struct request *rq = bd->rq;
	struct oc_iod *iod = blk_mq_rq_to_pdu(rq);
	blk_status_t ret;

	if (!oc_host_ready(hq, rq) || !oc_queue_enter(&hq->q))
		return oc_host_not_ready(ctrl, rq);

	ret = nvme_setup_cmd(hctx->queue->queuedata, rq, &iod->sqe);
	if (ret)
		goto leave;
	ret = oc_iod_map_data(iod, rq);
	if (!ret)
		ret = oc_iod_map_meta(iod, rq);
	if (ret) {
		nvme_cleanup_cmd(rq);
		goto leave;
	}

	iod->aborted = false;
	blk_mq_start_request(rq);
	oc_cmd_submit(&iod->cmd);
	return BLK_STS_OK;
leave:
	oc_queue_leave(&hq->q);
	return ret;
}

/* ---- commands that do not end ----------------------------------------- */

static void oc_abort_done(struct request *rq, blk_status_t error)
{
	struct nvme_ctrl *ctrl = nvme_req(rq)->ctrl;

	dev_warn(ctrl->device, "Abort status %#x, %s\n", nvme_req(rq)->status,
		 le32_to_cpu(nvme_req(rq)->result.u32) & 1 ?
		 "not aborted" : "aborted");
	atomic_inc(&ctrl->abort_limit);
	kfree(rq->end_io_data);
	blk_mq_free_request(rq);
}

/* Ask the device to end a command. False: it could not even be asked */
static bool oc_send_abort(struct nvme_ctrl *ctrl, const struct oc_iod *iod)
{
	struct nvme_command *cmd;
	struct request *rq;

	cmd = kzalloc(sizeof(*cmd), GFP_ATOMIC | __GFP_NOWARN);
	if (!cmd)
		return false;
	cmd->abort.opcode = nvme_admin_abort_cmd;
	cmd->abort.sqid = cpu_to_le16(iod->cmd.queue->qid);
	cmd->abort.cid = iod->sqe.common.command_id;

	rq = nvme_alloc_request(ctrl->admin_q, cmd, BLK_MQ_REQ_NOWAIT);
	if (IS_ERR(rq)) {
		kfree(cmd);
		return false;
	}
	rq->end_io_data = cmd;
	blk_execute_rq_nowait(ctrl->admin_q, NULL, rq, 0, oc_abort_done);
	return true;
}

/*
 * A command has taken too long: first it is aborted, the second time the
 * controller is reset, which ends all that the device still holds. The host
 * never ends a command by itself, since the device may still use its memory.
 */
static enum blk_eh_timer_return oc_timeout(struct request *rq, bool reserved)
{
	struct oc_iod *iod = blk_mq_rq_to_pdu(rq);
	struct nvme_ctrl *ctrl = iod->req.ctrl;
	struct oc_queue *queue = iod->cmd.queue;

	/* No reset can be had, so what got lost is found without */
	if (nvme_ctrl_state(ctrl) != NVME_CTRL_LIVE)
		return oc_queue_abort(queue, iod->sqe.common.command_id,
				      OC_ERR(NVME_SC_ABORT_REQ), true) ?
			BLK_EH_DONE : BLK_EH_RESET_TIMER;

	if (!queue->qid || iod->aborted) {
		dev_warn(ctrl->device,
			 "I/O %d QID %u timeout, reset controller\n",
			 rq->tag, queue->qid);
		nvme_reset_ctrl(ctrl);
		return BLK_EH_RESET_TIMER;
	}
	if (atomic_dec_if_positive(&ctrl->abort_limit) < 0)
		return BLK_EH_RESET_TIMER;
	dev_warn(ctrl->device, "I/O %d QID %u timeout, aborting\n", rq->tag,
		 queue->qid);
	/* Before: the Abort may be over, and the command tried again, at once */
	iod->aborted = true;
	if (!oc_send_abort(ctrl, iod)) {
		iod->aborted = false;
		atomic_inc(&ctrl->abort_limit);
	}
	return BLK_EH_RESET_TIMER;
}

static void oc_iod_init(struct oc_iod *iod, struct oc_host_queue *hq,
			void (*done)(struct oc_cmd *cmd))
{
	iod->req.ctrl = &hq->host->ctrl;
	iod->nr_bufs = 0;
	iod->cmd.sqe = &iod->sqe;
	iod->cmd.host = &oc_host_ops;
	iod->cmd.done = done;
	iod->cmd.queue = &hq->q;
}

/*
 * Most segments a request can have: 64 sectors of the largest format, OOB
 * included, each on its own at worst
 */
static u32 oc_max_segments(void)
{
	u32 most = oc_dev_max_lba(oc_device) + oc_dev_max_oob(oc_device);
	u32 pages = DIV_ROUND_UP(OC_VECTOR_MAX * most, PAGE_SIZE);

	return max(pages, OC_VECTOR_MAX) + 1;
}

static u32 oc_iod_size(u32 nr_bvecs)
{
	return sizeof(struct oc_iod) +
		oc_cmd_max_parts(oc_device) * sizeof(struct oc_part) +
		nr_bvecs * sizeof(struct bio_vec);
}

static int oc_init_request(struct blk_mq_tag_set *set, struct request *rq,
			   unsigned int hctx_idx, unsigned int numa_node)
{
	struct oc_host *host = set->driver_data;
	struct oc_iod *iod = blk_mq_rq_to_pdu(rq);
	u32 qid = set == &host->io_set ? hctx_idx + 1 : 0;

	oc_iod_init(iod, &host->queues[qid], oc_host_done);
	iod->nr_bvecs = oc_max_segments();
	return 0;
}

static int oc_init_hctx(struct blk_mq_hw_ctx *hctx, void *data,
			unsigned int hctx_idx)
{
	struct oc_host *host = data;

	hctx->driver_data = &host->queues[hctx_idx + 1];
	/*
	 * Merging saves a disk seeks and commands. Here it has nothing to save,
	 * and a write that waits in its submitter's plug for another one to
	 * merge with is in the end issued by kblockd, on a thread of its own.
	 */
	blk_queue_flag_set(QUEUE_FLAG_NOMERGES, hctx->queue);
	return 0;
}

static int oc_init_admin_hctx(struct blk_mq_hw_ctx *hctx, void *data,
			      unsigned int hctx_idx)
{
	struct oc_host *host = data;

	hctx->driver_data = &host->queues[0];
	return 0;
}

static const struct blk_mq_ops oc_mq_ops = {
	.queue_rq	= oc_queue_rq,
	.complete	= oc_complete_rq,
	.timeout	= oc_timeout,
	.init_request	= oc_init_request,
	.init_hctx	= oc_init_hctx,
};

static const struct blk_mq_ops oc_admin_mq_ops = {
	.queue_rq	= oc_queue_rq,
	.complete	= nvme_complete_rq,
	.timeout	= oc_timeout,
	.init_request	= oc_init_request,
	.init_hctx	= oc_init_admin_hctx,
};

/* ---- async events ----------------------------------------------------- */

static void oc_aer_done(struct oc_cmd *cmd)
{
	struct oc_iod *iod = to_oc_iod(cmd);
	struct nvme_ctrl *ctrl = iod->req.ctrl;
	union nvme_result result = cmd->result;
	struct oc_queue *queue = cmd->queue;

	clear_bit_unlock(0, &to_oc_host(ctrl)->aer_busy);
	nvme_complete_async_event(ctrl, cpu_to_le16(cmd->status << 1),
				  &result);
	oc_queue_leave(queue);
}

static void oc_submit_async_event(struct nvme_ctrl *ctrl)
{
	struct oc_host *host = to_oc_host(ctrl);
	struct oc_iod *iod = host->aer;

	if (test_and_set_bit_lock(0, &host->aer_busy))
		return;
	if (!oc_queue_enter(&host->queues[0].q)) {
		clear_bit_unlock(0, &host->aer_busy);
		return;
	}
	memset(&iod->sqe, 0, sizeof(iod->sqe));
	iod->sqe.common.opcode = nvme_admin_async_event;
	iod->sqe.common.command_id = NVME_AQ_BLK_MQ_DEPTH;
	oc_cmd_submit(&iod->cmd);
}

/* ---- queues: up and down ---------------------------------------------- */

static void oc_stop_queue(struct oc_host_queue *hq)
{
	WRITE_ONCE(hq->ready, false);
	oc_queue_stop(&hq->q);
}

/* Stop the I/O queues, then the admin queue, and with it the controller */
static void oc_stop_queues(struct oc_host *host)
{
	struct nvme_ctrl *ctrl = &host->ctrl;
	u32 i;

	nvme_stop_queues(ctrl);
	for (i = 1; i <= host->nr_io; i++)
		oc_stop_queue(&host->queues[i]);
	ctrl->queue_count = 1;

	blk_mq_quiesce_queue(ctrl->admin_q);
	oc_stop_queue(&host->queues[0]);
	blk_mq_unquiesce_queue(ctrl->admin_q);
	/* An event may have come since nvme_stop_ctrl() waited for this */
	cancel_work_sync(&ctrl->async_event_work);
}

/*
 * nvme-core has one limit for all namespaces, and looks at it whenever it looks
 * at one of them.
 */
static void oc_host_limit(struct oc_host *host)
{
	WRITE_ONCE(host->ctrl.max_hw_sectors,
		   oc_dev_max_transfer(oc_device) >> SECTOR_SHIFT);
}

static int oc_start_admin_queue(struct oc_host *host)
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
	ctrl->max_segments = oc_max_segments();
	ctrl->max_integrity_segments = 1;
	ret = nvme_init_identify(ctrl);
	if (ret)
		goto err_stop;
	return 0;

err_stop:
	oc_stop_queue(hq);
	return ret;
}

static int oc_start_io_queues(struct oc_host *host)
{
	struct nvme_ctrl *ctrl = &host->ctrl;
	u32 nr = host->nr_io, i;
	int ret;

	ret = nvme_set_queue_count(ctrl, &nr);
	if (ret)
		return ret;
	if (nr < host->nr_io)
		return -ENOSPC;

	for (i = 1; i <= host->nr_io; i++) {
		struct oc_host_queue *hq = &host->queues[i];

		oc_queue_start(&hq->q);
		ret = nvmf_connect_io_queue(ctrl, i, false);
		if (ret)
			goto err_stop;
		WRITE_ONCE(hq->ready, true);
	}
	ctrl->queue_count = host->nr_io + 1;
	return 0;

err_stop:
	while (i)
		oc_stop_queue(&host->queues[i--]);
	return ret;
}

static int oc_alloc_admin_queue(struct oc_host *host)
{
	struct nvme_ctrl *ctrl = &host->ctrl;
	struct blk_mq_tag_set *set = &host->admin_set;
	int ret;

	set->ops = &oc_admin_mq_ops;
	set->queue_depth = NVME_AQ_MQ_TAG_DEPTH;
	set->reserved_tags = 2;	/* Connect and keep-alive */
	set->numa_node = ctrl->numa_node;
	set->cmd_size = oc_iod_size(oc_max_segments());
	set->driver_data = host;
	set->nr_hw_queues = 1;
	set->timeout = ADMIN_TIMEOUT;
	set->flags = BLK_MQ_F_NO_SCHED;
	ret = blk_mq_alloc_tag_set(set);
	if (ret)
		return ret;
	ctrl->admin_tagset = set;

	ctrl->fabrics_q = blk_mq_init_queue(set);
	if (IS_ERR(ctrl->fabrics_q)) {
		ret = PTR_ERR(ctrl->fabrics_q);
		goto err_set;
	}
	ctrl->admin_q = blk_mq_init_queue(set);
	if (IS_ERR(ctrl->admin_q)) {
		ret = PTR_ERR(ctrl->admin_q);
		goto err_fabrics;
	}
	/* An open /dev/nvmeX reaches the queue until the last close */
	WARN_ON_ONCE(!blk_get_queue(ctrl->admin_q));
	return 0;

err_fabrics:
	blk_cleanup_queue(ctrl->fabrics_q);
err_set:
	blk_mq_free_tag_set(set);
	ctrl->admin_tagset = NULL;
	return ret;
}

static int oc_alloc_io_queues(struct oc_host *host)
{
	struct nvme_ctrl *ctrl = &host->ctrl;
	struct blk_mq_tag_set *set = &host->io_set;
	int ret;

	set->ops = &oc_mq_ops;
	set->queue_depth = ctrl->sqsize + 1;
	set->reserved_tags = 1;	/* Connect */
	set->numa_node = ctrl->numa_node;
	set->cmd_size = oc_iod_size(oc_max_segments());
	set->driver_data = host;
	set->nr_hw_queues = host->nr_io;
	set->timeout = NVME_IO_TIMEOUT;
	set->flags = BLK_MQ_F_SHOULD_MERGE;
	ret = blk_mq_alloc_tag_set(set);
	if (ret)
		return ret;
	ctrl->tagset = set;

	ctrl->connect_q = blk_mq_init_queue(set);
	if (IS_ERR(ctrl->connect_q)) {
		ret = PTR_ERR(ctrl->connect_q);
		blk_mq_free_tag_set(set);
		ctrl->tagset = NULL;
		ctrl->connect_q = NULL;
	}
	return ret;
}

/* ---- nvme_ctrl operations --------------------------------------------- */

static void oc_host_free(struct oc_host *host)
{
	u32 i;

	oc_port_close(&host->port);
	for (i = 0; host->queues && i <= host->nr_io; i++)
		oc_queue_exit(&host->queues[i].q);
	kfree(host->queues);
	kfree(host->reserved);
	kfree(host->aer);
	kfree(host);
	module_put(THIS_MODULE);
}

static void oc_free_ctrl(struct nvme_ctrl *ctrl)
{
	struct oc_host *host = to_oc_host(ctrl);

	if (host->owns_opts)
		nvmf_free_options(ctrl->opts);
	if (ctrl->tagset)
		blk_mq_free_tag_set(ctrl->tagset);
	if (ctrl->admin_tagset) {
		blk_put_queue(ctrl->admin_q);
		blk_mq_free_tag_set(ctrl->admin_tagset);
	}
	oc_host_free(host);
}

static void oc_delete_ctrl(struct nvme_ctrl *ctrl)
{
	struct oc_host *host = to_oc_host(ctrl);

	/* Deleted before it was made */
	if (!ctrl->admin_tagset)
		return;
	oc_stop_queues(host);
	oc_port_close(&host->port);
	if (ctrl->connect_q)
		blk_cleanup_queue(ctrl->connect_q);
	blk_cleanup_queue(ctrl->admin_q);
	blk_cleanup_queue(ctrl->fabrics_q);
}

static void oc_host_live(struct oc_host *host)
{
	nvme_start_ctrl(&host->ctrl);
	/* A keep-alive that ran out before now could not reset the controller */
	if (READ_ONCE(host->port.dead))
		nvme_reset_ctrl(&host->ctrl);
}

/* Called for resets too, where everything stays as it is */
static void oc_stop_ctrl(struct nvme_ctrl *ctrl)
{
	struct oc_host *host = to_oc_host(ctrl);
	struct nvme_ns *ns;
	bool graceful;

	if (nvme_ctrl_state(ctrl) != NVME_CTRL_DELETING)
		return;
	wait_for_completion(&host->created);
	/* Creation may have started it since nvme_stop_ctrl() stopped it */
	nvme_stop_keep_alive(ctrl);
	/* No lightnvm there; and a scan may wait for a path to go away */
	if (oc_device->shared)
		return;

	/* The host's keep-alive has ended, and pblk may have much to write */
	if (host->port.ctrl)
		oc_ctrl_set_kato(host->port.ctrl, 0);
	/* From here on nobody but this thread changes the list */
	flush_work(&ctrl->scan_work);
	graceful = ctrl->queue_count > 1;
	list_for_each_entry(ns, &ctrl->namespaces, list)
		if (ns->ndev)
			oc_nvm_remove_targets(ns->ndev, graceful);
}

static void oc_reset_work(struct work_struct *work)
{
	struct nvme_ctrl *ctrl = container_of(work, struct nvme_ctrl,
					      reset_work);
	struct oc_host *host = to_oc_host(ctrl);
	int ret;

	/*
	 * A user may ask for a reset as soon as there is a node, before there
	 * are queues. Newly made, the controller is as good as reset.
	 */
	wait_for_completion(&host->created);
	if (nvme_ctrl_state(ctrl) != NVME_CTRL_RESETTING)
		return;
	nvme_stop_ctrl(ctrl);
	/* Being deleted, which waits for us and has use for the queues */
	if (nvme_ctrl_state(ctrl) == NVME_CTRL_DELETING)
		return;
	oc_stop_queues(host);
	/* If that comes now, bring the queues up all the same */
	nvme_change_ctrl_state(ctrl, NVME_CTRL_CONNECTING);

	ret = oc_start_admin_queue(host);
	if (ret)
		goto err_delete;
	if (host->nr_io) {
		ret = oc_start_io_queues(host);
		if (ret)
			goto err_delete;
	}
	if (!nvme_change_ctrl_state(ctrl, NVME_CTRL_LIVE))
		goto out_start;
	oc_host_live(host);
	return;

err_delete:
	dev_err(ctrl->device, "reset failed (%d), removing the controller\n",
		ret);
	nvme_delete_ctrl(ctrl);
out_start:
	/* What waits must be able to fail */
	nvme_start_queues(ctrl);
}

static void oc_port_fatal(struct oc_port *port)
{
	nvme_reset_ctrl(&container_of(port, struct oc_host, port)->ctrl);
}

/*
 * nvme-core's namespace @nsid, whose reference the list holds; with
 * namespaces_rwsem, which nobody holds who waits for an admin command.
 */
static struct nvme_ns *oc_host_ns(struct oc_host *host, u32 nsid)
{
	struct nvme_ns *ns;

	list_for_each_entry(ns, &host->ctrl.namespaces, list)
		if (ns->head->ns_id == nsid)
			return ns;
	return NULL;
}

/* The disk that users see: with multipath, the one of all paths together */
static struct gendisk *oc_host_disk(struct nvme_ns *ns)
{
#ifdef CONFIG_NVME_MULTIPATH
	if (ns->head->disk)
		return ns->head->disk;
#endif
	return ns->disk;
}

/*
 * Is it open, mounted or part of another block device? Who opens it later than now
 * finds it gone, as one finds a disk that is pulled out.
 */
static bool oc_port_in_use(struct oc_port *port, u32 nsid)
{
	struct oc_host *host = container_of(port, struct oc_host, port);
	struct block_device *bdev = NULL;
	struct nvme_ns *ns;
	bool used = false;

	down_read(&host->ctrl.namespaces_rwsem);
	ns = oc_host_ns(host, nsid);
	if (ns)
		bdev = bdget_disk(oc_host_disk(ns), 0);
	if (bdev) {
		/* An open partition counts for the whole, too */
		used = READ_ONCE(bdev->bd_openers);
		bdput(bdev);
	}
	up_read(&host->ctrl.namespaces_rwsem);
	return used;
}

/* A target believes in the sizes it was made with: keep them out */
static bool oc_port_reserve(struct oc_port *port, u32 nsid)
{
	struct oc_host *host = container_of(port, struct oc_host, port);
	struct nvme_ns *ns;
	bool ok = true;

	down_read(&host->ctrl.namespaces_rwsem);
	ns = oc_host_ns(host, nsid);
	if (ns && ns->ndev) {
		ok = oc_nvm_reserve(ns->ndev);
		if (ok)
			host->reserved[nsid - 1] = ns->ndev;
	}
	up_read(&host->ctrl.namespaces_rwsem);
	return ok;
}

/* nvme-core will look at the namespace by itself, lightnvm would not */
static void oc_port_formatted(struct oc_port *port, u32 nsid)
{
	struct oc_host *host = container_of(port, struct oc_host, port);
	const struct oc_ns *here = oc_ns_active(port, nsid);
	struct nvme_ns *ns;

	oc_host_limit(host);
	/* On one that has gone, no target is to come any more */
	if (!here)
		return;
	down_read(&host->ctrl.namespaces_rwsem);
	ns = oc_host_ns(host, nsid);
	/* One that went and came again has read the sizes itself */
	if (ns && ns->ndev && host->reserved[nsid - 1] == ns->ndev)
		oc_nvm_release(ns->ndev, here);
	host->reserved[nsid - 1] = NULL;
	up_read(&host->ctrl.namespaces_rwsem);
}

/* Users see the name as the controller's transport: it is the parameter's */
static struct nvme_ctrl_ops oc_ctrl_ops = {
	.module			= THIS_MODULE,
	.flags			= NVME_F_METADATA_SUPPORTED,
	.reg_read32		= nvmf_reg_read32,
	.reg_read64		= nvmf_reg_read64,
	.reg_write32		= nvmf_reg_write32,
	.free_ctrl		= oc_free_ctrl,
	.submit_async_event	= oc_submit_async_event,
	.delete_ctrl		= oc_delete_ctrl,
	.stop_ctrl		= oc_stop_ctrl,
	.get_address		= nvmf_get_address,
};

/* ---- connect ---------------------------------------------------------- */

static struct oc_host *oc_host_alloc(struct nvmf_ctrl_options *opts)
{
	struct oc_host *host;
	u32 i;

	host = kzalloc(sizeof(*host), GFP_KERNEL);
	if (!host)
		return NULL;
	/* The module stays while there are controllers: see oc_host_free() */
	__module_get(THIS_MODULE);

	init_completion(&host->created);
	host->port.dev = oc_device;
	host->port.fatal = oc_port_fatal;
	host->port.reserve = oc_port_reserve;
	host->port.formatted = oc_port_formatted;
	host->port.in_use = oc_port_in_use;
	host->nr_io = min3(opts->nr_io_queues, num_online_cpus(),
			   (unsigned int)OC_MAX_QUEUES);
	host->aer = kzalloc(oc_iod_size(0), GFP_KERNEL);
	host->queues = kcalloc(host->nr_io + 1, sizeof(*host->queues),
			       GFP_KERNEL);
	host->reserved = kcalloc(oc_device->geo.num_grp, sizeof(*host->reserved),
				 GFP_KERNEL);
	if (!host->aer || !host->queues || !host->reserved)
		goto err_free;
	for (i = 0; i <= host->nr_io; i++) {
		host->queues[i].host = host;
		if (oc_queue_init(&host->queues[i].q, &host->port))
			goto err_free;
	}
	oc_iod_init(host->aer, &host->queues[0], oc_aer_done);

	host->ctrl.opts = opts;
	host->ctrl.sqsize = opts->queue_size - 1;
	host->ctrl.kato = opts->kato;
	INIT_WORK(&host->ctrl.reset_work, oc_reset_work);
	return host;

err_free:
	oc_host_free(host);
	return NULL;
}

static struct nvme_ctrl *oc_create_ctrl(struct device *dev,
					struct nvmf_ctrl_options *opts)
{
	struct nvme_ctrl *ctrl;
	struct oc_host *host;
	int ret;

	host = oc_host_alloc(opts);
	if (!host)
		return ERR_PTR(-ENOMEM);
	ctrl = &host->ctrl;

	/*
	 * Several controllers on one device mean several lightnvm devices on
	 * the same flash, each believing it is alone: then there is none.
	 */
	ret = nvme_init_ctrl(ctrl, oc_dma_device, &oc_ctrl_ops,
			     oc_device->shared ? 0 : NVME_QUIRK_LIGHTNVM);
	if (ret) {
		oc_host_free(host);
		goto out;
	}
	/* From here on a user may delete it; that waits for @created, as resets do */
	nvme_change_ctrl_state(ctrl, NVME_CTRL_CONNECTING);

	ret = oc_alloc_admin_queue(host);
	if (ret)
		goto err_delete;
	ret = oc_start_admin_queue(host);
	if (ret)
		goto err_delete;
	if (host->nr_io) {
		ret = oc_alloc_io_queues(host);
		if (ret)
			goto err_delete;
		ret = oc_start_io_queues(host);
		if (ret)
			goto err_delete;
	}

	dev_info(ctrl->device, "connected to %s, %u I/O queues of %u\n",
		 opts->subsysnqn, host->nr_io, ctrl->sqsize + 1);
	if (nvme_change_ctrl_state(ctrl, NVME_CTRL_LIVE))
		oc_host_live(host);
out_created:
	host->owns_opts = true;
	complete_all(&host->created);
	return ctrl;

err_delete:
	/* A user who has asked for its deletion meanwhile gets what there is */
	if (!nvme_change_ctrl_state(ctrl, NVME_CTRL_DELETING))
		goto out_created;
	/* A reset that a user has asked for ends without a look at it */
	complete_all(&host->created);
	flush_work(&ctrl->reset_work);
	oc_delete_ctrl(ctrl);
	nvme_uninit_ctrl(ctrl);
	nvme_put_ctrl(ctrl);
out:
	/* An NVMe status: nvmf has logged it */
	return ERR_PTR(ret > 0 ? -EIO : ret);
}

static struct nvmf_transport_ops oc_transport = {
	.module		= THIS_MODULE,
	/*
	 * nvme-cli gives some of these to every transport whose name it does
	 * not know; a link that cannot be lost has no use for them.
	 */
	.allowed_opts	= NVMF_OPT_TRADDR | NVMF_OPT_TRSVCID |
			  NVMF_OPT_HOST_TRADDR | NVMF_OPT_CTRL_LOSS_TMO |
			  NVMF_OPT_RECONNECT_DELAY,
	.create_ctrl	= oc_create_ctrl,
};

/* Is a module of this name loaded? Ours hangs in the set of all of them */
static bool oc_module_loaded(const char *name)
{
	struct kobject *kobj = kset_find_obj(THIS_MODULE->mkobj.kobj.kset,
					     name);

	kobject_put(kobj);
	return kobj;
}

/**
 * oc_transport_register() - let hosts connect to a device
 * @dev:	device
 * @name:	transport name; stays valid
 *
 * The kernel asks for the module nvme-NAME at every connect, and of two
 * transports of one name takes the first: with the kernel's own nvme_loop
 * loaded, "loop" would never be ours.
 *
 * Context: process; sleeps.
 * Return: 0, -EEXIST if nvme_loop owns the name, or another errno.
 */
int oc_transport_register(struct oc_dev *dev, const char *name)
{
	int ret;

	if (!strcmp(name, "loop") && oc_module_loaded("nvme_loop")) {
		pr_err("transport=loop: the kernel's nvme_loop owns this name; want it unloaded (rmmod nvme_loop), or another name\n");
		return -EEXIST;
	}

	oc_device = dev;
	/* Lists of lightnvm's: 64 addresses, and OOB however it is formatted */
	oc_dma_device = oc_dma_create(OC_VECTOR_MAX *
				      (sizeof(u64) + oc_dev_max_oob(dev)));
	if (IS_ERR(oc_dma_device))
		return PTR_ERR(oc_dma_device);

	oc_transport.name = name;
	oc_ctrl_ops.name = name;
	ret = nvmf_register_transport(&oc_transport);
	if (ret)
		oc_dma_destroy(oc_dma_device);
	return ret;
}

/**
 * oc_transport_unregister() - end what oc_transport_register() began
 *
 * There are no controllers left: each holds the module.
 *
 * Context: process; sleeps.
 */
void oc_transport_unregister(void)
{
	nvmf_unregister_transport(&oc_transport);
	oc_dma_destroy(oc_dma_device);
}
