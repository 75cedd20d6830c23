// SPDX-License-Identifier: GPL-2.0
/*
 * bits_test.c - sets of numbers, beside plain bitmaps
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "oc_bits.h"
#include "oc_test.h"

/* Is a set what the bitmap beside it says? */
static bool bits_agree(const struct oc_bits *bits, const unsigned long *map)
{
	u32 i, at = 0;

	oc_bits_for_each(bits, i) {
		at = find_next_bit(map, bits->limit, at);
		if (at++ != i || !oc_bits_has(bits, i))
			return false;
	}
	return find_next_bit(map, bits->limit, at) >= bits->limit &&
		bitmap_weight(map, bits->limit) == bits->nr;
}

static void bits_are_those_that_were_put_in(struct kunit *test)
{
	static const u32 limits[] = { 1, 63, 64, 65, 4095, 4096, 4097, 70000 };
	u32 i, k, n, limit, wrong = 0;
	struct rnd_state rnd;
	struct oc_bits bits;
	unsigned long *map;

	prandom_seed_state(&rnd, 7);
	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		limit = limits[i];
		map = kunit_kzalloc(test, BITS_TO_LONGS(limit) * sizeof(*map),
				    GFP_KERNEL);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, map);
		KUNIT_ASSERT_EQ(test, oc_bits_init(&bits, limit), 0);
		wrong += !bits_agree(&bits, map);
		for (k = 0; k < 60; k++) {
			for (n = prandom_u32_state(&rnd) % 9; n; n--) {
				u32 at = prandom_u32_state(&rnd) % limit;

				if (prandom_u32_state(&rnd) % 3) {
					oc_bits_add(&bits, at);
					__set_bit(at, map);
				} else {
					oc_bits_del(&bits, at);
					__clear_bit(at, map);
				}
			}
			wrong += !bits_agree(&bits, map);
		}
		oc_bits_clear_all(&bits);
		bitmap_zero(map, limit);
		wrong += !bits_agree(&bits, map);
		oc_bits_exit(&bits);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

/* A set may be emptied by who goes through it */
static void bits_may_go_meanwhile(struct kunit *test)
{
	struct oc_bits bits;
	u32 i, nr = 0;

	KUNIT_ASSERT_EQ(test, oc_bits_init(&bits, 1000), 0);
	for (i = 0; i < 1000; i += 7)
		oc_bits_add(&bits, i);
	oc_bits_for_each(&bits, i) {
		oc_bits_del(&bits, i);
		nr++;
	}
	KUNIT_EXPECT_EQ(test, nr, 143U);
	KUNIT_EXPECT_EQ(test, bits.nr, 0U);
	KUNIT_EXPECT_EQ(test, oc_bits_next(&bits, 0), 1000U);
	oc_bits_exit(&bits);
}

static struct kunit_case bits_cases[] = {
	KUNIT_CASE(bits_are_those_that_were_put_in),
	KUNIT_CASE(bits_may_go_meanwhile),
	{ }
};

struct kunit_suite oc_bits_suite = {
	.name = "oc_bits",
	.test_cases = bits_cases,
};
