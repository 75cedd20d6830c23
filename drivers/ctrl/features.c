// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/features.c - the table of features
 *
 * Each feature is a row. The selectors of Get Features that it answers, and whether
 * Set Features may save it, follow from the functions of the row. A plain one is a
 * field of the controller and needs no functions.
 *
 * Connect creates a new controller each time (the dynamic model of Fabrics 1.1), so
 * no feature of a controller outlives its association. Only the features of
 * namespaces, which stay, can be saved.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>

#include "oc.h"
#include "oc_cmd.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_ns.h"
#include "oc_wire.h"

/* Selectors of Get Features (NVMe 1.4, figure 111) */
enum { OC_SEL_CURRENT, OC_SEL_DEFAULT, OC_SEL_SAVED, OC_SEL_CAPS };

/* What selector 3 answers (NVMe 1.4, figure 113) */
#define OC_CAP_SAVEABLE		BIT(0)
#define OC_CAP_PER_NS		BIT(1)
#define OC_CAP_CHANGEABLE	BIT(2)

#define OC_SET_SAVE		BIT(31)	/* CDW10 of Set Features */

static u16 oc_feat_invalid(struct oc_cmd *cmd)
{
	return oc_invalid_field(cmd, offsetof(struct nvme_features, dword11));
}

/* ---- plain features, which have no effect ------------------------------ */

/* AB 111b: no limit. Bits 7:3 are reserved, the weights have no effect */
#define OC_ARBITRATION		7
#define OC_ARBITRATION_BITS	(~0xf8U)

#define OC_POWER_STATE	0x1f	/* PS: there is only state 0 */
#define OC_POWER_HINT	0xe0	/* WH: what the host is about to do */

/* DN: the host does not rely on AWUN, which promises no more than AWUPF */
#define OC_ATOMICITY_DN	BIT(0)

static u32 *oc_feature_field(struct oc_ctrl *ctrl,
			     const struct oc_feature *feat)
{
	return (void *)ctrl + feat->field;
}

static u16 oc_feature_set_field(struct oc_cmd *cmd,
				const struct oc_feature *feat, u32 val)
{
	if (val & feat->refuse)
		return oc_feat_invalid(cmd);
	WRITE_ONCE(*oc_feature_field(cmd->queue->ctrl, feat), val & feat->keep);
	return 0;
}

/* ---- temperature threshold -------------------------------------------- */

#define OC_TEMP_SENSOR(_val)	((_val) >> 16 & 0xf)	/* TMPSEL */
#define OC_TEMP_ALL_SENSORS	0xf
#define OC_TEMP_TYPE(_val)	((_val) >> 20 & 3)	/* THSEL */

enum { OC_TEMP_OVER, OC_TEMP_UNDER, OC_TEMP_TYPES };

/* There is only the composite temperature, with two thresholds */
static bool oc_temp_exists(u32 val)
{
	return !OC_TEMP_SENSOR(val) && OC_TEMP_TYPE(val) < OC_TEMP_TYPES;
}

static u16 oc_feat_get_temp(struct oc_cmd *cmd, u32 *val)
{
	const struct oc_ctrl *ctrl = cmd->queue->ctrl;
	u32 which = le32_to_cpu(cmd->sqe->features.dword11);

	if (!oc_temp_exists(which))
		return oc_feat_invalid(cmd);
	*val = OC_TEMP_TYPE(which) == OC_TEMP_UNDER ?
		READ_ONCE(ctrl->temp_under) : READ_ONCE(ctrl->temp_over);
	return 0;
}

static u16 oc_feat_set_temp(struct oc_cmd *cmd, u32 val)
{
	struct oc_ctrl *ctrl = cmd->queue->ctrl;

	if (OC_TEMP_SENSOR(val) == OC_TEMP_ALL_SENSORS)
		val &= ~(OC_TEMP_ALL_SENSORS << 16);
	if (!oc_temp_exists(val))
		return oc_feat_invalid(cmd);
	if (OC_TEMP_TYPE(val) == OC_TEMP_UNDER)
		WRITE_ONCE(ctrl->temp_under, val & 0xffff);
	else
		WRITE_ONCE(ctrl->temp_over, val & 0xffff);
	oc_ctrl_check_health(ctrl);
	return 0;
}

static u16 oc_feat_def_temp(struct oc_cmd *cmd, u32 *val)
{
	u32 which = le32_to_cpu(cmd->sqe->features.dword11);

	if (!oc_temp_exists(which))
		return oc_feat_invalid(cmd);
	*val = OC_TEMP_TYPE(which) == OC_TEMP_UNDER ? 0 : OC_TEMP_WARNING;
	return 0;
}

/* ---- error recovery, a namespace's ------------------------------------ */

#define OC_FEAT_TLER	0xffff		/* how long to retry: no read is retried */
#define OC_FEAT_DULBE	BIT(16)
#define OC_FEAT_SAVED	BIT(31)		/* not NVMe's: there is a saved value */

static void oc_ns_set_recovery(struct oc_ns *ns, u32 val)
{
	WRITE_ONCE(ns->tler, val & OC_FEAT_TLER);
	WRITE_ONCE(ns->dulbe, val & OC_FEAT_DULBE);
}

static u16 oc_feat_get_recovery(struct oc_cmd *cmd, u32 *val)
{
	u16 status = oc_need_ns(cmd);

	if (status)
		return status;
	*val = READ_ONCE(cmd->ns->tler);
	if (READ_ONCE(cmd->ns->dulbe))
		*val |= OC_FEAT_DULBE;
	return 0;
}

static u16 oc_feat_def_recovery(struct oc_cmd *cmd, u32 *val)
{
	*val = 0;
	return oc_need_ns(cmd);
}

static u16 oc_feat_saved_recovery(struct oc_cmd *cmd, u32 *val)
{
	u16 status = oc_need_ns(cmd);

	if (!status)
		*val = READ_ONCE(cmd->ns->saved_recovery) & ~OC_FEAT_SAVED;
	return status;
}

/* The namespaces a Set Features is about: one, or all of the controller's */
static u16 oc_feat_namespaces(struct oc_cmd *cmd, unsigned long *which)
{
	u32 nsid = le32_to_cpu(cmd->sqe->features.nsid);
	u16 status;

	if (nsid == NVME_NSID_ALL) {
		bitmap_copy(which, cmd->queue->ctrl->port->active, OC_MAX_NS);
		return 0;
	}
	status = oc_need_ns(cmd);
	bitmap_zero(which, OC_MAX_NS);
	if (!status)
		__set_bit(nsid - 1, which);
	return status;
}

static u16 oc_feat_set_recovery(struct oc_cmd *cmd, u32 val)
{
	struct oc_ns *ns = cmd->queue->ctrl->dev->ns;
	DECLARE_BITMAP(which, OC_MAX_NS);
	u16 status = oc_feat_namespaces(cmd, which);
	u32 i;

	if (status)
		return status;
	for_each_set_bit(i, which, OC_MAX_NS)
		if ((val & OC_FEAT_DULBE) && !ns[i].kind->dulbe)
			return oc_feat_invalid(cmd);
	for_each_set_bit(i, which, OC_MAX_NS)
		oc_ns_set_recovery(&ns[i], val);
	return 0;
}

static void oc_feat_save_recovery(struct oc_cmd *cmd, u32 val)
{
	struct oc_ns *ns = cmd->queue->ctrl->dev->ns;
	DECLARE_BITMAP(which, OC_MAX_NS);
	u32 i;

	if (oc_feat_namespaces(cmd, which))
		return;
	for_each_set_bit(i, which, OC_MAX_NS)
		WRITE_ONCE(ns[i].saved_recovery,
			   (val & (OC_FEAT_TLER | OC_FEAT_DULBE)) |
			   OC_FEAT_SAVED);
}

/* ---- queues, events, keep-alive --------------------------------------- */

static u16 oc_feat_get_queues(struct oc_cmd *cmd, u32 *val)
{
	u32 nr = READ_ONCE(cmd->queue->ctrl->nr_queues);

	nr = nr ? nr - 1 : OC_MAX_QUEUES - 1;
	*val = nr << 16 | nr;
	return 0;
}

static u16 oc_feat_set_queues(struct oc_cmd *cmd, u32 val)
{
	struct oc_ctrl *ctrl = cmd->queue->ctrl;
	u32 nr = max(val >> 16, val & 0xffff);
	u16 status = 0;

	if (nr == 0xffff)
		return oc_feat_invalid(cmd);
	mutex_lock(&ctrl->lock);
	/* Only before the first I/O queue is connected (NVMe 1.4, 5.21.1.7) */
	if (!bitmap_empty(ctrl->qmask, OC_MAX_QUEUES + 1))
		status = OC_ERR(NVME_SC_CMD_SEQ_ERROR);
	else
		WRITE_ONCE(ctrl->nr_queues, min_t(u32, nr + 1, OC_MAX_QUEUES));
	mutex_unlock(&ctrl->lock);
	if (status)
		return status;

	oc_feat_get_queues(cmd, &val);
	cmd->result.u32 = cpu_to_le32(val);
	return 0;
}

static u16 oc_feat_set_event(struct oc_cmd *cmd, u32 val)
{
	struct oc_ctrl *ctrl = cmd->queue->ctrl;

	/* A discovery controller has no events */
	if (val & (ctrl->discovery ? ~0U : ~(OC_OAES | OC_AEN_SMART)))
		return oc_feat_invalid(cmd);
	mutex_lock(&ctrl->lock);
	WRITE_ONCE(ctrl->aen_mask, val);
	mutex_unlock(&ctrl->lock);
	oc_ctrl_check_health(ctrl);
	return 0;
}

/* Two minutes, for all but PCIe (NVMe 1.4, 5.21.1.15) */
#define OC_KATO_DEFAULT_MS	120000

static u16 oc_feat_set_kato(struct oc_cmd *cmd, u32 val)
{
	oc_ctrl_set_kato(cmd->queue->ctrl, val);
	return 0;
}

/* ---- features that come as data --------------------------------------- */

#define OC_STAMP_BITS	48
#define OC_STAMP_SET	BIT_ULL(49)	/* origin 1: the host has set it */

static u16 oc_send_stamp(struct oc_cmd *cmd, u64 stamp)
{
	__le64 wire = cpu_to_le64(stamp);

	return oc_copy_to_host(cmd, 0, &wire, sizeof(wire));
}

static u16 oc_feat_get_stamp(struct oc_cmd *cmd, u32 *val)
{
	struct oc_ctrl *ctrl = cmd->queue->ctrl;
	u64 stamp;

	*val = 0;
	mutex_lock(&ctrl->lock);
	stamp = ctrl->stamp_ms +
		div_u64(ktime_get_boottime_ns() - ctrl->stamp_at_ns,
			NSEC_PER_MSEC);
	stamp &= BIT_ULL(OC_STAMP_BITS) - 1;
	if (ctrl->stamp_set)
		stamp |= OC_STAMP_SET;
	mutex_unlock(&ctrl->lock);
	return oc_send_stamp(cmd, stamp);
}

static u16 oc_feat_def_stamp(struct oc_cmd *cmd, u32 *val)
{
	*val = 0;
	return oc_send_stamp(cmd, 0);
}

static u16 oc_feat_set_stamp(struct oc_cmd *cmd, u32 val)
{
	struct oc_ctrl *ctrl = cmd->queue->ctrl;
	struct iov_iter iter = cmd->data;
	__le64 wire;
	u16 status;

	status = oc_cmd_need_data(cmd, sizeof(wire));
	if (status)
		return status;
	if (cmd->to_host ||
	    !copy_from_iter_full(&wire, sizeof(wire), &iter)) {
		cmd->err_loc = offsetof(struct nvme_features, dptr);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	mutex_lock(&ctrl->lock);
	ctrl->stamp_ms = le64_to_cpu(wire) & (BIT_ULL(OC_STAMP_BITS) - 1);
	ctrl->stamp_at_ns = ktime_get_boottime_ns();
	ctrl->stamp_set = true;
	mutex_unlock(&ctrl->lock);
	return 0;
}

static u16 oc_feat_get_hostid(struct oc_cmd *cmd, u32 *val)
{
	*val = 0;
	/* EXHID: fabrics hosts have 128-bit identifiers only */
	if (!(le32_to_cpu(cmd->sqe->features.dword11) & 1))
		return oc_feat_invalid(cmd);
	return oc_copy_to_host(cmd, 0, &cmd->queue->ctrl->hostid,
			       sizeof(uuid_t));
}

static u16 oc_feat_set_hostid(struct oc_cmd *cmd, u32 val)
{
	/* Connect has set it (NVMe 1.4, 5.21.1.25) */
	return OC_ERR(NVME_SC_CMD_SEQ_ERROR);
}

/* ---- media feedback (FID CAh) ----------------------------------------- */

/* The namespaces a feature command is about: one, or all for 0 and all ones */
static u16 oc_feedback_range(struct oc_cmd *cmd, u32 *first, u32 *end)
{
	u32 nsid = le32_to_cpu(cmd->sqe->features.nsid);
	u16 status;

	*first = 0;
	*end = cmd->queue->ctrl->dev->geo.num_grp;
	if (!nsid || nsid == NVME_NSID_ALL)
		return 0;
	status = oc_need_ns(cmd);
	*first = nsid - 1;
	*end = nsid;
	return status;
}

/**
 * oc_feat_get_feedback() - media feedback feature
 * @cmd:	Get Features; for all namespaces, the bits set for any of them
 * @val:	OC_FEEDBACK_*
 *
 * Context: process.
 * Return: 0, or Invalid Namespace.
 */
static u16 oc_feat_get_feedback(struct oc_cmd *cmd, u32 *val)
{
	const struct oc_port *port = cmd->queue->ctrl->port;
	const struct oc_ns *ns;
	u32 first, end;
	u16 status = oc_feedback_range(cmd, &first, &end);

	*val = 0;
	for (; !status && first < end; first++) {
		ns = oc_ns_active(port, first + 1);
		if (ns)
			*val |= READ_ONCE(ns->feedback);
	}
	return status;
}

/**
 * oc_feat_set_feedback() - media feedback feature
 * @cmd:	Set Features
 * @val:	OC_FEEDBACK_*
 *
 * Context: process.
 * Return: 0, Invalid Field for undefined bits, or Invalid Namespace.
 */
static u16 oc_feat_set_feedback(struct oc_cmd *cmd, u32 val)
{
	const struct oc_port *port = cmd->queue->ctrl->port;
	struct oc_ns *ns;
	u32 first, end;
	u16 status = oc_feedback_range(cmd, &first, &end);

	if (!status && (val & ~OC_FEEDBACK_ALL))
		status = oc_invalid_field(cmd, offsetof(struct nvme_features,
							dword11));
	for (; !status && first < end; first++) {
		ns = oc_ns_active(port, first + 1);
		if (ns)
			WRITE_ONCE(ns->feedback, val);
	}
	return status;
}

/* ---- the table -------------------------------------------------------- */

static const struct oc_feature oc_features[] = {
	{
		.fid = NVME_FEAT_ARBITRATION,
		.field = offsetof(struct oc_ctrl, arbitration),
		.keep = OC_ARBITRATION_BITS, .dflt = OC_ARBITRATION,
	}, {
		.fid = NVME_FEAT_POWER_MGMT,
		.field = offsetof(struct oc_ctrl, power),
		.keep = OC_POWER_HINT, .refuse = OC_POWER_STATE,
	}, {
		.fid = NVME_FEAT_TEMP_THRESH,
		.get = oc_feat_get_temp, .set = oc_feat_set_temp,
		.initial = oc_feat_def_temp,
	}, {
		.fid = NVME_FEAT_ERR_RECOVERY, .per_ns = true,
		.get = oc_feat_get_recovery, .set = oc_feat_set_recovery,
		.initial = oc_feat_def_recovery,
		.saved = oc_feat_saved_recovery, .save = oc_feat_save_recovery,
	}, {
		.fid = NVME_FEAT_NUM_QUEUES,
		.get = oc_feat_get_queues, .set = oc_feat_set_queues,
		.dflt = (OC_MAX_QUEUES - 1) << 16 | (OC_MAX_QUEUES - 1),
	}, {
		.fid = NVME_FEAT_WRITE_ATOMIC,
		.field = offsetof(struct oc_ctrl, atomicity),
		.keep = OC_ATOMICITY_DN,
	}, {
		.fid = NVME_FEAT_ASYNC_EVENT, .discovery = true,
		.field = offsetof(struct oc_ctrl, aen_mask),
		.set = oc_feat_set_event,
	}, {
		.fid = NVME_FEAT_TIMESTAMP,
		.get = oc_feat_get_stamp, .set = oc_feat_set_stamp,
		.initial = oc_feat_def_stamp,
	}, {
		.fid = NVME_FEAT_KATO, .discovery = true,
		.field = offsetof(struct oc_ctrl, kato_ms),
		.set = oc_feat_set_kato, .dflt = OC_KATO_DEFAULT_MS,
	}, {
		.fid = NVME_FEAT_HOST_ID, .discovery = true, .fixed = true,
		.get = oc_feat_get_hostid, .set = oc_feat_set_hostid,
	}, {
		.fid = OC_FEAT_FEEDBACK, .per_ns = true,
		.get = oc_feat_get_feedback, .set = oc_feat_set_feedback,
	},
};

/**
 * oc_features_reset() - set the features of a controller that is enabled
 * @ctrl:	controller
 *
 * Those of the controller get their defaults, but for the keep-alive timeout of
 * Connect. Those of its namespaces get their saved values or their defaults, unless
 * other hosts may use the namespaces too.
 *
 * Context: process; the caller holds oc_ctrl.lock.
 */
void oc_features_reset(struct oc_ctrl *ctrl)
{
	struct oc_dev *dev = ctrl->dev;
	u32 i;

	lockdep_assert_held(&ctrl->lock);
	for (i = 0; i < ARRAY_SIZE(oc_features); i++)
		if (!oc_features[i].set)
			WRITE_ONCE(*oc_feature_field(ctrl, &oc_features[i]),
				   oc_features[i].dflt);
	WRITE_ONCE(ctrl->temp_over, OC_TEMP_WARNING);
	WRITE_ONCE(ctrl->temp_under, 0);
	WRITE_ONCE(ctrl->aen_mask, 0);
	ctrl->stamp_ms = 0;
	ctrl->stamp_at_ns = ktime_get_boottime_ns();
	ctrl->stamp_set = false;
	ctrl->health_seen = 0;
	if (ctrl->discovery || dev->shared)
		return;
	for_each_set_bit(i, ctrl->port->active, OC_MAX_NS) {
		u32 saved = READ_ONCE(dev->ns[i].saved_recovery);

		oc_ns_default(&dev->ns[i]);
		if (saved & OC_FEAT_SAVED)
			oc_ns_set_recovery(&dev->ns[i], saved);
	}
}

static const struct oc_feature *oc_feature_find(struct oc_cmd *cmd)
{
	u8 fid = le32_to_cpu(cmd->sqe->features.fid) & 0xff;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(oc_features); i++)
		if (oc_features[i].fid == fid &&
		    (oc_features[i].discovery || !cmd->queue->ctrl->discovery))
			return &oc_features[i];
	cmd->err_loc = offsetof(struct nvme_features, fid);
	return NULL;
}

static u16 oc_feature_caps(const struct oc_feature *feat, u32 *val)
{
	*val = (feat->save ? OC_CAP_SAVEABLE : 0) |
		(feat->per_ns ? OC_CAP_PER_NS : 0) |
		(feat->fixed ? 0 : OC_CAP_CHANGEABLE);
	return 0;
}

/* A value that was never saved is the default; a fixed one always is */
static u16 oc_feature_value(const struct oc_feature *feat, u32 sel,
			    struct oc_cmd *cmd, u32 *val)
{
	if (sel == OC_SEL_SAVED && feat->saved)
		return feat->saved(cmd, val);
	if (sel != OC_SEL_CURRENT && feat->initial)
		return feat->initial(cmd, val);
	if (sel == OC_SEL_CURRENT || feat->fixed) {
		if (feat->get)
			return feat->get(cmd, val);
		*val = READ_ONCE(*oc_feature_field(cmd->queue->ctrl, feat));
		return 0;
	}
	*val = feat->dflt;
	return 0;
}

/**
 * oc_admin_get_features() - serve Get Features
 * @cmd:	command
 *
 * Context: process; sleeps.
 * Return: NVMe status: Invalid Field for an unknown feature or selector, or the
 * feature's own.
 */
u16 oc_admin_get_features(struct oc_cmd *cmd)
{
	const struct oc_feature *feat = oc_feature_find(cmd);
	u32 sel = le32_to_cpu(cmd->sqe->features.fid) >> 8 & 7;
	u32 val;
	u16 status;

	if (!feat)
		return OC_ERR(NVME_SC_INVALID_FIELD);
	if (sel > OC_SEL_CAPS)
		return oc_invalid_field(cmd,
					offsetof(struct nvme_features, fid) + 1);
	status = sel == OC_SEL_CAPS ? oc_feature_caps(feat, &val) :
				      oc_feature_value(feat, sel, cmd, &val);
	if (!status)
		cmd->result.u32 = cpu_to_le32(val);
	return status;
}

/**
 * oc_admin_set_features() - serve Set Features
 * @cmd:	command
 *
 * Context: process; sleeps.
 * Return: NVMe status: Invalid Field for an unknown feature, Feature Identifier
 * Not Saveable, Feature Not Namespace Specific, or the feature's own.
 */
u16 oc_admin_set_features(struct oc_cmd *cmd)
{
	const struct oc_feature *feat = oc_feature_find(cmd);
	u32 nsid = le32_to_cpu(cmd->sqe->features.nsid);
	bool save = le32_to_cpu(cmd->sqe->features.fid) & OC_SET_SAVE;
	u32 val = le32_to_cpu(cmd->sqe->features.dword11);
	u16 status;

	if (!feat)
		return OC_ERR(NVME_SC_INVALID_FIELD);
	if (save && !feat->save) {
		cmd->err_loc = offsetof(struct nvme_features, fid) + 3;
		return OC_ERR(NVME_SC_FEATURE_NOT_SAVEABLE);
	}
	if (!feat->per_ns && nsid && nsid != NVME_NSID_ALL) {
		cmd->err_loc = offsetof(struct nvme_features, nsid);
		return OC_ERR(NVME_SC_FEATURE_NOT_PER_NS);
	}
	status = feat->set ? feat->set(cmd, val) :
			     oc_feature_set_field(cmd, feat, val);
	if (!status && save)
		feat->save(cmd, val);
	return status;
}
