/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_block.h - what the files of block namespaces, and debugfs, share
 */
#ifndef OC_BLOCK_H
#define OC_BLOCK_H

#include "oc_channel.h"
#include "oc_cmd.h"
#include "oc_ftl.h"
#include "oc_ns.h"

/**
 * struct oc_block_ch - a channel of a block namespace
 * @ftl:	its map
 * @ch:		the channel
 * @part:	the part that runs, which may have to wait for flash
 * @first:	first of the sectors that are read together
 * @nr_read:	how many; 0 for none
 * @full:	a write has found no room, and there has been none since
 * @bounce:	two sectors of any size, to compare with
 *
 * Belongs to the channel's owner.
 */
struct oc_block_ch {
	struct oc_ftl ftl;
	struct oc_channel *ch;
	struct oc_part *part;
	u32 first;
	u32 nr_read;
	bool full;
	void *bounce;
};

/**
 * struct oc_block - a block namespace
 * @nr_lba:	logical sectors of each channel
 * @nsze:	logical blocks
 * @ch:		its channels
 */
struct oc_block {
	u32 nr_lba;
	u64 nsze;
	struct oc_block_ch ch[];
};

/**
 * oc_part_block() - the block namespace's channel of a part
 * @part:	part
 *
 * Return: the channel.
 */
static inline struct oc_block_ch *oc_part_block(const struct oc_part *part)
{
	return container_of(part->ch->ftl, struct oc_block_ch, ftl);
}

/* ---- ns/block/flash.c -------------------------------------------------- */

extern const struct oc_ftl_ops oc_block_flash;

void oc_block_note_read(struct oc_block_ch *bch, u32 index, bool host);
void oc_block_time_read(struct oc_block_ch *bch, bool host);
u16 oc_block_full(const struct oc_part *part);
void oc_block_freed(struct oc_block_ch *bch);

/* ---- ns/block/range.c -------------------------------------------------- */

u16 oc_block_write_zeroes(struct oc_cmd *cmd);
u16 oc_block_write_uncor(struct oc_cmd *cmd);
u16 oc_block_verify(struct oc_cmd *cmd);
u16 oc_block_dsm(struct oc_cmd *cmd);
u16 oc_block_get_l2p(struct oc_cmd *cmd);

/* ---- ns/block/addr.c -------------------------------------------------- */

u64 oc_block_next(const struct oc_ns *ns, u32 grp, u64 lba);
void oc_block_addr(const struct oc_ns *ns, u64 lba, struct oc_addr *addr);
u64 oc_block_encode(const struct oc_ns *ns, const struct oc_addr *addr);
u64 oc_block_nsze(const struct oc_ns *ns);
u16 oc_block_check_range(struct oc_cmd *cmd, u64 slba, u64 nr);
void oc_block_fail(struct oc_part *part, u32 i, u16 status);
u16 oc_block_readable(const struct oc_part *part, u32 val);

#endif /* OC_BLOCK_H */
