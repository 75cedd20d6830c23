/* SPDX-License-Identifier: GPL-2.0 */
/*
 * memory_bed.h - a device whose data may take so much memory
 */
#ifndef MEMORY_BED_H
#define MEMORY_BED_H

#include "oc_test.h"

struct bench *memory_bench(struct kunit *test, const char *ns, const char *memory);
void memory_expect_sums(struct kunit *test);

#endif /* MEMORY_BED_H */
