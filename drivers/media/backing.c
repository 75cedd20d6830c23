// SPDX-License-Identifier: GPL-2.0
/*
 * media/backing.c - transfers from and to what an image lies on
 */
#include <linux/bvec.h>
#include <linux/completion.h>
#include <linux/kernel.h>
#include <linux/mm.h>

#include "oc_backing.h"

/* Pages that a synchronous transfer has at once */
#define OC_BACKING_PAGES	16U

/**
 * oc_transfer_submit() - begin a transfer
 * @t:		transfer; may be done on return
 *
 * Context: process; may sleep. Reclaim must not be waited for: the caller allocates
 * without I/O.
 */
void oc_transfer_submit(struct oc_transfer *t)
{
	struct oc_backing *backing = t->backing;

	t->error = 0;
	t->len = iov_iter_count(&t->iter);
	if (t->pos > backing->bytes || t->len > backing->bytes - t->pos) {
		t->error = -ENXIO;
		t->done(t);
		return;
	}
	backing->ops->submit(t);
}

/**
 * struct oc_waited - a transfer that somebody waits for
 * @t:		the transfer
 * @end:	it is done
 */
struct oc_waited {
	struct oc_transfer t;
	struct completion end;
};

static void oc_waited_done(struct oc_transfer *t)
{
	complete(&container_of(t, struct oc_waited, t)->end);
}

/**
 * oc_transfer_wait() - transfer bytes and wait for it
 * @t:		what, where from and where to; a model, which is not changed
 *
 * Context: process; sleeps. As oc_transfer_submit().
 * Return: 0 or an errno.
 */
int oc_transfer_wait(struct oc_transfer *t)
{
	struct oc_waited waited = { .t = *t };

	waited.t.done = oc_waited_done;
	init_completion(&waited.end);
	oc_transfer_submit(&waited.t);
	wait_for_completion(&waited.end);
	return waited.t.error;
}

static struct page *oc_backing_page(const void *buf)
{
	return is_vmalloc_addr(buf) ? vmalloc_to_page(buf) : virt_to_page(buf);
}

static int oc_backing_rw(struct oc_backing *backing, bool write, u64 pos,
			 void *buf, u32 len)
{
	struct oc_transfer t = { .backing = backing, .write = write };
	struct bio_vec vec[OC_BACKING_PAGES];
	u32 nr, sum, n;
	int ret = 0;

	for (; len && !ret; len -= sum, pos += sum) {
		sum = 0;
		for (nr = 0; nr < ARRAY_SIZE(vec) && sum < len; nr++) {
			n = min_t(u32, len - sum,
				  PAGE_SIZE - offset_in_page(buf));
			vec[nr] = (struct bio_vec) {
				.bv_page = oc_backing_page(buf), .bv_len = n,
				.bv_offset = offset_in_page(buf),
			};
			buf += n;
			sum += n;
		}
		t.pos = pos;
		iov_iter_bvec(&t.iter, write ? WRITE : READ, vec, nr, sum);
		ret = oc_transfer_wait(&t);
	}
	return ret;
}

/**
 * oc_backing_read() - fetch bytes
 * @backing:	backing
 * @pos:	first byte, a multiple of what it takes at once
 * @buf:	where to, aligned to that; not on the stack
 * @len:	bytes, a multiple of it
 *
 * Context: process; sleeps. As oc_transfer_submit().
 * Return: 0 or an errno.
 */
int oc_backing_read(struct oc_backing *backing, u64 pos, void *buf, u32 len)
{
	return oc_backing_rw(backing, false, pos, buf, len);
}

/**
 * oc_backing_write() - store bytes
 * @backing:	backing
 * @pos:	first byte, a multiple of what it takes at once
 * @buf:	where from, aligned to that; not on the stack
 * @len:	bytes, a multiple of it
 *
 * Context: process; sleeps. As oc_transfer_submit().
 * Return: 0 or an errno.
 */
int oc_backing_write(struct oc_backing *backing, u64 pos, void *buf, u32 len)
{
	return oc_backing_rw(backing, true, pos, buf, len);
}

/**
 * oc_backing_flush() - make sure that what was written stays
 * @backing:	backing
 *
 * Context: process; sleeps. As oc_transfer_submit().
 * Return: 0 or an errno, after which nobody knows what is there.
 */
int oc_backing_flush(struct oc_backing *backing)
{
	return backing->ops->flush(backing);
}

/**
 * oc_backing_close() - let go of a backing
 * @backing:	backing without transfers, or NULL
 *
 * Context: process; sleeps.
 */
void oc_backing_close(struct oc_backing *backing)
{
	if (backing)
		backing->ops->close(backing);
}
