// SPDX-License-Identifier: GPL-2.0
/*
 * ns/oc12/admin.c - admin commands of OCSSD 1.2: the bad-block table and the
 * table of logical addresses
 *
 * A block's byte in the table is what the host has set; a chunk that is offline
 * for any other reason is a bad block, too. To mark a block bad takes its chunk
 * offline, and to mark it good brings it back with its data, so the table and the
 * chunk states always agree.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc.h"
#include "oc12.h"
#include "oc_assert.h"
#include "oc_channel.h"
#include "oc_chunk.h"
#include "oc_cmd.h"
#include "oc_dev.h"
#include "oc_geometry.h"
#include "oc_ns.h"
#include "oc_wire.h"

static u8 *oc12_mark(const struct oc_ns *ns, const struct oc_addr *addr)
{
	const struct oc12 *o = ns->priv;

	return &o->marks[(size_t)addr->grp * ns->geo.chks + addr->chk];
}

static struct oc_channel *oc12_channel(const struct oc_ns *ns,
				       const struct oc_addr *addr)
{
	return &ns->dev->ch[ns->first + addr->grp];
}

/* ---- bad blocks: get -------------------------------------------------- */

/**
 * struct oc12_bbt - a LUN's table that is being filled
 * @ns:		namespace
 * @addr:	the LUN
 * @bbt:	table to fill
 * @next:	first block not looked at yet
 */
struct oc12_bbt {
	const struct oc_ns *ns;
	struct oc_addr addr;
	struct oc12_wire_bbt *bbt;
	u32 next;
};

/* Fill in another batch of blocks. Called by the owner */
static void oc12_bbt_look(struct oc_channel *ch, void *arg)
{
	struct oc12_bbt *look = arg;
	const u8 *marks = oc12_mark(look->ns, &look->addr);
	u32 end = min(look->next + OC_CALL_CHUNKS, look->ns->geo.num_chk);

	for (; look->next < end; look->next++) {
		u32 i = look->next;
		const struct oc_chunk *chk = &ch->chunks[look->addr.chk + i];
		u8 mark = marks[i];

		/* Not marked by the host: bad from the start, or failed since */
		if (chk->state == OC_CHK_OFFLINE && !(mark & OC12_BLK_BAD))
			mark |= chk->wp || chk->resets ? OC12_BLK_GROWN :
							 OC12_BLK_FACTORY;
		look->bbt->blk[i] = mark;
	}
}

/**
 * oc12_bbt_len() - size of a LUN's table
 * @ns:		namespace
 *
 * Context: any.
 * Return: bytes, header included.
 */
u32 oc12_bbt_len(const struct oc_ns *ns)
{
	return sizeof(struct oc12_wire_bbt) + ns->geo.num_chk;
}

/**
 * oc12_bbt_get() - fetch a LUN's bad-block table (OCSSD 1.2)
 * @ns:		namespace
 * @ppa:	an address in the LUN; what is below the LUN is ignored
 * @bbt:	oc12_bbt_len() bytes of zeroes to fill
 *
 * Context: process; sleeps. The caller owns no channel.
 * Return: 0, or Invalid Field if there is no such LUN.
 */
u16 oc12_bbt_get(struct oc_ns *ns, u64 ppa, struct oc12_wire_bbt *bbt)
{
	struct oc12_bbt look = { .ns = ns, .bbt = bbt };
	u32 nr = ns->geo.num_chk, sum[8] = { }, i, bit;

	if (!oc12_decode_lun(ns->priv, &ns->geo, ppa, &look.addr))
		return OC_ERR(NVME_SC_INVALID_FIELD);
	while (look.next < nr)
		oc_channel_call(oc12_channel(ns, &look.addr), oc12_bbt_look,
				&look);

	memcpy(bbt->tblid, "BBLT", sizeof(bbt->tblid));
	bbt->verid = cpu_to_le16(1);
	bbt->tblks = cpu_to_le32(nr);
	for (i = 0; i < nr; i++)
		for (bit = 0; bit < ARRAY_SIZE(sum); bit++)
			sum[bit] += bbt->blk[i] >> bit & 1;
	bbt->tfact = cpu_to_le32(sum[0]);
	bbt->tgrown = cpu_to_le32(sum[1]);
	bbt->tdresv = cpu_to_le32(sum[2]);
	bbt->thresv = cpu_to_le32(sum[3]);
	return 0;
}

static u16 oc12_admin_get_bbt(struct oc_cmd *cmd)
{
	const struct oc12_wire_rw *sqe = (const void *)cmd->sqe;
	u32 len = oc12_bbt_len(cmd->ns);
	struct oc12_wire_bbt *bbt;
	u16 status;

	/* The command has no length: the buffer must take the whole table */
	status = oc_cmd_no_list(cmd);
	if (!status)
		status = oc_cmd_need_data(cmd, len);
	if (status)
		return status;
	bbt = kzalloc(len, GFP_KERNEL);
	if (!bbt)
		return NVME_SC_INTERNAL;
	status = oc12_bbt_get(cmd->ns, le64_to_cpu(sqe->ppa), bbt);
	if (status)
		cmd->err_loc = offsetof(struct oc12_wire_rw, ppa);
	else
		status = oc_copy_to_host(cmd, 0, bbt, len);
	kfree(bbt);
	return status;
}

/* ---- bad blocks: set -------------------------------------------------- */

/**
 * struct oc12_marking - new bytes for the blocks of one channel
 * @ns:		namespace
 * @addr:	blocks, of any channel
 * @nr:		how many
 * @grp:	the channel
 * @value:	the byte
 */
struct oc12_marking {
	const struct oc_ns *ns;
	const struct oc_addr *addr;
	u32 nr;
	u32 grp;
	u8 value;
};

static void oc12_mark_blocks(struct oc_channel *ch, void *arg)
{
	const struct oc12_marking *m = arg;
	bool bad = m->value & OC12_BLK_BAD;
	u32 i;

	oc_assert_owned(ch);
	for (i = 0; i < m->nr; i++) {
		struct oc_chunk *chk = &ch->chunks[m->addr[i].chk];

		if (m->addr[i].grp != m->grp)
			continue;
		*oc12_mark(m->ns, &m->addr[i]) = m->value;
		if (bad && chk->state != OC_CHK_OFFLINE)
			oc_chunk_offline(chk, &ch->stat);
		else if (!bad && chk->state == OC_CHK_OFFLINE)
			oc_chunk_online(chk, &ch->stat);
	}
}

/**
 * oc12_bbt_set() - mark blocks in the bad-block table (OCSSD 1.2)
 * @ns:		namespace
 * @ppas:	addresses in the blocks; page and sector are ignored
 * @nr:		how many, at most OC_VECTOR_MAX
 * @value:	their new byte, OC12_BLK_*
 *
 * All addresses are checked before the first block is marked.
 *
 * Context: process; sleeps. The caller owns no channel.
 * Return: 0; Invalid Field for an undefined byte or an address that names no block;
 * Internal Error without memory.
 */
u16 oc12_bbt_set(struct oc_ns *ns, const __le64 *ppas, u32 nr, u8 value)
{
	struct oc12_marking m = { .ns = ns, .nr = nr, .value = value };
	struct oc_addr *addr;
	u16 status = 0;
	u32 i;

	if (value & ~OC12_BLK_ALL || nr > OC_VECTOR_MAX)
		return OC_ERR(NVME_SC_INVALID_FIELD);
	addr = kcalloc(nr, sizeof(*addr), GFP_KERNEL);
	if (!addr)
		return NVME_SC_INTERNAL;
	for (i = 0; i < nr; i++)
		if (!oc12_decode_blk(ns->priv, &ns->geo,
				     le64_to_cpu(READ_ONCE(ppas[i])), &addr[i]))
			status = OC_ERR(NVME_SC_INVALID_FIELD);
	m.addr = addr;
	for (; !status && m.grp < ns->geo.num_grp; m.grp++) {
		for (i = 0; i < nr && addr[i].grp != m.grp; i++)
			;
		if (i < nr)
			oc_channel_call(&ns->dev->ch[ns->first + m.grp],
					oc12_mark_blocks, &m);
	}
	kfree(addr);
	return status;
}

static u16 oc12_admin_set_bbt(struct oc_cmd *cmd)
{
	const struct oc12_wire_rw *sqe = (const void *)cmd->sqe;
	u32 nr = le16_to_cpu(sqe->nppa) + 1;
	const __le64 *list = &sqe->ppa;
	u16 status;

	cmd->err_loc = offsetof(struct oc12_wire_rw, nppa);
	if (nr > OC_VECTOR_MAX)
		return OC_ERR(NVME_SC_INVALID_FIELD);
	cmd->err_loc = offsetof(struct oc12_wire_rw, ppa);
	if (nr > 1) {
		list = oc_cmd_map_list(cmd, cmd->err_loc, nr);
		if (!list)
			return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	/* Byte 50 of the command is the lower half of the control field */
	status = oc12_bbt_set(cmd->ns, list, nr,
			      le16_to_cpu(sqe->control) & 0xff);
	if (!status)
		cmd->err_loc = U16_MAX;
	return status;
}

/* ---- logical addresses ------------------------------------------------ */

static u16 oc12_admin_get_l2p(struct oc_cmd *cmd)
{
	const struct nvme_common_command *sqe = &cmd->sqe->common;
	u64 slba = (u64)le32_to_cpu(sqe->cdw11) << 32 | le32_to_cpu(sqe->cdw10);
	u32 nr = le32_to_cpu(sqe->cdw12), done = 0, n, i;
	u64 total = oc_geo_sectors(&cmd->ns->geo);
	__le64 entry[32];
	u16 status;

	if (slba > total || nr > total - slba)
		return oc_invalid_field(cmd, offsetof(struct nvme_common_command,
						      cdw10));
	if ((u64)nr * sizeof(*entry) > cmd->data_len) {
		cmd->err_loc = offsetof(struct nvme_common_command, dptr);
		return OC_ERR(NVME_SC_SGL_INVALID_DATA);
	}
	for (; done < nr; done += n) {
		n = min_t(u32, nr - done, ARRAY_SIZE(entry));
		for (i = 0; i < n; i++)
			entry[i] = cpu_to_le64(oc12_map_get(cmd->ns,
							    slba + done + i));
		status = oc_copy_to_host(cmd, done * sizeof(*entry), entry,
					 n * sizeof(*entry));
		if (status)
			return status;
	}
	return 0;
}

const struct oc_opcode oc12_admin[256] = {
	[OC12_ADMIN_SET_BBT] = {
		.name = "set bad blocks", .parse = oc12_admin_set_bbt,
	},
	[OC12_ADMIN_GET_BBT] = {
		.name = "get bad blocks", .dir = OC_DIR_IN,
		.parse = oc12_admin_get_bbt,
	},
};

const struct oc_opcode oc12h_admin[256] = {
	[OC12_ADMIN_SET_BBT] = {
		.name = "set bad blocks", .parse = oc12_admin_set_bbt,
	},
	[OC12_ADMIN_GET_BBT] = {
		.name = "get bad blocks", .dir = OC_DIR_IN,
		.parse = oc12_admin_get_bbt,
	},
	[OC12_ADMIN_GET_L2P] = {
		.name = "get L2P", .dir = OC_DIR_IN,
		.parse = oc12_admin_get_l2p,
	},
};
