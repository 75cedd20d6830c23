// SPDX-License-Identifier: GPL-2.0
/*
 * journal_test.c - commits, and what is left of them after a cut
 *
 * A model of whoever makes commits: it changes metadata at random, writes data that
 * commits rely on, puts sectors in place later, and moves the journal's beginning.
 * Then the power goes after each of its writes, any of which may be torn, lost or
 * come before others; what the replay finds is the state of one commit, not older than
 * the last that was flushed.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "disk.h"
#include "oc_journal.h"
#include "oc_test.h"

#define SECTORS		60U	/* metadata sectors in use */
#define COMMITS		32U
#define STATES		(COMMITS + 1)	/* and the one before the first */
#define SALT		0x5eed5a17U

/**
 * struct journal_bed - an image, and what its commits have said
 * @img:	superblock
 * @got:	the one that is read
 * @sb:		a superblock's bytes, twice
 * @disk:	where it is
 * @j:		its journal
 * @state:	of each sector, after each commit; 0 where there is none
 * @now:	the newest
 * @done:	flushes of the disk when a commit was complete
 * @stale:	sectors that are not in place
 * @seed:	random numbers
 * @data:	blocks of data written, ever
 * @refers:	to how many of them each commit refers
 * @cycle:	how far the journal's beginning is on its way
 * @tail:	where it will be: block
 * @tail_seq:	and number
 * @tail_used:	blocks before it
 */
struct journal_bed {
	struct oc_image img;
	struct oc_image got;
	struct oc_img_super sb[2];
	struct disk *disk;
	struct oc_journal j;
	u32 state[STATES][SECTORS];
	u32 now;
	u32 done[STATES];
	bool stale[SECTORS];
	u64 seed;
	u32 data;
	u32 refers[STATES];
	u32 cycle;
	u64 tail;
	u64 tail_seq;
	u64 tail_used;
};

static u64 bed_where(const struct journal_bed *bed, u32 i)
{
	return oc_layout_sector(&bed->img.lay, i % 2 ? OC_IMG_MAP :
				OC_IMG_CHUNK, 0, i / 2);
}

static void bed_sector(const struct journal_bed *bed, u32 i, u32 value,
		       u8 *sector)
{
	memset(sector, 0, OC_IMG_SECTOR);
	if (!value)
		return;
	memset(sector + sizeof(struct oc_img_head), value,
	       OC_IMG_SECTOR - sizeof(struct oc_img_head));
	memcpy(sector + sizeof(struct oc_img_head), &value, sizeof(value));
	oc_sector_seal(sector, SALT, bed_where(bed, i),
		       i % 2 ? OC_IMG_MAP : OC_IMG_CHUNK, 1, value);
}

static int bed_super(struct journal_bed *bed)
{
	u64 pos = ++bed->img.generation % 2 ? OC_IMG_SUPER_B : 0;

	oc_image_encode(&bed->img, &bed->sb[0]);
	return oc_backing_write(&bed->disk->backing, pos, &bed->sb[0],
				OC_IMG_SUPER);
}

static int bed_make(struct journal_bed *bed, u64 journal)
{
	struct oc_geo geo = bench_config().geo;
	struct oc_layout *lay = &bed->img.lay;
	int ret;

	geo.num_grp = 1;
	geo.num_chk = 100;
	bed->img.geo = geo;
	bed->img.salt = SALT;
	bed->img.incarnation = 1;
	bed->img.seq = 1;
	ret = oc_layout_init(lay, &geo, 4096, 16, false);
	if (ret)
		return ret;
	/* A short one wraps soon */
	if (journal)
		lay->region[OC_IMG_JOURNAL].bytes = journal;
	bed->disk = disk_make(lay->bytes);
	if (!bed->disk)
		return -ENOMEM;
	bed_super(bed);
	bed_super(bed);
	disk_record(bed->disk);
	return oc_journal_init(&bed->j, &bed->disk->backing, &bed->img);
}

/* Data in a slot that nothing refers to yet */
static int bed_data(struct journal_bed *bed, u8 *block, bool check)
{
	u64 pos = oc_layout_data(&bed->img.lay, 0, bed->data++, 4096);
	int ret;

	memset(block, bed->data, 4096);
	ret = oc_backing_write(&bed->disk->backing, pos, block, 4096);
	if (ret || !check)
		return ret;
	return oc_journal_check(&bed->j, pos / 512, 8,
				oc_img_crc(SALT, block, 4096));
}

/* Put all that is not in place there, as it is in the newest commit */
static int bed_sweep(struct journal_bed *bed, u8 *block)
{
	u32 i, k;
	int ret = 0;

	for (i = 0; i < SECTORS && !ret; i++) {
		u64 first = bed_where(bed, i) / 8 * 8;

		if (!bed->stale[i])
			continue;
		for (k = 0; k < SECTORS; k++) {
			u64 where = bed_where(bed, k);

			if (where / 8 * 8 != first)
				continue;
			bed_sector(bed, k, bed->state[bed->now][k],
				   block + (where - first) * 512);
			bed->stale[k] = false;
		}
		ret = oc_backing_write(&bed->disk->backing, first * 512, block,
				       4096);
	}
	return ret;
}

/* What goes with the journal's beginning, a step for each commit */
static int bed_cycle(struct journal_bed *bed, u8 *block, bool now)
{
	switch (bed->cycle) {
	case 0:
		if (!now && disk_random(&bed->seed, 3))
			return 0;
		bed->tail = bed->j.head;
		bed->tail_seq = bed->j.seq;
		bed->tail_used = bed->j.used;
		bed->cycle++;
		return bed_sweep(bed, block);
	case 1:
		bed->img.block = bed->tail;
		bed->img.seq = bed->tail_seq;
		bed->cycle++;
		return bed_super(bed);
	default:
		oc_journal_forget(&bed->j, bed->tail_used);
		bed->cycle = 0;
		return 0;
	}
}

static int bed_commit(struct journal_bed *bed, u8 *block)
{
	u32 n = disk_random(&bed->seed, 12), i, k;
	bool check = disk_random(&bed->seed, 2);
	int ret = 0;

	while (!ret && !oc_journal_fits(&bed->j, 16)) {
		/* What was swept after the last commit nobody has flushed yet */
		ret = oc_backing_flush(&bed->disk->backing);
		if (!ret)
			ret = bed_cycle(bed, block, true);
	}
	if (!ret)
		ret = oc_backing_flush(&bed->disk->backing);
	memcpy(bed->state[bed->now + 1], bed->state[bed->now],
	       sizeof(bed->state[0]));
	bed->now++;
	for (i = disk_random(&bed->seed, 4); i && !ret; i--)
		ret = bed_data(bed, block, check);
	bed->refers[bed->now] = bed->data;
	if (!check && !ret)
		ret = oc_backing_flush(&bed->disk->backing);
	for (i = 0; i < n && !ret; i++) {
		k = disk_random(&bed->seed, SECTORS);
		bed->state[bed->now][k] = (bed->now << 8) + i + 1;
		bed->stale[k] = true;
		bed_sector(bed, k, bed->state[bed->now][k], block);
		ret = oc_journal_meta(&bed->j, bed_where(bed, k), block);
	}
	if (!ret)
		ret = oc_journal_end(&bed->j);
	if (!ret)
		ret = oc_backing_flush(&bed->disk->backing);
	if (!ret)
		bed->done[bed->now] = bed->disk->flushes;
	return ret ? ret : bed_cycle(bed, block, false);
}

static int bed_work(struct journal_bed *bed)
{
	u8 *block = kzalloc(4096, GFP_KERNEL);
	int ret = block ? 0 : -ENOMEM;
	u32 i;

	for (i = 0; i < COMMITS && !ret; i++)
		ret = bed_commit(bed, block);
	kfree(block);
	return ret;
}

/* Are the data there that a commit refers to? */
static bool bed_has_data(struct journal_bed *bed, struct disk *disk, u32 c)
{
	u8 *block = kmalloc(4096, GFP_KERNEL);
	bool good = block;
	u32 i;

	for (i = 0; i < bed->refers[c] && good; i++) {
		oc_backing_read(&disk->backing,
				oc_layout_data(&bed->img.lay, 0, i, 4096),
				block, 4096);
		good = !memchr_inv(block, i + 1, 4096);
	}
	kfree(block);
	return good;
}

/* Which commit's state is in place? */
static int bed_which(struct journal_bed *bed, struct disk *disk)
{
	u8 *sector = kmalloc(OC_IMG_SECTOR, GFP_KERNEL);
	u32 value[SECTORS], i, c;
	struct oc_wrong wrong;
	int ret = 0;

	if (!sector)
		return -ENOMEM;
	for (i = 0; i < SECTORS && !ret; i++) {
		u64 where = bed_where(bed, i);

		oc_backing_read(&disk->backing, where * OC_IMG_SECTOR, sector,
				OC_IMG_SECTOR);
		memcpy(&value[i], sector + sizeof(struct oc_img_head),
		       sizeof(value[i]));
		ret = oc_sector_check(sector, SALT, where, i % 2 ? OC_IMG_MAP :
				      OC_IMG_CHUNK, &wrong);
		if (ret == -ENODATA)
			ret = 0;
	}
	kfree(sector);
	if (ret)
		return -EUCLEAN;
	for (c = bed->now + 1; c--; )
		if (!memcmp(bed->state[c], value, sizeof(value)) &&
		    bed_has_data(bed, disk, c))
			return c;
	return -EUCLEAN;
}

/* Load: superblocks, replay. Returns the commit that is found, or an errno */
static int bed_load(struct journal_bed *bed, struct disk *disk,
		    struct oc_replay *found)
{
	struct oc_wrong wrong;
	int ret;

	ret = oc_backing_read(&disk->backing, 0, &bed->sb[0], OC_IMG_SUPER);
	if (!ret)
		ret = oc_backing_read(&disk->backing, OC_IMG_SUPER_B,
				      &bed->sb[1], OC_IMG_SUPER);
	if (!ret)
		ret = oc_image_choose(&bed->got, &bed->sb[0], &bed->sb[1],
				      &wrong);
	if (!ret)
		ret = oc_journal_replay(&disk->backing, &bed->got, found,
					&wrong);
	if (ret)
		return ret;
	/* The load is over, and what looks at it does not fail */
	disk->fail_in = 0;
	return bed_which(bed, disk);
}

/* The newest commit that had to survive after so many flushes */
static u32 bed_promised(const struct journal_bed *bed, u32 flushes)
{
	u32 c = bed->now;

	while (c && (!bed->done[c] || bed->done[c] > flushes))
		c--;
	return c;
}

/* The power goes again while the image is loaded, at any moment of it */
static void bed_cut_again(struct kunit *test, struct journal_bed *bed,
			  struct disk *cut, int want)
{
	struct oc_replay found;
	struct disk *again;
	u32 nr;
	int got;

	for (nr = 0; nr <= cut->nr; nr += 1 + disk_random(&bed->seed, 4)) {
		again = disk_cut(cut, nr, &bed->seed);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, again);
		got = bed_load(bed, again, &found);
		KUNIT_EXPECT_EQ(test, got, want);
		disk_free(again);
	}
}

static void bed_cut(struct kunit *test, struct journal_bed *bed, u32 nr,
		    u32 flushes)
{
	struct disk *cut = disk_cut(bed->disk, nr, &bed->seed);
	struct oc_replay found;
	u32 least = bed_promised(bed, flushes);
	bool again = !disk_random(&bed->seed, 8);
	int got;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, cut);
	if (again)
		disk_record(cut);
	got = bed_load(bed, cut, &found);
	if (got < (int)least)
		KUNIT_FAIL(test, "cut after %u writes: commit %d, and %u was promised",
			   nr, got, least);
	if (again)
		bed_cut_again(test, bed, cut, got);
	/* The same once more */
	KUNIT_EXPECT_EQ(test, bed_load(bed, cut, &found), got);
	KUNIT_EXPECT_FALSE(test, cut->broken);
	disk_free(cut);
}

static int journal_test_init(struct kunit *test)
{
	/* Large, so not what a case's end frees one by one */
	struct journal_bed *bed = kvzalloc(sizeof(*bed), GFP_KERNEL);

	test->priv = bed;
	return bed ? 0 : -ENOMEM;
}

static void bed_end(struct journal_bed *bed)
{
	oc_journal_exit(&bed->j);
	disk_free(bed->disk);
	memset(bed, 0, sizeof(*bed));
}

static void journal_test_exit(struct kunit *test)
{
	if (!test->priv)
		return;
	bed_end(test->priv);
	kvfree(test->priv);
}

static void journal_empty_replays_nothing(struct kunit *test)
{
	struct journal_bed *bed = test->priv;
	struct oc_replay found;

	KUNIT_ASSERT_EQ(test, bed_make(bed, 0), 0);
	KUNIT_EXPECT_EQ(test, bed_load(bed, bed->disk, &found), 0);
	KUNIT_EXPECT_EQ(test, found.commits, 0ULL);
	KUNIT_EXPECT_FALSE(test, found.lost);
	/* Nothing was written, so nothing has to be flushed */
	KUNIT_EXPECT_EQ(test, bed->disk->nr, 0U);
}

/* One commit may be larger than a part; it is as whole as any */
static void journal_large_commit(struct kunit *test)
{
	struct journal_bed *bed = test->priv;
	u32 nr = 3 * OC_PART_ITEMS + 7, i, least;
	struct oc_replay found;
	u8 *sector;
	int got;

	KUNIT_ASSERT_EQ(test, bed_make(bed, 0), 0);
	sector = kunit_kzalloc(test, OC_IMG_SECTOR, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sector);
	bed->now = 1;
	KUNIT_ASSERT_TRUE(test, oc_journal_fits(&bed->j, nr));
	for (i = 0; i < nr; i++) {
		u32 k = i % SECTORS;

		bed->state[1][k] = 1000 + i;
		bed_sector(bed, k, 1000 + i, sector);
		KUNIT_ASSERT_EQ(test, oc_journal_meta(&bed->j,
						      bed_where(bed, k),
						      sector), 0);
	}
	KUNIT_ASSERT_EQ(test, oc_journal_end(&bed->j), 0);
	KUNIT_ASSERT_EQ(test, oc_backing_flush(&bed->disk->backing), 0);
	bed->done[1] = 1;
	for (i = 0; i <= bed->disk->nr; i++) {
		struct disk *cut = disk_cut(bed->disk, i, &(u64){ i + 1 });

		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, cut);
		got = bed_load(bed, cut, &found);
		least = i == bed->disk->nr;
		KUNIT_EXPECT_GE(test, got, (int)least);
		disk_free(cut);
	}
	got = bed_load(bed, bed->disk, &found);
	KUNIT_EXPECT_EQ(test, got, 1);
	KUNIT_EXPECT_EQ(test, found.commits, 1ULL);
	KUNIT_EXPECT_EQ(test, found.sectors, (u64)nr);
}

/* Every moment of a work, with random subsets of what was not flushed */
static void journal_any_cut(struct kunit *test)
{
	struct journal_bed *bed = test->priv;
	u32 run, nr, flushes, k, cuts = 0;
	const struct disk_op *op;

	for (run = 0; run < 2 * oc_effort; run++) {
		/* Every other one is as short as it can be, and wraps */
		KUNIT_ASSERT_EQ(test, bed_make(bed, run % 2 ? 20 * 4096 : 0), 0);
		bed->seed = 0x9e3779b97f4a7c15ULL * (run + 1);
		KUNIT_ASSERT_EQ(test, bed_work(bed), 0);
		if (run % 2)
			KUNIT_EXPECT_GT(test, bed->j.bytes, 20 * 4096ULL);
		nr = 0;
		flushes = 0;
		op = NULL;
		for (;;) {
			for (k = 0; k < 3; k++, cuts++)
				bed_cut(test, bed, nr, flushes);
			if (nr == bed->disk->nr)
				break;
			op = op ? list_next_entry(op, entry) :
				  list_first_entry(&bed->disk->ops,
						   struct disk_op, entry);
			flushes += !op->len;
			nr++;
		}
		KUNIT_EXPECT_FALSE(test, bed->disk->broken);
		bed_end(bed);
	}
	kunit_info(test, "%u cuts\n", cuts);
}

/* What an incarnation that ended has left is nothing to the next one */
static void journal_old_parts_do_not_count(struct kunit *test)
{
	struct journal_bed *bed = test->priv;
	struct oc_replay found;

	KUNIT_ASSERT_EQ(test, bed_make(bed, 0), 0);
	bed->seed = 1;
	KUNIT_ASSERT_EQ(test, bed_work(bed), 0);
	KUNIT_EXPECT_EQ(test, bed_load(bed, bed->disk, &found), (int)bed->now);
	/* The load ends with an empty journal, where all those parts still are */
	bed->img.incarnation++;
	bed->img.block = 0;
	bed->img.seq = 1;
	bed_super(bed);
	KUNIT_EXPECT_EQ(test, bed_load(bed, bed->disk, &found), (int)bed->now);
	KUNIT_EXPECT_EQ(test, found.commits, 0ULL);
	KUNIT_EXPECT_FALSE(test, found.lost);
}

/* Whatever fails, the error comes back */
static void journal_errors_of_the_backing(struct kunit *test)
{
	struct journal_bed *bed = test->priv;
	struct oc_replay found;
	u32 i, good = 0;

	for (i = 1; i < 60; i++) {
		KUNIT_ASSERT_EQ(test, bed_make(bed, 0), 0);
		bed->seed = i;
		bed->disk->fail_in = i;
		bed->disk->fail_all = true;
		good += !bed_work(bed);
		bed->disk->fail_in = 0;
		/* What was promised before it failed is there */
		KUNIT_EXPECT_GE(test, bed_load(bed, bed->disk, &found),
				(int)bed_promised(bed, bed->disk->flushes));
		bed_end(bed);
	}
	KUNIT_EXPECT_EQ(test, good, 0U);

	for (i = 1; i < 60; i++) {
		int got;

		KUNIT_ASSERT_EQ(test, bed_make(bed, 0), 0);
		bed->seed = i;
		KUNIT_ASSERT_EQ(test, bed_work(bed), 0);
		bed->disk->fail_in = i;
		got = bed_load(bed, bed->disk, &found);
		/* The transfer that was to fail may have come later */
		if (got != (int)bed->now)
			KUNIT_EXPECT_EQ(test, got, -EIO);
		bed->disk->fail_in = 0;
		KUNIT_EXPECT_EQ(test, bed_load(bed, bed->disk, &found),
				(int)bed->now);
		bed_end(bed);
	}
}

/* Bits that flip in the journal: an older commit, or an answer, and never an oops */
static void journal_damage(struct kunit *test)
{
	struct journal_bed *bed = test->priv;
	const struct oc_region *region;
	struct oc_replay found;
	u32 i, off;
	int got;

	KUNIT_ASSERT_EQ(test, bed_make(bed, 0), 0);
	bed->seed = 3;
	KUNIT_ASSERT_EQ(test, bed_work(bed), 0);
	region = &bed->img.lay.region[OC_IMG_JOURNAL];
	for (i = 0; i < 500 * oc_effort; i++) {
		struct disk *cut = disk_cut(bed->disk, bed->disk->nr,
					    &bed->seed);
		u8 *block;

		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, cut);
		off = disk_random(&bed->seed, bed->j.bytes);
		block = xa_load(&cut->blocks, (region->start + off) / 4096);
		if (block)
			block[off % 4096] ^= BIT(disk_random(&bed->seed, 8));
		got = bed_load(bed, cut, &found);
		/* Sectors that are in place already are newer: no state, but known */
		KUNIT_EXPECT_TRUE(test, got >= 0 || got == -EUCLEAN);
		disk_free(cut);
	}
}

static struct kunit_case journal_cases[] = {
	KUNIT_CASE(journal_empty_replays_nothing),
	KUNIT_CASE(journal_large_commit),
	KUNIT_CASE(journal_any_cut),
	KUNIT_CASE(journal_old_parts_do_not_count),
	KUNIT_CASE(journal_errors_of_the_backing),
	KUNIT_CASE(journal_damage),
	{ }
};

struct kunit_suite oc_journal_suite = {
	.name = "oc_journal",
	.init = journal_test_init,
	.exit = journal_test_exit,
	.test_cases = journal_cases,
};
