// SPDX-License-Identifier: GPL-2.0
/*
 * octest.c - send an open-channel SSD commands, good and bad, from user space
 *
 * See octest.h for how a case is made.
 */
#include "octest.h"

static const struct test *const tables[] = {
	info_tests, ctrl_tests, vector_tests, rules_tests, bad_tests,
	scalar_tests, parallel_tests,
};

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

static bool run_case(const struct test *test)
{
	bool ok = !setjmp(case_end);

	case_name = test->name;
	if (ok) {
		begin_watch(time(NULL));
		test->fn();
	}
	begin_watch(0);
	/* Whatever has failed, the next one begins as the first did */
	set_feature(FEAT_RECOVERY, nsid, 0);
	if (ok)
		printf("ok %s\n", test->name);
	else
		printf("not ok %s: %s\n", test->name, case_reason);
	fflush(stdout);
	return ok;
}

static int print_usage(const char *name)
{
	fprintf(stderr, "usage: %s [-n NAMESPACE] [-c CONTROLLER] [--list] [PATTERN]\n"
		"       %s [-n NAMESPACE] [-c CONTROLLER] --fuzz SEED COUNT\n",
		name, name);
	return 2;
}

int main(int argc, char **argv)
{
	const char *pattern = "*", *name = argv[0];
	u32 i, passed = 0, failed = 0;
	const struct test *test;
	pthread_t watcher;

	for (; argc > 1 && argv[1][0] == '-'; argc -= 2, argv += 2) {
		if (!strcmp(argv[1], "--list")) {
			for (i = 0; i < ARRAY_SIZE(tables); i++)
				for (test = tables[i]; test->name; test++)
					printf("%s\n", test->name);
			return 0;
		}
		if (!strcmp(argv[1], "--fuzz"))
			break;
		if (argc < 3 || (strcmp(argv[1], "-n") &&
				 strcmp(argv[1], "-c")))
			return print_usage(name);
		if (argv[1][1] == 'n')
			ns_path = argv[2];
		else
			ctrl_path = argv[2];
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
			if (fnmatch(pattern, test->name, 0))
				continue;
			if (run_case(test))
				passed++;
			else
				failed++;
		}
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
