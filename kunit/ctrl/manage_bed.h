/* SPDX-License-Identifier: GPL-2.0 */
/*
 * manage_bed.h - what hosts send that manage namespaces
 *
 * Through the admin queue where a command is about namespaces, through an I/O
 * queue where it is about sectors. Statuses are literal, 0x4000 being DNR.
 */
#ifndef MANAGE_BED_H
#define MANAGE_BED_H

#include "oc_test.h"

/*
 * A channel of the bench has 15 chunks of 24 sectors. Five chunks are the least that
 * is kept back
 */
#define MOST	240U

/* 512+0 in the usual table, behind 512+16, which the bench has at load */
#define FORMAT	5U

/**
 * struct manage_other - a second host, whose controller has number 2
 * @port:	its connection
 * @ctrl:	its controller
 * @in_use:	the namespace that it uses
 * @refuse:	the namespace that it does not give away
 * @looks:	how often it was told to look again
 */
struct manage_other {
	struct oc_port port;
	struct oc_ctrl ctrl;
	u32 in_use;
	u32 refuse;
	u32 looks;
};

extern struct manage_other manage_other;

/**
 * struct manage_want - what Create is told beside the size
 * @ncap:	capacity, less the size
 * @flbas:	format
 * @dps:	protection
 * @nmic:	sharing
 * @group:	ANA group
 */
struct manage_want {
	u64 ncap;
	u8 flbas;
	u8 dps;
	u8 nmic;
	u32 group;
};

/* One that a single controller can have */
extern const struct manage_want manage_private;

struct bench *manage_make(struct kunit *test, const char *ns, bool shared);
void manage_exit(struct kunit *test);
u16 manage_run(struct bench_cmd *bc, u8 opcode, u32 nsid, u32 sel);
u16 manage_create_as(struct bench *bench, u64 nsze, const struct manage_want *want,
		     u64 *result);
u64 manage_create(struct bench *bench, u64 nsze);
u16 manage_delete(struct bench *bench, u32 nsid);
u16 manage_attach_to(struct bench *bench, u32 nsid, u32 sel, u16 nr, u16 first,
		     u16 second);
u16 manage_attach(struct bench *bench, u32 nsid);
u16 manage_detach(struct bench *bench, u32 nsid);
u16 manage_use(struct bench *bench, u32 nsid, u8 opcode, u64 slba, u32 nr, u32 seed,
	       u32 *wrong);
int manage_status(struct bench *bench, u32 nsid, u8 opcode, u64 slba);
u16 manage_identify(struct bench_cmd *bc, u8 cns, u32 nsid);
u32 manage_listed(struct bench_cmd *bc, u8 cns);
u64 manage_capacity(struct bench_cmd *bc, bool all);

#endif /* MANAGE_BED_H */
