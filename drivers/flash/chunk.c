// SPDX-License-Identifier: GPL-2.0
/*
 * flash/chunk.c - chunk states, write pointers and every rule about them
 *
 * Pure: no clock, no sleeping, no printing; it does trace. All functions are
 * called by the owner of the chunk's channel. A check changes nothing; a commit
 * after a good check under the same ownership cannot fail. States change in
 * oc_chunk_set_state() and nowhere else.
 */
#include <linux/kernel.h>
#include <linux/math64.h>

#include "oc.h"
#include "oc_assert.h"
#include "oc_chunk.h"
#include "oc_trace.h"
#include "oc_wire.h"

static const char *const oc_chunk_names[OC_CHK_STATES] = {
	[OC_CHK_FREE]		= "free",
	[OC_CHK_OPEN]		= "open",
	[OC_CHK_CLOSED]		= "closed",
	[OC_CHK_OFFLINE]	= "offline",
};

static const u8 oc_chunk_wire[OC_CHK_STATES] = {
	[OC_CHK_FREE]		= OC_WIRE_CS_FREE,
	[OC_CHK_OPEN]		= OC_WIRE_CS_OPEN,
	[OC_CHK_CLOSED]		= OC_WIRE_CS_CLOSED,
	[OC_CHK_OFFLINE]	= OC_WIRE_CS_OFFLINE,
};

static void oc_chunk_set_state(struct oc_chunk *chk, struct oc_chunk_stat *stat,
			       enum oc_chunk_state state)
{
	bool was_open = chk->state == OC_CHK_OPEN;
	bool is_open = state == OC_CHK_OPEN;

	trace_oc_chunk_state(stat, chk, state);
	oc_count_add(stat->nr[chk->state], -1);
	oc_count_add(stat->nr[state], 1);
	chk->state = state;
	if (was_open == is_open)
		return;

	if (stat->open_pu)
		stat->open_pu[oc_chunk_pu(stat, chk)] += is_open ? 1 : -1;
	if (!stat->open_ns)
		return;
	/* The reservation is used up by the chunk that opens */
	if (!is_open)
		atomic_dec(stat->open_ns);
	else if (stat->reserved)
		stat->reserved--;
	else
		atomic_inc(stat->open_ns);
}

/**
 * oc_chunk_reserve() - reserve the right to open chunks of a namespace
 * @stat:	the chunks of one of its channels
 * @nr:		how many
 * @maxoc:	how many may be open in all
 *
 * The owners of other channels open chunks concurrently, so a check without a
 * reservation would be worth nothing.
 *
 * Context: owner of the channel, which opens them or calls oc_chunk_unreserve()
 * before it releases the channel.
 * Return: false if there would be more than @maxoc.
 */
bool oc_chunk_reserve(struct oc_chunk_stat *stat, u32 nr, u32 maxoc)
{
	int have = atomic_read(stat->open_ns);

	oc_assert_owned_of(stat);
	do {
		if (nr > maxoc || (u32)have > maxoc - nr)
			return false;
	} while (!atomic_try_cmpxchg(stat->open_ns, &have, have + nr));
	stat->reserved += nr;
	return true;
}

/**
 * oc_chunk_unreserve() - drop reservations that were not used
 * @stat:	the channel's chunks
 *
 * Context: owner of the channel.
 */
void oc_chunk_unreserve(struct oc_chunk_stat *stat)
{
	oc_assert_owned_of(stat);
	if (likely(!stat->reserved))
		return;
	atomic_sub(stat->reserved, stat->open_ns);
	stat->reserved = 0;
}

/**
 * oc_chunk_shape() - set the type and size of a chunk
 * @geo:	geometry
 * @chk:	free chunk
 * @stat:	the channel's chunks together
 * @random:	its sectors may be written in any order
 * @cnlb:	its sectors, a multiple of ws_min up to clba
 *
 * Context: before there are hosts, or by the owner of the channel.
 */
void oc_chunk_shape(const struct oc_geo *geo, struct oc_chunk *chk,
		    struct oc_chunk_stat *stat, bool random, u32 cnlb)
{
	stat->missing -= chk->missing;
	chk->missing = geo->clba - cnlb;
	stat->missing += chk->missing;
	chk->flags = random ? chk->flags | OC_CHK_RANDOM :
			      chk->flags & ~OC_CHK_RANDOM;
}

/**
 * oc_chunk_check_write() - may this run of sectors be written?
 * @geo:	geometry
 * @chk:	chunk
 * @sec:	first sector
 * @n:		sectors
 * @hole:	the run is not contiguous
 *
 * The order of the checks matters: a chunk that takes no writes is reported before
 * a wrong amount, and that before a wrong place. A random-write chunk allows any
 * amount and place, so each contiguous piece of a list is a run of its own.
 *
 * Context: owner of the chunk's channel.
 * Return: 0, or the NVMe status: Write Fault for a chunk that takes no writes
 * or a run past its end, Invalid Field for an amount that is no multiple of
 * ws_min, Out of Order for a run that does not start at the write pointer or
 * has a hole (OCSSD 2.0, 1.4 and 2.4).
 */
u16 oc_chunk_check_write(const struct oc_geo *geo, const struct oc_chunk *chk,
			 u32 sec, u32 n, bool hole)
{
	u32 secs = oc_chunk_secs(geo, chk);

	switch (chk->state) {
	case OC_CHK_FREE:
	case OC_CHK_OPEN:
		break;
	default:
		return OC_ERR(NVME_SC_WRITE_FAULT);
	}

	if (n > secs || sec > secs - n)
		return OC_ERR(NVME_SC_WRITE_FAULT);
	if (chk->flags & OC_CHK_RANDOM)
		return 0;
	if (!n || n % geo->ws_min)
		return OC_ERR(NVME_SC_INVALID_FIELD);
	if (sec != chk->wp || hole)
		return OC_ERR(OC_SC_OUT_OF_ORDER);
	return 0;
}

/**
 * oc_chunk_commit_write() - sectors have been written
 * @geo:	geometry
 * @chk:	chunk, checked by oc_chunk_check_write()
 * @stat:	the channel's count of states
 * @n:		sectors
 *
 * A random-write chunk has no write pointer and is never closed by writes.
 *
 * Context: owner of the chunk's channel.
 */
void oc_chunk_commit_write(const struct oc_geo *geo, struct oc_chunk *chk,
			   struct oc_chunk_stat *stat, u32 n)
{
	oc_assert_owned_of(stat);
	if (!(chk->flags & OC_CHK_RANDOM))
		chk->wp += n;
	chk->writes += n;
	if (chk->wp == oc_chunk_secs(geo, chk))
		oc_chunk_set_state(chk, stat, OC_CHK_CLOSED);
	else if (chk->state == OC_CHK_FREE)
		oc_chunk_set_state(chk, stat, OC_CHK_OPEN);
}

/**
 * oc_chunk_check_reset() - may this chunk be reset?
 * @geo:	geometry, for its capabilities
 * @chk:	chunk
 *
 * Context: owner of the chunk's channel.
 * Return: 0, or the NVMe status: Offline Chunk, or Invalid Reset for a free or
 * open chunk where the capabilities do not allow it (OCSSD 2.0, 1.3).
 */
u16 oc_chunk_check_reset(const struct oc_geo *geo, const struct oc_chunk *chk)
{
	switch (chk->state) {
	case OC_CHK_CLOSED:
		return 0;
	case OC_CHK_FREE:
		return geo->mccap & OC_MCCAP_MULTI_RESET ?
			0 : OC_ERR(OC_SC_INVALID_RESET);
	case OC_CHK_OPEN:
		return geo->mccap & OC_MCCAP_EARLY_RESET ?
			0 : OC_ERR(OC_SC_INVALID_RESET);
	default:
		return OC_ERR(OC_SC_OFFLINE_CHUNK);
	}
}

/**
 * oc_chunk_commit_reset() - the chunk has been reset
 * @chk:	chunk, checked by oc_chunk_check_reset()
 * @stat:	the channel's count of states
 *
 * Context: owner of the chunk's channel.
 */
void oc_chunk_commit_reset(struct oc_chunk *chk, struct oc_chunk_stat *stat)
{
	oc_assert_owned_of(stat);
	chk->wp = 0;
	chk->settled = 0;
	chk->resets++;
	oc_count_add(stat->resets, 1);
	oc_chunk_set_state(chk, stat, OC_CHK_FREE);
}

/**
 * oc_chunk_offline() - take a chunk offline
 * @chk:	chunk, in any state
 * @stat:	the channel's count of states
 *
 * Context: owner of the chunk's channel.
 */
void oc_chunk_offline(struct oc_chunk *chk, struct oc_chunk_stat *stat)
{
	oc_assert_owned_of(stat);
	if (chk->state == OC_CHK_CLOSED)
		chk->flags |= OC_CHK_SHUT;
	oc_chunk_set_state(chk, stat, OC_CHK_OFFLINE);
}

/**
 * oc_chunk_online() - bring an offline chunk back
 * @chk:	offline chunk
 * @stat:	the channel's count of states
 *
 * It returns to the state it was in, with its data.
 *
 * Context: owner of the chunk's channel.
 */
void oc_chunk_online(struct oc_chunk *chk, struct oc_chunk_stat *stat)
{
	enum oc_chunk_state state = chk->wp ? OC_CHK_OPEN : OC_CHK_FREE;

	oc_assert_owned_of(stat);
	if (chk->flags & OC_CHK_SHUT)
		state = OC_CHK_CLOSED;
	chk->flags &= ~OC_CHK_SHUT;
	oc_chunk_set_state(chk, stat, state);
}

/**
 * oc_chunk_close() - the chunk takes no more writes before its next reset
 * @chk:	chunk that is free or open
 * @stat:	the channel's count of states
 *
 * Context: owner of the chunk's channel.
 */
void oc_chunk_close(struct oc_chunk *chk, struct oc_chunk_stat *stat)
{
	oc_assert_owned_of(stat);
	oc_chunk_set_state(chk, stat, OC_CHK_CLOSED);
}

/**
 * oc_chunk_settle() - make all written sectors readable
 * @chk:	chunk in which a program has failed
 *
 * A host may stop writing to such a chunk, and then its last mw_cunits sectors would
 * never become readable.
 *
 * Context: owner of the chunk's channel.
 */
void oc_chunk_settle(struct oc_chunk *chk)
{
	chk->settled = chk->wp;
}

/**
 * oc_chunk_preset() - set the initial state of a chunk
 * @chk:	chunk of a device that has no hosts yet
 * @stat:	the channel's chunks together
 * @state:	its state
 * @wp:		its write pointer
 * @resets:	resets it has seen
 *
 * Context: owner of the chunk's channel.
 */
void oc_chunk_preset(struct oc_chunk *chk, struct oc_chunk_stat *stat,
		     enum oc_chunk_state state, u32 wp, u32 resets)
{
	oc_assert_owned_of(stat);
	oc_chunk_set_state(chk, stat, state);
	chk->wp = wp;
	oc_count_add(stat->resets, (u64)resets - chk->resets);
	chk->resets = resets;
	chk->settled = 0;
}

/**
 * oc_chunk_format() - reset a chunk whose namespace is formatted
 * @chk:	chunk, in any state; an offline one stays offline
 * @stat:	the channel's count of states
 *
 * Context: owner of the chunk's channel.
 * Return: true if there was something to reset.
 */
bool oc_chunk_format(struct oc_chunk *chk, struct oc_chunk_stat *stat)
{
	oc_assert_owned_of(stat);
	switch (chk->state) {
	case OC_CHK_OPEN:
	case OC_CHK_CLOSED:
		oc_chunk_commit_reset(chk, stat);
		return true;
	default:
		chk->wp = 0;
		chk->settled = 0;
		chk->flags &= ~OC_CHK_SHUT;
		return false;
	}
}

/**
 * oc_chunk_readable() - how much of a chunk may be read?
 * @geo:	geometry
 * @chk:	chunk
 *
 * The last mw_cunits sectors before the write pointer of an open chunk are still in
 * the device's buffers (OCSSD 2.0, 1.5), unless a failed program has settled them.
 * Any sector of a random-write chunk may be read; only the channel's table tells
 * whether it was ever written.
 *
 * Context: owner of the chunk's channel.
 * Return: the number of sectors, from the first on, that may be read.
 */
u32 oc_chunk_readable(const struct oc_geo *geo, const struct oc_chunk *chk)
{
	u32 flushed;

	if (chk->state != OC_CHK_OPEN && chk->state != OC_CHK_CLOSED)
		return 0;
	if (chk->flags & OC_CHK_RANDOM)
		return oc_chunk_secs(geo, chk);
	if (chk->state == OC_CHK_CLOSED)
		return chk->wp;
	flushed = chk->wp > geo->mw_cunits ? chk->wp - geo->mw_cunits : 0;
	return max(chk->settled, flushed);
}

/**
 * oc_chunk_wli() - a chunk's wear-level index
 * @chk:	chunk
 *
 * Context: owner of the chunk's channel.
 * Return: its resets, 255 for more.
 */
u32 oc_chunk_wli(const struct oc_chunk *chk)
{
	return min_t(u32, chk->resets, U8_MAX);
}

/**
 * oc_chunk_worn() - has a chunk's wear left the normal range?
 * @geo:	geometry, for its threshold
 * @chk:	chunk
 * @stat:	the channel's chunks, whose average the chunk is compared with
 *
 * The range is wit around the average wear-level index. The answer is true once, and
 * again only after the chunk was back in the range.
 *
 * Context: owner of the chunk's channel.
 * Return: true if a host should be told.
 */
bool oc_chunk_worn(const struct oc_geo *geo, struct oc_chunk *chk,
		   const struct oc_chunk_stat *stat)
{
	u32 wli = oc_chunk_wli(chk);
	u32 mean = min_t(u64, div_u64(stat->resets, geo->chks), U8_MAX);
	u32 delta = wli > mean ? wli - mean : mean - wli;

	oc_assert_owned_of(stat);
	if (delta <= geo->wit) {
		chk->flags &= ~OC_CHK_WORN;
		return false;
	}
	if (chk->flags & OC_CHK_WORN)
		return false;
	chk->flags |= OC_CHK_WORN;
	return true;
}

/**
 * oc_chunk_describe() - a chunk as the chunk information log shows it
 * @geo:	geometry
 * @chk:	chunk
 * @slba:	its first address in the namespace's format
 * @desc:	descriptor to fill
 *
 * Context: owner of the chunk's channel.
 */
void oc_chunk_describe(const struct oc_geo *geo, const struct oc_chunk *chk,
		       u64 slba, struct oc_wire_chunk *desc)
{
	bool random = chk->flags & OC_CHK_RANDOM;
	bool no_wp = random || chk->state == OC_CHK_OFFLINE;

	memset(desc, 0, sizeof(*desc));
	desc->cs = oc_chunk_wire[chk->state];
	desc->ct = random ? OC_WIRE_CT_RANDOM : OC_WIRE_CT_SEQ;
	if (chk->missing)
		desc->ct |= OC_WIRE_CT_SIZE;
	desc->wli = oc_chunk_wli(chk);
	desc->slba = cpu_to_le64(slba);
	desc->cnlb = cpu_to_le64(oc_chunk_secs(geo, chk));
	desc->wp = cpu_to_le64(no_wp ? U64_MAX : chk->wp);
}

/**
 * oc_chunk_state_name() - the name of a state
 * @state:	state
 *
 * Context: any.
 * Return: its name.
 */
const char *oc_chunk_state_name(enum oc_chunk_state state)
{
	return oc_chunk_names[state];
}

static const char *oc_chunk_why_write(const struct oc_chunk *chk, u32 sec)
{
	if (sec < chk->wp)
		return "behind the write pointer";
	return sec > chk->wp ? "ahead of the write pointer" : "has a hole";
}

/**
 * oc_chunk_why() - the reason of a refusal in words, for tracepoints
 * @chk:	chunk that refused
 * @sec:	the first sector of the command
 * @status:	what a check returned, or Unwritten Block for an unreadable sector
 *
 * Context: owner of the chunk's channel.
 * Return: a few words.
 */
const char *oc_chunk_why(const struct oc_chunk *chk, u32 sec, u16 status)
{
	switch (status & ~OC_SC_DNR) {
	case OC_SC_OFFLINE_CHUNK:
		return "offline";
	case OC_SC_INVALID_RESET:
		return chk->state == OC_CHK_FREE ? "free already" :
						   "still open";
	case NVME_SC_INVALID_FIELD:
		return "not a multiple of ws_min";
	case OC_SC_OUT_OF_ORDER:
		return oc_chunk_why_write(chk, sec);
	case NVME_SC_WRITE_FAULT:
		if (chk->state == OC_CHK_CLOSED)
			return "closed";
		return chk->state == OC_CHK_OFFLINE ? "offline" :
						      "past the chunk's end";
	case OC_SC_WRITE_FAIL:
		if (chk->state == OC_CHK_OFFLINE)
			return "bad block";
		return chk->state == OC_CHK_CLOSED && sec == chk->wp ?
			"closed" : oc_chunk_why_write(chk, sec);
	case OC_SC_EMPTY_PAGE:
		return "never written";
	case NVME_SC_UNWRITTEN_BLOCK:
		if (chk->state == OC_CHK_OFFLINE)
			return "offline";
		return sec < chk->wp ? "among the last mw_cunits written" :
				       "never written";
	default:
		return "failed";
	}
}

static void oc_chunk_trace(const struct oc_channel *ch,
			   const struct oc_chunk *chk, u32 sec, u32 n, u16 status)
{
	if (trace_oc_chunk_refuse_enabled())
		trace_oc_chunk_refuse(ch, chk, sec, n, status,
				      oc_chunk_why(chk, sec, status));
}

/**
 * oc_chunk_refuse() - count and trace that a chunk refuses an operation
 * @ch:		its channel
 * @chk:	the chunk
 * @sec:	the first sector
 * @n:		how many
 * @status:	NVMe status
 *
 * Context: owner of the channel.
 */
void oc_chunk_refuse(struct oc_channel *ch, struct oc_chunk *chk, u32 sec, u32 n,
		     u16 status)
{
	oc_assert_owned(ch);
	oc_chunk_trace(ch, chk, sec, n, status);
	chk->fails += n;
}

/**
 * oc_chunk_refuse_reset() - count and trace that a chunk refuses a reset
 * @ch:		its channel
 * @chk:	the chunk
 * @status:	NVMe status
 *
 * Context: owner of the channel.
 */
void oc_chunk_refuse_reset(struct oc_channel *ch, struct oc_chunk *chk, u16 status)
{
	oc_assert_owned(ch);
	oc_chunk_trace(ch, chk, 0, ch->geo->clba, status);
	/* One reset, however many sectors the chunk has */
	chk->fails++;
}
