// SPDX-License-Identifier: GPL-2.0
/*
 * ns/oc12/hybrid.c - commands with a logical address, which the device maps
 *
 * The physical commands of a hybrid namespace are those of oc12.c. Hybrid commands do
 * the same to flash; this file adds the logical addresses.
 */
#include <linux/kernel.h>

#include "oc.h"
#include "oc12.h"
#include "oc_assert.h"
#include "oc_cmd.h"
#include "oc_fault.h"
#include "oc_geometry.h"
#include "oc_ns.h"

/* Check the logical addresses of a hybrid command */
static u16 oc12h_logical(struct oc_cmd *cmd)
{
	const struct oc12_wire_rw *sqe = (const void *)cmd->sqe;
	u64 total = oc_geo_sectors(&cmd->ns->geo);
	u64 slba = le64_to_cpu(sqe->slba);

	if (slba < total && cmd->nr <= total - slba)
		return 0;
	cmd->err_loc = offsetof(struct oc12_wire_rw, slba);
	return OC_ERR(NVME_SC_LBA_RANGE);
}

static void oc12h_write_commit(struct oc_part *part)
{
	const struct oc12_wire_rw *sqe = (const void *)part->cmd->sqe;
	const struct oc_cmd *cmd = part->cmd;
	u64 slba = le64_to_cpu(sqe->slba);
	u64 left;

	oc12_write_commit(part);
	for (left = part->sectors & ~part->failed; left; left &= left - 1) {
		u32 i = __ffs64(left);

		oc12_map_put(cmd->ns, &cmd->addr[i], slba + i);
	}
}

static const struct oc_exec oc12h_write_exec = {
	.op		= OC_OP_WRITE,
	.atomic		= true,
	.check		= oc12_write_check,
	.prepare	= oc12_write_prepare,
	.commit		= oc12h_write_commit,
};

/**
 * oc12h_write() - parse a hybrid write (81h)
 * @cmd:	command
 *
 * Context: any; does not sleep.
 * Return: OC_ASYNC, or NVMe status: as of oc12_list() and oc12_buffers(), LBA Out
 * of Range, Invalid Field for the one sector that cannot be mapped (OCSSD 1.2,
 * logical to physical table).
 */
u16 oc12h_write(struct oc_cmd *cmd)
{
	u16 status = oc12_list(cmd);
	u64 zero = 0;
	u32 i;

	if (!status)
		status = oc12h_logical(cmd);
	if (!status)
		status = oc12_buffers(cmd);
	if (status)
		return status;
	/* The host could not distinguish sector 0 from "not mapped" */
	for (i = 0; i < cmd->nr; i++)
		if (!oc12_linear(cmd->ns->priv, &cmd->ns->geo, &cmd->addr[i]))
			zero |= BIT_ULL(i);
	if (zero) {
		cmd->err_loc = offsetof(struct oc12_wire_rw, ppa);
		cmd->failed = zero;
		cmd->result.u64 = cpu_to_le64(zero);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	return oc12_start(cmd, &oc12h_write_exec);
}

static const struct oc_exec oc12h_plain_read_exec;

/*
 * A host that collects garbage writes the data of an address to a new sector, then
 * erases the old one. A read that looked the address up before the write, and reached
 * the channel after the erase, looks it up again: the address was mapped all along.
 */
static bool oc12h_plain_read_more(struct oc_cmd *cmd)
{
	u64 slba = le64_to_cpu(cmd->sqe->rw.slba);
	u64 stale = 0, found = 0;
	u32 i;

	for (i = 0; i < cmd->nr_parts; i++)
		stale |= cmd->parts[i].stale;
	for (; unlikely(stale); stale &= stale - 1) {
		u32 lin;

		i = __ffs64(stale);
		lin = oc12_map_get(cmd->ns, slba + i);
		if (!lin)
			continue;
		oc12_from_linear(cmd->ns->priv, &cmd->ns->geo, lin,
				 &cmd->addr[i]);
		found |= BIT_ULL(i);
	}
	if (likely(!found))
		return false;
	cmd->invalid = ~found;
	oc12_start(cmd, &oc12h_plain_read_exec);
	return true;
}

/* A plain read, whose logical addresses the parser has looked up */
static void oc12h_plain_read_commit(struct oc_part *part)
{
	const struct oc_cmd *cmd = part->cmd;
	u64 slba = le64_to_cpu(cmd->sqe->rw.slba);
	u64 left, holds = 0, lost = 0, warn = 0;

	oc_assert_owned(part->ch);
	/* A sector that was erased meanwhile is mapped elsewhere now, or unmapped */
	for (left = part->sectors; left; left &= left - 1) {
		u32 i = __ffs64(left);

		if (oc12_map_holds(cmd->ns, &cmd->addr[i], slba + i))
			holds |= BIT_ULL(i);
	}
	part->stale = part->sectors & ~holds;
	if (unlikely(part->stale))
		WRITE_ONCE(part->cmd->more, oc12h_plain_read_more);
	if (unlikely(part->ch->faults))
		lost = oc_fault_reads(part, cmd->addr, holds, &warn);
	oc12_read(part, holds & ~lost);
	oc_count_add(part->ch->count.reads, hweight64(holds & ~lost));
	if (unlikely(lost | warn))
		oc_fault_read_end(part, lost, warn);
}

static const struct oc_exec oc12h_plain_read_exec = {
	.commit		= oc12h_plain_read_commit,
};

static u16 oc12h_plain_read(struct oc_cmd *cmd)
{
	const struct oc_geo *geo = &cmd->ns->geo;
	u64 slba;
	u32 nr, i;
	u16 status = oc12_range(cmd, oc_geo_sectors(geo), &slba, &nr);

	if (status)
		return status;
	cmd->nr = nr;
	cmd->invalid = 0;
	cmd->scalar = true;
	status = oc12_buffers(cmd);
	if (status)
		return status;
	for (i = 0; i < nr; i++) {
		u32 lin = oc12_map_get(cmd->ns, slba + i);

		if (lin)
			oc12_from_linear(cmd->ns->priv, geo, lin,
					 &cmd->addr[i]);
		else
			cmd->invalid |= BIT_ULL(i);
	}
	oc12_trace_holes(cmd, cmd->invalid, false, "mapped nowhere");
	oc12_read_holes(cmd, cmd->invalid);
	return oc12_start(cmd, &oc12h_plain_read_exec);
}

/**
 * oc12h_read() - parse opcode 02h, the hybrid read and NVMe's own
 * @cmd:	command
 *
 * The opcode is shared: a hybrid read has a logical address or control bits of 1.2
 * besides the physical address; NVMe's read has neither.
 *
 * Context: any; does not sleep.
 * Return: OC_ASYNC, or NVMe status: LBA Out of Range, or as of oc12_list() and
 * oc12_buffers().
 */
u16 oc12h_read(struct oc_cmd *cmd)
{
	const struct oc12_wire_rw *sqe = (const void *)cmd->sqe;
	u16 status;

	if (!sqe->slba && !(sqe->control & cpu_to_le16(OC12_CTL_ALL)))
		return oc12h_plain_read(cmd);

	status = oc12_list(cmd);
	if (!status)
		status = oc12h_logical(cmd);
	if (!status)
		status = oc12_buffers(cmd);
	return status ? status : oc12_start(cmd, &oc12_read_exec);
}
