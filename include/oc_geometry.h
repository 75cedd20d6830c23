/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_geometry.h - counts, their limits, and the address format made from them
 */
#ifndef OC_GEOMETRY_H
#define OC_GEOMETRY_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>

#include "oc.h"

struct oc_complaint;
struct oc_limits;

/**
 * struct oc_geo - geometry of a device, or of one namespace's part of it
 * @num_grp:	groups (channels)
 * @num_pu:	parallel units per group
 * @num_chk:	chunks per parallel unit
 * @clba:	sectors per chunk
 * @ws_min:	smallest write, sectors
 * @ws_opt:	best write, sectors
 * @mw_cunits:	sectors behind the write pointer not yet readable
 * @lba_size:	bytes of a sector
 * @oob_size:	bytes of a sector's out-of-band area
 * @mccap:	capabilities, OC_MCCAP_*
 * @wit:	wear-level index delta threshold, 0 to 255; 0 for none
 * @dlfeat:	what unreadable sectors read as, OC_DLFEAT_*
 * @maxoc:	open chunks a namespace may have, 0 for no limit
 * @maxocpu:	open chunks a parallel unit may have, 0 for no limit
 * @rnd_chk:	random-write chunks, the last of each parallel unit
 * @odd_chk:	chunks of another size, the last of each parallel unit
 * @odd_secs:	sectors of those
 * @num_pln:	planes per parallel unit; OCSSD 1.2 only
 * @secs_per_pg: sectors per page; OCSSD 1.2 only
 * @grp_len:	address bits of the group; derived, as all that follow
 * @pu_len:	address bits of the parallel unit
 * @chk_len:	address bits of the chunk
 * @sec_len:	address bits of the sector in its chunk
 * @lba_shift:	log2 of @lba_size
 * @chks:	chunks per group
 * @secs:	sectors per group
 */
struct oc_geo {
	u32 num_grp;
	u32 num_pu;
	u32 num_chk;
	u32 clba;
	u32 ws_min;
	u32 ws_opt;
	u32 mw_cunits;
	u32 lba_size;
	u32 oob_size;
	u32 mccap;
	u32 wit;
	u32 dlfeat;
	u32 maxoc;
	u32 maxocpu;
	u32 rnd_chk;
	u32 odd_chk;
	u32 odd_secs;
	u32 num_pln;
	u32 secs_per_pg;

	u8 grp_len;
	u8 pu_len;
	u8 chk_len;
	u8 sec_len;
	u8 lba_shift;
	u32 chks;
	u32 secs;
};

/**
 * struct oc_addr - a decoded sector address
 * @grp:	group, counted from the namespace's first
 * @chk:	chunk in the group: pu * num_chk + chunk; 0 in a block namespace
 * @sec:	sector in the chunk; in a block namespace logical sector of the group
 */
struct oc_addr {
	u32 grp;
	u32 chk;
	u32 sec;
};

/**
 * struct oc_extent - logical sectors of a group that follow each other
 * @grp:	group, counted from the namespace's first
 * @nr:		how many
 * @sec:	the first sector
 *
 * In a command it takes the place of a struct oc_addr, whose @grp and @sec are the
 * same: they are all that the engine and the error log need.
 */
struct oc_extent {
	u32 grp;
	u32 nr;
	u32 sec;
};

static_assert(offsetof(struct oc_extent, grp) == offsetof(struct oc_addr, grp));
static_assert(offsetof(struct oc_extent, sec) == offsetof(struct oc_addr, sec));

/**
 * oc_geo_index() - a sector's place in its channel
 * @geo:	geometry
 * @addr:	decoded address
 *
 * Return: index of the channel's table, below @geo->secs.
 */
static inline u32 oc_geo_index(const struct oc_geo *geo,
			       const struct oc_addr *addr)
{
	return addr->chk * geo->clba + addr->sec;
}

/* ---- flash/geometry.c ----------------------------------------------------- */

const struct oc_limits *oc_geo_limits(const char *param);
int oc_geo_refuse(struct oc_complaint *why, int err, const char *param,
		  u64 value, const char *want, ...) __printf(5, 6);
int oc_geo_init(struct oc_geo *geo, struct oc_complaint *why);
int oc_geo_pblk_check(const struct oc_geo *geo, struct oc_complaint *why);
const char *oc_geo_pblk_advice(const struct oc_geo *geo);
bool oc_geo_decode(const struct oc_geo *geo, u64 lba, struct oc_addr *addr);
u64 oc_geo_encode(const struct oc_geo *geo, const struct oc_addr *addr);
u64 oc_geo_nsze(const struct oc_geo *geo);
u64 oc_geo_sectors(const struct oc_geo *geo);
int oc_geo_shape(struct oc_geo *geo, const char *type, const char *cnlb,
		 struct oc_complaint *why);

/* ---- flash/pblk.c --------------------------------------------------------- */

const char *oc_pblk_advice(u32 units, u32 lines, u32 clba, u32 ws_opt);

#endif /* OC_GEOMETRY_H */
