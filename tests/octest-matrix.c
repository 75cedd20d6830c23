// SPDX-License-Identifier: GPL-2.0
/*
 * octest-matrix.c - every command in every state of a chunk at every place
 *
 * What must happen is not written down here: the model says it.
 */
#include "octest-matrix.h"

#define MAX_STATES	8
#define MAX_PLACES	64
#define MAX_AMOUNTS	12

struct model m;

void begin_matrix(void)
{
	if (!m.chk)
		model_open(&m, ns_fd, nsid);
	need(!model_load(&m), "%s", m.wrong);
}

void set_dulbe(bool on)
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
bool usable(u32 chunk)
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

void fill_to(u32 chunk, u32 wp)
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

void make_free(u32 chunk)
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
const char *data_afterwards(u32 chunk)
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
void judge_op(const struct op *op, u32 chunk, const char *state, const char *place)
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

const struct test matrix_tests[] = {
	{ "matrix.scalar-write", t_scalar_write },
	{ "matrix.scalar-read", t_scalar_read },
	{ "matrix.vector-write", t_vec_write },
	{ "matrix.vector-read", t_vec_read },
	{ "matrix.vector-reset", t_vec_reset },
	{ "matrix.deallocate", t_deallocate },
	{ "matrix.copy", t_copy },
	{}
};
