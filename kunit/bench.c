// SPDX-License-Identifier: GPL-2.0
/*
 * bench.c - a device on a bench, its commands, and what to expect of them
 *
 * Everything a case makes hangs on its bench, which the suite's exit frees
 * wherever an assertion has ended the case.
 */
#include <linux/kernel.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc_ftl.h"
#include "oc_test.h"

/**
 * bench_config() - a small device whose every count leaves holes
 *
 * 5 groups of 3 units of 5 chunks of 24 sectors. Addresses: 5 bits sector, 3
 * chunk, 2 unit, 3 group.
 *
 * Return: the configuration.
 */
struct oc_config bench_config(void)
{
	return (struct oc_config) {
		.geo = {
			.num_grp = 5, .num_pu = 3, .num_chk = 5, .clba = 24,
			.ws_min = 4, .ws_opt = 8, .mw_cunits = 8,
			.lba_size = 512, .oob_size = 16, .mccap = 4,
			.wit = 255, .dlfeat = 1,
			.num_pln = 1, .secs_per_pg = 4,
		},
		.subsysnqn = "nqn.2014-08.org.nvmexpress:ocloop-kunit",
		.serial = "KUNIT",
		.model = "ocloop bench",
		.use_inline = true,
	};
}

static void bench_fatal(struct oc_port *port)
{
}

/**
 * bench_make() - a device with a controller that is ready
 * @test:	the case
 * @cfg:	what to make
 *
 * Return: the bench, or NULL.
 */
struct bench *bench_make(struct kunit *test, const struct oc_config *cfg)
{
	struct bench *bench = kzalloc(sizeof(*bench), GFP_KERNEL);
	struct oc_complaint why;

	if (!bench)
		return NULL;
	bench->dev = oc_dev_create(cfg, &why);
	if (IS_ERR(bench->dev)) {
		kunit_err(test, "no device: %ld, %s\n", PTR_ERR(bench->dev),
			  why.param ? why.param : "no memory");
		kfree(bench);
		return NULL;
	}
	INIT_LIST_HEAD(&bench->cmds);
	bench->test = test;
	bench->port.dev = bench->dev;
	bench->port.fatal = bench_fatal;
	bench->port.ctrl = &bench->ctrl;

	bench->ctrl.dev = bench->dev;
	bench->ctrl.port = &bench->port;
	bench->ctrl.cntlid = 1;
	bench->ctrl.csts = NVME_CSTS_RDY;
	mutex_init(&bench->ctrl.reset_lock);
	mutex_init(&bench->ctrl.lock);
	spin_lock_init(&bench->ctrl.aer_lock);
	INIT_LIST_HEAD(&bench->ctrl.aers);
	spin_lock_init(&bench->ctrl.log_lock);

	INIT_LIST_HEAD(&bench->ctrl.queues);

	/* As if it had connected; it is in no list of controllers */
	mutex_lock(&bench->dev->lock);
	oc_port_attach(&bench->port);
	list_add_tail(&bench->port.entry, &bench->dev->ports);
	mutex_unlock(&bench->dev->lock);

	bench->queue.ctrl = &bench->ctrl;
	bench->queue.port = &bench->port;
	bench->queue.qid = 1;
	bench->queue.live = true;
	spin_lock_init(&bench->queue.lost_lock);
	INIT_LIST_HEAD(&bench->queue.lost);
	return bench;
}

/**
 * bench_init() - a suite's init: the small device
 * @test:	the case; its priv is the bench
 *
 * Return: 0 or an errno.
 */
int bench_init(struct kunit *test)
{
	struct oc_config cfg = bench_config();

	test->priv = bench_make(test, &cfg);
	return test->priv ? 0 : -ENOMEM;
}

/**
 * bench_free() - take a bench and all its commands away
 * @bench:	bench, or NULL; one that is stuck stays for ever
 */
void bench_free(struct bench *bench)
{
	struct bench_cmd *bc, *next;

	if (!bench || bench->stuck)
		return;
	list_for_each_entry_safe(bc, next, &bench->cmds, entry)
		bench_cmd_free(bc);
	oc_dev_destroy(bench->dev);
	KUNIT_EXPECT_FALSE_MSG(bench->test, bench->writes_back,
			       "a worker could wait for writeback");
	mutex_destroy(&bench->ctrl.lock);
	kfree(bench);
}

/**
 * bench_worker_init() - a suite's init: the small device, on which workers run every part
 * @test:	the case; its priv is the bench
 *
 * Return: 0 or an errno.
 */
int bench_worker_init(struct kunit *test)
{
	struct oc_config cfg = bench_config();

	cfg.use_inline = false;
	test->priv = bench_make(test, &cfg);
	return test->priv ? 0 : -ENOMEM;
}

/**
 * bench_remake() - another device for this case
 * @test:	the case; its priv changes
 * @cfg:	what to make
 *
 * Return: the new bench; a case that cannot have it ends.
 */
struct bench *bench_remake(struct kunit *test, const struct oc_config *cfg)
{
	bench_free(test->priv);
	test->priv = bench_make(test, cfg);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, test->priv);
	return test->priv;
}

/**
 * bench_exit() - a suite's exit
 * @test:	the case
 */
void bench_exit(struct kunit *test)
{
	bench_free(test->priv);
}

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
 * bench_try_cmd() - a command with all its buffers
 * @bench:	where it will run
 *
 * Its lists and OOB are handed out whole; there is no data until bench_data().
 * The case's own thread makes and frees commands.
 *
 * Return: the command; it goes with the bench. NULL without memory.
 */
struct bench_cmd *bench_try_cmd(struct bench *bench)
{
	const struct oc_geo *geo = &bench->dev->geo;
	struct bench_cmd *bc;
	u32 oob_len = 64 * max_t(u32, geo->oob_size,
				 sizeof(struct oc_wire_chunk));

	bc = kzalloc(struct_size(bc, cmd.parts, oc_cmd_max_parts(bench->dev)),
		     GFP_KERNEL);
	if (!bc)
		return NULL;
	bc->bench = bench;
	list_add(&bc->entry, &bench->cmds);
	bc->list = kcalloc(64, sizeof(*bc->list), GFP_KERNEL);
	bc->data = kzalloc(64 * geo->lba_size, GFP_KERNEL);
	bc->oob = kzalloc(oob_len, GFP_KERNEL);
	if (!bc->list || !bc->data || !bc->oob) {
		bench_cmd_free(bc);
		return NULL;
	}
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
 * bench_cmd() - a command, or the end of the case
 * @bench:	where it will run
 *
 * As bench_try_cmd(), which is for cases that cannot end at any time: threads of theirs run.
 *
 * Return: the command.
 */
struct bench_cmd *bench_cmd(struct bench *bench)
{
	struct bench_cmd *bc = bench_try_cmd(bench);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(bench->test, bc);
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

/**
 * bench_offline() - a chunk goes bad
 * @bench:	bench
 * @ch:		its channel
 * @chk:	chunk of the channel
 */
void bench_offline(struct bench *bench, u32 ch, u32 chk)
{
	struct oc_channel *channel = &bench->dev->ch[ch];

	oc_channel_own(channel);
	oc_chunk_offline(&channel->chunks[chk], &channel->stat);
	oc_channel_release(channel);
}

/**
 * bench_closed() - a chunk has been written, with nothing in the media
 * @bench:	bench
 * @ch:		its channel
 * @chk:	chunk of the channel
 * @resets:	its wear
 */
void bench_closed(struct bench *bench, u32 ch, u32 chk, u32 resets)
{
	struct oc_channel *channel = &bench->dev->ch[ch];

	oc_channel_own(channel);
	oc_chunk_preset(&channel->chunks[chk], &channel->stat, OC_CHK_CLOSED,
			channel->geo->clba, resets);
	oc_channel_release(channel);
}

/**
 * bench_check_ftl() - have an FTL check itself
 * @bench:	bench
 * @ch:		its channel
 *
 * Return: what is not true, NULL if all is.
 */
const char *bench_check_ftl(struct bench *bench, u32 ch)
{
	struct oc_channel *channel = &bench->dev->ch[ch];
	const char *what;

	oc_channel_own(channel);
	what = oc_ftl_check(channel->ftl);
	oc_channel_release(channel);
	return what;
}

/**
 * bench_settle() - wait until workers have put their counters away
 * @bench:	bench, idle
 */
void bench_settle(struct bench *bench)
{
	u32 round, i;

	/* A worker's last act may be to hand on to another channel's */
	for (round = 0; round < bench->dev->geo.num_grp; round++)
		for (i = 0; i < bench->dev->geo.num_grp; i++)
			flush_workqueue(bench->dev->ch[i].wq);
}

/**
 * bench_used() - sectors that the device's tables know
 * @bench:	bench, idle
 *
 * Return: how many, over all channels.
 */
u32 bench_used(const struct bench *bench)
{
	u32 i, used = 0;

	for (i = 0; i < bench->dev->geo.num_grp; i++)
		used += bench->dev->ch[i].l2p.used;
	return used;
}

/**
 * bench_bytes() - what the media holds
 * @bench:	bench, idle
 *
 * Return: bytes of data and OOB, over all channels.
 */
u64 bench_bytes(const struct bench *bench)
{
	u64 bytes = 0;
	u32 i;

	for (i = 0; i < bench->dev->geo.num_grp; i++)
		bytes += bench->dev->media->bytes(&bench->dev->ch[i]);
	return bytes;
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
