/* SPDX-License-Identifier: GPL-2.0 */
/*
 * timing_bed.h - a clock that the case moves
 */
#ifndef TIMING_BED_H
#define TIMING_BED_H

#include "oc_test.h"

#define DIES	16U
#define CLBA	96U

/**
 * struct fake - a channel's clock, and the times it goes by
 * @clk:	the clock
 * @tm:		the times
 * @clba:	sectors of a chunk
 */
struct fake {
	struct oc_clock clk;
	struct oc_timing tm;
	u32 clba;
};

int fake_init(struct kunit *test);
void fake_exit(struct kunit *test);
void fake_times(struct kunit *test, const char *text);
struct fake *fake_fresh(struct kunit *test, const char *text);

static inline u64 rd(struct fake *fake, u32 pu, u32 sec, u32 n, u64 now)
{
	return oc_timing_read(&fake->clk, &fake->tm, pu, sec, n, now);
}

static inline u64 wr(struct fake *fake, u32 pu, u32 sec, u32 n, u64 now)
{
	return oc_timing_write(&fake->clk, &fake->tm, pu, sec, n, fake->clba,
			       now);
}

static inline u64 rs(struct fake *fake, u32 pu, u64 now)
{
	return oc_timing_reset(&fake->clk, &fake->tm, pu, now);
}

#endif /* TIMING_BED_H */
