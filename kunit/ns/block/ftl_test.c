// SPDX-License-Identifier: GPL-2.0
/*
 * ftl_test.c - an FTL whose flash does not fail
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "ftl_bed.h"

/* Everything is checked after every step */
static void ftl_is_true_after_every_step(struct kunit *test)
{
	u32 steps = IS_ENABLED(CONFIG_KASAN) ? 1000 : 5000, i, n, lba;

	for (i = 0; i < BED_SHAPES; i++) {
		struct bed *bed = bed_make(test, &bed_shapes[i]);

		if (!bed)
			return;
		/* Full first, so that everything that follows collects */
		for (lba = 0; lba < bed->ftl.nr_lba; lba++)
			KUNIT_EXPECT_TRUE(test, bed_write(bed, lba));
		for (n = 0; n < steps; n++)
			if (!bed_step(bed) ||
			    !bed_check(bed, bed_shapes[i].name, n))
				break;
		KUNIT_EXPECT_EQ_MSG(test, n, steps, "%s", bed_shapes[i].name);
		/* Where there is anything that goes together */
		KUNIT_EXPECT_EQ_MSG(test, bed->runs > 0,
				    bed_shapes[i].ws_opt > 1, "%s",
				    bed_shapes[i].name);
		KUNIT_EXPECT_GT_MSG(test, bed->ftl.count.erases, 0ULL, "%s",
				    bed_shapes[i].name);
		KUNIT_EXPECT_EQ_MSG(test, bed->ftl.count.failed, 0ULL, "%s",
				    bed_shapes[i].name);
		bed_free(bed);
		cond_resched();
	}
}

/* What each step touches is checked then, everything now and then */
static void ftl_ten_million_steps(struct kunit *test)
{
	static const struct bed_shape shape = {
		"ten million", 4, 16, 64, 4, 8, 50, "greedy",
	};
	u32 steps = IS_ENABLED(CONFIG_KASAN) ? 500000 : 10000000, n;
	struct bed *bed = bed_make(test, &shape);

	if (!bed)
		return;
	for (n = 0; n < steps; n++) {
		if (!bed_step(bed) || bed->wrong)
			break;
		if (n % 65536 == 0) {
			if (!bed_check(bed, shape.name, n))
				break;
			cond_resched();
		}
	}
	KUNIT_EXPECT_EQ(test, n, steps);
	bed_check(bed, shape.name, n);
	kunit_info(test, "%u steps: %llu sectors written, %llu moved, %llu chunks erased\n",
		   n, bed->ftl.count.host, bed->ftl.count.moves,
		   bed->ftl.count.erases);
	bed_free(bed);
}

/* Garbage may be far from where it is looked for next */
static void ftl_finds_garbage_far_away(struct kunit *test)
{
	static const struct bed_shape shape = {
		"far", 1, 65536, 2, 1, 1, 11, "greedy",
	};
	struct bed *bed = bed_make(test, &shape);
	u32 lba, n;

	if (!bed)
		return;
	for (lba = 0; lba < bed->ftl.nr_lba; lba++)
		bed_write(bed, lba);
	/* The first 12988 find room without */
	for (n = 0; n < 14000; n++) {
		if (!bed_write(bed, n % 64))
			break;
		cond_resched();
	}
	KUNIT_EXPECT_EQ(test, n, 14000U);
	KUNIT_EXPECT_GT(test, bed->ftl.count.erases, 0ULL);
	bed_check(bed, shape.name, n);
	bed_free(bed);
}

/*
 * Reset in the middle of everything, failures included, with its chunks reset
 * or as they are: nothing is mapped, nothing that failed comes back, and it goes
 * on as a new one would.
 */
static void ftl_resets(struct kunit *test)
{
	u32 i, n, round, chk;

	for (i = 0; i < BED_SHAPES; i++) {
		struct bed *bed = bed_make(test, &bed_shapes[i]);
		u32 lost, good;
		u64 host;

		if (!bed)
			return;
		for (round = 0; round < 6; round++) {
			/* Failures in one round of three, of which few survive */
			bed->fail = round % 3 == 1 ? 300 : 0;
			for (n = 0; n < 2000 && bed_step(bed); n++)
				;
			bed->fail = 0;
			host = bed->ftl.count.host;
			good = bed->ftl.good;
			if (round % 2)
				for (chk = 0; chk < bed->geo.chks; chk++)
					oc_chunk_format(&bed->chunks[chk],
							&bed->stat);
			oc_ftl_reset(&bed->ftl);
			memset(bed->flash, 0, bed->geo.secs * sizeof(u32));
			memset(bed->model, 0, bed->geo.secs * sizeof(u32));
			lost = bed->stat.nr[OC_CHK_OFFLINE];
			KUNIT_EXPECT_EQ(test, bed->ftl.good, good);
			KUNIT_EXPECT_EQ(test, bed->ftl.good + lost,
					bed->geo.chks);
			KUNIT_EXPECT_EQ(test, bed->ftl.l2p.used, 0U);
			KUNIT_EXPECT_EQ(test, bed->ftl.count.host, host);
			if (round % 2)
				KUNIT_EXPECT_EQ(test, bed->ftl.nr_free, good);
			if (!bed_check(bed, bed_shapes[i].name, round))
				break;
		}
		bed_free(bed);
		cond_resched();
	}
}

/* exp(-x), both in units of 2^-32 */
static u64 exp_minus(u64 x)
{
	u64 y = x >> 10, e = (1ULL << 32) - y + ((y * y) >> 33);
	u32 i;

	for (i = 0; i < 10; i++)
		e = e * e >> 32;
	return e;
}

/*
 * Write amplification of uniform random writes, times 1000: a chunk is collected
 * when v of it is valid, v = exp(-(1 - v) * (1 + OP)), and A = 1 / (1 - v).
 */
static u32 formula(u32 op)
{
	u64 one = 1ULL << 32, v = 0;
	u32 i;

	for (i = 0; i < 1000; i++)
		v = exp_minus(div_u64((one - v) * (100 + op), 100));
	return div64_u64(one * 1000, one - v);
}

static void ftl_write_amplification(struct kunit *test)
{
	static const u32 ops[] = { 7, 11, 20, 28, 50, 80 };
	u32 i;

	kunit_info(test, "  OP %%  formula  measured\n");
	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		struct bed_shape shape = {
			"uniform", 1, 512, 64, 4, 8, ops[i], "greedy",
		};
		u32 want = formula(ops[i]), got, n, warm;
		struct bed *bed = bed_make(test, &shape);
		u64 host, programs;

		if (!bed)
			return;
		for (n = 0; n < bed->ftl.nr_lba; n++)
			bed_write(bed, n);
		warm = bed->ftl.nr_lba * 2;
		for (n = 0; n < warm; n++)
			bed_write(bed, bed_random(bed, bed->ftl.nr_lba));
		host = bed->ftl.count.host;
		programs = bed->ftl.count.programs;
		for (n = 0; n < warm; n++)
			bed_write(bed, bed_random(bed, bed->ftl.nr_lba));
		got = div64_u64((bed->ftl.count.programs - programs) * 1000,
				bed->ftl.count.host - host);
		kunit_info(test, "%6u  %3u.%03u  %4u.%03u\n", ops[i],
			   want / 1000, want % 1000, got / 1000, got % 1000);
		KUNIT_EXPECT_GT_MSG(test, got, want * 9 / 10, "OP %u", ops[i]);
		KUNIT_EXPECT_LT_MSG(test, got, want * 11 / 10, "OP %u",
				    ops[i]);
		KUNIT_EXPECT_EQ(test, bed->ftl.count.stalls, 0ULL);
		bed_free(bed);
		cond_resched();
	}
}

/*
 * A write waits for no more moves than keep the balance. A victim is never
 * fuller than the mean of all closed chunks, so that is known.
 */
static void ftl_write_waits_no_longer(struct kunit *test)
{
	static const struct bed_shape waits[] = {
		{ "11 %", 4, 64, 64, 4, 8, 11, "greedy" },
		{ "28 %", 8, 32, 32, 4, 8, 28, "greedy" },
		{ "80 %", 2, 32, 64, 4, 8, 80, "greedy" },
	};
	u32 i, n, closed, full, bound;

	for (i = 0; i < ARRAY_SIZE(waits); i++) {
		struct bed *bed = bed_make(test, &waits[i]);
		struct oc_ftl *ftl;

		if (!bed)
			return;
		ftl = &bed->ftl;
		for (n = 0; n < 100000; n++)
			if (!bed_write_some(bed, bed_random(bed, ftl->nr_lba -
							    BED_RUN),
					    1 + n % BED_RUN))
				break;
		KUNIT_EXPECT_EQ(test, n, 100000U);

		closed = bed->geo.chks - OC_FTL_RESERVE - 3 * ftl->slots - 2;
		full = ftl->nr_lba / closed;
		bound = max(8U, full / (bed->geo.clba - full) + 1);
		KUNIT_EXPECT_LE_MSG(test, ftl->count.worst, bound, "%s",
				    waits[i].name);
		KUNIT_EXPECT_EQ_MSG(test, ftl->count.stalls, 0ULL, "%s",
				    waits[i].name);
		bed_free(bed);
		cond_resched();
	}
}

/* One sector in sixteen takes all writes: the others' chunks must wear as well */
static void ftl_levels_wear(struct kunit *test)
{
	static const struct bed_shape shape = {
		"wear", 2, 32, 16, 4, 8, 28, "greedy",
	};
	struct bed *bed = bed_make(test, &shape);
	u32 n, chk, least = U32_MAX, most = 0;

	if (!bed)
		return;
	for (n = 0; n < bed->ftl.nr_lba; n++)
		bed_write(bed, n);
	for (n = 0; n < 200000; n++)
		bed_write(bed, bed_random(bed, bed->ftl.nr_lba / 16));
	bed_check(bed, shape.name, n);
	for (chk = 0; chk < bed->geo.chks; chk++) {
		least = min(least, bed->chunks[chk].resets);
		most = max(most, bed->chunks[chk].resets);
	}
	kunit_info(test, "chunks have seen %u to %u resets\n", least, most);
	KUNIT_EXPECT_GT(test, bed->ftl.count.levels, 0ULL);
	KUNIT_EXPECT_LE(test, most - least, 64U);
	bed_free(bed);
}

/* Values that take no flash take none, and give back what was there */
static void ftl_values_take_no_flash(struct kunit *test)
{
	static const struct bed_shape shape = {
		"values", 1, 16, 8, 1, 1, 80, "greedy",
	};
	struct bed *bed = bed_make(test, &shape);
	u32 n;

	if (!bed)
		return;
	for (n = 0; n < bed->ftl.nr_lba; n++)
		bed_write(bed, n);
	KUNIT_EXPECT_EQ(test, bed->ftl.valid, (u64)bed->ftl.nr_lba);
	for (n = 0; n < bed->ftl.nr_lba; n++)
		bed_set(bed, n, n % 2 ? OC_FTL_ZERO : OC_FTL_BAD,
			n % 2 ? BED_ZERO : BED_BAD);
	KUNIT_EXPECT_EQ(test, bed->ftl.valid, 0ULL);
	KUNIT_EXPECT_EQ(test, bed->ftl.l2p.used, bed->ftl.nr_lba);
	for (n = 0; n < bed->geo.secs; n++)
		KUNIT_EXPECT_EQ(test, bed->flash[n], 0U);
	bed_check(bed, shape.name, n);
	for (n = 0; n < bed->ftl.nr_lba; n++)
		bed_set(bed, n, OC_FTL_NONE, 0);
	KUNIT_EXPECT_EQ(test, bed->ftl.l2p.used, 0U);
	bed_check(bed, shape.name, n);
	bed_free(bed);
}

/* Chunks that were written, opened or lost before the FTL came */
static void ftl_adopts_chunks(struct kunit *test)
{
	static const struct bed_shape shape = {
		"adopted", 2, 16, 8, 2, 4, 80, "greedy",
	};
	struct bed *bed = bed_alloc(test, &shape);
	u32 n;

	/* Whatever mccap says: that is for hosts */
	KUNIT_ASSERT_TRUE(test, bed);
	bed->geo.mccap = 0;
	oc_chunk_offline(&bed->chunks[3], &bed->stat);
	oc_chunk_commit_write(&bed->geo, &bed->chunks[4], &bed->stat, 8);
	oc_chunk_commit_write(&bed->geo, &bed->chunks[17], &bed->stat, 2);
	KUNIT_EXPECT_EQ(test, bed_start(bed, &shape), 0);
	KUNIT_EXPECT_EQ(test, bed->ftl.good, 31U);
	KUNIT_EXPECT_EQ(test, bed->ftl.nr_free, 29U);
	bed_check(bed, shape.name, 0);
	for (n = 0; n < 2000; n++)
		if (!bed_write(bed, bed_random(bed, bed->ftl.nr_lba)))
			break;
	KUNIT_EXPECT_EQ(test, n, 2000U);
	KUNIT_EXPECT_EQ(test, bed->stat.nr[OC_CHK_OFFLINE], 1U);
	KUNIT_EXPECT_GT(test, bed->chunks[4].resets, 0U);
	KUNIT_EXPECT_GT(test, bed->chunks[17].resets, 0U);
	bed_check(bed, shape.name, n);
	bed_free(bed);
}

static const struct {
	struct bed_shape shape;
	int ret;
} sizes[] = {
	{ { "5 left over", 1, 12, 8, 1, 1, 80, "greedy" }, 0 },
	{ { "4 left over", 1, 10, 8, 1, 1, 80, "greedy" }, -ENOSPC },
	{ { "chunks of one sector", 4, 64, 1, 1, 1, 80, "greedy" }, -ENOSPC },
	{ { "3 % of 172", 2, 86, 8, 2, 4, 3, "greedy" }, 0 },
	{ { "3 % of 136", 2, 68, 8, 2, 4, 3, "greedy" }, -ENOSPC },
};

static void ftl_refuses_too_few_chunks(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct bed *bed = bed_alloc(test, &sizes[i].shape);

		KUNIT_ASSERT_TRUE(test, bed);
		KUNIT_EXPECT_EQ_MSG(test, bed_start(bed, &sizes[i].shape),
				    sizes[i].ret, "%s", sizes[i].shape.name);
		bed_free(bed);
	}
}

static void ftl_knows_its_policies(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, oc_ftl_policy("greedy"));
	KUNIT_EXPECT_TRUE(test, oc_ftl_policy("cost-benefit"));
	KUNIT_EXPECT_FALSE(test, oc_ftl_policy(""));
	KUNIT_EXPECT_FALSE(test, oc_ftl_policy("greedy "));
}

/* The check itself finds what is wrong */
static void ftl_check_finds_faults(struct kunit *test)
{
	static const struct bed_shape shape = {
		"faults", 1, 16, 8, 2, 4, 80, "greedy",
	};
	struct bed *bed = bed_make(test, &shape);
	struct oc_ftl *ftl;
	u32 n, index;

	if (!bed)
		return;
	ftl = &bed->ftl;
	for (n = 0; n < 500; n++)
		bed_write(bed, bed_random(bed, ftl->nr_lba));
	KUNIT_EXPECT_FALSE(test, oc_ftl_check(ftl));

	for (n = 0; !oc_ftl_on_flash(oc_l2p_get(&ftl->l2p, n)); n++)
		;
	index = oc_l2p_get(&ftl->l2p, n);
	ftl->p2l[index]++;
	KUNIT_EXPECT_TRUE(test, oc_ftl_check(ftl));
	ftl->p2l[index]--;
	ftl->chk[index / 8].valid++;
	KUNIT_EXPECT_TRUE(test, oc_ftl_check(ftl));
	ftl->chk[index / 8].valid--;
	ftl->nr_free++;
	KUNIT_EXPECT_TRUE(test, oc_ftl_check(ftl));
	ftl->nr_free--;
	ftl->valid++;
	KUNIT_EXPECT_TRUE(test, oc_ftl_check(ftl));
	ftl->valid--;
	ftl->free[0].nr--;
	KUNIT_EXPECT_TRUE(test, oc_ftl_check(ftl));
	ftl->free[0].nr++;
	ftl->host.left++;
	KUNIT_EXPECT_TRUE(test, oc_ftl_check(ftl));
	ftl->host.left--;
	KUNIT_EXPECT_FALSE(test, oc_ftl_check(ftl));
	bed_free(bed);
}

static struct kunit_case oc_ftl_cases[] = {
	KUNIT_CASE(ftl_knows_its_policies),
	KUNIT_CASE(ftl_refuses_too_few_chunks),
	KUNIT_CASE(ftl_values_take_no_flash),
	KUNIT_CASE(ftl_adopts_chunks),
	KUNIT_CASE(ftl_check_finds_faults),
	KUNIT_CASE(ftl_is_true_after_every_step),
	KUNIT_CASE(ftl_finds_garbage_far_away),
	KUNIT_CASE(ftl_resets),
	KUNIT_CASE(ftl_write_amplification),
	KUNIT_CASE(ftl_write_waits_no_longer),
	KUNIT_CASE(ftl_levels_wear),
	KUNIT_CASE(ftl_ten_million_steps),
	{}
};

struct kunit_suite oc_ftl_suite = {
	.name = "oc_ftl",
	.test_cases = oc_ftl_cases,
};
