// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/discovery.c - the discovery log
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "oc_ctrl.h"
#include "oc_dev.h"

/**
 * oc_discovery_fill() - the discovery log: the one subsystem there is
 * @cmd:	command, on a discovery controller
 * @page:	OC_DISCOVERY_BYTES of zeroes to fill
 *
 * Context: process.
 */
void oc_discovery_fill(struct oc_cmd *cmd, void *page)
{
	const struct oc_dev *dev = cmd->queue->ctrl->dev;
	struct nvmf_disc_rsp_page_hdr *hdr = page;
	struct nvmf_disc_rsp_page_entry *entry = hdr->entries;

	hdr->genctr = cpu_to_le64(1);
	hdr->numrec = cpu_to_le64(1);
	entry->trtype = NVMF_TRTYPE_LOOP;
	entry->adrfam = NVMF_ADDR_FAMILY_LOOP;
	entry->subtype = NVME_NQN_NVME;
	entry->treq = NVMF_TREQ_DISABLE_SQFLOW;
	entry->cntlid = cpu_to_le16(0xffff);
	entry->asqsz = cpu_to_le16(NVME_AQ_DEPTH);
	strscpy(entry->subnqn, dev->subsysnqn, sizeof(entry->subnqn));
}
