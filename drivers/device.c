// SPDX-License-Identifier: GPL-2.0
/*
 * device.c - a device from its configuration to its end
 */
/* KBUILD_MODNAME would name the KUnit module too */
#define pr_fmt(fmt) "ocloop: " fmt

#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "oc.h"
#include "oc_assert.h"
#include "oc_channel.h"
#include "oc_config.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_fault.h"
#include "oc_freeze.h"
#include "oc_ftl.h"
#include "oc_geometry.h"
#include "oc_media.h"
#include "oc_memory.h"
#include "oc_ns.h"
#include "oc_state.h"
#include "oc_text.h"
#include "oc_timing.h"

/* What stands in ns= as KIND, the default first */
static const struct oc_ns_kind *const oc_ns_kinds[] = {
	&oc_ns_oc20, &oc_ns_oc12, &oc_ns_oc12h, &oc_ns_block, NULL,
};

/* All are known to be right */
static void oc_dev_names(struct oc_dev *dev, const struct oc_config *cfg)
{
	strscpy(dev->name, cfg->name ? cfg->name : OC_FIRST_NAME,
		sizeof(dev->name));
	oc_config_show(cfg, OC_CONFIG_subsysnqn, dev->subsysnqn,
		       sizeof(dev->subsysnqn));
	oc_config_show(cfg, OC_CONFIG_serial, dev->serial, sizeof(dev->serial));
	oc_config_show(cfg, OC_CONFIG_model, dev->model, sizeof(dev->model));
	oc_config_show(cfg, OC_CONFIG_host, dev->host, sizeof(dev->host));
}

/* Bytes the tables take, by far most of them the L2P's */
static u64 oc_dev_table_bytes(const struct oc_dev *dev)
{
	const struct oc_geo *geo = &dev->geo;
	u64 ch = (u64)geo->secs * sizeof(u32) +
		(u64)geo->chks * sizeof(struct oc_chunk) +
		dev->media->table_bytes(geo);

	ch += geo->num_pu * (sizeof(struct oc_die) + sizeof(u32)) +
		OC_BUS_SPANS * sizeof(struct oc_span) +
		OC_CACHE_ENTRIES * sizeof(struct oc_cached);
	return geo->num_grp * (ch + sizeof(struct oc_channel));
}

static int oc_dev_fits(struct oc_dev *dev, struct oc_complaint *why)
{
	u64 have = (u64)si_mem_available() << PAGE_SHIFT;
	struct oc_ns *ns;
	char value[16];

	dev->table_bytes = oc_dev_table_bytes(dev);
	oc_for_each_ns(dev, ns)
		dev->table_bytes += oc_ns_table_bytes(ns);
	if (dev->table_bytes < have)
		return 0;

	scnprintf(value, sizeof(value), "%u", dev->geo.num_chk);
	oc_complain(why, "num_chk", value,
		    "fewer chunks: the tables take %llu MiB and %llu MiB are free",
		    dev->table_bytes >> 20, have >> 20);
	return -ENOMEM;
}

static int oc_dev_channels(struct oc_dev *dev)
{
	struct oc_ns *ns;
	u32 i;
	int ret;

	dev->ch = kvcalloc(dev->geo.num_grp, sizeof(*dev->ch), GFP_KERNEL);
	if (!dev->ch)
		return -ENOMEM;
	for (i = 0; i < dev->geo.num_grp; i++) {
		ns = oc_ns_of(dev, i);
		ret = oc_channel_init(&dev->ch[i], dev, i,
				      ns ? &ns->geo : &dev->geo);
		if (ret)
			return ret;
	}
	oc_for_each_ns(dev, ns)
		if (ns->kind->setup)
			ns->kind->setup(ns);
	return 0;
}

/* A script that is wrong, in the words of its parameter */
static void oc_dev_complain(struct oc_complaint *why, const char *param,
			    const struct oc_script *script,
			    const struct oc_text_err *err)
{
	char value[sizeof(why->value)];

	if (script->name)
		scnprintf(value, sizeof(value), "%.60s, line %u", script->name,
			  err->line);
	else
		scnprintf(value, sizeof(value), "line %u", err->line);
	oc_complain(why, param, value, "%s", err->want);
}

static int oc_dev_state(struct oc_dev *dev, const struct oc_config *cfg,
			struct oc_complaint *why)
{
	struct oc_text_err err = { };
	int ret;

	ret = oc_state_load(dev, cfg->state.text, cfg->state.len, &err);
	if (ret)
		oc_dev_complain(why, "state", &cfg->state, &err);
	return ret;
}

static int oc_dev_faults(struct oc_dev *dev, const struct oc_config *cfg,
			 struct oc_complaint *why)
{
	struct oc_text_err err = { };
	int ret;

	if (!cfg->faults.len)
		return 0;
	ret = oc_dev_set_faults(dev, cfg->faults.text, cfg->faults.len, &err);
	if (ret && err.line)
		oc_dev_complain(why, "faults", &cfg->faults, &err);
	return ret;
}

/*
 * Admin commands take these locks, a reset waits for admin commands, and writeback
 * may wait for the reset. So nobody who holds one may have memory reclaimed by
 * writing. Lockdep hears of it here, before it happens.
 */
static void oc_dev_teach_lockdep(struct oc_dev *dev)
{
	if (!IS_ENABLED(CONFIG_LOCKDEP))
		return;
	fs_reclaim_acquire(GFP_KERNEL);
	might_lock(&dev->format_lock);
	might_lock(&dev->lock);
	fs_reclaim_release(GFP_KERNEL);
}

/**
 * oc_dev_create() - make a device
 * @cfg:	configuration; not needed afterwards
 * @why:	filled in when the configuration is at fault
 *
 * Context: process; sleeps.
 * Return: the device, or an ERR_PTR: -EINVAL for a wrong value, -E2BIG for a
 * product that is too large, -ENOSPC for a state that leaves block namespaces too
 * few chunks, -ENOMEM. @why->param is NULL if memory ran out in the middle, and
 * never else.
 */
struct oc_dev *oc_dev_create(const struct oc_config *cfg,
			     struct oc_complaint *why)
{
	u64 total = (u64)totalram_pages() << PAGE_SHIFT;
	struct oc_dev *dev;
	int ret;

	ret = oc_config_check(cfg, why);
	if (ret)
		return ERR_PTR(ret);
	dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return ERR_PTR(-ENOMEM);

	mutex_init(&dev->lock);
	mutex_init(&dev->format_lock);
	spin_lock_init(&dev->geo_lock);
	oc_dev_teach_lockdep(dev);
	INIT_LIST_HEAD(&dev->entry);
	INIT_LIST_HEAD(&dev->ctrls);
	INIT_LIST_HEAD(&dev->ports);
	ida_init(&dev->cntlids);
	oc_notices_init(dev);
	oc_sanitize_init(dev);
	dev->geo = cfg->geo;
	dev->shared = cfg->shared;
	dev->bare = cfg->bare;
	dev->use_inline = cfg->use_inline;
	dev->endurance = cfg->endurance;
	dev->strict = cfg->strict;
	dev->gc = oc_ftl_policy(oc_config_text(cfg, OC_CONFIG_gc));
	oc_dev_names(dev, cfg);
	dev->media = &oc_media_ram;
	dev->kinds = oc_ns_kinds;
	dev->created = &oc_ns_block;
	dev->admin = oc_admin_ops;
	dev->born_ns = ktime_get_boottime_ns();

	ret = init_srcu_struct(&dev->ns_srcu);
	if (ret)
		goto err_free;
	ret = oc_geo_init(&dev->geo, why);
	if (ret)
		goto err_srcu;
	oc_memory_init(&dev->memory, dev->geo.num_grp, total);
	ret = oc_memory_parse(&dev->memory.limit,
			      oc_config_text(cfg, OC_CONFIG_memory), total, why);
	if (ret)
		goto err_srcu;
	ret = oc_geo_shape(&dev->geo, cfg->type, cfg->cnlb, why);
	if (ret)
		goto err_srcu;
	ret = oc_formats_parse(dev, cfg->formats, why);
	if (ret)
		goto err_srcu;
	ret = oc_use_parse(&dev->ignore_use,
			   oc_config_text(cfg, OC_CONFIG_in_use), why);
	if (ret)
		goto err_srcu;
	ret = oc_ns_parse(dev, cfg->ns, why);
	if (ret)
		goto err_ns;
	ret = oc_timing_parse(&dev->timing,
			      oc_config_text(cfg, OC_CONFIG_timing), why);
	if (ret)
		goto err_ns;
	dev->timed = dev->timing.on;
	ret = oc_dev_fits(dev, why);
	if (ret)
		goto err_ns;

	ret = -ENOMEM;
	dev->cmds = alloc_percpu(struct oc_cmd_count);
	if (!dev->cmds)
		goto err_ns;
	dev->admin_wq = alloc_workqueue("%s_admin", WQ_MEM_RECLAIM | WQ_PERCPU, 0,
					dev->name);
	if (!dev->admin_wq)
		goto err_cmds;
	ret = dev->media->open(dev);
	if (ret)
		goto err_wq;
	ret = oc_dev_channels(dev);
	if (!ret)
		ret = oc_dev_state(dev, cfg, why);
	if (!ret)
		ret = oc_ns_open(dev, why);
	if (!ret)
		ret = oc_dev_faults(dev, cfg, why);
	if (ret)
		goto err_channels;
	oc_assert_begin(dev);
	return dev;

err_channels:
	oc_dev_destroy(dev);
	return ERR_PTR(ret);
err_wq:
	destroy_workqueue(dev->admin_wq);
err_cmds:
	free_percpu(dev->cmds);
err_ns:
	oc_ns_free(dev);
err_srcu:
	cleanup_srcu_struct(&dev->ns_srcu);
err_free:
	mutex_destroy(&dev->format_lock);
	mutex_destroy(&dev->lock);
	kfree(dev);
	return ERR_PTR(ret);
}

static void oc_channel_set_timing(struct oc_channel *ch, void *arg)
{
	oc_assert_owned(ch);
	ch->timing = *(const struct oc_timing *)arg;
}

/**
 * oc_dev_set_timing() - change a device's times
 * @dev:	device, perhaps busy
 * @tm:		times; they hold for the commands that come from now on
 *
 * Context: process; sleeps. Takes oc_dev.lock.
 */
void oc_dev_set_timing(struct oc_dev *dev, const struct oc_timing *tm)
{
	u32 i;

	mutex_lock(&dev->lock);
	dev->timing = *tm;
	WRITE_ONCE(dev->timed, tm->on);
	for (i = 0; i < dev->geo.num_grp; i++)
		oc_channel_call(&dev->ch[i], oc_channel_set_timing,
				&dev->timing);
	mutex_unlock(&dev->lock);
}

static int oc_dev_apply_timing(struct oc_dev *dev, const char *text,
			       struct oc_complaint *why)
{
	struct oc_timing tm;
	int ret = oc_timing_parse(&tm, text, why);

	if (!ret)
		oc_dev_set_timing(dev, &tm);
	return ret;
}

static int oc_dev_apply_memory(struct oc_dev *dev, const char *text,
			       struct oc_complaint *why)
{
	struct oc_memory_limit limit;
	int ret = oc_memory_parse(&limit, text,
				  (u64)totalram_pages() << PAGE_SHIFT, why);

	if (!ret)
		oc_dev_set_memory(dev, &limit);
	return ret;
}

static int oc_dev_apply_in_use(struct oc_dev *dev, const char *text,
			       struct oc_complaint *why)
{
	bool ignore;
	int ret = oc_use_parse(&ignore, text, why);

	if (!ret)
		WRITE_ONCE(dev->ignore_use, ignore);
	return ret;
}

/* Rows with OC_ROW_LIVE */
static int (*const oc_dev_apply_row[OC_CONFIG_ROWS])(struct oc_dev *dev,
						     const char *text,
						     struct oc_complaint *why) = {
	[OC_CONFIG_timing]	= oc_dev_apply_timing,
	[OC_CONFIG_memory]	= oc_dev_apply_memory,
	[OC_CONFIG_in_use]	= oc_dev_apply_in_use,
};

/**
 * oc_dev_apply() - change what may change while a device runs
 * @dev:	device, perhaps busy
 * @cfg:	configuration that has the new value
 * @id:		row
 * @why:	filled in if the value is wrong
 *
 * Context: process; sleeps. Takes oc_dev.lock. One change of a row at a time.
 * Return: 0; -EBUSY for a row without OC_ROW_LIVE; -EINVAL for a wrong value;
 * -ENOMEM with @why->param NULL.
 */
int oc_dev_apply(struct oc_dev *dev, const struct oc_config *cfg,
		 enum oc_config_id id, struct oc_complaint *why)
{
	why->param = NULL;
	if (!oc_dev_apply_row[id])
		return -EBUSY;
	return oc_dev_apply_row[id](dev, oc_config_text(cfg, id), why);
}

/**
 * oc_dev_destroy() - end a device and all it holds
 * @dev:	device without controllers, which nobody finds any more; channels may
 *		be half made
 *
 * Context: process; sleeps.
 */
void oc_dev_destroy(struct oc_dev *dev)
{
	u32 i;

	WARN_ON_ONCE(!list_empty(&dev->ctrls) || !list_empty(&dev->entry));
	oc_sanitize_exit(dev);
	oc_notices_exit(dev);
	destroy_workqueue(dev->admin_wq);
	oc_assert_end(dev);
	oc_dev_free_faults(dev);
	for (i = 0; dev->ch && i < dev->geo.num_grp; i++)
		oc_channel_exit(&dev->ch[i]);
	oc_memory_exit(dev);
	kvfree(dev->ch);
	dev->media->close(dev);
	free_percpu(dev->cmds);
	ida_destroy(&dev->cntlids);
	oc_ns_free(dev);
	cleanup_srcu_struct(&dev->ns_srcu);
	mutex_destroy(&dev->format_lock);
	mutex_destroy(&dev->lock);
	kfree(dev);
}
