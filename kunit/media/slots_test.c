// SPDX-License-Identifier: GPL-2.0
/*
 * slots_test.c - slots keep what a commit refers to
 */
#include <kunit/test.h>

#include "oc_slots.h"
#include "oc_test.h"

#define SLOTS	100U

static int slots_test_init(struct kunit *test)
{
	struct oc_slots *slots = kunit_kzalloc(test, sizeof(*slots), GFP_KERNEL);

	if (!slots)
		return -ENOMEM;
	test->priv = slots;
	return oc_slots_init(slots, SLOTS);
}

static void slots_test_exit(struct kunit *test)
{
	if (test->priv)
		oc_slots_exit(test->priv);
}

static void slots_are_given_once(struct kunit *test)
{
	struct oc_slots *slots = test->priv;
	DECLARE_BITMAP(had, SLOTS) = { };
	u32 i, slot, wrong = 0;

	/* At home first, then wherever there is room */
	KUNIT_EXPECT_EQ(test, oc_slots_take(slots, 50), 50U);
	KUNIT_EXPECT_EQ(test, oc_slots_take(slots, 50), 0U);
	__set_bit(50, had);
	__set_bit(0, had);
	for (i = 2; i < SLOTS; i++) {
		slot = oc_slots_take(slots, 50);
		wrong += slot >= SLOTS || __test_and_set_bit(slot, had);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_EQ(test, slots->nr_free, 0U);
	KUNIT_EXPECT_EQ(test, oc_slots_take(slots, 50), OC_SLOT_NONE);
	oc_slots_free(slots, 7);
	KUNIT_EXPECT_EQ(test, oc_slots_take(slots, 50), 7U);
}

/* Given up before a commit, or while it is made */
static void slots_wait_for_their_commit(struct kunit *test)
{
	struct oc_slots *slots = test->priv;
	u32 i;

	for (i = 0; i < SLOTS; i++)
		oc_slots_take(slots, i);
	oc_slots_leave(slots, 10);
	KUNIT_EXPECT_EQ(test, oc_slots_take(slots, 10), OC_SLOT_NONE);
	oc_slots_begin(slots);
	oc_slots_leave(slots, 20);
	KUNIT_EXPECT_EQ(test, oc_slots_take(slots, 10), OC_SLOT_NONE);
	oc_slots_end(slots);
	KUNIT_EXPECT_EQ(test, oc_slots_take(slots, 20), 10U);
	KUNIT_EXPECT_EQ(test, oc_slots_take(slots, 20), OC_SLOT_NONE);
	oc_slots_begin(slots);
	oc_slots_end(slots);
	KUNIT_EXPECT_EQ(test, oc_slots_take(slots, 20), 20U);
}

/* One that never came to its end has freed nothing, nor has what came behind it */
static void slots_after_a_commit_that_failed(struct kunit *test)
{
	struct oc_slots *slots = test->priv;
	u32 i;

	for (i = 0; i < SLOTS; i++)
		oc_slots_take(slots, i);
	oc_slots_leave(slots, 1);
	oc_slots_begin(slots);
	oc_slots_leave(slots, 2);
	oc_slots_begin(slots);
	oc_slots_end(slots);
	KUNIT_EXPECT_EQ(test, slots->nr_free, 1U);
	oc_slots_begin(slots);
	oc_slots_end(slots);
	KUNIT_EXPECT_EQ(test, slots->nr_free, 2U);
}

static void slots_of_an_image(struct kunit *test)
{
	struct oc_slots *slots = test->priv;

	KUNIT_EXPECT_TRUE(test, oc_slots_claim(slots, 3));
	KUNIT_EXPECT_FALSE(test, oc_slots_claim(slots, 3));
	KUNIT_EXPECT_FALSE(test, oc_slots_claim(slots, SLOTS));
	KUNIT_EXPECT_FALSE(test, oc_slots_claim(slots, OC_SLOT_NONE));
	KUNIT_EXPECT_EQ(test, slots->nr_free, SLOTS - 1);
}

static struct kunit_case slots_cases[] = {
	KUNIT_CASE(slots_are_given_once),
	KUNIT_CASE(slots_wait_for_their_commit),
	KUNIT_CASE(slots_after_a_commit_that_failed),
	KUNIT_CASE(slots_of_an_image),
	{ }
};

struct kunit_suite oc_slots_suite = {
	.name = "oc_slots",
	.init = slots_test_init,
	.exit = slots_test_exit,
	.test_cases = slots_cases,
};
