// SPDX-License-Identifier: GPL-2.0
/*
 * memory_io_test.c - commands for whose data there is no memory: they change nothing
 *
 * Statuses are literal, as a host sees them.
 */
#include <linux/kernel.h>

#include "oc_ftl.h"
#include "memory_bed.h"

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
				KUNIT_EXPECT_EQ(test, write_scatter(bench, chk, 1),
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
			memory_expect_sums(test);
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
		refused_changes_nothing(test, bench_remake(test, &cfg), 4, true);
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
		refused_changes_nothing(test, bench_remake(test, &cfg), 3, false);
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
static u32 differ(struct kunit *test, u32 grp, u32 chk)
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
		memory_expect_sums(test);
		KUNIT_EXPECT_EQ(test, bench->dev->ch[0].chunks[i % 2].wp,
				i % 2 ? 0U : 16U);
	}
	KUNIT_EXPECT_EQ(test, differ(test, grps - 1, 0), 0U);

	/* A reset makes room for as much again */
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench, bench_lba(bench, 1, 0, 0, 0)), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), (grps - 1) * (16 * 512ULL + PAGE_SIZE));
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test,
				bench_write_run(bench,
						bench_lba(bench, 0, 0, 1, 4 * i),
						4, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), bytes);
	KUNIT_EXPECT_EQ(test, differ(test, 0, 1), 0U);

	/* A limit below what there is takes nothing away */
	oc_dev_set_memory(bench->dev, &(struct oc_memory_limit) {
			  OC_MEMORY_FIXED, 1 });
	KUNIT_EXPECT_EQ(test, differ(test, 0, 0), 0U);
	KUNIT_EXPECT_EQ(test, write_all(bench, grps, 2, 0), (u16)0x4006);
	oc_dev_set_memory(bench->dev, &(struct oc_memory_limit) {
			  OC_MEMORY_NONE });
	KUNIT_EXPECT_EQ(test, write_all(bench, grps, 2, 0), (u16)0);
	memory_expect_sums(test);
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

	/* Overwriting and reading go on without limit */
	for (n = 0; n < 4000; n++)
		KUNIT_EXPECT_EQ(test, bench_write_run(bench, n * 7 % 40, 1, n), (u16)0);
	KUNIT_EXPECT_GT(test, bench->dev->ch[0].ftl->count.erases, 0ULL);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 20480ULL);
	for (lba = 0; lba < 40; lba++)
		KUNIT_EXPECT_EQ(test, scalar_do(bench, 1, nvme_cmd_read, lba, 1, 0),
				(u16)0);

	/* What is deallocated, 4 in each channel, makes room for others there */
	KUNIT_EXPECT_EQ(test, scalar_do(bench, 1, nvme_cmd_write_zeroes, 0, 20, 0x200),
			(u16)0);
	for (lba = 40; lba < 60; lba++)
		KUNIT_EXPECT_EQ(test, bench_write_run(bench, lba, 1, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, lba, 1, 1), (u16)0x4081);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 20480ULL);
	memory_expect_sums(test);
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
			KUNIT_EXPECT_EQ(test, bench_write_run(bench, lba, 8, i), (u16)0);
		/* Over what is there, which has a stock in between */
		KUNIT_EXPECT_EQ(test, bench_write_run(bench, 3, 64, i), (u16)0);
		KUNIT_EXPECT_EQ(test, bench_bytes(bench), 61440ULL);
		KUNIT_EXPECT_EQ(test, bench_write_run(bench, 120, 1, i), (u16)0x4081);
		KUNIT_EXPECT_EQ(test, scalar_do(bench, 1, rows[i].opcode, 0, 120,
						rows[i].control), (u16)0);
		KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
		memory_expect_sums(test);

		/* As much for 88 sectors and 4 pages of OOB, and no more */
		for (lba = 0; lba < 4; lba++)
			KUNIT_EXPECT_EQ(test,
					scalar_do(bench, 2, nvme_cmd_write,
						  lba * 32, lba < 3 ? 24 : 16,
						  0),
					(u16)0);
		KUNIT_EXPECT_EQ(test, bench_bytes(bench), 61440ULL);
		KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 1, i), (u16)0x4081);
		for (lba = 0; lba < 4; lba++)
			KUNIT_EXPECT_EQ(test,
					scalar_do(bench, 2, OC_CMD_VECTOR_RESET,
						  lba * 32, 1, 0), (u16)0);
		KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
		memory_expect_sums(test);
	}
}

static struct kunit_case memory_io_cases[] = {
	KUNIT_CASE(memory_random),
	KUNIT_CASE(memory_unordered),
	KUNIT_CASE(memory_oc20),
	KUNIT_CASE(memory_oc20_worker),
	KUNIT_CASE(memory_oc12),
	KUNIT_CASE(memory_block),
	KUNIT_CASE(memory_block_gives_back),
	{}
};

struct kunit_suite oc_memory_io_suite = {
	.name = "oc_memory_io",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = memory_io_cases,
};
