// SPDX-License-Identifier: GPL-2.0
/*
 * sanitize_test.c - Sanitize: what it takes, what it refuses, and who is told
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc_fault.h"
#include "oc_ftl.h"
#include "oc_test.h"

/* One of each kind, and a channel that belongs to none */
static struct oc_config sanitize_config(void)
{
	struct oc_config cfg = bench_config();

	cfg.ns = "oc20:1,block:1:80,oc12:1,oc12h:1";
	/* Rows of pages that both versions can write */
	cfg.geo.ws_opt = 4;
	return cfg;
}

static int sanitize_init(struct kunit *test)
{
	struct oc_config cfg = sanitize_config();
	struct bench *bench = bench_make(test, &cfg);

	test->priv = bench;
	if (!bench)
		return -ENOMEM;
	list_add(&bench->ctrl.entry, &bench->dev->ctrls);
	return 0;
}

/* Somebody who tells controllers of its end may be reading the list */
static void sanitize_unlist(struct bench *bench)
{
	mutex_lock(&bench->dev->lock);
	list_del_init(&bench->ctrl.entry);
	mutex_unlock(&bench->dev->lock);
}

static void sanitize_exit(struct kunit *test)
{
	struct bench *bench = test->priv;

	if (bench)
		sanitize_unlist(bench);
	bench_exit(test);
}

/* An admin command as the admin queue's worker would serve it */
static u16 sanitize_admin(struct bench *bench, u8 opcode, u32 nsid, u32 dword,
			  void *data)
{
	struct bench_cmd *bc = bench_cmd(bench);
	u16 status;

	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.common.opcode = opcode;
	bc->sqe.common.nsid = cpu_to_le32(nsid);
	bc->sqe.common.cdw10 = cpu_to_le32(dword);
	bc->cmd.ns = NULL;
	/* A page at most, which the bench's buffer is not too small for */
	if (data)
		bench_data(bc, true, 4096);
	else
		bench_data(bc, false, 0);
	status = bench_serve(bc, oc_admin_parse);
	if (data)
		memcpy(data, bc->data, 4096);
	bench_cmd_free(bc);
	return status;
}

static u16 sanitize_run(struct bench *bench, u32 dword)
{
	return sanitize_admin(bench, nvme_admin_sanitize_nvm, 0, dword, NULL);
}

/* The log, with Retain Asynchronous Event unless @read */
static void sanitize_log(struct kunit *test, bool read,
			 struct oc_wire_sanitize *log)
{
	u8 *page = kunit_kzalloc(test, 4096, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	KUNIT_EXPECT_EQ(test,
			sanitize_admin(test->priv, nvme_admin_get_log_page,
				       0xffffffff,
				       127 << 16 | (read ? 0 : 1 << 15) | 0x81,
				       page), (u16)0);
	memcpy(log, page, sizeof(*log));
	kunit_kfree(test, page);
}

static u32 sanitize_status(struct kunit *test)
{
	struct oc_wire_sanitize log;

	sanitize_log(test, false, &log);
	return le16_to_cpu(log.status);
}

/* A write of @nr sectors to namespace @nsid */
static u16 sanitize_write(struct bench *bench, u32 nsid, u64 lba, u32 nr)
{
	struct bench_cmd *bc = bench_cmd(bench);
	u16 status;

	bench_scalar(bc, nvme_cmd_write, lba, nr);
	bc->sqe.rw.nsid = cpu_to_le32(nsid);
	bench_fill(bc, nr, 7);
	status = bench_run(bc);
	bench_cmd_free(bc);
	return status;
}

static u16 sanitize_read(struct bench *bench, u32 nsid)
{
	struct bench_cmd *bc = bench_cmd(bench);
	u16 status;

	bench_scalar(bc, nvme_cmd_read, 0, 1);
	bc->sqe.rw.nsid = cpu_to_le32(nsid);
	status = bench_run(bc);
	bench_cmd_free(bc);
	return status;
}

/* Chunks of all kinds: full, open, with data in the block buffer, and gone */
static void sanitize_use(struct kunit *test)
{
	struct bench *bench = test->priv;
	u32 i;

	KUNIT_EXPECT_EQ(test, sanitize_write(bench, 1, 0, 24), (u16)0);
	KUNIT_EXPECT_EQ(test, sanitize_write(bench, 1, 32, 8), (u16)0);
	for (i = 0; i < 150; i++)
		KUNIT_EXPECT_EQ(test, sanitize_write(bench, 2, i * 7 % 190, 7),
				(u16)0);
	KUNIT_EXPECT_EQ(test, sanitize_write(bench, 3, 0, 8), (u16)0);
	/* Channel 4 belongs to nobody; it was used before */
	bench_closed(bench, 4, 1, 3);
	bench_offline(bench, 0, 1);
	bench_offline(bench, 4, 2);
	KUNIT_EXPECT_GT(test, bench_used(bench), 0U);
}

static void sanitize_is_clean(struct kunit *test, u32 offline)
{
	struct bench *bench = test->priv;
	u32 i, nr[OC_CHK_STATES] = { };

	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
	for (i = 0; i < 5; i++) {
		nr[OC_CHK_FREE] += bench->dev->ch[i].stat.nr[OC_CHK_FREE];
		nr[OC_CHK_OFFLINE] += bench->dev->ch[i].stat.nr[OC_CHK_OFFLINE];
	}
	KUNIT_EXPECT_EQ(test, nr[OC_CHK_OFFLINE], offline);
	KUNIT_EXPECT_EQ(test, nr[OC_CHK_FREE], 75 - offline);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[1].ftl->l2p.used, 0U);
	KUNIT_EXPECT_FALSE(test, bench_check_ftl(bench, 1));
}

/* ---- cases ------------------------------------------------------------ */

static void sanitize_takes_everything(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_dev *dev = bench->dev;
	struct oc_wire_sanitize log;
	u64 resets;

	/* Never, and nothing was written */
	sanitize_log(test, false, &log);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(log.status), 0x100U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(log.progress), 0xffffU);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(log.cdw10), 0U);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(log.erase), 0xffffffffU);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(log.crypto_keep), 0xffffffffU);

	sanitize_use(test);
	KUNIT_EXPECT_EQ(test, sanitize_status(test), 0U);
	resets = dev->ch[1].stat.resets + dev->ch[1].stat.nr[OC_CHK_OPEN] +
		dev->ch[1].stat.nr[OC_CHK_CLOSED];
	KUNIT_EXPECT_EQ(test, sanitize_run(bench, 2), (u16)0);
	flush_workqueue(dev->admin_wq);
	sanitize_log(test, false, &log);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(log.status), 0x101U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(log.progress), 0xffffU);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(log.cdw10), 2U);
	sanitize_is_clean(test, 2);

	/* One reset older, those that were used */
	KUNIT_EXPECT_EQ(test, dev->ch[0].chunks[0].resets, 1U);
	KUNIT_EXPECT_EQ(test, dev->ch[0].chunks[2].resets, 0U);
	KUNIT_EXPECT_EQ(test, dev->ch[1].stat.resets, resets);
	KUNIT_EXPECT_EQ(test, dev->ch[2].chunks[0].resets, 1U);
	KUNIT_EXPECT_EQ(test, dev->ch[4].chunks[1].resets, 4U);
	KUNIT_EXPECT_EQ(test, dev->ch[4].chunks[0].resets, 0U);
	/* An offline chunk has forgotten what it held */
	KUNIT_EXPECT_EQ(test, dev->ch[0].chunks[1].wp, 0U);

	/* All goes on, and is no longer blank */
	KUNIT_EXPECT_EQ(test, sanitize_write(bench, 1, 0, 24), (u16)0);
	KUNIT_EXPECT_EQ(test, sanitize_status(test), 1U);
	KUNIT_EXPECT_EQ(test, sanitize_run(bench, 2), (u16)0);
	flush_workqueue(dev->admin_wq);
	KUNIT_EXPECT_EQ(test, sanitize_status(test), 0x101U);
	KUNIT_EXPECT_EQ(test, sanitize_write(bench, 2, 0, 24), (u16)0);
	KUNIT_EXPECT_EQ(test, sanitize_status(test), 1U);
}

/* Zeroes take no flash, and are data */
static void sanitize_zeroes_are_data(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);

	bench_scalar(bc, nvme_cmd_write_zeroes, 0, 8);
	bc->sqe.rw.nsid = cpu_to_le32(2);
	bc->sqe.rw.control = 0;
	bench_data(bc, false, 0);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, sanitize_status(test), 0U);
}

static const struct {
	const char *name;
	u32 dword;
	u16 status;
} bad_sanitize[] = {
	{ "action 0", 0, 0x4002 },
	{ "overwrite", 3, 0x4002 },
	{ "cryptographic erase", 4, 0x4002 },
	{ "action 7", 7, 0x4002 },
	{ "no deallocation", 2 | 1 << 9, 0x4002 },
	{ "bit 10", 2 | 1 << 10, 0x4002 },
	{ "bit 31", 2 | 1U << 31, 0x4002 },
	/* There is nothing to exit, and no-deallocation is none of its */
	{ "exit failure mode", 1, 0 },
	{ "exit failure mode, no deallocation", 1 | 1 << 9, 0 },
};

static void sanitize_refuses(struct kunit *test)
{
	struct bench *bench = test->priv;
	u32 i, used;

	sanitize_use(test);
	used = bench_used(bench);
	for (i = 0; i < ARRAY_SIZE(bad_sanitize); i++) {
		KUNIT_EXPECT_EQ_MSG(test,
				    sanitize_run(bench, bad_sanitize[i].dword),
				    bad_sanitize[i].status, "%s",
				    bad_sanitize[i].name);
		flush_workqueue(bench->dev->admin_wq);
		KUNIT_EXPECT_EQ_MSG(test, bench_used(bench), used, "%s",
				    bad_sanitize[i].name);
	}
	KUNIT_EXPECT_EQ(test, sanitize_status(test), 0U);
	bench->ctrl.discovery = true;
	KUNIT_EXPECT_EQ(test, sanitize_run(bench, 2), (u16)0x4001);
	bench->ctrl.discovery = false;
}

static const struct {
	const char *name;
	u8 opcode;
	u32 nsid;
	u32 dword;
	u16 status;
} meanwhile[] = {
	{ "identify controller", nvme_admin_identify, 0, 1, 0 },
	{ "identify namespace", nvme_admin_identify, 2, 0, 0 },
	{ "get features", nvme_admin_get_features, 0, 2, 0 },
	{ "set features", nvme_admin_set_features, 0, 2, 0 },
	{ "error log", nvme_admin_get_log_page, 0, 15 << 16 | 1, 0 },
	{ "SMART log", nvme_admin_get_log_page, 0, 15 << 16 | 2, 0 },
	{ "changed namespaces", nvme_admin_get_log_page, 0, 15 << 16 | 4, 0 },
	{ "sanitize log", nvme_admin_get_log_page, 0, 15 << 16 | 0x81, 0 },
	{ "notifications", nvme_admin_get_log_page, 0, 15 << 16 | 0xd0, 0 },
	{ "geometry", OC_ADMIN_GEOMETRY, 1, 0, 0 },
	{ "firmware log", nvme_admin_get_log_page, 0, 15 << 16 | 3, 1 },
	{ "effects log", nvme_admin_get_log_page, 0, 15 << 16 | 5, 1 },
	{ "endurance log", nvme_admin_get_log_page, 0, 15 << 16 | 9, 1 },
	{ "chunk log", nvme_admin_get_log_page, 1, 15 << 16 | 0xca, 1 },
	{ "bad blocks", 0xf2, 3, 0, 1 },
	{ "get L2P", OC_ADMIN_GET_L2P, 2, 0, 1 },
	{ "format", nvme_admin_format_nvm, 2, 0, 1 },
	{ "sanitize", nvme_admin_sanitize_nvm, 0, 2, 1 },
};

/* What is served while it is at work, or has failed, and what gets @refusal */
static void sanitize_meanwhile(struct kunit *test, u16 refusal, u32 rows)
{
	struct bench *bench = test->priv;
	u8 *page = kunit_kzalloc(test, 4096, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	for (i = 0; i < rows; i++) {
		u16 want = meanwhile[i].status ? refusal : 0;

		KUNIT_EXPECT_EQ_MSG(test,
				    sanitize_admin(bench, meanwhile[i].opcode,
						   meanwhile[i].nsid,
						   meanwhile[i].dword, page),
				    want, "%s", meanwhile[i].name);
	}
	for (i = 1; i <= 4; i++)
		KUNIT_EXPECT_EQ(test, sanitize_read(bench, i), refusal);
	for (i = 1; i <= 3; i++)
		KUNIT_EXPECT_EQ(test, sanitize_write(bench, i, 0, 4), refusal);
}

/* From now on: before, no write should wait for an erase */
static void sanitize_set_timing(struct kunit *test, const char *text)
{
	struct bench *bench = test->priv;
	struct oc_complaint why;
	struct oc_timing tm = { };

	KUNIT_EXPECT_EQ(test, oc_timing_parse(&tm, text, &why), 0);
	oc_dev_set_timing(bench->dev, &tm);
}

/* With times: rows of chunks one after the other, and progress between them */
static void sanitize_takes_time(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_wire_sanitize log;
	u32 last = 0, steps = 0, i;
	u64 begin, ns;

	sanitize_use(test);
	/* One used chunk in each of the five rows */
	for (i = 0; i < 5; i++)
		bench_closed(bench, 4, 5 + i, 0);
	sanitize_set_timing(test, "erase=300ms");
	begin = ktime_get_ns();
	KUNIT_EXPECT_EQ(test, sanitize_run(bench, 2), (u16)0);
	sanitize_meanwhile(test, 0x1d, ARRAY_SIZE(meanwhile));
	do {
		sanitize_log(test, false, &log);
		if (le16_to_cpu(log.progress) == 0xffff)
			break;
		KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(log.status), 2U);
		KUNIT_EXPECT_EQ(test, le32_to_cpu(log.erase), 2U);
		KUNIT_EXPECT_GE(test, (u32)le16_to_cpu(log.progress), last);
		steps += le16_to_cpu(log.progress) > last;
		last = le16_to_cpu(log.progress);
		msleep(20);
	} while (ktime_get_ns() - begin < 60ULL * NSEC_PER_SEC);
	ns = ktime_get_ns() - begin;
	flush_workqueue(bench->dev->admin_wq);
	KUNIT_EXPECT_EQ(test, sanitize_status(test), 0x101U);
	/* Fifths, and all but the end; a slow machine may miss some */
	KUNIT_EXPECT_GE(test, steps, 1U);
	KUNIT_EXPECT_TRUE(test, last % (65536 / 5) == 0 || last == 0xfffe);
	KUNIT_EXPECT_GE(test, ns, 5 * 300 * (u64)NSEC_PER_MSEC);
	sanitize_is_clean(test, 2);
}

/* A device that goes away does not wait for all of it */
static void sanitize_ends_with_the_device(struct kunit *test)
{
	struct oc_config cfg = sanitize_config();
	struct bench *bench = test->priv;
	u64 begin;

	sanitize_use(test);
	sanitize_set_timing(test, "erase=4s");
	KUNIT_EXPECT_EQ(test, sanitize_run(bench, 2), (u16)0);
	msleep(50);
	KUNIT_EXPECT_EQ(test, sanitize_status(test), 2U);
	begin = ktime_get_ns();
	sanitize_unlist(bench);
	bench = bench_remake(test, &cfg);
	KUNIT_EXPECT_LT(test, ktime_get_ns() - begin, 3 * (u64)NSEC_PER_SEC);
	list_add(&bench->ctrl.entry, &bench->dev->ctrls);
}

/* However far it got: destroying a workqueue that is not idle warns */
static void sanitize_ends_with_the_device_anywhere(struct kunit *test)
{
	struct oc_config cfg = sanitize_config();
	struct bench *bench = test->priv;
	/* With KASAN it takes half a second to make a device. */
	u32 step = IS_ENABLED(CONFIG_KASAN) ? 4 : 1, i;

	for (i = 0; i < 64; i += step) {
		KUNIT_EXPECT_EQ(test, sanitize_run(bench, 2), (u16)0);
		/* Up to the time that all of it takes */
		usleep_range(i * 50, i * 50 + 10);
		sanitize_unlist(bench);
		bench = bench_remake(test, &cfg);
		list_add(&bench->ctrl.entry, &bench->dev->ctrls);
	}
}

/* Event, type 6, Sanitize Operation Completed, log 81h */
#define SANITIZED	0x810106U

static void sanitize_tells_once(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_wire_sanitize log;

	KUNIT_EXPECT_EQ(test, sanitize_run(bench, 2), (u16)0);
	flush_workqueue(bench->dev->admin_wq);
	KUNIT_EXPECT_EQ(test, bench->ctrl.pending[6], SANITIZED);
	bench->ctrl.pending[6] = 0;
	/* Not again before the log was read, and read without RAE */
	sanitize_log(test, false, &log);
	KUNIT_EXPECT_EQ(test, sanitize_run(bench, 2), (u16)0);
	flush_workqueue(bench->dev->admin_wq);
	KUNIT_EXPECT_EQ(test, bench->ctrl.pending[6], 0U);
	sanitize_log(test, true, &log);
	KUNIT_EXPECT_EQ(test, sanitize_run(bench, 2), (u16)0);
	flush_workqueue(bench->dev->admin_wq);
	KUNIT_EXPECT_EQ(test, bench->ctrl.pending[6], SANITIZED);
}

/* An erase that fails, in a channel of each kind */
static void sanitize_fails(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_dev *dev = bench->dev;
	u64 notices = dev->notices.nr;

	sanitize_use(test);
	bench_set_faults(test->priv, "reset-fail grp=0 times=1;"
			    "reset-fail grp=1 times=1;reset-fail grp=4 times=1");
	/* Restricted */
	KUNIT_EXPECT_EQ(test, sanitize_run(bench, 2), (u16)0);
	flush_workqueue(dev->admin_wq);
	KUNIT_EXPECT_EQ(test, sanitize_status(test), 3U);
	sanitize_is_clean(test, 5);
	KUNIT_EXPECT_EQ(test, dev->ch[1].ftl->good, 14U);
	/* OCSSD 2.0 has a log for that */
	KUNIT_EXPECT_EQ(test, dev->notices.nr, notices + 1);
	KUNIT_EXPECT_EQ(test, bench->ctrl.pending[6], SANITIZED);
	/* All but another Sanitize */
	sanitize_meanwhile(test, 0x401c, ARRAY_SIZE(meanwhile) - 1);
	KUNIT_EXPECT_EQ(test, sanitize_run(bench, 1), (u16)0x401c);
	KUNIT_EXPECT_EQ(test, sanitize_run(bench, 2 | 1 << 3), (u16)0x401c);
	KUNIT_EXPECT_EQ(test, sanitize_status(test), 3U);
	KUNIT_EXPECT_EQ(test, sanitize_run(bench, 2), (u16)0);
	flush_workqueue(dev->admin_wq);
	KUNIT_EXPECT_EQ(test, sanitize_status(test), 0x101U);
	KUNIT_EXPECT_EQ(test, sanitize_write(bench, 1, 2 * 32, 24), (u16)0);

	/* Unrestricted: the host may go on all the same */
	bench_set_faults(test->priv, "reset-fail grp=0 times=1");
	KUNIT_EXPECT_EQ(test, sanitize_run(bench, 2 | 1 << 3), (u16)0);
	flush_workqueue(dev->admin_wq);
	KUNIT_EXPECT_EQ(test, sanitize_status(test), 3U);
	KUNIT_EXPECT_EQ(test, sanitize_write(bench, 2, 0, 8), (u16)0x401c);
	KUNIT_EXPECT_EQ(test, sanitize_run(bench, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, sanitize_write(bench, 2, 0, 8), (u16)0);
	/* That does not make it a success */
	KUNIT_EXPECT_EQ(test, sanitize_status(test), 3U);
	KUNIT_EXPECT_EQ(test, sanitize_run(bench, 2), (u16)0);
	flush_workqueue(dev->admin_wq);
	KUNIT_EXPECT_EQ(test, sanitize_status(test), 0x101U);
	sanitize_is_clean(test, 6);
}

static void sanitize_asks_the_hosts(struct kunit *test)
{
	struct bench *bench = test->priv;

	bench_listen(bench);
	sanitize_use(test);
	bench->refuse = 1;
	KUNIT_EXPECT_EQ(test, sanitize_run(bench, 2), (u16)0x4015);
	KUNIT_EXPECT_EQ(test, sanitize_status(test), 0U);
	KUNIT_EXPECT_GT(test, bench_used(bench), 0U);
	KUNIT_EXPECT_EQ(test, bench->reserved, 4U);
	KUNIT_EXPECT_EQ(test, bench->formatted, 4U);
	KUNIT_EXPECT_EQ(test, sanitize_write(bench, 1, 2 * 32, 4), (u16)0);
	bench->refuse = 0;
	KUNIT_EXPECT_EQ(test, sanitize_run(bench, 2), (u16)0);
	flush_workqueue(bench->dev->admin_wq);
	KUNIT_EXPECT_EQ(test, bench->formatted, 8U);
	sanitize_is_clean(test, 2);
}

static void sanitize_identifies(struct kunit *test)
{
	struct nvme_id_ctrl *id = kunit_kzalloc(test, 4096, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, id);
	KUNIT_EXPECT_EQ(test, sanitize_admin(test->priv, nvme_admin_identify,
					     0, 1, id), (u16)0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(id->sanicap), 0x60000002U);
}

static struct kunit_case sanitize_cases[] = {
	KUNIT_CASE(sanitize_identifies),
	KUNIT_CASE(sanitize_takes_everything),
	KUNIT_CASE(sanitize_zeroes_are_data),
	KUNIT_CASE(sanitize_refuses),
	KUNIT_CASE(sanitize_takes_time),
	KUNIT_CASE(sanitize_ends_with_the_device),
	KUNIT_CASE(sanitize_ends_with_the_device_anywhere),
	KUNIT_CASE(sanitize_tells_once),
	KUNIT_CASE(sanitize_fails),
	KUNIT_CASE(sanitize_asks_the_hosts),
	{}
};

struct kunit_suite oc_sanitize_suite = {
	.name = "oc_sanitize",
	.init = sanitize_init,
	.exit = sanitize_exit,
	.test_cases = sanitize_cases,
};
