/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc.h - the architecture of ocloop
 *
 * The floors, highest first. A room calls rooms of lower floors only, and of its own
 * without a circle; what must go up goes through an ops table that was handed down
 * (scripts/floors.py checks it). One command's way through the house:
 *
 *	host core (drivers/nvme/host), lightnvm
 *	   |  struct request
 *	main.c, device.c: parameters; a device from its configuration to its end
 *	host/	the only rooms that know blk-mq and nvme_ctrl. They build a struct
 *		oc_cmd in the request's own memory
 *	  transport*	controllers, their queues, commands on their way
 *	  port, claims	what the device asks of the host
 *	  dma		bus addresses that can be checked
 *	  lightnvm	(or, attach=lightnvm, the lightnvm core without a controller)
 *	  targets	lightnvm's targets, which go when either goes
 *	look/	beside the way: debugfs, and the files that inject
 *	   |  struct oc_cmd (oc_cmd.h)
 *	ctrl/	what a controller is (oc_ctrl.h)
 *	  submit	the entrance: fabrics and admin commands go to the admin
 *			workqueue, others are parsed on the spot
 *	  queue, ctrl, fabrics, discovery, events	queues, connect, properties
 *	  admin, logs, features, endurance, notify	tables of commands and pages
 *	  format, sanitize, manage, attach, faults	changes of namespaces
 *	  freeze, hosts	(oc_freeze.h) how no command sees half of a change, and
 *			whether hosts bear it
 *	ns/	namespaces and their formats (oc_ns.h), a folder for each kind: what
 *		an address means, which rules hold
 *	  oc20, oc12	host-managed flash
 *	  block		logical blocks, whose map the device keeps (oc_ftl.h)
 *	   |  struct oc_part: one channel, a 64-bit set of the command's sectors
 *	cmd/	the engine (oc_cmd.h): parts, split, started, joined; what a command
 *		says, what cuts it off, what a fault does to it
 *	flash/	what a channel owns (oc_channel.h): chunk states, the table "sector ->
 *		where its bytes are", when die and bus are idle, rules of faults
 *	media/	where bytes and OOB live (oc_media.h), and how much memory they take
 *	base/	texts, tracepoints, assertions: used by all, use nobody
 *	   |
 *	cmd/engine.c: last part done -> status and bitmap -> oc_cmd.done()
 *
 * All from ctrl/ down and device.c is "the device". It knows nothing of blk-mq or
 * nvme_ctrl and is linked a second time into the KUnit module.
 *
 * A 4k write to a block namespace, end to end: host/transport-io.c maps the request
 * and calls oc_cmd_submit(). ctrl/submit.c finds the namespace, looks at its gate and
 * calls the parser of its kind's table, which in ns/block/block.c checks the range,
 * decodes the address and calls oc_cmd_split() and oc_cmd_start(). cmd/engine.c
 * submits the one part to its channel; flash/channel.c takes the channel if it is
 * idle and calls back the part's ops: check, prepare (media/ram.c makes room),
 * commit (ns/block/ftl.c places the sector, the media store it). Where times are
 * set the part then waits in the channel for its own. The last part joins the
 * command: oc_cmd_end(), and oc_cmd.done() of the host binding.
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

#include <linux/compiler.h>
#include <linux/types.h>

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
#define OC_ENDURANCE_GROUP	1	/* the one there is */
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

#endif /* OC_H */
