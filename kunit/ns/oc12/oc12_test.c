// SPDX-License-Identifier: GPL-2.0
/*
 * oc12_test.c - namespaces of OCSSD 1.2: addresses, identity, bad blocks, planes,
 * the order of writes, and the hybrid mapping
 *
 * Expected addresses, offsets and status values are written out here, from the
 * specification; none come from the code under test.
 */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/slab.h>

#include "oc12.h"
#include "oc_fault.h"
#include "oc_test.h"

#define WRITE_FAIL	0x40ff
#define EMPTY_PAGE	0x42ff
#define INVALID		0x4002
#define OUT_OF_RANGE	0x4080

#define DUAL		1
#define QUAD		2

/* 3 channels of 3 LUNs of 4 blocks per plane of 6 pages of 4 sectors */
static struct oc_config oc12_config(u32 num_pln, bool strict, const char *ns)
{
	struct oc_config cfg = bench_config();

	cfg.geo.num_grp = 3;
	cfg.geo.num_pln = num_pln;
	cfg.geo.num_chk = 4 * num_pln;
	cfg.strict = strict;
	cfg.ns = ns;
	return cfg;
}

static struct bench *oc12_bench(struct kunit *test, u32 num_pln, bool strict,
				const char *ns)
{
	struct oc_config cfg = oc12_config(num_pln, strict, ns);

	return bench_remake(test, &cfg);
}

/* Bits, from 0 upwards: 2 sector, log2 planes, 3 page, 2 block, 2 LUN, 2 ch */
static u64 ppa(const struct bench *bench, u32 ch, u32 lun, u32 blk, u32 pg,
	       u32 pln, u32 sec)
{
	u64 addr = ch;

	addr = addr << 2 | lun;
	addr = addr << 2 | blk;
	addr = addr << 3 | pg;
	addr = (addr << ilog2(bench->dev->geo.num_pln)) + pln;
	return addr << 2 | sec;
}

static struct oc12_wire_rw *rw(struct bench_cmd *bc)
{
	return (void *)&bc->sqe;
}

/* Page @pg of a block, on @nr planes from @pln on, into @bc->lba */
static u32 put_page(struct bench_cmd *bc, u32 at, u32 lun, u32 blk, u32 pg,
		    u32 pln, u32 nr)
{
	u32 k, sec;

	for (k = 0; k < nr; k++)
		for (sec = 0; sec < 4; sec++)
			bc->lba[at++] = ppa(bc->bench, 1, lun, blk, pg,
					    pln + k, sec);
	return at;
}

static u16 run_list(struct bench_cmd *bc, u8 opcode, u32 nr, u16 control,
		    u32 seed)
{
	bench_vector(bc, opcode, nr);
	rw(bc)->control = cpu_to_le16(control);
	if (opcode == OC_CMD_VECTOR_WRITE)
		bench_fill(bc, nr, seed);
	return bench_run(bc);
}

/* Write pages 0 to @pages - 1 of a block of channel 1, on all planes */
static u16 write_pages(struct bench *bench, u32 lun, u32 blk, u32 pages,
		       u32 seed)
{
	u32 num_pln = bench->dev->geo.num_pln, pg;
	struct bench_cmd *bc = bench_cmd(bench);
	u16 status = 0;

	for (pg = 0; pg < pages && !status; pg++) {
		u32 nr = put_page(bc, 0, lun, blk, pg, 0, num_pln);

		status = run_list(bc, 0x91, nr, num_pln >> 1, seed);
	}
	bench_cmd_free(bc);
	return status;
}

/* Write one page, on all planes */
static u16 write_page(struct bench *bench, u32 lun, u32 blk, u32 pg)
{
	u32 num_pln = bench->dev->geo.num_pln;
	struct bench_cmd *bc = bench_cmd(bench);
	u16 status;

	status = run_list(bc, 0x91, put_page(bc, 0, lun, blk, pg, 0, num_pln),
			  num_pln >> 1, 1);
	bench_cmd_free(bc);
	return status;
}

static u16 erase(struct bench *bench, u64 addr, u16 control)
{
	struct bench_cmd *bc = bench_cmd(bench);
	u16 status;

	bc->lba[0] = addr;
	status = run_list(bc, 0x90, 1, control, 0);
	bench_cmd_free(bc);
	return status;
}

static struct oc_chunk *chunk_of(const struct bench *bench, u32 ch, u32 lun,
				 u32 blk, u32 pln)
{
	const struct oc_geo *geo = &bench->dev->geo;

	return &bench->dev->ch[ch].chunks[lun * geo->num_chk +
					  blk * geo->num_pln + pln];
}

/* ---- addresses -------------------------------------------------------- */

static void oc12_every_address_is_round(struct kunit *test)
{
	static const u32 planes[] = { 1, 2, 4 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(planes); i++) {
		struct bench *bench = oc12_bench(test, planes[i], true, "oc12");
		u32 total = 3 * 3 * 4 * 6 * 4 * planes[i], lin, wrong = 0;
		const struct oc_geo *geo;
		const struct oc12 *o;

		geo = &bench->dev->ns[0].geo;
		o = bench->dev->ns[0].priv;
		KUNIT_EXPECT_EQ(test, oc_geo_sectors(geo), (u64)total);
		/* Counted through: sector, plane, page, block, LUN, channel */
		for (lin = 0; lin < total; lin++) {
			u32 sec = lin % 4, rest = lin / 4;
			u32 pln = rest % planes[i], pg, blk, lun, ch;
			struct oc_addr addr, back;
			u64 a;

			rest /= planes[i];
			pg = rest % 6;
			blk = rest / 6 % 4;
			lun = rest / 24 % 3;
			ch = rest / 72;
			a = ppa(bench, ch, lun, blk, pg, pln, sec);
			if (!oc12_decode(o, geo, a, &addr) || addr.grp != ch ||
			    addr.chk != (lun * 4 + blk) * planes[i] + pln ||
			    addr.sec != pg * 4 + sec ||
			    oc12_encode(o, geo, &addr) != a ||
			    oc12_linear(o, geo, &addr) != lin)
				wrong++;
			oc12_from_linear(o, geo, lin, &back);
			if (memcmp(&back, &addr, sizeof(addr)))
				wrong++;
		}
		KUNIT_EXPECT_EQ(test, wrong, 0U);
	}
}

static void oc12_holes_and_high_bits_are_no_address(struct kunit *test)
{
	struct bench *bench = oc12_bench(test, 2, true, "oc12");
	const struct oc_geo *geo = &bench->dev->ns[0].geo;
	struct oc_addr addr;
	const struct oc12 *o;
	u32 bit;

	o = bench->dev->ns[0].priv;
	KUNIT_EXPECT_FALSE(test, oc12_decode(o, geo, ppa(bench, 3, 0, 0, 0, 0, 0),
					     &addr));
	KUNIT_EXPECT_FALSE(test, oc12_decode(o, geo, ppa(bench, 0, 3, 0, 0, 0, 0),
					     &addr));
	KUNIT_EXPECT_FALSE(test, oc12_decode(o, geo, ppa(bench, 0, 0, 0, 6, 0, 0),
					     &addr));
	KUNIT_EXPECT_EQ(test, oc12_nsze(o), BIT_ULL(12));
	for (bit = 12; bit < 64; bit++)
		KUNIT_EXPECT_FALSE(test, oc12_decode(o, geo, BIT_ULL(bit),
						     &addr));
	/* A block's and a LUN's address do not look at what is below */
	KUNIT_EXPECT_TRUE(test, oc12_decode_blk(o, geo,
						ppa(bench, 2, 1, 3, 7, 1, 3),
						&addr));
	KUNIT_EXPECT_EQ(test, addr.chk, (1U * 4 + 3) * 2 + 1);
	KUNIT_EXPECT_EQ(test, addr.sec, 0U);
	KUNIT_EXPECT_TRUE(test, oc12_decode_lun(o, geo,
						ppa(bench, 2, 1, 3, 7, 1, 3),
						&addr));
	KUNIT_EXPECT_EQ(test, addr.chk, 8U);
	KUNIT_EXPECT_FALSE(test, oc12_decode_lun(o, geo, BIT_ULL(63), &addr));
}

static const struct refusal {
	const char *name;
	const char *param;
	u32 num_grp, num_pu, num_chk, clba, lba_size, oob_size, num_pln, spp;
	const char *ns;
} refusals[] = {
	{ "planes 3", "num_pln", 1, 1, 12, 24, 512, 16, 3, 4, "oc12" },
	{ "planes 8", "num_pln", 1, 1, 16, 24, 512, 16, 8, 4, "oc12" },
	{ "planes 0", "num_pln", 1, 1, 16, 24, 512, 16, 0, 4, "oc12" },
	{ "page 3", "secs_per_pg", 1, 1, 16, 24, 512, 16, 1, 3, "oc12" },
	{ "page 32", "secs_per_pg", 1, 1, 16, 64, 512, 16, 1, 32, "oc12" },
	{ "planes, chunks", "num_chk", 1, 1, 6, 24, 512, 16, 4, 4, "oc12" },
	{ "page, clba", "clba", 1, 1, 6, 24, 512, 16, 1, 16, "oc12" },
	{ "channels", "ns", 256, 1, 4, 8, 512, 16, 1, 4, "oc12" },
	{ "LUNs", "num_pu", 1, 256, 4, 8, 512, 16, 1, 4, "oc12" },
	{ "blocks", "num_chk", 1, 1, 65536, 8, 512, 16, 1, 4, "oc12" },
	{ "pages", "clba", 1, 1, 4, 65536 * 4, 512, 16, 1, 4, "oc12" },
	{ "page bytes", "secs_per_pg", 1, 1, 4, 64, 16384, 16, 1, 4, "oc12" },
	{ "no OOB", "oob_size", 1, 1, 4, 64, 4096, 0, 1, 1, "oc12" },
	{ "hybrid size", "ns", 2, 128, 16384, 1024, 512, 16, 1, 4, "oc12h" },
};

static void oc12_combinations_are_checked(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(refusals); i++) {
		const struct refusal *row = &refusals[i];
		struct oc_config cfg = bench_config();
		struct oc_complaint why = { };
		struct oc_dev *dev;

		cfg.geo.num_grp = row->num_grp;
		cfg.geo.num_pu = row->num_pu;
		cfg.geo.num_chk = row->num_chk;
		cfg.geo.clba = row->clba;
		cfg.geo.lba_size = row->lba_size;
		cfg.geo.oob_size = row->oob_size;
		cfg.geo.num_pln = row->num_pln;
		cfg.geo.secs_per_pg = row->spp;
		cfg.ns = row->ns;
		dev = oc_dev_create(&cfg, &why);
		KUNIT_EXPECT_TRUE_MSG(test, IS_ERR(dev), "%s", row->name);
		if (!IS_ERR(dev)) {
			oc_dev_destroy(dev);
			continue;
		}
		KUNIT_EXPECT_EQ_MSG(test, PTR_ERR(dev), (long)-EINVAL, "%s",
				    row->name);
		KUNIT_EXPECT_STREQ_MSG(test, why.param ? why.param : "none",
				       row->param, "%s wants %s", row->name,
				       why.want);
	}
}

/* ---- identity --------------------------------------------------------- */

static u32 le(const u8 *page, u32 off, u32 len)
{
	u32 val = 0;

	while (len--)
		val = val << 8 | page[off + len];
	return val;
}

static void oc12_identity_to_the_byte(struct kunit *test)
{
	static const struct {
		u32 off, len, want;
	} fields[] = {
		{ 0, 1, 1 }, { 1, 1, 0 }, { 2, 1, 1 }, { 3, 1, 0 },
		{ 4, 4, 1 }, { 8, 4, 0 },
		/* offset and length: ch, lun, pln, blk, pg, sec */
		{ 12, 2, 0x020a }, { 14, 2, 0x0208 }, { 16, 2, 0x0102 },
		{ 18, 2, 0x0206 }, { 20, 2, 0x0303 }, { 22, 2, 0x0200 },
		{ 256, 1, 0 }, { 257, 1, 0 }, { 260, 1, 3 }, { 261, 1, 3 },
		{ 262, 1, 2 }, { 264, 2, 4 }, { 266, 2, 6 }, { 268, 2, 2048 },
		{ 270, 2, 512 }, { 272, 2, 16 }, { 276, 4, 70000 },
		{ 284, 4, 1900000 }, { 292, 4, 3000000 },
		{ 300, 4, 0x030303 }, { 308, 2, 3 }, { 320, 4, 0 },
		{ 1216, 4, 0 },
	};
	struct bench *bench = oc12_bench(test, 2, true, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i;

	bc->sqe.common.opcode = 0xe2;
	bc->sqe.common.nsid = cpu_to_le32(1);
	bench_data(bc, true, 4096);
	KUNIT_ASSERT_EQ(test, bench_run_admin(bc), (u16)0);
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		KUNIT_EXPECT_EQ_MSG(test, le(bc->data, fields[i].off,
					     fields[i].len),
				    fields[i].want, "byte %u", fields[i].off);
}

static void oc12_planes_in_the_identity(struct kunit *test)
{
	static const struct {
		u32 planes, mpos;
	} rows[] = {
		/* Dual and quad never together */
		{ 1, 0x010101 }, { 2, 0x030303 }, { 4, 0x050505 },
	};
	u8 *page = kunit_kzalloc(test, 4096, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct bench *bench = oc12_bench(test, rows[i].planes, true,
						 "oc12h");

		memset(page, 0, 4096);
		oc12_identity(&bench->dev->ns[0], page);
		KUNIT_EXPECT_EQ(test, le(page, 300, 4), rows[i].mpos);
		KUNIT_EXPECT_EQ(test, (u32)page[262], rows[i].planes);
		KUNIT_EXPECT_EQ(test, le(page, 264, 2), 4U);
		/* Hybrid: capability bit 1 and mode bit 0 */
		KUNIT_EXPECT_EQ(test, le(page, 4, 4), 3U);
		KUNIT_EXPECT_EQ(test, le(page, 8, 4), 1U);
	}
}

/* ---- bad blocks ------------------------------------------------------- */

static u16 get_bbt(struct bench_cmd *bc, u64 addr, u32 len)
{
	memset(&bc->sqe, 0, sizeof(bc->sqe));
	rw(bc)->opcode = 0xf2;
	rw(bc)->nsid = cpu_to_le32(1);
	rw(bc)->ppa = cpu_to_le64(addr);
	memset(bc->data, 0xee, len);
	bench_data(bc, true, len);
	return bench_run_admin(bc);
}

/* @nr addresses of @bc->lba, as a list from two on */
static u16 set_bbt(struct bench_cmd *bc, u32 nr, u8 value)
{
	bench_vector(bc, 0xf1, nr);
	rw(bc)->metadata = 0;
	rw(bc)->control = cpu_to_le16(value);
	bench_data(bc, false, 0);
	return bench_run_admin(bc);
}

static void oc12_bad_blocks_are_remembered(struct kunit *test)
{
	struct bench *bench = oc12_bench(test, 2, true, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);

	KUNIT_ASSERT_EQ(test, get_bbt(bc, ppa(bench, 1, 2, 3, 5, 1, 3), 72),
			(u16)0);
	KUNIT_EXPECT_EQ(test, memcmp(bc->data, "BBLT\1\0\0\0\0\0\0\0\10\0\0\0",
				     16), 0);
	KUNIT_EXPECT_TRUE(test, !memchr_inv(bc->data + 16, 0, 56));

	/* One by one, page and sector of any value: grown, host, device */
	bc->lba[0] = ppa(bench, 1, 2, 3, 7, 1, 3);
	KUNIT_EXPECT_EQ(test, set_bbt(bc, 1, 2), (u16)0);
	bc->lba[0] = ppa(bench, 1, 2, 0, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, set_bbt(bc, 1, 8), (u16)0);
	/* A list over channels, planes and LUNs: factory */
	bc->lba[0] = ppa(bench, 1, 2, 1, 0, 0, 0);
	bc->lba[1] = ppa(bench, 0, 2, 1, 0, 0, 0);
	bc->lba[2] = ppa(bench, 1, 0, 1, 0, 1, 0);
	bc->lba[3] = ppa(bench, 1, 2, 1, 0, 1, 0);
	KUNIT_EXPECT_EQ(test, set_bbt(bc, 4, 1), (u16)0);

	KUNIT_ASSERT_EQ(test, get_bbt(bc, ppa(bench, 1, 2, 0, 0, 0, 0), 72),
			(u16)0);
	KUNIT_EXPECT_EQ(test, memcmp(bc->data + 64, "\10\0\1\1\0\0\0\2", 8), 0);
	KUNIT_EXPECT_EQ(test, le(bc->data, 16, 4), 2U);
	KUNIT_EXPECT_EQ(test, le(bc->data, 20, 4), 1U);
	KUNIT_EXPECT_EQ(test, le(bc->data, 24, 4), 0U);
	KUNIT_EXPECT_EQ(test, le(bc->data, 28, 4), 1U);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[1].stat.nr[OC_CHK_OFFLINE], 4U);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].stat.nr[OC_CHK_OFFLINE], 1U);
	KUNIT_EXPECT_EQ(test, (u32)chunk_of(bench, 1, 0, 1, 1)->state,
			(u32)OC_CHK_OFFLINE);
}

static void oc12_bad_block_commands_are_checked(struct kunit *test)
{
	struct bench *bench = oc12_bench(test, 2, true, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);

	/* Too short a buffer, no such LUN, no such channel, bits above it */
	bc->cmd.listed = true;
	KUNIT_EXPECT_EQ(test, get_bbt(bc, 0, 72), (u16)0x4002);
	bc->cmd.listed = false;
	KUNIT_EXPECT_EQ(test, get_bbt(bc, 0, 71), (u16)0x400f);
	KUNIT_EXPECT_EQ(test, get_bbt(bc, ppa(bench, 0, 3, 0, 0, 0, 0), 72),
			(u16)INVALID);
	KUNIT_EXPECT_EQ(test, get_bbt(bc, ppa(bench, 3, 0, 0, 0, 0, 0), 72),
			(u16)INVALID);
	KUNIT_EXPECT_EQ(test, get_bbt(bc, BIT_ULL(40), 72), (u16)INVALID);
	/* No such value; no such block, and then none is marked */
	bc->lba[0] = 0;
	KUNIT_EXPECT_EQ(test, set_bbt(bc, 1, 16), (u16)INVALID);
	bc->lba[1] = ppa(bench, 0, 3, 0, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, set_bbt(bc, 2, 2), (u16)INVALID);
	/* More addresses than a list has; a list that is nobody's */
	bench_vector(bc, 0xf1, 1);
	rw(bc)->nppa = cpu_to_le16(64);
	KUNIT_EXPECT_EQ(test, bench_run_admin(bc), (u16)INVALID);
	bench_vector(bc, 0xf1, 2);
	rw(bc)->ppa = cpu_to_le64(0x12345678);
	KUNIT_EXPECT_EQ(test, bench_run_admin(bc), (u16)INVALID);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].stat.nr[OC_CHK_OFFLINE], 0U);
	/* L2P is the hybrid's */
	bench_vector(bc, 0xea, 1);
	KUNIT_EXPECT_EQ(test, bench_run_admin(bc), (u16)0x4001);
}

static void oc12_bad_block_takes_nothing_and_forgets_nothing(struct kunit *test)
{
	struct bench *bench = oc12_bench(test, 2, true, "oc12");
	struct bench_cmd *bc;
	u32 nr;

	KUNIT_ASSERT_EQ(test, write_pages(bench, 0, 1, 2, 7), (u16)0);
	bc = bench_cmd(bench);
	bc->lba[0] = ppa(bench, 1, 0, 1, 0, 1, 0);
	KUNIT_ASSERT_EQ(test, set_bbt(bc, 1, 2), (u16)0);

	/* The next page on both planes fails; on the good one it works */
	nr = put_page(bc, 0, 0, 1, 2, 0, 2);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x91, nr, DUAL, 7), (u16)WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0xffULL);
	nr = put_page(bc, 0, 0, 1, 2, 0, 1);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x91, nr, 0, 7), (u16)0);
	/* What it held can still be read */
	nr = put_page(bc, 0, 0, 1, 1, 1, 1);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x92, nr, 0, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_compare(bc, 3, bc->lba[3], 7), 0U);

	/* Erase of both planes: the good one is erased, the bit says it failed */
	KUNIT_EXPECT_EQ(test, erase(bench, ppa(bench, 1, 0, 1, 0, 0, 0), DUAL),
			(u16)WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, chunk_of(bench, 1, 0, 1, 0)->wp, 0U);
	KUNIT_EXPECT_EQ(test, chunk_of(bench, 1, 0, 1, 1)->wp, 8U);

	/* Good again: as it was, open at page 2 */
	bc->lba[0] = ppa(bench, 1, 0, 1, 0, 1, 0);
	KUNIT_ASSERT_EQ(test, set_bbt(bc, 1, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)chunk_of(bench, 1, 0, 1, 1)->state,
			(u32)OC_CHK_OPEN);
	KUNIT_EXPECT_EQ(test, erase(bench, bc->lba[0], 0), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
}

static void oc12_offline_chunks_are_bad_blocks(struct kunit *test)
{
	struct bench *bench = oc12_bench(test, 2, true, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);

	/* One that was never used, one that has been */
	KUNIT_ASSERT_EQ(test, erase(bench, ppa(bench, 1, 0, 2, 0, 1, 0), 0),
			(u16)0);
	bench_offline(bench, 1, 1);
	bench_offline(bench, 1, 2 * bench->dev->geo.num_pln + 1);
	KUNIT_ASSERT_EQ(test, get_bbt(bc, ppa(bench, 1, 0, 0, 0, 0, 0), 72),
			(u16)0);
	KUNIT_EXPECT_EQ(test, memcmp(bc->data + 64, "\0\1\0\0\0\2\0\0", 8), 0);
}

/* ---- planes ----------------------------------------------------------- */

static const struct erase_row {
	const char *name;
	u32 planes;	/* of the device */
	u32 pln;	/* in the address */
	u16 control;
	u32 erased;	/* bit i: plane i */
} erases[] = {
	{ "1, single", 1, 0, 0, 0x1 },
	{ "1, dual", 1, 0, DUAL, 0x1 },
	{ "1, quad", 1, 0, QUAD, 0x1 },
	{ "2, single 0", 2, 0, 0, 0x1 },
	{ "2, single 1", 2, 1, 0, 0x2 },
	{ "2, dual 0", 2, 0, DUAL, 0x3 },
	{ "2, dual 1", 2, 1, DUAL, 0x3 },
	{ "2, quad", 2, 0, QUAD, 0x3 },
	{ "4, single 2", 4, 2, 0, 0x4 },
	{ "4, dual 0", 4, 0, DUAL, 0xf },
	{ "4, dual 3", 4, 3, DUAL, 0xf },
	{ "4, quad", 4, 0, QUAD, 0xf },
	{ "4, quad with all hints", 4, 0, QUAD | 0x380, 0xf },
	{ "4, both plane bits", 4, 0, QUAD | DUAL, 0xf },
};

static void oc12_erase_goes_by_the_plane_bits(struct kunit *test)
{
	u32 i, pln;

	for (i = 0; i < ARRAY_SIZE(erases); i++) {
		const struct erase_row *row = &erases[i];
		struct bench *bench = oc12_bench(test, row->planes, true,
						 "oc12");
		u32 erased = 0;

		KUNIT_ASSERT_EQ(test, write_pages(bench, 1, 2, 6, 1), (u16)0);
		KUNIT_EXPECT_EQ(test, (u32)chunk_of(bench, 1, 1, 2, 0)->state,
				(u32)OC_CHK_CLOSED);
		KUNIT_EXPECT_EQ(test, erase(bench, ppa(bench, 1, 1, 2, 0,
						       row->pln, 0),
					    row->control), (u16)0);
		for (pln = 0; pln < row->planes; pln++) {
			struct oc_chunk *chk = chunk_of(bench, 1, 1, 2, pln);

			if (chk->state == OC_CHK_FREE && chk->resets == 1)
				erased |= BIT(pln);
		}
		KUNIT_EXPECT_EQ_MSG(test, erased, row->erased, "%s", row->name);
		KUNIT_EXPECT_EQ(test, bench_used(bench),
				24 * (row->planes - hweight32(row->erased)));
	}
}

static void oc12_erase_of_listed_planes_is_one_erase(struct kunit *test)
{
	struct bench *bench = oc12_bench(test, 2, true, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);

	/* Plane-major, as lightnvm lists them, data buffer and all */
	bc->lba[0] = ppa(bench, 1, 0, 0, 0, 0, 0);
	bc->lba[1] = ppa(bench, 1, 0, 1, 0, 0, 0);
	bc->lba[2] = ppa(bench, 1, 0, 0, 0, 1, 0);
	bc->lba[3] = ppa(bench, 1, 0, 1, 0, 1, 0);
	bench_vector(bc, 0x90, 4);
	rw(bc)->control = cpu_to_le16(DUAL);
	bench_data(bc, true, 4 * 512);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[1].count.resets, 4ULL);
	KUNIT_EXPECT_EQ(test, chunk_of(bench, 1, 0, 0, 1)->resets, 1U);
	/* Without the bits each address is one plane; twice is twice */
	bc->lba[1] = bc->lba[0];
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x90, 2, 0, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, chunk_of(bench, 1, 0, 0, 0)->resets, 2U);
	KUNIT_EXPECT_EQ(test, chunk_of(bench, 1, 0, 0, 1)->resets, 1U);
	/* A bad plane's bit, and only that */
	bc->lba[0] = ppa(bench, 1, 0, 3, 0, 1, 0);
	KUNIT_ASSERT_EQ(test, set_bbt(bc, 1, 1), (u16)0);
	bc->lba[0] = ppa(bench, 1, 0, 0, 0, 0, 0);
	bc->lba[1] = ppa(bench, 1, 0, 3, 0, 0, 0);
	bc->lba[2] = ppa(bench, 1, 0, 2, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x90, 3, DUAL, 0), (u16)WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 2ULL);
	KUNIT_EXPECT_EQ(test, chunk_of(bench, 1, 0, 2, 1)->resets, 1U);
}

static void oc12_lists_may_be_plane_major(struct kunit *test)
{
	struct bench *bench = oc12_bench(test, 4, true, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i, pg, pln, sec, wrong = 0;

	for (pln = 0, i = 0; pln < 4; pln++)
		for (pg = 0; pg < 4; pg++)
			for (sec = 0; sec < 4; sec++)
				bc->lba[i++] = ppa(bench, 1, 0, 0, pg, pln, sec);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x91, 64, QUAD, 3), (u16)0);
	/* Read backwards: sector i belongs to address i, in any order */
	for (i = 0; i < 32; i++)
		swap(bc->lba[i], bc->lba[63 - i]);
	memset(bc->oob, 0, 64 * 16);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x92, 64, QUAD, 0), (u16)0);
	for (i = 0; i < 64; i++)
		wrong += bench_compare(bc, i, bc->lba[i], 3);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

/* ---- empty pages ------------------------------------------------------ */

static void oc12_empty_pages_have_their_bits(struct kunit *test)
{
	struct bench *bench = oc12_bench(test, 1, true, "oc12");
	u64 want = 0;
	struct bench_cmd *bc;
	u32 i, wrong = 0;

	KUNIT_ASSERT_EQ(test, write_pages(bench, 0, 0, 2, 5), (u16)0);
	bc = bench_cmd(bench);
	/* Written and empty ones mixed, over two channels, up to bit 63 */
	for (i = 0; i < 64; i++) {
		bool empty = i % 3 == 0 || i > 40;

		bc->lba[i] = ppa(bench, empty ? 1 + i % 2 : 1, 0, 0,
				 empty ? 2 + i % 4 : i % 2, 0, i % 4);
		if (empty)
			want |= BIT_ULL(i);
	}
	memset(bc->oob, 0, 64 * 16);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x92, 64, 0x280, 0),
			(u16)EMPTY_PAGE);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), want);
	for (i = 0; i < 64; i++)
		wrong += want >> i & 1 ? !bench_is_blank(bc, i) :
			bench_compare(bc, i, bc->lba[i], 5);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	/* The error log has the first of them, in this format */
	KUNIT_EXPECT_EQ(test, le64_to_cpu(bench->ctrl.errlog[0].lba),
			bc->lba[0]);

	/* One address, no metadata, plane bits: how Linux senses a block */
	bench_vector(bc, 0x92, 1);
	bc->lba[0] = ppa(bench, 1, 0, 0, 5, 0, 0);
	rw(bc)->ppa = cpu_to_le64(bc->lba[0]);
	rw(bc)->metadata = 0;
	rw(bc)->control = cpu_to_le16(0x281);
	bench_data(bc, true, 4096);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)EMPTY_PAGE);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 1ULL);
}

static void oc12_scalar_reads_of_nothing_are_zeroes(struct kunit *test)
{
	struct bench *bench = oc12_bench(test, 2, true, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);

	/* Addresses that follow each other fill pages in order */
	bench_scalar(bc, nvme_cmd_write, ppa(bench, 0, 0, 0, 0, 0, 0), 8);
	bench_fill(bc, 8, 9);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	/* The last written sector, empty ones, and then a hole: page 6 */
	bench_scalar(bc, nvme_cmd_read, ppa(bench, 0, 0, 0, 0, 1, 3), 64);
	memset(bc->data, 0xee, 64 * 512);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_compare(bc, 0, bc->lba[0], 9), 0U);
	KUNIT_EXPECT_TRUE(test, bench_is_blank(bc, 1));
	KUNIT_EXPECT_TRUE(test, bench_is_blank(bc, 63));
	bench_scalar(bc, nvme_cmd_write, ppa(bench, 0, 0, 0, 6, 0, 0), 8);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4280);
	bench_scalar(bc, nvme_cmd_read, BIT(12) - 1, 2);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)OUT_OF_RANGE);
}

static struct kunit_case oc12_cases[] = {
	KUNIT_CASE(oc12_every_address_is_round),
	KUNIT_CASE(oc12_holes_and_high_bits_are_no_address),
	KUNIT_CASE(oc12_combinations_are_checked),
	KUNIT_CASE(oc12_identity_to_the_byte),
	KUNIT_CASE(oc12_planes_in_the_identity),
	KUNIT_CASE(oc12_bad_blocks_are_remembered),
	KUNIT_CASE(oc12_bad_block_commands_are_checked),
	KUNIT_CASE(oc12_bad_block_takes_nothing_and_forgets_nothing),
	KUNIT_CASE(oc12_offline_chunks_are_bad_blocks),
	KUNIT_CASE(oc12_erase_goes_by_the_plane_bits),
	KUNIT_CASE(oc12_erase_of_listed_planes_is_one_erase),
	KUNIT_CASE(oc12_lists_may_be_plane_major),
	KUNIT_CASE(oc12_empty_pages_have_their_bits),
	KUNIT_CASE(oc12_scalar_reads_of_nothing_are_zeroes),
	{ }
};

struct kunit_suite oc_oc12_suite = {
	.name = "oc_oc12",
	.exit = bench_exit,
	.test_cases = oc12_cases,
};

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

			bc->lba[nr++] = ppa(bc->bench, 1, 2, 3, sec / 4, pln,
					    sec % 4);
		}
	return nr;
}

static void oc12_strict_writes_follow_nand(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		const struct order *row = &orders[i];
		struct bench *bench = oc12_bench(test, 2, true, "oc12");
		struct bench_cmd *bc;
		u32 nr;

		KUNIT_ASSERT_EQ(test, write_pages(bench, 2, 3, 2, 1), (u16)0);
		bc = bench_cmd(bench);
		nr = put_order(bc, row);
		KUNIT_EXPECT_EQ_MSG(test, run_list(bc, 0x91, nr, DUAL, 2),
				    row->strict, "%s", row->name);
		KUNIT_EXPECT_EQ(test, bench_bitmap(bc), row->strict ?
				GENMASK_ULL(nr - 1, 0) : 0ULL);
		KUNIT_EXPECT_EQ_MSG(test, bench_used(bench),
				    16 + (row->strict ? 0 : nr), "%s",
				    row->name);
		KUNIT_EXPECT_EQ(test, chunk_of(bench, 1, 2, 3, 1)->wp,
				8 + (row->strict ? 0 : row->nr));
	}
}

static void oc12_strict_refusal_is_of_all_channels(struct kunit *test)
{
	struct bench *bench = oc12_bench(test, 1, true, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i;

	/* Good on channels 0 and 2, out of order on channel 1 */
	for (i = 0; i < 12; i++)
		bc->lba[i] = ppa(bench, i / 4, 0, 0, i / 4 == 1, 0, i % 4);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x91, 12, 0, 1), (u16)WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0xfffULL);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
	/* The same sector twice; and a page whose sectors are out of order */
	for (i = 0; i < 4; i++)
		bc->lba[i] = ppa(bench, 0, 0, 0, 0, 0, i / 2);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x91, 4, 0, 1), (u16)WRITE_FAIL);
	for (i = 0; i < 4; i++)
		bc->lba[i] = ppa(bench, 0, 0, 0, 0, 0, 3 - i);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x91, 4, 0, 1), (u16)WRITE_FAIL);
	/* An address that names nothing: its bit, and nothing is written */
	for (i = 0; i < 4; i++)
		bc->lba[i] = ppa(bench, 0, 0, 0, 0, 0, i);
	bc->lba[4] = ppa(bench, 0, 3, 0, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x91, 5, 0, 1), (u16)INVALID);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0x10ULL);
	/* More addresses than a list holds */
	bench_vector(bc, 0x91, 1);
	rw(bc)->nppa = cpu_to_le16(64);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)INVALID);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
}

static void oc12_without_strict_any_write_goes(struct kunit *test)
{
	struct bench *bench = oc12_bench(test, 2, false, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i, nr;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		nr = put_order(bc, &orders[i]);
		KUNIT_EXPECT_EQ_MSG(test, run_list(bc, 0x91, nr, DUAL, i),
				    (u16)0, "%s", orders[i].name);
	}
	/* Page 1 is the last but one row's; page 0 was never written */
	nr = put_page(bc, 0, 2, 3, 1, 0, 2);
	nr = put_page(bc, nr, 2, 3, 0, 0, 1);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x92, nr, DUAL, 0), (u16)EMPTY_PAGE);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0xf00ULL);
	KUNIT_EXPECT_EQ(test, bench_compare(bc, 5, bc->lba[5], 9), 0U);
	/* Overwritten sectors count once: pages 1 to 5 of two planes */
	KUNIT_EXPECT_EQ(test, bench_used(bench), 40U);
	KUNIT_EXPECT_EQ(test, chunk_of(bench, 1, 2, 3, 0)->wp, 20U);
	nr = put_page(bc, 0, 2, 3, 0, 0, 2);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x91, nr, DUAL, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)chunk_of(bench, 1, 2, 3, 0)->state,
			(u32)OC_CHK_CLOSED);
	/* A full block takes a sector once more; an erase takes it all */
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x91, 1, 0, 4), (u16)0);
	KUNIT_EXPECT_EQ(test, erase(bench, bc->lba[0], DUAL), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x92, 1, 0, 0), (u16)EMPTY_PAGE);
	/* A single sector far in, and the whole is given back with gaps */
	bc->lba[0] = ppa(bench, 1, 2, 3, 5, 1, 2);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x91, 1, 0, 4), (u16)0);
	KUNIT_EXPECT_EQ(test, erase(bench, bc->lba[0], 0), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
}

/* ---- faults ----------------------------------------------------------- */

/* A page whose program fails closes its block: the next has to wait */
static void oc12_closed_takes_no_page(struct kunit *test)
{
	struct bench *bench = oc12_bench(test, 1, true, "oc12");
	__le64 addr;

	bench_set_faults(bench, "write-close sec=0 times=1");
	KUNIT_EXPECT_EQ(test, write_pages(bench, 2, 1, 1, 1), (u16)WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, (u32)chunk_of(bench, 1, 2, 1, 0)->state,
			(u32)OC_CHK_CLOSED);
	KUNIT_EXPECT_EQ(test, chunk_of(bench, 1, 2, 1, 0)->wp, 4U);
	KUNIT_EXPECT_EQ(test, write_page(bench, 2, 1, 1), (u16)WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, chunk_of(bench, 1, 2, 1, 0)->wp, 4U);

	/* Nor when it has been bad in between */
	addr = cpu_to_le64(ppa(bench, 1, 2, 1, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, oc12_bbt_set(&bench->dev->ns[0], &addr, 1, 2),
			(u16)0);
	KUNIT_EXPECT_EQ(test, oc12_bbt_set(&bench->dev->ns[0], &addr, 1, 0),
			(u16)0);
	KUNIT_EXPECT_EQ(test, (u32)chunk_of(bench, 1, 2, 1, 0)->state,
			(u32)OC_CHK_CLOSED);
	KUNIT_EXPECT_EQ(test, erase(bench, ppa(bench, 1, 2, 1, 0, 0, 0), 0),
			(u16)0);
	KUNIT_EXPECT_EQ(test, write_pages(bench, 2, 1, 6, 1), (u16)0);
}

static u64 rule_seen(const struct bench *bench, u32 rule)
{
	return bench->dev->ch[1].faults->state[rule].seen;
}

/* A page is one operation, and fails as one, in whatever order a list names it */
static void oc12_faults_see_pages(struct kunit *test)
{
	struct bench *bench = oc12_bench(test, 2, true, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i;

	bench_set_faults(bench, "write-fail chk=3 sec=2");
	/* Pages 0 and 1 of block 1, from plane to plane with each sector */
	for (i = 0; i < 16; i++)
		bc->lba[i] = ppa(bench, 1, 2, 1, i / 8, i % 2, i / 2 % 4);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x91, 16, DUAL, 1),
			(u16)WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0xaaULL);
	KUNIT_EXPECT_EQ(test, rule_seen(bench, 0), 1ULL);
	KUNIT_EXPECT_EQ(test, chunk_of(bench, 1, 2, 1, 0)->wp, 8U);
	KUNIT_EXPECT_EQ(test, chunk_of(bench, 1, 2, 1, 1)->wp, 8U);

	/* Four pages, asked once each */
	bench_set_faults(bench, "write-fail times=1 after=3");
	for (i = 0; i < 16; i++)
		bc->lba[i] = ppa(bench, 1, 2, 1, 2 + i / 8, i % 2, i / 2 % 4);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x91, 16, DUAL, 1),
			(u16)WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0xaa00ULL);
	KUNIT_EXPECT_EQ(test, rule_seen(bench, 0), 4ULL);

	/* Closed is closed, though the other plane comes in between */
	bench_set_faults(bench, "write-close chk=2 sec=16-19 times=1");
	for (i = 0; i < 16; i++)
		bc->lba[i] = ppa(bench, 1, 2, 1, 4 + i / 8, i % 2, i / 2 % 4);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x91, 16, DUAL, 1),
			(u16)WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0x5555ULL);
	KUNIT_EXPECT_EQ(test, (u32)chunk_of(bench, 1, 2, 1, 0)->state,
			(u32)OC_CHK_CLOSED);
	bench_vector(bc, 0x92, 16);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_EQ_MSG(test, i % 2 ?
				    !bench_compare(bc, i, bc->lba[i], 1) :
				    bench_is_blank(bc, i), true, "sector %u",
				    i);
}

/* What ws_min says is nothing to a namespace that writes by pages */
static void oc12_faults_have_no_ws_min(struct kunit *test)
{
	struct oc_config cfg = oc12_config(1, true, "oc12");
	struct bench_cmd *bc;
	struct bench *bench;

	cfg.geo.ws_min = 8;
	bench = bench_remake(test, &cfg);
	bc = bench_cmd(bench);
	bench_set_faults(bench, "write-close sec=4");
	put_page(bc, 0, 0, 1, 0, 0, 1);
	put_page(bc, 4, 0, 1, 1, 0, 1);
	put_page(bc, 8, 0, 1, 2, 0, 1);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x91, 12, 0, 1), (u16)WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0xff0ULL);
	KUNIT_EXPECT_EQ(test, rule_seen(bench, 0), 1ULL);
}

/* In any order, a unit that is named backwards is one as well */
static void oc12_faults_without_order(struct kunit *test)
{
	struct bench *bench = oc12_bench(test, 1, false, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i;

	bench_set_faults(bench, "write-fail sec=0;write-fail after=1 times=1");
	/* Page 1 and page 0, last sector first */
	for (i = 0; i < 8; i++)
		bc->lba[i] = ppa(bench, 1, 0, 1, (7 - i) / 4, 0, 3 - i % 4);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x91, 8, 0, 1), (u16)WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0xf0ULL);
	KUNIT_EXPECT_EQ(test, rule_seen(bench, 0), 1ULL);
	KUNIT_EXPECT_EQ(test, rule_seen(bench, 1), 1ULL);
}

/* ---- hybrid ----------------------------------------------------------- */

static u16 hybrid_write(struct bench_cmd *bc, u32 nr, u64 slba, u32 seed)
{
	bench_vector(bc, 0x81, nr);
	rw(bc)->slba = cpu_to_le64(slba);
	bench_fill(bc, nr, seed);
	return bench_run(bc);
}

static u16 get_l2p(struct bench_cmd *bc, u64 slba, u32 nr)
{
	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.common.opcode = 0xea;
	bc->sqe.common.nsid = cpu_to_le32(1);
	bc->sqe.common.cdw10 = cpu_to_le32(slba);
	bc->sqe.common.cdw11 = cpu_to_le32(slba >> 32);
	bc->sqe.common.cdw12 = cpu_to_le32(nr);
	memset(bc->data, 0xee, 4096);
	bench_data(bc, true, 4096);
	return bench_run_admin(bc);
}

static u64 l2p_entry(const struct bench_cmd *bc, u32 i)
{
	return le64_to_cpu(((__le64 *)bc->data)[i]);
}

/* Linear numbers of a device of one plane: 288 sectors a channel, 24 a block */
#define LINEAR(_ch, _lun, _blk, _sec)	\
	((_ch) * 288ULL + (_lun) * 96 + (_blk) * 24 + (_sec))

static void oc12_hybrid_map_is_what_the_host_gave(struct kunit *test)
{
	struct bench *bench = oc12_bench(test, 1, true, "oc12h");
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i;

	/* Logical 100 to 107: a page of channel 2, a page of channel 0 */
	for (i = 0; i < 8; i++)
		bc->lba[i] = ppa(bench, i < 4 ? 2 : 0, 1, 3, 0, 0, i % 4);
	KUNIT_ASSERT_EQ(test, hybrid_write(bc, 8, 100, 1), (u16)0);

	/* A window around them, of a buffer that is longer */
	KUNIT_ASSERT_EQ(test, get_l2p(bc, 98, 12), (u16)0);
	for (i = 0; i < 12; i++) {
		u64 want = 0;

		if (i >= 2 && i < 10)
			want = LINEAR(i < 6 ? 2 : 0, 1, 3, (i - 2) % 4);
		KUNIT_EXPECT_EQ(test, l2p_entry(bc, i), want);
	}
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 12), 0xeeeeeeeeeeeeeeeeULL);
	/* More than one piece of it; nothing; the end; and past the end */
	KUNIT_ASSERT_EQ(test, get_l2p(bc, 50, 512), (u16)0);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 50), LINEAR(2, 1, 3, 0));
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 511), 0ULL);
	KUNIT_EXPECT_EQ(test, get_l2p(bc, 0, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, get_l2p(bc, 863, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, get_l2p(bc, 864, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, get_l2p(bc, 863, 2), (u16)INVALID);
	KUNIT_EXPECT_EQ(test, get_l2p(bc, U64_MAX, 1), (u16)INVALID);
	KUNIT_EXPECT_EQ(test, get_l2p(bc, 1ULL << 32, 1), (u16)INVALID);
	KUNIT_EXPECT_EQ(test, get_l2p(bc, 0, 513), (u16)0x400f);
}

static void oc12_hybrid_map_moves_and_goes(struct kunit *test)
{
	struct bench *bench = oc12_bench(test, 1, true, "oc12h");
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i;

	/* 10 to 13 in block 1 of channel 0, then 12 to 15 in channel 1 */
	for (i = 0; i < 4; i++)
		bc->lba[i] = ppa(bench, 0, 0, 1, 0, 0, i);
	KUNIT_ASSERT_EQ(test, hybrid_write(bc, 4, 10, 1), (u16)0);
	for (i = 0; i < 4; i++)
		bc->lba[i] = ppa(bench, 1, 0, 1, 0, 0, i);
	KUNIT_ASSERT_EQ(test, hybrid_write(bc, 4, 12, 2), (u16)0);
	KUNIT_ASSERT_EQ(test, get_l2p(bc, 10, 6), (u16)0);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 0), LINEAR(0, 0, 1, 0));
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 1), LINEAR(0, 0, 1, 1));
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 2), LINEAR(1, 0, 1, 0));

	/* The first block goes: 10 and 11 with it, 12 and 13 live elsewhere */
	KUNIT_ASSERT_EQ(test, erase(bench, ppa(bench, 0, 0, 1, 0, 0, 0), 0),
			(u16)0);
	KUNIT_ASSERT_EQ(test, get_l2p(bc, 10, 6), (u16)0);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 0), 0ULL);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 1), 0ULL);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 2), LINEAR(1, 0, 1, 0));
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 5), LINEAR(1, 0, 1, 3));

	/* A physical write into the erased block maps nothing */
	for (i = 0; i < 4; i++)
		bc->lba[i] = ppa(bench, 0, 0, 1, 0, 0, i);
	KUNIT_ASSERT_EQ(test, run_list(bc, 0x91, 4, 0, 3), (u16)0);
	KUNIT_ASSERT_EQ(test, get_l2p(bc, 10, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 0), 0ULL);

	/* Refused writes map nothing either */
	KUNIT_EXPECT_EQ(test, hybrid_write(bc, 4, 10, 3), (u16)WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, hybrid_write(bc, 4, 861, 3), (u16)OUT_OF_RANGE);
	KUNIT_EXPECT_EQ(test, hybrid_write(bc, 4, U64_MAX, 3),
			(u16)OUT_OF_RANGE);
	for (i = 0; i < 4; i++)
		bc->lba[i] = ppa(bench, 0, 0, 0, 0, 0, i);
	/* Sector 0 would look like "nowhere" */
	KUNIT_EXPECT_EQ(test, hybrid_write(bc, 4, 10, 3), (u16)INVALID);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 1ULL);
	KUNIT_ASSERT_EQ(test, get_l2p(bc, 10, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 0), 0ULL);
}

static void oc12_hybrid_overwrite_in_place(struct kunit *test)
{
	struct bench *bench = oc12_bench(test, 2, false, "oc12h");
	struct bench_cmd *bc = bench_cmd(bench);

	/* Without strict a sector may change hands without an erase */
	bc->lba[0] = ppa(bench, 0, 0, 1, 2, 1, 3);
	KUNIT_ASSERT_EQ(test, hybrid_write(bc, 1, 5, 1), (u16)0);
	KUNIT_ASSERT_EQ(test, get_l2p(bc, 5, 2), (u16)0);
	/* Block 1 begins at 48; page 2 at 16 in it, plane 1 at 4 in that */
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 0), 48ULL + 16 + 4 + 3);
	KUNIT_ASSERT_EQ(test, hybrid_write(bc, 1, 6, 1), (u16)0);
	KUNIT_ASSERT_EQ(test, get_l2p(bc, 5, 2), (u16)0);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 0), 0ULL);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 1), 71ULL);
	KUNIT_ASSERT_EQ(test, run_list(bc, 0x91, 1, 0, 1), (u16)0);
	KUNIT_ASSERT_EQ(test, get_l2p(bc, 5, 2), (u16)0);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 1), 0ULL);

	/* One that fails leaves nothing of what was there */
	KUNIT_ASSERT_EQ(test, hybrid_write(bc, 1, 7, 1), (u16)0);
	bench_set_faults(bench, "write-fail");
	KUNIT_ASSERT_EQ(test, hybrid_write(bc, 1, 8, 1), (u16)WRITE_FAIL);
	KUNIT_ASSERT_EQ(test, get_l2p(bc, 7, 2), (u16)0);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 0), 0ULL);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 1), 0ULL);
}

static void oc12_hybrid_reads(struct kunit *test)
{
	struct bench *bench = oc12_bench(test, 1, true, "oc12h");
	struct bench_cmd *bc = bench_cmd(bench);
	u64 at[4];
	u32 i;

	for (i = 0; i < 4; i++)
		at[i] = ppa(bench, 1, 0, 0, 0, 0, i);
	memcpy(bc->lba, at, sizeof(at));
	KUNIT_ASSERT_EQ(test, hybrid_write(bc, 4, 0, 1), (u16)0);

	/* Logical and physical address; the physical one is what is read */
	memset(bc->data, 0xee, 4 * 512);
	bench_vector(bc, 0x02, 4);
	bench_data(bc, true, 4 * 512);
	rw(bc)->slba = cpu_to_le64(1);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_compare(bc, 3, at[3], 1), 0U);
	/* Logical 0 is told from NVMe's own read by a control bit */
	bench_vector(bc, 0x02, 1);
	bench_data(bc, true, 512);
	rw(bc)->control = cpu_to_le16(0x200);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_compare(bc, 0, at[0], 1), 0U);
	/* An empty page, and a logical address past the end */
	rw(bc)->ppa = cpu_to_le64(ppa(bench, 1, 0, 0, 1, 0, 0));
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)EMPTY_PAGE);
	rw(bc)->slba = cpu_to_le64(864);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)OUT_OF_RANGE);

	/* NVMe's own read goes through the mapping; what is nowhere is zeroes */
	bench_scalar(bc, nvme_cmd_read, 2, 4);
	memset(bc->data, 0xee, 4 * 512);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_compare(bc, 1, at[3], 1), 0U);
	KUNIT_EXPECT_TRUE(test, bench_is_blank(bc, 2));
	KUNIT_ASSERT_EQ(test, erase(bench, at[0], 0), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_TRUE(test, bench_is_blank(bc, 1));
	bench_scalar(bc, nvme_cmd_read, 863, 2);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)OUT_OF_RANGE);
	/* Not what is a list's address, at which no status may hint */
	bc->cmd.listed = true;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	bench_scalar(bc, nvme_cmd_read, 2, 4);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 40U);
	bc->cmd.listed = false;
	/* It has no write of its own: the host maps, or nobody does */
	bench_scalar(bc, nvme_cmd_write, 0, 4);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4001);
}

/* An address is looked up, moves, and its old place is erased before the read */
static void oc12_hybrid_read_finds_what_moved(struct kunit *test)
{
	struct bench *bench = oc12_bench(test, 1, true, "oc12h");
	struct oc_channel *ch;
	struct bench_cmd *bc, *reader;
	u32 i;

	bc = bench_cmd(bench);
	reader = bench_cmd(bench);
	for (i = 0; i < 4; i++)
		bc->lba[i] = ppa(bench, 0, 0, 1, 0, 0, i);
	KUNIT_ASSERT_EQ(test, hybrid_write(bc, 4, 10, 1), (u16)0);

	ch = &bench->dev->ch[0];
	oc_channel_own(ch);
	bench_scalar(reader, nvme_cmd_read, 9, 5);
	memset(reader->data, 0xee, 5 * 512);
	bench_submit(reader);
	/* 11 to 13 are moved, 10 is not */
	for (i = 0; i < 4; i++)
		bc->lba[i] = ppa(bench, 1, 0, 1, 0, 0, i);
	KUNIT_EXPECT_EQ(test, hybrid_write(bc, 4, 11, 2), (u16)0);
	oc12_map_drop_chunk(&bench->dev->ns[0], 0, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&reader->calls), 0);
	oc_channel_release(ch);

	KUNIT_ASSERT_TRUE(test, bench_wait(reader));
	KUNIT_EXPECT_EQ(test, reader->cmd.status, (u16)0);
	KUNIT_EXPECT_TRUE(test, bench_is_blank(reader, 0));
	KUNIT_EXPECT_TRUE(test, bench_is_blank(reader, 1));
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, bench_compare(reader, i + 2, bc->lba[i],
						    2), 0U);
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
		struct oc_config cfg = oc12_config(4, true, "oc12");
		struct bench *bench;
		struct bench_cmd *bc;
		u64 idle;
		u32 nr;

		cfg.timing = "read=1ms,prog=2ms,erase=3ms";
		bench = bench_remake(test, &cfg);
		bc = bench_cmd(bench);
		if (row->opcode == 0x92)
			KUNIT_ASSERT_EQ(test, write_pages(bench, 1, 2, 1, 1),
					(u16)0);
		nr = put_page(bc, 0, 1, 2, 0, 0, row->nr);
		if (row->opcode == 0x90)
			for (pln = 0, nr = row->nr; pln < nr; pln++)
				bc->lba[pln] = ppa(bench, 1, 1, 2, 0, pln, 0);
		KUNIT_EXPECT_EQ(test, run_list(bc, row->opcode, nr,
					       row->control, 1), (u16)0);
		idle = bench->dev->ch[1].clock.die[1].idle_ns;
		KUNIT_EXPECT_EQ_MSG(test, idle - bc->cmd.arrival_ns, row->ns,
				    "%s", row->name);
	}
}

/* ---- both versions on one device --------------------------------------- */

static void oc12_beside_oc20(struct kunit *test)
{
	struct bench *bench = oc12_bench(test, 2, true, "oc20:1,oc12:1,oc12h:1");
	struct bench_cmd *bc;
	u32 i;

	KUNIT_EXPECT_EQ(test, bench->dev->nr_ns, 3U);
	/* One page of two planes on each of the first two namespaces */
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 8, 1), (u16)0);
	bc = bench_cmd(bench);
	for (i = 0; i < 8; i++)
		bc->lba[i] = ppa(bench, 0, 0, 0, 0, i / 4, i % 4);
	bench_vector(bc, 0x91, 8);
	rw(bc)->nsid = cpu_to_le32(2);
	bench_fill(bc, 8, 2);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, chunk_of(bench, 0, 0, 0, 0)->wp, 8U);
	KUNIT_EXPECT_EQ(test, chunk_of(bench, 1, 0, 0, 0)->wp, 4U);
	KUNIT_EXPECT_EQ(test, chunk_of(bench, 1, 0, 0, 1)->wp, 4U);
	KUNIT_EXPECT_EQ(test, chunk_of(bench, 2, 0, 0, 0)->wp, 0U);
	/* Bad-block commands are 1.2's; its chunks are in no chunk log */
	KUNIT_EXPECT_EQ(test, get_bbt(bc, 0, 72), (u16)0x4001);
	/* Channel 1 is another namespace's */
	bc->lba[0] = ppa(bench, 1, 0, 0, 0, 0, 0);
	bench_vector(bc, 0x92, 1);
	rw(bc)->nsid = cpu_to_le32(2);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)INVALID);
}

/* Sectors named twice, at a block's end: time must not run backwards or away */
static void oc12_time_of_doubled_sectors(struct kunit *test)
{
	struct oc_config cfg = oc12_config(2, false, "oc12");
	struct bench *bench;
	struct bench_cmd *bc;
	u32 i;

	cfg.timing = "prog=2ms,bus=1us";
	bench = bench_remake(test, &cfg);
	bc = bench_cmd(bench);
	for (i = 0; i < 64; i++)
		bc->lba[i] = ppa(bench, 1, 1, 2, 5, 1, 3);
	KUNIT_EXPECT_EQ(test, run_list(bc, 0x91, 64, 0, 1), (u16)0);
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
	KUNIT_CASE(oc12_hybrid_map_is_what_the_host_gave),
	KUNIT_CASE(oc12_hybrid_map_moves_and_goes),
	KUNIT_CASE(oc12_hybrid_overwrite_in_place),
	KUNIT_CASE(oc12_hybrid_reads),
	KUNIT_CASE(oc12_hybrid_read_finds_what_moved),
	KUNIT_CASE(oc12_planes_work_at_the_same_time),
	KUNIT_CASE(oc12_time_of_doubled_sectors),
	KUNIT_CASE(oc12_beside_oc20),
	{ }
};

struct kunit_suite oc_oc12_rules_suite = {
	.name = "oc_oc12_rules",
	.exit = bench_exit,
	.test_cases = oc12_rules_cases,
};
