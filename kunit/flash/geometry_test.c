// SPDX-License-Identifier: GPL-2.0
/*
 * geometry_test.c - the address format and every rule of oc_geo_init()
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/kernel.h>

#include "oc.h"
#include "oc20.h"
#include "oc_test.h"

#define BASE_CLBA	96U

/* A geometry that every rule accepts; the rows below change it */
static struct oc_geo base_geo(void)
{
	return (struct oc_geo) {
		.num_grp = 2, .num_pu = 3, .num_chk = 60, .clba = BASE_CLBA,
		.ws_min = 4, .ws_opt = 8, .mw_cunits = 24,
		.lba_size = 4096, .oob_size = 16, .mccap = 6,
		.num_pln = 1, .secs_per_pg = 4,
	};
}

/* Counts and the bits that hold 0 to count - 1, from the spec's formula */
static const struct {
	u32 count;
	u32 bits;
} counts[] = {
	{ 1, 0 }, { 3, 2 }, { 4, 2 }, { 60, 6 }, { 1478, 11 },
};

/* Groups and parallel units go up to 256 only */
#define SMALL_COUNTS	4

/* One combination of counts, kept apart from the device's own idea of it */
struct layout {
	u32 count[4];
	u32 bits[4];
};

enum { GRP, PU, CHK, SEC };

static u64 pack(const struct layout *lay, const u64 val[4])
{
	u64 lba = val[GRP];

	lba = (lba << lay->bits[PU]) + val[PU];
	lba = (lba << lay->bits[CHK]) + val[CHK];
	return (lba << lay->bits[SEC]) + val[SEC];
}

static bool check_valid(struct kunit *test, const struct oc_geo *geo,
			const struct layout *lay, const u64 val[4])
{
	u64 lba = pack(lay, val);
	struct oc_addr addr;

	if (oc_geo_decode(geo, lba, &addr) && addr.grp == val[GRP] &&
	    addr.chk == val[PU] * lay->count[CHK] + val[CHK] &&
	    addr.sec == val[SEC] && oc_geo_encode(geo, &addr) == lba &&
	    oc_geo_index(geo, &addr) == addr.chk * lay->count[SEC] + addr.sec)
		return true;

	KUNIT_FAIL(test, "%llu.%llu.%llu.%llu of %u.%u.%u.%u is not round",
		   val[GRP], val[PU], val[CHK], val[SEC], lay->count[GRP],
		   lay->count[PU], lay->count[CHK], lay->count[SEC]);
	return false;
}

static bool check_refused(struct kunit *test, const struct oc_geo *geo,
			  const struct layout *lay, u64 lba)
{
	struct oc_addr addr;

	if (!oc_geo_decode(geo, lba, &addr))
		return true;

	KUNIT_FAIL(test, "%#llx of %u.%u.%u.%u is no sector but decodes", lba,
		   lay->count[GRP], lay->count[PU], lay->count[CHK],
		   lay->count[SEC]);
	return false;
}

/* All 16 combinations of first and last value of the four fields */
static bool check_corners(struct kunit *test, const struct oc_geo *geo,
			  const struct layout *lay)
{
	u32 corner, i;
	u64 val[4];

	for (corner = 0; corner < 16; corner++) {
		for (i = 0; i < 4; i++)
			val[i] = corner & BIT(i) ? lay->count[i] - 1 : 0;
		if (!check_valid(test, geo, lay, val))
			return false;
	}
	return true;
}

/* Field @field holds @over, the others go through their corners */
static bool check_beyond(struct kunit *test, const struct oc_geo *geo,
			 const struct layout *lay, u32 field, u64 over)
{
	u32 corner, i;
	u64 val[4];

	for (corner = 0; corner < 16; corner++) {
		for (i = 0; i < 4; i++)
			val[i] = corner & BIT(i) ? lay->count[i] - 1 : 0;
		val[field] = over;
		if (!check_refused(test, geo, lay, pack(lay, val)))
			return false;
	}
	return true;
}

static bool check_layout(struct kunit *test, const struct layout *lay)
{
	struct oc_geo geo = base_geo();
	struct oc_complaint why = {};
	u32 sum, i;

	geo.num_grp = lay->count[GRP];
	geo.num_pu = lay->count[PU];
	geo.num_chk = lay->count[CHK];
	geo.clba = lay->count[SEC];
	geo.ws_min = 1;
	geo.ws_opt = 1;
	geo.mw_cunits = 0;
	if (oc_geo_init(&geo, &why)) {
		KUNIT_FAIL(test, "%s=%s is refused", why.param, why.value);
		return false;
	}

	sum = lay->bits[GRP] + lay->bits[PU] + lay->bits[CHK] + lay->bits[SEC];
	if (geo.grp_len != lay->bits[GRP] || geo.pu_len != lay->bits[PU] ||
	    geo.chk_len != lay->bits[CHK] || geo.sec_len != lay->bits[SEC] ||
	    oc_geo_nsze(&geo) != 1ULL << sum) {
		KUNIT_FAIL(test, "wrong bits for %u.%u.%u.%u", lay->count[GRP],
			   lay->count[PU], lay->count[CHK], lay->count[SEC]);
		return false;
	}

	if (!check_corners(test, &geo, lay))
		return false;

	/* The first value beyond, and the last that the field can hold */
	for (i = 0; i < 4; i++) {
		u64 room = 1ULL << lay->bits[i];

		if (lay->count[i] == room && i != GRP)
			continue;
		if (!check_beyond(test, &geo, lay, i, lay->count[i]))
			return false;
		if (lay->count[i] < room &&
		    !check_beyond(test, &geo, lay, i, room - 1))
			return false;
	}

	for (i = sum; i < 64; i++) {
		if (!check_refused(test, &geo, lay, 1ULL << i))
			return false;
	}
	return check_refused(test, &geo, lay, U64_MAX);
}

static void geometry_decodes_every_corner(struct kunit *test)
{
	const u32 small = SMALL_COUNTS, all = ARRAY_SIZE(counts);
	struct layout lay;
	u32 i, k;

	for (i = 0; i < small * small * all * all; i++) {
		const u32 pick[4] = {
			[GRP] = i % small,
			[PU] = i / small % small,
			[CHK] = i / small / small % all,
			[SEC] = i / small / small / all,
		};

		for (k = 0; k < 4; k++) {
			lay.count[k] = counts[pick[k]].count;
			lay.bits[k] = counts[pick[k]].bits;
		}
		if (!check_layout(test, &lay))
			return;
	}
}

/* In a device that fits a page of paper, every address there is */
static void geometry_decodes_each_sector_once(struct kunit *test)
{
	struct oc_geo geo = base_geo();
	struct oc_complaint why;
	struct oc_addr addr;
	u32 last = 0, hits = 0;
	u64 lba;

	geo.num_grp = 3;
	geo.num_pu = 3;
	geo.num_chk = 5;
	geo.clba = 24;
	KUNIT_ASSERT_EQ(test, oc_geo_init(&geo, &why), 0);
	KUNIT_EXPECT_EQ(test, oc_geo_nsze(&geo), 4 * 4 * 8 * 32ULL);
	KUNIT_EXPECT_EQ(test, oc_geo_sectors(&geo), 3 * 3 * 5 * 24ULL);
	KUNIT_EXPECT_EQ(test, geo.chks, 15U);
	KUNIT_EXPECT_EQ(test, geo.secs, 360U);

	/* In address order the sectors come out in order, and none twice */
	for (lba = 0; lba < 2 * 4 * 4 * 8 * 32; lba++) {
		u32 seq;

		if (!oc_geo_decode(&geo, lba, &addr))
			continue;
		seq = addr.grp * geo.secs + oc_geo_index(&geo, &addr);
		if (hits && seq != last + 1) {
			KUNIT_FAIL(test, "after sector %u came %u at %llu",
				   last, seq, lba);
			return;
		}
		last = seq;
		hits++;
	}
	KUNIT_EXPECT_EQ(test, hits, 3 * 3 * 5 * 24U);
	KUNIT_EXPECT_EQ(test, last, hits - 1);
}

/* A full field carries into the next one, as lba arithmetic says */
static void geometry_power_of_two_overflows_to_next_field(struct kunit *test)
{
	struct oc_geo geo = base_geo();
	struct oc_complaint why;
	struct oc_addr addr;

	geo.num_pu = 4;
	geo.num_chk = 64;
	geo.clba = 128;
	KUNIT_ASSERT_EQ(test, oc_geo_init(&geo, &why), 0);

	KUNIT_ASSERT_TRUE(test, oc_geo_decode(&geo, 128, &addr));
	KUNIT_EXPECT_EQ(test, addr.chk, 1U);
	KUNIT_EXPECT_EQ(test, addr.sec, 0U);
	KUNIT_ASSERT_TRUE(test, oc_geo_decode(&geo, 128 * 64, &addr));
	KUNIT_EXPECT_EQ(test, addr.chk, 64U);
	KUNIT_EXPECT_EQ(test, addr.grp, 0U);
	KUNIT_ASSERT_TRUE(test, oc_geo_decode(&geo, 128 * 64 * 4, &addr));
	KUNIT_EXPECT_EQ(test, addr.chk, 0U);
	KUNIT_EXPECT_EQ(test, addr.grp, 1U);
	KUNIT_EXPECT_FALSE(test, oc_geo_decode(&geo, 128 * 64 * 4 * 2, &addr));
}

/* One change of the base geometry: a field and its value */
struct change {
	size_t offset;
	u32 value;
};

#define SET(_field, _value)	{ offsetof(struct oc_geo, _field), _value }
#define MAX_CHANGES		7

static void apply_changes(struct oc_geo *geo, const struct change *change)
{
	u32 i;

	for (i = 0; i < MAX_CHANGES; i++) {
		/* A row of zeroes ends the list, but as the first row it is num_grp=0 */
		if (!change[i].offset && !change[i].value && i)
			break;
		*(u32 *)((char *)geo + change[i].offset) = change[i].value;
	}
}

static const struct {
	const char *name;
	struct change set[MAX_CHANGES];
	int err;
	const char *param;
	const char *value;
} refusals[] = {
	{ "no group", { SET(num_grp, 0) }, -EINVAL, "num_grp", "0" },
	{ "257 groups", { SET(num_grp, 257) }, -EINVAL, "num_grp", "257" },
	{ "no pu", { SET(num_pu, 0) }, -EINVAL, "num_pu", "0" },
	{ "257 pus", { SET(num_pu, 257) }, -EINVAL, "num_pu", "257" },
	{ "no chunk", { SET(num_chk, 0) }, -EINVAL, "num_chk", "0" },
	{ "65537 chunks", { SET(num_chk, 65537) },
	  -EINVAL, "num_chk", "65537" },
	{ "empty chunk", { SET(clba, 0) }, -EINVAL, "clba", "0" },
	{ "2^24 + 1 sectors", { SET(clba, 16777217) },
	  -EINVAL, "clba", "16777217" },
	{ "ws_min 0", { SET(ws_min, 0) }, -EINVAL, "ws_min", "0" },
	{ "ws_min 65", { SET(ws_min, 65) }, -EINVAL, "ws_min", "65" },
	{ "ws_opt 0", { SET(ws_opt, 0) }, -EINVAL, "ws_opt", "0" },
	{ "ws_opt 65", { SET(ws_opt, 65) }, -EINVAL, "ws_opt", "65" },
	{ "mw_cunits 2^24 + 1", { SET(mw_cunits, 16777217) },
	  -EINVAL, "mw_cunits", "16777217" },
	{ "lba_size 0", { SET(lba_size, 0) }, -EINVAL, "lba_size", "0" },
	{ "lba_size 256", { SET(lba_size, 256) }, -EINVAL, "lba_size", "256" },
	{ "lba_size 511", { SET(lba_size, 511) }, -EINVAL, "lba_size", "511" },
	{ "lba_size 513", { SET(lba_size, 513) }, -EINVAL, "lba_size", "513" },
	{ "lba_size 4160", { SET(lba_size, 4160) },
	  -EINVAL, "lba_size", "4160" },
	{ "lba_size 32768", { SET(lba_size, 32768) },
	  -EINVAL, "lba_size", "32768" },
	{ "oob_size 4", { SET(oob_size, 4) }, -EINVAL, "oob_size", "4" },
	{ "oob_size 17", { SET(oob_size, 17) }, -EINVAL, "oob_size", "17" },
	{ "oob_size 136", { SET(oob_size, 136) }, -EINVAL, "oob_size", "136" },
	{ "mccap 8", { SET(mccap, 8) }, -EINVAL, "mccap", "8" },

	{ "ws_opt no multiple", { SET(ws_min, 3) }, -EINVAL, "ws_opt", "8" },
	{ "ws_opt below ws_min", { SET(ws_min, 16) }, -EINVAL, "ws_opt", "8" },
	{ "clba no multiple", { SET(clba, 98) }, -EINVAL, "clba", "98" },
	{ "clba below ws_min", { SET(clba, 2), SET(mw_cunits, 1) },
	  -EINVAL, "clba", "2" },
	{ "mw_cunits above clba", { SET(mw_cunits, 97) },
	  -EINVAL, "mw_cunits", "97" },

	{ "2^32 sectors", { SET(num_pu, 256), SET(num_chk, 65536),
	  SET(clba, 256) }, -E2BIG, "clba", "256" },
	{ "2^32 - 1 sectors", { SET(num_pu, 255), SET(num_chk, 257),
	  SET(clba, 65537), SET(ws_min, 1), SET(ws_opt, 1) },
	  -E2BIG, "clba", "65537" },
	{ "2^48 sectors", { SET(num_pu, 256), SET(num_chk, 65536),
	  SET(clba, 16777216) }, -E2BIG, "clba", "16777216" },
	{ "all limits", { SET(num_grp, 256), SET(num_pu, 256),
	  SET(num_chk, 65536), SET(clba, 16777216), SET(lba_size, 16384) },
	  -E2BIG, "clba", "16777216" },
};

static void geometry_refuses(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(refusals); i++) {
		struct oc_geo geo = base_geo();
		struct oc_complaint why = { .param = "(nothing)" };
		int err;

		apply_changes(&geo, refusals[i].set);
		err = oc_geo_init(&geo, &why);
		KUNIT_EXPECT_EQ_MSG(test, err, refusals[i].err, "%s",
				    refusals[i].name);
		KUNIT_EXPECT_STREQ_MSG(test, (const char *)why.param,
				       refusals[i].param, "%s",
				       refusals[i].name);
		KUNIT_EXPECT_STREQ_MSG(test, (const char *)why.value,
				       refusals[i].value, "%s",
				       refusals[i].name);
		KUNIT_EXPECT_TRUE_MSG(test, why.want[0], "%s",
				      refusals[i].name);
	}
}

static const struct {
	const char *name;
	struct change set[MAX_CHANGES];
} accepted[] = {
	{ "base", { SET(num_grp, 2) } },
	{ "1 group", { SET(num_grp, 1) } },
	{ "256 groups", { SET(num_grp, 256) } },
	{ "1 pu", { SET(num_pu, 1) } },
	{ "256 pus", { SET(num_pu, 256) } },
	{ "1 chunk", { SET(num_chk, 1) } },
	{ "65536 chunks", { SET(num_chk, 65536) } },
	{ "1 sector", { SET(clba, 1), SET(ws_min, 1), SET(ws_opt, 1),
	  SET(mw_cunits, 0) } },
	{ "2^24 sectors", { SET(clba, 16777216) } },
	{ "all units 64", { SET(clba, 64), SET(ws_min, 64),
	  SET(ws_opt, 64) } },
	{ "ws_min is ws_opt", { SET(ws_min, 8) } },
	{ "clba is ws_opt", { SET(clba, 8), SET(mw_cunits, 8) } },
	{ "no mw_cunits", { SET(mw_cunits, 0) } },
	{ "mw_cunits is clba", { SET(mw_cunits, 96) } },
	{ "odd mw_cunits", { SET(mw_cunits, 25) } },
	{ "mw_cunits 2^24", { SET(clba, 16777216),
	  SET(mw_cunits, 16777216) } },
	{ "lba_size 512", { SET(lba_size, 512) } },
	{ "lba_size 16384", { SET(lba_size, 16384) } },
	{ "no oob", { SET(oob_size, 0) } },
	{ "oob 8, ws_opt 2", { SET(oob_size, 8), SET(ws_min, 1),
	  SET(ws_opt, 2) } },
	{ "oob 16, ws_opt 1", { SET(oob_size, 16), SET(ws_min, 1),
	  SET(ws_opt, 1) } },
	{ "oob 128", { SET(oob_size, 128) } },
	{ "mccap 0", { SET(mccap, 0) } },
	{ "mccap 1", { SET(mccap, 1) } },
	{ "mccap 7", { SET(mccap, 7) } },
	{ "mccap 2", { SET(mccap, 2) } },
	{ "mccap 4", { SET(mccap, 4) } },
	{ "2^32 - 2^24 sectors", { SET(num_pu, 256), SET(num_chk, 65536),
	  SET(clba, 255), SET(ws_min, 1), SET(ws_opt, 1) } },
};

static void geometry_accepts(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(accepted); i++) {
		struct oc_geo geo = base_geo();
		struct oc_complaint why = {};

		apply_changes(&geo, accepted[i].set);
		KUNIT_EXPECT_EQ_MSG(test, oc_geo_init(&geo, &why), 0,
				    "%s: %s=%s", accepted[i].name, why.param,
				    why.value);
		KUNIT_EXPECT_EQ_MSG(test, (u64)geo.secs,
				    (u64)geo.num_pu * geo.num_chk * geo.clba,
				    "%s", accepted[i].name);
		KUNIT_EXPECT_EQ_MSG(test, 1U << geo.lba_shift, geo.lba_size,
				    "%s", accepted[i].name);
	}
}

static void geometry_takes_no_stale_lengths(struct kunit *test)
{
	struct oc_geo geo = base_geo();
	struct oc_complaint why;

	geo.grp_len = 99;
	geo.sec_len = 99;
	geo.secs = 12345;
	KUNIT_ASSERT_EQ(test, oc_geo_init(&geo, &why), 0);
	KUNIT_EXPECT_EQ(test, (u32)geo.grp_len, 1U);
	KUNIT_EXPECT_EQ(test, (u32)geo.pu_len, 2U);
	KUNIT_EXPECT_EQ(test, (u32)geo.chk_len, 6U);
	KUNIT_EXPECT_EQ(test, (u32)geo.sec_len, 7U);
	KUNIT_EXPECT_EQ(test, (u32)geo.lba_shift, 12U);
	KUNIT_EXPECT_EQ(test, geo.chks, 180U);
	KUNIT_EXPECT_EQ(test, geo.secs, 17280U);
	KUNIT_EXPECT_EQ(test, oc_geo_nsze(&geo), 65536ULL);
	KUNIT_EXPECT_EQ(test, oc_geo_sectors(&geo), 34560ULL);
}

/* What pblk would not survive: refused where it can be used, fine elsewhere */
static const struct {
	const char *name;
	struct change set[MAX_CHANGES];
	const char *param;
	const char *value;
} pblk_only[] = {
	{ "clba no multiple of ws_opt", { SET(clba, 100) }, "clba", "100" },
	{ "clba below ws_opt", { SET(clba, 4), SET(mw_cunits, 1) },
	  "clba", "4" },
	{ "packed metadata, no oob",
	  { SET(ws_min, 1), SET(ws_opt, 1), SET(oob_size, 0) },
	  "oob_size", "0" },
	{ "packed metadata, 8 bytes",
	  { SET(ws_min, 1), SET(ws_opt, 1), SET(oob_size, 8) },
	  "oob_size", "8" },
};

static void geometry_keeps_pblk_from_harm(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(pblk_only); i++) {
		struct oc_geo geo = base_geo();
		struct oc_complaint why = { .param = "(nothing)" };

		apply_changes(&geo, pblk_only[i].set);
		KUNIT_EXPECT_EQ_MSG(test, oc_geo_init(&geo, &why), 0, "%s",
				    pblk_only[i].name);
		KUNIT_EXPECT_EQ_MSG(test, oc_geo_pblk_check(&geo, &why),
				    -EINVAL, "%s", pblk_only[i].name);
		KUNIT_EXPECT_STREQ_MSG(test, (const char *)why.param,
				       pblk_only[i].param, "%s",
				       pblk_only[i].name);
		KUNIT_EXPECT_STREQ_MSG(test, (const char *)why.value,
				       pblk_only[i].value, "%s",
				       pblk_only[i].name);
	}
	for (i = 0; i < ARRAY_SIZE(accepted); i++) {
		struct oc_geo geo = base_geo();
		struct oc_complaint why = {};

		apply_changes(&geo, accepted[i].set);
		KUNIT_ASSERT_EQ(test, oc_geo_init(&geo, &why), 0);
		KUNIT_EXPECT_EQ_MSG(test, oc_geo_pblk_check(&geo, &why), 0,
				    "%s: %s=%s", accepted[i].name, why.param,
				    why.value);
	}
}

static const struct {
	const char *name;
	struct change set[MAX_CHANGES];
	const char *word;
} advices[] = {
	{ "fine", { SET(num_grp, 2) }, NULL },
	{ "512-byte sectors", { SET(lba_size, 512) }, "lba_size" },
	{ "8192-byte sectors", { SET(lba_size, 8192) }, "lba_size" },
	{ "one unit per chunk", { SET(clba, 8), SET(mw_cunits, 0) }, "clba" },
	{ "two units per chunk", { SET(clba, 16), SET(mw_cunits, 0) }, "hangs" },
	{ "10 chunks", { SET(num_chk, 10) }, "num_chk" },
	{ "11 chunks", { SET(num_chk, 11) }, NULL },
};

/*
 * Where pblk has no room, and where the next geometry has. With ws_opt 8 the
 * smallest metadata of a line is 16 sectors, 8 at each end.
 */
static const struct {
	u32 geo[4];		/* num_grp, num_pu, num_chk, clba */
	u32 ws_opt;
	const char *word;
} rooms[] = {
	/* 10 chunks of a unit are spare, so of 11 one is left for metadata */
	{ { 1, 1, 10, 1024 }, 8, "11 or more" },
	{ { 1, 1, 11, 1024 }, 8, "no capacity" },
	{ { 1, 1, 11, 65536 }, 8, "no capacity" },
	{ { 1, 1, 12, 1024 }, 8, NULL },
	/* 11 x 32 sectors are 6 of 22 chunks, or 3, or 2, or 1 */
	{ { 1, 2, 11, 64 }, 8, "no capacity" },
	{ { 2, 1, 11, 64 }, 8, "no capacity" },
	{ { 1, 2, 11, 128 }, 8, "no capacity" },
	{ { 1, 2, 11, 168 }, 8, "no capacity" },
	{ { 1, 2, 11, 176 }, 8, NULL },
	{ { 2, 1, 11, 176 }, 8, NULL },
	{ { 1, 2, 11, 256 }, 8, NULL },
	{ { 1, 2, 12, 48 }, 8, "no capacity" },
	{ { 1, 2, 12, 64 }, 8, NULL },
	/* A quarter of each line: 4 of 14 chunks, 4 of 15 */
	{ { 1, 1, 12, 64 }, 8, "no capacity" },
	{ { 1, 1, 13, 64 }, 8, "no capacity" },
	{ { 1, 1, 14, 64 }, 8, "no capacity" },
	{ { 1, 1, 15, 64 }, 8, NULL },
	/* and of 33 chunks as many as pblk slows writes down by */
	{ { 1, 1, 32, 64 }, 8, NULL },
	{ { 1, 1, 33, 64 }, 8, "hangs" },
	{ { 1, 1, 200, 64 }, 8, "hangs" },
	{ { 1, 4, 200, 64 }, 8, NULL },
	{ { 1, 1, 40, 16 }, 8, "no capacity" },
	{ { 1, 1, 11, 64 }, 4, "no capacity" },
	{ { 1, 1, 14, 64 }, 4, NULL },
	/* A list of lines that takes 64 sectors */
	{ { 1, 1, 65536, 64 }, 8, "no capacity" },
	{ { 1, 1, 65536, 1024 }, 8, NULL },
	{ { 1, 1, 65536, 512 }, 8, "hangs" },
	/* The ends of what there is */
	{ { 256, 256, 11, 32768 }, 8, "31 bits" },
	{ { 256, 256, 12, 16384 }, 8, NULL },
	{ { 1, 1, 11, 2 }, 1, "no capacity" },
	{ { 4, 4, 64, 1024 }, 8, NULL },
};

static void geometry_knows_pblks_room(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		struct oc_geo geo = base_geo();
		struct oc_complaint why;
		const char *text;

		geo.num_grp = rooms[i].geo[0];
		geo.num_pu = rooms[i].geo[1];
		geo.num_chk = rooms[i].geo[2];
		geo.clba = rooms[i].geo[3];
		geo.ws_opt = rooms[i].ws_opt;
		geo.ws_min = min(geo.ws_min, geo.ws_opt);
		geo.mw_cunits = min(geo.mw_cunits, geo.clba);
		KUNIT_EXPECT_EQ_MSG(test, oc_geo_init(&geo, &why), 0, "row %u",
				    i);
		text = oc_geo_pblk_advice(&geo);
		if (rooms[i].word)
			KUNIT_EXPECT_TRUE_MSG(test, text &&
					      strstr(text, rooms[i].word),
					      "row %u: %s", i, text);
		else
			KUNIT_EXPECT_FALSE_MSG(test, text, "row %u: %s", i,
					       text);
	}
}

static void geometry_advises_on_pblk(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(advices); i++) {
		struct oc_geo geo = base_geo();
		struct oc_complaint why;
		const char *text;

		apply_changes(&geo, advices[i].set);
		KUNIT_EXPECT_EQ_MSG(test, oc_geo_init(&geo, &why), 0, "%s",
				    advices[i].name);
		text = oc_geo_pblk_advice(&geo);
		if (advices[i].word)
			KUNIT_EXPECT_TRUE_MSG(test, text &&
					      strstr(text, advices[i].word),
					      "%s", advices[i].name);
		else
			KUNIT_EXPECT_FALSE_MSG(test, text, "%s: %s",
					       advices[i].name, text);
	}
}

static const struct {
	const char *type;
	const char *cnlb;
	const char *param;	/* the one that is wrong, or NULL */
	u32 rnd_chk;
	u32 odd_chk;
	u32 odd_secs;
} shapes[] = {
	{ NULL, NULL, NULL, 0, 0, 96 },
	{ "", "", NULL, 0, 0, 96 },
	{ "sequential", NULL, NULL, 0, 0, 96 },
	{ "random", NULL, NULL, 60, 0, 96 },
	{ "random:1", "1:4", NULL, 1, 1, 4 },
	{ "random:60", "60:92", NULL, 60, 60, 92 },
	{ "random:0x10", "2:0x10", NULL, 16, 2, 16 },
	{ "random:", NULL, "type" },
	{ "random:0", NULL, "type" },
	{ "random:61", NULL, "type" },
	{ "random:-1", NULL, "type" },
	{ "random:1:1", NULL, "type" },
	{ "random:4294967297", NULL, "type" },
	{ "random1", NULL, "type" },
	{ "Random", NULL, "type" },
	{ NULL, "4", "cnlb" },
	{ NULL, ":4", "cnlb" },
	{ NULL, "0:4", "cnlb" },
	{ NULL, "61:4", "cnlb" },
	{ NULL, "1:", "cnlb" },
	{ NULL, "1:0", "cnlb" },
	{ NULL, "1:6", "cnlb" },
	{ NULL, "1:96", "cnlb" },
	{ NULL, "1:100", "cnlb" },
	{ NULL, "1:4:4", "cnlb" },
	{ NULL, "1:-4", "cnlb" },
	{ NULL, "000000000000001:4", "cnlb" },
};

static void geometry_shapes(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct oc_geo geo = { .num_chk = 60, .clba = 96, .ws_min = 4 };
		struct oc_complaint why = {};
		int ret = oc_geo_shape(&geo, shapes[i].type, shapes[i].cnlb,
				       &why);

		KUNIT_EXPECT_EQ_MSG(test, ret, shapes[i].param ? -EINVAL : 0,
				    "row %u", i);
		if (shapes[i].param) {
			KUNIT_EXPECT_STREQ_MSG(test, (const char *)why.param,
					       shapes[i].param, "row %u", i);
			continue;
		}
		KUNIT_EXPECT_EQ_MSG(test, geo.rnd_chk, shapes[i].rnd_chk,
				    "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, geo.odd_chk, shapes[i].odd_chk,
				    "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, geo.odd_secs, shapes[i].odd_secs,
				    "row %u", i);
	}
}

static struct kunit_case geometry_cases[] = {
	KUNIT_CASE(geometry_shapes),
	KUNIT_CASE(geometry_decodes_every_corner),
	KUNIT_CASE(geometry_decodes_each_sector_once),
	KUNIT_CASE(geometry_power_of_two_overflows_to_next_field),
	KUNIT_CASE(geometry_refuses),
	KUNIT_CASE(geometry_accepts),
	KUNIT_CASE(geometry_takes_no_stale_lengths),
	KUNIT_CASE(geometry_keeps_pblk_from_harm),
	KUNIT_CASE(geometry_advises_on_pblk),
	KUNIT_CASE(geometry_knows_pblks_room),
	{}
};

struct kunit_suite oc_geometry_suite = {
	.name = "oc_geometry",
	.test_cases = geometry_cases,
};
