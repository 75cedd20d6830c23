// SPDX-License-Identifier: GPL-2.0
/*
 * octest-rules.c - the rules of OCSSD 2.0 for writes, reads and resets
 */
#include "octest.h"

/* ---- the rules for writes --------------------------------------------- */

/* A number of sectors: so many chunks, units of ws_min, and single sectors */
struct pos {
	int chunks;
	int units;
	int secs;
};

static u32 sectors(struct pos p)
{
	return p.chunks * (int)geo.clba + p.units * (int)geo.ws_min + p.secs;
}

/* Rows with an amount that is no multiple need one that can be */
#define NEEDS_MIN	1
#define NEEDS_ROOM	2

static const struct write_rule {
	const char *name;
	struct pos wp;
	struct pos sec;
	struct pos n;
	int status;
	u32 needs;
} write_rules[] = {
	{ "first write", {}, {}, { 0, 1, 0 }, 0, 0 },
	{ "at wp", { 0, 1, 0 }, { 0, 1, 0 }, { 0, 1, 0 }, 0, NEEDS_ROOM },
	{ "last unit", { 1, -1, 0 }, { 1, -1, 0 }, { 0, 1, 0 }, 0, 0 },
	{ "free, not at 0", {}, { 0, 1, 0 }, { 0, 1, 0 }, SC_ORDER, NEEDS_ROOM },
	{ "free, at the end", {}, { 1, -1, 0 }, { 0, 1, 0 }, SC_ORDER,
		NEEDS_ROOM },
	{ "ahead of wp", { 0, 1, 0 }, { 0, 2, 0 }, { 0, 1, 0 }, SC_ORDER,
		NEEDS_ROOM },
	{ "one ahead of wp", { 0, 1, 0 }, { 0, 1, 1 }, { 0, 1, 0 }, SC_ORDER,
		NEEDS_ROOM },
	{ "behind wp", { 0, 2, 0 }, { 0, 1, 0 }, { 0, 1, 0 }, SC_ORDER,
		NEEDS_ROOM },
	{ "at 0 again", { 0, 2, 0 }, {}, { 0, 1, 0 }, SC_ORDER, NEEDS_ROOM },
	{ "too little", {}, {}, { 0, 1, -1 }, SC_FIELD, NEEDS_MIN },
	{ "too much", {}, {}, { 0, 1, 1 }, SC_FIELD, NEEDS_MIN | NEEDS_ROOM },
	{ "one", { 0, 1, 0 }, { 0, 1, 0 }, { 0, 0, 1 }, SC_FIELD,
		NEEDS_MIN | NEEDS_ROOM },
	{ "wrong amount, wrong place", { 0, 1, 0 }, { 0, 2, 0 }, { 0, 0, 1 },
		SC_FIELD, NEEDS_MIN | NEEDS_ROOM },
	{ "wrong amount behind wp", { 0, 1, 0 }, {}, { 0, 0, 1 }, SC_FIELD,
		NEEDS_MIN | NEEDS_ROOM },
	{ "closed, at 0", { 1, 0, 0 }, {}, { 0, 1, 0 }, SC_WRITE_FAULT, 0 },
	{ "closed, at the end", { 1, 0, 0 }, { 1, -1, 0 }, { 0, 1, 0 },
		SC_WRITE_FAULT, 0 },
	{ "closed, wrong amount", { 1, 0, 0 }, {}, { 0, 0, 1 },
		SC_WRITE_FAULT, 0 },
};

static void t_write_rules(void)
{
	u64 list[MAX_VEC];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(write_rules); i++) {
		const struct write_rule *rule = &write_rules[i];
		u32 wp = sectors(rule->wp), n = sectors(rule->n);
		struct chunk c;

		if ((rule->needs & NEEDS_MIN && geo.ws_min == 1) ||
		    (rule->needs & NEEDS_ROOM && geo.clba < 4 * geo.ws_min) ||
		    n > MAX_VEC)
			continue;
		c = fresh(i % geo.num_grp);
		generation++;
		fill(c, 0, wp);
		add_run(list, 0, c, sectors(rule->sec), n);
		write_list(rule->name, list, n, rule->status);
		if (!rule->status)
			wp += n;
		want_chunk(rule->name, c, state_at(wp), wp);
	}
}

/* The same through scalar writes, which can run past the end */
static void t_write_past_end(void)
{
	u64 list[2 * MAX_VEC];
	struct chunk c = fresh(0);
	u32 n = geo.ws_min;

	generation++;
	if (geo.clba < 2 || n > MAX_VEC / 2)
		skip("not with this geometry");
	fill(c, 0, geo.clba - n);
	/* A run of two units with one unit of room: its end wraps */
	add_run(list, 0, c, geo.clba - n, n);
	add_run(list, n, c, 0, n);
	write_list("past the end", list, 2 * n, SC_WRITE_FAULT);
	want_chunk("past the end", c, state_at(geo.clba - n), geo.clba - n);
}

static void t_write_holes(void)
{
	u32 u = geo.ws_min, n = u < 2 ? 2 : u, i;
	u64 list[MAX_VEC], swap;
	struct chunk c = fresh(0);

	if (n + 2 * u > geo.clba)
		skip("not with this geometry");
	generation++;
	/* A hole before each sector but the first */
	for (i = 1; i < n; i++) {
		add_run(list, 0, c, 0, i);
		add_run(list, i, c, i + 1, n - i);
		write_list("hole", list, n, SC_ORDER);
	}
	add_run(list, 0, c, 0, n);
	swap = list[0];
	list[0] = list[1];
	list[1] = swap;
	write_list("descending", list, n, SC_ORDER);
	add_run(list, 0, c, 0, n);
	list[1] = list[0];
	write_list("the same twice", list, n, SC_ORDER);
	want_chunk("after all that", c, CS_FREE, 0);
}

/* A list that comes back to a chunk, from the same and from another group */
static void t_write_comes_back(void)
{
	u32 u = geo.ws_min, grp, n;
	struct chunk a, b;
	u64 list[MAX_VEC];

	if (3 * u > MAX_VEC || geo.clba < 2 * u)
		skip("not with this geometry");
	for (grp = 0; grp < 2 && grp < geo.num_grp; grp++) {
		a = fresh(0);
		b = fresh(grp);
		generation++;
		n = add_run(list, 0, a, 0, u);
		n = add_run(list, n, b, 0, u);
		n = add_run(list, n, a, u, u);
		write_list("comes back", list, n, grp ? 0 : SC_ORDER);
		want_chunk("comes back", b, grp ? state_at(u) : CS_FREE,
			   grp ? u : 0);
	}
}

/* Addresses outside one field; @skip fields of a power of two cannot be */
u32 outside_list(struct chunk c, struct outside *out)
{
	u32 top = geo.len[0] + geo.len[1] + geo.len[2] + geo.len[3];
	u32 nr = 0, i;

	if (geo.num_grp & (geo.num_grp - 1))
		out[nr++] = (struct outside) {
			"group", raw_lba(geo.num_grp, c.pu, c.chk, 0) };
	if (geo.num_pu & (geo.num_pu - 1))
		out[nr++] = (struct outside) {
			"parallel unit", raw_lba(c.grp, geo.num_pu, c.chk, 0) };
	if (geo.num_chk & (geo.num_chk - 1))
		out[nr++] = (struct outside) {
			"chunk", raw_lba(c.grp, c.pu, geo.num_chk, 0) };
	if (geo.clba & (geo.clba - 1))
		out[nr++] = (struct outside) {
			"sector", raw_lba(c.grp, c.pu, c.chk, geo.clba) };
	for (i = top; i < 64; i += i < 62 && top < 60 ? 7 : 1)
		out[nr++] = (struct outside) { "above the group",
			lba_of(c, 0) | BIT64(i) };
	out[nr++] = (struct outside) { "all bits", ~0ULL };
	return nr;
}

static void t_outside(void)
{
	struct outside out[80];
	u64 list[MAX_VEC];
	struct chunk c = fresh(0), full = readable(geo.num_grp - 1);
	u32 nr = outside_list(c, out), u = geo.ws_min, i, pos;

	for (i = 0; i < nr; i++) {
		/* Alone, first of a list, last of a list */
		want_vector(out[i].name, VEC_WRITE, &out[i].lba, 1, data, NULL,
			    0, SC_WRITE_FAULT, 1);
		want_vector(out[i].name, VEC_RESET, &out[i].lba, 1, NULL, NULL,
			    0, SC_RESET, 1);
		read_list(out[i].name, &out[i].lba, 1, 0);
		for (pos = 0; pos < 2 && u < MAX_VEC; pos++) {
			add_run(list, !pos, c, 0, u);
			list[pos ? u : 0] = out[i].lba;
			write_list(out[i].name, list, u + 1, SC_WRITE_FAULT);
			want_chunk(out[i].name, c, CS_FREE, 0);
		}
		add_run(list, 0, full, 0, 4 < geo.clba ? 4 : geo.clba);
		list[1] = out[i].lba;
		read_list(out[i].name, list, 2, 1);
	}
}

/* One of many chunks breaks a rule, and nothing is written */
void t_all_or_nothing(void)
{
	u32 u = geo.ws_min, nr = MAX_VEC / u < 8 ? MAX_VEC / u : 8, bad, i, n;
	struct chunk c[8];
	u64 list[MAX_VEC] = { 0 };

	if (geo.clba < 4 * u)
		skip("not with this geometry");
	for (i = 0; i < nr; i++) {
		c[i] = fresh((i * 3) % geo.num_grp);
		generation++;
		fill(c[i], 0, u);
	}
	for (bad = 0; bad < nr; bad++) {
		for (i = 0, n = 0; i < nr; i++)
			n = add_run(list, n, c[i], i == bad ? 2 * u : u, u);
		write_list("one chunk out of order", list, n, SC_ORDER);
		list[bad * u] = ~0ULL;
		write_list("one address outside", list, n, SC_WRITE_FAULT);
		for (i = 0; i < nr; i++)
			want_chunk("nothing written", c[i], CS_OPEN, u);
	}
	for (i = 0, n = 0; i < nr; i++)
		n = add_run(list, n, c[i], u, u);
	write_list("all right", list, n, 0);
	for (i = 0; i < nr; i++)
		want_chunk("all written", c[i], CS_OPEN, 2 * u);
}

/* ---- the rules for reads ---------------------------------------------- */

static bool can_read(u32 wp, u32 sec)
{
	return wp == geo.clba ? sec < wp : sec + geo.mw_cunits < wp;
}

static void t_cunits(void)
{
	u32 u = geo.ws_min, wp = 0, from, k;
	struct chunk c = fresh(geo.num_grp - 1);
	u64 list[MAX_VEC];

	generation++;
	for (;;) {
		u64 written = 0;
		u32 n = geo.clba < MAX_VEC ? geo.clba : MAX_VEC;

		/* A window with the border in its middle */
		from = wp > geo.mw_cunits + n / 2 ?
			wp - geo.mw_cunits - n / 2 : 0;
		if (from + n > geo.clba)
			from = geo.clba - n;
		add_run(list, 0, c, from, n);
		for (k = 0; k < n; k++)
			if (can_read(wp, from + k))
				written |= BIT64(k);
		read_list("around the window's border", list, n, written);
		if (wp == geo.clba)
			break;
		/* Small steps around the interesting places */
		k = wp < 3 * u || (wp + 2 * u >= geo.mw_cunits &&
				   wp <= geo.mw_cunits + 3 * u) ||
			wp + 3 * u >= geo.clba ? u : max_write();
		if (wp < geo.mw_cunits && wp + k > geo.mw_cunits)
			k = geo.mw_cunits - wp < u ? u :
				(geo.mw_cunits - wp) / u * u;
		if (wp + k > geo.clba)
			k = geo.clba - wp;
		fill(c, wp, wp + k);
		wp += k;
	}
}

static void t_unwritten(void)
{
	struct chunk a = fresh(0), b = readable(geo.num_grp - 1);
	u64 list[MAX_VEC], written = 0;
	u32 i;

	for (i = 0; i < MAX_VEC; i++) {
		list[i] = lba_of(i % 3 ? a : b, below(geo.clba));
		if (!(i % 3))
			written |= BIT64(i);
	}
	read_list("free and closed chunks", list, MAX_VEC, written);
}

static void t_dulbe(void)
{
	struct chunk a = fresh(0), b = readable(geo.num_grp - 1);
	u64 list[MAX_VEC], failed;
	u32 i, k, nr;

	want_status("DULBE on", set_feature(FEAT_RECOVERY, nsid, DULBE), 0);
	for (k = 0; k < 64 + 20; k++) {
		nr = k < 64 ? 64 : vec_sizes[k % NR_VEC_SIZES];
		failed = 0;
		for (i = 0; i < nr; i++) {
			bool bad = k < 64 ? i == k : rnd() >> 20 & 1;

			list[i] = lba_of(b, below(geo.clba));
			if (!bad)
				continue;
			failed |= BIT64(i);
			list[i] = i % 5 ? lba_of(a, below(geo.clba)) :
				nsze + i;
		}
		want_vector("read", VEC_READ, list, nr, data, oob,
			    nr * oob_size, failed ? SC_UNWRITTEN : 0, failed);
	}
	want_status("DULBE off", set_feature(FEAT_RECOVERY, nsid, 0), 0);
	read_list("DULBE off again", list, nr, ~failed);
}

/* ---- resets ----------------------------------------------------------- */

static void t_reset_states(void)
{
	struct chunk c = fresh(0);
	u64 lba = lba_of(c, 0);
	struct desc before = describe(c), after;
	int status = geo.mccap & CAP_MULTI ? 0 : SC_RESET;

	want_vector("reset of a free chunk", VEC_RESET, &lba, 1, NULL, NULL, 0,
		    status, 1);
	want_chunk("free", c, CS_FREE, 0);

	generation++;
	if (geo.clba > geo.ws_min) {
		fill(c, 0, geo.ws_min);
		status = geo.mccap & CAP_EARLY ? 0 : SC_RESET;
		want_vector("reset of an open chunk", VEC_RESET, &lba, 1, NULL,
			    NULL, 0, status, 1);
		want_chunk("open", c, status ? CS_OPEN : CS_FREE,
			   status ? geo.ws_min : 0);
		fill(c, status ? geo.ws_min : 0, geo.clba);
	} else {
		fill(c, 0, geo.clba);
	}
	/* Any address of the chunk will do */
	lba = lba_of(c, geo.clba - 1);
	want_vector("reset of a closed chunk", VEC_RESET, &lba, 1, NULL, NULL,
		    0, 0, 0);
	want_chunk("closed", c, CS_FREE, 0);
	after = describe(c);
	need(after.wli > before.wli || after.wli == 255, "wear %u, was %u",
	     after.wli, before.wli);
	read_list("after the reset", &lba, 1, 0);
}

/* Chunks that may be reset, in all groups */
static void resettable(struct chunk *c, u64 *list, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		c[i] = fresh(i % geo.num_grp);
		fill(c[i], 0, geo.mccap & CAP_EARLY ? geo.ws_min : geo.clba);
		list[i] = lba_of(c[i], 0);
	}
}

static void t_reset_many(void)
{
	u32 most = geo.num_pu * geo.num_chk * geo.num_grp / 2, i, k, at = 0;
	u64 room = (u64)MAX_VEC * geo.clba * lba_size, list[MAX_VEC];
	struct chunk c[MAX_VEC];
	static const u32 nrs[] = { 1, 2, 33, 63, 64 };

	/* The device's memory is the machine's */
	if (most > MAX_VEC)
		most = MAX_VEC;
	if (!(geo.mccap & CAP_EARLY) && room > 300 << 20 && most > 33)
		most = 33;
	resettable(c, list, most);
	for (i = 0; i < ARRAY_SIZE(nrs); i++) {
		u32 nr = nrs[i] < most ? nrs[i] : most;

		if (nr < nrs[i] && i && nrs[i - 1] >= most)
			break;
		for (k = 0; k < nr; k++)
			if (describe(c[k]).cs == CS_FREE)
				fill(c[k], 0, geo.mccap & CAP_EARLY ?
				     geo.ws_min : geo.clba);
		want_vector("reset of many", VEC_RESET, list, nr, NULL, NULL,
			    0, 0, 0);
		for (k = 0; k < nr; k++)
			want_chunk("reset of many", c[k], CS_FREE, 0);
		at = nr;
	}
	need(at, "nothing was reset");
}

/* Good and bad ones in one list: the bitmap tells them apart */
static void t_reset_mixed(void)
{
	u64 list[MAX_VEC], failed = 0;
	struct chunk c[MAX_VEC];
	struct outside out[80];
	u32 nr = nr_chunks > 40 ? 40 : nr_chunks / 2, i;
	struct chunk idle;

	if (nr < 4)
		skip("not with this geometry");
	resettable(c, list, nr);
	idle = fresh(0);
	outside_list(idle, out);
	for (i = 0; i < nr; i++) {
		if (i % 3 != 2 && i != nr - 1)
			continue;
		list[i] = i % 2 ? out[0].lba : lba_of(idle, 0);
		if (i % 2 || !(geo.mccap & CAP_MULTI))
			failed |= BIT64(i);
	}
	/* The same chunk twice: the second time it is free */
	list[1] = list[0];
	if (!(geo.mccap & CAP_MULTI))
		failed |= BIT64(1);
	want_vector("mixed reset", VEC_RESET, list, nr, NULL, NULL, 0, SC_RESET,
		    failed);
	for (i = 0; i < nr; i++)
		if (i % 3 != 2 && i != nr - 1 && i != 1)
			want_chunk("mixed reset", c[i], CS_FREE, 0);
}

/* The descriptors after the reset, where the metadata pointer points */
static void t_reset_descriptors(void)
{
	struct desc *d = (struct desc *)oob2, before[8];
	u64 list[MAX_VEC];
	struct chunk c[8];
	u32 nr = nr_chunks / 2 < 8 ? nr_chunks / 2 : 8, i;

	if (nr < 2)
		skip("not with this geometry");
	resettable(c, list, nr);
	for (i = 0; i < nr; i++)
		before[i] = describe(c[i]);
	memset(oob2, 0x5a, (nr + 1) * LOG_DESC);
	want_vector("reset", VEC_RESET, list, nr, data, oob2, nr * LOG_DESC, 0,
		    0);
	for (i = 0; i < nr; i++) {
		need(d[i].cs == CS_FREE && !d[i].wp && d[i].ct == 1 &&
		     d[i].slba == before[i].slba && d[i].cnlb == geo.clba,
		     "descriptor %u: cs %u wp %llu slba %llx", i, d[i].cs,
		     (unsigned long long)d[i].wp,
		     (unsigned long long)d[i].slba);
		need(d[i].wli > before[i].wli || d[i].wli == 255,
		     "descriptor %u: wear %u, was %u", i, d[i].wli,
		     before[i].wli);
	}
	need(all_are(oob2 + nr * LOG_DESC, 0x5a, LOG_DESC), "overrun");
}

const struct test rules_tests[] = {
	{ "write.rules", t_write_rules },
	{ "write.past-end", t_write_past_end },
	{ "write.holes", t_write_holes },
	{ "write.comes-back", t_write_comes_back },
	{ "write.outside", t_outside },
	{ "write.all-or-nothing", t_all_or_nothing },
	{ "read.cunits", t_cunits },
	{ "read.unwritten", t_unwritten },
	{ "read.dulbe", t_dulbe },
	{ "reset.states", t_reset_states },
	{ "reset.many", t_reset_many },
	{ "reset.mixed", t_reset_mixed },
	{ "reset.descriptors", t_reset_descriptors },
	{}
};
