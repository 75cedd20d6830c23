// SPDX-License-Identifier: GPL-2.0
/*
 * media-ram.c - sectors in memory, taken when written and returned by resets
 *
 * A sector's bytes are one slab object, so that slabtop shows what the device
 * holds. The channel's table keeps the object's physical address in units of
 * the sector size: 32 bits reach 2 TiB of memory with 512-byte sectors and 16
 * TiB with 4096-byte ones. OOB lives beside the data, in pages that serve
 * neighbouring sectors of one chunk.
 */
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "oc_trace.h"

/**
 * struct oc_ram - a channel's share of the memory
 * @cache:	sectors; the device's
 * @oob:	OOB pages, @chk_pages for each chunk; NULL where nothing is
 * @chk_pages:	pages of OOB a full chunk takes
 * @page_secs:	sectors whose OOB fits a page
 * @pages:	OOB pages in use
 */
struct oc_ram {
	struct kmem_cache *cache;
	void **oob;
	u32 chk_pages;
	u32 page_secs;
	u64 pages;
};

static void *oc_ram_addr(const struct oc_channel *ch, u32 slot)
{
	return phys_to_virt((phys_addr_t)slot << ch->geo->lba_shift);
}

/* The page that holds the OOB of the sector at @index */
static void **oc_ram_oob_page(struct oc_channel *ch, u32 index)
{
	struct oc_ram *ram = ch->media;
	u32 chk = index / ch->geo->clba;
	u32 sec = index % ch->geo->clba;

	return &ram->oob[(size_t)chk * ram->chk_pages + sec / ram->page_secs];
}

static void *oc_ram_oob(struct oc_channel *ch, u32 index)
{
	struct oc_ram *ram = ch->media;
	u32 sec = index % ch->geo->clba;

	return *oc_ram_oob_page(ch, index) +
		sec % ram->page_secs * ch->geo->oob_size;
}

static int oc_ram_prepare_oob(struct oc_channel *ch, u32 index, gfp_t gfp)
{
	struct oc_ram *ram = ch->media;
	void **page = oc_ram_oob_page(ch, index);

	if (*page)
		return 0;
	*page = (void *)__get_free_page(gfp);
	if (!*page)
		return -ENOMEM;
	ram->pages++;
	return 0;
}

static int oc_ram_prepare(struct oc_channel *ch, u32 index, gfp_t gfp)
{
	struct oc_ram *ram = ch->media;
	phys_addr_t slot;
	void *sector;

	if (ch->geo->oob_size && oc_ram_prepare_oob(ch, index, gfp))
		return -ENOMEM;
	if (oc_l2p_get(&ch->l2p, index) != OC_L2P_NONE)
		return 0;

	sector = kmem_cache_alloc(ram->cache, gfp);
	if (!sector)
		return -ENOMEM;
	slot = virt_to_phys(sector) >> ch->geo->lba_shift;
	if (slot > U32_MAX) {
		kmem_cache_free(ram->cache, sector);
		return -ENOMEM;
	}
	oc_l2p_set(&ch->l2p, index, slot);
	return 0;
}

static void oc_ram_write(struct oc_channel *ch, u32 index,
			 struct iov_iter *data, const void *oob)
{
	const struct oc_geo *geo = ch->geo;

	trace_oc_media(ch, OC_MEDIA_WRITE, index, 1, oob);
	copy_from_iter(oc_ram_addr(ch, oc_l2p_get(&ch->l2p, index)),
		       geo->lba_size, data);
	if (!geo->oob_size)
		return;
	if (oob)
		memcpy(oc_ram_oob(ch, index), oob, geo->oob_size);
	else
		memset(oc_ram_oob(ch, index), 0xff, geo->oob_size);
}

static void oc_ram_read(struct oc_channel *ch, u32 index,
			struct iov_iter *data, void *oob)
{
	const struct oc_geo *geo = ch->geo;
	u32 slot = oc_l2p_get(&ch->l2p, index);

	trace_oc_media(ch, OC_MEDIA_READ, index, 1, oob);
	/* An initial state says it is written, and not with what */
	if (slot == OC_L2P_NONE) {
		iov_iter_zero(geo->lba_size, data);
		if (oob)
			memset(oob, 0xff, geo->oob_size);
		return;
	}
	copy_to_iter(oc_ram_addr(ch, slot), geo->lba_size, data);
	if (oob)
		memcpy(oob, oc_ram_oob(ch, index), geo->oob_size);
}

static void oc_ram_copy(struct oc_channel *to, u32 to_index,
			struct oc_channel *from, u32 from_index)
{
	const struct oc_geo *geo = to->geo;
	u32 slot = oc_l2p_get(&from->l2p, from_index);

	if (slot == OC_L2P_NONE) {
		memset(oc_ram_addr(to, oc_l2p_get(&to->l2p, to_index)), 0,
		       geo->lba_size);
		if (geo->oob_size)
			memset(oc_ram_oob(to, to_index), 0xff, geo->oob_size);
		return;
	}
	trace_oc_media(from, OC_MEDIA_READ, from_index, 1, geo->oob_size);
	trace_oc_media(to, OC_MEDIA_WRITE, to_index, 1, geo->oob_size);
	/* A random-write sector may be copied to where it is */
	memmove(oc_ram_addr(to, oc_l2p_get(&to->l2p, to_index)),
		oc_ram_addr(from, slot), geo->lba_size);
	if (geo->oob_size)
		memmove(oc_ram_oob(to, to_index), oc_ram_oob(from, from_index),
			geo->oob_size);
}

static void oc_ram_discard(struct oc_channel *ch, u32 chk)
{
	struct oc_ram *ram = ch->media;
	/* Written in order, so nothing follows a gap behind the write pointer */
	bool in_order = !ch->unordered &&
		!(ch->chunks[chk].flags & OC_CHK_RANDOM);
	u32 index = chk * ch->geo->clba;
	u32 wp = ch->chunks[chk].wp;
	u32 i, slot;

	trace_oc_media(ch, OC_MEDIA_DISCARD, index, ch->geo->clba, false);
	for (i = 0; i < ch->geo->clba; i++) {
		slot = oc_l2p_clear(&ch->l2p, index + i);
		if (slot != OC_L2P_NONE)
			kmem_cache_free(ram->cache, oc_ram_addr(ch, slot));
		else if (in_order && i >= wp)
			break;
	}

	for (i = 0; i < ram->chk_pages; i++) {
		void **page = &ram->oob[(size_t)chk * ram->chk_pages + i];

		if (!*page)
			continue;
		free_page((unsigned long)*page);
		*page = NULL;
		ram->pages--;
	}
}

static u64 oc_ram_bytes(const struct oc_channel *ch)
{
	const struct oc_ram *ram = ch->media;

	return (u64)READ_ONCE(ch->l2p.used) * ch->geo->lba_size +
		READ_ONCE(ram->pages) * PAGE_SIZE;
}

static int oc_ram_open_ch(struct oc_channel *ch)
{
	const struct oc_geo *geo = ch->geo;
	struct oc_ram *ram;

	ram = kzalloc(sizeof(*ram), GFP_KERNEL);
	if (!ram)
		return -ENOMEM;
	ch->media = ram;
	ram->cache = ch->dev->media_priv;
	if (!geo->oob_size)
		return 0;

	ram->page_secs = PAGE_SIZE / geo->oob_size;
	ram->chk_pages = DIV_ROUND_UP(geo->clba, ram->page_secs);
	ram->oob = __vmalloc(array3_size(geo->chks, ram->chk_pages,
					 sizeof(*ram->oob)),
			     GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
	return ram->oob ? 0 : -ENOMEM;
}

static void oc_ram_close_ch(struct oc_channel *ch)
{
	struct oc_ram *ram = ch->media;
	u32 chk;

	if (ch->l2p.map && (ram->oob || !ch->geo->oob_size)) {
		for (chk = 0; chk < ch->geo->chks; chk++) {
			oc_ram_discard(ch, chk);
			cond_resched();
		}
	}
	vfree(ram->oob);
	kfree(ram);
	ch->media = NULL;
}

static int oc_ram_open(struct oc_dev *dev)
{
	/* Objects are reached by physical address, which kmemleak can't follow */
	dev->media_priv = kmem_cache_create("ocloop_sector", dev->geo.lba_size,
					    dev->geo.lba_size, SLAB_NOLEAKTRACE,
					    NULL);
	return dev->media_priv ? 0 : -ENOMEM;
}

static void oc_ram_close(struct oc_dev *dev)
{
	kmem_cache_destroy(dev->media_priv);
}

const struct oc_media_ops oc_media_ram = {
	.name		= "ram",
	.open		= oc_ram_open,
	.close		= oc_ram_close,
	.open_ch	= oc_ram_open_ch,
	.close_ch	= oc_ram_close_ch,
	.prepare	= oc_ram_prepare,
	.write		= oc_ram_write,
	.read		= oc_ram_read,
	.copy		= oc_ram_copy,
	.discard	= oc_ram_discard,
	.bytes		= oc_ram_bytes,
};
