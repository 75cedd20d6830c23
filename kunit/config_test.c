// SPDX-License-Identifier: GPL-2.0
/*
 * config_test.c - the table of what a device can be told: every row with its default, its
 * least and most, what is below and above, and what is no value at all
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "oc_test.h"

#define TEXT	1200U	/* longer than any text may be */

/**
 * struct desk - a configuration to write to
 * @test:	the case
 * @cfg:	the configuration
 * @text:	a value
 * @shown:	how it is shown
 * @why:	what was wrong
 */
struct desk {
	struct kunit *test;
	struct oc_config cfg;
	char text[TEXT + 1];
	char shown[TEXT + 1];
	struct oc_complaint why;
};

static int config_init(struct kunit *test)
{
	struct desk *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);

	if (!d)
		return -ENOMEM;
	d->test = test;
	oc_config_init(&d->cfg);
	test->priv = d;
	return 0;
}

static void config_exit(struct kunit *test)
{
	struct desk *d = test->priv;

	if (d)
		oc_config_free(&d->cfg);
}

static const char *shown(struct desk *d, enum oc_config_id id)
{
	oc_config_show(&d->cfg, id, d->shown, sizeof(d->shown));
	return d->shown;
}

/* Is taken, and shown as @want */
static void taken(struct desk *d, enum oc_config_id id, const char *text,
		  const char *want)
{
	struct kunit *test = d->test;
	const char *name = oc_config_rows[id].name;

	KUNIT_EXPECT_EQ_MSG(test, oc_config_set(&d->cfg, id, text, &d->why), 0,
			    "%s=%.40s: want %s", name, text, d->why.want);
	KUNIT_EXPECT_TRUE_MSG(test, test_bit(id, d->cfg.given), "%s", name);
	KUNIT_EXPECT_STREQ_MSG(test, shown(d, id), want, "%s", name);
}

/* Is refused in words of the row's, and what was there before stays */
static void refused(struct desk *d, enum oc_config_id id, const char *text)
{
	struct kunit *test = d->test;
	const struct oc_config_row *row = &oc_config_rows[id];
	bool given = test_bit(id, d->cfg.given);
	char *before = kunit_kzalloc(test, TEXT + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, before);
	strcpy(before, shown(d, id));
	memset(&d->why, 0, sizeof(d->why));
	KUNIT_EXPECT_EQ_MSG(test, oc_config_set(&d->cfg, id, text, &d->why),
			    -EINVAL, "%s=%.40s", row->name, text);
	KUNIT_EXPECT_STREQ_MSG(test, (const char *)d->why.param, row->name,
			       "%s=%.40s", row->name, text);
	KUNIT_EXPECT_TRUE_MSG(test, *d->why.want && *d->why.value,
			      "%s=%.40s", row->name, text);
	KUNIT_EXPECT_EQ_MSG(test, test_bit(id, d->cfg.given), given, "%s",
			    row->name);
	KUNIT_EXPECT_STREQ_MSG(test, shown(d, id), (const char *)before,
			       "%s=%.40s", row->name, text);
}

/* What cannot be a number, and what is none of 32 bits */
static const char *const no_numbers[] = {
	"", " ", "x", "-1", "4x", "x4", "0x", "4 4", " 4", "1.5", "4294967296",
	"18446744073709551616", "99999999999999999999999", "--1", "off",
	"\xc3\xa4",
};

static void config_numbers(struct kunit *test)
{
	struct desk *d = test->priv;
	enum oc_config_id id;
	u32 i, numbers = 0;

	for (id = 0; id < OC_CONFIG_ROWS; id++) {
		const struct oc_limits *limits = oc_config_limits(id);
		const struct oc_config_row *row = &oc_config_rows[id];
		char hex[16];

		if (row->type == OC_CONFIG_TEXT)
			continue;
		numbers++;
		KUNIT_ASSERT_TRUE_MSG(test, limits && limits->want, "%s",
				      row->name);
		KUNIT_EXPECT_TRUE_MSG(test, oc_limits_hold(limits, row->num),
				      "default of %s", row->name);
		KUNIT_EXPECT_FALSE_MSG(test, test_bit(id, d->cfg.given), "%s",
				       row->name);
		snprintf(d->text, TEXT, "%u", row->num);
		KUNIT_EXPECT_STREQ_MSG(test, shown(d, id),
				       (const char *)d->text, "%s", row->name);
		/* The help is true of it */
		snprintf(d->text, TEXT, "(default %u)", row->num);
		KUNIT_EXPECT_TRUE_MSG(test, strstr(row->help, d->text), "%s",
				      row->name);

		/* Least, most, and both again in other words */
		snprintf(d->text, TEXT, "%u", limits->min);
		taken(d, id, d->text, d->text);
		snprintf(d->text, TEXT, "%u", limits->max);
		taken(d, id, d->text, d->text);
		snprintf(hex, sizeof(hex), "0x%x", limits->min);
		snprintf(d->text, TEXT, "%u", limits->min);
		taken(d, id, hex, d->text);
		snprintf(hex, sizeof(hex), "%u\n", limits->max);
		snprintf(d->text, TEXT, "%u", limits->max);
		taken(d, id, hex, d->text);

		/* Below and above */
		snprintf(d->text, TEXT, "%lld", (s64)limits->min - 1);
		refused(d, id, d->text);
		snprintf(d->text, TEXT, "%lld", (s64)limits->max + 1);
		refused(d, id, d->text);
		/* Between, but no multiple of the step; no power of two */
		if (limits->step > 1) {
			snprintf(d->text, TEXT, "%u",
				 limits->min + limits->step + 1);
			refused(d, id, d->text);
		} else if (!limits->step) {
			snprintf(d->text, TEXT, "%u", limits->max - 1);
			refused(d, id, d->text);
		}
		for (i = 0; i < ARRAY_SIZE(no_numbers); i++)
			refused(d, id, no_numbers[i]);

		oc_config_clear(&d->cfg, id);
		KUNIT_EXPECT_FALSE(test, test_bit(id, d->cfg.given));
		snprintf(d->text, TEXT, "%u", row->num);
		KUNIT_EXPECT_STREQ_MSG(test, shown(d, id),
				       (const char *)d->text, "%s", row->name);
	}
	KUNIT_EXPECT_EQ(test, numbers, 20U);
}

/* Texts of @len characters that a check has no say in */
static const char *long_text(struct desk *d, u32 len)
{
	memset(d->text, 'a', len);
	d->text[len] = '\0';
	return d->text;
}

static void config_texts(struct kunit *test)
{
	struct desk *d = test->priv;
	enum oc_config_id id;
	u32 i, texts = 0;

	for (id = 0; id < OC_CONFIG_ROWS; id++) {
		const struct oc_limits *limits = oc_config_limits(id);
		const struct oc_config_row *row = &oc_config_rows[id];
		bool free = !row->check || id == OC_CONFIG_subsysnqn;
		char before[64];

		if (row->type != OC_CONFIG_TEXT)
			continue;
		texts++;
		snprintf(before, sizeof(before), "%s%s", row->text,
			 row->flags & OC_ROW_AFTER_NAME ? "ssd0" : "");
		KUNIT_EXPECT_STREQ_MSG(test, shown(d, id),
				       (const char *)before, "%s", row->name);
		KUNIT_EXPECT_TRUE_MSG(test, strstr(row->help, "(default"), "%s",
				      row->name);
		/* What it is without being told may be told, too */
		taken(d, id, before, before);

		refused(d, id, long_text(d, limits->max + 1));
		if (free) {
			taken(d, id, long_text(d, limits->max), d->text);
			taken(d, id, long_text(d, max(limits->min, 1U)),
			      d->text);
		}
		if (limits->min)
			refused(d, id, "");
		else if (free)
			taken(d, id, "", "");
		if (!(row->flags & OC_ROW_PRINTABLE))
			continue;
		refused(d, id, "a\nb");
		refused(d, id, "a\x7f");
		refused(d, id, "a\xc3\xa4");
		for (i = 0; row->ban[i]; i++) {
			snprintf(d->text, TEXT, "a%cb", row->ban[i]);
			refused(d, id, d->text);
		}
	}
	KUNIT_EXPECT_EQ(test, texts, OC_CONFIG_ROWS - 20U);
}

/* Rows whose texts are understood at once */
static const struct {
	enum oc_config_id id;
	const char *text;
	const char *shown;	/* NULL: refused */
} words[] = {
	{ OC_CONFIG_timing, "slc", "slc" },
	{ OC_CONFIG_timing, " tlc,read=5us\n", "tlc,read=5us" },
	{ OC_CONFIG_timing, "", "off" },
	{ OC_CONFIG_timing, "\t\n", "off" },
	{ OC_CONFIG_timing, "read=5s", NULL },
	{ OC_CONFIG_timing, "read", NULL },
	{ OC_CONFIG_timing, "fast", NULL },
	{ OC_CONFIG_memory, "64M\n", "64M" },
	{ OC_CONFIG_memory, "50%", "50%" },
	{ OC_CONFIG_memory, "0", "0" },
	{ OC_CONFIG_memory, "", "auto" },
	{ OC_CONFIG_memory, "101%", NULL },
	{ OC_CONFIG_memory, "-1", NULL },
	{ OC_CONFIG_memory, "much", NULL },
	{ OC_CONFIG_in_use, "ignore\n", "ignore" },
	{ OC_CONFIG_in_use, "", "refuse" },
	{ OC_CONFIG_in_use, "IGNORE", NULL },
	{ OC_CONFIG_in_use, "1", NULL },
	{ OC_CONFIG_gc, "cost-benefit", "cost-benefit" },
	{ OC_CONFIG_gc, "", NULL },
	{ OC_CONFIG_gc, "greedy ", NULL },
	{ OC_CONFIG_subsysnqn, "nqn.2014-08.org.nvmexpress.discovery", NULL },
	{ OC_CONFIG_subsysnqn, "nqn.2014-08.org.nvmexpress.discovery2",
	  "nqn.2014-08.org.nvmexpress.discovery2" },
	{ OC_CONFIG_host, "", "" },
	{ OC_CONFIG_model, "a model, \"quoted\"", "a model, \"quoted\"" },
};

static void config_words(struct kunit *test)
{
	struct desk *d = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (words[i].shown)
			taken(d, words[i].id, words[i].text, words[i].shown);
		else
			refused(d, words[i].id, words[i].text);
	}
}

/* What was filled in by other means is judged by the same table */
static void config_is_checked(struct kunit *test)
{
	struct desk *d = test->priv;

	KUNIT_EXPECT_EQ(test, oc_config_check(&d->cfg, &d->why), 0);
	d->cfg.endurance = 0;
	KUNIT_EXPECT_EQ(test, oc_config_check(&d->cfg, &d->why), -EINVAL);
	KUNIT_EXPECT_STREQ(test, (const char *)d->why.param, "endurance");
	KUNIT_EXPECT_STREQ(test, (const char *)d->why.value, "0");
	d->cfg.endurance = 1;
	d->cfg.geo.lba_size = 513;
	KUNIT_EXPECT_EQ(test, oc_config_check(&d->cfg, &d->why), -EINVAL);
	KUNIT_EXPECT_STREQ(test, (const char *)d->why.param, "lba_size");
	d->cfg.geo.lba_size = 512;
	d->cfg.timing = "never";
	KUNIT_EXPECT_EQ(test, oc_config_check(&d->cfg, &d->why), -EINVAL);
	KUNIT_EXPECT_STREQ(test, (const char *)d->why.param, "timing");
	d->cfg.timing = NULL;
	d->cfg.name = "a name";
	KUNIT_EXPECT_EQ(test, oc_config_check(&d->cfg, &d->why), -EINVAL);
	KUNIT_EXPECT_STREQ(test, (const char *)d->why.param, "name");
}

/* The device's name is part of what it is called, unless that is told */
static void config_follows_the_name(struct kunit *test)
{
	struct desk *d = test->priv;

	d->cfg.name = "disk7";
	KUNIT_EXPECT_STREQ(test, shown(d, OC_CONFIG_subsysnqn),
			   "nqn.2026-11.ocloop:disk7");
	KUNIT_EXPECT_STREQ(test, shown(d, OC_CONFIG_serial), "OC-disk7");
	taken(d, OC_CONFIG_serial, "S", "S");
	oc_config_clear(&d->cfg, OC_CONFIG_serial);
	KUNIT_EXPECT_STREQ(test, shown(d, OC_CONFIG_serial), "OC-disk7");
}

static void config_moves(struct kunit *test)
{
	struct desk *d = test->priv;
	struct oc_config *from = kunit_kzalloc(test, sizeof(*from), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, from);
	oc_config_init(from);
	taken(d, OC_CONFIG_timing, "slc", "slc");
	KUNIT_ASSERT_EQ(test, oc_config_set(from, OC_CONFIG_timing, "mlc",
					    &d->why), 0);
	oc_config_move(&d->cfg, from, OC_CONFIG_timing);
	KUNIT_EXPECT_STREQ(test, shown(d, OC_CONFIG_timing), "mlc");
	KUNIT_EXPECT_FALSE(test, test_bit(OC_CONFIG_timing, from->given));
	KUNIT_EXPECT_STREQ(test, oc_config_text(from, OC_CONFIG_timing), "off");

	/* And a default */
	KUNIT_ASSERT_EQ(test, oc_config_set(from, OC_CONFIG_timing, "\n",
					    &d->why), 0);
	oc_config_move(&d->cfg, from, OC_CONFIG_timing);
	KUNIT_EXPECT_STREQ(test, shown(d, OC_CONFIG_timing), "off");
	KUNIT_EXPECT_TRUE(test, test_bit(OC_CONFIG_timing, d->cfg.given));
	oc_config_free(from);
}

/* Live rows, and no others, change a device that runs */
static void config_is_applied(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct desk *d = test->priv;
	struct oc_dev *dev = oc_dev_create(&cfg, &d->why);
	enum oc_config_id id;

	KUNIT_ASSERT_EQ(test, PTR_ERR_OR_ZERO(dev), 0);
	KUNIT_EXPECT_FALSE(test, dev->timed || dev->ignore_use);
	taken(d, OC_CONFIG_timing, "read=5us", "read=5us");
	taken(d, OC_CONFIG_memory, "3M", "3M");
	taken(d, OC_CONFIG_in_use, "ignore", "ignore");
	for (id = 0; id < OC_CONFIG_ROWS; id++) {
		bool live = oc_config_rows[id].flags & OC_ROW_LIVE;

		KUNIT_EXPECT_EQ_MSG(test, oc_dev_apply(dev, &d->cfg, id,
						       &d->why),
				    live ? 0 : -EBUSY, "%s",
				    oc_config_rows[id].name);
	}
	KUNIT_EXPECT_TRUE(test, dev->timed);
	KUNIT_EXPECT_TRUE(test, dev->ignore_use);
	KUNIT_EXPECT_EQ(test, dev->memory.limit.bytes, 3ULL << 20);
	oc_dev_destroy(dev);
}

static struct kunit_case config_cases[] = {
	KUNIT_CASE(config_numbers),
	KUNIT_CASE(config_texts),
	KUNIT_CASE(config_words),
	KUNIT_CASE(config_is_checked),
	KUNIT_CASE(config_follows_the_name),
	KUNIT_CASE(config_moves),
	KUNIT_CASE(config_is_applied),
	{}
};

struct kunit_suite oc_config_suite = {
	.name = "oc_config",
	.init = config_init,
	.exit = config_exit,
	.test_cases = config_cases,
};
