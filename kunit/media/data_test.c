// SPDX-License-Identifier: GPL-2.0
/*
 * data_test.c - sectors in and out of the host's segments, whole and cut
 */
#include <linux/bvec.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/uio.h>

#include "oc_data.h"
#include "oc_test.h"

#define DATA_ORDER	3
#define DATA_SIZE	(PAGE_SIZE << DATA_ORDER)
#define DATA_SEGS	8
#define DATA_BLANK	0xee

/* Segments one after the other in the pages, @gap bytes apart, @skip bytes used up */
static const struct {
	const char *name;
	u32 len[DATA_SEGS];
	u32 gap;
	u32 skip;
	u32 sector;
} layouts[] = {
	{ "a page each", { 4096, 4096, 4096, 4096 }, 0, 0, 4096 },
	{ "one of several pages", { 16384 }, 0, 0, 4096 },
	{ "at an odd place", { 8192 }, 512, 0, 4096 },
	{ "begun before", { 16896 }, 0, 512, 4096 },
	{ "eight sectors a page", { 4096, 4096 }, 0, 0, 512 },
	{ "sectors over two segments", { 2048, 4096, 4096, 2048 }, 0, 0, 4096 },
	{ "apart", { 2048, 4096, 4096, 2048 }, 1024, 0, 4096 },
	{ "a segment is less than a sector", { 512, 1024, 512, 2048, 4096 },
	  512, 0, 4096 },
	{ "some whole, some cut", { 4096, 512, 3584, 4096, 4096 }, 4, 0, 4096 },
	{ "OOB between sectors", { 4112, 4112, 4112 }, 16, 0, 4112 },
	{ "the first cut short", { 4096, 4096, 4096 }, 0, 2048, 512 },
};

static u8 data_pattern(u32 pos)
{
	return pos * 7 + pos / 256;
}

/* Fill in segments; returns the bytes in them, without those used up */
static u32 data_segments(u32 i, struct page *page, struct bio_vec *seg, u32 *nr)
{
	u32 off = layouts[i].gap, bytes = 0;

	for (*nr = 0; *nr < DATA_SEGS && layouts[i].len[*nr]; (*nr)++) {
		seg[*nr].bv_page = page;
		seg[*nr].bv_offset = off;
		seg[*nr].bv_len = layouts[i].len[*nr];
		bytes += seg[*nr].bv_len;
		off += seg[*nr].bv_len + layouts[i].gap;
	}
	return bytes - layouts[i].skip;
}

/* Do the segments hold the pattern, and nothing else anything? */
static bool data_as_it_should_be(u32 i, const u8 *at, const struct bio_vec *seg,
				 u32 nr)
{
	u32 pos = 0, off, k;

	for (off = 0, k = 0; off < DATA_SIZE; off++) {
		u8 want = DATA_BLANK;

		while (k < nr && off >= seg[k].bv_offset + seg[k].bv_len)
			k++;
		if (k < nr && off >= seg[k].bv_offset &&
		    (k || off >= seg[0].bv_offset + layouts[i].skip))
			want = data_pattern(pos++);
		if (at[off] != want)
			return false;
	}
	return true;
}

static void data_layout(struct kunit *test, u32 i, struct page *page, u8 *flat)
{
	struct bio_vec seg[DATA_SEGS];
	u32 nr, k, bytes = data_segments(i, page, seg, &nr);
	const char *name = layouts[i].name;
	u32 sector = layouts[i].sector;
	struct iov_iter iter;

	memset(page_address(page), DATA_BLANK, DATA_SIZE);
	for (k = 0; k < bytes; k++)
		flat[k] = data_pattern(k);

	iov_iter_bvec(&iter, READ, seg, nr, bytes);
	iter.iov_offset = layouts[i].skip;
	for (k = 0; k < bytes; k += sector)
		oc_data_put(&iter, flat + k, sector);
	KUNIT_EXPECT_EQ_MSG(test, iov_iter_count(&iter), (size_t)0, "%s", name);
	KUNIT_EXPECT_TRUE_MSG(test, data_as_it_should_be(i, page_address(page),
							 seg, nr), "%s", name);

	memset(flat, DATA_BLANK, bytes);
	iov_iter_bvec(&iter, WRITE, seg, nr, bytes);
	iter.iov_offset = layouts[i].skip;
	for (k = 0; k < bytes; k += sector)
		oc_data_get(&iter, flat + k, sector);
	KUNIT_EXPECT_EQ_MSG(test, iov_iter_count(&iter), (size_t)0, "%s", name);
	for (k = 0; k < bytes && flat[k] == data_pattern(k); k++)
		;
	KUNIT_EXPECT_EQ_MSG(test, k, bytes, "%s", name);
}

static void data_goes_where_the_segments_are(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, DATA_ORDER);
	u8 *flat = kunit_kzalloc(test, DATA_SIZE, GFP_KERNEL);
	u32 i;

	if (!page || !flat) {
		KUNIT_FAIL(test, "no memory");
		goto out;
	}
	for (i = 0; i < ARRAY_SIZE(layouts); i++)
		data_layout(test, i, page, flat);
out:
	if (page)
		__free_pages(page, DATA_ORDER);
}

#ifndef OC_DEBUG
/*
 * A host that gives less than it should gets that much, and nothing else changes.
 * Debug builds warn of it.
 */
static void data_stops_at_the_end(struct kunit *test)
{
	u8 *buf = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	struct page *page = alloc_page(GFP_KERNEL);
	struct bio_vec seg = { .bv_page = page, .bv_len = 4096 };
	struct iov_iter iter;

	if (!page || !buf) {
		KUNIT_FAIL(test, "no memory");
		goto out;
	}
	memset(page_address(page), DATA_BLANK, PAGE_SIZE);
	/* The bio ends before its segment does */
	iov_iter_bvec(&iter, READ, &seg, 1, 1024);
	oc_data_put(&iter, buf, 512);
	oc_data_put(&iter, buf, 4096);
	KUNIT_EXPECT_EQ(test, iov_iter_count(&iter), (size_t)0);
	KUNIT_EXPECT_FALSE(test, memchr_inv(page_address(page), 0, 1024));
	KUNIT_EXPECT_FALSE(test, memchr_inv(page_address(page) + 1024,
					    DATA_BLANK, 3072));
	oc_data_put(&iter, buf, 512);
	KUNIT_EXPECT_FALSE(test, memchr_inv(page_address(page) + 1024,
					    DATA_BLANK, 3072));

	/* No segments at all */
	iov_iter_bvec(&iter, WRITE, NULL, 0, 0);
	memset(buf, DATA_BLANK, PAGE_SIZE);
	oc_data_get(&iter, buf, 512);
	KUNIT_EXPECT_FALSE(test, memchr_inv(buf, DATA_BLANK, PAGE_SIZE));
out:
	if (page)
		__free_page(page);
}
#endif

static struct kunit_case data_cases[] = {
	KUNIT_CASE(data_goes_where_the_segments_are),
#ifndef OC_DEBUG
	KUNIT_CASE(data_stops_at_the_end),
#endif
	{}
};

struct kunit_suite oc_data_suite = {
	.name = "oc_data",
	.test_cases = data_cases,
};
