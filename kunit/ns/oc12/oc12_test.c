// SPDX-License-Identifier: GPL-2.0
/*
 * oc12_test.c - namespaces of OCSSD 1.2: addresses, identity, bad blocks, planes, and what is
 * beside them
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "nand_bed.h"

/* ---- addresses -------------------------------------------------------- */

static void oc12_every_address_is_round(struct kunit *test)
{
	static const u32 planes[] = { 1, 2, 4 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(planes); i++) {
		struct bench *bench = nand_bench(test, planes[i], true, "oc12");
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
			a = nand_ppa(bench, ch, lun, blk, pg, pln, sec);
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
	struct bench *bench = nand_bench(test, 2, true, "oc12");
	const struct oc_geo *geo = &bench->dev->ns[0].geo;
	struct oc_addr addr;
	const struct oc12 *o;
	u32 bit;

	o = bench->dev->ns[0].priv;
	KUNIT_EXPECT_FALSE(test,
			   oc12_decode(o, geo, nand_ppa(bench, 3, 0, 0, 0, 0, 0), &addr));
	KUNIT_EXPECT_FALSE(test,
			   oc12_decode(o, geo, nand_ppa(bench, 0, 3, 0, 0, 0, 0), &addr));
	KUNIT_EXPECT_FALSE(test,
			   oc12_decode(o, geo, nand_ppa(bench, 0, 0, 0, 6, 0, 0), &addr));
	KUNIT_EXPECT_EQ(test, oc12_nsze(o), BIT_ULL(12));
	for (bit = 12; bit < 64; bit++)
		KUNIT_EXPECT_FALSE(test, oc12_decode(o, geo, BIT_ULL(bit), &addr));
	/* Addresses of blocks and LUNs ignore the fields below */
	KUNIT_EXPECT_TRUE(test,
			  oc12_decode_blk(o, geo, nand_ppa(bench, 2, 1, 3, 7, 1, 3),
					  &addr));
	KUNIT_EXPECT_EQ(test, addr.chk, (1U * 4 + 3) * 2 + 1);
	KUNIT_EXPECT_EQ(test, addr.sec, 0U);
	KUNIT_EXPECT_TRUE(test,
			  oc12_decode_lun(o, geo, nand_ppa(bench, 2, 1, 3, 7, 1, 3),
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
		struct oc_complaint why;

		cfg.geo.num_grp = row->num_grp;
		cfg.geo.num_pu = row->num_pu;
		cfg.geo.num_chk = row->num_chk;
		cfg.geo.clba = row->clba;
		cfg.geo.lba_size = row->lba_size;
		cfg.geo.oob_size = row->oob_size;
		cfg.geo.num_pln = row->num_pln;
		cfg.geo.secs_per_pg = row->spp;
		cfg.ns = row->ns;
		KUNIT_EXPECT_EQ_MSG(test, bench_try(&cfg, &why), -EINVAL, "%s", row->name);
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
	struct bench *bench = nand_bench(test, 2, true, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i;

	bc->sqe.common.opcode = 0xe2;
	bc->sqe.common.nsid = cpu_to_le32(1);
	bench_data(bc, true, 4096);
	KUNIT_ASSERT_EQ(test, bench_run_admin(bc), (u16)0);
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		KUNIT_EXPECT_EQ_MSG(test, le(bc->data, fields[i].off, fields[i].len),
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
		struct bench *bench = nand_bench(test, rows[i].planes, true,
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

static void oc12_bad_blocks_are_remembered(struct kunit *test)
{
	struct bench *bench = nand_bench(test, 2, true, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);

	KUNIT_ASSERT_EQ(test, nand_get_bbt(bc, nand_ppa(bench, 1, 2, 3, 5, 1, 3), 72),
			(u16)0);
	KUNIT_EXPECT_EQ(test, memcmp(bc->data, "BBLT\1\0\0\0\0\0\0\0\10\0\0\0", 16), 0);
	KUNIT_EXPECT_TRUE(test, !memchr_inv(bc->data + 16, 0, 56));

	/* One by one, page and sector of any value: grown, host, device */
	bc->lba[0] = nand_ppa(bench, 1, 2, 3, 7, 1, 3);
	KUNIT_EXPECT_EQ(test, nand_set_bbt(bc, 1, 2), (u16)0);
	bc->lba[0] = nand_ppa(bench, 1, 2, 0, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, nand_set_bbt(bc, 1, 8), (u16)0);
	/* A list over channels, planes and LUNs: factory */
	bc->lba[0] = nand_ppa(bench, 1, 2, 1, 0, 0, 0);
	bc->lba[1] = nand_ppa(bench, 0, 2, 1, 0, 0, 0);
	bc->lba[2] = nand_ppa(bench, 1, 0, 1, 0, 1, 0);
	bc->lba[3] = nand_ppa(bench, 1, 2, 1, 0, 1, 0);
	KUNIT_EXPECT_EQ(test, nand_set_bbt(bc, 4, 1), (u16)0);

	KUNIT_ASSERT_EQ(test, nand_get_bbt(bc, nand_ppa(bench, 1, 2, 0, 0, 0, 0), 72),
			(u16)0);
	KUNIT_EXPECT_EQ(test, memcmp(bc->data + 64, "\10\0\1\1\0\0\0\2", 8), 0);
	KUNIT_EXPECT_EQ(test, le(bc->data, 16, 4), 2U);
	KUNIT_EXPECT_EQ(test, le(bc->data, 20, 4), 1U);
	KUNIT_EXPECT_EQ(test, le(bc->data, 24, 4), 0U);
	KUNIT_EXPECT_EQ(test, le(bc->data, 28, 4), 1U);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[1].stat.nr[OC_CHK_OFFLINE], 4U);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].stat.nr[OC_CHK_OFFLINE], 1U);
	KUNIT_EXPECT_EQ(test, (u32)nand_chunk(bench, 1, 0, 1, 1)->state,
			(u32)OC_CHK_OFFLINE);
}

static void oc12_bad_block_commands_are_checked(struct kunit *test)
{
	struct bench *bench = nand_bench(test, 2, true, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);

	/* Too short a buffer, no such LUN, no such channel, bits above it */
	bc->cmd.listed = true;
	KUNIT_EXPECT_EQ(test, nand_get_bbt(bc, 0, 72), (u16)0x4002);
	bc->cmd.listed = false;
	KUNIT_EXPECT_EQ(test, nand_get_bbt(bc, 0, 71), (u16)0x400f);
	KUNIT_EXPECT_EQ(test, nand_get_bbt(bc, nand_ppa(bench, 0, 3, 0, 0, 0, 0), 72),
			INVALID);
	KUNIT_EXPECT_EQ(test, nand_get_bbt(bc, nand_ppa(bench, 3, 0, 0, 0, 0, 0), 72),
			INVALID);
	KUNIT_EXPECT_EQ(test, nand_get_bbt(bc, BIT_ULL(40), 72), INVALID);
	/* No such value; no such block, and then none is marked */
	bc->lba[0] = 0;
	KUNIT_EXPECT_EQ(test, nand_set_bbt(bc, 1, 16), INVALID);
	bc->lba[1] = nand_ppa(bench, 0, 3, 0, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, nand_set_bbt(bc, 2, 2), INVALID);
	/* More addresses than a list holds; a list that was not handed out */
	bench_vector(bc, 0xf1, 1);
	nand_rw(bc)->nppa = cpu_to_le16(64);
	KUNIT_EXPECT_EQ(test, bench_run_admin(bc), INVALID);
	bench_vector(bc, 0xf1, 2);
	nand_rw(bc)->ppa = cpu_to_le64(0x12345678);
	KUNIT_EXPECT_EQ(test, bench_run_admin(bc), INVALID);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].stat.nr[OC_CHK_OFFLINE], 0U);
	/* L2P is the hybrid's */
	bench_vector(bc, 0xea, 1);
	KUNIT_EXPECT_EQ(test, bench_run_admin(bc), (u16)0x4001);
}

static void oc12_bad_block_takes_nothing_and_forgets_nothing(struct kunit *test)
{
	struct bench *bench = nand_bench(test, 2, true, "oc12");
	struct bench_cmd *bc;
	u32 nr;

	KUNIT_ASSERT_EQ(test, nand_write(bench, 0, 1, 2, 7), (u16)0);
	bc = bench_cmd(bench);
	bc->lba[0] = nand_ppa(bench, 1, 0, 1, 0, 1, 0);
	KUNIT_ASSERT_EQ(test, nand_set_bbt(bc, 1, 2), (u16)0);

	/* The next page on both planes fails; on the good one it works */
	nr = nand_page(bc, 0, 0, 1, 2, 0, 2);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x91, nr, DUAL, 7), WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0xffULL);
	nr = nand_page(bc, 0, 0, 1, 2, 0, 1);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x91, nr, 0, 7), (u16)0);
	/* What it held can still be read */
	nr = nand_page(bc, 0, 0, 1, 1, 1, 1);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x92, nr, 0, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_compare(bc, 3, bc->lba[3], 7), 0U);

	/* Erase of both planes: the good one is erased, the bit says it failed */
	KUNIT_EXPECT_EQ(test, nand_erase(bench, nand_ppa(bench, 1, 0, 1, 0, 0, 0), DUAL),
			WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, nand_chunk(bench, 1, 0, 1, 0)->wp, 0U);
	KUNIT_EXPECT_EQ(test, nand_chunk(bench, 1, 0, 1, 1)->wp, 8U);

	/* Good again: as it was, open at page 2 */
	bc->lba[0] = nand_ppa(bench, 1, 0, 1, 0, 1, 0);
	KUNIT_ASSERT_EQ(test, nand_set_bbt(bc, 1, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)nand_chunk(bench, 1, 0, 1, 1)->state, (u32)OC_CHK_OPEN);
	KUNIT_EXPECT_EQ(test, nand_erase(bench, bc->lba[0], 0), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
}

static void oc12_offline_chunks_are_bad_blocks(struct kunit *test)
{
	struct bench *bench = nand_bench(test, 2, true, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);

	/* One that was never used, one that has been */
	KUNIT_ASSERT_EQ(test, nand_erase(bench, nand_ppa(bench, 1, 0, 2, 0, 1, 0), 0),
			(u16)0);
	bench_offline(bench, 1, 1);
	bench_offline(bench, 1, 2 * bench->dev->geo.num_pln + 1);
	KUNIT_ASSERT_EQ(test, nand_get_bbt(bc, nand_ppa(bench, 1, 0, 0, 0, 0, 0), 72),
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
		struct bench *bench = nand_bench(test, row->planes, true,
						 "oc12");
		u32 erased = 0;
		u64 addr;

		KUNIT_ASSERT_EQ(test, nand_write(bench, 1, 2, 6, 1), (u16)0);
		KUNIT_EXPECT_EQ(test, (u32)nand_chunk(bench, 1, 1, 2, 0)->state,
				(u32)OC_CHK_CLOSED);
		addr = nand_ppa(bench, 1, 1, 2, 0, row->pln, 0);
		KUNIT_EXPECT_EQ(test, nand_erase(bench, addr, row->control), (u16)0);
		for (pln = 0; pln < row->planes; pln++) {
			struct oc_chunk *chk = nand_chunk(bench, 1, 1, 2, pln);

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
	struct bench *bench = nand_bench(test, 2, true, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);

	/* Plane-major, as lightnvm lists them, data buffer and all */
	bc->lba[0] = nand_ppa(bench, 1, 0, 0, 0, 0, 0);
	bc->lba[1] = nand_ppa(bench, 1, 0, 1, 0, 0, 0);
	bc->lba[2] = nand_ppa(bench, 1, 0, 0, 0, 1, 0);
	bc->lba[3] = nand_ppa(bench, 1, 0, 1, 0, 1, 0);
	bench_vector(bc, 0x90, 4);
	nand_rw(bc)->control = cpu_to_le16(DUAL);
	bench_data(bc, true, 4 * 512);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[1].count.resets, 4ULL);
	KUNIT_EXPECT_EQ(test, nand_chunk(bench, 1, 0, 0, 1)->resets, 1U);
	/* Without the bits each address is one plane; twice is twice */
	bc->lba[1] = bc->lba[0];
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x90, 2, 0, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, nand_chunk(bench, 1, 0, 0, 0)->resets, 2U);
	KUNIT_EXPECT_EQ(test, nand_chunk(bench, 1, 0, 0, 1)->resets, 1U);
	/* A bad plane's bit, and only that */
	bc->lba[0] = nand_ppa(bench, 1, 0, 3, 0, 1, 0);
	KUNIT_ASSERT_EQ(test, nand_set_bbt(bc, 1, 1), (u16)0);
	bc->lba[0] = nand_ppa(bench, 1, 0, 0, 0, 0, 0);
	bc->lba[1] = nand_ppa(bench, 1, 0, 3, 0, 0, 0);
	bc->lba[2] = nand_ppa(bench, 1, 0, 2, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x90, 3, DUAL, 0), WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 2ULL);
	KUNIT_EXPECT_EQ(test, nand_chunk(bench, 1, 0, 2, 1)->resets, 1U);
}

static void oc12_lists_may_be_plane_major(struct kunit *test)
{
	struct bench *bench = nand_bench(test, 4, true, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i, pg, pln, sec, wrong = 0;

	for (pln = 0, i = 0; pln < 4; pln++)
		for (pg = 0; pg < 4; pg++)
			for (sec = 0; sec < 4; sec++)
				bc->lba[i++] = nand_ppa(bench, 1, 0, 0, pg, pln, sec);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x91, 64, QUAD, 3), (u16)0);
	/* Read backwards: sector i belongs to address i, in any order */
	for (i = 0; i < 32; i++)
		swap(bc->lba[i], bc->lba[63 - i]);
	memset(bc->oob, 0, 64 * 16);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x92, 64, QUAD, 0), (u16)0);
	for (i = 0; i < 64; i++)
		wrong += bench_compare(bc, i, bc->lba[i], 3);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

/* ---- empty pages ------------------------------------------------------ */

static void oc12_empty_pages_have_their_bits(struct kunit *test)
{
	struct bench *bench = nand_bench(test, 1, true, "oc12");
	u64 want = 0;
	struct bench_cmd *bc;
	u32 i, wrong = 0;

	KUNIT_ASSERT_EQ(test, nand_write(bench, 0, 0, 2, 5), (u16)0);
	bc = bench_cmd(bench);
	/* Written and empty ones mixed, over two channels, up to bit 63 */
	for (i = 0; i < 64; i++) {
		bool empty = i % 3 == 0 || i > 40;

		bc->lba[i] = nand_ppa(bench, empty ? 1 + i % 2 : 1, 0, 0,
				      empty ? 2 + i % 4 : i % 2, 0, i % 4);
		if (empty)
			want |= BIT_ULL(i);
	}
	memset(bc->oob, 0, 64 * 16);
	KUNIT_EXPECT_EQ(test, nand_run(bc, 0x92, 64, 0x280, 0), EMPTY_PAGE);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), want);
	for (i = 0; i < 64; i++)
		wrong += want >> i & 1 ? !bench_is_blank(bc, i) :
			bench_compare(bc, i, bc->lba[i], 5);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	/* The error log has the first of them, in this format */
	KUNIT_EXPECT_EQ(test, le64_to_cpu(bench->ctrl.errlog[0].lba), bc->lba[0]);

	/* One address, no metadata, plane bits: how Linux senses a block */
	bench_vector(bc, 0x92, 1);
	bc->lba[0] = nand_ppa(bench, 1, 0, 0, 5, 0, 0);
	nand_rw(bc)->ppa = cpu_to_le64(bc->lba[0]);
	nand_rw(bc)->metadata = 0;
	nand_rw(bc)->control = cpu_to_le16(0x281);
	bench_data(bc, true, 4096);
	KUNIT_EXPECT_EQ(test, bench_run(bc), EMPTY_PAGE);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 1ULL);
}

static void oc12_scalar_reads_of_nothing_are_zeroes(struct kunit *test)
{
	struct bench *bench = nand_bench(test, 2, true, "oc12");
	struct bench_cmd *bc = bench_cmd(bench);

	/* Addresses that follow each other fill pages in order */
	bench_scalar(bc, nvme_cmd_write, nand_ppa(bench, 0, 0, 0, 0, 0, 0), 8);
	bench_fill(bc, 8, 9);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	/* The last written sector, empty ones, and then a hole: page 6 */
	bench_scalar(bc, nvme_cmd_read, nand_ppa(bench, 0, 0, 0, 0, 1, 3), 64);
	memset(bc->data, 0xee, 64 * 512);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_compare(bc, 0, bc->lba[0], 9), 0U);
	KUNIT_EXPECT_TRUE(test, bench_is_blank(bc, 1));
	KUNIT_EXPECT_TRUE(test, bench_is_blank(bc, 63));
	bench_scalar(bc, nvme_cmd_write, nand_ppa(bench, 0, 0, 0, 6, 0, 0), 8);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4280);
	bench_scalar(bc, nvme_cmd_read, BIT(12) - 1, 2);
	KUNIT_EXPECT_EQ(test, bench_run(bc), OUT_OF_RANGE);
}

/* ---- both versions on one device -------------------------------------- */

static void oc12_beside_oc20(struct kunit *test)
{
	struct bench *bench = nand_bench(test, 2, true, "oc20:1,oc12:1,oc12h:1");
	struct bench_cmd *bc;
	u32 i;

	KUNIT_EXPECT_EQ(test, bench->dev->nr_ns, 3U);
	/* One page of two planes on each of the first two namespaces */
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 8, 1), (u16)0);
	bc = bench_cmd(bench);
	for (i = 0; i < 8; i++)
		bc->lba[i] = nand_ppa(bench, 0, 0, 0, 0, i / 4, i % 4);
	bench_vector(bc, 0x91, 8);
	nand_rw(bc)->nsid = cpu_to_le32(2);
	bench_fill(bc, 8, 2);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, nand_chunk(bench, 0, 0, 0, 0)->wp, 8U);
	KUNIT_EXPECT_EQ(test, nand_chunk(bench, 1, 0, 0, 0)->wp, 4U);
	KUNIT_EXPECT_EQ(test, nand_chunk(bench, 1, 0, 0, 1)->wp, 4U);
	KUNIT_EXPECT_EQ(test, nand_chunk(bench, 2, 0, 0, 0)->wp, 0U);
	/* Bad-block commands are 1.2's; its chunks are in no chunk log */
	KUNIT_EXPECT_EQ(test, nand_get_bbt(bc, 0, 72), (u16)0x4001);
	/* Channel 1 is another namespace's */
	bc->lba[0] = nand_ppa(bench, 1, 0, 0, 0, 0, 0);
	bench_vector(bc, 0x92, 1);
	nand_rw(bc)->nsid = cpu_to_le32(2);
	KUNIT_EXPECT_EQ(test, bench_run(bc), INVALID);
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
	KUNIT_CASE(oc12_beside_oc20),
	{}
};

struct kunit_suite oc_oc12_suite = {
	.name = "oc_oc12",
	.exit = bench_exit,
	.test_cases = oc12_cases,
};
