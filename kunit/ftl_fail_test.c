// SPDX-License-Identifier: GPL-2.0
/*
 * ftl_fail_test.c - an FTL whose flash fails
 */
#include <linux/kernel.h>
#include <linux/sched.h>

#include "ftl_bed.h"

/*
 * Flash fails, often and everywhere: nothing that was written is lost, failed
 * chunks go offline, and when too many have, writes are refused and reads and
 * deallocations go on.
 */
static void ftl_survives_failures(struct kunit *test)
{
	static const u32 rates[] = { 20, 200, 2000 };
	u32 i, k, n;

	for (i = 0; i < BED_SHAPES; i++) {
		for (k = 0; k < ARRAY_SIZE(rates); k++) {
			struct bed *bed = bed_make(test, &bed_shapes[i]);
			u32 refused = 0;

			if (!bed)
				return;
			bed->fail = rates[k];
			for (n = 0; n < 20000 && refused < 20; n++) {
				refused += !bed_step(bed);
				if (n % 64 == 0 &&
				    !bed_check(bed, bed_shapes[i].name, n))
					break;
			}
			bed_check(bed, bed_shapes[i].name, n);
			KUNIT_EXPECT_TRUE_MSG(test,
					      refused == 20 || n == 20000,
					      "%s", bed_shapes[i].name);
			if (rates[k] == 20)
				KUNIT_EXPECT_EQ_MSG(test, refused, 20U, "%s",
						    bed_shapes[i].name);
			KUNIT_EXPECT_LE_MSG(test,
					    bed->stat.nr[OC_CHK_OFFLINE],
					    (u32)bed->ftl.count.failed, "%s",
					    bed_shapes[i].name);
			bed_free(bed);
			cond_resched();
		}
	}
}

/* Room is refused when chunks have failed, and there again after deallocation */
static void ftl_full_until_deallocated(struct kunit *test)
{
	static const struct bed_shape shape = {
		"full", 2, 16, 16, 4, 8, 50, "greedy",
	};
	struct bed *bed = bed_make(test, &shape);
	u32 lba, n;

	if (!bed)
		return;
	for (lba = 0; lba < bed->ftl.nr_lba; lba++)
		KUNIT_EXPECT_TRUE(test, bed_write(bed, lba));
	bed->fail = 4;
	for (n = 0; n < 10000 && bed_write(bed, n % 7); n++)
		;
	KUNIT_EXPECT_LT(test, n, 10000U);
	bed->fail = 0;
	KUNIT_EXPECT_FALSE(test, oc_ftl_fits(&bed->ftl, 1));
	bed_check(bed, shape.name, n);

	for (lba = 0; lba < bed->ftl.nr_lba; lba += 2)
		bed_set(bed, lba, OC_FTL_NONE, 0);
	KUNIT_EXPECT_TRUE(test, oc_ftl_fits(&bed->ftl, 1));
	for (n = 0; n < 5000; n++)
		if (!bed_write(bed, n % (bed->ftl.nr_lba / 2) | 1))
			break;
	KUNIT_EXPECT_EQ(test, n, 5000U);
	bed_check(bed, shape.name, n);
	bed_free(bed);
}

/*
 * Flash fails until no chunk is left to move to, in the middle of a victim, and
 * then works again: what can be had without moving anything is had.
 */
static void ftl_gives_up_a_victim(struct kunit *test)
{
	/* Two units, so that what is moved goes to them sector by sector */
	static const struct bed_shape shape = {
		"stuck", 2, 48, 32, 1, 1, 50, "greedy",
	};
	struct bed *bed = bed_make(test, &shape);
	struct oc_ftl *ftl;
	u32 lba, n, victim = OC_FTL_NO_CHUNK, kept = 0;

	if (!bed)
		return;
	ftl = &bed->ftl;
	for (lba = 0; lba < ftl->nr_lba; lba++)
		bed_write(bed, lba);
	for (n = 0; n < 10000; n++) {
		bed_write(bed, bed_random(bed, ftl->nr_lba));
		if (n > 3000 && ftl->victim != OC_FTL_NO_CHUNK &&
		    ftl->chk[ftl->victim].valid > 10)
			break;
	}
	bed->fail = 1;
	for (n = 0; n < 1000; n++) {
		if (ftl->victim != OC_FTL_NO_CHUNK)
			victim = ftl->victim;
		lba = bed_random(bed, ftl->nr_lba);
		if (oc_ftl_on_flash(oc_l2p_get(&ftl->l2p, lba)) &&
		    !bed_write(bed, lba))
			break;
	}
	KUNIT_EXPECT_EQ(test, ftl->nr_free, 0U);
	KUNIT_EXPECT_EQ(test, ftl->gc.left, 0ULL);
	KUNIT_EXPECT_NE(test, victim, OC_FTL_NO_CHUNK);
	bed_check(bed, shape.name, n);

	/* All goes but for what it was about to move */
	bed->fail = 0;
	for (lba = 0; lba < ftl->nr_lba; lba++) {
		u32 val = oc_l2p_get(&ftl->l2p, lba);

		if (oc_ftl_on_flash(val) && val / bed->geo.clba == victim)
			kept++;
		else
			bed_set(bed, lba, OC_FTL_NONE, 0);
	}
	KUNIT_EXPECT_GT(test, kept, 0U);
	for (n = 0; n < 1000; n++)
		if (!bed_write(bed, bed_random(bed, ftl->nr_lba / 8)))
			break;
	KUNIT_EXPECT_EQ(test, n, 1000U);
	bed_check(bed, shape.name, n);
	bed_free(bed);
}

static struct kunit_case oc_ftl_fail_cases[] = {
	KUNIT_CASE(ftl_survives_failures),
	KUNIT_CASE(ftl_full_until_deallocated),
	KUNIT_CASE(ftl_gives_up_a_victim),
	{}
};

struct kunit_suite oc_ftl_fail_suite = {
	.name = "oc_ftl_fail",
	.test_cases = oc_ftl_fail_cases,
};
