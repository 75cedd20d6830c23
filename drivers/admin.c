// SPDX-License-Identifier: GPL-2.0
/*
 * admin.c - identify, log pages, features and the other admin commands
 *
 * All of it runs on the device's admin workqueue and may sleep. What there is
 * several of stands in a table: commands, identify structures, log pages and
 * features; what has no row gets the status the specification gives.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/slab.h>

#include "oc.h"

#define OC_SC_FEATURE_NOT_SAVEABLE	0x10d
#define OC_SC_FEATURE_NOT_CHANGEABLE	0x10e

static u16 oc_invalid_field(struct oc_cmd *cmd, u16 where)
{
	cmd->err_loc = where;
	return OC_ERR(NVME_SC_INVALID_FIELD);
}

static u16 oc_need_ns(struct oc_cmd *cmd)
{
	cmd->ns = oc_ns_find(cmd->queue->ctrl->dev,
			     le32_to_cpu(cmd->sqe->common.nsid));
	if (cmd->ns)
		return 0;
	cmd->err_loc = offsetof(struct nvme_common_command, nsid);
	return OC_ERR(NVME_SC_INVALID_NS);
}

/* ---- error log -------------------------------------------------------- */

/**
 * oc_ctrl_log_error() - remember a failed command
 * @ctrl:	controller
 * @cmd:	command with its status
 *
 * Context: any; takes oc_ctrl.log_lock.
 */
void oc_ctrl_log_error(struct oc_ctrl *ctrl, const struct oc_cmd *cmd)
{
	const struct nvme_command *sqe = cmd->sqe;
	struct oc_wire_error *entry;
	unsigned long flags;

	spin_lock_irqsave(&ctrl->log_lock, flags);
	entry = &ctrl->errlog[ctrl->nr_errors++ % OC_MAX_ERRLOG];
	memset(entry, 0, sizeof(*entry));
	entry->error_count = cpu_to_le64(ctrl->nr_errors);
	entry->sqid = cpu_to_le16(cmd->queue->qid);
	entry->cmdid = cpu_to_le16((__force u16)sqe->common.command_id);
	entry->status = cpu_to_le16(cmd->status << 1);
	entry->location = cpu_to_le16(cmd->err_loc);
	entry->nsid = sqe->common.nsid;
	if (cmd->queue->qid)
		entry->lba = sqe->rw.slba;
	spin_unlock_irqrestore(&ctrl->log_lock, flags);
}

/* ---- identify --------------------------------------------------------- */

static void oc_pad(char *to, const char *from, size_t size)
{
	memset(to, ' ', size);
	memcpy(to, from, min(strlen(from), size));
}

static u64 oc_dev_bytes(const struct oc_dev *dev)
{
	return oc_geo_sectors(&dev->geo) << dev->geo.lba_shift;
}

static u16 oc_identify_ctrl(struct oc_cmd *cmd, void *page)
{
	const struct oc_ctrl *ctrl = cmd->queue->ctrl;
	const struct oc_dev *dev = ctrl->dev;
	struct nvme_id_ctrl *id = page;
	__le64 bytes = cpu_to_le64(oc_dev_bytes(dev));

	oc_pad(id->sn, dev->serial, sizeof(id->sn));
	oc_pad(id->mn, dev->model, sizeof(id->mn));
	oc_pad(id->fr, OC_VERSION, sizeof(id->fr));
	id->rab = 6;
	/* 64 sectors, in units of 4 KiB */
	id->mdts = dev->geo.lba_shift - 6;
	id->cntlid = cpu_to_le16(ctrl->cntlid);
	id->ver = cpu_to_le32(OC_NVME_VERSION);
	id->oaes = cpu_to_le32(NVME_AEN_CFG_NS_ATTR);
	id->ctratt = cpu_to_le32(NVME_CTRL_CTRATT_128_ID);
	/* CNTRLTYPE, byte 111: 1 I/O, 2 discovery */
	id->rsvd100[11] = ctrl->discovery ? 2 : 1;
	id->acl = 3;
	id->aerl = OC_MAX_AER - 1;
	/* One firmware slot, read only */
	id->frmw = BIT(0) | 1 << 1;
	id->lpa = OC_LPA_EXTENDED;
	id->elpe = OC_MAX_ERRLOG - 1;
	id->wctemp = cpu_to_le16(OC_TEMP_WARNING);
	id->cctemp = cpu_to_le16(OC_TEMP_CRITICAL);
	/* Keep-alive in steps of 100 ms */
	id->kas = cpu_to_le16(1);
	id->sqes = NVME_NVM_IOSQES << 4 | NVME_NVM_IOSQES;
	id->cqes = NVME_NVM_IOCQES << 4 | NVME_NVM_IOCQES;
	id->maxcmd = cpu_to_le16(OC_MAX_QSIZE);
	id->sgls = cpu_to_le32(BIT(0) | BIT(18));
	id->ioccsz = cpu_to_le32(sizeof(struct nvme_command) / 16);
	id->iorcsz = cpu_to_le32(sizeof(struct nvme_completion) / 16);
	id->msdbd = 1;
	if (ctrl->discovery) {
		strscpy(id->subnqn, NVME_DISC_SUBSYS_NAME, sizeof(id->subnqn));
		return 0;
	}

	strscpy(id->subnqn, dev->subsysnqn, sizeof(id->subnqn));
	if (dev->shared)
		id->cmic = NVME_CTRL_CMIC_MULTI_CTRL;
	memcpy(id->tnvmcap, &bytes, sizeof(bytes));
	id->nn = cpu_to_le32(dev->nr_ns);
	id->mnan = id->nn;
	id->oncs = cpu_to_le16(NVME_CTRL_ONCS_DSM);
	id->psd[0].max_power = cpu_to_le16(2500);
	return 0;
}

static u16 oc_identify_ns(struct oc_cmd *cmd, void *page)
{
	u16 status = oc_need_ns(cmd);

	if (!status)
		oc_ns_identify(cmd->ns, page);
	return status;
}

static u16 oc_identify_ns_list(struct oc_cmd *cmd, void *page)
{
	const struct oc_dev *dev = cmd->queue->ctrl->dev;
	u32 nsid = le32_to_cpu(cmd->sqe->common.nsid);
	__le32 *list = page;

	/* The list begins after the namespace named */
	if (nsid >= NVME_NSID_ALL - 1) {
		cmd->err_loc = offsetof(struct nvme_common_command, nsid);
		return OC_ERR(NVME_SC_INVALID_NS);
	}
	for (nsid++; nsid <= dev->nr_ns; nsid++)
		*list++ = cpu_to_le32(nsid);
	return 0;
}

static u16 oc_identify_ns_descs(struct oc_cmd *cmd, void *page)
{
	struct nvme_ns_id_desc *desc = page;
	u16 status = oc_need_ns(cmd);

	if (status)
		return status;
	desc->nidt = NVME_NIDT_NGUID;
	desc->nidl = NVME_NIDT_NGUID_LEN;
	memcpy(desc + 1, cmd->ns->nguid, NVME_NIDT_NGUID_LEN);
	return 0;
}

/* Controllers from CDW10's number on, ascending */
static u16 oc_identify_ctrl_list(struct oc_cmd *cmd, void *page)
{
	struct oc_dev *dev = cmd->queue->ctrl->dev;
	u16 from = le16_to_cpu(cmd->sqe->identify.ctrlid);
	__le16 *list = page;
	u32 nr = 0;

	if (cmd->sqe->identify.cns == NVME_ID_CNS_CTRL_NS_LIST) {
		u16 status = oc_need_ns(cmd);

		if (status)
			return status;
	}

	mutex_lock(&dev->lock);
	while (nr < 2047) {
		struct oc_ctrl *ctrl;
		u32 next = U32_MAX;

		list_for_each_entry(ctrl, &dev->ctrls, entry)
			if (!ctrl->discovery && ctrl->cntlid >= from)
				next = min_t(u32, next, ctrl->cntlid);
		if (next == U32_MAX)
			break;
		list[++nr] = cpu_to_le16(next);
		from = next + 1;
	}
	mutex_unlock(&dev->lock);
	list[0] = cpu_to_le16(nr);
	return 0;
}

/**
 * struct oc_identify - a structure that Identify returns
 * @cns:	its number
 * @fill:	fill the page of zeroes; returns an NVMe status
 */
struct oc_identify {
	u8 cns;
	u16 (*fill)(struct oc_cmd *cmd, void *page);
};

static const struct oc_identify oc_identifies[] = {
	{ .cns = NVME_ID_CNS_NS, .fill = oc_identify_ns },
	{ .cns = NVME_ID_CNS_CTRL, .fill = oc_identify_ctrl },
	{ .cns = NVME_ID_CNS_NS_ACTIVE_LIST, .fill = oc_identify_ns_list },
	{ .cns = NVME_ID_CNS_NS_DESC_LIST, .fill = oc_identify_ns_descs },
	{ .cns = NVME_ID_CNS_NS_PRESENT_LIST, .fill = oc_identify_ns_list },
	{ .cns = NVME_ID_CNS_NS_PRESENT, .fill = oc_identify_ns },
	{ .cns = NVME_ID_CNS_CTRL_NS_LIST, .fill = oc_identify_ctrl_list },
	{ .cns = NVME_ID_CNS_CTRL_LIST, .fill = oc_identify_ctrl_list },
};

/* Fill a zeroed page of @size bytes and give it to the host */
static u16 oc_send_page(struct oc_cmd *cmd, u32 size,
			u16 (*fill)(struct oc_cmd *cmd, void *page))
{
	void *page;
	u16 status;

	status = oc_cmd_need_data(cmd, size);
	if (status)
		return status;
	page = kzalloc(size, GFP_KERNEL);
	if (!page)
		return NVME_SC_INTERNAL;
	status = fill(cmd, page);
	if (!status)
		status = oc_copy_to_host(cmd, 0, page, size);
	kfree(page);
	return status;
}

static u16 oc_admin_identify(struct oc_cmd *cmd)
{
	u8 cns = cmd->sqe->identify.cns;
	u32 i;

	/* A discovery controller has no namespaces to tell of */
	for (i = 0; i < ARRAY_SIZE(oc_identifies); i++)
		if (oc_identifies[i].cns == cns &&
		    (cns == NVME_ID_CNS_CTRL || !cmd->queue->ctrl->discovery))
			return oc_send_page(cmd, NVME_IDENTIFY_DATA_SIZE,
					    oc_identifies[i].fill);
	return oc_invalid_field(cmd, offsetof(struct nvme_identify, cns));
}

static u16 oc_geometry_fill(struct oc_cmd *cmd, void *page)
{
	cmd->ns->kind->geometry(cmd->ns, page);
	return 0;
}

static u16 oc_admin_geometry(struct oc_cmd *cmd)
{
	u16 status = oc_need_ns(cmd);

	if (status)
		return status;
	if (!cmd->ns->kind->geometry)
		return OC_ERR(NVME_SC_INVALID_OPCODE);
	return oc_send_page(cmd, sizeof(struct oc_wire_geometry),
			    oc_geometry_fill);
}

/* ---- log pages -------------------------------------------------------- */

static void oc_log_error(struct oc_cmd *cmd, void *page)
{
	struct oc_ctrl *ctrl = cmd->queue->ctrl;
	struct oc_wire_error *to = page;
	u64 n;

	/* Newest first */
	spin_lock_irq(&ctrl->log_lock);
	for (n = 0; n < min_t(u64, ctrl->nr_errors, OC_MAX_ERRLOG); n++)
		to[n] = ctrl->errlog[(ctrl->nr_errors - 1 - n) % OC_MAX_ERRLOG];
	spin_unlock_irq(&ctrl->log_lock);
}

/* The low half of a 128-bit counter */
static void oc_put_u128(__u8 *field, u64 val)
{
	__le64 low = cpu_to_le64(val);

	memcpy(field, &low, sizeof(low));
}

static void oc_log_smart(struct oc_cmd *cmd, void *page)
{
	const struct oc_ctrl *ctrl = cmd->queue->ctrl;
	const struct oc_dev *dev = ctrl->dev;
	u64 up_ns = ktime_get_boottime_ns() - dev->born_ns;
	u64 reads = 0, writes = 0;
	struct nvme_smart_log *log = page;
	/* Data units are a thousand times 512 bytes */
	u32 per_sector = dev->geo.lba_size / 512;
	u32 i;

	for (i = 0; i < dev->geo.num_grp; i++) {
		reads += READ_ONCE(dev->ch[i].count.reads);
		writes += READ_ONCE(dev->ch[i].count.writes);
	}
	log->temperature[0] = OC_TEMP_NOW & 0xff;
	log->temperature[1] = OC_TEMP_NOW >> 8;
	log->avail_spare = 100;
	log->spare_thresh = 10;
	oc_put_u128(log->data_units_read,
		    DIV_ROUND_UP_ULL(reads * per_sector, 1000));
	oc_put_u128(log->data_units_written,
		    DIV_ROUND_UP_ULL(writes * per_sector, 1000));
	oc_put_u128(log->host_reads, oc_cmd_counted(dev, OC_COUNT_READ));
	oc_put_u128(log->host_writes, oc_cmd_counted(dev, OC_COUNT_WRITE));
	oc_put_u128(log->power_cycles, 1);
	oc_put_u128(log->power_on_hours, div64_u64(up_ns, 3600ULL * NSEC_PER_SEC));
	oc_put_u128(log->num_err_log_entries, READ_ONCE(ctrl->nr_errors));
}

static void oc_log_firmware(struct oc_cmd *cmd, void *page)
{
	struct nvme_fw_slot_info_log *log = page;

	log->afi = 1;
	oc_pad((char *)&log->frs[0], OC_VERSION, sizeof(log->frs[0]));
}

static void oc_log_changed_ns(struct oc_cmd *cmd, void *page)
{
	struct oc_ctrl *ctrl = cmd->queue->ctrl;
	/* Retain Asynchronous Event, CDW10 bit 15 */
	bool retain = cmd->sqe->get_log_page.lsp & BIT(7);
	__le32 *list = page;
	u32 i;

	mutex_lock(&ctrl->lock);
	if (ctrl->ns_changed)
		for (i = 0; i < ctrl->dev->nr_ns; i++)
			list[i] = cpu_to_le32(ctrl->dev->ns[i].nsid);
	if (!retain) {
		ctrl->ns_changed = false;
		ctrl->ns_told = false;
	}
	mutex_unlock(&ctrl->lock);
}

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

static u16 oc_log_chunks(struct oc_cmd *cmd, u64 off, u32 len)
{
	u16 status = oc_need_ns(cmd);

	if (status)
		return status;
	if (!cmd->ns->kind->chunk_log)
		return OC_ERR(NVME_SC_INVALID_LOG_PAGE);
	return cmd->ns->kind->chunk_log(cmd, off, len);
}

static const struct oc_log oc_logs[] = {
	{
		.lid = NVME_LOG_ERROR, .fill = oc_log_error,
		.size = OC_MAX_ERRLOG * sizeof(struct oc_wire_error),
	}, {
		.lid = NVME_LOG_SMART, .fill = oc_log_smart,
		.size = sizeof(struct nvme_smart_log),
	}, {
		.lid = NVME_LOG_FW_SLOT, .fill = oc_log_firmware,
		.size = sizeof(struct nvme_fw_slot_info_log),
	}, {
		.lid = NVME_LOG_CHANGED_NS, .fill = oc_log_changed_ns,
		.size = NVME_MAX_CHANGED_NAMESPACES * sizeof(__le32),
	}, {
		.lid = OC_LOG_CHUNK_INFO, .window = oc_log_chunks,
	}, {
		.lid = NVME_LOG_DISC, .fill = oc_discovery_fill,
		.size = OC_DISCOVERY_BYTES, .discovery = true,
	},
};

/* Give the host a window of a page; what is past its end is zeroes */
static u16 oc_log_window(struct oc_cmd *cmd, const struct oc_log *log, u64 off,
			 u32 len)
{
	struct iov_iter iter = cmd->data;
	void *page;
	u32 n;

	if (off > log->size)
		return oc_invalid_field(cmd,
			offsetof(struct nvme_get_log_page_command, lpo));
	page = kzalloc(log->size, GFP_KERNEL);
	if (!page)
		return NVME_SC_INTERNAL;
	log->fill(cmd, page);
	n = min_t(u64, len, log->size - off);
	copy_to_iter(page + off, n, &iter);
	iov_iter_zero(len - n, &iter);
	kfree(page);
	return 0;
}

static u16 oc_admin_get_log(struct oc_cmd *cmd)
{
	const struct nvme_get_log_page_command *sqe = &cmd->sqe->get_log_page;
	u64 numd = (u64)le16_to_cpu(sqe->numdu) << 16 | le16_to_cpu(sqe->numdl);
	u64 off = le64_to_cpu(sqe->lpo);
	u64 len = (numd + 1) * 4;
	u32 i;
	u16 status;

	for (i = 0; i < ARRAY_SIZE(oc_logs); i++)
		if (oc_logs[i].lid == sqe->lid &&
		    oc_logs[i].discovery == cmd->queue->ctrl->discovery)
			break;
	if (i == ARRAY_SIZE(oc_logs)) {
		cmd->err_loc = offsetof(struct nvme_get_log_page_command, lid);
		return OC_ERR(NVME_SC_INVALID_LOG_PAGE);
	}
	if (off % 4)
		return oc_invalid_field(cmd,
			offsetof(struct nvme_get_log_page_command, lpo));
	/* Longer than any buffer there is */
	if (len > U32_MAX)
		return oc_invalid_field(cmd,
			offsetof(struct nvme_get_log_page_command, numdl));
	status = oc_cmd_need_data(cmd, len);
	if (status)
		return status;

	return oc_logs[i].window ? oc_logs[i].window(cmd, off, len) :
				   oc_log_window(cmd, &oc_logs[i], off, len);
}

/* ---- features --------------------------------------------------------- */

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

static u16 oc_admin_get_features(struct oc_cmd *cmd)
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

static u16 oc_admin_set_features(struct oc_cmd *cmd)
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

/* ---- the rest --------------------------------------------------------- */

static u16 oc_admin_abort(struct oc_cmd *cmd)
{
	/* Bit 0: the command was not aborted. Every command ends by itself */
	cmd->result.u32 = cpu_to_le32(1);
	return 0;
}

static u16 oc_admin_keep_alive(struct oc_cmd *cmd)
{
	oc_ctrl_set_kato(cmd->queue->ctrl, READ_ONCE(cmd->queue->ctrl->kato_ms));
	return 0;
}

static const struct oc_opcode oc_admin_ops[256] = {
	[nvme_admin_get_log_page] = {
		.name = "get log page", .dir = OC_DIR_IN,
		.parse = oc_admin_get_log,
	},
	[nvme_admin_identify] = {
		.name = "identify", .dir = OC_DIR_IN,
		.parse = oc_admin_identify,
	},
	[nvme_admin_abort_cmd] = {
		.name = "abort", .parse = oc_admin_abort,
	},
	[nvme_admin_set_features] = {
		.name = "set features", .parse = oc_admin_set_features,
	},
	[nvme_admin_get_features] = {
		.name = "get features", .dir = OC_DIR_IN,
		.parse = oc_admin_get_features,
	},
	[nvme_admin_async_event] = {
		.name = "async event request", .parse = oc_admin_parse_aer,
	},
	[nvme_admin_keep_alive] = {
		.name = "keep alive", .parse = oc_admin_keep_alive,
	},
	[OC_ADMIN_GEOMETRY] = {
		.name = "geometry", .dir = OC_DIR_IN,
		.parse = oc_admin_geometry,
	},
};

/**
 * oc_admin_parse() - serve an admin command
 * @cmd:	command
 *
 * Context: process; sleeps.
 * Return: NVMe status: Command Sequence Error before Connect or while the
 * controller is not ready, Invalid Opcode, or the command's own; OC_ASYNC for
 * a parked event request.
 */
u16 oc_admin_parse(struct oc_cmd *cmd)
{
	u8 opcode = cmd->sqe->common.opcode;
	struct oc_ctrl *ctrl = cmd->queue->ctrl;
	const struct oc_opcode *row = &oc_admin_ops[opcode];

	if (!ctrl || !(READ_ONCE(ctrl->csts) & NVME_CSTS_RDY))
		return OC_ERR(NVME_SC_CMD_SEQ_ERROR);
	if (!row->parse || (ctrl->discovery && opcode == OC_ADMIN_GEOMETRY)) {
		cmd->err_loc = offsetof(struct nvme_common_command, opcode);
		return OC_ERR(NVME_SC_INVALID_OPCODE);
	}
	/* The host's buffer, if there is one, must be one to write to */
	if (row->dir == OC_DIR_IN && cmd->data_len && !cmd->to_host)
		return OC_ERR(NVME_SC_INVALID_FIELD);
	return row->parse(cmd);
}
