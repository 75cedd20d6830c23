// SPDX-License-Identifier: GPL-2.0
/*
 * name_test.c - a device's one name, and what is made of it
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "oc_test.h"

static const struct {
	const char *name;
	const char *subsysnqn;
	const char *serial;
	const char *want_name;
	const char *want_nqn;
	const char *want_serial;
} good_names[] = {
	{ NULL, NULL, NULL, "ssd0", "nqn.2026-11.ocloop:ssd0", "OC-ssd0" },
	{ "ssd1", NULL, NULL, "ssd1", "nqn.2026-11.ocloop:ssd1", "OC-ssd1" },
	{ "7.a_B-c", NULL, NULL, "7.a_B-c", "nqn.2026-11.ocloop:7.a_B-c",
	  "OC-7.a_B-c" },
	{ "sixteen-letters-", NULL, NULL, "sixteen-letters-",
	  "nqn.2026-11.ocloop:sixteen-letters-", "OC-sixteen-letters-" },
	{ "ssd1", "nqn.given", NULL, "ssd1", "nqn.given", "OC-ssd1" },
	{ "ssd1", NULL, "GIVEN", "ssd1", "nqn.2026-11.ocloop:ssd1", "GIVEN" },
	{ NULL, "nqn.given", "GIVEN", "ssd0", "nqn.given", "GIVEN" },
};

static void name_makes_the_others(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(good_names); i++) {
		struct oc_config cfg = bench_config();
		struct oc_complaint why;
		struct oc_dev *dev;

		cfg.name = good_names[i].name;
		cfg.subsysnqn = good_names[i].subsysnqn;
		cfg.serial = good_names[i].serial;
		dev = oc_dev_create(&cfg, &why);
		KUNIT_ASSERT_EQ_MSG(test, PTR_ERR_OR_ZERO(dev), 0, "row %u", i);
		KUNIT_EXPECT_STREQ(test, (const char *)dev->name,
				   good_names[i].want_name);
		KUNIT_EXPECT_STREQ(test, (const char *)dev->subsysnqn,
				   good_names[i].want_nqn);
		KUNIT_EXPECT_STREQ(test, (const char *)dev->serial,
				   good_names[i].want_serial);
		oc_dev_destroy(dev);
	}
}

static const char *const bad_names[] = {
	"", "seventeen-letters", "-a", "_a", ".", "..", ".a", "a b", " a", "a/b",
	"a:b", "a,b", "a\n", "\n", "a%sb", "a\xc3\xa4", "a\x7f",
};

static void name_refused(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad_names); i++) {
		struct oc_config cfg = bench_config();
		struct oc_complaint why = {};
		struct oc_dev *dev;

		cfg.name = bad_names[i];
		dev = oc_dev_create(&cfg, &why);
		KUNIT_EXPECT_EQ_MSG(test, PTR_ERR_OR_ZERO(dev), -EINVAL,
				    "'%s'", bad_names[i]);
		KUNIT_EXPECT_STREQ_MSG(test, (const char *)why.param, "name",
				       "'%s'", bad_names[i]);
		if (!IS_ERR(dev))
			oc_dev_destroy(dev);
	}
}

/* A device and a namespace that have no more than it takes to give one its identifier */
struct named {
	struct oc_dev dev;
	struct oc_ns ns;
};

static const u8 *identifier(struct named *n, const char *nqn, u32 nsid, u32 nr)
{
	strscpy(n->dev.subsysnqn, nqn, sizeof(n->dev.subsysnqn));
	n->ns.dev = &n->dev;
	n->ns.nsid = nsid;
	oc_ns_name(&n->ns, nr);
	return n->ns.nguid;
}

/* For ever: hosts know disks by them */
static const struct {
	const char *nqn;
	u32 nsid;
	u32 nr;
	u8 nguid[16];
} known[] = {
	{ "nqn.2026-11.ocloop:ssd0", 1, 0,
	  { 0x49, 0x74, 0x69, 0x1e, 0xc7, 0x7e, 0xff, 0x69,
	    0xe4, 0x6f, 0xb8, 0x4c, 0x01, 0x00, 0x00, 0x00 } },
	{ "nqn.2026-11.ocloop:ssd0", 2, 0,
	  { 0x49, 0x74, 0x69, 0x1e, 0xc7, 0x7e, 0xff, 0x69,
	    0xe4, 0x6f, 0xb8, 0x4c, 0x02, 0x00, 0x00, 0x00 } },
	{ "nqn.2026-11.ocloop:ssd0", 1, 1,
	  { 0x48, 0x74, 0x69, 0x1e, 0xc7, 0x7e, 0xff, 0x69,
	    0xe4, 0x6f, 0xb8, 0x4c, 0x01, 0x00, 0x00, 0x00 } },
	{ "nqn.2026-11.ocloop:ssd1", 1, 0,
	  { 0xe6, 0x09, 0x1a, 0xa1, 0x9c, 0x9b, 0x50, 0x5d,
	    0xbe, 0x45, 0x84, 0x3d, 0x01, 0x00, 0x00, 0x00 } },
};

static void name_identifiers_last(struct kunit *test)
{
	struct named *n = kunit_kzalloc(test, sizeof(*n), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, n);
	for (i = 0; i < ARRAY_SIZE(known); i++)
		KUNIT_EXPECT_EQ_MSG(test, memcmp(identifier(n, known[i].nqn,
							    known[i].nsid,
							    known[i].nr),
						 known[i].nguid, 16), 0,
				    "row %u", i);
}

#define NAMES	64U	/* devices */
#define SPACES	4U	/* namespaces of each, made at load and later */

/* All that differ by a little in their names, and all namespaces of each */
static void name_identifiers_differ(struct kunit *test)
{
	struct named *n = kunit_kzalloc(test, sizeof(*n), GFP_KERNEL);
	u32 all = NAMES * SPACES * 2, i, k;
	u8 (*ids)[16] = kunit_kzalloc(test, all * sizeof(*ids), GFP_KERNEL);
	char nqn[64];

	KUNIT_ASSERT_TRUE(test, n && ids);
	for (i = 0; i < all; i++) {
		u32 dev = i / SPACES / 2;

		/* Names that begin alike, that end alike, and in both cases short ones */
		snprintf(nqn, sizeof(nqn), dev % 2 ? "nqn.2026-11.ocloop:%ux" :
			 "nqn.2026-11.ocloop:x%u", dev / 2);
		memcpy(ids[i], identifier(n, nqn, 1 + i % SPACES,
					  i / SPACES % 2), 16);
	}
	for (i = 0; i < all; i++)
		for (k = 0; k < i; k++)
			KUNIT_EXPECT_NE_MSG(test, memcmp(ids[i], ids[k], 16), 0,
					    "%u and %u", i, k);
}

static struct kunit_case name_cases[] = {
	KUNIT_CASE(name_makes_the_others),
	KUNIT_CASE(name_refused),
	KUNIT_CASE(name_identifiers_last),
	KUNIT_CASE(name_identifiers_differ),
	{}
};

struct kunit_suite oc_name_suite = {
	.name = "oc_name",
	.test_cases = name_cases,
};
