// SPDX-License-Identifier: GPL-2.0
/*
 * metadata.c - every LBA format, by every way that metadata goes
 *
 *	metadata NAMESPACE CONTROLLER
 *
 * The namespace's chunks take writes anywhere (type=random). Formats it to each
 * format, with metadata apart and with each sector, and in each writes and reads
 * amounts from 1 to 64 sectors through SUBMIT_IO, IO_CMD, lightnvm's IO_VIO and the
 * block layer, with metadata of the right length and of wrong ones. What is read has
 * to be what was written; the caller checks that the kernel's log stays empty.
 */
#include "common.h"
#include "options.h"

#define NVME_WRITE	0x01
#define NVME_READ	0x02
#define ADMIN_FORMAT	0x80
#define ADMIN_IDENTIFY	0x06
#define TRIES		100	/* nvme-core may be looking at the namespace */

enum way { WAY_SUBMIT, WAY_PASSTHRU, WAY_VIO, WAY_BLOCK, WAYS };
static const char * const way_names[] = {
	"SUBMIT_IO", "IO_CMD", "IO_VIO", "block layer",
};

static int ns, ctrl;
static u32 id, size, ms, wrong, done;
static bool extended;
static u8 *out, *in, *out_ms, *in_ms;

static int tried(int fd, unsigned long req, void *arg)
{
	int ret, i;

	for (i = 0; i < TRIES; i++) {
		ret = ioctl(fd, req, arg);
		if (ret >= 0 || errno != EINVAL)
			break;
		usleep(2000);
	}
	return ret < 0 ? -errno : ret;
}

/* @ms_len: bytes of metadata, which may be more or less than there should be */
static int transfer(enum way way, bool write, u32 nr, void *buf, void *meta,
		    u32 ms_len)
{
	u32 len = nr * (size + (extended ? ms : 0));

	if (way == WAY_SUBMIT) {
		struct nvme_user_io cmd = {
			.opcode = write ? NVME_WRITE : NVME_READ,
			.nblocks = nr - 1,
			.addr = ptr(buf),
			.metadata = ms_len ? ptr(meta) : 0,
		};

		return tried(ns, NVME_IOCTL_SUBMIT_IO, &cmd);
	}
	if (way == WAY_PASSTHRU) {
		struct nvme_passthru_cmd cmd = {
			.opcode = write ? NVME_WRITE : NVME_READ,
			.nsid = id,
			.addr = ptr(buf),
			.data_len = len,
			.metadata = ms_len ? ptr(meta) : 0,
			.metadata_len = ms_len,
			.cdw12 = nr - 1,
		};

		return tried(ns, NVME_IOCTL_IO_CMD, &cmd);
	}
	if (way == WAY_VIO) {
		static u64 list[MAX_VEC];
		struct passthru_vio cmd = {
			.opcode = write ? 0x91 : 0x92,
			.addr = ptr(buf),
			.data_len = len,
			.metadata = ms_len ? ptr(meta) : 0,
			.metadata_len = ms_len,
			.ppa_list = nr > 1 ? ptr(list) : 0,
			.nppas = nr - 1,
		};
		u32 i;
		int ret;

		for (i = 0; i < nr; i++)
			list[i] = i;
		ret = tried(ns, IO_VIO, &cmd);
		return ret == -EIO ? (int)cmd.result : ret;
	}
	if (write)
		return pwrite(ns, buf, len, 0) == (ssize_t)len ? 0 : -errno;
	return pread(ns, buf, len, 0) == (ssize_t)len ? 0 : -errno;
}

static void complain(enum way way, u32 nr, const char *what, int ret)
{
	printf("%u+%u%s, %u sectors by %s: %s (%x)\n", size, ms,
	       extended ? " with each" : "", nr, way_names[way], what, ret);
	wrong++;
}

static void there_and_back(enum way way, u32 nr)
{
	u32 len = nr * (size + (extended ? ms : 0));
	u32 ms_len = extended || way == WAY_BLOCK ? 0 : nr * ms;
	static u64 salt;
	u32 i;
	int ret;

	salt++;
	for (i = 0; i < len / 8; i++)
		((u64 *)out)[i] = salt * 0x9e3779b97f4a7c15ULL + i;
	memset(out_ms, salt, ms_len);
	memset(in, 0, len);
	memset(in_ms, 0, ms_len);
	ret = transfer(way, true, nr, out, out_ms, ms_len);
	if (ret)
		return complain(way, nr, "write", ret);
	ret = transfer(way, false, nr, in, in_ms, ms_len);
	if (ret)
		return complain(way, nr, "read", ret);
	if (memcmp(in, out, len))
		return complain(way, nr, "other data", 0);
	if (memcmp(in_ms, out_ms, ms_len))
		return complain(way, nr, "other metadata", 0);
	done++;
}

/* The kernel passes these on: the device refuses the short ones, and nothing breaks */
static void wrong_lengths(enum way way, u32 nr)
{
	const u32 lens[] = { 1, ms - 1, nr * ms - 1, nr * ms + 1, 2 * nr * ms };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		bool enough = lens[i] >= nr * ms;
		int ret = transfer(way, i & 1, nr, out, out_ms, lens[i]);

		/* lightnvm puts all in a buffer that has room, and tells nobody */
		if (ret && (enough || way == WAY_VIO))
			complain(way, nr, "length refused", ret);
		else if (!ret && !enough && way != WAY_VIO)
			complain(way, nr, "length taken", lens[i]);
		done++;
	}
}

static void try_format(u32 nr)
{
	static const u32 amounts[] = { 1, 2, 3, 8, 17, 31, 32, 33, 63, 64 };
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_FORMAT, .nsid = id,
		.cdw10 = nr | extended << 4, .timeout_ms = 60000,
	};
	u64 bytes = 0;
	enum way way;
	u32 i;
	int ret = ioctl(ctrl, NVME_IOCTL_ADMIN_CMD, &cmd);

	if (ret) {
		printf("format %u%s: %x %s\n", nr, extended ? " with each" : "",
		       ret, ret < 0 ? strerror(errno) : "");
		wrong++;
		return;
	}
	ioctl(ns, BLKGETSIZE64, &bytes);
	for (way = 0; way < WAYS; way++) {
		if (way == WAY_BLOCK && !bytes)
			continue;
		/* lightnvm looks at formats when the device comes, and not with each */
		if (way == WAY_VIO && extended)
			continue;
		for (i = 0; i < ARRAY_SIZE(amounts); i++)
			there_and_back(way, amounts[i]);
		if (!ms || extended || way == WAY_SUBMIT || way == WAY_BLOCK)
			continue;
		wrong_lengths(way, 1);
		wrong_lengths(way, 64);
	}
}

static const char *const forms[] = { "NAMESPACE CONTROLLER", NULL };
static const struct command_line line = { .forms = forms };

int main(int argc, char **argv)
{
	static u8 page[4096];
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_IDENTIFY, .addr = ptr(page),
		.data_len = sizeof(page),
	};
	size_t room = MAX_VEC * (16384 + 128);
	u32 nr;

	if (take_options(&line, argc, &argv) != 2)
		usage(&line);
	ns = open(argv[0], O_RDWR | O_DIRECT | O_CLOEXEC);
	ctrl = open(argv[1], O_RDWR | O_CLOEXEC);
	if (ns < 0 || ctrl < 0 ||
	    posix_memalign((void **)&out, 4096, room) ||
	    posix_memalign((void **)&in, 4096, room) ||
	    posix_memalign((void **)&out_ms, 4096, 2 * MAX_VEC * 128) ||
	    posix_memalign((void **)&in_ms, 4096, 2 * MAX_VEC * 128)) {
		perror(argv[0]);
		return 2;
	}
	id = ioctl(ns, NVME_IOCTL_ID);
	cmd.nsid = id;
	if (ioctl(ctrl, NVME_IOCTL_ADMIN_CMD, &cmd)) {
		perror(argv[1]);
		return 2;
	}
	for (nr = 0; nr <= page[25]; nr++) {
		const u8 *lbaf = page + 128 + nr * 4;

		ms = lbaf[0] | lbaf[1] << 8;
		size = 1U << lbaf[2];
		extended = false;
		try_format(nr);
		extended = true;
		if (ms)
			try_format(nr);
	}
	printf("%s %u formats, %u transfers, %u wrong\n",
	       wrong ? "not ok" : "ok", page[25] + 1, done, wrong);
	return !!wrong;
}
