// SPDX-License-Identifier: GPL-2.0
/*
 * timing_bed.c - a clock that the case moves
 */
#include <linux/slab.h>

#include "timing_bed.h"

/**
 * fake_init() - a suite's init: a clock that the case moves
 * @test:	the case; its priv is a struct fake
 *
 * Return: 0 or -ENOMEM.
 */
int fake_init(struct kunit *test)
{
	struct fake *fake = kzalloc(sizeof(*fake), GFP_KERNEL);

	if (!fake)
		return -ENOMEM;
	test->priv = fake;
	fake->clba = CLBA;
	return oc_clock_init(&fake->clk, DIES);
}

/**
 * fake_exit() - the exit that goes with it
 * @test:	the case
 */
void fake_exit(struct kunit *test)
{
	struct fake *fake = test->priv;

	if (!fake)
		return;
	oc_clock_exit(&fake->clk);
	kfree(fake);
}

/**
 * fake_times() - from here on these times hold
 * @test:	the case; ends if they are wrong
 * @text:	the times
 */
void fake_times(struct kunit *test, const char *text)
{
	struct fake *fake = test->priv;
	struct oc_complaint why = { };

	KUNIT_ASSERT_EQ_MSG(test, oc_timing_parse(&fake->tm, text, &why), 0,
			    "%s: want %s", why.value, why.want);
}

/**
 * fake_fresh() - the same, with a clock that has done nothing yet
 * @test:	the case; ends if they are wrong
 * @text:	the times
 *
 * Return: the clock.
 */
struct fake *fake_fresh(struct kunit *test, const char *text)
{
	struct fake *fake = test->priv;

	oc_clock_exit(&fake->clk);
	KUNIT_ASSERT_EQ(test, oc_clock_init(&fake->clk, DIES), 0);
	fake_times(test, text);
	return fake;
}
