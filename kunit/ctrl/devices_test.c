// SPDX-License-Identifier: GPL-2.0
/*
 * devices_test.c - the list of devices: who is found, who is refused, who stays, and what
 * the discovery log says of all
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "oc_devices.h"
#include "oc_test.h"

#define SHELF	3U

/**
 * struct shelf - devices that may be in the list; the suite's exit takes them away
 * @dev:	devices, NULL for none
 */
struct shelf {
	struct oc_dev *dev[SHELF];
};

static int shelf_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct shelf), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static void shelf_exit(struct kunit *test)
{
	struct shelf *shelf = test->priv;
	u32 i;

	for (i = 0; shelf && i < SHELF; i++) {
		struct oc_dev *dev = shelf->dev[i];

		if (!dev)
			continue;
		while (dev->users)
			oc_devices_put(dev);
		if (!list_empty(&dev->entry))
			oc_devices_remove(dev);
		oc_dev_destroy(dev);
	}
}

static struct oc_dev *shelf_make(struct kunit *test, u32 i, const char *name,
				 const char *nqn, const char *serial)
{
	struct shelf *shelf = test->priv;
	struct oc_config cfg = bench_config();
	struct oc_complaint why;
	struct oc_dev *dev;

	cfg.name = name;
	cfg.subsysnqn = nqn;
	cfg.serial = serial;
	dev = oc_dev_create(&cfg, &why);
	KUNIT_ASSERT_EQ_MSG(test, PTR_ERR_OR_ZERO(dev), 0, "%s", name);
	shelf->dev[i] = dev;
	return dev;
}

static void devices_are_found(struct kunit *test)
{
	struct oc_dev *one = shelf_make(test, 0, "one", NULL, NULL);
	struct oc_dev *two = shelf_make(test, 1, "two", "nqn.second", NULL);
	struct oc_complaint why;

	KUNIT_EXPECT_PTR_EQ(test, oc_devices_get("nqn.2026-11.ocloop:one"),
			    (struct oc_dev *)NULL);
	KUNIT_EXPECT_PTR_EQ(test, oc_devices_get(NVME_DISC_SUBSYS_NAME),
			    (struct oc_dev *)NULL);

	KUNIT_ASSERT_EQ(test, oc_devices_add(one, &why), 0);
	KUNIT_ASSERT_EQ(test, oc_devices_add(two, &why), 0);
	KUNIT_EXPECT_PTR_EQ(test, oc_devices_get("nqn.2026-11.ocloop:one"), one);
	KUNIT_EXPECT_PTR_EQ(test, oc_devices_get("nqn.second"), two);
	KUNIT_EXPECT_PTR_EQ(test, oc_devices_get(NVME_DISC_SUBSYS_NAME), one);
	KUNIT_EXPECT_PTR_EQ(test, oc_devices_get("nqn.2026-11.ocloop:two"),
			    (struct oc_dev *)NULL);
	KUNIT_EXPECT_PTR_EQ(test, oc_devices_get(""), (struct oc_dev *)NULL);
	KUNIT_EXPECT_EQ(test, one->users, 2U);
	KUNIT_EXPECT_EQ(test, two->users, 1U);

	/* The next in the list takes the place of one that goes */
	oc_devices_put(one);
	KUNIT_EXPECT_EQ(test, oc_devices_remove(one), -EBUSY);
	KUNIT_EXPECT_PTR_EQ(test, oc_devices_get("nqn.2026-11.ocloop:one"), one);
	oc_devices_put(one);
	oc_devices_put(one);
	KUNIT_EXPECT_EQ(test, oc_devices_remove(one), 0);
	KUNIT_EXPECT_PTR_EQ(test, oc_devices_get("nqn.2026-11.ocloop:one"),
			    (struct oc_dev *)NULL);
	KUNIT_EXPECT_PTR_EQ(test, oc_devices_get(NVME_DISC_SUBSYS_NAME), two);

	/* One that has gone may come again */
	KUNIT_EXPECT_EQ(test, oc_devices_add(one, &why), 0);
	KUNIT_EXPECT_EQ(test, one->users, 0U);
}

static const struct {
	const char *name;
	const char *nqn;
	const char *serial;
	const char *param;
} twins[] = {
	{ "one", "nqn.other", "OTHER", "name" },
	{ "other", "nqn.2026-11.ocloop:one", "OTHER", "subsysnqn" },
	{ "other", "nqn.other", "OC-one", "serial" },
	{ "one", NULL, NULL, "name" },
};

static void devices_are_unique(struct kunit *test)
{
	struct oc_dev *one = shelf_make(test, 0, "one", NULL, NULL);
	struct oc_complaint why;
	u32 i;

	KUNIT_ASSERT_EQ(test, oc_devices_add(one, &why), 0);
	for (i = 0; i < ARRAY_SIZE(twins); i++) {
		struct shelf *shelf = test->priv;
		struct oc_dev *twin = shelf_make(test, 1, twins[i].name,
						 twins[i].nqn, twins[i].serial);

		memset(&why, 0, sizeof(why));
		KUNIT_EXPECT_EQ_MSG(test, oc_devices_add(twin, &why), -EEXIST,
				    "row %u", i);
		KUNIT_EXPECT_STREQ_MSG(test, (const char *)why.param,
				       twins[i].param, "row %u", i);
		KUNIT_EXPECT_TRUE(test, strstr(why.want, "one has it"));
		KUNIT_EXPECT_TRUE(test, list_empty(&twin->entry));
		shelf->dev[1] = NULL;
		oc_dev_destroy(twin);
	}
}

static void check_entry(struct kunit *test,
			const struct nvmf_disc_rsp_page_entry *entry,
			const char *nqn)
{
	KUNIT_EXPECT_STREQ(test, (const char *)entry->subnqn, nqn);
	KUNIT_EXPECT_EQ(test, (int)entry->trtype, NVMF_TRTYPE_LOOP);
	KUNIT_EXPECT_EQ(test, (int)entry->subtype, NVME_NQN_NVME);
	KUNIT_EXPECT_EQ(test, (u32)le16_to_cpu(entry->cntlid), 0xffffU);
}

static void devices_are_discovered(struct kunit *test)
{
	struct oc_dev *dev[SHELF];
	struct nvmf_disc_rsp_page_hdr *hdr;
	struct oc_complaint why;
	u64 changes = 0;
	u32 i, k, size;

	dev[0] = shelf_make(test, 0, "a", NULL, NULL);
	dev[1] = shelf_make(test, 1, "b", "nqn.of-b", NULL);
	dev[2] = shelf_make(test, 2, "c", NULL, NULL);
	for (i = 0; i <= SHELF; i++) {
		hdr = oc_devices_log(NULL, &size);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, hdr);
		KUNIT_EXPECT_EQ(test, size, 1024U * (i + 1));
		KUNIT_EXPECT_EQ(test, le64_to_cpu(hdr->numrec), (u64)i);
		/* Each that comes is a change of its own */
		KUNIT_EXPECT_TRUE(test, !i || le64_to_cpu(hdr->genctr) ==
					      changes + 1);
		changes = le64_to_cpu(hdr->genctr);
		for (k = 0; k < i; k++)
			check_entry(test, &hdr->entries[k], dev[k]->subsysnqn);
		kvfree(hdr);
		if (i < SHELF)
			KUNIT_ASSERT_EQ(test, oc_devices_add(dev[i], &why), 0);
	}

	/* And so is each that goes; one that is refused is none */
	KUNIT_EXPECT_EQ(test, oc_devices_add(dev[1], &why), -EEXIST);
	KUNIT_EXPECT_EQ(test, oc_devices_remove(dev[1]), 0);
	hdr = oc_devices_log(NULL, &size);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, hdr);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(hdr->genctr), changes + 1);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(hdr->numrec), 2ULL);
	check_entry(test, &hdr->entries[1], "nqn.2026-11.ocloop:c");
	kvfree(hdr);
}

static struct kunit_case devices_cases[] = {
	KUNIT_CASE(devices_are_found),
	KUNIT_CASE(devices_are_unique),
	KUNIT_CASE(devices_are_discovered),
	{}
};

struct kunit_suite oc_devices_suite = {
	.name = "oc_devices",
	.init = shelf_init,
	.exit = shelf_exit,
	.test_cases = devices_cases,
};
