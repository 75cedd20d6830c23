/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_compat_nvme.h - the other half of oc_compat.h: what needs the private headers
 *
 * The host binding calls nvme-core and blk-mq by the names that they have now. For
 * kernels that have others they are defined here; where a name stayed and its
 * parameters did not, there is one of ours (oc_nvme_, oc_mq_).
 */
#ifndef OC_COMPAT_NVME_H
#define OC_COMPAT_NVME_H

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/slab.h>

/* 5.16 made a header of it */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 16, 0)
#include <linux/blk-integrity.h>
#endif

#include "nvme.h"
#include "fabrics.h"
#include "oc_nvme_probes.h"

/* ---- lightnvm, which 5.15 took ---------------------------------------- */

#ifdef OC_HAS_LIGHTNVM
#define OC_NVME_QUIRKS	NVME_QUIRK_LIGHTNVM
#else
#define OC_NVME_QUIRKS	0
#endif

static inline struct nvm_dev *oc_nvme_ndev(const struct nvme_ns *ns)
{
#ifdef OC_HAS_LIGHTNVM
	return ns->ndev;
#else
	return NULL;
#endif
}

/*
 * Has lightnvm put the address of a list into the command? An ioctl's command has
 * the disk in its bio, which those that others make for the disk's queue have not.
 */
static inline bool oc_nvme_is_listed(struct request *rq,
				     const struct nvme_command *sqe)
{
#ifdef OC_HAS_LIGHTNVM
	return blk_rq_is_passthrough(rq) &&
		!(nvme_req(rq)->flags & NVME_REQ_USERCMD) &&
		rq->bio && rq->bio->bi_disk && sqe->rw.length;
#else
	return false;
#endif
}

/* ---- controllers ------------------------------------------------------ */

/* 5.15 put what follows Identify there, 6.2 told of a suspend */
static inline int oc_nvme_init_finish(struct nvme_ctrl *ctrl)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 15, 0)
	return nvme_init_identify(ctrl);
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	return nvme_init_ctrl_finish(ctrl);
#else
	return nvme_init_ctrl_finish(ctrl, false);
#endif
}

/* 6.12 has nvme_init_ctrl() no longer make the node */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
static inline int nvme_add_ctrl(struct nvme_ctrl *ctrl)
{
	return 0;
}
#endif

/* 6.2 renamed them */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define nvme_quiesce_io_queues(ctrl)	nvme_stop_queues(ctrl)
#define nvme_unquiesce_io_queues(ctrl)	nvme_start_queues(ctrl)
#endif

/* 7.0 asks for it, and looks for no NULL */
#ifdef OC_HAS_get_virt_boundary
#define OC_NVME_MORE_OPS	.get_virt_boundary = nvmf_get_virt_boundary,
#else
#define OC_NVME_MORE_OPS
#endif

/*
 * The controller's namespaces, in a list that stays as it is until they are unlocked.
 * 6.10 made a mutex of the lock, so that those in I/O need none.
 */
static inline void oc_nvme_lock_namespaces(struct nvme_ctrl *ctrl)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
	down_read(&ctrl->namespaces_rwsem);
#else
	mutex_lock(&ctrl->namespaces_lock);
#endif
}

static inline void oc_nvme_unlock_namespaces(struct nvme_ctrl *ctrl)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
	up_read(&ctrl->namespaces_rwsem);
#else
	mutex_unlock(&ctrl->namespaces_lock);
#endif
}

/* Bytes of metadata for each sector; 6.8 has all paths share them */
static inline u32 oc_nvme_ms(const struct nvme_ns *ns)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
	return ns->ms;
#else
	return ns->head->ms;
#endif
}

/* ---- requests --------------------------------------------------------- */

/* 5.15: all transports ask the same whether a command may be sent */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 15, 0)
#define nvme_check_ready(ctrl, rq, live)	nvmf_check_ready(ctrl, rq, live)
#define nvme_fail_nonready_command(ctrl, rq)	nvmf_fail_nonready_command(ctrl, rq)
#define NVME_ADMIN_TIMEOUT			ADMIN_TIMEOUT
#endif

/* 6.0 counts what a path has in flight */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 0, 0)
#define nvme_start_request(rq)	blk_mq_start_request(rq)
#endif

/* A request's place for its command. Until 5.15 it is given anew with each command */
static inline void oc_nvme_place_cmd(struct request *rq, struct nvme_command *sqe)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 15, 0)
	nvme_req(rq)->cmd = sqe;
#endif
}

static inline blk_status_t oc_nvme_setup_cmd(struct nvme_ns *ns, struct request *rq,
					     struct nvme_command *sqe)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 15, 0)
	return nvme_setup_cmd(ns, rq);
#else
	return nvme_setup_cmd(ns, rq, sqe);
#endif
}

/*
 * A request's next command has another identifier, so that an Abort that comes late
 * finds nothing. Until 5.15 the identifier is the tag.
 */
static inline void oc_nvme_next_cid(struct request *rq)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 15, 0)
	nvme_req(rq)->genctr++;
#endif
}

/*
 * A request for a command, which need not stay. Until 6.0 it must, so there is a copy,
 * that oc_nvme_free_cmd() knows of.
 */
static inline struct request *oc_nvme_alloc_cmd(struct request_queue *q,
						struct nvme_command *cmd,
						blk_mq_req_flags_t flags)
{
	struct request *rq;

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 0, 0)
	rq = blk_mq_alloc_request(q, nvme_req_op(cmd), flags);
	if (!IS_ERR(rq))
		nvme_init_request(rq, cmd);
#else
	cmd = kmemdup(cmd, sizeof(*cmd), GFP_ATOMIC | __GFP_NOWARN);
	if (!cmd)
		return ERR_PTR(-ENOMEM);
	rq = nvme_alloc_request(q, cmd, flags);
	if (IS_ERR(rq))
		kfree(cmd);
	else
		rq->end_io_data = cmd;
#endif
	return rq;
}

static inline void oc_nvme_free_cmd(struct request *rq)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 0, 0)
	kfree(rq->end_io_data);
#endif
	blk_mq_free_request(rq);
}

/* 5.19: the queue and who is told of the end are the request's */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 19, 0)
#define blk_execute_rq_nowait(rq, at_head)				\
	blk_execute_rq_nowait((rq)->q, NULL, rq, at_head, (rq)->end_io)
#endif

/* Who is told: 6.1 lets it have the request freed, 7.0 tells of its batch */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#define OC_MQ_END_IO(fn)						\
static void fn##_op(struct request *rq, blk_status_t error)		\
{									\
	fn(rq);								\
}
#elif LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
#define OC_MQ_END_IO(fn)						\
static enum rq_end_io_ret fn##_op(struct request *rq,			\
				  blk_status_t error)			\
{									\
	fn(rq);								\
	return RQ_END_IO_NONE;						\
}
#else
#define OC_MQ_END_IO(fn)						\
static enum rq_end_io_ret fn##_op(struct request *rq,			\
				  blk_status_t error,			\
				  const struct io_comp_batch *batch)	\
{									\
	fn(rq);								\
	return RQ_END_IO_NONE;						\
}
#endif

/* 6.0 no longer says of a request that it was reserved */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 0, 0)
#define OC_MQ_TIMEOUT(fn)						\
static enum blk_eh_timer_return fn##_op(struct request *rq,		\
					bool reserved)			\
{									\
	return fn(rq);							\
}
#else
#define OC_MQ_TIMEOUT(fn)						\
static enum blk_eh_timer_return fn##_op(struct request *rq)		\
{									\
	return fn(rq);							\
}
#endif

/* 7.0 gave the node a sign */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
#define OC_MQ_INIT_REQUEST(fn)						\
static int fn##_op(struct blk_mq_tag_set *set, struct request *rq,	\
		   unsigned int hctx_idx, unsigned int node)		\
{									\
	return fn(set, rq, hctx_idx);					\
}
#else
#define OC_MQ_INIT_REQUEST(fn)						\
static int fn##_op(struct blk_mq_tag_set *set, struct request *rq,	\
		   unsigned int hctx_idx, int node)			\
{									\
	return fn(set, rq, hctx_idx);					\
}
#endif

/* 6.1: it cannot fail */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#define OC_MQ_MAP_QUEUES(fn)						\
static int fn##_op(struct blk_mq_tag_set *set)				\
{									\
	fn(set);							\
	return 0;							\
}
#else
#define OC_MQ_MAP_QUEUES(fn)						\
static void fn##_op(struct blk_mq_tag_set *set)				\
{									\
	fn(set);							\
}
#endif

/* ---- queues ----------------------------------------------------------- */

/* 6.14: a queue of requests without a disk has no scheduler; nobody asks for merges */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
#define BLK_MQ_F_NO_SCHED	BLK_MQ_F_NO_SCHED_BY_DEFAULT
#define BLK_MQ_F_SHOULD_MERGE	0
#endif

/* 6.9 makes it with its limits */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
#define blk_mq_alloc_queue(set, lim, data)	blk_mq_init_queue(set)
#endif

/* 6.0 leaves the reference to whoever ended the queue */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 0, 0)
static inline void blk_mq_destroy_queue(struct request_queue *q)
{
	WARN_ON_ONCE(!blk_get_queue(q));
	blk_cleanup_queue(q);
}
#endif

/*
 * An open node can reach these two until the last close, and there nvme_free_ctrl() puts
 * them, in later kernels and in later updates of older ones.
 */
static inline void oc_nvme_put_queues(struct nvme_ctrl *ctrl)
{
#ifndef OC_HAS_free_ctrl_puts
	if (ctrl->admin_q)
		blk_put_queue(ctrl->admin_q);
	if (ctrl->fabrics_q)
		blk_put_queue(ctrl->fabrics_q);
#endif
}

/*
 * Let a queue have requests as long as they can be. 6.11 has limits changed under a
 * mutex, all at once; but nvme-core changes them between two commands, and where
 * the next one is queued nobody may sleep. Both are looked at when a command is made,
 * one by one, and who overwrites them is followed by another command.
 */
static inline void oc_mq_lift(struct request_queue *q)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
	blk_queue_max_hw_sectors(q, UINT_MAX >> SECTOR_SHIFT);
	blk_queue_max_segments(q, USHRT_MAX);
#else
	WRITE_ONCE(q->limits.max_segments, USHRT_MAX);
	WRITE_ONCE(q->limits.max_hw_sectors, UINT_MAX >> SECTOR_SHIFT);
#endif
}

/* ---- bios and disks --------------------------------------------------- */

/* 7.0 renamed it */
static inline u32 oc_bvec_skip(const struct bvec_iter *iter)
{
#ifdef OC_HAS_bi_offset
	return iter->bi_offset;
#else
	return iter->bi_bvec_done;
#endif
}

static inline void oc_bvec_set_skip(struct bvec_iter *iter, u32 skip)
{
#ifdef OC_HAS_bi_offset
	iter->bi_offset = skip;
#else
	iter->bi_bvec_done = skip;
#endif
}

/* 5.12 has bios know the block device */
static inline struct gendisk *oc_bio_disk(const struct bio *bio)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 12, 0)
	return bio->bi_disk;
#else
	return bio->bi_bdev->bd_disk;
#endif
}

/* The block device of a whole disk, to be put; with 5.11 the disk holds it */
static inline struct block_device *oc_disk_bdev(struct gendisk *disk)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
	return bdget_disk(disk, 0);
#else
	return disk->part0;
#endif
}

static inline void oc_disk_bdev_put(struct block_device *bdev)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
	bdput(bdev);
#endif
}

/* Has a block device been opened with O_EXCL by this file? 6.5 took the mode's bit */
static inline bool oc_file_claims(const struct file *file)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
	return file->f_mode & FMODE_EXCL;
#else
	return file->private_data == file;
#endif
}

/* Does the block layer verify metadata of every read? 6.11 asks for a checksum first */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define OC_MQ_VERIFIES	1
#else
#define OC_MQ_VERIFIES	0
#endif

/* Is metadata of an ioctl a copy in kernel memory? From 6.9 on it is the user's pages */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
#define OC_MQ_COPIES_META	1
#else
#define OC_MQ_COPIES_META	0
#endif

#endif /* OC_COMPAT_NVME_H */
