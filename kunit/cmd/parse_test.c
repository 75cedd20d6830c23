// SPDX-License-Identifier: GPL-2.0
/*
 * parse_test.c - which commands are refused, and which channels get which part of the others
 *
 * Statuses are literal, 0x4000 being DNR.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "io_bed.h"

static void parse_unknown_opcodes(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 op, served = 0;

	for (op = 0; op < 256; op++) {
		/* 7fh is Fabrics: another way in */
		if (op == 0x7f)
			continue;
		memset(&bc->sqe, 0, sizeof(bc->sqe));
		bc->sqe.common.opcode = op;
		bc->sqe.common.nsid = cpu_to_le32(1);
		bench_data(bc, true, 0);
		if (bench_run(bc) != 0x4001) {
			served++;
			continue;
		}
		KUNIT_EXPECT_EQ_MSG(test, (u32)bc->cmd.err_loc, 0U,
				    "opcode %#x", op);
		KUNIT_EXPECT_EQ_MSG(test, bench_bitmap(bc), 0ULL,
				    "opcode %#x", op);
	}
	/* flush, write, read, dsm, vector reset, write and read */
	KUNIT_EXPECT_EQ(test, served, 7U);
}

static void parse_wrong_namespaces(struct kunit *test)
{
	/* There could be five */
	static const u32 nsid[] = { 2, 5, 0, 6, 0x100, 0x101, U32_MAX - 1 };
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(nsid); i++) {
		io_chunks(bc, 1, 0);
		bench_vector(bc, OC_CMD_VECTOR_READ, 1);
		bc->sqe.common.nsid = cpu_to_le32(nsid[i]);
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc),
				    (u16)(i < 2 ? 0x4002 : 0x400b),
				    "nsid %#x", nsid[i]);
		KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 4U);
	}
}

static void parse_controller_not_ready(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);

	bench->ctrl.csts = 0;
	io_chunks(bc, 1, 0);
	bench_vector(bc, OC_CMD_VECTOR_READ, 1);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x400c);
}

static void parse_no_fused_commands(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);

	io_chunks(bc, 1, 0);
	bench_vector(bc, OC_CMD_VECTOR_READ, 1);
	bc->sqe.common.flags = 1;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	bc->sqe.common.flags = 2;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 1U);
}

static void parse_vector_counts(struct kunit *test)
{
	static const u16 nlb[] = { 64, 65, 0x7f, 0x100, 0xffff };
	static const u8 op[] = { 0x90, 0x91, 0x92 };
	struct bench_cmd *bc = bench_cmd(test->priv);
	struct oc_wire_vector *sqe = (void *)&bc->sqe;
	u32 i, k;

	io_chunks(bc, 64, 0);
	for (k = 0; k < ARRAY_SIZE(op); k++)
		for (i = 0; i < ARRAY_SIZE(nlb); i++) {
			bench_vector(bc, op[k], 64);
			sqe->nlb = cpu_to_le16(nlb[i]);
			KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), (u16)0x4002,
					    "opcode %#x, nlb %#x", op[k],
					    nlb[i]);
			KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 48U);
		}
}

static void parse_control_bits_do_not_matter(struct kunit *test)
{
	/* FUA, limited retry, and liblightnvm's scramble bit 25 of CDW12 */
	static const u16 control[] = { 0x4000, 0x8000, 0x0200, 0xffff };
	struct bench_cmd *bc = bench_cmd(test->priv);
	struct oc_wire_vector *sqe = (void *)&bc->sqe;
	u32 i;

	io_chunks(bc, 64, 0);
	for (i = 0; i < ARRAY_SIZE(control); i++) {
		bench_vector(bc, OC_CMD_VECTOR_READ, 64);
		sqe->control = cpu_to_le16(control[i]);
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), (u16)0, "control %#x",
				    control[i]);
	}
}

static void parse_list_must_be_handed_out(struct kunit *test)
{
	static const struct {
		const char *name;
		u64 handle;
		u16 status;
	} lists[] = {
		{ "right", LIST_HANDLE, 0 },
		{ "null", 0, 0x4002 },
		{ "unknown", 0x666000, 0x4002 },
		{ "before the buffer", LIST_HANDLE - 8, 0x4002 },
		{ "over its end", LIST_HANDLE + 8, 0x4002 },
		{ "behind it", LIST_HANDLE + 512, 0x4002 },
		{ "not aligned", LIST_HANDLE + 4, 0x4002 },
		{ "all ones", U64_MAX, 0x4002 },
	};
	struct bench_cmd *bc = bench_cmd(test->priv);
	struct oc_wire_vector *sqe = (void *)&bc->sqe;
	u32 i;

	io_chunks(bc, 64, 0);
	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		bench_vector(bc, OC_CMD_VECTOR_READ, 64);
		sqe->lbal = cpu_to_le64(lists[i].handle);
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), lists[i].status, "%s",
				    lists[i].name);
		if (lists[i].status)
			KUNIT_EXPECT_EQ_MSG(test, (u32)bc->cmd.err_loc, 40U,
					    "%s", lists[i].name);
	}

	/* A shorter list may begin in the middle of what was handed out */
	bench_vector(bc, OC_CMD_VECTOR_READ, 2);
	sqe->lbal = cpu_to_le64(LIST_HANDLE + 62 * 8);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, bc->cmd.addr[1].grp, 63 % 5U);
}

static void parse_data_too_short(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);

	io_chunks(bc, 64, 0);
	bench_vector(bc, OC_CMD_VECTOR_READ, 64);
	bench_data(bc, true, 64 * 512 - 1);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x400f);
	bench_vector(bc, OC_CMD_VECTOR_WRITE, 64);
	bench_data(bc, false, 0);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x400f);
	bench_scalar(bc, nvme_cmd_read, 0, 2);
	bench_data(bc, true, 1023);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x400f);
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 24U);

	/* A longer buffer is fine, and only what was asked for is touched */
	memset(bc->data, 0xee, 64 * 512);
	bench_scalar(bc, nvme_cmd_read, 0, 2);
	bench_data(bc, true, 4096);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->data, 0, 1024));
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->data + 1024, 0xee, 3072));
}

static void parse_read_needs_a_buffer_to_fill(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);

	io_chunks(bc, 64, 0);
	bench_vector(bc, OC_CMD_VECTOR_READ, 64);
	bench_data(bc, false, 64 * 512);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
}

static void parse_metadata(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);
	u8 meta[2 * 16];

	io_chunks(bc, 2, 0);

	/* A pointer that was never handed out, or whose buffer ends early */
	bench_vector(bc, OC_CMD_VECTOR_READ, 2);
	bc->sqe.common.metadata = cpu_to_le64(0x666000);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 16U);
	bench_vector(bc, OC_CMD_VECTOR_READ, 2);
	bc->sqe.common.metadata = cpu_to_le64(OOB_HANDLE + 64 * 32 - 31);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);

	/* None at all is fine */
	bench_vector(bc, OC_CMD_VECTOR_READ, 2);
	bc->sqe.common.metadata = 0;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);

	/* What came with the data counts more than the pointer */
	bench_vector(bc, OC_CMD_VECTOR_READ, 2);
	memset(bc->oob, 0xee, 32);
	memset(meta, 0xee, sizeof(meta));
	bc->cmd.meta = meta;
	bc->cmd.meta_len = sizeof(meta);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_FALSE(test, memchr_inv(meta, 0xff, sizeof(meta)));
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->oob, 0xee, 32));
	bc->cmd.meta_len = sizeof(meta) - 1;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4010);
}

static void parse_scalar_ranges(struct kunit *test)
{
	/* The address space has 2^13 sectors */
	static const struct {
		const char *name;
		u64 slba;
		u32 nr;
		u16 status;
	} ranges[] = {
		{ "first", 0, 1, 0 },
		{ "one command's worth", 0, 64, 0 },
		{ "too many", 0, 65, 0x4002 },
		{ "far too many", 0, 65536, 0x4002 },
		{ "last address", 8191, 1, 0 },
		{ "up to the last", 8128, 64, 0 },
		{ "over the end", 8191, 2, 0x4080 },
		{ "over the end by one", 8129, 64, 0x4080 },
		{ "at the end", 8192, 1, 0x4080 },
		{ "the sum wraps", U64_MAX, 2, 0x4080 },
		{ "high bit", 1ULL << 63, 1, 0x4080 },
	};
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		bench_scalar(bc, nvme_cmd_read, ranges[i].slba, ranges[i].nr);
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), ranges[i].status,
				    "%s", ranges[i].name);
		/* No list, no bitmap */
		KUNIT_EXPECT_EQ_MSG(test, bench_bitmap(bc), 0ULL, "%s",
				    ranges[i].name);
	}
	bench_scalar(bc, nvme_cmd_write, 8192, 4);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4080);
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 40U);
}

/* A list's address must not be found out by sending it where no list belongs */
static void parse_list_is_no_address(struct kunit *test)
{
	static const u8 opcodes[] = { nvme_cmd_read, nvme_cmd_write };
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	bc->cmd.listed = true;
	for (i = 0; i < ARRAY_SIZE(opcodes); i++) {
		bench_scalar(bc, opcodes[i], 0, 4);
		KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
		KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 40U);
		/* Neither is it one past the end */
		bench_scalar(bc, opcodes[i], 1ULL << 40, 4);
		KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	}
}

/* A command with addresses but no opcode, for the splitter alone */
static void split(struct bench_cmd *bc, u32 nsid, u32 nr)
{
	struct oc_wire_vector *sqe = (void *)&bc->sqe;
	u32 i;

	for (i = 0; i < nr; i++)
		bc->list[i] = cpu_to_le64(bc->lba[i]);
	sqe->lbal = cpu_to_le64(nr == 1 ? bc->lba[0] : LIST_HANDLE);
	bc->cmd.ns = oc_ns_find(bc->bench->dev, nsid);
	KUNIT_EXPECT_TRUE(bc->bench->test,
			  oc_cmd_list(&bc->cmd,
				      offsetof(struct oc_wire_vector, lbal),
				      nr));
	oc_cmd_split(&bc->cmd);
}

static void parse_split_one_part_per_channel(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u64 want[5] = {};
	u32 i;

	/* Groups 4 2 0 3 1 4 ..., so that parts come up in no order */
	for (i = 0; i < 64; i++) {
		u32 grp = (4 + i * 3) % 5;

		bc->lba[i] = bench_lba(bench, grp, i % 3, i % 5, i % 24);
		want[grp] |= 1ULL << i;
	}
	split(bc, 1, 64);
	KUNIT_EXPECT_EQ(test, bc->cmd.nr, 64U);
	KUNIT_EXPECT_EQ(test, bc->cmd.invalid, 0ULL);
	KUNIT_ASSERT_EQ(test, bc->cmd.nr_parts, 5U);
	for (i = 0; i < 5; i++) {
		const struct oc_part *part = &bc->cmd.parts[i];

		KUNIT_EXPECT_PTR_EQ(test, part->ch, &bench->dev->ch[i]);
		KUNIT_EXPECT_PTR_EQ(test, part->cmd, &bc->cmd);
		KUNIT_EXPECT_EQ_MSG(test, part->sectors, want[i], "part %u",
				    i);
		KUNIT_EXPECT_EQ(test, part->failed, 0ULL);
		KUNIT_EXPECT_EQ(test, (u32)part->status, 0U);
	}
}

static void parse_split_bits_at_the_edges(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	/* Entries 0, 31, 32 and 63 elsewhere than the rest */
	for (i = 0; i < 64; i++)
		bc->lba[i] = bench_lba(bench, 3, 0, 0, 0);
	bc->lba[0] = bench_lba(bench, 1, 0, 0, 0);
	bc->lba[31] = bc->lba[0];
	bc->lba[32] = bc->lba[0];
	bc->lba[63] = bc->lba[0];
	split(bc, 1, 64);
	KUNIT_ASSERT_EQ(test, bc->cmd.nr_parts, 2U);
	KUNIT_EXPECT_EQ(test, bc->cmd.parts[0].sectors,
			0x8000000180000001ULL);
	KUNIT_EXPECT_EQ(test, bc->cmd.parts[1].sectors,
			0x7ffffffe7ffffffeULL);
}

static void parse_split_one_address(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);

	bc->lba[0] = bench_lba(bench, 4, 2, 4, 23);
	split(bc, 1, 1);
	KUNIT_ASSERT_EQ(test, bc->cmd.nr_parts, 1U);
	KUNIT_EXPECT_PTR_EQ(test, bc->cmd.parts[0].ch, &bench->dev->ch[4]);
	KUNIT_EXPECT_EQ(test, bc->cmd.parts[0].sectors, 1ULL);
	KUNIT_EXPECT_EQ(test, bc->cmd.addr[0].chk, 14U);
	KUNIT_EXPECT_EQ(test, bc->cmd.addr[0].sec, 23U);
}

static void parse_split_leaves_invalid_out(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u64 parts = 0;
	u32 i;

	for (i = 0; i < 64; i++)
		bc->lba[i] = bench_lba(bench, i % 8, 0, 0, 0);
	split(bc, 1, 64);
	/* Groups 5 to 7 do not exist */
	KUNIT_EXPECT_EQ(test, bc->cmd.invalid, 0xe0e0e0e0e0e0e0e0ULL);
	KUNIT_EXPECT_EQ(test, bc->cmd.nr_parts, 5U);
	for (i = 0; i < bc->cmd.nr_parts; i++)
		parts |= bc->cmd.parts[i].sectors;
	KUNIT_EXPECT_EQ(test, parts, 0x1f1f1f1f1f1f1f1fULL);

	for (i = 0; i < 64; i++)
		bc->lba[i] = U64_MAX;
	split(bc, 1, 64);
	KUNIT_EXPECT_EQ(test, bc->cmd.invalid, U64_MAX);
	KUNIT_EXPECT_EQ(test, bc->cmd.nr_parts, 0U);
}

static void parse_split_counts_from_the_namespace(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct bench *bench;
	struct bench_cmd *bc;
	u32 i;

	cfg.ns = "oc20:2,oc20:3";
	bench = bench_remake(test, &cfg);
	bc = bench_cmd(test->priv);
	for (i = 0; i < 4; i++)
		bc->lba[i] = bench_lba(bench, i, 0, 0, 0);
	split(bc, 2, 4);
	KUNIT_EXPECT_EQ(test, bc->cmd.invalid, 8ULL);
	KUNIT_ASSERT_EQ(test, bc->cmd.nr_parts, 3U);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_PTR_EQ(test, bc->cmd.parts[i].ch,
				    &bench->dev->ch[2 + i]);

	split(bc, 1, 4);
	KUNIT_EXPECT_EQ(test, bc->cmd.invalid, 0xcULL);
	KUNIT_EXPECT_EQ(test, bc->cmd.nr_parts, 2U);
}

static void parse_split_hundred_channels(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct bench *bench = test->priv;
	struct bench_cmd *bc;
	u32 i, wrong = 0;

	KUNIT_EXPECT_EQ(test, oc_cmd_max_parts(bench->dev), 5U);
	cfg.geo.num_grp = 100;
	bench = bench_remake(test, &cfg);
	KUNIT_EXPECT_EQ(test, oc_cmd_max_parts(bench->dev), 100U);
	bc = bench_cmd(test->priv);

	/* Downwards, each in front of all others */
	for (i = 0; i < 64; i++)
		bc->lba[i] = bench_lba(bench, 99 - i, 0, 0, 0);
	split(bc, 1, 64);
	KUNIT_ASSERT_EQ(test, bc->cmd.nr_parts, 64U);
	for (i = 0; i < 64; i++)
		wrong += bc->cmd.parts[i].ch != &bench->dev->ch[36 + i] ||
			 bc->cmd.parts[i].sectors != 1ULL << (63 - i);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

static struct kunit_case parse_cases[] = {
	KUNIT_CASE(parse_unknown_opcodes),
	KUNIT_CASE(parse_wrong_namespaces),
	KUNIT_CASE(parse_controller_not_ready),
	KUNIT_CASE(parse_no_fused_commands),
	KUNIT_CASE(parse_vector_counts),
	KUNIT_CASE(parse_control_bits_do_not_matter),
	KUNIT_CASE(parse_list_must_be_handed_out),
	KUNIT_CASE(parse_list_is_no_address),
	KUNIT_CASE(parse_data_too_short),
	KUNIT_CASE(parse_read_needs_a_buffer_to_fill),
	KUNIT_CASE(parse_metadata),
	KUNIT_CASE(parse_scalar_ranges),
	KUNIT_CASE(parse_split_one_part_per_channel),
	KUNIT_CASE(parse_split_bits_at_the_edges),
	KUNIT_CASE(parse_split_one_address),
	KUNIT_CASE(parse_split_leaves_invalid_out),
	KUNIT_CASE(parse_split_counts_from_the_namespace),
	KUNIT_CASE(parse_split_hundred_channels),
	{}
};

struct kunit_suite oc_parse_suite = {
	.name = "oc_parse",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = parse_cases,
};
