// SPDX-License-Identifier: GPL-2.0
/*
 * memory_test.c - how much memory data may take
 *
 * Statuses are literal, as a host sees them.
 */
#include <linux/kernel.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc_ftl.h"
#include "oc_test.h"

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
			KUNIT_EXPECT_EQ_MSG(test, ret, -EINVAL, "%s",
					    rows[i].text);
			KUNIT_EXPECT_EQ(test, limit.bytes, 4711ULL);
			KUNIT_EXPECT_STREQ(test, why.param, "memory");
			KUNIT_EXPECT_STREQ(test, (const char *)why.value,
					   rows[i].text);
			continue;
		}
		KUNIT_EXPECT_EQ_MSG(test, ret, 0, "%s", rows[i].text);
		KUNIT_EXPECT_EQ_MSG(test, (int)limit.kind, rows[i].kind, "%s",
				    rows[i].text);
		KUNIT_EXPECT_EQ_MSG(test, limit.bytes, rows[i].bytes, "%s",
				    rows[i].text);
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

		KUNIT_EXPECT_EQ_MSG(test,
				    oc_memory_room(&mem, rows[i].available),
				    rows[i].room, "%s", rows[i].name);
	}
	KUNIT_EXPECT_EQ(test, oc_memory_spare(SZ_512M), (u64)SZ_128M);
	KUNIT_EXPECT_EQ(test, oc_memory_spare(40 * (u64)SZ_1G),
			2 * (u64)SZ_1G);
}

/* ---- budgets ---------------------------------------------------------- */

static struct bench *memory_bench(struct kunit *test, const char *ns,
				  const char *memory)
{
	struct oc_config cfg = bench_config();

	cfg.ns = ns;
	cfg.memory = memory;
	return bench_remake(test, &cfg);
}

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

/* What the channels hold and what they may take is all that they got */
static void expect_sums(struct kunit *test)
{
	struct bench *bench = test->priv;
	u64 sum = bench_bytes(bench);
	u32 i;

	for (i = 0; i < bench->dev->geo.num_grp; i++)
		sum += atomic64_read(&bench->dev->ch[i].budget);
	KUNIT_EXPECT_EQ(test, sum, bench->dev->memory.granted);
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
	expect_sums(test);
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
	expect_sums(test);
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
	expect_sums(test);
}

/* What is freed together is put back together, all of it */
static void memory_clears(struct kunit *test)
{
	struct bench *bench = memory_bench(test, "oc20:5", "1M");
	const struct oc_media_ops *media = &oc_media_ram;
	struct oc_channel *ch;

	ch = bench->dev->ch;
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 24, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, bench_lba(bench, 0, 2, 4, 0),
					      8, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 32 * 512ULL + 2 * PAGE_SIZE);
	expect_sums(test);
	oc_channel_own(ch);
	media->discard(ch, 0);
	oc_channel_release(ch);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 8 * 512ULL + PAGE_SIZE);
	expect_sums(test);
	/* Twice: the second time there is nothing */
	oc_channel_own(ch);
	media->clear_ch(ch);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
	media->clear_ch(ch);
	oc_channel_release(ch);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
	expect_sums(test);
}

/* ---- what is refused changes nothing ---------------------------------- */

/**
 * struct short_media - a media that has nothing left after so many requests
 * @ops:	the RAM media, with a prepare() of its own
 * @err:	what it says then
 * @left:	requests that succeed
 * @hasty:	only those fail that may not sleep
 */
static struct short_media {
	struct oc_media_ops ops;
	int err;
	u32 left;
	bool hasty;
} short_of;

static int short_prepare(struct oc_channel *ch, u32 index, u32 nr, gfp_t gfp)
{
	if (!short_of.hasty || !gfpflags_allow_blocking(gfp)) {
		if (!short_of.left)
			return short_of.err;
		short_of.left--;
	}
	return oc_media_ram.prepare(ch, index, nr, gfp);
}

static void make_short(struct bench *bench, u32 left, int err, bool hasty)
{
	short_of.ops = oc_media_ram;
	short_of.ops.prepare = short_prepare;
	short_of.err = err;
	short_of.left = left;
	short_of.hasty = hasty;
	bench->dev->media = &short_of.ops;
}

#define SCATTER	12U

/* Sectors of two channels in no order, one of them twice: 7 runs */
static void scatter(struct bench *bench, struct bench_cmd *bc, u32 chk)
{
	static const u8 at[SCATTER] = {
		20, 21, 22, 3, 4, 3, 9, 2, 3, 4, 15, 0,
	};
	u32 i;

	for (i = 0; i < SCATTER; i++)
		bc->lba[i] = bench_lba(bench, i < 6 ? 0 : 3, 1, chk, at[i]);
}

static u16 write_scatter(struct bench *bench, u32 chk, u32 seed)
{
	struct bench_cmd *bc = bench_cmd(bench);
	u16 status;

	scatter(bench, bc, chk);
	bench_vector(bc, OC_CMD_VECTOR_WRITE, SCATTER);
	bench_fill(bc, SCATTER, seed);
	status = bench_run(bc);
	bench_cmd_free(bc);
	return status;
}

/* Which of the first 24 sectors of @chk of group @grp hold something */
static u32 holds(struct bench *bench, u32 grp, u32 chk)
{
	struct oc_channel *ch = &bench->dev->ch[grp];
	u32 mask = 0, i;

	oc_channel_own(ch);
	for (i = 0; i < 24; i++)
		if (oc_l2p_get(&ch->l2p, (ch->geo->num_chk + chk) *
			       ch->geo->clba + i) != OC_L2P_NONE)
			mask |= BIT(i);
	oc_channel_release(ch);
	return mask;
}

/*
 * Nothing is there but sectors 3 and 21 of both channels; then a scattered write
 * is refused after every number of its runs
 */
static void refused_changes_nothing(struct kunit *test, struct bench *bench,
				    u32 chk, bool oc20)
{
	struct bench_cmd *bc = bench_cmd(bench);
	u32 left, kind, was[2];
	u64 bytes;

	bc->lba[0] = bench_lba(bench, 0, 1, chk, 3);
	bc->lba[1] = bench_lba(bench, 0, 1, chk, 21);
	bc->lba[2] = bench_lba(bench, 3, 1, chk, 3);
	bc->lba[3] = bench_lba(bench, 3, 1, chk, 21);
	bench_vector(bc, OC_CMD_VECTOR_WRITE, 4);
	bench_fill(bc, 4, 7);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	was[0] = holds(bench, 0, chk);
	was[1] = holds(bench, 3, chk);
	KUNIT_EXPECT_EQ(test, was[0], 0x200008U);
	KUNIT_EXPECT_EQ(test, was[1], 0x200008U);
	bytes = bench_bytes(bench);

	for (kind = 0; kind < 3; kind++) {
		for (left = 0; left < 7; left++) {
			/* The submitter's try fails, then perhaps the worker's */
			make_short(bench, left, kind ? -ENOMEM : -ENOSPC,
				   kind == 2);
			if (kind == 2 && bench->dev->use_inline) {
				/* And then the device is full */
				oc_dev_set_memory(bench->dev,
						  &(struct oc_memory_limit) {
						  OC_MEMORY_FIXED, bytes });
				KUNIT_EXPECT_EQ(test,
						write_scatter(bench, chk, 1),
						(u16)0x4006);
				oc_dev_set_memory(bench->dev,
						  &(struct oc_memory_limit) {
						  OC_MEMORY_NONE });
			} else if (kind < 2) {
				KUNIT_EXPECT_EQ(test,
						write_scatter(bench, chk, 1),
						(u16)(kind ? 0x0006 : 0x4006));
				/* Nor is a page of OOB left of an empty chunk */
				short_of.left = left;
				KUNIT_EXPECT_EQ(test,
						write_scatter(bench, chk - 1, 1),
						(u16)(kind ? 0x0006 : 0x4006));
			}
			KUNIT_EXPECT_EQ(test, holds(bench, 0, chk), was[0]);
			KUNIT_EXPECT_EQ(test, holds(bench, 3, chk), was[1]);
			KUNIT_EXPECT_EQ(test, bench_bytes(bench), bytes);
			expect_sums(test);
		}
	}
	bench->dev->media = &oc_media_ram;

	/* A host sees neither sectors that are zeroes nor other data */
	bench->dev->ns[0].dulbe = oc20;
	scatter(bench, bc, chk);
	bench_vector(bc, OC_CMD_VECTOR_READ, SCATTER);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)(oc20 ? 0x4287 : 0x42ff));
	/* Entries 3, 5 and 8 are sector 3, and 1 is sector 21 */
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0xed5ULL);
	KUNIT_EXPECT_EQ(test, bench_compare(bc, 3, bc->lba[3], 7), 0U);
	KUNIT_EXPECT_EQ(test, bench_compare(bc, 1, bc->lba[1], 7), 0U);
	KUNIT_EXPECT_EQ(test, bench_compare(bc, 8, bc->lba[8], 7), 0U);
	bench->dev->ns[0].dulbe = false;

	/* And what succeeds at the second try is whole */
	make_short(bench, 2, -ENOMEM, true);
	KUNIT_EXPECT_EQ(test, write_scatter(bench, chk, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, holds(bench, 0, chk), 0x700018U);
	KUNIT_EXPECT_EQ(test, holds(bench, 3, chk), 0x20821dU);
	bench->dev->media = &oc_media_ram;
	bench_cmd_free(bc);
}

static void memory_random(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	u32 i;

	cfg.type = "random:2";
	for (i = 0; i < 2; i++) {
		cfg.use_inline = !i;
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bench_remake(test, &cfg));
		refused_changes_nothing(test, test->priv, 4, true);
	}
}

static void memory_unordered(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	u32 i;

	cfg.geo.num_grp = 4;
	cfg.geo.num_pu = 2;
	cfg.geo.num_chk = 4;
	cfg.geo.clba = 32;
	cfg.geo.mw_cunits = 0;
	cfg.ns = "oc12:4";
	for (i = 0; i < 2; i++) {
		cfg.use_inline = !i;
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bench_remake(test, &cfg));
		refused_changes_nothing(test, test->priv, 3, false);
	}
}

/* ---- commands --------------------------------------------------------- */

/* Write 4 sectors of chunk @chk of each group, from @sec on, in one command */
static u16 write_all(struct bench *bench, u32 grps, u32 chk, u32 sec)
{
	struct bench_cmd *bc = bench_cmd(bench);
	u16 status;
	u32 i;

	for (i = 0; i < 4 * grps; i++)
		bc->lba[i] = bench_lba(bench, i / 4, 0, chk, sec + i % 4);
	bench_vector(bc, OC_CMD_VECTOR_WRITE, 4 * grps);
	bench_fill(bc, 4 * grps, 1);
	status = bench_run(bc);
	bench_cmd_free(bc);
	return status;
}

/* Bytes that differ in sectors 0 to 7 of chunk @chk of group @grp */
static u32 read_one(struct kunit *test, u32 grp, u32 chk)
{
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 wrong = 0, i;

	bench_scalar(bc, nvme_cmd_read, bench_lba(test->priv, grp, 0, chk, 0), 8);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	for (i = 0; i < 8; i++)
		wrong += bench_compare(bc, i, bc->lba[i], 1);
	bench_cmd_free(bc);
	return wrong;
}

/*
 * Vector writes over all channels, on a device that has memory for 8 times 20
 * sectors and their OOB: the ninth and all others change nothing
 */
static void memory_vector(struct kunit *test, struct bench *bench, u32 grps)
{
	u32 i;
	u64 bytes;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bench);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, write_all(bench, grps, 0, 4 * i), (u16)0);
	bytes = bench_bytes(bench);
	KUNIT_EXPECT_EQ(test, bytes, (u64)grps * (16 * 512 + PAGE_SIZE));

	/* One channel could, the others not; or the OOB goes and the data not */
	for (i = 0; i < 5; i++) {
		u64 limit = bytes + 4 * 512 + i * 1300;

		oc_dev_set_memory(bench->dev, &(struct oc_memory_limit) {
				  OC_MEMORY_FIXED, limit });
		KUNIT_EXPECT_EQ(test, write_all(bench, grps, i % 2, i % 2 ? 0 : 16),
				(u16)0x4006);
		KUNIT_EXPECT_EQ(test, bench_bytes(bench), bytes);
		expect_sums(test);
		KUNIT_EXPECT_EQ(test, bench->dev->ch[0].chunks[i % 2].wp,
				i % 2 ? 0U : 16U);
	}
	KUNIT_EXPECT_EQ(test, read_one(test, grps - 1, 0), 0U);

	/* A reset makes room for as much again */
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench, bench_lba(bench, 1, 0, 0, 0)),
			(u16)0);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench),
			(grps - 1) * (16 * 512ULL + PAGE_SIZE));
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test,
				bench_write_run(bench,
						bench_lba(bench, 0, 0, 1, 4 * i),
						4, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), bytes);
	KUNIT_EXPECT_EQ(test, read_one(test, 0, 1), 0U);

	/* A limit below what there is takes nothing away */
	oc_dev_set_memory(bench->dev, &(struct oc_memory_limit) {
			  OC_MEMORY_FIXED, 1 });
	KUNIT_EXPECT_EQ(test, read_one(test, 0, 0), 0U);
	KUNIT_EXPECT_EQ(test, write_all(bench, grps, 2, 0), (u16)0x4006);
	oc_dev_set_memory(bench->dev, &(struct oc_memory_limit) {
			  OC_MEMORY_NONE });
	KUNIT_EXPECT_EQ(test, write_all(bench, grps, 2, 0), (u16)0);
	expect_sums(test);
}

static void memory_oc20(struct kunit *test)
{
	memory_vector(test, memory_bench(test, "oc20:5", "1M"), 5);
}

static void memory_oc12(struct kunit *test)
{
	struct oc_config cfg = bench_config();

	cfg.geo.num_grp = 4;
	cfg.geo.num_pu = 2;
	cfg.geo.num_chk = 4;
	cfg.geo.clba = 32;
	cfg.geo.mw_cunits = 0;
	cfg.ns = "oc12:4";
	cfg.memory = "1M";
	cfg.strict = true;
	memory_vector(test, bench_remake(test, &cfg), 4);
}

/* By their workers, who might have slept for it */
static void memory_oc20_worker(struct kunit *test)
{
	struct oc_config cfg = bench_config();

	cfg.memory = "1M";
	cfg.use_inline = false;
	memory_vector(test, bench_remake(test, &cfg), 5);
}

static u16 scalar_do(struct bench *bench, u32 nsid, u8 opcode, u32 lba, u32 nr,
		     u16 control)
{
	struct bench_cmd *bc = bench_cmd(bench);
	u16 status;

	bench_scalar(bc, opcode, lba, nr);
	if (opcode == OC_CMD_VECTOR_RESET)
		bench_vector(bc, opcode, nr);
	else
		bc->sqe.rw.control = cpu_to_le16(control);
	bc->sqe.rw.nsid = cpu_to_le32(nsid);
	if (opcode != nvme_cmd_read && opcode != nvme_cmd_write)
		bench_data(bc, false, 0);
	status = bench_run(bc);
	bench_cmd_free(bc);
	return status;
}

static void memory_block(struct kunit *test)
{
	struct bench *bench = memory_bench(test, "block:5:60", "20480");
	u32 lba, n;
	u16 status;

	for (lba = 0; lba < 100; lba++) {
		status = bench_write_run(bench, lba, 1, 1);
		if (status)
			break;
	}
	KUNIT_EXPECT_EQ(test, status, (u16)0x4081);
	KUNIT_EXPECT_EQ(test, lba, 40U);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 41, 1, 1), (u16)0x4081);

	/* Overwriting goes on for as long as one likes, and reading */
	for (n = 0; n < 4000; n++)
		KUNIT_EXPECT_EQ(test, bench_write_run(bench, n * 7 % 40, 1, n),
				(u16)0);
	KUNIT_EXPECT_GT(test, bench->dev->ch[0].ftl->count.erases, 0ULL);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 20480ULL);
	for (lba = 0; lba < 40; lba++)
		KUNIT_EXPECT_EQ(test, scalar_do(bench, 1, nvme_cmd_read, lba, 1,
						0), (u16)0);

	/* What is deallocated, 4 in each channel, makes room for others there */
	KUNIT_EXPECT_EQ(test, scalar_do(bench, 1, nvme_cmd_write_zeroes, 0,
					20, 0x200), (u16)0);
	for (lba = 40; lba < 60; lba++)
		KUNIT_EXPECT_EQ(test, bench_write_run(bench, lba, 1, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, lba, 1, 1), (u16)0x4081);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 20480ULL);
	expect_sums(test);
}

/* What one namespace does not hold any more, another one may have: all of it */
static void memory_block_gives_back(struct kunit *test)
{
	static const struct {
		u8 opcode;
		u16 control;
	} rows[] = {
		{ nvme_cmd_write_zeroes, 0x200 },
		{ nvme_cmd_write_zeroes, 0 },
		{ nvme_cmd_write_uncor, 0 },
	};
	struct bench *bench = memory_bench(test, "block:4:60,oc20:1",
					   "61440");
	u32 i, lba;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (lba = 0; lba < 120; lba += 8)
			KUNIT_EXPECT_EQ(test,
					bench_write_run(bench, lba, 8, i),
					(u16)0);
		/* Over what is there, which has a stock in between */
		KUNIT_EXPECT_EQ(test, bench_write_run(bench, 3, 64, i),
				(u16)0);
		KUNIT_EXPECT_EQ(test, bench_bytes(bench), 61440ULL);
		KUNIT_EXPECT_EQ(test, bench_write_run(bench, 120, 1, i),
				(u16)0x4081);
		KUNIT_EXPECT_EQ(test, scalar_do(bench, 1, rows[i].opcode, 0, 120,
						rows[i].control), (u16)0);
		KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
		expect_sums(test);

		/* As much for 88 sectors and 4 pages of OOB, and no more */
		for (lba = 0; lba < 4; lba++)
			KUNIT_EXPECT_EQ(test,
					scalar_do(bench, 2, nvme_cmd_write,
						  lba * 32, lba < 3 ? 24 : 16,
						  0),
					(u16)0);
		KUNIT_EXPECT_EQ(test, bench_bytes(bench), 61440ULL);
		KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 1, i),
				(u16)0x4081);
		for (lba = 0; lba < 4; lba++)
			KUNIT_EXPECT_EQ(test,
					scalar_do(bench, 2, OC_CMD_VECTOR_RESET,
						  lba * 32, 1, 0), (u16)0);
		KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
		expect_sums(test);
	}
}

static struct kunit_case memory_cases[] = {
	KUNIT_CASE(memory_parse),
	KUNIT_CASE(memory_room),
	KUNIT_CASE(memory_budgets),
	KUNIT_CASE(memory_asks_seldom),
	KUNIT_CASE(memory_leaves_some),
	KUNIT_CASE(memory_clears),
	KUNIT_CASE(memory_random),
	KUNIT_CASE(memory_unordered),
	KUNIT_CASE(memory_oc20),
	KUNIT_CASE(memory_oc20_worker),
	KUNIT_CASE(memory_oc12),
	KUNIT_CASE(memory_block),
	KUNIT_CASE(memory_block_gives_back),
	{}
};

struct kunit_suite oc_memory_suite = {
	.name = "oc_memory",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = memory_cases,
};
