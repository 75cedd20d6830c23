// SPDX-License-Identifier: GPL-2.0
/*
 * media/ram.c - sectors in memory, allocated by writes and freed by resets
 *
 * The bytes of a sector are one slab object, so that slabtop shows what the device
 * holds. The channel's table has the object's physical address in units of the sector
 * size: 32 bits reach 2 TiB of memory with 512-byte sectors and 16 TiB with 4096-byte
 * ones. OOB is kept separately, in pages that neighbouring sectors of a chunk share.
 *
 * If the device keeps the map, the object of a sector moves with the sector. When
 * the sector is dropped, its object goes to a small stock, from which the write that
 * replaces it takes it: so only the first write of a logical sector allocates memory.
 * After every command the stock is empty, and memory is held only for mapped sectors.
 */
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "oc.h"
#include "oc_assert.h"
#include "oc_chunk.h"
#include "oc_data.h"
#include "oc_dev.h"
#include "oc_l2p.h"
#include "oc_media.h"
#include "oc_memory.h"
#include "oc_trace.h"
#include "oc_wire.h"

#define OC_RAM_MIN_SHIFT	9	/* 512 bytes */
#define OC_RAM_SHIFTS		6	/* sizes up to 16384 bytes */

/**
 * struct oc_ram_caches - a device's slab caches
 * @cache:	one per size of sector that the device has a format with
 */
struct oc_ram_caches {
	struct kmem_cache *cache[OC_RAM_SHIFTS];
};

/**
 * struct oc_ram - the memory of a channel
 * @cache:	sectors; the device's
 * @oob:	OOB pages, @chk_pages for each chunk; NULL where nothing is
 * @chk_pages:	pages of OOB a full chunk takes
 * @page_secs:	sectors whose OOB fits a page
 * @pages:	OOB pages in use
 * @stock:	free objects, each with the next one's address in it
 * @stocked:	how many
 * @fresh:	objects that are being allocated
 */
struct oc_ram {
	struct kmem_cache *cache;
	void **oob;
	u32 chk_pages;
	u32 page_secs;
	u64 pages;
	void *stock;
	u32 stocked;
	void *fresh[OC_VECTOR_MAX];
};

/* Most objects in the stock: what oc_media_ops.drop promises */
#define OC_RAM_STOCK	OC_VECTOR_MAX

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
	if (unlikely(oc_memory_take(ch, PAGE_SIZE)))
		return -ENOSPC;
	*page = (void *)__get_free_page(gfp);
	if (unlikely(!*page)) {
		oc_memory_put(ch, PAGE_SIZE);
		return -ENOMEM;
	}
	oc_count_add(ram->pages, 1);
	return 0;
}

static void oc_ram_free_oob(struct oc_channel *ch, void **page)
{
	struct oc_ram *ram = ch->media;

	oc_assert_owned(ch);
	if (!*page)
		return;
	free_page((unsigned long)*page);
	*page = NULL;
	oc_count_add(ram->pages, -1);
	oc_memory_put(ch, PAGE_SIZE);
}

/* Allocate @nr objects whose addresses fit the table, or none */
static int oc_ram_alloc(struct oc_channel *ch, gfp_t gfp, u32 nr)
{
	u64 bytes = (u64)nr << ch->geo->lba_shift;
	struct oc_ram *ram = ch->media;
	phys_addr_t all = 0;
	u32 i;

	if (unlikely(oc_memory_take(ch, bytes)))
		return -ENOSPC;
	if (unlikely(!kmem_cache_alloc_bulk(ram->cache, gfp, nr, ram->fresh)))
		goto err_put;
	for (i = 0; i < nr; i++)
		all |= virt_to_phys(ram->fresh[i]);
	if (likely(all >> ch->geo->lba_shift <= U32_MAX))
		return 0;
	kmem_cache_free_bulk(ram->cache, nr, ram->fresh);
err_put:
	oc_memory_put(ch, bytes);
	return -ENOMEM;
}

/* Free the sector at @index, if there is one. Returns how many were freed */
static u32 oc_ram_free(struct oc_channel *ch, u32 index)
{
	struct oc_ram *ram = ch->media;
	u32 slot = oc_l2p_clear(&ch->l2p, index);

	oc_assert_owned(ch);
	if (slot == OC_L2P_NONE)
		return 0;
	kmem_cache_free(ram->cache, oc_ram_addr(ch, slot));
	return 1;
}

/* Put back the memory of @nr sectors, with one locked operation for all */
static void oc_ram_freed(struct oc_channel *ch, u32 nr)
{
	if (nr)
		oc_memory_put(ch, (u64)nr << ch->geo->lba_shift);
}

static void oc_ram_attach(struct oc_channel *ch, u32 index, void *sector)
{
	oc_l2p_set(&ch->l2p, index,
		   virt_to_phys(sector) >> ch->geo->lba_shift);
}

static int oc_ram_prepare(struct oc_channel *ch, u32 index, u32 nr, gfp_t gfp)
{
	struct oc_ram *ram = ch->media;
	u32 end = index + nr, want = 0, i;
	int ret;

	oc_assert_owned(ch);
	for (i = index; i < end; i++) {
		if (ch->geo->oob_size) {
			ret = oc_ram_prepare_oob(ch, i, gfp);
			if (unlikely(ret))
				return ret;
		}
		if (oc_l2p_get(&ch->l2p, i) == OC_L2P_NONE)
			want++;
	}
	if (!want)
		return 0;
	if (WARN_ON_ONCE(want > ARRAY_SIZE(ram->fresh)))
		return -ENOMEM;
	ret = oc_ram_alloc(ch, gfp, want);
	if (unlikely(ret))
		return ret;
	for (i = index; want; i++)
		if (oc_l2p_get(&ch->l2p, i) == OC_L2P_NONE)
			oc_ram_attach(ch, i, ram->fresh[--want]);
	return 0;
}

/* Free the OOB page of the sector at @index if none of its sectors is in use */
static void oc_ram_unprepare_oob(struct oc_channel *ch, u32 index)
{
	struct oc_ram *ram = ch->media;
	u32 sec = index % ch->geo->clba;
	u32 first = sec - sec % ram->page_secs;
	u32 end = min(first + ram->page_secs, ch->geo->clba);

	for (index -= sec - first; first < end; first++, index++)
		if (oc_l2p_get(&ch->l2p, index) != OC_L2P_NONE)
			return;
	oc_ram_free_oob(ch, oc_ram_oob_page(ch, index - 1));
}

static void oc_ram_unprepare(struct oc_channel *ch, u32 index, u32 nr)
{
	struct oc_ram *ram = ch->media;
	u32 end = index + nr, freed = 0, i;

	oc_assert_owned(ch);
	for (i = index; i < end; i++)
		freed += oc_ram_free(ch, i);
	oc_ram_freed(ch, freed);
	if (!ch->geo->oob_size)
		return;
	for (i = index; i < end; i++)
		if (i == index || i % ch->geo->clba % ram->page_secs == 0)
			oc_ram_unprepare_oob(ch, i);
}

static void oc_ram_put(struct oc_ram *ram, void *sector)
{
	*(void **)sector = ram->stock;
	ram->stock = sector;
	oc_count_add(ram->stocked, 1);
}

static void *oc_ram_get(struct oc_ram *ram)
{
	void *sector = ram->stock;

	if (!sector)
		return NULL;
	ram->stock = *(void **)sector;
	oc_count_add(ram->stocked, -1);
	return sector;
}

static void oc_ram_unreserve(struct oc_channel *ch)
{
	struct oc_ram *ram = ch->media;
	u32 freed = ram->stocked;
	void *sector;

	oc_assert_owned(ch);
	while ((sector = oc_ram_get(ram)))
		kmem_cache_free(ram->cache, sector);
	oc_ram_freed(ch, freed);
}

static int oc_ram_reserve(struct oc_channel *ch, u32 nr, gfp_t gfp)
{
	struct oc_ram *ram = ch->media;
	int ret;

	oc_assert_owned(ch);
	while (ram->stocked < nr) {
		u32 want = min_t(u32, nr - ram->stocked,
				 ARRAY_SIZE(ram->fresh));

		ret = oc_ram_alloc(ch, gfp, want);
		if (unlikely(ret))
			return ret;
		while (want)
			oc_ram_put(ram, ram->fresh[--want]);
	}
	return 0;
}

static void oc_ram_store(struct oc_channel *ch, u32 index, u32 nr,
			 struct iov_iter *data)
{
	u32 end = index + nr;

	oc_assert_owned(ch);
	trace_oc_media(ch, OC_MEDIA_WRITE, index, nr, false);
	for (; index < end; index++) {
		void *sector = oc_ram_get(ch->media);

		/* Nothing was reserved: our bug */
		if (WARN_ON_ONCE(!sector))
			return;
		oc_ram_attach(ch, index, sector);
		oc_data_get(data, sector, ch->geo->lba_size);
	}
}

static void oc_ram_move(struct oc_channel *ch, u32 from, u32 to)
{
	u32 slot = oc_l2p_clear(&ch->l2p, from);

	oc_assert_owned(ch);
	if (!WARN_ON_ONCE(slot == OC_L2P_NONE))
		oc_l2p_set(&ch->l2p, to, slot);
}

static void oc_ram_drop(struct oc_channel *ch, u32 index)
{
	struct oc_ram *ram = ch->media;
	u32 slot = oc_l2p_clear(&ch->l2p, index);

	oc_assert_owned(ch);
	if (WARN_ON_ONCE(slot == OC_L2P_NONE))
		return;
	if (ram->stocked < OC_RAM_STOCK) {
		oc_ram_put(ram, oc_ram_addr(ch, slot));
		return;
	}
	kmem_cache_free(ram->cache, oc_ram_addr(ch, slot));
	oc_ram_freed(ch, 1);
}

static void oc_ram_write_oob(struct oc_channel *ch, u32 index, u32 nr,
			     const void *oob)
{
	u32 size = ch->geo->oob_size, i;

	for (i = 0; i < nr; i++) {
		void *to = oc_ram_oob(ch, index + i);

		if (oob)
			memcpy(to, oob + i * size, size);
		else
			memset(to, 0xff, size);
	}
}

static void oc_ram_write(struct oc_channel *ch, u32 index, u32 nr,
			 struct iov_iter *data, const void *oob)
{
	u32 size = ch->geo->lba_size, i;

	oc_assert_owned(ch);
	trace_oc_media(ch, OC_MEDIA_WRITE, index, nr, oob);
	for (i = 0; i < nr; i++)
		oc_data_get(data,
			    oc_ram_addr(ch, oc_l2p_get(&ch->l2p, index + i)),
			    size);
	if (ch->geo->oob_size)
		oc_ram_write_oob(ch, index, nr, oob);
}

static void oc_ram_read_oob(struct oc_channel *ch, u32 index, u32 nr,
			    void *oob)
{
	u32 size = ch->geo->oob_size, i;

	for (i = 0; i < nr; i++, oob += size) {
		if (oc_l2p_get(&ch->l2p, index + i) == OC_L2P_NONE)
			memset(oob, 0xff, size);
		else
			memcpy(oob, oc_ram_oob(ch, index + i), size);
	}
}

static void oc_ram_read(struct oc_channel *ch, u32 index, u32 nr,
			struct iov_iter *data, void *oob)
{
	u32 size = ch->geo->lba_size, i;

	oc_assert_owned(ch);
	trace_oc_media(ch, OC_MEDIA_READ, index, nr, oob);
	for (i = 0; i < nr; i++) {
		u32 slot = oc_l2p_get(&ch->l2p, index + i);

		/* Written in the initial state only, without data */
		if (unlikely(slot == OC_L2P_NONE))
			iov_iter_zero(size, data);
		else
			oc_data_put(data, oc_ram_addr(ch, slot), size);
	}
	if (oob)
		oc_ram_read_oob(ch, index, nr, oob);
}

static void oc_ram_copy(struct oc_channel *to, u32 to_index,
			struct oc_channel *from, u32 from_index)
{
	const struct oc_geo *geo = to->geo;
	u32 slot = oc_l2p_get(&from->l2p, from_index);

	oc_assert_owned(to);
	oc_assert_owned(from);
	if (slot == OC_L2P_NONE) {
		memset(oc_ram_addr(to, oc_l2p_get(&to->l2p, to_index)), 0,
		       geo->lba_size);
		if (geo->oob_size)
			memset(oc_ram_oob(to, to_index), 0xff, geo->oob_size);
		return;
	}
	trace_oc_media(from, OC_MEDIA_READ, from_index, 1, geo->oob_size);
	trace_oc_media(to, OC_MEDIA_WRITE, to_index, 1, geo->oob_size);
	/* A random-write sector may be copied onto itself */
	memmove(oc_ram_addr(to, oc_l2p_get(&to->l2p, to_index)),
		oc_ram_addr(from, slot), geo->lba_size);
	if (geo->oob_size)
		memmove(oc_ram_oob(to, to_index), oc_ram_oob(from, from_index),
			geo->oob_size);
}

/* Are a chunk's sectors written in order? */
static bool oc_ram_in_order(const struct oc_channel *ch, u32 chk)
{
	return !ch->unordered && !(ch->chunks[chk].flags & OC_CHK_RANDOM);
}

static void oc_ram_discard(struct oc_channel *ch, u32 chk)
{
	struct oc_ram *ram = ch->media;
	/* If so, no sector follows the first gap after the write pointer */
	bool in_order = oc_ram_in_order(ch, chk);
	u32 index = chk * ch->geo->clba;
	u32 wp = ch->chunks[chk].wp;
	u32 freed = 0, n, i;

	oc_assert_owned(ch);
	trace_oc_media(ch, OC_MEDIA_DISCARD, index, ch->geo->clba, false);
	for (i = 0; i < ch->geo->clba; i++) {
		n = oc_ram_free(ch, index + i);
		if (!n && in_order && i >= wp)
			break;
		freed += n;
	}
	oc_ram_freed(ch, freed);

	for (i = 0; i < ram->chk_pages; i++)
		oc_ram_free_oob(ch, &ram->oob[(size_t)chk * ram->chk_pages + i]);
}

static u64 oc_ram_bytes(const struct oc_channel *ch)
{
	const struct oc_ram *ram = ch->media;

	return ((u64)READ_ONCE(ch->l2p.used) + READ_ONCE(ram->stocked)) *
		ch->geo->lba_size +
		READ_ONCE(ram->pages) * PAGE_SIZE;
}

/* Pages of OOB that a full chunk takes */
static u32 oc_ram_chk_pages(const struct oc_geo *geo)
{
	if (!geo->oob_size)
		return 0;
	return DIV_ROUND_UP(geo->clba, PAGE_SIZE / geo->oob_size);
}

static u64 oc_ram_table_bytes(const struct oc_geo *geo)
{
	return (u64)geo->chks * oc_ram_chk_pages(geo) * sizeof(void *);
}

/* Where the cache for sectors of a size is */
static struct kmem_cache **oc_ram_cache(struct oc_ram_caches *caches,
					u32 lba_size)
{
	return &caches->cache[ilog2(lba_size) - OC_RAM_MIN_SHIFT];
}

static void *oc_ram_open_ch(struct oc_dev *dev, const struct oc_geo *geo)
{
	struct oc_ram *ram;

	ram = kzalloc(sizeof(*ram), GFP_KERNEL);
	if (!ram)
		return NULL;
	ram->cache = *oc_ram_cache(dev->media_priv, geo->lba_size);
	if (!geo->oob_size)
		return ram;

	ram->page_secs = PAGE_SIZE / geo->oob_size;
	ram->chk_pages = oc_ram_chk_pages(geo);
	ram->oob = __vmalloc(array3_size(geo->chks, ram->chk_pages,
					 sizeof(*ram->oob)),
			     GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
	if (!ram->oob)
		goto err_free;
	return ram;

err_free:
	kfree(ram);
	return NULL;
}

static void oc_ram_close_ch(struct oc_dev *dev, void *media)
{
	struct oc_ram *ram = media;

	WARN_ON_ONCE(ram->stocked || ram->pages);
	vfree(ram->oob);
	kfree(ram);
}

static void oc_ram_clear_ch(struct oc_channel *ch)
{
	struct oc_ram *ram = ch->media;
	u32 freed = 0, chk, i;

	oc_assert_owned(ch);
	/* Usually an erase has emptied them all */
	for (chk = 0; (ch->l2p.used || ram->pages) && chk < ch->geo->chks;
	     chk++) {
		oc_ram_discard(ch, chk);
		cond_resched();
	}
	/* Where sectors were moved or dropped, a discard may have stopped early */
	for (i = 0; ch->l2p.used && i < ch->l2p.nr; i++) {
		freed += oc_ram_free(ch, i);
		if (i % 4096 == 4095)
			cond_resched();
	}
	oc_ram_freed(ch, freed);
	/* The stock has old data */
	oc_ram_unreserve(ch);
}

static void oc_ram_close(struct oc_dev *dev)
{
	struct oc_ram_caches *caches = dev->media_priv;
	u32 i;

	for (i = 0; i < OC_RAM_SHIFTS; i++)
		kmem_cache_destroy(caches->cache[i]);
	kfree(caches);
}

/*
 * All caches are created now, not by a Format: that takes the CPU hotplug lock,
 * whose holder may wait for memory, and so for writeback to this very device, which a
 * Format blocks.
 */
static int oc_ram_open(struct oc_dev *dev)
{
	struct oc_ram_caches *caches = kzalloc(sizeof(*caches), GFP_KERNEL);
	u32 i;

	dev->media_priv = caches;
	if (!caches)
		return -ENOMEM;
	for (i = 0; i < dev->nr_formats; i++) {
		u32 size = dev->formats[i].lba_size;
		struct kmem_cache **cache = oc_ram_cache(caches, size);
		char name[32] = "ocloop_sector";

		if (*cache)
			continue;
		if (i)
			scnprintf(name, sizeof(name), "ocloop_sector_%u", size);
		/*
		 * kmemleak cannot follow physical addresses. Hardened usercopy
		 * checks copies between kernel buffers, too, so all of an object
		 * is declared copyable.
		 */
		*cache = kmem_cache_create_usercopy(name, size, size,
						    SLAB_NOLEAKTRACE, 0, size,
						    NULL);
		if (!*cache) {
			oc_ram_close(dev);
			return -ENOMEM;
		}
	}
	return 0;
}

const struct oc_media_ops oc_media_ram = {
	.name		= "ram",
	.open		= oc_ram_open,
	.close		= oc_ram_close,
	.open_ch	= oc_ram_open_ch,
	.close_ch	= oc_ram_close_ch,
	.clear_ch	= oc_ram_clear_ch,
	.table_bytes	= oc_ram_table_bytes,
	.prepare	= oc_ram_prepare,
	.unprepare	= oc_ram_unprepare,
	.reserve	= oc_ram_reserve,
	.unreserve	= oc_ram_unreserve,
	.store		= oc_ram_store,
	.move		= oc_ram_move,
	.drop		= oc_ram_drop,
	.write		= oc_ram_write,
	.read		= oc_ram_read,
	.copy		= oc_ram_copy,
	.discard	= oc_ram_discard,
	.bytes		= oc_ram_bytes,
};
