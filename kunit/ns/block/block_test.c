// SPDX-License-Identifier: GPL-2.0
/*
 * block_test.c - commands of block namespaces, from oc_cmd_submit() to done()
 *
 * The cases run twice: with idle channels run by the submitter, and with
 * everything left to the workers. Statuses are literal, 0x4000 being DNR.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc_block.h"
#include "oc_fault.h"
#include "oc_test.h"

/* Five channels of 200 logical sectors, in stripes of 8 */
#define NSZE	1000U

static struct oc_config block_bench(bool use_inline)
{
	struct oc_config cfg = bench_config();

	cfg.geo.oob_size = 0;
	cfg.ns = "block:5:80";
	cfg.use_inline = use_inline;
	return cfg;
}

static int block_init(struct kunit *test, bool use_inline)
{
	struct oc_config cfg = block_bench(use_inline);

	test->priv = bench_make(test, &cfg);
	return test->priv ? 0 : -ENOMEM;
}

static int block_init_inline(struct kunit *test)
{
	return block_init(test, true);
}

static int block_init_worker(struct kunit *test)
{
	return block_init(test, false);
}

static const struct oc_ns *block_ns(struct bench *bench)
{
	return oc_ns_find(bench->dev, 1);
}

/* What the FTLs think of themselves; NULL if all is true */
static const char *block_check(struct bench *bench)
{
	const char *what = NULL;
	u32 i;

	for (i = 0; !what && i < bench->dev->geo.num_grp; i++)
		what = bench_check_ftl(bench, i);
	return what;
}

static int block_run(struct bench_cmd *bc)
{
	return bench_run(bc);
}

static int block_write(struct bench *bench, u32 lba, u32 nr, u32 seed)
{
	return bench_write_run(bench, lba, nr, seed);
}

/* The status of reading one block, and what differs from @seed (0: zeroes) */
static int block_read(struct bench *bench, u32 lba, u32 seed, u32 *wrong)
{
	struct bench_cmd *bc = bench_cmd(bench);
	u32 size = bench->dev->geo.lba_size;
	int status;

	bench_scalar(bc, nvme_cmd_read, lba, 1);
	memset(bc->data, 0xa5, size);
	status = block_run(bc);
	if (seed)
		*wrong = bench_compare(bc, 0, lba, seed);
	else
		*wrong = memchr_inv(bc->data, 0, size) ? 1 : 0;
	bench_cmd_free(bc);
	return status;
}

static int block_range(struct bench *bench, u8 opcode, u64 slba, u32 nr,
		       u16 control)
{
	struct bench_cmd *bc = bench_cmd(bench);
	int status;

	bench_scalar(bc, opcode, slba, nr);
	bc->sqe.rw.control = cpu_to_le16(control);
	bench_data(bc, false, 0);
	status = block_run(bc);
	bench_cmd_free(bc);
	return status;
}

/**
 * struct blocks - a range of a DSM command
 * @slba:	first block
 * @nr:		blocks
 */
struct blocks {
	u64 slba;
	u32 nr;
};

static int block_dsm(struct bench *bench, const struct blocks *ranges, u32 nr,
		     u32 attributes)
{
	struct bench_cmd *bc = bench_cmd(bench);
	int status;
	u32 i;

	for (i = 0; i < nr; i++)
		bench_range(bc, i, ranges[i].slba, ranges[i].nr);
	bench_dsm(bc, nr, attributes);
	status = block_run(bc);
	bench_cmd_free(bc);
	return status;
}

static u64 block_nuse(struct bench *bench)
{
	struct nvme_id_ns *id = kzalloc(sizeof(*id), GFP_KERNEL);
	u64 nuse = U64_MAX;

	if (id) {
		oc_ns_identify(block_ns(bench), id);
		nuse = le64_to_cpu(id->nuse);
	}
	kfree(id);
	return nuse;
}

/* ---- cases ------------------------------------------------------------ */

/* Each block has a logical sector of its own, and neighbours share a stripe */
static void block_addresses(struct kunit *test)
{
	struct bench *bench = test->priv;
	const struct oc_ns *ns = block_ns(bench);
	u8 *seen = kunit_kzalloc(test, NSZE, GFP_KERNEL);
	struct oc_addr addr;
	u32 lba;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, seen);
	KUNIT_ASSERT_EQ(test, oc_block_nsze(ns), (u64)NSZE);
	for (lba = 0; lba < NSZE; lba++) {
		oc_block_addr(ns, lba, &addr);
		KUNIT_ASSERT_LT(test, addr.grp, 5U);
		KUNIT_ASSERT_LT(test, addr.sec, 200U);
		KUNIT_EXPECT_EQ(test, addr.grp, lba / 8 % 5);
		KUNIT_EXPECT_EQ(test, addr.sec, lba / 40 * 8 + lba % 8);
		KUNIT_EXPECT_FALSE(test, seen[addr.grp * 200 + addr.sec]++);
	}
}

static void block_identify(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct nvme_id_ns *id = kunit_kzalloc(test, sizeof(*id), GFP_KERNEL);
	int idx;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, id);
	oc_ns_identify(block_ns(bench), id);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(id->nsze), 1000ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(id->ncap), 1000ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(id->nuse), 0ULL);
	KUNIT_EXPECT_EQ(test, (u32)id->nsfeat, 0x16U);
	KUNIT_EXPECT_EQ(test, (u32)id->dlfeat, 9U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(id->nawun), 7U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(id->nabsn), 7U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(id->npwg), 3U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(id->nows), 39U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(id->lbaf[0].ms), 0U);
	/* No open-channel namespace */
	KUNIT_EXPECT_EQ(test, (u32)id->vs[0], 0U);
	idx = srcu_read_lock(&bench->dev->ns_srcu);
	KUNIT_EXPECT_EQ(test, (u32)oc_ns_oncs(bench->dev), 0x8fU);
	srcu_read_unlock(&bench->dev->ns_srcu, idx);
	KUNIT_EXPECT_EQ(test, (u32)id->flbas, 0U);
	KUNIT_EXPECT_EQ(test, (u32)id->mc, 0U);
}

static const struct {
	const char *formats;
	u32 oob_size;
	u32 ws;
	u32 flbas;
	const char *sizes;
} lba_tables[] = {
	/* What the device has, and per row: a log2 of the size, - for no size */
	{ NULL, 16, 0, 5, "-c---9-a-b-d-e--" },
	{ "4096+0,4096+8,512+8", 16, 0, 3, "-c-9" },
	/* None is without metadata: it has those with the least */
	{ "4096+8,512+8,4096+64", 16, 0, 2, "-c9-" },
	{ "4096+64,4096+16", 16, 1, 0, "9-c" },
};

/* Only formats without metadata, and each size once */
static void block_identifies_formats(struct kunit *test)
{
	struct nvme_id_ns *id = kunit_kzalloc(test, sizeof(*id), GFP_KERNEL);
	u32 i, k;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, id);
	for (i = 0; i < ARRAY_SIZE(lba_tables); i++) {
		struct oc_config cfg = block_bench(true);
		const char *sizes = lba_tables[i].sizes;
		struct bench *bench;

		cfg.formats = lba_tables[i].formats;
		cfg.geo.oob_size = lba_tables[i].oob_size;
		if (lba_tables[i].ws) {
			cfg.geo.ws_min = lba_tables[i].ws;
			cfg.geo.ws_opt = lba_tables[i].ws;
		}
		bench = bench_remake(test, &cfg);
		memset(id, 0, sizeof(*id));
		oc_ns_identify(block_ns(bench), id);
		KUNIT_EXPECT_EQ(test, (u32)id->nlbaf, (u32)strlen(sizes) - 1);
		KUNIT_EXPECT_EQ(test, (u32)id->flbas, lba_tables[i].flbas);
		KUNIT_EXPECT_EQ(test, (u32)id->lbaf[id->flbas].ds, 9U);
		KUNIT_EXPECT_EQ(test, (u32)id->mc, 0U);
		for (k = 0; k <= id->nlbaf; k++) {
			int shift = sizes[k] == '-' ? 0 : hex_to_bin(sizes[k]);

			KUNIT_EXPECT_EQ_MSG(test, (int)id->lbaf[k].ds, shift,
					    "table %u, format %u", i, k);
			KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(id->lbaf[k].ms),
					0U);
		}
	}
}

/*
 * Twelve times the size in writes of all lengths at all places, so that garbage
 * is collected, and every block is what was written last.
 */
static void block_churn(struct kunit *test)
{
	struct bench *bench = test->priv;
	u32 *seed = kunit_kzalloc(test, NSZE * sizeof(*seed), GFP_KERNEL);
	struct bench_cmd *bc = bench_cmd(bench);
	u32 n, i, lba, nr, wrong = 0, state = 4711;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, seed);
	for (n = 1; n <= 400; n++) {
		state = state * 1103515245 + 12345;
		nr = (state >> 16) % 64 + 1;
		lba = (state >> 8) % (NSZE - nr + 1);
		KUNIT_ASSERT_EQ(test, block_write(bench, lba, nr, n), 0);
		for (i = 0; i < nr; i++)
			seed[lba + i] = n;
	}
	for (lba = 0; lba < NSZE; lba += 40) {
		bench_scalar(bc, nvme_cmd_read, lba, 40);
		KUNIT_ASSERT_EQ(test, block_run(bc), 0);
		for (i = 0; i < 40; i++)
			if (seed[lba + i])
				wrong += bench_compare(bc, i, lba + i,
						       seed[lba + i]);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_FALSE(test, block_check(bench));
}

static void block_reads_what_was_written(struct kunit *test)
{
	struct bench *bench = test->priv;

	block_churn(test);
	KUNIT_EXPECT_GT(test, bench->dev->ch[0].ftl->count.erases, 0ULL);
	KUNIT_EXPECT_GT(test, bench->dev->ch[4].ftl->count.moves, 0ULL);
	/* Memory is held for what is mapped */
	KUNIT_EXPECT_EQ(test, (u64)bench_used(bench), block_nuse(bench));
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), block_nuse(bench) * 512);
}

/* A media that has no room for anything more */
static int full_reserve(struct oc_channel *ch, u32 nr, gfp_t gfp)
{
	return nr ? -ENOMEM : 0;
}

/* What a write replaces makes room for it, also where it is in many pieces */
static void block_overwrites_without_memory(struct kunit *test)
{
	static struct oc_media_ops full;
	struct bench *bench = test->priv;
	u32 n, lba, wrong, state = 4711;

	full = oc_media_ram;
	full.reserve = full_reserve;
	for (lba = 0; lba < NSZE - 50; lba += 50)
		KUNIT_EXPECT_EQ(test, block_write(bench, lba, 50, 1), 0);
	bench->dev->media = &full;
	for (n = 0; n < 400; n++) {
		state = state * 1103515245 + 12345;
		KUNIT_EXPECT_EQ(test, block_write(bench,
						  (state >> 8) % (NSZE - 114),
						  (state >> 16) % 64 + 1, 2),
				0);
	}
	for (lba = 0; lba < NSZE - 50; lba += 50)
		KUNIT_EXPECT_EQ(test, block_write(bench, lba, 50, 3), 0);
	for (lba = 0; lba < NSZE - 50; lba++) {
		KUNIT_EXPECT_EQ(test, block_read(bench, lba, 3, &wrong), 0);
		KUNIT_EXPECT_EQ(test, wrong, 0U);
	}
	KUNIT_EXPECT_GT(test, bench->dev->ch[0].ftl->count.moves, 0ULL);
	/* New ones need room of their own */
	KUNIT_EXPECT_EQ(test, block_write(bench, lba, 1, 1), 6);
	KUNIT_EXPECT_EQ(test, block_read(bench, lba, 0, &wrong), 0);
	bench->dev->media = &oc_media_ram;
}

static void block_unwritten(struct kunit *test)
{
	struct bench *bench = test->priv;
	u32 wrong;

	KUNIT_EXPECT_EQ(test, block_read(bench, 17, 0, &wrong), 0);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	oc_ns_find(bench->dev, 1)->dulbe = true;
	KUNIT_EXPECT_EQ(test, block_read(bench, 17, 0, &wrong), 0x4287);
	KUNIT_EXPECT_EQ(test, block_range(bench, nvme_cmd_verify, 0, 64, 0),
			0x4287);
	KUNIT_EXPECT_EQ(test, block_write(bench, 17, 1, 3), 0);
	KUNIT_EXPECT_EQ(test, block_read(bench, 17, 3, &wrong), 0);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

static void block_zeroes(struct kunit *test)
{
	struct bench *bench = test->priv;
	u32 wrong, lba;

	KUNIT_EXPECT_EQ(test, block_write(bench, 100, 64, 5), 0);
	KUNIT_EXPECT_EQ(test, block_nuse(bench), 64ULL);
	/* Zeroes are written blocks, whatever DULBE says */
	KUNIT_EXPECT_EQ(test, block_range(bench, nvme_cmd_write_zeroes, 110,
					  30, 0), 0);
	oc_ns_find(bench->dev, 1)->dulbe = true;
	for (lba = 100; lba < 164; lba++) {
		u32 seed = lba < 110 || lba >= 140 ? 5 : 0;

		KUNIT_EXPECT_EQ(test, block_read(bench, lba, seed, &wrong), 0);
		KUNIT_EXPECT_EQ(test, wrong, 0U);
	}
	KUNIT_EXPECT_EQ(test, block_nuse(bench), 64ULL);
	/* With DEAC they are deallocated */
	KUNIT_EXPECT_EQ(test, block_range(bench, nvme_cmd_write_zeroes, 110,
					  30, BIT(9)), 0);
	KUNIT_EXPECT_EQ(test, block_nuse(bench), 34ULL);
	KUNIT_EXPECT_EQ(test, block_read(bench, 110, 0, &wrong), 0x4287);
	/* All of it, in more than one round */
	KUNIT_EXPECT_EQ(test, block_range(bench, nvme_cmd_write_zeroes, 0,
					  NSZE, 0), 0);
	KUNIT_EXPECT_EQ(test, block_nuse(bench), (u64)NSZE);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
	KUNIT_EXPECT_FALSE(test, block_check(bench));
}

static void block_uncorrectable(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);
	u32 wrong, i;

	KUNIT_EXPECT_EQ(test, block_write(bench, 0, 64, 6), 0);
	KUNIT_EXPECT_EQ(test, block_range(bench, nvme_cmd_write_uncor, 20, 2,
					  0), 0);
	KUNIT_EXPECT_EQ(test, block_read(bench, 20, 6, &wrong), 0x4281);
	KUNIT_EXPECT_EQ(test, block_read(bench, 21, 6, &wrong), 0x4281);
	KUNIT_EXPECT_EQ(test, block_range(bench, nvme_cmd_verify, 0, 20, 0), 0);
	KUNIT_EXPECT_EQ(test, block_range(bench, nvme_cmd_verify, 0, 21, 0),
			0x4281);
	/* What is around it is read all the same */
	bench_scalar(bc, nvme_cmd_read, 0, 64);
	KUNIT_EXPECT_EQ(test, block_run(bc), 0x4281);
	for (i = 0; i < 64; i++)
		if (i != 20 && i != 21)
			KUNIT_EXPECT_EQ(test, bench_compare(bc, i, i, 6), 0U);
	KUNIT_EXPECT_EQ(test, block_nuse(bench), 64ULL);
	KUNIT_EXPECT_EQ(test, block_write(bench, 20, 1, 7), 0);
	KUNIT_EXPECT_EQ(test, block_read(bench, 20, 7, &wrong), 0);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_FALSE(test, block_check(bench));
}

static void block_compares(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);

	KUNIT_EXPECT_EQ(test, block_write(bench, 30, 64, 8), 0);
	bench_scalar(bc, nvme_cmd_compare, 30, 64);
	bench_fill(bc, 64, 8);
	KUNIT_EXPECT_EQ(test, block_run(bc), 0);
	bench_data(bc, false, 64 * 512);
	bc->data[63 * 512 + 511] ^= 1;
	KUNIT_EXPECT_EQ(test, block_run(bc), 0x4285);

	/* What was never written compares as zeroes */
	bench_scalar(bc, nvme_cmd_compare, 500, 1);
	memset(bc->data, 0, 512);
	KUNIT_EXPECT_EQ(test, block_run(bc), 0);
	bench_data(bc, false, 512);
	bc->data[0] = 1;
	KUNIT_EXPECT_EQ(test, block_run(bc), 0x4285);
	KUNIT_EXPECT_EQ(test, block_range(bench, nvme_cmd_write_uncor, 500, 1,
					  0), 0);
	bench_data(bc, false, 512);
	KUNIT_EXPECT_EQ(test, block_run(bc), 0x4281);
}

/* 256 ranges, which cross channels, overlap and are empty */
static void block_deallocates(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct blocks *ranges = kunit_kzalloc(test, 256 * sizeof(*ranges),
					     GFP_KERNEL);
	u8 *gone = kunit_kzalloc(test, NSZE, GFP_KERNEL);
	u32 i, k, left = NSZE, state = 99, wrong, bad = 0;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ranges);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, gone);
	for (i = 0; i < NSZE; i += 40)
		KUNIT_ASSERT_EQ(test, block_write(bench, i, 40, 9), 0);
	for (i = 0; i < 256; i++) {
		state = state * 1103515245 + 12345;
		ranges[i].nr = i == 7 ? 100 : (state >> 16) % 4;
		ranges[i].slba = (state >> 8) % (NSZE - ranges[i].nr + 1);
		for (k = 0; k < ranges[i].nr; k++) {
			left -= !gone[ranges[i].slba + k];
			gone[ranges[i].slba + k] = 1;
		}
	}
	/* Hints change nothing */
	KUNIT_EXPECT_EQ(test, block_dsm(bench, ranges, 256, 3), 0);
	KUNIT_EXPECT_EQ(test, block_nuse(bench), (u64)NSZE);
	KUNIT_EXPECT_EQ(test, block_dsm(bench, ranges, 256, 4), 0);
	KUNIT_EXPECT_EQ(test, block_nuse(bench), (u64)left);
	for (i = 0; i < NSZE; i++) {
		bad += block_read(bench, i, gone[i] ? 0 : 9, &wrong) != 0;
		bad += wrong != 0;
	}
	KUNIT_EXPECT_EQ(test, bad, 0U);
	KUNIT_EXPECT_FALSE(test, block_check(bench));

	/* All of it at once */
	ranges[0] = (struct blocks) { 0, NSZE };
	KUNIT_EXPECT_EQ(test, block_dsm(bench, ranges, 1, 4), 0);
	KUNIT_EXPECT_EQ(test, block_nuse(bench), 0ULL);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
}

static void block_refuses_ranges(struct kunit *test)
{
	static const struct blocks past_end[] = {
		{ 0, 8 }, { NSZE - 1, 2 },
	};
	static const struct blocks wraps[] = { { U64_MAX, 2 } };
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);

	KUNIT_EXPECT_EQ(test, block_write(bench, 0, 8, 1), 0);
	KUNIT_EXPECT_EQ(test, block_write(bench, NSZE - 1, 1, 1), 0);
	KUNIT_EXPECT_EQ(test, block_write(bench, NSZE - 1, 2, 1), 0x4080);
	KUNIT_EXPECT_EQ(test, block_write(bench, NSZE, 1, 1), 0x4080);
	bench_scalar(bc, nvme_cmd_read, U64_MAX, 1);
	KUNIT_EXPECT_EQ(test, block_run(bc), 0x4080);
	bench_scalar(bc, nvme_cmd_read, U64_MAX, 2);
	KUNIT_EXPECT_EQ(test, block_run(bc), 0x4080);
	bench_scalar(bc, nvme_cmd_read, 0, 65);
	KUNIT_EXPECT_EQ(test, block_run(bc), 0x4002);
	bench_scalar(bc, nvme_cmd_read, 0, 64);
	bench_data(bc, true, 64 * 512 - 1);
	KUNIT_EXPECT_EQ(test, block_run(bc), 0x400f);
	KUNIT_EXPECT_EQ(test, block_range(bench, nvme_cmd_write_zeroes,
					  NSZE - 1, 2, 0), 0x4080);
	KUNIT_EXPECT_EQ(test, block_range(bench, nvme_cmd_verify, NSZE, 1, 0),
			0x4080);
	KUNIT_EXPECT_EQ(test, block_range(bench, nvme_cmd_write_uncor,
					  U64_MAX, 1, 0), 0x4080);
	/* The good range before the bad one is not touched either */
	KUNIT_EXPECT_EQ(test, block_dsm(bench, past_end, 2, 4), 0x4080);
	KUNIT_EXPECT_EQ(test, block_dsm(bench, wraps, 1, 4), 0x4080);
	KUNIT_EXPECT_EQ(test, block_nuse(bench), 9ULL);
	/* Vector commands are of another kind */
	bc->lba[0] = 0;
	bench_vector(bc, OC_CMD_VECTOR_READ, 1);
	KUNIT_EXPECT_EQ(test, block_run(bc), 0x4001);
}

/* Too many chunks have failed: new blocks are refused, old ones too, no more */
static void block_capacity_exceeded(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_ftl *ftl = bench->dev->ch[2].ftl;
	u32 good = ftl->good, wrong;

	KUNIT_EXPECT_EQ(test, block_write(bench, 16, 8, 1), 0);
	ftl->good = OC_FTL_SPARE;
	KUNIT_EXPECT_EQ(test, block_write(bench, 16, 8, 2), 0x4081);
	KUNIT_EXPECT_EQ(test, block_write(bench, 24, 8, 2), 0);
	ftl->good = OC_FTL_SPARE + 1;
	KUNIT_EXPECT_EQ(test, block_write(bench, 16, 8, 3), 0);
	KUNIT_EXPECT_EQ(test, block_write(bench, 56, 8, 3), 0);
	KUNIT_EXPECT_EQ(test, block_write(bench, 96, 8, 3), 0);
	KUNIT_EXPECT_EQ(test, block_write(bench, 136, 1, 3), 0x4081);
	KUNIT_EXPECT_EQ(test, block_write(bench, 96, 8, 4), 0);
	KUNIT_EXPECT_EQ(test, block_read(bench, 96, 4, &wrong), 0);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	ftl->good = good;
}

/* Each channel can do without one chunk: nobody notices that it fails */
static void block_survives_faults(struct kunit *test)
{
	static const u32 failed[] = { 0, 1, 1, 1, 0 };
	struct blocks most = { 80, NSZE - 80 };
	struct bench *bench = test->priv;
	const struct oc_block_ch *bch;
	u32 i, n, wrong;
	int status = 0;

	bch = container_of(bench->dev->ch[4].ftl, struct oc_block_ch, ftl);

	bench_set_faults(bench, "write-fail grp=1 after=9 times=1;"
			 "write-close grp=2 after=70 times=1;"
			 "reset-fail grp=3 after=5 times=1");
	block_churn(test);
	for (i = 0; i < ARRAY_SIZE(failed); i++) {
		struct oc_channel *ch = &bench->dev->ch[i];

		KUNIT_EXPECT_EQ(test, ch->ftl->count.failed, (u64)failed[i]);
		KUNIT_EXPECT_EQ(test, ch->stat.nr[OC_CHK_OFFLINE], failed[i]);
		KUNIT_EXPECT_EQ(test, ch->count.fails, 0ULL);
	}

	/* No program of this channel succeeds any more; what it holds stays */
	KUNIT_EXPECT_EQ(test, block_write(bench, 32, 8, 5), 0);
	bench_set_faults(bench, "write-fail grp=4");
	for (n = 0; n < 500 && !status; n++)
		status = block_write(bench, 72, 8, n);
	KUNIT_EXPECT_EQ(test, status, 0x4081);
	KUNIT_EXPECT_TRUE(test, bch->full);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), block_nuse(bench) * 512);
	KUNIT_EXPECT_EQ(test, block_read(bench, 39, 5, &wrong), 0);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_EQ(test, block_write(bench, 64, 8, 5), 0);
	KUNIT_EXPECT_FALSE(test, block_check(bench));

	/* That is over, and still nothing fits, until something goes */
	bench_set_faults(bench, "clear");
	KUNIT_EXPECT_GT(test, bch->ftl.good, OC_FTL_SPARE);
	KUNIT_EXPECT_EQ(test, block_write(bench, 72, 8, 1), 0x4081);
	KUNIT_EXPECT_EQ(test, block_dsm(bench, &most, 1, 4), 0);
	KUNIT_EXPECT_FALSE(test, bch->full);
	for (n = 0; n < 500; n++)
		KUNIT_EXPECT_EQ(test, block_write(bench, 72, 8, n), 0);
	KUNIT_EXPECT_EQ(test, block_read(bench, 79, 499, &wrong), 0);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_FALSE(test, block_check(bench));
}

/* Bursts of failures, again and again: no write fails that fits */
static void block_gets_out_after_bursts(struct kunit *test)
{
	u32 writes = IS_ENABLED(CONFIG_KASAN) ? 500 : 2500, round, n, lba;
	struct oc_config cfg = block_bench(true);
	struct bench *bench = test->priv;
	u32 nr, state = 17;
	struct oc_ftl *ftl;

	cfg.use_inline = bench->dev->use_inline;
	cfg.geo.num_grp = 1;
	cfg.geo.num_pu = 2;
	cfg.geo.num_chk = 96;
	cfg.geo.clba = 48;
	cfg.geo.ws_min = 2;
	cfg.geo.ws_opt = 6;
	cfg.geo.mw_cunits = 6;
	cfg.ns = "block:1:70";
	bench = bench_remake(test, &cfg);
	ftl = bench->dev->ch[0].ftl;
	nr = ftl->nr_lba;
	for (lba = 0; lba < nr; lba += 6)
		KUNIT_EXPECT_EQ(test, block_write(bench, lba, 6, 1), 0);
	for (round = 0; round < 10; round++) {
		for (n = 0; n < writes + 400; n++) {
			if (n == writes)
				bench_set_faults(bench, "write-fail times=7");
			state = state * 1103515245 + 12345;
			KUNIT_ASSERT_EQ(test,
					block_write(bench, (state >> 8) % nr, 1,
						    n), 0);
		}
		bench_set_faults(bench, "clear");
		KUNIT_EXPECT_EQ(test, ftl->count.failed, 7ULL * (round + 1));
	}
	KUNIT_EXPECT_FALSE(test, block_check(bench));
}

/* Rules about whole commands go by channel and operation, wherever a block is */
static void block_late_by_channel(struct kunit *test)
{
	struct blocks all = { 0, NSZE };
	struct bench *bench = test->priv;
	const struct oc_fault_state *state;
	u32 wrong;

	bench_set_faults(bench, "delay op=read grp=4 pu=2 chk=4 sec=23 time=1ns;"
			 "delay op=reset grp=4 pu=2 time=1ns");
	state = bench->dev->ch[4].faults->state;
	/* The last logical sector of the channel, beyond any chunk's */
	KUNIT_EXPECT_EQ(test, block_read(bench, NSZE - 1, 0, &wrong), 0);
	KUNIT_EXPECT_EQ(test, block_read(bench, 0, 0, &wrong), 0);
	KUNIT_EXPECT_EQ(test, state[0].seen, 1ULL);
	KUNIT_EXPECT_EQ(test, block_dsm(bench, &all, 1, 4), 0);
	KUNIT_EXPECT_EQ(test, state[1].seen, 1ULL);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].faults->state[0].seen, 0ULL);
}

/* Long ranges are done in rounds, between which others have the channel */
static void block_long_ranges(struct kunit *test)
{
	struct oc_config cfg = block_bench(true);
	struct bench *bench = test->priv;
	struct oc_channel *ch;
	struct blocks all = { 0, 72816 };
	u64 runs;

	cfg.use_inline = bench->dev->use_inline;
	cfg.geo.num_grp = 1;
	cfg.geo.num_pu = 2;
	cfg.geo.num_chk = 16;
	cfg.geo.clba = 4096;
	cfg.ns = "block:1:80";
	bench = bench_remake(test, &cfg);
	KUNIT_ASSERT_EQ(test, oc_block_nsze(block_ns(bench)), (u64)all.nr);
	ch = &bench->dev->ch[0];
	KUNIT_EXPECT_EQ(test, block_write(bench, all.nr - 8, 8, 1), 0);
	runs = ch->count.inline_runs + ch->count.worker_runs;
	KUNIT_EXPECT_EQ(test, block_dsm(bench, &all, 1, 4), 0);
	/* 72816 / 16384, and a bit */
	KUNIT_EXPECT_EQ(test, ch->count.inline_runs + ch->count.worker_runs -
			runs, 5ULL);
	KUNIT_EXPECT_EQ(test, block_nuse(bench), 0ULL);
}

/* The error log names the block that is bad, not the piece it was found in */
static void block_verify_names_the_block(struct kunit *test)
{
	struct bench *bench = test->priv;
	const struct oc_wire_error *log = bench->ctrl.errlog;

	KUNIT_EXPECT_EQ(test, block_range(bench, nvme_cmd_write_uncor, 300, 1,
					  0), 0);
	KUNIT_EXPECT_EQ(test, block_range(bench, nvme_cmd_write_uncor, 219, 1,
					  0), 0);
	KUNIT_EXPECT_EQ(test, block_range(bench, nvme_cmd_verify, 3, 500, 0),
			0x4281);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(log[0].lba), 219ULL);
	KUNIT_EXPECT_EQ(test, block_range(bench, nvme_cmd_verify, 220, 500, 0),
			0x4281);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(log[1].lba), 300ULL);
	KUNIT_EXPECT_EQ(test, block_range(bench, nvme_cmd_verify, 990, 11, 0),
			0x4080);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(log[2].lba), 990ULL);
}

/* Format to the first format of a size that takes it. Returns the status */
static int block_format(struct bench *bench, u32 lba_size)
{
	u32 to = oc_format_least(bench->dev, lba_size);
	int status = bench_format(bench, 1, to);

	/* The bench's own buffers and patterns go by the device's geometry */
	if (!status)
		bench->dev->geo.lba_size = lba_size;
	return status;
}

/*
 * A command whose parts are held for longer than a Format takes ends with it, unless
 * this was its last round: that has been done
 */
static void block_format_ends_held_rounds(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc;
	u32 nr, i;

	for (nr = 64; nr <= 65; nr++) {
		bc = bench_cmd(bench);
		bench_set_faults(bench, "delay time=300ms times=1");
		for (i = 0; i < nr; i++)
			bench_range(bc, i, i, 1);
		bench_dsm(bc, nr, NVME_DSMGMT_AD);
		bench_submit(bc);
		KUNIT_EXPECT_EQ(test, block_format(bench, 4096), 0);
		KUNIT_EXPECT_TRUE(test, bench_wait(bc));
		KUNIT_EXPECT_EQ(test, (u32)bc->cmd.status,
				nr == 64 ? 0U : 0x84U);
		bench_cmd_free(bc);
	}
}

static u64 block_programmed(const struct bench *bench)
{
	u64 units = 0;
	int idx;
	u32 i;

	idx = srcu_read_lock(&bench->dev->ns_srcu);
	for (i = 0; i < bench->dev->geo.num_grp; i++)
		units += oc_channel_programmed(&bench->dev->ch[i]);
	srcu_read_unlock(&bench->dev->ns_srcu, idx);
	return units;
}

/* Nothing is left, everything works, and what was counted is still counted */
static void block_formats(struct kunit *test)
{
	static const u32 sizes[] = { 4096, 512, 16384, 1024, 512, 512 };
	struct bench *bench = test->priv;
	struct oc_ns *ns = oc_ns_find(bench->dev, 1);
	u64 tables = bench->dev->table_bytes;
	u64 resets = 0;
	u32 i, k, wrong;

	block_churn(test);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u64 host = bench->dev->ch[0].ftl->count.host;
		u64 units = block_programmed(bench), n = 0;

		KUNIT_EXPECT_GT(test, units, 0ULL);
		KUNIT_ASSERT_EQ(test, block_format(bench, sizes[i]), 0);
		KUNIT_EXPECT_EQ(test, ns->geo.lba_size, sizes[i]);
		KUNIT_EXPECT_EQ(test, ns->geo.oob_size, 0U);
		KUNIT_EXPECT_EQ(test, oc_block_nsze(ns), (u64)NSZE);
		KUNIT_EXPECT_EQ(test, block_nuse(bench), 0ULL);
		KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
		KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
		KUNIT_EXPECT_FALSE(test, block_check(bench));
		KUNIT_EXPECT_EQ(test, bench->dev->table_bytes, tables);
		KUNIT_EXPECT_EQ(test, bench->dev->ch[0].ftl->count.host, host);
		KUNIT_EXPECT_EQ(test, block_programmed(bench), units);
		for (k = 0; k < 5; k++)
			n += bench->dev->ch[k].stat.nr[OC_CHK_FREE];
		KUNIT_EXPECT_EQ(test, n, 75ULL);
		/* What was written before is one reset older each time */
		KUNIT_EXPECT_GT(test, bench->dev->ch[0].stat.resets, resets);
		resets = bench->dev->ch[0].stat.resets;

		ns->dulbe = true;
		KUNIT_EXPECT_EQ(test, block_read(bench, 999, 0, &wrong), 0x4287);
		ns->dulbe = false;
		KUNIT_EXPECT_EQ(test, block_read(bench, 999, 0, &wrong), 0);
		KUNIT_EXPECT_EQ(test, wrong, 0U);
		/* Each size in units of its own */
		units = block_programmed(bench);
		for (k = 0; k < 20; k++)
			KUNIT_EXPECT_EQ(test, block_write(bench, k * 40, 40,
							  i + 1), 0);
		KUNIT_EXPECT_GE(test, block_programmed(bench) - units,
				(800 - 5 * 2 * 4) * (u64)sizes[i] / 512);
		KUNIT_EXPECT_LE(test, block_programmed(bench) - units,
				(800 + 5 * 1) * (u64)sizes[i] / 512);
		KUNIT_EXPECT_EQ(test, block_read(bench, 799, i + 1, &wrong), 0);
		KUNIT_EXPECT_EQ(test, wrong, 0U);
	}
	block_churn(test);
}

/* Formats with metadata are refused, and nothing has changed */
static void block_refuses_formats(struct kunit *test)
{
	struct bench *bench = test->priv;
	u32 i, wrong, refused = 0;

	KUNIT_EXPECT_EQ(test, block_write(bench, 0, 64, 4), 0);
	for (i = 0; i < bench->dev->nr_formats; i++) {
		if (!bench->dev->formats[i].oob_size)
			continue;
		KUNIT_EXPECT_EQ(test, bench_format(bench, 0xffffffff, i), (u16)0x410a);
		refused++;
	}
	KUNIT_EXPECT_EQ(test, refused, 10U);
	/* Interleaved */
	KUNIT_EXPECT_EQ(test, bench_format(bench, 0xffffffff, 0x10), (u16)0x410a);
	KUNIT_EXPECT_EQ(test, block_read(bench, 63, 4, &wrong), 0);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_FALSE(test, block_check(bench));
}

/* What has failed, or went offline, does not come back */
static void block_format_keeps_failed_chunks(struct kunit *test)
{
	struct bench *bench = test->priv;
	u32 i, offline = 0;

	bench_set_faults(bench, "write-fail grp=1 after=9 times=1;"
			 "write-close grp=2 after=11 times=1");
	/* No garbage is collected yet: both are failed, not offline */
	for (i = 0; i < 14; i++)
		KUNIT_EXPECT_EQ(test, block_write(bench, i * 40, 40, 1), 0);
	for (i = 0; i < 5; i++)
		offline += bench->dev->ch[i].stat.nr[OC_CHK_OFFLINE];
	KUNIT_EXPECT_EQ(test, offline, 0U);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[1].ftl->failed.nr, 1U);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[2].ftl->failed.nr, 1U);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, block_format(bench, i ? 512 : 4096), 0);
		KUNIT_EXPECT_FALSE(test, block_check(bench));
		KUNIT_EXPECT_EQ(test, bench->dev->ch[1].ftl->good, 14U);
		KUNIT_EXPECT_EQ(test, bench->dev->ch[1].stat.nr[OC_CHK_OFFLINE], 1U);
		KUNIT_EXPECT_EQ(test, bench->dev->ch[2].ftl->good, 14U);
		KUNIT_EXPECT_EQ(test, bench->dev->ch[3].ftl->good, 15U);
	}
	block_churn(test);
}

static const struct {
	const char *ns;
	const char *gc;
	const char *param;
} bad_block[] = {
	{ "block:5:2", NULL, "ns" },
	{ "block:5:81", NULL, "ns" },
	{ "block:5:", NULL, "ns" },
	{ "block:5:x", NULL, "ns" },
	{ "block:5:80:1", NULL, "ns" },
	{ "block:6:80", NULL, "ns" },
	{ "block:0:80", NULL, "ns" },
	{ "oc20:5,block:1:80", NULL, "ns" },
	{ "oc20:5:80", NULL, "ns" },
	/* 15 chunks a channel leave too few over at 11 per cent */
	{ "block", NULL, "ns" },
	{ "block:5:80", "lazy", "gc" },
	{ "block:5:80", "", "gc" },
};

static void block_refuses_configurations(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad_block); i++) {
		struct oc_config cfg = block_bench(true);
		struct oc_complaint why = {};
		struct oc_dev *dev;

		cfg.ns = bad_block[i].ns;
		cfg.gc = bad_block[i].gc;
		dev = oc_dev_create(&cfg, &why);
		KUNIT_EXPECT_EQ_MSG(test, PTR_ERR_OR_ZERO(dev), -EINVAL,
				    "ns=%s", cfg.ns);
		if (!IS_ERR(dev)) {
			oc_dev_destroy(dev);
			continue;
		}
		KUNIT_EXPECT_STREQ_MSG(test, (const char *)why.param,
				       bad_block[i].param, "ns=%s", cfg.ns);
		KUNIT_EXPECT_TRUE_MSG(test, why.want[0], "ns=%s", cfg.ns);
	}
}

/* A state may leave too few chunks, which is not for want of memory */
static void block_refuses_offline_chunks(struct kunit *test)
{
	/* 200 sectors of each group fill 9 of its 15 chunks, and 5 are spare */
	static const struct {
		const char *state;
		int ret;
	} states[] = {
		{ "offline grp=0-4 pu=0 chk=0\n", 0 },
		{ "offline grp=3 pu=0-1 chk=0\n", -ENOSPC },
		{ "offline\n", -ENOSPC },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		struct oc_config cfg = block_bench(true);
		struct oc_complaint why = {};
		struct oc_dev *dev;

		cfg.state.text = states[i].state;
		cfg.state.len = strlen(states[i].state);
		dev = oc_dev_create(&cfg, &why);
		KUNIT_EXPECT_EQ_MSG(test, PTR_ERR_OR_ZERO(dev), states[i].ret,
				    "%s", states[i].state);
		if (!IS_ERR(dev))
			oc_dev_destroy(dev);
		if (!states[i].ret)
			continue;
		KUNIT_ASSERT_TRUE(test, why.param);
		KUNIT_EXPECT_STREQ(test, (const char *)why.param, "state");
		KUNIT_EXPECT_STREQ(test, (const char *)why.value, i == 1 ?
				   "2 offline chunks in group 3" :
				   "15 offline chunks in group 0");
		KUNIT_EXPECT_STREQ(test, (const char *)why.want,
				   "at most 1 in groups of block:5:80: the blocks need the others");
	}
}

/* Neighbours of another kind know nothing of each other */
static void block_beside_others(struct kunit *test)
{
	struct oc_config cfg = block_bench(true);
	struct oc_complaint why = {};
	struct oc_dev *dev;
	u32 i;

	cfg.ns = "oc20:1,block:2:80,oc20:1,block:1:70";
	cfg.gc = "cost-benefit";
	dev = oc_dev_create(&cfg, &why);
	KUNIT_ASSERT_EQ(test, PTR_ERR_OR_ZERO(dev), 0);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, !dev->ch[i].ftl,
				i == 0 || i == 3);
	KUNIT_EXPECT_EQ(test, oc_block_nsze(&dev->ns[1]), 400ULL);
	/* 360 * 100 / 170 = 211, of which 208 are whole stripes */
	KUNIT_EXPECT_EQ(test, oc_block_nsze(&dev->ns[3]), 208ULL);
	oc_dev_destroy(dev);
}

/* ---- time ------------------------------------------------------------- */

/*
 * When is a command of channel 0 over that comes at @now_ns? No clock is read:
 * the case owns the channel and runs the part itself. 0 for at once.
 */
static u64 block_end(struct kunit *test, struct bench_cmd *bc, u64 now_ns)
{
	struct oc_channel *ch = &bc->bench->dev->ch[0];
	struct llist_node *node;
	struct oc_part *part;
	u64 end;

	KUNIT_EXPECT_TRUE(test, oc_channel_take(ch));
	bench_submit(bc);
	node = llist_del_all(&ch->inbox);
	if (!node) {
		oc_channel_release(ch);
		KUNIT_FAIL(test, "the command has not come to the channel");
		return U64_MAX;
	}
	part = llist_entry(node, struct oc_part, node);
	bc->cmd.arrival_ns = now_ns;
	KUNIT_EXPECT_TRUE(test, part->ops->run(part, true));
	end = part->when.expires;
	part->when.expires = 0;
	part->ops->done(part);
	oc_channel_release(ch);
	KUNIT_EXPECT_TRUE(test, bench_wait(bc));
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.status, 0U);
	return end;
}

enum { RD = nvme_cmd_read, WR = nvme_cmd_write };

/**
 * struct block_step - a command and how long it takes
 * @opcode:	RD or WR
 * @lba:	first block
 * @nr:		blocks, 0 behind the last step
 * @same:	it comes at the same time as the one before; else 1 ms later
 * @ns:		how long it takes
 */
struct block_step {
	u8 opcode;
	u32 lba;
	u32 nr;
	bool same;
	u64 ns;
};

static const struct {
	const char *name;
	const char *timing;
	struct block_step step[12];
} block_time_rows[] = {
	/* Sector 0 of the channel is nobody's: block 0 goes to sector 1 */
	{ "buffer and flash",
	  "read=40us,prog=80us,bus=1us,cmd=2us,ctrl=5us,page=4", {
		{ WR, 0, 2, false, 0 },		/* in the buffer */
		{ RD, 0, 2, false, 0 },
		{ RD, 100, 4, false, 0 },		/* nowhere */
		{ WR, 2, 1, false, 91000 },		/* 5 + 2 + 4 + 80 */
		{ RD, 0, 3, false, 50000 },		/* 5 + 2 + 40 + 3 */
		{ WR, 3, 9, false, 177000 },		/* + 2 + 4 + 80 */
		{ RD, 11, 1, false, 0 },
		{ RD, 0, 12, false, 138000 },		/* 50 + 44 + 44 */
		{ RD, 1, 1, false, 48000 },
		{ RD, 1, 1, true, 89000 },		/* 48 + 40 + 1 */
		{ RD, 100, 1, true, 0 },
	} },
	{ "cache", "prog=80us,bus=1us,cmd=2us,ctrl=5us,page=4,cache=8", {
		{ WR, 0, 3, false, 5000 },
		{ WR, 3, 4, true, 5000 },
		{ WR, 7, 4, true, 91000 },		/* the first has gone */
		{ WR, 11, 4, false, 5000 },
	} },
	{ "another die", "prog=80us,page=4", {
		{ WR, 0, 19, false, 400000 },
		{ WR, 19, 4, false, 80000 },		/* the chunk's last */
		{ WR, 23, 4, true, 80000 },		/* another unit's first */
		{ WR, 27, 4, true, 160000 },
		{ WR, 31, 3, true, 0 },
		{ WR, 34, 1, true, 240000 },
	} },
};

static void block_takes_its_time(struct kunit *test)
{
	const struct block_step *step;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(block_time_rows); i++) {
		struct oc_config cfg = block_bench(true);
		u64 now = NSEC_PER_SEC, end;
		struct bench *bench;
		struct bench_cmd *bc;

		cfg.geo.num_grp = 1;
		cfg.ns = "block:1:80";
		cfg.timing = block_time_rows[i].timing;
		bench = bench_remake(test, &cfg);
		bc = bench_cmd(bench);
		for (step = block_time_rows[i].step; step->nr; step++) {
			if (!step->same)
				now += NSEC_PER_MSEC;
			bench_scalar(bc, step->opcode, step->lba, step->nr);
			end = block_end(test, bc, now);
			KUNIT_EXPECT_EQ_MSG(test, end ? end - now : 0, step->ns,
					    "%s, block %u",
					    block_time_rows[i].name, step->lba);
		}
	}
}

/*
 * One die that is never idle: what it has done is what the FTL counts, and each
 * read waits for all that is before it, moves and erases included.
 */
static void block_garbage_takes_its_time(struct kunit *test)
{
	struct oc_config cfg = block_bench(true);
	u64 begin = NSEC_PER_SEC, now = begin, reads = 0, end, idle;
	const struct oc_ftl_count *count;
	u32 n, lba, index, state = 17;
	struct oc_channel *ch;
	struct bench *bench;
	struct bench_cmd *bc;

	cfg.geo.num_grp = 1;
	cfg.geo.num_pu = 1;
	cfg.geo.num_chk = 15;
	cfg.ns = "block:1:80";
	cfg.timing = "read=10us,prog=20us,erase=500us";
	bench = bench_remake(test, &cfg);
	bc = bench_cmd(bench);
	ch = &bench->dev->ch[0];
	ch->clock.die[0].idle_ns = begin;
	for (n = 0; n < 2000; n++) {
		state = state * 1103515245 + 12345;
		lba = (state >> 8) % 200;
		bench_scalar(bc, WR, lba, 1);
		end = block_end(test, bc, now);
		/* Its own program comes last */
		if (end)
			KUNIT_ASSERT_EQ(test, end, ch->clock.die[0].idle_ns);
		now = max(now, end);

		lba = (state >> 16) % 200;
		oc_channel_own(ch);
		index = oc_l2p_get(&ch->ftl->l2p, lba);
		oc_channel_release(ch);
		bench_scalar(bc, RD, lba, 1);
		idle = ch->clock.die[0].idle_ns;
		end = block_end(test, bc, now);
		if (!index || index % 24 >= ch->chunks[index / 24].wp) {
			KUNIT_ASSERT_EQ(test, end, 0ULL);
			continue;
		}
		KUNIT_ASSERT_EQ(test, end, idle + 10000);
		reads++;
		now = end;
	}
	count = &ch->ftl->count;
	KUNIT_EXPECT_GT(test, count->moves, 200ULL);
	KUNIT_EXPECT_GT(test, count->erases, 50ULL);
	KUNIT_EXPECT_EQ(test, ch->clock.die[0].idle_ns - begin,
			(count->moves + reads) * 10000 +
			count->programs * 20000 + count->erases * 500000);
	KUNIT_EXPECT_FALSE(test, block_check(bench));
}

static struct kunit_case oc_block_cases[] = {
	KUNIT_CASE(block_addresses),
	KUNIT_CASE(block_identify),
	KUNIT_CASE(block_identifies_formats),
	KUNIT_CASE(block_formats),
	KUNIT_CASE(block_refuses_formats),
	KUNIT_CASE(block_format_keeps_failed_chunks),
	KUNIT_CASE(block_reads_what_was_written),
	KUNIT_CASE(block_overwrites_without_memory),
	KUNIT_CASE(block_unwritten),
	KUNIT_CASE(block_zeroes),
	KUNIT_CASE(block_uncorrectable),
	KUNIT_CASE(block_compares),
	KUNIT_CASE(block_deallocates),
	KUNIT_CASE(block_refuses_ranges),
	KUNIT_CASE(block_capacity_exceeded),
	KUNIT_CASE(block_survives_faults),
	KUNIT_CASE(block_gets_out_after_bursts),
	KUNIT_CASE(block_late_by_channel),
	KUNIT_CASE(block_long_ranges),
	KUNIT_CASE(block_verify_names_the_block),
	KUNIT_CASE(block_format_ends_held_rounds),
	KUNIT_CASE(block_takes_its_time),
	KUNIT_CASE(block_garbage_takes_its_time),
	KUNIT_CASE(block_refuses_configurations),
	KUNIT_CASE(block_refuses_offline_chunks),
	KUNIT_CASE(block_beside_others),
	{}
};

/* A case keeps its log, so each suite has cases of its own */
static struct kunit_case oc_block_worker_cases[] = {
	KUNIT_CASE(block_addresses),
	KUNIT_CASE(block_identify),
	KUNIT_CASE(block_formats),
	KUNIT_CASE(block_refuses_formats),
	KUNIT_CASE(block_format_keeps_failed_chunks),
	KUNIT_CASE(block_reads_what_was_written),
	KUNIT_CASE(block_overwrites_without_memory),
	KUNIT_CASE(block_unwritten),
	KUNIT_CASE(block_zeroes),
	KUNIT_CASE(block_uncorrectable),
	KUNIT_CASE(block_compares),
	KUNIT_CASE(block_deallocates),
	KUNIT_CASE(block_refuses_ranges),
	KUNIT_CASE(block_capacity_exceeded),
	KUNIT_CASE(block_survives_faults),
	KUNIT_CASE(block_gets_out_after_bursts),
	KUNIT_CASE(block_late_by_channel),
	KUNIT_CASE(block_long_ranges),
	KUNIT_CASE(block_verify_names_the_block),
	KUNIT_CASE(block_format_ends_held_rounds),
	{}
};

struct kunit_suite oc_block_suite = {
	.name = "oc_block",
	.init = block_init_inline,
	.exit = bench_exit,
	.test_cases = oc_block_cases,
};

struct kunit_suite oc_block_worker_suite = {
	.name = "oc_block_worker",
	.init = block_init_worker,
	.exit = bench_exit,
	.test_cases = oc_block_worker_cases,
};
