// SPDX-License-Identifier: GPL-2.0
/*
 * formats_test.c - which LBA formats there are
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "oc_test.h"

static void format_usual_table(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_config cfg = bench_config();
	u32 i, k;

	KUNIT_EXPECT_EQ(test, bench->dev->nr_formats, 16U);
	KUNIT_EXPECT_EQ(test, bench_find_format(bench, 512, 16), 0U);
	for (i = 512; i <= 16384; i *= 2) {
		KUNIT_EXPECT_NE(test, bench_find_format(bench, i, 0), U32_MAX);
		KUNIT_EXPECT_NE(test, bench_find_format(bench, i, 16), U32_MAX);
	}
	for (i = 0; i < 16; i++)
		for (k = 0; k < i; k++)
			KUNIT_EXPECT_NE(test,
					memcmp(&bench->dev->formats[i],
					       &bench->dev->formats[k],
					       sizeof(struct oc_format)), 0);

	/* An unusual format comes first, and takes the place of the last */
	cfg.geo.lba_size = 8192;
	cfg.geo.oob_size = 24;
	bench = bench_remake(test, &cfg);
	KUNIT_EXPECT_EQ(test, bench->dev->nr_formats, 16U);
	KUNIT_EXPECT_EQ(test, bench_find_format(bench, 8192, 24), 0U);
	KUNIT_EXPECT_EQ(test, bench_find_format(bench, 512, 64), U32_MAX);

	KUNIT_EXPECT_EQ(test, oc_dev_max_lba(bench->dev), 16384U);
	KUNIT_EXPECT_EQ(test, oc_dev_max_oob(bench->dev), 64U);
}

/* Where pblk would divide by zero only its own kinds of namespace are held back */
static const struct {
	const char *ns;
	bool without;	/* formats of less than 16 bytes of metadata are to be had */
	bool with;	/* those of more */
} pblk_rules[] = {
	{ "oc20", false, true },
	{ "oc12", false, true },
	{ "oc12h", true, true },
	{ "block:5:80", true, false },
};

static void format_for_pblk(struct kunit *test)
{
	struct nvme_id_ns *id = kunit_kzalloc(test, sizeof(*id), GFP_KERNEL);
	struct oc_config cfg = bench_config();
	struct oc_complaint why;
	struct bench *bench;
	u32 i, bare, full;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, id);
	cfg.geo.ws_min = 1;
	cfg.geo.ws_opt = 1;
	cfg.geo.secs_per_pg = 1;
	for (i = 0; i < ARRAY_SIZE(pblk_rules); i++) {
		const char *ns = pblk_rules[i].ns;

		cfg.ns = ns;
		cfg.geo.oob_size = 16;
		bench = bench_remake(test, &cfg);
		bare = bench_find_format(bench, 4096, 0);
		full = bench_find_format(bench, 4096, 64);
		KUNIT_ASSERT_TRUE(test, bare < 16 && full < 16);
		memset(id, 0, sizeof(*id));
		bench_identify(&bench->dev->ns[0], id);
		KUNIT_EXPECT_EQ_MSG(test, (u32)id->lbaf[bare].ds,
				    pblk_rules[i].without ? 12U : 0U, "%s", ns);
		KUNIT_EXPECT_EQ_MSG(test, (u32)id->lbaf[full].ds,
				    pblk_rules[i].with ? 12U : 0U, "%s", ns);

		/* And so at load */
		cfg.geo.oob_size = 0;
		KUNIT_EXPECT_EQ_MSG(test, !bench_try(&cfg, &why), (int)pblk_rules[i].without,
				    "%s", ns);
		KUNIT_EXPECT_STREQ_MSG(test, why.param ? why.param : "none",
				       pblk_rules[i].without ? "none" : "oob_size", "%s", ns);
	}
}

/* As many formats as fit beside 512+16 */
#define FIFTEEN	"512+0,512+8,1024+0,1024+8,1024+16,1024+24,1024+32,1024+40," \
		"1024+48,1024+56,1024+64,1024+72,1024+80,1024+88,16384+128"

static const struct {
	const char *text;
	u32 nr;
} good_formats[] = {
	{ "512+16", 1 },
	{ "4096+0", 2 },
	{ "4096+0,4096+0", 2 },
	{ "16384+128,512+8", 3 },
	{ FIFTEEN, 16 },
};

static const char *const bad_formats[] = {
	"4096", "4096+", "+16", "4096+16,", ",4096+16", "4096+16 ", "4096-16",
	"0x1000+16", "4096+16+0", "3000+16", "256+0", "32768+0", "4096+4",
	"4096+136", FIFTEEN ",4096+0",
};

static void format_parameter(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct oc_complaint why;
	struct bench *bench;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(good_formats); i++) {
		cfg.formats = good_formats[i].text;
		bench = bench_remake(test, &cfg);
		KUNIT_EXPECT_EQ_MSG(test, bench->dev->nr_formats, good_formats[i].nr, "%s",
				    good_formats[i].text);
		KUNIT_EXPECT_EQ(test, bench_find_format(bench, 512, 16), 0U);
	}
	for (i = 0; i < ARRAY_SIZE(bad_formats); i++) {
		cfg.formats = bad_formats[i];
		KUNIT_EXPECT_EQ_MSG(test, bench_try(&cfg, &why), -EINVAL, "%s",
				    bad_formats[i]);
		KUNIT_EXPECT_STREQ_MSG(test, why.param ? why.param : "none",
				       "formats", "%s", bad_formats[i]);
	}
}

static void format_identifies(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct nvme_id_ns *id = kunit_kzalloc(test, sizeof(*id), GFP_KERNEL);
	struct oc_ns *ns = &bench->dev->ns[0];
	u32 i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, id);
	bench_identify(ns, id);
	KUNIT_EXPECT_EQ(test, (u32)id->nlbaf, 15U);
	KUNIT_EXPECT_EQ(test, (u32)id->flbas, 0U);
	KUNIT_EXPECT_EQ(test, (u32)id->mc, 3U);
	KUNIT_EXPECT_EQ(test, (u32)id->dpc, 0U);
	for (i = 0; i < 16; i++) {
		KUNIT_EXPECT_EQ(test, 1U << id->lbaf[i].ds,
				bench->dev->formats[i].lba_size);
		KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(id->lbaf[i].ms),
				bench->dev->formats[i].oob_size);
	}
	KUNIT_EXPECT_EQ(test, le64_to_cpu(*(__le64 *)id->nvmcap), 1200ULL * 512);

	i = bench_find_format(bench, 2048, 0);
	KUNIT_EXPECT_EQ(test, bench_format(bench, 1, i | 0x10), (u16)0);
	memset(id, 0, sizeof(*id));
	bench_identify(ns, id);
	/* Where there is no metadata, MSET means nothing */
	KUNIT_EXPECT_EQ(test, (u32)id->flbas, i);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(*(__le64 *)id->nvmcap), 1200ULL * 2048);

	i = bench_find_format(bench, 4096, 8);
	KUNIT_EXPECT_EQ(test, bench_format(bench, 1, i | 0x10), (u16)0);
	memset(id, 0, sizeof(*id));
	bench_identify(ns, id);
	KUNIT_EXPECT_EQ(test, (u32)id->flbas, i | 0x10);
	KUNIT_EXPECT_EQ(test, oc_dev_max_transfer(bench->dev), 64U * 4104);
}

static struct kunit_case formats_cases[] = {
	KUNIT_CASE(format_usual_table),
	KUNIT_CASE(format_for_pblk),
	KUNIT_CASE(format_parameter),
	KUNIT_CASE(format_identifies),
	{}
};

struct kunit_suite oc_formats_suite = {
	.name = "oc_formats",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = formats_cases,
};
