// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/hosts.c - what hosts do with namespaces, and whether that bears a change
 *
 * Format, Sanitize, detach and delete take the ground from under whoever stands on a
 * namespace. One rule for the four: they are refused while a host has claimed its
 * disk, or has a lightnvm target on it. A disk that is merely open is not in use: its
 * user has to reckon with it. A real device knows nothing of all that, so the rule
 * can be switched off.
 *
 * Hosts are asked by their connections, which stay through resets, as do mounts.
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
 * oc_change_lock() - from here on no other command changes namespaces
 * @cmd:	command that may; the host binding knows who has sent it
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
 * Context: process. Gives back what oc_change_lock() took.
 */
void oc_change_unlock(struct oc_dev *dev)
{
	dev->changer = NULL;
	mutex_unlock(&dev->format_lock);
}

/**
 * oc_port_claims() - has a host claimed a namespace's disk, and does that matter?
 * @port:	connection
 * @nsid:	the namespace
 *
 * Context: process; sleeps. The caller holds oc_dev.format_lock and oc_dev.lock.
 * Return: true if so.
 */
bool oc_port_claims(struct oc_port *port, u32 nsid)
{
	lockdep_assert_held(&port->dev->format_lock);
	return port->in_use && port->in_use(port, nsid) &&
		!READ_ONCE(port->dev->ignore_use);
}

/**
 * oc_port_uses() - may a namespace not be changed, for what its host does with it?
 * @port:	connection
 * @nsid:	the namespace
 *
 * Until oc_hosts_look() no target comes on it, whatever the answer.
 *
 * Context: process; sleeps. The caller holds oc_dev.lock.
 * Return: true if the host has claimed it, or there is a target on it.
 */
bool oc_port_uses(struct oc_port *port, u32 nsid)
{
	bool target = port->reserve && !port->reserve(port, nsid);

	lockdep_assert_held(&port->dev->lock);
	return (target && !READ_ONCE(port->dev->ignore_use)) ||
		oc_port_claims(port, nsid);
}

/**
 * oc_hosts_look() - have all hosts look at a namespace again
 * @dev:	device
 * @nsid:	namespace that has changed, come or gone, or could not
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

/**
 * oc_hosts_formatted() - tell all hosts that it is over, or will not be
 * @dev:	device
 * @which:	bit NSID - 1: this one was reserved
 *
 * Context: process; sleeps. The caller holds oc_dev.format_lock; takes
 * oc_dev.lock.
 */
void oc_hosts_formatted(struct oc_dev *dev, const unsigned long *which)
{
	u32 i;

	lockdep_assert_held(&dev->format_lock);
	mutex_lock(&dev->lock);
	for_each_set_bit(i, which, OC_MAX_NS)
		oc_hosts_look(dev, i + 1);
	mutex_unlock(&dev->lock);
}

/**
 * oc_hosts_reserve() - ask all hosts to bear that namespaces lose their data
 * @dev:	device
 * @which:	bit NSID - 1: this one
 *
 * Context: process; sleeps. The caller holds oc_dev.format_lock and calls
 * oc_hosts_formatted() when it is over; takes oc_dev.lock.
 * Return: false if one does not, with nothing reserved.
 */
bool oc_hosts_reserve(struct oc_dev *dev, const unsigned long *which)
{
	struct oc_port *port;
	bool ok = true;
	u32 i;

	lockdep_assert_held(&dev->format_lock);
	mutex_lock(&dev->lock);
	list_for_each_entry(port, &dev->ports, entry)
		for_each_set_bit(i, which, OC_MAX_NS)
			ok &= !oc_port_uses(port, i + 1);
	mutex_unlock(&dev->lock);
	if (!ok)
		oc_hosts_formatted(dev, which);
	return ok;
}

/**
 * oc_hosts_claimed() - has a host claimed one of these after all?
 * @dev:	device
 * @which:	bit NSID - 1: this one, whose gate is shut
 *
 * Who has claimed a disk reads what is on it afterwards. So if nobody has now, who
 * does so later finds the gate shut, or the change done.
 *
 * Context: process; sleeps. The caller holds oc_dev.format_lock; takes oc_dev.lock.
 * Return: true if so.
 */
bool oc_hosts_claimed(struct oc_dev *dev, const unsigned long *which)
{
	struct oc_port *port;
	bool claimed = false;
	u32 i;

	lockdep_assert_held(&dev->format_lock);
	mutex_lock(&dev->lock);
	list_for_each_entry(port, &dev->ports, entry)
		for_each_set_bit(i, which, OC_MAX_NS)
			claimed |= oc_port_claims(port, i + 1);
	mutex_unlock(&dev->lock);
	return claimed;
}
