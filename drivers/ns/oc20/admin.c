// SPDX-License-Identifier: GPL-2.0
/*
 * ns/oc20/admin.c - what OCSSD 2.0 namespaces report: identify, geometry and the
 * chunk information log
 */
#include <linux/kernel.h>

#include "oc.h"
#include "oc20.h"
#include "oc_channel.h"
#include "oc_chunk.h"
#include "oc_cmd.h"
#include "oc_data.h"
#include "oc_dev.h"
#include "oc_geometry.h"
#include "oc_ns.h"
#include "oc_wire.h"

/**
 * oc20_identify() - the kind's fields of Identify Namespace
 * @ns:	namespace
 * @id:	structure to fill
 *
 * Context: any.
 */
void oc20_identify(const struct oc_ns *ns, struct nvme_id_ns *id)
{
	u64 sectors = oc_geo_sectors(&ns->geo);
	u32 i;

	for (i = 0; i < ns->geo.num_grp; i++)
		sectors -= ns->dev->ch[ns->first + i].stat.missing;
	/* Addresses have holes: the size is that of the address space */
	id->nsze = cpu_to_le64(oc_geo_nsze(&ns->geo));
	id->ncap = cpu_to_le64(sectors);
	id->nuse = id->ncap;
	id->nsfeat = OC_NSFEAT_DULBE;
	id->dlfeat = ns->geo.dlfeat;
	/* The mark by which Linux knows an open-channel namespace */
	id->vs[0] = 1;
}

/* What a device with its timing off reports: times of typical flash */
static const struct oc_timing oc20_typical = {
	.types		= 1,
	.read_ns	= { 70000 },
	.prog_ns	= { 1900000 },
	.erase_ns	= 3000000,
};

static u32 oc20_mean(const u32 *ns, u32 types)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < types; i++)
		sum += ns[i];
	return div_u64(sum, types);
}

static u32 oc20_max(const u32 *ns, u32 types)
{
	u32 most = 0, i;

	for (i = 0; i < types; i++)
		most = max(most, ns[i]);
	return most;
}

/**
 * oc20_geometry() - the answer to the geometry command (E2h)
 * @ns:	namespace
 * @page:	4096 zeroed bytes, struct oc_wire_geometry
 *
 * Context: process; takes oc_dev.lock.
 */
void oc20_geometry(const struct oc_ns *ns, void *page)
{
	const struct oc_geo *geo = &ns->geo;
	struct oc_wire_geometry *wire = page;
	struct oc_timing tm;

	wire->mjr = 2;
	wire->grp_len = geo->grp_len;
	wire->pu_len = geo->pu_len;
	wire->chk_len = geo->chk_len;
	wire->lba_len = geo->sec_len;
	wire->mccap = cpu_to_le32(geo->mccap);
	wire->wit = geo->wit;
	wire->num_grp = cpu_to_le16(geo->num_grp);
	wire->num_pu = cpu_to_le16(geo->num_pu);
	wire->num_chk = cpu_to_le32(geo->num_chk);
	wire->clba = cpu_to_le32(geo->clba);
	wire->ws_min = cpu_to_le32(geo->ws_min);
	wire->ws_opt = cpu_to_le32(geo->ws_opt);
	wire->mw_cunits = cpu_to_le32(geo->mw_cunits);
	wire->maxoc = cpu_to_le32(geo->maxoc);
	wire->maxocpu = cpu_to_le32(geo->maxocpu);

	mutex_lock(&ns->dev->lock);
	tm = ns->dev->timing.on ? ns->dev->timing : oc20_typical;
	mutex_unlock(&ns->dev->lock);
	wire->trdt = cpu_to_le32(oc20_mean(tm.read_ns, tm.types));
	wire->trdm = cpu_to_le32(oc20_max(tm.read_ns, tm.types));
	wire->twrt = cpu_to_le32(oc20_mean(tm.prog_ns, tm.types));
	wire->twrm = cpu_to_le32(oc20_max(tm.prog_ns, tm.types));
	wire->tcrst = cpu_to_le32(tm.erase_ns);
	wire->tcrsm = wire->tcrst;
}

/* Bytes of the log that one call of a channel writes */
#define OC20_LOG_BATCH	(512 * sizeof(struct oc_wire_chunk))

/**
 * struct oc20_log - a window of the chunk information log
 * @ns:		namespace
 * @iter:	where in the host's buffer the next byte goes
 * @grp:	group, in the namespace
 * @from:	first byte of this batch, of the whole log
 * @to:		the byte after its last one; all bytes are of @grp
 */
struct oc20_log {
	const struct oc_ns *ns;
	struct iov_iter iter;
	u32 grp;
	u64 from;
	u64 to;
};

/* Write the descriptors of one batch */
static void oc20_log_channel(struct oc_channel *ch, void *arg)
{
	struct oc20_log *log = arg;
	const struct oc_ns *ns = log->ns;
	const u32 size = sizeof(struct oc_wire_chunk);
	u64 base = (u64)log->grp * ns->geo.chks * size;
	u64 from = log->from;
	struct oc_wire_chunk desc;

	while (from < log->to) {
		u32 chk = (u32)(from - base) / size;
		u32 skip = (u32)(from - base) % size;
		u32 n = min_t(u64, size - skip, log->to - from);

		oc_chunk_describe(&ns->geo, &ch->chunks[chk],
				  oc20_chunk_slba(ns, log->grp, chk), &desc);
		oc_iter_put(&log->iter, (const u8 *)&desc + skip, n);
		from += n;
	}
}

/**
 * oc20_chunk_log() - write a window of the chunk information log (CAh)
 * @cmd:	command; its data has @len bytes
 * @off:	first byte of the log that is wanted
 * @len:	how many; what is past the end of the log is zeroes
 *
 * Context: process; sleeps.
 * Return: 0, or Invalid Field past the end of the log.
 */
u16 oc20_chunk_log(struct oc_cmd *cmd, u64 off, u32 len)
{
	struct oc_ns *ns = cmd->ns;
	u64 per_grp = (u64)ns->geo.chks * sizeof(struct oc_wire_chunk);
	struct oc20_log log = { .ns = ns, .iter = cmd->data, .from = off };
	u64 end;
	u32 n;

	/* Nothing begins at the very end either */
	if (oc_cmd_window(cmd, per_grp * ns->geo.num_grp, off, len, &n) || !n)
		return oc_invalid_field(cmd,
			offsetof(struct nvme_get_log_page_command, lpo));

	for (end = off + n; log.from < end; log.from = log.to) {
		log.grp = div64_u64(log.from, per_grp);
		log.to = min3(end, (log.grp + 1) * per_grp,
			      log.from + OC20_LOG_BATCH);
		oc_channel_call(&ns->dev->ch[ns->first + log.grp],
				oc20_log_channel, &log);
	}
	/* Tools read past the end */
	iov_iter_zero(len - n, &log.iter);
	return 0;
}
