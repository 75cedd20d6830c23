// SPDX-License-Identifier: GPL-2.0
/*
 * timing_test.c - the NAND model to the nanosecond, and commands that wait
 *
 * The first suite has a clock that the case moves: every expected time is
 * written out, or comes from a reference that forgets nothing and searches
 * everything. The second drives real channels with real timers; it asks for
 * order and for what is never early, not for how late a busy machine is.
 */
#include <linux/bitmap.h>
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc_test.h"

static u32 timing_seed;
module_param(timing_seed, uint, 0444);
MODULE_PARM_DESC(timing_seed, "repeats the random runs that printed this seed (0: another one each time)");

#define DIES	16U
#define CLBA	96U

/**
 * struct fake - a channel's clock, and the times it goes by
 * @clk:	the clock
 * @tm:		the times
 * @clba:	sectors of a chunk
 */
struct fake {
	struct oc_clock clk;
	struct oc_timing tm;
	u32 clba;
};

static int fake_init(struct kunit *test)
{
	struct fake *fake = kzalloc(sizeof(*fake), GFP_KERNEL);

	if (!fake)
		return -ENOMEM;
	test->priv = fake;
	fake->clba = CLBA;
	return oc_clock_init(&fake->clk, DIES);
}

static void fake_exit(struct kunit *test)
{
	struct fake *fake = test->priv;

	if (!fake)
		return;
	oc_clock_exit(&fake->clk);
	kfree(fake);
}

/* From here on these times hold */
static void times(struct kunit *test, const char *text)
{
	struct fake *fake = test->priv;
	struct oc_complaint why = { };

	KUNIT_ASSERT_EQ_MSG(test, oc_timing_parse(&fake->tm, text, &why), 0,
			    "%s: want %s", why.value, why.want);
}

/* The same with a clock that has done nothing yet */
static struct fake *fresh(struct kunit *test, const char *text)
{
	struct fake *fake = test->priv;

	oc_clock_exit(&fake->clk);
	KUNIT_ASSERT_EQ(test, oc_clock_init(&fake->clk, DIES), 0);
	times(test, text);
	return fake;
}

static u64 rd(struct fake *fake, u32 pu, u32 sec, u32 n, u64 now)
{
	return oc_timing_read(&fake->clk, &fake->tm, pu, sec, n, now);
}

static u64 wr(struct fake *fake, u32 pu, u32 sec, u32 n, u64 now)
{
	return oc_timing_write(&fake->clk, &fake->tm, pu, sec, n, fake->clba,
			       now);
}

static u64 rs(struct fake *fake, u32 pu, u64 now)
{
	return oc_timing_reset(&fake->clk, &fake->tm, pu, now);
}

/* Sectors in the write cache at that time */
static u32 used(const struct fake *fake, u64 now)
{
	u32 i, secs = 0;

	for (i = 0; i < fake->clk.nr_cached; i++)
		if (fake->clk.cached[i].free_ns > now)
			secs += fake->clk.cached[i].secs;
	return secs;
}

/* In a function, as each expectation costs its caller's stack */
static void at(struct kunit *test, const char *what, u64 got, u64 want)
{
	KUNIT_EXPECT_EQ_MSG(test, got, want, "%s", what);
}

/* ---- single commands -------------------------------------------------- */

#define PLAIN	"read=1000,prog=5000,erase=9000,bus=10,cmd=3,ctrl=2"

static void timing_one_command(struct kunit *test)
{
	struct fake *fake = fresh(test, PLAIN);

	at(test, "read", rd(fake, 0, 0, 1, 100), 100 + 2 + 3 + 1000 + 10);
	fresh(test, PLAIN);
	at(test, "write", wr(fake, 0, 0, 1, 100), 100 + 2 + 3 + 10 + 5000);
	fresh(test, PLAIN);
	at(test, "reset", rs(fake, 0, 100), 100 + 2 + 3 + 9000);
	at(test, "reset behind reset", rs(fake, 0, 100), 9105 + 9000);
	at(test, "reset elsewhere", rs(fake, 1, 200), 200 + 5 + 9000);
}

static void timing_nothing_costs_nothing(struct kunit *test)
{
	struct fake *fake = fresh(test, "off");
	u32 i;

	for (i = 0; i < 100; i++) {
		at(test, "read", rd(fake, i % DIES, 0, 64, 500 + i), 500 + i);
		at(test, "write", wr(fake, i % DIES, 0, 64, 500 + i), 500 + i);
		at(test, "reset", rs(fake, i % DIES, 500 + i), 500 + i);
	}
	at(test, "spans", fake->clk.nr_spans, 0);
	at(test, "cached", fake->clk.nr_cached, 0);
}

static void timing_dies_overlap(struct kunit *test)
{
	struct fake *fake = fresh(test, "read=1000,bus=10,erase=500");
	u32 i;

	/* All sense at once and transfer one after another */
	for (i = 0; i < DIES; i++)
		at(test, "read", rd(fake, i, 0, 1, 0), 1010 + 10 * i);
	/* What needs no bus shares nothing at all */
	for (i = 0; i < DIES; i++)
		at(test, "reset", rs(fake, i, 5000), 5500);
}

static void timing_die_queues(struct kunit *test)
{
	struct fake *fake = fresh(test,
				  "read=1000,prog=5000,erase=9000,bus=10");

	at(test, "read", rd(fake, 3, 0, 1, 0), 1010);
	at(test, "second read", rd(fake, 3, 7, 1, 0), 2020);
	at(test, "read at 1500", rd(fake, 3, 7, 1, 1500), 3030);
	at(test, "write", wr(fake, 3, 0, 1, 1600), 3030 + 10 + 5000);
	at(test, "reset", rs(fake, 3, 1700), 8040 + 9000);
	at(test, "read behind reset", rd(fake, 3, 0, 1, 1800), 18050);
	at(test, "read when idle", rd(fake, 3, 0, 1, 20000), 21010);
}

static void timing_bus_in_gaps(struct kunit *test)
{
	struct fake *fake = fresh(test, "read=1000,bus=100,page=4");

	at(test, "[1000,1100]", rd(fake, 0, 0, 1, 0), 1100);
	at(test, "[2100,2200]", rd(fake, 0, 0, 1, 0), 2200);
	at(test, "in the gap", rd(fake, 1, 0, 1, 500), 1600);
	at(test, "gap too short", rd(fake, 2, 0, 1, 450), 1700);
	at(test, "before it", rd(fake, 3, 0, 1, 300), 1400);
	at(test, "gap that just fits", rd(fake, 4, 0, 1, 400), 1500);
	/* 1000 to 1100, 1300 to 1700, 2100 to 2200 */
	at(test, "spans", fake->clk.nr_spans, 3);
	at(test, "from", fake->clk.span[1].from, 1300);
	at(test, "to", fake->clk.span[1].to, 1700);
	/* Joined in front, and on both sides */
	at(test, "two sectors", rd(fake, 5, 0, 2, 100), 1300);
	at(test, "spans", fake->clk.nr_spans, 1 + 1);
	at(test, "four sectors", rd(fake, 6, 0, 4, 700), 2100);
	at(test, "spans", fake->clk.nr_spans, 1);
	at(test, "all of it", fake->clk.span[0].to - fake->clk.span[0].from,
	   1200);
}

static void timing_bus_bound(struct kunit *test)
{
	struct fake *fake = fresh(test, "read=1000,bus=200");
	u64 end = 0;
	u32 i;

	for (i = 0; i < 10 * DIES; i++)
		end = max(end, rd(fake, i % DIES, 0, 1, 0));
	/* The bus waits for the first sector only */
	at(test, "160 reads", end, 1000 + 160 * 200);
	at(test, "spans", fake->clk.nr_spans, 1);

	/* Two dies are not enough to fill it */
	fresh(test, "read=1000,bus=200");
	for (i = 0, end = 0; i < 20; i++)
		end = max(end, rd(fake, i % 2, 0, 1, 0));
	at(test, "20 reads of two dies", end, 10 * 1200 + 200);
}

static void timing_controller_and_command(struct kunit *test)
{
	struct fake *fake = fresh(test,
				  "read=1000,prog=700,erase=500,bus=10,cmd=50,ctrl=7");
	u32 i;

	/* The controller serves many at once, the bus one command */
	for (i = 0; i < 4; i++)
		at(test, "read", rd(fake, i, 0, 1, 0), 7 + 50 * (i + 1) + 1010);
	/* 207 to 257 is the command, 257 to 267 is idle in between */
	at(test, "reset", rs(fake, 4, 0), 257 + 500);
	at(test, "write", wr(fake, 5, 0, 1, 0), 257 + 50 + 10 + 700);

	fresh(test, "cmd=50");
	at(test, "read", rd(fake, 0, 0, 1, 0), 50);
	at(test, "two pages, two commands", rd(fake, 1, 0, 2, 0), 150);
	fresh(test, "ctrl=7");
	at(test, "read", rd(fake, 0, 0, 1, 5), 12);
	at(test, "write", wr(fake, 0, 0, 1, 5), 12);
	at(test, "reset", rs(fake, 0, 5), 12);
	at(test, "spans", fake->clk.nr_spans, 0);
}

/* ---- flash pages ------------------------------------------------------ */

static void timing_pages_read(struct kunit *test)
{
	static const char text[] = "read=1000/2000/3000,bus=10,page=4";
	struct fake *fake = fresh(test, text);

	at(test, "a page, one sense", rd(fake, 0, 0, 4, 0), 1040);
	fresh(test, text);
	at(test, "part of it", rd(fake, 0, 1, 2, 0), 1020);
	fresh(test, text);
	at(test, "parts of two", rd(fake, 0, 3, 2, 0), 1010 + 2010);
	fresh(test, text);
	at(test, "three pages", rd(fake, 0, 0, 12, 0), 1040 + 2040 + 3040);
	at(test, "the fourth", rd(fake, 0, 12, 4, 10000), 11040);
	at(test, "the fifth's last", rd(fake, 0, 19, 1, 20000), 22010);
	at(test, "the sixth's first", rd(fake, 0, 20, 1, 30000), 33010);
	at(test, "the chunk's last", rd(fake, 0, 95, 1, 40000), 43010);

	fresh(test, "read=1000/2000,bus=10,page=4");
	at(test, "third of two types", rd(fake, 0, 8, 1, 0), 1010);
	at(test, "fourth of two types", rd(fake, 0, 12, 1, 5000), 7010);
}

static void timing_pages_written(struct kunit *test)
{
	struct fake *fake = fresh(test, "prog=100/200/300,bus=10,page=4");
	u64 end = 0;
	u32 i;

	for (i = 0; i < 6; i++) {
		end += 40 + 100 * (i % 3 + 1);
		at(test, "page", wr(fake, 0, 4 * i, 4, 0), end);
	}
	fresh(test, "prog=100/200/300,bus=10,page=4");
	at(test, "three pages", wr(fake, 0, 0, 12, 0), 3 * 40 + 600);
}

static void timing_planes(struct kunit *test)
{
	struct fake *fake = fresh(test,
				  "read=1000/2000,prog=5000,bus=10,page=4,planes=2");

	at(test, "one sense", rd(fake, 0, 0, 8, 0), 1080);
	at(test, "parts of two", rd(fake, 1, 6, 4, 5000), 6020 + 2020);
	at(test, "half of it", wr(fake, 2, 0, 4, 10000), 10000);
	at(test, "all of it", wr(fake, 2, 4, 4, 10000), 15080);
	fresh(test, "read=1000,bus=1,page=1,planes=16");
	at(test, "16 planes", rd(fake, 0, 16, 16, 0), 1016);
}

static void timing_short_writes(struct kunit *test)
{
	static const char text[] = "prog=5000,bus=10,cmd=5,ctrl=2,page=8";
	struct fake *fake = fresh(test, text);

	at(test, "half a page", wr(fake, 0, 0, 4, 100), 102);
	at(test, "nothing on the bus", fake->clk.nr_spans, 0);
	at(test, "nor on the die", fake->clk.die[0].idle_ns, 0);
	at(test, "the other half", wr(fake, 0, 4, 4, 200),
	   200 + 2 + 5 + 80 + 5000);

	fresh(test, text);
	at(test, "the rest and a page", wr(fake, 0, 4, 12, 0),
	   2 + 2 * (5 + 80 + 5000));
	fresh(test, text);
	at(test, "a page and half of one", wr(fake, 0, 0, 12, 0),
	   2 + 5 + 80 + 5000);

	/* A chunk of a page and a half */
	fake->clba = 12;
	fresh(test, text);
	at(test, "not the end", wr(fake, 0, 8, 2, 0), 2);
	at(test, "the end", wr(fake, 0, 10, 2, 0), 2 + 5 + 40 + 5000);
	fresh(test, text);
	at(test, "all of it", wr(fake, 0, 0, 12, 0),
	   2 + 5 + 80 + 5000 + 5 + 40 + 5000);
	/* And one of less than a page */
	fake->clba = 3;
	fresh(test, text);
	at(test, "all but one", wr(fake, 0, 0, 2, 0), 2);
	at(test, "the last", wr(fake, 0, 2, 1, 0), 2 + 5 + 30 + 5000);
}

static void timing_copy(struct kunit *test)
{
	struct fake *fake = fresh(test, PLAIN);

	at(test, "read there", rd(fake, 0, 0, 1, 0), 2 + 3 + 1000 + 10);
	at(test, "programmed here",
	   oc_timing_copy(&fake->clk, &fake->tm, 1, 0, 1, fake->clba, 0, 1015),
	   1015 + 3 + 10 + 5000);
	at(test, "the bus is free before", rd(fake, 2, 0, 1, 0),
	   2 + 3 + 3 + 1000 + 10 + 13 + 7);
	fresh(test, PLAIN);
	at(test, "ready before it came",
	   oc_timing_copy(&fake->clk, &fake->tm, 1, 0, 1, fake->clba, 100, 50),
	   100 + 2 + 3 + 10 + 5000);
}

static void timing_program_waits_then_transfers(struct kunit *test)
{
	struct fake *fake = fresh(test, "read=1000,prog=5000,bus=10");

	at(test, "read", rd(fake, 0, 0, 1, 0), 1010);
	at(test, "another die's bus", rd(fake, 1, 0, 1, 3), 1020);
	/* The bus is free at 5, the die at 1010, the bus again at 1020 */
	at(test, "write", wr(fake, 0, 0, 1, 5), 1030 + 5000);
	at(test, "elsewhere at once", wr(fake, 2, 0, 1, 5), 15 + 5000);
}

/* ---- the write cache -------------------------------------------------- */

static void timing_cache_absorbs(struct kunit *test)
{
	struct fake *fake = fresh(test, "read=100,prog=5000,bus=10,cache=4");
	u32 i;

	for (i = 0; i < 4; i++)
		at(test, "room", wr(fake, 0, i, 1, i), i);
	at(test, "waits for the first", wr(fake, 0, 4, 1, 10), 5010);
	at(test, "and for the second", wr(fake, 0, 5, 1, 20), 10020);
	at(test, "on another die too", wr(fake, 1, 0, 1, 30), 15030);
	/* Then die 0 has the bus for its fourth program */
	at(test, "it programs meanwhile", fake->clk.die[1].idle_ns, 20050);
	at(test, "reads wait for programs", rd(fake, 0, 0, 1, 40),
	   6 * 5010 + 110);
	at(test, "when all is over", wr(fake, 0, 6, 4, 100000), 100000);
	at(test, "used", used(fake, 100000), 4);

	/* Of several dies, whoever is first */
	fresh(test, "prog=5000,bus=10,cache=4,ctrl=7");
	at(test, "four at once", wr(fake, 0, 0, 4, 0), 7);
	fresh(test, "prog=5000/100,bus=10,cache=2");
	at(test, "slow page", wr(fake, 0, 0, 1, 0), 0);
	at(test, "fast page", wr(fake, 1, 1, 1, 0), 0);
	at(test, "waits for the fast one", wr(fake, 2, 0, 1, 0), 120);
	at(test, "and for the slow one", wr(fake, 3, 0, 1, 0), 5010);
}

static void timing_cache_bypassed(struct kunit *test)
{
	struct fake *fake = fresh(test, "prog=5000,bus=10,cache=4");

	at(test, "larger than the cache", wr(fake, 0, 0, 5, 0), 5 * 5010);
	at(test, "leaves it empty", used(fake, 0), 0);
	at(test, "just as large", wr(fake, 1, 0, 4, 0), 0);

	/* A page that is begun through the cache and ended past it */
	fresh(test, "prog=5000,bus=10,cache=8,page=16");
	at(test, "4 of 16", wr(fake, 0, 0, 4, 0), 0);
	at(test, "12 more", wr(fake, 0, 4, 12, 0), 5160);
	at(test, "entries", fake->clk.nr_cached, 0);
}

static void timing_cache_streams(struct kunit *test)
{
	struct fake *fake = fresh(test, "prog=1000,bus=10,page=4,cache=16");

	/* Page by page: each gets in when there is room for it */
	at(test, "four pages", wr(fake, 0, 0, 16, 0), 0);
	at(test, "two more", wr(fake, 1, 0, 8, 0), 2080);
	at(test, "used", used(fake, 2080), 16);
	/* The first of them could begin when the first page was out */
	at(test, "their programs", fake->clk.die[1].idle_ns, 3160 + 0);
}

static void timing_cache_partial_pages(struct kunit *test)
{
	struct fake *fake = fresh(test, "prog=5000,bus=10,cache=8,page=8");
	u32 i;

	/* Many open chunks with half a page each take no room */
	for (i = 0; i < 1000; i++)
		at(test, "half a page", wr(fake, i % DIES, 0, 4, i), i);
	at(test, "used", used(fake, 0), 0);
	at(test, "first full page", wr(fake, 0, 4, 4, 1000), 1000);
	at(test, "second waits", wr(fake, 1, 4, 4, 1001), 6080);
	at(test, "third waits", wr(fake, 2, 4, 4, 1002), 11160);
	at(test, "half a page does not", wr(fake, 3, 0, 4, 1003), 1003);
	at(test, "used", used(fake, 11160), 8);

	/* A page larger than the cache has it alone */
	fresh(test, "prog=5000,bus=10,cache=4,page=8");
	at(test, "first", wr(fake, 0, 4, 4, 0), 0);
	at(test, "second", wr(fake, 1, 4, 4, 0), 5080);
	at(test, "third", wr(fake, 2, 4, 4, 0), 10160);
	at(test, "later", wr(fake, 0, 12, 4, 20000), 20000);
}

static void timing_cache_room_is_not_shared(struct kunit *test)
{
	struct fake *fake = fresh(test, "prog=5000,bus=10,cache=16,page=16");

	fake->clba = 20;
	at(test, "a page", wr(fake, 0, 0, 16, 0), 0);
	at(test, "a short page waits", wr(fake, 1, 16, 4, 0), 5160);
	/* There is more room then, but it is not there before */
	at(test, "so does another", wr(fake, 2, 16, 4, 1), 5160);
	at(test, "and at 6000", wr(fake, 3, 16, 4, 6000), 6000);
	/* One that came before, served after, does not find the old room */
	at(test, "late", wr(fake, 4, 16, 4, 5000), 6000);
	at(test, "used", used(fake, 6000), 16);
}

static void timing_cache_entries_run_out(struct kunit *test)
{
	struct fake *fake = fresh(test, "prog=5000,cache=3000");
	u32 i, wrong = 0;
	u64 end;

	fake->clba = 1 << 24;
	for (i = 0; i < 3000; i++)
		wrong += wr(fake, i % DIES, i, 1, 0) != 0;
	at(test, "all absorbed", wrong, 0);
	at(test, "used", used(fake, 0), 3000);
	at(test, "entries", fake->clk.nr_cached, OC_CACHE_ENTRIES);
	end = wr(fake, 0, 3000, 1, 0);
	KUNIT_EXPECT_GE(test, end, 5000ULL);
	KUNIT_EXPECT_LE(test, end, 3000ULL / DIES * 5000 + 5000);

	at(test, "when all is over", wr(fake, 0, 3001, 1, 10000000), 10000000);
	at(test, "entries", fake->clk.nr_cached, 1);
}

/* ---- suspend ---------------------------------------------------------- */

#define SUSPEND	"read=100,prog=5000,erase=9000,bus=10,suspend=30"

static void timing_suspend_program(struct kunit *test)
{
	struct fake *fake = fresh(test, SUSPEND);

	at(test, "write", wr(fake, 0, 0, 1, 0), 5010);
	at(test, "no shift", oc_timing_shift(&fake->clk, 0), 0);
	at(test, "read in front", rd(fake, 0, 0, 1, 1000), 1140);
	at(test, "shift", oc_timing_shift(&fake->clk, 0), 140);
	at(test, "read behind read", rd(fake, 0, 0, 1, 1050), 1280);
	at(test, "shift", oc_timing_shift(&fake->clk, 0), 280);
	at(test, "read later", rd(fake, 0, 0, 1, 2000), 2140);
	at(test, "program", fake->clk.die[0].idle_ns, 5010 + 3 * 140);
	at(test, "elsewhere", oc_timing_shift(&fake->clk, 1), 0);
	/* The next program is behind it all */
	at(test, "next write", wr(fake, 0, 1, 1, 3000), 5430 + 5010);
	at(test, "read in front of two", rd(fake, 0, 0, 1, 5431), 5571);
	at(test, "both are later", fake->clk.die[0].idle_ns, 10440 + 140);
}

static void timing_suspend_erase(struct kunit *test)
{
	struct fake *fake = fresh(test, SUSPEND);

	at(test, "reset", rs(fake, 0, 0), 9000);
	at(test, "read in front", rd(fake, 0, 0, 2, 8999),
	   8999 + 30 + 100 + 10 + 30 + 100 + 10);
	at(test, "shift", oc_timing_shift(&fake->clk, 0), 280);
	at(test, "erase", fake->clk.die[0].idle_ns, 9280);
	at(test, "at its end", rd(fake, 0, 0, 1, 9280), 9390);
	at(test, "shift", oc_timing_shift(&fake->clk, 0), 280);
}

static void timing_suspend_only_if_need_be(struct kunit *test)
{
	struct fake *fake = fresh(test, SUSPEND);

	at(test, "idle die", rd(fake, 0, 0, 1, 0), 110);
	at(test, "reads queue", rd(fake, 0, 0, 1, 0), 220);
	at(test, "write", wr(fake, 0, 0, 1, 0), 230 + 5000);
	/* It comes before the program has begun, and goes before it */
	at(test, "read", rd(fake, 0, 0, 1, 10), 220 + 140);
	at(test, "shift", oc_timing_shift(&fake->clk, 0), 140);

	fresh(test, "read=100,prog=5000,bus=10");
	at(test, "write", wr(fake, 0, 0, 1, 0), 5010);
	at(test, "no suspend", rd(fake, 0, 0, 1, 1000), 5120);
	/* Who has waited so far goes on waiting */
	times(test, SUSPEND);
	at(test, "behind it", rd(fake, 0, 0, 1, 1000), 5230);
	at(test, "shift", oc_timing_shift(&fake->clk, 0), 0);

	/* It is free of charge, and still in front */
	fresh(test, "read=100,prog=5000,suspend=0");
	at(test, "write", wr(fake, 0, 0, 1, 0), 5000);
	at(test, "read", rd(fake, 0, 0, 1, 1000), 1100);
	at(test, "shift", oc_timing_shift(&fake->clk, 0), 100);
}

static void timing_suspend_shares_the_bus(struct kunit *test)
{
	struct fake *fake = fresh(test, SUSPEND);

	at(test, "write", wr(fake, 0, 0, 1, 0), 5010);
	at(test, "another die", rd(fake, 1, 0, 1, 1030), 1140);
	/* Sensed at 1130, the bus is free at 1140: the program waits for it */
	at(test, "read", rd(fake, 0, 0, 1, 1000), 1150);
	at(test, "shift", oc_timing_shift(&fake->clk, 0), 150);
}

static void timing_suspend_and_cache(struct kunit *test)
{
	struct fake *fake = fresh(test, SUSPEND ",cache=1");

	at(test, "write", wr(fake, 0, 0, 1, 0), 0);
	at(test, "read in front", rd(fake, 0, 0, 1, 1000), 1140);
	at(test, "room is later", wr(fake, 1, 0, 1, 1200), 5150);

	/* What is over when the read begins is not later for it */
	fresh(test, SUSPEND ",cache=2");
	at(test, "write", wr(fake, 0, 0, 1, 0), 0);
	at(test, "write", wr(fake, 0, 1, 1, 0), 0);
	at(test, "read in front of the second", rd(fake, 0, 0, 1, 5090), 5230);
	at(test, "room since 5010", wr(fake, 1, 0, 1, 5100), 5100);
	at(test, "room since 10020 + 140", wr(fake, 2, 0, 2, 5100), 10160);
}

/* ---- limits ----------------------------------------------------------- */

static void timing_spans_run_out(struct kunit *test)
{
	struct fake *fake = fresh(test, "read=1000,bus=10");
	u32 i, wrong = 0;
	u64 last = 0;

	for (i = 0; i < OC_BUS_SPANS; i++) {
		last = rd(fake, 0, 0, 1, 0);
		wrong += last != 1010 * (i + 1);
	}
	at(test, "apart", wrong, 0);
	at(test, "spans", fake->clk.nr_spans, OC_BUS_SPANS);
	at(test, "beside one there is room", rd(fake, 1, 0, 1, 0), 1020);
	at(test, "no room for a gap", rd(fake, 2, 0, 1, 200), last + 10);
	at(test, "behind the last", rd(fake, 0, 0, 1, 0), last + 1010);
	at(test, "spans", fake->clk.nr_spans, OC_BUS_SPANS);
	at(test, "that gap is given up", rd(fake, 3, 0, 1, last - 500),
	   last + 1020);
	at(test, "what is over is forgotten", fake->clk.nr_spans, 1);
	at(test, "exact again", rd(fake, 4, 0, 1, last + 500), last + 1510);
}

static void timing_late_comers_find_no_old_gap(struct kunit *test)
{
	struct fake *fake = fresh(test, "read=1000,bus=100");

	at(test, "first", rd(fake, 0, 0, 1, 0), 1100);
	at(test, "it is forgotten", rd(fake, 1, 0, 1, 5000), 6100);
	at(test, "spans", fake->clk.nr_spans, 1);
	/* Its sense ends at 1050, when the bus was busy */
	at(test, "late comer", rd(fake, 2, 0, 1, 50), 1200);
	at(test, "and another", rd(fake, 3, 0, 1, 60), 1300);
}

static void timing_large_numbers(struct kunit *test)
{
	static const char most[] =
		"read=4s,prog=4s,erase=4s,bus=4s,cmd=4s,ctrl=4s,page=256,planes=16";
	struct fake *fake = fresh(test, most);
	u64 now = 1ULL << 61;

	fake->clba = 1 << 24;
	at(test, "read", rd(fake, 0, (1 << 24) - 64, 64, now),
	   now + 67 * 4000000000ULL);
	at(test, "reset", rs(fake, 1, now), now + 4 * 4000000000ULL);
	fresh(test, most);
	at(test, "nothing full", wr(fake, 0, (1 << 24) - 128, 64, now),
	   now + 4000000000ULL);
	at(test, "4096 sectors", wr(fake, 0, (1 << 24) - 64, 64, now),
	   now + (3 + 4096) * 4000000000ULL);
	at(test, "4096 more", wr(fake, 0, 4095, 1, now),
	   now + (5 + 2 * 4096) * 4000000000ULL);
	fresh(test, "read=1/2/3,bus=1");
	at(test, "64 pages", rd(fake, 0, (1 << 24) - 64, 64, 0),
	   64 + 21 * 6 + 1 + 0);
}

/* The times change under a clock that has much to do: nothing is lost */
static void timing_changes_underway(struct kunit *test)
{
	static const char *const text[] = {
		"prog=5000,bus=10,cache=8,page=8",
		"prog=100,bus=1,page=4,planes=3",
		"read=100/200/300,prog=1/2,cache=64,page=7,suspend=5",
		"off",
		"tlc,cache=16",
		"erase=7,cmd=3,ctrl=11,cache=1",
	};
	struct fake *fake = fresh(test, "slc,cache=4");
	u32 i, k, early = 0;
	u64 now = 0;

	for (i = 0; i < 200; i++) {
		times(test, text[i % ARRAY_SIZE(text)]);
		for (k = 0; k < 12; k++, now += 50) {
			early += wr(fake, k % 3, 8 * k, 8, now) < now;
			early += rd(fake, k % 5, 8 * k, 8, now) < now;
			early += rs(fake, k % 7, now) < now;
		}
	}
	at(test, "early", early, 0);

	times(test, "prog=5000,cache=4");
	now = 1ULL << 40;
	at(test, "write", wr(fake, 0, 0, 4, now), now);
	at(test, "used", used(fake, now), 4);
	at(test, "entries", fake->clk.nr_cached, 4);
}

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
	fresh(test, "off");
	memset(ref, 0, sizeof(*ref));
	/* fresh() has taken the times away */
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
			KUNIT_FAIL(test, "operation %u: kind %u, pu %u, sec %u, n %u, now %llu",
				   i, kind, pu, sec, n, now);
			kunit_err(test, "%llu, not %llu; die %llu, not %llu\n",
				  got, want, fake->clk.die[pu].idle_ns,
				  ref->idle[pu]);
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
			kunit_err(test, "run %u of timing_seed=%u\n", run,
				  seed);
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
		bitmap_andnot(watch->before, watch->after, watch->before,
			      WATCH_NS);
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
		fresh(test, "off");
		draw_times(&rnd, fake);
		wrong = watch_run(fake, watch, &rnd);
		if (wrong) {
			KUNIT_FAIL(test, "%s: run %u of timing_seed=%u", wrong,
				   run, seed);
			break;
		}
		cond_resched();
	}
	kvfree(watch);
}

/* ---- times in words --------------------------------------------------- */

struct good_row {
	const char *text;
	struct oc_timing tm;
};

#define NONE	.types = 1, .page_secs = 1, .planes = 1
#define SOME	.on = true, .page_secs = 1, .planes = 1
#define MLC	.read_ns = { 48000, 64000, 64000 },			\
		.prog_ns = { 850000, 2300000, 2300000 },		\
		.erase_ns = 3000000, .bus_ns = 13108

static const struct good_row good_rows[] = {
	{ "", { NONE } },
	{ "off", { NONE } },
	{ " ", { NONE } },
	{ "\n", { NONE } },
	{ "off\n", { NONE } },
	{ " \t off\n ", { NONE } },
	{ "slc", { .on = true, .types = 1, .page_secs = 1, .planes = 1,
		   .read_ns = { 25000, 25000, 25000 },
		   .prog_ns = { 220000, 220000, 220000 },
		   .erase_ns = 1500000, .bus_ns = 102400 } },
	{ "mlc", { .on = true, .types = 2, .page_secs = 4, .planes = 1, MLC } },
	{ "tlc\n", { .on = true, .types = 3, .page_secs = 4, .planes = 1,
		   .read_ns = { 56500, 77500, 106000 },
		   .prog_ns = { 820500, 2225000, 5734000 },
		   .erase_ns = 3000000, .bus_ns = 13108 } },

	{ "read=1", { SOME, .types = 1, .read_ns = { 1, 1, 1 } } },
	{ "read=1/2", { SOME, .types = 2, .read_ns = { 1, 2, 2 } } },
	{ "read=1/2/3", { SOME, .types = 3, .read_ns = { 1, 2, 3 } } },
	{ "prog=1", { SOME, .types = 1, .prog_ns = { 1, 1, 1 } } },
	{ "prog=1/2", { SOME, .types = 2, .prog_ns = { 1, 2, 2 } } },
	{ "prog=0/0/3", { SOME, .types = 3, .prog_ns = { 0, 0, 3 } } },
	{ "prog=7/7", { SOME, .types = 2, .prog_ns = { 7, 7, 7 } } },
	{ "read=5,prog=1/2/3", { SOME, .types = 3, .read_ns = { 5, 5, 5 },
				 .prog_ns = { 1, 2, 3 } } },
	{ "erase=9", { SOME, .types = 1, .erase_ns = 9 } },
	{ "bus=9", { SOME, .types = 1, .bus_ns = 9 } },
	{ "cmd=9", { SOME, .types = 1, .cmd_ns = 9 } },
	{ "ctrl=9", { SOME, .types = 1, .ctrl_ns = 9 } },
	/* These alone are no times */
	{ "suspend=9", { NONE, .suspend = true, .suspend_ns = 9 } },
	{ "suspend=0", { NONE, .suspend = true } },
	{ "page=256", { .types = 1, .page_secs = 256, .planes = 1 } },
	{ "planes=16", { .types = 1, .page_secs = 1, .planes = 16 } },
	{ "cache=65536", { NONE, .cache = 65536 } },
	{ "cache=0", { NONE } },
	{ "erase=0", { NONE } },

	{ "erase=5ns", { SOME, .types = 1, .erase_ns = 5 } },
	{ "erase=5us", { SOME, .types = 1, .erase_ns = 5000 } },
	{ "erase=5ms", { SOME, .types = 1, .erase_ns = 5000000 } },
	{ "erase=4s", { SOME, .types = 1, .erase_ns = 4000000000U } },
	{ "erase=4000000000", { SOME, .types = 1, .erase_ns = 4000000000U } },
	{ "erase=007us", { SOME, .types = 1, .erase_ns = 7000 } },
	{ "read=1us/2ms/3", { SOME, .types = 3,
			      .read_ns = { 1000, 2000000, 3 } } },

	/* Later words change what earlier ones said */
	{ "erase=1,erase=2", { SOME, .types = 1, .erase_ns = 2 } },
	{ "erase=1,erase=0", { NONE } },
	{ "mlc,cache=64", { .on = true, .types = 2, .page_secs = 4,
			    .planes = 1, .cache = 64, MLC } },
	{ "mlc,planes=2,page=8", { .on = true, .types = 2, .page_secs = 8,
				   .planes = 2, MLC } },
	{ "read=1/2/3,read=5", { SOME, .types = 1, .read_ns = { 5, 5, 5 } } },
	{ "tlc,read=7,prog=5/6", { .on = true, .types = 2, .page_secs = 4,
				   .planes = 1, .read_ns = { 7, 7, 7 },
				   .prog_ns = { 5, 6, 6 },
				   .erase_ns = 3000000, .bus_ns = 13108 } },
	{ "mlc,prog=5", { .on = true, .types = 2, .page_secs = 4, .planes = 1,
			  .read_ns = { 48000, 64000, 64000 },
			  .prog_ns = { 5, 5, 5 },
			  .erase_ns = 3000000, .bus_ns = 13108 } },
	/* A preset changes all of it */
	{ "cache=64,suspend=1,tlc,mlc", { .on = true, .types = 2,
					  .page_secs = 4, .planes = 1, MLC } },
	{ "tlc,off", { NONE } },
	{ "off,erase=3", { SOME, .types = 1, .erase_ns = 3 } },
};

static bool same_times(const struct oc_timing *a, const struct oc_timing *b)
{
	return a->on == b->on && a->suspend == b->suspend &&
		a->types == b->types && a->erase_ns == b->erase_ns &&
		a->bus_ns == b->bus_ns && a->cmd_ns == b->cmd_ns &&
		a->ctrl_ns == b->ctrl_ns && a->suspend_ns == b->suspend_ns &&
		a->page_secs == b->page_secs && a->planes == b->planes &&
		a->cache == b->cache &&
		!memcmp(a->read_ns, b->read_ns, sizeof(a->read_ns)) &&
		!memcmp(a->prog_ns, b->prog_ns, sizeof(a->prog_ns));
}

static void timing_words(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(good_rows); i++) {
		const struct good_row *row = &good_rows[i];
		struct oc_complaint why = { };
		struct oc_timing tm;

		memset(&tm, 0x5a, sizeof(tm));
		KUNIT_EXPECT_EQ_MSG(test, oc_timing_parse(&tm, row->text, &why),
				    0, "'%s': want %s", row->text, why.want);
		KUNIT_EXPECT_TRUE_MSG(test, same_times(&tm, &row->tm),
				      "'%s': on %u, types %u, read %u/%u/%u, prog %u/%u/%u",
				      row->text, tm.on, tm.types,
				      tm.read_ns[0], tm.read_ns[1],
				      tm.read_ns[2], tm.prog_ns[0],
				      tm.prog_ns[1], tm.prog_ns[2]);
	}
}

struct bad_row {
	const char *text;
	const char *value;	/* what is complained about */
	const char *want;	/* a part of the advice */
};

#define WANT_TIME	"0 to 4 s, as 500us, 2ms or plain nanoseconds"
#define WANT_LIST	WANT_TIME ", up to three separated by slashes"
#define WANT_NAME	"off, slc, mlc, tlc, or KEY=VALUE of read prog erase bus cmd ctrl suspend page planes cache"

static const struct bad_row bad_rows[] = {
	{ "qlc", "qlc", WANT_NAME },
	{ "TLC", "TLC", WANT_NAME },
	{ "tlc mlc", "tlc mlc", WANT_NAME },
	{ "tlc=1", "tlc", WANT_NAME },
	{ "off=", "off", WANT_NAME },
	{ "read", "read", WANT_NAME },
	{ "reed=1", "reed", WANT_NAME },
	{ "=1", "", WANT_NAME },
	{ "=", "", WANT_NAME },
	{ ",", "", WANT_NAME },
	{ "mlc,", "mlc,", NULL },
	{ ",mlc", "", WANT_NAME },
	{ "mlc,,cache=1", "", WANT_NAME },
	{ "read=1, prog=2", " prog", WANT_NAME },
	{ "read =1", "read ", WANT_NAME },
	{ "types=2", "types", WANT_NAME },

	{ "read=", "read=", WANT_LIST },
	{ "erase=", "erase=", WANT_TIME },
	{ "read=/", "read=/", WANT_LIST },
	{ "read=1/", "read=1/", WANT_LIST },
	{ "read=/1", "read=/1", WANT_LIST },
	{ "read=1//2", "read=1//2", WANT_LIST },
	{ "read=1/2/3/4", "read=1/2/3/4", WANT_LIST },
	{ "prog=1/2/3/", "prog=1/2/3/", WANT_LIST },
	{ "erase=1/2", "erase=1/2", WANT_TIME },
	{ "cache=1/2", "cache=1/2", "65536 sectors" },

	{ "erase=-1", "erase=-1", WANT_TIME },
	{ "read=5us/-1", "read=5us/-1", WANT_LIST },
	{ "erase=+1", "erase=+1", WANT_TIME },
	{ "erase=0x10", "erase=0x10", WANT_TIME },
	{ "erase=1.5ms", "erase=1.5ms", WANT_TIME },
	{ "erase=1e3", "erase=1e3", WANT_TIME },
	{ "erase= 1", "erase= 1", WANT_TIME },
	{ "erase=1 us", "erase=1 us", WANT_TIME },
	{ "erase=us", "erase=us", WANT_TIME },
	{ "erase=1m", "erase=1m", WANT_TIME },
	{ "erase=1US", "erase=1US", WANT_TIME },
	{ "erase=1min", "erase=1min", WANT_TIME },
	{ "erase=1usus", "erase=1usus", WANT_TIME },
	{ "erase==1", "erase==1", WANT_TIME },
	{ "erase=1=2", "erase=1=2", WANT_TIME },
	{ "bus=x", "bus=x", WANT_TIME },
	{ "cmd=?", "cmd=?", WANT_TIME },
	{ "ctrl=-0", "ctrl=-0", WANT_TIME },
	{ "suspend=yes", "suspend=yes", WANT_TIME },

	{ "erase=4000000001", "erase=4000000001", WANT_TIME },
	{ "erase=4294967296", "erase=4294967296", WANT_TIME },
	{ "erase=5s", "erase=5s", WANT_TIME },
	{ "erase=4001ms", "erase=4001ms", WANT_TIME },
	{ "erase=4294967295s", "erase=4294967295s", WANT_TIME },
	{ "erase=18446744073709551617", "erase=18446744073709551617",
	  WANT_TIME },
	{ "page=0", "page=0", "1 to 256 sectors a flash page" },
	{ "page=257", "page=257", "1 to 256" },
	{ "planes=0", "planes=0", "1 to 16 planes" },
	{ "planes=17", "planes=17", "1 to 16 planes" },
	{ "cache=65537", "cache=65537", "0 to 65536 sectors of write cache" },
	/* Counts have no unit */
	{ "page=4ns", "page=4ns", "1 to 256" },
	{ "planes=2ns", "planes=2ns", "1 to 16" },
	{ "cache=1us", "cache=1us", "0 to 65536" },

	/* However much was right before */
	{ "mlc,cache=16,erase=5x", "erase=5x", WANT_TIME },
	{ "erase=5x,mlc", "erase=5x", WANT_TIME },
};

static void timing_bad_words(struct kunit *test)
{
	struct oc_timing tm, before;
	struct oc_complaint why;
	u32 i;

	memset(&before, 0x5a, sizeof(before));
	for (i = 0; i < ARRAY_SIZE(bad_rows); i++) {
		const struct bad_row *row = &bad_rows[i];

		memset(&why, 0, sizeof(why));
		tm = before;
		KUNIT_EXPECT_EQ_MSG(test, oc_timing_parse(&tm, row->text, &why),
				    -EINVAL, "'%s'", row->text);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(&tm, &before, sizeof(tm)), 0,
				    "'%s' was half applied", row->text);
		KUNIT_EXPECT_STREQ(test, why.param ? why.param : "", "timing");
		/* A trailing comma is a word that is empty */
		KUNIT_EXPECT_STREQ(test, (const char *)why.value,
				   row->want ? row->value : "");
		KUNIT_EXPECT_TRUE_MSG(test, strstr(why.want, row->want ?
						   row->want : WANT_NAME),
				      "'%s': want %s", row->text, why.want);
	}
}

/* A complaint is cut, not overrun */
static void timing_long_words(struct kunit *test)
{
	char *text = kzalloc(3000, GFP_KERNEL);
	struct oc_complaint why;
	struct oc_timing tm;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, text);
	memset(text, 'x', 2999);
	KUNIT_EXPECT_EQ(test, oc_timing_parse(&tm, text, &why), -EINVAL);
	KUNIT_EXPECT_EQ(test, strlen(why.value), sizeof(why.value) - 1);
	memset(text, '1', 2999);
	memcpy(text, "read=", 5);
	KUNIT_EXPECT_EQ(test, oc_timing_parse(&tm, text, &why), -EINVAL);
	KUNIT_EXPECT_EQ(test, strlen(why.value), sizeof(why.value) - 1);
	KUNIT_EXPECT_EQ(test, strcmp(why.want, WANT_LIST), 0);
	memset(text + 5, '/', 2994);
	KUNIT_EXPECT_EQ(test, oc_timing_parse(&tm, text, &why), -EINVAL);
	memset(text, ',', 2999);
	KUNIT_EXPECT_EQ(test, oc_timing_parse(&tm, text, &why), -EINVAL);
	kfree(text);
}

static struct kunit_case timing_cases[] = {
	KUNIT_CASE(timing_one_command),
	KUNIT_CASE(timing_nothing_costs_nothing),
	KUNIT_CASE(timing_dies_overlap),
	KUNIT_CASE(timing_die_queues),
	KUNIT_CASE(timing_bus_in_gaps),
	KUNIT_CASE(timing_bus_bound),
	KUNIT_CASE(timing_controller_and_command),
	KUNIT_CASE(timing_pages_read),
	KUNIT_CASE(timing_pages_written),
	KUNIT_CASE(timing_planes),
	KUNIT_CASE(timing_short_writes),
	KUNIT_CASE(timing_copy),
	KUNIT_CASE(timing_program_waits_then_transfers),
	KUNIT_CASE(timing_cache_absorbs),
	KUNIT_CASE(timing_cache_bypassed),
	KUNIT_CASE(timing_cache_streams),
	KUNIT_CASE(timing_cache_partial_pages),
	KUNIT_CASE(timing_cache_room_is_not_shared),
	KUNIT_CASE(timing_cache_entries_run_out),
	KUNIT_CASE(timing_suspend_program),
	KUNIT_CASE(timing_suspend_erase),
	KUNIT_CASE(timing_suspend_only_if_need_be),
	KUNIT_CASE(timing_suspend_shares_the_bus),
	KUNIT_CASE(timing_suspend_and_cache),
	KUNIT_CASE(timing_spans_run_out),
	KUNIT_CASE(timing_late_comers_find_no_old_gap),
	KUNIT_CASE(timing_large_numbers),
	KUNIT_CASE(timing_changes_underway),
	KUNIT_CASE(timing_as_the_reference),
	KUNIT_CASE(timing_holds_in_any_order),
	KUNIT_CASE(timing_words),
	KUNIT_CASE(timing_bad_words),
	KUNIT_CASE(timing_long_words),
	{}
};

struct kunit_suite oc_timing_suite = {
	.name = "oc_timing",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = timing_cases,
};

/* ---- channels with real timers ---------------------------------------- */

#define MS	1000000ULL

/* No minimum in front of a read, so that one write can be read back */
static int time_init(struct kunit *test)
{
	struct oc_config cfg = bench_config();

	cfg.geo.mw_cunits = 0;
	test->priv = bench_make(test, &cfg);
	return test->priv ? 0 : -ENOMEM;
}

static void bench_times(struct kunit *test, const char *text)
{
	struct bench *bench = test->priv;
	struct oc_complaint why;
	struct oc_timing tm;

	KUNIT_ASSERT_EQ(test, oc_timing_parse(&tm, text, &why), 0);
	oc_dev_set_timing(bench->dev, &tm);
}

/* Nothing waits for anything any more */
static void check_idle(struct kunit *test)
{
	struct bench *bench = test->priv;
	u32 i;

	for (i = 0; i < bench->dev->geo.num_grp; i++) {
		struct oc_channel *ch = &bench->dev->ch[i];

		flush_workqueue(ch->wq);
		KUNIT_EXPECT_FALSE(test, !!timerqueue_getnext(&ch->waiting));
		KUNIT_EXPECT_FALSE(test, hrtimer_active(&ch->timer));
		KUNIT_EXPECT_EQ(test, atomic_read(&ch->owned), 0);
	}
}

/* A read, write or reset of 4 sectors in a chunk, not yet submitted */
static struct bench_cmd *time_cmd(struct bench *bench, u8 opcode, u32 grp,
				  u32 pu, u32 chk, u32 sec)
{
	struct bench_cmd *bc = bench_cmd(bench);

	if (opcode == OC_CMD_VECTOR_RESET) {
		bc->lba[0] = bench_lba(bench, grp, pu, chk, 0);
		bench_vector(bc, opcode, 1);
	} else {
		bench_scalar(bc, opcode, bench_lba(bench, grp, pu, chk, sec),
			     4);
		bench_fill(bc, 4, 0);
	}
	return bc;
}

/* How long the command takes; it is not over before @least ns */
static u64 time_one(struct kunit *test, u8 opcode, u32 pu, u32 chk, u32 sec,
		    u64 least)
{
	struct bench_cmd *bc = time_cmd(test->priv, opcode, 0, pu, chk, sec);
	u64 from, took;

	from = ktime_get_ns();
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	took = ktime_get_ns() - from;
	KUNIT_EXPECT_GE(test, took, least);
	bench_cmd_free(bc);
	return took;
}

/* ---- parts that wait -------------------------------------------------- */

#define PARTS	64U

/**
 * struct timed - a part that is over when it is told to
 * @part:	the part
 * @queue:	whose it is
 * @until:	when it shall be over
 * @ended:	when it was
 * @order:	the how manieth it was
 * @dones:	calls of done()
 */
struct timed {
	struct oc_part part;
	struct timed_queue *queue;
	u64 until;
	u64 ended;
	u32 order;
	u32 dones;
};

/**
 * struct timed_queue - parts of one channel
 * @timed:	the parts
 * @seq:	parts that are over
 * @all:	all are
 */
struct timed_queue {
	struct timed timed[PARTS];
	atomic_t seq;
	struct completion all;
};

static bool timed_run(struct oc_part *part, bool may_sleep)
{
	part->when.expires = container_of(part, struct timed, part)->until;
	return true;
}

static void timed_done(struct oc_part *part)
{
	struct timed *timed = container_of(part, struct timed, part);
	struct timed_queue *queue = timed->queue;

	timed->ended = ktime_get_ns();
	timed->dones++;
	timed->order = atomic_inc_return(&queue->seq);
	if (timed->order == PARTS)
		complete(&queue->all);
}

static const struct oc_part_ops timed_ops = {
	.run	= timed_run,
	.done	= timed_done,
};

/* Parts for channel 0 that are over at @from, @from + 100 us, ..., shuffled */
static struct timed_queue *timed_make(struct kunit *test, u64 from)
{
	struct timed_queue *queue = kvzalloc(sizeof(*queue), GFP_KERNEL);
	struct bench *bench = test->priv;
	u32 i;

	if (!queue)
		return NULL;
	init_completion(&queue->all);
	for (i = 0; i < PARTS; i++) {
		struct timed *timed = &queue->timed[i];

		timed->queue = queue;
		timed->part.ops = &timed_ops;
		timed->part.ch = &bench->dev->ch[0];
		/* 29 and 64 have no common divisor */
		timed->until = from + i * 29 % PARTS * 100000;
	}
	return queue;
}

/* Each has ended once, none early, and in the order of their times */
static void timed_check(struct kunit *test, struct timed_queue *queue,
			bool in_order)
{
	struct bench *bench = test->priv;
	u32 i, early = 0, wrong = 0, lost = 0;

	/* There is no giving up on them: they are the queue's memory */
	wait_for_completion(&queue->all);
	/* The last one may still be under way through the channel */
	hrtimer_cancel(&bench->dev->ch[0].timer);
	for (i = 0; i < PARTS; i++) {
		struct timed *timed = &queue->timed[i];

		early += timed->ended < timed->until;
		lost += timed->dones != 1;
		wrong += timed->order != i * 29 % PARTS + 1;
	}
	KUNIT_EXPECT_EQ(test, early, 0U);
	KUNIT_EXPECT_EQ(test, lost, 0U);
	if (in_order)
		KUNIT_EXPECT_EQ(test, wrong, 0U);
	check_idle(test);
	kvfree(queue);
}

static void time_parts_end_in_order(struct kunit *test)
{
	struct bench *bench = test->priv;
	u32 round, i;

	for (round = 0; round < 4; round++) {
		u64 from = ktime_get_ns() + 30 * MS;
		struct timed_queue *queue = timed_make(test, from);

		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, queue);
		bench->dev->use_inline = round % 2;
		for (i = 0; i < PARTS; i++)
			oc_channel_submit(&queue->timed[i].part);
		flush_workqueue(bench->dev->ch[0].wq);
		/* If the machine took that long, some came too late to queue */
		timed_check(test, queue, ktime_get_ns() < from);
	}
	bench->dev->use_inline = true;
}

static void time_busy_channel_ends_them_later(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_channel *ch = &bench->dev->ch[0];
	u64 from = ktime_get_ns() + 30 * MS;
	struct timed_queue *queue = timed_make(test, from);
	bool took;
	u32 i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, queue);
	for (i = 0; i < PARTS; i++)
		oc_channel_submit(&queue->timed[i].part);
	took = oc_channel_take(ch);
	KUNIT_EXPECT_TRUE(test, took);
	if (took && ktime_get_ns() < from) {
		/* The timer finds the channel owned and leaves it alone */
		msleep(60);
		KUNIT_EXPECT_EQ(test, atomic_read(&queue->seq), 0);
		KUNIT_EXPECT_TRUE(test, READ_ONCE(ch->due));
	}
	if (took)
		oc_channel_release(ch);
	timed_check(test, queue, false);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(ch->due));
}

/* ---- commands that wait ----------------------------------------------- */

static void time_commands_wait(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc;

	bench_times(test, "read=2ms,prog=3ms,erase=5ms,page=2");
	time_one(test, nvme_cmd_write, 0, 0, 0, 2 * 3 * MS);
	time_one(test, nvme_cmd_read, 0, 0, 0, 2 * 2 * MS);
	time_one(test, nvme_cmd_write, 0, 0, 4, 2 * 3 * MS);
	time_one(test, nvme_cmd_write, 0, 0, 8, 2 * 3 * MS);
	/* Resets of open chunks are allowed */
	time_one(test, OC_CMD_VECTOR_RESET, 0, 0, 0, 5 * MS);

	/* With the worker in between as well */
	bench->dev->use_inline = false;
	time_one(test, nvme_cmd_write, 1, 0, 0, 2 * 3 * MS);
	time_one(test, nvme_cmd_read, 1, 0, 0, 2 * 2 * MS);
	bench->dev->use_inline = true;
	check_idle(test);

	/* Sectors never written cost no time, nor do commands that fail */
	bench_times(test, "read=4s,prog=4s,erase=4s");
	bc = time_cmd(bench, nvme_cmd_read, 1, 0, 0, 0);
	bench_submit(bc);
	KUNIT_EXPECT_EQ(test, atomic_read(&bc->calls), 1);
	bc = time_cmd(bench, nvme_cmd_write, 1, 0, 0, 8);
	bench_submit(bc);
	KUNIT_EXPECT_EQ(test, atomic_read(&bc->calls), 1);
	KUNIT_EXPECT_EQ(test, bc->cmd.status, (u16)0x42f2);

	/* And with times off nothing waits */
	bench_times(test, "off");
	bc = time_cmd(bench, nvme_cmd_write, 2, 0, 0, 0);
	bench_submit(bc);
	KUNIT_EXPECT_EQ(test, atomic_read(&bc->calls), 1);
	check_idle(test);
}

static void time_from_the_start(struct kunit *test)
{
	struct oc_config cfg = bench_config();

	cfg.timing = "prog=3ms,page=4";
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bench_remake(test, &cfg));
	time_one(test, nvme_cmd_write, 0, 0, 0, 3 * MS);
	check_idle(test);
}

static void time_bad_times_make_no_device(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct oc_complaint why = { };
	struct oc_dev *dev;

	cfg.timing = "prog=3ms,page=0";
	dev = oc_dev_create(&cfg, &why);
	KUNIT_ASSERT_TRUE(test, IS_ERR(dev));
	KUNIT_EXPECT_EQ(test, PTR_ERR(dev), (long)-EINVAL);
	KUNIT_EXPECT_STREQ(test, (const char *)why.value, "page=0");
}

static void time_read_suspends_write(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_channel *ch = &bench->dev->ch[0];
	struct bench_cmd *bc;
	u64 from;

	bench_times(test, "off");
	time_one(test, nvme_cmd_write, 0, 0, 0, 0);
	bench_times(test, "read=2ms,prog=400ms,suspend=1ms,page=4");
	bc = time_cmd(bench, nvme_cmd_write, 0, 0, 1, 0);

	from = ktime_get_ns();
	bench_submit(bc);
	time_one(test, nvme_cmd_read, 0, 0, 0, 3 * MS);
	time_one(test, nvme_cmd_read, 0, 0, 0, 3 * MS);
	KUNIT_EXPECT_EQ(test, atomic_read(&bc->calls), 0);
	KUNIT_EXPECT_EQ(test, oc_timing_shift(&ch->clock, 0), 6 * MS);
	KUNIT_EXPECT_TRUE(test, bench_wait(bc));
	KUNIT_EXPECT_GE(test, ktime_get_ns() - from, 406 * MS);
	KUNIT_EXPECT_EQ(test, bc->cmd.status, (u16)0);
	check_idle(test);
}

#define CROWD	60U

/* All of them come back once, and well */
static void crowd_wait(struct kunit *test, struct bench_cmd **bc)
{
	u32 i, lost = 0, failed = 0;

	for (i = 0; i < CROWD; i++) {
		lost += !bench_wait(bc[i]);
		failed += bc[i]->cmd.status != 0;
	}
	KUNIT_EXPECT_EQ(test, lost, 0U);
	KUNIT_EXPECT_EQ(test, failed, 0U);
}

/* A chunk for each: first written, then read, then reset */
static void crowd_make(struct kunit *test, struct bench_cmd **bc, u8 opcode)
{
	u32 i;

	for (i = 0; i < CROWD; i++) {
		bc[i] = time_cmd(test->priv, opcode, i % 5, i / 5 % 3,
				 i / 15, 0);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bc[i]);
	}
}

static void time_changes_while_commands_wait(struct kunit *test)
{
	static const char *const text[] = {
		"off", "read=1ms,prog=2ms,erase=1ms,suspend=1us", "slc",
		"tlc,cache=16", "ctrl=3ms", "read=10us,bus=100us,cmd=1us",
	};
	static const u8 opcode[] = {
		nvme_cmd_write, nvme_cmd_read, OC_CMD_VECTOR_RESET,
	};
	struct bench *bench = test->priv;
	struct bench_cmd *bc[CROWD];
	u32 round, i;

	for (round = 0; round < 12; round++) {
		bench->dev->use_inline = round / 3 % 2;
		bench_times(test, "read=5ms,prog=5ms,erase=5ms,page=4");
		crowd_make(test, bc, opcode[round % 3]);
		for (i = 0; i < CROWD; i++) {
			if (i % 8 == 7)
				bench_times(test, text[(round + i / 8) %
						       ARRAY_SIZE(text)]);
			bench_submit(bc[i]);
		}
		crowd_wait(test, bc);
		for (i = 0; i < CROWD; i++)
			bench_cmd_free(bc[i]);
	}
	bench->dev->use_inline = true;
	check_idle(test);
}

static void time_off_does_not_wait_for_those_before(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *slow, *fast;

	bench_times(test, "prog=300ms,page=4");
	slow = time_cmd(bench, nvme_cmd_write, 0, 0, 0, 0);
	fast = time_cmd(bench, nvme_cmd_write, 0, 0, 0, 4);
	bench_submit(slow);
	bench_times(test, "off");
	bench_submit(fast);
	KUNIT_EXPECT_TRUE(test, bench_wait(fast));
	KUNIT_EXPECT_EQ(test, atomic_read(&slow->calls), 0);
	KUNIT_EXPECT_TRUE(test, bench_wait(slow));
	KUNIT_EXPECT_EQ(test, slow->cmd.status, (u16)0);
	check_idle(test);
}

static struct kunit_case timing_channel_cases[] = {
	KUNIT_CASE(time_parts_end_in_order),
	KUNIT_CASE(time_busy_channel_ends_them_later),
	KUNIT_CASE(time_commands_wait),
	KUNIT_CASE(time_from_the_start),
	KUNIT_CASE(time_bad_times_make_no_device),
	KUNIT_CASE(time_read_suspends_write),
	KUNIT_CASE(time_changes_while_commands_wait),
	KUNIT_CASE(time_off_does_not_wait_for_those_before),
	{}
};

struct kunit_suite oc_timing_channel_suite = {
	.name = "oc_timing_channel",
	.init = time_init,
	.exit = bench_exit,
	.test_cases = timing_channel_cases,
};
