// SPDX-License-Identifier: GPL-2.0
/*
 * block-debugfs.c - a look into the FTLs of block namespaces
 */
#include <linux/debugfs.h>
#include <linux/kernel.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>

#include "oc_block.h"

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
	u32 i;

	seq_printf(s, "%-4s %7s %10s %10s %6s %4s %4s %12s %12s %12s %10s %9s %6s %6s %6s %6s %7s\n",
		   "ns", "channel", "used", "valid", "free", "open", "buf",
		   "host", "programs", "moves", "erases", "amplif", "levels",
		   "failed", "stalls", "worst", "rewrite");
	down_read(&dev->ns_sem);
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
	up_read(&dev->ns_sem);
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

static int oc_ftl_check_show(struct seq_file *s, void *unused)
{
	struct oc_dev *dev = s->private;
	struct oc_block_verdict verdict;
	u32 i;

	down_read(&dev->ns_sem);
	for (i = 0; i < dev->geo.num_grp; i++) {
		if (!dev->ch[i].ftl)
			continue;
		oc_channel_call_worker(&dev->ch[i], oc_block_check_channel,
				       &verdict);
		seq_printf(s, "channel %u: %s", i,
			   verdict.what ? verdict.what : "ok");
		/* True, but a reason for writes to fail */
		if (verdict.limit < verdict.nr_lba)
			seq_printf(s, "; too many chunks have failed: %llu of %u blocks used, room for %llu",
				   verdict.valid, verdict.nr_lba, verdict.limit);
		seq_putc(s, '\n');
	}
	up_read(&dev->ns_sem);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(oc_ftl_check);

/* ---- where each logical block is -------------------------------------- */

/**
 * struct oc_block_where - a logical block and where it is
 * @lba:	logical sector of its channel
 * @val:	its value in the map
 */
struct oc_block_where {
	u32 lba;
	u32 val;
};

static void oc_block_find(struct oc_channel *ch, void *arg)
{
	struct oc_block_where *where = arg;

	where->val = oc_l2p_get(&ch->ftl->l2p, where->lba);
}

/* The position counts the blocks of all block namespaces. NULL past the last */
static const struct oc_ns *oc_block_at(const struct oc_dev *dev, u64 *lba)
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

static u32 oc_block_where(const struct oc_ns *ns, u64 lba,
			  struct oc_addr *addr)
{
	struct oc_block_where where;

	oc_block_addr(ns, lba, addr);
	where.lba = addr->sec;
	oc_channel_call(&ns->dev->ch[ns->first + addr->grp], oc_block_find,
			&where);
	return where.val;
}

/*
 * The next block, from @pos on, that is not deallocated. Position 0 is the head
 * of the table, so blocks have positions from 1 on.
 */
static void *oc_ftl_map_seek(struct oc_dev *dev, loff_t *pos)
{
	struct oc_addr addr;

	for (;; (*pos)++) {
		u64 lba = *pos - 1;
		const struct oc_ns *ns = oc_block_at(dev, &lba);

		if (!ns || fatal_signal_pending(current))
			return NULL;
		if (oc_block_where(ns, lba, &addr) != OC_FTL_NONE)
			return pos;
		cond_resched();
	}
}

/* Namespaces stay for one read at a time, which begins and ends here */
static void *oc_ftl_map_start(struct seq_file *s, loff_t *pos)
{
	struct oc_dev *dev = s->private;

	down_read(&dev->ns_sem);
	return *pos ? oc_ftl_map_seek(s->private, pos) : SEQ_START_TOKEN;
}

static void *oc_ftl_map_next(struct seq_file *s, void *v, loff_t *pos)
{
	(*pos)++;
	return oc_ftl_map_seek(s->private, pos);
}

static void oc_ftl_map_stop(struct seq_file *s, void *v)
{
	struct oc_dev *dev = s->private;

	up_read(&dev->ns_sem);
}

static int oc_ftl_map_show(struct seq_file *s, void *v)
{
	const struct oc_ns *ns;
	struct oc_addr addr;
	u32 val, chk;
	u64 lba;

	if (v == SEQ_START_TOKEN) {
		seq_printf(s, "%-4s %12s %7s %4s %6s %8s\n", "ns", "lba",
			   "channel", "pu", "chunk", "sector");
		return 0;
	}
	lba = *(loff_t *)v - 1;
	ns = oc_block_at(s->private, &lba);
	if (!ns)
		return 0;
	val = oc_block_where(ns, lba, &addr);
	seq_printf(s, "%-4u %12llu %7u", ns->nsid, lba, ns->first + addr.grp);
	chk = val / ns->geo.clba;
	if (oc_ftl_on_flash(val))
		seq_printf(s, " %4u %6u %8u\n", chk / ns->geo.num_chk,
			   chk % ns->geo.num_chk, val % ns->geo.clba);
	else
		seq_printf(s, " %s\n", val == OC_FTL_ZERO ? "zeroes" :
			   val == OC_FTL_BAD ? "uncorrectable" :
			   "deallocated");
	return 0;
}

static const struct seq_operations oc_ftl_map_sops = {
	.start	= oc_ftl_map_start,
	.next	= oc_ftl_map_next,
	.stop	= oc_ftl_map_stop,
	.show	= oc_ftl_map_show,
};
DEFINE_SEQ_ATTRIBUTE(oc_ftl_map);

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
	debugfs_create_file("ftl_map", 0400, dir, dev, &oc_ftl_map_fops);
}
