/* SPDX-License-Identifier: GPL-2.0 */
/*
 * options.h - the words behind a program's name
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

/**
 * struct option_word - a word that begins with a dash
 * @word:	the word; NULL ends a table
 * @text:	where the word behind it goes, or NULL if it stands alone
 * @flag:	set if it is there, or NULL
 */
struct option_word {
	const char *word;
	const char **text;
	bool *flag;
};

/**
 * struct command_line - what a program may be told
 * @forms:	what may stand behind its name, a line for each way to call it, up to NULL
 * @notes:	what the options mean, or NULL
 * @options:	they come first; NULL for none
 */
struct command_line {
	const char *const *forms;
	const char *notes;
	const struct option_word *options;
};

/* Take the options; the words behind them follow, and their number is returned */
int take_options(const struct command_line *line, int argc, char ***argv);

/* Say how the program is called, and end it with status 2 */
void __attribute__((noreturn)) usage(const struct command_line *line);

/* A number of any base; ends the program if the word is none */
unsigned long long number(const struct command_line *line, const char *word);

#endif /* OPTIONS_H */
