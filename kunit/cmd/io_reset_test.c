// SPDX-License-Identifier: GPL-2.0
/*
 * io_reset_test.c - resets, by vector and by deallocating
 *
 * Each case runs twice: with idle channels run by the submitter, and with everything
 * left to the workers. Statuses are literal, 0x4000 being DNR.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "io_bed.h"

static void io_reset_gives_memory_back(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	io_write_stripes(test, bc);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 192U);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench),
			192 * 512ULL + 8 * PAGE_SIZE);

	/* Any address of a chunk names it */
	for (i = 0; i < 8; i++)
		bc->lba[i] = bench_lba(bench, i % 5, i / 5, 0, i * 3);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x90, 8), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0ULL);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);

	/* And what it held is gone */
	io_stripes(bc, 0);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 64), (u16)0);
	for (i = 0; i < 64; i++)
		KUNIT_EXPECT_TRUE_MSG(test, bench_is_blank(bc, i), "entry %u",
				      i);
	io_write_stripes(test, bc);
}

static void io_reset_writes_descriptors(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	const struct oc_wire_chunk *desc = (const void *)bc->oob;
	u32 i;

	io_write_stripes(test, bc);
	/* Entry 1 is free and stays so, entry 2 names nothing */
	bc->lba[0] = bench_lba(bench, 4, 0, 0, 5);
	bc->lba[1] = bench_lba(bench, 0, 2, 2, 0);
	bc->lba[2] = bench_lba(bench, 0, 3, 0, 0);
	bc->lba[3] = bench_lba(bench, 0, 1, 0, 0);
	memset(bc->oob, 0xee, 64 * 32);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x90, 4), (u16)0x42c1);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 6ULL);
	for (i = 0; i < 4; i += 3) {
		KUNIT_EXPECT_EQ(test, (u32)desc[i].cs, 1U);
		KUNIT_EXPECT_EQ(test, (u32)desc[i].ct, 1U);
		KUNIT_EXPECT_EQ(test, (u32)desc[i].wli, 1U);
		KUNIT_EXPECT_EQ(test, le64_to_cpu(desc[i].slba),
				bc->lba[i] & ~31ULL);
		KUNIT_EXPECT_EQ(test, le64_to_cpu(desc[i].wp), 0ULL);
		KUNIT_EXPECT_EQ(test, le64_to_cpu(desc[i].cnlb), 24ULL);
	}
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->oob + 64, 0xee, 32));
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->oob + 128, 0xee, 32));
}

static void io_reset_without_descriptors(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);

	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 24, 1), (u16)0);
	bc->lba[0] = 0;
	bench_vector(bc, 0x90, 1);
	bc->sqe.common.metadata = cpu_to_le64(0x666000);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].chunks[0].resets, 0U);

	memset(bc->oob, 0xee, 32);
	bc->sqe.common.metadata = 0;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->oob, 0xee, 32));
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].chunks[0].resets, 1U);
}

static void io_reset_64_chunks(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	/* Open chunks may be reset here (mccap 4), free ones may not */
	for (i = 0; i < 64; i++)
		KUNIT_EXPECT_EQ(test,
				bench_write_run(bench,
						bench_lba(bench, i % 5,
							  i / 5 % 3, i / 15,
							  0), 4, 1), (u16)0);
	io_chunks(bc, 64, 11);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x90, 64), (u16)0);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x90, 64), (u16)0x42c1);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), U64_MAX);

	/* Entries 0, 31, 32 and 63 are open again; the others still fail */
	for (i = 0; i < 64; i++)
		if (i == 0 || i == 31 || i == 32 || i == 63)
			KUNIT_EXPECT_EQ(test,
					bench_write_run(bench,
							bc->lba[i] & ~31ULL, 4,
							1), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x90, 64), (u16)0x42c1);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0x7ffffffe7ffffffeULL);
}

static void take_offline(struct oc_channel *ch, void *arg)
{
	oc_chunk_offline(&ch->chunks[*(u32 *)arg], &ch->stat);
}

/* The status of a command is that of the first entry that failed */
static void io_reset_status_of_first_failure(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 chk = 0;

	oc_channel_call(&bench->dev->ch[4], take_offline, &chk);

	bc->lba[0] = bench_lba(bench, 4, 0, 0, 0);	/* offline */
	bc->lba[1] = bench_lba(bench, 0, 0, 0, 0);	/* free */
	bc->lba[2] = bench_lba(bench, 7, 0, 0, 0);	/* nowhere */
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x90, 3), (u16)0x42c0);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 7ULL);
	swap(bc->lba[0], bc->lba[1]);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x90, 3), (u16)0x42c1);
	swap(bc->lba[0], bc->lba[2]);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x90, 3), (u16)0x42c1);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 7ULL);

	/* An offline chunk takes no writes and reads as blank */
	KUNIT_EXPECT_EQ(test, bench_write_run(bench,
					      bench_lba(bench, 4, 0, 0, 0), 4,
					      1), (u16)0x4280);
	bc->lba[0] = bench_lba(bench, 4, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 1), (u16)0);
	KUNIT_EXPECT_TRUE(test, bench_is_blank(bc, 0));
}

/* The same chunk twice in a list: the second time it is free */
static void io_reset_twice_in_a_list(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);

	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 24, 1), (u16)0);
	bc->lba[0] = 0;
	bc->lba[1] = 5;
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x90, 2), (u16)0x42c1);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 2ULL);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].chunks[0].resets, 1U);
}

/* ---- deallocate ------------------------------------------------------- */

/* A DSM of @nr ranges, which stand in the command's data */
static u16 run_dsm(struct bench_cmd *bc, u32 nr, u32 attributes)
{
	bench_dsm(bc, nr, attributes);
	/* As Linux does: one buffer of 4096 bytes for any number */
	bench_data(bc, false, 4096);
	return bench_run(bc);
}

static void io_dsm_resets_chunks(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u64 lba = bench_lba(bench, 2, 1, 3, 0);

	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 24, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, lba, 24, 1), (u16)0);
	bench_range(bc, 0, lba, 24);
	bench_range(bc, 1, 0, 24);

	/* Without the deallocate bit it is a hint */
	KUNIT_EXPECT_EQ(test, run_dsm(bc, 2, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 48U);

	KUNIT_EXPECT_EQ(test, run_dsm(bc, 1, NVME_DSMGMT_AD), (u16)0);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[2].chunks[8].resets, 1U);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].chunks[0].resets, 0U);

	/* The first is free now, the second is reset all the same */
	KUNIT_EXPECT_EQ(test, run_dsm(bc, 2, NVME_DSMGMT_AD), (u16)0x42c1);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0ULL);
}

static void io_dsm_range_is_one_chunk(struct kunit *test)
{
	static const struct {
		const char *name;
		u64 slba;
		u32 nlb;
		u16 status;
	} ranges[] = {
		{ "too short", 0, 23, 0x4080 },
		{ "too long", 0, 25, 0x4080 },
		{ "two chunks", 0, 48, 0x4080 },
		{ "empty", 0, 0, 0x4080 },
		{ "not at the start", 1, 24, 0x42c1 },
		{ "sector 24", 24, 24, 0x42c1 },
		{ "chunk 5", 5 * 32, 24, 0x42c1 },
		{ "beyond", 1ULL << 40, 24, 0x42c1 },
	};
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 24, 1), (u16)0);
	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		/* The good one comes first, and is not reset either */
		bench_range(bc, 0, 0, 24);
		bench_range(bc, 1, ranges[i].slba, ranges[i].nlb);
		KUNIT_EXPECT_EQ_MSG(test, run_dsm(bc, 2, NVME_DSMGMT_AD),
				    ranges[i].status, "%s", ranges[i].name);
		KUNIT_EXPECT_EQ_MSG(test,
				    bench->dev->ch[0].chunks[0].resets, 0U,
				    "%s", ranges[i].name);
	}

	/* Ranges that the buffer does not hold */
	bench_data(bc, false, 31);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x400f);
}

/* More ranges than bits: several rounds */
static void io_dsm_all_chunks(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i, wrong = 0;

	for (i = 0; i < 75; i++) {
		u64 lba = bench_lba(bench, i % 5, i / 5 % 3, i / 15, 0);

		wrong += bench_write_run(bench, lba, 4, 1) != 0;
		bench_range(bc, i, lba, 24);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 300U);
	KUNIT_EXPECT_EQ(test, run_dsm(bc, 75, NVME_DSMGMT_AD), (u16)0);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);

	/* The first of them fail: nothing is tried after that round */
	for (i = 0; i < 75; i++)
		KUNIT_EXPECT_EQ(test, bench->dev->ch[i % 5].chunks[i / 5].resets,
				1U);
	KUNIT_EXPECT_EQ(test, run_dsm(bc, 75, NVME_DSMGMT_AD), (u16)0x42c1);
}

static struct kunit_case io_reset_cases[] = {
	KUNIT_CASE(io_reset_gives_memory_back),
	KUNIT_CASE(io_reset_writes_descriptors),
	KUNIT_CASE(io_reset_without_descriptors),
	KUNIT_CASE(io_reset_64_chunks),
	KUNIT_CASE(io_reset_status_of_first_failure),
	KUNIT_CASE(io_reset_twice_in_a_list),
	KUNIT_CASE(io_dsm_resets_chunks),
	KUNIT_CASE(io_dsm_range_is_one_chunk),
	KUNIT_CASE(io_dsm_all_chunks),
	{}
};

static struct kunit_case io_reset_worker_cases[] = {
	BENCH_WORKER_CASE(io_reset_gives_memory_back),
	BENCH_WORKER_CASE(io_reset_writes_descriptors),
	BENCH_WORKER_CASE(io_reset_without_descriptors),
	BENCH_WORKER_CASE(io_reset_64_chunks),
	BENCH_WORKER_CASE(io_reset_status_of_first_failure),
	BENCH_WORKER_CASE(io_reset_twice_in_a_list),
	BENCH_WORKER_CASE(io_dsm_resets_chunks),
	BENCH_WORKER_CASE(io_dsm_range_is_one_chunk),
	BENCH_WORKER_CASE(io_dsm_all_chunks),
	{}
};

static_assert(ARRAY_SIZE(io_reset_cases) == ARRAY_SIZE(io_reset_worker_cases));

struct kunit_suite oc_io_reset_suite = {
	.name = "oc_io_reset",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = io_reset_cases,
};

struct kunit_suite oc_io_reset_worker_suite = {
	.name = "oc_io_reset_worker",
	.init = bench_worker_init,
	.exit = bench_exit,
	.test_cases = io_reset_worker_cases,
};
