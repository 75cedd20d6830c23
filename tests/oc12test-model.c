// SPDX-License-Identifier: GPL-2.0
/*
 * oc12test-model.c - what OCSSD 1.2 says must happen
 */
#include "oc12test-model.h"

struct model m;

bool op_is_write(const struct op *op)
{
	return op->opcode == IO_WRITE || op->opcode == WRITE ||
		op->opcode == HYBRID_WRITE;
}

/* Opcode 02h of a hybrid device that has neither logical address nor bits of 1.2 */
bool op_is_plain(const struct op *op)
{
	return hybrid && op->opcode == IO_READ && !op->slba &&
		!(op->control & (3 | SUSPEND | SLC | SCRAMBLE));
}

bool op_is_scalar(const struct op *op)
{
	return op->opcode == IO_WRITE || op_is_plain(op) ||
		(!hybrid && op->opcode == IO_READ);
}

/* Sector @i of an op that names physical ones */
u64 op_address(const struct op *op, u32 i)
{
	return op_is_scalar(op) ? op->ppa[0] + i : op->ppa[i];
}

u32 model_block(struct block b, u32 pln)
{
	return ((b.ch * count[LUN] + b.lun) * count[BLK] + b.blk) *
		count[PLN] + pln;
}

/* An address, field by field: each must be below its count */
bool model_decode(u64 ppa, u32 *blk, u32 *sec)
{
	u32 val[FIELDS], i;

	for (i = 0; i < FIELDS; i++) {
		val[i] = ppa >> off[i] & (BIT64(len[i]) - 1);
		ppa &= ~((BIT64(len[i]) - 1) << off[i]);
		if (val[i] >= count[i])
			return false;
	}
	*blk = model_block((struct block){ val[CH], val[LUN], val[BLK] },
			   val[PLN]);
	*sec = val[PG] * count[SEC] + val[SEC];
	return !ppa;
}

bool model_bad(u32 blk)
{
	return m.mark[blk] & BBT_BAD;
}

/* Sectors written; where order is kept, the next one */
u32 model_wp(u32 blk)
{
	u32 i, n = 0;

	for (i = 0; i < m.secs; i++)
		n += m.content[(size_t)blk * m.secs + i].written;
	return n;
}

/* ---- the rules -------------------------------------------------------- */

static void expect(struct expect *e, int status, u64 failed)
{
	u32 i;

	for (i = 0; i < e->nr; i++)
		if (e->may[i].status == status)
			return;
	if (e->nr < ARRAY_SIZE(e->may)) {
		e->may[e->nr].status = status;
		e->may[e->nr++].failed = failed;
	}
}

/* What a list writes to the block of one plane, in its order */
struct run {
	u32 first;
	u32 n;
	bool hole;
};

static struct run run_of(const struct op *op, u32 blk)
{
	struct run run = { };
	u32 i, at, sec;

	for (i = 0; i < op->nr; i++) {
		if (!model_decode(op_address(op, i), &at, &sec) || at != blk)
			continue;
		if (!run.n)
			run.first = sec;
		run.hole |= sec != run.first + run.n;
		run.n++;
	}
	return run;
}

/* NAND: whole pages, over all planes that are good, one after the other */
static void rule_order(const struct op *op, u32 blk, struct expect *e)
{
	struct run run = run_of(op, blk), other;
	u32 first = blk / count[PLN] * count[PLN], pln;

	if (run.n % count[SEC])
		expect(e, SC_FIELD, all_bits(op->nr));
	for (pln = first; pln < first + count[PLN]; pln++) {
		other = run_of(op, pln);
		if (!model_bad(pln) &&
		    (other.n != run.n || other.first != run.first))
			expect(e, SC_FIELD, all_bits(op->nr));
	}
	if (run.hole || run.first != model_wp(blk))
		expect(e, SC_FAIL, all_bits(op->nr));
}

static void predict_write(const struct op *op, struct expect *e)
{
	u32 i, blk, sec, last = ~0U;

	for (i = 0; i < op->nr; i++) {
		model_decode(op_address(op, i), &blk, &sec);
		if (blk == last)
			continue;
		last = blk;
		if (model_bad(blk))
			expect(e, SC_FAIL, all_bits(op->nr));
		else if (strict)
			rule_order(op, blk, e);
	}
}

static const struct content *at(u64 ppa)
{
	u32 blk, sec;

	if (!model_decode(ppa, &blk, &sec))
		return NULL;
	return &m.content[(size_t)blk * m.secs + sec];
}

static void predict_read(const struct op *op, struct expect *e)
{
	u32 i;

	for (i = 0; i < op->nr; i++) {
		const struct content *c = at(op_address(op, i));

		if (c && c->written)
			e->readable |= BIT64(i);
	}
	if (!op_is_scalar(op) && e->readable != all_bits(op->nr))
		expect(e, SC_EMPTY, all_bits(op->nr) & ~e->readable);
}

/* A plain read of a hybrid device: through the map, and nothing is an error */
static void predict_plain(const struct op *op, struct expect *e)
{
	u32 i;

	for (i = 0; i < op->nr; i++)
		if (m.map[op->ppa[0] + i])
			e->readable |= BIT64(i);
}

/* Planes that an address of an erase stands for: one, or with plane bits all */
u32 op_planes(const struct op *op)
{
	return op->control & 3 ? count[PLN] : 1;
}

static void predict_erase(const struct op *op, struct expect *e)
{
	u32 i, blk, sec, pln, planes = op_planes(op);
	u64 failed = 0;

	for (i = 0; i < op->nr; i++) {
		model_decode(op->ppa[i], &blk, &sec);
		blk = blk / planes * planes;
		for (pln = blk; pln < blk + planes; pln++)
			if (model_bad(pln))
				failed |= BIT64(i);
	}
	if (failed)
		expect(e, SC_FAIL, failed);
}

/* Addresses come before anything else. True: the op does not get further */
static bool predict_addresses(const struct op *op, struct expect *e)
{
	u64 last = op_is_plain(op) ? total : m.nsze, outside = 0, zero = 0;
	u32 i, blk, sec;

	if (op_is_scalar(op) &&
	    (op->ppa[0] >= last || op->nr > last - op->ppa[0])) {
		expect(e, SC_RANGE, 0);
		return true;
	}
	for (i = 0; i < op->nr; i++) {
		if (!model_decode(op_address(op, i), &blk, &sec))
			outside |= BIT64(i);
		else if (!blk && !sec)
			zero |= BIT64(i);
	}
	if (op_is_scalar(op)) {
		if (outside && op_is_write(op))
			expect(e, SC_WRITE_FAULT, 0);
		return e->nr;
	}
	if (outside)
		expect(e, SC_FIELD, outside);
	if ((op->opcode == HYBRID_READ || op->opcode == HYBRID_WRITE) &&
	    (op->slba >= total || op->nr > total - op->slba))
		expect(e, SC_RANGE, 0);
	/* The table could not say where that is: 0 means nowhere */
	if (op->opcode == HYBRID_WRITE && zero)
		expect(e, SC_FIELD, zero);
	return e->nr;
}

/* What must come of an op; no status at all means success */
void model_predict(const struct op *op, struct expect *e)
{
	memset(e, 0, sizeof(*e));
	if (predict_addresses(op, e))
		return;
	if (op_is_write(op))
		predict_write(op, e);
	else if (op->opcode == ERASE)
		predict_erase(op, e);
	else if (op_is_plain(op))
		predict_plain(op, e);
	else
		predict_read(op, e);
}
