// SPDX-License-Identifier: GPL-2.0
/*
 * io_rules_test.c - which writes are allowed: all of a command is written or nothing
 *
 * Each case runs twice: with idle channels run by the submitter, and with everything
 * left to the workers. Statuses are literal, 0x4000 being DNR.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "io_bed.h"

static const struct {
	const char *name;
	u32 grp, pu, chk, sec;
} nowhere[] = {
	{ "sector 24", 0, 0, 0, 24 }, { "sector 31", 4, 2, 4, 31 },
	{ "chunk 5", 0, 0, 5, 0 }, { "chunk 7", 4, 2, 7, 0 },
	{ "unit 3", 0, 3, 0, 0 }, { "unit 3 of the last", 4, 3, 4, 23 },
	{ "group 5", 5, 0, 0, 0 }, { "group 7", 7, 2, 4, 0 },
	{ "group 8", 8, 0, 0, 0 }, { "group 2^20", 1 << 20, 0, 0, 0 },
};

static void io_address_of_nothing(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(nowhere); i++) {
		u64 lba = bench_lba(bench, nowhere[i].grp, nowhere[i].pu,
				    nowhere[i].chk, nowhere[i].sec);
		const char *name = nowhere[i].name;

		bc->lba[0] = lba;
		memset(bc->data, 0xee, 512);
		KUNIT_EXPECT_EQ_MSG(test, bench_run_vector(bc, 0x92, 1), (u16)0,
				    "read %s", name);
		KUNIT_EXPECT_TRUE_MSG(test, bench_is_blank(bc, 0), "read %s",
				      name);

		/* A list that is right but for its entry 2 */
		io_chunks(bc, 4, 0);
		bc->lba[2] = lba;
		KUNIT_EXPECT_EQ_MSG(test, bench_run_vector(bc, 0x91, 4),
				    (u16)0x4280, "write %s", name);
		KUNIT_EXPECT_EQ_MSG(test, bench_bitmap(bc), 0xfULL, "write %s",
				    name);

		bc->lba[0] = lba;
		KUNIT_EXPECT_EQ_MSG(test, bench_run_vector(bc, 0x90, 1),
				    (u16)0x42c1, "reset %s", name);
		KUNIT_EXPECT_EQ_MSG(test, bench_bitmap(bc), 1ULL, "reset %s",
				    name);
	}
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
	bc->lba[0] = U64_MAX;
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 1), (u16)0);
}

/* All entries of a whole list fail, bits 32 and up included */
static void io_write_of_nothing_fails_whole_list(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);

	io_stripes(bc, 0);
	bc->lba[63] = U64_MAX;
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 64), (u16)0x4280);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), U64_MAX);
	KUNIT_EXPECT_EQ(test, bench_used(test->priv), 0U);
}

static void io_scalar_write_stays_in_a_chunk(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_config cfg = bench_config();
	struct bench_cmd *bc;

	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 20, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 20, 8, 1), (u16)0x4280);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 24, 4, 1), (u16)0x4280);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].chunks[0].wp, 20U);

	/* Where the next chunk's addresses follow without a hole */
	cfg.use_inline = bench->dev->use_inline;
	cfg.geo.clba = 32;
	bench = bench_remake(test, &cfg);
	bc = bench_cmd(test->priv);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 64, 1), (u16)0x4280);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 36, 1), (u16)0x4280);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);

	/* A read may go on, and so may a vector write */
	io_chunks(bc, 1, 0);
	bench_scalar(bc, nvme_cmd_write, 0, 64);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 64), (u16)0);
	bench_scalar(bc, nvme_cmd_read, 0, 64);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)bench->dev->ch[0].chunks[0].state, 2U);
	KUNIT_EXPECT_EQ(test, (u32)bench->dev->ch[0].chunks[1].state, 2U);
}

/* The whole of a device's tables and chunks, to see that nothing changed */
static u64 fingerprint(const struct bench *bench)
{
	u64 sum = 0;
	u32 i, k;

	for (i = 0; i < bench->dev->geo.num_grp; i++) {
		const struct oc_channel *ch = &bench->dev->ch[i];

		for (k = 0; k < bench->dev->geo.chks; k++)
			sum = sum * 31 + ch->chunks[k].state * 7 +
			      ch->chunks[k].wp * 131 + ch->chunks[k].resets;
		for (k = 0; k < OC_CHK_STATES; k++)
			sum = sum * 31 + ch->stat.nr[k];
		for (k = 0; k < ch->l2p.nr; k++)
			sum = sum * 31 + ch->l2p.map[k];
		sum = sum * 31 + bench->dev->media->bytes(ch);
	}
	return sum;
}

/* Five chunks, one per channel, written to sector 8; 40 addresses go on */
static void set_atomic(struct kunit *test, struct bench_cmd *bc)
{
	u32 i;

	for (i = 0; i < 40; i++)
		bc->lba[i] = bench_lba(bc->bench, i / 8, 1, 1, i % 8);
	bench_fill(bc, 40, 1);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 40), (u16)0);
	for (i = 0; i < 40; i++)
		bc->lba[i] += 8;
	bench_fill(bc, 40, 2);
}

/* What is done to entries 8 * @grp to 8 * @grp + 7 of the list */
static const struct {
	const char *name;
	u32 pu, chk, sec, step;
	u16 status;
} spoilers[] = {
	{ "behind the write pointer", 1, 1, 0, 1, 0x42f2 },
	{ "before the write pointer", 1, 1, 12, 1, 0x42f2 },
	{ "a hole", 1, 1, 8, 2, 0x42f2 },
	{ "one sector again and again", 1, 1, 8, 0, 0x42f2 },
	{ "another chunk's place", 0, 1, 8, 1, 0x42f2 },
	{ "a closed chunk", 2, 4, 0, 1, 0x4280 },
};

static void io_vector_write_is_all_or_nothing(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	struct bench_cmd *bad = bench_cmd(test->priv);
	u32 i, k, grp;
	u64 before;

	set_atomic(test, bc);
	for (grp = 0; grp < 5; grp++)
		KUNIT_EXPECT_EQ(test,
				bench_write_run(bench,
						bench_lba(bench, grp, 2, 4, 0),
						24, 3), (u16)0);
	before = fingerprint(bench);

	for (i = 0; i < ARRAY_SIZE(spoilers); i++)
		for (grp = 0; grp < 5; grp++) {
			memcpy(bad->lba, bc->lba, sizeof(bad->lba));
			for (k = 0; k < 8; k++)
				bad->lba[grp * 8 + k] =
					bench_lba(bench, grp, spoilers[i].pu,
						  spoilers[i].chk,
						  spoilers[i].sec +
						  k * spoilers[i].step);
			KUNIT_EXPECT_EQ_MSG(test, bench_run_vector(bad, 0x91, 40),
					    spoilers[i].status, "%s in %u",
					    spoilers[i].name, grp);
			KUNIT_EXPECT_EQ_MSG(test, bench_bitmap(bad),
					    0xffffffffffULL, "%s in %u",
					    spoilers[i].name, grp);
			bench_settle(bench);
			KUNIT_EXPECT_EQ_MSG(test, fingerprint(bench), before,
					    "%s in %u", spoilers[i].name, grp);
		}

	/* Nothing of it stands in the way of a right one */
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 40), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0ULL);
}

static void io_wrong_amount_fails_whole_list(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u64 before;

	set_atomic(test, bc);
	before = fingerprint(bench);
	/* 39 sectors: the last channel's chunk gets 7 of 8 */
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 39), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0x7fffffffffULL);
	/* One channel, and a list of one */
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 7), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0x7fULL);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 1), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 1ULL);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, fingerprint(bench), before);
}

/* Chunks of one channel in one list: all their write pointers move */
static void io_chunks_of_one_channel(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i, wrong = 0;

	for (i = 0; i < 60; i++)
		bc->lba[i] = bench_lba(bench, 3, i / 20, i / 4 % 5, i % 4);
	bench_fill(bc, 60, 1);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 60), (u16)0);
	for (i = 0; i < 15; i++)
		wrong += bench->dev->ch[3].chunks[i].wp != 4 ||
			 bench->dev->ch[3].chunks[i].state != OC_CHK_OPEN;
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[3].stat.nr[OC_CHK_OPEN], 15U);
}

/*
 * A list that leaves a chunk and comes back to it: wherever it goes on, it is
 * not one run (OCSSD 2.0, 2.3.3), and the sectors of the first visit are not
 * written a second time.
 */
static void check_return(struct kunit *test, u32 sec, const char *name)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u64 before;
	u32 i;

	for (i = 0; i < 4; i++) {
		bc->lba[i] = bench_lba(bench, 1, 0, 0, i);
		bc->lba[4 + i] = bench_lba(bench, 1, 0, 1, i);
		bc->lba[8 + i] = bench_lba(bench, 1, 0, 0, sec + i);
	}
	bench_fill(bc, 12, 1);
	bench_settle(bench);
	before = fingerprint(bench);
	KUNIT_EXPECT_EQ_MSG(test, bench_run_vector(bc, 0x91, 12), (u16)0x42f2, "%s",
			    name);
	KUNIT_EXPECT_EQ_MSG(test, bench_bitmap(bc), 0xfffULL, "%s", name);
	bench_settle(bench);
	KUNIT_EXPECT_EQ_MSG(test, fingerprint(bench), before, "%s", name);
	bench_cmd_free(bc);
}

static void io_list_comes_back_to_go_on(struct kunit *test)
{
	check_return(test, 4, "going on");
}

static void io_list_comes_back_to_start_again(struct kunit *test)
{
	check_return(test, 0, "starting again");
}

static struct kunit_case io_rules_cases[] = {
	KUNIT_CASE(io_address_of_nothing),
	KUNIT_CASE(io_write_of_nothing_fails_whole_list),
	KUNIT_CASE(io_scalar_write_stays_in_a_chunk),
	KUNIT_CASE(io_vector_write_is_all_or_nothing),
	KUNIT_CASE(io_wrong_amount_fails_whole_list),
	KUNIT_CASE(io_chunks_of_one_channel),
	KUNIT_CASE(io_list_comes_back_to_go_on),
	KUNIT_CASE(io_list_comes_back_to_start_again),
	{}
};

static struct kunit_case io_rules_worker_cases[] = {
	BENCH_WORKER_CASE(io_address_of_nothing),
	BENCH_WORKER_CASE(io_write_of_nothing_fails_whole_list),
	BENCH_WORKER_CASE(io_scalar_write_stays_in_a_chunk),
	BENCH_WORKER_CASE(io_vector_write_is_all_or_nothing),
	BENCH_WORKER_CASE(io_wrong_amount_fails_whole_list),
	BENCH_WORKER_CASE(io_chunks_of_one_channel),
	BENCH_WORKER_CASE(io_list_comes_back_to_go_on),
	BENCH_WORKER_CASE(io_list_comes_back_to_start_again),
	{}
};

static_assert(ARRAY_SIZE(io_rules_cases) == ARRAY_SIZE(io_rules_worker_cases));

struct kunit_suite oc_io_rules_suite = {
	.name = "oc_io_rules",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = io_rules_cases,
};

struct kunit_suite oc_io_rules_worker_suite = {
	.name = "oc_io_rules_worker",
	.init = bench_worker_init,
	.exit = bench_exit,
	.test_cases = io_rules_worker_cases,
};
