/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_bits.h - sets of numbers of which few are in: two bitmaps, one of which says where
 * the other one has anything
 */
#ifndef OC_BITS_H
#define OC_BITS_H

#include <linux/bitops.h>
#include <linux/types.h>

/**
 * struct oc_bits - a set of numbers
 * @map:	a bit for each number
 * @words:	a bit for each word of @map that is not 0
 * @limit:	numbers are below this
 * @nr:		how many are in
 *
 * Belongs to whoever owns what it is a set of.
 */
struct oc_bits {
	unsigned long *map;
	unsigned long *words;
	u32 limit;
	u32 nr;
};

int oc_bits_init(struct oc_bits *bits, u32 limit);
void oc_bits_exit(struct oc_bits *bits);
u64 oc_bits_bytes(u32 limit);
u32 oc_bits_next(const struct oc_bits *bits, u32 from);
void oc_bits_clear_all(struct oc_bits *bits);

/**
 * oc_bits_has() - is a number in a set?
 * @bits:	set
 * @i:		number, below its limit
 *
 * Return: true if it is.
 */
static inline bool oc_bits_has(const struct oc_bits *bits, u32 i)
{
	return test_bit(i, bits->map);
}

/**
 * oc_bits_add() - put a number into a set
 * @bits:	set
 * @i:		number, below its limit; may be in already
 */
static inline void oc_bits_add(struct oc_bits *bits, u32 i)
{
	if (__test_and_set_bit(i, bits->map))
		return;
	__set_bit(i / BITS_PER_LONG, bits->words);
	bits->nr++;
}

/**
 * oc_bits_del() - take a number out of a set
 * @bits:	set
 * @i:		number, below its limit; may be out already
 */
static inline void oc_bits_del(struct oc_bits *bits, u32 i)
{
	if (!__test_and_clear_bit(i, bits->map))
		return;
	if (!bits->map[i / BITS_PER_LONG])
		__clear_bit(i / BITS_PER_LONG, bits->words);
	bits->nr--;
}

/* Each number of a set, ascending; it may be taken out meanwhile */
#define oc_bits_for_each(_bits, _i)					\
	for (_i = oc_bits_next(_bits, 0); _i < (_bits)->limit;		\
	     _i = oc_bits_next(_bits, _i + 1))

#endif /* OC_BITS_H */
