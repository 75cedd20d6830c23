/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_assert.h - the rules of oc.h that no lock can see, checked (make OC_DEBUG=1)
 *
 * Ownership of a channel goes from thread to thread: it is a command's that
 * collects channels, whoever serves it at the time, and the worker that finds a
 * claim in its inbox hands it to a task that waits. So those who have it say when
 * they take it, pass it on and take it up again; and a softirq is not the task that
 * it interrupts.
 *
 * Without OC_DEBUG all of this is nothing.
 */
#ifndef OC_ASSERT_H
#define OC_ASSERT_H

#include <linux/bug.h>
#include <linux/types.h>

struct oc_channel;
struct oc_dev;

#ifdef OC_DEBUG

bool oc_owner_is_me(const struct oc_channel *ch);
void oc_owner_enter(struct oc_channel *ch);
void oc_owner_leave(struct oc_channel *ch);
void oc_owner_pass(struct oc_channel *ch);
void oc_owner_adopt(struct oc_channel *ch);
bool oc_ns_stay(const struct oc_dev *dev);
void oc_assert_begin(struct oc_dev *dev);
void oc_assert_end(struct oc_dev *dev);

/* The caller owns channel @ch, or its device has no hosts yet, or no more */
#define oc_assert_owned(ch)						\
	WARN_ONCE(!oc_owner_is_me(ch), "ocloop: not the channel's owner\n")

/* The same for what is the channel's, if it is one's (its member of) */
#define oc_assert_owned_of(thing)					\
	do {								\
		if ((thing)->of)					\
			oc_assert_owned((thing)->of);			\
	} while (0)

#define oc_assert_set_of(thing, ch)	((thing)->of = (ch))

/* Something that the caller has keeps namespaces from coming and going */
#define oc_assert_ns(dev)						\
	WARN_ONCE(!oc_ns_stay(dev), "ocloop: namespaces may come and go\n")

/* What was copied is all that there was to copy */
#define oc_assert_copied(n, len)					\
	WARN_ONCE((n) != (len), "ocloop: a buffer ends too early\n")

#else

#define oc_assert_owned(ch)		((void)(ch))
#define oc_assert_owned_of(thing)	((void)(thing))
#define oc_assert_set_of(thing, ch)	((void)(thing))
#define oc_assert_ns(dev)		((void)(dev))
#define oc_assert_copied(n, len)	((void)(n))

static inline void oc_owner_enter(struct oc_channel *ch)
{
}

static inline void oc_owner_leave(struct oc_channel *ch)
{
}

static inline void oc_owner_pass(struct oc_channel *ch)
{
}

static inline void oc_owner_adopt(struct oc_channel *ch)
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
