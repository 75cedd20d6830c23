// SPDX-License-Identifier: GPL-2.0
/*
 * ns/oc12/geo.c - counts of OCSSD 1.2, its address format and its identity
 *
 * Pure but for the identity's times. An address packs sector, plane, page,
 * block, LUN and channel from bit 0 upwards, each field just wide enough for its
 * count; addresses that follow each other fill a page, the same page of the next
 * plane, and then the next page: the order in which a block is programmed.
 */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mutex.h>
#include <linux/string.h>

#include "oc12.h"
#include "oc20.h"
#include "oc_dev.h"
#include "oc_geometry.h"
#include "oc_ns.h"

/**
 * struct oc12_rule - a count that a field of the identity must hold
 * @param:	the parameter it comes from
 * @max:	largest value
 * @want:	what would be right
 */
struct oc12_rule {
	const char *param;
	u32 max;
	const char *want;
};

enum { CHANNELS, LUNS, BLOCKS, PAGES, PAGE_BYTES, RULES };

static const struct oc12_rule oc12_rules[RULES] = {
	[CHANNELS] = {
		"ns", U8_MAX, "at most 255 channels for oc12 and oc12h",
	},
	[LUNS] = {
		"num_pu", U8_MAX, "at most 255 parallel units for oc12 and oc12h",
	},
	[BLOCKS] = {
		"num_chk", U16_MAX,
		"at most 65535 * num_pln chunks for oc12 and oc12h",
	},
	[PAGES] = {
		"clba", U16_MAX,
		"at most 65535 * secs_per_pg sectors for oc12 and oc12h",
	},
	[PAGE_BYTES] = {
		"secs_per_pg", U16_MAX,
		"secs_per_pg * lba_size of at most 65535 bytes for oc12 and oc12h",
	},
};

/**
 * oc12_geo_init() - check a geometry for OCSSD 1.2 and derive the rest
 * @o:		counts and address format are filled in
 * @geo:	the namespace's geometry, checked by oc_geo_init()
 * @hybrid:	the device keeps a table of 32-bit sector numbers
 * @why:	filled in when something is wrong
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int oc12_geo_init(struct oc12 *o, const struct oc_geo *geo, bool hybrid,
		  struct oc_complaint *why)
{
	u32 val[RULES], shown[RULES];
	u32 i;

	if (geo->num_chk % geo->num_pln)
		return oc_geo_refuse(why, -EINVAL, "num_chk", geo->num_chk,
				     "for oc12 and oc12h a multiple of num_pln=%u",
				     geo->num_pln);
	if (geo->clba % geo->secs_per_pg)
		return oc_geo_refuse(why, -EINVAL, "clba", geo->clba,
				     "for oc12 and oc12h a multiple of secs_per_pg=%u",
				     geo->secs_per_pg);
	/* pblk would divide by zero; it refuses hybrid namespaces itself */
	if (!hybrid && geo->oob_size < 16 &&
	    geo->num_pln * geo->secs_per_pg < 2)
		return oc_geo_refuse(why, -EINVAL, "oob_size", geo->oob_size,
				     "16 or more for oc12 with one sector per page");

	o->num_pln = geo->num_pln;
	o->num_blk = geo->num_chk / geo->num_pln;
	o->spp = geo->secs_per_pg;
	o->num_pg = geo->clba / geo->secs_per_pg;
	o->hybrid = hybrid;

	val[CHANNELS] = geo->num_grp;
	shown[CHANNELS] = geo->num_grp;
	val[LUNS] = geo->num_pu;
	shown[LUNS] = geo->num_pu;
	val[BLOCKS] = o->num_blk;
	shown[BLOCKS] = geo->num_chk;
	val[PAGES] = o->num_pg;
	shown[PAGES] = geo->clba;
	val[PAGE_BYTES] = o->spp * geo->lba_size;
	shown[PAGE_BYTES] = o->spp;
	for (i = 0; i < RULES; i++)
		if (val[i] > oc12_rules[i].max)
			return oc_geo_refuse(why, -EINVAL, oc12_rules[i].param,
					     shown[i], "%s",
					     oc12_rules[i].want);
	if (hybrid && oc_geo_sectors(geo) > U32_MAX)
		return oc_geo_refuse(why, -EINVAL, "ns", geo->num_grp,
				     "fewer than 4294967296 sectors for oc12h");

	o->sec_len = order_base_2(o->spp);
	o->pln_len = order_base_2(o->num_pln);
	o->pg_len = order_base_2(o->num_pg);
	o->blk_len = order_base_2(o->num_blk);
	o->lun_len = order_base_2(geo->num_pu);
	o->ch_len = order_base_2(geo->num_grp);
	return 0;
}

/**
 * oc12_geo_advice() - why pblk would fail on an OCSSD 1.2 namespace
 * @o:		namespace
 * @geo:	its geometry
 *
 * Context: any.
 * Return: a sentence for the log, or NULL.
 */
const char *oc12_geo_advice(const struct oc12 *o, const struct oc_geo *geo)
{
	if (o->hybrid)
		return NULL;
	if (geo->lba_size != 4096)
		return "pblk needs lba_size=4096";
	if (!is_power_of_2(geo->num_grp) || !is_power_of_2(geo->num_pu))
		return "pblk needs powers of two for an oc12's channels and parallel units";
	if (o->num_pg < 2)
		return "pblk hangs on writes when an oc12 block has one page";
	if (o->num_blk < 11)
		return "pblk needs num_chk of 11 * num_pln or more on oc12, with its default spare";
	return oc_pblk_advice(geo->num_grp * geo->num_pu, o->num_blk,
			      geo->clba * o->num_pln, o->spp * o->num_pln);
}

/* Cut the lowest @len bits off @ppa */
static u32 oc12_cut(u64 *ppa, u8 len)
{
	u32 val = *ppa & (BIT_ULL(len) - 1);

	*ppa >>= len;
	return val;
}

/**
 * oc12_decode() - decode a sector's address
 * @o:		namespace
 * @geo:	its geometry
 * @ppa:	address in the device's format
 * @addr:	set to its parts
 *
 * Every field is checked, and the bits above the channel must be 0.
 *
 * Context: any.
 * Return: false if the address names no sector; @addr is then undefined.
 */
bool oc12_decode(const struct oc12 *o, const struct oc_geo *geo, u64 ppa,
		 struct oc_addr *addr)
{
	u32 sec = oc12_cut(&ppa, o->sec_len);
	u32 pln = oc12_cut(&ppa, o->pln_len);
	u32 pg = oc12_cut(&ppa, o->pg_len);
	u32 blk = oc12_cut(&ppa, o->blk_len);
	u32 lun = oc12_cut(&ppa, o->lun_len);

	/* Sectors and planes are powers of two: their fields have no holes */
	if (ppa >= geo->num_grp || lun >= geo->num_pu || blk >= o->num_blk ||
	    pg >= o->num_pg)
		return false;

	addr->grp = ppa;
	addr->chk = lun * geo->num_chk + blk * o->num_pln + pln;
	addr->sec = pg * o->spp + sec;
	return true;
}

/**
 * oc12_decode_blk() - decode a block's address
 * @o:		namespace
 * @geo:	its geometry
 * @ppa:	address in the device's format; page and sector are ignored
 * @addr:	set to its parts; the sector is 0
 *
 * Context: any.
 * Return: false if the address names no block.
 */
bool oc12_decode_blk(const struct oc12 *o, const struct oc_geo *geo, u64 ppa,
		     struct oc_addr *addr)
{
	u64 pg = (BIT_ULL(o->pg_len) - 1) << (o->sec_len + o->pln_len);
	u64 sec = BIT_ULL(o->sec_len) - 1;

	return oc12_decode(o, geo, ppa & ~(pg | sec), addr);
}

/**
 * oc12_decode_lun() - decode a LUN's address
 * @o:		namespace
 * @geo:	its geometry
 * @ppa:	address in the device's format; all below the LUN is ignored
 * @addr:	set to its parts; the chunk is the LUN's first
 *
 * Context: any.
 * Return: false if the address names no LUN.
 */
bool oc12_decode_lun(const struct oc12 *o, const struct oc_geo *geo, u64 ppa,
		     struct oc_addr *addr)
{
	u8 below = o->sec_len + o->pln_len + o->pg_len + o->blk_len;

	return oc12_decode(o, geo, ppa >> below << below, addr);
}

/**
 * oc12_encode() - encode a sector's address
 * @o:		namespace
 * @geo:	its geometry
 * @addr:	parts, each below its count
 *
 * Context: any.
 * Return: the address in the device's format.
 */
u64 oc12_encode(const struct oc12 *o, const struct oc_geo *geo,
		const struct oc_addr *addr)
{
	u32 chk = addr->chk % geo->num_chk;
	u64 ppa = addr->grp;

	ppa = ppa << o->lun_len | addr->chk / geo->num_chk;
	ppa = ppa << o->blk_len | chk / o->num_pln;
	ppa = ppa << o->pg_len | addr->sec / o->spp;
	ppa = ppa << o->pln_len | chk % o->num_pln;
	return ppa << o->sec_len | addr->sec % o->spp;
}

/**
 * oc12_nsze() - size of the address space
 * @o:		namespace
 *
 * Context: any.
 * Return: addresses, including those that name no sector; a power of two.
 */
u64 oc12_nsze(const struct oc12 *o)
{
	return BIT_ULL(o->sec_len + o->pln_len + o->pg_len + o->blk_len +
		       o->lun_len + o->ch_len);
}

/**
 * oc12_linear() - a sector's number among all that exist
 * @o:		namespace
 * @geo:	its geometry
 * @addr:	decoded address
 *
 * Context: any.
 * Return: the number: the address without the holes.
 */
u64 oc12_linear(const struct oc12 *o, const struct oc_geo *geo,
		const struct oc_addr *addr)
{
	u32 blk = addr->chk / o->num_pln;

	return (u64)addr->grp * geo->secs +
		(u64)blk * o->num_pln * geo->clba + oc12_plane_sec(o, addr);
}

/**
 * oc12_from_linear() - the sector that has a number
 * @o:		namespace
 * @geo:	its geometry
 * @lin:	number, below oc_geo_sectors()
 * @addr:	where the parts go
 *
 * Context: any.
 */
void oc12_from_linear(const struct oc12 *o, const struct oc_geo *geo, u64 lin,
		      struct oc_addr *addr)
{
	u32 rest, blk, page;

	addr->grp = div_u64_rem(lin, geo->secs, &rest);
	blk = rest / (o->num_pln * geo->clba);
	rest %= o->num_pln * geo->clba;
	page = rest / o->spp;
	addr->chk = blk * o->num_pln + page % o->num_pln;
	addr->sec = page / o->num_pln * o->spp + rest % o->spp;
}

/* Reads, programs and erases over planes: single, and the mode of all planes */
static u32 oc12_mpos(u32 num_pln)
{
	u32 op = BIT(0);

	/* Not dual besides quad: Linux would take four planes for two */
	if (num_pln > 1)
		op |= num_pln == 2 ? BIT(1) : BIT(2);
	return op | op << 8 | op << 16;
}

static void oc12_fields(const struct oc12 *o, struct oc12_wire_identity *id)
{
	struct oc12_wire_field *const field[] = {
		&id->sec, &id->pln, &id->pg, &id->blk, &id->lun, &id->ch,
	};
	const u8 len[] = {
		o->sec_len, o->pln_len, o->pg_len, o->blk_len, o->lun_len,
		o->ch_len,
	};
	u8 off = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(field); i++) {
		field[i]->off = off;
		field[i]->len = len[i];
		off += len[i];
	}
}

/**
 * oc12_identity() - the answer to E2h
 * @ns:		namespace
 * @page:	4096 bytes of zeroes
 *
 * Context: process; sleeps. Takes oc_dev.lock.
 */
void oc12_identity(const struct oc_ns *ns, void *page)
{
	const struct oc_wire_geometry *times = page;
	const struct oc_geo *geo = &ns->geo;
	const struct oc12 *o = ns->priv;
	struct oc12_wire_identity *id = page;
	struct oc12_wire_group *grp = &id->grp[0];
	u32 types = 1;
	bool suspend;
	__le32 t[6];

	/* The same flash as of a 2.0 namespace, with the same times */
	oc20_geometry(ns, page);
	t[0] = times->trdt;
	t[1] = times->trdm;
	t[2] = times->twrt;
	t[3] = times->twrm;
	t[4] = times->tcrst;
	t[5] = times->tcrsm;
	memset(page, 0, sizeof(*id));
	mutex_lock(&ns->dev->lock);
	if (ns->dev->timing.on)
		types = ns->dev->timing.types;
	suspend = ns->dev->timing.suspend;
	mutex_unlock(&ns->dev->lock);

	id->ver_id = 1;
	id->cgrps = 1;
	id->cap = cpu_to_le32(OC12_CAP_BBT | (o->hybrid ? OC12_CAP_HYBRID : 0));
	id->dom = cpu_to_le32(o->hybrid ? OC12_DOM_HYBRID : 0);
	oc12_fields(o, id);

	grp->fmtype = types - 1;
	grp->num_ch = geo->num_grp;
	grp->num_lun = geo->num_pu;
	grp->num_pln = o->num_pln;
	grp->num_blk = cpu_to_le16(o->num_blk);
	grp->num_pg = cpu_to_le16(o->num_pg);
	grp->fpg_sz = cpu_to_le16(o->spp * geo->lba_size);
	grp->csecs = cpu_to_le16(geo->lba_size);
	grp->sos = cpu_to_le16(geo->oob_size);
	grp->trdt = t[0];
	grp->trdm = t[1];
	grp->tprt = t[2];
	grp->tprm = t[3];
	grp->tbet = t[4];
	grp->tbem = t[5];
	grp->mpos = cpu_to_le32(oc12_mpos(o->num_pln));
	grp->mccap = cpu_to_le32(suspend ? OC12_MCCAP_SUSPEND : 0);
	grp->cpar = cpu_to_le16(geo->num_pu);
}
