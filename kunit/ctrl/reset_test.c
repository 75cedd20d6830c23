// SPDX-License-Identifier: GPL-2.0
/*
 * reset_test.c - CC.EN from 1 to 0: a controller that is connected the way hosts do
 * it, and what is left of that
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "oc_fault.h"
#include "oc_test.h"

#define IO_QUEUES	3U
/* IOCQES 4, IOSQES 6 */
#define CC_SIZES	0x460000U

/* A host of its own beside the bench's, which has no real queues */
static struct {
	struct oc_port port;
	struct oc_queue queue[IO_QUEUES + 1];
} host;

static void host_fatal(struct oc_port *port)
{
}

static void host_done(struct oc_cmd *cmd)
{
	struct bench_cmd *bc = container_of(cmd, struct bench_cmd, cmd);
	struct oc_queue *queue = cmd->queue;

	atomic_inc(&bc->calls);
	complete(&bc->end);
	oc_queue_leave(queue);
}

/* Send a command on queue @qid; false if the queue takes none */
static bool host_send(struct bench_cmd *bc, u32 qid)
{
	bc->cmd.queue = &host.queue[qid];
	bc->cmd.done = host_done;
	if (!oc_queue_enter(bc->cmd.queue))
		return false;
	bench_submit(bc);
	return true;
}

static int host_run(struct bench_cmd *bc, u32 qid)
{
	if (!host_send(bc, qid))
		return -ENOTCONN;
	return bench_wait(bc) ? bc->cmd.status : -ETIMEDOUT;
}

static int host_connect(struct bench_cmd *bc, u16 qid)
{
	struct nvmf_connect_data *data = (void *)bc->data;
	struct oc_ctrl *ctrl = host.port.ctrl;

	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.connect.opcode = nvme_fabrics_command;
	bc->sqe.connect.fctype = nvme_fabrics_type_connect;
	bc->sqe.connect.qid = cpu_to_le16(qid);
	bc->sqe.connect.sqsize = cpu_to_le16(31);
	memset(data, 0, sizeof(*data));
	data->cntlid = cpu_to_le16(qid ? ctrl->cntlid : 0xffff);
	strcpy(data->subsysnqn, bc->bench->dev->subsysnqn);
	strcpy(data->hostnqn, "nqn.2014-08.org.nvmexpress:a-host");
	bench_data(bc, false, sizeof(*data));
	return host_run(bc, qid);
}

static int host_set_cc(struct bench_cmd *bc, u32 cc)
{
	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.prop_set.opcode = nvme_fabrics_command;
	bc->sqe.prop_set.fctype = nvme_fabrics_type_property_set;
	bc->sqe.prop_set.offset = cpu_to_le32(NVME_REG_CC);
	bc->sqe.prop_set.value = cpu_to_le64(cc);
	bench_data(bc, false, 0);
	return host_run(bc, 0);
}

static u32 host_csts(struct bench_cmd *bc)
{
	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.prop_get.opcode = nvme_fabrics_command;
	bc->sqe.prop_get.fctype = nvme_fabrics_type_property_get;
	bc->sqe.prop_get.offset = cpu_to_le32(NVME_REG_CSTS);
	bench_data(bc, false, 0);
	return host_run(bc, 0) ? U32_MAX : le64_to_cpu(bc->cmd.result.u64);
}

/* Get or Set Features; the value that comes back, or minus the status */
static int host_feature(struct bench_cmd *bc, bool set, u8 fid, u32 val)
{
	int status;

	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.features.opcode = set ? nvme_admin_set_features :
					nvme_admin_get_features;
	bc->sqe.features.fid = cpu_to_le32(fid);
	bc->sqe.features.dword11 = cpu_to_le32(val);
	bench_data(bc, true, 4096);
	status = host_run(bc, 0);
	return status ? -status : (int)le32_to_cpu(bc->cmd.result.u32);
}

static int host_read(struct bench_cmd *bc, u32 qid, u64 lba)
{
	bench_scalar(bc, nvme_cmd_read, lba, 1);
	return host_run(bc, qid);
}

static bool host_park(struct bench_cmd *bc)
{
	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.common.opcode = nvme_admin_async_event;
	bench_data(bc, false, 0);
	return host_send(bc, 0);
}

static void host_io_up(struct kunit *test, struct bench_cmd *bc)
{
	u32 i;

	KUNIT_EXPECT_EQ(test, host_feature(bc, true, NVME_FEAT_NUM_QUEUES,
					   (IO_QUEUES - 1) << 16 |
					   (IO_QUEUES - 1)),
			(int)((IO_QUEUES - 1) << 16 | (IO_QUEUES - 1)));
	for (i = 1; i <= IO_QUEUES; i++)
		KUNIT_EXPECT_EQ(test, host_connect(bc, i), 0);
}

static int reset_init(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct bench *bench;
	u32 i;

	cfg.shared = true;
	bench = bench_make(test, &cfg);
	test->priv = bench;
	if (!bench)
		return -ENOMEM;
	memset(&host, 0, sizeof(host));
	host.port.dev = bench->dev;
	host.port.fatal = host_fatal;
	for (i = 0; i <= IO_QUEUES; i++) {
		if (oc_queue_init(&host.queue[i], &host.port))
			return -ENOMEM;
		oc_queue_start(&host.queue[i]);
	}
	return 0;
}

static void reset_exit(struct kunit *test)
{
	struct bench *bench = test->priv;
	u32 i;

	if (!bench || bench->stuck)
		return;
	for (i = IO_QUEUES; i; i--)
		oc_queue_stop(&host.queue[i]);
	oc_queue_stop(&host.queue[0]);
	oc_port_close(&host.port);
	for (i = 0; i <= IO_QUEUES; i++)
		oc_queue_exit(&host.queue[i]);
	bench_exit(test);
}

/* ---- cases ------------------------------------------------------------ */

/* What made enabling fail is gone when it is disabled */
static void reset_clears_fatal(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);

	KUNIT_ASSERT_EQ(test, host_connect(bc, 0), 0);
	KUNIT_EXPECT_EQ(test, host_csts(bc), 0U);
	/* Queue entries of sizes that there are not */
	KUNIT_EXPECT_EQ(test, host_set_cc(bc, 1), 0);
	KUNIT_EXPECT_EQ(test, host_csts(bc), 2U);
	KUNIT_EXPECT_EQ(test, host_set_cc(bc, 0), 0);
	KUNIT_EXPECT_EQ(test, host_csts(bc), 0U);
	KUNIT_EXPECT_EQ(test, host_set_cc(bc, CC_SIZES | 1), 0);
	KUNIT_EXPECT_EQ(test, host_csts(bc), 1U);
	/* Shut down, and on again */
	KUNIT_EXPECT_EQ(test, host_set_cc(bc, CC_SIZES | 1 << 14 | 1), 0);
	KUNIT_EXPECT_EQ(test, host_csts(bc), 8U);
	KUNIT_EXPECT_EQ(test, host_set_cc(bc, CC_SIZES), 0);
	KUNIT_EXPECT_EQ(test, host_csts(bc), 0U);
	KUNIT_EXPECT_EQ(test, host_set_cc(bc, CC_SIZES | 1), 0);
	KUNIT_EXPECT_EQ(test, host_csts(bc), 1U);
	/* A keep-alive that has run out is as fatal */
	WRITE_ONCE(host.port.dead, true);
	KUNIT_EXPECT_EQ(test, host_csts(bc), 3U);
	KUNIT_EXPECT_EQ(test, host_set_cc(bc, CC_SIZES), 0);
	KUNIT_EXPECT_EQ(test, host_csts(bc), 0U);
}

static void reset_deletes_queues(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench), *lost = bench_cmd(bench);
	const char *rule = "drop op=read times=1";
	u32 round, i;

	KUNIT_ASSERT_EQ(test, host_connect(bc, 0), 0);
	KUNIT_EXPECT_EQ(test, host_set_cc(bc, CC_SIZES | 1), 0);
	for (round = 0; round < 3; round++) {
		host_io_up(test, bc);
		for (i = 1; i <= IO_QUEUES; i++)
			KUNIT_EXPECT_EQ(test, host_read(bc, i, 0), 0);
		/* Its completion has got lost, nobody will ask for it */
		bench_set_faults(bench, rule);
		bench_scalar(lost, nvme_cmd_read, 0, 1);
		KUNIT_ASSERT_TRUE(test, host_send(lost, 2));
		flush_workqueue(bench->dev->ch[0].wq);
		KUNIT_EXPECT_EQ(test, atomic_read(&lost->calls), 0);

		KUNIT_EXPECT_EQ(test, host_set_cc(bc, CC_SIZES), 0);
		KUNIT_EXPECT_TRUE(test, bench_wait(lost));
		KUNIT_EXPECT_EQ(test, (u32)lost->cmd.status, 8U);
		KUNIT_EXPECT_TRUE(test, bitmap_empty(host.port.ctrl->qmask,
						     OC_MAX_QUEUES + 1));
		KUNIT_EXPECT_TRUE(test, list_empty(&host.port.ctrl->queues));
		for (i = 1; i <= IO_QUEUES; i++)
			KUNIT_EXPECT_EQ(test, host_read(bc, i, 0), 0x400c);

		/* Enabled again, queues must be asked for and connected again */
		KUNIT_EXPECT_EQ(test, host_set_cc(bc, CC_SIZES | 1), 0);
		for (i = 1; i <= IO_QUEUES; i++)
			KUNIT_EXPECT_EQ(test, host_read(bc, i, 0), 0x400c);
		/* None is granted before that */
		KUNIT_EXPECT_EQ(test, host_connect(bc, 1), 0x4182);
	}
}

/* Waiting requests end, and pending events are dropped */
static void reset_ends_events(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench), *aer[OC_MAX_AER];
	u32 round, i;

	for (i = 0; i < OC_MAX_AER; i++)
		aer[i] = bench_cmd(bench);
	KUNIT_ASSERT_EQ(test, host_connect(bc, 0), 0);
	for (round = 0; round < 3; round++) {
		KUNIT_EXPECT_EQ(test, host_set_cc(bc, CC_SIZES | 1), 0);
		/* An event that no request was there for, in the round before */
		for (i = 0; i < OC_MAX_AER; i++)
			KUNIT_EXPECT_TRUE(test, host_park(aer[i]));
		KUNIT_EXPECT_EQ(test, host_csts(bc), 1U);
		flush_workqueue(bench->dev->admin_wq);
		KUNIT_EXPECT_EQ(test, host.port.ctrl->nr_aers, (u32)OC_MAX_AER);
		KUNIT_EXPECT_EQ(test, host_set_cc(bc, CC_SIZES), 0);
		for (i = 0; i < OC_MAX_AER; i++) {
			KUNIT_EXPECT_TRUE(test, bench_wait(aer[i]));
			KUNIT_EXPECT_EQ(test, (u32)aer[i]->cmd.status, 8U);
		}
		KUNIT_EXPECT_EQ(test, host_set_cc(bc, CC_SIZES | 1), 0);
		oc_ctrl_event(host.port.ctrl, 0x40002);
		KUNIT_EXPECT_EQ(test, host_set_cc(bc, CC_SIZES), 0);
		/* Nor of what comes while it is down */
		oc_ctrl_event(host.port.ctrl, 0x40002);
	}
}

static void reset_forgets(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);
	struct oc_ctrl *ctrl;
	u16 cntlid;

	KUNIT_ASSERT_EQ(test, host_connect(bc, 0), 0);
	KUNIT_EXPECT_EQ(test, host_set_cc(bc, CC_SIZES | 1), 0);
	ctrl = host.port.ctrl;
	cntlid = ctrl->cntlid;
	host_io_up(test, bc);
	KUNIT_EXPECT_EQ(test, host_feature(bc, true, NVME_FEAT_ASYNC_EVENT,
					   0x102), 0);
	KUNIT_EXPECT_EQ(test, host_feature(bc, true, NVME_FEAT_ARBITRATION, 3),
			0);
	oc_dev_ns_changed(bench->dev, NULL);
	KUNIT_EXPECT_TRUE(test, test_bit(OC_NEWS_NS, &ctrl->told));

	KUNIT_EXPECT_EQ(test, host_set_cc(bc, CC_SIZES), 0);
	KUNIT_EXPECT_EQ(test, host_feature(bc, false, NVME_FEAT_ASYNC_EVENT,
					   0), -0x400c);
	KUNIT_EXPECT_EQ(test, host_set_cc(bc, CC_SIZES | 1), 0);
	KUNIT_EXPECT_EQ(test, host_feature(bc, false, NVME_FEAT_ASYNC_EVENT,
					   0), 0);
	KUNIT_EXPECT_NE(test, host_feature(bc, false, NVME_FEAT_ARBITRATION,
					   0), 3);
	KUNIT_EXPECT_EQ(test, host_feature(bc, false, NVME_FEAT_NUM_QUEUES, 0),
			(int)((OC_MAX_QUEUES - 1) << 16 | (OC_MAX_QUEUES - 1)));
	KUNIT_EXPECT_FALSE(test, test_bit(OC_NEWS_NS, &ctrl->told));
	KUNIT_EXPECT_TRUE(test, bitmap_empty(ctrl->ns_changed, OC_MAX_NS));
	/* It is the same connection */
	KUNIT_EXPECT_PTR_EQ(test, host.port.ctrl, ctrl);
	KUNIT_EXPECT_EQ(test, ctrl->cntlid, cntlid);
	host_io_up(test, bc);
	KUNIT_EXPECT_EQ(test, host_read(bc, 1, 0), 0);
}

static struct kunit_case reset_cases[] = {
	KUNIT_CASE(reset_clears_fatal),
	KUNIT_CASE(reset_deletes_queues),
	KUNIT_CASE(reset_ends_events),
	KUNIT_CASE(reset_forgets),
	{}
};

struct kunit_suite oc_reset_suite = {
	.name = "oc_reset",
	.init = reset_init,
	.exit = reset_exit,
	.test_cases = reset_cases,
};
