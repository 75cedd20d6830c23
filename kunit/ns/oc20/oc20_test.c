// SPDX-License-Identifier: GPL-2.0
/*
 * oc20_test.c - what OCSSD 2.0 has beside plain reads, writes and resets
 *
 * Statuses are literal, 0x4000 being DNR.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/string.h>

#include "oc_fault.h"
#include "oc_test.h"

static struct oc_wire_chunk describe(struct kunit *test, u32 grp, u32 chk)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
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
	struct bench_cmd *bc = bench_cmd(test->priv);
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
	struct bench_cmd *bc = bench_cmd(test->priv);
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
	bench = bench_remake(test, &cfg);
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
		struct bench_cmd *bc = bench_cmd(test->priv);

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
	bench = bench_remake(test, &cfg);
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
	KUNIT_EXPECT_EQ(test, (u32)describe(test, 2, 9).cs, 1U);
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
	return write_list(test, lba, nr * n, 1);
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
	KUNIT_EXPECT_EQ(test, (u32)describe(test, 1, 7).cs, 1U);
	/* Elsewhere there is room; what is open may be written */
	KUNIT_EXPECT_EQ(test, open_chunks(test, 1, 2, 2, 1, 4), (u16)0);
	KUNIT_EXPECT_EQ(test, open_chunks(test, 2, 1, 2, 1, 4), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench,
					      bench_lba(bench, 1, 1, 0, 4), 20,
					      1), (u16)0);
	/* One is closed now */
	KUNIT_EXPECT_EQ(test, open_chunks(test, 1, 1, 2, 1, 4), (u16)0);
	KUNIT_EXPECT_EQ(test, open_chunks(test, 1, 1, 3, 1, 4), (u16)0x4280);
	/* And reset, or offline */
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench,
					      bench_lba(bench, 1, 1, 1, 0)),
			(u16)0);
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
	KUNIT_EXPECT_EQ(test, write_list(test, lba, 16, 1), (u16)0x4280);
	KUNIT_EXPECT_EQ(test, atomic_read(&bench->dev->ns[0].open), 0);
	KUNIT_EXPECT_EQ(test, write_list(test, lba, 12, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, atomic_read(&bench->dev->ns[0].open), 3);
	KUNIT_EXPECT_EQ(test, write_list(test, lba + 12, 4, 1), (u16)0x4280);
	/* Not even for a moment */
	KUNIT_EXPECT_EQ(test, open_chunks(test, 2, 0, 3, 1, 24), (u16)0x4280);

	KUNIT_EXPECT_EQ(test, bench_write_run(bench, lba[0] + 4, 20, 1),
			(u16)0);
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
	KUNIT_EXPECT_EQ(test, (u32)describe(test, 3, 7).wli, 4U);
	wear_out(test, 1, 2, 3);
	KUNIT_EXPECT_EQ(test, bench->dev->notices.nr, 1ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry->lba),
			bench_lba(bench, 3, 1, 2, 0));
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(entry->state), 0x100U);
	KUNIT_EXPECT_EQ(test, (u32)entry->mask, 2U);

	/* All others but one follow: that one is the next news */
	for (i = 0; i < 15 * 7; i++)
		if (i % 15 != 7 && i % 15 != 14)
			wear_out(test, i % 15 / 5, i % 5, 1);
	KUNIT_EXPECT_EQ(test, bench->dev->notices.nr, 2ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry[1].lba),
			bench_lba(bench, 3, 2, 4, 0));
}

static void wear_is_not_told(struct kunit *test)
{
	struct bench *bench = test->priv;

	wear_out(test, 1, 2, 300);
	KUNIT_EXPECT_EQ(test, bench->dev->notices.nr, 0ULL);
	KUNIT_EXPECT_EQ(test, (u32)describe(test, 3, 7).wli, 255U);
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
	oc_ns_identify(&bench->dev->ns[0], id);
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

/* ---- vector copy ------------------------------------------------------ */

/* Where the source list is: a second buffer the host has handed out */
#define SRC_HANDLE	OOB_HANDLE

static struct bench *copy_bench(struct kunit *test, u32 mccap, bool use_inline)
{
	struct oc_config cfg = bench_config();

	cfg.geo.mccap = mccap;
	cfg.use_inline = use_inline;
	return bench_remake(test, &cfg);
}

static void set_copy(struct bench_cmd *bc, const u64 *src, const u64 *dst,
		     u32 nr)
{
	struct oc_wire_vector *sqe = (void *)&bc->sqe;
	__le64 *list = (void *)bc->oob;
	u32 i;

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = 0x93;
	sqe->nsid = cpu_to_le32(1);
	sqe->nlb = cpu_to_le16(nr - 1);
	sqe->lbal = cpu_to_le64(nr == 1 ? src[0] : SRC_HANDLE);
	sqe->dlbal = cpu_to_le64(nr == 1 ? dst[0] : LIST_HANDLE);
	for (i = 0; i < nr; i++) {
		list[i] = cpu_to_le64(src[i]);
		bc->list[i] = cpu_to_le64(dst[i]);
	}
	bench_data(bc, false, 0);
}

static u16 copy_list(struct kunit *test, const u64 *src, const u64 *dst, u32 nr,
		     u64 *failed)
{
	struct bench_cmd *bc = bench_cmd(test->priv);
	u16 status;

	set_copy(bc, src, dst, nr);
	status = bench_run(bc);
	*failed = bench_bitmap(bc);
	bench_cmd_free(bc);
	return status;
}

static void run_of(u64 *list, u64 lba, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		list[i] = lba + i;
}

static u32 copies(const struct bench *bench)
{
	u32 i, sum = 0;

	for (i = 0; i < bench->dev->geo.num_grp; i++)
		sum += bench->dev->ch[i].count.copies;
	return sum;
}

/* A chunk to another one of the same unit, channel and device */
static void copy_chunks(struct kunit *test, bool use_inline)
{
	struct bench *bench = copy_bench(test, 5, use_inline);
	u64 src[24], dst[24], failed;
	u32 k, i;

	const u64 to[] = {
		bench_lba(bench, 2, 1, 4, 0), bench_lba(bench, 2, 0, 0, 0),
		bench_lba(bench, 4, 2, 3, 0), bench_lba(bench, 0, 0, 0, 0),
	};

	run_of(src, bench_lba(bench, 2, 1, 3, 0), 24);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, src[0], 24, 7), (u16)0);
	for (k = 0; k < ARRAY_SIZE(to); k++) {
		run_of(dst, to[k], 24);
		KUNIT_EXPECT_EQ(test, copy_list(test, src, dst, 24, &failed),
				(u16)0);
		for (i = 0; i < 24; i++)
			KUNIT_EXPECT_EQ_MSG(test, read_one(test, dst[i], src[i],
							   7), 1,
					    "copy %u sector %u", k, i);
	}
	KUNIT_EXPECT_EQ(test, read_one(test, src[5], src[5], 7), 1);
	KUNIT_EXPECT_EQ(test, copies(bench), 4 * 24U);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 5 * 24U);

	/* The source may go, the copies stay */
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench, src[0]), (u16)0);
	KUNIT_EXPECT_EQ(test, read_one(test, dst[23], src[23], 7), 1);
}

static void copy_inline(struct kunit *test)
{
	copy_chunks(test, true);
}

static void copy_worker(struct kunit *test)
{
	copy_chunks(test, false);
}

/* Sectors of channels 0 and 4 by turns, to channel 1 and then to channel 2 */
static u16 copy_mixed(struct kunit *test, struct bench *bench, u32 sec,
		      u64 *failed)
{
	u64 src[16], dst[16];
	u32 i;

	for (i = 0; i < 16; i++) {
		src[i] = bench_lba(bench, i % 2 * 4, 0, 0, sec + i / 2);
		dst[i] = bench_lba(bench, 1 + i / 8, 1, 1, sec + i % 8);
	}
	return copy_list(test, src, dst, 16, failed);
}

/* Does a host that wants to know get told that a sector holds nothing? */
static bool unwritten(struct kunit *test, u64 lba)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u16 status;

	bench->dev->ns[0].dulbe = true;
	bc->lba[0] = lba;
	bench_vector(bc, OC_CMD_VECTOR_READ, 1);
	status = bench_run(bc);
	bench->dev->ns[0].dulbe = false;
	bench_cmd_free(bc);
	return status == 0x4287;
}

/* A place that nothing was copied to holds nothing */
static void copy_fails_whole(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	u64 src[16], dst[16], failed, bytes;
	struct bench *bench;
	u32 i, k;

	cfg.geo.mccap = 5;
	cfg.type = "random:1";
	for (k = 0; k < 2; k++) {
		cfg.use_inline = !k;
		bench = bench_remake(test, &cfg);
		bench_write_run(bench, bench_lba(bench, 0, 0, 0, 0), 24, 5);
		run_of(src, bench_lba(bench, 0, 0, 0, 0), 16);
		/* By turns to a chunk in order, and to a random-write chunk */
		for (i = 0; i < 16; i++)
			dst[i] = i % 2 ? bench_lba(bench, 1, 1, 4, 23 - i) :
					 bench_lba(bench, 2, 1, 1, i / 2);
		/* One of those holds something */
		KUNIT_EXPECT_EQ(test, write_list(test, dst + 7, 1, 6), (u16)0);
		bytes = bench_bytes(bench);
		bench_set_faults(bench, "read-fail grp=0 sec=5 times=1");
		KUNIT_EXPECT_EQ(test, copy_list(test, src, dst, 16, &failed),
				(u16)0x4281);
		KUNIT_EXPECT_EQ(test, bench_bytes(bench), bytes);
		for (i = 1; i < 16; i += 2)
			KUNIT_EXPECT_TRUE(test, unwritten(test, dst[i]) ==
						(i != 7));
		KUNIT_EXPECT_EQ(test, read_one(test, dst[7], dst[7], 6), 1);

		KUNIT_EXPECT_EQ(test, copy_list(test, src, dst, 16, &failed),
				(u16)0);
		for (i = 1; i < 16; i += 2)
			KUNIT_EXPECT_EQ(test, read_one(test, dst[i], src[i], 5),
					1);
	}
}

/* What a copy writes holds nothing for its own reads, if it held nothing before */
static void copy_from_where_it_goes(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct bench_cmd *bc;
	struct bench *bench;
	u64 src[3], dst[3], failed;
	u32 k;

	cfg.geo.mccap = 5;
	cfg.geo.dlfeat = 2;
	cfg.type = "random:1";
	for (k = 0; k < 2; k++) {
		cfg.use_inline = !k;
		bench = bench_remake(test, &cfg);
		/* 9 to 10, 20 to 9, and 9, which holds nothing, elsewhere */
		src[0] = bench_lba(bench, 1, 0, 4, 9);
		dst[0] = bench_lba(bench, 1, 0, 4, 10);
		src[1] = bench_lba(bench, 1, 0, 4, 20);
		dst[1] = src[0];
		src[2] = src[0];
		dst[2] = bench_lba(bench, 3, 2, 4, 7);
		KUNIT_EXPECT_EQ(test, write_list(test, src + 1, 1, 3), (u16)0);
		KUNIT_EXPECT_EQ(test, copy_list(test, src, dst, 3, &failed),
				(u16)0);
		KUNIT_EXPECT_EQ(test, read_one(test, dst[1], src[1], 3), 1);
		bc = bench_cmd(test->priv);
		bc->lba[0] = dst[0];
		bc->lba[1] = dst[2];
		bench_vector(bc, OC_CMD_VECTOR_READ, 2);
		KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
		KUNIT_EXPECT_PTR_EQ(test, memchr_inv(bc->data, 0xff, 1024), NULL);
		KUNIT_EXPECT_PTR_EQ(test, memchr_inv(bc->oob, 0xff, 32), NULL);
		bench_cmd_free(bc);

		/* The host that wants to know is told */
		bench->dev->ns[0].dulbe = true;
		src[0] = bench_lba(bench, 1, 0, 4, 0);
		dst[0] = src[0] + 1;
		src[1] = bench_lba(bench, 1, 0, 4, 20);
		dst[1] = src[0];
		KUNIT_EXPECT_EQ(test, copy_list(test, src, dst, 2, &failed),
				(u16)0x4287);
		KUNIT_EXPECT_TRUE(test, unwritten(test, dst[0]));
		KUNIT_EXPECT_TRUE(test, unwritten(test, dst[1]));
	}
}

/* Rules of reads strike sources, by where they are; then nothing is copied */
static void copy_faults(struct kunit *test, bool use_inline)
{
	struct bench *bench = copy_bench(test, 5, use_inline);
	u64 failed;
	u32 i;

	bench_write_run(bench, bench_lba(bench, 0, 0, 0, 0), 24, 5);
	bench_write_run(bench, bench_lba(bench, 4, 0, 0, 0), 24, 5);
	/* Where the copy goes nothing is read, and sector 9 is not in it */
	bench_set_faults(bench, "read-fail grp=1-2;read-fail sec=9;"
		  "read-fail grp=4 sec=5 times=1;write-fail grp=2 times=1");
	KUNIT_EXPECT_EQ(test, copy_mixed(test, bench, 0, &failed),
			(u16)0x4281);
	KUNIT_EXPECT_EQ(test, failed, 0xffffULL);
	KUNIT_EXPECT_EQ(test, (u32)describe(test, 1, 6).cs, 1U);
	KUNIT_EXPECT_EQ(test, (u32)describe(test, 2, 6).cs, 1U);
	KUNIT_EXPECT_EQ(test, copies(bench), 0U);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[4].count.media_errors, 1ULL);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].count.media_errors, 0ULL);
	KUNIT_EXPECT_EQ(test, bench->dev->notices.nr, 1ULL);
	/* A write that did not come to pass is no operation */
	KUNIT_EXPECT_EQ(test, bench->dev->ch[2].faults->state[3].seen, 0ULL);

	/* Then the write fails, and with it no read */
	KUNIT_EXPECT_EQ(test, copy_mixed(test, bench, 0, &failed),
			(u16)0x42f0);
	KUNIT_EXPECT_EQ(test, failed, 0xf00ULL);
	KUNIT_EXPECT_EQ(test, copies(bench), 12U);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, le64_to_cpu(describe(test, 1 + i,
							   6).wp), 8ULL);

	/* Weak data is copied; that it was weak is a matter of feedback */
	bench_set_faults(bench, "read-ecc grp=4 sec=10");
	KUNIT_EXPECT_EQ(test, copy_mixed(test, bench, 8, &failed), (u16)0);
	KUNIT_EXPECT_EQ(test, bench->dev->notices.nr, 2ULL);
	bench->dev->ns[0].feedback = 1;
	bench_set_faults(bench, "read-ecc grp=0 sec=18;write-close grp=1 sec=20");
	KUNIT_EXPECT_EQ(test, copy_mixed(test, bench, 16, &failed),
			(u16)0x42f1);
	KUNIT_EXPECT_EQ(test, failed, 0xf0ULL);
	bench_reset_one(bench, bench_lba(bench, 1, 1, 1, 0));
	bench_reset_one(bench, bench_lba(bench, 2, 1, 1, 0));
	bench_set_faults(bench, "read-ecc grp=0 sec=2");
	KUNIT_EXPECT_EQ(test, copy_mixed(test, bench, 0, &failed),
			(u16)0x42d0);
	KUNIT_EXPECT_EQ(test, failed, 1ULL << 4);
	bench->dev->ns[0].feedback = 0;
	KUNIT_EXPECT_EQ(test, copy_mixed(test, bench, 8, &failed), (u16)0);
	KUNIT_EXPECT_EQ(test, read_one(test, bench_lba(bench, 1, 1, 1, 4),
				       bench_lba(bench, 0, 0, 0, 2), 5), 1);
}

static void copy_faults_inline(struct kunit *test)
{
	copy_faults(test, true);
}

static void copy_faults_worker(struct kunit *test)
{
	copy_faults(test, false);
}

/* The same seed, the same fate: of sources too, and with limits of open chunks */
static void copy_faults_repeat(struct kunit *test)
{
	u64 fate[2] = {}, failed;
	u32 run, i;

	for (run = 0; run < 2; run++) {
		struct oc_config cfg = bench_config();
		struct bench *bench;
		atomic_t *open;

		cfg.geo.mccap = 5;
		cfg.geo.maxoc = 2;
		bench = bench_remake(test, &cfg);
		open = &bench->dev->ns[0].open;
		bench_write_run(bench, bench_lba(bench, 0, 0, 0, 0), 24, 5);
		bench_write_run(bench, bench_lba(bench, 4, 0, 0, 0), 24, 5);
		bench_set_faults(bench, "seed=3;read-fail probability=4");
		for (i = 0; i < 32; i++) {
			u16 status = copy_mixed(test, bench, 0, &failed);

			/* What failed has given back the chunks it would open */
			KUNIT_EXPECT_EQ(test, atomic_read(open),
					status ? 0 : 2);
			if (status) {
				KUNIT_EXPECT_EQ(test, status, (u16)0x4281);
				fate[run] |= BIT_ULL(i);
				continue;
			}
			bench_reset_one(bench, bench_lba(bench, 1, 1, 1, 0));
			bench_reset_one(bench, bench_lba(bench, 2, 1, 1, 0));
		}
	}
	KUNIT_EXPECT_EQ(test, fate[0], fate[1]);
	KUNIT_EXPECT_TRUE(test, hweight64(fate[0]) > 4);
	KUNIT_EXPECT_TRUE(test, hweight64(fate[0]) < 28);
}

/* 64 sectors from everywhere to everywhere, one of them each where due */
static void copy_scattered(struct kunit *test)
{
	struct bench *bench = copy_bench(test, 5, true);
	u64 src[64], dst[64], failed;
	u32 i, g;

	for (g = 0; g < 5; g++)
		KUNIT_EXPECT_EQ(test,
				bench_write_run(bench, bench_lba(bench, g, 0,
								 0, 0), 24, g),
				(u16)0);
	for (i = 0; i < 64; i++)
		src[i] = bench_lba(bench, (i * 3 + 1) % 5, 0, 0, i * 7 % 24);
	run_of(dst, bench_lba(bench, 4, 1, 1, 0), 24);
	run_of(dst + 24, bench_lba(bench, 0, 2, 2, 0), 24);
	run_of(dst + 48, bench_lba(bench, 2, 1, 2, 0), 16);
	KUNIT_EXPECT_EQ(test, copy_list(test, src, dst, 64, &failed), (u16)0);
	for (i = 0; i < 56; i++)
		KUNIT_EXPECT_EQ_MSG(test, read_one(test, dst[i], src[i],
						   (i * 3 + 1) % 5), 1,
				    "sector %u", i);
	/* The window behind the write pointer */
	KUNIT_EXPECT_EQ(test, read_one(test, dst[56], src[56], 0), 0);
	KUNIT_EXPECT_EQ(test, (u32)describe(test, 4, 6).cs, 2U);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(describe(test, 2, 7).wp), 16ULL);
}

enum { SRC_GOOD, SRC_UNREADABLE, SRC_NOWHERE };
enum { DST_GOOD, DST_AHEAD, DST_CLOSED, DST_NOWHERE, DST_OFFLINE, DST_OVER };

static const struct {
	const char *name;
	int src;
	int dst;
	u32 nr;
	bool dulbe;
	u16 status;
} copy_rules[] = {
	{ "good", SRC_GOOD, DST_GOOD, 4, true, 0 },
	{ "amount", SRC_GOOD, DST_GOOD, 3, true, 0x4002 },
	{ "one", SRC_GOOD, DST_GOOD, 1, true, 0x4002 },
	{ "not at the write pointer", SRC_GOOD, DST_AHEAD, 4, true, 0x42f2 },
	{ "amount and place", SRC_GOOD, DST_AHEAD, 3, true, 0x4002 },
	{ "to a closed chunk", SRC_GOOD, DST_CLOSED, 4, true, 0x4280 },
	{ "to an offline chunk", SRC_GOOD, DST_OFFLINE, 4, true, 0x4280 },
	{ "over the end", SRC_GOOD, DST_OVER, 4, true, 0x4280 },
	{ "to nowhere", SRC_GOOD, DST_NOWHERE, 4, true, 0x4280 },
	{ "unreadable", SRC_UNREADABLE, DST_GOOD, 4, false, 0 },
	{ "unreadable, DULBE", SRC_UNREADABLE, DST_GOOD, 4, true, 0x4287 },
	{ "from nowhere", SRC_NOWHERE, DST_GOOD, 4, false, 0 },
	{ "from nowhere, DULBE", SRC_NOWHERE, DST_GOOD, 4, true, 0x4287 },
	{ "both wrong", SRC_UNREADABLE, DST_AHEAD, 4, true, 0x4287 },
	{ "both nowhere", SRC_NOWHERE, DST_NOWHERE, 4, true, 0x4287 },
	{ "both nowhere, no DULBE", SRC_NOWHERE, DST_NOWHERE, 4, false,
	  0x4280 },
	{ "unreadable to closed", SRC_UNREADABLE, DST_CLOSED, 4, false,
	  0x4280 },
};

/* Sources in channels 0 and 4, destinations in 1, and the other way round */
static void copy_by_rules(struct kunit *test)
{
	u32 i, k, far;

	for (i = 0; i < 2 * ARRAY_SIZE(copy_rules); i++) {
		struct bench *bench = copy_bench(test, 5, i % 4 < 2);
		u32 row = i / 2, nr = copy_rules[row].nr, wp;
		u64 src[4], dst[4], failed;
		u16 status;
		struct oc_wire_chunk desc;
		const u64 to[] = {
			[DST_GOOD] = bench_lba(bench, 1, 1, 1, 8),
			[DST_AHEAD] = bench_lba(bench, 1, 1, 1, 12),
			[DST_CLOSED] = bench_lba(bench, 1, 1, 2, 0),
			[DST_NOWHERE] = bench_lba(bench, 1, 1, 5, 0),
			[DST_OFFLINE] = bench_lba(bench, 1, 1, 3, 0),
			[DST_OVER] = bench_lba(bench, 1, 1, 1, 22),
		};
		const u64 from[] = {
			[SRC_GOOD] = bench_lba(bench, 4, 0, 0, 4),
			[SRC_UNREADABLE] = bench_lba(bench, 4, 0, 1, 4),
			[SRC_NOWHERE] = bench_lba(bench, 4, 3, 0, 4),
		};

		far = i % 2 ? 0 : 4;
		bench_write_run(bench, bench_lba(bench, 4, 0, 0, 0), 24, 4);
		bench_write_run(bench, bench_lba(bench, 0, 0, 0, 0), 24, 0);
		bench_write_run(bench, bench_lba(bench, 1, 1, 1, 0), 8, 1);
		bench_write_run(bench, bench_lba(bench, 1, 1, 2, 0), 24, 1);
		bench_offline(bench, 1, 8);
		bench->dev->ns[0].dulbe = copy_rules[row].dulbe;
		for (k = 0; k < 4; k++) {
			src[k] = bench_lba(bench, far, 0, 0, k);
			dst[k] = to[copy_rules[row].dst] + k;
		}
		/* The last one is what the row says */
		src[nr - 1] = from[copy_rules[row].src];

		status = copy_list(test, src, dst, nr, &failed);
		KUNIT_EXPECT_EQ_MSG(test, status, copy_rules[row].status, "%s",
				    copy_rules[row].name);
		KUNIT_EXPECT_EQ_MSG(test, failed, status ? BIT_ULL(nr) - 1 :
				    0ULL, "%s", copy_rules[row].name);
		wp = status ? 8 : 12;
		desc = describe(test, 1, 6);
		KUNIT_EXPECT_EQ_MSG(test, le64_to_cpu(desc.wp), (u64)wp, "%s",
				    copy_rules[row].name);
		if (status)
			continue;
		/* What could not be read is blank */
		bench->dev->ns[0].dulbe = false;
		bench_write_run(bench, bench_lba(bench, 1, 1, 1, 12), 12, 1);
		KUNIT_EXPECT_EQ(test, read_one(test, dst[0], src[0], far), 1);
		KUNIT_EXPECT_EQ_MSG(test, read_one(test, dst[3], src[3], 4),
				    (int)(copy_rules[row].src == SRC_GOOD),
				    "%s", copy_rules[row].name);
	}
}

static void copy_bad_lists(struct kunit *test)
{
	struct bench *bench = copy_bench(test, 5, true);
	struct bench_cmd *bc = bench_cmd(test->priv);
	struct oc_wire_vector *sqe = (void *)&bc->sqe;
	u64 src[64], dst[64];

	run_of(src, 0, 64);
	run_of(dst, bench_lba(bench, 1, 0, 0, 0), 64);
	set_copy(bc, src, dst, 64);
	sqe->nlb = cpu_to_le16(64);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 48U);
	set_copy(bc, src, dst, 2);
	sqe->dlbal = cpu_to_le64(0x666000);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 56U);
	set_copy(bc, src, dst, 2);
	sqe->dlbal = cpu_to_le64(LIST_HANDLE + 4);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	set_copy(bc, src, dst, 2);
	sqe->lbal = cpu_to_le64(0);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 40U);

	/* Without the capability there is no such command */
	copy_bench(test, 4, true);
	bc = bench_cmd(test->priv);
	set_copy(bc, src, dst, 4);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4001);
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 0U);
}

/* Copies between all pairs of channels at once, both ways */
static void copy_crossing(struct kunit *test)
{
	struct bench *bench = copy_bench(test, 5, true);
	struct bench_cmd *bc[20];
	u64 src[24], dst[24];
	u32 a, b, n = 0, i;

	for (a = 0; a < 5; a++)
		bench_write_run(bench, bench_lba(bench, a, 0, 0, 0), 24, a);
	for (a = 0; a < 5; a++)
		for (b = 0; b < 5; b++) {
			if (a == b)
				continue;
			bc[n] = bench_cmd(test->priv);
			run_of(src, bench_lba(bench, a, 0, 0, 0), 24);
			run_of(dst, bench_lba(bench, b, 1 + a % 2, a / 2, 0),
			       24);
			set_copy(bc[n++], src, dst, 24);
		}
	/* Half of them queue up behind each other in the workers */
	for (i = 0; i < n; i++) {
		bench->dev->use_inline = i % 2;
		bench_submit(bc[i]);
	}
	for (i = 0; i < n; i++) {
		KUNIT_EXPECT_TRUE(test, bench_wait(bc[i]));
		KUNIT_EXPECT_EQ(test, bc[i]->cmd.status, (u16)0);
	}
	for (a = 0; a < 5; a++)
		for (b = 0; b < 5; b++) {
			u64 from = bench_lba(bench, a, 0, 0, 23);
			u64 at = bench_lba(bench, b, 1 + a % 2, a / 2, 23);

			if (a != b)
				KUNIT_EXPECT_EQ(test, read_one(test, at, from,
							       a), 1);
		}
	KUNIT_EXPECT_EQ(test, copies(bench), 20 * 24U);
}

/* Read there, then programmed here; neither die waits for the other's bus */
static void copy_takes_its_time(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	u64 src[4], dst[4], failed, began, took;
	struct bench *bench;

	cfg.geo.mccap = 5;
	bench = bench_remake(test, &cfg);
	run_of(src, bench_lba(bench, 0, 0, 0, 0), 4);
	run_of(dst, bench_lba(bench, 3, 1, 0, 0), 4);
	bench_write_run(bench, src[0], 24, 1);
	{
		struct oc_complaint why;
		struct oc_timing tm;

		KUNIT_ASSERT_EQ(test, oc_timing_parse(&tm, "read=40ms,prog=60ms,page=4",
						      &why), 0);
		oc_dev_set_timing(bench->dev, &tm);
	}
	began = ktime_get_ns();
	KUNIT_EXPECT_EQ(test, copy_list(test, src, dst, 4, &failed), (u16)0);
	took = ktime_get_ns() - began;
	KUNIT_EXPECT_TRUE(test, took >= 100 * NSEC_PER_MSEC);
	KUNIT_EXPECT_TRUE(test, took < 10ULL * NSEC_PER_SEC);
}

static u64 write_took(struct bench_cmd *bc, u64 lba, u16 control)
{
	u64 began;

	bench_scalar(bc, nvme_cmd_write, lba, 4);
	bc->sqe.rw.control = cpu_to_le16(control);
	began = ktime_get_ns();
	KUNIT_EXPECT_EQ(bc->bench->test, bench_run(bc), (u16)0);
	return ktime_get_ns() - began;
}

/* A write that is forced is not over when it is in the cache */
static void fua_waits_for_the_flash(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct bench_cmd *bc;
	struct bench *bench;

	cfg.timing = "prog=400ms,page=4,cache=64";
	bench = bench_remake(test, &cfg);
	bc = bench_cmd(test->priv);
	KUNIT_EXPECT_TRUE(test, write_took(bc, 0, 0x8000) <
			  400 * NSEC_PER_MSEC);
	KUNIT_EXPECT_TRUE(test, write_took(bc, bench_lba(bench, 1, 0, 0, 0),
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
	KUNIT_CASE(copy_inline),
	KUNIT_CASE(copy_worker),
	KUNIT_CASE(copy_fails_whole),
	KUNIT_CASE(copy_from_where_it_goes),
	KUNIT_CASE(copy_faults_inline),
	KUNIT_CASE(copy_faults_worker),
	KUNIT_CASE(copy_faults_repeat),
	KUNIT_CASE(copy_scattered),
	KUNIT_CASE(copy_by_rules),
	KUNIT_CASE(copy_bad_lists),
	KUNIT_CASE(copy_crossing),
	KUNIT_CASE(copy_takes_its_time),
	KUNIT_CASE(fua_waits_for_the_flash),
	{}
};

struct kunit_suite oc_oc20_suite = {
	.name = "oc_oc20",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = oc20_cases,
};
