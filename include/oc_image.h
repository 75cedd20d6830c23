/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_image.h - what a device keeps outside of memory
 *
 * media/image.c and part.c are the only rooms that know the bytes (oc_image_wire.h).
 * All of it is pure: bytes in, values out.
 */
#ifndef OC_IMAGE_H
#define OC_IMAGE_H

#include <linux/bits.h>
#include <linux/types.h>
#include <linux/uuid.h>

#include "oc.h"
#include "oc_chunk.h"
#include "oc_geometry.h"
#include "oc_image_wire.h"

/* ---- values ----------------------------------------------------------- */

/**
 * struct oc_region - where a region is
 * @start:	first byte
 * @bytes:	its size
 * @per_ch:	bytes of it that each channel has, 0 if it is not divided
 */
struct oc_region {
	u64 start;
	u64 bytes;
	u64 per_ch;
};

/**
 * struct oc_layout - where all that an image keeps is
 * @num_grp:	channels
 * @chks:	chunks of a channel
 * @clba:	sectors of a chunk
 * @secs:	sectors of a channel
 * @slots:	slots of a channel
 * @max_lba:	largest sector of any format, bytes
 * @max_oob:	largest OOB, bytes
 * @chk_map:	sectors of the map that a chunk has
 * @region:	by enum oc_img_kind; one that is not there has no bytes
 * @bytes:	of the image
 */
struct oc_layout {
	u32 num_grp;
	u32 chks;
	u32 clba;
	u32 secs;
	u32 slots;
	u32 max_lba;
	u32 max_oob;
	u32 chk_map;
	struct oc_region region[OC_IMG_KINDS];
	u64 bytes;
};

/**
 * struct oc_image - a superblock
 * @lay:	where everything is
 * @geo:	geometry it was made with; what is derived is not set
 * @strict:	and that
 * @nqn:	it was made with, as all strings
 * @serial:	serial number
 * @model:	model number
 * @formats:	LBA formats
 * @ns:		namespaces
 * @generation:	one more with each that is written
 * @uuid:	of the image
 * @boot:	of the kernel that has loaded it last
 * @made:	seconds since 1970
 * @written:	seconds since 1970
 * @salt:	what checksums of metadata begin with
 * @clean:	it was closed
 * @read_only:	it has features that a writer must know, and we do not
 * @incarnation: one more with each load
 * @seq:	journal: its first part's number
 * @block:	journal: and block
 * @durability:	it was loaded with last
 */
struct oc_image {
	struct oc_layout lay;
	struct oc_geo geo;
	bool strict;
	char nqn[OC_IMG_NQN];
	char serial[OC_IMG_SERIAL];
	char model[OC_IMG_MODEL];
	char formats[OC_IMG_FORMATS];
	char ns[OC_IMG_NS];
	u64 generation;
	uuid_t uuid;
	uuid_t boot;
	u64 made;
	u64 written;
	u32 salt;
	bool clean;
	bool read_only;
	u64 incarnation;
	u64 seq;
	u64 block;
	u32 durability;
};

/**
 * struct oc_wrong - what is wrong with bytes
 * @what:	a few words
 */
struct oc_wrong {
	char what[96];
};

/* ---- layout.c ----------------------------------------------------------- */

int oc_layout_init(struct oc_layout *lay, const struct oc_geo *geo, u32 max_lba,
		   u32 max_oob, bool hybrid);
int oc_layout_check(struct oc_layout *lay, const struct oc_geo *geo,
		    struct oc_wrong *wrong);
u64 oc_layout_sector(const struct oc_layout *lay, enum oc_img_kind kind, u32 ch,
		     u64 nr);
bool oc_layout_find(const struct oc_layout *lay, u64 sector,
		    enum oc_img_kind *kind, u32 *ch, u64 *nr);
u64 oc_layout_data(const struct oc_layout *lay, u32 ch, u32 slot, u32 lba_size);
u64 oc_layout_oob(const struct oc_layout *lay, u32 ch, u32 slot, u32 oob_size,
		  u32 *off);

/* ---- image.c ------------------------------------------------------------ */

void oc_image_encode(const struct oc_image *img, struct oc_img_super *sb);
int oc_image_decode(struct oc_image *img, const struct oc_img_super *sb,
		    struct oc_wrong *wrong);
int oc_image_choose(struct oc_image *img, const struct oc_img_super *a,
		    const struct oc_img_super *b, struct oc_wrong *wrong);

u32 oc_img_crc(u32 crc, const void *data, size_t len);
void oc_sector_seal(void *sector, u32 salt, u64 where, enum oc_img_kind kind,
		    u32 nr, u32 era);
int oc_sector_check(const void *sector, u32 salt, u64 where,
		    enum oc_img_kind kind, struct oc_wrong *wrong);

void oc_chunk_encode(const struct oc_chunk *chk, struct oc_img_chunk *to);
bool oc_chunk_decode(struct oc_chunk *chk, const struct oc_img_chunk *from,
		     u32 secs);

/* ---- part.c ------------------------------------------------------------- */

#define OC_PART_ITEMS		508U	/* so that head and items take 8192 bytes */

/**
 * struct oc_part_view - a part of the journal that has been looked at
 * @head:	its head
 * @item:	its items
 * @image:	images of those that have one, one behind the other
 * @items:	how many
 * @blocks:	its length
 * @end:	it is the last one of a commit
 */
struct oc_part_view {
	const struct oc_img_part *head;
	const struct oc_img_item *item;
	const u8 *image;
	u32 items;
	u32 blocks;
	bool end;
};

u32 oc_part_blocks(u32 items, u32 images);
void oc_part_seal(void *part, u32 salt, u64 incarnation, u64 seq, u32 items,
		  u32 images, bool end);
u32 oc_part_peek(const void *block, u64 incarnation, u64 seq);
bool oc_part_open(const void *part, u32 salt, u64 incarnation, u64 seq,
		  const struct oc_layout *lay, struct oc_part_view *view);

#endif /* OC_IMAGE_H */
