/* SPDX-License-Identifier: GPL-2.0 */
/*
 * octest.h - what the files of octest share
 *
 * Each file exports a table of cases; octest.c lists the tables. Cases ask the
 * device for its geometry and take chunks as they need them, so they run on any
 * device and in any order, but what is on the device does not survive.
 */
#ifndef OCTEST_H
#define OCTEST_H

#include "common.h"

#define LOG_DESC	32U

#define ADMIN_GET_LOG	0x02
#define ADMIN_IDENTIFY	0x06
#define ADMIN_ABORT	0x08
#define ADMIN_SET_FEAT	0x09
#define ADMIN_GET_FEAT	0x0a
#define ADMIN_AER	0x0c
#define ADMIN_NS_MGMT	0x0d
#define ADMIN_NS_ATTACH	0x15
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
#define LOG_SANITIZE	0x81
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

#define CS_FREE		1
#define CS_CLOSED	2
#define CS_OPEN		4
#define CS_OFFLINE	8

#define CAP_COPY	1
#define CAP_MULTI	2
#define CAP_EARLY	4

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

extern const struct test info_tests[], ctrl_tests[], vector_tests[];
extern const struct test rules_tests[], bad_tests[], scalar_tests[];
extern const struct test parallel_tests[], matrix_tests[], list_tests[], defect_tests[];
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

extern const char *model_path;
extern struct geometry geo;
extern u32 nr_ns, nr_active, nr_chunks, lba_format;
extern u64 nsze, ncap, block_bytes;

#define NR_VEC_SIZES	9
extern const u32 vec_sizes[NR_VEC_SIZES];

void open_device(void);

/* ---- commands --------------------------------------------------------- */

int get_log_ns(u32 id, u8 lid, u64 off, u32 len, void *to, u32 room);
int get_log(u8 lid, u64 off, u32 len, void *to, u32 room);
int identify(u8 cns, u32 id, void *page);
int set_feature(u8 fid, u32 id, u32 val);
int get_feature(u8 fid, u32 id, u32 dw11, u32 *val);
int vector(u8 opcode, const u64 *list, u32 nr, void *buf, void *meta,
	   u32 meta_len);
int raw_vector(u8 op, u64 lbal, u16 nlb, u16 control, u32 len);
void want_vector(const char *what, u8 opcode, const u64 *list, u32 nr,
		 void *buf, void *meta, u32 meta_len, int status, u64 failed);
int get_geometry(struct geometry *to, u32 id, u32 len);
u32 log_bytes(void);
u8 *whole_chunk_log(void);
int dsm(struct range *ranges, u32 nr, u32 attr, u32 len);
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

/* ---- writing and reading ------------------------------------------------- */

void write_list(const char *what, const u64 *list, u32 nr, int status);
void read_list(const char *what, const u64 *list, u32 nr, u64 written);
u32 add_run(u64 *list, u32 at, struct chunk c, u32 sec, u32 n);
u32 max_write(void);
void fill(struct chunk c, u32 sec, u32 end);
void reset_chunk(struct chunk c);
void free_chunk(struct chunk c);
struct chunk fresh(u32 grp);

#endif /* OCTEST_H */
