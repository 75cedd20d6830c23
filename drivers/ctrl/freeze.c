// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/freeze.c - changes of namespaces that no command sees half of
 *
 * Format, Sanitize, Create and Delete take the ground from under commands. All do
 * it in the same steps, which stand here once. Each relies on those before it.
 *
 * Gate. Commands look at oc_ns.gate first; whoever finds it shut is sent away.
 *
 * Grace period. A command is parsed, and its parts are given to their channels, in
 * one RCU read-side section that begins with the look at the gate. When
 * synchronize_rcu() returns, every command that found it open has been parsed and
 * all its parts are in the channels' inboxes, or have run. Nobody reads the
 * namespace's sizes on behalf of a command any more.
 *
 * Epoch. A command of several rounds takes the namespace's epoch down in its first
 * section, after the look at the gate, and goes on with another round only while
 * that has not changed. So it is raised here and no earlier: raised before the
 * grace period, it could be taken down, new as it is, by a command that found the
 * gate open, and that one would go on when all is over as if nothing had been. Now
 * nobody is left who could take it down.
 *
 * Second grace period. Who ends a command looks at what the namespace's kind knows
 * in a section of its own, if the epoch is still the command's. From here on nobody
 * finds it so.
 *
 * Ownership. The parts that were given away stand in the inboxes; whoever waits for
 * a channel stands behind them. So who owns all channels of the namespace has seen
 * the last of its commands touch them, but for parts that have run and wait for
 * their time, which touch nothing. Channels are taken in ascending order, like
 * those of a command. They are given back before the gate opens.
 *
 * What takes long is done a slice of a channel at a time, so that others who ask
 * for the channel have it soon: nobody who must not see a half change is among them.
 */
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "oc.h"
#include "oc_channel.h"
#include "oc_cmd.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_freeze.h"
#include "oc_ns.h"

/* Sectors of chunks that are erased while a channel is owned */
#define OC_FREEZE_SLICE	65536U

/*
 * The namespace behind @ns, NULL for the first: in the order of their channels. A
 * slot that is about to become a namespace counts as one.
 */
static struct oc_ns *oc_freeze_next(const struct oc_freeze *fz,
				    const struct oc_ns *ns)
{
	u32 from = ns ? ns->first + ns->geo.num_grp : 0, i;
	struct oc_ns *next = NULL;

	for_each_set_bit(i, fz->which, OC_MAX_NS) {
		struct oc_ns *one = &fz->dev->ns[i];

		if (one->first >= from && (!next || one->first < next->first))
			next = one;
	}
	return next;
}

#define oc_freeze_for_each(fz, ns) \
	for (ns = oc_freeze_next(fz, NULL); ns; ns = oc_freeze_next(fz, ns))

/**
 * oc_freeze_shut() - send commands away from now on
 * @fz:		namespaces, and why; doing it twice is harmless
 *
 * Those that have begun go on until oc_freeze_wait().
 *
 * Context: process; does not sleep. The caller holds oc_dev.format_lock, or is
 * the Sanitize that runs.
 */
void oc_freeze_shut(struct oc_freeze *fz)
{
	u32 i;

	for_each_set_bit(i, fz->which, OC_MAX_NS) {
		/* Whoever finds it shut finds what was written before, too */
		smp_store_release(&fz->dev->ns[i].gate, fz->why);
	}
}

/**
 * oc_freeze_wait() - no command goes on that began before the gate was shut
 * @fz:		namespaces, and why; the second time there is nothing to wait for
 *
 * Parts that were given to channels before may still run there.
 *
 * Context: process; sleeps. As oc_freeze_shut(), which it does first; owns no
 * channel.
 */
void oc_freeze_wait(struct oc_freeze *fz)
{
	struct oc_ns *ns;
	u32 i;

	if (fz->waited)
		return;
	oc_freeze_shut(fz);
	synchronize_rcu();
	for_each_set_bit(i, fz->which, OC_MAX_NS) {
		ns = &fz->dev->ns[i];
		WRITE_ONCE(ns->epoch, oc_epoch_next(ns->epoch, fz->why));
	}
	synchronize_rcu();
	fz->waited = true;
}

/**
 * oc_freeze_change() - change namespaces while nobody is there
 * @fz:		namespaces, and why
 * @change:	called for each, by the owner of the channels of all; may sleep
 * @arg:	its argument
 *
 * Context: process; sleeps. As oc_freeze_wait(), which it does first.
 */
void oc_freeze_change(struct oc_freeze *fz,
		      void (*change)(struct oc_ns *ns, void *arg), void *arg)
{
	struct oc_channel *ch = fz->dev->ch;
	struct oc_ns *ns;
	u32 i;

	oc_freeze_wait(fz);
	oc_freeze_for_each(fz, ns)
		for (i = 0; i < ns->geo.num_grp; i++)
			oc_channel_own(&ch[ns->first + i]);
	oc_freeze_for_each(fz, ns)
		change(ns, arg);
	oc_freeze_for_each(fz, ns)
		for (i = 0; i < ns->geo.num_grp; i++)
			oc_channel_release(&ch[ns->first + i]);
}

static void oc_freeze_forget_ns(struct oc_ns *ns, void *arg)
{
	if (ns->kind->clear)
		ns->kind->clear(ns);
}

/**
 * oc_freeze_forget() - nothing is mapped any more
 * @fz:		namespaces, and why
 *
 * What the kinds know of their data goes first, before the data itself: nothing of
 * it is true from here on.
 *
 * Context: process; sleeps. As oc_freeze_change().
 */
void oc_freeze_forget(struct oc_freeze *fz)
{
	oc_freeze_change(fz, oc_freeze_forget_ns, NULL);
}

/**
 * struct oc_slice - chunks of a channel that are erased in one go
 * @from:	the first
 * @nr:		how many
 */
struct oc_slice {
	u32 from;
	u32 nr;
};

static void oc_freeze_erase_slice(struct oc_channel *ch, void *arg)
{
	const struct oc_slice *slice = arg;
	u32 chk;

	for (chk = slice->from; chk < slice->from + slice->nr; chk++) {
		oc_channel_erase(ch, chk);
		cond_resched();
	}
}

/**
 * oc_freeze_erase() - nothing is left of what namespaces hold
 * @fz:		namespaces, and why
 *
 * Chunks that were used are free and one reset older; those that are offline stay
 * so. It takes no time of the flash: these are not erases of a host.
 *
 * Context: process; sleeps. As oc_freeze_change().
 */
void oc_freeze_erase(struct oc_freeze *fz)
{
	const struct oc_geo *geo = &fz->dev->geo;
	u32 many = max(OC_FREEZE_SLICE / geo->clba, 1U), i;
	struct oc_slice slice;
	struct oc_ns *ns;

	oc_freeze_forget(fz);
	oc_freeze_for_each(fz, ns)
		for (i = 0; i < ns->geo.num_grp; i++)
			for (slice.from = 0; slice.from < geo->chks;
			     slice.from += slice.nr) {
				slice.nr = min(many, geo->chks - slice.from);
				oc_channel_call_worker(&fz->dev->ch[ns->first + i],
						       oc_freeze_erase_slice,
						       &slice);
			}
}

/**
 * oc_freeze_open() - let commands in
 * @dev:	device
 * @which:	bit NSID - 1: to this namespace, which nobody is changing
 *
 * Context: process; does not sleep. As oc_freeze_shut().
 */
void oc_freeze_open(struct oc_dev *dev, const unsigned long *which)
{
	u32 i;

	for_each_set_bit(i, which, OC_MAX_NS) {
		/* Pairs with smp_load_acquire() of those who begin a command */
		smp_store_release(&dev->ns[i].gate, OC_CUT_NOT);
	}
}
