/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc20.h - what the files of the OCSSD 2.0 namespace share
 */
#ifndef OC20_H
#define OC20_H

#include "oc.h"
#include "oc_channel.h"
#include "oc_cmd.h"
#include "oc_geometry.h"
#include "oc_ns.h"

/**
 * oc20_chunk_slba() - a chunk's first address
 * @ns:		namespace
 * @grp:	group, counted from the namespace's first
 * @chk:	chunk in the group
 *
 * Return: the address in the namespace's format.
 */
static inline u64 oc20_chunk_slba(const struct oc_ns *ns, u32 grp, u32 chk)
{
	struct oc_addr addr = { .grp = grp, .chk = chk };

	return oc_geo_encode(&ns->geo, &addr);
}

/* oc20_nothing() builds a sector of so many pieces of so many bytes */
#define OC20_VEC		512U
#define OC20_SECTOR_VECS	(OC_MAX_LBA_SIZE / OC20_VEC)

/**
 * struct oc20_run - a piece of a part's list that stays in one chunk
 * @chk:	the chunk
 * @sec:	its first sector
 * @n:		sectors
 * @hole:	they do not all follow each other; in a random-write chunk
 *		another run begins there
 */
struct oc20_run {
	struct oc_chunk *chk;
	u32 sec;
	u32 n;
	bool hole;
};

/* ---- ns/oc20/run.c ---------------------------------------------------- */

u32 oc20_nothing(const struct oc_geo *geo, struct kvec vec[OC20_SECTOR_VECS]);
bool oc20_readable(const struct oc_channel *ch, const struct oc_addr *addr);
u16 oc20_write_check(struct oc_part *part);
void oc20_write_undo(struct oc_part *part);
int oc20_write_prepare(struct oc_part *part, gfp_t gfp);
void oc20_write_chunks(struct oc_part *part, u64 closes, u64 ready_ns);
u16 oc20_start_write(struct oc_cmd *cmd);
u16 oc20_start_read(struct oc_cmd *cmd);
extern const struct oc_exec oc20_reset_exec;

/* ---- ns/oc20/time.c --------------------------------------------------- */

void oc20_time_write(struct oc_part *part, const struct oc20_run *run,
		     u64 ready_ns);
void oc20_time_read(struct oc_part *part, const struct oc_addr *addr, u64 done);

/* ---- ns/oc20/copy.c --------------------------------------------------- */

u16 oc20_vector_copy(struct oc_cmd *cmd);

/* ---- ns/oc20/admin.c -------------------------------------------------- */

void oc20_identify(const struct oc_ns *ns, struct nvme_id_ns *id);
void oc20_geometry(const struct oc_ns *ns, void *page);
u16 oc20_chunk_log(struct oc_cmd *cmd, u64 off, u32 len);

#endif /* OC20_H */
