/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_test.h - a device on a bench: commands go in where the host binding would
 * put them
 */
#ifndef OC_TEST_H
#define OC_TEST_H

#include <kunit/test.h>
#include <linux/completion.h>

#include "oc.h"
#include "oc_channel.h"
#include "oc_cmd.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_fault.h"
#include "oc_freeze.h"
#include "oc_geometry.h"
#include "oc_media.h"
#include "oc_memory.h"
#include "oc_notice.h"
#include "oc_ns.h"
#include "oc_state.h"
#include "oc_text.h"

extern struct kunit_suite oc_geometry_suite;
extern struct kunit_suite oc_chunk_suite;
extern struct kunit_suite oc_l2p_suite;
extern struct kunit_suite oc_data_suite;
extern struct kunit_suite oc_ftl_suite;
extern struct kunit_suite oc_ftl_fail_suite;
extern struct kunit_suite oc_block_suite;
extern struct kunit_suite oc_block_fault_suite;
extern struct kunit_suite oc_block_format_suite;
extern struct kunit_suite oc_block_config_suite;
extern struct kunit_suite oc_block_time_suite;
extern struct kunit_suite oc_block_worker_suite;
extern struct kunit_suite oc_block_fault_worker_suite;
extern struct kunit_suite oc_block_format_worker_suite;
extern struct kunit_suite oc_sanitize_suite;
extern struct kunit_suite oc_manage_suite;
extern struct kunit_suite oc_manage_hosts_suite;
extern struct kunit_suite oc_freeze_suite;
extern struct kunit_suite oc_reset_suite;
extern struct kunit_suite oc_wire_suite;
extern struct kunit_suite oc_timing_suite;
extern struct kunit_suite oc_timing_random_suite;
extern struct kunit_suite oc_timing_text_suite;
extern struct kunit_suite oc_timing_channel_suite;
extern struct kunit_suite oc_channel_suite;
extern struct kunit_suite oc_gather_suite;
extern struct kunit_suite oc_format_suite;
extern struct kunit_suite oc_formats_suite;
extern struct kunit_suite oc_config_suite;
extern struct kunit_suite oc_device_suite;
extern struct kunit_suite oc_name_suite;
extern struct kunit_suite oc_devices_suite;
extern struct kunit_suite oc_admin_suite;
extern struct kunit_suite oc_logs_suite;
extern struct kunit_suite oc_trace_suite;
extern struct kunit_suite oc_parse_suite;
extern struct kunit_suite oc_failed_suite;
extern struct kunit_suite oc_io_suite;
extern struct kunit_suite oc_io_rules_suite;
extern struct kunit_suite oc_io_reset_suite;
extern struct kunit_suite oc_io_worker_suite;
extern struct kunit_suite oc_io_rules_worker_suite;
extern struct kunit_suite oc_io_reset_worker_suite;
extern struct kunit_suite oc_call_suite;
extern struct kunit_suite oc_memory_suite;
extern struct kunit_suite oc_memory_io_suite;
extern struct kunit_suite oc_notify_suite;
extern struct kunit_suite oc_assert_suite;
extern struct kunit_suite oc_oc20_suite;
extern struct kunit_suite oc_copy_suite;
extern struct kunit_suite oc_range_suite;
extern struct kunit_suite oc_claims_suite;
extern struct kunit_suite oc_claims_ns_suite;
extern struct kunit_suite oc_claims_log_suite;
extern struct kunit_suite oc_claims_life_suite;
extern struct kunit_suite oc_oc12_suite;
extern struct kunit_suite oc_oc12_rules_suite;
extern struct kunit_suite oc_oc12_hybrid_suite;
extern struct kunit_suite oc_fault_suite;
extern struct kunit_suite oc_fault_io_suite;
extern struct kunit_suite oc_fault_worker_suite;
extern struct kunit_suite oc_state_suite;
extern struct kunit_suite oc_image_suite;
extern struct kunit_suite oc_part_suite;
extern struct kunit_suite oc_journal_suite;
extern struct kunit_suite oc_bits_suite;
extern struct kunit_suite oc_text_suite;
extern struct kunit_suite oc_slots_suite;

/* Random cases repeat this many times what takes a moment on an emulated machine */
extern unsigned int oc_effort;

/* Nothing takes this long, emulated machines included */
#define BENCH_TIMEOUT	(30 * HZ)

/**
 * struct bench - a device, and the host's end of one I/O queue
 * @test:	the case that uses it
 * @dev:	the device
 * @port:	a connection
 * @ctrl:	a controller that is ready
 * @queue:	its I/O queue 1
 * @cmds:	commands that are not freed yet; the case's thread only
 * @stuck:	a command did not come back: nothing can be freed
 * @writes_back: a worker of the device could have made reclaim write something
 *		back, and wait for it
 * @refuse:	after bench_listen(), the namespace that the host does not give away
 * @reserved:	after bench_listen(), how often it was asked for one
 * @formatted:	and how often it was told that one has changed
 */
struct bench {
	struct kunit *test;
	struct oc_dev *dev;
	struct oc_port port;
	struct oc_ctrl ctrl;
	struct oc_queue queue;
	struct list_head cmds;
	bool stuck;
	bool writes_back;
	u32 refuse;
	u32 reserved;
	u32 formatted;
};

/**
 * struct bench_buf - a host buffer that commands name by its bus address
 * @handle:	bus address of its first byte
 * @addr:	where it is
 * @len:	bytes that were handed out
 */
struct bench_buf {
	u64 handle;
	void *addr;
	u32 len;
};

enum { BUF_LIST, BUF_OOB, BUF_NR };

/**
 * struct bench_cmd - a command, its buffers, and room for a device's largest
 * @bench:	where it runs
 * @entry:	in @bench->cmds
 * @sqe:	what the host wrote
 * @lba:	addresses, which bench_vector() puts into @list
 * @list:	the list in host memory
 * @data:	64 sectors
 * @oob:	64 OOB areas, or 64 chunk descriptors
 * @buf:	@list and @oob as they are handed out
 * @vec:	@data in two pieces, cut where no sector ends
 * @calls:	calls of done()
 * @by_worker:	a worker called it
 * @end:	done() has been called
 * @cmd:	the device's view; its parts follow
 */
struct bench_cmd {
	struct bench *bench;
	struct list_head entry;
	struct nvme_command sqe;
	u64 lba[64];
	__le64 *list;
	u8 *data;
	u8 *oob;
	struct bench_buf buf[BUF_NR];
	struct kvec vec[2];
	atomic_t calls;
	bool by_worker;
	struct completion end;
	struct oc_cmd cmd;
};

#define LIST_HANDLE	0x10000000ULL
#define OOB_HANDLE	0x7f0000000010ULL	/* nothing says it's aligned */

struct oc_config bench_config(void);
u16 bench_serve(struct bench_cmd *bc, u16 (*serve)(struct oc_cmd *cmd));
void bench_identify(const struct oc_ns *ns, struct nvme_id_ns *id);
struct bench *bench_make(struct kunit *test, const struct oc_config *cfg);
void bench_free(struct bench *bench);
struct bench *bench_remake(struct kunit *test, const struct oc_config *cfg);
/* A case that runs a second time, by workers, under a name of its own */
#define BENCH_WORKER_CASE(_case)	{ .run_case = _case, .name = #_case "_by_worker" }

int bench_try(const struct oc_config *cfg, struct oc_complaint *why);
int bench_init(struct kunit *test);
int bench_worker_init(struct kunit *test);
void bench_exit(struct kunit *test);

struct bench_cmd *bench_cmd(struct bench *bench);
void bench_cmd_free(struct bench_cmd *bc);
void bench_data(struct bench_cmd *bc, bool to_host, u32 len);
void bench_submit(struct bench_cmd *bc);
bool bench_wait(struct bench_cmd *bc);
u16 bench_run(struct bench_cmd *bc);
u16 bench_run_admin(struct bench_cmd *bc);
u64 bench_bitmap(const struct bench_cmd *bc);

void bench_vector(struct bench_cmd *bc, u8 opcode, u32 nr);
u16 bench_run_vector(struct bench_cmd *bc, u8 opcode, u32 nr);
void bench_scalar(struct bench_cmd *bc, u8 opcode, u64 slba, u32 nr);
void bench_range(struct bench_cmd *bc, u32 i, u64 slba, u32 nr);
void bench_dsm(struct bench_cmd *bc, u32 nr, u32 attributes);
u32 bench_find_format(const struct bench *bench, u32 lba_size, u32 oob_size);
u16 bench_format(struct bench *bench, u32 nsid, u32 dword);
u64 bench_lba(const struct bench *bench, u32 grp, u32 pu, u32 chk, u32 sec);
void bench_fill(struct bench_cmd *bc, u32 nr, u32 seed);
u32 bench_compare(const struct bench_cmd *bc, u32 i, u64 lba, u32 seed);
bool bench_is_blank(const struct bench_cmd *bc, u32 i);

u16 bench_write_run(struct bench *bench, u64 slba, u32 nr, u32 seed);
u16 bench_write_list(struct bench *bench, const u64 *lba, u32 nr, u32 seed);
int bench_read_one(struct bench *bench, u64 at, u64 lba, u32 seed);
u16 bench_reset_one(struct bench *bench, u64 lba);
void bench_offline(struct bench *bench, u32 ch, u32 chk);
void bench_closed(struct bench *bench, u32 ch, u32 chk, u32 resets);
void bench_listen(struct bench *bench);
void bench_set_timing(struct bench *bench, const char *text);
const struct oc_chunk *bench_chunk(const struct bench *bench, u32 grp, u32 pu, u32 chk);
void bench_set_faults(struct bench *bench, const char *text);
const char *bench_check_ftl(struct bench *bench, u32 ch);
u32 bench_start_threads(struct task_struct **task, u32 nr, int (*fn)(void *arg), void *arg,
			size_t size);
void bench_join_threads(struct task_struct **task, u32 nr);
void bench_settle(struct bench *bench);
u32 bench_used(const struct bench *bench);
u64 bench_bytes(const struct bench *bench);

#endif /* OC_TEST_H */
