// SPDX-License-Identifier: GPL-2.0
/*
 * block_config_test.c - which block namespaces there can be
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "block_bed.h"

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
		struct oc_config cfg = block_config(true);
		struct oc_complaint why;

		cfg.ns = bad_block[i].ns;
		cfg.gc = bad_block[i].gc;
		KUNIT_EXPECT_EQ_MSG(test, bench_try(&cfg, &why), -EINVAL, "ns=%s", cfg.ns);
		KUNIT_EXPECT_STREQ_MSG(test, why.param ? why.param : "none",
				       bad_block[i].param, "ns=%s", cfg.ns);
		KUNIT_EXPECT_TRUE_MSG(test, why.want[0], "ns=%s", cfg.ns);
	}
}

/* A state may leave too few chunks, which is not a lack of memory */
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
		struct oc_config cfg = block_config(true);
		struct oc_complaint why;

		cfg.state.text = states[i].state;
		cfg.state.len = strlen(states[i].state);
		KUNIT_EXPECT_EQ_MSG(test, bench_try(&cfg, &why), states[i].ret, "%s",
				    states[i].state);
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
	struct oc_config cfg = block_config(true);
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

static struct kunit_case block_config_cases[] = {
	KUNIT_CASE(block_refuses_configurations),
	KUNIT_CASE(block_refuses_offline_chunks),
	KUNIT_CASE(block_beside_others),
	{}
};

struct kunit_suite oc_block_config_suite = {
	.name = "oc_block_config",
	.test_cases = block_config_cases,
};
