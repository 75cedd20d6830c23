// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - module parameters, load and unload
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc.h"
#include "oc_config.h"
#include "oc_dev.h"
#include "oc_devices.h"
#include "oc_geometry.h"
#include "oc_host.h"
#include "oc_look.h"
#include "oc_ns.h"
#include "oc_text.h"
#include "oc_wire.h"

/*
 * What the parameters say, and the device that is made of it. Both change under
 * kernel_param_lock().
 */
#define OC_GEOM(_name, _help, _num)	.geo._name = _num,
#define OC_UINT(_name, _help, _num, ...)	._name = _num,
#define OC_BOOL(_name, _help, _num)	._name = _num,
#define OC_NAME(...)
#define OC_TEXT(...)
#define OC_LIVE(...)
static struct oc_config oc_param_config = {
#include "oc_config_rows.h"
};

static struct oc_dev *oc_param_dev;

/*
 * At load, what is wrong with a parameter. The kernel would refuse it without a word on
 * what is right, so the setter takes everything and oc_init() complains.
 */
static char *oc_param_bad[OC_CONFIG_ROWS];

/* The one line that a wrong value leaves */
static void oc_param_complain(enum oc_config_id id, const char *text,
			      const struct oc_complaint *why)
{
	if (why->param)
		pr_err("%s=%s: want %s\n", why->param, why->value, why->want);
	else
		pr_err("%s=%s: no memory to read it\n",
		       oc_config_rows[id].name, text);
}

static int oc_param_load(enum oc_config_id id, const char *text)
{
	struct oc_complaint why;

	kfree(oc_param_bad[id]);
	oc_param_bad[id] = NULL;
	if (!oc_config_set(&oc_param_config, id, text, &why))
		return 0;
	oc_param_bad[id] = kstrdup(text, GFP_KERNEL);
	return oc_param_bad[id] ? 0 : -ENOMEM;
}

static int oc_param_change(enum oc_config_id id, const char *text)
{
	struct oc_complaint why;
	struct oc_config cfg;
	int ret;

	oc_config_init(&cfg);
	ret = oc_config_set(&cfg, id, text, &why);
	if (!ret)
		ret = oc_dev_apply(oc_param_dev, &cfg, id, &why);
	if (ret)
		oc_param_complain(id, text, &why);
	else
		oc_config_move(&oc_param_config, &cfg, id);
	oc_config_free(&cfg);
	return ret;
}

static enum oc_config_id oc_param_id(const void *row)
{
	return (const struct oc_config_row *)row - oc_config_rows;
}

static int oc_param_set(const char *text, const struct kernel_param *kp)
{
	enum oc_config_id id = oc_param_id(kp->arg);

	return oc_param_dev ? oc_param_change(id, text) :
			      oc_param_load(id, text);
}

static int oc_param_get(char *buf, const struct kernel_param *kp)
{
	int len = oc_config_show(&oc_param_config, oc_param_id(kp->arg), buf,
				 PAGE_SIZE - 1);

	return len + scnprintf(buf + len, PAGE_SIZE - len, "\n");
}

/* The module goes, or has failed to come */
static void oc_param_free(void *row)
{
	enum oc_config_id id = oc_param_id(row);

	kfree(oc_param_bad[id]);
	oc_param_bad[id] = NULL;
	oc_config_clear(&oc_param_config, id);
}

static const struct kernel_param_ops oc_param_ops = {
	.set	= oc_param_set,
	.get	= oc_param_get,
	.free	= oc_param_free,
};

#define OC_PARAM(_name, _type, _perm, _help)				\
	module_param_cb(_name, &oc_param_ops,				\
			(void *)&oc_config_rows[OC_CONFIG_##_name], _perm); \
	__MODULE_PARM_TYPE(_name, _type);				\
	MODULE_PARM_DESC(_name, _help);
#define OC_GEOM(_name, _help, ...)	OC_PARAM(_name, "uint", 0444, _help)
#define OC_UINT(_name, _help, ...)	OC_PARAM(_name, "uint", 0444, _help)
#define OC_BOOL(_name, _help, ...)	OC_PARAM(_name, "uint", 0444, _help)
#define OC_NAME(_name, _help, ...)	OC_PARAM(_name, "charp", 0444, _help)
#define OC_TEXT(_name, _help, ...)	OC_PARAM(_name, "charp", 0444, _help)
#define OC_LIVE(_name, _help, ...)	OC_PARAM(_name, "string", 0644, _help)
#include "oc_config_rows.h"

/**
 * struct oc_binding - a way for hosts to reach devices
 * @name:	word in attach=
 * @bare:	there is no controller
 * @attach:	have hosts reach a device; returns 0 or an errno, and has logged why
 *		but for -ENOMEM
 * @detach:	end it
 * @begin:	what it takes once, after the first device, optional: by a name, when
 *		hosts may come at once; returns 0 or an errno
 * @end:	end that, before the last device goes
 */
struct oc_binding {
	const char *name;
	bool bare;
	int (*attach)(struct oc_dev *dev);
	void (*detach)(struct oc_dev *dev);
	int (*begin)(const char *transport);
	void (*end)(void);
};

static const struct oc_binding oc_bindings[] = {
	{
		.name	= "fabrics",
		.attach	= oc_transport_attach,
		.detach	= oc_transport_detach,
		.begin	= oc_transport_register,
		.end	= oc_transport_unregister,
	},
#if IS_ENABLED(CONFIG_NVM)
	{
		.name	= "lightnvm",
		.bare	= true,
		.attach	= oc_nvm_attach,
		.detach	= oc_nvm_detach,
	},
#endif
};

static const struct oc_binding *oc_binding;

static int oc_find_binding(const char *name, struct oc_complaint *why)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(oc_bindings); i++) {
		if (strcmp(oc_bindings[i].name, name))
			continue;
		oc_binding = &oc_bindings[i];
		return 0;
	}
	oc_complain(why, "attach", name,
		    "fabrics, or lightnvm on a kernel with CONFIG_NVM");
	return -EINVAL;
}

static void oc_print_device(struct oc_dev *dev)
{
	const struct oc_geo *geo = &dev->geo;
	const char *advice;
	char text[256];
	const struct oc_ns *ns;
	u32 len = 0;
	int idx;

	strscpy(text, "none", sizeof(text));
	idx = srcu_read_lock(&dev->ns_srcu);
	oc_for_each_ns(dev, ns)
		len += oc_ns_describe(ns, text + len, sizeof(text) - len);
	pr_info("%s ready on %s%s: ns %s; %u grp x %u pu x %u chk x %u sectors of %u+%u bytes; %llu MiB, tables take %llu KiB\n",
		dev->subsysnqn, oc_binding->begin ? "transport " : "",
		oc_binding->begin ? oc_transport_name() : oc_binding->name, text,
		geo->num_grp, geo->num_pu, geo->num_chk, geo->clba, geo->lba_size, geo->oob_size,
		oc_geo_sectors(geo) << geo->lba_shift >> 20,
		dev->table_bytes >> 10);
	advice = oc_dev_memory_advice(dev, oc_dev_bytes(dev), text, sizeof(text));
	if (advice)
		pr_warn("%s\n", advice);
	oc_for_each_ns(dev, ns) {
		advice = ns->kind->advice ? ns->kind->advice(ns) : NULL;
		if (advice)
			pr_warn("namespace %u: %s\n", ns->nsid, advice);
	}
	srcu_read_unlock(&dev->ns_srcu, idx);
}

/* Make the device and have it found */
static int __init oc_start(const struct oc_config *cfg)
{
	const char *transport = oc_config_text(cfg, OC_CONFIG_transport);
	struct oc_complaint why;
	struct oc_dev *dev;
	int ret;

	dev = oc_dev_create(cfg, &why);
	if (IS_ERR(dev)) {
		if (why.param)
			oc_param_complain(0, "", &why);
		else
			pr_err("no memory for num_grp=%u channels: want a smaller device or more memory\n",
			       cfg->geo.num_grp);
		return PTR_ERR(dev);
	}
	ret = oc_binding->attach(dev);
	if (ret)
		goto err_dev;
	ret = oc_devices_add(dev, &why);
	if (ret) {
		oc_param_complain(0, "", &why);
		goto err_attach;
	}
	ret = oc_binding->begin ? oc_binding->begin(transport) : 0;
	if (ret)
		goto err_add;
	oc_debugfs_init();
	/* Scripts may know it by the name that it had first */
	oc_debugfs_add(dev, "oc0");
	if (oc_binding->begin && strcmp(oc_transport_name(), transport))
		pr_warn("transport=%s: the kernel's own nvme_%s has this name, so: nvme connect -t %s -a any -n %s\n",
			transport, transport, oc_transport_name(),
			dev->subsysnqn);
	oc_print_device(dev);
	oc_param_dev = dev;
	return 0;

err_add:
	oc_devices_remove(dev);
err_attach:
	oc_binding->detach(dev);
err_dev:
	if (ret == -ENOMEM)
		pr_err("attach=%s: want more memory\n", oc_binding->name);
	oc_dev_destroy(dev);
	return ret;
}

/* Has each parameter a value that it may have? */
static int __init oc_param_check(struct oc_config *cfg)
{
	struct oc_complaint why;
	enum oc_config_id id;
	int ret;

	for (id = 0; id < OC_CONFIG_ROWS; id++) {
		const char *text = oc_param_bad[id];

		ret = text ? oc_config_set(cfg, id, text, &why) : 0;
		if (ret) {
			oc_param_complain(id, text, &why);
			return ret;
		}
	}
	ret = oc_find_binding(oc_config_text(cfg, OC_CONFIG_attach), &why);
	if (ret) {
		oc_param_complain(OC_CONFIG_attach, "", &why);
		return ret;
	}
	cfg->bare = oc_binding->bare;
	return 0;
}

static int __init oc_load(struct oc_config *cfg)
{
	int ret;

	ret = oc_param_check(cfg);
	if (ret)
		return ret;
	ret = oc_script_read(&cfg->faults, "faults", true);
	if (ret)
		return ret;
	ret = oc_script_read(&cfg->state, "state", false);
	if (!ret)
		ret = oc_start(cfg);
	oc_script_free(&cfg->faults);
	oc_script_free(&cfg->state);
	return ret;
}

static int __init oc_init(void)
{
	int ret;

	/* What is written to a parameter from here on comes behind the device */
	kernel_param_lock(THIS_MODULE);
	ret = oc_load(&oc_param_config);
	kernel_param_unlock(THIS_MODULE);
	return ret;
}

static void __exit oc_exit(void)
{
	struct oc_dev *dev = oc_param_dev;

	/* A write to the timing parameter may be under way */
	kernel_param_lock(THIS_MODULE);
	oc_param_dev = NULL;
	kernel_param_unlock(THIS_MODULE);

	oc_debugfs_remove(dev);
	oc_debugfs_exit();
	if (oc_binding->end)
		oc_binding->end();
	/* Each controller holds the module, so nobody uses it */
	WARN_ON(oc_devices_remove(dev));
	oc_binding->detach(dev);
	oc_dev_destroy(dev);
}

module_init(oc_init);
module_exit(oc_exit);

MODULE_LICENSE("GPL v2");
MODULE_DESCRIPTION("Open-channel SSD without hardware, for nvme connect -t loop");
MODULE_VERSION(OC_VERSION);
/* nvme-fabrics asks for it at nvme connect -t ocloop */
MODULE_ALIAS("nvme-ocloop");
MODULE_SOFTDEP("pre: nvme-core nvme-fabrics");
