/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_ftl.h - the flash translation layer of a channel that belongs to a block
 * namespace
 *
 *	ns/block/block.c	commands, media, time and faults
 *	   |  lba of the channel              ^  struct oc_ftl_ops: move, program,
 *	ftl.c		placement of writes,  |  erase
 *			garbage collection
 *	ftl-policy.c	choice of victims
 *	ftl-init.c	create, reset, free
 *	   |
 *	chunk.c		the rules of chunks, the same as for any host
 *
 * Everything here belongs to the channel's owner.
 */
#ifndef OC_FTL_H
#define OC_FTL_H

#include <linux/types.h>

#include "oc_geometry.h"
#include "oc_l2p.h"

struct oc_ftl;

/*
 * Values of the table: 0 was never written or is deallocated, the two largest
 * are written but take no flash; all others are physical sectors of the channel
 * (chunk * clba + sector). So physical sector 0 never holds data.
 */
#define OC_FTL_NONE	OC_L2P_NONE
#define OC_FTL_ZERO	(U32_MAX - 1)	/* written with zeroes */
#define OC_FTL_BAD	U32_MAX		/* marked uncorrectable */

/* Free chunks that only garbage collection may open */
#define OC_FTL_RESERVE	2U
/* Chunks that a channel needs beyond the host's data: these, and one open for the
 * host, one open for garbage collection, one to gain
 */
#define OC_FTL_SPARE	(OC_FTL_RESERVE + 3U)

#define OC_FTL_OP_MIN	3U	/* over-provisioning, per cent */
#define OC_FTL_OP_MAX	80U
#define OC_FTL_OP	11U

/**
 * enum oc_ftl_role - what a chunk is to the FTL
 * @OC_FTL_FREE:	in the list of its parallel unit
 * @OC_FTL_OPEN:	being written
 * @OC_FTL_CLOSED:	full
 * @OC_FTL_FAILED:	a program failed, or an erase while data waited for it in
 *			the write buffer: its data has yet to be moved away
 * @OC_FTL_GONE:	offline
 */
enum oc_ftl_role {
	OC_FTL_FREE,
	OC_FTL_OPEN,
	OC_FTL_CLOSED,
	OC_FTL_FAILED,
	OC_FTL_GONE,
};

/**
 * struct oc_ftl_chunk - what the FTL knows of a chunk
 * @valid:	sectors that are mapped
 * @stamp:	when it was last changed, in sectors programmed so far
 * @next:	the next in its list
 * @role:	enum oc_ftl_role
 */
struct oc_ftl_chunk {
	u32 valid;
	u32 stamp;
	u32 next;
	u8 role;
};

/**
 * struct oc_ftl_list - chunks linked by their numbers
 * @head:	first, OC_FTL_NO_CHUNK if there is none
 * @tail:	last
 * @nr:		how many
 */
struct oc_ftl_list {
	u32 head;
	u32 tail;
	u32 nr;
};

#define OC_FTL_NO_CHUNK	U32_MAX

/**
 * struct oc_ftl_slot - a place for an open chunk
 * @chk:	the chunk, OC_FTL_NO_CHUNK for none
 * @fill:	sectors given out; those from the chunk's write pointer on are
 *		in the write buffer, fewer than ws_min of them
 */
struct oc_ftl_slot {
	u32 chk;
	u32 fill;
};

/**
 * struct oc_ftl_stream - open chunks that are written in turn
 * @slot:	one for each parallel unit
 * @cur:	the slot to write next
 * @nr:		slots that have a chunk
 * @pu:		parallel unit to take the next chunk from
 * @left:	sectors that the open chunks still take
 */
struct oc_ftl_stream {
	struct oc_ftl_slot *slot;
	u32 cur;
	u32 nr;
	u32 pu;
	u64 left;
};

/**
 * struct oc_ftl_count - what an FTL has done
 * @host:	sectors the host has written
 * @programs:	sectors programmed
 * @moves:	sectors moved by garbage collection
 * @erases:	chunks erased
 * @victims:	chunks collected
 * @levels:	of these, for wear leveling
 * @rewrites:	of these, rewritten in place, for lack of a chunk to move to
 * @failed:	programs and erases that failed
 * @stalls:	writes that waited for a whole chunk to be collected
 * @worst:	the most moves that preceded one sector of the host
 */
struct oc_ftl_count {
	u64 host;
	u64 programs;
	u64 moves;
	u64 erases;
	u64 victims;
	u64 levels;
	u64 rewrites;
	u64 failed;
	u64 stalls;
	u32 worst;
};

/**
 * struct oc_ftl_ops - the services that an FTL needs of flash
 * @move:	move what sector @from holds to @to. If @to is @from, it is only
 *		read, which takes its time
 * @drop:	drop sector @index
 * @program:	program the @n sectors of chunk @chk from @sec on, whole write units,
 *		which were written or moved there before, or hold nothing; @gc: for
 *		garbage collection. Returns the sectors before the unit that failed,
 *		@n if none did. All may still be read
 * @erase:	erase chunk @chk, which has no valid sectors, or only such as are
 *		@held in the write buffer. Returns false if that failed
 *
 * None may sleep or fail for lack of memory.
 */
struct oc_ftl_ops {
	void (*move)(struct oc_ftl *ftl, u32 from, u32 to);
	void (*drop)(struct oc_ftl *ftl, u32 index);
	u32 (*program)(struct oc_ftl *ftl, u32 chk, u32 sec, u32 n, bool gc);
	bool (*erase)(struct oc_ftl *ftl, u32 chk, bool held);
};

/**
 * struct oc_ftl_policy - how to choose the chunk to collect
 * @name:	its word in the gc parameter
 * @gain:	the value of collecting chunk @chk, which has @free invalid
 *		sectors; the chunk with the highest is taken
 */
struct oc_ftl_policy {
	const char *name;
	u64 (*gain)(const struct oc_ftl *ftl, u32 chk, u32 free);
};

/**
 * struct oc_ftl - a channel's FTL
 * @geo:	geometry
 * @ops:	services
 * @policy:	how to choose what to collect
 * @chunks:	the channel's chunks
 * @stat:	and how many are in each state
 * @nr_lba:	logical sectors
 * @l2p:	logical sector -> physical sector or OC_FTL_*
 * @p2l:	physical sector -> logical sector + 1, 0 if nothing valid is there
 * @chk:	one for each chunk
 * @free:	free chunks of each parallel unit
 * @failed:	failed chunks, whose data has to be moved away
 * @host:	stream of the host's sectors
 * @gc:		stream of moved sectors
 * @nr_free:	free chunks
 * @good:	chunks that are not failed or offline
 * @valid:	physical sectors that are mapped
 * @width:	chunks a stream may have open
 * @slots:	slots of each stream
 * @worn:	resets of the most worn chunk
 * @victim:	chunk being collected, OC_FTL_NO_CHUNK for none
 * @scan:	its sectors before this one are invalid
 * @pace:	moves for each sector the host writes
 * @hand:	where the search for a victim begins
 * @turns:	victims until the next wear leveling
 * @now:	sectors programmed so far, the clock of @chk.stamp; wraps
 * @count:	counters
 */
struct oc_ftl {
	const struct oc_geo *geo;
	const struct oc_ftl_ops *ops;
	const struct oc_ftl_policy *policy;
	struct oc_chunk *chunks;
	struct oc_chunk_stat *stat;
	u32 nr_lba;
	struct oc_l2p l2p;
	u32 *p2l;
	struct oc_ftl_chunk *chk;
	struct oc_ftl_list *free;
	struct oc_ftl_list failed;
	struct oc_ftl_stream host;
	struct oc_ftl_stream gc;
	u32 nr_free;
	u32 good;
	u64 valid;
	u32 width;
	u32 slots;
	u32 worn;
	u32 victim;
	u32 scan;
	u32 pace;
	u32 hand;
	u32 turns;
	u32 now;
	struct oc_ftl_count count;
};

/**
 * oc_ftl_on_flash() - does a value of the table name a physical sector?
 * @val:	value
 *
 * Return: false for OC_FTL_NONE, OC_FTL_ZERO and OC_FTL_BAD.
 */
static inline bool oc_ftl_on_flash(u32 val)
{
	return val - 1 < OC_FTL_ZERO - 1;
}

/**
 * oc_ftl_possible() - can a channel have an FTL at all?
 * @geo:	geometry
 *
 * Return: true if some logical sectors leave it chunks enough.
 */
static inline bool oc_ftl_possible(const struct oc_geo *geo)
{
	return geo->clba >= 2 && geo->chks > OC_FTL_SPARE;
}

/**
 * oc_ftl_limit() - how much may be on flash?
 * @ftl:	FTL
 *
 * Context: owner of the channel.
 * Return: sectors, at least @ftl->nr_lba until chunks have failed that those need.
 */
static inline u64 oc_ftl_limit(const struct oc_ftl *ftl)
{
	oc_assert_owned_of(&ftl->l2p);
	return ftl->good > OC_FTL_SPARE ?
		(u64)(ftl->good - OC_FTL_SPARE) * ftl->geo->clba : 0;
}

/**
 * oc_ftl_fits() - may the host write this much more?
 * @ftl:	FTL
 * @more:	sectors that are not on flash yet
 *
 * It always may, until chunks have failed that its data need.
 *
 * Context: owner of the channel.
 * Return: true if it may.
 */
static inline bool oc_ftl_fits(const struct oc_ftl *ftl, u32 more)
{
	oc_assert_owned_of(&ftl->l2p);
	return ftl->valid + more <= oc_ftl_limit(ftl);
}

/* ---- ftl-policy.c ----------------------------------------------------- */

const struct oc_ftl_policy *oc_ftl_policy(const char *name);

/* ---- ftl-init.c ------------------------------------------------------- */

u32 oc_ftl_capacity(const struct oc_geo *geo, u32 op);
u32 oc_ftl_spare(const struct oc_geo *geo, u32 nr_lba);
u64 oc_ftl_bytes(const struct oc_geo *geo, u32 nr_lba);
int oc_ftl_init(struct oc_ftl *ftl, const struct oc_geo *geo,
		struct oc_chunk *chunks, struct oc_chunk_stat *stat,
		const struct oc_ftl_ops *ops,
		const struct oc_ftl_policy *policy, u32 nr_lba);
void oc_ftl_exit(struct oc_ftl *ftl);
void oc_ftl_reset(struct oc_ftl *ftl);
void oc_ftl_erased(struct oc_ftl *ftl, u32 chk);

/* ---- ftl.c ------------------------------------------------------------ */

u32 oc_ftl_work(const struct oc_ftl *ftl, u32 nr);
u32 oc_ftl_place(struct oc_ftl *ftl, u32 lba, u32 want, u32 *n);
void oc_ftl_commit(struct oc_ftl *ftl, u32 lba, u32 index, u32 n);
void oc_ftl_set(struct oc_ftl *ftl, u32 lba, u32 val);
u32 oc_ftl_buffered(const struct oc_ftl *ftl);
void oc_ftl_add_free(struct oc_ftl *ftl, u32 chk);
void oc_ftl_lose(struct oc_ftl *ftl);

/* ---- ftl-check.c ------------------------------------------------------ */

const char *oc_ftl_check(const struct oc_ftl *ftl);

#endif /* OC_FTL_H */
