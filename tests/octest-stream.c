// SPDX-License-Identifier: GPL-2.0
/*
 * octest-stream.c - random commands whose every answer is compared with the model
 *
 * A stream has chunks that nobody else touches, in a namespace that the wild
 * threads leave alone, while the controller that all of them share is reset,
 * disconnected and connected.
 */
#include "octest-fuzz.h"

#define MAX_SET		48U	/* chunks of a stream: more would only be memory */

struct stream {
	pthread_t thread;
	struct model m;
	u64 rnd;
	u32 id;
	u32 set[MAX_SET];
	u32 nr_set;
	u32 lost;
	u32 good;
	struct op op;
	u32 erased;	/* what of @erases is in the model */
	bool failed;
};

static struct model whole;
static struct stream streams[STREAMS];

/*
 * All that the namespace holds may be erased. That is known either because the streams
 * rest meanwhile, or from a count that is odd while it happens: what is sent then may be
 * carried out before it, after it, or not at all.
 */
static int park;
static u32 running, parked, erases;

static u32 pick(struct stream *s, u32 n)
{
	return (rnd_next(&s->rnd) >> 20) % n;
}

/* ---- making commands -------------------------------------------------- */

/* Some chunks of the set, each once */
static u32 pick_chunks(struct stream *s, u32 most, u32 *chunk)
{
	u32 n = 1 + pick(s, most), i, k, nr = 0;

	for (i = 0; i < n; i++) {
		u32 c = s->set[pick(s, s->nr_set)];

		for (k = 0; k < nr && chunk[k] != c; k++)
			;
		if (k == nr)
			chunk[nr++] = c;
	}
	return nr;
}

/* Mostly what can be written, now and then one thing about it wrong */
static void make_write(struct stream *s, struct op *op)
{
	u32 chunk[8], nr = pick_chunks(s, pick(s, 3) ? 2 : 8, chunk), i;

	op->opcode = pick(s, 4) ? VEC_WRITE : IO_WRITE;
	if (op->opcode == IO_WRITE)
		nr = 1;
	for (i = 0; i < nr; i++) {
		const struct mchunk *c = &s->m.chk[chunk[i]];
		u32 u = geo.ws_min, n = u * (1 + pick(s, 4)), sec = c->wp;
		u32 room = (MAX_VEC - op->nr) / (nr - i);

		if (nr == 1 && pick(s, 2))
			n = max_write();
		if (c->cs == CS_CLOSED && pick(s, 8))
			continue;
		if (sec + n > geo.clba && pick(s, 16))
			n = geo.clba - sec;
		n = n > room ? room / u * u : n;
		switch (pick(s, 40)) {
		case 0:
			sec = pick(s, geo.clba);
			break;
		case 1:
			n += n < room;
			break;
		case 2:
			n -= n > 1;
			break;
		}
		if (sec >= geo.clba || sec + n > geo.clba)
			n = op->opcode == IO_WRITE && sec < geo.clba ? n : 0;
		op->nr = add_run(op->lba, op->nr, nth_chunk(chunk[i]), sec, n);
		if (n > 1 && sec + n < geo.clba && op->opcode == VEC_WRITE &&
		    !pick(s, 60))
			op->lba[op->nr - 1]++;
		if (n && op->opcode == VEC_WRITE && !pick(s, 100))
			op->lba[op->nr - 1] = nsze + pick(s, 1000);
	}
}

static void make_read(struct stream *s, struct op *op)
{
	bool scatter = pick(s, 2);
	u32 chunk = s->set[pick(s, s->nr_set)], sec = pick(s, geo.clba), i;

	op->opcode = pick(s, 4) ? VEC_READ : IO_READ;
	op->nr = pick(s, 3) ? 1 + pick(s, 16) : 1 + pick(s, MAX_VEC);
	if (op->opcode == IO_READ && sec + op->nr > geo.clba)
		sec = 0;
	if (op->opcode == IO_READ && op->nr > geo.clba)
		op->nr = 1;
	for (i = 0; i < op->nr; i++) {
		const struct mchunk *c = &s->m.chk[chunk];

		if (scatter && op->opcode == VEC_READ) {
			chunk = s->set[pick(s, s->nr_set)];
			/* Around the place where readable ends, as a rule */
			sec = pick(s, 2) || c->wp <= geo.mw_cunits ?
				pick(s, geo.clba) : c->wp - geo.mw_cunits - 1 +
				pick(s, 3);
		}
		op->lba[i] = lba_of(nth_chunk(chunk), (sec + i * !scatter) %
				    geo.clba);
		if (op->opcode == VEC_READ && !pick(s, 400))
			op->lba[i] = nsze + pick(s, 1000);
	}
	/* A scalar one is a run */
	if (op->opcode == IO_READ)
		op->lba[0] = lba_of(nth_chunk(chunk), sec);
}

static void make_reset(struct stream *s, struct op *op)
{
	u32 chunk[8], nr = pick_chunks(s, 8, chunk), i;

	op->opcode = pick(s, 5) ? VEC_RESET : IO_DSM;
	op->range_len = pick(s, 30) ? geo.clba : pick(s, 2 * geo.clba);
	for (i = 0; i < nr; i++) {
		u8 cs = s->m.chk[chunk[i]].cs;
		u32 sec = op->opcode == VEC_RESET ? pick(s, geo.clba) :
			!pick(s, 50);

		if ((cs == CS_FREE && pick(s, 16)) ||
		    (cs == CS_OPEN && pick(s, 4)))
			continue;
		op->lba[op->nr++] = lba_of(nth_chunk(chunk[i]), sec);
		if (!pick(s, 60))
			op->lba[op->nr - 1] = nsze + pick(s, 1000);
	}
}

static void make_copy(struct stream *s, struct op *op)
{
	u32 from = s->set[pick(s, s->nr_set)], to = s->set[pick(s, s->nr_set)];
	u32 sec = s->m.chk[to].wp;

	op->opcode = VEC_COPY;
	op->nr = 1;
	op->src = pick(s, 30) ? lba_of(nth_chunk(from), pick(s, geo.clba)) :
		nsze + pick(s, 1000);
	op->lba[0] = lba_of(nth_chunk(to), sec < geo.clba && pick(s, 20) ? sec :
			    pick(s, geo.clba));
}

static void choose_way(struct stream *s, struct op *op)
{
	bool vec = op_is_vector(op);

	op->via = op_is_copy(op) ? VIA_PASSTHRU : pick(s, VIAS);
	op->meta = pick(s, 3);
	if (op->opcode == IO_DSM || (op->via == VIA_PASSTHRU && vec &&
				     op->nr > 1))
		op->via = op->opcode == IO_DSM ? VIA_PASSTHRU : VIA_SUBMIT;
	if (!vec && op->opcode != IO_DSM) {
		if (op->via != VIA_SUBMIT || !block_bytes)
			op->via = VIA_PASSTHRU;
		op->meta = oob_size;
	}
	if (op->via == VIA_PASSTHRU || (!oob_size && op->opcode != VEC_RESET))
		op->meta = false;
}

static bool make_op(struct stream *s)
{
	u32 what = pick(s, 100);

	memset(&s->op, 0, sizeof(s->op));
	if (what < 50)
		make_write(s, &s->op);
	else if (what < 80)
		make_read(s, &s->op);
	else if (what < 85)
		make_copy(s, &s->op);
	else
		make_reset(s, &s->op);
	if (!s->op.nr)
		return false;
	choose_way(s, &s->op);
	return true;
}

/* ---- one stream ------------------------------------------------------- */

static bool diverged(struct stream *s, const char *wrong)
{
	const struct op *op = &s->op;
	u32 i;

	if (!wrong)
		return false;
	printf("# stream %u, command %u: %s\n", s->id, s->m.sent, wrong);
	if (op->nr)
		printf("# opcode %02x by %u meta %u range %u source %llx dulbe %u:",
		       op->opcode, op->via, op->meta, op->range_len,
		       (unsigned long long)op->src, s->m.dulbe);
	for (i = 0; i < op->nr; i++) {
		u32 chunk = 0, sec = 0;
		u64 lba = op->opcode == IO_READ || op->opcode == IO_WRITE ?
			op->lba[0] + i : op->lba[i];

		if (model_decode(lba, &chunk, &sec))
			printf(" %u.%u", chunk, sec);
		else
			printf(" %llx", (unsigned long long)lba);
	}
	if (op->nr)
		printf("\n");
	fflush(stdout);
	s->failed = true;
	__atomic_store_n(&fuzz_stop, 1, __ATOMIC_RELEASE);
	return true;
}

/* The controller may be on its way back */
static const char *ask_again(struct stream *s)
{
	const char *wrong = NULL;
	u32 i;

	for (i = 0; i < 600; i++) {
		u32 was = fuzz_epoch();

		wrong = model_resync(&s->m, &s->op);
		if (!wrong || (!(was & 1) && was == fuzz_epoch()))
			break;
		usleep(100000);
	}
	return wrong;
}

/* What does not depend on one command: all states, all of a chunk's data */
static const char *look_around(struct stream *s)
{
	u32 was = fuzz_epoch();
	const char *wrong;

	if (pick(s, 2)) {
		wrong = model_audit(&s->m);
		return was & 1 || was != fuzz_epoch() ? NULL : wrong;
	}
	return model_read_chunk(&s->m, s->set[pick(s, s->nr_set)]);
}

/*
 * There must be a reason for a command that the host failed: an upheaval, or
 * that nvme-core was looking at the namespace again. For so long the disk has no
 * integrity profile, and metadata is refused before it gets to the device.
 */
static const char *host_failed(struct stream *s, bool calm)
{
	struct model *m = &s->m;

	if (!calm || (s->op.meta && m->status == -EINVAL))
		return ask_again(s);
	snprintf(m->wrong, sizeof(m->wrong), "the host failed the command: %s",
		 status_text(m->status));
	return m->wrong;
}

static void stream_rest(void)
{
	if (!__atomic_load_n(&park, __ATOMIC_SEQ_CST))
		return;
	__atomic_add_fetch(&parked, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&park, __ATOMIC_SEQ_CST))
		usleep(500);
	__atomic_sub_fetch(&parked, 1, __ATOMIC_SEQ_CST);
}

static u32 erase_count(void)
{
	return __atomic_load_n(&erases, __ATOMIC_SEQ_CST);
}

/*
 * What was erased under the stream's feet: the chunk log says what is left, as long as the
 * count is the one that it began with
 */
static const char *stream_reload(struct stream *s)
{
	const char *wrong;
	u32 i;

	do {
		while ((s->erased = erase_count()) & 1)
			usleep(1000);
		for (i = 0; i < 600; i++) {
			wrong = model_load(&s->m);
			if (!wrong || __atomic_load_n(&fuzz_stop, __ATOMIC_RELAXED))
				break;
			usleep(100000);
		}
	} while (s->erased != erase_count());
	return wrong;
}

static void *run_stream(void *arg)
{
	struct stream *s = arg;

	while (stream_rest(), fuzz_take()) {
		const char *wrong = NULL;
		u32 was = fuzz_epoch();

		if (s->erased != erase_count()) {
			wrong = stream_reload(s);
			if (diverged(s, wrong))
				break;
			continue;
		}

		if (!pick(s, 200)) {
			memset(&s->op, 0, sizeof(s->op));
			wrong = look_around(s);
			if (s->erased == erase_count() && diverged(s, wrong))
				break;
			continue;
		}
		if (s->id == 0 && !pick(s, 300))
			fuzz_set_dulbe(s->m.nsid, pick(s, 2));
		if (!make_op(s))
			continue;
		switch (model_run(&s->m, &s->op)) {
		case OP_RIGHT:
			s->good++;
			break;
		case OP_WRONG:
			wrong = s->m.wrong;
			break;
		case OP_LOST:
			s->lost++;
			wrong = host_failed(s, !(was & 1) &&
					    was == fuzz_epoch());
			break;
		}
		if (s->erased == erase_count() && diverged(s, wrong))
			break;
	}
	__atomic_sub_fetch(&running, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* No stream has a command under way until streams_go_on() */
void streams_park(void)
{
	__atomic_store_n(&park, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&parked, __ATOMIC_SEQ_CST) <
	       __atomic_load_n(&running, __ATOMIC_SEQ_CST))
		usleep(500);
}

void streams_go_on(void)
{
	__atomic_store_n(&park, 0, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&parked, __ATOMIC_SEQ_CST))
		usleep(500);
}

/* Between these two the namespace is erased while the streams go on */
void streams_erase_begins(void)
{
	__atomic_add_fetch(&erases, 1, __ATOMIC_SEQ_CST);
}

void streams_erase_ended(void)
{
	__atomic_add_fetch(&erases, 1, __ATOMIC_SEQ_CST);
}

/* The streams are parked, and nothing is left: do the chunk log and @chunk say so? */
const char *streams_are_erased(u32 chunk)
{
	const char *wrong;

	model_erased(&whole);
	wrong = model_audit(&whole);
	return wrong ? wrong : model_read_chunk(&whole, chunk % nr_chunks);
}

/* ---- all of them ------------------------------------------------------ */

static void choose_set(struct stream *s)
{
	u32 pu, k, i;

	for (k = 0; k < 4; k++) {
		for (pu = 0; pu < geo.num_grp * geo.num_pu; pu++) {
			i = pu * geo.num_chk + k * STREAMS;
			i += (s->id + STREAMS - i % STREAMS) % STREAMS;
			if (i >= nr_chunks || whole.chk[i].cs == CS_OFFLINE ||
			    whole.chk[i].odd || s->nr_set == MAX_SET)
				continue;
			s->set[s->nr_set++] = i;
		}
	}
	need(s->nr_set, "no chunks for stream %u", s->id);
}

void streams_start(int fd, u32 id, u64 from)
{
	u32 i;

	model_open(&whole, fd, id);
	whole.shared = &fuzz_dulbe;
	need(!model_load(&whole), "%s", whole.wrong);
	for (i = 0; i < STREAMS; i++) {
		struct stream *s = &streams[i];

		s->id = i;
		s->rnd = (from + 1) * 0x9e3779b97f4a7c15ULL ^ (i + 77) << 7;
		model_fork(&s->m, &whole, i, STREAMS);
		choose_set(s);
	}
	running = STREAMS;
	for (i = 0; i < STREAMS; i++)
		need(!pthread_create(&streams[i].thread, NULL, run_stream,
				     &streams[i]), "no thread");
}

u32 streams_sent(void)
{
	u32 i, sent = 0;

	for (i = 0; i < STREAMS; i++)
		sent += __atomic_load_n(&streams[i].m.sent, __ATOMIC_RELAXED);
	return sent;
}

/* When all has come to rest: every state, all data */
static const char *last_look(struct stream *s)
{
	const char *wrong = NULL;
	u32 i;

	memset(&s->op, 0, sizeof(s->op));
	/* The last erase may have come when the stream had ended */
	if (s->erased != erase_count())
		wrong = stream_reload(s);
	if (!wrong)
		wrong = model_audit(&s->m);
	for (i = 0; i < s->nr_set && !wrong; i++)
		wrong = model_read_chunk(&s->m, s->set[i]);
	return wrong;
}

/* Returns the number of streams that went wrong */
u32 streams_end(void)
{
	u32 i, bad = 0;

	for (i = 0; i < STREAMS; i++)
		pthread_join(streams[i].thread, NULL);
	for (i = 0; i < STREAMS; i++) {
		struct stream *s = &streams[i];

		if (!s->failed)
			diverged(s, last_look(s));
		printf("# stream %u: %u commands compared, %u lost to resets\n",
		       i, s->good, s->lost);
		bad += s->failed;
		model_free(&s->m);
	}
	model_free(&whole);
	return bad;
}
