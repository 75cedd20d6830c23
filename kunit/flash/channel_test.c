// SPDX-License-Identifier: GPL-2.0
/*
 * channel_test.c - who owns a channel, what waits for it, and in which order
 *
 * The first suite drives channels of a device that has nothing but them. The
 * second sends commands that need several channels at once, with and without
 * memory to be had.
 */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/string.h>

#include "oc_test.h"

/* ---- one channel ------------------------------------------------------ */

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
 * @order:	the how manieth of all probes it was
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

	KUNIT_EXPECT_TRUE_MSG(test, over, "%d parts never ended",
			      atomic_read(&rig->left));
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

	KUNIT_EXPECT_TRUE(test, oc_channel_take(&rig->ch));
	KUNIT_EXPECT_FALSE(test, oc_channel_take(&rig->ch));
	oc_channel_release(&rig->ch);
	KUNIT_EXPECT_TRUE(test, oc_channel_take(&rig->ch));
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

	KUNIT_ASSERT_TRUE(test, oc_channel_take(&rig->ch));
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

/* It has work of its own: of a flood, the worker serves the rest, in order */
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
	KUNIT_EXPECT_EQ(test, rig->ch.count.worker_runs,
			PARTS - rig->ch.count.inline_runs);
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
	KUNIT_EXPECT_FALSE(test, oc_channel_take(&rig->ch));
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
	if (!oc_channel_take(&rig->ch))
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
		KUNIT_EXPECT_EQ_MSG(test, rig->probe[i].order, i + 1,
				    "part %u", i);
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
	KUNIT_EXPECT_FALSE(test, oc_channel_take(&rig->ch));

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
	oc_owner_leave(&rig->ch);
	atomic_set_release(&rig->ch.owned, 0);
	KUNIT_EXPECT_FALSE(test, oc_channel_take(&rig->ch));

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

/* Threads of a case, joined by kthread_stop() so that no code outlives them */
static u32 start_threads(struct task_struct **task, u32 nr,
			 int (*fn)(void *arg), void *arg, size_t size)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		task[i] = kthread_create(fn, arg + i * size, "oc_kunit%u", i);
		if (IS_ERR(task[i]))
			break;
		get_task_struct(task[i]);
	}
	nr = i;
	for (i = 0; i < nr; i++)
		wake_up_process(task[i]);
	return nr;
}

static void join_threads(struct task_struct **task, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		kthread_stop(task[i]);
		put_task_struct(task[i]);
	}
}

static void crowd_try(struct kunit *test, struct rig *rig)
{
	struct task_struct *task[CALLERS];
	struct crowd crowd = { .rig = rig };
	u32 nr, i;

	init_completion(&crowd.over);
	atomic_set(&crowd.left, CALLERS);
	nr = start_threads(task, CALLERS, crowd_thread, &crowd, 0);
	for (i = nr; i < CALLERS; i++)
		if (atomic_dec_and_test(&crowd.left))
			complete(&crowd.over);
	/* The threads use this stack frame: there is no giving up on them */
	wait_for_completion(&crowd.over);
	join_threads(task, nr);

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

/* Submit until the scheduler is to have another look. It has none meanwhile */
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
	nr = start_threads(task, 2, turns_thread, &turns, 0);
	for (i = nr; i < 2; i++) {
		atomic_inc(&turns.begun);
		if (atomic_dec_and_test(&turns.left))
			complete(&turns.over);
	}
	wait_for_completion(&turns.over);
	join_threads(task, nr);

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

/* ---- several channels at once ----------------------------------------- */

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
	KUNIT_ASSERT_TRUE(test, oc_channel_take(&ch[2]));
	bench_submit(bc);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, owned_mask(bench), 0x05U);
	KUNIT_EXPECT_FALSE(test, completion_done(&bc->end));

	/* 4 is taken meanwhile: it gets 2 and waits again */
	KUNIT_EXPECT_TRUE(test, oc_channel_take(&ch[4]));
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
	KUNIT_ASSERT_TRUE(test, oc_channel_take(&ch[1]));
	bench_submit(bc);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, owned_mask(bench), 0x02U);

	/* Channel 3 serves others in the meantime */
	KUNIT_EXPECT_EQ(test, bench_write_run(bench,
					      bench_lba(bench, 3, 1, 0, 0), 4,
					      9), (u16)0);
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

	KUNIT_ASSERT_TRUE(test, oc_channel_take(&ch[1]));
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
	KUNIT_ASSERT_TRUE(test, oc_channel_take(&ch[2]));
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

/* All of @grp's chunks 0 have been written up to @wp, and read so */
static void check_gather(struct kunit *test, const u32 *grp, u32 nr, u32 wp)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i, n;

	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, owned_mask(bench), 0U);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    bench->dev->ch[grp[i]].chunks[0].wp, wp,
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
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), (u16)0, "hasty %u",
				    hasty);
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
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), (u16)0x0006,
				    "channel %u", dry);
		KUNIT_EXPECT_EQ_MSG(test, bench_bitmap(bc), BIT_ULL(nr) - 1,
				    "channel %u", dry);
		check_gather(test, grp, 5, 0);
		KUNIT_EXPECT_EQ(test, bench->dev->ch[dry].count.fails - fails,
				nr / 5ULL);
		/* One channel, in its own way */
		nr = set_gather(bc, &grp[dry], 1, 0);
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), (u16)0x0006,
				    "channel %u", dry);
		KUNIT_EXPECT_EQ_MSG(test, bench_bitmap(bc), BIT_ULL(nr) - 1,
				    "channel %u", dry);
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
	/* Each group's chunk is in another life: fill sector by sector */
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
				       "writer %u after %u commands: %s, status %#x",
				       i, wr[i].done, wr[i].fault,
				       wr[i].status);
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

	nr = start_threads(task, WRITERS, writer_thread, wr, sizeof(*wr));
	for (i = nr; i < WRITERS; i++)
		if (atomic_dec_and_test(&left))
			complete(&over);
	/* Each command has its own limit, so this comes to an end */
	wait_for_completion(&over);
	join_threads(task, nr);
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
