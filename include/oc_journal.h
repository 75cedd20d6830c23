/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_journal.h - commits: changes of an image's metadata that happen whole or not at
 * all
 */
#ifndef OC_JOURNAL_H
#define OC_JOURNAL_H

#include <linux/types.h>

#include "oc_image.h"

struct oc_backing;

/**
 * struct oc_journal - the journal of an image
 * @backing:	where the image is
 * @lay:	and what is where in it
 * @salt:	of the image
 * @incarnation: of this load
 * @start:	its first byte
 * @blocks:	how many it has
 * @head:	the block that the next part begins at
 * @seq:	that part's number
 * @used:	blocks from its first part that still counts to @head
 * @part:	room for the largest part
 * @image:	where in @part the next image goes
 * @items:	items of the part that is being made
 * @images:	those of them with an image
 * @bytes:	written, ever
 *
 * Belongs to whoever makes commits, one at a time.
 */
struct oc_journal {
	struct oc_backing *backing;
	const struct oc_layout *lay;
	u32 salt;
	u64 incarnation;
	u64 start;
	u64 blocks;
	u64 head;
	u64 seq;
	u64 used;
	u8 *part;
	u8 *image;
	u32 items;
	u32 images;
	u64 bytes;
};

/**
 * struct oc_replay - what a replay has found
 * @commits:	commits that count
 * @lost:	there was more, of one that does not
 * @sectors:	metadata sectors written
 */
struct oc_replay {
	u64 commits;
	bool lost;
	u64 sectors;
};

int oc_journal_init(struct oc_journal *j, struct oc_backing *backing,
		    const struct oc_image *img);
void oc_journal_exit(struct oc_journal *j);
int oc_journal_meta(struct oc_journal *j, u64 where, const void *sector);
int oc_journal_check(struct oc_journal *j, u64 where, u32 nr, u32 crc);
int oc_journal_end(struct oc_journal *j);
bool oc_journal_fits(const struct oc_journal *j, u64 items);
void oc_journal_forget(struct oc_journal *j, u64 blocks);
int oc_journal_replay(struct oc_backing *backing, const struct oc_image *img,
		      struct oc_replay *found, struct oc_wrong *wrong);

#endif /* OC_JOURNAL_H */
