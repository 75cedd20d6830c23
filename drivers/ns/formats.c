// SPDX-License-Identifier: GPL-2.0
/*
 * ns/formats.c - what LBA formats there are, and which a namespace can have
 *
 * A device has up to 16 formats, of which the first is the one it was loaded with;
 * each namespace has one of them. The numbers of chunks and sectors are the same in
 * all.
 */
/* KBUILD_MODNAME would name the KUnit module too */
#define pr_fmt(fmt) "ocloop: " fmt

#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/slab.h>

#include "oc_assert.h"
#include "oc_dev.h"
#include "oc_geometry.h"
#include "oc_ns.h"
#include "oc_text.h"
#include "oc_wire.h"

/* The default: every size with 0 and 16 bytes of metadata, and some others */
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

/* @geo with the sizes of @format. Returns false if they do not fit */
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
 * oc_dev_max_lba() - the largest sector of all formats
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
 * oc_dev_max_oob() - the largest OOB of all formats
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
 * It is unique, since no two formats have both sizes in common.
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

/* Set @geo to that of @ns with a format. Returns false if it cannot have that */
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
	/* Without a namespace: the size of the first format */
	return most ? most : OC_VECTOR_MAX * dev->geo.lba_size;
}

/**
 * oc_dev_max_transfer() - the data of the largest command
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
 * oc_dev_bytes() - capacity of a device, with the formats of its namespaces
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
 * oc_dev_split() - have Linux split requests to namespaces with smaller sectors
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
	/* It is never cleared: Linux keeps a limit that it has once set */
	oc_for_each_ns(dev, ns)
		if (OC_VECTOR_MAX * oc_ns_stride(ns) < most)
			ns->split = true;
	spin_unlock(&dev->geo_lock);
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
