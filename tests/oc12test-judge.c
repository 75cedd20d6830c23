// SPDX-License-Identifier: GPL-2.0
/*
 * oc12test-judge.c - send an op, and compare what happens with what must
 */
#include "oc12test-model.h"

static bool __printf(1, 2) says(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(m.wrong, sizeof(m.wrong), fmt, args);
	va_end(args);
	return false;
}

static struct content *content_of(u64 ppa)
{
	u32 blk, sec;

	if (!model_decode(ppa, &blk, &sec))
		return NULL;
	return &m.content[(size_t)blk * m.secs + sec];
}

/* ---- carrying it out -------------------------------------------------- */

/* What a sector held is gone, and so is its place in the map */
static void lose(struct content *c)
{
	u64 here = c - m.content + 1;

	if (c->lba && m.map[c->lba - 1] == here)
		m.map[c->lba - 1] = 0;
	memset(c, 0, sizeof(*c));
}

static void apply_write(const struct op *op)
{
	u32 i;

	for (i = 0; i < op->nr; i++) {
		u64 ppa = op_address(op, i);
		struct content *c = content_of(ppa);

		lose(c);
		c->ppa = ppa;
		c->gen = m.gen;
		c->written = true;
		c->oob = op->meta && oob_size;
		if (op->opcode != HYBRID_WRITE)
			continue;
		c->lba = op->slba + i + 1;
		m.map[op->slba + i] = c - m.content + 1;
	}
}

/* Blocks that are good are erased, whatever others of the list are */
static void apply_erase(const struct op *op)
{
	u32 i, k, blk, sec, pln, planes = op_planes(op);

	for (i = 0; i < op->nr; i++) {
		model_decode(op->ppa[i], &blk, &sec);
		blk = blk / planes * planes;
		for (pln = blk; pln < blk + planes; pln++)
			for (k = 0; k < m.secs && !model_bad(pln); k++)
				lose(&m.content[(size_t)pln * m.secs + k]);
	}
}

/* ---- sending ---------------------------------------------------------- */

static void fill_data(const struct op *op)
{
	u32 i;

	memset(m.buf, 0x5a, op->nr * lba_size);
	memset(m.meta, 0x5a, op->nr * oob_size + 64);
	if (!op_is_write(op))
		return;
	m.gen++;
	for (i = 0; i < op->nr; i++)
		pattern(op_address(op, i), m.gen, m.buf + i * lba_size,
			m.meta + i * oob_size);
}

/* lightnvm's ioctls do not show DNR, nor do they move metadata without data */
static void send_vio(const struct op *op)
{
	bool has_data = op->opcode != ERASE, meta = op->meta && oob_size;
	struct user_vio user = {
		.opcode = op->opcode, .control = op->control,
		.nppas = op->nr - 1, .addr = has_data ? ptr(m.buf) : 0,
		.ppa_list = op->nr == 1 ? op->ppa[0] : ptr(op->ppa),
		.metadata = meta && has_data ? ptr(m.meta) : 0,
		.metadata_len = meta && has_data ? op->nr * oob_size : 0,
	};
	struct passthru_vio vio = {
		.opcode = op->opcode, .control = op->control,
		.nppas = user.nppas, .addr = user.addr,
		.data_len = has_data ? op->nr * lba_size : 0,
		.ppa_list = user.ppa_list, .metadata = user.metadata,
		.metadata_len = user.metadata_len,
		.cdw14 = op->slba, .cdw15 = op->slba >> 32,
	};

	m.status = op->via == VIA_SUBMIT ? submit_vio(&user) :
					   passthru_vio(IO_VIO, &vio);
	m.failed = bitmap;
}

static void send_passthru(const struct op *op)
{
	bool has_data = op->opcode != ERASE;
	struct nvme_passthru_cmd64 cmd = {
		.opcode = op->opcode, .nsid = nsid,
		.addr = has_data ? ptr(m.buf) : 0,
		.data_len = has_data ? op->nr * lba_size : 0,
		.cdw10 = op->ppa[0], .cdw11 = op->ppa[0] >> 32,
		.cdw12 = (op->nr - 1) | op->control << 16,
		.cdw14 = op->slba, .cdw15 = op->slba >> 32,
	};

	m.status = xioctl(ns_fd, NVME_IOCTL_IO64_CMD, &cmd);
	m.failed = cmd.result;
}

static void send(const struct op *op)
{
	m.failed = 0;
	if (op->via == VIA_PASSTHRU)
		send_passthru(op);
	else if (!op_is_scalar(op))
		send_vio(op);
	else
		m.status = scalar(op->opcode, op->ppa[0], op->nr, m.buf, m.meta);
}

/* ---- comparing -------------------------------------------------------- */

static bool judge_status(const struct op *op, const struct expect *e)
{
	int dnr = op_is_scalar(op) || op->via == VIA_PASSTHRU ? DNR : 0;
	u32 i;

	if (!e->nr && !m.status)
		return true;
	for (i = 0; i < e->nr; i++) {
		if (m.status != (e->may[i].status | dnr))
			continue;
		if (op_is_scalar(op) || m.failed == e->may[i].failed)
			return true;
		return says("status %04x, failed sectors %016llx instead of %016llx",
			    m.status, (unsigned long long)m.failed,
			    (unsigned long long)e->may[i].failed);
	}
	return says("status %s instead of %04x%s", status_text(m.status),
		    e->nr ? e->may[0].status | dnr : 0,
		    e->nr > 1 ? " or another" : "");
}

static const char *judge_content(const struct op *op, u32 i,
				 const struct content *c)
{
	const u8 *buf = m.buf + i * lba_size, *meta = m.meta + i * oob_size;
	bool shows_oob = op->meta && oob_size && !m.status;
	const char *what;

	what = judge_sector(c ? c->ppa : 0, c ? c->gen : 0, c, buf,
			    shows_oob && (!c || c->oob) ? meta : NULL);
	if (!what && shows_oob && c && !c->oob && !all_are(meta, 0xff, oob_size))
		what = "OOB not ffh";
	return what;
}

/* The sectors that can be read are there even if others are not */
static bool judge_data(const struct op *op, const struct expect *e)
{
	u32 i;

	for (i = 0; i < op->nr; i++) {
		const struct content *c = NULL;
		const char *what;

		if (e->readable >> i & 1)
			c = op_is_plain(op) ?
				&m.content[m.map[op->ppa[0] + i] - 1] :
				content_of(op_address(op, i));
		else if (m.status)
			continue;
		what = judge_content(op, i, c);
		if (what)
			return says("sector %u of %u: %s", i, op->nr, what);
	}
	if (!all_are(m.meta + (op->meta ? op->nr * oob_size : 0), 0x5a, 64))
		return says("written past the end of the OOB");
	return true;
}

/* Predict, send, compare, carry out */
bool model_run(const struct op *op)
{
	struct expect e;
	bool read = !op_is_write(op) && op->opcode != ERASE;

	model_predict(op, &e);
	fill_data(op);
	send(op);
	if (is_hosts(m.status))
		return says("the host says %d", m.status);
	if (!judge_status(op, &e))
		return false;
	if (read && (!m.status || e.readable) && !judge_data(op, &e))
		return false;
	if (op_is_write(op) && !m.status)
		apply_write(op);
	else if (op->opcode == ERASE && (!m.status || m.status == SC_FAIL ||
					 m.status == (SC_FAIL | DNR)))
		apply_erase(op);
	return true;
}

/* ---- looking at what has come of it ------------------------------------ */

/* All sectors of a block over all planes: data, OOB, and which are empty */
bool model_check_block(struct block b)
{
	struct op op = { .opcode = READ, .meta = true };
	u32 pg, pln, sec, n = 0;

	for (pg = 0; pg < count[PG]; pg++) {
		for (pln = 0; pln < count[PLN]; pln++)
			for (sec = 0; sec < count[SEC]; sec++)
				op.ppa[n++] = ppa_of(b, pg, pln, sec);
		if (n + count[PLN] * count[SEC] <= MAX_VEC &&
		    pg + 1 < count[PG])
			continue;
		op.nr = n;
		n = 0;
		if (!model_run(&op))
			return false;
	}
	return true;
}

/* The blocks that an op names are as the model has them */
bool model_check(const struct op *op)
{
	int status = m.status;
	u64 failed = m.failed;
	u32 i, blk, sec, last = ~0U;
	bool good = true;

	for (i = 0; i < op->nr && good && !op_is_plain(op); i++) {
		if (!model_decode(op_address(op, i), &blk, &sec))
			continue;
		blk /= count[PLN];
		if (blk == last)
			continue;
		last = blk;
		good = model_check_block((struct block) {
			.ch = blk / count[BLK] / count[LUN],
			.lun = blk / count[BLK] % count[LUN],
			.blk = blk % count[BLK],
		});
	}
	if (good && op->opcode == HYBRID_WRITE && op->slba + op->nr <= total &&
	    op->slba < total)
		good = model_check_map(op->slba, op->nr);
	m.status = status;
	m.failed = failed;
	return good;
}

/* The table entry of a place of the model, which has plane's blocks in a row */
static u64 entry_of(u64 place)
{
	u32 blk, sec;

	if (!place)
		return 0;
	blk = (place - 1) / m.secs;
	sec = (place - 1) % m.secs;
	return ((u64)(blk / count[PLN]) * count[PG] + sec / count[SEC]) *
		count[PLN] * count[SEC] +
		blk % count[PLN] * count[SEC] + sec % count[SEC];
}

bool model_check_map(u64 slba, u32 nr)
{
	u64 entry[MAX_VEC];
	u32 i;

	if (admin_at(ADMIN_GET_L2P, slba, nr, entry, nr * sizeof(*entry)))
		return says("no map of %llu", (unsigned long long)slba);
	for (i = 0; i < nr; i++)
		if (entry[i] != entry_of(m.map[slba + i]))
			return says("logical address %llu is at %llu instead of %llu",
				    (unsigned long long)slba + i,
				    (unsigned long long)entry[i],
				    (unsigned long long)entry_of(m.map[slba + i]));
	return true;
}

/* Change the byte of a block of some planes, and see that it has changed */
void model_mark(struct block b, u32 pln, u32 planes, u8 value)
{
	u64 list[4] = { };
	u32 i;

	for (i = 0; i < planes; i++) {
		list[i] = ppa_of(b, 0, pln + i, 0);
		m.mark[model_block(b, pln + i)] = value;
	}
	want_status("marking a block", set_bbt_list(list, planes, value), 0);
	get_bbt(b);
	for (i = 0; i < planes; i++)
		need(bbt[64 + b.blk * count[PLN] + pln + i] == value,
		     "marked %u, not %u", bbt[64 + b.blk * count[PLN] + pln + i],
		     value);
}

/* After something wrong: erase it, and begin again from there */
void model_forget(struct block b)
{
	u64 ppa = ppa_of(b, 0, 0, 0);
	u32 pln, i;

	model_mark(b, 0, count[PLN], 0);
	want_status("erasing a block", vector(ERASE, &ppa, 1, all_planes(), NULL,
					      NULL), 0);
	for (pln = 0; pln < count[PLN]; pln++)
		for (i = 0; i < m.secs; i++)
			lose(&m.content[(size_t)model_block(b, pln) * m.secs + i]);
}

static void *room(size_t size)
{
	void *p = NULL;

	need(!posix_memalign(&p, 4096, size), "no memory");
	memset(p, 0, size);
	return p;
}

/* A model of the device, which is erased for it */
void model_open(void)
{
	u32 i, n = count[CH] * count[LUN] * count[BLK];
	u64 bytes;

	need(!ioctl(ns_fd, BLKGETSIZE64, &bytes), "no size");
	m.nsze = bytes / lba_size;
	m.secs = count[PG] * count[SEC];
	if (!m.content) {
		m.gen = 0x1000;
		m.content = room(total * sizeof(*m.content));
		m.mark = room(n * count[PLN]);
		m.map = room(total * sizeof(*m.map));
		m.buf = room(data_room);
		m.meta = room(OOB_ROOM);
	}
	for (i = 0; i < n; i++)
		model_forget((struct block) {
			.ch = i / count[BLK] / count[LUN],
			.lun = i / count[BLK] % count[LUN],
			.blk = i % count[BLK],
		});
}
