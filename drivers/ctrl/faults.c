// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/faults.c - the rules of what fails in a device: set, checked, shown
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/srcu.h>

#include "oc.h"
#include "oc_assert.h"
#include "oc_channel.h"
#include "oc_dev.h"
#include "oc_fault.h"
#include "oc_ftl.h"
#include "oc_ns.h"

static void oc_faults_swap(struct oc_channel *ch, void *arg)
{
	struct oc_faults **faults = arg;

	oc_assert_owned(ch);
	swap(ch->faults, faults[ch->id]);
}

/**
 * oc_fault_drop() - free rules that no device has
 * @change:	zeroes, or what oc_fault_prepare() or oc_fault_apply() left
 *
 * Context: process.
 */
void oc_fault_drop(struct oc_fault_change *change)
{
	u32 i;

	for (i = 0; change->faults && i < change->nr; i++)
		kfree(change->faults[i]);
	kfree(change->faults);
	kvfree(change->set);
	*change = (struct oc_fault_change) { };
}

/* What can befall a group whose map the device keeps: its FTL handles the rest */
#define OC_FAULTS_MAPPED \
	(BIT(OC_FAULT_WRITE_FAIL) | BIT(OC_FAULT_WRITE_CLOSE) | \
	 BIT(OC_FAULT_RESET_FAIL) | BIT(OC_FAULT_DELAY) | BIT(OC_FAULT_DROP))

/* What can befall the groups of a namespace */
static u16 oc_ns_can(const struct oc_ns *ns)
{
	u16 can = BIT(OC_FAULT_KINDS) - 1;

	if (!ns->kind->faults)
		can = OC_FAULTS_MAPPED;
	if (ns->dev->bare)
		can = ns->kind->geometry ? can & ~BIT(OC_FAULT_DROP) : 0;
	return can;
}

/* Fill in what can befall each group now */
static void oc_dev_can(struct oc_dev *dev, u16 *can)
{
	u16 empty = BIT(OC_FAULT_RESET_FAIL), both = 0;
	const struct oc_ns *ns;
	int idx;
	u32 i;

	/* A block namespace may be created, and Sanitize erases written chunks */
	if (oc_ftl_possible(&dev->geo))
		empty = OC_FAULTS_MAPPED;
	if (dev->bare) {
		empty = 0;
		both = OC_FAULT_BARE;
	}
	for (i = 0; i < dev->geo.num_grp; i++)
		can[i] = empty | both;
	idx = srcu_read_lock(&dev->ns_srcu);
	oc_for_each_ns(dev, ns)
		for (i = 0; i < ns->geo.num_grp; i++)
			can[ns->first + i] = oc_ns_can(ns) | both;
	for (i = 0; i < dev->geo.num_grp; i++)
		if (READ_ONCE(dev->ch[i].chunks[dev->geo.num_chk - 1].missing))
			can[i] |= OC_FAULT_SHAPED;
	srcu_read_unlock(&dev->ns_srcu, idx);
}

/**
 * oc_fault_prepare() - do everything of a change of rules that can fail
 * @change:	set to it; oc_fault_drop() ends it
 * @dev:	device, perhaps busy
 * @chars:	text, as for oc_fault_parse(); one without rules ends all faults
 * @len:	its length
 * @err:	filled in if the text is refused
 *
 * Context: process; sleeps. Reads oc_dev.ns_srcu.
 * Return: 0, -EINVAL if the text is wrong or a rule in it can never strike, or
 * -ENOMEM; with nothing to drop after either.
 */
int oc_fault_prepare(struct oc_fault_change *change, struct oc_dev *dev,
		     const char *chars, size_t len, struct oc_text_err *err)
{
	u32 nr = dev->geo.num_grp, i;
	u16 can[OC_MAX_NS];
	int ret = -ENOMEM;

	change->nr = nr;
	change->set = kvzalloc(sizeof(*change->set), GFP_KERNEL);
	change->faults = kcalloc(nr, sizeof(*change->faults), GFP_KERNEL);
	if (!change->set || !change->faults)
		goto err_drop;
	ret = oc_fault_parse(change->set, chars, len, &dev->geo, err);
	if (ret)
		goto err_drop;
	oc_dev_can(dev, can);
	ret = oc_fault_judge(change->set, &dev->geo, can, err);
	if (ret)
		goto err_drop;
	for (i = 0; change->set->nr && i < nr; i++) {
		change->faults[i] = oc_faults_alloc(change->set, i);
		ret = -ENOMEM;
		if (!change->faults[i])
			goto err_drop;
	}
	return 0;

err_drop:
	oc_fault_drop(change);
	return ret;
}

/**
 * oc_fault_apply() - exchange the rules of a device
 * @change:	prepared; holds the old rules afterwards
 * @dev:	device, perhaps busy
 *
 * Context: process; sleeps. Takes oc_dev.lock.
 */
void oc_fault_apply(struct oc_fault_change *change, struct oc_dev *dev)
{
	u32 i;

	mutex_lock(&dev->lock);
	for (i = 0; i < dev->geo.num_grp; i++)
		oc_channel_call(&dev->ch[i], oc_faults_swap, change->faults);
	swap(dev->faults, change->set);
	mutex_unlock(&dev->lock);
}

/**
 * oc_dev_set_faults() - change a device's rules
 * @dev:	device, perhaps busy
 * @chars:	text, as for oc_fault_parse(); one without rules ends all faults
 * @len:	its length
 * @err:	filled in if the text is refused
 *
 * Context: process; sleeps. Reads oc_dev.ns_srcu, takes
 * oc_dev.lock.
 * Return: 0, -EINVAL if the text is wrong or a rule in it can never strike, or
 * -ENOMEM; the rules stay as they were after either.
 */
int oc_dev_set_faults(struct oc_dev *dev, const char *chars, size_t len,
		      struct oc_text_err *err)
{
	struct oc_fault_change change;
	int ret = oc_fault_prepare(&change, dev, chars, len, err);

	if (ret)
		return ret;
	oc_fault_apply(&change, dev);
	oc_fault_drop(&change);
	return 0;
}

/**
 * oc_dev_free_faults() - free the rules of a device that is destroyed
 * @dev:	idle device
 *
 * Context: process; sleeps.
 */
void oc_dev_free_faults(struct oc_dev *dev)
{
	u32 i;

	for (i = 0; dev->ch && i < dev->geo.num_grp; i++) {
		kfree(dev->ch[i].faults);
		dev->ch[i].faults = NULL;
	}
	kvfree(dev->faults);
	dev->faults = NULL;
}

/**
 * oc_dev_show_faults() - print a device's rules and how often they struck
 * @dev:	device, perhaps busy
 * @s:		where to; the text is one for oc_dev_set_faults()
 *
 * Context: process; sleeps. Takes oc_dev.lock.
 */
void oc_dev_show_faults(struct oc_dev *dev, struct seq_file *s)
{
	char line[256];
	u32 i, k;

	/* Channels change their rules under this lock only */
	mutex_lock(&dev->lock);
	if (dev->faults && dev->faults->nr)
		seq_printf(s, "seed=%llu\n", dev->faults->seed);
	for (i = 0; dev->faults && i < dev->faults->nr; i++) {
		u64 seen = 0, hits = 0;

		for (k = 0; k < dev->geo.num_grp; k++) {
			const struct oc_fault_state *state =
				&dev->ch[k].faults->state[i];

			seen += READ_ONCE(state->seen);
			hits += READ_ONCE(state->hits);
		}
		oc_fault_print(&dev->faults->rule[i], &dev->geo, line,
			       sizeof(line));
		seq_printf(s, "%s # %llu of %llu\n", line, hits, seen);
	}
	mutex_unlock(&dev->lock);
}
