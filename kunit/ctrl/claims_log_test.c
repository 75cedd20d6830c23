// SPDX-License-Identifier: GPL-2.0
/*
 * claims_log_test.c - what the logs of a controller say is what there is and what has
 * happened: a table for each page, with a row for every field
 *
 * Errors, firmware, namespaces that have changed, commands and their effects (NVMe
 * 1.4, 5.14), discovery (NVMe over Fabrics 1.1, 5.3). SMART is in claims_test.c.
 */
#include <linux/jhash.h>

#include "claims.h"
#include "oc_devices.h"

/* ---- 01h --------------------------------------------------------------- */

/**
 * struct failure - a command that fails, and what its entry says of it
 * @what:	in words
 * @set:	set it up
 * @qid:	where it is sent
 * @status:	how it ends
 * @location:	the byte that is to blame
 * @lba:	the block
 * @csi:	the entries of its list that failed
 * @bc:		the command
 */
struct failure {
	const char *what;
	void (*set)(struct bench_cmd *bc);
	u16 qid;
	u16 status;
	u16 location;
	u64 lba;
	u64 csi;
	struct bench_cmd *bc;
};

static void fail_opcode(struct bench_cmd *bc)
{
	bc->sqe.common.opcode = 0xff;
	bench_data(bc, false, 0);
}

static void fail_feature(struct bench_cmd *bc)
{
	bc->sqe.common.opcode = nvme_admin_get_features;
	bc->sqe.common.nsid = cpu_to_le32(3);
	bc->sqe.common.cdw10 = cpu_to_le32(0x55);
	bench_data(bc, true, 4096);
}

static void fail_log(struct bench_cmd *bc)
{
	bc->sqe.common.opcode = nvme_admin_get_log_page;
	bc->sqe.common.cdw10 = cpu_to_le32(0x7e);
	bench_data(bc, true, 4);
}

static void fail_range(struct bench_cmd *bc)
{
	bench_scalar(bc, nvme_cmd_read, 1ULL << 40, 1);
}

static void fail_nsid(struct bench_cmd *bc)
{
	bench_scalar(bc, nvme_cmd_read, 0, 1);
	bc->sqe.common.nsid = cpu_to_le32(9);
}

static void fail_media(struct bench_cmd *bc)
{
	u32 i;

	for (i = 0; i < 4; i++)
		bc->lba[i] = i;
	bench_vector(bc, OC_CMD_VECTOR_READ, 4);
}

/* A discovery controller can only fail what needs no I/O queue */
static const struct failure failures[] = {
	{ "opcode", fail_opcode, 0, BAD_OPCODE, 0 },
	{ "feature", fail_feature, 0, BAD_FIELD, 40 },
	{ "log", fail_log, 0, BAD_LOG, 40 },
	{ "range", fail_range, 1, OUT_OF_RANGE, 40, 1ULL << 40 },
	{ "namespace", fail_nsid, 1, BAD_NS, 4 },
	{ "media", fail_media, 1, 0x4281, 0xffff, 2, 0xc },
};

static void check_error_count(struct desk *d, u64 val)
{
	expect(d, val == 1, "error count", val);
	if (d->bench->ctrl.discovery)
		return;
	expect(d, !get_log(d, NVME_LOG_SMART, 0, 0) &&
	       get_unaligned_le64(d->bc->data + 176) == val, "SMART", val);
	expect(d, !get_log(d, OC_LOG_ENDURANCE, 0, 1) &&
	       get_unaligned_le64(d->bc->data + 144) == val, "endurance", val);
}

static void check_sqid(struct desk *d, u64 val)
{
	const struct failure *f = d->about;

	expect(d, val == f->qid, "SQID", val);
}

static void check_cmdid(struct desk *d, u64 val)
{
	const struct failure *f = d->about;

	expect(d, val && val == f->bc->sqe.common.command_id, "CMDID", val);
}

/* That of the completion; the phase is the queue's own affair */
static void check_status(struct desk *d, u64 val)
{
	const struct failure *f = d->about;

	expect(d, f->bc->cmd.status == f->status &&
	       val == (u16)(f->status << 1), "status", val);
}

static void check_location(struct desk *d, u64 val)
{
	const struct failure *f = d->about;

	expect(d, val == f->location && (val < 64 || val == 0xffff),
	       "location", val);
}

static void check_error_lba(struct desk *d, u64 val)
{
	const struct failure *f = d->about;

	expect(d, val == f->lba, "LBA", val);
}

static void check_error_nsid(struct desk *d, u64 val)
{
	const struct failure *f = d->about;

	expect(d, val == le32_to_cpu(f->bc->sqe.common.nsid), "NSID", val);
}

static void check_csi(struct desk *d, u64 val)
{
	const struct failure *f = d->about;

	expect(d, val == f->csi && val == bench_bitmap(f->bc), "CSI", val);
}

/* No error is the transport's, so the type is 0. There are no further pages */
static const struct claim error_log[] = {
	{ "error count", 0, 8, .check = check_error_count },
	{ "SQID", 8, 2, .check = check_sqid },
	{ "CMDID", 10, 2, .check = check_cmdid },
	{ "status", 12, 2, .check = check_status },
	{ "location", 14, 2, .check = check_location },
	{ "LBA", 16, 8, .check = check_error_lba },
	{ "NSID", 24, 4, .check = check_error_nsid },
	{ "vendor's page", 28, 1 }, { "TRTYPE", 29, 1 },
	{ "CSI", 32, 8, .check = check_csi },
	{ "transport's own", 40, 2 },
};

static void try_failure(struct desk *d, struct failure f)
{
	bench_write_run(d->bench, 0, 24, 1);
	bench_set_faults(d->bench, "read-fail sec=2-3");
	f.bc = bench_cmd(d->bench);
	f.set(f.bc);
	f.bc->sqe.common.command_id = 0x1234;
	d->bench->queue.qid = f.qid;
	bench_run(f.bc);
	d->bench->queue.qid = 1;
	d->what = f.what;
	d->about = &f;
	fetch(d, NVME_LOG_ERROR, 0, 0);
	check_page(d, error_log, ARRAY_SIZE(error_log), 4096);
}

static void claims_of_errors(struct kunit *test)
{
	struct desk d;
	u32 i, discovery;

	for (discovery = 0; discovery < 2; discovery++)
		for (i = 0; i < ARRAY_SIZE(failures); i++) {
			if (discovery && failures[i].qid)
				continue;
			KUNIT_ASSERT_TRUE(test, desk_make(test, &d, KINDS,
							  false, discovery));
			try_failure(&d, failures[i]);
			timer_delete_sync(&d.bench->ctrl.kato);
		}
}

/* ---- 03h and 04h ------------------------------------------------------- */

/* The slot that runs has a revision, it is one that Identify counts; none is next */
static void check_afi(struct desk *d, u64 val)
{
	expect(d, val && val < 8 && d->page[8 * val] &&
	       !identify(d, NVME_ID_CNS_CTRL, 0) &&
	       val <= (d->bc->data[260] >> 1 & 7), "AFI", val);
}

static void check_revision(struct desk *d, u64 val)
{
	expect(d, !identify(d, NVME_ID_CNS_CTRL, 0) &&
	       !memcmp(d->page + 8, d->bc->data + 64, 8), "FRS1", val);
}

static const struct claim firmware_log[] = {
	{ "AFI", 0, 1, .check = check_afi },
	{ "FRS1", 8, 8, .check = check_revision }, { "FRS2 to 7", 16, 48 },
};

static const struct claim changed_log[] = {
	{ "first", 0, 4, 2 }, { "second", 4, 4, 4 },
};

static const struct claim empty_log[] = {
	{ "first", 0, 4 },
};

/* Any format but the one that it has */
static void format_other(struct desk *d, u32 nsid)
{
	struct nvme_id_ns *id = (void *)d->bc->data;
	u32 i;

	identify(d, NVME_ID_CNS_NS, nsid);
	for (i = 0; i < 15 && (i == id->flbas || !id->lbaf[i].ds); i++)
		;
	expect(d, !admin(d, nvme_admin_format_nvm, nsid, i, 0), "Format", i);
}

static void claims_of_firmware_and_changes(struct kunit *test)
{
	struct desk d;

	KUNIT_ASSERT_TRUE(test, desk_make(test, &d,
					  "block:1:80,block:1:80,block:1:80,block:1:80",
					  false, false));
	fetch(&d, NVME_LOG_FW_SLOT, 0, 0);
	check_page(&d, firmware_log, ARRAY_SIZE(firmware_log), 4096);

	list_ctrl(&d);
	fetch(&d, NVME_LOG_CHANGED_NS, 0, 0);
	check_page(&d, empty_log, ARRAY_SIZE(empty_log), 4096);
	/* In order of their numbers, each once */
	format_other(&d, 4);
	format_other(&d, 2);
	format_other(&d, 4);
	fetch(&d, NVME_LOG_CHANGED_NS, 0, 0);
	check_page(&d, changed_log, ARRAY_SIZE(changed_log), 4096);
	/* It has been read */
	fetch(&d, NVME_LOG_CHANGED_NS, 0, 0);
	check_page(&d, empty_log, ARRAY_SIZE(empty_log), 4096);
	unlist_ctrl(&d);
	timer_delete_sync(&d.bench->ctrl.kato);
}

/* ---- 05h --------------------------------------------------------------- */

#define ADMIN(name, opcode, effects)	{ name, 4 * (opcode), 4, effects }
#define IO(name, opcode, effects)	{ name, 1024 + 4 * (opcode), 4, effects }

/*
 * Bit 0: it is there; 1: data changes; 2: a namespace; 3: which there are; 4: the
 * controller; 16: alone in the namespace
 */
static const struct claim effects_log[] = {
	ADMIN("Get Log Page", 0x02, 1), ADMIN("Identify", 0x06, 1),
	ADMIN("Abort", 0x08, 1), ADMIN("Set Features", 0x09, 1),
	ADMIN("Get Features", 0x0a, 1), ADMIN("Event Request", 0x0c, 1),
	ADMIN("Namespace Management", 0x0d, 0x19),
	ADMIN("Namespace Attachment", 0x15, 9), ADMIN("Keep Alive", 0x18, 1),
	ADMIN("Fabrics", 0x7f, 1), ADMIN("Format", 0x80, 0x10017),
	ADMIN("Sanitize", 0x84, 3), ADMIN("Geometry", 0xe2, 1),
	IO("Flush", 0x00, 1), IO("Write", 0x01, 3), IO("Read", 0x02, 1),
	IO("DSM", 0x09, 3), IO("Fabrics", 0x7f, 1), IO("Reset", 0x90, 3),
	IO("Vector Write", 0x91, 3), IO("Vector Read", 0x92, 1),
};

/* Some admin commands are of a kind of namespace */
static bool any_knows(struct desk *d, u8 opcode)
{
	u32 nsid;

	if (knows(d, opcode))
		return true;
	for_each_set_bit(nsid, d->bench->port.active, OC_MAX_NS)
		if (admin(d, opcode, nsid + 1, ALL, ALL) != BAD_OPCODE)
			return true;
	return desk_has_room(d) && oc_ns_block.admin &&
		oc_ns_block.admin[opcode].parse;
}

/* Everything that has a number: what is said to be there is */
static void check_support(struct desk *d)
{
	u32 i;

	for (i = 0; i < 256; i++) {
		if (i == nvme_fabrics_command)
			continue;
		expect(d, any_knows(d, i) == (d->page[4 * i] & 1), "admin", i);
		expect(d, io_knows(d, i) == (d->page[1024 + 4 * i] & 1), "I/O",
		       i);
	}
}

static void claims_of_effects(struct kunit *test)
{
	struct desk d;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(desks); i++) {
		KUNIT_ASSERT_TRUE(test, desk_make(test, &d, desks[i].ns,
						  desks[i].shared, false));
		fetch(&d, NVME_LOG_CMD_EFFECTS, 0, 0);
		if (!strcmp(d.what, KINDS))
			check_page(&d, effects_log, ARRAY_SIZE(effects_log),
				   4096);
		check_support(&d);
		timer_delete_sync(&d.bench->ctrl.kato);
	}
}

/* What a host could know: of the controller, which namespaces, and of one */
static void look(struct desk *d, u32 nsid, u32 hash[3])
{
	identify(d, NVME_ID_CNS_CTRL, 0);
	hash[0] = jhash(d->bc->data, 4096, 0);
	identify(d, NVME_ID_CNS_NS_PRESENT_LIST, 0);
	hash[1] = jhash(d->bc->data, 4096, 0);
	identify(d, NVME_ID_CNS_NS_ACTIVE_LIST, 0);
	hash[1] = jhash(d->bc->data, 4096, hash[1]);
	identify(d, NVME_ID_CNS_NS, nsid);
	hash[2] = jhash(d->bc->data, 4096, 0);
}

/* Does @opcode change what it is said to change? Namespace @nsid is of interest */
static void try_effects(struct desk *d, u8 opcode, u32 nsid, u32 cdw10)
{
	u32 before[3], after[3], want = d->page[4 * opcode];
	__le16 *list = (void *)d->bc->data;

	look(d, nsid, before);
	memset(list, 0, 4096);
	list[0] = cpu_to_le16(1);
	list[1] = cpu_to_le16(d->bench->ctrl.cntlid);
	if (opcode == nvme_admin_format_nvm)
		format_other(d, nsid);
	else
		expect(d, !admin(d, opcode, 1, cdw10, 0), "effects", opcode);
	flush_workqueue(d->bench->dev->admin_wq);
	look(d, nsid, after);
	expect(d, (before[0] != after[0]) == !!(want & NVME_CMD_EFFECTS_CCC),
	       "CCC", opcode);
	expect(d, (before[1] != after[1]) == !!(want & NVME_CMD_EFFECTS_NIC),
	       "NIC", opcode);
	expect(d, (before[2] != after[2]) == !!(want & NVME_CMD_EFFECTS_NCC),
	       "NCC", opcode);
}

static void claims_of_effects_are_true(struct kunit *test)
{
	struct desk d;

	KUNIT_ASSERT_TRUE(test, desk_make(test, &d, "block:2:80,block:2:80",
					  false, false));
	list_ctrl(&d);
	fetch(&d, NVME_LOG_CMD_EFFECTS, 0, 0);
	try_effects(&d, nvme_admin_format_nvm, 2, 0);
	try_effects(&d, nvme_admin_sanitize_nvm, 2, 2);
	try_effects(&d, nvme_admin_get_features, 2, NVME_FEAT_ARBITRATION);
	/* Detach, attach, delete */
	try_effects(&d, nvme_admin_ns_attach, 2, 1);
	try_effects(&d, nvme_admin_ns_attach, 2, 0);
	try_effects(&d, nvme_admin_ns_mgmt, 2, 1);
	unlist_ctrl(&d);
	timer_delete_sync(&d.bench->ctrl.kato);
}

/* ---- 70h --------------------------------------------------------------- */

/* Who connects to what the entry names */
static struct {
	struct oc_port port;
	struct oc_queue queue;
} guest;

static void guest_fatal(struct oc_port *port)
{
}

static void guest_done(struct oc_cmd *cmd)
{
	struct bench_cmd *bc = container_of(cmd, struct bench_cmd, cmd);

	atomic_inc(&bc->calls);
	complete(&bc->end);
	oc_queue_leave(&guest.queue);
}

static u16 guest_connect(struct desk *d, u16 sqsize)
{
	struct bench_cmd *bc = bench_cmd(d->bench);
	struct nvmf_connect_data *data;

	if (!oc_queue_enter(&guest.queue))
		return 0xffff;
	data = (void *)bc->data;
	bc->cmd.queue = &guest.queue;
	bc->cmd.done = guest_done;
	bc->sqe.connect.opcode = nvme_fabrics_command;
	bc->sqe.connect.fctype = nvme_fabrics_type_connect;
	bc->sqe.connect.sqsize = cpu_to_le16(sqsize);
	if (d->page[1024 + 3] & NVMF_TREQ_DISABLE_SQFLOW)
		bc->sqe.connect.cattr = NVME_CONNECT_DISABLE_SQFLOW;
	memcpy(&data->cntlid, d->page + 1024 + 6, 2);
	memcpy(data->subsysnqn, d->page + 1024 + 256, 256);
	strcpy(data->hostnqn, "nqn.2014-08.org.nvmexpress:a-host");
	bench_data(bc, false, sizeof(*data));
	return bench_run(bc);
}

/* An admin queue of the size announced, on the subsystem and the controller that exist */
static void check_asqsz(struct desk *d, u64 val)
{
	u16 status;

	memset(&guest, 0, sizeof(guest));
	guest.port.dev = d->bench->dev;
	guest.port.fatal = guest_fatal;
	KUNIT_ASSERT_EQ(d->test, oc_queue_init(&guest.queue, &guest.port), 0);
	oc_queue_start(&guest.queue);
	status = guest_connect(d, val - 1);
	expect(d, val >= 32 && !status && !guest.port.ctrl->discovery,
	       "Connect", status);
	oc_queue_stop(&guest.queue);
	oc_port_close(&guest.port);
	oc_queue_exit(&guest.queue);
}

static void check_disc_nqn(struct desk *d, u64 val)
{
	const char *nqn = d->bench->dev->subsysnqn;
	u32 len = strlen(nqn);

	expect(d, !memcmp(d->page + 1280, nqn, len) &&
	       !memchr_inv(d->page + 1280 + len, 0, 256 - len), "SUBNQN", val);
}

static void check_genctr(struct desk *d, u64 val)
{
	expect(d, val, "GENCTR", val);
}

static const struct claim discovery_log[] = {
	{ "GENCTR", 0, 8, .check = check_genctr }, { "NUMREC", 8, 8, 1 }, { "RECFMT", 16, 2 },
	{ "TRTYPE", 1024, 1, 254 }, { "ADRFAM", 1025, 1, 254 },
	{ "SUBTYPE", 1026, 1, 2 }, { "TREQ", 1027, 1, 4 },
	{ "PORTID", 1028, 2 }, { "CNTLID", 1030, 2, 0xffff },
	{ "ASQSZ", 1032, 2, .check = check_asqsz }, { "TRSVCID", 1056, 32 },
	{ "SUBNQN", 1280, 256, .check = check_disc_nqn },
	{ "TRADDR", 1536, 256 }, { "TSAS", 1792, 256 },
};

static void claims_of_discovery_log(struct kunit *test)
{
	struct oc_complaint why;
	struct desk d;

	KUNIT_ASSERT_TRUE(test, desk_make(test, &d, KINDS, false, true));
	KUNIT_ASSERT_EQ(test, oc_devices_add(d.bench->dev, &why), 0);
	fetch(&d, NVME_LOG_DISC, 0, 0);
	check_page(&d, discovery_log, ARRAY_SIZE(discovery_log), 4096);
	timer_delete_sync(&d.bench->ctrl.kato);
}

static struct kunit_case claims_log_cases[] = {
	KUNIT_CASE(claims_of_errors),
	KUNIT_CASE(claims_of_firmware_and_changes),
	KUNIT_CASE(claims_of_effects),
	KUNIT_CASE(claims_of_effects_are_true),
	KUNIT_CASE(claims_of_discovery_log),
	{}
};

struct kunit_suite oc_claims_log_suite = {
	.name = "oc_claims_log",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = claims_log_cases,
};
