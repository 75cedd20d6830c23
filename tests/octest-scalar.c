// SPDX-License-Identifier: GPL-2.0
/*
 * octest-scalar.c - scalar commands, the block device, deallocate
 */
#include "octest.h"

/* ---- scalar commands -------------------------------------------------- */

/* As long as a device that reports no sector past the end of the data */
static void read_scalar(const char *what, u64 slba, u32 nr, u64 written)
{
	const char *wrong;
	u32 i;

	memset(data2, 0x5a, nr * lba_size);
	memset(oob2, 0x5a, nr * oob_size + 8);
	want_status(what, scalar(IO_READ, slba, nr, data2, oob2), 0);
	for (i = 0; i < nr; i++) {
		wrong = judge_sector(slba + i, generation, written >> i & 1,
				     data2 + i * lba_size,
				     oob_size ? oob2 + i * oob_size : NULL);
		need(!wrong, "%s: sector %u of %u: %s", what, i, nr, wrong);
	}
	need(all_are(oob2 + nr * oob_size, 0x5a, 8), "%s: OOB overrun", what);
}

static void write_scalar(const char *what, u64 slba, u32 nr, int status)
{
	u64 list[MAX_VEC];
	u32 i;

	for (i = 0; i < nr; i++)
		list[i] = slba + i;
	pattern_list(list, nr);
	want_status(what, scalar(IO_WRITE, slba, nr, data, oob),
		    status ? status | DNR : 0);
}

static void t_scalar(void)
{
	struct chunk c = fresh(geo.num_grp / 2);
	u32 u = geo.ws_min, n = max_write(), wp = 0;

	generation++;
	if (geo.clba > u) {
		write_scalar("not at wp", lba_of(c, u), u, SC_ORDER);
		want_chunk("not at wp", c, CS_FREE, 0);
	}
	if (u > 1)
		write_scalar("wrong amount", lba_of(c, 0), u - 1, SC_FIELD);
	while (wp < geo.clba) {
		if (n > geo.clba - wp)
			n = geo.clba - wp;
		write_scalar("write", lba_of(c, wp), n, 0);
		wp += n;
		want_chunk("write", c, state_at(wp), wp);
	}
	write_scalar("closed", lba_of(c, 0), u, SC_WRITE_FAULT);
	n = geo.clba < MAX_VEC ? geo.clba : MAX_VEC;
	read_scalar("read", lba_of(c, 0), n, all_bits(n));
	read_scalar("read of one", lba_of(c, geo.clba - 1), 1, 1);
}

/*
 * Metadata that comes with the data, up to more than the sectors need. Less than
 * they need would not reach the device unnoticed: the block layer WARNs when it
 * advances past the end of it.
 */
static void t_metadata(void)
{
	struct nvme_passthru_cmd cmd = {
		.nsid = nsid, .addr = ptr(data), .metadata = ptr(oob2),
	};
	struct chunk full = readable(geo.num_grp - 1);
	u32 n = max_write(), i, k;
	u64 lba = lba_of(full, 0);
	u32 least = n * oob_size;
	const u32 lens[] = {
		least, least + 1, least + 4096, least + 8192 + 8, 32768,
	};

	if (!oob_size || !block_bytes)
		skip("not with this geometry");
	cmd.opcode = IO_READ;
	cmd.cdw10 = lba;
	cmd.cdw11 = lba >> 32;
	cmd.cdw12 = n - 1;
	cmd.data_len = n * lba_size;
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		memset(oob2, 0x5a, OOB_ROOM);
		cmd.metadata_len = lens[i];
		want_status("read with metadata", io(&cmd), 0);
		for (k = 0; k < n; k++)
			need(!judge_sector(lba + k, generation, true,
					   data + k * lba_size,
					   oob2 + k * oob_size),
			     "%u bytes of metadata: sector %u", lens[i], k);
		need(all_are(oob2 + lens[i], 0x5a, OOB_ROOM - lens[i]),
		     "%u bytes of metadata: overrun", lens[i]);
	}
}

static void t_scalar_borders(void)
{
	struct chunk c, next;
	u32 n = geo.clba < MAX_VEC / 2 ? geo.clba : MAX_VEC / 2, i;
	bool gap = geo.clba & (geo.clba - 1);
	u64 written = 0;

	if (geo.num_chk < 2)
		skip("not with this geometry");
	do {
		c = fresh(0);
	} while (c.chk + 1 >= geo.num_chk);
	next = c;
	next.chk++;
	free_chunk(next);
	generation++;
	fill(c, 0, geo.clba - geo.ws_min);
	if (2 * geo.ws_min <= MAX_VEC)
		write_scalar("over the chunk's end",
			     lba_of(c, geo.clba - geo.ws_min), 2 * geo.ws_min,
			     SC_WRITE_FAULT);
	want_chunk("over the chunk's end", c, state_at(geo.clba - geo.ws_min),
		   geo.clba - geo.ws_min);
	fill(c, geo.clba - geo.ws_min, geo.clba);
	fill(next, 0, geo.clba);
	/* Behind the chunk lies the next one, or nothing for a while */
	for (i = 0; i < 2 * n; i++)
		if (i < n || geo.clba - n + i >= BIT64(geo.len[3]))
			written |= BIT64(i);
	read_scalar("over the chunk's end", lba_of(c, geo.clba - n), 2 * n,
		    written);
	if (gap)
		write_scalar("behind the chunk", lba_of(c, 0) + geo.clba,
			     geo.ws_min, SC_WRITE_FAULT);
}

static void t_scalar_range(void)
{
	static const u8 ops[] = { IO_READ, IO_WRITE };
	const struct {
		u64 slba;
		u32 nr;
	} rows[] = {
		{ nsze, 1 }, { nsze - 1, 2 }, { nsze - 63, 64 },
		{ nsze + 1000, 1 }, { ~0ULL, 1 }, { ~0ULL - 63, 64 },
		{ ~0ULL, 64 }, { BIT64(63), 1 }, { BIT64(32) * 3 + nsze, 8 },
	};
	u32 i, k;

	for (k = 0; k < 2; k++)
		for (i = 0; i < ARRAY_SIZE(rows); i++)
			want_status("beyond the namespace",
				    scalar(ops[k], rows[i].slba, rows[i].nr,
					   data, oob), SC_RANGE | DNR);
	want_status("the last sector", scalar(IO_READ, nsze - 1, 1, data, oob),
		    0);
}

static void t_scalar_dulbe(void)
{
	struct chunk a = fresh(0), b = readable(0);

	want_status("DULBE on", set_feature(FEAT_RECOVERY, nsid, DULBE), 0);
	want_status("unwritten", scalar(IO_READ, lba_of(a, 0), 1, data, oob),
		    SC_UNWRITTEN | DNR);
	want_status("written", scalar(IO_READ, lba_of(b, 0), 1, data, oob), 0);
	want_status("DULBE off", set_feature(FEAT_RECOVERY, nsid, 0), 0);
}

static void t_block(void)
{
	struct chunk c = fresh(0);
	u32 n = max_write(), i;
	u64 list[MAX_VEC] = { 0 };
	ssize_t len = n * lba_size, ret;
	off_t pos = lba_of(c, 0) * lba_size;

	/* Sectors larger than a page are no block device */
	if (!block_bytes)
		skip("not with this geometry");
	generation++;
	add_run(list, 0, c, 0, n);
	pattern_list(list, n);
	ret = pwrite(ns_fd, data, len, pos);
	need(ret == len, "write of %zd bytes: %zd, errno %d", len, ret, errno);
	want_chunk("write", c, state_at(n), n);
	ret = pwrite(ns_fd, data, len, pos);
	/* A closed chunk's is a medium error */
	need(ret < 0 && errno == (n == geo.clba ? ENODATA : EIO),
	     "written again: %zd, errno %d", ret, errno);
	fill(c, n, geo.clba);
	ret = pread(ns_fd, data2, len, pos);
	need(ret == len, "read: %zd, errno %d", ret, errno);
	for (i = 0; i < n; i++)
		need(!judge_sector(list[i], generation, true,
				   data2 + i * lba_size, NULL), "sector %u", i);
	ret = pread(ns_fd, data2, lba_size, nsze * lba_size);
	need(!ret, "read past the end: %zd", ret);
	ret = pwrite(ns_fd, data2, lba_size, nsze * lba_size);
	need(ret < 0, "write past the end: %zd", ret);
	ret = pread(ns_fd, data2, lba_size, pos + 7);
	need(ret < 0 && errno == EINVAL, "odd offset: %zd", ret);
}

/* A command whose memory lies here and there */
static void t_block_iovec(void)
{
	struct iovec iov[MAX_VEC], half[2];
	struct chunk c = fresh(0);
	u32 n = max_write(), i;
	u64 list[MAX_VEC] = { 0 };
	u8 *part[MAX_VEC];
	ssize_t ret;

	/* The kernel cuts a command where a page is not used up */
	if (!block_bytes || lba_size < 4096)
		skip("not with this geometry");
	generation++;
	add_run(list, 0, c, 0, n);
	for (i = 0; i < n; i++) {
		/* Every other page, from the last one down */
		part[i] = data + (size_t)(n - 1 - i) * 2 * lba_size;
		if (part[i] + lba_size > data + data_room)
			part[i] += data2 - data - data_room;
		pattern(list[i], generation, part[i], oob);
		iov[i].iov_base = part[i];
		iov[i].iov_len = lba_size;
	}
	ret = pwritev(ns_fd, iov, n, lba_of(c, 0) * lba_size);
	need(ret == (ssize_t)(n * lba_size), "write: %zd, errno %d", ret,
	     errno);
	want_chunk("write", c, state_at(n), n);
	for (i = n; i < geo.clba; i += geo.ws_min) {
		ret = pwrite(ns_fd, data, geo.ws_min * lba_size,
			     lba_of(c, i) * lba_size);
		need(ret == (ssize_t)(geo.ws_min * lba_size),
		     "the rest: %zd, errno %d", ret, errno);
	}
	memset(data, 0x5a, data_room + 8192);
	memset(data2, 0x5a, data_room + 8192);
	ret = preadv(ns_fd, iov, n, lba_of(c, 0) * lba_size);
	need(ret == (ssize_t)(n * lba_size), "read: %zd, errno %d", ret, errno);
	for (i = 0; i < n; i++)
		need(!judge_sector(list[i], generation, true, part[i], NULL),
		     "sector %u", i);
	need(all_are(data + lba_size, 0x5a, lba_size), "overrun");

	half[0].iov_base = data;
	half[0].iov_len = lba_size / 2;
	half[1].iov_base = data2;
	half[1].iov_len = lba_size / 2;
	ret = preadv(ns_fd, half, 2, lba_of(c, 0) * lba_size);
	need(ret < 0 && errno == EINVAL, "half sectors: %zd", ret);
}

static void t_flush(void)
{
	struct nvme_passthru_cmd cmd = { .opcode = IO_FLUSH, .nsid = nsid };

	want_status("flush", io(&cmd), 0);
	cmd.addr = ptr(data);
	cmd.data_len = 4096;
	want_status("flush with data", io(&cmd), 0);
	need(!fsync(ns_fd), "fsync: errno %d", errno);
}

/* ---- deallocate ------------------------------------------------------- */

static void t_dsm(void)
{
	struct range r[4];
	struct chunk c[4];
	u64 list[4];
	u32 i;

	generation++;
	for (i = 0; i < ARRAY_SIZE(c); i++) {
		c[i] = fresh(i % geo.num_grp);
		fill(c[i], 0, geo.clba);
		list[i] = lba_of(c[i], 0);
		r[i] = range_of(c[i]);
	}
	want_status("hint only", dsm(r, 1, 3, sizeof(r)), 0);
	want_chunk("hint only", c[0], CS_CLOSED, geo.clba);
	want_status("one", dsm(r, 1, 4, sizeof(r)), 0);
	want_chunk("one", c[0], CS_FREE, 0);
	want_chunk("the others", c[1], CS_CLOSED, geo.clba);
	want_status("several", dsm(r + 1, 3, 4, 3 * sizeof(r[0])), 0);
	for (i = 0; i < ARRAY_SIZE(c); i++)
		want_chunk("several", c[i], CS_FREE, 0);
	read_list("deallocated", list, 4, 0);
	want_status("free", dsm(r, 1, 4, sizeof(r)),
		    geo.mccap & CAP_MULTI ? 0 : SC_RESET | DNR);
}

static void t_dsm_bad(void)
{
	const struct {
		const char *name;
		u32 nlb;
		u64 off;
		int status;
	} rows[] = {
		{ "short", geo.clba - 1, 0, SC_RANGE },
		{ "long", geo.clba + 1, 0, SC_RANGE },
		{ "nothing", 0, 0, SC_RANGE },
		{ "everything", ~0U, 0, SC_RANGE },
		{ "not the chunk's start", geo.clba, 1, SC_RESET },
		{ "outside", geo.clba, nsze, SC_RESET },
		{ "far outside", geo.clba, BIT64(63), SC_RESET },
	};
	struct chunk c[3];
	struct range r[3];
	u32 i, k, bad;

	generation++;
	for (i = 0; i < 3; i++) {
		c[i] = fresh(i % geo.num_grp);
		fill(c[i], 0, geo.clba);
	}
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (bad = 0; bad < 3; bad++) {
			for (k = 0; k < 3; k++)
				r[k] = range_of(c[k]);
			r[bad].nlb = rows[i].nlb;
			r[bad].slba += rows[i].off;
			want_status(rows[i].name, dsm(r, 3, 4, sizeof(r)),
				    rows[i].status | DNR);
			for (k = 0; k < 3; k++)
				want_chunk(rows[i].name, c[k], CS_CLOSED,
					   geo.clba);
		}
	}
	for (k = 0; k < 3; k++)
		r[k] = range_of(c[k]);
	want_status("short list", dsm(r, 3, 4, sizeof(r) - 1),
		    SC_SHORT_DATA | DNR);
	want_status("no list", dsm(r, 3, 4, 0), SC_SHORT_DATA | DNR);
	want_status("256 ranges in 48 bytes", dsm(r, 256, 4, sizeof(r)),
		    SC_SHORT_DATA | DNR);
	want_chunk("short list", c[0], CS_CLOSED, geo.clba);
}

/* More ranges than a vector command has addresses */
static void t_dsm_many(void)
{
	u32 nr = nr_chunks / 2 < 150 ? nr_chunks / 2 : 150, i;
	struct range r[256];
	struct chunk c[150];
	u32 part = geo.ws_min;

	if (!(geo.mccap & CAP_EARLY)) {
		part = geo.clba;
		if ((u64)nr * geo.clba * lba_size > 300 << 20)
			skip("not with this geometry");
	}
	for (i = 0; i < nr; i++) {
		c[i] = fresh(i % geo.num_grp);
		fill(c[i], 0, part);
		r[i] = range_of(c[i]);
	}
	want_status("many", dsm(r, nr, 4, sizeof(r)), 0);
	for (i = 0; i < nr; i++)
		want_chunk("many", c[i], CS_FREE, 0);
}

static void t_discard(void)
{
	struct chunk c = fresh(0);
	u64 range[2] = {
		lba_of(c, 0) * lba_size, (u64)geo.clba * lba_size
	};
	u64 bad[2] = { range[0], range[1] - lba_size };

	if (!block_bytes)
		skip("not with this geometry");
	generation++;
	fill(c, 0, geo.clba);
	if (geo.clba > 1) {
		need(ioctl(ns_fd, BLKDISCARD, bad) < 0,
		     "a discard of less than a chunk succeeded");
		want_chunk("too short", c, CS_CLOSED, geo.clba);
	}
	need(!ioctl(ns_fd, BLKDISCARD, range), "BLKDISCARD: errno %d", errno);
	want_chunk("discarded", c, CS_FREE, 0);
}

const struct test scalar_tests[] = {
	{ "scalar.rules", t_scalar },
	{ "scalar.metadata", t_metadata },
	{ "scalar.borders", t_scalar_borders },
	{ "scalar.range", t_scalar_range },
	{ "scalar.dulbe", t_scalar_dulbe },
	{ "block.read-write", t_block },
	{ "block.iovec", t_block_iovec },
	{ "block.flush", t_flush },
	{ "dsm.chunks", t_dsm },
	{ "dsm.bad", t_dsm_bad },
	{ "dsm.many", t_dsm_many },
	{ "dsm.discard", t_discard },
	{}
};
