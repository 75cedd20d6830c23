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
#include "options.h"

#include <sys/random.h>
#include <sys/syscall.h>

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

static const char *const forms[] = {
	"remove TARGET FILE [TEXT]", "create TARGET DEVICE UNITS FILE [TEXT]", NULL
};

static const struct command_line line = { .forms = forms };

int main(int argc, char **argv)
{
	pthread_t thread;
	int fd, ret, at = 2, nr = take_options(&line, argc, &argv);

	creates = nr > 4 && !strcmp(argv[0], "create");
	if (!creates && (nr < 3 || strcmp(argv[0], "remove")))
		usage(&line);
	take_word(removal.tgtname, argv[1], sizeof(removal.tgtname));
	if (creates) {
		take_word(create.tgtname, argv[1], sizeof(create.tgtname));
		take_word(create.dev, argv[2], sizeof(create.dev));
		take_word(create.tgttype, "pblk", sizeof(create.tgttype));
		create.last = number(&line, argv[3]) - 1;
		at = 4;
	}
	file = argv[at];
	if (nr > at + 1)
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
	printf("%s %s: %d %s\n", argv[0], argv[1], ret,
	       ret < 0 ? strerror(errno) : "");
	pthread_join(thread, NULL);
	return 0;
}
