/* SPDX-License-Identifier: GPL-2.0 */
/*
 * common.h - what the programs that send commands share
 *
 * A case is a function; the first need() that does not hold ends it. A case made of
 * many combinations says how each of them went instead.
 */
#ifndef COMMON_H
#define COMMON_H

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
/* Status of a completion; errors of the device also say "do not retry" */
#define DNR		0x4000
#define SC_OPCODE	0x001
#define SC_FIELD	0x002
#define SC_INTERNAL	0x006
#define SC_ABORTED	0x007
#define SC_SQ_DELETED	0x008
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

struct lnvm_create {
	char	dev[32];
	char	tgttype[48];
	char	tgtname[32];
	u32	flags;
	u32	type;		/* 0: the first and the last unit */
	u32	first;
	u32	last;
};

struct lnvm_remove {
	char	tgtname[32];
	u32	flags;
};

#define LNVM_CREATE	_IOW('L', 0x22, struct lnvm_create)
#define LNVM_REMOVE	_IOW('L', 0x23, struct lnvm_remove)
#define ADMIN_VIO	_IOWR('L', 0x41, struct passthru_vio)
#define SUBMIT_VIO	_IOWR('L', 0x42, struct user_vio)
#define IO_VIO		_IOWR('L', 0x43, struct passthru_vio)

/* How a command gets to the device */
enum via {
	VIA_SUBMIT,	/* lightnvm's SUBMIT_VIO, for scalar commands SUBMIT_IO */
	VIA_VIO,	/* lightnvm's IO_VIO, with explicit lengths */
	VIA_PASSTHRU,	/* nvme's IO_CMD: no list, no OOB, but DNR is seen */
	VIAS,
};

/* ---- cases ------------------------------------------------------------ */

/* A table ends with an entry that has no name */
struct test {
	const char *name;
	void (*fn)(void);
};

/* A case made of many says how each of them went; NULL is well */
void __printf(2, 3) combination(const char *wrong, const char *fmt, ...);

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
int start_watch(void);
void begin_watch(time_t now);

/* ---- random numbers --------------------------------------------------- */

u64 rnd_next(u64 *state);
u64 rnd(void);
u32 below(u32 n);

/* ---- the device ------------------------------------------------------- */

extern const char *ns_path, *ctrl_path;
extern int ns_fd, ctrl_fd;
extern u32 nsid, lba_size, oob_size;
extern u8 dlfeat;			/* what is not there reads as */

extern u8 *data, *data2, *oob, *oob2;	/* room for 64 sectors and a bit */
extern size_t data_room;
#define OOB_ROOM	(64 * 1024)

extern u32 generation;			/* of the test pattern */
extern u64 seed;			/* for what is chosen at random */
extern const char * const vias[VIAS];
extern __thread u64 bitmap;		/* of the last vector command */

void make_rooms(void);

/* ---- commands --------------------------------------------------------- */

static inline u64 ptr(const void *p)
{
	return (u64)(uintptr_t)p;
}

int xioctl(int fd, unsigned long req, void *arg);
int admin(struct nvme_passthru_cmd *cmd);
int io(struct nvme_passthru_cmd *cmd);
int scalar(u8 op, u64 slba, u32 nr, void *buf, void *meta);
int submit_vio(struct user_vio *cmd);
int passthru_vio(unsigned long req, struct passthru_vio *cmd);
u64 all_bits(u32 nr);
bool is_hosts(int status);
const char *status_text(int status);
void poke(const char *path, const char *text);

/* ---- the test pattern ------------------------------------------------- */

u64 mix(u64 lba, u32 gen);
bool unmix(u64 word, u64 end, u64 *lba, u32 *gen);
void pattern(u64 lba, u32 gen, void *buf, void *meta);
bool all_are(const void *buf, u8 byte, size_t len);
const char *judge_sector(u64 lba, u32 gen, bool written, const void *buf,
			 const void *meta);
void pattern_list(const u64 *list, u32 nr);

/* ---- running cases ---------------------------------------------------- */

/* Amounts for a matrix, each once */
u32 add_amount(u32 *list, u32 n, u32 amount);

extern void (*case_over)(void);		/* puts things back, or NULL */

int run_tables(const struct test *const *tables, u32 nr, const char *pattern,
	       const char *except, bool each_line);
void list_tables(const struct test *const *tables, u32 nr);

#endif /* COMMON_H */
