// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/logs.c - the error log, the health of the device, and the table of log pages
 *
 * A page is filled whole, and the host gets the window it asked for. Pages too big
 * for that write the window themselves.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "oc.h"
#include "oc_chunk.h"
#include "oc_cmd.h"
#include "oc_ctrl.h"
#include "oc_data.h"
#include "oc_dev.h"
#include "oc_devices.h"
#include "oc_ns.h"
#include "oc_text.h"
#include "oc_wire.h"

/* ---- error log -------------------------------------------------------- */

/* The lowest address that failed */
static u64 oc_error_lowest(const struct oc_cmd *cmd)
{
	u64 lba = U64_MAX, left;

	for (left = cmd->failed; left; left &= left - 1)
		lba = min(lba, oc_ns_encode(cmd->ns,
					    &cmd->addr[__ffs64(left)]));
	return lba;
}

/* The first address that failed; 0 if there is none, or it names nothing */
static u64 oc_error_lba(const struct oc_cmd *cmd)
{
	bool verify = cmd->sqe->common.opcode == nvme_cmd_verify;
	u64 slba = le64_to_cpu(cmd->sqe->rw.slba), lba = 0;
	const struct oc_addr *addr = oc_cmd_first_failed(cmd);
	u32 i = cmd->failed ? __ffs64(cmd->failed) : 0;

	if (verify && !cmd->failed)
		return slba;
	/* A range that does not even fit the namespace is not decoded */
	if (!cmd->nr)
		return cmd->sqe->common.opcode == nvme_cmd_read ||
			cmd->sqe->common.opcode == nvme_cmd_write ? slba : 0;
	/*
	 * A single address is in the command, as is the first of a range; but
	 * the range of Verify is split into extents of channels
	 */
	if (!verify && cmd->sqe->common.opcode != nvme_cmd_dsm &&
	    (cmd->scalar || cmd->nr == 1))
		return slba + i;
	if (!addr)
		return 0;
	/* No address of a namespace that has been changed since */
	rcu_read_lock();
	if (cmd->epoch == READ_ONCE(cmd->ns->epoch))
		lba = verify ? oc_error_lowest(cmd) :
			       oc_ns_encode(cmd->ns, addr);
	rcu_read_unlock();
	return lba;
}

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
	entry = &ctrl->errlog[ctrl->nr_errors % OC_MAX_ERRLOG];
	oc_count_add(ctrl->nr_errors, 1);
	memset(entry, 0, sizeof(*entry));
	entry->error_count = cpu_to_le64(ctrl->nr_errors);
	entry->sqid = cpu_to_le16(cmd->queue->qid);
	entry->cmdid = cpu_to_le16((__force u16)sqe->common.command_id);
	entry->status = cpu_to_le16(cmd->status << 1);
	entry->location = cpu_to_le16(cmd->err_loc);
	entry->nsid = sqe->common.nsid;
	if (cmd->queue->qid)
		entry->lba = cpu_to_le64(oc_error_lba(cmd));
	entry->csi = cmd->result.u64;
	spin_unlock_irqrestore(&ctrl->log_lock, flags);
}

/**
 * oc_ctrl_clear_errors() - empty the error log; the count goes on
 * @ctrl:	controller
 *
 * Context: process; takes oc_ctrl.log_lock.
 */
void oc_ctrl_clear_errors(struct oc_ctrl *ctrl)
{
	spin_lock_irq(&ctrl->log_lock);
	ctrl->old_errors = ctrl->nr_errors;
	spin_unlock_irq(&ctrl->log_lock);
}

static void oc_log_error(struct oc_cmd *cmd, void *page)
{
	struct oc_ctrl *ctrl = cmd->queue->ctrl;
	struct oc_wire_error *to = page;
	bool lba = !oc_sanitize_status(ctrl->dev);
	u64 nr, n;

	/* Newest first; Sanitize hides where user data was (NVMe 1.4, 8.15) */
	spin_lock_irq(&ctrl->log_lock);
	nr = min_t(u64, ctrl->nr_errors - ctrl->old_errors, OC_MAX_ERRLOG);
	for (n = 0; n < nr; n++) {
		to[n] = ctrl->errlog[(ctrl->nr_errors - 1 - n) % OC_MAX_ERRLOG];
		if (!lba)
			to[n].lba = 0;
	}
	spin_unlock_irq(&ctrl->log_lock);
}

/* ---- health ----------------------------------------------------------- */

/**
 * struct oc_health - what a device's channels add up to
 * @reads:	512-byte units read
 * @writes:	512-byte units written
 * @errors:	sectors the media could not give back
 * @resets:	resets of all chunks, ever
 * @offline:	chunks that are gone
 *
 * Summed up without owning the channels: each number is right, at a moment of
 * its own.
 */
struct oc_health {
	u64 reads;
	u64 writes;
	u64 errors;
	u64 resets;
	u64 offline;
};

static struct oc_health oc_dev_health(const struct oc_dev *dev)
{
	struct oc_health sum = { };
	u32 i;

	for (i = 0; i < dev->geo.num_grp; i++) {
		const struct oc_channel *ch = &dev->ch[i];
		u64 read, written;

		oc_channel_units(ch, &read, &written);
		sum.reads += read;
		sum.writes += written;
		sum.errors += READ_ONCE(ch->count.media_errors);
		sum.resets += READ_ONCE(ch->stat.resets);
		sum.offline += READ_ONCE(ch->stat.nr[OC_CHK_OFFLINE]);
	}
	return sum;
}

/* Percent of the chunks that are not gone, rounded up */
static u32 oc_health_spare(const struct oc_dev *dev,
			   const struct oc_health *sum)
{
	u64 chks = (u64)dev->geo.num_grp * dev->geo.chks;

	return div64_u64((chks - sum->offline) * 100 + chks - 1, chks);
}

/* Percent of the resets that all chunks are rated for; 255 says "or more" */
static u32 oc_health_used(const struct oc_dev *dev, const struct oc_health *sum)
{
	u64 rated = (u64)dev->geo.num_grp * dev->geo.chks * dev->endurance;

	return min_t(u64, div64_u64(sum->resets * 100, rated), U8_MAX);
}

static u8 oc_ctrl_warnings(const struct oc_ctrl *ctrl,
			   const struct oc_health *sum)
{
	u8 warn = 0;

	if (oc_health_spare(ctrl->dev, sum) < OC_SPARE_THRESHOLD)
		warn |= NVME_SMART_CRIT_SPARE;
	if (OC_TEMP_NOW >= READ_ONCE(ctrl->temp_over) ||
	    OC_TEMP_NOW <= READ_ONCE(ctrl->temp_under))
		warn |= NVME_SMART_CRIT_TEMPERATURE;
	return warn;
}

/* Asynchronous event information of a warning (NVMe 1.4, figure 147) */
static u32 oc_warning_event(u8 warn)
{
	u32 info = 0;				/* reliability */

	if (warn & NVME_SMART_CRIT_TEMPERATURE)
		info = 1;
	else if (warn & NVME_SMART_CRIT_SPARE)
		info = 2;
	return NVME_AER_SMART | info << 8 | NVME_LOG_SMART << 16;
}

/**
 * oc_ctrl_check_health() - tell the host of critical warnings it asked for
 * @ctrl:	controller
 *
 * Called when a threshold changes, and with each keep-alive for what changes by
 * itself. A warning that persists is told once, and nothing else before the host
 * has read the log.
 *
 * Context: process; sleeps. Takes oc_ctrl.lock.
 */
void oc_ctrl_check_health(struct oc_ctrl *ctrl)
{
	struct oc_health sum = oc_dev_health(ctrl->dev);
	u8 warn = oc_ctrl_warnings(ctrl, &sum);
	u8 news;

	if (ctrl->discovery)
		return;
	mutex_lock(&ctrl->lock);
	ctrl->health_seen &= warn;
	news = warn & ctrl->aen_mask & ~ctrl->health_seen;
	if (news && !oc_ctrl_untold(ctrl, OC_NEWS_HEALTH))
		news = 0;
	ctrl->health_seen |= news;
	mutex_unlock(&ctrl->lock);
	if (news)
		oc_ctrl_event(ctrl, oc_warning_event(news));
}

/* The low half of a 128-bit counter */
static void oc_put_u128(__u8 *field, u64 val)
{
	__le64 low = cpu_to_le64(val);

	memcpy(field, &low, sizeof(low));
}

static void oc_log_smart(struct oc_cmd *cmd, void *page)
{
	struct oc_ctrl *ctrl = cmd->queue->ctrl;
	const struct oc_dev *dev = ctrl->dev;
	u64 up_ns = ktime_get_boottime_ns() - dev->born_ns;
	struct nvme_smart_log *log = page;
	struct oc_health sum;

	oc_log_was_read(cmd, OC_NEWS_HEALTH);
	sum = oc_dev_health(dev);
	log->critical_warning = oc_ctrl_warnings(ctrl, &sum);
	log->temperature[0] = OC_TEMP_NOW & 0xff;
	log->temperature[1] = OC_TEMP_NOW >> 8;
	log->avail_spare = oc_health_spare(dev, &sum);
	log->spare_thresh = OC_SPARE_THRESHOLD;
	log->percent_used = oc_health_used(dev, &sum);
	/* There is one group: the summary is of it */
	log->endu_grp_crit_warn_sumry = oc_endurance_warnings(dev);
	/* Data units are a thousand times 512 bytes */
	oc_put_u128(log->data_units_read, DIV_ROUND_UP_ULL(sum.reads, 1000));
	oc_put_u128(log->data_units_written,
		    DIV_ROUND_UP_ULL(sum.writes, 1000));
	oc_put_u128(log->host_reads, oc_cmd_counted(dev, OC_COUNT_READ));
	oc_put_u128(log->host_writes, oc_cmd_counted(dev, OC_COUNT_WRITE));
	oc_put_u128(log->power_cycles, 1);
	oc_put_u128(log->power_on_hours, div64_u64(up_ns, 3600ULL * NSEC_PER_SEC));
	oc_put_u128(log->media_errors, sum.errors);
	oc_put_u128(log->num_err_log_entries, READ_ONCE(ctrl->nr_errors));
}

/* ---- other pages ------------------------------------------------------ */

static void oc_log_firmware(struct oc_cmd *cmd, void *page)
{
	struct nvme_fw_slot_info_log *log = page;

	log->afi = 1;
	oc_pad((char *)&log->frs[0], OC_VERSION, sizeof(log->frs[0]));
}

static void oc_log_changed_ns(struct oc_cmd *cmd, void *page)
{
	struct oc_ctrl *ctrl = cmd->queue->ctrl;
	__le32 *list = page;
	u32 nr = 0, i;

	mutex_lock(&ctrl->lock);
	for_each_set_bit(i, ctrl->ns_changed, OC_MAX_NS)
		list[nr++] = cpu_to_le32(i + 1);
	oc_log_was_read(cmd, OC_NEWS_NS);
	if (!oc_log_retains(cmd))
		bitmap_zero(ctrl->ns_changed, OC_MAX_NS);
	mutex_unlock(&ctrl->lock);
}

/* Add the commands of a table of 256 to what the host may send */
static void oc_log_add_effects(__le32 *to, const struct oc_opcode *ops,
			       u32 mccap)
{
	u32 i;

	for (i = 0; i < 256; i++)
		if (ops[i].parse && !(ops[i].mccap & ~mccap))
			to[i] |= cpu_to_le32(ops[i].effects |
					     NVME_CMD_EFFECTS_CSUPP);
}

static void oc_log_add_kind(struct nvme_effects_log *log,
			    const struct oc_ns_kind *kind, u32 mccap)
{
	oc_log_add_effects(log->iocs, kind->io, mccap);
	if (kind->admin)
		oc_log_add_effects(log->acs, kind->admin, 0);
}

/*
 * One page for the controller: commands are supported if any of its namespaces
 * supports them, or one that can be created would
 */
static void oc_log_effects(struct oc_cmd *cmd, void *page)
{
	const struct oc_dev *dev = cmd->queue->ctrl->dev;
	struct nvme_effects_log *log = page;
	struct oc_ns *ns;

	oc_log_add_effects(log->acs, dev->admin, 0);
	log->acs[nvme_fabrics_command] = cpu_to_le32(NVME_CMD_EFFECTS_CSUPP);
	oc_for_each_ns(dev, ns)
		oc_log_add_kind(log, ns->kind, ns->geo.mccap);
	if (oc_dev_has_room(dev))
		oc_log_add_kind(log, dev->created, dev->geo.mccap);
	log->iocs[nvme_fabrics_command] = cpu_to_le32(NVME_CMD_EFFECTS_CSUPP);
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
		.lid = NVME_LOG_ERROR,
		.ctrl_only = true, .during_sanitize = true, .common = true,
		.fill = oc_log_error,
		.size = OC_MAX_ERRLOG * sizeof(struct oc_wire_error),
	}, {
		.lid = NVME_LOG_SMART,
		.ctrl_only = true, .during_sanitize = true,
		.fill = oc_log_smart,
		.size = sizeof(struct nvme_smart_log),
	}, {
		.lid = NVME_LOG_FW_SLOT, .ctrl_only = true,
		.fill = oc_log_firmware,
		.size = sizeof(struct nvme_fw_slot_info_log),
	}, {
		.lid = NVME_LOG_CHANGED_NS,
		.ctrl_only = true, .during_sanitize = true,
		.fill = oc_log_changed_ns,
		.size = NVME_MAX_CHANGED_NAMESPACES * sizeof(__le32),
	}, {
		.lid = NVME_LOG_CMD_EFFECTS, .ctrl_only = true,
		.fill = oc_log_effects,
		.size = sizeof(struct nvme_effects_log),
	}, {
		.lid = OC_LOG_ENDURANCE,
		.check = oc_log_check_endurance, .fill = oc_log_endurance,
		.size = sizeof(struct oc_wire_endurance),
	}, {
		.lid = OC_LOG_SANITIZE,
		.ctrl_only = true, .during_sanitize = true,
		.fill = oc_log_sanitize,
		.size = sizeof(struct oc_wire_sanitize),
	}, {
		.lid = OC_LOG_CHUNK_INFO, .window = oc_log_chunks,
	}, {
		.lid = OC_LOG_NOTICES, .during_sanitize = true,
		.window = oc_log_notices,
	}, {
		.lid = NVME_LOG_DISC,
		.during_sanitize = true, .discovery = true,
		.make = oc_devices_log,
	},
};

/* Fill a whole page and send a window of it */
static u16 oc_log_fill(struct oc_cmd *cmd, const struct oc_log *log, u64 off,
		       u32 len)
{
	u32 size = log->size, n;
	void *page;
	u16 status;

	page = log->make ? log->make(cmd, &size) : kvzalloc(size, GFP_KERNEL);
	if (!page)
		return NVME_SC_INTERNAL;
	status = oc_cmd_window(cmd, size, off, len, &n);
	if (!status) {
		if (log->fill)
			log->fill(cmd, page);
		oc_send_window(cmd, page + off, n, len);
	}
	kvfree(page);
	return status;
}

/**
 * oc_admin_get_log() - serve Get Log Page
 * @cmd:	command
 *
 * Context: process; sleeps.
 * Return: NVMe status: Invalid Log Page, Sanitize In Progress or Failed for those
 * that cannot be read then, Invalid Field for a bad or too long window, Data SGL
 * Length Invalid, Internal Error for lack of memory, or the page's own.
 */
u16 oc_admin_get_log(struct oc_cmd *cmd)
{
	const struct nvme_get_log_page_command *sqe = &cmd->sqe->get_log_page;
	u64 numd = (u64)le16_to_cpu(sqe->numdu) << 16 | le16_to_cpu(sqe->numdl);
	u32 nsid = le32_to_cpu(sqe->nsid);
	u64 off = le64_to_cpu(sqe->lpo);
	u64 len = (numd + 1) * 4;
	u32 i;
	u16 status;

	for (i = 0; i < ARRAY_SIZE(oc_logs); i++)
		if (oc_logs[i].lid == sqe->lid &&
		    (oc_logs[i].common ||
		     oc_logs[i].discovery == cmd->queue->ctrl->discovery))
			break;
	if (i == ARRAY_SIZE(oc_logs)) {
		cmd->err_loc = offsetof(struct nvme_get_log_page_command, lid);
		return OC_ERR(NVME_SC_INVALID_LOG_PAGE);
	}
	status = oc_logs[i].during_sanitize ? 0 :
				   oc_sanitize_status(cmd->queue->ctrl->dev);
	if (status)
		return status;
	/* LPA bit 0 is clear: there is no such page of a single namespace */
	if (oc_logs[i].ctrl_only && nsid && nsid != NVME_NSID_ALL)
		return oc_invalid_field(cmd,
			offsetof(struct nvme_get_log_page_command, nsid));
	if (off % 4)
		return oc_invalid_field(cmd,
			offsetof(struct nvme_get_log_page_command, lpo));
	if (len > OC_MAX_ADMIN_DATA)
		return oc_invalid_field(cmd,
			offsetof(struct nvme_get_log_page_command, numdl));
	status = oc_cmd_need_data(cmd, len);
	if (!status && oc_logs[i].check)
		status = oc_logs[i].check(cmd);
	if (status)
		return status;

	return oc_logs[i].window ? oc_logs[i].window(cmd, off, len) :
				   oc_log_fill(cmd, &oc_logs[i], off, len);
}
