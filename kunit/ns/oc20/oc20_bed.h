/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc20_bed.h - chunk descriptors of a namespace of OCSSD 2.0
 */
#ifndef OC20_BED_H
#define OC20_BED_H

#include "oc_test.h"

struct oc_wire_chunk chunk_log(struct bench *bench, u32 grp, u32 chk);

#endif /* OC20_BED_H */
