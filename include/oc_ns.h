/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_ns.h - namespaces, their kinds and their formats
 */
#ifndef OC_NS_H
#define OC_NS_H

#include <linux/atomic.h>
#include <linux/types.h>

#include "oc.h"
#include "oc_cmd.h"
#include "oc_geometry.h"

struct nvme_id_ns;
struct oc_complaint;
struct oc_dev;
struct oc_fault_sc;
struct oc_port;

#define OC_MAX_FORMATS	16U	/* LBA formats of a device */
#define OC_MAX_OOB	128U	/* bytes of a sector's OOB */

/**
 * struct oc_format - an LBA format
 * @lba_size:	bytes of a sector
 * @oob_size:	bytes of its metadata
 */
struct oc_format {
	u32 lba_size;
	u32 oob_size;
};

/**
 * struct oc_ns_kind - a kind of namespace
 * @name:	its word in the ns= parameter
 * @dulbe:	reads of unwritten sectors can be made to fail
 * @init:	check the namespace's geometry for this kind; sets @ns->priv and
 *		@ns->table_bytes. Returns 0, or an errno with @why filled in and
 *		nothing kept. Optional
 * @open:	allocate what @table_bytes announced, when the device has its
 *		channels. Returns 0, -ENOMEM, or -ENOSPC with @why filled in if too
 *		many of their chunks are offline. Optional
 * @exit:	free what @init and @open took. Optional
 * @advice:	why pblk would fail on it, a sentence or NULL. Optional
 * @decode:	decode an address, in place of oc_geo_decode(). Optional
 * @encode:	encode one, in place of oc_geo_encode(). Optional
 * @identify:	fill the kind's fields of Identify Namespace
 * @geometry:	fill the 4096-byte answer to E2h. Optional
 * @chunk_log:	write @len bytes of the chunk information log from byte @off on
 *		to the command's data. Process context. Optional
 * @most:	the most sectors that a channel of @geo with @lost offline chunks
 *		can give to a namespace, 0 for none. Without it, and the next two,
 *		namespaces of this kind can be made at load only
 * @share:	sectors that each of @nr channels of @geo must have for @nsze of
 *		them together
 * @carve:	make @ns->geo, whose other counts and sizes are set, one of @nr
 *		channels with @nsze sectors, and set what else the kind has in @ns
 * @setup:	set up the namespace's channels, before there are hosts. Process
 *		context. Optional
 * @fits:	can the namespace have the sector and OOB sizes of @geo? A kind
 *		without OOB clears oob_size. Without it, it cannot be formatted
 * @clear:	drop what the kind knows of the data, since the channels will be
 *		erased. Called by the owner of all of them; may sleep. Optional
 * @extended:	its commands support metadata interleaved with the data
 * @io:		the kind's I/O commands, indexed by opcode
 * @admin:	the kind's own admin commands, indexed by opcode. Optional
 * @faults:	the statuses of faults
 * @full:	the status of a write when data may take no more memory
 * @oncs:	optional commands among them, NVME_CTRL_ONCS_*
 * @config:	check that the namespace can be made with the option that follows
 *		the number of its channels (NULL for none). Returns 0 or -EINVAL
 *		with @why. Without it, the kind has no options
 */
struct oc_ns_kind {
	const char *name;
	bool dulbe;
	int (*init)(struct oc_ns *ns, struct oc_complaint *why);
	int (*open)(struct oc_ns *ns, struct oc_complaint *why);
	void (*exit)(struct oc_ns *ns);
	const char *(*advice)(const struct oc_ns *ns);
	bool (*decode)(const struct oc_ns *ns, u64 lba, struct oc_addr *addr);
	u64 (*encode)(const struct oc_ns *ns, const struct oc_addr *addr);
	void (*identify)(const struct oc_ns *ns, struct nvme_id_ns *id);
	void (*geometry)(const struct oc_ns *ns, void *page);
	u16 (*chunk_log)(struct oc_cmd *cmd, u64 off, u32 len);
	u32 (*most)(const struct oc_geo *geo, u32 lost);
	u64 (*share)(const struct oc_geo *geo, u64 nsze, u32 nr);
	void (*carve)(struct oc_ns *ns, u64 nsze, u32 nr);
	void (*setup)(struct oc_ns *ns);
	bool (*fits)(const struct oc_ns *ns, struct oc_geo *geo);
	void (*clear)(struct oc_ns *ns);
	bool extended;
	const struct oc_opcode *io;
	const struct oc_opcode *admin;
	const struct oc_fault_sc *faults;
	u16 full;
	u16 oncs;
	int (*config)(struct oc_ns *ns, const char *option,
		      struct oc_complaint *why);
};

/**
 * struct oc_ns - one namespace: a run of the device's channels
 * @dev:	the device
 * @there:	the slot is a namespace. Changed under oc_dev.format_lock and
 *		oc_dev.geo_lock. A thread that finds it set may use the other fields
 *		while it holds oc_dev.format_lock or reads oc_dev.ns_srcu
 * @kind:	its kind; NULL for an empty slot. Under oc_dev.format_lock
 * @nsid:	number, from 1
 * @first:	first channel
 * @geo:	geometry, @geo.num_grp channels. Its sizes change under ownership
 *		of all channels and oc_dev.geo_lock, while no command is there
 * @format:	its LBA format, of oc_dev.formats; under oc_dev.geo_lock
 * @extended:	OOB follows each sector in the data buffer; as the sizes of @geo
 * @split:	another namespace has, or had, larger sectors, so that MDTS is more
 *		than 64 of these; under oc_dev.geo_lock
 * @gate:	enum oc_cut: why commands are refused, OC_CUT_NOT if they are not;
 *		OC_CUT_GONE for an empty slot. Changed by freeze.c
 * @epoch:	changed by each Format, Sanitize and Delete (oc_epoch_why() says
 *		which), while @gate is shut. Read under RCU
 * @attached:	it is attached to controllers that connect; under oc_dev.lock
 * @shared:	it can be attached to several controllers
 * @op:		over-provisioning of a block namespace, per cent
 * @nsze:	sectors it was created with, 0 if they follow from @op
 * @nguid:	globally unique identifier
 * @open:	open chunks, with those about to be opened; counted where
 *		geometry's maxoc sets a limit
 * @dulbe:	error recovery feature: reading what was never written is an
 *		error. Shared without a lock, READ_ONCE/WRITE_ONCE
 * @feedback:	media feedback feature, OC_FEEDBACK_*: a read that needed much
 *		correction reports it in its status, else only in the
 *		notification log. Shared the same way
 * @tler:	error recovery feature: time limit, which has no effect. The
 *		same
 * @saved_recovery: the feature as it was saved. The same
 * @priv:	the kind's own
 * @table_bytes: memory of @priv, bytes
 */
struct oc_ns {
	struct oc_dev *dev;
	bool there;
	const struct oc_ns_kind *kind;
	u32 nsid;
	u32 first;
	struct oc_geo geo;
	u8 format;
	bool extended;
	bool split;
	u8 gate;
	u32 epoch;
	bool attached;
	bool shared;
	u32 op;
	u64 nsze;
	u8 nguid[16];
	atomic_t open;
	bool dulbe;
	u8 feedback;
	u16 tler;
	u32 saved_recovery;
	void *priv;
	u64 table_bytes;
};

extern const struct oc_ns_kind oc_ns_oc20;
extern const struct oc_ns_kind oc_ns_oc12;
extern const struct oc_ns_kind oc_ns_oc12h;
extern const struct oc_ns_kind oc_ns_block;

/*
 * All namespaces, by number; with oc_dev.format_lock or oc_dev.geo_lock, as a reader
 * of oc_dev.ns_srcu, or while a Sanitize runs
 */
#define oc_for_each_ns(dev, ns) \
	for (ns = oc_ns_next(dev, NULL); ns; ns = oc_ns_next(dev, ns))

/**
 * oc_ns_stride() - bytes of a sector in a command's data buffer
 * @ns:		namespace
 *
 * Context: in the service of a command of the namespace.
 * Return: the size of a sector, with its OOB if that follows it.
 */
static inline u32 oc_ns_stride(const struct oc_ns *ns)
{
	return ns->geo.lba_size + (ns->extended ? ns->geo.oob_size : 0);
}

/* ---- ns/ns.c -------------------------------------------------------------- */

void oc_ns_name(struct oc_ns *ns, u32 nr);
int oc_ns_open(struct oc_dev *dev, struct oc_complaint *why);
u64 oc_ns_table_bytes(const struct oc_ns *ns);
void oc_ns_free(struct oc_dev *dev);
int oc_ns_parse(struct oc_dev *dev, const char *text, struct oc_complaint *why);
struct oc_ns *oc_ns_find(const struct oc_dev *dev, u32 nsid);
struct oc_ns *oc_ns_next(const struct oc_dev *dev, const struct oc_ns *ns);
struct oc_ns *oc_ns_of(const struct oc_dev *dev, u32 id);
struct oc_ns *oc_ns_active(const struct oc_port *port, u32 nsid);
void oc_ns_default(struct oc_ns *ns);
u32 oc_ns_describe(const struct oc_ns *ns, char *buf, u32 size);
u16 oc_inactive_ns(struct oc_cmd *cmd);
u16 oc_need_ns(struct oc_cmd *cmd);

/* ---- ns/formats.c --------------------------------------------------------- */

int oc_formats_parse(struct oc_dev *dev, const char *text,
		     struct oc_complaint *why);
u32 oc_dev_max_lba(const struct oc_dev *dev);
u32 oc_dev_max_oob(const struct oc_dev *dev);
u32 oc_format_least(const struct oc_dev *dev, u32 lba_size);
u32 oc_dev_max_transfer(struct oc_dev *dev);
u64 oc_dev_bytes(struct oc_dev *dev);
void oc_dev_split(struct oc_dev *dev);
bool oc_format_fits(const struct oc_ns *ns, u32 nr, bool extended,
		    struct oc_geo *geo);

/* ---- ns/identify.c -------------------------------------------------------- */

void oc_format_common(struct oc_dev *dev, struct nvme_id_ns *id);
void oc_format_identify(const struct oc_ns *ns, struct nvme_id_ns *id);
void oc_ns_identify(const struct oc_ns *ns, struct nvme_id_ns *id);
u16 oc_ns_oncs(const struct oc_dev *dev);

/* ---- ns/room.c ------------------------------------------------------------ */

bool oc_dev_has_room(const struct oc_dev *dev);
u64 oc_ns_capacity(const struct oc_ns *ns, u8 lba_shift);
u64 oc_dev_capacity(struct oc_dev *dev, u64 *left);
bool oc_dev_find_run(const struct oc_dev *dev, u32 nr, u64 room, u32 *first);

#endif /* OC_NS_H */
