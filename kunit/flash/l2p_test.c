// SPDX-License-Identifier: GPL-2.0
/*
 * l2p_test.c - the table of a channel
 *
 * Indices out of bounds are left alone here: they are a fault of the caller,
 * and the WARN they raise would fail the run.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/mm.h>

#include "oc.h"
#include "oc_test.h"

#define ENTRIES		5000U	/* more than a page of them */

static int l2p_test_init(struct kunit *test)
{
	struct oc_l2p *l2p = kunit_kzalloc(test, sizeof(*l2p), GFP_KERNEL);

	if (!l2p)
		return -ENOMEM;
	test->priv = l2p;
	return oc_l2p_init(l2p, ENTRIES);
}

static void l2p_test_exit(struct kunit *test)
{
	struct oc_l2p *l2p = test->priv;

	if (l2p)
		oc_l2p_exit(l2p);
}

static void l2p_starts_empty(struct kunit *test)
{
	struct oc_l2p *l2p = test->priv;
	u32 i, full = 0;

	for (i = 0; i < ENTRIES; i++)
		full += oc_l2p_get(l2p, i) != 0;
	KUNIT_EXPECT_EQ(test, full, 0U);
	KUNIT_EXPECT_EQ(test, l2p->nr, ENTRIES);
	KUNIT_EXPECT_EQ(test, l2p->used, 0U);
}

static void l2p_returns_what_was_set(struct kunit *test)
{
	struct oc_l2p *l2p = test->priv;
	u32 i, wrong = 0;

	for (i = 0; i < ENTRIES; i++)
		oc_l2p_set(l2p, i, ~i);
	for (i = 0; i < ENTRIES; i++)
		wrong += oc_l2p_get(l2p, i) != ~i;
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_EQ(test, l2p->used, ENTRIES);
}

static void l2p_keeps_neighbours_apart(struct kunit *test)
{
	struct oc_l2p *l2p = test->priv;
	static const u32 index[] = { 0, 1, 1023, 1024, ENTRIES - 1 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(index); i++)
		oc_l2p_set(l2p, index[i], i + 1);
	for (i = 0; i < ARRAY_SIZE(index); i++)
		KUNIT_EXPECT_EQ(test, oc_l2p_get(l2p, index[i]), i + 1);
	KUNIT_EXPECT_EQ(test, oc_l2p_get(l2p, 2), 0U);
	KUNIT_EXPECT_EQ(test, oc_l2p_get(l2p, 1022), 0U);
	KUNIT_EXPECT_EQ(test, oc_l2p_get(l2p, 1025), 0U);
	KUNIT_EXPECT_EQ(test, oc_l2p_get(l2p, ENTRIES - 2), 0U);
	KUNIT_EXPECT_EQ(test, l2p->used, 5U);
}

static void l2p_holds_every_value_but_none(struct kunit *test)
{
	struct oc_l2p *l2p = test->priv;

	oc_l2p_set(l2p, 0, 1);
	oc_l2p_set(l2p, 1, 0x80000000U);
	oc_l2p_set(l2p, 2, U32_MAX);
	KUNIT_EXPECT_EQ(test, oc_l2p_get(l2p, 0), 1U);
	KUNIT_EXPECT_EQ(test, oc_l2p_get(l2p, 1), 0x80000000U);
	KUNIT_EXPECT_EQ(test, oc_l2p_get(l2p, 2), U32_MAX);
}

static void l2p_counts_an_entry_once(struct kunit *test)
{
	struct oc_l2p *l2p = test->priv;

	oc_l2p_set(l2p, 7, 70);
	oc_l2p_set(l2p, 7, 71);
	KUNIT_EXPECT_EQ(test, oc_l2p_get(l2p, 7), 71U);
	KUNIT_EXPECT_EQ(test, l2p->used, 1U);
}

static void l2p_clear_gives_the_value_back(struct kunit *test)
{
	struct oc_l2p *l2p = test->priv;

	oc_l2p_set(l2p, 0, 10);
	oc_l2p_set(l2p, ENTRIES - 1, 20);
	KUNIT_EXPECT_EQ(test, oc_l2p_clear(l2p, ENTRIES - 1), 20U);
	KUNIT_EXPECT_EQ(test, l2p->used, 1U);
	KUNIT_EXPECT_EQ(test, oc_l2p_get(l2p, ENTRIES - 1), 0U);
	KUNIT_EXPECT_EQ(test, oc_l2p_get(l2p, 0), 10U);

	/* The second time there is nothing left */
	KUNIT_EXPECT_EQ(test, oc_l2p_clear(l2p, ENTRIES - 1), 0U);
	KUNIT_EXPECT_EQ(test, oc_l2p_clear(l2p, 1), 0U);
	KUNIT_EXPECT_EQ(test, l2p->used, 1U);
	KUNIT_EXPECT_EQ(test, oc_l2p_clear(l2p, 0), 10U);
	KUNIT_EXPECT_EQ(test, l2p->used, 0U);

	oc_l2p_set(l2p, 0, 30);
	KUNIT_EXPECT_EQ(test, oc_l2p_get(l2p, 0), 30U);
	KUNIT_EXPECT_EQ(test, l2p->used, 1U);
}

static void l2p_exit_can_be_repeated(struct kunit *test)
{
	struct oc_l2p *l2p = test->priv;

	oc_l2p_set(l2p, 3, 3);
	oc_l2p_exit(l2p);
	KUNIT_EXPECT_FALSE(test, l2p->map);
	KUNIT_EXPECT_EQ(test, l2p->nr, 0U);
	KUNIT_EXPECT_EQ(test, l2p->used, 0U);
	oc_l2p_exit(l2p);

	KUNIT_ASSERT_EQ(test, oc_l2p_init(l2p, 1), 0);
	KUNIT_EXPECT_EQ(test, l2p->nr, 1U);
	KUNIT_EXPECT_EQ(test, oc_l2p_get(l2p, 0), 0U);
}

static void l2p_too_large_is_no_memory(struct kunit *test)
{
	struct oc_l2p big = {};
	u64 ram = (u64)totalram_pages() << PAGE_SHIFT;

	/* A machine that has the 16 GiB would fill them with zeroes */
	if (ram >= 4ULL * U32_MAX)
		return;
	KUNIT_EXPECT_EQ(test, oc_l2p_init(&big, U32_MAX), -ENOMEM);
	KUNIT_EXPECT_FALSE(test, big.map);
	oc_l2p_exit(&big);
}

static struct kunit_case l2p_cases[] = {
	KUNIT_CASE(l2p_starts_empty),
	KUNIT_CASE(l2p_returns_what_was_set),
	KUNIT_CASE(l2p_keeps_neighbours_apart),
	KUNIT_CASE(l2p_holds_every_value_but_none),
	KUNIT_CASE(l2p_counts_an_entry_once),
	KUNIT_CASE(l2p_clear_gives_the_value_back),
	KUNIT_CASE(l2p_exit_can_be_repeated),
	KUNIT_CASE(l2p_too_large_is_no_memory),
	{}
};

struct kunit_suite oc_l2p_suite = {
	.name = "oc_l2p",
	.init = l2p_test_init,
	.exit = l2p_test_exit,
	.test_cases = l2p_cases,
};
