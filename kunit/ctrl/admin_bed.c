// SPDX-License-Identifier: GPL-2.0
/*
 * admin_bed.c - a host's admin queue
 */
#include "admin_bed.h"

static void never(struct timer_list *timer)
{
}

/**
 * admin_init() - a suite's init: two namespaces, and the admin queue in place of the I/O queue
 * @test:	the case; its priv is the bench
 *
 * Return: 0 or an errno.
 */
int admin_init(struct kunit *test)
{
	struct oc_config cfg = bench_config();
	struct bench *bench;

	cfg.ns = "oc20:2,oc20:3";
	bench = bench_make(test, &cfg);
	if (!bench)
		return -ENOMEM;
	test->priv = bench;
	bench->queue.qid = 0;
	timer_setup(&bench->ctrl.kato, never, 0);
	mutex_lock(&bench->ctrl.lock);
	oc_features_reset(&bench->ctrl);
	mutex_unlock(&bench->ctrl.lock);
	return 0;
}

/**
 * admin_exit() - the exit that goes with it
 * @test:	the case
 */
void admin_exit(struct kunit *test)
{
	struct bench *bench = test->priv;

	if (bench)
		timer_delete_sync(&bench->ctrl.kato);
	bench_exit(test);
}

/**
 * admin_set_feature() - Set Features
 * @bc:		command
 * @fid:	feature
 * @save:	SV
 * @nsid:	namespace
 * @dw11:	CDW11
 *
 * Return: the command's status.
 */
u16 admin_set_feature(struct bench_cmd *bc, u8 fid, bool save, u32 nsid, u32 dw11)
{
	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.features.opcode = nvme_admin_set_features;
	bc->sqe.features.fid = cpu_to_le32(fid | (save ? BIT(31) : 0));
	bc->sqe.features.nsid = cpu_to_le32(nsid);
	bc->sqe.features.dword11 = cpu_to_le32(dw11);
	bench_data(bc, false, 8);
	return bench_run(bc);
}

/**
 * admin_result() - what a command has put into its completion
 * @bc:		command that is over
 *
 * Return: dword 0.
 */
u32 admin_result(struct bench_cmd *bc)
{
	return le32_to_cpu(bc->cmd.result.u32);
}

/**
 * admin_get_log() - Get Log Page
 * @bc:		command; its data becomes the page
 * @lid:	log
 * @nsid:	namespace
 * @off:	bytes to leave out
 * @len:	bytes of the buffer
 *
 * Return: the command's status.
 */
u16 admin_get_log(struct bench_cmd *bc, u8 lid, u32 nsid, u64 off, u32 len)
{
	struct nvme_get_log_page_command *sqe = &bc->sqe.get_log_page;
	u32 numd = len / 4 - 1;

	memset(sqe, 0, sizeof(bc->sqe));
	sqe->opcode = nvme_admin_get_log_page;
	sqe->lid = lid;
	sqe->nsid = cpu_to_le32(nsid);
	sqe->numdl = cpu_to_le16(numd & 0xffff);
	sqe->numdu = cpu_to_le16(numd >> 16);
	sqe->lpo = cpu_to_le64(off);
	bench_data(bc, true, len);
	return bench_run(bc);
}
