// SPDX-License-Identifier: GPL-2.0
/*
 * state_test.c - chunk states from text and to text
 */
#include <linux/kernel.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "oc_fault.h"
#include "oc_test.h"

#define TEXT_MAX	16384

/* A new device with these states; its errno */
static int make_states(struct kunit *test, const char *text)
{
	struct oc_config cfg = bench_config();
	struct oc_complaint why = {};
	struct oc_dev *dev;

	cfg.state.text = text;
	cfg.state.len = strlen(text);
	dev = oc_dev_create(&cfg, &why);
	if (IS_ERR(dev)) {
		KUNIT_EXPECT_STREQ_MSG(test, (const char *)why.param, "state",
				       "%s", text);
		return PTR_ERR(dev);
	}
	oc_dev_destroy(dev);
	return bench_remake(test, &cfg) ? 0 : -ENOMEM;
}

/* All states of the bench's device as text */
static const char *show_states(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct seq_file s = { .size = TEXT_MAX };
	u32 grp, pu;

	s.buf = kunit_kzalloc(test, TEXT_MAX, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s.buf);
	for (grp = 0; grp < bench->dev->geo.num_grp; grp++)
		for (pu = 0; pu < bench->dev->geo.num_pu; pu++)
			KUNIT_ASSERT_EQ(test, oc_state_show(bench->dev, grp, pu,
							    &s), 0);
	KUNIT_ASSERT_TRUE(test, s.count < TEXT_MAX - 1);
	s.buf[s.count] = '\0';
	return s.buf;
}

static void state_takes_effect(struct kunit *test)
{
	static const char *const text =
		"# comment\n"
		"free wear=3\n"
		"closed grp=0 pu=0 chk=0-2 wear=7; open grp=0 pu=1 chk=4 wp=20\n"
		"closed,grp=0,pu=0,chk=1,wp=11\n"
		"offline grp=4 pu=* chk=3\n"
		"closed grp=2 chk=* wp=0 wear=0xffffffff";
	struct bench *bench;
	u32 i, nr = 0;

	KUNIT_ASSERT_EQ(test, make_states(test, text), 0);
	bench = test->priv;
	KUNIT_EXPECT_EQ(test, (u32)bench_chunk(bench, 0, 0, 0)->state,
			(u32)OC_CHK_CLOSED);
	KUNIT_EXPECT_EQ(test, bench_chunk(bench, 0, 0, 0)->wp, 24U);
	KUNIT_EXPECT_EQ(test, bench_chunk(bench, 0, 0, 0)->resets, 7U);
	/* The later line counts, with all its defaults */
	KUNIT_EXPECT_EQ(test, bench_chunk(bench, 0, 0, 1)->wp, 11U);
	KUNIT_EXPECT_EQ(test, bench_chunk(bench, 0, 0, 1)->resets, 0U);
	KUNIT_EXPECT_EQ(test, (u32)bench_chunk(bench, 0, 1, 4)->state,
			(u32)OC_CHK_OPEN);
	KUNIT_EXPECT_EQ(test, bench_chunk(bench, 0, 1, 4)->wp, 20U);
	KUNIT_EXPECT_EQ(test, bench_chunk(bench, 1, 2, 4)->resets, 3U);
	KUNIT_EXPECT_EQ(test, (u32)bench_chunk(bench, 4, 2, 3)->state,
			(u32)OC_CHK_OFFLINE);
	KUNIT_EXPECT_EQ(test, (u32)bench_chunk(bench, 4, 2, 2)->state,
			(u32)OC_CHK_FREE);
	KUNIT_EXPECT_EQ(test, bench_chunk(bench, 2, 1, 1)->resets, U32_MAX);
	/* The counts of states follow */
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].stat.nr[OC_CHK_CLOSED], 3U);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].stat.nr[OC_CHK_OPEN], 1U);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[4].stat.nr[OC_CHK_OFFLINE], 3U);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[2].stat.nr[OC_CHK_CLOSED], 15U);
	for (i = 0; i < OC_CHK_STATES; i++)
		nr += bench->dev->ch[0].stat.nr[i];
	KUNIT_EXPECT_EQ(test, nr, 15U);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
}

static const struct {
	const char *text;
	u32 line;
} bad_states[] = {
	{ "full", 1 }, { "free\n\nfull", 3 }, { "closed grp=5", 1 },
	{ "closed pu=3", 1 }, { "closed chk=5", 1 }, { "closed chk=2-1", 1 },
	{ "closed wp=25", 1 }, { "closed wp=-1", 1 }, { "closed wp=", 1 },
	{ "closed wear=4294967296", 1 }, { "closed sec=1", 1 },
	{ "closed grp", 1 }, { "closed grp=0 grp=0", 1 }, { "open", 1 },
	{ "open wp=0", 1 }, { "open wp=24", 1 }, { "open wp=6", 1 },
	{ "free wp=4", 1 }, { "offline wp=4", 1 }, { "closed\x02", 1 },
	{ "free;free;closed grp=9", 1 },
};

static void state_refuses(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_text_err err;
	char text[80];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad_states); i++) {
		const char *bad = bad_states[i].text;

		KUNIT_EXPECT_EQ_MSG(test, oc_state_load(bench->dev, bad,
							strlen(bad), &err),
				    -EINVAL, "%s", bad);
		KUNIT_EXPECT_EQ_MSG(test, err.line, bad_states[i].line, "%s",
				    bad);
		KUNIT_EXPECT_TRUE_MSG(test, err.want[0], "%s", bad);
		/* Good lines before it have no effect either */
		scnprintf(text, sizeof(text), "closed\n%s", bad);
		KUNIT_EXPECT_EQ_MSG(test, oc_state_load(bench->dev, text,
							strlen(text), &err),
				    -EINVAL, "%s", bad);
		KUNIT_EXPECT_EQ_MSG(test,
				    bench->dev->ch[0].stat.nr[OC_CHK_FREE],
				    15U, "%s", bad);
	}
	KUNIT_EXPECT_EQ(test, make_states(test, "full"), -EINVAL);
}

static void state_returns_as_it_was(struct kunit *test)
{
	static const char *const text =
		"free chk=1-3 wear=1\nclosed grp=1 pu=2 chk=0\n"
		"closed grp=3 pu=1 chk=4 wp=0 wear=9\nopen grp=3 chk=0 wp=4\n"
		"offline grp=2 pu=0 chk=0-4 wear=77\n";
	const char *first, *second;
	struct bench *bench;

	KUNIT_ASSERT_EQ(test, make_states(test, text), 0);
	bench = test->priv;
	/* Use it a little */
	KUNIT_EXPECT_EQ(test, bench_write_run(bench,
					      bench_lba(bench, 0, 0, 0, 0), 16,
					      1), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench,
					      bench_lba(bench, 3, 2, 0, 4), 8,
					      1), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench,
					      bench_lba(bench, 1, 2, 0, 0)),
			(u16)0);
	first = show_states(test);
	KUNIT_EXPECT_TRUE(test,
			  strstr(first, "open grp=3 pu=2 chk=0 wp=12\n"));
	KUNIT_EXPECT_TRUE(test,
			  strstr(first, "offline grp=2 pu=0 chk=0-4 wear=77\n"));
	KUNIT_EXPECT_TRUE(test, strstr(first,
				       "closed grp=3 pu=1 chk=4 wp=0 wear=9\n"));
	KUNIT_EXPECT_TRUE(test, strstr(first,
				       "free grp=1 pu=2 chk=0-3 wear=1\n"));
	KUNIT_ASSERT_EQ(test, make_states(test, first), 0);
	second = show_states(test);
	KUNIT_EXPECT_STREQ(test, second, first);
}

/* Chunks that end early, and those that take writes anywhere */
static void state_minds_the_shape(struct kunit *test)
{
	static const char *const good =
		"closed;closed chk=3 wp=16 wear=2;open grp=0 pu=0 chk=4";
	struct oc_text_err err;
	struct bench *bench;
	const char *first;
	u32 grp;

	bench = test->priv;
	for (grp = 0; grp < 5; grp++) {
		struct oc_channel *ch = &bench->dev->ch[grp];

		oc_chunk_shape(ch->geo, &ch->chunks[3], &ch->stat, false, 16);
		oc_chunk_shape(ch->geo, &ch->chunks[4], &ch->stat, true, 24);
	}
	KUNIT_EXPECT_EQ(test, oc_state_load(bench->dev, "closed chk=3 wp=20",
					    18, &err), -EINVAL);
	KUNIT_EXPECT_EQ(test, oc_state_load(bench->dev, "open chk=3 wp=16", 16,
					    &err), -EINVAL);
	KUNIT_EXPECT_EQ(test, oc_state_load(bench->dev, "open chk=4 wp=4", 15,
					    &err), -EINVAL);
	KUNIT_EXPECT_EQ(test, oc_state_load(bench->dev, good, strlen(good),
					    &err), 0);
	KUNIT_EXPECT_EQ(test, bench_chunk(bench, 0, 0, 3)->wp, 16U);
	KUNIT_EXPECT_EQ(test, bench_chunk(bench, 0, 0, 4)->wp, 0U);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].stat.resets, 6ULL);
	first = show_states(test);
	KUNIT_EXPECT_EQ(test, oc_state_load(bench->dev, first, strlen(first),
					    &err), 0);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].stat.resets, 6ULL);
	KUNIT_EXPECT_STREQ(test, show_states(test), first);
}

/* What a text has written holds nothing, and what is written behind it does */
static void state_has_no_data(struct kunit *test)
{
	struct bench_cmd *bc;
	struct bench *bench;
	u32 i;

	KUNIT_ASSERT_EQ(test, make_states(test,
					  "open chk=2 wp=12;closed chk=3"), 0);
	bench = test->priv;
	bc = bench_cmd(bench);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench,
					      bench_lba(bench, 0, 0, 2, 12), 12,
					      5), (u16)0);
	/* It is written all the same, so DULBE has nothing to say */
	bench->dev->ns[0].dulbe = true;
	bench_scalar(bc, nvme_cmd_read, bench_lba(bench, 0, 0, 2, 0), 24);
	memset(bc->data, 0x5a, 24 * bench->dev->geo.lba_size);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	for (i = 0; i < 12; i++) {
		KUNIT_EXPECT_TRUE(test, bench_is_blank(bc, i));
		KUNIT_EXPECT_EQ(test, bench_compare(bc, i + 12,
						    bc->lba[i + 12], 5), 0U);
	}
	bench_scalar(bc, nvme_cmd_read, bench_lba(bench, 4, 1, 3, 8), 16);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_TRUE(test, bench_is_blank(bc, 15));
	/* A reset gives back what lies behind the part without data */
	KUNIT_EXPECT_EQ(test, bench_used(bench), 12U);
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench,
					      bench_lba(bench, 0, 0, 2, 0)),
			(u16)0);
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench,
					      bench_lba(bench, 0, 0, 3, 0)),
			(u16)0);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
}

static struct kunit_case state_cases[] = {
	KUNIT_CASE(state_takes_effect),
	KUNIT_CASE(state_refuses),
	KUNIT_CASE(state_returns_as_it_was),
	KUNIT_CASE(state_minds_the_shape),
	KUNIT_CASE(state_has_no_data),
	{}
};

struct kunit_suite oc_state_suite = {
	.name = "oc_state",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = state_cases,
};
