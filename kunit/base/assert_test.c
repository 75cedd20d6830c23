// SPDX-License-Identifier: GPL-2.0
/*
 * assert_test.c - what the assertions of debug builds (OC_DEBUG) know: who owns a
 * channel, as it goes from hand to hand
 */
#include <linux/completion.h>
#include <linux/debug_locks.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/timer.h>

#include "oc_test.h"

#ifdef OC_DEBUG

/**
 * struct witness - somebody else, who says whether a channel is his
 * @ch:		the channel
 * @mine:	what he says
 * @said:	he has said it
 * @timer:	he is a softirq
 */
struct witness {
	struct oc_channel *ch;
	bool mine;
	struct completion said;
	struct timer_list timer;
};

static int witness_thread(void *arg)
{
	struct witness *witness = arg;

	witness->mine = oc_owner_is_me(witness->ch);
	complete(&witness->said);
	return 0;
}

static void witness_timer(struct timer_list *timer)
{
	witness_thread(container_of(timer, struct witness, timer));
}

/* Is the channel a thread's, or a softirq's, that has nothing to do with it? */
static bool is_others(struct kunit *test, struct oc_channel *ch)
{
	struct witness witness = { .ch = ch };
	struct task_struct *task;
	bool mine;

	init_completion(&witness.said);
	task = kthread_run(witness_thread, &witness, "oc_witness");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	wait_for_completion(&witness.said);
	mine = witness.mine;

	/* It runs on top of this task, at best */
	timer_setup_on_stack(&witness.timer, witness_timer, 0);
	reinit_completion(&witness.said);
	mod_timer(&witness.timer, jiffies + 1);
	while (!completion_done(&witness.said))
		cond_resched();
	timer_delete_sync(&witness.timer);
	destroy_timer_on_stack(&witness.timer);
	return mine || witness.mine;
}

static void assert_knows_the_owner(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_channel *ch = &bench->dev->ch[1];

	KUNIT_EXPECT_FALSE(test, oc_owner_is_me(ch));
	oc_channel_own(ch);
	KUNIT_EXPECT_TRUE(test, oc_owner_is_me(ch));
	KUNIT_EXPECT_FALSE(test, oc_owner_is_me(&bench->dev->ch[0]));
	KUNIT_EXPECT_FALSE(test, is_others(test, ch));
	oc_channel_release(ch);
	KUNIT_EXPECT_FALSE(test, oc_owner_is_me(ch));
	KUNIT_EXPECT_FALSE(test, is_others(test, ch));
}

static void assert_in_call(struct oc_channel *ch, void *arg)
{
	*(bool *)arg = oc_owner_is_me(ch);
}

static void assert_knows_who_runs_a_call(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_channel *ch = &bench->dev->ch[2];
	bool mine = false;

	oc_channel_call(ch, assert_in_call, &mine);
	KUNIT_EXPECT_TRUE(test, mine);
	mine = false;
	oc_channel_call_worker(ch, assert_in_call, &mine);
	KUNIT_EXPECT_TRUE(test, mine);
	KUNIT_EXPECT_FALSE(test, oc_owner_is_me(ch));
}

static int assert_owner_thread(void *arg)
{
	struct witness *witness = arg;

	oc_channel_own(witness->ch);
	witness->mine = oc_owner_is_me(witness->ch);
	oc_channel_release(witness->ch);
	complete(&witness->said);
	return 0;
}

/* Who stands in line gets it from the worker */
static void assert_knows_who_was_granted(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct witness witness = { .ch = &bench->dev->ch[3] };
	struct task_struct *task;

	init_completion(&witness.said);
	oc_channel_own(witness.ch);
	task = kthread_run(assert_owner_thread, &witness, "oc_witness");
	if (!IS_ERR(task))
		while (llist_empty(&witness.ch->inbox))
			cond_resched();
	KUNIT_EXPECT_TRUE(test, oc_owner_is_me(witness.ch));
	oc_channel_release(witness.ch);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	wait_for_completion(&witness.said);
	KUNIT_EXPECT_TRUE(test, witness.mine);
}

/* A write to several channels, of which the second has to be waited for */
static void assert_knows_whose_a_collection_is(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);
	struct oc_channel *ch = bench->dev->ch;
	u32 i;

	for (i = 0; i < 12; i++)
		bc->lba[i] = bench_lba(bench, i / 4, 0, 0, i % 4);
	bench_vector(bc, OC_CMD_VECTOR_WRITE, 12);
	oc_channel_own(&ch[1]);
	bench_submit(bc);
	KUNIT_EXPECT_TRUE(test, atomic_read(&ch[0].owned));
	KUNIT_EXPECT_FALSE(test, oc_owner_is_me(&ch[0]));
	KUNIT_EXPECT_FALSE(test, is_others(test, &ch[0]));
	oc_channel_release(&ch[1]);
	KUNIT_ASSERT_TRUE(test, bench_wait(bc));
	KUNIT_EXPECT_EQ(test, bc->cmd.status, (u16)0);
}

static void assert_knows_locks(struct kunit *test)
{
#ifdef CONFIG_LOCKDEP
	struct bench *bench = test->priv;
	struct oc_dev *dev = bench->dev;
	int idx;

	/* After a report of its own it knows nothing more */
	if (!debug_locks)
		return;
	KUNIT_EXPECT_FALSE(test, oc_ns_stay(dev));
	idx = srcu_read_lock(&dev->ns_srcu);
	KUNIT_EXPECT_TRUE(test, oc_ns_stay(dev));
	srcu_read_unlock(&dev->ns_srcu, idx);
	mutex_lock(&dev->format_lock);
	KUNIT_EXPECT_TRUE(test, oc_ns_stay(dev));
	mutex_unlock(&dev->format_lock);
	KUNIT_EXPECT_FALSE(test, oc_ns_stay(dev));
#endif
}

#else

static void assert_costs_nothing(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, sizeof(struct oc_l2p),
			sizeof(u32 *) + 2 * sizeof(u32));
}

#endif

static struct kunit_case assert_cases[] = {
#ifdef OC_DEBUG
	KUNIT_CASE(assert_knows_the_owner),
	KUNIT_CASE(assert_knows_who_runs_a_call),
	KUNIT_CASE(assert_knows_who_was_granted),
	KUNIT_CASE(assert_knows_whose_a_collection_is),
	KUNIT_CASE(assert_knows_locks),
#else
	KUNIT_CASE(assert_costs_nothing),
#endif
	{}
};

struct kunit_suite oc_assert_suite = {
	.name = "oc_assert",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = assert_cases,
};
