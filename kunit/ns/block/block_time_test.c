// SPDX-License-Identifier: GPL-2.0
/*
 * block_time_test.c - how long commands of block namespaces take
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/llist.h>

#include "block_bed.h"

/*
 * When is a command of channel 0 over that comes at @now_ns? No clock is read:
 * the case owns the channel and runs the part itself. 0 for at once.
 */
static u64 block_end(struct kunit *test, struct bench_cmd *bc, u64 now_ns)
{
	struct oc_channel *ch = &bc->bench->dev->ch[0];
	struct llist_node *node;
	struct oc_part *part;
	u64 end;

	KUNIT_EXPECT_TRUE(test, oc_channel_try_own(ch));
	bench_submit(bc);
	node = llist_del_all(&ch->inbox);
	if (!node) {
		oc_channel_release(ch);
		KUNIT_FAIL(test, "the command has not come to the channel");
		return U64_MAX;
	}
	part = llist_entry(node, struct oc_part, node);
	bc->cmd.arrival_ns = now_ns;
	KUNIT_EXPECT_TRUE(test, part->ops->run(part, true));
	end = part->when.expires;
	part->when.expires = 0;
	part->ops->done(part);
	oc_channel_release(ch);
	KUNIT_EXPECT_TRUE(test, bench_wait(bc));
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.status, 0U);
	return end;
}

enum { RD = nvme_cmd_read, WR = nvme_cmd_write };

/**
 * struct block_step - a command and how long it takes
 * @opcode:	RD or WR
 * @lba:	first block
 * @nr:		blocks, 0 behind the last step
 * @same:	it comes at the same time as the one before; else 1 ms later
 * @ns:		how long it takes
 */
struct block_step {
	u8 opcode;
	u32 lba;
	u32 nr;
	bool same;
	u64 ns;
};

static const struct {
	const char *name;
	const char *timing;
	struct block_step step[12];
} block_time_rows[] = {
	/* Sector 0 of the channel is nobody's: block 0 goes to sector 1 */
	{ "buffer and flash",
	  "read=40us,prog=80us,bus=1us,cmd=2us,ctrl=5us,page=4", {
		{ WR, 0, 2, false, 0 },		/* in the buffer */
		{ RD, 0, 2, false, 0 },
		{ RD, 100, 4, false, 0 },		/* nowhere */
		{ WR, 2, 1, false, 91000 },		/* 5 + 2 + 4 + 80 */
		{ RD, 0, 3, false, 50000 },		/* 5 + 2 + 40 + 3 */
		{ WR, 3, 9, false, 177000 },		/* + 2 + 4 + 80 */
		{ RD, 11, 1, false, 0 },
		{ RD, 0, 12, false, 138000 },		/* 50 + 44 + 44 */
		{ RD, 1, 1, false, 48000 },
		{ RD, 1, 1, true, 89000 },		/* 48 + 40 + 1 */
		{ RD, 100, 1, true, 0 },
	} },
	{ "cache", "prog=80us,bus=1us,cmd=2us,ctrl=5us,page=4,cache=8", {
		{ WR, 0, 3, false, 5000 },
		{ WR, 3, 4, true, 5000 },
		{ WR, 7, 4, true, 91000 },		/* the first has gone */
		{ WR, 11, 4, false, 5000 },
	} },
	{ "another die", "prog=80us,page=4", {
		{ WR, 0, 19, false, 400000 },
		{ WR, 19, 4, false, 80000 },		/* the chunk's last */
		{ WR, 23, 4, true, 80000 },		/* another unit's first */
		{ WR, 27, 4, true, 160000 },
		{ WR, 31, 3, true, 0 },
		{ WR, 34, 1, true, 240000 },
	} },
};

static void block_takes_its_time(struct kunit *test)
{
	const struct block_step *step;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(block_time_rows); i++) {
		struct oc_config cfg = block_config(true);
		u64 now = NSEC_PER_SEC, end;
		struct bench *bench;
		struct bench_cmd *bc;

		cfg.geo.num_grp = 1;
		cfg.ns = "block:1:80";
		cfg.timing = block_time_rows[i].timing;
		bench = bench_remake(test, &cfg);
		bc = bench_cmd(bench);
		for (step = block_time_rows[i].step; step->nr; step++) {
			if (!step->same)
				now += NSEC_PER_MSEC;
			bench_scalar(bc, step->opcode, step->lba, step->nr);
			end = block_end(test, bc, now);
			KUNIT_EXPECT_EQ_MSG(test, end ? end - now : 0, step->ns,
					    "%s, block %u",
					    block_time_rows[i].name, step->lba);
		}
	}
}

/*
 * One die that is never idle: what it has done is what the FTL counts, and each
 * read waits for all that is before it, moves and erases included.
 */
static void block_garbage_takes_its_time(struct kunit *test)
{
	struct oc_config cfg = block_config(true);
	u64 begin = NSEC_PER_SEC, now = begin, reads = 0, end, idle;
	const struct oc_ftl_count *count;
	u32 n, lba, index, state = 17;
	struct oc_channel *ch;
	struct bench *bench;
	struct bench_cmd *bc;

	cfg.geo.num_grp = 1;
	cfg.geo.num_pu = 1;
	cfg.geo.num_chk = 15;
	cfg.ns = "block:1:80";
	cfg.timing = "read=10us,prog=20us,erase=500us";
	bench = bench_remake(test, &cfg);
	bc = bench_cmd(bench);
	ch = &bench->dev->ch[0];
	ch->clock.die[0].idle_ns = begin;
	for (n = 0; n < 2000; n++) {
		state = state * 1103515245 + 12345;
		lba = (state >> 8) % 200;
		bench_scalar(bc, WR, lba, 1);
		end = block_end(test, bc, now);
		/* Its own program comes last */
		if (end)
			KUNIT_ASSERT_EQ(test, end, ch->clock.die[0].idle_ns);
		now = max(now, end);

		lba = (state >> 16) % 200;
		oc_channel_own(ch);
		index = oc_l2p_get(&ch->ftl->l2p, lba);
		oc_channel_release(ch);
		bench_scalar(bc, RD, lba, 1);
		idle = ch->clock.die[0].idle_ns;
		end = block_end(test, bc, now);
		if (!index || index % 24 >= ch->chunks[index / 24].wp) {
			KUNIT_ASSERT_EQ(test, end, 0ULL);
			continue;
		}
		KUNIT_ASSERT_EQ(test, end, idle + 10000);
		reads++;
		now = end;
	}
	count = &ch->ftl->count;
	KUNIT_EXPECT_GT(test, count->moves, 200ULL);
	KUNIT_EXPECT_GT(test, count->erases, 50ULL);
	KUNIT_EXPECT_EQ(test, ch->clock.die[0].idle_ns - begin,
			(count->moves + reads) * 10000 +
			count->programs * 20000 + count->erases * 500000);
	KUNIT_EXPECT_FALSE(test, block_check(bench));
}

static struct kunit_case block_time_cases[] = {
	KUNIT_CASE(block_takes_its_time),
	KUNIT_CASE(block_garbage_takes_its_time),
	{}
};

struct kunit_suite oc_block_time_suite = {
	.name = "oc_block_time",
	.init = block_init,
	.exit = bench_exit,
	.test_cases = block_time_cases,
};
