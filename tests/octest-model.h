/* SPDX-License-Identifier: GPL-2.0 */
/*
 * octest-model.h - an OCSSD 2.0 device in few words, to compare a real one with
 *
 * Written from the specification and not from the driver. The model knows each
 * chunk's state and what its sectors hold. An op is predicted, sent, compared and
 * then carried out on the model as well.
 */
#ifndef OCTEST_MODEL_H
#define OCTEST_MODEL_H

#include "octest.h"

struct op {
	u8 opcode;
	enum via via;
	bool meta;	/* OOB, or a reset's descriptors */
	u32 nr;
	u32 range_len;	/* of all ranges, sectors: deallocate only */
	u64 lba[MAX_VEC];	/* scalar commands: the first only */
	u64 src;	/* copy only: of one sector, the lists are out of reach */
};

/* What may come of an op. Of several broken rules any may be told */
struct expect {
	int status[8];
	u32 nr;
	u64 failed;	/* the bitmap, if the command is a vector command */
	u64 readable;
};

struct mchunk {
	u32 wp;
	u32 gen;	/* of the pattern it was written with */
	u8 cs;
	u8 wli;
	bool wli_open;	/* a reset has raised it, by one or more */
	bool odd;	/* random-write, or of a size of its own: left alone */
};

/* What a written sector holds: the pattern of an address and a generation */
struct content {
	u64 lba;
	u32 gen;
	bool oob;
	bool known;	/* written since the model looks */
	bool nothing;	/* copied from where there was nothing */
};

/*
 * DULBE where others change it. The epoch is odd while they do, and then another. The
 * same for memory: while @squeeze is odd the device may have none.
 */
struct shared_dulbe {
	u32 epoch;
	u32 squeeze;
	bool on;
};

struct model {
	int fd;
	u32 nsid;
	bool dulbe;
	const struct shared_dulbe *shared;	/* or NULL: only the caller changes it */
	u32 gen;		/* last one used, of this model */
	u32 first, step;	/* it judges chunks first, first + step, ... */
	struct mchunk *chk;	/* shared between models of one namespace */
	struct content *content; /* the same: of each sector */
	u8 *buf, *meta;
	int status;		/* of the last op, and its bitmap */
	u64 failed;
	u32 sent;
	char wrong[256];
};

enum outcome {
	OP_RIGHT,
	OP_WRONG,	/* model.wrong says why */
	OP_LOST,	/* the host itself failed the command */
};

/* octest-model.c */
bool op_is_vector(const struct op *op);
bool op_is_write(const struct op *op);
bool op_is_copy(const struct op *op);
bool op_is_read(const struct op *op);
u64 op_lba(const struct op *op, u32 i);
bool model_decode(u64 lba, u32 *chunk, u32 *sec);
bool rule_read(const struct mchunk *c, u32 sec);
void model_predict(const struct model *m, const struct op *op,
		   struct expect *e);

/* octest-judge.c */
void model_open(struct model *m, int fd, u32 id);
void model_fork(struct model *m, const struct model *from, u32 first, u32 step);
void model_free(struct model *m);
const char *model_load(struct model *m);
void model_erased(struct model *m);
enum outcome model_run(struct model *m, const struct op *op);
const char *model_check_chunks(struct model *m, const struct op *op);
const char *model_audit(struct model *m);
const char *model_resync(struct model *m, const struct op *op);
const char *model_read_chunk(struct model *m, u32 chunk);

#endif /* OCTEST_MODEL_H */
