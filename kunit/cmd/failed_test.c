// SPDX-License-Identifier: GPL-2.0
/*
 * failed_test.c - which sectors of a command have failed, and with what status
 */
#include <kunit/test.h>

#include "oc_cmd.h"
#include "oc_dev.h"
#include "oc_test.h"
#include "oc_wire.h"

#define LOST	OC_ERR(NVME_SC_READ_ERROR)
#define BAD	OC_ERR(OC_SC_WRITE_FAIL)
#define ECC	OC_ERR(OC_SC_HIGH_ECC)
#define ECC_12	OC_ERR(OC_SC_HIGH_ECC_12)

static const struct {
	const char *name;
	u64 failed;
	u16 status;
	u64 more;
	u16 why;
	u64 all;
	u16 result;
} failed_rows[] = {
	{ "the first", 0, 0, 0x6, LOST, 0x6, LOST },
	{ "the last sector", 0, 0, BIT_ULL(63), LOST, BIT_ULL(63), LOST },
	{ "later", 0x2, LOST, 0xc, BAD, 0xe, LOST },
	{ "earlier", 0xc, LOST, 0x2, BAD, 0xe, BAD },
	{ "the same again", 0x2, LOST, 0x2, BAD, 0x2, LOST },
	{ "a warning", 0, 0, 0x6, ECC, 0x6, ECC },
	{ "a warning after a failure", 0x8, LOST, 0x1, ECC, 0x8, LOST },
	{ "a failure after a warning", 0x1, ECC, 0x8, LOST, 0x8, LOST },
	{ "a warning of 1.2", 0x8, LOST, 0x1, ECC_12, 0x8, LOST },
	{ "a failure after that", 0x1, ECC_12, 0x8, LOST, 0x8, LOST },
	{ "two warnings", 0x2, ECC, 0x1, ECC, 0x3, ECC },
};

static void failed_has_the_first_status(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(failed_rows); i++) {
		u64 failed = failed_rows[i].failed;
		u16 status = failed_rows[i].status;

		oc_failed_add(&failed, &status, failed_rows[i].more,
			      failed_rows[i].why);
		KUNIT_EXPECT_EQ_MSG(test, failed, failed_rows[i].all, "%s",
				    failed_rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, status, failed_rows[i].result, "%s",
				    failed_rows[i].name);
	}
}

/* Failures count once, warnings do not */
static void failed_sectors_are_counted(struct kunit *test)
{
	struct oc_dev *dev = kunit_kzalloc(test, sizeof(*dev), GFP_KERNEL);
	struct oc_channel *ch = kunit_kzalloc(test, sizeof(*ch), GFP_KERNEL);
	struct oc_part part = { .ch = ch };

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ch);
	ch->dev = dev;
	oc_part_fail(&part, 0xf0, ECC);
	KUNIT_EXPECT_EQ(test, ch->count.fails, 0ULL);
	oc_part_fail(&part, 0x30, LOST);
	KUNIT_EXPECT_EQ(test, ch->count.fails, 2ULL);
	oc_part_fail(&part, 0x70, LOST);
	KUNIT_EXPECT_EQ(test, ch->count.fails, 3ULL);
	oc_part_fail(&part, 0x1, ECC);
	KUNIT_EXPECT_EQ(test, ch->count.fails, 3ULL);
	KUNIT_EXPECT_EQ(test, part.failed, 0x70ULL);
	KUNIT_EXPECT_EQ(test, part.status, (u16)LOST);
}

static struct kunit_case failed_cases[] = {
	KUNIT_CASE(failed_has_the_first_status),
	KUNIT_CASE(failed_sectors_are_counted),
	{ }
};

struct kunit_suite oc_failed_suite = {
	.name = "oc_failed",
	.test_cases = failed_cases,
};
