// SPDX-License-Identifier: GPL-2.0
/*
 * vecbench.c - what 64 single-address vector reads cost, and what one vector read of 64
 * addresses costs
 *
 * usage: vecbench /dev/nvmeXn1 MILLISECONDS; prints two numbers, nanoseconds: 64 commands of
 * one address, and one command of 64. The addresses are the device's first 64 sectors.
 */
#include "common.h"
#include "options.h"

#define ADDRESSES	64
#define SECTOR		4096
#define VECTOR_READ	0x92

/* The kernel copies one entry more than there are addresses */
static uint64_t list[ADDRESSES + 1];
static char *buf;

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* One vector read of the @n addresses from @first on */
static void vector_read(int fd, int first, int n)
{
	struct user_vio io = {
		.opcode = VECTOR_READ,
		.nppas = n - 1,
		.addr = (uintptr_t)(buf + first * SECTOR),
		/* A single address stands in the command itself */
		.ppa_list = n == 1 ? list[first] : (uintptr_t)&list[first],
		.data_len = n * SECTOR,
	};

	if (ioctl(fd, SUBMIT_VIO, &io)) {
		perror("SUBMIT_VIO");
		exit(1);
	}
}

/* Time for all addresses, @n to a command */
static uint64_t batch(int fd, int n)
{
	uint64_t begin = now();
	int i;

	for (i = 0; i < ADDRESSES; i += n)
		vector_read(fd, i, n);
	return now() - begin;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static const char *const forms[] = { "DEVICE MILLISECONDS", NULL };
static const struct command_line line = { .forms = forms };

int main(int argc, char **argv)
{
	static uint64_t one[100000], many[100000];
	uint64_t budget, end;
	size_t nr = 0;
	int fd, i;

	if (take_options(&line, argc, &argv) != 2)
		usage(&line);
	budget = number(&line, argv[1]) * 1000000ULL;
	fd = open(argv[0], O_RDWR);
	if (fd < 0 || posix_memalign((void **)&buf, SECTOR, ADDRESSES * SECTOR)) {
		perror(argv[0]);
		return 1;
	}
	memset(buf, 1, ADDRESSES * SECTOR);
	for (i = 0; i < ADDRESSES; i++)
		list[i] = i;
	/* In turns, so that a busy machine slows both */
	for (end = now() + budget; now() < end && nr < 100000; nr++) {
		one[nr] = batch(fd, 1);
		many[nr] = batch(fd, ADDRESSES);
	}
	qsort(one, nr, sizeof(*one), compare);
	qsort(many, nr, sizeof(*many), compare);
	printf("%llu %llu\n", (unsigned long long)one[nr / 2],
	       (unsigned long long)many[nr / 2]);
	return 0;
}
