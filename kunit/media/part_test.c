// SPDX-License-Identifier: GPL-2.0
/*
 * part_test.c - parts of the journal, whole and damaged
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc_image.h"
#include "oc_test.h"

#define SALT		0xabcdef01U
#define INCARNATION	5ULL
#define SEQ		17ULL

/**
 * struct part_bed - a part
 * @lay:	layout it is of
 * @bytes:	its bytes, and one block behind them
 * @len:	of these its own
 * @item:	where its items are
 * @image:	and its images
 * @view:	what is read
 */
struct part_bed {
	struct oc_layout lay;
	u8 *bytes;
	u32 len;
	struct oc_img_item *item;
	u8 *image;
	struct oc_part_view view;
};

static bool part_open(struct part_bed *bed)
{
	return oc_part_open(bed->bytes, SALT, INCARNATION, SEQ, &bed->lay,
			    &bed->view);
}

/* A part of @metas images and one check */
static void part_make(struct part_bed *bed, u32 metas, bool end)
{
	struct oc_layout *lay = &bed->lay;
	u32 items = metas + 1, i;
	u64 where;

	bed->len = oc_part_blocks(items, metas) * OC_IMG_BLOCK;
	memset(bed->bytes, 0, bed->len);
	bed->item = (void *)(bed->bytes + sizeof(struct oc_img_part));
	bed->image = bed->bytes + round_up(sizeof(struct oc_img_part) +
					   items * sizeof(*bed->item), 512);
	for (i = 0; i < metas; i++) {
		struct oc_img_head *head =
			(void *)(bed->image + i * OC_IMG_SECTOR);

		where = oc_layout_sector(lay, OC_IMG_MAP, i % 5, i / 5);
		memset(head + 1, i, OC_IMG_SECTOR - sizeof(*head));
		oc_sector_seal(head, SALT, where, OC_IMG_MAP, 1, 1);
		bed->item[i] = (struct oc_img_item) {
			.sector = cpu_to_le64(where), .nr = cpu_to_le16(1),
			.kind = cpu_to_le16(OC_IMG_ITEM_META),
			.crc = head->crc,
		};
	}
	bed->item[metas] = (struct oc_img_item) {
		.sector = cpu_to_le64(oc_layout_data(lay, 1, 2, 4096) / 512),
		.kind = cpu_to_le16(OC_IMG_ITEM_CHECK),
		.nr = cpu_to_le16(8),
	};
	oc_part_seal(bed->bytes, SALT, INCARNATION, SEQ, items, metas, end);
}

static void part_reseal(struct part_bed *bed, u32 items, u32 metas)
{
	oc_part_seal(bed->bytes, SALT, INCARNATION, SEQ, items, metas, true);
}

static int part_test_init(struct kunit *test)
{
	struct part_bed *bed = kunit_kzalloc(test, sizeof(*bed), GFP_KERNEL);
	struct oc_geo geo = bench_config().geo;

	if (!bed)
		return -ENOMEM;
	test->priv = bed;
	geo.num_chk = 200;
	bed->bytes = kunit_kzalloc(test, (oc_part_blocks(OC_PART_ITEMS,
							 OC_PART_ITEMS) + 1) *
				   OC_IMG_BLOCK, GFP_KERNEL);
	if (!bed->bytes)
		return -ENOMEM;
	return oc_layout_init(&bed->lay, &geo, 4096, 16, false);
}

static void part_comes_back(struct kunit *test)
{
	static const u32 sizes[] = { 0, 1, 2, 6, 7, 27, 28, 29, 100,
				     OC_PART_ITEMS - 1 };
	struct part_bed *bed = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		part_make(bed, sizes[i], i % 2);
		KUNIT_ASSERT_TRUE(test, part_open(bed));
		KUNIT_EXPECT_EQ(test, bed->view.items, sizes[i] + 1);
		KUNIT_EXPECT_EQ(test, bed->view.blocks * OC_IMG_BLOCK, bed->len);
		KUNIT_EXPECT_EQ(test, (int)bed->view.end, (int)(i % 2));
		KUNIT_EXPECT_PTR_EQ(test, bed->view.image,
				    (const u8 *)bed->image);
		/* Nothing follows it that could be taken for another one */
		KUNIT_EXPECT_EQ(test, oc_part_peek(bed->bytes + bed->len,
						   INCARNATION, SEQ + 1), 0U);
	}
}

static void part_of_somebody_else(struct kunit *test)
{
	struct part_bed *bed = test->priv;
	struct oc_part_view view;

	part_make(bed, 3, true);
	KUNIT_EXPECT_FALSE(test, oc_part_open(bed->bytes, SALT + 1, INCARNATION,
					      SEQ, &bed->lay, &view));
	KUNIT_EXPECT_FALSE(test, oc_part_open(bed->bytes, SALT, INCARNATION - 1,
					      SEQ, &bed->lay, &view));
	KUNIT_EXPECT_FALSE(test, oc_part_open(bed->bytes, SALT, INCARNATION,
					      SEQ + 1, &bed->lay, &view));
}

/* Bits that mean something are found; behind the images there are none */
static void part_flipped_bits_are_found(struct kunit *test)
{
	struct part_bed *bed = test->priv;
	u32 used, i, good = 0, inside = 0;

	part_make(bed, 5, true);
	used = bed->image - bed->bytes + 5 * OC_IMG_SECTOR;
	for (i = 0; i < 8 * bed->len; i++) {
		bed->bytes[i / 8] ^= BIT(i % 8);
		if (part_open(bed)) {
			good++;
			/* Nor are there any between the items and the images */
			inside += i / 8 < used &&
				(i / 8 < sizeof(struct oc_img_part) +
					 6 * sizeof(*bed->item) ||
				 i / 8 >= bed->image - bed->bytes);
		}
		bed->bytes[i / 8] ^= BIT(i % 8);
	}
	KUNIT_EXPECT_EQ(test, inside, 0U);
	KUNIT_EXPECT_NE(test, good, 0U);
}

/* Any of its sectors may be an old one */
static void part_torn_is_found(struct kunit *test)
{
	struct part_bed *bed = test->priv;
	u32 metas = 40, sectors, mask, i, good = 0;
	u8 *old;

	part_make(bed, metas, true);
	sectors = (bed->image - bed->bytes) / OC_IMG_SECTOR + metas;
	old = kunit_kzalloc(test, bed->len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, old);
	/* A part that was whole, of the lap before */
	memcpy(old, bed->bytes, bed->len);
	for (i = 0; i < metas; i++) {
		struct oc_img_head *head =
			(void *)(bed->image + i * OC_IMG_SECTOR);

		((u8 *)head)[100]++;
		oc_sector_seal(head, SALT, le64_to_cpu(bed->item[i].sector),
			       OC_IMG_MAP, 1, 1);
		bed->item[i].crc = head->crc;
	}
	part_reseal(bed, metas + 1, metas);
	KUNIT_ASSERT_TRUE(test, part_open(bed));
	for (i = 0; i < sectors; i++) {
		u8 *at = bed->bytes + i * OC_IMG_SECTOR, keep[OC_IMG_SECTOR];

		for (mask = 0; mask < 2; mask++) {
			memcpy(keep, at, sizeof(keep));
			if (mask)
				memset(at, 0, sizeof(keep));
			else
				memcpy(at, old + i * OC_IMG_SECTOR,
				       sizeof(keep));
			good += part_open(bed);
			memcpy(at, keep, sizeof(keep));
		}
	}
	KUNIT_EXPECT_EQ(test, good, 0U);
}

/* Checksums are right, and what they are of is not */
static void part_nonsense_is_refused(struct kunit *test)
{
	struct part_bed *bed = test->priv;
	struct oc_layout *lay = &bed->lay;
	struct oc_img_part *head;

	part_make(bed, 3, true);
	head = (void *)bed->bytes;
	head->items = cpu_to_le32(~0U);
	KUNIT_EXPECT_FALSE(test, part_open(bed));
	head->items = cpu_to_le32(OC_PART_ITEMS);
	KUNIT_EXPECT_FALSE(test, part_open(bed));
	part_reseal(bed, 4, 3);
	head->blocks = 0;
	KUNIT_EXPECT_FALSE(test, part_open(bed));
	head->blocks = cpu_to_le32(~0U);
	KUNIT_EXPECT_FALSE(test, part_open(bed));

	part_make(bed, 3, true);
	bed->item[0].kind = cpu_to_le16(3);
	part_reseal(bed, 4, 3);
	KUNIT_EXPECT_FALSE(test, part_open(bed));

	/* A check of metadata, of nothing, and past the end of a region */
	part_make(bed, 3, true);
	bed->item[3].sector = bed->item[0].sector;
	part_reseal(bed, 4, 3);
	KUNIT_EXPECT_FALSE(test, part_open(bed));
	part_make(bed, 3, true);
	bed->item[3].nr = 0;
	part_reseal(bed, 4, 3);
	KUNIT_EXPECT_FALSE(test, part_open(bed));
	part_make(bed, 3, true);
	bed->item[3].sector = cpu_to_le64(lay->bytes / OC_IMG_SECTOR - 7);
	part_reseal(bed, 4, 3);
	KUNIT_EXPECT_FALSE(test, part_open(bed));
	part_make(bed, 3, true);
	bed->item[3].sector = cpu_to_le64(~0ULL - 3);
	part_reseal(bed, 4, 3);
	KUNIT_EXPECT_FALSE(test, part_open(bed));

	/* An image whose place is the journal, or a superblock */
	part_make(bed, 1, true);
	bed->item[0].sector = 0;
	part_reseal(bed, 2, 1);
	KUNIT_EXPECT_FALSE(test, part_open(bed));
	bed->item[0].sector = cpu_to_le64(lay->region[OC_IMG_JOURNAL].start /
					  OC_IMG_SECTOR);
	part_reseal(bed, 2, 1);
	KUNIT_EXPECT_FALSE(test, part_open(bed));
}

static struct kunit_case part_cases[] = {
	KUNIT_CASE(part_comes_back),
	KUNIT_CASE(part_of_somebody_else),
	KUNIT_CASE(part_flipped_bits_are_found),
	KUNIT_CASE(part_torn_is_found),
	KUNIT_CASE(part_nonsense_is_refused),
	{ }
};

struct kunit_suite oc_part_suite = {
	.name = "oc_part",
	.init = part_test_init,
	.test_cases = part_cases,
};
