// SPDX-License-Identifier: GPL-2.0
/*
 * octest.c - send an open-channel SSD commands, good and bad, from user space
 *
 * See octest.h for how a case is made.
 */
#include "octest.h"
#include "options.h"

static const struct test *const tables[] = {
	info_tests, ctrl_tests, vector_tests, rules_tests, bad_tests,
	scalar_tests, parallel_tests, matrix_tests, list_tests, defect_tests,
	ocssd20_tests,
};

/* Whatever has failed, the next one begins as the first did */
static void without_dulbe(void)
{
	set_feature(FEAT_RECOVERY, nsid, 0);
}

static const char *except = "";
static bool each, list, fuzz;

static const struct option_word options[] = {
	{ "-n", .text = &ns_path },
	{ "-c", .text = &ctrl_path },
	{ "-m", .text = &model_path },
	{ "-x", .text = &except },
	{ "--each", .flag = &each },
	{ "--list", .flag = &list },
	{ "--fuzz", .flag = &fuzz },
	{}
};

static const char *const forms[] = {
	"[-n NAMESPACE] [-c CONTROLLER] [-x PATTERN] [--each] [PATTERN]",
	"--list",
	"[-n NAMESPACE] [-c CONTROLLER] [-m NAMESPACE] --fuzz SEED COUNT",
	NULL
};

static const struct command_line line = {
	.forms = forms,
	.options = options,
	.notes = "  -x      leave these cases out\n"
		 "  --each  a line for each combination of a case that is made of many\n"
		 "  -m      another namespace of the controller, to compare with a model\n",
};

int main(int argc, char **argv)
{
	int nr = take_options(&line, argc, &argv), failed;
	u64 first = 0;
	long count = 0;

	if (fuzz ? nr != 2 : nr > 1)
		usage(&line);
	if (list) {
		list_tables(tables, ARRAY_SIZE(tables));
		return 0;
	}
	if (fuzz) {
		first = number(&line, argv[0]);
		count = number(&line, argv[1]);
	}
	open_device();
	if (start_watch())
		return 1;
	if (fuzz) {
		failed = run_fuzz(first, count);
		printf("%u passed, %u failed\n", !failed, failed);
		return failed;
	}
	case_over = without_dulbe;
	return run_tables(tables, ARRAY_SIZE(tables), nr ? argv[0] : "*", except, each);
}
