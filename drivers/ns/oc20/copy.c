// SPDX-License-Identifier: GPL-2.0
/*
 * ns/oc20/copy.c - vector copy: sectors move within the device
 *
 * Sources follow the rules of reads, destinations those of writes, and all is copied
 * or nothing: a source that cannot be read fails the command. A copy has a part in
 * every channel that it reads or writes, and owns them all when it runs; so the first
 * part does the work.
 */
#include <linux/kernel.h>

#include "oc.h"
#include "oc20.h"
#include "oc_assert.h"
#include "oc_chunk.h"
#include "oc_cmd.h"
#include "oc_dev.h"
#include "oc_fault.h"
#include "oc_geometry.h"
#include "oc_media.h"
#include "oc_ns.h"
#include "oc_trace.h"
#include "oc_wire.h"

static struct oc_channel *oc20_channel(const struct oc_cmd *cmd,
				       const struct oc_addr *addr)
{
	return &cmd->ns->dev->ch[cmd->ns->first + addr->grp];
}

/* The sectors that hold something to copy */
static u64 oc20_copy_sources(const struct oc_cmd *cmd)
{
	u64 good = 0;
	u32 i;

	for (i = 0; i < cmd->nr; i++)
		if (!(cmd->src_invalid & BIT_ULL(i)) &&
		    oc20_readable(oc20_channel(cmd, &cmd->src[i]),
				  &cmd->src[i]))
			good |= BIT_ULL(i);
	return good;
}

/*
 * Sources that seem to hold data only because memory was just allocated for them as
 * destinations: in random-write chunks the table is the only record of what is written
 */
static u64 oc20_copy_blanks(const struct oc_cmd *cmd)
{
	u64 fresh = 0, blank = 0;
	u32 i;

	for (i = 0; i < cmd->nr_parts; i++)
		fresh |= cmd->parts[i].fresh;
	for (; fresh; fresh &= fresh - 1) {
		const struct oc_addr *to = &cmd->addr[__ffs64(fresh)];

		if (likely(!(oc20_channel(cmd, to)->chunks[to->chk].flags &
			     OC_CHK_RANDOM)))
			continue;
		for (i = 0; i < cmd->nr; i++)
			if (cmd->src[i].grp == to->grp &&
			    cmd->src[i].chk == to->chk &&
			    cmd->src[i].sec == to->sec)
				blank |= BIT_ULL(i);
	}
	return blank;
}

static u16 oc20_copy_check(struct oc_part *part)
{
	const struct oc_cmd *cmd = part->cmd;

	oc_assert_owned(part->ch);
	/* Sources are checked first, in whatever channels */
	if (part == cmd->parts && cmd->dulbe &&
	    oc20_copy_sources(cmd) != GENMASK_ULL(cmd->nr - 1, 0)) {
		oc_count_add(part->ch->count.fails, cmd->nr);
		return OC_ERR(NVME_SC_UNWRITTEN_BLOCK);
	}
	return oc20_write_check(part);
}

static const char *oc20_why_nothing(const struct oc_cmd *cmd,
				    const struct oc_addr *addr)
{
	return oc_chunk_why(&oc20_channel(cmd, addr)->chunks[addr->chk],
			    addr->sec, OC_ERR(NVME_SC_UNWRITTEN_BLOCK));
}

/* Source @i may not be read: store what a read of it would return */
static void oc20_copy_nothing(const struct oc_cmd *cmd, u32 i)
{
	struct oc_channel *to = oc20_channel(cmd, &cmd->addr[i]);
	const struct oc_addr *src = &cmd->src[i];
	const struct oc_geo *geo = &cmd->ns->geo;
	struct kvec vec[OC20_SECTOR_VECS];
	u32 nr = oc20_nothing(geo, vec);
	struct iov_iter data;

	if (cmd->src_invalid & BIT_ULL(i))
		trace_oc_read_nothing(cmd, i, NULL, "no such sector");
	else
		trace_oc_read_nothing(cmd, i, src, oc20_why_nothing(cmd, src));
	iov_iter_kvec(&data, WRITE, vec, nr, geo->lba_size);
	to->dev->media->write(to, oc_geo_index(geo, &cmd->addr[i]), 1, &data,
			      NULL);
}

/* Account for the time of all reads. Returns when the last one ends, 0 for at once */
static u64 oc20_copy_read(struct oc_cmd *cmd, u64 good)
{
	u64 ready_ns = 0;
	u32 i;

	for (i = 0; i < cmd->nr_parts; i++) {
		struct oc_part *part = &cmd->parts[i];

		if (!part->ch->timing.on)
			continue;
		oc20_time_read(part, cmd->src, part->sources & good);
		ready_ns = max_t(u64, ready_ns, part->when.expires);
	}
	return ready_ns;
}

/* Which sources fail to be read, by rules? Sets @warn to those with a warning */
static u64 oc20_copy_faults(struct oc_cmd *cmd, u64 good, u64 *warn)
{
	u64 failed = 0, weak;
	u32 i;

	*warn = 0;
	for (i = 0; i < cmd->nr_parts; i++) {
		struct oc_part *part = &cmd->parts[i];

		if (likely(!part->ch->faults))
			continue;
		failed |= oc_fault_reads(part, cmd->src, part->sources & good,
					 &weak);
		*warn |= weak;
	}
	return failed;
}

/* A source could not be read: write nothing */
static void oc20_copy_fail(struct oc_cmd *cmd)
{
	u32 i;

	for (i = 0; i < cmd->nr_parts; i++) {
		struct oc_part *part = &cmd->parts[i];

		oc20_write_undo(part);
		oc_part_unprepare(part);
		oc_fault_read_end(part, part->sectors, 0);
	}
}

/* Advance write pointers, and account for the time of the programs of each part */
static void oc20_copy_finish(struct oc_cmd *cmd, u64 closes, u64 warn,
			     u64 ready_ns)
{
	u32 i;

	for (i = 0; i < cmd->nr_parts; i++) {
		struct oc_part *part = &cmd->parts[i];

		oc20_write_chunks(part, closes, ready_ns);
		oc_count_add(part->ch->count.copies,
			     hweight64(part->sectors & ~part->failed));
		oc_fault_read_end(part, 0, part->sources & warn);
	}
}

static void oc20_copy_commit(struct oc_part *part)
{
	struct oc_cmd *cmd = part->cmd;
	const struct oc_geo *geo = &cmd->ns->geo;
	u64 good, warn, closes, ready_ns, lost = 0, all_closes = 0;
	u32 i;

	if (part != cmd->parts)
		return;

	good = oc20_copy_sources(cmd) & ~oc20_copy_blanks(cmd);
	ready_ns = oc20_copy_read(cmd, good);
	if (unlikely(oc20_copy_faults(cmd, good, &warn))) {
		oc20_copy_fail(cmd);
		return;
	}
	for (i = 0; i < cmd->nr_parts; i++) {
		if (likely(!cmd->parts[i].ch->faults))
			continue;
		lost |= oc_fault_write(&cmd->parts[i], &closes);
		all_closes |= closes;
	}
	for (i = 0; i < cmd->nr; i++) {
		struct oc_channel *to = oc20_channel(cmd, &cmd->addr[i]);
		u32 index = oc_geo_index(geo, &cmd->addr[i]);

		if (lost & BIT_ULL(i))
			continue;
		if (good & BIT_ULL(i)) {
			struct oc_channel *from = oc20_channel(cmd,
							       &cmd->src[i]);

			to->dev->media->copy(to, index, from,
					     oc_geo_index(geo, &cmd->src[i]));
			from->chunks[cmd->src[i].chk].reads++;
		} else {
			oc20_copy_nothing(cmd, i);
		}
	}
	oc20_copy_finish(cmd, all_closes, warn, ready_ns);
}

static const struct oc_exec oc20_copy_exec = {
	.op		= OC_OP_WRITE,
	.atomic		= true,
	.check		= oc20_copy_check,
	.undo		= oc20_write_undo,
	.prepare	= oc20_write_prepare,
	.commit		= oc20_copy_commit,
};

static u16 oc20_copy_refuse(struct oc_cmd *cmd, u16 status)
{
	cmd->result.u64 = cpu_to_le64(GENMASK_ULL(cmd->nr - 1, 0));
	return status;
}

/**
 * oc20_vector_copy() - parse a vector copy
 * @cmd:	command
 *
 * Context: any; does not sleep.
 * Return: OC_ASYNC, or NVMe status: Invalid Opcode without the capability,
 * Invalid Field for too many addresses or a list that was never handed out,
 * Unwritten Block for a source and Write Fault for a destination that do not
 * exist (OCSSD 2.0, 2.3.4).
 */
u16 oc20_vector_copy(struct oc_cmd *cmd)
{
	const struct oc_wire_vector *sqe = (const void *)cmd->sqe;
	u32 nr = le16_to_cpu(sqe->nlb) + 1;

	if (!(cmd->ns->geo.mccap & OC_MCCAP_VECTOR_COPY)) {
		cmd->err_loc = offsetof(struct oc_wire_vector, opcode);
		return OC_ERR(NVME_SC_INVALID_OPCODE);
	}
	if (nr > OC_VECTOR_MAX) {
		cmd->err_loc = offsetof(struct oc_wire_vector, nlb);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	if (!oc_cmd_list(cmd, offsetof(struct oc_wire_vector, dlbal), nr)) {
		cmd->err_loc = offsetof(struct oc_wire_vector, dlbal);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	if (!oc_cmd_sources(cmd, offsetof(struct oc_wire_vector, lbal))) {
		cmd->err_loc = offsetof(struct oc_wire_vector, lbal);
		return OC_ERR(NVME_SC_INVALID_FIELD);
	}

	if (cmd->src_invalid && cmd->dulbe)
		return oc20_copy_refuse(cmd, OC_ERR(NVME_SC_UNWRITTEN_BLOCK));
	if (cmd->invalid)
		return oc20_copy_refuse(cmd, OC_ERR(NVME_SC_WRITE_FAULT));
	oc_cmd_split(cmd);
	oc_cmd_start(cmd, &oc20_copy_exec);
	return OC_ASYNC;
}
