// SPDX-License-Identifier: GPL-2.0
/*
 * io_test.c - reads, writes and flushes, from oc_cmd_submit() to done()
 *
 * Each case runs twice: with idle channels run by the submitter, and with everything
 * left to the workers. Statuses are literal, 0x4000 being DNR.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "io_bed.h"

static void io_path_is_the_one_chosen(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	bool use_inline = bench->dev->use_inline;
	u64 inl = 0, worker = 0;
	u32 i;

	bc->lba[0] = 0;
	bench_vector(bc, 0x92, 1);
	bench_submit(bc);
	/* An idle channel answers before the submitter goes on */
	if (use_inline)
		KUNIT_EXPECT_EQ(test, atomic_read(&bc->calls), 1);
	KUNIT_EXPECT_TRUE(test, bench_wait(bc));
	io_write_stripes(test, bc);
	bench_settle(bench);
	for (i = 0; i < 5; i++) {
		inl += bench->dev->ch[i].count.inline_runs;
		worker += bench->dev->ch[i].count.worker_runs;
	}
	if (use_inline)
		KUNIT_EXPECT_EQ(test, worker, 0ULL);
	else
		KUNIT_EXPECT_EQ(test, inl, 0ULL);
	KUNIT_EXPECT_NE(test, inl + worker, 0ULL);
}

static void io_vector_write_reads_back(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i, wrong = 0;

	io_write_stripes(test, bc);

	/* In the opposite order, data and OOB both */
	io_stripes(bc, 16);
	for (i = 0; i < 32; i++)
		swap(bc->lba[i], bc->lba[63 - i]);
	memset(bc->data, 0xee, 64 * 512);
	memset(bc->oob, 0xee, 64 * 16);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 64), (u16)0);
	for (i = 0; i < 64; i++)
		wrong += bench_compare(bc, i, bc->lba[i], 1) != 0;
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

static void io_scalar_write_reads_back(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u64 slba = bench_lba(bench, 2, 1, 3, 0);
	u32 i, wrong = 0;

	KUNIT_EXPECT_EQ(test, bench_write_run(bench, slba, 16, 5), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, slba + 16, 8, 5), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)bench->dev->ch[2].chunks[8].state, 2U);

	bench_scalar(bc, nvme_cmd_read, slba, 24);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	for (i = 0; i < 24; i++)
		wrong += bench_compare(bc, i, slba + i, 5) != 0;
	KUNIT_EXPECT_EQ(test, wrong, 0U);

	/* And by vector, one at a time */
	for (i = 0; i < 24; i += 23) {
		bc->lba[0] = slba + i;
		memset(bc->data, 0, 512);
		KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 1), (u16)0);
		KUNIT_EXPECT_EQ(test, bench_compare(bc, 0, slba + i, 5), 0U);
	}
}

static void io_single_sector_units(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_config cfg = bench_config();
	struct bench_cmd *bc;
	u32 i;

	cfg.use_inline = bench->dev->use_inline;
	cfg.geo.ws_min = 1;
	cfg.geo.ws_opt = 1;
	cfg.geo.mw_cunits = 0;
	cfg.geo.lba_size = 4096;
	bench = bench_remake(test, &cfg);
	bc = bench_cmd(test->priv);
	for (i = 0; i < 3; i++) {
		bc->lba[0] = bench_lba(bench, 1, 2, 4, i);
		bench_fill(bc, 1, 2);
		KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 1), (u16)0);
		memset(bc->data, 0, 4096);
		KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 1), (u16)0);
		KUNIT_EXPECT_EQ(test, bench_compare(bc, 0, bc->lba[0], 2), 0U);
	}

	/* 64 chunks in one write, each of them one sector further */
	io_chunks(bc, 64, 0);
	bench_fill(bc, 64, 3);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 64), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 64), (u16)0x42f2);
	memset(bc->data, 0, 64 * 4096);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 64), (u16)0);
	for (i = 0; i < 64; i++)
		KUNIT_EXPECT_EQ_MSG(test, bench_compare(bc, i, bc->lba[i], 3),
				    0U, "entry %u", i);
}

static void io_without_oob(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_config cfg = bench_config();
	struct bench_cmd *bc;
	u32 i, wrong = 0;

	cfg.use_inline = bench->dev->use_inline;
	cfg.geo.oob_size = 0;
	bench = bench_remake(test, &cfg);
	bc = bench_cmd(test->priv);
	/* A metadata pointer means nothing then */
	io_write_stripes(test, bc);
	memset(bc->oob, 0xee, 64 * 32);
	io_stripes(bc, 8);
	bench_vector(bc, 0x92, 64);
	bc->sqe.common.metadata = cpu_to_le64(0x666000);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	for (i = 0; i < 64; i++)
		wrong += bench_compare(bc, i, bc->lba[i], 1) != 0;
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->oob, 0xee, 64 * 32));
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 192 * 512ULL);
}

static void io_unwritten_reads_blank(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i, wrong = 0;

	io_chunks(bc, 64, 7);
	memset(bc->data, 0xee, 64 * 512);
	memset(bc->oob, 0xee, 64 * 16);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 64), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0ULL);
	for (i = 0; i < 64; i++)
		wrong += !bench_is_blank(bc, i);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

static void io_write_without_oob_reads_all_ones(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	for (i = 0; i < 24; i++)
		bc->lba[i] = i;
	bench_vector(bc, 0x91, 24);
	bench_fill(bc, 24, 6);
	bc->sqe.common.metadata = 0;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	memset(bc->oob, 0xee, 24 * 16);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 24), (u16)0);
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->oob, 0xff, 24 * 16));
	/* 16 bytes that differ are the OOB; the data is there */
	KUNIT_EXPECT_LE(test, bench_compare(bc, 23, 23, 6), 16U);
}

static void io_cache_window(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 wp, i;

	/* mw_cunits is 8: what is behind the last 8 sectors can be read */
	for (wp = 4; wp <= 24; wp += 4) {
		u32 end = wp == 24 ? 24 : wp < 8 ? 0 : wp - 8;

		KUNIT_EXPECT_EQ(test, bench_write_run(bench, wp - 4, 4, 8),
				(u16)0);
		bench_scalar(bc, nvme_cmd_read, 0, 24);
		memset(bc->data, 0xee, 24 * 512);
		memset(bc->oob, 0xee, 24 * 16);
		KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
		for (i = 0; i < 24; i++)
			KUNIT_EXPECT_TRUE_MSG(test, i < end ?
					      !bench_compare(bc, i, i, 8) :
					      bench_is_blank(bc, i),
					      "wp %u, sector %u", wp, i);
	}
}

/* The feature changes between a command's parts: they use the first value */
static void io_dulbe_is_that_of_the_beginning(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	struct oc_channel *ch = &bench->dev->ch[1];
	u32 on;

	for (on = 0; on < 2; on++) {
		WRITE_ONCE(bench->dev->ns[0].dulbe, on);
		bc->lba[0] = bench_lba(bench, 0, 0, 0, 0);
		bc->lba[1] = bench_lba(bench, 1, 0, 0, 0);
		bench_vector(bc, 0x92, 2);
		/* The worker lets go only after it has ended the last command */
		oc_channel_own(ch);
		bench_submit(bc);
		WRITE_ONCE(bench->dev->ns[0].dulbe, !on);
		oc_channel_release(ch);
		KUNIT_ASSERT_TRUE(test, bench_wait(bc));
		KUNIT_EXPECT_EQ(test, bc->cmd.status, (u16)(on ? 0x4287 : 0));
		KUNIT_EXPECT_EQ(test, bench_bitmap(bc), (u64)(on ? 3 : 0));
	}
}

static void io_dulbe_fails_what_is_unwritten(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u64 want = 0;
	u32 i;

	io_write_stripes(test, bc);
	WRITE_ONCE(bench->dev->ns[0].dulbe, true);

	/* All written */
	io_stripes(bc, 0);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 64), (u16)0);

	/* Entries 3, 31, 32, 40 and 63 unwritten, 33 names nothing */
	bc->lba[3] = bench_lba(bench, 0, 2, 4, 0);
	bc->lba[31] = bench_lba(bench, 4, 2, 4, 23);
	bc->lba[32] = bench_lba(bench, 4, 2, 3, 0);
	bc->lba[33] = bench_lba(bench, 5, 0, 0, 0);
	bc->lba[40] = bench_lba(bench, 1, 2, 3, 1);
	bc->lba[63] = bench_lba(bench, 2, 2, 2, 2);
	for (i = 0; i < 64; i++)
		if (i == 3 || (i >= 31 && i <= 33) || i == 40 || i == 63)
			want |= 1ULL << i;
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 64), (u16)0x4287);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), want);

	/* Only addresses that name nothing */
	bc->lba[0] = bc->lba[33];
	bc->lba[1] = U64_MAX;
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 2), (u16)0x4287);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 3ULL);

	/* A scalar read has no bitmap */
	bench_scalar(bc, nvme_cmd_read, bench_lba(bench, 0, 2, 4, 0), 8);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4287);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0ULL);
	/* Past the chunk's end: sectors 24 to 31 are not there */
	bench_scalar(bc, nvme_cmd_read, bench_lba(bench, 0, 0, 0, 16), 16);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4287);
}

/* ---- what is counted and logged --------------------------------------- */

static void io_flush(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);

	bc->sqe.common.opcode = nvme_cmd_flush;
	bc->sqe.common.nsid = cpu_to_le32(1);
	bench_data(bc, false, 0);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
}

/* For all namespaces: there is never anything to write back, whatever they do */
static void io_flush_all(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u8 op;

	bc->sqe.common.opcode = nvme_cmd_flush;
	bc->sqe.common.nsid = cpu_to_le32(0xffffffff);
	bench_data(bc, false, 0);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_STREQ(test, (char *)bc->cmd.queue->ops->name(&bc->cmd),
			   "flush");
	WRITE_ONCE(bench->dev->ns[0].gate, OC_CUT_FORMAT);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	clear_bit(0, bench->port.active);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	set_bit(0, bench->port.active);
	WRITE_ONCE(bench->dev->ns[0].gate, OC_CUT_NOT);
	bench->dev->sanitize.state = OC_SANITIZE_RUNS;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x1d);
	bench->dev->sanitize.state = OC_SANITIZE_NEVER;

	/* It cannot be fused, and all other commands name one namespace */
	bc->sqe.common.flags = NVME_CMD_FUSE_FIRST;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	bc->sqe.common.flags = 0;
	bc->sqe.common.nsid = cpu_to_le32(0xfffffffe);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x400b);
	bc->sqe.common.nsid = 0;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x400b);
	for (op = nvme_cmd_write; op; op++) {
		if (op == nvme_fabrics_command)
			continue;
		bench_scalar(bc, op, 0, 4);
		bc->sqe.common.nsid = cpu_to_le32(0xffffffff);
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), (u16)0x400b,
				    "opcode %#x", op);
	}
}

static void io_counters(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	struct oc_count sum = {};
	u32 i;

	io_write_stripes(test, bc);		/* 3 commands, 192 sectors */
	io_stripes(bc, 0);
	bench_run_vector(bc, 0x92, 64);		/* 64 sectors */
	bench_scalar(bc, nvme_cmd_read, 0, 10);
	bench_run(bc);				/* 10 sectors */
	bc->lba[0] = 0;
	bench_run_vector(bc, 0x90, 1);		/* a reset */
	bench_run_vector(bc, 0x90, 1);		/* a failure */
	bench_write_run(bench, 4, 4, 1);	/* four more */
	bench_settle(bench);
	for (i = 0; i < 5; i++) {
		sum.reads += bench->dev->ch[i].count.reads;
		sum.writes += bench->dev->ch[i].count.writes;
		sum.resets += bench->dev->ch[i].count.resets;
		sum.fails += bench->dev->ch[i].count.fails;
	}
	KUNIT_EXPECT_EQ(test, sum.writes, 192ULL);
	KUNIT_EXPECT_EQ(test, sum.reads, 74ULL);
	KUNIT_EXPECT_EQ(test, sum.resets, 1ULL);
	KUNIT_EXPECT_EQ(test, sum.fails, 5ULL);
	KUNIT_EXPECT_EQ(test, oc_cmd_counted(bench->dev, OC_COUNT_READ), 2ULL);
	KUNIT_EXPECT_EQ(test, oc_cmd_counted(bench->dev, OC_COUNT_WRITE),
			4ULL);
	KUNIT_EXPECT_EQ(test, oc_cmd_counted(bench->dev, OC_COUNT_OTHER),
			2ULL);
}

static void io_errors_are_logged(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	const struct oc_wire_error *entry;
	u32 i;

	bench_write_run(bench, 0, 4, 1);
	KUNIT_EXPECT_EQ(test, bench->ctrl.nr_errors, 0ULL);

	bench_scalar(bc, nvme_cmd_write, 12, 4);
	bc->sqe.common.command_id = 0x1234;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x42f2);
	KUNIT_EXPECT_EQ(test, bench->ctrl.nr_errors, 1ULL);
	entry = &bench->ctrl.errlog[0];
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry->error_count), 1ULL);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(entry->sqid), 1U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(entry->cmdid), 0x1234U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(entry->status), 0x85e4U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(entry->location), 0xffffU);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry->lba), 12ULL);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(entry->nsid), 1U);

	/* A ring of 64 */
	for (i = 0; i < 64; i++)
		bench_run(bc);
	KUNIT_EXPECT_EQ(test, bench->ctrl.nr_errors, 65ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry->error_count), 65ULL);
}

/* A command that is reused keeps nothing of its last run */
static void io_command_starts_clean(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);

	WRITE_ONCE(bench->dev->ns[0].dulbe, true);
	io_chunks(bc, 64, 0);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 64), (u16)0x4287);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), U64_MAX);
	WRITE_ONCE(bench->dev->ns[0].dulbe, false);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 3), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0ULL);
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 0xffffU);
}

static struct kunit_case io_cases[] = {
	KUNIT_CASE(io_path_is_the_one_chosen),
	KUNIT_CASE(io_vector_write_reads_back),
	KUNIT_CASE(io_scalar_write_reads_back),
	KUNIT_CASE(io_single_sector_units),
	KUNIT_CASE(io_without_oob),
	KUNIT_CASE(io_unwritten_reads_blank),
	KUNIT_CASE(io_write_without_oob_reads_all_ones),
	KUNIT_CASE(io_cache_window),
	KUNIT_CASE(io_dulbe_fails_what_is_unwritten),
	KUNIT_CASE(io_dulbe_is_that_of_the_beginning),
	KUNIT_CASE(io_flush),
	KUNIT_CASE(io_flush_all),
	KUNIT_CASE(io_counters),
	KUNIT_CASE(io_errors_are_logged),
	KUNIT_CASE(io_command_starts_clean),
	{}
};

static struct kunit_case io_worker_cases[] = {
	BENCH_WORKER_CASE(io_path_is_the_one_chosen),
	BENCH_WORKER_CASE(io_vector_write_reads_back),
	BENCH_WORKER_CASE(io_scalar_write_reads_back),
	BENCH_WORKER_CASE(io_single_sector_units),
	BENCH_WORKER_CASE(io_without_oob),
	BENCH_WORKER_CASE(io_unwritten_reads_blank),
	BENCH_WORKER_CASE(io_write_without_oob_reads_all_ones),
	BENCH_WORKER_CASE(io_cache_window),
	BENCH_WORKER_CASE(io_dulbe_fails_what_is_unwritten),
	BENCH_WORKER_CASE(io_dulbe_is_that_of_the_beginning),
	BENCH_WORKER_CASE(io_flush),
	BENCH_WORKER_CASE(io_flush_all),
	BENCH_WORKER_CASE(io_counters),
	BENCH_WORKER_CASE(io_errors_are_logged),
	BENCH_WORKER_CASE(io_command_starts_clean),
	{}
};

static_assert(ARRAY_SIZE(io_cases) == ARRAY_SIZE(io_worker_cases));

struct kunit_suite oc_io_suite = {
	.name = "oc_io",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = io_cases,
};

struct kunit_suite oc_io_worker_suite = {
	.name = "oc_io_worker",
	.init = bench_worker_init,
	.exit = bench_exit,
	.test_cases = io_worker_cases,
};
