// SPDX-License-Identifier: GPL-2.0
/*
 * host/dma.c - bus addresses that can be checked
 *
 * lightnvm hands address lists and OOB to its device as bus addresses from a
 * dma pool, and a passthrough command can carry any number in their place. So
 * the controllers hang on a device of our own with dma operations of our own:
 * every buffer handed out is known by its pages, and a number that names none
 * of them is refused, never dereferenced. So is one that names a buffer of
 * another namespace's; who may name any, transport-io.c knows.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/dma-map-ops.h>
#include <linux/mm.h>
#include <linux/platform_device.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "oc_host.h"

/**
 * struct oc_dma - the device that controllers hang on, and what it has handed out
 * @pdev:	the device
 * @bufs:	page frame of a bus address -> the buffer it lies in
 * @min:	smallest buffer, bytes. lightnvm makes its pool for the OOB a namespace
 *		has when it appears; later it may be formatted to more. A pool's
 *		buffers are whole pages, one list in each, so what there is more of
 *		them is the list's
 */
struct oc_dma {
	struct platform_device *pdev;
	struct xarray bufs;
	size_t min;
};

/**
 * struct oc_dma_buf - a buffer that was handed out
 * @dma:	by whom
 * @ref:	the owner's reference and one per command that uses the buffer,
 *		so that it cannot go away under a command of another namespace
 * @ns:		the namespace whose pool it is in, NULL until a command has named it.
 *		The first one that does is lightnvm's, which knows no other
 *		namespace's
 * @addr:	its first byte
 * @handle:	its bus address, which is its physical one
 * @size:	bytes
 * @rcu:	lookups run under RCU
 */
struct oc_dma_buf {
	struct oc_dma *dma;
	refcount_t ref;
	const struct oc_ns *ns;
	void *addr;
	dma_addr_t handle;
	size_t size;
	struct rcu_head rcu;
};

static void oc_dma_forget(struct oc_dma_buf *buf)
{
	unsigned long first = buf->handle >> PAGE_SHIFT, i;

	for (i = 0; i < buf->size >> PAGE_SHIFT; i++)
		xa_erase(&buf->dma->bufs, first + i);
}

/**
 * oc_dma_put() - a buffer is no longer used
 * @buf:	buffer from oc_dma_get()
 *
 * Context: any; does not sleep.
 */
void oc_dma_put(struct oc_dma_buf *buf)
{
	if (!refcount_dec_and_test(&buf->ref))
		return;
	free_pages_exact(buf->addr, buf->size);
	kfree_rcu(buf, rcu);
}

static bool oc_dma_is_of(struct oc_dma_buf *buf, const struct oc_ns *ns)
{
	const struct oc_ns *whose = READ_ONCE(buf->ns);

	if (unlikely(!whose))
		whose = cmpxchg(&buf->ns, NULL, ns) ? : ns;
	return whose == ns;
}

/**
 * oc_dma_get() - find the buffer that a bus address names
 * @dma:	who may have handed it out
 * @ns:		namespace whose command names it
 * @handle:	bus address
 * @len:	bytes that must lie in the buffer from there on
 * @addr:	set to the address of the first
 *
 * Context: any; does not sleep.
 * Return: the buffer, to be given back by oc_dma_put(); NULL if no such buffer
 * was handed out for the namespace or if it is too short.
 */
struct oc_dma_buf *oc_dma_get(struct oc_dma *dma, const struct oc_ns *ns,
			      u64 handle, u32 len, void **addr)
{
	struct oc_dma_buf *buf;
	u64 off;

	rcu_read_lock();
	buf = xa_load(&dma->bufs, handle >> PAGE_SHIFT);
	if (buf && !refcount_inc_not_zero(&buf->ref))
		buf = NULL;
	rcu_read_unlock();
	if (!buf)
		return NULL;

	off = handle - buf->handle;
	if (off > buf->size || len > buf->size - off ||
	    !oc_dma_is_of(buf, ns)) {
		oc_dma_put(buf);
		return NULL;
	}
	*addr = buf->addr + off;
	return buf;
}

static void *oc_dma_alloc(struct device *dev, size_t size, dma_addr_t *handle,
			  gfp_t gfp, unsigned long attrs)
{
	struct oc_dma *dma = dev_get_drvdata(dev);
	struct oc_dma_buf *buf;
	unsigned long i;

	buf = kzalloc(sizeof(*buf), gfp);
	if (!buf)
		return NULL;
	buf->dma = dma;
	size = PAGE_ALIGN(max(size, dma->min));
	buf->addr = alloc_pages_exact(size, gfp | __GFP_ZERO);
	if (!buf->addr)
		goto err_buf;
	refcount_set(&buf->ref, 1);
	buf->handle = virt_to_phys(buf->addr);
	buf->size = size;

	for (i = 0; i < size >> PAGE_SHIFT; i++)
		if (xa_err(xa_store(&dma->bufs,
				    (buf->handle >> PAGE_SHIFT) + i, buf, gfp)))
			goto err_pages;
	*handle = buf->handle;
	return buf->addr;

err_pages:
	oc_dma_forget(buf);
	oc_dma_put(buf);
	return NULL;
err_buf:
	kfree(buf);
	return NULL;
}

static void oc_dma_free(struct device *dev, size_t size, void *addr,
			dma_addr_t handle, unsigned long attrs)
{
	struct oc_dma *dma = dev_get_drvdata(dev);
	struct oc_dma_buf *buf = xa_load(&dma->bufs, handle >> PAGE_SHIFT);

	if (WARN_ON_ONCE(!buf || buf->addr != addr))
		return;
	oc_dma_forget(buf);
	oc_dma_put(buf);
}

/* Nothing maps data for this device: it reads and writes the host's pages */
static const struct dma_map_ops oc_dma_ops = {
	.alloc	= oc_dma_alloc,
	.free	= oc_dma_free,
};

/**
 * oc_dma_create() - make the device that controllers hang on
 * @name:	of the open-channel SSD whose controllers they are
 * @min:	bytes that each buffer has at least
 *
 * Context: process; sleeps.
 * Return: it, or an ERR_PTR.
 */
struct oc_dma *oc_dma_create(const char *name, size_t min)
{
	struct platform_device_info info = {
		.id		= PLATFORM_DEVID_NONE,
		.dma_mask	= DMA_BIT_MASK(64),
	};
	struct platform_device *pdev;
	char full[32];
	struct oc_dma *dma;

	dma = kzalloc(sizeof(*dma), GFP_KERNEL);
	if (!dma)
		return ERR_PTR(-ENOMEM);
	snprintf(full, sizeof(full), "ocloop-%s", name);
	info.name = full;
	pdev = platform_device_register_full(&info);
	if (IS_ERR(pdev)) {
		kfree(dma);
		return ERR_CAST(pdev);
	}
	xa_init(&dma->bufs);
	dma->min = min;
	dma->pdev = pdev;
	platform_set_drvdata(pdev, dma);
	set_dma_ops(&pdev->dev, &oc_dma_ops);
	return dma;
}

/**
 * oc_dma_device() - the device itself
 * @dma:	from oc_dma_create()
 *
 * Context: any.
 * Return: it.
 */
struct device *oc_dma_device(struct oc_dma *dma)
{
	return &dma->pdev->dev;
}

/**
 * oc_dma_destroy() - end the device
 * @dma:	what no controller hangs on any more
 *
 * Context: process; sleeps.
 */
void oc_dma_destroy(struct oc_dma *dma)
{
	platform_device_unregister(dma->pdev);
	WARN_ON_ONCE(!xa_empty(&dma->bufs));
	xa_destroy(&dma->bufs);
	/* Buffers on their way through kfree_rcu() need nothing of ours */
	kfree(dma);
}
