/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc12.h - what the files of OCSSD 1.2 share: wire structures, the address
 * format, and what such a namespace has besides its channels
 *
 * ns/oc12/oc12.c		the two kinds, oc12 and oc12h, and their physical commands
 * ns/oc12/hybrid.c	commands with logical addresses
 * ns/oc12/time.c	how long those take
 * ns/oc12/geo.c	counts, address format, identity (pure)
 * ns/oc12/admin.c	bad-block table, table of logical addresses
 * ns/oc12/map.c	that table: which sector a logical address is in
 *
 * How blocks map to chunks: a chunk is one block of one plane, and block @blk of
 * plane @pln is chunk @blk * num_pln + @pln of its parallel unit. So the order of a
 * unit's chunks is that of its bad-block table, num_chk chunks make
 * num_chk / num_pln blocks on each plane, and every block has its own state, write
 * pointer, wear and bad mark. A page is secs_per_pg sectors that follow each other
 * in a chunk.
 */
#ifndef OC12_H
#define OC12_H

#include "oc_channel.h"
#include "oc_cmd.h"
#include "oc_geometry.h"
#include "oc_ns.h"
#include "oc_text.h"

/* Admin commands (OCSSD 1.2) */
#define OC12_ADMIN_SET_BBT	0xf1
#define OC12_ADMIN_GET_BBT	0xf2
#define OC12_ADMIN_GET_L2P	0xea

/* I/O commands besides 90h, 91h and 92h, which 2.0 has, too */
#define OC12_CMD_HYBRID_WRITE	0x81
#define OC12_CMD_HYBRID_READ	0x02

/* Bits of the control field */
#define OC12_CTL_PLANES		0x0003	/* 0 single, 1 dual, 2 quad */
#define OC12_CTL_SUSPEND	BIT(7)
#define OC12_CTL_SLC		BIT(8)
#define OC12_CTL_SCRAMBLE	BIT(9)
#define OC12_CTL_ALL		(OC12_CTL_PLANES | OC12_CTL_SUSPEND | \
				 OC12_CTL_SLC | OC12_CTL_SCRAMBLE)

/* A block's byte in the bad-block table */
#define OC12_BLK_FACTORY	BIT(0)
#define OC12_BLK_GROWN		BIT(1)
#define OC12_BLK_DEV		BIT(2)
#define OC12_BLK_HOST		BIT(3)
#define OC12_BLK_BAD		(OC12_BLK_FACTORY | OC12_BLK_GROWN)
#define OC12_BLK_ALL		(OC12_BLK_BAD | OC12_BLK_DEV | OC12_BLK_HOST)

/* Identity: capabilities and device operation mode */
#define OC12_CAP_BBT		BIT(0)
#define OC12_CAP_HYBRID		BIT(1)
#define OC12_DOM_HYBRID		BIT(0)
#define OC12_MCCAP_SUSPEND	BIT(1)

/**
 * struct oc12_wire_field - a field of the address format
 * @off:	its lowest bit
 * @len:	bits, 0 where there is only one of the kind
 */
struct oc12_wire_field {
	__u8	off;
	__u8	len;
};

/**
 * struct oc12_wire_group - a group structure of the identity page
 * @mtype:	media type, 0 for NAND
 * @fmtype:	flash type: 0 SLC, 1 MLC, 2 TLC
 * @rsvd2:	reserved
 * @num_ch:	channels
 * @num_lun:	LUNs per channel
 * @num_pln:	planes per LUN
 * @rsvd7:	reserved
 * @num_blk:	blocks per plane
 * @num_pg:	pages per block
 * @fpg_sz:	bytes of a page's data
 * @csecs:	bytes of a sector
 * @sos:	bytes of a sector's OOB
 * @rsvd18:	reserved
 * @trdt:	typical page read, ns
 * @trdm:	longest page read, ns
 * @tprt:	typical page program, ns
 * @tprm:	longest page program, ns
 * @tbet:	typical block erase, ns
 * @tbem:	longest block erase, ns
 * @mpos:	what planes can do together
 * @mccap:	media capabilities
 * @cpar:	channel parallelism
 * @rsvd54:	reserved
 * @mts:	media table: lower pages
 *
 * OCSSD 1.2, identify device.
 */
struct oc12_wire_group {
	__u8	mtype;
	__u8	fmtype;
	__u8	rsvd2[2];
	__u8	num_ch;
	__u8	num_lun;
	__u8	num_pln;
	__u8	rsvd7;
	__le16	num_blk;
	__le16	num_pg;
	__le16	fpg_sz;
	__le16	csecs;
	__le16	sos;
	__u8	rsvd18[2];
	__le32	trdt;
	__le32	trdm;
	__le32	tprt;
	__le32	tprm;
	__le32	tbet;
	__le32	tbem;
	__le32	mpos;
	__le32	mccap;
	__le16	cpar;
	__u8	rsvd54[10];
	__u8	mts[896];
};

static_assert(sizeof(struct oc12_wire_group) == 960);
static_assert(offsetof(struct oc12_wire_group, num_blk) == 8);
static_assert(offsetof(struct oc12_wire_group, trdt) == 20);
static_assert(offsetof(struct oc12_wire_group, mpos) == 44);
static_assert(offsetof(struct oc12_wire_group, cpar) == 52);
static_assert(offsetof(struct oc12_wire_group, mts) == 64);

/**
 * struct oc12_wire_identity - the answer to the identity command (E2h)
 * @ver_id:	version, 1
 * @vmnt:	vendor's command set, 0
 * @cgrps:	group structures
 * @rsvd3:	reserved
 * @cap:	capabilities, OC12_CAP_*
 * @dom:	device operation mode, OC12_DOM_*
 * @ch:		address format: channel
 * @lun:	LUN
 * @pln:	plane
 * @blk:	block
 * @pg:		page
 * @sec:	sector
 * @rsvd24:	reserved
 * @grp:	groups
 *
 * OCSSD 1.2, identify device.
 */
struct oc12_wire_identity {
	__u8	ver_id;
	__u8	vmnt;
	__u8	cgrps;
	__u8	rsvd3;
	__le32	cap;
	__le32	dom;
	struct oc12_wire_field ch;
	struct oc12_wire_field lun;
	struct oc12_wire_field pln;
	struct oc12_wire_field blk;
	struct oc12_wire_field pg;
	struct oc12_wire_field sec;
	__u8	rsvd24[232];
	struct oc12_wire_group grp[4];
};

static_assert(sizeof(struct oc12_wire_identity) == 4096);
static_assert(offsetof(struct oc12_wire_identity, ch) == 12);
static_assert(offsetof(struct oc12_wire_identity, sec) == 22);
static_assert(offsetof(struct oc12_wire_identity, grp) == 256);

/**
 * struct oc12_wire_bbt - a LUN's bad-block table (F2h)
 * @tblid:	the letters BBLT
 * @verid:	version, 1
 * @revid:	revision, 0
 * @rsvd8:	reserved
 * @tblks:	bytes in @blk
 * @tfact:	factory-bad blocks
 * @tgrown:	grown-bad blocks
 * @tdresv:	blocks the device keeps
 * @thresv:	blocks the host keeps
 * @rsvd32:	reserved
 * @blk:	a byte for each block of each plane, OC12_BLK_*; the planes of a
 *		block follow each other
 */
struct oc12_wire_bbt {
	__u8	tblid[4];
	__le16	verid;
	__le16	revid;
	__le32	rsvd8;
	__le32	tblks;
	__le32	tfact;
	__le32	tgrown;
	__le32	tdresv;
	__le32	thresv;
	__u8	rsvd32[32];
	__u8	blk[];
};

static_assert(sizeof(struct oc12_wire_bbt) == 64);
static_assert(offsetof(struct oc12_wire_bbt, tblks) == 12);

/**
 * struct oc12_wire_rw - a physical or hybrid command
 * @opcode:	90h, 91h, 92h, 81h or 02h
 * @flags:	fused and PSDT bits
 * @command_id:	the host's own
 * @nsid:	namespace
 * @rsvd8:	reserved
 * @metadata:	bus address of the OOB, 0 for none
 * @dptr:	data pointer
 * @ppa:	the address itself when @nppa is 0, else the bus address of a list
 * @nppa:	addresses less one
 * @control:	OC12_CTL_*
 * @dsmgmt:	ignored
 * @slba:	first logical address, of hybrid commands
 */
struct oc12_wire_rw {
	__u8	opcode;
	__u8	flags;
	__u16	command_id;
	__le32	nsid;
	__u8	rsvd8[8];
	__le64	metadata;
	union nvme_data_ptr dptr;
	__le64	ppa;
	__le16	nppa;
	__le16	control;
	__le32	dsmgmt;
	__le64	slba;
};

static_assert(sizeof(struct oc12_wire_rw) == 64);
static_assert(offsetof(struct oc12_wire_rw, ppa) == 40);
static_assert(offsetof(struct oc12_wire_rw, control) == 50);
static_assert(offsetof(struct oc12_wire_rw, slba) == 56);

/**
 * struct oc12 - what a 1.2 namespace has besides its channels
 * @num_pln:	planes
 * @num_blk:	blocks per plane
 * @num_pg:	pages per block
 * @spp:	sectors per page
 * @strict:	writes follow the order of NAND
 * @hybrid:	the device keeps the host's mapping
 * @sec_len:	address bits of the sector, from bit 0; the next fields follow
 * @pln_len:	of the plane
 * @pg_len:	of the page
 * @blk_len:	of the block
 * @lun_len:	of the LUN
 * @ch_len:	of the channel
 * @marks:	[O] a byte for each chunk, as the host has set it
 * @written:	[O] without @strict: a bit for each sector that was written since
 *		its block was erased; @stride longs for each channel
 * @stride:	longs of @written that a channel has
 * @map:	hybrid: for each logical address its sector, as a linear number,
 *		or 0. Changed by the owner of the sector's channel, by atomic
 *		exchange; others READ_ONCE
 * @back:	[O] hybrid: for each sector the logical address it was written
 *		for, plus one; 0 for none
 *
 * [O] is indexed by channel and belongs to that channel's owner.
 */
struct oc12 {
	u32 num_pln;
	u32 num_blk;
	u32 num_pg;
	u32 spp;
	bool strict;
	bool hybrid;
	u8 sec_len;
	u8 pln_len;
	u8 pg_len;
	u8 blk_len;
	u8 lun_len;
	u8 ch_len;
	u8 *marks;
	unsigned long *written;
	size_t stride;
	u32 *map;
	u32 *back;
};

/* ---- ns/oc12/geo.c ---------------------------------------------------- */

int oc12_geo_init(struct oc12 *o, const struct oc_geo *geo, bool hybrid,
		  struct oc_complaint *why);
const char *oc12_geo_advice(const struct oc12 *o, const struct oc_geo *geo);
bool oc12_decode(const struct oc12 *o, const struct oc_geo *geo, u64 ppa,
		 struct oc_addr *addr);
bool oc12_decode_blk(const struct oc12 *o, const struct oc_geo *geo, u64 ppa,
		     struct oc_addr *addr);
bool oc12_decode_lun(const struct oc12 *o, const struct oc_geo *geo, u64 ppa,
		     struct oc_addr *addr);
u64 oc12_encode(const struct oc12 *o, const struct oc_geo *geo,
		const struct oc_addr *addr);
u64 oc12_nsze(const struct oc12 *o);
u64 oc12_linear(const struct oc12 *o, const struct oc_geo *geo,
		const struct oc_addr *addr);
void oc12_from_linear(const struct oc12 *o, const struct oc_geo *geo, u64 lin,
		      struct oc_addr *addr);
void oc12_identity(const struct oc_ns *ns, void *page);

/**
 * oc12_plane_sec() - a sector's place in its block over all planes
 * @o:		namespace
 * @addr:	decoded address
 *
 * Return: number of the sector: sector of the page first, then plane, then page.
 */
static inline u32 oc12_plane_sec(const struct oc12 *o,
				 const struct oc_addr *addr)
{
	u32 pln = addr->chk % o->num_pln;

	return (addr->sec / o->spp * o->num_pln + pln) * o->spp +
		addr->sec % o->spp;
}

/**
 * struct oc12_run - what a part writes to one chunk
 * @chk:	the chunk
 * @sec:	its first sector
 * @n:		sectors
 * @hole:	the list does not have them one after the other
 */
struct oc12_run {
	u32 chk;
	u32 sec;
	u16 n;
	bool hole;
};

/* ---- ns/oc12/run.c ---------------------------------------------------- */

extern const struct oc_exec oc12_write_exec;
extern const struct oc_exec oc12_read_exec;
extern const struct oc_exec oc12_scalar_read_exec;
extern const struct oc_exec oc12_erase_exec;

u16 oc12_write_check(struct oc_part *part);
int oc12_write_prepare(struct oc_part *part, gfp_t gfp);
void oc12_write_commit(struct oc_part *part);
void oc12_trace_holes(const struct oc_cmd *cmd, u64 holes, bool named,
		      const char *why);
void oc12_read_holes(const struct oc_cmd *cmd, u64 holes);
void oc12_read(struct oc_part *part, u64 want);

/* ---- ns/oc12/oc12.c -------------------------------------------------------- */

u16 oc12_list(struct oc_cmd *cmd);
u16 oc12_buffers(struct oc_cmd *cmd);
u16 oc12_range(struct oc_cmd *cmd, u64 total, u64 *slba, u32 *nr);
u16 oc12_start(struct oc_cmd *cmd, const struct oc_exec *exec);

/* ---- ns/oc12/hybrid.c ------------------------------------------------- */

u16 oc12h_write(struct oc_cmd *cmd);
u16 oc12h_read(struct oc_cmd *cmd);

/* ---- ns/oc12/time.c --------------------------------------------------- */

/**
 * oc12_planes() - planes that work together
 * @cmd:	command of a 1.2 namespace
 *
 * Return: 1, 2 or 4: what the command says, as far as there are planes.
 */
static inline u32 oc12_planes(const struct oc_cmd *cmd)
{
	const struct oc12_wire_rw *sqe = (const void *)cmd->sqe;
	const struct oc12 *o = cmd->ns->priv;

	/* A scalar command has no such bits, and uses all planes of a page */
	if (cmd->scalar)
		return o->num_pln;
	return min(1U << (le16_to_cpu(sqe->control) & OC12_CTL_PLANES),
		   o->num_pln);
}

/**
 * oc12_together() - the first of the chunks that work together
 * @chk:	one of them
 * @planes:	how many
 *
 * Return: the chunk of their lowest plane; the others follow it.
 */
static inline u32 oc12_together(u32 chk, u32 planes)
{
	return chk & ~(planes - 1);
}

void oc12_time_write(struct oc_part *part, const struct oc12_run *run, u32 nr);
void oc12_time_read(struct oc_part *part, u64 done);

/* ---- ns/oc12/map.c ---------------------------------------------------- */

void oc12_map_put(struct oc_ns *ns, const struct oc_addr *addr, u64 lba);
void oc12_map_drop(struct oc_ns *ns, const struct oc_addr *addr);
void oc12_map_drop_chunk(struct oc_ns *ns, u32 grp, u32 chk);
u32 oc12_map_get(const struct oc_ns *ns, u64 lba);
bool oc12_map_holds(const struct oc_ns *ns, const struct oc_addr *addr,
		    u64 lba);

/* ---- ns/oc12/admin.c -------------------------------------------------- */

extern const struct oc_opcode oc12_admin[256];
extern const struct oc_opcode oc12h_admin[256];

u32 oc12_bbt_len(const struct oc_ns *ns);
u16 oc12_bbt_get(struct oc_ns *ns, u64 ppa, struct oc12_wire_bbt *bbt);
u16 oc12_bbt_set(struct oc_ns *ns, const __le64 *ppas, u32 nr, u8 value);

#endif /* OC12_H */
