// SPDX-License-Identifier: GPL-2.0
/*
 * ftl_test.c - the FTL against a model that is nothing but an array
 *
 * The model knows which write each logical sector holds; the flash knows which
 * write each physical sector holds. Flash here is strict: nothing is written
 * over what is there, moved from where nothing is, or erased while it holds
 * something. Programs and erases fail when they are told to.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "oc_ftl.h"
#include "oc_test.h"

/**
 * struct bed - an FTL, the flash under it and the model beside it
 * @test:	the case
 * @ftl:	the FTL
 * @geo:	its geometry
 * @chunks:	its chunks
 * @stat:	counts of their states
 * @flash:	the write that each physical sector holds, 0 for none
 * @model:	the write that each logical sector holds, or a value of the map
 * @writes:	writes so far
 * @runs:	of several sectors at once
 * @seed:	state of the random numbers
 * @fail:	one program or erase of so many fails; 0 for none
 * @wrong:	what flash was asked for and should not have been
 */
struct bed {
	struct kunit *test;
	struct oc_ftl ftl;
	struct oc_geo geo;
	struct oc_chunk *chunks;
	struct oc_chunk_stat stat;
	u32 *flash;
	u32 *model;
	u32 writes;
	u32 runs;
	u64 seed;
	u32 fail;
	u32 wrong;
};

/* A model's entry that is no write */
#define BED_ZERO	U32_MAX
#define BED_BAD		(U32_MAX - 1)

#define BED_RUN		12U	/* most sectors of a write */

static struct bed *to_bed(struct oc_ftl *ftl)
{
	return container_of(ftl, struct bed, ftl);
}

static u32 bed_random(struct bed *bed, u32 below)
{
	bed->seed ^= bed->seed << 13;
	bed->seed ^= bed->seed >> 7;
	bed->seed ^= bed->seed << 17;
	return (u32)(bed->seed >> 24) % below;
}

static void bed_move(struct oc_ftl *ftl, u32 from, u32 to)
{
	struct bed *bed = to_bed(ftl);

	bed->wrong += !bed->flash[from] || bed->flash[to];
	bed->flash[to] = bed->flash[from];
	bed->flash[from] = 0;
}

static void bed_drop(struct oc_ftl *ftl, u32 index)
{
	struct bed *bed = to_bed(ftl);

	bed->wrong += !bed->flash[index];
	bed->flash[index] = 0;
}

static u32 bed_program(struct oc_ftl *ftl, u32 chk, u32 sec, u32 n, bool gc)
{
	struct bed *bed = to_bed(ftl);
	u32 done;

	bed->wrong += !n || n % bed->geo.ws_min ||
		sec != bed->chunks[chk].wp || sec + n > bed->geo.clba;
	for (done = 0; done < n; done += bed->geo.ws_min)
		if (bed->fail && !bed_random(bed, bed->fail))
			break;
	return done;
}

static bool bed_erase(struct oc_ftl *ftl, u32 chk)
{
	struct bed *bed = to_bed(ftl);
	u32 i;

	for (i = 0; i < bed->geo.clba; i++)
		bed->wrong += bed->flash[chk * bed->geo.clba + i] != 0;
	return !bed->fail || bed_random(bed, bed->fail);
}

static const struct oc_ftl_ops bed_ops = {
	.move		= bed_move,
	.drop		= bed_drop,
	.program	= bed_program,
	.erase		= bed_erase,
};

/**
 * struct bed_shape - a geometry and an FTL on it
 * @name:	what is special about it
 * @num_pu:	parallel units
 * @num_chk:	chunks of each
 * @clba:	sectors of each
 * @ws_min:	sectors of a write unit
 * @ws_opt:	sectors of a stripe
 * @op:		over-provisioning, per cent
 * @gc:		policy
 */
struct bed_shape {
	const char *name;
	u32 num_pu;
	u32 num_chk;
	u32 clba;
	u32 ws_min;
	u32 ws_opt;
	u32 op;
	const char *gc;
};

static void bed_free(struct bed *bed)
{
	oc_ftl_exit(&bed->ftl);
	vfree(bed->chunks);
	vfree(bed->flash);
	vfree(bed->model);
	kfree(bed);
}

static struct bed *bed_alloc(struct kunit *test, const struct bed_shape *shape)
{
	struct bed *bed = kzalloc(sizeof(*bed), GFP_KERNEL);
	struct oc_geo *geo;

	if (!bed)
		return NULL;
	geo = &bed->geo;
	*geo = (struct oc_geo) {
		.num_grp = 1, .num_pu = shape->num_pu,
		.num_chk = shape->num_chk, .clba = shape->clba,
		.ws_min = shape->ws_min, .ws_opt = shape->ws_opt,
		.chks = shape->num_pu * shape->num_chk,
		.secs = shape->num_pu * shape->num_chk * shape->clba,
	};
	bed->test = test;
	bed->seed = 0x20261124cafeULL;
	bed->stat.nr[OC_CHK_FREE] = geo->chks;
	bed->chunks = vzalloc(geo->chks * sizeof(*bed->chunks));
	bed->flash = vzalloc(geo->secs * sizeof(u32));
	bed->model = vzalloc(geo->secs * sizeof(u32));
	if (bed->chunks && bed->flash && bed->model)
		return bed;
	bed_free(bed);
	return NULL;
}

static int bed_start(struct bed *bed, const struct bed_shape *shape)
{
	return oc_ftl_init(&bed->ftl, &bed->geo, bed->chunks, &bed->stat,
			   &bed_ops, oc_ftl_policy(shape->gc),
			   oc_ftl_capacity(&bed->geo, shape->op));
}

/* A bed that is ready, or NULL with the case failed */
static struct bed *bed_make(struct kunit *test, const struct bed_shape *shape)
{
	struct bed *bed = bed_alloc(test, shape);
	int ret = bed ? bed_start(bed, shape) : -ENOMEM;

	KUNIT_EXPECT_EQ_MSG(test, ret, 0, "%s", shape->name);
	if (!ret)
		return bed;
	if (bed)
		bed_free(bed);
	return NULL;
}

/* Write sectors from @lba on, up to @want. Returns how many; 0: there is no room */
static u32 bed_write_some(struct bed *bed, u32 lba, u32 want)
{
	struct oc_ftl *ftl = &bed->ftl;
	u32 index, i, n, more = 0;

	for (i = 0; i < want; i++)
		more += !oc_ftl_on_flash(oc_l2p_get(&ftl->l2p, lba + i));
	if (!oc_ftl_fits(ftl, more))
		return 0;
	index = oc_ftl_place(ftl, lba, want, &n);
	if (!index)
		return 0;
	bed->wrong += !n || n > want || index + n > bed->geo.secs ||
		index / bed->geo.clba != (index + n - 1) / bed->geo.clba;
	for (i = 0; i < n; i++) {
		bed->wrong += bed->flash[index + i] != 0;
		bed->flash[index + i] = ++bed->writes;
		bed->model[lba + i] = bed->writes;
	}
	oc_ftl_commit(ftl, lba, index, n);
	return n;
}

/* False if there is no room */
static bool bed_write(struct bed *bed, u32 lba)
{
	return bed_write_some(bed, lba, 1);
}

static void bed_set(struct bed *bed, u32 lba, u32 val, u32 model)
{
	oc_ftl_set(&bed->ftl, lba, val);
	bed->model[lba] = model;
}

/* Does logical sector @lba hold what the model says? */
static bool bed_right(struct bed *bed, u32 lba)
{
	u32 val = oc_l2p_get(&bed->ftl.l2p, lba);

	switch (val) {
	case OC_FTL_NONE:
		return bed->model[lba] == 0;
	case OC_FTL_ZERO:
		return bed->model[lba] == BED_ZERO;
	case OC_FTL_BAD:
		return bed->model[lba] == BED_BAD;
	default:
		return val < bed->geo.secs &&
			bed->flash[val] == bed->model[lba];
	}
}

/* All of it. False, with the case failed, if anything is wrong */
static bool bed_check(struct bed *bed, const char *name, u32 step)
{
	const char *what = oc_ftl_check(&bed->ftl);
	u32 lba;

	if (!what && bed->wrong)
		what = "flash was used wrongly";
	for (lba = 0; !what && lba < bed->ftl.nr_lba; lba++)
		if (!bed_right(bed, lba))
			what = "a logical sector holds something else";
	if (!what)
		return true;
	KUNIT_FAIL(bed->test, "%s, step %u: %s", name, step, what);
	return false;
}

/*
 * One random thing to do: mostly writes, nine of ten to a tenth of the sectors, one
 * of four of several of them. False if there was no room.
 */
static bool bed_step(struct bed *bed)
{
	u32 nr = bed->ftl.nr_lba, what = bed_random(bed, 64), lba, n = 1;

	lba = bed_random(bed, bed_random(bed, 10) ? nr / 10 + 1 : nr);
	switch (what) {
	case 0: case 1: case 2:
		bed_set(bed, lba, OC_FTL_NONE, 0);
		break;
	case 3:
		bed_set(bed, lba, OC_FTL_ZERO, BED_ZERO);
		break;
	case 4:
		bed_set(bed, lba, OC_FTL_BAD, BED_BAD);
		break;
	default:
		n = min(1 + bed_random(bed, what % 4 ? 1 : BED_RUN), nr - lba);
		n = bed_write_some(bed, lba, n);
		if (!n)
			return false;
		bed->runs += n > 1;
		break;
	}
	while (n--)
		bed->wrong += !bed_right(bed, lba + n);
	return true;
}

/* ---- cases ------------------------------------------------------------ */

static const struct bed_shape shapes[] = {
	{ "units of one", 1, 16, 8, 1, 1, 80, "greedy" },
	{ "chunks of two", 5, 20, 2, 1, 1, 30, "greedy" },
	{ "chunk is a unit", 1, 12, 64, 64, 64, 80, "greedy" },
	{ "no powers of two", 3, 9, 24, 4, 12, 50, "greedy" },
	{ "many units", 8, 32, 16, 1, 4, 11, "greedy" },
	{ "least that is left over", 2, 86, 8, 2, 4, 3, "greedy" },
	{ "cost-benefit", 4, 16, 16, 4, 8, 28, "cost-benefit" },
	{ "cost-benefit, units of one", 2, 40, 4, 1, 2, 20, "cost-benefit" },
};

/* Everything is checked after every step */
static void ftl_is_true_after_every_step(struct kunit *test)
{
	u32 steps = IS_ENABLED(CONFIG_KASAN) ? 1000 : 5000, i, n, lba;

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct bed *bed = bed_make(test, &shapes[i]);

		if (!bed)
			return;
		/* Full first, so that everything that follows collects */
		for (lba = 0; lba < bed->ftl.nr_lba; lba++)
			KUNIT_EXPECT_TRUE(test, bed_write(bed, lba));
		for (n = 0; n < steps; n++)
			if (!bed_step(bed) ||
			    !bed_check(bed, shapes[i].name, n))
				break;
		KUNIT_EXPECT_EQ_MSG(test, n, steps, "%s", shapes[i].name);
		/* Where there is anything that goes together */
		KUNIT_EXPECT_EQ_MSG(test, bed->runs > 0,
				    shapes[i].ws_opt > 1, "%s",
				    shapes[i].name);
		KUNIT_EXPECT_GT_MSG(test, bed->ftl.count.erases, 0ULL, "%s",
				    shapes[i].name);
		KUNIT_EXPECT_EQ_MSG(test, bed->ftl.count.failed, 0ULL, "%s",
				    shapes[i].name);
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

/*
 * Flash fails, often and everywhere: nothing that was written is lost, failed
 * chunks go offline, and when too many have, writes are refused and reads and
 * deallocations go on.
 */
static void ftl_survives_failures(struct kunit *test)
{
	static const u32 rates[] = { 20, 200, 2000 };
	u32 i, k, n;

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		for (k = 0; k < ARRAY_SIZE(rates); k++) {
			struct bed *bed = bed_make(test, &shapes[i]);
			u32 refused = 0;

			if (!bed)
				return;
			bed->fail = rates[k];
			for (n = 0; n < 20000 && refused < 20; n++) {
				refused += !bed_step(bed);
				if (n % 64 == 0 &&
				    !bed_check(bed, shapes[i].name, n))
					break;
			}
			bed_check(bed, shapes[i].name, n);
			KUNIT_EXPECT_TRUE_MSG(test,
					      refused == 20 || n == 20000,
					      "%s", shapes[i].name);
			if (rates[k] == 20)
				KUNIT_EXPECT_EQ_MSG(test, refused, 20U, "%s",
						    shapes[i].name);
			KUNIT_EXPECT_LE_MSG(test,
					    bed->stat.nr[OC_CHK_OFFLINE],
					    (u32)bed->ftl.count.failed, "%s",
					    shapes[i].name);
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

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct bed *bed = bed_make(test, &shapes[i]);
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
			if (!bed_check(bed, shapes[i].name, round))
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
	KUNIT_CASE(ftl_survives_failures),
	KUNIT_CASE(ftl_full_until_deallocated),
	KUNIT_CASE(ftl_gives_up_a_victim),
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
