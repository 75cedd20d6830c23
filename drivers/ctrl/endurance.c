// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/endurance.c - the log of the device's one endurance group: what hosts have
 * written, and the wear that this has caused
 */
#include <linux/bitfield.h>
#include <linux/kernel.h>
#include <linux/math64.h>

#include "oc.h"
#include "oc_cmd.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_ftl.h"

/* Spare chunks that a channel still has, per cent of those it began with */
static u32 oc_ftl_spare_left(const struct oc_ftl *ftl)
{
	u32 need = ftl->geo->chks - oc_ftl_spare(ftl->geo, ftl->nr_lba);
	u32 good = READ_ONCE(ftl->good);

	if (good <= need)
		return 0;
	return div_u64((u64)(good - need) * 100, ftl->geo->chks - need);
}

/* 512-byte units as billions of bytes, rounded up, into half of a 128-bit field */
static void oc_put_billions(__le64 *field, u64 units)
{
	*field = cpu_to_le64(DIV_ROUND_UP_ULL(units * 512, 1000000000));
}

/* The spare of the channel with the least, per cent */
static u32 oc_endurance_spare(const struct oc_dev *dev)
{
	const struct oc_ftl *ftl;
	u32 spare = 100, i;

	for (i = 0; i < dev->geo.num_grp; i++) {
		ftl = READ_ONCE(dev->ch[i].ftl);
		if (ftl)
			spare = min(spare, oc_ftl_spare_left(ftl));
	}
	return spare;
}

/**
 * oc_endurance_warnings() - critical warnings of the endurance group
 * @dev:	device
 *
 * Context: process; a reader of oc_dev.ns_srcu.
 * Return: bit 0 for too little spare; the same in the group's own log (byte 0) and
 * in the sum over all groups of the SMART log (byte 6).
 */
u8 oc_endurance_warnings(const struct oc_dev *dev)
{
	return oc_endurance_spare(dev) < OC_SPARE_THRESHOLD ? BIT(0) : 0;
}

/**
 * oc_log_endurance() - the endurance group log page (09h)
 * @cmd:	Get Log Page
 * @page:	struct oc_wire_endurance of zeroes to fill
 *
 * NVMe 1.4, 5.14.1.9.
 *
 * Context: process.
 */
void oc_log_endurance(struct oc_cmd *cmd, void *page)
{
	const struct oc_ctrl *ctrl = cmd->queue->ctrl;
	const struct oc_dev *dev = ctrl->dev;
	struct oc_wire_endurance *log = page;
	u64 rated = (u64)dev->geo.num_grp * dev->geo.chks * dev->endurance;
	u64 reads = 0, writes = 0, media = 0, resets = 0, errors = 0;
	u32 i;

	for (i = 0; i < dev->geo.num_grp; i++) {
		const struct oc_channel *ch = &dev->ch[i];
		u64 read, host;

		oc_channel_units(ch, &read, &host);
		reads += read;
		resets += READ_ONCE(ch->stat.resets);
		writes += host;
		media += oc_channel_programmed(ch);
		errors += READ_ONCE(ch->count.media_errors);
	}
	log->critical_warning = oc_endurance_warnings(dev);
	log->avail_spare = oc_endurance_spare(dev);
	log->spare_thresh = OC_SPARE_THRESHOLD;
	log->percent_used = min_t(u64, div64_u64(resets * 100, rated), U8_MAX);
	oc_put_billions(&log->units_read, reads);
	oc_put_billions(&log->units_written, writes);
	oc_put_billions(&log->media_written, media);
	log->host_reads = cpu_to_le64(oc_cmd_counted(dev, OC_COUNT_READ));
	log->host_writes = cpu_to_le64(oc_cmd_counted(dev, OC_COUNT_WRITE));
	log->media_errors = cpu_to_le64(errors);
	log->log_entries = cpu_to_le64(READ_ONCE(ctrl->nr_errors));
}

/**
 * oc_log_check_endurance() - is there such an endurance group?
 * @cmd:	Get Log Page; its log specific identifier names the group
 *
 * Context: any.
 * Return: 0, or Invalid Field for another group than OC_ENDURANCE_GROUP.
 */
u16 oc_log_check_endurance(struct oc_cmd *cmd)
{
	if (FIELD_GET(OC_LOG_LSI, le32_to_cpu(cmd->sqe->common.cdw11)) !=
	    OC_ENDURANCE_GROUP)
		return oc_invalid_field(cmd, OC_LOG_LSI_BYTE);
	return 0;
}

/**
 * oc_endurance_identify() - say that there is an endurance group
 * @id:		Identify Controller
 *
 * Context: any.
 */
void oc_endurance_identify(struct nvme_id_ctrl *id)
{
	struct oc_wire_id_14 *more = (struct oc_wire_id_14 *)id;

	id->ctratt |= cpu_to_le32(NVME_CTRL_CTRATT_ENDURANCE_GROUPS);
	more->endgidmax = cpu_to_le16(OC_ENDURANCE_GROUP);
}
