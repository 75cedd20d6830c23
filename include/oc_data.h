/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_data.h - the host's buffers, sector by sector
 *
 * A command's data is an iov_iter, mostly over the pages of one bio, in which a
 * sector is mostly in one piece: that is copied here and now. For the rest there
 * are the kernel's functions.
 */
#ifndef OC_DATA_H
#define OC_DATA_H

#include <linux/bvec.h>
#include <linux/highmem.h>
#include <linux/string.h>
#include <linux/uio.h>

#include "oc_ns.h"

/**
 * struct oc_cursor - a place in a command's buffers
 * @data:	what follows from there; begins as the command's
 * @pos:	bytes before it
 *
 * Parts walk theirs in ascending order of sectors. An initializer that names both
 * spares the compiler from clearing all of it first.
 */
struct oc_cursor {
	struct iov_iter data;
	u32 pos;
};

/**
 * oc_cursor_seek() - go to some sectors
 * @cur:	cursor, not behind them; taken to be at the end of their data
 *		afterwards
 * @cmd:	command
 * @i:		the first sector
 * @n:		how many; 1 where OOB lies between them
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
 * oc_cmd_cut() - cut sectors that can be moved at once off a set
 * @cmd:	command
 * @left:	some of its sectors, of one channel; not 0. Loses its first ones
 * @most:	how many at most, not 0
 * @n:		set to how many
 *
 * Context: any.
 * Return: the first of @n sectors that follow each other in one chunk and have
 * their data side by side.
 */
static inline u32 oc_cmd_cut(const struct oc_cmd *cmd, u64 *left, u32 most,
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
 * Return: where it is; NULL if the host gave no buffer for OOB, or keeps it with
 * the data.
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

/* The next bytes, if they are one piece of one segment. Moves on behind them */
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

#endif /* OC_DATA_H */
