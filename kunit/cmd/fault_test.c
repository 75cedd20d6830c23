// SPDX-License-Identifier: GPL-2.0
/*
 * fault_test.c - what rules of faults do to commands
 *
 * Statuses are literal, 0x4000 being DNR: 0x42f0 write failed, 0x42f1 early
 * close, 0x42c1 invalid reset, 0x4281 unrecovered read, 0x42d0 high ECC.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/string.h>

#include "oc_fault.h"
#include "oc_test.h"

/* A write over three chunks, of which the second loses its second unit */
static void fault_write_fails(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	bench_set_faults(test->priv, "write-fail grp=1 pu=2 sec=4-7");
	for (i = 0; i < 36; i++)
		bc->lba[i] = bench_lba(bench, i / 12, 2, 1, i % 12);
	bench_vector(bc, OC_CMD_VECTOR_WRITE, 36);
	bench_fill(bc, 36, 1);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x42f0);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0xfULL << 16);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, (u32)bench_chunk(bench, i, 2, 1)->state,
				(u32)OC_CHK_OPEN);
		KUNIT_EXPECT_EQ(test, bench_chunk(bench, i, 2, 1)->wp, 12U);
	}

	/* What was written before can be read, whatever mw_cunits (8) says */
	bc->lba[0] = bench_lba(bench, 1, 2, 1, 0);
	bc->lba[1] = bench_lba(bench, 1, 2, 1, 5);
	bc->lba[2] = bench_lba(bench, 1, 2, 1, 11);
	bc->lba[3] = bench_lba(bench, 0, 2, 1, 5);
	bench_vector(bc, OC_CMD_VECTOR_READ, 4);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_compare(bc, 0, bc->lba[0], 1), 0U);
	KUNIT_EXPECT_TRUE(test, bench_is_blank(bc, 1));
	KUNIT_EXPECT_EQ(test, bench_compare(bc, 2, bc->lba[2], 1), 0U);
	KUNIT_EXPECT_TRUE(test, bench_is_blank(bc, 3));

	/* The chunk goes on at the next unit, and may be filled */
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, bench_lba(bench, 1, 2, 1, 12), 12, 2),
			(u16)0);
	KUNIT_EXPECT_EQ(test, (u32)bench_chunk(bench, 1, 2, 1)->state, (u32)OC_CHK_CLOSED);
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench, bench_lba(bench, 1, 2, 1, 0)), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_chunk(bench, 1, 2, 1)->settled, 0U);
}

static void fault_write_closes(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	bench_set_faults(test->priv, "write-fail sec=0 chk=3;write-close sec=9");
	for (i = 0; i < 40; i++)
		bc->lba[i] = bench_lba(bench, 0, i / 20, 3, i % 20);
	bench_vector(bc, OC_CMD_VECTOR_WRITE, 40);
	bench_fill(bc, 40, 1);
	/* Units 0 and 2 of each; nothing is stored from the latter on */
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x42f0);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0xfff0ffff0fULL);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, (u32)bench_chunk(bench, 0, i, 3)->state,
				(u32)OC_CHK_CLOSED);
		KUNIT_EXPECT_EQ(test, bench_chunk(bench, 0, i, 3)->wp, 8U);
	}
	bench_scalar(bc, nvme_cmd_read, bench_lba(bench, 0, 1, 3, 0), 12);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_TRUE(test, bench_is_blank(bc, 0));
	KUNIT_EXPECT_EQ(test, bench_compare(bc, 4, bc->lba[4], 1), 0U);
	KUNIT_EXPECT_TRUE(test, bench_is_blank(bc, 8));
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].stat.nr[OC_CHK_CLOSED], 2U);

	/* If the first unit closes its chunk, it is closed at 0 */
	bench_set_faults(test->priv, "write-close grp=4");
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, bench_lba(bench, 4, 0, 0, 0), 24, 1),
			(u16)0x42f1);
	KUNIT_EXPECT_EQ(test, bench_chunk(bench, 4, 0, 0)->wp, 0U);
	KUNIT_EXPECT_EQ(test, (u32)bench_chunk(bench, 4, 0, 0)->state, (u32)OC_CHK_CLOSED);

	/* Resets give all of it back, prepared room included */
	bench_set_faults(test->priv, "");
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench, bench_lba(bench, 0, 0, 3, 0)), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench, bench_lba(bench, 0, 1, 3, 0)), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench, bench_lba(bench, 4, 0, 0, 0)), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
}

static void fault_reset_fails(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	const struct oc_wire_chunk *desc = (const void *)bc->oob;
	u32 i;

	bench_set_faults(test->priv, "reset-fail grp=1 chk=1");
	for (i = 0; i < 3; i++) {
		bc->lba[i] = bench_lba(bench, i, 0, 1, 0);
		KUNIT_ASSERT_EQ(test, bench_write_run(bench, bc->lba[i], 24, 1), (u16)0);
	}
	bench_vector(bc, OC_CMD_VECTOR_RESET, 3);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x42c1);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 2ULL);
	KUNIT_EXPECT_EQ(test, (u32)desc[0].cs, 1U);
	KUNIT_EXPECT_EQ(test, (u32)desc[1].cs, 8U);
	KUNIT_EXPECT_EQ(test, (u32)desc[2].cs, 1U);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
	KUNIT_EXPECT_EQ(test, bench->dev->notices.nr, 1ULL);
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench, bc->lba[1]), (u16)0x42c0);
	/* A reset that the chunk's state does not allow is no operation */
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench, bench_lba(bench, 1, 2, 1, 0)),
			(u16)0x42c1);
	KUNIT_EXPECT_EQ(test, (u32)bench_chunk(bench, 1, 2, 1)->state, (u32)OC_CHK_FREE);
}

static void fault_read_fails(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i, grp;

	for (grp = 0; grp < 2; grp++)
		KUNIT_ASSERT_EQ(test,
				bench_write_run(bench,
						bench_lba(bench, grp, 0, 0, 0),
						24, 1), (u16)0);
	for (i = 0; i < 12; i++)
		bc->lba[i] = bench_lba(bench, i / 6, 0, 0, i % 6);

	/* Without media feedback only the log knows */
	bench_set_faults(test->priv, "read-ecc sec=2;read-fail grp=1 sec=4;read-ecc sec=5");
	bench_vector(bc, OC_CMD_VECTOR_READ, 6);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, bench->dev->notices.nr, 2ULL);

	bench->dev->ns[0].feedback = 1;
	bench_vector(bc, OC_CMD_VECTOR_READ, 6);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x42d0);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0x24ULL);
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, bench_compare(bc, i, bc->lba[i], 1), 0U);

	/* A failed sector outweighs weak ones; all others keep their data */
	bench_vector(bc, OC_CMD_VECTOR_READ, 12);
	memset(bc->data, 0x5a, 12 * bench->dev->geo.lba_size);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4281);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), BIT_ULL(10));
	for (i = 0; i < 12; i++)
		if (i != 10)
			KUNIT_EXPECT_EQ(test, bench_compare(bc, i, bc->lba[i], 1), 0U);
	KUNIT_EXPECT_EQ(test, (u32)bc->data[10 * bench->dev->geo.lba_size], 0x5aU);

	/* The health log counts sectors lost, not weak or empty ones */
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].count.media_errors, 0ULL);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[1].count.media_errors, 1ULL);

	/* And an unwritten sector before it has the first word */
	bench->dev->ns[0].dulbe = true;
	bc->lba[3] = bench_lba(bench, 4, 0, 0, 0);
	bench_vector(bc, OC_CMD_VECTOR_READ, 12);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4287);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), BIT_ULL(10) | BIT_ULL(3));
}

static void fault_delays(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u64 begin;

	bench_set_faults(test->priv, "delay op=write time=50ms times=1;"
		   "delay op=write time=30s");
	begin = ktime_get_ns();
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, bench_lba(bench, 0, 0, 0, 0), 24, 1),
			(u16)0);
	KUNIT_EXPECT_TRUE(test, ktime_get_ns() - begin >= 50 * NSEC_PER_MSEC);
	/* Reads are as quick as ever, and what the rules refuse is not delayed */
	bench_scalar(bc, nvme_cmd_read, bench_lba(bench, 0, 0, 0, 0), 8);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, bench_lba(bench, 0, 0, 0, 0), 24, 1),
			(u16)0x4280);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].faults->state[0].hits, 1ULL);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].faults->state[1].seen, 0ULL);
}

/* A command of a queue that can be stopped */
static struct oc_queue test_queue;

static void leave_done(struct oc_cmd *cmd)
{
	struct bench_cmd *bc = container_of(cmd, struct bench_cmd, cmd);

	atomic_inc(&bc->calls);
	complete(&bc->end);
	oc_queue_leave(&test_queue);
}

static void queue_up(struct kunit *test)
{
	struct bench *bench = test->priv;

	KUNIT_ASSERT_EQ(test, oc_queue_init(&test_queue, &bench->port), 0);
	oc_queue_start(&test_queue);
	test_queue.ctrl = &bench->ctrl;
	test_queue.qid = 1;
	list_add_tail(&test_queue.entry, &bench->ctrl.queues);
}

static void queue_submit(struct kunit *test, struct bench_cmd *bc, u16 cid)
{
	struct bench *bench = test->priv;

	bench_scalar(bc, nvme_cmd_read, bench_lba(bench, 0, 0, 0, cid), 1);
	bc->sqe.common.command_id = cid;
	bc->cmd.queue = &test_queue;
	bc->cmd.done = leave_done;
	KUNIT_ASSERT_TRUE(test, oc_queue_enter(&test_queue));
	bench_submit(bc);
}

static void fault_loses(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc[3];
	u32 i;

	queue_up(test);
	KUNIT_ASSERT_EQ(test, bench_write_run(bench, bench_lba(bench, 0, 0, 0, 0), 24, 1),
			(u16)0);
	bench_set_faults(test->priv, "drop op=read times=3");
	for (i = 0; i < 3; i++) {
		bc[i] = bench_cmd(test->priv);
		queue_submit(test, bc[i], i);
	}
	bench_settle(bench);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, atomic_read(&bc[i]->calls), 0);

	/* Only what is asked for ends, and once */
	KUNIT_EXPECT_FALSE(test, oc_ctrl_abort(&bench->ctrl, 1, 3));
	KUNIT_EXPECT_FALSE(test, oc_ctrl_abort(&bench->ctrl, 2, 1));
	KUNIT_EXPECT_TRUE(test, oc_ctrl_abort(&bench->ctrl, 1, 1));
	KUNIT_EXPECT_FALSE(test, oc_ctrl_abort(&bench->ctrl, 1, 1));
	KUNIT_EXPECT_TRUE(test, bench_wait(bc[1]));
	KUNIT_EXPECT_EQ(test, bc[1]->cmd.status, (u16)0x0007);
	KUNIT_EXPECT_EQ(test, atomic_read(&bc[0]->calls), 0);

	/* The end of the queue finds the others */
	oc_queue_stop(&test_queue);
	KUNIT_EXPECT_TRUE(test, bench_wait(bc[0]));
	KUNIT_EXPECT_TRUE(test, bench_wait(bc[2]));
	KUNIT_EXPECT_EQ(test, bc[0]->cmd.status, (u16)0x0008);
	KUNIT_EXPECT_EQ(test, bc[2]->cmd.status, (u16)0x0008);
	KUNIT_EXPECT_TRUE(test, list_empty(&bench->ctrl.queues));

	/* One that Abort does not find: only the end of the queue does */
	oc_queue_start(&test_queue);
	test_queue.ctrl = &bench->ctrl;
	test_queue.qid = 1;
	list_add_tail(&test_queue.entry, &bench->ctrl.queues);
	bench_set_faults(test->priv, "drop until=reset");
	queue_submit(test, bc[0], 0);
	flush_workqueue(bench->dev->ch[0].wq);
	KUNIT_EXPECT_FALSE(test, oc_ctrl_abort(&bench->ctrl, 1, 0));
	KUNIT_EXPECT_EQ(test, atomic_read(&bc[0]->calls), 0);
	oc_queue_stop(&test_queue);
	KUNIT_EXPECT_TRUE(test, bench_wait(bc[0]));
	oc_queue_exit(&test_queue);
}

/* What is delayed for a minute ends with its queue, with its own status */
static void fault_stop_waits_for_no_delay(struct kunit *test)
{
	struct bench_cmd *bc[2];
	u64 begin = ktime_get_ns();
	u32 i;

	queue_up(test);
	bench_set_faults(test->priv, "delay op=read time=60s");
	for (i = 0; i < 2; i++) {
		bc[i] = bench_cmd(test->priv);
		queue_submit(test, bc[i], i);
	}
	oc_queue_stop(&test_queue);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_TRUE(test, bench_wait(bc[i]));
		KUNIT_EXPECT_EQ(test, bc[i]->cmd.status, (u16)0);
	}
	KUNIT_EXPECT_TRUE(test, ktime_get_ns() - begin < 20ULL * NSEC_PER_SEC);
	oc_queue_exit(&test_queue);
}

/* A host that could never ask for it loses nothing */
static void fault_needs_a_controller_to_lose(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);

	bench_set_faults(test->priv, "drop");
	bench->queue.ctrl = NULL;
	bench_scalar(bc, nvme_cmd_read, bench_lba(bench, 0, 0, 0, 0), 1);
	reinit_completion(&bc->end);
	oc_cmd_submit_ns(&bc->cmd, &bench->dev->ns[0]);
	KUNIT_EXPECT_TRUE(test, bench_wait(bc));
	bench->queue.ctrl = &bench->ctrl;
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].faults->state[0].hits, 1ULL);
}

/* Rules may be changed at any time, and wrong ones change nothing */
static void fault_sets_are_whole(struct kunit *test)
{
	static const char *const bad = "read-fail\ndrop grp=0\nwhat";
	struct bench *bench = test->priv;
	struct oc_text_err err = {};
	struct oc_faults *before;

	KUNIT_EXPECT_FALSE(test, bench->dev->ch[0].faults);
	bench_set_faults(test->priv, "write-fail grp=4");
	before = bench->dev->ch[2].faults;
	KUNIT_EXPECT_TRUE(test, before);
	KUNIT_EXPECT_EQ(test, oc_dev_set_faults(bench->dev, bad, strlen(bad), &err),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, err.line, 3U);
	KUNIT_EXPECT_PTR_EQ(test, bench->dev->ch[2].faults, before);
	bench_set_faults(test->priv, "# none");
	KUNIT_EXPECT_FALSE(test, bench->dev->ch[0].faults);
}

static struct kunit_case fault_io_cases[] = {
	KUNIT_CASE(fault_write_fails),
	KUNIT_CASE(fault_write_closes),
	KUNIT_CASE(fault_reset_fails),
	KUNIT_CASE(fault_read_fails),
	KUNIT_CASE(fault_delays),
	KUNIT_CASE(fault_loses),
	KUNIT_CASE(fault_stop_waits_for_no_delay),
	KUNIT_CASE(fault_needs_a_controller_to_lose),
	KUNIT_CASE(fault_sets_are_whole),
	{}
};

struct kunit_suite oc_fault_io_suite = {
	.name = "oc_fault_io",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = fault_io_cases,
};

static struct kunit_case fault_worker_cases[] = {
	KUNIT_CASE(fault_write_fails),
	KUNIT_CASE(fault_write_closes),
	KUNIT_CASE(fault_reset_fails),
	KUNIT_CASE(fault_read_fails),
	KUNIT_CASE(fault_delays),
	KUNIT_CASE(fault_loses),
	KUNIT_CASE(fault_stop_waits_for_no_delay),
	{}
};

struct kunit_suite oc_fault_worker_suite = {
	.name = "oc_fault_worker",
	.init = bench_worker_init,
	.exit = bench_exit,
	.test_cases = fault_worker_cases,
};
