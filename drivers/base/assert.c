// SPDX-License-Identifier: GPL-2.0
/*
 * base/assert.c - checks of channel ownership and of namespace lifetimes, for
 * make OC_DEBUG=1
 */
#include <linux/hardirq.h>
#include <linux/lockdep.h>
#include <linux/sched.h>

#include "oc_assert.h"
#include "oc_dev.h"

/* No thread has these numbers */
#define OC_OWNER_NONE	0UL
#define OC_OWNER_PASSED	~0UL

/*
 * The current thread: a task, or the softirq that interrupts it and ends before the
 * task continues. No two live threads have the same number.
 */
static unsigned long oc_owner_me(void)
{
	return (unsigned long)current + (in_serving_softirq() ? 1 : 0);
}

/**
 * oc_owner_is_me() - may the caller touch what a channel owns?
 * @ch:		channel
 *
 * Context: any.
 * Return: true if the caller owns it, or nobody else can reach the device.
 */
bool oc_owner_is_me(const struct oc_channel *ch)
{
	return !READ_ONCE(ch->dev->live) ||
		(atomic_read(&ch->owned) &&
		 READ_ONCE(ch->owner) == oc_owner_me());
}

/**
 * oc_owner_set() - the caller owns a channel from now on
 * @ch:		channel
 *
 * Context: any.
 */
void oc_owner_set(struct oc_channel *ch)
{
	WARN_ONCE(READ_ONCE(ch->owner), "ocloop: channel %u has two owners\n",
		  ch->id);
	WRITE_ONCE(ch->owner, oc_owner_me());
}

/**
 * oc_owner_clear() - the caller is about to release a channel
 * @ch:		channel
 *
 * Context: any.
 */
void oc_owner_clear(struct oc_channel *ch)
{
	oc_assert_owned(ch);
	WRITE_ONCE(ch->owner, OC_OWNER_NONE);
}

/**
 * oc_owner_pass() - the caller is about to pass a channel to another thread
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
 * oc_owner_receive() - the caller has received a channel
 * @ch:		channel that oc_owner_pass() was called for
 *
 * Context: any.
 */
void oc_owner_receive(struct oc_channel *ch)
{
	WARN_ONCE(READ_ONCE(ch->owner) != OC_OWNER_PASSED,
		  "ocloop: channel %u was not passed on\n", ch->id);
	WRITE_ONCE(ch->owner, oc_owner_me());
}

/**
 * oc_ns_stay() - can namespaces neither come nor go while the caller looks?
 * @dev:	device
 *
 * Only lockdep knows who holds a lock: without it the answer is always yes.
 *
 * Context: any.
 * Return: true if the caller holds one of the locks, a Sanitize runs, or nobody
 * else can reach the device.
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
 * oc_assert_begin() - a device is complete: check it from here on
 * @dev:	device
 *
 * Context: process.
 */
void oc_assert_begin(struct oc_dev *dev)
{
	WRITE_ONCE(dev->live, true);
}

/**
 * oc_assert_end() - nobody but the caller can reach a device any more
 * @dev:	device without controllers, whose work items have ended
 *
 * Context: process.
 */
void oc_assert_end(struct oc_dev *dev)
{
	WRITE_ONCE(dev->live, false);
}
