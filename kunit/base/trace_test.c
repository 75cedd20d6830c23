// SPDX-License-Identifier: GPL-2.0
/*
 * trace_test.c - tracepoints: which events a command leaves, and what they say
 *
 * Probes of our own hang on the tracepoints that this module has, so nothing
 * here depends on a tracer.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#define OC_TRACE_KUNIT
#define CREATE_TRACE_POINTS
#include "oc_trace.h"
#include "oc_test.h"

#define MAX_EVENTS	256

/**
 * struct event - what a probe was told
 * @what:	name of the event
 * @ch:		channel
 * @chk:	chunk in the channel
 * @from:	old state, or the media's operation
 * @to:		new state
 * @n:		sectors, or the place in the list
 * @status:	of a command, or of a chunk's refusal
 * @text:	name of the command, or the reason of a refusal
 */
struct event {
	const char *what;
	u32 ch;
	u32 chk;
	u8 from;
	u8 to;
	u32 n;
	u16 status;
	const char *text;
};

/* The bench runs everything inline: events come from the case's own thread */
struct events {
	u32 nr;
	struct event list[MAX_EVENTS];
};

static void add(void *data, struct event event)
{
	struct events *events = data;

	if (events->nr < MAX_EVENTS)
		events->list[events->nr] = event;
	events->nr++;
}

static void probe_begin(void *data, const struct oc_cmd *cmd, const char *op)
{
	add(data, (struct event) { "begin", .text = op });
}

static void probe_end(void *data, const struct oc_cmd *cmd, const char *op)
{
	add(data, (struct event) {
		"end", .text = op, .status = cmd->status,
	});
}

static void probe_refuse(void *data, const struct oc_cmd *cmd, const char *op)
{
	const struct oc_addr *addr = oc_cmd_first_failed(cmd);

	add(data, (struct event) {
		"refuse", .text = op, .status = cmd->status,
		.ch = addr ? addr->grp : 0, .chk = addr ? addr->chk : 0,
		.from = oc_cmd_field(cmd->err_loc),
	});
}

static void probe_chunk_refuse(void *data, const struct oc_channel *ch,
			       const struct oc_chunk *chk, u32 sec, u32 n,
			       u16 status, const char *why)
{
	add(data, (struct event) {
		"chunk refuse", .ch = ch->id, .chk = chk - ch->chunks,
		.status = status, .text = why,
	});
}

static void probe_chunk_state(void *data, const struct oc_chunk_stat *stat,
			      const struct oc_chunk *chk, u8 state)
{
	add(data, (struct event) {
		"state", .ch = stat->ch, .chk = chk - stat->first,
		.from = chk->state, .to = state,
	});
}

static void probe_media(void *data, const struct oc_channel *ch, u8 op,
			u32 index, u32 n, bool oob)
{
	add(data, (struct event) {
		"media", .ch = ch->id, .chk = index / ch->geo->clba,
		.from = op, .n = n,
	});
}

static void probe_read_nothing(void *data, const struct oc_cmd *cmd, u32 i,
			       const struct oc_addr *addr, const char *why)
{
	add(data, (struct event) {
		"nothing", .ch = addr ? addr->grp : 0,
		.chk = addr ? addr->chk : 0, .n = i, .text = why,
	});
}

static void watch(struct kunit *test, struct events *events)
{
	KUNIT_ASSERT_EQ(test, register_trace_oc_cmd_begin(probe_begin, events),
			0);
	KUNIT_ASSERT_EQ(test, register_trace_oc_cmd_end(probe_end, events), 0);
	KUNIT_ASSERT_EQ(test, register_trace_oc_refuse(probe_refuse, events),
			0);
	KUNIT_ASSERT_EQ(test,
			register_trace_oc_chunk_refuse(probe_chunk_refuse,
						       events), 0);
	KUNIT_ASSERT_EQ(test,
			register_trace_oc_chunk_state(probe_chunk_state,
						      events), 0);
	KUNIT_ASSERT_EQ(test, register_trace_oc_media(probe_media, events), 0);
	KUNIT_ASSERT_EQ(test,
			register_trace_oc_read_nothing(probe_read_nothing,
						       events), 0);
}

static void unwatch(struct events *events)
{
	unregister_trace_oc_cmd_begin(probe_begin, events);
	unregister_trace_oc_cmd_end(probe_end, events);
	unregister_trace_oc_refuse(probe_refuse, events);
	unregister_trace_oc_chunk_refuse(probe_chunk_refuse, events);
	unregister_trace_oc_chunk_state(probe_chunk_state, events);
	unregister_trace_oc_media(probe_media, events);
	unregister_trace_oc_read_nothing(probe_read_nothing, events);
	tracepoint_synchronize_unregister();
}

/* Event @i is this one */
static void expect(struct kunit *test, const struct events *events, u32 i,
		   struct event want)
{
	const struct event *got = &events->list[i];

	KUNIT_ASSERT_LT(test, i, min_t(u32, events->nr, MAX_EVENTS));
	KUNIT_EXPECT_STREQ_MSG(test, got->what, want.what, "event %u", i);
	KUNIT_EXPECT_STREQ_MSG(test, got->text ? got->text : "",
			       want.text ? want.text : "", "event %u", i);
	KUNIT_EXPECT_EQ_MSG(test, got->ch, want.ch, "event %u", i);
	KUNIT_EXPECT_EQ_MSG(test, got->chk, want.chk, "event %u", i);
	KUNIT_EXPECT_EQ_MSG(test, got->from, want.from, "event %u", i);
	KUNIT_EXPECT_EQ_MSG(test, got->to, want.to, "event %u", i);
	KUNIT_EXPECT_EQ_MSG(test, got->n, want.n, "event %u", i);
	KUNIT_EXPECT_EQ_MSG(test, got->status, want.status, "event %u", i);
}

static void trace_write_and_reset(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct events *events = kunit_kzalloc(test, sizeof(*events),
					      GFP_KERNEL);
	u64 lba = bench_lba(bench, 3, 1, 2, 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, events);
	watch(test, events);
	bench_write_run(bench, lba, 24, 1);
	bench_reset_one(bench, lba);
	unwatch(events);

	/* Unit 1, chunk 2: number 7 of the channel's 15 */
	expect(test, events, 0, (struct event) { "begin", .text = "write" });
	expect(test, events, 1, (struct event) {
		"media", 3, 7, .from = OC_MEDIA_WRITE, .n = 24,
	});
	expect(test, events, 2, (struct event) {
		"state", 3, 7, OC_CHK_FREE, OC_CHK_CLOSED,
	});
	expect(test, events, 3, (struct event) { "end", .text = "write" });
	expect(test, events, 4, (struct event) {
		"begin", .text = "vector reset",
	});
	expect(test, events, 5, (struct event) {
		"media", 3, 7, .from = OC_MEDIA_DISCARD, .n = 24,
	});
	expect(test, events, 6, (struct event) {
		"state", 3, 7, OC_CHK_CLOSED, OC_CHK_FREE,
	});
	expect(test, events, 7, (struct event) {
		"end", .text = "vector reset",
	});
	KUNIT_EXPECT_EQ(test, events->nr, 8U);

	/* Off again: nothing is seen */
	bench_write_run(bench, lba, 4, 1);
	KUNIT_EXPECT_EQ(test, events->nr, 8U);
}

static void trace_refusals(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);
	struct events *events = kunit_kzalloc(test, sizeof(*events),
					      GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, events);
	watch(test, events);
	/* By a chunk */
	bench_write_run(bench, bench_lba(bench, 2, 0, 1, 4), 4, 1);
	/* By a field: 65 addresses, an opcode that is none */
	bench_vector(bc, OC_CMD_VECTOR_READ, 1);
	((struct oc_wire_vector *)&bc->sqe)->nlb = cpu_to_le16(64);
	bench_run(bc);
	bc->sqe.common.opcode = 0x44;
	bench_run(bc);
	unwatch(events);

	expect(test, events, 0, (struct event) { "begin", .text = "write" });
	expect(test, events, 1, (struct event) {
		"chunk refuse", 2, 1, .status = 0x42f2,
		.text = "ahead of the write pointer",
	});
	expect(test, events, 2, (struct event) {
		"refuse", 2, 1, .from = 255, .status = 0x42f2, .text = "write",
	});
	expect(test, events, 3, (struct event) {
		"end", .status = 0x42f2, .text = "write",
	});
	expect(test, events, 5, (struct event) {
		"refuse", .from = 48, .status = 0x4002, .text = "vector read",
	});
	expect(test, events, 8, (struct event) {
		"refuse", .from = 0, .status = 0x4001, .text = "unknown",
	});
	KUNIT_EXPECT_EQ(test, events->nr, 10U);
}

/* What reads as zeroes without being refused, and why */
static void trace_reads_of_nothing(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);
	struct events *events = kunit_kzalloc(test, sizeof(*events),
					      GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, events);
	bench_write_run(bench, bench_lba(bench, 3, 1, 2, 0), 12, 1);
	/* With mw_cunits 8 the first 4 may be read; there is no fourth unit */
	bc->lba[0] = bench_lba(bench, 3, 1, 2, 3);
	bc->lba[1] = bench_lba(bench, 3, 1, 2, 4);
	bc->lba[2] = bench_lba(bench, 3, 1, 2, 12);
	bc->lba[3] = bench_lba(bench, 3, 3, 2, 0);
	bench_vector(bc, OC_CMD_VECTOR_READ, 4);
	watch(test, events);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	unwatch(events);

	expect(test, events, 0, (struct event) {
		"begin", .text = "vector read",
	});
	expect(test, events, 1, (struct event) {
		"nothing", .n = 3, .text = "no such sector",
	});
	expect(test, events, 2, (struct event) {
		"media", 3, 7, .from = OC_MEDIA_READ, .n = 1,
	});
	expect(test, events, 3, (struct event) {
		"nothing", 3, 7, .n = 1,
		.text = "among the last mw_cunits written",
	});
	expect(test, events, 4, (struct event) {
		"nothing", 3, 7, .n = 2, .text = "never written",
	});
	expect(test, events, 5, (struct event) {
		"end", .text = "vector read",
	});
	KUNIT_EXPECT_EQ(test, events->nr, 6U);
}

static void trace_reasons(struct kunit *test)
{
	static const struct {
		struct oc_chunk chk;
		u32 sec;
		u16 status;
		const char *why;
	} rows[] = {
		{ { .state = OC_CHK_FREE, .wp = 0 }, 4, 0x42f2,
		  "ahead of the write pointer" },
		{ { .state = OC_CHK_OPEN, .wp = 8 }, 4, 0x42f2,
		  "behind the write pointer" },
		{ { .state = OC_CHK_OPEN, .wp = 8 }, 8, 0x42f2,
		  "has a hole" },
		{ { .state = OC_CHK_OPEN, .wp = 8 }, 8, 0x4002,
		  "not a multiple of ws_min" },
		{ { .state = OC_CHK_CLOSED, .wp = 24 }, 0, 0x4280,
		  "closed" },
		{ { .state = OC_CHK_OFFLINE, .wp = 4 }, 4, 0x4280,
		  "offline" },
		{ { .state = OC_CHK_OPEN, .wp = 20 }, 20, 0x4280,
		  "past the chunk's end" },
		{ { .state = OC_CHK_FREE, .wp = 0 }, 0, 0x42c1,
		  "free already" },
		{ { .state = OC_CHK_OPEN, .wp = 4 }, 0, 0x42c1,
		  "still open" },
		{ { .state = OC_CHK_OFFLINE, .wp = 4 }, 0, 0x42c0,
		  "offline" },
		{ { .state = OC_CHK_FREE, .wp = 0 }, 0, 0x4287,
		  "never written" },
		{ { .state = OC_CHK_OPEN, .wp = 8 }, 4, 0x4287,
		  "among the last mw_cunits written" },
		{ { .state = OC_CHK_OFFLINE, .wp = 8 }, 4, 0x4287,
		  "offline" },
		{ { .state = OC_CHK_OPEN, .wp = 8 }, 4, 0x4281,
		  "failed" },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_EXPECT_STREQ_MSG(test,
				       oc_chunk_why(&rows[i].chk, rows[i].sec,
						    rows[i].status),
				       rows[i].why, "row %u", i);
		KUNIT_EXPECT_LT_MSG(test, strlen(rows[i].why),
				    (size_t)OC_TRACE_TEXT, "row %u", i);
	}
	for (i = 0; i < 64; i++)
		KUNIT_EXPECT_EQ_MSG(test, oc_cmd_field(oc_cmd_field(i)),
				    oc_cmd_field(i), "byte %u", i);
	KUNIT_EXPECT_EQ(test, oc_cmd_field(0xffff), (u8)255);
	KUNIT_EXPECT_EQ(test, oc_cmd_field(41), (u8)40);
	KUNIT_EXPECT_EQ(test, oc_cmd_field(36), (u8)24);
}

static void trace_names_fit(struct kunit *test)
{
	static const struct oc_ns_kind *const kinds[] = {
		&oc_ns_oc20, &oc_ns_oc12, &oc_ns_oc12h, &oc_ns_block,
	};
	u32 i, k;

	for (i = 0; i < 256; i++) {
		const char *name = oc_admin_ops[i].name;

		KUNIT_EXPECT_LT(test, name ? strlen(name) : 0,
				(size_t)OC_TRACE_TEXT);
		for (k = 0; k < ARRAY_SIZE(kinds); k++) {
			name = kinds[k]->io[i].name;
			KUNIT_EXPECT_LT(test, name ? strlen(name) : 0,
					(size_t)OC_TRACE_TEXT);
		}
	}
}

/* What a chunk counts */
static void trace_chunk_counters(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(bench);
	u64 lba = bench_lba(bench, 1, 2, 3, 0);
	const struct oc_chunk *chk = &bench->dev->ch[1].chunks[13];

	bench_write_run(bench, lba, 24, 1);
	bench_scalar(bc, nvme_cmd_read, lba + 2, 10);
	bench_run(bc);
	bench_reset_one(bench, lba);
	bench_reset_one(bench, lba);		/* refused */
	bench_write_run(bench, lba, 4, 1);
	bench_write_run(bench, lba, 8, 1);	/* refused */
	KUNIT_EXPECT_EQ(test, chk->writes, 28ULL);
	KUNIT_EXPECT_EQ(test, chk->reads, 10ULL);
	KUNIT_EXPECT_EQ(test, chk->resets, 1U);
	KUNIT_EXPECT_EQ(test, chk->fails, 9U);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[1].stat.resets, 1ULL);
}

static struct kunit_case trace_cases[] = {
	KUNIT_CASE(trace_write_and_reset),
	KUNIT_CASE(trace_refusals),
	KUNIT_CASE(trace_reads_of_nothing),
	KUNIT_CASE(trace_reasons),
	KUNIT_CASE(trace_names_fit),
	KUNIT_CASE(trace_chunk_counters),
	{}
};

struct kunit_suite oc_trace_suite = {
	.name = "oc_trace",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = trace_cases,
};
