// SPDX-License-Identifier: GPL-2.0
/*
 * ns/oc12/time.c - how long commands of OCSSD 1.2 take, with planes that work in
 * parallel
 */
#include <linux/kernel.h>

#include "oc12.h"
#include "oc_assert.h"
#include "oc_channel.h"
#include "oc_cmd.h"
#include "oc_timing.h"

/*
 * Here a flash page is a page of the identity, not of timing=: secs_per_pg sectors on
 * each of the planes that work together.
 */
static struct oc_timing oc12_timing(const struct oc_part *part, u32 planes)
{
	struct oc_timing tm = part->ch->timing;

	tm.planes = planes;
	tm.page_secs = part->ch->geo->secs_per_pg;
	return tm;
}

static u32 oc12_time_sec(const struct oc_geo *geo, u32 chk, u32 sec, u32 planes)
{
	u32 spp = geo->secs_per_pg;

	return (sec / spp * planes + (chk & (planes - 1))) * spp + sec % spp;
}

/**
 * oc12_time_write() - account for the time of a part that writes
 * @part:	part; its end is set
 * @run:	what it writes to each chunk
 * @nr:		chunks
 *
 * Context: owner of the part's channel; does not sleep.
 */
void oc12_time_write(struct oc_part *part, const struct oc12_run *run, u32 nr)
{
	struct oc_channel *ch = part->ch;
	u32 planes = oc12_planes(part->cmd), i, k;
	struct oc_timing tm = oc12_timing(part, planes);
	u32 clba = ch->geo->clba * planes;

	oc_assert_owned(ch);
	for (i = 0; i < nr; i++) {
		u32 base = oc12_together(run[i].chk, planes);
		u32 pu = run[i].chk / ch->geo->num_chk;
		u32 sec = U32_MAX, n = 0;
		u64 end;

		for (k = 0; k < nr; k++) {
			if (oc12_together(run[k].chk, planes) != base)
				continue;
			if (k < i)
				break;
			sec = min(sec, oc12_time_sec(ch->geo, run[k].chk,
						     run[k].sec, planes));
			n += run[k].n;
		}
		/* Done together with an earlier run, of the other planes */
		if (k < i)
			continue;
		/* Without strict a list may name a sector twice */
		n = min(n, clba - sec);
		end = oc_timing_write(&ch->clock, &tm, pu, sec, n, clba,
				      oc_part_began(part));
		oc_part_until(part, pu, end, n > tm.cache &&
			      end == ch->clock.die[pu].idle_ns);
	}
}

/**
 * oc12_time_read() - account for the time of a part that reads
 * @part:	part; its end is set
 * @done:	bit i: sector i was read. Those that follow each other are read
 *		together
 *
 * Context: owner of the part's channel; does not sleep.
 */
void oc12_time_read(struct oc_part *part, u64 done)
{
	const struct oc_addr *addr = part->cmd->addr;
	struct oc_channel *ch = part->ch;
	u32 planes = oc12_planes(part->cmd);
	struct oc_timing tm = oc12_timing(part, planes);

	oc_assert_owned(ch);
	while (done) {
		const struct oc_addr *a = &addr[__ffs64(done)];
		u32 first = oc12_time_sec(ch->geo, a->chk, a->sec, planes);
		u32 base = oc12_together(a->chk, planes), n = 0;
		u32 pu = a->chk / ch->geo->num_chk;

		do {
			n++;
			done &= done - 1;
			a = &addr[done ? __ffs64(done) : 0];
		} while (done && oc12_together(a->chk, planes) == base &&
			 oc12_time_sec(ch->geo, a->chk, a->sec, planes) ==
			 first + n);
		oc_part_until(part, pu,
			      oc_timing_read(&ch->clock, &tm, pu, first, n,
					     oc_part_began(part)), false);
	}
}
