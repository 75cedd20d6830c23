// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/format.c - LBA formats, and the change from one to another
 *
 * A device has up to 16 formats, of which the first is the one it was loaded
 * with; each namespace has one of them. Format NVM takes all data, and the sizes
 * change; chunks and sectors, counted, stay what they were.
 */
/* KBUILD_MODNAME would name the KUnit module too */
#define pr_fmt(fmt) "ocloop: " fmt

#include <linux/bitfield.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "oc_admin.h"
#include "oc_ftl.h"

/* What a device has unless it is told: every size with 0 and 16 bytes, and some */
static const struct oc_format oc_formats_usual[] = {
	{ 4096, 0 }, { 4096, 8 }, { 4096, 16 }, { 4096, 64 },
	{ 512, 0 }, { 512, 8 }, { 512, 16 },
	{ 1024, 0 }, { 1024, 16 },
	{ 2048, 0 }, { 2048, 16 },
	{ 8192, 0 }, { 8192, 16 },
	{ 16384, 0 }, { 16384, 16 },
	{ 512, 64 },
};

/* ---- the table -------------------------------------------------------- */

/* @geo with the sizes of @format. False: not with these counts */
static bool oc_format_geo(const struct oc_geo *geo,
			  const struct oc_format *format, struct oc_geo *to,
			  struct oc_complaint *why)
{
	*to = *geo;
	to->lba_size = format->lba_size;
	to->oob_size = format->oob_size;
	return !oc_geo_init(to, why);
}

static bool oc_formats_have(const struct oc_dev *dev,
			    const struct oc_format *format)
{
	u32 i;

	for (i = 0; i < dev->nr_formats; i++)
		if (dev->formats[i].lba_size == format->lba_size &&
		    dev->formats[i].oob_size == format->oob_size)
			return true;
	return false;
}

static void oc_formats_add_usual(struct oc_dev *dev)
{
	struct oc_complaint why;
	struct oc_geo geo;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(oc_formats_usual); i++) {
		const struct oc_format *format = &oc_formats_usual[i];

		if (dev->nr_formats < OC_MAX_FORMATS &&
		    !oc_formats_have(dev, format) &&
		    oc_format_geo(&dev->geo, format, &geo, &why))
			dev->formats[dev->nr_formats++] = *format;
	}
}

/* One @word of @text: SIZE+OOB */
static int oc_formats_add(struct oc_dev *dev, const char *text, char *word,
			  struct oc_complaint *why)
{
	char *size = strsep(&word, "+");
	struct oc_format format;
	struct oc_geo geo;

	if (!word || kstrtou32(size, 10, &format.lba_size) ||
	    kstrtou32(word, 10, &format.oob_size)) {
		oc_complain(why, "formats", text,
			    "SIZE+OOB,... in bytes, as in 4096+16,512+0");
		return -EINVAL;
	}
	if (!oc_format_geo(&dev->geo, &format, &geo, why)) {
		char want[sizeof(why->want)];

		strscpy(want, why->want, sizeof(want));
		oc_complain(why, "formats", text, "of %u+%u: %s",
			    format.lba_size, format.oob_size, want);
		return -EINVAL;
	}
	if (oc_formats_have(dev, &format))
		return 0;
	if (dev->nr_formats == OC_MAX_FORMATS) {
		oc_complain(why, "formats", text,
			    "at most %u formats, that of lba_size and oob_size included",
			    OC_MAX_FORMATS);
		return -EINVAL;
	}
	dev->formats[dev->nr_formats++] = format;
	return 0;
}

/**
 * oc_formats_parse() - make a device's table of formats
 * @dev:	device with its geometry, whose sizes are the first format
 * @text:	the others, SIZE+OOB,...; NULL or "" for the usual ones
 * @why:	filled in when something is wrong
 *
 * Context: process; sleeps.
 * Return: 0, -EINVAL for a wrong text or too many, -ENOMEM.
 */
int oc_formats_parse(struct oc_dev *dev, const char *text,
		     struct oc_complaint *why)
{
	char *copy, *rest, *word;
	int ret = 0;

	dev->formats[0].lba_size = dev->geo.lba_size;
	dev->formats[0].oob_size = dev->geo.oob_size;
	dev->nr_formats = 1;
	if (!text || !*text) {
		oc_formats_add_usual(dev);
		return 0;
	}

	copy = kstrdup(text, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	rest = copy;
	while (!ret && (word = strsep(&rest, ",")))
		ret = oc_formats_add(dev, text, word, why);
	kfree(copy);
	return ret;
}

/**
 * oc_dev_max_lba() - the largest sector a namespace can come to have
 * @dev:	device
 *
 * Context: any.
 * Return: bytes.
 */
u32 oc_dev_max_lba(const struct oc_dev *dev)
{
	u32 most = 0, i;

	for (i = 0; i < dev->nr_formats; i++)
		most = max(most, dev->formats[i].lba_size);
	return most;
}

/**
 * oc_dev_max_oob() - the most OOB a namespace's sectors can come to have
 * @dev:	device
 *
 * Context: any.
 * Return: bytes of a sector's OOB.
 */
u32 oc_dev_max_oob(const struct oc_dev *dev)
{
	u32 most = 0, i;

	for (i = 0; i < dev->nr_formats; i++)
		most = max(most, dev->formats[i].oob_size);
	return most;
}

/**
 * oc_format_least() - the format of a sector size with the least metadata
 * @dev:	device
 * @lba_size:	a size of its table, bytes
 *
 * No two formats have both sizes in common, so it is one.
 *
 * Context: any.
 * Return: its number.
 */
u32 oc_format_least(const struct oc_dev *dev, u32 lba_size)
{
	u32 best = dev->nr_formats, i;

	for (i = 0; i < dev->nr_formats; i++)
		if (dev->formats[i].lba_size == lba_size &&
		    (best == dev->nr_formats ||
		     dev->formats[i].oob_size < dev->formats[best].oob_size))
			best = i;
	return best;
}

/* What @ns would be with a format of the table. False: it cannot have that */
static bool oc_format_ns(const struct oc_ns *ns, u32 format, struct oc_geo *geo)
{
	struct oc_complaint why;

	return ns->kind->fits &&
		oc_format_geo(&ns->geo, &ns->dev->formats[format], geo, &why) &&
		ns->kind->fits(ns, geo);
}

/* ---- what is in use now ----------------------------------------------- */

static u32 oc_dev_max_transfer_locked(const struct oc_dev *dev)
{
	const struct oc_ns *ns;
	u32 most = 0;

	lockdep_assert_held(&dev->geo_lock);
	oc_for_each_ns(dev, ns)
		most = max(most, OC_VECTOR_MAX * oc_ns_stride(ns));
	/* Without a namespace: as one would have it */
	return most ? most : OC_VECTOR_MAX * dev->geo.lba_size;
}

/**
 * oc_dev_max_transfer() - what the largest command moves now
 * @dev:	device
 *
 * Context: process; takes oc_dev.geo_lock.
 * Return: bytes of 64 sectors of the namespace with the largest.
 */
u32 oc_dev_max_transfer(struct oc_dev *dev)
{
	u32 most;

	spin_lock(&dev->geo_lock);
	most = oc_dev_max_transfer_locked(dev);
	spin_unlock(&dev->geo_lock);
	return most;
}

/**
 * oc_dev_bytes() - capacity of a device, with the formats there are now
 * @dev:	device
 *
 * Context: process; takes oc_dev.geo_lock.
 * Return: bytes of all its sectors.
 */
u64 oc_dev_bytes(struct oc_dev *dev)
{
	u64 bytes = 0;
	u32 i;

	spin_lock(&dev->geo_lock);
	for (i = 0; i < dev->geo.num_grp; i++)
		bytes += (u64)dev->geo.secs << dev->ch[i].geo->lba_shift;
	spin_unlock(&dev->geo_lock);
	return bytes;
}

/**
 * oc_dev_split() - have Linux split what it sends to all but the largest sectors
 * @dev:	device whose namespaces' sizes have changed
 *
 * Context: process; takes oc_dev.geo_lock.
 */
void oc_dev_split(struct oc_dev *dev)
{
	struct oc_ns *ns;
	u32 most;

	spin_lock(&dev->geo_lock);
	most = oc_dev_max_transfer_locked(dev);
	/* For good: Linux keeps what it has once been told */
	oc_for_each_ns(dev, ns)
		if (OC_VECTOR_MAX * oc_ns_stride(ns) < most)
			ns->split = true;
	spin_unlock(&dev->geo_lock);
}

/*
 * What a channel had moved when its sectors' size last changed, and its FTL of that
 * moment. Returns the size since then, in 512-byte units
 */
static u32 oc_channel_sizes(const struct oc_channel *ch, struct oc_units *units,
			    const struct oc_ftl **ftl)
{
	u32 per_sector;

	spin_lock(&ch->dev->geo_lock);
	*units = ch->units;
	*ftl = ch->ftl;
	per_sector = ch->geo->lba_size / 512;
	spin_unlock(&ch->dev->geo_lock);
	return per_sector;
}

/**
 * oc_channel_units() - what a channel has moved for hosts
 * @ch:		channel
 * @read:	set to 512-byte units read
 * @written:	set to 512-byte units written
 *
 * Context: process; takes oc_dev.geo_lock. The numbers are as good as the counters
 * they come from.
 */
void oc_channel_units(const struct oc_channel *ch, u64 *read, u64 *written)
{
	const struct oc_ftl *ftl;
	struct oc_units units;
	u32 per_sector = oc_channel_sizes(ch, &units, &ftl);

	*read = units.read +
		(READ_ONCE(ch->count.reads) - units.reads) * per_sector;
	*written = units.written +
		(READ_ONCE(ch->count.writes) - units.writes) * per_sector;
}

/**
 * oc_channel_programmed() - what a channel has programmed
 * @ch:		channel
 *
 * Where the host keeps the map, it is the host that amplifies.
 *
 * Context: process; as for oc_for_each_ns(), or the channel's owner. Takes
 * oc_dev.geo_lock. The number is as good as the counters it comes from.
 * Return: 512-byte units, through all namespaces that it has belonged to.
 */
u64 oc_channel_programmed(const struct oc_channel *ch)
{
	const struct oc_ftl *ftl;
	struct oc_units units;
	u32 per_sector;
	u64 more;

	oc_assert_ns(ch->dev);
	per_sector = oc_channel_sizes(ch, &units, &ftl);
	if (ftl)
		more = READ_ONCE(ftl->count.programs) - units.programs;
	else
		more = READ_ONCE(ch->count.writes) - units.writes;
	return units.programmed + more * per_sector;
}

/**
 * oc_format_fits() - can a namespace have a format?
 * @ns:		namespace, or what is to become one
 * @nr:		format, of the device's table
 * @extended:	with metadata interleaved
 * @geo:	set to its geometry then
 *
 * Context: process; as for oc_for_each_ns().
 * Return: false if it cannot.
 */
bool oc_format_fits(const struct oc_ns *ns, u32 nr, bool extended,
		    struct oc_geo *geo)
{
	oc_assert_ns(ns->dev);
	return oc_format_ns(ns, nr, geo) && (!extended || ns->kind->extended);
}

/**
 * oc_format_common() - Identify Namespace of none: what they have in common
 * @dev:	device
 * @id:		zeroed structure to fill
 *
 * That is what those have which the host can make (NVMe 1.4, 5.15.2.1).
 *
 * Context: process; takes oc_dev.geo_lock.
 */
void oc_format_common(struct oc_dev *dev, struct nvme_id_ns *id)
{
	struct oc_ns ns = {
		.dev = dev, .kind = oc_ns_created, .geo = dev->geo,
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
 * A format that the namespace cannot have is there with a size of 0 (NVMe 1.4,
 * figure 246).
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
	/* Linux splits what it sends there, having one limit for all */
	id->noiob = cpu_to_le16(ns->split ? OC_VECTOR_MAX : 0);
	spin_unlock(&dev->geo_lock);

	id->nlbaf = nr - 1;
	id->lbaf[0].ds = ilog2(lba_size);
	id->lbaf[0].ms = cpu_to_le16(oob_size);
	meta = oob_size;
	for (i = 0; ns->kind->fits && i < nr; i++) {
		memset(&id->lbaf[i], 0, sizeof(id->lbaf[i]));
		if (!oc_format_ns(ns, i, &geo))
			continue;
		id->lbaf[i].ds = geo.lba_shift;
		id->lbaf[i].ms = cpu_to_le16(geo.oob_size);
		meta |= geo.oob_size;
	}
	if (meta)
		id->mc = OC_MC_SEPARATE |
			(ns->kind->extended ? OC_MC_EXTENDED : 0);
}

/* ---- Format NVM ------------------------------------------------------- */

/**
 * struct oc_change - a Format under way
 * @fz:		its namespaces
 * @format:	what they become, of the device's table
 * @extended:	with OOB interleaved
 * @media:	what their channels will need, by channel; then what they needed
 */
struct oc_change {
	struct oc_freeze fz;
	u32 format;
	bool extended;
	void **media;
};

static void oc_change_free(struct oc_change *job)
{
	struct oc_dev *dev = job->fz.dev;
	u32 i;

	for (i = 0; job->media && i < dev->geo.num_grp; i++)
		if (job->media[i])
			dev->media->close_ch(dev, job->media[i]);
	kvfree(job->media);
}

/* Get all that can fail. The namespaces stay as they are */
static u16 oc_change_prepare(struct oc_change *job)
{
	struct oc_dev *dev = job->fz.dev;
	struct oc_geo geo;
	u32 i, k;

	job->media = kvcalloc(dev->geo.num_grp, sizeof(*job->media),
			      GFP_KERNEL);
	if (!job->media)
		return NVME_SC_INTERNAL;
	for_each_set_bit(i, job->fz.which, OC_MAX_NS) {
		const struct oc_ns *ns = &dev->ns[i];

		if (!oc_format_fits(ns, job->format, job->extended, &geo))
			return OC_ERR(NVME_SC_INVALID_FORMAT);
		for (k = ns->first; k < ns->first + geo.num_grp; k++) {
			job->media[k] = dev->media->open_ch(dev, &geo);
			if (!job->media[k])
				return NVME_SC_INTERNAL;
		}
	}
	return 0;
}

/**
 * oc_channel_erase() - nothing is left of a chunk's data
 * @ch:		channel
 * @chk:	chunk
 *
 * Context: process, the channel's owner.
 */
void oc_channel_erase(struct oc_channel *ch, u32 chk)
{
	oc_assert_owned(ch);
	ch->dev->media->discard(ch, chk);
	/* Offline ones stay so, and forget what they held */
	if (oc_chunk_format(&ch->chunks[chk], &ch->stat))
		oc_count_add(ch->count.resets, 1);
	if (ch->ftl)
		oc_ftl_erased(ch->ftl, chk);
}

/**
 * oc_channel_clear() - a channel that is erased gets ready for other sectors
 * @ch:		channel whose chunks hold nothing
 *
 * Its counters go on, whatever size its sectors have from now on.
 *
 * Context: process, the channel's owner; sleeps.
 */
void oc_channel_clear(struct oc_channel *ch)
{
	struct oc_units units = {
		.reads = ch->count.reads, .writes = ch->count.writes,
		.programs = ch->ftl ? ch->ftl->count.programs : 0,
		.programmed = oc_channel_programmed(ch),
	};

	oc_assert_owned(ch);
	oc_channel_units(ch, &units.read, &units.written);
	/* For who sums them up without owning the channel */
	spin_lock(&ch->dev->geo_lock);
	ch->units = units;
	spin_unlock(&ch->dev->geo_lock);
	ch->dev->media->clear_ch(ch);
}

static void oc_change_geo(const struct oc_change *job, struct oc_ns *ns)
{
	struct oc_dev *dev = ns->dev;
	struct oc_geo geo;
	u64 before, after;

	/* Looked at before: it fits */
	oc_format_ns(ns, job->format, &geo);
	before = dev->media->table_bytes(&ns->geo) * ns->geo.num_grp;
	after = dev->media->table_bytes(&geo) * geo.num_grp;

	spin_lock(&dev->geo_lock);
	ns->geo = geo;
	ns->format = job->format;
	/* Bit 4 of FLBAS means nothing without metadata */
	ns->extended = job->extended && geo.oob_size;
	dev->table_bytes += after - before;
	spin_unlock(&dev->geo_lock);
}

/* The owner of all the channels of an erased namespace changes its sizes */
static void oc_change_ns(struct oc_ns *ns, void *arg)
{
	const struct oc_change *job = arg;
	u32 i;

	for (i = ns->first; i < ns->first + ns->geo.num_grp; i++) {
		struct oc_channel *ch = &ns->dev->ch[i];

		oc_channel_clear(ch);
		swap(ch->media, job->media[i]);
	}
	oc_change_geo(job, ns);
}

static u16 oc_change_commit(struct oc_change *job)
{
	struct oc_dev *dev = job->fz.dev;
	u16 status = 0;

	oc_freeze_shut(&job->fz);
	if (oc_hosts_claimed(dev, job->fz.which)) {
		status = OC_ERR(OC_SC_OP_DENIED);
	} else {
		oc_freeze_erase(&job->fz);
		oc_freeze_change(&job->fz, oc_change_ns, job);
		oc_dev_split(dev);
	}
	oc_freeze_open(dev, job->fz.which);
	return status;
}

static void oc_change_log(const struct oc_change *job)
{
	u32 i;

	for_each_set_bit(i, job->fz.which, OC_MAX_NS) {
		const struct oc_ns *ns = &job->fz.dev->ns[i];
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

static u16 oc_change_run(struct oc_change *job)
{
	struct oc_dev *dev = job->fz.dev;
	u16 status;

	lockdep_assert_held(&dev->format_lock);
	/* It may have begun since the command was let in */
	status = oc_sanitize_status(dev);
	if (!status)
		status = oc_change_prepare(job);
	if (!status && !oc_hosts_reserve(dev, job->fz.which))
		status = OC_ERR(OC_SC_OP_DENIED);
	if (!status) {
		status = oc_change_commit(job);
		oc_hosts_formatted(dev, job->fz.which);
	}
	if (!status)
		oc_change_log(job);
	oc_change_free(job);
	return status;
}

/* What CDW10 asks for, or why it cannot be */
static u16 oc_format_dword(struct oc_cmd *cmd, struct oc_change *job)
{
	u32 dword = le32_to_cpu(cmd->sqe->format.cdw10);
	u32 pi = FIELD_GET(OC_FORMAT_PI, dword);
	u16 where = offsetof(struct nvme_format_cmd, cdw10);

	/* 2: cryptographic erase, which FNA does not offer */
	if (FIELD_GET(OC_FORMAT_SES, dword) > 1 || pi > 3 ||
	    (dword & (OC_FORMAT_RSVD | OC_FORMAT_PIL)))
		return oc_invalid_field(cmd, where);

	job->format = FIELD_GET(OC_FORMAT_LBAF, dword);
	job->extended = dword & OC_FORMAT_MSET;
	/* Types of protection information that DPC does not offer */
	if (job->format >= job->fz.dev->nr_formats || pi ||
	    (dword & OC_FORMAT_LBAFU)) {
		cmd->err_loc = where;
		return OC_ERR(NVME_SC_INVALID_FORMAT);
	}
	return 0;
}

/* Which namespaces, and what they become */
static u16 oc_format_parse(struct oc_cmd *cmd, struct oc_change *job)
{
	u16 status;

	if (cmd->sqe->common.nsid == cpu_to_le32(NVME_NSID_ALL)) {
		bitmap_copy(job->fz.which, cmd->queue->ctrl->port->active,
			    OC_MAX_NS);
	} else {
		status = oc_need_ns(cmd);
		if (status)
			return status;
		__set_bit(cmd->ns->nsid - 1, job->fz.which);
	}
	return oc_format_dword(cmd, job);
}

/**
 * oc_admin_format() - serve Format NVM
 * @cmd:	command
 *
 * Both erases that are offered (none, user data) come to the same: the memory
 * is given back. Commands of the namespace that come meanwhile end with Format in
 * Progress.
 *
 * Context: process; sleeps. Takes oc_dev.format_lock, oc_dev.lock.
 * Return: 0 or NVMe status: Invalid Opcode (discovery), Invalid Namespace,
 * Invalid Field for reserved bits, cryptographic erase and where protection
 * information would stand, Invalid Format for one that is not in the table, that
 * this namespace cannot have or that has protection information, Operation
 * Denied while a host uses it (hosts.c), Sanitize In Progress or Failed,
 * Internal Error for lack of memory, with nothing changed (NVMe 1.4, 5.23).
 */
u16 oc_admin_format(struct oc_cmd *cmd)
{
	struct oc_dev *dev = cmd->queue->ctrl->dev;
	struct oc_change job = {
		.fz = { .dev = dev, .why = OC_CUT_FORMAT },
	};
	u16 status;

	if (cmd->queue->ctrl->discovery) {
		cmd->err_loc = offsetof(struct nvme_common_command, opcode);
		return OC_ERR(NVME_SC_INVALID_OPCODE);
	}
	oc_change_lock(cmd);
	status = oc_format_parse(cmd, &job);
	/* All of none: there is nothing to do */
	if (!status && !bitmap_empty(job.fz.which, OC_MAX_NS))
		status = oc_change_run(&job);
	oc_change_unlock(dev);
	if (!status)
		oc_dev_ns_changed(dev, job.fz.which);
	return status;
}
