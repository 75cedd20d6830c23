// SPDX-License-Identifier: GPL-2.0
/*
 * logs_test.c - log pages at any offset, and what is in them
 */
#include <linux/bitfield.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "admin_bed.h"
#include "oc_unaligned.h"

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

		KUNIT_EXPECT_EQ_MSG(test, admin_get_log(bc, logs[i].lid, U32_MAX, 0, size),
				    (u16)0, "%s", logs[i].name);
		memcpy(whole, bc->data, size);
		/* Odd windows, and what is past the end is zeroes */
		for (off = 4; off < size; off += 52) {
			wrong = 0;
			memset(bc->data, 0xee, 68);
			KUNIT_EXPECT_EQ_MSG(test,
					    admin_get_log(bc, logs[i].lid, 0, off, 68),
					    (u16)0, "%s", logs[i].name);
			for (k = 0; k < 68; k++)
				wrong += bc->data[k] !=
					(off + k < size ? whole[off + k] : 0);
			KUNIT_EXPECT_EQ_MSG(test, wrong, 0U, "%s at %u", logs[i].name, off);
		}
		KUNIT_EXPECT_EQ_MSG(test, admin_get_log(bc, logs[i].lid, 0, size + 4, 4),
				    INVALID_FIELD, "%s", logs[i].name);
		KUNIT_EXPECT_EQ_MSG(test, admin_get_log(bc, logs[i].lid, 0, 2, 4),
				    INVALID_FIELD, "%s", logs[i].name);
		/* One namespace's is not to be had (LPA bit 0) */
		KUNIT_EXPECT_EQ_MSG(test, admin_get_log(bc, logs[i].lid, 1, 0, 512),
				    INVALID_FIELD, "%s", logs[i].name);
		KUNIT_EXPECT_EQ_MSG(test, (u32)bc->cmd.err_loc, 4U, "%s", logs[i].name);
	}
	/* Of log 9 there is none of group 0 */
	for (i = 6; i < 0x70; i++)
		KUNIT_EXPECT_EQ_MSG(test, admin_get_log(bc, i, U32_MAX, 0, 512),
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
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), (u16)0, "log %#x", lid);
		KUNIT_EXPECT_FALSE_MSG(test, memchr_inv(buf + 65536, 0, most - 65536),
				       "log %#x", lid);
		KUNIT_EXPECT_EQ(test, (u32)buf[most], 0xeeU);

		/* By its own length, and by that of the buffer */
		sqe->numdl = 0;
		sqe->numdu = cpu_to_le16(0x10);
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), INVALID_FIELD, "log %#x", lid);
		sqe->numdu = 0;
		iov_iter_kvec(&bc->cmd.data, READ, bc->vec, 0, 0);
		bc->cmd.data_len = most + 4;
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), INVALID_FIELD, "log %#x", lid);
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
	/* A range past the namespace's end, and a wrong field */
	bench_scalar(io, nvme_cmd_read, 1ULL << 40, 4);
	KUNIT_EXPECT_EQ(test, bench_run(io), (u16)0x4080);
	bench_scalar(io, nvme_cmd_read, 0, 4);
	io->sqe.common.nsid = cpu_to_le32(7);
	KUNIT_EXPECT_EQ(test, bench_run(io), INVALID_NS);
	bench->queue.qid = 0;

	KUNIT_EXPECT_EQ(test, admin_get_log(bc, 1, 0, 0, 4096), (u16)0);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry[0].error_count), 3ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry[1].error_count), 2ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry[2].error_count), 1ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry[3].error_count), 0ULL);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(entry[0].location), 4U);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(entry[0].nsid), 7U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(entry[1].location), 40U);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry[1].lba), 1ULL << 40);
	KUNIT_EXPECT_EQ(test, (u32)entry[1].trtype, 0U);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry[2].lba), bench_lba(bench, 1, 0, 0, 20));
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry[2].csi), 12ULL);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(entry[2].status), 0x850eU);

	/* A reset empties the log, the count goes on */
	oc_ctrl_clear_errors(&bench->ctrl);
	admin_get_log(bc, 1, 0, 0, 4096);
	KUNIT_EXPECT_TRUE(test, !memchr_inv(bc->data, 0, 4096));
	fail_one(test, 1);
	admin_get_log(bc, 1, 0, 0, 4096);
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

	KUNIT_EXPECT_EQ(test, admin_get_log(bc, 2, U32_MAX, 0, 512), (u16)0);
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
	admin_get_log(bc, 2, U32_MAX, 0, 512);
	KUNIT_EXPECT_EQ(test, u128_low(log->data_units_written), 1ULL);
	KUNIT_EXPECT_EQ(test, u128_low(log->host_writes), 1ULL);
	ch[0].count.writes = 1000;
	ch[1].count.reads = 2000;
	ch[4].count.reads = 1;
	ch[3].count.media_errors = 5;
	admin_get_log(bc, 2, U32_MAX, 0, 512);
	KUNIT_EXPECT_EQ(test, u128_low(log->data_units_written), 1ULL);
	KUNIT_EXPECT_EQ(test, u128_low(log->data_units_read), 3ULL);
	KUNIT_EXPECT_EQ(test, u128_low(log->media_errors), 5ULL);

	/* 75 chunks, each good for 3000 resets */
	ch[0].stat.resets = 75 * 30 - 1;
	admin_get_log(bc, 2, U32_MAX, 0, 512);
	KUNIT_EXPECT_EQ(test, (u32)log->percent_used, 0U);
	ch[1].stat.resets = 1;
	admin_get_log(bc, 2, U32_MAX, 0, 512);
	KUNIT_EXPECT_EQ(test, (u32)log->percent_used, 1U);
	ch[2].stat.resets = 75 * 30000;
	admin_get_log(bc, 2, U32_MAX, 0, 512);
	KUNIT_EXPECT_EQ(test, (u32)log->percent_used, 255U);

	/* 68 of 75 chunks gone leave 9.3 percent, which count as 10 */
	for (i = 0; i < 68; i++)
		bench_offline(bench, i % 5, i / 5);
	admin_get_log(bc, 2, U32_MAX, 0, 512);
	KUNIT_EXPECT_EQ(test, (u32)log->avail_spare, 10U);
	KUNIT_EXPECT_EQ(test, (u32)log->critical_warning, 0U);
	bench_offline(bench, 4, 14);
	admin_get_log(bc, 2, U32_MAX, 0, 512);
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

	KUNIT_EXPECT_EQ(test, admin_get_log(bc, 5, U32_MAX, 0, 4096), (u16)0);
	for (i = 0; i < ARRAY_SIZE(admin); i++)
		KUNIT_EXPECT_EQ_MSG(test, le32_to_cpu(log->acs[admin[i].opcode]),
				    admin[i].effects, "admin %#x", admin[i].opcode);
	for (i = 0; i < ARRAY_SIZE(io); i++)
		KUNIT_EXPECT_EQ_MSG(test, le32_to_cpu(log->iocs[io[i].opcode]),
				    io[i].effects, "I/O %#x", io[i].opcode);
	/* Vector copy is there if the geometry says so */
	((struct bench *)test->priv)->dev->ns[1].geo.mccap |=
		OC_MCCAP_VECTOR_COPY;
	KUNIT_EXPECT_EQ(test, admin_get_log(bc, 5, U32_MAX, 0, 4096), (u16)0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(log->iocs[0x93]), 3U);
	/* What it says is what happens: the rest are invalid opcodes */
	for (i = 0; i < 256; i++) {
		u32 acs;

		admin_get_log(bc, 5, 0, i * 4, 4);
		acs = le32_to_cpu(*(__le32 *)bc->data);
		if (acs)
			continue;
		memset(&bc->sqe, 0, sizeof(bc->sqe));
		bc->sqe.common.opcode = i;
		bc->sqe.common.nsid = cpu_to_le32(1);
		bench_data(bc, true, 4096);
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), (u16)0x4001, "admin %#x", i);
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

static struct kunit_case logs_cases[] = {
	KUNIT_CASE(log_windows),
	KUNIT_CASE(log_as_long_as_it_gets),
	KUNIT_CASE(log_of_errors),
	KUNIT_CASE(log_of_health),
	KUNIT_CASE(log_of_effects),
	KUNIT_CASE(identify_says_so),
	{}
};

struct kunit_suite oc_logs_suite = {
	.name = "oc_logs",
	.init = admin_init,
	.exit = admin_exit,
	.test_cases = logs_cases,
};
