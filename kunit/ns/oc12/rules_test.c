// SPDX-License-Identifier: GPL-2.0
/*
 * rules_test.c - in which order pages are written, how they fail, and how long they take
 */
#include <linux/bits.h>
#include <linux/kernel.h>

#include "oc_fault.h"
#include "nand_bed.h"

/* ---- order of writes -------------------------------------------------- */

/*
 * struct order - a write after two pages of a block of two planes
 * @name:	what it is
 * @pg:		its first page
 * @sec:	its first sector in that page
 * @nr:		sectors on each plane
 * @planes:	bit i: plane i
 * @strict:	status with strict=1
 */
static const struct order {
	const char *name;
	u32 pg;
	u32 sec;
	u32 nr;
	u32 planes;
	u16 strict;
} orders[] = {
	{ "the next page", 2, 0, 4, 3, 0 },
	{ "the next four pages", 2, 0, 16, 3, 0 },
	{ "one plane only", 2, 0, 4, 1, INVALID },
	{ "the other plane only", 2, 0, 4, 2, INVALID },
	{ "half a page", 2, 0, 2, 3, INVALID },
	{ "a page and a half", 2, 0, 6, 3, INVALID },
	{ "one sector", 2, 0, 1, 1, INVALID },
	{ "a page left out", 3, 0, 4, 3, WRITE_FAIL },
	{ "the last page", 5, 0, 4, 3, WRITE_FAIL },
	{ "a page for the second time", 1, 0, 4, 3, WRITE_FAIL },
	{ "from the middle of a page", 2, 2, 4, 3, WRITE_FAIL },
};

static u32 put_order(struct bench_cmd *bc, const struct order *row)
{
	u32 pln, i, nr = 0;

	for (pln = 0; pln < 2; pln++)
		for (i = 0; i < row->nr && row->planes & BIT(pln); i++) {
			u32 sec = row->pg * 4 + row->sec + i;

			bc->lba[nr++] = nand_ppa(bc->bench, 1, 2, 3, sec / 4, pln,
						 sec % 4);
		}
	return nr;
}

static void oc12_strict_writes_follow_nand(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		const struct order *row = &orders[i];
		struct bench *bench = nand_bench(test, 2, true, "oc12");
		struct bench_cmd *bc;
		u32 nr;

		KUNIT_ASSERT_EQ(test, nand_write(bench, 2, 3, 2, 1), (u16)0);
		bc = bench_cmd(bench);
		nr = put_order(bc, row);
		KUNIT_EXPECT_EQ_MSG(test, nand_run(bc, 0x91, nr, DUAL, 2), row->strict,
				    "%s", row->name);
		KUNIT_EXPECT_EQ(test, bench_bitmap(bc), row->strict ?
				GENMASK_ULL(nr - 1, 0) : 0ULL);
		KUNIT_EXPECT_EQ_MSG(test, bench_used(bench),
				    16 + (row->strict ? 0 : nr), "%s",
				    row->name);
		KUNIT_EXPECT_EQ(test, nand_chunk(bench, 1, 2, 3, 1)->wp,
				8 + (row->strict ? 0 : row->nr));
	}
}

static void oc12_strict_refusal_is_of_all_channels(struct kunit *test)
{
	struct bench *bench = nand_bench(test, 1, true, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i;

	/* Good on channels 0 and 2, out of order on channel 1 */
	for (i = 0; i < 12; i++)
		bc->lba[i] = nand_ppa(bench, i / 4, 0, 0, i / 4 == 1, 0, i % 4);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x91, 12, 0, 1), WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0xfffULL);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
	/* The same sector twice; and a page whose sectors are out of order */
	for (i = 0; i < 4; i++)
		bc->lba[i] = nand_ppa(bench, 0, 0, 0, 0, 0, i / 2);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x91, 4, 0, 1), WRITE_FAIL);
	for (i = 0; i < 4; i++)
		bc->lba[i] = nand_ppa(bench, 0, 0, 0, 0, 0, 3 - i);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x91, 4, 0, 1), WRITE_FAIL);
	/* An address that names nothing: its bit, and nothing is written */
	for (i = 0; i < 4; i++)
		bc->lba[i] = nand_ppa(bench, 0, 0, 0, 0, 0, i);
	bc->lba[4] = nand_ppa(bench, 0, 3, 0, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x91, 5, 0, 1), INVALID);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0x10ULL);
	/* More addresses than a list holds */
	bench_vector(bc, 0x91, 1);
	nand_rw(bc)->nppa = cpu_to_le16(64);
	KUNIT_EXPECT_EQ(test, bench_run(bc), INVALID);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
}

static void oc12_without_strict_any_write_goes(struct kunit *test)
{
	struct bench *bench = nand_bench(test, 2, false, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i, nr;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		nr = put_order(bc, &orders[i]);
		KUNIT_EXPECT_EQ_MSG(test, nand_run(bc, 0x91, nr, DUAL, i), (u16)0, "%s",
				    orders[i].name);
	}
	/* Page 1 is the last but one row's; page 0 was never written */
	nr = nand_page(bc, 0, 2, 3, 1, 0, 2);
	nr = nand_page(bc, nr, 2, 3, 0, 0, 1);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x92, nr, DUAL, 0), EMPTY_PAGE);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0xf00ULL);
	KUNIT_EXPECT_EQ(test, bench_compare(bc, 5, bc->lba[5], 9), 0U);
	/* Overwritten sectors count once: pages 1 to 5 of two planes */
	KUNIT_EXPECT_EQ(test, bench_used(bench), 40U);
	KUNIT_EXPECT_EQ(test, nand_chunk(bench, 1, 2, 3, 0)->wp, 20U);
	nr = nand_page(bc, 0, 2, 3, 0, 0, 2);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x91, nr, DUAL, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)nand_chunk(bench, 1, 2, 3, 0)->state,
			(u32)OC_CHK_CLOSED);
	/* A full block takes a sector once more; an erase takes it all */
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x91, 1, 0, 4), (u16)0);
	KUNIT_EXPECT_EQ(test, nand_erase(bench, bc->lba[0], DUAL), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x92, 1, 0, 0), EMPTY_PAGE);
	/* A single sector far in, and the whole is given back with gaps */
	bc->lba[0] = nand_ppa(bench, 1, 2, 3, 5, 1, 2);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x91, 1, 0, 4), (u16)0);
	KUNIT_EXPECT_EQ(test, nand_erase(bench, bc->lba[0], 0), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
}

/* ---- faults ----------------------------------------------------------- */

/* Write one page, on all planes */
static u16 write_page(struct bench *bench, u32 lun, u32 blk, u32 pg)
{
	u32 num_pln = bench->dev->geo.num_pln;
	struct bench_cmd *bc = bench_cmd(bench);
	u16 status;

	status = nand_run(bc, 0x91, nand_page(bc, 0, lun, blk, pg, 0, num_pln),
			  num_pln >> 1, 1);
	bench_cmd_free(bc);
	return status;
}

/* A page whose program fails closes its block: the next has to wait */
static void oc12_closed_takes_no_page(struct kunit *test)
{
	struct bench *bench = nand_bench(test, 1, true, "oc12");
	__le64 addr;

	bench_set_faults(bench, "write-close sec=0 times=1");
	KUNIT_EXPECT_EQ(test, nand_write(bench, 2, 1, 1, 1), WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, (u32)nand_chunk(bench, 1, 2, 1, 0)->state,
			(u32)OC_CHK_CLOSED);
	KUNIT_EXPECT_EQ(test, nand_chunk(bench, 1, 2, 1, 0)->wp, 4U);
	KUNIT_EXPECT_EQ(test, write_page(bench, 2, 1, 1), WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, nand_chunk(bench, 1, 2, 1, 0)->wp, 4U);

	/* Nor when it has been bad in between */
	addr = cpu_to_le64(nand_ppa(bench, 1, 2, 1, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, oc12_bbt_set(&bench->dev->ns[0], &addr, 1, 2), (u16)0);
	KUNIT_EXPECT_EQ(test, oc12_bbt_set(&bench->dev->ns[0], &addr, 1, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)nand_chunk(bench, 1, 2, 1, 0)->state,
			(u32)OC_CHK_CLOSED);
	KUNIT_EXPECT_EQ(test, nand_erase(bench, nand_ppa(bench, 1, 2, 1, 0, 0, 0), 0),
			(u16)0);
	KUNIT_EXPECT_EQ(test, nand_write(bench, 2, 1, 6, 1), (u16)0);
}

static u64 rule_seen(const struct bench *bench, u32 rule)
{
	return bench->dev->ch[1].faults->state[rule].seen;
}

/* A page is one operation, and fails as one, in whatever order a list names it */
static void oc12_faults_see_pages(struct kunit *test)
{
	struct bench *bench = nand_bench(test, 2, true, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i;

	bench_set_faults(bench, "write-fail chk=3 sec=2");
	/* Pages 0 and 1 of block 1, from plane to plane with each sector */
	for (i = 0; i < 16; i++)
		bc->lba[i] = nand_ppa(bench, 1, 2, 1, i / 8, i % 2, i / 2 % 4);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x91, 16, DUAL, 1), WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0xaaULL);
	KUNIT_EXPECT_EQ(test, rule_seen(bench, 0), 1ULL);
	KUNIT_EXPECT_EQ(test, nand_chunk(bench, 1, 2, 1, 0)->wp, 8U);
	KUNIT_EXPECT_EQ(test, nand_chunk(bench, 1, 2, 1, 1)->wp, 8U);

	/* Four pages, asked once each */
	bench_set_faults(bench, "write-fail times=1 after=3");
	for (i = 0; i < 16; i++)
		bc->lba[i] = nand_ppa(bench, 1, 2, 1, 2 + i / 8, i % 2, i / 2 % 4);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x91, 16, DUAL, 1), WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0xaa00ULL);
	KUNIT_EXPECT_EQ(test, rule_seen(bench, 0), 4ULL);

	/* Closed is closed, though the other plane comes in between */
	bench_set_faults(bench, "write-close chk=2 sec=16-19 times=1");
	for (i = 0; i < 16; i++)
		bc->lba[i] = nand_ppa(bench, 1, 2, 1, 4 + i / 8, i % 2, i / 2 % 4);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x91, 16, DUAL, 1), WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0x5555ULL);
	KUNIT_EXPECT_EQ(test, (u32)nand_chunk(bench, 1, 2, 1, 0)->state,
			(u32)OC_CHK_CLOSED);
	bench_vector(bc, 0x92, 16);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_EQ_MSG(test, i % 2 ?
				    !bench_compare(bc, i, bc->lba[i], 1) :
				    bench_is_blank(bc, i), true, "sector %u",
				    i);
}

/* ws_min means nothing to a namespace that is written by pages */
static void oc12_faults_have_no_ws_min(struct kunit *test)
{
	struct oc_config cfg = nand_config(1, true, "oc12");
	struct bench_cmd *bc;
	struct bench *bench;

	cfg.geo.ws_min = 8;
	bench = bench_remake(test, &cfg);
	bc = bench_cmd(bench);
	bench_set_faults(bench, "write-close sec=4");
	nand_page(bc, 0, 0, 1, 0, 0, 1);
	nand_page(bc, 4, 0, 1, 1, 0, 1);
	nand_page(bc, 8, 0, 1, 2, 0, 1);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x91, 12, 0, 1), WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0xff0ULL);
	KUNIT_EXPECT_EQ(test, rule_seen(bench, 0), 1ULL);
}

/* Without an order, a unit listed backwards is a unit too */
static void oc12_faults_without_order(struct kunit *test)
{
	struct bench *bench = nand_bench(test, 1, false, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i;

	bench_set_faults(bench, "write-fail sec=0;write-fail after=1 times=1");
	/* Page 1 and page 0, last sector first */
	for (i = 0; i < 8; i++)
		bc->lba[i] = nand_ppa(bench, 1, 0, 1, (7 - i) / 4, 0, 3 - i % 4);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x91, 8, 0, 1), WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0xf0ULL);
	KUNIT_EXPECT_EQ(test, rule_seen(bench, 0), 1ULL);
	KUNIT_EXPECT_EQ(test, rule_seen(bench, 1), 1ULL);
}

/* ---- time --------------------------------------------------------------- */

static const struct span_row {
	const char *name;
	u8 opcode;
	u32 nr;		/* planes listed, a page of each for reads and writes */
	u16 control;
	u64 ns;
} span_rows[] = {
	{ "write, quad", 0x91, 4, QUAD, 2000000 },
	{ "write, dual", 0x91, 4, DUAL, 4000000 },
	{ "write, single", 0x91, 4, 0, 8000000 },
	{ "read, quad", 0x92, 4, QUAD, 1000000 },
	{ "read, dual", 0x92, 4, DUAL, 2000000 },
	{ "read, single", 0x92, 4, 0, 4000000 },
	{ "read of one plane, quad", 0x92, 1, QUAD, 1000000 },
	{ "erase of one, quad", 0x90, 1, QUAD, 3000000 },
	{ "erase of one, dual", 0x90, 1, DUAL, 6000000 },
	{ "erase of one, single", 0x90, 1, 0, 3000000 },
	{ "erase of all, quad", 0x90, 4, QUAD, 3000000 },
	{ "erase of all, dual", 0x90, 4, DUAL, 6000000 },
	{ "erase of all, single", 0x90, 4, 0, 12000000 },
};

/* From a command's arrival to when its die is idle: no clock is read */
static void oc12_planes_work_at_the_same_time(struct kunit *test)
{
	u32 i, pln;

	for (i = 0; i < ARRAY_SIZE(span_rows); i++) {
		const struct span_row *row = &span_rows[i];
		struct oc_config cfg = nand_config(4, true, "oc12");
		struct bench *bench;
		struct bench_cmd *bc;
		u64 idle;
		u32 nr;

		cfg.timing = "read=1ms,prog=2ms,erase=3ms";
		bench = bench_remake(test, &cfg);
		bc = bench_cmd(bench);
		if (row->opcode == 0x92)
			KUNIT_ASSERT_EQ(test, nand_write(bench, 1, 2, 1, 1), (u16)0);
		nr = nand_page(bc, 0, 1, 2, 0, 0, row->nr);
		if (row->opcode == 0x90)
			for (pln = 0, nr = row->nr; pln < nr; pln++)
				bc->lba[pln] = nand_ppa(bench, 1, 1, 2, 0, pln, 0);
		KUNIT_EXPECT_EQ(test, nand_run(bc, row->opcode, nr, row->control, 1),
				(u16)0);
		idle = bench->dev->ch[1].clock.die[1].idle_ns;
		KUNIT_EXPECT_EQ_MSG(test, idle - bc->cmd.arrival_ns, row->ns, "%s",
				    row->name);
	}
}

/* Sectors named twice, at a block's end: time must not run backwards or away */
static void oc12_time_of_doubled_sectors(struct kunit *test)
{
	struct oc_config cfg = nand_config(2, false, "oc12");
	struct bench *bench;
	struct bench_cmd *bc;
	u32 i;

	cfg.timing = "prog=2ms,bus=1us";
	bench = bench_remake(test, &cfg);
	bc = bench_cmd(bench);
	for (i = 0; i < 64; i++)
		bc->lba[i] = nand_ppa(bench, 1, 1, 2, 5, 1, 3);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x91, 64, 0, 1), (u16)0);
	KUNIT_EXPECT_LE(test, bench->dev->ch[1].clock.die[1].idle_ns,
			bc->cmd.arrival_ns + 3000000);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 1U);
}

static struct kunit_case oc12_rules_cases[] = {
	KUNIT_CASE(oc12_strict_writes_follow_nand),
	KUNIT_CASE(oc12_strict_refusal_is_of_all_channels),
	KUNIT_CASE(oc12_without_strict_any_write_goes),
	KUNIT_CASE(oc12_closed_takes_no_page),
	KUNIT_CASE(oc12_faults_see_pages),
	KUNIT_CASE(oc12_faults_have_no_ws_min),
	KUNIT_CASE(oc12_faults_without_order),
	KUNIT_CASE(oc12_planes_work_at_the_same_time),
	KUNIT_CASE(oc12_time_of_doubled_sectors),
	{}
};

struct kunit_suite oc_oc12_rules_suite = {
	.name = "oc_oc12_rules",
	.exit = bench_exit,
	.test_cases = oc12_rules_cases,
};
