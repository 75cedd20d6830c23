/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_backing.h - what an image lies on: a file, a disk, or a test's memory
 *
 * backing.c		transfers, and how to wait for one
 * backing-file.c	files and disks, through the VFS
 */
#ifndef OC_BACKING_H
#define OC_BACKING_H

#include <linux/fs.h>
#include <linux/types.h>
#include <linux/uio.h>

struct oc_backing;
struct oc_complaint;

/**
 * struct oc_transfer - bytes on their way from or to a backing
 * @backing:	where to
 * @write:	the backing gets them
 * @buffered:	some transfers of these bytes are no multiple of what the backing takes
 *		at once: all go through a cache
 * @pos:	first byte of the backing
 * @iter:	memory, which stays until @done; as many bytes as there are in it
 * @len:	bytes; set by the submission
 * @error:	0 or an errno, when it is done; then nobody knows what was written
 * @done:	called once, in any context, perhaps before the submission returns
 * @iocb:	of those that go through the VFS
 */
struct oc_transfer {
	struct oc_backing *backing;
	bool write;
	bool buffered;
	u64 pos;
	struct iov_iter iter;
	u32 len;
	int error;
	void (*done)(struct oc_transfer *t);
	struct kiocb iocb;
};

/**
 * struct oc_backing_ops - a kind of backing
 * @submit:	begin a transfer. May sleep
 * @flush:	what was transferred before is there after a loss of power, or -errno.
 *		Sleeps
 * @discard:	nobody will ask for these bytes before they are written again.
 *		Sleeps. Optional
 * @close:	no transfer is under way, and none will come. Sleeps
 */
struct oc_backing_ops {
	void (*submit)(struct oc_transfer *t);
	int (*flush)(struct oc_backing *backing);
	void (*discard)(struct oc_backing *backing, u64 pos, u64 len);
	void (*close)(struct oc_backing *backing);
};

/**
 * struct oc_backing - what an image lies on
 * @ops:	its kind
 * @bytes:	how much there is
 * @align:	what transfers that are not buffered are a multiple of, in memory and
 *		in the backing, bytes
 */
struct oc_backing {
	const struct oc_backing_ops *ops;
	u64 bytes;
	u32 align;
};

/* ---- backing.c ---------------------------------------------------------- */

void oc_transfer_submit(struct oc_transfer *t);
int oc_transfer_wait(struct oc_transfer *t);
int oc_backing_read(struct oc_backing *backing, u64 pos, void *buf, u32 len);
int oc_backing_write(struct oc_backing *backing, u64 pos, void *buf, u32 len);
int oc_backing_flush(struct oc_backing *backing);
void oc_backing_close(struct oc_backing *backing);

#endif /* OC_BACKING_H */
