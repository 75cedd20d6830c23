/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_devices.h - the devices that hosts can find
 */
#ifndef OC_DEVICES_H
#define OC_DEVICES_H

#include <linux/types.h>

struct oc_cmd;
struct oc_complaint;
struct oc_dev;

/* ---- ctrl/devices.c ------------------------------------------------------- */

int oc_devices_add(struct oc_dev *dev, struct oc_complaint *why);
int oc_devices_remove(struct oc_dev *dev);
struct oc_dev *oc_devices_get(const char *subsysnqn);
void oc_devices_put(struct oc_dev *dev);
void *oc_devices_log(struct oc_cmd *cmd, u32 *size);

#endif /* OC_DEVICES_H */
