// SPDX-License-Identifier: GPL-2.0
/*
 * handles.c - does a user without rights learn which bus addresses are in use?
 *
 *	handles NAMESPACE [ADDRESS...]
 *
 * Opens an OCSSD 1.2 hybrid namespace for reading, becomes nobody, and names each
 * address, which root knows to be one of lightnvm's buffers, as the list of a hybrid
 * read: NVMe's SUBMIT_IO asks for no rights and carries all that it takes. Whatever
 * is there, the answer has to be that to an address which is nobody's. Without an
 * address, nobody has a list of his own: SUBMIT_VIO asks for no rights, either.
 */
#include "common.h"
#include "options.h"

#define NVME_READ	0x02
#define VECTOR_READ	0x92
#define STEP		64	/* bytes between what is tried in a page */

static int hybrid_read(int fd, u64 list, u16 nr, u32 slba)
{
	static u8 buf[64 * 16384], meta[64 * 128];
	struct nvme_user_io cmd = {
		.opcode = NVME_READ,
		.nblocks = nr - 1,
		.addr = ptr(buf),
		.metadata = ptr(meta),
		.slba = list,
		.reftag = slba,
	};
	int ret = ioctl(fd, NVME_IOCTL_SUBMIT_IO, &cmd);

	return ret < 0 ? -errno : ret;
}

/* Two addresses and their OOB, in a buffer of the namespace's pool */
static int own_list(int fd, u8 opcode)
{
	static u8 buf[2 * 16384], meta[2 * 128];
	u64 list[2] = { 0, 1 };
	struct user_vio cmd = {
		.opcode = opcode,
		.nppas = 1,
		.addr = ptr(buf),
		.metadata = ptr(meta),
		.metadata_len = 32,
		.ppa_list = ptr(list),
	};

	if (!ioctl(fd, SUBMIT_VIO, &cmd))
		return 0;
	return errno == EIO ? (int)cmd.result : -errno;
}

static const char *const forms[] = { "NAMESPACE [ADDRESS...]", NULL };
static const struct command_line line = { .forms = forms };

int main(int argc, char **argv)
{
	struct nvme_passthru_cmd pass = { .opcode = NVME_READ };
	u64 nobodys = BIT64(51);
	u32 told = 0, tried = 0;
	int fd, miss, i, nr = take_options(&line, argc, &argv);

	if (!nr)
		usage(&line);
	fd = open(argv[0], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setgid(65534) || setuid(65534)) {
		perror(argv[0]);
		return 2;
	}
	if (nr == 1) {
		/* Nothing was written there; as an address of sectors it's no good */
		i = own_list(fd, VECTOR_READ);
		miss = own_list(fd, NVME_READ);
		printf("# a list of its own: %x, taken for an address: %x\n", i,
		       miss);
		return i < 0 || miss != SC_FIELD;
	}
	if (!ioctl(fd, NVME_IOCTL_IO_CMD, &pass) || errno != EACCES) {
		printf("not ok: nobody may send any command\n");
		return 1;
	}

	miss = hybrid_read(fd, nobodys, 2, 1);
	printf("# an address that is nobody's: %x\n", miss);
	if (miss != (SC_FIELD | DNR)) {
		printf("not ok: want Invalid Field\n");
		return 1;
	}
	for (i = 1; i < nr; i++) {
		u64 page = number(&line, argv[i]) & ~4095ULL;
		u32 at;

		for (at = 0; at < 4096; at += STEP) {
			int hit = hybrid_read(fd, page + at, 2, 1);

			tried++;
			if (hit != miss && !told++)
				printf("# %llx: %x\n",
				       (unsigned long long)(page + at), hit);
		}
	}
	if (told) {
		printf("not ok: %u of %u addresses are told apart\n", told,
		       tried);
		return 1;
	}
	printf("ok %u addresses\n", tried);
	return 0;
}
