// SPDX-License-Identifier: GPL-2.0
/*
 * oc12test-lists.c - lists over several blocks, and orders in which they name pages
 *
 * What must happen is not written down here: the model says it.
 */
#include "oc12test-matrix.h"

/* One bit of the bitmap at a time, wherever it is */
static void t_read_lists(void)
{
	struct op op = { .opcode = READ, .nr = MAX_VEC };
	struct block written, empty;
	u32 kind, bit, i, v;
	char place[16];

	begin_matrix();
	written = new_block();
	empty = new_block();
	fill_to(written, count[PG]);
	for (v = 0; v < 2; v++) {
		op.via = v ? VIA_VIO : VIA_SUBMIT;
		op.meta = v && oob_size;
		op.control = hints(v);
		for (kind = 0; kind < 2; kind++) {
			for (bit = 0; bit < MAX_VEC; bit++) {
				for (i = 0; i < MAX_VEC; i++)
					op.ppa[i] = nth(written, i * 5 %
							block_secs());
				op.ppa[bit] = kind ? ~0ULL - bit :
					nth(empty, bit % block_secs());
				snprintf(place, sizeof(place), "bit %u", bit);
				judge_op(&op, written, kind ? "one nowhere" :
					 "one empty", place);
			}
		}
	}
}

/* A bad block or an address of nothing among good blocks, and the reverse */
static void t_erase_lists(void)
{
	static const u32 bits[] = { 0, 1, 2, 30, 31, 32, 33, 62, 63 };
	struct op op = { .opcode = ERASE, .nr = MAX_VEC };
	struct block good[3], bad;
	u32 k, kind, i;
	char place[16];

	begin_matrix();
	bad = new_block();
	for (i = 0; i < 3; i++)
		good[i] = new_block();
	model_mark(bad, count[PLN] - 1, 1, 2);
	for (kind = 0; kind < 3; kind++) {
		for (k = 0; k < ARRAY_SIZE(bits); k++) {
			for (i = 0; i < 3; i++) {
				make_free(good[i]);
				fill_to(good[i], 1 + i % 2);
			}
			for (i = 0; i < MAX_VEC; i++) {
				bool odd = (i == bits[k]) != (kind == 2);
				u64 other = kind == 1 ? BIT64(63) + i :
					ppa_of(bad, 0, count[PLN] - 1, 0);

				/* By turns, and planes from the last down */
				op.ppa[i] = odd ? other :
					ppa_of(good[i % 3], i % count[PG],
					       (MAX_VEC - 1 - i) / 3 %
					       count[PLN], 0);
			}
			op.via = k % 2 ? VIA_VIO : VIA_SUBMIT;
			op.control = k / 2 % 3;
			snprintf(place, sizeof(place), "bit %u", bits[k]);
			judge_op(&op, good[0], kind == 0 ? "one bad" :
				 kind == 1 ? "one nowhere" : "all but one bad",
				 place);
		}
	}
	model_mark(bad, count[PLN] - 1, 1, 0);
}

/* Orders in which a list may name pages: device order, others, and wrong ones */
enum shape {
	IN_ORDER,
	BY_PLANE,	/* two pages, plane after plane */
	BY_TURNS,	/* from plane to plane with each sector */
	PLANES_DOWN,
	PAGES_DOWN,	/* two pages, the later one first */
	TWICE,		/* a sector twice, and its neighbour not at all */
	NO_PLANE,	/* one plane is left out */
	ONE_AHEAD,	/* one plane a page further */
	HALF,		/* of all planes, but half of the page */
	SHAPES,
};

static const char * const shapes[SHAPES] = {
	"in order", "plane by plane", "planes by turns", "planes down",
	"pages down", "a sector twice", "a plane left out", "a plane ahead",
	"half a page",
};

static u32 add_shape(u64 *list, u32 at, struct block b, u32 pg, enum shape how)
{
	u32 planes = count[PLN], secs = count[SEC], i, pln;
	bool two = how == BY_PLANE || how == PAGES_DOWN;

	for (i = 0; i < (two ? 2 : 1) * page_secs(); i++) {
		/* Page, plane and sector of the i-th, in order */
		u32 p = i / page_secs(), sec = i % secs;

		pln = i / secs % planes;
		switch (how) {
		case BY_PLANE:
			pln = i / secs / 2;
			p = i / secs % 2;
			break;
		case BY_TURNS:
			pln = i % planes;
			sec = i / planes;
			break;
		case PLANES_DOWN:
			pln = planes - 1 - pln;
			break;
		case PAGES_DOWN:
			p = 1 - p;
			break;
		case TWICE:
			sec -= sec && sec == secs - 1;
			break;
		case ONE_AHEAD:
			p = pln == planes - 1;
			break;
		default:
			break;
		}
		if ((how == NO_PLANE && pln == planes - 1) ||
		    (how == HALF && sec >= secs / 2))
			continue;
		list[at++] = ppa_of(b, pg + p, pln, sec);
	}
	return at;
}

static void t_write_shapes(void)
{
	struct op op = { .opcode = WRITE, .meta = true };
	u32 how, pages, bad, v;
	struct block b;

	begin_matrix();
	for (v = 0; v < 2 * 2 * SHAPES; v++) {
		how = v % SHAPES;
		bad = v / SHAPES % 2;
		op.via = v / SHAPES / 2 ? VIA_VIO : VIA_SUBMIT;
		if (bad && count[PLN] == 1)
			continue;
		for (pages = 0; pages + 2 <= count[PG]; pages++) {
			char place[16];

			b = new_block();
			fill_to(b, pages);
			/* Without the plane that is bad it is whole */
			if (bad)
				model_mark(b, count[PLN] - 1, 1, 1);
			op.nr = add_shape(op.ppa, 0, b, pages, how);
			if (op.nr > MAX_VEC || !op.nr)
				continue;
			op.control = hints(++turn);
			snprintf(place, sizeof(place), "page %u", pages);
			judge_op(&op, b, bad ? "last plane bad" : shapes[how],
				 bad ? shapes[how] : place);
			make_free(b);
		}
	}
}

/* What one block of a list may be like */
enum kind { GOOD, FULL, AHEAD, BEHIND, AMOUNT, BAD, NOWHERE, KINDS };

static const char * const kinds[KINDS] = {
	"good", "full", "a page ahead", "a page behind", "wrong amount", "bad",
	"nowhere",
};

static void add_page(struct op *op, struct block b, enum kind kind)
{
	u32 pg = kind == AHEAD ? 2 : kind == BEHIND ? 0 : 1, i, from = op->nr;

	make_free(b);
	fill_to(b, kind == FULL ? count[PG] : 1);
	if (kind == BAD)
		model_mark(b, count[PLN] - 1, 1, 2);
	op->nr = add_run(op->ppa, op->nr, b, pg * page_secs(), page_secs());
	if (kind == AMOUNT)
		op->nr--;
	for (i = from; kind == NOWHERE && i < op->nr; i++)
		op->ppa[i] = BIT64(63) + i;
}

/* All or nothing over several blocks, of one channel and of many */
static void t_write_lists(void)
{
	u32 most = MAX_VEC / page_secs() < 4 ? MAX_VEC / page_secs() : 4;
	u32 kind, at, i, k, down;
	struct block b[4];
	char place[40];

	begin_matrix();
	if (most < 2 || count[PG] < 4)
		skip("a list has no room for two pages, or a block for four");
	for (kind = GOOD; kind < KINDS; kind++) {
		for (at = 0; at < 2 * most; at++) {
			struct op op = { .opcode = WRITE, .meta = true };

			down = at / most;
			op.via = down ? VIA_VIO : VIA_SUBMIT;
			op.control = hints(++turn);
			for (i = 0; i < most; i++)
				b[i] = new_block();
			for (i = 0; i < most; i++) {
				k = down ? most - 1 - i : i;
				add_page(&op, b[k], i == at % most ? kind : GOOD);
			}
			snprintf(place, sizeof(place), "at %u of %u%s",
				 at % most, most, down ? ", down" : "");
			judge_op(&op, b[0], kinds[kind], place);
			for (i = 0; i < most; i++)
				make_free(b[i]);
		}
	}
}

const struct test lists12_tests[] = {
	{ "matrix.read-lists", t_read_lists },
	{ "matrix.erase-lists", t_erase_lists },
	{ "matrix.write-shapes", t_write_shapes },
	{ "matrix.write-lists", t_write_lists },
	{}
};
