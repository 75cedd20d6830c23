// SPDX-License-Identifier: GPL-2.0
/*
 * cmd/cut.c - the status of a command that ends early
 *
 * One table, for commands that are refused at the entrance and for those that are
 * stopped between two rounds of their parts. DNR is set where a retry is no use.
 */
#include <linux/kernel.h>

#include "oc.h"
#include "oc_cmd.h"
#include "oc_dev.h"
#include "oc_wire.h"

/* Statuses of NVMe 1.4, 4.6.1.2; Format in Progress as 5.23 has it */
static const u16 oc_cuts[OC_CUTS] = {
	[OC_CUT_FORMAT]		= OC_SC_FORMATTING,
	[OC_CUT_SANITIZE]	= NVME_SC_SANITIZE_IN_PROGRESS,
	/* As for any command to an inactive namespace (6.1.5) */
	[OC_CUT_GONE]		= OC_ERR(NVME_SC_INVALID_FIELD),
	[OC_CUT_DETACH]		= OC_ERR(NVME_SC_INVALID_FIELD),
	[OC_CUT_ABORT]		= NVME_SC_ABORT_REQ,
	[OC_CUT_QUEUE]		= NVME_SC_ABORT_QUEUE,
	[OC_CUT_LATE]		= OC_ERR(NVME_SC_ABORT_REQ),
};

/**
 * oc_sanitize_status() - must commands be refused for a Sanitize?
 * @dev:	device
 *
 * Context: any.
 * Return: 0; Sanitize In Progress, without DNR since it will end; or Sanitize
 * Failed.
 */
u16 oc_sanitize_status(const struct oc_dev *dev)
{
	switch (READ_ONCE(dev->sanitize.state)) {
	case OC_SANITIZE_RUNS:
		return NVME_SC_SANITIZE_IN_PROGRESS;
	case OC_SANITIZE_FAILED:
		return OC_ERR(NVME_SC_SANITIZE_FAILED);
	default:
		return 0;
	}
}

/**
 * oc_cut_status() - the status of a command that ends early
 * @cmd:	command; @cmd->err_loc is set if a field is at fault
 * @why:	the reason, not OC_CUT_NOT
 *
 * Context: any.
 * Return: NVMe status: Format in Progress; Sanitize In Progress, or Sanitize Failed
 * once it has; Invalid Field, of the namespace; Abort Requested; Aborted due to SQ
 * Deletion.
 */
u16 oc_cut_status(struct oc_cmd *cmd, enum oc_cut why)
{
	u16 status = 0;

	if (why == OC_CUT_SANITIZE)
		status = oc_sanitize_status(cmd->ns->dev);
	if (why == OC_CUT_GONE || why == OC_CUT_DETACH)
		cmd->err_loc = offsetof(struct nvme_common_command, nsid);
	return status ? status : oc_cuts[why];
}
