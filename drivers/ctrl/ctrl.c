// SPDX-License-Identifier: GPL-2.0
/*
 * ctrl/ctrl.c - controllers: created, given up, freed
 */
/* KBUILD_MODNAME would name the KUnit module too */
#define pr_fmt(fmt) "ocloop: " fmt

#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/timer.h>

#include "oc.h"
#include "oc_ctrl.h"
#include "oc_dev.h"

/* ---- keep-alive ------------------------------------------------------- */

static void oc_kato_expired(struct timer_list *timer)
{
	struct oc_ctrl *ctrl = timer_container_of(ctrl, timer, kato);

	pr_warn("controller %u: no keep-alive for %u ms, giving it up\n",
		ctrl->cntlid, READ_ONCE(ctrl->kato_ms));
	/* Commands in flight are still served until the host's reset */
	WRITE_ONCE(ctrl->port->dead, true);
	ctrl->port->fatal(ctrl->port);
}

/**
 * oc_ctrl_set_kato() - set or restart the keep-alive timer
 * @ctrl:	controller
 * @kato_ms:	timeout, rounded up to 100 ms as KAS says; 0 for none
 *
 * Context: process; takes oc_ctrl.lock.
 */
void oc_ctrl_set_kato(struct oc_ctrl *ctrl, u32 kato_ms)
{
	mutex_lock(&ctrl->lock);
	kato_ms = kato_ms > U32_MAX - 99 ? U32_MAX : roundup(kato_ms, 100);
	WRITE_ONCE(ctrl->kato_ms, kato_ms);
	if (kato_ms)
		mod_timer(&ctrl->kato, jiffies + msecs_to_jiffies(kato_ms));
	else
		timer_delete(&ctrl->kato);
	mutex_unlock(&ctrl->lock);
}

/* ---- from connect to disconnect ---------------------------------------- */

static struct oc_ctrl *oc_ctrl_alloc(struct oc_port *port, bool discovery,
				     const struct nvmf_connect_data *data)
{
	struct oc_ctrl *ctrl = kzalloc(sizeof(*ctrl), GFP_KERNEL);

	if (!ctrl)
		return NULL;
	ctrl->dev = port->dev;
	ctrl->port = port;
	ctrl->discovery = discovery;
	strscpy(ctrl->hostnqn, data->hostnqn, sizeof(ctrl->hostnqn));
	uuid_copy(&ctrl->hostid, &data->hostid);
	mutex_init(&ctrl->reset_lock);
	mutex_init(&ctrl->lock);
	INIT_LIST_HEAD(&ctrl->queues);
	timer_setup(&ctrl->kato, oc_kato_expired, 0);
	spin_lock_init(&ctrl->aer_lock);
	INIT_LIST_HEAD(&ctrl->aers);
	spin_lock_init(&ctrl->log_lock);
	return ctrl;
}

/* Add a controller to its device's list, if another one may connect */
static u16 oc_ctrl_add(struct oc_ctrl *ctrl)
{
	struct oc_port *port = ctrl->port;
	struct oc_dev *dev = ctrl->dev;
	bool fresh = false;
	u16 status = 0;
	int id;

	mutex_lock(&dev->lock);
	if (!ctrl->discovery && !dev->shared && dev->holder &&
	    dev->holder != port) {
		status = OC_ERR(NVME_SC_CONNECT_CTRL_BUSY);
		goto out;
	}
	if (!port->cntlid) {
		id = ida_alloc_range(&dev->cntlids, 1, OC_MAX_CNTLID,
				     GFP_KERNEL);
		if (id < 0) {
			status = OC_ERR(NVME_SC_CONNECT_CTRL_BUSY);
			goto out;
		}
		port->cntlid = id;
		fresh = true;
		list_add_tail(&port->entry, &dev->ports);
		if (!ctrl->discovery)
			oc_port_attach(port);
	}
	if (!ctrl->discovery && !dev->shared)
		dev->holder = port;
	ctrl->cntlid = port->cntlid;
	WRITE_ONCE(port->dead, false);
	list_add_tail(&ctrl->entry, &dev->ctrls);
	oc_notices_connect(ctrl, fresh);
out:
	mutex_unlock(&dev->lock);
	return status;
}

/**
 * oc_ctrl_make() - create a controller
 * @port:	connection it is for
 * @discovery:	it serves the discovery log only
 * @data:	the data of its Connect
 * @made:	set to it; oc_ctrl_free() frees it
 *
 * Context: process; sleeps. Takes oc_dev.lock.
 * Return: 0, Connect Controller Busy if another connection has the device or there
 * are too many, Internal Error for lack of memory.
 */
u16 oc_ctrl_make(struct oc_port *port, bool discovery,
		 const struct nvmf_connect_data *data, struct oc_ctrl **made)
{
	struct oc_ctrl *ctrl = oc_ctrl_alloc(port, discovery, data);
	u16 status;

	if (!ctrl)
		return NVME_SC_INTERNAL;
	status = oc_ctrl_add(ctrl);
	if (!status) {
		*made = ctrl;
		return 0;
	}
	pr_info_ratelimited("connect refused: a controller is connected already (shared=1 allows several)\n");
	mutex_destroy(&ctrl->lock);
	mutex_destroy(&ctrl->reset_lock);
	kfree(ctrl);
	return status;
}

/**
 * oc_port_close() - close a connection
 * @port:	connection whose queues are stopped; may be closed twice
 *
 * Until then a controller keeps its number and its device across resets.
 *
 * Context: process; sleeps. Takes oc_dev.lock.
 */
void oc_port_close(struct oc_port *port)
{
	struct oc_dev *dev = port->dev;

	mutex_lock(&dev->lock);
	if (port->cntlid) {
		ida_free(&dev->cntlids, port->cntlid);
		list_del(&port->entry);
		bitmap_zero(port->active, OC_MAX_NS);
	}
	port->cntlid = 0;
	if (dev->holder == port)
		dev->holder = NULL;
	mutex_unlock(&dev->lock);
}

/**
 * oc_ctrl_free() - remove and free a controller
 * @ctrl:	controller whose queues are stopped
 *
 * Context: process; sleeps. Takes oc_dev.lock.
 */
void oc_ctrl_free(struct oc_ctrl *ctrl)
{
	struct oc_dev *dev = ctrl->dev;

	mutex_lock(&dev->lock);
	list_del(&ctrl->entry);
	mutex_unlock(&dev->lock);

	timer_delete_sync(&ctrl->kato);
	mutex_destroy(&ctrl->lock);
	mutex_destroy(&ctrl->reset_lock);
	kfree(ctrl);
}
