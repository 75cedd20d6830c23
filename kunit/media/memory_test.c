// SPDX-License-Identifier: GPL-2.0
/*
 * memory_test.c - how much memory data may take
 */
#include <linux/kernel.h>
#include <linux/sizes.h>

#include "memory_bed.h"

/* ---- what memory= says ------------------------------------------------ */

static void memory_parse(struct kunit *test)
{
	static const struct {
		const char *text;
		int kind;	/* -1: refused */
		u64 bytes;
	} rows[] = {
		{ "", OC_MEMORY_AUTO, 0 },
		{ "auto", OC_MEMORY_AUTO, 0 },
		{ "0", OC_MEMORY_NONE, 0 },
		{ "0M", OC_MEMORY_NONE, 0 },
		{ "1", OC_MEMORY_FIXED, 1 },
		{ "4096", OC_MEMORY_FIXED, 4096 },
		{ "0x1000", OC_MEMORY_FIXED, 4096 },
		{ "3K", OC_MEMORY_FIXED, 3072 },
		{ "64M", OC_MEMORY_FIXED, SZ_64M },
		{ "3G", OC_MEMORY_FIXED, 3221225472ULL },
		{ "17179869183G", OC_MEMORY_FIXED, 18446744072635809792ULL },
		{ "1%", OC_MEMORY_FIXED, SZ_1M },
		{ "50%", OC_MEMORY_FIXED, 50 * SZ_1M },
		{ "100%", OC_MEMORY_FIXED, 100 * SZ_1M },
		{ "17179869184G", -1 },
		{ "18446744073709551616", -1 },
		{ "0%", -1 },
		{ "101%", -1 },
		{ "%", -1 },
		{ "K", -1 },
		{ "5%M", -1 },
		{ "5M%", -1 },
		{ "1T", -1 },
		{ "1m", -1 },
		{ "1MB", -1 },
		{ "-1", -1 },
		{ "1 M", -1 },
		{ "1.5G", -1 },
		{ "AUTO", -1 },
		{ "auto1", -1 },
		{ "00000000000000000000001M", -1 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct oc_memory_limit limit = { .bytes = 4711 };
		struct oc_complaint why = { };
		int ret = oc_memory_parse(&limit, rows[i].text, 100 * SZ_1M,
					  &why);

		if (rows[i].kind < 0) {
			KUNIT_EXPECT_EQ_MSG(test, ret, -EINVAL, "%s", rows[i].text);
			KUNIT_EXPECT_EQ(test, limit.bytes, 4711ULL);
			KUNIT_EXPECT_STREQ(test, why.param, "memory");
			KUNIT_EXPECT_STREQ(test, (const char *)why.value, rows[i].text);
			continue;
		}
		KUNIT_EXPECT_EQ_MSG(test, ret, 0, "%s", rows[i].text);
		KUNIT_EXPECT_EQ_MSG(test, (int)limit.kind, rows[i].kind, "%s",
				    rows[i].text);
		KUNIT_EXPECT_EQ_MSG(test, limit.bytes, rows[i].bytes, "%s", rows[i].text);
	}
}

static void memory_room(struct kunit *test)
{
	static const struct {
		const char *name;
		int kind;
		u64 bytes, granted, peak, spare, available, room;
	} rows[] = {
		{ "no limit", OC_MEMORY_NONE, 0, 1000, 0, 100, 0, U64_MAX },
		{ "fixed", OC_MEMORY_FIXED, 70, 50, 0, 100, 0, 20 },
		{ "fixed, full", OC_MEMORY_FIXED, 50, 50, 0, 100, 900, 0 },
		{ "fixed, lowered", OC_MEMORY_FIXED, 50, 70, 90, 100, 900, 0 },
		{ "enough", OC_MEMORY_AUTO, 0, 50, 50, 100, 140, 40 },
		{ "just enough", OC_MEMORY_AUTO, 0, 50, 50, 100, 100, 0 },
		{ "not enough", OC_MEMORY_AUTO, 0, 50, 50, 100, 60, 0 },
		{ "again", OC_MEMORY_AUTO, 0, 50, 80, 100, 100, 30 },
		{ "again, half", OC_MEMORY_AUTO, 0, 50, 200, 100, 90, 40 },
		{ "again, none", OC_MEMORY_AUTO, 0, 50, 200, 100, 50, 0 },
		{ "again or more", OC_MEMORY_AUTO, 0, 50, 60, 100, 140, 40 },
		{ "nothing", OC_MEMORY_AUTO, 0, 50, 200, 100, 0, 0 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct oc_memory mem = {
			.limit = { rows[i].kind, rows[i].bytes },
			.granted = rows[i].granted, .peak = rows[i].peak,
			.spare = rows[i].spare,
		};

		KUNIT_EXPECT_EQ_MSG(test, oc_memory_room(&mem, rows[i].available),
				    rows[i].room, "%s", rows[i].name);
	}
	KUNIT_EXPECT_EQ(test, oc_memory_spare(SZ_512M), (u64)SZ_128M);
	KUNIT_EXPECT_EQ(test, oc_memory_spare(40 * (u64)SZ_1G), 2 * (u64)SZ_1G);
}

/* ---- budgets ---------------------------------------------------------- */

/* As the channel's owner */
static int take(struct oc_channel *ch, u64 bytes)
{
	int ret;

	oc_channel_own(ch);
	ret = oc_memory_take(ch, bytes);
	oc_channel_release(ch);
	return ret;
}

static void put(struct oc_channel *ch, u64 bytes)
{
	oc_channel_own(ch);
	oc_memory_put(ch, bytes);
	oc_channel_release(ch);
}

/* What one channel has left is there for the others, to the last byte */
static void memory_budgets(struct kunit *test)
{
	struct bench *bench = memory_bench(test, "oc20:5", "1000");
	struct oc_channel *ch;
	u32 i;

	ch = bench->dev->ch;
	KUNIT_EXPECT_EQ(test, take(&ch[0], 1001), -ENOSPC);
	KUNIT_EXPECT_EQ(test, take(&ch[0], 600), 0);
	KUNIT_EXPECT_EQ(test, take(&ch[1], 401), -ENOSPC);
	put(&ch[0], 600);
	for (i = 0; i < 10; i++)
		KUNIT_EXPECT_EQ(test, take(&ch[i % 5], 100), 0);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, take(&ch[i], 1), -ENOSPC);
	KUNIT_EXPECT_EQ(test, bench->dev->memory.granted, 1000ULL);
	KUNIT_EXPECT_EQ(test, bench->dev->memory.refused, 7ULL);
	for (i = 0; i < 10; i++)
		put(&ch[i % 5], 100);
	KUNIT_EXPECT_EQ(test, take(&ch[3], 1000), 0);
	put(&ch[3], 1000);
	memory_expect_sums(test);
}

/* Where there is plenty, the device is asked once for many sectors */
static void memory_asks_seldom(struct kunit *test)
{
	struct bench *bench = memory_bench(test, "oc20:5", "1G");
	struct oc_channel *ch;
	u64 was, asked = 0;
	u32 i;

	ch = bench->dev->ch;
	for (i = 0; i < 16 * 256; i++) {
		was = bench->dev->memory.granted;
		KUNIT_EXPECT_EQ(test, take(&ch[2], 4096), 0);
		asked += bench->dev->memory.granted != was;
	}
	KUNIT_EXPECT_EQ(test, asked, 16ULL);
	/* And what comes back goes back, but for a little */
	while (i--)
		put(&ch[2], 4096);
	KUNIT_EXPECT_LE(test, bench->dev->memory.granted, 2ULL * SZ_1M);
	memory_expect_sums(test);
}

static u64 memory_left;

static u64 some_left(void)
{
	return memory_left;
}

static void memory_leaves_some(struct kunit *test)
{
	struct bench *bench = memory_bench(test, "oc20:5", NULL);
	u64 held = 0, again = 0;
	struct oc_channel *ch;

	ch = bench->dev->ch;
	bench->dev->memory.available = some_left;
	bench->dev->memory.spare = SZ_128M;

	/* Every sector taken is one less available */
	for (memory_left = SZ_128M + 20 * SZ_1M;
	     !take(&ch[held % 5], 4096); held++)
		memory_left -= 4096;
	KUNIT_EXPECT_LE(test, memory_left, (u64)SZ_128M);
	/* No budget lies idle then, and what was in them was taken */
	KUNIT_EXPECT_GE(test, memory_left, (u64)SZ_128M - 5 * SZ_1M);
	KUNIT_EXPECT_EQ(test, bench->dev->memory.granted, held * 4096);

	/* What is freed stays in half used slabs, and may be had again */
	for (again = 0; again < 10 * 256; again++)
		put(&ch[(held - 1 - again) % 5], 4096);
	for (; again; again--)
		KUNIT_EXPECT_EQ(test, take(&ch[4], 4096), 0);
	KUNIT_EXPECT_EQ(test, take(&ch[4], 4096), -ENOSPC);

	/* Unless others have that too */
	put(&ch[4], 10 * SZ_1M);
	memory_left = SZ_64M;
	KUNIT_EXPECT_EQ(test, take(&ch[3], 5 * SZ_1M), -ENOSPC);
	memory_left = SZ_128M;
	KUNIT_EXPECT_EQ(test, take(&ch[3], 5 * SZ_1M), 0);
	put(&ch[3], 5 * SZ_1M);
	put(&ch[3], held * 4096 - 10 * SZ_1M);
	memory_expect_sums(test);
}

/* What is freed together is put back together, all of it */
static void memory_clears(struct kunit *test)
{
	struct bench *bench = memory_bench(test, "oc20:5", "1M");
	const struct oc_media_ops *media = &oc_media_ram;
	struct oc_channel *ch;

	ch = bench->dev->ch;
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 24, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, bench_lba(bench, 0, 2, 4, 0), 8, 1),
			(u16)0);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 32 * 512ULL + 2 * PAGE_SIZE);
	memory_expect_sums(test);
	oc_channel_own(ch);
	media->discard(ch, 0);
	oc_channel_release(ch);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 8 * 512ULL + PAGE_SIZE);
	memory_expect_sums(test);
	/* Twice: the second time there is nothing */
	oc_channel_own(ch);
	media->clear_ch(ch);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
	media->clear_ch(ch);
	oc_channel_release(ch);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
	memory_expect_sums(test);
}

static struct kunit_case memory_cases[] = {
	KUNIT_CASE(memory_parse),
	KUNIT_CASE(memory_room),
	KUNIT_CASE(memory_budgets),
	KUNIT_CASE(memory_asks_seldom),
	KUNIT_CASE(memory_leaves_some),
	KUNIT_CASE(memory_clears),
	{}
};

struct kunit_suite oc_memory_suite = {
	.name = "oc_memory",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = memory_cases,
};
