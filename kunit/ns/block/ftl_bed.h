/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ftl_bed.h - an FTL on a bed of flash, and a model that is nothing but an array
 *
 * The model knows which write each logical sector holds; the flash knows which
 * write each physical sector holds. Flash here is strict: nothing is written
 * over what is there, moved from where nothing is, or erased while it holds
 * something. Programs and erases fail when they are told to.
 */
#ifndef FTL_BED_H
#define FTL_BED_H

#include "oc_ftl.h"
#include "oc_test.h"

/* What may fail: programs of the host's sectors, of moved ones, and erases */
enum bed_op { BED_HOST, BED_GC, BED_ERASE, BED_OPS };

/**
 * struct bed - an FTL, the flash under it and the model beside it
 * @test:	the case
 * @ftl:	the FTL
 * @geo:	its geometry
 * @chunks:	its chunks
 * @stat:	counts of their states
 * @flash:	the write that each physical sector holds, 0 for none
 * @model:	the write that each logical sector holds, or a value of the map
 * @writes:	writes so far
 * @runs:	of several sectors at once
 * @seed:	state of the random numbers
 * @fail:	one program or erase of so many fails; 0 for none
 * @burst:	so many fail besides
 * @ops:	of these, bits of enum bed_op
 * @gap:	and one of so many of them
 * @wrong:	what flash was asked for and should not have been
 */
struct bed {
	struct kunit *test;
	struct oc_ftl ftl;
	struct oc_geo geo;
	struct oc_chunk *chunks;
	struct oc_chunk_stat stat;
	u32 *flash;
	u32 *model;
	u32 writes;
	u32 runs;
	u64 seed;
	u32 fail;
	u32 burst;
	u32 ops;
	u32 gap;
	u32 wrong;
};

/* A model's entry that is no write */
#define BED_ZERO	U32_MAX
#define BED_BAD		(U32_MAX - 1)

#define BED_RUN		12U	/* most sectors of a write */

/**
 * struct bed_shape - a geometry and an FTL on it
 * @name:	what is special about it
 * @num_pu:	parallel units
 * @num_chk:	chunks of each
 * @clba:	sectors of each
 * @ws_min:	sectors of a write unit
 * @ws_opt:	sectors of a stripe
 * @op:		over-provisioning, per cent
 * @gc:		policy
 */
struct bed_shape {
	const char *name;
	u32 num_pu;
	u32 num_chk;
	u32 clba;
	u32 ws_min;
	u32 ws_opt;
	u32 op;
	const char *gc;
};

#define BED_SHAPES	8U

extern const struct bed_shape bed_shapes[BED_SHAPES];

u32 bed_random(struct bed *bed, u32 below);
void bed_free(struct bed *bed);
struct bed *bed_alloc(struct kunit *test, const struct bed_shape *shape);
int bed_start(struct bed *bed, const struct bed_shape *shape);
struct bed *bed_make(struct kunit *test, const struct bed_shape *shape);
bool bed_fits(const struct bed *bed, u32 lba, u32 nr);
u32 bed_write_some(struct bed *bed, u32 lba, u32 want);
bool bed_write(struct bed *bed, u32 lba);
void bed_set(struct bed *bed, u32 lba, u32 val, u32 model);
bool bed_right(struct bed *bed, u32 lba);
bool bed_check(struct bed *bed, const char *name, u32 step);
bool bed_step(struct bed *bed);

#endif /* FTL_BED_H */
