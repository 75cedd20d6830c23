/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_transport.h - what the parts of the transport share: a controller's life in
 * transport.c, its queues in transport-queues.c, the way of a command in
 * transport-io.c, commands of our own in transport-own.c
 */
#ifndef OC_TRANSPORT_H
#define OC_TRANSPORT_H

#include "oc_compat_nvme.h"

/* Buffers a command can name by bus address: address list and OOB */
#define OC_IOD_BUFS	2

struct oc_connect;

/**
 * struct oc_host_queue - a queue, the host's end and the device's
 * @q:		the device's end
 * @host:	the controller
 * @ready:	connected: others than Connect may be sent
 */
struct oc_host_queue {
	struct oc_queue q;
	struct oc_host *host;
	bool ready;
};

/**
 * struct oc_host - a controller, the host's end
 * @ctrl:	what nvme-core knows
 * @port:	what the device knows
 * @queues:	queue 0 is the admin queue; there are @max_io more
 * @max_io:	I/O queues that it may come to have
 * @nr_io:	I/O queues that blk-mq uses; counted anew at each reset, never fewer
 * @nr_up:	I/O queues that are connected, @nr_io or more
 * @admin_set:	tags of the admin queue
 * @io_set:	tags of the I/O queues
 * @reserved:	by namespace, lightnvm devices kept free of targets while they
 *		are formatted; under oc_dev.lock
 * @connect:	the Connect of one I/O queue after the other
 * @aer:	the one async event request nvme-core keeps with us
 * @aer_busy:	bit 0: @aer is on its way
 * @created:	oc_create_ctrl() has ended, well or not
 * @owns_opts:	the connect options are ours to free: the connect succeeded
 * @entry:	in the list of those whose connect succeeded
 */
struct oc_host {
	struct nvme_ctrl ctrl;
	struct oc_port port;
	struct oc_host_queue *queues;
	u32 max_io;
	u32 nr_io;
	u32 nr_up;
	struct blk_mq_tag_set admin_set;
	struct blk_mq_tag_set io_set;
	struct nvm_dev **reserved;
	struct oc_connect *connect;
	struct oc_iod *aer;
	unsigned long aer_busy;
	struct completion created;
	bool owns_opts;
	struct list_head entry;
};

#define OC_MAX_CLAIMS	4	/* disks that the sender of a command has claimed */

/**
 * struct oc_claims - the files by which a command's sender has claimed disks
 * @disks:	tags of the controller's disks
 * @nr:		how many
 * @file:	the files, to compare with only
 */
struct oc_claims {
	const struct blk_mq_tag_set *disks;
	u32 nr;
	const void *file[OC_MAX_CLAIMS];
};

/**
 * struct oc_iod - a command in its request's own memory
 * @req:	nvme-core's; must come first
 * @sqe:	the command
 * @bufs:	buffers held by bus address
 * @nr_bufs:	how many
 * @aborted:	it has timed out once, and an Abort was sent
 * @claims:	disks that its sender has claimed; of admin commands only
 * @nr_bvecs:	room in the array behind @cmd's parts, used when a request
 *		has several bios
 * @cmd:	what the device sees; its parts and the bio_vecs follow
 */
struct oc_iod {
	struct nvme_request req;
	struct nvme_command sqe;
	struct oc_dma_buf *bufs[OC_IOD_BUFS];
	u32 nr_bufs;
	bool aborted;
	u32 nr_bvecs;
	struct oc_claims claims;
	struct oc_cmd cmd;
};

static inline struct oc_host *to_oc_host(struct nvme_ctrl *ctrl)
{
	return container_of(ctrl, struct oc_host, ctrl);
}

static inline struct oc_iod *to_oc_iod(struct oc_cmd *cmd)
{
	return container_of(cmd, struct oc_iod, cmd);
}

/* ---- host/port.c ------------------------------------------------------ */

bool oc_port_in_use(struct oc_port *port, u32 nsid);
bool oc_port_reserve(struct oc_port *port, u32 nsid);
void oc_port_formatted(struct oc_port *port, u32 nsid);

/* ---- host/claims.c ---------------------------------------------------- */

bool oc_is_senders(const struct oc_cmd *cmd, const void *holder);
void oc_host_note_sender(struct oc_host *host, struct request *rq);

/* ---- host/transport-io.c ---------------------------------------------- */

extern const struct blk_mq_ops oc_mq_ops;
extern const struct blk_mq_ops oc_admin_mq_ops;

u32 oc_iod_size(const struct oc_dev *dev, u32 nr_bvecs);
u32 oc_iod_max_segments(const struct oc_dev *dev);
u32 oc_iod_max_admin_segments(void);
void oc_iod_init(struct oc_iod *iod, struct oc_host_queue *hq,
		 void (*done)(struct oc_cmd *cmd));
void oc_host_lift_admin(struct nvme_ctrl *ctrl);

/* ---- host/transport-own.c --------------------------------------------- */

int oc_connect_alloc(struct oc_host *host);
int oc_connect_queue(struct oc_host *host, u32 qid);
int oc_aer_alloc(struct oc_host *host);
void oc_aer_submit(struct nvme_ctrl *ctrl);

/* ---- host/transport-queues.c ------------------------------------------ */

int oc_host_alloc_admin(struct oc_host *host);
int oc_host_alloc_io(struct oc_host *host);
int oc_host_start_admin(struct oc_host *host);
int oc_host_start_io(struct oc_host *host);
void oc_host_fit_io(struct oc_host *host);
void oc_host_stop(struct oc_host *host);
void oc_host_limit(struct oc_host *host);

#endif /* OC_TRANSPORT_H */
