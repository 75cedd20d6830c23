// SPDX-License-Identifier: GPL-2.0
/*
 * io_test.c - devices, commands and data, from oc_cmd_submit() to done()
 *
 * The oc_io cases run twice: with idle channels run by the submitter, and with
 * everything left to the workers. Statuses are literal, 0x4000 being DNR.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "oc_test.h"
#include "oc_unaligned.h"

/* ---- devices and namespaces ------------------------------------------- */

static const struct {
	const char *name;
	const char *ns;
	u32 nr;
	u32 grps[5];
} good_ns[] = {
	{ "none named", NULL, 1, { 5 } },
	{ "empty", "", 1, { 5 } },
	{ "all channels", "oc20", 1, { 5 } },
	{ "all by number", "oc20:5", 1, { 5 } },
	{ "some left over", "oc20:2", 1, { 2 } },
	{ "two", "oc20:2,oc20:3", 2, { 2, 3 } },
	{ "the second takes the rest", "oc20:1,oc20", 2, { 1, 4 } },
	{ "one each", "oc20:1,oc20:1,oc20:1,oc20:1,oc20:1", 5,
	  { 1, 1, 1, 1, 1 } },
	{ "hexadecimal", "oc20:0x3", 1, { 3 } },
	{ "no namespace", "none", 0, { } },
};

static void device_namespaces(struct kunit *test)
{
	u32 i, k, first;

	for (i = 0; i < ARRAY_SIZE(good_ns); i++) {
		struct oc_config cfg = bench_config();
		struct oc_complaint why;
		struct oc_dev *dev;

		cfg.ns = good_ns[i].ns;
		dev = oc_dev_create(&cfg, &why);
		KUNIT_EXPECT_FALSE_MSG(test, IS_ERR(dev), "%s",
				       good_ns[i].name);
		if (IS_ERR(dev))
			continue;
		KUNIT_EXPECT_EQ_MSG(test, dev->nr_ns, good_ns[i].nr, "%s",
				    good_ns[i].name);
		for (k = 0, first = 0; k < dev->nr_ns; k++) {
			const struct oc_ns *ns = oc_ns_find(dev, k + 1);

			KUNIT_EXPECT_PTR_EQ(test, ns,
					    (const struct oc_ns *)&dev->ns[k]);
			KUNIT_EXPECT_EQ_MSG(test, ns->geo.num_grp,
					    good_ns[i].grps[k], "%s",
					    good_ns[i].name);
			KUNIT_EXPECT_EQ_MSG(test, ns->first, first, "%s",
					    good_ns[i].name);
			KUNIT_EXPECT_EQ(test, ns->nsid, k + 1);
			first += ns->geo.num_grp;
		}
		KUNIT_EXPECT_FALSE(test, oc_ns_find(dev, 0));
		KUNIT_EXPECT_FALSE(test, oc_ns_find(dev, dev->nr_ns + 1));
		KUNIT_EXPECT_FALSE(test, oc_ns_find(dev, U32_MAX));
		oc_dev_destroy(dev);
	}
}

/* The errno of making such a device; one that can be made is not kept */
static int try_device(const struct oc_config *cfg, struct oc_complaint *why)
{
	struct oc_dev *dev = oc_dev_create(cfg, why);

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	oc_dev_destroy(dev);
	return 0;
}

static const char *const bad_ns[] = {
	"oc13", "oc20:0", "oc20:6", "oc20:5,oc20", "oc20:2,oc20:4", "oc20:",
	"oc20:x", "oc20:-1", "oc20:1:1", "oc20,", ",oc20", "oc20:1,,oc20:1",
	"oc20:1,oc13", " oc20", "oc20:4294967297", "OC20",
};

static void device_refuses_namespaces(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad_ns); i++) {
		struct oc_config cfg = bench_config();
		struct oc_complaint why = {};

		cfg.ns = bad_ns[i];
		KUNIT_EXPECT_EQ_MSG(test, try_device(&cfg, &why), -EINVAL,
				    "ns=%s", bad_ns[i]);
		KUNIT_EXPECT_STREQ_MSG(test, (const char *)why.param, "ns",
				       "ns=%s", bad_ns[i]);
		KUNIT_EXPECT_TRUE_MSG(test, why.want[0], "ns=%s", bad_ns[i]);
	}
}

static const struct {
	const char *name;
	const char *subsysnqn;
	const char *serial;
	const char *model;
	const char *host;
	const char *param;
} bad_names[] = {
	{ "no NQN", "", NULL, NULL, NULL, "subsysnqn" },
	{ "NQN with a space", "nqn.a b", NULL, NULL, NULL, "subsysnqn" },
	{ "NQN with a comma", "nqn.a,b", NULL, NULL, NULL, "subsysnqn" },
	{ "NQN of the discovery service", "nqn.2014-08.org.nvmexpress.discovery",
	  NULL, NULL, NULL, "subsysnqn" },
	{ "no serial", NULL, "", NULL, NULL, "serial" },
	{ "21 characters", NULL, "123456789012345678901", NULL, NULL,
	  "serial" },
	{ "a control character", NULL, "a\nb", NULL, NULL, "serial" },
	{ "not ASCII", NULL, "s\xc3\xa4", NULL, NULL, "serial" },
	{ "no model", NULL, NULL, "", NULL, "model" },
	{ "41 characters", NULL, NULL,
	  "12345678901234567890123456789012345678901", NULL, "model" },
	{ "host with a quote", NULL, NULL, NULL, "nqn.\"a", "host" },
};

static void device_refuses_names(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad_names); i++) {
		struct oc_config cfg = bench_config();
		struct oc_complaint why = {};

		if (bad_names[i].subsysnqn)
			cfg.subsysnqn = bad_names[i].subsysnqn;
		if (bad_names[i].serial)
			cfg.serial = bad_names[i].serial;
		if (bad_names[i].model)
			cfg.model = bad_names[i].model;
		cfg.host = bad_names[i].host;
		KUNIT_EXPECT_EQ_MSG(test, try_device(&cfg, &why), -EINVAL,
				    "%s", bad_names[i].name);
		KUNIT_EXPECT_STREQ_MSG(test, (const char *)why.param,
				       bad_names[i].param, "%s",
				       bad_names[i].name);
	}
}

static void device_takes_the_longest_names(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct oc_complaint why = {};
	struct oc_dev *dev;
	char *nqn = kunit_kzalloc(test, 225, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, nqn);
	memset(nqn, 'n', 224);
	cfg.serial = "12345678901234567890";
	cfg.model = "1234567890123456789012345678901234567890";

	/* 223 bytes are an NQN, 224 are not */
	cfg.subsysnqn = nqn;
	KUNIT_EXPECT_EQ(test, try_device(&cfg, &why), -EINVAL);

	nqn[223] = '\0';
	dev = oc_dev_create(&cfg, &why);
	KUNIT_ASSERT_EQ(test, PTR_ERR_OR_ZERO(dev), 0);
	KUNIT_EXPECT_STREQ(test, (const char *)dev->subsysnqn,
			   (const char *)nqn);
	KUNIT_EXPECT_STREQ(test, (const char *)dev->serial, cfg.serial);
	KUNIT_EXPECT_STREQ(test, (const char *)dev->model, cfg.model);
	oc_dev_destroy(dev);
}

static void device_refuses_geometry(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct oc_complaint why = {};

	cfg.geo.ws_opt = 7;
	KUNIT_EXPECT_EQ(test, try_device(&cfg, &why), -EINVAL);
	KUNIT_EXPECT_STREQ(test, (const char *)why.param, "ws_opt");

	cfg = bench_config();
	cfg.geo.num_pu = 256;
	cfg.geo.num_chk = 65536;
	cfg.geo.clba = 256;
	KUNIT_EXPECT_EQ(test, try_device(&cfg, &why), -E2BIG);
}

static void device_too_large_for_memory(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct oc_complaint why = {};

	/* 256 channels of 4 GiB of table each */
	cfg.geo.num_grp = 256;
	cfg.geo.num_pu = 16;
	cfg.geo.num_chk = 65536;
	cfg.geo.clba = 1000;
	KUNIT_EXPECT_EQ(test, try_device(&cfg, &why), -ENOMEM);
	KUNIT_EXPECT_TRUE(test, why.param);
	KUNIT_EXPECT_TRUE(test, why.want[0]);
}

/* The module and its tests may be loaded together */
static void device_is_not_alone(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct oc_complaint why = {};
	struct oc_dev *dev = oc_dev_create(&cfg, &why);

	KUNIT_ASSERT_EQ(test, PTR_ERR_OR_ZERO(dev), 0);
	KUNIT_EXPECT_EQ(test, try_device(&cfg, &why), 0);
	oc_dev_destroy(dev);
}

static void device_describes_its_geometry(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	u8 *page = kunit_kzalloc(test, 4096, GFP_KERNEL);
	struct bench *bench;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	cfg.geo.num_grp = 3;
	cfg.geo.mccap = 6;
	bench = bench_remake(test, &cfg);
	oc_ns_oc20.geometry(&bench->dev->ns[0], page);

	KUNIT_EXPECT_EQ(test, (u32)page[0], 2U);
	KUNIT_EXPECT_EQ(test, (u32)page[1], 0U);
	KUNIT_EXPECT_EQ(test, (u32)page[8], 2U);
	KUNIT_EXPECT_EQ(test, (u32)page[9], 2U);
	KUNIT_EXPECT_EQ(test, (u32)page[10], 3U);
	KUNIT_EXPECT_EQ(test, (u32)page[11], 5U);
	KUNIT_EXPECT_EQ(test, (u32)page[16], 6U);
	KUNIT_EXPECT_EQ(test, (u32)page[64], 3U);
	KUNIT_EXPECT_EQ(test, (u32)page[66], 3U);
	KUNIT_EXPECT_EQ(test, (u32)page[68], 5U);
	KUNIT_EXPECT_EQ(test, (u32)page[72], 24U);
	KUNIT_EXPECT_EQ(test, (u32)page[128], 4U);
	KUNIT_EXPECT_EQ(test, (u32)page[132], 8U);
	KUNIT_EXPECT_EQ(test, (u32)page[136], 8U);
	/* maxoc, maxocpu: no limit; and all that is reserved */
	KUNIT_EXPECT_FALSE(test, memchr_inv(page + 140, 0, 52));
	KUNIT_EXPECT_FALSE(test, memchr_inv(page + 2, 0, 6));
	KUNIT_EXPECT_FALSE(test, memchr_inv(page + 12, 0, 4));
	KUNIT_EXPECT_FALSE(test, memchr_inv(page + 33, 0, 31));
	KUNIT_EXPECT_FALSE(test, memchr_inv(page + 76, 0, 52));
	KUNIT_EXPECT_FALSE(test, memchr_inv(page + 216, 0, 3880));
	/* lightnvm divides by none of the times, but none may be zero */
	KUNIT_EXPECT_NE(test, get_unaligned_le32(page + 192), 0U);
	KUNIT_EXPECT_NE(test, get_unaligned_le32(page + 200), 0U);
	KUNIT_EXPECT_NE(test, get_unaligned_le32(page + 208), 0U);
}

static void device_identifies_namespaces(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct nvme_id_ns *one, *two;
	struct bench *bench;

	one = kunit_kzalloc(test, sizeof(*one), GFP_KERNEL);
	two = kunit_kzalloc(test, sizeof(*two), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, one && two);
	cfg.ns = "oc20:2,oc20:3";
	bench = bench_remake(test, &cfg);
	oc_ns_identify(&bench->dev->ns[0], one);
	oc_ns_identify(&bench->dev->ns[1], two);

	/* 1 or 2 group bits, 2 pu, 3 chunk, 5 sector */
	KUNIT_EXPECT_EQ(test, le64_to_cpu(one->nsze), 2048ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(two->nsze), 4096ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(one->ncap), 2 * 360ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(two->ncap), 3 * 360ULL);
	KUNIT_EXPECT_EQ(test, (u32)one->flbas, 0U);
	KUNIT_EXPECT_EQ(test, (u32)one->lbaf[0].ds, 9U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(one->lbaf[0].ms), 16U);
	/* DULBE is supported, unwritten sectors read as zeroes */
	KUNIT_EXPECT_EQ(test, one->nsfeat & 4, 4);
	KUNIT_EXPECT_EQ(test, one->dlfeat & 7, 1);
	/* Linux takes a namespace for open-channel by this byte */
	KUNIT_EXPECT_EQ(test, (u32)one->vs[0], 1U);
	KUNIT_EXPECT_NE(test, memcmp(one->nguid, two->nguid, 16), 0);
	KUNIT_EXPECT_TRUE(test, memchr_inv(one->nguid, 0, 16));
}

/* The chunk log of namespace 2: channels 2 to 4 of the device */
static u16 run_chunk_log(struct bench_cmd *bc, u64 off, u32 len)
{
	memset(bc->data, 0xee, 4096);
	bench_data(bc, true, len);
	bc->cmd.ns = &bc->bench->dev->ns[1];
	return bc->cmd.ns->kind->chunk_log(&bc->cmd, off, len);
}

static void device_chunk_log_is_dense(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct oc_wire_chunk *desc;
	struct bench *bench;
	struct bench_cmd *bc;
	u32 i;

	cfg.ns = "oc20:2,oc20:3";
	bench = bench_remake(test, &cfg);
	bc = bench_cmd(bench);

	KUNIT_EXPECT_EQ(test, run_chunk_log(bc, 0, 45 * 32), (u16)0);
	desc = (void *)bc->data;
	for (i = 0; i < 45; i++) {
		u64 slba = ((i / 15 * 4 + i / 5 % 3) * 8ULL + i % 5) * 32;

		KUNIT_EXPECT_EQ_MSG(test, le64_to_cpu(desc[i].slba), slba,
				    "chunk %u", i);
		KUNIT_EXPECT_EQ_MSG(test, (u32)desc[i].cs, 1U, "chunk %u", i);
		KUNIT_EXPECT_EQ_MSG(test, le64_to_cpu(desc[i].cnlb), 24ULL,
				    "chunk %u", i);
	}
	KUNIT_EXPECT_EQ(test, (u32)bc->data[45 * 32], 0xeeU);
}

static void device_chunk_log_shows_changes(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	const struct oc_wire_chunk *desc;
	struct bench *bench;
	struct bench_cmd *bc;
	u64 lba;

	cfg.ns = "oc20:2,oc20:3";
	bench = bench_remake(test, &cfg);
	bc = bench_cmd(bench);

	/* Group 2, unit 1, chunk 3 of namespace 2: descriptor 38 */
	lba = bench_lba(bench, 2, 1, 3, 0);
	bench_scalar(bc, nvme_cmd_write, lba, 8);
	bc->sqe.rw.nsid = cpu_to_le32(2);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, run_chunk_log(bc, 38 * 32, 32), (u16)0);
	desc = (const void *)bc->data;
	KUNIT_EXPECT_EQ(test, (u32)desc->cs, 4U);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(desc->wp), 8ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(desc->slba), lba);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[4].chunks[8].wp, 8U);
}

/* Any window of the log is a piece of the whole */
static void device_chunk_log_windows(struct kunit *test)
{
	static const struct {
		u32 off;
		u32 len;
	} windows[] = {
		{ 0, 4 }, { 4, 28 }, { 28, 8 }, { 0, 480 }, { 476, 8 },
		{ 480, 480 }, { 100, 1000 }, { 1408, 32 }, { 1436, 4 },
		{ 1436, 64 }, { 0, 2048 }, { 960, 4096 },
	};
	struct oc_config cfg = bench_config();
	struct bench *bench;
	struct bench_cmd *bc;
	u8 *whole = kunit_kzalloc(test, 8192, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, whole);
	cfg.ns = "oc20:2,oc20:3";
	bench = bench_remake(test, &cfg);
	bc = bench_cmd(bench);
	KUNIT_EXPECT_EQ(test, run_chunk_log(bc, 0, 1440), (u16)0);
	memcpy(whole, bc->data, 1440);

	for (i = 0; i < ARRAY_SIZE(windows); i++) {
		u32 off = windows[i].off, len = windows[i].len;

		KUNIT_EXPECT_EQ_MSG(test, run_chunk_log(bc, off, len), (u16)0,
				    "%u bytes from %u", len, off);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(bc->data, whole + off, len),
				    0, "%u bytes from %u", len, off);
	}
	KUNIT_EXPECT_EQ(test, run_chunk_log(bc, 1440, 32), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, run_chunk_log(bc, U64_MAX - 3, 32), (u16)0x4002);
}

static struct kunit_case device_cases[] = {
	KUNIT_CASE(device_namespaces),
	KUNIT_CASE(device_refuses_namespaces),
	KUNIT_CASE(device_refuses_names),
	KUNIT_CASE(device_takes_the_longest_names),
	KUNIT_CASE(device_refuses_geometry),
	KUNIT_CASE(device_too_large_for_memory),
	KUNIT_CASE(device_is_not_alone),
	KUNIT_CASE(device_describes_its_geometry),
	KUNIT_CASE(device_identifies_namespaces),
	KUNIT_CASE(device_chunk_log_is_dense),
	KUNIT_CASE(device_chunk_log_shows_changes),
	KUNIT_CASE(device_chunk_log_windows),
	{}
};

struct kunit_suite oc_device_suite = {
	.name = "oc_device",
	/* Cases make their own devices */
	.exit = bench_exit,
	.test_cases = device_cases,
};

/* ---- parsing and splitting -------------------------------------------- */

/* 64 addresses, one in each chunk from the first on, ascending */
static void set_chunks(struct bench_cmd *bc, u32 nr, u32 sec)
{
	u32 i;

	for (i = 0; i < nr; i++)
		bc->lba[i] = bench_lba(bc->bench, i % 5, i / 5 % 3, i / 15,
				       sec);
}

static void parse_unknown_opcodes(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 op, served = 0;

	for (op = 0; op < 256; op++) {
		/* 7fh is Fabrics: another way in */
		if (op == 0x7f)
			continue;
		memset(&bc->sqe, 0, sizeof(bc->sqe));
		bc->sqe.common.opcode = op;
		bc->sqe.common.nsid = cpu_to_le32(1);
		bench_data(bc, true, 0);
		if (bench_run(bc) != 0x4001) {
			served++;
			continue;
		}
		KUNIT_EXPECT_EQ_MSG(test, (u32)bc->cmd.err_loc, 0U,
				    "opcode %#x", op);
		KUNIT_EXPECT_EQ_MSG(test, bench_bitmap(bc), 0ULL,
				    "opcode %#x", op);
	}
	/* flush, write, read, dsm, vector reset, write and read */
	KUNIT_EXPECT_EQ(test, served, 7U);
}

static void parse_wrong_namespaces(struct kunit *test)
{
	/* There could be five */
	static const u32 nsid[] = { 2, 5, 0, 6, 0x100, 0x101, U32_MAX - 1 };
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(nsid); i++) {
		set_chunks(bc, 1, 0);
		bench_vector(bc, OC_CMD_VECTOR_READ, 1);
		bc->sqe.common.nsid = cpu_to_le32(nsid[i]);
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc),
				    (u16)(i < 2 ? 0x4002 : 0x400b),
				    "nsid %#x", nsid[i]);
		KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 4U);
	}
}

static void parse_controller_not_ready(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);

	bench->ctrl.csts = 0;
	set_chunks(bc, 1, 0);
	bench_vector(bc, OC_CMD_VECTOR_READ, 1);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x400c);
}

static void parse_no_fused_commands(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);

	set_chunks(bc, 1, 0);
	bench_vector(bc, OC_CMD_VECTOR_READ, 1);
	bc->sqe.common.flags = 1;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	bc->sqe.common.flags = 2;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 1U);
}

static void parse_vector_counts(struct kunit *test)
{
	static const u16 nlb[] = { 64, 65, 0x7f, 0x100, 0xffff };
	static const u8 op[] = { 0x90, 0x91, 0x92 };
	struct bench_cmd *bc = bench_cmd(test->priv);
	struct oc_wire_vector *sqe = (void *)&bc->sqe;
	u32 i, k;

	set_chunks(bc, 64, 0);
	for (k = 0; k < ARRAY_SIZE(op); k++)
		for (i = 0; i < ARRAY_SIZE(nlb); i++) {
			bench_vector(bc, op[k], 64);
			sqe->nlb = cpu_to_le16(nlb[i]);
			KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), (u16)0x4002,
					    "opcode %#x, nlb %#x", op[k],
					    nlb[i]);
			KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 48U);
		}
}

static void parse_control_bits_do_not_matter(struct kunit *test)
{
	/* FUA, limited retry, and liblightnvm's scramble bit 25 of CDW12 */
	static const u16 control[] = { 0x4000, 0x8000, 0x0200, 0xffff };
	struct bench_cmd *bc = bench_cmd(test->priv);
	struct oc_wire_vector *sqe = (void *)&bc->sqe;
	u32 i;

	set_chunks(bc, 64, 0);
	for (i = 0; i < ARRAY_SIZE(control); i++) {
		bench_vector(bc, OC_CMD_VECTOR_READ, 64);
		sqe->control = cpu_to_le16(control[i]);
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), (u16)0, "control %#x",
				    control[i]);
	}
}

static void parse_list_must_be_handed_out(struct kunit *test)
{
	static const struct {
		const char *name;
		u64 handle;
		u16 status;
	} lists[] = {
		{ "right", LIST_HANDLE, 0 },
		{ "null", 0, 0x4002 },
		{ "unknown", 0x666000, 0x4002 },
		{ "before the buffer", LIST_HANDLE - 8, 0x4002 },
		{ "over its end", LIST_HANDLE + 8, 0x4002 },
		{ "behind it", LIST_HANDLE + 512, 0x4002 },
		{ "not aligned", LIST_HANDLE + 4, 0x4002 },
		{ "all ones", U64_MAX, 0x4002 },
	};
	struct bench_cmd *bc = bench_cmd(test->priv);
	struct oc_wire_vector *sqe = (void *)&bc->sqe;
	u32 i;

	set_chunks(bc, 64, 0);
	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		bench_vector(bc, OC_CMD_VECTOR_READ, 64);
		sqe->lbal = cpu_to_le64(lists[i].handle);
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), lists[i].status, "%s",
				    lists[i].name);
		if (lists[i].status)
			KUNIT_EXPECT_EQ_MSG(test, (u32)bc->cmd.err_loc, 40U,
					    "%s", lists[i].name);
	}

	/* A shorter list may begin in the middle of what was handed out */
	bench_vector(bc, OC_CMD_VECTOR_READ, 2);
	sqe->lbal = cpu_to_le64(LIST_HANDLE + 62 * 8);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, bc->cmd.addr[1].grp, 63 % 5U);
}

static void parse_data_too_short(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);

	set_chunks(bc, 64, 0);
	bench_vector(bc, OC_CMD_VECTOR_READ, 64);
	bench_data(bc, true, 64 * 512 - 1);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x400f);
	bench_vector(bc, OC_CMD_VECTOR_WRITE, 64);
	bench_data(bc, false, 0);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x400f);
	bench_scalar(bc, nvme_cmd_read, 0, 2);
	bench_data(bc, true, 1023);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x400f);
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 24U);

	/* A longer buffer is fine, and only what was asked for is touched */
	memset(bc->data, 0xee, 64 * 512);
	bench_scalar(bc, nvme_cmd_read, 0, 2);
	bench_data(bc, true, 4096);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->data, 0, 1024));
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->data + 1024, 0xee, 3072));
}

static void parse_read_needs_a_buffer_to_fill(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);

	set_chunks(bc, 64, 0);
	bench_vector(bc, OC_CMD_VECTOR_READ, 64);
	bench_data(bc, false, 64 * 512);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
}

static void parse_metadata(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);
	u8 meta[2 * 16];

	set_chunks(bc, 2, 0);

	/* A pointer that was never handed out, or whose buffer ends early */
	bench_vector(bc, OC_CMD_VECTOR_READ, 2);
	bc->sqe.common.metadata = cpu_to_le64(0x666000);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 16U);
	bench_vector(bc, OC_CMD_VECTOR_READ, 2);
	bc->sqe.common.metadata = cpu_to_le64(OOB_HANDLE + 64 * 32 - 31);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);

	/* None at all is fine */
	bench_vector(bc, OC_CMD_VECTOR_READ, 2);
	bc->sqe.common.metadata = 0;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);

	/* What came with the data counts more than the pointer */
	bench_vector(bc, OC_CMD_VECTOR_READ, 2);
	memset(bc->oob, 0xee, 32);
	memset(meta, 0xee, sizeof(meta));
	bc->cmd.meta = meta;
	bc->cmd.meta_len = sizeof(meta);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_FALSE(test, memchr_inv(meta, 0xff, sizeof(meta)));
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->oob, 0xee, 32));
	bc->cmd.meta_len = sizeof(meta) - 1;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4010);
}

static void parse_scalar_ranges(struct kunit *test)
{
	/* The address space has 2^13 sectors */
	static const struct {
		const char *name;
		u64 slba;
		u32 nr;
		u16 status;
	} ranges[] = {
		{ "first", 0, 1, 0 },
		{ "one command's worth", 0, 64, 0 },
		{ "too many", 0, 65, 0x4002 },
		{ "far too many", 0, 65536, 0x4002 },
		{ "last address", 8191, 1, 0 },
		{ "up to the last", 8128, 64, 0 },
		{ "over the end", 8191, 2, 0x4080 },
		{ "over the end by one", 8129, 64, 0x4080 },
		{ "at the end", 8192, 1, 0x4080 },
		{ "the sum wraps", U64_MAX, 2, 0x4080 },
		{ "high bit", 1ULL << 63, 1, 0x4080 },
	};
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		bench_scalar(bc, nvme_cmd_read, ranges[i].slba, ranges[i].nr);
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), ranges[i].status,
				    "%s", ranges[i].name);
		/* No list, no bitmap */
		KUNIT_EXPECT_EQ_MSG(test, bench_bitmap(bc), 0ULL, "%s",
				    ranges[i].name);
	}
	bench_scalar(bc, nvme_cmd_write, 8192, 4);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4080);
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 40U);
}

/* Where in memory a list is, nobody finds by sending it with what knows no lists */
static void parse_list_is_no_address(struct kunit *test)
{
	static const u8 opcodes[] = { nvme_cmd_read, nvme_cmd_write };
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	bc->cmd.listed = true;
	for (i = 0; i < ARRAY_SIZE(opcodes); i++) {
		bench_scalar(bc, opcodes[i], 0, 4);
		KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
		KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 40U);
		/* Neither is it one past the end */
		bench_scalar(bc, opcodes[i], 1ULL << 40, 4);
		KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	}
}

/* A command with addresses but no opcode, for the splitter alone */
static void split(struct bench_cmd *bc, u32 nsid, u32 nr)
{
	struct oc_wire_vector *sqe = (void *)&bc->sqe;
	u32 i;

	for (i = 0; i < nr; i++)
		bc->list[i] = cpu_to_le64(bc->lba[i]);
	sqe->lbal = cpu_to_le64(nr == 1 ? bc->lba[0] : LIST_HANDLE);
	bc->cmd.ns = oc_ns_find(bc->bench->dev, nsid);
	KUNIT_EXPECT_TRUE(bc->bench->test,
			  oc_cmd_list(&bc->cmd,
				      offsetof(struct oc_wire_vector, lbal),
				      nr));
	oc_cmd_split(&bc->cmd);
}

static void parse_split_one_part_per_channel(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u64 want[5] = {};
	u32 i;

	/* Groups 4 2 0 3 1 4 ..., so that parts come up in no order */
	for (i = 0; i < 64; i++) {
		u32 grp = (4 + i * 3) % 5;

		bc->lba[i] = bench_lba(bench, grp, i % 3, i % 5, i % 24);
		want[grp] |= 1ULL << i;
	}
	split(bc, 1, 64);
	KUNIT_EXPECT_EQ(test, bc->cmd.nr, 64U);
	KUNIT_EXPECT_EQ(test, bc->cmd.invalid, 0ULL);
	KUNIT_ASSERT_EQ(test, bc->cmd.nr_parts, 5U);
	for (i = 0; i < 5; i++) {
		const struct oc_part *part = &bc->cmd.parts[i];

		KUNIT_EXPECT_PTR_EQ(test, part->ch, &bench->dev->ch[i]);
		KUNIT_EXPECT_PTR_EQ(test, part->cmd, &bc->cmd);
		KUNIT_EXPECT_EQ_MSG(test, part->sectors, want[i], "part %u",
				    i);
		KUNIT_EXPECT_EQ(test, part->failed, 0ULL);
		KUNIT_EXPECT_EQ(test, (u32)part->status, 0U);
	}
}

static void parse_split_bits_at_the_edges(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	/* Entries 0, 31, 32 and 63 elsewhere than the rest */
	for (i = 0; i < 64; i++)
		bc->lba[i] = bench_lba(bench, 3, 0, 0, 0);
	bc->lba[0] = bench_lba(bench, 1, 0, 0, 0);
	bc->lba[31] = bc->lba[0];
	bc->lba[32] = bc->lba[0];
	bc->lba[63] = bc->lba[0];
	split(bc, 1, 64);
	KUNIT_ASSERT_EQ(test, bc->cmd.nr_parts, 2U);
	KUNIT_EXPECT_EQ(test, bc->cmd.parts[0].sectors,
			0x8000000180000001ULL);
	KUNIT_EXPECT_EQ(test, bc->cmd.parts[1].sectors,
			0x7ffffffe7ffffffeULL);
}

static void parse_split_one_address(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);

	bc->lba[0] = bench_lba(bench, 4, 2, 4, 23);
	split(bc, 1, 1);
	KUNIT_ASSERT_EQ(test, bc->cmd.nr_parts, 1U);
	KUNIT_EXPECT_PTR_EQ(test, bc->cmd.parts[0].ch, &bench->dev->ch[4]);
	KUNIT_EXPECT_EQ(test, bc->cmd.parts[0].sectors, 1ULL);
	KUNIT_EXPECT_EQ(test, bc->cmd.addr[0].chk, 14U);
	KUNIT_EXPECT_EQ(test, bc->cmd.addr[0].sec, 23U);
}

static void parse_split_leaves_invalid_out(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u64 parts = 0;
	u32 i;

	for (i = 0; i < 64; i++)
		bc->lba[i] = bench_lba(bench, i % 8, 0, 0, 0);
	split(bc, 1, 64);
	/* Groups 5 to 7 do not exist */
	KUNIT_EXPECT_EQ(test, bc->cmd.invalid, 0xe0e0e0e0e0e0e0e0ULL);
	KUNIT_EXPECT_EQ(test, bc->cmd.nr_parts, 5U);
	for (i = 0; i < bc->cmd.nr_parts; i++)
		parts |= bc->cmd.parts[i].sectors;
	KUNIT_EXPECT_EQ(test, parts, 0x1f1f1f1f1f1f1f1fULL);

	for (i = 0; i < 64; i++)
		bc->lba[i] = U64_MAX;
	split(bc, 1, 64);
	KUNIT_EXPECT_EQ(test, bc->cmd.invalid, U64_MAX);
	KUNIT_EXPECT_EQ(test, bc->cmd.nr_parts, 0U);
}

static void parse_split_counts_from_the_namespace(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct bench *bench;
	struct bench_cmd *bc;
	u32 i;

	cfg.ns = "oc20:2,oc20:3";
	bench = bench_remake(test, &cfg);
	bc = bench_cmd(test->priv);
	for (i = 0; i < 4; i++)
		bc->lba[i] = bench_lba(bench, i, 0, 0, 0);
	split(bc, 2, 4);
	KUNIT_EXPECT_EQ(test, bc->cmd.invalid, 8ULL);
	KUNIT_ASSERT_EQ(test, bc->cmd.nr_parts, 3U);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_PTR_EQ(test, bc->cmd.parts[i].ch,
				    &bench->dev->ch[2 + i]);

	split(bc, 1, 4);
	KUNIT_EXPECT_EQ(test, bc->cmd.invalid, 0xcULL);
	KUNIT_EXPECT_EQ(test, bc->cmd.nr_parts, 2U);
}

static void parse_split_hundred_channels(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct bench *bench = test->priv;
	struct bench_cmd *bc;
	u32 i, wrong = 0;

	KUNIT_EXPECT_EQ(test, oc_cmd_max_parts(bench->dev), 5U);
	cfg.geo.num_grp = 100;
	bench = bench_remake(test, &cfg);
	KUNIT_EXPECT_EQ(test, oc_cmd_max_parts(bench->dev), 100U);
	bc = bench_cmd(test->priv);

	/* Downwards, each in front of all others */
	for (i = 0; i < 64; i++)
		bc->lba[i] = bench_lba(bench, 99 - i, 0, 0, 0);
	split(bc, 1, 64);
	KUNIT_ASSERT_EQ(test, bc->cmd.nr_parts, 64U);
	for (i = 0; i < 64; i++)
		wrong += bc->cmd.parts[i].ch != &bench->dev->ch[36 + i] ||
			 bc->cmd.parts[i].sectors != 1ULL << (63 - i);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

static struct kunit_case parse_cases[] = {
	KUNIT_CASE(parse_unknown_opcodes),
	KUNIT_CASE(parse_wrong_namespaces),
	KUNIT_CASE(parse_controller_not_ready),
	KUNIT_CASE(parse_no_fused_commands),
	KUNIT_CASE(parse_vector_counts),
	KUNIT_CASE(parse_control_bits_do_not_matter),
	KUNIT_CASE(parse_list_must_be_handed_out),
	KUNIT_CASE(parse_list_is_no_address),
	KUNIT_CASE(parse_data_too_short),
	KUNIT_CASE(parse_read_needs_a_buffer_to_fill),
	KUNIT_CASE(parse_metadata),
	KUNIT_CASE(parse_scalar_ranges),
	KUNIT_CASE(parse_split_one_part_per_channel),
	KUNIT_CASE(parse_split_bits_at_the_edges),
	KUNIT_CASE(parse_split_one_address),
	KUNIT_CASE(parse_split_leaves_invalid_out),
	KUNIT_CASE(parse_split_counts_from_the_namespace),
	KUNIT_CASE(parse_split_hundred_channels),
	{}
};

struct kunit_suite oc_parse_suite = {
	.name = "oc_parse",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = parse_cases,
};

/* ---- data, rules and bitmaps ------------------------------------------ */

/* Eight sectors to each of 8 chunks over all channels: 64 addresses */
static void set_stripes(struct bench_cmd *bc, u32 sec)
{
	u32 i;

	for (i = 0; i < 64; i++)
		bc->lba[i] = bench_lba(bc->bench, i / 8 % 5, i / 40, 0,
				       sec + i % 8);
}

/* Write 64 sectors in stripes, three times over: eight closed chunks */
static void write_stripes(struct kunit *test, struct bench_cmd *bc)
{
	u32 sec;

	for (sec = 0; sec < 24; sec += 8) {
		set_stripes(bc, sec);
		bench_fill(bc, 64, 1);
		KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 64), (u16)0);
		KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0ULL);
	}
}

static void io_path_is_the_one_chosen(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	bool use_inline = bench->dev->use_inline;
	u64 inl = 0, worker = 0;
	u32 i;

	bc->lba[0] = 0;
	bench_vector(bc, 0x92, 1);
	bench_submit(bc);
	/* An idle channel answers before the submitter goes on */
	if (use_inline)
		KUNIT_EXPECT_EQ(test, atomic_read(&bc->calls), 1);
	KUNIT_EXPECT_TRUE(test, bench_wait(bc));
	write_stripes(test, bc);
	bench_settle(bench);
	for (i = 0; i < 5; i++) {
		inl += bench->dev->ch[i].count.inline_runs;
		worker += bench->dev->ch[i].count.worker_runs;
	}
	if (use_inline)
		KUNIT_EXPECT_EQ(test, worker, 0ULL);
	else
		KUNIT_EXPECT_EQ(test, inl, 0ULL);
	KUNIT_EXPECT_NE(test, inl + worker, 0ULL);
}

static void io_vector_write_reads_back(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i, wrong = 0;

	write_stripes(test, bc);

	/* In the opposite order, data and OOB both */
	set_stripes(bc, 16);
	for (i = 0; i < 32; i++)
		swap(bc->lba[i], bc->lba[63 - i]);
	memset(bc->data, 0xee, 64 * 512);
	memset(bc->oob, 0xee, 64 * 16);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 64), (u16)0);
	for (i = 0; i < 64; i++)
		wrong += bench_compare(bc, i, bc->lba[i], 1) != 0;
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

static void io_scalar_write_reads_back(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u64 slba = bench_lba(bench, 2, 1, 3, 0);
	u32 i, wrong = 0;

	KUNIT_EXPECT_EQ(test, bench_write_run(bench, slba, 16, 5), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, slba + 16, 8, 5), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)bench->dev->ch[2].chunks[8].state, 2U);

	bench_scalar(bc, nvme_cmd_read, slba, 24);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	for (i = 0; i < 24; i++)
		wrong += bench_compare(bc, i, slba + i, 5) != 0;
	KUNIT_EXPECT_EQ(test, wrong, 0U);

	/* And by vector, one at a time */
	for (i = 0; i < 24; i += 23) {
		bc->lba[0] = slba + i;
		memset(bc->data, 0, 512);
		KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 1), (u16)0);
		KUNIT_EXPECT_EQ(test, bench_compare(bc, 0, slba + i, 5), 0U);
	}
}

static void io_single_sector_units(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_config cfg = bench_config();
	struct bench_cmd *bc;
	u32 i;

	cfg.use_inline = bench->dev->use_inline;
	cfg.geo.ws_min = 1;
	cfg.geo.ws_opt = 1;
	cfg.geo.mw_cunits = 0;
	cfg.geo.lba_size = 4096;
	bench = bench_remake(test, &cfg);
	bc = bench_cmd(test->priv);
	for (i = 0; i < 3; i++) {
		bc->lba[0] = bench_lba(bench, 1, 2, 4, i);
		bench_fill(bc, 1, 2);
		KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 1), (u16)0);
		memset(bc->data, 0, 4096);
		KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 1), (u16)0);
		KUNIT_EXPECT_EQ(test, bench_compare(bc, 0, bc->lba[0], 2), 0U);
	}

	/* 64 chunks in one write, each of them one sector further */
	set_chunks(bc, 64, 0);
	bench_fill(bc, 64, 3);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 64), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 64), (u16)0x42f2);
	memset(bc->data, 0, 64 * 4096);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 64), (u16)0);
	for (i = 0; i < 64; i++)
		KUNIT_EXPECT_EQ_MSG(test, bench_compare(bc, i, bc->lba[i], 3),
				    0U, "entry %u", i);
}

static void io_without_oob(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_config cfg = bench_config();
	struct bench_cmd *bc;
	u32 i, wrong = 0;

	cfg.use_inline = bench->dev->use_inline;
	cfg.geo.oob_size = 0;
	bench = bench_remake(test, &cfg);
	bc = bench_cmd(test->priv);
	/* A metadata pointer means nothing then */
	write_stripes(test, bc);
	memset(bc->oob, 0xee, 64 * 32);
	set_stripes(bc, 8);
	bench_vector(bc, 0x92, 64);
	bc->sqe.common.metadata = cpu_to_le64(0x666000);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	for (i = 0; i < 64; i++)
		wrong += bench_compare(bc, i, bc->lba[i], 1) != 0;
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->oob, 0xee, 64 * 32));
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 192 * 512ULL);
}

static void io_unwritten_reads_blank(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i, wrong = 0;

	set_chunks(bc, 64, 7);
	memset(bc->data, 0xee, 64 * 512);
	memset(bc->oob, 0xee, 64 * 16);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 64), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0ULL);
	for (i = 0; i < 64; i++)
		wrong += !bench_is_blank(bc, i);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

static void io_write_without_oob_reads_all_ones(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	for (i = 0; i < 24; i++)
		bc->lba[i] = i;
	bench_vector(bc, 0x91, 24);
	bench_fill(bc, 24, 6);
	bc->sqe.common.metadata = 0;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	memset(bc->oob, 0xee, 24 * 16);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 24), (u16)0);
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->oob, 0xff, 24 * 16));
	/* 16 bytes that differ are the OOB; the data is there */
	KUNIT_EXPECT_LE(test, bench_compare(bc, 23, 23, 6), 16U);
}

static void io_cache_window(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 wp, i;

	/* mw_cunits is 8: what is behind the last 8 sectors can be read */
	for (wp = 4; wp <= 24; wp += 4) {
		u32 end = wp == 24 ? 24 : wp < 8 ? 0 : wp - 8;

		KUNIT_EXPECT_EQ(test, bench_write_run(bench, wp - 4, 4, 8),
				(u16)0);
		bench_scalar(bc, nvme_cmd_read, 0, 24);
		memset(bc->data, 0xee, 24 * 512);
		memset(bc->oob, 0xee, 24 * 16);
		KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
		for (i = 0; i < 24; i++)
			KUNIT_EXPECT_TRUE_MSG(test, i < end ?
					      !bench_compare(bc, i, i, 8) :
					      bench_is_blank(bc, i),
					      "wp %u, sector %u", wp, i);
	}
}

/* The feature changes between a command's parts: they go by what it was */
static void io_dulbe_is_that_of_the_beginning(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	struct oc_channel *ch = &bench->dev->ch[1];
	u32 on;

	for (on = 0; on < 2; on++) {
		WRITE_ONCE(bench->dev->ns[0].dulbe, on);
		bc->lba[0] = bench_lba(bench, 0, 0, 0, 0);
		bc->lba[1] = bench_lba(bench, 1, 0, 0, 0);
		bench_vector(bc, 0x92, 2);
		/* The worker lets go only after it has ended the last command */
		oc_channel_own(ch);
		bench_submit(bc);
		WRITE_ONCE(bench->dev->ns[0].dulbe, !on);
		oc_channel_release(ch);
		KUNIT_ASSERT_TRUE(test, bench_wait(bc));
		KUNIT_EXPECT_EQ(test, bc->cmd.status, (u16)(on ? 0x4287 : 0));
		KUNIT_EXPECT_EQ(test, bench_bitmap(bc), (u64)(on ? 3 : 0));
	}
}

static void io_dulbe_fails_what_is_unwritten(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u64 want = 0;
	u32 i;

	write_stripes(test, bc);
	WRITE_ONCE(bench->dev->ns[0].dulbe, true);

	/* All written */
	set_stripes(bc, 0);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 64), (u16)0);

	/* Entries 3, 31, 32, 40 and 63 unwritten, 33 names nothing */
	bc->lba[3] = bench_lba(bench, 0, 2, 4, 0);
	bc->lba[31] = bench_lba(bench, 4, 2, 4, 23);
	bc->lba[32] = bench_lba(bench, 4, 2, 3, 0);
	bc->lba[33] = bench_lba(bench, 5, 0, 0, 0);
	bc->lba[40] = bench_lba(bench, 1, 2, 3, 1);
	bc->lba[63] = bench_lba(bench, 2, 2, 2, 2);
	for (i = 0; i < 64; i++)
		if (i == 3 || (i >= 31 && i <= 33) || i == 40 || i == 63)
			want |= 1ULL << i;
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 64), (u16)0x4287);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), want);

	/* Only addresses that name nothing */
	bc->lba[0] = bc->lba[33];
	bc->lba[1] = U64_MAX;
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 2), (u16)0x4287);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 3ULL);

	/* A scalar read has no bitmap */
	bench_scalar(bc, nvme_cmd_read, bench_lba(bench, 0, 2, 4, 0), 8);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4287);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0ULL);
	/* Past the chunk's end: sectors 24 to 31 are not there */
	bench_scalar(bc, nvme_cmd_read, bench_lba(bench, 0, 0, 0, 16), 16);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4287);
}

static const struct {
	const char *name;
	u32 grp, pu, chk, sec;
} nowhere[] = {
	{ "sector 24", 0, 0, 0, 24 }, { "sector 31", 4, 2, 4, 31 },
	{ "chunk 5", 0, 0, 5, 0 }, { "chunk 7", 4, 2, 7, 0 },
	{ "unit 3", 0, 3, 0, 0 }, { "unit 3 of the last", 4, 3, 4, 23 },
	{ "group 5", 5, 0, 0, 0 }, { "group 7", 7, 2, 4, 0 },
	{ "group 8", 8, 0, 0, 0 }, { "group 2^20", 1 << 20, 0, 0, 0 },
};

static void io_address_of_nothing(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(nowhere); i++) {
		u64 lba = bench_lba(bench, nowhere[i].grp, nowhere[i].pu,
				    nowhere[i].chk, nowhere[i].sec);
		const char *name = nowhere[i].name;

		bc->lba[0] = lba;
		memset(bc->data, 0xee, 512);
		KUNIT_EXPECT_EQ_MSG(test, bench_run_vector(bc, 0x92, 1), (u16)0,
				    "read %s", name);
		KUNIT_EXPECT_TRUE_MSG(test, bench_is_blank(bc, 0), "read %s",
				      name);

		/* A list that is right but for its entry 2 */
		set_chunks(bc, 4, 0);
		bc->lba[2] = lba;
		KUNIT_EXPECT_EQ_MSG(test, bench_run_vector(bc, 0x91, 4),
				    (u16)0x4280, "write %s", name);
		KUNIT_EXPECT_EQ_MSG(test, bench_bitmap(bc), 0xfULL, "write %s",
				    name);

		bc->lba[0] = lba;
		KUNIT_EXPECT_EQ_MSG(test, bench_run_vector(bc, 0x90, 1),
				    (u16)0x42c1, "reset %s", name);
		KUNIT_EXPECT_EQ_MSG(test, bench_bitmap(bc), 1ULL, "reset %s",
				    name);
	}
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
	bc->lba[0] = U64_MAX;
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 1), (u16)0);
}

/* All entries of a whole list fail, bits 32 and up included */
static void io_write_of_nothing_fails_whole_list(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);

	set_stripes(bc, 0);
	bc->lba[63] = U64_MAX;
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 64), (u16)0x4280);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), U64_MAX);
	KUNIT_EXPECT_EQ(test, bench_used(test->priv), 0U);
}

static void io_scalar_write_stays_in_a_chunk(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct oc_config cfg = bench_config();
	struct bench_cmd *bc;

	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 20, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 20, 8, 1), (u16)0x4280);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 24, 4, 1), (u16)0x4280);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].chunks[0].wp, 20U);

	/* Where the next chunk's addresses follow without a hole */
	cfg.use_inline = bench->dev->use_inline;
	cfg.geo.clba = 32;
	bench = bench_remake(test, &cfg);
	bc = bench_cmd(test->priv);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 64, 1), (u16)0x4280);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 36, 1), (u16)0x4280);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);

	/* A read may go on, and so may a vector write */
	set_chunks(bc, 1, 0);
	bench_scalar(bc, nvme_cmd_write, 0, 64);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 64), (u16)0);
	bench_scalar(bc, nvme_cmd_read, 0, 64);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_EQ(test, (u32)bench->dev->ch[0].chunks[0].state, 2U);
	KUNIT_EXPECT_EQ(test, (u32)bench->dev->ch[0].chunks[1].state, 2U);
}

/* The whole of a device's tables and chunks, to see that nothing changed */
static u64 fingerprint(const struct bench *bench)
{
	u64 sum = 0;
	u32 i, k;

	for (i = 0; i < bench->dev->geo.num_grp; i++) {
		const struct oc_channel *ch = &bench->dev->ch[i];

		for (k = 0; k < bench->dev->geo.chks; k++)
			sum = sum * 31 + ch->chunks[k].state * 7 +
			      ch->chunks[k].wp * 131 + ch->chunks[k].resets;
		for (k = 0; k < OC_CHK_STATES; k++)
			sum = sum * 31 + ch->stat.nr[k];
		for (k = 0; k < ch->l2p.nr; k++)
			sum = sum * 31 + ch->l2p.map[k];
		sum = sum * 31 + bench->dev->media->bytes(ch);
	}
	return sum;
}

/* Five chunks, one per channel, written to sector 8; 40 addresses go on */
static void set_atomic(struct kunit *test, struct bench_cmd *bc)
{
	u32 i;

	for (i = 0; i < 40; i++)
		bc->lba[i] = bench_lba(bc->bench, i / 8, 1, 1, i % 8);
	bench_fill(bc, 40, 1);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 40), (u16)0);
	for (i = 0; i < 40; i++)
		bc->lba[i] += 8;
	bench_fill(bc, 40, 2);
}

/* What is done to entries 8 * @grp to 8 * @grp + 7 of the list */
static const struct {
	const char *name;
	u32 pu, chk, sec, step;
	u16 status;
} spoilers[] = {
	{ "behind the write pointer", 1, 1, 0, 1, 0x42f2 },
	{ "before the write pointer", 1, 1, 12, 1, 0x42f2 },
	{ "a hole", 1, 1, 8, 2, 0x42f2 },
	{ "one sector again and again", 1, 1, 8, 0, 0x42f2 },
	{ "another chunk's place", 0, 1, 8, 1, 0x42f2 },
	{ "a closed chunk", 2, 4, 0, 1, 0x4280 },
};

static void io_vector_write_is_all_or_nothing(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	struct bench_cmd *bad = bench_cmd(test->priv);
	u32 i, k, grp;
	u64 before;

	set_atomic(test, bc);
	for (grp = 0; grp < 5; grp++)
		KUNIT_EXPECT_EQ(test,
				bench_write_run(bench,
						bench_lba(bench, grp, 2, 4, 0),
						24, 3), (u16)0);
	before = fingerprint(bench);

	for (i = 0; i < ARRAY_SIZE(spoilers); i++)
		for (grp = 0; grp < 5; grp++) {
			memcpy(bad->lba, bc->lba, sizeof(bad->lba));
			for (k = 0; k < 8; k++)
				bad->lba[grp * 8 + k] =
					bench_lba(bench, grp, spoilers[i].pu,
						  spoilers[i].chk,
						  spoilers[i].sec +
						  k * spoilers[i].step);
			KUNIT_EXPECT_EQ_MSG(test, bench_run_vector(bad, 0x91, 40),
					    spoilers[i].status, "%s in %u",
					    spoilers[i].name, grp);
			KUNIT_EXPECT_EQ_MSG(test, bench_bitmap(bad),
					    0xffffffffffULL, "%s in %u",
					    spoilers[i].name, grp);
			bench_settle(bench);
			KUNIT_EXPECT_EQ_MSG(test, fingerprint(bench), before,
					    "%s in %u", spoilers[i].name, grp);
		}

	/* Nothing of it stands in the way of a right one */
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 40), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0ULL);
}

static void io_wrong_amount_fails_whole_list(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u64 before;

	set_atomic(test, bc);
	before = fingerprint(bench);
	/* 39 sectors: the last channel's chunk gets 7 of 8 */
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 39), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0x7fffffffffULL);
	/* One channel, and a list of one */
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 7), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0x7fULL);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 1), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 1ULL);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, fingerprint(bench), before);
}

/* Chunks of one channel in one list: all their write pointers move */
static void io_chunks_of_one_channel(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i, wrong = 0;

	for (i = 0; i < 60; i++)
		bc->lba[i] = bench_lba(bench, 3, i / 20, i / 4 % 5, i % 4);
	bench_fill(bc, 60, 1);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x91, 60), (u16)0);
	for (i = 0; i < 15; i++)
		wrong += bench->dev->ch[3].chunks[i].wp != 4 ||
			 bench->dev->ch[3].chunks[i].state != OC_CHK_OPEN;
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[3].stat.nr[OC_CHK_OPEN], 15U);
}

/*
 * A list that leaves a chunk and comes back to it: wherever it goes on, it is
 * not one run (OCSSD 2.0, 2.3.3), and the sectors of the first visit are not
 * written a second time.
 */
static void check_return(struct kunit *test, u32 sec, const char *name)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u64 before;
	u32 i;

	for (i = 0; i < 4; i++) {
		bc->lba[i] = bench_lba(bench, 1, 0, 0, i);
		bc->lba[4 + i] = bench_lba(bench, 1, 0, 1, i);
		bc->lba[8 + i] = bench_lba(bench, 1, 0, 0, sec + i);
	}
	bench_fill(bc, 12, 1);
	bench_settle(bench);
	before = fingerprint(bench);
	KUNIT_EXPECT_EQ_MSG(test, bench_run_vector(bc, 0x91, 12), (u16)0x42f2, "%s",
			    name);
	KUNIT_EXPECT_EQ_MSG(test, bench_bitmap(bc), 0xfffULL, "%s", name);
	bench_settle(bench);
	KUNIT_EXPECT_EQ_MSG(test, fingerprint(bench), before, "%s", name);
	bench_cmd_free(bc);
}

static void io_list_comes_back_to_go_on(struct kunit *test)
{
	check_return(test, 4, "going on");
}

static void io_list_comes_back_to_start_again(struct kunit *test)
{
	check_return(test, 0, "starting again");
}

static void io_reset_gives_memory_back(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	write_stripes(test, bc);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 192U);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench),
			192 * 512ULL + 8 * PAGE_SIZE);

	/* Any address of a chunk names it */
	for (i = 0; i < 8; i++)
		bc->lba[i] = bench_lba(bench, i % 5, i / 5, 0, i * 3);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x90, 8), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0ULL);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
	KUNIT_EXPECT_EQ(test, bench_bytes(bench), 0ULL);

	/* And what it held is gone */
	set_stripes(bc, 0);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 64), (u16)0);
	for (i = 0; i < 64; i++)
		KUNIT_EXPECT_TRUE_MSG(test, bench_is_blank(bc, i), "entry %u",
				      i);
	write_stripes(test, bc);
}

static void io_reset_writes_descriptors(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	const struct oc_wire_chunk *desc = (const void *)bc->oob;
	u32 i;

	write_stripes(test, bc);
	/* Entry 1 is free and stays so, entry 2 names nothing */
	bc->lba[0] = bench_lba(bench, 4, 0, 0, 5);
	bc->lba[1] = bench_lba(bench, 0, 2, 2, 0);
	bc->lba[2] = bench_lba(bench, 0, 3, 0, 0);
	bc->lba[3] = bench_lba(bench, 0, 1, 0, 0);
	memset(bc->oob, 0xee, 64 * 32);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x90, 4), (u16)0x42c1);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 6ULL);
	for (i = 0; i < 4; i += 3) {
		KUNIT_EXPECT_EQ(test, (u32)desc[i].cs, 1U);
		KUNIT_EXPECT_EQ(test, (u32)desc[i].ct, 1U);
		KUNIT_EXPECT_EQ(test, (u32)desc[i].wli, 1U);
		KUNIT_EXPECT_EQ(test, le64_to_cpu(desc[i].slba),
				bc->lba[i] & ~31ULL);
		KUNIT_EXPECT_EQ(test, le64_to_cpu(desc[i].wp), 0ULL);
		KUNIT_EXPECT_EQ(test, le64_to_cpu(desc[i].cnlb), 24ULL);
	}
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->oob + 64, 0xee, 32));
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->oob + 128, 0xee, 32));
}

static void io_reset_without_descriptors(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);

	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 24, 1), (u16)0);
	bc->lba[0] = 0;
	bench_vector(bc, 0x90, 1);
	bc->sqe.common.metadata = cpu_to_le64(0x666000);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].chunks[0].resets, 0U);

	memset(bc->oob, 0xee, 32);
	bc->sqe.common.metadata = 0;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_FALSE(test, memchr_inv(bc->oob, 0xee, 32));
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].chunks[0].resets, 1U);
}

static void io_reset_64_chunks(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	/* Open chunks may be reset here (mccap 4), free ones may not */
	for (i = 0; i < 64; i++)
		KUNIT_EXPECT_EQ(test,
				bench_write_run(bench,
						bench_lba(bench, i % 5,
							  i / 5 % 3, i / 15,
							  0), 4, 1), (u16)0);
	set_chunks(bc, 64, 11);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x90, 64), (u16)0);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x90, 64), (u16)0x42c1);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), U64_MAX);

	/* Entries 0, 31, 32 and 63 are open again; the others still fail */
	for (i = 0; i < 64; i++)
		if (i == 0 || i == 31 || i == 32 || i == 63)
			KUNIT_EXPECT_EQ(test,
					bench_write_run(bench,
							bc->lba[i] & ~31ULL, 4,
							1), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x90, 64), (u16)0x42c1);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0x7ffffffe7ffffffeULL);
}

static void take_offline(struct oc_channel *ch, void *arg)
{
	oc_chunk_offline(&ch->chunks[*(u32 *)arg], &ch->stat);
}

/* The status of a command is that of the first entry that failed */
static void io_reset_status_of_first_failure(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 chk = 0;

	oc_channel_call(&bench->dev->ch[4], take_offline, &chk);

	bc->lba[0] = bench_lba(bench, 4, 0, 0, 0);	/* offline */
	bc->lba[1] = bench_lba(bench, 0, 0, 0, 0);	/* free */
	bc->lba[2] = bench_lba(bench, 7, 0, 0, 0);	/* nowhere */
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x90, 3), (u16)0x42c0);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 7ULL);
	swap(bc->lba[0], bc->lba[1]);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x90, 3), (u16)0x42c1);
	swap(bc->lba[0], bc->lba[2]);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x90, 3), (u16)0x42c1);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 7ULL);

	/* An offline chunk takes no writes and has nothing to read */
	KUNIT_EXPECT_EQ(test, bench_write_run(bench,
					      bench_lba(bench, 4, 0, 0, 0), 4,
					      1), (u16)0x4280);
	bc->lba[0] = bench_lba(bench, 4, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 1), (u16)0);
	KUNIT_EXPECT_TRUE(test, bench_is_blank(bc, 0));
}

/* The same chunk twice in a list: the second time it is free */
static void io_reset_twice_in_a_list(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);

	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 24, 1), (u16)0);
	bc->lba[0] = 0;
	bc->lba[1] = 5;
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x90, 2), (u16)0x42c1);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 2ULL);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].chunks[0].resets, 1U);
}

/* ---- deallocate ------------------------------------------------------- */

/* A DSM of @nr ranges, which stand in the command's data */
static u16 run_dsm(struct bench_cmd *bc, u32 nr, u32 attributes)
{
	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.dsm.opcode = nvme_cmd_dsm;
	bc->sqe.dsm.nsid = cpu_to_le32(1);
	bc->sqe.dsm.nr = cpu_to_le32(nr - 1);
	bc->sqe.dsm.attributes = cpu_to_le32(attributes);
	/* As Linux does: one buffer of 4096 bytes for any number */
	bench_data(bc, false, 4096);
	return bench_run(bc);
}

static void set_range(struct bench_cmd *bc, u32 i, u64 slba, u32 nlb)
{
	struct nvme_dsm_range *range = (void *)bc->data;

	range[i].cattr = 0;
	range[i].slba = cpu_to_le64(slba);
	range[i].nlb = cpu_to_le32(nlb);
}

static void io_dsm_resets_chunks(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u64 lba = bench_lba(bench, 2, 1, 3, 0);

	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 24, 1), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_write_run(bench, lba, 24, 1), (u16)0);
	set_range(bc, 0, lba, 24);
	set_range(bc, 1, 0, 24);

	/* Without the deallocate bit it is a hint */
	KUNIT_EXPECT_EQ(test, run_dsm(bc, 2, 0), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 48U);

	KUNIT_EXPECT_EQ(test, run_dsm(bc, 1, NVME_DSMGMT_AD), (u16)0);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[2].chunks[8].resets, 1U);
	KUNIT_EXPECT_EQ(test, bench->dev->ch[0].chunks[0].resets, 0U);

	/* The first is free now, the second is reset all the same */
	KUNIT_EXPECT_EQ(test, run_dsm(bc, 2, NVME_DSMGMT_AD), (u16)0x42c1);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0ULL);
}

static void io_dsm_range_is_one_chunk(struct kunit *test)
{
	static const struct {
		const char *name;
		u64 slba;
		u32 nlb;
		u16 status;
	} ranges[] = {
		{ "too short", 0, 23, 0x4080 },
		{ "too long", 0, 25, 0x4080 },
		{ "two chunks", 0, 48, 0x4080 },
		{ "empty", 0, 0, 0x4080 },
		{ "not at the start", 1, 24, 0x42c1 },
		{ "sector 24", 24, 24, 0x42c1 },
		{ "chunk 5", 5 * 32, 24, 0x42c1 },
		{ "beyond", 1ULL << 40, 24, 0x42c1 },
	};
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i;

	KUNIT_EXPECT_EQ(test, bench_write_run(bench, 0, 24, 1), (u16)0);
	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		/* The good one comes first, and is not reset either */
		set_range(bc, 0, 0, 24);
		set_range(bc, 1, ranges[i].slba, ranges[i].nlb);
		KUNIT_EXPECT_EQ_MSG(test, run_dsm(bc, 2, NVME_DSMGMT_AD),
				    ranges[i].status, "%s", ranges[i].name);
		KUNIT_EXPECT_EQ_MSG(test,
				    bench->dev->ch[0].chunks[0].resets, 0U,
				    "%s", ranges[i].name);
	}

	/* Ranges that the buffer does not hold */
	bench_data(bc, false, 31);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x400f);
}

/* More ranges than bits: several rounds */
static void io_dsm_all_chunks(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u32 i, wrong = 0;

	for (i = 0; i < 75; i++) {
		u64 lba = bench_lba(bench, i % 5, i / 5 % 3, i / 15, 0);

		wrong += bench_write_run(bench, lba, 4, 1) != 0;
		set_range(bc, i, lba, 24);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 300U);
	KUNIT_EXPECT_EQ(test, run_dsm(bc, 75, NVME_DSMGMT_AD), (u16)0);
	bench_settle(bench);
	KUNIT_EXPECT_EQ(test, bench_used(bench), 0U);

	/* The first of them fail: nothing is tried after that round */
	for (i = 0; i < 75; i++)
		KUNIT_EXPECT_EQ(test, bench->dev->ch[i % 5].chunks[i / 5].resets,
				1U);
	KUNIT_EXPECT_EQ(test, run_dsm(bc, 75, NVME_DSMGMT_AD), (u16)0x42c1);
}

/* ---- what is counted and logged --------------------------------------- */

static void io_flush(struct kunit *test)
{
	struct bench_cmd *bc = bench_cmd(test->priv);

	bc->sqe.common.opcode = nvme_cmd_flush;
	bc->sqe.common.nsid = cpu_to_le32(1);
	bench_data(bc, false, 0);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
}

/* Of all namespaces: whatever these are doing there is nothing to be written */
static void io_flush_all(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	u8 op;

	bc->sqe.common.opcode = nvme_cmd_flush;
	bc->sqe.common.nsid = cpu_to_le32(0xffffffff);
	bench_data(bc, false, 0);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	KUNIT_EXPECT_STREQ(test, (char *)oc_cmd_name(&bc->cmd), "flush");
	WRITE_ONCE(bench->dev->ns[0].gate, OC_CUT_FORMAT);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	clear_bit(0, bench->port.active);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0);
	set_bit(0, bench->port.active);
	WRITE_ONCE(bench->dev->ns[0].gate, OC_CUT_NOT);
	bench->dev->sanitize.state = OC_SANITIZE_RUNS;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x1d);
	bench->dev->sanitize.state = OC_SANITIZE_NEVER;

	/* Fused it is with nothing, and other commands are of one namespace */
	bc->sqe.common.flags = NVME_CMD_FUSE_FIRST;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x4002);
	bc->sqe.common.flags = 0;
	bc->sqe.common.nsid = cpu_to_le32(0xfffffffe);
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x400b);
	bc->sqe.common.nsid = 0;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x400b);
	for (op = nvme_cmd_write; op; op++) {
		if (op == nvme_fabrics_command)
			continue;
		bench_scalar(bc, op, 0, 4);
		bc->sqe.common.nsid = cpu_to_le32(0xffffffff);
		KUNIT_EXPECT_EQ_MSG(test, bench_run(bc), (u16)0x400b,
				    "opcode %#x", op);
	}
}

static void io_counters(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	struct oc_count sum = {};
	u32 i;

	write_stripes(test, bc);		/* 3 commands, 192 sectors */
	set_stripes(bc, 0);
	bench_run_vector(bc, 0x92, 64);		/* 64 sectors */
	bench_scalar(bc, nvme_cmd_read, 0, 10);
	bench_run(bc);				/* 10 sectors */
	bc->lba[0] = 0;
	bench_run_vector(bc, 0x90, 1);		/* a reset */
	bench_run_vector(bc, 0x90, 1);		/* a failure */
	bench_write_run(bench, 4, 4, 1);	/* four more */
	bench_settle(bench);
	for (i = 0; i < 5; i++) {
		sum.reads += bench->dev->ch[i].count.reads;
		sum.writes += bench->dev->ch[i].count.writes;
		sum.resets += bench->dev->ch[i].count.resets;
		sum.fails += bench->dev->ch[i].count.fails;
	}
	KUNIT_EXPECT_EQ(test, sum.writes, 192ULL);
	KUNIT_EXPECT_EQ(test, sum.reads, 74ULL);
	KUNIT_EXPECT_EQ(test, sum.resets, 1ULL);
	KUNIT_EXPECT_EQ(test, sum.fails, 5ULL);
	KUNIT_EXPECT_EQ(test, oc_cmd_counted(bench->dev, OC_COUNT_READ), 2ULL);
	KUNIT_EXPECT_EQ(test, oc_cmd_counted(bench->dev, OC_COUNT_WRITE),
			4ULL);
	KUNIT_EXPECT_EQ(test, oc_cmd_counted(bench->dev, OC_COUNT_OTHER),
			2ULL);
}

static void io_errors_are_logged(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);
	const struct oc_wire_error *entry;
	u32 i;

	bench_write_run(bench, 0, 4, 1);
	KUNIT_EXPECT_EQ(test, bench->ctrl.nr_errors, 0ULL);

	bench_scalar(bc, nvme_cmd_write, 12, 4);
	bc->sqe.common.command_id = 0x1234;
	KUNIT_EXPECT_EQ(test, bench_run(bc), (u16)0x42f2);
	KUNIT_EXPECT_EQ(test, bench->ctrl.nr_errors, 1ULL);
	entry = &bench->ctrl.errlog[0];
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry->error_count), 1ULL);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(entry->sqid), 1U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(entry->cmdid), 0x1234U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(entry->status), 0x85e4U);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(entry->location), 0xffffU);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry->lba), 12ULL);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(entry->nsid), 1U);

	/* A ring of 64 */
	for (i = 0; i < 64; i++)
		bench_run(bc);
	KUNIT_EXPECT_EQ(test, bench->ctrl.nr_errors, 65ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(entry->error_count), 65ULL);
}

/* A command that is used again brings nothing along from its last life */
static void io_command_starts_clean(struct kunit *test)
{
	struct bench *bench = test->priv;
	struct bench_cmd *bc = bench_cmd(test->priv);

	WRITE_ONCE(bench->dev->ns[0].dulbe, true);
	set_chunks(bc, 64, 0);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 64), (u16)0x4287);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), U64_MAX);
	WRITE_ONCE(bench->dev->ns[0].dulbe, false);
	KUNIT_EXPECT_EQ(test, bench_run_vector(bc, 0x92, 3), (u16)0);
	KUNIT_EXPECT_EQ(test, bench_bitmap(bc), 0ULL);
	KUNIT_EXPECT_EQ(test, (u32)bc->cmd.err_loc, 0xffffU);
}

static struct kunit_case io_cases[] = {
	KUNIT_CASE(io_path_is_the_one_chosen),
	KUNIT_CASE(io_vector_write_reads_back),
	KUNIT_CASE(io_scalar_write_reads_back),
	KUNIT_CASE(io_single_sector_units),
	KUNIT_CASE(io_without_oob),
	KUNIT_CASE(io_unwritten_reads_blank),
	KUNIT_CASE(io_write_without_oob_reads_all_ones),
	KUNIT_CASE(io_cache_window),
	KUNIT_CASE(io_dulbe_fails_what_is_unwritten),
	KUNIT_CASE(io_dulbe_is_that_of_the_beginning),
	KUNIT_CASE(io_address_of_nothing),
	KUNIT_CASE(io_write_of_nothing_fails_whole_list),
	KUNIT_CASE(io_scalar_write_stays_in_a_chunk),
	KUNIT_CASE(io_vector_write_is_all_or_nothing),
	KUNIT_CASE(io_wrong_amount_fails_whole_list),
	KUNIT_CASE(io_chunks_of_one_channel),
	KUNIT_CASE(io_list_comes_back_to_go_on),
	KUNIT_CASE(io_list_comes_back_to_start_again),
	KUNIT_CASE(io_reset_gives_memory_back),
	KUNIT_CASE(io_reset_writes_descriptors),
	KUNIT_CASE(io_reset_without_descriptors),
	KUNIT_CASE(io_reset_64_chunks),
	KUNIT_CASE(io_reset_status_of_first_failure),
	KUNIT_CASE(io_reset_twice_in_a_list),
	KUNIT_CASE(io_dsm_resets_chunks),
	KUNIT_CASE(io_dsm_range_is_one_chunk),
	KUNIT_CASE(io_dsm_all_chunks),
	KUNIT_CASE(io_flush),
	KUNIT_CASE(io_flush_all),
	KUNIT_CASE(io_counters),
	KUNIT_CASE(io_errors_are_logged),
	KUNIT_CASE(io_command_starts_clean),
	{}
};

/* The same once more: KUnit keeps each suite's results in its own list */
#define WORKER_CASE(_case)	{ .run_case = _case, .name = #_case "_by_worker" }

static struct kunit_case io_worker_cases[] = {
	WORKER_CASE(io_path_is_the_one_chosen),
	WORKER_CASE(io_vector_write_reads_back),
	WORKER_CASE(io_scalar_write_reads_back),
	WORKER_CASE(io_single_sector_units),
	WORKER_CASE(io_without_oob),
	WORKER_CASE(io_unwritten_reads_blank),
	WORKER_CASE(io_write_without_oob_reads_all_ones),
	WORKER_CASE(io_cache_window),
	WORKER_CASE(io_dulbe_fails_what_is_unwritten),
	WORKER_CASE(io_dulbe_is_that_of_the_beginning),
	WORKER_CASE(io_address_of_nothing),
	WORKER_CASE(io_write_of_nothing_fails_whole_list),
	WORKER_CASE(io_scalar_write_stays_in_a_chunk),
	WORKER_CASE(io_vector_write_is_all_or_nothing),
	WORKER_CASE(io_wrong_amount_fails_whole_list),
	WORKER_CASE(io_chunks_of_one_channel),
	WORKER_CASE(io_list_comes_back_to_go_on),
	WORKER_CASE(io_list_comes_back_to_start_again),
	WORKER_CASE(io_reset_gives_memory_back),
	WORKER_CASE(io_reset_writes_descriptors),
	WORKER_CASE(io_reset_without_descriptors),
	WORKER_CASE(io_reset_64_chunks),
	WORKER_CASE(io_reset_status_of_first_failure),
	WORKER_CASE(io_reset_twice_in_a_list),
	WORKER_CASE(io_dsm_resets_chunks),
	WORKER_CASE(io_dsm_range_is_one_chunk),
	WORKER_CASE(io_dsm_all_chunks),
	WORKER_CASE(io_flush),
	WORKER_CASE(io_flush_all),
	WORKER_CASE(io_counters),
	WORKER_CASE(io_errors_are_logged),
	WORKER_CASE(io_command_starts_clean),
	{}
};

static_assert(ARRAY_SIZE(io_cases) == ARRAY_SIZE(io_worker_cases));

struct kunit_suite oc_io_suite = {
	.name = "oc_io",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = io_cases,
};

struct kunit_suite oc_io_worker_suite = {
	.name = "oc_io_worker",
	.init = bench_worker_init,
	.exit = bench_exit,
	.test_cases = io_worker_cases,
};
