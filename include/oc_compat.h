/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_compat.h - kernel versions, and the only place that names them
 *
 * Written for 5.10, the reference kernel. Each shim says which release changed
 * what, and goes with the oldest kernel that is dropped.
 */
#ifndef OC_COMPAT_H
#define OC_COMPAT_H

#include <linux/kconfig.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 10, 0) || \
	LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0)
#error "ocloop is written for Linux 5.10, the NVMe host interface it uses is private"
#endif

/*
 * lightnvm passes bus addresses that only dma operations of our own can tell
 * from numbers somebody made up; without DMA_OPS they are silently ignored.
 */
#if IS_ENABLED(CONFIG_NVM) && !IS_ENABLED(CONFIG_DMA_OPS)
#error "CONFIG_NVM is on but CONFIG_DMA_OPS is off; enable e.g. GART_IOMMU"
#endif

#endif /* OC_COMPAT_H */
