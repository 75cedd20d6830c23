// SPDX-License-Identifier: GPL-2.0
/*
 * bench_cmd.c - commands of a bench, and what their data is expected to be
 */
#include <linux/kernel.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc_test.h"

static void *bench_map(struct oc_cmd *cmd, u16 where, u64 handle, u32 len)
{
	struct bench_cmd *bc = container_of(cmd, struct bench_cmd, cmd);
	u32 i;

	/* Who may name what goes by this */
	KUNIT_EXPECT_EQ(bc->bench->test,
			le64_to_cpup((void *)cmd->sqe + where), handle);
	for (i = 0; i < BUF_NR; i++) {
		const struct bench_buf *buf = &bc->buf[i];

		if (handle >= buf->handle && len <= buf->len &&
		    handle - buf->handle <= buf->len - len)
			return buf->addr + (handle - buf->handle);
	}
	return NULL;
}

static const struct oc_host_ops bench_host = {
	.map	= bench_map,
};

static void bench_done(struct oc_cmd *cmd)
{
	struct bench_cmd *bc = container_of(cmd, struct bench_cmd, cmd);

	bc->by_worker = in_task() && (current->flags & PF_WQ_WORKER);
	if (bc->by_worker && !(current->flags & PF_MEMALLOC_NOIO))
		WRITE_ONCE(bc->bench->writes_back, true);
	atomic_inc(&bc->calls);
	complete(&bc->end);
}

/**
 * bench_cmd() - a command with all its buffers
 * @bench:	where it will run
 *
 * Its lists and OOB are handed out whole; there is no data until bench_data().
 * The case's own thread makes and frees commands.
 *
 * Return: the command; it goes with the bench. A case that cannot have it ends.
 */
struct bench_cmd *bench_cmd(struct bench *bench)
{
	const struct oc_geo *geo = &bench->dev->geo;
	struct bench_cmd *bc;
	u32 oob_len = 64 * max_t(u32, geo->oob_size,
				 sizeof(struct oc_wire_chunk));

	bc = kzalloc(struct_size(bc, cmd.parts, oc_cmd_max_parts(bench->dev)),
		     GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(bench->test, bc);
	bc->bench = bench;
	list_add(&bc->entry, &bench->cmds);
	bc->list = kcalloc(64, sizeof(*bc->list), GFP_KERNEL);
	bc->data = kzalloc(64 * geo->lba_size, GFP_KERNEL);
	bc->oob = kzalloc(oob_len, GFP_KERNEL);
	KUNIT_ASSERT_TRUE(bench->test, bc->list && bc->data && bc->oob);
	bc->buf[BUF_LIST] = (struct bench_buf) {
		LIST_HANDLE, bc->list, 64 * sizeof(*bc->list),
	};
	bc->buf[BUF_OOB] = (struct bench_buf) {
		OOB_HANDLE, bc->oob, oob_len,
	};
	init_completion(&bc->end);

	bc->cmd.sqe = &bc->sqe;
	bc->cmd.host = &bench_host;
	bc->cmd.done = bench_done;
	bc->cmd.queue = &bench->queue;
	/* What the device has to set is not zero by chance */
	bc->cmd.status = 0xdead;
	bc->cmd.result.u64 = cpu_to_le64(0xdeadbeefULL);
	return bc;
}

/**
 * bench_cmd_free() - free a command before its bench goes
 * @bc:		command that is over
 */
void bench_cmd_free(struct bench_cmd *bc)
{
	if (bc->bench->stuck)
		return;
	list_del(&bc->entry);
	kfree(bc->oob);
	kfree(bc->data);
	kfree(bc->list);
	kfree(bc);
}

/**
 * bench_data() - hand the data buffer out, in two pieces
 * @bc:		command
 * @to_host:	which way the data goes
 * @len:	bytes, 0 for no data
 */
void bench_data(struct bench_cmd *bc, bool to_host, u32 len)
{
	u32 cut = len / 3 | 1;

	bc->vec[0] = (struct kvec) { bc->data, min(cut, len) };
	bc->vec[1] = (struct kvec) { bc->data + cut, len > cut ? len - cut : 0 };
	iov_iter_kvec(&bc->cmd.data, to_host ? READ : WRITE, bc->vec,
		      len > cut ? 2 : 1, len);
	bc->cmd.data_len = len;
	bc->cmd.to_host = to_host;
}

/**
 * bench_submit() - let the device have a command
 * @bc:		command
 */
void bench_submit(struct bench_cmd *bc)
{
	reinit_completion(&bc->end);
	atomic_set(&bc->calls, 0);
	oc_cmd_submit(&bc->cmd);
}

/**
 * bench_wait() - wait for a command's end
 * @bc:		submitted command
 *
 * Does not fail the case by itself, as threads of it may call this.
 *
 * Return: false if it did not come back, or came back twice.
 */
bool bench_wait(struct bench_cmd *bc)
{
	if (!wait_for_completion_timeout(&bc->end, BENCH_TIMEOUT)) {
		bc->bench->stuck = true;
		return false;
	}
	return atomic_read(&bc->calls) == 1;
}

/**
 * bench_run() - run a command and wait for its end
 * @bc:		command
 *
 * Return: its status; fails the case and returns ffffh if there is none.
 */
u16 bench_run(struct bench_cmd *bc)
{
	bench_submit(bc);
	if (bench_wait(bc))
		return bc->cmd.status;
	KUNIT_FAIL(bc->bench->test, "opcode %#x ended %d times",
		   bc->sqe.common.opcode, atomic_read(&bc->calls));
	return 0xffff;
}

/**
 * bench_run_admin() - run a command of the admin queue and wait for its end
 * @bc:		command
 *
 * Return: as bench_run().
 */
u16 bench_run_admin(struct bench_cmd *bc)
{
	struct oc_queue *queue = &bc->bench->queue;
	u16 status, qid = queue->qid;

	queue->qid = 0;
	status = bench_run(bc);
	queue->qid = qid;
	return status;
}

/**
 * bench_serve() - serve an admin command here, as its workqueue does: without writeback
 * @bc:		command
 * @serve:	what serves it
 *
 * Return: its status.
 */
u16 bench_serve(struct bench_cmd *bc, u16 (*serve)(struct oc_cmd *cmd))
{
	unsigned int noio = memalloc_noio_save();
	u16 status = serve(&bc->cmd);

	memalloc_noio_restore(noio);
	return status;
}

/**
 * bench_identify() - a namespace's page, filled where it cannot go meanwhile
 * @ns:		namespace
 * @id:		page
 */
void bench_identify(const struct oc_ns *ns, struct nvme_id_ns *id)
{
	int idx = srcu_read_lock(&ns->dev->ns_srcu);

	oc_ns_identify(ns, id);
	srcu_read_unlock(&ns->dev->ns_srcu, idx);
}

/**
 * bench_bitmap() - completion dwords 0 and 1
 * @bc:		command that is over
 *
 * Return: bit i is set if entry i failed.
 */
u64 bench_bitmap(const struct bench_cmd *bc)
{
	return le64_to_cpu(bc->cmd.result.u64);
}

/**
 * bench_vector() - set a vector command up
 * @bc:		command with @nr addresses in @bc->lba
 * @opcode:	90h, 91h or 92h
 * @nr:		addresses
 *
 * Data and OOB are whatever the command moves, of the right length.
 */
void bench_vector(struct bench_cmd *bc, u8 opcode, u32 nr)
{
	struct oc_wire_vector *sqe = (void *)&bc->sqe;
	u32 len = nr * bc->bench->dev->geo.lba_size;
	u32 i;

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = opcode;
	sqe->nsid = cpu_to_le32(1);
	sqe->nlb = cpu_to_le16(nr - 1);
	sqe->metadata = cpu_to_le64(OOB_HANDLE);
	sqe->lbal = cpu_to_le64(nr == 1 ? bc->lba[0] : LIST_HANDLE);
	for (i = 0; i < nr; i++)
		bc->list[i] = cpu_to_le64(bc->lba[i]);
	bench_data(bc, opcode == OC_CMD_VECTOR_READ,
		   opcode == OC_CMD_VECTOR_RESET ? 0 : len);
}

/**
 * bench_run_vector() - run a vector command
 * @bc:		command with @nr addresses in @bc->lba
 * @opcode:	90h, 91h or 92h
 * @nr:		addresses
 *
 * Return: its status.
 */
u16 bench_run_vector(struct bench_cmd *bc, u8 opcode, u32 nr)
{
	bench_vector(bc, opcode, nr);
	return bench_run(bc);
}

/**
 * bench_scalar() - set a scalar command up
 * @bc:		command
 * @opcode:	01h or 02h
 * @slba:	first address
 * @nr:		addresses; @bc->lba gets them
 */
void bench_scalar(struct bench_cmd *bc, u8 opcode, u64 slba, u32 nr)
{
	u32 i;

	for (i = 0; i < min(nr, 64U); i++)
		bc->lba[i] = slba + i;
	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.rw.opcode = opcode;
	bc->sqe.rw.nsid = cpu_to_le32(1);
	bc->sqe.rw.slba = cpu_to_le64(slba);
	bc->sqe.rw.length = cpu_to_le16(nr - 1);
	bc->sqe.rw.metadata = cpu_to_le64(OOB_HANDLE);
	bench_data(bc, opcode == nvme_cmd_read,
		   min(nr, 64U) * bc->bench->dev->geo.lba_size);
}

/**
 * bench_range() - put a range of a DSM command into its data
 * @bc:		command
 * @i:		which range
 * @slba:	first address
 * @nr:		addresses
 */
void bench_range(struct bench_cmd *bc, u32 i, u64 slba, u32 nr)
{
	struct nvme_dsm_range *range = (void *)bc->data;

	range[i] = (struct nvme_dsm_range) {
		.nlb = cpu_to_le32(nr), .slba = cpu_to_le64(slba),
	};
}

/**
 * bench_dsm() - set a DSM command for namespace 1 up
 * @bc:		command with @nr ranges in its data
 * @nr:		ranges
 * @attributes:	NVME_DSMGMT_*
 */
void bench_dsm(struct bench_cmd *bc, u32 nr, u32 attributes)
{
	memset(&bc->sqe, 0, sizeof(bc->sqe));
	bc->sqe.dsm.opcode = nvme_cmd_dsm;
	bc->sqe.dsm.nsid = cpu_to_le32(1);
	bc->sqe.dsm.nr = cpu_to_le32(nr - 1);
	bc->sqe.dsm.attributes = cpu_to_le32(attributes);
	bench_data(bc, false, nr * sizeof(struct nvme_dsm_range));
}

/**
 * bench_find_format() - a format in the device's table
 * @bench:	bench
 * @lba_size:	bytes of a sector
 * @oob_size:	and of its metadata
 *
 * Return: its number, U32_MAX if there is none.
 */
u32 bench_find_format(const struct bench *bench, u32 lba_size, u32 oob_size)
{
	const struct oc_dev *dev = bench->dev;
	u32 i;

	for (i = 0; i < dev->nr_formats; i++)
		if (dev->formats[i].lba_size == lba_size &&
		    dev->formats[i].oob_size == oob_size)
			return i;
	return U32_MAX;
}

/**
 * bench_format() - Format NVM
 * @bench:	bench
 * @nsid:	namespace, or ffffffffh
 * @dword:	CDW10
 *
 * Return: the command's status.
 */
u16 bench_format(struct bench *bench, u32 nsid, u32 dword)
{
	struct bench_cmd *bc = bench_cmd(bench);
	u16 status;

	bc->sqe.format.opcode = nvme_admin_format_nvm;
	bc->sqe.format.nsid = cpu_to_le32(nsid);
	bc->sqe.format.cdw10 = cpu_to_le32(dword);
	status = bench_serve(bc, oc_admin_parse);
	bench_cmd_free(bc);
	/* The bench's own buffers and patterns go by the device's geometry */
	if (!status && bench->dev->nr_ns == 1)
		bench->dev->geo = bench->dev->ns[0].geo;
	return status;
}

/**
 * bench_lba() - an address, by the shifts of bench_config()'s geometry
 * @bench:	bench
 * @grp:	group
 * @pu:		parallel unit
 * @chk:	chunk in the unit
 * @sec:	sector in the chunk
 *
 * Fields may be out of range, to make addresses that name nothing.
 *
 * Return: the address.
 */
u64 bench_lba(const struct bench *bench, u32 grp, u32 pu, u32 chk, u32 sec)
{
	const struct oc_geo *geo = &bench->dev->geo;
	u64 lba = grp;

	lba = (lba << geo->pu_len) + pu;
	lba = (lba << geo->chk_len) + chk;
	return (lba << geo->sec_len) + sec;
}

/* Byte @k of what sector @lba holds; OOB counts on from the data's end */
static u8 bench_byte(u64 lba, u32 seed, u32 k)
{
	u32 word = (u32)lba * 2654435761U + seed * 40503U + k * 97U;

	return word >> 8 ^ word >> 21;
}

/**
 * bench_fill() - fill data and OOB of a write
 * @bc:		command with @nr addresses in @bc->lba
 * @nr:		sectors
 * @seed:	another seed, other bytes
 */
void bench_fill(struct bench_cmd *bc, u32 nr, u32 seed)
{
	const struct oc_geo *geo = &bc->bench->dev->geo;
	u32 i, k;

	for (i = 0; i < nr; i++) {
		for (k = 0; k < geo->lba_size; k++)
			bc->data[i * geo->lba_size + k] =
				bench_byte(bc->lba[i], seed, k);
		for (k = 0; k < geo->oob_size; k++)
			bc->oob[i * geo->oob_size + k] =
				bench_byte(bc->lba[i], seed,
					   geo->lba_size + k);
	}
}

/**
 * bench_compare() - is this what was written?
 * @bc:		command that has read
 * @i:		which of its sectors
 * @lba:	the address under which it was written
 * @seed:	the seed with which it was written
 *
 * Return: bytes of data and OOB that differ.
 */
u32 bench_compare(const struct bench_cmd *bc, u32 i, u64 lba, u32 seed)
{
	const struct oc_geo *geo = &bc->bench->dev->geo;
	u32 wrong = 0, k;

	for (k = 0; k < geo->lba_size; k++)
		wrong += bc->data[i * geo->lba_size + k] !=
			 bench_byte(lba, seed, k);
	for (k = 0; k < geo->oob_size; k++)
		wrong += bc->oob[i * geo->oob_size + k] !=
			 bench_byte(lba, seed, geo->lba_size + k);
	return wrong;
}

/**
 * bench_is_blank() - has a sector been read as one that holds nothing?
 * @bc:		command that has read
 * @i:		which of its sectors
 *
 * Return: true if its data is zeroes and its OOB all ones.
 */
bool bench_is_blank(const struct bench_cmd *bc, u32 i)
{
	const struct oc_geo *geo = &bc->bench->dev->geo;

	return !memchr_inv(bc->data + i * geo->lba_size, 0, geo->lba_size) &&
		!memchr_inv(bc->oob + i * geo->oob_size, 0xff, geo->oob_size);
}

/**
 * bench_write_run() - write sectors that follow each other
 * @bench:	bench
 * @slba:	first address
 * @nr:		sectors, at most 64
 * @seed:	for bench_fill()
 *
 * Return: the command's status.
 */
u16 bench_write_run(struct bench *bench, u64 slba, u32 nr, u32 seed)
{
	struct bench_cmd *bc = bench_cmd(bench);
	u16 status;

	bench_scalar(bc, nvme_cmd_write, slba, nr);
	bench_fill(bc, nr, seed);
	status = bench_run(bc);
	bench_cmd_free(bc);
	return status;
}

/**
 * bench_write_list() - write sectors wherever they are
 * @bench:	bench
 * @lba:	their addresses
 * @nr:		sectors, at most 64
 * @seed:	for bench_fill()
 *
 * Return: the command's status.
 */
u16 bench_write_list(struct bench *bench, const u64 *lba, u32 nr, u32 seed)
{
	struct bench_cmd *bc = bench_cmd(bench);
	u16 status;

	memcpy(bc->lba, lba, nr * sizeof(*lba));
	bench_vector(bc, OC_CMD_VECTOR_WRITE, nr);
	bench_fill(bc, nr, seed);
	status = bench_run(bc);
	bench_cmd_free(bc);
	return status;
}

/**
 * bench_read_one() - read a sector
 * @bench:	bench
 * @at:		its address
 * @lba:	the address under which it was written
 * @seed:	the seed with which it was written
 *
 * Return: 1 if it is what was written, 0 if it is blank, -1 if it is neither.
 */
int bench_read_one(struct bench *bench, u64 at, u64 lba, u32 seed)
{
	const struct oc_geo *geo = &bench->dev->geo;
	struct bench_cmd *bc = bench_cmd(bench);
	int ret = -1;

	bc->lba[0] = at;
	bench_vector(bc, OC_CMD_VECTOR_READ, 1);
	memset(bc->data, 0xa5, geo->lba_size);
	memset(bc->oob, 0xa5, geo->oob_size);
	KUNIT_EXPECT_EQ(bench->test, bench_run(bc), (u16)0);
	if (!bench_compare(bc, 0, lba, seed))
		ret = 1;
	else if (bench_is_blank(bc, 0))
		ret = 0;
	bench_cmd_free(bc);
	return ret;
}

/**
 * bench_reset_one() - reset one chunk
 * @bench:	bench
 * @lba:	an address in it
 *
 * Return: the command's status.
 */
u16 bench_reset_one(struct bench *bench, u64 lba)
{
	struct bench_cmd *bc = bench_cmd(bench);
	u16 status;

	bc->lba[0] = lba;
	bench_vector(bc, OC_CMD_VECTOR_RESET, 1);
	status = bench_run(bc);
	bench_cmd_free(bc);
	return status;
}
