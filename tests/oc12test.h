/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc12test.h - what the files of oc12test share
 *
 * Cases ask the device what it is and take blocks as they need them, so they run on
 * any device of OCSSD 1.2, but what is on the device does not survive.
 */
#ifndef OC12TEST_H
#define OC12TEST_H

#include "common.h"

#define ADMIN_IDENTITY	0xe2
#define ADMIN_GET_L2P	0xea
#define ADMIN_SET_BBT	0xf1
#define ADMIN_GET_BBT	0xf2
#define IO_WRITE	0x01
#define IO_READ		0x02
#define HYBRID_READ	0x02
#define HYBRID_WRITE	0x81
#define ERASE		0x90
#define WRITE		0x91
#define READ		0x92

#define SC_FAIL		0x0ff
#define SC_EMPTY	0x2ff

#define SUSPEND		0x080
#define SLC		0x100
#define SCRAMBLE	0x200

#define BBT_BAD		3	/* of a block's byte: factory and grown */

/* Fields of the address format, in the order of the identity page */
enum { CH, LUN, PLN, BLK, PG, SEC, FIELDS };

/* A block over all planes */
struct block {
	u32 ch;
	u32 lun;
	u32 blk;
};

extern const struct test plain12_tests[], hybrid12_tests[], physical12_tests[];
extern const struct test matrix12_tests[], lists12_tests[], scalar12_tests[], logical12_tests[];

/* ---- the device ------------------------------------------------------- */

extern u8 page[4096];			/* the identity */
extern u32 count[FIELDS], off[FIELDS], len[FIELDS];
extern u32 mpos;
extern u64 total;			/* sectors */
extern bool strict, hybrid;
extern u8 *bbt;

void open_device(void);

/* ---- commands --------------------------------------------------------- */

int admin_at(u8 opcode, u64 ppa, u32 cdw12, void *buf, u32 buf_len);
int vector(u8 opcode, const u64 *list, u32 nr, u16 control, void *buf,
	   void *meta);
int logical(u8 opcode, const u64 *list, u32 nr, u16 control, u64 slba,
	    void *buf);
int set_bbt_list(const u64 *list, u32 nr, u8 value);
void want_vector(const char *what, int got, int status, u64 failed);

/* ---- addresses and blocks --------------------------------------------- */

u64 ppa_of(struct block b, u32 pg, u32 pln, u32 sec);
u64 linear(struct block b, u32 pg, u32 pln, u32 sec);
u16 all_planes(void);
u32 bbt_len(void);
void get_bbt(struct block b);
struct block take_block(void);
u32 list_page(u64 *list, u32 at, struct block b, u32 pg);
int write_page(struct block b, u32 pg, u32 gen);

#endif /* OC12TEST_H */
