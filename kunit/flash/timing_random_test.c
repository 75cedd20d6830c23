// SPDX-License-Identifier: GPL-2.0
/*
 * timing_random_test.c - random commands on the NAND model
 *
 * Expected times come from a reference that forgets nothing and searches everything.
 */
#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/string.h>

#include "timing_bed.h"

static u32 timing_seed;
module_param(timing_seed, uint, 0444);
MODULE_PARM_DESC(timing_seed, "repeats the random runs that printed this seed (0: another one each time)");

/* ---- against a reference ---------------------------------------------- */

#define MAP_NS		1048576U	/* one bit for each ns of the bus */
#define REF_OPS		8192U

/**
 * struct ref_op - a program or erase of the reference
 * @pu:		its die
 * @in:		when it got into the write cache
 * @end:	when it is over
 * @secs:	sectors it holds in the write cache
 */
struct ref_op {
	u32 pu;
	u64 in;
	u64 end;
	u32 secs;
};

/**
 * struct ref - the model once more, without any economy
 * @tm:		times
 * @clba:	sectors of a chunk
 * @bus:	busy ns of the bus
 * @idle:	per die, the end of its last operation
 * @reading:	per die, the end of its last read
 * @last_read:	per die, its last operation is a read
 * @op:		all programs and erases ever
 * @nr:		how many
 * @last_in:	when the last one got into the write cache
 */
struct ref {
	const struct oc_timing *tm;
	u32 clba;
	unsigned long bus[BITS_TO_LONGS(MAP_NS)];
	u64 idle[DIES];
	u64 reading[DIES];
	bool last_read[DIES];
	struct ref_op op[REF_OPS];
	u32 nr;
	u64 last_in;
};

static u64 ref_bus(struct ref *ref, u64 from, u64 len)
{
	unsigned long pos;

	if (!len)
		return from;
	pos = bitmap_find_next_zero_area(ref->bus, MAP_NS, from, len, 0);
	if (pos + len > MAP_NS)
		return MAP_NS;
	bitmap_set(ref->bus, pos, len);
	return pos + len;
}

static u64 ref_read_page(struct ref *ref, u32 pu, u32 page, u32 secs, u64 now)
{
	const struct oc_timing *tm = ref->tm;
	u64 ready = ref_bus(ref, now + tm->ctrl_ns, tm->cmd_ns);
	u64 sense = tm->read_ns[page % tm->types], from, end;
	u32 i;

	if (!tm->suspend || ref->last_read[pu] || ref->idle[pu] <= ready) {
		from = max(ready, ref->idle[pu]);
		end = ref_bus(ref, from + sense, secs * tm->bus_ns);
		ref->idle[pu] = end;
		ref->last_read[pu] = true;
		ref->reading[pu] = end;
		return end;
	}
	from = max(ready, ref->reading[pu]);
	end = ref_bus(ref, from + tm->suspend_ns + sense, secs * tm->bus_ns);
	for (i = 0; i < ref->nr; i++)
		if (ref->op[i].pu == pu && ref->op[i].end > from)
			ref->op[i].end += end - from;
	ref->idle[pu] += end - from;
	ref->reading[pu] = end;
	return end;
}

static u64 ref_read(struct ref *ref, u32 pu, u32 sec, u32 n, u64 now)
{
	u32 unit = ref->tm->page_secs * ref->tm->planes, i, secs = 0;
	u64 end = now + ref->tm->ctrl_ns;

	for (i = sec; i < sec + n; i++) {
		secs++;
		if (i + 1 < sec + n && (i + 1) / unit == i / unit)
			continue;
		end = max(end, ref_read_page(ref, pu, i / unit, secs, now));
		secs = 0;
	}
	return end;
}

/* The first moment from @from on when the cache has room */
static u64 ref_admit(struct ref *ref, u32 secs, u64 from)
{
	from = max(from, ref->last_in);
	while (true) {
		u64 next = U64_MAX;
		u32 used = 0, i;

		for (i = 0; i < ref->nr; i++) {
			if (!ref->op[i].secs || ref->op[i].end <= from)
				continue;
			used += ref->op[i].secs;
			next = min(next, ref->op[i].end);
		}
		if (!used || used + secs <= ref->tm->cache)
			break;
		from = next;
	}
	ref->last_in = from;
	return from;
}

static void ref_add(struct ref *ref, u32 pu, u64 in, u64 end, u32 secs)
{
	ref->idle[pu] = end;
	ref->last_read[pu] = false;
	ref->op[ref->nr++] = (struct ref_op) {
		.pu = pu, .in = in, .end = end, .secs = secs,
	};
}

static u64 ref_write(struct ref *ref, u32 pu, u32 sec, u32 n, u64 now)
{
	const struct oc_timing *tm = ref->tm;
	u32 unit = tm->page_secs * tm->planes, i;
	u64 in = now + tm->ctrl_ns, end = in;
	bool cached = tm->cache && n <= tm->cache;

	for (i = sec; i < sec + n; i++) {
		u32 secs = i % unit + 1;
		u64 done;

		if (secs < unit && i + 1 < ref->clba)
			continue;
		if (cached)
			in = ref_admit(ref, secs, in);
		done = ref_bus(ref, max(in, ref->idle[pu]),
			       tm->cmd_ns + secs * tm->bus_ns) +
			tm->prog_ns[i / unit % tm->types];
		ref_add(ref, pu, in, done, cached ? secs : 0);
		end = cached ? in : done;
	}
	return end;
}

static u64 ref_reset(struct ref *ref, u32 pu, u64 now)
{
	u64 ready = ref_bus(ref, now + ref->tm->ctrl_ns, ref->tm->cmd_ns);

	ref_add(ref, pu, 0, max(ready, ref->idle[pu]) + ref->tm->erase_ns, 0);
	return ref->idle[pu];
}

static u32 draw(struct rnd_state *rnd, u32 from, u32 to)
{
	return from + prandom_u32_state(rnd) % (to - from + 1);
}

/* Times that keep what a run needs within the map */
static void draw_times(struct rnd_state *rnd, struct fake *fake)
{
	struct oc_timing *tm = &fake->tm;
	u32 i;

	memset(tm, 0, sizeof(*tm));
	tm->types = draw(rnd, 1, OC_PAGE_TYPES);
	for (i = 0; i < OC_PAGE_TYPES; i++) {
		tm->read_ns[i] = draw(rnd, 0, 300);
		tm->prog_ns[i] = draw(rnd, 1, 1000);
	}
	tm->erase_ns = draw(rnd, 1, 2000);
	tm->bus_ns = draw(rnd, 0, 2) ? draw(rnd, 1, 20) : 0;
	tm->cmd_ns = draw(rnd, 0, 1) ? draw(rnd, 1, 30) : 0;
	tm->ctrl_ns = draw(rnd, 0, 1) ? draw(rnd, 1, 40) : 0;
	tm->suspend = draw(rnd, 0, 1);
	tm->suspend_ns = tm->suspend ? draw(rnd, 0, 50) : 0;
	tm->page_secs = draw(rnd, 1, 8);
	tm->planes = draw(rnd, 1, 3);
	tm->cache = draw(rnd, 0, 1) ? draw(rnd, 1, 64) : 0;
	/* Often no multiple of a page */
	fake->clba = draw(rnd, 9, CLBA);
}

static u32 start_seed(struct kunit *test)
{
	u32 seed = timing_seed ? timing_seed : get_random_u32();

	kunit_info(test, "timing_seed=%u\n", seed);
	return seed;
}

/* One run; false at the first time that differs */
static bool ref_run(struct kunit *test, struct fake *fake, struct ref *ref,
		    struct rnd_state *rnd, u32 *exact)
{
	u32 dies = draw(rnd, 1, DIES), hurry = draw(rnd, 1, 400), i;
	u64 now = draw(rnd, 0, 5000);

	draw_times(rnd, fake);
	fake_fresh(test, "off");
	memset(ref, 0, sizeof(*ref));
	/* fake_fresh() has taken the times away */
	draw_times(rnd, fake);
	ref->tm = &fake->tm;
	ref->clba = fake->clba;

	for (i = 0; i < 500; i++) {
		u32 pu = draw(rnd, 0, dies - 1), kind = draw(rnd, 0, 15);
		u32 sec = draw(rnd, 0, fake->clba - 1);
		u32 n = draw(rnd, 1, min(fake->clba - sec, 32U));
		u64 got, want;

		now += draw(rnd, 0, hurry);
		/* Beyond these only the economical one gives up */
		if (fake->clk.nr_spans + 100 > OC_BUS_SPANS ||
		    fake->clk.nr_cached + 40 > OC_CACHE_ENTRIES ||
		    ref->nr + 40 > REF_OPS || now + 20000 > MAP_NS ||
		    ref->idle[pu] + 100000 > MAP_NS)
			break;
		if (kind < 8) {
			got = rd(fake, pu, sec, n, now);
			want = ref_read(ref, pu, sec, n, now);
		} else if (kind < 15) {
			got = wr(fake, pu, sec, n, now);
			want = ref_write(ref, pu, sec, n, now);
		} else {
			got = rs(fake, pu, now);
			want = ref_reset(ref, pu, now);
		}
		if (got != want || got < now ||
		    fake->clk.die[pu].idle_ns != ref->idle[pu]) {
			KUNIT_FAIL(test,
				   "operation %u: kind %u, pu %u, sec %u, n %u, now %llu",
				   i, kind, pu, sec, n, now);
			kunit_err(test, "%llu, not %llu; die %llu, not %llu\n", got, want,
				  fake->clk.die[pu].idle_ns, ref->idle[pu]);
			return false;
		}
		(*exact)++;
	}
	return true;
}

static void timing_as_the_reference(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct ref *ref = kvmalloc(sizeof(*ref), GFP_KERNEL);
	u32 run, exact = 0, seed;
	struct rnd_state rnd;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ref);
	seed = start_seed(test);
	for (run = 0; run < 200; run++) {
		prandom_seed_state(&rnd, seed + run);
		if (!ref_run(test, fake, ref, &rnd, &exact)) {
			kunit_err(test, "run %u of timing_seed=%u\n", run, seed);
			break;
		}
		cond_resched();
	}
	kvfree(ref);
	/* Most runs get far before something is full */
	KUNIT_EXPECT_GE(test, exact, 20000U);
}

/* ---- what holds whatever comes ---------------------------------------- */

#define WATCH_NS	131072U

/**
 * struct watch - every ns of the bus that was ever reserved
 * @ever:	by all commands so far
 * @before:	as the clock knew it before the command
 * @after:	and after
 */
struct watch {
	DECLARE_BITMAP(ever, WATCH_NS);
	DECLARE_BITMAP(before, WATCH_NS);
	DECLARE_BITMAP(after, WATCH_NS);
};

/* False if the spans are not ascending and apart */
static bool watch_spans(const struct oc_clock *clk, unsigned long *map)
{
	u64 last = 0;
	u32 i;

	bitmap_zero(map, WATCH_NS);
	for (i = 0; i < clk->nr_spans; i++) {
		const struct oc_span *span = &clk->span[i];

		if (span->from >= span->to || span->to > WATCH_NS ||
		    (i && span->from <= last))
			return false;
		last = span->to;
		bitmap_set(map, span->from, span->to - span->from);
	}
	return true;
}

/* What a command must take of the bus, and of its die */
static void work_of(const struct fake *fake, u32 kind, u32 sec, u32 n,
		    u64 *bus, u64 *die)
{
	const struct oc_timing *tm = &fake->tm;
	u32 unit = tm->page_secs * tm->planes, i;

	*bus = 0;
	*die = 0;
	for (i = sec; i < sec + n; i++) {
		u32 type = i / unit % tm->types, secs = i % unit + 1;

		if (kind == 0) {
			*bus += tm->bus_ns;
			*die += tm->bus_ns;
			if (i == sec || secs == 1) {
				*bus += tm->cmd_ns;
				*die += tm->read_ns[type];
			}
		} else if (secs == unit || i + 1 == fake->clba) {
			*bus += tm->cmd_ns + secs * tm->bus_ns;
			*die += tm->cmd_ns + secs * tm->bus_ns +
				tm->prog_ns[type];
		}
	}
	if (kind == 2) {
		*bus = tm->cmd_ns;
		*die = tm->erase_ns;
	}
}

/* Commands that are served in another order than they came in */
static const char *watch_run(struct fake *fake, struct watch *watch,
			     struct rnd_state *rnd)
{
	u32 dies = draw(rnd, 1, DIES), hurry = draw(rnd, 1, 300), i;
	u64 base = 1000, now, end, bus, die, idle, shift;

	bitmap_zero(watch->ever, WATCH_NS);
	bitmap_zero(watch->after, WATCH_NS);
	for (i = 0; i < 300; i++) {
		u32 pu = draw(rnd, 0, dies - 1), kind = draw(rnd, 0, 2);
		u32 sec = draw(rnd, 0, fake->clba - 1);
		u32 n = draw(rnd, 1, min(fake->clba - sec, 16U));
		u32 got;

		base += draw(rnd, 0, hurry);
		now = base - draw(rnd, 0, 1000);
		idle = fake->clk.die[pu].idle_ns;
		if (idle + 40000 > WATCH_NS || base + 40000 > WATCH_NS ||
		    fake->clk.nr_spans + 70 > OC_BUS_SPANS)
			break;
		bitmap_copy(watch->before, watch->after, WATCH_NS);
		work_of(fake, kind, sec, n, &bus, &die);
		shift = oc_timing_shift(&fake->clk, pu);
		if (kind == 0)
			end = rd(fake, pu, sec, n, now);
		else if (kind == 1)
			end = wr(fake, pu, sec, n, now);
		else
			end = rs(fake, pu, now);
		shift = oc_timing_shift(&fake->clk, pu) - shift;

		if (end < now + fake->tm.ctrl_ns)
			return "over before it came";
		if (!watch_spans(&fake->clk, watch->after))
			return "spans in disorder";
		bitmap_andnot(watch->before, watch->after, watch->before, WATCH_NS);
		if (bitmap_intersects(watch->before, watch->ever, WATCH_NS))
			return "the bus taken twice";
		bitmap_or(watch->ever, watch->ever, watch->before, WATCH_NS);
		got = bitmap_weight(watch->before, WATCH_NS);
		if (got != bus)
			return "not the bus time it needs";
		if (die && fake->clk.die[pu].idle_ns < idle + die)
			return "die does two things at once";
		if (shift && (kind || !fake->tm.suspend))
			return "shift by what is no read";
		if (shift && fake->clk.die[pu].idle_ns < idle + shift)
			return "shift that is none";
	}
	return NULL;
}

static void timing_holds_in_any_order(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct watch *watch = kvmalloc(sizeof(*watch), GFP_KERNEL);
	struct rnd_state rnd;
	u32 run, seed;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, watch);
	seed = start_seed(test);
	for (run = 0; run < 50; run++) {
		const char *wrong;

		prandom_seed_state(&rnd, seed + run);
		fake_fresh(test, "off");
		draw_times(&rnd, fake);
		wrong = watch_run(fake, watch, &rnd);
		if (wrong) {
			KUNIT_FAIL(test, "%s: run %u of timing_seed=%u", wrong, run, seed);
			break;
		}
		cond_resched();
	}
	kvfree(watch);
}

static struct kunit_case timing_random_cases[] = {
	KUNIT_CASE(timing_as_the_reference),
	KUNIT_CASE(timing_holds_in_any_order),
	{}
};

struct kunit_suite oc_timing_random_suite = {
	.name = "oc_timing_random",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = timing_random_cases,
};
