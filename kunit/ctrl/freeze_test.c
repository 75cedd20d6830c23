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
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/string.h>

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
	{ "format", nvme_admin_format_nvm, 2, 5, false },
	{ "format all", nvme_admin_format_nvm, 0xffffffff, 5, false },
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
	return bench_serve(fr->bc, oc_admin_parse);
}

static struct bench_cmd *freeze_cmd(struct bench *bench,
				    const struct freeze_row *row)
{
	struct bench_cmd *bc = bench_cmd(bench);

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
		KUNIT_EXPECT_EQ(test, bench_serve(fr.bc, oc_admin_parse), (u16)0);
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

/* ---- who waits for whom ----------------------------------------------- */

/* An admin command of the host, which goes on by itself */
static struct bench_cmd *admin_begin(struct bench *bench, u8 opcode, u32 nsid,
				     u32 dword, bool to_host)
{
	struct bench_cmd *bc = bench_cmd(bench);

	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.common.opcode = opcode;
	bc->sqe.common.nsid = cpu_to_le32(nsid);
	bc->sqe.common.cdw10 = cpu_to_le32(dword);
	/* The one endurance group; others do not look at it */
	if (opcode == nvme_admin_get_log_page)
		bc->sqe.common.cdw11 = cpu_to_le32(1 << 16);
	bench_data(bc, to_host, 4096);
	/* What Create is told: a namespace of 8 sectors, 512+0 */
	if (opcode == nvme_admin_ns_mgmt && !dword) {
		struct nvme_id_ns *id = (void *)bc->data;

		id->nsze = cpu_to_le64(8);
		id->ncap = id->nsze;
		id->flbas = 5;
	}
	bench_submit(bc);
	return bc;
}

/* Within a second, which is long */
static bool admin_ends(struct bench_cmd *bc, u16 status)
{
	return bc && wait_for_completion_timeout(&bc->end, HZ) &&
		bc->cmd.status == status;
}

static const struct {
	const char *name;
	u8 opcode;
	u32 nsid;
	u32 dword;
} freeze_answered[] = {
	{ "identify controller", nvme_admin_identify, 0, 1 },
	{ "identify namespace 1", nvme_admin_identify, 1, 0 },
	{ "identify namespace 2", nvme_admin_identify, 2, 0 },
	{ "allocated namespaces", nvme_admin_identify, 0, 0x10 },
	{ "controllers", nvme_admin_identify, 0, 0x13 },
	{ "queues", nvme_admin_get_features, 0, 7 },
	{ "error recovery of 1", nvme_admin_get_features, 1, 5 },
	{ "SMART log", nvme_admin_get_log_page, 0xffffffff, 127 << 16 | 2 },
	{ "effects log", nvme_admin_get_log_page, 0, 511 << 16 | 5 },
	{ "sanitize log", nvme_admin_get_log_page, 0, 127 << 16 | 0x81 },
	{ "endurance log", nvme_admin_get_log_page, 0, 127 << 16 | 9 },
	{ "chunk log of 1", nvme_admin_get_log_page, 1, 127 << 16 | 0xca },
	{ "geometry of 1", OC_ADMIN_GEOMETRY, 1, 0 },
};

/* Whatever goes on, these do not wait for it */
static void freeze_answers(struct kunit *test, const char *during)
{
	struct bench_cmd *bc;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(freeze_answered); i++) {
		bc = admin_begin(test->priv, freeze_answered[i].opcode,
				 freeze_answered[i].nsid,
				 freeze_answered[i].dword, true);
		KUNIT_EXPECT_TRUE_MSG(test, admin_ends(bc, 0), "%s during %s",
				      freeze_answered[i].name, during);
	}
}

/* A Format waits for its channel while others want to change something */
static void freeze_format_stops_nobody(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_channel *ch = &bench->dev->ch[1];
	struct bench_cmd *format, *create;

	bench->queue.qid = 0;
	oc_channel_own(ch);
	format = admin_begin(bench, nvme_admin_format_nvm, 2, 5, false);
	msleep(20);
	create = admin_begin(bench, nvme_admin_ns_mgmt, 0, 0, false);
	msleep(20);
	freeze_answers(test, "format");
	KUNIT_EXPECT_FALSE(test, completion_done(&format->end));
	KUNIT_EXPECT_FALSE(test, completion_done(&create->end));
	oc_channel_release(ch);
	KUNIT_EXPECT_TRUE(test, bench_wait(format));
	KUNIT_EXPECT_EQ(test, (u32)format->cmd.status, 0U);
	KUNIT_EXPECT_TRUE(test, bench_wait(create));
	KUNIT_EXPECT_EQ(test, (u32)create->cmd.status, 0U);
	bench->queue.qid = 1;
}

/* A long look at namespaces, while others are to come and go */
static void freeze_reader_stops_nobody(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_dev *dev = bench->dev;
	struct bench_cmd *bc, *delete;
	int idx;
	u32 i;

	bench->queue.qid = 0;
	idx = srcu_read_lock(&dev->ns_srcu);
	bc = admin_begin(bench, nvme_admin_ns_mgmt, 0, 0, false);
	KUNIT_EXPECT_TRUE(test, admin_ends(bc, 0));
	bc = admin_begin(bench, nvme_admin_format_nvm, 2, 5, false);
	KUNIT_EXPECT_TRUE(test, admin_ends(bc, 0));
	/* Only this one waits for the reader; it is not seen any more */
	delete = admin_begin(bench, nvme_admin_ns_mgmt, 4, 1, false);
	/* Some grace periods */
	for (i = 0; i < 250 && oc_ns_find(dev, 4); i++)
		msleep(20);
	freeze_answers(test, "delete");
	KUNIT_EXPECT_FALSE(test, completion_done(&delete->end));
	KUNIT_EXPECT_PTR_EQ(test, (void *)oc_ns_find(dev, 4), NULL);
	KUNIT_EXPECT_PTR_EQ(test, (void *)dev->ns[3].kind,
			    (void *)&oc_ns_block);
	srcu_read_unlock(&dev->ns_srcu, idx);
	KUNIT_EXPECT_TRUE(test, bench_wait(delete));
	KUNIT_EXPECT_EQ(test, (u32)delete->cmd.status, 0U);
	KUNIT_EXPECT_PTR_EQ(test, (void *)dev->ns[3].kind, NULL);
	bench->queue.qid = 1;
}

/* ---- what they end with ----------------------------------------------- */

/* Deallocation of @nr blocks of namespace 2, which may be a round's or more */
static struct bench_cmd *dsm_cmd(struct bench *bench, u32 nr)
{
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i;

	for (i = 0; i < nr; i++)
		bench_range(bc, i, i, 1);
	bench_dsm(bc, nr, NVME_DSMGMT_AD);
	bc->sqe.dsm.nsid = cpu_to_le32(2);
	return bc;
}

/* Something comes between two rounds of a command, or is there when it comes */
static const struct cut_row {
	const char *name;
	enum { BY_GATE, BY_EPOCH, BY_DETACH, BY_QUEUE } by;
	enum oc_cut why;
	enum oc_sanitize_state state;
	u16 status;
	u16 where;
} cut_rows[] = {
	{ "nothing", BY_GATE, OC_CUT_NOT, 0, 0, 0xffff },
	{ "format", BY_GATE, OC_CUT_FORMAT, 0, 0x84, 0xffff },
	{ "sanitize", BY_GATE, OC_CUT_SANITIZE, OC_SANITIZE_RUNS, 0x1d, 0xffff },
	{ "failed sanitize", BY_GATE, OC_CUT_SANITIZE, OC_SANITIZE_FAILED,
	  0x401c, 0xffff },
	{ "delete", BY_GATE, OC_CUT_GONE, 0, 0x4002, 4 },
	{ "format that is over", BY_EPOCH, OC_CUT_FORMAT, 0, 0x84, 0xffff },
	{ "sanitize that is over", BY_EPOCH, OC_CUT_SANITIZE,
	  OC_SANITIZE_DONE, 0x1d, 0xffff },
	{ "delete, and another one", BY_EPOCH, OC_CUT_GONE, 0, 0x4002, 4 },
	{ "detach", BY_DETACH, OC_CUT_DETACH, 0, 0x4002, 4 },
	{ "reset", BY_QUEUE, OC_CUT_QUEUE, 0, 0x08, 0xffff },
};

static void cut_now(struct bench *bench, const struct cut_row *row)
{
	struct oc_ns *ns = &bench->dev->ns[1];

	bench->dev->sanitize.state = row->state;
	if (row->by == BY_GATE)
		ns->gate = row->why;
	else if (row->by == BY_EPOCH)
		ns->epoch = oc_epoch_next(ns->epoch, row->why);
	else if (row->by == BY_DETACH)
		clear_bit(1, bench->port.active);
	else
		bench->queue.closing = true;
}

static void cut_undo(struct bench *bench)
{
	bench->dev->sanitize.state = OC_SANITIZE_NEVER;
	bench->dev->ns[1].gate = OC_CUT_NOT;
	set_bit(1, bench->port.active);
	bench->queue.closing = false;
}

static void freeze_says_what_happened(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_channel *ch = &bench->dev->ch[1];
	struct bench_cmd *bc;
	u32 i, nr;

	for (i = 0; i < ARRAY_SIZE(cut_rows); i++) {
		const struct cut_row *row = &cut_rows[i];

		/* A round is 64 blocks at most: one alone has nothing behind it */
		for (nr = 64; nr <= 128; nr += 64) {
			bc = dsm_cmd(bench, nr);
			oc_channel_own(ch);
			bench_submit(bc);
			cut_now(bench, row);
			oc_channel_release(ch);
			KUNIT_EXPECT_TRUE(test, bench_wait(bc));
			cut_undo(bench);
			KUNIT_EXPECT_EQ_MSG(test, (u32)bc->cmd.status,
					    nr > 64 ? row->status : 0U,
					    "%s in %u", row->name, nr);
			KUNIT_EXPECT_EQ_MSG(test, (u32)bc->cmd.err_loc,
					    nr > 64 ? row->where : 0xffffU,
					    "%s in %u", row->name, nr);
			bench_cmd_free(bc);
		}
		if (row->by != BY_GATE && row->by != BY_DETACH)
			continue;
		/* One that comes later says the same */
		bc = dsm_cmd(bench, 1);
		cut_now(bench, row);
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), row->status,
				    "%s at the door", row->name);
		cut_undo(bench);
		KUNIT_EXPECT_EQ_MSG(test, bc->cmd.err_loc, row->where,
				    "%s at the door", row->name);
	}
}

/* The same by what hosts send */
static void freeze_cuts_commands_off(struct kunit *test)
{
	static const u16 want[] = { 0x1d, 0x84, 0x84, 0x4002, 0x4002 };
	struct bench *bench;
	struct bench_cmd *bc, *other;
	struct oc_channel *ch;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(freeze_rows); i++) {
		bench = test->priv;
		ch = &bench->dev->ch[1];
		bc = dsm_cmd(bench, 128);
		oc_channel_own(ch);
		bench_submit(bc);
		bench->queue.qid = 0;
		other = admin_begin(bench, freeze_rows[i].opcode,
				    freeze_rows[i].nsid, freeze_rows[i].dword,
				    false);
		/* It waits behind the first round and in front of the second */
		msleep(50);
		oc_channel_release(ch);
		KUNIT_EXPECT_TRUE(test, bench_wait(bc));
		KUNIT_EXPECT_TRUE(test, bench_wait(other));
		KUNIT_EXPECT_EQ_MSG(test, (u32)bc->cmd.status, (u32)want[i],
				    "%s", freeze_rows[i].name);
		KUNIT_EXPECT_EQ_MSG(test, (u32)other->cmd.status, 0U, "%s",
				    freeze_rows[i].name);
		flush_workqueue(bench->dev->admin_wq);
		bench_free(bench);
		test->priv = NULL;
		KUNIT_ASSERT_EQ(test, freeze_init(test), 0);
	}
}

/* ---- a whole device --------------------------------------------------- */

/**
 * struct still - what whoever freezes a device finds
 * @test:	the case
 * @seen:	namespaces that there were
 */
struct still {
	struct kunit *test;
	u32 seen;
};

static void still_look(struct oc_ns *ns, void *arg)
{
	struct still *still = arg;
	struct kunit *test = still->test;
	u32 i;

	still->seen |= BIT(ns->nsid - 1);
	KUNIT_EXPECT_EQ(test, (u32)ns->gate, (u32)OC_CUT_FORMAT);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&ns->dev->ch[i].owned), 1,
				    "channel %u", i);
}

static u16 still_read(struct bench *bench, u32 nsid)
{
	struct bench_cmd *bc = bench_cmd(bench);
	u16 status;

	bench_scalar(bc, nvme_cmd_read, 0, 1);
	bc->sqe.rw.nsid = cpu_to_le32(nsid);
	status = bench_run(bc);
	bench_cmd_free(bc);
	return status;
}

static void freeze_stills_a_device(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_dev *dev = bench->dev;
	struct still still = { .test = test };
	unsigned int noio = memalloc_noio_save();
	struct oc_freeze fz;
	u32 nsid;

	/* As a command that changes namespaces: who has this lock reclaims nothing */
	mutex_lock(&dev->format_lock);
	oc_freeze_all(&fz, dev, OC_CUT_FORMAT);
	KUNIT_EXPECT_EQ(test, fz.which[0], 7UL);
	/* Twice: the first waits for all, the second for nobody */
	oc_freeze_change(&fz, still_look, &still);
	oc_freeze_change(&fz, still_look, &still);
	KUNIT_EXPECT_EQ(test, still.seen, 7U);

	/* Channels can be looked at, and still nobody comes in */
	for (nsid = 1; nsid <= 3; nsid++) {
		KUNIT_EXPECT_EQ(test, atomic_read(&dev->ch[nsid - 1].owned), 0);
		KUNIT_EXPECT_EQ_MSG(test, still_read(bench, nsid), (u16)0x84,
				    "namespace %u", nsid);
	}
	oc_freeze_open(dev, fz.which);
	mutex_unlock(&dev->format_lock);
	memalloc_noio_restore(noio);
	for (nsid = 1; nsid <= 3; nsid++)
		KUNIT_EXPECT_EQ_MSG(test, still_read(bench, nsid), (u16)0,
				    "namespace %u", nsid);
	/* A slot without a namespace has stayed shut */
	KUNIT_EXPECT_EQ(test, (u32)dev->ns[3].gate, (u32)OC_CUT_GONE);
}

/* ---- what hosts use --------------------------------------------------- */

/* From which look on the disk is claimed, and how often it was looked at */
static struct {
	u32 from;
	u32 looks;
	bool target;
	u32 reserved;
} use;

static bool use_claimed(struct oc_port *port, u32 nsid)
{
	return nsid == 2 && ++use.looks >= use.from;
}

static bool use_reserve(struct oc_port *port, u32 nsid)
{
	use.reserved++;
	return !use.target;
}

static void use_look(struct oc_port *port, u32 nsid)
{
	use.reserved--;
}

/* Detach from the bench's controller, which is in the list for that alone */
static u16 use_detach(struct bench *bench)
{
	struct bench_cmd *bc = bench_cmd(bench);
	__le16 *list;
	u16 status;

	list = (void *)bc->data;
	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.common.opcode = nvme_admin_ns_attach;
	bc->sqe.common.nsid = cpu_to_le32(2);
	bc->sqe.common.cdw10 = cpu_to_le32(1);
	list[0] = cpu_to_le16(1);
	list[1] = cpu_to_le16(1);
	bench_data(bc, false, 4096);
	mutex_lock(&bench->dev->lock);
	list_add(&bench->ctrl.entry, &bench->dev->ctrls);
	mutex_unlock(&bench->dev->lock);
	status = bench_serve(bc, oc_admin_parse);
	mutex_lock(&bench->dev->lock);
	list_del(&bench->ctrl.entry);
	mutex_unlock(&bench->dev->lock);
	bench_cmd_free(bc);
	return status;
}

static u16 use_change(struct bench *bench, u32 row)
{
	struct bench_cmd *bc;
	u16 status;

	if (row == ARRAY_SIZE(freeze_rows))
		return use_detach(bench);
	bc = freeze_cmd(bench, &freeze_rows[row]);
	if (!bc)
		return 0xffff;
	status = bench_serve(bc, oc_admin_parse);
	bench_cmd_free(bc);
	flush_workqueue(bench->dev->admin_wq);
	return status;
}

static const struct {
	const char *name;
	u32 from;
	bool target;
	bool ignore;
	u16 status;
} use_rows[] = {
	{ "free", 99, false, false, 0 },
	{ "claimed", 1, false, false, 0x4015 },
	{ "target", 99, true, false, 0x4015 },
	{ "claimed, ignored", 1, false, true, 0 },
	{ "target, ignored", 99, true, true, 0 },
};

/* One rule for all; the controllers are in no list, as in a reset of theirs */
static void freeze_leaves_what_is_in_use(struct kunit *test)
{
	struct bench *bench;
	u32 i, k, epoch;

	for (i = 0; i < ARRAY_SIZE(use_rows); i++)
		for (k = 0; k <= ARRAY_SIZE(freeze_rows); k++) {
			bench = test->priv;
			memset(&use, 0, sizeof(use));
			use.from = use_rows[i].from;
			use.target = use_rows[i].target;
			bench->dev->ignore_use = use_rows[i].ignore;
			bench->port.in_use = use_claimed;
			bench->port.reserve = use_reserve;
			bench->port.formatted = use_look;
			epoch = bench->dev->ns[1].epoch;
			KUNIT_EXPECT_EQ_MSG(test, use_change(bench, k),
					    use_rows[i].status, "%s, %u",
					    use_rows[i].name, k);
			KUNIT_EXPECT_EQ_MSG(test, use.reserved, 0U, "%s, %u",
					    use_rows[i].name, k);
			if (use_rows[i].status) {
				KUNIT_EXPECT_EQ(test, bench->dev->ns[1].epoch,
						epoch);
				KUNIT_EXPECT_EQ(test, bench->dev->ns[1].gate,
						(u8)OC_CUT_NOT);
			}
			bench_free(bench);
			test->priv = NULL;
			KUNIT_ASSERT_EQ(test, freeze_init(test), 0);
		}
}

/* It is claimed while commands are refused already: nothing is lost */
static void freeze_looks_twice(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc;
	u32 k;

	bench->port.in_use = use_claimed;
	bench->port.reserve = use_reserve;
	bench->port.formatted = use_look;
	for (k = 0; k <= ARRAY_SIZE(freeze_rows); k++) {
		memset(&use, 0, sizeof(use));
		use.from = 2;
		KUNIT_EXPECT_EQ_MSG(test, use_change(bench, k), (u16)0x4015,
				    "%u", k);
		KUNIT_EXPECT_EQ(test, use.looks, 2U);
		KUNIT_EXPECT_EQ(test, use.reserved, 0U);
		KUNIT_EXPECT_EQ(test, bench->dev->ns[1].epoch, 0U);
		KUNIT_EXPECT_EQ(test, (u32)bench->dev->sanitize.state,
				(u32)OC_SANITIZE_NEVER);
		bc = dsm_cmd(bench, 128);
		KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
		bench_cmd_free(bc);
	}
}

static struct kunit_case freeze_cases[] = {
	KUNIT_CASE(freeze_ends_commands_that_began),
	KUNIT_CASE(freeze_format_stops_nobody),
	KUNIT_CASE(freeze_reader_stops_nobody),
	KUNIT_CASE(freeze_says_what_happened),
	KUNIT_CASE(freeze_cuts_commands_off),
	KUNIT_CASE(freeze_stills_a_device),
	KUNIT_CASE(freeze_leaves_what_is_in_use),
	KUNIT_CASE(freeze_looks_twice),
	{}
};

struct kunit_suite oc_freeze_suite = {
	.name = "oc_freeze",
	.init = freeze_init,
	.exit = bench_exit,
	.test_cases = freeze_cases,
};
