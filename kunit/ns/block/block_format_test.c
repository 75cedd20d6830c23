// SPDX-License-Identifier: GPL-2.0
/*
 * block_format_test.c - formats of block namespaces
 *
 * Cases run twice: with idle channels run by the submitter, and with everything left to
 * the workers.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "block_bed.h"

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
		struct oc_config cfg = block_config(true);
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
		bench_identify(block_ns(bench), id);
		KUNIT_EXPECT_EQ(test, (u32)id->nlbaf, (u32)strlen(sizes) - 1);
		KUNIT_EXPECT_EQ(test, (u32)id->flbas, lba_tables[i].flbas);
		KUNIT_EXPECT_EQ(test, (u32)id->lbaf[id->flbas].ds, 9U);
		KUNIT_EXPECT_EQ(test, (u32)id->mc, 0U);
		for (k = 0; k <= id->nlbaf; k++) {
			int shift = sizes[k] == '-' ? 0 : hex_to_bin(sizes[k]);

			KUNIT_EXPECT_EQ_MSG(test, (int)id->lbaf[k].ds, shift,
					    "table %u, format %u", i, k);
			KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(id->lbaf[k].ms), 0U);
		}
	}
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
			KUNIT_EXPECT_EQ(test, block_write(bench, k * 40, 40, i + 1), 0);
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

static struct kunit_case block_format_cases[] = {
	KUNIT_CASE(block_identifies_formats),
	KUNIT_CASE(block_formats),
	KUNIT_CASE(block_refuses_formats),
	KUNIT_CASE(block_format_keeps_failed_chunks),
	KUNIT_CASE(block_format_ends_held_rounds),
	{}
};

static struct kunit_case block_format_worker_cases[] = {
	KUNIT_CASE(block_formats),
	KUNIT_CASE(block_refuses_formats),
	KUNIT_CASE(block_format_keeps_failed_chunks),
	KUNIT_CASE(block_format_ends_held_rounds),
	{}
};

struct kunit_suite oc_block_format_suite = {
	.name = "oc_block_format",
	.init = block_init,
	.exit = bench_exit,
	.test_cases = block_format_cases,
};

struct kunit_suite oc_block_format_worker_suite = {
	.name = "oc_block_format_worker",
	.init = block_worker_init,
	.exit = bench_exit,
	.test_cases = block_format_worker_cases,
};
