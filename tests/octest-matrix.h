/* SPDX-License-Identifier: GPL-2.0 */
/*
 * octest-matrix.h - chunks made to be in a state, and commands judged by the model
 */
#ifndef OCTEST_MATRIX_H
#define OCTEST_MATRIX_H

#include "octest-model.h"

extern struct model m;

/* Load the model, and end the case if that cannot be done */
void begin_matrix(void);
void set_dulbe(bool on);

/* Not offline, and of the usual type: it can be made to be in a state */
bool usable(u32 chunk);
void fill_to(u32 chunk, u32 wp);
void make_free(u32 chunk);

/* Fill a chunk up and read it; what is wrong with it, or NULL */
const char *data_afterwards(u32 chunk);

/* Send a command that begins in @chunk, and say how it was */
void judge_op(const struct op *op, u32 chunk, const char *state, const char *place);

#endif /* OCTEST_MATRIX_H */
