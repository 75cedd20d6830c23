// SPDX-License-Identifier: GPL-2.0
/*
 * block_test.c - commands of block namespaces, from oc_cmd_submit() to done()
 *
 * Cases run twice: with idle channels run by the submitter, and with everything left to
 * the workers.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "block_bed.h"

/* Each block has a logical sector of its own, and neighbours share a stripe */
static void block_addresses(struct kunit *test)
{
	struct bench *bench = test->priv;
	const struct oc_ns *ns = block_ns(bench);
	u8 *seen = kunit_kzalloc(test, NSZE, GFP_KERNEL);
	struct oc_addr addr;
	u32 lba;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, seen);
	KUNIT_ASSERT_EQ(test, oc_block_nsze(ns), (u64)NSZE);
	for (lba = 0; lba < NSZE; lba++) {
		oc_block_addr(ns, lba, &addr);
		KUNIT_ASSERT_LT(test, addr.grp, 5U);
		KUNIT_ASSERT_LT(test, addr.sec, 200U);
		KUNIT_EXPECT_EQ(test, addr.grp, lba / 8 % 5);
		KUNIT_EXPECT_EQ(test, addr.sec, lba / 40 * 8 + lba % 8);
		KUNIT_EXPECT_FALSE(test, seen[addr.grp * 200 + addr.sec]++);
	}
}

static void block_identify(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct nvme_id_ns *id = kunit_kzalloc(test, sizeof(*id), GFP_KERNEL);
	int idx;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, id);
	bench_identify(block_ns(bench), id);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(id->nsze), 1000ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(id->ncap), 1000ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(id->nuse), 0ULL);
	KUNIT_EXPECT_EQ(test, (u32)id->nsfeat, 0x16U);
	KUNIT_EXPECT_EQ(test, (u32)id->dlfeat, 9U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(id->nawun), 7U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(id->nabsn), 7U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(id->npwg), 3U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(id->nows), 39U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(id->lbaf[0].ms), 0U);
	/* No open-channel namespace */
	KUNIT_EXPECT_EQ(test, (u32)id->vs[0], 0U);
	idx = srcu_read_lock(&bench->dev->ns_srcu);
	KUNIT_EXPECT_EQ(test, (u32)oc_ns_oncs(bench->dev), 0x8fU);
	srcu_read_unlock(&bench->dev->ns_srcu, idx);
	KUNIT_EXPECT_EQ(test, (u32)id->flbas, 0U);
	KUNIT_EXPECT_EQ(test, (u32)id->mc, 0U);
}

static void block_reads_what_was_written(struct kunit *test)
{
	struct bench *bench = test->priv;

	block_churn(test);
	KUNIT_EXPECT_GT(test, bench->dev->ch[0].ftl->count.erases, 0ULL);
	KUNIT_EXPECT_GT(test, bench->dev->ch[4].ftl->count.moves, 0ULL);
	/* Memory is held for what is mapped */
	KUNIT_EXPECT_EQ(test, (u64)bench_used(bench), block_nuse(bench));
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), block_nuse(bench) * 512);
}

/* A media that has no room for anything more */
static int full_reserve(struct oc_channel *ch, u32 nr, gfp_t gfp)
{
	return nr ? -ENOMEM : 0;
}

/* What a write replaces makes room for it, also where it is in many pieces */
static void block_overwrites_without_memory(struct kunit *test)
{
	static struct oc_media_ops full;
	struct bench *bench = test->priv;
	u32 n, lba, wrong, state = 4711;

	full = oc_media_ram;
	full.reserve = full_reserve;
	for (lba = 0; lba < NSZE - 50; lba += 50)
		KUNIT_EXPECT_EQ(test, block_write(bench, lba, 50, 1), 0);
	bench->dev->media = &full;
	for (n = 0; n < 400; n++) {
		state = state * 1103515245 + 12345;
		KUNIT_EXPECT_EQ(test, block_write(bench,
						  (state >> 8) % (NSZE - 114),
						  (state >> 16) % 64 + 1, 2),
				0);
	}
	for (lba = 0; lba < NSZE - 50; lba += 50)
		KUNIT_EXPECT_EQ(test, block_write(bench, lba, 50, 3), 0);
	for (lba = 0; lba < NSZE - 50; lba++) {
		KUNIT_EXPECT_EQ(test, block_read(bench, lba, 3, &wrong), 0);
		KUNIT_EXPECT_EQ(test, wrong, 0U);
	}
	KUNIT_EXPECT_GT(test, bench->dev->ch[0].ftl->count.moves, 0ULL);
	/* New ones need room of their own */
	KUNIT_EXPECT_EQ(test, block_write(bench, lba, 1, 1), 6);
	KUNIT_EXPECT_EQ(test, block_read(bench, lba, 0, &wrong), 0);
	bench->dev->media = &oc_media_ram;
}

static void block_unwritten(struct kunit *test)
{
	struct bench *bench = test->priv;
	u32 wrong;

	KUNIT_EXPECT_EQ(test, block_read(bench, 17, 0, &wrong), 0);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	oc_ns_find(bench->dev, 1)->dulbe = true;
	KUNIT_EXPECT_EQ(test, block_read(bench, 17, 0, &wrong), 0x4287);
	KUNIT_EXPECT_EQ(test, block_do(bench, nvme_cmd_verify, 0, 64, 0), 0x4287);
	KUNIT_EXPECT_EQ(test, block_write(bench, 17, 1, 3), 0);
	KUNIT_EXPECT_EQ(test, block_read(bench, 17, 3, &wrong), 0);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

static void block_zeroes(struct kunit *test)
{
	struct bench *bench = test->priv;
	u32 wrong, lba;

	KUNIT_EXPECT_EQ(test, block_write(bench, 100, 64, 5), 0);
	KUNIT_EXPECT_EQ(test, block_nuse(bench), 64ULL);
	/* Zeroes are written blocks, whatever DULBE says */
	KUNIT_EXPECT_EQ(test, block_do(bench, nvme_cmd_write_zeroes, 110, 30, 0), 0);
	oc_ns_find(bench->dev, 1)->dulbe = true;
	for (lba = 100; lba < 164; lba++) {
		u32 seed = lba < 110 || lba >= 140 ? 5 : 0;

		KUNIT_EXPECT_EQ(test, block_read(bench, lba, seed, &wrong), 0);
		KUNIT_EXPECT_EQ(test, wrong, 0U);
	}
	KUNIT_EXPECT_EQ(test, block_nuse(bench), 64ULL);
	/* With DEAC they are deallocated */
	KUNIT_EXPECT_EQ(test, block_do(bench, nvme_cmd_write_zeroes, 110, 30, BIT(9)), 0);
	KUNIT_EXPECT_EQ(test, block_nuse(bench), 34ULL);
	KUNIT_EXPECT_EQ(test, block_read(bench, 110, 0, &wrong), 0x4287);
	/* All of it, in more than one round */
	KUNIT_EXPECT_EQ(test, block_do(bench, nvme_cmd_write_zeroes, 0, NSZE, 0), 0);
	KUNIT_EXPECT_EQ(test, block_nuse(bench), (u64)NSZE);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
	KUNIT_EXPECT_FALSE(test, block_check(bench));
}

static void block_uncorrectable(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);
	u32 wrong, i;

	KUNIT_EXPECT_EQ(test, block_write(bench, 0, 64, 6), 0);
	KUNIT_EXPECT_EQ(test, block_do(bench, nvme_cmd_write_uncor, 20, 2, 0), 0);
	KUNIT_EXPECT_EQ(test, block_read(bench, 20, 6, &wrong), 0x4281);
	KUNIT_EXPECT_EQ(test, block_read(bench, 21, 6, &wrong), 0x4281);
	KUNIT_EXPECT_EQ(test, block_do(bench, nvme_cmd_verify, 0, 20, 0), 0);
	KUNIT_EXPECT_EQ(test, block_do(bench, nvme_cmd_verify, 0, 21, 0), 0x4281);
	/* What is around it is read all the same */
	bench_scalar(bc, nvme_cmd_read, 0, 64);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4281);
	for (i = 0; i < 64; i++)
		if (i != 20 && i != 21)
			KUNIT_EXPECT_EQ(test, bench_compare(bc, i, i, 6), 0U);
	KUNIT_EXPECT_EQ(test, block_nuse(bench), 64ULL);
	KUNIT_EXPECT_EQ(test, block_write(bench, 20, 1, 7), 0);
	KUNIT_EXPECT_EQ(test, block_read(bench, 20, 7, &wrong), 0);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_FALSE(test, block_check(bench));
}

static void block_compares(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);

	KUNIT_EXPECT_EQ(test, block_write(bench, 30, 64, 8), 0);
	bench_scalar(bc, nvme_cmd_compare, 30, 64);
	bench_fill(bc, 64, 8);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	bench_data(bc, false, 64 * 512);
	bc->data[63 * 512 + 511] ^= 1;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4285);

	/* What was never written compares as zeroes */
	bench_scalar(bc, nvme_cmd_compare, 500, 1);
	memset(bc->data, 0, 512);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	bench_data(bc, false, 512);
	bc->data[0] = 1;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4285);
	KUNIT_EXPECT_EQ(test, block_do(bench, nvme_cmd_write_uncor, 500, 1, 0), 0);
	bench_data(bc, false, 512);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4281);
}

/* 256 ranges, which cross channels, overlap and are empty */
static void block_deallocates(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct block_range *ranges = kunit_kzalloc(test, 256 * sizeof(*ranges),
					     GFP_KERNEL);
	u8 *gone = kunit_kzalloc(test, NSZE, GFP_KERNEL);
	u32 i, k, left = NSZE, state = 99, wrong, bad = 0;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ranges);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, gone);
	for (i = 0; i < NSZE; i += 40)
		KUNIT_ASSERT_EQ(test, block_write(bench, i, 40, 9), 0);
	for (i = 0; i < 256; i++) {
		state = state * 1103515245 + 12345;
		ranges[i].nr = i == 7 ? 100 : (state >> 16) % 4;
		ranges[i].slba = (state >> 8) % (NSZE - ranges[i].nr + 1);
		for (k = 0; k < ranges[i].nr; k++) {
			left -= !gone[ranges[i].slba + k];
			gone[ranges[i].slba + k] = 1;
		}
	}
	/* Hints change nothing */
	KUNIT_EXPECT_EQ(test, block_dsm(bench, ranges, 256, 3), 0);
	KUNIT_EXPECT_EQ(test, block_nuse(bench), (u64)NSZE);
	KUNIT_EXPECT_EQ(test, block_dsm(bench, ranges, 256, 4), 0);
	KUNIT_EXPECT_EQ(test, block_nuse(bench), (u64)left);
	for (i = 0; i < NSZE; i++) {
		bad += block_read(bench, i, gone[i] ? 0 : 9, &wrong) != 0;
		bad += wrong != 0;
	}
	KUNIT_EXPECT_EQ(test, bad, 0U);
	KUNIT_EXPECT_FALSE(test, block_check(bench));

	/* All of it at once */
	ranges[0] = (struct block_range) { 0, NSZE };
	KUNIT_EXPECT_EQ(test, block_dsm(bench, ranges, 1, 4), 0);
	KUNIT_EXPECT_EQ(test, block_nuse(bench), 0ULL);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
}

static void block_refuses_ranges(struct kunit *test)
{
	static const struct block_range past_end[] = {
		{ 0, 8 }, { NSZE - 1, 2 },
	};
	static const struct block_range wraps[] = { { U64_MAX, 2 } };
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);

	KUNIT_EXPECT_EQ(test, block_write(bench, 0, 8, 1), 0);
	KUNIT_EXPECT_EQ(test, block_write(bench, NSZE - 1, 1, 1), 0);
	KUNIT_EXPECT_EQ(test, block_write(bench, NSZE - 1, 2, 1), 0x4080);
	KUNIT_EXPECT_EQ(test, block_write(bench, NSZE, 1, 1), 0x4080);
	bench_scalar(bc, nvme_cmd_read, U64_MAX, 1);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4080);
	bench_scalar(bc, nvme_cmd_read, U64_MAX, 2);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4080);
	bench_scalar(bc, nvme_cmd_read, 0, 65);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	bench_scalar(bc, nvme_cmd_read, 0, 64);
	bench_data(bc, true, 64 * 512 - 1);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x400f);
	KUNIT_EXPECT_EQ(test, block_do(bench, nvme_cmd_write_zeroes, NSZE - 1, 2, 0),
			0x4080);
	KUNIT_EXPECT_EQ(test, block_do(bench, nvme_cmd_verify, NSZE, 1, 0), 0x4080);
	KUNIT_EXPECT_EQ(test, block_do(bench, nvme_cmd_write_uncor, U64_MAX, 1, 0), 0x4080);
	/* The good range before the bad one is not touched either */
	KUNIT_EXPECT_EQ(test, block_dsm(bench, past_end, 2, 4), 0x4080);
	KUNIT_EXPECT_EQ(test, block_dsm(bench, wraps, 1, 4), 0x4080);
	KUNIT_EXPECT_EQ(test, block_nuse(bench), 9ULL);
	/* Vector commands are of another kind */
	bc->lba[0] = 0;
	bench_vector(bc, OC_CMD_VECTOR_READ, 1);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4001);
}

/* Long ranges are done in rounds, between which others have the channel */
static void block_long_ranges(struct kunit *test)
{
	struct oc_config cfg = block_config(true);
	struct bench *bench = test->priv;
	struct oc_channel *ch;
	struct block_range all = { 0, 72816 };
	u64 runs;

	cfg.use_inline = bench->dev->use_inline;
	cfg.geo.num_grp = 1;
	cfg.geo.num_pu = 2;
	cfg.geo.num_chk = 16;
	cfg.geo.clba = 4096;
	cfg.ns = "block:1:80";
	bench = bench_remake(test, &cfg);
	KUNIT_ASSERT_EQ(test, oc_block_nsze(block_ns(bench)), (u64)all.nr);
	ch = &bench->dev->ch[0];
	KUNIT_EXPECT_EQ(test, block_write(bench, all.nr - 8, 8, 1), 0);
	runs = ch->count.inline_runs + ch->count.worker_runs;
	KUNIT_EXPECT_EQ(test, block_dsm(bench, &all, 1, 4), 0);
	/* 72816 / 16384, and a bit */
	KUNIT_EXPECT_EQ(test, ch->count.inline_runs + ch->count.worker_runs -
			runs, 5ULL);
	KUNIT_EXPECT_EQ(test, block_nuse(bench), 0ULL);
}

/* The error log names the bad block, not the piece it was found in */
static void block_verify_names_the_block(struct kunit *test)
{
	struct bench *bench = test->priv;
	const struct oc_wire_error *log = bench->ctrl.errlog;

	KUNIT_EXPECT_EQ(test, block_do(bench, nvme_cmd_write_uncor, 300, 1, 0), 0);
	KUNIT_EXPECT_EQ(test, block_do(bench, nvme_cmd_write_uncor, 219, 1, 0), 0);
	KUNIT_EXPECT_EQ(test, block_do(bench, nvme_cmd_verify, 3, 500, 0), 0x4281);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(log[0].lba), 219ULL);
	KUNIT_EXPECT_EQ(test, block_do(bench, nvme_cmd_verify, 220, 500, 0), 0x4281);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(log[1].lba), 300ULL);
	KUNIT_EXPECT_EQ(test, block_do(bench, nvme_cmd_verify, 990, 11, 0), 0x4080);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(log[2].lba), 990ULL);
}

static struct kunit_case block_cases[] = {
	KUNIT_CASE(block_addresses),
	KUNIT_CASE(block_identify),
	KUNIT_CASE(block_reads_what_was_written),
	KUNIT_CASE(block_overwrites_without_memory),
	KUNIT_CASE(block_unwritten),
	KUNIT_CASE(block_zeroes),
	KUNIT_CASE(block_uncorrectable),
	KUNIT_CASE(block_compares),
	KUNIT_CASE(block_deallocates),
	KUNIT_CASE(block_refuses_ranges),
	KUNIT_CASE(block_long_ranges),
	KUNIT_CASE(block_verify_names_the_block),
	{}
};

static struct kunit_case block_worker_cases[] = {
	KUNIT_CASE(block_addresses),
	KUNIT_CASE(block_identify),
	KUNIT_CASE(block_reads_what_was_written),
	KUNIT_CASE(block_overwrites_without_memory),
	KUNIT_CASE(block_unwritten),
	KUNIT_CASE(block_zeroes),
	KUNIT_CASE(block_uncorrectable),
	KUNIT_CASE(block_compares),
	KUNIT_CASE(block_deallocates),
	KUNIT_CASE(block_refuses_ranges),
	KUNIT_CASE(block_long_ranges),
	KUNIT_CASE(block_verify_names_the_block),
	{}
};

struct kunit_suite oc_block_suite = {
	.name = "oc_block",
	.init = block_init,
	.exit = bench_exit,
	.test_cases = block_cases,
};

struct kunit_suite oc_block_worker_suite = {
	.name = "oc_block_worker",
	.init = block_worker_init,
	.exit = bench_exit,
	.test_cases = block_worker_cases,
};
