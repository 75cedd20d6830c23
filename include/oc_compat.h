/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_compat.h - kernel versions, and the only place that names them
 *
 * Written for 5.10, the reference kernel, and for those that Debian 12 and 13
 * have. Each shim has the new name, says which release changed what, and goes with
 * the oldest kernel that is dropped. Kbuild looks for what stable updates bring to
 * older series, and defines OC_HAS_name where it is.
 *
 * It is included before everything else, pr_fmt() too, so it includes little.
 */
#ifndef OC_COMPAT_H
#define OC_COMPAT_H

#include <linux/kconfig.h>
#include <linux/version.h>

/* The series of a kernel, which Kbuild has a list of as well */
#define OC_SERIES(v, p)	(LINUX_VERSION_CODE >= KERNEL_VERSION(v, p, 0) && \
			 LINUX_VERSION_CODE < KERNEL_VERSION(v, (p) + 1, 0))

#if !OC_SERIES(5, 10) && !OC_SERIES(6, 1) && !OC_SERIES(6, 12)
#error "ocloop is for Linux 5.10, 6.1 and 6.12: NVMe's host interface is private"
#endif

/* 5.15 took lightnvm */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 15, 0)
#define OC_HAS_LIGHTNVM
#endif

/*
 * lightnvm passes bus addresses. Only our own dma operations can distinguish them from
 * arbitrary numbers; without DMA_OPS these are silently ignored.
 */
#if IS_ENABLED(CONFIG_NVM) && !IS_ENABLED(CONFIG_DMA_OPS)
#error "CONFIG_NVM is on but CONFIG_DMA_OPS is off; enable e.g. GART_IOMMU"
#endif

/* 6.2 gave timers' functions one prefix, stable updates some, 6.15 took the old ones */
#ifndef OC_HAS_timer_delete
#define timer_delete(timer)		del_timer(timer)
#endif
#ifndef OC_HAS_timer_delete_sync
#define timer_delete_sync(timer)	del_timer_sync(timer)
#endif

/* 6.16 renamed it */
#ifndef OC_HAS_timer_container_of
#define timer_container_of(var, timer, field)	from_timer(var, timer, field)
#endif

/* 6.13 made one call of two, 6.15 took the old one */
#ifndef OC_HAS_hrtimer_setup
#define hrtimer_setup(timer, fn, clock, mode)				\
	do {								\
		hrtimer_init(timer, clock, mode);			\
		(timer)->function = fn;					\
	} while (0)
#endif

/* 6.17 wants to be told, from 7.0 on with a warning: what was there was per CPU */
#ifndef OC_HAS_WQ_PERCPU
#define WQ_PERCPU	0
#endif

/* 6.14 has it in linux/crc32.h, for all; before, it was a module of its own */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
#define crc32c(crc, data, len)	__crc32c_le(crc, data, len)
#endif

#endif /* OC_COMPAT_H */
