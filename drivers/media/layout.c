// SPDX-License-Identifier: GPL-2.0
/*
 * media/layout.c - where in an image everything is
 *
 * Pure. A new image gets its layout from its counts; one that is there has it in its
 * table of regions, which is looked at as anything that may be damaged.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/math64.h>

#include "oc_image.h"
#include "oc_ns.h"

/* The second superblock is behind the first, and the regions are behind both */
#define OC_LAYOUT_FIRST		(OC_IMG_SUPER_B + 65536)

/* What a journal has beyond what all metadata take twice; and the least of any use */
#define OC_JOURNAL_SPARE	BIT_ULL(20)
#define OC_JOURNAL_LEAST	(16 * OC_IMG_BLOCK)

static u64 oc_layout_round(u64 bytes)
{
	return round_up(bytes, (u64)OC_IMG_BLOCK);
}

/* The next region: @bytes for each of @nr channels, or, with 0, for all of them */
static void oc_layout_add(struct oc_layout *lay, enum oc_img_kind kind,
			  u64 bytes, u32 nr)
{
	struct oc_region *region = &lay->region[kind];

	bytes = oc_layout_round(bytes);
	region->start = lay->bytes;
	region->per_ch = nr ? bytes : 0;
	region->bytes = nr ? bytes * nr : bytes;
	lay->bytes += region->bytes;
}

/* Bytes of the metadata sectors that @nr of something take, @each of them one */
static u64 oc_layout_sectors(u64 nr, u32 each)
{
	return div_u64(nr + each - 1, each) * OC_IMG_SECTOR;
}

/* Bytes of the blocks that the OOB of @slots takes */
static u64 oc_layout_oob_bytes(u32 slots, u32 oob_size)
{
	if (!oob_size)
		return 0;
	return (u64)DIV_ROUND_UP(slots, OC_IMG_BLOCK / oob_size) * OC_IMG_BLOCK;
}

/* Counts that follow from those of a geometry */
static int oc_layout_counts(struct oc_layout *lay, const struct oc_geo *geo)
{
	u64 chks = (u64)geo->num_pu * geo->num_chk;
	u64 secs = chks * geo->clba;

	if (!geo->num_grp || geo->num_grp > OC_MAX_NS || !secs ||
	    chks > U32_MAX || secs > U32_MAX - OC_IMG_SPARE - 1)
		return -EINVAL;
	lay->num_grp = geo->num_grp;
	lay->chks = chks;
	lay->clba = geo->clba;
	lay->secs = secs;
	lay->chk_map = DIV_ROUND_UP(geo->clba, OC_IMG_ENTRIES);
	return 0;
}

/* What a region needs at least: for a channel, or for all of them */
static u64 oc_layout_need(const struct oc_layout *lay, enum oc_img_kind kind)
{
	switch (kind) {
	case OC_IMG_DEV:
		return (u64)(lay->num_grp + 1) * OC_IMG_SECTOR;
	case OC_IMG_CHAN:
		return OC_IMG_SECTOR;
	case OC_IMG_CHUNK:
		return oc_layout_sectors(lay->chks, OC_IMG_CHUNKS);
	case OC_IMG_MAP:
		return (u64)lay->chks * lay->chk_map * OC_IMG_SECTOR;
	case OC_IMG_MARK:
		return oc_layout_sectors(lay->secs, OC_IMG_MARKS);
	case OC_IMG_HYBRID:
		return oc_layout_sectors((u64)lay->num_grp * lay->secs,
					 OC_IMG_HYBRIDS);
	case OC_IMG_OOB:
		return oc_layout_oob_bytes(lay->slots, lay->max_oob);
	case OC_IMG_DATA:
		return (u64)lay->slots * lay->max_lba;
	default:
		return OC_JOURNAL_LEAST;
	}
}

static bool oc_layout_divided(enum oc_img_kind kind)
{
	return kind != OC_IMG_JOURNAL && kind != OC_IMG_DEV &&
		kind != OC_IMG_HYBRID;
}

/**
 * oc_layout_init() - lay a new image out
 * @lay:	filled in
 * @geo:	geometry
 * @max_lba:	largest sector of any format, bytes
 * @max_oob:	largest OOB of any format, bytes
 * @hybrid:	there are namespaces whose host gives the mapping
 *
 * The journal takes twice what all metadata take: one commit may change all of it,
 * while the one before is not yet in place.
 *
 * Context: any.
 * Return: 0, or -EINVAL for counts that no device has.
 */
int oc_layout_init(struct oc_layout *lay, const struct oc_geo *geo, u32 max_lba,
		   u32 max_oob, bool hybrid)
{
	enum oc_img_kind kind;
	u64 meta;
	int ret;

	memset(lay, 0, sizeof(*lay));
	ret = oc_layout_counts(lay, geo);
	if (ret)
		return ret;
	lay->slots = lay->secs + OC_IMG_SPARE;
	lay->max_lba = max_lba;
	lay->max_oob = max_oob;
	lay->bytes = OC_LAYOUT_FIRST;
	for (kind = OC_IMG_DEV; kind < OC_IMG_OOB; kind++)
		if (kind != OC_IMG_HYBRID || hybrid)
			oc_layout_add(lay, kind, oc_layout_need(lay, kind),
				      oc_layout_divided(kind) ? lay->num_grp : 0);
	meta = lay->bytes - OC_LAYOUT_FIRST;
	oc_layout_add(lay, OC_IMG_JOURNAL, 2 * meta + OC_JOURNAL_SPARE, 0);
	for (; kind < OC_IMG_KINDS; kind++)
		oc_layout_add(lay, kind, oc_layout_need(lay, kind),
			      lay->num_grp);
	return 0;
}

static bool oc_region_fits(const struct oc_layout *lay, enum oc_img_kind kind,
			   struct oc_wrong *wrong)
{
	const struct oc_region *region = &lay->region[kind];
	u64 need = oc_layout_need(lay, kind);
	const char *why = NULL;

	if (!region->bytes && (kind == OC_IMG_HYBRID || !need))
		return true;
	if ((region->start | region->bytes | region->per_ch) % OC_IMG_BLOCK)
		why = "is not in whole blocks";
	else if (region->start < OC_LAYOUT_FIRST || region->start > lay->bytes ||
		 region->bytes > lay->bytes - region->start)
		why = "lies outside of the image";
	else if (oc_layout_divided(kind) ?
		 region->per_ch < need ||
		 div_u64(region->bytes, lay->num_grp) < region->per_ch :
		 region->bytes < need)
		why = "is too small";
	else
		return true;
	scnprintf(wrong->what, sizeof(wrong->what), "region %u %s", kind, why);
	return false;
}

static bool oc_regions_apart(const struct oc_region *a,
			     const struct oc_region *b)
{
	return !a->bytes || !b->bytes || a->start >= b->start + b->bytes ||
		b->start >= a->start + a->bytes;
}

/**
 * oc_layout_check() - does a layout that was read make sense?
 * @lay:	its regions, slots, largest sizes and bytes as read; the counts are
 *		filled in
 * @geo:	geometry, as read
 * @wrong:	filled in
 *
 * Context: any.
 * Return: 0, or -EUCLEAN.
 */
int oc_layout_check(struct oc_layout *lay, const struct oc_geo *geo,
		    struct oc_wrong *wrong)
{
	enum oc_img_kind i, k;

	if (oc_layout_counts(lay, geo) || lay->slots < lay->secs ||
	    lay->slots > U32_MAX - 1 || lay->max_lba > OC_MAX_LBA_SIZE ||
	    lay->max_lba < OC_IMG_SECTOR || lay->max_oob > OC_MAX_OOB) {
		strscpy(wrong->what, "counts that no device has",
			sizeof(wrong->what));
		return -EUCLEAN;
	}
	for (i = OC_IMG_JOURNAL; i < OC_IMG_KINDS; i++) {
		if (!oc_region_fits(lay, i, wrong))
			return -EUCLEAN;
		for (k = OC_IMG_JOURNAL; k < i; k++) {
			if (oc_regions_apart(&lay->region[i], &lay->region[k]))
				continue;
			scnprintf(wrong->what, sizeof(wrong->what),
				  "regions %u and %u overlap", k, i);
			return -EUCLEAN;
		}
	}
	return 0;
}

/**
 * oc_layout_sector() - where a metadata sector is
 * @lay:	layout
 * @kind:	its kind
 * @ch:		channel; 0 where the region is not divided
 * @nr:		its number among the channel's
 *
 * Context: any.
 * Return: sector of the image.
 */
u64 oc_layout_sector(const struct oc_layout *lay, enum oc_img_kind kind, u32 ch,
		     u64 nr)
{
	const struct oc_region *region = &lay->region[kind];

	return (region->start + ch * region->per_ch) / OC_IMG_SECTOR + nr;
}

/**
 * oc_layout_find() - what a sector of the image is
 * @lay:	layout
 * @sector:	sector of the image
 * @kind:	set to the region it is in
 * @ch:		set to its channel, 0 where the region is not divided
 * @nr:		set to its number among the channel's
 *
 * Context: any.
 * Return: false if it is in no region.
 */
bool oc_layout_find(const struct oc_layout *lay, u64 sector,
		    enum oc_img_kind *kind, u32 *ch, u64 *nr)
{
	u64 at, per_ch;

	for (*kind = OC_IMG_JOURNAL; *kind < OC_IMG_KINDS; (*kind)++) {
		const struct oc_region *region = &lay->region[*kind];

		at = region->start / OC_IMG_SECTOR;
		if (sector < at ||
		    sector - at >= region->bytes / OC_IMG_SECTOR)
			continue;
		*nr = sector - at;
		*ch = 0;
		per_ch = region->per_ch / OC_IMG_SECTOR;
		if (per_ch) {
			*ch = div64_u64(*nr, per_ch);
			*nr -= *ch * per_ch;
		}
		return *ch < lay->num_grp;
	}
	return false;
}

/**
 * oc_layout_data() - where the data of a slot are
 * @lay:	layout
 * @ch:		channel
 * @slot:	slot
 * @lba_size:	bytes of a sector of the channel, now
 *
 * Context: any.
 * Return: byte of the image.
 */
u64 oc_layout_data(const struct oc_layout *lay, u32 ch, u32 slot, u32 lba_size)
{
	const struct oc_region *region = &lay->region[OC_IMG_DATA];

	return region->start + ch * region->per_ch + (u64)slot * lba_size;
}

/**
 * oc_layout_oob() - where the OOB of a slot is
 * @lay:	layout
 * @ch:		channel
 * @slot:	slot
 * @oob_size:	bytes of a sector's OOB in the channel, now; not 0
 * @off:	set to the byte in its block
 *
 * Context: any.
 * Return: first byte of the block, of the image.
 */
u64 oc_layout_oob(const struct oc_layout *lay, u32 ch, u32 slot, u32 oob_size,
		  u32 *off)
{
	const struct oc_region *region = &lay->region[OC_IMG_OOB];
	u32 per = OC_IMG_BLOCK / oob_size;

	*off = slot % per * oob_size;
	return region->start + ch * region->per_ch +
		(u64)(slot / per) * OC_IMG_BLOCK;
}
