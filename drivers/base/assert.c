// SPDX-License-Identifier: GPL-2.0
/*
 * base/assert.c - who owns a channel, and whether namespaces stay (make OC_DEBUG=1)
 */
#include <linux/hardirq.h>
#include <linux/lockdep.h>
#include <linux/sched.h>

#include "oc_assert.h"
#include "oc_dev.h"

/* What no thread of control is */
#define OC_OWNER_NONE	0UL
#define OC_OWNER_PASSED	~0UL

/*
 * A thread of control: a task, or the softirq on top of it, which ends before the
 * task goes on. No two are alive with the same number.
 */
static unsigned long oc_owner_me(void)
{
	return (unsigned long)current + (in_serving_softirq() ? 1 : 0);
}

/**
 * oc_owner_is_me() - may the caller touch what is a channel's?
 * @ch:		channel
 *
 * Context: any.
 * Return: true if the caller owns it, or nobody else can know it.
 */
bool oc_owner_is_me(const struct oc_channel *ch)
{
	return !READ_ONCE(ch->dev->live) ||
		(atomic_read(&ch->owned) &&
		 READ_ONCE(ch->owner) == oc_owner_me());
}

/**
 * oc_owner_enter() - the caller has just come to own a channel
 * @ch:		channel
 *
 * Context: any.
 */
void oc_owner_enter(struct oc_channel *ch)
{
	WARN_ONCE(READ_ONCE(ch->owner), "ocloop: channel %u has two owners\n",
		  ch->id);
	WRITE_ONCE(ch->owner, oc_owner_me());
}

/**
 * oc_owner_leave() - the caller is about to let go of a channel
 * @ch:		channel
 *
 * Context: any.
 */
void oc_owner_leave(struct oc_channel *ch)
{
	oc_assert_owned(ch);
	WRITE_ONCE(ch->owner, OC_OWNER_NONE);
}

/**
 * oc_owner_pass() - the caller is about to hand a channel to somebody else
 * @ch:		channel
 *
 * Context: any.
 */
void oc_owner_pass(struct oc_channel *ch)
{
	oc_assert_owned(ch);
	WRITE_ONCE(ch->owner, OC_OWNER_PASSED);
}

/**
 * oc_owner_adopt() - the caller has been handed a channel
 * @ch:		channel that oc_owner_pass() was called for
 *
 * Context: any.
 */
void oc_owner_adopt(struct oc_channel *ch)
{
	WARN_ONCE(READ_ONCE(ch->owner) != OC_OWNER_PASSED,
		  "ocloop: channel %u was not handed over\n", ch->id);
	WRITE_ONCE(ch->owner, oc_owner_me());
}

/**
 * oc_ns_stay() - can namespaces neither come nor go while the caller looks?
 * @dev:	device
 *
 * Only lockdep knows who has a lock: without it the answer is yes.
 *
 * Context: any.
 * Return: true if the caller has one of the locks, a Sanitize runs, or nobody else
 * knows the device.
 */
bool oc_ns_stay(const struct oc_dev *dev)
{
#ifdef CONFIG_LOCKDEP
	return !READ_ONCE(dev->live) || srcu_read_lock_held(&dev->ns_srcu) ||
		lockdep_is_held(&dev->format_lock) ||
		lockdep_is_held(&dev->geo_lock) ||
		READ_ONCE(dev->sanitize.state) == OC_SANITIZE_RUNS;
#else
	return true;
#endif
}

/**
 * oc_assert_begin() - a device is whole: from here on its rules hold
 * @dev:	device
 *
 * Context: process.
 */
void oc_assert_begin(struct oc_dev *dev)
{
	WRITE_ONCE(dev->live, true);
}

/**
 * oc_assert_end() - nobody but the caller knows a device any more
 * @dev:	device without controllers, whose works have ended
 *
 * Context: process.
 */
void oc_assert_end(struct oc_dev *dev)
{
	WRITE_ONCE(dev->live, false);
}
