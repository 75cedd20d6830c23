// SPDX-License-Identifier: GPL-2.0
/*
 * timing_channel_test.c - parts and commands that wait, on channels with real timers
 *
 * They are asked for order and for what is never early, not for how late a busy machine is.
 */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc_test.h"

#define MS	1000000ULL

/* No minimum in front of a read, so that one write can be read back */
static int time_init(struct kunit *test)
{
	struct oc_config cfg = bench_config();

	cfg.geo.mw_cunits = 0;
	test->priv = bench_make(test, &cfg);
	return test->priv ? 0 : -ENOMEM;
}

/* Nothing waits for anything any more */
static void check_idle(struct kunit *test)
{
	struct bench *bench = test->priv;
	u32 i;

	for (i = 0; i < bench->dev->geo.num_grp; i++) {
		struct oc_channel *ch = &bench->dev->ch[i];

		flush_workqueue(ch->wq);
		KUNIT_EXPECT_FALSE(test, !!timerqueue_getnext(&ch->waiting));
		KUNIT_EXPECT_FALSE(test, hrtimer_active(&ch->timer));
		KUNIT_EXPECT_EQ(test, atomic_read(&ch->owned), 0);
	}
}

/* A read, write or reset of 4 sectors in a chunk, not yet submitted */
static struct bench_cmd *time_cmd(struct bench *bench, u8 opcode, u32 grp,
				  u32 pu, u32 chk, u32 sec)
{
	struct bench_cmd *bc = bench_cmd(bench);

	if (opcode == OC_CMD_VECTOR_RESET) {
		bc->lba[0] = bench_lba(bench, grp, pu, chk, 0);
		bench_vector(bc, opcode, 1);
	} else {
		bench_scalar(bc, opcode, bench_lba(bench, grp, pu, chk, sec), 4);
		bench_fill(bc, 4, 0);
	}
	return bc;
}

/* How long the command takes; it is not over before @least ns */
static u64 time_one(struct kunit *test, u8 opcode, u32 pu, u32 chk, u32 sec,
		    u64 least)
{
	struct bench_cmd *bc = time_cmd(test->priv, opcode, 0, pu, chk, sec);
	u64 from, took;

	from = ktime_get_ns();
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	took = ktime_get_ns() - from;
	KUNIT_EXPECT_GE(test, took, least);
	bench_cmd_free(bc);
	return took;
}

/* ---- parts that wait -------------------------------------------------- */

#define PARTS	64U

/**
 * struct timed - a part that is over when it is told to
 * @part:	the part
 * @queue:	whose it is
 * @until:	when it shall be over
 * @ended:	when it was
 * @order:	its place among those that ended
 * @dones:	calls of done()
 */
struct timed {
	struct oc_part part;
	struct timed_queue *queue;
	u64 until;
	u64 ended;
	u32 order;
	u32 dones;
};

/**
 * struct timed_queue - parts of one channel
 * @timed:	the parts
 * @seq:	parts that are over
 * @all:	all are
 */
struct timed_queue {
	struct timed timed[PARTS];
	atomic_t seq;
	struct completion all;
};

static bool timed_run(struct oc_part *part, bool may_sleep)
{
	part->when.expires = container_of(part, struct timed, part)->until;
	return true;
}

static void timed_done(struct oc_part *part)
{
	struct timed *timed = container_of(part, struct timed, part);
	struct timed_queue *queue = timed->queue;

	timed->ended = ktime_get_ns();
	timed->dones++;
	timed->order = atomic_inc_return(&queue->seq);
	if (timed->order == PARTS)
		complete(&queue->all);
}

static const struct oc_part_ops timed_ops = {
	.run	= timed_run,
	.done	= timed_done,
};

/* Parts for channel 0 that are over at @from, @from + 100 us, ..., shuffled */
static struct timed_queue *timed_make(struct kunit *test, u64 from)
{
	struct timed_queue *queue = kvzalloc(sizeof(*queue), GFP_KERNEL);
	struct bench *bench = test->priv;
	u32 i;

	if (!queue)
		return NULL;
	init_completion(&queue->all);
	for (i = 0; i < PARTS; i++) {
		struct timed *timed = &queue->timed[i];

		timed->queue = queue;
		timed->part.ops = &timed_ops;
		timed->part.ch = &bench->dev->ch[0];
		/* 29 and 64 have no common divisor */
		timed->until = from + i * 29 % PARTS * 100000;
	}
	return queue;
}

/* Each has ended once, none early, and in the order of their times */
static void timed_check(struct kunit *test, struct timed_queue *queue,
			bool in_order)
{
	struct bench *bench = test->priv;
	u32 i, early = 0, wrong = 0, lost = 0;

	/* There is no giving up on them: they are the queue's memory */
	wait_for_completion(&queue->all);
	/* The last one may still be under way through the channel */
	hrtimer_cancel(&bench->dev->ch[0].timer);
	for (i = 0; i < PARTS; i++) {
		struct timed *timed = &queue->timed[i];

		early += timed->ended < timed->until;
		lost += timed->dones != 1;
		wrong += timed->order != i * 29 % PARTS + 1;
	}
	KUNIT_EXPECT_EQ(test, early, 0U);
	KUNIT_EXPECT_EQ(test, lost, 0U);
	if (in_order)
		KUNIT_EXPECT_EQ(test, wrong, 0U);
	check_idle(test);
	kvfree(queue);
}

static void time_parts_end_in_order(struct kunit *test)
{
	struct bench *bench = test->priv;
	u32 round, i;

	for (round = 0; round < 4; round++) {
		u64 from = ktime_get_ns() + 30 * MS;
		struct timed_queue *queue = timed_make(test, from);

		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, queue);
		bench->dev->use_inline = round % 2;
		for (i = 0; i < PARTS; i++)
			oc_channel_submit(&queue->timed[i].part);
		flush_workqueue(bench->dev->ch[0].wq);
		/* If the machine took that long, some came too late to queue */
		timed_check(test, queue, ktime_get_ns() < from);
	}
	bench->dev->use_inline = true;
}

static void time_busy_channel_ends_them_later(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_channel *ch = &bench->dev->ch[0];
	u64 from = ktime_get_ns() + 30 * MS;
	struct timed_queue *queue = timed_make(test, from);
	bool took;
	u32 i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, queue);
	for (i = 0; i < PARTS; i++)
		oc_channel_submit(&queue->timed[i].part);
	took = oc_channel_try_own(ch);
	KUNIT_EXPECT_TRUE(test, took);
	if (took && ktime_get_ns() < from) {
		/* The timer finds the channel owned and leaves it alone */
		msleep(60);
		KUNIT_EXPECT_EQ(test, atomic_read(&queue->seq), 0);
		KUNIT_EXPECT_TRUE(test, READ_ONCE(ch->due));
	}
	if (took)
		oc_channel_release(ch);
	timed_check(test, queue, false);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(ch->due));
}

/* ---- commands that wait ----------------------------------------------- */

static void time_commands_wait(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc;

	bench_set_timing(test->priv, "read=2ms,prog=3ms,erase=5ms,page=2");
	time_one(test, nvme_cmd_write, 0, 0, 0, 2 * 3 * MS);
	time_one(test, nvme_cmd_read, 0, 0, 0, 2 * 2 * MS);
	time_one(test, nvme_cmd_write, 0, 0, 4, 2 * 3 * MS);
	time_one(test, nvme_cmd_write, 0, 0, 8, 2 * 3 * MS);
	/* Resets of open chunks are allowed */
	time_one(test, OC_CMD_VECTOR_RESET, 0, 0, 0, 5 * MS);

	/* With the worker in between as well */
	bench->dev->use_inline = false;
	time_one(test, nvme_cmd_write, 1, 0, 0, 2 * 3 * MS);
	time_one(test, nvme_cmd_read, 1, 0, 0, 2 * 2 * MS);
	bench->dev->use_inline = true;
	check_idle(test);

	/* Sectors never written cost no time, nor do commands that fail */
	bench_set_timing(test->priv, "read=4s,prog=4s,erase=4s");
	bc = time_cmd(bench, nvme_cmd_read, 1, 0, 0, 0);
	bench_submit(bc);
	KUNIT_EXPECT_EQ(test, atomic_read(&bc->calls), 1);
	bc = time_cmd(bench, nvme_cmd_write, 1, 0, 0, 8);
	bench_submit(bc);
	KUNIT_EXPECT_EQ(test, atomic_read(&bc->calls), 1);
	KUNIT_EXPECT_EQ(test, bc->cmd.status, (u16)0x42f2);

	/* And with times off nothing waits */
	bench_set_timing(test->priv, "off");
	bc = time_cmd(bench, nvme_cmd_write, 2, 0, 0, 0);
	bench_submit(bc);
	KUNIT_EXPECT_EQ(test, atomic_read(&bc->calls), 1);
	check_idle(test);
}

static void time_from_the_start(struct kunit *test)
{
	struct oc_config cfg = bench_config();

	cfg.timing = "prog=3ms,page=4";
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bench_remake(test, &cfg));
	time_one(test, nvme_cmd_write, 0, 0, 0, 3 * MS);
	check_idle(test);
}

static void time_bad_times_make_no_device(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct oc_complaint why = { };
	struct oc_dev *dev;

	cfg.timing = "prog=3ms,page=0";
	dev = oc_dev_create(&cfg, &why);
	KUNIT_ASSERT_TRUE(test, IS_ERR(dev));
	KUNIT_EXPECT_EQ(test, PTR_ERR(dev), (long)-EINVAL);
	KUNIT_EXPECT_STREQ(test, (const char *)why.value, "page=0");
}

static void time_read_suspends_write(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_channel *ch = &bench->dev->ch[0];
	struct bench_cmd *bc;
	u64 from;

	bench_set_timing(test->priv, "off");
	time_one(test, nvme_cmd_write, 0, 0, 0, 0);
	bench_set_timing(test->priv, "read=2ms,prog=400ms,suspend=1ms,page=4");
	bc = time_cmd(bench, nvme_cmd_write, 0, 0, 1, 0);

	from = ktime_get_ns();
	bench_submit(bc);
	time_one(test, nvme_cmd_read, 0, 0, 0, 3 * MS);
	time_one(test, nvme_cmd_read, 0, 0, 0, 3 * MS);
	KUNIT_EXPECT_EQ(test, atomic_read(&bc->calls), 0);
	KUNIT_EXPECT_EQ(test, oc_timing_shift(&ch->clock, 0), 6 * MS);
	KUNIT_EXPECT_TRUE(test, bench_wait(bc));
	KUNIT_EXPECT_GE(test, ktime_get_ns() - from, 406 * MS);
	KUNIT_EXPECT_EQ(test, bc->cmd.status, (u16)0);
	check_idle(test);
}

#define CROWD	60U

/* All of them come back once, and well */
static void crowd_wait(struct kunit *test, struct bench_cmd **bc)
{
	u32 i, lost = 0, failed = 0;

	for (i = 0; i < CROWD; i++) {
		lost += !bench_wait(bc[i]);
		failed += bc[i]->cmd.status != 0;
	}
	KUNIT_EXPECT_EQ(test, lost, 0U);
	KUNIT_EXPECT_EQ(test, failed, 0U);
}

/* A chunk for each: first written, then read, then reset */
static void crowd_make(struct kunit *test, struct bench_cmd **bc, u8 opcode)
{
	u32 i;

	for (i = 0; i < CROWD; i++) {
		bc[i] = time_cmd(test->priv, opcode, i % 5, i / 5 % 3, i / 15, 0);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bc[i]);
	}
}

static void time_changes_while_commands_wait(struct kunit *test)
{
	static const char *const text[] = {
		"off", "read=1ms,prog=2ms,erase=1ms,suspend=1us", "slc",
		"tlc,cache=16", "ctrl=3ms", "read=10us,bus=100us,cmd=1us",
	};
	static const u8 opcode[] = {
		nvme_cmd_write, nvme_cmd_read, OC_CMD_VECTOR_RESET,
	};
	struct bench *bench = test->priv;
	struct bench_cmd *bc[CROWD];
	u32 round, i;

	for (round = 0; round < 12; round++) {
		bench->dev->use_inline = round / 3 % 2;
		bench_set_timing(test->priv, "read=5ms,prog=5ms,erase=5ms,page=4");
		crowd_make(test, bc, opcode[round % 3]);
		for (i = 0; i < CROWD; i++) {
			if (i % 8 == 7)
				bench_set_timing(test->priv,
						 text[(round + i / 8) % ARRAY_SIZE(text)]);
			bench_submit(bc[i]);
		}
		crowd_wait(test, bc);
		for (i = 0; i < CROWD; i++)
			bench_cmd_free(bc[i]);
	}
	bench->dev->use_inline = true;
	check_idle(test);
}

static void time_off_does_not_wait_for_those_before(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *slow, *fast;

	bench_set_timing(test->priv, "prog=300ms,page=4");
	slow = time_cmd(bench, nvme_cmd_write, 0, 0, 0, 0);
	fast = time_cmd(bench, nvme_cmd_write, 0, 0, 0, 4);
	bench_submit(slow);
	bench_set_timing(test->priv, "off");
	bench_submit(fast);
	KUNIT_EXPECT_TRUE(test, bench_wait(fast));
	KUNIT_EXPECT_EQ(test, atomic_read(&slow->calls), 0);
	KUNIT_EXPECT_TRUE(test, bench_wait(slow));
	KUNIT_EXPECT_EQ(test, slow->cmd.status, (u16)0);
	check_idle(test);
}

static struct kunit_case timing_channel_cases[] = {
	KUNIT_CASE(time_parts_end_in_order),
	KUNIT_CASE(time_busy_channel_ends_them_later),
	KUNIT_CASE(time_commands_wait),
	KUNIT_CASE(time_from_the_start),
	KUNIT_CASE(time_bad_times_make_no_device),
	KUNIT_CASE(time_read_suspends_write),
	KUNIT_CASE(time_changes_while_commands_wait),
	KUNIT_CASE(time_off_does_not_wait_for_those_before),
	{}
};

struct kunit_suite oc_timing_channel_suite = {
	.name = "oc_timing_channel",
	.init = time_init,
	.exit = bench_exit,
	.test_cases = timing_channel_cases,
};
