/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_memory.h - how much memory data may take
 *
 * A channel takes the bytes of what it is about to store from a budget of its own
 * and puts back those of what it has freed. Only when its budget is used up does it
 * ask the device, which then looks at its limit and gives it more than it needs now:
 * so to ask how much memory is available, which is not cheap, comes once for many
 * sectors. What channels have left is nobody's loss: where the device has no more to
 * give, it takes that away from them first.
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
 * @kind:	OC_MEMORY_AUTO: as much as leaves enough for others;
 *		OC_MEMORY_FIXED: @bytes; OC_MEMORY_NONE: whatever there is
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
 * @peak:	the most that @granted has been with enough left for others
 * @refused:	requests that got nothing
 * @told:	the log says that there is no more
 * @step:	bytes a channel gets at a time, where there is plenty
 * @spare:	bytes that OC_MEMORY_AUTO leaves available
 * @available:	bytes that programs could have without swapping; any context
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
