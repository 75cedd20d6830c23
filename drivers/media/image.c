// SPDX-License-Identifier: GPL-2.0
/*
 * media/image.c - superblocks and metadata sectors, from and to bytes
 *
 * Pure. What is read may be anything: damaged, of another version, or somebody
 * else's. So nothing of it is believed before it has been looked at, and what is
 * wrong is told in a few words.
 */
#include <linux/crc32.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "oc_chunk.h"
#include "oc_image.h"

static const u8 oc_img_magic[8] = { 'O', 'C', 'L', 'O', 'O', 'P', 'I', 'M' };

/**
 * oc_img_crc() - what all checksums of an image are made with
 * @crc:	where to begin
 * @data:	bytes
 * @len:	how many
 *
 * Context: any.
 * Return: CRC32C, not inverted.
 */
u32 oc_img_crc(u32 crc, const void *data, size_t len)
{
	return crc32c(crc, data, len);
}

static int oc_img_wrong(struct oc_wrong *wrong, int err, const char *what)
{
	strscpy(wrong->what, what, sizeof(wrong->what));
	return err;
}

/* ---- the superblock --------------------------------------------------- */

/* The counts of a geometry, in the order of their words */
static void oc_img_geo_words(struct oc_geo *geo, u32 **word)
{
	u32 *all[] = {
		&geo->num_grp, &geo->num_pu, &geo->num_chk, &geo->clba,
		&geo->ws_min, &geo->ws_opt, &geo->mw_cunits, &geo->lba_size,
		&geo->oob_size, &geo->mccap, &geo->wit, &geo->dlfeat,
		&geo->maxoc, &geo->maxocpu, &geo->rnd_chk, &geo->odd_chk,
		&geo->odd_secs, &geo->num_pln, &geo->secs_per_pg,
	};

	static_assert(ARRAY_SIZE(all) ==
		      ARRAY_SIZE(((struct oc_img_super *)0)->geo));
	memcpy(word, all, sizeof(all));
}

/* Its checksum is that of all bytes, with zeroes where it stands itself */
static u32 oc_img_super_crc(const struct oc_img_super *sb)
{
	const size_t from = offsetof(struct oc_img_super, crc);
	const size_t to = offsetofend(struct oc_img_super, crc);
	const __le32 none = 0;
	u32 crc = oc_img_crc(~0U, sb, from);

	crc = oc_img_crc(crc, &none, sizeof(none));
	return oc_img_crc(crc, (const u8 *)sb + to, sizeof(*sb) - to);
}

static void oc_img_put_regions(const struct oc_layout *lay,
			       struct oc_img_super *sb)
{
	enum oc_img_kind kind;
	u32 nr = 0;

	for (kind = OC_IMG_JOURNAL; kind < OC_IMG_KINDS; kind++) {
		const struct oc_region *region = &lay->region[kind];

		if (!region->bytes)
			continue;
		sb->region[nr++] = (struct oc_img_region) {
			.kind = cpu_to_le16(kind),
			.version = cpu_to_le16(1),
			.flags = cpu_to_le32(OC_IMG_NEEDED),
			.start = cpu_to_le64(region->start),
			.bytes = cpu_to_le64(region->bytes),
			.per_ch = cpu_to_le64(region->per_ch),
		};
	}
	sb->nr_regions = cpu_to_le32(nr);
}

/**
 * oc_image_encode() - put a superblock into bytes
 * @img:	superblock
 * @sb:		where to
 *
 * Context: any.
 */
void oc_image_encode(const struct oc_image *img, struct oc_img_super *sb)
{
	struct oc_geo geo = img->geo;
	u32 *word[ARRAY_SIZE(sb->geo)], i;

	memset(sb, 0, sizeof(*sb));
	memcpy(sb->magic, oc_img_magic, sizeof(sb->magic));
	sb->major = cpu_to_le16(OC_IMG_MAJOR);
	sb->minor = cpu_to_le16(OC_IMG_MINOR);
	sb->generation = cpu_to_le64(img->generation);
	export_uuid(sb->uuid, &img->uuid);
	export_uuid(sb->boot, &img->boot);
	sb->made = cpu_to_le64(img->made);
	sb->written = cpu_to_le64(img->written);
	sb->salt = cpu_to_le32(img->salt);
	sb->flags = cpu_to_le32(img->clean ? OC_IMG_CLEAN : 0);
	sb->incarnation = cpu_to_le64(img->incarnation);
	sb->seq = cpu_to_le64(img->seq);
	sb->block = cpu_to_le64(img->block);
	oc_img_geo_words(&geo, word);
	for (i = 0; i < ARRAY_SIZE(word); i++)
		sb->geo[i] = cpu_to_le32(*word[i]);
	sb->strict = cpu_to_le32(img->strict);
	sb->slots = cpu_to_le32(img->lay.slots);
	sb->max_lba = cpu_to_le32(img->lay.max_lba);
	sb->max_oob = cpu_to_le32(img->lay.max_oob);
	sb->bytes = cpu_to_le64(img->lay.bytes);
	sb->durability = cpu_to_le32(img->durability);
	oc_img_put_regions(&img->lay, sb);
	strscpy(sb->nqn, img->nqn, sizeof(sb->nqn));
	strscpy(sb->serial, img->serial, sizeof(sb->serial));
	strscpy(sb->model, img->model, sizeof(sb->model));
	strscpy(sb->formats, img->formats, sizeof(sb->formats));
	strscpy(sb->ns, img->ns, sizeof(sb->ns));
	sb->crc = cpu_to_le32(oc_img_super_crc(sb));
}

/* Whose is it, which version, and is it whole? */
static int oc_img_super_check(const struct oc_img_super *sb,
			      struct oc_wrong *wrong)
{
	if (!memchr_inv(sb, 0, sizeof(*sb)))
		return oc_img_wrong(wrong, -ENODATA, "nothing but zeroes");
	if (memcmp(sb->magic, oc_img_magic, sizeof(sb->magic)))
		return oc_img_wrong(wrong, -EMEDIUMTYPE, "no image of a device");
	/* Another version may put its checksum elsewhere */
	if (le16_to_cpu(sb->major) != OC_IMG_MAJOR) {
		scnprintf(wrong->what, sizeof(wrong->what),
			  "version %u.%u, and %u is known",
			  le16_to_cpu(sb->major), le16_to_cpu(sb->minor),
			  OC_IMG_MAJOR);
		return -EPROTONOSUPPORT;
	}
	if (le32_to_cpu(sb->crc) != oc_img_super_crc(sb))
		return oc_img_wrong(wrong, -EBADMSG, "a wrong checksum");
	if (sb->must) {
		scnprintf(wrong->what, sizeof(wrong->what),
			  "features %#llx that are not known",
			  le64_to_cpu(sb->must));
		return -EPROTONOSUPPORT;
	}
	return 0;
}

static int oc_img_get_regions(struct oc_layout *lay,
			      const struct oc_img_super *sb,
			      struct oc_wrong *wrong)
{
	u32 nr = le32_to_cpu(sb->nr_regions), i;

	if (nr > OC_IMG_REGIONS)
		return oc_img_wrong(wrong, -EUCLEAN, "more regions than fit");
	for (i = 0; i < nr; i++) {
		const struct oc_img_region *from = &sb->region[i];
		u32 kind = le16_to_cpu(from->kind);
		u32 version = le16_to_cpu(from->version);

		if (!kind || kind >= OC_IMG_KINDS || version != 1) {
			if (!(from->flags & cpu_to_le32(OC_IMG_NEEDED)))
				continue;
			scnprintf(wrong->what, sizeof(wrong->what),
				  "region %u of version %u, which is not known",
				  kind, version);
			return -EPROTONOSUPPORT;
		}
		if (lay->region[kind].bytes) {
			scnprintf(wrong->what, sizeof(wrong->what),
				  "two regions %u", kind);
			return -EUCLEAN;
		}
		lay->region[kind] = (struct oc_region) {
			.start = le64_to_cpu(from->start),
			.bytes = le64_to_cpu(from->bytes),
			.per_ch = le64_to_cpu(from->per_ch),
		};
	}
	return 0;
}

static bool oc_img_get_text(char *to, const char *from, size_t size)
{
	if (!memchr(from, '\0', size))
		return false;
	strscpy(to, from, size);
	return true;
}

static bool oc_img_get_texts(struct oc_image *img, const struct oc_img_super *sb)
{
	return oc_img_get_text(img->nqn, sb->nqn, sizeof(sb->nqn)) &&
		oc_img_get_text(img->serial, sb->serial, sizeof(sb->serial)) &&
		oc_img_get_text(img->model, sb->model, sizeof(sb->model)) &&
		oc_img_get_text(img->formats, sb->formats,
				sizeof(sb->formats)) &&
		oc_img_get_text(img->ns, sb->ns, sizeof(sb->ns));
}

/**
 * oc_image_decode() - read a superblock
 * @img:	filled in, if all is well
 * @sb:		bytes
 * @wrong:	filled in otherwise
 *
 * Context: any.
 * Return: 0; -ENODATA for zeroes, -EMEDIUMTYPE for what is none, -EBADMSG for
 * one that is damaged, -EPROTONOSUPPORT for versions and features that are not
 * known, -EUCLEAN for what makes no sense.
 */
int oc_image_decode(struct oc_image *img, const struct oc_img_super *sb,
		    struct oc_wrong *wrong)
{
	u32 *word[ARRAY_SIZE(sb->geo)], i;
	struct oc_layout *lay = &img->lay;
	int ret;

	memset(img, 0, sizeof(*img));
	ret = oc_img_super_check(sb, wrong);
	if (ret)
		return ret;
	img->generation = le64_to_cpu(sb->generation);
	import_uuid(&img->uuid, sb->uuid);
	import_uuid(&img->boot, sb->boot);
	img->made = le64_to_cpu(sb->made);
	img->written = le64_to_cpu(sb->written);
	img->salt = le32_to_cpu(sb->salt);
	img->clean = sb->flags & cpu_to_le32(OC_IMG_CLEAN);
	img->read_only = sb->write;
	img->incarnation = le64_to_cpu(sb->incarnation);
	img->seq = le64_to_cpu(sb->seq);
	img->block = le64_to_cpu(sb->block);
	oc_img_geo_words(&img->geo, word);
	for (i = 0; i < ARRAY_SIZE(word); i++)
		*word[i] = le32_to_cpu(sb->geo[i]);
	img->strict = sb->strict;
	lay->slots = le32_to_cpu(sb->slots);
	lay->max_lba = le32_to_cpu(sb->max_lba);
	lay->max_oob = le32_to_cpu(sb->max_oob);
	lay->bytes = le64_to_cpu(sb->bytes);
	img->durability = le32_to_cpu(sb->durability);
	if (!oc_img_get_texts(img, sb))
		return oc_img_wrong(wrong, -EUCLEAN, "a string without an end");
	ret = oc_img_get_regions(lay, sb, wrong);
	if (!ret)
		ret = oc_layout_check(lay, &img->geo, wrong);
	if (!ret && img->block >= lay->region[OC_IMG_JOURNAL].bytes / OC_IMG_BLOCK)
		ret = oc_img_wrong(wrong, -EUCLEAN,
				   "a journal that begins behind its end");
	return ret;
}

/**
 * oc_image_choose() - which of the two superblocks counts
 * @img:	filled in, if one does
 * @a:		the first
 * @b:		the second
 * @wrong:	filled in otherwise
 *
 * Of one that is being written when the power goes nothing may be left; the other
 * one says what was before, and what was promised since then is in its journal.
 *
 * Context: any.
 * Return: 0, or an error of oc_image_decode(): that of the first, unless the
 * second one says more.
 */
int oc_image_choose(struct oc_image *img, const struct oc_img_super *a,
		    const struct oc_img_super *b, struct oc_wrong *wrong)
{
	struct oc_wrong other;
	bool second;
	int ret_a, ret_b;

	ret_a = oc_image_decode(img, a, wrong);
	second = ret_a || le64_to_cpu(b->generation) > img->generation;
	if (!second)
		return 0;
	ret_b = oc_image_decode(img, b, &other);
	if (!ret_b)
		return 0;
	if (!ret_a)
		return oc_image_decode(img, a, wrong);
	/* A version that is not known is no reason to take it for nobody's */
	if (ret_a == -ENODATA || ret_a == -EMEDIUMTYPE) {
		if (ret_b != -ENODATA && ret_b != -EMEDIUMTYPE) {
			*wrong = other;
			return ret_b;
		}
		/* Foreign, if either is */
		if (ret_a == -ENODATA && ret_b == -EMEDIUMTYPE) {
			*wrong = other;
			return ret_b;
		}
	}
	return ret_a;
}

/* ---- metadata sectors ------------------------------------------------- */

static u32 oc_sector_crc(const void *sector, u32 salt, u64 where)
{
	const size_t skip = sizeof(__le32);

	return oc_img_crc(salt + (u32)where, (const u8 *)sector + skip,
			  OC_IMG_SECTOR - skip);
}

/**
 * oc_sector_seal() - a metadata sector is complete: write its head
 * @sector:	its bytes; what it does not use is zeroes
 * @salt:	of the image
 * @where:	sector of the image
 * @kind:	its kind
 * @nr:		entries in use
 * @era:	of what it is about
 *
 * Context: any.
 */
void oc_sector_seal(void *sector, u32 salt, u64 where, enum oc_img_kind kind,
		    u32 nr, u32 era)
{
	struct oc_img_head *head = sector;

	head->kind = kind;
	head->version = 1;
	head->nr = cpu_to_le16(nr);
	head->era = cpu_to_le32(era);
	head->rsvd12 = 0;
	head->crc = cpu_to_le32(oc_sector_crc(sector, salt, where));
}

/**
 * oc_sector_check() - is a metadata sector what it should be?
 * @sector:	its bytes
 * @salt:	of the image
 * @where:	sector of the image
 * @kind:	its kind
 * @wrong:	filled in if it is not
 *
 * Context: any.
 * Return: 0; -ENODATA if it was never written; -EBADMSG if it is damaged, or
 * stood elsewhere; -EPROTONOSUPPORT for a version that is not known.
 */
int oc_sector_check(const void *sector, u32 salt, u64 where,
		    enum oc_img_kind kind, struct oc_wrong *wrong)
{
	const struct oc_img_head *head = sector;

	if (le32_to_cpu(head->crc) != oc_sector_crc(sector, salt, where)) {
		if (!memchr_inv(sector, 0, OC_IMG_SECTOR))
			return -ENODATA;
		scnprintf(wrong->what, sizeof(wrong->what),
			  "a wrong checksum in sector %llu, of region %u",
			  where, kind);
		return -EBADMSG;
	}
	if (head->kind == kind && head->version == 1)
		return 0;
	scnprintf(wrong->what, sizeof(wrong->what),
		  "sector %llu of region %u is of kind %u, version %u", where,
		  kind, head->kind, head->version);
	return head->kind == kind ? -EPROTONOSUPPORT : -EBADMSG;
}

/* What of a chunk's flags is kept: the others follow from its geometry */
#define OC_IMG_CHUNK_FLAGS	(OC_CHK_WORN | OC_CHK_SHUT)

/**
 * oc_chunk_encode() - put a chunk into bytes
 * @chk:	chunk
 * @to:		zeroes; what others know of the chunk stays as it is
 *
 * Context: owner of the chunk's channel.
 */
void oc_chunk_encode(const struct oc_chunk *chk, struct oc_img_chunk *to)
{
	to->state = chk->state;
	to->flags = chk->flags & OC_IMG_CHUNK_FLAGS;
	to->wp = cpu_to_le32(chk->wp);
	to->resets = cpu_to_le32(chk->resets);
	to->fails = cpu_to_le32(chk->fails);
	to->settled = cpu_to_le32(chk->settled);
	to->reads = cpu_to_le64(chk->reads);
	to->writes = cpu_to_le64(chk->writes);
}

/**
 * oc_chunk_decode() - read a chunk
 * @chk:	filled in but for what follows from its geometry
 * @from:	bytes
 * @secs:	sectors the chunk has
 *
 * Context: any; @chk is nobody's yet.
 * Return: false, with nothing changed, if they make no sense.
 */
bool oc_chunk_decode(struct oc_chunk *chk, const struct oc_img_chunk *from,
		     u32 secs)
{
	u32 wp = le32_to_cpu(from->wp);

	if (from->state >= OC_CHK_STATES || wp > secs ||
	    le32_to_cpu(from->settled) > wp ||
	    (from->state == OC_CHK_FREE && wp))
		return false;
	chk->state = from->state;
	chk->flags |= from->flags & OC_IMG_CHUNK_FLAGS;
	chk->wp = wp;
	chk->resets = le32_to_cpu(from->resets);
	chk->fails = le32_to_cpu(from->fails);
	chk->settled = le32_to_cpu(from->settled);
	chk->reads = le64_to_cpu(from->reads);
	chk->writes = le64_to_cpu(from->writes);
	return true;
}
