// SPDX-License-Identifier: GPL-2.0
/*
 * copy_test.c - vector copy
 *
 * Statuses are literal, 0x4000 being DNR.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/string.h>

#include "oc_fault.h"
#include "oc20_bed.h"

/* Where the source list is: a second buffer the host has handed out */
#define SRC_HANDLE	OOB_HANDLE

static struct bench *copy_bench(struct kunit *test, u32 mccap, bool use_inline)
{
	struct oc_config cfg = bench_config();

	cfg.geo.mccap = mccap;
	cfg.use_inline = use_inline;
	return bench_remake(test, &cfg);
}

static void set_copy(struct bench_cmd *bc, const u64 *src, const u64 *dst,
		     u32 nr)
{
	struct oc_wire_vector *sqe = (void *)&bc->sqe;
	__le64 *list = (void *)bc->oob;
	u32 i;

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = 0x93;
	sqe->nsid = cpu_to_le32(1);
	sqe->nlb = cpu_to_le16(nr - 1);
	sqe->lbal = cpu_to_le64(nr == 1 ? src[0] : SRC_HANDLE);
	sqe->dlbal = cpu_to_le64(nr == 1 ? dst[0] : LIST_HANDLE);
	for (i = 0; i < nr; i++) {
		list[i] = cpu_to_le64(src[i]);
		bc->list[i] = cpu_to_le64(dst[i]);
	}
	bench_data(bc, false, 0);
}

static u16 copy_list(struct kunit *test, const u64 *src, const u64 *dst, u32 nr,
		     u64 *failed)
{
	struct bench_cmd *bc = bench_cmd(test->priv);
	u16 status;

	set_copy(bc, src, dst, nr);
	status = bench_run(bc);
	*failed = bench_bitmap(bc);
	bench_cmd_free(bc);
	return status;
}

static void run_of(u64 *list, u64 lba, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		list[i] = lba + i;
}

static u32 copies(const struct bench *bench)
{
	u32 i, sum = 0;

	for (i = 0; i < bench->dev->geo.num_grp; i++)
		sum += bench->dev->ch[i].count.copies;
	return sum;
}

/* A chunk to another one of the same unit, channel and device */
static void copy_chunks(struct kunit *test, bool use_inline)
{
	struct bench *bench = copy_bench(test, 5, use_inline);
	u64 src[24], dst[24], failed;
	u32 k, i;

	const u64 to[] = {
		bench_lba(bench, 2, 1, 4, 0), bench_lba(bench, 2, 0, 0, 0),
		bench_lba(bench, 4, 2, 3, 0), bench_lba(bench, 0, 0, 0, 0),
	};

	run_of(src, bench_lba(bench, 2, 1, 3, 0), 24);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, src[0], 24, 7), (u16)0);
	for (k = 0; k < ARRAY_SIZE(to); k++) {
		run_of(dst, to[k], 24);
		KUNIT_EXPECT_EQ(test, copy_list(test, src, dst, 24, &failed), (u16)0);
		for (i = 0; i < 24; i++)
			KUNIT_EXPECT_EQ_MSG(test, bench_read_one(bench, dst[i], src[i], 7),
					    1, "copy %u sector %u", k, i);
	}
	KUNIT_EXPECT_EQ(test, bench_read_one(bench, src[5], src[5], 7), 1);
	KUNIT_EXPECT_EQ(test, copies(bench), 4 * 24U);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 5 * 24U);

	/* The source may go, the copies stay */
	KUNIT_EXPECT_EQ(test, bench_reset_one(bench, src[0]), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_read_one(bench, dst[23], src[23], 7), 1);
}

static void copy_inline(struct kunit *test)
{
	copy_chunks(test, true);
}

static void copy_worker(struct kunit *test)
{
	copy_chunks(test, false);
}

/* Sectors of channels 0 and 4 by turns, to channel 1 and then to channel 2 */
static u16 copy_mixed(struct kunit *test, struct bench *bench, u32 sec,
		      u64 *failed)
{
	u64 src[16], dst[16];
	u32 i;

	for (i = 0; i < 16; i++) {
		src[i] = bench_lba(bench, i % 2 * 4, 0, 0, sec + i / 2);
		dst[i] = bench_lba(bench, 1 + i / 8, 1, 1, sec + i % 8);
	}
	return copy_list(test, src, dst, 16, failed);
}

/* Does a host that wants to know get told that a sector holds nothing? */
static bool unwritten(struct kunit *test, u64 lba)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u16 status;

	bench->dev->ns[0].dulbe = true;
	bc->lba[0] = lba;
	bench_vector(bc, OC_CMD_VECTOR_READ, 1);
	status = bench_run(bc);
	bench->dev->ns[0].dulbe = false;
	bench_cmd_free(bc);
	return status == 0x4287;
}

/* A place that nothing was copied to holds nothing */
static void copy_fails_whole(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	u64 src[16], dst[16], failed, bytes;
	struct bench *bench;
	u32 i, k;

	cfg.geo.mccap = 5;
	cfg.type = "random:1";
	for (k = 0; k < 2; k++) {
		cfg.use_inline = !k;
		bench = bench_remake(test, &cfg);
		bench_write_run(bench, bench_lba(bench, 0, 0, 0, 0), 24, 5);
		run_of(src, bench_lba(bench, 0, 0, 0, 0), 16);
		/* By turns to a chunk in order, and to a random-write chunk */
		for (i = 0; i < 16; i++)
			dst[i] = i % 2 ? bench_lba(bench, 1, 1, 4, 23 - i) :
					 bench_lba(bench, 2, 1, 1, i / 2);
		/* One of those holds something */
		KUNIT_EXPECT_EQ(test, bench_write_list(bench, dst + 7, 1, 6), (u16)0);
		bytes = bench_bytes(bench);
		bench_set_faults(bench, "read-fail grp=0 sec=5 times=1");
		KUNIT_EXPECT_EQ(test, copy_list(test, src, dst, 16, &failed), (u16)0x4281);
		KUNIT_EXPECT_EQ(test, bench_bytes(bench), bytes);
		for (i = 1; i < 16; i += 2)
			KUNIT_EXPECT_TRUE(test, unwritten(test, dst[i]) == (i != 7));
		KUNIT_EXPECT_EQ(test, bench_read_one(bench, dst[7], dst[7], 6), 1);

		KUNIT_EXPECT_EQ(test, copy_list(test, src, dst, 16, &failed), (u16)0);
		for (i = 1; i < 16; i += 2)
			KUNIT_EXPECT_EQ(test, bench_read_one(bench, dst[i], src[i], 5), 1);
	}
}

/* What a copy writes holds nothing for its own reads, if it held nothing before */
static void copy_from_where_it_goes(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct bench_cmd *bc;
	struct bench *bench;
	u64 src[3], dst[3], failed;
	u32 k;

	cfg.geo.mccap = 5;
	cfg.geo.dlfeat = 2;
	cfg.type = "random:1";
	for (k = 0; k < 2; k++) {
		cfg.use_inline = !k;
		bench = bench_remake(test, &cfg);
		/* 9 to 10, 20 to 9, and 9, which holds nothing, elsewhere */
		src[0] = bench_lba(bench, 1, 0, 4, 9);
		dst[0] = bench_lba(bench, 1, 0, 4, 10);
		src[1] = bench_lba(bench, 1, 0, 4, 20);
		dst[1] = src[0];
		src[2] = src[0];
		dst[2] = bench_lba(bench, 3, 2, 4, 7);
		KUNIT_EXPECT_EQ(test, bench_write_list(bench, src + 1, 1, 3), (u16)0);
		KUNIT_EXPECT_EQ(test, copy_list(test, src, dst, 3, &failed), (u16)0);
		KUNIT_EXPECT_EQ(test, bench_read_one(bench, dst[1], src[1], 3), 1);
		bc = bench_cmd(test->priv);
		bc->lba[0] = dst[0];
		bc->lba[1] = dst[2];
		bench_vector(bc, OC_CMD_VECTOR_READ, 2);
		KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
		KUNIT_EXPECT_PTR_EQ(test, memchr_inv(bc->data, 0xff, 1024), NULL);
		KUNIT_EXPECT_PTR_EQ(test, memchr_inv(bc->oob, 0xff, 32), NULL);
		bench_cmd_free(bc);

		/* The host that wants to know is told */
		bench->dev->ns[0].dulbe = true;
		src[0] = bench_lba(bench, 1, 0, 4, 0);
		dst[0] = src[0] + 1;
		src[1] = bench_lba(bench, 1, 0, 4, 20);
		dst[1] = src[0];
		KUNIT_EXPECT_EQ(test, copy_list(test, src, dst, 2, &failed), (u16)0x4287);
		KUNIT_EXPECT_TRUE(test, unwritten(test, dst[0]));
		KUNIT_EXPECT_TRUE(test, unwritten(test, dst[1]));
	}
}

/* Rules of reads strike sources, by where they are; then nothing is copied */
static void copy_faults(struct kunit *test, bool use_inline)
{
	struct bench *bench = copy_bench(test, 5, use_inline);
	u64 failed;
	u32 i;

	bench_write_run(bench, bench_lba(bench, 0, 0, 0, 0), 24, 5);
	bench_write_run(bench, bench_lba(bench, 4, 0, 0, 0), 24, 5);
	/* Where the copy goes nothing is read, and sector 9 is not in it */
	bench_set_faults(bench, "read-fail grp=1-2;read-fail sec=9;"
		  "read-fail grp=4 sec=5 times=1;write-fail grp=2 times=1");
	KUNIT_EXPECT_EQ(test, copy_mixed(test, bench, 0, &failed), (u16)0x4281);
	KUNIT_EXPECT_EQ(test, failed, 0xffffULL);
	KUNIT_EXPECT_EQ(test, (u32)chunk_log(bench, 1, 6).cs, 1U);
	KUNIT_EXPECT_EQ(test, (u32)chunk_log(bench, 2, 6).cs, 1U);
	KUNIT_EXPECT_EQ(test, copies(bench), 0U);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[4].count.media_errors, 1ULL);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].count.media_errors, 0ULL);
	KUNIT_EXPECT_EQ(test, bench->dev->notices.nr, 1ULL);
	/* A write that did not come to pass is no operation */
	KUNIT_EXPECT_EQ(test, bench->dev->ch[2].faults->state[3].seen, 0ULL);

	/* Then the write fails, and with it no read */
	KUNIT_EXPECT_EQ(test, copy_mixed(test, bench, 0, &failed), (u16)0x42f0);
	KUNIT_EXPECT_EQ(test, failed, 0xf00ULL);
	KUNIT_EXPECT_EQ(test, copies(bench), 12U);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, le64_to_cpu(chunk_log(bench, 1 + i, 6).wp), 8ULL);

	/* Weak data is copied; that it was weak is a matter of feedback */
	bench_set_faults(bench, "read-ecc grp=4 sec=10");
	KUNIT_EXPECT_EQ(test, copy_mixed(test, bench, 8, &failed), (u16)0);
	KUNIT_EXPECT_EQ(test, bench->dev->notices.nr, 2ULL);
	bench->dev->ns[0].feedback = 1;
	bench_set_faults(bench, "read-ecc grp=0 sec=18;write-close grp=1 sec=20");
	KUNIT_EXPECT_EQ(test, copy_mixed(test, bench, 16, &failed), (u16)0x42f1);
	KUNIT_EXPECT_EQ(test, failed, 0xf0ULL);
	bench_reset_one(bench, bench_lba(bench, 1, 1, 1, 0));
	bench_reset_one(bench, bench_lba(bench, 2, 1, 1, 0));
	bench_set_faults(bench, "read-ecc grp=0 sec=2");
	KUNIT_EXPECT_EQ(test, copy_mixed(test, bench, 0, &failed), (u16)0x42d0);
	KUNIT_EXPECT_EQ(test, failed, 1ULL << 4);
	bench->dev->ns[0].feedback = 0;
	KUNIT_EXPECT_EQ(test, copy_mixed(test, bench, 8, &failed), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_read_one(bench, bench_lba(bench, 1, 1, 1, 4),
					     bench_lba(bench, 0, 0, 0, 2), 5), 1);
}

static void copy_faults_inline(struct kunit *test)
{
	copy_faults(test, true);
}

static void copy_faults_worker(struct kunit *test)
{
	copy_faults(test, false);
}

/* The same seed, the same fate: of sources too, and with limits of open chunks */
static void copy_faults_repeat(struct kunit *test)
{
	u64 fate[2] = {}, failed;
	u32 run, i;

	for (run = 0; run < 2; run++) {
		struct oc_config cfg = bench_config();
		struct bench *bench;
		atomic_t *open;

		cfg.geo.mccap = 5;
		cfg.geo.maxoc = 2;
		bench = bench_remake(test, &cfg);
		open = &bench->dev->ns[0].open;
		bench_write_run(bench, bench_lba(bench, 0, 0, 0, 0), 24, 5);
		bench_write_run(bench, bench_lba(bench, 4, 0, 0, 0), 24, 5);
		bench_set_faults(bench, "seed=3;read-fail probability=4");
		for (i = 0; i < 32; i++) {
			u16 status = copy_mixed(test, bench, 0, &failed);

			/* What failed has given back the chunks it would open */
			KUNIT_EXPECT_EQ(test, atomic_read(open),
					status ? 0 : 2);
			if (status) {
				KUNIT_EXPECT_EQ(test, status, (u16)0x4281);
				fate[run] |= BIT_ULL(i);
				continue;
			}
			bench_reset_one(bench, bench_lba(bench, 1, 1, 1, 0));
			bench_reset_one(bench, bench_lba(bench, 2, 1, 1, 0));
		}
	}
	KUNIT_EXPECT_EQ(test, fate[0], fate[1]);
	KUNIT_EXPECT_TRUE(test, hweight64(fate[0]) > 4);
	KUNIT_EXPECT_TRUE(test, hweight64(fate[0]) < 28);
}

/* 64 sectors from everywhere to everywhere, one of them each where due */
static void copy_scattered(struct kunit *test)
{
	struct bench *bench = copy_bench(test, 5, true);
	u64 src[64], dst[64], failed;
	u32 i, g;

	for (g = 0; g < 5; g++)
		KUNIT_EXPECT_EQ(test,
				bench_write_run(bench, bench_lba(bench, g, 0, 0, 0), 24, g),
				(u16)0);
	for (i = 0; i < 64; i++)
		src[i] = bench_lba(bench, (i * 3 + 1) % 5, 0, 0, i * 7 % 24);
	run_of(dst, bench_lba(bench, 4, 1, 1, 0), 24);
	run_of(dst + 24, bench_lba(bench, 0, 2, 2, 0), 24);
	run_of(dst + 48, bench_lba(bench, 2, 1, 2, 0), 16);
	KUNIT_EXPECT_EQ(test, copy_list(test, src, dst, 64, &failed), (u16)0);
	for (i = 0; i < 56; i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    bench_read_one(bench, dst[i], src[i], (i * 3 + 1) % 5),
				    1, "sector %u", i);
	/* The window behind the write pointer */
	KUNIT_EXPECT_EQ(test, bench_read_one(bench, dst[56], src[56], 0), 0);
	KUNIT_EXPECT_EQ(test, (u32)chunk_log(bench, 4, 6).cs, 2U);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(chunk_log(bench, 2, 7).wp), 16ULL);
}

enum { SRC_GOOD, SRC_UNREADABLE, SRC_NOWHERE };
enum { DST_GOOD, DST_AHEAD, DST_CLOSED, DST_NOWHERE, DST_OFFLINE, DST_OVER };

static const struct {
	const char *name;
	int src;
	int dst;
	u32 nr;
	bool dulbe;
	u16 status;
} copy_rules[] = {
	{ "good", SRC_GOOD, DST_GOOD, 4, true, 0 },
	{ "amount", SRC_GOOD, DST_GOOD, 3, true, 0x4002 },
	{ "one", SRC_GOOD, DST_GOOD, 1, true, 0x4002 },
	{ "not at the write pointer", SRC_GOOD, DST_AHEAD, 4, true, 0x42f2 },
	{ "amount and place", SRC_GOOD, DST_AHEAD, 3, true, 0x4002 },
	{ "to a closed chunk", SRC_GOOD, DST_CLOSED, 4, true, 0x4280 },
	{ "to an offline chunk", SRC_GOOD, DST_OFFLINE, 4, true, 0x4280 },
	{ "over the end", SRC_GOOD, DST_OVER, 4, true, 0x4280 },
	{ "to nowhere", SRC_GOOD, DST_NOWHERE, 4, true, 0x4280 },
	{ "unreadable", SRC_UNREADABLE, DST_GOOD, 4, false, 0 },
	{ "unreadable, DULBE", SRC_UNREADABLE, DST_GOOD, 4, true, 0x4287 },
	{ "from nowhere", SRC_NOWHERE, DST_GOOD, 4, false, 0 },
	{ "from nowhere, DULBE", SRC_NOWHERE, DST_GOOD, 4, true, 0x4287 },
	{ "both wrong", SRC_UNREADABLE, DST_AHEAD, 4, true, 0x4287 },
	{ "both nowhere", SRC_NOWHERE, DST_NOWHERE, 4, true, 0x4287 },
	{ "both nowhere, no DULBE", SRC_NOWHERE, DST_NOWHERE, 4, false,
	  0x4280 },
	{ "unreadable to closed", SRC_UNREADABLE, DST_CLOSED, 4, false,
	  0x4280 },
};

/* Sources in channels 0 and 4, destinations in 1, and the other way round */
static void copy_by_rules(struct kunit *test)
{
	u32 i, k, far;

	for (i = 0; i < 2 * ARRAY_SIZE(copy_rules); i++) {
		struct bench *bench = copy_bench(test, 5, i % 4 < 2);
		u32 row = i / 2, nr = copy_rules[row].nr, wp;
		u64 src[4], dst[4], failed;
		u16 status;
		struct oc_wire_chunk desc;
		const u64 to[] = {
			[DST_GOOD] = bench_lba(bench, 1, 1, 1, 8),
			[DST_AHEAD] = bench_lba(bench, 1, 1, 1, 12),
			[DST_CLOSED] = bench_lba(bench, 1, 1, 2, 0),
			[DST_NOWHERE] = bench_lba(bench, 1, 1, 5, 0),
			[DST_OFFLINE] = bench_lba(bench, 1, 1, 3, 0),
			[DST_OVER] = bench_lba(bench, 1, 1, 1, 22),
		};
		const u64 from[] = {
			[SRC_GOOD] = bench_lba(bench, 4, 0, 0, 4),
			[SRC_UNREADABLE] = bench_lba(bench, 4, 0, 1, 4),
			[SRC_NOWHERE] = bench_lba(bench, 4, 3, 0, 4),
		};

		far = i % 2 ? 0 : 4;
		bench_write_run(bench, bench_lba(bench, 4, 0, 0, 0), 24, 4);
		bench_write_run(bench, bench_lba(bench, 0, 0, 0, 0), 24, 0);
		bench_write_run(bench, bench_lba(bench, 1, 1, 1, 0), 8, 1);
		bench_write_run(bench, bench_lba(bench, 1, 1, 2, 0), 24, 1);
		bench_offline(bench, 1, 8);
		bench->dev->ns[0].dulbe = copy_rules[row].dulbe;
		for (k = 0; k < 4; k++) {
			src[k] = bench_lba(bench, far, 0, 0, k);
			dst[k] = to[copy_rules[row].dst] + k;
		}
		/* The last one is what the row says */
		src[nr - 1] = from[copy_rules[row].src];

		status = copy_list(test, src, dst, nr, &failed);
		KUNIT_EXPECT_EQ_MSG(test, status, copy_rules[row].status, "%s",
				    copy_rules[row].name);
		KUNIT_EXPECT_EQ_MSG(test, failed, status ? BIT_ULL(nr) - 1 :
				    0ULL, "%s", copy_rules[row].name);
		wp = status ? 8 : 12;
		desc = chunk_log(bench, 1, 6);
		KUNIT_EXPECT_EQ_MSG(test, le64_to_cpu(desc.wp), (u64)wp, "%s",
				    copy_rules[row].name);
		if (status)
			continue;
		/* What could not be read is blank */
		bench->dev->ns[0].dulbe = false;
		bench_write_run(bench, bench_lba(bench, 1, 1, 1, 12), 12, 1);
		KUNIT_EXPECT_EQ(test, bench_read_one(bench, dst[0], src[0], far), 1);
		KUNIT_EXPECT_EQ_MSG(test, bench_read_one(bench, dst[3], src[3], 4),
				    (int)(copy_rules[row].src == SRC_GOOD), "%s",
				    copy_rules[row].name);
	}
}

static void copy_bad_lists(struct kunit *test)
{
	struct bench *bench = copy_bench(test, 5, true);
	struct bench_cmd *bc = bench_cmd(test->priv);
	struct oc_wire_vector *sqe = (void *)&bc->sqe;
	u64 src[64], dst[64];

	run_of(src, 0, 64);
	run_of(dst, bench_lba(bench, 1, 0, 0, 0), 64);
	set_copy(bc, src, dst, 64);
	sqe->nlb = cpu_to_le16(64);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 48U);
	set_copy(bc, src, dst, 2);
	sqe->dlbal = cpu_to_le64(0x666000);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 56U);
	set_copy(bc, src, dst, 2);
	sqe->dlbal = cpu_to_le64(LIST_HANDLE + 4);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	set_copy(bc, src, dst, 2);
	sqe->lbal = cpu_to_le64(0);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 40U);

	/* Without the capability there is no such command */
	copy_bench(test, 4, true);
	bc = bench_cmd(test->priv);
	set_copy(bc, src, dst, 4);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4001);
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 0U);
}

/* Copies between all pairs of channels at once, both ways */
static void copy_crossing(struct kunit *test)
{
	struct bench *bench = copy_bench(test, 5, true);
	struct bench_cmd *bc[20];
	u64 src[24], dst[24];
	u32 a, b, n = 0, i;

	for (a = 0; a < 5; a++)
		bench_write_run(bench, bench_lba(bench, a, 0, 0, 0), 24, a);
	for (a = 0; a < 5; a++)
		for (b = 0; b < 5; b++) {
			if (a == b)
				continue;
			bc[n] = bench_cmd(test->priv);
			run_of(src, bench_lba(bench, a, 0, 0, 0), 24);
			run_of(dst, bench_lba(bench, b, 1 + a % 2, a / 2, 0), 24);
			set_copy(bc[n++], src, dst, 24);
		}
	/* Half of them queue up behind each other in the workers */
	for (i = 0; i < n; i++) {
		bench->dev->use_inline = i % 2;
		bench_submit(bc[i]);
	}
	for (i = 0; i < n; i++) {
		KUNIT_EXPECT_TRUE(test, bench_wait(bc[i]));
		KUNIT_EXPECT_EQ(test, bc[i]->cmd.status, (u16)0);
	}
	for (a = 0; a < 5; a++)
		for (b = 0; b < 5; b++) {
			u64 from = bench_lba(bench, a, 0, 0, 23);
			u64 at = bench_lba(bench, b, 1 + a % 2, a / 2, 23);

			if (a != b)
				KUNIT_EXPECT_EQ(test, bench_read_one(bench, at, from, a),
						1);
		}
	KUNIT_EXPECT_EQ(test, copies(bench), 20 * 24U);
}

/* Read there, then programmed here; neither die waits for the other's bus */
static void copy_takes_its_time(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	u64 src[4], dst[4], failed, began, took;
	struct bench *bench;

	cfg.geo.mccap = 5;
	bench = bench_remake(test, &cfg);
	run_of(src, bench_lba(bench, 0, 0, 0, 0), 4);
	run_of(dst, bench_lba(bench, 3, 1, 0, 0), 4);
	bench_write_run(bench, src[0], 24, 1);
	bench_set_timing(bench, "read=40ms,prog=60ms,page=4");
	began = ktime_get_ns();
	KUNIT_EXPECT_EQ(test, copy_list(test, src, dst, 4, &failed), (u16)0);
	took = ktime_get_ns() - began;
	KUNIT_EXPECT_TRUE(test, took >= 100 * NSEC_PER_MSEC);
	KUNIT_EXPECT_TRUE(test, took < 10ULL * NSEC_PER_SEC);
}

static struct kunit_case copy_cases[] = {
	KUNIT_CASE(copy_inline),
	KUNIT_CASE(copy_worker),
	KUNIT_CASE(copy_fails_whole),
	KUNIT_CASE(copy_from_where_it_goes),
	KUNIT_CASE(copy_faults_inline),
	KUNIT_CASE(copy_faults_worker),
	KUNIT_CASE(copy_faults_repeat),
	KUNIT_CASE(copy_scattered),
	KUNIT_CASE(copy_by_rules),
	KUNIT_CASE(copy_bad_lists),
	KUNIT_CASE(copy_crossing),
	KUNIT_CASE(copy_takes_its_time),
	{}
};

struct kunit_suite oc_copy_suite = {
	.name = "oc_copy",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = copy_cases,
};
