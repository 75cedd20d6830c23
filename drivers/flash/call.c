// SPDX-License-Identifier: GPL-2.0
/*
 * flash/call.c - tasks that wait for a channel: to have a function run there, or to own it
 */
#include <linux/completion.h>
#include <linux/kernel.h>

#include "oc_assert.h"
#include "oc_channel.h"

/**
 * struct oc_call - a function that a channel runs for a task that waits
 * @part:	in the channel's inbox
 * @fn:		the function
 * @arg:	its argument
 * @sleeps:	the function may sleep: only the worker runs it
 * @end:	it has run
 */
struct oc_call {
	struct oc_part part;
	bool sleeps;
	void (*fn)(struct oc_channel *ch, void *arg);
	void *arg;
	struct completion end;
};

static bool oc_call_run(struct oc_part *part, bool may_sleep)
{
	struct oc_call *call = container_of(part, struct oc_call, part);

	if (call->sleeps && !may_sleep)
		return false;
	call->fn(part->ch, call->arg);
	return true;
}

static void oc_call_done(struct oc_part *part)
{
	complete(&container_of(part, struct oc_call, part)->end);
}

static const struct oc_part_ops oc_call_ops = {
	.run	= oc_call_run,
	.done	= oc_call_done,
};

static void oc_channel_wait(struct oc_channel *ch,
			    void (*fn)(struct oc_channel *ch, void *arg),
			    void *arg, bool sleeps)
{
	struct oc_call call = {
		.part.ops = &oc_call_ops,
		.part.ch = ch,
		.fn = fn,
		.arg = arg,
		.sleeps = sleeps,
	};

	init_completion(&call.end);
	oc_channel_submit(&call.part);
	wait_for_completion(&call.end);
}

/**
 * oc_channel_call() - run a function as the channel's owner and wait for it
 * @ch:		channel
 * @fn:		function; must not sleep nor take more than microseconds, since any
 *		submitter may run it with preemption off. It looks at no more than
 *		OC_CALL_CHUNKS chunks in one call
 * @arg:	its argument
 *
 * Context: process; sleeps. The caller owns no channel.
 */
void oc_channel_call(struct oc_channel *ch,
		     void (*fn)(struct oc_channel *ch, void *arg), void *arg)
{
	oc_channel_wait(ch, fn, arg, false);
}

/**
 * oc_channel_call_worker() - as oc_channel_call(), for long functions
 * @ch:		channel
 * @fn:		function, run by the channel's worker; may sleep
 * @arg:	its argument
 *
 * Context: process; sleeps. The caller owns no channel.
 */
void oc_channel_call_worker(struct oc_channel *ch,
			    void (*fn)(struct oc_channel *ch, void *arg),
			    void *arg)
{
	oc_channel_wait(ch, fn, arg, true);
}

/**
 * struct oc_own_wait - a task that waits for the ownership of a channel
 * @part:	in the channel's inbox
 * @granted:	the ownership has been passed to it
 */
struct oc_own_wait {
	struct oc_part part;
	struct completion granted;
};

static void oc_own_wait_grant(struct oc_part *part)
{
	oc_owner_pass(part->ch);
	complete(&container_of(part, struct oc_own_wait, part)->granted);
}

static const struct oc_part_ops oc_own_wait_ops = {
	.grant	= oc_own_wait_grant,
};

/**
 * oc_channel_own() - own a channel, after all parts that are queued there
 * @ch:		channel; several are owned in ascending order
 *
 * Context: process; sleeps. The caller holds nothing that an owner may wait for.
 */
void oc_channel_own(struct oc_channel *ch)
{
	struct oc_own_wait wait = {
		.part.ops = &oc_own_wait_ops,
		.part.ch = ch,
	};

	if (oc_channel_try_own(ch))
		return;
	init_completion(&wait.granted);
	oc_channel_enqueue(&wait.part);
	wait_for_completion(&wait.granted);
	oc_owner_receive(ch);
}
