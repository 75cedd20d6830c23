// SPDX-License-Identifier: GPL-2.0
/*
 * timing_text_test.c - times in words
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc_test.h"

struct good_row {
	const char *text;
	struct oc_timing tm;
};

#define NONE	.types = 1, .page_secs = 1, .planes = 1
#define SOME	.on = true, .page_secs = 1, .planes = 1
#define MLC	.read_ns = { 48000, 64000, 64000 },			\
		.prog_ns = { 850000, 2300000, 2300000 },		\
		.erase_ns = 3000000, .bus_ns = 13108

static const struct good_row good_rows[] = {
	{ "", { NONE } },
	{ "off", { NONE } },
	{ " ", { NONE } },
	{ "\n", { NONE } },
	{ "off\n", { NONE } },
	{ " \t off\n ", { NONE } },
	{ "slc", { .on = true, .types = 1, .page_secs = 1, .planes = 1,
		   .read_ns = { 25000, 25000, 25000 },
		   .prog_ns = { 220000, 220000, 220000 },
		   .erase_ns = 1500000, .bus_ns = 102400 } },
	{ "mlc", { .on = true, .types = 2, .page_secs = 4, .planes = 1, MLC } },
	{ "tlc\n", { .on = true, .types = 3, .page_secs = 4, .planes = 1,
		   .read_ns = { 56500, 77500, 106000 },
		   .prog_ns = { 820500, 2225000, 5734000 },
		   .erase_ns = 3000000, .bus_ns = 13108 } },

	{ "read=1", { SOME, .types = 1, .read_ns = { 1, 1, 1 } } },
	{ "read=1/2", { SOME, .types = 2, .read_ns = { 1, 2, 2 } } },
	{ "read=1/2/3", { SOME, .types = 3, .read_ns = { 1, 2, 3 } } },
	{ "prog=1", { SOME, .types = 1, .prog_ns = { 1, 1, 1 } } },
	{ "prog=1/2", { SOME, .types = 2, .prog_ns = { 1, 2, 2 } } },
	{ "prog=0/0/3", { SOME, .types = 3, .prog_ns = { 0, 0, 3 } } },
	{ "prog=7/7", { SOME, .types = 2, .prog_ns = { 7, 7, 7 } } },
	{ "read=5,prog=1/2/3", { SOME, .types = 3, .read_ns = { 5, 5, 5 },
				 .prog_ns = { 1, 2, 3 } } },
	{ "erase=9", { SOME, .types = 1, .erase_ns = 9 } },
	{ "bus=9", { SOME, .types = 1, .bus_ns = 9 } },
	{ "cmd=9", { SOME, .types = 1, .cmd_ns = 9 } },
	{ "ctrl=9", { SOME, .types = 1, .ctrl_ns = 9 } },
	/* These alone are no times */
	{ "suspend=9", { NONE, .suspend = true, .suspend_ns = 9 } },
	{ "suspend=0", { NONE, .suspend = true } },
	{ "page=256", { .types = 1, .page_secs = 256, .planes = 1 } },
	{ "planes=16", { .types = 1, .page_secs = 1, .planes = 16 } },
	{ "cache=65536", { NONE, .cache = 65536 } },
	{ "cache=0", { NONE } },
	{ "erase=0", { NONE } },

	{ "erase=5ns", { SOME, .types = 1, .erase_ns = 5 } },
	{ "erase=5us", { SOME, .types = 1, .erase_ns = 5000 } },
	{ "erase=5ms", { SOME, .types = 1, .erase_ns = 5000000 } },
	{ "erase=4s", { SOME, .types = 1, .erase_ns = 4000000000U } },
	{ "erase=4000000000", { SOME, .types = 1, .erase_ns = 4000000000U } },
	{ "erase=007us", { SOME, .types = 1, .erase_ns = 7000 } },
	{ "read=1us/2ms/3", { SOME, .types = 3,
			      .read_ns = { 1000, 2000000, 3 } } },

	/* Later words change what earlier ones said */
	{ "erase=1,erase=2", { SOME, .types = 1, .erase_ns = 2 } },
	{ "erase=1,erase=0", { NONE } },
	{ "mlc,cache=64", { .on = true, .types = 2, .page_secs = 4,
			    .planes = 1, .cache = 64, MLC } },
	{ "mlc,planes=2,page=8", { .on = true, .types = 2, .page_secs = 8,
				   .planes = 2, MLC } },
	{ "read=1/2/3,read=5", { SOME, .types = 1, .read_ns = { 5, 5, 5 } } },
	{ "tlc,read=7,prog=5/6", { .on = true, .types = 2, .page_secs = 4,
				   .planes = 1, .read_ns = { 7, 7, 7 },
				   .prog_ns = { 5, 6, 6 },
				   .erase_ns = 3000000, .bus_ns = 13108 } },
	{ "mlc,prog=5", { .on = true, .types = 2, .page_secs = 4, .planes = 1,
			  .read_ns = { 48000, 64000, 64000 },
			  .prog_ns = { 5, 5, 5 },
			  .erase_ns = 3000000, .bus_ns = 13108 } },
	/* A preset changes all of it */
	{ "cache=64,suspend=1,tlc,mlc", { .on = true, .types = 2,
					  .page_secs = 4, .planes = 1, MLC } },
	{ "tlc,off", { NONE } },
	{ "off,erase=3", { SOME, .types = 1, .erase_ns = 3 } },
};

static bool same_times(const struct oc_timing *a, const struct oc_timing *b)
{
	return a->on == b->on && a->suspend == b->suspend &&
		a->types == b->types && a->erase_ns == b->erase_ns &&
		a->bus_ns == b->bus_ns && a->cmd_ns == b->cmd_ns &&
		a->ctrl_ns == b->ctrl_ns && a->suspend_ns == b->suspend_ns &&
		a->page_secs == b->page_secs && a->planes == b->planes &&
		a->cache == b->cache &&
		!memcmp(a->read_ns, b->read_ns, sizeof(a->read_ns)) &&
		!memcmp(a->prog_ns, b->prog_ns, sizeof(a->prog_ns));
}

static void timing_words(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(good_rows); i++) {
		const struct good_row *row = &good_rows[i];
		struct oc_complaint why = { };
		struct oc_timing tm;

		memset(&tm, 0x5a, sizeof(tm));
		KUNIT_EXPECT_EQ_MSG(test, oc_timing_parse(&tm, row->text, &why), 0,
				    "'%s': want %s", row->text, why.want);
		KUNIT_EXPECT_TRUE_MSG(test, same_times(&tm, &row->tm),
				      "'%s': on %u, types %u, read %u/%u/%u, prog %u/%u/%u",
				      row->text, tm.on, tm.types, tm.read_ns[0],
				      tm.read_ns[1], tm.read_ns[2], tm.prog_ns[0],
				      tm.prog_ns[1], tm.prog_ns[2]);
	}
}

struct bad_row {
	const char *text;
	const char *value;	/* what is complained about */
	const char *want;	/* a part of the advice */
};

#define WANT_TIME	"0 to 4 s, as 500us, 2ms or plain nanoseconds"
#define WANT_LIST	WANT_TIME ", up to three separated by slashes"
#define WANT_NAME	"off, slc, mlc, tlc, or KEY=VALUE of read prog erase bus cmd ctrl suspend page planes cache"

static const struct bad_row bad_rows[] = {
	{ "qlc", "qlc", WANT_NAME },
	{ "TLC", "TLC", WANT_NAME },
	{ "tlc mlc", "tlc mlc", WANT_NAME },
	{ "tlc=1", "tlc", WANT_NAME },
	{ "off=", "off", WANT_NAME },
	{ "read", "read", WANT_NAME },
	{ "reed=1", "reed", WANT_NAME },
	{ "=1", "", WANT_NAME },
	{ "=", "", WANT_NAME },
	{ ",", "", WANT_NAME },
	{ "mlc,", "mlc,", NULL },
	{ ",mlc", "", WANT_NAME },
	{ "mlc,,cache=1", "", WANT_NAME },
	{ "read=1, prog=2", " prog", WANT_NAME },
	{ "read =1", "read ", WANT_NAME },
	{ "types=2", "types", WANT_NAME },

	{ "read=", "read=", WANT_LIST },
	{ "erase=", "erase=", WANT_TIME },
	{ "read=/", "read=/", WANT_LIST },
	{ "read=1/", "read=1/", WANT_LIST },
	{ "read=/1", "read=/1", WANT_LIST },
	{ "read=1//2", "read=1//2", WANT_LIST },
	{ "read=1/2/3/4", "read=1/2/3/4", WANT_LIST },
	{ "prog=1/2/3/", "prog=1/2/3/", WANT_LIST },
	{ "erase=1/2", "erase=1/2", WANT_TIME },
	{ "cache=1/2", "cache=1/2", "65536 sectors" },

	{ "erase=-1", "erase=-1", WANT_TIME },
	{ "read=5us/-1", "read=5us/-1", WANT_LIST },
	{ "erase=+1", "erase=+1", WANT_TIME },
	{ "erase=0x10", "erase=0x10", WANT_TIME },
	{ "erase=1.5ms", "erase=1.5ms", WANT_TIME },
	{ "erase=1e3", "erase=1e3", WANT_TIME },
	{ "erase= 1", "erase= 1", WANT_TIME },
	{ "erase=1 us", "erase=1 us", WANT_TIME },
	{ "erase=us", "erase=us", WANT_TIME },
	{ "erase=1m", "erase=1m", WANT_TIME },
	{ "erase=1US", "erase=1US", WANT_TIME },
	{ "erase=1min", "erase=1min", WANT_TIME },
	{ "erase=1usus", "erase=1usus", WANT_TIME },
	{ "erase==1", "erase==1", WANT_TIME },
	{ "erase=1=2", "erase=1=2", WANT_TIME },
	{ "bus=x", "bus=x", WANT_TIME },
	{ "cmd=?", "cmd=?", WANT_TIME },
	{ "ctrl=-0", "ctrl=-0", WANT_TIME },
	{ "suspend=yes", "suspend=yes", WANT_TIME },

	{ "erase=4000000001", "erase=4000000001", WANT_TIME },
	{ "erase=4294967296", "erase=4294967296", WANT_TIME },
	{ "erase=5s", "erase=5s", WANT_TIME },
	{ "erase=4001ms", "erase=4001ms", WANT_TIME },
	{ "erase=4294967295s", "erase=4294967295s", WANT_TIME },
	{ "erase=18446744073709551617", "erase=18446744073709551617",
	  WANT_TIME },
	{ "page=0", "page=0", "1 to 256 sectors a flash page" },
	{ "page=257", "page=257", "1 to 256" },
	{ "planes=0", "planes=0", "1 to 16 planes" },
	{ "planes=17", "planes=17", "1 to 16 planes" },
	{ "cache=65537", "cache=65537", "0 to 65536 sectors of write cache" },
	/* Counts have no unit */
	{ "page=4ns", "page=4ns", "1 to 256" },
	{ "planes=2ns", "planes=2ns", "1 to 16" },
	{ "cache=1us", "cache=1us", "0 to 65536" },

	/* However much was right before */
	{ "mlc,cache=16,erase=5x", "erase=5x", WANT_TIME },
	{ "erase=5x,mlc", "erase=5x", WANT_TIME },
};

static void timing_bad_words(struct kunit *test)
{
	struct oc_timing tm, before;
	struct oc_complaint why;
	u32 i;

	memset(&before, 0x5a, sizeof(before));
	for (i = 0; i < ARRAY_SIZE(bad_rows); i++) {
		const struct bad_row *row = &bad_rows[i];

		memset(&why, 0, sizeof(why));
		tm = before;
		KUNIT_EXPECT_EQ_MSG(test, oc_timing_parse(&tm, row->text, &why), -EINVAL,
				    "'%s'", row->text);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(&tm, &before, sizeof(tm)), 0,
				    "'%s' was half applied", row->text);
		KUNIT_EXPECT_STREQ(test, why.param ? why.param : "", "timing");
		/* A trailing comma is a word that is empty */
		KUNIT_EXPECT_STREQ(test, (const char *)why.value,
				   row->want ? row->value : "");
		KUNIT_EXPECT_TRUE_MSG(test, strstr(why.want, row->want ?
						   row->want : WANT_NAME),
				      "'%s': want %s", row->text, why.want);
	}
}

/* A complaint is cut, not overrun */
static void timing_long_words(struct kunit *test)
{
	char *text = kzalloc(3000, GFP_KERNEL);
	struct oc_complaint why;
	struct oc_timing tm;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, text);
	memset(text, 'x', 2999);
	KUNIT_EXPECT_EQ(test, oc_timing_parse(&tm, text, &why), -EINVAL);
	KUNIT_EXPECT_EQ(test, strlen(why.value), sizeof(why.value) - 1);
	memset(text, '1', 2999);
	memcpy(text, "read=", 5);
	KUNIT_EXPECT_EQ(test, oc_timing_parse(&tm, text, &why), -EINVAL);
	KUNIT_EXPECT_EQ(test, strlen(why.value), sizeof(why.value) - 1);
	KUNIT_EXPECT_EQ(test, strcmp(why.want, WANT_LIST), 0);
	memset(text + 5, '/', 2994);
	KUNIT_EXPECT_EQ(test, oc_timing_parse(&tm, text, &why), -EINVAL);
	memset(text, ',', 2999);
	KUNIT_EXPECT_EQ(test, oc_timing_parse(&tm, text, &why), -EINVAL);
	kfree(text);
}

static struct kunit_case timing_text_cases[] = {
	KUNIT_CASE(timing_words),
	KUNIT_CASE(timing_bad_words),
	KUNIT_CASE(timing_long_words),
	{}
};

struct kunit_suite oc_timing_text_suite = {
	.name = "oc_timing_text",
	.test_cases = timing_text_cases,
};
