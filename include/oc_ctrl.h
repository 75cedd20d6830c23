/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_ctrl.h - what a controller is: connections, queues, admin commands
 */
#ifndef OC_CTRL_H
#define OC_CTRL_H

#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/types.h>
#include <linux/uuid.h>

#include "oc.h"
#include "oc_cmd.h"
#include "oc_wire.h"

struct oc_dev;
struct oc_ns;

/**
 * struct oc_port - one host connection, the device's end of it
 * @dev:	the device that connects come to
 * @fatal:	the controller is dead and the host must reset it. Softirq
 *		context; called with no lock held
 * @reserve:	a namespace is to be changed, detached or deleted: prevent that a
 *		target is created on it until @formatted is called. Returns false
 *		if there is a target; @formatted is called all the same. Process
 *		context, under oc_dev.lock. Optional
 * @formatted:	the change is over or was refused, or the namespace was attached:
 *		the host binding revalidates it. The same context. Optional
 * @in_use:	has the host claimed the namespace's disk or a partition of it
 *		(mounted, swap, part of another block device, open exclusively)?
 *		A plain open is no claim. The same context. Optional
 * @ctrl:	the controller that the admin Connect created, NULL before
 * @cntlid:	its number, kept while the host resets; 0 for none yet
 * @dead:	the keep-alive has expired and @ctrl waits for a reset; sets CFS
 * @entry:	in oc_dev.ports, while there is @cntlid
 * @active:	bit NSID - 1: the namespace is attached to its controller. Changes
 *		under oc_dev.lock, read without
 * @notices_read: notices of the device that the host has read; under
 *		oc_notices.lock
 */
struct oc_port {
	struct oc_dev *dev;
	void (*fatal)(struct oc_port *port);
	bool (*reserve)(struct oc_port *port, u32 nsid);
	void (*formatted)(struct oc_port *port, u32 nsid);
	bool (*in_use)(struct oc_port *port, u32 nsid);
	struct oc_ctrl *ctrl;
	u16 cntlid;
	bool dead;
	struct list_head entry;
	DECLARE_BITMAP(active, OC_MAX_NS);
	u64 notices_read;
};

/**
 * enum oc_news - what hosts are told once, until they read its log page
 * @OC_NEWS_HEALTH:	critical warnings
 * @OC_NEWS_NS:		namespaces have changed
 * @OC_NEWS_NOTICES:	chunk notifications
 * @OC_NEWS_SANITIZED:	a Sanitize has ended
 */
enum oc_news {
	OC_NEWS_HEALTH,
	OC_NEWS_NS,
	OC_NEWS_NOTICES,
	OC_NEWS_SANITIZED,
};

/**
 * struct oc_ctrl - a controller, from Connect to disconnect
 * @dev:	the device
 * @port:	the connection
 * @entry:	in @dev->ctrls, under @dev->lock
 * @cntlid:	number
 * @discovery:	it serves the discovery log only
 * @hostnqn:	who connected
 * @hostid:	who connected
 * @reset_lock:	one write of @cc at a time, with all its effects
 * @lock:	protects what follows up to @aer_lock; single values are also
 *		read without it
 * @cc:		controller configuration register
 * @csts:	controller status register; read without @lock on the I/O path
 * @qmask:	I/O queues that are connected
 * @queues:	the same, by oc_queue.entry
 * @nr_queues:	I/O queues granted
 * @kato_ms:	keep-alive timeout, 0 for none
 * @kato:	fires when it has run out
 * @aen_mask:	async event configuration
 * @arbitration: arbitration feature
 * @power:	power management feature
 * @temp_over:	temperature threshold feature, Kelvin
 * @temp_under:	the other one, Kelvin
 * @atomicity:	write atomicity feature
 * @stamp_ms:	timestamp feature, as it was at @stamp_at_ns
 * @stamp_at_ns: CLOCK_BOOTTIME ns
 * @stamp_set:	the host has set it
 * @health_seen: critical warnings that the host was told of and that persist
 * @ns_changed:	bit NSID - 1: the namespace has changed since the log was last
 *		read
 * @told:	bit OC_NEWS_*: the host was told and has not read the log since;
 *		atomic
 * @aer_lock:	protects @aers, @nr_aers, @pending and @no_aers
 * @aers:	parked async event requests
 * @nr_aers:	how many
 * @pending:	events that no request was there to carry, one of a kind (low
 *		three bits), 0 for none
 * @no_aers:	the controller is going away
 * @log_lock:	protects @errlog, @nr_errors and @old_errors
 * @errlog:	the newest errors, @errlog[nr_errors % OC_MAX_ERRLOG] is next
 * @nr_errors:	errors ever
 * @old_errors:	those of them that a reset has removed from the log
 */
struct oc_ctrl {
	struct oc_dev *dev;
	struct oc_port *port;
	struct list_head entry;
	u16 cntlid;
	bool discovery;
	char hostnqn[NVMF_NQN_FIELD_LEN];
	uuid_t hostid;

	struct mutex reset_lock;	/* writes of cc */
	struct mutex lock;	/* registers, features, queues */
	u32 cc;
	u32 csts;
	DECLARE_BITMAP(qmask, OC_MAX_QUEUES + 1);
	struct list_head queues;
	u32 nr_queues;
	u32 kato_ms;
	struct timer_list kato;
	u32 aen_mask;
	u32 arbitration;
	u32 power;
	u16 temp_over;
	u16 temp_under;
	u32 atomicity;
	u64 stamp_ms;
	u64 stamp_at_ns;
	bool stamp_set;
	u8 health_seen;
	DECLARE_BITMAP(ns_changed, OC_MAX_NS);
	unsigned long told;

	spinlock_t aer_lock;	/* parked events */
	struct list_head aers;
	u32 nr_aers;
	u32 pending[OC_MAX_EVENTS];
	bool no_aers;

	spinlock_t log_lock;	/* error log */
	struct oc_wire_error errlog[OC_MAX_ERRLOG];
	u64 nr_errors;
	u64 old_errors;
};

extern const struct oc_queue_ops oc_queue_ops;
extern const struct oc_opcode oc_admin_ops[256];

/**
 * struct oc_log - a log page
 * @lid:	its number
 * @size:	bytes, for those that are filled whole
 * @discovery:	only discovery controllers have it
 * @common:	all controllers have it
 * @ctrl_only:	it is about the controller: there is none of a single namespace
 * @during_sanitize: it can be read during Sanitize
 * @check:	may the command read it? Returns an NVMe status. Optional
 * @fill:	fill a zeroed page of @size bytes
 * @make:	in place of @fill, where the size varies: a page for kvfree(), NULL
 *		without memory
 * @window:	in place of both: write @len bytes from @off on to the host
 */
struct oc_log {
	u8 lid;
	u32 size;
	bool discovery;
	bool common;
	bool ctrl_only;
	bool during_sanitize;
	u16 (*check)(struct oc_cmd *cmd);
	void (*fill)(struct oc_cmd *cmd, void *page);
	void *(*make)(struct oc_cmd *cmd, u32 *size);
	u16 (*window)(struct oc_cmd *cmd, u64 off, u32 len);
};

/* Events that hosts can enable (OAES), besides critical warnings of health */
#define OC_OAES		NVME_AEN_CFG_NS_ATTR
#define OC_AEN_SMART	0x3fU

/**
 * oc_log_retains() - does a host read a log page without clearing its event?
 * @cmd:	Get Log Page
 *
 * Context: any.
 * Return: Retain Asynchronous Event, bit 15 of CDW10.
 */
static inline bool oc_log_retains(const struct oc_cmd *cmd)
{
	return cmd->sqe->get_log_page.lsp & BIT(7);
}

/**
 * struct oc_feature - a feature
 * @fid:	its number
 * @per_ns:	it belongs to a namespace
 * @discovery:	discovery controllers have it too
 * @fixed:	the value never changes: @set only refuses, and there is no default
 * @field:	offset of a u32 of struct oc_ctrl that has the value, for those
 *		without @get
 * @keep:	for those without @set: bits of a new value that @field keeps; the
 *		others are ignored
 * @refuse:	for those without @set: bits that make a new value invalid
 * @dflt:	the default, for those without @initial
 * @get:	fetch the current value. Optional, with @field
 * @set:	change it. Optional, with @field, which a reset sets to @dflt then
 * @initial:	fetch its default. Optional
 * @saved:	fetch the saved value, or the default if none was saved.
 *		Optional, with @save
 * @save:	@set has accepted this value: keep it across resets and reconnects.
 *		Optional: a feature that can be saved has it
 *
 * The value is completion dword 0; longer ones are in the command's data as well.
 */
struct oc_feature {
	u8 fid;
	bool per_ns;
	bool discovery;
	bool fixed;
	size_t field;
	u32 keep;
	u32 refuse;
	u32 dflt;
	u16 (*get)(struct oc_cmd *cmd, u32 *val);
	u16 (*set)(struct oc_cmd *cmd, u32 val);
	u16 (*initial)(struct oc_cmd *cmd, u32 *val);
	u16 (*saved)(struct oc_cmd *cmd, u32 *val);
	void (*save)(struct oc_cmd *cmd, u32 val);
};

/* ---- ctrl/submit.c -------------------------------------------------------- */

void oc_cmd_submit(struct oc_cmd *cmd);
void oc_cmd_submit_ns(struct oc_cmd *cmd, struct oc_ns *ns);

/* ---- ctrl/queue.c --------------------------------------------------------- */

int oc_queue_init(struct oc_queue *queue, struct oc_port *port);
void oc_queue_exit(struct oc_queue *queue);
void oc_queue_start(struct oc_queue *queue);
bool oc_queue_enter(struct oc_queue *queue);
void oc_queue_leave(struct oc_queue *queue);
bool oc_queue_abort(struct oc_queue *queue, u16 cid, enum oc_cut why,
		    bool force);
bool oc_ctrl_abort(struct oc_ctrl *ctrl, u16 qid, u16 cid);
void oc_queue_stop(struct oc_queue *queue);
void oc_queue_delete(struct oc_queue *queue);

/* ---- ctrl/ctrl.c ---------------------------------------------------------- */

void oc_ctrl_set_kato(struct oc_ctrl *ctrl, u32 kato_ms);
u16 oc_ctrl_make(struct oc_port *port, bool discovery,
		 const struct nvmf_connect_data *data, struct oc_ctrl **made);
void oc_ctrl_free(struct oc_ctrl *ctrl);
void oc_port_close(struct oc_port *port);

/* ---- ctrl/fabrics.c ------------------------------------------------------- */

u16 oc_fabrics_parse(struct oc_cmd *cmd);

/* ---- ctrl/admin.c --------------------------------------------------------- */

u16 oc_admin_parse(struct oc_cmd *cmd);

/* ---- ctrl/logs.c ---------------------------------------------------------- */

void oc_ctrl_log_error(struct oc_ctrl *ctrl, const struct oc_cmd *cmd);
void oc_ctrl_clear_errors(struct oc_ctrl *ctrl);
void oc_ctrl_check_health(struct oc_ctrl *ctrl);
u16 oc_admin_get_log(struct oc_cmd *cmd);

/* ---- ctrl/features.c ------------------------------------------------------ */

void oc_features_reset(struct oc_ctrl *ctrl);
u16 oc_admin_get_features(struct oc_cmd *cmd);
u16 oc_admin_set_features(struct oc_cmd *cmd);

/* ---- ctrl/events.c -------------------------------------------------------- */

void oc_ctrl_drop_aers(struct oc_ctrl *ctrl, bool last);
void oc_ctrl_event(struct oc_ctrl *ctrl, u32 event);
bool oc_ctrl_untold(struct oc_ctrl *ctrl, enum oc_news news);
void oc_dev_tell(struct oc_dev *dev, enum oc_news news,
		 bool (*concerns)(struct oc_ctrl *ctrl));
void oc_log_was_read(struct oc_cmd *cmd, enum oc_news news);
u16 oc_admin_parse_aer(struct oc_cmd *cmd);
bool oc_ctrl_abort_aer(struct oc_ctrl *ctrl, u16 cid);
void oc_ctrl_ns_changed(struct oc_ctrl *ctrl, const unsigned long *which);
void oc_dev_ns_changed(struct oc_dev *dev, const unsigned long *which);

/* ---- ctrl/notify.c -------------------------------------------------------- */

void oc_notices_init(struct oc_dev *dev);
void oc_notices_connect(struct oc_ctrl *ctrl, bool fresh);
void oc_notices_exit(struct oc_dev *dev);
u16 oc_log_notices(struct oc_cmd *cmd, u64 off, u32 len);

/* ---- ctrl/endurance.c ----------------------------------------------------- */

u8 oc_endurance_warnings(const struct oc_dev *dev);
u16 oc_log_check_endurance(struct oc_cmd *cmd);
void oc_log_endurance(struct oc_cmd *cmd, void *page);
void oc_endurance_identify(struct nvme_id_ctrl *id);

/* ---- ctrl/sanitize.c ------------------------------------------------------ */

void oc_log_sanitize(struct oc_cmd *cmd, void *page);
void oc_sanitize_identify(struct nvme_id_ctrl *id);
u16 oc_admin_sanitize(struct oc_cmd *cmd);
void oc_sanitize_init(struct oc_dev *dev);
void oc_sanitize_exit(struct oc_dev *dev);

/* ---- ctrl/usage.c --------------------------------------------------------- */

u64 oc_cmd_counted(const struct oc_dev *dev, u32 kind);
void oc_channel_units(const struct oc_channel *ch, u64 *read, u64 *written);
u64 oc_channel_programmed(const struct oc_channel *ch);
void oc_channel_erase(struct oc_channel *ch, u32 chk);
void oc_channel_clear(struct oc_channel *ch);

/* ---- ctrl/attach.c -------------------------------------------------------- */

void oc_port_attach(struct oc_port *port);
u16 oc_admin_ns_attach(struct oc_cmd *cmd);

/* ---- ctrl/manage.c -------------------------------------------------------- */

u16 oc_admin_ns_manage(struct oc_cmd *cmd);

/* ---- ctrl/format.c -------------------------------------------------------- */

u16 oc_admin_format(struct oc_cmd *cmd);

#endif /* OC_CTRL_H */
