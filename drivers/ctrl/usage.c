// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/usage.c - counts of commands, and of the data that channels have transferred
 */
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>

#include "oc.h"
#include "oc_assert.h"
#include "oc_chunk.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_ftl.h"
#include "oc_media.h"

/**
 * oc_cmd_counted() - commands of one kind that hosts have sent
 * @dev:	device
 * @kind:	OC_COUNT_*
 *
 * Context: any.
 * Return: how many.
 */
u64 oc_cmd_counted(const struct oc_dev *dev, u32 kind)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(dev->cmds, cpu)->nr[kind]);
	return sum;
}

/*
 * Fetch what a channel had transferred when its sector size last changed, and its
 * current FTL. Returns the sector size since then, in 512-byte units
 */
static u32 oc_channel_sizes(const struct oc_channel *ch, struct oc_units *units,
			    const struct oc_ftl **ftl)
{
	u32 per_sector;

	spin_lock(&ch->dev->geo_lock);
	*units = ch->units;
	*ftl = ch->ftl;
	per_sector = ch->geo->lba_size / 512;
	spin_unlock(&ch->dev->geo_lock);
	return per_sector;
}

/**
 * oc_channel_units() - what a channel has transferred for hosts
 * @ch:		channel
 * @read:	set to 512-byte units read
 * @written:	set to 512-byte units written
 *
 * Context: process; takes oc_dev.geo_lock. A busy channel's counters go on meanwhile.
 */
void oc_channel_units(const struct oc_channel *ch, u64 *read, u64 *written)
{
	const struct oc_ftl *ftl;
	struct oc_units units;
	u32 per_sector = oc_channel_sizes(ch, &units, &ftl);

	*read = units.read +
		(READ_ONCE(ch->count.reads) - units.reads) * per_sector;
	*written = units.written +
		(READ_ONCE(ch->count.writes) - units.writes) * per_sector;
}

/**
 * oc_channel_programmed() - what a channel has programmed
 * @ch:		channel
 *
 * Where the host keeps the map, that is what the host has written.
 *
 * Context: process; as for oc_for_each_ns(), or the channel's owner. Takes
 * oc_dev.geo_lock. A busy channel's counters go on meanwhile.
 * Return: 512-byte units, for all namespaces that it has belonged to.
 */
u64 oc_channel_programmed(const struct oc_channel *ch)
{
	const struct oc_ftl *ftl;
	struct oc_units units;
	u32 per_sector;
	u64 more;

	oc_assert_ns(ch->dev);
	per_sector = oc_channel_sizes(ch, &units, &ftl);
	if (ftl)
		more = READ_ONCE(ftl->count.programs) - units.programs;
	else
		more = READ_ONCE(ch->count.writes) - units.writes;
	return units.programmed + more * per_sector;
}

/**
 * oc_channel_erase() - erase a chunk
 * @ch:		channel
 * @chk:	chunk
 *
 * Context: process, the channel's owner.
 */
void oc_channel_erase(struct oc_channel *ch, u32 chk)
{
	oc_assert_owned(ch);
	ch->dev->media->discard(ch, chk);
	/* An offline chunk stays offline, but loses its data, too */
	if (oc_chunk_format(&ch->chunks[chk], &ch->stat))
		oc_count_add(ch->count.resets, 1);
	if (ch->ftl)
		oc_ftl_erased(ch->ftl, chk);
}

/**
 * oc_channel_clear() - prepare a channel for a change of its sector size
 * @ch:		channel whose chunks hold nothing
 *
 * Transfers so far are added up in 512-byte units, and its media is emptied.
 *
 * Context: process, the channel's owner; sleeps.
 */
void oc_channel_clear(struct oc_channel *ch)
{
	struct oc_units units = {
		.reads = ch->count.reads, .writes = ch->count.writes,
		.programs = ch->ftl ? ch->ftl->count.programs : 0,
		.programmed = oc_channel_programmed(ch),
	};

	oc_assert_owned(ch);
	oc_channel_units(ch, &units.read, &units.written);
	/* Others read them without owning the channel */
	spin_lock(&ch->dev->geo_lock);
	ch->units = units;
	spin_unlock(&ch->dev->geo_lock);
	ch->dev->media->clear_ch(ch);
}
