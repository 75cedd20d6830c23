// SPDX-License-Identifier: GPL-2.0
/*
 * base/text.c - lines, words and numbers of texts that users write, and complaints
 * about them
 *
 * Pure. Words are separated by spaces, tabs or commas, lines by line ends or
 * semicolons (so that several fit in a module parameter). # begins a comment, which
 * a semicolon does not end.
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "oc_text.h"

static bool oc_text_blank(char c)
{
	return c == ' ' || c == '\t' || c == ',' || c == '\r';
}

/* The end of the line that begins at @pos */
static const char *oc_text_eol(const char *pos, const char *end)
{
	bool comment = false;

	for (; pos < end && *pos != '\n'; pos++) {
		if (*pos == '#')
			comment = true;
		if (*pos == ';' && !comment)
			break;
	}
	return pos;
}

static void oc_text_skip(struct oc_text *text)
{
	while (text->pos < text->eol && oc_text_blank(*text->pos))
		text->pos++;
	if (text->pos < text->eol && *text->pos == '#')
		text->pos = text->eol;
}

/**
 * oc_text_init() - start to read a text
 * @text:	reader
 * @chars:	the text; need not be terminated
 * @len:	its length
 *
 * Context: any.
 */
void oc_text_init(struct oc_text *text, const char *chars, size_t len)
{
	*text = (struct oc_text) { .end = chars + len };
	/* As if a line had just ended */
	text->eol = chars;
}

/**
 * oc_text_line() - go to the next line that has words
 * @text:	reader
 *
 * Context: any.
 * Return: false if there is none.
 */
bool oc_text_line(struct oc_text *text)
{
	do {
		text->pos = text->eol;
		if (!text->line) {
			text->line = 1;
		} else {
			if (text->pos >= text->end)
				return false;
			if (*text->pos++ == '\n')
				text->line++;
		}
		text->eol = oc_text_eol(text->pos, text->end);
		oc_text_skip(text);
	} while (text->pos == text->eol);
	return true;
}

/**
 * oc_text_word() - take the next word of the line
 * @text:	reader
 * @word:	OC_WORD_MAX bytes for it
 *
 * Context: any.
 * Return: its length, 0 at the line's end, or -E2BIG if it is too long.
 */
int oc_text_word(struct oc_text *text, char *word)
{
	u32 len = 0;

	oc_text_skip(text);
	while (text->pos < text->eol && !oc_text_blank(*text->pos) &&
	       *text->pos != '#') {
		if (len == OC_WORD_MAX - 1) {
			word[len] = '\0';
			return -E2BIG;
		}
		/* No keyword has a character that cannot be printed */
		word[len++] = *text->pos > ' ' && *text->pos < 0x7f ?
			*text->pos : '?';
		text->pos++;
	}
	word[len] = '\0';
	return len;
}

/**
 * oc_text_fail() - report an error in a line
 * @err:	filled in
 * @text:	reader that is at this line
 * @want:	format of what would be right, followed by its arguments
 *
 * Context: any.
 * Return: -EINVAL.
 */
int oc_text_fail(struct oc_text_err *err, const struct oc_text *text,
		 const char *want, ...)
{
	va_list args;

	err->line = text->line;
	va_start(args, want);
	vscnprintf(err->want, sizeof(err->want), want, args);
	va_end(args);
	return -EINVAL;
}

/**
 * oc_text_value() - split a word KEY=VALUE
 * @word:	word; ends before the = afterwards
 *
 * Context: any.
 * Return: the value, or NULL if the word has none.
 */
char *oc_text_value(char *word)
{
	char *value = strchr(word, '=');

	if (!value)
		return NULL;
	*value = '\0';
	return value + 1;
}

/**
 * oc_text_span() - read a number, FIRST-LAST, or * for all
 * @word:	word
 * @limit:	numbers are below it
 * @span:	filled in
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int oc_text_span(const char *word, u32 limit, struct oc_span32 *span)
{
	char from[OC_WORD_MAX];
	const char *to;

	*span = (struct oc_span32) { .to = limit - 1 };
	if (!strcmp(word, "*"))
		return 0;
	strscpy(from, word, sizeof(from));
	to = strchr(word, '-');
	if (to)
		from[to++ - word] = '\0';
	if (kstrtou32(from, 0, &span->from) ||
	    kstrtou32(to ? to : from, 0, &span->to))
		return -EINVAL;
	return span->from <= span->to && span->to < limit ? 0 : -EINVAL;
}

/**
 * struct oc_unit - a unit that may follow a number
 * @name:	its name, "" if the number may have none
 * @scale:	what the number is multiplied by; 0 ends a table
 */
struct oc_unit {
	const char *name;
	u32 scale;
};

/* Read a number in @base (0: as in C) that is followed by one of @units */
static int oc_text_scaled(const char *word, u32 base,
			  const struct oc_unit *units, u64 *val)
{
	size_t len = strlen(word), digits;
	char number[23];
	u64 n;

	for (; units->scale; units++) {
		digits = len - strlen(units->name);
		if (len <= strlen(units->name) || digits >= sizeof(number) ||
		    strcmp(word + digits, units->name))
			continue;
		memcpy(number, word, digits);
		number[digits] = '\0';
		/* No sign before it, no line end after it */
		if (!isdigit(number[0]) || !isxdigit(number[digits - 1]) ||
		    kstrtou64(number, base, &n))
			continue;
		return check_mul_overflow(n, (u64)units->scale, val) ?
			-EINVAL : 0;
	}
	return -EINVAL;
}

/**
 * oc_text_count() - read a number without a unit
 * @word:	word
 * @n:		filled in
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int oc_text_count(const char *word, u64 *n)
{
	static const struct oc_unit none[] = { { "", 1 }, { } };

	return oc_text_scaled(word, 10, none, n);
}

/**
 * oc_text_time() - read a time: nanoseconds, or with a unit (ns, us, ms, s)
 * @word:	word
 * @ns:		filled in
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int oc_text_time(const char *word, u64 *ns)
{
	static const struct oc_unit units[] = {
		{ "ns", 1 }, { "us", 1000 }, { "ms", 1000000 },
		{ "s", 1000000000 }, { "", 1 }, { },
	};

	return oc_text_scaled(word, 10, units, ns);
}

/**
 * oc_text_size() - read a size: bytes, or with a unit (K, M, G)
 * @word:	word; the number may be hexadecimal or octal
 * @bytes:	filled in
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int oc_text_size(const char *word, u64 *bytes)
{
	static const struct oc_unit units[] = {
		{ "K", SZ_1K }, { "M", SZ_1M }, { "G", SZ_1G }, { "", 1 }, { },
	};

	return oc_text_scaled(word, 0, units, bytes);
}

/**
 * oc_text_percent() - read a share: a whole number with a percent sign
 * @word:	word; the number may be hexadecimal or octal
 * @percent:	filled in, 1 to 100
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int oc_text_percent(const char *word, u64 *percent)
{
	static const struct oc_unit units[] = { { "%", 1 }, { } };
	int ret = oc_text_scaled(word, 0, units, percent);

	return ret || *percent < 1 || *percent > 100 ? -EINVAL : 0;
}

/* ---- limits, fields and complaints ------------------------------------- */

/**
 * oc_limits_hold() - may a number have this value?
 * @limits:	its limits
 * @num:	the value
 *
 * Context: any.
 * Return: true if so.
 */
bool oc_limits_hold(const struct oc_limits *limits, u32 num)
{
	bool fits = limits->step ? num % limits->step == 0 :
				   is_power_of_2(num);

	return num >= limits->min && num <= limits->max && fits;
}

/**
 * oc_pad() - fill a text field of NVMe, padded with spaces
 * @to:		the field
 * @from:	text, cut off at @size
 * @size:	bytes of the field
 *
 * Context: any.
 */
void oc_pad(char *to, const char *from, size_t size)
{
	memset(to, ' ', size);
	memcpy(to, from, min(strlen(from), size));
}

/**
 * oc_complain() - report an error in a configuration
 * @why:	filled in
 * @param:	the parameter
 * @value:	its value
 * @want:	format of what would be right, followed by its arguments
 *
 * Context: any.
 */
void oc_complain(struct oc_complaint *why, const char *param, const char *value,
		 const char *want, ...)
{
	va_list args;

	why->param = param;
	strscpy(why->value, value, sizeof(why->value));
	va_start(args, want);
	vscnprintf(why->want, sizeof(why->want), want, args);
	va_end(args);
}
