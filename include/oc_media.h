/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_media.h - where bytes and OOB live
 */
#ifndef OC_MEDIA_H
#define OC_MEDIA_H

#include <linux/types.h>
#include <linux/uio.h>

struct oc_channel;
struct oc_dev;
struct oc_geo;

/**
 * struct oc_media_ops - where bytes and OOB live
 * @name:	name, as the log and debugfs show it
 * @open:	make the device's media ready. Returns 0 or an errno
 * @close:	give everything back
 * @open_ch:	what a channel of geometry @geo needs, holding nothing; NULL
 *		without memory. Sleeps; one call at a time
 * @close_ch:	give that back, once it holds nothing. Sleeps
 * @clear_ch:	forget all that the channel holds. May sleep
 * @table_bytes: memory that @open_ch takes
 * @prepare:	make room for the @nr sectors from @index on, at most
 *		OC_VECTOR_MAX of one chunk, so that a write of them cannot fail;
 *		doing it twice is harmless. Sleeps only if @gfp says so.
 *		Returns 0, -ENOMEM, or -ENOSPC if data may take no more memory;
 *		there may be room for some of them then
 * @unprepare:	the @nr sectors of one chunk from @index on held nothing before
 *		@prepare was asked for room for them, and will not be written:
 *		return what there is of it. Does not sleep
 * @write:	store @nr prepared sectors of one chunk from @index on: lba_size
 *		bytes of each from @data, OOB from @oob, one behind the other
 *		(NULL stores all ones). Cannot fail, does not sleep
 * @read:	fetch @nr written sectors of one chunk; @oob may be NULL.
 *		Sectors below the write pointer that were never stored, as an
 *		initial state can have them, are zeroes, their OOB all ones.
 *		Does not sleep
 * @copy:	write a prepared sector of @to with what a read of one of @from
 *		would give, which may be the same channel; the caller owns both.
 *		Cannot fail, does not sleep
 * @reserve:	make room for @nr sectors that @store gets, so that it cannot
 *		fail; what is not used stays reserved. Sleeps only if @gfp says
 *		so. Returns 0, or -ENOMEM or -ENOSPC with nothing lost
 * @unreserve:	no @store follows: return the room that is reserved, and that
 *		@drop has left. Does not sleep
 * @store:	store @nr sectors from @index on, where nothing is, without OOB:
 *		what @write is to @prepare, this is to @reserve
 * @move:	what sector @from holds is at @to from now on, and nothing is
 *		left at @from. Cannot fail, does not sleep
 * @drop:	nobody will ask for the sector at @index any more; up to
 *		OC_VECTOR_MAX of them leave their room to @store, as if it were
 *		reserved, until @unreserve. Does not sleep
 * @discard:	forget chunk @chk and return its room; its write pointer is
 *		still what it was. Does not sleep
 * @bytes:	bytes of data and OOB the channel holds now
 *
 * All calls but @open, @close, @open_ch, @close_ch and @table_bytes come from the
 * channel's owner, with interrupts enabled. @reserve, @unreserve, @store, @move
 * and @drop are for channels whose map the device keeps.
 */
struct oc_media_ops {
	const char *name;
	int (*open)(struct oc_dev *dev);
	void (*close)(struct oc_dev *dev);
	void *(*open_ch)(struct oc_dev *dev, const struct oc_geo *geo);
	void (*close_ch)(struct oc_dev *dev, void *media);
	void (*clear_ch)(struct oc_channel *ch);
	u64 (*table_bytes)(const struct oc_geo *geo);
	int (*prepare)(struct oc_channel *ch, u32 index, u32 nr, gfp_t gfp);
	void (*unprepare)(struct oc_channel *ch, u32 index, u32 nr);
	void (*write)(struct oc_channel *ch, u32 index, u32 nr,
		      struct iov_iter *data, const void *oob);
	void (*read)(struct oc_channel *ch, u32 index, u32 nr,
		     struct iov_iter *data, void *oob);
	void (*copy)(struct oc_channel *to, u32 to_index,
		     struct oc_channel *from, u32 from_index);
	int (*reserve)(struct oc_channel *ch, u32 nr, gfp_t gfp);
	void (*unreserve)(struct oc_channel *ch);
	void (*store)(struct oc_channel *ch, u32 index, u32 nr,
		      struct iov_iter *data);
	void (*move)(struct oc_channel *ch, u32 from, u32 to);
	void (*drop)(struct oc_channel *ch, u32 index);
	void (*discard)(struct oc_channel *ch, u32 chk);
	u64 (*bytes)(const struct oc_channel *ch);
};

extern const struct oc_media_ops oc_media_ram;

/**
 * enum oc_media_op - what happens to the media, for its tracepoint
 * @OC_MEDIA_READ:	sectors are read
 * @OC_MEDIA_WRITE:	sectors are written
 * @OC_MEDIA_DISCARD:	a chunk's sectors are forgotten
 */
enum oc_media_op {
	OC_MEDIA_READ,
	OC_MEDIA_WRITE,
	OC_MEDIA_DISCARD,
};

#endif /* OC_MEDIA_H */
