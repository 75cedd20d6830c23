// SPDX-License-Identifier: GPL-2.0
/*
 * block_fault_test.c - what faults do to block namespaces, and when there is no room left
 *
 * Cases run twice: with idle channels run by the submitter, and with everything left to
 * the workers.
 */
#include <linux/kernel.h>

#include "block_bed.h"
#include "oc_fault.h"

/* Too few good chunks: writes are refused; with one more there is room for some */
static void block_capacity_exceeded(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_ftl *ftl = bench->dev->ch[2].ftl;
	u32 good = ftl->good, wrong;

	KUNIT_EXPECT_EQ(test, block_write(bench, 16, 8, 1), 0);
	ftl->good = OC_FTL_SPARE;
	KUNIT_EXPECT_EQ(test, block_write(bench, 16, 8, 2), 0x4081);
	KUNIT_EXPECT_EQ(test, block_write(bench, 24, 8, 2), 0);
	ftl->good = OC_FTL_SPARE + 1;
	KUNIT_EXPECT_EQ(test, block_write(bench, 16, 8, 3), 0);
	KUNIT_EXPECT_EQ(test, block_write(bench, 56, 8, 3), 0);
	KUNIT_EXPECT_EQ(test, block_write(bench, 96, 8, 3), 0);
	KUNIT_EXPECT_EQ(test, block_write(bench, 136, 1, 3), 0x4081);
	KUNIT_EXPECT_EQ(test, block_write(bench, 96, 8, 4), 0);
	KUNIT_EXPECT_EQ(test, block_read(bench, 96, 4, &wrong), 0);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	ftl->good = good;
}

/* Each channel can do without one chunk: nobody notices that it fails */
static void block_survives_faults(struct kunit *test)
{
	static const u32 failed[] = { 0, 1, 1, 1, 0 };
	struct block_range most = { 80, NSZE - 80 };
	struct bench *bench = test->priv;
	const struct oc_block_ch *bch;
	u32 i, n, wrong;
	int status = 0;

	bch = container_of(bench->dev->ch[4].ftl, struct oc_block_ch, ftl);

	bench_set_faults(bench, "write-fail grp=1 after=9 times=1;"
			 "write-close grp=2 after=70 times=1;"
			 "reset-fail grp=3 after=5 times=1");
	block_churn(test);
	for (i = 0; i < ARRAY_SIZE(failed); i++) {
		struct oc_channel *ch = &bench->dev->ch[i];

		KUNIT_EXPECT_EQ(test, ch->ftl->count.failed, (u64)failed[i]);
		KUNIT_EXPECT_EQ(test, ch->stat.nr[OC_CHK_OFFLINE], failed[i]);
		KUNIT_EXPECT_EQ(test, ch->count.fails, 0ULL);
	}

	/* No program of this channel succeeds any more; what it holds stays */
	KUNIT_EXPECT_EQ(test, block_write(bench, 32, 8, 5), 0);
	bench_set_faults(bench, "write-fail grp=4");
	for (n = 0; n < 500 && !status; n++)
		status = block_write(bench, 72, 8, n);
	KUNIT_EXPECT_EQ(test, status, 0x4081);
	KUNIT_EXPECT_TRUE(test, bch->full);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), block_nuse(bench) * 512);
	KUNIT_EXPECT_EQ(test, block_read(bench, 39, 5, &wrong), 0);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_EQ(test, block_write(bench, 64, 8, 5), 0);
	KUNIT_EXPECT_FALSE(test, block_check(bench));

	/* That is over, and still nothing fits, until something goes */
	bench_set_faults(bench, "clear");
	KUNIT_EXPECT_GT(test, bch->ftl.good, OC_FTL_SPARE);
	KUNIT_EXPECT_EQ(test, block_write(bench, 72, 8, 1), 0x4081);
	KUNIT_EXPECT_EQ(test, block_dsm(bench, &most, 1, 4), 0);
	KUNIT_EXPECT_FALSE(test, bch->full);
	for (n = 0; n < 500; n++)
		KUNIT_EXPECT_EQ(test, block_write(bench, 72, 8, n), 0);
	KUNIT_EXPECT_EQ(test, block_read(bench, 79, 499, &wrong), 0);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_FALSE(test, block_check(bench));
}

/* Bursts of failures, again and again: no write fails that fits */
static void block_gets_out_after_bursts(struct kunit *test)
{
	u32 writes = IS_ENABLED(CONFIG_KASAN) ? 500 : 2500, round, n, lba;
	struct oc_config cfg = block_config(true);
	struct bench *bench = test->priv;
	u32 nr, state = 17;
	struct oc_ftl *ftl;

	cfg.use_inline = bench->dev->use_inline;
	cfg.geo.num_grp = 1;
	cfg.geo.num_pu = 2;
	cfg.geo.num_chk = 96;
	cfg.geo.clba = 48;
	cfg.geo.ws_min = 2;
	cfg.geo.ws_opt = 6;
	cfg.geo.mw_cunits = 6;
	cfg.ns = "block:1:70";
	bench = bench_remake(test, &cfg);
	ftl = bench->dev->ch[0].ftl;
	nr = ftl->nr_lba;
	for (lba = 0; lba < nr; lba += 6)
		KUNIT_EXPECT_EQ(test, block_write(bench, lba, 6, 1), 0);
	for (round = 0; round < 10; round++) {
		for (n = 0; n < writes + 400; n++) {
			if (n == writes)
				bench_set_faults(bench, "write-fail times=7");
			state = state * 1103515245 + 12345;
			KUNIT_ASSERT_EQ(test, block_write(bench, (state >> 8) % nr, 1, n),
					0);
		}
		bench_set_faults(bench, "clear");
		KUNIT_EXPECT_EQ(test, ftl->count.failed, 7ULL * (round + 1));
	}
	KUNIT_EXPECT_FALSE(test, block_check(bench));
}

/* Rules about whole commands go by channel and operation, not by block */
static void block_late_by_channel(struct kunit *test)
{
	struct block_range all = { 0, NSZE };
	struct bench *bench = test->priv;
	const struct oc_fault_state *state;
	u32 wrong;

	bench_set_faults(bench, "delay op=read grp=4 pu=2 chk=4 sec=23 time=1ns;"
			 "delay op=reset grp=4 pu=2 time=1ns");
	state = bench->dev->ch[4].faults->state;
	/* The last logical sector of the channel, beyond any chunk's */
	KUNIT_EXPECT_EQ(test, block_read(bench, NSZE - 1, 0, &wrong), 0);
	KUNIT_EXPECT_EQ(test, block_read(bench, 0, 0, &wrong), 0);
	KUNIT_EXPECT_EQ(test, state[0].seen, 1ULL);
	KUNIT_EXPECT_EQ(test, block_dsm(bench, &all, 1, 4), 0);
	KUNIT_EXPECT_EQ(test, state[1].seen, 1ULL);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].faults->state[0].seen, 0ULL);
}

static struct kunit_case block_fault_cases[] = {
	KUNIT_CASE(block_capacity_exceeded),
	KUNIT_CASE(block_survives_faults),
	KUNIT_CASE(block_gets_out_after_bursts),
	KUNIT_CASE(block_late_by_channel),
	{}
};

static struct kunit_case block_fault_worker_cases[] = {
	KUNIT_CASE(block_capacity_exceeded),
	KUNIT_CASE(block_survives_faults),
	KUNIT_CASE(block_gets_out_after_bursts),
	KUNIT_CASE(block_late_by_channel),
	{}
};

struct kunit_suite oc_block_fault_suite = {
	.name = "oc_block_fault",
	.init = block_init,
	.exit = bench_exit,
	.test_cases = block_fault_cases,
};

struct kunit_suite oc_block_fault_worker_suite = {
	.name = "oc_block_fault_worker",
	.init = block_worker_init,
	.exit = bench_exit,
	.test_cases = block_fault_worker_cases,
};
