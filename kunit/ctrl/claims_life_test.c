// SPDX-License-Identifier: GPL-2.0
/*
 * claims_life_test.c - what the logs of the media say is what has happened to it: a
 * table for each page, with a row for every field
 *
 * Endurance group and Sanitize (NVMe 1.4, 5.14), chunks and notices (OCSSD 2.0, 2.2).
 */
#include "claims.h"

/* ---- 09h and 81h ------------------------------------------------------- */

/* The same is said by SMART, there at @off */
static u64 smart_says(struct desk *d, u32 off)
{
	return get_log(d, NVME_LOG_SMART, 0, 0) ? U64_MAX :
		get_unaligned_le64(d->bc->data + off);
}

static void check_warning(struct desk *d, u64 val)
{
	expect(d, val == (smart_says(d, 6) & 0xff) &&
	       (val & 1) == (d->page[3] < d->page[4]), "warning", val);
}

static void check_used(struct desk *d, u64 val)
{
	expect(d, val && val == (smart_says(d, 5) & 0xff), "used", val);
}

/* SMART counts thousands of 512 bytes */
static void check_units_read(struct desk *d, u64 val)
{
	expect(d, val && val == DIV_ROUND_UP_ULL(smart_says(d, 32) * 512000,
						 1000000000), "read", val);
}

static void check_units_written(struct desk *d, u64 val)
{
	expect(d, val && val == DIV_ROUND_UP_ULL(smart_says(d, 48) * 512000,
						 1000000000), "written", val);
}

static void check_media_written(struct desk *d, u64 val)
{
	expect(d, val >= get_unaligned_le64(d->page + 64), "media", val);
}

static void check_host_reads(struct desk *d, u64 val)
{
	expect(d, val == 2 && val == smart_says(d, 64), "reads", val);
}

static void check_host_writes(struct desk *d, u64 val)
{
	expect(d, val == 1 && val == smart_says(d, 80), "writes", val);
}

static void check_media(struct desk *d, u64 val)
{
	expect(d, val == 1 && val == smart_says(d, 160), "media errors", val);
}

static void check_entries(struct desk *d, u64 val)
{
	expect(d, val == 1 && val == smart_says(d, 176), "entries", val);
}

static const struct claim endurance_log[] = {
	{ "critical warning", 0, 1, .check = check_warning },
	{ "available spare", 3, 1, 100 }, { "spare threshold", 4, 1, 10 },
	{ "percentage used", 5, 1, .check = check_used },
	{ "endurance estimate", 32, 16 },
	{ "units read", 48, 8, .check = check_units_read },
	{ "units written", 64, 8, .check = check_units_written },
	{ "media units written", 80, 8, .check = check_media_written },
	{ "host reads", 96, 8, .check = check_host_reads },
	{ "host writes", 112, 8, .check = check_host_writes },
	{ "media errors", 128, 8, .check = check_media },
	{ "error entries", 144, 8, .check = check_entries },
};

/* Nothing is written where all chunks are free */
static void check_sstat(struct desk *d, u64 val)
{
	const struct oc_wire_chunk *desc = (void *)d->bc->data;
	bool blank = true;
	u32 nsid, i;

	expect(d, (val & 0xff) == (get_unaligned_le32(d->page + 4) ? 1 : 0),
	       "last operation", val);
	for (nsid = 1; nsid <= 2; nsid++) {
		memset(d->bc->data, 0, 4096);
		expect(d, !get_log(d, OC_LOG_CHUNK_INFO, nsid, 0), "chunks",
		       nsid);
		for (i = 0; i < 16; i++)
			blank &= desc[i].cs == OC_WIRE_CS_FREE;
	}
	expect(d, (val >> 8) == blank, "nothing written", val);
}

/* That of the command; the case says of which */
static void check_scdw10(struct desk *d, u64 val)
{
	const u32 *dword = d->about;

	expect(d, val == *dword, "SCDW10", val);
}

/* Without times nobody knows how long an erase takes; there is no other kind */
static const struct claim sanitize_log[] = {
	{ "SPROG", 0, 2, 0xffff }, { "SSTAT", 2, 2, .check = check_sstat },
	{ "SCDW10", 4, 4, .check = check_scdw10 },
	{ "overwrite", 8, 4, ALL }, { "block erase", 12, 4, ALL },
	{ "crypto erase", 16, 4, ALL },
	{ "overwrite, no deallocation", 20, 4, ALL },
	{ "block erase, no deallocation", 24, 4, ALL },
	{ "crypto erase, no deallocation", 28, 4, ALL },
};

static void claims_of_life(struct kunit *test)
{
	u32 none = 0, erase = 2 | BIT(3);
	struct desk d;

	KUNIT_ASSERT_TRUE(test, desk_make(test, &d, KINDS, false, false));
	d.about = &none;
	fetch(&d, OC_LOG_SANITIZE, 0, 0);
	check_page(&d, sanitize_log, ARRAY_SIZE(sanitize_log), 4096);

	/* A write, a read, one that fails, and the only reset that a chunk is rated for */
	d.bench->dev->endurance = 1;
	bench_write_run(d.bench, 0, 24, 1);
	KUNIT_EXPECT_EQ(test, io(&d, nvme_cmd_read, 1, 0, 1), (u16)0);
	bench_set_faults(d.bench, "read-fail sec=3");
	KUNIT_EXPECT_EQ(test, io(&d, nvme_cmd_read, 1, 3, 1), (u16)0x4281);
	bench_reset_one(d.bench, 0);
	fetch(&d, OC_LOG_ENDURANCE, 0, 1);
	check_page(&d, endurance_log, ARRAY_SIZE(endurance_log), 4096);

	bench_write_run(d.bench, 0, 24, 1);
	fetch(&d, OC_LOG_SANITIZE, 0, 0);
	check_page(&d, sanitize_log, ARRAY_SIZE(sanitize_log), 4096);
	d.about = &erase;
	KUNIT_EXPECT_EQ(test, admin(&d, nvme_admin_sanitize_nvm, 0, erase, 0),
			(u16)0);
	flush_workqueue(d.bench->dev->admin_wq);
	fetch(&d, OC_LOG_SANITIZE, 0, 0);
	check_page(&d, sanitize_log, ARRAY_SIZE(sanitize_log), 4096);
	timer_delete_sync(&d.bench->ctrl.kato);
}

/* ---- CAh --------------------------------------------------------------- */

/* Chunk 3 of unit 2 of group 1, and where it is in the log */
#define CHUNK	(1 * 15 + 2 * 5 + 3)
#define CHUNKS	30

/**
 * struct story - what has happened to a chunk
 * @what:	in words
 * @resets:	so often it was filled and reset
 * @sectors:	written since
 * @offline:	it has gone
 * @cs:		its state
 */
struct story {
	const char *what;
	u32 resets;
	u32 sectors;
	bool offline;
	u8 cs;
};

static const struct story stories[] = {
	{ "new", 0, 0, false, 1 }, { "reset", 2, 0, false, 1 },
	{ "open", 1, 16, false, 4 }, { "closed", 0, 24, false, 2 },
	{ "offline", 0, 0, true, 8 },
};

static u64 geometry(struct desk *d, u32 off, u32 len)
{
	u64 val = 0;

	expect(d, !admin(d, OC_ADMIN_GEOMETRY, 1, 0, 0), "geometry", off);
	while (len--)
		val = val << 8 | d->bc->data[off + len];
	return val;
}

/* Does the chunk hold what was written into sector @sec, or else nothing? */
static bool holds(struct desk *d, u64 sec)
{
	u64 lba = get_unaligned_le64(d->page + 8) + sec;

	expect(d, !io(d, nvme_cmd_read, 1, lba, 1), "read", sec);
	if (!bench_compare(d->bc, 0, lba, 1))
		return true;
	expect(d, bench_is_blank(d->bc, 0), "no data", sec);
	return false;
}

static void check_cs(struct desk *d, u64 val)
{
	const struct story *story = d->about;

	expect(d, val == story->cs && holds(d, 0) == !!story->sectors, "CS", val);
}

static void check_wli(struct desk *d, u64 val)
{
	const struct story *story = d->about;

	expect(d, val == story->resets, "WLI", val);
}

/* The address that is put together as the geometry says */
static void check_slba(struct desk *d, u64 val)
{
	u64 lba = 1;

	lba = lba << geometry(d, 9, 1) | 2;
	lba = lba << geometry(d, 10, 1) | 3;
	expect(d, val == lba << geometry(d, 11, 1), "SLBA", val);
}

static void check_cnlb(struct desk *d, u64 val)
{
	const struct story *story = d->about;

	expect(d, val == geometry(d, 72, 4) && !holds(d, val) &&
	       holds(d, val - 1) == (story->sectors == val), "CNLB", val);
}

/* The next write goes there and nowhere else, until the chunk is reset */
static void check_wp(struct desk *d, u64 val)
{
	const struct story *story = d->about;
	u64 slba = get_unaligned_le64(d->page + 8);
	u16 before = 1, there = 1;

	if (story->sectors)
		before = io(d, nvme_cmd_write, 1, slba + story->sectors - 4, 4);
	expect(d, before, "WP, before", val);
	expect(d, io(d, nvme_cmd_write, 1, slba + story->sectors + 4, 4),
	       "WP, after", val);
	if (story->sectors < 24)
		there = io(d, nvme_cmd_write, 1, slba + story->sectors, 4);
	expect(d, !there == (story->cs == 1 || story->cs == 4), "WP, there",
	       there);
	expect(d, val == (story->offline ? U64_MAX : story->sectors), "WP",
	       val);
	expect(d, bench_reset_one(d->bench, slba) ==
	       (story->offline ? 0x42c0 : 0), "reset", story->cs);
}

static const struct claim chunk[] = {
	{ "CS", 0, 1, .check = check_cs }, { "CT", 1, 1, 1 },
	{ "WLI", 2, 1, .check = check_wli },
	{ "SLBA", 8, 8, .check = check_slba },
	{ "CNLB", 16, 8, .check = check_cnlb },
	{ "WP", 24, 8, .check = check_wp },
};

static void try_story(struct desk *d, const struct story *story)
{
	u64 lba = bench_lba(d->bench, 1, 2, 3, 0);
	u32 i;

	for (i = 0; i < story->resets; i++) {
		bench_write_run(d->bench, lba, 24, 2);
		bench_reset_one(d->bench, lba);
	}
	if (story->sectors)
		bench_write_run(d->bench, lba, story->sectors, 1);
	if (story->offline)
		bench_offline(d->bench, 1, 2 * 5 + 3);
	d->what = story->what;
	d->about = story;
	fetch(d, OC_LOG_CHUNK_INFO, 1, 0);
	/* All chunks of the namespace, and nothing else */
	for (i = 0; i < CHUNKS; i++)
		expect(d, d->page[32 * i] == (i == CHUNK ? story->cs : 1),
		       "state", i);
	expect(d, !memchr_inv(d->page + 32 * CHUNKS, 0, 4096 - 32 * CHUNKS),
	       "the end", CHUNKS);
	memmove(d->page, d->page + 32 * CHUNK, 32);
	check_page(d, chunk, ARRAY_SIZE(chunk), 32);
}

static void claims_of_chunks(struct kunit *test)
{
	struct desk d;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(stories); i++) {
		KUNIT_ASSERT_TRUE(test, desk_make(test, &d, KINDS, false,
						  false));
		try_story(&d, &stories[i]);
		timer_delete_sync(&d.bench->ctrl.kato);
	}
}

/* ---- D0h --------------------------------------------------------------- */

/**
 * struct news - what happens to chunk 0, and what the notice says of it
 * @what:	in words
 * @rules:	what fails
 * @resets:	so often it is reset; or sector 2 is read
 * @lba:	the block
 * @state:	what has become of it
 * @mask:	of what
 */
struct news {
	const char *what;
	const char *rules;
	u32 resets;
	u64 lba;
	u16 state;
	u8 mask;
};

static const struct news news[] = {
	{ "unreadable", "read-fail sec=2", 0, 2, OC_NOTICE_UNRECOVERABLE, 1 },
	{ "weak", "read-ecc sec=2", 0, 2, OC_NOTICE_ECC_HIGH, 1 },
	{ "gone", "reset-fail", 1, 0, OC_NOTICE_UNRECOVERABLE, 2 },
	{ "worn", "", 6, 0, OC_NOTICE_WEAR, 2 },
};

static void check_notice_lba(struct desk *d, u64 val)
{
	const struct news *n = d->about;

	expect(d, val == n->lba, "LBA", val);
}

/* What the notice tells, reads and the chunk's descriptor tell as well */
static void check_state(struct desk *d, u64 val)
{
	const struct news *n = d->about;
	struct oc_wire_chunk desc;

	expect(d, val == n->state, "state", val);
	d->bench->dev->ns[0].feedback = OC_FEEDBACK_HECC;
	if (n->mask == OC_NOTICE_LBAS)
		expect(d, io(d, nvme_cmd_read, 1, n->lba, 1) ==
		       (n->state == OC_NOTICE_ECC_HIGH ? 0x42d0 : 0x4281),
		       "read", val);
	get_log(d, OC_LOG_CHUNK_INFO, 1, 0);
	memcpy(&desc, d->bc->data, sizeof(desc));
	expect(d, (desc.cs == OC_WIRE_CS_OFFLINE) ==
	       (n->mask == OC_NOTICE_CHUNK && n->state != OC_NOTICE_WEAR),
	       "offline", desc.cs);
	expect(d, (desc.wli > geometry(d, 32, 1)) ==
	       (n->state == OC_NOTICE_WEAR), "wear", desc.wli);
}

static void check_mask(struct desk *d, u64 val)
{
	const struct news *n = d->about;

	expect(d, val == n->mask, "mask", val);
}

static const struct claim notice[] = {
	{ "NC", 0, 8, 1 }, { "LBA", 8, 8, .check = check_notice_lba },
	{ "NSID", 16, 4, 1 }, { "state", 20, 2, .check = check_state },
	{ "mask", 22, 1, .check = check_mask }, { "NLB", 32, 2 },
};

static void try_news(struct desk *d, const struct news *n)
{
	u32 i;

	d->what = n->what;
	d->about = n;
	d->bench->dev->geo.wit = 4;
	d->bench->dev->ns[0].geo.wit = 4;
	bench_set_faults(d->bench, n->rules);
	bench_write_run(d->bench, 0, 24, 1);
	for (i = 0; i < n->resets; i++) {
		bench_reset_one(d->bench, 0);
		bench_write_run(d->bench, 0, 24, 1);
	}
	if (!n->resets)
		io(d, nvme_cmd_read, 1, 2, 1);
	fetch(d, OC_LOG_NOTICES, ALL, 0);
	check_page(d, notice, ARRAY_SIZE(notice), 4096);
}

static void claims_of_notices(struct kunit *test)
{
	struct desk d;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(news); i++) {
		KUNIT_ASSERT_TRUE(test, desk_make(test, &d, KINDS, false,
						  false));
		try_news(&d, &news[i]);
		timer_delete_sync(&d.bench->ctrl.kato);
	}
}

static struct kunit_case claims_life_cases[] = {
	KUNIT_CASE(claims_of_life),
	KUNIT_CASE(claims_of_chunks),
	KUNIT_CASE(claims_of_notices),
	{}
};

struct kunit_suite oc_claims_life_suite = {
	.name = "oc_claims_life",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = claims_life_cases,
};
