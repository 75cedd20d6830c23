// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/manage.c - create and delete namespaces
 *
 * A namespace is a run of channels. Delete leaves its channels free, empty and as
 * worn as they are. Create makes a block namespace on the smallest run of free
 * channels that it fits in. A command that is refused has changed nothing.
 */
/* KBUILD_MODNAME would name the KUnit module too */
#define pr_fmt(fmt) "ocloop: " fmt

#include <linux/bitfield.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "oc.h"
#include "oc_assert.h"
#include "oc_chunk.h"
#include "oc_cmd.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_freeze.h"
#include "oc_geometry.h"
#include "oc_media.h"
#include "oc_notice.h"
#include "oc_ns.h"
#include "oc_text.h"
#include "oc_wire.h"

/* ---- channels change hands --------------------------------------------- */

/* Undo what a kind has set in an erased channel */
static void oc_channel_vacate(struct oc_channel *ch)
{
	u32 i;

	oc_assert_owned(ch);
	for (i = 0; i < ch->geo->chks; i++) {
		oc_chunk_shape(ch->geo, &ch->chunks[i], &ch->stat, false,
			       ch->geo->clba);
		if (i % 4096 == 4095)
			cond_resched();
	}
	/* The counters of the next FTL begin at 0 */
	spin_lock(&ch->dev->geo_lock);
	ch->units.programs = 0;
	WRITE_ONCE(ch->ftl, NULL);
	spin_unlock(&ch->dev->geo_lock);
	ch->unordered = false;
	ch->stat.open_ns = NULL;
}

/*
 * Give the erased channels of @ns to it (@geo is the namespace's) or take them from
 * it (@geo is the device's). Called by the owner of all of them
 */
static void oc_ns_move(struct oc_ns *ns, struct oc_refit *refit,
		       const struct oc_geo *geo)
{
	struct oc_dev *dev = ns->dev;
	u32 i;

	for (i = ns->first; i < ns->first + ns->geo.num_grp; i++) {
		struct oc_channel *ch = &dev->ch[i];

		oc_refit_channel(refit, ch);
		oc_channel_vacate(ch);
		spin_lock(&dev->geo_lock);
		ch->geo = geo;
		spin_unlock(&dev->geo_lock);
	}
}

/* Make a namespace visible, or hide it */
static void oc_ns_show(struct oc_ns *ns, bool there)
{
	struct oc_dev *dev = ns->dev;
	u64 bytes = oc_ns_table_bytes(ns);

	lockdep_assert_held(&dev->format_lock);
	spin_lock(&dev->geo_lock);
	/* Pairs with smp_load_acquire() in oc_ns_find() and oc_ns_next() */
	smp_store_release(&ns->there, there);
	dev->table_bytes += there ? bytes : -bytes;
	spin_unlock(&dev->geo_lock);
	dev->nr_ns += there ? 1 : -1;
}

/* ---- create ----------------------------------------------------------- */

/* Initialize a slot as for a namespace that is made at load */
static void oc_slot_reset(struct oc_ns *ns, bool shared)
{
	struct oc_dev *dev = ns->dev;

	ns->geo = dev->geo;
	ns->format = 0;
	ns->extended = false;
	ns->split = false;
	ns->shared = shared;
	ns->op = 0;
	ns->nsze = 0;
	oc_ns_name(ns, ++dev->nr_created);
	atomic_set(&ns->open, 0);
	oc_ns_default(ns);
	WRITE_ONCE(ns->saved_recovery, 0);
	ns->priv = NULL;
	ns->table_bytes = 0;
}

static struct oc_ns *oc_slot_find(struct oc_dev *dev)
{
	u32 i;

	for (i = 0; i < dev->geo.num_grp; i++)
		if (!dev->ns[i].kind)
			return &dev->ns[i];
	return NULL;
}

/*
 * Set the format of @ns, an empty slot, to what FLBAS asks for. If the kind has no
 * place for its metadata, take the format of the same size without
 */
static u16 oc_create_format(struct oc_ns *ns, u8 flbas)
{
	u32 nr = flbas & NVME_NS_FLBAS_LBA_MASK;
	bool extended = flbas & NVME_NS_FLBAS_META_EXT;
	struct oc_ns as = { .dev = ns->dev, .kind = ns->dev->created };
	struct oc_geo geo;

	as.geo = ns->geo;
	if (flbas & ~(NVME_NS_FLBAS_LBA_MASK | NVME_NS_FLBAS_META_EXT) ||
	    nr >= ns->dev->nr_formats)
		return OC_ERR(NVME_SC_INVALID_FORMAT);
	/* A kind that cannot be formatted has the first, without metadata */
	if (!as.kind->fits && (nr || extended))
		return OC_ERR(NVME_SC_INVALID_FORMAT);
	if (!as.kind->fits)
		return 0;
	if (!oc_format_fits(&as, nr, false, &geo))
		nr = oc_format_least(ns->dev, ns->dev->formats[nr].lba_size);
	if (!oc_format_fits(&as, nr, extended, &geo))
		return OC_ERR(NVME_SC_INVALID_FORMAT);
	ns->geo = geo;
	ns->format = nr;
	ns->extended = extended && geo.oob_size;
	return 0;
}

/* Find channels for @nsze sectors in the slot's format */
static u16 oc_create_room(struct oc_cmd *cmd, struct oc_ns *ns, u64 nsze)
{
	const struct oc_ns_kind *kind = ns->dev->created;
	u32 most = kind->most(&ns->geo, 0);
	struct oc_dev *dev = ns->dev;
	struct oc_complaint why;
	u64 nr, bytes;

	/* If chunks are bad it may take more channels, with less of each */
	nr = most ? div_u64(nsze - 1, most) + 1 : U64_MAX;
	bytes = (u64)most << dev->geo.lba_shift;
	if (check_mul_overflow(nr, bytes, &bytes))
		bytes = U64_MAX;
	for (; nr <= dev->geo.num_grp; nr++) {
		if (!oc_dev_find_run(dev, nr, kind->share(&ns->geo, nsze, nr),
				     &ns->first))
			continue;
		kind->carve(ns, nsze, nr);
		return oc_geo_init(&ns->geo, &why) ? NVME_SC_INTERNAL : 0;
	}

	/* The capacity that it needs, as UNVMCAP counts (NVMe 1.4, 5.20.1) */
	cmd->result.u64 = cpu_to_le64(most ? bytes : U64_MAX);
	return OC_ERR(NVME_SC_NS_INSUFFICIENT_CAP);
}

/**
 * struct oc_creation - a namespace that is being created
 * @refit:	media for its channels
 * @status:	NVMe status, set by oc_create_ns()
 */
struct oc_creation {
	struct oc_refit refit;
	u16 status;
};

/* Called by the channels' owner */
static void oc_create_ns(struct oc_ns *ns, void *arg)
{
	struct oc_creation *creation = arg;
	struct oc_complaint why;
	int ret;

	oc_ns_move(ns, &creation->refit, &ns->geo);
	ret = ns->dev->created->open(ns, &why);
	if (!ret)
		return;
	/* -ENOSPC: chunks that went offline meanwhile */
	creation->status = ret == -ENOSPC ?
		OC_ERR(NVME_SC_NS_INSUFFICIENT_CAP) : NVME_SC_INTERNAL;
	oc_ns_move(ns, &creation->refit, &ns->dev->geo);
}

/* Give the namespace its channels, and have its kind set them up */
static u16 oc_create_commit(struct oc_ns *ns)
{
	struct oc_dev *dev = ns->dev;
	struct oc_freeze fz = { .dev = dev, .why = OC_CUT_GONE };
	struct oc_creation creation = { .refit = { .dev = dev } };
	u64 have = (u64)si_mem_available() << PAGE_SHIFT;

	if (ns->table_bytes >= have ||
	    !oc_refit_prepare(&creation.refit, ns, &ns->geo)) {
		creation.status = NVME_SC_INTERNAL;
		goto out;
	}
	__set_bit(ns->nsid - 1, fz.which);
	oc_freeze_change(&fz, oc_create_ns, &creation);
	if (creation.status) {
		/* Readers may have found its maps through a channel */
		synchronize_srcu(&dev->ns_srcu);
		dev->created->exit(ns);
	}
out:
	oc_refit_free(&creation.refit);
	return creation.status;
}

/* Bytes of the page that are reserved in Create (NVMe 1.4, 5.20) */
static const struct {
	u16 from;
	u16 to;
} oc_create_reserved[] = {
	{ offsetof(struct nvme_id_ns, nuse), offsetof(struct nvme_id_ns, flbas) },
	{ offsetof(struct nvme_id_ns, mc), offsetof(struct nvme_id_ns, dps) },
	{ offsetofend(struct nvme_id_ns, nmic),
	  offsetof(struct nvme_id_ns, anagrpid) },
	{ offsetofend(struct nvme_id_ns, anagrpid),
	  offsetof(struct nvme_id_ns, nvmsetid) },
	{ offsetofend(struct nvme_id_ns, nvmsetid), sizeof(struct nvme_id_ns) },
};

/* Fields of later versions ask for what is not supported: refuse them */
static u16 oc_create_check_reserved(struct oc_cmd *cmd, const void *page)
{
	const struct nvme_common_command *sqe = &cmd->sqe->common;
	u32 i;

	if (sqe->cdw10 & ~cpu_to_le32(OC_NS_SEL))
		return oc_invalid_field(cmd, offsetof(typeof(*sqe), cdw10));
	if (memchr_inv(&sqe->cdw11, 0, sizeof(*sqe) -
		       offsetof(typeof(*sqe), cdw11)))
		return oc_invalid_field(cmd, offsetof(typeof(*sqe), cdw11));
	for (i = 0; i < ARRAY_SIZE(oc_create_reserved); i++)
		if (memchr_inv(page + oc_create_reserved[i].from, 0,
			       oc_create_reserved[i].to -
			       oc_create_reserved[i].from))
			return oc_invalid_field(cmd, offsetof(typeof(*sqe),
							      dptr));
	return 0;
}

/* Check what a host says of the new namespace; the device decides the rest */
static u16 oc_create_check(struct oc_cmd *cmd, const struct nvme_id_ns *id)
{
	u16 where = offsetof(struct nvme_common_command, dptr);
	u16 status = oc_create_check_reserved(cmd, id);

	if (status)
		return status;
	if (cmd->sqe->common.nsid)
		return oc_invalid_field(cmd, offsetof(struct nvme_common_command,
						      nsid));
	if (!id->nsze || le64_to_cpu(id->ncap) > le64_to_cpu(id->nsze) ||
	    id->dps || id->anagrpid || id->nvmsetid ||
	    (id->nmic & ~NVME_NS_NMIC_SHARED))
		return oc_invalid_field(cmd, where);
	/* The device has one controller at a time */
	if (id->nmic && !cmd->queue->ctrl->dev->shared)
		return oc_invalid_field(cmd, where);
	if (id->ncap != id->nsze) {
		cmd->err_loc = where;
		return OC_ERR(NVME_SC_THIN_PROV_NOT_SUPP);
	}
	return 0;
}

/* Say why the namespace does not have the format @nr that the host asked for */
static void oc_create_log_format(const struct oc_ns *ns, u32 nr)
{
	const struct oc_format *format = &ns->dev->formats[nr];

	if (ns->format != nr)
		pr_info_ratelimited("namespace %u has format %u, not %u with its %u bytes of metadata: %s namespaces have none\n",
				    ns->nsid, ns->format, nr, format->oob_size,
				    ns->kind->name);
}

/* No slot is left, so no channel is either: find the capacity that it would need */
static u16 oc_create_nowhere(struct oc_cmd *cmd, const struct nvme_id_ns *id)
{
	struct oc_dev *dev = cmd->queue->ctrl->dev;
	struct oc_ns none = { .dev = dev, .geo = dev->geo };
	u16 status;

	status = oc_create_format(&none, id->flbas);
	if (!status)
		status = oc_create_room(cmd, &none, le64_to_cpu(id->nsze));
	return status ? status : NVME_SC_INTERNAL;
}

static u16 oc_create(struct oc_cmd *cmd, const struct nvme_id_ns *id)
{
	struct oc_dev *dev = cmd->queue->ctrl->dev;
	DECLARE_BITMAP(which, OC_MAX_NS) = { };
	struct oc_ns *ns;
	u16 status = oc_create_check(cmd, id);

	if (status)
		return status;
	ns = oc_slot_find(dev);
	if (!ns)
		return oc_create_nowhere(cmd, id);
	oc_slot_reset(ns, id->nmic & NVME_NS_NMIC_SHARED);
	status = oc_create_format(ns, id->flbas);
	if (!status)
		status = oc_create_room(cmd, ns, le64_to_cpu(id->nsze));
	if (!status)
		status = oc_create_commit(ns);
	if (status)
		return status;

	ns->kind = dev->created;
	oc_ns_show(ns, true);
	oc_dev_split(dev);
	__set_bit(ns->nsid - 1, which);
	oc_freeze_open(dev, which);
	cmd->result.u64 = cpu_to_le64(ns->nsid);
	pr_info_ratelimited("namespace %u created, %s on channels %u-%u, %llu sectors of %u bytes\n",
			    ns->nsid, ns->kind->name, ns->first,
			    ns->first + ns->geo.num_grp - 1, ns->nsze,
			    ns->geo.lba_size);
	oc_create_log_format(ns, id->flbas & NVME_NS_FLBAS_LBA_MASK);
	return 0;
}

/* ---- delete ----------------------------------------------------------- */

/* Detach the namespaces from all controllers, unless a host uses one */
static u16 oc_delete_detach(struct oc_freeze *fz)
{
	DECLARE_BITMAP(theirs, OC_MAX_NS);
	struct oc_dev *dev = fz->dev;
	struct oc_port *port;
	struct oc_ctrl *ctrl;
	bool ok;
	u32 i;

	mutex_lock(&dev->lock);
	/* While it may still be refused, commands get a status without DNR */
	fz->why = OC_CUT_FORMAT;
	ok = oc_hosts_yield_locked(fz);
	fz->why = OC_CUT_GONE;
	if (!ok)
		goto out;
	list_for_each_entry(ctrl, &dev->ctrls, entry)
		if (bitmap_and(theirs, fz->which, ctrl->port->active,
			       OC_MAX_NS))
			oc_ctrl_ns_changed(ctrl, theirs);
	list_for_each_entry(port, &dev->ports, entry)
		for_each_set_bit(i, fz->which, OC_MAX_NS)
			clear_bit(i, port->active);
	for_each_set_bit(i, fz->which, OC_MAX_NS)
		dev->ns[i].attached = false;
	oc_freeze_shut(fz);
	for_each_set_bit(i, fz->which, OC_MAX_NS)
		oc_hosts_look(dev, i + 1);
out:
	mutex_unlock(&dev->lock);
	return ok ? 0 : OC_ERR(OC_SC_OP_DENIED);
}

/* Called by the channels' owner */
static void oc_delete_ns(struct oc_ns *ns, void *refit)
{
	oc_notices_forget(ns);
	oc_ns_move(ns, refit, &ns->dev->geo);
}

static void oc_delete_end(struct oc_ns *ns)
{
	if (ns->kind->exit)
		ns->kind->exit(ns);
	ns->kind = NULL;
	pr_info_ratelimited("namespace %u deleted, channels %u-%u are free\n",
			    ns->nsid, ns->first,
			    ns->first + ns->geo.num_grp - 1);
}

static u16 oc_delete_run(struct oc_freeze *fz, struct oc_refit *refit)
{
	struct oc_dev *dev = fz->dev;
	u16 status;
	u32 i;

	for_each_set_bit(i, fz->which, OC_MAX_NS)
		if (!oc_refit_prepare(refit, &dev->ns[i], &dev->geo))
			return NVME_SC_INTERNAL;
	status = oc_delete_detach(fz);
	if (status)
		return status;

	oc_freeze_wait(fz);
	for_each_set_bit(i, fz->which, OC_MAX_NS)
		oc_ns_show(&dev->ns[i], false);
	/* Readers may have found one of them before it was hidden */
	synchronize_srcu(&dev->ns_srcu);
	oc_freeze_erase(fz);
	oc_freeze_change(fz, oc_delete_ns, refit);
	/* Or its maps, through one of its channels, before it lost that */
	synchronize_srcu(&dev->ns_srcu);
	for_each_set_bit(i, fz->which, OC_MAX_NS)
		oc_delete_end(&dev->ns[i]);
	return 0;
}

static u16 oc_delete(struct oc_cmd *cmd)
{
	struct oc_dev *dev = cmd->queue->ctrl->dev;
	u32 nsid = le32_to_cpu(cmd->sqe->common.nsid);
	struct oc_freeze fz = { .dev = dev, .why = OC_CUT_GONE };
	struct oc_refit refit = { .dev = dev };
	struct oc_ns *ns;
	u16 status;

	oc_for_each_ns(dev, ns)
		if (nsid == NVME_NSID_ALL || nsid == ns->nsid)
			__set_bit(ns->nsid - 1, fz.which);
	if (nsid != NVME_NSID_ALL && bitmap_empty(fz.which, OC_MAX_NS))
		return oc_inactive_ns(cmd);

	status = oc_delete_run(&fz, &refit);
	oc_refit_free(&refit);
	return status;
}

/**
 * oc_admin_ns_manage() - serve Namespace Management
 * @cmd:	command
 *
 * A namespace that is created is attached to no controller.
 *
 * Context: process; sleeps. Takes oc_dev.format_lock, oc_dev.lock,
 * oc_dev.geo_lock; waits for readers of oc_dev.ns_srcu.
 * Return: 0, with the number of the new namespace in completion dword 0, or NVMe
 * status with nothing changed. Both: Invalid Field
 * for another operation, Sanitize In Progress or Failed, Internal Error for lack
 * of memory. Create: Invalid Field for a size of 0, what is not supported
 * (protection, groups, sets), fields that NVMe 1.4 does not define, sharing if the
 * device is not shared, and a namespace number; Thin Provisioning Not
 * Supported for a capacity below the size; Invalid Format; Namespace Insufficient
 * Capacity without enough free channels in a row, with the bytes it needs in
 * dwords 0 and 1; Data SGL Length Invalid. Delete: Invalid Field for a number
 * without a namespace, Invalid Namespace for one that none can have, Operation
 * Denied while a host uses it, or one of all (NVMe 1.4, 5.20).
 */
u16 oc_admin_ns_manage(struct oc_cmd *cmd)
{
	u16 where = offsetof(struct nvme_common_command, cdw10);
	u32 sel = FIELD_GET(OC_NS_SEL, le32_to_cpu(cmd->sqe->common.cdw10));
	struct oc_ctrl *ctrl = cmd->queue->ctrl;
	struct nvme_id_ns *id;
	u16 status;

	if (sel != OC_NS_CREATE && sel != OC_NS_DELETE)
		return oc_invalid_field(cmd, where);
	if (sel == OC_NS_DELETE) {
		oc_change_lock(cmd);
		status = oc_sanitize_status(ctrl->dev);
		if (!status)
			status = oc_delete(cmd);
		oc_change_unlock(ctrl->dev);
		return status;
	}

	id = oc_copy_page(cmd, &status);
	if (!id)
		return status;
	oc_change_lock(cmd);
	status = oc_sanitize_status(ctrl->dev);
	if (!status)
		status = oc_create(cmd, id);
	oc_change_unlock(ctrl->dev);
	kfree(id);
	return status;
}
