/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc.h - the architecture of ocloop
 *
 * One command's way through the module, top to bottom:
 *
 *	host core (drivers/nvme/host)
 *	   |  struct request
 *	transport*.c	HOST BINDING: blk-mq and nvme_ctrl end here. Builds a struct
 *	dma.c		oc_cmd in the request's own memory; resolves DMA handles
 *	lightnvm.c	(or, attach=lightnvm, the lightnvm core without a controller)
 *	targets.c	lightnvm's targets, which go when either goes
 *	   |  struct oc_cmd
 *	io.c		oc_cmd_submit(): fabrics and admin commands go to
 *	   |		the admin workqueue, others are parsed on the spot
 *	   |
 *	   |  CONTROLLER (oc_admin.h)
 *	   |---> fabrics.c	queues, connect, properties, keep-alive
 *	   |	 events.c	what a controller tells its host unasked
 *	   |---> admin.c	table of admin commands, identify
 *	   |	 logs.c		log pages
 *	   |	 features.c	features
 *	   |	 freeze.c	changes of namespaces that no command sees half of
 *	   |	 cut.c		what a command ends with that is cut off
 *	   |	 hosts.c	what hosts do with namespaces, and whether that
 *	   |			bears a change
 *	   |	 format.c	LBA formats, and the change from one to another
 *	   |	 sanitize.c	the erase of all that the device holds
 *	   |	 ns-manage.c	namespaces that come and go, and who has them
 *	   |	 ns-room.c	what free channels have for those that come
 *	   |	 notify.c	what the device tells hosts by itself: log D0h
 *	   |
 *	ns.c		NAMESPACE: the table of kinds and the ns= parameter
 *	ns-oc20*.c	a kind's opcode table: what an address means and which
 *			rules hold; one struct oc_part per channel (oc20.h)
 *	ns-oc12*.c	the same for OCSSD 1.2 and its hybrid mode (oc12.h)
 *	ns-block.c	the same for logical blocks, whose map the device keeps
 *	block-*.c	(oc_block.h): ranges, and what the FTL asks of flash
 *	geometry.c	counts, their limits, the address format
 *	pblk.c		whether pblk has room on them
 *	   |  struct oc_part: one channel, a 64-bit set of the command's sectors
 *	channel.c	CHANNEL: one owner at a time, the only writer of
 *	ftl.c		  where a logical sector is, and what to collect
 *	chunk.c		  chunk states, write pointers, wear
 *	l2p.c		  the table "sector of the channel -> where its bytes are"
 *	timing.c	  when die and bus are next idle
 *	fault.c		  which operation fails, by the user's rules (oc_fault.h)
 *	fault-io.c	  and what that does to a command
 *	   |
 *	media-ram.c	MEDIA: where bytes and OOB live; copied by oc_data.h
 *	memory.c	  how much memory they may take (oc_memory.h)
 *	   |
 *	io.c		last part done -> status and bitmap -> oc_cmd.done()
 *
 * Beside the way stand
 *
 *	main.c		parameters, load and unload
 *	device.c	a device from its configuration to its end
 *	state.c		the chunks' first states from text, those of now to text
 *	text.c		lines and words of such texts, and of the rules of faults
 *	inject.c	the files of both, in debugfs and on disk
 *	debugfs.c	a look inside
 *	trace.c		tracepoints (oc_trace.h)
 *	assert.c	who owns what, checked in debug builds (oc_assert.h)
 *
 * All but the host binding, main.c, inject.c, debugfs.c and trace.c is "the
 * device". It knows nothing of blk-mq or nvme_ctrl and is linked a second time
 * into the KUnit module.
 *
 * A command names at most 64 sectors, whichever opcode carries it (the largest
 * data transfer is 64 sectors). So one command's sectors fit the bits of a u64,
 * and the set a part works on, the set that failed and the completion's bitmap
 * are the same kind of thing.
 *
 * Who may touch a channel
 * -----------------------
 * A channel's chunks, table, counters and media belong to its owner, and there
 * is one owner at a time (oc_channel.owned, taken by cmpxchg, never waited for):
 *
 *  - a submitter that finds the channel idle and its inbox empty takes it and
 *    runs its part on the spot. Where somebody has it and nobody stands in line,
 *    it looks a few times more before it leaves the part in the inbox. It must
 *    not sleep and is not preempted (but with PREEMPT_RT); if the part would have
 *    to sleep, or would take long, the part goes to the inbox instead. Now and
 *    then it offers the CPU to other tasks, since it need not sleep.
 *  - everything else goes to the inbox, which the channel's worker drains. The
 *    worker may sleep.
 *  - a command that must see several channels at rest (a vector write: all or
 *    nothing) collects them in ascending order. Waiting means standing in the
 *    next channel's inbox; the worker that finds it there hands its ownership
 *    over. Ascending order makes a cycle impossible.
 *
 * Whoever lets go of a channel looks at the inbox afterwards, and whoever puts
 * something into the inbox looks at the ownership afterwards: one of the two
 * starts the worker.
 *
 * Lock order (outermost first). No spinlock is taken inside another one.
 *
 *	kernel_param_lock()	mutex, of the kernel; timing=, memory= and who they
 *				are for
 *	oc_dev.format_lock	mutex; one change of namespaces at a time: Format,
 *				Namespace Management and Attachment, and when
 *				Sanitize begins and ends
 *	oc_ctrl.reset_lock	mutex; one write of a controller's CC at a time
 *	  oc_queue.stop_lock	mutex; one stop of a queue at a time, which waits for
 *				its commands
 *	  oc_dev.ns_srcu	which namespaces there are; read by the other admin
 *				commands that look at some, and by who reads
 *				debugfs. Nobody waits for it but Delete, and no
 *				reader takes oc_dev.format_lock
 *	  oc_dev.lock		mutex; controllers, times and rules of a device
 *	    oc_ctrl.lock	mutex; registers, features, queues
 *	      oc_ctrl.aer_lock	spinlock, irq-safe; parked async events
 *	      oc_ctrl.log_lock	spinlock, irq-safe; error log ring
 *	      oc_queue.lost_lock  spinlock, irq-safe; commands whose end got lost
 *	    oc_notices.lock	spinlock, irq-safe; notification log ring
 *	    oc_memory.lock	spinlock, irq-safe; what data may take
 *	    oc_dev.geo_lock	spinlock; formats of the namespaces
 *
 * Two more mutexes are taken with none of these held: oc_targets_lock of
 * targets.c, around nvm_dev.mlock, and oc_faults_file.lock of inject.c.
 *
 * Admin commands take these locks and a reset waits for admin commands, while
 * what reclaim writes back may wait for the reset. So who holds one asks for no
 * memory that is worth a write, and all work functions run without.
 *
 * Channel ownership is not a lock. Owners take none but the spinlocks above, so
 * that oc_channel_call() may wait for one with oc_dev.lock held, and Format
 * collects channels with oc_dev.format_lock held.
 *
 * Commands and changes of namespaces
 * ----------------------------------
 * No command of a namespace overlaps a Format of it, so whoever serves a command
 * may read the sizes in its namespace's geometry as often as he likes. Commands
 * are parsed, and their parts handed to the channels, under rcu_read_lock().
 * Format shuts oc_ns.gate, which sends all that come later away, and waits for
 * those under way; freeze.c has the steps, and why they come in this order.
 * Sanitize does the same with all namespaces, and oc_dev.sanitize.state says how
 * far it is.
 *
 * Namespaces that go
 * ------------------
 * A struct oc_ns is a slot that is never freed, and the gate of an empty one is
 * shut. A namespace is deleted as it is formatted, so no part of a command
 * runs on its channels afterwards; but commands that have run may still have to
 * end. They may look at the slot's numbers, and at what its kind knows only under
 * rcu_read_lock() and while oc_ns.epoch is what it was when they began.
 */
#ifndef OC_H
#define OC_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/idr.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/percpu-refcount.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/timerqueue.h>
#include <linux/types.h>
#include <linux/uio.h>
#include <linux/uuid.h>
#include <linux/workqueue.h>

#include "oc_assert.h"
#include "oc_memory.h"
#include "oc_wire.h"

#define OC_VERSION		"1.0"

/* Status values carry DNR: nothing the rules refuse gets better by itself */
#define OC_ERR(sc)		((u16)((sc) | OC_SC_DNR))

#define OC_MAX_QUEUES		128	/* I/O queues of one controller */
#define OC_MAX_QSIZE		1024	/* entries of one queue */
#define OC_MAX_ADMIN_DATA	(4U << 20) /* bytes of an admin command */
#define OC_MAX_AER		4	/* parked async event requests */
#define OC_MAX_ERRLOG		64	/* entries of the error log */
#define OC_MAX_NOTICES		64	/* entries of the notification log */
#define OC_MAX_EVENTS		8	/* kinds of async event */
#define OC_MAX_CNTLID		0xffef	/* the rest is reserved */
#define OC_MAX_LBA_SIZE		16384	/* bytes of a sector */
#define OC_MAX_NS		256	/* namespaces: each has a channel */

#define OC_NVME_VERSION		0x10400	/* NVMe 1.4 */
#define OC_ENDURANCE		3000	/* resets, as of MLC flash */
#define OC_SPARE_THRESHOLD	10	/* percent of chunks not offline */
#define OC_TEMP_NOW		313	/* Kelvin; nothing heats up here */
#define OC_TEMP_WARNING		343
#define OC_TEMP_CRITICAL	358
#define OC_DISCOVERY_BYTES	2048	/* header and one entry */

/*
 * Counters have one writer and are read, with READ_ONCE(), by anybody: they find
 * what one was before or after
 */
#define oc_count_add(_counter, _n)	WRITE_ONCE(_counter, (_counter) + (_n))

struct dentry;
struct oc_channel;
struct oc_cmd;
struct oc_ctrl;
struct oc_dev;
struct oc_fault_sc;
struct oc_fault_set;
struct oc_faults;
struct oc_ftl;
struct oc_ftl_policy;
struct oc_media_ops;
struct oc_ns;
struct oc_part;
struct oc_port;
struct oc_queue;

/**
 * struct oc_complaint - what is wrong with a configuration, for one log line
 * @param:	the parameter's name
 * @value:	its value, as text
 * @want:	what would be right
 */
struct oc_complaint {
	const char *param;
	char value[80];
	char want[120];
};

/* ---- geometry.c: pure ------------------------------------------------- */

/**
 * struct oc_geo - geometry of a device, or of one namespace's part of it
 * @num_grp:	groups (channels)
 * @num_pu:	parallel units per group
 * @num_chk:	chunks per parallel unit
 * @clba:	sectors per chunk
 * @ws_min:	smallest write, sectors
 * @ws_opt:	best write, sectors
 * @mw_cunits:	sectors behind the write pointer not yet readable
 * @lba_size:	bytes of a sector
 * @oob_size:	bytes of a sector's out-of-band area
 * @mccap:	capabilities, OC_MCCAP_*
 * @wit:	wear-level index delta threshold, 0 to 255; 0 for none
 * @dlfeat:	what unreadable sectors read as, OC_DLFEAT_*
 * @maxoc:	open chunks a namespace may have, 0 for no limit
 * @maxocpu:	open chunks a parallel unit may have, 0 for no limit
 * @rnd_chk:	random-write chunks, the last of each parallel unit
 * @odd_chk:	chunks of another size, the last of each parallel unit
 * @odd_secs:	sectors of those
 * @num_pln:	planes per parallel unit; OCSSD 1.2 only
 * @secs_per_pg: sectors per page; OCSSD 1.2 only
 * @grp_len:	address bits of the group; derived, as all that follow
 * @pu_len:	address bits of the parallel unit
 * @chk_len:	address bits of the chunk
 * @sec_len:	address bits of the sector in its chunk
 * @lba_shift:	log2 of @lba_size
 * @chks:	chunks per group
 * @secs:	sectors per group
 */
struct oc_geo {
	u32 num_grp;
	u32 num_pu;
	u32 num_chk;
	u32 clba;
	u32 ws_min;
	u32 ws_opt;
	u32 mw_cunits;
	u32 lba_size;
	u32 oob_size;
	u32 mccap;
	u32 wit;
	u32 dlfeat;
	u32 maxoc;
	u32 maxocpu;
	u32 rnd_chk;
	u32 odd_chk;
	u32 odd_secs;
	u32 num_pln;
	u32 secs_per_pg;

	u8 grp_len;
	u8 pu_len;
	u8 chk_len;
	u8 sec_len;
	u8 lba_shift;
	u32 chks;
	u32 secs;
};

/**
 * struct oc_addr - a decoded sector address
 * @grp:	group, counted from the namespace's first
 * @chk:	chunk in the group: pu * num_chk + chunk
 * @sec:	sector in the chunk
 */
struct oc_addr {
	u32 grp;
	u32 chk;
	u32 sec;
};

int oc_geo_init(struct oc_geo *geo, struct oc_complaint *why);
const char *oc_geo_want(const char *param);
int oc_geo_refuse(struct oc_complaint *why, int err, const char *param,
		  u64 value, const char *want, ...) __printf(5, 6);
int oc_geo_pblk_check(const struct oc_geo *geo, struct oc_complaint *why);
const char *oc_geo_pblk_advice(const struct oc_geo *geo);
bool oc_geo_decode(const struct oc_geo *geo, u64 lba, struct oc_addr *addr);
u64 oc_geo_encode(const struct oc_geo *geo, const struct oc_addr *addr);
u64 oc_geo_nsze(const struct oc_geo *geo);
u64 oc_geo_sectors(const struct oc_geo *geo);
int oc_geo_shape(struct oc_geo *geo, const char *type, const char *cnlb,
		 struct oc_complaint *why);

/**
 * oc_geo_index() - a sector's place in its channel
 * @geo:	geometry
 * @addr:	decoded address
 *
 * Return: index of the channel's table, below @geo->secs.
 */
static inline u32 oc_geo_index(const struct oc_geo *geo,
			       const struct oc_addr *addr)
{
	return addr->chk * geo->clba + addr->sec;
}

/* ---- pblk.c: pure ----------------------------------------------------- */

const char *oc_pblk_advice(u32 units, u32 lines, u32 clba, u32 ws_opt);

/* ---- chunk.c: pure ---------------------------------------------------- */

/**
 * enum oc_chunk_state - state of a chunk (OCSSD 2.0, 1.3)
 * @OC_CHK_FREE:	nothing written since the last reset
 * @OC_CHK_OPEN:	written up to its write pointer
 * @OC_CHK_CLOSED:	full, or closed early
 * @OC_CHK_OFFLINE:	gone for good
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
 * @missing:	sectors it has less than geometry's clba. Set before there are
 *		hosts, so anybody may read it, and OC_CHK_RANDOM
 * @wp:		write pointer, sectors from the chunk's start; 0 if @flags has
 *		OC_CHK_RANDOM
 * @resets:	resets the chunk has seen
 * @fails:	sectors refused because of the chunk itself, and resets of it
 * @settled:	sectors below can be read whatever mw_cunits says
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
 * @open_pu:	open chunks of each parallel unit, NULL if nobody counts them
 * @open_ns:	open chunks of the namespace's channels together, and chunks
 *		somebody is about to open; NULL if nobody counts them
 * @reserved:	of @open_ns, those this channel's owner is about to open
 * @resets:	sum of oc_chunk.resets
 * @ch:		the channel they are of, for who traces
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

/* ---- l2p.c: pure ------------------------------------------------------ */

#define OC_L2P_NONE	0U	/* value of an entry that was never written */

/**
 * struct oc_l2p - a channel's table, in vmalloc memory, 4 bytes an entry
 * @map:	the entries; OC_L2P_NONE, or where the sector's bytes are
 * @nr:		entries
 * @used:	entries that are not OC_L2P_NONE
 * @of:		with OC_DEBUG, the channel, NULL for a table of none
 *
 * Belongs to the channel's owner.
 */
struct oc_l2p {
	u32 *map;
	u32 nr;
	u32 used;
#ifdef OC_DEBUG
	const struct oc_channel *of;
#endif
};

int oc_l2p_init(struct oc_l2p *l2p, u32 nr);
void oc_l2p_exit(struct oc_l2p *l2p);
void oc_l2p_reset(struct oc_l2p *l2p);

/**
 * oc_l2p_get() - look an entry up
 * @l2p:	table
 * @index:	entry
 *
 * Context: owner of the channel.
 * Return: the value; OC_L2P_NONE if it was never set, or if there is no such
 * entry.
 */
static inline u32 oc_l2p_get(const struct oc_l2p *l2p, u32 index)
{
	oc_assert_owned_of(l2p);
	if (WARN_ON_ONCE(index >= l2p->nr))
		return OC_L2P_NONE;
	return l2p->map[index];
}

/**
 * oc_l2p_set() - set an entry that is empty
 * @l2p:	table
 * @index:	entry
 * @slot:	value, not OC_L2P_NONE
 *
 * Context: owner of the channel.
 */
static inline void oc_l2p_set(struct oc_l2p *l2p, u32 index, u32 slot)
{
	oc_assert_owned_of(l2p);
	if (WARN_ON_ONCE(index >= l2p->nr || slot == OC_L2P_NONE))
		return;
	if (l2p->map[index] == OC_L2P_NONE)
		oc_count_add(l2p->used, 1);
	l2p->map[index] = slot;
}

/**
 * oc_l2p_clear() - empty an entry
 * @l2p:	table
 * @index:	entry
 *
 * Context: owner of the channel.
 * Return: the value it had, OC_L2P_NONE if it was empty already.
 */
static inline u32 oc_l2p_clear(struct oc_l2p *l2p, u32 index)
{
	u32 slot;

	oc_assert_owned_of(l2p);
	if (WARN_ON_ONCE(index >= l2p->nr))
		return OC_L2P_NONE;
	slot = l2p->map[index];
	if (slot != OC_L2P_NONE) {
		l2p->map[index] = OC_L2P_NONE;
		oc_count_add(l2p->used, -1);
	}
	return slot;
}

/* ---- timing.c: pure --------------------------------------------------- */

#define OC_PAGE_TYPES		3U	/* lower, middle, upper */
#define OC_BUS_SPANS		512U	/* reservations a bus remembers */
#define OC_CACHE_ENTRIES	1024U	/* programs a write cache waits for */
#define OC_CACHED_MANY		U32_MAX	/* entry that is of several dies */

/**
 * struct oc_timing - the times of a device
 * @on:		any of them is not 0
 * @suspend:	reads interrupt programs and erases
 * @types:	page types in use, 1 to OC_PAGE_TYPES
 * @read_ns:	sense of a flash page of each type
 * @prog_ns:	program of a flash page of each type
 * @erase_ns:	erase of a chunk
 * @bus_ns:	transfer of a sector
 * @cmd_ns:	bus time of a command
 * @ctrl_ns:	controller's time for a command
 * @suspend_ns:	what interrupting a program or erase costs
 * @page_secs:	sectors of a flash page
 * @planes:	planes that work together
 * @cache:	sectors of write cache, per channel; 0 for none
 */
struct oc_timing {
	bool on;
	bool suspend;
	u32 types;
	u32 read_ns[OC_PAGE_TYPES];
	u32 prog_ns[OC_PAGE_TYPES];
	u32 erase_ns;
	u32 bus_ns;
	u32 cmd_ns;
	u32 ctrl_ns;
	u32 suspend_ns;
	u32 page_secs;
	u32 planes;
	u32 cache;
};

/**
 * struct oc_die - a parallel unit's time
 * @idle_ns:	when it has done all it was given
 * @read_ns:	when it has done the reads among it
 * @shift_ns:	by how much reads have delayed programs and erases, ever
 */
struct oc_die {
	u64 idle_ns;
	u64 read_ns;
	u64 shift_ns;
};

/**
 * struct oc_span - a reservation of the bus
 * @from:	its start, ns
 * @to:		its end, ns
 */
struct oc_span {
	u64 from;
	u64 to;
};

/**
 * struct oc_cached - sectors in the write cache that a program will free
 * @free_ns:	when
 * @secs:	how many
 * @pu:		the die, or OC_CACHED_MANY
 */
struct oc_cached {
	u64 free_ns;
	u32 secs;
	u32 pu;
};

/**
 * struct oc_clock - a channel's time; belongs to the channel's owner
 * @die:	the parallel units
 * @span:	reservations of the bus, ascending, apart from each other
 * @nr_spans:	how many
 * @bus_ns:	end of the last reservation that is forgotten
 * @cached:	full flash pages that are or will be in the write cache, in no
 *		order
 * @nr_cached:	how many
 * @cache_ns:	when the last of them finds room
 * @of:		with OC_DEBUG, the channel, NULL for a clock of none
 */
struct oc_clock {
	struct oc_die *die;
	struct oc_span *span;
	u32 nr_spans;
	u64 bus_ns;
	struct oc_cached *cached;
	u32 nr_cached;
	u64 cache_ns;
#ifdef OC_DEBUG
	const struct oc_channel *of;
#endif
};

int oc_clock_init(struct oc_clock *clk, u32 num_pu);
void oc_clock_exit(struct oc_clock *clk);
u64 oc_timing_read(struct oc_clock *clk, const struct oc_timing *tm, u32 pu,
		   u32 sec, u32 n, u64 now_ns);
u64 oc_timing_write(struct oc_clock *clk, const struct oc_timing *tm, u32 pu,
		    u32 sec, u32 n, u32 clba, u64 now_ns);
u64 oc_timing_copy(struct oc_clock *clk, const struct oc_timing *tm, u32 pu,
		   u32 sec, u32 n, u32 clba, u64 now_ns, u64 ready_ns);
u64 oc_timing_reset(struct oc_clock *clk, const struct oc_timing *tm, u32 pu,
		    u64 now_ns);
u64 oc_timing_shift(const struct oc_clock *clk, u32 pu);
int oc_timing_parse(struct oc_timing *tm, const char *text,
		    struct oc_complaint *why);

/* ---- media ------------------------------------------------------------ */

/**
 * struct oc_media_ops - where bytes and OOB live
 * @name:	name, as the log and debugfs show it
 * @open:	make the device's media ready. Returns 0 or an errno
 * @close:	give everything back
 * @open_ch:	what a channel of geometry @geo needs, holding nothing; NULL
 *		without memory. Sleeps; one call at a time
 * @close_ch:	give that back, once it holds nothing. Sleeps
 * @clear_ch:	forget all that the channel holds. May sleep
 * @table_bytes: memory that @open_ch takes
 * @prepare:	make room for the @nr sectors from @index on, at most
 *		OC_VECTOR_MAX of one chunk, so that a write of them cannot fail;
 *		doing it twice is harmless. Sleeps only if @gfp says so.
 *		Returns 0, -ENOMEM, or -ENOSPC if data may take no more memory;
 *		there may be room for some of them then
 * @unprepare:	the @nr sectors of one chunk from @index on held nothing before
 *		@prepare was asked for room for them, and will not be written:
 *		return what there is of it. Does not sleep
 * @write:	store @nr prepared sectors of one chunk from @index on: lba_size
 *		bytes of each from @data, OOB from @oob, one behind the other
 *		(NULL stores all ones). Cannot fail, does not sleep
 * @read:	fetch @nr written sectors of one chunk; @oob may be NULL.
 *		Sectors below the write pointer that were never stored, as an
 *		initial state can have them, are zeroes, their OOB all ones.
 *		Does not sleep
 * @copy:	write a prepared sector of @to with what a read of one of @from
 *		would give, which may be the same channel; the caller owns both.
 *		Cannot fail, does not sleep
 * @reserve:	make room for @nr sectors that @store gets, so that it cannot
 *		fail; what is not used stays reserved. Sleeps only if @gfp says
 *		so. Returns 0, or -ENOMEM or -ENOSPC with nothing lost
 * @unreserve:	no @store follows: return the room that is reserved, and that
 *		@drop has left. Does not sleep
 * @store:	store @nr sectors from @index on, where nothing is, without OOB:
 *		what @write is to @prepare, this is to @reserve
 * @move:	what sector @from holds is at @to from now on, and nothing is
 *		left at @from. Cannot fail, does not sleep
 * @drop:	nobody will ask for the sector at @index any more; up to
 *		OC_VECTOR_MAX of them leave their room to @store, as if it were
 *		reserved, until @unreserve. Does not sleep
 * @discard:	forget chunk @chk and return its room; its write pointer is
 *		still what it was. Does not sleep
 * @bytes:	bytes of data and OOB the channel holds now
 *
 * All calls but @open, @close, @open_ch, @close_ch and @table_bytes come from the
 * channel's owner, with interrupts enabled. @reserve, @unreserve, @store, @move
 * and @drop are for channels whose map the device keeps.
 */
struct oc_media_ops {
	const char *name;
	int (*open)(struct oc_dev *dev);
	void (*close)(struct oc_dev *dev);
	void *(*open_ch)(struct oc_dev *dev, const struct oc_geo *geo);
	void (*close_ch)(struct oc_dev *dev, void *media);
	void (*clear_ch)(struct oc_channel *ch);
	u64 (*table_bytes)(const struct oc_geo *geo);
	int (*prepare)(struct oc_channel *ch, u32 index, u32 nr, gfp_t gfp);
	void (*unprepare)(struct oc_channel *ch, u32 index, u32 nr);
	void (*write)(struct oc_channel *ch, u32 index, u32 nr,
		      struct iov_iter *data, const void *oob);
	void (*read)(struct oc_channel *ch, u32 index, u32 nr,
		     struct iov_iter *data, void *oob);
	void (*copy)(struct oc_channel *to, u32 to_index,
		     struct oc_channel *from, u32 from_index);
	int (*reserve)(struct oc_channel *ch, u32 nr, gfp_t gfp);
	void (*unreserve)(struct oc_channel *ch);
	void (*store)(struct oc_channel *ch, u32 index, u32 nr,
		      struct iov_iter *data);
	void (*move)(struct oc_channel *ch, u32 from, u32 to);
	void (*drop)(struct oc_channel *ch, u32 index);
	void (*discard)(struct oc_channel *ch, u32 chk);
	u64 (*bytes)(const struct oc_channel *ch);
};

extern const struct oc_media_ops oc_media_ram;

/**
 * enum oc_media_op - what happens to the media, for its tracepoint
 * @OC_MEDIA_READ:	sectors are read
 * @OC_MEDIA_WRITE:	sectors are written
 * @OC_MEDIA_DISCARD:	a chunk's sectors are forgotten
 */
enum oc_media_op {
	OC_MEDIA_READ,
	OC_MEDIA_WRITE,
	OC_MEDIA_DISCARD,
};

/* ---- channel.c -------------------------------------------------------- */

/**
 * struct oc_part_ops - what a channel does with a part
 * @run:	do the work; called by the channel's owner. With @may_sleep
 *		false it returns false instead of sleeping, with nothing changed
 * @done:	the part has run; called by whoever ran it, without ownership
 *		if a submitter did. May free the part
 * @grant:	set for parts that take the channel instead of using it: called
 *		in place of @run and @done, and from then on the ownership is
 *		the callee's. Worker context, may sleep
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
 * @missed:	of a read, bit i: sector i is not what it was looked up for any
 *		more, and the command may look again (oc_cmd.more); set by @run
 * @fresh:	of a write, bit i: sector i held nothing before there was made room
 *		for it, which oc_part_unprepare() gives back; set by @run
 * @failed:	bit i: sector i failed; set by @run
 * @status:	NVMe status of the part; set by @run
 * @moves:	a read may delay it (suspend)
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
		u64 missed;
		u64 fresh;
	};
	u64 failed;
	u16 status;
	bool moves;
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
 * @fails:	sectors that a rule, a fault or lack of memory refused
 * @media_errors: sectors of those that the media could not give back
 *
 * Others read with READ_ONCE(): each value is right, the set may not be. Those
 * that most parts change are the first.
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
 * @owned:	1 while somebody owns the channel
 * @due:	@timer has fired and found the channel owned: whoever lets go
 *		starts the worker
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
 * @units:	[O] what they were when the sector size changed last; changes under
 *		oc_dev.geo_lock too
 * @timing:	[O] the channel's copy of the device's times
 * @clock:	[O] when dies and bus are idle
 * @waiting:	[O] parts that have run and wait for their time
 * @timer:	set to the first of them
 * @owner:	with OC_DEBUG, which thread has set @owned (assert.c)
 *
 * [O] belongs to whoever has set @owned.
 *
 * What any part changes, and a plain read with no times set nothing but that, is
 * in the cache line of @owned, which a processor that takes the channel after
 * another one has to fetch anyway.
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

int oc_channel_init(struct oc_channel *ch, struct oc_dev *dev, u32 id);
void oc_channel_exit(struct oc_channel *ch);
void oc_channel_submit(struct oc_part *part);
void oc_channel_enqueue(struct oc_part *part);
bool oc_channel_take(struct oc_channel *ch);
void oc_channel_own(struct oc_channel *ch);
void oc_channel_release(struct oc_channel *ch);
u64 oc_part_began(const struct oc_part *part);
void oc_part_until(struct oc_part *part, u32 pu, u64 end_ns, bool moves);
void oc_part_reset_until(struct oc_part *part, u32 chk);
bool oc_channel_hold(struct oc_part *part);
/* Chunks that a function for oc_channel_call() looks at, at most: microseconds */
#define OC_CALL_CHUNKS	1024U
/* What submitters run on a CPU before one of them gives way */
#define OC_INLINE_SLICE	64
void oc_channel_give_way(void);
void oc_channel_hurry(struct oc_channel *ch, struct oc_queue *queue);
void oc_channel_call(struct oc_channel *ch,
		     void (*fn)(struct oc_channel *ch, void *arg), void *arg);
void oc_channel_call_worker(struct oc_channel *ch,
			    void (*fn)(struct oc_channel *ch, void *arg),
			    void *arg);

/* ---- io.c: commands --------------------------------------------------- */

/**
 * enum oc_op - what a part does to its sectors
 * @OC_OP_READ:		reads them
 * @OC_OP_WRITE:	writes them
 * @OC_OP_RESET:	resets their chunks
 * @OC_OPS:		number of operations
 */
enum oc_op {
	OC_OP_READ,
	OC_OP_WRITE,
	OC_OP_RESET,
	OC_OPS,
};

/**
 * struct oc_exec - how a kind of command runs on its channels
 * @op:		what it does, as rules of faults name it
 * @atomic:	all parts or none: the command collects its channels first
 * @check:	NVMe status of the rules, 0 if the part may run; changes
 *		nothing but @part->failed and what @undo gives back. Optional
 * @undo:	called after @check where @commit will not follow. Optional
 * @prepare:	reserve what @commit needs; what it has noted in @part->fresh is
 *		given back where @commit will not follow. Returns 0 or an errno:
 *		where @gfp forbids sleeping it is called again from where it may,
 *		but for -ENOSPC, which nobody can do anything about. Optional
 * @commit:	do it; sets @part->failed and @part->status where single
 *		sectors fail
 *
 * All are called by the owner of the part's channel.
 */
struct oc_exec {
	enum oc_op op;
	bool atomic;
	u16 (*check)(struct oc_part *part);
	void (*undo)(struct oc_part *part);
	int (*prepare)(struct oc_part *part, gfp_t gfp);
	void (*commit)(struct oc_part *part);
};

/**
 * struct oc_host_ops - what the device asks of the host binding
 * @map:	address of the host buffer that @handle names, a bus address which
 *		stands at byte @where of the command; @len bytes at least. It stays
 *		valid until the command is done. NULL if no such buffer was handed
 *		out, or not to who sends this command. Any context
 */
struct oc_host_ops {
	void *(*map)(struct oc_cmd *cmd, u16 where, u64 handle, u32 len);
};

/**
 * struct oc_cmd - one command from submission to completion
 * @sqe:	the submission queue entry, the host's memory but stable
 * @host:	services of the host binding
 * @done:	called once, in any context, when @status and @result are final
 * @queue:	where it came in
 * @ns:		its namespace; set by the parser
 * @data:	the host's data buffer
 * @data_len:	bytes in @data
 * @to_host:	@data may be written (else read)
 * @listed:	the host has put the bus address of a list into CDW10-11, whatever
 *		the opcode: see oc_cmd_no_list()
 * @meta:	metadata given with the data, or NULL; else MPTR counts
 * @meta_len:	bytes in @meta
 * @status:	NVMe status (without phase bit)
 * @err_loc:	byte of the command that was wrong, for the error log;
 *		0xffff if none
 * @result:	completion dwords 0 and 1
 * @exec:	how the parts run
 * @more:	called after all parts of a round that is not the last succeeded;
 *		returns true if it has started another one. Set by the parser, or by owners of
 *		channels, WRITE_ONCE. Optional
 * @epoch:	of its namespace, when it began: a round of parts may be held for
 *		as long as a Format takes, and the next one must not follow
 * @dulbe:	of its namespace, when it began: the same for all parts
 * @cursor:	where the next round of @more begins
 * @slow:	the parts of this round are for the workers
 * @oob:	OOB buffer, one slot per sector, or NULL
 * @arrival_ns:	when it came, CLOCK_MONOTONIC; 0 if times were off
 * @nr:		sectors in @addr
 * @scalar:	the addresses came as start and length
 * @copy:	sectors come from @src, not from the host
 * @lose:	OC_LOSE*: its completion gets lost, and Abort finds it or not. Set
 *		by owners of channels, WRITE_ONCE
 * @invalid:	bit i: address i names no sector
 * @src_invalid: bit i: nor does address i of @src, with @copy
 * @failed:	bit i: sector i failed; the parser may set it, with @status
 * @left:	parts that still run
 * @nr_parts:	parts in use
 * @held:	channels collected so far (atomic commands)
 * @work:	for commands that are served in process context
 * @aer:	in the controller's list of parked async event requests
 * @lost:	in its queue's list of commands whose completion got lost
 * @addr:	decoded addresses
 * @src:	decoded addresses to copy from
 * @parts:	one per channel, ascending; the allocator says how many
 */
struct oc_cmd {
	const struct nvme_command *sqe;
	const struct oc_host_ops *host;
	void (*done)(struct oc_cmd *cmd);
	struct oc_queue *queue;
	struct oc_ns *ns;
	struct iov_iter data;
	u32 data_len;
	bool to_host;
	bool listed;
	void *meta;
	u32 meta_len;

	u16 status;
	u16 err_loc;
	union nvme_result result;

	const struct oc_exec *exec;
	bool (*more)(struct oc_cmd *cmd);
	u32 epoch;
	bool dulbe;
	u64 cursor;
	bool slow;
	void *oob;
	u64 arrival_ns;
	u32 nr;
	bool scalar;
	bool copy;
	enum {
		OC_LOSE_NOT,
		OC_LOSE,
		OC_LOSE_HARD,
	} lose;
	u64 invalid;
	u64 src_invalid;
	u64 failed;
	atomic_t left;
	u32 nr_parts;
	u32 held;

	struct work_struct work;
	struct list_head aer;
	struct list_head lost;

	struct oc_addr addr[OC_VECTOR_MAX];
	struct oc_addr src[OC_VECTOR_MAX];
	struct oc_part parts[];
};

/**
 * struct oc_opcode - a row of a table of commands
 * @name:	name
 * @calm:	an admin command that is served during Sanitize too: it neither
 *		touches nor tells user data
 * @dir:	OC_DIR_*: which data the command moves
 * @count:	OC_COUNT_*: which of the host's command counters it adds to
 * @mccap:	OC_MCCAP_* that a namespace without which refuses the command
 * @effects:	NVME_CMD_EFFECTS_*: what it changes, for the log of commands
 *		supported and effects; that it is supported goes without saying
 * @apart:	an admin command that looks at no namespace, or takes
 *		oc_dev.format_lock for it
 * @discovery:	an admin command that discovery controllers have too
 * @parse:	check the command and either finish (return a status) or set up
 *		parts and return OC_ASYNC
 */
struct oc_opcode {
	const char *name;
	bool calm;
	enum {
		OC_DIR_NONE,	/* a data buffer is ignored */
		OC_DIR_IN,	/* to the host */
		OC_DIR_OUT,	/* from the host */
	} dir;
	enum {
		OC_COUNT_OTHER,
		OC_COUNT_READ,
		OC_COUNT_WRITE,
		OC_COUNT_KINDS,
	} count;
	u32 mccap;
	u32 effects;
	bool apart;
	bool discovery;
	u16 (*parse)(struct oc_cmd *cmd);
};

/**
 * struct oc_cmd_count - commands the host has sent, of one CPU
 * @nr:		one count per OC_COUNT_*
 */
struct oc_cmd_count {
	u64 nr[OC_COUNT_KINDS];
};

/* A parser's answer: the command goes on and will be ended by somebody else */
#define OC_ASYNC	0xffff

void oc_cmd_submit(struct oc_cmd *cmd);
void oc_cmd_submit_ns(struct oc_cmd *cmd, struct oc_ns *ns);
void oc_cmd_end(struct oc_cmd *cmd, u16 status);
void oc_cmd_start(struct oc_cmd *cmd, const struct oc_exec *exec);
void oc_cmd_split(struct oc_cmd *cmd);
u64 oc_part_empty(const struct oc_part *part, u64 bits);
void oc_part_unprepare(struct oc_part *part);
const __le64 *oc_cmd_map_list(struct oc_cmd *cmd, u16 where, u32 nr);
bool oc_cmd_list(struct oc_cmd *cmd, u16 where, u32 nr);
bool oc_cmd_sources(struct oc_cmd *cmd, u16 where);
u16 oc_cmd_no_list(struct oc_cmd *cmd);
void oc_cmd_range(struct oc_cmd *cmd, u64 slba, u32 nr);
u16 oc_cmd_need_data(struct oc_cmd *cmd, u32 len);
u16 oc_cmd_need_oob(struct oc_cmd *cmd, u64 mptr, u32 len);
u32 oc_cmd_max_parts(const struct oc_dev *dev);
u64 oc_cmd_counted(const struct oc_dev *dev, u32 kind);
u16 oc_copy_to_host(struct oc_cmd *cmd, u32 off, const void *src, u32 len);
const char *oc_cmd_name(const struct oc_cmd *cmd);
const struct oc_addr *oc_cmd_culprit(const struct oc_cmd *cmd);
u8 oc_cmd_field(u16 err_loc);

/* ---- ns.c, ns-oc20.c, ns-oc12*.c ------------------------------------- */

/**
 * struct oc_ns_kind - a kind of namespace
 * @name:	its word in the ns= parameter
 * @dulbe:	it can make reading what was never written an error
 * @init:	check the namespace's geometry for this kind; sets @ns->priv and
 *		@ns->table_bytes. Returns 0, or an errno with @why filled in and
 *		nothing kept. Optional
 * @open:	get what @table_bytes announced, when the device has its channels.
 *		Returns 0, -ENOMEM, or -ENOSPC with @why filled in if too few of
 *		their chunks are left. Optional
 * @exit:	give back what @init and @open took. Optional
 * @advice:	what pblk would not live with, a sentence or NULL. Optional
 * @decode:	take an address apart, in place of oc_geo_decode(). Optional
 * @encode:	put one together, in place of oc_geo_encode(). Optional
 * @identify:	fill the kind's fields of Identify Namespace
 * @geometry:	fill the 4096-byte answer to E2h. Optional
 * @chunk_log:	write @len bytes of the chunk information log from byte @off on
 *		to the command's data. Process context. Optional
 * @most:	the most sectors that a host can have of a channel of @geo of
 *		which @lost chunks are offline; 0 if it can have none. Optional,
 *		as the next two: it can be made at load only
 * @share:	sectors that each of @nr channels of @geo must have for @nsze of
 *		them together
 * @carve:	make @ns->geo, whose other counts and sizes are set, one of @nr
 *		channels with @nsze sectors, and set what else the kind keeps in
 *		@ns
 * @setup:	give the namespace's channels what the kind wants, before there
 *		are hosts. Process context. Optional
 * @fits:	can the namespace have the sector and OOB sizes of @geo? A kind
 *		without OOB takes that away. Optional: it cannot be formatted
 *		then
 * @clear:	its channels hold nothing any more, or nothing that may be read,
 *		and the caller owns all of them: forget what the kind itself
 *		knows of that. May sleep. Optional
 * @extended:	its commands know metadata interleaved with the data
 * @io:		the kind's I/O commands, indexed by opcode
 * @admin:	the kind's own admin commands, indexed by opcode. Optional
 * @faults:	the statuses of faults
 * @full:	the status of a write when data may take no more memory
 * @oncs:	optional commands among them, NVME_CTRL_ONCS_*
 * @config:	check that the namespace can be made, with what stands after the
 *		number of its channels (NULL for nothing). Returns 0 or -EINVAL
 *		with @why. Optional: there is nothing to be said then
 */
struct oc_ns_kind {
	const char *name;
	bool dulbe;
	int (*init)(struct oc_ns *ns, struct oc_complaint *why);
	int (*open)(struct oc_ns *ns, struct oc_complaint *why);
	void (*exit)(struct oc_ns *ns);
	const char *(*advice)(const struct oc_ns *ns);
	bool (*decode)(const struct oc_ns *ns, u64 lba, struct oc_addr *addr);
	u64 (*encode)(const struct oc_ns *ns, const struct oc_addr *addr);
	void (*identify)(const struct oc_ns *ns, struct nvme_id_ns *id);
	void (*geometry)(const struct oc_ns *ns, void *page);
	u16 (*chunk_log)(struct oc_cmd *cmd, u64 off, u32 len);
	u32 (*most)(const struct oc_geo *geo, u32 lost);
	u64 (*share)(const struct oc_geo *geo, u64 nsze, u32 nr);
	void (*carve)(struct oc_ns *ns, u64 nsze, u32 nr);
	void (*setup)(struct oc_ns *ns);
	bool (*fits)(const struct oc_ns *ns, struct oc_geo *geo);
	void (*clear)(struct oc_ns *ns);
	bool extended;
	const struct oc_opcode *io;
	const struct oc_opcode *admin;
	const struct oc_fault_sc *faults;
	u16 full;
	u16 oncs;
	int (*config)(struct oc_ns *ns, const char *option,
		      struct oc_complaint *why);
};

/**
 * struct oc_ns - one namespace: a run of the device's channels
 * @dev:	the device
 * @there:	it is one. Under oc_dev.format_lock and oc_dev.geo_lock; whoever
 *		finds it so may look at the rest as long as he has
 *		oc_dev.format_lock or reads oc_dev.ns_srcu
 * @kind:	what it is; NULL for a slot that is empty. Under
 *		oc_dev.format_lock
 * @nsid:	number, from 1
 * @first:	first channel
 * @geo:	geometry, @geo.num_grp channels. Its sizes change under ownership
 *		of all channels and oc_dev.geo_lock, while no command is there
 * @format:	its LBA format, of oc_dev.formats; under oc_dev.geo_lock
 * @extended:	OOB follows each sector in the data buffer; as the sizes of @geo
 * @split:	there is, or was, one with larger sectors, whose transfers are
 *		longer than 64 of these; under oc_dev.geo_lock
 * @gate:	enum oc_cut: what commands are sent away for; OC_CUT_GONE where there
 *		is no namespace. Changed by freeze.c
 * @epoch:	another one after each Format and Sanitize and when it is deleted,
 *		oc_epoch_why() of which it was; changed while @gate is shut. Read
 *		under RCU
 * @attached:	controllers that connect have it; under oc_dev.lock
 * @shared:	several controllers can have it
 * @op:		over-provisioning of a block namespace, per cent
 * @nsze:	sectors it was made with, 0 for what @op says
 * @nguid:	globally unique identifier
 * @open:	open chunks, with those about to be opened; counted where
 *		geometry's maxoc sets a limit
 * @dulbe:	error recovery feature: reading what was never written is an
 *		error. Shared without a lock, READ_ONCE/WRITE_ONCE
 * @feedback:	media feedback feature, OC_FEEDBACK_*: a read that needed much
 *		correction says so in its status, else only in the notification
 *		log. Shared the same way
 * @tler:	error recovery feature: time limit, which changes nothing. The
 *		same
 * @saved_recovery: the feature as it was saved. The same
 * @priv:	the kind's own
 * @table_bytes: memory of @priv, bytes
 */
struct oc_ns {
	struct oc_dev *dev;
	bool there;
	const struct oc_ns_kind *kind;
	u32 nsid;
	u32 first;
	struct oc_geo geo;
	u8 format;
	bool extended;
	bool split;
	u8 gate;
	u32 epoch;
	bool attached;
	bool shared;
	u32 op;
	u64 nsze;
	u8 nguid[16];
	atomic_t open;
	bool dulbe;
	u8 feedback;
	u16 tler;
	u32 saved_recovery;
	void *priv;
	u64 table_bytes;
};

extern const struct oc_ns_kind oc_ns_oc20;
extern const struct oc_ns_kind oc_ns_oc12;
extern const struct oc_ns_kind oc_ns_oc12h;
extern const struct oc_ns_kind oc_ns_block;

u64 oc_ns_table_bytes(const struct oc_ns *ns);
int oc_ns_open(struct oc_dev *dev, struct oc_complaint *why);
void oc_ns_free(struct oc_dev *dev);
u64 oc_ns_encode(const struct oc_ns *ns, const struct oc_addr *addr);
int oc_ns_parse(struct oc_dev *dev, const char *text, struct oc_complaint *why);
void oc_ns_identify(const struct oc_ns *ns, struct nvme_id_ns *id);
u32 oc_ns_describe(const struct oc_ns *ns, char *buf, u32 size);
u16 oc_ns_oncs(const struct oc_dev *dev);
struct oc_ns *oc_ns_find(const struct oc_dev *dev, u32 nsid);
struct oc_ns *oc_ns_next(const struct oc_dev *dev, const struct oc_ns *ns);
struct oc_ns *oc_ns_of(const struct oc_dev *dev, u32 id);
struct oc_ns *oc_ns_active(const struct oc_port *port, u32 nsid);
void oc_ns_name(struct oc_ns *ns, u32 nr);
void oc_ns_default(struct oc_ns *ns);

/*
 * Each namespace there is, by number; with oc_dev.format_lock or oc_dev.geo_lock,
 * as a reader of oc_dev.ns_srcu, or while a Sanitize runs
 */
#define oc_for_each_ns(dev, ns) \
	for (ns = oc_ns_next(dev, NULL); ns; ns = oc_ns_next(dev, ns))

/* ---- ns-room.c, ns-manage.c -------------------------------------------- */

extern const struct oc_ns_kind *const oc_ns_created;

bool oc_dev_has_room(const struct oc_dev *dev);
u64 oc_ns_capacity(const struct oc_ns *ns, u8 lba_shift);
u64 oc_dev_capacity(struct oc_dev *dev, u64 *left);
void oc_port_attach(struct oc_port *port);
u16 oc_admin_ns_manage(struct oc_cmd *cmd);
u16 oc_admin_ns_attach(struct oc_cmd *cmd);

/* ---- cut.c ------------------------------------------------------------ */

/**
 * enum oc_cut - what keeps a command from its own end
 * @OC_CUT_NOT:		nothing
 * @OC_CUT_FORMAT:	its namespace is formatted
 * @OC_CUT_SANITIZE:	the device is sanitized
 * @OC_CUT_GONE:	its namespace is deleted, or there was none
 * @OC_CUT_EPOCHS:	those before end an epoch of a namespace
 * @OC_CUT_DETACH:	its controller has the namespace no more
 * @OC_CUT_ABORT:	the host has sent Abort
 * @OC_CUT_QUEUE:	its queue goes, as in a reset of the controller
 * @OC_CUT_LATE:	the host has waited for too long, and can do nothing else
 * @OC_CUTS:		number of them
 */
enum oc_cut {
	OC_CUT_NOT,
	OC_CUT_FORMAT,
	OC_CUT_SANITIZE,
	OC_CUT_GONE,
	OC_CUT_EPOCHS,
	OC_CUT_DETACH = OC_CUT_EPOCHS,
	OC_CUT_ABORT,
	OC_CUT_QUEUE,
	OC_CUT_LATE,
	OC_CUTS,
};

u16 oc_cut_status(struct oc_cmd *cmd, enum oc_cut why);

/* ---- freeze.c --------------------------------------------------------- */

/**
 * struct oc_freeze - namespaces that are being changed
 * @dev:	the device
 * @which:	bit NSID - 1: this one
 * @why:	what their commands are sent away for, below OC_CUT_EPOCHS
 * @waited:	no command goes on that began before
 */
struct oc_freeze {
	struct oc_dev *dev;
	DECLARE_BITMAP(which, OC_MAX_NS);
	enum oc_cut why;
	bool waited;
};

/**
 * oc_epoch_next() - the epoch of a namespace behind another one
 * @epoch:	the one that ends
 * @why:	what ends it
 *
 * Return: an epoch that the namespace has not had for a long time.
 */
static inline u32 oc_epoch_next(u32 epoch, enum oc_cut why)
{
	return (epoch / OC_CUT_EPOCHS + 1) * OC_CUT_EPOCHS + why;
}

/**
 * oc_epoch_why() - what ended the epoch before this one
 * @epoch:	epoch of a namespace
 *
 * Return: below OC_CUT_EPOCHS.
 */
static inline enum oc_cut oc_epoch_why(u32 epoch)
{
	return epoch % OC_CUT_EPOCHS;
}

void oc_freeze_shut(struct oc_freeze *fz);
void oc_freeze_wait(struct oc_freeze *fz);
void oc_freeze_change(struct oc_freeze *fz,
		      void (*change)(struct oc_ns *ns, void *arg), void *arg);
void oc_freeze_forget(struct oc_freeze *fz);
void oc_freeze_erase(struct oc_freeze *fz);
void oc_freeze_open(struct oc_dev *dev, const unsigned long *which);

/* ---- format.c --------------------------------------------------------- */

#define OC_MAX_FORMATS	16U	/* LBA formats of a device */
#define OC_MAX_OOB	128U	/* bytes of a sector's OOB */

/**
 * struct oc_format - an LBA format
 * @lba_size:	bytes of a sector
 * @oob_size:	bytes of its metadata
 */
struct oc_format {
	u32 lba_size;
	u32 oob_size;
};

/**
 * oc_ns_stride() - bytes of a sector in a command's data buffer
 * @ns:		namespace
 *
 * Context: whoever serves a command of the namespace.
 * Return: the sector, and its OOB if that follows it.
 */
static inline u32 oc_ns_stride(const struct oc_ns *ns)
{
	return ns->geo.lba_size + (ns->extended ? ns->geo.oob_size : 0);
}

int oc_formats_parse(struct oc_dev *dev, const char *text,
		     struct oc_complaint *why);
u32 oc_format_least(const struct oc_dev *dev, u32 lba_size);
void oc_format_identify(const struct oc_ns *ns, struct nvme_id_ns *id);
u32 oc_dev_max_lba(const struct oc_dev *dev);
u32 oc_dev_max_oob(const struct oc_dev *dev);
u32 oc_dev_max_transfer(struct oc_dev *dev);
u64 oc_dev_bytes(struct oc_dev *dev);
void oc_dev_split(struct oc_dev *dev);
bool oc_format_fits(const struct oc_ns *ns, u32 nr, bool extended,
		    struct oc_geo *geo);
void oc_format_common(struct oc_dev *dev, struct nvme_id_ns *id);
void oc_channel_erase(struct oc_channel *ch, u32 chk);
void oc_channel_clear(struct oc_channel *ch);
void oc_channel_units(const struct oc_channel *ch, u64 *read, u64 *written);
u64 oc_channel_programmed(const struct oc_channel *ch);
u16 oc_admin_format(struct oc_cmd *cmd);

/* ---- hosts.c ---------------------------------------------------------- */

int oc_use_parse(bool *ignore, const char *text, struct oc_complaint *why);
void oc_change_lock(const struct oc_cmd *cmd);
void oc_change_unlock(struct oc_dev *dev);
bool oc_port_claims(struct oc_port *port, u32 nsid);
bool oc_port_uses(struct oc_port *port, u32 nsid);
void oc_hosts_look(struct oc_dev *dev, u32 nsid);
bool oc_hosts_reserve(struct oc_dev *dev, const unsigned long *which);
bool oc_hosts_claimed(struct oc_dev *dev, const unsigned long *which);
void oc_hosts_formatted(struct oc_dev *dev, const unsigned long *which);

/* ---- sanitize.c ------------------------------------------------------- */

/**
 * enum oc_sanitize_state - what became of the last Sanitize
 * @OC_SANITIZE_NEVER:	there was none
 * @OC_SANITIZE_DONE:	all is erased
 * @OC_SANITIZE_RUNS:	it is at work
 * @OC_SANITIZE_FAILED:	not all could be erased, and commands are refused
 * @OC_SANITIZE_FORGIVEN: the same, and the host does not mind
 */
enum oc_sanitize_state {
	OC_SANITIZE_NEVER,
	OC_SANITIZE_DONE,
	OC_SANITIZE_RUNS,
	OC_SANITIZE_FAILED,
	OC_SANITIZE_FORGIVEN,
};

/**
 * struct oc_sanitize - the last Sanitize, or the one under way
 * @work:	does it
 * @stop:	completed when the device goes away
 * @state:	enum oc_sanitize_state. Changed under oc_dev.format_lock; read
 *		without, READ_ONCE/WRITE_ONCE as all that follow
 * @dword:	CDW10 of the command that began it
 * @done:	chunks of each parallel unit that it is through with
 * @written:	sectors that hosts had written, ever, when it ended
 */
struct oc_sanitize {
	struct work_struct work;
	struct completion stop;
	u8 state;
	u32 dword;
	u32 done;
	u64 written;
};

u16 oc_sanitize_status(const struct oc_dev *dev);
void oc_sanitize_init(struct oc_dev *dev);
void oc_sanitize_exit(struct oc_dev *dev);

/* ---- device.c --------------------------------------------------------- */

/**
 * struct oc_script - a text that says much, from a parameter or a file
 * @name:	the file's path; NULL if there is none
 * @text:	the text; needs no end mark
 * @len:	its length, 0 for none
 * @buf:	what oc_script_free() frees
 */
struct oc_script {
	const char *name;
	const char *text;
	size_t len;
	void *buf;
};

/**
 * struct oc_config - what a device is made from
 * @geo:	geometry, not yet checked
 * @ns:		namespaces, KIND[:CHANNELS[:OPTION]],..., or none; NULL or "" for
 *		oc20 on all
 * @formats:	LBA formats, as oc_formats_parse() takes them; NULL for the usual
 * @gc:		how block namespaces collect garbage; NULL for greedy
 * @subsysnqn:	NQN
 * @serial:	serial number
 * @model:	model number
 * @host:	the one host NQN that may connect; NULL or "" for any
 * @shared:	several controllers may be connected at once
 * @bare:	hosts reach namespaces without a controller, and only those that
 *		have a geometry
 * @use_inline:	an idle channel may be run by the submitter
 * @strict:	OCSSD 1.2 namespaces hold writes to the order of NAND
 * @timing:	times, as oc_timing_parse() takes them; NULL for none
 * @in_use:	what becomes of changes to what hosts use, as oc_use_parse()
 *		takes it
 * @memory:	what data may take, as oc_memory_parse() takes it; NULL for auto
 * @endurance:	resets a chunk is rated for, 0 for OC_ENDURANCE
 * @type:	types of chunks, as oc_geo_shape() takes them; NULL for none
 * @cnlb:	chunks of another size, the same way
 * @faults:	rules of what fails, as oc_fault_parse() takes them
 * @state:	the chunks' first states, as oc_state_load() takes them
 */
struct oc_config {
	struct oc_geo geo;
	const char *ns;
	const char *formats;
	const char *gc;
	const char *timing;
	const char *in_use;
	const char *memory;
	const char *type;
	const char *cnlb;
	const char *subsysnqn;
	const char *serial;
	const char *model;
	const char *host;
	bool shared;
	bool bare;
	bool use_inline;
	bool strict;
	u32 endurance;
	struct oc_script faults;
	struct oc_script state;
};

/**
 * struct oc_notices - the chunk notification log
 * @lock:	protects all but @work, the connections' notices_read and the
 *		controllers' notice_told
 * @ring:	the newest notices, @ring[nr % OC_MAX_NOTICES] is next
 * @nr:		notices ever
 * @dead:	the device is going away
 * @work:	tells the hosts
 */
struct oc_notices {
	spinlock_t lock;	/* ring */
	struct oc_wire_notice ring[OC_MAX_NOTICES];
	u64 nr;
	bool dead;
	struct work_struct work;
};

/**
 * struct oc_dev - an open-channel SSD
 * @geo:	geometry of all channels together
 * @ch:		the channels, @geo.num_grp of them
 * @ns:		slots for namespaces, one a channel
 * @nr_ns:	namespaces there are; under @format_lock
 * @nr_created:	namespaces made since it was loaded; under @format_lock
 * @formats:	LBA formats; the first is the one it is loaded with
 * @nr_formats:	how many
 * @gc:		how block namespaces collect garbage
 * @media:	where bytes live
 * @media_priv:	the media's own
 * @memory:	how much it may take
 * @subsysnqn:	NQN
 * @serial:	serial number
 * @model:	model number
 * @host:	the one host NQN that may connect, "" for any
 * @shared:	several controllers may be connected at once
 * @bare:	hosts reach namespaces without a controller, and only those that
 *		have a geometry
 * @use_inline:	an idle channel may be run by the submitter; 0 sends all to
 *		the workers. May change while running
 * @ignore_use:	namespaces that hosts use may be changed. Shared without a lock,
 *		READ_ONCE/WRITE_ONCE
 * @endurance:	resets a chunk is rated for
 * @strict:	OCSSD 1.2 namespaces hold writes to the order of NAND
 * @admin_wq:	runs what needs process context: admin and fabrics commands
 * @changer:	the command that changes namespaces now, NULL for none; under
 *		@format_lock
 * @format_lock: one change of namespaces at a time; @sanitize begins and ends
 *		under it
 * @ns_srcu:	keeps a namespace there while somebody looks at it
 * @geo_lock:	protects what a Format changes in namespaces, whose geometry a
 *		channel has, and @table_bytes, for those who own no channel
 * @timing:	its times; under @lock, the channels have copies
 * @timed:	@timing.on, readable without @lock
 * @faults:	its rules of what fails, NULL without; the channels have copies
 * @lock:	protects @ctrls, @ports, @holder, @timing and @faults
 * @ctrls:	connected controllers
 * @ports:	connections that have had a controller, in resets as well
 * @cntlids:	their numbers
 * @holder:	without @shared, the one connection that has the device; it
 *		keeps it through resets. Under @lock
 * @notices:	the chunk notification log
 * @sanitize:	the last Sanitize
 * @cmds:	commands the host has sent
 * @table_bytes: memory of all tables, bytes
 * @born_ns:	when the device was made, CLOCK_BOOTTIME ns
 * @debugfs:	its folder
 * @live:	with OC_DEBUG: others than its maker know it
 */
struct oc_dev {
	struct oc_geo geo;
	struct oc_channel *ch;
	struct oc_ns *ns;
	u32 nr_ns;
	u32 nr_created;
	struct oc_format formats[OC_MAX_FORMATS];
	u32 nr_formats;
	const struct oc_ftl_policy *gc;
	const struct oc_media_ops *media;
	void *media_priv;
	struct oc_memory memory;

	char subsysnqn[NVMF_NQN_FIELD_LEN];
	char serial[21];
	char model[41];
	char host[NVMF_NQN_FIELD_LEN];
	bool shared;
	bool bare;
	bool use_inline;
	bool ignore_use;
	u32 endurance;
	bool strict;

	struct workqueue_struct *admin_wq;
	struct mutex format_lock;	/* namespaces; begin, end of Sanitize */
	const struct oc_cmd *changer;
	struct srcu_struct ns_srcu;
	spinlock_t geo_lock;		/* formats of the namespaces */
	struct oc_timing timing;
	bool timed;
	struct oc_fault_set *faults;
	struct mutex lock;	/* ctrls, ports, holder, timing, faults */
	struct list_head ctrls;
	struct list_head ports;
	struct ida cntlids;
	struct oc_port *holder;
	struct oc_notices notices;
	struct oc_sanitize sanitize;

	struct oc_cmd_count __percpu *cmds;
	u64 table_bytes;
	u64 born_ns;
	struct dentry *debugfs;
#ifdef OC_DEBUG
	bool live;
#endif
};

struct oc_dev *oc_dev_create(const struct oc_config *cfg,
			     struct oc_complaint *why);
void oc_dev_destroy(struct oc_dev *dev);
void oc_dev_set_timing(struct oc_dev *dev, const struct oc_timing *tm);
void oc_complain(struct oc_complaint *why, const char *param, const char *value,
		 const char *want, ...) __printf(4, 5);

/* ---- fabrics.c, admin.c, logs.c: controllers -------------------------- */

/**
 * struct oc_queue - one queue of a controller, the device's end
 * @ctrl:	the controller, once connected; NULL before
 * @port:	where the queue hangs before it is connected
 * @qid:	number, 0 is the admin queue; ~0 until connected
 * @sqsize:	entries less one
 * @ref:	one per command in flight
 * @stop_lock:	protects @live
 * @live:	@ref is up
 * @idle:	@ref has gone
 * @entry:	in the controller's list of I/O queues, under oc_ctrl.lock
 * @lost_lock:	protects @lost and @closing
 * @lost:	commands that are done and whose completion got lost: they end
 *		when they are aborted or the queue is stopped
 * @closing:	the queue is being stopped, nothing gets lost any more. Read
 *		without @lost_lock by owners of channels
 */
struct oc_queue {
	struct oc_ctrl *ctrl;
	struct oc_port *port;
	u16 qid;
	u16 sqsize;
	struct percpu_ref ref;
	struct mutex stop_lock;	/* live */
	bool live;
	struct completion idle;
	struct list_head entry;
	spinlock_t lost_lock;	/* lost, closing */
	struct list_head lost;
	bool closing;
};

/**
 * struct oc_port - one host connection, the device's end of it
 * @dev:	the device that connects come to
 * @fatal:	the controller is dead and the host must reset it. Softirq
 *		context; called with no lock held
 * @reserve:	a namespace is to be formatted, detached or deleted: see that no
 *		target comes on it until @formatted. False if there is one, and
 *		@formatted is then called all the same. Process context, under
 *		oc_dev.lock. Optional
 * @formatted:	that has been done, or not, or it was attached: the host binding
 *		looks at its geometry again. The same context. Optional
 * @in_use:	has the host claimed the namespace's disk or a partition of it
 *		(mounted, swap, part of another block device, open exclusively)?
 *		A plain open is no claim. The same context. Optional
 * @ctrl:	the controller the admin connect made, NULL before
 * @cntlid:	its number, kept while the host resets; 0 for none yet
 * @dead:	the keep-alive has run out and @ctrl waits to be reset; CSTS says so
 * @entry:	in oc_dev.ports, while there is @cntlid
 * @active:	bit NSID - 1: the namespace is attached to its controller. Changes
 *		under oc_dev.lock, read without
 * @notices_read: notices of the device that the host has read; under
 *		oc_notices.lock
 */
struct oc_port {
	struct oc_dev *dev;
	void (*fatal)(struct oc_port *port);
	bool (*reserve)(struct oc_port *port, u32 nsid);
	void (*formatted)(struct oc_port *port, u32 nsid);
	bool (*in_use)(struct oc_port *port, u32 nsid);
	struct oc_ctrl *ctrl;
	u16 cntlid;
	bool dead;
	struct list_head entry;
	DECLARE_BITMAP(active, OC_MAX_NS);
	u64 notices_read;
};

/**
 * struct oc_ctrl - a controller: what lives from connect to disconnect
 * @dev:	the device
 * @port:	the connection
 * @entry:	in @dev->ctrls, under @dev->lock
 * @cntlid:	number
 * @discovery:	it serves the discovery log only
 * @hostnqn:	who connected
 * @hostid:	who connected
 * @reset_lock:	one write of @cc at a time, with all that it brings
 * @lock:	protects what follows up to @aer_lock; single values are also
 *		read without it
 * @cc:		controller configuration register
 * @csts:	controller status register; read without @lock on the I/O path
 * @qmask:	I/O queues that are connected
 * @queues:	the same, by oc_queue.entry
 * @nr_queues:	I/O queues granted
 * @kato_ms:	keep-alive timeout, 0 for none
 * @kato:	fires when it has run out
 * @aen_mask:	async event configuration
 * @arbitration: arbitration feature
 * @power:	power management feature
 * @temp_over:	temperature threshold feature, Kelvin
 * @temp_under:	the other one, Kelvin
 * @atomicity:	write atomicity feature
 * @stamp_ms:	timestamp feature, as it was at @stamp_at_ns
 * @stamp_at_ns: CLOCK_BOOTTIME ns
 * @stamp_set:	the host has set it
 * @health_seen: critical warnings the host was told of and that still hold
 * @health_told: and has not yet read the log about
 * @ns_changed:	bit NSID - 1: the namespace has changed since the log was last
 *		read
 * @ns_told:	and the host was told
 * @notice_told: the host was told of notices and has not yet read the log
 * @sanitize_told: the host was told that a Sanitize is over and has not yet read
 *		the log
 * @aer_lock:	protects @aers, @nr_aers, @pending and @no_aers
 * @aers:	parked async event requests
 * @nr_aers:	how many
 * @pending:	events that no request was there to carry, one of a kind (low
 *		three bits), 0 for none
 * @no_aers:	the controller is going away
 * @log_lock:	protects @errlog, @nr_errors and @old_errors
 * @errlog:	the newest errors, @errlog[nr_errors % OC_MAX_ERRLOG] is next
 * @nr_errors:	errors ever
 * @old_errors:	those of them that the log has forgotten with a reset
 */
struct oc_ctrl {
	struct oc_dev *dev;
	struct oc_port *port;
	struct list_head entry;
	u16 cntlid;
	bool discovery;
	char hostnqn[NVMF_NQN_FIELD_LEN];
	uuid_t hostid;

	struct mutex reset_lock;	/* who writes cc */
	struct mutex lock;	/* registers, features, queues */
	u32 cc;
	u32 csts;
	DECLARE_BITMAP(qmask, OC_MAX_QUEUES + 1);
	struct list_head queues;
	u32 nr_queues;
	u32 kato_ms;
	struct timer_list kato;
	u32 aen_mask;
	u32 arbitration;
	u32 power;
	u16 temp_over;
	u16 temp_under;
	u32 atomicity;
	u64 stamp_ms;
	u64 stamp_at_ns;
	bool stamp_set;
	u8 health_seen;
	bool health_told;
	DECLARE_BITMAP(ns_changed, OC_MAX_NS);
	bool ns_told;
	bool notice_told;
	bool sanitize_told;

	spinlock_t aer_lock;	/* parked events */
	struct list_head aers;
	u32 nr_aers;
	u32 pending[OC_MAX_EVENTS];
	bool no_aers;

	spinlock_t log_lock;	/* error log */
	struct oc_wire_error errlog[OC_MAX_ERRLOG];
	u64 nr_errors;
	u64 old_errors;
};

int oc_queue_init(struct oc_queue *queue, struct oc_port *port);
void oc_queue_exit(struct oc_queue *queue);
void oc_queue_start(struct oc_queue *queue);
bool oc_queue_enter(struct oc_queue *queue);
void oc_queue_leave(struct oc_queue *queue);
bool oc_queue_lose(struct oc_cmd *cmd);
bool oc_queue_abort(struct oc_queue *queue, u16 cid, enum oc_cut why,
		    bool hard);
bool oc_ctrl_abort(struct oc_ctrl *ctrl, u16 qid, u16 cid);
void oc_port_close(struct oc_port *port);
void oc_queue_stop(struct oc_queue *queue);
u16 oc_fabrics_parse(struct oc_cmd *cmd);
u16 oc_admin_parse(struct oc_cmd *cmd);
u16 oc_admin_parse_aer(struct oc_cmd *cmd);
bool oc_ctrl_abort_aer(struct oc_ctrl *ctrl, u16 cid);
void oc_ctrl_event(struct oc_ctrl *ctrl, u32 event);
void oc_ctrl_set_kato(struct oc_ctrl *ctrl, u32 kato_ms);
void oc_ctrl_log_error(struct oc_ctrl *ctrl, const struct oc_cmd *cmd);
void oc_ctrl_clear_errors(struct oc_ctrl *ctrl);
void oc_ctrl_ns_changed(struct oc_ctrl *ctrl, const unsigned long *which);
void oc_dev_ns_changed(struct oc_dev *dev, const unsigned long *which);
void oc_discovery_fill(struct oc_cmd *cmd, void *page);
void oc_endurance_identify_ns(struct nvme_id_ns *id);

/* ---- notify.c --------------------------------------------------------- */

void oc_notices_init(struct oc_dev *dev);
void oc_notices_connect(struct oc_ctrl *ctrl, bool fresh);
void oc_notices_forget(const struct oc_ns *ns);
void oc_notices_exit(struct oc_dev *dev);
void oc_notify_lbas(const struct oc_ns *ns, u64 lba, u32 nr, u16 what);
void oc_notify_chunk(const struct oc_ns *ns, u32 grp, u32 chk, u16 what);
void oc_notify_pu(const struct oc_ns *ns, u32 grp, u32 pu, u16 what);

/* ---- debugfs.c -------------------------------------------------------- */

void oc_debugfs_add(struct oc_dev *dev, const char *name);
void oc_debugfs_remove(struct oc_dev *dev);
void oc_block_debugfs_add(struct oc_dev *dev, struct dentry *dir);

#endif /* OC_H */
