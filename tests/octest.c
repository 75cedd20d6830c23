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

static bool each;	/* combinations get a line of their own */
static u32 passed, failed, skipped;

/* A command that never ends cannot be interrupted, but it can be told of */
static void *watch(void *arg)
{
	time_t began;

	(void)arg;
	for (;;) {
		sleep(1);
		began = __atomic_load_n(&case_began, __ATOMIC_ACQUIRE);
		if (!began || time(NULL) - began < 200)
			continue;
		printf("not ok %s: want an end, came none in 200 s\n",
		       case_name);
		fflush(stdout);
		poke("/proc/sysrq-trigger", "w");
		_exit(1);
	}
	return NULL;
}

/* Of the case that runs: how its combinations went */
static struct {
	u32 good;
	u32 bad;
	char first[256];
} combos;

void combination(const char *wrong, const char *fmt, ...)
{
	char name[160];
	va_list args;

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	begin_watch(time(NULL));
	if (wrong) {
		if (!combos.bad++)
			snprintf(combos.first, sizeof(combos.first), "%s: %s",
				 name, wrong);
		printf("%s %s/%s: %s\n", each ? "not ok" : "#", case_name,
		       name, wrong);
	} else {
		combos.good++;
		if (each)
			printf("ok %s/%s\n", case_name, name);
	}
}

static void run_case(const struct test *test)
{
	int end = setjmp(case_end);

	case_name = test->name;
	if (!end) {
		memset(&combos, 0, sizeof(combos));
		begin_watch(time(NULL));
		test->fn();
	}
	begin_watch(0);
	/* Whatever has failed, the next one begins as the first did */
	set_feature(FEAT_RECOVERY, nsid, 0);
	if (each) {
		passed += combos.good;
		failed += combos.bad;
	} else if (combos.bad && !end) {
		snprintf(case_reason, sizeof(case_reason), "%u of %u wrong, %s",
			 combos.bad, combos.bad + combos.good, combos.first);
		end = 1;
	}
	if (end == CASE_SKIPPED) {
		printf("# skipped %s: %s\n", test->name, case_reason);
		skipped++;
	} else if (end) {
		printf("not ok %s: %s\n", test->name, case_reason);
		failed++;
	} else if (!each || !(combos.good + combos.bad)) {
		printf("ok %s\n", test->name);
		passed++;
	}
	fflush(stdout);
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
	u32 i;
	const struct test *test;
	pthread_t watcher;

	for (; argc > 1 && argv[1][0] == '-'; argc--, argv++) {
		if (!strcmp(argv[1], "--list")) {
			for (i = 0; i < ARRAY_SIZE(tables); i++)
				for (test = tables[i]; test->name; test++)
					printf("%s\n", test->name);
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
	if (pthread_create(&watcher, NULL, watch, NULL))
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
	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		for (test = tables[i]; test->name; test++) {
			if (fnmatch(pattern, test->name, 0) ||
			    !fnmatch(except, test->name, 0))
				continue;
			run_case(test);
		}
	}
	if (skipped)
		printf("# %u skipped\n", skipped);
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
