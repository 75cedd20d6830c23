// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/hosts.c - namespaces that hosts use are not changed
 *
 * Format, Sanitize, detach and delete are refused while a host has claimed the
 * namespace's disk (it is mounted, for instance) or has a lightnvm target on it. A
 * disk that is merely open is not in use. A real device cannot know any of that, so
 * the rule can be switched off.
 *
 * Hosts are asked through their connections, which survive resets, as mounts do.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "oc.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_freeze.h"
#include "oc_text.h"

/**
 * oc_use_parse() - what in_use= says
 * @ignore:	set to true if namespaces that are in use may be changed
 * @text:	"refuse" or "ignore"; NULL or "" for refuse
 * @why:	filled in when it is neither
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int oc_use_parse(bool *ignore, const char *text, struct oc_complaint *why)
{
	*ignore = text && !strcmp(text, "ignore");
	if (*ignore || !text || !*text || !strcmp(text, "refuse"))
		return 0;
	oc_complain(why, "in_use", text, "refuse or ignore");
	return -EINVAL;
}

/**
 * oc_change_lock() - let one command change namespaces, and no other
 * @cmd:	the command; the host binding knows its sender
 *
 * Context: process; sleeps. Takes oc_dev.format_lock.
 */
void oc_change_lock(const struct oc_cmd *cmd)
{
	struct oc_dev *dev = cmd->queue->ctrl->dev;

	mutex_lock(&dev->format_lock);
	dev->changer = cmd;
}

/**
 * oc_change_unlock() - others may change namespaces again
 * @dev:	device
 *
 * Context: process. Releases oc_dev.format_lock.
 */
void oc_change_unlock(struct oc_dev *dev)
{
	dev->changer = NULL;
	mutex_unlock(&dev->format_lock);
}

/**
 * oc_port_claims() - does the claim of a host forbid to change a namespace?
 * @port:	connection
 * @nsid:	the namespace
 *
 * Context: process; sleeps. The caller holds oc_dev.format_lock and oc_dev.lock.
 * Return: true if it has claimed the disk, unless oc_dev.ignore_use is set.
 */
bool oc_port_claims(struct oc_port *port, u32 nsid)
{
	lockdep_assert_held(&port->dev->format_lock);
	return port->in_use && port->in_use(port, nsid) &&
		!READ_ONCE(port->dev->ignore_use);
}

/**
 * oc_port_uses() - does the use of a host forbid to change a namespace?
 * @port:	connection
 * @nsid:	the namespace
 *
 * Whatever the answer, no target can be created on it until oc_hosts_look().
 *
 * Context: process; sleeps. The caller holds oc_dev.format_lock and oc_dev.lock.
 * Return: true if it has claimed the disk or has a target on it, unless
 * oc_dev.ignore_use is set.
 */
bool oc_port_uses(struct oc_port *port, u32 nsid)
{
	bool target = port->reserve && !port->reserve(port, nsid);

	lockdep_assert_held(&port->dev->lock);
	return (target && !READ_ONCE(port->dev->ignore_use)) ||
		oc_port_claims(port, nsid);
}

/**
 * oc_hosts_look() - have all hosts revalidate a namespace
 * @dev:	device
 * @nsid:	namespace whose change is over or was refused
 *
 * Context: process; sleeps. The caller holds oc_dev.lock.
 */
void oc_hosts_look(struct oc_dev *dev, u32 nsid)
{
	struct oc_port *port;

	lockdep_assert_held(&dev->lock);
	list_for_each_entry(port, &dev->ports, entry)
		if (port->formatted)
			port->formatted(port, nsid);
}

static void oc_hosts_look_all(struct oc_dev *dev, const unsigned long *which)
{
	u32 i;

	for_each_set_bit(i, which, OC_MAX_NS)
		oc_hosts_look(dev, i + 1);
}

/**
 * oc_hosts_formatted() - have all hosts revalidate namespaces
 * @dev:	device
 * @which:	bit NSID - 1: this one was reserved, and its change is over
 *
 * Context: process; sleeps. The caller holds oc_dev.format_lock; takes
 * oc_dev.lock.
 */
void oc_hosts_formatted(struct oc_dev *dev, const unsigned long *which)
{
	lockdep_assert_held(&dev->format_lock);
	mutex_lock(&dev->lock);
	oc_hosts_look_all(dev, which);
	mutex_unlock(&dev->lock);
}

/* Does @ask hold for any host and namespace? Asks all, since asking has effects */
static bool oc_hosts_any(const struct oc_freeze *fz,
			 bool (*ask)(struct oc_port *port, u32 nsid))
{
	struct oc_port *port;
	bool any = false;
	u32 i;

	list_for_each_entry(port, &fz->dev->ports, entry)
		for_each_set_bit(i, fz->which, OC_MAX_NS)
			any |= ask(port, i + 1);
	return any;
}

static bool oc_hosts_reserve_locked(const struct oc_freeze *fz)
{
	lockdep_assert_held(&fz->dev->format_lock);
	lockdep_assert_held(&fz->dev->lock);
	if (!oc_hosts_any(fz, oc_port_uses))
		return true;
	oc_hosts_look_all(fz->dev, fz->which);
	return false;
}

/**
 * oc_hosts_reserve() - keep hosts from using namespaces that are to change
 * @fz:		namespaces
 *
 * Context: process; sleeps. The caller holds oc_dev.format_lock and calls
 * oc_hosts_formatted() when the change is over; takes oc_dev.lock.
 * Return: false if a host uses one, with nothing reserved.
 */
bool oc_hosts_reserve(const struct oc_freeze *fz)
{
	bool ok;

	mutex_lock(&fz->dev->lock);
	ok = oc_hosts_reserve_locked(fz);
	mutex_unlock(&fz->dev->lock);
	return ok;
}

/**
 * oc_hosts_yield_locked() - as oc_hosts_yield(), with oc_dev.lock held
 * @fz:		namespaces and reason
 *
 * Context: process; sleeps. The caller holds oc_dev.format_lock and oc_dev.lock.
 * Return: as oc_hosts_yield().
 */
bool oc_hosts_yield_locked(struct oc_freeze *fz)
{
	if (!oc_hosts_reserve_locked(fz))
		return false;
	oc_freeze_shut(fz);
	/*
	 * A host that claims a disk reads from it afterwards. So one that has
	 * not claimed it yet will find the gate shut, or the change complete.
	 */
	if (!oc_hosts_any(fz, oc_port_claims))
		return true;
	oc_freeze_open(fz->dev, fz->which);
	oc_hosts_look_all(fz->dev, fz->which);
	return false;
}

/**
 * oc_hosts_yield() - reserve namespaces and shut their gates, unless hosts use them
 * @fz:		namespaces, whose gates are open, and reason
 *
 * Context: process; sleeps. The caller holds oc_dev.format_lock and calls
 * oc_freeze_open() and oc_hosts_formatted() when the change is over; takes
 * oc_dev.lock.
 * Return: false if a host uses one, with nothing changed.
 */
bool oc_hosts_yield(struct oc_freeze *fz)
{
	bool ok;

	mutex_lock(&fz->dev->lock);
	ok = oc_hosts_yield_locked(fz);
	mutex_unlock(&fz->dev->lock);
	return ok;
}
