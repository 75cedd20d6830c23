// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/format.c - the change from one LBA format to another
 *
 * A device has up to 16 formats, of which the first is the one it was loaded
 * with; each namespace has one of them. Format NVM erases all data and changes the
 * sizes of sectors, but not the numbers of chunks and sectors.
 */
/* KBUILD_MODNAME would name the KUnit module too */
#define pr_fmt(fmt) "ocloop: " fmt

#include <linux/bitfield.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "oc.h"
#include "oc_cmd.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_freeze.h"
#include "oc_media.h"
#include "oc_ns.h"
#include "oc_wire.h"

/* ---- Format NVM ------------------------------------------------------- */

/**
 * struct oc_change - a Format under way
 * @fz:		its namespaces
 * @format:	what they become, of the device's table
 * @extended:	with OOB interleaved
 * @refit:	media for their channels
 */
struct oc_change {
	struct oc_freeze fz;
	u32 format;
	bool extended;
	struct oc_refit refit;
};

/* Do all that can fail, before anything changes */
static u16 oc_change_prepare(struct oc_change *change)
{
	struct oc_dev *dev = change->fz.dev;
	struct oc_geo geo;
	u32 i;

	for_each_set_bit(i, change->fz.which, OC_MAX_NS) {
		const struct oc_ns *ns = &dev->ns[i];

		if (!oc_format_fits(ns, change->format, change->extended, &geo))
			return OC_ERR(NVME_SC_INVALID_FORMAT);
		if (!oc_refit_prepare(&change->refit, ns, &geo))
			return NVME_SC_INTERNAL;
	}
	return 0;
}

static void oc_change_geo(const struct oc_change *change, struct oc_ns *ns)
{
	struct oc_dev *dev = ns->dev;
	struct oc_geo geo;
	u64 before, after;

	/* oc_change_prepare() has checked that it fits */
	oc_format_fits(ns, change->format, change->extended, &geo);
	before = dev->media->table_bytes(&ns->geo) * ns->geo.num_grp;
	after = dev->media->table_bytes(&geo) * geo.num_grp;

	spin_lock(&dev->geo_lock);
	ns->geo = geo;
	ns->format = change->format;
	/* Bit 4 of FLBAS means nothing without metadata */
	ns->extended = change->extended && geo.oob_size;
	dev->table_bytes += after - before;
	spin_unlock(&dev->geo_lock);
}

/* Change the sizes of an erased namespace. Called by the owner of all its channels */
static void oc_change_ns(struct oc_ns *ns, void *arg)
{
	struct oc_change *change = arg;
	u32 i;

	for (i = ns->first; i < ns->first + ns->geo.num_grp; i++)
		oc_refit_channel(&change->refit, &ns->dev->ch[i]);
	oc_change_geo(change, ns);
}

static u16 oc_change_commit(struct oc_change *change)
{
	struct oc_dev *dev = change->fz.dev;

	if (!oc_hosts_yield(&change->fz))
		return OC_ERR(OC_SC_OP_DENIED);
	oc_freeze_erase(&change->fz);
	oc_freeze_change(&change->fz, oc_change_ns, change);
	oc_dev_split(dev);
	oc_freeze_open(dev, change->fz.which);
	oc_hosts_formatted(dev, change->fz.which);
	return 0;
}

static void oc_change_log(const struct oc_change *change)
{
	u32 i;

	for_each_set_bit(i, change->fz.which, OC_MAX_NS) {
		const struct oc_ns *ns = &change->fz.dev->ns[i];
		const char *advice = NULL;

		if (ns->extended)
			advice = "pblk needs separate metadata";
		else if (ns->kind->advice)
			advice = ns->kind->advice(ns);
		pr_info_ratelimited("namespace %u formatted, %u+%u bytes%s%s%s\n",
				    ns->nsid, ns->geo.lba_size,
				    ns->geo.oob_size,
				    ns->extended ? " interleaved" : "",
				    advice ? "; " : "", advice ? advice : "");
	}
}

static u16 oc_change_run(struct oc_change *change)
{
	struct oc_dev *dev = change->fz.dev;
	u16 status;

	lockdep_assert_held(&dev->format_lock);
	/* A Sanitize may have begun since the command was accepted */
	status = oc_sanitize_status(dev);
	if (!status)
		status = oc_change_prepare(change);
	if (!status)
		status = oc_change_commit(change);
	if (!status)
		oc_change_log(change);
	oc_refit_free(&change->refit);
	return status;
}

/* Parse CDW10 */
static u16 oc_format_dword(struct oc_cmd *cmd, struct oc_change *change)
{
	u32 dword = le32_to_cpu(cmd->sqe->format.cdw10);
	u32 pi = FIELD_GET(OC_FORMAT_PI, dword);
	u16 where = offsetof(struct nvme_format_cmd, cdw10);

	/* SES 2 is cryptographic erase, which FNA does not offer */
	if (FIELD_GET(OC_FORMAT_SES, dword) > 1 || pi > 3 ||
	    (dword & (OC_FORMAT_RSVD | OC_FORMAT_PIL)))
		return oc_invalid_field(cmd, where);

	change->format = FIELD_GET(OC_FORMAT_LBAF, dword);
	change->extended = dword & OC_FORMAT_MSET;
	/* Types of protection information that DPC does not offer */
	if (change->format >= change->fz.dev->nr_formats || pi ||
	    (dword & OC_FORMAT_LBAFU)) {
		cmd->err_loc = where;
		return OC_ERR(NVME_SC_INVALID_FORMAT);
	}
	return 0;
}

/* Parse which namespaces to format, and how */
static u16 oc_format_parse(struct oc_cmd *cmd, struct oc_change *change)
{
	u16 status;

	if (cmd->sqe->common.nsid == cpu_to_le32(NVME_NSID_ALL)) {
		bitmap_copy(change->fz.which, cmd->queue->ctrl->port->active,
			    OC_MAX_NS);
	} else {
		status = oc_need_ns(cmd);
		if (status)
			return status;
		__set_bit(cmd->ns->nsid - 1, change->fz.which);
	}
	return oc_format_dword(cmd, change);
}

/**
 * oc_admin_format() - serve Format NVM
 * @cmd:	command
 *
 * With or without the erase of user data (SES), all data goes and its memory is
 * freed. Commands to the namespace meanwhile end with Format in Progress.
 *
 * Context: process; sleeps. Takes oc_dev.format_lock, oc_dev.lock.
 * Return: 0 or NVMe status: Invalid Namespace, Invalid Field for reserved bits,
 * cryptographic erase and the location of
 * protection information, Invalid Format for one that is not in the table, that
 * this namespace cannot have or that has protection information, Operation
 * Denied while a host uses it (hosts.c), Sanitize In Progress or Failed,
 * Internal Error for lack of memory, with nothing changed (NVMe 1.4, 5.23).
 */
u16 oc_admin_format(struct oc_cmd *cmd)
{
	struct oc_dev *dev = cmd->queue->ctrl->dev;
	struct oc_change change = {
		.fz = { .dev = dev, .why = OC_CUT_FORMAT },
		.refit = { .dev = dev },
	};
	u16 status;

	oc_change_lock(cmd);
	status = oc_format_parse(cmd, &change);
	/* None may be attached: then there is nothing to do */
	if (!status && !bitmap_empty(change.fz.which, OC_MAX_NS))
		status = oc_change_run(&change);
	oc_change_unlock(dev);
	if (!status)
		oc_dev_ns_changed(dev, change.fz.which);
	return status;
}
