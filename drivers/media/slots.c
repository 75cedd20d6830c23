// SPDX-License-Identifier: GPL-2.0
/*
 * media/slots.c - which slots of a channel may be written
 *
 * Pure. A slot that a commit refers to must keep its bytes until a later commit, which
 * does not refer to it, counts. So what is given up waits: for the commit that is
 * being made if it was given up before that began, else for the next one.
 */
#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "oc_slots.h"

/**
 * oc_slots_init() - make slots, all of which are free
 * @slots:	slots
 * @nr:		how many
 *
 * Context: process; sleeps.
 * Return: 0, or -ENOMEM; oc_slots_exit() cleans up after either.
 */
int oc_slots_init(struct oc_slots *slots, u32 nr)
{
	int ret;

	*slots = (struct oc_slots) { .nr = nr, .nr_free = nr };
	slots->used = __vmalloc(BITS_TO_LONGS((size_t)nr) * sizeof(long),
				GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
	if (!slots->used)
		return -ENOMEM;
	ret = oc_bits_init(&slots->left, nr);
	return ret ? ret : oc_bits_init(&slots->leaving, nr);
}

/**
 * oc_slots_exit() - free slots
 * @slots:	slots, perhaps half made, or zeroes
 *
 * Context: process; sleeps.
 */
void oc_slots_exit(struct oc_slots *slots)
{
	oc_bits_exit(&slots->leaving);
	oc_bits_exit(&slots->left);
	vfree(slots->used);
	slots->used = NULL;
}

/**
 * oc_slots_bytes() - memory of slots
 * @nr:		how many
 *
 * Context: any.
 * Return: bytes.
 */
u64 oc_slots_bytes(u32 nr)
{
	return BITS_TO_LONGS((size_t)nr) * sizeof(long) + 2 * oc_bits_bytes(nr);
}

static u32 oc_slots_set(struct oc_slots *slots, u32 slot)
{
	__set_bit(slot, slots->used);
	slots->nr_free--;
	return slot;
}

/**
 * oc_slots_take() - find a slot to write to
 * @slots:	slots
 * @home:	one that would be best, if it is free
 *
 * Best is what keeps sectors that follow each other side by side: the slot with the
 * sector's own number, or the one behind the last that was found.
 *
 * Context: owner of the channel; does not sleep.
 * Return: the slot, or OC_SLOT_NONE if none is free.
 */
u32 oc_slots_take(struct oc_slots *slots, u32 home)
{
	u32 slot;

	if (!slots->nr_free)
		return OC_SLOT_NONE;
	if (likely(!test_bit(home, slots->used)))
		return oc_slots_set(slots, home);
	slot = find_next_zero_bit(slots->used, slots->nr, slots->cursor);
	if (slot >= slots->nr)
		slot = find_first_zero_bit(slots->used, slots->nr);
	slots->cursor = slot + 1 < slots->nr ? slot + 1 : 0;
	return oc_slots_set(slots, slot);
}

/**
 * oc_slots_claim() - a slot is in use, as an image says
 * @slots:	slots
 * @slot:	slot
 *
 * Context: owner of the channel; does not sleep.
 * Return: false if there is no such slot, or if it is in use already.
 */
bool oc_slots_claim(struct oc_slots *slots, u32 slot)
{
	if (slot >= slots->nr || test_bit(slot, slots->used))
		return false;
	oc_slots_set(slots, slot);
	return true;
}

/**
 * oc_slots_leave() - nothing refers to a slot any more, but commits do
 * @slots:	slots
 * @slot:	slot in use
 *
 * Context: owner of the channel; does not sleep.
 */
void oc_slots_leave(struct oc_slots *slots, u32 slot)
{
	oc_bits_add(&slots->left, slot);
}

/**
 * oc_slots_free() - nothing refers to a slot any more, and no commit does
 * @slots:	slots
 * @slot:	slot in use
 *
 * Context: owner of the channel; does not sleep.
 */
void oc_slots_free(struct oc_slots *slots, u32 slot)
{
	__clear_bit(slot, slots->used);
	slots->nr_free++;
}

/**
 * oc_slots_begin() - a commit begins, which does not refer to what was left
 * @slots:	slots; the commit before has come to its end
 *
 * Context: owner of the channel; does not sleep.
 */
void oc_slots_begin(struct oc_slots *slots)
{
	if (!slots->leaving.nr)
		swap(slots->left, slots->leaving);
}

/**
 * oc_slots_end() - the commit that has begun counts
 * @slots:	slots; no read of what has been left is under way
 *
 * Context: owner of the channel; does not sleep.
 */
void oc_slots_end(struct oc_slots *slots)
{
	u32 slot;

	oc_bits_for_each(&slots->leaving, slot)
		oc_slots_free(slots, slot);
	oc_bits_clear_all(&slots->leaving);
}
