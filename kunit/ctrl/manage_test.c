// SPDX-License-Identifier: GPL-2.0
/*
 * manage_test.c - namespaces that are created, attached, detached and deleted: which
 * channels they get, and what is told of them
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "manage_bed.h"
#include "oc_block.h"

static void manage_a_life(struct kunit *test)
{
	struct bench *bench = manage_make(test, "none", false);
	struct bench_cmd *bc;
	struct oc_dev *dev = bench->dev;
	u32 round, wrong;
	u64 tables;

	tables = dev->table_bytes;
	bc = bench_cmd(bench);
	for (round = 1; round <= 4; round++) {
		KUNIT_EXPECT_EQ(test, manage_listed(bc, 0x10), 0U);
		KUNIT_EXPECT_EQ(test, manage_capacity(bc, false), 5 * MOST * 512ULL);
		KUNIT_EXPECT_EQ(test, manage_status(bench, 1, nvme_cmd_read, 0), 0x4002);

		/* Two channels, and a size that fills none of them */
		KUNIT_EXPECT_EQ(test, manage_create(bench, MOST + 9), 1ULL);
		KUNIT_EXPECT_EQ(test, dev->ns[0].geo.num_grp, 2U);
		KUNIT_EXPECT_GT(test, dev->table_bytes, tables);
		KUNIT_EXPECT_EQ(test, manage_listed(bc, 0x10), 1U);
		KUNIT_EXPECT_EQ(test, manage_listed(bc, 0x02), 0U);
		KUNIT_EXPECT_EQ(test, manage_capacity(bc, false), 3 * MOST * 512ULL);
		KUNIT_EXPECT_EQ(test, manage_capacity(bc, true), 5 * MOST * 512ULL);
		KUNIT_EXPECT_EQ(test, manage_status(bench, 1, nvme_cmd_read, 0), 0x4002);

		KUNIT_EXPECT_EQ(test, manage_attach(bench, 1), (u16)0);
		KUNIT_EXPECT_EQ(test, manage_listed(bc, 0x02), 1U);
		KUNIT_EXPECT_EQ(test, manage_use(bench, 1, nvme_cmd_read, 0, 64, 0, &wrong),
				(u16)0);
		KUNIT_EXPECT_EQ(test, wrong, 0U);
		KUNIT_EXPECT_EQ(test,
				manage_use(bench, 1, nvme_cmd_write, 5, 64, round, &wrong),
				(u16)0);
		KUNIT_EXPECT_EQ(test, manage_use(bench, 1, nvme_cmd_write, MOST + 1, 8,
						 round, &wrong), (u16)0);
		KUNIT_EXPECT_EQ(test, manage_status(bench, 1, nvme_cmd_write, MOST + 9),
				0x4080);
		KUNIT_EXPECT_EQ(test,
				manage_use(bench, 1, nvme_cmd_read, 5, 64, round, &wrong),
				(u16)0);
		KUNIT_EXPECT_EQ(test, wrong, 0U);
		KUNIT_EXPECT_GT(test, bench_bytes(bench), 0ULL);

		/* Away and back: nothing is lost */
		KUNIT_EXPECT_EQ(test, manage_detach(bench, 1), (u16)0);
		KUNIT_EXPECT_EQ(test, manage_status(bench, 1, nvme_cmd_read, 5), 0x4002);
		KUNIT_EXPECT_EQ(test, manage_attach(bench, 1), (u16)0);
		KUNIT_EXPECT_EQ(test, manage_use(bench, 1, nvme_cmd_read, MOST + 1, 8,
						 round, &wrong), (u16)0);
		KUNIT_EXPECT_EQ(test, wrong, 0U);

		KUNIT_EXPECT_EQ(test, manage_delete(bench, 1), (u16)0);
		KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
		KUNIT_EXPECT_EQ(test, dev->table_bytes, tables);
		KUNIT_EXPECT_EQ(test, dev->nr_ns, 0U);
		KUNIT_EXPECT_TRUE(test, !dev->ch[0].ftl && !dev->ch[1].ftl);
		KUNIT_EXPECT_PTR_EQ(test, dev->ch[0].geo, (const struct oc_geo *)&dev->geo);
	}
	/* It is the same flash, and not as new */
	KUNIT_EXPECT_GE(test, dev->ch[0].stat.resets, 4ULL);
	KUNIT_EXPECT_EQ(test, dev->ch[4].stat.resets, 0ULL);
}

/* ---- which channels --------------------------------------------------- */

static void manage_smallest_run(struct kunit *test)
{
	static const char ns[] = "block:1:80,oc20:1,block:1:80,oc12:1";
	struct bench *bench = manage_make(test, ns, false);
	struct oc_dev *dev;
	u64 bytes = 0;
	u32 wrong;

	/* Channel 4 is free; with 1 and 2 there are runs of one and of two */
	dev = bench->dev;
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 2), (u16)0);
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 3), (u16)0);
	KUNIT_EXPECT_EQ(test, manage_create(bench, 3 * MOST), 0ULL);
	KUNIT_EXPECT_EQ(test, manage_create(bench, 8), 2ULL);
	KUNIT_EXPECT_EQ(test, dev->ns[1].first, 4U);
	KUNIT_EXPECT_EQ(test, manage_create(bench, 2 * MOST), 3ULL);
	KUNIT_EXPECT_EQ(test, dev->ns[2].first, 1U);
	KUNIT_EXPECT_EQ(test, dev->ns[2].geo.num_grp, 2U);
	KUNIT_EXPECT_EQ(test, manage_create_as(bench, 8, &manage_private, &bytes),
			(u16)0x4115);
	KUNIT_EXPECT_EQ(test, bytes, MOST * 512ULL);
	/* Those that stand beside it live on */
	KUNIT_EXPECT_EQ(test, manage_use(bench, 1, nvme_cmd_write, 0, 64, 7, &wrong),
			(u16)0);
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 3), (u16)0);
	KUNIT_EXPECT_EQ(test, manage_use(bench, 1, nvme_cmd_read, 0, 64, 7, &wrong),
			(u16)0);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	/* A whole device of other kinds can go */
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 0xffffffff), (u16)0);
	KUNIT_EXPECT_EQ(test, dev->nr_ns, 0U);
	KUNIT_EXPECT_EQ(test, manage_create(bench, 5 * MOST), 1ULL);
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 0xffffffff), (u16)0);
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 0xffffffff), (u16)0);
}

/* Each channel is a namespace: what it would take is said all the same */
static void manage_no_slot(struct kunit *test)
{
	static const char ns[] =
		"block:1:80,block:1:80,block:1:80,block:1:80,block:1:80";
	const struct manage_want wrong = { .flbas = 0x20 };
	struct bench *bench = manage_make(test, ns, false);
	u64 bytes = 0;

	KUNIT_EXPECT_EQ(test, manage_create_as(bench, 8, &manage_private, &bytes),
			(u16)0x4115);
	KUNIT_EXPECT_EQ(test, bytes, MOST * 512ULL);
	KUNIT_EXPECT_EQ(test, manage_create_as(bench, 8, &wrong, &bytes), (u16)0x410a);
}

/* Chunks of types and sizes of their own are like the others afterwards */
static void manage_odd_chunks(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct bench *bench;
	u32 wrong;

	cfg.type = "random:1";
	cfg.cnlb = "2:16";
	cfg.geo.maxoc = 4;
	bench = bench_remake(test, &cfg);
	list_add_tail(&bench->ctrl.entry, &bench->dev->ctrls);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[3].stat.missing, 6 * 8ULL);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 8, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[3].stat.missing, 0ULL);
	KUNIT_EXPECT_EQ(test, (u32)bench->dev->ch[3].chunks[4].flags, 0U);
	KUNIT_EXPECT_EQ(test, manage_create(bench, 5 * MOST), 1ULL);
	KUNIT_EXPECT_EQ(test, manage_attach(bench, 1), (u16)0);
	KUNIT_EXPECT_EQ(test,
			manage_use(bench, 1, nvme_cmd_write, 5 * MOST - 64, 64, 1, &wrong),
			(u16)0);
	KUNIT_EXPECT_EQ(test,
			manage_use(bench, 1, nvme_cmd_read, 5 * MOST - 64, 64, 1, &wrong),
			(u16)0);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

/* Units that pblk could not use, where no pblk can come */
static const struct {
	u32 clba;
	u32 ws_opt;
} units[] = {
	{ 24, 1 }, { 20, 8 }, { 7, 64 }, { 25, 3 },
};

static void manage_any_unit(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct bench *bench;
	u32 i, k, most, nsze, wrong;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		cfg.ns = "none";
		cfg.geo.clba = units[i].clba;
		cfg.geo.ws_min = 1;
		cfg.geo.ws_opt = units[i].ws_opt;
		cfg.geo.mw_cunits = 0;
		bench = bench_remake(test, &cfg);
		list_add_tail(&bench->ctrl.entry, &bench->dev->ctrls);
		most = 10 * cfg.geo.clba;
		nsze = 5 * (most - most % cfg.geo.ws_opt);
		KUNIT_EXPECT_EQ_MSG(test, manage_create(bench, nsze), 1ULL, "%u by %u",
				    cfg.geo.clba, cfg.geo.ws_opt);
		KUNIT_EXPECT_EQ(test, manage_attach(bench, 1), (u16)0);
		/* Over and over, so that garbage is collected */
		for (k = 0; k < 20 * nsze / 8; k++)
			KUNIT_ASSERT_EQ(test,
					manage_use(bench, 1, nvme_cmd_write,
						   k * 137 % (nsze - 8), 8, k + 1, &wrong),
					(u16)0);
		KUNIT_EXPECT_EQ(test,
				manage_use(bench, 1, nvme_cmd_read,
					   (k - 1) * 137 % (nsze - 8), 8, k, &wrong),
				(u16)0);
		KUNIT_EXPECT_EQ(test, wrong, 0U);
		INIT_LIST_HEAD(&bench->dev->ctrls);
	}
}

/* Chunks that are gone are no room */
static void manage_bad_chunks(struct kunit *test)
{
	struct bench *bench = manage_make(test, "none", false);
	struct oc_dev *dev = bench->dev;
	u64 tables;

	tables = dev->table_bytes;
	bench_offline(bench, 1, 2);
	/* Striped, all have as much as the one with the least */
	KUNIT_EXPECT_EQ(test, manage_create(bench, 5 * MOST - 119), 0ULL);
	KUNIT_EXPECT_EQ(test, dev->table_bytes, tables);
	KUNIT_EXPECT_EQ(test, dev->nr_ns, 0U);
	KUNIT_EXPECT_TRUE(test, !dev->ch[0].ftl && !dev->ch[1].ftl);
	KUNIT_EXPECT_EQ(test, manage_create(bench, 5 * MOST - 120), 1ULL);
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 1), (u16)0);
	/* Those that have more come first; one channel more, with less of each */
	KUNIT_EXPECT_EQ(test, manage_create(bench, 2 * MOST), 1ULL);
	KUNIT_EXPECT_EQ(test, dev->ns[0].first, 2U);
	KUNIT_EXPECT_EQ(test, manage_create(bench, 2 * MOST), 0ULL);
	KUNIT_EXPECT_EQ(test, manage_create(bench, MOST + 1), 2ULL);
	KUNIT_EXPECT_EQ(test, dev->ns[1].first, 0U);
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 0xffffffff), (u16)0);
	bench_offline(bench, 3, 7);
	KUNIT_EXPECT_EQ(test, manage_create(bench, 2 * MOST), 1ULL);
	KUNIT_EXPECT_EQ(test, dev->ns[0].first, 0U);
	KUNIT_EXPECT_EQ(test, dev->ns[0].geo.num_grp, 3U);
}

/* ---- as it is told everywhere ----------------------------------------- */

static const struct {
	u32 num_grp, num_pu, num_chk, clba, ws_min, ws_opt;
	u32 bad;	/* chunks that are offline, each in another channel */
} told[] = {
	{ 5, 3, 5, 24, 4, 8, 0 }, { 5, 3, 5, 24, 4, 8, 3 },
	{ 1, 1, 6, 24, 4, 8, 0 }, { 4, 4, 64, 24, 4, 8, 2 },
	{ 3, 1, 200, 7, 1, 64, 1 }, { 2, 2, 9, 48, 4, 24, 0 },
	/* All is kept back */
	{ 2, 1, 5, 24, 4, 8, 0 }, { 2, 1, 6, 24, 4, 8, 2 },
	{ 2, 4, 8, 1, 1, 1, 0 },
};

static const struct manage_want first_format = { };

/* The whole capacity in one namespace, in the first format, which has metadata */
static void manage_as_it_is_told(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	u32 i, k, all, wrong;
	u64 nsid;

	for (i = 0; i < ARRAY_SIZE(told); i++) {
		struct nvme_id_ns *id;
		struct bench_cmd *bc;
		struct bench *bench;

		cfg.ns = "none";
		cfg.geo.num_grp = told[i].num_grp;
		cfg.geo.num_pu = told[i].num_pu;
		cfg.geo.num_chk = told[i].num_chk;
		cfg.geo.clba = told[i].clba;
		cfg.geo.ws_min = told[i].ws_min;
		cfg.geo.ws_opt = told[i].ws_opt;
		cfg.geo.mw_cunits = 0;
		bench = bench_remake(test, &cfg);
		list_add_tail(&bench->ctrl.entry, &bench->dev->ctrls);
		bc = bench_cmd(bench);
		id = (void *)bc->data;
		for (k = 0; k < told[i].bad; k++)
			bench_offline(bench, k % told[i].num_grp, 1);
		all = manage_capacity(bc, true) / 512;
		KUNIT_EXPECT_EQ_MSG(test, manage_capacity(bc, false), all * 512ULL,
				    "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test,
				    manage_create_as(bench, all + 1, &first_format, &nsid),
				    (u16)0x4115, "row %u", i);
		if (!all)
			goto next;
		KUNIT_EXPECT_EQ_MSG(test,
				    manage_create_as(bench, all, &first_format, &nsid),
				    (u16)0, "row %u, %u", i, all);
		KUNIT_EXPECT_EQ(test, nsid, 1ULL);
		KUNIT_EXPECT_EQ(test, manage_capacity(bc, false), 0ULL);
		KUNIT_EXPECT_EQ(test, manage_identify(bc, NVME_ID_CNS_NS_PRESENT, 1),
				(u16)0);
		KUNIT_EXPECT_EQ(test, (u32)id->flbas, FORMAT);
		KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(id->lbaf[FORMAT].ms), 0U);
		KUNIT_EXPECT_EQ(test, le64_to_cpu(id->nsze), (u64)all);
		KUNIT_EXPECT_GE(test, le64_to_cpu(*(__le64 *)id->nvmcap), all * 512ULL);
		KUNIT_EXPECT_EQ(test, manage_attach(bench, 1), (u16)0);
		for (k = 0; k < 3 * all; k += 8)
			KUNIT_ASSERT_EQ(test,
					manage_use(bench, 1, nvme_cmd_write,
						   k % (all / 8 * 8), 8, 1, &wrong),
					(u16)0);
next:
		INIT_LIST_HEAD(&bench->dev->ctrls);
	}
}

/* A namespace of any kind counts what a block namespace would have there */
static void manage_sums(struct kunit *test)
{
	struct bench *bench = manage_make(test, "oc20:1,oc12:1,block:1:80",
					  false);
	struct bench_cmd *bc = bench_cmd(bench);
	struct nvme_id_ns *id = (void *)bc->data;
	u64 sum, all;
	u32 nsid;

	all = manage_capacity(bc, true);
	KUNIT_EXPECT_EQ(test, all, 5ULL * MOST * 512);
	sum = manage_capacity(bc, false);
	KUNIT_EXPECT_EQ(test, sum, 2ULL * MOST * 512);
	for (nsid = 1; nsid <= 3; nsid++) {
		KUNIT_EXPECT_EQ(test, manage_identify(bc, NVME_ID_CNS_NS, nsid), (u16)0);
		sum += le64_to_cpu(*(__le64 *)id->nvmcap);
	}
	KUNIT_EXPECT_EQ(test, sum, all);
	/* What was read before they go is what is there then */
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 0xffffffff), (u16)0);
	KUNIT_EXPECT_EQ(test, manage_create(bench, all / 512), 1ULL);
}

/* Every byte of the page that is none of the fields; every dword */
static void manage_reserved(struct kunit *test)
{
	struct bench *bench = manage_make(test, "none", true);
	static const struct {
		u32 from, to;
	} fields[] = {
		{ 0, 16 }, { 26, 27 }, { 29, 31 }, { 92, 96 }, { 100, 102 },
	};
	struct bench_cmd *bc = bench_cmd(bench);
	struct nvme_id_ns *id = (void *)bc->data;
	u32 at, k;

	for (at = 0; at < 4096; at++) {
		memset(id, 0, 4096);
		id->nsze = cpu_to_le64(8);
		id->ncap = id->nsze;
		for (k = 0; k < ARRAY_SIZE(fields); k++)
			if (at >= fields[k].from && at < fields[k].to)
				break;
		if (k < ARRAY_SIZE(fields))
			continue;
		bc->data[at] = 1 << at % 8;
		KUNIT_EXPECT_EQ_MSG(test, manage_run(bc, nvme_admin_ns_mgmt, 0, 0),
				    (u16)0x4002, "byte %u", at);
		KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 24U);
	}
	memset(id, 0, 4096);
	id->nsze = cpu_to_le64(8);
	id->ncap = id->nsze;
	for (k = 4; k < 192; k++) {
		u8 *sqe = (u8 *)&bc->sqe;

		memset(sqe, 0, 64);
		bc->sqe.common.opcode = nvme_admin_ns_mgmt;
		sqe[40 + k / 8] |= 1 << k % 8;
		bench_data(bc, false, 4096);
		KUNIT_EXPECT_EQ_MSG(test, bench_run_admin(bc), (u16)0x4002,
				    "bit %u from CDW10", k);
	}
	KUNIT_EXPECT_EQ(test, bench->dev->nr_ns, 0U);
	KUNIT_EXPECT_EQ(test, manage_run(bc, nvme_admin_ns_mgmt, 0, 0), (u16)0);
}

static struct kunit_case manage_cases[] = {
	KUNIT_CASE(manage_a_life),
	KUNIT_CASE(manage_smallest_run),
	KUNIT_CASE(manage_no_slot),
	KUNIT_CASE(manage_odd_chunks),
	KUNIT_CASE(manage_any_unit),
	KUNIT_CASE(manage_bad_chunks),
	KUNIT_CASE(manage_as_it_is_told),
	KUNIT_CASE(manage_sums),
	KUNIT_CASE(manage_reserved),
	{}
};

struct kunit_suite oc_manage_suite = {
	.name = "oc_manage",
	.init = bench_init,
	.exit = manage_exit,
	.test_cases = manage_cases,
};
