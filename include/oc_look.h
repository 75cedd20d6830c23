/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_look.h - looking into a device, and injecting
 */
#ifndef OC_LOOK_H
#define OC_LOOK_H

#include <linux/types.h>

struct dentry;
struct oc_dev;
struct oc_script;

/* ---- look/debugfs.c ------------------------------------------------------- */

void oc_debugfs_init(void);
void oc_debugfs_exit(void);
void oc_debugfs_add(struct oc_dev *dev, const char *alias);
void oc_debugfs_remove(struct oc_dev *dev);

/* ---- look/debugfs-block.c ------------------------------------------------- */

void oc_block_debugfs_add(struct oc_dev *dev, struct dentry *dir);

/* ---- look/inject.c -------------------------------------------------------- */

void oc_inject_add(struct oc_dev *dev, struct dentry *dir);
int oc_script_read(struct oc_script *script, const char *param, bool inline_ok);
void oc_script_free(struct oc_script *script);

#endif /* OC_LOOK_H */
