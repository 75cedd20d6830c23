// SPDX-License-Identifier: GPL-2.0
/*
 * octest-ctrl.c - the other admin commands, fabrics, who may do what, resets
 */
#include "octest.h"

/* ---- other admin commands --------------------------------------------- */

static void t_admin_opcodes(void)
{
	static const u8 known[] = {
		ADMIN_GET_LOG, ADMIN_IDENTIFY, ADMIN_ABORT, ADMIN_SET_FEAT,
		ADMIN_GET_FEAT, ADMIN_AER, ADMIN_KEEP, ADMIN_FABRICS,
		ADMIN_NS_MGMT, ADMIN_NS_ATTACH, ADMIN_FORMAT, ADMIN_SANITIZE,
		ADMIN_GEOMETRY,
	};
	struct nvme_passthru_cmd cmd = { .nsid = nsid };
	u32 op, len;
	char what[32];

	for (op = 0; op < 256; op++) {
		if (memchr(known, op, sizeof(known)))
			continue;
		for (len = 0; len <= 4096; len += 4096) {
			snprintf(what, sizeof(what), "opcode %02x", op);
			memset(data, 0x5a, 4096);
			cmd.opcode = op;
			cmd.addr = ptr(data);
			cmd.data_len = len;
			want_status(what, admin(&cmd), SC_OPCODE | DNR);
		}
	}
}

static void t_abort_keepalive(void)
{
	struct nvme_passthru_cmd cmd = { .opcode = ADMIN_ABORT };
	static const u32 ids[] = { 0, 0x10001, ~0U };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		cmd.cdw10 = ids[i];
		cmd.result = 0;
		want_status("abort", admin(&cmd), 0);
		need(cmd.result == 1, "abort: result %x", cmd.result);
	}
	memset(&cmd, 0, sizeof(cmd));
	cmd.opcode = ADMIN_KEEP;
	want_status("keep-alive", admin(&cmd), 0);
}

static void t_fabrics_connect(void)
{
	u32 qid, len;

	for (qid = 0; qid < 4; qid++) {
		for (len = 0; len <= 1024; len += 512) {
			struct nvme_passthru_cmd cmd = {
				.opcode = ADMIN_FABRICS, .nsid = 1,
				.addr = ptr(data), .data_len = len,
				.cdw10 = qid << 16, .cdw11 = 31,
			};

			memset(data, 0xff, 1024);
			want_status("connect on the admin queue", admin(&cmd),
				    SC_SEQUENCE | DNR);
			want_status("connect on an I/O queue", io(&cmd),
				    SC_SEQUENCE | DNR);
		}
	}
}

static void t_fabrics_types(void)
{
	struct nvme_passthru_cmd cmd = { .opcode = ADMIN_FABRICS };
	u32 type;

	for (type = 0; type < 256; type++) {
		cmd.nsid = type | 0x100;
		if (type != 1)
			want_status("fabrics command on an I/O queue",
				    io(&cmd), SC_SEQUENCE | DNR);
		if (type > 1 && type != 4)
			want_status("unknown fabrics command", admin(&cmd),
				    SC_FIELD | DNR);
	}
}

static void t_property_get(void)
{
	struct nvme_passthru_cmd64 cmd = { .opcode = ADMIN_FABRICS,
					   .nsid = 4 };
	u32 off, size;
	char what[48];

	for (off = 0; off < 0x2000; off += off < 0x40 ? 1 : 0x3c) {
		for (size = 0; size < 2; size++) {
			bool ok = size ? !off : off == 0x08 || off == 0x14 ||
				off == 0x1c;

			cmd.cdw10 = size;
			cmd.cdw11 = off;
			cmd.result = 0;
			snprintf(what, sizeof(what), "property %x of %u bytes",
				 off, size ? 8 : 4);
			want_status(what, xioctl(ctrl_fd,
						 NVME_IOCTL_ADMIN64_CMD, &cmd),
				    ok ? 0 : SC_FIELD | DNR);
			if (!ok)
				continue;
			need(off || (cmd.result & 0xffff) > 30, "CAP %llx",
			     (unsigned long long)cmd.result);
			need(off != 0x08 || cmd.result == 0x10400, "VS %llx",
			     (unsigned long long)cmd.result);
			need(off != 0x14 || cmd.result & 1, "CC %llx",
			     (unsigned long long)cmd.result);
			need(off != 0x1c || cmd.result == 1, "CSTS %llx",
			     (unsigned long long)cmd.result);
		}
	}
	cmd.cdw10 = 0;
	cmd.cdw11 = ~0U;
	want_status("property ffffffff", xioctl(ctrl_fd, NVME_IOCTL_ADMIN64_CMD,
						&cmd), SC_FIELD | DNR);
}

static void t_property_set(void)
{
	struct nvme_passthru_cmd cmd = { .opcode = ADMIN_FABRICS };
	u32 off, size;

	for (off = 0; off < 0x40; off++) {
		for (size = 0; size < 2; size++) {
			if (off == 0x14 && !size)
				continue;
			cmd.cdw10 = size;
			cmd.cdw11 = off;
			want_status("property set", admin(&cmd),
				    SC_FIELD | DNR);
		}
	}
}

/* An AER by passthrough: it stays until an event, or the reset */
static void *aer_thread(void *arg)
{
	struct nvme_passthru_cmd cmd = { .opcode = ADMIN_AER };
	int *status = arg;

	__atomic_store_n(status, admin(&cmd), __ATOMIC_RELEASE);
	return NULL;
}

static u32 aer_ended(int *status, u32 nr, int want)
{
	u32 i, n = 0;

	for (i = 0; i < nr; i++)
		n += __atomic_load_n(&status[i], __ATOMIC_ACQUIRE) == want;
	return n;
}

static void t_aer(void)
{
	enum { NR = 5, RUNS = -9999 };
	pthread_t thread[NR];
	int status[NR], reset;
	u32 i, limited = 0;

	/* The kernel has one of the four there may be */
	for (i = 0; i < NR; i++) {
		status[i] = RUNS;
		need(!pthread_create(&thread[i], NULL, aer_thread, &status[i]),
		     "no thread");
	}
	for (i = 0; i < 100 && limited < NR - 3; i++) {
		usleep(20000);
		limited = aer_ended(status, NR, SC_AER_LIMIT | DNR);
	}
	usleep(50000);
	i = aer_ended(status, NR, RUNS);
	reset = xioctl(ctrl_fd, NVME_IOCTL_RESET, NULL);
	for (i = 0; i < NR; i++)
		pthread_join(thread[i], NULL);
	want_status("reset", reset, 0);
	need(limited == NR - 3, "%u of %u event requests refused", limited, NR);
	i = aer_ended(status, NR, SC_SQ_DELETED);
	need(i == 3, "the reset ended %u event requests", i);
}

static void unprivileged(int report)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_IDENTIFY, .nsid = nsid, .cdw10 = 1,
		.addr = ptr(data), .data_len = 4096,
	};
	struct passthru_vio vio = {
		.opcode = ADMIN_GEOMETRY, .addr = ptr(data), .data_len = 4096,
	};
	const char *what = NULL;
	int fd;

	fd = open(ctrl_path, O_RDONLY);
	if (fd >= 0 || errno != EACCES)
		what = "opens the controller";
	fd = open(ns_path, O_RDONLY);
	if (fd >= 0 || errno != EACCES)
		what = "opens the namespace";
	if (admin(&cmd) != -EACCES)
		what = "sends admin commands";
	if (xioctl(ns_fd, NVME_IOCTL_ADMIN_CMD, &cmd) != -EACCES)
		what = "sends admin commands by the namespace";
	cmd.opcode = VEC_READ;
	if (io(&cmd) != -EACCES)
		what = "sends I/O commands";
	if (nr_active == 1 && xioctl(ctrl_fd, NVME_IOCTL_IO_CMD, &cmd) != -EACCES)
		what = "sends I/O commands by the controller";
	if (xioctl(ns_fd, ADMIN_VIO, &vio) != -EACCES)
		what = "sends admin commands by lightnvm";
	vio.opcode = VEC_READ;
	if (xioctl(ns_fd, IO_VIO, &vio) != -EACCES)
		what = "sends I/O commands by lightnvm";
	if (xioctl(ctrl_fd, NVME_IOCTL_RESET, NULL) != -EACCES)
		what = "resets the controller";
	if (xioctl(ctrl_fd, NVME_IOCTL_RESCAN, NULL) != -EACCES)
		what = "rescans";
	fd = open("/dev/nvme-fabrics", O_RDWR);
	if (fd >= 0 || errno != EACCES)
		what = "opens nvme-fabrics";
	fd = open("/sys/kernel/debug/ocloop/ssd0/notify_ns", O_WRONLY);
	if (fd >= 0 || errno != EACCES)
		what = "opens debugfs";
	fd = open("/sys/module/ocloop/parameters/timing", O_WRONLY);
	if (fd >= 0 || errno != EACCES)
		what = "opens a parameter";
	if (what && write(report, what, strlen(what)) < 0)
		_exit(1);
	_exit(0);
}

static void t_unprivileged(void)
{
	char text[80] = "";
	int fds[2], status;
	pid_t pid;

	need(!pipe(fds), "no pipe");
	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (setgid(65534) || setuid(65534))
			_exit(2);
		unprivileged(fds[1]);
	}
	close(fds[1]);
	if (read(fds[0], text, sizeof(text) - 1) < 0)
		text[0] = '?';
	close(fds[0]);
	need(pid > 0 && waitpid(pid, &status, 0) == pid, "no child");
	need(!*text, "a user %s", text);
	need(!status, "the child's status %x", status);
}

/* ---- reset of the controller ------------------------------------------ */

static void t_controller_reset(void)
{
	struct chunk c = readable(0);
	u64 lba = lba_of(c, 0);
	u32 i, val;

	want_status("DULBE on", set_feature(FEAT_RECOVERY, nsid, DULBE), 0);
	for (i = 0; i < 3; i++)
		want_status("reset", xioctl(ctrl_fd, NVME_IOCTL_RESET, NULL),
			    0);
	want_status("DULBE", get_feature(FEAT_RECOVERY, nsid, 0, &val), 0);
	need(!val, "DULBE survives a reset");
	want_chunk("after the reset", c, CS_CLOSED, geo.clba);
	read_list("after the reset", &lba, 1, 1);
	want_status("rescan", xioctl(ctrl_fd, NVME_IOCTL_RESCAN, NULL), 0);
}

/*
 * lightnvm's ioctl does not say that its command is a user's, so the kernel lets a
 * Connect through to a queue that the reset is about to connect itself.
 */
struct forger {
	pthread_t thread;
	u8 *page;
	u32 won;
	int stop;
};

static void *forge_connects(void *arg)
{
	struct forger *f = arg;

	while (!__atomic_load_n(&f->stop, __ATOMIC_RELAXED)) {
		struct passthru_vio cmd = {
			.opcode = ADMIN_FABRICS, .addr = ptr(f->page),
			.data_len = 1024, .ppa_list = 31ULL << 32,
		};

		if (!xioctl(ns_fd, ADMIN_VIO, &cmd))
			f->won++;
	}
	return NULL;
}

static void t_forged_connect(void)
{
	struct forger f[3] = { 0 };
	u32 i, won = 0;
	int ret = 0;

	want_status("identify", identify(1, 0, data2), 0);
	memset(data, 0, 1024);
	data[16] = 0xff;
	data[17] = 0xff;
	memcpy(data + 256, data2 + 768, 223);
	strcpy((char *)data + 512, "nqn.forged");
	for (i = 0; i < ARRAY_SIZE(f); i++) {
		f[i].page = data;
		need(!pthread_create(&f[i].thread, NULL, forge_connects, &f[i]),
		     "no thread");
	}
	for (i = 0; i < 20 && !ret; i++) {
		ret = xioctl(ctrl_fd, NVME_IOCTL_RESET, NULL);
		usleep(5000);
	}
	for (i = 0; i < ARRAY_SIZE(f); i++)
		__atomic_store_n(&f[i].stop, 1, __ATOMIC_RELAXED);
	for (i = 0; i < ARRAY_SIZE(f); i++) {
		pthread_join(f[i].thread, NULL);
		won += f[i].won;
	}
	need(!won, "%u Connects of a user succeeded", won);
	want_status("reset", ret, 0);
}

const struct test ctrl_tests[] = {
	{ "admin.opcodes", t_admin_opcodes },
	{ "admin.abort-keepalive", t_abort_keepalive },
	{ "admin.events", t_aer },
	{ "admin.unprivileged", t_unprivileged },
	{ "fabrics.connect", t_fabrics_connect },
	{ "fabrics.types", t_fabrics_types },
	{ "fabrics.property-get", t_property_get },
	{ "fabrics.property-set", t_property_set },
	{ "controller.reset", t_controller_reset },
	{ "controller.forged-connect", t_forged_connect },
	{}
};
