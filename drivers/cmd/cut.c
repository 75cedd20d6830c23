// SPDX-License-Identifier: GPL-2.0
/*
 * cmd/cut.c - what a command ends with that does not come to its own end
 *
 * One table. A command that is sent away at the door and one that is stopped
 * between two rounds of its parts have met the same thing, so they say the same.
 * DNR is set where trying again is no use.
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
	/* As any command that names a namespace that is not there (6.1.5) */
	[OC_CUT_GONE]		= OC_ERR(NVME_SC_INVALID_FIELD),
	[OC_CUT_DETACH]		= OC_ERR(NVME_SC_INVALID_FIELD),
	[OC_CUT_ABORT]		= NVME_SC_ABORT_REQ,
	[OC_CUT_QUEUE]		= NVME_SC_ABORT_QUEUE,
	[OC_CUT_LATE]		= OC_ERR(NVME_SC_ABORT_REQ),
};

/**
 * oc_sanitize_status() - what to send commands away with
 * @dev:	device
 *
 * Context: any.
 * Return: 0; Sanitize In Progress, which will be over, so without DNR; or
 * Sanitize Failed.
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
 * oc_cut_status() - why a command does not go on, as the host is to see it
 * @cmd:	command; its guilty field is noted, if one is
 * @why:	what came between, not OC_CUT_NOT
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
