// SPDX-License-Identifier: GPL-2.0
/*
 * look/inject.c - files of faults and states: in debugfs, and on disk at load
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/kernel.h>
#include <linux/kernel_read_file.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "oc_dev.h"
#include "oc_fault.h"
#include "oc_look.h"
#include "oc_state.h"

#define OC_FAULTS_BYTES	(64 << 10)	/* text of rules */
#define OC_FILE_BYTES	(64 << 20)	/* a file at load */

/* ---- faults ----------------------------------------------------------- */

/* Buffers of programs, and so what they write at once, are multiples of this */
#define OC_CUT_BYTES	512

/**
 * struct oc_faults_file - an open file of rules
 * @dev:	device
 * @lock:	protects the others
 * @text:	what was written to it
 * @len:	its length
 * @change:	what becomes of the rules when it is closed
 * @cut:	the last line is wrong, and may not be all of it
 * @err:	an errno if it is wrong, or there was no memory for it
 */
struct oc_faults_file {
	struct oc_dev *dev;
	struct mutex lock;	/* text, len, change, cut, err */
	char *text;
	size_t len;
	struct oc_fault_change change;
	bool cut;
	int err;
};

static struct oc_faults_file *oc_faults_file(struct file *file)
{
	return ((struct seq_file *)file->private_data)->private;
}

static int oc_faults_show(struct seq_file *s, void *unused)
{
	const struct oc_faults_file *ff = s->private;

	oc_dev_show_faults(ff->dev, s);
	return 0;
}

static int oc_faults_open(struct inode *inode, struct file *file)
{
	struct oc_faults_file *ff = kzalloc(sizeof(*ff), GFP_KERNEL);
	int ret;

	if (!ff)
		return -ENOMEM;
	ff->dev = inode->i_private;
	mutex_init(&ff->lock);
	ret = single_open(file, oc_faults_show, ff);
	if (ret)
		kfree(ff);
	return ret;
}

static int oc_faults_complain(const struct oc_text_err *err, int ret)
{
	if (ret == -EINVAL)
		pr_err("faults, line %u: want %s\n", err->line, err->want);
	return ret;
}

/*
 * Does the text end where a program's buffer did, in the middle of a line, with
 * whole lines that are right before it?
 */
static bool oc_faults_is_cut(struct oc_faults_file *ff, size_t written)
{
	struct oc_fault_change change;
	struct oc_text_err err;
	size_t len = ff->len;
	bool cut;

	if (written % OC_CUT_BYTES || ff->text[len - 1] == '\n')
		return false;
	while (len && ff->text[len - 1] != '\n')
		len--;
	cut = !oc_fault_prepare(&change, ff->dev, ff->text, len, &err);
	oc_fault_drop(&change);
	return cut;
}

static int oc_faults_append(struct oc_faults_file *ff, const char __user *buf,
			    size_t len)
{
	struct oc_text_err err;
	char *text;
	int ret;

	if (len > OC_FAULTS_BYTES - ff->len)
		return -EFBIG;
	text = krealloc(ff->text, ff->len + len, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	ff->text = text;
	if (copy_from_user(text + ff->len, buf, len))
		return -EFAULT;
	ff->len += len;

	oc_fault_drop(&ff->change);
	ret = oc_fault_prepare(&ff->change, ff->dev, text, ff->len, &err);
	ff->cut = ret == -EINVAL && oc_faults_is_cut(ff, len);
	return ff->cut ? 0 : oc_faults_complain(&err, ret);
}

static ssize_t oc_faults_read(struct file *file, char __user *buf, size_t len,
			      loff_t *pos)
{
	struct dentry *dentry = file->f_path.dentry;
	ssize_t ret = debugfs_file_get(dentry);

	if (ret)
		return ret;
	ret = seq_read(file, buf, len, pos);
	debugfs_file_put(dentry);
	return ret;
}

/*
 * A shell writes line by line and has no use for what close() returns: what is
 * wrong is refused at once, and then all of it; what is right holds when the file
 * is closed, and then all of it, by which time nothing can fail any more.
 */
static ssize_t oc_faults_write(struct file *file, const char __user *buf,
			       size_t len, loff_t *pos)
{
	struct oc_faults_file *ff = oc_faults_file(file);
	struct dentry *dentry = file->f_path.dentry;
	int err;

	if (!len)
		return 0;
	err = debugfs_file_get(dentry);
	if (err)
		return err;
	mutex_lock(&ff->lock);
	if (!ff->err)
		ff->err = oc_faults_append(ff, buf, len);
	err = ff->err;
	mutex_unlock(&ff->lock);
	debugfs_file_put(dentry);
	if (err)
		return err;
	*pos += len;
	return len;
}

/* What close() returns: no rest has come for a line that was cut */
static int oc_faults_flush(struct file *file, fl_owner_t id)
{
	return READ_ONCE(oc_faults_file(file)->cut) ? -EINVAL : 0;
}

static int oc_faults_release(struct inode *inode, struct file *file)
{
	struct oc_faults_file *ff = oc_faults_file(file);
	struct dentry *dentry = file->f_path.dentry;
	struct oc_text_err err;

	if (!ff->err && ff->text && !debugfs_file_get(dentry)) {
		if (ff->cut)
			oc_faults_complain(&err,
					   oc_fault_prepare(&ff->change,
							    ff->dev, ff->text,
							    ff->len, &err));
		else
			oc_fault_apply(&ff->change, ff->dev);
		debugfs_file_put(dentry);
	}
	oc_fault_drop(&ff->change);
	kfree(ff->text);
	mutex_destroy(&ff->lock);
	kfree(ff);
	return single_release(inode, file);
}

/* Of its own flush() the usual proxy of debugfs knows nothing */
static const struct file_operations oc_faults_fops = {
	.owner		= THIS_MODULE,
	.open		= oc_faults_open,
	.read		= oc_faults_read,
	.write		= oc_faults_write,
	.flush		= oc_faults_flush,
	.llseek		= seq_lseek,
	.release	= oc_faults_release,
};

/* ---- states: a record for each parallel unit -------------------------- */

static void *oc_states_start(struct seq_file *s, loff_t *pos)
{
	const struct oc_dev *dev = s->private;

	return *pos < dev->geo.num_grp * dev->geo.num_pu ? pos : NULL;
}

static void *oc_states_next(struct seq_file *s, void *v, loff_t *pos)
{
	++*pos;
	return oc_states_start(s, pos);
}

static void oc_states_stop(struct seq_file *s, void *v)
{
}

static int oc_states_show(struct seq_file *s, void *v)
{
	struct oc_dev *dev = s->private;
	u32 n = *(loff_t *)v;

	return oc_state_show(dev, n / dev->geo.num_pu, n % dev->geo.num_pu, s);
}

static const struct seq_operations oc_states_sops = {
	.start	= oc_states_start,
	.next	= oc_states_next,
	.stop	= oc_states_stop,
	.show	= oc_states_show,
};

DEFINE_SEQ_ATTRIBUTE(oc_states);

/**
 * oc_inject_add() - show and take faults, show states
 * @dev:	device
 * @dir:	its folder in debugfs
 *
 * Context: process; sleeps.
 */
void oc_inject_add(struct oc_dev *dev, struct dentry *dir)
{
	debugfs_create_file_unsafe("faults", 0600, dir, dev, &oc_faults_fops);
	debugfs_create_file("state", 0400, dir, dev, &oc_states_fops);
}

/* ---- on disk ---------------------------------------------------------- */

/* Why a file cannot be read, in words that say what to do about it */
static void oc_script_complain(const char *param, const char *path, int err)
{
	static const struct {
		int err;
		const char *want;
	} words[] = {
		{ -ENOENT, "a file that is there" },
		{ -ENOTDIR, "a file that is there" },
		{ -EACCES, "a file that may be read" },
		{ -EPERM, "a file that may be read" },
		{ -EINVAL, "a file, no folder or device, and not empty" },
		{ -EFBIG, "a file of at most 64 MiB" },
		{ -ETXTBSY, "a file that nobody is writing" },
		{ -ENOMEM, "more memory, or a smaller file" },
		{ -EIO, "a file that can be read to its end" },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (words[i].err != err)
			continue;
		pr_err("%s=%s: want %s\n", param, path, words[i].want);
		return;
	}
	pr_err("%s=%s: want a file that can be read (%d)\n", param, path, err);
}

/**
 * oc_script_read() - get a text that a parameter gives, itself or by its path
 * @script:	its value, which stays valid; the rest is filled in, and
 *		oc_script_free() ends it
 * @param:	the parameter
 * @inline_ok:	the text may be the value itself: paths begin with /
 *
 * Context: process; sleeps. Has logged why it fails.
 * Return: 0, or an errno of opening or reading the file, -EFBIG above 64 MiB.
 */
int oc_script_read(struct oc_script *script, const char *param, bool inline_ok)
{
	const char *value = script->value;
	void *buf = NULL;
	int ret;

	if (!value || !*value)
		return 0;
	if (inline_ok && *value != '/') {
		script->text = value;
		script->len = strlen(value);
		return 0;
	}
	ret = kernel_read_file_from_path(value, 0, &buf, OC_FILE_BYTES, NULL,
					 READING_UNKNOWN);
	if (ret < 0) {
		oc_script_complain(param, value, ret);
		return ret;
	}
	script->name = value;
	script->buf = buf;
	script->text = buf;
	script->len = ret;
	return 0;
}

/**
 * oc_script_free() - end what oc_script_read() began
 * @script:	script, or zeroes
 *
 * Context: process; sleeps.
 */
void oc_script_free(struct oc_script *script)
{
	vfree(script->buf);
	*script = (struct oc_script) { .value = script->value };
}
