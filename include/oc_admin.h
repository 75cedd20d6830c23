/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_admin.h - what the rooms of a controller share
 */
#ifndef OC_ADMIN_H
#define OC_ADMIN_H

#include "oc.h"

u16 oc_invalid_field(struct oc_cmd *cmd, u16 where);
u16 oc_inactive_ns(struct oc_cmd *cmd);
u16 oc_need_ns(struct oc_cmd *cmd);
void oc_pad(char *to, const char *from, size_t size);

/* ---- admin.c ---------------------------------------------------------- */

extern const struct oc_opcode oc_admin_ops[256];

/* ---- ns-room.c -------------------------------------------------------- */

bool oc_dev_find_run(const struct oc_dev *dev, u32 nr, u64 room, u32 *first);

/* ---- logs.c ----------------------------------------------------------- */

/**
 * struct oc_log - a log page
 * @lid:	its number
 * @size:	bytes, for those that are filled whole
 * @discovery:	it is discovery controllers' and nobody else's
 * @common:	it is theirs and the others'
 * @whole:	it is about the controller: one namespace's is not to be had
 * @calm:	it is to be had during Sanitize too
 * @fill:	fill a zeroed page of @size bytes
 * @window:	in place of @fill: write @len bytes from @off on to the host
 */
struct oc_log {
	u8 lid;
	u32 size;
	bool discovery;
	bool common;
	bool whole;
	bool calm;
	void (*fill)(struct oc_cmd *cmd, void *page);
	u16 (*window)(struct oc_cmd *cmd, u64 off, u32 len);
};

u16 oc_admin_get_log(struct oc_cmd *cmd);
void oc_ctrl_check_health(struct oc_ctrl *ctrl);
bool oc_log_retains(const struct oc_cmd *cmd);

/* Events that hosts can ask for (OAES), beside critical warnings of health */
#define OC_OAES		NVME_AEN_CFG_NS_ATTR
#define OC_AEN_SMART	0x3fU

/* ---- features.c ------------------------------------------------------- */

/**
 * struct oc_feature - a feature
 * @fid:	its number
 * @per_ns:	it belongs to a namespace
 * @discovery:	discovery controllers have it too
 * @get:	fetch the current value
 * @set:	change it
 * @initial:	fetch its default. NULL: @set only refuses, the value never
 *		changes
 * @saved:	fetch the saved value, or the default if none was saved.
 *		Optional, with @save
 * @save:	@set has taken this value: keep it through resets and reconnects.
 *		Optional: a feature that can be saved has it
 *
 * The value is completion dword 0; what is longer goes to the command's data
 * as well.
 */
struct oc_feature {
	u8 fid;
	bool per_ns;
	bool discovery;
	u16 (*get)(struct oc_cmd *cmd, u32 *val);
	u16 (*set)(struct oc_cmd *cmd, u32 val);
	u16 (*initial)(struct oc_cmd *cmd, u32 *val);
	u16 (*saved)(struct oc_cmd *cmd, u32 *val);
	void (*save)(struct oc_cmd *cmd, u32 val);
};

u16 oc_admin_get_features(struct oc_cmd *cmd);
u16 oc_admin_set_features(struct oc_cmd *cmd);
void oc_features_reset(struct oc_ctrl *ctrl);

/* ---- events.c --------------------------------------------------------- */

void oc_ctrl_drop_aers(struct oc_ctrl *ctrl, bool last);

/* ---- notify.c --------------------------------------------------------- */

u16 oc_log_notices(struct oc_cmd *cmd, u64 off, u32 len);
u16 oc_feat_get_feedback(struct oc_cmd *cmd, u32 *val);
u16 oc_feat_set_feedback(struct oc_cmd *cmd, u32 val);

/* ---- endurance.c ------------------------------------------------------ */

u16 oc_log_endurance(struct oc_cmd *cmd, u64 off, u32 len);
u8 oc_endurance_warnings(const struct oc_dev *dev);
void oc_endurance_identify(struct nvme_id_ctrl *id);

/* ---- sanitize.c ------------------------------------------------------- */

u16 oc_admin_sanitize(struct oc_cmd *cmd);
void oc_log_sanitize(struct oc_cmd *cmd, void *page);
void oc_sanitize_identify(struct nvme_id_ctrl *id);

#endif /* OC_ADMIN_H */
