// SPDX-License-Identifier: GPL-2.0
/*
 * claims_test.c - what a controller says of itself is what it does
 *
 * A table for Identify Controller, of both types, and for the SMART log, with a row
 * for every field of NVMe 1.4. Beside it stand the numbers of all commands, pages,
 * logs and features: those that are served, and no others.
 */
#include "claims.h"
#include "oc_ftl.h"

/* ---- Identify Controller ---------------------------------------------- */

static void check_serial(struct desk *d, u64 val)
{
	expect(d, !memcmp(d->page + 4, "KUNIT               ", 20), "SN", val);
	expect(d, !memcmp(d->page + 24, "ocloop bench ", 13), "MN", val);
}

static void check_firmware(struct desk *d, u64 val)
{
	if (d->bench->ctrl.discovery)
		return;
	expect(d, !get_log(d, NVME_LOG_FW_SLOT, 0, 0) && d->bc->data[0] == 1 &&
	       !memcmp(d->bc->data + 8, d->page + 64, 8), "FR", val);
}

static void check_cmic(struct desk *d, u64 val)
{
	expect(d, val == (d->bench->dev->shared ? 2 : 0), "CMIC", val);
}

static void check_mdts(struct desk *d, u64 val)
{
	u32 most = oc_dev_max_transfer(d->bench->dev);

	expect(d, 4096U << val >= most && 4096U << val < 2 * most + 4096,
	       "MDTS", val);
}

static void check_version(struct desk *d, u64 val)
{
	struct bench_cmd *bc = d->bc;

	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.prop_get.opcode = nvme_fabrics_command;
	bc->sqe.prop_get.fctype = nvme_fabrics_type_property_get;
	bc->sqe.prop_get.offset = cpu_to_le32(NVME_REG_VS);
	expect(d, !bench_run_admin(bc) && result(d) == val, "VS", val);
}

/* A bit of the configuration can be set exactly if it is offered */
static void check_oaes(struct desk *d, u64 val)
{
	u32 bit;

	for (bit = 8; bit < 32; bit++)
		expect(d, served(set_feature(d, NVME_FEAT_ASYNC_EVENT, 0,
					     BIT(bit))) == (val >> bit & 1),
		       "OAES", bit);
	set_feature(d, NVME_FEAT_ASYNC_EVENT, 0, 0);
}

static void check_ctratt(struct desk *d, u64 val)
{
	/* 128-bit host identifiers, and no others; endurance groups */
	expect(d, !get_feature(d, NVME_FEAT_HOST_ID, 0, 0, 1) &&
	       get_feature(d, NVME_FEAT_HOST_ID, 0, 0, 0) == BAD_FIELD,
	       "128-bit identifiers", val);
	expect(d, val & 1, "128-bit identifiers", val);
	expect(d, served(get_log(d, OC_LOG_ENDURANCE, 0, 1)) == (val >> 4 & 1),
	       "endurance groups", val);
	/* NVM sets, granularity, UUIDs, read recovery, predictable latency */
	expect(d, served(identify(d, 4, 1)) == (val >> 2 & 1), "NVM sets", val);
	expect(d, served(identify(d, 0x16, 0)) == (val >> 7 & 1), "granularity", val);
	expect(d, served(identify(d, 0x17, 0)) == (val >> 9 & 1), "UUIDs", val);
	expect(d, served(get_feature(d, 0x12, 0, 0, 0)) == (val >> 3 & 1),
	       "read recovery", val);
	expect(d, served(get_feature(d, 0x13, 0, 0, 0)) == (val >> 5 & 1),
	       "predictable latency", val);
	expect(d, !(val & ~0x11ULL), "CTRATT", val);
}

static void check_type(struct desk *d, u64 val)
{
	expect(d, val == (d->bench->ctrl.discovery ? 2 : 1), "CNTRLTYPE", val);
}

static void check_oacs(struct desk *d, u64 val)
{
	static const u8 ops[][2] = {
		{ 0x81, 0x82 }, { 0x80, 0x80 }, { 0x10, 0x11 }, { 0x0d, 0x15 },
		{ 0x14, 0x14 }, { 0x19, 0x1a }, { 0x1d, 0x1e }, { 0x1c, 0x1c },
		{ 0x7c, 0x7c }, { 0x86, 0x86 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		expect(d, knows(d, ops[i][0]) == (val >> i & 1), "OACS", i);
		expect(d, knows(d, ops[i][1]) == (val >> i & 1), "OACS", i);
	}
	/* With Namespace Management come lists of what there is */
	for (i = 0x10; i <= 0x13; i++)
		expect(d, (identify(d, i, i == 0x11 ? 1 : 0) != BAD_FIELD ||
			   d->bc->cmd.err_loc != 40) == (val >> 3 & 1),
		       "OACS, CNS", i);
	expect(d, !(val >> ARRAY_SIZE(ops)), "OACS", val);
}

/* So many requests are kept, and one more is refused */
static void check_aerl(struct desk *d, u64 val)
{
	struct bench *bench = d->bench;
	struct bench_cmd *bc[17];
	u32 i;

	if (val >= ARRAY_SIZE(bc) - 1) {
		expect(d, false, "AERL", val);
		return;
	}
	bench->queue.qid = 0;
	for (i = 0; i <= val + 1; i++) {
		bc[i] = bench_cmd(bench);
		bc[i]->sqe.common.opcode = nvme_admin_async_event;
		bc[i]->sqe.common.command_id = i;
		bench_data(bc[i], true, 0);
		bench_submit(bc[i]);
		flush_workqueue(bench->dev->admin_wq);
	}
	expect(d, bench_wait(bc[val + 1]) &&
	       bc[val + 1]->cmd.status == 0x4105, "AERL", val);
	for (i = 0; i <= val; i++)
		expect(d, oc_ctrl_abort_aer(&bench->ctrl, i) &&
		       bench_wait(bc[i]), "AERL", i);
	bench->queue.qid = 1;
}

static void check_frmw(struct desk *d, u64 val)
{
	u32 slots = val >> 1 & 7, i;

	expect(d, !(val & BIT(4)) && (val & 1), "FRMW", val);
	expect(d, !get_log(d, NVME_LOG_FW_SLOT, 0, 0), "FRMW", val);
	for (i = 1; i < 8; i++)
		expect(d, !!d->bc->data[8 * i] == (i <= slots), "FRMW", i);
}

static void check_lpa(struct desk *d, u64 val)
{
	bool smart = !d->bench->ctrl.discovery;
	u8 lid = smart ? NVME_LOG_ERROR : NVME_LOG_DISC;

	if (smart)
		expect(d, served(get_log(d, NVME_LOG_SMART, 1, 0)) == (val & 1),
		       "SMART of a namespace", val);
	expect(d, served(get_log(d, NVME_LOG_CMD_EFFECTS, 0, 0)) == (val >> 1 & 1),
	       "effects", val);
	/* NUMDU, and an offset */
	admin(d, nvme_admin_get_log_page, 0, 15 << 16 | lid, 0);
	d->bc->sqe.get_log_page.lpo = cpu_to_le64(64);
	expect(d, served(bench_run_admin(d->bc)) == (val >> 2 & 1), "offsets", val);
	expect(d, (!get_log(d, 7, 0, 0) || !get_log(d, 8, 0, 0)) ==
	       (val >> 3 & 1), "telemetry", val);
	expect(d, served(get_log(d, 0x0d, 0, 0)) == (val >> 4 & 1),
	       "persistent events", val);
	expect(d, !(val >> 5), "LPA", val);
}

/* The log has so many entries: the last one is of the oldest failure there is */
static void check_elpe(struct desk *d, u64 val)
{
	struct oc_wire_error *entry;
	u32 i;

	for (i = 0; i < 2 * val + 2; i++)
		admin(d, 0xff, 0, 0, 0);
	expect(d, !admin(d, nvme_admin_get_log_page, 0,
			 (u32)(val * 16 + 15) << 16 | NVME_LOG_ERROR, 0),
	       "ELPE", val);
	entry = (void *)d->bc->data;
	expect(d, entry[val].error_count &&
	       le64_to_cpu(entry[0].error_count) ==
	       le64_to_cpu(entry[val].error_count) + val, "ELPE", val);
}

static void check_npss(struct desk *d, u64 val)
{
	u32 ps;

	for (ps = 0; ps < 32; ps++)
		expect(d, served(set_feature(d, NVME_FEAT_POWER_MGMT, 0, ps)) ==
		       (ps <= val), "NPSS", ps);
}

static void check_wctemp(struct desk *d, u64 val)
{
	u16 critical = get_unaligned_le16(d->page + 268);

	expect(d, !get_feature(d, NVME_FEAT_TEMP_THRESH, 1, 0, 0) &&
	       result(d) == val && critical > val, "WCTEMP", val);
	expect(d, !get_log(d, NVME_LOG_SMART, 0, 0) &&
	       get_unaligned_le16(d->bc->data + 1) < val, "WCTEMP", val);
}

/* All of it is what namespaces have, and what is left */
static void check_tnvmcap(struct desk *d, u64 val)
{
	u64 sum = get_unaligned_le64(d->page + 296);
	u32 nsid;

	for (nsid = 1; nsid <= d->bench->dev->geo.num_grp; nsid++)
		if (!identify(d, NVME_ID_CNS_NS_PRESENT, nsid))
			sum += get_unaligned_le64(d->bc->data + 48);
	expect(d, val == sum && !get_unaligned_le64(d->page + 288), "TNVMCAP",
	       val);
}

/* It can be had to the last sector, and comes back whole */
static void check_unvmcap(struct desk *d, u64 val)
{
	struct nvme_id_ns *id = (void *)d->bc->data;
	u16 status;
	u32 nsid;

	memset(id, 0, sizeof(*id));
	id->nsze = cpu_to_le64(val / 512);
	id->ncap = id->nsze;
	status = admin(d, nvme_admin_ns_mgmt, 0, 0, 0);
	nsid = result(d);
	expect(d, status == (val ? 0 : BAD_FIELD), "UNVMCAP", status);
	if (!status)
		expect(d, !admin(d, nvme_admin_ns_mgmt, nsid, 1, 0),
		       "UNVMCAP", nsid);
}

static void check_kas(struct desk *d, u64 val)
{
	expect(d, val && !set_feature(d, NVME_FEAT_KATO, 0, 60000 + 1) &&
	       !get_feature(d, NVME_FEAT_KATO, 0, 0, 0) &&
	       result(d) == 60000 + 100 * val, "KAS", val);
	set_feature(d, NVME_FEAT_KATO, 0, 0);
}

static void check_sanicap(struct desk *d, u64 val)
{
	static const u8 action[] = { 4, 2, 3 };	/* crypto, block, overwrite */
	u32 i, end;

	for (i = 0; i < ARRAY_SIZE(action); i++) {
		expect(d, served(admin(d, nvme_admin_sanitize_nvm, 0, action[i], 0)) ==
		       (val >> i & 1), "SANICAP", i);
		for (end = 0; end < 1000; end++) {
			get_log(d, OC_LOG_SANITIZE, 0, 0);
			if (get_unaligned_le16(d->bc->data) == 0xffff)
				break;
			schedule_timeout_uninterruptible(1);
		}
	}
	/* No-Deallocate is refused if it is inhibited */
	expect(d, (admin(d, nvme_admin_sanitize_nvm, 0, 2 | BIT(9), 0) ==
		   BAD_FIELD) == (val >> 29 & 1), "NDI", val);
	expect(d, val >> 30 == 1, "NODMMAS", val);
}

static void check_endgidmax(struct desk *d, u64 val)
{
	u32 i;

	for (i = 0; i < 4; i++)
		expect(d, served(get_log(d, OC_LOG_ENDURANCE, 0, i)) ==
		       (i && i <= val), "ENDGIDMAX", i);
}

static void check_maxcmd(struct desk *d, u64 val)
{
	struct bench_cmd *bc = d->bc;

	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.prop_get.opcode = nvme_fabrics_command;
	bc->sqe.prop_get.fctype = nvme_fabrics_type_property_get;
	bc->sqe.prop_get.attrib = 1;
	bc->sqe.prop_get.offset = cpu_to_le32(NVME_REG_CAP);
	expect(d, !bench_run_admin(bc) && (result(d) & 0xffff) + 1 == val, "MAXCMD",
	       val);
}

static void check_nn(struct desk *d, u64 val)
{
	expect(d, !identify(d, NVME_ID_CNS_NS, val) &&
	       identify(d, NVME_ID_CNS_NS, val + 1) == BAD_NS, "NN", val);
}

static void check_oncs(struct desk *d, u64 val)
{
	expect(d, io_knows(d, nvme_cmd_compare) == (val & 1), "Compare", val);
	expect(d, io_knows(d, nvme_cmd_write_uncor) == (val >> 1 & 1),
	       "Write Uncorrectable", val);
	expect(d, io_knows(d, nvme_cmd_dsm) == (val >> 2 & 1), "DSM", val);
	expect(d, io_knows(d, nvme_cmd_write_zeroes) == (val >> 3 & 1),
	       "Write Zeroes", val);
	expect(d, served(get_feature(d, NVME_FEAT_ARBITRATION, 3, 0, 0)) ==
	       (val >> 4 & 1), "Select", val);
	expect(d, (io_knows(d, 0x0d) || io_knows(d, 0x0e) ||
		   io_knows(d, 0x11) || io_knows(d, 0x15)) == (val >> 5 & 1),
	       "reservations", val);
	expect(d, served(get_feature(d, NVME_FEAT_TIMESTAMP, 0, 0, 0)) ==
	       (val >> 6 & 1), "timestamp", val);
	expect(d, io_knows(d, nvme_cmd_verify) == (val >> 7 & 1), "Verify",
	       val);
	expect(d, !(val >> 8), "ONCS", val);
}

static void check_fna(struct desk *d, u64 val)
{
	/* Format and erase are per namespace, and there is no cryptographic erase */
	expect(d, !val && admin(d, nvme_admin_format_nvm, ALL, 2 << 9, 0) ==
	       BAD_FIELD, "FNA", val);
}

static void check_vwc(struct desk *d, u64 val)
{
	expect(d, served(get_feature(d, NVME_FEAT_VOLATILE_WC, 0, 0, 0)) == (val & 1),
	       "VWC", val);
	/* 1.4 leaves no third answer */
	expect(d, val >> 1 == 2 || val >> 1 == 3, "VWC", val);
	expect(d, io(d, nvme_cmd_flush, ALL, 0, 1) ==
	       (val >> 1 == 3 ? 0 : BAD_NS), "Flush", val);
}

static void check_fuses(struct desk *d, u64 val)
{
	u32 nsid;

	for (nsid = 1; nsid <= d->bench->dev->geo.num_grp; nsid++) {
		if (!test_bit(nsid - 1, d->bench->port.active))
			continue;
		bench_scalar(d->bc, nvme_cmd_read, 0, 1);
		d->bc->sqe.common.nsid = cpu_to_le32(nsid);
		d->bc->sqe.common.flags = NVME_CMD_FUSE_FIRST;
		expect(d, !val && bench_run(d->bc) == BAD_FIELD, "FUSES", nsid);
	}
}

/* Bit 18: a buffer may be longer than the data */
static void check_sgls(struct desk *d, u64 val)
{
	memset(&d->bc->sqe, 0, sizeof(d->bc->sqe));
	d->bc->sqe.identify.opcode = nvme_admin_identify;
	d->bc->sqe.identify.cns = NVME_ID_CNS_CTRL;
	bench_data(d->bc, true, 8192);
	expect(d, served(bench_run_admin(d->bc)) == (val >> 18 & 1), "SGLS", val);
	expect(d, (val & 3) == 1 && !(val & ~(BIT_ULL(18) | 3)), "SGLS", val);
}

static void check_subnqn(struct desk *d, u64 val)
{
	expect(d, !strcmp((char *)d->page + 768, d->bench->ctrl.discovery ?
			  "nqn.2014-08.org.nvmexpress.discovery" :
			  d->bench->dev->subsysnqn), "SUBNQN", val);
}

/* 25 W, and no other state */
static const struct claim controller[] = {
	{ "VID", 0, 2 }, { "SSVID", 2, 2 },
	{ "SN, MN", 4, 60, .check = check_serial },
	{ "FR", 64, 8, .check = check_firmware },
	{ "RAB", 72, 1, 6 }, { "IEEE", 73, 3 },
	{ "CMIC", 76, 1, .check = check_cmic },
	{ "MDTS", 77, 1, .check = check_mdts },
	{ "CNTLID", 78, 2, 1 }, { "VER", 80, 4, .check = check_version },
	{ "RTD3R", 84, 4 }, { "RTD3E", 88, 4 },
	{ "OAES", 92, 4, .check = check_oaes },
	{ "CTRATT", 96, 4, .check = check_ctratt },
	{ "RRLS", 100, 2 }, { "CNTRLTYPE", 111, 1, .check = check_type },
	{ "FGUID", 112, 16 }, { "CRDT", 128, 6 }, { "MI", 253, 3 },
	{ "OACS", 256, 2, .check = check_oacs }, { "ACL", 258, 1, 3 },
	{ "AERL", 259, 1, .check = check_aerl },
	{ "FRMW", 260, 1, .check = check_frmw },
	{ "LPA", 261, 1, .check = check_lpa },
	{ "ELPE", 262, 1, .check = check_elpe },
	{ "NPSS", 263, 1, .check = check_npss },
	{ "AVSCC", 264, 1 }, { "APSTA", 265, 1 },
	{ "WCTEMP", 266, 2, .check = check_wctemp },
	{ "CCTEMP", 268, 2, 358 }, { "MTFA", 270, 2 }, { "HMPRE", 272, 4 },
	{ "HMMIN", 276, 4 },
	{ "TNVMCAP", 280, 16, .check = check_tnvmcap },
	{ "UNVMCAP", 296, 8, .check = check_unvmcap },
	{ "RPMBS", 312, 4 }, { "EDSTT", 316, 2 }, { "DSTO", 318, 1 },
	{ "FWUG", 319, 1 }, { "KAS", 320, 2, .check = check_kas },
	{ "HCTMA", 322, 2 }, { "MNTMT", 324, 2 }, { "MXTMT", 326, 2 },
	{ "SANICAP", 328, 4, .check = check_sanicap },
	{ "HMMINDS", 332, 4 }, { "HMMAXD", 336, 2 }, { "NSETIDMAX", 338, 2 },
	{ "ENDGIDMAX", 340, 2, .check = check_endgidmax },
	{ "ANATT", 342, 1 }, { "ANACAP", 343, 1 }, { "ANAGRPMAX", 344, 4 },
	{ "NANAGRPID", 348, 4 }, { "PELS", 352, 4 },
	{ "SQES", 512, 1, 0x66 }, { "CQES", 513, 1, 0x44 },
	{ "MAXCMD", 514, 2, .check = check_maxcmd },
	{ "NN", 516, 4, .check = check_nn },
	{ "ONCS", 520, 2, .check = check_oncs },
	{ "FUSES", 522, 2, .check = check_fuses },
	{ "FNA", 524, 1, .check = check_fna },
	{ "VWC", 525, 1, .check = check_vwc },
	{ "AWUN", 526, 2 }, { "AWUPF", 528, 2 }, { "NVSCC", 530, 1 },
	{ "NWPC", 531, 1 }, { "ACWU", 532, 2 },
	{ "SGLS", 536, 4, .check = check_sgls },
	{ "MNAN", 540, 4, .check = check_nn },
	{ "SUBNQN", 768, 256, .check = check_subnqn },
	{ "IOCCSZ", 1792, 4, 4 }, { "IORCSZ", 1796, 4, 1 },
	{ "ICDOFF", 1800, 2 }, { "FCATT", 1802, 1 }, { "MSDBD", 1803, 1, 1 },
	{ "OFCS", 1804, 2 }, { "PSD0, MP", 2048, 2, 2500 },
};

/* What is of I/O, namespaces and health is reserved (Fabrics 1.1, discovery) */
static const struct claim discovery_controller[] = {
	{ "SN, MN", 4, 60, .check = check_serial },
	{ "FR", 64, 8, .check = check_firmware },
	{ "MDTS", 77, 1, .check = check_mdts },
	{ "CNTLID", 78, 2, 1 }, { "VER", 80, 4, .check = check_version },
	{ "OAES", 92, 4, .check = check_oaes },
	{ "CTRATT", 96, 4, .check = check_ctratt },
	{ "CNTRLTYPE", 111, 1, .check = check_type },
	{ "OACS", 256, 2, .check = check_oacs }, { "ACL", 258, 1, 3 },
	{ "AERL", 259, 1, .check = check_aerl },
	{ "LPA", 261, 1, .check = check_lpa },
	{ "ELPE", 262, 1, .check = check_elpe },
	{ "KAS", 320, 2, .check = check_kas },
	{ "SQES", 512, 1, 0x66 }, { "CQES", 513, 1, 0x44 },
	{ "MAXCMD", 514, 2, .check = check_maxcmd },
	{ "SGLS", 536, 4, .check = check_sgls },
	{ "SUBNQN", 768, 256, .check = check_subnqn },
	{ "IOCCSZ", 1792, 4, 4 }, { "IORCSZ", 1796, 4, 1 },
	{ "MSDBD", 1803, 1, 1 },
};

/* ---- logs -------------------------------------------------------------- */

/* The endurance group's warning is in the sum of all groups */
static void check_group_warning(struct desk *d, u64 val)
{
	expect(d, !get_log(d, OC_LOG_ENDURANCE, 0, 1) && d->bc->data[0] == val,
	       "group warning", val);
}

static void check_media_errors(struct desk *d, u64 val)
{
	expect(d, !get_log(d, OC_LOG_ENDURANCE, 0, 1) &&
	       get_unaligned_le64(d->bc->data + 128) == val, "media errors",
	       val);
}

static void check_log_entries(struct desk *d, u64 val)
{
	expect(d, !get_log(d, NVME_LOG_ERROR, 0, 0) &&
	       get_unaligned_le64(d->bc->data) == val, "error entries", val);
	expect(d, !get_log(d, OC_LOG_ENDURANCE, 0, 1) &&
	       get_unaligned_le64(d->bc->data + 144) == val, "error entries",
	       val);
}

static void check_reads(struct desk *d, u64 val)
{
	expect(d, val == oc_cmd_counted(d->bench->dev, OC_COUNT_READ) &&
	       !get_log(d, OC_LOG_ENDURANCE, 0, 1) &&
	       get_unaligned_le64(d->bc->data + 96) == val, "reads", val);
}

static void check_writes(struct desk *d, u64 val)
{
	expect(d, val == oc_cmd_counted(d->bench->dev, OC_COUNT_WRITE) &&
	       !get_log(d, OC_LOG_ENDURANCE, 0, 1) &&
	       get_unaligned_le64(d->bc->data + 112) == val, "writes", val);
}

static const struct claim smart[] = {
	{ "critical warning", 0, 1 }, { "temperature", 1, 2, 313 },
	{ "available spare", 3, 1, 100 }, { "spare threshold", 4, 1, 10 },
	{ "percentage used", 5, 1 },
	{ "group warnings", 6, 1, .check = check_group_warning },
	{ "units read", 32, 16 }, { "units written", 48, 16 },
	{ "reads", 64, 8, .check = check_reads },
	{ "writes", 80, 8, .check = check_writes }, { "busy", 96, 16 },
	{ "power cycles", 112, 16, 1 }, { "power-on hours", 128, 16 },
	{ "unsafe shutdowns", 144, 16 },
	{ "media errors", 160, 8, .check = check_media_errors },
	{ "log entries", 176, 8, .check = check_log_entries },
	{ "temperature times", 192, 8 }, { "sensors", 200, 16 },
	{ "thermal management", 216, 16 },
};

static void claims_of_controllers(struct kunit *test)
{
	struct desk d;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(desks); i++) {
		KUNIT_ASSERT_TRUE(test, desk_make(test, &d, desks[i].ns,
						  desks[i].shared, false));
		KUNIT_EXPECT_EQ(test, identify(&d, NVME_ID_CNS_CTRL, 0),
				(u16)0);
		memcpy(d.page, d.bc->data, 4096);
		check_page(&d, controller, ARRAY_SIZE(controller), 4096);
		KUNIT_EXPECT_EQ(test, get_log(&d, NVME_LOG_SMART, 0, 0),
				(u16)0);
		memcpy(d.page, d.bc->data, 512);
		/* What has been refused so far is in it, and nothing else */
		check_page(&d, smart, ARRAY_SIZE(smart), 512);
		timer_delete_sync(&d.bench->ctrl.kato);
	}
}

/* A group that has too little spare says so in both logs */
static void claims_of_spare(struct kunit *test)
{
	struct desk d;
	u32 good;

	KUNIT_ASSERT_TRUE(test, desk_make(test, &d, "block:4:80", false,
					  false));
	good = d.bench->dev->ch[2].ftl->good;
	WRITE_ONCE(d.bench->dev->ch[2].ftl->good, 0);
	d.bench->dev->ch[0].count.media_errors = 7;
	KUNIT_EXPECT_EQ(test, get_log(&d, NVME_LOG_SMART, 0, 0), (u16)0);
	memcpy(d.page, d.bc->data, 512);
	KUNIT_EXPECT_EQ(test, (u32)d.page[6], 1U);
	check_group_warning(&d, 1);
	check_media_errors(&d, 7);
	WRITE_ONCE(d.bench->dev->ch[2].ftl->good, good);
	timer_delete_sync(&d.bench->ctrl.kato);
}

/* ---- numbers ----------------------------------------------------------- */

static bool has(const u8 *list, u32 nr, u32 val)
{
	while (nr--)
		if (list[nr] == val)
			return true;
	return false;
}

/* Everything that has a number: what is served, of 256 */
static void check_numbers(struct desk *d, const u8 *ops, u32 nr_ops,
			  const u8 *cns, u32 nr_cns, const u8 *lids,
			  u32 nr_lids, const u8 *fids, u32 nr_fids)
{
	u32 i;

	for (i = 0; i < 256; i++) {
		u16 status;

		if (i != nvme_fabrics_command)
			expect(d, knows(d, i) == has(ops, nr_ops, i), "opcode",
			       i);
		status = identify(d, i, 1);
		expect(d, (status != BAD_FIELD || d->bc->cmd.err_loc != 40) ==
		       has(cns, nr_cns, i), "CNS", i);
		status = get_log(d, i, i == OC_LOG_CHUNK_INFO ? 1 : 0,
				 i == OC_LOG_ENDURANCE);
		expect(d, status == (has(lids, nr_lids, i) ? 0 : BAD_LOG),
		       "log", i);
		status = get_feature(d, i, 3, 1, 1);
		expect(d, status == (has(fids, nr_fids, i) ? 0 : BAD_FIELD),
		       "feature, get", i);
		status = set_feature(d, i, 0xfffffffe, 0);
		expect(d, (status == BAD_FIELD && d->bc->cmd.err_loc == 40) ==
		       !has(fids, nr_fids, i), "feature, set", i);
	}
}

static void claims_of_numbers(struct kunit *test)
{
	/* Namespace kinds have more: geometry is 2.0's and 1.2's */
	static const u8 ops[] = {
		0x02, 0x06, 0x08, 0x09, 0x0a, 0x0c, 0x0d, 0x15, 0x18, 0x80,
		0x84, 0xe2,
	};
	static const u8 cns[] = {
		0x00, 0x01, 0x02, 0x03, 0x10, 0x11, 0x12, 0x13,
	};
	static const u8 lids[] = {
		0x01, 0x02, 0x03, 0x04, 0x05, 0x09, 0x81, 0xca, 0xd0,
	};
	static const u8 fids[] = {
		0x01, 0x02, 0x04, 0x05, 0x07, 0x0a, 0x0b, 0x0e, 0x0f, 0x81,
		0xca,
	};
	struct desk d;

	KUNIT_ASSERT_TRUE(test, desk_make(test, &d, "oc20:2,oc20:3", false,
					  false));
	check_numbers(&d, ops, ARRAY_SIZE(ops), cns, ARRAY_SIZE(cns), lids,
		      ARRAY_SIZE(lids), fids, ARRAY_SIZE(fids));
	timer_delete_sync(&d.bench->ctrl.kato);
}

/* No data is to be had there, nor to be lost */
static void claims_of_discovery(struct kunit *test)
{
	static const u8 ops[] = { 0x02, 0x06, 0x08, 0x09, 0x0a, 0x0c, 0x18 };
	static const u8 cns[] = { 0x01 };
	static const u8 lids[] = { 0x01, 0x70 };
	static const u8 fids[] = { 0x0b, 0x0f, 0x81 };
	struct desk d;

	KUNIT_ASSERT_TRUE(test, desk_make(test, &d, "oc20:2,oc20:3", false,
					  true));
	check_numbers(&d, ops, ARRAY_SIZE(ops), cns, ARRAY_SIZE(cns), lids,
		      ARRAY_SIZE(lids), fids, ARRAY_SIZE(fids));
	KUNIT_EXPECT_EQ(test, identify(&d, NVME_ID_CNS_CTRL, 0), (u16)0);
	memcpy(d.page, d.bc->data, 4096);
	check_page(&d, discovery_controller, ARRAY_SIZE(discovery_controller),
		   4096);
	/* A Sanitize of the device above all */
	KUNIT_EXPECT_EQ(test, admin(&d, nvme_admin_sanitize_nvm, 0, 2, 0),
			BAD_OPCODE);
	KUNIT_EXPECT_EQ(test, (u32)d.bench->dev->sanitize.state,
			(u32)OC_SANITIZE_NEVER);
	timer_delete_sync(&d.bench->ctrl.kato);
}

static struct kunit_case claims_cases[] = {
	KUNIT_CASE(claims_of_controllers),
	KUNIT_CASE(claims_of_spare),
	KUNIT_CASE(claims_of_numbers),
	KUNIT_CASE(claims_of_discovery),
	{}
};

struct kunit_suite oc_claims_suite = {
	.name = "oc_claims",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = claims_cases,
};
