// SPDX-License-Identifier: GPL-2.0
/*
 * block_bed.c - a block namespace over five channels, and its commands
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "block_bed.h"

/**
 * block_config() - five channels of 200 logical sectors, in stripes of 8
 * @use_inline:	submitters run idle channels
 *
 * Return: the configuration.
 */
struct oc_config block_config(bool use_inline)
{
	struct oc_config cfg = bench_config();

	cfg.geo.oob_size = 0;
	cfg.ns = "block:5:80";
	cfg.use_inline = use_inline;
	return cfg;
}

/**
 * block_init() - a suite's init: that device
 * @test:	the case; its priv is the bench
 *
 * Return: 0 or -ENOMEM.
 */
int block_init(struct kunit *test)
{
	struct oc_config cfg = block_config(true);

	test->priv = bench_make(test, &cfg);
	return test->priv ? 0 : -ENOMEM;
}

/**
 * block_worker_init() - a suite's init: that device, on which workers run every part
 * @test:	the case; its priv is the bench
 *
 * Return: 0 or -ENOMEM.
 */
int block_worker_init(struct kunit *test)
{
	struct oc_config cfg = block_config(false);

	test->priv = bench_make(test, &cfg);
	return test->priv ? 0 : -ENOMEM;
}

/**
 * block_ns() - its namespace
 * @bench:	bench
 *
 * Return: the namespace.
 */
const struct oc_ns *block_ns(struct bench *bench)
{
	return oc_ns_find(bench->dev, 1);
}

/**
 * block_check() - have all FTLs check themselves
 * @bench:	bench
 *
 * Return: what is not true, NULL if all is.
 */
const char *block_check(struct bench *bench)
{
	const char *what = NULL;
	u32 i;

	for (i = 0; !what && i < bench->dev->geo.num_grp; i++)
		what = bench_check_ftl(bench, i);
	return what;
}

/**
 * block_write() - write blocks
 * @bench:	bench
 * @lba:	first block
 * @nr:		blocks, at most 64
 * @seed:	of what is written
 *
 * Return: the command's status.
 */
int block_write(struct bench *bench, u32 lba, u32 nr, u32 seed)
{
	return bench_write_run(bench, lba, nr, seed);
}

/**
 * block_read() - read one block
 * @bench:	bench
 * @lba:	the block
 * @seed:	what it should be, 0 for zeroes
 * @wrong:	what of it is something else
 *
 * Return: the command's status.
 */
int block_read(struct bench *bench, u32 lba, u32 seed, u32 *wrong)
{
	struct bench_cmd *bc = bench_cmd(bench);
	u32 size = bench->dev->geo.lba_size;
	int status;

	bench_scalar(bc, nvme_cmd_read, lba, 1);
	memset(bc->data, 0xa5, size);
	status = bench_run(bc);
	if (seed)
		*wrong = bench_compare(bc, 0, lba, seed);
	else
		*wrong = memchr_inv(bc->data, 0, size) ? 1 : 0;
	bench_cmd_free(bc);
	return status;
}

/**
 * block_do() - do something with blocks for which there is no data
 * @bench:	bench
 * @opcode:	Write Zeroes, Write Uncorrectable or Verify
 * @slba:	first block
 * @nr:		blocks
 * @control:	control bits
 *
 * Return: the command's status.
 */
int block_do(struct bench *bench, u8 opcode, u64 slba, u32 nr, u16 control)
{
	struct bench_cmd *bc = bench_cmd(bench);
	int status;

	bench_scalar(bc, opcode, slba, nr);
	bc->sqe.rw.control = cpu_to_le16(control);
	bench_data(bc, false, 0);
	status = bench_run(bc);
	bench_cmd_free(bc);
	return status;
}

/**
 * block_dsm() - Dataset Management
 * @bench:	bench
 * @ranges:	ranges
 * @nr:		how many
 * @attributes:	NVME_DSMGMT_*
 *
 * Return: the command's status.
 */
int block_dsm(struct bench *bench, const struct block_range *ranges, u32 nr,
	      u32 attributes)
{
	struct bench_cmd *bc = bench_cmd(bench);
	int status;
	u32 i;

	for (i = 0; i < nr; i++)
		bench_range(bc, i, ranges[i].slba, ranges[i].nr);
	bench_dsm(bc, nr, attributes);
	status = bench_run(bc);
	bench_cmd_free(bc);
	return status;
}

/**
 * block_nuse() - how many blocks the namespace says are in use
 * @bench:	bench
 *
 * Return: blocks; U64_MAX without memory.
 */
u64 block_nuse(struct bench *bench)
{
	struct nvme_id_ns *id = kzalloc(sizeof(*id), GFP_KERNEL);
	u64 nuse = U64_MAX;

	if (id) {
		bench_identify(block_ns(bench), id);
		nuse = le64_to_cpu(id->nuse);
	}
	kfree(id);
	return nuse;
}

/**
 * block_churn() - write and write again, then look at every block
 * @test:	the case; fails if one is not what was written last
 *
 * Twelve times the size in writes of all lengths at all places, so that garbage is collected.
 */
void block_churn(struct kunit *test)
{
	struct bench *bench = test->priv;
	u32 *seed = kunit_kzalloc(test, NSZE * sizeof(*seed), GFP_KERNEL);
	struct bench_cmd *bc = bench_cmd(bench);
	u32 n, i, lba, nr, wrong = 0, state = 4711;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, seed);
	for (n = 1; n <= 400; n++) {
		state = state * 1103515245 + 12345;
		nr = (state >> 16) % 64 + 1;
		lba = (state >> 8) % (NSZE - nr + 1);
		KUNIT_ASSERT_EQ(test, block_write(bench, lba, nr, n), 0);
		for (i = 0; i < nr; i++)
			seed[lba + i] = n;
	}
	for (lba = 0; lba < NSZE; lba += 40) {
		bench_scalar(bc, nvme_cmd_read, lba, 40);
		KUNIT_ASSERT_EQ(test, bench_run(bc), (u16)0);
		for (i = 0; i < 40; i++)
			if (seed[lba + i])
				wrong += bench_compare(bc, i, lba + i, seed[lba + i]);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	KUNIT_EXPECT_FALSE(test, block_check(bench));
}
