// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/sanitize.c - Sanitize: the erase of all user data, and its log page
 *
 * Block erase is the only action supported. It resets every chunk that is not free,
 * also in channels without a namespace, and clears all maps and buffers of the data
 * (NVMe 1.4, 8.15).
 *
 * The command only starts the operation. From then on commands that access user
 * data are refused, and a work item erases a few chunks of each channel at a time,
 * so that others who use the channels do not wait for long. With times set, each
 * erase takes its time, on all dies in parallel; the work item sleeps meanwhile.
 *
 * A chunk that cannot be erased goes offline and fails the operation: on a real
 * device its data could still be there. Commands are then refused until another
 * Sanitize succeeds or the host exits failure mode.
 */
/* KBUILD_MODNAME would name the KUnit module too */
#define pr_fmt(fmt) "ocloop: " fmt

#include <linux/bitfield.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "oc.h"
#include "oc_channel.h"
#include "oc_chunk.h"
#include "oc_cmd.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_fault.h"
#include "oc_freeze.h"
#include "oc_ftl.h"
#include "oc_media.h"
#include "oc_notice.h"
#include "oc_ns.h"
#include "oc_timing.h"
#include "oc_wire.h"

/* Sectors of the chunks that one call erases: short enough that others get a turn */
#define OC_SANITIZE_SLICE	65536U

/* ---- the log page ----------------------------------------------------- */

/* Sectors that hosts have ever written, and whether any block is mapped */
static u64 oc_sanitize_written(const struct oc_dev *dev, bool *mapped)
{
	u64 sum = 0;
	u32 i;

	*mapped = false;
	for (i = 0; i < dev->geo.num_grp; i++) {
		const struct oc_channel *ch = &dev->ch[i];
		const struct oc_ftl *ftl = READ_ONCE(ch->ftl);

		sum += READ_ONCE(ch->count.writes) +
			READ_ONCE(ch->count.copies);
		/* Blocks of zeroes are mapped, though no sector is written */
		*mapped |= ftl && READ_ONCE(ftl->l2p.used);
	}
	return sum;
}

/* Has nothing been written since the device was made or last erased? */
static bool oc_sanitize_blank(const struct oc_dev *dev)
{
	u64 before = READ_ONCE(dev->sanitize.written);
	u8 state = READ_ONCE(dev->sanitize.state);
	bool mapped;

	return (state == OC_SANITIZE_NEVER || state == OC_SANITIZE_DONE) &&
		oc_sanitize_written(dev, &mapped) == before && !mapped;
}

/* SSTAT, bits 2:0 */
static const u8 oc_sanitize_wire[] = {
	[OC_SANITIZE_NEVER]	= 0,
	[OC_SANITIZE_DONE]	= 1,
	[OC_SANITIZE_RUNS]	= 2,
	[OC_SANITIZE_FAILED]	= 3,
	[OC_SANITIZE_FORGIVEN]	= 3,
};

/* Seconds that a block erase takes at most */
static u32 oc_sanitize_estimate(struct oc_dev *dev)
{
	u64 ns;
	bool on;

	mutex_lock(&dev->lock);
	on = dev->timing.on;
	ns = (u64)dev->timing.erase_ns * dev->geo.num_chk;
	mutex_unlock(&dev->lock);
	return on ? DIV_ROUND_UP_ULL(ns, NSEC_PER_SEC) : OC_SANITIZE_NO_TIME;
}

/**
 * oc_log_sanitize() - the sanitize status log page (81h)
 * @cmd:	Get Log Page; without Retain Asynchronous Event the host is told
 *		of the end of the next operation
 * @page:	struct oc_wire_sanitize of zeroes to fill
 *
 * NVMe 1.4, 5.14.1.16.2.
 *
 * Context: process; takes oc_dev.lock.
 */
void oc_log_sanitize(struct oc_cmd *cmd, void *page)
{
	const __le32 no_time = cpu_to_le32(OC_SANITIZE_NO_TIME);
	struct oc_dev *dev = cmd->queue->ctrl->dev;
	const struct oc_sanitize *sanitize = &dev->sanitize;
	struct oc_wire_sanitize *log = page;
	u64 done;
	u8 state;

	oc_log_was_read(cmd, OC_NEWS_SANITIZED);
	done = READ_ONCE(sanitize->done);
	state = READ_ONCE(sanitize->state);
	log->progress = cpu_to_le16(U16_MAX);
	done = div_u64(done << 16, dev->geo.num_chk);
	if (state == OC_SANITIZE_RUNS)
		log->progress = cpu_to_le16(min_t(u64, done, U16_MAX - 1));
	log->status = cpu_to_le16(oc_sanitize_wire[state] |
				  (oc_sanitize_blank(dev) ?
				   OC_SANITIZE_BLANK : 0));
	log->cdw10 = cpu_to_le32(READ_ONCE(sanitize->dword));
	log->overwrite = no_time;
	log->erase = cpu_to_le32(oc_sanitize_estimate(dev));
	log->crypto = no_time;
	log->overwrite_keep = no_time;
	log->erase_keep = no_time;
	log->crypto_keep = no_time;
}

/**
 * oc_sanitize_identify() - say what Sanitize can do
 * @id:		Identify Controller
 *
 * Context: any.
 */
void oc_sanitize_identify(struct nvme_id_ctrl *id)
{
	id->sanicap = cpu_to_le32(OC_SANICAP_BLOCK | OC_SANICAP_NDI |
				  OC_SANICAP_UNMODIFIED);
}

/* ---- the work --------------------------------------------------------- */

/**
 * struct oc_wipe - a slice of the work
 * @from:	first chunk, of each parallel unit
 * @nr:		how many
 * @now_ns:	when it begins, CLOCK_MONOTONIC ns
 * @end_ns:	when the last die has erased its chunks; 0 for at once
 * @failed:	chunks that could not be erased
 */
struct oc_wipe {
	u32 from;
	u32 nr;
	u64 now_ns;
	u64 end_ns;
	u32 failed;
};

/* Does a rule fail the erase of chunk @chk? Its data goes all the same */
static bool oc_wipe_fails(struct oc_channel *ch, u32 chk)
{
	const struct oc_fault_at at = {
		.op = OC_OP_RESET,
		.pu = chk / ch->geo->num_chk,
		.chk = chk % ch->geo->num_chk,
		.n = 1,
	};
	const struct oc_ns *ns;

	if (likely(!ch->faults) ||
	    !oc_fault_pick(ch->faults, BIT(OC_FAULT_RESET_FAIL), &at))
		return false;
	oc_chunk_offline(&ch->chunks[chk], &ch->stat);
	ns = oc_ns_of(ch->dev, ch->id);
	if (ns && ns->kind->faults && ns->kind->faults->notify)
		oc_notify_chunk(ns, ch->id - ns->first, chk,
				OC_NOTICE_UNRECOVERABLE);
	return true;
}

static void oc_wipe_chunk(struct oc_channel *ch, u32 chk, struct oc_wipe *wipe)
{
	struct oc_chunk *chunk = &ch->chunks[chk];

	if (chunk->state == OC_CHK_OPEN || chunk->state == OC_CHK_CLOSED) {
		u64 end = 0;

		if (ch->timing.on)
			end = oc_timing_reset(&ch->clock, &ch->timing,
					      chk / ch->geo->num_chk,
					      wipe->now_ns);
		wipe->end_ns = max(wipe->end_ns, end);
		wipe->failed += oc_wipe_fails(ch, chk);
	}
	oc_channel_erase(ch, chk);
}

static void oc_wipe_channel(struct oc_channel *ch, void *arg)
{
	struct oc_wipe *wipe = arg;
	u32 pu, i;

	for (pu = 0; pu < ch->geo->num_pu; pu++)
		for (i = 0; i < wipe->nr; i++) {
			oc_wipe_chunk(ch, pu * ch->geo->num_chk + wipe->from + i,
				      wipe);
			cond_resched();
		}
}

/* Data outside of chunks: the media's free objects */
static void oc_wipe_rest(struct oc_channel *ch, void *arg)
{
	ch->dev->media->clear_ch(ch);
}

/* Sleep until @end_ns. Returns false if the device is going away */
static bool oc_wipe_wait(struct oc_sanitize *sanitize, u64 end_ns)
{
	u64 now = ktime_get_ns();

	if (end_ns <= now)
		return !completion_done(&sanitize->stop);
	return !wait_for_completion_timeout(&sanitize->stop,
					    nsecs_to_jiffies(end_ns - now) + 1);
}

/* Erase all chunks of all channels. Returns false if the device is going away */
static bool oc_wipe_chunks(struct oc_dev *dev, u32 *failed)
{
	const struct oc_geo *geo = &dev->geo;
	u32 many = max(OC_SANITIZE_SLICE / (geo->num_pu * geo->clba), 1U), i;
	struct oc_wipe wipe = { .end_ns = ktime_get_ns() };

	for (; wipe.from < geo->num_chk; wipe.from += wipe.nr) {
		wipe.nr = min(READ_ONCE(dev->timed) ? 1 : many,
			      geo->num_chk - wipe.from);
		/* From the end of the last slice, so that our delays do not add up */
		wipe.now_ns = wipe.end_ns;
		for (i = 0; i < geo->num_grp; i++)
			oc_channel_call_worker(&dev->ch[i], oc_wipe_channel,
					       &wipe);
		if (!oc_wipe_wait(&dev->sanitize, wipe.end_ns))
			return false;
		WRITE_ONCE(dev->sanitize.done, wipe.from + wipe.nr);
	}
	for (i = 0; i < geo->num_grp; i++)
		oc_channel_call_worker(&dev->ch[i], oc_wipe_rest, NULL);
	*failed = wipe.failed;
	return true;
}

/* Accept commands again */
static void oc_sanitize_open(struct oc_dev *dev)
{
	struct oc_freeze fz;

	oc_freeze_all(&fz, dev, OC_CUT_SANITIZE);
	oc_freeze_open(dev, fz.which);
}

static void oc_sanitize_end(struct oc_dev *dev, u32 failed)
{
	struct oc_sanitize *sanitize = &dev->sanitize;
	bool mapped;

	mutex_lock(&dev->format_lock);
	WRITE_ONCE(sanitize->written, oc_sanitize_written(dev, &mapped));
	WRITE_ONCE(sanitize->state, failed ? OC_SANITIZE_FAILED :
					     OC_SANITIZE_DONE);
	if (!failed)
		oc_sanitize_open(dev);
	mutex_unlock(&dev->format_lock);
	if (failed)
		pr_warn("sanitize failed: %u chunks could not be erased\n",
			failed);
	else
		pr_info("sanitized\n");
	oc_dev_tell(dev, OC_NEWS_SANITIZED, NULL);
}

static void oc_sanitize_work(struct work_struct *work)
{
	struct oc_sanitize *sanitize = container_of(work, struct oc_sanitize,
						    work);
	struct oc_dev *dev = container_of(sanitize, struct oc_dev, sanitize);
	unsigned int noio = memalloc_noio_save();
	struct oc_freeze fz;
	u32 failed;

	oc_freeze_all(&fz, dev, OC_CUT_SANITIZE);
	oc_freeze_forget(&fz);
	if (oc_wipe_chunks(dev, &failed))
		oc_sanitize_end(dev, failed);
	memalloc_noio_restore(noio);
}

/* ---- the command ------------------------------------------------------ */

static u16 oc_sanitize_begin(struct oc_dev *dev, u32 dword)
{
	struct oc_sanitize *sanitize = &dev->sanitize;
	struct oc_freeze fz;
	bool ok;

	oc_freeze_all(&fz, dev, OC_CUT_SANITIZE);
	/* After one that has failed, the gates are shut, and must stay so */
	if (sanitize->state == OC_SANITIZE_FAILED)
		ok = oc_hosts_reserve(&fz);
	else
		ok = oc_hosts_yield(&fz);
	if (!ok)
		return OC_ERR(OC_SC_OP_DENIED);
	/* The work waits for commands that have begun */
	WRITE_ONCE(sanitize->done, 0);
	WRITE_ONCE(sanitize->dword, dword);
	WRITE_ONCE(sanitize->state, OC_SANITIZE_RUNS);
	/* Creating a target fails from here on: it could not read the chunk log */
	oc_hosts_formatted(dev, fz.which);
	queue_work(dev->admin_wq, &sanitize->work);
	return 0;
}

/* Exit failure mode: the host accepts that data may be left */
static u16 oc_sanitize_forgive(struct oc_dev *dev)
{
	struct oc_sanitize *sanitize = &dev->sanitize;

	if (sanitize->state != OC_SANITIZE_FAILED)
		return 0;
	if (!(sanitize->dword & OC_SANITIZE_AUSE))
		return OC_ERR(NVME_SC_SANITIZE_FAILED);
	WRITE_ONCE(sanitize->state, OC_SANITIZE_FORGIVEN);
	oc_sanitize_open(dev);
	return 0;
}

static u16 oc_sanitize_run(struct oc_cmd *cmd, u32 action, u32 dword)
{
	struct oc_dev *dev = cmd->queue->ctrl->dev;
	const struct oc_sanitize *sanitize = &dev->sanitize;
	u16 status;

	oc_change_lock(cmd);
	if (sanitize->state == OC_SANITIZE_RUNS)
		status = NVME_SC_SANITIZE_IN_PROGRESS;
	else if (action == OC_SANITIZE_EXIT)
		status = oc_sanitize_forgive(dev);
	else if (sanitize->state == OC_SANITIZE_FAILED &&
		 !(sanitize->dword & OC_SANITIZE_AUSE) &&
		 (dword & OC_SANITIZE_AUSE))
		/* A restricted operation must be repeated restricted */
		status = OC_ERR(NVME_SC_SANITIZE_FAILED);
	else
		status = oc_sanitize_begin(dev, dword);
	oc_change_unlock(dev);
	return status;
}

/**
 * oc_admin_sanitize() - serve Sanitize
 * @cmd:	command
 *
 * Context: process; sleeps. Takes oc_dev.format_lock, oc_dev.lock.
 * Return: 0 when it has begun; Invalid Field for an action that SANICAP does not
 * offer, and for No-Deallocate, which it inhibits; Operation Denied while a host
 * uses a namespace (hosts.c); Sanitize In Progress; Sanitize Failed where an
 * operation that has failed was restricted and the command is not (NVMe 1.4, 5.24
 * and 8.15).
 */
u16 oc_admin_sanitize(struct oc_cmd *cmd)
{
	u32 dword = le32_to_cpu(cmd->sqe->common.cdw10);
	u32 action = FIELD_GET(OC_SANITIZE_ACTION, dword);
	u16 where = offsetof(struct nvme_common_command, cdw10);

	if ((action != OC_SANITIZE_EXIT && action != OC_SANITIZE_ERASE) ||
	    (dword & OC_SANITIZE_RSVD))
		return oc_invalid_field(cmd, where);
	if (action == OC_SANITIZE_ERASE && (dword & OC_SANITIZE_NDAS))
		return oc_invalid_field(cmd, where + 1);
	return oc_sanitize_run(cmd, action, dword);
}

/* ---- made and unmade -------------------------------------------------- */

/**
 * oc_sanitize_init() - initialize a device's Sanitize state
 * @dev:	device
 *
 * Context: process.
 */
void oc_sanitize_init(struct oc_dev *dev)
{
	INIT_WORK(&dev->sanitize.work, oc_sanitize_work);
	init_completion(&dev->sanitize.stop);
}

/**
 * oc_sanitize_exit() - stop a Sanitize: the device is going away
 * @dev:	device without controllers, its channels and workqueue still there
 *
 * It stops after the current slice. destroy_workqueue() waits for that; see
 * oc_notices_exit() for why nothing waits here.
 *
 * Context: process.
 */
void oc_sanitize_exit(struct oc_dev *dev)
{
	complete_all(&dev->sanitize.stop);
}
