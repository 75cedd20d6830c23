// SPDX-License-Identifier: GPL-2.0
/*
 * options.c - the words behind a program's name
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

static const char *program = "?";

void usage(const struct command_line *line)
{
	const char *const *form;

	for (form = line->forms; *form; form++)
		fprintf(stderr, "%s %s %s\n", form == line->forms ? "usage:" : "      ",
			program, *form);
	if (line->notes)
		fputs(line->notes, stderr);
	exit(2);
}

int take_options(const struct command_line *line, int argc, char ***argv)
{
	const struct option_word *opt;
	char **word = *argv;

	program = *word++;
	for (; *word && line->options && **word == '-'; word++) {
		for (opt = line->options; opt->word && strcmp(opt->word, *word); opt++)
			;
		if (!opt->word)
			usage(line);
		if (opt->flag)
			*opt->flag = true;
		if (opt->text) {
			if (!word[1])
				usage(line);
			*opt->text = *++word;
		}
	}
	argc -= word - *argv;
	*argv = word;
	return argc;
}

unsigned long long number(const struct command_line *line, const char *word)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(word, &end, 0);
	if (end == word || *end || *word == '-' || errno) {
		fprintf(stderr, "%s: want a count, not %s\n", program, word);
		usage(line);
	}
	return value;
}
