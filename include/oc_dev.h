/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_dev.h - a device and its configuration
 */
#ifndef OC_DEV_H
#define OC_DEV_H

#include <linux/idr.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "oc.h"
#include "oc_cmd.h"
#include "oc_config.h"
#include "oc_geometry.h"
#include "oc_memory.h"
#include "oc_notice.h"
#include "oc_ns.h"
#include "oc_timing.h"

struct dentry;
struct oc_channel;
struct oc_complaint;
struct oc_ctrl;
struct oc_fault_set;
struct oc_ftl_policy;
struct oc_media_ops;

/**
 * enum oc_sanitize_state - state of the last Sanitize
 * @OC_SANITIZE_NEVER:	there was none
 * @OC_SANITIZE_DONE:	all is erased
 * @OC_SANITIZE_RUNS:	it is running
 * @OC_SANITIZE_FAILED:	not all could be erased, and commands are refused
 * @OC_SANITIZE_FORGIVEN: the same, but the host has exited failure mode
 */
enum oc_sanitize_state {
	OC_SANITIZE_NEVER,
	OC_SANITIZE_DONE,
	OC_SANITIZE_RUNS,
	OC_SANITIZE_FAILED,
	OC_SANITIZE_FORGIVEN,
};

/**
 * struct oc_sanitize - the last Sanitize, or the one under way
 * @work:	does it
 * @stop:	completed when the device goes away
 * @state:	enum oc_sanitize_state. Changed under oc_dev.format_lock; read
 *		without, READ_ONCE/WRITE_ONCE as all that follow
 * @dword:	CDW10 of the command that began it
 * @done:	chunks of each parallel unit that are erased so far
 * @written:	sectors that hosts had ever written when it ended
 */
struct oc_sanitize {
	struct work_struct work;
	struct completion stop;
	u8 state;
	u32 dword;
	u32 done;
	u64 written;
};

/**
 * struct oc_dev - an open-channel SSD
 * @entry:	in the list of devices (devices.c), or empty
 * @users:	who has found it there and uses it; under the list's lock
 * @binding:	what the host binding has to it
 * @geo:	geometry of all channels together
 * @ch:		the channels, @geo.num_grp of them
 * @ns:		slots for namespaces, one a channel
 * @kinds:	kinds of namespaces, NULL after the last; the first is the default
 * @created:	the kind that hosts can create
 * @admin:	its admin commands, by opcode
 * @nr_ns:	number of namespaces; under @format_lock
 * @nr_created:	namespaces created by hosts so far; under @format_lock
 * @formats:	LBA formats; the first is the one it is loaded with
 * @nr_formats:	how many
 * @gc:		how block namespaces collect garbage
 * @media:	where bytes live
 * @media_priv:	the media's own
 * @memory:	how much it may take
 * @name:	its one name: what is called after it is unique where names are
 * @subsysnqn:	NQN
 * @serial:	serial number
 * @model:	model number
 * @host:	the one host NQN that may connect, "" for any
 * @shared:	several controllers may be connected at once
 * @bare:	hosts reach namespaces without a controller, and only those that
 *		have a geometry
 * @use_inline:	an idle channel may be run by the submitter; 0 sends all to
 *		the workers. May change while running
 * @ignore_use:	namespaces that hosts use may be changed. Shared without a lock,
 *		READ_ONCE/WRITE_ONCE
 * @endurance:	resets a chunk is rated for
 * @strict:	OCSSD 1.2 namespaces hold writes to the order of NAND
 * @admin_wq:	runs what needs process context: admin and fabrics commands
 * @changer:	the command that is changing namespaces, NULL for none; under
 *		@format_lock
 * @format_lock: one change of namespaces at a time; also the begin and end of
 *		@sanitize
 * @ns_srcu:	keeps namespaces from being deleted while they are read
 * @geo_lock:	protects what a Format changes in namespaces, the geometry of
 *		channels, and @table_bytes, for readers that own no channel
 * @timing:	its times; under @lock, the channels have copies
 * @timed:	@timing.on, readable without @lock
 * @faults:	its rules of what fails, NULL without; the channels have copies
 * @lock:	protects @ctrls, @ports, @holder, @timing and @faults
 * @ctrls:	connected controllers
 * @ports:	connections that have had a controller, in resets as well
 * @cntlids:	their numbers
 * @holder:	without @shared, the one connection that has the device; it
 *		keeps it through resets. Under @lock
 * @notices:	the chunk notification log
 * @sanitize:	the last Sanitize
 * @cmds:	commands the host has sent
 * @table_bytes: memory of all tables, bytes
 * @born_ns:	when the device was made, CLOCK_BOOTTIME ns
 * @debugfs:	its folder
 * @debugfs_alias: a link to it, NULL for none
 * @live:	with OC_DEBUG: others than its creator can reach it
 */
struct oc_dev {
	struct list_head entry;
	u32 users;
	void *binding;
	struct oc_geo geo;
	struct oc_channel *ch;
	struct oc_ns *ns;
	const struct oc_ns_kind *const *kinds;
	const struct oc_ns_kind *created;
	const struct oc_opcode *admin;
	u32 nr_ns;
	u32 nr_created;
	struct oc_format formats[OC_MAX_FORMATS];
	u32 nr_formats;
	const struct oc_ftl_policy *gc;
	const struct oc_media_ops *media;
	void *media_priv;
	struct oc_memory memory;

	char name[OC_NAME_MAX + 1];
	char subsysnqn[NVMF_NQN_FIELD_LEN];
	char serial[21];
	char model[41];
	char host[NVMF_NQN_FIELD_LEN];
	bool shared;
	bool bare;
	bool use_inline;
	bool ignore_use;
	u32 endurance;
	bool strict;

	struct workqueue_struct *admin_wq;
	struct mutex format_lock;	/* namespaces; begin, end of Sanitize */
	const struct oc_cmd *changer;
	struct srcu_struct ns_srcu;
	spinlock_t geo_lock;		/* formats of the namespaces */
	struct oc_timing timing;
	bool timed;
	struct oc_fault_set *faults;
	struct mutex lock;	/* ctrls, ports, holder, timing, faults */
	struct list_head ctrls;
	struct list_head ports;
	struct ida cntlids;
	struct oc_port *holder;
	struct oc_notices notices;
	struct oc_sanitize sanitize;

	struct oc_cmd_count __percpu *cmds;
	u64 table_bytes;
	u64 born_ns;
	struct dentry *debugfs;
	struct dentry *debugfs_alias;
#ifdef OC_DEBUG
	bool live;
#endif
};

/* ---- device.c ------------------------------------------------------------- */

struct oc_dev *oc_dev_create(const struct oc_config *cfg,
			     struct oc_complaint *why);
int oc_dev_apply(struct oc_dev *dev, const struct oc_config *cfg,
		 enum oc_config_id id, struct oc_complaint *why);
void oc_dev_set_timing(struct oc_dev *dev, const struct oc_timing *tm);
void oc_dev_destroy(struct oc_dev *dev);

#endif /* OC_DEV_H */
