// SPDX-License-Identifier: GPL-2.0
/*
 * freeze_test.c - Format, Sanitize and Delete, and commands that have begun before
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/rcupdate.h>
#include <linux/sched/task.h>
#include <linux/string.h>

#include "oc_admin.h"
#include "oc_test.h"

static int freeze_init(struct kunit *test)
{
	struct oc_config cfg = bench_config();

	cfg.ns = "oc20:1,block:1:80,oc20:1";
	test->priv = bench_make(test, &cfg);
	return test->priv ? 0 : -ENOMEM;
}

/* ---- the order of the steps ------------------------------------------- */

static const struct freeze_row {
	const char *name;
	u8 opcode;
	u32 nsid;
	u32 dword;
	/* It shuts the gate without waiting for anybody */
	bool at_once;
} freeze_rows[] = {
	{ "sanitize", nvme_admin_sanitize_nvm, 0, 2, true },
	{ "format", nvme_admin_format_nvm, 2, 4, false },
	{ "format all", nvme_admin_format_nvm, 0xffffffff, 0, false },
	{ "delete", nvme_admin_ns_mgmt, 2, 1, false },
	{ "delete all", nvme_admin_ns_mgmt, 0xffffffff, 1, false },
};

/**
 * struct freezer - a thread that sends a command when it is told to
 * @bc:		the command
 * @ready:	it waits for @go
 * @go:		now
 */
struct freezer {
	struct bench_cmd *bc;
	struct completion ready;
	bool go;
};

static int freeze_thread(void *arg)
{
	struct freezer *fr = arg;

	complete(&fr->ready);
	/* Awake, so that the other one need not be preempted for it */
	while (!READ_ONCE(fr->go))
		cond_resched();
	return oc_admin_parse(&fr->bc->cmd);
}

static struct bench_cmd *freeze_cmd(struct bench *bench,
				    const struct freeze_row *row)
{
	struct bench_cmd *bc = bench_cmd(bench);

	if (!bc)
		return NULL;
	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.common.opcode = row->opcode;
	bc->sqe.common.nsid = cpu_to_le32(row->nsid);
	bc->sqe.common.cdw10 = cpu_to_le32(row->dword);
	bench_data(bc, false, 0);
	return bc;
}

/*
 * What a command of namespace 2 does at its beginning, as slowly as can be: it
 * looks at the gate, and then, when that has been shut behind its back, takes the
 * epoch down. It must find the one that @bc is to end.
 */
static void freeze_begin_slowly(struct kunit *test, const struct freeze_row *row)
{
	struct bench *bench = test->priv;
	const struct oc_ns *ns = &bench->dev->ns[1];
	struct freezer fr = { .bc = freeze_cmd(bench, row) };
	struct task_struct *task = NULL;
	u32 epoch, i;
	bool open;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, fr.bc);
	init_completion(&fr.ready);
	if (num_online_cpus() > 1) {
		task = kthread_create(freeze_thread, &fr, "oc_freeze");
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
		get_task_struct(task);
		wake_up_process(task);
		wait_for_completion(&fr.ready);
	} else if (!row->at_once || IS_ENABLED(CONFIG_DEBUG_ATOMIC_SLEEP)) {
		/* One processor: only what does not wait can come between */
		return;
	}

	rcu_read_lock();
	open = !READ_ONCE(ns->gate);
	WRITE_ONCE(fr.go, true);
	if (!task)
		KUNIT_EXPECT_EQ(test, oc_admin_parse(&fr.bc->cmd), (u16)0);
	/* 100 ms at most, and then a little for what comes behind the gate */
	for (i = 0; i < 100000 && !READ_ONCE(ns->gate); i++)
		udelay(1);
	for (i = 0; i < 100; i++)
		udelay(1);
	epoch = READ_ONCE(ns->epoch);
	rcu_read_unlock();

	if (task) {
		KUNIT_EXPECT_EQ_MSG(test, kthread_stop(task), 0, "%s",
				    row->name);
		put_task_struct(task);
	}
	flush_workqueue(bench->dev->admin_wq);
	KUNIT_EXPECT_TRUE_MSG(test, open, "%s", row->name);
	KUNIT_EXPECT_NE_MSG(test, READ_ONCE(ns->epoch), epoch, "%s", row->name);
}

static void freeze_ends_commands_that_began(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(freeze_rows); i++) {
		freeze_begin_slowly(test, &freeze_rows[i]);
		bench_free(test->priv);
		test->priv = NULL;
		KUNIT_ASSERT_EQ(test, freeze_init(test), 0);
	}
}

static struct kunit_case freeze_cases[] = {
	KUNIT_CASE(freeze_ends_commands_that_began),
	{}
};

struct kunit_suite oc_freeze_suite = {
	.name = "oc_freeze",
	.init = freeze_init,
	.exit = bench_exit,
	.test_cases = freeze_cases,
};
