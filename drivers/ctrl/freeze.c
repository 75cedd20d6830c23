// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/freeze.c - changes of namespaces that are atomic to commands
 *
 * Format, Sanitize, Create and Delete change what commands rely on. All take the
 * steps below, in this order; each step depends on those before it.
 *
 * 1. Shut the gate. A command reads oc_ns.gate first and fails if it is shut.
 *
 * 2. First grace period. The read of the gate, the parsing of the command and the
 *    submission of its parts are one RCU read-side critical section. So when
 *    synchronize_rcu() returns, each command that saw the gate open has been parsed,
 *    and its parts have run or are in the inboxes. No command uses the namespace's
 *    sizes any more, except through those parts.
 *
 * 3. Change the epoch. A command of several rounds copies oc_ns.epoch in that first
 *    section, after it has read the gate, and starts another round only if the
 *    epoch is unchanged. Before step 2 would be too early: a command that saw the
 *    gate open could still copy the new epoch and go on after the change. After
 *    step 2, no such command is left.
 *
 * 4. Second grace period. The end of a command may read the data of the namespace's
 *    kind (oc_ns.priv) in a section of its own, if the epoch is unchanged. When
 *    synchronize_rcu() returns, these sections have ended and later ones see the
 *    new epoch.
 *
 * 5. Own the channels. oc_channel_own() queues behind the parts of step 2, so its
 *    caller runs after all of them. Parts that have run and are only deferred
 *    touch nothing of the namespace. Channels are owned in ascending order, as by
 *    commands, and released before the gate opens.
 *
 * Long work is done as calls of a slice of one channel each, so that others who use
 * the channel do not wait for long. None of those are commands of the namespace.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "oc.h"
#include "oc_assert.h"
#include "oc_channel.h"
#include "oc_cmd.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_freeze.h"
#include "oc_media.h"
#include "oc_ns.h"

/* Sectors of the chunks that one call erases */
#define OC_FREEZE_SLICE	65536U

/*
 * The namespace after @ns, or the first if @ns is NULL, in the order of their
 * channels. A slot that is about to become a namespace counts as one.
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
 * oc_freeze_all() - a whole device is to be frozen
 * @fz:		filled in with all namespaces there are
 * @dev:	device
 * @why:	what their commands are sent away for, below OC_CUT_EPOCHS
 *
 * One namespace and all of them are taken from under their commands in the same
 * steps. From oc_freeze_shut() on no command of a namespace begins, after
 * oc_freeze_wait() none goes on, and what oc_freeze_change() calls finds the device
 * at rest: every channel of every namespace is owned, and the others hold nothing.
 * oc_freeze_open() with the same set thaws it. Meanwhile no namespace may come or go:
 * the caller holds oc_dev.format_lock all the time, or, as Sanitize does, has set a
 * state of the device that has all such commands refused.
 *
 * Context: process; does not sleep. As oc_freeze_shut().
 */
void oc_freeze_all(struct oc_freeze *fz, struct oc_dev *dev, enum oc_cut why)
{
	struct oc_ns *ns;

	*fz = (struct oc_freeze) { .dev = dev, .why = why };
	oc_for_each_ns(dev, ns)
		__set_bit(ns->nsid - 1, fz->which);
}

/**
 * oc_freeze_shut() - refuse commands from now on
 * @fz:		namespaces and reason; may be repeated with another reason
 *
 * Commands that have begun may go on until oc_freeze_wait() returns.
 *
 * Context: process; does not sleep. The caller holds oc_dev.format_lock, or is
 * the Sanitize that runs.
 */
void oc_freeze_shut(struct oc_freeze *fz)
{
	u32 i;

	for_each_set_bit(i, fz->which, OC_MAX_NS) {
		/*
		 * Pairs with smp_load_acquire() in oc_cmd_check_gate(): a
		 * command that reads the reason also reads what was stored
		 * before.
		 */
		smp_store_release(&fz->dev->ns[i].gate, fz->why);
	}
}

/**
 * oc_freeze_wait() - wait for commands that began before the gate was shut
 * @fz:		namespaces and reason; a second call returns at once
 *
 * Parts that were submitted before may still run in their channels.
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
 * oc_freeze_change() - change namespaces while no command uses them
 * @fz:		namespaces and reason
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
 * oc_freeze_forget() - have the kinds drop their maps
 * @fz:		namespaces and reason
 *
 * The maps go before the data that they point to.
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
 * oc_freeze_erase() - erase all that namespaces hold
 * @fz:		namespaces and reason
 *
 * Chunks that were used become free and count one more reset; offline ones stay
 * offline. It takes no time of the flash, since no host has asked for resets.
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

/* ---- media ------------------------------------------------------------- */

/**
 * oc_refit_prepare() - allocate media for the channels of a namespace
 * @refit:	@dev is set, @media may be; oc_refit_free() frees it
 * @ns:		namespace that is there, or that a slot will be
 * @geo:	geometry that its channels will have
 *
 * Context: process; sleeps.
 * Return: false without memory.
 */
bool oc_refit_prepare(struct oc_refit *refit, const struct oc_ns *ns,
		      const struct oc_geo *geo)
{
	struct oc_dev *dev = refit->dev;
	u32 i;

	if (!refit->media)
		refit->media = kvcalloc(dev->geo.num_grp,
					sizeof(*refit->media), GFP_KERNEL);
	if (!refit->media)
		return false;
	for (i = ns->first; i < ns->first + ns->geo.num_grp; i++) {
		refit->media[i] = dev->media->open_ch(dev, geo);
		if (!refit->media[i])
			return false;
	}
	return true;
}

/**
 * oc_refit_channel() - exchange the media of an erased channel
 * @refit:	prepared for the channel
 * @ch:		channel; a second call gives it back what it had
 *
 * Context: process, the channel's owner; sleeps. The caller then changes the
 * channel's geometry.
 */
void oc_refit_channel(struct oc_refit *refit, struct oc_channel *ch)
{
	oc_assert_owned(ch);
	oc_channel_clear(ch);
	swap(ch->media, refit->media[ch->id]);
}

/**
 * oc_refit_free() - free the media that no channel has
 * @refit:	prepared, perhaps only partly
 *
 * Context: process; sleeps.
 */
void oc_refit_free(struct oc_refit *refit)
{
	struct oc_dev *dev = refit->dev;
	u32 i;

	for (i = 0; refit->media && i < dev->geo.num_grp; i++)
		if (refit->media[i])
			dev->media->close_ch(dev, refit->media[i]);
	kvfree(refit->media);
	refit->media = NULL;
}

/**
 * oc_freeze_open() - accept commands again
 * @dev:	device
 * @which:	bit NSID - 1: of this namespace, whose change is complete
 *
 * Context: process; does not sleep. As oc_freeze_shut().
 */
void oc_freeze_open(struct oc_dev *dev, const unsigned long *which)
{
	u32 i;

	for_each_set_bit(i, which, OC_MAX_NS) {
		/*
		 * Pairs with smp_load_acquire() in oc_cmd_check_gate(): a
		 * command that finds it open sees all of the change.
		 */
		smp_store_release(&dev->ns[i].gate, OC_CUT_NOT);
	}
}
