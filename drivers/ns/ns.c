// SPDX-License-Identifier: GPL-2.0
/*
 * ns/ns.c - namespaces: created at load, found, and their channels
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc.h"
#include "oc_assert.h"
#include "oc_cmd.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_geometry.h"
#include "oc_media.h"
#include "oc_ns.h"
#include "oc_text.h"
#include "oc_unaligned.h"

static const struct oc_ns_kind *oc_ns_kind(const struct oc_dev *dev,
					   const char *name)
{
	u32 i;

	for (i = 0; dev->kinds[i]; i++)
		if (!strcmp(dev->kinds[i]->name, name))
			return dev->kinds[i];
	return NULL;
}

static void oc_ns_kind_names(const struct oc_dev *dev, char *buf, size_t size)
{
	size_t len = 0;
	u32 i;

	for (i = 0; dev->kinds[i]; i++)
		len += scnprintf(buf + len, size - len, "%s%s", i ? ", " : "",
				 dev->kinds[i]->name);
}

/*
 * FNV-1a of 64 bits, which is the same on every machine and kernel. Its upper half
 * hardly knows the last characters, so as many zeroes follow as it takes to tell it.
 */
static u64 oc_ns_hash(u64 hash, const char *text)
{
	u32 zeroes = 4;

	while (*text || zeroes--)
		hash = (hash ^ (u8)(*text ? *text++ : 0)) * 0x100000001b3ULL;
	return hash;
}

/**
 * oc_ns_name() - give a namespace its globally unique identifier
 * @ns:		namespace with its number
 * @nr:		0 for one that is made at load, whose identifier is the same at
 *		every load; for others a unique number
 *
 * 96 bits are of the NQN, which is made of the device's name unless it was given;
 * the last 32 are the NSID.
 *
 * Context: any.
 */
void oc_ns_name(struct oc_ns *ns, u32 nr)
{
	u64 first = oc_ns_hash(0xcbf29ce484222325ULL, ns->dev->subsysnqn);
	u64 next = oc_ns_hash(first, ns->dev->subsysnqn);

	put_unaligned_le64(first ^ nr, ns->nguid);
	put_unaligned_le32(next >> 32, ns->nguid + 8);
	put_unaligned_le32(ns->nsid, ns->nguid + 12);
}

/*
 * One @word of @text: KIND, KIND:CHANNELS or KIND:CHANNELS:OPTION. @left channels
 * are still free.
 */
static int oc_ns_parse_one(struct oc_ns *ns, const char *text, char *word,
			   u32 left, struct oc_complaint *why)
{
	struct oc_dev *dev = ns->dev;
	char *name = strsep(&word, ":");
	char *count = strsep(&word, ":");
	char names[64];
	u32 nr = left;
	int ret;

	ns->kind = oc_ns_kind(dev, name);
	if (!ns->kind) {
		oc_ns_kind_names(dev, names, sizeof(names));
		oc_complain(why, "ns", text, "KIND:CHANNELS,... with a KIND of: %s",
			    names);
		return -EINVAL;
	}
	if (count && (kstrtou32(count, 0, &nr) || !nr)) {
		oc_complain(why, "ns", text,
			    "a number of channels, 1 or more, after each KIND:");
		return -EINVAL;
	}
	if (word && !ns->kind->config) {
		oc_complain(why, "ns", text,
			    "nothing after the channels of %s",
			    ns->kind->name);
		return -EINVAL;
	}
	if (!nr || nr > left) {
		oc_complain(why, "ns", text,
			    "no more than num_grp=%u channels in all",
			    dev->geo.num_grp);
		return -EINVAL;
	}

	ns->geo = dev->geo;
	ns->geo.num_grp = nr;
	oc_ns_name(ns, 0);
	ret = oc_geo_init(&ns->geo, why);
	if (!ret && ns->kind->init)
		ret = ns->kind->init(ns, why);
	if (!ret && ns->kind->config)
		ret = ns->kind->config(ns, word, why);
	if (ret)
		ns->kind = NULL;
	return ret;
}

/**
 * oc_ns_open() - allocate the tables of the namespaces
 * @dev:	device with its namespaces
 * @why:	filled in for -ENOSPC
 *
 * Context: process; sleeps. Before there are hosts.
 * Return: 0, -ENOMEM, or -ENOSPC if too many chunks are offline; oc_ns_free()
 * cleans up after either.
 */
int oc_ns_open(struct oc_dev *dev, struct oc_complaint *why)
{
	struct oc_ns *ns;
	int ret = 0;

	oc_for_each_ns(dev, ns) {
		if (ns->kind->open)
			ret = ns->kind->open(ns, why);
		if (ret)
			break;
	}
	return ret;
}

/**
 * oc_ns_table_bytes() - what a namespace adds to oc_dev.table_bytes
 * @ns:		namespace, perhaps of another format than its device
 *
 * Context: any; @ns->geo does not change.
 * Return: bytes, modulo 2^64: a format of its own may need less.
 */
u64 oc_ns_table_bytes(const struct oc_ns *ns)
{
	const struct oc_dev *dev = ns->dev;

	return ns->table_bytes + (dev->media->table_bytes(&ns->geo) -
				  dev->media->table_bytes(&dev->geo)) *
				 ns->geo.num_grp;
}

/**
 * oc_ns_free() - free the namespaces and all they have
 * @dev:	device, perhaps without namespaces
 *
 * Context: process; sleeps.
 */
void oc_ns_free(struct oc_dev *dev)
{
	struct oc_ns *ns;

	oc_for_each_ns(dev, ns)
		if (ns->kind->exit)
			ns->kind->exit(ns);
	kfree(dev->ns);
	dev->ns = NULL;
	dev->nr_ns = 0;
}

/**
 * oc_ns_parse() - make a device's namespaces
 * @dev:	device with its geometry and NQN set; @dev->ns is allocated
 * @text:	KIND[:CHANNELS[:OPTION]],...; without a number, all channels
 *		that are left; NULL or "" means oc20, "none" no namespace
 * @why:	filled in when something is wrong
 *
 * Context: process; sleeps.
 * Return: 0, -EINVAL for a wrong text, -ENOMEM.
 */
int oc_ns_parse(struct oc_dev *dev, const char *text, struct oc_complaint *why)
{
	u32 left = dev->geo.num_grp, i;
	char *copy, *rest, *word;
	int ret = 0;

	if (!text || !*text)
		text = dev->kinds[0]->name;
	copy = kstrdup(text, GFP_KERNEL);
	dev->ns = kcalloc(left, sizeof(*dev->ns), GFP_KERNEL);
	if (!copy || !dev->ns) {
		ret = -ENOMEM;
		goto out;
	}
	for (i = 0; i < dev->geo.num_grp; i++) {
		dev->ns[i].dev = dev;
		dev->ns[i].nsid = i + 1;
		dev->ns[i].gate = OC_CUT_GONE;
	}

	rest = strcmp(copy, "none") ? copy : NULL;
	while (!ret && rest && (word = strsep(&rest, ","))) {
		struct oc_ns *ns;

		if (!left) {
			oc_complain(why, "ns", text,
				    "no more than num_grp=%u channels in all",
				    dev->geo.num_grp);
			ret = -EINVAL;
			break;
		}
		ns = &dev->ns[dev->nr_ns];
		ns->first = dev->geo.num_grp - left;
		ns->shared = dev->shared;
		ret = oc_ns_parse_one(ns, text, word, left, why);
		if (!ret) {
			left -= ns->geo.num_grp;
			ns->attached = true;
			ns->gate = OC_CUT_NOT;
			ns->there = true;
			dev->nr_ns++;
		}
	}
out:
	kfree(copy);
	return ret;
}

/**
 * oc_ns_find() - look up a namespace
 * @dev:	device
 * @nsid:	its number
 *
 * Context: any; the namespace stays while the caller holds oc_dev.format_lock or
 * reads oc_dev.ns_srcu.
 * Return: the namespace, attached or not; NULL if there is none.
 */
struct oc_ns *oc_ns_find(const struct oc_dev *dev, u32 nsid)
{
	struct oc_ns *ns;

	if (!nsid || nsid > dev->geo.num_grp)
		return NULL;
	ns = &dev->ns[nsid - 1];
	/* Pairs with smp_store_release() in oc_ns_show() */
	return smp_load_acquire(&ns->there) ? ns : NULL;
}

/**
 * oc_ns_next() - iterate over the namespaces
 * @dev:	device, perhaps without slots yet
 * @ns:		the one before, NULL for the first
 *
 * Context: any; as for oc_for_each_ns().
 * Return: the next one by number, NULL after the last.
 */
struct oc_ns *oc_ns_next(const struct oc_dev *dev, const struct oc_ns *ns)
{
	u32 i = ns ? ns->nsid : 0;

	oc_assert_ns(dev);
	for (; dev->ns && i < dev->geo.num_grp; i++) {
		/* Pairs with smp_store_release() in oc_ns_show() */
		if (smp_load_acquire(&dev->ns[i].there))
			return &dev->ns[i];
	}
	return NULL;
}

/**
 * oc_ns_of() - the namespace of a channel
 * @dev:	device
 * @id:		number of the channel
 *
 * Context: any; as for oc_for_each_ns().
 * Return: its namespace, NULL if it belongs to none.
 */
struct oc_ns *oc_ns_of(const struct oc_dev *dev, u32 id)
{
	struct oc_ns *ns;

	oc_for_each_ns(dev, ns)
		if (id >= ns->first && id < ns->first + ns->geo.num_grp)
			return ns;
	return NULL;
}

/**
 * oc_ns_active() - look up a namespace that is attached to a controller
 * @port:	the controller's connection
 * @nsid:	its number
 *
 * Context: any, under RCU, as a reader of oc_dev.ns_srcu, or with
 * oc_dev.format_lock.
 * Return: the namespace; NULL if none of this number is attached.
 */
struct oc_ns *oc_ns_active(const struct oc_port *port, u32 nsid)
{
	if (unlikely(nsid - 1 >= OC_MAX_NS ||
		     !test_bit(nsid - 1, port->active)))
		return NULL;
	return &port->dev->ns[nsid - 1];
}

/**
 * oc_ns_default() - set a namespace's features to their defaults
 * @ns:		namespace
 *
 * Context: any.
 */
void oc_ns_default(struct oc_ns *ns)
{
	WRITE_ONCE(ns->dulbe, false);
	WRITE_ONCE(ns->tler, 0);
	WRITE_ONCE(ns->feedback, 0);
}

/**
 * oc_ns_describe() - a namespace in words, for the log
 * @ns:		namespace
 * @buf:	where
 * @size:	bytes in @buf
 *
 * Context: any.
 * Return: characters written.
 */
u32 oc_ns_describe(const struct oc_ns *ns, char *buf, u32 size)
{
	u32 len = scnprintf(buf, size, "%s%s:%u", ns->nsid > 1 ? "," : "",
			    ns->kind->name, ns->geo.num_grp);

	if (ns->op)
		len += scnprintf(buf + len, size - len, ":%u", ns->op);
	return len;
}

/**
 * oc_inactive_ns() - refuse a command for a namespace that is not attached
 * @cmd:	command
 *
 * Context: any.
 * Return: Invalid Field for a number that a namespace could have, else Invalid
 * Namespace or Format (NVMe 1.4, 6.1.5).
 */
u16 oc_inactive_ns(struct oc_cmd *cmd)
{
	u32 nsid = le32_to_cpu(cmd->sqe->common.nsid);

	cmd->err_loc = offsetof(struct nvme_common_command, nsid);
	return OC_ERR(nsid && nsid <= cmd->queue->ctrl->dev->geo.num_grp ?
		      NVME_SC_INVALID_FIELD : NVME_SC_INVALID_NS);
}

/**
 * oc_need_ns() - find the namespace that a command names
 * @cmd:	command; @cmd->ns is set
 *
 * Context: any; as for oc_ns_active().
 * Return: 0; Invalid Field or Invalid Namespace or Format if it is not attached.
 */
u16 oc_need_ns(struct oc_cmd *cmd)
{
	cmd->ns = oc_ns_active(cmd->queue->ctrl->port,
			       le32_to_cpu(cmd->sqe->common.nsid));
	return cmd->ns ? 0 : oc_inactive_ns(cmd);
}
