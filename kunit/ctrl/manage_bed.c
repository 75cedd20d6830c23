// SPDX-License-Identifier: GPL-2.0
/*
 * manage_bed.c - what hosts send that manage namespaces
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "manage_bed.h"

struct manage_other manage_other;

static bool other_in_use(struct oc_port *port, u32 nsid)
{
	return nsid == manage_other.in_use;
}

static bool other_reserve(struct oc_port *port, u32 nsid)
{
	return nsid != manage_other.refuse;
}

static void other_look(struct oc_port *port, u32 nsid)
{
	manage_other.looks++;
}

static void other_enter(struct bench *bench)
{
	struct oc_dev *dev = bench->dev;

	memset(&manage_other, 0, sizeof(manage_other));
	manage_other.port.dev = dev;
	manage_other.port.ctrl = &manage_other.ctrl;
	manage_other.port.in_use = other_in_use;
	manage_other.port.reserve = other_reserve;
	manage_other.port.formatted = other_look;
	manage_other.ctrl.dev = dev;
	manage_other.ctrl.port = &manage_other.port;
	manage_other.ctrl.cntlid = 2;
	mutex_init(&manage_other.ctrl.lock);
	spin_lock_init(&manage_other.ctrl.aer_lock);
	INIT_LIST_HEAD(&manage_other.ctrl.aers);
	mutex_lock(&dev->lock);
	oc_port_attach(&manage_other.port);
	list_add_tail(&manage_other.port.entry, &dev->ports);
	list_add_tail(&manage_other.ctrl.entry, &dev->ctrls);
	mutex_unlock(&dev->lock);
}

/**
 * manage_make() - a device whose controller is in its list, for this case
 * @test:	the case; its priv changes
 * @ns:		namespaces
 * @shared:	a second host has a controller too: manage_other
 *
 * Return: the bench.
 */
struct bench *manage_make(struct kunit *test, const char *ns, bool shared)
{
	struct oc_config cfg = bench_config();
	struct bench *bench;

	cfg.ns = ns;
	cfg.shared = shared;
	bench = bench_remake(test, &cfg);
	list_add_tail(&bench->ctrl.entry, &bench->dev->ctrls);
	if (shared)
		other_enter(bench);
	return bench;
}

/**
 * manage_exit() - a suite's exit
 * @test:	the case
 */
void manage_exit(struct kunit *test)
{
	struct bench *bench = test->priv;

	if (bench)
		INIT_LIST_HEAD(&bench->dev->ctrls);
	bench_exit(test);
}

/**
 * manage_run() - an admin command with a page from the host
 * @bc:		command; its data is the page
 * @opcode:	Namespace Management or Attachment
 * @nsid:	namespace
 * @sel:	CDW10
 *
 * Return: the command's status.
 */
u16 manage_run(struct bench_cmd *bc, u8 opcode, u32 nsid, u32 sel)
{
	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.common.opcode = opcode;
	bc->sqe.common.nsid = cpu_to_le32(nsid);
	bc->sqe.common.cdw10 = cpu_to_le32(sel);
	bench_data(bc, false, 4096);
	return bench_run_admin(bc);
}

/**
 * manage_create_as() - Create
 * @bench:	bench
 * @nsze:	sectors
 * @want:	all else
 * @result:	the completion's dwords 0 and 1: a number, or what there is
 *
 * Return: the command's status.
 */
u16 manage_create_as(struct bench *bench, u64 nsze, const struct manage_want *want,
		     u64 *result)
{
	struct bench_cmd *bc = bench_cmd(bench);
	struct nvme_id_ns *id = (void *)bc->data;
	u16 status;

	id->nsze = cpu_to_le64(nsze);
	id->ncap = cpu_to_le64(nsze + want->ncap);
	id->flbas = want->flbas;
	id->dps = want->dps;
	id->nmic = want->nmic;
	id->anagrpid = cpu_to_le32(want->group);
	status = manage_run(bc, nvme_admin_ns_mgmt, 0, 0);
	*result = le64_to_cpu(bc->cmd.result.u64);
	bench_cmd_free(bc);
	return status;
}

const struct manage_want manage_private = { .flbas = FORMAT };

/**
 * manage_create() - Create, in the bench's format
 * @bench:	bench
 * @nsze:	sectors
 *
 * Return: the number of the namespace, 0 if it was refused.
 */
u64 manage_create(struct bench *bench, u64 nsze)
{
	const struct manage_want want = {
		.flbas = FORMAT, .nmic = bench->dev->shared,
	};
	u64 nsid;

	return manage_create_as(bench, nsze, &want, &nsid) ? 0 : nsid;
}

/**
 * manage_delete() - Delete
 * @bench:	bench
 * @nsid:	namespace
 *
 * Return: the command's status.
 */
u16 manage_delete(struct bench *bench, u32 nsid)
{
	struct bench_cmd *bc = bench_cmd(bench);
	u16 status;

	status = manage_run(bc, nvme_admin_ns_mgmt, nsid, 1);
	bench_cmd_free(bc);
	return status;
}

/**
 * manage_attach_to() - attach a namespace to controllers, or detach it
 * @bench:	bench
 * @nsid:	namespace
 * @sel:	0 to attach, 1 to detach
 * @nr:		how many controllers
 * @first:	the first of them
 * @second:	and the second
 *
 * Return: the command's status.
 */
u16 manage_attach_to(struct bench *bench, u32 nsid, u32 sel, u16 nr, u16 first,
		     u16 second)
{
	struct bench_cmd *bc = bench_cmd(bench);
	__le16 *list;
	u16 status;

	list = (void *)bc->data;
	list[0] = cpu_to_le16(nr);
	list[1] = cpu_to_le16(first);
	list[2] = cpu_to_le16(second);
	status = manage_run(bc, nvme_admin_ns_attach, nsid, sel);
	bench_cmd_free(bc);
	return status;
}

/**
 * manage_attach() - attach a namespace to the bench's controller
 * @bench:	bench
 * @nsid:	namespace
 *
 * Return: the command's status.
 */
u16 manage_attach(struct bench *bench, u32 nsid)
{
	return manage_attach_to(bench, nsid, 0, 1, 1, 0);
}

/**
 * manage_detach() - detach a namespace from the bench's controller
 * @bench:	bench
 * @nsid:	namespace
 *
 * Return: the command's status.
 */
u16 manage_detach(struct bench *bench, u32 nsid)
{
	return manage_attach_to(bench, nsid, 1, 1, 1, 0);
}

/**
 * manage_use() - read or write a namespace
 * @bench:	bench
 * @nsid:	namespace
 * @opcode:	01h or 02h
 * @slba:	first sector
 * @nr:		sectors
 * @seed:	of what is written, or should be read; 0 for zeroes
 * @wrong:	set if something else was read
 *
 * Return: the command's status.
 */
u16 manage_use(struct bench *bench, u32 nsid, u8 opcode, u64 slba, u32 nr, u32 seed,
	       u32 *wrong)
{
	struct bench_cmd *bc = bench_cmd(bench), *want = bench_cmd(bench);
	u16 status;

	/* There is no metadata to compare */
	bench_scalar(want, opcode, slba, nr);
	if (seed)
		bench_fill(want, nr, seed);
	bench_scalar(bc, opcode, slba, nr);
	bc->sqe.rw.nsid = cpu_to_le32(nsid);
	memset(bc->data, 0xa5, nr * 512);
	if (opcode == nvme_cmd_write)
		memcpy(bc->data, want->data, nr * 512);
	status = bench_run(bc);
	*wrong = !!memcmp(bc->data, want->data, nr * 512);
	bench_cmd_free(want);
	bench_cmd_free(bc);
	return status;
}

/**
 * manage_status() - read or write one sector of a namespace
 * @bench:	bench
 * @nsid:	namespace
 * @opcode:	01h or 02h
 * @slba:	the sector
 *
 * Return: the command's status.
 */
int manage_status(struct bench *bench, u32 nsid, u8 opcode, u64 slba)
{
	u32 wrong;

	return manage_use(bench, nsid, opcode, slba, 1, 1, &wrong);
}

/**
 * manage_identify() - Identify
 * @bc:		command; its data becomes the page
 * @cns:	which page
 * @nsid:	namespace
 *
 * Return: the command's status.
 */
u16 manage_identify(struct bench_cmd *bc, u8 cns, u32 nsid)
{
	memset(bc->data, 0, 4096);
	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.identify.opcode = nvme_admin_identify;
	bc->sqe.identify.nsid = cpu_to_le32(nsid);
	bc->sqe.identify.cns = cns;
	bench_data(bc, true, 4096);
	return bench_run_admin(bc);
}

/**
 * manage_listed() - the namespaces of a list
 * @bc:		command
 * @cns:	which list
 *
 * Return: their numbers, one decimal digit each; U32_MAX if it could not be read.
 */
u32 manage_listed(struct bench_cmd *bc, u8 cns)
{
	const __le32 *list = (void *)bc->data;
	u32 digits = 0, i;

	if (manage_identify(bc, cns, 0))
		return U32_MAX;
	for (i = 0; list[i]; i++)
		digits = digits * 10 + le32_to_cpu(list[i]);
	return digits;
}

/**
 * manage_capacity() - what the controller says it has
 * @bc:		command
 * @all:	all of it, or what no namespace has
 *
 * Return: bytes; U64_MAX if it does not say.
 */
u64 manage_capacity(struct bench_cmd *bc, bool all)
{
	const struct nvme_id_ctrl *id = (void *)bc->data;

	if (manage_identify(bc, NVME_ID_CNS_CTRL, 0))
		return U64_MAX;
	return le64_to_cpu(*(const __le64 *)(all ? id->tnvmcap : id->unvmcap));
}
