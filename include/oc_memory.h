/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_memory.h - how much memory data may take
 *
 * Each channel has a budget: it is charged before memory is allocated, and credited
 * after it is freed. Only when the budget is used up does the channel ask the device,
 * which checks its limit and grants more than is needed now: to find out how much
 * memory is available is expensive, and so done once for many sectors. When the
 * device has no more to grant, it first takes back the unused budgets of other
 * channels.
 */
#ifndef OC_MEMORY_H
#define OC_MEMORY_H

#include <linux/spinlock.h>
#include <linux/types.h>

struct oc_channel;
struct oc_complaint;
struct oc_dev;

/**
 * struct oc_memory_limit - what memory= says
 * @kind:	OC_MEMORY_AUTO: what leaves enough to the machine;
 *		OC_MEMORY_FIXED: @bytes; OC_MEMORY_NONE: no limit
 * @bytes:	of data and OOB together
 */
struct oc_memory_limit {
	enum {
		OC_MEMORY_AUTO,
		OC_MEMORY_FIXED,
		OC_MEMORY_NONE,
	} kind;
	u64 bytes;
};

/**
 * struct oc_memory - the memory that a device's data takes
 * @lock:	protects what follows, up to @told. Taken by owners of channels
 * @limit:	how much that may be
 * @granted:	bytes that channels hold, or may take without asking
 * @peak:	the most that @granted has been with @spare available
 * @refused:	requests that were refused
 * @told:	the refusal has been logged
 * @step:	bytes a channel is granted at a time, far from the limit
 * @spare:	bytes that OC_MEMORY_AUTO leaves available
 * @available:	returns what MemAvailable says, in bytes; any context
 */
struct oc_memory {
	spinlock_t lock;	/* limit, granted, peak, refused, told */
	struct oc_memory_limit limit;
	u64 granted;
	u64 peak;
	u64 refused;
	bool told;
	u32 step;
	u64 spare;
	u64 (*available)(void);
};

int oc_memory_parse(struct oc_memory_limit *limit, const char *text, u64 total,
		    struct oc_complaint *why);
void oc_memory_init(struct oc_memory *mem, u32 num_grp, u64 total);
void oc_memory_exit(struct oc_dev *dev);
u64 oc_memory_spare(u64 total);
u64 oc_memory_room(const struct oc_memory *mem, u64 available);
int oc_memory_take(struct oc_channel *ch, u64 bytes);
void oc_memory_put(struct oc_channel *ch, u64 bytes);
void oc_dev_set_memory(struct oc_dev *dev, const struct oc_memory_limit *limit);
const char *oc_dev_memory_advice(struct oc_dev *dev, u64 full, char *text,
				 size_t size);

#endif /* OC_MEMORY_H */
