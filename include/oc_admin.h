/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_admin.h - what admin.c, logs.c and features.c share
 */
#ifndef OC_ADMIN_H
#define OC_ADMIN_H

#include "oc.h"

u16 oc_invalid_field(struct oc_cmd *cmd, u16 where);
u16 oc_need_ns(struct oc_cmd *cmd);
void oc_pad(char *to, const char *from, size_t size);

/* ---- logs.c ----------------------------------------------------------- */

/**
 * struct oc_log - a log page
 * @lid:	its number
 * @size:	bytes, for those that are filled whole
 * @discovery:	it belongs to discovery controllers
 * @fill:	fill a zeroed page of @size bytes
 * @window:	in place of @fill: write @len bytes from @off on to the host
 */
struct oc_log {
	u8 lid;
	u32 size;
	bool discovery;
	void (*fill)(struct oc_cmd *cmd, void *page);
	u16 (*window)(struct oc_cmd *cmd, u64 off, u32 len);
};

u16 oc_admin_get_log(struct oc_cmd *cmd);

/* ---- features.c ------------------------------------------------------- */

/**
 * struct oc_feature - a feature
 * @fid:	its number
 * @per_ns:	it belongs to a namespace
 * @get:	fetch the current value
 * @set:	change it
 */
struct oc_feature {
	u8 fid;
	bool per_ns;
	u16 (*get)(struct oc_cmd *cmd, u32 *val);
	u16 (*set)(struct oc_cmd *cmd, u32 val);
};

u16 oc_admin_get_features(struct oc_cmd *cmd);
u16 oc_admin_set_features(struct oc_cmd *cmd);

/* ---- notify.c --------------------------------------------------------- */

u16 oc_log_notices(struct oc_cmd *cmd, u64 off, u32 len);
u16 oc_feat_get_feedback(struct oc_cmd *cmd, u32 *val);
u16 oc_feat_set_feedback(struct oc_cmd *cmd, u32 val);

#endif /* OC_ADMIN_H */
