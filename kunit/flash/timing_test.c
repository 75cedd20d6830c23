// SPDX-License-Identifier: GPL-2.0
/*
 * timing_test.c - the NAND model to the nanosecond
 *
 * Every expected time is written out.
 */
#include <linux/kernel.h>

#include "timing_bed.h"

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
	struct fake *fake = fake_fresh(test, PLAIN);

	at(test, "read", rd(fake, 0, 0, 1, 100), 100 + 2 + 3 + 1000 + 10);
	fake_fresh(test, PLAIN);
	at(test, "write", wr(fake, 0, 0, 1, 100), 100 + 2 + 3 + 10 + 5000);
	fake_fresh(test, PLAIN);
	at(test, "reset", rs(fake, 0, 100), 100 + 2 + 3 + 9000);
	at(test, "reset behind reset", rs(fake, 0, 100), 9105 + 9000);
	at(test, "reset elsewhere", rs(fake, 1, 200), 200 + 5 + 9000);
}

static void timing_nothing_costs_nothing(struct kunit *test)
{
	struct fake *fake = fake_fresh(test, "off");
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
	struct fake *fake = fake_fresh(test, "read=1000,bus=10,erase=500");
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
	struct fake *fake = fake_fresh(test,
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
	struct fake *fake = fake_fresh(test, "read=1000,bus=100,page=4");

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
	at(test, "all of it", fake->clk.span[0].to - fake->clk.span[0].from, 1200);
}

static void timing_bus_bound(struct kunit *test)
{
	struct fake *fake = fake_fresh(test, "read=1000,bus=200");
	u64 end = 0;
	u32 i;

	for (i = 0; i < 10 * DIES; i++)
		end = max(end, rd(fake, i % DIES, 0, 1, 0));
	/* The bus waits for the first sector only */
	at(test, "160 reads", end, 1000 + 160 * 200);
	at(test, "spans", fake->clk.nr_spans, 1);

	/* Two dies are not enough to fill it */
	fake_fresh(test, "read=1000,bus=200");
	for (i = 0, end = 0; i < 20; i++)
		end = max(end, rd(fake, i % 2, 0, 1, 0));
	at(test, "20 reads of two dies", end, 10 * 1200 + 200);
}

static void timing_controller_and_command(struct kunit *test)
{
	struct fake *fake = fake_fresh(test,
				  "read=1000,prog=700,erase=500,bus=10,cmd=50,ctrl=7");
	u32 i;

	/* The controller serves many at once, the bus one command */
	for (i = 0; i < 4; i++)
		at(test, "read", rd(fake, i, 0, 1, 0), 7 + 50 * (i + 1) + 1010);
	/* 207 to 257 is the command, 257 to 267 is idle in between */
	at(test, "reset", rs(fake, 4, 0), 257 + 500);
	at(test, "write", wr(fake, 5, 0, 1, 0), 257 + 50 + 10 + 700);

	fake_fresh(test, "cmd=50");
	at(test, "read", rd(fake, 0, 0, 1, 0), 50);
	at(test, "two pages, two commands", rd(fake, 1, 0, 2, 0), 150);
	fake_fresh(test, "ctrl=7");
	at(test, "read", rd(fake, 0, 0, 1, 5), 12);
	at(test, "write", wr(fake, 0, 0, 1, 5), 12);
	at(test, "reset", rs(fake, 0, 5), 12);
	at(test, "spans", fake->clk.nr_spans, 0);
}

/* ---- flash pages ------------------------------------------------------ */

static void timing_pages_read(struct kunit *test)
{
	static const char text[] = "read=1000/2000/3000,bus=10,page=4";
	struct fake *fake = fake_fresh(test, text);

	at(test, "a page, one sense", rd(fake, 0, 0, 4, 0), 1040);
	fake_fresh(test, text);
	at(test, "part of it", rd(fake, 0, 1, 2, 0), 1020);
	fake_fresh(test, text);
	at(test, "parts of two", rd(fake, 0, 3, 2, 0), 1010 + 2010);
	fake_fresh(test, text);
	at(test, "three pages", rd(fake, 0, 0, 12, 0), 1040 + 2040 + 3040);
	at(test, "the fourth", rd(fake, 0, 12, 4, 10000), 11040);
	at(test, "the fifth's last", rd(fake, 0, 19, 1, 20000), 22010);
	at(test, "the sixth's first", rd(fake, 0, 20, 1, 30000), 33010);
	at(test, "the chunk's last", rd(fake, 0, 95, 1, 40000), 43010);

	fake_fresh(test, "read=1000/2000,bus=10,page=4");
	at(test, "third of two types", rd(fake, 0, 8, 1, 0), 1010);
	at(test, "fourth of two types", rd(fake, 0, 12, 1, 5000), 7010);
}

static void timing_pages_written(struct kunit *test)
{
	struct fake *fake = fake_fresh(test, "prog=100/200/300,bus=10,page=4");
	u64 end = 0;
	u32 i;

	for (i = 0; i < 6; i++) {
		end += 40 + 100 * (i % 3 + 1);
		at(test, "page", wr(fake, 0, 4 * i, 4, 0), end);
	}
	fake_fresh(test, "prog=100/200/300,bus=10,page=4");
	at(test, "three pages", wr(fake, 0, 0, 12, 0), 3 * 40 + 600);
}

static void timing_planes(struct kunit *test)
{
	struct fake *fake = fake_fresh(test,
				  "read=1000/2000,prog=5000,bus=10,page=4,planes=2");

	at(test, "one sense", rd(fake, 0, 0, 8, 0), 1080);
	at(test, "parts of two", rd(fake, 1, 6, 4, 5000), 6020 + 2020);
	at(test, "half of it", wr(fake, 2, 0, 4, 10000), 10000);
	at(test, "all of it", wr(fake, 2, 4, 4, 10000), 15080);
	fake_fresh(test, "read=1000,bus=1,page=1,planes=16");
	at(test, "16 planes", rd(fake, 0, 16, 16, 0), 1016);
}

static void timing_short_writes(struct kunit *test)
{
	static const char text[] = "prog=5000,bus=10,cmd=5,ctrl=2,page=8";
	struct fake *fake = fake_fresh(test, text);

	at(test, "half a page", wr(fake, 0, 0, 4, 100), 102);
	at(test, "nothing on the bus", fake->clk.nr_spans, 0);
	at(test, "nor on the die", fake->clk.die[0].idle_ns, 0);
	at(test, "the other half", wr(fake, 0, 4, 4, 200), 200 + 2 + 5 + 80 + 5000);

	fake_fresh(test, text);
	at(test, "the rest and a page", wr(fake, 0, 4, 12, 0), 2 + 2 * (5 + 80 + 5000));
	fake_fresh(test, text);
	at(test, "a page and half of one", wr(fake, 0, 0, 12, 0), 2 + 5 + 80 + 5000);

	/* A chunk of a page and a half */
	fake->clba = 12;
	fake_fresh(test, text);
	at(test, "not the end", wr(fake, 0, 8, 2, 0), 2);
	at(test, "the end", wr(fake, 0, 10, 2, 0), 2 + 5 + 40 + 5000);
	fake_fresh(test, text);
	at(test, "all of it", wr(fake, 0, 0, 12, 0), 2 + 5 + 80 + 5000 + 5 + 40 + 5000);
	/* And one of less than a page */
	fake->clba = 3;
	fake_fresh(test, text);
	at(test, "all but one", wr(fake, 0, 0, 2, 0), 2);
	at(test, "the last", wr(fake, 0, 2, 1, 0), 2 + 5 + 30 + 5000);
}

static void timing_copy(struct kunit *test)
{
	struct fake *fake = fake_fresh(test, PLAIN);

	at(test, "read there", rd(fake, 0, 0, 1, 0), 2 + 3 + 1000 + 10);
	at(test, "programmed here",
	   oc_timing_copy(&fake->clk, &fake->tm, 1, 0, 1, fake->clba, 0, 1015),
	   1015 + 3 + 10 + 5000);
	at(test, "the bus is free before", rd(fake, 2, 0, 1, 0),
	   2 + 3 + 3 + 1000 + 10 + 13 + 7);
	fake_fresh(test, PLAIN);
	at(test, "ready before it came",
	   oc_timing_copy(&fake->clk, &fake->tm, 1, 0, 1, fake->clba, 100, 50),
	   100 + 2 + 3 + 10 + 5000);
}

static void timing_program_waits_then_transfers(struct kunit *test)
{
	struct fake *fake = fake_fresh(test, "read=1000,prog=5000,bus=10");

	at(test, "read", rd(fake, 0, 0, 1, 0), 1010);
	at(test, "another die's bus", rd(fake, 1, 0, 1, 3), 1020);
	/* The bus is free at 5, the die at 1010, the bus again at 1020 */
	at(test, "write", wr(fake, 0, 0, 1, 5), 1030 + 5000);
	at(test, "elsewhere at once", wr(fake, 2, 0, 1, 5), 15 + 5000);
}

/* ---- the write cache -------------------------------------------------- */

static void timing_cache_absorbs(struct kunit *test)
{
	struct fake *fake = fake_fresh(test, "read=100,prog=5000,bus=10,cache=4");
	u32 i;

	for (i = 0; i < 4; i++)
		at(test, "room", wr(fake, 0, i, 1, i), i);
	at(test, "waits for the first", wr(fake, 0, 4, 1, 10), 5010);
	at(test, "and for the second", wr(fake, 0, 5, 1, 20), 10020);
	at(test, "on another die too", wr(fake, 1, 0, 1, 30), 15030);
	/* Then die 0 has the bus for its fourth program */
	at(test, "it programs meanwhile", fake->clk.die[1].idle_ns, 20050);
	at(test, "reads wait for programs", rd(fake, 0, 0, 1, 40), 6 * 5010 + 110);
	at(test, "when all is over", wr(fake, 0, 6, 4, 100000), 100000);
	at(test, "used", used(fake, 100000), 4);

	/* Of several dies, whoever is first */
	fake_fresh(test, "prog=5000,bus=10,cache=4,ctrl=7");
	at(test, "four at once", wr(fake, 0, 0, 4, 0), 7);
	fake_fresh(test, "prog=5000/100,bus=10,cache=2");
	at(test, "slow page", wr(fake, 0, 0, 1, 0), 0);
	at(test, "fast page", wr(fake, 1, 1, 1, 0), 0);
	at(test, "waits for the fast one", wr(fake, 2, 0, 1, 0), 120);
	at(test, "and for the slow one", wr(fake, 3, 0, 1, 0), 5010);
}

static void timing_cache_bypassed(struct kunit *test)
{
	struct fake *fake = fake_fresh(test, "prog=5000,bus=10,cache=4");

	at(test, "larger than the cache", wr(fake, 0, 0, 5, 0), 5 * 5010);
	at(test, "leaves it empty", used(fake, 0), 0);
	at(test, "just as large", wr(fake, 1, 0, 4, 0), 0);

	/* A page that begins in the cache and ends past it */
	fake_fresh(test, "prog=5000,bus=10,cache=8,page=16");
	at(test, "4 of 16", wr(fake, 0, 0, 4, 0), 0);
	at(test, "12 more", wr(fake, 0, 4, 12, 0), 5160);
	at(test, "entries", fake->clk.nr_cached, 0);
}

static void timing_cache_streams(struct kunit *test)
{
	struct fake *fake = fake_fresh(test, "prog=1000,bus=10,page=4,cache=16");

	/* Page by page: each gets in when there is room for it */
	at(test, "four pages", wr(fake, 0, 0, 16, 0), 0);
	at(test, "two more", wr(fake, 1, 0, 8, 0), 2080);
	at(test, "used", used(fake, 2080), 16);
	/* The first of them could begin when the first page was out */
	at(test, "their programs", fake->clk.die[1].idle_ns, 3160 + 0);
}

static void timing_cache_partial_pages(struct kunit *test)
{
	struct fake *fake = fake_fresh(test, "prog=5000,bus=10,cache=8,page=8");
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
	fake_fresh(test, "prog=5000,bus=10,cache=4,page=8");
	at(test, "first", wr(fake, 0, 4, 4, 0), 0);
	at(test, "second", wr(fake, 1, 4, 4, 0), 5080);
	at(test, "third", wr(fake, 2, 4, 4, 0), 10160);
	at(test, "later", wr(fake, 0, 12, 4, 20000), 20000);
}

static void timing_cache_room_is_not_shared(struct kunit *test)
{
	struct fake *fake = fake_fresh(test, "prog=5000,bus=10,cache=16,page=16");

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
	struct fake *fake = fake_fresh(test, "prog=5000,cache=3000");
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
	struct fake *fake = fake_fresh(test, SUSPEND);

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
	struct fake *fake = fake_fresh(test, SUSPEND);

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
	struct fake *fake = fake_fresh(test, SUSPEND);

	at(test, "idle die", rd(fake, 0, 0, 1, 0), 110);
	at(test, "reads queue", rd(fake, 0, 0, 1, 0), 220);
	at(test, "write", wr(fake, 0, 0, 1, 0), 230 + 5000);
	/* It comes before the program has begun, and goes before it */
	at(test, "read", rd(fake, 0, 0, 1, 10), 220 + 140);
	at(test, "shift", oc_timing_shift(&fake->clk, 0), 140);

	fake_fresh(test, "read=100,prog=5000,bus=10");
	at(test, "write", wr(fake, 0, 0, 1, 0), 5010);
	at(test, "no suspend", rd(fake, 0, 0, 1, 1000), 5120);
	/* Who has waited so far goes on waiting */
	fake_times(test, SUSPEND);
	at(test, "behind it", rd(fake, 0, 0, 1, 1000), 5230);
	at(test, "shift", oc_timing_shift(&fake->clk, 0), 0);

	/* It is free of charge, and still in front */
	fake_fresh(test, "read=100,prog=5000,suspend=0");
	at(test, "write", wr(fake, 0, 0, 1, 0), 5000);
	at(test, "read", rd(fake, 0, 0, 1, 1000), 1100);
	at(test, "shift", oc_timing_shift(&fake->clk, 0), 100);
}

static void timing_suspend_shares_the_bus(struct kunit *test)
{
	struct fake *fake = fake_fresh(test, SUSPEND);

	at(test, "write", wr(fake, 0, 0, 1, 0), 5010);
	at(test, "another die", rd(fake, 1, 0, 1, 1030), 1140);
	/* Sensed at 1130, the bus is free at 1140: the program waits for it */
	at(test, "read", rd(fake, 0, 0, 1, 1000), 1150);
	at(test, "shift", oc_timing_shift(&fake->clk, 0), 150);
}

static void timing_suspend_and_cache(struct kunit *test)
{
	struct fake *fake = fake_fresh(test, SUSPEND ",cache=1");

	at(test, "write", wr(fake, 0, 0, 1, 0), 0);
	at(test, "read in front", rd(fake, 0, 0, 1, 1000), 1140);
	at(test, "room is later", wr(fake, 1, 0, 1, 1200), 5150);

	/* What is over when the read begins is not later for it */
	fake_fresh(test, SUSPEND ",cache=2");
	at(test, "write", wr(fake, 0, 0, 1, 0), 0);
	at(test, "write", wr(fake, 0, 1, 1, 0), 0);
	at(test, "read in front of the second", rd(fake, 0, 0, 1, 5090), 5230);
	at(test, "room since 5010", wr(fake, 1, 0, 1, 5100), 5100);
	at(test, "room since 10020 + 140", wr(fake, 2, 0, 2, 5100), 10160);
}

/* ---- limits ----------------------------------------------------------- */

static void timing_spans_run_out(struct kunit *test)
{
	struct fake *fake = fake_fresh(test, "read=1000,bus=10");
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
	at(test, "that gap is given up", rd(fake, 3, 0, 1, last - 500), last + 1020);
	at(test, "what is over is forgotten", fake->clk.nr_spans, 1);
	at(test, "exact again", rd(fake, 4, 0, 1, last + 500), last + 1510);
}

static void timing_late_comers_find_no_old_gap(struct kunit *test)
{
	struct fake *fake = fake_fresh(test, "read=1000,bus=100");

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
	struct fake *fake = fake_fresh(test, most);
	u64 now = 1ULL << 61;

	fake->clba = 1 << 24;
	at(test, "read", rd(fake, 0, (1 << 24) - 64, 64, now), now + 67 * 4000000000ULL);
	at(test, "reset", rs(fake, 1, now), now + 4 * 4000000000ULL);
	fake_fresh(test, most);
	at(test, "nothing full", wr(fake, 0, (1 << 24) - 128, 64, now),
	   now + 4000000000ULL);
	at(test, "4096 sectors", wr(fake, 0, (1 << 24) - 64, 64, now),
	   now + (3 + 4096) * 4000000000ULL);
	at(test, "4096 more", wr(fake, 0, 4095, 1, now),
	   now + (5 + 2 * 4096) * 4000000000ULL);
	fake_fresh(test, "read=1/2/3,bus=1");
	at(test, "64 pages", rd(fake, 0, (1 << 24) - 64, 64, 0), 64 + 21 * 6 + 1 + 0);
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
	struct fake *fake = fake_fresh(test, "slc,cache=4");
	u32 i, k, early = 0;
	u64 now = 0;

	for (i = 0; i < 200; i++) {
		fake_times(test, text[i % ARRAY_SIZE(text)]);
		for (k = 0; k < 12; k++, now += 50) {
			early += wr(fake, k % 3, 8 * k, 8, now) < now;
			early += rd(fake, k % 5, 8 * k, 8, now) < now;
			early += rs(fake, k % 7, now) < now;
		}
	}
	at(test, "early", early, 0);

	fake_times(test, "prog=5000,cache=4");
	now = 1ULL << 40;
	at(test, "write", wr(fake, 0, 0, 4, now), now);
	at(test, "used", used(fake, now), 4);
	at(test, "entries", fake->clk.nr_cached, 4);
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
	{}
};

struct kunit_suite oc_timing_suite = {
	.name = "oc_timing",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = timing_cases,
};
