// SPDX-License-Identifier: GPL-2.0
/*
 * octest-judge.c - send an op, and compare what happens with what must
 */
#include "octest-model.h"

static bool __printf(2, 3) says(struct model *m, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(m->wrong, sizeof(m->wrong), fmt, args);
	va_end(args);
	return false;
}

/* ---- carrying it out -------------------------------------------------- */

static struct content *content_of(struct model *m, u32 chunk, u32 sec)
{
	return &m->content[(size_t)chunk * geo.clba + sec];
}

static void wrote(struct model *m, u32 chunk, const struct content *what)
{
	struct mchunk *c = &m->chk[chunk];

	*content_of(m, chunk, c->wp) = *what;
	c->wp++;
	c->cs = c->wp == geo.clba ? CS_CLOSED : CS_OPEN;
}

static void was_reset(struct model *m, u32 chunk)
{
	struct mchunk *c = &m->chk[chunk];

	c->cs = CS_FREE;
	c->wp = 0;
	/* At least one more; how much a reset wears is the device's */
	c->wli += c->wli < 255;
	c->wli_open = true;
}

/* The pattern of a chunk that is about to be written from its beginning */
static void new_pattern(struct model *m, const struct op *op)
{
	u32 i, chunk, sec;

	for (i = 0; i < op->nr; i++)
		if (model_decode(op_lba(op, i), &chunk, &sec) && !sec &&
		    m->chk[chunk].cs == CS_FREE)
			m->chk[chunk].gen = m->gen += m->step;
}

static bool has_oob(const struct op *op)
{
	return op->meta && oob_size;
}

static struct content copied(struct model *m, u64 lba)
{
	struct content nothing = { .known = true, .nothing = true };
	u32 chunk, sec;

	if (!model_decode(lba, &chunk, &sec) || !rule_read(&m->chk[chunk], sec))
		return nothing;
	return *content_of(m, chunk, sec);
}

static void apply(struct model *m, const struct op *op, u64 failed)
{
	struct content what;
	u32 i, chunk, sec;

	for (i = 0; i < op->nr && !op_is_read(op); i++) {
		if (failed >> i & 1)
			continue;
		model_decode(op_is_write(op) ? op_lba(op, i) : op->lba[i], &chunk,
			     &sec);
		if (!op_is_write(op)) {
			was_reset(m, chunk);
			continue;
		}
		what = (struct content) {
			.lba = op_lba(op, i), .gen = m->chk[chunk].gen,
			.oob = has_oob(op), .known = true,
		};
		if (op_is_copy(op))
			what = copied(m, op->src);
		wrote(m, chunk, &what);
	}
}

/* ---- sending ---------------------------------------------------------- */

static void fill_data(struct model *m, const struct op *op)
{
	struct range *r = (struct range *)m->buf;
	u32 i, chunk, sec, gen;

	if (op_is_write(op)) {
		for (i = 0; i < op->nr; i++) {
			gen = model_decode(op_lba(op, i), &chunk, &sec) ?
				m->chk[chunk].gen : 0;
			pattern(op_lba(op, i), gen, m->buf + i * lba_size,
				m->meta + i * oob_size);
		}
	} else if (op->opcode == IO_DSM) {
		for (i = 0; i < op->nr; i++) {
			r[i].attr = 0;
			r[i].nlb = op->range_len;
			r[i].slba = op->lba[i];
		}
	} else {
		memset(m->buf, 0x5a, op->nr * lba_size);
		memset(m->meta, 0x5a, op->nr * (oob_size + LOG_DESC) + 64);
	}
}

static u32 meta_bytes(const struct op *op)
{
	if (!op->meta)
		return 0;
	return op->nr * (op->opcode == VEC_RESET ? LOG_DESC : oob_size);
}

/* lightnvm's ioctls do not show DNR, nor do they move metadata without data */
static void send_vio(struct model *m, const struct op *op)
{
	u32 len = op->opcode == VEC_RESET && !meta_bytes(op) ? 0 :
		op->nr * lba_size;
	struct user_vio user = {
		.opcode = op->opcode, .nppas = op->nr - 1,
		.addr = len ? ptr(m->buf) : 0,
		.ppa_list = op->nr == 1 ? op->lba[0] : ptr(op->lba),
		.metadata = meta_bytes(op) ? ptr(m->meta) : 0,
		.metadata_len = meta_bytes(op),
	};
	struct passthru_vio vio = {
		.opcode = op->opcode, .nppas = op->nr - 1, .addr = user.addr,
		.data_len = len, .ppa_list = user.ppa_list,
		.metadata = user.metadata, .metadata_len = user.metadata_len,
	};

	if (op->via == VIA_SUBMIT) {
		m->status = xioctl(m->fd, SUBMIT_VIO, &user);
		vio.result = user.result;
		vio.status = user.status;
	} else {
		m->status = xioctl(m->fd, IO_VIO, &vio);
	}
	if (m->status == -EIO && vio.result)
		m->status = vio.result;
	m->failed = vio.status;
}

static void send_scalar(struct model *m, const struct op *op)
{
	struct nvme_user_io cmd = {
		.opcode = op->opcode, .nblocks = op->nr - 1,
		.slba = op->lba[0], .addr = ptr(m->buf),
		.metadata = ptr(m->meta),
	};

	m->status = xioctl(m->fd, NVME_IOCTL_SUBMIT_IO, &cmd);
}

static void send_passthru(struct model *m, const struct op *op)
{
	struct nvme_passthru_cmd64 cmd = {
		.opcode = op->opcode, .nsid = m->nsid, .addr = ptr(m->buf),
		.data_len = op->nr * lba_size, .cdw10 = op->lba[0],
		.cdw11 = op->lba[0] >> 32, .cdw12 = op->nr - 1,
	};

	if (op->opcode == IO_DSM) {
		cmd.data_len = op->nr * sizeof(struct range);
		cmd.cdw10 = op->nr - 1;
		cmd.cdw11 = 4;
		cmd.cdw12 = 0;
	} else if (op->opcode == VEC_RESET || op_is_copy(op)) {
		cmd.addr = 0;
		cmd.data_len = 0;
	}
	if (op_is_copy(op)) {
		cmd.cdw10 = op->src;
		cmd.cdw11 = op->src >> 32;
		cmd.cdw14 = op->lba[0];
		cmd.cdw15 = op->lba[0] >> 32;
	}
	m->status = xioctl(m->fd, NVME_IOCTL_IO64_CMD, &cmd);
	m->failed = cmd.result;
}

static void send(struct model *m, const struct op *op)
{
	m->failed = 0;
	m->sent++;
	if (op->via == VIA_PASSTHRU || op->opcode == IO_DSM)
		send_passthru(m, op);
	else if (op_is_vector(op))
		send_vio(m, op);
	else
		send_scalar(m, op);
}

/* ---- comparing -------------------------------------------------------- */

static bool shows_dnr(const struct op *op)
{
	return !op_is_vector(op) || op->via == VIA_PASSTHRU;
}

static bool judge_status(struct model *m, const struct op *op,
			 const struct expect *e)
{
	u32 i;

	if (!e->nr && !m->status)
		return true;
	for (i = 0; i < e->nr; i++)
		if (m->status == (e->status[i] | (shows_dnr(op) ? DNR : 0)))
			return true;
	return says(m, "status %s instead of %04x%s", status_text(m->status),
		    e->nr ? e->status[0] | (shows_dnr(op) ? DNR : 0) : 0,
		    e->nr > 1 ? " or another" : "");
}

static const char *judge_content(const struct op *op, const struct content *c,
				 u64 lba, const void *buf, const void *meta)
{
	const char *what;

	if (!c || c->nothing)
		return judge_sector(lba, 0, false, buf,
				    has_oob(op) ? meta : NULL);
	if (!c->known)
		return NULL;
	what = judge_sector(c->lba, c->gen, true, buf,
			    has_oob(op) && c->oob ? meta : NULL);
	if (!what && has_oob(op) && !c->oob && !all_are(meta, 0xff, oob_size))
		what = "OOB not ffh";
	return what;
}

/* What is wrong with sector @i, and what stands there instead */
static bool says_what(struct model *m, const struct op *op, u32 i,
		      const char *what)
{
	const u64 *word = (const u64 *)(m->buf + i * lba_size);
	u64 lba;
	u32 gen;

	if (unmix(*word, nsze, &lba, &gen))
		return says(m, "sector %u of %u, lba %llx: %s, begins as lba %llx of generation %x",
			    i, op->nr, (unsigned long long)op_lba(op, i), what,
			    (unsigned long long)lba, gen);
	return says(m, "sector %u of %u, lba %llx: %s, begins with %016llx", i,
		    op->nr, (unsigned long long)op_lba(op, i), what,
		    (unsigned long long)*word);
}

static bool judge_data(struct model *m, const struct op *op, u64 readable)
{
	u32 i, chunk, sec;

	for (i = 0; i < op->nr; i++) {
		u64 lba = op_lba(op, i);
		const char *what;
		bool there = model_decode(lba, &chunk, &sec) &&
			readable >> i & 1;

		what = judge_content(op, there ? content_of(m, chunk, sec) :
				     NULL, lba, m->buf + i * lba_size,
				     m->meta + i * oob_size);
		if (what)
			return says_what(m, op, i, what);
	}
	if (has_oob(op) && !all_are(m->meta + op->nr * oob_size, 0x5a, 64))
		return says(m, "written past the end of the OOB");
	return true;
}

static bool same_desc(struct model *m, const char *what, u32 chunk,
		      const struct desc *d)
{
	struct mchunk *c = &m->chk[chunk];
	u64 wp = c->cs == CS_OFFLINE ? d->wp : c->wp;

	if (c->wli_open && d->wli > c->wli)
		c->wli = d->wli;
	c->wli_open = false;
	if (d->cs != c->cs || d->wp != wp || d->wli != c->wli ||
	    d->slba != lba_of(nth_chunk(chunk), 0) || d->cnlb != geo.clba)
		return says(m, "%s: chunk %u is in state %u wp %llu wear %u, not in %u %u %u",
			    what, chunk, d->cs, (unsigned long long)d->wp,
			    d->wli, c->cs, c->wp, c->wli);
	return true;
}

/* Does the list name a chunk twice? Then not all of its descriptors are known */
static bool names_twice(const struct op *op)
{
	u32 i, k, a, b, sec;

	for (i = 1; i < op->nr; i++)
		for (k = 0; k < i; k++)
			if (model_decode(op->lba[i], &a, &sec) &&
			    model_decode(op->lba[k], &b, &sec) && a == b)
				return true;
	return false;
}

/* The descriptors that a reset returns: the states after it, in list order */
static bool judge_descs(struct model *m, const struct op *op)
{
	struct desc *d = (struct desc *)m->meta;
	u32 i, chunk, sec;

	for (i = 0; i < op->nr; i++)
		if (model_decode(op->lba[i], &chunk, &sec) &&
		    !same_desc(m, "returned descriptor", chunk, &d[i]))
			return false;
	return true;
}

/* Descriptors come back with a success only: the kernel does not copy others */
static enum outcome judge(struct model *m, const struct op *op,
			  struct expect *e)
{
	if (is_hosts(m->status))
		return OP_LOST;
	if (!judge_status(m, op, e))
		return OP_WRONG;
	if (m->status && op_is_vector(op) && m->failed != e->failed) {
		says(m, "failed sectors %016llx instead of %016llx",
		     (unsigned long long)m->failed,
		     (unsigned long long)e->failed);
		return OP_WRONG;
	}
	if (!m->status && op_is_read(op) && !judge_data(m, op, e->readable))
		return OP_WRONG;
	if (op_is_write(op) && m->status)
		return OP_RIGHT;
	apply(m, op, m->status ? e->failed : 0);
	if (op->opcode == VEC_RESET && op->meta && !m->status &&
	    !names_twice(op) && !judge_descs(m, op))
		return OP_WRONG;
	return OP_RIGHT;
}

static u32 epoch(const struct model *m)
{
	return m->shared ? __atomic_load_n(&m->shared->epoch,
					   __ATOMIC_SEQ_CST) : 0;
}

static u32 squeeze(const struct model *m)
{
	return m->shared ? __atomic_load_n(&m->shared->squeeze,
					   __ATOMIC_SEQ_CST) : 0;
}

/* A write for which there was no memory has changed nothing */
static bool no_memory(const struct model *m, const struct op *op, u32 before)
{
	return op_is_write(op) && (m->status & ~DNR) == SC_INTERNAL &&
		(before & 1 || before != squeeze(m));
}

/* Predict, send, compare, carry out */
enum outcome model_run(struct model *m, const struct op *op)
{
	u32 before = epoch(m), squeezed = squeeze(m);
	enum outcome outcome;
	struct expect e;

	if (m->shared)
		m->dulbe = __atomic_load_n(&m->shared->on, __ATOMIC_SEQ_CST);
	if (op_is_write(op))
		new_pattern(m, op);
	model_predict(m, op, &e);
	fill_data(m, op);
	send(m, op);
	if (no_memory(m, op, squeezed))
		return OP_RIGHT;
	outcome = judge(m, op, &e);
	if (outcome != OP_WRONG || (!op_is_read(op) && !op_is_copy(op)) ||
	    (!(before & 1) && before == epoch(m)))
		return outcome;
	/* Somebody changed DULBE meanwhile: as it was, or as it is */
	m->dulbe = !m->dulbe;
	model_predict(m, op, &e);
	return judge(m, op, &e);
}

/* ---- chunks ----------------------------------------------------------- */

static bool mine(const struct model *m, u32 chunk)
{
	return chunk % m->step == m->first;
}

static const char *chunk_descs(struct model *m, u32 first, u32 n,
			       struct desc *d)
{
	int status = get_log_ns(m->nsid, LOG_CHUNKS, (u64)first * LOG_DESC,
				n * LOG_DESC, d, n * LOG_DESC);

	if (!status)
		return NULL;
	says(m, "chunk log: status %x", status);
	return m->wrong;
}

/* Do the chunks of an op look as the model says? */
const char *model_check_chunks(struct model *m, const struct op *op)
{
	u32 i, chunk, sec, last = ~0U;
	struct desc d;

	for (i = 0; i < op->nr; i++) {
		if (!model_decode(op->opcode == IO_DSM ? op->lba[i] :
				  op_lba(op, i), &chunk, &sec) || chunk == last)
			continue;
		last = chunk;
		if (chunk_descs(m, chunk, 1, &d) ||
		    !same_desc(m, "afterwards", chunk, &d))
			return m->wrong;
	}
	return NULL;
}

/* Is the whole chunk log what the model says? */
const char *model_audit(struct model *m)
{
	struct desc d[64];
	u32 i, k, n;

	for (i = 0; i < nr_chunks; i += n) {
		n = nr_chunks - i < 64 ? nr_chunks - i : 64;
		if (chunk_descs(m, i, n, d))
			return m->wrong;
		for (k = 0; k < n; k++)
			if (mine(m, i + k) && !m->chk[i + k].odd &&
			    !same_desc(m, "chunk log", i + k, &d[k]))
				return m->wrong;
	}
	return NULL;
}

/*
 * It is not known whether an op was carried out: the chunk log must show that all
 * of it was, or nothing; of a reset, each entry.
 */
const char *model_resync(struct model *m, const struct op *op)
{
	u32 i, chunk, sec, done = 0, seen = 0;
	struct expect e;
	struct desc d;

	if (op_is_read(op))
		return NULL;
	model_predict(m, op, &e);
	if (op_is_write(op) && e.nr)
		return NULL;
	for (i = 0; i < op->nr; i++) {
		const struct mchunk *c;

		if (!model_decode(op_is_write(op) ? op_lba(op, i) : op->lba[i],
				  &chunk, &sec))
			continue;
		if (chunk_descs(m, chunk, 1, &d))
			return m->wrong;
		c = &m->chk[chunk];
		if (op_is_write(op)) {
			seen++;
			done += d.wp != c->wp;
		} else if (c->cs == CS_FREE ? d.wli != c->wli : d.cs == CS_FREE) {
			/* Wear tells only of a chunk that was free before */
			was_reset(m, chunk);
		}
		if (!op_is_write(op) &&
		    !same_desc(m, "after a lost command", chunk, &d))
			return m->wrong;
	}
	if (done && done != seen) {
		says(m, "a lost write was carried out in part");
		return m->wrong;
	}
	if (done)
		apply(m, op, 0);
	return NULL;
}

/* All sectors of a chunk, with OOB */
const char *model_read_chunk(struct model *m, u32 chunk)
{
	struct op op = { .opcode = VEC_READ, .meta = true };
	u32 sec, n;

	for (sec = 0; sec < geo.clba; sec += n) {
		n = geo.clba - sec < MAX_VEC ? geo.clba - sec : MAX_VEC;
		op.nr = add_run(op.lba, 0, nth_chunk(chunk), sec, n);
		if (model_run(m, &op) == OP_WRONG)
			return m->wrong;
	}
	return NULL;
}

static void *room(size_t len)
{
	void *p = NULL;

	need(!posix_memalign(&p, 4096, len ?: 1), "no memory");
	memset(p, 0, len);
	return p;
}

/* A model that judges all chunks of a namespace */
void model_open(struct model *m, int fd, u32 id)
{
	memset(m, 0, sizeof(*m));
	m->fd = fd;
	m->nsid = id;
	m->gen = 0x1000;
	m->step = 1;
	m->chk = room(nr_chunks * sizeof(*m->chk));
	m->content = room((size_t)nr_chunks * geo.clba * sizeof(*m->content));
	m->buf = room(data_room);
	m->meta = room(OOB_ROOM);
}

/* One of @step models that share a namespace, each with chunks of its own */
void model_fork(struct model *m, const struct model *from, u32 first, u32 step)
{
	*m = *from;
	m->first = first;
	m->step = step;
	m->gen = 0x1000 + first;
	m->buf = room(data_room);
	m->meta = room(OOB_ROOM);
}

void model_free(struct model *m)
{
	free(m->buf);
	free(m->meta);
	if (m->step == 1) {
		free(m->chk);
		free(m->content);
	}
}

/* Take the states as they are. What is in chunks already written is not known */
const char *model_load(struct model *m)
{
	struct desc d[64];
	u32 i, k, n;

	for (i = 0; i < nr_chunks; i += n) {
		n = nr_chunks - i < 64 ? nr_chunks - i : 64;
		if (chunk_descs(m, i, n, d))
			return m->wrong;
		for (k = 0; k < n; k++) {
			struct mchunk *c = &m->chk[i + k];

			if (!mine(m, i + k))
				continue;
			c->cs = d[k].cs;
			c->wp = d[k].wp;
			c->wli = d[k].wli;
			c->wli_open = false;
			c->gen = 0;
			c->odd = d[k].ct != 1 || d[k].cnlb != geo.clba;
			memset(content_of(m, i + k, 0), 0,
			       geo.clba * sizeof(*m->content));
		}
	}
	return NULL;
}

/* Format or Sanitize: all that can be written is free, and worn or not */
void model_erased(struct model *m)
{
	u32 i;

	for (i = 0; i < nr_chunks; i++) {
		struct mchunk *c = &m->chk[i];

		if (c->cs == CS_OFFLINE || c->odd)
			continue;
		c->cs = CS_FREE;
		c->wp = 0;
		c->wli_open = true;
	}
}
