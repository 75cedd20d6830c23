/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc12test-model.h - an OCSSD 1.2 device in few words, to compare a real one with
 *
 * Written from the specification and not from the driver. The model knows what
 * each sector holds, each block's mark and where each logical address is. An op is
 * predicted, sent, compared and then carried out on the model as well; then the
 * blocks it names are read and must answer as those of the model.
 */
#ifndef OC12TEST_MODEL_H
#define OC12TEST_MODEL_H

#include "oc12test.h"

struct op {
	u8 opcode;
	enum via via;
	bool meta;		/* with OOB */
	u16 control;
	u32 nr;
	u64 ppa[MAX_VEC];	/* scalar commands: the first only */
	u64 slba;		/* hybrid commands: the first logical address */
};

/* What may come of an op, with the bitmap. Of broken rules any may be told */
struct expect {
	u32 nr;
	struct {
		int status;
		u64 failed;
	} may[6];
	u64 readable;
};

/* What a sector holds: the pattern of an address and a generation */
struct content {
	u64 ppa;
	u64 lba;	/* logical address it was written for, plus one; or 0 */
	u32 gen;
	bool written;
	bool oob;
};

struct model {
	struct content *content;	/* plane's blocks one after the other */
	u8 *mark;			/* of each block of each plane */
	u64 *map;			/* where logical addresses are, plus one */
	u64 nsze;
	u32 secs;			/* of a block of one plane */
	u32 gen;			/* last one used */
	u8 *buf, *meta;
	int status;			/* of the last op, and its bitmap */
	u64 failed;
	char wrong[256];
};

/* oc12test-model.c */
extern struct model m;

bool op_is_scalar(const struct op *op);
bool op_is_write(const struct op *op);
bool op_is_plain(const struct op *op);
bool model_decode(u64 ppa, u32 *blk, u32 *sec);
u32 model_block(struct block b, u32 pln);
bool model_bad(u32 blk);
u32 model_wp(u32 blk);
u32 op_planes(const struct op *op);
u64 op_address(const struct op *op, u32 i);
void model_predict(const struct op *op, struct expect *e);

/* oc12test-judge.c */
void model_open(void);
bool model_run(const struct op *op);
bool model_check(const struct op *op);
bool model_check_block(struct block b);
void model_forget(struct block b);
bool model_check_map(u64 slba, u32 nr);
void model_mark(struct block b, u32 pln, u32 planes, u8 value);

#endif /* OC12TEST_MODEL_H */
