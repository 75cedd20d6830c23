/* SPDX-License-Identifier: GPL-2.0 */
/*
 * admin_bed.h - a host's admin queue
 *
 * Statuses are literal, 0x4000 being DNR.
 */
#ifndef ADMIN_BED_H
#define ADMIN_BED_H

#include "oc_test.h"

#define INVALID_FIELD	((u16)0x4002)
#define INVALID_NS	((u16)0x400b)
#define NOT_SAVEABLE	((u16)0x410d)
#define NOT_PER_NS	((u16)0x410f)
#define SEQ_ERROR	((u16)0x400c)
#define INVALID_LOG	((u16)0x4109)

int admin_init(struct kunit *test);
void admin_exit(struct kunit *test);
u16 admin_set_feature(struct bench_cmd *bc, u8 fid, bool save, u32 nsid, u32 dw11);
u32 admin_result(struct bench_cmd *bc);
u16 admin_get_log(struct bench_cmd *bc, u8 lid, u32 nsid, u64 off, u32 len);

#endif /* ADMIN_BED_H */
