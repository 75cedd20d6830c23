// SPDX-License-Identifier: GPL-2.0
/*
 * ns/oc20/time.c - how long commands of OCSSD 2.0 take
 */
#include <linux/kernel.h>

#include "oc20.h"
#include "oc_assert.h"
#include "oc_channel.h"
#include "oc_chunk.h"
#include "oc_cmd.h"
#include "oc_timing.h"

/**
 * oc20_time_write() - account for the time of writing a run
 * @part:	part that is over no sooner
 * @run:	sectors of it that follow each other in one chunk
 * @ready_ns:	when what is copied has been read, CLOCK_MONOTONIC; 0 for the
 *		host's data
 *
 * Context: owner of the part's channel.
 */
void oc20_time_write(struct oc_part *part, const struct oc20_run *run,
		     u64 ready_ns)
{
	struct oc_channel *ch = part->ch;
	u32 pu = (run->chk - ch->chunks) / ch->geo->num_chk;
	u32 secs = oc_chunk_secs(ch->geo, run->chk);
	struct oc_timing tm = ch->timing;
	u64 end;

	oc_assert_owned(ch);
	/* Force Unit Access: done when it is in flash, not in the cache */
	if (le16_to_cpu(part->cmd->sqe->rw.control) & NVME_RW_FUA)
		tm.cache = 0;
	if (ready_ns)
		end = oc_timing_copy(&ch->clock, &tm, pu, run->sec, run->n,
				     secs, oc_part_began(part), ready_ns);
	else
		end = oc_timing_write(&ch->clock, &tm, pu, run->sec, run->n,
				      secs, oc_part_began(part));

	/* Suspendable if it waits for the die, not the cache or the controller */
	oc_part_until(part, pu, end,
		      run->n > tm.cache && end == ch->clock.die[pu].idle_ns);
}

/**
 * oc20_time_read() - account for the time of reading sectors
 * @part:	part that is over no sooner
 * @addr:	addresses
 * @done:	those of them that are read; those that follow each other are
 *		read together
 *
 * Context: owner of the part's channel.
 */
void oc20_time_read(struct oc_part *part, const struct oc_addr *addr, u64 done)
{
	struct oc_channel *ch = part->ch;

	oc_assert_owned(ch);
	while (done) {
		u32 first = __ffs64(done), n = 0, i = first, pu;

		do {
			n++;
			done &= done - 1;
			i = done ? __ffs64(done) : 0;
		} while (done && addr[i].chk == addr[first].chk &&
			 addr[i].sec == addr[first].sec + n);
		pu = addr[first].chk / ch->geo->num_chk;
		oc_part_until(part, pu,
			      oc_timing_read(&ch->clock, &ch->timing, pu,
					     addr[first].sec, n,
					     oc_part_began(part)), false);
	}
}
