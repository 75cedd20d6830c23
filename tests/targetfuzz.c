// SPDX-License-Identifier: GPL-2.0
/*
 * targetfuzz.c - lightnvm targets that come and go, written and read at random
 *
 * For a device without a controller (attach=lightnvm): DEVICE is as lightnvm names it,
 * and each thread has some of its parallel units. A thread knows what it has written to its
 * target, which begins empty each time it is made: what pblk finds again of the last one is
 * pblk's.
 */
#include "common.h"
#include "options.h"

#define CONTROL		"/dev/lightnvm/control"
#define DEBUG		"/sys/kernel/debug/ocloop/ssd0/"
#define PARAM		"/sys/module/ocloop/parameters/"
#define THREADS		2
#define BLOCK		4096U
#define TRACKED		1024U

#define TARGET_FACTORY	1

struct user {
	pthread_t thread;
	uint64_t rnd;
	char name[32];
	uint32_t id;
	uint32_t made;
	uint32_t sent;
	uint32_t gen[TRACKED];	/* 0: never written */
	uint8_t *buf;
	bool failed;
};

static const char *device;
static unsigned int units;
static int control = -1, stop;
static long left;

static uint32_t pick(struct user *u, uint32_t n)
{
	u->rnd ^= u->rnd << 13;
	u->rnd ^= u->rnd >> 7;
	u->rnd ^= u->rnd << 17;
	return (u->rnd >> 20) % n;
}

static bool take(void)
{
	return !__atomic_load_n(&stop, __ATOMIC_RELAXED) &&
		__atomic_sub_fetch(&left, 1, __ATOMIC_RELAXED) >= 0;
}

static void wrong(struct user *u, const char *what, int err)
{
	printf("# %s: %s: %s\n", u->name, what, strerror(err));
	fflush(stdout);
	u->failed = true;
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
}

static void peek(const char *path)
{
	char text[4096];
	int fd = open(path, O_RDONLY);

	while (fd >= 0 && read(fd, text, sizeof(text)) > 0)
		;
	if (fd >= 0)
		close(fd);
}

static int make(struct user *u)
{
	struct lnvm_create arg = {
		.tgttype = "pblk",
		.flags = TARGET_FACTORY,
		.first = u->id * units / THREADS,
		.last = (u->id + 1) * units / THREADS - 1,
	};

	strcpy(arg.dev, device);
	strcpy(arg.tgtname, u->name);
	u->made++;
	return ioctl(control, LNVM_CREATE, &arg) ? -errno : 0;
}

static int destroy(const char *name)
{
	struct lnvm_remove arg = { .flags = 0 };

	strcpy(arg.tgtname, name);
	return ioctl(control, LNVM_REMOVE, &arg) ? -errno : 0;
}

static int open_target(struct user *u)
{
	char path[64];
	int fd, i;

	snprintf(path, sizeof(path), "/dev/%s", u->name);
	for (i = 0; i < 100; i++) {
		fd = open(path, O_RDWR | O_DIRECT);
		if (fd >= 0)
			return fd;
		usleep(20000);
	}
	return -1;
}

static void fill(struct user *u, uint32_t at, uint32_t n, uint32_t gen)
{
	uint64_t *word = (uint64_t *)u->buf;
	uint32_t i;

	for (i = 0; i < n * BLOCK / 8; i++)
		word[i] = ((uint64_t)gen << 32 | (at + i / (BLOCK / 8))) *
			0x9e3779b97f4a7c15ULL + u->id;
}

/* What was never written may be anything: pblk does not clear it */
static bool judge(struct user *u, uint32_t at, uint32_t n)
{
	uint8_t *got = u->buf + n * BLOCK;
	uint32_t i;

	for (i = 0; i < n; i++, got += BLOCK) {
		if (!u->gen[at + i])
			continue;
		fill(u, at + i, 1, u->gen[at + i]);
		if (memcmp(u->buf, got, BLOCK))
			return false;
	}
	return true;
}

static bool use(struct user *u)
{
	uint32_t k, n, at, i, gen = u->made << 16;
	int fd = open_target(u);

	if (fd < 0) {
		wrong(u, "no such disk", ENODEV);
		return false;
	}
	for (k = pick(u, 400); k && take(); k--, u->sent++) {
		n = 1 + pick(u, 32);
		at = pick(u, TRACKED - n);
		switch (pick(u, 8)) {
		case 0:
			if (fsync(fd))
				wrong(u, "fsync", errno);
			break;
		case 1:
		case 2:
		case 3:
			if (pread(fd, u->buf + n * BLOCK, n * BLOCK, (off_t)at *
				  BLOCK) != (ssize_t)(n * BLOCK))
				wrong(u, "read", errno);
			else if (!judge(u, at, n))
				wrong(u, "a read of what was not written", EIO);
			break;
		default:
			fill(u, at, n, ++gen);
			if (pwrite(fd, u->buf, n * BLOCK, (off_t)at * BLOCK) !=
			    (ssize_t)(n * BLOCK))
				wrong(u, "write", errno);
			for (i = 0; i < n; i++)
				u->gen[at + i] = gen;
			break;
		}
		if (u->failed)
			break;
	}
	close(fd);
	return !u->failed;
}

static void *user_thread(void *arg)
{
	struct user *u = arg;
	int ret;

	while (take()) {
		ret = make(u);
		if (ret) {
			wrong(u, "cannot be made", -ret);
			break;
		}
		/* What is there already, or not at all */
		if (!pick(u, 4) && make(u) != -EINVAL)
			wrong(u, "made twice", 0);
		destroy("nobody");
		memset(u->gen, 0, sizeof(u->gen));
		if (!use(u))
			break;
		ret = destroy(u->name);
		if (ret) {
			wrong(u, "cannot be removed", -ret);
			break;
		}
	}
	return NULL;
}

static void *looker_thread(void *arg)
{
	static const char * const files[] = {
		DEBUG "state", DEBUG "channels", DEBUG "memory", DEBUG "faults",
		PARAM "timing",
	};
	static const char * const timings[] = {
		"off", "read=20us,prog=50us", "slc", "nonsense", "off",
	};
	struct user *u = arg;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED) &&
	       __atomic_load_n(&left, __ATOMIC_RELAXED) > 0) {
		if (pick(u, 4))
			peek(files[pick(u, 5)]);
		else if (pick(u, 2))
			poke(PARAM "timing", timings[pick(u, 5)]);
		else
			poke(DEBUG "faults", pick(u, 2) ? "clear\n" :
			     "delay probability=3 time=2ms\n");
		usleep(pick(u, 30000));
	}
	poke(PARAM "timing", "off");
	poke(DEBUG "faults", "clear\n");
	return NULL;
}

static const char *const forms[] = { "DEVICE UNITS SEED COUNT", NULL };
static const struct command_line line = { .forms = forms };

int main(int argc, char **argv)
{
	static struct user users[THREADS + 1];
	unsigned long long seed;
	bool bad = false;
	uint32_t i;

	if (take_options(&line, argc, &argv) != 4 || strlen(argv[0]) > 31)
		usage(&line);
	device = argv[0];
	units = number(&line, argv[1]);
	seed = number(&line, argv[2]);
	left = number(&line, argv[3]);
	control = open(CONTROL, O_RDWR);
	if (control < 0) {
		perror(CONTROL);
		return 2;
	}
	for (i = 0; i < THREADS + 1; i++) {
		users[i].id = i;
		users[i].rnd = (seed + 1) * 0x9e3779b97f4a7c15ULL + i * 77;
		snprintf(users[i].name, sizeof(users[i].name), "tgt%u", i);
		if (posix_memalign((void **)&users[i].buf, BLOCK, 64 * BLOCK) ||
		    pthread_create(&users[i].thread, NULL, i < THREADS ?
				   user_thread : looker_thread, &users[i]))
			return 2;
	}
	for (i = 0; i < THREADS + 1; i++) {
		pthread_join(users[i].thread, NULL);
		printf("# %s: made %u times, %u commands\n", users[i].name,
		       users[i].made, users[i].sent);
		bad |= users[i].failed;
	}
	printf("%sok targets\n%u passed, %u failed\n", bad ? "not " : "", !bad,
	       bad);
	return bad;
}
