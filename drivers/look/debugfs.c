// SPDX-License-Identifier: GPL-2.0
/*
 * look/debugfs.c - a look inside: /sys/kernel/debug/ocloop/<device>/
 *
 * What belongs to a channel is looked at by its owner, a little at a time, into
 * a buffer of the reader's: the largest table costs a reader one page, and a
 * channel a few microseconds for each batch.
 */
#include <linux/debugfs.h>
#include <linux/kernel.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "oc.h"
#include "oc_assert.h"
#include "oc_channel.h"
#include "oc_chunk.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_l2p.h"
#include "oc_look.h"
#include "oc_media.h"
#include "oc_memory.h"

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
	seq_printf(s, " %12s %12s %8s %8s %12s %12s %8s %8s %10s %14s\n",
		   "reads", "writes", "resets", "fails", "inline", "worker",
		   "copies", "errors", "sectors", "bytes");
	for (i = 0; i < dev->geo.num_grp; i++) {
		oc_channel_call(&dev->ch[i], oc_look_channel, &look);
		seq_printf(s, "%7u", i);
		for (st = 0; st < OC_CHK_STATES; st++)
			seq_printf(s, " %8u", look.stat.nr[st]);
		seq_printf(s, " %12llu %12llu %8llu %8llu %12llu %12llu %8llu %8llu %10u %14llu\n",
			   look.count.reads, look.count.writes,
			   look.count.resets, look.count.fails,
			   look.count.inline_runs, look.count.worker_runs,
			   look.count.copies, look.count.media_errors,
			   look.used, look.bytes);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(oc_channels);

static void oc_memory_show_limit(struct seq_file *s, struct oc_memory *mem)
{
	struct oc_memory_limit limit;
	u64 refused;

	spin_lock_irq(&mem->lock);
	limit = mem->limit;
	refused = mem->refused;
	spin_unlock_irq(&mem->lock);
	if (limit.kind == OC_MEMORY_AUTO)
		seq_printf(s, "limit      auto, leaves %llu\n", mem->spare);
	else if (limit.kind == OC_MEMORY_FIXED)
		seq_printf(s, "limit      %llu\n", limit.bytes);
	else
		seq_puts(s, "limit      none\n");
	seq_printf(s, "refused    %llu\n", refused);
}

static int oc_memory_show(struct seq_file *s, void *unused)
{
	struct oc_dev *dev = s->private;
	struct oc_look look;
	u64 bytes = 0;
	u32 i;

	seq_printf(s, "media      %s\n", dev->media->name);
	seq_printf(s, "tables     %llu\n", dev->table_bytes);
	oc_memory_show_limit(s, &dev->memory);
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

/* ---- tables: a row per chunk, or per sector that is somewhere ---------- */

/* What is looked at while a channel is owned: a few microseconds' worth */
#define OC_BATCH_CHUNKS	64U
#define OC_BATCH_MAPS	256U
#define OC_SCAN_MAPS	8192U

/**
 * struct oc_chunk_row - a chunk as its channel's owner saw it
 * @index:	chunk of the channel
 * @chk:	the chunk
 */
struct oc_chunk_row {
	u32 index;
	struct oc_chunk chk;
};

/**
 * struct oc_map_row - an entry of a channel's table
 * @index:	sector of the channel
 * @slot:	where its bytes are
 */
struct oc_map_row {
	u32 index;
	u32 slot;
};

struct oc_rows;

/**
 * struct oc_table - what a file shows a row of each of
 * @rows:	rows a channel can have
 * @fetch:	from @next on, copy rows that there are into a batch, and set
 *		@next to what was not looked at; runs as the channel's owner
 * @index:	the channel's number of row @i of the batch
 */
struct oc_table {
	u32 (*rows)(const struct oc_dev *dev);
	void (*fetch)(struct oc_channel *ch, void *arg);
	u32 (*index)(const struct oc_rows *rows, u32 i);
};

/**
 * struct oc_rows - how far a reader has come; a batch of rows
 * @dev:	device
 * @table:	what is read
 * @ch:		channel of the batch
 * @next:	first row of the channel behind the batch
 * @nr:		rows in the batch
 * @at:		the reader's
 * @chunk:	the batch
 * @map:	the batch
 *
 * The reader's position is 0 for the headline, else one more than the row's
 * number over all channels. A reader holds no channel between batches: rows of
 * one batch are of one moment, the table is not.
 */
struct oc_rows {
	struct oc_dev *dev;
	const struct oc_table *table;
	u32 ch;
	u32 next;
	u32 nr;
	u32 at;
	union {
		struct oc_chunk_row chunk[OC_BATCH_CHUNKS];
		struct oc_map_row map[OC_BATCH_MAPS];
	};
};

static u32 oc_chunk_rows(const struct oc_dev *dev)
{
	return dev->geo.chks;
}

static void oc_chunk_fetch(struct oc_channel *ch, void *arg)
{
	struct oc_rows *rows = arg;

	while (rows->nr < OC_BATCH_CHUNKS && rows->next < ch->geo->chks) {
		rows->chunk[rows->nr].index = rows->next;
		rows->chunk[rows->nr].chk = ch->chunks[rows->next];
		rows->nr++;
		rows->next++;
	}
}

static u32 oc_chunk_index(const struct oc_rows *rows, u32 i)
{
	return rows->chunk[i].index;
}

static const struct oc_table oc_chunk_table = {
	.rows	= oc_chunk_rows,
	.fetch	= oc_chunk_fetch,
	.index	= oc_chunk_index,
};

static u32 oc_map_rows(const struct oc_dev *dev)
{
	return dev->geo.secs;
}

static void oc_map_fetch(struct oc_channel *ch, void *arg)
{
	struct oc_rows *rows = arg;
	u32 end = rows->next + min(OC_SCAN_MAPS, ch->l2p.nr - rows->next);

	for (; rows->nr < OC_BATCH_MAPS && rows->next < end; rows->next++) {
		u32 slot = oc_l2p_get(&ch->l2p, rows->next);

		if (slot == OC_L2P_NONE)
			continue;
		rows->map[rows->nr].index = rows->next;
		rows->map[rows->nr].slot = slot;
		rows->nr++;
	}
}

static u32 oc_map_index(const struct oc_rows *rows, u32 i)
{
	return rows->map[i].index;
}

static const struct oc_table oc_map_table = {
	.rows	= oc_map_rows,
	.fetch	= oc_map_fetch,
	.index	= oc_map_index,
};

/* The reader is at row @rows->at of the batch, and so is @pos */
static void *oc_rows_here(struct oc_rows *rows, loff_t *pos)
{
	u64 per_ch = rows->table->rows(rows->dev);

	*pos = rows->ch * per_ch + rows->table->index(rows, rows->at) + 1;
	return rows;
}

/* Go to the first row from number @row on, NULL behind the last one */
static void *oc_rows_seek(struct oc_rows *rows, u64 row, loff_t *pos)
{
	u32 per_ch = rows->table->rows(rows->dev);
	u64 end = (u64)per_ch * rows->dev->geo.num_grp;

	while (row < end) {
		rows->ch = div_u64_rem(row, per_ch, &rows->next);
		rows->nr = 0;
		rows->at = 0;
		oc_channel_call(&rows->dev->ch[rows->ch], rows->table->fetch,
				rows);
		if (rows->nr)
			return oc_rows_here(rows, pos);
		row = (u64)rows->ch * per_ch + rows->next;
		/* Nothing but empty entries can take long */
		if (signal_pending(current)) {
			*pos = row + 1;
			return ERR_PTR(-EINTR);
		}
		cond_resched();
	}
	*pos = end + 1;
	return NULL;
}

static void *oc_rows_start(struct seq_file *s, loff_t *pos)
{
	return *pos ? oc_rows_seek(s->private, *pos - 1, pos) : SEQ_START_TOKEN;
}

static void *oc_rows_next(struct seq_file *s, void *v, loff_t *pos)
{
	struct oc_rows *rows = s->private;

	if (v == SEQ_START_TOKEN)
		return oc_rows_seek(rows, 0, pos);
	if (++rows->at < rows->nr)
		return oc_rows_here(rows, pos);
	return oc_rows_seek(rows,
			    (u64)rows->ch * rows->table->rows(rows->dev) +
			    rows->next, pos);
}

static void oc_rows_stop(struct seq_file *s, void *v)
{
}

static int oc_rows_open(struct inode *inode, struct file *file,
			const struct seq_operations *ops,
			const struct oc_table *table)
{
	struct oc_rows *rows = __seq_open_private(file, ops, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	rows->dev = inode->i_private;
	rows->table = table;
	return 0;
}

static int oc_chunks_show(struct seq_file *s, void *v)
{
	const struct oc_rows *rows = s->private;
	const struct oc_geo *geo = &rows->dev->geo;
	const struct oc_chunk_row *row = &rows->chunk[rows->at];

	if (v == SEQ_START_TOKEN) {
		seq_puts(s, "channel unit  chunk   state   type    sectors         wp   resets        reads       writes    fails\n");
		return 0;
	}
	seq_printf(s, "%7u %4u %6u %7s %6s %10u %10u %8u %12llu %12llu %8u\n",
		   rows->ch, row->index / geo->num_chk,
		   row->index % geo->num_chk,
		   oc_chunk_state_name(row->chk.state),
		   row->chk.flags & OC_CHK_RANDOM ? "random" : "seq",
		   oc_chunk_secs(geo, &row->chk), row->chk.wp,
		   row->chk.resets, row->chk.reads, row->chk.writes,
		   row->chk.fails);
	return 0;
}

static int oc_l2p_show(struct seq_file *s, void *v)
{
	const struct oc_rows *rows = s->private;
	const struct oc_geo *geo = &rows->dev->geo;
	const struct oc_map_row *row = &rows->map[rows->at];
	u32 chk;

	if (v == SEQ_START_TOKEN) {
		seq_puts(s, "channel unit  chunk     sector      entry       slot\n");
		return 0;
	}
	chk = row->index / geo->clba;
	seq_printf(s, "%7u %4u %6u %10u %10u %#10x\n", rows->ch,
		   chk / geo->num_chk, chk % geo->num_chk,
		   row->index % geo->clba, row->index, row->slot);
	return 0;
}

#define OC_ROWS_FILE(_name, _table)					\
	static const struct seq_operations oc_##_name##_ops = {		\
		.start	= oc_rows_start,				\
		.next	= oc_rows_next,					\
		.stop	= oc_rows_stop,					\
		.show	= oc_##_name##_show,				\
	};								\
	static int oc_##_name##_open(struct inode *inode,		\
				     struct file *file)			\
	{								\
		return oc_rows_open(inode, file, &oc_##_name##_ops,	\
				    _table);				\
	}								\
	static const struct file_operations oc_##_name##_fops = {	\
		.owner		= THIS_MODULE,				\
		.open		= oc_##_name##_open,			\
		.read		= seq_read,				\
		.llseek		= seq_lseek,				\
		.release	= seq_release_private,			\
	}

OC_ROWS_FILE(chunks, &oc_chunk_table);
OC_ROWS_FILE(l2p, &oc_map_table);

/* ---- tables: a row per parallel unit ---------------------------------- */

/**
 * struct oc_unit - what the chunks of a parallel unit add up to
 * @pu:		the unit
 * @next:	first chunk of it that is not counted yet
 * @nr:		chunks in each state
 * @least:	fewest resets of a chunk
 * @most:	most resets of a chunk
 * @resets:	of all its chunks
 * @reads:	sectors
 * @writes:	sectors
 * @fails:	sectors
 * @secs:	sectors below the write pointers of chunks that are not offline
 * @bytes:	of these sectors, with their OOB
 */
struct oc_unit {
	u32 pu;
	u32 next;
	u32 nr[OC_CHK_STATES];
	u32 least;
	u32 most;
	u64 resets;
	u64 reads;
	u64 writes;
	u64 fails;
	u64 secs;
	u64 bytes;
};

/* Count some more chunks; runs as the channel's owner */
static void oc_unit_add(struct oc_channel *ch, void *arg)
{
	struct oc_unit *unit = arg;
	const struct oc_chunk *chk = &ch->chunks[unit->pu * ch->geo->num_chk];
	u32 end = min(unit->next + OC_CALL_CHUNKS, ch->geo->num_chk);
	u32 bytes = ch->geo->lba_size + ch->geo->oob_size;

	oc_assert_owned(ch);
	for (; unit->next < end; unit->next++) {
		const struct oc_chunk *one = &chk[unit->next];

		unit->nr[one->state]++;
		unit->least = min(unit->least, one->resets);
		unit->most = max(unit->most, one->resets);
		unit->resets += one->resets;
		unit->reads += one->reads;
		unit->writes += one->writes;
		unit->fails += one->fails;
		if (one->state != OC_CHK_OFFLINE) {
			unit->secs += one->wp;
			unit->bytes += (u64)one->wp * bytes;
		}
	}
}

static struct oc_unit oc_unit_count(struct oc_channel *ch, u32 pu)
{
	struct oc_unit unit = { .pu = pu, .least = U32_MAX };

	while (unit.next < ch->geo->num_chk) {
		oc_channel_call(ch, oc_unit_add, &unit);
		cond_resched();
	}
	return unit;
}

/* Positions are 0 for the headline, then one for each unit of the device */
static void *oc_units_start(struct seq_file *s, loff_t *pos)
{
	const struct oc_dev *dev = s->private;

	if (!*pos)
		return SEQ_START_TOKEN;
	return *pos <= (u64)dev->geo.num_grp * dev->geo.num_pu ? pos : NULL;
}

static void *oc_units_next(struct seq_file *s, void *v, loff_t *pos)
{
	++*pos;
	return oc_units_start(s, pos);
}

static void oc_units_stop(struct seq_file *s, void *v)
{
}

static int oc_units_show(struct seq_file *s, void *v)
{
	struct oc_dev *dev = s->private;
	const struct oc_geo *geo = &dev->geo;
	struct oc_unit unit;
	u32 ch, pu, st;

	if (v == SEQ_START_TOKEN) {
		seq_puts(s, "channel unit");
		for (st = 0; st < OC_CHK_STATES; st++)
			seq_printf(s, " %8s", oc_chunk_state_name(st));
		seq_printf(s, " %12s %12s %8s %8s %10s %14s\n", "reads",
			   "writes", "resets", "fails", "sectors", "bytes");
		return 0;
	}
	ch = div_u64_rem(*(loff_t *)v - 1, geo->num_pu, &pu);
	unit = oc_unit_count(&dev->ch[ch], pu);
	seq_printf(s, "%7u %4u", ch, pu);
	for (st = 0; st < OC_CHK_STATES; st++)
		seq_printf(s, " %8u", unit.nr[st]);
	seq_printf(s, " %12llu %12llu %8llu %8llu %10llu %14llu\n", unit.reads,
		   unit.writes, unit.resets, unit.fails, unit.secs, unit.bytes);
	return 0;
}

static int oc_wear_show(struct seq_file *s, void *v)
{
	struct oc_dev *dev = s->private;
	u32 num_chk = dev->geo.num_chk;
	struct oc_unit unit;
	u32 ch, pu;
	u64 tenths;

	if (v == SEQ_START_TOKEN) {
		seq_puts(s, "channel unit    least       mean     most        total  used%\n");
		return 0;
	}
	ch = div_u64_rem(*(loff_t *)v - 1, dev->geo.num_pu, &pu);
	unit = oc_unit_count(&dev->ch[ch], pu);
	tenths = div_u64(unit.resets * 10, num_chk);
	seq_printf(s, "%7u %4u %8u %8llu.%u %8u %12llu %6llu\n", ch, pu,
		   unit.least, div_u64(tenths, 10),
		   (u32)(tenths - div_u64(tenths, 10) * 10), unit.most,
		   unit.resets,
		   div64_u64(unit.resets * 100, (u64)num_chk * dev->endurance));
	return 0;
}

#define OC_UNITS_FILE(_name)						\
	static const struct seq_operations oc_##_name##_sops = {	\
		.start	= oc_units_start,				\
		.next	= oc_units_next,				\
		.stop	= oc_units_stop,				\
		.show	= oc_##_name##_show,				\
	};								\
	DEFINE_SEQ_ATTRIBUTE(oc_##_name)

OC_UNITS_FILE(units);
OC_UNITS_FILE(wear);

/* ---- who is connected ------------------------------------------------- */

static int oc_controllers_show(struct seq_file *s, void *unused)
{
	struct oc_dev *dev = s->private;
	struct oc_ctrl *ctrl;

	seq_puts(s, "controller queues keep-alive     events   errors host\n");
	mutex_lock(&dev->lock);
	list_for_each_entry(ctrl, &dev->ctrls, entry) {
		mutex_lock(&ctrl->lock);
		seq_printf(s, "%10u %6u %10u %#10x %8llu %.223s%s\n",
			   ctrl->cntlid,
			   bitmap_weight(ctrl->qmask, OC_MAX_QUEUES + 1),
			   ctrl->kato_ms, ctrl->aen_mask,
			   READ_ONCE(ctrl->nr_errors), ctrl->hostnqn,
			   ctrl->discovery ? " (discovery)" : "");
		mutex_unlock(&ctrl->lock);
	}
	mutex_unlock(&dev->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(oc_controllers);

/* Writing anything makes every host look at its namespaces again */
static ssize_t oc_notify_write(struct file *file, const char __user *buf,
			       size_t len, loff_t *pos)
{
	oc_dev_ns_changed(file_inode(file)->i_private, NULL);
	return len;
}

static const struct file_operations oc_notify_fops = {
	.owner	= THIS_MODULE,
	.write	= oc_notify_write,
};

static int oc_use_inline_show(struct seq_file *s, void *unused)
{
	const struct oc_dev *dev = s->private;

	seq_puts(s, READ_ONCE(dev->use_inline) ? "Y\n" : "N\n");
	return 0;
}

static int oc_use_inline_open(struct inode *inode, struct file *file)
{
	return single_open(file, oc_use_inline_show, inode->i_private);
}

/* debugfs_create_bool() takes what it cannot read for success */
static ssize_t oc_use_inline_write(struct file *file, const char __user *text,
				   size_t len, loff_t *pos)
{
	struct oc_dev *dev = file_inode(file)->i_private;
	bool on;
	int ret;

	ret = kstrtobool_from_user(text, len, &on);
	if (ret)
		return ret;
	WRITE_ONCE(dev->use_inline, on);
	return len;
}

static const struct file_operations oc_use_inline_fops = {
	.owner		= THIS_MODULE,
	.open		= oc_use_inline_open,
	.read		= seq_read,
	.write		= oc_use_inline_write,
	.llseek		= seq_lseek,
	.release	= single_release,
};

/* The module's folder, in which each device has one by its name */
static struct dentry *oc_debugfs;

/**
 * oc_debugfs_init() - have a place where devices are shown
 *
 * As usual with debugfs, failing to make it is no error.
 *
 * Context: process; sleeps.
 */
void oc_debugfs_init(void)
{
	oc_debugfs = debugfs_create_dir(KBUILD_MODNAME, NULL);
}

/**
 * oc_debugfs_exit() - end what oc_debugfs_init() began
 *
 * Context: process; sleeps until nobody reads any more.
 */
void oc_debugfs_exit(void)
{
	debugfs_remove_recursive(oc_debugfs);
}

/**
 * oc_debugfs_add() - show a device
 * @dev:	device
 * @alias:	a second name for its folder, NULL for none
 *
 * As usual with debugfs, failing to make it is no error.
 *
 * Context: process; sleeps. Between oc_debugfs_init() and its end.
 */
void oc_debugfs_add(struct oc_dev *dev, const char *alias)
{
	struct dentry *dir = debugfs_create_dir(dev->name, oc_debugfs);

	dev->debugfs = dir;
	if (alias)
		dev->debugfs_alias = debugfs_create_symlink(alias, oc_debugfs,
							    dev->name);
	debugfs_create_file("channels", 0400, dir, dev, &oc_channels_fops);
	debugfs_create_file("memory", 0400, dir, dev, &oc_memory_fops);
	debugfs_create_file("chunks", 0400, dir, dev, &oc_chunks_fops);
	debugfs_create_file("units", 0400, dir, dev, &oc_units_fops);
	debugfs_create_file("wear", 0400, dir, dev, &oc_wear_fops);
	debugfs_create_file("l2p", 0400, dir, dev, &oc_l2p_fops);
	debugfs_create_file("controllers", 0400, dir, dev,
			    &oc_controllers_fops);
	oc_block_debugfs_add(dev, dir);
	debugfs_create_file("notify_ns", 0200, dir, dev, &oc_notify_fops);
	debugfs_create_file("use_inline", 0600, dir, dev,
			    &oc_use_inline_fops);
	oc_inject_add(dev, dir);
}

/**
 * oc_debugfs_remove() - stop showing a device
 * @dev:	device
 *
 * Context: process; sleeps until nobody reads any more.
 */
void oc_debugfs_remove(struct oc_dev *dev)
{
	debugfs_remove(dev->debugfs_alias);
	debugfs_remove_recursive(dev->debugfs);
}
