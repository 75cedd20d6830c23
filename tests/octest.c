// SPDX-License-Identifier: GPL-2.0
/*
 * octest.c - send an ocloop controller commands, good and bad, from user space
 *
 * Each case is a function; the first need() that does not hold ends it. Cases ask
 * the device for its geometry and take chunks as they need them, so they run on
 * any device and in any order, but what is on the device does not survive.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/fs.h>
#include <linux/nvme_ioctl.h>
#include <linux/types.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define BIT64(n)	(1ULL << (n))
#define __noreturn	__attribute__((noreturn))
#define __printf(a, b)	__attribute__((__format__(__printf__, a, b)))

#define MAX_VEC		64U
#define MAX_THREADS	8U
#define LOG_DESC	32U

#define ADMIN_GET_LOG	0x02
#define ADMIN_IDENTIFY	0x06
#define ADMIN_ABORT	0x08
#define ADMIN_SET_FEAT	0x09
#define ADMIN_GET_FEAT	0x0a
#define ADMIN_AER	0x0c
#define ADMIN_KEEP	0x18
#define ADMIN_FABRICS	0x7f
#define ADMIN_GEOMETRY	0xe2

#define FEAT_RECOVERY	0x05
#define FEAT_KATO	0x0f
#define DULBE		0x10000

#define LOG_CHUNKS	0xca

#define IO_FLUSH	0x00
#define IO_WRITE	0x01
#define IO_READ		0x02
#define IO_DSM		0x09
#define VEC_RESET	0x90
#define VEC_WRITE	0x91
#define VEC_READ	0x92

/* Status of a completion; errors of the device also say "do not retry" */
#define DNR		0x4000
#define SC_OPCODE	0x001
#define SC_FIELD	0x002
#define SC_ABORTED	0x007
#define SC_NSID		0x00b
#define SC_SEQUENCE	0x00c
#define SC_SHORT_DATA	0x00f
#define SC_SHORT_META	0x010
#define SC_RANGE	0x080
#define SC_AER_LIMIT	0x105
#define SC_LOG_PAGE	0x109
#define SC_NOT_SAVEABLE	0x10d
#define SC_NOT_PER_NS	0x10f
#define SC_WRITE_FAULT	0x280
#define SC_UNWRITTEN	0x287
#define SC_RESET	0x2c1
#define SC_ORDER	0x2f2

#define CS_FREE		1
#define CS_CLOSED	2
#define CS_OPEN		4

#define CAP_MULTI	2
#define CAP_EARLY	4

/* lightnvm's ioctls, as the kernel has them up to 5.14 */
struct user_vio {
	u8	opcode;
	u8	flags;
	u16	control;
	u16	nppas;
	u16	rsvd;
	u64	metadata;
	u64	addr;
	u64	ppa_list;
	u32	metadata_len;
	u32	data_len;
	u64	status;
	u32	result;
	u32	rsvd3[3];
};

struct passthru_vio {
	u8	opcode;
	u8	flags;
	u8	rsvd[2];
	u32	nsid;
	u32	cdw2;
	u32	cdw3;
	u64	metadata;
	u64	addr;
	u32	metadata_len;
	u32	data_len;
	u64	ppa_list;
	u16	nppas;
	u16	control;
	u32	cdw13;
	u32	cdw14;
	u32	cdw15;
	u64	status;
	u32	result;
	u32	timeout_ms;
};

#define ADMIN_VIO	_IOWR('L', 0x41, struct passthru_vio)
#define SUBMIT_VIO	_IOWR('L', 0x42, struct user_vio)
#define IO_VIO		_IOWR('L', 0x43, struct passthru_vio)

/* The geometry command's answer, as far as it is looked at */
struct geometry {
	u8	major;
	u8	minor;
	u8	rsvd2[6];
	u8	len[4];
	u8	rsvd12[4];
	u32	mccap;
	u8	rsvd20[12];
	u8	wit;
	u8	rsvd33[31];
	u16	num_grp;
	u16	num_pu;
	u32	num_chk;
	u32	clba;
	u8	rsvd76[52];
	u32	ws_min;
	u32	ws_opt;
	u32	mw_cunits;
	u32	maxoc;
	u32	maxocpu;
	u8	rsvd148[44];
	u32	times[6];
	u8	rsvd216[3880];
};

struct desc {
	u8	cs;
	u8	ct;
	u8	wli;
	u8	rsvd[5];
	u64	slba;
	u64	cnlb;
	u64	wp;
};

struct chunk {
	u32 grp;
	u32 pu;
	u32 chk;
};

static const char *ns_path = "/dev/nvme0n1";
static const char *ctrl_path = "/dev/nvme0";
static int ns_fd = -1, ctrl_fd = -1;
static struct geometry geo;
static u32 nsid, nr_ns, lba_size, oob_size, nr_chunks;
static u64 nsze, ncap, block_bytes;

static u8 *data, *data2, *oob, *oob2;	/* room for 64 sectors and a bit */
static size_t data_room;
#define OOB_ROOM	(64 * 1024)

static u32 generation;			/* of the test pattern */
static u64 seed = 1;			/* for what is chosen at random */
static __thread u64 bitmap;		/* of the last vector command */

/* ---- judging ---------------------------------------------------------- */

static jmp_buf case_end;
static char case_reason[512];
static time_t case_began;		/* watched by another thread */
static const char *case_name;

static void __noreturn __printf(1, 2) fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(case_reason, sizeof(case_reason), fmt, args);
	va_end(args);
	longjmp(case_end, 1);
}

#define need(cond, ...)				\
	do {					\
		if (!(cond))			\
			fail(__VA_ARGS__);	\
	} while (0)

static void want_status(const char *what, int got, int want)
{
	need(got == want, "%s: want status %04x, came %s%04x", what, want,
	     got < 0 ? "errno -" : "", got < 0 ? -got : got);
}

static void begin_watch(time_t now)
{
	__atomic_store_n(&case_began, now, __ATOMIC_RELEASE);
}

/* ---- random numbers --------------------------------------------------- */

static u64 rnd_next(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * 0x2545f4914f6cdd1dULL;
}

static u64 rnd(void)
{
	return rnd_next(&seed);
}

static u32 below(u32 n)
{
	return (rnd() >> 16) % n;
}

/* ---- commands --------------------------------------------------------- */

static int xioctl(int fd, unsigned long req, void *arg)
{
	int ret = ioctl(fd, req, arg);

	return ret < 0 ? -errno : ret;
}

static int admin(struct nvme_passthru_cmd *cmd)
{
	return xioctl(ctrl_fd, NVME_IOCTL_ADMIN_CMD, cmd);
}

static int io(struct nvme_passthru_cmd *cmd)
{
	return xioctl(ns_fd, NVME_IOCTL_IO_CMD, cmd);
}

static u64 ptr(const void *p)
{
	return (u64)(uintptr_t)p;
}

static int get_log(u8 lid, u64 off, u32 len, void *to, u32 room)
{
	u32 numd = len / 4 - 1;
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_GET_LOG, .nsid = nsid, .addr = ptr(to),
		.data_len = room, .cdw10 = numd << 16 | lid,
		.cdw11 = numd >> 16, .cdw12 = off, .cdw13 = off >> 32,
	};

	return admin(&cmd);
}

static int identify(u8 cns, u32 id, void *page)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_IDENTIFY, .nsid = id, .addr = ptr(page),
		.data_len = 4096, .cdw10 = cns,
	};

	return admin(&cmd);
}

static int set_feature(u8 fid, u32 id, u32 val)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_SET_FEAT, .nsid = id, .cdw10 = fid,
		.cdw11 = val,
	};

	return admin(&cmd);
}

static int get_feature(u8 fid, u32 id, u32 dw11, u32 *val)
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
static int vector(u8 opcode, const u64 *list, u32 nr, void *buf, void *meta,
		  u32 meta_len)
{
	struct user_vio cmd = {
		.opcode = opcode, .nppas = nr - 1, .addr = ptr(buf),
		.ppa_list = nr == 1 ? list[0] : ptr(list),
		.metadata = meta_len ? ptr(meta) : 0, .metadata_len = meta_len,
	};
	int ret = xioctl(ns_fd, SUBMIT_VIO, &cmd);

	bitmap = cmd.status;
	return ret == -EIO && cmd.result ? (int)cmd.result : ret;
}

static u64 all_bits(u32 nr)
{
	return nr == 64 ? ~0ULL : BIT64(nr) - 1;
}

/* A vector command must end with this status and mark these sectors */
static void want_vector(const char *what, u8 opcode, const u64 *list, u32 nr,
			void *buf, void *meta, u32 meta_len, int status,
			u64 failed)
{
	want_status(what, vector(opcode, list, nr, buf, meta, meta_len),
		    status);
	need(!status || bitmap == failed,
	     "%s: want failed sectors %016llx, came %016llx", what,
	     (unsigned long long)failed, (unsigned long long)bitmap);
}

/* ---- addresses and chunks --------------------------------------------- */

static u64 raw_lba(u64 grp, u64 pu, u64 chk, u64 sec)
{
	u32 pos = geo.len[3];
	u64 lba = sec;

	lba |= chk << pos;
	pos += geo.len[2];
	lba |= pu << pos;
	pos += geo.len[1];
	return lba | grp << pos;
}

static u64 lba_of(struct chunk c, u32 sec)
{
	return raw_lba(c.grp, c.pu, c.chk, sec);
}

static u32 chunk_index(struct chunk c)
{
	return (c.grp * geo.num_pu + c.pu) * geo.num_chk + c.chk;
}

static struct chunk nth_chunk(u32 i)
{
	struct chunk c = {
		.grp = i / geo.num_chk / geo.num_pu,
		.pu = i / geo.num_chk % geo.num_pu,
		.chk = i % geo.num_chk,
	};

	return c;
}

static struct desc describe(struct chunk c)
{
	struct desc d;

	want_status("chunk log", get_log(LOG_CHUNKS,
					 (u64)chunk_index(c) * LOG_DESC,
					 LOG_DESC, &d, LOG_DESC), 0);
	need(d.slba == lba_of(c, 0), "chunk log of chunk %u: wrong slba",
	     chunk_index(c));
	return d;
}

static void want_chunk(const char *what, struct chunk c, u8 cs, u32 wp)
{
	struct desc d = describe(c);

	need(d.cs == cs && d.wp == wp,
	     "%s: want chunk state %u wp %u, came %u wp %llu", what, cs, wp,
	     d.cs, (unsigned long long)d.wp);
}

/* ---- the test pattern ------------------------------------------------- */

static u64 mix(u64 lba, u32 gen)
{
	u64 x = (lba + 1) * 0x9e3779b97f4a7c15ULL ^ (u64)gen << 40;

	x ^= x >> 29;
	return x * 0xbf58476d1ce4e5b9ULL | 1;
}

static void pattern(u64 lba, u32 gen, void *buf, void *meta)
{
	u64 x = mix(lba, gen), *word = buf;
	u8 *byte = meta;
	u32 i;

	for (i = 0; i < lba_size / 8; i++)
		word[i] = x + i;
	for (i = 0; i < oob_size; i++)
		byte[i] = x >> i % 8 * 8 ^ (i + 0x40);
}

static bool all_are(const void *buf, u8 byte, size_t len)
{
	const u8 *p = buf;

	return !len || (p[0] == byte && !memcmp(p, p + 1, len - 1));
}

/* What is wrong with a sector that was read, or NULL */
static const char *judge_sector(u64 lba, u32 gen, bool written,
				const void *buf, const void *meta)
{
	u64 x = mix(lba, gen);
	const u64 *word = buf;
	const u8 *byte = meta;
	u32 i;

	if (!written) {
		if (!all_are(buf, 0, lba_size))
			return "data not zero";
		if (meta && !all_are(meta, 0xff, oob_size))
			return "OOB not ffh";
		return NULL;
	}
	for (i = 0; i < lba_size / 8; i++)
		if (word[i] != x + i)
			return "wrong data";
	for (i = 0; meta && i < oob_size; i++)
		if (byte[i] != (u8)(x >> i % 8 * 8 ^ (i + 0x40)))
			return "wrong OOB";
	return NULL;
}

static void pattern_list(const u64 *list, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		pattern(list[i], generation, data + i * lba_size,
			oob + i * oob_size);
}

static void write_list(const char *what, const u64 *list, u32 nr, int status)
{
	pattern_list(list, nr);
	want_vector(what, VEC_WRITE, list, nr, data, oob, nr * oob_size, status,
		    all_bits(nr));
}

/* Bit i of @written: sector i must hold the pattern; others read as nothing */
static void read_list(const char *what, const u64 *list, u32 nr, u64 written)
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
static u32 add_run(u64 *list, u32 at, struct chunk c, u32 sec, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		list[at + i] = lba_of(c, sec + i);
	return at + n;
}

/* Most sectors one command can write into one chunk */
static u32 max_write(void)
{
	u32 most = MAX_VEC / geo.ws_min * geo.ws_min;

	return most < geo.clba ? most : geo.clba;
}

static void fill(struct chunk c, u32 sec, u32 end)
{
	u64 list[MAX_VEC];

	while (sec < end) {
		u32 n = end - sec < max_write() ? end - sec : max_write();

		add_run(list, 0, c, sec, n);
		write_list("filling a chunk", list, n, 0);
		sec += n;
	}
}

static void reset_chunk(struct chunk c)
{
	u64 lba = lba_of(c, 0);

	want_vector("resetting a chunk", VEC_RESET, &lba, 1, NULL, NULL, 0, 0,
		    0);
}

/* Whatever state it is in: make it free */
static void free_chunk(struct chunk c)
{
	struct desc d = describe(c);

	if (d.cs == CS_FREE)
		return;
	if (d.cs == CS_OPEN && !(geo.mccap & CAP_EARLY))
		fill(c, d.wp, geo.clba);
	reset_chunk(c);
}

/* A free chunk of a group. There is one more use before it comes round again */
static struct chunk fresh(u32 grp)
{
	static u32 next[1 << 16];
	u32 per_grp = geo.num_pu * geo.num_chk;
	struct chunk c = nth_chunk(grp * per_grp + next[grp]++ % per_grp);

	free_chunk(c);
	return c;
}

/* ---- geometry and identify -------------------------------------------- */

static u8 log2_up(u32 n)
{
	u8 bits = 0;

	while (BIT64(bits) < n)
		bits++;
	return bits;
}

static int get_geometry(struct geometry *to, u32 id, u32 len)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_GEOMETRY, .nsid = id, .addr = ptr(to),
		.data_len = len,
	};

	return admin(&cmd);
}

static void t_geometry(void)
{
	struct geometry g;
	u32 i;

	memset(&g, 0xff, sizeof(g));
	want_status("geometry", get_geometry(&g, nsid, sizeof(g)), 0);
	need(g.major == 2 && !g.minor, "version %u.%u", g.major, g.minor);
	need(g.len[0] == log2_up(g.num_grp) && g.len[1] == log2_up(g.num_pu) &&
	     g.len[2] == log2_up(g.num_chk) && g.len[3] == log2_up(g.clba),
	     "bit lengths %u %u %u %u", g.len[0], g.len[1], g.len[2], g.len[3]);
	need(g.num_grp && g.num_pu && g.num_chk && g.clba, "a count is 0");
	need(g.ws_min && g.ws_opt % g.ws_min == 0 && g.clba % g.ws_opt == 0,
	     "ws_min %u ws_opt %u clba %u", g.ws_min, g.ws_opt, g.clba);
	need(g.mw_cunits <= g.clba, "mw_cunits %u of %u", g.mw_cunits, g.clba);
	need(!(g.mccap & ~6U), "mccap %x", g.mccap);
	need(!g.maxoc && !g.maxocpu, "a limit of open chunks");
	for (i = 0; i < 6; i += 2)
		need(g.times[i] <= g.times[i + 1], "time %u: %u > %u", i,
		     g.times[i], g.times[i + 1]);
	need(all_are(g.rsvd2, 0, sizeof(g.rsvd2)) &&
	     all_are(g.rsvd12, 0, sizeof(g.rsvd12)) &&
	     all_are(g.rsvd20, 0, sizeof(g.rsvd20)) &&
	     all_are(g.rsvd33, 0, sizeof(g.rsvd33)) &&
	     all_are(g.rsvd76, 0, sizeof(g.rsvd76)) &&
	     all_are(g.rsvd148, 0, sizeof(g.rsvd148)) &&
	     all_are(g.rsvd216, 0, sizeof(g.rsvd216)), "reserved bytes set");
}

static void t_geometry_size(void)
{
	u64 bits = geo.len[0] + geo.len[1] + geo.len[2] + geo.len[3];

	need(nsze == BIT64(bits), "nsze %llx, address bits %llu",
	     (unsigned long long)nsze, (unsigned long long)bits);
	need(ncap == (u64)nr_chunks * geo.clba, "ncap %llx",
	     (unsigned long long)ncap);
}

static void t_geometry_vio(void)
{
	struct geometry g;
	struct passthru_vio cmd = {
		.opcode = ADMIN_GEOMETRY, .addr = ptr(&g),
		.data_len = sizeof(g),
	};

	memset(&g, 0xff, sizeof(g));
	want_status("ADMIN_VIO", xioctl(ns_fd, ADMIN_VIO, &cmd), 0);
	need(!memcmp(&g, &geo, sizeof(g)), "differs from passthrough's");
	cmd.data_len = 512;
	want_status("ADMIN_VIO, 512 bytes", xioctl(ns_fd, ADMIN_VIO, &cmd),
		    -EIO);
	need(cmd.result == SC_SHORT_DATA, "512 bytes: status %x", cmd.result);
}

static void t_geometry_bad(void)
{
	static const u32 lens[] = { 0, 1, 3, 4, 512, 4092, 4095 };
	const u32 ids[] = { 0, nr_ns + 1, 1000, 0x80000000, ~0U - 1, ~0U };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		memset(data, 0x5a, 4096);
		want_status("short buffer",
			    get_geometry((void *)data, nsid, lens[i]),
			    SC_SHORT_DATA | DNR);
		need(all_are(data + lens[i], 0x5a, 4096 - lens[i]),
		     "written past %u bytes", lens[i]);
	}
	memset(data, 0x5a, 8192);
	want_status("long buffer", get_geometry((void *)data, nsid, 8192), 0);
	need(!memcmp(data, &geo, sizeof(geo)), "long buffer: wrong data");
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		want_status("wrong nsid",
			    get_geometry((void *)data, ids[i], 4096),
			    SC_NSID | DNR);
}

static void t_identify(void)
{
	static const u8 known[] = {
		0x00, 0x01, 0x02, 0x03, 0x10, 0x11, 0x12, 0x13
	};
	u32 cns;

	for (cns = 0; cns < 256; cns++) {
		u32 id = cns == 2 || cns == 0x10 ? 0 : nsid;
		int want = memchr(known, cns, sizeof(known)) ?
			0 : SC_FIELD | DNR;
		u32 *list = (u32 *)data;
		char what[32];

		memset(data, 0x5a, 4096);
		snprintf(what, sizeof(what), "cns %02x", cns);
		want_status(what, identify(cns, id, data), want);
		if (want) {
			continue;
		} else if (cns == 0 || cns == 0x11) {
			need(!memcmp(data, &nsze, 8) && data[384] == 1,
			     "%s: nsze or the lightnvm mark", what);
			need((data[24] & 4) && data[33] == 1, "%s: nsfeat, dlfeat",
			     what);
		} else if (cns == 1) {
			need(data[77], "%s: no MDTS", what);
			need(data[256 + 5] & 4, "%s: LPA", what);
			need(data[520] & 4, "%s: ONCS", what);
		} else if (cns == 2 || cns == 0x10) {
			need(list[0] == 1 && list[1] != 1, "%s: list", what);
		} else if (cns == 3) {
			need(data[0] == 2 && data[1] == 16 && !data[20],
			     "%s: descriptor", what);
		} else {
			need(data[0] == 1 && !data[1] && data[2],
			     "%s: controller list", what);
		}
	}
}

static void t_identify_bad(void)
{
	const u32 none = nr_ns + 1;
	const struct {
		u8 cns;
		u32 id;
		int status;
	} rows[] = {
		{ 0, 0, SC_NSID }, { 0, none, SC_NSID }, { 0, ~0U, SC_NSID },
		{ 3, 0, SC_NSID }, { 3, none, SC_NSID }, { 3, ~0U, SC_NSID },
		{ 0x11, none, SC_NSID }, { 0x12, none, SC_NSID },
		{ 2, ~0U, SC_NSID }, { 2, ~0U - 1, SC_NSID },
		{ 2, ~0U - 2, 0 }, { 2, 1, 0 },
	};
	struct nvme_passthru_cmd cmd = { .opcode = ADMIN_IDENTIFY,
					 .cdw10 = 1 };
	char what[32];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(what, sizeof(what), "cns %02x nsid %x", rows[i].cns,
			 rows[i].id);
		want_status(what, identify(rows[i].cns, rows[i].id, data),
			    rows[i].status ? rows[i].status | DNR : 0);
	}
	for (i = 0; i < 4096; i += 127) {
		memset(data, 0x5a, 4096);
		cmd.addr = ptr(data);
		cmd.data_len = i;
		want_status("short buffer", admin(&cmd), SC_SHORT_DATA | DNR);
		need(all_are(data + i, 0x5a, 4096 - i), "written past %u", i);
	}
}

/* ---- log pages -------------------------------------------------------- */

static void t_logs(void)
{
	static const u8 known[] = { 0x01, 0x02, 0x03, 0x04, LOG_CHUNKS };
	u32 lid;

	for (lid = 0; lid < 256; lid++) {
		char what[32];

		snprintf(what, sizeof(what), "log %02x", lid);
		want_status(what, get_log(lid, 0, 512, data, 512),
			    memchr(known, lid, sizeof(known)) ?
			    0 : SC_LOG_PAGE | DNR);
	}
}

static void t_log_windows(void)
{
	static const struct {
		u8 lid;
		u32 size;
	} rows[] = { { 1, 4096 }, { 2, 512 }, { 3, 512 }, { 4, 4096 } };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 size = rows[i].size;

		want_status("past the end", get_log(rows[i].lid, size + 4, 4,
						    data, 4), SC_FIELD | DNR);
		want_status("huge offset", get_log(rows[i].lid, ~3ULL, 4, data,
						   4), SC_FIELD | DNR);
		want_status("odd offset", get_log(rows[i].lid, 2, 4, data, 4),
			    SC_FIELD | DNR);
		want_status("short buffer", get_log(rows[i].lid, 0, 512, data,
						    508), SC_SHORT_DATA | DNR);
		want_status("4 GiB", get_log(rows[i].lid, 0, 0, data, 4096),
			    SC_FIELD | DNR);
		memset(data, 0x5a, 8192);
		want_status("over the end", get_log(rows[i].lid, size - 64,
						    4096, data, 4096), 0);
		need(all_are(data + 64, 0, 4096 - 64),
		     "log %u: not zero behind its end", rows[i].lid);
		need(all_are(data + 4096, 0x5a, 4096), "log %u: overrun",
		     rows[i].lid);
	}
}

static void t_log_error(void)
{
	struct nvme_passthru_cmd bad = { .opcode = 0xc7, .nsid = nsid };
	u64 before, after;

	want_status("error log", get_log(1, 0, 4096, data, 4096), 0);
	memcpy(&before, data, 8);
	want_status("bad command", io(&bad), SC_OPCODE | DNR);
	want_status("error log", get_log(1, 0, 4096, data, 4096), 0);
	memcpy(&after, data, 8);
	need(after == before + 1, "error count went from %llu to %llu",
	     (unsigned long long)before, (unsigned long long)after);
	need(data[8] && !data[9], "submission queue %u", data[8]);
	need((data[12] | data[13] << 8) == ((SC_OPCODE | DNR) << 1),
	     "status %02x%02x", data[13], data[12]);
	need(!data[14] && !data[15], "location %02x%02x", data[15], data[14]);
}

static u32 log_bytes(void)
{
	return nr_chunks * LOG_DESC;
}

static u8 *whole_chunk_log(void)
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

static void t_chunklog_order(void)
{
	struct desc *log = (struct desc *)whole_chunk_log();
	u32 i;

	for (i = 0; i < nr_chunks; i++) {
		struct desc *d = &log[i];

		need(d->slba == lba_of(nth_chunk(i), 0), "slba of chunk %u", i);
		need(d->cnlb == geo.clba && d->ct == 1, "cnlb or ct of %u", i);
		need((d->cs == CS_FREE && !d->wp) ||
		     (d->cs == CS_OPEN && d->wp && d->wp < geo.clba) ||
		     (d->cs == CS_CLOSED && d->wp == geo.clba),
		     "chunk %u: state %u wp %llu", i, d->cs,
		     (unsigned long long)d->wp);
		need(all_are(d->rsvd, 0, sizeof(d->rsvd)), "reserved of %u", i);
	}
	free(log);
}

static void t_chunklog_windows(void)
{
	u8 *log = whole_chunk_log();
	u32 i, size = log_bytes();

	for (i = 0; i < 300; i++) {
		u32 off = below(size / 4) * 4;
		u32 most = (size - off) / 4 < 4096 ? (size - off) / 4 : 4096;
		u32 len = i < 20 && most >= i + 1 ? (i + 1) * 4 :
			(below(most) + 1) * 4;

		memset(data, 0x5a, len + 8);
		want_status("window", get_log(LOG_CHUNKS, off, len, data, len),
			    0);
		need(!memcmp(data, log + off, len),
		     "offset %u length %u: differs from the whole", off, len);
		need(all_are(data + len, 0x5a, 8), "offset %u length %u: overrun",
		     off, len);
	}
	free(log);
}

static void t_chunklog_end(void)
{
	u8 *log = whole_chunk_log();
	u32 size = log_bytes(), i;
	const u64 beyond[] = {
		size, size + 4ULL, size + 4096ULL, BIT64(32), BIT64(32) + size,
		BIT64(62), ~3ULL, BIT64(63),
	};

	for (i = 4; i <= 256; i += 36) {
		memset(data, 0x5a, 4096 + 8);
		want_status("over the end", get_log(LOG_CHUNKS, size - i, 4096,
						    data, 4096), 0);
		need(!memcmp(data, log + size - i, i), "%u from the end", i);
		need(all_are(data + i, 0, 4096 - i), "tail of %u is not zero",
		     i);
		need(all_are(data + 4096, 0x5a, 8), "overrun");
	}
	for (i = 0; i < ARRAY_SIZE(beyond); i++)
		want_status("beyond", get_log(LOG_CHUNKS, beyond[i], 32, data,
					      32), SC_FIELD | DNR);
	for (i = 1; i < 4; i++)
		want_status("odd offset", get_log(LOG_CHUNKS, i, 32, data, 32),
			    SC_FIELD | DNR);
	for (i = 0; i < 64; i += 9)
		want_status("short buffer", get_log(LOG_CHUNKS, 0, 64, data,
						    i), SC_SHORT_DATA | DNR);
	want_status("4 GiB", get_log(LOG_CHUNKS, 0, 0, data, 4096),
		    SC_FIELD | DNR);
	free(log);
}

static void t_chunklog_nsid(void)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_GET_LOG, .addr = ptr(data), .data_len = 32,
		.cdw10 = 7 << 16 | LOG_CHUNKS,
	};
	const u32 ids[] = { 0, nr_ns + 1, 0x10000, ~0U };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		cmd.nsid = ids[i];
		want_status("wrong nsid", admin(&cmd), SC_NSID | DNR);
	}
}

/* ---- features --------------------------------------------------------- */

static void t_features_get(void)
{
	static const u8 known[] = {
		0x01, 0x02, 0x04, 0x05, 0x07, 0x0a, 0x0b, 0x0f, 0x81
	};
	struct nvme_passthru_cmd cmd = { .opcode = ADMIN_GET_FEAT };
	u32 fid, sel;

	for (fid = 0; fid < 256; fid++) {
		char what[32];
		u8 id[24];

		memset(id, 0x5a, sizeof(id));
		cmd.nsid = fid == FEAT_RECOVERY ? nsid : 0;
		cmd.addr = ptr(id);
		cmd.data_len = 16;
		cmd.cdw11 = fid == 0x81;
		cmd.result = 0;
		for (sel = 0; sel < 8; sel++) {
			bool ok = !sel && memchr(known, fid, sizeof(known));

			cmd.cdw10 = fid | sel << 8;
			snprintf(what, sizeof(what), "feature %02x select %u",
				 fid, sel);
			want_status(what, admin(&cmd), ok ? 0 : SC_FIELD | DNR);
		}
		need(fid == 0x81 || all_are(id, 0x5a, 16), "feature %02x: data",
		     fid);
		need(fid != 0x81 || !all_are(id, 0x5a, 16), "no host id");
		need(all_are(id + 16, 0x5a, 8), "feature %02x: overrun", fid);
	}
	cmd.cdw10 = 0x81;
	cmd.cdw11 = 1;
	for (cmd.data_len = 0; cmd.data_len < 16; cmd.data_len += 5)
		want_status("host id, short buffer", admin(&cmd),
			    SC_SHORT_DATA | DNR);
	cmd.data_len = 16;
	cmd.cdw11 = 0;
	want_status("host id of 64 bits", admin(&cmd), SC_FIELD | DNR);
}

static void t_features_set(void)
{
	const u32 none = nr_ns + 1;
	const struct {
		u32 dw10;
		u32 id;
		u32 val;
		int status;
	} rows[] = {
		{ 0x01, 0, 0, 0 }, { 0x01, 0, 1, SC_FIELD },
		{ 0x02, 0, 0, 0 }, { 0x02, 0, 1, SC_FIELD },
		{ 0x04, 0, 343, 0 }, { 0x04, 1, 343, SC_NOT_PER_NS },
		{ 0x04, ~0U, 343, 0 }, { 0x04, 0, 0x100000, 0 },
		{ FEAT_RECOVERY, 0, 0, SC_NSID },
		{ FEAT_RECOVERY, none, 0, SC_NSID },
		{ FEAT_RECOVERY, ~0U, 0, 0 },
		{ 0x07, 0, 0, SC_SEQUENCE }, { 0x07, 0, 0xffff, SC_FIELD },
		{ 0x0a, 0, 0, 0 }, { 0x0b, 0, 0x100, 0 },
		{ 0x0b, 0, 0x80000000, SC_FIELD },
		{ 0x81, 0, 0, SC_SEQUENCE },
		{ 0x80000004, 0, 343, SC_NOT_SAVEABLE },
		{ 0x00, 0, 0, SC_FIELD }, { 0x03, 0, 0, SC_FIELD },
		{ 0x06, 0, 0, SC_FIELD }, { 0xca, 1, 0, SC_FIELD },
		{ 0xff, 0, 0, SC_FIELD },
	};
	struct nvme_passthru_cmd cmd = { .opcode = ADMIN_SET_FEAT };
	char what[48];
	u32 i, val;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		cmd.cdw10 = rows[i].dw10;
		cmd.nsid = rows[i].id;
		cmd.cdw11 = rows[i].val;
		snprintf(what, sizeof(what), "feature %x nsid %x value %x",
			 cmd.cdw10, cmd.nsid, cmd.cdw11);
		want_status(what, admin(&cmd),
			    rows[i].status ? rows[i].status | DNR : 0);
	}
	want_status("temperature", set_feature(4, 0, 0x123), 0);
	want_status("temperature", get_feature(4, 0, 0, &val), 0);
	need(val == 0x123, "temperature threshold %x", val);
	want_status("temperature", set_feature(4, 0, 343), 0);
	want_status("DULBE", set_feature(FEAT_RECOVERY, nsid, DULBE), 0);
	want_status("DULBE", get_feature(FEAT_RECOVERY, nsid, 0, &val), 0);
	need(val == DULBE, "DULBE is %x", val);
	want_status("DULBE", set_feature(FEAT_RECOVERY, nsid, 0), 0);
	want_status("DULBE", get_feature(FEAT_RECOVERY, nsid, 0, &val), 0);
	need(!val, "DULBE is %x", val);
}

/* ---- other admin commands --------------------------------------------- */

static void t_admin_opcodes(void)
{
	static const u8 known[] = {
		ADMIN_GET_LOG, ADMIN_IDENTIFY, ADMIN_ABORT, ADMIN_SET_FEAT,
		ADMIN_GET_FEAT, ADMIN_AER, ADMIN_KEEP, ADMIN_FABRICS,
		ADMIN_GEOMETRY,
	};
	struct nvme_passthru_cmd cmd = { .nsid = nsid };
	u32 op, len;
	char what[32];

	for (op = 0; op < 256; op++) {
		if (memchr(known, op, sizeof(known)))
			continue;
		for (len = 0; len <= 4096; len += 4096) {
			snprintf(what, sizeof(what), "opcode %02x", op);
			memset(data, 0x5a, 4096);
			cmd.opcode = op;
			cmd.addr = ptr(data);
			cmd.data_len = len;
			want_status(what, admin(&cmd), SC_OPCODE | DNR);
		}
	}
}

static void t_abort_keepalive(void)
{
	struct nvme_passthru_cmd cmd = { .opcode = ADMIN_ABORT };
	static const u32 ids[] = { 0, 0x10001, ~0U };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		cmd.cdw10 = ids[i];
		cmd.result = 0;
		want_status("abort", admin(&cmd), 0);
		need(cmd.result == 1, "abort: result %x", cmd.result);
	}
	memset(&cmd, 0, sizeof(cmd));
	cmd.opcode = ADMIN_KEEP;
	want_status("keep-alive", admin(&cmd), 0);
}

static void t_fabrics_connect(void)
{
	u32 qid, len;

	for (qid = 0; qid < 4; qid++) {
		for (len = 0; len <= 1024; len += 512) {
			struct nvme_passthru_cmd cmd = {
				.opcode = ADMIN_FABRICS, .nsid = 1,
				.addr = ptr(data), .data_len = len,
				.cdw10 = qid << 16, .cdw11 = 31,
			};

			memset(data, 0xff, 1024);
			want_status("connect on the admin queue", admin(&cmd),
				    SC_SEQUENCE | DNR);
			want_status("connect on an I/O queue", io(&cmd),
				    SC_SEQUENCE | DNR);
		}
	}
}

static void t_fabrics_types(void)
{
	struct nvme_passthru_cmd cmd = { .opcode = ADMIN_FABRICS };
	u32 type;

	for (type = 0; type < 256; type++) {
		cmd.nsid = type | 0x100;
		if (type != 1)
			want_status("fabrics command on an I/O queue",
				    io(&cmd), SC_SEQUENCE | DNR);
		if (type > 1 && type != 4)
			want_status("unknown fabrics command", admin(&cmd),
				    SC_FIELD | DNR);
	}
}

static void t_property_get(void)
{
	struct nvme_passthru_cmd64 cmd = { .opcode = ADMIN_FABRICS,
					   .nsid = 4 };
	u32 off, size;
	char what[48];

	for (off = 0; off < 0x2000; off += off < 0x40 ? 1 : 0x3c) {
		for (size = 0; size < 2; size++) {
			bool ok = size ? !off : off == 0x08 || off == 0x14 ||
				off == 0x1c;

			cmd.cdw10 = size;
			cmd.cdw11 = off;
			cmd.result = 0;
			snprintf(what, sizeof(what), "property %x of %u bytes",
				 off, size ? 8 : 4);
			want_status(what, xioctl(ctrl_fd,
						 NVME_IOCTL_ADMIN64_CMD, &cmd),
				    ok ? 0 : SC_FIELD | DNR);
			if (!ok)
				continue;
			need(off || (cmd.result & 0xffff) > 30, "CAP %llx",
			     (unsigned long long)cmd.result);
			need(off != 0x08 || cmd.result == 0x10400, "VS %llx",
			     (unsigned long long)cmd.result);
			need(off != 0x14 || cmd.result & 1, "CC %llx",
			     (unsigned long long)cmd.result);
			need(off != 0x1c || cmd.result == 1, "CSTS %llx",
			     (unsigned long long)cmd.result);
		}
	}
	cmd.cdw10 = 0;
	cmd.cdw11 = ~0U;
	want_status("property ffffffff", xioctl(ctrl_fd, NVME_IOCTL_ADMIN64_CMD,
						&cmd), SC_FIELD | DNR);
}

static void t_property_set(void)
{
	struct nvme_passthru_cmd cmd = { .opcode = ADMIN_FABRICS };
	u32 off, size;

	for (off = 0; off < 0x40; off++) {
		for (size = 0; size < 2; size++) {
			if (off == 0x14 && !size)
				continue;
			cmd.cdw10 = size;
			cmd.cdw11 = off;
			want_status("property set", admin(&cmd),
				    SC_FIELD | DNR);
		}
	}
}

/* An AER by passthrough: it stays until an event, or the reset */
static void *aer_thread(void *arg)
{
	struct nvme_passthru_cmd cmd = { .opcode = ADMIN_AER };
	int *status = arg;

	__atomic_store_n(status, admin(&cmd), __ATOMIC_RELEASE);
	return NULL;
}

static u32 aer_ended(int *status, u32 nr, int want)
{
	u32 i, n = 0;

	for (i = 0; i < nr; i++)
		n += __atomic_load_n(&status[i], __ATOMIC_ACQUIRE) == want;
	return n;
}

static void t_aer(void)
{
	enum { NR = 5, RUNS = -9999 };
	pthread_t thread[NR];
	int status[NR], reset;
	u32 i, limited = 0;

	/* The kernel has one of the four there may be */
	for (i = 0; i < NR; i++) {
		status[i] = RUNS;
		need(!pthread_create(&thread[i], NULL, aer_thread, &status[i]),
		     "no thread");
	}
	for (i = 0; i < 100 && limited < NR - 3; i++) {
		usleep(20000);
		limited = aer_ended(status, NR, SC_AER_LIMIT | DNR);
	}
	usleep(50000);
	i = aer_ended(status, NR, RUNS);
	reset = xioctl(ctrl_fd, NVME_IOCTL_RESET, NULL);
	for (i = 0; i < NR; i++)
		pthread_join(thread[i], NULL);
	want_status("reset", reset, 0);
	need(limited == NR - 3, "%u of %u event requests refused", limited, NR);
	i = aer_ended(status, NR, SC_ABORTED | DNR);
	need(i == 3, "the reset ended %u event requests", i);
}

static void unprivileged(int report)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_IDENTIFY, .nsid = nsid, .cdw10 = 1,
		.addr = ptr(data), .data_len = 4096,
	};
	struct passthru_vio vio = {
		.opcode = ADMIN_GEOMETRY, .addr = ptr(data), .data_len = 4096,
	};
	const char *what = NULL;
	int fd;

	fd = open(ctrl_path, O_RDONLY);
	if (fd >= 0 || errno != EACCES)
		what = "opens the controller";
	fd = open(ns_path, O_RDONLY);
	if (fd >= 0 || errno != EACCES)
		what = "opens the namespace";
	if (admin(&cmd) != -EACCES)
		what = "sends admin commands";
	if (xioctl(ns_fd, NVME_IOCTL_ADMIN_CMD, &cmd) != -EACCES)
		what = "sends admin commands by the namespace";
	cmd.opcode = VEC_READ;
	if (io(&cmd) != -EACCES)
		what = "sends I/O commands";
	if (nr_ns == 1 && xioctl(ctrl_fd, NVME_IOCTL_IO_CMD, &cmd) != -EACCES)
		what = "sends I/O commands by the controller";
	if (xioctl(ns_fd, ADMIN_VIO, &vio) != -EACCES)
		what = "sends admin commands by lightnvm";
	vio.opcode = VEC_READ;
	if (xioctl(ns_fd, IO_VIO, &vio) != -EACCES)
		what = "sends I/O commands by lightnvm";
	if (xioctl(ctrl_fd, NVME_IOCTL_RESET, NULL) != -EACCES)
		what = "resets the controller";
	if (xioctl(ctrl_fd, NVME_IOCTL_RESCAN, NULL) != -EACCES)
		what = "rescans";
	fd = open("/dev/nvme-fabrics", O_RDWR);
	if (fd >= 0 || errno != EACCES)
		what = "opens nvme-fabrics";
	fd = open("/sys/kernel/debug/ocloop/oc0/notify_ns", O_WRONLY);
	if (fd >= 0 || errno != EACCES)
		what = "opens debugfs";
	fd = open("/sys/module/ocloop/parameters/timing", O_WRONLY);
	if (fd >= 0 || errno != EACCES)
		what = "opens a parameter";
	if (what && write(report, what, strlen(what)) < 0)
		_exit(1);
	_exit(0);
}

static void t_unprivileged(void)
{
	char text[80] = "";
	int fds[2], status;
	pid_t pid;

	need(!pipe(fds), "no pipe");
	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (setgid(65534) || setuid(65534))
			_exit(2);
		unprivileged(fds[1]);
	}
	close(fds[1]);
	if (read(fds[0], text, sizeof(text) - 1) < 0)
		text[0] = '?';
	close(fds[0]);
	need(pid > 0 && waitpid(pid, &status, 0) == pid, "no child");
	need(!*text, "a user %s", text);
	need(!status, "the child's status %x", status);
}

/* ---- vector commands -------------------------------------------------- */

static const u32 vec_sizes[] = { 1, 2, 3, 4, 31, 32, 33, 63, 64 };

/* @nr sectors of one free chunk, written and then made readable */
static struct chunk readable(u32 grp)
{
	struct chunk c = fresh(grp);

	generation++;
	fill(c, 0, geo.clba);
	return c;
}

static void t_vector_write(void)
{
	u64 list[MAX_VEC];
	char what[32];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(vec_sizes); i++) {
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

	for (i = 0; i < ARRAY_SIZE(vec_sizes); i++) {
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
static void t_vector_scatter(void)
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
		u32 nr = vec_sizes[k % ARRAY_SIZE(vec_sizes)];

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
		return;
	memset(oob2, 0x5a, 256);
	want_vector("read", VEC_READ, &lba, 1, data2, oob2, oob_size, 0, 0);
	need(!judge_sector(lba, generation, true, data2, oob2), "sector");
	need(all_are(oob2 + oob_size, 0x5a, 64), "overrun");
}

/* ---- the rules for writes --------------------------------------------- */

/* A number of sectors: so many chunks, units of ws_min, and single sectors */
struct pos {
	int chunks;
	int units;
	int secs;
};

static u32 sectors(struct pos p)
{
	return p.chunks * (int)geo.clba + p.units * (int)geo.ws_min + p.secs;
}

/* Rows with an amount that is no multiple need one that can be */
#define NEEDS_MIN	1
#define NEEDS_ROOM	2

static const struct write_rule {
	const char *name;
	struct pos wp;
	struct pos sec;
	struct pos n;
	int status;
	u32 needs;
} write_rules[] = {
	{ "first write", {}, {}, { 0, 1, 0 }, 0, 0 },
	{ "at wp", { 0, 1, 0 }, { 0, 1, 0 }, { 0, 1, 0 }, 0, NEEDS_ROOM },
	{ "last unit", { 1, -1, 0 }, { 1, -1, 0 }, { 0, 1, 0 }, 0, 0 },
	{ "free, not at 0", {}, { 0, 1, 0 }, { 0, 1, 0 }, SC_ORDER, NEEDS_ROOM },
	{ "free, at the end", {}, { 1, -1, 0 }, { 0, 1, 0 }, SC_ORDER,
		NEEDS_ROOM },
	{ "ahead of wp", { 0, 1, 0 }, { 0, 2, 0 }, { 0, 1, 0 }, SC_ORDER,
		NEEDS_ROOM },
	{ "one ahead of wp", { 0, 1, 0 }, { 0, 1, 1 }, { 0, 1, 0 }, SC_ORDER,
		NEEDS_ROOM },
	{ "behind wp", { 0, 2, 0 }, { 0, 1, 0 }, { 0, 1, 0 }, SC_ORDER,
		NEEDS_ROOM },
	{ "at 0 again", { 0, 2, 0 }, {}, { 0, 1, 0 }, SC_ORDER, NEEDS_ROOM },
	{ "too little", {}, {}, { 0, 1, -1 }, SC_FIELD, NEEDS_MIN },
	{ "too much", {}, {}, { 0, 1, 1 }, SC_FIELD, NEEDS_MIN | NEEDS_ROOM },
	{ "one", { 0, 1, 0 }, { 0, 1, 0 }, { 0, 0, 1 }, SC_FIELD,
		NEEDS_MIN | NEEDS_ROOM },
	{ "wrong amount, wrong place", { 0, 1, 0 }, { 0, 2, 0 }, { 0, 0, 1 },
		SC_FIELD, NEEDS_MIN | NEEDS_ROOM },
	{ "wrong amount behind wp", { 0, 1, 0 }, {}, { 0, 0, 1 }, SC_FIELD,
		NEEDS_MIN | NEEDS_ROOM },
	{ "closed, at 0", { 1, 0, 0 }, {}, { 0, 1, 0 }, SC_WRITE_FAULT, 0 },
	{ "closed, at the end", { 1, 0, 0 }, { 1, -1, 0 }, { 0, 1, 0 },
		SC_WRITE_FAULT, 0 },
	{ "closed, wrong amount", { 1, 0, 0 }, {}, { 0, 0, 1 },
		SC_WRITE_FAULT, 0 },
};

static u8 state_at(u32 wp)
{
	return !wp ? CS_FREE : wp == geo.clba ? CS_CLOSED : CS_OPEN;
}

static void t_write_rules(void)
{
	u64 list[MAX_VEC];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(write_rules); i++) {
		const struct write_rule *rule = &write_rules[i];
		u32 wp = sectors(rule->wp), n = sectors(rule->n);
		struct chunk c;

		if ((rule->needs & NEEDS_MIN && geo.ws_min == 1) ||
		    (rule->needs & NEEDS_ROOM && geo.clba < 4 * geo.ws_min) ||
		    n > MAX_VEC)
			continue;
		c = fresh(i % geo.num_grp);
		generation++;
		fill(c, 0, wp);
		add_run(list, 0, c, sectors(rule->sec), n);
		write_list(rule->name, list, n, rule->status);
		if (!rule->status)
			wp += n;
		want_chunk(rule->name, c, state_at(wp), wp);
	}
}

/* The same through scalar writes, which can run past the end */
static void t_write_past_end(void)
{
	u64 list[2 * MAX_VEC];
	struct chunk c = fresh(0);
	u32 n = geo.ws_min;

	generation++;
	if (geo.clba < 2 || n > MAX_VEC / 2)
		return;
	fill(c, 0, geo.clba - n);
	/* A run of two units with one unit of room: its end wraps */
	add_run(list, 0, c, geo.clba - n, n);
	add_run(list, n, c, 0, n);
	write_list("past the end", list, 2 * n, SC_WRITE_FAULT);
	want_chunk("past the end", c, state_at(geo.clba - n), geo.clba - n);
}

static void t_write_holes(void)
{
	u32 u = geo.ws_min, n = u < 2 ? 2 : u, i;
	u64 list[MAX_VEC], swap;
	struct chunk c = fresh(0);

	if (n + 2 * u > geo.clba)
		return;
	generation++;
	/* A hole before each sector but the first */
	for (i = 1; i < n; i++) {
		add_run(list, 0, c, 0, i);
		add_run(list, i, c, i + 1, n - i);
		write_list("hole", list, n, SC_ORDER);
	}
	add_run(list, 0, c, 0, n);
	swap = list[0];
	list[0] = list[1];
	list[1] = swap;
	write_list("descending", list, n, SC_ORDER);
	add_run(list, 0, c, 0, n);
	list[1] = list[0];
	write_list("the same twice", list, n, SC_ORDER);
	want_chunk("after all that", c, CS_FREE, 0);
}

/* A list that comes back to a chunk, from the same and from another group */
static void t_write_comes_back(void)
{
	u32 u = geo.ws_min, grp, n;
	struct chunk a, b;
	u64 list[MAX_VEC];

	if (3 * u > MAX_VEC || geo.clba < 2 * u)
		return;
	for (grp = 0; grp < 2 && grp < geo.num_grp; grp++) {
		a = fresh(0);
		b = fresh(grp);
		generation++;
		n = add_run(list, 0, a, 0, u);
		n = add_run(list, n, b, 0, u);
		n = add_run(list, n, a, u, u);
		write_list("comes back", list, n, grp ? 0 : SC_ORDER);
		want_chunk("comes back", b, grp ? state_at(u) : CS_FREE,
			   grp ? u : 0);
	}
}

/* Addresses outside one field; @skip fields of a power of two cannot be */
struct outside {
	const char *name;
	u64 lba;
};

static u32 outside_list(struct chunk c, struct outside *out)
{
	u32 top = geo.len[0] + geo.len[1] + geo.len[2] + geo.len[3];
	u32 nr = 0, i;

	if (geo.num_grp & (geo.num_grp - 1))
		out[nr++] = (struct outside) {
			"group", raw_lba(geo.num_grp, c.pu, c.chk, 0) };
	if (geo.num_pu & (geo.num_pu - 1))
		out[nr++] = (struct outside) {
			"parallel unit", raw_lba(c.grp, geo.num_pu, c.chk, 0) };
	if (geo.num_chk & (geo.num_chk - 1))
		out[nr++] = (struct outside) {
			"chunk", raw_lba(c.grp, c.pu, geo.num_chk, 0) };
	if (geo.clba & (geo.clba - 1))
		out[nr++] = (struct outside) {
			"sector", raw_lba(c.grp, c.pu, c.chk, geo.clba) };
	for (i = top; i < 64; i += i < 62 && top < 60 ? 7 : 1)
		out[nr++] = (struct outside) { "above the group",
			lba_of(c, 0) | BIT64(i) };
	out[nr++] = (struct outside) { "all bits", ~0ULL };
	return nr;
}

static void t_outside(void)
{
	struct outside out[80];
	u64 list[MAX_VEC];
	struct chunk c = fresh(0), full = readable(geo.num_grp - 1);
	u32 nr = outside_list(c, out), u = geo.ws_min, i, pos;

	for (i = 0; i < nr; i++) {
		/* Alone, first of a list, last of a list */
		want_vector(out[i].name, VEC_WRITE, &out[i].lba, 1, data, NULL,
			    0, SC_WRITE_FAULT, 1);
		want_vector(out[i].name, VEC_RESET, &out[i].lba, 1, NULL, NULL,
			    0, SC_RESET, 1);
		read_list(out[i].name, &out[i].lba, 1, 0);
		for (pos = 0; pos < 2 && u < MAX_VEC; pos++) {
			add_run(list, !pos, c, 0, u);
			list[pos ? u : 0] = out[i].lba;
			write_list(out[i].name, list, u + 1, SC_WRITE_FAULT);
			want_chunk(out[i].name, c, CS_FREE, 0);
		}
		add_run(list, 0, full, 0, 4 < geo.clba ? 4 : geo.clba);
		list[1] = out[i].lba;
		read_list(out[i].name, list, 2, 1);
	}
}

/* One of many chunks breaks a rule, and nothing is written */
static void t_all_or_nothing(void)
{
	u32 u = geo.ws_min, nr = MAX_VEC / u < 8 ? MAX_VEC / u : 8, bad, i, n;
	struct chunk c[8];
	u64 list[MAX_VEC] = { 0 };

	if (geo.clba < 4 * u)
		return;
	for (i = 0; i < nr; i++) {
		c[i] = fresh((i * 3) % geo.num_grp);
		generation++;
		fill(c[i], 0, u);
	}
	for (bad = 0; bad < nr; bad++) {
		for (i = 0, n = 0; i < nr; i++)
			n = add_run(list, n, c[i], i == bad ? 2 * u : u, u);
		write_list("one chunk out of order", list, n, SC_ORDER);
		list[bad * u] = ~0ULL;
		write_list("one address outside", list, n, SC_WRITE_FAULT);
		for (i = 0; i < nr; i++)
			want_chunk("nothing written", c[i], CS_OPEN, u);
	}
	for (i = 0, n = 0; i < nr; i++)
		n = add_run(list, n, c[i], u, u);
	write_list("all right", list, n, 0);
	for (i = 0; i < nr; i++)
		want_chunk("all written", c[i], CS_OPEN, 2 * u);
}

/* ---- the rules for reads ---------------------------------------------- */

static bool can_read(u32 wp, u32 sec)
{
	return wp == geo.clba ? sec < wp : sec + geo.mw_cunits < wp;
}

static void t_cunits(void)
{
	u32 u = geo.ws_min, wp = 0, from, k;
	struct chunk c = fresh(geo.num_grp - 1);
	u64 list[MAX_VEC];

	generation++;
	for (;;) {
		u64 written = 0;
		u32 n = geo.clba < MAX_VEC ? geo.clba : MAX_VEC;

		/* A window with the border in its middle */
		from = wp > geo.mw_cunits + n / 2 ?
			wp - geo.mw_cunits - n / 2 : 0;
		if (from + n > geo.clba)
			from = geo.clba - n;
		add_run(list, 0, c, from, n);
		for (k = 0; k < n; k++)
			if (can_read(wp, from + k))
				written |= BIT64(k);
		read_list("around the window's border", list, n, written);
		if (wp == geo.clba)
			break;
		/* Small steps around the interesting places */
		k = wp < 3 * u || (wp + 2 * u >= geo.mw_cunits &&
				   wp <= geo.mw_cunits + 3 * u) ||
			wp + 3 * u >= geo.clba ? u : max_write();
		if (wp < geo.mw_cunits && wp + k > geo.mw_cunits)
			k = geo.mw_cunits - wp < u ? u :
				(geo.mw_cunits - wp) / u * u;
		if (wp + k > geo.clba)
			k = geo.clba - wp;
		fill(c, wp, wp + k);
		wp += k;
	}
}

static void t_unwritten(void)
{
	struct chunk a = fresh(0), b = readable(geo.num_grp - 1);
	u64 list[MAX_VEC], written = 0;
	u32 i;

	for (i = 0; i < MAX_VEC; i++) {
		list[i] = lba_of(i % 3 ? a : b, below(geo.clba));
		if (!(i % 3))
			written |= BIT64(i);
	}
	read_list("free and closed chunks", list, MAX_VEC, written);
}

static void t_dulbe(void)
{
	struct chunk a = fresh(0), b = readable(geo.num_grp - 1);
	u64 list[MAX_VEC], failed;
	u32 i, k, nr;

	want_status("DULBE on", set_feature(FEAT_RECOVERY, nsid, DULBE), 0);
	for (k = 0; k < 64 + 20; k++) {
		nr = k < 64 ? 64 : vec_sizes[k % ARRAY_SIZE(vec_sizes)];
		failed = 0;
		for (i = 0; i < nr; i++) {
			bool bad = k < 64 ? i == k : rnd() >> 20 & 1;

			list[i] = lba_of(b, below(geo.clba));
			if (!bad)
				continue;
			failed |= BIT64(i);
			list[i] = i % 5 ? lba_of(a, below(geo.clba)) :
				nsze + i;
		}
		want_vector("read", VEC_READ, list, nr, data, oob,
			    nr * oob_size, failed ? SC_UNWRITTEN : 0, failed);
	}
	want_status("DULBE off", set_feature(FEAT_RECOVERY, nsid, 0), 0);
	read_list("DULBE off again", list, nr, ~failed);
}

/* ---- resets ----------------------------------------------------------- */

static void t_reset_states(void)
{
	struct chunk c = fresh(0);
	u64 lba = lba_of(c, 0);
	struct desc before = describe(c), after;
	int status = geo.mccap & CAP_MULTI ? 0 : SC_RESET;

	want_vector("reset of a free chunk", VEC_RESET, &lba, 1, NULL, NULL, 0,
		    status, 1);
	want_chunk("free", c, CS_FREE, 0);

	generation++;
	if (geo.clba > geo.ws_min) {
		fill(c, 0, geo.ws_min);
		status = geo.mccap & CAP_EARLY ? 0 : SC_RESET;
		want_vector("reset of an open chunk", VEC_RESET, &lba, 1, NULL,
			    NULL, 0, status, 1);
		want_chunk("open", c, status ? CS_OPEN : CS_FREE,
			   status ? geo.ws_min : 0);
		fill(c, status ? geo.ws_min : 0, geo.clba);
	} else {
		fill(c, 0, geo.clba);
	}
	/* Any address of the chunk will do */
	lba = lba_of(c, geo.clba - 1);
	want_vector("reset of a closed chunk", VEC_RESET, &lba, 1, NULL, NULL,
		    0, 0, 0);
	want_chunk("closed", c, CS_FREE, 0);
	after = describe(c);
	need(after.wli > before.wli || after.wli == 255, "wear %u, was %u",
	     after.wli, before.wli);
	read_list("after the reset", &lba, 1, 0);
}

/* Chunks that may be reset, in all groups */
static void resettable(struct chunk *c, u64 *list, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		c[i] = fresh(i % geo.num_grp);
		fill(c[i], 0, geo.mccap & CAP_EARLY ? geo.ws_min : geo.clba);
		list[i] = lba_of(c[i], 0);
	}
}

static void t_reset_many(void)
{
	u32 most = geo.num_pu * geo.num_chk * geo.num_grp / 2, i, k, at = 0;
	u64 room = (u64)MAX_VEC * geo.clba * lba_size, list[MAX_VEC];
	struct chunk c[MAX_VEC];
	static const u32 nrs[] = { 1, 2, 33, 63, 64 };

	/* The device's memory is the machine's */
	if (most > MAX_VEC)
		most = MAX_VEC;
	if (!(geo.mccap & CAP_EARLY) && room > 300 << 20 && most > 33)
		most = 33;
	resettable(c, list, most);
	for (i = 0; i < ARRAY_SIZE(nrs); i++) {
		u32 nr = nrs[i] < most ? nrs[i] : most;

		if (nr < nrs[i] && i && nrs[i - 1] >= most)
			break;
		for (k = 0; k < nr; k++)
			if (describe(c[k]).cs == CS_FREE)
				fill(c[k], 0, geo.mccap & CAP_EARLY ?
				     geo.ws_min : geo.clba);
		want_vector("reset of many", VEC_RESET, list, nr, NULL, NULL,
			    0, 0, 0);
		for (k = 0; k < nr; k++)
			want_chunk("reset of many", c[k], CS_FREE, 0);
		at = nr;
	}
	need(at, "nothing was reset");
}

/* Good and bad ones in one list: the bitmap tells them apart */
static void t_reset_mixed(void)
{
	u64 list[MAX_VEC], failed = 0;
	struct chunk c[MAX_VEC];
	struct outside out[80];
	u32 nr = nr_chunks > 40 ? 40 : nr_chunks / 2, i;
	struct chunk idle;

	if (nr < 4)
		return;
	resettable(c, list, nr);
	idle = fresh(0);
	outside_list(idle, out);
	for (i = 0; i < nr; i++) {
		if (i % 3 != 2 && i != nr - 1)
			continue;
		list[i] = i % 2 ? out[0].lba : lba_of(idle, 0);
		if (i % 2 || !(geo.mccap & CAP_MULTI))
			failed |= BIT64(i);
	}
	/* The same chunk twice: the second time it is free */
	list[1] = list[0];
	if (!(geo.mccap & CAP_MULTI))
		failed |= BIT64(1);
	want_vector("mixed reset", VEC_RESET, list, nr, NULL, NULL, 0, SC_RESET,
		    failed);
	for (i = 0; i < nr; i++)
		if (i % 3 != 2 && i != nr - 1 && i != 1)
			want_chunk("mixed reset", c[i], CS_FREE, 0);
}

/* The descriptors after the reset, where the metadata pointer points */
static void t_reset_descriptors(void)
{
	struct desc *d = (struct desc *)oob2, before[8];
	u64 list[MAX_VEC];
	struct chunk c[8];
	u32 nr = nr_chunks / 2 < 8 ? nr_chunks / 2 : 8, i;

	if (nr < 2)
		return;
	resettable(c, list, nr);
	for (i = 0; i < nr; i++)
		before[i] = describe(c[i]);
	memset(oob2, 0x5a, (nr + 1) * LOG_DESC);
	want_vector("reset", VEC_RESET, list, nr, data, oob2, nr * LOG_DESC, 0,
		    0);
	for (i = 0; i < nr; i++) {
		need(d[i].cs == CS_FREE && !d[i].wp && d[i].ct == 1 &&
		     d[i].slba == before[i].slba && d[i].cnlb == geo.clba,
		     "descriptor %u: cs %u wp %llu slba %llx", i, d[i].cs,
		     (unsigned long long)d[i].wp,
		     (unsigned long long)d[i].slba);
		need(d[i].wli > before[i].wli || d[i].wli == 255,
		     "descriptor %u: wear %u, was %u", i, d[i].wli,
		     before[i].wli);
	}
	need(all_are(oob2 + nr * LOG_DESC, 0x5a, LOG_DESC), "overrun");
}

/* ---- bad counts, buffers, handles ------------------------------------- */

static int raw_vector(u8 op, u64 lbal, u16 nlb, u16 control, u32 len)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = op, .nsid = nsid, .addr = ptr(data), .data_len = len,
		.cdw10 = lbal, .cdw11 = lbal >> 32,
		.cdw12 = nlb | control << 16,
	};

	return io(&cmd);
}

static const u8 vec_ops[] = { VEC_RESET, VEC_WRITE, VEC_READ };

static void t_counts(void)
{
	static const u16 counts[] = {
		64, 65, 127, 128, 192, 255, 256, 1023, 0x8000, 0xff00, 0xffff
	};
	struct chunk c = fresh(0);
	char what[32];
	u32 op, i, nlb;

	for (op = 0; op < ARRAY_SIZE(vec_ops); op++) {
		for (i = 0; i < ARRAY_SIZE(counts); i++) {
			snprintf(what, sizeof(what), "opcode %02x nlb %04x",
				 vec_ops[op], counts[i]);
			want_status(what, raw_vector(vec_ops[op], lba_of(c, 0),
						     counts[i], 0, data_room),
				    SC_FIELD | DNR);
		}
	}
	for (nlb = 64; nlb < 65536; nlb += 257) {
		snprintf(what, sizeof(what), "nlb %04x", nlb);
		want_status(what, raw_vector(VEC_READ, 0, nlb, 0, 4096),
			    SC_FIELD | DNR);
		want_status(what, raw_vector(IO_READ, 0, nlb, 0, 4096),
			    SC_FIELD | DNR);
	}
	want_chunk("after all that", c, CS_FREE, 0);
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

static void t_handles(void)
{
	static const u64 handles[] = {
		0, 1, 4, 7, 8, 0x1000, 0xff8, 0x1001, 0xfffffffffffff000,
		0xfffffffffffffff8, ~0ULL, 0xffff888000000000, 0xffff888000001000,
		0xffffffff81000000, 0x8000000000000000, 0x7fffffffffffffff,
		0x100000, 0x1000000, 0xffffc90000000000,
	};
	u32 op, i;
	char what[64];

	for (op = 0; op < ARRAY_SIZE(vec_ops); op++) {
		for (i = 0; i < ARRAY_SIZE(handles) + 150; i++) {
			u64 handle = i < ARRAY_SIZE(handles) ? handles[i] :
				rnd() >> (i % 3 ? 0 : 30);
			u32 nlb = 1 + i % 63;

			snprintf(what, sizeof(what), "opcode %02x handle %llx",
				 vec_ops[op], (unsigned long long)handle);
			want_status(what, raw_vector(vec_ops[op], handle, nlb,
						     0, data_room),
				    SC_FIELD | DNR);
		}
	}
}

/* Without lightnvm's list, the pool it comes from is out of reach as well */
static void t_handles_vio(void)
{
	u16 nppas;
	u32 op;

	for (op = 0; op < ARRAY_SIZE(vec_ops); op++) {
		for (nppas = 1; nppas < 70; nppas++) {
			struct passthru_vio cmd = {
				.opcode = vec_ops[op], .nppas = nppas,
				.addr = ptr(data), .data_len = data_room,
			};

			want_status("no list", xioctl(ns_fd, IO_VIO, &cmd),
				    -EIO);
			need(cmd.result == SC_FIELD, "no list: status %x",
			     cmd.result);
		}
	}
}

static void t_short_data(void)
{
	struct chunk c = fresh(0), full = readable(geo.num_grp - 1);
	u64 list[MAX_VEC], other[MAX_VEC];
	u32 n = max_write(), i;
	const u32 lens[] = {
		0, 4, 512, lba_size - 4, lba_size * (n - 1),
		lba_size * n - 4,
	};

	add_run(list, 0, c, 0, n);
	add_run(other, 0, full, 0, n);
	for (i = 0; i < 2 * ARRAY_SIZE(lens); i++) {
		u32 len = lens[i / 2];
		struct passthru_vio cmd = {
			.opcode = i % 2 ? VEC_READ : VEC_WRITE,
			.nppas = n - 1, .addr = ptr(data), .data_len = len,
			.ppa_list = n > 1 ? ptr(i % 2 ? other : list) :
				list[0],
		};
		int ret;

		if (len >= n * lba_size)
			continue;
		memset(data, 0x5a, lba_size * n);
		ret = xioctl(ns_fd, IO_VIO, &cmd);
		/* A read without data has no direction */
		need(ret == -EIO && cmd.result == SC_SHORT_DATA,
		     "opcode %02x, %u of %u bytes: ret %d status %x",
		     cmd.opcode, len, n * lba_size, ret, cmd.result);
		need(all_are(data + len, 0x5a, n * lba_size - len),
		     "opcode %02x, %u bytes: overrun", cmd.opcode, len);
	}
	want_chunk("short writes", c, CS_FREE, 0);
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
		return;
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

static void t_io_opcodes(void)
{
	static const u8 known[] = {
		IO_FLUSH, IO_WRITE, IO_READ, IO_DSM, VEC_RESET, VEC_WRITE,
		VEC_READ, ADMIN_FABRICS,
	};
	struct nvme_passthru_cmd cmd = { .nsid = nsid };
	char what[32];
	u32 op, len;

	for (op = 0; op < 256; op++) {
		if (memchr(known, op, sizeof(known)))
			continue;
		for (len = 0; len <= 4096; len += 4096) {
			snprintf(what, sizeof(what), "opcode %02x", op);
			cmd.opcode = op;
			cmd.addr = ptr(data);
			cmd.data_len = len;
			want_status(what, io(&cmd), SC_OPCODE | DNR);
		}
	}
}

static void t_io_nsid(void)
{
	static const u8 ops[] = {
		IO_FLUSH, IO_WRITE, IO_READ, IO_DSM, VEC_RESET, VEC_WRITE,
		VEC_READ, 0xc7,
	};
	const u32 ids[] = { 0, nr_ns + 1, 0x100, 0x80000000 | nsid, ~0U };
	struct nvme_passthru_cmd cmd = { .addr = ptr(data) };
	char what[48];
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		for (k = 0; k < ARRAY_SIZE(ids); k++) {
			cmd.opcode = ops[i];
			cmd.nsid = ids[k];
			cmd.data_len = lba_size;
			snprintf(what, sizeof(what), "opcode %02x nsid %x",
				 ops[i], ids[k]);
			want_status(what, io(&cmd), SC_NSID | DNR);
		}
	}
}

/* ---- scalar commands -------------------------------------------------- */

static int scalar(u8 op, u64 slba, u32 nr, void *buf, void *meta)
{
	struct nvme_user_io cmd = {
		.opcode = op, .nblocks = nr - 1, .slba = slba,
		.addr = ptr(buf), .metadata = ptr(meta),
	};

	return xioctl(ns_fd, NVME_IOCTL_SUBMIT_IO, &cmd);
}

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

static void t_scalar_borders(void)
{
	struct chunk c, next;
	u32 n = geo.clba < MAX_VEC / 2 ? geo.clba : MAX_VEC / 2, i;
	bool gap = geo.clba & (geo.clba - 1);
	u64 written = 0;

	if (geo.num_chk < 2)
		return;
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
		return;
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
		return;
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

struct range {
	u32 attr;
	u32 nlb;
	u64 slba;
};

static int dsm(struct range *ranges, u32 nr, u32 attr, u32 len)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = IO_DSM, .nsid = nsid, .addr = ptr(ranges),
		.data_len = len, .cdw10 = nr - 1, .cdw11 = attr,
	};

	return io(&cmd);
}

static struct range range_of(struct chunk c)
{
	struct range r = { .nlb = geo.clba, .slba = lba_of(c, 0) };

	return r;
}

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
			return;
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
		return;
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
		return;
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
		return;
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

/* ---- reset of the controller ------------------------------------------ */

static void t_controller_reset(void)
{
	struct chunk c = readable(0);
	u64 lba = lba_of(c, 0);
	u32 i, val;

	want_status("DULBE on", set_feature(FEAT_RECOVERY, nsid, DULBE), 0);
	for (i = 0; i < 3; i++)
		want_status("reset", xioctl(ctrl_fd, NVME_IOCTL_RESET, NULL),
			    0);
	want_status("DULBE", get_feature(FEAT_RECOVERY, nsid, 0, &val), 0);
	need(!val, "DULBE survives a reset");
	want_chunk("after the reset", c, CS_CLOSED, geo.clba);
	read_list("after the reset", &lba, 1, 1);
	want_status("rescan", xioctl(ctrl_fd, NVME_IOCTL_RESCAN, NULL), 0);
}

/*
 * lightnvm's ioctl does not say that its command is a user's, so the kernel lets a
 * Connect through to a queue that the reset is about to connect itself.
 */
struct forger {
	pthread_t thread;
	u8 *page;
	u32 won;
	int stop;
};

static void *forge_connects(void *arg)
{
	struct forger *f = arg;

	while (!__atomic_load_n(&f->stop, __ATOMIC_RELAXED)) {
		struct passthru_vio cmd = {
			.opcode = ADMIN_FABRICS, .addr = ptr(f->page),
			.data_len = 1024, .ppa_list = 31ULL << 32,
		};

		if (!xioctl(ns_fd, ADMIN_VIO, &cmd))
			f->won++;
	}
	return NULL;
}

static void t_forged_connect(void)
{
	struct forger f[3] = { 0 };
	u32 i, won = 0;
	int ret = 0;

	want_status("identify", identify(1, 0, data2), 0);
	memset(data, 0, 1024);
	data[16] = 0xff;
	data[17] = 0xff;
	memcpy(data + 256, data2 + 768, 223);
	strcpy((char *)data + 512, "nqn.forged");
	for (i = 0; i < ARRAY_SIZE(f); i++) {
		f[i].page = data;
		need(!pthread_create(&f[i].thread, NULL, forge_connects, &f[i]),
		     "no thread");
	}
	for (i = 0; i < 20 && !ret; i++) {
		ret = xioctl(ctrl_fd, NVME_IOCTL_RESET, NULL);
		usleep(5000);
	}
	for (i = 0; i < ARRAY_SIZE(f); i++)
		__atomic_store_n(&f[i].stop, 1, __ATOMIC_RELAXED);
	for (i = 0; i < ARRAY_SIZE(f); i++) {
		pthread_join(f[i].thread, NULL);
		won += f[i].won;
	}
	need(!won, "%u Connects of a user succeeded", won);
	want_status("reset", ret, 0);
}

/* ---- fuzz ------------------------------------------------------------- */

#define FUZZ_ROOM	(512U * 1024)
#define FUZZ_DIR	"/sys/kernel/debug/ocloop/oc0/"
#define FUZZ_TIMING	"/sys/module/ocloop/parameters/timing"

struct fuzzer {
	pthread_t thread;
	u64 rnd;
	u8 *buf;
	u32 id;
	u32 sent;
	u32 ok;
	struct {
		u32 kind;
		struct nvme_passthru_cmd cmd;
	} last;
	u64 list[MAX_VEC];
};

static long fuzz_left;
static int fuzz_stop;

static u64 fz(struct fuzzer *f)
{
	return rnd_next(&f->rnd);
}

static u32 fz_below(struct fuzzer *f, u32 n)
{
	return (fz(f) >> 20) % n;
}

/* Mostly addresses that exist, sometimes nearly */
static u64 fz_lba(struct fuzzer *f)
{
	struct chunk c = nth_chunk(fz_below(f, nr_chunks));
	u64 r = fz(f);

	c.chk %= 4;
	switch (r >> 30 & 15) {
	case 0:
		return r;
	case 1:
		return nsze - 4 + (r & 7);
	case 2:
		return raw_lba(fz_below(f, geo.num_grp + 1),
			       fz_below(f, geo.num_pu + 1),
			       fz_below(f, geo.num_chk + 1),
			       fz_below(f, geo.clba + 1));
	case 3:
		return lba_of(c, 0) | BIT64(r & 63);
	case 4:
	case 5:
	case 6:
	case 7:
		return lba_of(c, fz_below(f, geo.clba));
	default:
		return lba_of(c, fz_below(f, 4) * geo.ws_min);
	}
}

static u32 fz_len(struct fuzzer *f, u32 nr)
{
	static const u32 lens[] = {
		0, 1, 3, 4, 16, 511, 512, 513, 1024, 4095, 4096, 4097, 8192,
		65536, 262144, 262145, 266240,
	};
	u64 r = fz(f);

	switch (r >> 40 & 7) {
	case 0:
		return lens[(r >> 8 & 0xffff) % ARRAY_SIZE(lens)];
	case 1:
		return (r >> 8 & 0xffffff) % FUZZ_ROOM;
	case 2:
		return nr * lba_size - 1 + (r >> 8 & 0xff) % 3;
	default:
		return nr * lba_size;
	}
}

/* A buffer that is good, odd, or none */
static u64 fz_buf(struct fuzzer *f)
{
	switch (fz(f) >> 33 & 31) {
	case 0:
		return 0;
	case 1:
		return ptr(f->buf) + 1;
	case 2:
		return ptr(f->buf) + 4;
	case 3:
		return ptr(f->buf) + 512;
	case 4:
		return 0x10000;
	case 5:
		return 0xffff888000000000;
	default:
		return ptr(f->buf);
	}
}

static bool fz_forbidden(const struct nvme_passthru_cmd *cmd, bool is_admin)
{
	if (cmd->opcode == ADMIN_FABRICS && !(cmd->nsid & 0xff))
		return cmd->cdw11 == 0x14;
	return is_admin && (cmd->opcode == ADMIN_AER ||
			    (cmd->opcode == ADMIN_SET_FEAT &&
			     (cmd->cdw10 & 0xff) == FEAT_KATO));
}

static void fz_all_random(struct fuzzer *f, struct nvme_passthru_cmd *cmd)
{
	u64 *word = (u64 *)cmd;
	u32 i;

	for (i = 0; i < sizeof(*cmd) / 8; i++)
		word[i] = fz(f);
	cmd->flags = 0;
	cmd->nsid = fz(f) >> 40 & 1 ? nsid : cmd->nsid;
	cmd->timeout_ms = fz(f) >> 40 & 1 ? 0 : cmd->timeout_ms;
}

static void fz_near_valid(struct fuzzer *f, struct nvme_passthru_cmd *cmd,
			  bool is_admin)
{
	static const u8 ops[2][12] = {
		{ IO_FLUSH, IO_WRITE, IO_READ, IO_DSM, VEC_RESET, VEC_WRITE,
		  VEC_READ, VEC_READ, VEC_WRITE, VEC_RESET, 0x93,
		  ADMIN_FABRICS },
		{ ADMIN_GET_LOG, ADMIN_GET_LOG, ADMIN_IDENTIFY, ADMIN_ABORT,
		  ADMIN_SET_FEAT, ADMIN_GET_FEAT, ADMIN_KEEP, ADMIN_GEOMETRY,
		  ADMIN_FABRICS, ADMIN_FABRICS, ADMIN_GET_FEAT, 0x14 },
	};
	static const u8 logs[] = { 1, 2, 3, 4, LOG_CHUNKS, LOG_CHUNKS, 0x70 };
	static const u8 feats[] = { 1, 2, 4, 5, 7, 0xa, 0xb, 0x81 };
	u64 lba = fz_lba(f), off;
	u32 numd = fz_below(f, 3) ? fz_below(f, 2048) : fz_below(f, 70000);

	memset(cmd, 0, sizeof(*cmd));
	cmd->opcode = ops[is_admin][fz_below(f, 12)];
	cmd->nsid = fz_below(f, 20) ? nsid : fz(f);
	cmd->cdw10 = lba;
	cmd->cdw11 = lba >> 32;
	cmd->cdw12 = fz_below(f, 4) ? fz_below(f, 2 * MAX_VEC) : fz(f);
	cmd->cdw14 = fz(f);
	cmd->cdw15 = fz(f);
	if (cmd->opcode == ADMIN_FABRICS) {
		cmd->nsid = fz_below(f, 6);
		cmd->cdw11 = fz_below(f, 3) ? fz_below(f, 64) : fz(f);
		return;
	}
	if (!is_admin) {
		if (cmd->opcode == IO_DSM) {
			cmd->cdw10 = fz_below(f, 256);
			cmd->cdw11 = 4;
		}
		return;
	}
	switch (cmd->opcode) {
	case ADMIN_GET_LOG:
		off = fz_below(f, 3) ? fz_below(f, 2 * log_bytes()) & ~3U :
			fz(f);
		cmd->cdw10 = numd << 16 | logs[fz_below(f, sizeof(logs))];
		cmd->cdw11 = numd >> 16;
		cmd->cdw12 = off;
		cmd->cdw13 = off >> 32;
		break;
	case ADMIN_IDENTIFY:
		cmd->cdw10 = fz_below(f, 0x18);
		break;
	case ADMIN_SET_FEAT:
	case ADMIN_GET_FEAT:
		cmd->cdw10 = feats[fz_below(f, sizeof(feats))];
		cmd->cdw11 = fz_below(f, 2) ? fz(f) : 0;
		break;
	}
}

static void fz_ranges(struct fuzzer *f)
{
	struct range *r = (struct range *)f->buf;
	u32 i;

	for (i = 0; i < 256; i++) {
		r[i].slba = fz_lba(f);
		if (fz_below(f, 8))
			r[i].slba &= ~(BIT64(geo.len[3]) - 1);
		r[i].nlb = fz_below(f, 8) ? geo.clba : fz(f);
	}
}

static int fz_passthru(struct fuzzer *f, bool is_admin)
{
	struct nvme_passthru_cmd *cmd = &f->last.cmd;
	u32 nr;

	if (fz_below(f, 3))
		fz_near_valid(f, cmd, is_admin);
	else
		fz_all_random(f, cmd);
	if (fz_forbidden(cmd, is_admin))
		return 0;
	nr = (cmd->cdw12 & 63) + 1;
	cmd->addr = fz_buf(f);
	cmd->data_len = is_admin ? (fz_below(f, 2) ? 4096 : fz_len(f, 1)) :
				   fz_len(f, nr);
	if (is_admin && cmd->opcode == ADMIN_GET_LOG && fz_below(f, 2))
		cmd->data_len = ((cmd->cdw10 >> 16 | cmd->cdw11 << 16) + 1) * 4;
	if (!is_admin && cmd->opcode == IO_DSM)
		fz_ranges(f);
	cmd->metadata = 0;
	cmd->metadata_len = 0;
	/* The block layer WARNs when there is less of it than of data */
	if (!is_admin && fz_below(f, 3) == 0) {
		cmd->metadata = ptr(f->buf) + 256 * 1024;
		cmd->metadata_len = cmd->data_len / lba_size * oob_size +
			(fz_below(f, 2) ? fz_below(f, 16384) : 0);
	}
	return xioctl(is_admin ? ctrl_fd : ns_fd, is_admin ?
		      NVME_IOCTL_ADMIN_CMD : NVME_IOCTL_IO_CMD, cmd);
}

static int fz_vio(struct fuzzer *f)
{
	struct nvme_passthru_cmd *cmd = &f->last.cmd;
	bool is_admin = !fz_below(f, 8);
	u32 nr = fz_below(f, MAX_VEC) + 1, i;
	struct passthru_vio vio = { 0 };
	struct user_vio user = { 0 };

	for (i = 0; i < nr; i++)
		f->list[i] = fz_lba(f);
	/* A list that can be written */
	if (fz_below(f, 2))
		for (i = 1; i < nr; i++)
			if (fz_below(f, 20))
				f->list[i] = f->list[i - 1] + 1;
	if (fz_below(f, 3))
		fz_near_valid(f, cmd, is_admin);
	else
		fz_all_random(f, cmd);

	vio.opcode = cmd->opcode;
	vio.cdw2 = cmd->cdw2;
	vio.cdw3 = cmd->cdw3;
	vio.cdw13 = cmd->cdw13;
	vio.cdw14 = cmd->cdw14;
	vio.cdw15 = cmd->cdw15;
	vio.control = fz_below(f, 4) ? 0 : fz(f);
	vio.addr = fz_buf(f);
	vio.data_len = fz_len(f, nr);
	switch (fz_below(f, 8)) {
	case 0:
		/* No list, any count */
		vio.nppas = fz(f);
		break;
	case 1:
		vio.ppa_list = f->list[0];
		break;
	case 2:
		/* A list that cannot be read */
		vio.ppa_list = 0x10000;
		vio.nppas = nr - 1;
		break;
	default:
		vio.ppa_list = nr == 1 ? f->list[0] : ptr(f->list);
		vio.nppas = nr - 1;
		break;
	}
	/* The kernel is wrong about metadata without data, and above a page */
	if (vio.addr && vio.data_len && fz_below(f, 2)) {
		vio.metadata = ptr(f->buf) + 300 * 1024;
		vio.metadata_len = fz_below(f, 4) ? nr * (oob_size ?: 32) :
			fz_below(f, 4096) + 1;
		if (vio.metadata_len > 4096)
			vio.metadata_len = 4096;
	}
	if (is_admin) {
		/* What ends up in CDW10 is the list's address */
		cmd->cdw10 = vio.nppas ? 0 : vio.ppa_list;
		cmd->nsid = nsid;
		if (fz_forbidden(cmd, true))
			return 0;
		return xioctl(ns_fd, ADMIN_VIO, &vio);
	}
	if (fz_below(f, 2))
		return xioctl(ns_fd, IO_VIO, &vio);
	user.opcode = vio.opcode;
	user.control = vio.control;
	user.nppas = vio.nppas;
	user.metadata = vio.metadata;
	user.metadata_len = vio.metadata_len;
	user.addr = vio.addr;
	user.ppa_list = vio.ppa_list;
	return xioctl(ns_fd, SUBMIT_VIO, &user);
}

static int fz_block(struct fuzzer *f)
{
	u64 lba = fz_lba(f), range[2];
	u32 nr = fz_below(f, 2 * MAX_VEC) + 1, i;
	struct nvme_user_io cmd = { 0 };
	struct iovec iov[16];

	switch (fz_below(f, 6)) {
	case 0:
		return pread(ns_fd, f->buf, nr % 100 * lba_size,
			     lba % nsze * lba_size) > 0;
	case 1:
		return pwrite(ns_fd, f->buf, nr % 100 * lba_size,
			      lba % nsze * lba_size) > 0;
	case 2:
		range[0] = lba * lba_size;
		range[1] = (fz_below(f, 4) ? geo.clba : nr) * (u64)lba_size;
		return xioctl(ns_fd, BLKDISCARD, range);
	case 3:
		for (i = 0; i < 16; i++) {
			iov[i].iov_base = f->buf + fz_below(f, 256) * 512;
			iov[i].iov_len = fz_below(f, 8) * 512;
		}
		if (fz_below(f, 2))
			return preadv(ns_fd, iov, 16, lba % nsze * lba_size);
		return pwritev(ns_fd, iov, 16, lba % nsze * lba_size);
	default:
		cmd.opcode = fz_below(f, 20) ? 1 + fz_below(f, 2) : fz(f);
		cmd.nblocks = fz_below(f, 10) ? (nr - 1) & 63 : fz(f);
		cmd.slba = lba;
		cmd.control = fz_below(f, 4) ? 0 : fz(f);
		cmd.addr = fz_buf(f);
		cmd.metadata = ptr(f->buf) + 300 * 1024;
		/* The kernel allocates all the metadata there could be */
		if (cmd.nblocks > 255)
			cmd.addr = 0;
		return xioctl(ns_fd, NVME_IOCTL_SUBMIT_IO, &cmd);
	}
}

static void *fuzz_thread(void *arg)
{
	struct fuzzer *f = arg;
	int ret;

	while (!__atomic_load_n(&fuzz_stop, __ATOMIC_RELAXED) &&
	       __atomic_sub_fetch(&fuzz_left, 1, __ATOMIC_RELAXED) >= 0) {
		u32 kind = fz_below(f, 16);

		f->last.kind = kind;
		if (kind < 4)
			ret = fz_passthru(f, true);
		else if (kind < 8)
			ret = fz_passthru(f, false);
		else if (kind < 13)
			ret = fz_vio(f);
		else
			ret = fz_block(f);
		f->ok += ret == 0;
		__atomic_add_fetch(&f->sent, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void poke(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		return;
	/* Some of it is wrong on purpose */
	if (write(fd, text, strlen(text)) < 0)
		errno = 0;
	close(fd);
}

static void peek(const char *path)
{
	char text[4096];
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return;
	while (read(fd, text, sizeof(text)) > 0)
		;
	close(fd);
}

/* What an administrator does meanwhile */
static void *fuzz_admin_thread(void *arg)
{
	static const char * const timings[] = {
		"off", "read=20us,prog=50us", "mlc", "read=1us", "nonsense",
		"slc", "read=10us,prog=20us,erase=50us,bus=1us", "", "tlc",
		"read=99999999999999s", "off",
	};
	struct fuzzer *f = arg;

	while (!__atomic_load_n(&fuzz_stop, __ATOMIC_RELAXED) &&
	       __atomic_load_n(&fuzz_left, __ATOMIC_RELAXED) > 0) {
		u32 what = fz_below(f, 10);

		switch (what) {
		case 0:
			xioctl(ctrl_fd, NVME_IOCTL_RESET, NULL);
			break;
		case 1:
		case 2:
			xioctl(ctrl_fd, NVME_IOCTL_RESCAN, NULL);
			break;
		case 3:
			peek(FUZZ_DIR "channels");
			peek(FUZZ_TIMING);
			break;
		case 4:
			peek(FUZZ_DIR "memory");
			break;
		case 5:
			poke(FUZZ_DIR "notify_ns", "1");
			break;
		case 6:
			poke(FUZZ_DIR "use_inline", fz_below(f, 2) ? "1" : "0");
			break;
		default:
			what = fz_below(f, ARRAY_SIZE(timings));
			poke(FUZZ_TIMING, timings[what]);
			break;
		}
		__atomic_add_fetch(&f->sent, 1, __ATOMIC_RELAXED);
		usleep(fz_below(f, 30000));
	}
	return NULL;
}

static void fuzz_print_last(const struct fuzzer *f)
{
	const u32 *word = (const u32 *)&f->last.cmd;
	u32 i;

	printf("# thread %u: %u sent, kind %u, command", f->id, f->sent,
	       f->last.kind);
	for (i = 0; i < sizeof(f->last.cmd) / 4; i++)
		printf(" %08x", word[i]);
	printf("\n");
}

static struct fuzzer fuzzers[MAX_THREADS];
static u32 nr_fuzzers;

static u32 fuzz_sent(void)
{
	u32 i, sent = 0;

	for (i = 0; i < nr_fuzzers; i++)
		sent += __atomic_load_n(&fuzzers[i].sent, __ATOMIC_RELAXED);
	return sent;
}

/* After all that the device must be the one it was */
static void t_fuzz_after(void)
{
	struct geometry g;

	poke(FUZZ_TIMING, "off");
	poke(FUZZ_DIR "use_inline", "1");
	want_status("reset", xioctl(ctrl_fd, NVME_IOCTL_RESET, NULL), 0);
	want_status("DULBE off", set_feature(FEAT_RECOVERY, nsid, 0), 0);
	want_status("geometry", get_geometry(&g, nsid, sizeof(g)), 0);
	/* The times may have changed in between */
	need(!memcmp(&g, &geo, offsetof(struct geometry, times)),
	     "the geometry has changed");
	t_chunklog_order();
	t_vector_write();
	t_vector_scatter();
	t_all_or_nothing();
}

/* Wait for the threads; true if they have stopped making progress */
static bool fuzz_wait(void)
{
	u32 sent = 0, now, quiet = 0;

	while (__atomic_load_n(&fuzz_left, __ATOMIC_RELAXED) > 0) {
		usleep(100000);
		now = fuzz_sent();
		quiet = now == sent ? quiet + 1 : 0;
		sent = now;
		if (quiet > 1200)
			return true;
	}
	return false;
}

static int run_fuzz(u64 from, long count)
{
	enum { SENDERS = 5 };
	struct timespec begin, end;
	u32 i, ok = 0;

	printf("# fuzz: seed %llu, %ld commands\n", (unsigned long long)from,
	       count);
	fflush(stdout);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	fuzz_left = count;
	nr_fuzzers = SENDERS + 1;
	for (i = 0; i < nr_fuzzers; i++) {
		struct fuzzer *f = &fuzzers[i];

		f->id = i;
		f->rnd = (from + 1) * 0x9e3779b97f4a7c15ULL + i * 0x1234567ULL;
		if (posix_memalign((void **)&f->buf, 4096, FUZZ_ROOM))
			return 1;
		memset(f->buf, 0x77, FUZZ_ROOM);
		if (pthread_create(&f->thread, NULL, i < SENDERS ?
				   fuzz_thread : fuzz_admin_thread, f))
			return 1;
	}
	if (fuzz_wait()) {
		for (i = 0; i < nr_fuzzers; i++)
			fuzz_print_last(&fuzzers[i]);
		printf("not ok fuzz: want progress, came none for 120 s\n");
		poke("/proc/sysrq-trigger", "w");
		fflush(stdout);
		return 1;
	}
	case_name = "fuzz";
	begin_watch(time(NULL));
	for (i = 0; i < nr_fuzzers; i++) {
		pthread_join(fuzzers[i].thread, NULL);
		free(fuzzers[i].buf);
		if (i < SENDERS)
			ok += fuzzers[i].ok;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("# fuzz: %u of %u succeeded, %ld s\n", ok,
	       fuzz_sent() - fuzzers[SENDERS].sent,
	       (long)(end.tv_sec - begin.tv_sec));
	if (setjmp(case_end)) {
		printf("not ok fuzz: seed %llu, afterwards: %s\n",
		       (unsigned long long)from, case_reason);
		return 1;
	}
	t_fuzz_after();
	printf("ok fuzz\n");
	return 0;
}

/* ---- running cases ---------------------------------------------------- */

static const struct test {
	const char *name;
	void (*fn)(void);
} tests[] = {
	{ "geometry.bytes", t_geometry },
	{ "geometry.size", t_geometry_size },
	{ "geometry.vio", t_geometry_vio },
	{ "geometry.bad", t_geometry_bad },
	{ "identify.all", t_identify },
	{ "identify.bad", t_identify_bad },
	{ "log.all", t_logs },
	{ "log.windows", t_log_windows },
	{ "log.error", t_log_error },
	{ "chunklog.order", t_chunklog_order },
	{ "chunklog.windows", t_chunklog_windows },
	{ "chunklog.end", t_chunklog_end },
	{ "chunklog.nsid", t_chunklog_nsid },
	{ "feature.get", t_features_get },
	{ "feature.set", t_features_set },
	{ "admin.opcodes", t_admin_opcodes },
	{ "admin.abort-keepalive", t_abort_keepalive },
	{ "admin.events", t_aer },
	{ "admin.unprivileged", t_unprivileged },
	{ "fabrics.connect", t_fabrics_connect },
	{ "fabrics.types", t_fabrics_types },
	{ "fabrics.property-get", t_property_get },
	{ "fabrics.property-set", t_property_set },
	{ "vector.write", t_vector_write },
	{ "vector.read", t_vector_read },
	{ "vector.places", t_vector_places },
	{ "vector.scatter", t_vector_scatter },
	{ "vector.many-chunks", t_vector_many },
	{ "vector.control-bits", t_control_bits },
	{ "oob.none", t_oob_none },
	{ "oob.length", t_oob_long },
	{ "write.rules", t_write_rules },
	{ "write.past-end", t_write_past_end },
	{ "write.holes", t_write_holes },
	{ "write.comes-back", t_write_comes_back },
	{ "write.outside", t_outside },
	{ "write.all-or-nothing", t_all_or_nothing },
	{ "read.cunits", t_cunits },
	{ "read.unwritten", t_unwritten },
	{ "read.dulbe", t_dulbe },
	{ "reset.states", t_reset_states },
	{ "reset.many", t_reset_many },
	{ "reset.mixed", t_reset_mixed },
	{ "reset.descriptors", t_reset_descriptors },
	{ "bad.counts", t_counts },
	{ "bad.handles", t_handles },
	{ "bad.handles-vio", t_handles_vio },
	{ "bad.short-data", t_short_data },
	{ "bad.opcodes", t_io_opcodes },
	{ "bad.nsid", t_io_nsid },
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
	{ "parallel.own-chunks", t_parallel_own },
	{ "parallel.same-chunks", t_parallel_same },
	{ "controller.reset", t_controller_reset },
	{ "controller.forged-connect", t_forged_connect },
};

/* A command that never ends cannot be interrupted, but it can be told of */
static void *watch(void *arg)
{
	time_t began;

	(void)arg;
	for (;;) {
		sleep(1);
		began = __atomic_load_n(&case_began, __ATOMIC_ACQUIRE);
		if (!began || time(NULL) - began < 200)
			continue;
		printf("not ok %s: want an end, came none in 200 s\n",
		       case_name);
		fflush(stdout);
		poke("/proc/sysrq-trigger", "w");
		_exit(1);
	}
	return NULL;
}

static bool run_case(const struct test *test)
{
	bool ok = !setjmp(case_end);

	case_name = test->name;
	if (ok) {
		begin_watch(time(NULL));
		test->fn();
	}
	begin_watch(0);
	/* Whatever has failed, the next one begins as the first did */
	set_feature(FEAT_RECOVERY, nsid, 0);
	if (ok)
		printf("ok %s\n", test->name);
	else
		printf("not ok %s: %s\n", test->name, case_reason);
	fflush(stdout);
	return ok;
}

static void open_device(void)
{
	u8 *page;
	u32 fmt, lbaf;
	size_t room;

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
	memcpy(&lbaf, page + 128 + 4 * fmt, 4);
	lba_size = 1U << (lbaf >> 16 & 0xff);
	oob_size = lbaf & 0xffff;
	want_status("identify controller", identify(1, 0, page), 0);
	memcpy(&nr_ns, page + 516, 4);
	free(page);
	want_status("geometry", get_geometry(&geo, nsid, sizeof(geo)), 0);
	nr_chunks = geo.num_grp * geo.num_pu * geo.num_chk;
	need(nr_chunks && geo.ws_min && geo.ws_min <= MAX_VEC,
	     "this geometry cannot be tested");

	data_room = MAX_VEC * lba_size;
	room = data_room < 131072 ? 131072 : data_room;
	need(!posix_memalign((void **)&data, 4096, room + 8192) &&
	     !posix_memalign((void **)&data2, 4096, room + 8192) &&
	     !posix_memalign((void **)&oob, 4096, OOB_ROOM) &&
	     !posix_memalign((void **)&oob2, 4096, OOB_ROOM), "no memory");
	need(MAX_VEC * oob_size + 64 <= OOB_ROOM, "OOB of %u", oob_size);
}

static int print_usage(const char *name)
{
	fprintf(stderr, "usage: %s [-n NAMESPACE] [-c CONTROLLER] [--list] [PATTERN]\n"
		"       %s [-n NAMESPACE] [-c CONTROLLER] --fuzz SEED COUNT\n",
		name, name);
	return 2;
}

int main(int argc, char **argv)
{
	const char *pattern = "*", *name = argv[0];
	u32 i, passed = 0, failed = 0;
	pthread_t watcher;

	for (; argc > 1 && argv[1][0] == '-'; argc -= 2, argv += 2) {
		if (!strcmp(argv[1], "--list")) {
			for (i = 0; i < ARRAY_SIZE(tests); i++)
				printf("%s\n", tests[i].name);
			return 0;
		}
		if (!strcmp(argv[1], "--fuzz"))
			break;
		if (argc < 3 || (strcmp(argv[1], "-n") &&
				 strcmp(argv[1], "-c")))
			return print_usage(name);
		if (argv[1][1] == 'n')
			ns_path = argv[2];
		else
			ctrl_path = argv[2];
	}

	open_device();
	if (pthread_create(&watcher, NULL, watch, NULL))
		return 1;
	if (argc > 1 && !strcmp(argv[1], "--fuzz")) {
		if (argc != 4)
			return print_usage(name);
		failed = run_fuzz(strtoull(argv[2], NULL, 0),
				  strtol(argv[3], NULL, 0));
		printf("%u passed, %u failed\n", !failed, failed);
		return failed;
	}
	if (argc > 2)
		return print_usage(name);
	if (argc == 2)
		pattern = argv[1];
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		if (fnmatch(pattern, tests[i].name, 0))
			continue;
		if (run_case(&tests[i]))
			passed++;
		else
			failed++;
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
