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
 * @close:	free everything
 * @open_ch:	allocate the media of an empty channel of geometry @geo; NULL
 *		without memory. Sleeps; one call at a time
 * @close_ch:	free that of a channel that holds nothing. Sleeps
 * @clear_ch:	drop all that the channel holds. May sleep
 * @table_bytes: memory that @open_ch takes
 * @prepare:	allocate the @nr sectors from @index on, at most OC_VECTOR_MAX of
 *		one chunk, so that a write of them cannot fail; allocated ones
 *		stay. Sleeps only if @gfp allows it. Returns 0, -ENOMEM, or -ENOSPC
 *		if data may take no more memory; some may be allocated then
 * @unprepare:	free what @prepare has allocated of the @nr sectors of one chunk
 *		from @index on, none of which held anything before. Does not sleep
 * @write:	store @nr prepared sectors of one chunk from @index on: lba_size
 *		bytes of each from @data, OOB one after the other from @oob (NULL
 *		stores all ones). Cannot fail, does not sleep
 * @read:	fetch @nr written sectors of one chunk; @oob may be NULL.
 *		Sectors below the write pointer that were never stored (of an
 *		initial state) are zeroes, their OOB all ones. Does not sleep
 * @copy:	store in a prepared sector of @to what a read of a sector of @from
 *		would return; it may be the same channel, and the caller owns both.
 *		Cannot fail, does not sleep
 * @reserve:	allocate @nr sectors for @store, so that it cannot fail; unused
 *		ones stay reserved. Sleeps only if @gfp allows it. Returns 0, or
 *		-ENOMEM or -ENOSPC with nothing lost
 * @unreserve:	free the reserved sectors, and those that @drop has left. Does not
 *		sleep
 * @store:	store @nr sectors from @index on, which hold nothing, without OOB,
 *		using reserved memory. Cannot fail, does not sleep
 * @move:	move what sector @from holds to @to, which holds nothing. Cannot
 *		fail, does not sleep
 * @drop:	drop the sector at @index; the memory of up to OC_VECTOR_MAX of
 *		them stays reserved for @store until @unreserve. Does not sleep
 * @discard:	drop chunk @chk, whose write pointer has not been reset yet, and
 *		free its memory. Does not sleep
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
 * @OC_MEDIA_DISCARD:	a chunk's sectors are dropped
 */
enum oc_media_op {
	OC_MEDIA_READ,
	OC_MEDIA_WRITE,
	OC_MEDIA_DISCARD,
};

#endif /* OC_MEDIA_H */
