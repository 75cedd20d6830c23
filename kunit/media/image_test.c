// SPDX-License-Identifier: GPL-2.0
/*
 * image_test.c - superblocks, layouts and metadata sectors, whole and damaged
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc_image.h"
#include "oc_test.h"

/**
 * struct image_bed - two superblocks
 * @img:	what is written
 * @got:	what is read
 * @a:		the first one's bytes
 * @b:		the second one's
 */
struct image_bed {
	struct oc_image img;
	struct oc_image got;
	struct oc_img_super a;
	struct oc_img_super b;
};

static int image_test_init(struct kunit *test)
{
	struct image_bed *bed = kunit_kzalloc(test, sizeof(*bed), GFP_KERNEL);
	struct oc_image *img;

	if (!bed)
		return -ENOMEM;
	test->priv = bed;
	img = &bed->img;
	img->geo = bench_config().geo;
	img->geo.odd_chk = 1;
	img->geo.odd_secs = 16;
	img->strict = true;
	strscpy(img->nqn, "nqn.2014-08.org.example:image", sizeof(img->nqn));
	strscpy(img->serial, "SERIAL", sizeof(img->serial));
	strscpy(img->model, "a model", sizeof(img->model));
	strscpy(img->formats, "4096+0,512+8", sizeof(img->formats));
	strscpy(img->ns, "oc20:2,block", sizeof(img->ns));
	img->generation = 7;
	generate_random_uuid((u8 *)&img->uuid);
	img->made = 1000;
	img->written = 2000;
	img->salt = 0x12345678;
	img->incarnation = 3;
	img->seq = 99;
	img->block = 5;
	img->durability = 1;
	return oc_layout_init(&img->lay, &img->geo, 4096, 16, true);
}

static void image_comes_back(struct kunit *test)
{
	struct image_bed *bed = test->priv;
	struct oc_wrong wrong;

	bed->img.clean = true;
	oc_image_encode(&bed->img, &bed->a);
	KUNIT_ASSERT_EQ(test, oc_image_decode(&bed->got, &bed->a, &wrong), 0);
	/* Padding is zeroes on both sides */
	KUNIT_EXPECT_EQ(test, memcmp(&bed->got, &bed->img, sizeof(bed->img)), 0);
}

/* The one place where a change of a byte of the format is noticed */
static void image_bytes_are_as_described(struct kunit *test)
{
	struct image_bed *bed = test->priv;
	u8 *byte = (u8 *)&bed->a;

	oc_image_encode(&bed->img, &bed->a);
	KUNIT_EXPECT_EQ(test, memcmp(byte, "OCLOOPIM", 8), 0);
	KUNIT_EXPECT_EQ(test, (int)byte[12], 1);
	KUNIT_EXPECT_EQ(test, (int)byte[16], 7);
	KUNIT_EXPECT_EQ(test, (int)byte[80], 0x78);
	KUNIT_EXPECT_EQ(test, (int)byte[83], 0x12);
	KUNIT_EXPECT_EQ(test, (int)byte[88], 3);
	KUNIT_EXPECT_EQ(test, (int)byte[96], 99);
	KUNIT_EXPECT_EQ(test, (int)byte[104], 5);
	KUNIT_EXPECT_EQ(test, (int)byte[128], 5);
	KUNIT_EXPECT_EQ(test, (int)byte[128 + 3 * 4], 24);
	KUNIT_EXPECT_EQ(test, (int)byte[204], 1);
	KUNIT_EXPECT_EQ(test, (int)byte[512], (int)OC_IMG_JOURNAL);
	KUNIT_EXPECT_EQ(test, strcmp((char *)byte + 2048, bed->img.nqn), 0);
	KUNIT_EXPECT_EQ(test, strcmp((char *)byte + 4096, bed->img.ns), 0);
}

/* Each bit of a superblock counts, and what is left of one is never believed */
static void image_flipped_bits_are_found(struct kunit *test)
{
	struct image_bed *bed = test->priv;
	u8 *byte = (u8 *)&bed->a;
	struct oc_wrong wrong;
	u32 i, good = 0;

	oc_image_encode(&bed->img, &bed->a);
	for (i = 0; i < 8 * sizeof(bed->a); i++) {
		byte[i / 8] ^= BIT(i % 8);
		wrong.what[0] = '\0';
		if (!oc_image_decode(&bed->got, &bed->a, &wrong))
			good++;
		else if (!wrong.what[0])
			KUNIT_FAIL(test, "bit %u: no reason", i);
		byte[i / 8] ^= BIT(i % 8);
	}
	KUNIT_EXPECT_EQ(test, good, 0U);
}

static void image_newer_one_counts(struct kunit *test)
{
	struct image_bed *bed = test->priv;
	struct oc_wrong wrong;

	oc_image_encode(&bed->img, &bed->a);
	bed->img.generation++;
	oc_image_encode(&bed->img, &bed->b);
	KUNIT_ASSERT_EQ(test, oc_image_choose(&bed->got, &bed->a, &bed->b,
					      &wrong), 0);
	KUNIT_EXPECT_EQ(test, bed->got.generation, 8ULL);
	KUNIT_ASSERT_EQ(test, oc_image_choose(&bed->got, &bed->b, &bed->a,
					      &wrong), 0);
	KUNIT_EXPECT_EQ(test, bed->got.generation, 8ULL);
}

/* Either may be torn: the other one is taken, and where both are, that is said */
static void image_torn_one_is_left(struct kunit *test)
{
	struct image_bed *bed = test->priv;
	struct oc_img_super *sb[2] = { &bed->a, &bed->b };
	struct oc_wrong wrong;
	u32 i, cut;

	for (i = 0; i < 2; i++) {
		for (cut = 0; cut < OC_IMG_SUPER; cut += OC_IMG_SECTOR) {
			oc_image_encode(&bed->img, &bed->a);
			oc_image_encode(&bed->img, &bed->b);
			bed->img.generation++;
			/* All that is in it has changed but not all is written */
			memset((u8 *)sb[i] + cut, 0xa5, OC_IMG_SUPER - cut);
			KUNIT_EXPECT_EQ(test,
					oc_image_choose(&bed->got, &bed->a,
							&bed->b, &wrong), 0);
		}
	}
	memset(&bed->a.nqn, 0x5a, 16);
	memset(&bed->b.nqn, 0x5a, 16);
	KUNIT_EXPECT_NE(test, oc_image_choose(&bed->got, &bed->a, &bed->b,
					      &wrong), 0);
}

static void image_foreign_is_told_from_damaged(struct kunit *test)
{
	struct image_bed *bed = test->priv;
	struct oc_wrong wrong;

	KUNIT_EXPECT_EQ(test, oc_image_choose(&bed->got, &bed->a, &bed->b,
					      &wrong), -ENODATA);
	memset(&bed->a, 0xee, 100);
	KUNIT_EXPECT_EQ(test, oc_image_choose(&bed->got, &bed->a, &bed->b,
					      &wrong), -EMEDIUMTYPE);
	KUNIT_EXPECT_EQ(test, oc_image_choose(&bed->got, &bed->b, &bed->a,
					      &wrong), -EMEDIUMTYPE);
	/* What is left of one of ours is none of somebody else's */
	oc_image_encode(&bed->img, &bed->b);
	bed->b.nqn[0] ^= 1;
	KUNIT_EXPECT_EQ(test, oc_image_choose(&bed->got, &bed->a, &bed->b,
					      &wrong), -EBADMSG);
	bed->b.nqn[0] ^= 1;
	bed->b.major = cpu_to_le16(2);
	KUNIT_EXPECT_EQ(test, oc_image_choose(&bed->got, &bed->a, &bed->b,
					      &wrong), -EPROTONOSUPPORT);
}

/* Change a superblock as a later version, or somebody else's code, would write it */
static int image_with(struct image_bed *bed, size_t at, u64 value, size_t size)
{
	struct oc_img_super *sb = &bed->a;
	const __le32 none = 0;
	__le64 wire = cpu_to_le64(value);
	struct oc_wrong wrong;
	size_t skip = offsetofend(struct oc_img_super, crc);
	u32 crc;

	oc_image_encode(&bed->img, sb);
	memcpy((u8 *)sb + at, &wire, size);
	crc = oc_img_crc(~0U, sb, offsetof(struct oc_img_super, crc));
	crc = oc_img_crc(crc, &none, sizeof(none));
	sb->crc = cpu_to_le32(oc_img_crc(crc, (u8 *)sb + skip,
					 sizeof(*sb) - skip));
	return oc_image_decode(&bed->got, sb, &wrong);
}

#define IMAGE_WITH(_field, _value)					\
	image_with(bed, offsetof(struct oc_img_super, _field), _value,	\
		   sizeof(((struct oc_img_super *)0)->_field))

static void image_other_versions(struct kunit *test)
{
	struct image_bed *bed = test->priv;
	/* An entry behind those there are */
	const u32 next = OC_IMG_KINDS - 1;

	KUNIT_EXPECT_EQ(test, IMAGE_WITH(minor, 9), 0);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(may, ~0ULL), 0);
	KUNIT_EXPECT_FALSE(test, bed->got.read_only);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(write, 1), 0);
	KUNIT_EXPECT_TRUE(test, bed->got.read_only);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(major, 2), -EPROTONOSUPPORT);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(must, 1ULL << 63), -EPROTONOSUPPORT);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(region[0].version, 2),
			-EPROTONOSUPPORT);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(region[0].kind, 77),
			-EPROTONOSUPPORT);
	/* One that is new and not needed is nothing to us */
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(nr_regions, next + 1), 0);
}

static void image_nonsense_is_refused(struct kunit *test)
{
	struct image_bed *bed = test->priv;
	const struct oc_layout *lay = &bed->img.lay;
	/* Two that can be in each other's way */
	const u64 start = lay->region[OC_IMG_DEV].start;

	KUNIT_EXPECT_EQ(test, IMAGE_WITH(nr_regions, 49), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(nr_regions, 8), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(nr_regions, ~0U), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(region[0].kind, OC_IMG_DATA),
			-EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(region[0].start, start), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(region[0].start, 1), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(region[0].start, ~0ULL), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(region[0].bytes, ~0ULL << 12),
			-EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(region[0].bytes, 0), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(region[3].per_ch, 0), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(region[3].per_ch, ~0ULL << 12),
			-EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(bytes, lay->bytes - 1), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(slots, 0), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(slots, ~0U), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(geo[0], 0), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(geo[0], 257), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(geo[3], ~0U), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(max_lba, 0), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(max_lba, 1 << 20), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(max_oob, 4096), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(block, ~0ULL), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(ns[OC_IMG_NS - 1], 0), 0);

	memset(bed->img.ns, 'x', sizeof(bed->img.ns));
	oc_image_encode(&bed->img, &bed->a);
	KUNIT_EXPECT_EQ(test, IMAGE_WITH(ns[OC_IMG_NS - 1], 'x'), -EUCLEAN);
}

static void layout_names_each_sector_once(struct kunit *test)
{
	struct image_bed *bed = test->priv;
	const struct oc_layout *lay = &bed->img.lay;
	u64 sector, nr, end = lay->region[OC_IMG_JOURNAL].start / OC_IMG_SECTOR;
	enum oc_img_kind kind;
	u32 ch, lost = 0;

	for (sector = 0; sector < end; sector++) {
		if (!oc_layout_find(lay, sector, &kind, &ch, &nr))
			continue;
		lost += oc_layout_sector(lay, kind, ch, nr) != sector ||
			ch >= lay->num_grp || kind < OC_IMG_DEV ||
			kind > OC_IMG_HYBRID;
	}
	KUNIT_EXPECT_EQ(test, lost, 0U);
	KUNIT_EXPECT_FALSE(test, oc_layout_find(lay, 0, &kind, &ch, &nr));
	KUNIT_EXPECT_FALSE(test, oc_layout_find(lay, lay->bytes / OC_IMG_SECTOR,
						&kind, &ch, &nr));
	KUNIT_EXPECT_FALSE(test, oc_layout_find(lay, ~0ULL, &kind, &ch, &nr));
	KUNIT_EXPECT_FALSE(test, oc_layout_find(lay, OC_IMG_SUPER_B /
						OC_IMG_SECTOR, &kind, &ch,
						&nr));
}

/* Data and OOB of the last slot are in the channel's share, at any size */
static void layout_slots_are_in_their_channel(struct kunit *test)
{
	static const u32 oobs[] = { 8, 16, 24, 56, 64, 120, 128 };
	struct image_bed *bed = test->priv;
	const struct oc_geo *geo = &bed->img.geo;
	const struct oc_region *data, *oob;
	struct oc_layout lay;
	u32 i, off;
	u64 at;

	KUNIT_ASSERT_EQ(test, oc_layout_init(&lay, geo, 16384, 128, false), 0);
	KUNIT_EXPECT_EQ(test, lay.region[OC_IMG_HYBRID].bytes, 0ULL);
	data = &lay.region[OC_IMG_DATA];
	oob = &lay.region[OC_IMG_OOB];
	at = oc_layout_data(&lay, 4, lay.slots - 1, 16384);
	KUNIT_EXPECT_LE(test, at + 16384, data->start + 5 * data->per_ch);
	KUNIT_EXPECT_EQ(test, data->start + data->bytes, lay.bytes);
	for (i = 0; i < ARRAY_SIZE(oobs); i++) {
		at = oc_layout_oob(&lay, 4, lay.slots - 1, oobs[i], &off);
		KUNIT_EXPECT_LE(test, off + oobs[i], OC_IMG_BLOCK);
		KUNIT_EXPECT_LE(test, at + OC_IMG_BLOCK,
				oob->start + 5 * oob->per_ch);
	}
	/* Without OOB there is none */
	KUNIT_ASSERT_EQ(test, oc_layout_init(&lay, geo, 512, 0, false), 0);
	KUNIT_EXPECT_EQ(test, lay.region[OC_IMG_OOB].bytes, 0ULL);
}

/* What an image of the largest and the smallest device looks like can be read */
static void layout_of_any_size(struct kunit *test)
{
	struct image_bed *bed = test->priv;
	struct oc_geo *geo = &bed->img.geo;
	struct oc_wrong wrong;

	*geo = (struct oc_geo) { .num_grp = 256, .num_pu = 16, .num_chk = 1024,
				 .clba = 4096 };
	KUNIT_ASSERT_EQ(test, oc_layout_init(&bed->img.lay, geo, 16384, 128,
					     true), 0);
	oc_image_encode(&bed->img, &bed->a);
	KUNIT_EXPECT_EQ(test, oc_image_decode(&bed->got, &bed->a, &wrong), 0);

	*geo = (struct oc_geo) { .num_grp = 1, .num_pu = 1, .num_chk = 1,
				 .clba = 1 };
	KUNIT_ASSERT_EQ(test, oc_layout_init(&bed->img.lay, geo, 512, 0, false),
			0);
	oc_image_encode(&bed->img, &bed->a);
	KUNIT_EXPECT_EQ(test, oc_image_decode(&bed->got, &bed->a, &wrong), 0);

	geo->clba = U32_MAX;
	KUNIT_EXPECT_EQ(test, oc_layout_init(&bed->img.lay, geo, 512, 0, false),
			-EINVAL);
}

static void sector_damage_is_found(struct kunit *test)
{
	u8 *sector = kunit_kzalloc(test, OC_IMG_SECTOR, GFP_KERNEL);
	struct oc_wrong wrong;
	u32 i, good = 0;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sector);
	KUNIT_EXPECT_EQ(test, oc_sector_check(sector, 1, 2, OC_IMG_MAP, &wrong),
			-ENODATA);
	memset(sector + 16, 0x42, OC_IMG_SECTOR - 16);
	oc_sector_seal(sector, 1, 2, OC_IMG_MAP, 3, 4);
	KUNIT_EXPECT_EQ(test, oc_sector_check(sector, 1, 2, OC_IMG_MAP, &wrong),
			0);
	/* Elsewhere, of another image, of another kind */
	KUNIT_EXPECT_EQ(test, oc_sector_check(sector, 1, 3, OC_IMG_MAP, &wrong),
			-EBADMSG);
	KUNIT_EXPECT_EQ(test, oc_sector_check(sector, 2, 2, OC_IMG_MAP, &wrong),
			-EBADMSG);
	KUNIT_EXPECT_EQ(test, oc_sector_check(sector, 1, 2, OC_IMG_MARK,
					      &wrong), -EBADMSG);
	for (i = 0; i < 8 * OC_IMG_SECTOR; i++) {
		sector[i / 8] ^= BIT(i % 8);
		good += !oc_sector_check(sector, 1, 2, OC_IMG_MAP, &wrong);
		sector[i / 8] ^= BIT(i % 8);
	}
	KUNIT_EXPECT_EQ(test, good, 0U);
}

static void chunk_comes_back(struct kunit *test)
{
	struct oc_chunk chk = {
		.state = OC_CHK_OFFLINE,
		.flags = OC_CHK_SHUT | OC_CHK_WORN | OC_CHK_RANDOM,
		.missing = 8, .wp = 12, .resets = 5, .fails = 6, .settled = 7,
		.reads = 1ULL << 40, .writes = 1ULL << 41,
	};
	struct oc_chunk got = { .flags = OC_CHK_RANDOM, .missing = 8 };
	struct oc_img_chunk wire = { };

	oc_chunk_encode(&chk, &wire);
	KUNIT_EXPECT_TRUE(test, oc_chunk_decode(&got, &wire, 16));
	KUNIT_EXPECT_EQ(test, memcmp(&got, &chk, sizeof(chk)), 0);
}

static void chunk_nonsense_is_refused(struct kunit *test)
{
	const struct oc_chunk chk = { .state = OC_CHK_OPEN, .wp = 8 };
	struct oc_img_chunk wire = { };
	struct oc_chunk got = { };

	oc_chunk_encode(&chk, &wire);
	KUNIT_EXPECT_FALSE(test, oc_chunk_decode(&got, &wire, 7));
	wire.settled = cpu_to_le32(9);
	KUNIT_EXPECT_FALSE(test, oc_chunk_decode(&got, &wire, 16));
	wire.settled = 0;
	wire.state = OC_CHK_STATES;
	KUNIT_EXPECT_FALSE(test, oc_chunk_decode(&got, &wire, 16));
	wire.state = OC_CHK_FREE;
	KUNIT_EXPECT_FALSE(test, oc_chunk_decode(&got, &wire, 16));
	KUNIT_EXPECT_EQ(test, got.wp, 0U);
}

static struct kunit_case image_cases[] = {
	KUNIT_CASE(image_comes_back),
	KUNIT_CASE(image_bytes_are_as_described),
	KUNIT_CASE(image_flipped_bits_are_found),
	KUNIT_CASE(image_newer_one_counts),
	KUNIT_CASE(image_torn_one_is_left),
	KUNIT_CASE(image_foreign_is_told_from_damaged),
	KUNIT_CASE(image_other_versions),
	KUNIT_CASE(image_nonsense_is_refused),
	KUNIT_CASE(layout_names_each_sector_once),
	KUNIT_CASE(layout_slots_are_in_their_channel),
	KUNIT_CASE(layout_of_any_size),
	KUNIT_CASE(sector_damage_is_found),
	KUNIT_CASE(chunk_comes_back),
	KUNIT_CASE(chunk_nonsense_is_refused),
	{ }
};

struct kunit_suite oc_image_suite = {
	.name = "oc_image",
	.init = image_test_init,
	.test_cases = image_cases,
};
