// SPDX-License-Identifier: GPL-2.0
/*
 * octest-lists.c - lists over several chunks, one of which is unlike the others
 *
 * What must happen is not written down here: the model says it.
 */
#include "octest-matrix.h"

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

const struct test list_tests[] = {
	{ "matrix.write-lists", t_write_lists },
	{ "matrix.read-lists", t_read_lists },
	{ "matrix.reset-lists", t_reset_lists },
	{}
};
