/* SPDX-License-Identifier: GPL-2.0 */
/*
 * octest-fuzz.h - between the fuzzer, its streams and what is done to the controller
 */
#ifndef OCTEST_FUZZ_H
#define OCTEST_FUZZ_H

#include "octest-model.h"

#define STREAMS		2

/* octest-fuzz.c */
extern int fuzz_stop;
bool fuzz_take(void);

/* octest-upheaval.c: what an administrator does meanwhile */
extern struct shared_dulbe fuzz_dulbe;
extern int fuzz_away;		/* the controller: there is nobody to send to */
u32 fuzz_epoch(void);
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

#endif /* OCTEST_FUZZ_H */
