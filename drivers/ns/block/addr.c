// SPDX-License-Identifier: GPL-2.0
/*
 * ns/block/addr.c - where logical blocks are, and how they fail
 */
#include <linux/kernel.h>
#include <linux/math64.h>

#include "oc.h"
#include "oc_assert.h"
#include "oc_block.h"
#include "oc_channel.h"
#include "oc_cmd.h"
#include "oc_ftl.h"
#include "oc_ns.h"
#include "oc_wire.h"

/**
 * oc_block_nsze() - size of a block namespace
 * @ns:		namespace, made ready
 *
 * Context: any.
 * Return: logical blocks.
 */
u64 oc_block_nsze(const struct oc_ns *ns)
{
	const struct oc_block *block = ns->priv;

	return block->nsze;
}

/**
 * oc_block_addr() - where a logical block is
 * @ns:		block namespace
 * @lba:	logical block, below the namespace's size
 * @addr:	its channel (@addr->grp) and logical sector there (@addr->sec)
 *
 * Context: any.
 */
void oc_block_addr(const struct oc_ns *ns, u64 lba, struct oc_addr *addr)
{
	u32 stripe = ns->geo.ws_opt, off;
	u64 row = div_u64_rem(lba, stripe, &off);

	row = div_u64_rem(row, ns->geo.num_grp, &addr->grp);
	addr->sec = row * stripe + off;
	addr->chk = 0;
}

/**
 * oc_block_next() - the next block of a channel
 * @ns:		block namespace
 * @grp:	channel, in the namespace
 * @lba:	logical block
 *
 * Context: any.
 * Return: the first block from @lba on that is in the channel.
 */
u64 oc_block_next(const struct oc_ns *ns, u32 grp, u64 lba)
{
	u32 num_grp = ns->geo.num_grp, at;
	u64 row = div_u64(lba, ns->geo.ws_opt);

	div_u64_rem(row, num_grp, &at);
	if (at == grp)
		return lba;
	return (row + (grp + num_grp - at) % num_grp) * ns->geo.ws_opt;
}

/**
 * oc_block_encode() - the logical block of a channel's logical sector
 * @ns:		block namespace
 * @addr:	channel and logical sector, as oc_block_addr() has them
 *
 * Context: any.
 * Return: the logical block.
 */
u64 oc_block_encode(const struct oc_ns *ns, const struct oc_addr *addr)
{
	u32 stripe = ns->geo.ws_opt;
	u64 row = addr->sec / stripe;

	return (row * ns->geo.num_grp + addr->grp) * stripe + addr->sec % stripe;
}

/**
 * oc_block_check_range() - are these blocks of the namespace?
 * @cmd:	command; its guilty field is noted
 * @slba:	first block
 * @nr:		how many
 *
 * Context: any.
 * Return: 0, or LBA Out of Range.
 */
u16 oc_block_check_range(struct oc_cmd *cmd, u64 slba, u64 nr)
{
	u64 nsze = oc_block_nsze(cmd->ns);

	if (slba <= nsze && nr <= nsze - slba)
		return 0;
	cmd->err_loc = offsetof(struct nvme_rw_command, slba);
	return OC_ERR(NVME_SC_LBA_RANGE);
}

/* ---- sectors of a part ------------------------------------------------- */

/**
 * oc_block_fail() - an address or extent of a part has failed
 * @part:	part
 * @i:		its number in the command
 * @status:	NVMe status
 *
 * Context: owner of the channel.
 */
void oc_block_fail(struct oc_part *part, u32 i, u16 status)
{
	oc_assert_owned(part->ch);
	oc_part_fail(part, BIT_ULL(i), status);
	if (status == OC_ERR(NVME_SC_READ_ERROR))
		oc_count_add(part->ch->count.media_errors, 1);
}

/**
 * oc_block_readable() - may a sector with this value in the map be read?
 * @part:	part that reads it
 * @val:	value
 *
 * Context: owner of the channel.
 * Return: 0; Unrecovered Read Error if it is marked uncorrectable; Unwritten
 * Block if it is deallocated and the host has asked for that error.
 */
u16 oc_block_readable(const struct oc_part *part, u32 val)
{
	oc_assert_owned(part->ch);
	if (val == OC_FTL_BAD)
		return OC_ERR(NVME_SC_READ_ERROR);
	if (val == OC_FTL_NONE && part->cmd->dulbe)
		return OC_ERR(NVME_SC_UNWRITTEN_BLOCK);
	return 0;
}
