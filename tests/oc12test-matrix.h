/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc12test-matrix.h - blocks made to be in a state, and commands judged by the model
 */
#ifndef OC12TEST_MATRIX_H
#define OC12TEST_MATRIX_H

#include "oc12test-model.h"

/* Sectors of a page and of a block, on all planes */
u32 page_secs(void);
u32 block_secs(void);

/* Load the model, and end the case if that cannot be done */
void begin_matrix(void);

u64 nth(struct block b, u32 t);
u32 add_run(u64 *list, u32 at, struct block b, u32 t, u32 n);

void make_free(struct block b);
void fill_to(struct block b, u32 pages);
struct block new_block(void);

extern u32 turn;	/* of ways and hints, where not all of them are tried */
u16 hints(u32 i);

/* Send a command that begins in @b, and say how it was */
void judge_op(const struct op *op, struct block b, const char *state, const char *place);

#endif /* OC12TEST_MATRIX_H */
