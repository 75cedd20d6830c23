// SPDX-License-Identifier: GPL-2.0
/*
 * cmd/notice.c - record changes of sectors and chunks that no command has asked for
 *
 * A device has one ring of notices, which any context fills. ctrl/notify.c announces
 * it to the hosts and serves the log page.
 */
#include <linux/kernel.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "oc.h"
#include "oc_cmd.h"
#include "oc_dev.h"
#include "oc_notice.h"
#include "oc_ns.h"
#include "oc_wire.h"

static void oc_notify(const struct oc_ns *ns, u64 lba, u32 nr, u16 what,
		      u8 mask)
{
	struct oc_notices *notices = &ns->dev->notices;
	struct oc_wire_notice *entry;
	unsigned long flags;

	spin_lock_irqsave(&notices->lock, flags);
	entry = &notices->ring[notices->nr++ % OC_MAX_NOTICES];
	memset(entry, 0, sizeof(*entry));
	entry->nc = cpu_to_le64(notices->nr);
	entry->lba = cpu_to_le64(lba);
	entry->nsid = cpu_to_le32(ns->nsid);
	entry->state = cpu_to_le16(what);
	entry->mask = mask;
	if (mask == OC_NOTICE_LBAS)
		entry->nlb = cpu_to_le16(nr - 1);
	if (!notices->dead)
		queue_work(ns->dev->admin_wq, &notices->work);
	spin_unlock_irqrestore(&notices->lock, flags);
}

/**
 * oc_notify_lbas() - notify hosts of sectors
 * @ns:		namespace they are in
 * @lba:	the first, in the namespace's address format
 * @nr:		how many that follow each other, 1 or more
 * @what:	OC_NOTICE_*: their new state
 *
 * Each call adds an entry to the log; the caller avoids repetitions.
 *
 * Context: any, owner of a channel included; does not sleep. Takes
 * oc_notices.lock.
 */
void oc_notify_lbas(const struct oc_ns *ns, u64 lba, u32 nr, u16 what)
{
	oc_notify(ns, lba, nr, what, OC_NOTICE_LBAS);
}

/**
 * oc_notify_chunk() - notify hosts of a chunk
 * @ns:		namespace it is in
 * @grp:	its group, counted from the namespace's first
 * @chk:	its number in the group, as in struct oc_addr
 * @what:	OC_NOTICE_*: its new state
 *
 * A chunk that has gone offline is OC_NOTICE_UNRECOVERABLE.
 *
 * Context: any, owner of a channel included; does not sleep. Takes
 * oc_notices.lock.
 */
void oc_notify_chunk(const struct oc_ns *ns, u32 grp, u32 chk, u16 what)
{
	const struct oc_addr addr = { .grp = grp, .chk = chk };

	oc_notify(ns, oc_ns_encode(ns, &addr), 0, what,
		  OC_NOTICE_CHUNK);
}

/**
 * oc_notify_pu() - notify hosts of a parallel unit
 * @ns:		namespace it is in
 * @grp:	its group, counted from the namespace's first
 * @pu:		its number in the group
 * @what:	OC_NOTICE_*: its new state
 *
 * Context: any, owner of a channel included; does not sleep. Takes
 * oc_notices.lock.
 */
void oc_notify_pu(const struct oc_ns *ns, u32 grp, u32 pu, u16 what)
{
	const struct oc_addr addr = {
		.grp = grp, .chk = pu * ns->geo.num_chk,
	};

	oc_notify(ns, oc_ns_encode(ns, &addr), 0, what, OC_NOTICE_PU);
}

/**
 * oc_notices_forget() - hide the notices of a namespace that is deleted
 * @ns:		namespace, whose number may be used again
 *
 * Context: any; does not sleep. Takes oc_notices.lock.
 */
void oc_notices_forget(const struct oc_ns *ns)
{
	struct oc_notices *notices = &ns->dev->notices;
	unsigned long flags;
	u32 i;

	spin_lock_irqsave(&notices->lock, flags);
	for (i = 0; i < OC_MAX_NOTICES; i++)
		if (le32_to_cpu(notices->ring[i].nsid) == ns->nsid)
			notices->ring[i].nsid = 0;
	spin_unlock_irqrestore(&notices->lock, flags);
}
