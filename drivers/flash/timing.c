// SPDX-License-Identifier: GPL-2.0
/*
 * flash/timing.c - when die and bus are next idle
 *
 * Pure arithmetic: given the time and an operation, reserve die and bus and return
 * when the operation ends. No clock, no timer, no sleeping, no printing; a channel's
 * clock belongs to the channel's owner.
 *
 * The model. A command first takes ctrl_ns in the controller. For each flash page
 * it occupies the bus for cmd_ns, the die for reading or programming, and the bus
 * for bus_ns per sector. Dies share the bus: a transfer takes the first gap that is
 * long enough, so one die can transfer while another one senses. Each die does one
 * operation at a time, in order.
 *
 *   read	cmd on the bus; sense, read_ns for each flash page touched;
 *		sectors over the bus; done
 *   write	cmd and sectors over the bus once the die is free; program,
 *		prog_ns for each flash page; done. Sectors of a page that is
 *		not full yet wait in the controller's buffers and take no time
 *		of the flash until the page or its chunk is full
 *   copy	all reads of the sources; then as a write
 *   reset	cmd on the bus; erase_ns; done
 *
 * A flash page is page_secs sectors on each plane; its type follows from its place
 * in the chunk. With a write cache, a write is done as soon as the flash pages that
 * it fills have room there, first come, first served; the programs follow. With
 * suspend, a read interrupts a program or an erase for suspend_ns and its own time.
 * The interrupted operation and all that wait for the die end that much later, but
 * keep their reservations of the bus.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc_assert.h"
#include "oc_text.h"
#include "oc_timing.h"

/* ---- the bus ---------------------------------------------------------- */

/*
 * Reserve @len ns of the bus in the first gap from @from on; return its end. If the
 * list is full, the last gap is closed: a model that runs out of memory becomes
 * slower, never faster. Reservations that ended before @now are dropped, so a
 * command that arrived earlier but is served later finds no gaps there.
 */
static u64 oc_bus_reserve(struct oc_clock *clk, u64 now, u64 from, u64 len)
{
	struct oc_span *span = clk->span;
	u32 nr = clk->nr_spans, i, old = 0;
	u64 end;

	while (old < nr && span[old].to <= now)
		old++;
	if (old) {
		clk->bus_ns = span[old - 1].to;
		nr -= old;
		memmove(span, span + old, nr * sizeof(*span));
	}
	if (!len) {
		clk->nr_spans = nr;
		return from;
	}

	from = max(from, clk->bus_ns);
	for (i = 0; i < nr; i++) {
		if (from + len <= span[i].from)
			break;
		from = max(from, span[i].to);
	}
	end = from + len;

	if (i && span[i - 1].to == from) {
		span[i - 1].to = end;
		if (i < nr && span[i].from == end) {
			span[i - 1].to = span[i].to;
			memmove(span + i, span + i + 1,
				(--nr - i) * sizeof(*span));
		}
	} else if (i < nr && span[i].from == end) {
		span[i].from = from;
	} else if (nr < OC_BUS_SPANS) {
		memmove(span + i + 1, span + i, (nr++ - i) * sizeof(*span));
		span[i] = (struct oc_span) { .from = from, .to = end };
	} else {
		from = max(from, span[nr - 1].to);
		end = from + len;
		span[nr - 1].to = end;
	}
	clk->nr_spans = nr;
	return end;
}

/* ---- dies ------------------------------------------------------------- */

/* A read delays what die @pu has to do from @from on by @late ns */
static void oc_die_delay(struct oc_clock *clk, u32 pu, u64 from, u64 late)
{
	u32 i;

	clk->die[pu].idle_ns += late;
	clk->die[pu].shift_ns += late;
	for (i = 0; i < clk->nr_cached; i++) {
		struct oc_cached *entry = &clk->cached[i];

		if ((entry->pu == pu || entry->pu == OC_CACHED_MANY) &&
		    entry->free_ns > from)
			entry->free_ns += late;
	}
}

static u64 oc_die_read(struct oc_clock *clk, const struct oc_timing *tm,
		       u32 pu, u64 now, u64 sense_ns, u32 secs)
{
	u64 ready = oc_bus_reserve(clk, now, now + tm->ctrl_ns, tm->cmd_ns);
	u64 xfer_ns = (u64)secs * tm->bus_ns;
	struct oc_die *die = &clk->die[pu];
	u64 from, end;

	if (tm->suspend && die->idle_ns > ready &&
	    die->idle_ns > die->read_ns) {
		/* The last operation of the die is no read: suspend it */
		from = max(ready, die->read_ns);
		end = oc_bus_reserve(clk, now, from + tm->suspend_ns + sense_ns,
				     xfer_ns);
		oc_die_delay(clk, pu, from, end - from);
	} else {
		from = max(ready, die->idle_ns);
		end = oc_bus_reserve(clk, now, from + sense_ns, xfer_ns);
		/* The die has one page register, busy until it is transferred */
		die->idle_ns = end;
	}
	die->read_ns = end;
	return end;
}

static u64 oc_die_program(struct oc_clock *clk, const struct oc_timing *tm,
			  struct oc_die *die, u64 now, u64 from, u32 type,
			  u32 secs)
{
	u64 loaded = oc_bus_reserve(clk, now, max(from, die->idle_ns),
				    tm->cmd_ns + (u64)secs * tm->bus_ns);

	die->idle_ns = loaded + tm->prog_ns[type];
	return die->idle_ns;
}

static u32 oc_page_type(const struct oc_timing *tm, u32 page)
{
	return page % tm->types;
}

/**
 * oc_timing_read() - read sectors of one chunk
 * @clk:	the channel's clock
 * @tm:		times
 * @pu:		parallel unit
 * @sec:	first sector in the chunk
 * @n:		sectors
 * @now_ns:	time of arrival
 *
 * Context: owner of the channel; does not sleep.
 * Return: completion time in ns, never before @now_ns.
 */
u64 oc_timing_read(struct oc_clock *clk, const struct oc_timing *tm, u32 pu,
		   u32 sec, u32 n, u64 now_ns)
{
	u32 unit = tm->page_secs * tm->planes, page;
	u64 end = now_ns + tm->ctrl_ns;

	oc_assert_owned_of(clk);
	while (n) {
		u32 part = min(n, unit - sec % unit);

		page = sec / unit;
		end = max(end, oc_die_read(clk, tm, pu, now_ns,
					   tm->read_ns[oc_page_type(tm, page)],
					   part));
		sec += part;
		n -= part;
	}
	return end;
}

/* ---- the write cache -------------------------------------------------- */

/*
 * When does a cache of @room sectors have room for @secs more, from @from on? More
 * than it can ever hold are admitted when it is empty.
 */
static u64 oc_cache_admit(struct oc_clock *clk, u32 room, u32 secs, u64 now,
			  u64 from)
{
	u32 i = 0, used;
	u64 next;

	while (i < clk->nr_cached) {
		if (clk->cached[i].free_ns <= now)
			clk->cached[i] = clk->cached[--clk->nr_cached];
		else
			i++;
	}
	/* In order: a write that waits for room is not overtaken */
	for (from = max(from, clk->cache_ns);; from = next) {
		used = 0;
		next = U64_MAX;
		for (i = 0; i < clk->nr_cached; i++) {
			if (clk->cached[i].free_ns <= from)
				continue;
			used += clk->cached[i].secs;
			next = min(next, clk->cached[i].free_ns);
		}
		if (!used || used + secs <= room)
			break;
	}
	clk->cache_ns = from;
	return from;
}

static void oc_cache_add(struct oc_clock *clk, u32 pu, u32 secs, u64 free_ns)
{
	struct oc_cached *entry;

	if (clk->nr_cached < OC_CACHE_ENTRIES) {
		clk->cached[clk->nr_cached++] = (struct oc_cached) {
			.free_ns = free_ns, .secs = secs, .pu = pu,
		};
		return;
	}
	/* The list is full: merge with its last entry, slower but never faster */
	entry = &clk->cached[OC_CACHE_ENTRIES - 1];
	entry->free_ns = max(entry->free_ns, free_ns);
	entry->secs += secs;
	if (entry->pu != pu)
		entry->pu = OC_CACHED_MANY;
}

/* Write sectors that the controller has at @from */
static u64 oc_write_from(struct oc_clock *clk, const struct oc_timing *tm,
			 u32 pu, u32 sec, u32 n, u32 clba, u64 now_ns, u64 from)
{
	u32 unit = tm->page_secs * tm->planes;
	bool cached = n <= tm->cache;
	u64 end = from;
	u32 page;

	/* Flash pages that this write fills; the last of a chunk may be short */
	for (page = sec / unit; page * unit < sec + n; page++) {
		u32 first = page * unit;
		u32 full = min(first + unit, clba);
		u64 done;

		if (sec + n < full)
			break;
		if (cached)
			from = oc_cache_admit(clk, tm->cache, full - first,
					      now_ns, from);
		done = oc_die_program(clk, tm, &clk->die[pu], now_ns, from,
				      oc_page_type(tm, page), full - first);
		if (cached)
			oc_cache_add(clk, pu, full - first, done);
		end = cached ? from : done;
	}
	return end;
}

/**
 * oc_timing_write() - write sectors at a chunk's write pointer
 * @clk:	the channel's clock
 * @tm:		times
 * @pu:		parallel unit
 * @sec:	first sector in the chunk
 * @n:		sectors
 * @clba:	sectors of the chunk
 * @now_ns:	time of arrival
 *
 * Context: owner of the channel; does not sleep.
 * Return: completion time in ns, never before @now_ns.
 */
u64 oc_timing_write(struct oc_clock *clk, const struct oc_timing *tm, u32 pu,
		    u32 sec, u32 n, u32 clba, u64 now_ns)
{
	oc_assert_owned_of(clk);
	return oc_write_from(clk, tm, pu, sec, n, clba, now_ns,
			     now_ns + tm->ctrl_ns);
}

/**
 * oc_timing_copy() - write sectors that the controller first has to read
 * @clk:	the channel's clock
 * @tm:		times
 * @pu:		parallel unit written to
 * @sec:	first sector in the chunk
 * @n:		sectors
 * @clba:	sectors of the chunk
 * @now_ns:	time of arrival
 * @ready_ns:	when they have been read, from whatever channels
 *
 * Context: owner of the channel; does not sleep.
 * Return: completion time in ns, never before @now_ns nor @ready_ns.
 */
u64 oc_timing_copy(struct oc_clock *clk, const struct oc_timing *tm, u32 pu,
		   u32 sec, u32 n, u32 clba, u64 now_ns, u64 ready_ns)
{
	oc_assert_owned_of(clk);
	return oc_write_from(clk, tm, pu, sec, n, clba, now_ns,
			     max(ready_ns, now_ns + tm->ctrl_ns));
}

/**
 * oc_timing_reset() - reset a chunk
 * @clk:	the channel's clock
 * @tm:		times
 * @pu:		parallel unit
 * @now_ns:	time of arrival
 *
 * Context: owner of the channel; does not sleep.
 * Return: completion time in ns, never before @now_ns.
 */
u64 oc_timing_reset(struct oc_clock *clk, const struct oc_timing *tm, u32 pu,
		    u64 now_ns)
{
	struct oc_die *die = &clk->die[pu];
	u64 ready = oc_bus_reserve(clk, now_ns, now_ns + tm->ctrl_ns,
				   tm->cmd_ns);

	oc_assert_owned_of(clk);
	die->idle_ns = max(ready, die->idle_ns) + tm->erase_ns;
	return die->idle_ns;
}

/**
 * oc_timing_shift() - how much reads have delayed a die's work so far (suspend)
 * @clk:	the channel's clock
 * @pu:		parallel unit
 *
 * A write or reset ends later than computed by what this has grown since then.
 *
 * Context: owner of the channel.
 * Return: ns.
 */
u64 oc_timing_shift(const struct oc_clock *clk, u32 pu)
{
	oc_assert_owned_of(clk);
	return clk->die[pu].shift_ns;
}

/**
 * oc_clock_init() - make a channel's clock
 * @clk:	clock
 * @num_pu:	parallel units of the channel
 *
 * Context: process; sleeps.
 * Return: 0, or -ENOMEM; oc_clock_exit() cleans up after either.
 */
int oc_clock_init(struct oc_clock *clk, u32 num_pu)
{
	memset(clk, 0, sizeof(*clk));
	clk->die = kvcalloc(num_pu, sizeof(*clk->die), GFP_KERNEL);
	clk->span = kvcalloc(OC_BUS_SPANS, sizeof(*clk->span), GFP_KERNEL);
	clk->cached = kvcalloc(OC_CACHE_ENTRIES, sizeof(*clk->cached),
			       GFP_KERNEL);
	return clk->die && clk->span && clk->cached ? 0 : -ENOMEM;
}

/**
 * oc_clock_exit() - free a channel's clock
 * @clk:	clock, perhaps half made, or zeroes
 *
 * Context: process; sleeps.
 */
void oc_clock_exit(struct oc_clock *clk)
{
	kvfree(clk->die);
	kvfree(clk->span);
	kvfree(clk->cached);
}

/* ---- times as text ---------------------------------------------------- */

/**
 * struct oc_preset - times of a kind of flash
 * @name:	its name
 * @text:	the times, as the parameter takes them
 */
struct oc_preset {
	const char *name;
	const char *text;
};

static const struct oc_preset oc_presets[] = {
	{ "off", "" },
	/*
	 * Micron MT29F4G08AAA data sheet: random read 25 us, program page 220
	 * us, block erase 1.5 ms, 25 ns a byte on the bus.
	 */
	{ "slc", "read=25us,prog=220us,erase=1500us,bus=102400,page=1" },
	/*
	 * Micron L95B as in the CNEX open-channel SSD, as FEMU's authors
	 * measured it: lower and upper page; 52433 ns for a page of 16 KiB.
	 */
	{ "mlc", "read=48us/64us,prog=850us/2300us,erase=3ms,bus=13108,page=4" },
	/*
	 * Jung et al., SimpleSSD: Modeling Solid State Drives for Holistic
	 * System Simulation, IEEE CAL 2018: lower, middle and upper page.
	 */
	{ "tlc", "read=56500/77500/106us,prog=820500/2225us/5734us,erase=3ms,bus=13108,page=4" },
};

/**
 * struct oc_key - a key of the times
 * @name:	its name
 * @offset:	its place in struct oc_timing
 * @min:	smallest value
 * @max:	largest value
 * @list:	it takes a value per page type, separated by slashes
 * @count:	it is not a time: its values have no unit
 * @want:	its limits in words
 */
struct oc_key {
	const char *name;
	size_t offset;
	u32 min;
	u32 max;
	bool list;
	bool count;
	const char *want;
};

#define OC_TIME_WANT	"0 to 4 s, as 500us, 2ms or plain nanoseconds"
#define OC_TIME_MAX	4000000000U
#define OC_TIME_NONE	U32_MAX	/* of a page type that was not given */
#define OC_TIME(_name, _field, _list)					\
	{ .name = _name, .offset = offsetof(struct oc_timing, _field),	\
	  .max = OC_TIME_MAX, .list = _list, .want = OC_TIME_WANT }
#define OC_COUNT(_name, _field, _min, _max, _want)			\
	{ .name = _name, .offset = offsetof(struct oc_timing, _field),	\
	  .min = _min, .max = _max, .count = true, .want = _want }

static const struct oc_key oc_keys[] = {
	OC_TIME("read", read_ns, true),
	OC_TIME("prog", prog_ns, true),
	OC_TIME("erase", erase_ns, false),
	OC_TIME("bus", bus_ns, false),
	OC_TIME("cmd", cmd_ns, false),
	OC_TIME("ctrl", ctrl_ns, false),
	OC_TIME("suspend", suspend_ns, false),
	OC_COUNT("page", page_secs, 1, 256, "1 to 256 sectors a flash page"),
	OC_COUNT("planes", planes, 1, 16, "1 to 16 planes"),
	OC_COUNT("cache", cache, 0, 65536,
		 "0 to 65536 sectors of write cache per channel"),
};

/* The values of one key; the rest of a list is set to OC_TIME_NONE */
static int oc_parse_values(struct oc_timing *tm, const struct oc_key *key,
			   char *text)
{
	u32 *field = (u32 *)((char *)tm + key->offset);
	u32 most = key->list ? OC_PAGE_TYPES : 1, nr = 0;
	char *word;
	u64 val;

	while ((word = strsep(&text, "/"))) {
		if (nr == most || (key->count ? oc_text_count(word, &val) :
						oc_text_time(word, &val)) ||
		    val < key->min || val > key->max)
			return -EINVAL;
		field[nr++] = val;
	}
	while (nr < most)
		field[nr++] = OC_TIME_NONE;
	return 0;
}

static const struct oc_key *oc_find_key(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(oc_keys); i++)
		if (!strcmp(oc_keys[i].name, name))
			return &oc_keys[i];
	return NULL;
}

static void oc_key_names(char *buf, size_t size)
{
	size_t len = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(oc_presets); i++)
		len += scnprintf(buf + len, size - len, "%s, ",
				 oc_presets[i].name);
	len += scnprintf(buf + len, size - len, "or KEY=VALUE of");
	for (i = 0; i < ARRAY_SIZE(oc_keys); i++)
		len += scnprintf(buf + len, size - len, " %s",
				 oc_keys[i].name);
}

static int oc_parse_text(struct oc_timing *tm, const char *text,
			 struct oc_complaint *why);

static int oc_parse_word(struct oc_timing *tm, char *word,
			 struct oc_complaint *why)
{
	char *name = strsep(&word, "=");
	const struct oc_key *key;
	char names[120], all[80];
	u32 i;

	if (!word) {
		for (i = 0; i < ARRAY_SIZE(oc_presets); i++)
			if (!strcmp(oc_presets[i].name, name))
				return oc_parse_text(tm, oc_presets[i].text,
						     why);
	}
	key = word ? oc_find_key(name) : NULL;
	if (!key) {
		oc_key_names(names, sizeof(names));
		oc_complain(why, "timing", name, "%s", names);
		return -EINVAL;
	}
	scnprintf(all, sizeof(all), "%s=%s", name, word);
	if (oc_parse_values(tm, key, word)) {
		oc_complain(why, "timing", all, "%s%s", key->want,
			    key->list ? ", up to three separated by slashes" :
			    "");
		return -EINVAL;
	}
	if (key->offset == offsetof(struct oc_timing, suspend_ns))
		tm->suspend = true;
	return 0;
}

static int oc_parse_text(struct oc_timing *tm, const char *text,
			 struct oc_complaint *why)
{
	char *copy, *rest, *word;
	int ret = 0;

	*tm = (struct oc_timing) {
		.types		= 1,
		.read_ns	= { 0, OC_TIME_NONE, OC_TIME_NONE },
		.prog_ns	= { 0, OC_TIME_NONE, OC_TIME_NONE },
		.page_secs	= 1,
		.planes		= 1,
	};
	copy = kstrdup(text, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	rest = strim(copy);
	if (!*rest)
		rest = NULL;
	while (!ret && (word = strsep(&rest, ",")))
		ret = oc_parse_word(tm, word, why);
	kfree(copy);
	return ret;
}

/* A list's last value holds for all types after it */
static void oc_fill_types(struct oc_timing *tm, u32 *ns)
{
	u32 i;

	for (i = 1; i < OC_PAGE_TYPES; i++) {
		if (ns[i] == OC_TIME_NONE)
			ns[i] = ns[i - 1];
		else
			tm->types = max(tm->types, i + 1);
	}
}

/**
 * oc_timing_parse() - times from text
 * @tm:		filled in on success
 * @text:	PRESET or KEY=VALUE, several separated by commas; later keys
 *		override earlier ones, and a preset overrides all; "" or "off" for
 *		no times. Space around the whole is ignored
 * @why:	filled in on -EINVAL
 *
 * Context: process; sleeps.
 * Return: 0, -EINVAL, or -ENOMEM.
 */
int oc_timing_parse(struct oc_timing *tm, const char *text,
		    struct oc_complaint *why)
{
	struct oc_timing new;
	int ret = oc_parse_text(&new, text, why);
	u32 i;

	if (ret)
		return ret;
	oc_fill_types(&new, new.read_ns);
	oc_fill_types(&new, new.prog_ns);
	for (i = 0; i < OC_PAGE_TYPES; i++)
		new.on |= new.read_ns[i] || new.prog_ns[i];
	new.on |= new.erase_ns || new.bus_ns || new.cmd_ns || new.ctrl_ns;
	*tm = new;
	return 0;
}
