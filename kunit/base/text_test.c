// SPDX-License-Identifier: GPL-2.0
/*
 * text_test.c - numbers with units
 */
#include <kunit/test.h>

#include "oc_test.h"
#include "oc_text.h"

/* What each parser makes of a word; U64_MAX if it refuses it */
static const struct {
	const char *word;
	u64 count, time, size, percent;
} text_rows[] = {
	{ "0", 0, 0, 0, U64_MAX },
	{ "7", 7, 7, 7, U64_MAX },
	{ "010", 10, 10, 8, U64_MAX },
	{ "0x10", U64_MAX, U64_MAX, 16, U64_MAX },
	{ "0x10K", U64_MAX, U64_MAX, 16384, U64_MAX },
	{ "3K", U64_MAX, U64_MAX, 3072, U64_MAX },
	{ "2ns", U64_MAX, 2, U64_MAX, U64_MAX },
	{ "2us", U64_MAX, 2000, U64_MAX, U64_MAX },
	{ "2ms", U64_MAX, 2000000, U64_MAX, U64_MAX },
	{ "2s", U64_MAX, 2000000000, U64_MAX, U64_MAX },
	{ "100%", U64_MAX, U64_MAX, U64_MAX, 100 },
	{ "101%", U64_MAX, U64_MAX, U64_MAX, U64_MAX },
	{ "18446744073709551614", U64_MAX - 1, U64_MAX - 1, U64_MAX - 1,
	  U64_MAX },
	{ "18446744073709551616", U64_MAX, U64_MAX, U64_MAX, U64_MAX },
	{ "18446744073709551615s", U64_MAX, U64_MAX, U64_MAX, U64_MAX },
	{ "18446744073709551615G", U64_MAX, U64_MAX, U64_MAX, U64_MAX },
	{ "", U64_MAX, U64_MAX, U64_MAX, U64_MAX },
	{ "s", U64_MAX, U64_MAX, U64_MAX, U64_MAX },
	{ "%", U64_MAX, U64_MAX, U64_MAX, U64_MAX },
	{ "+1", U64_MAX, U64_MAX, U64_MAX, U64_MAX },
	{ "-1", U64_MAX, U64_MAX, U64_MAX, U64_MAX },
	{ "1 s", U64_MAX, U64_MAX, U64_MAX, U64_MAX },
	{ "1\n", U64_MAX, U64_MAX, U64_MAX, U64_MAX },
	{ "1m", U64_MAX, U64_MAX, U64_MAX, U64_MAX },
	{ "1sK", U64_MAX, U64_MAX, U64_MAX, U64_MAX },
	{ "00000000000000000000001", U64_MAX, U64_MAX, U64_MAX, U64_MAX },
};

static void expect_number(struct kunit *test, const char *word,
			  int (*parse)(const char *word, u64 *val), u64 want)
{
	u64 val = 0;

	if (parse(word, &val))
		val = U64_MAX;
	KUNIT_EXPECT_EQ_MSG(test, val, want, "'%s'", word);
}

static void text_numbers_have_units(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(text_rows); i++) {
		const char *word = text_rows[i].word;

		expect_number(test, word, oc_text_count, text_rows[i].count);
		expect_number(test, word, oc_text_time, text_rows[i].time);
		expect_number(test, word, oc_text_size, text_rows[i].size);
		expect_number(test, word, oc_text_percent,
			      text_rows[i].percent);
	}
}

static struct kunit_case text_cases[] = {
	KUNIT_CASE(text_numbers_have_units),
	{ }
};

struct kunit_suite oc_text_suite = {
	.name = "oc_text",
	.test_cases = text_cases,
};
