// SPDX-License-Identifier: GPL-2.0
/*
 * host/claims.c - the disks that the sender of a command has claimed himself
 */
#include <linux/fdtable.h>
#include <linux/sched/task_stack.h>

#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_host.h"
#include "oc_ns.h"
#include "oc_transport.h"

/* Remember a file by which the sender of a command has claimed a disk of ours */
static int oc_note_claim(const void *arg, struct file *file, unsigned int fd)
{
	struct oc_claims *claims = *(struct oc_claims *const *)arg;
	const struct blk_mq_tag_set *tags;
	struct block_device *bdev;

	if (!S_ISBLK(file_inode(file)->i_mode) || !oc_file_claims(file))
		return 0;
	bdev = I_BDEV(file->f_mapping->host);
	tags = bdev->bd_disk->queue->tag_set;
	/* Multipath's disks have none. A partition's claim is nobody's by name */
	if ((tags && tags != claims->disks) || bdev_is_partition(bdev))
		return 0;
	claims->file[claims->nr++] = file;
	return claims->nr == OC_MAX_CLAIMS;
}

/**
 * oc_host_note_sender() - remember which disks an admin command's sender has claimed
 * @host:	controller
 * @rq:		request of the admin queue
 *
 * nvme-cli 2.x opens the disk that it is to format with O_EXCL. That is no use by
 * somebody else.
 *
 * Context: where requests are queued. Often that is where the sender waits, whose
 * stack has what tells it of the end; elsewhere nothing is known of it, and its own
 * claim is one that forbids. It waits for the end, so its files stay open.
 */
void oc_host_note_sender(struct oc_host *host, struct request *rq)
{
	struct oc_iod *iod = blk_mq_rq_to_pdu(rq);
	struct oc_claims *claims = &iod->claims;

	claims->nr = 0;
	claims->disks = &host->io_set;
	if (!(nvme_req(rq)->flags & NVME_REQ_USERCMD) || !in_task() ||
	    !current->files || !object_is_on_stack(rq->end_io_data))
		return;
	switch (iod->sqe.common.opcode) {
	case nvme_admin_ns_mgmt:
	case nvme_admin_ns_attach:
	case nvme_admin_format_nvm:
	case nvme_admin_sanitize_nvm:
		iterate_fd(current->files, 0, oc_note_claim, &claims);
	}
}

/**
 * oc_is_senders() - is a claim by a file of who sends a command?
 * @cmd:	command that changes namespaces, NULL for none
 * @holder:	what has claimed a disk
 *
 * Context: any; @cmd does not end meanwhile.
 * Return: true if so.
 */
bool oc_is_senders(const struct oc_cmd *cmd, const void *holder)
{
	const struct oc_claims *claims;
	u32 i;

	if (!cmd)
		return false;
	claims = &container_of(cmd, const struct oc_iod, cmd)->claims;
	for (i = 0; i < claims->nr; i++)
		if (claims->file[i] == holder)
			return true;
	return false;
}
