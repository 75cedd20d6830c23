// SPDX-License-Identifier: GPL-2.0
/*
 * vecbench.c - what 64 single-address vector reads cost, and what one vector read of 64
 * addresses costs
 *
 * usage: vecbench /dev/nvmeXn1 MILLISECONDS; prints two numbers, nanoseconds: 64 commands of
 * one address, and one command of 64. The addresses are the device's first 64 sectors.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

/* linux/lightnvm.h, which kernels after 5.14 no longer bring */
struct nvm_user_vio {
	uint8_t opcode;
	uint8_t flags;
	uint16_t control;
	uint16_t nppas;
	uint16_t rsvd;
	uint64_t metadata;
	uint64_t addr;
	uint64_t ppa_list;
	uint32_t metadata_len;
	uint32_t data_len;
	uint64_t status;
	uint32_t result;
	uint32_t rsvd3[3];
};

#define NVME_NVM_IOCTL_SUBMIT_VIO	_IOWR('L', 0x42, struct nvm_user_vio)

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
	struct nvm_user_vio io = {
		.opcode = VECTOR_READ,
		.nppas = n - 1,
		.addr = (uintptr_t)(buf + first * SECTOR),
		/* A single address stands in the command itself */
		.ppa_list = n == 1 ? list[first] : (uintptr_t)&list[first],
		.data_len = n * SECTOR,
	};

	if (ioctl(fd, NVME_NVM_IOCTL_SUBMIT_VIO, &io)) {
		perror("NVME_NVM_IOCTL_SUBMIT_VIO");
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

int main(int argc, char **argv)
{
	static uint64_t one[100000], many[100000];
	uint64_t end;
	size_t nr = 0;
	int fd, i;

	if (argc != 3) {
		fprintf(stderr, "usage: vecbench DEVICE MILLISECONDS\n");
		return 2;
	}
	fd = open(argv[1], O_RDWR);
	if (fd < 0 || posix_memalign((void **)&buf, SECTOR, ADDRESSES * SECTOR)) {
		perror(argv[1]);
		return 1;
	}
	memset(buf, 1, ADDRESSES * SECTOR);
	for (i = 0; i < ADDRESSES; i++)
		list[i] = i;
	/* In turns, so that a busy machine slows both */
	for (end = now() + atoi(argv[2]) * 1000000ULL;
	     now() < end && nr < 100000; nr++) {
		one[nr] = batch(fd, 1);
		many[nr] = batch(fd, ADDRESSES);
	}
	qsort(one, nr, sizeof(*one), compare);
	qsort(many, nr, sizeof(*many), compare);
	printf("%llu %llu\n", (unsigned long long)one[nr / 2],
	       (unsigned long long)many[nr / 2]);
	return 0;
}
