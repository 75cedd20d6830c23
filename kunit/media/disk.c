// SPDX-License-Identifier: GPL-2.0
/*
 * disk.c - a backing in memory that remembers what was done to it
 *
 * What a cut leaves: all that was written before the last flush, and of what was
 * written since any of its sectors of 512 bytes, whatever came first.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "disk.h"

#define DISK_BLOCK	4096U
#define DISK_SECTOR	512U

u32 disk_random(u64 *seed, u32 below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (u32)(*seed >> 24) % below;
}

static u8 *disk_block(struct xarray *blocks, u64 nr)
{
	u8 *block = xa_load(blocks, nr);

	if (block)
		return block;
	block = kzalloc(DISK_BLOCK, GFP_KERNEL);
	if (block && xa_err(xa_store(blocks, nr, block, GFP_KERNEL))) {
		kfree(block);
		block = NULL;
	}
	return block;
}

static void disk_put(struct xarray *blocks, u64 pos, const u8 *from, u32 len,
		     bool *broken)
{
	while (len) {
		u32 off = pos % DISK_BLOCK, n = min(len, DISK_BLOCK - off);
		u8 *block = disk_block(blocks, pos / DISK_BLOCK);

		if (block)
			memcpy(block + off, from, n);
		else
			*broken = true;
		pos += n;
		from += n;
		len -= n;
	}
}

static void disk_get(struct xarray *blocks, u64 pos, u8 *to, u32 len)
{
	while (len) {
		u32 off = pos % DISK_BLOCK, n = min(len, DISK_BLOCK - off);
		const u8 *block = xa_load(blocks, pos / DISK_BLOCK);

		if (block)
			memcpy(to, block + off, n);
		else
			memset(to, 0, n);
		pos += n;
		to += n;
		len -= n;
	}
}

/* Remember what is done. The last bytes of a transfer follow the first */
static struct disk_op *disk_note(struct disk *disk, u64 pos, u32 len)
{
	struct disk_op *op = kmalloc(sizeof(*op) + len, GFP_KERNEL);

	if (!op) {
		disk->broken = true;
		return NULL;
	}
	op->pos = pos;
	op->len = len;
	list_add_tail(&op->entry, &disk->ops);
	disk->nr++;
	return op;
}

static bool disk_fails(struct disk *disk)
{
	if (!disk->fail_in)
		return false;
	if (disk->fail_in > 1) {
		disk->fail_in--;
		return false;
	}
	if (!disk->fail_all)
		disk->fail_in = 0;
	return true;
}

static void disk_submit(struct oc_transfer *t)
{
	struct disk *disk = container_of(t->backing, struct disk, backing);
	u8 *buf = kmalloc(t->len, GFP_KERNEL);
	struct disk_op *op;

	disk->broken |= !buf;
	if (WARN_ON_ONCE(t->pos % DISK_SECTOR || t->len % DISK_SECTOR) ||
	    !buf || disk_fails(disk)) {
		t->error = -EIO;
	} else if (t->write) {
		disk->broken |= !copy_from_iter_full(buf, t->len, &t->iter);
		disk_put(&disk->blocks, t->pos, buf, t->len, &disk->broken);
		op = disk->recording ? disk_note(disk, t->pos, t->len) : NULL;
		if (op)
			memcpy(op->data, buf, t->len);
		disk->writes++;
	} else {
		disk_get(&disk->blocks, t->pos, buf, t->len);
		disk->broken |= copy_to_iter(buf, t->len, &t->iter) != t->len;
	}
	kfree(buf);
	t->done(t);
}

static int disk_flush(struct oc_backing *backing)
{
	struct disk *disk = container_of(backing, struct disk, backing);

	if (disk_fails(disk))
		return -EIO;
	disk->flushes++;
	if (disk->recording)
		disk_note(disk, 0, 0);
	return 0;
}

/* The disk stays: cases look at it afterwards */
static void disk_close(struct oc_backing *backing)
{
}

static const struct oc_backing_ops disk_ops = {
	.submit	= disk_submit,
	.flush	= disk_flush,
	.close	= disk_close,
};

struct disk *disk_make(u64 bytes)
{
	struct disk *disk = kzalloc(sizeof(*disk), GFP_KERNEL);

	if (!disk)
		return NULL;
	disk->backing = (struct oc_backing) {
		.ops = &disk_ops, .bytes = bytes, .align = DISK_SECTOR,
	};
	xa_init(&disk->blocks);
	xa_init(&disk->base);
	INIT_LIST_HEAD(&disk->ops);
	return disk;
}

static void disk_empty(struct xarray *blocks)
{
	unsigned long nr;
	u8 *block;

	xa_for_each(blocks, nr, block)
		kfree(block);
	xa_destroy(blocks);
}

void disk_free(struct disk *disk)
{
	struct disk_op *op, *next;

	if (!disk)
		return;
	list_for_each_entry_safe(op, next, &disk->ops, entry)
		kfree(op);
	disk_empty(&disk->blocks);
	disk_empty(&disk->base);
	kfree(disk);
}

static void disk_copy(struct xarray *to, struct xarray *from, bool *broken)
{
	unsigned long nr;
	u8 *block;

	xa_for_each(from, nr, block)
		disk_put(to, (u64)nr * DISK_BLOCK, block, DISK_BLOCK, broken);
}

/* What is there now has been flushed; remember what is done from here on */
void disk_record(struct disk *disk)
{
	struct disk_op *op, *next;

	list_for_each_entry_safe(op, next, &disk->ops, entry) {
		list_del(&op->entry);
		kfree(op);
	}
	disk->nr = 0;
	disk_empty(&disk->base);
	disk_copy(&disk->base, &disk->blocks, &disk->broken);
	disk->recording = true;
}

/* Some sectors of a write that nobody has flushed: all, none, or any */
static void disk_tear(struct disk *cut, const struct disk_op *op, u64 *seed)
{
	u32 how = disk_random(seed, 3), off;

	if (!how)
		return;
	for (off = 0; off < op->len; off += DISK_SECTOR)
		if (how == 1 || disk_random(seed, 2))
			disk_put(&cut->blocks, op->pos + off, op->data + off,
				 DISK_SECTOR, &cut->broken);
}

/* The power goes when @nr of what was remembered has been done */
struct disk *disk_cut(const struct disk *disk, u32 nr, u64 *seed)
{
	struct disk *cut = disk_make(disk->backing.bytes);
	const struct disk_op *op, *flush = NULL;
	bool tears = true, backwards;
	u32 i = 0;

	if (!cut)
		return NULL;
	list_for_each_entry(op, &disk->ops, entry) {
		if (i++ == nr)
			break;
		if (!op->len)
			flush = op;
	}
	disk_copy(&cut->blocks, (struct xarray *)&disk->base, &cut->broken);
	if (flush) {
		list_for_each_entry(op, &disk->ops, entry) {
			if (op == flush)
				break;
			disk_put(&cut->blocks, op->pos, op->data, op->len,
				 &cut->broken);
		}
	}
	/* What was written later may have come first, and be gone */
	backwards = disk_random(seed, 4) == 0;
	i = 0;
	if (!backwards) {
		tears = !flush;
		list_for_each_entry(op, &disk->ops, entry) {
			if (i++ == nr)
				break;
			if (tears)
				disk_tear(cut, op, seed);
			tears |= op == flush;
		}
		return cut;
	}
	list_for_each_entry_reverse(op, &disk->ops, entry) {
		if (op == flush)
			break;
		if (i++ >= disk->nr - nr)
			disk_tear(cut, op, seed);
	}
	return cut;
}

bool disk_same(const struct disk *a, const struct disk *b)
{
	struct xarray *x = (struct xarray *)&a->blocks;
	struct xarray *y = (struct xarray *)&b->blocks;
	unsigned long nr;
	u8 *one, *other;

	xa_for_each(x, nr, one) {
		other = xa_load(y, nr);
		if (other ? memcmp(one, other, DISK_BLOCK) :
			    !!memchr_inv(one, 0, DISK_BLOCK))
			return false;
	}
	xa_for_each(y, nr, other)
		if (!xa_load(x, nr) && memchr_inv(other, 0, DISK_BLOCK))
			return false;
	return true;
}
