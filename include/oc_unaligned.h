/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_unaligned.h - fields anywhere in a page; 6.12 moved the header
 */
#ifndef OC_UNALIGNED_H
#define OC_UNALIGNED_H

#ifdef OC_HAS_put_unaligned_le64
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#endif /* OC_UNALIGNED_H */
