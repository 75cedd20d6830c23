// SPDX-License-Identifier: GPL-2.0
/*
 * ns/oc12/oc12.c - namespaces of OCSSD 1.2: host-managed flash with planes and pages
 *
 * There are two kinds. oc12 has only physical commands; oc12h (hybrid) also takes a
 * logical address with each sector and keeps the mapping. oc12.h tells how blocks and
 * planes map to chunks, hybrid.c has the commands with logical addresses, and run.c
 * the rules of flash.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "oc.h"
#include "oc12.h"
#include "oc_cmd.h"
#include "oc_dev.h"
#include "oc_fault.h"
#include "oc_geometry.h"
#include "oc_ns.h"
#include "oc_wire.h"

/* ---- physical commands ------------------------------------------------ */

static u16 oc12_physical_write(struct oc_cmd *cmd)
{
	u16 status = oc12_list(cmd);

	if (!status)
		status = oc12_buffers(cmd);
	return status ? status : oc12_start(cmd, &oc12_write_exec);
}

static u16 oc12_physical_read(struct oc_cmd *cmd)
{
	u16 status = oc12_list(cmd);

	if (!status)
		status = oc12_buffers(cmd);
	return status ? status : oc12_start(cmd, &oc12_read_exec);
}

/* Some hosts pass data or metadata with an erase: both are ignored */
static u16 oc12_erase(struct oc_cmd *cmd)
{
	u16 status = oc12_list(cmd);

	return status ? status : oc12_start(cmd, &oc12_erase_exec);
}

/* ---- scalar commands of oc12: addresses are physical ------------------ */

static u16 oc12_scalar(struct oc_cmd *cmd)
{
	u64 slba;
	u32 nr;
	u16 status = oc12_range(cmd, oc12_nsze(cmd->ns->priv), &slba, &nr);

	if (status)
		return status;
	oc_cmd_range(cmd, slba, nr);
	return oc12_buffers(cmd);
}

static u16 oc12_scalar_write(struct oc_cmd *cmd)
{
	u16 status = oc12_scalar(cmd);

	if (status)
		return status;
	/* In range, but no sector: the status is that of OCSSD 2.0 */
	if (cmd->invalid) {
		cmd->failed = cmd->invalid;
		return OC_ERR(NVME_SC_WRITE_FAULT);
	}
	return oc12_start(cmd, &oc12_write_exec);
}

static u16 oc12_scalar_read(struct oc_cmd *cmd)
{
	u16 status = oc12_scalar(cmd);

	if (status)
		return status;
	/* Partition scans and readahead read addresses that name no sector */
	oc12_trace_holes(cmd, cmd->invalid, false, "no such sector");
	oc12_read_holes(cmd, cmd->invalid);
	return oc12_start(cmd, &oc12_scalar_read_exec);
}

/* Nothing to do: there is no volatile cache */
static u16 oc12_flush(struct oc_cmd *cmd)
{
	return 0;
}

#define OC12_PHYSICAL_IO						\
	[nvme_cmd_flush] = {						\
		.name = "flush", .parse = oc12_flush,			\
	},								\
	[OC_CMD_VECTOR_RESET] = {					\
		.name = "physical erase", .parse = oc12_erase,		\
		.effects = NVME_CMD_EFFECTS_LBCC,			\
	},								\
	[OC_CMD_VECTOR_WRITE] = {					\
		.name = "physical write", .dir = OC_DIR_OUT,		\
		.count = OC_COUNT_WRITE, .parse = oc12_physical_write,	\
		.effects = NVME_CMD_EFFECTS_LBCC,			\
	},								\
	[OC_CMD_VECTOR_READ] = {					\
		.name = "physical read", .dir = OC_DIR_IN,		\
		.count = OC_COUNT_READ, .parse = oc12_physical_read,	\
	}

static const struct oc_opcode oc12_io[256] = {
	OC12_PHYSICAL_IO,
	[nvme_cmd_write] = {
		.name = "write", .dir = OC_DIR_OUT, .count = OC_COUNT_WRITE,
		.effects = NVME_CMD_EFFECTS_LBCC,
		.parse = oc12_scalar_write,
	},
	[nvme_cmd_read] = {
		.name = "read", .dir = OC_DIR_IN, .count = OC_COUNT_READ,
		.parse = oc12_scalar_read,
	},
};

static const struct oc_opcode oc12h_io[256] = {
	OC12_PHYSICAL_IO,
	[OC12_CMD_HYBRID_WRITE] = {
		.name = "hybrid write", .dir = OC_DIR_OUT,
		.count = OC_COUNT_WRITE, .effects = NVME_CMD_EFFECTS_LBCC,
		.parse = oc12h_write,
	},
	[OC12_CMD_HYBRID_READ] = {
		.name = "hybrid read", .dir = OC_DIR_IN,
		.count = OC_COUNT_READ, .parse = oc12h_read,
	},
};

/* ---- the two kinds ---------------------------------------------------- */

static bool oc12_ns_decode(const struct oc_ns *ns, u64 ppa,
			   struct oc_addr *addr)
{
	return oc12_decode(ns->priv, &ns->geo, ppa, addr);
}

static u64 oc12_ns_encode(const struct oc_ns *ns, const struct oc_addr *addr)
{
	return oc12_encode(ns->priv, &ns->geo, addr);
}

static void oc12_identify(const struct oc_ns *ns, struct nvme_id_ns *id)
{
	const struct oc12 *o = ns->priv;
	u64 sectors = oc_geo_sectors(&ns->geo);

	/* Physical addresses have holes, logical ones of hybrid namespaces have none */
	id->nsze = cpu_to_le64(o->hybrid ? sectors : oc12_nsze(o));
	id->ncap = cpu_to_le64(sectors);
	id->nuse = id->ncap;
	id->dlfeat = OC_DLFEAT_ZEROES;
	/* The mark by which Linux recognizes an open-channel namespace */
	id->vs[0] = 1;
}

static const char *oc12_advice(const struct oc_ns *ns)
{
	return oc12_geo_advice(ns->priv, &ns->geo);
}

static int oc12_make(struct oc_ns *ns, bool hybrid, struct oc_complaint *why)
{
	const struct oc_geo *geo = &ns->geo;
	struct oc12 *o;
	int ret;

	o = kzalloc(sizeof(*o), GFP_KERNEL);
	if (!o)
		return -ENOMEM;
	ret = oc12_geo_init(o, geo, hybrid, why);
	if (ret) {
		kfree(o);
		return ret;
	}
	o->strict = ns->dev->strict;
	/* Whole longs: each belongs to one channel */
	o->stride = BITS_TO_LONGS(geo->secs);

	ns->table_bytes = sizeof(*o) + (u64)geo->num_grp * geo->chks;
	if (!o->strict)
		ns->table_bytes += geo->num_grp * o->stride * sizeof(long);
	if (hybrid)
		ns->table_bytes += 2 * oc_geo_sectors(geo) * sizeof(u32);
	ns->priv = o;
	return 0;
}

static int oc12_init(struct oc_ns *ns, struct oc_complaint *why)
{
	return oc12_make(ns, false, why);
}

static int oc12h_init(struct oc_ns *ns, struct oc_complaint *why)
{
	return oc12_make(ns, true, why);
}

static void *oc12_table(u64 nr, size_t size)
{
	/* No warning: the caller reports the failure */
	return __vmalloc(array_size(nr, size),
			 GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
}

/* Set the sectors that are written in the initial state */
static void oc12_first_states(struct oc_ns *ns)
{
	const struct oc_geo *geo = &ns->geo;
	const struct oc12 *o = ns->priv;
	u32 grp, chk;

	for (grp = 0; grp < geo->num_grp; grp++) {
		const struct oc_channel *ch = &ns->dev->ch[ns->first + grp];

		for (chk = 0; chk < geo->chks; chk++)
			bitmap_set(o->written + grp * o->stride,
				   chk * geo->clba, ch->chunks[chk].wp);
		cond_resched();
	}
}

static int oc12_open(struct oc_ns *ns, struct oc_complaint *why)
{
	u64 secs = oc_geo_sectors(&ns->geo);
	struct oc12 *o = ns->priv;
	u32 i;

	for (i = 0; i < ns->geo.num_grp; i++)
		ns->dev->ch[ns->first + i].unordered = !o->strict;
	o->marks = oc12_table((u64)ns->geo.num_grp * ns->geo.chks,
			      sizeof(*o->marks));
	if (!o->marks)
		return -ENOMEM;
	if (!o->strict) {
		o->written = oc12_table(ns->geo.num_grp * o->stride,
					sizeof(*o->written));
		if (!o->written)
			return -ENOMEM;
		oc12_first_states(ns);
	}
	if (!o->hybrid)
		return 0;
	o->map = oc12_table(secs, sizeof(*o->map));
	o->back = oc12_table(secs, sizeof(*o->back));
	return o->map && o->back ? 0 : -ENOMEM;
}

static void oc12_exit(struct oc_ns *ns)
{
	struct oc12 *o = ns->priv;

	vfree(o->back);
	vfree(o->map);
	vfree(o->written);
	vfree(o->marks);
	kfree(o);
}

static bool oc12_fits(const struct oc_ns *ns, struct oc_geo *geo)
{
	struct oc12 o = *(const struct oc12 *)ns->priv;
	struct oc_complaint why;

	return !oc12_geo_init(&o, geo, o.hybrid, &why);
}

/* Blocks that are marked bad stay so */
static void oc12_clear(struct oc_ns *ns)
{
	u64 secs = oc_geo_sectors(&ns->geo);
	struct oc12 *o = ns->priv;

	if (o->written)
		memset(o->written, 0, array3_size(ns->geo.num_grp, o->stride,
						  sizeof(*o->written)));
	if (o->hybrid) {
		memset(o->map, 0, array_size(secs, sizeof(*o->map)));
		memset(o->back, 0, array_size(secs, sizeof(*o->back)));
	}
}

const struct oc_ns_kind oc_ns_oc12 = {
	.name		= "oc12",
	.init		= oc12_init,
	.fits		= oc12_fits,
	.clear		= oc12_clear,
	.open		= oc12_open,
	.exit		= oc12_exit,
	.advice		= oc12_advice,
	.decode		= oc12_ns_decode,
	.encode		= oc12_ns_encode,
	.identify	= oc12_identify,
	.geometry	= oc12_identity,
	.io		= oc12_io,
	.faults		= &oc_fault_sc_12,
	.full		= OC_ERR(NVME_SC_INTERNAL),
	.admin		= oc12_admin,
};

const struct oc_ns_kind oc_ns_oc12h = {
	.name		= "oc12h",
	.init		= oc12h_init,
	.fits		= oc12_fits,
	.clear		= oc12_clear,
	.open		= oc12_open,
	.exit		= oc12_exit,
	.advice		= oc12_advice,
	.decode		= oc12_ns_decode,
	.encode		= oc12_ns_encode,
	.identify	= oc12_identify,
	.geometry	= oc12_identity,
	.io		= oc12h_io,
	.faults		= &oc_fault_sc_12,
	.full		= OC_ERR(NVME_SC_INTERNAL),
	.admin		= oc12h_admin,
};
