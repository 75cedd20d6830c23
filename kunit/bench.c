// SPDX-License-Identifier: GPL-2.0
/*
 * bench.c - a device on a bench
 *
 * Everything a case makes hangs on its bench, which the suite's exit frees
 * wherever an assertion has ended the case.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc_devices.h"
#include "oc_fault.h"
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
	struct oc_config cfg;

	oc_config_init(&cfg);
	cfg.geo = (struct oc_geo) {
		.num_grp = 5, .num_pu = 3, .num_chk = 5, .clba = 24,
		.ws_min = 4, .ws_opt = 8, .mw_cunits = 8,
		.lba_size = 512, .oob_size = 16, .mccap = 4,
		.wit = 255, .dlfeat = 1,
		.num_pln = 1, .secs_per_pg = 4,
	};
	cfg.subsysnqn = "nqn.2026-11.ocloop:kunit";
	cfg.serial = "KUNIT";
	cfg.model = "ocloop bench";
	cfg.strict = false;
	return cfg;
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
	bench->queue.ops = &oc_queue_ops;
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
	if (!list_empty(&bench->dev->entry))
		oc_devices_remove(bench->dev);
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
 * bench_try() - can there be such a device?
 * @cfg:	what to make
 * @why:	what is wrong with it
 *
 * Return: the errno of making it; one that can be made is not kept.
 */
int bench_try(const struct oc_config *cfg, struct oc_complaint *why)
{
	struct oc_dev *dev;

	memset(why, 0, sizeof(*why));
	dev = oc_dev_create(cfg, why);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	oc_dev_destroy(dev);
	return 0;
}

/**
 * bench_exit() - a suite's exit
 * @test:	the case
 */
void bench_exit(struct kunit *test)
{
	bench_free(test->priv);
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
 * bench_set_faults() - new rules for what fails; a case whose rules are wrong ends
 * @bench:	bench
 * @text:	the rules
 */
void bench_set_faults(struct bench *bench, const char *text)
{
	struct oc_text_err err = {};
	int ret = oc_dev_set_faults(bench->dev, text, strlen(text), &err);

	KUNIT_ASSERT_EQ_MSG(bench->test, ret, 0, "%s: want %s", text, err.want);
}

static bool bench_reserve(struct oc_port *port, u32 nsid)
{
	struct bench *bench = container_of(port, struct bench, port);

	bench->reserved++;
	return nsid != bench->refuse;
}

static void bench_formatted(struct oc_port *port, u32 nsid)
{
	container_of(port, struct bench, port)->formatted++;
}

/**
 * bench_listen() - from now on the host is asked for namespaces, and counts
 * @bench:	bench
 */
void bench_listen(struct bench *bench)
{
	bench->port.reserve = bench_reserve;
	bench->port.formatted = bench_formatted;
}

/**
 * bench_set_timing() - from now on a device takes these times
 * @bench:	bench
 * @text:	the times; a case that has them wrong ends
 */
void bench_set_timing(struct bench *bench, const char *text)
{
	struct oc_complaint why = {};
	struct oc_timing tm;

	KUNIT_ASSERT_EQ_MSG(bench->test, oc_timing_parse(&tm, text, &why), 0,
			    "%s: want %s", why.value, why.want);
	oc_dev_set_timing(bench->dev, &tm);
}

/**
 * bench_chunk() - a chunk
 * @bench:	bench
 * @grp:	group
 * @pu:		parallel unit
 * @chk:	chunk in the unit
 *
 * Return: the chunk.
 */
const struct oc_chunk *bench_chunk(const struct bench *bench, u32 grp, u32 pu, u32 chk)
{
	return &bench->dev->ch[grp].chunks[pu * bench->dev->geo.num_chk + chk];
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
 * bench_start_threads() - threads of a case
 * @task:	they are put there
 * @nr:		how many
 * @fn:		what they do
 * @arg:	argument of the first
 * @size:	bytes from one's argument to the next one's
 *
 * Return: how many there are; bench_join_threads() takes as many.
 */
u32 bench_start_threads(struct task_struct **task, u32 nr, int (*fn)(void *arg), void *arg,
			size_t size)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		task[i] = kthread_create(fn, arg + i * size, "oc_kunit%u", i);
		if (IS_ERR(task[i]))
			break;
		get_task_struct(task[i]);
	}
	nr = i;
	for (i = 0; i < nr; i++)
		wake_up_process(task[i]);
	return nr;
}

/**
 * bench_join_threads() - wait until threads are over, and no code of theirs runs
 * @task:	the threads
 * @nr:		how many
 */
void bench_join_threads(struct task_struct **task, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		kthread_stop(task[i]);
		put_task_struct(task[i]);
	}
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
