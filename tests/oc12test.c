// SPDX-License-Identifier: GPL-2.0
/*
 * oc12test.c - send an OCSSD 1.2 namespace commands, good and bad, from user space
 *
 * On a device whose mode says that it keeps the logical addresses, the hybrid cases
 * run too.
 */
#include "oc12test.h"

/* Of physical and of hybrid devices; the first tables are those of both */
static const struct test *const plain[] = {
	physical12_tests, matrix12_tests, plain12_tests, scalar12_tests,
};

static const struct test *const logical_too[] = {
	physical12_tests, matrix12_tests, hybrid12_tests, logical12_tests,
};

static int print_usage(const char *name)
{
	fprintf(stderr, "usage: %s [-n NAMESPACE] [-c CONTROLLER] [-l] [-x PATTERN] [--each]\n"
		"       [PATTERN]\n"
		"       %s --list\n"
		"  -l      the device takes writes in any order\n"
		"  -x      leave these cases out\n"
		"  --each  a line for each combination of a case that is made of many\n",
		name, name);
	return 2;
}

int main(int argc, char **argv)
{
	const char *except = "", *name = argv[0];
	bool each = false;

	for (; argc > 1 && argv[1][0] == '-'; argc--, argv++) {
		if (!strcmp(argv[1], "--list")) {
			list_tables(plain, ARRAY_SIZE(plain));
			list_tables(logical_too + 2, ARRAY_SIZE(logical_too) - 2);
			return 0;
		}
		if (!strcmp(argv[1], "--each")) {
			each = true;
			continue;
		}
		if (!strcmp(argv[1], "-l")) {
			strict = false;
			continue;
		}
		if (argc < 3)
			return print_usage(name);
		if (!strcmp(argv[1], "-n"))
			ns_path = argv[2];
		else if (!strcmp(argv[1], "-c"))
			ctrl_path = argv[2];
		else if (!strcmp(argv[1], "-x"))
			except = argv[2];
		else
			return print_usage(name);
		argc--;
		argv++;
	}
	if (argc > 2)
		return print_usage(name);

	open_device();
	if (start_watch())
		return 1;
	if (hybrid)
		return run_tables(logical_too, ARRAY_SIZE(logical_too),
				  argc == 2 ? argv[1] : "*", except, each);
	return run_tables(plain, ARRAY_SIZE(plain), argc == 2 ? argv[1] : "*",
			  except, each);
}
