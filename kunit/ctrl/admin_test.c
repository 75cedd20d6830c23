// SPDX-License-Identifier: GPL-2.0
/*
 * admin_test.c - features with all their selectors, events and abort, through the admin queue
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/string.h>

#include "admin_bed.h"
#include "oc_unaligned.h"

/* ---- features --------------------------------------------------------- */

static void reset_features(struct kunit *test)
{
	struct bench *bench = test->priv;

	mutex_lock(&bench->ctrl.lock);
	oc_features_reset(&bench->ctrl);
	mutex_unlock(&bench->ctrl.lock);
}

static u16 get_feature(struct bench_cmd *bc, u8 fid, u32 sel, u32 nsid,
		       u32 dw11)
{
	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.features.opcode = nvme_admin_get_features;
	bc->sqe.features.fid = cpu_to_le32(fid | sel << 8);
	bc->sqe.features.nsid = cpu_to_le32(nsid);
	bc->sqe.features.dword11 = cpu_to_le32(dw11);
	bench_data(bc, true, 16);
	return bench_run(bc);
}

/* Every feature there is: its default, a value it takes, what can be done */
static const struct {
	const char *name;
	u8 fid;
	u32 nsid;
	u32 dw11;	/* of Get Features */
	u32 initial;
	u32 set;
	u32 got;	/* what is read back after @set */
	u32 caps;
} features[] = {
	{ "arbitration", 0x01, 0, 0, 7, 0x01020303, 0x01020303, 4 },
	{ "power management", 0x02, 0, 0, 0, 0x40, 0x40, 4 },
	{ "over temperature", 0x04, 0, 0, 343, 400, 400, 4 },
	{ "under temperature", 0x04, 0, 1 << 20, 0, 1 << 20 | 200, 200, 4 },
	{ "error recovery", 0x05, 1, 0, 0, 0x10007, 0x10007, 7 },
	{ "queues", 0x07, 0, 0, 0x7f007f, 0x30003, 0x30003, 4 },
	{ "write atomicity", 0x0a, 0, 0, 0, 1, 1, 4 },
	{ "events", 0x0b, 0, 0, 0, 0x11f, 0x11f, 4 },
	{ "keep-alive", 0x0f, 0, 0, 120000, 60001, 60100, 4 },
	{ "media feedback", 0xca, 2, 0, 0, 3, 3, 6 },
};

static void feature_selectors(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i, sel;

	/* Keep-alive is on, so that there is a current value */
	oc_ctrl_set_kato(&bench->ctrl, 120000);
	for (i = 0; i < ARRAY_SIZE(features); i++) {
		const char *name = features[i].name;
		u8 fid = features[i].fid;
		u32 nsid = features[i].nsid, dw11 = features[i].dw11;

		for (sel = 0; sel < 3; sel++) {
			KUNIT_EXPECT_EQ_MSG(test, get_feature(bc, fid, sel, nsid, dw11),
					    (u16)0, "%s, selector %u", name, sel);
			KUNIT_EXPECT_EQ_MSG(test, admin_result(bc), features[i].initial,
					    "%s, selector %u", name, sel);
		}
		KUNIT_EXPECT_EQ_MSG(test, get_feature(bc, fid, 3, nsid, dw11), (u16)0, "%s",
				    name);
		KUNIT_EXPECT_EQ_MSG(test, admin_result(bc), features[i].caps, "%s", name);
		for (sel = 4; sel < 8; sel++)
			KUNIT_EXPECT_EQ_MSG(test, get_feature(bc, fid, sel, nsid, dw11),
					    INVALID_FIELD, "%s, selector %u", name, sel);
		KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 41U);

		KUNIT_EXPECT_EQ_MSG(test,
				    admin_set_feature(bc, fid, false, nsid,
						      features[i].set),
				    (u16)0, "%s", name);
		get_feature(bc, fid, 0, nsid, dw11);
		KUNIT_EXPECT_EQ_MSG(test, admin_result(bc), features[i].got, "%s", name);
		/* Neither default nor saved value has changed */
		for (sel = 1; sel < 3; sel++) {
			get_feature(bc, fid, sel, nsid, dw11);
			KUNIT_EXPECT_EQ_MSG(test, admin_result(bc), features[i].initial,
					    "%s, selector %u", name, sel);
		}
	}
	oc_ctrl_set_kato(&bench->ctrl, 0);
}

static void feature_save(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(features); i++) {
		u16 want = features[i].caps & 1 ? 0 : NOT_SAVEABLE;

		KUNIT_EXPECT_EQ_MSG(test,
				    admin_set_feature(bc, features[i].fid, true,
						      features[i].nsid, features[i].set),
				    want, "%s", features[i].name);
	}

	/* Saved for the first namespace: it is there after a reset */
	reset_features(test);
	for (i = 0; i < 3; i++) {
		get_feature(bc, 5, i, 1, 0);
		KUNIT_EXPECT_EQ_MSG(test, admin_result(bc),
				    i == 1 ? 0U : 0x10007U, "selector %u", i);
		get_feature(bc, 5, i, 2, 0);
		KUNIT_EXPECT_EQ_MSG(test, admin_result(bc), 0U, "selector %u", i);
	}
	/* What is refused is not saved, and what is not saved is not kept */
	KUNIT_EXPECT_EQ(test, admin_set_feature(bc, 5, true, 3, 9), INVALID_FIELD);
	KUNIT_EXPECT_EQ(test, admin_set_feature(bc, 5, true, 6, 9), INVALID_NS);
	KUNIT_EXPECT_EQ(test, admin_set_feature(bc, 5, false, 1, 9), (u16)0);
	reset_features(test);
	get_feature(bc, 5, 0, 1, 0);
	KUNIT_EXPECT_EQ(test, admin_result(bc), 0x10007U);
	/* All namespaces at once */
	KUNIT_EXPECT_EQ(test, admin_set_feature(bc, 5, true, U32_MAX, 0), (u16)0);
	reset_features(test);
	get_feature(bc, 5, 0, 1, 0);
	KUNIT_EXPECT_EQ(test, admin_result(bc), 0U);
}

static const struct {
	const char *name;
	u8 fid;
	u32 nsid;
	u32 dw11;
	u16 status;
} refused[] = {
	{ "power state 1", 0x02, 0, 1, INVALID_FIELD },
	{ "temperature of sensor 1", 0x04, 0, 1 << 16 | 300, INVALID_FIELD },
	{ "third type of threshold", 0x04, 0, 2 << 20 | 300, INVALID_FIELD },
	{ "volatile write cache", 0x06, 0, 1, INVALID_FIELD },
	{ "interrupt coalescing", 0x08, 0, 1, INVALID_FIELD },
	{ "interrupt vector", 0x09, 0, 1, INVALID_FIELD },
	{ "events that are none", 0x0b, 0, 0x200, INVALID_FIELD },
	{ "host memory buffer", 0x0d, 0, 1, INVALID_FIELD },
	{ "65536 queues", 0x07, 0, 0xffff, INVALID_FIELD },
	{ "host identifier", 0x81, 0, 1, SEQ_ERROR },
	{ "reserved", 0x00, 0, 0, INVALID_FIELD },
	{ "vendor's", 0xff, 0, 0, INVALID_FIELD },
	{ "recovery of no namespace", 0x05, 0, 1, INVALID_NS },
	{ "recovery of namespace 3", 0x05, 3, 1, INVALID_FIELD },
	{ "recovery of namespace 6", 0x05, 6, 1, INVALID_NS },
	{ "arbitration of a namespace", 0x01, 1, 7, NOT_PER_NS },
	{ "temperature of a namespace", 0x04, 2, 300, NOT_PER_NS },
};

static void feature_refusals(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(refused); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    admin_set_feature(bc, refused[i].fid, false,
						      refused[i].nsid, refused[i].dw11),
				    refused[i].status, "%s", refused[i].name);
	/* All sensors there are: the composite temperature */
	KUNIT_EXPECT_EQ(test, admin_set_feature(bc, 4, false, 0, 0xf << 16 | 350), (u16)0);
	get_feature(bc, 4, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, admin_result(bc), 350U);
	/* But nobody can be asked what all sensors have */
	KUNIT_EXPECT_EQ(test, get_feature(bc, 4, 0, 0, 0xf << 16), INVALID_FIELD);
	/* Queues are granted before the first one is connected */
	set_bit(1, bench->ctrl.qmask);
	KUNIT_EXPECT_EQ(test, admin_set_feature(bc, 7, false, 0, 0x30003), SEQ_ERROR);
	KUNIT_EXPECT_EQ(test, get_feature(bc, 5, 0, U32_MAX, 0), INVALID_NS);
}

static void feature_timestamp(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);
	u64 stamp, set = 0x123456789abcULL;
	u32 i;

	/* Nobody has set it: it counts from the reset */
	KUNIT_EXPECT_EQ(test, get_feature(bc, 0xe, 0, 0, 0), (u16)0);
	stamp = get_unaligned_le64(bc->data);
	KUNIT_EXPECT_LT(test, stamp, 60000ULL);

	for (i = 0; i < 6; i++)
		bc->data[i] = set >> i * 8;
	bc->data[6] = 0xff;
	bc->data[7] = 0xff;
	KUNIT_EXPECT_EQ(test, admin_set_feature(bc, 0xe, false, 0, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, get_feature(bc, 0xe, 0, 0, 0), (u16)0);
	stamp = get_unaligned_le64(bc->data);
	KUNIT_EXPECT_EQ(test, stamp >> 48, 2ULL);
	stamp &= (1ULL << 48) - 1;
	KUNIT_EXPECT_GE(test, stamp, set);
	KUNIT_EXPECT_LT(test, stamp, set + 60000);
	KUNIT_EXPECT_EQ(test, get_feature(bc, 0xe, 1, 0, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, get_unaligned_le64(bc->data), 0ULL);
	/* Too short a buffer, one of the wrong direction */
	bc->sqe.features.opcode = nvme_admin_set_features;
	bench_data(bc, false, 7);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x400f);
	bench_data(bc, true, 8);
	KUNIT_EXPECT_EQ(test, bench_run(bc), INVALID_FIELD);
	reset_features(test);
	get_feature(bc, 0xe, 0, 0, 0);
	KUNIT_EXPECT_LT(test, get_unaligned_le64(bc->data), 60000ULL);
}

/* ---- events and abort ------------------------------------------------- */

static struct bench_cmd *park(struct kunit *test, u16 cid)
{
	struct bench_cmd *bc = bench_cmd(test->priv);
	struct bench *bench = test->priv;

	bc->sqe.common.opcode = nvme_admin_async_event;
	bc->sqe.common.command_id = cid;
	bench_data(bc, true, 0);
	bench_submit(bc);
	flush_workqueue(bench->dev->admin_wq);
	return bc;
}

static u32 event_of(struct bench_cmd *bc)
{
	if (!bench_wait(bc) || bc->cmd.status)
		return U32_MAX;
	return le32_to_cpu(bc->cmd.result.u32);
}

static void event_of_temperature(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv), *aer;

	/* Nobody has asked for it */
	admin_set_feature(bc, 4, false, 0, 300);
	KUNIT_EXPECT_EQ(test, bench->ctrl.pending[1], 0U);
	admin_get_log(bc, 2, U32_MAX, 0, 512);
	KUNIT_EXPECT_EQ(test, (u32)bc->data[0], 2U);
	/* Whoever asks hears of what is wrong already */
	admin_set_feature(bc, 0xb, false, 0, 2);
	aer = park(test, 1);
	KUNIT_EXPECT_EQ(test, event_of(aer), 0x20101U);
	/* Once, however often health is checked while the log is unread */
	oc_ctrl_check_health(&bench->ctrl);
	admin_set_feature(bc, 4, false, 0, 310);
	KUNIT_EXPECT_EQ(test, bench->ctrl.pending[1], 0U);
	admin_set_feature(bc, 4, false, 0, 400);
	admin_set_feature(bc, 4, false, 0, 1 << 20 | 320);
	KUNIT_EXPECT_EQ(test, bench->ctrl.pending[1], 0U);
	/* What has happened meanwhile is told once the log has been read */
	admin_get_log(bc, 2, U32_MAX, 0, 512);
	oc_ctrl_check_health(&bench->ctrl);
	KUNIT_EXPECT_EQ(test, bench->ctrl.pending[1], 0x20101U);
}

static void event_is_retained(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);

	admin_set_feature(bc, 0xb, false, 0, 3);
	admin_set_feature(bc, 4, false, 0, 300);
	KUNIT_EXPECT_EQ(test, bench->ctrl.pending[1], 0x20101U);
	admin_get_log(bc, 2, U32_MAX, 0, 512);
	KUNIT_EXPECT_FALSE(test, test_bit(OC_NEWS_HEALTH, &bench->ctrl.told));
	/* Retained: other warnings go on waiting for the log to be read */
	bc->sqe.get_log_page.lsp = BIT(7);
	set_bit(OC_NEWS_HEALTH, &bench->ctrl.told);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_TRUE(test, test_bit(OC_NEWS_HEALTH, &bench->ctrl.told));
	bc->sqe.get_log_page.lsp = 0;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_FALSE(test, test_bit(OC_NEWS_HEALTH, &bench->ctrl.told));
}

/* Events of several kinds wait for requests, each once */
static void events_wait(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *none;

	oc_ctrl_event(&bench->ctrl, 0x40002);
	oc_ctrl_event(&bench->ctrl, 0xd00007);
	oc_ctrl_event(&bench->ctrl, 0x40002);
	oc_ctrl_event(&bench->ctrl, 0x20101);
	KUNIT_EXPECT_EQ(test, event_of(park(test, 1)), 0x20101U);
	KUNIT_EXPECT_EQ(test, event_of(park(test, 2)), 0x40002U);
	KUNIT_EXPECT_EQ(test, event_of(park(test, 3)), 0xd00007U);
	none = park(test, 4);
	KUNIT_EXPECT_EQ(test, bench->ctrl.nr_aers, 1U);
	KUNIT_EXPECT_TRUE(test, oc_ctrl_abort_aer(&bench->ctrl, 4));
	KUNIT_EXPECT_TRUE(test, bench_wait(none));
}

/*
 * A reset waits for admin commands, and writeback for the reset: what runs them may
 * not wait for writeback when memory is short. bench_done() looks.
 */
static void admin_without_writeback(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);

	admin_get_log(bc, 2, U32_MAX, 0, 512);
	KUNIT_EXPECT_TRUE(test, bc->by_worker);
	KUNIT_EXPECT_FALSE(test, bench->writes_back);
}

static u16 abort_cmd(struct bench_cmd *bc, u16 sqid, u16 cid)
{
	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.abort.opcode = nvme_admin_abort_cmd;
	bc->sqe.abort.sqid = cpu_to_le16(sqid);
	bc->sqe.abort.cid = cid;
	bench_data(bc, true, 0);
	return bench_run(bc);
}

static void abort_of_event_requests(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	struct bench_cmd *one = park(test, 11), *two = park(test, 12);

	/* Not that queue, not that command */
	KUNIT_EXPECT_EQ(test, abort_cmd(bc, 1, 11), (u16)0);
	KUNIT_EXPECT_EQ(test, admin_result(bc), 1U);
	KUNIT_EXPECT_EQ(test, abort_cmd(bc, 0, 13), (u16)0);
	KUNIT_EXPECT_EQ(test, admin_result(bc), 1U);
	KUNIT_EXPECT_EQ(test, bench->ctrl.nr_aers, 2U);

	KUNIT_EXPECT_EQ(test, abort_cmd(bc, 0, 11), (u16)0);
	KUNIT_EXPECT_EQ(test, admin_result(bc), 0U);
	KUNIT_EXPECT_TRUE(test, bench_wait(one));
	KUNIT_EXPECT_EQ(test, one->cmd.status, (u16)0x0007);
	KUNIT_EXPECT_EQ(test, bench->ctrl.nr_aers, 1U);
	oc_ctrl_event(&bench->ctrl, 0x40002);
	KUNIT_EXPECT_EQ(test, event_of(two), 0x40002U);
}

/* A host that reads CSTS learns that its controller has failed */
static void csts_of_a_dead_controller(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);

	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.prop_get.opcode = nvme_fabrics_command;
	bc->sqe.prop_get.fctype = nvme_fabrics_type_property_get;
	bc->sqe.prop_get.offset = cpu_to_le32(NVME_REG_CSTS);
	KUNIT_EXPECT_EQ(test, bench_serve(bc, oc_fabrics_parse), (u16)0);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(bc->cmd.result.u64), (u64)NVME_CSTS_RDY);
	WRITE_ONCE(bench->port.dead, true);
	KUNIT_EXPECT_EQ(test, bench_serve(bc, oc_fabrics_parse), (u16)0);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(bc->cmd.result.u64),
			(u64)(NVME_CSTS_RDY | NVME_CSTS_CFS));
}

static struct kunit_case admin_cases[] = {
	KUNIT_CASE(feature_selectors),
	KUNIT_CASE(feature_save),
	KUNIT_CASE(feature_refusals),
	KUNIT_CASE(feature_timestamp),
	KUNIT_CASE(event_of_temperature),
	KUNIT_CASE(event_is_retained),
	KUNIT_CASE(events_wait),
	KUNIT_CASE(admin_without_writeback),
	KUNIT_CASE(abort_of_event_requests),
	KUNIT_CASE(csts_of_a_dead_controller),
	{}
};

struct kunit_suite oc_admin_suite = {
	.name = "oc_admin",
	.init = admin_init,
	.exit = admin_exit,
	.test_cases = admin_cases,
};
