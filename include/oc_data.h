/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_data.h - the host's buffers, sector by sector
 *
 * A command's data is an iov_iter, in most cases over the pages of one bio, with
 * each sector in one segment. That case is copied inline; all others use the
 * kernel's iterators.
 */
#ifndef OC_DATA_H
#define OC_DATA_H

#include <linux/bvec.h>
#include <linux/highmem.h>
#include <linux/string.h>
#include <linux/uio.h>

#include "oc_assert.h"
#include "oc_channel.h"
#include "oc_cmd.h"
#include "oc_dev.h"
#include "oc_geometry.h"
#include "oc_media.h"
#include "oc_ns.h"

/**
 * struct oc_cursor - a position in a command's buffers
 * @data:	the data from there on; begins as the command's
 * @pos:	bytes before it
 *
 * Parts walk the buffers in ascending order of sectors. Initializers name both
 * fields, or the compiler clears the whole struct first.
 */
struct oc_cursor {
	struct iov_iter data;
	u32 pos;
};

/**
 * oc_cursor_seek() - move to sectors whose data is about to be copied
 * @cur:	cursor, not past them; its @pos is set to the end of their data,
 *		where the copy will leave its @data
 * @cmd:	command
 * @i:		the first sector
 * @n:		how many; 1 if OOB lies between them
 *
 * Context: any.
 */
static inline void oc_cursor_seek(struct oc_cursor *cur,
				  const struct oc_cmd *cmd, u32 i, u32 n)
{
	u32 pos = i * oc_ns_stride(cmd->ns);

	if (pos != cur->pos)
		iov_iter_advance(&cur->data, pos - cur->pos);
	cur->pos = pos + (n << cmd->ns->geo.lba_shift);
}

/**
 * oc_cmd_next_run() - remove the first run of sectors from a set
 * @cmd:	command
 * @left:	some of its sectors, of one channel; not 0. Loses the run
 * @most:	the most sectors of a run, not 0
 * @n:		set to the sectors of the run
 *
 * A run follows each other in one chunk, and its data in the host's buffer.
 *
 * Context: any.
 * Return: the first of the @n sectors.
 */
static inline u32 oc_cmd_next_run(const struct oc_cmd *cmd, u64 *left, u32 most,
				  u32 *n)
{
	u64 bit = *left & -*left, rest = *left ^ bit;
	u32 i = __ffs64(*left), run = 1;
	const struct oc_addr *addr = &cmd->addr[i];

	if (unlikely(cmd->ns->extended))
		most = 1;
	for (bit <<= 1; (rest & bit) && run < most; bit <<= 1) {
		if (addr[run].chk != addr->chk ||
		    addr[run].sec != addr->sec + run)
			break;
		rest ^= bit;
		run++;
	}
	*left = rest;
	*n = run;
	return i;
}

/**
 * oc_cmd_oob() - the host's OOB of a sector
 * @cmd:	command
 * @i:		the sector
 *
 * Context: any.
 * Return: its address; NULL if the host gave no buffer for OOB, or interleaves it
 * with the data.
 */
static inline void *oc_cmd_oob(const struct oc_cmd *cmd, u32 i)
{
	return cmd->oob ? cmd->oob + i * cmd->ns->geo.oob_size : NULL;
}

/**
 * oc_iter_put() - copy bytes to the host, in however many pieces
 * @to:		where to; moves on
 * @from:	bytes
 * @len:	how many; @to has as many
 *
 * Context: any; does not sleep.
 */
static inline void oc_iter_put(struct iov_iter *to, const void *from,
			       size_t len)
{
	size_t n = copy_to_iter(from, len, to);

	oc_assert_copied(n, len);
}

/**
 * oc_iter_get() - copy bytes from the host, in however many pieces
 * @from:	where from; moves on
 * @to:		where to
 * @len:	how many; @from has as many
 *
 * Context: any; does not sleep.
 */
static inline void oc_iter_get(struct iov_iter *from, void *to, size_t len)
{
	size_t n = copy_from_iter(to, len, from);

	oc_assert_copied(n, len);
}

/* Consume the next @len bytes if one segment has all of them, else return NULL */
static __always_inline void *oc_data_piece(struct iov_iter *data, size_t len)
{
	const struct bio_vec *seg = data->bvec;
	size_t off = data->iov_offset;

	if (!iov_iter_is_bvec(data) || len > data->count ||
	    len > seg->bv_len - off || PageHighMem(seg->bv_page))
		return NULL;
	data->count -= len;
	data->iov_offset = off + len;
	if (data->iov_offset == seg->bv_len) {
		data->iov_offset = 0;
		data->bvec++;
		data->nr_segs--;
	}
	return page_address(seg->bv_page) + seg->bv_offset + off;
}

/**
 * oc_data_put() - copy bytes to the host
 * @data:	where to; moves on
 * @from:	bytes
 * @len:	how many; @data has as many
 *
 * Context: any; does not sleep.
 */
static __always_inline void oc_data_put(struct iov_iter *data,
					const void *from, size_t len)
{
	void *to = oc_data_piece(data, len);

	if (likely(to))
		memcpy(to, from, len);
	else
		oc_iter_put(data, from, len);
}

/**
 * oc_data_get() - copy bytes from the host
 * @data:	where from; moves on
 * @to:		where to
 * @len:	how many; @data has as many
 *
 * Context: any; does not sleep.
 */
static __always_inline void oc_data_get(struct iov_iter *data, void *to,
					size_t len)
{
	const void *from = oc_data_piece(data, len);

	if (likely(from))
		memcpy(to, from, len);
	else
		oc_iter_get(data, to, len);
}

/* ---- sectors between host and media ------------------------------------- */

/**
 * oc_cmd_blank_oob() - the host's OOB of a sector that holds nothing
 * @cmd:	command
 * @i:		the sector
 *
 * Context: any.
 */
static inline void oc_cmd_blank_oob(const struct oc_cmd *cmd, u32 i)
{
	/* pblk takes all ones for "no logical address here" */
	if (cmd->oob)
		memset(oc_cmd_oob(cmd, i), 0xff, cmd->ns->geo.oob_size);
}

/**
 * oc_cursor_read() - read a run from the media into a command's buffers
 * @cur:	cursor, not past the run; moves to its end
 * @ch:		channel of the run
 * @cmd:	command without OOB between its sectors
 * @i:		first sector of the run
 * @n:		sectors, as oc_cmd_next_run() cuts them
 *
 * Context: owner of the channel.
 */
static __always_inline void oc_cursor_read(struct oc_cursor *cur,
					   struct oc_channel *ch,
					   const struct oc_cmd *cmd, u32 i,
					   u32 n)
{
	oc_assert_owned(ch);
	oc_cursor_seek(cur, cmd, i, n);
	ch->dev->media->read(ch, oc_geo_index(ch->geo, &cmd->addr[i]), n,
			     &cur->data, oc_cmd_oob(cmd, i));
}

/**
 * oc_cmd_store() - write sectors from a command's buffers to the media
 * @cmd:	command without OOB between its sectors
 * @ch:		channel
 * @sectors:	sectors of a part there, prepared
 *
 * Context: owner of the channel.
 */
static __always_inline void oc_cmd_store(const struct oc_cmd *cmd,
					 struct oc_channel *ch, u64 sectors)
{
	struct oc_cursor cur = { .data = cmd->data, .pos = 0 };
	u32 i, n;

	oc_assert_owned(ch);
	while (sectors) {
		i = oc_cmd_next_run(cmd, &sectors, OC_VECTOR_MAX, &n);
		oc_cursor_seek(&cur, cmd, i, n);
		ch->dev->media->write(ch, oc_geo_index(ch->geo, &cmd->addr[i]),
				      n, &cur.data, oc_cmd_oob(cmd, i));
	}
}

#endif /* OC_DATA_H */
