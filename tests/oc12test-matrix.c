// SPDX-License-Identifier: GPL-2.0
/*
 * oc12test-matrix.c - every command in every state of a block at every place
 *
 * What must happen is not written down here: the model says it.
 */
#include "oc12test-matrix.h"

#define MAX_STATES	16
#define MAX_PLACES	64
#define MAX_AMOUNTS	12

u32 page_secs(void)
{
	return count[PLN] * count[SEC];
}

u32 block_secs(void)
{
	return count[PG] * page_secs();
}

void begin_matrix(void)
{
	if (count[BLK] < 4 || page_secs() > MAX_VEC || count[PG] < 2)
		skip("pages are too large, or blocks too few");
	model_open();
}

/* ---- states ----------------------------------------------------------- */

struct start {
	const char *name;
	u32 pages;	/* written */
	u8 mark;
	bool one_plane;	/* only the last is marked */
	bool holes;	/* every third sector is written, beyond those pages */
};

static u32 add_pages(struct start *s, u32 n, const char *name, u32 pages)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (s[i].pages == pages)
			return n;
	s[n] = (struct start) { .name = name, .pages = pages };
	return n + 1;
}

/* The borders of pages, of long blocks the first and the last ones */
static u32 states(struct start *s)
{
	u32 mid = count[PG] / 2, n = 0;

	n = add_pages(s, n, "free", 0);
	n = add_pages(s, n, "full", count[PG]);
	n = add_pages(s, n, "one page", 1);
	n = add_pages(s, n, "two pages", 2);
	n = add_pages(s, n, "half", mid);
	n = add_pages(s, n, "one page left", count[PG] - 1);
	s[n++] = (struct start) {
		.name = "factory bad", .pages = mid, .mark = 1,
	};
	s[n++] = (struct start) { .name = "grown bad, free", .mark = 2 };
	s[n++] = (struct start) {
		.name = "kept by the host", .pages = mid, .mark = 8,
	};
	if (count[PLN] > 1)
		s[n++] = (struct start) {
			.name = "last plane bad", .pages = mid, .mark = 2,
			.one_plane = true,
		};
	if (!strict)
		s[n++] = (struct start) {
			.name = "holes", .pages = 1, .holes = true,
		};
	return n;
}

static void run_ok(const struct op *op)
{
	if (!model_run(op))
		fail("preparing: %s", m.wrong);
	need(!m.status, "preparing: opcode %02x: status %x", op->opcode,
	     m.status);
}

/* Sector @t of a block, as addresses go: plane after plane, page after page */
u64 nth(struct block b, u32 t)
{
	b.blk += t / block_secs();
	t %= block_secs();
	return ppa_of(b, t / page_secs(), t / count[SEC] % count[PLN],
		      t % count[SEC]);
}

u32 add_run(u64 *list, u32 at, struct block b, u32 t, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		list[at + i] = nth(b, t + i);
	return at + n;
}

void make_free(struct block b)
{
	struct op op = { .opcode = ERASE, .control = all_planes(), .nr = 1 };
	u32 pln;

	for (pln = 0; pln < count[PLN]; pln++)
		if (m.mark[model_block(b, pln)])
			model_mark(b, 0, count[PLN], 0);
	op.ppa[0] = ppa_of(b, 0, 0, 0);
	run_ok(&op);
}

void fill_to(struct block b, u32 pages)
{
	struct op op = { .opcode = WRITE, .meta = true };
	u32 most = MAX_VEC / page_secs(), pg, n;

	for (pg = 0; pg < pages; pg += n) {
		n = pages - pg < most ? pages - pg : most;
		op.nr = add_run(op.ppa, 0, b, pg * page_secs(), n * page_secs());
		run_ok(&op);
	}
}

/* A free block with a free one behind it, which lists may run into */
struct block new_block(void)
{
	static u32 next;
	u32 pairs = count[BLK] / 2, i = ++next;
	struct block b = {
		.ch = i % count[CH],
		.lun = i / count[CH] % count[LUN],
		.blk = i / count[CH] / count[LUN] % pairs * 2,
	};
	struct block behind = b;

	behind.blk++;
	make_free(b);
	make_free(behind);
	return b;
}

static struct block in_state(const struct start *s)
{
	struct op op = { .opcode = WRITE };
	struct block b = new_block();
	u32 t;

	fill_to(b, s->pages);
	for (t = s->pages * page_secs(); s->holes && t < block_secs(); t += 3)
		if (op.nr < MAX_VEC)
			op.ppa[op.nr++] = nth(b, t);
	if (op.nr)
		run_ok(&op);
	if (s->mark && s->one_plane)
		model_mark(b, count[PLN] - 1, 1, s->mark);
	else if (s->mark)
		model_mark(b, 0, count[PLN], s->mark);
	return b;
}

/* ---- places and amounts ----------------------------------------------- */

struct place {
	char name[40];
	u64 ppa;
	u32 t;		/* or block_secs(): no sector of the block */
};

static u32 add_place(struct place *p, u32 n, struct block b, const char *page,
		     long pg, const char *sec, u32 t)
{
	u32 i;

	if (pg < 0 || pg >= (long)count[PG] || t >= page_secs())
		return n;
	t += pg * page_secs();
	for (i = 0; i < n; i++)
		if (p[i].t == t)
			return n;
	snprintf(p[n].name, sizeof(p[n].name), "%s, %s", page, sec);
	p[n].ppa = nth(b, t);
	p[n].t = t;
	return n + 1;
}

static const char * const field_names[FIELDS] = {
	"channel", "LUN", "plane", "block", "page", "sector",
};

static u32 add_outside(struct place *p, u32 n, const char *name, u64 ppa)
{
	u32 blk, sec;

	if (model_decode(ppa, &blk, &sec) || n == MAX_PLACES)
		return n;
	snprintf(p[n].name, sizeof(p[n].name), "no %s", name);
	p[n].ppa = ppa;
	p[n].t = block_secs();
	return n + 1;
}

/* One past the last of each field, where it has room, and all its bits */
static u32 outside(struct place *p, u32 n, struct block b)
{
	u32 i, top = off[CH] + len[CH];
	u64 ppa = ppa_of(b, 0, 0, 0), mask;

	for (i = 0; i < FIELDS; i++) {
		mask = (BIT64(len[i]) - 1) << off[i];
		n = add_outside(p, n, field_names[i],
				(ppa & ~mask) | (u64)count[i] << off[i]);
		n = add_outside(p, n, field_names[i], ppa | mask);
	}
	n = add_outside(p, n, "such bit", ppa | BIT64(top));
	n = add_outside(p, n, "bit 63", ppa | BIT64(63));
	return add_outside(p, n, "address of all ones", ~0ULL);
}

static u32 places(struct place *p, struct block b, u32 wp)
{
	const struct {
		const char *name;
		long pg;
	} pages[] = {
		{ "page wp", wp }, { "page wp-1", (long)wp - 1 },
		{ "page wp+1", wp + 1 }, { "page 0", 0 },
		{ "last page", count[PG] - 1 },
	};
	u32 i, n = 0;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		n = add_place(p, n, b, pages[i].name, pages[i].pg, "first", 0);
		n = add_place(p, n, b, pages[i].name, pages[i].pg, "second", 1);
		n = add_place(p, n, b, pages[i].name, pages[i].pg,
			      "last of plane 0", count[SEC] - 1);
		n = add_place(p, n, b, pages[i].name, pages[i].pg,
			      "first of plane 1", count[SEC]);
		n = add_place(p, n, b, pages[i].name, pages[i].pg, "last",
			      page_secs() - 1);
	}
	return outside(p, n, b);
}

static u32 amounts(u32 *list, const struct place *p)
{
	u32 left = block_secs() - p->t, n = 0;

	n = add_amount(list, n, 1);
	n = add_amount(list, n, page_secs());
	if (!left)
		return n;
	n = add_amount(list, n, count[SEC] - 1);
	n = add_amount(list, n, count[SEC]);
	n = add_amount(list, n, page_secs() - 1);
	n = add_amount(list, n, page_secs() + 1);
	n = add_amount(list, n, 2 * page_secs());
	n = add_amount(list, n, left);
	n = add_amount(list, n, left + 1);
	return add_amount(list, n, left + page_secs());
}

/* ---- judging ---------------------------------------------------------- */

/* Send it and judge all that can be seen of it, then say how it was */
void judge_op(const struct op *op, struct block b, const char *state, const char *place)
{
	const char *wrong = NULL;
	char name[128];

	snprintf(name, sizeof(name), "%s/%s/x%u/%s%s/%03x", state, place, op->nr,
		 vias[op->via], op->meta ? "+oob" : "", op->control);
	*m.wrong = 0;
	m.status = 0;
	if (!model_run(op) ||
	    ((op_is_write(op) || op->opcode == ERASE) && !model_check(op)))
		wrong = m.wrong;
	if (m.status && !op_is_scalar(op))
		combination(wrong, "%s -> %04x %016llx", name, m.status,
			    (unsigned long long)m.failed);
	else
		combination(wrong, "%s -> %04x", name, m.status);
	if (!wrong)
		return;
	/* What the device has done instead is not in the model */
	model_forget(b);
	b.blk++;
	model_forget(b);
}

static bool sendable(const struct op *op)
{
	/* The kernel wants an address for the OOB if there is any at all */
	if (op_is_scalar(op) && op->via == VIA_SUBMIT)
		return op->meta == !!oob_size;
	if (op->via == VIA_PASSTHRU)
		return !op->meta && (op->nr == 1 || op_is_scalar(op));
	return !op_is_scalar(op) && (oob_size || !op->meta);
}

/* Bits that are hints, and must change nothing but which blocks are erased */
u16 hints(u32 i)
{
	const u16 bits[] = {
		all_planes(), 0, all_planes() | SUSPEND | SCRAMBLE, 1 | SLC,
		2 | SUSPEND,
	};

	return bits[i % ARRAY_SIZE(bits)];
}

/* An op that changes the block uses it up: then another one is made */
static bool used_up(const struct start *s, struct block b)
{
	u32 pln, blk;

	for (pln = 0; pln < count[PLN]; pln++) {
		blk = model_block(b, pln);
		if (model_wp(blk) != s->pages * count[SEC] || s->holes)
			return true;
		if (m.mark[blk] != (s->one_plane && pln + 1 < count[PLN] ?
				    0 : s->mark))
			return true;
	}
	return false;
}

/* What is sent again for each place and amount; a scalar way has no list */
static const struct {
	enum via via;
	bool meta;
} ways[] = {
	{ VIA_SUBMIT, true }, { VIA_VIO, false }, { VIA_PASSTHRU, false },
	{ VIA_SUBMIT, false }, { VIA_VIO, true },
};

u32 turn;	/* of ways and hints, where not all of them are tried */

/* All ways at the places that count, one or two of them elsewhere */
static bool skipped_way(const struct op *op, const struct place *p, u32 wp,
			u32 way)
{
	if (p->t == wp * page_secs() || op->via == VIA_PASSTHRU ||
	    op_is_scalar(op))
		return false;
	return way % 2 != turn % 2;
}

static void set_addresses(struct op *op, struct block b, const struct place *p)
{
	u32 i;

	if (p->t < block_secs()) {
		add_run(op->ppa, 0, b, p->t, op->nr);
		return;
	}
	/* Among good ones, the last of the list does not exist */
	for (i = 0; i + 1 < op->nr; i++)
		op->ppa[i] = nth(b, i);
	op->ppa[i] = p->ppa;
	if (op_is_scalar(op))
		op->ppa[0] = p->ppa;
}

static u64 logical_of(u32 nr)
{
	const u64 first[] = {
		total / 2 + turn % 40, 0, total - nr, 1, total - nr + 1, total,
		~0ULL,
	};

	return first[turn % 9 < ARRAY_SIZE(first) ? turn % 9 : 0];
}

static void read_or_write(u8 opcode, const struct start *s)
{
	struct op op = { .opcode = opcode };
	struct place p[MAX_PLACES];
	struct block b = in_state(s);
	u32 list[MAX_AMOUNTS], nr, n, i, k, way;

	nr = places(p, b, s->pages);
	for (i = 0; i < nr; i++) {
		n = amounts(list, &p[i]);
		for (k = 0; k < n * ARRAY_SIZE(ways); k++) {
			way = k % ARRAY_SIZE(ways);
			op.nr = list[k / ARRAY_SIZE(ways)];
			op.via = ways[way].via;
			op.meta = ways[way].meta;
			op.control = 0;
			op.slba = 0;
			if (opcode != IO_WRITE && (hybrid || opcode != IO_READ))
				op.control = hints(++turn);
			/* A hybrid read without either is a plain one */
			if (opcode == HYBRID_WRITE ||
			    (hybrid && opcode == HYBRID_READ)) {
				op.control |= SCRAMBLE;
				op.slba = logical_of(op.nr);
				if (op.via == VIA_SUBMIT)
					op.slba = 0;
			}
			if (!sendable(&op) ||
			    skipped_way(&op, &p[i], s->pages, way))
				continue;
			if (op_is_write(&op) && used_up(s, b)) {
				b = in_state(s);
				places(p, b, s->pages);
			}
			set_addresses(&op, b, &p[i]);
			judge_op(&op, b, s->name, p[i].name);
		}
	}
	combination(model_check_block(b) ? NULL : m.wrong, "%s/afterwards",
		    s->name);
	make_free(b);
}

static void in_all_states(u8 opcode, void (*fn)(u8 opcode, const struct start *s))
{
	struct start s[MAX_STATES];
	u32 i, nr;

	begin_matrix();
	nr = states(s);
	for (i = 0; i < nr; i++)
		fn(opcode, &s[i]);
}

static void t_write(void)
{
	in_all_states(WRITE, read_or_write);
}

static void t_read(void)
{
	in_all_states(READ, read_or_write);
}

static void t_scalar_write(void)
{
	in_all_states(IO_WRITE, read_or_write);
}

static void t_scalar_read(void)
{
	in_all_states(IO_READ, read_or_write);
}

/* ---- erase ------------------------------------------------------------ */

/* Any address of a block names it; planes by the bits, and named again at will */
static void erase(u8 opcode, const struct start *s)
{
	struct op op = { .opcode = opcode };
	struct place p[MAX_PLACES];
	struct block b = in_state(s);
	u32 nr, i, k;

	nr = places(p, b, s->pages);
	for (i = 0; i < nr; i++) {
		for (k = 0; k < 12; k++) {
			op.control = k % 3 | (k % 2 ? SCRAMBLE : SUSPEND);
			op.nr = 1 + k / 3 % 2;
			op.via = k / 6 ? VIA_VIO : VIA_SUBMIT;
			if (op.nr == 1 && i % 2)
				op.via = VIA_PASSTHRU;
			/* Elsewhere in the block it is the same */
			if (p[i].t >= page_secs() && p[i].t < block_secs() &&
			    op.via != (enum via)(i % VIAS))
				continue;
			if (used_up(s, b)) {
				b = in_state(s);
				places(p, b, s->pages);
			}
			op.ppa[0] = p[i].ppa;
			op.ppa[1] = p[i].ppa;
			judge_op(&op, b, s->name, p[i].name);
		}
	}
	make_free(b);
}

static void t_erase(void)
{
	in_all_states(ERASE, erase);
}

const struct test matrix12_tests[] = {
	{ "matrix.write", t_write },
	{ "matrix.read", t_read },
	{ "matrix.erase", t_erase },
	{}
};

/* Physical devices: addresses of scalar commands are those of sectors */
const struct test scalar12_tests[] = {
	{ "matrix.scalar-write", t_scalar_write },
	{ "matrix.scalar-read", t_scalar_read },
	{}
};

/* ---- hybrid ----------------------------------------------------------- */

static void whole_map(void)
{
	u64 at;
	u32 n;

	for (at = 0; at < total; at += n) {
		n = total - at < MAX_VEC ? total - at : MAX_VEC;
		if (!model_check_map(at, n))
			break;
	}
	combination(at < total ? m.wrong : NULL, "the whole map");
}

static void t_hybrid_write(void)
{
	in_all_states(HYBRID_WRITE, read_or_write);
	whole_map();
}

static void t_hybrid_read(void)
{
	in_all_states(HYBRID_READ, read_or_write);
	whole_map();
}

/* Logical addresses that are mapped, were, and never were, as a drive has them */
static void t_plain_read(void)
{
	struct op op = { .opcode = HYBRID_WRITE, .via = VIA_VIO, .meta = true };
	const u64 from[] = {
		0, 1, total / 2 - 1, total / 2, total / 2 + 1, total - 2,
		total - 1, total, ~0ULL,
	};
	const u32 list[] = { 1, 2, 3, 32, 33, 64 };
	struct block b;
	u32 i, k, pg;
	char place[32];

	begin_matrix();
	/* Pages of the block end up at logical addresses far from each other */
	for (i = 0; i < ARRAY_SIZE(from) - 2; i++) {
		b = new_block();
		op.control = all_planes();
		for (pg = 0; pg < count[PG]; pg++) {
			op.nr = add_run(op.ppa, 0, b, pg * page_secs(),
					page_secs());
			op.slba = (from[i] + pg * 7 * page_secs()) %
				(total - page_secs());
			judge_op(&op, b, "mapped", "page");
		}
		/* One that is gone leaves what was written again elsewhere */
		op.slba = 0;
		op.opcode = i % 2 || strict ? ERASE : WRITE;
		op.meta = op.opcode == WRITE;
		if (op.opcode == ERASE)
			op.nr = 1;
		if (i % 3 != 2)
			judge_op(&op, b, "mapped", op.meta ? "written over" :
				 "erased");
		op.opcode = HYBRID_WRITE;
		op.meta = true;
	}
	op = (struct op) { .opcode = IO_READ };
	for (i = 0; i < ARRAY_SIZE(from); i++) {
		for (k = 0; k < 2 * ARRAY_SIZE(list); k++) {
			op.ppa[0] = from[i];
			op.nr = list[k / 2];
			op.via = k % 2 ? VIA_PASSTHRU : VIA_SUBMIT;
			op.meta = op.via == VIA_SUBMIT && oob_size;
			snprintf(place, sizeof(place), "logical %llu",
				 (unsigned long long)from[i]);
			judge_op(&op, b, "plain", place);
		}
	}
	whole_map();
}

const struct test logical12_tests[] = {
	{ "matrix.hybrid-write", t_hybrid_write },
	{ "matrix.hybrid-read", t_hybrid_read },
	{ "matrix.plain-read", t_plain_read },
	{}
};
