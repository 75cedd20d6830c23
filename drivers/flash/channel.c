// SPDX-License-Identifier: GPL-2.0
/*
 * flash/channel.c - the channel as an actor: ownership, inbox and worker
 *
 * oc.h has the rules of ownership.
 */
/* KBUILD_MODNAME would name the KUnit module too */
#define pr_fmt(fmt) "ocloop: " fmt

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/processor.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/stat.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "oc.h"
#include "oc_assert.h"
#include "oc_channel.h"
#include "oc_chunk.h"
#include "oc_cmd.h"
#include "oc_dev.h"
#include "oc_l2p.h"
#include "oc_media.h"
#include "oc_timing.h"

/*
 * Parts a worker serves before it yields to other work of its CPU: enough to
 * amortize the wakeup, few enough that a flood of commands does not trip the
 * workqueue watchdog.
 */
#define OC_WORKER_BATCH		64

/* Parts of others that a submitter serves before it returns to its own work */
#define OC_INLINE_BATCH		8

/* How often a submitter retries while another one owns the channel */
#define OC_INLINE_LOOKS		16

static bool oc_channel_set_owned(struct oc_channel *ch)
{
	/* Pairs with the release in oc_channel_release() */
	bool mine = !atomic_read(&ch->owned) &&
		atomic_cmpxchg_acquire(&ch->owned, 0, 1) == 0;

	if (mine)
		oc_owner_set(ch);
	return mine;
}

/**
 * oc_channel_release() - give up the ownership of a channel
 * @ch:		channel, owned by the caller
 *
 * Starts the worker if parts were queued meanwhile.
 *
 * Context: any.
 */
void oc_channel_release(struct oc_channel *ch)
{
	bool more = ch->backlog;

	oc_owner_clear(ch);
	atomic_set_release(&ch->owned, 0);
	/*
	 * Orders the store to @owned before the loads below. Pairs with
	 * llist_add() in oc_channel_enqueue() and smp_mb() in
	 * oc_channel_timer(), which order their stores before a load of
	 * @owned. So one of the two sides starts the worker.
	 */
	smp_mb();
	if (more || !llist_empty(&ch->inbox) || READ_ONCE(ch->due))
		queue_work(ch->wq, &ch->work);
}

/**
 * oc_channel_try_own() - own a channel if it is idle and nobody waits for it
 * @ch:		channel
 *
 * Context: any; does not sleep.
 * Return: true if the caller now owns the channel.
 */
bool oc_channel_try_own(struct oc_channel *ch)
{
	if (!llist_empty(&ch->inbox) || !oc_channel_set_owned(ch))
		return false;
	if (!ch->backlog)
		return true;
	oc_channel_release(ch);
	return false;
}

/*
 * Own a channel that is idle or about to be. Another submitter owns it for about as
 * long as queueing a part takes, and a part that is served on another CPU costs an
 * inter-processor interrupt on completion: so a short spin pays. It ends when parts
 * are queued, which come first.
 */
static bool oc_channel_spin_own(struct oc_channel *ch)
{
	u32 n;

	for (n = 1; !oc_channel_try_own(ch); n++) {
		if (n == OC_INLINE_LOOKS || !llist_empty(&ch->inbox))
			return false;
		cpu_relax();
	}
	return true;
}

/**
 * oc_channel_enqueue() - queue a part for the channel's worker
 * @part:	part; not touched by the caller any more
 *
 * Context: any; does not sleep.
 */
void oc_channel_enqueue(struct oc_part *part)
{
	struct oc_channel *ch = part->ch;

	/*
	 * A full barrier: the part is in the inbox before @owned is read. Pairs
	 * with smp_mb() in oc_channel_release().
	 */
	llist_add(&part->node, &ch->inbox);
	if (!atomic_read(&ch->owned))
		queue_work(ch->wq, &ch->work);
}

/* ---- parts that wait for their time ----------------------------------- */

static void oc_channel_arm(struct oc_channel *ch)
{
	struct timerqueue_node *first = timerqueue_getnext(&ch->waiting);

	if (first)
		hrtimer_start(&ch->timer, first->expires,
			      HRTIMER_MODE_ABS_SOFT);
}

/**
 * oc_part_began() - when the time of a part begins
 * @part:	part of a command
 *
 * Context: owner of the part's channel.
 * Return: ns, CLOCK_MONOTONIC.
 */
u64 oc_part_began(const struct oc_part *part)
{
	oc_assert_owned(part->ch);
	/* Times may have been turned on after the command came in */
	return part->cmd->arrival_ns ? part->cmd->arrival_ns : ktime_get_ns();
}

/**
 * oc_part_until() - a part does not complete before a time
 * @part:	part
 * @pu:		parallel unit of its channel that is busy until then
 * @end_ns:	the time, CLOCK_MONOTONIC; ignored if the part ends later anyway
 * @suspendable: it is a program or an erase, which reads may delay (suspend)
 *
 * Context: owner of the part's channel.
 */
void oc_part_until(struct oc_part *part, u32 pu, u64 end_ns, bool suspendable)
{
	oc_assert_owned(part->ch);
	if (end_ns <= part->when.expires)
		return;
	part->when.expires = end_ns;
	part->pu = pu;
	part->suspendable = suspendable;
	part->shift_ns = oc_timing_shift(&part->ch->clock, pu);
}

/**
 * oc_part_reset_until() - a part does not complete before a chunk is reset
 * @part:	part that resets it
 * @chk:	chunk in the channel; with planes, one of those reset together
 *
 * Context: owner of the part's channel.
 */
void oc_part_reset_until(struct oc_part *part, u32 chk)
{
	struct oc_channel *ch = part->ch;
	u32 pu = chk / ch->geo->num_chk;

	oc_assert_owned(ch);
	oc_part_until(part, pu,
		      oc_timing_reset(&ch->clock, &ch->timing, pu,
				      oc_part_began(part)), true);
}

/**
 * oc_part_defer() - let a part that has run complete at its time
 * @part:	part
 *
 * Context: owner of the part's channel; does not sleep.
 * Return: true if the channel calls the part's done() later; false if its time has
 * come, and the caller calls it.
 */
bool oc_part_defer(struct oc_part *part)
{
	struct oc_channel *ch = part->ch;

	oc_assert_owned(ch);
	if (likely(!part->when.expires) || part->when.expires <= ktime_get())
		return false;
	timerqueue_init(&part->when);
	if (timerqueue_add(&ch->waiting, &part->when))
		oc_channel_arm(ch);
	return true;
}

/* Dequeue the parts whose time has come; they are linked by their nodes */
static struct llist_node *oc_channel_expire(struct oc_channel *ch)
{
	struct llist_node *list = NULL, **tail = &list;
	struct timerqueue_node *first;
	ktime_t now = ktime_get();

	oc_assert_owned(ch);
	while ((first = timerqueue_getnext(&ch->waiting))) {
		struct oc_part *part = container_of(first, struct oc_part,
						    when);
		u64 late = 0;

		if (first->expires > now)
			break;
		timerqueue_del(&ch->waiting, first);
		if (part->suspendable)
			late = oc_timing_shift(&ch->clock, part->pu) -
				part->shift_ns;
		if (late) {
			part->shift_ns += late;
			first->expires += late;
			timerqueue_add(&ch->waiting, first);
			continue;
		}
		part->node.next = NULL;
		*tail = &part->node;
		tail = &part->node.next;
	}
	oc_channel_arm(ch);
	return list;
}

static void oc_parts_done(struct llist_node *list)
{
	struct oc_part *part, *next;

	llist_for_each_entry_safe(part, next, list, node)
		part->ops->done(part);
}

static enum hrtimer_restart oc_channel_timer(struct hrtimer *timer)
{
	struct oc_channel *ch = container_of(timer, struct oc_channel, timer);
	struct llist_node *list;

	if (!oc_channel_set_owned(ch)) {
		WRITE_ONCE(ch->due, true);
		/* @due is set before @owned is read: see oc_channel_release() */
		smp_mb();
		if (!atomic_read(&ch->owned))
			queue_work(ch->wq, &ch->work);
		return HRTIMER_NORESTART;
	}
	list = oc_channel_expire(ch);
	oc_channel_release(ch);
	oc_parts_done(list);
	return HRTIMER_NORESTART;
}

/**
 * oc_channel_hurry() - complete the deferred parts of a queue now
 * @ch:		channel
 * @queue:	struct oc_queue that is being stopped
 *
 * There may be as many as all queues have entries: for oc_channel_call_worker().
 *
 * Context: process, the channel's owner; sleeps.
 */
void oc_channel_hurry(struct oc_channel *ch, void *queue)
{
	struct timerqueue_node *node = timerqueue_getnext(&ch->waiting);
	struct llist_node *list = NULL;
	struct oc_part *part, *next;

	oc_assert_owned(ch);
	for (; node; node = timerqueue_iterate_next(node)) {
		cond_resched();
		part = container_of(node, struct oc_part, when);
		if (part->cmd->queue != queue)
			continue;
		part->node.next = list;
		list = &part->node;
	}
	llist_for_each_entry_safe(part, next, list, node) {
		timerqueue_del(&ch->waiting, &part->when);
		part->when.expires = 0;
		part->suspendable = false;
		timerqueue_add(&ch->waiting, &part->when);
		cond_resched();
	}
	if (list)
		oc_channel_arm(ch);
}

/* ---- submitters and the worker ---------------------------------------- */

/*
 * A submitter that owns a channel is not preempted: meanwhile others would queue
 * their parts for the worker, which takes longer. For that the work done here is
 * bounded (OC_CALL_CHUNKS; prepare() leaves large parts to the worker) and does not
 * sleep. With PREEMPT_RT spinlocks and allocations may sleep, and latency of other
 * tasks comes before throughput: there the submitter may be preempted and migrate,
 * since nothing here depends on the CPU.
 */
static void oc_inline_begin(void)
{
	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		preempt_disable();
}

static void oc_inline_end(void)
{
	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		preempt_enable();
}

/* The oldest queued part, or NULL. Called by the owner */
static struct oc_part *oc_channel_next(struct oc_channel *ch)
{
	struct llist_node *node = ch->backlog;

	oc_assert_owned(ch);
	if (!node) {
		node = llist_del_all(&ch->inbox);
		if (!node)
			return NULL;
		node = llist_reverse_order(node);
	}
	ch->backlog = node->next;
	return llist_entry(node, struct oc_part, node);
}

/*
 * Run parts that were queued while a submitter owned the channel: most take less
 * time than a wakeup of the worker. If another task wants the CPU, the worker gets
 * them. Called by the owner. Returns the completed parts, linked by their nodes.
 */
static struct llist_node *oc_channel_serve(struct oc_channel *ch)
{
	struct llist_node *list = NULL, **tail = &list;
	struct oc_part *part;
	u32 n;

	oc_assert_owned(ch);
	for (n = 0; n < OC_INLINE_BATCH && !need_resched(); n++) {
		if (!ch->backlog && llist_empty(&ch->inbox))
			break;
		part = oc_channel_next(ch);
		if (part->ops->grant || !part->ops->run(part, false)) {
			/* This one needs the worker; the others keep their order */
			part->node.next = ch->backlog;
			ch->backlog = &part->node;
			break;
		}
		oc_count_add(ch->count.inline_runs, 1);
		if (oc_part_defer(part))
			continue;
		part->node.next = NULL;
		*tail = &part->node;
		tail = &part->node.next;
	}
	return list;
}

/* Calls of oc_channel_give_way() on this CPU, of whatever task */
static DEFINE_PER_CPU(u32, oc_inline_turn);

/**
 * oc_channel_give_way() - offer the CPU to other tasks now and then
 *
 * For a submitter that has run its own part. Its commands complete before it could
 * sleep for them, so it would keep the CPU for a whole time slice, in which tasks
 * that wait there cannot reap their completions. So every OC_INLINE_SLICE calls on
 * a CPU request a reschedule.
 *
 * Context: any; owns no channel, does not sleep.
 */
void oc_channel_give_way(void)
{
	if (likely(this_cpu_inc_return(oc_inline_turn) % OC_INLINE_SLICE))
		return;
	preempt_disable();
	if (in_task() && !single_task_running()) {
		set_tsk_need_resched(current);
		set_preempt_need_resched();
	}
	preempt_enable();
}

/**
 * oc_channel_submit() - have a channel serve a part
 * @part:	part with @part->ops->run; not touched after its done()
 *
 * Runs the part on the spot if the channel is idle, else queues it for the owner or
 * the worker.
 *
 * Context: any, with interrupts enabled; does not sleep.
 */
void oc_channel_submit(struct oc_part *part)
{
	struct oc_channel *ch = part->ch;
	struct llist_node *others = NULL;
	bool ran, deferred = false;

	oc_inline_begin();
	if (!READ_ONCE(ch->dev->use_inline) || !oc_channel_spin_own(ch)) {
		oc_inline_end();
		oc_channel_enqueue(part);
		return;
	}

	ran = part->ops->run(part, false);
	if (ran) {
		oc_count_add(ch->count.inline_runs, 1);
		deferred = oc_part_defer(part);
		others = oc_channel_serve(ch);
	}
	oc_channel_release(ch);
	oc_inline_end();

	if (!ran)
		oc_channel_enqueue(part);
	else if (!deferred)
		part->ops->done(part);
	oc_parts_done(others);
	if (ran)
		oc_channel_give_way();
}

/* Run what is in the inbox, as the channel's owner */
static void oc_channel_drain(struct oc_channel *ch)
{
	struct oc_part *part;
	u32 n;

	for (n = 0; n < OC_WORKER_BATCH; n++) {
		if (unlikely(READ_ONCE(ch->due))) {
			WRITE_ONCE(ch->due, false);
			oc_parts_done(oc_channel_expire(ch));
		}
		part = oc_channel_next(ch);
		if (!part)
			break;
		oc_count_add(ch->count.worker_runs, 1);
		if (part->ops->grant) {
			part->ops->grant(part);
			return;
		}
		part->ops->run(part, true);
		if (!oc_part_defer(part))
			part->ops->done(part);
		cond_resched();
	}
	oc_channel_release(ch);
}

static void oc_channel_work(struct work_struct *work)
{
	struct oc_channel *ch = container_of(work, struct oc_channel, work);
	unsigned int noio;

	/* The owner checks the inbox when it releases the channel */
	if (!oc_channel_set_owned(ch))
		return;
	/* Writeback of reclaim comes this way */
	noio = memalloc_noio_save();
	oc_channel_drain(ch);
	memalloc_noio_restore(noio);
}

/**
 * oc_channel_init() - make one channel of a device
 * @ch:		zeroed channel
 * @dev:	device; its media and times are set
 * @id:		number of the channel
 * @geo:	geometry of the namespace that it belongs to, or of the device;
 *		stays
 *
 * Context: process; sleeps.
 * Return: 0, or -ENOMEM; oc_channel_exit() cleans up after either.
 */
int oc_channel_init(struct oc_channel *ch, struct oc_dev *dev, u32 id,
		    const struct oc_geo *geo)
{
	int ret;

	ch->dev = dev;
	ch->id = id;
	ch->geo = geo;
	ch->timing = dev->timing;
	init_llist_head(&ch->inbox);
	INIT_WORK(&ch->work, oc_channel_work);
	timerqueue_init_head(&ch->waiting);
	/* Soft: completions run where those of a real device do, in softirq */
	hrtimer_setup(&ch->timer, oc_channel_timer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_SOFT);
	ch->stat.nr[OC_CHK_FREE] = geo->chks;

	ch->stat.open_pu = kvcalloc(geo->num_pu, sizeof(*ch->stat.open_pu),
				    GFP_KERNEL);
	if (!ch->stat.open_pu)
		return -ENOMEM;
	ch->chunks = __vmalloc(array_size(geo->chks, sizeof(*ch->chunks)),
			       GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
	if (!ch->chunks)
		return -ENOMEM;
	ch->stat.ch = id;
	ch->stat.first = ch->chunks;
	ch->stat.num_chk = geo->num_chk;
	oc_assert_set_of(&ch->stat, ch);
	oc_assert_set_of(&ch->l2p, ch);
	oc_assert_set_of(&ch->clock, ch);
	ret = oc_l2p_init(&ch->l2p, geo->secs);
	if (ret)
		return ret;
	ret = oc_clock_init(&ch->clock, geo->num_pu);
	if (ret)
		return ret;
	ch->media = dev->media->open_ch(dev, geo);
	if (!ch->media)
		return -ENOMEM;

	/*
	 * Bound, one work item: an unbound queue costs half the speed. The names
	 * of queues have 23 characters, those of their threads 15.
	 */
	ch->wq = alloc_workqueue("%s_ch%u", WQ_MEM_RECLAIM | WQ_PERCPU, 1,
				 dev->name, id);
	return ch->wq ? 0 : -ENOMEM;
}

/**
 * oc_channel_exit() - free a channel and what it holds
 * @ch:		idle channel, perhaps half made, or zeroes
 *
 * Context: process; sleeps.
 */
void oc_channel_exit(struct oc_channel *ch)
{
	if (ch->wq) {
		hrtimer_cancel(&ch->timer);
		destroy_workqueue(ch->wq);
	}
	if (ch->media) {
		ch->dev->media->clear_ch(ch);
		ch->dev->media->close_ch(ch->dev, ch->media);
	}
	oc_clock_exit(&ch->clock);
	oc_l2p_exit(&ch->l2p);
	vfree(ch->chunks);
	kvfree(ch->stat.open_pu);
}
