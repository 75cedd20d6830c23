// SPDX-License-Identifier: GPL-2.0
/*
 * io_bed.c - addresses over all channels, and sectors written there
 */
#include "io_bed.h"

/**
 * io_chunks() - addresses in one chunk each, from the first chunk on, ascending
 * @bc:		command; its addresses are set
 * @nr:		how many
 * @sec:	sector in each chunk
 */
void io_chunks(struct bench_cmd *bc, u32 nr, u32 sec)
{
	u32 i;

	for (i = 0; i < nr; i++)
		bc->lba[i] = bench_lba(bc->bench, i % 5, i / 5 % 3, i / 15,
				       sec);
}

/**
 * io_stripes() - 64 addresses: eight sectors in each of 8 chunks over all channels
 * @bc:		command; its addresses are set
 * @sec:	the first sector in each chunk
 */
void io_stripes(struct bench_cmd *bc, u32 sec)
{
	u32 i;

	for (i = 0; i < 64; i++)
		bc->lba[i] = bench_lba(bc->bench, i / 8 % 5, i / 40, 0,
				       sec + i % 8);
}

/**
 * io_write_stripes() - close eight chunks, in three writes of 64 sectors
 * @test:	case; fails if a write does
 * @bc:		command
 */
void io_write_stripes(struct kunit *test, struct bench_cmd *bc)
{
	u32 sec;

	for (sec = 0; sec < 24; sec += 8) {
		io_stripes(bc, sec);
		bench_fill(bc, 64, 1);
		KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 64), (u16)0);
		KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0ULL);
	}
}
