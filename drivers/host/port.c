// SPDX-License-Identifier: GPL-2.0
/*
 * host/port.c - what the device asks of a controller's host: whether namespaces are
 * in use, and to look at them again
 */
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_host.h"
#include "oc_ns.h"
#include "oc_transport.h"

/*
 * nvme-core's namespace @nsid, whose reference the list holds; with
 * the list locked, which nobody does who waits for an admin command.
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

/**
 * oc_port_in_use() - has anybody claimed a namespace's disk, or is about to?
 * @port:	connection of a controller
 * @nsid:	the namespace
 *
 * A claim of a partition counts for the whole, so all that are mounted, swapped on,
 * part of another block device or open with O_EXCL are here, but for who sends the
 * command. To claim it ourselves would tell as much, but that waits for whoever is
 * about to, who may wait for I/O that the host holds back for us.
 *
 * Context: process; sleeps. oc_port.in_use.
 * Return: true if so.
 */
bool oc_port_in_use(struct oc_port *port, u32 nsid)
{
	struct oc_host *host = container_of(port, struct oc_host, port);
	struct block_device *bdev = NULL;
	struct nvme_ns *ns;
	bool used = false;

	oc_nvme_lock_namespaces(&host->ctrl);
	ns = oc_host_ns(host, nsid);
	if (ns)
		bdev = oc_disk_bdev(oc_host_disk(ns));
	if (bdev) {
		used = READ_ONCE(bdev->bd_claiming) ||
			(READ_ONCE(bdev->bd_holders) &&
			 !oc_is_senders(port->dev->changer,
					READ_ONCE(bdev->bd_holder)));
		oc_disk_bdev_put(bdev);
	}
	oc_nvme_unlock_namespaces(&host->ctrl);
	return used;
}

/**
 * oc_port_reserve() - keep lightnvm's targets off a namespace
 * @port:	connection of a controller
 * @nsid:	the namespace
 *
 * A target believes in the sizes it was made with.
 *
 * Context: process; sleeps. oc_port.reserve.
 * Return: false if there is a target already.
 */
bool oc_port_reserve(struct oc_port *port, u32 nsid)
{
	struct oc_host *host = container_of(port, struct oc_host, port);
	struct nvme_ns *ns;
	bool ok = true;

	oc_nvme_lock_namespaces(&host->ctrl);
	ns = oc_host_ns(host, nsid);
	if (ns && oc_nvme_ndev(ns)) {
		ok = oc_nvm_reserve(oc_nvme_ndev(ns));
		if (ok)
			host->reserved[nsid - 1] = oc_nvme_ndev(ns);
	}
	oc_nvme_unlock_namespaces(&host->ctrl);
	return ok;
}

/**
 * oc_port_formatted() - look at a namespace again
 * @port:	connection of a controller
 * @nsid:	the namespace
 *
 * nvme-core will do so by itself, lightnvm would not.
 *
 * Context: process; sleeps. oc_port.formatted.
 */
void oc_port_formatted(struct oc_port *port, u32 nsid)
{
	struct oc_host *host = container_of(port, struct oc_host, port);
	const struct oc_ns *here = oc_ns_active(port, nsid);
	struct nvme_ns *ns;

	oc_host_limit(host);
	/* On one that has gone, no target is to come any more */
	if (!here)
		return;
	oc_nvme_lock_namespaces(&host->ctrl);
	ns = oc_host_ns(host, nsid);
	/* One that went and came again has read the sizes itself */
	if (ns && oc_nvme_ndev(ns) &&
	    host->reserved[nsid - 1] == oc_nvme_ndev(ns))
		oc_nvm_release(oc_nvme_ndev(ns), here);
	host->reserved[nsid - 1] = NULL;
	oc_nvme_unlock_namespaces(&host->ctrl);
}
