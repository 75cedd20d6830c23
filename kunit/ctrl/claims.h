/* SPDX-License-Identifier: GPL-2.0 */
/*
 * claims.h - tables of what pages say, and how to ask whether it is so
 *
 * A row says what stands in a field, or has a check that tries the commands which
 * the field speaks of. Bytes without a row are reserved: they are zero.
 */
#ifndef CLAIMS_H
#define CLAIMS_H

#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc_fault.h"
#include "oc_test.h"
#include "oc_unaligned.h"

#define BAD_OPCODE	((u16)0x4001)
#define BAD_FIELD	((u16)0x4002)
#define BAD_NS		((u16)0x400b)
#define BAD_LOG		((u16)0x4109)
#define BAD_FORMAT	((u16)0x410a)
#define OUT_OF_RANGE	((u16)0x4080)

#define ALL	0xffffffffU

/**
 * struct desk - a controller that is examined
 * @test:	the case
 * @bench:	it
 * @bc:		a command for it
 * @what:	which configuration, or namespace
 * @page:	4096 bytes that it has said
 * @nsid:	whose they are
 * @about:	what checks of a case need to know
 */
struct desk {
	struct kunit *test;
	struct bench *bench;
	struct bench_cmd *bc;
	const char *what;
	u8 *page;
	u32 nsid;
	const void *about;
};

/**
 * struct claim - a field
 * @name:	of the specification
 * @off:	its first byte
 * @len:	bytes
 * @want:	what stands there, if there is no check; from its byte 8 on zeroes do
 * @check:	try what it says; @val is the field, or its first 8 bytes
 */
struct claim {
	const char *name;
	u16 off;
	u16 len;
	u64 want;
	void (*check)(struct desk *d, u64 val);
};

/* ---- commands ---------------------------------------------------------- */

static inline u16 admin(struct desk *d, u8 opcode, u32 nsid, u32 cdw10,
			u32 cdw11)
{
	struct bench_cmd *bc = d->bc;
	bool out = opcode == nvme_admin_ns_mgmt ||
		opcode == nvme_admin_ns_attach ||
		opcode == nvme_admin_set_features;
	u16 status;

	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.common.opcode = opcode;
	bc->sqe.common.nsid = cpu_to_le32(nsid);
	bc->sqe.common.cdw10 = cpu_to_le32(cdw10);
	bc->sqe.common.cdw11 = cpu_to_le32(cdw11);
	bench_data(bc, !out, 4096);
	d->bench->queue.qid = 0;
	status = bench_run(bc);
	d->bench->queue.qid = 1;
	return status;
}

static inline u16 identify(struct desk *d, u8 cns, u32 nsid)
{
	memset(d->bc->data, 0, 4096);
	return admin(d, nvme_admin_identify, nsid, cns, 0);
}

static inline u16 get_log(struct desk *d, u8 lid, u32 nsid, u32 lsi)
{
	return admin(d, nvme_admin_get_log_page, nsid, 127 << 16 | lid,
		     lsi << 16);
}

static inline u16 get_feature(struct desk *d, u8 fid, u32 sel, u32 nsid, u32 dword)
{
	return admin(d, nvme_admin_get_features, nsid, fid | sel << 8, dword);
}

static inline u16 set_feature(struct desk *d, u8 fid, u32 nsid, u32 dword)
{
	memset(d->bc->data, 0, 16);
	return admin(d, nvme_admin_set_features, nsid, fid, dword);
}

static inline u32 result(struct desk *d)
{
	return le32_to_cpu(d->bc->cmd.result.u32);
}

/* A command with wrong fields: refused for them, or for its opcode */
static inline bool knows(struct desk *d, u8 opcode)
{
	if (opcode == nvme_admin_async_event)
		return true;
	return admin(d, opcode, 0xfffffffe, ALL, ALL) != BAD_OPCODE;
}

static inline u16 io(struct desk *d, u8 opcode, u32 nsid, u64 slba, u32 nr)
{
	bench_scalar(d->bc, opcode, slba, nr);
	d->bc->sqe.common.nsid = cpu_to_le32(nsid);
	return bench_run(d->bc);
}

/* Can the host make namespaces? */
static inline bool desk_has_room(const struct desk *d)
{
	struct oc_dev *dev = d->bench->dev;
	int idx = srcu_read_lock(&dev->ns_srcu);
	bool room = oc_dev_has_room(dev);

	srcu_read_unlock(&dev->ns_srcu, idx);
	return room;
}

/* Does any namespace take it? There is one of each kind, or none at all */
static inline bool io_knows(struct desk *d, u8 opcode)
{
	u32 nsid;

	for (nsid = 1; nsid <= d->bench->dev->geo.num_grp; nsid++)
		if (test_bit(nsid - 1, d->bench->port.active) &&
		    io(d, opcode, nsid, U64_MAX, 1) != BAD_OPCODE)
			return true;
	/* Nor can one be made that would */
	return desk_has_room(d) && oc_ns_block.io[opcode].parse;
}

static inline bool served(u16 status)
{
	return !status;
}

static inline void expect(struct desk *d, bool ok, const char *what, u64 val)
{
	KUNIT_EXPECT_TRUE_MSG(d->test, ok, "%s: %s, %llu", d->what, what, val);
}

/* A whole page, on what has no zeroes by chance */
static inline void fetch(struct desk *d, u8 lid, u32 nsid, u32 lsi)
{
	memset(d->bc->data, 0xa5, 4096);
	expect(d, !admin(d, nvme_admin_get_log_page, nsid, 1023 << 16 | lid,
			 lsi << 16), "log", lid);
	memcpy(d->page, d->bc->data, 4096);
}

/* Changes are told to controllers that the device knows of */
static inline void list_ctrl(struct desk *d)
{
	mutex_lock(&d->bench->dev->lock);
	list_add(&d->bench->ctrl.entry, &d->bench->dev->ctrls);
	mutex_unlock(&d->bench->dev->lock);
}

static inline void unlist_ctrl(struct desk *d)
{
	mutex_lock(&d->bench->dev->lock);
	list_del(&d->bench->ctrl.entry);
	mutex_unlock(&d->bench->dev->lock);
}

/* ---- the tables -------------------------------------------------------- */

static inline u64 claim_value(const struct desk *d, const struct claim *row)
{
	u64 val = 0;
	u32 i;

	for (i = min_t(u32, row->len, 8); i--; )
		val = val << 8 | d->page[row->off + i];
	return val;
}

static inline void check_want(struct desk *d, const struct claim *row)
{
	u32 low = min_t(u32, row->len, 8);

	KUNIT_EXPECT_EQ_MSG(d->test, claim_value(d, row), row->want, "%s: %s",
			    d->what, row->name);
	KUNIT_EXPECT_FALSE_MSG(d->test, memchr_inv(d->page + row->off + low, 0,
						   row->len - low),
			       "%s: %s, high half", d->what, row->name);
}

static inline void check_page(struct desk *d, const struct claim *rows, u32 nr,
			      u32 size)
{
	u32 at = 0, i;

	for (i = 0; i <= nr; i++) {
		u32 to = i < nr ? rows[i].off : size;

		KUNIT_EXPECT_LE_MSG(d->test, at, to, "%s: row %u", d->what, i);
		for (; at < to; at++)
			KUNIT_EXPECT_EQ_MSG(d->test, (u32)d->page[at], 0U,
					    "%s: reserved byte %u", d->what,
					    at);
		if (i == nr)
			break;
		if (rows[i].check)
			rows[i].check(d, claim_value(d, &rows[i]));
		else
			check_want(d, &rows[i]);
		at = rows[i].off + rows[i].len;
	}
}

static inline void never(struct timer_list *timer)
{
}

/* A controller of a device with these namespaces, as it is when it has been enabled */
static inline bool desk_make(struct kunit *test, struct desk *d, const char *ns,
			     bool shared, bool discovery)
{
	struct oc_config cfg = bench_config();

	cfg.ns = ns;
	cfg.shared = shared;
	d->test = test;
	d->what = discovery ? "discovery" : ns;
	d->nsid = 0;
	d->about = NULL;
	d->bench = bench_remake(test, &cfg);
	d->page = kunit_kzalloc(test, 4096, GFP_KERNEL);
	if (!d->page)
		return false;
	d->bc = bench_cmd(d->bench);
	d->bench->ctrl.discovery = discovery;
	timer_setup(&d->bench->ctrl.kato, never, 0);
	mutex_lock(&d->bench->ctrl.lock);
	oc_features_reset(&d->bench->ctrl);
	mutex_unlock(&d->bench->ctrl.lock);
	return true;
}

/* Open-channel namespaces, with bench_config()'s layout of chunks */
#define KINDS	"oc20:2,oc20:3"

/* All kinds of namespace, alone and together, and none */
static const struct {
	const char *ns;
	bool shared;
} desks[] __maybe_unused = {
	{ KINDS, false },
	{ "oc20:1,oc12:1,oc12h:1,block:1:80", true },
	{ "block:4:80", false },
	{ "none", false },
};

#endif /* CLAIMS_H */
