// SPDX-License-Identifier: GPL-2.0
/*
 * manage_hosts_test.c - managing namespaces: what is refused, several hosts, and commands
 * that are under way
 */
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/sched/task.h>
#include <linux/string.h>

#include "manage_bed.h"

static const struct {
	const char *name;
	u64 nsze;
	struct manage_want want;
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
				    manage_create_as(bench, bad_create[i].nsze,
						     &bad_create[i].want, &result),
				    bad_create[i].status, "%s", bad_create[i].name);
		KUNIT_EXPECT_EQ(test, dev->nr_ns, 1U);
		KUNIT_EXPECT_EQ(test, dev->table_bytes, tables);
	}
	/* Bytes that it takes: as many as there can be */
	KUNIT_EXPECT_EQ(test, result, U64_MAX);

	bc = bench_cmd(bench);
	KUNIT_EXPECT_EQ(test, manage_run(bc, nvme_admin_ns_mgmt, 1, 0), (u16)0x4002);
	for (i = 2; i < 16; i++) {
		KUNIT_EXPECT_EQ(test, manage_run(bc, nvme_admin_ns_mgmt, 1, i),
				(u16)0x4002);
		KUNIT_EXPECT_EQ(test, manage_run(bc, nvme_admin_ns_attach, 1, i),
				(u16)0x4002);
	}
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 0), (u16)0x400b);
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 2), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 5), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 6), (u16)0x400b);
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 0xfffffffe), (u16)0x400b);
	KUNIT_EXPECT_EQ(test, manage_attach(bench, 1), (u16)0x4118);
	KUNIT_EXPECT_EQ(test, manage_attach(bench, 2), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, manage_attach(bench, 0xffffffff), (u16)0x400b);
	KUNIT_EXPECT_EQ(test, manage_detach(bench, 3), (u16)0x4002);
	/* Lists: empty, too long, of strangers, in disorder */
	KUNIT_EXPECT_EQ(test, manage_attach_to(bench, 1, 1, 0, 0, 0), (u16)0x411c);
	KUNIT_EXPECT_EQ(test, manage_attach_to(bench, 1, 1, 2048, 1, 0), (u16)0x411c);
	KUNIT_EXPECT_EQ(test, manage_attach_to(bench, 1, 1, 65535, 1, 0), (u16)0x411c);
	KUNIT_EXPECT_EQ(test, manage_attach_to(bench, 1, 1, 1, 7, 0), (u16)0x411c);
	KUNIT_EXPECT_EQ(test, manage_attach_to(bench, 1, 1, 2, 1, 1), (u16)0x411c);
	KUNIT_EXPECT_EQ(test, manage_attach_to(bench, 1, 1, 2, 1, 0), (u16)0x411c);
	KUNIT_EXPECT_EQ(test, manage_detach(bench, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, manage_detach(bench, 1), (u16)0x411a);

	bench->ctrl.discovery = true;
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 1), (u16)0x4001);
	KUNIT_EXPECT_EQ(test, manage_attach(bench, 1), (u16)0x4001);
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

	KUNIT_EXPECT_TRUE(test, test_bit(0, manage_other.port.active));
	KUNIT_EXPECT_EQ(test, manage_create(bench, 100), 3ULL);
	KUNIT_EXPECT_EQ(test, manage_attach_to(bench, 3, 0, 1, 2, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, manage_status(bench, 3, nvme_cmd_read, 0), 0x4002);
	KUNIT_EXPECT_TRUE(test, test_bit(2, manage_other.port.active));
	/* Only whom it is about hears of it */
	KUNIT_EXPECT_TRUE(test, test_bit(2, manage_other.ctrl.ns_changed));
	KUNIT_EXPECT_TRUE(test, bitmap_empty(bench->ctrl.ns_changed, OC_MAX_NS));
	KUNIT_EXPECT_EQ(test, manage_attach_to(bench, 3, 0, 2, 1, 2), (u16)0x4118);
	KUNIT_EXPECT_EQ(test, manage_status(bench, 3, nvme_cmd_read, 0), 0x4002);
	KUNIT_EXPECT_EQ(test, manage_attach(bench, 3), (u16)0);
	KUNIT_EXPECT_EQ(test, manage_status(bench, 3, nvme_cmd_read, 0), 0);

	/* Detached from one, it is the other's; from both, nobody's */
	KUNIT_EXPECT_EQ(test, manage_detach(bench, 3), (u16)0);
	KUNIT_EXPECT_TRUE(test, bench->dev->ns[2].attached);
	KUNIT_EXPECT_EQ(test, manage_attach_to(bench, 3, 1, 1, 2, 0), (u16)0);
	KUNIT_EXPECT_FALSE(test, bench->dev->ns[2].attached);

	/* A private one is one controller's */
	KUNIT_EXPECT_EQ(test, manage_create_as(bench, 8, &manage_private, &nsid), (u16)0);
	KUNIT_EXPECT_EQ(test, nsid, 4ULL);
	KUNIT_EXPECT_EQ(test, manage_attach_to(bench, 4, 0, 2, 1, 2), (u16)0x4119);
	KUNIT_EXPECT_EQ(test, manage_attach_to(bench, 4, 0, 1, 2, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, manage_attach(bench, 4), (u16)0x4119);

	/* Deleting takes it from all, and tells all who had it */
	bitmap_zero(manage_other.ctrl.ns_changed, OC_MAX_NS);
	bitmap_zero(bench->ctrl.ns_changed, OC_MAX_NS);
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 4), (u16)0);
	KUNIT_EXPECT_FALSE(test, test_bit(3, manage_other.port.active));
	KUNIT_EXPECT_TRUE(test, test_bit(3, manage_other.ctrl.ns_changed));
	KUNIT_EXPECT_TRUE(test, bitmap_empty(bench->ctrl.ns_changed, OC_MAX_NS));
}

static void manage_asks_the_hosts(struct kunit *test)
{
	struct bench *bench = manage_make(test, "oc20:1,block:1:80,oc20:1",
					  true);
	u32 wrong;

	KUNIT_EXPECT_EQ(test, manage_use(bench, 2, nvme_cmd_write, 0, 64, 3, &wrong),
			(u16)0);
	manage_other.in_use = 2;
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 2), (u16)0x4015);
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 0xffffffff), (u16)0x4015);
	KUNIT_EXPECT_EQ(test, manage_attach_to(bench, 2, 1, 2, 1, 2), (u16)0x4015);
	/* It is not the first one's host that uses it */
	KUNIT_EXPECT_EQ(test, manage_detach(bench, 2), (u16)0);
	KUNIT_EXPECT_EQ(test, manage_attach(bench, 2), (u16)0);
	manage_other.in_use = 0;
	manage_other.refuse = 3;
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 3), (u16)0x4015);
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 0xffffffff), (u16)0x4015);
	KUNIT_EXPECT_GE(test, manage_other.looks, 9U);
	KUNIT_EXPECT_EQ(test, bench->dev->nr_ns, 3U);
	KUNIT_EXPECT_EQ(test, manage_use(bench, 2, nvme_cmd_read, 0, 64, 3, &wrong),
			(u16)0);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	manage_other.refuse = 0;
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 0xffffffff), (u16)0);
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
	KUNIT_EXPECT_EQ(test, manage_identify(bc, NVME_ID_CNS_CTRL, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ctrl->nn), 5U);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ctrl->mnan), 5U);
	KUNIT_EXPECT_TRUE(test, le16_to_cpu(ctrl->oacs) & 8);
	/* 64 sectors of 512 bytes */
	KUNIT_EXPECT_EQ(test, (u32)ctrl->mdts, 3U);
	/* What block namespaces offer is announced for those who will create one */
	KUNIT_EXPECT_TRUE(test, le16_to_cpu(ctrl->oncs) & NVME_CTRL_ONCS_WRITE_ZEROES);
	/* Of none: what is common to all */
	KUNIT_EXPECT_EQ(test, manage_identify(bc, NVME_ID_CNS_NS, 0xffffffff), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)id->lbaf[0].ds, 0U);
	KUNIT_EXPECT_EQ(test, (u32)id->lbaf[FORMAT].ds, 9U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(id->lbaf[FORMAT].ms), 0U);
	KUNIT_EXPECT_EQ(test, (u32)id->nmic, 1U);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(id->nsze), 0ULL);

	KUNIT_EXPECT_EQ(test, manage_create(bench, 300), 1ULL);
	/* Allocated and not attached: 00h has zeroes, 11h has it all */
	KUNIT_EXPECT_EQ(test, manage_identify(bc, NVME_ID_CNS_NS, 1), (u16)0);
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->data, 0, 4096));
	KUNIT_EXPECT_EQ(test, manage_identify(bc, NVME_ID_CNS_NS_PRESENT, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(id->nsze), 300ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(id->ncap), 300ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(*(__le64 *)id->nvmcap), 2 * MOST * 512ULL);
	KUNIT_EXPECT_EQ(test, (u32)id->nmic, 1U);
	memcpy(nguid, id->nguid, sizeof(nguid));
	KUNIT_EXPECT_EQ(test, manage_identify(bc, NVME_ID_CNS_NS_PRESENT, 2), (u16)0);
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->data, 0, 4096));
	KUNIT_EXPECT_EQ(test, manage_identify(bc, NVME_ID_CNS_NS_PRESENT, 6), (u16)0x400b);
	KUNIT_EXPECT_EQ(test, manage_identify(bc, NVME_ID_CNS_NS, 6), (u16)0x400b);
	KUNIT_EXPECT_EQ(test, manage_identify(bc, NVME_ID_CNS_NS_DESC_LIST, 1),
			(u16)0x4002);

	/* Who has it */
	KUNIT_EXPECT_EQ(test, manage_identify(bc, NVME_ID_CNS_CTRL_NS_LIST, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(list[0]), (u16)0);
	KUNIT_EXPECT_EQ(test, manage_identify(bc, NVME_ID_CNS_CTRL_NS_LIST, 2),
			(u16)0x4002);
	KUNIT_EXPECT_EQ(test, manage_attach_to(bench, 1, 0, 1, 2, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, manage_identify(bc, NVME_ID_CNS_CTRL_NS_LIST, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(list[0]), (u16)1);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(list[1]), (u16)2);
	KUNIT_EXPECT_EQ(test, manage_identify(bc, NVME_ID_CNS_CTRL_LIST, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(list[0]), (u16)2);

	/* Its number is used again, its name is not */
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, manage_create(bench, 300), 1ULL);
	KUNIT_EXPECT_EQ(test, manage_identify(bc, NVME_ID_CNS_NS_PRESENT, 1), (u16)0);
	KUNIT_EXPECT_NE(test, memcmp(nguid, id->nguid, sizeof(nguid)), 0);
	KUNIT_EXPECT_FALSE(test, test_bit(0, manage_other.port.active));
}

/* ---- commands under way ------------------------------------------------ */

/* A command on a namespace that is deleted does not continue on its successor */
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
	KUNIT_EXPECT_EQ(test, manage_delete(bench, 1), (u16)0);
	KUNIT_EXPECT_NE(test, bench->dev->ns[0].epoch, epoch);
	/* Its end goes to the error log without asking the kind */
	bc->cmd.status = 0x4281;
	bc->cmd.failed = 1;
	oc_ctrl_log_error(&bench->ctrl, &bc->cmd);
	/* Nor for Verify, whose addresses are examined more closely */
	bc->sqe.common.opcode = nvme_cmd_verify;
	oc_ctrl_log_error(&bench->ctrl, &bc->cmd);
	bc->sqe.common.opcode = OC_CMD_VECTOR_READ;
	KUNIT_EXPECT_STREQ(test, (char *)bc->cmd.queue->ops->name(&bc->cmd), "unknown");
	KUNIT_EXPECT_EQ(test, manage_create(bench, 8), 1ULL);
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

static struct kunit_case manage_hosts_cases[] = {
	KUNIT_CASE(manage_refuses),
	KUNIT_CASE(manage_short_data),
	KUNIT_CASE(manage_two_hosts),
	KUNIT_CASE(manage_asks_the_hosts),
	KUNIT_CASE(manage_identifies),
	KUNIT_CASE(manage_late_command),
	KUNIT_CASE(manage_under_load),
	{}
};

struct kunit_suite oc_manage_hosts_suite = {
	.name = "oc_manage_hosts",
	.init = bench_init,
	.exit = manage_exit,
	.test_cases = manage_hosts_cases,
};
