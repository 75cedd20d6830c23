// SPDX-License-Identifier: GPL-2.0
/*
 * host/transport-own.c - commands that the binding sends by itself: Connect of I/O
 * queues, and the one Asynchronous Event Request
 */
#include <linux/completion.h>
#include <linux/slab.h>

#include "oc_ctrl.h"
#include "oc_transport.h"

/* ---- Connect of I/O queues -------------------------------------------- */

/**
 * struct oc_connect - a Connect command that needs no request
 * @data:	what it carries
 * @vec:	@data, for @iod
 * @end:	it is over
 * @status:	how it ended
 * @iod:	the command; its parts follow
 */
struct oc_connect {
	struct nvmf_connect_data data;
	struct kvec vec;
	struct completion end;
	u16 status;
	struct oc_iod iod;
};

static void oc_connect_done(struct oc_cmd *cmd)
{
	struct oc_connect *connect = container_of(to_oc_iod(cmd),
						  struct oc_connect, iod);

	connect->status = cmd->status;
	oc_queue_leave(cmd->queue);
	complete(&connect->end);
}

/**
 * oc_connect_alloc() - make the command that connects a controller's I/O queues
 * @host:	controller
 *
 * Context: process; sleeps.
 * Return: 0, or -ENOMEM.
 */
int oc_connect_alloc(struct oc_host *host)
{
	host->connect = kzalloc(offsetof(struct oc_connect, iod) +
				oc_iod_size(host->port.dev, 0), GFP_KERNEL);
	if (!host->connect)
		return -ENOMEM;
	init_completion(&host->connect->end);
	return 0;
}

/**
 * oc_connect_queue() - connect an I/O queue
 * @host:	controller whose admin queue is up; one queue at a time
 * @qid:	queue that has been started
 *
 * nvmf_connect_io_queue() would need a request of that very queue, which cannot be
 * had while the queue's processors are offline or on their way there.
 *
 * Context: process; sleeps.
 * Return: 0, -ENODEV if the queue has been stopped, or above 0 an NVMe status.
 */
int oc_connect_queue(struct oc_host *host, u32 qid)
{
	const struct nvmf_ctrl_options *opts = host->ctrl.opts;
	struct oc_connect *connect = host->connect;
	struct nvmf_connect_data *data = &connect->data;
	struct oc_iod *iod = &connect->iod;

	memset(data, 0, sizeof(*data));
	uuid_copy(&data->hostid, &opts->host->id);
	data->cntlid = cpu_to_le16(host->ctrl.cntlid);
	strscpy(data->subsysnqn, opts->subsysnqn, sizeof(data->subsysnqn));
	strscpy(data->hostnqn, opts->host->nqn, sizeof(data->hostnqn));

	memset(&iod->sqe, 0, sizeof(iod->sqe));
	iod->sqe.connect.opcode = nvme_fabrics_command;
	iod->sqe.connect.fctype = nvme_fabrics_type_connect;
	iod->sqe.connect.qid = cpu_to_le16(qid);
	iod->sqe.connect.sqsize = cpu_to_le16(host->ctrl.sqsize);
	if (opts->disable_sqflow)
		iod->sqe.connect.cattr = NVME_CONNECT_DISABLE_SQFLOW;

	oc_iod_init(iod, &host->queues[qid], oc_connect_done);
	connect->vec.iov_base = data;
	connect->vec.iov_len = sizeof(*data);
	iov_iter_kvec(&iod->cmd.data, WRITE, &connect->vec, 1, sizeof(*data));
	iod->cmd.data_len = sizeof(*data);

	if (!oc_queue_enter(iod->cmd.queue))
		return -ENODEV;
	reinit_completion(&connect->end);
	oc_cmd_submit(&iod->cmd);
	wait_for_completion(&connect->end);
	if (connect->status)
		dev_err(host->ctrl.device, "queue %u: Connect status %#x\n", qid,
			connect->status);
	return connect->status;
}

/* ---- async events ----------------------------------------------------- */

static void oc_aer_done(struct oc_cmd *cmd)
{
	struct oc_iod *iod = to_oc_iod(cmd);
	struct nvme_ctrl *ctrl = iod->req.ctrl;
	union nvme_result result = cmd->result;
	struct oc_queue *queue = cmd->queue;

	clear_bit_unlock(0, &to_oc_host(ctrl)->aer_busy);
	nvme_complete_async_event(ctrl, cpu_to_le16(cmd->status << 1),
				  &result);
	oc_queue_leave(queue);
}

/**
 * oc_aer_alloc() - make the controller's one Asynchronous Event Request
 * @host:	controller; its queues are there
 *
 * Context: process; sleeps.
 * Return: 0, or -ENOMEM.
 */
int oc_aer_alloc(struct oc_host *host)
{
	host->aer = kzalloc(oc_iod_size(host->port.dev, 0), GFP_KERNEL);
	if (!host->aer)
		return -ENOMEM;
	oc_iod_init(host->aer, &host->queues[0], oc_aer_done);
	return 0;
}

/**
 * oc_aer_submit() - have the device keep the request until it has an event
 * @ctrl:	controller
 *
 * nvme-core asks for it after each event; while it is on its way, or the admin
 * queue is down, there is nothing to do. NVMe 1.4, 5.2.
 *
 * Context: process; nvme_ctrl's async_event_work.
 */
void oc_aer_submit(struct nvme_ctrl *ctrl)
{
	struct oc_host *host = to_oc_host(ctrl);
	struct oc_iod *iod = host->aer;

	if (test_and_set_bit_lock(0, &host->aer_busy))
		return;
	if (!oc_queue_enter(&host->queues[0].q)) {
		clear_bit_unlock(0, &host->aer_busy);
		return;
	}
	memset(&iod->sqe, 0, sizeof(iod->sqe));
	iod->sqe.common.opcode = nvme_admin_async_event;
	iod->sqe.common.command_id = NVME_AQ_BLK_MQ_DEPTH;
	oc_cmd_submit(&iod->cmd);
}
