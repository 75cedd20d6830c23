// SPDX-License-Identifier: GPL-2.0
/*
 * oc20_test.c - what OCSSD 2.0 has beside plain reads, writes and resets
 *
 * Statuses are literal, 0x4000 being DNR.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "oc_test.h"

static struct bench *remake(struct kunit *test, const struct oc_config *cfg)
{
	struct bench *bench = bench_remake(test, cfg);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bench);
	return bench;
}

static struct bench_cmd *need_cmd(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bc);
	return bc;
}

static struct oc_wire_chunk describe(struct kunit *test, u32 grp, u32 chk)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = need_cmd(test);
	struct oc_wire_chunk desc;

	bench_data(bc, true, sizeof(desc));
	bc->cmd.ns = &bench->dev->ns[0];
	KUNIT_EXPECT_EQ(test, oc_ns_oc20.chunk_log(&bc->cmd,
						   (grp * 15 + chk) * 32, 32),
			(u16)0);
	memcpy(&desc, bc->data, sizeof(desc));
	bench_cmd_free(bc);
	return desc;
}

/* Write those addresses; data and OOB say which and by which @seed */
static u16 write_list(struct kunit *test, const u64 *lba, u32 nr, u32 seed)
{
	struct bench_cmd *bc = need_cmd(test);
	u16 status;

	memcpy(bc->lba, lba, nr * sizeof(*lba));
	bench_vector(bc, OC_CMD_VECTOR_WRITE, nr);
	bench_fill(bc, nr, seed);
	status = bench_run(bc);
	bench_cmd_free(bc);
	return status;
}

/* Read one sector: 1 if it is what @lba was written with, 0 if it is blank */
static int read_one(struct kunit *test, u64 at, u64 lba, u32 seed)
{
	struct bench_cmd *bc = need_cmd(test);
	int ret = -1;

	bc->lba[0] = at;
	bench_vector(bc, OC_CMD_VECTOR_READ, 1);
	memset(bc->data, 0xa5, 512);
	memset(bc->oob, 0xa5, 16);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	if (!bench_compare(bc, 0, lba, seed))
		ret = 1;
	else if (bench_is_blank(bc, 0))
		ret = 0;
	bench_cmd_free(bc);
	return ret;
}

/* ---- chunks unlike the others ----------------------------------------- */

static void random_chunks(struct kunit *test)
{
	static const u32 order[] = { 23, 0, 7, 8, 15 };
	struct oc_config cfg = bench_config();
	struct oc_wire_chunk desc;
	struct bench *bench;
	u64 lba[64];
	u32 i, used;

	cfg.type = "random:2";
	bench = remake(test, &cfg);
	desc = describe(test, 4, 13);
	KUNIT_EXPECT_EQ(test, (u32)desc.ct, 2U);
	KUNIT_EXPECT_EQ(test, (u32)desc.cs, 1U);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(desc.wp), U64_MAX);
	KUNIT_EXPECT_EQ(test, (u32)describe(test, 4, 12).ct, 1U);

	/* One command, in any order, no multiple of ws_min, with repetition */
	for (i = 0; i < ARRAY_SIZE(order); i++)
		lba[i] = bench_lba(bench, 1, 2, 3, order[i]);
	KUNIT_EXPECT_EQ(test, write_list(test, lba, 5, 1), (u16)0);
	desc = describe(test, 1, 13);
	KUNIT_EXPECT_EQ(test, (u32)desc.cs, 4U);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(desc.wp), U64_MAX);
	for (i = 0; i < 24; i++) {
		u64 at = bench_lba(bench, 1, 2, 3, i);

		KUNIT_EXPECT_EQ_MSG(test, read_one(test, at, at, 1),
				    (int)(i == 0 || i == 7 || i == 8 ||
					  i == 15 || i == 23), "sector %u", i);
	}

	/* Again and again, and what is elsewhere stays */
	used = bench_used(bench);
	KUNIT_EXPECT_EQ(test, write_list(test, lba + 1, 1, 2), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_used(bench), used);
	KUNIT_EXPECT_EQ(test, read_one(test, lba[1], lba[1], 2), 1);
	KUNIT_EXPECT_EQ(test, read_one(test, lba[2], lba[2], 1), 1);

	/* Sectors never written are unwritten, with DULBE too */
	bench->dev->ns[0].dulbe = true;
	{
		struct bench_cmd *bc = need_cmd(test);

		bc->lba[0] = lba[0];
		bc->lba[1] = lba[0] - 1;
		bench_vector(bc, OC_CMD_VECTOR_READ, 2);
		KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4287);
		KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 2ULL);
	}
	bench->dev->ns[0].dulbe = false;

	/* A full one stays open; a reset returns all, gaps or not */
	KUNIT_EXPECT_EQ(test, bench_write_run(bench,
					      bench_lba(bench, 1, 2, 4, 0), 24,
					      3), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)describe(test, 1, 14).cs, 4U);
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench, lba[0]), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench,
					      bench_lba(bench, 1, 2, 4, 0)),
			(u16)0);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
	KUNIT_EXPECT_EQ(test, (u32)describe(test, 1, 13).cs, 1U);
	KUNIT_EXPECT_EQ(test, (u32)describe(test, 1, 13).wli, 1U);
	KUNIT_EXPECT_EQ(test, read_one(test, lba[1], lba[1], 2), 0);

	/* With its neighbour in order: a vector may have both */
	lba[4] = bench_lba(bench, 1, 2, 2, 0);
	for (i = 5; i < 8; i++)
		lba[i] = lba[4] + i - 4;
	KUNIT_EXPECT_EQ(test, write_list(test, lba, 8, 4), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)describe(test, 1, 12).cs, 4U);
}

static void short_chunks(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct oc_wire_chunk desc;
	struct nvme_id_ns *id;
	struct bench *bench;
	struct bench_cmd *bc;
	u64 lba;

	id = kunit_kzalloc(test, sizeof(*id), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, id);
	cfg.cnlb = "1:12";
	bench = remake(test, &cfg);
	desc = describe(test, 0, 4);
	KUNIT_EXPECT_EQ(test, (u32)desc.ct, 0x11U);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(desc.cnlb), 12ULL);
	desc = describe(test, 0, 3);
	KUNIT_EXPECT_EQ(test, (u32)desc.ct, 1U);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(desc.cnlb), 24ULL);
	oc_ns_identify(&bench->dev->ns[0], id);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(id->ncap), 5 * 3 * (4 * 24 + 12ULL));

	lba = bench_lba(bench, 2, 1, 4, 0);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, lba, 16, 1), (u16)0x4280);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, lba, 12, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)describe(test, 2, 9).cs, 2U);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, lba + 12, 4, 1),
			(u16)0x4280);
	KUNIT_EXPECT_EQ(test, read_one(test, lba + 11, lba + 11, 1), 1);
	KUNIT_EXPECT_EQ(test, read_one(test, lba + 12, lba + 12, 1), 0);

	/* An address past its end is none of its own; its size is the DSM's */
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench, lba + 12), (u16)0x42c1);
	bc = need_cmd(test);
	bc->sqe.dsm.opcode = nvme_cmd_dsm;
	bc->sqe.dsm.nsid = cpu_to_le32(1);
	bc->sqe.dsm.attributes = cpu_to_le32(NVME_DSMGMT_AD);
	((struct nvme_dsm_range *)bc->data)->nlb = cpu_to_le32(24);
	((struct nvme_dsm_range *)bc->data)->slba = cpu_to_le64(lba);
	bench_data(bc, false, 16);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4080);
	((struct nvme_dsm_range *)bc->data)->nlb = cpu_to_le32(12);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)describe(test, 2, 9).cs, 1U);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
}

static struct kunit_case oc20_cases[] = {
	KUNIT_CASE(random_chunks),
	KUNIT_CASE(short_chunks),
	{}
};

struct kunit_suite oc_oc20_suite = {
	.name = "oc_oc20",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = oc20_cases,
};
