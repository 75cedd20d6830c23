/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_fault.h - faults that the user chooses: rules, and what they do to commands
 */
#ifndef OC_FAULT_H
#define OC_FAULT_H

#include <linux/atomic.h>
#include <linux/prandom.h>
#include <linux/types.h>

#include "oc_cmd.h"
#include "oc_text.h"

struct oc_dev;
struct seq_file;

#define OC_FAULTS_MAX	64U			/* rules of a device */
#define OC_FAULT_ALWAYS	1000000U		/* probability, in millionths */
#define OC_FAULT_DELAY_MAX	(60ULL * NSEC_PER_SEC)

/**
 * enum oc_fault_kind - what goes wrong
 * @OC_FAULT_WRITE_FAIL:  a write unit is not programmed, the chunk stays open
 * @OC_FAULT_WRITE_CLOSE: a write unit is not programmed and closes the chunk
 * @OC_FAULT_RESET_FAIL:  a chunk is not reset and goes offline
 * @OC_FAULT_READ_FAIL:	  a sector cannot be read
 * @OC_FAULT_READ_ECC:	  a sector needs much correction
 * @OC_FAULT_DELAY:	  a command takes longer
 * @OC_FAULT_DROP:	  a command's completion is lost
 * @OC_FAULT_KINDS:	  number of kinds
 */
enum oc_fault_kind {
	OC_FAULT_WRITE_FAIL,
	OC_FAULT_WRITE_CLOSE,
	OC_FAULT_RESET_FAIL,
	OC_FAULT_READ_FAIL,
	OC_FAULT_READ_ECC,
	OC_FAULT_DELAY,
	OC_FAULT_DROP,
	OC_FAULT_KINDS,
};

/**
 * struct oc_fault_rule - what fails, where and how often
 * @kind:	enum oc_fault_kind
 * @ops:	operations it is about, bits of enum oc_op
 * @grp:	groups of the device
 * @pu:		parallel units of the group
 * @chk:	chunks of the unit
 * @sec:	sectors of the chunk
 * @millionths:	probability
 * @times:	how often it may strike, 0 for no limit
 * @after:	matching operations of a channel that pass before the first
 * @interval:	of those that follow, every n-th is considered
 * @delay_ns:	by how much a command is delayed
 * @for_good:	a command that is lost is not found by Abort either
 * @line:	its line in the text
 * @left:	how often it may still strike, counted down by all channels
 */
struct oc_fault_rule {
	u8 kind;
	u8 ops;
	struct oc_span32 grp;
	struct oc_span32 pu;
	struct oc_span32 chk;
	struct oc_span32 sec;
	u32 millionths;
	u32 times;
	u32 after;
	u32 interval;
	u64 delay_ns;
	bool for_good;
	u32 line;
	atomic_t left;
};

/**
 * struct oc_fault_set - the rules of a device; read only, except for @rule.left
 * @seed:	where the random numbers begin
 * @nr:		rules
 * @rule:	the rules, in the order in which they are asked
 */
struct oc_fault_set {
	u64 seed;
	u32 nr;
	struct oc_fault_rule rule[OC_FAULTS_MAX];
};

/**
 * struct oc_fault_state - a channel's counters of a rule
 * @rule:	the rule
 * @skip:	matching operations that still pass
 * @rnd:	random numbers of this rule on this channel
 * @seen:	operations that matched; others read it with READ_ONCE()
 * @hits:	faults; read the same way
 */
struct oc_fault_state {
	struct oc_fault_rule *rule;
	u32 skip;
	struct rnd_state rnd;
	u64 seen;
	u64 hits;
};

/**
 * struct oc_faults - a channel's rules; belongs to the channel's owner
 * @kinds:	kinds there are among them, bits of enum oc_fault_kind
 * @grp:	number of the channel
 * @nr:		rules
 * @state:	one for each rule of the set
 */
struct oc_faults {
	u32 kinds;
	u32 grp;
	u32 nr;
	struct oc_fault_state state[];
};

/**
 * struct oc_fault_at - an operation that may fail
 * @op:		what it is
 * @pu:		parallel unit
 * @chk:	chunk of the unit
 * @sec:	first sector
 * @n:		sectors
 */
struct oc_fault_at {
	enum oc_op op;
	u32 pu;
	u32 chk;
	u32 sec;
	u32 n;
};

/* Properties of a group, besides the faults that it can have (enum oc_fault_kind) */
#define OC_FAULT_SHAPED	BIT(14)	/* its chunks have the sizes of geometry's cnlb */
#define OC_FAULT_BARE	BIT(15)	/* its host could not end lost commands */

/* ---- flash/fault.c -------------------------------------------------------- */

int oc_fault_parse(struct oc_fault_set *set, const char *chars, size_t len,
		   const struct oc_geo *geo, struct oc_text_err *err);
int oc_fault_judge(const struct oc_fault_set *set, const struct oc_geo *geo,
		   const u16 *can, struct oc_text_err *err);
int oc_fault_print(const struct oc_fault_rule *rule, const struct oc_geo *geo,
		   char *buf, size_t size);
struct oc_faults *oc_faults_alloc(struct oc_fault_set *set, u32 grp);
bool oc_fault_concerns(const struct oc_fault_rule *rule, u32 grp,
		       enum oc_op op);
bool oc_fault_matches(const struct oc_fault_rule *rule, u32 grp,
		      const struct oc_fault_at *at);
bool oc_fault_strikes(struct oc_fault_state *state);
const struct oc_fault_rule *oc_fault_pick(struct oc_faults *faults, u32 kinds,
					  const struct oc_fault_at *at);

/**
 * struct oc_fault_sc - the statuses of faults in a kind of namespace
 * @sc:		status by enum oc_fault_kind; 0 for those that have none
 * @notify:	faults of reads and resets go to the notification log, and media
 *		feedback says whether OC_FAULT_READ_ECC has a status
 * @pages:	a write unit is a page, secs_per_pg sectors, instead of ws_min
 */
struct oc_fault_sc {
	u16 sc[OC_FAULT_KINDS];
	bool notify;
	bool pages;
};

extern const struct oc_fault_sc oc_fault_sc_20;
extern const struct oc_fault_sc oc_fault_sc_12;

/* ---- cmd/fault.c ---------------------------------------------------------- */

u64 oc_fault_write(struct oc_part *part, u64 *closes);
u16 oc_fault_reset(struct oc_part *part, u32 i, u32 chk);
u16 oc_fault_read(struct oc_part *part, const struct oc_addr *addr, bool *good);
u64 oc_fault_reads(struct oc_part *part, const struct oc_addr *addr, u64 want,
		   u64 *warn);
void oc_fault_read_end(struct oc_part *part, u64 failed, u64 warn);
void oc_fault_close(struct oc_part *part, u64 closes);
void oc_fault_late(struct oc_part *part);

/**
 * struct oc_fault_change - rules that a device is about to have
 * @set:	the rules, NULL for none prepared
 * @faults:	a copy for each channel; no copies where there are no rules
 * @nr:		channels
 *
 * Once applied it holds those that the device had.
 */
struct oc_fault_change {
	struct oc_fault_set *set;
	struct oc_faults **faults;
	u32 nr;
};

/* ---- ctrl/faults.c -------------------------------------------------------- */

void oc_fault_drop(struct oc_fault_change *change);
int oc_fault_prepare(struct oc_fault_change *change, struct oc_dev *dev,
		     const char *chars, size_t len, struct oc_text_err *err);
void oc_fault_apply(struct oc_fault_change *change, struct oc_dev *dev);
int oc_dev_set_faults(struct oc_dev *dev, const char *chars, size_t len,
		      struct oc_text_err *err);
void oc_dev_free_faults(struct oc_dev *dev);
void oc_dev_show_faults(struct oc_dev *dev, struct seq_file *s);

#endif /* OC_FAULT_H */
