/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_channel.h - a channel: one owner at a time, the only writer of all it owns
 */
#ifndef OC_CHANNEL_H
#define OC_CHANNEL_H

#include <linux/atomic.h>
#include <linux/hrtimer.h>
#include <linux/llist.h>
#include <linux/timerqueue.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "oc_assert.h"
#include "oc_chunk.h"
#include "oc_l2p.h"
#include "oc_timing.h"

struct oc_cmd;
struct oc_dev;
struct oc_faults;
struct oc_ftl;
struct oc_part;

/**
 * struct oc_part_ops - what a channel does with a part
 * @run:	do the work; called by the channel's owner. With @may_sleep
 *		false it returns false instead of sleeping, with nothing changed
 * @done:	the part has run; called by the thread that ran it, which owns the
 *		channel only if it is the worker. May free the part
 * @grant:	for parts that want to own the channel: called in place of @run
 *		and @done, and passes the ownership to the callee. Worker
 *		context, may sleep
 */
struct oc_part_ops {
	bool (*run)(struct oc_part *part, bool may_sleep);
	void (*done)(struct oc_part *part);
	void (*grant)(struct oc_part *part);
};

/**
 * struct oc_part - the share of a command that one channel serves
 * @node:	in the channel's inbox
 * @ops:	what to do
 * @ch:		the channel
 * @cmd:	the command, or NULL for oc_channel_call()
 * @sectors:	bit i: sector i of the command is in this channel
 * @sources:	bit i: the sector that sector i is copied from is
 * @stale:	of a read, bit i: sector i has been rewritten since it was looked
 *		up, and the command may look it up again (oc_cmd.more); set by @run
 * @fresh:	of a write, bit i: sector i held nothing before room was made for
 *		it, which oc_part_unprepare() gives back; set by @run
 * @failed:	bit i: sector i failed; set by @run
 * @status:	NVMe status of the part; set by @run
 * @suspendable: reads may delay it: it is a program or an erase (suspend)
 * @pu:		the die that is last to finish it
 * @shift_ns:	that die's shift when @when.expires was computed
 * @when:	when it is over, CLOCK_MONOTONIC ns, 0 for at once; set by @run
 *		and then in the channel's queue until it is time
 */
struct oc_part {
	struct llist_node node;
	const struct oc_part_ops *ops;
	struct oc_channel *ch;
	struct oc_cmd *cmd;
	u64 sectors;
	u64 sources;
	union {
		u64 stale;
		u64 fresh;
	};
	u64 failed;
	u16 status;
	bool suspendable;
	u32 pu;
	u64 shift_ns;
	struct timerqueue_node when;
};

/**
 * struct oc_count - what a channel has done; written by its owner only
 * @reads:	sectors read for a host
 * @writes:	sectors written for a host
 * @inline_runs: parts run by their submitter
 * @worker_runs: parts run by the worker
 * @resets:	chunks reset
 * @copies:	sectors copied to here, not among @writes nor anywhere's @reads
 * @fails:	sectors that failed for a rule, a fault or lack of memory
 * @media_errors: those of them that the media could not read
 *
 * Others read with READ_ONCE(): each value is right, the set may not be
 * consistent. The ones that most parts change come first.
 */
struct oc_count {
	u64 reads;
	u64 writes;
	u64 inline_runs;
	u64 worker_runs;
	u64 resets;
	u64 copies;
	u64 fails;
	u64 media_errors;
};

/**
 * struct oc_units - transfers of a channel with sectors of other sizes
 * @reads:	oc_count.reads that @read covers
 * @writes:	oc_count.writes that @written covers
 * @programs:	programs of the channel's FTL that @programmed covers
 * @read:	512-byte units read with them
 * @written:	512-byte units written with them
 * @programmed:	512-byte units programmed with them
 */
struct oc_units {
	u64 reads;
	u64 writes;
	u64 programs;
	u64 read;
	u64 written;
	u64 programmed;
};

/**
 * struct oc_channel - one group of parallel units, and all that it owns
 * @dev:	the device
 * @id:		number in the device
 * @wq:		the channel's workqueue
 * @owned:	1 while the channel has an owner
 * @due:	@timer has fired and found the channel owned: the release starts
 *		the worker
 * @inbox:	parts that wait for the worker; any context adds
 * @backlog:	[O] parts already taken out of @inbox, oldest first
 * @count:	[O] counters
 * @work:	drains @inbox
 * @geo:	geometry of the channel's namespace (of the device, if it belongs
 *		to none); the sizes in it, and whose it is, change under
 *		ownership and oc_dev.geo_lock only
 * @unordered:	a chunk's sectors may be written in any order; changes under
 *		ownership only
 * @chunks:	[O] num_pu * num_chk chunks
 * @faults:	[O] the channel's copy of the device's rules, NULL without
 * @stat:	[O] chunks per state
 * @wear_next:	[O] the chunk whose wear is looked at next
 * @l2p:	[O] sector of the channel -> where its bytes are
 * @media:	[O] the media's own
 * @budget:	bytes that @media may take without asking the device; others take
 *		them away
 * @ftl:	[O] the map of a block namespace's channel, NULL for others
 * @units:	[O] transfers before the sector size last changed; changes under
 *		oc_dev.geo_lock too
 * @timing:	[O] the channel's copy of the device's times
 * @clock:	[O] when dies and bus are idle
 * @waiting:	[O] parts that have run and wait for their time
 * @timer:	set to the first of them
 * @owner:	with OC_DEBUG, the thread that owns it (assert.c)
 *
 * [O] belongs to the owner.
 *
 * All that a plain read without times changes shares the cache line of @owned,
 * which a CPU that comes to own the channel has to fetch anyway.
 */
struct oc_channel {
	struct oc_dev *dev;
	u32 id;
	struct workqueue_struct *wq;

	atomic_t owned ____cacheline_aligned_in_smp;
	bool due;
	struct llist_head inbox;
	struct llist_node *backlog;
	struct oc_count count;
	struct work_struct work;

	const struct oc_geo *geo ____cacheline_aligned_in_smp;
	bool unordered;
	struct oc_chunk *chunks;
	struct oc_faults *faults;
	struct oc_chunk_stat stat;
	u32 wear_next;
	struct oc_l2p l2p;
	void *media;
	atomic64_t budget;
	struct oc_ftl *ftl;
	struct oc_units units;
	struct oc_timing timing;
	struct oc_clock clock;
	struct timerqueue_head waiting;
	struct hrtimer timer;
#ifdef OC_DEBUG
	unsigned long owner;
#endif
};

/* Chunks that one oc_channel_call() may look at: a matter of microseconds */
#define OC_CALL_CHUNKS	1024U
/* Parts that submitters run on a CPU before one of them offers to reschedule */
#define OC_INLINE_SLICE	64

/* ---- flash/channel.c ------------------------------------------------------ */

void oc_channel_release(struct oc_channel *ch);
bool oc_channel_try_own(struct oc_channel *ch);
void oc_channel_enqueue(struct oc_part *part);
u64 oc_part_began(const struct oc_part *part);
void oc_part_until(struct oc_part *part, u32 pu, u64 end_ns, bool suspendable);
void oc_part_reset_until(struct oc_part *part, u32 chk);
bool oc_part_defer(struct oc_part *part);
void oc_channel_hurry(struct oc_channel *ch, void *queue);
void oc_channel_give_way(void);
void oc_channel_submit(struct oc_part *part);
int oc_channel_init(struct oc_channel *ch, struct oc_dev *dev, u32 id,
		    const struct oc_geo *geo);
void oc_channel_exit(struct oc_channel *ch);

/* ---- flash/call.c ----------------------------------------------------- */

void oc_channel_call(struct oc_channel *ch,
		     void (*fn)(struct oc_channel *ch, void *arg), void *arg);
void oc_channel_call_worker(struct oc_channel *ch,
			    void (*fn)(struct oc_channel *ch, void *arg),
			    void *arg);
void oc_channel_own(struct oc_channel *ch);

#endif /* OC_CHANNEL_H */
