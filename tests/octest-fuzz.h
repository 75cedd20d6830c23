/* SPDX-License-Identifier: GPL-2.0 */
/*
 * octest-fuzz.h - between the fuzzer, its streams and what is done to the controller
 */
#ifndef OCTEST_FUZZ_H
#define OCTEST_FUZZ_H

#include "octest-model.h"

#define STREAMS		2
#define FUZZ_DIR	"/sys/kernel/debug/ocloop/ssd0/"
#define FUZZ_PARAM	"/sys/module/ocloop/parameters/"
#define FUZZ_TIMING	FUZZ_PARAM "timing"
#define NS_NODES	16U	/* nvmeXn1 and so on: where namespaces are looked for */

/* A thread with random numbers of its own */
struct fuzzer {
	pthread_t thread;
	u64 rnd;
	u8 *buf;
	u32 id;
	u32 sent;
	u32 ok;
	struct {
		u32 kind;
		struct nvme_passthru_cmd cmd;
	} last;
	u64 list[MAX_VEC];
};

static inline u64 fz(struct fuzzer *f)
{
	return rnd_next(&f->rnd);
}

static inline u32 fz_below(struct fuzzer *f, u32 n)
{
	return (fz(f) >> 20) % n;
}

/* octest-fuzz.c */
extern int fuzz_stop;
bool fuzz_take(void);
bool fuzz_going(void);

/* octest-manage.c: namespaces that come and go, and what erases data */
void *fuzz_manage_thread(void *arg);
void fuzz_manage_init(u32 model_id);
u32 fuzz_erasures(void);
u32 fuzz_managed(void);

/* octest-machine.c: what the machine and its users do meanwhile */
void *fuzz_admin_thread(void *arg);
void *fuzz_machine_thread(void *arg);
void *fuzz_user_thread(void *arg);
void fuzz_machine_rest(void);

/* octest-upheaval.c: what an administrator does meanwhile */
extern struct shared_dulbe fuzz_dulbe;
extern int fuzz_away;		/* the controller: there is nobody to send to */
extern int fuzz_user_fd;	/* a user's without rights, -1 for none */
u32 fuzz_epoch(void);
void fuzz_lock_upheaval(void);
void fuzz_unlock_upheaval(void);
void fuzz_begin_upheaval(void);
void fuzz_end_upheaval(void);
int fuzz_open_node(u32 i, int flags);
int fuzz_open_ns(u32 id, int flags);
void fuzz_set_dulbe(u32 id, bool on);
void fuzz_reset(void);
void fuzz_reconnect(void);
void fuzz_connect_twice(void);
bool fuzz_can_reconnect(void);
void upheaval_init(int fd, u32 id);

/* octest-stream.c */
void streams_start(int fd, u32 id, u64 from);
u32 streams_sent(void);
u32 streams_end(void);
void streams_park(void);
void streams_go_on(void);
void streams_erase_begins(void);
void streams_erase_ended(void);
const char *streams_are_erased(u32 chunk);

#endif /* OCTEST_FUZZ_H */
