// SPDX-License-Identifier: GPL-2.0
/*
 * oc20_bed.c - chunk descriptors of a namespace of OCSSD 2.0
 */
#include <linux/string.h>

#include "oc20_bed.h"

/**
 * chunk_log() - read a chunk's descriptor in the log of namespace 1
 * @bench:	bench
 * @grp:	group
 * @chk:	chunk of the group
 *
 * Return: the descriptor.
 */
struct oc_wire_chunk chunk_log(struct bench *bench, u32 grp, u32 chk)
{
	struct bench_cmd *bc = bench_cmd(bench);
	struct oc_wire_chunk desc;
	u64 at = (grp * 15 + chk) * sizeof(desc);

	bench_data(bc, true, sizeof(desc));
	bc->cmd.ns = &bench->dev->ns[0];
	KUNIT_EXPECT_EQ(bench->test, oc_ns_oc20.chunk_log(&bc->cmd, at, sizeof(desc)), (u16)0);
	memcpy(&desc, bc->data, sizeof(desc));
	bench_cmd_free(bc);
	return desc;
}
