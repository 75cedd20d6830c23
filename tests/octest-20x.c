// SPDX-License-Identifier: GPL-2.0
/*
 * octest-20x.c - what OCSSD 2.0 has beside plain reads, writes and resets:
 * vector copy, the notification log, chunks unlike others, limits
 *
 * A device need not have any of it: then a case checks that it does not, or is
 * skipped.
 */
#include "octest.h"

/* One sector: that is what can be copied without a list */
static int copy(u64 src, u64 dst, u16 nlb)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = VEC_COPY, .nsid = nsid, .cdw10 = src,
		.cdw11 = src >> 32, .cdw12 = nlb, .cdw14 = dst,
		.cdw15 = dst >> 32,
	};

	return io(&cmd);
}

static void t_copy_rules(void)
{
	static const u16 counts[] = { 64, 65, 255, 256, 0xffff };
	struct chunk from, to, full;
	int amount = geo.ws_min > 1 ? SC_FIELD | DNR : 0;
	char what[32];
	u32 i;

	if (!(geo.mccap & CAP_COPY)) {
		want_status("copy", copy(0, 0, 0), SC_OPCODE | DNR);
		return;
	}
	from = readable(0);
	full = readable(geo.num_grp - 1);
	to = fresh(0);
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		snprintf(what, sizeof(what), "nlb %04x", counts[i]);
		want_status(what, copy(lba_of(from, 0), lba_of(to, 0),
				       counts[i]), SC_FIELD | DNR);
	}
	want_status("lists nobody has", copy(0x1000, 0x2000, 1),
		    SC_FIELD | DNR);
	want_status("to a full chunk", copy(lba_of(from, 0), lba_of(full, 0),
					    0), SC_WRITE_FAULT | DNR);
	want_status("to nowhere", copy(lba_of(from, 0), ~0ULL, 0),
		    SC_WRITE_FAULT | DNR);
	want_status("not at the write pointer",
		    copy(lba_of(from, 0), lba_of(to, 1), 0),
		    (amount ? SC_FIELD : SC_ORDER) | DNR);
	set_feature(FEAT_RECOVERY, nsid, DULBE);
	want_status("from a free chunk", copy(lba_of(fresh(0), 0),
					      lba_of(to, 0), 0),
		    SC_UNWRITTEN | DNR);
	want_status("from nowhere", copy(~0ULL, lba_of(to, 0), 0),
		    SC_UNWRITTEN | DNR);
	want_chunk("after all that", to, CS_FREE, 0);
	want_status("one", copy(lba_of(from, 0), lba_of(to, 0), 0), amount);
	want_chunk("in the end", to, amount ? CS_FREE : CS_OPEN, !amount);
}

static void copy_chunk(struct chunk from, struct chunk to)
{
	u64 list[MAX_VEC];
	u32 sec, i, n;

	for (sec = 0; sec < geo.clba; sec++)
		want_status("copy", copy(lba_of(from, sec), lba_of(to, sec),
					 0), 0);
	want_chunk("copied", to, CS_CLOSED, geo.clba);
	for (sec = 0; sec < geo.clba; sec += n) {
		n = geo.clba - sec < MAX_VEC ? geo.clba - sec : MAX_VEC;
		add_run(list, 0, to, sec, n);
		want_vector("read", VEC_READ, list, n, data2, oob2,
			    n * oob_size, 0, 0);
		for (i = 0; i < n; i++) {
			const char *why =
				judge_sector(lba_of(from, sec + i), generation,
					     true, data2 + i * lba_size,
					     oob_size ? oob2 + i * oob_size :
							NULL);

			need(!why, "sector %u: %s", sec + i, why);
		}
	}
}

static void t_copy_chunks(void)
{
	struct chunk from;

	if (!(geo.mccap & CAP_COPY))
		skip("no vector copy");
	if (geo.ws_min > 1)
		skip("without a list, a copy is less than ws_min");
	from = readable(0);
	copy_chunk(from, fresh(0));
	copy_chunk(from, fresh(geo.num_grp - 1));
}

/* ---- the notification log --------------------------------------------- */

struct notice {
	u64	nc;
	u64	lba;
	u32	nsid;
	u16	state;
	u8	mask;
	u8	rsvd23[9];
	u16	nlb;
	u8	rsvd34[30];
};

#define NOTICES		64
#define NOTICE_EVENT	0x00d00007U
#define NOTICE_WEAR	0x100
#define NOTICE_CHUNK	2

static struct notice notices[NOTICES];

/* Returns how many entries are ascending from the top on */
static u32 read_notices(void)
{
	u32 i, nr = 0;

	want_status("notification log",
		    get_log(LOG_NOTICES, 0, sizeof(notices), notices,
			    sizeof(notices)), 0);
	while (nr < NOTICES && notices[nr].nc &&
	       (!nr || notices[nr].nc == notices[nr - 1].nc + 1))
		nr++;
	for (i = 0; i < NOTICES; i++)
		need(all_are(notices[i].rsvd23, 0, 9) &&
		     all_are(notices[i].rsvd34, 0, 30), "entry %u", i);
	return nr;
}

/* Put what is new since @last about a chunk first. False if there is nothing */
static bool find_news(struct chunk c, u64 last)
{
	u32 nr = read_notices(), i;

	for (i = 0; i < nr; i++)
		if (notices[i].nc > last && notices[i].lba == lba_of(c, 0)) {
			notices[0] = notices[i];
			return true;
		}
	return false;
}

/* Wear a chunk out until it is news. False where wear never is */
static bool wear_out(struct chunk c)
{
	u64 last = 0;
	u32 i, k;

	if (!geo.wit || geo.wit == 255)
		return false;
	for (k = read_notices(); k; k--)
		if (notices[k - 1].nc > last)
			last = notices[k - 1].nc;
	for (i = 0; i < 3 * 255; i++) {
		fill(c, 0, geo.mccap & CAP_EARLY ? geo.ws_min : geo.clba);
		reset_chunk(c);
		if (find_news(c, last))
			return true;
		need(describe(c).wli < 255, "worn out and no news");
	}
	fail("no news");
}

static void t_notices(void)
{
	struct chunk c = fresh(0);
	u64 nc;

	read_notices();
	if (!wear_out(c))
		skip("wear is never news: wit is %u", geo.wit);
	need(notices[0].state == NOTICE_WEAR &&
	     notices[0].mask == NOTICE_CHUNK && notices[0].nsid == nsid,
	     "news: state %x mask %u nsid %u", notices[0].state,
	     notices[0].mask, notices[0].nsid);
	/* It has been read; it is still there, but no longer new */
	nc = notices[0].nc;
	read_notices();
	need(notices[0].nc <= nc, "news twice");
	want_status("past the end", get_log(LOG_NOTICES, 4100, 64, notices,
					    64), SC_FIELD | DNR);
	want_status("the end", get_log(LOG_NOTICES, 4096, 64, notices, 64),
		    0);
	need(all_are(notices, 0, 64), "there is something past the end");
}

static void *wait_for_event(void *arg)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_AER, .timeout_ms = 100000,
	};
	int status = admin(&cmd);

	*(u32 *)arg = status ? ~0U : cmd.result;
	return NULL;
}

static void t_notice_event(void)
{
	pthread_t thread;
	u32 event = 0;

	if (!wear_out(fresh(0)))
		skip("wear is never news: wit is %u", geo.wit);
	need(!pthread_create(&thread, NULL, wait_for_event, &event),
	     "no thread");
	sleep(1);
	/* The kernel's own request takes one, its next one is behind ours */
	wear_out(fresh(0));
	wear_out(fresh(0));
	pthread_join(thread, NULL);
	need(event == NOTICE_EVENT, "event %08x", event);
}

static void t_feedback(void)
{
	u32 val;

	want_status("set", set_feature(FEAT_FEEDBACK, nsid, 3), 0);
	want_status("get", get_feature(FEAT_FEEDBACK, nsid, 0, &val), 0);
	need(val == 3, "feedback %x", val);
	want_status("clear", set_feature(FEAT_FEEDBACK, nsid, 0), 0);
	want_status("get", get_feature(FEAT_FEEDBACK, nsid, 0, &val), 0);
	need(!val, "feedback %x", val);
}

/* ---- chunks unlike the others ----------------------------------------- */

#define CT_SEQ		1
#define CT_RANDOM	2
#define CT_SIZE		0x10

static u8 unwritten_byte(void)
{
	u8 *page;
	u8 byte;

	need(!posix_memalign((void **)&page, 4096, 4096), "no memory");
	want_status("identify namespace", identify(0, nsid, page), 0);
	byte = (page[33] & 7) == 2 ? 0xff : 0;
	free(page);
	return byte;
}

static void random_chunk(struct chunk c, const struct desc *d)
{
	u64 list[3] = {
		lba_of(c, d->cnlb - 1), lba_of(c, 0), lba_of(c, d->cnlb / 2),
	};
	u64 hole = lba_of(c, 1);
	u8 nothing = unwritten_byte();

	need(d->wp == ~0ULL, "write pointer %llx", (unsigned long long)d->wp);
	if (d->cs != CS_FREE || d->cnlb < 8)
		return;
	generation++;
	write_list("in any order and amount", list, 3, 0);
	read_list("at once", list, 3, all_bits(3));
	generation++;
	write_list("again", list, 2, 0);
	read_list("again", list, 2, all_bits(2));
	want_vector("a hole", VEC_READ, &hole, 1, data2, oob2, oob_size, 0, 0);
	need(all_are(data2, nothing, lba_size), "the hole is not empty");
	hole = lba_of(c, d->cnlb);
	if (d->cnlb < geo.clba)
		want_vector("past the end", VEC_WRITE, &hole, 1, data, NULL, 0,
			    SC_WRITE_FAULT, 1);
	need(describe(c).cs == CS_OPEN, "it is not open");
	if (!(geo.mccap & CAP_EARLY))
		return;
	reset_chunk(c);
	need(describe(c).cs == CS_FREE, "it is not free");
	want_vector("what was there", VEC_READ, list, 3, data2, oob2,
		    3 * oob_size, 0, 0);
	need(all_are(data2, nothing, 3 * lba_size), "it is not empty");
}

static void short_chunk(struct chunk c, const struct desc *d)
{
	u64 list[MAX_VEC];
	struct range range = { .slba = lba_of(c, 0), .nlb = geo.clba };

	need(d->cnlb && d->cnlb < geo.clba, "%llu sectors",
	     (unsigned long long)d->cnlb);
	if (d->cs != CS_FREE || d->ct & CT_RANDOM)
		return;
	fill(c, 0, d->cnlb);
	want_chunk("full", c, CS_CLOSED, d->cnlb);
	add_run(list, 0, c, d->cnlb, geo.ws_min);
	want_vector("past the end", VEC_WRITE, list, geo.ws_min, data, NULL, 0,
		    SC_WRITE_FAULT, all_bits(geo.ws_min));
	want_status("of another length", dsm(&range, 1, 4, 16),
		    SC_RANGE | DNR);
	range.nlb = d->cnlb;
	want_status("of its length", dsm(&range, 1, 4, 16), 0);
	want_chunk("reset", c, CS_FREE, 0);
}

static void t_chunk_types(void)
{
	u32 i, randoms = 0, shorts = 0;
	u64 sectors = 0;
	struct desc *log = (struct desc *)whole_chunk_log();

	for (i = 0; i < nr_chunks; i++) {
		struct desc d = log[i];
		u8 type = d.ct & ~CT_SIZE;

		sectors += d.cnlb;
		need(type == CT_SEQ || type == CT_RANDOM, "chunk %u: type %x",
		     i, d.ct);
		need(!(d.ct & CT_SIZE) == (d.cnlb == geo.clba),
		     "chunk %u: type %x, %llu sectors", i, d.ct,
		     (unsigned long long)d.cnlb);
		if (type == CT_RANDOM && randoms < 4) {
			random_chunk(nth_chunk(i), &d);
			randoms++;
		}
		if (d.ct & CT_SIZE && shorts < 4) {
			short_chunk(nth_chunk(i), &d);
			shorts++;
		}
	}
	free(log);
	need(sectors == ncap, "%llu sectors, capacity %llu",
	     (unsigned long long)sectors, (unsigned long long)ncap);
}

/* ---- limits of open chunks -------------------------------------------- */

/* Open chunks one after the other: each is what the limits say */
static void t_open_limits(void)
{
	struct desc *log = (struct desc *)whole_chunk_log();
	static u32 per_pu[256 * 256];
	u32 i, open = 0, refused = 0;
	u64 list[MAX_VEC];

	memset(per_pu, 0, sizeof(per_pu));
	for (i = 0; i < nr_chunks; i++)
		if (log[i].cs == CS_OPEN) {
			per_pu[i / geo.num_chk]++;
			open++;
		}
	for (i = 0; i < nr_chunks && i < 200 && refused < 20; i++) {
		u32 pu = i / geo.num_chk;
		bool room = (!geo.maxoc || open < geo.maxoc) &&
			(!geo.maxocpu || per_pu[pu] < geo.maxocpu);

		if (log[i].cs != CS_FREE || log[i].cnlb <= geo.ws_min)
			continue;
		add_run(list, 0, nth_chunk(i), 0, geo.ws_min);
		write_list(room ? "within the limits" : "one too many", list,
			   geo.ws_min, room ? 0 : SC_WRITE_FAULT);
		need(describe(nth_chunk(i)).cs == (room ? CS_OPEN : CS_FREE),
		     "chunk %u: state", i);
		open += room;
		per_pu[pu] += room;
		refused += !room;
	}
	/* Leave room for others */
	for (i = 0; i < nr_chunks && i < 200; i++)
		if (log[i].cs == CS_FREE && geo.mccap & CAP_EARLY)
			free_chunk(nth_chunk(i));
	free(log);
}

const struct test ocssd20_tests[] = {
	{ "20x.copy-rules", t_copy_rules },
	{ "20x.copy-chunks", t_copy_chunks },
	{ "20x.notices", t_notices },
	{ "20x.notice-event", t_notice_event },
	{ "20x.feedback", t_feedback },
	{ "20x.chunk-types", t_chunk_types },
	{ "20x.open-limits", t_open_limits },
	{}
};
