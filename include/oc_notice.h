/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_notice.h - changes of sectors and chunks that no command has asked for
 */
#ifndef OC_NOTICE_H
#define OC_NOTICE_H

#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "oc.h"
#include "oc_wire.h"

struct oc_ns;

/**
 * struct oc_notices - the chunk notification log
 * @lock:	protects all but @work, and the connections' notices_read
 * @ring:	the newest notices, @ring[nr % OC_MAX_NOTICES] is next
 * @nr:		notices ever
 * @dead:	the device is going away
 * @work:	tells the hosts
 */
struct oc_notices {
	spinlock_t lock;	/* ring */
	struct oc_wire_notice ring[OC_MAX_NOTICES];
	u64 nr;
	bool dead;
	struct work_struct work;
};

/* ---- cmd/notice.c --------------------------------------------------------- */

void oc_notify_lbas(const struct oc_ns *ns, u64 lba, u32 nr, u16 what);
void oc_notify_chunk(const struct oc_ns *ns, u32 grp, u32 chk, u16 what);
void oc_notify_pu(const struct oc_ns *ns, u32 grp, u32 pu, u16 what);
void oc_notices_forget(const struct oc_ns *ns);

#endif /* OC_NOTICE_H */
