// SPDX-License-Identifier: GPL-2.0
/*
 * octest.c - send an open-channel SSD commands, good and bad, from user space
 *
 * See octest.h for how a case is made.
 */
#include "octest.h"

static const struct test *const tables[] = {
	info_tests, ctrl_tests, vector_tests, rules_tests, bad_tests,
	scalar_tests, parallel_tests, matrix_tests, defect_tests,
	ocssd20_tests,
};

/* Whatever has failed, the next one begins as the first did */
static void without_dulbe(void)
{
	set_feature(FEAT_RECOVERY, nsid, 0);
}

static int print_usage(const char *name)
{
	fprintf(stderr, "usage: %s [-n NAMESPACE] [-c CONTROLLER] [-x PATTERN] [--each] [PATTERN]\n"
		"       %s --list\n"
		"       %s [-n NAMESPACE] [-c CONTROLLER] [-m NAMESPACE] --fuzz SEED COUNT\n"
		"  -x      leave these cases out\n"
		"  --each  a line for each combination of a case that is made of many\n"
		"  -m      another namespace of the controller, to compare with a model\n",
		name, name, name);
	return 2;
}

int main(int argc, char **argv)
{
	const char *pattern = "*", *except = "", *name = argv[0];
	bool each = false;
	int failed;

	for (; argc > 1 && argv[1][0] == '-'; argc--, argv++) {
		if (!strcmp(argv[1], "--list")) {
			list_tables(tables, ARRAY_SIZE(tables));
			return 0;
		}
		if (!strcmp(argv[1], "--each")) {
			each = true;
			continue;
		}
		if (!strcmp(argv[1], "--fuzz"))
			break;
		if (argc < 3)
			return print_usage(name);
		if (!strcmp(argv[1], "-n"))
			ns_path = argv[2];
		else if (!strcmp(argv[1], "-c"))
			ctrl_path = argv[2];
		else if (!strcmp(argv[1], "-m"))
			model_path = argv[2];
		else if (!strcmp(argv[1], "-x"))
			except = argv[2];
		else
			return print_usage(name);
		argc--;
		argv++;
	}

	open_device();
	if (start_watch())
		return 1;
	if (argc > 1 && !strcmp(argv[1], "--fuzz")) {
		if (argc != 4)
			return print_usage(name);
		failed = run_fuzz(strtoull(argv[2], NULL, 0),
				  strtol(argv[3], NULL, 0));
		printf("%u passed, %u failed\n", !failed, failed);
		return failed;
	}
	if (argc > 2)
		return print_usage(name);
	if (argc == 2)
		pattern = argv[1];
	case_over = without_dulbe;
	return run_tables(tables, ARRAY_SIZE(tables), pattern, except, each);
}
