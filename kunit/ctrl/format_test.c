// SPDX-License-Identifier: GPL-2.0
/*
 * format_test.c - Format NVM, and what it leaves
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc_test.h"

/* ---- Format NVM ------------------------------------------------------- */

/* Write a chunk and a half, look at it, and leave it there */
static void format_use(struct kunit *test, struct bench *bench, u32 seed)
{
	struct bench_cmd *bc = bench_cmd(bench);
	u64 lba = bench_lba(bench, 2, 1, 3, 0);
	u32 i;

	KUNIT_EXPECT_EQ(test, bench_write_run(bench, lba, 24, seed), (u16)0);
	lba = bench_lba(bench, 4, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, lba, 16, seed), (u16)0);

	for (i = 0; i < 24; i++)
		bc->lba[i] = bench_lba(bench, 2, 1, 3, i);
	for (i = 0; i < 16; i++)
		bc->lba[24 + i] = lba + i;
	bench_vector(bc, OC_CMD_VECTOR_READ, 40);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	for (i = 0; i < 32; i++)
		KUNIT_EXPECT_EQ_MSG(test, bench_compare(bc, i, bc->lba[i], seed), 0U,
				    "sector %u of %u+%u", i, bench->dev->geo.lba_size,
				    bench->dev->geo.oob_size);
	/* mw_cunits */
	for (; i < 40; i++)
		KUNIT_EXPECT_TRUE(test, bench_is_blank(bc, i));
	bench_cmd_free(bc);
}

static void format_to_all_and_back(struct kunit *test)
{
	struct bench *bench = test->priv;
	u64 tables = bench->dev->table_bytes;
	struct oc_dev *dev = bench->dev;
	struct bench_cmd *bc;
	u32 i, k, bad = 0;
	u64 left;

	bench_offline(bench, 1, 2);
	format_use(test, bench, 1);
	for (i = 1; i <= dev->nr_formats; i++) {
		u32 to = i % dev->nr_formats;
		const struct oc_geo *geo = &dev->ns[0].geo;

		KUNIT_EXPECT_EQ(test, bench_format(bench, 1, to), (u16)0);
		KUNIT_EXPECT_EQ(test, geo->lba_size, dev->formats[to].lba_size);
		KUNIT_EXPECT_EQ(test, geo->oob_size, dev->formats[to].oob_size);
		KUNIT_EXPECT_EQ(test, 1U << geo->lba_shift, geo->lba_size);
		KUNIT_EXPECT_EQ(test, geo->clba, 24U);
		KUNIT_EXPECT_EQ(test, geo->num_grp, 5U);
		KUNIT_EXPECT_EQ(test, (u32)dev->ns[0].format, to);
		KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
		KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
		KUNIT_EXPECT_EQ(test, oc_dev_max_transfer(dev), 64 * geo->lba_size);
		KUNIT_EXPECT_EQ(test, oc_dev_capacity(dev, &left),
				5ULL * 240 * geo->lba_size);
		for (k = 0; k < geo->num_grp; k++)
			bad += dev->ch[k].stat.nr[OC_CHK_FREE] !=
				geo->chks - (k == 1);
		KUNIT_EXPECT_EQ(test, bad, 0U);

		bc = bench_cmd(bench);
		bench_scalar(bc, nvme_cmd_read, bench_lba(bench, 2, 1, 3, 0), 24);
		memset(bc->data, 0xee, 24 * geo->lba_size);
		memset(bc->oob, 0xee, 24 * geo->oob_size);
		KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
		for (k = 0; k < 24; k++)
			KUNIT_EXPECT_TRUE(test, bench_is_blank(bc, k));
		bench_cmd_free(bc);
		format_use(test, bench, i + 1);
	}
	KUNIT_EXPECT_EQ(test, dev->table_bytes, tables);
	/* Both chunks were reset each time, and no other was */
	KUNIT_EXPECT_EQ(test, dev->ch[2].chunks[8].resets, 16U);
	KUNIT_EXPECT_EQ(test, dev->ch[4].chunks[0].resets, 16U);
	KUNIT_EXPECT_EQ(test, dev->ch[4].chunks[1].resets, 0U);
	KUNIT_EXPECT_EQ(test, dev->ch[1].stat.nr[OC_CHK_OFFLINE], 1U);
}

/* To the same format: that takes the data too. With each kind of erase */
static void format_to_the_same(struct kunit *test)
{
	struct bench *bench = test->priv;
	u32 ses;

	for (ses = 0; ses < 2; ses++) {
		format_use(test, bench, ses);
		KUNIT_EXPECT_GT(test, bench_bytes(bench), 0ULL);
		KUNIT_EXPECT_EQ(test, bench_format(bench, 1, ses << 9), (u16)0);
		KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);
	}
}

static const struct {
	const char *name;
	u32 nsid;
	u32 dword;
	u16 status;
} bad_format[] = {
	{ "no namespace", 0, 1, 0x400b },
	{ "a namespace that could be", 2, 1, 0x4002 },
	{ "a namespace that could not", 6, 1, 0x400b },
	{ "nearly all namespaces", 0xfffffffe, 1, 0x400b },
	{ "format 3 of 3", 1, 3, 0x410a },
	{ "format 15", 1, 15, 0x410a },
	{ "format 16", 1, 0x1000, 0x410a },
	{ "format 32", 1, 0x2000, 0x410a },
	{ "protection information 1", 1, 1 << 5, 0x410a },
	{ "protection information 3", 1, 3 << 5, 0x410a },
	{ "protection information 4", 1, 4 << 5, 0x4002 },
	{ "protection information in front", 1, 1 << 8, 0x4002 },
	{ "cryptographic erase", 1, 2 << 9, 0x4002 },
	{ "erase 7", 1, 7 << 9, 0x4002 },
	{ "bit 14", 1, 1 << 14, 0x4002 },
	{ "bit 31", 1, 1U << 31, 0x4002 },
};

static void format_refuses(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct bench *bench;
	u64 bytes;
	u32 i;

	cfg.formats = "4096+0,4096+8";
	bench = bench_remake(test, &cfg);
	format_use(test, bench, 1);
	bytes = bench_bytes(bench);
	for (i = 0; i < ARRAY_SIZE(bad_format); i++) {
		KUNIT_EXPECT_EQ_MSG(test,
				    bench_format(bench, bad_format[i].nsid,
						 bad_format[i].dword),
				    bad_format[i].status, "%s",
				    bad_format[i].name);
		KUNIT_EXPECT_EQ_MSG(test, bench_bytes(bench), bytes, "%s",
				    bad_format[i].name);
	}
	bench->ctrl.discovery = true;
	KUNIT_EXPECT_EQ(test, bench_format(bench, 1, 1), (u16)0x4001);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), bytes);
}

static void format_one_of_two(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct nvme_id_ns *id = kunit_kzalloc(test, sizeof(*id), GFP_KERNEL);
	struct bench *bench;
	struct oc_dev *dev;
	u64 left;
	u32 to;

	cfg.ns = "oc20:2,oc20:3";
	bench = bench_remake(test, &cfg);
	KUNIT_ASSERT_TRUE(test, id);
	dev = bench->dev;
	/* The bench writes to namespace 1 */
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 24, 1), (u16)0);
	to = bench_find_format(bench, 4096, 64);
	KUNIT_EXPECT_EQ(test, bench_format(bench, 2, to), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 24U);
	KUNIT_EXPECT_EQ(test, dev->ns[0].geo.lba_size, 512U);
	KUNIT_EXPECT_EQ(test, dev->ns[1].geo.lba_size, 4096U);
	KUNIT_EXPECT_EQ(test, dev->ch[1].geo->oob_size, 16U);
	KUNIT_EXPECT_EQ(test, dev->ch[2].geo->oob_size, 64U);
	KUNIT_EXPECT_EQ(test, oc_dev_max_transfer(dev), 64U * 4096);
	KUNIT_EXPECT_EQ(test, oc_dev_capacity(dev, &left), 240ULL * (2 * 512 + 3 * 4096));
	KUNIT_EXPECT_EQ(test, left, 0ULL);

	/* Linux has one limit: it must split what goes to the smaller one */
	bench_identify(&dev->ns[0], id);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(id->noiob), 64U);
	memset(id, 0, sizeof(*id));
	bench_identify(&dev->ns[1], id);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(id->noiob), 0U);
	KUNIT_EXPECT_EQ(test, (u32)id->flbas, to);

	KUNIT_EXPECT_EQ(test, bench_format(bench, 0xffffffff, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
	KUNIT_EXPECT_EQ(test, dev->ns[1].geo.lba_size, 512U);
	KUNIT_EXPECT_EQ(test, dev->ch[4].geo->oob_size, 16U);
}

/* ---- interleaved metadata --------------------------------------------- */

#define EXT_STRIDE	(512 + 8)

static void format_interleaved(struct kunit *test)
{
	struct bench *bench = test->priv;
	u32 to = bench_find_format(bench, 512, 8), i, wrong = 0;
	struct bench_cmd *bc;
	u8 *buf;

	KUNIT_EXPECT_EQ(test, bench_format(bench, 1, to | 0x10), (u16)0);
	/* Buffers of the bench that hold more than 64 times 520 bytes */
	bench->dev->geo.lba_size = 1024;
	bc = bench_cmd(bench);
	buf = bc->data;

	/* Two groups, their sectors in turns: parts see every other sector */
	for (i = 0; i < 48; i++)
		bc->lba[i] = bench_lba(bench, i % 2, 0, 0, i / 2);
	bench_vector(bc, OC_CMD_VECTOR_WRITE, 48);
	for (i = 0; i < 48 * EXT_STRIDE; i++)
		buf[i] = i * 7 + i / 521;
	bench_data(bc, false, 48 * EXT_STRIDE);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);

	/* One byte too few, and there is nowhere else to put it */
	for (i = 0; i < 48; i++)
		bc->lba[i] = bench_lba(bench, i % 2, 1, 0, i / 2);
	bench_vector(bc, OC_CMD_VECTOR_WRITE, 48);
	bench_data(bc, false, 48 * EXT_STRIDE - 1);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x400f);

	for (i = 0; i < 48; i++)
		bc->lba[i] = bench_lba(bench, i % 2, 0, 0, i / 2);
	bench_vector(bc, OC_CMD_VECTOR_READ, 48);
	memset(buf, 0xee, 48 * EXT_STRIDE + 8);
	memset(bc->oob, 0xee, 64);
	bench_data(bc, true, 48 * EXT_STRIDE);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	for (i = 0; i < 48 * EXT_STRIDE; i++)
		wrong += buf[i] != (u8)(i * 7 + i / 521);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_FALSE(test, memchr_inv(buf + i, 0xee, 8));
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->oob, 0xee, 64));

	/* What is written, what is not, and what is no sector, side by side */
	bc->lba[0] = bench_lba(bench, 0, 0, 0, 5);
	bc->lba[1] = bench_lba(bench, 0, 2, 0, 0);
	bc->lba[2] = bench_lba(bench, 7, 0, 0, 0);
	bc->lba[3] = bench_lba(bench, 1, 0, 0, 5);
	bench_vector(bc, OC_CMD_VECTOR_READ, 4);
	memset(buf, 0xee, 4 * EXT_STRIDE);
	bench_data(bc, true, 4 * EXT_STRIDE);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	for (i = 0, wrong = 0; i < EXT_STRIDE; i++) {
		u32 first = 10 * EXT_STRIDE + i, last = 11 * EXT_STRIDE + i;

		wrong += buf[i] != (u8)(first * 7 + first / 521);
		wrong += buf[3 * EXT_STRIDE + i] !=
			 (u8)(last * 7 + last / 521);
		wrong += buf[EXT_STRIDE + i] != (i < 512 ? 0 : 0xff);
		wrong += buf[2 * EXT_STRIDE + i] != (i < 512 ? 0 : 0xff);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

/* ---- commands and Format at the same time ----------------------------- */

static void format_sends_commands_away(struct kunit *test)
{
	struct bench *bench = test->priv;

	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 4, 1), (u16)0);
	WRITE_ONCE(bench->dev->ns[0].gate, OC_CUT_FORMAT);
	/* No DNR: it will be over */
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 4, 4, 1), (u16)0x84);
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench, 0), (u16)0x84);
	WRITE_ONCE(bench->dev->ns[0].gate, OC_CUT_NOT);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 4, 4, 1), (u16)0);
}

/**
 * struct hasty - a thread that goes on while the namespace is formatted
 * @bc:		its command; buffers are for 4096+64
 * @id:		which one it is
 * @stop:	it is over
 * @over:	completed when it has ended
 * @ended:	commands that ended well
 * @away:	commands that a Format sent away
 * @spilt:	bytes that changed behind a buffer's end
 * @odd:	a status that has no business there
 */
struct hasty {
	struct bench_cmd *bc;
	u32 id;
	bool *stop;
	struct completion over;
	u32 ended;
	u32 away;
	u32 spilt;
	u16 odd;
};

#define HASTY_DATA	(64 * 4096)
#define HASTY_OOB	(64 * 64)

/* All groups, so that each command has parts that may stand and wait */
static void hasty_command(struct hasty *ha, u32 round, u32 lba_size,
			  u32 oob_size)
{
	static const u8 ops[] = {
		OC_CMD_VECTOR_WRITE, OC_CMD_VECTOR_READ, OC_CMD_VECTOR_RESET,
		OC_CMD_VECTOR_READ,
	};
	u8 op = ops[round % ARRAY_SIZE(ops)];
	struct bench_cmd *bc = ha->bc;
	u32 n = op == OC_CMD_VECTOR_RESET ? 5 : 60, i;

	for (i = 0; i < n; i++)
		bc->lba[i] = op == OC_CMD_VECTOR_RESET ?
			bench_lba(bc->bench, i, 0, ha->id,
				  0) : bench_lba(bc->bench, i / 12, 0, ha->id, i % 12);
	bench_vector(bc, op, n);
	memset(bc->data, 0x5a, HASTY_DATA);
	memset(bc->oob, 0x5a, HASTY_OOB);
	/* Sometimes what it was before, and what it will be */
	if (op != OC_CMD_VECTOR_RESET) {
		bench_data(bc, op == OC_CMD_VECTOR_READ, n * lba_size);
		bc->buf[BUF_OOB].len = n * oob_size;
	} else {
		bc->buf[BUF_OOB].len = HASTY_OOB;
	}
}

static int hasty_thread(void *arg)
{
	static const struct oc_format sizes[] = {
		{ 512, 16 }, { 4096, 64 }, { 512, 64 }, { 4096, 16 },
	};
	struct hasty *ha = arg;
	struct bench_cmd *bc = ha->bc;
	u32 round;

	for (round = 0; !READ_ONCE(*ha->stop); round++) {
		const struct oc_format *size = &sizes[(round / 4) % 4];
		u32 data = 60 * size->lba_size, oob = 60 * size->oob_size, i;

		hasty_command(ha, round, size->lba_size, size->oob_size);
		bench_submit(bc);
		if (!bench_wait(bc)) {
			ha->odd = 0xffff;
			break;
		}
		switch (bc->cmd.status) {
		case 0:
			ha->ended++;
			break;
		case 0x84:
			ha->away++;
			break;
		case 0x400f:	/* the data is too short */
		case 0x4002:	/* the OOB is */
		case 0x42f2:	/* it has been written already */
		case 0x4280:
		case 0x42c1:	/* or not at all */
			break;
		default:
			ha->odd = bc->cmd.status;
		}
		for (i = data; i < HASTY_DATA; i++)
			ha->spilt += bc->data[i] != 0x5a;
		if (bc->sqe.common.opcode != OC_CMD_VECTOR_RESET)
			for (i = oob; i < HASTY_OOB; i++)
				ha->spilt += bc->oob[i] != 0x5a;
		cond_resched();
	}
	complete(&ha->over);
	return 0;
}

#define HASTY_NR	3

static void format_under_load(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct hasty *all = kunit_kzalloc(test, HASTY_NR * sizeof(*all),
					  GFP_KERNEL);
	struct task_struct *task[HASTY_NR];
	u32 ended = 0, i, nr;
	struct bench_cmd *bc;
	struct bench *bench;
	bool stop = false;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, all);
	cfg.formats = "4096+64,512+64,4096+16";
	cfg.geo.mccap = 6;
	bench = bench_remake(test, &cfg);
	/* Buffers for the largest */
	bench->dev->geo.lba_size = 4096;
	bench->dev->geo.oob_size = 64;
	bc = bench_cmd(bench);
	for (i = 0; i < HASTY_NR; i++) {
		all[i].bc = bench_cmd(bench);
		all[i].id = i;
		all[i].stop = &stop;
		init_completion(&all[i].over);
	}
	nr = bench_start_threads(task, HASTY_NR, hasty_thread, all, sizeof(*all));
	for (i = 0; i < 40; i++) {
		bc->sqe.format.opcode = nvme_admin_format_nvm;
		bc->sqe.format.nsid = cpu_to_le32(1);
		bc->sqe.format.cdw10 = cpu_to_le32(i % 4);
		KUNIT_EXPECT_EQ(test, bench_serve(bc, oc_admin_format), (u16)0);
		usleep_range(500, 5000);
	}
	WRITE_ONCE(stop, true);
	for (i = 0; i < nr; i++) {
		wait_for_completion(&all[i].over);
		KUNIT_EXPECT_EQ(test, all[i].odd, (u16)0);
		KUNIT_EXPECT_EQ(test, all[i].spilt, 0U);
		ended += all[i].ended;
	}
	bench_join_threads(task, nr);
	KUNIT_EXPECT_EQ(test, nr, (u32)HASTY_NR);
	KUNIT_EXPECT_GT(test, ended, 0U);
}

/* ---- hosts, memory, counters ------------------------------------------ */

static void format_asks_the_hosts(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct bench *bench;

	cfg.ns = "oc20:2,oc20:3";
	bench = bench_remake(test, &cfg);
	bench_listen(bench);
	list_add(&bench->ctrl.entry, &bench->dev->ctrls);

	KUNIT_EXPECT_EQ(test, bench_format(bench, 2, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, bench->reserved, 1U);
	KUNIT_EXPECT_EQ(test, bench->formatted, 1U);
	KUNIT_EXPECT_TRUE(test, test_bit(1, bench->ctrl.ns_changed));

	bench->refuse = 1;
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 4, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_format(bench, 0xffffffff, 2), (u16)0x4015);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 4U);
	KUNIT_EXPECT_EQ(test, (u32)bench->dev->ns[1].format, 1U);
	KUNIT_EXPECT_EQ(test, bench->reserved, 3U);
	KUNIT_EXPECT_EQ(test, bench->formatted, 3U);
	/* It is not left half done */
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 4, 4, 1), (u16)0);
	list_del(&bench->ctrl.entry);
}

/* A media that fails to open a channel, some time */
static struct {
	struct oc_media_ops ops;
	u32 left;
	u32 open;
} scarce;

static void *scarce_open_ch(struct oc_dev *dev, const struct oc_geo *geo)
{
	void *media;

	if (!scarce.left)
		return NULL;
	scarce.left--;
	media = oc_media_ram.open_ch(dev, geo);
	scarce.open += !!media;
	return media;
}

static void scarce_close_ch(struct oc_dev *dev, void *media)
{
	scarce.open--;
	oc_media_ram.close_ch(dev, media);
}

static void format_without_memory(struct kunit *test)
{
	struct bench *bench = test->priv;
	u32 i;

	scarce.ops = oc_media_ram;
	scarce.ops.open_ch = scarce_open_ch;
	scarce.ops.close_ch = scarce_close_ch;
	scarce.open = 0;
	format_use(test, bench, 1);
	bench->dev->media = &scarce.ops;
	for (i = 0; i < 5; i++) {
		scarce.left = i;
		KUNIT_EXPECT_EQ(test, bench_format(bench, 1, 3), (u16)0x6);
		KUNIT_EXPECT_EQ(test, scarce.open, 0U);
		KUNIT_EXPECT_EQ(test, bench_used(bench), 40U);
	}
	bench->dev->media = &oc_media_ram;
	KUNIT_EXPECT_EQ(test, bench_format(bench, 1, 3), (u16)0);
}

static void format_keeps_counting(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_channel *ch = &bench->dev->ch[0];
	u64 read, written;

	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 24, 1), (u16)0);
	oc_channel_units(ch, &read, &written);
	KUNIT_EXPECT_EQ(test, written, 24ULL);
	KUNIT_EXPECT_EQ(test, bench_format(bench, 1, bench_find_format(bench, 4096, 0)),
			(u16)0);
	oc_channel_units(ch, &read, &written);
	KUNIT_EXPECT_EQ(test, written, 24ULL);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 24, 1), (u16)0);
	oc_channel_units(ch, &read, &written);
	KUNIT_EXPECT_EQ(test, written, 24ULL + 24 * 8);
	KUNIT_EXPECT_EQ(test, read, 0ULL);
	KUNIT_EXPECT_EQ(test, ch->count.writes, 48ULL);
}

static struct kunit_case format_cases[] = {
	KUNIT_CASE(format_to_all_and_back),
	KUNIT_CASE(format_to_the_same),
	KUNIT_CASE(format_refuses),
	KUNIT_CASE(format_one_of_two),
	KUNIT_CASE(format_interleaved),
	KUNIT_CASE(format_sends_commands_away),
	KUNIT_CASE(format_under_load),
	KUNIT_CASE(format_asks_the_hosts),
	KUNIT_CASE(format_without_memory),
	KUNIT_CASE(format_keeps_counting),
	{}
};

struct kunit_suite oc_format_suite = {
	.name = "oc_format",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = format_cases,
};
