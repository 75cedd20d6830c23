// SPDX-License-Identifier: GPL-2.0
/*
 * admin_test.c - features with all their selectors, log pages at any offset,
 * health, events and abort, through the admin queue
 */
#include <linux/bitfield.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "oc_test.h"
#include "oc_unaligned.h"

#define INVALID_FIELD	((u16)0x4002)
#define INVALID_NS	((u16)0x400b)
#define NOT_SAVEABLE	((u16)0x410d)
#define NOT_PER_NS	((u16)0x410f)
#define SEQ_ERROR	((u16)0x400c)
#define INVALID_LOG	((u16)0x4109)

static void never(struct timer_list *timer)
{
}

/* Two namespaces, and the host's admin queue in place of its I/O queue */
static int admin_init(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct bench *bench;

	cfg.ns = "oc20:2,oc20:3";
	bench = bench_make(test, &cfg);
	if (!bench)
		return -ENOMEM;
	test->priv = bench;
	bench->queue.qid = 0;
	timer_setup(&bench->ctrl.kato, never, 0);
	mutex_lock(&bench->ctrl.lock);
	oc_features_reset(&bench->ctrl);
	mutex_unlock(&bench->ctrl.lock);
	return 0;
}

static void admin_exit(struct kunit *test)
{
	struct bench *bench = test->priv;

	if (bench)
		timer_delete_sync(&bench->ctrl.kato);
	bench_exit(test);
}

static void reset_features(struct kunit *test)
{
	struct bench *bench = test->priv;

	mutex_lock(&bench->ctrl.lock);
	oc_features_reset(&bench->ctrl);
	mutex_unlock(&bench->ctrl.lock);
}

/* ---- features --------------------------------------------------------- */

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

static u16 set_feature(struct bench_cmd *bc, u8 fid, bool save, u32 nsid,
		       u32 dw11)
{
	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.features.opcode = nvme_admin_set_features;
	bc->sqe.features.fid = cpu_to_le32(fid | (save ? BIT(31) : 0));
	bc->sqe.features.nsid = cpu_to_le32(nsid);
	bc->sqe.features.dword11 = cpu_to_le32(dw11);
	bench_data(bc, false, 8);
	return bench_run(bc);
}

static u32 feature_value(struct bench_cmd *bc)
{
	return le32_to_cpu(bc->cmd.result.u32);
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

	/* A keep-alive that is on, so that there is a current value */
	oc_ctrl_set_kato(&bench->ctrl, 120000);
	for (i = 0; i < ARRAY_SIZE(features); i++) {
		const char *name = features[i].name;
		u8 fid = features[i].fid;
		u32 nsid = features[i].nsid, dw11 = features[i].dw11;

		for (sel = 0; sel < 3; sel++) {
			KUNIT_EXPECT_EQ_MSG(test,
					    get_feature(bc, fid, sel, nsid,
							dw11),
					    (u16)0, "%s, selector %u", name,
					    sel);
			KUNIT_EXPECT_EQ_MSG(test, feature_value(bc),
					    features[i].initial,
					    "%s, selector %u", name, sel);
		}
		KUNIT_EXPECT_EQ_MSG(test,
				    get_feature(bc, fid, 3, nsid, dw11),
				    (u16)0, "%s", name);
		KUNIT_EXPECT_EQ_MSG(test, feature_value(bc), features[i].caps,
				    "%s", name);
		for (sel = 4; sel < 8; sel++)
			KUNIT_EXPECT_EQ_MSG(test,
					    get_feature(bc, fid, sel, nsid,
							dw11),
					    INVALID_FIELD, "%s, selector %u",
					    name, sel);
		KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 41U);

		KUNIT_EXPECT_EQ_MSG(test,
				    set_feature(bc, fid, false, nsid,
						features[i].set),
				    (u16)0, "%s", name);
		get_feature(bc, fid, 0, nsid, dw11);
		KUNIT_EXPECT_EQ_MSG(test, feature_value(bc), features[i].got,
				    "%s", name);
		/* Neither default nor saved value has changed */
		for (sel = 1; sel < 3; sel++) {
			get_feature(bc, fid, sel, nsid, dw11);
			KUNIT_EXPECT_EQ_MSG(test, feature_value(bc),
					    features[i].initial,
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
				    set_feature(bc, features[i].fid, true,
						features[i].nsid,
						features[i].set),
				    want, "%s", features[i].name);
	}

	/* Saved for the first namespace: it is there after a reset */
	reset_features(test);
	for (i = 0; i < 3; i++) {
		get_feature(bc, 5, i, 1, 0);
		KUNIT_EXPECT_EQ_MSG(test, feature_value(bc),
				    i == 1 ? 0U : 0x10007U, "selector %u", i);
		get_feature(bc, 5, i, 2, 0);
		KUNIT_EXPECT_EQ_MSG(test, feature_value(bc), 0U,
				    "selector %u", i);
	}
	/* What is refused is not saved, and what is not saved is not kept */
	KUNIT_EXPECT_EQ(test, set_feature(bc, 5, true, 3, 9), INVALID_FIELD);
	KUNIT_EXPECT_EQ(test, set_feature(bc, 5, true, 6, 9), INVALID_NS);
	KUNIT_EXPECT_EQ(test, set_feature(bc, 5, false, 1, 9), (u16)0);
	reset_features(test);
	get_feature(bc, 5, 0, 1, 0);
	KUNIT_EXPECT_EQ(test, feature_value(bc), 0x10007U);
	/* All namespaces at once */
	KUNIT_EXPECT_EQ(test, set_feature(bc, 5, true, U32_MAX, 0), (u16)0);
	reset_features(test);
	get_feature(bc, 5, 0, 1, 0);
	KUNIT_EXPECT_EQ(test, feature_value(bc), 0U);
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
				    set_feature(bc, refused[i].fid, false,
						refused[i].nsid,
						refused[i].dw11),
				    refused[i].status, "%s", refused[i].name);
	/* All sensors there are: the composite temperature */
	KUNIT_EXPECT_EQ(test, set_feature(bc, 4, false, 0, 0xf << 16 | 350),
			(u16)0);
	get_feature(bc, 4, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, feature_value(bc), 350U);
	/* But nobody can be asked what all sensors have */
	KUNIT_EXPECT_EQ(test, get_feature(bc, 4, 0, 0, 0xf << 16),
			INVALID_FIELD);
	/* Queues are granted before the first one is connected */
	set_bit(1, bench->ctrl.qmask);
	KUNIT_EXPECT_EQ(test, set_feature(bc, 7, false, 0, 0x30003),
			SEQ_ERROR);
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
	KUNIT_EXPECT_EQ(test, set_feature(bc, 0xe, false, 0, 0), (u16)0);
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

/* ---- log pages -------------------------------------------------------- */

static u16 get_log(struct bench_cmd *bc, u8 lid, u32 nsid, u64 off, u32 len)
{
	struct nvme_get_log_page_command *sqe = &bc->sqe.get_log_page;
	u32 numd = len / 4 - 1;

	memset(sqe, 0, sizeof(bc->sqe));
	sqe->opcode = nvme_admin_get_log_page;
	sqe->lid = lid;
	sqe->nsid = cpu_to_le32(nsid);
	sqe->numdl = cpu_to_le16(numd & 0xffff);
	sqe->numdu = cpu_to_le16(numd >> 16);
	sqe->lpo = cpu_to_le64(off);
	bench_data(bc, true, len);
	return bench_run(bc);
}

static const struct {
	const char *name;
	u8 lid;
	u32 size;
} logs[] = {
	{ "error", 1, 4096 },
	{ "SMART", 2, 512 },
	{ "firmware", 3, 512 },
	{ "changed namespaces", 4, 4096 },
	{ "effects", 5, 4096 },
};

/* A failed command on the I/O queue */
static void fail_one(struct kunit *test, u16 cid)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);

	bench->queue.qid = 1;
	bench_scalar(bc, nvme_cmd_write, 12, 4);
	bc->sqe.common.command_id = cid;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x42f2);
	bench->queue.qid = 0;
	bench_cmd_free(bc);
}

static void log_windows(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);
	u8 *whole = kunit_kzalloc(test, 4096, GFP_KERNEL);
	u32 i, off, k, wrong;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, whole);
	/* So that there is something in the error log */
	for (i = 0; i < 70; i++)
		fail_one(test, i);
	for (i = 0; i < ARRAY_SIZE(logs); i++) {
		u32 size = logs[i].size;

		KUNIT_EXPECT_EQ_MSG(test, get_log(bc, logs[i].lid, U32_MAX, 0,
						  size),
				    (u16)0, "%s", logs[i].name);
		memcpy(whole, bc->data, size);
		/* Odd windows, and what is past the end is zeroes */
		for (off = 4; off < size; off += 52) {
			wrong = 0;
			memset(bc->data, 0xee, 68);
			KUNIT_EXPECT_EQ_MSG(test,
					    get_log(bc, logs[i].lid, 0, off,
						    68),
					    (u16)0, "%s", logs[i].name);
			for (k = 0; k < 68; k++)
				wrong += bc->data[k] !=
					(off + k < size ? whole[off + k] : 0);
			KUNIT_EXPECT_EQ_MSG(test, wrong, 0U, "%s at %u",
					    logs[i].name, off);
		}
		KUNIT_EXPECT_EQ_MSG(test,
				    get_log(bc, logs[i].lid, 0, size + 4, 4),
				    INVALID_FIELD, "%s", logs[i].name);
		KUNIT_EXPECT_EQ_MSG(test, get_log(bc, logs[i].lid, 0, 2, 4),
				    INVALID_FIELD, "%s", logs[i].name);
		/* One namespace's is not to be had (LPA bit 0) */
		KUNIT_EXPECT_EQ_MSG(test, get_log(bc, logs[i].lid, 1, 0, 512),
				    INVALID_FIELD, "%s", logs[i].name);
		KUNIT_EXPECT_EQ_MSG(test, (u32)bc->cmd.err_loc, 4U, "%s",
				    logs[i].name);
	}
	/* Of log 9 there is none of group 0 */
	for (i = 6; i < 0x70; i++)
		KUNIT_EXPECT_EQ_MSG(test, get_log(bc, i, U32_MAX, 0, 512),
				    (u16)(i == 9 ? INVALID_FIELD : INVALID_LOG),
				    "log %u", i);
}

/* Every log page there is, with a namespace that it takes */
static const struct {
	u8 lid;
	u32 nsid;
} long_logs[] = {
	{ 1, 0 }, { 2, 0 }, { 3, 0 }, { 4, 0 }, { 5, 0 }, { 9, 0 }, { 0x81, 0 },
	{ 0xca, 1 }, { 0xd0, 0 },
};

/* A log may be 4 MiB long in one command, whatever MDTS says; then it is zeroes */
static void log_as_long_as_it_gets(struct kunit *test)
{
	const u32 most = 4 << 20;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u8 *buf = vmalloc(most + 4);
	u32 i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	for (i = 0; i < ARRAY_SIZE(long_logs); i++) {
		struct nvme_get_log_page_command *sqe = &bc->sqe.get_log_page;
		u8 lid = long_logs[i].lid;

		memset(sqe, 0, sizeof(bc->sqe));
		sqe->opcode = nvme_admin_get_log_page;
		sqe->lid = lid;
		sqe->nsid = cpu_to_le32(long_logs[i].nsid);
		sqe->numdl = cpu_to_le16(0xffff);
		sqe->numdu = cpu_to_le16(0xf);
		if (lid == 9)
			bc->sqe.common.cdw11 |=
				cpu_to_le32(FIELD_PREP(OC_LOG_LSI, 1));

		memset(buf, 0xee, most + 4);
		bc->vec[0] = (struct kvec) { buf, most };
		iov_iter_kvec(&bc->cmd.data, READ, bc->vec, 1, most);
		bc->cmd.data_len = most;
		bc->cmd.to_host = true;
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), (u16)0, "log %#x",
				    lid);
		KUNIT_EXPECT_FALSE_MSG(test, memchr_inv(buf + 65536, 0,
							most - 65536),
				       "log %#x", lid);
		KUNIT_EXPECT_EQ(test, (u32)buf[most], 0xeeU);

		/* By its own length, and by that of the buffer */
		sqe->numdl = 0;
		sqe->numdu = cpu_to_le16(0x10);
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), INVALID_FIELD,
				    "log %#x", lid);
		sqe->numdu = 0;
		iov_iter_kvec(&bc->cmd.data, READ, bc->vec, 0, 0);
		bc->cmd.data_len = most + 4;
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), INVALID_FIELD,
				    "log %#x", lid);
		KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 24U);
	}
	vfree(buf);
}

static void log_of_errors(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	struct bench_cmd *io = bench_cmd(test->priv);
	const struct oc_wire_error *entry = (void *)bc->data;
	u32 i;

	/* The third address of a list is the one that fails */
	bench->queue.qid = 1;
	WRITE_ONCE(bench->dev->ns[0].dulbe, true);
	bench_write_run(bench, bench_lba(bench, 1, 0, 0, 0), 16, 1);
	for (i = 0; i < 4; i++)
		io->lba[i] = bench_lba(bench, 1, 0, 0, i < 2 ? i : 20);
	bench_vector(io, OC_CMD_VECTOR_READ, 4);
	KUNIT_EXPECT_EQ(test, bench_run(io), (u16)0x4287);
	/* A range that the namespace does not have, a field that is wrong */
	bench_scalar(io, nvme_cmd_read, 1ULL << 40, 4);
	KUNIT_EXPECT_EQ(test, bench_run(io), (u16)0x4080);
	bench_scalar(io, nvme_cmd_read, 0, 4);
	io->sqe.common.nsid = cpu_to_le32(7);
	KUNIT_EXPECT_EQ(test, bench_run(io), INVALID_NS);
	bench->queue.qid = 0;

	KUNIT_EXPECT_EQ(test, get_log(bc, 1, 0, 0, 4096), (u16)0);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry[0].error_count), 3ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry[1].error_count), 2ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry[2].error_count), 1ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry[3].error_count), 0ULL);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(entry[0].location), 4U);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(entry[0].nsid), 7U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(entry[1].location), 40U);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry[1].lba), 1ULL << 40);
	KUNIT_EXPECT_EQ(test, (u32)entry[1].trtype, 0U);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry[2].lba),
			bench_lba(bench, 1, 0, 0, 20));
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry[2].csi), 12ULL);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(entry[2].status), 0x850eU);

	/* A reset empties the log, the count goes on */
	oc_ctrl_clear_errors(&bench->ctrl);
	get_log(bc, 1, 0, 0, 4096);
	KUNIT_EXPECT_TRUE(test, !memchr_inv(bc->data, 0, 4096));
	fail_one(test, 1);
	get_log(bc, 1, 0, 0, 4096);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry[0].error_count), 4ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry[1].error_count), 0ULL);
}

static u64 u128_low(const __u8 *field)
{
	return get_unaligned_le64(field);
}

static void log_of_health(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	const struct nvme_smart_log *log = (void *)bc->data;
	struct oc_channel *ch = bench->dev->ch;
	u32 i;

	KUNIT_EXPECT_EQ(test, get_log(bc, 2, U32_MAX, 0, 512), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)log->critical_warning, 0U);
	KUNIT_EXPECT_EQ(test, (u32)log->avail_spare, 100U);
	KUNIT_EXPECT_EQ(test, (u32)log->percent_used, 0U);
	KUNIT_EXPECT_EQ(test, u128_low(log->data_units_read), 0ULL);
	KUNIT_EXPECT_EQ(test, u128_low(log->data_units_written), 0ULL);
	KUNIT_EXPECT_EQ(test, u128_low(log->media_errors), 0ULL);
	KUNIT_EXPECT_EQ(test, u128_low(log->power_cycles), 1ULL);

	/* Sectors of 512 bytes: units of a thousand of them, rounded up */
	bench->queue.qid = 1;
	bench_write_run(bench, 0, 24, 1);
	bench->queue.qid = 0;
	get_log(bc, 2, U32_MAX, 0, 512);
	KUNIT_EXPECT_EQ(test, u128_low(log->data_units_written), 1ULL);
	KUNIT_EXPECT_EQ(test, u128_low(log->host_writes), 1ULL);
	ch[0].count.writes = 1000;
	ch[1].count.reads = 2000;
	ch[4].count.reads = 1;
	ch[3].count.media_errors = 5;
	get_log(bc, 2, U32_MAX, 0, 512);
	KUNIT_EXPECT_EQ(test, u128_low(log->data_units_written), 1ULL);
	KUNIT_EXPECT_EQ(test, u128_low(log->data_units_read), 3ULL);
	KUNIT_EXPECT_EQ(test, u128_low(log->media_errors), 5ULL);

	/* 75 chunks, each good for 3000 resets */
	ch[0].stat.resets = 75 * 30 - 1;
	get_log(bc, 2, U32_MAX, 0, 512);
	KUNIT_EXPECT_EQ(test, (u32)log->percent_used, 0U);
	ch[1].stat.resets = 1;
	get_log(bc, 2, U32_MAX, 0, 512);
	KUNIT_EXPECT_EQ(test, (u32)log->percent_used, 1U);
	ch[2].stat.resets = 75 * 30000;
	get_log(bc, 2, U32_MAX, 0, 512);
	KUNIT_EXPECT_EQ(test, (u32)log->percent_used, 255U);

	/* 68 of 75 chunks gone leave 9.3 percent, which count as 10 */
	for (i = 0; i < 68; i++)
		bench_offline(bench, i % 5, i / 5);
	get_log(bc, 2, U32_MAX, 0, 512);
	KUNIT_EXPECT_EQ(test, (u32)log->avail_spare, 10U);
	KUNIT_EXPECT_EQ(test, (u32)log->critical_warning, 0U);
	bench_offline(bench, 4, 14);
	get_log(bc, 2, U32_MAX, 0, 512);
	KUNIT_EXPECT_EQ(test, (u32)log->avail_spare, 8U);
	KUNIT_EXPECT_EQ(test, (u32)log->critical_warning, 1U);
}

static void log_of_effects(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);
	const struct nvme_effects_log *log = (void *)bc->data;
	static const struct {
		u8 opcode;
		u32 effects;
	} admin[] = {
		{ 0x00, 0 }, { 0x02, 1 }, { 0x06, 1 }, { 0x08, 1 }, { 0x09, 1 },
		{ 0x0a, 1 }, { 0x0c, 1 }, { 0x18, 1 }, { 0x7f, 1 }, { 0xe2, 1 },
		{ 0x80, 0x10017 }, { 0x80 + 2, 0 }, { 0x84, 3 }, { 0xff, 0 },
	}, io[] = {
		{ 0x00, 1 }, { 0x01, 3 }, { 0x02, 1 }, { 0x05, 0 }, { 0x09, 3 },
		{ 0x7f, 1 }, { 0x90, 3 }, { 0x91, 3 }, { 0x92, 1 }, { 0x93, 0 },
		{ 0xff, 0 },
	};
	u32 i;

	KUNIT_EXPECT_EQ(test, get_log(bc, 5, U32_MAX, 0, 4096), (u16)0);
	for (i = 0; i < ARRAY_SIZE(admin); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    le32_to_cpu(log->acs[admin[i].opcode]),
				    admin[i].effects, "admin %#x",
				    admin[i].opcode);
	for (i = 0; i < ARRAY_SIZE(io); i++)
		KUNIT_EXPECT_EQ_MSG(test, le32_to_cpu(log->iocs[io[i].opcode]),
				    io[i].effects, "I/O %#x", io[i].opcode);
	/* Vector copy is there if the geometry says so */
	((struct bench *)test->priv)->dev->ns[1].geo.mccap |=
		OC_MCCAP_VECTOR_COPY;
	KUNIT_EXPECT_EQ(test, get_log(bc, 5, U32_MAX, 0, 4096), (u16)0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(log->iocs[0x93]), 3U);
	/* What it says is what happens: the rest are invalid opcodes */
	for (i = 0; i < 256; i++) {
		u32 acs;

		get_log(bc, 5, 0, i * 4, 4);
		acs = le32_to_cpu(*(__le32 *)bc->data);
		if (acs)
			continue;
		memset(&bc->sqe, 0, sizeof(bc->sqe));
		bc->sqe.common.opcode = i;
		bc->sqe.common.nsid = cpu_to_le32(1);
		bench_data(bc, true, 4096);
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), (u16)0x4001,
				    "admin %#x", i);
	}
}

static void identify_says_so(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);
	const struct nvme_id_ctrl *id = (void *)bc->data;

	bc->sqe.identify.opcode = nvme_admin_identify;
	bc->sqe.identify.cns = NVME_ID_CNS_CTRL;
	bench_data(bc, true, 4096);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	/* Effects and offsets; DSM, save and select, timestamp */
	KUNIT_EXPECT_EQ(test, (u32)id->lpa, 6U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(id->oncs), 0x54U);
	KUNIT_EXPECT_EQ(test, (u32)id->elpe, 63U);
	KUNIT_EXPECT_EQ(test, (u32)id->npss, 0U);
	/* No cache, and Flush may be for all namespaces */
	KUNIT_EXPECT_EQ(test, (u32)id->vwc, 6U);
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
	set_feature(bc, 4, false, 0, 300);
	KUNIT_EXPECT_EQ(test, bench->ctrl.pending[1], 0U);
	get_log(bc, 2, U32_MAX, 0, 512);
	KUNIT_EXPECT_EQ(test, (u32)bc->data[0], 2U);
	/* Whoever asks hears of what is wrong already */
	set_feature(bc, 0xb, false, 0, 2);
	aer = park(test, 1);
	KUNIT_EXPECT_EQ(test, event_of(aer), 0x20101U);
	/* Once, however often it is looked at, and while the log is unread */
	oc_ctrl_check_health(&bench->ctrl);
	set_feature(bc, 4, false, 0, 310);
	KUNIT_EXPECT_EQ(test, bench->ctrl.pending[1], 0U);
	set_feature(bc, 4, false, 0, 400);
	set_feature(bc, 4, false, 0, 1 << 20 | 320);
	KUNIT_EXPECT_EQ(test, bench->ctrl.pending[1], 0U);
	/* What has happened meanwhile is told once the log has been read */
	get_log(bc, 2, U32_MAX, 0, 512);
	oc_ctrl_check_health(&bench->ctrl);
	KUNIT_EXPECT_EQ(test, bench->ctrl.pending[1], 0x20101U);
}

static void event_is_retained(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);

	set_feature(bc, 0xb, false, 0, 3);
	set_feature(bc, 4, false, 0, 300);
	KUNIT_EXPECT_EQ(test, bench->ctrl.pending[1], 0x20101U);
	get_log(bc, 2, U32_MAX, 0, 512);
	KUNIT_EXPECT_FALSE(test, bench->ctrl.health_told);
	/* Retained: other warnings go on waiting for the log to be read */
	bc->sqe.get_log_page.lsp = BIT(7);
	bench->ctrl.health_told = true;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_TRUE(test, bench->ctrl.health_told);
	bc->sqe.get_log_page.lsp = 0;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_FALSE(test, bench->ctrl.health_told);
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

	get_log(bc, 2, U32_MAX, 0, 512);
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
	KUNIT_EXPECT_EQ(test, feature_value(bc), 1U);
	KUNIT_EXPECT_EQ(test, abort_cmd(bc, 0, 13), (u16)0);
	KUNIT_EXPECT_EQ(test, feature_value(bc), 1U);
	KUNIT_EXPECT_EQ(test, bench->ctrl.nr_aers, 2U);

	KUNIT_EXPECT_EQ(test, abort_cmd(bc, 0, 11), (u16)0);
	KUNIT_EXPECT_EQ(test, feature_value(bc), 0U);
	KUNIT_EXPECT_TRUE(test, bench_wait(one));
	KUNIT_EXPECT_EQ(test, one->cmd.status, (u16)0x0007);
	KUNIT_EXPECT_EQ(test, bench->ctrl.nr_aers, 1U);
	oc_ctrl_event(&bench->ctrl, 0x40002);
	KUNIT_EXPECT_EQ(test, event_of(two), 0x40002U);
}

/* A host that asks why its keep-alive was of no use is told */
static void csts_of_a_dead_controller(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);

	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.prop_get.opcode = nvme_fabrics_command;
	bc->sqe.prop_get.fctype = nvme_fabrics_type_property_get;
	bc->sqe.prop_get.offset = cpu_to_le32(NVME_REG_CSTS);
	KUNIT_EXPECT_EQ(test, bench_serve(bc, oc_fabrics_parse), (u16)0);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(bc->cmd.result.u64),
			(u64)NVME_CSTS_RDY);
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
	KUNIT_CASE(log_windows),
	KUNIT_CASE(log_as_long_as_it_gets),
	KUNIT_CASE(log_of_errors),
	KUNIT_CASE(log_of_health),
	KUNIT_CASE(log_of_effects),
	KUNIT_CASE(identify_says_so),
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
