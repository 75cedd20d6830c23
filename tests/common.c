// SPDX-License-Identifier: GPL-2.0
/*
 * common.c - what the programs that send commands share: how cases are run and
 * judged, the ways in, the test pattern
 */
#include <dirent.h>

#include "common.h"

const char *ns_path = "/dev/nvme0n1", *ctrl_path = "/dev/nvme0";
int ns_fd = -1, ctrl_fd = -1;
u32 nsid, lba_size, oob_size;
u8 dlfeat;

u8 *data, *data2, *oob, *oob2;
size_t data_room;

u32 generation;
u64 seed = 1;
__thread u64 bitmap;

const char * const vias[VIAS] = { "submit", "vio", "passthru" };

jmp_buf case_end;
char case_reason[512];
time_t case_began;
const char *case_name;
void (*case_over)(void);

/* ---- judging ---------------------------------------------------------- */

void __noreturn __printf(1, 2) fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(case_reason, sizeof(case_reason), fmt, args);
	va_end(args);
	longjmp(case_end, 1);
}

/* The device cannot have what the case is about */
void __noreturn __printf(1, 2) skip(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(case_reason, sizeof(case_reason), fmt, args);
	va_end(args);
	longjmp(case_end, CASE_SKIPPED);
}

/* As one reads it: a status is hexadecimal, an errno is not */
const char *status_text(int status)
{
	static __thread char text[24];

	snprintf(text, sizeof(text), status < 0 ? "errno %d" : "%04x", status);
	return text;
}

void want_status(const char *what, int got, int want)
{
	need(got == want, "%s: want status %04x, came %s", what, want,
	     status_text(got));
}

void begin_watch(time_t now)
{
	__atomic_store_n(&case_began, now, __ATOMIC_RELEASE);
}

/* ---- random numbers --------------------------------------------------- */

u64 rnd_next(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * 0x2545f4914f6cdd1dULL;
}

u64 rnd(void)
{
	return rnd_next(&seed);
}

u32 below(u32 n)
{
	return (rnd() >> 16) % n;
}

/* ---- commands --------------------------------------------------------- */

int xioctl(int fd, unsigned long req, void *arg)
{
	int ret = ioctl(fd, req, arg);

	return ret < 0 ? -errno : ret;
}

int admin(struct nvme_passthru_cmd *cmd)
{
	return xioctl(ctrl_fd, NVME_IOCTL_ADMIN_CMD, cmd);
}

int io(struct nvme_passthru_cmd *cmd)
{
	return xioctl(ns_fd, NVME_IOCTL_IO_CMD, cmd);
}

/* Status without DNR, or -errno; the failed sectors end up in bitmap */
static int vio_status(int ret, u32 result, u64 failed)
{
	bitmap = failed;
	return ret == -EIO && result ? (int)result : ret;
}

int submit_vio(struct user_vio *cmd)
{
	int ret = xioctl(ns_fd, SUBMIT_VIO, cmd);

	return vio_status(ret, cmd->result, cmd->status);
}

int passthru_vio(unsigned long req, struct passthru_vio *cmd)
{
	int ret = xioctl(ns_fd, req, cmd);

	return vio_status(ret, cmd->result, cmd->status);
}

int scalar(u8 op, u64 slba, u32 nr, void *buf, void *meta)
{
	struct nvme_user_io cmd = {
		.opcode = op, .nblocks = nr - 1, .slba = slba,
		.addr = ptr(buf), .metadata = ptr(meta),
	};

	return xioctl(ns_fd, NVME_IOCTL_SUBMIT_IO, &cmd);
}

u64 all_bits(u32 nr)
{
	return nr == 64 ? ~0ULL : BIT64(nr) - 1;
}

/* The host's own: the command did not get to the device, or did not come back */
bool is_hosts(int status)
{
	return status < 0 || (status & 0x7f0) == 0x370;
}

void poke(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		return;
	/* Some of it is wrong on purpose */
	if (write(fd, text, strlen(text)) < 0)
		errno = 0;
	close(fd);
}

void make_rooms(void)
{
	size_t room;

	data_room = MAX_VEC * lba_size;
	room = data_room < 131072 ? 131072 : data_room;
	need(!posix_memalign((void **)&data, 4096, room + 8192) &&
	     !posix_memalign((void **)&data2, 4096, room + 8192) &&
	     !posix_memalign((void **)&oob, 4096, OOB_ROOM) &&
	     !posix_memalign((void **)&oob2, 4096, OOB_ROOM), "no memory");
	need(MAX_VEC * oob_size + 64 <= OOB_ROOM, "OOB of %u", oob_size);
}

/* ---- the test pattern ------------------------------------------------- */

#define MIX		0x9e3779b97f4a7c15ULL
#define MIX_AGAIN	0xbf58476d1ce4e5b9ULL
#define UNMIX		0xf1de83e19937733dULL	/* times MIX is 1 */
#define UNMIX_AGAIN	0x96de1b173f119089ULL
#define MIX_GEN		40	/* generations are above, below there is the address */

u64 mix(u64 lba, u32 gen)
{
	u64 x = (lba + 1) * MIX ^ (u64)gen << MIX_GEN;

	x ^= x >> 29;
	return x * MIX_AGAIN | 1;
}

/* The address, below @end, and the generation that were mixed. False: none were */
bool unmix(u64 word, u64 end, u64 *lba, u32 *gen)
{
	u64 low = BIT64(MIX_GEN) - 1, x, n, i;

	for (i = 0; i < 2; i++) {
		x = (word ^ i) * UNMIX_AGAIN;
		x ^= x >> 29 ^ x >> 58;
		n = (x & low) * UNMIX & low;
		*lba = n - 1;
		*gen = (x ^ n * MIX) >> MIX_GEN;
		if (*lba < end && mix(*lba, *gen) == word)
			return true;
	}
	return false;
}

void pattern(u64 lba, u32 gen, void *buf, void *meta)
{
	u64 x = mix(lba, gen), *word = buf;
	u8 *byte = meta;
	u32 i;

	for (i = 0; i < lba_size / 8; i++)
		word[i] = x + i;
	for (i = 0; i < oob_size; i++)
		byte[i] = x >> i % 8 * 8 ^ (i + 0x40);
}

bool all_are(const void *buf, u8 byte, size_t len)
{
	const u8 *p = buf;

	return !len || (p[0] == byte && !memcmp(p, p + 1, len - 1));
}

/* What is wrong with a sector that was read, or NULL */
const char *judge_sector(u64 lba, u32 gen, bool written, const void *buf,
			 const void *meta)
{
	u64 x = mix(lba, gen);
	const u64 *word = buf;
	const u8 *byte = meta;
	u32 i;

	if (!written) {
		if (dlfeat && !all_are(buf, dlfeat == 2 ? 0xff : 0, lba_size))
			return "data not as DLFEAT says";
		if (meta && !all_are(meta, 0xff, oob_size))
			return "OOB not ffh";
		return NULL;
	}
	for (i = 0; i < lba_size / 8; i++)
		if (word[i] != x + i)
			return "wrong data";
	for (i = 0; meta && i < oob_size; i++)
		if (byte[i] != (u8)(x >> i % 8 * 8 ^ (i + 0x40)))
			return "wrong OOB";
	return NULL;
}

void pattern_list(const u64 *list, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		pattern(list[i], generation, data + i * lba_size,
			oob + i * oob_size);
}

/* ---- running cases ---------------------------------------------------- */

static bool each;	/* combinations get a line of their own */
static u32 passed, failed, skipped;

/* Where each thread of this process waits: in user space it is a futex or a nap */
static void print_threads(void)
{
	char path[64], stack[2048];
	struct dirent *entry;
	DIR *dir = opendir("/proc/self/task");
	ssize_t len;
	int fd;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%.10s/stack",
			 entry->d_name);
		fd = open(path, O_RDONLY);
		len = fd < 0 ? 0 : read(fd, stack, sizeof(stack) - 1);
		if (fd >= 0)
			close(fd);
		stack[len > 0 ? len : 0] = 0;
		printf("# thread %s waits in\n", entry->d_name);
		for (char *line = strtok(stack, "\n"); line;
		     line = strtok(NULL, "\n"))
			printf("#   %s\n", line);
	}
	if (dir)
		closedir(dir);
}

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
		print_threads();
		fflush(stdout);
		poke("/proc/sysrq-trigger", "w");
		_exit(1);
	}
	return NULL;
}

int start_watch(void)
{
	pthread_t watcher;

	return pthread_create(&watcher, NULL, watch, NULL);
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
	if (case_over)
		case_over();
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

u32 add_amount(u32 *list, u32 n, u32 amount)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (list[i] == amount)
			return n;
	if (!amount || amount > MAX_VEC)
		return n;
	list[n] = amount;
	return n + 1;
}

void list_tables(const struct test *const *tables, u32 nr)
{
	const struct test *test;
	u32 i;

	for (i = 0; i < nr; i++)
		for (test = tables[i]; test->name; test++)
			printf("%s\n", test->name);
}

/* The cases that @pattern names and @except does not. 0 if all is well */
int run_tables(const struct test *const *tables, u32 nr, const char *pattern,
	       const char *except, bool each_line)
{
	const struct test *test;
	u32 i;

	each = each_line;
	for (i = 0; i < nr; i++) {
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
