// SPDX-License-Identifier: GPL-2.0
/*
 * ns/oc20/oc20.c - host-managed namespaces of OCSSD 2.0, and their commands
 *
 * Scalar commands are vector commands whose addresses follow each other; they differ
 * in how they are refused.
 */
#include <linux/kernel.h>

#include "oc.h"
#include "oc20.h"
#include "oc_chunk.h"
#include "oc_cmd.h"
#include "oc_dev.h"
#include "oc_fault.h"
#include "oc_geometry.h"
#include "oc_ns.h"
#include "oc_wire.h"

/* Count and addresses of a vector command (OCSSD 2.0, 2.3) */
static u16 oc20_vector(struct oc_cmd *cmd)
{
	const struct oc_wire_vector *sqe = (const void *)cmd->sqe;
	u32 nr = le16_to_cpu(sqe->nlb) + 1;

	if (nr > OC_VECTOR_MAX) {
		cmd->err_loc = offsetof(struct oc_wire_vector, nlb);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	if (!oc_cmd_list(cmd, offsetof(struct oc_wire_vector, lbal), nr)) {
		cmd->err_loc = offsetof(struct oc_wire_vector, lbal);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	return 0;
}

static u16 oc20_vector_write(struct oc_cmd *cmd)
{
	u16 status = oc20_vector(cmd);

	return status ? status : oc20_start_write(cmd);
}

static u16 oc20_vector_read(struct oc_cmd *cmd)
{
	u16 status = oc20_vector(cmd);

	return status ? status : oc20_start_read(cmd);
}

static u16 oc20_vector_reset(struct oc_cmd *cmd)
{
	u16 status = oc20_vector(cmd);

	if (status)
		return status;
	status = oc_cmd_need_oob(cmd, le64_to_cpu(cmd->sqe->common.metadata),
				 cmd->nr * sizeof(struct oc_wire_chunk));
	if (status)
		return status;
	if (cmd->invalid) {
		cmd->failed = cmd->invalid;
		cmd->status = OC_ERR(OC_SC_INVALID_RESET);
	}
	oc_cmd_split(cmd);
	oc_cmd_start(cmd, &oc20_reset_exec);
	return OC_ASYNC;
}

/* Start and length of a scalar command */
static u16 oc20_scalar(struct oc_cmd *cmd)
{
	const struct nvme_rw_command *sqe = &cmd->sqe->rw;
	u64 nsze = oc_geo_nsze(&cmd->ns->geo);
	u64 slba = le64_to_cpu(sqe->slba);
	u32 nr = le16_to_cpu(sqe->length) + 1;
	u16 status = oc_cmd_no_list(cmd);

	if (unlikely(status))
		return status;
	if (nr > OC_VECTOR_MAX) {
		/* More than MDTS says */
		cmd->err_loc = offsetof(struct nvme_rw_command, length);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	if (slba >= nsze || nr > nsze - slba) {
		cmd->err_loc = offsetof(struct nvme_rw_command, slba);
		return OC_ERR(NVME_SC_LBA_RANGE);
	}
	oc_cmd_range(cmd, slba, nr);
	return 0;
}

static u16 oc20_scalar_write(struct oc_cmd *cmd)
{
	u16 status = oc20_scalar(cmd);

	if (status)
		return status;
	/* A scalar write must stay within one chunk */
	if (!(cmd->invalid & 1) &&
	    cmd->nr > cmd->ns->geo.clba - cmd->addr[0].sec)
		return OC_ERR(NVME_SC_WRITE_FAULT);
	return oc20_start_write(cmd);
}

static u16 oc20_scalar_read(struct oc_cmd *cmd)
{
	u16 status = oc20_scalar(cmd);

	return status ? status : oc20_start_read(cmd);
}

/* Sectors of the chunk at @addr, which do not change once there are hosts */
static u32 oc20_secs_at(const struct oc_ns *ns, const struct oc_addr *addr)
{
	const struct oc_channel *ch = &ns->dev->ch[ns->first + addr->grp];

	return oc_chunk_secs(&ns->geo, &ch->chunks[addr->chk]);
}

/* Range @i of a DSM command. Returns false past the end of the buffer */
static bool oc20_dsm_range(struct oc_cmd *cmd, u32 i,
			   struct nvme_dsm_range *range)
{
	struct iov_iter iter = cmd->data;

	iov_iter_advance(&iter, i * sizeof(*range));
	return copy_from_iter_full(range, sizeof(*range), &iter);
}

/* Reset the next chunks of a DSM command, as many as a command can name */
static bool oc20_dsm_more(struct oc_cmd *cmd)
{
	u32 end = le32_to_cpu(cmd->sqe->dsm.nr) % 256 + 1;
	struct nvme_dsm_range range;

	cmd->nr = 0;
	cmd->invalid = 0;
	while (cmd->cursor < end && cmd->nr < OC_VECTOR_MAX &&
	       oc20_dsm_range(cmd, cmd->cursor, &range)) {
		u64 slba = le64_to_cpu(range.slba);

		/* Checked before, but the host may have changed it */
		if (!oc_geo_decode(&cmd->ns->geo, slba, &cmd->addr[cmd->nr]))
			break;
		cmd->nr++;
		cmd->cursor++;
	}
	if (!cmd->nr)
		return false;
	/* The last round: it does not look at the gate again */
	if (cmd->cursor == end)
		cmd->more = NULL;
	oc_cmd_split(cmd);
	oc_cmd_start(cmd, &oc20_reset_exec);
	return true;
}

/*
 * Deallocate resets chunks: each range must be exactly one (OCSSD 2.0, 2.3.5).
 * All ranges are checked before the first chunk is reset.
 */
static u16 oc20_dsm(struct oc_cmd *cmd)
{
	const struct nvme_dsm_cmd *sqe = &cmd->sqe->dsm;
	u32 nr = le32_to_cpu(sqe->nr) % 256 + 1;
	struct nvme_dsm_range range;
	struct oc_addr addr;
	u16 status;
	u32 i;

	status = oc_cmd_need_data(cmd, nr * sizeof(range));
	if (status)
		return status;
	if (!(le32_to_cpu(sqe->attributes) & NVME_DSMGMT_AD))
		return 0;

	for (i = 0; i < nr; i++) {
		if (!oc20_dsm_range(cmd, i, &range))
			return OC_ERR(NVME_SC_SGL_INVALID_DATA);
		if (!oc_geo_decode(&cmd->ns->geo, le64_to_cpu(range.slba),
				   &addr) || addr.sec)
			return OC_ERR(OC_SC_INVALID_RESET);
		if (le32_to_cpu(range.nlb) != oc20_secs_at(cmd->ns, &addr))
			return OC_ERR(NVME_SC_LBA_RANGE);
	}

	/* There may be more chunks than the bitmap has bits */
	cmd->scalar = true;
	cmd->cursor = 0;
	cmd->more = oc20_dsm_more;
	if (!oc20_dsm_more(cmd))
		return 0;
	return OC_ASYNC;
}

/* Nothing to do: there is no volatile cache */
static u16 oc20_flush(struct oc_cmd *cmd)
{
	return 0;
}

static const struct oc_opcode oc20_io[256] = {
	[nvme_cmd_flush] = {
		.name = "flush", .parse = oc20_flush,
	},
	[nvme_cmd_write] = {
		.name = "write", .dir = OC_DIR_OUT, .count = OC_COUNT_WRITE,
		.parse = oc20_scalar_write,
		.effects = NVME_CMD_EFFECTS_LBCC,
	},
	[nvme_cmd_read] = {
		.name = "read", .dir = OC_DIR_IN, .count = OC_COUNT_READ,
		.parse = oc20_scalar_read,
	},
	[nvme_cmd_dsm] = {
		.name = "dsm", .dir = OC_DIR_OUT, .parse = oc20_dsm,
		.effects = NVME_CMD_EFFECTS_LBCC,
	},
	[OC_CMD_VECTOR_RESET] = {
		.name = "vector reset", .parse = oc20_vector_reset,
		.effects = NVME_CMD_EFFECTS_LBCC,
	},
	[OC_CMD_VECTOR_WRITE] = {
		.name = "vector write", .dir = OC_DIR_OUT,
		.count = OC_COUNT_WRITE, .parse = oc20_vector_write,
		.effects = NVME_CMD_EFFECTS_LBCC,
	},
	[OC_CMD_VECTOR_READ] = {
		.name = "vector read", .dir = OC_DIR_IN,
		.count = OC_COUNT_READ, .parse = oc20_vector_read,
	},
	[OC_CMD_VECTOR_COPY] = {
		.name = "vector copy", .parse = oc20_vector_copy,
		.mccap = OC_MCCAP_VECTOR_COPY,
		.effects = NVME_CMD_EFFECTS_LBCC,
	},
};

/* The last chunks of each parallel unit may differ in type and size */
static void oc20_setup_channel(struct oc_channel *ch)
{
	const struct oc_geo *geo = ch->geo;
	u32 from = geo->num_chk - max(geo->rnd_chk, geo->odd_chk);
	u32 pu, i;

	for (pu = 0; pu < geo->num_pu; pu++) {
		for (i = from; i < geo->num_chk; i++)
			oc_chunk_shape(geo, &ch->chunks[pu * geo->num_chk + i],
				       &ch->stat,
				       i >= geo->num_chk - geo->rnd_chk,
				       i >= geo->num_chk - geo->odd_chk ?
				       geo->odd_secs : geo->clba);
		cond_resched();
	}
}

static void oc20_setup(struct oc_ns *ns)
{
	u32 i;

	for (i = 0; i < ns->geo.num_grp; i++) {
		struct oc_channel *ch = &ns->dev->ch[ns->first + i];

		oc20_setup_channel(ch);
		if (ns->geo.maxoc)
			ch->stat.open_ns = &ns->open;
	}
}

static int oc20_init(struct oc_ns *ns, struct oc_complaint *why)
{
	return oc_geo_pblk_check(&ns->geo, why);
}

static const char *oc20_advice(const struct oc_ns *ns)
{
	return oc_geo_pblk_advice(&ns->geo);
}

static bool oc20_fits(const struct oc_ns *ns, struct oc_geo *geo)
{
	struct oc_complaint why;

	return !oc_geo_pblk_check(geo, &why);
}

const struct oc_ns_kind oc_ns_oc20 = {
	.name		= "oc20",
	.dulbe		= true,
	.init		= oc20_init,
	.advice		= oc20_advice,
	.fits		= oc20_fits,
	.extended	= true,
	.identify	= oc20_identify,
	.geometry	= oc20_geometry,
	.chunk_log	= oc20_chunk_log,
	.setup		= oc20_setup,
	.io		= oc20_io,
	.faults		= &oc_fault_sc_20,
	.full		= OC_ERR(NVME_SC_INTERNAL),
	.oncs		= NVME_CTRL_ONCS_DSM,
};
