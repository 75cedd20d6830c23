// SPDX-License-Identifier: GPL-2.0
/*
 * oc12test.c - send an OCSSD 1.2 namespace commands, good and bad, from user
 * space
 *
 * Each case is a function; the first need() that does not hold ends it. Cases ask
 * the device what it is and take blocks as they need them, so they run on any
 * device, but what is on the device does not survive. On a device whose mode says
 * that it keeps the logical addresses, the hybrid cases run too.
 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/nvme_ioctl.h>
#include <linux/types.h>
#include <sys/ioctl.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define BIT64(n)	(1ULL << (n))
#define __noreturn	__attribute__((noreturn))
#define __printf(a, b)	__attribute__((__format__(__printf__, a, b)))

#define MAX_VEC		64U

#define ADMIN_IDENTITY	0xe2
#define ADMIN_GET_L2P	0xea
#define ADMIN_SET_BBT	0xf1
#define ADMIN_GET_BBT	0xf2
#define HYBRID_READ	0x02
#define HYBRID_WRITE	0x81
#define ERASE		0x90
#define WRITE		0x91
#define READ		0x92

/* Status as the ioctls return it: without "do not retry" */
#define SC_OPCODE	0x001
#define SC_FIELD	0x002
#define SC_RANGE	0x080
#define SC_FAIL		0x0ff
#define SC_EMPTY	0x2ff

#define DNR		0x4000
#define SCRAMBLE	0x200
#define SUSPEND		0x080

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

/* Fields of the address format, in the order of the identity page */
enum { CH, LUN, PLN, BLK, PG, SEC, FIELDS };

/* A block over all planes */
struct block {
	u32 ch;
	u32 lun;
	u32 blk;
};

static const char *ns_path = "/dev/nvme0n1";
static const char *ctrl_path = "/dev/nvme0";
static int ns_fd = -1, ctrl_fd = -1;
static u32 nsid;

static u8 page[4096];			/* the identity */
static u32 count[FIELDS], off[FIELDS], len[FIELDS];
static u32 lba_size, oob_size, mpos;
static u64 total;			/* sectors */
static bool strict, hybrid;

static u8 *data, *data2, *oob, *oob2, *bbt;
static u64 bitmap;			/* of the last command with a list */
static u32 generation;			/* of the test pattern */

/* ---- judging ---------------------------------------------------------- */

static jmp_buf case_end;
static char case_reason[512];

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

/* ---- commands --------------------------------------------------------- */

static u64 ptr(const void *p)
{
	return (u64)(uintptr_t)p;
}

static int xioctl(int fd, unsigned long req, void *arg)
{
	int ret = ioctl(fd, req, arg);

	return ret < 0 ? -errno : ret;
}

/* An admin command without a list, as nvme-cli sends it; DNR is cut off */
static int admin(u8 opcode, u64 ppa, u32 cdw12, void *buf, u32 buf_len)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = opcode, .nsid = nsid, .addr = ptr(buf),
		.data_len = buf_len, .cdw10 = ppa, .cdw11 = ppa >> 32,
		.cdw12 = cdw12,
	};
	int ret = xioctl(ctrl_fd, NVME_IOCTL_ADMIN_CMD, &cmd);

	return ret < 0 ? ret : ret & ~DNR;
}

/* The status of a lightnvm ioctl, or -errno */
static int vio_status(int ret, u32 result)
{
	return ret == -EIO && result ? (int)result : ret;
}

static int vector(u8 opcode, const u64 *list, u32 nr, u16 control, void *buf,
		  void *meta)
{
	struct user_vio cmd = {
		.opcode = opcode, .control = control, .nppas = nr - 1,
		.addr = ptr(buf), .ppa_list = nr == 1 ? list[0] : ptr(list),
		.metadata = meta ? ptr(meta) : 0,
		.metadata_len = meta ? nr * oob_size : 0,
	};
	int ret = xioctl(ns_fd, SUBMIT_VIO, &cmd);

	bitmap = cmd.status;
	return vio_status(ret, cmd.result);
}

/* A command with the logical address that SUBMIT_VIO has no room for */
static int logical(u8 opcode, const u64 *list, u32 nr, u16 control, u64 slba,
		   void *buf)
{
	struct passthru_vio cmd = {
		.opcode = opcode, .control = control, .nppas = nr - 1,
		.ppa_list = nr == 1 ? list[0] : ptr(list), .addr = ptr(buf),
		.data_len = nr * lba_size, .cdw14 = slba, .cdw15 = slba >> 32,
	};
	int ret = xioctl(ns_fd, IO_VIO, &cmd);

	bitmap = cmd.status;
	return vio_status(ret, cmd.result);
}

/* Set Bad Block Table with a list, as lightnvm sends it */
static int set_bbt_list(const u64 *list, u32 nr, u8 value)
{
	struct passthru_vio cmd = {
		.opcode = ADMIN_SET_BBT, .control = value, .nppas = nr - 1,
		.ppa_list = nr == 1 ? list[0] : ptr(list),
	};
	int ret = xioctl(ns_fd, ADMIN_VIO, &cmd);

	return vio_status(ret, cmd.result);
}

static void want_vector(const char *what, int got, int status, u64 failed)
{
	want_status(what, got, status);
	need(!status || bitmap == failed,
	     "%s: want failed sectors %016llx, came %016llx", what,
	     (unsigned long long)failed, (unsigned long long)bitmap);
}

/* ---- addresses -------------------------------------------------------- */

static u64 ppa_of(struct block b, u32 pg, u32 pln, u32 sec)
{
	const u32 val[FIELDS] = { b.ch, b.lun, pln, b.blk, pg, sec };
	u64 ppa = 0;
	u32 i;

	for (i = 0; i < FIELDS; i++)
		ppa |= (u64)val[i] << off[i];
	return ppa;
}

/* The control bits by which all planes work together */
static u16 all_planes(void)
{
	return count[PLN] >> 1;
}

static u64 all_bits(u32 nr)
{
	return nr == 64 ? ~0ULL : BIT64(nr) - 1;
}

static u32 bbt_len(void)
{
	return 64 + count[BLK] * count[PLN];
}

static void get_bbt(struct block b)
{
	want_status("get bad blocks", admin(ADMIN_GET_BBT, ppa_of(b, 0, 0, 0),
					    0, bbt, bbt_len()), 0);
}

/* The next block whose planes are all good, erased */
static struct block take_block(void)
{
	static u32 next = 1;
	u32 pln, tries;

	for (tries = count[CH] * count[LUN] * count[BLK]; tries; tries--) {
		struct block b = {
			.ch = next % count[CH],
			.lun = next / count[CH] % count[LUN],
			.blk = next / count[CH] / count[LUN] % count[BLK],
		};
		u64 ppa = ppa_of(b, 0, 0, 0);
		u8 bad = 0;

		next++;
		get_bbt(b);
		for (pln = 0; pln < count[PLN]; pln++)
			bad |= bbt[64 + b.blk * count[PLN] + pln];
		if (bad || !(b.ch | b.lun | b.blk))
			continue;
		want_status("erase", vector(ERASE, &ppa, 1, all_planes(), NULL,
					    NULL), 0);
		return b;
	}
	fail("no good block is left");
}

/* ---- the test pattern ------------------------------------------------- */

static u64 mix(u64 ppa, u32 gen)
{
	u64 x = (ppa + 1) * 0x9e3779b97f4a7c15ULL ^ (u64)gen << 40;

	x ^= x >> 29;
	return x * 0xbf58476d1ce4e5b9ULL | 1;
}

static void fill(u64 ppa, u32 gen, void *buf, u32 bytes)
{
	u64 x = mix(ppa, gen), *word = buf;
	u32 i;

	for (i = 0; i < bytes / 8; i++)
		word[i] = x + i * 0x100000001b3ULL;
}

static void fill_list(const u64 *list, u32 nr, u32 gen)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		fill(list[i], gen, data + i * lba_size, lba_size);
		fill(list[i], gen + 1000, oob + i * oob_size, oob_size);
	}
}

/* Sector @i of what was read is that of @ppa */
static void want_sector(const char *what, u32 i, u64 ppa, u32 gen)
{
	static u8 want[16384];

	fill(ppa, gen, want, lba_size);
	need(!memcmp(data2 + i * lba_size, want, lba_size),
	     "%s: sector %u has wrong data", what, i);
	fill(ppa, gen + 1000, want, oob_size);
	need(!memcmp(oob2 + i * oob_size, want, oob_size),
	     "%s: sector %u has wrong OOB", what, i);
}

static void *meta(void *buf)
{
	return oob_size ? buf : NULL;
}

/* All of a page, planes after each other; from @at of @list on */
static u32 list_page(u64 *list, u32 at, struct block b, u32 pg)
{
	u32 pln, sec;

	for (pln = 0; pln < count[PLN]; pln++)
		for (sec = 0; sec < count[SEC]; sec++)
			list[at++] = ppa_of(b, pg, pln, sec);
	return at;
}

static int write_page(struct block b, u32 pg, u32 gen)
{
	u64 list[MAX_VEC];
	u32 nr = list_page(list, 0, b, pg);

	fill_list(list, nr, gen);
	return vector(WRITE, list, nr, all_planes() | SCRAMBLE, data,
		      meta(oob));
}

/* ---- cases ------------------------------------------------------------ */

static void identity_fields(void)
{
	u32 field, end = 0, i, planes = mpos & 0xff;
	u64 used = 0;

	need(page[0] == 1 && page[1] == 0 && page[2] == 1, "wrong header");
	need(page[256] == 0, "media type %u", page[256]);
	for (field = 0; field < FIELDS; field++) {
		need(count[field], "field %u has no count", field);
		for (i = 0; BIT64(i) < count[field]; i++)
			;
		need(len[field] == i, "field %u: %u bits for %u values", field,
		     len[field], count[field]);
		for (i = off[field]; i < off[field] + len[field]; i++) {
			need(!(used & BIT64(i)), "bit %u is used twice", i);
			used |= BIT64(i);
		}
		if (off[field] + len[field] > end)
			end = off[field] + len[field];
	}
	need(used == all_bits(end), "the address has gaps");
	need((mpos & 0xff) == (mpos >> 8 & 0xff) &&
	     (mpos & 0xff) == (mpos >> 16 & 0xff), "mpos is %08x", mpos);
	need(planes == (count[PLN] == 1 ? 1 : count[PLN] == 2 ? 3 : 5),
	     "mpos %08x for %u planes", mpos, count[PLN]);
	for (i = 1216; i < 4096; i++)
		need(!page[i], "byte %u is not 0", i);
}

static void bad_block_forms(void)
{
	struct block b = take_block(), c = take_block();
	u32 at = 64 + b.blk * count[PLN] + count[PLN] - 1, pln;
	u64 list[MAX_VEC];

	need(!memcmp(bbt, "BBLT\1\0", 6), "wrong header");
	need(*(u32 *)(bbt + 12) == count[BLK] * count[PLN], "wrong tblks");
	/* nvme-cli's way: one address, the value in CDW12 bits 23:16 */
	want_status("set one", admin(ADMIN_SET_BBT,
				     ppa_of(b, 0, count[PLN] - 1, 0),
				     2 << 16, NULL, 0), 0);
	get_bbt(b);
	need(bbt[at] == 2, "set 2, get %u", bbt[at]);
	need(*(u32 *)(bbt + 20) >= 1, "tgrown is 0");
	/* lightnvm's: a list over blocks, one address for each plane */
	for (pln = 0; pln < count[PLN]; pln++) {
		list[pln] = ppa_of(b, count[PG] - 1, pln, count[SEC] - 1);
		list[count[PLN] + pln] = ppa_of(c, 0, pln, 0);
	}
	want_status("set list", set_bbt_list(list, 2 * count[PLN], 1), 0);
	get_bbt(c);
	for (pln = 0; pln < count[PLN]; pln++)
		need(bbt[64 + c.blk * count[PLN] + pln] == 1,
		     "plane %u is not marked", pln);
	/* A bad block is erased no more, and takes no writes */
	want_vector("erase of a bad block",
		    vector(ERASE, list, 1, all_planes(), NULL, NULL), SC_FAIL,
		    1);
	want_status("write to a bad block", write_page(b, 0, 1), SC_FAIL);
	want_status("good again", set_bbt_list(list, 2 * count[PLN], 0), 0);
	want_status("erase", vector(ERASE, list, 1, all_planes(), NULL, NULL),
		    0);
	want_status("write", write_page(b, 0, 1), 0);
}

/* Elsewhere: a table that ignores the channel, the LUN or the plane */
static void defect_bad_block_place(void)
{
	u32 len = bbt_len(), luns = count[CH] * count[LUN], lun, i;
	struct block b = take_block(), at = { };
	u32 mine = 64 + b.blk * count[PLN] + count[PLN] - 1;
	u8 *before = malloc(luns * len);

	need(before, "no memory");
	for (lun = 0; lun < luns; lun++) {
		at.ch = lun / count[LUN];
		at.lun = lun % count[LUN];
		get_bbt(at);
		memcpy(before + lun * len, bbt, len);
	}
	want_status("set one", admin(ADMIN_SET_BBT,
				     ppa_of(b, 0, count[PLN] - 1, 0),
				     2 << 16, NULL, 0), 0);
	for (lun = 0; lun < luns; lun++) {
		at.ch = lun / count[LUN];
		at.lun = lun % count[LUN];
		get_bbt(at);
		for (i = 64; i < len; i++) {
			u8 want = before[lun * len + i];

			if (at.ch == b.ch && at.lun == b.lun && i == mine)
				want = 2;
			need(bbt[i] == want,
			     "channel %u LUN %u byte %u: %u instead of %u",
			     at.ch, at.lun, i, bbt[i], want);
		}
	}
	free(before);
	want_status("good again",
		    admin(ADMIN_SET_BBT, ppa_of(b, 0, count[PLN] - 1, 0), 0,
			  NULL, 0), 0);
}

static void bad_block_errors(void)
{
	struct block b = { };

	want_status("buffer one byte short",
		    admin(ADMIN_GET_BBT, 0, 0, bbt, bbt_len() - 4) ? 1 : 0, 1);
	want_status("value 10h", admin(ADMIN_SET_BBT, 0, 0x10 << 16, NULL, 0),
		    SC_FIELD);
	want_status("65 addresses", admin(ADMIN_SET_BBT, 0, 64, NULL, 0),
		    SC_FIELD);
	want_status("a list nobody has",
		    admin(ADMIN_SET_BBT, 0x7f00deadbee8ULL, 1, NULL, 0),
		    SC_FIELD);
	b.ch = count[CH];
	want_status("no such channel",
		    admin(ADMIN_GET_BBT, ppa_of(b, 0, 0, 0), 0, bbt, bbt_len()),
		    SC_FIELD);
}

static void write_then_read(void)
{
	struct block b = take_block();
	u32 gen = ++generation, per = count[PLN] * count[SEC], pg, i, nr;
	u64 list[MAX_VEC];

	for (pg = 0; pg < count[PG]; pg++)
		want_status("write a page", write_page(b, pg, gen), 0);
	/* Forwards, backwards, and as many as a list holds */
	for (pg = 0; pg + MAX_VEC / per <= count[PG]; pg += MAX_VEC / per) {
		for (i = 0, nr = 0; i < MAX_VEC / per; i++)
			nr = list_page(list, nr, b, pg + i);
		for (i = 0; pg % 2 && i < nr / 2; i++) {
			u64 swap = list[i];

			list[i] = list[nr - 1 - i];
			list[nr - 1 - i] = swap;
		}
		memset(oob2, 0, 64 * oob_size);
		want_status("read", vector(READ, list, nr, SUSPEND | SCRAMBLE,
					   data2, meta(oob2)), 0);
		for (i = 0; i < nr; i++)
			want_sector("read", i, list[i], gen);
	}
	/* One sector, without OOB, with plane bits */
	list[0] = ppa_of(b, 0, count[PLN] - 1, count[SEC] - 1);
	want_status("read one", vector(READ, list, 1, all_planes(), data2,
				       NULL), 0);
	fill(list[0], gen, data, lba_size);
	need(!memcmp(data, data2, lba_size), "one sector has wrong data");
}

static void empty_pages(void)
{
	struct block b = take_block();
	u32 gen = ++generation, i, nr = 0;
	u64 list[MAX_VEC], want = 0;

	want_status("write", write_page(b, 0, gen), 0);
	/* Written and empty ones in turn, up to the last bit */
	for (i = 0; i < MAX_VEC; i++) {
		u32 pln = i / 2 % count[PLN], sec = i / 2 % count[SEC];

		list[nr++] = ppa_of(b, i % 2, pln, sec);
		if (i % 2)
			want |= BIT64(i);
	}
	/* What failed has no data for the user: the ioctl keeps it */
	want_vector("half empty", vector(READ, list, nr, SUSPEND, data2,
					 meta(oob2)), SC_EMPTY, want);
	list[0] = ppa_of(b, count[PG] - 1, count[PLN] - 1, 0);
	want_vector("the last page", vector(READ, list, 1,
					    all_planes() | SUSPEND, data2,
					    NULL), SC_EMPTY, 1);
	want_status("the first", vector(READ, &list[2], 1, 0, data2, NULL),
		    0);
}

static void write_order(void)
{
	struct block b = take_block();
	u32 gen = ++generation, per = count[PLN] * count[SEC];
	int refused = strict ? SC_FAIL : 0;
	u64 list[MAX_VEC];

	want_status("page 0", write_page(b, 0, gen), 0);
	want_status("page 0 once more", write_page(b, 0, gen), refused);
	need(!strict || bitmap == all_bits(per), "not all sectors failed");
	want_status("page 2 before 1", write_page(b, 2, gen), refused);
	if (per > 1) {
		list_page(list, 0, b, 1);
		want_status("less than a page",
			    vector(WRITE, list, per - 1, all_planes(), data,
				   meta(oob)), strict ? SC_FIELD : 0);
	}
	want_status("page 1", write_page(b, 1, gen), 0);
	want_status("read", vector(READ, list, per > 1 ? per : 1, 0, data2,
				   meta(oob2)), 0);
}

static void erase_planes(void)
{
	struct block b = take_block();
	u64 list[MAX_VEC];
	u32 pln;

	want_status("write", write_page(b, 0, 1), 0);
	/* One plane, all the others stay */
	list[0] = ppa_of(b, 0, count[PLN] - 1, 0);
	want_status("single", vector(ERASE, list, 1, 0, NULL, NULL), 0);
	for (pln = 0; pln < count[PLN]; pln++) {
		list[0] = ppa_of(b, 0, pln, 0);
		want_status("read", vector(READ, list, 1, 0, data2, NULL),
			    pln == count[PLN] - 1 ? SC_EMPTY : 0);
	}
	/* All listed and the bits as well, which is once */
	for (pln = 0; pln < count[PLN]; pln++)
		list[pln] = ppa_of(b, 0, pln, 0);
	want_status("listed", vector(ERASE, list, count[PLN], all_planes(),
				     NULL, NULL), 0);
	want_status("write", write_page(b, 0, 2), 0);
	/* One address for all; a data buffer is ignored */
	want_status("together", vector(ERASE, list, 1, all_planes(), data,
				       NULL), 0);
	for (pln = 0; pln < count[PLN]; pln++)
		want_vector("empty", vector(READ, &list[pln], 1, 0, data2,
					    NULL), SC_EMPTY, 1);
}

/* Elsewhere: an erase that minds the order in which a list names planes */
static void defect_erase_list_order(void)
{
	struct block b[3] = { take_block(), take_block(), take_block() };
	u64 list[MAX_VEC], lba;
	u32 i, pln, nr = 0;

	for (i = 0; i < 3; i++)
		want_status("write", write_page(b[i], 0, 1), 0);
	/* From the last plane down, in both blocks by turns */
	for (pln = count[PLN]; pln--; ) {
		list[nr++] = ppa_of(b[1], 0, pln, 0);
		list[nr++] = ppa_of(b[0], 0, pln, 0);
	}
	want_status("erase", vector(ERASE, list, nr, 0, NULL, NULL), 0);
	for (i = 0; i < 3; i++) {
		for (pln = 0; pln < count[PLN]; pln++) {
			lba = ppa_of(b[i], 0, pln, 0);
			want_status("read", vector(READ, &lba, 1, 0, data2,
						   NULL),
				    i < 2 ? SC_EMPTY : 0);
		}
	}
}

static void addresses_of_nothing(void)
{
	static const u8 ops[] = { ERASE, WRITE, READ };
	struct block b = take_block();
	u64 list[2];
	u32 field, i;

	list[0] = ppa_of(b, 0, 0, 0);
	for (field = 0; field < FIELDS; field++) {
		const u32 val[FIELDS] = { b.ch, b.lun, 0, b.blk };

		/* The first value past the count, where the field has room */
		if (field != CH && BIT64(len[field]) == count[field])
			continue;
		list[1] = list[0] & ~((u64)val[field] << off[field]);
		list[1] |= (u64)count[field] << off[field];
		for (i = 0; i < ARRAY_SIZE(ops); i++)
			want_vector("address of nothing",
				    vector(ops[i], list, 2, 0,
					   ops[i] == ERASE ? NULL : data2,
					   NULL), SC_FIELD, 2);
	}
	list[1] = BIT64(63);
	want_vector("bit 63", vector(READ, list, 2, 0, data2, NULL), SC_FIELD,
		    2);
}

static void counts_and_lists(void)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = READ, .nsid = nsid, .addr = ptr(data2),
		.data_len = 64 * lba_size, .cdw12 = 64,
	};

	want_status("65 addresses",
		    xioctl(ns_fd, NVME_IOCTL_IO_CMD, &cmd) & ~DNR, SC_FIELD);
	cmd.cdw12 = 0xffff;
	want_status("65536 addresses",
		    xioctl(ns_fd, NVME_IOCTL_IO_CMD, &cmd) & ~DNR, SC_FIELD);
	cmd.cdw12 = 1;
	cmd.cdw10 = 0xdeadbee8;
	cmd.cdw11 = 0x7f00;
	want_status("a list nobody has",
		    xioctl(ns_fd, NVME_IOCTL_IO_CMD, &cmd) & ~DNR, SC_FIELD);
}

static void block_device(void)
{
	u8 *buf = data2;

	/* Partition scans read what was never written */
	memset(buf, 0xee, lba_size);
	need(pread(ns_fd, buf, lba_size, 0) == (ssize_t)lba_size,
	     "read: %s", strerror(errno));
}

/* ---- hybrid ----------------------------------------------------------- */

static u64 linear(struct block b, u32 pg, u32 pln, u32 sec)
{
	u64 lin = b.ch;

	lin = lin * count[LUN] + b.lun;
	lin = lin * count[BLK] + b.blk;
	lin = lin * count[PG] + pg;
	lin = lin * count[PLN] + pln;
	return lin * count[SEC] + sec;
}

static void want_map(const char *what, u64 slba, u32 nr, u64 first)
{
	u64 entry[128];
	u32 i;

	want_status(what, admin(ADMIN_GET_L2P, slba, nr, entry,
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

	fill_list(list, nr, gen);
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
		    admin(ADMIN_GET_L2P, total - 1, 2, entry, sizeof(entry)),
		    SC_FIELD);
	want_status("sector 0", logical(HYBRID_WRITE, &zero, 1, 0, 7, data),
		    SC_FIELD);
}

static void no_hybrid(void)
{
	u64 entry[2];

	want_status("get L2P", admin(ADMIN_GET_L2P, 0, 1, entry,
				     sizeof(entry)), SC_OPCODE);
	want_status("hybrid write", logical(HYBRID_WRITE, entry, 1, 0, 7, data),
		    SC_OPCODE);
}

/* ---- the program ------------------------------------------------------ */

static const struct test {
	const char *name;
	void (*run)(void);
	enum { ALL, HYBRID, PLAIN } on;
} tests[] = {
	{ "identity", identity_fields, ALL },
	{ "bad-blocks", bad_block_forms, ALL },
	{ "defect-bad-block-place", defect_bad_block_place, ALL },
	{ "bad-block-errors", bad_block_errors, ALL },
	{ "write-read", write_then_read, ALL },
	{ "empty-pages", empty_pages, ALL },
	{ "write-order", write_order, ALL },
	{ "erase-planes", erase_planes, ALL },
	{ "defect-erase-list-order", defect_erase_list_order, ALL },
	{ "addresses-of-nothing", addresses_of_nothing, ALL },
	{ "counts-and-lists", counts_and_lists, ALL },
	{ "block-device", block_device, ALL },
	{ "hybrid-mapping", hybrid_mapping, HYBRID },
	{ "hybrid-errors", hybrid_errors, HYBRID },
	{ "no-hybrid", no_hybrid, PLAIN },
};

static void __noreturn __printf(1, 2) die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

static u32 get16(u32 at)
{
	return page[at] | page[at + 1] << 8;
}

static void *room(size_t size)
{
	void *buf = NULL;

	if (posix_memalign(&buf, 4096, size))
		die("no memory");
	memset(buf, 0, size);
	return buf;
}

static void open_device(void)
{
	u32 i;

	ns_fd = open(ns_path, O_RDONLY | O_CLOEXEC);
	ctrl_fd = open(ctrl_path, O_RDONLY | O_CLOEXEC);
	if (ns_fd < 0 || ctrl_fd < 0)
		die("%s, %s: %s", ns_path, ctrl_path, strerror(errno));
	nsid = xioctl(ns_fd, NVME_IOCTL_ID, NULL);
	if (admin(ADMIN_IDENTITY, 0, 0, page, sizeof(page)) || page[0] != 1)
		die("%s is no OCSSD 1.2 namespace", ns_path);
	for (i = 0; i < FIELDS; i++) {
		off[i] = page[12 + 2 * i];
		len[i] = page[13 + 2 * i];
	}
	lba_size = get16(270);
	oob_size = get16(272);
	count[CH] = page[260];
	count[LUN] = page[261];
	count[PLN] = page[262];
	count[BLK] = get16(264);
	count[PG] = get16(266);
	count[SEC] = get16(268) / lba_size;
	memcpy(&mpos, page + 300, sizeof(mpos));
	hybrid = page[8] & 1;
	total = 1;
	for (i = 0; i < FIELDS; i++)
		total *= count[i];
	data = room(64 * lba_size);
	data2 = room(64 * lba_size);
	oob = room(64 * oob_size + 8);
	oob2 = room(64 * oob_size + 8);
	bbt = room(bbt_len());
}

/* Did the case hold? Its reason, if not, is in case_reason */
static bool run_test(const struct test *t)
{
	if (setjmp(case_end))
		return false;
	t->run();
	return true;
}

int main(int argc, char **argv)
{
	const char *pattern = "*";
	u32 i, passed = 0, failed = 0;
	int opt;

	strict = true;
	while ((opt = getopt(argc, argv, "n:c:lh")) != -1) {
		switch (opt) {
		case 'n':
			ns_path = optarg;
			break;
		case 'c':
			ctrl_path = optarg;
			break;
		case 'l':
			strict = false;
			break;
		default:
			die("usage: %s [-n NAMESPACE] [-c CONTROLLER] [-l] [PATTERN]\n"
			    "  -l  the device takes writes in any order", argv[0]);
		}
	}
	if (optind < argc)
		pattern = argv[optind];

	setvbuf(stdout, NULL, _IOLBF, 0);
	open_device();
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		const struct test *t = &tests[i];

		if (fnmatch(pattern, t->name, 0) || (t->on == HYBRID && !hybrid) ||
		    (t->on == PLAIN && hybrid))
			continue;
		if (run_test(t)) {
			passed++;
			printf("ok %s\n", t->name);
		} else {
			failed++;
			printf("not ok %s: %s\n", t->name, case_reason);
		}
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
