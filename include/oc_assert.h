/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_assert.h - the rules of oc.h that no lock can see, checked (make OC_DEBUG=1)
 *
 * Ownership of a channel moves between threads: a command that collects channels
 * keeps them while different threads serve it, and a worker passes its channel to
 * a task that waits in the inbox. So every thread that owns, passes, receives or
 * releases a channel notes it here. A softirq counts as a thread apart from the
 * task that it interrupts.
 *
 * Without OC_DEBUG all of this compiles to nothing.
 */
#ifndef OC_ASSERT_H
#define OC_ASSERT_H

#include <linux/bug.h>
#include <linux/types.h>

struct oc_channel;
struct oc_dev;

#ifdef OC_DEBUG

bool oc_owner_is_me(const struct oc_channel *ch);
void oc_owner_set(struct oc_channel *ch);
void oc_owner_clear(struct oc_channel *ch);
void oc_owner_pass(struct oc_channel *ch);
void oc_owner_receive(struct oc_channel *ch);
bool oc_ns_stay(const struct oc_dev *dev);
void oc_assert_begin(struct oc_dev *dev);
void oc_assert_end(struct oc_dev *dev);

/* The caller owns channel @ch, or the device has no hosts yet, or none any more */
#define oc_assert_owned(ch)						\
	WARN_ONCE(!oc_owner_is_me(ch), "ocloop: not the channel's owner\n")

/* The same for an object of a channel, its member @of; NULL for one of none */
#define oc_assert_owned_of(thing)					\
	do {								\
		if ((thing)->of)					\
			oc_assert_owned((thing)->of);			\
	} while (0)

#define oc_assert_set_of(thing, ch)	((thing)->of = (ch))

/* The caller holds one of the locks that keep namespaces from coming and going */
#define oc_assert_ns(dev)						\
	WARN_ONCE(!oc_ns_stay(dev), "ocloop: namespaces may come and go\n")

/* All of @len was copied */
#define oc_assert_copied(n, len)					\
	WARN_ONCE((n) != (len), "ocloop: a buffer ends too early\n")

#else

#define oc_assert_owned(ch)		((void)(ch))
#define oc_assert_owned_of(thing)	((void)(thing))
#define oc_assert_set_of(thing, ch)	((void)(thing))
#define oc_assert_ns(dev)		((void)(dev))
#define oc_assert_copied(n, len)	((void)(n))

static inline void oc_owner_set(struct oc_channel *ch)
{
}

static inline void oc_owner_clear(struct oc_channel *ch)
{
}

static inline void oc_owner_pass(struct oc_channel *ch)
{
}

static inline void oc_owner_receive(struct oc_channel *ch)
{
}

static inline void oc_assert_begin(struct oc_dev *dev)
{
}

static inline void oc_assert_end(struct oc_dev *dev)
{
}

#endif

#endif /* OC_ASSERT_H */
