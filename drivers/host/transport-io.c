// SPDX-License-Identifier: GPL-2.0
/*
 * host/transport-io.c - a command on its way: from blk-mq's request to the device and
 * back, what becomes of one that does not end, and async events
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/slab.h>

#include "oc.h"
#include "oc_cmd.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_host.h"
#include "oc_ns.h"
#include "oc_transport.h"
#include "oc_wire.h"

/* ---- data path -------------------------------------------------------- */

static void oc_iod_put_bufs(struct oc_iod *iod)
{
	while (iod->nr_bufs)
		oc_dma_put(iod->bufs[--iod->nr_bufs]);
}

/*
 * Who may name memory by its bus address, and where in the command:
 *
 *				address list	second list	OOB
 *				CDW10-11	CDW14-15	MPTR
 *	lightnvm's targets	yes		no		yes
 *	lightnvm's ioctls	yes		no		yes
 *	NVMe's ioctls		no		no		no
 *	block layer, nvme-core	no		no		no
 *
 * "Yes" is where lightnvm puts the address of a buffer it has taken from the
 * namespace's own pool, whatever its user asked for. "No" is where a number can
 * only be a user's, who does not even need rights for it (SUBMIT_IO), or nobody's:
 * that is not looked up, so that neither a status nor the time it takes tells
 * what is there.
 *
 * The commands of a host behind nvmet's passthrough look like lightnvm's: such a
 * host is told of this namespace's buffers, and of no other's.
 */
static bool oc_may_name(struct request *rq, u16 where)
{
	if (!blk_rq_is_passthrough(rq) ||
	    nvme_req(rq)->flags & NVME_REQ_USERCMD)
		return false;
	return where == offsetof(struct nvme_common_command, cdw10) ||
		where == offsetof(struct nvme_common_command, metadata);
}

static void *oc_host_map(struct oc_cmd *cmd, u16 where, u64 handle, u32 len)
{
	struct oc_iod *iod = to_oc_iod(cmd);
	void *addr;

	if (!oc_may_name(blk_mq_rq_from_pdu(iod), where))
		return NULL;
	if (WARN_ON_ONCE(iod->nr_bufs == OC_IOD_BUFS))
		return NULL;
	iod->bufs[iod->nr_bufs] = oc_dma_get(cmd->ns->dev->binding, cmd->ns,
					     handle, len, &addr);
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

	if (!OC_MQ_VERIFIES || !blk_integrity_rq(rq) ||
	    rq_data_dir(rq) != READ || nvme_req(rq)->status)
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

/*
 * With a command that ends, the block layer moves on in its metadata, by what the
 * disk's profile says of so much data, and warns if there is less. An ioctl sends
 * any length of it; and where sectors are larger than a page, nvme-core makes a
 * profile of 512 byte intervals. The ioctl has its buffer by another pointer, or by
 * its segments, and does not try again: only where the payload stands may be changed.
 * So it gets to stand as far before its beginning as the block layer will move on.
 *
 * An ioctl that waits for a Format has asked for the profile before, and afterwards
 * there may be none: the block layer would look for it at NULL. Such a payload is
 * taken away. It is kmalloc()ed, for its bio is. Kernels that map the user's pages
 * instead ask when nobody can format any more.
 */
static void oc_stretch_meta(struct request *rq)
{
	struct bio_integrity_payload *bip;
	struct blk_integrity *profile;
	u32 len;

	if (!blk_integrity_rq(rq) || !blk_rq_is_passthrough(rq))
		return;
	bip = bio_integrity(rq->bio);
	profile = blk_get_integrity(oc_bio_disk(rq->bio));
	if (!profile) {
		if (WARN_ON_ONCE(!OC_MQ_COPIES_META || rq->bio->bi_pool))
			return;
		rq->cmd_flags &= ~REQ_INTEGRITY;
		rq->bio->bi_opf &= ~REQ_INTEGRITY;
		rq->bio->bi_integrity = NULL;
		kfree(bip);
		return;
	}
	len = bio_integrity_bytes(profile, bio_sectors(rq->bio));
	if (bip->bip_iter.bi_size >= len)
		return;
	bip->bip_iter.bi_size = len;
	oc_bvec_set_skip(&bip->bip_iter, -len);
}

static void oc_complete_rq(struct request *rq)
{
	oc_skip_verify(rq);
	oc_stretch_meta(rq);
	nvme_complete_rq(rq);
}

static void oc_host_done(struct oc_cmd *cmd)
{
	struct oc_iod *iod = to_oc_iod(cmd);
	struct request *rq = blk_mq_rq_from_pdu(iod);
	struct oc_queue *queue = cmd->queue;

	/* The kernel's own fault injection; nvme-core would lose it for good */
	if (unlikely(blk_should_fake_timeout(rq->q)) && !cmd->lose &&
	    queue->ops->lose(cmd))
		return;
	oc_iod_put_bufs(iod);
	nvme_req(rq)->status = cmd->status;
	nvme_req(rq)->result = cmd->result;
	nvme_should_fail(rq);
	oc_nvme_next_cid(rq);
	if (!blk_mq_complete_request_remote(rq))
		oc_complete_rq(rq);
	/* The request may serve another command by now, the queue is ours */
	oc_queue_leave(queue);
}

static struct bio_vec *oc_iod_bvecs(struct oc_iod *iod)
{
	const struct oc_dev *dev = iod->cmd.queue->port->dev;

	return (struct bio_vec *)&iod->cmd.parts[oc_cmd_max_parts(dev)];
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
	if (blk_rq_nr_phys_segments(rq))
		cmd->data_len = blk_rq_payload_bytes(rq);
	/* The device refuses what is longer without a look at it */
	if (!cmd->data_len || cmd->data_len > OC_MAX_ADMIN_DATA) {
		iov_iter_bvec(&cmd->data, dir, NULL, 0, 0);
		return BLK_STS_OK;
	}

	if (rq->rq_flags & RQF_SPECIAL_PAYLOAD) {
		bvecs = &rq->special_vec;
		nr = 1;
	} else if (rq->bio == rq->biotail) {
		bvecs = __bvec_iter_bvec(rq->bio->bi_io_vec, rq->bio->bi_iter);
		skip = oc_bvec_skip(&rq->bio->bi_iter);
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
 * will be no more of it. 5.10 would have a controller that is being deleted wait
 * for ever.
 */
static blk_status_t oc_host_not_ready(struct nvme_ctrl *ctrl,
				      struct request *rq)
{
	/* Those with metadata of an ioctl are never sent to wait */
	oc_stretch_meta(rq);
	/* Multipath has other paths to try, which DNR would keep it from */
	if (nvme_ctrl_state(ctrl) != NVME_CTRL_DELETING ||
	    rq->cmd_flags & REQ_NVME_MPATH)
		return nvme_fail_nonready_command(ctrl, rq);
	nvme_req(rq)->status = OC_ERR(NVME_SC_HOST_PATH_ERROR);
	blk_mq_start_request(rq);
	nvme_complete_rq(rq);
	return BLK_STS_OK;
}

/*
 * Before a queue is connected only the kernel's own Connect may pass, and that comes
 * by a queue that nobody else has: lightnvm's ioctl does not say that its command is
 * a user's.
 */
static bool oc_host_may_connect(struct nvme_ctrl *ctrl, struct request *rq)
{
	struct nvme_command *cmd = nvme_req(rq)->cmd;

	return rq->q == ctrl->fabrics_q && nvme_is_fabrics(cmd) &&
		cmd->fabrics.fctype == nvme_fabrics_type_connect &&
		nvme_ctrl_state(ctrl) == NVME_CTRL_CONNECTING;
}

static bool oc_host_ready(struct oc_host_queue *hq, struct request *rq)
{
	struct nvme_ctrl *ctrl = &hq->host->ctrl;

	if (likely(READ_ONCE(hq->ready)))
		return nvme_check_ready(ctrl, rq, true);
	return oc_host_may_connect(ctrl, rq);
}

/*
 * What has waited for the end of a Format that put metadata with each sector: the
 * disk has no sectors any more, and nvme-core would warn of what it has let pass.
 */
static bool oc_lacks_meta(const struct nvme_ns *ns, struct request *rq)
{
	return ns && oc_nvme_ms(ns) && !blk_integrity_rq(rq) &&
		(req_op(rq) == REQ_OP_READ || req_op(rq) == REQ_OP_WRITE);
}

/**
 * oc_host_lift_admin() - admin commands may be longer than I/O
 * @ctrl:	controller
 *
 * nvme-core has one limit for both, and sets it whenever it looks at the controller,
 * as it does after Namespace Management and Format. Logs are longer, and of what is too
 * long the device itself says so.
 *
 * Context: any; for each admin command, so that the next one has it.
 */
void oc_host_lift_admin(struct nvme_ctrl *ctrl)
{
	struct request_queue *q = ctrl->admin_q;

	if (likely(queue_max_hw_sectors(q) == UINT_MAX >> SECTOR_SHIFT))
		return;
	oc_mq_lift(q);
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

	ret = BLK_STS_NOTSUPP;
	if (unlikely(oc_lacks_meta(hctx->queue->queuedata, rq)))
		goto leave;
	ret = oc_nvme_setup_cmd(hctx->queue->queuedata, rq, &iod->sqe);
	if (ret)
		goto leave;
	ret = oc_iod_map_data(iod, rq);
	if (!ret)
		ret = oc_iod_map_meta(iod, rq);
	if (ret) {
		nvme_cleanup_cmd(rq);
		goto leave;
	}

	if (!hctx->queue->queuedata) {
		oc_host_note_sender(hq->host, rq);
		oc_host_lift_admin(ctrl);
	}
	iod->cmd.listed = oc_nvme_is_listed(rq, &iod->sqe);
	iod->aborted = false;
	nvme_start_request(rq);
	oc_cmd_submit(&iod->cmd);
	return BLK_STS_OK;
leave:
	oc_queue_leave(&hq->q);
	return ret;
}

/* ---- commands that do not end ----------------------------------------- */

static void oc_abort_done(struct request *rq)
{
	struct nvme_ctrl *ctrl = nvme_req(rq)->ctrl;

	dev_warn(ctrl->device, "Abort status %#x, %s\n", nvme_req(rq)->status,
		 le32_to_cpu(nvme_req(rq)->result.u32) & 1 ?
		 "not aborted" : "aborted");
	atomic_inc(&ctrl->abort_limit);
	oc_nvme_free_cmd(rq);
}

OC_MQ_END_IO(oc_abort_done)

/* Ask the device to end a command. False: it could not even be asked */
static bool oc_send_abort(struct nvme_ctrl *ctrl, const struct oc_iod *iod)
{
	struct nvme_command cmd = {
		.abort = {
			.opcode	= nvme_admin_abort_cmd,
			.sqid	= cpu_to_le16(iod->cmd.queue->qid),
			.cid	= iod->sqe.common.command_id,
		},
	};
	struct request *rq;

	rq = oc_nvme_alloc_cmd(ctrl->admin_q, &cmd, BLK_MQ_REQ_NOWAIT);
	if (IS_ERR(rq))
		return false;
	rq->end_io = oc_abort_done_op;
	blk_execute_rq_nowait(rq, false);
	return true;
}

/*
 * A command has taken too long: first it is aborted, the second time the
 * controller is reset, which ends all that the device still holds. The host
 * never ends a command by itself, since the device may still use its memory.
 */
static enum blk_eh_timer_return oc_timeout(struct request *rq)
{
	struct oc_iod *iod = blk_mq_rq_to_pdu(rq);
	struct nvme_ctrl *ctrl = iod->req.ctrl;
	struct oc_queue *queue = iod->cmd.queue;

	/* No reset can be had, so what got lost is found without */
	if (nvme_ctrl_state(ctrl) != NVME_CTRL_LIVE)
		return oc_queue_abort(queue, iod->sqe.common.command_id,
				      OC_CUT_LATE, true) ?
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

OC_MQ_TIMEOUT(oc_timeout)

/**
 * oc_iod_init() - make a command of a queue
 * @iod:	zeroed memory of oc_iod_size()
 * @hq:		the queue
 * @done:	called when it is over
 *
 * Context: any.
 */
void oc_iod_init(struct oc_iod *iod, struct oc_host_queue *hq,
		 void (*done)(struct oc_cmd *cmd))
{
	iod->req.ctrl = &hq->host->ctrl;
	iod->nr_bufs = 0;
	iod->cmd.sqe = &iod->sqe;
	iod->cmd.host = &oc_host_ops;
	iod->cmd.done = done;
	iod->cmd.queue = &hq->q;
}

/**
 * oc_iod_max_segments() - most segments that a request can have
 * @dev:	device
 *
 * 64 sectors of the largest format, OOB included, each on its own at worst.
 *
 * Context: any.
 * Return: how many.
 */
u32 oc_iod_max_segments(const struct oc_dev *dev)
{
	u32 most = oc_dev_max_lba(dev) + oc_dev_max_oob(dev);
	u32 pages = DIV_ROUND_UP(OC_VECTOR_MAX * most, PAGE_SIZE);

	return max(pages, OC_VECTOR_MAX) + 1;
}

/**
 * oc_iod_max_admin_segments() - most segments of an admin command's data
 *
 * Context: any.
 * Return: how many.
 */
u32 oc_iod_max_admin_segments(void)
{
	return DIV_ROUND_UP(OC_MAX_ADMIN_DATA, PAGE_SIZE) + 1;
}

/**
 * oc_iod_size() - memory of a command, as a request brings it
 * @dev:	device
 * @nr_bvecs:	segments, for commands of several bios
 *
 * Context: any.
 * Return: bytes.
 */
u32 oc_iod_size(const struct oc_dev *dev, u32 nr_bvecs)
{
	return sizeof(struct oc_iod) +
		oc_cmd_max_parts(dev) * sizeof(struct oc_part) +
		nr_bvecs * sizeof(struct bio_vec);
}

static int oc_init_request(struct blk_mq_tag_set *set, struct request *rq,
			   unsigned int hctx_idx)
{
	struct oc_host *host = set->driver_data;
	struct oc_iod *iod = blk_mq_rq_to_pdu(rq);
	u32 qid = set == &host->io_set ? hctx_idx + 1 : 0;

	oc_iod_init(iod, &host->queues[qid], oc_host_done);
	iod->nr_bvecs = qid ? oc_iod_max_segments(host->port.dev) :
			      oc_iod_max_admin_segments();
	oc_nvme_place_cmd(rq, &iod->sqe);
	return 0;
}

OC_MQ_INIT_REQUEST(oc_init_request)

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

/*
 * One of the queues for each processor. blk_mq_map_queues() would give some to
 * processors that are offline while there are others without.
 */
static void oc_map_queues(struct blk_mq_tag_set *set)
{
	struct blk_mq_queue_map *map = &set->map[HCTX_TYPE_DEFAULT];
	unsigned int cpu, nr = 0;

	/* Each is seen by one of the loops, so that no queue is left without */
	cpus_read_lock();
	for_each_online_cpu(cpu)
		map->mq_map[cpu] = nr++ % map->nr_queues;
	for_each_possible_cpu(cpu)
		if (!cpu_online(cpu))
			map->mq_map[cpu] = nr++ % map->nr_queues;
	cpus_read_unlock();
}

OC_MQ_MAP_QUEUES(oc_map_queues)

const struct blk_mq_ops oc_mq_ops = {
	.queue_rq	= oc_queue_rq,
	.complete	= oc_complete_rq,
	.timeout	= oc_timeout_op,
	.init_request	= oc_init_request_op,
	.init_hctx	= oc_init_hctx,
	.map_queues	= oc_map_queues_op,
};

const struct blk_mq_ops oc_admin_mq_ops = {
	.queue_rq	= oc_queue_rq,
	.complete	= nvme_complete_rq,
	.timeout	= oc_timeout_op,
	.init_request	= oc_init_request_op,
	.init_hctx	= oc_init_admin_hctx,
};
