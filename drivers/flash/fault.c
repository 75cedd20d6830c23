// SPDX-License-Identifier: GPL-2.0
/*
 * flash/fault.c - rules of what fails: parse, judge, match, decide
 *
 * Pure: no clock, no sleeping but for memory, no printing. A channel has its own
 * counters and random numbers for each rule, so the fate of the n-th operation
 * that matches a rule on a channel depends on the seed alone. Only the limit
 * "times" is shared: an atomic counter that is changed when a fault strikes.
 */
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc_cmd.h"
#include "oc_fault.h"
#include "oc_text.h"

#define OC_OPS_ALL	(BIT(OC_OPS) - 1)

static const char *const oc_op_names[OC_OPS] = {
	[OC_OP_READ]	= "read",
	[OC_OP_WRITE]	= "write",
	[OC_OP_RESET]	= "reset",
};

static const struct {
	const char *name;
	u8 ops;
} oc_fault_kinds[OC_FAULT_KINDS] = {
	[OC_FAULT_WRITE_FAIL]	= { "write-fail", BIT(OC_OP_WRITE) },
	[OC_FAULT_WRITE_CLOSE]	= { "write-close", BIT(OC_OP_WRITE) },
	[OC_FAULT_RESET_FAIL]	= { "reset-fail", BIT(OC_OP_RESET) },
	[OC_FAULT_READ_FAIL]	= { "read-fail", BIT(OC_OP_READ) },
	[OC_FAULT_READ_ECC]	= { "read-ecc", BIT(OC_OP_READ) },
	[OC_FAULT_DELAY]	= { "delay", OC_OPS_ALL },
	[OC_FAULT_DROP]		= { "drop", OC_OPS_ALL },
};

/* ---- parse ------------------------------------------------------------ */

/* Percent, with up to four decimals, in millionths */
static int oc_fault_percent(const char *word, u32 *millionths)
{
	u32 whole = 0, part = 0, scale = OC_FAULT_ALWAYS / 100;
	const char *c = word;

	for (; *c >= '0' && *c <= '9'; c++) {
		whole = whole * 10 + (*c - '0');
		if (whole > 100)
			return -EINVAL;
	}
	if (c == word)
		return -EINVAL;
	if (*c == '.') {
		for (c++; *c >= '0' && *c <= '9' && scale > 1; c++) {
			scale /= 10;
			part += (*c - '0') * scale;
		}
	}
	if (*c == '%')
		c++;
	*millionths = whole * (OC_FAULT_ALWAYS / 100) + part;
	return *c || !*millionths || *millionths > OC_FAULT_ALWAYS ?
		-EINVAL : 0;
}

static int oc_fault_op(const char *word, u8 *ops)
{
	u32 i;

	for (i = 0; i < OC_OPS; i++) {
		if (strcmp(word, oc_op_names[i]))
			continue;
		*ops = BIT(i);
		return 0;
	}
	return strcmp(word, "any") ? -EINVAL : 0;
}

static int oc_fault_count(const char *word, u32 min, u32 *val)
{
	return kstrtou32(word, 0, val) || *val < min || *val > INT_MAX ?
		-EINVAL : 0;
}

/* The keys of a rule; also bits of those that a line has had */
enum oc_fault_key {
	OC_KEY_GRP, OC_KEY_PU, OC_KEY_CHK, OC_KEY_SEC, OC_KEY_OP,
	OC_KEY_PROBABILITY, OC_KEY_TIMES, OC_KEY_AFTER, OC_KEY_INTERVAL,
	OC_KEY_TIME, OC_KEY_UNTIL, OC_KEYS,
};

#define OC_KINDS_ALL	(BIT(OC_FAULT_KINDS) - 1)
#define OC_KINDS_OP	(BIT(OC_FAULT_DELAY) | BIT(OC_FAULT_DROP))

static const struct {
	const char *name;
	const char *want;
	u32 kinds;
} oc_fault_keys[OC_KEYS] = {
	[OC_KEY_GRP]	= { "grp", "groups", OC_KINDS_ALL },
	[OC_KEY_PU]	= { "pu", "parallel units", OC_KINDS_ALL },
	[OC_KEY_CHK]	= { "chk", "chunks", OC_KINDS_ALL },
	[OC_KEY_SEC]	= { "sec", "sectors", OC_KINDS_ALL },
	[OC_KEY_OP]	= { "op", "read, write, reset or any", OC_KINDS_OP },
	[OC_KEY_PROBABILITY] = {
		"probability", "0.0001 to 100 (percent)", OC_KINDS_ALL,
	},
	[OC_KEY_TIMES]	= { "times", "1 to 2147483647", OC_KINDS_ALL },
	[OC_KEY_AFTER]	= { "after", "0 to 2147483647", OC_KINDS_ALL },
	[OC_KEY_INTERVAL] = { "interval", "1 to 2147483647", OC_KINDS_ALL },
	[OC_KEY_TIME]	= {
		"time", "1ns to 60s, as 500us or 2ms", BIT(OC_FAULT_DELAY),
	},
	[OC_KEY_UNTIL]	= { "until", "abort or reset", BIT(OC_FAULT_DROP) },
};

/* Set one key of a rule. For a range, @limit is set, for the message */
static int oc_fault_set_key(struct oc_fault_rule *rule, enum oc_fault_key key,
			    const char *value, const struct oc_geo *geo,
			    u32 *limit)
{
	struct oc_span32 *span;

	switch (key) {
	case OC_KEY_GRP:
		*limit = geo->num_grp;
		span = &rule->grp;
		break;
	case OC_KEY_PU:
		*limit = geo->num_pu;
		span = &rule->pu;
		break;
	case OC_KEY_CHK:
		*limit = geo->num_chk;
		span = &rule->chk;
		break;
	case OC_KEY_SEC:
		*limit = geo->clba;
		span = &rule->sec;
		break;
	case OC_KEY_OP:
		return oc_fault_op(value, &rule->ops);
	case OC_KEY_PROBABILITY:
		return oc_fault_percent(value, &rule->millionths);
	case OC_KEY_TIMES:
		return oc_fault_count(value, 1, &rule->times);
	case OC_KEY_AFTER:
		return oc_fault_count(value, 0, &rule->after);
	case OC_KEY_INTERVAL:
		return oc_fault_count(value, 1, &rule->interval);
	case OC_KEY_UNTIL:
		rule->for_good = !strcmp(value, "reset");
		return rule->for_good || !strcmp(value, "abort") ?
			0 : -EINVAL;
	default:
		return oc_text_time(value, &rule->delay_ns) ||
			!rule->delay_ns ||
			rule->delay_ns > OC_FAULT_DELAY_MAX ? -EINVAL : 0;
	}
	return oc_text_span(value, *limit, span);
}

static int oc_fault_parse_key(struct oc_fault_rule *rule, char *word, u32 *had,
			      const struct oc_text *text,
			      const struct oc_geo *geo,
			      struct oc_text_err *err)
{
	const char *kind = oc_fault_kinds[rule->kind].name;
	char *value = oc_text_value(word);
	u32 limit = 0, key;

	for (key = 0; key < OC_KEYS; key++)
		if (!strcmp(word, oc_fault_keys[key].name))
			break;
	if (!value || key == OC_KEYS)
		return oc_text_fail(err, text,
			"KEY=VALUE of grp pu chk sec op probability times after interval time until, not '%s'",
			word);
	if (!(oc_fault_keys[key].kinds & BIT(rule->kind)))
		return oc_text_fail(err, text, "no '%s' with '%s'", word, kind);
	if (*had & BIT(key))
		return oc_text_fail(err, text, "'%s' once", word);
	*had |= BIT(key);
	if (!oc_fault_set_key(rule, key, value, geo, &limit))
		return 0;
	if (limit)
		return oc_text_fail(err, text,
				    "%s=N, N-M or * of %s 0 to %u, not '%s'",
				    word, oc_fault_keys[key].want, limit - 1,
				    value);
	return oc_text_fail(err, text, "%s=%s, not '%s'", word,
			    oc_fault_keys[key].want, value);
}

static int oc_fault_parse_rule(struct oc_fault_rule *rule, char *word,
			       struct oc_text *text, const struct oc_geo *geo,
			       struct oc_text_err *err)
{
	u32 kind, had = 0;
	int len, ret;

	for (kind = 0; kind < OC_FAULT_KINDS; kind++)
		if (!strcmp(word, oc_fault_kinds[kind].name))
			break;
	if (kind == OC_FAULT_KINDS)
		return oc_text_fail(err, text,
			"seed=N, clear, write-fail, write-close, reset-fail, read-fail, read-ecc, delay or drop, not '%s'",
			word);

	*rule = (struct oc_fault_rule) {
		.kind = kind,
		.ops = oc_fault_kinds[kind].ops,
		.grp.to = geo->num_grp - 1,
		.pu.to = geo->num_pu - 1,
		.chk.to = geo->num_chk - 1,
		.sec.to = geo->clba - 1,
		.millionths = OC_FAULT_ALWAYS,
		.interval = 1,
		.line = text->line,
	};
	while ((len = oc_text_word(text, word))) {
		if (len < 0)
			return oc_text_fail(err, text, "shorter words");
		ret = oc_fault_parse_key(rule, word, &had, text, geo, err);
		if (ret)
			return ret;
	}
	if (kind == OC_FAULT_DELAY && !(had & BIT(OC_KEY_TIME)))
		return oc_text_fail(err, text, "time=%s with 'delay'",
				    oc_fault_keys[OC_KEY_TIME].want);
	/* A reset is always of the whole chunk */
	if (rule->ops == BIT(OC_OP_RESET) && (had & BIT(OC_KEY_SEC)))
		return oc_text_fail(err, text, "no 'sec' with resets");
	atomic_set(&rule->left, rule->times);
	return 0;
}

static int oc_fault_parse_end(struct oc_text *text, const char *first,
			      struct oc_text_err *err)
{
	char word[OC_WORD_MAX];

	if (!oc_text_word(text, word))
		return 0;
	return oc_text_fail(err, text, "nothing behind '%s', not '%s'", first,
			    word);
}

static int oc_fault_parse_seed(struct oc_fault_set *set, const char *value,
			       struct oc_text *text, struct oc_text_err *err)
{
	if (kstrtou64(value, 0, &set->seed))
		return oc_text_fail(err, text,
				    "seed=0 to 18446744073709551615, not '%s'",
				    value);
	return oc_fault_parse_end(text, "seed", err);
}

/**
 * oc_fault_parse() - read a text of rules
 * @set:	filled in
 * @chars:	text: a rule a line, KIND [KEY=VALUE...], or "clear", which
 *		forgets the rules before it; and a line seed=N, without which
 *		the seed is 1
 * @len:	its length
 * @geo:	geometry of the device
 * @err:	filled in if the text is refused
 *
 * Context: any.
 * Return: 0, or -EINVAL; @set is of no use then.
 */
int oc_fault_parse(struct oc_fault_set *set, const char *chars, size_t len,
		   const struct oc_geo *geo, struct oc_text_err *err)
{
	char word[OC_WORD_MAX];
	struct oc_text text;
	bool seeded = false;
	int ret;

	set->seed = 1;
	set->nr = 0;
	oc_text_init(&text, chars, len);
	while (oc_text_line(&text)) {
		if (oc_text_word(&text, word) < 0)
			return oc_text_fail(err, &text, "shorter words");
		if (!strncmp(word, "seed=", 5)) {
			if (seeded)
				return oc_text_fail(err, &text, "one seed");
			seeded = true;
			ret = oc_fault_parse_seed(set, word + 5, &text, err);
		} else if (!strcmp(word, "clear")) {
			set->nr = 0;
			ret = oc_fault_parse_end(&text, word, err);
		} else if (set->nr == OC_FAULTS_MAX) {
			ret = oc_text_fail(err, &text, "at most %u rules",
					   OC_FAULTS_MAX);
		} else {
			ret = oc_fault_parse_rule(&set->rule[set->nr], word,
						  &text, geo, err);
			set->nr++;
		}
		if (ret)
			return ret;
	}
	return 0;
}

/* ---- judge ------------------------------------------------------------ */

static bool oc_span_within(const struct oc_span32 *inner,
			   const struct oc_span32 *outer)
{
	return inner->from >= outer->from && inner->to <= outer->to;
}

/* Kinds that exclude each other: the first matching rule decides */
static u32 oc_fault_rivals(u32 kind)
{
	switch (kind) {
	case OC_FAULT_WRITE_FAIL:
	case OC_FAULT_WRITE_CLOSE:
		return BIT(OC_FAULT_WRITE_FAIL) | BIT(OC_FAULT_WRITE_CLOSE);
	case OC_FAULT_READ_FAIL:
	case OC_FAULT_READ_ECC:
		return BIT(OC_FAULT_READ_FAIL) | BIT(OC_FAULT_READ_ECC);
	default:
		return BIT(kind);
	}
}

/* Does @first strike whenever @rule could, so that @rule never strikes? */
static bool oc_fault_hides(const struct oc_fault_rule *first,
			   const struct oc_fault_rule *rule)
{
	return (oc_fault_rivals(rule->kind) & BIT(first->kind)) &&
		first->millionths == OC_FAULT_ALWAYS && !first->times &&
		!first->after && first->interval == 1 &&
		!(rule->ops & ~first->ops) &&
		oc_span_within(&rule->grp, &first->grp) &&
		oc_span_within(&rule->pu, &first->pu) &&
		oc_span_within(&rule->chk, &first->chk) &&
		oc_span_within(&rule->sec, &first->sec);
}

/* Report that the rule's kind of fault cannot happen in its groups */
static int oc_fault_nowhere(const struct oc_fault_rule *rule, u16 can,
			    const struct oc_text *at, struct oc_text_err *err)
{
	const char *name = oc_fault_kinds[rule->kind].name;

	if (rule->kind == OC_FAULT_DROP && (can & OC_FAULT_BARE))
		return oc_text_fail(err, at,
			"no '%s' with attach=lightnvm: its host could never end the command",
			name);
	if (rule->ops == BIT(OC_OP_READ) && rule->kind != OC_FAULT_DELAY)
		return oc_text_fail(err, at,
			"'%s' in groups of oc20, oc12 or oc12h namespaces, which %u-%u are not: no other reads fail",
			name, rule->grp.from, rule->grp.to);
	return oc_text_fail(err, at,
			    "'%s' in groups that hosts can reach: %u-%u have no namespace and get none",
			    name, rule->grp.from, rule->grp.to);
}

static int oc_fault_judge_rule(const struct oc_fault_set *set, u32 nr,
			       const struct oc_geo *geo, const u16 *can,
			       struct oc_text_err *err)
{
	const struct oc_fault_rule *rule = &set->rule[nr];
	const struct oc_text at = { .line = rule->line };
	u16 any = 0, all = U16_MAX;
	u32 i;

	for (i = rule->grp.from; i <= rule->grp.to; i++) {
		any |= can[i];
		if (can[i] & BIT(rule->kind))
			all &= can[i];
	}
	if (!(any & BIT(rule->kind)))
		return oc_fault_nowhere(rule, any, &at, err);
	if ((all & OC_FAULT_SHAPED) && !(rule->ops & BIT(OC_OP_RESET)) &&
	    rule->chk.from >= geo->num_chk - geo->odd_chk &&
	    rule->sec.from >= geo->odd_secs)
		return oc_text_fail(err, &at,
				    "sec below %u: chunks %u-%u have no more sectors",
				    geo->odd_secs, rule->chk.from,
				    rule->chk.to);
	for (i = 0; i < nr; i++)
		if (oc_fault_hides(&set->rule[i], rule))
			return oc_text_fail(err, &at,
				"rules that can strike: that of line %u always does before this '%s'",
				set->rule[i].line,
				oc_fault_kinds[rule->kind].name);
	return 0;
}

/**
 * oc_fault_judge() - can each rule of a set strike?
 * @set:	rules
 * @geo:	geometry of the device
 * @can:	what can befall each group, as things are: bits of enum
 *		oc_fault_kind and OC_FAULT_*
 * @err:	filled in if one cannot
 *
 * A rule that can never strike is refused, or its author would believe that the host
 * has survived it. In doubt, a rule can strike.
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int oc_fault_judge(const struct oc_fault_set *set, const struct oc_geo *geo,
		   const u16 *can, struct oc_text_err *err)
{
	u32 i;
	int ret;

	for (i = 0; i < set->nr; i++) {
		ret = oc_fault_judge_rule(set, i, geo, can, err);
		if (ret)
			return ret;
	}
	return 0;
}

/* ---- print ------------------------------------------------------------ */

static int oc_fault_print_span(char *buf, size_t size, enum oc_fault_key key,
			       const struct oc_span32 *span, u32 limit)
{
	const char *name = oc_fault_keys[key].name;

	if (!span->from && span->to == limit - 1)
		return 0;
	if (span->from == span->to)
		return scnprintf(buf, size, " %s=%u", name, span->from);
	return scnprintf(buf, size, " %s=%u-%u", name, span->from, span->to);
}

static int oc_fault_print_percent(char *buf, size_t size, u32 millionths)
{
	u32 whole = millionths / (OC_FAULT_ALWAYS / 100);
	u32 part = millionths % (OC_FAULT_ALWAYS / 100);

	if (millionths == OC_FAULT_ALWAYS)
		return 0;
	if (!part)
		return scnprintf(buf, size, " probability=%u", whole);
	return scnprintf(buf, size, " probability=%u.%04u", whole, part);
}

/**
 * oc_fault_print() - a rule as oc_fault_parse() reads it
 * @rule:	rule
 * @geo:	geometry of the device
 * @buf:	where to
 * @size:	bytes of @buf; 256 are enough
 *
 * Keys that have their default are left out.
 *
 * Context: any.
 * Return: characters printed.
 */
int oc_fault_print(const struct oc_fault_rule *rule, const struct oc_geo *geo,
		   char *buf, size_t size)
{
	int n = scnprintf(buf, size, "%s", oc_fault_kinds[rule->kind].name);

	if (rule->ops != oc_fault_kinds[rule->kind].ops)
		n += scnprintf(buf + n, size - n, " op=%s",
			       oc_op_names[__ffs(rule->ops)]);
	n += oc_fault_print_span(buf + n, size - n, OC_KEY_GRP, &rule->grp,
				 geo->num_grp);
	n += oc_fault_print_span(buf + n, size - n, OC_KEY_PU, &rule->pu,
				 geo->num_pu);
	n += oc_fault_print_span(buf + n, size - n, OC_KEY_CHK, &rule->chk,
				 geo->num_chk);
	n += oc_fault_print_span(buf + n, size - n, OC_KEY_SEC, &rule->sec,
				 geo->clba);
	if (rule->kind == OC_FAULT_DELAY)
		n += scnprintf(buf + n, size - n, " time=%lluns",
			       rule->delay_ns);
	if (rule->for_good)
		n += scnprintf(buf + n, size - n, " until=reset");
	n += oc_fault_print_percent(buf + n, size - n, rule->millionths);
	if (rule->interval != 1)
		n += scnprintf(buf + n, size - n, " interval=%u",
			       rule->interval);
	if (rule->after)
		n += scnprintf(buf + n, size - n, " after=%u", rule->after);
	if (rule->times)
		n += scnprintf(buf + n, size - n, " times=%u", rule->times);
	return n;
}

/* ---- match and decide ------------------------------------------------- */

/**
 * oc_faults_alloc() - a channel's copy of a set
 * @set:	rules; stays until the copy is freed
 * @grp:	number of the channel
 *
 * Context: process; sleeps. kfree() ends it.
 * Return: the copy, or NULL without memory.
 */
struct oc_faults *oc_faults_alloc(struct oc_fault_set *set, u32 grp)
{
	struct oc_faults *faults;
	u32 i;

	faults = kzalloc(struct_size(faults, state, set->nr), GFP_KERNEL);
	if (!faults)
		return NULL;
	faults->grp = grp;
	faults->nr = set->nr;
	for (i = 0; i < set->nr; i++) {
		struct oc_fault_state *state = &faults->state[i];

		state->rule = &set->rule[i];
		state->skip = set->rule[i].after;
		faults->kinds |= BIT(set->rule[i].kind);
		/* Far apart, so that neighbours are not correlated */
		prandom_seed_state(&state->rnd, set->seed +
				   (grp * OC_FAULTS_MAX + i) *
				   0x9e3779b97f4a7c15ULL);
	}
	return faults;
}

static bool oc_span_has(const struct oc_span32 *span, u32 n)
{
	return n >= span->from && n <= span->to;
}

/**
 * oc_fault_concerns() - is a rule about this kind of operation on a group?
 * @rule:	rule
 * @grp:	group
 * @op:		operation
 *
 * Context: any.
 * Return: true if it is, wherever in the group.
 */
bool oc_fault_concerns(const struct oc_fault_rule *rule, u32 grp, enum oc_op op)
{
	return (rule->ops & BIT(op)) && oc_span_has(&rule->grp, grp);
}

/**
 * oc_fault_matches() - is a rule about this operation?
 * @rule:	rule
 * @grp:	group
 * @at:		operation
 *
 * Context: any.
 * Return: true if it is.
 */
bool oc_fault_matches(const struct oc_fault_rule *rule, u32 grp,
		      const struct oc_fault_at *at)
{
	return oc_fault_concerns(rule, grp, at->op) &&
		oc_span_has(&rule->pu, at->pu) &&
		oc_span_has(&rule->chk, at->chk) &&
		(at->op == OC_OP_RESET || (at->sec <= rule->sec.to &&
					   at->sec + at->n > rule->sec.from));
}

/**
 * oc_fault_strikes() - does a rule strike the operation that it matches?
 * @state:	the channel's state of the rule; counts the operation
 *
 * Context: owner of the channel.
 * Return: true if the operation fails.
 */
bool oc_fault_strikes(struct oc_fault_state *state)
{
	struct oc_fault_rule *rule = state->rule;

	WRITE_ONCE(state->seen, state->seen + 1);
	if (state->skip) {
		state->skip--;
		return false;
	}
	state->skip = rule->interval - 1;
	if (rule->millionths < OC_FAULT_ALWAYS &&
	    (u64)prandom_u32_state(&state->rnd) * OC_FAULT_ALWAYS >> 32 >=
	    rule->millionths)
		return false;
	if (rule->times && atomic_dec_if_positive(&rule->left) < 0)
		return false;
	WRITE_ONCE(state->hits, state->hits + 1);
	return true;
}

/**
 * oc_fault_pick() - what happens to an operation?
 * @faults:	the channel's rules
 * @kinds:	kinds of fault that it can have
 * @at:		operation
 *
 * The rules are tried in order; the first that strikes decides, and the ones after
 * it do not count the operation.
 *
 * Context: owner of the channel.
 * Return: the rule that strikes, or NULL.
 */
const struct oc_fault_rule *oc_fault_pick(struct oc_faults *faults, u32 kinds,
					  const struct oc_fault_at *at)
{
	u32 i;

	if (!(faults->kinds & kinds))
		return NULL;
	for (i = 0; i < faults->nr; i++) {
		struct oc_fault_state *state = &faults->state[i];

		if ((kinds & BIT(state->rule->kind)) &&
		    oc_fault_matches(state->rule, faults->grp, at) &&
		    oc_fault_strikes(state))
			return state->rule;
	}
	return NULL;
}
