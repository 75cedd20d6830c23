// SPDX-License-Identifier: GPL-2.0
/*
 * host/transport.c - the host binding: a fabrics transport whose other end are the
 * devices in this module; a controller from connect to its end
 *
 * Nothing below knows of blk-mq or nvme_ctrl, nothing else in the module does.
 * nvme-core returns an errno below 0 or an NVMe status above it in one int;
 * both become an errno in oc_create_ctrl().
 *
 * The transport is no NVME_F_FABRICS one: that flag would force metadata into
 * extended LBAs, which neither the block layer nor pblk accept.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fdtable.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/sched/task_stack.h>

#include "oc.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_devices.h"
#include "oc_host.h"
#include "oc_ns.h"
#include "oc_transport.h"
#include "oc_wire.h"

/* The transport's name that nobody else has; nvme-cli wants some -a with it */
#define OC_OWN_NAME	"ocloop"

/**
 * struct oc_name - a name that hosts connect by
 * @transport:	what nvme-fabrics knows
 * @ctrl:	what nvme-core knows: users see the name that they connected by
 */
struct oc_name {
	struct nvmf_transport_ops transport;
	struct nvme_ctrl_ops ctrl;
};

static struct oc_name oc_names[2];
static u32 oc_nr_names;
static const char *oc_best_name;

/* Controllers whose connect succeeded, until they are freed */
static LIST_HEAD(oc_hosts);
static DEFINE_MUTEX(oc_hosts_lock);

/* ---- nvme_ctrl operations --------------------------------------------- */

static void oc_host_free(struct oc_host *host)
{
	u32 i;

	oc_port_close(&host->port);
	for (i = 0; host->queues && i <= host->max_io; i++)
		oc_queue_exit(&host->queues[i].q);
	kfree(host->queues);
	kfree(host->reserved);
	kfree(host->connect);
	kfree(host->aer);
	oc_devices_put(host->port.dev);
	kfree(host);
	module_put(THIS_MODULE);
}

static void oc_free_ctrl(struct nvme_ctrl *ctrl)
{
	struct oc_host *host = to_oc_host(ctrl);

	if (host->owns_opts) {
		mutex_lock(&oc_hosts_lock);
		list_del(&host->entry);
		mutex_unlock(&oc_hosts_lock);
		nvmf_free_options(ctrl->opts);
	}
	if (ctrl->tagset)
		blk_mq_free_tag_set(ctrl->tagset);
	if (ctrl->admin_tagset) {
		oc_nvme_put_queues(ctrl);
		blk_mq_free_tag_set(ctrl->admin_tagset);
	}
	oc_host_free(host);
}

static void oc_delete_ctrl(struct nvme_ctrl *ctrl)
{
	struct oc_host *host = to_oc_host(ctrl);

	/* Deleted before it was made */
	if (!ctrl->admin_tagset)
		return;
	oc_host_stop(host);
	oc_port_close(&host->port);
	if (ctrl->connect_q) {
		blk_mq_destroy_queue(ctrl->connect_q);
		blk_put_queue(ctrl->connect_q);
	}
	/* An open /dev/nvmeX reaches these until the last close */
	blk_mq_destroy_queue(ctrl->admin_q);
	blk_mq_destroy_queue(ctrl->fabrics_q);
}

static void oc_host_live(struct oc_host *host)
{
	nvme_start_ctrl(&host->ctrl);
	/* A keep-alive that ran out before now could not reset the controller */
	if (READ_ONCE(host->port.dead))
		nvme_reset_ctrl(&host->ctrl);
}

/* Called for resets too, where everything stays as it is */
static void oc_stop_ctrl(struct nvme_ctrl *ctrl)
{
	struct oc_host *host = to_oc_host(ctrl);
	struct nvme_ns *ns;
	bool graceful;

	if (nvme_ctrl_state(ctrl) != NVME_CTRL_DELETING)
		return;
	wait_for_completion(&host->created);
	/* Creation may have started it since nvme_stop_ctrl() stopped it */
	nvme_stop_keep_alive(ctrl);
	/* No lightnvm there; and a scan may wait for a path to go away */
	if (host->port.dev->shared)
		return;

	/* The host's keep-alive has ended, and pblk may have much to write */
	if (host->port.ctrl)
		oc_ctrl_set_kato(host->port.ctrl, 0);
	/* From here on nobody but this thread changes the list */
	flush_work(&ctrl->scan_work);
	graceful = ctrl->queue_count > 1;
	list_for_each_entry(ns, &ctrl->namespaces, list)
		if (oc_nvme_ndev(ns))
			oc_nvm_remove_targets(oc_nvme_ndev(ns), graceful);
}

static void oc_host_reset(struct oc_host *host)
{
	struct nvme_ctrl *ctrl = &host->ctrl;
	int ret;

	/*
	 * A user may ask for a reset as soon as there is a node, before there
	 * are queues. Newly made, the controller is as good as reset.
	 */
	wait_for_completion(&host->created);
	if (nvme_ctrl_state(ctrl) != NVME_CTRL_RESETTING)
		return;
	nvme_stop_ctrl(ctrl);
	/* Being deleted, which waits for us and has use for the queues */
	if (nvme_ctrl_state(ctrl) == NVME_CTRL_DELETING)
		return;
	oc_host_stop(host);
	/* If that comes now, bring the queues up all the same */
	nvme_change_ctrl_state(ctrl, NVME_CTRL_CONNECTING);

	ret = oc_host_start_admin(host);
	if (ret)
		goto err_delete;
	if (host->max_io) {
		ret = oc_host_start_io(host);
		if (ret)
			goto err_delete;
	}
	if (!nvme_change_ctrl_state(ctrl, NVME_CTRL_LIVE))
		goto out_start;
	oc_host_live(host);
	oc_host_fit_io(host);
	return;

err_delete:
	dev_err(ctrl->device, "reset failed (%d), removing the controller\n",
		ret);
	nvme_delete_ctrl(ctrl);
out_start:
	/* What waits must be able to fail */
	nvme_unquiesce_io_queues(ctrl);
}

static void oc_reset_work(struct work_struct *work)
{
	struct nvme_ctrl *ctrl = container_of(work, struct nvme_ctrl,
					      reset_work);
	unsigned int noio = memalloc_noio_save();

	/* nvme-core's part of it asks for memory as if nobody waited for us */
	oc_host_reset(to_oc_host(ctrl));
	memalloc_noio_restore(noio);
}

static void oc_port_fatal(struct oc_port *port)
{
	nvme_reset_ctrl(&container_of(port, struct oc_host, port)->ctrl);
}

/* All but the name */
static const struct nvme_ctrl_ops oc_ctrl_ops = {
	.module			= THIS_MODULE,
	.flags			= NVME_F_METADATA_SUPPORTED,
	.reg_read32		= nvmf_reg_read32,
	.reg_read64		= nvmf_reg_read64,
	.reg_write32		= nvmf_reg_write32,
	.free_ctrl		= oc_free_ctrl,
	.submit_async_event	= oc_aer_submit,
	.delete_ctrl		= oc_delete_ctrl,
	.stop_ctrl		= oc_stop_ctrl,
	.get_address		= nvmf_get_address,
	OC_NVME_MORE_OPS
};

/* ---- connect ---------------------------------------------------------- */

/*
 * Most I/O queues it may ever have: what the user has asked for, or else one for
 * each processor there can be. None for discovery.
 */
static u32 oc_host_max_io(const struct nvmf_ctrl_options *opts)
{
	u32 nr = num_possible_cpus();

	if (opts->discovery_nqn || (opts->mask & NVMF_OPT_NR_IO_QUEUES))
		nr = opts->nr_io_queues;
	return min_t(u32, nr, OC_MAX_QUEUES);
}

/* Takes over the use of the device, until oc_host_free() */
static struct oc_host *oc_host_alloc(struct oc_dev *dev,
				     struct nvmf_ctrl_options *opts)
{
	struct oc_host *host;
	u32 i;

	host = kzalloc(sizeof(*host), GFP_KERNEL);
	if (!host) {
		oc_devices_put(dev);
		return NULL;
	}
	/* The module stays while there are controllers: see oc_host_free() */
	__module_get(THIS_MODULE);

	init_completion(&host->created);
	host->port.dev = dev;
	host->port.fatal = oc_port_fatal;
	host->port.reserve = oc_port_reserve;
	host->port.formatted = oc_port_formatted;
	host->port.in_use = oc_port_in_use;
	host->max_io = oc_host_max_io(opts);
	host->queues = kcalloc(host->max_io + 1, sizeof(*host->queues),
			       GFP_KERNEL);
	host->reserved = kcalloc(dev->geo.num_grp, sizeof(*host->reserved),
				 GFP_KERNEL);
	if (!host->queues || !host->reserved)
		goto err_free;
	for (i = 0; i <= host->max_io; i++) {
		host->queues[i].host = host;
		if (oc_queue_init(&host->queues[i].q, &host->port))
			goto err_free;
	}
	if (oc_connect_alloc(host) || oc_aer_alloc(host))
		goto err_free;

	host->ctrl.opts = opts;
	host->ctrl.sqsize = opts->queue_size - 1;
	host->ctrl.kato = opts->kato;
	INIT_WORK(&host->ctrl.reset_work, oc_reset_work);
	return host;

err_free:
	oc_host_free(host);
	return NULL;
}

static const struct nvme_ctrl_ops *oc_find_ops(const struct nvmf_ctrl_options *opts)
{
	u32 i = 0;

	while (i < oc_nr_names - 1 &&
	       strcmp(oc_names[i].transport.name, opts->transport))
		i++;
	return &oc_names[i].ctrl;
}

/*
 * The device a host asks for, in use. Where there is none, the first one refuses its
 * Connect, and says so in the way that hosts know.
 */
static struct oc_dev *oc_find_device(const struct nvmf_ctrl_options *opts)
{
	return oc_devices_get(opts->subsysnqn) ? :
		oc_devices_get(NVME_DISC_SUBSYS_NAME);
}

/*
 * Is this host connected already? nvme-fabrics lets one connect at a time, so the
 * answer stays right until it is.
 */
static bool oc_host_is_here(struct nvmf_ctrl_options *opts)
{
	struct oc_host *host;
	bool here = false;

	mutex_lock(&oc_hosts_lock);
	list_for_each_entry(host, &oc_hosts, entry)
		here |= nvmf_ctlr_matches_baseopts(&host->ctrl, opts);
	mutex_unlock(&oc_hosts_lock);
	return here;
}

static struct nvme_ctrl *oc_create_ctrl(struct device *dev,
					struct nvmf_ctrl_options *opts)
{
	struct oc_dev *ocd = oc_find_device(opts);
	struct nvme_ctrl *ctrl;
	struct oc_host *host;
	int ret;

	if (!ocd)
		return ERR_PTR(-ENODEV);
	/* As other transports have it: "nvme connect-all" passes this over */
	if (!ocd->shared && !opts->duplicate_connect &&
	    oc_host_is_here(opts)) {
		oc_devices_put(ocd);
		pr_info_ratelimited("connect refused: a controller is connected already (shared=1 allows several)\n");
		return ERR_PTR(-EALREADY);
	}
	host = oc_host_alloc(ocd, opts);
	if (!host)
		return ERR_PTR(-ENOMEM);
	ctrl = &host->ctrl;

	/*
	 * Several controllers on one device mean several lightnvm devices on
	 * the same flash, each believing it is alone: then there is none.
	 */
	ret = nvme_init_ctrl(ctrl, oc_dma_device(ocd->binding), oc_find_ops(opts),
			     ocd->shared ? 0 : OC_NVME_QUIRKS);
	if (ret) {
		oc_host_free(host);
		goto out;
	}
	ret = nvme_add_ctrl(ctrl);
	if (ret) {
		nvme_put_ctrl(ctrl);
		goto out;
	}
	/* From here on a user may delete it; that waits for @created, as resets do */
	nvme_change_ctrl_state(ctrl, NVME_CTRL_CONNECTING);

	ret = oc_host_alloc_admin(host);
	if (ret)
		goto err_delete;
	ret = oc_host_start_admin(host);
	if (ret)
		goto err_delete;
	if (host->max_io) {
		ret = oc_host_alloc_io(host);
		if (ret)
			goto err_delete;
		ret = oc_host_start_io(host);
		if (ret)
			goto err_delete;
	}

	dev_info(ctrl->device, "connected to %s, %u I/O queues of %u\n",
		 opts->subsysnqn, host->nr_io, ctrl->sqsize + 1);
	oc_host_fit_io(host);
	if (nvme_change_ctrl_state(ctrl, NVME_CTRL_LIVE))
		oc_host_live(host);
out_created:
	host->owns_opts = true;
	mutex_lock(&oc_hosts_lock);
	list_add_tail(&host->entry, &oc_hosts);
	mutex_unlock(&oc_hosts_lock);
	complete_all(&host->created);
	return ctrl;

err_delete:
	/* A user who has asked for its deletion meanwhile gets what there is */
	if (!nvme_change_ctrl_state(ctrl, NVME_CTRL_DELETING))
		goto out_created;
	/* A reset that a user has asked for ends without a look at it */
	complete_all(&host->created);
	flush_work(&ctrl->reset_work);
	oc_delete_ctrl(ctrl);
	nvme_uninit_ctrl(ctrl);
	nvme_put_ctrl(ctrl);
out:
	/* An NVMe status: nvmf has logged it */
	return ERR_PTR(ret > 0 ? -EIO : ret);
}

/* ---- names ------------------------------------------------------------ */

static bool oc_module_loaded(const char *name)
{
	/* Ours hangs in the set of all of them */
	struct kobject *kobj = kset_find_obj(THIS_MODULE->mkobj.kobj.kset,
					     name);

	kobject_put(kobj);
	return kobj;
}

/*
 * Of two transports of one name the first wins, and nobody tells the second. The
 * kernel's own have modules of their own, or none when they are part of it.
 */
static bool oc_name_taken(const char *name)
{
	static const char *const builtin[] = {
		IS_BUILTIN(CONFIG_NVME_TARGET_LOOP) ? "loop" : NULL,
		IS_BUILTIN(CONFIG_NVME_TCP) ? "tcp" : NULL,
		IS_BUILTIN(CONFIG_NVME_RDMA) ? "rdma" : NULL,
		IS_BUILTIN(CONFIG_NVME_FC) ? "fc" : NULL,
	};
	char module[48];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(builtin); i++)
		if (builtin[i] && !strcmp(builtin[i], name))
			return true;
	snprintf(module, sizeof(module), "nvme_%s", name);
	strreplace(module, '-', '_');
	return oc_module_loaded(module);
}

static int oc_name_add(const char *name)
{
	struct oc_name *own = &oc_names[oc_nr_names];
	int ret;

	own->transport = (struct nvmf_transport_ops) {
		.module		= THIS_MODULE,
		.name		= name,
		/*
		 * nvme-cli gives some of these to every transport whose name
		 * it does not know; a link that cannot be lost has no use for
		 * them.
		 */
		.allowed_opts	= NVMF_OPT_TRADDR | NVMF_OPT_TRSVCID |
				  NVMF_OPT_HOST_TRADDR |
				  NVMF_OPT_CTRL_LOSS_TMO |
				  NVMF_OPT_RECONNECT_DELAY,
		.create_ctrl	= oc_create_ctrl,
	};
	own->ctrl = oc_ctrl_ops;
	own->ctrl.name = name;
	/* First: a connect may come at once */
	oc_nr_names++;
	ret = nvmf_register_transport(&own->transport);
	if (ret)
		oc_nr_names--;
	return ret;
}

/**
 * oc_transport_name() - the transport's name that users should know
 *
 * Context: process; between oc_transport_register() and its end.
 * Return: the name that was asked for, or if somebody else had it OC_OWN_NAME.
 */
const char *oc_transport_name(void)
{
	return oc_best_name;
}

/**
 * oc_transport_register() - let hosts connect
 * @name:	transport name; stays valid
 *
 * The kernel asks for the module nvme-NAME at every connect, so its own nvme_loop
 * comes in behind ours, and is the first when ours comes again. So there is a name
 * that nobody else has, and @name is ours as long as nobody else has it.
 *
 * The transport is the module's: which device a host connects to, it says by NQN.
 *
 * Context: process; sleeps.
 * Return: 0 or an errno.
 */
int oc_transport_register(const char *name)
{
	bool taken = strcmp(name, OC_OWN_NAME) && oc_name_taken(name);
	int ret;

	oc_best_name = taken ? OC_OWN_NAME : name;
	ret = oc_name_add(OC_OWN_NAME);
	/* It waits behind whoever has it, who may go */
	if (!ret && strcmp(name, OC_OWN_NAME))
		ret = oc_name_add(name);
	if (ret)
		oc_transport_unregister();
	return ret;
}

/**
 * oc_transport_unregister() - end what oc_transport_register() began
 *
 * There are no controllers left: each holds the module.
 *
 * Context: process; sleeps.
 */
void oc_transport_unregister(void)
{
	while (oc_nr_names)
		nvmf_unregister_transport(&oc_names[--oc_nr_names].transport);
}

/**
 * oc_transport_attach() - make what a device needs for hosts to connect to it
 * @dev:	device
 *
 * Context: process; sleeps.
 * Return: 0 or an errno; has logged why, but for -ENOMEM.
 */
int oc_transport_attach(struct oc_dev *dev)
{
	struct oc_dma *dma;

	/* Lists of lightnvm's: 64 addresses, and OOB however it is formatted */
	dma = oc_dma_create(dev->name, OC_VECTOR_MAX *
				       (sizeof(u64) + oc_dev_max_oob(dev)));
	if (dma == ERR_PTR(-ENOMEM))
		return -ENOMEM;
	if (IS_ERR(dma)) {
		pr_err("attach=fabrics: no device for controllers to hang on (%ld)\n",
		       PTR_ERR(dma));
		return PTR_ERR(dma);
	}
	dev->binding = dma;
	return 0;
}

/**
 * oc_transport_detach() - end what oc_transport_attach() began
 * @dev:	device without controllers
 *
 * Context: process; sleeps.
 */
void oc_transport_detach(struct oc_dev *dev)
{
	oc_dma_destroy(dev->binding);
}
