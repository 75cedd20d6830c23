// SPDX-License-Identifier: GPL-2.0
/*
 * media/journal.c - making commits, and replaying those of an image
 *
 * A commit is parts that follow each other in a ring; the last one says that it is.
 * Whoever makes one flushes the backing afterwards, and begins the next one when
 * that is done. So of all commits only the last one can be there in part, and of
 * what it relies on only the last one's data.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "oc_backing.h"
#include "oc_journal.h"

/* Where images are collected, before it is known how many items there are */
#define OC_PART_GATHER		8192U

static_assert(sizeof(struct oc_img_part) +
	      OC_PART_ITEMS * sizeof(struct oc_img_item) == OC_PART_GATHER);

static u32 oc_part_room(void)
{
	return oc_part_blocks(OC_PART_ITEMS, OC_PART_ITEMS) * OC_IMG_BLOCK;
}

/* Transfer a part, which may pass the ring's end */
static int oc_ring_rw(struct oc_backing *backing, bool write, u64 start,
		      u64 blocks, u64 at, void *buf, u32 nr)
{
	u32 n = min_t(u64, nr, blocks - at);
	int ret;

	for (; nr; buf += n * OC_IMG_BLOCK, nr -= n, at = 0, n = nr) {
		u64 pos = start + at * OC_IMG_BLOCK;

		ret = write ?
			oc_backing_write(backing, pos, buf, n * OC_IMG_BLOCK) :
			oc_backing_read(backing, pos, buf, n * OC_IMG_BLOCK);
		if (ret)
			return ret;
	}
	return 0;
}

/* ---- making commits --------------------------------------------------- */

static void oc_journal_begin(struct oc_journal *j)
{
	j->items = 0;
	j->images = 0;
	j->image = j->part + OC_PART_GATHER;
}

/**
 * oc_journal_init() - begin an empty journal
 * @j:		journal
 * @backing:	where the image is
 * @img:	its superblock, which says where the journal begins; stays
 *
 * Context: process; sleeps.
 * Return: 0, or -ENOMEM.
 */
int oc_journal_init(struct oc_journal *j, struct oc_backing *backing,
		    const struct oc_image *img)
{
	const struct oc_region *region = &img->lay.region[OC_IMG_JOURNAL];

	*j = (struct oc_journal) {
		.backing = backing, .lay = &img->lay, .salt = img->salt,
		.incarnation = img->incarnation, .start = region->start,
		.blocks = div_u64(region->bytes, OC_IMG_BLOCK),
		.head = img->block, .seq = img->seq,
	};
	j->part = kvzalloc(oc_part_room(), GFP_KERNEL);
	if (!j->part)
		return -ENOMEM;
	oc_journal_begin(j);
	return 0;
}

/**
 * oc_journal_exit() - end a journal
 * @j:		journal, or zeroes
 *
 * Context: process; sleeps.
 */
void oc_journal_exit(struct oc_journal *j)
{
	kvfree(j->part);
	j->part = NULL;
}

/* Write the part that is being made */
static int oc_journal_write(struct oc_journal *j, bool end)
{
	u32 nr = oc_part_blocks(j->items, j->images);
	u32 used = j->images * OC_IMG_SECTOR;
	u8 *items_end = j->part + sizeof(struct oc_img_part) +
		j->items * sizeof(struct oc_img_item);
	u8 *images = j->part + round_up(items_end - j->part, OC_IMG_SECTOR);
	int ret;

	/* Who makes a commit has looked whether it fits */
	if (WARN_ON_ONCE(nr > j->blocks - j->used))
		return -ENOSPC;
	memset(items_end, 0, images - items_end);
	memmove(images, j->part + OC_PART_GATHER, used);
	memset(images + used, 0, j->part + nr * OC_IMG_BLOCK - images - used);
	oc_part_seal(j->part, j->salt, j->incarnation, j->seq, j->items,
		     j->images, end);
	ret = oc_ring_rw(j->backing, true, j->start, j->blocks, j->head,
			 j->part, nr);
	if (ret)
		return ret;
	j->seq++;
	j->used += nr;
	j->bytes += nr * OC_IMG_BLOCK;
	j->head += nr;
	if (j->head >= j->blocks)
		j->head -= j->blocks;
	oc_journal_begin(j);
	return 0;
}

static int oc_journal_add(struct oc_journal *j, u64 where, u32 kind, u32 nr,
			  __le32 crc)
{
	struct oc_img_item *item;
	int ret = 0;

	if (j->items == OC_PART_ITEMS)
		ret = oc_journal_write(j, false);
	if (ret)
		return ret;
	item = (void *)(j->part + sizeof(struct oc_img_part));
	item[j->items++] = (struct oc_img_item) {
		.sector = cpu_to_le64(where), .kind = cpu_to_le16(kind),
		.nr = cpu_to_le16(nr), .crc = crc,
	};
	return 0;
}

/**
 * oc_journal_meta() - a metadata sector is part of this commit
 * @j:		journal
 * @where:	sector of the image
 * @sector:	its bytes, sealed
 *
 * Context: process; sleeps. Allocates nothing.
 * Return: 0, or an errno of the backing; the commit is lost then.
 */
int oc_journal_meta(struct oc_journal *j, u64 where, const void *sector)
{
	const struct oc_img_head *head = sector;
	int ret;

	ret = oc_journal_add(j, where, OC_IMG_ITEM_META, 1, head->crc);
	if (ret)
		return ret;
	memcpy(j->image, sector, OC_IMG_SECTOR);
	j->image += OC_IMG_SECTOR;
	j->images++;
	return 0;
}

/**
 * oc_journal_check() - this commit relies on data that are written but not flushed
 * @j:		journal
 * @where:	first sector of the image
 * @nr:		how many
 * @crc:	oc_img_crc() of them, begun with the salt
 *
 * Context: process; sleeps. Allocates nothing.
 * Return: 0, or an errno of the backing; the commit is lost then.
 */
int oc_journal_check(struct oc_journal *j, u64 where, u32 nr, u32 crc)
{
	return oc_journal_add(j, where, OC_IMG_ITEM_CHECK, nr,
			      cpu_to_le32(crc));
}

/**
 * oc_journal_end() - this commit is complete
 * @j:		journal
 *
 * It counts when the backing is flushed.
 *
 * Context: process; sleeps. Allocates nothing.
 * Return: 0, or an errno of the backing; the commit is lost then.
 */
int oc_journal_end(struct oc_journal *j)
{
	return oc_journal_write(j, true);
}

/**
 * oc_journal_fits() - is there room for a commit?
 * @j:		journal
 * @items:	items that it has at most
 *
 * Context: any.
 * Return: true if there is.
 */
bool oc_journal_fits(const struct oc_journal *j, u64 items)
{
	u64 parts = div_u64(items, OC_PART_ITEMS) + 1;
	u64 need = div_u64(items * OC_IMG_SECTOR, OC_IMG_BLOCK) + 4 * parts;

	return need <= j->blocks - j->used;
}

/**
 * oc_journal_forget() - the oldest commits are in place
 * @j:		journal
 * @blocks:	that they take
 *
 * The superblock that says so has been written and flushed.
 *
 * Context: any.
 */
void oc_journal_forget(struct oc_journal *j, u64 blocks)
{
	if (!WARN_ON_ONCE(blocks > j->used))
		j->used -= blocks;
}

/* ---- replay ----------------------------------------------------------- */

/**
 * struct oc_walk - a way through the commits of an image
 * @backing:	where it is
 * @img:	its superblock
 * @start:	first byte of the journal
 * @blocks:	how many it has
 * @at:		block of the next part
 * @seq:	its number
 * @walked:	blocks so far
 * @part:	room for a part
 * @view:	the part that was read last
 */
struct oc_walk {
	struct oc_backing *backing;
	const struct oc_image *img;
	u64 start;
	u64 blocks;
	u64 at;
	u64 seq;
	u64 walked;
	u8 *part;
	struct oc_part_view view;
};

static void oc_walk_begin(struct oc_walk *walk)
{
	walk->at = walk->img->block;
	walk->seq = walk->img->seq;
	walk->walked = 0;
}

/* Read the next part. Returns 1, 0 if none counts, or an errno */
static int oc_walk_next(struct oc_walk *walk)
{
	const struct oc_image *img = walk->img;
	u32 nr;
	int ret;

	if (walk->walked >= walk->blocks)
		return 0;
	ret = oc_ring_rw(walk->backing, false, walk->start, walk->blocks,
			 walk->at, walk->part, 1);
	if (ret)
		return ret;
	nr = oc_part_peek(walk->part, img->incarnation, walk->seq);
	if (!nr || nr > walk->blocks - walk->walked)
		return 0;
	ret = oc_ring_rw(walk->backing, false, walk->start, walk->blocks,
			 walk->at, walk->part, nr);
	if (ret)
		return ret;
	if (!oc_part_open(walk->part, img->salt, img->incarnation, walk->seq,
			  &img->lay, &walk->view))
		return 0;
	walk->at += nr;
	if (walk->at >= walk->blocks)
		walk->at -= walk->blocks;
	walk->walked += nr;
	walk->seq++;
	return 1;
}

/* Is what an item relies on there? Returns 1, 0 or an errno */
static int oc_item_holds(const struct oc_walk *walk,
			 const struct oc_img_item *item, u8 *buf)
{
	u64 pos = le64_to_cpu(item->sector) * OC_IMG_SECTOR;
	u32 left = le16_to_cpu(item->nr) * OC_IMG_SECTOR, n;
	u32 crc = walk->img->salt, off;
	int ret;

	while (left) {
		/* Whole blocks, whatever the backing takes at once */
		off = pos % OC_IMG_BLOCK;
		n = min_t(u32, left, OC_IMG_BLOCK - off);
		ret = oc_backing_read(walk->backing, pos - off, buf,
				      OC_IMG_BLOCK);
		if (ret)
			return ret;
		crc = oc_img_crc(crc, buf + off, n);
		pos += n;
		left -= n;
	}
	return crc == le32_to_cpu(item->crc);
}

/* Is all that the part relies on there? Returns 1, 0 or an errno */
static int oc_view_holds(const struct oc_walk *walk, u8 *buf)
{
	const struct oc_part_view *view = &walk->view;
	int ret = 1;
	u32 i;

	for (i = 0; i < view->items && ret == 1; i++)
		if (view->item[i].kind == cpu_to_le16(OC_IMG_ITEM_CHECK))
			ret = oc_item_holds(walk, &view->item[i], buf);
	return ret;
}

/*
 * Find the number of the part behind the last commit that counts. What the last one
 * relies on may not have come as far as itself; that of those before has.
 */
static int oc_replay_find(struct oc_walk *walk, struct oc_replay *found,
			  u64 *end)
{
	u64 first = walk->img->seq, last = first;
	u8 *buf;
	int ret;

	oc_walk_begin(walk);
	while ((ret = oc_walk_next(walk)) > 0) {
		if (!walk->view.end)
			continue;
		first = last;
		last = walk->seq;
		found->commits++;
	}
	found->lost = walk->seq != last;
	*end = last;
	if (ret || !found->commits)
		return ret;

	buf = kmalloc(OC_IMG_BLOCK, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	oc_walk_begin(walk);
	while (walk->seq < last && (ret = oc_walk_next(walk)) > 0) {
		if (walk->seq <= first)
			continue;
		ret = oc_view_holds(walk, buf);
		if (ret <= 0)
			break;
	}
	kfree(buf);
	if (ret < 0)
		return ret;
	if (!ret) {
		*end = first;
		found->commits--;
		found->lost = true;
	}
	return 0;
}

/* Blocks of metadata that are changed before they are written */
#define OC_REPLAY_BLOCKS	4096U

/* Write what was changed, and forget it */
static int oc_replay_write(struct oc_walk *walk, struct xarray *blocks)
{
	unsigned long nr;
	int ret = 0;
	u8 *block;

	xa_for_each(blocks, nr, block) {
		if (!ret)
			ret = oc_backing_write(walk->backing,
					       (u64)nr * OC_IMG_BLOCK, block,
					       OC_IMG_BLOCK);
		xa_erase(blocks, nr);
		kfree(block);
		cond_resched();
	}
	return ret;
}

/* The block that @where is in, as it is in place or has been changed since */
static u8 *oc_replay_block(struct oc_walk *walk, struct xarray *blocks,
			   u64 where)
{
	unsigned long nr = div_u64(where, OC_IMG_BLOCK / OC_IMG_SECTOR);
	u8 *block = xa_load(blocks, nr);
	int ret;

	if (block)
		return block;
	block = kmalloc(OC_IMG_BLOCK, GFP_KERNEL);
	if (!block)
		return ERR_PTR(-ENOMEM);
	ret = oc_backing_read(walk->backing, (u64)nr * OC_IMG_BLOCK, block,
			      OC_IMG_BLOCK);
	if (!ret)
		ret = xa_err(xa_store(blocks, nr, block, GFP_KERNEL));
	if (!ret)
		return block;
	kfree(block);
	return ERR_PTR(ret);
}

static int oc_replay_part(struct oc_walk *walk, struct xarray *blocks,
			  struct oc_replay *found, u32 *held)
{
	const struct oc_part_view *view = &walk->view;
	const u8 *image = view->image;
	u32 i;

	for (i = 0; i < view->items; i++) {
		u64 where = le64_to_cpu(view->item[i].sector);
		u32 off = where % (OC_IMG_BLOCK / OC_IMG_SECTOR);
		u8 *block;

		if (view->item[i].kind != cpu_to_le16(OC_IMG_ITEM_META))
			continue;
		block = oc_replay_block(walk, blocks, where);
		if (IS_ERR(block))
			return PTR_ERR(block);
		memcpy(block + off * OC_IMG_SECTOR, image, OC_IMG_SECTOR);
		image += OC_IMG_SECTOR;
		found->sectors++;
	}
	*held += view->items;
	if (*held < OC_REPLAY_BLOCKS)
		return 0;
	*held = 0;
	return oc_replay_write(walk, blocks);
}

/**
 * oc_journal_replay() - bring metadata to where the last commit has left them
 * @backing:	backing
 * @img:	its superblock
 * @found:	filled in
 * @wrong:	filled in where the image is at fault
 *
 * May be cut, and done again, at any time. The backing is flushed at the end; it is the
 * caller's to write a superblock with an empty journal then.
 *
 * Context: process; sleeps.
 * Return: 0, -ENOMEM, -EBADMSG if what counted a moment ago does not any more, or
 * an errno of the backing.
 */
int oc_journal_replay(struct oc_backing *backing, const struct oc_image *img,
		      struct oc_replay *found, struct oc_wrong *wrong)
{
	const struct oc_region *region = &img->lay.region[OC_IMG_JOURNAL];
	struct oc_walk walk = {
		.backing = backing, .img = img, .start = region->start,
		.blocks = div_u64(region->bytes, OC_IMG_BLOCK),
	};
	struct xarray blocks;
	u32 held = 0;
	int ret, err;
	u64 end;

	*found = (struct oc_replay) { };
	/* A static initializer's lock has no key on the stack */
	xa_init(&blocks);
	walk.part = kvmalloc(oc_part_room(), GFP_KERNEL);
	if (!walk.part)
		return -ENOMEM;
	ret = oc_replay_find(&walk, found, &end);
	if (ret)
		goto out;
	oc_walk_begin(&walk);
	while (!ret && walk.seq < end) {
		ret = oc_walk_next(&walk);
		if (ret > 0) {
			ret = oc_replay_part(&walk, &blocks, found, &held);
		} else if (!ret) {
			scnprintf(wrong->what, sizeof(wrong->what),
				  "journal block %llu has changed by itself",
				  walk.at);
			ret = -EBADMSG;
		}
	}
	err = oc_replay_write(&walk, &blocks);
	if (!ret)
		ret = err;
	if (!ret && found->sectors)
		ret = oc_backing_flush(backing);
out:
	xa_destroy(&blocks);
	kvfree(walk.part);
	return ret;
}
