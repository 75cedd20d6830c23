// SPDX-License-Identifier: GPL-2.0
/*
 * host/layout.c - nvme-core's structures as this module sees them, for Kbuild to compare
 * with those of the nvme-core that is installed. No part of the module.
 */
#include "oc_compat_nvme.h"

struct oc_layout {
	struct nvme_ctrl ctrl;
	struct nvme_ctrl_ops ops;
	struct nvme_ns ns;
	struct nvme_ns_head *head;
	struct nvme_request request;
	struct nvme_subsystem subsystem;
	struct nvmf_ctrl_options options;
	struct nvmf_transport_ops transport;
};

static const struct oc_layout *oc_layout __used;
