/* SPDX-License-Identifier: GPL-2.0 */
/*
 * block_bed.h - a block namespace over five channels, and its commands
 *
 * Statuses are literal, 0x4000 being DNR.
 */
#ifndef BLOCK_BED_H
#define BLOCK_BED_H

#include "oc_block.h"
#include "oc_test.h"

/* Its size */
#define NSZE	1000U

/**
 * struct block_range - a range of a DSM command
 * @slba:	first block
 * @nr:		blocks
 */
struct block_range {
	u64 slba;
	u32 nr;
};

struct oc_config block_config(bool use_inline);
int block_init(struct kunit *test);
int block_worker_init(struct kunit *test);
const struct oc_ns *block_ns(struct bench *bench);
const char *block_check(struct bench *bench);
int block_write(struct bench *bench, u32 lba, u32 nr, u32 seed);
int block_read(struct bench *bench, u32 lba, u32 seed, u32 *wrong);
int block_do(struct bench *bench, u8 opcode, u64 slba, u32 nr, u16 control);
int block_dsm(struct bench *bench, const struct block_range *ranges, u32 nr,
	      u32 attributes);
u64 block_nuse(struct bench *bench);
void block_churn(struct kunit *test);

#endif /* BLOCK_BED_H */
