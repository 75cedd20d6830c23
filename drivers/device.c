// SPDX-License-Identifier: GPL-2.0
/*
 * device.c - a device from its configuration to its end
 */
/* KBUILD_MODNAME would name the KUnit module too */
#define pr_fmt(fmt) "ocloop: " fmt

#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "oc.h"
#include "oc_assert.h"
#include "oc_channel.h"
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

/* Copy a name that the host sees: @max printable characters, none of @ban */
static int oc_dev_name(char *to, const char *from, const char *param,
		       size_t max, const char *ban, struct oc_complaint *why)
{
	size_t len = strlen(from), i;

	for (i = 0; i < len; i++)
		if (!isascii(from[i]) || !isprint(from[i]) ||
		    strchr(ban, from[i]))
			break;
	if (!len || len > max || i < len) {
		oc_complain(why, param, from,
			    "1 to %zu printable characters%s", max,
			    *ban ? ", no spaces, commas or quotes" : "");
		return -EINVAL;
	}
	strcpy(to, from);
	return 0;
}

/* A name is part of a path, an NQN and a disk's name */
static int oc_dev_set_name(struct oc_dev *dev, const char *name,
			   struct oc_complaint *why)
{
	size_t len;

	if (!name)
		name = OC_FIRST_NAME;
	for (len = 0; isascii(name[len]); len++)
		if (!isalnum(name[len]) && (!len || !name[len] ||
					    !strchr("-_.", name[len])))
			break;
	if (name[len] || !len || len > OC_NAME_MAX) {
		oc_complain(why, "name", name,
			    "1 to %u letters, digits, -, _ or ., of which the first is a letter or digit",
			    OC_NAME_MAX);
		return -EINVAL;
	}
	strcpy(dev->name, name);
	return 0;
}

static int oc_dev_names(struct oc_dev *dev, const struct oc_config *cfg,
			struct oc_complaint *why)
{
	char text[NVMF_NQN_FIELD_LEN];
	int ret;

	ret = oc_dev_set_name(dev, cfg->name, why);
	if (ret)
		return ret;
	snprintf(text, sizeof(text), "nqn.2026-11.ocloop:%s", dev->name);
	ret = oc_dev_name(dev->subsysnqn, cfg->subsysnqn ? : text, "subsysnqn",
			  NVMF_NQN_SIZE, " ,\"'", why);
	if (ret)
		return ret;
	if (!strcmp(dev->subsysnqn, NVME_DISC_SUBSYS_NAME)) {
		oc_complain(why, "subsysnqn", dev->subsysnqn,
			    "an NQN other than the discovery service's");
		return -EINVAL;
	}
	snprintf(text, sizeof(text), "OC-%s", dev->name);
	ret = oc_dev_name(dev->serial, cfg->serial ? : text, "serial",
			  sizeof(dev->serial) - 1, "", why);
	if (ret)
		return ret;
	ret = oc_dev_name(dev->model, cfg->model, "model",
			  sizeof(dev->model) - 1, "", why);
	if (ret || !cfg->host || !*cfg->host)
		return ret;
	return oc_dev_name(dev->host, cfg->host, "host", NVMF_NQN_SIZE, " ,\"'",
			   why);
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

static int oc_dev_gc(struct oc_dev *dev, const char *name,
		     struct oc_complaint *why)
{
	dev->gc = oc_ftl_policy(name ? name : "greedy");
	if (dev->gc)
		return 0;
	oc_complain(why, "gc", name, "greedy or cost-benefit");
	return -EINVAL;
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

	why->param = NULL;
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
	dev->endurance = cfg->endurance ? cfg->endurance : OC_ENDURANCE;
	dev->strict = cfg->strict;
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
	ret = oc_memory_parse(&dev->memory.limit, cfg->memory ? cfg->memory : "",
			      total, why);
	if (ret)
		goto err_srcu;
	ret = oc_geo_shape(&dev->geo, cfg->type, cfg->cnlb, why);
	if (ret)
		goto err_srcu;
	ret = oc_dev_names(dev, cfg, why);
	if (ret)
		goto err_srcu;
	ret = oc_formats_parse(dev, cfg->formats, why);
	if (ret)
		goto err_srcu;
	ret = oc_dev_gc(dev, cfg->gc, why);
	if (ret)
		goto err_srcu;
	ret = oc_use_parse(&dev->ignore_use, cfg->in_use, why);
	if (ret)
		goto err_srcu;
	ret = oc_ns_parse(dev, cfg->ns, why);
	if (ret)
		goto err_ns;
	ret = oc_timing_parse(&dev->timing, cfg->timing ? cfg->timing : "",
			      why);
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
