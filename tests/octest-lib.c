// SPDX-License-Identifier: GPL-2.0
/*
 * octest-lib.c - what all cases use: the device, commands, chunks, the pattern
 */
#include "octest.h"

const char *model_path;
struct geometry geo;
u32 nr_ns, nr_active, nr_chunks, lba_format;
u64 nsze, ncap, block_bytes;

const u32 vec_sizes[NR_VEC_SIZES] = { 1, 2, 3, 4, 31, 32, 33, 63, 64 };

/* ---- commands --------------------------------------------------------- */

int get_log_ns(u32 id, u8 lid, u64 off, u32 len, void *to, u32 room)
{
	u32 numd = len / 4 - 1;
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_GET_LOG, .nsid = id, .addr = ptr(to),
		.data_len = room, .cdw10 = numd << 16 | lid,
		.cdw11 = numd >> 16, .cdw12 = off, .cdw13 = off >> 32,
	};

	return admin(&cmd);
}

int get_log(u8 lid, u64 off, u32 len, void *to, u32 room)
{
	/* The others are the controller's */
	bool of_ns = lid == LOG_CHUNKS || lid == LOG_NOTICES;

	return get_log_ns(of_ns ? nsid : 0, lid, off, len, to, room);
}

int identify(u8 cns, u32 id, void *page)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_IDENTIFY, .nsid = id, .addr = ptr(page),
		.data_len = 4096, .cdw10 = cns,
	};

	return admin(&cmd);
}

int set_feature(u8 fid, u32 id, u32 val)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_SET_FEAT, .nsid = id, .cdw10 = fid,
		.cdw11 = val,
	};

	return admin(&cmd);
}

int get_feature(u8 fid, u32 id, u32 dw11, u32 *val)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_GET_FEAT, .nsid = id, .cdw10 = fid,
		.cdw11 = dw11,
	};
	int status = admin(&cmd);

	*val = cmd.result;
	return status;
}

/* Status without DNR, or -errno; the failed sectors end up in bitmap */
int vector(u8 opcode, const u64 *list, u32 nr, void *buf, void *meta,
	   u32 meta_len)
{
	struct user_vio cmd = {
		.opcode = opcode, .nppas = nr - 1, .addr = ptr(buf),
		.ppa_list = nr == 1 ? list[0] : ptr(list),
		.metadata = meta_len ? ptr(meta) : 0, .metadata_len = meta_len,
	};

	return submit_vio(&cmd);
}

int raw_vector(u8 op, u64 lbal, u16 nlb, u16 control, u32 len)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = op, .nsid = nsid, .addr = ptr(data), .data_len = len,
		.cdw10 = lbal, .cdw11 = lbal >> 32,
		.cdw12 = nlb | control << 16,
	};

	return io(&cmd);
}

/* A vector command must end with this status and mark these sectors */
void want_vector(const char *what, u8 opcode, const u64 *list, u32 nr,
		 void *buf, void *meta, u32 meta_len, int status, u64 failed)
{
	want_status(what, vector(opcode, list, nr, buf, meta, meta_len),
		    status);
	need(!status || bitmap == failed,
	     "%s: want failed sectors %016llx, came %016llx", what,
	     (unsigned long long)failed, (unsigned long long)bitmap);
}

/* ---- addresses and chunks --------------------------------------------- */

u64 raw_lba(u64 grp, u64 pu, u64 chk, u64 sec)
{
	u32 pos = geo.len[3];
	u64 lba = sec;

	lba |= chk << pos;
	pos += geo.len[2];
	lba |= pu << pos;
	pos += geo.len[1];
	return lba | grp << pos;
}

u64 lba_of(struct chunk c, u32 sec)
{
	return raw_lba(c.grp, c.pu, c.chk, sec);
}

u32 chunk_index(struct chunk c)
{
	return (c.grp * geo.num_pu + c.pu) * geo.num_chk + c.chk;
}

struct chunk nth_chunk(u32 i)
{
	struct chunk c = {
		.grp = i / geo.num_chk / geo.num_pu,
		.pu = i / geo.num_chk % geo.num_pu,
		.chk = i % geo.num_chk,
	};

	return c;
}

struct desc describe(struct chunk c)
{
	struct desc d;

	want_status("chunk log", get_log(LOG_CHUNKS,
					 (u64)chunk_index(c) * LOG_DESC,
					 LOG_DESC, &d, LOG_DESC), 0);
	need(d.slba == lba_of(c, 0), "chunk log of chunk %u: wrong slba",
	     chunk_index(c));
	return d;
}

void want_chunk(const char *what, struct chunk c, u8 cs, u32 wp)
{
	struct desc d = describe(c);

	need(d.cs == cs && d.wp == wp,
	     "%s: want chunk state %u wp %u, came %u wp %llu", what, cs, wp,
	     d.cs, (unsigned long long)d.wp);
}

/* ---- writing and reading ---------------------------------------------- */

void write_list(const char *what, const u64 *list, u32 nr, int status)
{
	pattern_list(list, nr);
	want_vector(what, VEC_WRITE, list, nr, data, oob, nr * oob_size, status,
		    all_bits(nr));
}

/* Bit i of @written: sector i must hold the pattern; others read as nothing */
void read_list(const char *what, const u64 *list, u32 nr, u64 written)
{
	const char *wrong;
	u32 i;

	memset(data2, 0x5a, nr * lba_size);
	memset(oob2, 0x5a, nr * oob_size + 8);
	want_vector(what, VEC_READ, list, nr, data2, oob2, nr * oob_size, 0, 0);
	for (i = 0; i < nr; i++) {
		wrong = judge_sector(list[i], generation, written >> i & 1,
				     data2 + i * lba_size,
				     oob_size ? oob2 + i * oob_size : NULL);
		need(!wrong, "%s: sector %u of %u (lba %llx): %s", what, i, nr,
		     (unsigned long long)list[i], wrong);
	}
	need(all_are(oob2 + nr * oob_size, 0x5a, 8),
	     "%s: written past the end of the OOB", what);
}

/* The list of @n sectors of a chunk from @sec on */
u32 add_run(u64 *list, u32 at, struct chunk c, u32 sec, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		list[at + i] = lba_of(c, sec + i);
	return at + n;
}

/* Most sectors one command can write into one chunk */
u32 max_write(void)
{
	u32 most = MAX_VEC / geo.ws_min * geo.ws_min;

	return most < geo.clba ? most : geo.clba;
}

void fill(struct chunk c, u32 sec, u32 end)
{
	u64 list[MAX_VEC];

	while (sec < end) {
		u32 n = end - sec < max_write() ? end - sec : max_write();

		add_run(list, 0, c, sec, n);
		write_list("filling a chunk", list, n, 0);
		sec += n;
	}
}

void reset_chunk(struct chunk c)
{
	u64 lba = lba_of(c, 0);

	want_vector("resetting a chunk", VEC_RESET, &lba, 1, NULL, NULL, 0, 0,
		    0);
}

/* Whatever state it is in: make it free */
void free_chunk(struct chunk c)
{
	struct desc d = describe(c);

	if (d.cs == CS_FREE)
		return;
	if (d.cs == CS_OPEN && !(geo.mccap & CAP_EARLY))
		fill(c, d.wp, geo.clba);
	reset_chunk(c);
}

/* A free chunk of a group, each in its turn */
struct chunk fresh(u32 grp)
{
	static u32 next[1 << 16];
	u32 per_grp = geo.num_pu * geo.num_chk, i;

	for (i = 0; i < per_grp; i++) {
		struct chunk c = nth_chunk(grp * per_grp + next[grp]++ % per_grp);

		if (describe(c).cs == CS_OFFLINE)
			continue;
		free_chunk(c);
		return c;
	}
	fail("all chunks of group %u are offline", grp);
}

u8 log2_up(u32 n)
{
	u8 bits = 0;

	while (BIT64(bits) < n)
		bits++;
	return bits;
}

int get_geometry(struct geometry *to, u32 id, u32 len)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_GEOMETRY, .nsid = id, .addr = ptr(to),
		.data_len = len,
	};

	return admin(&cmd);
}

u32 log_bytes(void)
{
	return nr_chunks * LOG_DESC;
}

u8 *whole_chunk_log(void)
{
	u8 *log = malloc(log_bytes());
	u32 off, n;

	need(log, "no memory");
	for (off = 0; off < log_bytes(); off += n) {
		n = log_bytes() - off < 65536 ? log_bytes() - off : 65536;
		want_status("chunk log", get_log(LOG_CHUNKS, off, n, log + off,
						 n), 0);
	}
	return log;
}

/* @nr sectors of one free chunk, written and then made readable */
struct chunk readable(u32 grp)
{
	struct chunk c = fresh(grp);

	generation++;
	fill(c, 0, geo.clba);
	return c;
}

u8 state_at(u32 wp)
{
	return !wp ? CS_FREE : wp == geo.clba ? CS_CLOSED : CS_OPEN;
}

int dsm(struct range *ranges, u32 nr, u32 attr, u32 len)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = IO_DSM, .nsid = nsid, .addr = ptr(ranges),
		.data_len = len, .cdw10 = nr - 1, .cdw11 = attr,
	};

	return io(&cmd);
}

struct range range_of(struct chunk c)
{
	struct range r = { .nlb = geo.clba, .slba = lba_of(c, 0) };

	return r;
}

void peek(const char *path)
{
	char text[4096];
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return;
	while (read(fd, text, sizeof(text)) > 0)
		;
	close(fd);
}

void open_device(void)
{
	u8 *page;
	u32 fmt, lbaf;

	if (setjmp(case_end)) {
		printf("not ok setup: %s\n0 passed, 1 failed\n", case_reason);
		exit(1);
	}
	ns_fd = open(ns_path, O_RDWR | O_DIRECT);
	need(ns_fd >= 0, "%s: %s", ns_path, strerror(errno));
	ctrl_fd = open(ctrl_path, O_RDWR);
	need(ctrl_fd >= 0, "%s: %s", ctrl_path, strerror(errno));
	nsid = ioctl(ns_fd, NVME_IOCTL_ID);
	need(nsid + 1 > 1, "no namespace id");
	need(!ioctl(ns_fd, BLKGETSIZE64, &block_bytes), "no size");

	need(!posix_memalign((void **)&page, 4096, 4096), "no memory");
	want_status("identify namespace", identify(0, nsid, page), 0);
	memcpy(&nsze, page, 8);
	memcpy(&ncap, page + 8, 8);
	fmt = page[26] & 15;
	lba_format = page[26] & 31;
	dlfeat = page[33] & 7;
	memcpy(&lbaf, page + 128 + 4 * fmt, 4);
	lba_size = 1U << (lbaf >> 16 & 0xff);
	oob_size = lbaf & 0xffff;
	want_status("identify controller", identify(1, 0, page), 0);
	memcpy(&nr_ns, page + 516, 4);
	want_status("identify active namespaces", identify(2, 0, page), 0);
	while (nr_active < nr_ns && memcmp(page + 4 * nr_active, "\0\0\0", 4))
		nr_active++;
	free(page);
	want_status("geometry", get_geometry(&geo, nsid, sizeof(geo)), 0);
	nr_chunks = geo.num_grp * geo.num_pu * geo.num_chk;
	need(nr_chunks && geo.ws_min && geo.ws_min <= MAX_VEC,
	     "this geometry cannot be tested");
	make_rooms();
}
