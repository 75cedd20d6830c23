// SPDX-License-Identifier: GPL-2.0
/*
 * oc12test-hybrid.c - logical addresses that the device keeps
 */
#include "oc12test.h"

static void want_map(const char *what, u64 slba, u32 nr, u64 first)
{
	u64 entry[128];
	u32 i;

	want_status(what, admin_at(ADMIN_GET_L2P, slba, nr, entry,
				   sizeof(entry)), 0);
	for (i = 0; i < nr; i++)
		need(entry[i] == (first ? first + i : 0),
		     "%s: entry %u is %llu, not %llu", what, i,
		     (unsigned long long)entry[i],
		     (unsigned long long)(first ? first + i : 0));
}

static int hybrid_page(struct block b, u32 pg, u64 slba, u32 gen)
{
	u64 list[MAX_VEC];
	u32 nr = list_page(list, 0, b, pg);

	generation = gen;
	pattern_list(list, nr);
	return logical(HYBRID_WRITE, list, nr, all_planes(), slba, data);
}

static void hybrid_mapping(void)
{
	struct block b = take_block(), c = take_block();
	u32 gen = ++generation, per = count[PLN] * count[SEC], i;
	u64 slba = total / 2, list[MAX_VEC];

	want_status("write", hybrid_page(b, 0, slba, gen), 0);
	want_map("mapped", slba, per, linear(b, 0, 0, 0));
	want_map("before", slba - 16, 16, 0);
	want_map("after", slba + per, 16, 0);
	/* Read by both addresses, and as any NVMe drive is read */
	list_page(list, 0, b, 0);
	want_status("hybrid read", logical(HYBRID_READ, list, per, SUSPEND,
					   slba, data2), 0);
	for (i = 0; i < per; i++)
		need(!memcmp(data2 + i * lba_size, data + i * lba_size,
			     lba_size), "sector %u differs", i);
	memset(data2, 0xee, per * lba_size);
	need(pread(ns_fd, data2, per * lba_size, slba * lba_size) ==
	     (ssize_t)(per * lba_size), "read: %s", strerror(errno));
	need(!memcmp(data2, data, per * lba_size), "plain read differs");

	/* Written again elsewhere: the old block's erase takes nothing */
	want_status("again", hybrid_page(c, 0, slba, gen + 1), 0);
	want_map("moved", slba, per, linear(c, 0, 0, 0));
	want_status("erase", vector(ERASE, list, 1, all_planes(), NULL, NULL),
		    0);
	want_map("still there", slba, per, linear(c, 0, 0, 0));
	list[0] = ppa_of(c, 0, 0, 0);
	want_status("erase", vector(ERASE, list, 1, all_planes(), NULL, NULL),
		    0);
	want_map("gone", slba, per, 0);
}

static void hybrid_errors(void)
{
	struct block b = take_block();
	u32 per = count[PLN] * count[SEC];
	u64 zero = 0, entry[2];

	want_status("logical address past the end",
		    hybrid_page(b, 0, total - per + 1, 1), SC_RANGE);
	want_map("nothing mapped", total - per, per, 0);
	want_status("window past the end",
		    admin_at(ADMIN_GET_L2P, total - 1, 2, entry, sizeof(entry)),
		    SC_FIELD);
	want_status("sector 0", logical(HYBRID_WRITE, &zero, 1, 0, 7, data),
		    SC_FIELD);
}

const struct test hybrid12_tests[] = {
	{ "hybrid-mapping", hybrid_mapping },
	{ "hybrid-errors", hybrid_errors },
	{}
};
