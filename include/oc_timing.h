/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_timing.h - when die and bus are next idle
 */
#ifndef OC_TIMING_H
#define OC_TIMING_H

#include <linux/types.h>

struct oc_channel;
struct oc_complaint;

#define OC_PAGE_TYPES		3U	/* lower, middle, upper */
#define OC_BUS_SPANS		512U	/* reservations a bus remembers */
#define OC_CACHE_ENTRIES	1024U	/* programs a write cache waits for */
#define OC_CACHED_MANY		U32_MAX	/* entry that is of several dies */

/**
 * struct oc_timing - the times of a device
 * @on:		any of them is not 0
 * @suspend:	reads interrupt programs and erases
 * @types:	page types in use, 1 to OC_PAGE_TYPES
 * @read_ns:	sense of a flash page of each type
 * @prog_ns:	program of a flash page of each type
 * @erase_ns:	erase of a chunk
 * @bus_ns:	transfer of a sector
 * @cmd_ns:	bus time of a command
 * @ctrl_ns:	controller's time for a command
 * @suspend_ns:	time to suspend a program or erase
 * @page_secs:	sectors of a flash page
 * @planes:	planes that work together
 * @cache:	sectors of write cache, per channel; 0 for none
 */
struct oc_timing {
	bool on;
	bool suspend;
	u32 types;
	u32 read_ns[OC_PAGE_TYPES];
	u32 prog_ns[OC_PAGE_TYPES];
	u32 erase_ns;
	u32 bus_ns;
	u32 cmd_ns;
	u32 ctrl_ns;
	u32 suspend_ns;
	u32 page_secs;
	u32 planes;
	u32 cache;
};

/**
 * struct oc_die - a parallel unit's time
 * @idle_ns:	when all its operations are done
 * @read_ns:	when the reads among them are done
 * @shift_ns:	by how much reads have delayed programs and erases so far
 */
struct oc_die {
	u64 idle_ns;
	u64 read_ns;
	u64 shift_ns;
};

/**
 * struct oc_span - a reservation of the bus
 * @from:	its start, ns
 * @to:		its end, ns
 */
struct oc_span {
	u64 from;
	u64 to;
};

/**
 * struct oc_cached - sectors in the write cache that a program will free
 * @free_ns:	when
 * @secs:	how many
 * @pu:		the die, or OC_CACHED_MANY
 */
struct oc_cached {
	u64 free_ns;
	u32 secs;
	u32 pu;
};

/**
 * struct oc_clock - a channel's time; belongs to the channel's owner
 * @die:	the parallel units
 * @span:	reservations of the bus, ascending, with gaps between them
 * @nr_spans:	how many
 * @bus_ns:	end of the last reservation that was dropped
 * @cached:	full flash pages that are or will be in the write cache, in no
 *		order
 * @nr_cached:	how many
 * @cache_ns:	when the last of them finds room
 * @of:		with OC_DEBUG, the channel, NULL for a clock of none
 */
struct oc_clock {
	struct oc_die *die;
	struct oc_span *span;
	u32 nr_spans;
	u64 bus_ns;
	struct oc_cached *cached;
	u32 nr_cached;
	u64 cache_ns;
#ifdef OC_DEBUG
	const struct oc_channel *of;
#endif
};

/* ---- flash/timing.c ------------------------------------------------------- */

u64 oc_timing_read(struct oc_clock *clk, const struct oc_timing *tm, u32 pu,
		   u32 sec, u32 n, u64 now_ns);
u64 oc_timing_write(struct oc_clock *clk, const struct oc_timing *tm, u32 pu,
		    u32 sec, u32 n, u32 clba, u64 now_ns);
u64 oc_timing_copy(struct oc_clock *clk, const struct oc_timing *tm, u32 pu,
		   u32 sec, u32 n, u32 clba, u64 now_ns, u64 ready_ns);
u64 oc_timing_reset(struct oc_clock *clk, const struct oc_timing *tm, u32 pu,
		    u64 now_ns);
u64 oc_timing_shift(const struct oc_clock *clk, u32 pu);
int oc_clock_init(struct oc_clock *clk, u32 num_pu);
void oc_clock_exit(struct oc_clock *clk);
int oc_timing_parse(struct oc_timing *tm, const char *text,
		    struct oc_complaint *why);

#endif /* OC_TIMING_H */
