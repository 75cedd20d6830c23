// SPDX-License-Identifier: GPL-2.0
/*
 * lnvmrace.c - one of lightnvm's ioctls at the moment the device goes
 *
 *	lnvmrace remove TARGET FILE [TEXT]
 *	lnvmrace create TARGET DEVICE UNITS FILE [TEXT]
 *
 * One thread removes or creates the target, another one writes TEXT (default 1) to
 * FILE (a controller's delete_controller), or unloads the module that FILE names
 * without a slash; which begins first is chance. What either says is printed, and no
 * failure: both orders are right.
 */
#include "common.h"

#include <sys/random.h>
#include <sys/syscall.h>

/* As the kernel has them up to 5.14 */
struct lnvm_create {
	char	dev[32];
	char	tgttype[48];
	char	tgtname[32];
	u32	flags;
	u32	type;		/* 0: the first and the last unit */
	u32	first;
	u32	last;
};

struct lnvm_remove {
	char	tgtname[32];
	u32	flags;
};

#define LNVM_CREATE	_IOW('L', 0x22, struct lnvm_create)
#define LNVM_REMOVE	_IOW('L', 0x23, struct lnvm_remove)

#define LATEST_US	30000

static pthread_barrier_t start;
static const char *file, *text = "1";
static struct lnvm_create create;
static struct lnvm_remove removal;
static bool creates;

static void late(void)
{
	u32 rnd;

	if (getrandom(&rnd, sizeof(rnd), 0) != sizeof(rnd))
		rnd = 0;
	pthread_barrier_wait(&start);
	usleep(rnd % LATEST_US);
}

static void *go(void *arg)
{
	int ret, fd;

	(void)arg;
	late();
	if (!strchr(file, '/')) {
		ret = syscall(SYS_delete_module, file, O_NONBLOCK);
		printf("unload: %s\n", ret ? strerror(errno) : "done");
		return NULL;
	}
	fd = open(file, O_WRONLY);
	ret = fd < 0 || write(fd, text, strlen(text)) < 0;
	printf("%s: %s\n", file, ret ? strerror(errno) : "written");
	if (fd >= 0)
		close(fd);
	return NULL;
}

static void take_word(char *to, const char *word, size_t room)
{
	snprintf(to, room, "%s", word);
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int fd, ret, at = 3;

	creates = argc > 5 && !strcmp(argv[1], "create");
	if (!creates && (argc < 4 || strcmp(argv[1], "remove"))) {
		fprintf(stderr, "usage: %s remove TARGET FILE [TEXT]\n"
			"       %s create TARGET DEVICE UNITS FILE [TEXT]\n",
			argv[0], argv[0]);
		return 2;
	}
	take_word(removal.tgtname, argv[2], sizeof(removal.tgtname));
	if (creates) {
		take_word(create.tgtname, argv[2], sizeof(create.tgtname));
		take_word(create.dev, argv[3], sizeof(create.dev));
		take_word(create.tgttype, "pblk", sizeof(create.tgttype));
		create.last = atoi(argv[4]) - 1;
		at = 5;
	}
	file = argv[at];
	if (argc > at + 1)
		text = argv[at + 1];

	fd = open("/dev/lightnvm/control", O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		perror("/dev/lightnvm/control");
		return 2;
	}
	pthread_barrier_init(&start, NULL, 2);
	if (pthread_create(&thread, NULL, go, NULL))
		return 2;
	late();
	ret = creates ? ioctl(fd, LNVM_CREATE, &create) :
		ioctl(fd, LNVM_REMOVE, &removal);
	printf("%s %s: %d %s\n", argv[1], argv[2], ret,
	       ret < 0 ? strerror(errno) : "");
	pthread_join(thread, NULL);
	return 0;
}
