// SPDX-License-Identifier: GPL-2.0
/*
 * logs.c - the error log and the table of log pages
 *
 * A page is filled whole and the host gets the window it asked for; pages too
 * big for that write their window themselves.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/slab.h>

#include "oc_admin.h"

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
		.lid = OC_LOG_NOTICES, .window = oc_log_notices,
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

/**
 * oc_admin_get_log() - serve Get Log Page
 * @cmd:	command
 *
 * Context: process; sleeps.
 * Return: NVMe status: Invalid Log Page, Invalid Field for a bad window, Data
 * SGL Length Invalid, Internal Error for lack of memory, or the page's own.
 */
u16 oc_admin_get_log(struct oc_cmd *cmd)
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
