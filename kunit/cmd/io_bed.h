/* SPDX-License-Identifier: GPL-2.0 */
/*
 * io_bed.h - addresses over all channels, and sectors written there
 */
#ifndef IO_BED_H
#define IO_BED_H

#include "oc_test.h"

void io_chunks(struct bench_cmd *bc, u32 nr, u32 sec);
void io_stripes(struct bench_cmd *bc, u32 sec);
void io_write_stripes(struct kunit *test, struct bench_cmd *bc);

#endif /* IO_BED_H */
