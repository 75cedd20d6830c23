// SPDX-License-Identifier: GPL-2.0
/*
 * ns/oc12/parse.c - parse the fields that physical and hybrid commands share
 */
#include <linux/kernel.h>

#include "oc.h"
#include "oc12.h"
#include "oc_cmd.h"
#include "oc_ns.h"
#include "oc_wire.h"

/**
 * oc12_list() - count and addresses of a physical or hybrid command
 * @cmd:	command
 *
 * Context: any; does not sleep.
 * Return: 0, or Invalid Field for too many addresses, a list that was never
 * handed out, and addresses that name no sector, which are set in the bitmap.
 */
u16 oc12_list(struct oc_cmd *cmd)
{
	const struct oc12_wire_rw *sqe = (const void *)cmd->sqe;
	u32 nr = le16_to_cpu(sqe->nppa) + 1;

	if (nr > OC_VECTOR_MAX) {
		cmd->err_loc = offsetof(struct oc12_wire_rw, nppa);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	if (!oc_cmd_list(cmd, offsetof(struct oc12_wire_rw, ppa), nr) ||
	    cmd->invalid) {
		cmd->err_loc = offsetof(struct oc12_wire_rw, ppa);
		cmd->failed = cmd->invalid;
		cmd->result.u64 = cpu_to_le64(cmd->invalid);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	return 0;
}

/**
 * oc12_buffers() - check the buffers of a read or write, and find its OOB
 * @cmd:	command with its number of sectors
 *
 * Context: any; does not sleep.
 * Return: 0, or NVMe status if either is too short.
 */
u16 oc12_buffers(struct oc_cmd *cmd)
{
	const struct oc_geo *geo = &cmd->ns->geo;
	u16 status = oc_cmd_need_data(cmd, cmd->nr << geo->lba_shift);

	if (status)
		return status;
	return oc_cmd_need_oob(cmd, le64_to_cpu(cmd->sqe->common.metadata),
			       cmd->nr * geo->oob_size);
}

/**
 * oc12_start() - split a command and submit the parts to their channels
 * @cmd:	command with its addresses
 * @exec:	what the parts do
 *
 * Context: any; does not sleep.
 * Return: OC_ASYNC.
 */
u16 oc12_start(struct oc_cmd *cmd, const struct oc_exec *exec)
{
	oc_cmd_split(cmd);
	oc_cmd_start(cmd, exec);
	return OC_ASYNC;
}

/**
 * oc12_range() - start and length of a scalar command
 * @cmd:	command
 * @total:	addresses of the namespace
 * @slba:	set to the first
 * @nr:		set to how many
 *
 * Context: any; does not sleep.
 * Return: 0, Invalid Field for more than MDTS allows or a list, or LBA Out of
 * Range.
 */
u16 oc12_range(struct oc_cmd *cmd, u64 total, u64 *slba, u32 *nr)
{
	const struct nvme_rw_command *sqe = &cmd->sqe->rw;
	u16 status = oc_cmd_no_list(cmd);

	if (unlikely(status))
		return status;
	*slba = le64_to_cpu(sqe->slba);
	*nr = le16_to_cpu(sqe->length) + 1;
	if (*nr > OC_VECTOR_MAX) {
		/* More than MDTS says */
		cmd->err_loc = offsetof(struct nvme_rw_command, length);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	if (*slba >= total || *nr > total - *slba) {
		cmd->err_loc = offsetof(struct nvme_rw_command, slba);
		return OC_ERR(NVME_SC_LBA_RANGE);
	}
	return 0;
}
