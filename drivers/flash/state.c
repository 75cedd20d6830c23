// SPDX-License-Identifier: GPL-2.0
/*
 * flash/state.c - the states of a device's chunks, from text and to text
 *
 * Sectors that are written only by such a text read as zeroes, their OOB as all
 * ones, and take no memory.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc_channel.h"
#include "oc_chunk.h"
#include "oc_dev.h"
#include "oc_state.h"
#include "oc_text.h"

/**
 * struct oc_state_line - what one line says
 * @state:	state of the chunks
 * @grp:	groups of the device
 * @pu:		parallel units of the group
 * @chk:	chunks of the unit
 * @full:	no write pointer is given: closed chunks are full
 * @wp:		write pointer
 * @wear:	resets seen
 */
struct oc_state_line {
	enum oc_chunk_state state;
	struct oc_span32 grp;
	struct oc_span32 pu;
	struct oc_span32 chk;
	bool full;
	u32 wp;
	u32 wear;
};

enum oc_state_key {
	OC_KEY_GRP, OC_KEY_PU, OC_KEY_CHK, OC_KEY_WP, OC_KEY_WEAR, OC_KEYS,
};

static const char *const oc_state_keys[OC_KEYS] = {
	[OC_KEY_GRP]	= "grp",
	[OC_KEY_PU]	= "pu",
	[OC_KEY_CHK]	= "chk",
	[OC_KEY_WP]	= "wp",
	[OC_KEY_WEAR]	= "wear",
};

static int oc_state_key(struct oc_state_line *line, char *word, u32 *had,
			const struct oc_text *text, const struct oc_geo *geo,
			struct oc_text_err *err)
{
	char *value = oc_text_value(word);
	struct oc_span32 *span = NULL;
	u32 limit = 0, key;

	for (key = 0; key < OC_KEYS; key++)
		if (!strcmp(word, oc_state_keys[key]))
			break;
	if (!value || key == OC_KEYS)
		return oc_text_fail(err, text,
				    "KEY=VALUE of grp pu chk wp wear, not '%s'",
				    word);
	if (*had & BIT(key))
		return oc_text_fail(err, text, "'%s' once", word);
	*had |= BIT(key);

	switch (key) {
	case OC_KEY_GRP:
		span = &line->grp;
		limit = geo->num_grp;
		break;
	case OC_KEY_PU:
		span = &line->pu;
		limit = geo->num_pu;
		break;
	case OC_KEY_CHK:
		span = &line->chk;
		limit = geo->num_chk;
		break;
	case OC_KEY_WP:
		if (kstrtou32(value, 0, &line->wp) || line->wp > geo->clba)
			return oc_text_fail(err, text,
					    "wp=0 to %u, not '%s'", geo->clba,
					    value);
		return 0;
	default:
		if (kstrtou32(value, 0, &line->wear))
			return oc_text_fail(err, text,
					    "wear=0 to 4294967295, not '%s'",
					    value);
		return 0;
	}
	if (oc_text_span(value, limit, span))
		return oc_text_fail(err, text,
				    "%s=N, N-M or * of 0 to %u, not '%s'",
				    word, limit - 1, value);
	return 0;
}

/* Does the line fit this chunk? */
static int oc_state_fits(const struct oc_state_line *line,
			 const struct oc_chunk *chk, const struct oc_text *text,
			 const struct oc_geo *geo, struct oc_text_err *err)
{
	const char *state = oc_chunk_state_name(line->state);
	u32 secs = oc_chunk_secs(geo, chk);

	if (chk->flags & OC_CHK_RANDOM)
		return line->full ? 0 :
			oc_text_fail(err, text,
				     "no wp with chunks that take random writes");
	if (line->state == OC_CHK_OPEN &&
	    (!line->wp || line->wp >= secs || line->wp % geo->ws_min))
		return oc_text_fail(err, text,
			"wp=%u to %u with 'open', a multiple of ws_min=%u",
			geo->ws_min, secs - geo->ws_min, geo->ws_min);
	if (line->state == OC_CHK_CLOSED && line->wp > secs)
		return oc_text_fail(err, text, "wp=0 to %u with 'closed'",
				    secs);
	if (line->state != OC_CHK_OPEN && line->state != OC_CHK_CLOSED &&
	    line->wp)
		return oc_text_fail(err, text, "no wp with '%s'", state);
	return 0;
}

static int oc_state_line(struct oc_state_line *line, struct oc_text *text,
			 const struct oc_geo *geo, struct oc_text_err *err)
{
	char word[OC_WORD_MAX];
	u32 state, had = 0;
	int len, ret;

	if (oc_text_word(text, word) < 0)
		return oc_text_fail(err, text, "shorter words");
	for (state = 0; state < OC_CHK_STATES; state++)
		if (!strcmp(word, oc_chunk_state_name(state)))
			break;
	if (state == OC_CHK_STATES)
		return oc_text_fail(err, text,
				    "free, open, closed or offline, not '%s'",
				    word);

	*line = (struct oc_state_line) {
		.state = state,
		.grp.to = geo->num_grp - 1,
		.pu.to = geo->num_pu - 1,
		.chk.to = geo->num_chk - 1,
	};
	while ((len = oc_text_word(text, word))) {
		if (len < 0)
			return oc_text_fail(err, text, "shorter words");
		ret = oc_state_key(line, word, &had, text, geo, err);
		if (ret)
			return ret;
	}
	line->full = !(had & BIT(OC_KEY_WP));
	return 0;
}

static int oc_state_check(const struct oc_state_line *line,
			  const struct oc_dev *dev, const struct oc_text *text,
			  struct oc_text_err *err)
{
	u32 num_chk = dev->geo.num_chk, grp, pu, chk;
	int ret;

	for (grp = line->grp.from; grp <= line->grp.to; grp++) {
		for (pu = line->pu.from; pu <= line->pu.to; pu++) {
			const struct oc_chunk *chunks =
				&dev->ch[grp].chunks[pu * num_chk];

			for (chk = line->chk.from; chk <= line->chk.to; chk++) {
				ret = oc_state_fits(line, &chunks[chk], text,
						    &dev->geo, err);
				if (ret)
					return ret;
			}
			cond_resched();
		}
	}
	return 0;
}

static void oc_state_set(const struct oc_state_line *line,
			 struct oc_channel *ch, u32 i)
{
	struct oc_chunk *chk = &ch->chunks[i];
	u32 wp = line->wp;

	if (line->state == OC_CHK_CLOSED && line->full)
		wp = oc_chunk_secs(ch->geo, chk);
	oc_chunk_preset(chk, &ch->stat, line->state,
			chk->flags & OC_CHK_RANDOM ? 0 : wp, line->wear);
}

/* Called by the owner, the worker; sleeps */
static void oc_state_apply(struct oc_channel *ch, void *arg)
{
	const struct oc_state_line *line = arg;
	u32 pu, chk;

	for (pu = line->pu.from; pu <= line->pu.to; pu++)
		for (chk = line->chk.from; chk <= line->chk.to; chk++) {
			oc_state_set(line, ch, pu * ch->geo->num_chk + chk);
			cond_resched();
		}
}

/**
 * oc_state_load() - set the initial states of a device's chunks
 * @dev:	device that has no hosts yet
 * @chars:	text: a line for chunks of one state, STATE [KEY=VALUE...], with
 *		ranges; where lines overlap the last counts
 * @len:	its length
 * @err:	filled in if the text is refused
 *
 * Context: process; sleeps.
 * Return: 0, or -EINVAL with nothing changed.
 */
int oc_state_load(struct oc_dev *dev, const char *chars, size_t len,
		  struct oc_text_err *err)
{
	struct oc_state_line line;
	struct oc_text text;
	u32 grp;
	int ret;

	oc_text_init(&text, chars, len);
	while (oc_text_line(&text)) {
		ret = oc_state_line(&line, &text, &dev->geo, err);
		if (!ret)
			ret = oc_state_check(&line, dev, &text, err);
		if (ret)
			return ret;
	}

	/* The second pass: all lines are known to be valid */
	oc_text_init(&text, chars, len);
	while (oc_text_line(&text)) {
		ret = oc_state_line(&line, &text, &dev->geo, err);
		if (WARN_ON_ONCE(ret))
			return ret;
		for (grp = line.grp.from; grp <= line.grp.to; grp++)
			oc_channel_call_worker(&dev->ch[grp], oc_state_apply,
					       &line);
		cond_resched();
	}
	return 0;
}

/* ---- to text ---------------------------------------------------------- */

/**
 * struct oc_state_copy - a copy of the chunks of a unit, made in batches
 * @pu:		parallel unit
 * @from:	first chunk of it that is not yet copied
 * @chunks:	room for its chunks
 */
struct oc_state_copy {
	u32 pu;
	u32 from;
	struct oc_chunk *chunks;
};

/* Copy another batch. Called by the owner */
static void oc_state_copy(struct oc_channel *ch, void *arg)
{
	struct oc_state_copy *copy = arg;
	u32 num_chk = ch->geo->num_chk;
	u32 nr = min(num_chk - copy->from, OC_CALL_CHUNKS);

	memcpy(&copy->chunks[copy->from],
	       &ch->chunks[copy->pu * num_chk + copy->from],
	       nr * sizeof(*copy->chunks));
	copy->from += nr;
}

/* Print the write pointer, unless the state implies it */
static u32 oc_state_shown_wp(const struct oc_chunk *chk)
{
	return chk->state == OC_CHK_OFFLINE ? 0 : chk->wp;
}

static bool oc_state_same(const struct oc_chunk *a, const struct oc_chunk *b)
{
	return a->state == b->state && a->resets == b->resets &&
		!((a->flags ^ b->flags) & OC_CHK_RANDOM) &&
		a->missing == b->missing &&
		oc_state_shown_wp(a) == oc_state_shown_wp(b);
}

/**
 * oc_state_show() - print the chunks of a parallel unit
 * @dev:	device, perhaps busy
 * @grp:	group
 * @pu:		unit of the group
 * @s:		where to; the text is one for oc_state_load()
 *
 * Context: process; sleeps.
 * Return: 0, or -ENOMEM.
 */
int oc_state_show(struct oc_dev *dev, u32 grp, u32 pu, struct seq_file *s)
{
	const struct oc_geo *geo = &dev->geo;
	struct oc_state_copy copy = { .pu = pu };
	u32 from, to;

	copy.chunks = kvcalloc(geo->num_chk, sizeof(*copy.chunks), GFP_KERNEL);
	if (!copy.chunks)
		return -ENOMEM;
	while (copy.from < geo->num_chk)
		oc_channel_call(&dev->ch[grp], oc_state_copy, &copy);

	for (from = 0; from < geo->num_chk; from = to) {
		const struct oc_chunk *chk = &copy.chunks[from];
		u32 wp = oc_state_shown_wp(chk);

		for (to = from + 1; to < geo->num_chk; to++)
			if (!oc_state_same(chk, &copy.chunks[to]))
				break;
		seq_printf(s, "%s grp=%u pu=%u chk=%u",
			   oc_chunk_state_name(chk->state), grp, pu, from);
		if (to > from + 1)
			seq_printf(s, "-%u", to - 1);
		if (!(chk->flags & OC_CHK_RANDOM) &&
		    (chk->state == OC_CHK_OPEN ||
		     (chk->state == OC_CHK_CLOSED &&
		      wp != oc_chunk_secs(geo, chk))))
			seq_printf(s, " wp=%u", wp);
		if (chk->resets)
			seq_printf(s, " wear=%u", chk->resets);
		seq_putc(s, '\n');
	}
	kvfree(copy.chunks);
	return 0;
}
