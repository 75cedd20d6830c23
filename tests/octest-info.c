// SPDX-License-Identifier: GPL-2.0
/*
 * octest-info.c - geometry, identify, log pages and features
 */
#include "octest.h"

/* ---- geometry and identify -------------------------------------------- */

static void t_geometry(void)
{
	struct geometry g;
	u32 i;

	memset(&g, 0xff, sizeof(g));
	want_status("geometry", get_geometry(&g, nsid, sizeof(g)), 0);
	need(g.major == 2 && !g.minor, "version %u.%u", g.major, g.minor);
	need(g.len[0] == log2_up(g.num_grp) && g.len[1] == log2_up(g.num_pu) &&
	     g.len[2] == log2_up(g.num_chk) && g.len[3] == log2_up(g.clba),
	     "bit lengths %u %u %u %u", g.len[0], g.len[1], g.len[2], g.len[3]);
	need(g.num_grp && g.num_pu && g.num_chk && g.clba, "a count is 0");
	need(g.ws_min && g.ws_opt % g.ws_min == 0 && g.clba % g.ws_opt == 0,
	     "ws_min %u ws_opt %u clba %u", g.ws_min, g.ws_opt, g.clba);
	need(g.mw_cunits <= g.clba, "mw_cunits %u of %u", g.mw_cunits, g.clba);
	need(!(g.mccap & ~7U), "mccap %x", g.mccap);
	need(!g.maxoc && !g.maxocpu, "a limit of open chunks");
	for (i = 0; i < 6; i += 2)
		need(g.times[i] <= g.times[i + 1], "time %u: %u > %u", i,
		     g.times[i], g.times[i + 1]);
	need(all_are(g.rsvd2, 0, sizeof(g.rsvd2)) &&
	     all_are(g.rsvd12, 0, sizeof(g.rsvd12)) &&
	     all_are(g.rsvd20, 0, sizeof(g.rsvd20)) &&
	     all_are(g.rsvd33, 0, sizeof(g.rsvd33)) &&
	     all_are(g.rsvd76, 0, sizeof(g.rsvd76)) &&
	     all_are(g.rsvd148, 0, sizeof(g.rsvd148)) &&
	     all_are(g.rsvd216, 0, sizeof(g.rsvd216)), "reserved bytes set");
}

static void t_geometry_size(void)
{
	u64 bits = geo.len[0] + geo.len[1] + geo.len[2] + geo.len[3];

	need(nsze == BIT64(bits), "nsze %llx, address bits %llu",
	     (unsigned long long)nsze, (unsigned long long)bits);
	need(ncap == (u64)nr_chunks * geo.clba, "ncap %llx",
	     (unsigned long long)ncap);
}

static void t_geometry_vio(void)
{
	struct geometry g = { 0 };
	struct passthru_vio cmd = {
		.opcode = ADMIN_GEOMETRY, .addr = ptr(&g),
		.data_len = sizeof(g),
	};

	memset(&g, 0xff, sizeof(g));
	want_status("ADMIN_VIO", xioctl(ns_fd, ADMIN_VIO, &cmd), 0);
	need(!memcmp(&g, &geo, sizeof(g)), "differs from passthrough's");
	cmd.data_len = 512;
	want_status("ADMIN_VIO, 512 bytes", xioctl(ns_fd, ADMIN_VIO, &cmd),
		    -EIO);
	need(cmd.result == SC_SHORT_DATA, "512 bytes: status %x", cmd.result);
}

static void t_geometry_bad(void)
{
	static const u32 lens[] = { 0, 1, 3, 4, 512, 4092, 4095 };
	const u32 ids[] = { 0, nr_ns + 1, 1000, 0x80000000, ~0U - 1, ~0U };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		memset(data, 0x5a, 4096);
		want_status("short buffer",
			    get_geometry((void *)data, nsid, lens[i]),
			    SC_SHORT_DATA | DNR);
		need(all_are(data + lens[i], 0x5a, 4096 - lens[i]),
		     "written past %u bytes", lens[i]);
	}
	memset(data, 0x5a, 8192);
	want_status("long buffer", get_geometry((void *)data, nsid, 8192), 0);
	need(!memcmp(data, &geo, sizeof(geo)), "long buffer: wrong data");
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		want_status("wrong nsid",
			    get_geometry((void *)data, ids[i], 4096),
			    SC_NSID | DNR);
}

static void t_identify(void)
{
	static const u8 known[] = {
		0x00, 0x01, 0x02, 0x03, 0x10, 0x11, 0x12, 0x13
	};
	u32 cns;

	for (cns = 0; cns < 256; cns++) {
		u32 id = cns == 2 || cns == 0x10 ? 0 : nsid;
		int want = memchr(known, cns, sizeof(known)) ?
			0 : SC_FIELD | DNR;
		u32 *list = (u32 *)data;
		char what[32];

		memset(data, 0x5a, 4096);
		snprintf(what, sizeof(what), "cns %02x", cns);
		want_status(what, identify(cns, id, data), want);
		if (want) {
			continue;
		} else if (cns == 0 || cns == 0x11) {
			need(!memcmp(data, &nsze, 8) && data[384] == 1,
			     "%s: nsze or the lightnvm mark", what);
			need((data[24] & 4) && data[33] == 1, "%s: nsfeat, dlfeat",
			     what);
		} else if (cns == 1) {
			need(data[77], "%s: no MDTS", what);
			need(data[256 + 5] & 4, "%s: LPA", what);
			need(data[520] & 4, "%s: ONCS", what);
		} else if (cns == 2 || cns == 0x10) {
			need(list[0] == 1 && list[1] != 1, "%s: list", what);
		} else if (cns == 3) {
			need(data[0] == 2 && data[1] == 16 && !data[20],
			     "%s: descriptor", what);
		} else {
			need(data[0] == 1 && !data[1] && data[2],
			     "%s: controller list", what);
		}
	}
}

static void t_identify_bad(void)
{
	const u32 none = nr_ns + 1;
	const struct {
		u8 cns;
		u32 id;
		int status;
	} rows[] = {
		{ 0, 0, SC_NSID }, { 0, none, SC_NSID },
		{ 3, 0, SC_NSID }, { 3, none, SC_NSID }, { 3, ~0U, SC_NSID },
		{ 0x11, none, SC_NSID }, { 0x12, none, SC_NSID },
		{ 2, ~0U, SC_NSID }, { 2, ~0U - 1, SC_NSID },
		{ 2, ~0U - 2, 0 }, { 2, 1, 0 },
	};
	struct nvme_passthru_cmd cmd = { .opcode = ADMIN_IDENTIFY,
					 .cdw10 = 1 };
	char what[32];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(what, sizeof(what), "cns %02x nsid %x", rows[i].cns,
			 rows[i].id);
		want_status(what, identify(rows[i].cns, rows[i].id, data),
			    rows[i].status ? rows[i].status | DNR : 0);
	}
	/* Who manages namespaces is told what they can have in common */
	want_status("cns 1", identify(1, 0, data), 0);
	want_status("cns 0 of all", identify(0, ~0U, data),
		    data[256] & 8 ? 0 : SC_NSID | DNR);
	for (i = 0; i < 4096; i += 127) {
		memset(data, 0x5a, 4096);
		cmd.addr = ptr(data);
		cmd.data_len = i;
		want_status("short buffer", admin(&cmd), SC_SHORT_DATA | DNR);
		need(all_are(data + i, 0x5a, 4096 - i), "written past %u", i);
	}
}

/* ---- log pages -------------------------------------------------------- */

static void t_logs(void)
{
	static const u8 known[] = {
		0x01, 0x02, 0x03, 0x04, 0x05, LOG_SANITIZE, LOG_CHUNKS,
		LOG_NOTICES
	};
	u32 lid;

	for (lid = 0; lid < 256; lid++) {
		int want = SC_LOG_PAGE | DNR;
		char what[32];

		if (memchr(known, lid, sizeof(known)))
			want = 0;
		/* Endurance group 0 is none */
		else if (lid == LOG_ENDURANCE)
			want = SC_FIELD | DNR;
		snprintf(what, sizeof(what), "log %02x", lid);
		want_status(what, get_log(lid, 0, 512, data, 512), want);
	}
}

static void t_log_windows(void)
{
	static const struct {
		u8 lid;
		u32 size;
	} rows[] = { { 1, 4096 }, { 2, 512 }, { 3, 512 }, { 4, 4096 } };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 size = rows[i].size;

		want_status("past the end", get_log(rows[i].lid, size + 4, 4,
						    data, 4), SC_FIELD | DNR);
		want_status("huge offset", get_log(rows[i].lid, ~3ULL, 4, data,
						   4), SC_FIELD | DNR);
		want_status("odd offset", get_log(rows[i].lid, 2, 4, data, 4),
			    SC_FIELD | DNR);
		want_status("short buffer", get_log(rows[i].lid, 0, 512, data,
						    508), SC_SHORT_DATA | DNR);
		want_status("4 GiB", get_log(rows[i].lid, 0, 0, data, 4096),
			    SC_FIELD | DNR);
		memset(data, 0x5a, 8192);
		want_status("over the end", get_log(rows[i].lid, size - 64,
						    4096, data, 4096), 0);
		need(all_are(data + 64, 0, 4096 - 64),
		     "log %u: not zero behind its end", rows[i].lid);
		need(all_are(data + 4096, 0x5a, 4096), "log %u: overrun",
		     rows[i].lid);
	}
}

static void t_log_error(void)
{
	struct nvme_passthru_cmd bad = { .opcode = 0xc7, .nsid = nsid };
	u64 before, after;

	want_status("error log", get_log(1, 0, 4096, data, 4096), 0);
	memcpy(&before, data, 8);
	want_status("bad command", io(&bad), SC_OPCODE | DNR);
	want_status("error log", get_log(1, 0, 4096, data, 4096), 0);
	memcpy(&after, data, 8);
	need(after == before + 1, "error count went from %llu to %llu",
	     (unsigned long long)before, (unsigned long long)after);
	need(data[8] && !data[9], "submission queue %u", data[8]);
	need((data[12] | data[13] << 8) == ((SC_OPCODE | DNR) << 1),
	     "status %02x%02x", data[13], data[12]);
	need(!data[14] && !data[15], "location %02x%02x", data[15], data[14]);
}

void t_chunklog_order(void)
{
	struct desc *log = (struct desc *)whole_chunk_log();
	u32 i;

	for (i = 0; i < nr_chunks; i++) {
		struct desc *d = &log[i];

		need(d->slba == lba_of(nth_chunk(i), 0), "slba of chunk %u", i);
		need(d->cnlb == geo.clba && d->ct == 1, "cnlb or ct of %u", i);
		need((d->cs == CS_FREE && !d->wp) ||
		     (d->cs == CS_OPEN && d->wp && d->wp < geo.clba) ||
		     (d->cs == CS_CLOSED && d->wp == geo.clba) ||
		     (d->cs == CS_OFFLINE && d->wp == ~0ULL),
		     "chunk %u: state %u wp %llu", i, d->cs,
		     (unsigned long long)d->wp);
		need(all_are(d->rsvd, 0, sizeof(d->rsvd)), "reserved of %u", i);
	}
	free(log);
}

static void t_chunklog_windows(void)
{
	u8 *log = whole_chunk_log();
	u32 i, size = log_bytes();

	for (i = 0; i < 300; i++) {
		u32 off = below(size / 4) * 4;
		u32 most = (size - off) / 4 < 4096 ? (size - off) / 4 : 4096;
		u32 len = i < 20 && most >= i + 1 ? (i + 1) * 4 :
			(below(most) + 1) * 4;

		memset(data, 0x5a, len + 8);
		want_status("window", get_log(LOG_CHUNKS, off, len, data, len),
			    0);
		need(!memcmp(data, log + off, len),
		     "offset %u length %u: differs from the whole", off, len);
		need(all_are(data + len, 0x5a, 8), "offset %u length %u: overrun",
		     off, len);
	}
	free(log);
}

static void t_chunklog_end(void)
{
	u8 *log = whole_chunk_log();
	u32 size = log_bytes(), i;
	const u64 beyond[] = {
		size, size + 4ULL, size + 4096ULL, BIT64(32), BIT64(32) + size,
		BIT64(62), ~3ULL, BIT64(63),
	};

	for (i = 4; i <= 256; i += 36) {
		memset(data, 0x5a, 4096 + 8);
		want_status("over the end", get_log(LOG_CHUNKS, size - i, 4096,
						    data, 4096), 0);
		need(!memcmp(data, log + size - i, i), "%u from the end", i);
		need(all_are(data + i, 0, 4096 - i), "tail of %u is not zero",
		     i);
		need(all_are(data + 4096, 0x5a, 8), "overrun");
	}
	for (i = 0; i < ARRAY_SIZE(beyond); i++)
		want_status("beyond", get_log(LOG_CHUNKS, beyond[i], 32, data,
					      32), SC_FIELD | DNR);
	for (i = 1; i < 4; i++)
		want_status("odd offset", get_log(LOG_CHUNKS, i, 32, data, 32),
			    SC_FIELD | DNR);
	for (i = 0; i < 64; i += 9)
		want_status("short buffer", get_log(LOG_CHUNKS, 0, 64, data,
						    i), SC_SHORT_DATA | DNR);
	want_status("4 GiB", get_log(LOG_CHUNKS, 0, 0, data, 4096),
		    SC_FIELD | DNR);
	free(log);
}

static void t_chunklog_nsid(void)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_GET_LOG, .addr = ptr(data), .data_len = 32,
		.cdw10 = 7 << 16 | LOG_CHUNKS,
	};
	const u32 ids[] = { 0, nr_ns + 1, 0x10000, ~0U };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		cmd.nsid = ids[i];
		want_status("wrong nsid", admin(&cmd), SC_NSID | DNR);
	}
}

/* ---- features --------------------------------------------------------- */

static void t_features_get(void)
{
	static const u8 known[] = {
		0x01, 0x02, 0x04, 0x05, 0x07, 0x0a, 0x0b, 0x0e, 0x0f, 0x81,
		FEAT_FEEDBACK
	};
	struct nvme_passthru_cmd cmd = { .opcode = ADMIN_GET_FEAT };
	u32 fid, sel;

	for (fid = 0; fid < 256; fid++) {
		char what[32];
		u8 id[24];

		memset(id, 0x5a, sizeof(id));
		cmd.nsid = fid == FEAT_RECOVERY ? nsid : 0;
		cmd.addr = ptr(id);
		cmd.data_len = 16;
		cmd.cdw11 = fid == 0x81;
		cmd.result = 0;
		for (sel = 0; sel < 8; sel++) {
			bool ok = sel < 4 && memchr(known, fid, sizeof(known));

			cmd.cdw10 = fid | sel << 8;
			snprintf(what, sizeof(what), "feature %02x select %u",
				 fid, sel);
			want_status(what, admin(&cmd), ok ? 0 : SC_FIELD | DNR);
		}
		need(fid == 0x81 || fid == 0x0e || all_are(id, 0x5a, 16),
		     "feature %02x: data",
		     fid);
		need(fid != 0x81 || !all_are(id, 0x5a, 16), "no host id");
		need(all_are(id + 16, 0x5a, 8), "feature %02x: overrun", fid);
	}
	cmd.cdw10 = 0x81;
	cmd.cdw11 = 1;
	for (cmd.data_len = 0; cmd.data_len < 16; cmd.data_len += 5)
		want_status("host id, short buffer", admin(&cmd),
			    SC_SHORT_DATA | DNR);
	cmd.data_len = 16;
	cmd.cdw11 = 0;
	want_status("host id of 64 bits", admin(&cmd), SC_FIELD | DNR);
}

static void t_features_set(void)
{
	const u32 none = nr_ns + 1;
	const struct {
		u32 dw10;
		u32 id;
		u32 val;
		int status;
	} rows[] = {
		{ 0x01, 0, 0, 0 }, { 0x01, 0, 7, 0 },
		{ 0x02, 0, 0, 0 }, { 0x02, 0, 1, SC_FIELD },
		{ 0x04, 0, 343, 0 }, { 0x04, 1, 343, SC_NOT_PER_NS },
		{ 0x04, ~0U, 343, 0 }, { 0x04, 0, 0x100000, 0 },
		{ 0x04, 0, 0x200000, SC_FIELD }, { 0x04, 0, 0x10000, SC_FIELD },
		{ FEAT_RECOVERY, 0, 0, SC_NSID },
		{ FEAT_RECOVERY, none, 0, SC_NSID },
		{ FEAT_RECOVERY, ~0U, 0, 0 },
		{ 0x07, 0, 0, SC_SEQUENCE }, { 0x07, 0, 0xffff, SC_FIELD },
		{ 0x0a, 0, 0, 0 }, { 0x0b, 0, 0x100, 0 },
		{ 0x0b, 0, 0x80000000, SC_FIELD },
		{ 0x81, 0, 0, SC_SEQUENCE },
		{ 0x80000004, 0, 343, SC_NOT_SAVEABLE },
		{ 0x00, 0, 0, SC_FIELD }, { 0x03, 0, 0, SC_FIELD },
		{ 0x06, 0, 0, SC_FIELD }, { FEAT_FEEDBACK, 0, 0, 0 },
		{ FEAT_FEEDBACK, 0, 4, SC_FIELD },
		{ FEAT_FEEDBACK, none, 0, SC_NSID },
		{ 0xff, 0, 0, SC_FIELD },
	};
	struct nvme_passthru_cmd cmd = { .opcode = ADMIN_SET_FEAT };
	char what[48];
	u32 i, val;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		cmd.cdw10 = rows[i].dw10;
		cmd.nsid = rows[i].id;
		cmd.cdw11 = rows[i].val;
		snprintf(what, sizeof(what), "feature %x nsid %x value %x",
			 cmd.cdw10, cmd.nsid, cmd.cdw11);
		want_status(what, admin(&cmd),
			    rows[i].status ? rows[i].status | DNR : 0);
	}
	want_status("temperature", set_feature(4, 0, 0x123), 0);
	want_status("temperature", get_feature(4, 0, 0, &val), 0);
	need(val == 0x123, "temperature threshold %x", val);
	want_status("temperature", set_feature(4, 0, 343), 0);
	want_status("DULBE", set_feature(FEAT_RECOVERY, nsid, DULBE), 0);
	want_status("DULBE", get_feature(FEAT_RECOVERY, nsid, 0, &val), 0);
	need(val == DULBE, "DULBE is %x", val);
	want_status("DULBE", set_feature(FEAT_RECOVERY, nsid, 0), 0);
	want_status("DULBE", get_feature(FEAT_RECOVERY, nsid, 0, &val), 0);
	need(!val, "DULBE is %x", val);
}

const struct test info_tests[] = {
	{ "geometry.bytes", t_geometry },
	{ "geometry.size", t_geometry_size },
	{ "geometry.vio", t_geometry_vio },
	{ "geometry.bad", t_geometry_bad },
	{ "identify.all", t_identify },
	{ "identify.bad", t_identify_bad },
	{ "log.all", t_logs },
	{ "log.windows", t_log_windows },
	{ "log.error", t_log_error },
	{ "chunklog.order", t_chunklog_order },
	{ "chunklog.windows", t_chunklog_windows },
	{ "chunklog.end", t_chunklog_end },
	{ "chunklog.nsid", t_chunklog_nsid },
	{ "feature.get", t_features_get },
	{ "feature.set", t_features_set },
	{}
};
