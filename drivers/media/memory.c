// SPDX-License-Identifier: GPL-2.0
/*
 * media/memory.c - how much memory data may take, and the channels' budgets
 *
 * Without a limit of its own, a device stops allocating before MemAvailable falls
 * below a twentieth of all memory, or 128 MiB. The data cannot be swapped out, so
 * otherwise the out-of-memory killer would go through the processes, none of which
 * holds the memory.
 *
 * Unused budgets count as granted but are not yet allocated. All of them together
 * are up to 32 MiB, and by so much the device may overshoot the mark.
 */
/* KBUILD_MODNAME would name the KUnit module too */
#define pr_fmt(fmt) "ocloop: " fmt

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/ratelimit.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "oc_assert.h"
#include "oc_channel.h"
#include "oc_dev.h"
#include "oc_memory.h"
#include "oc_text.h"

#define OC_MEMORY_SPARE		SZ_128M	/* left available at least, */
#define OC_MEMORY_PARTS		20	/* or this fraction of all memory */
#define OC_MEMORY_BUDGETS	SZ_16M	/* granted to all channels at first */
#define OC_MEMORY_STEP_MIN	SZ_64K
#define OC_MEMORY_STEP_MAX	SZ_1M

/* ---- the limit -------------------------------------------------------- */

static int oc_memory_refuse(struct oc_complaint *why, const char *text)
{
	oc_complain(why, "memory", text,
		    "auto, 1%% to 100%% of all memory, a size in bytes or with K, M or G behind it, or 0 for no limit");
	return -EINVAL;
}

/**
 * oc_memory_parse() - read a limit
 * @limit:	filled in
 * @text:	"auto", "" for the same, "0" for none, a size as oc_text_size() takes
 *		it, or a share of @total, "1%" to "100%"
 * @total:	bytes of memory of the machine
 * @why:	filled in if it is none of these
 *
 * Context: any.
 * Return: 0, or -EINVAL with @limit as it was.
 */
int oc_memory_parse(struct oc_memory_limit *limit, const char *text, u64 total,
		    struct oc_complaint *why)
{
	u64 n;

	if (!*text || !strcmp(text, "auto")) {
		*limit = (struct oc_memory_limit) { .kind = OC_MEMORY_AUTO };
		return 0;
	}
	if (!oc_text_percent(text, &n))
		n *= div_u64(total, 100);
	else if (oc_text_size(text, &n))
		return oc_memory_refuse(why, text);
	*limit = (struct oc_memory_limit) {
		.kind = n ? OC_MEMORY_FIXED : OC_MEMORY_NONE, .bytes = n,
	};
	return 0;
}

/**
 * oc_memory_spare() - memory that OC_MEMORY_AUTO leaves available
 * @total:	bytes of memory there are
 *
 * Context: any.
 * Return: bytes.
 */
u64 oc_memory_spare(u64 total)
{
	return max_t(u64, div_u64(total, OC_MEMORY_PARTS), OC_MEMORY_SPARE);
}

static u64 oc_memory_above(u64 have, u64 mark)
{
	return have > mark ? have - mark : 0;
}

/**
 * oc_memory_room() - how much more may be granted to the channels?
 * @mem:	memory
 * @available:	bytes that are available on the machine
 *
 * Up to the peak of what data took before, half of the spare memory may be used:
 * mostly such memory comes from partly used slab pages, which the machine does not
 * count as available.
 *
 * Context: any; holds oc_memory.lock, or nobody else can reach @mem.
 * Return: bytes.
 */
u64 oc_memory_room(const struct oc_memory *mem, u64 available)
{
	u64 again;

	switch (mem->limit.kind) {
	case OC_MEMORY_NONE:
		return U64_MAX;
	case OC_MEMORY_FIXED:
		return oc_memory_above(mem->limit.bytes, mem->granted);
	default:
		again = min(oc_memory_above(mem->peak, mem->granted),
			    oc_memory_above(available, mem->spare / 2));
		return max(oc_memory_above(available, mem->spare), again);
	}
}

static u64 oc_memory_available(void)
{
	return (u64)max(si_mem_available(), 0L) << PAGE_SHIFT;
}

/**
 * oc_memory_init() - initialize a device's memory accounting
 * @mem:	zeroes: without a limit of its own
 * @num_grp:	channels
 * @total:	bytes of memory of the machine
 *
 * Context: process.
 */
void oc_memory_init(struct oc_memory *mem, u32 num_grp, u64 total)
{
	spin_lock_init(&mem->lock);
	mem->step = clamp_t(u32, OC_MEMORY_BUDGETS / num_grp, OC_MEMORY_STEP_MIN,
			    OC_MEMORY_STEP_MAX);
	mem->spare = oc_memory_spare(total);
	mem->available = oc_memory_available;
}

/* ---- budgets ---------------------------------------------------------- */

/* Take back unused budgets of channels until there are @want bytes */
static u64 oc_memory_collect(struct oc_dev *dev, u64 want)
{
	u64 got = 0;
	u32 i;

	for (i = 0; i < dev->geo.num_grp && got < want; i++)
		got += atomic64_xchg(&dev->ch[i].budget, 0);
	return got;
}

static void oc_memory_tell(const struct oc_dev *dev, u64 held)
{
	const struct oc_memory *mem = &dev->memory;

	if (READ_ONCE(mem->limit.kind) == OC_MEMORY_FIXED)
		pr_warn_ratelimited("data has reached the limit of %llu MiB (memory=): writes that need more fail\n",
				    READ_ONCE(mem->limit.bytes) >> 20);
	else
		pr_warn_ratelimited("data takes %llu MiB and gets no more, since %llu MiB must stay available: writes that need more fail (see memory=)\n",
				    held >> 20, mem->spare >> 20);
}

/* The slow path of oc_memory_take(): the budget does not suffice */
static noinline int oc_memory_ask(struct oc_channel *ch, u64 bytes)
{
	struct oc_memory *mem = &ch->dev->memory;
	u64 available = mem->available(), have, need, room, more, held = 0;
	unsigned long flags;
	bool tell = false;

	spin_lock_irqsave(&mem->lock, flags);
	have = atomic64_xchg(&ch->budget, 0);
	need = oc_memory_above(bytes, have);
	room = oc_memory_room(mem, available);
	if (unlikely(room < need)) {
		have += oc_memory_collect(ch->dev, need);
		need = oc_memory_above(bytes, have);
	}
	if (likely(room >= need)) {
		/* Close to the limit a channel gets no more than it needs */
		more = min_t(u64, mem->step,
			     div_u64(room, 4 * ch->dev->geo.num_grp));
		more = max(more, need);
		have += more;
		mem->granted += more;
		if (available > mem->spare)
			mem->peak = max(mem->peak, mem->granted);
	}
	if (unlikely(have < bytes)) {
		mem->refused++;
		tell = !mem->told;
		mem->told = true;
		held = mem->granted;
	} else {
		have -= bytes;
		bytes = 0;
	}
	atomic64_add(have, &ch->budget);
	spin_unlock_irqrestore(&mem->lock, flags);

	if (tell)
		oc_memory_tell(ch->dev, held);
	return bytes ? -ENOSPC : 0;
}

/**
 * oc_memory_take() - charge a channel for memory that it is about to allocate
 * @ch:		channel
 * @bytes:	how much
 *
 * Context: owner of the channel; does not sleep. Takes oc_memory.lock now and then.
 * Return: 0, or -ENOSPC if the device's limit forbids it.
 */
int oc_memory_take(struct oc_channel *ch, u64 bytes)
{
	s64 have = atomic64_read(&ch->budget);

	oc_assert_owned(ch);
	/* Other CPUs only lower it: oc_memory_collect() */
	while (likely(have >= (s64)bytes))
		if (likely(atomic64_try_cmpxchg(&ch->budget, &have,
						have - bytes)))
			return 0;
	return oc_memory_ask(ch, bytes);
}

/* The slow path of oc_memory_put(): the budget is too large */
static noinline void oc_memory_return(struct oc_channel *ch)
{
	struct oc_memory *mem = &ch->dev->memory;
	unsigned long flags;
	u64 have, keep;

	spin_lock_irqsave(&mem->lock, flags);
	have = atomic64_xchg(&ch->budget, 0);
	keep = min_t(u64, have, mem->step);
	mem->granted -= have - keep;
	mem->told = false;
	atomic64_add(keep, &ch->budget);
	spin_unlock_irqrestore(&mem->lock, flags);
}

/**
 * oc_memory_put() - a channel has freed memory that it was charged for
 * @ch:		channel
 * @bytes:	how much
 *
 * Context: owner of the channel, or nobody else can reach the device; does not
 * sleep. Takes oc_memory.lock now and then.
 */
void oc_memory_put(struct oc_channel *ch, u64 bytes)
{
	oc_assert_owned(ch);
	if (unlikely(atomic64_add_return(bytes, &ch->budget) >
		     2 * (s64)ch->dev->memory.step))
		oc_memory_return(ch);
}

/**
 * oc_memory_exit() - check that all memory has been put back
 * @dev:	device whose channels hold nothing any more; perhaps it has none
 *
 * Context: process.
 */
void oc_memory_exit(struct oc_dev *dev)
{
	WARN_ON_ONCE(dev->ch && dev->memory.granted !=
		     oc_memory_collect(dev, U64_MAX));
}

/* ---- the device ------------------------------------------------------- */

/**
 * oc_dev_set_memory() - change the limit for a device's data
 * @dev:	device, perhaps busy
 * @limit:	limit; data that exceeds it already stays
 *
 * Context: process. Takes oc_memory.lock.
 */
void oc_dev_set_memory(struct oc_dev *dev, const struct oc_memory_limit *limit)
{
	struct oc_memory *mem = &dev->memory;

	spin_lock_irq(&mem->lock);
	mem->limit = *limit;
	mem->granted -= oc_memory_collect(dev, U64_MAX);
	mem->told = false;
	spin_unlock_irq(&mem->lock);
}

/**
 * oc_dev_memory_advice() - is there memory for a device's whole capacity?
 * @dev:	device that holds nothing yet
 * @full:	bytes of all its sectors
 * @text:	filled in if there is not
 * @size:	bytes of @text
 *
 * Context: process. Takes oc_memory.lock.
 * Return: @text, a sentence, or NULL if there is enough.
 */
const char *oc_dev_memory_advice(struct oc_dev *dev, u64 full, char *text,
				 size_t size)
{
	struct oc_memory *mem = &dev->memory;
	u64 available = mem->available(), room;
	bool none;

	spin_lock_irq(&mem->lock);
	room = min(oc_memory_room(mem, available), available);
	none = mem->limit.kind == OC_MEMORY_NONE;
	spin_unlock_irq(&mem->lock);
	if (full <= room)
		return NULL;
	scnprintf(text, size,
		  "%llu MiB when full, and there are %llu MiB of memory for it: %s (see memory=)",
		  full >> 20, room >> 20,
		  none ? "the machine can run out of it" :
			 "writes that need more will fail");
	return text;
}
