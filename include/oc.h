/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc.h - the architecture of ocloop
 *
 * The layers (floors), highest first. A file calls lower floors only, and its own
 * floor without a cycle; calls upwards go through an ops table that was handed down
 * (scripts/floors.py checks it). The path of a command:
 *
 *	host core (drivers/nvme/host), lightnvm
 *	   |  struct request
 *	main.c, config.c, device.c: parameters; what a device is made from; a device
 *		from its configuration to its end
 *	host/	the only rooms that know blk-mq and nvme_ctrl. They build a struct
 *		oc_cmd in the request's own memory
 *	  transport*	controllers, their queues, commands on their way
 *	  port, claims	what the device asks of the host
 *	  dma		bus addresses that can be checked
 *	  lightnvm	(or, attach=lightnvm, the lightnvm core without a controller)
 *	  targets	lightnvm's targets, removed with their namespace or device
 *	look/	off the path: debugfs, and the files that inject
 *	   |  struct oc_cmd (oc_cmd.h)
 *	ctrl/	what a controller is (oc_ctrl.h)
 *	  submit	the entrance: fabrics and admin commands go to the admin
 *			workqueue, others are parsed on the spot
 *	  queue, ctrl, fabrics, events	queues, connect, properties
 *	  devices	(oc_devices.h) the list of all, the discovery log
 *	  admin, logs, features, endurance, notify	tables of commands and pages
 *	  format, sanitize, manage, attach, faults	changes of namespaces
 *	  freeze, hosts	(oc_freeze.h) changes are atomic to commands, and refused
 *			while a host uses the namespace
 *	ns/	namespaces and their formats (oc_ns.h), a folder for each kind: what
 *		an address means, which rules hold
 *	  oc20, oc12	host-managed flash
 *	  block		logical blocks, whose map the device keeps (oc_ftl.h)
 *	   |  struct oc_part: one channel, a 64-bit set of the command's sectors
 *	cmd/	the engine (oc_cmd.h): parts, split, started, joined; decoding, early
 *		ends of commands, faults injected into them
 *	flash/	what a channel owns (oc_channel.h): chunk states, the table "sector ->
 *		where its bytes are", when die and bus are idle, rules of faults
 *	media/	where bytes and OOB live (oc_media.h), and how much memory they take
 *	base/	texts, tracepoints, assertions: used by all floors, use none
 *	   |
 *	cmd/engine.c: last part done -> status and bitmap -> oc_cmd.done()
 *
 * All from ctrl/ down, device.c and config.c is "the device". It knows nothing of blk-mq or
 * nvme_ctrl and is linked a second time into the KUnit module.
 *
 * A 4k write to a block namespace, end to end: host/transport-io.c maps the request
 * and calls oc_cmd_submit(). ctrl/submit.c finds the namespace, looks at its gate and
 * calls the parser of its kind's table, which in ns/block/block.c checks the range,
 * decodes the address and calls oc_cmd_split() and oc_cmd_start(). cmd/engine.c
 * submits the one part to its channel; flash/channel.c owns the channel if it is
 * idle and calls the part's ops: check, prepare (media/ram.c allocates), commit
 * (ns/block/ftl.c places the sector, the media store it). With times set, the
 * channel then defers the part until its completion time. The last part joins the
 * command: oc_cmd_end(), then oc_cmd.done() of the host binding.
 *
 * A command names at most 64 sectors, whichever opcode carries it (the largest
 * data transfer is 64 sectors). So one command's sectors fit the bits of a u64,
 * and the set a part works on, the set that failed and the completion's bitmap
 * are the same kind of thing.
 *
 * Who may touch a channel
 * -----------------------
 * A channel's chunks, table, counters and media belong to its owner. There is one
 * owner at a time: oc_channel.owned, set by cmpxchg, never spun on for long. The
 * words for it are these and no others:
 *
 *	own	become the owner: oc_channel_try_own() if the channel is idle,
 *		oc_channel_own() after all who already wait
 *	release	give ownership up: oc_channel_release()
 *	pass	hand ownership to another thread, without a release in between
 *	receive	be that thread; oc_part_ops.grant is called with the ownership
 *
 *  - A submitter that finds the channel idle and its inbox empty owns it and runs
 *    its part on the spot. If the channel is owned but nothing is queued, it
 *    retries a few times before it leaves the part in the inbox. It must not sleep
 *    and is not preempted (except with PREEMPT_RT); a part that would sleep or
 *    take long goes to the inbox. Since it need not sleep for its commands, it
 *    offers the CPU to other tasks now and then.
 *  - Everything else goes to the inbox, which the channel's worker drains. The
 *    worker may sleep.
 *  - A command that needs several channels at once (a vector write is all or
 *    nothing) owns them in ascending order, so that no two commands can wait for
 *    each other. It waits in the inbox of the next channel; the worker that finds
 *    it there passes its ownership on.
 *
 * The owner checks the inbox after it has released the channel; whoever queues a
 * part checks @owned after it has queued it. With a full barrier on both sides, at
 * least one of the two sees the other and starts the worker.
 *
 * Lock order (outermost first). No spinlock is taken inside another one.
 *
 *	kernel_param_lock()	mutex, of the kernel; timing=, memory= and the devices
 *				they apply to
 *	oc_dev.format_lock	mutex; one change of namespaces at a time: Format,
 *				Namespace Management and Attachment, and when
 *				Sanitize begins and ends
 *	oc_ctrl.reset_lock	mutex; one write of a controller's CC at a time
 *	  oc_queue.stop_lock	mutex; one stop of a queue at a time, which waits for
 *				its commands
 *	  oc_dev.ns_srcu	which namespaces there are; read by the other admin
 *				commands that look at some, and by readers of
 *				debugfs. Only Create and Delete wait for it, and no
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
 * More mutexes are taken with none of these held but the first: oc_targets_lock of
 * targets.c, around nvm_dev.mlock; oc_faults_file.lock of inject.c; oc_hosts_lock of
 * transport.c; and oc_devices_lock of devices.c, around nothing.
 *
 * Admin commands take these locks, a reset waits for admin commands, and writeback
 * started by reclaim may wait for the reset. So memory is allocated with GFP_NOIO
 * under any of them; the work functions run in a memalloc_noio section.
 *
 * Channel ownership is not a lock. Owners take only the spinlocks above, so
 * oc_channel_call() may wait for an owner with oc_dev.lock held, and Format owns
 * channels with oc_dev.format_lock held.
 *
 * Commands and changes of namespaces
 * ----------------------------------
 * No command of a namespace overlaps a Format of it, so code that serves a command
 * may read the sizes in the namespace's geometry at any time. Commands are parsed,
 * and their parts submitted to the channels, under rcu_read_lock(). Format shuts
 * oc_ns.gate, which fails all later commands, and waits for those under way;
 * freeze.c has the steps and the reason for their order. Sanitize does the same
 * with all namespaces; oc_dev.sanitize.state is its progress.
 *
 * Namespaces that go
 * ------------------
 * A struct oc_ns is a slot that is never freed, and the gate of an empty slot is
 * shut. Delete takes the steps of Format, so no part of a command runs on the
 * channels afterwards; but commands whose parts have run may not have ended yet.
 * They may use the numbers in the slot, and the data of its kind (oc_ns.priv) only
 * under rcu_read_lock() and while oc_ns.epoch is the one that they began with.
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

/* Counters have one writer; anybody may read them with READ_ONCE() */
#define oc_count_add(_counter, _n)	WRITE_ONCE(_counter, (_counter) + (_n))

#endif /* OC_H */
