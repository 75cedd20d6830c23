// SPDX-License-Identifier: GPL-2.0
/*
 * octest-model.c - what OCSSD 2.0 says must happen
 */
#include "octest-model.h"

bool op_is_vector(const struct op *op)
{
	return op->opcode >= VEC_RESET;
}

bool op_is_copy(const struct op *op)
{
	return op->opcode == VEC_COPY;
}

bool op_is_write(const struct op *op)
{
	return op->opcode == IO_WRITE || op->opcode == VEC_WRITE ||
		op_is_copy(op);
}

bool op_is_read(const struct op *op)
{
	return op->opcode == IO_READ || op->opcode == VEC_READ;
}

/* Sector @i of an op that names sectors */
u64 op_lba(const struct op *op, u32 i)
{
	return op_is_vector(op) ? op->lba[i] : op->lba[0] + i;
}

/* An address, field by field: each must be below its count (2.0, 4.2) */
bool model_decode(u64 lba, u32 *chunk, u32 *sec)
{
	const u32 count[4] = {
		geo.clba, geo.num_chk, geo.num_pu, geo.num_grp
	};
	u32 field[4], i;

	for (i = 0; i < 4; i++) {
		u32 bits = geo.len[3 - i];

		field[i] = lba & (BIT64(bits) - 1);
		lba >>= bits;
		if (field[i] >= count[i])
			return false;
	}
	*sec = field[0];
	*chunk = (field[3] * geo.num_pu + field[2]) * geo.num_chk + field[1];
	return !lba;
}

/* ---- the rules -------------------------------------------------------- */

static void expect(struct expect *e, int status)
{
	u32 i;

	for (i = 0; i < e->nr; i++)
		if (e->status[i] == status)
			return;
	if (e->nr < ARRAY_SIZE(e->status))
		e->status[e->nr++] = status;
}

/* One chunk's part of a write; the order of the rules counts */
static int rule_write(const struct mchunk *c, u32 sec, u32 n, bool hole)
{
	if (c->cs != CS_FREE && c->cs != CS_OPEN)
		return SC_WRITE_FAULT;
	if (sec + n > geo.clba)
		return SC_WRITE_FAULT;
	if (n % geo.ws_min)
		return SC_FIELD;
	if (hole || sec != c->wp)
		return SC_ORDER;
	return 0;
}

static void predict_write(const struct model *m, const struct op *op,
			  struct expect *e)
{
	bool vec = op_is_vector(op);
	u32 i = 0, chunk, sec, next, at, n;

	e->failed = all_bits(op->nr);
	while (i < op->nr) {
		bool hole = false;
		int status;

		if (!model_decode(op_lba(op, i), &chunk, &sec)) {
			expect(e, SC_WRITE_FAULT);
			if (!vec)
				return;
			i++;
			continue;
		}
		/* A scalar write means one chunk, however long it is */
		for (n = 1, i++; i < op->nr; i++, n++) {
			if (!vec)
				continue;
			if (!model_decode(op_lba(op, i), &next, &at) ||
			    next != chunk)
				break;
			hole |= at != sec + n;
		}
		status = rule_write(&m->chk[chunk], sec, n, hole);
		if (status)
			expect(e, status);
	}
}

bool rule_read(const struct mchunk *c, u32 sec)
{
	switch (c->cs) {
	case CS_CLOSED:
		return sec < c->wp;
	case CS_OPEN:
		return sec + geo.mw_cunits < c->wp;
	default:
		return false;
	}
}

static void predict_read(const struct model *m, const struct op *op,
			 struct expect *e)
{
	u32 i, chunk, sec;

	for (i = 0; i < op->nr; i++)
		if (model_decode(op_lba(op, i), &chunk, &sec) &&
		    rule_read(&m->chk[chunk], sec))
			e->readable |= BIT64(i);
	if (m->dulbe && e->readable != all_bits(op->nr)) {
		expect(e, SC_UNWRITTEN);
		e->failed = all_bits(op->nr) & ~e->readable;
	}
}

/* Read rules for the source, write rules for the destination */
static void predict_copy(const struct model *m, const struct op *op,
			 struct expect *e)
{
	u32 chunk, sec;

	if (!(geo.mccap & CAP_COPY)) {
		expect(e, SC_OPCODE);
		return;
	}
	predict_write(m, op, e);
	if (m->dulbe && !(model_decode(op->src, &chunk, &sec) &&
			  rule_read(&m->chk[chunk], sec)))
		expect(e, SC_UNWRITTEN);
}

static int rule_reset(u8 cs)
{
	switch (cs) {
	case CS_CLOSED:
		return 0;
	case CS_FREE:
		return geo.mccap & CAP_MULTI ? 0 : SC_RESET;
	case CS_OPEN:
		return geo.mccap & CAP_EARLY ? 0 : SC_RESET;
	default:
		return SC_OFFLINE;
	}
}

/* The chunk of entry @i as the entries before it have left it */
static u8 state_before(const struct model *m, const struct op *op, u32 i,
		       u32 chunk, u64 failed)
{
	u32 k, other, sec;

	for (k = 0; k < i; k++)
		if (!(failed >> k & 1) &&
		    model_decode(op->lba[k], &other, &sec) && other == chunk)
			return CS_FREE;
	return m->chk[chunk].cs;
}

static void predict_reset(const struct model *m, const struct op *op,
			  struct expect *e)
{
	u32 i, chunk, sec;
	int status;

	for (i = 0; i < op->nr; i++) {
		status = SC_RESET;
		if (model_decode(op->lba[i], &chunk, &sec))
			status = rule_reset(state_before(m, op, i, chunk,
							 e->failed));
		if (!status)
			continue;
		expect(e, status);
		e->failed |= BIT64(i);
	}
}

/* Ranges are looked at before the first chunk is reset */
static void predict_dsm(const struct model *m, const struct op *op,
			struct expect *e)
{
	u32 i, chunk, sec;

	for (i = 0; i < op->nr; i++) {
		if (!model_decode(op->lba[i], &chunk, &sec) || sec)
			expect(e, SC_RESET);
		else if (op->range_len != geo.clba)
			expect(e, SC_RANGE);
	}
	if (e->nr)
		e->failed = all_bits(op->nr);
	else
		predict_reset(m, op, e);
}

/* What must come of an op; no status at all means success */
void model_predict(const struct model *m, const struct op *op,
		   struct expect *e)
{
	memset(e, 0, sizeof(*e));
	if ((op->opcode == IO_READ || op->opcode == IO_WRITE) &&
	    (op->lba[0] >= nsze || op->nr > nsze - op->lba[0]))
		expect(e, SC_RANGE);
	else if (op_is_copy(op))
		predict_copy(m, op, e);
	else if (op_is_write(op))
		predict_write(m, op, e);
	else if (op_is_read(op))
		predict_read(m, op, e);
	else if (op->opcode == IO_DSM)
		predict_dsm(m, op, e);
	else
		predict_reset(m, op, e);
}
