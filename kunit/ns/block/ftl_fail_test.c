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

/* Geometries without end; the first is one that has got stuck */
static struct bed_shape burst_shape(u32 n, u64 *seed)
{
	struct bed_shape shape = { "burst", 2, 96, 48, 2, 6, 70, "greedy" };
	u32 r;

	if (!n)
		return shape;
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	r = *seed >> 32;
	shape.ws_min = 1U << r % 3;
	shape.ws_opt = shape.ws_min * (1 + (r >> 2) % 3);
	shape.clba = shape.ws_opt * (2 + (r >> 4) % 6);
	shape.num_pu = 1 + (r >> 7) % 5;
	shape.num_chk = (10 + (r >> 10) % 100) / shape.num_pu + 1;
	shape.op = 3 + (r >> 17) % 78;
	shape.gc = (r >> 24) % 3 ? "greedy" : "cost-benefit";
	return shape;
}

/* One write. False if it fails and still fits, after all that has failed */
static bool burst_write(struct bed *bed, u32 lba)
{
	return bed_write(bed, lba) || !bed_fits(bed, lba, 1);
}

/* Fail, write on, and let it be over. NULL, or what is wrong then */
static const char *burst_round(struct bed *bed)
{
	u32 nr = bed->ftl.nr_lba, n, lba, all = 0;

	for (n = bed_random(bed, 2 * nr); n; n--)
		if (!burst_write(bed, bed_random(bed, nr)))
			return "a write fails before the failures";

	bed->burst = 1 + bed_random(bed, 20);
	bed->ops = 1 + bed_random(bed, BIT(BED_OPS) - 1);
	bed->gap = 1U << bed_random(bed, 4);
	for (n = 0; n < 2 * nr && bed->burst; n++)
		if (!burst_write(bed, bed_random(bed, nr)))
			return "a write fails among the failures";
	bed->burst = 0;

	lba = bed_random(bed, nr);
	if (!burst_write(bed, lba))
		return "the write after the last failure";
	/* If it does not fit, deallocation cures it */
	for (n = lba; !bed_fits(bed, lba, 1) && all < nr; n++, all++)
		bed_set(bed, n % nr, OC_FTL_NONE, 0);
	if (all < nr && !bed_write(bed, lba))
		return "the write after deallocation";
	return NULL;
}

/*
 * Programs and erases fail, up to twenty in a row, of the host and of the
 * collector: as long as its data fit, the FTL gets out by itself.
 */
static void ftl_gets_out_after_bursts(struct kunit *test)
{
	u32 shapes = (IS_ENABLED(CONFIG_KASAN) ? 20 : 100) * oc_effort;
	u32 i, n, lba, made = 0;
	u64 seed = 20261130, rewrites = 0;

	for (i = 0; i < shapes; i++) {
		struct bed_shape shape = burst_shape(i, &seed);
		struct bed *bed = bed_alloc(test, &shape);
		const char *what = NULL;

		KUNIT_ASSERT_TRUE(test, bed);
		bed->seed += i;
		if (bed_start(bed, &shape)) {
			/* Too little is left over */
			bed_free(bed);
			continue;
		}
		made++;
		for (lba = 0; lba < bed->ftl.nr_lba; lba++)
			bed_write(bed, lba);
		for (n = 0; n < 8 && !what; n++) {
			what = burst_round(bed);
			if (!bed_check(bed, "burst", n) ||
			    bed->ftl.good <= OC_FTL_SPARE)
				break;
		}
		if (what)
			KUNIT_FAIL(test, "%u, %ux%ux%u, %u %%, round %u: %s, good %u, free %u",
				   i, shape.num_pu, shape.num_chk, shape.clba,
				   shape.op, n, what, bed->ftl.good,
				   bed->ftl.nr_free);
		rewrites += bed->ftl.count.rewrites;
		bed_free(bed);
		cond_resched();
	}
	KUNIT_EXPECT_GT(test, made, shapes / 2);
	/* Some did not have a chunk left to move to */
	KUNIT_EXPECT_GT(test, rewrites, (u64)shapes);
}

/* Let the collector have a free chunk open. False if there is none */
static bool hand_to_gc(struct bed *bed, u32 i)
{
	struct oc_ftl *ftl = &bed->ftl;
	u32 pu, chk;

	for (pu = 0; pu < bed->geo.num_pu && !ftl->free[pu].nr; pu++)
		;
	if (pu == bed->geo.num_pu)
		return false;
	chk = ftl->free[pu].head;
	ftl->free[pu].head = ftl->chk[chk].next;
	if (!--ftl->free[pu].nr)
		ftl->free[pu].tail = OC_FTL_NO_CHUNK;
	ftl->nr_free--;
	ftl->chk[chk].role = OC_FTL_OPEN;
	ftl->gc.slot[i] = (struct oc_ftl_slot) { .chk = chk };
	ftl->gc.nr++;
	ftl->gc.left += bed->geo.clba;
	return true;
}

/*
 * All that is closed is full of data, what is free is the reserve, and the rest
 * is what the collector has open: it hands a chunk over.
 */
static void ftl_collector_hands_over(struct kunit *test)
{
	/* A stripe is a chunk */
	static const struct bed_shape shape = {
		"hand over", 4, 16, 8, 4, 8, 80, "greedy",
	};
	struct bed *bed = bed_make(test, &shape);
	u32 lba, i, chk;
	struct oc_ftl *ftl;

	if (!bed)
		return;
	ftl = &bed->ftl;
	KUNIT_ASSERT_GE(test, ftl->slots, 3U);
	for (lba = 0; lba < 100 || ftl->host.nr; lba++)
		KUNIT_ASSERT_TRUE(test, bed_write(bed, lba));
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_TRUE(test, hand_to_gc(bed, i));
	/* All but the reserve fails */
	for (chk = 0; chk < bed->geo.chks; chk++) {
		if (ftl->chk[chk].role != OC_FTL_FREE || ftl->nr_free <= 2)
			continue;
		ftl->chk[chk].role = OC_FTL_GONE;
		oc_chunk_offline(&bed->chunks[chk], &bed->stat);
		ftl->good--;
		ftl->nr_free--;
	}
	for (i = 0; i < bed->geo.num_pu; i++)
		ftl->free[i] = (struct oc_ftl_list) {
			.head = OC_FTL_NO_CHUNK, .tail = OC_FTL_NO_CHUNK,
		};
	ftl->nr_free = 0;
	for (chk = 0; chk < bed->geo.chks; chk++)
		if (ftl->chk[chk].role == OC_FTL_FREE)
			oc_ftl_add_free(ftl, chk);
	KUNIT_EXPECT_EQ(test, ftl->nr_free, 2U);
	KUNIT_EXPECT_EQ(test, (u64)ftl->good, (ftl->valid + 1) / 8 + 5);
	bed_check(bed, shape.name, 0);

	KUNIT_EXPECT_TRUE(test, bed_write(bed, 0));
	KUNIT_EXPECT_EQ(test, ftl->gc.nr, 2U);
	KUNIT_EXPECT_EQ(test, ftl->host.nr, 1U);
	bed_check(bed, shape.name, 1);
	for (i = 0; i < 1000; i++)
		if (!bed_write(bed, bed_random(bed, lba)))
			break;
	KUNIT_EXPECT_EQ(test, i, 1000U);
	bed_check(bed, shape.name, i);
	bed_free(bed);
}

static struct kunit_case oc_ftl_fail_cases[] = {
	KUNIT_CASE(ftl_survives_failures),
	KUNIT_CASE(ftl_full_until_deallocated),
	KUNIT_CASE(ftl_gives_up_a_victim),
	KUNIT_CASE(ftl_gets_out_after_bursts),
	KUNIT_CASE(ftl_collector_hands_over),
	{}
};

struct kunit_suite oc_ftl_fail_suite = {
	.name = "oc_ftl_fail",
	.test_cases = oc_ftl_fail_cases,
};
