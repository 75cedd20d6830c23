// SPDX-License-Identifier: GPL-2.0
/*
 * range_test.c - commands whose addresses are beyond the namespace, or below its
 * end and name nothing: one table for all kinds and both kinds of count
 *
 * Which addresses there are is found out by the test's own arithmetic; statuses
 * are literal, 0x4000 being DNR.
 */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/slab.h>

#include "oc12.h"
#include "oc_test.h"

#define FIELDS	6

/* A device, and its address, from bit 0 upwards */
struct space {
	const char *name;
	const char *ns;
	u32 num_grp, num_pu, num_chk, clba;
	u32 num_pln, secs_per_pg;
	u32 count[FIELDS];	/* of each field, 1 for those there are not */
};

static const struct space spaces[] = {
	{ "oc20, powers of two", "oc20", 4, 2, 8, 32, 1, 4,
	  { 32, 8, 2, 4, 1, 1 } },
	{ "oc20, five groups", "oc20", 5, 2, 8, 32, 1, 4,
	  { 32, 8, 2, 5, 1, 1 } },
	{ "oc20, holes everywhere", "oc20", 5, 3, 5, 24, 1, 4,
	  { 24, 5, 3, 5, 1, 1 } },
	{ "oc20, one group", "oc20", 1, 3, 5, 24, 1, 4,
	  { 24, 5, 3, 1, 1, 1 } },
	/* Sector, plane, page, block, LUN, channel */
	{ "oc12, powers of two", "oc12", 4, 2, 8, 32, 2, 4,
	  { 4, 2, 8, 4, 2, 4 } },
	{ "oc12, five channels", "oc12", 5, 2, 8, 32, 2, 4,
	  { 4, 2, 8, 4, 2, 5 } },
	{ "oc12, holes everywhere", "oc12", 5, 3, 12, 24, 4, 4,
	  { 4, 4, 6, 3, 3, 5 } },
};

static u64 space_size(const struct space *s)
{
	u64 size = 1;
	u32 i;

	for (i = 0; i < FIELDS; i++)
		size *= roundup_pow_of_two(s->count[i]);
	return size;
}

static bool space_has(const struct space *s, u64 addr)
{
	u32 i;

	for (i = 0; i < FIELDS; i++) {
		u32 room = roundup_pow_of_two(s->count[i]);

		if ((addr & (room - 1)) >= s->count[i])
			return false;
		addr >>= ilog2(room);
	}
	return !addr;
}

/* What a command over @nr addresses gets, which are beyond the end or not there */
static u16 space_wants(const struct space *s, u8 opcode, u64 slba, u32 nr)
{
	bool old = !strcmp(s->ns, "oc12");

	switch (opcode) {
	case nvme_cmd_write:
	case nvme_cmd_read:
		if (slba >= space_size(s) || nr > space_size(s) - slba)
			return 0x4080;
		return opcode == nvme_cmd_write ? 0x4280 : 0;
	case OC_CMD_VECTOR_WRITE:
		return old ? 0x4002 : 0x4280;
	case OC_CMD_VECTOR_READ:
		return old ? 0x4002 : 0;
	default:
		return old ? 0x4002 : 0x42c1;
	}
}

static const u8 opcodes[] = {
	nvme_cmd_write, nvme_cmd_read, OC_CMD_VECTOR_WRITE, OC_CMD_VECTOR_READ,
	OC_CMD_VECTOR_RESET,
};

/* @nr addresses from @slba on, none or not all of which are sectors */
static void range_try(struct kunit *test, const struct space *s, u64 slba,
		      u32 nr)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(opcodes); i++) {
		u8 op = opcodes[i];

		if (op == nvme_cmd_write || op == nvme_cmd_read) {
			bench_scalar(bc, op, slba, nr);
		} else {
			for (k = 0; k < nr; k++)
				bc->lba[k] = slba + k;
			bench_vector(bc, op, nr);
		}
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc),
				    space_wants(s, op, slba, nr),
				    "%s, opcode %#x, %u at %#llx of %#llx",
				    s->name, op, nr, slba, space_size(s));
	}
	bench_cmd_free(bc);
}

/* The first address of the namespace in which field @field is one too large */
static u64 range_hole(const struct space *s, u32 field)
{
	u64 addr = s->count[field];
	u32 i;

	for (i = 0; i < field; i++)
		addr *= roundup_pow_of_two(s->count[i]);
	return addr;
}

static void range_of_a_space(struct kunit *test, const struct space *s)
{
	u64 size = space_size(s);
	const u64 beyond[] = {
		size, size + 1, size + 1000, 3 * size, 1ULL << 63, U64_MAX - 63,
		U64_MAX,
	};
	struct bench *bench = test->priv;
	struct nvme_id_ns *id = kunit_kzalloc(test, sizeof(*id), GFP_KERNEL);
	u32 i, holes = 0;
	u64 hole;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, id);
	bench_identify(&bench->dev->ns[0], id);
	KUNIT_EXPECT_EQ_MSG(test, le64_to_cpu(id->nsze), size, "%s", s->name);

	for (i = 0; i < ARRAY_SIZE(beyond); i++) {
		range_try(test, s, beyond[i], 1);
		range_try(test, s, beyond[i], 8);
	}
	/* Some below and some beyond: a range must be all below */
	range_try(test, s, size - 4, 8);
	/* One too large in each field, where that leaves the address below */
	for (i = 0; i < FIELDS; i++) {
		if (s->count[i] == roundup_pow_of_two(s->count[i]))
			continue;
		holes++;
		hole = range_hole(s, i);
		KUNIT_EXPECT_FALSE(test, space_has(s, hole));
		KUNIT_EXPECT_LT(test, hole, size);
		range_try(test, s, hole, 1);
		range_try(test, s, hole, 8);
	}
	if (holes) {
		KUNIT_EXPECT_FALSE(test, space_has(s, size - 1));
		range_try(test, s, size - 1, 1);
	} else {
		KUNIT_EXPECT_TRUE(test, space_has(s, size - 1));
	}
}

static void range_of_open_channel(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(spaces); i++) {
		const struct space *s = &spaces[i];
		struct oc_config cfg = bench_config();

		cfg.ns = s->ns;
		cfg.strict = true;
		cfg.geo.num_grp = s->num_grp;
		cfg.geo.num_pu = s->num_pu;
		cfg.geo.num_chk = s->num_chk;
		cfg.geo.clba = s->clba;
		cfg.geo.num_pln = s->num_pln;
		cfg.geo.secs_per_pg = s->secs_per_pg;
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bench_remake(test, &cfg));
		range_of_a_space(test, s);
	}
}

/* The error log says which address it was */
static void range_in_the_log(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_wire_error *entry = bench->ctrl.errlog;

	/* Behind a chunk of 24 sectors, behind the last group */
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, bench_lba(bench, 4, 2, 4,
							       28), 4, 1),
			(u16)0x4280);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry[0].lba),
			bench_lba(bench, 4, 2, 4, 28));
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, bench_lba(bench, 5, 0, 0,
							       0), 4, 1),
			(u16)0x4280);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry[1].lba),
			bench_lba(bench, 5, 0, 0, 0));
}

/* With DULBE an address that names nothing has never been written */
static void range_with_dulbe(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);

	WRITE_ONCE(bench->dev->ns[0].dulbe, true);
	bench_scalar(bc, nvme_cmd_read, bench_lba(bench, 5, 0, 0, 0), 1);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4287);
	bench_scalar(bc, nvme_cmd_read, 8192, 1);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4080);
}

/* Logical blocks have no holes, whatever the counts */
static void range_of_block(struct kunit *test)
{
	static const u8 ops[] = {
		nvme_cmd_write, nvme_cmd_read, nvme_cmd_compare,
		nvme_cmd_write_zeroes, nvme_cmd_verify, nvme_cmd_write_uncor,
	};
	struct oc_config cfg = bench_config();
	struct bench_cmd *bc;
	struct bench *bench;
	u32 grp, i;
	u64 nsze;

	cfg.geo.num_chk = 8;
	for (grp = 4; grp <= 5; grp++) {
		char ns[16];

		scnprintf(ns, sizeof(ns), "block:%u:60", grp);
		cfg.ns = ns;
		cfg.geo.num_grp = grp;
		bench = bench_remake(test, &cfg);
		bc = bench_cmd(bench);
		/* 24 chunks of 24 sectors and 60 per cent, by units of eight */
		nsze = grp * 360;
		for (i = 0; i < ARRAY_SIZE(ops); i++) {
			const struct {
				u64 slba;
				u32 nr;
				u16 status;
			} rows[] = {
				{ nsze - 1, 1, 0 }, { nsze - 1, 2, 0x4080 },
				{ nsze - 8, 9, 0x4080 }, { nsze, 1, 0x4080 },
				{ nsze + 1000, 8, 0x4080 },
				{ 1ULL << 63, 1, 0x4080 },
				{ U64_MAX, 64, 0x4080 },
			};
			u32 k;

			for (k = 0; k < ARRAY_SIZE(rows); k++) {
				bench_scalar(bc, ops[i], rows[k].slba,
					     rows[k].nr);
				KUNIT_EXPECT_EQ_MSG(test, bench_run(bc),
						    rows[k].status,
						    "opcode %#x, row %u of %u channels",
						    ops[i], k, grp);
			}
		}
		bench_cmd_free(bc);
	}
}

static struct kunit_case range_cases[] = {
	KUNIT_CASE(range_of_open_channel),
	KUNIT_CASE(range_in_the_log),
	KUNIT_CASE(range_with_dulbe),
	KUNIT_CASE(range_of_block),
	{}
};

struct kunit_suite oc_range_suite = {
	.name = "oc_range",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = range_cases,
};
