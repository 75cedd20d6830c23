/* SPDX-License-Identifier: GPL-2.0 */
/*
 * octest.h - what the files of octest share
 *
 * Each file exports a table of cases; octest.c lists the tables. A case is a
 * function; the first need() that does not hold ends it. Cases ask the device for
 * its geometry and take chunks as they need them, so they run on any device and in
 * any order, but what is on the device does not survive.
 */
#ifndef OCTEST_H
#define OCTEST_H

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
#define LOG_DESC	32U

#define ADMIN_GET_LOG	0x02
#define ADMIN_IDENTIFY	0x06
#define ADMIN_ABORT	0x08
#define ADMIN_SET_FEAT	0x09
#define ADMIN_GET_FEAT	0x0a
#define ADMIN_AER	0x0c
#define ADMIN_KEEP	0x18
#define ADMIN_FABRICS	0x7f
#define ADMIN_FORMAT	0x80
#define ADMIN_SANITIZE	0x84
#define ADMIN_GEOMETRY	0xe2

#define FEAT_RECOVERY	0x05
#define FEAT_KATO	0x0f
#define FEAT_FEEDBACK	0xca
#define DULBE		0x10000

#define LOG_ENDURANCE	0x09
#define LOG_CHUNKS	0xca
#define LOG_NOTICES	0xd0

#define IO_FLUSH	0x00
#define IO_WRITE	0x01
#define IO_READ		0x02
#define IO_DSM		0x09
#define VEC_RESET	0x90
#define VEC_WRITE	0x91
#define VEC_READ	0x92
#define VEC_COPY	0x93

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
#define SC_OFFLINE	0x2c0
#define SC_RESET	0x2c1
#define SC_ORDER	0x2f2

#define CS_FREE		1
#define CS_CLOSED	2
#define CS_OPEN		4
#define CS_OFFLINE	8

#define CAP_COPY	1
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

struct range {
	u32 attr;
	u32 nlb;
	u64 slba;
};

/* ---- cases ------------------------------------------------------------ */

/* A table ends with an entry that has no name */
struct test {
	const char *name;
	void (*fn)(void);
};

/* A case made of many says how each of them went; NULL is well */
void __printf(2, 3) combination(const char *wrong, const char *fmt, ...);

extern const struct test info_tests[], ctrl_tests[], vector_tests[];
extern const struct test rules_tests[], bad_tests[], scalar_tests[];
extern const struct test parallel_tests[], matrix_tests[], defect_tests[];
extern const struct test ocssd20_tests[];

/* Cases and parts of cases that others use */
struct outside {
	const char *name;
	u64 lba;
};

u32 outside_list(struct chunk c, struct outside *out);
void t_chunklog_order(void);
void t_vector_write(void);
void t_vector_scatter(void);
void t_all_or_nothing(void);

int run_fuzz(u64 from, long count);

/* ---- the device ------------------------------------------------------- */

extern const char *ns_path, *ctrl_path, *model_path;
extern int ns_fd, ctrl_fd;
extern struct geometry geo;
extern u32 nsid, nr_ns, lba_size, oob_size, nr_chunks;
extern u64 nsze, ncap, block_bytes;
extern u8 dlfeat;

extern u8 *data, *data2, *oob, *oob2;	/* room for 64 sectors and a bit */
extern size_t data_room;
#define OOB_ROOM	(64 * 1024)

extern u32 generation;			/* of the test pattern */
extern u64 seed;			/* for what is chosen at random */
extern __thread u64 bitmap;		/* of the last vector command */

#define NR_VEC_SIZES	9
extern const u32 vec_sizes[NR_VEC_SIZES];

void open_device(void);

/* ---- judging ---------------------------------------------------------- */

#define CASE_SKIPPED	2
extern jmp_buf case_end;
extern char case_reason[512];
extern time_t case_began;		/* watched by another thread */
extern const char *case_name;

#define need(cond, ...)				\
	do {					\
		if (!(cond))			\
			fail(__VA_ARGS__);	\
	} while (0)

void __noreturn __printf(1, 2) fail(const char *fmt, ...);
void __noreturn __printf(1, 2) skip(const char *fmt, ...);
void want_status(const char *what, int got, int want);
void begin_watch(time_t now);

/* ---- random numbers --------------------------------------------------- */

u64 rnd_next(u64 *state);
u64 rnd(void);
u32 below(u32 n);

/* ---- commands --------------------------------------------------------- */

int xioctl(int fd, unsigned long req, void *arg);
int admin(struct nvme_passthru_cmd *cmd);
int io(struct nvme_passthru_cmd *cmd);
u64 ptr(const void *p);
int get_log_ns(u32 id, u8 lid, u64 off, u32 len, void *to, u32 room);
int get_log(u8 lid, u64 off, u32 len, void *to, u32 room);
int identify(u8 cns, u32 id, void *page);
int set_feature(u8 fid, u32 id, u32 val);
int get_feature(u8 fid, u32 id, u32 dw11, u32 *val);
int vector(u8 opcode, const u64 *list, u32 nr, void *buf, void *meta,
	   u32 meta_len);
int raw_vector(u8 op, u64 lbal, u16 nlb, u16 control, u32 len);
u64 all_bits(u32 nr);
void want_vector(const char *what, u8 opcode, const u64 *list, u32 nr,
		 void *buf, void *meta, u32 meta_len, int status, u64 failed);
int get_geometry(struct geometry *to, u32 id, u32 len);
u32 log_bytes(void);
u8 *whole_chunk_log(void);
int scalar(u8 op, u64 slba, u32 nr, void *buf, void *meta);
int dsm(struct range *ranges, u32 nr, u32 attr, u32 len);
void poke(const char *path, const char *text);
void peek(const char *path);

/* ---- addresses and chunks --------------------------------------------- */

u64 raw_lba(u64 grp, u64 pu, u64 chk, u64 sec);
u64 lba_of(struct chunk c, u32 sec);
u32 chunk_index(struct chunk c);
struct chunk nth_chunk(u32 i);
struct desc describe(struct chunk c);
void want_chunk(const char *what, struct chunk c, u8 cs, u32 wp);
u8 log2_up(u32 n);
struct chunk readable(u32 grp);
u8 state_at(u32 wp);
struct range range_of(struct chunk c);

/* ---- the test pattern ------------------------------------------------- */

u64 mix(u64 lba, u32 gen);
void pattern(u64 lba, u32 gen, void *buf, void *meta);
bool all_are(const void *buf, u8 byte, size_t len);
const char *judge_sector(u64 lba, u32 gen, bool written, const void *buf,
			 const void *meta);
void pattern_list(const u64 *list, u32 nr);
void write_list(const char *what, const u64 *list, u32 nr, int status);
void read_list(const char *what, const u64 *list, u32 nr, u64 written);
u32 add_run(u64 *list, u32 at, struct chunk c, u32 sec, u32 n);
u32 max_write(void);
void fill(struct chunk c, u32 sec, u32 end);
void reset_chunk(struct chunk c);
void free_chunk(struct chunk c);
struct chunk fresh(u32 grp);

#endif /* OCTEST_H */
