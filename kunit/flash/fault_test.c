// SPDX-License-Identifier: GPL-2.0
/*
 * fault_test.c - rules of what fails: their text, and which of them decides
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc_fault.h"
#include "oc_test.h"

static const struct oc_geo test_geo = {
	.num_grp = 5, .num_pu = 3, .num_chk = 20, .clba = 96, .ws_min = 4,
};

static struct oc_fault_set *make_set(struct kunit *test, const char *text,
				     struct oc_text_err *err, int *ret)
{
	struct oc_fault_set *set = kunit_kzalloc(test, sizeof(*set),
						 GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, set);
	memset(err, 0, sizeof(*err));
	*ret = oc_fault_parse(set, text, strlen(text), &test_geo, err);
	return set;
}

/* ---- parse ------------------------------------------------------------ */

static const struct {
	const char *text;
	u64 seed;
	u32 nr;
	const char *last;	/* the last rule, as it is printed */
} good_rules[] = {
	{ "", 1, 0, NULL },
	{ "\n\t# nothing\n;;  ;\n", 1, 0, NULL },
	{ "seed=0", 0, 0, NULL },
	{ "seed=0xffffffffffffffff # the largest", U64_MAX, 0, NULL },
	{ "write-fail", 1, 1, "write-fail" },
	{ "drop;drop;delay time=1", 1, 3, "delay time=1ns" },
	{ "drop # once; not twice", 1, 1, "drop" },
	{ "drop\nclear\nread-ecc", 1, 1, "read-ecc" },
	{ "write-close,grp=4,pu=2,chk=19,sec=95", 1, 1,
	  "write-close grp=4 pu=2 chk=19 sec=95" },
	{ "read-fail grp=* pu=0-2 chk=0-19 sec=0-95", 1, 1, "read-fail" },
	{ "reset-fail chk=0x10-0x12 times=2147483647", 1, 1,
	  "reset-fail chk=16-18 times=2147483647" },
	{ "  drop\top=read ,, after=0 interval=1\r\n", 1, 1, "drop op=read" },
	{ "drop op=any until=abort", 1, 1, "drop" },
	{ "drop until=reset", 1, 1, "drop until=reset" },
	{ "delay time=60s op=reset after=7 interval=9", 1, 1,
	  "delay op=reset time=60000000000ns interval=9 after=7" },
	{ "delay time=250us", 1, 1, "delay time=250000ns" },
	{ "read-fail probability=100%", 1, 1, "read-fail" },
	{ "read-fail probability=0.0001", 1, 1,
	  "read-fail probability=0.0001" },
	{ "read-fail probability=12.50", 1, 1,
	  "read-fail probability=12.5000" },
	{ "read-fail probability=7.", 1, 1, "read-fail probability=7" },
};

static void fault_parses(struct kunit *test)
{
	struct oc_text_err err;
	char line[256];
	u32 i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(good_rules); i++) {
		const char *text = good_rules[i].text;
		struct oc_fault_set *set = make_set(test, text, &err, &ret);

		KUNIT_EXPECT_EQ_MSG(test, ret, 0, "'%s': line %u, want %s", text, err.line,
				    err.want);
		KUNIT_EXPECT_EQ_MSG(test, set->seed, good_rules[i].seed, "%s", text);
		KUNIT_EXPECT_EQ_MSG(test, set->nr, good_rules[i].nr, "%s", text);
		if (ret || !set->nr)
			continue;
		oc_fault_print(&set->rule[set->nr - 1], &test_geo, line, sizeof(line));
		KUNIT_EXPECT_STREQ_MSG(test, (const char *)line, good_rules[i].last, "%s",
				       text);
		/* What is printed says the same again */
		set = make_set(test, line, &err, &ret);
		KUNIT_EXPECT_EQ_MSG(test, ret, 0, "%s", line);
		oc_fault_print(&set->rule[0], &test_geo, line, sizeof(line));
		KUNIT_EXPECT_STREQ_MSG(test, (const char *)line, good_rules[i].last, "%s",
				       text);
	}
}

static const struct {
	const char *text;
	u32 line;
} bad_rules[] = {
	{ "explode", 1 }, { "drop\n\nexplode", 3 }, { "drop;explode", 1 },
	{ "write-fail grp=5", 1 }, { "write-fail grp=-1", 1 },
	{ "write-fail grp=1-0", 1 }, { "write-fail grp=0-5", 1 },
	{ "write-fail grp=", 1 }, { "write-fail grp", 1 },
	{ "write-fail grp=0-", 1 }, { "write-fail grp=0-1-2", 1 },
	{ "write-fail grp=4294967296", 1 }, { "write-fail pu=3", 1 },
	{ "write-fail chk=20", 1 }, { "write-fail sec=96", 1 },
	{ "write-fail pu=0 pu=0", 1 }, { "write-fail op=write", 1 },
	{ "write-fail time=1", 1 }, { "reset-fail sec=0", 1 },
	{ "drop until=never", 1 }, { "delay time=1 until=reset", 1 },
	{ "drop op=erase", 1 }, { "drop op=", 1 }, { "drop time=1ms", 1 },
	{ "drop op=reset sec=1", 1 }, { "delay", 1 }, { "delay op=read", 1 },
	{ "delay time=0", 1 }, { "delay time=61s", 1 },
	{ "delay time=60000000001", 1 }, { "delay time=1h", 1 },
	{ "delay time=ms", 1 }, { "delay time=-1", 1 },
	{ "delay time=99999999999999999999", 1 },
	{ "delay time=18446744074s", 1 },
	{ "drop probability=0", 1 }, { "drop probability=100.0001", 1 },
	{ "drop probability=101", 1 }, { "drop probability=0.00001", 1 },
	{ "drop probability=x", 1 }, { "drop probability=1%%", 1 },
	{ "drop probability=.5", 1 }, { "drop probability=-1", 1 },
	{ "drop probability=4294967297", 1 }, { "drop times=0", 1 },
	{ "drop times=2147483648", 1 }, { "drop interval=0", 1 },
	{ "drop after=x", 1 }, { "seed=", 1 }, { "seed=-1", 1 },
	{ "seed=18446744073709551616", 1 }, { "seed=1\nseed=2", 2 },
	{ "seed=1 drop", 1 }, { "clear drop", 1 }, { "drop\x01", 1 },
	{ "drop \xc3\xa4=1", 1 },
	{ "drop\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=1", 2 },
};

static void fault_refuses(struct kunit *test)
{
	struct oc_text_err err;
	u32 i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(bad_rules); i++) {
		make_set(test, bad_rules[i].text, &err, &ret);
		KUNIT_EXPECT_EQ_MSG(test, ret, -EINVAL, "%s", bad_rules[i].text);
		KUNIT_EXPECT_EQ_MSG(test, err.line, bad_rules[i].line, "%s",
				    bad_rules[i].text);
		KUNIT_EXPECT_TRUE_MSG(test, err.want[0], "%s", bad_rules[i].text);
	}
}

static void fault_takes_so_many(struct kunit *test)
{
	char *text = kunit_kzalloc(test, 70 * 5, GFP_KERNEL);
	struct oc_fault_set *set;
	struct oc_text_err err;
	int ret;
	u32 i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, text);
	for (i = 0; i < 64; i++)
		strcat(text, "drop\n");
	set = make_set(test, text, &err, &ret);
	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_EXPECT_EQ(test, set->nr, 64U);
	strcat(text, "drop\n");
	make_set(test, text, &err, &ret);
	KUNIT_EXPECT_EQ(test, ret, -EINVAL);
	KUNIT_EXPECT_EQ(test, err.line, 65U);
	/* A text may end anywhere, and what lies behind it is not looked at */
	KUNIT_EXPECT_EQ(test, oc_fault_parse(set, text, 5 * 64, &test_geo, &err), 0);
	KUNIT_EXPECT_EQ(test, oc_fault_parse(set, text, 4, &test_geo, &err), 0);
	KUNIT_EXPECT_EQ(test, set->nr, 1U);
	KUNIT_EXPECT_EQ(test, oc_fault_parse(set, text, 3, &test_geo, &err), -EINVAL);
}

/* ---- judge ------------------------------------------------------------ */

#define CAN_ALL		(BIT(OC_FAULT_KINDS) - 1)
#define CAN_MAPPED	(CAN_ALL & ~(BIT(OC_FAULT_READ_FAIL) | BIT(OC_FAULT_READ_ECC)))

/*
 * Groups 0 and 1 have namespaces whose hosts know the chunks, the last two
 * chunks of each unit with 48 sectors; 2 and 3 are mapped; nothing happens in 4.
 */
static const u16 test_can[] = {
	CAN_ALL | OC_FAULT_SHAPED, CAN_ALL | OC_FAULT_SHAPED,
	CAN_MAPPED, CAN_MAPPED, 0,
};

static const struct {
	const char *text;
	u32 line;		/* of the rule that cannot strike, 0 for none */
} judged_rules[] = {
	{ "", 0 }, { "read-fail", 0 }, { "read-ecc grp=1-2", 0 },
	{ "read-fail grp=2", 1 }, { "read-ecc grp=2-4", 1 },
	{ "delay op=read time=1 grp=3", 0 }, { "drop op=read grp=3-4", 0 },
	{ "write-fail grp=4", 1 }, { "reset-fail grp=4", 1 },
	{ "delay time=1 grp=4", 1 }, { "drop grp=4", 1 },
	{ "write-close grp=3-4", 0 },
	{ "drop\n\nread-fail grp=3\nread-fail grp=3", 3 },
	{ "read-fail grp=3\nclear\nread-fail", 0 },
	/* Chunks that have fewer sectors */
	{ "read-fail chk=18-19 sec=47", 0 },
	{ "read-fail chk=18-19 sec=48", 1 }, { "read-ecc chk=19 sec=50-95", 1 },
	{ "write-fail grp=0 chk=19 sec=48", 1 },
	{ "write-fail grp=0-2 chk=19 sec=48", 0 },
	{ "write-fail grp=0 chk=17-19 sec=48", 0 },
	{ "delay op=write time=1 grp=1 chk=18 sec=60", 1 },
	{ "delay time=1 grp=1 chk=18 sec=60", 0 },
	{ "reset-fail grp=1 chk=18", 0 },
	/* Others that are asked first and always strike */
	{ "drop;drop", 1 }, { "drop\ndrop op=read", 2 },
	{ "drop op=read;drop", 0 }, { "drop times=1;drop", 0 },
	{ "drop after=1;drop", 0 }, { "drop interval=2;drop", 0 },
	{ "drop probability=99.9999;drop", 0 },
	{ "write-fail\nwrite-close grp=1", 2 },
	{ "write-close\nread-fail\nread-ecc\nwrite-fail", 3 },
	{ "write-fail grp=0;write-close", 0 },
	{ "write-fail pu=1;write-close", 0 },
	{ "write-fail pu=0-1 sec=4-7\nwrite-close pu=1 sec=5", 2 },
	{ "write-fail pu=0-1 sec=4-7\nwrite-close pu=1 sec=5-8", 0 },
	{ "write-fail;reset-fail;read-fail;drop;delay time=1", 0 },
	{ "delay time=1;delay time=2 times=1", 1 },
};

static void fault_judges(struct kunit *test)
{
	struct oc_geo geo = test_geo;
	struct oc_fault_set *set;
	struct oc_text_err err;
	u32 i, line;
	int ret;

	geo.odd_chk = 2;
	geo.odd_secs = 48;
	for (i = 0; i < ARRAY_SIZE(judged_rules); i++) {
		set = make_set(test, judged_rules[i].text, &err, &ret);
		KUNIT_EXPECT_EQ_MSG(test, ret, 0, "%s", judged_rules[i].text);
		line = judged_rules[i].line;
		ret = oc_fault_judge(set, &geo, test_can, &err);
		KUNIT_EXPECT_EQ_MSG(test, ret, line ? -EINVAL : 0, "%s",
				    judged_rules[i].text);
		KUNIT_EXPECT_EQ_MSG(test, err.line, line, "%s", judged_rules[i].text);
		KUNIT_EXPECT_EQ_MSG(test, !!err.want[0], !!line, "%s",
				    judged_rules[i].text);
	}
}

static const struct {
	const char *ns;
	u32 num_chk;
	bool bare;
	const char *faults;
	bool good;
} judged_devs[] = {
	{ "block:5:80", 5, false, "read-fail", false },
	{ "block:5:80", 5, false, "read-ecc", false },
	{ "block:5:80", 5, false, "write-fail;reset-fail;drop", true },
	{ "block:4:80,oc20:1", 5, false, "read-fail", true },
	{ "block:4:80,oc20:1", 5, false, "read-fail grp=0-3", false },
	{ "oc20:2,oc12:2,oc12h:1", 5, false, "read-fail;drop", true },
	{ "oc20:2,oc12:2,oc12h:1", 5, false, "read-ecc grp=4", true },
	/* Free groups can become block namespaces, if large enough */
	{ "none", 5, false, "write-close;reset-fail;drop", true },
	{ "none", 5, false, "read-fail", false },
	{ "none", 1, false, "write-fail", false },
	{ "none", 1, false, "drop", false },
	{ "none", 1, false, "reset-fail", true },
	{ "oc20:2", 5, false, "write-fail grp=3", true },
	{ "oc20:2", 5, false, "read-fail grp=2-4", false },
	/* The last chunk of each unit has 8 sectors, of oc20 namespaces */
	{ "oc20:4,oc12:1", 5, false, "read-fail grp=0-3 chk=4 sec=8", false },
	{ "oc20:4,oc12:1", 5, false, "read-fail grp=0-3 chk=4 sec=7", true },
	{ "oc20:4,oc12:1", 5, false, "read-fail chk=4 sec=8", true },
	{ "oc20:4,oc12:1", 5, false, "read-fail grp=0 chk=3-4 sec=8", true },
	/* Without a controller nobody comes to them, and nobody waits */
	{ "oc20:2,block:3:80", 5, true, "write-fail;read-fail", true },
	{ "oc20:2,block:3:80", 5, true, "write-fail grp=2", false },
	{ "oc20:2,block:3:80", 5, true, "drop", false },
	{ "oc20:2", 5, true, "reset-fail grp=2", false },
	{ "oc20:2,oc12h:3", 5, true, "delay time=1", true },
};

static void fault_knows_the_namespaces(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(judged_devs); i++) {
		struct oc_config cfg = bench_config();
		struct oc_complaint why;

		cfg.ns = judged_devs[i].ns;
		cfg.cnlb = "1:8";
		cfg.geo.num_chk = judged_devs[i].num_chk;
		cfg.bare = judged_devs[i].bare;
		cfg.faults.text = judged_devs[i].faults;
		cfg.faults.len = strlen(cfg.faults.text);
		KUNIT_EXPECT_EQ_MSG(test, bench_try(&cfg, &why),
				    judged_devs[i].good ? 0 : -EINVAL,
				    "%u: %s, %s: %s", i, cfg.ns,
				    cfg.faults.text, why.want);
		KUNIT_EXPECT_STREQ(test, why.param ? why.param : "none",
				   judged_devs[i].good ? "none" : "faults");
	}
}

/* ---- match and decide ------------------------------------------------- */

static const struct {
	const char *rule;
	u32 grp;
	struct oc_fault_at at;
	bool match;
} matches[] = {
	{ "write-fail", 4, { OC_OP_WRITE, 2, 19, 92, 4 }, true },
	{ "write-fail", 0, { OC_OP_READ, 0, 0, 0, 1 }, false },
	{ "write-fail grp=1-2", 0, { OC_OP_WRITE, 0, 0, 0, 4 }, false },
	{ "write-fail grp=1-2", 1, { OC_OP_WRITE, 0, 0, 0, 4 }, true },
	{ "write-fail grp=1-2", 2, { OC_OP_WRITE, 0, 0, 0, 4 }, true },
	{ "write-fail grp=1-2", 3, { OC_OP_WRITE, 0, 0, 0, 4 }, false },
	{ "write-fail pu=1", 0, { OC_OP_WRITE, 0, 0, 0, 4 }, false },
	{ "write-fail pu=1", 0, { OC_OP_WRITE, 1, 0, 0, 4 }, true },
	{ "write-fail chk=7", 0, { OC_OP_WRITE, 1, 6, 0, 4 }, false },
	{ "write-fail chk=7", 0, { OC_OP_WRITE, 1, 7, 0, 4 }, true },
	{ "write-fail sec=5-6", 0, { OC_OP_WRITE, 0, 0, 0, 4 }, false },
	{ "write-fail sec=5-6", 0, { OC_OP_WRITE, 0, 0, 4, 4 }, true },
	{ "write-fail sec=7-8", 0, { OC_OP_WRITE, 0, 0, 4, 4 }, true },
	{ "write-fail sec=8-95", 0, { OC_OP_WRITE, 0, 0, 4, 4 }, false },
	{ "read-ecc sec=8", 0, { OC_OP_READ, 0, 0, 8, 1 }, true },
	{ "read-ecc sec=8", 0, { OC_OP_READ, 0, 0, 9, 1 }, false },
	{ "drop sec=8", 0, { OC_OP_RESET, 0, 0, 90, 1 }, true },
	{ "drop op=write", 0, { OC_OP_RESET, 0, 0, 90, 1 }, false },
};

static void fault_matches(struct kunit *test)
{
	struct oc_text_err err;
	u32 i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(matches); i++) {
		struct oc_fault_set *set = make_set(test, matches[i].rule,
						    &err, &ret);

		KUNIT_ASSERT_EQ(test, ret, 0);
		KUNIT_EXPECT_EQ_MSG(test, oc_fault_matches(&set->rule[0],
							   matches[i].grp,
							   &matches[i].at),
				    matches[i].match, "row %u: %s", i,
				    matches[i].rule);
	}
}

/* Which of the first 64 operations a rule strikes on a channel */
static u64 strikes(struct kunit *test, const char *text, u32 grp)
{
	struct oc_text_err err;
	struct oc_faults *faults;
	struct oc_fault_set *set;
	u64 bits = 0;
	int ret;
	u32 i;

	set = make_set(test, text, &err, &ret);
	KUNIT_ASSERT_EQ(test, ret, 0);
	faults = oc_faults_alloc(set, grp);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, faults);
	for (i = 0; i < 64; i++)
		if (oc_fault_strikes(&faults->state[0]))
			bits |= BIT_ULL(i);
	KUNIT_EXPECT_EQ_MSG(test, faults->state[0].seen, 64ULL, "%s", text);
	KUNIT_EXPECT_EQ_MSG(test, faults->state[0].hits, (u64)hweight64(bits), "%s", text);
	kfree(faults);
	return bits;
}

static void fault_counts(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, strikes(test, "drop", 0), U64_MAX);
	KUNIT_EXPECT_EQ(test, strikes(test, "drop times=3", 0), 7ULL);
	KUNIT_EXPECT_EQ(test, strikes(test, "drop after=60", 0), 0xfULL << 60);
	KUNIT_EXPECT_EQ(test, strikes(test, "drop after=64", 0), 0ULL);
	KUNIT_EXPECT_EQ(test, strikes(test, "drop interval=2", 0), 0x5555555555555555ULL);
	KUNIT_EXPECT_EQ(test, strikes(test, "drop interval=16 after=1", 0),
			0x0002000200020002ULL);
	KUNIT_EXPECT_EQ(test, strikes(test, "drop interval=8 after=3 times=2", 0),
			0x0808ULL);
}

static void fault_is_random_and_repeatable(struct kunit *test)
{
	u64 a = strikes(test, "seed=9;drop probability=50", 0);
	u32 n = 0, grp;

	KUNIT_EXPECT_EQ(test, strikes(test, "seed=9;drop probability=50", 0), a);
	KUNIT_EXPECT_TRUE(test, strikes(test, "seed=10;drop probability=50", 0) != a);
	KUNIT_EXPECT_TRUE(test, strikes(test, "seed=9;drop probability=50", 1) != a);
	/* 320 draws of 25 %: 80, and five standard deviations are 39 */
	for (grp = 0; grp < 5; grp++)
		n += hweight64(strikes(test, "drop probability=25", grp));
	KUNIT_EXPECT_TRUE_MSG(test, n > 41 && n < 119, "%u of 320", n);
}

static void fault_times_is_the_devices(struct kunit *test)
{
	struct oc_faults *a, *b;
	struct oc_fault_set *set;
	struct oc_text_err err;
	u32 i, n = 0;
	int ret;

	set = make_set(test, "drop times=5", &err, &ret);
	KUNIT_ASSERT_EQ(test, ret, 0);
	a = oc_faults_alloc(set, 0);
	b = oc_faults_alloc(set, 1);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, a);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, b);
	for (i = 0; i < 10; i++)
		n += oc_fault_strikes(&a->state[0]) +
		     oc_fault_strikes(&b->state[0]);
	KUNIT_EXPECT_EQ(test, n, 5U);
	kfree(a);
	kfree(b);
}

static void fault_first_rule_decides(struct kunit *test)
{
	const struct oc_fault_at at = { OC_OP_READ, 0, 0, 8, 1 };
	const struct oc_fault_rule *rule;
	struct oc_faults *faults;
	struct oc_fault_set *set;
	struct oc_text_err err;
	int ret;

	set = make_set(test, "drop;read-ecc sec=8 times=1;read-fail;read-ecc", &err, &ret);
	KUNIT_ASSERT_EQ(test, ret, 0);
	faults = oc_faults_alloc(set, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, faults);
	rule = oc_fault_pick(faults, BIT(OC_FAULT_READ_FAIL) |
				     BIT(OC_FAULT_READ_ECC), &at);
	KUNIT_EXPECT_PTR_EQ(test, rule, (const struct oc_fault_rule *)&set->rule[1]);
	rule = oc_fault_pick(faults, BIT(OC_FAULT_READ_FAIL) |
				     BIT(OC_FAULT_READ_ECC), &at);
	KUNIT_EXPECT_PTR_EQ(test, rule, (const struct oc_fault_rule *)&set->rule[2]);
	rule = oc_fault_pick(faults, BIT(OC_FAULT_WRITE_FAIL), &at);
	KUNIT_EXPECT_FALSE(test, rule);
	/* Those after it, and those of other kinds, never saw it */
	KUNIT_EXPECT_EQ(test, faults->state[0].seen, 0ULL);
	KUNIT_EXPECT_EQ(test, faults->state[1].seen, 2ULL);
	KUNIT_EXPECT_EQ(test, faults->state[3].seen, 0ULL);
	kfree(faults);
}

static struct kunit_case fault_cases[] = {
	KUNIT_CASE(fault_parses),
	KUNIT_CASE(fault_refuses),
	KUNIT_CASE(fault_takes_so_many),
	KUNIT_CASE(fault_judges),
	KUNIT_CASE(fault_knows_the_namespaces),
	KUNIT_CASE(fault_matches),
	KUNIT_CASE(fault_counts),
	KUNIT_CASE(fault_is_random_and_repeatable),
	KUNIT_CASE(fault_times_is_the_devices),
	KUNIT_CASE(fault_first_rule_decides),
	{}
};

struct kunit_suite oc_fault_suite = {
	.name = "oc_fault",
	.test_cases = fault_cases,
};
