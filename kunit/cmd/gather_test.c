// SPDX-License-Identifier: GPL-2.0
/*
 * gather_test.c - commands that need several channels at once, with memory and without
 */
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "oc_test.h"

/* A vector write of one ws_min to chunk 0 of each of these groups */
static u32 set_gather(struct bench_cmd *bc, const u32 *grp, u32 nr, u32 sec)
{
	u32 i, k, n = 0;

	for (i = 0; i < nr; i++)
		for (k = 0; k < 4; k++)
			bc->lba[n++] = bench_lba(bc->bench, grp[i], 0, 0,
						 sec + k);
	bench_vector(bc, OC_CMD_VECTOR_WRITE, n);
	bench_fill(bc, n, 0);
	return n;
}

/* Which channels are owned, as bits */
static u32 owned_mask(const struct bench *bench)
{
	u32 i, mask = 0;

	for (i = 0; i < bench->dev->geo.num_grp; i++)
		if (atomic_read(&bench->dev->ch[i].owned))
			mask |= BIT(i);
	return mask;
}

static void gather_waits_in_ascending_order(struct kunit *test)
{
	static const u32 grp[] = { 4, 0, 2 };
	struct bench *bench = test->priv;
	struct oc_channel *ch = bench->dev->ch;
	struct bench_cmd *bc = bench_cmd(bench);

	set_gather(bc, grp, 3, 0);

	/* Somebody has channel 2, so the command gets no further than 0 */
	KUNIT_ASSERT_TRUE(test, oc_channel_try_own(&ch[2]));
	bench_submit(bc);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, owned_mask(bench), 0x05U);
	KUNIT_EXPECT_FALSE(test, completion_done(&bc->end));

	/* 4 is taken meanwhile: it gets 2 and waits again */
	KUNIT_EXPECT_TRUE(test, oc_channel_try_own(&ch[4]));
	oc_channel_release(&ch[2]);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, owned_mask(bench), 0x15U);
	KUNIT_EXPECT_FALSE(test, completion_done(&bc->end));
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);

	oc_channel_release(&ch[4]);
	KUNIT_EXPECT_TRUE(test, bench_wait(bc));
	KUNIT_EXPECT_EQ(test, bc->cmd.status, (u16)0);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 12U);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, owned_mask(bench), 0U);
}

static void gather_holds_nothing_above_a_busy_channel(struct kunit *test)
{
	static const u32 grp[] = { 1, 3 };
	struct bench *bench = test->priv;
	struct oc_channel *ch = bench->dev->ch;
	struct bench_cmd *bc = bench_cmd(bench);

	set_gather(bc, grp, 2, 0);
	KUNIT_ASSERT_TRUE(test, oc_channel_try_own(&ch[1]));
	bench_submit(bc);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, owned_mask(bench), 0x02U);

	/* Channel 3 serves others in the meantime */
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, bench_lba(bench, 3, 1, 0, 0), 4, 9),
			(u16)0);
	KUNIT_EXPECT_FALSE(test, completion_done(&bc->end));

	oc_channel_release(&ch[1]);
	KUNIT_EXPECT_TRUE(test, bench_wait(bc));
	KUNIT_EXPECT_EQ(test, bc->cmd.status, (u16)0);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, owned_mask(bench), 0U);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 12U);
}

static void gather_lets_those_before_it_go_first(struct kunit *test)
{
	static const u32 grp[] = { 0, 1 };
	struct bench *bench = test->priv;
	struct oc_channel *ch = bench->dev->ch;
	struct bench_cmd *first = bench_cmd(bench);
	struct bench_cmd *second = bench_cmd(bench);

	set_gather(first, grp, 2, 0);
	set_gather(second, grp, 2, 4);

	KUNIT_ASSERT_TRUE(test, oc_channel_try_own(&ch[1]));
	bench_submit(first);
	bench_submit(second);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, owned_mask(bench), 0x03U);

	/* The second one is right only after the first */
	oc_channel_release(&ch[1]);
	KUNIT_EXPECT_TRUE(test, bench_wait(first));
	KUNIT_EXPECT_TRUE(test, bench_wait(second));
	KUNIT_EXPECT_EQ(test, first->cmd.status, (u16)0);
	KUNIT_EXPECT_EQ(test, second->cmd.status, (u16)0);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, owned_mask(bench), 0U);
	KUNIT_EXPECT_EQ(test, ch[0].chunks[0].wp, 8U);
	KUNIT_EXPECT_EQ(test, ch[1].chunks[0].wp, 8U);
}

static void gather_refused_lets_all_channels_go(struct kunit *test)
{
	static const u32 grp[] = { 0, 1, 2, 3, 4 };
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);
	u32 nr;

	nr = set_gather(bc, grp, 5, 4);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x42f2);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), BIT_ULL(nr) - 1);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, owned_mask(bench), 0U);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
}

static void gather_reads_end_with_the_last_part(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_channel *ch = bench->dev->ch;
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i;

	for (i = 0; i < 64; i++)
		bc->lba[i] = bench_lba(bench, i % 5, 0, 0, 0);
	bench_vector(bc, OC_CMD_VECTOR_READ, 64);

	/* Reads hold nothing: only the busy channel's part waits */
	KUNIT_ASSERT_TRUE(test, oc_channel_try_own(&ch[2]));
	bench_submit(bc);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, owned_mask(bench), 0x04U);
	KUNIT_EXPECT_EQ(test, ch[0].count.reads, 13ULL);
	KUNIT_EXPECT_EQ(test, ch[2].count.reads, 0ULL);
	KUNIT_EXPECT_EQ(test, atomic_read(&bc->calls), 0);

	oc_channel_release(&ch[2]);
	KUNIT_EXPECT_TRUE(test, bench_wait(bc));
	KUNIT_EXPECT_EQ(test, bc->cmd.status, (u16)0);
	KUNIT_EXPECT_EQ(test, ch[2].count.reads, 13ULL);
	bench_settle(bench);
}

/* ---- no memory -------------------------------------------------------- */

/**
 * struct poor - a media that is short of memory; one device has it at a time
 * @ops:	the RAM media, with a prepare() of its own
 * @hasty:	every so many requests that may not sleep fail, 0 for none
 * @hasties:	such requests so far
 * @dry:	the channel for which there is nothing at all, or ~0
 */
static struct poor {
	struct oc_media_ops ops;
	u32 hasty;
	atomic_t hasties;
	u32 dry;
} poor;

static int poor_prepare(struct oc_channel *ch, u32 index, u32 nr, gfp_t gfp)
{
	if (poor.hasty && !gfpflags_allow_blocking(gfp) &&
	    atomic_inc_return(&poor.hasties) % poor.hasty == 0)
		return -ENOMEM;
	if (ch->id == poor.dry)
		return -ENOMEM;
	return oc_media_ram.prepare(ch, index, nr, gfp);
}

static void make_poor(struct bench *bench, u32 hasty, u32 dry)
{
	poor.ops = oc_media_ram;
	poor.ops.prepare = poor_prepare;
	poor.hasty = hasty;
	atomic_set(&poor.hasties, 0);
	poor.dry = dry;
	bench->dev->media = &poor.ops;
}

/* Chunk 0 of each group in @grp is written up to @wp, and reads back */
static void check_gather(struct kunit *test, const u32 *grp, u32 nr, u32 wp)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i, n;

	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, owned_mask(bench), 0U);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ_MSG(test, bench->dev->ch[grp[i]].chunks[0].wp, wp,
				    "channel %u", grp[i]);
	n = set_gather(bc, grp, nr, 0);
	bench_vector(bc, OC_CMD_VECTOR_READ, n);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	for (i = 0; i < n; i++)
		KUNIT_EXPECT_TRUE_MSG(test, wp > 8 ?
				      !bench_compare(bc, i, bc->lba[i], 0) :
				      bench_is_blank(bc, i), "entry %u", i);
}

static void gather_that_would_sleep_goes_to_worker(struct kunit *test)
{
	static const u32 grp[] = { 0, 1, 2, 3, 4 };
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);
	u32 hasty, nr, sec = 0;

	/* The first part has no memory, one in the middle, the last one */
	for (hasty = 1; hasty <= 5; hasty += 2) {
		make_poor(bench, hasty, ~0);
		nr = set_gather(bc, grp, 5, sec);
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), (u16)0, "hasty %u", hasty);
		sec += 4;
		KUNIT_EXPECT_EQ(test, bench_used(bench), nr * sec / 4);
	}
	KUNIT_EXPECT_EQ(test, sec, 12U);
	KUNIT_EXPECT_NE(test, bench->dev->ch[0].count.worker_runs, 0ULL);
	check_gather(test, grp, 5, 12);
}

static void gather_part_that_would_sleep_goes_to_worker(struct kunit *test)
{
	static const u32 grp[] = { 3 };
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);
	u32 sec;

	for (sec = 0; sec < 12; sec += 4) {
		make_poor(bench, 1, ~0);
		set_gather(bc, grp, 1, sec);
		KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	}
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[3].count.worker_runs, 3ULL);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[3].count.inline_runs, 0ULL);
	check_gather(test, grp, 1, 12);
}

/* No memory at all: a status that lets the host try again, and nothing done */
static void gather_without_memory_is_refused(struct kunit *test)
{
	static const u32 grp[] = { 0, 1, 2, 3, 4 };
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);
	u32 dry, nr;

	for (dry = 0; dry < 5; dry++) {
		u64 fails = bench->dev->ch[dry].count.fails;

		make_poor(bench, 0, dry);
		nr = set_gather(bc, grp, 5, 0);
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), (u16)0x0006, "channel %u", dry);
		KUNIT_EXPECT_EQ_MSG(test, bench_bitmap(bc), BIT_ULL(nr) - 1, "channel %u",
				    dry);
		check_gather(test, grp, 5, 0);
		KUNIT_EXPECT_EQ(test, bench->dev->ch[dry].count.fails - fails, nr / 5ULL);
		/* One channel, in its own way */
		nr = set_gather(bc, &grp[dry], 1, 0);
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), (u16)0x0006, "channel %u", dry);
		KUNIT_EXPECT_EQ_MSG(test, bench_bitmap(bc), BIT_ULL(nr) - 1, "channel %u",
				    dry);
	}

	/* What was reserved in vain is not counted twice */
	make_poor(bench, 0, ~0);
	for (nr = 0; nr < 12; nr += 4) {
		set_gather(bc, grp, 5, nr);
		KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	}
	KUNIT_EXPECT_EQ(test, bench_used(bench), 60U);
	check_gather(test, grp, 5, 12);
}

/* ---- many at once ----------------------------------------------------- */

#define WRITERS		4
#define ROUNDS		250U
#define GRPS		5U

/**
 * struct writer - a thread with one chunk of its own in each channel
 * @bc:		its command
 * @id:		number; also the chunk
 * @rnd:	random numbers, from a fixed seed
 * @wp:		where each channel's chunk is to be written next
 * @life:	how often each has been reset
 * @left:	writers at work, common to all
 * @over:	none is left
 * @done:	commands that ended as they should
 * @fault:	what went wrong first, or NULL
 * @status:	and the status it had
 */
struct writer {
	struct bench_cmd *bc;
	u32 id;
	u32 rnd;
	u32 wp[GRPS];
	u32 life[GRPS];
	atomic_t *left;
	struct completion *over;
	u32 done;
	const char *fault;
	u16 status;
};

static u32 writer_random(struct writer *wr, u32 below)
{
	wr->rnd = wr->rnd * 1664525U + 1013904223U;
	return (wr->rnd >> 16) % below;
}

static u64 writer_lba(const struct writer *wr, u32 grp, u32 sec)
{
	return bench_lba(wr->bc->bench, grp, wr->id % 3, wr->id, sec);
}

/* One command must end well */
static bool writer_run(struct writer *wr, const char *what)
{
	bench_submit(wr->bc);
	if (!bench_wait(wr->bc)) {
		wr->fault = "a command did not end, or ended twice";
		return false;
	}
	if (wr->bc->cmd.status) {
		wr->fault = what;
		wr->status = wr->bc->cmd.status;
		return false;
	}
	wr->done++;
	return true;
}

/* One ws_min to the chunks of all groups in @mask, starting anywhere */
static bool writer_write(struct writer *wr, u32 mask)
{
	struct bench_cmd *bc = wr->bc;
	u32 from = writer_random(wr, GRPS);
	u32 i, k, n = 0;

	for (i = 0; i < GRPS; i++) {
		u32 grp = (from + i) % GRPS;

		if (!(mask & BIT(grp)) || wr->wp[grp] == 24)
			continue;
		for (k = 0; k < 4; k++)
			bc->lba[n++] = writer_lba(wr, grp, wr->wp[grp] + k);
	}
	if (!n)
		return true;
	bench_vector(bc, OC_CMD_VECTOR_WRITE, n);
	/* Each group's chunk is in another state: fill sector by sector */
	bench_fill(bc, n, 0);
	for (i = 0; i < n; i++) {
		u32 grp = bc->lba[i] >> 10;

		bc->data[i * 512] = wr->life[grp];
		bc->data[i * 512 + 1] = wr->id;
	}
	if (!writer_run(wr, "write"))
		return false;
	for (i = 0; i < n; i += 4)
		wr->wp[bc->lba[i] >> 10] += 4;
	return true;
}

/* Read all five chunks' first sectors, some written and some not */
static bool writer_read(struct writer *wr)
{
	struct bench_cmd *bc = wr->bc;
	u32 sec = writer_random(wr, 13), grp, k, n = 0;

	for (grp = 0; grp < GRPS; grp++)
		for (k = 0; k < 12; k++)
			bc->lba[n++] = writer_lba(wr, grp, sec + k);
	bench_vector(bc, OC_CMD_VECTOR_READ, n);
	if (!writer_run(wr, "read"))
		return false;

	while (n--) {
		u32 end;

		grp = bc->lba[n] >> 10;
		end = wr->wp[grp] == 24 ? 24 : max(wr->wp[grp], 8U) - 8;
		if ((bc->lba[n] & 31) >= end) {
			if (bench_is_blank(bc, n))
				continue;
			wr->fault = "data where none was written";
			return false;
		}
		if (bc->data[n * 512] != (u8)wr->life[grp] ||
		    bc->data[n * 512 + 1] != wr->id ||
		    bench_compare(bc, n, bc->lba[n], 0) > 2) {
			wr->fault = "data of another sector or life";
			return false;
		}
	}
	return true;
}

/* Reset what is full, in one command */
static bool writer_reset(struct writer *wr)
{
	struct bench_cmd *bc = wr->bc;
	u32 grp, n = 0;

	for (grp = 0; grp < GRPS; grp++)
		if (wr->wp[grp] == 24)
			bc->lba[n++] = writer_lba(wr, grp, 0);
	if (!n)
		return true;
	bench_vector(bc, OC_CMD_VECTOR_RESET, n);
	if (!writer_run(wr, "reset"))
		return false;
	while (n--) {
		grp = bc->lba[n] >> 10;
		wr->wp[grp] = 0;
		wr->life[grp]++;
	}
	return true;
}

static bool writer_round(struct writer *wr, u32 round)
{
	/* Workers and submitters at once, and changing */
	if (!wr->id && round % 8 == 0)
		WRITE_ONCE(wr->bc->bench->dev->use_inline, round & 8);
	if (!writer_write(wr, writer_random(wr, 31) + 1))
		return false;
	if (round % 3 == 0 && !writer_read(wr))
		return false;
	return writer_random(wr, 4) || writer_reset(wr);
}

static int writer_thread(void *arg)
{
	struct writer *wr = arg;
	u32 round;

	for (round = 0; round < ROUNDS; round++) {
		if (!writer_round(wr, round))
			break;
		cond_resched();
	}
	if (atomic_dec_and_test(wr->left))
		complete(wr->over);
	return 0;
}

/* What the writers have left behind, as the channels see it */
static void check_writers(struct kunit *test, struct bench *bench,
			  const struct writer *wr)
{
	u32 i, grp, used = 0;

	for (i = 0; i < WRITERS; i++) {
		KUNIT_EXPECT_FALSE_MSG(test, wr[i].fault,
				       "writer %u after %u commands: %s, status %#x", i,
				       wr[i].done, wr[i].fault, wr[i].status);
		for (grp = 0; grp < GRPS; grp++) {
			u32 chk = i % 3 * 5 + i;
			struct oc_chunk *chunk =
				&bench->dev->ch[grp].chunks[chk];

			KUNIT_EXPECT_EQ(test, chunk->wp, wr[i].wp[grp]);
			KUNIT_EXPECT_EQ(test, chunk->resets, wr[i].life[grp]);
			used += wr[i].wp[grp];
		}
	}
	KUNIT_EXPECT_EQ(test, bench_used(bench), used);
}

static void gather_writers_share_all_channels(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct task_struct *task[WRITERS];
	struct completion over;
	struct writer *wr;
	atomic_t left;
	u32 nr, i;

	wr = kunit_kzalloc(test, WRITERS * sizeof(*wr), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, wr);
	/* Now and then a command has to start again because it would sleep */
	make_poor(bench, 7, ~0);
	init_completion(&over);
	atomic_set(&left, WRITERS);
	for (i = 0; i < WRITERS; i++) {
		wr[i].bc = bench_cmd(bench);
		wr[i].id = i;
		wr[i].rnd = 12345 + i;
		wr[i].left = &left;
		wr[i].over = &over;
	}

	nr = bench_start_threads(task, WRITERS, writer_thread, wr, sizeof(*wr));
	for (i = nr; i < WRITERS; i++)
		if (atomic_dec_and_test(&left))
			complete(&over);
	/* Each command has its own limit, so this comes to an end */
	wait_for_completion(&over);
	bench_join_threads(task, nr);
	KUNIT_EXPECT_EQ(test, nr, (u32)WRITERS);
	if (bench->stuck) {
		KUNIT_FAIL(test, "owned channels %#x", owned_mask(bench));
		return;
	}

	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, owned_mask(bench), 0U);
	check_writers(test, bench, wr);
}

static struct kunit_case gather_cases[] = {
	KUNIT_CASE(gather_waits_in_ascending_order),
	KUNIT_CASE(gather_holds_nothing_above_a_busy_channel),
	KUNIT_CASE(gather_lets_those_before_it_go_first),
	KUNIT_CASE(gather_refused_lets_all_channels_go),
	KUNIT_CASE(gather_reads_end_with_the_last_part),
	KUNIT_CASE(gather_that_would_sleep_goes_to_worker),
	KUNIT_CASE(gather_part_that_would_sleep_goes_to_worker),
	KUNIT_CASE(gather_without_memory_is_refused),
	KUNIT_CASE(gather_writers_share_all_channels),
	{}
};

struct kunit_suite oc_gather_suite = {
	.name = "oc_gather",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = gather_cases,
};
