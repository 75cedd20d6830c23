// SPDX-License-Identifier: GPL-2.0
/*
 * oc20_test.c - chunks of other types and sizes, limits of open ones, wear, FUA
 *
 * Statuses are literal, 0x4000 being DNR.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/string.h>

#include "oc20_bed.h"

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
	bench = bench_remake(test, &cfg);
	desc = chunk_log(bench, 4, 13);
	KUNIT_EXPECT_EQ(test, (u32)desc.ct, 2U);
	KUNIT_EXPECT_EQ(test, (u32)desc.cs, 1U);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(desc.wp), U64_MAX);
	KUNIT_EXPECT_EQ(test, (u32)chunk_log(bench, 4, 12).ct, 1U);

	/* One command, in any order, no multiple of ws_min, with repetition */
	for (i = 0; i < ARRAY_SIZE(order); i++)
		lba[i] = bench_lba(bench, 1, 2, 3, order[i]);
	KUNIT_EXPECT_EQ(test, bench_write_list(bench, lba, 5, 1), (u16)0);
	desc = chunk_log(bench, 1, 13);
	KUNIT_EXPECT_EQ(test, (u32)desc.cs, 4U);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(desc.wp), U64_MAX);
	for (i = 0; i < 24; i++) {
		u64 at = bench_lba(bench, 1, 2, 3, i);

		KUNIT_EXPECT_EQ_MSG(test, bench_read_one(bench, at, at, 1),
				    (int)(i == 0 || i == 7 || i == 8 ||
					  i == 15 || i == 23), "sector %u", i);
	}

	/* Again and again, and what is elsewhere stays */
	used = bench_used(bench);
	KUNIT_EXPECT_EQ(test, bench_write_list(bench, lba + 1, 1, 2), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_used(bench), used);
	KUNIT_EXPECT_EQ(test, bench_read_one(bench, lba[1], lba[1], 2), 1);
	KUNIT_EXPECT_EQ(test, bench_read_one(bench, lba[2], lba[2], 1), 1);

	/* Sectors never written are unwritten, with DULBE too */
	bench->dev->ns[0].dulbe = true;
	{
		struct bench_cmd *bc = bench_cmd(test->priv);

		bc->lba[0] = lba[0];
		bc->lba[1] = lba[0] - 1;
		bench_vector(bc, OC_CMD_VECTOR_READ, 2);
		KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4287);
		KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 2ULL);
	}
	bench->dev->ns[0].dulbe = false;

	/* A full one stays open; a reset returns all, gaps or not */
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, bench_lba(bench, 1, 2, 4, 0), 24, 3),
			(u16)0);
	KUNIT_EXPECT_EQ(test, (u32)chunk_log(bench, 1, 14).cs, 4U);
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench, lba[0]), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench, bench_lba(bench, 1, 2, 4, 0)), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
	KUNIT_EXPECT_EQ(test, (u32)chunk_log(bench, 1, 13).cs, 1U);
	KUNIT_EXPECT_EQ(test, (u32)chunk_log(bench, 1, 13).wli, 1U);
	KUNIT_EXPECT_EQ(test, bench_read_one(bench, lba[1], lba[1], 2), 0);

	/* With its neighbour in order: a vector may have both */
	lba[4] = bench_lba(bench, 1, 2, 2, 0);
	for (i = 5; i < 8; i++)
		lba[i] = lba[4] + i - 4;
	KUNIT_EXPECT_EQ(test, bench_write_list(bench, lba, 8, 4), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)chunk_log(bench, 1, 12).cs, 4U);
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
	bench = bench_remake(test, &cfg);
	desc = chunk_log(bench, 0, 4);
	KUNIT_EXPECT_EQ(test, (u32)desc.ct, 0x11U);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(desc.cnlb), 12ULL);
	desc = chunk_log(bench, 0, 3);
	KUNIT_EXPECT_EQ(test, (u32)desc.ct, 1U);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(desc.cnlb), 24ULL);
	bench_identify(&bench->dev->ns[0], id);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(id->ncap), 5 * 3 * (4 * 24 + 12ULL));

	lba = bench_lba(bench, 2, 1, 4, 0);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, lba, 16, 1), (u16)0x4280);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, lba, 12, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)chunk_log(bench, 2, 9).cs, 2U);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, lba + 12, 4, 1), (u16)0x4280);
	KUNIT_EXPECT_EQ(test, bench_read_one(bench, lba + 11, lba + 11, 1), 1);
	KUNIT_EXPECT_EQ(test, bench_read_one(bench, lba + 12, lba + 12, 1), 0);

	/* One past its end is not its own; its size is the range's */
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench, lba + 12), (u16)0x42c1);
	bc = bench_cmd(test->priv);
	bc->sqe.dsm.opcode = nvme_cmd_dsm;
	bc->sqe.dsm.nsid = cpu_to_le32(1);
	bc->sqe.dsm.attributes = cpu_to_le32(NVME_DSMGMT_AD);
	((struct nvme_dsm_range *)bc->data)->nlb = cpu_to_le32(24);
	((struct nvme_dsm_range *)bc->data)->slba = cpu_to_le64(lba);
	bench_data(bc, false, 16);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4080);
	((struct nvme_dsm_range *)bc->data)->nlb = cpu_to_le32(12);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)chunk_log(bench, 2, 9).cs, 1U);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
}

/* ---- limits of open chunks -------------------------------------------- */

/* A vector write of @n sectors each at the start of chunks of one unit */
static u16 open_chunks(struct kunit *test, u32 grp, u32 pu, u32 chk, u32 nr,
		       u32 n)
{
	u64 lba[64];
	u32 i;

	for (i = 0; i < nr * n; i++)
		lba[i] = bench_lba(test->priv, grp, pu, chk + i / n, i % n);
	return bench_write_list(test->priv, lba, nr * n, 1);
}

static void limit_of_a_unit(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct bench *bench;

	cfg.geo.maxocpu = 2;
	bench = bench_remake(test, &cfg);
	KUNIT_EXPECT_EQ(test, open_chunks(test, 1, 1, 0, 3, 4), (u16)0x4280);
	KUNIT_EXPECT_EQ(test, open_chunks(test, 1, 1, 0, 2, 4), (u16)0);
	KUNIT_EXPECT_EQ(test, open_chunks(test, 1, 1, 2, 1, 4), (u16)0x4280);
	KUNIT_EXPECT_EQ(test, (u32)chunk_log(bench, 1, 7).cs, 1U);
	/* Elsewhere there is room; what is open may be written */
	KUNIT_EXPECT_EQ(test, open_chunks(test, 1, 2, 2, 1, 4), (u16)0);
	KUNIT_EXPECT_EQ(test, open_chunks(test, 2, 1, 2, 1, 4), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, bench_lba(bench, 1, 1, 0, 4), 20, 1),
			(u16)0);
	/* One is closed now */
	KUNIT_EXPECT_EQ(test, open_chunks(test, 1, 1, 2, 1, 4), (u16)0);
	KUNIT_EXPECT_EQ(test, open_chunks(test, 1, 1, 3, 1, 4), (u16)0x4280);
	/* And reset, or offline */
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench, bench_lba(bench, 1, 1, 1, 0)), (u16)0);
	KUNIT_EXPECT_EQ(test, open_chunks(test, 1, 1, 3, 1, 4), (u16)0);
	bench_offline(bench, 1, 8);
	KUNIT_EXPECT_EQ(test, open_chunks(test, 1, 1, 4, 1, 4), (u16)0);
	KUNIT_EXPECT_EQ(test, open_chunks(test, 1, 1, 1, 1, 4), (u16)0x4280);
}

static void limit_of_a_namespace(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct bench *bench;
	u64 lba[16];
	u32 i;

	cfg.ns = "oc20:3,oc20:2";
	cfg.geo.maxoc = 3;
	bench = bench_remake(test, &cfg);
	/* Four in as many channels and units: nothing is opened */
	for (i = 0; i < 16; i++)
		lba[i] = bench_lba(bench, i / 4 % 3, i / 4, 0, i % 4);
	lba[12] = bench_lba(bench, 0, 1, 0, 0);
	for (i = 13; i < 16; i++)
		lba[i] = lba[12] + i - 12;
	KUNIT_EXPECT_EQ(test, bench_write_list(bench, lba, 16, 1), (u16)0x4280);
	KUNIT_EXPECT_EQ(test, atomic_read(&bench->dev->ns[0].open), 0);
	KUNIT_EXPECT_EQ(test, bench_write_list(bench, lba, 12, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, atomic_read(&bench->dev->ns[0].open), 3);
	KUNIT_EXPECT_EQ(test, bench_write_list(bench, lba + 12, 4, 1), (u16)0x4280);
	/* Not even for a moment */
	KUNIT_EXPECT_EQ(test, open_chunks(test, 2, 0, 3, 1, 24), (u16)0x4280);

	KUNIT_EXPECT_EQ(test, bench_write_run(bench, lba[0] + 4, 20, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, open_chunks(test, 2, 0, 3, 1, 24), (u16)0);
	KUNIT_EXPECT_EQ(test, atomic_read(&bench->dev->ns[0].open), 2);
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench, lba[4]), (u16)0);
	KUNIT_EXPECT_EQ(test, atomic_read(&bench->dev->ns[0].open), 1);
	bench_offline(bench, 2, 10);
	KUNIT_EXPECT_EQ(test, atomic_read(&bench->dev->ns[0].open), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&bench->dev->ns[1].open), 0);
}

/* Of many that come at once, as many as may are served, and no more */
static void limit_under_pressure(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct bench_cmd *bc[40];
	struct bench *bench;
	u32 i, good = 0;

	cfg.geo.maxoc = 17;
	bench = bench_remake(test, &cfg);
	for (i = 0; i < ARRAY_SIZE(bc); i++) {
		bc[i] = bench_cmd(test->priv);
		bench_scalar(bc[i], nvme_cmd_write,
			     bench_lba(bench, i % 5, i / 5 % 3, i / 15, 0), 4);
	}
	for (i = 0; i < ARRAY_SIZE(bc); i++) {
		bench->dev->use_inline = i % 3 == 0;
		bench_submit(bc[i]);
	}
	for (i = 0; i < ARRAY_SIZE(bc); i++) {
		KUNIT_EXPECT_TRUE(test, bench_wait(bc[i]));
		good += !bc[i]->cmd.status;
		KUNIT_EXPECT_TRUE(test, !bc[i]->cmd.status ||
				  bc[i]->cmd.status == 0x4280);
	}
	KUNIT_EXPECT_EQ(test, good, 17U);
	KUNIT_EXPECT_EQ(test, atomic_read(&bench->dev->ns[0].open), 17);
}

/* ---- wear ------------------------------------------------------------- */

/* Write and reset a chunk of channel 3; 15 chunks share its average */
static void wear_out(struct kunit *test, u32 pu, u32 chk, u32 times)
{
	u64 lba = bench_lba(test->priv, 3, pu, chk, 0);

	while (times--) {
		bench_write_run(test->priv, lba, 24, 1);
		bench_reset_one(test->priv, lba);
	}
}

static void wear_is_told(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	const struct oc_wire_notice *entry;
	struct bench *bench;
	u32 i;

	cfg.geo.wit = 4;
	bench = bench_remake(test, &cfg);
	entry = bench->dev->notices.ring;
	wear_out(test, 1, 2, 4);
	KUNIT_EXPECT_EQ(test, bench->dev->notices.nr, 0ULL);
	KUNIT_EXPECT_EQ(test, (u32)chunk_log(bench, 3, 7).wli, 4U);
	wear_out(test, 1, 2, 3);
	KUNIT_EXPECT_EQ(test, bench->dev->notices.nr, 1ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry->lba), bench_lba(bench, 3, 1, 2, 0));
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(entry->state), 0x100U);
	KUNIT_EXPECT_EQ(test, (u32)entry->mask, 2U);

	/* All others but one follow: that one is the next news */
	for (i = 0; i < 15 * 7; i++)
		if (i % 15 != 7 && i % 15 != 14)
			wear_out(test, i % 15 / 5, i % 5, 1);
	KUNIT_EXPECT_EQ(test, bench->dev->notices.nr, 2ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry[1].lba), bench_lba(bench, 3, 2, 4, 0));
}

static void wear_is_not_told(struct kunit *test)
{
	struct bench *bench = test->priv;

	wear_out(test, 1, 2, 300);
	KUNIT_EXPECT_EQ(test, bench->dev->notices.nr, 0ULL);
	KUNIT_EXPECT_EQ(test, (u32)chunk_log(bench, 3, 7).wli, 255U);
}

/* ---- what is not there reads as ones ---------------------------------- */

static void nothing_is_ones(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct bench_cmd *bc;
	struct bench *bench;
	struct nvme_id_ns *id;
	u32 i;

	id = kunit_kzalloc(test, sizeof(*id), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, id);
	cfg.geo.dlfeat = 2;
	cfg.geo.mccap = 5;
	bench = bench_remake(test, &cfg);
	bench_identify(&bench->dev->ns[0], id);
	KUNIT_EXPECT_EQ(test, (u32)id->dlfeat, 2U);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 24, 1), (u16)0);
	bc = bench_cmd(test->priv);
	bench_scalar(bc, nvme_cmd_read, 23, 3);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_compare(bc, 0, 23, 1), 0U);
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->data + 512, 0xff, 1024));

	/* Also what a copy makes of it */
	for (i = 0; i < 24; i++) {
		bc->list[i] = cpu_to_le64(bench_lba(bench, 2, 2, 2, i));
		((__le64 *)bc->oob)[i] = cpu_to_le64(bench_lba(bench, 1, 0, 0,
							       i));
	}
	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.common.opcode = 0x93;
	bc->sqe.common.nsid = cpu_to_le32(1);
	((struct oc_wire_vector *)&bc->sqe)->nlb = cpu_to_le16(23);
	((struct oc_wire_vector *)&bc->sqe)->lbal = cpu_to_le64(OOB_HANDLE);
	((struct oc_wire_vector *)&bc->sqe)->dlbal = cpu_to_le64(LIST_HANDLE);
	bench_data(bc, false, 0);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	bench_scalar(bc, nvme_cmd_read, bench_lba(bench, 2, 2, 2, 0), 24);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->data, 0xff, 24 * 512));
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->oob, 0xff, 24 * 16));
}

/* ---- time -------------------------------------------------------------- */

static u64 write_took(struct bench_cmd *bc, u64 lba, u16 control)
{
	u64 began;

	bench_scalar(bc, nvme_cmd_write, lba, 4);
	bc->sqe.rw.control = cpu_to_le16(control);
	began = ktime_get_ns();
	KUNIT_EXPECT_EQ(bc->bench->test, bench_run(bc), (u16)0);
	return ktime_get_ns() - began;
}

/* A write with FUA is not over when it is in the cache */
static void fua_waits_for_the_flash(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct bench_cmd *bc;
	struct bench *bench;

	cfg.timing = "prog=400ms,page=4,cache=64";
	bench = bench_remake(test, &cfg);
	bc = bench_cmd(test->priv);
	KUNIT_EXPECT_TRUE(test, write_took(bc, 0, 0x8000) < 400 * NSEC_PER_MSEC);
	KUNIT_EXPECT_TRUE(test,
			  write_took(bc, bench_lba(bench, 1, 0, 0, 0),
				     0x4000) >= 400 * NSEC_PER_MSEC);
}

static struct kunit_case oc20_cases[] = {
	KUNIT_CASE(random_chunks),
	KUNIT_CASE(short_chunks),
	KUNIT_CASE(limit_of_a_unit),
	KUNIT_CASE(limit_of_a_namespace),
	KUNIT_CASE(limit_under_pressure),
	KUNIT_CASE(wear_is_told),
	KUNIT_CASE(wear_is_not_told),
	KUNIT_CASE(nothing_is_ones),
	KUNIT_CASE(fua_waits_for_the_flash),
	{}
};

struct kunit_suite oc_oc20_suite = {
	.name = "oc_oc20",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = oc20_cases,
};
