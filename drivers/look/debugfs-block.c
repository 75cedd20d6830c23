// SPDX-License-Identifier: GPL-2.0
/*
 * look/debugfs-block.c - a look into the FTLs of block namespaces
 */
#include <linux/debugfs.h>
#include <linux/kernel.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>

#include "oc_block.h"
#include "oc_channel.h"
#include "oc_dev.h"
#include "oc_ftl.h"
#include "oc_l2p.h"
#include "oc_look.h"
#include "oc_ns.h"

/**
 * struct oc_block_look - a channel's FTL as its owner saw it at one moment
 * @count:	counters
 * @used:	logical sectors that are not deallocated
 * @valid:	physical sectors that are mapped
 * @nr_free:	free chunks
 * @open:	chunks being written
 * @buffered:	sectors in the write buffer
 */
struct oc_block_look {
	struct oc_ftl_count count;
	u64 used;
	u64 valid;
	u32 nr_free;
	u32 open;
	u32 buffered;
};

static void oc_block_look_channel(struct oc_channel *ch, void *arg)
{
	const struct oc_ftl *ftl = ch->ftl;
	struct oc_block_look *look = arg;

	look->count = ftl->count;
	look->used = ftl->l2p.used;
	look->valid = ftl->valid;
	look->nr_free = ftl->nr_free;
	look->open = ftl->host.nr + ftl->gc.nr;
	look->buffered = oc_ftl_buffered(ftl);
}

static void oc_block_add(struct oc_block_look *sum,
			 const struct oc_block_look *look)
{
	sum->count.host += look->count.host;
	sum->count.programs += look->count.programs;
	sum->count.moves += look->count.moves;
	sum->count.erases += look->count.erases;
	sum->count.levels += look->count.levels;
	sum->count.rewrites += look->count.rewrites;
	sum->count.failed += look->count.failed;
	sum->count.stalls += look->count.stalls;
	sum->count.worst = max(sum->count.worst, look->count.worst);
	sum->used += look->used;
	sum->valid += look->valid;
	sum->nr_free += look->nr_free;
	sum->open += look->open;
	sum->buffered += look->buffered;
}

static void oc_block_print(struct seq_file *s, const struct oc_block_look *look)
{
	const struct oc_ftl_count *count = &look->count;
	u64 amp = count->host ? div64_u64(count->programs * 1000,
					  count->host) : 0;
	u32 part = do_div(amp, 1000);

	seq_printf(s, " %10llu %10llu %6u %4u %4u %12llu %12llu %12llu %10llu %5llu.%03u %6llu %6llu %6llu %6u %7llu\n",
		   look->used, look->valid, look->nr_free, look->open,
		   look->buffered, count->host, count->programs, count->moves,
		   count->erases, amp, part, count->levels, count->failed,
		   count->stalls, count->worst, count->rewrites);
}

static int oc_ftl_show(struct seq_file *s, void *unused)
{
	struct oc_dev *dev = s->private;
	struct oc_block_look look, sum;
	const struct oc_ns *ns;
	int idx;
	u32 i;

	seq_printf(s, "%-4s %7s %10s %10s %6s %4s %4s %12s %12s %12s %10s %9s %6s %6s %6s %6s %7s\n",
		   "ns", "channel", "used", "valid", "free", "open", "buf",
		   "host", "programs", "moves", "erases", "amplif", "levels",
		   "failed", "stalls", "worst", "rewrite");
	idx = srcu_read_lock(&dev->ns_srcu);
	oc_for_each_ns(dev, ns) {
		if (ns->kind != &oc_ns_block)
			continue;
		memset(&sum, 0, sizeof(sum));
		for (i = 0; i < ns->geo.num_grp; i++) {
			oc_channel_call(&dev->ch[ns->first + i],
					oc_block_look_channel, &look);
			oc_block_add(&sum, &look);
			seq_printf(s, "%-4u %7u", ns->nsid, ns->first + i);
			oc_block_print(s, &look);
		}
		seq_printf(s, "%-4u %7s", ns->nsid, "all");
		oc_block_print(s, &sum);
	}
	srcu_read_unlock(&dev->ns_srcu, idx);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(oc_ftl);

/**
 * struct oc_block_verdict - what a channel's FTL thinks of itself
 * @what:	what is wrong, NULL if nothing is
 * @nr_lba:	logical sectors
 * @valid:	of these, on flash
 * @limit:	how many may be
 */
struct oc_block_verdict {
	const char *what;
	u32 nr_lba;
	u64 valid;
	u64 limit;
};

static void oc_block_check_channel(struct oc_channel *ch, void *arg)
{
	struct oc_block_verdict *verdict = arg;

	verdict->what = oc_ftl_check(ch->ftl);
	verdict->nr_lba = ch->ftl->nr_lba;
	verdict->valid = ch->ftl->valid;
	verdict->limit = oc_ftl_limit(ch->ftl);
}

/* A channel at a time: namespaces may come and go between them */
static void oc_ftl_check_one(struct seq_file *s, struct oc_channel *ch)
{
	struct oc_dev *dev = ch->dev;
	int idx = srcu_read_lock(&dev->ns_srcu);
	const struct oc_ns *ns = oc_ns_of(dev, ch->id);
	struct oc_block_verdict verdict;

	if (!ns || ns->kind != &oc_ns_block)
		goto out;
	oc_channel_call_worker(ch, oc_block_check_channel, &verdict);
	seq_printf(s, "channel %u: %s", ch->id,
		   verdict.what ? verdict.what : "ok");
	/* True, but a reason for writes to fail */
	if (verdict.limit < verdict.nr_lba)
		seq_printf(s, "; too many chunks have failed: %llu of %u blocks used, room for %llu",
			   verdict.valid, verdict.nr_lba, verdict.limit);
	seq_putc(s, '\n');
out:
	srcu_read_unlock(&dev->ns_srcu, idx);
}

static int oc_ftl_check_show(struct seq_file *s, void *unused)
{
	struct oc_dev *dev = s->private;
	u32 i;

	for (i = 0; i < dev->geo.num_grp; i++)
		oc_ftl_check_one(s, &dev->ch[i]);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(oc_ftl_check);

/* ---- where each logical block is -------------------------------------- */

/* Blocks that are looked up at a time; each channel has a share of them */
#define OC_MAP_BLOCKS	2048U

/**
 * struct oc_map - how far a reader has come; a batch of blocks
 * @dev:	device
 * @geo:	geometry of the batch's namespace
 * @nsid:	its number
 * @first:	its first channel
 * @slba:	first block of the batch
 * @pos:	its position
 * @nr:		blocks in the batch
 * @at:		the reader's
 * @grp:	channel that is asked
 * @ns:		the namespace, while it is asked
 * @val:	where the blocks are, as the map has it
 *
 * The position is 0 for the headline, else one more than the block's number over
 * all block namespaces. A reader holds no channel and no namespace between batches:
 * what a batch says of one channel is of one moment, the table is not.
 */
struct oc_map {
	struct oc_dev *dev;
	struct oc_geo geo;
	u32 nsid;
	u32 first;
	u64 slba;
	loff_t pos;
	u32 nr;
	u32 at;
	u32 grp;
	const struct oc_ns *ns;
	u32 val[OC_MAP_BLOCKS];
};

static void oc_map_fetch(struct oc_channel *ch, void *arg)
{
	struct oc_map *map = arg;
	u64 lba = oc_block_next(map->ns, map->grp, map->slba);
	struct oc_addr addr;

	for (; lba < map->slba + map->nr;
	     lba = oc_block_next(map->ns, map->grp, lba + 1)) {
		oc_block_addr(map->ns, lba, &addr);
		map->val[lba - map->slba] = oc_l2p_get(&ch->ftl->l2p, addr.sec);
	}
}

/* The namespace of a block, whose number becomes the namespace's own */
static const struct oc_ns *oc_map_ns(const struct oc_dev *dev, u64 *lba)
{
	const struct oc_ns *ns;

	oc_for_each_ns(dev, ns) {
		u64 nsze;

		if (ns->kind != &oc_ns_block)
			continue;
		nsze = oc_block_nsze(ns);
		if (*lba < nsze)
			return ns;
		*lba -= nsze;
	}
	return NULL;
}

/* Look up the batch that begins at @pos. False past the last block */
static bool oc_map_look(struct oc_map *map, loff_t pos)
{
	struct oc_dev *dev = map->dev;
	int idx = srcu_read_lock(&dev->ns_srcu);
	u64 lba = pos - 1;

	map->nr = 0;
	map->ns = oc_map_ns(dev, &lba);
	if (map->ns) {
		map->nsid = map->ns->nsid;
		map->first = map->ns->first;
		map->geo = map->ns->geo;
		map->slba = lba;
		map->pos = pos;
		map->nr = min_t(u64, oc_block_nsze(map->ns) - lba,
				OC_MAP_BLOCKS);
		for (map->grp = 0; map->grp < map->geo.num_grp; map->grp++)
			oc_channel_call(&dev->ch[map->first + map->grp],
					oc_map_fetch, map);
		map->ns = NULL;
	}
	srcu_read_unlock(&dev->ns_srcu, idx);
	return map->nr;
}

/* The next block from @pos on that is not deallocated, NULL if there is none */
static void *oc_map_seek(struct oc_map *map, loff_t *pos)
{
	for (;; cond_resched()) {
		for (; *pos >= map->pos && *pos < map->pos + map->nr; (*pos)++) {
			map->at = *pos - map->pos;
			if (map->val[map->at] != OC_FTL_NONE)
				return map;
		}
		/* Nothing but deallocated blocks can take long */
		if (signal_pending(current))
			return ERR_PTR(-EINTR);
		if (!oc_map_look(map, *pos))
			return NULL;
	}
}

static void *oc_map_start(struct seq_file *s, loff_t *pos)
{
	struct oc_map *map = s->private;

	if (*pos)
		return oc_map_seek(map, pos);
	/* Whoever begins anew sees what is there now */
	map->nr = 0;
	return SEQ_START_TOKEN;
}

static void *oc_map_next(struct seq_file *s, void *v, loff_t *pos)
{
	(*pos)++;
	return oc_map_seek(s->private, pos);
}

static void oc_map_stop(struct seq_file *s, void *v)
{
}

static int oc_map_show(struct seq_file *s, void *v)
{
	const struct oc_map *map = s->private;
	const struct oc_geo *geo = &map->geo;
	u32 val, chk, grp;
	u64 lba;

	if (v == SEQ_START_TOKEN) {
		seq_printf(s, "%-4s %12s %7s %4s %6s %8s\n", "ns", "lba",
			   "channel", "pu", "chunk", "sector");
		return 0;
	}
	val = map->val[map->at];
	lba = map->slba + map->at;
	div_u64_rem(div_u64(lba, geo->ws_opt), geo->num_grp, &grp);
	seq_printf(s, "%-4u %12llu %7u", map->nsid, lba, map->first + grp);
	chk = val / geo->clba;
	if (oc_ftl_on_flash(val))
		seq_printf(s, " %4u %6u %8u\n", chk / geo->num_chk,
			   chk % geo->num_chk, val % geo->clba);
	else
		seq_printf(s, " %s\n", val == OC_FTL_ZERO ? "zeroes" :
			   "uncorrectable");
	return 0;
}

static const struct seq_operations oc_map_sops = {
	.start	= oc_map_start,
	.next	= oc_map_next,
	.stop	= oc_map_stop,
	.show	= oc_map_show,
};

static int oc_map_open(struct inode *inode, struct file *file)
{
	struct oc_map *map = __seq_open_private(file, &oc_map_sops,
						sizeof(*map));

	if (!map)
		return -ENOMEM;
	map->dev = inode->i_private;
	return 0;
}

static const struct file_operations oc_map_fops = {
	.owner		= THIS_MODULE,
	.open		= oc_map_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= seq_release_private,
};

/**
 * oc_block_debugfs_add() - show the FTLs of a device
 * @dev:	device, whose block namespaces come and go
 * @dir:	its folder
 *
 * Context: process; sleeps.
 */
void oc_block_debugfs_add(struct oc_dev *dev, struct dentry *dir)
{
	debugfs_create_file("ftl", 0400, dir, dev, &oc_ftl_fops);
	debugfs_create_file("ftl_check", 0400, dir, dev, &oc_ftl_check_fops);
	debugfs_create_file("ftl_map", 0400, dir, dev, &oc_map_fops);
}
