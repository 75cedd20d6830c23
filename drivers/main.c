// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - module parameters, load and unload
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "oc.h"
#include "oc_dev.h"
#include "oc_devices.h"
#include "oc_freeze.h"
#include "oc_geometry.h"
#include "oc_host.h"
#include "oc_look.h"
#include "oc_memory.h"
#include "oc_ns.h"
#include "oc_text.h"
#include "oc_timing.h"
#include "oc_wire.h"

/**
 * struct oc_num - a numeric parameter
 * @name:	its name
 * @val:	its value
 * @max:	the largest it may have
 * @bad:	what was given instead of a number, "" if nothing wrong was
 *
 * The kernel would refuse a wrong number without a word on what is right, so
 * the setter takes everything and oc_init() complains.
 */
struct oc_num {
	const char *name;
	u32 val;
	u32 max;
	char bad[64];
};

static int oc_num_set(const char *text, const struct kernel_param *kp)
{
	struct oc_num *num = kp->arg;

	*num->bad = '\0';
	if (!text)
		text = "";
	if (kstrtou32(text, 0, &num->val) || num->val > num->max)
		snprintf(num->bad, sizeof(num->bad), "%s", *text ? text : "(empty)");
	return 0;
}

static int oc_num_get(char *buf, const struct kernel_param *kp)
{
	const struct oc_num *num = kp->arg;

	return scnprintf(buf, PAGE_SIZE, "%u\n", num->val);
}

static const struct kernel_param_ops oc_num_ops = {
	.set	= oc_num_set,
	.get	= oc_num_get,
};

#define OC_NUM(_name, _default, _max)					\
	static struct oc_num oc_p_##_name = {				\
		.name = #_name, .val = _default, .max = _max,		\
	};								\
	module_param_cb(_name, &oc_num_ops, &oc_p_##_name, 0444);	\
	__MODULE_PARM_TYPE(_name, "uint")

OC_NUM(num_grp, 4, U32_MAX);
MODULE_PARM_DESC(num_grp, "groups (channels), 1-256 (default 4)");
OC_NUM(num_pu, 4, U32_MAX);
MODULE_PARM_DESC(num_pu, "parallel units (LUNs) per group, 1-256 (default 4)");
OC_NUM(num_chk, 64, U32_MAX);
MODULE_PARM_DESC(num_chk, "chunks per parallel unit, 1-65536 (default 64)");
OC_NUM(clba, 512, U32_MAX);
MODULE_PARM_DESC(clba, "sectors per chunk, 1-16777216, a multiple of ws_min, with oc20 namespaces of ws_opt (default 512)");
OC_NUM(ws_min, 4, U32_MAX);
MODULE_PARM_DESC(ws_min, "smallest write, sectors, 1-64 (default 4)");
OC_NUM(ws_opt, 8, U32_MAX);
MODULE_PARM_DESC(ws_opt, "best write, sectors, 1-64, a multiple of ws_min (default 8)");
OC_NUM(mw_cunits, 32, U32_MAX);
MODULE_PARM_DESC(mw_cunits, "sectors that must follow before a sector can be read, 0-clba (default 32)");
OC_NUM(lba_size, 4096, U32_MAX);
MODULE_PARM_DESC(lba_size, "bytes per sector, a power of two, 512-16384 (default 4096)");
OC_NUM(oob_size, 16, U32_MAX);
MODULE_PARM_DESC(oob_size, "out-of-band bytes per sector, a multiple of 8, 0-128 (default 16)");
OC_NUM(mccap, OC_MCCAP_VECTOR_COPY | OC_MCCAP_EARLY_RESET, U32_MAX);
MODULE_PARM_DESC(mccap, "capabilities: sum of 1, vector copy, 2, free chunks may be reset, and 4, open chunks may be reset (default 5)");
OC_NUM(wit, 255, U32_MAX);
MODULE_PARM_DESC(wit, "resets that a chunk's wear index may be from the average of its group before hosts are told, 0-255, 0 and 255 for never (default 255)");
OC_NUM(dlfeat, OC_DLFEAT_ZEROES, U32_MAX);
MODULE_PARM_DESC(dlfeat, "what unwritten sectors read as: 1 zeroes, 2 all ones, 0 zeroes without a promise; 0-2 (default 1)");
OC_NUM(maxoc, 0, U32_MAX);
MODULE_PARM_DESC(maxoc, "open chunks an oc20 namespace may have, 1-4294967295, 0 for no limit (default 0)");
OC_NUM(maxocpu, 0, U32_MAX);
MODULE_PARM_DESC(maxocpu, "open chunks a parallel unit of an oc20 namespace may have, 1-4294967295, 0 for no limit (default 0)");
OC_NUM(num_pln, 1, U32_MAX);
MODULE_PARM_DESC(num_pln, "planes of parallel units in oc12 and oc12h namespaces, 1-4 but not 3; num_chk must be a multiple of it (default 1)");
OC_NUM(secs_per_pg, 4, U32_MAX);
MODULE_PARM_DESC(secs_per_pg, "sectors per page in oc12 and oc12h namespaces, a power of two, 1-16; clba must be a multiple of it (default 4)");
OC_NUM(strict, 1, 1);
MODULE_PARM_DESC(strict, "0 lets oc12 and oc12h namespaces be written in any order, 1 holds them to NAND's; 0-1 (default 1)");
OC_NUM(shared, 0, 1);
MODULE_PARM_DESC(shared, "1 lets several controllers connect at once, without lightnvm; 0-1 (default 0)");
OC_NUM(use_inline, 1, 1);
MODULE_PARM_DESC(use_inline, "1 lets the submitter run an idle channel, 0 sends all to the workqueues; 0-1 (default 1)");
OC_NUM(endurance, OC_ENDURANCE, 1000000);
MODULE_PARM_DESC(endurance, "resets a chunk is rated for, 1-1000000; the SMART log's percentage used counts by it (default 3000)");

static char *ns;
module_param(ns, charp, 0444);
MODULE_PARM_DESC(ns, "namespaces, KIND[:CHANNELS],... with a KIND of oc20, oc12, oc12h or block (block:CHANNELS:OP, over-provisioning of 3-80 per cent) (default oc20 on all channels)");
static char *type = "sequential";
module_param(type, charp, 0444);
MODULE_PARM_DESC(type, "types of oc20 chunks: sequential, random, or random:N for the last N of each parallel unit (default sequential)");
static char *cnlb = "";
module_param(cnlb, charp, 0444);
MODULE_PARM_DESC(cnlb, "N:SECTORS, the last N chunks of each parallel unit of oc20 namespaces have SECTORS, a multiple of ws_min below clba (default: none)");
static char *formats;
module_param(formats, charp, 0444);
MODULE_PARM_DESC(formats, "LBA formats that nvme format can choose besides that of lba_size and oob_size, SIZE+OOB,..., at most 16 in all (default the usual ones)");
static char *gc = "greedy";
module_param(gc, charp, 0444);
MODULE_PARM_DESC(gc, "how block namespaces choose what to collect: greedy or cost-benefit (default greedy)");
static char *subsysnqn = "nqn.2026-11.ocloop:" OC_FIRST_NAME;
module_param(subsysnqn, charp, 0444);
MODULE_PARM_DESC(subsysnqn, "subsystem NQN, 1-223 characters (default nqn.2026-11.ocloop:ssd0)");
static char *serial = "OC-" OC_FIRST_NAME;
module_param(serial, charp, 0444);
MODULE_PARM_DESC(serial, "serial number, 1-20 characters (default OC-ssd0)");
static char *model = "ocloop open-channel SSD";
module_param(model, charp, 0444);
MODULE_PARM_DESC(model, "model number, 1-40 characters (default \"ocloop open-channel SSD\")");
static char *host = "";
module_param(host, charp, 0444);
MODULE_PARM_DESC(host, "the one host NQN that may connect, 1-223 characters (default: any)");
static char *attach = "fabrics";
module_param(attach, charp, 0444);
MODULE_PARM_DESC(attach, "how hosts reach it: fabrics (nvme connect) or lightnvm (devices ssd0n1, ... of lightnvm's own) (default fabrics)");
static char *transport = "loop";
module_param(transport, charp, 0444);
MODULE_PARM_DESC(transport, "a second fabrics transport name for nvme connect -t, which always takes ocloop, 1-31 characters (default loop)");

static char *faults = "";
module_param(faults, charp, 0444);
MODULE_PARM_DESC(faults, "what fails: rules separated by semicolons, or the path of a file of them, which begins with / (default: nothing)");
static char *state = "";
module_param(state, charp, 0444);
MODULE_PARM_DESC(state, "path of a file with the chunks' first states (default: all are free)");

static struct oc_dev *oc_device;

/* Times may be given at load and changed while running, in the same words */
static char oc_timing_text[160] = "off";

/* The one line that a failed load leaves */
static void oc_print_complaint(const struct oc_complaint *why)
{
	pr_err("%s=%s: want %s\n", why->param, why->value, why->want);
}

/* Copy a parameter's text, without the space around it, to where it can be changed */
static int oc_param_copy(char *copy, size_t size, const char *text,
			 const char *param)
{
	if (strscpy(copy, text ? text : "", size) < 0) {
		pr_err("%s: want at most %zu characters\n", param, size - 1);
		return -E2BIG;
	}
	text = strim(copy);
	memmove(copy, text, strlen(text) + 1);
	return 0;
}

static int oc_timing_set(const char *text, const struct kernel_param *kp)
{
	struct oc_complaint why = { };
	struct oc_timing tm;
	char copy[sizeof(oc_timing_text)];
	int ret;

	ret = oc_param_copy(copy, sizeof(copy), text, "timing");
	if (ret)
		return ret;
	text = copy;
	ret = oc_timing_parse(&tm, text, &why);
	if (ret) {
		if (why.param)
			oc_print_complaint(&why);
		else
			pr_err("timing=%s: no memory to read it\n", text);
		return ret;
	}
	/* At load there is no device yet: oc_init() gives it the text */
	if (oc_device)
		oc_dev_set_timing(oc_device, &tm);
	strcpy(oc_timing_text, *text ? text : "off");
	return 0;
}

static int oc_timing_get(char *buf, const struct kernel_param *kp)
{
	return scnprintf(buf, PAGE_SIZE, "%s\n", oc_timing_text);
}

static const struct kernel_param_ops oc_timing_ops = {
	.set	= oc_timing_set,
	.get	= oc_timing_get,
};

module_param_cb(timing, &oc_timing_ops, NULL, 0644);
__MODULE_PARM_TYPE(timing, "string");
MODULE_PARM_DESC(timing, "times of the flash: off, slc, mlc, tlc and KEY=VALUE of read prog erase bus cmd ctrl suspend (0-4s) page planes cache, separated by commas; may be changed while running (default off)");

/* The same for what data may take of the memory */
static char oc_memory_text[64] = "auto";

static int oc_memory_set(const char *text, const struct kernel_param *kp)
{
	struct oc_memory_limit limit;
	struct oc_complaint why;
	char copy[sizeof(oc_memory_text)];
	int ret;

	ret = oc_param_copy(copy, sizeof(copy), text, "memory");
	if (ret)
		return ret;
	text = copy;
	/* At load there is no device yet: oc_init() looks at the text */
	if (!oc_device) {
		strcpy(oc_memory_text, *text ? text : "auto");
		return 0;
	}
	ret = oc_memory_parse(&limit, text,
			      (u64)totalram_pages() << PAGE_SHIFT, &why);
	if (ret) {
		oc_print_complaint(&why);
		return ret;
	}
	oc_dev_set_memory(oc_device, &limit);
	strcpy(oc_memory_text, *text ? text : "auto");
	return 0;
}

static int oc_memory_get(char *buf, const struct kernel_param *kp)
{
	return scnprintf(buf, PAGE_SIZE, "%s\n", oc_memory_text);
}

static const struct kernel_param_ops oc_memory_ops = {
	.set	= oc_memory_set,
	.get	= oc_memory_get,
};

module_param_cb(memory, &oc_memory_ops, NULL, 0644);
__MODULE_PARM_TYPE(memory, "string");
MODULE_PARM_DESC(memory, "memory that data may take: bytes, with K, M or G behind them, 1%-100% of all memory, 0 for no limit, or auto, which leaves 5%, at least 128M, available; may be changed while running (default auto)");

/* And for what becomes of changes to what hosts use */
static char oc_in_use_text[16] = "refuse";

static int oc_in_use_set(const char *text, const struct kernel_param *kp)
{
	struct oc_complaint why;
	char copy[sizeof(oc_in_use_text)];
	bool ignore;
	int ret;

	ret = oc_param_copy(copy, sizeof(copy), text, "in_use");
	if (ret)
		return ret;
	text = copy;
	ret = oc_use_parse(&ignore, text, &why);
	if (ret) {
		oc_print_complaint(&why);
		return ret;
	}
	if (oc_device)
		WRITE_ONCE(oc_device->ignore_use, ignore);
	strcpy(oc_in_use_text, *text ? text : "refuse");
	return 0;
}

static int oc_in_use_get(char *buf, const struct kernel_param *kp)
{
	return scnprintf(buf, PAGE_SIZE, "%s\n", oc_in_use_text);
}

static const struct kernel_param_ops oc_in_use_ops = {
	.set	= oc_in_use_set,
	.get	= oc_in_use_get,
};

module_param_cb(in_use, &oc_in_use_ops, NULL, 0644);
__MODULE_PARM_TYPE(in_use, "string");
MODULE_PARM_DESC(in_use, "Format, Sanitize, detach and delete of a namespace that a host has claimed or that has a target on it: refuse or ignore; may be changed while running (default refuse)");

static const struct oc_num *const oc_nums[] = {
	&oc_p_num_grp, &oc_p_num_pu, &oc_p_num_chk, &oc_p_clba, &oc_p_ws_min,
	&oc_p_ws_opt, &oc_p_mw_cunits, &oc_p_lba_size, &oc_p_oob_size,
	&oc_p_mccap, &oc_p_wit, &oc_p_dlfeat, &oc_p_maxoc, &oc_p_maxocpu,
	&oc_p_num_pln, &oc_p_secs_per_pg, &oc_p_strict,
	&oc_p_shared, &oc_p_use_inline, &oc_p_endurance,
};

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

static int oc_find_binding(struct oc_complaint *why)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(oc_bindings); i++) {
		if (strcmp(oc_bindings[i].name, attach))
			continue;
		oc_binding = &oc_bindings[i];
		return 0;
	}
	oc_complain(why, "attach", attach,
		    "fabrics, or lightnvm on a kernel with CONFIG_NVM");
	return -EINVAL;
}

static int oc_check_nums(struct oc_complaint *why)
{
	u32 i;

	if (!oc_p_endurance.val)
		strscpy(oc_p_endurance.bad, "0", sizeof(oc_p_endurance.bad));
	for (i = 0; i < ARRAY_SIZE(oc_nums); i++) {
		const char *want = oc_nums[i] == &oc_p_endurance ?
			"1 to 1000000" : oc_geo_want(oc_nums[i]->name);

		if (*oc_nums[i]->bad) {
			oc_complain(why, oc_nums[i]->name, oc_nums[i]->bad,
				    "%s", want ? want : "0 or 1");
			return -EINVAL;
		}
	}
	if (!*transport || strlen(transport) > 31 || strpbrk(transport, " ,=")) {
		oc_complain(why, "transport", transport,
			    "1 to 31 characters, no spaces, commas or =");
		return -EINVAL;
	}
	return 0;
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
		dev->subsysnqn, oc_binding == oc_bindings ? "transport " : "",
		oc_binding == oc_bindings ? oc_transport_name() : attach, text,
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
	struct oc_complaint why;
	struct oc_dev *dev;
	int ret;

	dev = oc_dev_create(cfg, &why);
	if (IS_ERR(dev)) {
		if (why.param)
			oc_print_complaint(&why);
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
		oc_print_complaint(&why);
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
	oc_device = dev;
	return 0;

err_add:
	oc_devices_remove(dev);
err_attach:
	oc_binding->detach(dev);
err_dev:
	if (ret == -ENOMEM)
		pr_err("attach=%s: want more memory\n", attach);
	oc_dev_destroy(dev);
	return ret;
}

static int __init oc_init(void)
{
	struct oc_config cfg = {
		.geo = {
			.num_grp	= oc_p_num_grp.val,
			.num_pu		= oc_p_num_pu.val,
			.num_chk	= oc_p_num_chk.val,
			.clba		= oc_p_clba.val,
			.ws_min		= oc_p_ws_min.val,
			.ws_opt		= oc_p_ws_opt.val,
			.mw_cunits	= oc_p_mw_cunits.val,
			.lba_size	= oc_p_lba_size.val,
			.oob_size	= oc_p_oob_size.val,
			.mccap		= oc_p_mccap.val,
			.wit		= oc_p_wit.val,
			.dlfeat		= oc_p_dlfeat.val,
			.maxoc		= oc_p_maxoc.val,
			.maxocpu	= oc_p_maxocpu.val,
			.num_pln	= oc_p_num_pln.val,
			.secs_per_pg	= oc_p_secs_per_pg.val,
		},
		.ns		= ns,
		.type		= type,
		.cnlb		= cnlb,
		.formats	= formats,
		.gc		= gc,
		.subsysnqn	= subsysnqn,
		.serial		= serial,
		.model		= model,
		.host		= host,
		.shared		= oc_p_shared.val,
		.use_inline	= oc_p_use_inline.val,
		.strict		= oc_p_strict.val,
		.timing		= oc_timing_text,
		.memory		= oc_memory_text,
		.in_use		= oc_in_use_text,
		.endurance	= oc_p_endurance.val,
	};
	struct oc_complaint why;
	int ret;

	ret = oc_check_nums(&why);
	if (!ret)
		ret = oc_find_binding(&why);
	if (ret) {
		oc_print_complaint(&why);
		return ret;
	}
	cfg.bare = oc_binding->bare;
	ret = oc_script_read(&cfg.faults, "faults", faults, true);
	if (ret)
		return ret;
	ret = oc_script_read(&cfg.state, "state", state, false);
	if (ret) {
		oc_script_free(&cfg.faults);
		return ret;
	}
	/* What is written to a parameter from here on comes behind the device */
	kernel_param_lock(THIS_MODULE);
	ret = oc_start(&cfg);
	kernel_param_unlock(THIS_MODULE);
	oc_script_free(&cfg.faults);
	oc_script_free(&cfg.state);
	return ret;
}

static void __exit oc_exit(void)
{
	struct oc_dev *dev = oc_device;

	/* A write to the timing parameter may be under way */
	kernel_param_lock(THIS_MODULE);
	oc_device = NULL;
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
