// SPDX-License-Identifier: GPL-2.0
/*
 * ftl_bed.c - an FTL, the flash under it and the model beside it
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "ftl_bed.h"

const struct bed_shape bed_shapes[BED_SHAPES] = {
	{ "units of one", 1, 16, 8, 1, 1, 80, "greedy" },
	{ "chunks of two", 5, 20, 2, 1, 1, 30, "greedy" },
	{ "chunk is a unit", 1, 12, 64, 64, 64, 80, "greedy" },
	{ "no powers of two", 3, 9, 24, 4, 12, 50, "greedy" },
	{ "many units", 8, 32, 16, 1, 4, 11, "greedy" },
	{ "least that is left over", 2, 86, 8, 2, 4, 3, "greedy" },
	{ "cost-benefit", 4, 16, 16, 4, 8, 28, "cost-benefit" },
	{ "cost-benefit, units of one", 2, 40, 4, 1, 2, 20, "cost-benefit" },
};

static struct bed *to_bed(struct oc_ftl *ftl)
{
	return container_of(ftl, struct bed, ftl);
}

u32 bed_random(struct bed *bed, u32 below)
{
	bed->seed ^= bed->seed << 13;
	bed->seed ^= bed->seed >> 7;
	bed->seed ^= bed->seed << 17;
	return (u32)(bed->seed >> 24) % below;
}

/* Does the next of its kind fail? */
static bool bed_fails(struct bed *bed, enum bed_op op)
{
	if (bed->fail && !bed_random(bed, bed->fail))
		return true;
	if (!bed->burst || !(bed->ops & BIT(op)) || bed_random(bed, bed->gap))
		return false;
	bed->burst--;
	return true;
}

static void bed_move(struct oc_ftl *ftl, u32 from, u32 to)
{
	struct bed *bed = to_bed(ftl);

	bed->wrong += !bed->flash[from];
	if (from == to)
		return;
	bed->wrong += bed->flash[to] != 0;
	bed->flash[to] = bed->flash[from];
	bed->flash[from] = 0;
}

static void bed_drop(struct oc_ftl *ftl, u32 index)
{
	struct bed *bed = to_bed(ftl);

	bed->wrong += !bed->flash[index];
	bed->flash[index] = 0;
}

static u32 bed_program(struct oc_ftl *ftl, u32 chk, u32 sec, u32 n, bool gc)
{
	struct bed *bed = to_bed(ftl);
	u32 done;

	bed->wrong += !n || n % bed->geo.ws_min ||
		sec != bed->chunks[chk].wp || sec + n > bed->geo.clba;
	for (done = 0; done < n; done += bed->geo.ws_min)
		if (bed_fails(bed, gc ? BED_GC : BED_HOST))
			break;
	return done;
}

static bool bed_erase(struct oc_ftl *ftl, u32 chk, bool held)
{
	struct bed *bed = to_bed(ftl);
	u32 i;

	/* Data stay in place only where there is nowhere to move them */
	if (held)
		bed->wrong += ftl->nr_free || ftl->gc.nr;
	for (i = 0; i < bed->geo.clba && !held; i++)
		bed->wrong += bed->flash[chk * bed->geo.clba + i] != 0;
	return !bed_fails(bed, BED_ERASE);
}

static const struct oc_ftl_ops bed_ops = {
	.move		= bed_move,
	.drop		= bed_drop,
	.program	= bed_program,
	.erase		= bed_erase,
};

void bed_free(struct bed *bed)
{
	oc_ftl_exit(&bed->ftl);
	vfree(bed->chunks);
	vfree(bed->flash);
	vfree(bed->model);
	kfree(bed);
}

struct bed *bed_alloc(struct kunit *test, const struct bed_shape *shape)
{
	struct bed *bed = kzalloc(sizeof(*bed), GFP_KERNEL);
	struct oc_geo *geo;

	if (!bed)
		return NULL;
	geo = &bed->geo;
	*geo = (struct oc_geo) {
		.num_grp = 1, .num_pu = shape->num_pu,
		.num_chk = shape->num_chk, .clba = shape->clba,
		.ws_min = shape->ws_min, .ws_opt = shape->ws_opt,
		.chks = shape->num_pu * shape->num_chk,
		.secs = shape->num_pu * shape->num_chk * shape->clba,
	};
	bed->test = test;
	bed->seed = 0x20261124cafeULL;
	bed->stat.nr[OC_CHK_FREE] = geo->chks;
	bed->chunks = vzalloc(geo->chks * sizeof(*bed->chunks));
	bed->flash = vzalloc(geo->secs * sizeof(u32));
	bed->model = vzalloc(geo->secs * sizeof(u32));
	if (bed->chunks && bed->flash && bed->model)
		return bed;
	bed_free(bed);
	return NULL;
}

int bed_start(struct bed *bed, const struct bed_shape *shape)
{
	return oc_ftl_init(&bed->ftl, &bed->geo, bed->chunks, &bed->stat,
			   &bed_ops, oc_ftl_policy(shape->gc),
			   oc_ftl_capacity(&bed->geo, shape->op));
}

/* A bed that is ready, or NULL with the case failed */
struct bed *bed_make(struct kunit *test, const struct bed_shape *shape)
{
	struct bed *bed = bed_alloc(test, shape);
	int ret = bed ? bed_start(bed, shape) : -ENOMEM;

	KUNIT_EXPECT_EQ_MSG(test, ret, 0, "%s", shape->name);
	if (!ret)
		return bed;
	if (bed)
		bed_free(bed);
	return NULL;
}

/* May @nr sectors be written from @lba on, for all that the FTL knows? */
bool bed_fits(const struct bed *bed, u32 lba, u32 nr)
{
	u32 more = 0;

	for (; nr; nr--, lba++)
		more += !oc_ftl_on_flash(oc_l2p_get(&bed->ftl.l2p, lba));
	return oc_ftl_fits(&bed->ftl, more);
}

/* Write sectors from @lba on, up to @want. Returns how many; 0: there is no room */
u32 bed_write_some(struct bed *bed, u32 lba, u32 want)
{
	struct oc_ftl *ftl = &bed->ftl;
	u32 index, i, n;

	if (!bed_fits(bed, lba, want))
		return 0;
	index = oc_ftl_place(ftl, lba, want, &n);
	if (!index)
		return 0;
	bed->wrong += !n || n > want || index + n > bed->geo.secs ||
		index / bed->geo.clba != (index + n - 1) / bed->geo.clba;
	for (i = 0; i < n; i++) {
		bed->wrong += bed->flash[index + i] != 0;
		bed->flash[index + i] = ++bed->writes;
		bed->model[lba + i] = bed->writes;
	}
	oc_ftl_commit(ftl, lba, index, n);
	return n;
}

/* False if there is no room */
bool bed_write(struct bed *bed, u32 lba)
{
	return bed_write_some(bed, lba, 1);
}

void bed_set(struct bed *bed, u32 lba, u32 val, u32 model)
{
	oc_ftl_set(&bed->ftl, lba, val);
	bed->model[lba] = model;
}

/* Does logical sector @lba hold what the model says? */
bool bed_right(struct bed *bed, u32 lba)
{
	u32 val = oc_l2p_get(&bed->ftl.l2p, lba);

	switch (val) {
	case OC_FTL_NONE:
		return bed->model[lba] == 0;
	case OC_FTL_ZERO:
		return bed->model[lba] == BED_ZERO;
	case OC_FTL_BAD:
		return bed->model[lba] == BED_BAD;
	default:
		return val < bed->geo.secs &&
			bed->flash[val] == bed->model[lba];
	}
}

/* All of it. False, with the case failed, if anything is wrong */
bool bed_check(struct bed *bed, const char *name, u32 step)
{
	const char *what = oc_ftl_check(&bed->ftl);
	u32 lba;

	if (!what && bed->wrong)
		what = "flash was used wrongly";
	for (lba = 0; !what && lba < bed->ftl.nr_lba; lba++)
		if (!bed_right(bed, lba))
			what = "a logical sector holds something else";
	if (!what)
		return true;
	KUNIT_FAIL(bed->test, "%s, step %u: %s", name, step, what);
	return false;
}

/*
 * One random thing to do: mostly writes, nine of ten to a tenth of the sectors, one
 * of four of several of them. False if there was no room.
 */
bool bed_step(struct bed *bed)
{
	u32 nr = bed->ftl.nr_lba, what = bed_random(bed, 64), lba, n = 1;

	lba = bed_random(bed, bed_random(bed, 10) ? nr / 10 + 1 : nr);
	switch (what) {
	case 0: case 1: case 2:
		bed_set(bed, lba, OC_FTL_NONE, 0);
		break;
	case 3:
		bed_set(bed, lba, OC_FTL_ZERO, BED_ZERO);
		break;
	case 4:
		bed_set(bed, lba, OC_FTL_BAD, BED_BAD);
		break;
	default:
		n = min(1 + bed_random(bed, what % 4 ? 1 : BED_RUN), nr - lba);
		n = bed_write_some(bed, lba, n);
		if (!n)
			return false;
		bed->runs += n > 1;
		break;
	}
	while (n--)
		bed->wrong += !bed_right(bed, lba + n);
	return true;
}
