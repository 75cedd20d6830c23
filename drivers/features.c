// SPDX-License-Identifier: GPL-2.0
/*
 * features.c - the table of features
 */
#include <linux/kernel.h>

#include "oc_admin.h"

#define OC_SC_FEATURE_NOT_SAVEABLE	0x10d
#define OC_SC_FEATURE_NOT_CHANGEABLE	0x10e

static u16 oc_feat_zero(struct oc_cmd *cmd, u32 *val)
{
	*val = 0;
	return 0;
}

static u16 oc_feat_accept_zero(struct oc_cmd *cmd, u32 val)
{
	return val ? oc_invalid_field(cmd, offsetof(struct nvme_features,
						    dword11)) : 0;
}

static u16 oc_feat_get_temp(struct oc_cmd *cmd, u32 *val)
{
	/* Bits 21:20: the under-temperature threshold, which is never met */
	bool under = le32_to_cpu(cmd->sqe->features.dword11) >> 20 & 3;

	*val = under ? 0 : READ_ONCE(cmd->queue->ctrl->temp_thresh);
	return 0;
}

static u16 oc_feat_set_temp(struct oc_cmd *cmd, u32 val)
{
	if (!(val >> 20 & 3))
		WRITE_ONCE(cmd->queue->ctrl->temp_thresh, val & 0xffff);
	return 0;
}

#define OC_FEAT_DULBE	BIT(16)

static u16 oc_feat_get_recovery(struct oc_cmd *cmd, u32 *val)
{
	u16 status = oc_need_ns(cmd);

	if (!status)
		*val = READ_ONCE(cmd->ns->dulbe) ? OC_FEAT_DULBE : 0;
	return status;
}

static u16 oc_feat_set_recovery(struct oc_cmd *cmd, u32 val)
{
	struct oc_dev *dev = cmd->queue->ctrl->dev;
	u16 status;
	u32 i;

	if (le32_to_cpu(cmd->sqe->features.nsid) == NVME_NSID_ALL) {
		for (i = 0; i < dev->nr_ns; i++)
			WRITE_ONCE(dev->ns[i].dulbe, val & OC_FEAT_DULBE);
		return 0;
	}
	status = oc_need_ns(cmd);
	if (!status)
		WRITE_ONCE(cmd->ns->dulbe, val & OC_FEAT_DULBE);
	return status;
}

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
		return oc_invalid_field(cmd, offsetof(struct nvme_features,
						      dword11));
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

static u16 oc_feat_get_event(struct oc_cmd *cmd, u32 *val)
{
	*val = READ_ONCE(cmd->queue->ctrl->aen_mask);
	return 0;
}

static u16 oc_feat_set_event(struct oc_cmd *cmd, u32 val)
{
	struct oc_ctrl *ctrl = cmd->queue->ctrl;

	/* Bits 7:0 are health warnings, of which there are none to send */
	if (val & ~(NVME_AEN_CFG_NS_ATTR | 0xff))
		return oc_invalid_field(cmd, offsetof(struct nvme_features,
						      dword11));
	mutex_lock(&ctrl->lock);
	WRITE_ONCE(ctrl->aen_mask, val);
	mutex_unlock(&ctrl->lock);
	return 0;
}

static u16 oc_feat_get_kato(struct oc_cmd *cmd, u32 *val)
{
	*val = READ_ONCE(cmd->queue->ctrl->kato_ms);
	return 0;
}

static u16 oc_feat_set_kato(struct oc_cmd *cmd, u32 val)
{
	oc_ctrl_set_kato(cmd->queue->ctrl, val);
	return 0;
}

static u16 oc_feat_get_hostid(struct oc_cmd *cmd, u32 *val)
{
	*val = 0;
	/* EXHID: fabrics hosts have 128-bit identifiers only */
	if (!(le32_to_cpu(cmd->sqe->features.dword11) & 1))
		return oc_invalid_field(cmd, offsetof(struct nvme_features,
						      dword11));
	return oc_copy_to_host(cmd, 0, &cmd->queue->ctrl->hostid,
			       sizeof(uuid_t));
}

static u16 oc_feat_set_hostid(struct oc_cmd *cmd, u32 val)
{
	/* Connect has set it for good */
	return OC_ERR(NVME_SC_CMD_SEQ_ERROR);
}

static const struct oc_feature oc_features[] = {
	{
		.fid = NVME_FEAT_ARBITRATION,
		.get = oc_feat_zero, .set = oc_feat_accept_zero,
	}, {
		.fid = NVME_FEAT_POWER_MGMT,
		.get = oc_feat_zero, .set = oc_feat_accept_zero,
	}, {
		.fid = NVME_FEAT_TEMP_THRESH,
		.get = oc_feat_get_temp, .set = oc_feat_set_temp,
	}, {
		.fid = NVME_FEAT_ERR_RECOVERY, .per_ns = true,
		.get = oc_feat_get_recovery, .set = oc_feat_set_recovery,
	}, {
		.fid = NVME_FEAT_NUM_QUEUES,
		.get = oc_feat_get_queues, .set = oc_feat_set_queues,
	}, {
		.fid = NVME_FEAT_WRITE_ATOMIC,
		.get = oc_feat_zero, .set = oc_feat_accept_zero,
	}, {
		.fid = NVME_FEAT_ASYNC_EVENT,
		.get = oc_feat_get_event, .set = oc_feat_set_event,
	}, {
		.fid = NVME_FEAT_KATO,
		.get = oc_feat_get_kato, .set = oc_feat_set_kato,
	}, {
		.fid = NVME_FEAT_HOST_ID,
		.get = oc_feat_get_hostid, .set = oc_feat_set_hostid,
	}, {
		.fid = OC_FEAT_FEEDBACK, .per_ns = true,
		.get = oc_feat_get_feedback, .set = oc_feat_set_feedback,
	},
};

static const struct oc_feature *oc_feature_find(struct oc_cmd *cmd)
{
	u8 fid = le32_to_cpu(cmd->sqe->features.fid) & 0xff;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(oc_features); i++)
		if (oc_features[i].fid == fid &&
		    !(oc_features[i].per_ns && cmd->queue->ctrl->discovery))
			return &oc_features[i];
	cmd->err_loc = offsetof(struct nvme_features, fid);
	return NULL;
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
	u32 val;
	u16 status;

	if (!feat)
		return OC_ERR(NVME_SC_INVALID_FIELD);
	/* SEL: ONCS says that there are only current values */
	if (le32_to_cpu(cmd->sqe->features.fid) >> 8 & 7)
		return oc_invalid_field(cmd, offsetof(struct nvme_features,
						      fid));
	status = feat->get(cmd, &val);
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

	if (!feat)
		return OC_ERR(NVME_SC_INVALID_FIELD);
	if (le32_to_cpu(cmd->sqe->features.fid) & BIT(31))
		return OC_ERR(OC_SC_FEATURE_NOT_SAVEABLE);
	/* Feature Not Namespace Specific */
	if (!feat->per_ns && nsid && nsid != NVME_NSID_ALL)
		return OC_ERR(NVME_SC_FEATURE_NOT_PER_NS);
	return feat->set(cmd, le32_to_cpu(cmd->sqe->features.dword11));
}
