// SPDX-License-Identifier: GPL-2.0
/*
 * host/targets.c - targets of a lightnvm device: how they go with it, and how they are
 * kept out while its format changes
 *
 * lightnvm has no lock over the life of a target. Who removes one by ioctl looks
 * it up under nvm_dev.mlock, lets go of that, and takes the target apart; two who
 * have found the same do it twice. Who creates one finds the device, and only
 * then takes a reference. So whoever ends a device has to see to it that nobody is
 * at either. From outside, a removal shows in the target's disk, by the first
 * thing that is done to it, and a creation in the device's reference, and each a
 * few instructions after the look-up.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/blkdev.h>
#include <linux/delay.h>
#include <linux/genhd.h>
#include <linux/lightnvm.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/uaccess.h>

#include "oc_host.h"
#include "oc_ns.h"
#include "oc_wire.h"

/* In place of a name's first character: no name that a tool gives begins so */
#define OC_NO_NAME	0x7f

/* One lightnvm device at a time loses its targets */
static DEFINE_MUTEX(oc_targets_lock);
static nvm_tgt_exit_fn *oc_target_exit;

static void oc_exit_gracefully(void *private, bool graceful)
{
	oc_target_exit(private, true);
}

/*
 * Until all who have looked something up are far enough that it shows. For them
 * to be kept from it by others, there is one place, in a kernel that is
 * preempted voluntarily: hence the sleep.
 */
static void oc_targets_settle(void)
{
	synchronize_rcu_tasks();
	msleep(50);
}

/* Does an ioctl take the target apart? Yes, too, where that cannot be read */
static bool oc_target_goes(const struct nvm_target *t)
{
	atomic_long_t lookups;
	int flags;
#ifdef CONFIG_BLK_DEV_INTEGRITY
	struct kobject first;

	if (copy_from_kernel_nofault(&first, &t->disk->integrity_kobj,
				     sizeof(first)) ||
	    first.state_remove_uevent_sent)
		return true;
#endif
	if (copy_from_kernel_nofault(&lookups, &t->disk->lookup_sem.count,
				     sizeof(lookups)) ||
	    copy_from_kernel_nofault(&flags, &t->disk->flags, sizeof(flags)))
		return true;
	return atomic_long_read(&lookups) || !(flags & GENHD_FL_UP);
}

/*
 * Is nobody at work on the device or one of its targets, as far as it shows? With
 * nvm_dev.mlock, without which a target can be unlinked and freed all the same:
 * so this follows no pointer, and only a second look makes sure.
 */
static bool oc_targets_rest(struct nvm_dev *ndev)
{
	const struct list_head *at = READ_ONCE(ndev->targets.next);
	int nr = 0;

	while (at != &ndev->targets) {
		struct nvm_target t;

		/* Each has a unit at least */
		if (nr++ == ndev->geo.all_luns ||
		    copy_from_kernel_nofault(&t, list_entry(at, typeof(t),
							    list),
					     sizeof(t)) ||
		    oc_target_goes(&t))
			return false;
		at = t.list.next;
	}
	/* Each has a reference to the device, and so has who creates one */
	return kref_read(&ndev->ref) == nr + 1;
}

/* Lock the targets, when nobody creates or removes one any more */
static void oc_targets_claim(struct nvm_dev *ndev)
{
	int rests = 0;

	/* Nobody finds the device to create one; who has, has a reference */
	ndev->name[0] = OC_NO_NAME;
	synchronize_rcu_tasks();
	for (;;) {
		mutex_lock(&ndev->mlock);
		if (oc_targets_rest(ndev))
			break;
		/* To create one takes this lock */
		mutex_unlock(&ndev->mlock);
		msleep(20);
	}

	/* Nobody finds a target to remove it; who has, goes on without the lock */
	while (!list_empty(&ndev->targets) && rests < 2) {
		oc_targets_settle();
		rests = oc_targets_rest(ndev) ? rests + 1 : 0;
	}
}

/**
 * oc_nvm_remove_targets() - take the targets off a lightnvm device
 * @ndev:	lightnvm device whose I/O is still served, and that goes next
 * @graceful:	as "nvme lnvm remove" does, with all written that is to write;
 *		false over queues that are dead, where nothing can be saved
 *
 * Left to nvme-core, targets go after their namespace's queue has gone, and
 * with them all that pblk has not yet written. nvm_unregister() removes them
 * without grace, which is the target type's to decide: so for that time they
 * have a type that does not care.
 *
 * A target that somebody else creates or removes just now is waited for.
 * lightnvm finds the device no more, neither by this name nor by that of a target.
 *
 * The nvm_dev itself stays until nvm_unregister() is called once more, because
 * an ioctl under way may use its dma pool: hence a reference of its own, and a
 * list entry that can be deleted a second time.
 *
 * Context: process; sleeps.
 */
void oc_nvm_remove_targets(struct nvm_dev *ndev, bool graceful)
{
	struct nvm_tgt_type type;
	struct nvm_target *t;

	mutex_lock(&oc_targets_lock);
	oc_target_exit = NULL;
	oc_targets_claim(ndev);
	list_for_each_entry(t, &ndev->targets, list) {
		/* Not even before nvm_unregister() has the lock */
		t->disk->disk_name[0] = OC_NO_NAME;
		if (!graceful || !t->type->exit)
			continue;
		if (!oc_target_exit) {
			type = *t->type;
			type.exit = oc_exit_gracefully;
			oc_target_exit = t->type->exit;
		}
		if (t->type->exit == oc_target_exit)
			t->type = &type;
	}
	mutex_unlock(&ndev->mlock);

	kref_get(&ndev->ref);
	nvm_unregister(ndev);
	INIT_LIST_HEAD(&ndev->devices);
	mutex_unlock(&oc_targets_lock);
}

/**
 * oc_nvm_reserve() - let no target come on a lightnvm device
 * @ndev:	lightnvm device
 *
 * The way targets keep others out: all its units are taken.
 *
 * Context: process.
 * Return: false if a target has some of them, is being made, or is not quite gone:
 * what follows may be nvm_unregister(), which would remove it once more.
 */
bool oc_nvm_reserve(struct nvm_dev *ndev)
{
	int i;

	for (i = 0; i < ndev->geo.all_luns; i++)
		if (test_and_set_bit(i, ndev->lun_map))
			break;
	/* A removal gives the units back before it takes the target off the list */
	if (i == ndev->geo.all_luns && list_empty(&ndev->targets))
		return true;
	while (i--)
		clear_bit(i, ndev->lun_map);
	return false;
}

/**
 * oc_nvm_release() - end what oc_nvm_reserve() began
 * @ndev:	lightnvm device
 * @ns:		its namespace, whose sizes it takes over
 *
 * lightnvm looks at them when the device is registered and never again.
 *
 * Context: process.
 */
void oc_nvm_release(struct nvm_dev *ndev, const struct oc_ns *ns)
{
	int i;

	ndev->geo.csecs = ns->geo.lba_size;
	ndev->geo.sos = ns->geo.oob_size;
	ndev->geo.ext = ns->extended;
	/* As nvme-core's limit, which is that of all namespaces together */
	ndev->geo.mdts = OC_VECTOR_MAX * oc_ns_stride(ns) >> SECTOR_SHIFT;
	/* Targets see the sizes if they get a unit */
	smp_mb__before_atomic();
	for (i = 0; i < ndev->geo.all_luns; i++)
		clear_bit(i, ndev->lun_map);
}
