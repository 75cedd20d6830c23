// SPDX-License-Identifier: GPL-2.0
/*
 * cmd/fault.c - what a fault does to a command
 *
 * The kinds of namespace call these while they serve a part, and only if the channel
 * has rules: a device without any costs them one branch.
 */
#include <linux/bvec.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "oc.h"
#include "oc20.h"
#include "oc_assert.h"
#include "oc_chunk.h"
#include "oc_cmd.h"
#include "oc_dev.h"
#include "oc_fault.h"
#include "oc_geometry.h"
#include "oc_media.h"
#include "oc_notice.h"
#include "oc_ns.h"
#include "oc_wire.h"

/* OCSSD 2.0, 2.4 */
const struct oc_fault_sc oc_fault_sc_20 = {
	.sc = {
		[OC_FAULT_WRITE_FAIL]	= OC_ERR(OC_SC_WRITE_NEXT_UNIT),
		[OC_FAULT_WRITE_CLOSE]	= OC_ERR(OC_SC_EARLY_CLOSE),
		[OC_FAULT_RESET_FAIL]	= OC_ERR(OC_SC_INVALID_RESET),
		[OC_FAULT_READ_FAIL]	= OC_ERR(NVME_SC_READ_ERROR),
		[OC_FAULT_READ_ECC]	= OC_ERR(OC_SC_HIGH_ECC),
	},
	.notify = true,
};

/* OCSSD 1.2: a failed program and a failed erase look the same */
const struct oc_fault_sc oc_fault_sc_12 = {
	.sc = {
		[OC_FAULT_WRITE_FAIL]	= OC_ERR(OC_SC_WRITE_FAIL),
		[OC_FAULT_WRITE_CLOSE]	= OC_ERR(OC_SC_WRITE_FAIL),
		[OC_FAULT_RESET_FAIL]	= OC_ERR(OC_SC_WRITE_FAIL),
		[OC_FAULT_READ_FAIL]	= OC_ERR(NVME_SC_READ_ERROR),
		[OC_FAULT_READ_ECC]	= OC_ERR(OC_SC_HIGH_ECC_12),
	},
	.pages = true,
};

/* ---- commands --------------------------------------------------------- */

/* An operation on a sector of a part's channel, as rules describe it */
static struct oc_fault_at oc_fault_at(const struct oc_part *part,
				      enum oc_op op, const struct oc_addr *addr)
{
	u32 num_chk = part->ch->geo->num_chk;

	return (struct oc_fault_at) {
		.op = op,
		.pu = addr->chk / num_chk,
		.chk = addr->chk % num_chk,
		.sec = addr->sec,
		.n = 1,
	};
}

static u16 oc_fault_status(const struct oc_part *part, u32 kind)
{
	return part->cmd->ns->kind->faults->sc[kind];
}

/* A failed program leaves zeroes: neither the host's data nor old memory */
static void oc_fault_scrub(struct oc_part *part, u32 i)
{
	struct oc_channel *ch = part->ch;
	struct bio_vec bvec[DIV_ROUND_UP(OC_MAX_LBA_SIZE, PAGE_SIZE)];
	struct iov_iter zeroes;
	u32 k;

	for (k = 0; k < ARRAY_SIZE(bvec); k++)
		bvec[k] = (struct bio_vec) {
			.bv_page = ZERO_PAGE(0), .bv_len = PAGE_SIZE,
		};
	iov_iter_bvec(&zeroes, WRITE, bvec, ARRAY_SIZE(bvec),
		      ch->geo->lba_size);
	ch->dev->media->write(ch, oc_geo_index(ch->geo, &part->cmd->addr[i]),
			      1, &zeroes, NULL);
}

/* Sectors of @left in the chunk of the first of them */
static u64 oc_fault_same_chunk(const struct oc_part *part, u64 left)
{
	const struct oc_addr *addr = part->cmd->addr;
	u32 first = __ffs64(left);
	u64 same = 0;

	for (; left; left &= left - 1)
		if (addr[__ffs64(left)].chk == addr[first].chk)
			same |= left & -left;
	return same;
}

/*
 * Sectors of @left in the write unit of the first, and the range that they cover. A
 * list may return to a unit: all its sectors are one operation.
 */
static u64 oc_fault_same_unit(const struct oc_part *part, u64 left,
			      struct oc_fault_at *at)
{
	const struct oc_geo *geo = &part->cmd->ns->geo;
	const struct oc_addr *addr = part->cmd->addr;
	u32 unit = part->cmd->ns->kind->faults->pages ? geo->secs_per_pg :
							geo->ws_min;
	u32 first = __ffs64(left), end = addr[first].sec + 1;
	u64 same = 0;

	*at = oc_fault_at(part, OC_OP_WRITE, &addr[first]);
	left = oc_fault_same_chunk(part, left);
	for (; left; left &= left - 1) {
		u32 sec = addr[__ffs64(left)].sec;

		if (sec / unit != addr[first].sec / unit)
			continue;
		same |= left & -left;
		at->sec = min(at->sec, sec);
		end = max(end, sec + 1);
	}
	at->n = end - at->sec;
	return same;
}

/**
 * oc_fault_write() - which sectors of a write are lost?
 * @part:	part whose sectors are checked and prepared, of a channel with
 *		rules; its bitmap and status are set
 * @closes:	set to the sectors lost because their chunk is closed: the
 *		chunk ends before the first of them
 *
 * A write unit (ws_min sectors, in 1.2 a page) fails as a whole. If the chunk stays
 * open, the write pointer passes the unit, which reads as zeroes; if it is closed,
 * the sectors that follow in the chunk are lost as well.
 *
 * Context: owner of the channel.
 * Return: the sectors that must not be stored, those of @closes among them.
 */
u64 oc_fault_write(struct oc_part *part, u64 *closes)
{
	const u32 kinds = BIT(OC_FAULT_WRITE_FAIL) | BIT(OC_FAULT_WRITE_CLOSE);
	const struct oc_fault_rule *rule;
	struct oc_fault_at at;
	u64 left, bits, lost = 0;

	oc_assert_owned(part->ch);
	*closes = 0;
	for (left = part->sectors; left; left &= ~bits) {
		bits = oc_fault_same_unit(part, left, &at);
		rule = oc_fault_pick(part->ch->faults, kinds, &at);
		if (!rule)
			continue;
		if (rule->kind == OC_FAULT_WRITE_CLOSE) {
			bits = oc_fault_same_chunk(part, left);
			*closes |= bits;
		}
		oc_part_fail(part, bits, oc_fault_status(part, rule->kind));
		lost |= bits;
	}
	for (left = lost; left; left &= left - 1)
		oc_fault_scrub(part, __ffs64(left));
	return lost;
}

/**
 * oc_fault_reset() - does the reset of a chunk fail?
 * @part:	part of a channel with rules
 * @i:		sector that names the chunk
 * @chk:	the chunk, whose data has been discarded: that of the sector, or
 *		one that is reset with it
 *
 * If it does, the chunk is offline.
 *
 * Context: owner of the channel.
 * Return: 0, or the status.
 */
u16 oc_fault_reset(struct oc_part *part, u32 i, u32 chk)
{
	const struct oc_cmd *cmd = part->cmd;
	struct oc_fault_at at = oc_fault_at(part, OC_OP_RESET, &cmd->addr[i]);
	struct oc_channel *ch = part->ch;

	oc_assert_owned(ch);
	at.chk = chk % ch->geo->num_chk;
	if (!oc_fault_pick(ch->faults, BIT(OC_FAULT_RESET_FAIL), &at))
		return 0;
	oc_chunk_offline(&ch->chunks[chk], &ch->stat);
	if (cmd->ns->kind->faults->notify)
		oc_notify_chunk(cmd->ns, cmd->addr[i].grp, chk,
				OC_NOTICE_UNRECOVERABLE);
	return oc_fault_status(part, OC_FAULT_RESET_FAIL);
}

/**
 * oc_fault_read() - does the read of a sector fail?
 * @part:	part of a channel with rules
 * @addr:	sector of that channel, which holds data
 * @good:	set to whether the data is delivered all the same
 *
 * In 2.0 both are entered in the notification log; a warning is also in the status
 * only if the host has enabled media feedback.
 *
 * Context: owner of the channel.
 * Return: 0, or the status.
 */
u16 oc_fault_read(struct oc_part *part, const struct oc_addr *addr, bool *good)
{
	const u32 kinds = BIT(OC_FAULT_READ_FAIL) | BIT(OC_FAULT_READ_ECC);
	struct oc_fault_at at = oc_fault_at(part, OC_OP_READ, addr);
	const struct oc_ns *ns = part->cmd->ns;
	const struct oc_fault_rule *rule;

	oc_assert_owned(part->ch);
	*good = true;
	rule = oc_fault_pick(part->ch->faults, kinds, &at);
	if (!rule)
		return 0;
	*good = rule->kind == OC_FAULT_READ_ECC;
	if (!*good)
		oc_count_add(part->ch->count.media_errors, 1);
	if (ns->kind->faults->notify) {
		oc_notify_lbas(ns, oc_geo_encode(&ns->geo, addr), 1,
			       *good ? OC_NOTICE_ECC_HIGH :
				       OC_NOTICE_UNRECOVERABLE);
		if (*good && !(READ_ONCE(ns->feedback) & OC_FEEDBACK_HECC))
			return 0;
	}
	return oc_fault_status(part, rule->kind);
}

/**
 * oc_fault_reads() - which of several sectors cannot be read?
 * @part:	part of a channel with rules
 * @addr:	addresses: those of the command, or a copy's sources
 * @want:	the sectors, which hold data
 * @warn:	set to those that needed much correction
 *
 * Context: owner of the channel.
 * Return: the sectors that cannot be read; oc_fault_read_end() sets the status.
 */
u64 oc_fault_reads(struct oc_part *part, const struct oc_addr *addr, u64 want,
		   u64 *warn)
{
	u64 failed = 0;
	bool good;

	oc_assert_owned(part->ch);
	*warn = 0;
	for (; want; want &= want - 1) {
		u32 i = __ffs64(want);

		if (!oc_fault_read(part, &addr[i], &good))
			continue;
		if (good)
			*warn |= BIT_ULL(i);
		else
			failed |= BIT_ULL(i);
	}
	return failed;
}

/**
 * oc_fault_read_end() - set the status of a part whose reads have failed
 * @part:	part, perhaps with a status of other failures
 * @failed:	sectors that could not be read, from oc_fault_reads()
 * @warn:	sectors that needed much correction, from there
 *
 * Context: owner of the channel.
 */
void oc_fault_read_end(struct oc_part *part, u64 failed, u64 warn)
{
	oc_assert_owned(part->ch);
	if (failed)
		oc_part_fail(part, failed,
			     oc_fault_status(part, OC_FAULT_READ_FAIL));
	if (warn)
		oc_part_fail(part, warn,
			     oc_fault_status(part, OC_FAULT_READ_ECC));
}

/**
 * oc_fault_close() - close chunks in which a write has failed
 * @part:	part that has been written
 * @closes:	what oc_fault_write() has set
 *
 * Context: owner of the channel.
 */
void oc_fault_close(struct oc_part *part, u64 closes)
{
	struct oc_channel *ch = part->ch;

	oc_assert_owned(ch);
	for (; closes; closes &= closes - 1) {
		u32 chk = part->cmd->addr[__ffs64(closes)].chk;

		if (ch->chunks[chk].state == OC_CHK_OPEN)
			oc_chunk_close(&ch->chunks[chk], &ch->stat);
	}
}

/* Is any sector of the part one that the rule is about? */
static bool oc_fault_touches(const struct oc_fault_rule *rule,
			     const struct oc_part *part, enum oc_op op)
{
	u64 left;

	/* Addresses that the device maps are logical: only the group counts */
	if (part->ch->ftl)
		return oc_fault_concerns(rule, part->ch->faults->grp, op);
	for (left = part->sectors; left; left &= left - 1) {
		const struct oc_addr *addr = &part->cmd->addr[__ffs64(left)];
		struct oc_fault_at at = oc_fault_at(part, op, addr);

		if (oc_fault_matches(rule, part->ch->faults->grp, &at))
			return true;
	}
	return false;
}

/**
 * oc_fault_late() - apply rules that delay a part or lose its command's completion
 * @part:	part that has run, of a channel with rules
 *
 * A part counts as one operation, however many sectors it has.
 *
 * Context: owner of the channel.
 */
void oc_fault_late(struct oc_part *part)
{
	u32 kinds = BIT(OC_FAULT_DELAY) | BIT(OC_FAULT_DROP);
	struct oc_faults *faults = part->ch->faults;
	struct oc_cmd *cmd = part->cmd;
	u32 i;

	oc_assert_owned(part->ch);
	kinds &= faults->kinds;
	for (i = 0; i < faults->nr && kinds; i++) {
		struct oc_fault_state *state = &faults->state[i];
		const struct oc_fault_rule *rule = state->rule;

		if (!(kinds & BIT(rule->kind)) ||
		    !oc_fault_touches(rule, part, cmd->exec->op) ||
		    !oc_fault_strikes(state))
			continue;
		kinds &= ~BIT(rule->kind);
		if (rule->kind == OC_FAULT_DROP)
			WRITE_ONCE(cmd->lose, rule->for_good ?
				   OC_LOSE_UNTIL_RESET : OC_LOSE_UNTIL_ABORT);
		else if (!READ_ONCE(cmd->queue->closing))
			part->when.expires = rule->delay_ns +
				max(part->when.expires, ktime_get());
	}
}
