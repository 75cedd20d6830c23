/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_host.h - what the rooms of the host binding share with each other
 */
#ifndef OC_HOST_H
#define OC_HOST_H

#include <linux/device.h>
#include <linux/kconfig.h>
#include <linux/types.h>

struct nvm_dev;
struct oc_dev;
struct oc_dma;
struct oc_dma_buf;
struct oc_ns;

/* ---- dma.c ------------------------------------------------------------ */

struct oc_dma *oc_dma_create(const char *name, size_t min);
void oc_dma_destroy(struct oc_dma *dma);
struct device *oc_dma_device(struct oc_dma *dma);
struct oc_dma_buf *oc_dma_get(struct oc_dma *dma, const struct oc_ns *ns,
			      u64 handle, u32 len, void **addr);
void oc_dma_put(struct oc_dma_buf *buf);

/* ---- transport.c ------------------------------------------------------ */

int oc_transport_register(const char *name);
void oc_transport_unregister(void);
const char *oc_transport_name(void);
int oc_transport_attach(struct oc_dev *dev);
void oc_transport_detach(struct oc_dev *dev);

/* ---- lightnvm.c ------------------------------------------------------- */

#if IS_ENABLED(CONFIG_NVM)
int oc_nvm_attach(struct oc_dev *dev);
void oc_nvm_detach(struct oc_dev *dev);
#endif

/* ---- targets.c -------------------------------------------------------- */

#if IS_ENABLED(CONFIG_NVM)
void oc_nvm_remove_targets(struct nvm_dev *ndev, bool graceful);
bool oc_nvm_reserve(struct nvm_dev *ndev);
void oc_nvm_release(struct nvm_dev *ndev, const struct oc_ns *ns);
#else
static inline void oc_nvm_remove_targets(struct nvm_dev *ndev, bool graceful)
{
}

static inline bool oc_nvm_reserve(struct nvm_dev *ndev)
{
	return true;
}

static inline void oc_nvm_release(struct nvm_dev *ndev, const struct oc_ns *ns)
{
}
#endif

#endif /* OC_HOST_H */
