// SPDX-License-Identifier: GPL-2.0
/*
 * media/part.c - parts of the journal, from and to bytes
 *
 * Pure. A part is items, and behind them the images of those that have one. What
 * an item's image must be is said by the item's checksum, so that a part whose head
 * is right and that has old bytes somewhere does not pass for a whole one.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "oc_image.h"

static const u8 oc_part_magic[4] = { 'O', 'C', 'J', 'P' };

/* Where the images of a part begin */
static u32 oc_part_images(u32 items)
{
	return round_up(sizeof(struct oc_img_part) +
			items * (u32)sizeof(struct oc_img_item), OC_IMG_SECTOR);
}

/**
 * oc_part_blocks() - length of a part
 * @items:	items
 * @images:	those of them that have an image
 *
 * Context: any.
 * Return: blocks of OC_IMG_BLOCK bytes.
 */
u32 oc_part_blocks(u32 items, u32 images)
{
	return DIV_ROUND_UP(oc_part_images(items) + images * OC_IMG_SECTOR,
			    OC_IMG_BLOCK);
}

static u32 oc_part_crc(const struct oc_img_part *head, u32 salt, u32 items)
{
	const u8 *from = (const u8 *)&head->incarnation;

	return oc_img_crc(salt, from, (const u8 *)(head + 1) - from +
			  items * sizeof(struct oc_img_item));
}

/**
 * oc_part_seal() - a part is complete: write its head
 * @part:	room for the head, then the items; then, from the next multiple of
 *		512 on, the images. What is between and behind them is zeroes
 * @salt:	of the image
 * @incarnation: that of the superblock
 * @seq:	its number
 * @items:	items
 * @images:	those of them that have an image
 * @end:	it is the last one of a commit
 *
 * Context: any.
 */
void oc_part_seal(void *part, u32 salt, u64 incarnation, u64 seq, u32 items,
		  u32 images, bool end)
{
	struct oc_img_part *head = part;

	memset(head, 0, sizeof(*head));
	memcpy(head->magic, oc_part_magic, sizeof(head->magic));
	head->incarnation = cpu_to_le64(incarnation);
	head->seq = cpu_to_le64(seq);
	head->blocks = cpu_to_le32(oc_part_blocks(items, images));
	head->items = cpu_to_le32(items);
	head->flags = cpu_to_le32(end ? OC_IMG_PART_END : 0);
	head->crc = cpu_to_le32(oc_part_crc(head, salt, items));
}

/**
 * oc_part_peek() - does a part begin here?
 * @block:	its first block
 * @incarnation: that of the superblock
 * @seq:	the number it must have
 *
 * Context: any.
 * Return: its length in blocks, not yet to be believed; 0 if none does.
 */
u32 oc_part_peek(const void *block, u64 incarnation, u64 seq)
{
	const struct oc_img_part *head = block;
	u32 items = le32_to_cpu(head->items);
	u32 blocks = le32_to_cpu(head->blocks);

	if (memcmp(head->magic, oc_part_magic, sizeof(head->magic)) ||
	    le64_to_cpu(head->incarnation) != incarnation ||
	    le64_to_cpu(head->seq) != seq || items > OC_PART_ITEMS || !blocks ||
	    blocks > oc_part_blocks(items, items))
		return 0;
	return blocks;
}

/* Is the image of a metadata sector there, and is the sector one? */
static bool oc_part_image_ok(const struct oc_img_item *item, const void *image,
			     u32 salt, const struct oc_layout *lay)
{
	u64 where = le64_to_cpu(item->sector), nr;
	const struct oc_img_head *head = image;
	struct oc_wrong wrong;
	enum oc_img_kind kind;
	u32 ch;

	return item->nr == cpu_to_le16(1) && head->crc == item->crc &&
		oc_layout_find(lay, where, &kind, &ch, &nr) &&
		kind != OC_IMG_JOURNAL && kind < OC_IMG_OOB &&
		!oc_sector_check(image, salt, where, kind, &wrong);
}

/* Does an item name data or OOB? */
static bool oc_part_check_ok(const struct oc_img_item *item,
			     const struct oc_layout *lay)
{
	u64 where = le64_to_cpu(item->sector);
	u32 len = le16_to_cpu(item->nr), ch;
	enum oc_img_kind from, to;
	u64 nr;

	return len && where + len > where &&
		oc_layout_find(lay, where, &from, &ch, &nr) &&
		oc_layout_find(lay, where + len - 1, &to, &ch, &nr) &&
		from == to && from >= OC_IMG_OOB;
}

/**
 * oc_part_open() - look at a part of the journal
 * @part:	all of it
 * @salt:	of the image
 * @incarnation: that of the superblock
 * @seq:	the number it must have
 * @lay:	layout
 * @view:	filled in
 *
 * Context: any.
 * Return: false if it does not count.
 */
bool oc_part_open(const void *part, u32 salt, u64 incarnation, u64 seq,
		  const struct oc_layout *lay, struct oc_part_view *view)
{
	const struct oc_img_part *head = part;
	u32 images = 0, i;

	view->blocks = oc_part_peek(part, incarnation, seq);
	if (!view->blocks)
		return false;
	view->head = head;
	view->items = le32_to_cpu(head->items);
	view->item = (const void *)(head + 1);
	view->image = (const u8 *)part + oc_part_images(view->items);
	view->end = head->flags & cpu_to_le32(OC_IMG_PART_END);
	/* They must be in what was read before they are looked at */
	if (oc_part_images(view->items) > view->blocks * OC_IMG_BLOCK ||
	    le32_to_cpu(head->crc) != oc_part_crc(head, salt, view->items))
		return false;
	for (i = 0; i < view->items; i++)
		images += view->item[i].kind == cpu_to_le16(OC_IMG_ITEM_META);
	if (oc_part_blocks(view->items, images) != view->blocks)
		return false;

	images = 0;
	for (i = 0; i < view->items; i++) {
		const struct oc_img_item *item = &view->item[i];

		switch (le16_to_cpu(item->kind)) {
		case OC_IMG_ITEM_META:
			if (!oc_part_image_ok(item, view->image +
					      images++ * OC_IMG_SECTOR, salt,
					      lay))
				return false;
			break;
		case OC_IMG_ITEM_CHECK:
			if (!oc_part_check_ok(item, lay))
				return false;
			break;
		default:
			return false;
		}
	}
	return true;
}
