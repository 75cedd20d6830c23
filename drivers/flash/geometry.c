// SPDX-License-Identifier: GPL-2.0
/*
 * flash/geometry.c - counts, their limits, and the address format made from them
 *
 * Pure: no clock, no locks, no printing. An address packs sector, chunk,
 * parallel unit and group from bit 0 upwards, each field just wide enough for
 * its count (OCSSD 2.0, 1.2). If a count is not a power of two, some addresses name
 * no sector.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include "oc.h"
#include "oc_geometry.h"
#include "oc_text.h"
#include "oc_wire.h"

/**
 * struct oc_geo_rule - limits of one parameter
 * @name:	parameter
 * @offset:	its place in struct oc_geo
 * @limits:	its limits
 */
struct oc_geo_rule {
	const char *name;
	size_t offset;
	struct oc_limits limits;
};

#define OC_RULE(_field, _min, _max, _step, _want)		\
	{ .name = #_field, .offset = offsetof(struct oc_geo, _field), \
	  .limits = { _min, _max, _step, _want } }

/*
 * The upper limits are those of the host: lightnvm's generic address has 8 bits
 * each for group and parallel unit, 16 for the chunk and 24 for the sector, and a
 * vector command has at most 64 sectors, so no larger unit could be written.
 */
static const struct oc_geo_rule oc_geo_rules[] = {
	OC_RULE(num_grp, 1, 256, 1, "1 to 256 groups"),
	OC_RULE(num_pu, 1, 256, 1, "1 to 256 parallel units per group"),
	OC_RULE(num_chk, 1, 65536, 1, "1 to 65536 chunks per parallel unit"),
	OC_RULE(clba, 1, 1 << 24, 1, "1 to 16777216 sectors per chunk"),
	OC_RULE(ws_min, 1, OC_VECTOR_MAX, 1, "1 to 64 sectors"),
	OC_RULE(ws_opt, 1, OC_VECTOR_MAX, 1, "1 to 64 sectors"),
	OC_RULE(mw_cunits, 0, 1 << 24, 1, "0 to 16777216 sectors"),
	OC_RULE(num_pln, 1, 4, 0, "1, 2 or 4 planes per parallel unit"),
	OC_RULE(secs_per_pg, 1, 16, 0,
		"a power of two from 1 to 16 sectors per page"),
	OC_RULE(lba_size, 512, OC_MAX_LBA_SIZE, 0,
		"a power of two from 512 to 16384 bytes"),
	OC_RULE(oob_size, 0, 128, 8, "a multiple of 8 from 0 to 128 bytes"),
	OC_RULE(wit, 0, U8_MAX, 1, "0 to 255"),
	OC_RULE(dlfeat, 0, OC_DLFEAT_ONES, 1,
		"0 (no promise), 1 (zeroes) or 2 (all ones)"),
	OC_RULE(maxoc, 0, U32_MAX, 1, "0 for no limit, or 1 to 4294967295 chunks"),
	OC_RULE(maxocpu, 0, U32_MAX, 1,
		"0 for no limit, or 1 to 4294967295 chunks"),
	OC_RULE(mccap, 0, OC_MCCAP_VECTOR_COPY | OC_MCCAP_MULTI_RESET |
		OC_MCCAP_EARLY_RESET, 1,
		"a sum of 1 (vector copy), 2 (free chunks may be reset), 4 (open ones too)"),
};

/**
 * oc_geo_limits() - the limits of a parameter
 * @param:	its name
 *
 * Context: any.
 * Return: its limits, or NULL if the geometry has no such parameter.
 */
const struct oc_limits *oc_geo_limits(const char *param)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(oc_geo_rules); i++)
		if (!strcmp(oc_geo_rules[i].name, param))
			return &oc_geo_rules[i].limits;
	return NULL;
}

/**
 * oc_geo_refuse() - report an error in a geometry
 * @why:	filled in
 * @err:	the errno to return
 * @param:	the parameter
 * @value:	its value
 * @want:	format of what would be right, followed by its arguments
 *
 * Context: any.
 * Return: @err.
 */
int oc_geo_refuse(struct oc_complaint *why, int err, const char *param,
		  u64 value, const char *want, ...)
{
	va_list args;

	why->param = param;
	scnprintf(why->value, sizeof(why->value), "%llu", value);
	va_start(args, want);
	vscnprintf(why->want, sizeof(why->want), want, args);
	va_end(args);
	return err;
}

static int oc_geo_check_rule(const struct oc_geo *geo,
			     const struct oc_geo_rule *rule,
			     struct oc_complaint *why)
{
	u32 val = *(const u32 *)((const char *)geo + rule->offset);

	if (oc_limits_hold(&rule->limits, val))
		return 0;
	return oc_geo_refuse(why, -EINVAL, rule->name, val, "%s",
			     rule->limits.want);
}

/* Bits that hold 0 to @count - 1 */
static u8 oc_geo_bits(u32 count)
{
	return order_base_2(count);
}

/**
 * oc_geo_init() - check a geometry and derive the rest of it
 * @geo:	the counts; the derived fields are filled in
 * @why:	filled in when something is wrong
 *
 * Besides values outside their limits it refuses units that do not divide each
 * other, and products that do not fit an index or an address. oc_geo_pblk_check()
 * has the limits that are only pblk's.
 *
 * Context: any.
 * Return: 0; -EINVAL for a wrong value or combination; -E2BIG where each value
 * is right but the product is too large.
 */
int oc_geo_init(struct oc_geo *geo, struct oc_complaint *why)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(oc_geo_rules); i++) {
		int ret = oc_geo_check_rule(geo, &oc_geo_rules[i], why);

		if (ret)
			return ret;
	}

	if (geo->ws_opt % geo->ws_min)
		return oc_geo_refuse(why, -EINVAL, "ws_opt", geo->ws_opt,
				     "a multiple of ws_min=%u", geo->ws_min);
	if (geo->clba % geo->ws_min)
		return oc_geo_refuse(why, -EINVAL, "clba", geo->clba,
				     "a multiple of ws_min=%u", geo->ws_min);
	if (geo->mw_cunits > geo->clba)
		return oc_geo_refuse(why, -EINVAL, "mw_cunits", geo->mw_cunits,
				     "at most clba=%u", geo->clba);

	/* The index and the empty value of the table share 32 bits */
	if (check_mul_overflow(geo->num_pu, geo->num_chk, &geo->chks) ||
	    check_mul_overflow(geo->chks, geo->clba, &geo->secs) ||
	    geo->secs == U32_MAX)
		return oc_geo_refuse(why, -E2BIG, "clba", geo->clba,
				     "num_pu * num_chk * clba below 4294967295 sectors per group");

	geo->grp_len = oc_geo_bits(geo->num_grp);
	geo->pu_len = oc_geo_bits(geo->num_pu);
	geo->chk_len = oc_geo_bits(geo->num_chk);
	geo->sec_len = oc_geo_bits(geo->clba);
	geo->lba_shift = ilog2(geo->lba_size);
	if (geo->grp_len + geo->pu_len + geo->chk_len + geo->sec_len +
	    geo->lba_shift > 62)
		return oc_geo_refuse(why, -E2BIG, "num_grp", geo->num_grp,
				     "a capacity below 2^62 bytes, addresses included");
	return 0;
}

/**
 * oc_geo_pblk_check() - would pblk corrupt memory on an OCSSD 2.0 namespace?
 * @geo:	a geometry that oc_geo_init() has accepted
 * @why:	filled in if so
 *
 * For kinds that pblk can run on. It does not check this itself: it overruns its
 * buffers if clba is not a multiple of ws_opt, and divides by zero if ws_opt leaves
 * no sector for its packed metadata.
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int oc_geo_pblk_check(const struct oc_geo *geo, struct oc_complaint *why)
{
	if (geo->clba % geo->ws_opt)
		return oc_geo_refuse(why, -EINVAL, "clba", geo->clba,
				     "a multiple of ws_opt=%u", geo->ws_opt);
	if (geo->oob_size < 16 && geo->ws_opt < 2)
		return oc_geo_refuse(why, -EINVAL, "oob_size", geo->oob_size,
				     "16 or more with ws_opt=1: pblk packs its metadata into one sector of ws_opt");
	return 0;
}

/**
 * oc_geo_pblk_advice() - why pblk would fail on an OCSSD 2.0 namespace
 * @geo:	a namespace's geometry that oc_geo_init() has accepted
 *
 * Context: any.
 * Return: a sentence for the log, or NULL.
 */
const char *oc_geo_pblk_advice(const struct oc_geo *geo)
{
	if (geo->lba_size != 4096)
		return "pblk needs lba_size=4096";
	if (geo->clba == geo->ws_opt)
		return "pblk hangs on writes when clba equals ws_opt";
	if (geo->maxoc || geo->maxocpu)
		return "pblk ignores maxoc and maxocpu: its writes will fail";
	if (geo->rnd_chk)
		return "pblk needs write pointers, which random-write chunks (type) have none of";
	if (geo->odd_chk)
		return "pblk ignores the sizes of chunks (cnlb): its writes will fail";
	return oc_pblk_advice(geo->num_grp * geo->num_pu, geo->num_chk,
			      geo->clba, geo->ws_opt);
}

/**
 * oc_geo_decode() - decode an address
 * @geo:	geometry
 * @lba:	address in the device's format
 * @addr:	set to its parts
 *
 * Every field is checked against its count, and the bits above the group must be 0
 * (OCSSD 2.0, 1.2).
 *
 * Context: any.
 * Return: false if the address names no sector; @addr is then undefined.
 */
bool oc_geo_decode(const struct oc_geo *geo, u64 lba, struct oc_addr *addr)
{
	u32 pu, chk;

	addr->sec = lba & (BIT_ULL(geo->sec_len) - 1);
	lba >>= geo->sec_len;
	chk = lba & (BIT_ULL(geo->chk_len) - 1);
	lba >>= geo->chk_len;
	pu = lba & (BIT_ULL(geo->pu_len) - 1);
	lba >>= geo->pu_len;

	if (lba >= geo->num_grp || pu >= geo->num_pu || chk >= geo->num_chk ||
	    addr->sec >= geo->clba)
		return false;

	addr->grp = lba;
	addr->chk = pu * geo->num_chk + chk;
	return true;
}

/**
 * oc_geo_encode() - encode an address
 * @geo:	geometry
 * @addr:	parts, each below its count
 *
 * Context: any.
 * Return: the address in the device's format.
 */
u64 oc_geo_encode(const struct oc_geo *geo, const struct oc_addr *addr)
{
	u64 lba = addr->grp;

	lba = lba << geo->pu_len | addr->chk / geo->num_chk;
	lba = lba << geo->chk_len | addr->chk % geo->num_chk;
	return lba << geo->sec_len | addr->sec;
}

/**
 * oc_geo_nsze() - size of the address space
 * @geo:	geometry
 *
 * Context: any.
 * Return: addresses, including those that name no sector; a power of two.
 */
u64 oc_geo_nsze(const struct oc_geo *geo)
{
	return BIT_ULL(geo->grp_len + geo->pu_len + geo->chk_len +
		       geo->sec_len);
}

/**
 * oc_geo_sectors() - real capacity
 * @geo:	geometry
 *
 * Context: any.
 * Return: sectors that exist.
 */
u64 oc_geo_sectors(const struct oc_geo *geo)
{
	return (u64)geo->num_grp * geo->secs;
}

/* A number of chunks at @text, up to its end or a colon */
static bool oc_geo_chunks(const struct oc_geo *geo, const char *text, u32 *nr,
			  const char **rest)
{
	size_t len = strcspn(text, ":");
	char number[12];

	if (!len || len >= sizeof(number))
		return false;
	memcpy(number, text, len);
	number[len] = '\0';
	*rest = text + len;
	return !kstrtou32(number, 0, nr) && *nr && *nr <= geo->num_chk;
}

/**
 * oc_geo_shape() - parse which chunks differ from the others
 * @geo:	geometry that oc_geo_init() has accepted
 * @type:	sequential, random, or random:N for the last N chunks of each
 *		parallel unit; NULL or "" for sequential
 * @cnlb:	N:SECTORS, the size of the last N chunks of each parallel unit;
 *		NULL or "" for none
 * @why:	filled in when something is wrong
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int oc_geo_shape(struct oc_geo *geo, const char *type, const char *cnlb,
		 struct oc_complaint *why)
{
	const char *rest = "";

	geo->rnd_chk = 0;
	geo->odd_chk = 0;
	geo->odd_secs = geo->clba;
	if (type && !strcmp(type, "random")) {
		geo->rnd_chk = geo->num_chk;
	} else if (type && *type && strcmp(type, "sequential") &&
		   (strncmp(type, "random:", 7) ||
		    !oc_geo_chunks(geo, type + 7, &geo->rnd_chk, &rest) ||
		    *rest)) {
		oc_complain(why, "type", type,
			    "sequential, random or random:N with 1 to %u chunks",
			    geo->num_chk);
		return -EINVAL;
	}

	if (!cnlb || !*cnlb)
		return 0;
	if (!oc_geo_chunks(geo, cnlb, &geo->odd_chk, &rest) || *rest != ':' ||
	    kstrtou32(rest + 1, 0, &geo->odd_secs) || !geo->odd_secs ||
	    geo->odd_secs >= geo->clba || geo->odd_secs % geo->ws_min) {
		oc_complain(why, "cnlb", cnlb,
			    "N:SECTORS, 1 to %u chunks of a multiple of ws_min=%u sectors below clba=%u",
			    geo->num_chk, geo->ws_min, geo->clba);
		return -EINVAL;
	}
	return 0;
}
