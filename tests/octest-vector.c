// SPDX-License-Identifier: GPL-2.0
/*
 * octest-vector.c - what vector commands move, and where
 */
#include "octest.h"

/* ---- vector commands -------------------------------------------------- */

void t_vector_write(void)
{
	u64 list[MAX_VEC];
	char what[32];
	u32 i;

	for (i = 0; i < NR_VEC_SIZES; i++) {
		u32 n = vec_sizes[i];
		struct chunk c;
		bool ok = n % geo.ws_min == 0;

		if (n > geo.clba)
			continue;
		c = fresh(i % geo.num_grp);
		generation++;
		snprintf(what, sizeof(what), "write of %u", n);
		add_run(list, 0, c, 0, n);
		write_list(what, list, n, ok ? 0 : SC_FIELD);
		want_chunk(what, c, ok ? n == geo.clba ? CS_CLOSED : CS_OPEN :
			   CS_FREE, ok ? n : 0);
		if (!ok)
			continue;
		fill(c, n, geo.clba);
		want_chunk("full", c, CS_CLOSED, geo.clba);
		read_list(what, list, n, all_bits(n));
		free_chunk(c);
		read_list("after the reset", list, n, 0);
	}
}

static void t_vector_read(void)
{
	struct chunk c = readable(0);
	u64 list[MAX_VEC];
	u32 i, k;

	for (i = 0; i < NR_VEC_SIZES; i++) {
		for (k = 0; k < vec_sizes[i]; k++)
			list[k] = lba_of(c, (k + i * 7) % geo.clba);
		read_list("contiguous", list, vec_sizes[i],
			  all_bits(vec_sizes[i]));
	}
}

/* Data at odd places: copied by the kernel, or 65 pages for 64 sectors */
static void t_vector_places(void)
{
	static const u32 places[] = {
		1, 3, 4, 8, 16, 511, 512, 520, 2048, 4088, 4092, 4095
	};
	u32 n = max_write(), i, k, sec;
	u64 list[MAX_VEC] = { 0 };
	struct chunk c;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		u8 *at = data2 + places[i];

		c = fresh(i % geo.num_grp);
		generation++;
		for (sec = 0; sec + n <= geo.clba; sec += n) {
			add_run(list, 0, c, sec, n);
			pattern_list(list, n);
			memcpy(at, data, n * lba_size);
			want_vector("write", VEC_WRITE, list, n, at, oob,
				    n * oob_size, 0, 0);
		}
		fill(c, sec, geo.clba);
		memset(data2, 0x5a, data_room + 8192);
		want_vector("read", VEC_READ, list, n, at, oob, n * oob_size,
			    0, 0);
		for (k = 0; k < n; k++) {
			memcpy(data, at + k * lba_size, lba_size);
			need(!judge_sector(list[k], generation, true, data,
					   oob_size ? oob + k * oob_size :
					   NULL),
			     "place %u: sector %u", places[i], k);
		}
		need(all_are(data2, 0x5a, places[i]) &&
		     all_are(at + n * lba_size, 0x5a, 64),
		     "place %u: overrun", places[i]);
	}
}

/* Sectors of several chunks and groups in any order, some more than once */
void t_vector_scatter(void)
{
	struct chunk c[8];
	u64 list[MAX_VEC];
	u32 i, k;

	generation++;
	for (i = 0; i < ARRAY_SIZE(c); i++) {
		c[i] = fresh(i % geo.num_grp);
		fill(c[i], 0, geo.clba);
	}
	for (k = 0; k < 40; k++) {
		u64 written = 0;
		u32 nr = vec_sizes[k % NR_VEC_SIZES];

		for (i = 0; i < nr; i++) {
			u32 which = below(ARRAY_SIZE(c) + 1);

			if (which == ARRAY_SIZE(c)) {
				/* No such address */
				list[i] = nsze + below(1000);
				continue;
			}
			list[i] = lba_of(c[which], below(geo.clba));
			written |= BIT64(i);
		}
		read_list("scattered", list, nr, written);
	}
}

/* One write into several chunks, in several groups */
static void t_vector_many(void)
{
	u32 nr = MAX_VEC / geo.ws_min, i;
	struct chunk c[MAX_VEC];
	u64 list[MAX_VEC] = { 0 };
	u32 at = 0;

	generation++;
	for (i = 0; i < nr; i++) {
		/* Down and up again, so that groups mix */
		c[i] = fresh((i % 2 ? i : nr - i) % geo.num_grp);
		at = add_run(list, at, c[i], 0, geo.ws_min);
	}
	write_list("one write, many chunks", list, at, 0);
	for (i = 0; i < nr; i++)
		want_chunk("each chunk", c[i], geo.ws_min == geo.clba ?
			   CS_CLOSED : CS_OPEN, geo.ws_min);
	for (i = 0; i < 4 && i < nr; i++) {
		fill(c[i], geo.ws_min, geo.clba);
		read_list("each chunk", list + i * geo.ws_min, geo.ws_min,
			  all_bits(geo.ws_min));
	}
}

/* The top half of CDW12 holds hints, and what lightnvm's library sets */
static void t_control_bits(void)
{
	struct chunk c = readable(0);
	u32 bit;

	for (bit = 0; bit < 16; bit++) {
		want_status("read", raw_vector(VEC_READ, lba_of(c, 3), 0,
					       1 << bit, lba_size), 0);
		need(!judge_sector(lba_of(c, 3), generation, true, data, NULL),
		     "control bit %u: wrong data", bit);
	}
}

static void t_oob_none(void)
{
	struct chunk c = fresh(0);
	u64 list[MAX_VEC];
	u32 n = max_write(), i;

	generation++;
	add_run(list, 0, c, 0, n);
	pattern_list(list, n);
	want_vector("write without OOB", VEC_WRITE, list, n, data, NULL, 0, 0,
		    0);
	fill(c, n, geo.clba);
	memset(oob2, 0, n * oob_size);
	want_vector("read with OOB", VEC_READ, list, n, data2, oob2,
		    n * oob_size, 0, 0);
	need(all_are(oob2, 0xff, n * oob_size), "OOB is not ffh");
	for (i = 0; i < n; i++)
		need(!judge_sector(list[i], generation, true,
				   data2 + i * lba_size, NULL), "data");
	memset(data2, 0, n * lba_size);
	want_vector("read without OOB", VEC_READ, list, n, data2, NULL, 0, 0,
		    0);
	for (i = 0; i < n; i++)
		need(!judge_sector(list[i], generation, true,
				   data2 + i * lba_size, NULL), "data");
}

/* More OOB than the sectors need: only what belongs to them is touched */
static void t_oob_long(void)
{
	struct chunk c = readable(0);
	u64 lba = lba_of(c, 1);

	if (!oob_size)
		skip("not with this geometry");
	memset(oob2, 0x5a, 256);
	want_vector("read", VEC_READ, &lba, 1, data2, oob2, oob_size, 0, 0);
	need(!judge_sector(lba, generation, true, data2, oob2), "sector");
	need(all_are(oob2 + oob_size, 0x5a, 64), "overrun");
}

const struct test vector_tests[] = {
	{ "vector.write", t_vector_write },
	{ "vector.read", t_vector_read },
	{ "vector.places", t_vector_places },
	{ "vector.scatter", t_vector_scatter },
	{ "vector.many-chunks", t_vector_many },
	{ "vector.control-bits", t_control_bits },
	{ "oob.none", t_oob_none },
	{ "oob.length", t_oob_long },
	{}
};
