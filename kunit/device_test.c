// SPDX-License-Identifier: GPL-2.0
/*
 * device_test.c - a device from its configuration: what is refused, which namespaces it
 * has, and what it says of itself
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "oc_test.h"
#include "oc_unaligned.h"

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
		KUNIT_EXPECT_EQ_MSG(test, bench_try(&cfg, &why), -EINVAL,
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
		KUNIT_EXPECT_EQ_MSG(test, bench_try(&cfg, &why), -EINVAL,
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
	KUNIT_EXPECT_EQ(test, bench_try(&cfg, &why), -EINVAL);

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
	KUNIT_EXPECT_EQ(test, bench_try(&cfg, &why), -EINVAL);
	KUNIT_EXPECT_STREQ(test, (const char *)why.param, "ws_opt");

	cfg = bench_config();
	cfg.geo.num_pu = 256;
	cfg.geo.num_chk = 65536;
	cfg.geo.clba = 256;
	KUNIT_EXPECT_EQ(test, bench_try(&cfg, &why), -E2BIG);
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
	KUNIT_EXPECT_EQ(test, bench_try(&cfg, &why), -ENOMEM);
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
	KUNIT_EXPECT_EQ(test, bench_try(&cfg, &why), 0);
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

/* Namespace 1 is channels 0 and 1 of the device, namespace 2 is the other three */
static struct bench *two_namespaces(struct kunit *test)
{
	struct oc_config cfg = bench_config();

	cfg.ns = "oc20:2,oc20:3";
	return bench_remake(test, &cfg);
}

static void device_identifies_namespaces(struct kunit *test)
{
	struct bench *bench = two_namespaces(test);
	struct nvme_id_ns *one, *two;

	one = kunit_kzalloc(test, sizeof(*one), GFP_KERNEL);
	two = kunit_kzalloc(test, sizeof(*two), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, one && two);
	bench_identify(&bench->dev->ns[0], one);
	bench_identify(&bench->dev->ns[1], two);

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
	struct oc_wire_chunk *desc;
	struct bench *bench = two_namespaces(test);
	struct bench_cmd *bc = bench_cmd(bench);
	u32 i;

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
	const struct oc_wire_chunk *desc;
	struct bench *bench = two_namespaces(test);
	struct bench_cmd *bc = bench_cmd(bench);
	u64 lba;

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
	struct bench *bench = two_namespaces(test);
	struct bench_cmd *bc = bench_cmd(bench);
	u8 *whole = kunit_kzalloc(test, 8192, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, whole);
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
