// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs.c - a look inside: /sys/kernel/debug/ocloop/<device>/
 */
#include <linux/debugfs.h>
#include <linux/kernel.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "oc.h"

/**
 * struct oc_look - a channel as its owner saw it at one moment
 * @stat:	chunks per state
 * @count:	counters
 * @used:	sectors that have room in the media
 * @bytes:	memory of data and OOB
 */
struct oc_look {
	struct oc_chunk_stat stat;
	struct oc_count count;
	u32 used;
	u64 bytes;
};

static void oc_look_channel(struct oc_channel *ch, void *arg)
{
	struct oc_look *look = arg;

	look->stat = ch->stat;
	look->count = ch->count;
	look->used = ch->l2p.used;
	look->bytes = ch->dev->media->bytes(ch);
}

static int oc_channels_show(struct seq_file *s, void *unused)
{
	struct oc_dev *dev = s->private;
	struct oc_look look;
	u32 i, st;

	seq_puts(s, "channel");
	for (st = 0; st < OC_CHK_STATES; st++)
		seq_printf(s, " %8s", oc_chunk_state_name(st));
	seq_printf(s, " %12s %12s %8s %8s %12s %12s\n", "reads", "writes",
		   "resets", "fails", "inline", "worker");
	for (i = 0; i < dev->geo.num_grp; i++) {
		oc_channel_call(&dev->ch[i], oc_look_channel, &look);
		seq_printf(s, "%7u", i);
		for (st = 0; st < OC_CHK_STATES; st++)
			seq_printf(s, " %8u", look.stat.nr[st]);
		seq_printf(s, " %12llu %12llu %8llu %8llu %12llu %12llu\n",
			   look.count.reads, look.count.writes,
			   look.count.resets, look.count.fails,
			   look.count.inline_runs, look.count.worker_runs);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(oc_channels);

static int oc_memory_show(struct seq_file *s, void *unused)
{
	struct oc_dev *dev = s->private;
	struct oc_look look;
	u64 bytes = 0;
	u32 i;

	seq_printf(s, "media      %s\n", dev->media->name);
	seq_printf(s, "tables     %llu\n", dev->table_bytes);
	seq_printf(s, "%-10s %12s %12s %12s\n", "channel", "sectors", "used",
		   "bytes");
	for (i = 0; i < dev->geo.num_grp; i++) {
		oc_channel_call(&dev->ch[i], oc_look_channel, &look);
		seq_printf(s, "%-10u %12u %12u %12llu\n", i, dev->geo.secs,
			   look.used, look.bytes);
		bytes += look.bytes;
	}
	seq_printf(s, "data       %llu\n", bytes);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(oc_memory);

/* Writing anything makes every host look at its namespaces again */
static ssize_t oc_notify_write(struct file *file, const char __user *buf,
			       size_t len, loff_t *pos)
{
	oc_dev_ns_changed(file_inode(file)->i_private);
	return len;
}

static const struct file_operations oc_notify_fops = {
	.owner	= THIS_MODULE,
	.write	= oc_notify_write,
};

/**
 * oc_debugfs_add() - show a device
 * @dev:	device
 * @name:	folder, below the module's own
 *
 * As usual with debugfs, failing to make it is no error.
 *
 * Context: process; sleeps.
 */
void oc_debugfs_add(struct oc_dev *dev, const char *name)
{
	struct dentry *dir;

	dev->debugfs = debugfs_create_dir(KBUILD_MODNAME, NULL);
	dir = debugfs_create_dir(name, dev->debugfs);
	debugfs_create_file("channels", 0400, dir, dev, &oc_channels_fops);
	debugfs_create_file("memory", 0400, dir, dev, &oc_memory_fops);
	debugfs_create_file("notify_ns", 0200, dir, dev, &oc_notify_fops);
	debugfs_create_bool("use_inline", 0600, dir, &dev->use_inline);
}

/**
 * oc_debugfs_remove() - stop showing a device
 * @dev:	device
 *
 * Context: process; sleeps until nobody reads any more.
 */
void oc_debugfs_remove(struct oc_dev *dev)
{
	debugfs_remove_recursive(dev->debugfs);
}
