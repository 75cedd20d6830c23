// SPDX-License-Identifier: GPL-2.0
/*
 * base/bits.c - sets of numbers, few of millions
 */
#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/vmalloc.h>

#include "oc_bits.h"

static size_t oc_bits_words(u32 limit)
{
	return BITS_TO_LONGS(BITS_TO_LONGS((size_t)limit)) +
		BITS_TO_LONGS((size_t)limit);
}

/**
 * oc_bits_init() - make an empty set
 * @bits:	set
 * @limit:	numbers are below this
 *
 * Context: process; sleeps.
 * Return: 0, or -ENOMEM.
 */
int oc_bits_init(struct oc_bits *bits, u32 limit)
{
	/* The caller reports a failure in its own words */
	bits->map = __vmalloc(array_size(max_t(size_t, oc_bits_words(limit), 1),
					 sizeof(*bits->map)),
			      GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
	if (!bits->map)
		return -ENOMEM;
	bits->words = bits->map + BITS_TO_LONGS((size_t)limit);
	bits->limit = limit;
	bits->nr = 0;
	return 0;
}

/**
 * oc_bits_exit() - free a set
 * @bits:	set, or zeroes
 *
 * Context: process; sleeps.
 */
void oc_bits_exit(struct oc_bits *bits)
{
	vfree(bits->map);
	*bits = (struct oc_bits) { };
}

/**
 * oc_bits_bytes() - memory of a set
 * @limit:	numbers are below this
 *
 * Context: any.
 * Return: bytes.
 */
u64 oc_bits_bytes(u32 limit)
{
	return oc_bits_words(limit) * sizeof(long);
}

/**
 * oc_bits_next() - the next number of a set
 * @bits:	set
 * @from:	where to begin
 *
 * Context: whoever owns the set.
 * Return: the first number from @from on that is in, or the limit.
 */
u32 oc_bits_next(const struct oc_bits *bits, u32 from)
{
	size_t words = BITS_TO_LONGS((size_t)bits->limit), at;
	unsigned long word;

	if (from >= bits->limit || !bits->nr)
		return bits->limit;
	at = from / BITS_PER_LONG;
	word = bits->map[at] & BITMAP_FIRST_WORD_MASK(from);
	if (!word) {
		at = find_next_bit(bits->words, words, at + 1);
		if (at >= words)
			return bits->limit;
		word = bits->map[at];
	}
	return at * BITS_PER_LONG + __ffs(word);
}

/**
 * oc_bits_clear_all() - take all numbers out of a set
 * @bits:	set
 *
 * Context: whoever owns the set.
 */
void oc_bits_clear_all(struct oc_bits *bits)
{
	size_t words = BITS_TO_LONGS((size_t)bits->limit), at;

	for_each_set_bit(at, bits->words, words)
		bits->map[at] = 0;
	bitmap_zero(bits->words, words);
	bits->nr = 0;
}
