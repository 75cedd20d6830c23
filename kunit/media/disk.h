/* SPDX-License-Identifier: GPL-2.0 */
/*
 * disk.h - a backing in memory that remembers what was done to it, and what a loss of
 * power can leave of that
 */
#ifndef DISK_H
#define DISK_H

#include <kunit/test.h>
#include <linux/list.h>
#include <linux/xarray.h>

#include "oc_backing.h"

/**
 * struct disk_op - a write or a flush
 * @entry:	in disk.ops
 * @pos:	first byte
 * @len:	bytes; 0 for a flush
 * @data:	what was written
 */
struct disk_op {
	struct list_head entry;
	u64 pos;
	u32 len;
	u8 data[];
};

/**
 * struct disk - a backing in memory
 * @backing:	what it is to others
 * @blocks:	its blocks of 4096 bytes; one that is not there is zeroes
 * @base:	those that @ops begin with
 * @ops:	what was done since disk_record()
 * @nr:		how much that is
 * @flushes:	flushes, ever
 * @writes:	writes, ever
 * @recording:	what is done is remembered
 * @broken:	no memory: the case has to fail
 * @fail_in:	the transfer or flush so far from now fails, 0 for none
 * @fail_all:	and all after it
 */
struct disk {
	struct oc_backing backing;
	struct xarray blocks;
	struct xarray base;
	struct list_head ops;
	u32 nr;
	u32 flushes;
	u32 writes;
	bool recording;
	bool broken;
	u32 fail_in;
	bool fail_all;
};

struct disk *disk_make(u64 bytes);
void disk_free(struct disk *disk);
void disk_record(struct disk *disk);
struct disk *disk_cut(const struct disk *disk, u32 nr, u64 *seed);
bool disk_same(const struct disk *a, const struct disk *b);
u32 disk_random(u64 *seed, u32 below);

#endif /* DISK_H */
