/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_text.h - texts that people read and write: words, lines, complaints
 */
#ifndef OC_TEXT_H
#define OC_TEXT_H

#include <linux/types.h>

/**
 * struct oc_complaint - what is wrong with a configuration, for one log line
 * @param:	the parameter's name
 * @value:	its value, as text
 * @want:	what would be right
 */
struct oc_complaint {
	const char *param;
	char value[80];
	char want[120];
};

/**
 * struct oc_limits - which values a number may have
 * @min:	smallest
 * @max:	largest
 * @step:	it must be a multiple of this, or a power of two if 0
 * @want:	the same in words
 */
struct oc_limits {
	u32 min;
	u32 max;
	u32 step;
	const char *want;
};

#define OC_WORD_MAX	64U	/* bytes of a word, its end included */

/**
 * struct oc_text - a text that is read line by line, word by word
 * @pos:	what comes next
 * @eol:	end of the line
 * @end:	end of the text
 * @line:	number of the line, the first is 1
 */
struct oc_text {
	const char *pos;
	const char *eol;
	const char *end;
	u32 line;
};

/**
 * struct oc_text_err - why a text is refused
 * @line:	the line with the error
 * @want:	what would be right, and the word that is wrong
 */
struct oc_text_err {
	u32 line;
	char want[120];
};

/**
 * struct oc_span32 - numbers from one to another
 * @from:	the first
 * @to:		the last
 */
struct oc_span32 {
	u32 from;
	u32 to;
};

/* ---- base/text.c ---------------------------------------------------------- */

void oc_text_init(struct oc_text *text, const char *chars, size_t len);
bool oc_text_line(struct oc_text *text);
int oc_text_word(struct oc_text *text, char *word);
int oc_text_fail(struct oc_text_err *err, const struct oc_text *text,
		 const char *want, ...) __printf(3, 4);
char *oc_text_value(char *word);
int oc_text_span(const char *word, u32 limit, struct oc_span32 *span);
int oc_text_count(const char *word, u64 *n);
int oc_text_time(const char *word, u64 *ns);
int oc_text_size(const char *word, u64 *bytes);
int oc_text_percent(const char *word, u64 *percent);
bool oc_limits_hold(const struct oc_limits *limits, u32 num);
void oc_pad(char *to, const char *from, size_t size);
void oc_complain(struct oc_complaint *why, const char *param, const char *value,
		 const char *want, ...) __printf(4, 5);

#endif /* OC_TEXT_H */
