// SPDX-License-Identifier: GPL-2.0
/*
 * octest-matrix.c - every command in every state of a chunk at every place
 *
 * What must happen is not written down here: the model says it.
 */
#include "octest-model.h"

#define MAX_STATES	8
#define MAX_PLACES	64
#define MAX_AMOUNTS	12

static struct model m;

static void begin_matrix(void)
{
	if (!m.chk)
		model_open(&m, ns_fd, nsid);
	need(!model_load(&m), "%s", m.wrong);
}

static void set_dulbe(bool on)
{
	want_status("DULBE", set_feature(FEAT_RECOVERY, nsid, on ? DULBE : 0),
		    0);
	m.dulbe = on;
}

/* ---- states ----------------------------------------------------------- */

struct start {
	const char *name;
	u32 wp;
	bool offline;
};

static u32 add_state(struct start *s, u32 n, const char *name, u32 wp)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (s[i].wp == wp)
			return n;
	if (wp > geo.clba)
		return n;
	s[n].name = name;
	s[n].wp = wp;
	s[n].offline = false;
	return n + 1;
}

/* An offline chunk cannot be made from here, but there may be one */
static u32 offline_chunk(void)
{
	u32 i;

	for (i = 0; i < nr_chunks && m.chk[i].cs != CS_OFFLINE; i++)
		;
	return i;
}

/* Fit for states made from here */
static bool usable(u32 chunk)
{
	return chunk < nr_chunks && m.chk[chunk].cs != CS_OFFLINE &&
		!m.chk[chunk].odd;
}

static u32 states(struct start *s)
{
	u32 u = geo.ws_min, behind = (geo.mw_cunits + u - 1) / u * u;
	u32 n = 0;

	n = add_state(s, n, "free", 0);
	n = add_state(s, n, "closed", geo.clba);
	n = add_state(s, n, "open, first unit", u);
	n = add_state(s, n, "open, mw_cunits", behind);
	n = add_state(s, n, "open, mw_cunits and a unit", behind + u);
	n = add_state(s, n, "open, middle", geo.clba / 2 / u * u);
	n = add_state(s, n, "open, one unit left", geo.clba - u);
	if (offline_chunk() < nr_chunks) {
		s[n].name = "offline";
		s[n].wp = 0;
		s[n++].offline = true;
	}
	return n;
}

static void run_ok(const struct op *op)
{
	if (model_run(&m, op) != OP_RIGHT)
		fail("preparing: %s", *m.wrong ? m.wrong : "no answer");
	need(!m.status, "preparing: opcode %02x: status %x", op->opcode,
	     m.status);
}

static void fill_to(u32 chunk, u32 wp)
{
	struct op op = { .opcode = VEC_WRITE, .meta = true };
	struct mchunk *c = &m.chk[chunk];
	u32 n;

	while (c->wp < wp) {
		n = wp - c->wp < max_write() ? wp - c->wp : max_write();
		op.nr = add_run(op.lba, 0, nth_chunk(chunk), c->wp, n);
		run_ok(&op);
	}
}

static void make_free(u32 chunk)
{
	struct op op = { .opcode = VEC_RESET, .nr = 1 };

	if (m.chk[chunk].cs == CS_FREE)
		return;
	if (m.chk[chunk].cs == CS_OPEN && !(geo.mccap & CAP_EARLY))
		fill_to(chunk, geo.clba);
	op.lba[0] = lba_of(nth_chunk(chunk), 0);
	run_ok(&op);
}

/*
 * Two free chunks in a row if there can be: ops may run into the second. Those
 * before are given back, the device's memory may be the machine's.
 */
static u32 new_chunk(void)
{
	static u32 next, used;
	u32 i;

	for (i = used; i < used + 2; i++)
		if (usable(i))
			make_free(i);
	for (i = 0; i < nr_chunks; i++) {
		used = next++ % nr_chunks;
		if (!usable(used))
			continue;
		make_free(used);
		if (usable(used + 1))
			make_free(used + 1);
		return used;
	}
	fail("no chunk can be used");
}

static u32 in_state(const struct start *s)
{
	u32 chunk;

	if (s->offline)
		return offline_chunk();
	chunk = new_chunk();
	fill_to(chunk, s->wp);
	return chunk;
}

/* Fill it up and read it all: only what succeeded may have left a trace */
static const char *data_afterwards(u32 chunk)
{
	if (usable(chunk))
		fill_to(chunk, geo.clba);
	return model_read_chunk(&m, chunk);
}

/* ---- places and amounts ----------------------------------------------- */

struct place {
	char name[32];
	u64 lba;
	u32 sec;	/* clba: no sector of the chunk */
};

static u32 add_place(struct place *p, u32 n, u32 chunk, const char *name,
		     long sec)
{
	u32 i;

	if (sec < 0 || sec >= (long)geo.clba || n == MAX_PLACES)
		return n;
	for (i = 0; i < n; i++)
		if (p[i].sec == sec)
			return n;
	snprintf(p[n].name, sizeof(p[n].name), "%s", name);
	p[n].lba = lba_of(nth_chunk(chunk), sec);
	p[n].sec = sec;
	return n + 1;
}

static u32 places(struct place *p, u32 chunk, long wp)
{
	struct outside out[80];
	long u = geo.ws_min, border = wp - (long)geo.mw_cunits;
	u32 n = 0, nr, i;

	n = add_place(p, n, chunk, "0", 0);
	n = add_place(p, n, chunk, "wp", wp);
	n = add_place(p, n, chunk, "wp-1", wp - 1);
	n = add_place(p, n, chunk, "wp+1", wp + 1);
	n = add_place(p, n, chunk, "wp-ws_min", wp - u);
	n = add_place(p, n, chunk, "wp+ws_min", wp + u);
	n = add_place(p, n, chunk, "border", border);
	n = add_place(p, n, chunk, "border-1", border - 1);
	n = add_place(p, n, chunk, "border+1", border + 1);
	n = add_place(p, n, chunk, "1", 1);
	n = add_place(p, n, chunk, "ws_min", u);
	n = add_place(p, n, chunk, "last unit", geo.clba - u);
	n = add_place(p, n, chunk, "last", geo.clba - 1);
	nr = outside_list(nth_chunk(chunk), out);
	for (i = 0; i < nr && n < MAX_PLACES; i++, n++) {
		snprintf(p[n].name, sizeof(p[n].name), "no %s %llx",
			 out[i].name, (unsigned long long)out[i].lba);
		p[n].lba = out[i].lba;
		p[n].sec = geo.clba;
	}
	return n;
}

static u32 amounts(u32 *list, const struct place *p)
{
	u32 u = geo.ws_min, left = geo.clba - p->sec, n = 0;

	n = add_amount(list, n, 1);
	n = add_amount(list, n, u);
	if (!left)
		return n;
	n = add_amount(list, n, u - 1);
	n = add_amount(list, n, u + 1);
	n = add_amount(list, n, geo.ws_opt);
	n = add_amount(list, n, MAX_VEC);
	n = add_amount(list, n, left);
	n = add_amount(list, n, left + 1);
	return add_amount(list, n, left + u);
}

/* ---- one chunk -------------------------------------------------------- */

static void name_op(char *name, size_t len, const struct op *op,
		    const char *state, const char *place)
{
	snprintf(name, len, "%s/%s/x%u/%s%s%s", state, place, op->nr,
		 vias[op->via], op->meta ? "+meta" : "",
		 m.dulbe ? "/dulbe" : "");
}

/* Send it and judge all that can be seen of it, then say how it was */
static void judge_op(const struct op *op, u32 chunk, const char *state,
		     const char *place)
{
	const char *wrong = NULL;
	u32 wp = m.chk[chunk].wp;
	enum outcome outcome;
	char name[128];
	int status;
	u64 failed;

	name_op(name, sizeof(name), op, state, place);
	*m.wrong = 0;
	outcome = model_run(&m, op);
	/* Looking at what has happened sends more commands */
	status = m.status;
	failed = m.failed;
	switch (outcome) {
	case OP_RIGHT:
		wrong = op->opcode == IO_READ || op->opcode == VEC_READ ?
			NULL : model_check_chunks(&m, op);
		if (!wrong && wp != m.chk[chunk].wp)
			wrong = data_afterwards(chunk);
		break;
	case OP_WRONG:
		wrong = m.wrong;
		break;
	case OP_LOST:
		snprintf(m.wrong, sizeof(m.wrong), "the host says %d",
			 m.status);
		wrong = m.wrong;
		break;
	}
	if (status && op_is_vector(op))
		combination(wrong, "%s -> %04x %016llx", name, status,
			    (unsigned long long)failed);
	else
		combination(wrong, "%s -> %04x", name, status);
	/* What the device has done instead is not in the model */
	if (wrong)
		need(!model_load(&m), "%s", m.wrong);
}

static bool sendable(const struct op *op)
{
	if (op->opcode == IO_DSM)
		return op->via == VIA_PASSTHRU && !op->meta;
	/* The kernel wants an address for the OOB if there is any at all */
	if (!op_is_vector(op) && op->via == VIA_SUBMIT)
		return block_bytes && op->meta == !!oob_size;
	if (op->via == VIA_PASSTHRU)
		return !op->meta && (op->nr == 1 || !op_is_vector(op));
	return op_is_vector(op) &&
		(op->opcode == VEC_RESET || oob_size || !op->meta);
}

static void add_raw(u64 *list, u64 lba, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		list[i] = lba + i;
}

/* An op that succeeds uses up the chunk: then another one is made */
static void renew(const struct start *s, u32 *chunk, struct place *p)
{
	if (s->offline || m.chk[*chunk].wp == s->wp)
		return;
	*chunk = in_state(s);
	places(p, *chunk, s->wp);
}

static void read_or_write(u8 opcode, const struct start *s)
{
	struct place p[MAX_PLACES];
	u32 list[MAX_AMOUNTS], chunk = in_state(s), nr, i, k, n, v;
	struct op op = { .opcode = opcode };
	bool writes = opcode == IO_WRITE || opcode == VEC_WRITE;

	nr = places(p, chunk, s->wp);
	for (i = 0; i < nr; i++) {
		n = amounts(list, &p[i]);
		/* DULBE is nothing to a write: see that it is not, once */
		for (v = 0; v < 2 * VIAS * n; v++) {
			op.nr = list[v % n];
			op.via = v / n / 2;
			op.meta = v / n % 2;
			k = op.via == VIA_PASSTHRU && op_is_vector(&op);
			if (!sendable(&op) ||
			    (m.dulbe && writes && (op.via != VIA_SUBMIT || k)))
				continue;
			renew(s, &chunk, p);
			add_raw(op.lba, p[i].lba, op.nr);
			judge_op(&op, chunk, s->name, p[i].name);
		}
	}
	combination(data_afterwards(chunk), "%s/data afterwards%s", s->name,
		    m.dulbe ? "/dulbe" : "");
}

/* Any address of a chunk names it; named twice, it is free the second time */
static void reset(u8 opcode, const struct start *s)
{
	struct place p[MAX_PLACES];
	u32 chunk = in_state(s), nr, i, v;
	struct op op = { .opcode = opcode };

	nr = places(p, chunk, s->wp);
	for (i = 0; i < nr; i++) {
		for (v = 0; v < 4 * VIAS; v++) {
			op.nr = 1 + v % 2;
			op.via = v / 4;
			op.meta = v / 2 % 2;
			if (!sendable(&op))
				continue;
			renew(s, &chunk, p);
			op.lba[0] = p[i].lba;
			op.lba[1] = p[i].lba;
			judge_op(&op, chunk, s->name, p[i].name);
		}
	}
	combination(data_afterwards(chunk), "%s/data afterwards%s", s->name,
		    m.dulbe ? "/dulbe" : "");
}

static void deallocate(u8 opcode, const struct start *s)
{
	const u32 lens[] = { geo.clba, geo.clba - 1, geo.clba + 1, 0, ~0U };
	struct place p[MAX_PLACES];
	u32 chunk = in_state(s), nr, i, k;
	struct op op = { .opcode = opcode, .via = VIA_PASSTHRU };
	char name[64];

	nr = places(p, chunk, s->wp);
	for (i = 0; i < nr; i++) {
		for (k = 0; k < 2 * ARRAY_SIZE(lens); k++) {
			op.nr = 1 + k % 2;
			op.range_len = lens[k / 2];
			renew(s, &chunk, p);
			op.lba[0] = p[i].lba;
			op.lba[1] = p[i].lba;
			snprintf(name, sizeof(name), "%.31s, length %u", p[i].name,
				 op.range_len);
			judge_op(&op, chunk, s->name, name);
		}
	}
	combination(data_afterwards(chunk), "%s/data afterwards%s", s->name,
		    m.dulbe ? "/dulbe" : "");
}

/* One sector from here and there to each place of a chunk in each state */
static void copy(u8 opcode, const struct start *s)
{
	struct op op = { .opcode = opcode, .via = VIA_PASSTHRU, .nr = 1 };
	u32 source, chunk, nr, i, k;
	struct place p[MAX_PLACES];
	u64 from[5];
	static const char * const names[ARRAY_SIZE(from)] = {
		"written", "the border", "behind the border", "unwritten",
		"nowhere",
	};

	/* Far from where new chunks come from */
	for (source = nr_chunks - 1; source && !usable(source); source--)
		;
	make_free(source);
	fill_to(source, geo.clba - geo.ws_min);
	i = geo.clba - geo.ws_min > geo.mw_cunits ?
		geo.clba - geo.ws_min - geo.mw_cunits : 1;
	from[0] = lba_of(nth_chunk(source), 0);
	from[1] = lba_of(nth_chunk(source), i - 1);
	from[2] = lba_of(nth_chunk(source), i);
	from[3] = lba_of(nth_chunk(source), geo.clba - 1);
	from[4] = nsze;
	chunk = in_state(s);
	nr = places(p, chunk, s->wp);
	for (i = 0; i < nr; i++) {
		for (k = 0; k < ARRAY_SIZE(from); k++) {
			char name[80];

			renew(s, &chunk, p);
			op.lba[0] = p[i].lba;
			op.src = from[k];
			snprintf(name, sizeof(name), "%.31s from %s", p[i].name,
				 names[k]);
			judge_op(&op, chunk, s->name, name);
		}
	}
	combination(data_afterwards(chunk), "%s/data afterwards%s", s->name,
		    m.dulbe ? "/dulbe" : "");
	make_free(source);
}

static void in_all_states(u8 opcode,
			  void (*fn)(u8 opcode, const struct start *s))
{
	struct start s[MAX_STATES];
	u32 dulbe, i, nr;

	begin_matrix();
	nr = states(s);
	for (dulbe = 0; dulbe < 2; dulbe++) {
		set_dulbe(dulbe);
		for (i = 0; i < nr; i++)
			fn(opcode, &s[i]);
	}
	set_dulbe(false);
}

static void t_scalar_write(void)
{
	in_all_states(IO_WRITE, read_or_write);
}

static void t_scalar_read(void)
{
	in_all_states(IO_READ, read_or_write);
}

static void t_vec_write(void)
{
	in_all_states(VEC_WRITE, read_or_write);
}

static void t_vec_read(void)
{
	in_all_states(VEC_READ, read_or_write);
}

static void t_vec_reset(void)
{
	in_all_states(VEC_RESET, reset);
}

static void t_deallocate(void)
{
	in_all_states(IO_DSM, deallocate);
}

static void t_copy(void)
{
	in_all_states(VEC_COPY, copy);
}

/* ---- several chunks --------------------------------------------------- */

/* What one chunk of a list may be like */
enum kind {
	GOOD,
	CLOSED,
	AHEAD,		/* behind its write pointer there is a gap */
	BEHIND,
	HOLE,
	AMOUNT,
	NOWHERE,
	KINDS,
};

static const char * const kinds[KINDS] = {
	"good", "closed", "ahead of wp", "behind wp", "hole", "wrong amount",
	"nowhere",
};

static u32 chunk_at(u32 grp, u32 pu, u32 chk)
{
	return ((grp % geo.num_grp) * geo.num_pu + pu % geo.num_pu) *
		geo.num_chk + chk % geo.num_chk;
}

/* A unit of @chunk, which is made to be of a kind. @n counts sectors */
static void add_unit(struct op *op, u32 chunk, enum kind kind)
{
	struct chunk c = nth_chunk(chunk);
	u32 u = geo.ws_min, i;
	u64 *at = op->lba + op->nr;

	make_free(chunk);
	fill_to(chunk, kind == CLOSED ? geo.clba : u);
	op->nr = add_run(op->lba, op->nr, c,
			 kind == AHEAD ? 2 * u : kind == BEHIND ? 0 : u, u);
	if (kind == HOLE)
		at[u - 1] = lba_of(c, 2 * u);
	else if (kind == AMOUNT)
		op->nr--;
	for (i = 0; kind == NOWHERE && i < u; i++)
		at[i] = ~0ULL - i;
}

/* Groups in one order and in the other, chunks of one group and of several */
static const struct {
	const char *name;
	u32 grp, pu, chk;	/* what the next chunk is from the last */
	bool down;
} patterns[] = {
	{ "one PU", 0, 0, 1, false },
	{ "PUs of a group", 0, 1, 0, false },
	{ "groups", 1, 0, 1, false },
	{ "groups, descending", 1, 0, 1, true },
};

static void write_pattern(u32 how, enum kind kind, u32 bad, u32 nr)
{
	struct op op = { .opcode = VEC_WRITE, .meta = true };
	u32 chunk[4], i;
	const char *wrong;
	char name[96];

	for (i = 0; i < nr; i++) {
		u32 k = patterns[how].down ? nr - 1 - i : i;

		chunk[i] = chunk_at(k * patterns[how].grp, k * patterns[how].pu,
				    1 + k * patterns[how].chk);
		/* The list would come back to a chunk */
		if (i && chunk[i] == chunk[0])
			return;
		if (!usable(chunk[i]))
			return;
	}
	for (i = 0; i < nr; i++)
		add_unit(&op, chunk[i], i == bad ? kind : GOOD);
	snprintf(name, sizeof(name), "%s/%s at %u of %u", patterns[how].name,
		 kinds[kind], bad, nr);
	*m.wrong = 0;
	wrong = model_run(&m, &op) == OP_RIGHT ? model_check_chunks(&m, &op) :
		m.wrong;
	for (i = 0; i < nr && !wrong; i++)
		wrong = data_afterwards(chunk[i]);
	combination(wrong, "%s", name);
	if (wrong)
		need(!model_load(&m), "%s", m.wrong);
	for (i = 0; i < nr; i++)
		make_free(chunk[i]);
}

static void t_write_lists(void)
{
	u32 most = MAX_VEC / geo.ws_min < 4 ? MAX_VEC / geo.ws_min : 4;
	u32 how, kind, bad;

	if (most < 2 || geo.clba < 4 * geo.ws_min)
		skip("a chunk has less than four units");
	begin_matrix();
	for (how = 0; how < ARRAY_SIZE(patterns); how++) {
		for (kind = 0; kind < KINDS; kind++) {
			if (geo.ws_min == 1 && (kind == HOLE || kind == AMOUNT))
				continue;
			for (bad = 0; bad < (kind ? most : 1); bad++)
				write_pattern(how, kind, bad, most);
		}
	}
}

/* Address of a kind that a read or a reset finds something about */
static u64 read_address(u32 i, u32 kind, const u32 *chunk)
{
	switch (kind) {
	case 0:
		return lba_of(nth_chunk(chunk[0]), i * 3 % geo.clba);
	case 1:
		return lba_of(nth_chunk(chunk[1]), i % geo.clba);
	case 2:
		/* Written, and too fresh or not written */
		return lba_of(nth_chunk(chunk[2]), geo.clba - 1);
	default:
		return nsze + i;
	}
}

static const char * const read_kinds[] = {
	"written", "free", "open", "nowhere"
};

/* One bit of the bitmap at a time, wherever it is */
static void t_read_lists(void)
{
	u32 chunk[3], kind, bit, v, i;
	struct op op = { .opcode = VEC_READ, .nr = MAX_VEC };

	begin_matrix();
	chunk[0] = chunk_at(0, 0, 0);
	chunk[1] = chunk_at(geo.num_grp - 1, geo.num_pu - 1, 1);
	chunk[2] = chunk_at(geo.num_grp - 1, 0, 2);
	for (i = 0; i < 3; i++) {
		need(usable(chunk[i]), "chunk %u cannot be used", chunk[i]);
		make_free(chunk[i]);
	}
	fill_to(chunk[0], geo.clba);
	fill_to(chunk[2], geo.clba - geo.ws_min);
	for (v = 0; v < 4; v++) {
		set_dulbe(v & 1);
		op.via = v & 2 ? VIA_VIO : VIA_SUBMIT;
		op.meta = v & 2 && oob_size;
		for (kind = 1; kind < 4; kind++) {
			for (bit = 0; bit < MAX_VEC; bit++) {
				char state[48], place[16];

				for (i = 0; i < MAX_VEC; i++)
					op.lba[i] = read_address(i, i == bit ?
								 kind : 0,
								 chunk);
				snprintf(state, sizeof(state), "one %s",
					 read_kinds[kind]);
				snprintf(place, sizeof(place), "bit %u", bit);
				judge_op(&op, chunk[0], state, place);
			}
		}
	}
	set_dulbe(false);
}

static void t_reset_lists(void)
{
	static const u32 bits[] = { 0, 1, 2, 30, 31, 32, 33, 62, 63 };
	u32 odd, rest, k, i, free_one = chunk_at(0, 0, 0), used;
	struct op op = { .opcode = VEC_RESET, .nr = MAX_VEC };
	char state[48], place[16];

	begin_matrix();
	used = chunk_at(geo.num_grp - 1, geo.num_pu - 1, 1);
	need(usable(used) && usable(free_one),
	     "chunk %u or %u cannot be used", used, free_one);
	make_free(free_one);
	/* 63 like this one, one like that */
	for (odd = 0; odd < 3; odd++) {
		for (rest = 1; rest < 3; rest++) {
			if (odd == rest)
				continue;
			for (k = 0; k < ARRAY_SIZE(bits); k++) {
				make_free(used);
				fill_to(used, odd ? 0 : geo.clba);
				for (i = 0; i < MAX_VEC; i++) {
					u32 kind = i == bits[k] ? odd : rest;

					op.lba[i] = kind == 2 ? nsze + i :
						lba_of(nth_chunk(kind ?
								 free_one :
								 used), i %
						       geo.clba);
				}
				op.via = k % 2 ? VIA_VIO : VIA_SUBMIT;
				op.meta = k / 2 % 2;
				snprintf(state, sizeof(state), "%s among %s",
					 odd == 0 ? "closed" :
					 odd == 1 ? "free" : "nowhere",
					 rest == 1 ? "free" : "nowhere");
				snprintf(place, sizeof(place), "bit %u",
					 bits[k]);
				judge_op(&op, used, state, place);
			}
		}
	}
}

const struct test matrix_tests[] = {
	{ "matrix.scalar-write", t_scalar_write },
	{ "matrix.scalar-read", t_scalar_read },
	{ "matrix.vector-write", t_vec_write },
	{ "matrix.vector-read", t_vec_read },
	{ "matrix.vector-reset", t_vec_reset },
	{ "matrix.deallocate", t_deallocate },
	{ "matrix.copy", t_copy },
	{ "matrix.write-lists", t_write_lists },
	{ "matrix.read-lists", t_read_lists },
	{ "matrix.reset-lists", t_reset_lists },
	{}
};
