// SPDX-License-Identifier: GPL-2.0
/*
 * call_test.c - looking at a channel never keeps it for long
 *
 * Each function that oc_channel_call() runs is a part, which the channel counts: who
 * shows something of many chunks has to come often.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/seq_file.h>

#include "oc12.h"
#include "oc_fault.h"
#include "oc_test.h"

/* As many as there can be */
#define CHUNKS	65536U
#define BLOCKS	32768U

/* One channel of one unit */
static struct bench *call_bench(struct kunit *test, const char *ns, u32 chunks)
{
	struct oc_config cfg = bench_config();

	cfg.geo.num_grp = 1;
	cfg.geo.num_pu = 1;
	cfg.geo.num_chk = chunks;
	cfg.geo.clba = 8;
	cfg.geo.mw_cunits = 0;
	cfg.geo.lba_size = 4096;
	cfg.ns = ns;
	cfg.strict = true;
	return bench_remake(test, &cfg);
}

static u64 runs(const struct bench *bench)
{
	const struct oc_count *count = &bench->dev->ch[0].count;

	return READ_ONCE(count->inline_runs) + READ_ONCE(count->worker_runs);
}

static void call_bad_blocks(struct kunit *test)
{
	struct bench *bench = call_bench(test, "oc12:1", BLOCKS);
	struct oc12_wire_bbt *bbt;
	u64 before;

	bbt = kvzalloc(sizeof(*bbt) + BLOCKS, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bbt);
	bench->dev->ch[0].chunks[BLOCKS - 1].state = OC_CHK_OFFLINE;
	before = runs(bench);
	KUNIT_EXPECT_EQ(test, oc12_bbt_get(&bench->dev->ns[0], 0, bbt), (u16)0);
	KUNIT_EXPECT_GE(test, runs(bench) - before,
			(u64)BLOCKS / OC_CALL_CHUNKS);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(bbt->tfact), 1U);
	KUNIT_EXPECT_EQ(test, (u32)bbt->blk[BLOCKS - 1], 1U);
	kvfree(bbt);
}

/* 8192 descriptors, from the middle of one on */
static void call_chunk_log(struct kunit *test)
{
	struct bench *bench = call_bench(test, "oc20:1", CHUNKS);
	const u32 len = 64 * 4096, numd = len / 4 - 1;
	struct oc_wire_chunk *desc;
	struct bench_cmd *bc = bench_cmd(bench);
	u32 wrong = 0, i;
	u64 before;

	bench->queue.qid = 0;
	bc->sqe.common.opcode = nvme_admin_get_log_page;
	bc->sqe.common.nsid = cpu_to_le32(1);
	bc->sqe.common.cdw10 = cpu_to_le32(numd << 16 | OC_LOG_CHUNK_INFO);
	bc->sqe.common.cdw11 = cpu_to_le32(numd >> 16);
	bc->sqe.get_log_page.lpo = cpu_to_le64(5000 * sizeof(*desc) + 8);
	bench_data(bc, true, len);
	before = runs(bench);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_GE(test, runs(bench) - before,
			(u64)len / sizeof(*desc) / OC_CALL_CHUNKS);
	/* Byte 8 is the start of the chunk */
	for (i = 0; i < len / sizeof(*desc); i++) {
		desc = (void *)(bc->data + i * sizeof(*desc) - 8);
		wrong += le64_to_cpu(desc->slba) != (5000 + i) * 8;
	}
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

static void call_state(struct kunit *test)
{
	struct bench *bench = call_bench(test, "oc20:1", CHUNKS);
	struct seq_file s = { .size = PAGE_SIZE };
	u64 before;

	s.buf = kunit_kzalloc(test, s.size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s.buf);
	before = runs(bench);
	KUNIT_EXPECT_EQ(test, oc_state_show(bench->dev, 0, 0, &s), 0);
	KUNIT_EXPECT_GE(test, runs(bench) - before,
			(u64)CHUNKS / OC_CALL_CHUNKS);
	s.buf[s.count] = '\0';
	KUNIT_EXPECT_STREQ(test, (const char *)s.buf,
			   "free grp=0 pu=0 chk=0-65535\n");
}

static struct kunit_case call_cases[] = {
	KUNIT_CASE(call_bad_blocks),
	KUNIT_CASE(call_chunk_log),
	KUNIT_CASE(call_state),
	{}
};

struct kunit_suite oc_call_suite = {
	.name = "oc_call",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = call_cases,
};
