// SPDX-License-Identifier: GPL-2.0
/*
 * ns/identify.c - what Identify says of namespaces of all kinds
 */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/spinlock.h>

#include "oc_dev.h"
#include "oc_ns.h"
#include "oc_wire.h"

/**
 * oc_format_common() - Identify Namespace of FFFFFFFFh: common capabilities
 * @dev:	device
 * @id:		zeroed structure to fill
 *
 * Those of namespaces that a host can create (NVMe 1.4, 5.15.2.1).
 *
 * Context: process; takes oc_dev.geo_lock.
 */
void oc_format_common(struct oc_dev *dev, struct nvme_id_ns *id)
{
	struct oc_ns ns = {
		.dev = dev, .kind = dev->created, .geo = dev->geo,
	};

	oc_format_identify(&ns, id);
	id->flbas = 0;
	id->nmic = dev->shared ? NVME_NS_NMIC_SHARED : 0;
}

/**
 * oc_format_identify() - what Identify Namespace says of formats
 * @ns:		namespace
 * @id:		structure to fill
 *
 * A format that the namespace cannot have has a size of 0 (NVMe 1.4, figure 246).
 *
 * Context: process; takes oc_dev.geo_lock.
 */
void oc_format_identify(const struct oc_ns *ns, struct nvme_id_ns *id)
{
	struct oc_dev *dev = ns->dev;
	u32 nr = ns->kind->fits ? dev->nr_formats : 1;
	u32 lba_size, oob_size, i;
	struct oc_geo geo;
	bool meta;

	spin_lock(&dev->geo_lock);
	lba_size = ns->geo.lba_size;
	oob_size = ns->geo.oob_size;
	id->flbas = ns->format | (ns->extended ? NVME_NS_FLBAS_META_EXT : 0);
	/* Linux has one limit for all namespaces, so it must split requests here */
	id->noiob = cpu_to_le16(ns->split ? OC_VECTOR_MAX : 0);
	spin_unlock(&dev->geo_lock);

	id->nlbaf = nr - 1;
	id->lbaf[0].ds = ilog2(lba_size);
	id->lbaf[0].ms = cpu_to_le16(oob_size);
	meta = oob_size;
	for (i = 0; ns->kind->fits && i < nr; i++) {
		memset(&id->lbaf[i], 0, sizeof(id->lbaf[i]));
		if (!oc_format_fits(ns, i, false, &geo))
			continue;
		id->lbaf[i].ds = geo.lba_shift;
		id->lbaf[i].ms = cpu_to_le16(geo.oob_size);
		meta |= geo.oob_size;
	}
	if (meta)
		id->mc = OC_MC_SEPARATE |
			(ns->kind->extended ? OC_MC_EXTENDED : 0);
}

/**
 * oc_ns_identify() - Identify Namespace
 * @ns:		namespace
 * @id:		zeroed structure to fill
 *
 * Context: process; takes oc_dev.geo_lock.
 */
void oc_ns_identify(const struct oc_ns *ns, struct nvme_id_ns *id)
{
	__le64 nvmcap;
	u8 shift;

	oc_format_identify(ns, id);
	if (ns->shared)
		id->nmic = NVME_NS_NMIC_SHARED;
	memcpy(id->nguid, ns->nguid, sizeof(id->nguid));
	id->endgid = cpu_to_le16(OC_ENDURANCE_GROUP);
	ns->kind->identify(ns, id);
	shift = id->lbaf[id->flbas & NVME_NS_FLBAS_LBA_MASK].ds;
	nvmcap = cpu_to_le64(oc_ns_capacity(ns, shift));
	memcpy(id->nvmcap, &nvmcap, sizeof(nvmcap));
}

/**
 * oc_ns_oncs() - optional commands of a device's namespaces
 * @dev:	device
 *
 * Including those of namespaces that can be created.
 *
 * Context: process; as for oc_for_each_ns().
 * Return: NVME_CTRL_ONCS_* bits.
 */
u16 oc_ns_oncs(const struct oc_dev *dev)
{
	u16 oncs = oc_dev_has_room(dev) ? dev->created->oncs : 0;
	struct oc_ns *ns;

	oc_for_each_ns(dev, ns)
		oncs |= ns->kind->oncs;
	return oncs;
}
