/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_freeze.h - changes of namespaces, and what hosts do with them meanwhile
 */
#ifndef OC_FREEZE_H
#define OC_FREEZE_H

#include <linux/bitmap.h>
#include <linux/types.h>

#include "oc.h"
#include "oc_cmd.h"

struct oc_complaint;
struct oc_dev;
struct oc_ns;
struct oc_port;

/**
 * struct oc_freeze - namespaces that are being changed
 * @dev:	the device
 * @which:	bit NSID - 1: this one
 * @why:	why their commands are refused, below OC_CUT_EPOCHS
 * @waited:	commands that began before have been waited for
 */
struct oc_freeze {
	struct oc_dev *dev;
	DECLARE_BITMAP(which, OC_MAX_NS);
	enum oc_cut why;
	bool waited;
};

/* ---- ctrl/freeze.c -------------------------------------------------------- */

void oc_freeze_shut(struct oc_freeze *fz);
void oc_freeze_wait(struct oc_freeze *fz);
void oc_freeze_change(struct oc_freeze *fz,
		      void (*change)(struct oc_ns *ns, void *arg), void *arg);
void oc_freeze_forget(struct oc_freeze *fz);
void oc_freeze_erase(struct oc_freeze *fz);
void oc_freeze_open(struct oc_dev *dev, const unsigned long *which);

/* ---- ctrl/hosts.c --------------------------------------------------------- */

int oc_use_parse(bool *ignore, const char *text, struct oc_complaint *why);
void oc_change_lock(const struct oc_cmd *cmd);
void oc_change_unlock(struct oc_dev *dev);
bool oc_port_claims(struct oc_port *port, u32 nsid);
bool oc_port_uses(struct oc_port *port, u32 nsid);
void oc_hosts_look(struct oc_dev *dev, u32 nsid);
void oc_hosts_formatted(struct oc_dev *dev, const unsigned long *which);
bool oc_hosts_reserve(struct oc_dev *dev, const unsigned long *which);
bool oc_hosts_claimed(struct oc_dev *dev, const unsigned long *which);

#endif /* OC_FREEZE_H */
