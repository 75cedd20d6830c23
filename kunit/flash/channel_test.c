// SPDX-License-Identifier: GPL-2.0
/*
 * channel_test.c - who owns a channel, what waits for it, and in which order
 *
 * On a device that has nothing but channels.
 */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

#include "oc_test.h"

/* A media that holds nothing; the channel only asks whether it opens */
static void *null_open_ch(struct oc_dev *dev, const struct oc_geo *geo)
{
	return dev;
}

static void null_close_ch(struct oc_dev *dev, void *media)
{
}

static void null_clear_ch(struct oc_channel *ch)
{
}

static const struct oc_media_ops null_media = {
	.name		= "null",
	.open_ch	= null_open_ch,
	.close_ch	= null_close_ch,
	.clear_ch	= null_clear_ch,
};

#define PARTS	1000U	/* more than the worker serves in one go */

/**
 * struct probe - a part that remembers what became of it
 * @part:	the part
 * @rig:	whose it is
 * @refuse:	it would have to sleep
 * @runs:	calls of run()
 * @dones:	calls of done()
 * @grants:	calls of grant()
 * @order:	its place among all probes that ran or were granted
 * @by:		who ran it
 * @slept:	run() was told that it may sleep
 * @owned_run:	the channel was owned while it ran
 * @owned_done:	and when it was done
 */
struct probe {
	struct oc_part part;
	struct rig *rig;
	bool refuse;
	u32 runs;
	u32 dones;
	u32 grants;
	u32 order;
	struct task_struct *by;
	bool slept;
	int owned_run;
	int owned_done;
};

/**
 * struct rig - a channel, and the parts it is tried with
 * @dev:	a device, so far as a channel needs one
 * @ch:		the channel
 * @probe:	parts
 * @seq:	[owner] parts run or granted so far
 * @left:	parts not yet over
 * @all:	none is left
 * @granted:	a grant() has been called
 */
struct rig {
	struct oc_dev dev;
	struct oc_channel ch;
	struct probe probe[PARTS];
	u32 seq;
	atomic_t left;
	struct completion all;
	struct completion granted;
};

static bool probe_run(struct oc_part *part, bool may_sleep)
{
	struct probe *probe = container_of(part, struct probe, part);

	probe->runs++;
	if (probe->refuse && !may_sleep)
		return false;
	probe->by = current;
	probe->slept = may_sleep;
	probe->owned_run = atomic_read(&part->ch->owned);
	probe->order = ++probe->rig->seq;
	return true;
}

static void probe_done(struct oc_part *part)
{
	struct probe *probe = container_of(part, struct probe, part);

	probe->dones++;
	probe->owned_done = atomic_read(&part->ch->owned);
	if (atomic_dec_and_test(&probe->rig->left))
		complete(&probe->rig->all);
}

static void probe_grant(struct oc_part *part)
{
	struct probe *probe = container_of(part, struct probe, part);

	probe->grants++;
	probe->by = current;
	probe->order = ++probe->rig->seq;
	complete(&probe->rig->granted);
}

static const struct oc_part_ops probe_ops = {
	.run	= probe_run,
	.done	= probe_done,
};

static const struct oc_part_ops grant_ops = {
	.grant	= probe_grant,
};

static int rig_init(struct kunit *test)
{
	struct rig *rig = kvzalloc(sizeof(*rig), GFP_KERNEL);
	struct oc_complaint why;
	u32 i;

	if (!rig)
		return -ENOMEM;
	test->priv = rig;
	rig->dev.media = &null_media;
	rig->dev.use_inline = true;
	rig->dev.geo = bench_config().geo;
	if (oc_geo_init(&rig->dev.geo, &why))
		return -EINVAL;
	for (i = 0; i < PARTS; i++) {
		rig->probe[i].rig = rig;
		rig->probe[i].part.ops = &probe_ops;
		rig->probe[i].part.ch = &rig->ch;
	}
	init_completion(&rig->all);
	init_completion(&rig->granted);
	return oc_channel_init(&rig->ch, &rig->dev, 0, &rig->dev.geo);
}

static void rig_exit(struct kunit *test)
{
	struct rig *rig = test->priv;

	if (!rig)
		return;
	if (rig->ch.dev)
		oc_channel_exit(&rig->ch);
	kvfree(rig);
}

/* Wait until @rig->left parts are over; the case may end if they are not */
static bool rig_wait(struct kunit *test, struct rig *rig)
{
	bool over = wait_for_completion_timeout(&rig->all, BENCH_TIMEOUT);

	KUNIT_EXPECT_TRUE_MSG(test, over, "%d parts never ended", atomic_read(&rig->left));
	return over;
}

static void rig_expect(struct rig *rig, u32 parts)
{
	reinit_completion(&rig->all);
	atomic_set(&rig->left, parts);
}

/*
 * Wait until the worker has let go: parts are over before that, and what it
 * counts is its own until then.
 */
static void rig_settle(struct rig *rig)
{
	flush_workqueue(rig->ch.wq);
}

static void channel_starts_free(struct kunit *test)
{
	struct rig *rig = test->priv;

	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ch.owned), 0);
	KUNIT_EXPECT_EQ(test, rig->ch.stat.nr[OC_CHK_FREE], 15U);
	KUNIT_EXPECT_EQ(test, rig->ch.stat.nr[OC_CHK_OPEN], 0U);
	KUNIT_EXPECT_EQ(test, rig->ch.stat.nr[OC_CHK_CLOSED], 0U);
	KUNIT_EXPECT_EQ(test, rig->ch.stat.nr[OC_CHK_OFFLINE], 0U);
	KUNIT_EXPECT_EQ(test, rig->ch.l2p.nr, 360U);
}

static void channel_has_one_owner(struct kunit *test)
{
	struct rig *rig = test->priv;

	KUNIT_EXPECT_TRUE(test, oc_channel_try_own(&rig->ch));
	KUNIT_EXPECT_FALSE(test, oc_channel_try_own(&rig->ch));
	oc_channel_release(&rig->ch);
	KUNIT_EXPECT_TRUE(test, oc_channel_try_own(&rig->ch));
	oc_channel_release(&rig->ch);
}

static void channel_idle_runs_inline(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct probe *probe = &rig->probe[0];

	rig_expect(rig, 1);
	oc_channel_submit(&probe->part);
	KUNIT_EXPECT_EQ(test, probe->runs, 1U);
	KUNIT_EXPECT_EQ(test, probe->dones, 1U);
	KUNIT_EXPECT_PTR_EQ(test, probe->by, current);
	KUNIT_EXPECT_FALSE(test, probe->slept);
	KUNIT_EXPECT_EQ(test, probe->owned_run, 1);
	KUNIT_EXPECT_EQ(test, probe->owned_done, 0);
	KUNIT_EXPECT_EQ(test, rig->ch.count.inline_runs, 1ULL);
	KUNIT_EXPECT_EQ(test, rig->ch.count.worker_runs, 0ULL);
}

static void channel_worker_runs_if_told_to(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct probe *probe = &rig->probe[0];

	rig->dev.use_inline = false;
	rig_expect(rig, 1);
	oc_channel_submit(&probe->part);
	if (!rig_wait(test, rig))
		return;
	rig_settle(rig);
	KUNIT_EXPECT_EQ(test, probe->runs, 1U);
	KUNIT_EXPECT_EQ(test, probe->dones, 1U);
	KUNIT_EXPECT_PTR_NE(test, probe->by, current);
	KUNIT_EXPECT_TRUE(test, probe->slept);
	KUNIT_EXPECT_EQ(test, probe->owned_run, 1);
	KUNIT_EXPECT_EQ(test, rig->ch.count.inline_runs, 0ULL);
	KUNIT_EXPECT_EQ(test, rig->ch.count.worker_runs, 1ULL);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ch.owned), 0);
}

static void channel_part_that_would_sleep_goes_to_worker(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct probe *probe = &rig->probe[0];

	probe->refuse = true;
	rig_expect(rig, 1);
	oc_channel_submit(&probe->part);
	if (!rig_wait(test, rig))
		return;
	rig_settle(rig);
	KUNIT_EXPECT_EQ(test, probe->runs, 2U);
	KUNIT_EXPECT_EQ(test, probe->dones, 1U);
	KUNIT_EXPECT_TRUE(test, probe->slept);
	KUNIT_EXPECT_PTR_NE(test, probe->by, current);
	KUNIT_EXPECT_EQ(test, rig->ch.count.inline_runs, 0ULL);
	KUNIT_EXPECT_EQ(test, rig->ch.count.worker_runs, 1ULL);
}

static void channel_owned_keeps_parts_waiting(struct kunit *test)
{
	struct rig *rig = test->priv;
	u32 i, ran = 0, wrong = 0;

	KUNIT_ASSERT_TRUE(test, oc_channel_try_own(&rig->ch));
	rig_expect(rig, PARTS);
	for (i = 0; i < PARTS; i++)
		oc_channel_submit(&rig->probe[i].part);
	flush_workqueue(rig->ch.wq);
	for (i = 0; i < PARTS; i++)
		ran += rig->probe[i].runs;
	KUNIT_EXPECT_EQ(test, ran, 0U);

	oc_channel_release(&rig->ch);
	if (!rig_wait(test, rig))
		return;
	rig_settle(rig);

	/* Each once, and oldest first */
	for (i = 0; i < PARTS; i++)
		wrong += rig->probe[i].runs != 1 || rig->probe[i].dones != 1 ||
			 rig->probe[i].order != i + 1;
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_EQ(test, rig->ch.count.worker_runs, (u64)PARTS);
	KUNIT_EXPECT_EQ(test, rig->ch.count.inline_runs, 0ULL);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ch.owned), 0);
}

/* While probe 0 runs, all the others up to rig->left come */
static bool busy_run(struct oc_part *part, bool may_sleep)
{
	struct rig *rig = container_of(part, struct probe, part)->rig;
	int i;

	for (i = 1; i < atomic_read(&rig->left); i++)
		oc_channel_submit(&rig->probe[i].part);
	return probe_run(part, may_sleep);
}

static const struct oc_part_ops busy_ops = {
	.run	= busy_run,
	.done	= probe_done,
};

static void check_order(struct kunit *test, struct rig *rig, u32 nr);

static void channel_submitter_serves_those_who_came(struct kunit *test)
{
	struct rig *rig = test->priv;
	u32 i;

	rig->probe[0].part.ops = &busy_ops;
	rig_expect(rig, 4);
	/* It would serve no others if another task wanted the processor */
	cond_resched();
	oc_channel_submit(&rig->probe[0].part);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, rig->probe[i].dones, 1U);
		KUNIT_EXPECT_PTR_EQ(test, rig->probe[i].by, current);
		KUNIT_EXPECT_FALSE(test, rig->probe[i].slept);
		KUNIT_EXPECT_EQ(test, rig->probe[i].owned_run, 1);
		KUNIT_EXPECT_EQ(test, rig->probe[i].owned_done, 0);
	}
	check_order(test, rig, 4);
	KUNIT_EXPECT_EQ(test, rig->ch.count.inline_runs, 4ULL);
	KUNIT_EXPECT_EQ(test, rig->ch.count.worker_runs, 0ULL);
}

/* It has work of its own: the worker serves the rest of a flood, in order */
static void channel_submitter_serves_not_for_ever(struct kunit *test)
{
	struct rig *rig = test->priv;

	rig->probe[0].part.ops = &busy_ops;
	rig_expect(rig, PARTS);
	oc_channel_submit(&rig->probe[0].part);
	if (!rig_wait(test, rig))
		return;
	rig_settle(rig);
	check_order(test, rig, PARTS);
	/* Fewer where another task wants the processor */
	KUNIT_EXPECT_GE(test, rig->ch.count.inline_runs, 1ULL);
	KUNIT_EXPECT_LE(test, rig->ch.count.inline_runs, 9ULL);
	KUNIT_EXPECT_EQ(test, rig->ch.count.worker_runs, PARTS - rig->ch.count.inline_runs);
}

/* What would sleep, or takes the channel, is the worker's with all behind it */
static void channel_submitter_leaves_the_worker_its_own(struct kunit *test)
{
	struct rig *rig = test->priv;

	rig->probe[0].part.ops = &busy_ops;
	rig->probe[2].refuse = true;
	rig_expect(rig, 5);
	oc_channel_submit(&rig->probe[0].part);
	if (!rig_wait(test, rig))
		return;
	rig_settle(rig);
	check_order(test, rig, 5);
	KUNIT_EXPECT_PTR_EQ(test, rig->probe[1].by, current);
	KUNIT_EXPECT_TRUE(test, rig->probe[2].slept);
	KUNIT_EXPECT_PTR_NE(test, rig->probe[3].by, current);
	KUNIT_EXPECT_EQ(test, rig->ch.count.inline_runs, 2ULL);
	KUNIT_EXPECT_EQ(test, rig->ch.count.worker_runs, 3ULL);
}

static void channel_nobody_passes_those_who_wait(struct kunit *test)
{
	struct rig *rig = test->priv;

	/* As if the worker had been told but had not come yet */
	llist_add(&rig->probe[0].part.node, &rig->ch.inbox);
	KUNIT_EXPECT_FALSE(test, oc_channel_try_own(&rig->ch));
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ch.owned), 0);

	rig_expect(rig, 2);
	oc_channel_submit(&rig->probe[1].part);
	if (!rig_wait(test, rig))
		return;
	KUNIT_EXPECT_EQ(test, rig->probe[0].order, 1U);
	KUNIT_EXPECT_EQ(test, rig->probe[1].order, 2U);
}

/* Probes 0 and 1 run, 2 takes the channel, 3 to 9 wait behind it */
static bool rig_grant(struct kunit *test, struct rig *rig)
{
	bool granted;
	u32 i;

	rig->probe[2].part.ops = &grant_ops;
	rig_expect(rig, 9);
	if (!oc_channel_try_own(&rig->ch))
		return false;
	for (i = 0; i < 10; i++)
		oc_channel_enqueue(&rig->probe[i].part);
	oc_channel_release(&rig->ch);

	granted = wait_for_completion_timeout(&rig->granted, BENCH_TIMEOUT);
	KUNIT_EXPECT_TRUE(test, granted);
	flush_workqueue(rig->ch.wq);
	KUNIT_EXPECT_EQ(test, rig->probe[2].grants, 1U);
	KUNIT_EXPECT_EQ(test, rig->probe[2].order, 3U);
	KUNIT_EXPECT_EQ(test, rig->probe[1].dones, 1U);
	KUNIT_EXPECT_EQ(test, rig->probe[3].runs, 0U);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ch.owned), 1);
	return granted;
}

static void check_order(struct kunit *test, struct rig *rig, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ_MSG(test, rig->probe[i].order, i + 1, "part %u", i);
}

static void channel_grant_passes_ownership_on(struct kunit *test)
{
	struct rig *rig = test->priv;

	if (!rig_grant(test, rig))
		return;

	/* Who comes now waits behind those who came before */
	atomic_inc(&rig->left);
	oc_channel_submit(&rig->probe[10].part);
	KUNIT_EXPECT_EQ(test, rig->probe[10].runs, 0U);
	KUNIT_EXPECT_FALSE(test, oc_channel_try_own(&rig->ch));

	oc_channel_release(&rig->ch);
	if (!rig_wait(test, rig))
		return;
	rig_settle(rig);
	check_order(test, rig, 11);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ch.owned), 0);
}

static void channel_backlog_is_not_passed(struct kunit *test)
{
	struct rig *rig = test->priv;

	if (!rig_grant(test, rig))
		return;

	/* The moment between letting go and the worker's coming */
	KUNIT_EXPECT_TRUE(test, llist_empty(&rig->ch.inbox));
	KUNIT_EXPECT_TRUE(test, rig->ch.backlog);
	oc_owner_clear(&rig->ch);
	atomic_set_release(&rig->ch.owned, 0);
	KUNIT_EXPECT_FALSE(test, oc_channel_try_own(&rig->ch));

	/* Whoever had to turn back has sent the worker */
	if (!rig_wait(test, rig))
		return;
	rig_settle(rig);
	check_order(test, rig, 10);
}

static void channel_call_fn(struct oc_channel *ch, void *arg)
{
	u32 *seen = arg;

	*seen = atomic_read(&ch->owned) ? 1000 + ch->id : 1;
}

static void channel_call_owns_the_channel(struct kunit *test)
{
	struct rig *rig = test->priv;
	u32 seen = 0;

	oc_channel_call(&rig->ch, channel_call_fn, &seen);
	KUNIT_EXPECT_EQ(test, seen, 1000U);

	rig->dev.use_inline = false;
	seen = 0;
	oc_channel_call(&rig->ch, channel_call_fn, &seen);
	KUNIT_EXPECT_EQ(test, seen, 1000U);
	rig_settle(rig);
	KUNIT_EXPECT_EQ(test, rig->ch.count.inline_runs, 1ULL);
	KUNIT_EXPECT_EQ(test, rig->ch.count.worker_runs, 1ULL);
}

#define CALLERS		3
#define CALLS		2000U

/**
 * struct crowd - threads that call into one channel
 * @rig:	the channel
 * @inside:	[owner] somebody is
 * @calls:	[owner] calls so far
 * @clashes:	calls that found @inside set
 * @left:	threads that still call
 * @over:	none does
 */
struct crowd {
	struct rig *rig;
	bool inside;
	u32 calls;
	u32 clashes;
	atomic_t left;
	struct completion over;
};

static void crowd_fn(struct oc_channel *ch, void *arg)
{
	struct crowd *crowd = arg;
	u32 calls = crowd->calls;

	if (READ_ONCE(crowd->inside))
		crowd->clashes++;
	WRITE_ONCE(crowd->inside, true);
	/* Long enough for somebody else to come in, if he could */
	if (calls % 16 == 0)
		udelay(5);
	crowd->calls = calls + 1;
	WRITE_ONCE(crowd->inside, false);
}

static int crowd_thread(void *arg)
{
	struct crowd *crowd = arg;
	u32 i;

	for (i = 0; i < CALLS; i++) {
		oc_channel_call(&crowd->rig->ch, crowd_fn, crowd);
		if (i % 64 == 0)
			cond_resched();
	}
	if (atomic_dec_and_test(&crowd->left))
		complete(&crowd->over);
	return 0;
}

static void crowd_try(struct kunit *test, struct rig *rig)
{
	struct task_struct *task[CALLERS];
	struct crowd crowd = { .rig = rig };
	u32 nr, i;

	init_completion(&crowd.over);
	atomic_set(&crowd.left, CALLERS);
	nr = bench_start_threads(task, CALLERS, crowd_thread, &crowd, 0);
	for (i = nr; i < CALLERS; i++)
		if (atomic_dec_and_test(&crowd.left))
			complete(&crowd.over);
	/* The threads use this stack frame: there is no giving up on them */
	wait_for_completion(&crowd.over);
	bench_join_threads(task, nr);

	KUNIT_EXPECT_EQ(test, nr, (u32)CALLERS);
	KUNIT_EXPECT_EQ(test, crowd.calls, nr * CALLS);
	KUNIT_EXPECT_EQ(test, crowd.clashes, 0U);
}

static void channel_callers_never_meet(struct kunit *test)
{
	struct rig *rig = test->priv;
	u64 runs;

	crowd_try(test, rig);
	rig->dev.use_inline = false;
	crowd_try(test, rig);
	rig_settle(rig);
	runs = rig->ch.count.inline_runs + rig->ch.count.worker_runs;
	KUNIT_EXPECT_EQ(test, runs, 2ULL * CALLERS * CALLS);
	KUNIT_EXPECT_EQ(test, atomic_read(&rig->ch.owned), 0);
}

#define OFFERS		32U

/**
 * struct turns - two threads that share a CPU and never sleep
 * @rig:	whose channel they use
 * @begun:	so many have begun
 * @left:	so many have not ended
 * @over:	none is left
 * @offers:	how often one of them was to let the other run
 * @most:	most parts that one ran before it was
 */
struct turns {
	struct rig *rig;
	atomic_t begun;
	atomic_t left;
	struct completion over;
	u32 offers;
	u32 most;
};

/* Submit until the scheduler wants this processor, without letting it */
static void turns_one(struct turns *turns, struct probe *probe)
{
	u32 parts = 0;

	preempt_disable();
	while (!need_resched() && parts < 2 * OC_INLINE_SLICE) {
		oc_channel_submit(&probe->part);
		parts++;
	}
	turns->offers += need_resched();
	turns->most = max(turns->most, parts);
	preempt_enable();
}

static int turns_thread(void *arg)
{
	struct turns *turns = arg;
	struct probe *probe;
	u32 i;

	set_cpus_allowed_ptr(current, cpumask_of(0));
	probe = &turns->rig->probe[atomic_fetch_inc(&turns->begun)];
	/* While one is not there, or no more, the other has nobody to offer to */
	while (atomic_read(&turns->begun) < 2)
		cond_resched();
	for (i = 0; i < OFFERS; i++) {
		turns_one(turns, probe);
		cond_resched();
	}
	if (atomic_dec_and_test(&turns->left))
		complete(&turns->over);
	while (atomic_read(&turns->left))
		cond_resched();
	return 0;
}

/* What the scheduler makes of an offer is its own business */
static void channel_submitters_offer_turns(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct turns turns = { .rig = rig, .left = ATOMIC_INIT(2) };
	struct task_struct *task[2];
	u32 nr, i;

	init_completion(&turns.over);
	rig_expect(rig, INT_MAX);
	nr = bench_start_threads(task, 2, turns_thread, &turns, 0);
	for (i = nr; i < 2; i++) {
		atomic_inc(&turns.begun);
		if (atomic_dec_and_test(&turns.left))
			complete(&turns.over);
	}
	wait_for_completion(&turns.over);
	bench_join_threads(task, nr);

	KUNIT_EXPECT_EQ(test, nr, 2U);
	KUNIT_EXPECT_EQ(test, turns.offers, 2 * OFFERS);
	KUNIT_EXPECT_LE(test, turns.most, (u32)OC_INLINE_SLICE);
}

static struct kunit_case channel_cases[] = {
	KUNIT_CASE(channel_starts_free),
	KUNIT_CASE(channel_has_one_owner),
	KUNIT_CASE(channel_idle_runs_inline),
	KUNIT_CASE(channel_worker_runs_if_told_to),
	KUNIT_CASE(channel_part_that_would_sleep_goes_to_worker),
	KUNIT_CASE(channel_owned_keeps_parts_waiting),
	KUNIT_CASE(channel_submitter_serves_those_who_came),
	KUNIT_CASE(channel_submitters_offer_turns),
	KUNIT_CASE(channel_submitter_serves_not_for_ever),
	KUNIT_CASE(channel_submitter_leaves_the_worker_its_own),
	KUNIT_CASE(channel_nobody_passes_those_who_wait),
	KUNIT_CASE(channel_grant_passes_ownership_on),
	KUNIT_CASE(channel_backlog_is_not_passed),
	KUNIT_CASE(channel_call_owns_the_channel),
	KUNIT_CASE(channel_callers_never_meet),
	{}
};

struct kunit_suite oc_channel_suite = {
	.name = "oc_channel",
	.init = rig_init,
	.exit = rig_exit,
	.test_cases = channel_cases,
};
