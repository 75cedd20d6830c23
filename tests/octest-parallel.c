// SPDX-License-Identifier: GPL-2.0
/*
 * octest-parallel.c - several threads at once
 */
#include "octest.h"

/* ---- several at once -------------------------------------------------- */

struct worker {
	pthread_t thread;
	u32 id;
	struct chunk c[4];
	u32 nr;
	u32 won;
	u32 lost;
	char reason[128];
	pthread_barrier_t *barrier;
};

/* Each has chunks of its own in several groups; all commands must succeed */
static void *own_chunks(void *arg)
{
	struct worker *w = arg;
	u32 u = geo.ws_min, sec, i, k, n;
	u8 *buf, *meta, *buf2, *meta2;
	u64 list[MAX_VEC];
	int status;

	if (posix_memalign((void **)&buf, 4096, 2 * data_room + 2 * OOB_ROOM))
		return NULL;
	buf2 = buf + data_room;
	meta = buf2 + data_room;
	meta2 = meta + OOB_ROOM;
	for (sec = 0; sec < geo.clba; sec += u) {
		for (i = 0, n = 0; i < w->nr; i++)
			n = add_run(list, n, w->c[i], sec, u);
		for (k = 0; k < n; k++)
			pattern(list[k], w->id, buf + k * lba_size,
				meta + k * oob_size);
		status = vector(VEC_WRITE, list, n, buf, meta, n * oob_size);
		if (status) {
			snprintf(w->reason, sizeof(w->reason),
				 "write at %u: status %x", sec, status);
			break;
		}
		w->won++;
		if (sec < geo.mw_cunits + u)
			continue;
		for (i = 0, n = 0; i < w->nr; i++)
			n = add_run(list, n, w->c[i],
				    sec - geo.mw_cunits - u, u);
		status = vector(VEC_READ, list, n, buf2, meta2, n * oob_size);
		for (k = 0; !status && k < n; k++)
			if (judge_sector(list[k], w->id, true,
					 buf2 + k * lba_size,
					 oob_size ? meta2 + k * oob_size :
					 NULL))
				status = -1;
		if (status) {
			snprintf(w->reason, sizeof(w->reason),
				 "read behind %u: status %x", sec, status);
			break;
		}
	}
	free(buf);
	return NULL;
}

static void t_parallel_own(void)
{
	struct worker w[4] = { 0 };
	u32 per = MAX_VEC / geo.ws_min < 4 ? MAX_VEC / geo.ws_min : 4, i, k;

	if (nr_chunks / geo.num_grp < 64)
		skip("not with this geometry");
	for (i = 0; i < ARRAY_SIZE(w); i++) {
		w[i].id = i + 1;
		w[i].nr = per;
		for (k = 0; k < per; k++)
			w[i].c[k] = fresh((i + k) % geo.num_grp);
	}
	for (i = 0; i < ARRAY_SIZE(w); i++)
		need(!pthread_create(&w[i].thread, NULL, own_chunks, &w[i]),
		     "no thread");
	for (i = 0; i < ARRAY_SIZE(w); i++)
		pthread_join(w[i].thread, NULL);
	for (i = 0; i < ARRAY_SIZE(w); i++) {
		need(!*w[i].reason, "thread %u: %s", i, w[i].reason);
		for (k = 0; k < per; k++)
			want_chunk("written", w[i].c[k], CS_CLOSED, geo.clba);
	}
}

/* All write the same place in the same chunks: one wins, wholly */
static void *same_chunks(void *arg)
{
	struct worker *w = arg;
	u32 u = geo.ws_min, sec, i, n;
	u64 list[MAX_VEC];
	int status;

	for (sec = 0; sec + u < geo.clba; sec += u) {
		/* Each names them in an order of its own */
		for (i = 0, n = 0; i < w->nr; i++)
			n = add_run(list, n, w->c[(i + w->id) % w->nr], sec, u);
		pthread_barrier_wait(w->barrier);
		status = vector(VEC_WRITE, list, n, data, NULL, 0);
		if (!status)
			w->won++;
		else if (status == SC_ORDER && bitmap == all_bits(n))
			w->lost++;
		else
			snprintf(w->reason, sizeof(w->reason),
				 "status %x bitmap %llx", status,
				 (unsigned long long)bitmap);
		pthread_barrier_wait(w->barrier);
	}
	return NULL;
}

static void t_parallel_same(void)
{
	u32 per = MAX_VEC / geo.ws_min < 4 ? MAX_VEC / geo.ws_min : 4;
	u32 rounds = (geo.clba - 1) / geo.ws_min, i, k, won = 0;
	pthread_barrier_t barrier;
	struct worker w[3] = { 0 };

	if (nr_chunks / geo.num_grp < 16)
		skip("not with this geometry");
	memset(data, 0x33, data_room);
	pthread_barrier_init(&barrier, NULL, ARRAY_SIZE(w));
	for (k = 0; k < per; k++)
		w[0].c[k] = fresh(k % geo.num_grp);
	for (i = 0; i < ARRAY_SIZE(w); i++) {
		memcpy(w[i].c, w[0].c, sizeof(w[i].c));
		w[i].id = i;
		w[i].nr = per;
		w[i].barrier = &barrier;
	}
	for (i = 0; i < ARRAY_SIZE(w); i++)
		need(!pthread_create(&w[i].thread, NULL, same_chunks, &w[i]),
		     "no thread");
	for (i = 0; i < ARRAY_SIZE(w); i++)
		pthread_join(w[i].thread, NULL);
	pthread_barrier_destroy(&barrier);
	for (i = 0; i < ARRAY_SIZE(w); i++) {
		need(!*w[i].reason, "thread %u: %s", i, w[i].reason);
		won += w[i].won;
	}
	need(won == rounds, "%u writes succeeded in %u rounds", won, rounds);
	for (k = 0; k < per; k++)
		want_chunk("written", w[0].c[k], state_at(rounds * geo.ws_min),
			   rounds * geo.ws_min);
}

const struct test parallel_tests[] = {
	{ "parallel.own-chunks", t_parallel_own },
	{ "parallel.same-chunks", t_parallel_same },
	{}
};
