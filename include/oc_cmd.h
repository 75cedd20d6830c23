/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_cmd.h - commands: what comes in, how it runs, how it ends
 */
#ifndef OC_CMD_H
#define OC_CMD_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu-refcount.h>
#include <linux/spinlock.h>
#include <linux/uio.h>
#include <linux/workqueue.h>

#include "oc.h"
#include "oc_channel.h"
#include "oc_wire.h"

struct oc_ctrl;
struct oc_ns;
struct oc_port;

/**
 * enum oc_cut - what ends a command early
 * @OC_CUT_NOT:		nothing
 * @OC_CUT_FORMAT:	its namespace is formatted
 * @OC_CUT_SANITIZE:	the device is sanitized
 * @OC_CUT_GONE:	its namespace is deleted, or there was none
 * @OC_CUT_EPOCHS:	the reasons above end an epoch of a namespace
 * @OC_CUT_DETACH:	the namespace is no longer attached to its controller
 * @OC_CUT_ABORT:	the host has sent Abort
 * @OC_CUT_QUEUE:	its queue is stopped, as in a reset of the controller
 * @OC_CUT_LATE:	the host has timed out and has no other way to end it
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

/**
 * oc_epoch_next() - the epoch of a namespace that follows another
 * @epoch:	the one that ends
 * @why:	what ends it
 *
 * Return: the new epoch. Epochs wrap around after 2^30 changes.
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

/* ---- queues ----------------------------------------------------------- */

/**
 * struct oc_queue_ops - what the engine asks the queue of a command in flight
 * @name:	the name of its opcode, or "unknown". At any time
 * @why_cut:	must it end between two rounds of its parts, since the queue is
 *		being stopped or the namespace was detached? Called under RCU
 * @lose:	withhold its completion; returns false if the host could never
 *		end it (neither Abort nor reset), and then the command ends
 * @failed:	it ends with a status
 *
 * Any context.
 */
struct oc_queue_ops {
	const char *(*name)(const struct oc_cmd *cmd);
	enum oc_cut (*why_cut)(const struct oc_cmd *cmd);
	bool (*lose)(struct oc_cmd *cmd);
	void (*failed)(const struct oc_cmd *cmd);
};

/**
 * struct oc_queue - one queue of a controller, the device's end
 * @ops:	what the engine asks of it
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
 * @lost:	commands that are done and whose completion was lost: they end
 *		when they are aborted or the queue is stopped
 * @closing:	the queue is being stopped, and no more completions are lost. Read
 *		without @lost_lock by owners of channels
 */
struct oc_queue {
	const struct oc_queue_ops *ops;
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

/* ---- commands --------------------------------------------------------- */

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
 * @undo:	called after @check if @commit will not follow. Optional
 * @prepare:	reserve what @commit needs; what it has noted in @part->fresh is
 *		given back if @commit will not follow. Returns 0 or an errno. If
 *		@gfp forbids sleeping, it is called again from the worker after
 *		any error but -ENOSPC, which sleeping would not help. Optional
 * @commit:	do it; calls oc_part_fail() for single sectors that fail
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
 * @map:	address of the host buffer that @handle names: a bus address, found
 *		at byte @where of the command. At least @len bytes, valid until the
 *		command is done. NULL if no such buffer was handed out to the
 *		sender of this command. Any context
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
 * @more:	called when all parts of a round have succeeded; returns true if it
 *		has started another round. Set by the parser, or by owners of
 *		channels, WRITE_ONCE. Optional
 * @epoch:	of its namespace, when it began: a round may be delayed for as long
 *		as a Format takes, and then must not be followed by another
 * @dulbe:	of its namespace, when it began: the same for all parts
 * @cursor:	where the next round of @more begins
 * @worker_only: the parts of this round are for the workers
 * @oob:	OOB buffer, one slot per sector, or NULL
 * @arrival_ns:	when it came, CLOCK_MONOTONIC; 0 if times were off
 * @nr:		sectors in @addr
 * @scalar:	the addresses came as start and length
 * @copy:	sectors come from @src, not from the host
 * @lose:	OC_LOSE_*: its completion is lost until Abort, or until a reset. Set
 *		by owners of channels, WRITE_ONCE
 * @invalid:	bit i: address i names no sector
 * @src_invalid: bit i: address i of @src names no sector, with @copy
 * @failed:	bit i: sector i failed; the parser may set it, with @status
 * @left:	parts that still run
 * @nr_parts:	parts in use
 * @nr_owned:	channels it owns so far, the first of @parts (atomic commands)
 * @work:	for commands that are served in process context
 * @aer:	in the controller's list of parked async event requests
 * @lost:	in its queue's list of commands whose completion was lost
 * @addr:	decoded addresses
 * @extent:	in their place, what a command without data of a block namespace
 *		is about; @nr of them
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
	bool worker_only;
	void *oob;
	u64 arrival_ns;
	u32 nr;
	bool scalar;
	bool copy;
	enum {
		OC_LOSE_NOT,
		OC_LOSE_UNTIL_ABORT,
		OC_LOSE_UNTIL_RESET,
	} lose;
	u64 invalid;
	u64 src_invalid;
	u64 failed;
	atomic_t left;
	u32 nr_parts;
	u32 nr_owned;

	struct work_struct work;
	struct list_head aer;
	struct list_head lost;

	union {
		struct oc_addr addr[OC_VECTOR_MAX];
		struct oc_extent extent[OC_VECTOR_MAX];
	};
	struct oc_addr src[OC_VECTOR_MAX];
	struct oc_part parts[];
};

/**
 * struct oc_opcode - a row of a table of commands
 * @name:	name
 * @during_sanitize: an admin command that is served during Sanitize: it neither
 *		accesses nor reveals user data
 * @dir:	OC_DIR_*: which data the command moves
 * @count:	OC_COUNT_*: which of the host's command counters it adds to
 * @mccap:	OC_MCCAP_* that the namespace must have for the command
 * @effects:	NVME_CMD_EFFECTS_*: what it changes, for the log of commands
 *		supported and effects; CSUPP is implied
 * @no_ns_srcu:	an admin command that is served outside oc_dev.ns_srcu: it uses no
 *		namespace, or takes oc_dev.format_lock itself
 * @discovery:	an admin command that discovery controllers have too
 * @parse:	check the command and either finish (return a status) or set up
 *		parts and return OC_ASYNC
 */
struct oc_opcode {
	const char *name;
	bool during_sanitize;
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
	bool no_ns_srcu;
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

/* A parser's answer: the command is in flight and ends by oc_cmd_end() */
#define OC_ASYNC	0xffff

/**
 * oc_cmd_first_failed() - the first address of a command that failed
 * @cmd:	command that is over
 *
 * Context: any.
 * Return: the address, of @cmd->addr; NULL if the command failed for another
 * reason, or the address names no sector.
 */
static inline const struct oc_addr *
oc_cmd_first_failed(const struct oc_cmd *cmd)
{
	u32 i = cmd->failed ? __ffs64(cmd->failed) : 0;

	if (!cmd->nr || (cmd->invalid & BIT_ULL(i)))
		return NULL;
	return &cmd->addr[i];
}

/**
 * oc_cmd_field() - the field of a command that a byte belongs to
 * @err_loc:	byte of the command, ffffh for none
 *
 * Context: any.
 * Return: the first byte of the field, 255 for none.
 */
static inline u8 oc_cmd_field(u16 err_loc)
{
	if (err_loc >= sizeof(struct nvme_command))
		return U8_MAX;
	if (err_loc < 4)
		return err_loc;
	/* MPTR and DPTR are longer than a dword */
	if (err_loc >= 16 && err_loc < 24)
		return 16;
	if (err_loc >= 24 && err_loc < 40)
		return 24;
	return err_loc & 0xfc;
}

/**
 * oc_cmd_is_for_all() - is a command for all namespaces of its controller?
 * @cmd:	command
 *
 * Context: any.
 * Return: true for a Flush of all namespaces, the only such I/O command.
 */
static inline bool oc_cmd_is_for_all(const struct oc_cmd *cmd)
{
	return cmd->queue->qid &&
		cmd->sqe->common.opcode == nvme_cmd_flush &&
		cmd->sqe->common.nsid == cpu_to_le32(NVME_NSID_ALL);
}

/* ---- cmd/cut.c ------------------------------------------------------------ */

u16 oc_sanitize_status(const struct oc_dev *dev);
u16 oc_cut_status(struct oc_cmd *cmd, enum oc_cut why);

/* ---- cmd/decode.c --------------------------------------------------------- */

u16 oc_invalid_field(struct oc_cmd *cmd, u16 where);
const __le64 *oc_cmd_map_list(struct oc_cmd *cmd, u16 where, u32 nr);
bool oc_cmd_list(struct oc_cmd *cmd, u16 where, u32 nr);
bool oc_cmd_sources(struct oc_cmd *cmd, u16 where);
u16 oc_cmd_no_list(struct oc_cmd *cmd);
void oc_cmd_range(struct oc_cmd *cmd, u64 slba, u32 nr);
u16 oc_cmd_need_data(struct oc_cmd *cmd, u32 len);
u16 oc_cmd_need_oob(struct oc_cmd *cmd, u64 mptr, u32 len);
u16 oc_copy_to_host(struct oc_cmd *cmd, u32 off, const void *src, u32 len);
u16 oc_cmd_window(struct oc_cmd *cmd, u64 size, u64 off, u32 len, u32 *n);
void oc_send_window(struct oc_cmd *cmd, const void *from, u32 n, u32 len);
void *oc_copy_page(struct oc_cmd *cmd, u16 *status);
u64 oc_ns_encode(const struct oc_ns *ns, const struct oc_addr *addr);

/* ---- cmd/failed.c --------------------------------------------------------- */

void oc_failed_add(u64 *failed, u16 *status, u64 more, u16 why);
void oc_part_fail(struct oc_part *part, u64 sectors, u16 status);

/* ---- cmd/engine.c --------------------------------------------------------- */

void oc_cmd_end(struct oc_cmd *cmd, u16 status);
u64 oc_part_empty(const struct oc_part *part, u64 bits);
void oc_part_unprepare(struct oc_part *part);
void oc_cmd_start(struct oc_cmd *cmd, const struct oc_exec *exec);
void oc_cmd_split(struct oc_cmd *cmd);
u32 oc_cmd_max_parts(const struct oc_dev *dev);

#endif /* OC_CMD_H */
