// SPDX-License-Identifier: GPL-2.0
/*
 * chunk_test.c - every state against every event
 *
 * Statuses are written as the host sees them, 0x4000 being DNR: 0x4002 invalid
 * field, 0x4280 write fault, 0x42c0 offline chunk, 0x42c1 invalid reset,
 * 0x42f2 out-of-order write (OCSSD 2.0, 2.4).
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "oc.h"
#include "oc_test.h"

static const struct oc_geo test_geo = {
	.clba = 96, .ws_min = 4, .ws_opt = 8, .mw_cunits = 24, .mccap = 6,
};

/* Some chunks elsewhere, so that a wrong count does not end at zero */
static struct oc_chunk_stat make_stat(u32 state)
{
	struct oc_chunk_stat stat = { .nr = { 10, 20, 30, 40 } };

	stat.nr[state]++;
	return stat;
}

/* The counts moved one chunk from @old to @new, and nothing else */
static void check_stat(struct kunit *test, const struct oc_chunk_stat *stat,
		       u32 new, const char *name)
{
	struct oc_chunk_stat want = make_stat(new);

	KUNIT_EXPECT_EQ_MSG(test, memcmp(stat->nr, want.nr, sizeof(want.nr)),
			    0,
			    "%s: %u %u %u %u", name, stat->nr[0], stat->nr[1],
			    stat->nr[2], stat->nr[3]);
}

struct write_row {
	const char *name;
	u8 state;
	u32 wp;
	u32 sec;
	u32 n;
	bool hole;
	u16 status;
	u8 new_state;
	u32 new_wp;
};

#define FREE	OC_CHK_FREE
#define OPEN	OC_CHK_OPEN
#define CLOSED	OC_CHK_CLOSED
#define OFFLINE	OC_CHK_OFFLINE

static const struct write_row good_writes[] = {
	{ "free, one unit", FREE, 0, 0, 4, false, 0, OPEN, 4 },
	{ "free, several units", FREE, 0, 0, 64, false, 0, OPEN, 64 },
	{ "free, filled", FREE, 0, 0, 96, false, 0, CLOSED, 96 },
	{ "open at 8, one unit", OPEN, 8, 8, 4, false, 0, OPEN, 12 },
	{ "open at 8, to mw_cunits", OPEN, 8, 8, 16, false, 0, OPEN, 24 },
	{ "open at 24, one unit", OPEN, 24, 24, 4, false, 0, OPEN, 28 },
	{ "open at 40, all but one", OPEN, 40, 40, 52, false, 0, OPEN, 92 },
	{ "open at 40, filled", OPEN, 40, 40, 56, false, 0, CLOSED, 96 },
	{ "open at 92, filled", OPEN, 92, 92, 4, false, 0, CLOSED, 96 },
};

static const struct write_row refused_writes[] = {
	{ "free, nothing", FREE, 0, 0, 0, false, 0x4002 },
	{ "free, less than a unit", FREE, 0, 0, 3, false, 0x4002 },
	{ "free, unit and a bit", FREE, 0, 0, 5, false, 0x4002 },
	{ "free, not at 0", FREE, 0, 4, 4, false, 0x42f2 },
	{ "free, at 1", FREE, 0, 1, 4, false, 0x42f2 },
	{ "free, amount and place", FREE, 0, 4, 3, false, 0x4002 },
	{ "free, hole", FREE, 0, 0, 4, true, 0x42f2 },
	{ "free, hole and amount", FREE, 0, 0, 6, true, 0x4002 },
	{ "free, past end", FREE, 0, 92, 8, false, 0x4280 },
	{ "free, at end", FREE, 0, 96, 4, false, 0x4280 },
	{ "free, too much", FREE, 0, 0, 100, false, 0x4280 },
	{ "free, past end and amount", FREE, 0, 94, 3, false, 0x4280 },
	{ "free, past end and hole", FREE, 0, 92, 8, true, 0x4280 },
	{ "free, sum wraps", FREE, 0, U32_MAX - 3, 8, false, 0x4280 },
	{ "free, amount wraps", FREE, 0, 8, U32_MAX - 3, false, 0x4280 },

	{ "open at 8, behind wp", OPEN, 8, 4, 4, false, 0x42f2 },
	{ "open at 8, from 0", OPEN, 8, 0, 4, false, 0x42f2 },
	{ "open at 8, before wp", OPEN, 8, 12, 4, false, 0x42f2 },
	{ "open at 8, amount", OPEN, 8, 8, 7, false, 0x4002 },
	{ "open at 8, nothing", OPEN, 8, 8, 0, false, 0x4002 },
	{ "open at 8, amount and place", OPEN, 8, 0, 7, false, 0x4002 },
	{ "open at 8, hole", OPEN, 8, 8, 8, true, 0x42f2 },
	{ "open at 8, past end", OPEN, 8, 8, 92, false, 0x4280 },

	{ "open at 40, behind wp", OPEN, 40, 36, 4, false, 0x42f2 },
	{ "open at 40, before wp", OPEN, 40, 41, 4, false, 0x42f2 },
	{ "open at 40, amount", OPEN, 40, 40, 1, false, 0x4002 },
	{ "open at 40, amount and place", OPEN, 40, 41, 1, false, 0x4002 },
	{ "open at 40, hole", OPEN, 40, 40, 64 - 8, true, 0x42f2 },
	{ "open at 92, past end", OPEN, 92, 92, 8, false, 0x4280 },
	{ "open at 92, past end, amount", OPEN, 92, 92, 5, false, 0x4280 },

	{ "closed, at wp", CLOSED, 96, 96, 4, false, 0x4280 },
	{ "closed, from 0", CLOSED, 96, 0, 4, false, 0x4280 },
	{ "closed, amount", CLOSED, 96, 0, 3, false, 0x4280 },
	{ "closed, nothing", CLOSED, 96, 0, 0, false, 0x4280 },
	{ "closed, hole", CLOSED, 96, 0, 8, true, 0x4280 },
	{ "closed early, at wp", CLOSED, 40, 40, 4, false, 0x4280 },
	{ "closed early, place", CLOSED, 40, 44, 4, false, 0x4280 },
	{ "closed early, amount", CLOSED, 40, 40, 3, false, 0x4280 },

	{ "offline, at wp", OFFLINE, 8, 8, 4, false, 0x4280 },
	{ "offline, place", OFFLINE, 8, 0, 4, false, 0x4280 },
	{ "offline, amount", OFFLINE, 8, 8, 3, false, 0x4280 },
	{ "offline, hole", OFFLINE, 0, 0, 8, true, 0x4280 },
};

/* A check changes neither the chunk nor the row's memory of it */
static u16 check_write(struct kunit *test, const struct write_row *row,
		       const struct oc_chunk *chk)
{
	struct oc_chunk before = *chk;
	u16 status = oc_chunk_check_write(&test_geo, chk, row->sec, row->n,
					  row->hole);

	KUNIT_EXPECT_EQ_MSG(test, memcmp(chk, &before, sizeof(before)), 0,
			    "%s: the check changed the chunk", row->name);
	return status;
}

static void chunk_write_accepted(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(good_writes); i++) {
		const struct write_row *row = &good_writes[i];
		struct oc_chunk_stat stat = make_stat(row->state);
		struct oc_chunk chk = {
			.state = row->state, .wp = row->wp, .resets = 3,
		};

		KUNIT_EXPECT_EQ_MSG(test, check_write(test, row, &chk), (u16)0,
				    "%s", row->name);
		oc_chunk_commit_write(&test_geo, &chk, &stat, row->n);
		KUNIT_EXPECT_EQ_MSG(test, chk.state, row->new_state, "%s",
				    row->name);
		KUNIT_EXPECT_EQ_MSG(test, chk.wp, row->new_wp, "%s",
				    row->name);
		KUNIT_EXPECT_EQ_MSG(test, chk.resets, 3U, "%s", row->name);
		check_stat(test, &stat, row->new_state, row->name);
	}
}

static void chunk_write_refused(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(refused_writes); i++) {
		const struct write_row *row = &refused_writes[i];
		struct oc_chunk chk = { .state = row->state, .wp = row->wp };

		KUNIT_EXPECT_EQ_MSG(test, check_write(test, row, &chk),
				    row->status, "%s", row->name);
	}
}

/* The rules once more, in the order in which the spec lists them */
static u16 expected_write(const struct oc_geo *geo, u32 state, u32 wp, u32 sec,
			  u32 n, bool hole)
{
	if (state == CLOSED || state == OFFLINE)
		return 0x4280;
	if (sec + n > geo->clba)
		return 0x4280;
	if (n == 0 || n % geo->ws_min != 0)
		return 0x4002;
	if (sec != wp || hole)
		return 0x42f2;
	return 0;
}

static const struct oc_geo tiny_geo = {
	.clba = 12, .ws_min = 3, .mw_cunits = 5,
};

/* Every amount at every place of one chunk, with and without holes */
static bool check_every_write(struct kunit *test, const struct oc_chunk *chk)
{
	u32 sec, n, hole;

	for (sec = 0; sec <= 14; sec++) {
		for (n = 0; n <= 14; n++) {
			for (hole = 0; hole < 2; hole++) {
				u16 want = expected_write(&tiny_geo, chk->state,
							  chk->wp, sec, n,
							  hole);
				u16 got = oc_chunk_check_write(&tiny_geo, chk,
							       sec, n, hole);

				if (got == want)
					continue;
				KUNIT_FAIL(test,
					   "state %u wp %u sec %u n %u hole %u: %#x, not %#x",
					   chk->state, chk->wp, sec, n, hole,
					   got, want);
				return false;
			}
		}
	}
	return true;
}

static void chunk_write_exhaustive(struct kunit *test)
{
	struct oc_chunk chk = {};

	for (chk.state = 0; chk.state < OC_CHK_STATES; chk.state++)
		for (chk.wp = 0; chk.wp <= 12; chk.wp++)
			if (!check_every_write(test, &chk))
				return;
}

static const struct {
	const char *name;
	u8 state;
	u32 wp;
	u32 mccap;
	u16 status;
} resets[] = {
	{ "free, mccap 0", FREE, 0, 0, 0x42c1 },
	{ "free, mccap 2", FREE, 0, 2, 0 },
	{ "free, mccap 4", FREE, 0, 4, 0x42c1 },
	{ "free, mccap 6", FREE, 0, 6, 0 },
	{ "open at 8, mccap 0", OPEN, 8, 0, 0x42c1 },
	{ "open at 8, mccap 2", OPEN, 8, 2, 0x42c1 },
	{ "open at 8, mccap 4", OPEN, 8, 4, 0 },
	{ "open at 8, mccap 6", OPEN, 8, 6, 0 },
	{ "open at 40, mccap 0", OPEN, 40, 0, 0x42c1 },
	{ "open at 40, mccap 2", OPEN, 40, 2, 0x42c1 },
	{ "open at 40, mccap 4", OPEN, 40, 4, 0 },
	{ "open at 40, mccap 6", OPEN, 40, 6, 0 },
	{ "closed, mccap 0", CLOSED, 96, 0, 0 },
	{ "closed, mccap 2", CLOSED, 96, 2, 0 },
	{ "closed, mccap 4", CLOSED, 96, 4, 0 },
	{ "closed, mccap 6", CLOSED, 96, 6, 0 },
	{ "closed early, mccap 0", CLOSED, 40, 0, 0 },
	{ "closed early, mccap 6", CLOSED, 40, 6, 0 },
	{ "offline, mccap 0", OFFLINE, 0, 0, 0x42c0 },
	{ "offline, mccap 2", OFFLINE, 0, 2, 0x42c0 },
	{ "offline, mccap 4", OFFLINE, 40, 4, 0x42c0 },
	{ "offline, mccap 6", OFFLINE, 96, 6, 0x42c0 },
};

static void chunk_reset(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(resets); i++) {
		struct oc_geo geo = test_geo;
		struct oc_chunk_stat stat = make_stat(resets[i].state);
		struct oc_chunk chk = {
			.state = resets[i].state, .wp = resets[i].wp,
			.resets = 300,
		};
		struct oc_chunk before = chk;
		u16 status;

		geo.mccap = resets[i].mccap;
		status = oc_chunk_check_reset(&geo, &chk);
		KUNIT_EXPECT_EQ_MSG(test, status, resets[i].status, "%s",
				    resets[i].name);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(&chk, &before, sizeof(chk)),
				    0, "%s", resets[i].name);
		if (status)
			continue;

		oc_chunk_commit_reset(&chk, &stat);
		KUNIT_EXPECT_EQ_MSG(test, stat.resets, 1ULL, "%s",
				    resets[i].name);
		KUNIT_EXPECT_EQ_MSG(test, chk.state, (u8)FREE, "%s",
				    resets[i].name);
		KUNIT_EXPECT_EQ_MSG(test, chk.wp, 0U, "%s", resets[i].name);
		KUNIT_EXPECT_EQ_MSG(test, chk.resets, 301U, "%s",
				    resets[i].name);
		KUNIT_EXPECT_EQ_MSG(test, stat.resets, 1ULL, "%s",
				    resets[i].name);
		check_stat(test, &stat, FREE, resets[i].name);
	}
}

static const struct {
	const char *name;
	u8 state;
	u32 wp;
} offlines[] = {
	{ "free goes offline", FREE, 0 },
	{ "open at 8 goes offline", OPEN, 8 },
	{ "open at 40 goes offline", OPEN, 40 },
	{ "closed goes offline", CLOSED, 96 },
	{ "offline stays so", OFFLINE, 96 },
};

static void chunk_offline(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(offlines); i++) {
		struct oc_chunk_stat stat = make_stat(offlines[i].state);
		struct oc_chunk chk = {
			.state = offlines[i].state, .wp = offlines[i].wp,
			.resets = 7,
		};

		oc_chunk_offline(&chk, &stat);
		KUNIT_EXPECT_EQ_MSG(test, chk.state, (u8)OFFLINE, "%s",
				    offlines[i].name);
		KUNIT_EXPECT_EQ_MSG(test, chk.resets, 7U, "%s",
				    offlines[i].name);
		check_stat(test, &stat, OFFLINE, offlines[i].name);
	}
}

static const struct {
	const char *name;
	u8 state;
	u32 wp;
	u32 mw_cunits;
	u32 readable;	/* that many sectors from the start, and no more */
} reads[] = {
	{ "free", FREE, 0, 24, 0 },
	{ "free, no window", FREE, 0, 0, 0 },
	{ "open below mw_cunits", OPEN, 8, 24, 0 },
	{ "open at mw_cunits - 1", OPEN, 23, 24, 0 },
	{ "open at mw_cunits", OPEN, 24, 24, 0 },
	{ "open at mw_cunits + 1", OPEN, 25, 24, 1 },
	{ "open at mw_cunits + ws_min", OPEN, 28, 24, 4 },
	{ "open, one unit missing", OPEN, 92, 24, 68 },
	{ "open, no window", OPEN, 8, 0, 8 },
	{ "open, window of the chunk", OPEN, 92, 96, 0 },
	{ "closed", CLOSED, 96, 24, 96 },
	{ "closed, no window", CLOSED, 96, 0, 96 },
	{ "closed, window of the chunk", CLOSED, 96, 96, 96 },
	{ "closed early", CLOSED, 40, 24, 40 },
	{ "closed early below mw_cunits", CLOSED, 8, 24, 8 },
	{ "closed at once", CLOSED, 0, 24, 0 },
	{ "offline", OFFLINE, 0, 24, 0 },
	{ "offline and full", OFFLINE, 96, 0, 0 },
};

static void chunk_readable(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(reads); i++) {
		struct oc_geo geo = test_geo;
		const struct oc_chunk chk = {
			.state = reads[i].state, .wp = reads[i].wp,
		};
		const struct oc_chunk before = chk;

		geo.mw_cunits = reads[i].mw_cunits;
		KUNIT_EXPECT_EQ_MSG(test, oc_chunk_readable(&geo, &chk),
				    reads[i].readable, "%s", reads[i].name);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(&chk, &before, sizeof(chk)),
				    0, "%s", reads[i].name);
	}
}

static const struct {
	const char *name;
	u8 state;
	u32 wp;
	u32 resets;
	u8 cs;
	u8 wli;
	u64 wire_wp;
} descriptions[] = {
	{ "free", FREE, 0, 0, 0x01, 0, 0 },
	{ "closed", CLOSED, 96, 1, 0x02, 1, 96 },
	{ "closed early", CLOSED, 40, 1, 0x02, 1, 40 },
	{ "open", OPEN, 8, 2, 0x04, 2, 8 },
	{ "offline", OFFLINE, 8, 2, 0x08, 2, U64_MAX },
	{ "offline and free before", OFFLINE, 0, 0, 0x08, 0, U64_MAX },
	{ "worn to 254", FREE, 0, 254, 0x01, 254, 0 },
	{ "worn to 255", FREE, 0, 255, 0x01, 255, 0 },
	{ "worn to 256", FREE, 0, 256, 0x01, 255, 0 },
	{ "worn for ever", OPEN, 4, U32_MAX, 0x04, 255, 4 },
};

static void chunk_describe(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(descriptions); i++) {
		const struct oc_chunk chk = {
			.state = descriptions[i].state,
			.wp = descriptions[i].wp,
			.resets = descriptions[i].resets,
		};
		/* What the descriptor has to be, reserved bytes included */
		struct oc_wire_chunk want = {
			.cs = descriptions[i].cs, .ct = 1,
			.wli = descriptions[i].wli,
			.slba = cpu_to_le64(0x12345678900ULL),
			.cnlb = cpu_to_le64(96),
			.wp = cpu_to_le64(descriptions[i].wire_wp),
		};
		struct oc_wire_chunk desc;

		memset(&desc, 0xee, sizeof(desc));
		oc_chunk_describe(&test_geo, &chk, 0x12345678900ULL, &desc);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(&desc, &want, sizeof(want)),
				    0, "%s: cs %u ct %u wli %u wp %llu",
				    descriptions[i].name, desc.cs, desc.ct,
				    desc.wli, le64_to_cpu(desc.wp));
	}
}

/* 10 chunks of wear 20 on average, and one beside them */
static void chunk_worn(struct kunit *test)
{
	const struct oc_geo geo = { .chks = 10, .wit = 5 };
	struct oc_chunk_stat stat = { .resets = 209 };
	struct oc_chunk chk = { .resets = 25 };

	KUNIT_EXPECT_FALSE(test, oc_chunk_worn(&geo, &chk, &stat));
	chk.resets = 26;
	KUNIT_EXPECT_TRUE(test, oc_chunk_worn(&geo, &chk, &stat));
	chk.resets = 27;
	KUNIT_EXPECT_FALSE(test, oc_chunk_worn(&geo, &chk, &stat));
	/* The others have caught up, and one step more */
	stat.resets = 220;
	KUNIT_EXPECT_FALSE(test, oc_chunk_worn(&geo, &chk, &stat));
	chk.resets = 28;
	KUNIT_EXPECT_TRUE(test, oc_chunk_worn(&geo, &chk, &stat));
	/* Too little is as bad */
	chk = (struct oc_chunk) { .resets = 17 };
	KUNIT_EXPECT_FALSE(test, oc_chunk_worn(&geo, &chk, &stat));
	stat.resets = 230;
	KUNIT_EXPECT_TRUE(test, oc_chunk_worn(&geo, &chk, &stat));
	KUNIT_EXPECT_FALSE(test, oc_chunk_worn(&geo, &chk, &stat));
	/* The index ends at 255, and so does the average */
	chk = (struct oc_chunk) { .resets = 300 };
	stat.resets = 2500;
	KUNIT_EXPECT_FALSE(test, oc_chunk_worn(&geo, &chk, &stat));
	stat.resets = 1ULL << 40;
	KUNIT_EXPECT_FALSE(test, oc_chunk_worn(&geo, &chk, &stat));
	KUNIT_EXPECT_EQ(test, oc_chunk_wli(&chk), 255U);
}

static void chunk_shapes(struct kunit *test)
{
	struct oc_chunk_stat stat = { .nr = { 1, 0, 0, 0 } };
	struct oc_chunk chk = {};

	KUNIT_EXPECT_EQ(test, oc_chunk_secs(&test_geo, &chk), 96U);
	oc_chunk_shape(&test_geo, &chk, &stat, false, 40);
	KUNIT_EXPECT_EQ(test, oc_chunk_secs(&test_geo, &chk), 40U);
	KUNIT_EXPECT_EQ(test, stat.missing, 56ULL);
	oc_chunk_shape(&test_geo, &chk, &stat, true, 60);
	KUNIT_EXPECT_EQ(test, stat.missing, 36ULL);
	KUNIT_EXPECT_EQ(test, (u32)chk.flags, 1U);
	oc_chunk_shape(&test_geo, &chk, &stat, false, 96);
	KUNIT_EXPECT_EQ(test, stat.missing, 0ULL);
	KUNIT_EXPECT_EQ(test, (u32)chk.flags, 0U);
	KUNIT_EXPECT_EQ(test, stat.nr[FREE], 1U);
}

/* A chunk of 40 sectors where others have 96 */
static void chunk_short(struct kunit *test)
{
	struct oc_chunk_stat stat = { .nr = { 1, 0, 0, 0 } };
	struct oc_chunk chk = { .missing = 56 };
	struct oc_wire_chunk desc;

	KUNIT_EXPECT_EQ(test, oc_chunk_check_write(&test_geo, &chk, 0, 44,
						   false), (u16)0x4280);
	KUNIT_EXPECT_EQ(test, oc_chunk_check_write(&test_geo, &chk, 40, 4,
						   false), (u16)0x4280);
	KUNIT_EXPECT_EQ(test, oc_chunk_check_write(&test_geo, &chk, 0, 36,
						   false), (u16)0);
	oc_chunk_commit_write(&test_geo, &chk, &stat, 36);
	KUNIT_EXPECT_EQ(test, stat.nr[OPEN], 1U);
	KUNIT_EXPECT_EQ(test, oc_chunk_readable(&test_geo, &chk), 12U);
	KUNIT_EXPECT_EQ(test, oc_chunk_check_write(&test_geo, &chk, 36, 4,
						   false), (u16)0);
	oc_chunk_commit_write(&test_geo, &chk, &stat, 4);
	KUNIT_EXPECT_EQ(test, stat.nr[CLOSED], 1U);
	KUNIT_EXPECT_EQ(test, oc_chunk_readable(&test_geo, &chk), 40U);

	oc_chunk_describe(&test_geo, &chk, 0, &desc);
	KUNIT_EXPECT_EQ(test, (u32)desc.ct, 0x11U);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(desc.cnlb), 40ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(desc.wp), 40ULL);
	oc_chunk_commit_reset(&chk, &stat);
	KUNIT_EXPECT_EQ(test, chk.missing, 56U);
}

static const struct {
	const char *name;
	u8 state;
	u32 sec;
	u32 n;
	u16 status;
} random_writes[] = {
	{ "free, a sector in the middle", FREE, 17, 1, 0 },
	{ "free, the whole", FREE, 0, 60, 0 },
	{ "open, the last", OPEN, 59, 1, 0 },
	{ "open, past the end", OPEN, 59, 2, 0x4280 },
	{ "open, at the end", OPEN, 60, 1, 0x4280 },
	{ "open, the sum wraps", OPEN, U32_MAX, 2, 0x4280 },
	{ "closed", CLOSED, 0, 4, 0x4280 },
	{ "offline", OFFLINE, 0, 4, 0x4280 },
};

/* A random-write chunk of 60 sectors */
static void chunk_random(struct kunit *test)
{
	struct oc_wire_chunk desc;
	u32 i, st;

	for (i = 0; i < ARRAY_SIZE(random_writes); i++) {
		struct oc_chunk_stat stat = make_stat(random_writes[i].state);
		struct oc_chunk chk = {
			.state = random_writes[i].state,
			.flags = OC_CHK_RANDOM, .missing = 36,
		};
		u16 status = oc_chunk_check_write(&test_geo, &chk,
						  random_writes[i].sec,
						  random_writes[i].n, false);

		KUNIT_EXPECT_EQ_MSG(test, status, random_writes[i].status,
				    "%s", random_writes[i].name);
		if (status)
			continue;
		oc_chunk_commit_write(&test_geo, &chk, &stat,
				      random_writes[i].n);
		check_stat(test, &stat, OPEN, random_writes[i].name);
		oc_chunk_describe(&test_geo, &chk, 0, &desc);
		KUNIT_EXPECT_EQ(test, (u32)desc.ct, 0x12U);
		KUNIT_EXPECT_EQ(test, le64_to_cpu(desc.wp), U64_MAX);
	}

	for (st = 0; st < OC_CHK_STATES; st++) {
		const struct oc_chunk chk = {
			.state = st, .flags = OC_CHK_RANDOM, .missing = 36,
		};

		KUNIT_EXPECT_EQ_MSG(test, oc_chunk_readable(&test_geo, &chk),
				    st == OPEN || st == CLOSED ? 60U : 0U,
				    "state %u", st);
	}
}

/* One chunk's whole life, its channel counting along */
static void chunk_life(struct kunit *test)
{
	struct oc_chunk_stat stat = { { 1, 0, 0, 0 } };
	struct oc_chunk chk = {};
	u32 round, wp;

	for (round = 0; round < 3; round++) {
		for (wp = 0; wp < 96; wp += 8) {
			KUNIT_EXPECT_EQ(test, chk.wp, wp);
			KUNIT_EXPECT_EQ(test, stat.nr[wp ? OPEN : FREE], 1U);
			KUNIT_EXPECT_EQ(test,
					oc_chunk_check_write(&test_geo, &chk,
							     wp, 8, false),
					(u16)0);
			oc_chunk_commit_write(&test_geo, &chk, &stat, 8);
		}
		KUNIT_EXPECT_EQ(test, stat.nr[CLOSED], 1U);
		oc_chunk_commit_reset(&chk, &stat);
		KUNIT_EXPECT_EQ(test, chk.resets, round + 1);
	}

	oc_chunk_offline(&chk, &stat);
	KUNIT_EXPECT_EQ(test, stat.nr[FREE], 0U);
	KUNIT_EXPECT_EQ(test, stat.nr[OPEN], 0U);
	KUNIT_EXPECT_EQ(test, stat.nr[CLOSED], 0U);
	KUNIT_EXPECT_EQ(test, stat.nr[OFFLINE], 1U);
}

static void chunk_state_names(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, oc_chunk_state_name(FREE), "free");
	KUNIT_EXPECT_STREQ(test, oc_chunk_state_name(OPEN), "open");
	KUNIT_EXPECT_STREQ(test, oc_chunk_state_name(CLOSED), "closed");
	KUNIT_EXPECT_STREQ(test, oc_chunk_state_name(OFFLINE), "offline");
}

static struct kunit_case chunk_cases[] = {
	KUNIT_CASE(chunk_write_accepted),
	KUNIT_CASE(chunk_write_refused),
	KUNIT_CASE(chunk_write_exhaustive),
	KUNIT_CASE(chunk_reset),
	KUNIT_CASE(chunk_offline),
	KUNIT_CASE(chunk_readable),
	KUNIT_CASE(chunk_describe),
	KUNIT_CASE(chunk_worn),
	KUNIT_CASE(chunk_shapes),
	KUNIT_CASE(chunk_short),
	KUNIT_CASE(chunk_random),
	KUNIT_CASE(chunk_life),
	KUNIT_CASE(chunk_state_names),
	{}
};

struct kunit_suite oc_chunk_suite = {
	.name = "oc_chunk",
	.test_cases = chunk_cases,
};
