/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_state.h - the chunks' states from text and to text
 */
#ifndef OC_STATE_H
#define OC_STATE_H

#include <linux/types.h>

struct oc_dev;
struct oc_text_err;
struct seq_file;

/* ---- flash/state.c -------------------------------------------------------- */

int oc_state_load(struct oc_dev *dev, const char *chars, size_t len,
		  struct oc_text_err *err);
int oc_state_show(struct oc_dev *dev, u32 grp, u32 pu, struct seq_file *s);

#endif /* OC_STATE_H */
