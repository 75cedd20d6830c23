// SPDX-License-Identifier: GPL-2.0
/*
 * hybrid_test.c - the mapping of hybrid namespaces: what the host gives, moves and erases
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "nand_bed.h"

/* The sectors of the first page of a block of LUN 0 */
static void list_page(struct bench_cmd *bc, u32 ch, u32 blk)
{
	u32 i;

	for (i = 0; i < 4; i++)
		bc->lba[i] = nand_ppa(bc->bench, ch, 0, blk, 0, 0, i);
}

static u16 hybrid_write(struct bench_cmd *bc, u32 nr, u64 slba, u32 seed)
{
	bench_vector(bc, 0x81, nr);
	nand_rw(bc)->slba = cpu_to_le64(slba);
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
	struct bench *bench = nand_bench(test, 1, true, "oc12h");
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i;

	/* Logical 100 to 107: a page of channel 2, a page of channel 0 */
	for (i = 0; i < 8; i++)
		bc->lba[i] = nand_ppa(bench, i < 4 ? 2 : 0, 1, 3, 0, 0, i % 4);
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
	KUNIT_EXPECT_EQ(test, get_l2p(bc, 863, 2), INVALID);
	KUNIT_EXPECT_EQ(test, get_l2p(bc, U64_MAX, 1), INVALID);
	KUNIT_EXPECT_EQ(test, get_l2p(bc, 1ULL << 32, 1), INVALID);
	KUNIT_EXPECT_EQ(test, get_l2p(bc, 0, 513), (u16)0x400f);
}

static void oc12_hybrid_map_moves_and_goes(struct kunit *test)
{
	struct bench *bench = nand_bench(test, 1, true, "oc12h");
	struct bench_cmd *bc = bench_cmd(bench);

	/* 10 to 13 in block 1 of channel 0, then 12 to 15 in channel 1 */
	list_page(bc, 0, 1);
	KUNIT_ASSERT_EQ(test, hybrid_write(bc, 4, 10, 1), (u16)0);
	list_page(bc, 1, 1);
	KUNIT_ASSERT_EQ(test, hybrid_write(bc, 4, 12, 2), (u16)0);
	KUNIT_ASSERT_EQ(test, get_l2p(bc, 10, 6), (u16)0);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 0), LINEAR(0, 0, 1, 0));
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 1), LINEAR(0, 0, 1, 1));
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 2), LINEAR(1, 0, 1, 0));

	/* The first block goes: 10 and 11 with it, 12 and 13 live elsewhere */
	KUNIT_ASSERT_EQ(test, nand_erase(bench, nand_ppa(bench, 0, 0, 1, 0, 0, 0), 0),
			(u16)0);
	KUNIT_ASSERT_EQ(test, get_l2p(bc, 10, 6), (u16)0);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 0), 0ULL);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 1), 0ULL);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 2), LINEAR(1, 0, 1, 0));
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 5), LINEAR(1, 0, 1, 3));

	/* A physical write into the erased block maps nothing */
	list_page(bc, 0, 1);
	KUNIT_ASSERT_EQ(test, nand_run(bc, 0x91, 4, 0, 3), (u16)0);
	KUNIT_ASSERT_EQ(test, get_l2p(bc, 10, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 0), 0ULL);

	/* Refused writes map nothing either */
	KUNIT_EXPECT_EQ(test, hybrid_write(bc, 4, 10, 3), WRITE_FAIL);
	KUNIT_EXPECT_EQ(test, hybrid_write(bc, 4, 861, 3), OUT_OF_RANGE);
	KUNIT_EXPECT_EQ(test, hybrid_write(bc, 4, U64_MAX, 3), OUT_OF_RANGE);
	list_page(bc, 0, 0);
	/* Sector 0 would look like "nowhere" */
	KUNIT_EXPECT_EQ(test, hybrid_write(bc, 4, 10, 3), INVALID);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 1ULL);
	KUNIT_ASSERT_EQ(test, get_l2p(bc, 10, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 0), 0ULL);
}

static void oc12_hybrid_overwrite_in_place(struct kunit *test)
{
	struct bench *bench = nand_bench(test, 2, false, "oc12h");
	struct bench_cmd *bc = bench_cmd(bench);

	/* Without strict a sector may change hands without an erase */
	bc->lba[0] = nand_ppa(bench, 0, 0, 1, 2, 1, 3);
	KUNIT_ASSERT_EQ(test, hybrid_write(bc, 1, 5, 1), (u16)0);
	KUNIT_ASSERT_EQ(test, get_l2p(bc, 5, 2), (u16)0);
	/* Block 1 begins at 48; page 2 at 16 in it, plane 1 at 4 in that */
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 0), 48ULL + 16 + 4 + 3);
	KUNIT_ASSERT_EQ(test, hybrid_write(bc, 1, 6, 1), (u16)0);
	KUNIT_ASSERT_EQ(test, get_l2p(bc, 5, 2), (u16)0);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 0), 0ULL);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 1), 71ULL);
	KUNIT_ASSERT_EQ(test, nand_run(bc, 0x91, 1, 0, 1), (u16)0);
	KUNIT_ASSERT_EQ(test, get_l2p(bc, 5, 2), (u16)0);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 1), 0ULL);

	/* One that fails leaves nothing of what was there */
	KUNIT_ASSERT_EQ(test, hybrid_write(bc, 1, 7, 1), (u16)0);
	bench_set_faults(bench, "write-fail");
	KUNIT_ASSERT_EQ(test, hybrid_write(bc, 1, 8, 1), WRITE_FAIL);
	KUNIT_ASSERT_EQ(test, get_l2p(bc, 7, 2), (u16)0);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 0), 0ULL);
	KUNIT_EXPECT_EQ(test, l2p_entry(bc, 1), 0ULL);
}

static void oc12_hybrid_reads(struct kunit *test)
{
	struct bench *bench = nand_bench(test, 1, true, "oc12h");
	struct bench_cmd *bc = bench_cmd(bench);
	u64 at[4];

	list_page(bc, 1, 0);
	memcpy(at, bc->lba, sizeof(at));
	KUNIT_ASSERT_EQ(test, hybrid_write(bc, 4, 0, 1), (u16)0);

	/* Logical and physical address; the physical one is what is read */
	memset(bc->data, 0xee, 4 * 512);
	bench_vector(bc, 0x02, 4);
	bench_data(bc, true, 4 * 512);
	nand_rw(bc)->slba = cpu_to_le64(1);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_compare(bc, 3, at[3], 1), 0U);
	/* Logical 0 is told from NVMe's own read by a control bit */
	bench_vector(bc, 0x02, 1);
	bench_data(bc, true, 512);
	nand_rw(bc)->control = cpu_to_le16(0x200);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_compare(bc, 0, at[0], 1), 0U);
	/* An empty page, and a logical address past the end */
	nand_rw(bc)->ppa = cpu_to_le64(nand_ppa(bench, 1, 0, 0, 1, 0, 0));
	KUNIT_EXPECT_EQ(test, bench_run(bc), EMPTY_PAGE);
	nand_rw(bc)->slba = cpu_to_le64(864);
	KUNIT_EXPECT_EQ(test, bench_run(bc), OUT_OF_RANGE);

	/* NVMe's own read goes through the mapping; what is nowhere is zeroes */
	bench_scalar(bc, nvme_cmd_read, 2, 4);
	memset(bc->data, 0xee, 4 * 512);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_compare(bc, 1, at[3], 1), 0U);
	KUNIT_EXPECT_TRUE(test, bench_is_blank(bc, 2));
	KUNIT_ASSERT_EQ(test, nand_erase(bench, at[0], 0), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_TRUE(test, bench_is_blank(bc, 1));
	bench_scalar(bc, nvme_cmd_read, 863, 2);
	KUNIT_EXPECT_EQ(test, bench_run(bc), OUT_OF_RANGE);
	/* No status may hint at a list's address */
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
	struct bench *bench = nand_bench(test, 1, true, "oc12h");
	struct oc_channel *ch;
	struct bench_cmd *bc, *reader;
	u32 i;

	bc = bench_cmd(bench);
	reader = bench_cmd(bench);
	list_page(bc, 0, 1);
	KUNIT_ASSERT_EQ(test, hybrid_write(bc, 4, 10, 1), (u16)0);

	ch = &bench->dev->ch[0];
	oc_channel_own(ch);
	bench_scalar(reader, nvme_cmd_read, 9, 5);
	memset(reader->data, 0xee, 5 * 512);
	bench_submit(reader);
	/* 11 to 13 are moved, 10 is not */
	list_page(bc, 1, 1);
	KUNIT_EXPECT_EQ(test, hybrid_write(bc, 4, 11, 2), (u16)0);
	oc12_map_drop_chunk(&bench->dev->ns[0], 0, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&reader->calls), 0);
	oc_channel_release(ch);

	KUNIT_ASSERT_TRUE(test, bench_wait(reader));
	KUNIT_EXPECT_EQ(test, reader->cmd.status, (u16)0);
	KUNIT_EXPECT_TRUE(test, bench_is_blank(reader, 0));
	KUNIT_EXPECT_TRUE(test, bench_is_blank(reader, 1));
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, bench_compare(reader, i + 2, bc->lba[i], 2), 0U);
}

static struct kunit_case hybrid_cases[] = {
	KUNIT_CASE(oc12_hybrid_map_is_what_the_host_gave),
	KUNIT_CASE(oc12_hybrid_map_moves_and_goes),
	KUNIT_CASE(oc12_hybrid_overwrite_in_place),
	KUNIT_CASE(oc12_hybrid_reads),
	KUNIT_CASE(oc12_hybrid_read_finds_what_moved),
	{}
};

struct kunit_suite oc_oc12_hybrid_suite = {
	.name = "oc_oc12_hybrid",
	.exit = bench_exit,
	.test_cases = hybrid_cases,
};
