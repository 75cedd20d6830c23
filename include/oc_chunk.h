/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_chunk.h - chunk states, write pointers and the rules about them
 */
#ifndef OC_CHUNK_H
#define OC_CHUNK_H

#include <linux/atomic.h>
#include <linux/types.h>

#include "oc_geometry.h"
#include "oc_wire.h"

struct oc_channel;

/**
 * enum oc_chunk_state - state of a chunk (OCSSD 2.0, 1.3)
 * @OC_CHK_FREE:	nothing written since the last reset
 * @OC_CHK_OPEN:	written up to its write pointer
 * @OC_CHK_CLOSED:	full, or closed early
 * @OC_CHK_OFFLINE:	out of use
 * @OC_CHK_STATES:	number of states
 */
enum oc_chunk_state {
	OC_CHK_FREE,
	OC_CHK_OPEN,
	OC_CHK_CLOSED,
	OC_CHK_OFFLINE,
	OC_CHK_STATES,
};

#define OC_CHK_RANDOM	BIT(0)	/* oc_chunk.flags: takes writes anywhere */
#define OC_CHK_WORN	BIT(1)	/* its wear is known to be off */
#define OC_CHK_SHUT	BIT(2)	/* it was closed when it went offline */

/**
 * struct oc_chunk - one chunk; every field belongs to the channel's owner
 * @state:	enum oc_chunk_state, changed only by chunk.c
 * @flags:	OC_CHK_*
 * @missing:	sectors it has less than geometry's clba. Like OC_CHK_RANDOM set
 *		before there are hosts, so anybody may read it
 * @wp:		write pointer, sectors from the chunk's start; 0 if @flags has
 *		OC_CHK_RANDOM
 * @resets:	resets the chunk has seen
 * @fails:	sectors that the chunk refused, and resets of it
 * @settled:	sectors below can be read in spite of mw_cunits
 * @reads:	sectors read, ever
 * @writes:	sectors written, ever
 */
struct oc_chunk {
	u8 state;
	u8 flags;
	u32 missing;
	u32 wp;
	u32 resets;
	u32 fails;
	u32 settled;
	u64 reads;
	u64 writes;
};

/**
 * struct oc_chunk_stat - the chunks of a channel together
 * @nr:		how many are in each state, one count per enum oc_chunk_state
 * @missing:	sectors that chunks have less than clba
 * @open_pu:	open chunks of each parallel unit, NULL if they are not counted
 * @open_ns:	open and reserved chunks of all channels of the namespace; NULL if
 *		they are not counted
 * @reserved:	of @open_ns, those this channel's owner is about to open
 * @resets:	sum of oc_chunk.resets
 * @ch:		the channel they are of, for tracepoints
 * @first:	its first chunk, NULL for chunks that stand alone
 * @num_chk:	chunks per parallel unit
 * @of:		with OC_DEBUG, the channel they are of, NULL for chunks of none
 *
 * Kept by chunk.c, but for those from @ch on, which do not change.
 */
struct oc_chunk_stat {
	u32 nr[OC_CHK_STATES];
	u64 missing;
	u32 *open_pu;
	atomic_t *open_ns;
	u32 reserved;
	u64 resets;
	u32 ch;
	const struct oc_chunk *first;
	u32 num_chk;
#ifdef OC_DEBUG
	const struct oc_channel *of;
#endif
};

/**
 * oc_chunk_pu() - a chunk's parallel unit
 * @stat:	the chunks of its channel
 * @chk:	chunk, one of those that begin at @stat->first
 *
 * Context: any.
 * Return: number of the unit in its group.
 */
static inline u32 oc_chunk_pu(const struct oc_chunk_stat *stat,
			      const struct oc_chunk *chk)
{
	return (u32)(chk - stat->first) / stat->num_chk;
}

/**
 * oc_chunk_secs() - sectors of a chunk
 * @geo:	geometry
 * @chk:	chunk
 *
 * Context: any.
 * Return: CNLB, at most clba.
 */
static inline u32 oc_chunk_secs(const struct oc_geo *geo,
				const struct oc_chunk *chk)
{
	return geo->clba - chk->missing;
}

/* ---- flash/chunk.c -------------------------------------------------------- */

bool oc_chunk_reserve(struct oc_chunk_stat *stat, u32 nr, u32 maxoc);
void oc_chunk_unreserve(struct oc_chunk_stat *stat);
void oc_chunk_shape(const struct oc_geo *geo, struct oc_chunk *chk,
		    struct oc_chunk_stat *stat, bool random, u32 cnlb);
u16 oc_chunk_check_write(const struct oc_geo *geo, const struct oc_chunk *chk,
			 u32 sec, u32 n, bool hole);
void oc_chunk_commit_write(const struct oc_geo *geo, struct oc_chunk *chk,
			   struct oc_chunk_stat *stat, u32 n);
u16 oc_chunk_check_reset(const struct oc_geo *geo, const struct oc_chunk *chk);
void oc_chunk_commit_reset(struct oc_chunk *chk, struct oc_chunk_stat *stat);
void oc_chunk_offline(struct oc_chunk *chk, struct oc_chunk_stat *stat);
void oc_chunk_online(struct oc_chunk *chk, struct oc_chunk_stat *stat);
void oc_chunk_close(struct oc_chunk *chk, struct oc_chunk_stat *stat);
void oc_chunk_settle(struct oc_chunk *chk);
void oc_chunk_preset(struct oc_chunk *chk, struct oc_chunk_stat *stat,
		     enum oc_chunk_state state, u32 wp, u32 resets);
bool oc_chunk_format(struct oc_chunk *chk, struct oc_chunk_stat *stat);
u32 oc_chunk_readable(const struct oc_geo *geo, const struct oc_chunk *chk);
u32 oc_chunk_wli(const struct oc_chunk *chk);
bool oc_chunk_worn(const struct oc_geo *geo, struct oc_chunk *chk,
		   const struct oc_chunk_stat *stat);
void oc_chunk_describe(const struct oc_geo *geo, const struct oc_chunk *chk,
		       u64 slba, struct oc_wire_chunk *desc);
const char *oc_chunk_state_name(enum oc_chunk_state state);
const char *oc_chunk_why(const struct oc_chunk *chk, u32 sec, u16 status);
void oc_chunk_refuse(struct oc_channel *ch, struct oc_chunk *chk, u32 sec, u32 n,
		     u16 status);
void oc_chunk_refuse_reset(struct oc_channel *ch, struct oc_chunk *chk, u16 status);

#endif /* OC_CHUNK_H */
