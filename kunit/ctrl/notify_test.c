// SPDX-License-Identifier: GPL-2.0
/*
 * notify_test.c - the notification log, its event, media feedback
 *
 * Numbers are literal, as a host writes and reads them.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "oc_test.h"
#include "oc_unaligned.h"

/* A bench whose controller the device knows of */
static int notify_init(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct bench *bench;

	cfg.ns = "oc20:2,oc20:3";
	bench = bench_make(test, &cfg);
	test->priv = bench;
	if (!bench)
		return -ENOMEM;
	mutex_lock(&bench->dev->lock);
	list_add(&bench->ctrl.entry, &bench->dev->ctrls);
	mutex_unlock(&bench->dev->lock);
	return 0;
}

static void notify_exit(struct kunit *test)
{
	struct bench *bench = test->priv;

	if (bench && !bench->stuck) {
		mutex_lock(&bench->dev->lock);
		list_del(&bench->ctrl.entry);
		mutex_unlock(&bench->dev->lock);
	}
	bench_exit(test);
}

static struct bench_cmd *admin_cmd(struct kunit *test, u8 opcode, u32 nsid,
				   u32 dw10, u32 dw11)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);

	bench->queue.qid = 0;
	bc->sqe.common.opcode = opcode;
	bc->sqe.common.nsid = cpu_to_le32(nsid);
	bc->sqe.common.cdw10 = cpu_to_le32(dw10);
	bc->sqe.common.cdw11 = cpu_to_le32(dw11);
	bench_data(bc, true, 0);
	return bc;
}

/* Read the log from byte @off on, into the command's data. @rae: retain the event */
static struct bench_cmd *get_log(struct kunit *test, u32 off, u32 len, bool rae)
{
	u32 numd = len / 4 - 1;
	struct bench_cmd *bc = admin_cmd(test, 0x02, 0xffffffff,
					 numd << 16 | (rae ? 0x8000 : 0) | 0xd0,
					 numd >> 16);

	bc->sqe.get_log_page.lpo = cpu_to_le64(off);
	memset(bc->data, 0xee, len + 4);
	bench_data(bc, true, len);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)bc->data[len], 0xeeU);
	return bc;
}

static u64 nc_at(const struct bench_cmd *bc, u32 i)
{
	return get_unaligned_le64(bc->data + 64 * i);
}

static void notices(struct kunit *test, u32 nr)
{
	struct bench *bench = test->priv;

	while (nr--)
		oc_notify_chunk(&bench->dev->ns[0], 0, 0, OC_NOTICE_WEAR);
	flush_workqueue(bench->dev->admin_wq);
}

static void notify_bytes(struct kunit *test)
{
	struct bench *bench = test->priv;
	u64 lba = bench_lba(bench, 1, 2, 3, 20);
	struct bench_cmd *bc;
	const u8 *p;

	bc = get_log(test, 0, 4096, true);
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->data, 0, 4096));

	oc_notify_lbas(&bench->dev->ns[0], lba, 4, OC_NOTICE_UNRECOVERABLE);
	oc_notify_chunk(&bench->dev->ns[1], 1, 8, OC_NOTICE_WEAR);
	oc_notify_pu(&bench->dev->ns[1], 2, 2, OC_NOTICE_ECC_MEDIUM);
	bc = get_log(test, 0, 4096, true);

	p = bc->data;
	KUNIT_EXPECT_EQ(test, get_unaligned_le64(p), 1ULL);
	KUNIT_EXPECT_EQ(test, get_unaligned_le64(p + 8), lba);
	KUNIT_EXPECT_EQ(test, get_unaligned_le32(p + 16), 1U);
	KUNIT_EXPECT_EQ(test, (u32)get_unaligned_le16(p + 20), 8U);
	KUNIT_EXPECT_EQ(test, (u32)p[22], 1U);
	KUNIT_EXPECT_EQ(test, (u32)get_unaligned_le16(p + 32), 3U);
	KUNIT_EXPECT_FALSE(test, memchr_inv(p + 23, 0, 9));
	KUNIT_EXPECT_FALSE(test, memchr_inv(p + 34, 0, 30));

	p += 64;
	KUNIT_EXPECT_EQ(test, get_unaligned_le64(p), 2ULL);
	KUNIT_EXPECT_EQ(test, get_unaligned_le64(p + 8),
			bench_lba(bench, 1, 1, 3, 0));
	KUNIT_EXPECT_EQ(test, get_unaligned_le32(p + 16), 2U);
	KUNIT_EXPECT_EQ(test, (u32)get_unaligned_le16(p + 20), 0x100U);
	KUNIT_EXPECT_EQ(test, (u32)p[22], 2U);
	KUNIT_EXPECT_FALSE(test, memchr_inv(p + 23, 0, 41));

	p += 64;
	KUNIT_EXPECT_EQ(test, get_unaligned_le64(p), 3ULL);
	KUNIT_EXPECT_EQ(test, get_unaligned_le64(p + 8),
			bench_lba(bench, 2, 2, 0, 0));
	KUNIT_EXPECT_EQ(test, (u32)get_unaligned_le16(p + 20), 2U);
	KUNIT_EXPECT_EQ(test, (u32)p[22], 4U);
	KUNIT_EXPECT_FALSE(test, memchr_inv(p + 64, 0, 4096 - 192));
}

/* A reader with @room entries: from the top to the first number it knows */
static u64 walk(struct kunit *test, u32 room, u64 last)
{
	struct bench_cmd *bc = get_log(test, 0, room * 64, false);
	u32 i;

	for (i = 0; i < room && nc_at(bc, i) > last; i++) {
		KUNIT_EXPECT_EQ(test, nc_at(bc, i), last + 1);
		last = nc_at(bc, i);
	}
	bench_cmd_free(bc);
	return last;
}

/* Whatever the room and wherever the ring stands, a reader misses nothing */
static void notify_readers_miss_nothing(struct kunit *test)
{
	static const u32 rooms[] = { 1, 3, 16, 64 };
	u64 told = 0, last = 0;
	u32 i, k, step;

	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		for (step = 1; step <= 64; step += 9) {
			notices(test, step);
			told += step;
			for (k = 0; k < step; k += rooms[i])
				last = walk(test, rooms[i], last);
			KUNIT_EXPECT_EQ_MSG(test, last, told,
					    "%u notices for %u entries", step,
					    rooms[i]);
			KUNIT_EXPECT_EQ(test, walk(test, rooms[i], last),
					told);
		}
	}
}

static void notify_old_ones_go(struct kunit *test)
{
	struct bench_cmd *bc;

	notices(test, 70);
	bc = get_log(test, 0, 4096, false);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 0), 7ULL);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 63), 70ULL);

	/* What is known comes after what is new */
	notices(test, 2);
	bc = get_log(test, 0, 4096, true);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 0), 71ULL);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 1), 72ULL);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 2), 9ULL);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 63), 70ULL);

	/* In two pieces; the first one leaves everything as it is */
	bc = get_log(test, 64, 64, false);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 0), 72ULL);
	bc = get_log(test, 0, 64, true);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 0), 9ULL);
}

static void notify_log_windows(struct kunit *test)
{
	struct bench_cmd *bc;

	notices(test, 2);
	bc = get_log(test, 60, 72, true);
	KUNIT_EXPECT_EQ(test, get_unaligned_le64(bc->data + 4), 2ULL);
	bc = get_log(test, 4096, 64, true);
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->data, 0, 64));
	bc = get_log(test, 4032, 128, true);
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->data, 0, 128));

	bc = admin_cmd(test, 0x02, 1, 0x000f80d0, 0);
	bench_data(bc, true, 64);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	bc = admin_cmd(test, 0x02, 0, 0x000f80d0, 0);
	bench_data(bc, true, 64);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	bc = admin_cmd(test, 0x02, 3, 0x000f80d0, 0);
	bench_data(bc, true, 64);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	bc = admin_cmd(test, 0x02, 1, 0x000f80d0, 0);
	bc->sqe.get_log_page.lpo = cpu_to_le64(4100);
	bench_data(bc, true, 64);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
}

static struct bench_cmd *park_aer(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = admin_cmd(test, 0x0c, 0, 0, 0);

	bench_submit(bc);
	flush_workqueue(bench->dev->admin_wq);
	return bc;
}

static void expect_event(struct kunit *test, struct bench_cmd *aer)
{
	KUNIT_EXPECT_TRUE(test, bench_wait(aer));
	KUNIT_EXPECT_EQ(test, aer->cmd.status, (u16)0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(aer->cmd.result.u32), 0x00d00007U);
}

static void notify_event(struct kunit *test)
{
	struct bench_cmd *aer = park_aer(test);

	KUNIT_EXPECT_EQ(test, atomic_read(&aer->calls), 0);
	notices(test, 1);
	expect_event(test, aer);

	/* Once: the next one waits for the log to be read, and not by RAE */
	aer = park_aer(test);
	notices(test, 3);
	get_log(test, 0, 4096, true);
	notices(test, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&aer->calls), 0);
	get_log(test, 0, 4096, false);
	notices(test, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&aer->calls), 0);
	notices(test, 1);
	expect_event(test, aer);

	/* A reader that leaves some is told again */
	notices(test, 4);
	aer = park_aer(test);
	KUNIT_EXPECT_EQ(test, atomic_read(&aer->calls), 0);
	get_log(test, 0, 2 * 64, false);
	expect_event(test, aer);
	get_log(test, 0, 4096, false);

	/* Without a request the event waits, beside one of another type */
	notices(test, 1);
	oc_ctrl_event(&((struct bench *)test->priv)->ctrl, 0x00040002);
	aer = park_aer(test);
	KUNIT_EXPECT_TRUE(test, bench_wait(aer));
	KUNIT_EXPECT_EQ(test, le32_to_cpu(aer->cmd.result.u32), 0x00040002U);
	expect_event(test, park_aer(test));
}

/* The host resets the controller: a new one takes over the connection */
static void reset(struct kunit *test, bool fresh)
{
	struct bench *bench = test->priv;

	mutex_lock(&bench->dev->lock);
	clear_bit(OC_NEWS_NOTICES, &bench->ctrl.told);
	memset(bench->ctrl.pending, 0, sizeof(bench->ctrl.pending));
	oc_notices_connect(&bench->ctrl, fresh);
	mutex_unlock(&bench->dev->lock);
	flush_workqueue(bench->dev->admin_wq);
}

static void notify_after_reset(struct kunit *test)
{
	struct bench_cmd *bc, *aer;

	notices(test, 70);
	expect_event(test, park_aer(test));
	get_log(test, 0, 4096, false);

	/* Nothing is new */
	reset(test, false);
	aer = park_aer(test);
	KUNIT_EXPECT_EQ(test, atomic_read(&aer->calls), 0);
	notices(test, 1);
	expect_event(test, aer);
	bc = get_log(test, 0, 4096, true);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 0), 71ULL);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 1), 8ULL);

	/* What was unread is still news, and so is the event */
	reset(test, false);
	expect_event(test, park_aer(test));
	bc = get_log(test, 0, 4096, false);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 0), 71ULL);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 1), 8ULL);

	/* Who connects for the first time has read nothing */
	reset(test, true);
	expect_event(test, park_aer(test));
	bc = get_log(test, 0, 4096, false);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 0), 8ULL);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 63), 71ULL);
}

/* Namespace 2 is another host's */
static void notify_of_others(struct kunit *test)
{
	struct bench *bench = test->priv;
	const struct oc_ns *theirs = &bench->dev->ns[1];
	struct bench_cmd *bc, *aer;
	u32 i;

	clear_bit(1, bench->port.active);
	aer = park_aer(test);
	for (i = 0; i < 3; i++)
		oc_notify_chunk(theirs, 1, 8, OC_NOTICE_WEAR);
	notices(test, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&aer->calls), 0);
	bc = get_log(test, 0, 4096, true);
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->data, 0, 4096));

	/* Ours stand together, and are read one by one as if there were no others */
	notices(test, 1);
	expect_event(test, aer);
	oc_notify_chunk(theirs, 1, 8, OC_NOTICE_WEAR);
	notices(test, 1);
	oc_notify_chunk(theirs, 1, 8, OC_NOTICE_WEAR);
	bc = get_log(test, 0, 4096, true);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 0), 4ULL);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 1), 6ULL);
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->data + 128, 0, 4096 - 128));
	bc = get_log(test, 0, 64, false);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 0), 4ULL);
	bc = get_log(test, 0, 64, false);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 0), 6ULL);
	aer = park_aer(test);
	flush_workqueue(bench->dev->admin_wq);
	/* Told while one was left to be read */
	expect_event(test, aer);
	bc = get_log(test, 0, 4096, false);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 0), 4ULL);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 1), 6ULL);

	/* Notices go with their namespace; the next one of that number has none */
	set_bit(1, bench->port.active);
	bc = get_log(test, 0, 4096, true);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 0), 1ULL);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 6), 7ULL);
	oc_notices_forget(theirs);
	bc = get_log(test, 0, 4096, true);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 0), 4ULL);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 1), 6ULL);
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->data + 128, 0, 4096 - 128));
	notices(test, 1);
	bc = get_log(test, 0, 4096, false);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 0), 8ULL);
	KUNIT_EXPECT_EQ(test, nc_at(bc, 1), 4ULL);
}

static u16 feature(struct kunit *test, u8 opcode, u32 nsid, u32 *val)
{
	struct bench_cmd *bc = admin_cmd(test, opcode, nsid, 0xca, *val);
	u16 status = bench_run(bc);

	*val = le32_to_cpu(bc->cmd.result.u32);
	return status;
}

#define SET	0x09
#define GET	0x0a

static void notify_feedback(struct kunit *test)
{
	struct bench *bench = test->priv;
	u32 val = 0;

	KUNIT_EXPECT_EQ(test, feature(test, GET, 1, &val), (u16)0);
	KUNIT_EXPECT_EQ(test, val, 0U);
	val = 1;
	KUNIT_EXPECT_EQ(test, feature(test, SET, 1, &val), (u16)0);
	val = 2;
	KUNIT_EXPECT_EQ(test, feature(test, SET, 2, &val), (u16)0);
	KUNIT_EXPECT_EQ(test, feature(test, GET, 1, &val), (u16)0);
	KUNIT_EXPECT_EQ(test, val, 1U);
	KUNIT_EXPECT_EQ(test, feature(test, GET, 2, &val), (u16)0);
	KUNIT_EXPECT_EQ(test, val, 2U);
	KUNIT_EXPECT_EQ(test, feature(test, GET, 0xffffffff, &val), (u16)0);
	KUNIT_EXPECT_EQ(test, val, 3U);

	val = 4;
	KUNIT_EXPECT_EQ(test, feature(test, SET, 1, &val), (u16)0x4002);
	val = 1;
	KUNIT_EXPECT_EQ(test, feature(test, SET, 3, &val), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, feature(test, GET, 3, &val), (u16)0x4002);
	val = 0;
	KUNIT_EXPECT_EQ(test, feature(test, SET, 0, &val), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)bench->dev->ns[0].feedback, 0U);
	KUNIT_EXPECT_EQ(test, (u32)bench->dev->ns[1].feedback, 0U);
}

static struct kunit_case notify_cases[] = {
	KUNIT_CASE(notify_bytes),
	KUNIT_CASE(notify_readers_miss_nothing),
	KUNIT_CASE(notify_old_ones_go),
	KUNIT_CASE(notify_log_windows),
	KUNIT_CASE(notify_event),
	KUNIT_CASE(notify_after_reset),
	KUNIT_CASE(notify_of_others),
	KUNIT_CASE(notify_feedback),
	{}
};

struct kunit_suite oc_notify_suite = {
	.name = "oc_notify",
	.init = notify_init,
	.exit = notify_exit,
	.test_cases = notify_cases,
};
