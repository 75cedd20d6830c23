// SPDX-License-Identifier: GPL-2.0
/*
 * octest-upheaval.c - resets, disconnects and DULBE under the feet of all threads
 *
 * The epoch is odd while something happens that may fail commands or change DULBE.
 */
#include <limits.h>

#include "octest-fuzz.h"

#define FABRICS		"/dev/nvme-fabrics"

struct shared_dulbe fuzz_dulbe;
int fuzz_away;
static pthread_mutex_t upheaval = PTHREAD_MUTEX_INITIALIZER;
static int model_fd = -1;
int fuzz_user_fd = -1;
static u32 model_nsid;
static char ctrl_name[32], subsysnqn[256];
static bool fabrics;

u32 fuzz_epoch(void)
{
	return __atomic_load_n(&fuzz_dulbe.epoch, __ATOMIC_SEQ_CST);
}

/* No upheaval meanwhile */
void fuzz_lock_upheaval(void)
{
	pthread_mutex_lock(&upheaval);
}

void fuzz_unlock_upheaval(void)
{
	pthread_mutex_unlock(&upheaval);
}

void fuzz_begin_upheaval(void)
{
	pthread_mutex_lock(&upheaval);
	/* It is odd still if the last one could not be asked about its end */
	__atomic_store_n(&fuzz_dulbe.epoch, fuzz_epoch() | 1, __ATOMIC_SEQ_CST);
}

/* The device says whether DULBE is still on; if it cannot, it is never sure again */
void fuzz_end_upheaval(void)
{
	u32 val = 0, i;

	for (i = 0; i < 300 && model_fd >= 0; i++) {
		if (!get_feature(FEAT_RECOVERY, model_nsid, 0, &val)) {
			__atomic_store_n(&fuzz_dulbe.on, !!(val & DULBE),
					 __ATOMIC_SEQ_CST);
			__atomic_add_fetch(&fuzz_dulbe.epoch, 1,
					   __ATOMIC_SEQ_CST);
			break;
		}
		usleep(100000);
	}
	pthread_mutex_unlock(&upheaval);
}

void fuzz_set_dulbe(u32 id, bool on)
{
	fuzz_begin_upheaval();
	set_feature(FEAT_RECOVERY, id, on ? DULBE : 0);
	fuzz_end_upheaval();
}

void fuzz_reset(void)
{
	fuzz_begin_upheaval();
	xioctl(ctrl_fd, NVME_IOCTL_RESET, NULL);
	fuzz_end_upheaval();
}

/* ---- connecting ------------------------------------------------------- */

static bool read_line(const char *path, char *text, size_t len)
{
	int fd = open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, len - 1);
	close(fd);
	if (n <= 0)
		return false;
	text[n] = 0;
	text[strcspn(text, "\n")] = 0;
	return true;
}

static bool read_attr(const char *name, char *text, size_t len)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/class/nvme/%s/%s", ctrl_name, name);
	return read_line(path, text, len);
}

/* Returns the controller's number, or -errno */
static int connect_to(const char *nqn)
{
	char text[512];
	int fd = open(FABRICS, O_RDWR), ret, at = -1;
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = snprintf(text, sizeof(text),
		     "nqn=%s,transport=loop,keep_alive_tmo=60", nqn);
	ret = write(fd, text, n) == n ? 0 : -errno;
	if (!ret) {
		n = read(fd, text, sizeof(text) - 1);
		text[n > 0 ? n : 0] = 0;
		ret = sscanf(text, "instance=%d", &at) == 1 ? at : -EIO;
	}
	close(fd);
	return ret;
}

/* The new node takes the place of the old one under the number all threads use */
static bool replace(int old, const char *path)
{
	int fd = open(path, O_RDWR);

	if (fd < 0)
		return false;
	dup2(fd, old);
	close(fd);
	return true;
}

/* nvmeXn@i, whatever namespace that is */
int fuzz_open_node(u32 i, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/%sn%u", ctrl_name, i);
	return open(path, flags | O_DIRECT);
}

/* The controller's namespace of that number, -1 if it has no node now */
int fuzz_open_ns(u32 id, int flags)
{
	u32 i;

	for (i = 1; i < NS_NODES; i++) {
		int fd = fuzz_open_node(i, flags);

		if (fd >= 0 && ioctl(fd, NVME_IOCTL_ID) == (int)id)
			return fd;
		if (fd >= 0)
			close(fd);
	}
	return -1;
}

static bool replace_ns(int old, u32 id, int flags)
{
	int fd = fuzz_open_ns(id, flags);

	if (fd < 0)
		return false;
	dup2(fd, old);
	close(fd);
	return true;
}

/*
 * Nobody may keep a namespace open: as long as somebody does, the kernel takes the
 * one that comes back for a duplicate and refuses it.
 */
static void let_go(void)
{
	int fd = open("/dev/null", O_RDWR);

	__atomic_store_n(&fuzz_away, 1, __ATOMIC_SEQ_CST);
	dup2(fd, ns_fd);
	dup2(fd, ctrl_fd);
	if (model_fd >= 0)
		dup2(fd, model_fd);
	if (fuzz_user_fd >= 0)
		dup2(fd, fuzz_user_fd);
	close(fd);
}

static bool replace_all(void)
{
	bool found[4] = { false };
	char path[64];
	u32 i;

	snprintf(path, sizeof(path), "/dev/%s", ctrl_name);
	for (i = 0; i < 600; i++) {
		/* A command in flight may have held one for a little longer */
		if (found[0] && i % 20 == 19)
			xioctl(ctrl_fd, NVME_IOCTL_RESCAN, NULL);
		found[0] = found[0] || replace(ctrl_fd, path);
		found[1] = found[1] || replace_ns(ns_fd, nsid, O_RDWR);
		found[2] = found[2] || model_fd < 0 ||
			replace_ns(model_fd, model_nsid, O_RDWR);
		found[3] = found[3] || fuzz_user_fd < 0 ||
			replace_ns(fuzz_user_fd, nsid, O_RDONLY);
		if (found[0] && found[1] && found[2] && found[3])
			return true;
		usleep(50000);
	}
	return false;
}

static void disconnect(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/class/nvme/%s/delete_controller",
		 ctrl_name);
	poke(path, "1");
}

bool fuzz_can_reconnect(void)
{
	return fabrics;
}

void fuzz_reconnect(void)
{
	int ret, i;

	fuzz_begin_upheaval();
	disconnect();
	let_go();
	for (i = 0; i < 300; i++) {
		ret = connect_to(subsysnqn);
		if (ret >= 0)
			break;
		usleep(100000);
	}
	if (ret < 0) {
		printf("# cannot connect again: errno %d\n", -ret);
		__atomic_store_n(&fuzz_stop, 2, __ATOMIC_RELEASE);
	} else {
		snprintf(ctrl_name, sizeof(ctrl_name), "nvme%d", ret);
		if (!replace_all()) {
			printf("# the namespaces of %s do not come back\n",
			       ctrl_name);
			__atomic_store_n(&fuzz_stop, 2, __ATOMIC_RELEASE);
		}
	}
	__atomic_store_n(&fuzz_away, 0, __ATOMIC_SEQ_CST);
	fuzz_end_upheaval();
}

/* While a controller has the device nobody else gets it; a discovery does */
void fuzz_connect_twice(void)
{
	static const char discovery[] = "nqn.2014-08.org.nvmexpress.discovery";
	char path[PATH_MAX];
	int ret;

	ret = connect_to(subsysnqn);
	if (ret >= 0) {
		printf("# a second controller could connect\n");
		__atomic_store_n(&fuzz_stop, 2, __ATOMIC_RELEASE);
	} else {
		ret = connect_to(discovery);
	}
	if (ret >= 0) {
		snprintf(path, sizeof(path),
			 "/sys/class/nvme/nvme%d/delete_controller", ret);
		poke(path, "1");
	}
}

/* @fd and @id: the model's namespace, -1 for none */
void upheaval_init(int fd, u32 id)
{
	const char *name = strrchr(ctrl_path, '/');
	char transport[32] = "";

	model_fd = fd;
	model_nsid = id;
	snprintf(ctrl_name, sizeof(ctrl_name), "%s",
		 name ? name + 1 : ctrl_path);
	fabrics = read_attr("transport", transport, sizeof(transport)) &&
		!strcmp(transport, "loop") &&
		read_attr("subsysnqn", subsysnqn, sizeof(subsysnqn)) &&
		!access(FABRICS, W_OK);
}
