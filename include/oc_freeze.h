/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_freeze.h - changes of namespaces, and the hosts that use them
 */
#ifndef OC_FREEZE_H
#define OC_FREEZE_H

#include <linux/bitmap.h>
#include <linux/types.h>

#include "oc.h"
#include "oc_cmd.h"

struct oc_channel;
struct oc_complaint;
struct oc_dev;
struct oc_geo;
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

/**
 * struct oc_refit - media for channels whose sectors or namespace change
 * @dev:	the device
 * @media:	by channel: the media it will have, then the one it had; NULL
 *		entries for channels that do not change
 */
struct oc_refit {
	struct oc_dev *dev;
	void **media;
};

/* ---- ctrl/freeze.c -------------------------------------------------------- */

void oc_freeze_all(struct oc_freeze *fz, struct oc_dev *dev, enum oc_cut why);
void oc_freeze_shut(struct oc_freeze *fz);
void oc_freeze_wait(struct oc_freeze *fz);
void oc_freeze_change(struct oc_freeze *fz,
		      void (*change)(struct oc_ns *ns, void *arg), void *arg);
void oc_freeze_forget(struct oc_freeze *fz);
void oc_freeze_erase(struct oc_freeze *fz);
void oc_freeze_open(struct oc_dev *dev, const unsigned long *which);
bool oc_refit_prepare(struct oc_refit *refit, const struct oc_ns *ns,
		      const struct oc_geo *geo);
void oc_refit_channel(struct oc_refit *refit, struct oc_channel *ch);
void oc_refit_free(struct oc_refit *refit);

/* ---- ctrl/hosts.c --------------------------------------------------------- */

int oc_use_parse(bool *ignore, const char *text, struct oc_complaint *why);
void oc_change_lock(const struct oc_cmd *cmd);
void oc_change_unlock(struct oc_dev *dev);
bool oc_port_claims(struct oc_port *port, u32 nsid);
bool oc_port_uses(struct oc_port *port, u32 nsid);
void oc_hosts_look(struct oc_dev *dev, u32 nsid);
void oc_hosts_formatted(struct oc_dev *dev, const unsigned long *which);
bool oc_hosts_reserve(const struct oc_freeze *fz);
bool oc_hosts_yield_locked(struct oc_freeze *fz);
bool oc_hosts_yield(struct oc_freeze *fz);

#endif /* OC_FREEZE_H */
