// SPDX-License-Identifier: GPL-2.0
/*
 * flash/pblk.c - whether pblk (5.10) fits a geometry, which it does not check itself
 *
 * Pure: no clock, no locks, no printing. A line of pblk is one chunk of each
 * parallel unit. Each line has metadata at its beginning and at its end, and some
 * chunks are reserved for garbage collection. The rest, in whole chunks, is the
 * capacity, which pblk lets underflow.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/math64.h>

#include "oc_geometry.h"

#define OC_PBLK_SECTOR		4096	/* bytes; the only size it works with */
#define OC_PBLK_SPARE		11	/* percent of the chunks kept back */
#define OC_PBLK_SPARE_LINES	10	/* but never fewer lines than these */

/* Bytes of a line's metadata, without the bitmap of its units */
#define OC_PBLK_FIRST		64	/* at its beginning */
#define OC_PBLK_LAST		96	/* at its end, without the two lists */

/*
 * Sectors of metadata in a line of @line sectors. At the end of the line are two
 * lists: 8 bytes for each sector of data, whose number depends in turn on the length
 * of the metadata, and 4 bytes for each line.
 */
static u32 oc_pblk_meta(u32 units, u32 lines, u32 line, u32 ws_opt)
{
	u32 bitmap = BITS_TO_LONGS(units) * sizeof(long);
	u32 first = DIV_ROUND_UP(OC_PBLK_FIRST + bitmap, OC_PBLK_SECTOR);
	u32 fixed = DIV_ROUND_UP(OC_PBLK_LAST + bitmap, OC_PBLK_SECTOR) +
		    DIV_ROUND_UP(lines, OC_PBLK_SECTOR / 4);
	u32 last = 0;

	do
		last += ws_opt;
	while (last < line &&
	       last < fixed + DIV_ROUND_UP(line - last, OC_PBLK_SECTOR / 8));
	return roundup(first, ws_opt) + last;
}

/**
 * oc_pblk_advice() - is there room for pblk?
 * @units:	parallel units, of all groups
 * @lines:	chunks in each of them
 * @clba:	sectors of a chunk, a multiple of @ws_opt
 * @ws_opt:	sectors pblk writes at a time
 *
 * For a target on all units with pblk's default over-provisioning, with sectors of
 * 4096 bytes and no chunk offline.
 *
 * Context: any.
 * Return: a sentence for the log, or NULL.
 */
const char *oc_pblk_advice(u32 units, u32 lines, u32 clba, u32 ws_opt)
{
	u64 chks = (u64)units * lines;
	u64 line = (u64)units * clba;
	u64 spare, meta;

	if (line > S32_MAX)
		return "pblk counts the sectors of num_grp * num_pu chunks in 31 bits";

	spare = max_t(u64, chks - div_u64(chks * (100 - OC_PBLK_SPARE), 100),
		      OC_PBLK_SPARE_LINES * units);
	meta = (u64)oc_pblk_meta(units, lines, line, ws_opt) * lines;
	meta = DIV_ROUND_UP_ULL(meta, clba);
	if (lines <= OC_PBLK_SPARE_LINES)
		return "pblk needs num_chk of 11 or more with its default over-provisioning";
	if (spare + meta >= chks)
		return "pblk has no capacity beside its metadata and spare: more num_chk or clba";
	/* It slows writes down by what is left of the spare chunks */
	if (spare <= meta + units)
		return "pblk hangs on writes, its metadata takes up all spare: more clba or num_pu";
	return NULL;
}
