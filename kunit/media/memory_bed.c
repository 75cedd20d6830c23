// SPDX-License-Identifier: GPL-2.0
/*
 * memory_bed.c - a device whose data may take so much memory
 */
#include "memory_bed.h"

/**
 * memory_bench() - a device with a limit, for this case
 * @test:	the case; its priv changes
 * @ns:		namespaces
 * @memory:	the limit, as memory= has it
 *
 * Return: the bench.
 */
struct bench *memory_bench(struct kunit *test, const char *ns, const char *memory)
{
	struct oc_config cfg = bench_config();

	cfg.ns = ns;
	cfg.memory = memory;
	return bench_remake(test, &cfg);
}

/**
 * memory_expect_sums() - what channels hold and may take is all that they were granted
 * @test:	the case; fails if it is not so
 */
void memory_expect_sums(struct kunit *test)
{
	struct bench *bench = test->priv;
	u64 sum = bench_bytes(bench);
	u32 i;

	for (i = 0; i < bench->dev->geo.num_grp; i++)
		sum += atomic64_read(&bench->dev->ch[i].budget);
	KUNIT_EXPECT_EQ(test, sum, bench->dev->memory.granted);
}
