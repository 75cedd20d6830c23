// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/manage.c - namespaces that come and go
 *
 * A namespace is a run of channels. One that is deleted leaves its channels free,
 * empty and as worn as they are; one that is created is a block namespace on the
 * smallest run of free channels it fits in. Whatever is refused is refused before
 * anything has changed.
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

/**
 * struct oc_move - channels that get or lose a namespace
 * @dev:	device
 * @ns:		the namespace
 * @geo:	geometry the channels get: the namespace's or the device's
 * @media:	what these will need, one for each; then what they needed
 */
struct oc_move {
	struct oc_dev *dev;
	struct oc_ns *ns;
	const struct oc_geo *geo;
	void **media;
};

static void oc_move_free(struct oc_move *move)
{
	u32 i;

	for (i = 0; move->media && i < move->ns->geo.num_grp; i++)
		if (move->media[i])
			move->dev->media->close_ch(move->dev, move->media[i]);
	kvfree(move->media);
	move->media = NULL;
}

/* Get all that the channels will need. False without memory, with nothing kept */
static bool oc_move_prepare(struct oc_move *move)
{
	u32 nr = move->ns->geo.num_grp, i;

	move->media = kvcalloc(nr, sizeof(*move->media), GFP_KERNEL);
	for (i = 0; move->media && i < nr; i++) {
		move->media[i] = move->dev->media->open_ch(move->dev,
							   move->geo);
		if (!move->media[i])
			oc_move_free(move);
	}
	return move->media;
}

/* A channel as it is without a namespace: nothing in it, and no kind's marks */
static void oc_channel_vacate(struct oc_channel *ch)
{
	u32 i;

	oc_assert_owned(ch);
	oc_channel_clear(ch);
	for (i = 0; i < ch->geo->chks; i++) {
		oc_chunk_shape(ch->geo, &ch->chunks[i], &ch->stat, false,
			       ch->geo->clba);
		if (i % 4096 == 4095)
			cond_resched();
	}
	/* The next FTL counts from 0 */
	spin_lock(&ch->dev->geo_lock);
	ch->units.programs = 0;
	WRITE_ONCE(ch->ftl, NULL);
	spin_unlock(&ch->dev->geo_lock);
	ch->unordered = false;
	ch->stat.open_ns = NULL;
}

/* The channels' owner has them move. They are empty before and afterwards */
static void oc_move_commit(struct oc_move *move)
{
	struct oc_dev *dev = move->dev;
	u32 i;

	for (i = 0; i < move->ns->geo.num_grp; i++) {
		struct oc_channel *ch = &dev->ch[move->ns->first + i];

		oc_channel_vacate(ch);
		swap(ch->media, move->media[i]);
		spin_lock(&dev->geo_lock);
		ch->geo = move->geo;
		spin_unlock(&dev->geo_lock);
	}
}

/* From here on there is the namespace, or there is none */
static void oc_ns_show(struct oc_ns *ns, bool there)
{
	struct oc_dev *dev = ns->dev;
	u64 bytes = oc_ns_table_bytes(ns);

	lockdep_assert_held(&dev->format_lock);
	spin_lock(&dev->geo_lock);
	/* Pairs with smp_load_acquire() of those who look for one */
	smp_store_release(&ns->there, there);
	dev->table_bytes += there ? bytes : -bytes;
	spin_unlock(&dev->geo_lock);
	dev->nr_ns += there ? 1 : -1;
}

/* ---- create ----------------------------------------------------------- */

/* A slot in the state of one that a namespace was made in at load */
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
 * The format that FLBAS asks for becomes that of @ns, an empty slot. For one whose
 * metadata the kind has no place for it is the one of the same size without
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
	/* A kind without others has the first, in which metadata has no place */
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

	/* A few more, with less of each, where chunks are bad */
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

	/* What it would have taken, as UNVMCAP counts (NVMe 1.4, 5.20.1) */
	cmd->result.u64 = cpu_to_le64(most ? bytes : U64_MAX);
	return OC_ERR(NVME_SC_NS_INSUFFICIENT_CAP);
}

/**
 * struct oc_making - a namespace that is being made
 * @move:	its channels
 * @status:	NVMe status, set by oc_create_ns()
 */
struct oc_making {
	struct oc_move move;
	u16 status;
};

/* Called by the channels' owner */
static void oc_create_ns(struct oc_ns *ns, void *arg)
{
	struct oc_making *making = arg;
	struct oc_complaint why;
	int ret;

	oc_move_commit(&making->move);
	ret = ns->dev->created->open(ns, &why);
	if (!ret)
		return;
	/* Chunks that went offline are no room either */
	making->status = ret == -ENOSPC ? OC_ERR(NVME_SC_NS_INSUFFICIENT_CAP) :
					  NVME_SC_INTERNAL;
	making->move.geo = &ns->dev->geo;
	oc_move_commit(&making->move);
}

/* Give the namespace its channels, and the channels what its kind has there */
static u16 oc_create_commit(struct oc_ns *ns)
{
	struct oc_dev *dev = ns->dev;
	struct oc_freeze fz = { .dev = dev, .why = OC_CUT_GONE };
	struct oc_making making = {
		.move = { .dev = dev, .ns = ns, .geo = &ns->geo },
	};
	u64 have = (u64)si_mem_available() << PAGE_SHIFT;

	if (ns->table_bytes >= have || !oc_move_prepare(&making.move))
		return NVME_SC_INTERNAL;
	__set_bit(ns->nsid - 1, fz.which);
	oc_freeze_change(&fz, oc_create_ns, &making);
	oc_move_free(&making.move);
	if (making.status) {
		/* Who has found its maps by a channel has looked after this */
		synchronize_srcu(&dev->ns_srcu);
		dev->created->exit(ns);
	}
	return making.status;
}

/* Bytes of the page that are no field of Create (NVMe 1.4, 5.20) */
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

/* A later version's fields ask for what is not done here: not all that is wanted */
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

/* What a host may say of a namespace that is to be; the rest is the device's */
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
	/* Whose device has one controller at a time */
	if (id->nmic && !cmd->queue->ctrl->dev->shared)
		return oc_invalid_field(cmd, where);
	if (id->ncap != id->nsze) {
		cmd->err_loc = where;
		return OC_ERR(NVME_SC_THIN_PROV_NOT_SUPP);
	}
	return 0;
}

/* A host that has asked for format @nr may wonder */
static void oc_create_log_format(const struct oc_ns *ns, u32 nr)
{
	const struct oc_format *format = &ns->dev->formats[nr];

	if (ns->format != nr)
		pr_info_ratelimited("namespace %u has format %u, not %u with its %u bytes of metadata: %s namespaces have none\n",
				    ns->nsid, ns->format, nr, format->oob_size,
				    ns->kind->name);
}

/* Each slot is a namespace, so each channel is one's: say what it would have taken */
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

/* No host is to use any of the namespaces, and then none has them */
static u16 oc_delete_detach(struct oc_freeze *fz)
{
	DECLARE_BITMAP(theirs, OC_MAX_NS);
	struct oc_dev *dev = fz->dev;
	struct oc_port *port;
	struct oc_ctrl *ctrl;
	bool used = false;
	u32 i;

	mutex_lock(&dev->lock);
	list_for_each_entry(port, &dev->ports, entry)
		for_each_set_bit(i, fz->which, OC_MAX_NS)
			used |= oc_port_uses(port, i + 1);
	if (used)
		goto out;
	/* It may still be refused, and then what came meanwhile is sent again */
	fz->why = OC_CUT_FORMAT;
	oc_freeze_shut(fz);
	list_for_each_entry(port, &dev->ports, entry)
		for_each_set_bit(i, fz->which, OC_MAX_NS)
			used |= oc_port_claims(port, i + 1);
	if (used) {
		oc_freeze_open(dev, fz->which);
		goto out;
	}
	fz->why = OC_CUT_GONE;
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
out:
	for_each_set_bit(i, fz->which, OC_MAX_NS)
		oc_hosts_look(dev, i + 1);
	mutex_unlock(&dev->lock);
	return used ? OC_ERR(OC_SC_OP_DENIED) : 0;
}

/* Called by the channels' owner */
static void oc_delete_ns(struct oc_ns *ns, void *arg)
{
	struct oc_move *moves = arg;

	oc_notices_forget(ns);
	oc_move_commit(&moves[ns->nsid - 1]);
}

static void oc_delete_end(struct oc_move *move)
{
	struct oc_ns *ns = move->ns;

	oc_move_free(move);
	if (ns->kind->exit)
		ns->kind->exit(ns);
	ns->kind = NULL;
	pr_info_ratelimited("namespace %u deleted, channels %u-%u are free\n",
			    ns->nsid, ns->first,
			    ns->first + ns->geo.num_grp - 1);
}

static u16 oc_delete_run(struct oc_freeze *fz, struct oc_move *moves)
{
	struct oc_dev *dev = fz->dev;
	u16 status;
	u32 i;

	for_each_set_bit(i, fz->which, OC_MAX_NS) {
		moves[i] = (struct oc_move) {
			.dev = dev, .ns = &dev->ns[i], .geo = &dev->geo,
		};
		if (!oc_move_prepare(&moves[i]))
			return NVME_SC_INTERNAL;
	}
	status = oc_delete_detach(fz);
	if (status)
		return status;

	oc_freeze_wait(fz);
	for_each_set_bit(i, fz->which, OC_MAX_NS)
		oc_ns_show(&dev->ns[i], false);
	/* Who has found one of them has looked at it after this */
	synchronize_srcu(&dev->ns_srcu);
	oc_freeze_erase(fz);
	oc_freeze_change(fz, oc_delete_ns, moves);
	/* And who has found it by one of its channels, after this */
	synchronize_srcu(&dev->ns_srcu);
	for_each_set_bit(i, fz->which, OC_MAX_NS)
		oc_delete_end(&moves[i]);
	return 0;
}

static u16 oc_delete(struct oc_cmd *cmd)
{
	struct oc_dev *dev = cmd->queue->ctrl->dev;
	u32 nsid = le32_to_cpu(cmd->sqe->common.nsid), i;
	struct oc_freeze fz = { .dev = dev, .why = OC_CUT_GONE };
	struct oc_move *moves;
	struct oc_ns *ns;
	u16 status;

	oc_for_each_ns(dev, ns)
		if (nsid == NVME_NSID_ALL || nsid == ns->nsid)
			__set_bit(ns->nsid - 1, fz.which);
	if (nsid != NVME_NSID_ALL && bitmap_empty(fz.which, OC_MAX_NS))
		return oc_inactive_ns(cmd);

	moves = kvcalloc(dev->geo.num_grp, sizeof(*moves), GFP_KERNEL);
	if (!moves)
		return NVME_SC_INTERNAL;
	status = oc_delete_run(&fz, moves);
	for (i = 0; i < dev->geo.num_grp; i++)
		if (moves[i].media)
			oc_move_free(&moves[i]);
	kvfree(moves);
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
 * status with nothing changed. Both: Invalid Opcode (discovery), Invalid Field
 * for another operation, Sanitize In Progress or Failed, Internal Error for lack
 * of memory. Create: Invalid Field for a size of 0, what is not offered
 * (protection, groups, sets), fields that NVMe 1.4 has not, sharing where the
 * device is not shared, and a namespace number; Thin Provisioning Not
 * Supported for a capacity below the size; Invalid Format; Namespace Insufficient
 * Capacity without so many free channels in a row, with the bytes it takes in
 * dwords 0 and 1; Data SGL Length Invalid. Delete: Invalid Field for a namespace
 * that is not there, Invalid Namespace for a number that none can have, Operation
 * Denied while a host uses it, or any of all (NVMe 1.4, 5.20).
 */
u16 oc_admin_ns_manage(struct oc_cmd *cmd)
{
	u16 where = offsetof(struct nvme_common_command, cdw10);
	u32 sel = FIELD_GET(OC_NS_SEL, le32_to_cpu(cmd->sqe->common.cdw10));
	struct oc_ctrl *ctrl = cmd->queue->ctrl;
	struct nvme_id_ns *id;
	u16 status;

	if (ctrl->discovery) {
		cmd->err_loc = offsetof(struct nvme_common_command, opcode);
		return OC_ERR(NVME_SC_INVALID_OPCODE);
	}
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
