// SPDX-License-Identifier: GPL-2.0
/*
 * manage_test.c - namespaces that are created, attached, detached and deleted
 *
 * Through the admin queue where a command is about namespaces, through an I/O
 * queue where it is about sectors. Statuses are literal, 0x4000 being DNR.
 */
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc_block.h"
#include "oc_test.h"

/*
 * A channel of the bench has 15 chunks of 24 sectors. Five chunks are the least that
 * is kept back
 */
#define MOST	240U

/* 512+0 in the usual table, behind 512+16, which the bench has at load */
#define FORMAT	5U

/* Second host, whose controller has number 2 */
static struct {
	struct oc_port port;
	struct oc_ctrl ctrl;
	u32 in_use;
	u32 refuse;
	u32 looks;
} other;

static bool other_in_use(struct oc_port *port, u32 nsid)
{
	return nsid == other.in_use;
}

static bool other_reserve(struct oc_port *port, u32 nsid)
{
	return nsid != other.refuse;
}

static void other_look(struct oc_port *port, u32 nsid)
{
	other.looks++;
}

static void other_enter(struct bench *bench)
{
	struct oc_dev *dev = bench->dev;

	memset(&other, 0, sizeof(other));
	other.port.dev = dev;
	other.port.ctrl = &other.ctrl;
	other.port.in_use = other_in_use;
	other.port.reserve = other_reserve;
	other.port.formatted = other_look;
	other.ctrl.dev = dev;
	other.ctrl.port = &other.port;
	other.ctrl.cntlid = 2;
	mutex_init(&other.ctrl.lock);
	spin_lock_init(&other.ctrl.aer_lock);
	INIT_LIST_HEAD(&other.ctrl.aers);
	mutex_lock(&dev->lock);
	oc_port_attach(&other.port);
	list_add_tail(&other.port.entry, &dev->ports);
	list_add_tail(&other.ctrl.entry, &dev->ctrls);
	mutex_unlock(&dev->lock);
}

/* A device with these namespaces, and its controller in the list */
static struct bench *manage_make(struct kunit *test, const char *ns, bool shared)
{
	struct oc_config cfg = bench_config();
	struct bench *bench;

	cfg.ns = ns;
	cfg.shared = shared;
	bench = bench_remake(test, &cfg);
	list_add_tail(&bench->ctrl.entry, &bench->dev->ctrls);
	if (shared)
		other_enter(bench);
	return bench;
}

static void manage_exit(struct kunit *test)
{
	struct bench *bench = test->priv;

	if (bench)
		INIT_LIST_HEAD(&bench->dev->ctrls);
	bench_exit(test);
}

/* An admin command with a page from the host, which @bc->data has */
static u16 manage_run(struct bench_cmd *bc, u8 opcode, u32 nsid, u32 sel)
{
	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.common.opcode = opcode;
	bc->sqe.common.nsid = cpu_to_le32(nsid);
	bc->sqe.common.cdw10 = cpu_to_le32(sel);
	bench_data(bc, false, 4096);
	return bench_run_admin(bc);
}

/* Changes in what Create is told */
struct want {
	u64 ncap;
	u8 flbas;
	u8 dps;
	u8 nmic;
	u32 group;
};

static u16 create_as(struct bench *bench, u64 nsze, const struct want *want,
		     u64 *result)
{
	struct bench_cmd *bc = bench_cmd(bench);
	struct nvme_id_ns *id = (void *)bc->data;
	u16 status;

	id->nsze = cpu_to_le64(nsze);
	id->ncap = cpu_to_le64(nsze + want->ncap);
	id->flbas = want->flbas;
	id->dps = want->dps;
	id->nmic = want->nmic;
	id->anagrpid = cpu_to_le32(want->group);
	status = manage_run(bc, nvme_admin_ns_mgmt, 0, 0);
	*result = le64_to_cpu(bc->cmd.result.u64);
	bench_cmd_free(bc);
	return status;
}

/* One that a single controller can have */
static const struct want private = { .flbas = FORMAT };

/* The number of a new namespace; 0 if it was refused */
static u64 create(struct bench *bench, u64 nsze)
{
	const struct want want = {
		.flbas = FORMAT, .nmic = bench->dev->shared,
	};
	u64 nsid;

	return create_as(bench, nsze, &want, &nsid) ? 0 : nsid;
}

static u16 delete(struct bench *bench, u32 nsid)
{
	struct bench_cmd *bc = bench_cmd(bench);
	u16 status;

	status = manage_run(bc, nvme_admin_ns_mgmt, nsid, 1);
	bench_cmd_free(bc);
	return status;
}

/* Attach (@sel 0) or detach (1) from @nr controllers */
static u16 attach_to(struct bench *bench, u32 nsid, u32 sel, u16 nr, u16 first,
		     u16 second)
{
	struct bench_cmd *bc = bench_cmd(bench);
	__le16 *list;
	u16 status;

	list = (void *)bc->data;
	list[0] = cpu_to_le16(nr);
	list[1] = cpu_to_le16(first);
	list[2] = cpu_to_le16(second);
	status = manage_run(bc, nvme_admin_ns_attach, nsid, sel);
	bench_cmd_free(bc);
	return status;
}

static u16 attach(struct bench *bench, u32 nsid)
{
	return attach_to(bench, nsid, 0, 1, 1, 0);
}

static u16 detach(struct bench *bench, u32 nsid)
{
	return attach_to(bench, nsid, 1, 1, 1, 0);
}

/* Read or write @nr sectors; @wrong: what was read is not of @seed, or zeroes */
static u16 use(struct bench *bench, u32 nsid, u8 opcode, u64 slba, u32 nr,
	       u32 seed, u32 *wrong)
{
	struct bench_cmd *bc = bench_cmd(bench), *want = bench_cmd(bench);
	u16 status;

	/* There is no metadata to compare */
	bench_scalar(want, opcode, slba, nr);
	if (seed)
		bench_fill(want, nr, seed);
	bench_scalar(bc, opcode, slba, nr);
	bc->sqe.rw.nsid = cpu_to_le32(nsid);
	memset(bc->data, 0xa5, nr * 512);
	if (opcode == nvme_cmd_write)
		memcpy(bc->data, want->data, nr * 512);
	status = bench_run(bc);
	*wrong = !!memcmp(bc->data, want->data, nr * 512);
	bench_cmd_free(want);
	bench_cmd_free(bc);
	return status;
}

static int use_status(struct bench *bench, u32 nsid, u8 opcode, u64 slba)
{
	u32 wrong;

	return use(bench, nsid, opcode, slba, 1, 1, &wrong);
}

/* Identify; the page is @bc->data */
static u16 identify(struct bench_cmd *bc, u8 cns, u32 nsid)
{
	memset(bc->data, 0, 4096);
	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.identify.opcode = nvme_admin_identify;
	bc->sqe.identify.nsid = cpu_to_le32(nsid);
	bc->sqe.identify.cns = cns;
	bench_data(bc, true, 4096);
	return bench_run_admin(bc);
}

/* The namespaces of a list, one decimal digit each */
static u32 listed(struct bench_cmd *bc, u8 cns)
{
	const __le32 *list = (void *)bc->data;
	u32 digits = 0, i;

	if (identify(bc, cns, 0))
		return U32_MAX;
	for (i = 0; list[i]; i++)
		digits = digits * 10 + le32_to_cpu(list[i]);
	return digits;
}

static u64 capacity(struct bench_cmd *bc, bool all)
{
	const struct nvme_id_ctrl *id = (void *)bc->data;

	if (identify(bc, NVME_ID_CNS_CTRL, 0))
		return U64_MAX;
	return le64_to_cpu(*(const __le64 *)(all ? id->tnvmcap : id->unvmcap));
}

/* ---- one namespace's life --------------------------------------------- */

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
		KUNIT_EXPECT_EQ(test, listed(bc, 0x10), 0U);
		KUNIT_EXPECT_EQ(test, capacity(bc, false), 5 * MOST * 512ULL);
		KUNIT_EXPECT_EQ(test, use_status(bench, 1, nvme_cmd_read, 0),
				0x4002);

		/* Two channels, and a size that fills none of them */
		KUNIT_EXPECT_EQ(test, create(bench, MOST + 9), 1ULL);
		KUNIT_EXPECT_EQ(test, dev->ns[0].geo.num_grp, 2U);
		KUNIT_EXPECT_GT(test, dev->table_bytes, tables);
		KUNIT_EXPECT_EQ(test, listed(bc, 0x10), 1U);
		KUNIT_EXPECT_EQ(test, listed(bc, 0x02), 0U);
		KUNIT_EXPECT_EQ(test, capacity(bc, false), 3 * MOST * 512ULL);
		KUNIT_EXPECT_EQ(test, capacity(bc, true), 5 * MOST * 512ULL);
		KUNIT_EXPECT_EQ(test, use_status(bench, 1, nvme_cmd_read, 0),
				0x4002);

		KUNIT_EXPECT_EQ(test, attach(bench, 1), (u16)0);
		KUNIT_EXPECT_EQ(test, listed(bc, 0x02), 1U);
		KUNIT_EXPECT_EQ(test, use(bench, 1, nvme_cmd_read, 0, 64, 0,
					  &wrong), (u16)0);
		KUNIT_EXPECT_EQ(test, wrong, 0U);
		KUNIT_EXPECT_EQ(test, use(bench, 1, nvme_cmd_write, 5, 64,
					  round, &wrong), (u16)0);
		KUNIT_EXPECT_EQ(test, use(bench, 1, nvme_cmd_write, MOST + 1, 8,
					  round, &wrong), (u16)0);
		KUNIT_EXPECT_EQ(test, use_status(bench, 1, nvme_cmd_write,
						 MOST + 9), 0x4080);
		KUNIT_EXPECT_EQ(test, use(bench, 1, nvme_cmd_read, 5, 64, round,
					  &wrong), (u16)0);
		KUNIT_EXPECT_EQ(test, wrong, 0U);
		KUNIT_EXPECT_GT(test, bench_bytes(bench), 0ULL);

		/* Away and back: nothing is lost */
		KUNIT_EXPECT_EQ(test, detach(bench, 1), (u16)0);
		KUNIT_EXPECT_EQ(test, use_status(bench, 1, nvme_cmd_read, 5),
				0x4002);
		KUNIT_EXPECT_EQ(test, attach(bench, 1), (u16)0);
		KUNIT_EXPECT_EQ(test, use(bench, 1, nvme_cmd_read, MOST + 1, 8,
					  round, &wrong), (u16)0);
		KUNIT_EXPECT_EQ(test, wrong, 0U);

		KUNIT_EXPECT_EQ(test, delete(bench, 1), (u16)0);
		KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
		KUNIT_EXPECT_EQ(test, dev->table_bytes, tables);
		KUNIT_EXPECT_EQ(test, dev->nr_ns, 0U);
		KUNIT_EXPECT_TRUE(test, !dev->ch[0].ftl && !dev->ch[1].ftl);
		KUNIT_EXPECT_PTR_EQ(test, dev->ch[0].geo,
				    (const struct oc_geo *)&dev->geo);
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
	KUNIT_EXPECT_EQ(test, delete(bench, 2), (u16)0);
	KUNIT_EXPECT_EQ(test, delete(bench, 3), (u16)0);
	KUNIT_EXPECT_EQ(test, create(bench, 3 * MOST), 0ULL);
	KUNIT_EXPECT_EQ(test, create(bench, 8), 2ULL);
	KUNIT_EXPECT_EQ(test, dev->ns[1].first, 4U);
	KUNIT_EXPECT_EQ(test, create(bench, 2 * MOST), 3ULL);
	KUNIT_EXPECT_EQ(test, dev->ns[2].first, 1U);
	KUNIT_EXPECT_EQ(test, dev->ns[2].geo.num_grp, 2U);
	KUNIT_EXPECT_EQ(test, create_as(bench, 8, &private, &bytes),
			(u16)0x4115);
	KUNIT_EXPECT_EQ(test, bytes, MOST * 512ULL);
	/* Those that stand beside it live on */
	KUNIT_EXPECT_EQ(test, use(bench, 1, nvme_cmd_write, 0, 64, 7, &wrong),
			(u16)0);
	KUNIT_EXPECT_EQ(test, delete(bench, 3), (u16)0);
	KUNIT_EXPECT_EQ(test, use(bench, 1, nvme_cmd_read, 0, 64, 7, &wrong),
			(u16)0);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	/* A whole device of other kinds can go */
	KUNIT_EXPECT_EQ(test, delete(bench, 0xffffffff), (u16)0);
	KUNIT_EXPECT_EQ(test, dev->nr_ns, 0U);
	KUNIT_EXPECT_EQ(test, create(bench, 5 * MOST), 1ULL);
	KUNIT_EXPECT_EQ(test, delete(bench, 0xffffffff), (u16)0);
	KUNIT_EXPECT_EQ(test, delete(bench, 0xffffffff), (u16)0);
}

/* Each channel is a namespace: what it would take is said all the same */
static void manage_no_slot(struct kunit *test)
{
	static const char ns[] =
		"block:1:80,block:1:80,block:1:80,block:1:80,block:1:80";
	const struct want wrong = { .flbas = 0x20 };
	struct bench *bench = manage_make(test, ns, false);
	u64 bytes = 0;

	KUNIT_EXPECT_EQ(test, create_as(bench, 8, &private, &bytes),
			(u16)0x4115);
	KUNIT_EXPECT_EQ(test, bytes, MOST * 512ULL);
	KUNIT_EXPECT_EQ(test, create_as(bench, 8, &wrong, &bytes),
			(u16)0x410a);
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
	KUNIT_EXPECT_EQ(test, delete(bench, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[3].stat.missing, 0ULL);
	KUNIT_EXPECT_EQ(test, (u32)bench->dev->ch[3].chunks[4].flags, 0U);
	KUNIT_EXPECT_EQ(test, create(bench, 5 * MOST), 1ULL);
	KUNIT_EXPECT_EQ(test, attach(bench, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, use(bench, 1, nvme_cmd_write, 5 * MOST - 64, 64,
				  1, &wrong), (u16)0);
	KUNIT_EXPECT_EQ(test, use(bench, 1, nvme_cmd_read, 5 * MOST - 64, 64,
				  1, &wrong), (u16)0);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

/* Units that pblk could not use, and no pblk that could come there */
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
		KUNIT_EXPECT_EQ_MSG(test, create(bench, nsze), 1ULL, "%u by %u",
				    cfg.geo.clba, cfg.geo.ws_opt);
		KUNIT_EXPECT_EQ(test, attach(bench, 1), (u16)0);
		/* Over and over, so that garbage is collected */
		for (k = 0; k < 20 * nsze / 8; k++)
			KUNIT_ASSERT_EQ(test,
					use(bench, 1, nvme_cmd_write,
					    k * 137 % (nsze - 8), 8, k + 1,
					    &wrong), (u16)0);
		KUNIT_EXPECT_EQ(test, use(bench, 1, nvme_cmd_read,
					  (k - 1) * 137 % (nsze - 8), 8, k,
					  &wrong), (u16)0);
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
	KUNIT_EXPECT_EQ(test, create(bench, 5 * MOST - 119), 0ULL);
	KUNIT_EXPECT_EQ(test, dev->table_bytes, tables);
	KUNIT_EXPECT_EQ(test, dev->nr_ns, 0U);
	KUNIT_EXPECT_TRUE(test, !dev->ch[0].ftl && !dev->ch[1].ftl);
	KUNIT_EXPECT_EQ(test, create(bench, 5 * MOST - 120), 1ULL);
	KUNIT_EXPECT_EQ(test, delete(bench, 1), (u16)0);
	/* Those that have more come first; one channel more, with less of each */
	KUNIT_EXPECT_EQ(test, create(bench, 2 * MOST), 1ULL);
	KUNIT_EXPECT_EQ(test, dev->ns[0].first, 2U);
	KUNIT_EXPECT_EQ(test, create(bench, 2 * MOST), 0ULL);
	KUNIT_EXPECT_EQ(test, create(bench, MOST + 1), 2ULL);
	KUNIT_EXPECT_EQ(test, dev->ns[1].first, 0U);
	KUNIT_EXPECT_EQ(test, delete(bench, 0xffffffff), (u16)0);
	bench_offline(bench, 3, 7);
	KUNIT_EXPECT_EQ(test, create(bench, 2 * MOST), 1ULL);
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

static const struct want first_format = { };

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
		all = capacity(bc, true) / 512;
		KUNIT_EXPECT_EQ_MSG(test, capacity(bc, false), all * 512ULL,
				    "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test,
				    create_as(bench, all + 1, &first_format,
					      &nsid), (u16)0x4115, "row %u", i);
		if (!all)
			goto next;
		KUNIT_EXPECT_EQ_MSG(test,
				    create_as(bench, all, &first_format, &nsid),
				    (u16)0, "row %u, %u", i, all);
		KUNIT_EXPECT_EQ(test, nsid, 1ULL);
		KUNIT_EXPECT_EQ(test, capacity(bc, false), 0ULL);
		KUNIT_EXPECT_EQ(test, identify(bc, NVME_ID_CNS_NS_PRESENT, 1),
				(u16)0);
		KUNIT_EXPECT_EQ(test, (u32)id->flbas, FORMAT);
		KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(id->lbaf[FORMAT].ms),
				0U);
		KUNIT_EXPECT_EQ(test, le64_to_cpu(id->nsze), (u64)all);
		KUNIT_EXPECT_GE(test, le64_to_cpu(*(__le64 *)id->nvmcap),
				all * 512ULL);
		KUNIT_EXPECT_EQ(test, attach(bench, 1), (u16)0);
		for (k = 0; k < 3 * all; k += 8)
			KUNIT_ASSERT_EQ(test,
					use(bench, 1, nvme_cmd_write,
					    k % (all / 8 * 8), 8, 1, &wrong),
					(u16)0);
next:
		INIT_LIST_HEAD(&bench->dev->ctrls);
	}
}

/* A namespace of any kind counts as what a block namespace would have there */
static void manage_sums(struct kunit *test)
{
	struct bench *bench = manage_make(test, "oc20:1,oc12:1,block:1:80",
					  false);
	struct bench_cmd *bc = bench_cmd(bench);
	struct nvme_id_ns *id = (void *)bc->data;
	u64 sum, all;
	u32 nsid;

	all = capacity(bc, true);
	KUNIT_EXPECT_EQ(test, all, 5ULL * MOST * 512);
	sum = capacity(bc, false);
	KUNIT_EXPECT_EQ(test, sum, 2ULL * MOST * 512);
	for (nsid = 1; nsid <= 3; nsid++) {
		KUNIT_EXPECT_EQ(test, identify(bc, NVME_ID_CNS_NS, nsid),
				(u16)0);
		sum += le64_to_cpu(*(__le64 *)id->nvmcap);
	}
	KUNIT_EXPECT_EQ(test, sum, all);
	/* What was read before they go is what is there then */
	KUNIT_EXPECT_EQ(test, delete(bench, 0xffffffff), (u16)0);
	KUNIT_EXPECT_EQ(test, create(bench, all / 512), 1ULL);
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
		KUNIT_EXPECT_EQ_MSG(test,
				    manage_run(bc, nvme_admin_ns_mgmt, 0, 0),
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
	KUNIT_EXPECT_EQ(test, manage_run(bc, nvme_admin_ns_mgmt, 0, 0),
			(u16)0);
}

/* ---- refusals --------------------------------------------------------- */

static const struct {
	const char *name;
	u64 nsze;
	struct want want;
	u16 status;
} bad_create[] = {
	{ "no size", 0, { .flbas = FORMAT }, 0x4002 },
	{ "more than its size", 8, { .ncap = 1, .flbas = FORMAT }, 0x4002 },
	{ "thin", 8, { .ncap = -1, .flbas = FORMAT }, 0x411b },
	{ "a format with metadata, interleaved", 8, { .flbas = 16 }, 0x410a },
	{ "interleaved", 8, { .flbas = 16 | FORMAT }, 0x410a },
	{ "bit 5 of FLBAS", 8, { .flbas = 32 | FORMAT }, 0x410a },
	{ "protection", 8, { .flbas = FORMAT, .dps = 1 }, 0x4002 },
	{ "shared", 8, { .flbas = FORMAT, .nmic = 1 }, 0x4002 },
	{ "bit 1 of NMIC", 8, { .flbas = FORMAT, .nmic = 2 }, 0x4002 },
	{ "a group", 8, { .flbas = FORMAT, .group = 1 }, 0x4002 },
	{ "one more than fits", 4 * MOST + 1, { .flbas = FORMAT }, 0x4115 },
	{ "more than the device", 1000000, { .flbas = FORMAT }, 0x4115 },
	{ "more than there is", U64_MAX, { .flbas = FORMAT }, 0x4115 },
};

static void manage_refuses(struct kunit *test)
{
	struct bench *bench = manage_make(test, "oc20:1", false);
	struct bench_cmd *bc;
	struct oc_dev *dev = bench->dev;
	u64 result, tables;
	u32 i;

	tables = dev->table_bytes;
	for (i = 0; i < ARRAY_SIZE(bad_create); i++) {
		KUNIT_EXPECT_EQ_MSG(test,
				    create_as(bench, bad_create[i].nsze,
					      &bad_create[i].want, &result),
				    bad_create[i].status, "%s",
				    bad_create[i].name);
		KUNIT_EXPECT_EQ(test, dev->nr_ns, 1U);
		KUNIT_EXPECT_EQ(test, dev->table_bytes, tables);
	}
	/* Bytes that it takes: as many as there can be */
	KUNIT_EXPECT_EQ(test, result, U64_MAX);

	bc = bench_cmd(bench);
	KUNIT_EXPECT_EQ(test, manage_run(bc, nvme_admin_ns_mgmt, 1, 0),
			(u16)0x4002);
	for (i = 2; i < 16; i++) {
		KUNIT_EXPECT_EQ(test, manage_run(bc, nvme_admin_ns_mgmt, 1, i),
				(u16)0x4002);
		KUNIT_EXPECT_EQ(test, manage_run(bc, nvme_admin_ns_attach, 1,
						 i), (u16)0x4002);
	}
	KUNIT_EXPECT_EQ(test, delete(bench, 0), (u16)0x400b);
	KUNIT_EXPECT_EQ(test, delete(bench, 2), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, delete(bench, 5), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, delete(bench, 6), (u16)0x400b);
	KUNIT_EXPECT_EQ(test, delete(bench, 0xfffffffe), (u16)0x400b);
	KUNIT_EXPECT_EQ(test, attach(bench, 1), (u16)0x4118);
	KUNIT_EXPECT_EQ(test, attach(bench, 2), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, attach(bench, 0xffffffff), (u16)0x400b);
	KUNIT_EXPECT_EQ(test, detach(bench, 3), (u16)0x4002);
	/* Lists: empty, too long, of strangers, in disorder */
	KUNIT_EXPECT_EQ(test, attach_to(bench, 1, 1, 0, 0, 0), (u16)0x411c);
	KUNIT_EXPECT_EQ(test, attach_to(bench, 1, 1, 2048, 1, 0), (u16)0x411c);
	KUNIT_EXPECT_EQ(test, attach_to(bench, 1, 1, 65535, 1, 0), (u16)0x411c);
	KUNIT_EXPECT_EQ(test, attach_to(bench, 1, 1, 1, 7, 0), (u16)0x411c);
	KUNIT_EXPECT_EQ(test, attach_to(bench, 1, 1, 2, 1, 1), (u16)0x411c);
	KUNIT_EXPECT_EQ(test, attach_to(bench, 1, 1, 2, 1, 0), (u16)0x411c);
	KUNIT_EXPECT_EQ(test, detach(bench, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, detach(bench, 1), (u16)0x411a);

	bench->ctrl.discovery = true;
	KUNIT_EXPECT_EQ(test, delete(bench, 1), (u16)0x4001);
	KUNIT_EXPECT_EQ(test, attach(bench, 1), (u16)0x4001);
	KUNIT_EXPECT_EQ(test, dev->nr_ns, 1U);
}

/* A short buffer is none */
static void manage_short_data(struct kunit *test)
{
	struct bench *bench = manage_make(test, "none", false);
	struct bench_cmd *bc = bench_cmd(bench);

	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.common.opcode = nvme_admin_ns_mgmt;
	bench_data(bc, false, 4092);
	KUNIT_EXPECT_EQ(test, bench_run_admin(bc), (u16)0x400f);
	bc->sqe.common.opcode = nvme_admin_ns_attach;
	KUNIT_EXPECT_EQ(test, bench_run_admin(bc), (u16)0x400f);
}

/* ---- controllers ------------------------------------------------------ */

static void manage_two_hosts(struct kunit *test)
{
	struct bench *bench = manage_make(test, "oc20:1,block:1:80", true);
	u64 nsid;

	KUNIT_EXPECT_TRUE(test, test_bit(0, other.port.active));
	KUNIT_EXPECT_EQ(test, create(bench, 100), 3ULL);
	KUNIT_EXPECT_EQ(test, attach_to(bench, 3, 0, 1, 2, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, use_status(bench, 3, nvme_cmd_read, 0), 0x4002);
	KUNIT_EXPECT_TRUE(test, test_bit(2, other.port.active));
	/* Only whom it is about hears of it */
	KUNIT_EXPECT_TRUE(test, test_bit(2, other.ctrl.ns_changed));
	KUNIT_EXPECT_TRUE(test, bitmap_empty(bench->ctrl.ns_changed,
					     OC_MAX_NS));
	KUNIT_EXPECT_EQ(test, attach_to(bench, 3, 0, 2, 1, 2), (u16)0x4118);
	KUNIT_EXPECT_EQ(test, use_status(bench, 3, nvme_cmd_read, 0), 0x4002);
	KUNIT_EXPECT_EQ(test, attach(bench, 3), (u16)0);
	KUNIT_EXPECT_EQ(test, use_status(bench, 3, nvme_cmd_read, 0), 0);

	/* Detached from one, it is the other's; from both, nobody's */
	KUNIT_EXPECT_EQ(test, detach(bench, 3), (u16)0);
	KUNIT_EXPECT_TRUE(test, bench->dev->ns[2].attached);
	KUNIT_EXPECT_EQ(test, attach_to(bench, 3, 1, 1, 2, 0), (u16)0);
	KUNIT_EXPECT_FALSE(test, bench->dev->ns[2].attached);

	/* A private one is one controller's */
	KUNIT_EXPECT_EQ(test, create_as(bench, 8, &private, &nsid),
			(u16)0);
	KUNIT_EXPECT_EQ(test, nsid, 4ULL);
	KUNIT_EXPECT_EQ(test, attach_to(bench, 4, 0, 2, 1, 2), (u16)0x4119);
	KUNIT_EXPECT_EQ(test, attach_to(bench, 4, 0, 1, 2, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, attach(bench, 4), (u16)0x4119);

	/* Deleting takes it from all, and tells all who had it */
	bitmap_zero(other.ctrl.ns_changed, OC_MAX_NS);
	bitmap_zero(bench->ctrl.ns_changed, OC_MAX_NS);
	KUNIT_EXPECT_EQ(test, delete(bench, 4), (u16)0);
	KUNIT_EXPECT_FALSE(test, test_bit(3, other.port.active));
	KUNIT_EXPECT_TRUE(test, test_bit(3, other.ctrl.ns_changed));
	KUNIT_EXPECT_TRUE(test, bitmap_empty(bench->ctrl.ns_changed,
					     OC_MAX_NS));
}

static void manage_asks_the_hosts(struct kunit *test)
{
	struct bench *bench = manage_make(test, "oc20:1,block:1:80,oc20:1",
					  true);
	u32 wrong;

	KUNIT_EXPECT_EQ(test, use(bench, 2, nvme_cmd_write, 0, 64, 3, &wrong),
			(u16)0);
	other.in_use = 2;
	KUNIT_EXPECT_EQ(test, delete(bench, 2), (u16)0x4015);
	KUNIT_EXPECT_EQ(test, delete(bench, 0xffffffff), (u16)0x4015);
	KUNIT_EXPECT_EQ(test, attach_to(bench, 2, 1, 2, 1, 2), (u16)0x4015);
	/* It is not the first one's host that uses it */
	KUNIT_EXPECT_EQ(test, detach(bench, 2), (u16)0);
	KUNIT_EXPECT_EQ(test, attach(bench, 2), (u16)0);
	other.in_use = 0;
	other.refuse = 3;
	KUNIT_EXPECT_EQ(test, delete(bench, 3), (u16)0x4015);
	KUNIT_EXPECT_EQ(test, delete(bench, 0xffffffff), (u16)0x4015);
	KUNIT_EXPECT_GE(test, other.looks, 9U);
	KUNIT_EXPECT_EQ(test, bench->dev->nr_ns, 3U);
	KUNIT_EXPECT_EQ(test, use(bench, 2, nvme_cmd_read, 0, 64, 3, &wrong),
			(u16)0);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	other.refuse = 0;
	KUNIT_EXPECT_EQ(test, delete(bench, 0xffffffff), (u16)0);
	KUNIT_EXPECT_EQ(test, bench->dev->nr_ns, 0U);
}

/* ---- identify --------------------------------------------------------- */

static void manage_identifies(struct kunit *test)
{
	struct bench *bench = manage_make(test, "none", true);
	struct bench_cmd *bc = bench_cmd(bench);
	struct nvme_id_ctrl *ctrl = (void *)bc->data;
	struct nvme_id_ns *id = (void *)bc->data;
	const __le16 *list;
	u8 nguid[16];

	list = (void *)bc->data;
	KUNIT_EXPECT_EQ(test, identify(bc, NVME_ID_CNS_CTRL, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ctrl->nn), 5U);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ctrl->mnan), 5U);
	KUNIT_EXPECT_TRUE(test, le16_to_cpu(ctrl->oacs) & 8);
	/* 64 sectors of 512 bytes */
	KUNIT_EXPECT_EQ(test, (u32)ctrl->mdts, 3U);
	/* What a block namespace takes is there for who makes one */
	KUNIT_EXPECT_TRUE(test, le16_to_cpu(ctrl->oncs) &
			  NVME_CTRL_ONCS_WRITE_ZEROES);
	/* Of none: what is common to all */
	KUNIT_EXPECT_EQ(test, identify(bc, NVME_ID_CNS_NS, 0xffffffff), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)id->lbaf[0].ds, 0U);
	KUNIT_EXPECT_EQ(test, (u32)id->lbaf[FORMAT].ds, 9U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(id->lbaf[FORMAT].ms), 0U);
	KUNIT_EXPECT_EQ(test, (u32)id->nmic, 1U);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(id->nsze), 0ULL);

	KUNIT_EXPECT_EQ(test, create(bench, 300), 1ULL);
	/* Allocated and not attached: 00h has zeroes, 11h has it all */
	KUNIT_EXPECT_EQ(test, identify(bc, NVME_ID_CNS_NS, 1), (u16)0);
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->data, 0, 4096));
	KUNIT_EXPECT_EQ(test, identify(bc, NVME_ID_CNS_NS_PRESENT, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(id->nsze), 300ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(id->ncap), 300ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(*(__le64 *)id->nvmcap),
			2 * MOST * 512ULL);
	KUNIT_EXPECT_EQ(test, (u32)id->nmic, 1U);
	memcpy(nguid, id->nguid, sizeof(nguid));
	KUNIT_EXPECT_EQ(test, identify(bc, NVME_ID_CNS_NS_PRESENT, 2), (u16)0);
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->data, 0, 4096));
	KUNIT_EXPECT_EQ(test, identify(bc, NVME_ID_CNS_NS_PRESENT, 6),
			(u16)0x400b);
	KUNIT_EXPECT_EQ(test, identify(bc, NVME_ID_CNS_NS, 6), (u16)0x400b);
	KUNIT_EXPECT_EQ(test, identify(bc, NVME_ID_CNS_NS_DESC_LIST, 1),
			(u16)0x4002);

	/* Who has it */
	KUNIT_EXPECT_EQ(test, identify(bc, NVME_ID_CNS_CTRL_NS_LIST, 1),
			(u16)0);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(list[0]), (u16)0);
	KUNIT_EXPECT_EQ(test, identify(bc, NVME_ID_CNS_CTRL_NS_LIST, 2),
			(u16)0x4002);
	KUNIT_EXPECT_EQ(test, attach_to(bench, 1, 0, 1, 2, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, identify(bc, NVME_ID_CNS_CTRL_NS_LIST, 1),
			(u16)0);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(list[0]), (u16)1);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(list[1]), (u16)2);
	KUNIT_EXPECT_EQ(test, identify(bc, NVME_ID_CNS_CTRL_LIST, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(list[0]), (u16)2);

	/* Its number is used again, its name is not */
	KUNIT_EXPECT_EQ(test, delete(bench, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, create(bench, 300), 1ULL);
	KUNIT_EXPECT_EQ(test, identify(bc, NVME_ID_CNS_NS_PRESENT, 1), (u16)0);
	KUNIT_EXPECT_NE(test, memcmp(nguid, id->nguid, sizeof(nguid)), 0);
	KUNIT_EXPECT_FALSE(test, test_bit(0, other.port.active));
}

/* ---- commands under way ------------------------------------------------ */

/* A command that began on a namespace that is deleted does not go on with the next */
static void manage_late_command(struct kunit *test)
{
	struct bench *bench = manage_make(test, "oc12:1", false);
	struct bench_cmd *bc = bench_cmd(bench);
	u32 epoch;

	bc->lba[0] = 0;
	bc->lba[1] = 1;
	bench_vector(bc, OC_CMD_VECTOR_READ, 2);
	bench_run(bc);
	KUNIT_EXPECT_EQ(test, bc->cmd.nr, 2U);
	epoch = bc->cmd.epoch;
	KUNIT_EXPECT_EQ(test, delete(bench, 1), (u16)0);
	KUNIT_EXPECT_NE(test, bench->dev->ns[0].epoch, epoch);
	/* Its end is told in the error log, where the kind is not asked */
	bc->cmd.status = 0x4281;
	bc->cmd.failed = 1;
	oc_ctrl_log_error(&bench->ctrl, &bc->cmd);
	/* Nor for Verify, whose addresses are looked at more closely */
	bc->sqe.common.opcode = nvme_cmd_verify;
	oc_ctrl_log_error(&bench->ctrl, &bc->cmd);
	bc->sqe.common.opcode = OC_CMD_VECTOR_READ;
	KUNIT_EXPECT_STREQ(test, (char *)bc->cmd.queue->ops->name(&bc->cmd),
			   "unknown");
	KUNIT_EXPECT_EQ(test, create(bench, 8), 1ULL);
	oc_ctrl_log_error(&bench->ctrl, &bc->cmd);
}

static int manage_writer(void *arg)
{
	struct bench_cmd *bc = arg;
	u32 i = 0, bad = 0;

	while (!kthread_should_stop()) {
		bench_scalar(bc, i % 3 ? nvme_cmd_write : nvme_cmd_read,
			     i * 13 % (MOST - 16), 16);
		bench_submit(bc);
		if (!bench_wait(bc))
			return -ETIMEDOUT;
		/* Not attached, or on its way there or away */
		if (bc->cmd.status && bc->cmd.status != 0x4002 &&
		    bc->cmd.status != 0x84)
			bad++;
		i++;
		cond_resched();
	}
	return bad;
}

static void manage_under_load(struct kunit *test)
{
	struct bench *bench = manage_make(test, "none", false);
	struct task_struct *task;
	struct bench_cmd *load, *bc;
	u32 i, nsid;

	load = bench_cmd(bench);
	bc = bench_cmd(bench);
	task = kthread_create(manage_writer, load, "oc_manage");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	get_task_struct(task);
	wake_up_process(task);
	for (i = 0; i < 30; i++) {
		struct nvme_id_ns *id = (void *)bc->data;
		__le16 *list = (void *)bc->data;

		/* The queue is the writer's: not by it */
		memset(&bc->sqe, 0, sizeof(bc->sqe));
		memset(bc->data, 0, 4096);
		id->nsze = cpu_to_le64(i % 2 ? MOST : 3 * MOST);
		id->ncap = id->nsze;
		id->flbas = FORMAT;
		bench_data(bc, false, 4096);
		KUNIT_EXPECT_EQ(test, bench_serve(bc, oc_admin_ns_manage), (u16)0);
		nsid = le32_to_cpu(bc->cmd.result.u32);
		KUNIT_EXPECT_EQ(test, nsid, 1U);
		memset(bc->data, 0, 4096);
		list[0] = cpu_to_le16(1);
		list[1] = cpu_to_le16(1);
		bc->sqe.common.nsid = cpu_to_le32(nsid);
		bench_data(bc, false, 4096);
		KUNIT_EXPECT_EQ(test, bench_serve(bc, oc_admin_ns_attach), (u16)0);
		schedule_timeout_uninterruptible(1);
		bc->sqe.common.cdw10 = cpu_to_le32(1);
		KUNIT_EXPECT_EQ(test, bench_serve(bc, oc_admin_ns_manage), (u16)0);
		KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
	}
	KUNIT_EXPECT_EQ(test, kthread_stop(task), 0);
	put_task_struct(task);
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
	KUNIT_CASE(manage_refuses),
	KUNIT_CASE(manage_short_data),
	KUNIT_CASE(manage_two_hosts),
	KUNIT_CASE(manage_asks_the_hosts),
	KUNIT_CASE(manage_identifies),
	KUNIT_CASE(manage_late_command),
	KUNIT_CASE(manage_under_load),
	{ }
};

struct kunit_suite oc_manage_suite = {
	.name = "oc_manage", .init = bench_init, .exit = manage_exit,
	.test_cases = manage_cases,
};
