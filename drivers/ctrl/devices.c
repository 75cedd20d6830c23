// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/devices.c - the devices that hosts can find: the only thing all of them share
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "oc.h"
#include "oc_dev.h"
#include "oc_devices.h"
#include "oc_text.h"

static LIST_HEAD(oc_devices);
static DEFINE_MUTEX(oc_devices_lock);	/* the list, oc_dev.users, how often it changed */
static u64 oc_devices_changes;

/* What no two devices have in common */
static const struct {
	const char *param;
	size_t offset;
} oc_devices_unique[] = {
	{ "name", offsetof(struct oc_dev, name) },
	{ "subsysnqn", offsetof(struct oc_dev, subsysnqn) },
	{ "serial", offsetof(struct oc_dev, serial) },
};

static int oc_devices_compare(const struct oc_dev *dev,
			      const struct oc_dev *other,
			      struct oc_complaint *why)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(oc_devices_unique); i++) {
		size_t offset = oc_devices_unique[i].offset;
		const char *text = (const char *)dev + offset;

		if (strcmp(text, (const char *)other + offset))
			continue;
		oc_complain(why, oc_devices_unique[i].param, text,
			    "one that no other device has: %s has it",
			    other->name);
		return -EEXIST;
	}
	return 0;
}

/**
 * oc_devices_add() - let hosts find a device
 * @dev:	device, ready for them
 * @why:	filled in if there is one like it
 *
 * Context: process; sleeps. Takes oc_devices_lock.
 * Return: 0, or -EEXIST if another has its name, NQN or serial number.
 */
int oc_devices_add(struct oc_dev *dev, struct oc_complaint *why)
{
	const struct oc_dev *other;
	int ret = 0;

	mutex_lock(&oc_devices_lock);
	list_for_each_entry(other, &oc_devices, entry) {
		ret = oc_devices_compare(dev, other, why);
		if (ret)
			break;
	}
	if (!ret) {
		list_add_tail(&dev->entry, &oc_devices);
		oc_devices_changes++;
	}
	mutex_unlock(&oc_devices_lock);
	return ret;
}

/**
 * oc_devices_remove() - hosts find a device no more
 * @dev:	device from oc_devices_add()
 *
 * Context: process; sleeps. Takes oc_devices_lock.
 * Return: 0, or -EBUSY while somebody uses it, and then it stays.
 */
int oc_devices_remove(struct oc_dev *dev)
{
	int ret = 0;

	mutex_lock(&oc_devices_lock);
	if (dev->users) {
		ret = -EBUSY;
	} else {
		list_del_init(&dev->entry);
		oc_devices_changes++;
	}
	mutex_unlock(&oc_devices_lock);
	return ret;
}

/**
 * oc_devices_get() - find a device by its NQN, and use it
 * @subsysnqn:	NQN. Any device is a discovery service too, and the first is the one
 *		that is found by that NQN
 *
 * Context: process; sleeps. Takes oc_devices_lock.
 * Return: the device, which stays until oc_devices_put(); NULL if there is none.
 */
struct oc_dev *oc_devices_get(const char *subsysnqn)
{
	bool any = !strcmp(subsysnqn, NVME_DISC_SUBSYS_NAME);
	struct oc_dev *dev, *found = NULL;

	mutex_lock(&oc_devices_lock);
	list_for_each_entry(dev, &oc_devices, entry) {
		if (!any && strcmp(dev->subsysnqn, subsysnqn))
			continue;
		found = dev;
		found->users++;
		break;
	}
	mutex_unlock(&oc_devices_lock);
	return found;
}

/**
 * oc_devices_put() - end what oc_devices_get() began
 * @dev:	device
 *
 * Context: process; sleeps. Takes oc_devices_lock.
 */
void oc_devices_put(struct oc_dev *dev)
{
	mutex_lock(&oc_devices_lock);
	dev->users--;
	mutex_unlock(&oc_devices_lock);
}

/**
 * oc_devices_log() - the discovery log: an entry for each device
 * @cmd:	command, on a discovery controller
 * @size:	bytes of the page, filled in
 *
 * NVMe over Fabrics 1.1, 5.3. Its generation counter tells hosts that read it in
 * pieces when devices have come or gone between two of them.
 *
 * Context: process; sleeps. Takes oc_devices_lock.
 * Return: the page, for kvfree(), or NULL without memory.
 */
void *oc_devices_log(struct oc_cmd *cmd, u32 *size)
{
	struct nvmf_disc_rsp_page_entry *entry;
	struct nvmf_disc_rsp_page_hdr *hdr;
	const struct oc_dev *dev;
	u32 nr = 0;

	mutex_lock(&oc_devices_lock);
	list_for_each_entry(dev, &oc_devices, entry)
		nr++;
	*size = struct_size(hdr, entries, nr);
	hdr = kvzalloc(*size, GFP_KERNEL);
	if (!hdr)
		goto out;
	hdr->genctr = cpu_to_le64(oc_devices_changes);
	hdr->numrec = cpu_to_le64(nr);
	entry = hdr->entries;
	list_for_each_entry(dev, &oc_devices, entry) {
		entry->trtype = NVMF_TRTYPE_LOOP;
		entry->adrfam = NVMF_ADDR_FAMILY_LOOP;
		entry->subtype = NVME_NQN_NVME;
		entry->treq = NVMF_TREQ_DISABLE_SQFLOW;
		entry->cntlid = cpu_to_le16(0xffff);
		entry->asqsz = cpu_to_le16(NVME_AQ_DEPTH);
		strscpy(entry->subnqn, dev->subsysnqn, sizeof(entry->subnqn));
		entry++;
	}
out:
	mutex_unlock(&oc_devices_lock);
	return hdr;
}
