// SPDX-License-Identifier: GPL-2.0
/*
 * octest-defects.c - what other emulators are known to get wrong, a case for each
 */
#include "octest-model.h"

/*
 * The mask of failed sectors and the one of sectors without data built with
 * 32-bit shifts: wrong from entry 32 on.
 */
static void t_shift(void)
{
	struct chunk full = readable(0), empty = fresh(geo.num_grp - 1);
	u64 list[MAX_VEC];
	u32 bit, i;

	for (bit = 0; bit < MAX_VEC; bit++) {
		for (i = 0; i < MAX_VEC; i++)
			list[i] = lba_of(i == bit ? empty : full, i % geo.clba);
		want_status("DULBE on", set_feature(FEAT_RECOVERY, nsid, DULBE),
			    0);
		want_vector("read", VEC_READ, list, MAX_VEC, data, NULL, 0,
			    SC_UNWRITTEN, BIT64(bit));
		want_status("DULBE off", set_feature(FEAT_RECOVERY, nsid, 0),
			    0);
		read_list("read", list, MAX_VEC, ~BIT64(bit));
	}
}

/* The bitmap in wrong dwords of the completion, or missing when there is an error */
static void t_bitmap_dwords(void)
{
	struct nvme_passthru_cmd64 cmd = {
		.opcode = VEC_RESET, .nsid = nsid, .cdw10 = nsze,
		.cdw11 = nsze >> 32,
	};
	struct chunk c = fresh(0);
	u64 list[MAX_VEC];
	u32 i;

	want_status("reset", xioctl(ns_fd, NVME_IOCTL_IO64_CMD, &cmd),
		    SC_RESET | DNR);
	need(cmd.result == 1, "result %llx",
	     (unsigned long long)cmd.result);
	for (i = 0; i < MAX_VEC; i++)
		list[i] = i < 32 ? lba_of(c, i % geo.clba) : nsze + i;
	want_status("DULBE on", set_feature(FEAT_RECOVERY, nsid, DULBE), 0);
	want_vector("all of them", VEC_READ, list, MAX_VEC, data, NULL, 0,
		    SC_UNWRITTEN, ~0ULL);
	want_status("DULBE off", set_feature(FEAT_RECOVERY, nsid, 0), 0);
	want_vector("a write to nowhere", VEC_WRITE, list, MAX_VEC, data, NULL,
		    0, SC_WRITE_FAULT, ~0ULL);
	if (!(geo.mccap & CAP_MULTI))
		want_vector("resets", VEC_RESET, list, MAX_VEC, NULL, NULL, 0,
			    SC_RESET, ~0ULL);
	else
		want_vector("resets", VEC_RESET, list, MAX_VEC, NULL, NULL, 0,
			    SC_RESET, ~0ULL << 32);
}

/* After a write into several chunks only the first one's write pointer moves */
static void t_write_pointers(void)
{
	u32 nr = MAX_VEC / geo.ws_min, at = 0, i, pu;
	struct chunk c[MAX_VEC];
	u64 list[MAX_VEC] = { 0 };

	if (nr > geo.num_pu * geo.num_grp)
		nr = geo.num_pu * geo.num_grp;
	generation++;
	for (i = 0; i < nr; i++) {
		pu = i / geo.num_grp;
		c[i] = (struct chunk) { i % geo.num_grp, pu, geo.num_chk / 2 };
		free_chunk(c[i]);
		at = add_run(list, at, c[i], 0, geo.ws_min);
	}
	write_list("a unit for each PU", list, at, 0);
	for (i = 0; i < nr; i++)
		want_chunk("each PU's chunk", c[i], state_at(geo.ws_min),
			   geo.ws_min);
}

/* Byte offsets of 32 bits: what is written at 4 GiB + x is found at x */
static void t_four_gib(void)
{
	u64 chunk_bytes = (u64)geo.clba * lba_size;
	u64 all = chunk_bytes * nr_chunks, per_grp = all / geo.num_grp;
	u32 first[64], nr = 0, i;
	u64 off;

	if (all <= BIT64(32))
		skip("the namespace has %llu MiB, this needs more than 4 GiB",
		     (unsigned long long)(all >> 20));
	/* From the beginning of the device and of each group, in 2 GiB steps */
	for (off = 0; off + chunk_bytes <= all && nr < 32; off += BIT64(31))
		first[nr++] = off / chunk_bytes;
	for (i = 0; i < geo.num_grp && i < 8; i++)
		for (off = BIT64(31); off + chunk_bytes <= per_grp && nr < 64;
		     off += BIT64(31))
			first[nr++] = (per_grp * i + off) / chunk_bytes;
	generation++;
	for (i = 0; i < nr; i++)
		free_chunk(nth_chunk(first[i]));
	for (i = 0; i < nr; i++)
		if (describe(nth_chunk(first[i])).cs == CS_FREE)
			fill(nth_chunk(first[i]), 0, geo.clba);
	for (i = 0; i < nr; i++) {
		u64 list[MAX_VEC];
		u32 n = geo.clba < MAX_VEC ? geo.clba : MAX_VEC;

		add_run(list, 0, nth_chunk(first[i]), 0, n);
		read_list("2 GiB apart", list, n, all_bits(n));
	}
	/* A chunk may be there twice */
	for (i = 0; i < nr; i++)
		free_chunk(nth_chunk(first[i]));
}

/* A reset that looks at less than all of the address takes a neighbour along */
static void t_neighbours(void)
{
	const struct chunk c = { 0, 0, 0 };
	struct chunk next[3];
	u64 list[3], lba;
	u32 nr = 0, i;

	if (geo.num_grp > 1)
		next[nr++] = (struct chunk) { 1, 0, 0 };
	if (geo.num_pu > 1)
		next[nr++] = (struct chunk) { 0, 1, 0 };
	if (geo.num_chk > 1)
		next[nr++] = (struct chunk) { 0, 0, 1 };
	generation++;
	free_chunk(c);
	fill(c, 0, geo.clba);
	for (i = 0; i < nr; i++) {
		free_chunk(next[i]);
		fill(next[i], 0, geo.clba);
		list[i] = lba_of(next[i], i);
	}
	reset_chunk(c);
	want_chunk("reset", c, CS_FREE, 0);
	lba = lba_of(c, 0);
	read_list("reset", &lba, 1, 0);
	for (i = 0; i < nr; i++)
		want_chunk("a neighbour", next[i], CS_CLOSED, geo.clba);
	if (nr)
		read_list("neighbours", list, nr, all_bits(nr));
}

/* OOB not stored at all, or once for the whole command */
static void t_oob_stored(void)
{
	struct chunk c = fresh(geo.num_grp - 1);
	u32 n = max_write(), i;
	u64 list[MAX_VEC], one[MAX_VEC];

	if (!oob_size)
		skip("the format has no OOB");
	generation++;
	add_run(list, 0, c, 0, n);
	write_list("write", list, n, 0);
	fill(c, n, geo.clba);
	/* One by one and backwards: each its own */
	for (i = n; i--; ) {
		read_list("a sector", &list[i], 1, 1);
		one[n - 1 - i] = list[i];
	}
	read_list("backwards", one, n, all_bits(n));
}

/* abort() on lengths that the host chooses */
static void t_lengths(void)
{
	static const u64 offs[] = { 0, 4, 1ULL << 31, 1ULL << 32, ~3ULL };
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_GET_LOG, .nsid = nsid, .addr = ptr(data),
		.data_len = 4096,
	};
	bool there;
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(offs); i++) {
		for (k = 1; k < 33; k++) {
			u32 numd = k == 32 ? ~0U : (1U << k) - 1;

			cmd.cdw10 = numd << 16 | LOG_CHUNKS;
			cmd.cdw11 = numd >> 16;
			cmd.cdw12 = offs[i];
			cmd.cdw13 = offs[i] >> 32;
			/* Success only for what is there and fits */
			there = numd < 1024 && offs[i] < log_bytes();
			need(!admin(&cmd) == there,
			     "offset %llx, %u dwords",
			     (unsigned long long)offs[i], numd);
		}
	}
	for (k = 0; k < 17; k++) {
		u32 nlb = (1U << k) - 1;
		int status = raw_vector(VEC_READ, 0, nlb, 0, lba_size);

		need(nlb ? status == (SC_FIELD | DNR) : !status,
		     "nlb %x: status %x", nlb, status);
	}
}

/* A group that is masked or not looked at: the address means another one */
static void t_group(void)
{
	struct chunk c = fresh(0);
	u64 lba, list[2];
	u32 i;

	for (i = geo.num_grp; i < geo.num_grp + 64U; i++) {
		lba = raw_lba(i, c.pu, c.chk, 0);
		want_vector("write", VEC_WRITE, &lba, 1, data, NULL, 0,
			    SC_WRITE_FAULT, 1);
		want_vector("reset", VEC_RESET, &lba, 1, NULL, NULL, 0,
			    SC_RESET, 1);
		list[0] = lba;
		list[1] = lba;
		read_list("read", list, 2, 0);
	}
	want_chunk("the chunk of group 0", c, CS_FREE, 0);
}

/* The length read as 32 bits: hints above it make it enormous */
static void t_length_bits(void)
{
	struct chunk c = readable(0);
	struct nvme_passthru_cmd cmd = {
		.nsid = nsid, .addr = ptr(data), .data_len = lba_size,
		.cdw10 = lba_of(c, 1), .cdw11 = lba_of(c, 1) >> 32,
	};
	static const u8 ops[] = { IO_READ, VEC_READ };
	u32 i, bit;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		/* Limited retry, FUA, and what liblightnvm sets */
		static const u8 bits[] = { 31, 30, 25 };

		for (bit = 0; bit < ARRAY_SIZE(bits); bit++) {
			cmd.opcode = ops[i];
			cmd.cdw12 = 1U << bits[bit];
			want_status("read", io(&cmd), 0);
			need(!judge_sector(lba_of(c, 1), generation, true, data,
					   NULL), "bit %u: data", bits[bit]);
		}
	}
}

/* The buffer checked against the whole log instead of offset and length */
static void t_log_window(void)
{
	u32 size = log_bytes(), off;
	struct desc d;

	for (off = 0; off < size; off += size / 8 / LOG_DESC * LOG_DESC) {
		want_status("a descriptor", get_log(LOG_CHUNKS, off, LOG_DESC,
						    &d, LOG_DESC), 0);
		need(d.slba == lba_of(nth_chunk(off / LOG_DESC), 0),
		     "offset %u: slba %llx", off, (unsigned long long)d.slba);
		if (size < 2 * LOG_DESC)
			break;
	}
	want_status("the last", get_log(LOG_CHUNKS, size - LOG_DESC, LOG_DESC,
					&d, LOG_DESC), 0);
	need(d.slba == lba_of(nth_chunk(nr_chunks - 1), 0), "the last one");
}

/* Storage that namespaces share: what is written in one shows in the other */
static void t_namespaces(void)
{
	struct chunk c = fresh(0);
	u64 lba = lba_of(c, 0), list[MAX_VEC];
	struct nvme_passthru_cmd cmd = {
		.opcode = IO_READ, .addr = ptr(data2), .data_len = lba_size,
		.cdw10 = lba, .cdw11 = lba >> 32,
	};
	struct desc before, after;
	u32 id, n = max_write();
	struct geometry g;

	for (id = 1; id <= nr_ns; id++)
		if (id != nsid && !get_geometry(&g, id, sizeof(g)) &&
		    !memcmp(g.len, geo.len, 4))
			break;
	if (id > nr_ns)
		skip("there is no second namespace like this one");
	cmd.nsid = id;
	want_status("the other's chunk log",
		    get_log_ns(id, LOG_CHUNKS, chunk_index(c) * LOG_DESC,
			       LOG_DESC, &before, LOG_DESC), 0);
	want_status("the other's data", io(&cmd), 0);
	memcpy(oob2, data2, 512);
	generation++;
	add_run(list, 0, c, 0, n);
	write_list("write", list, n, 0);
	fill(c, n, geo.clba);
	want_status("the other's chunk log",
		    get_log_ns(id, LOG_CHUNKS, chunk_index(c) * LOG_DESC,
			       LOG_DESC, &after, LOG_DESC), 0);
	need(!memcmp(&before, &after, sizeof(before)),
	     "a chunk of namespace %u has changed", id);
	want_status("the other's data", io(&cmd), 0);
	need(!memcmp(oob2, data2, 512), "data of namespace %u have changed",
	     id);
	need(judge_sector(lba, generation, true, data2, NULL),
	     "namespace %u shows what was written", id);
}

/* Every channel there is takes commands, be it one or many */
static void t_channels(void)
{
	u32 grp;

	for (grp = 0; grp < geo.num_grp; grp++) {
		struct chunk c = readable(grp);
		u64 lba = lba_of(c, geo.clba - 1);

		read_list("each group", &lba, 1, 1);
		reset_chunk(c);
	}
}

/* Scalar I/O refused because the format has metadata and the command has not */
static void t_no_metadata(void)
{
	struct chunk c = fresh(0);
	u32 n = geo.ws_min, i;
	struct nvme_passthru_cmd cmd = {
		.opcode = IO_WRITE, .nsid = nsid, .addr = ptr(data),
		.data_len = n * lba_size, .cdw10 = lba_of(c, 0),
		.cdw11 = lba_of(c, 0) >> 32, .cdw12 = n - 1,
	};
	u64 list[MAX_VEC];

	if (!oob_size)
		skip("the format has no OOB");
	generation++;
	add_run(list, 0, c, 0, n);
	pattern_list(list, n);
	want_status("write", io(&cmd), 0);
	fill(c, n, geo.clba);
	cmd.opcode = IO_READ;
	memset(data, 0x5a, n * lba_size);
	want_status("read", io(&cmd), 0);
	for (i = 0; i < n; i++)
		need(!judge_sector(list[i], generation, true,
				   data + i * lba_size, NULL), "sector %u", i);
}

const struct test defect_tests[] = {
	{ "defect.32-bit-shift", t_shift },
	{ "defect.bitmap-dwords", t_bitmap_dwords },
	{ "defect.write-pointers", t_write_pointers },
	{ "defect.four-gib", t_four_gib },
	{ "defect.reset-neighbours", t_neighbours },
	{ "defect.oob-stored", t_oob_stored },
	{ "defect.host-lengths", t_lengths },
	{ "defect.group-masked", t_group },
	{ "defect.length-32-bits", t_length_bits },
	{ "defect.log-window", t_log_window },
	{ "defect.channels", t_channels },
	{ "defect.namespaces-shared", t_namespaces },
	{ "defect.scalar-metadata", t_no_metadata },
	{}
};
