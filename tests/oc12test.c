// SPDX-License-Identifier: GPL-2.0
/*
 * oc12test.c - send an OCSSD 1.2 namespace commands, good and bad, from user space
 *
 * On a device whose mode says that it keeps the logical addresses, the hybrid cases
 * run too.
 */
#include "oc12test.h"
#include "options.h"

/* Of physical and of hybrid devices; the first tables are those of both */
#define COMMON	3
static const struct test *const plain[] = {
	physical12_tests, matrix12_tests, lists12_tests, plain12_tests, scalar12_tests,
};

static const struct test *const logical_too[] = {
	physical12_tests, matrix12_tests, lists12_tests, hybrid12_tests, logical12_tests,
};

static const char *except = "";
static bool each, list, loose;

static const struct option_word options[] = {
	{ "-n", .text = &ns_path },
	{ "-c", .text = &ctrl_path },
	{ "-x", .text = &except },
	{ "-l", .flag = &loose },
	{ "--each", .flag = &each },
	{ "--list", .flag = &list },
	{}
};

static const char *const forms[] = {
	"[-n NAMESPACE] [-c CONTROLLER] [-l] [-x PATTERN] [--each] [PATTERN]",
	"--list",
	NULL
};

static const struct command_line line = {
	.forms = forms,
	.options = options,
	.notes = "  -l      the device takes writes in any order\n"
		 "  -x      leave these cases out\n"
		 "  --each  a line for each combination of a case that is made of many\n",
};

int main(int argc, char **argv)
{
	int nr = take_options(&line, argc, &argv);
	const char *pattern = nr ? argv[0] : "*";

	if (nr > 1)
		usage(&line);
	if (list) {
		list_tables(plain, ARRAY_SIZE(plain));
		list_tables(logical_too + COMMON, ARRAY_SIZE(logical_too) - COMMON);
		return 0;
	}
	strict = !loose;
	open_device();
	if (start_watch())
		return 1;
	if (hybrid)
		return run_tables(logical_too, ARRAY_SIZE(logical_too), pattern, except, each);
	return run_tables(plain, ARRAY_SIZE(plain), pattern, except, each);
}
