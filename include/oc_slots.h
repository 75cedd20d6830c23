/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_slots.h - which slots of a channel may be written
 */
#ifndef OC_SLOTS_H
#define OC_SLOTS_H

#include "oc_bits.h"

#define OC_SLOT_NONE	U32_MAX

/**
 * struct oc_slots - the slots of a channel
 * @used:	a bit for each that may not be written
 * @nr:		slots
 * @nr_free:	those that may be written
 * @cursor:	where to look for the next one
 * @left:	those that nothing refers to since the last commit began
 * @leaving:	those that nothing refers to in the commit that is being made
 *
 * Belongs to the channel's owner.
 */
struct oc_slots {
	unsigned long *used;
	u32 nr;
	u32 nr_free;
	u32 cursor;
	struct oc_bits left;
	struct oc_bits leaving;
};

int oc_slots_init(struct oc_slots *slots, u32 nr);
void oc_slots_exit(struct oc_slots *slots);
u64 oc_slots_bytes(u32 nr);
u32 oc_slots_take(struct oc_slots *slots, u32 home);
bool oc_slots_claim(struct oc_slots *slots, u32 slot);
void oc_slots_leave(struct oc_slots *slots, u32 slot);
void oc_slots_free(struct oc_slots *slots, u32 slot);
void oc_slots_begin(struct oc_slots *slots);
void oc_slots_end(struct oc_slots *slots);

#endif /* OC_SLOTS_H */
