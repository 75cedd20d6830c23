// SPDX-License-Identifier: GPL-2.0
/*
 * octest-machine.c - what the machine, its administrator and its users do meanwhile
 */
#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "octest-fuzz.h"

#define NOBODY		65534
#define CPU_ONLINE	"/sys/devices/system/cpu/cpu1/online"

/* ---- an administrator ------------------------------------------------- */

/* Resets, scans, times, and all that is there to look at */
void *fuzz_admin_thread(void *arg)
{
	static const char * const timings[] = {
		"off", "read=20us,prog=50us", "mlc", "read=1us", "nonsense",
		"slc", "read=10us,prog=20us,erase=50us,bus=1us", "", "tlc",
		"read=99999999999999s", "off",
	};
	struct fuzzer *f = arg;

	while (fuzz_going()) {
		u32 what = fz_below(f, 10);

		switch (what) {
		case 0:
			/* What takes longest comes least often */
			if (fuzz_can_reconnect() && !fz_below(f, 5))
				fuzz_reconnect();
			else
				fuzz_reset();
			break;
		case 1:
			if (fuzz_can_reconnect() && !fz_below(f, 5))
				fuzz_connect_twice();
			break;
		case 2:
		case 3:
			xioctl(ctrl_fd, NVME_IOCTL_RESCAN, NULL);
			break;
		case 4:
			peek(FUZZ_TIMING);
			break;
		case 5:
			poke(FUZZ_DIR "notify_ns", "1");
			break;
		case 6:
			poke(FUZZ_DIR "use_inline", fz_below(f, 2) ? "1" : "0");
			break;
		default:
			what = fz_below(f, ARRAY_SIZE(timings));
			poke(FUZZ_TIMING, timings[what]);
			break;
		}
		usleep(fz_below(f, 30000));
	}
	return NULL;
}

/* ---- the machine ------------------------------------------------------ */

/* Read the files of a folder and of those in it, now and then only a part */
static void look_inside(struct fuzzer *f, const char *path)
{
	char name[PATH_MAX], text[100];
	struct dirent *entry;
	struct stat st;
	DIR *dir;
	int fd;

	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || fz_below(f, 3))
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		if (!lstat(name, &st) && S_ISDIR(st.st_mode)) {
			look_inside(f, name);
		} else if (fz_below(f, 4)) {
			peek(name);
		} else {
			fd = open(name, O_RDONLY);
			if (fd >= 0) {
				lseek(fd, fz_below(f, 8192), SEEK_SET);
				if (read(fd, text, 1 + fz_below(f, 99)) < 0)
					usleep(1);
				close(fd);
			}
		}
	}
	if (dir)
		closedir(dir);
}

/* Rules that strike in the wild namespace only, which has the first channels */
static void change_faults(struct fuzzer *f)
{
	static const char * const rules[] = {
		"write-fail grp=0-%u probability=1 times=5\n",
		"write-close grp=0-%u probability=1 times=5\n",
		"reset-fail grp=0-%u times=1 after=3\n",
		"read-fail grp=0-%u probability=2\nread-ecc grp=0-%u probability=3\n",
		"delay grp=0-%u probability=5 time=2ms op=read\n",
		"write-fail grp=0-%u chk=nonsense\n", "no rule\n", "clear\n", "",
	};
	char text[200];
	u32 last = geo.num_grp - 1;

	snprintf(text, sizeof(text), rules[fz_below(f, ARRAY_SIZE(rules))],
		 last, last);
	poke(FUZZ_DIR "faults", text);
}

/* A moment in which there is no memory for what is new */
static void squeeze(struct fuzzer *f)
{
	__atomic_add_fetch(&fuzz_dulbe.squeeze, 1, __ATOMIC_SEQ_CST);
	poke(FUZZ_PARAM "memory", "1M");
	usleep(fz_below(f, 20000));
	poke(FUZZ_PARAM "memory", "0");
	__atomic_add_fetch(&fuzz_dulbe.squeeze, 1, __ATOMIC_SEQ_CST);
}

/*
 * What is freed on a processor that comes or goes, KASAN of 5.10 forgets (quarantine_put()
 * once kasan_cpu_offline() has run), and slab caches complain of it when they are destroyed.
 */
static bool processors_may_go(void)
{
	FILE *file = fopen("/proc/kallsyms", "r");
	char line[512];
	bool may = true;

	while (file && may && fgets(line, sizeof(line), file))
		may = !strstr(line, " kasan_cpu_offline\n");
	if (file)
		fclose(file);
	return may;
}

void *fuzz_machine_thread(void *arg)
{
	bool cpus = processors_may_go();
	struct fuzzer *f = arg;

	while (fuzz_going()) {
		switch (fz_below(f, 16)) {
		case 0:
			/* Each takes some ten milliseconds of all processors */
			if (!fz_below(f, 8) && cpus) {
				poke(CPU_ONLINE, "0");
				usleep(fz_below(f, 300000));
				poke(CPU_ONLINE, "1");
			}
			break;
		case 1:
		case 2:
			squeeze(f);
			break;
		case 3:
		case 4:
		case 5:
			change_faults(f);
			break;
		case 6:
			poke(FUZZ_DIR "state", "free\n");
			break;
		default:
			look_inside(f, FUZZ_DIR);
			break;
		}
		usleep(fz_below(f, 40000));
	}
	fuzz_machine_rest();
	return NULL;
}

/* As it was before */
void fuzz_machine_rest(void)
{
	poke(CPU_ONLINE, "1");
	poke(FUZZ_PARAM "memory", "0");
	poke(FUZZ_DIR "faults", "clear\n");
}

/* ---- a user without rights -------------------------------------------- */

static bool escaped(const char *what, int ret)
{
	/* Without a controller there is no such call */
	if (ret == -EACCES || ret == -EPERM || ret == -ENOTTY || ret == -EBADF)
		return false;
	printf("# a user without rights could send %s: %s\n", what,
	       status_text(ret));
	fflush(stdout);
	__atomic_store_n(&fuzz_stop, 4, __ATOMIC_RELEASE);
	return true;
}

/*
 * All that the kernel lets somebody do who was given a descriptor for reading. The system
 * call changes this thread's identity and no other's.
 */
void *fuzz_user_thread(void *arg)
{
	struct fuzzer *f = arg;
	struct nvme_passthru_cmd cmd;
	struct nvme_user_io user;
	struct user_vio vio;
	int fd;

	/* A reconnect must not come between */
	fuzz_lock_upheaval();
	fd = fuzz_open_ns(nsid, O_RDONLY);
	fuzz_user_fd = fd;
	fuzz_unlock_upheaval();
	if (fd < 0 || syscall(SYS_setresgid, NOBODY, NOBODY, NOBODY) ||
	    syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY)) {
		printf("# no user without rights\n");
		__atomic_store_n(&fuzz_stop, 4, __ATOMIC_RELEASE);
		return NULL;
	}
	while (fuzz_going()) {
		u32 kind = fz_below(f, 8);

		memset(&cmd, 0, sizeof(cmd));
		cmd.opcode = fz(f);
		cmd.nsid = nsid;
		if (kind == 0 && escaped("an I/O command",
					 xioctl(fd, NVME_IOCTL_IO_CMD, &cmd)))
			break;
		if (kind == 1 && escaped("an admin command",
					 xioctl(fd, NVME_IOCTL_ADMIN_CMD, &cmd)))
			break;
		if (kind == 2 && pread(fd, f->buf, lba_size, fz(f) % nsze *
				       lba_size) < 0)
			usleep(1);
		if (kind == 3) {
			memset(&vio, 0, sizeof(vio));
			vio.opcode = fz_below(f, 4) ? VEC_READ : fz(f);
			vio.control = fz(f);
			vio.nppas = fz_below(f, 2) ? 0 : fz_below(f, MAX_VEC);
			vio.ppa_list = fz_below(f, 2) ? ptr(f->list) : fz(f);
			vio.addr = ptr(f->buf);
			vio.data_len = fz_below(f, 8) * 4096;
			xioctl(fd, SUBMIT_VIO, &vio);
		}
		if (kind > 3) {
			memset(&user, 0, sizeof(user));
			user.opcode = fz_below(f, 4) ? IO_READ : fz(f);
			user.control = fz(f);
			user.nblocks = fz_below(f, 8);
			user.slba = fz_below(f, 2) ? fz(f) : fz(f) % nsze;
			user.addr = ptr(f->buf);
			user.metadata = ptr(f->buf) + 300 * 1024;
			user.dsmgmt = fz(f);
			user.reftag = fz(f);
			user.appmask = fz(f);
			user.apptag = fz(f);
			xioctl(fd, NVME_IOCTL_SUBMIT_IO, &user);
		}
		usleep(fz_below(f, 4000));
	}
	return NULL;
}
