/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nand_bed.h - a device of planes, blocks and pages, and the commands of OCSSD 1.2
 *
 * Expected addresses, offsets and statuses are written out, from the specification; none
 * come from the code under test.
 */
#ifndef NAND_BED_H
#define NAND_BED_H

#include "oc12.h"
#include "oc_test.h"

#define WRITE_FAIL	((u16)0x40ff)
#define EMPTY_PAGE	((u16)0x42ff)
#define INVALID		((u16)0x4002)
#define OUT_OF_RANGE	((u16)0x4080)

/* Plane modes */
#define DUAL		1
#define QUAD		2

struct oc_config nand_config(u32 num_pln, bool strict, const char *ns);
struct bench *nand_bench(struct kunit *test, u32 num_pln, bool strict,
			 const char *ns);
u64 nand_ppa(const struct bench *bench, u32 ch, u32 lun, u32 blk, u32 pg,
	     u32 pln, u32 sec);
struct oc12_wire_rw *nand_rw(struct bench_cmd *bc);
u32 nand_page(struct bench_cmd *bc, u32 at, u32 lun, u32 blk, u32 pg, u32 pln,
	      u32 nr);
u16 nand_run(struct bench_cmd *bc, u8 opcode, u32 nr, u16 control, u32 seed);
u16 nand_write(struct bench *bench, u32 lun, u32 blk, u32 pages, u32 seed);
u16 nand_erase(struct bench *bench, u64 addr, u16 control);
struct oc_chunk *nand_chunk(const struct bench *bench, u32 ch, u32 lun, u32 blk,
			    u32 pln);
u16 nand_get_bbt(struct bench_cmd *bc, u64 addr, u32 len);
u16 nand_set_bbt(struct bench_cmd *bc, u32 nr, u8 value);

#endif /* NAND_BED_H */
