// SPDX-License-Identifier: GPL-2.0
/*
 * octest-fuzz.c - random commands from several threads
 */
#include "octest-fuzz.h"

#define FUZZ_ROOM	(512U * 1024)

static long fuzz_left;
int fuzz_stop;

/* One more command, unless there have been enough */
bool fuzz_take(void)
{
	while (__atomic_load_n(&fuzz_away, __ATOMIC_RELAXED) &&
	       !__atomic_load_n(&fuzz_stop, __ATOMIC_RELAXED))
		usleep(1000);
	return !__atomic_load_n(&fuzz_stop, __ATOMIC_RELAXED) &&
		__atomic_sub_fetch(&fuzz_left, 1, __ATOMIC_RELAXED) >= 0;
}

/* Are there commands to come? For threads that do other things meanwhile */
bool fuzz_going(void)
{
	return !__atomic_load_n(&fuzz_stop, __ATOMIC_RELAXED) &&
		__atomic_load_n(&fuzz_left, __ATOMIC_RELAXED) > 0;
}

/* Mostly addresses that exist, sometimes nearly */
static u64 fz_lba(struct fuzzer *f)
{
	struct chunk c = nth_chunk(fz_below(f, nr_chunks));
	u64 r = fz(f);

	c.chk %= 4;
	switch (r >> 30 & 15) {
	case 0:
		return r;
	case 1:
		return nsze - 4 + (r & 7);
	case 2:
		return raw_lba(fz_below(f, geo.num_grp + 1),
			       fz_below(f, geo.num_pu + 1),
			       fz_below(f, geo.num_chk + 1),
			       fz_below(f, geo.clba + 1));
	case 3:
		return lba_of(c, 0) | BIT64(r & 63);
	case 4:
	case 5:
	case 6:
	case 7:
		return lba_of(c, fz_below(f, geo.clba));
	default:
		return lba_of(c, fz_below(f, 4) * geo.ws_min);
	}
}

static u32 fz_len(struct fuzzer *f, u32 nr)
{
	static const u32 lens[] = {
		0, 1, 3, 4, 16, 511, 512, 513, 1024, 4095, 4096, 4097, 8192,
		65536, 262144, 262145, 266240,
	};
	u64 r = fz(f);

	switch (r >> 40 & 7) {
	case 0:
		return lens[(r >> 8 & 0xffff) % ARRAY_SIZE(lens)];
	case 1:
		return (r >> 8 & 0xffffff) % FUZZ_ROOM;
	case 2:
		return nr * lba_size - 1 + (r >> 8 & 0xff) % 3;
	default:
		return nr * lba_size;
	}
}

/* A buffer that is good, odd, or none */
static u64 fz_buf(struct fuzzer *f)
{
	switch (fz(f) >> 33 & 31) {
	case 0:
		return 0;
	case 1:
		return ptr(f->buf) + 1;
	case 2:
		return ptr(f->buf) + 4;
	case 3:
		return ptr(f->buf) + 512;
	case 4:
		return 0x10000;
	case 5:
		return 0xffff888000000000;
	default:
		return ptr(f->buf);
	}
}

/*
 * What would take the controller away, or what others rely on: the model knows of the
 * formats, sanitizes and deletions of one thread only (octest-manage.c).
 */
static bool fz_forbidden(const struct nvme_passthru_cmd *cmd, bool is_admin)
{
	if (cmd->opcode == ADMIN_FABRICS && !(cmd->nsid & 0xff))
		return cmd->cdw11 == 0x14;
	if (!is_admin)
		return false;
	switch (cmd->opcode) {
	case ADMIN_AER:
	case ADMIN_SANITIZE:
		return true;
	case ADMIN_FORMAT:
		return cmd->nsid != nsid;
	case ADMIN_NS_MGMT:
	case ADMIN_NS_ATTACH:
		return (cmd->cdw10 & 0xf) == 1;
	case ADMIN_SET_FEAT:
		return (cmd->cdw10 & 0xff) == FEAT_KATO;
	}
	return false;
}

static void fz_all_random(struct fuzzer *f, struct nvme_passthru_cmd *cmd)
{
	u64 *word = (u64 *)cmd;
	u32 i;

	for (i = 0; i < sizeof(*cmd) / 8; i++)
		word[i] = fz(f);
	cmd->flags = 0;
	cmd->nsid = fz(f) >> 40 & 1 ? nsid : cmd->nsid;
	cmd->timeout_ms = fz(f) >> 40 & 1 ? 0 : cmd->timeout_ms;
}

static void fz_near_valid(struct fuzzer *f, struct nvme_passthru_cmd *cmd,
			  bool is_admin)
{
	static const u8 ops[2][12] = {
		{ IO_FLUSH, IO_WRITE, IO_READ, IO_DSM, VEC_RESET, VEC_WRITE,
		  VEC_READ, VEC_READ, VEC_WRITE, VEC_RESET, VEC_COPY,
		  ADMIN_FABRICS },
		{ ADMIN_GET_LOG, ADMIN_GET_LOG, ADMIN_IDENTIFY, ADMIN_ABORT,
		  ADMIN_SET_FEAT, ADMIN_GET_FEAT, ADMIN_KEEP, ADMIN_GEOMETRY,
		  ADMIN_FABRICS, ADMIN_NS_MGMT, ADMIN_NS_ATTACH, 0x14 },
	};
	static const u8 logs[] = {
		1, 2, 3, 4, 5, 0x81, LOG_CHUNKS, LOG_CHUNKS, 0xd0, 0x70
	};
	static const u8 feats[] = { 1, 2, 4, 5, 7, 0xa, 0xb, 0x81, 0xca };
	u64 lba = fz_lba(f), off;
	u32 numd = fz_below(f, 3) ? fz_below(f, 2048) : fz_below(f, 70000);

	memset(cmd, 0, sizeof(*cmd));
	cmd->opcode = ops[is_admin][fz_below(f, 12)];
	/* Each of them stops all others for a while */
	if (is_admin && !fz_below(f, 400))
		cmd->opcode = ADMIN_FORMAT;
	cmd->nsid = fz_below(f, 20) ? nsid : fz(f);
	cmd->cdw10 = lba;
	cmd->cdw11 = lba >> 32;
	cmd->cdw12 = fz_below(f, 4) ? fz_below(f, 2 * MAX_VEC) : fz(f);
	cmd->cdw14 = fz(f);
	cmd->cdw15 = fz(f);
	if (cmd->opcode == ADMIN_FABRICS) {
		cmd->nsid = fz_below(f, 6);
		cmd->cdw11 = fz_below(f, 3) ? fz_below(f, 64) : fz(f);
		return;
	}
	if (!is_admin) {
		if (cmd->opcode == IO_DSM) {
			cmd->cdw10 = fz_below(f, 256);
			cmd->cdw11 = 4;
		}
		return;
	}
	switch (cmd->opcode) {
	case ADMIN_GET_LOG:
		off = fz_below(f, 3) ? fz_below(f, 2 * log_bytes()) & ~3U :
			fz(f);
		cmd->cdw10 = numd << 16 | logs[fz_below(f, sizeof(logs))];
		cmd->cdw11 = numd >> 16;
		cmd->cdw12 = off;
		cmd->cdw13 = off >> 32;
		break;
	case ADMIN_IDENTIFY:
		cmd->cdw10 = fz_below(f, 0x18);
		break;
	case ADMIN_SET_FEAT:
	case ADMIN_GET_FEAT:
		cmd->cdw10 = feats[fz_below(f, sizeof(feats))];
		cmd->cdw11 = fz_below(f, 2) ? fz(f) : 0;
		break;
	case ADMIN_FORMAT:
		cmd->nsid = nsid;
		cmd->cdw10 = fz_below(f, 8) ? fz_below(f, 32) |
			fz_below(f, 2) << 9 : fz(f);
		break;
	case ADMIN_NS_MGMT:
	case ADMIN_NS_ATTACH:
		cmd->nsid = fz_below(f, 4) ? fz_below(f, 12) : fz(f);
		cmd->cdw10 = fz_below(f, 8) ? 0 : fz(f) & ~1U;
		break;
	}
}

static void fz_ranges(struct fuzzer *f)
{
	struct range *r = (struct range *)f->buf;
	u32 i;

	for (i = 0; i < 256; i++) {
		r[i].slba = fz_lba(f);
		if (fz_below(f, 8))
			r[i].slba &= ~(BIT64(geo.len[3]) - 1);
		r[i].nlb = fz_below(f, 8) ? geo.clba : fz(f);
	}
}

static int fz_passthru(struct fuzzer *f, bool is_admin)
{
	struct nvme_passthru_cmd *cmd = &f->last.cmd;
	u32 nr;

	if (fz_below(f, 3))
		fz_near_valid(f, cmd, is_admin);
	else
		fz_all_random(f, cmd);
	if (fz_forbidden(cmd, is_admin))
		return 0;
	nr = (cmd->cdw12 & 63) + 1;
	cmd->addr = fz_buf(f);
	cmd->data_len = is_admin ? (fz_below(f, 2) ? 4096 : fz_len(f, 1)) :
				   fz_len(f, nr);
	if (is_admin && cmd->opcode == ADMIN_GET_LOG && fz_below(f, 2))
		cmd->data_len = ((cmd->cdw10 >> 16 | cmd->cdw11 << 16) + 1) * 4;
	if (!is_admin && cmd->opcode == IO_DSM)
		fz_ranges(f);
	cmd->metadata = 0;
	cmd->metadata_len = 0;
	/* The block layer WARNs when there is less of it than of data */
	if (!is_admin && fz_below(f, 3) == 0) {
		cmd->metadata = ptr(f->buf) + 256 * 1024;
		cmd->metadata_len = cmd->data_len / lba_size * oob_size +
			(fz_below(f, 2) ? fz_below(f, 16384) : 0);
	}
	return xioctl(is_admin ? ctrl_fd : ns_fd, is_admin ?
		      NVME_IOCTL_ADMIN_CMD : NVME_IOCTL_IO_CMD, cmd);
}

static int fz_vio(struct fuzzer *f)
{
	struct nvme_passthru_cmd *cmd = &f->last.cmd;
	bool is_admin = !fz_below(f, 8);
	u32 nr = fz_below(f, MAX_VEC) + 1, i;
	struct passthru_vio vio = { 0 };
	struct user_vio user = { 0 };

	for (i = 0; i < nr; i++)
		f->list[i] = fz_lba(f);
	/* A list that can be written */
	if (fz_below(f, 2))
		for (i = 1; i < nr; i++)
			if (fz_below(f, 20))
				f->list[i] = f->list[i - 1] + 1;
	if (fz_below(f, 3))
		fz_near_valid(f, cmd, is_admin);
	else
		fz_all_random(f, cmd);

	vio.opcode = cmd->opcode;
	vio.cdw2 = cmd->cdw2;
	vio.cdw3 = cmd->cdw3;
	vio.cdw13 = cmd->cdw13;
	vio.cdw14 = cmd->cdw14;
	vio.cdw15 = cmd->cdw15;
	vio.control = fz_below(f, 4) ? 0 : fz(f);
	vio.addr = fz_buf(f);
	vio.data_len = fz_len(f, nr);
	switch (fz_below(f, 8)) {
	case 0:
		/* No list, any count */
		vio.nppas = fz(f);
		break;
	case 1:
		vio.ppa_list = f->list[0];
		break;
	case 2:
		/* A list that cannot be read */
		vio.ppa_list = 0x10000;
		vio.nppas = nr - 1;
		break;
	default:
		vio.ppa_list = nr == 1 ? f->list[0] : ptr(f->list);
		vio.nppas = nr - 1;
		break;
	}
	/* The kernel is wrong about metadata without data, and above a page */
	if (vio.addr && vio.data_len && fz_below(f, 2)) {
		vio.metadata = ptr(f->buf) + 300 * 1024;
		vio.metadata_len = fz_below(f, 4) ? nr * (oob_size ?: 32) :
			fz_below(f, 4096) + 1;
		if (vio.metadata_len > 4096)
			vio.metadata_len = 4096;
	}
	if (is_admin) {
		/* What ends up in CDW10 is the list's address */
		cmd->cdw10 = vio.nppas ? 0 : vio.ppa_list;
		cmd->nsid = nsid;
		if (fz_forbidden(cmd, true))
			return 0;
		return xioctl(ns_fd, ADMIN_VIO, &vio);
	}
	if (fz_below(f, 2))
		return xioctl(ns_fd, IO_VIO, &vio);
	user.opcode = vio.opcode;
	user.control = vio.control;
	user.nppas = vio.nppas;
	user.metadata = vio.metadata;
	user.metadata_len = vio.metadata_len;
	user.addr = vio.addr;
	user.ppa_list = vio.ppa_list;
	return xioctl(ns_fd, SUBMIT_VIO, &user);
}

static int fz_block(struct fuzzer *f)
{
	u64 lba = fz_lba(f), range[2];
	u32 nr = fz_below(f, 2 * MAX_VEC) + 1, i;
	struct nvme_user_io cmd = { 0 };
	struct iovec iov[16];
	int fd;

	switch (fz_below(f, 7)) {
	case 6:
		/* Whatever is there may be formatted, detached or deleted now */
		fd = fuzz_open_node(1 + fz_below(f, NS_NODES), O_RDONLY);
		for (i = 0; fd >= 0 && i < 4; i++)
			if (pread(fd, f->buf, 4096 << i, (u64)i << 20) < 0)
				break;
		if (fd >= 0)
			close(fd);
		return 0;
	case 0:
		return pread(ns_fd, f->buf, nr % 100 * lba_size,
			     lba % nsze * lba_size) > 0;
	case 1:
		return pwrite(ns_fd, f->buf, nr % 100 * lba_size,
			      lba % nsze * lba_size) > 0;
	case 2:
		range[0] = lba * lba_size;
		range[1] = (fz_below(f, 4) ? geo.clba : nr) * (u64)lba_size;
		return xioctl(ns_fd, BLKDISCARD, range);
	case 3:
		for (i = 0; i < 16; i++) {
			iov[i].iov_base = f->buf + fz_below(f, 256) * 512;
			iov[i].iov_len = fz_below(f, 8) * 512;
		}
		if (fz_below(f, 2))
			return preadv(ns_fd, iov, 16, lba % nsze * lba_size);
		return pwritev(ns_fd, iov, 16, lba % nsze * lba_size);
	default:
		cmd.opcode = fz_below(f, 20) ? 1 + fz_below(f, 2) : fz(f);
		cmd.nblocks = fz_below(f, 10) ? (nr - 1) & 63 : fz(f);
		cmd.slba = lba;
		cmd.control = fz_below(f, 4) ? 0 : fz(f);
		cmd.addr = fz_buf(f);
		cmd.metadata = ptr(f->buf) + 300 * 1024;
		/* The kernel allocates all the metadata there could be */
		if (cmd.nblocks > 255)
			cmd.addr = 0;
		return xioctl(ns_fd, NVME_IOCTL_SUBMIT_IO, &cmd);
	}
}

static void *fuzz_thread(void *arg)
{
	struct fuzzer *f = arg;
	int ret;

	while (fuzz_take()) {
		u32 kind = fz_below(f, 16);

		f->last.kind = kind;
		if (kind < 4)
			ret = fz_passthru(f, true);
		else if (kind < 8)
			ret = fz_passthru(f, false);
		else if (kind < 13)
			ret = fz_vio(f);
		else
			ret = fz_block(f);
		f->ok += ret == 0;
		__atomic_add_fetch(&f->sent, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void fuzz_print_last(const struct fuzzer *f)
{
	const u32 *word = (const u32 *)&f->last.cmd;
	u32 i;

	printf("# thread %u: %u sent, kind %u, command", f->id, f->sent,
	       f->last.kind);
	for (i = 0; i < sizeof(f->last.cmd) / 4; i++)
		printf(" %08x", word[i]);
	printf("\n");
}

#define SENDERS		5
#define OTHERS		ARRAY_SIZE(others)

/* Who does something else while commands are sent */
static void *(* const others[])(void *) = {
	fuzz_admin_thread, fuzz_manage_thread, fuzz_machine_thread,
	fuzz_user_thread,
};

static struct fuzzer fuzzers[SENDERS + OTHERS];
static u32 nr_fuzzers;
static u64 fuzz_seed;

static u32 fuzz_sent(void)
{
	u32 i, sent = 0;

	for (i = 0; i < nr_fuzzers && i < SENDERS; i++)
		sent += __atomic_load_n(&fuzzers[i].sent, __ATOMIC_RELAXED);
	return sent + streams_sent();
}

/* After all that the device must be the one it was */
static void t_fuzz_after(void)
{
	struct nvme_passthru_cmd format = {
		.opcode = ADMIN_FORMAT, .nsid = nsid, .cdw10 = lba_format,
	};
	struct geometry g;

	fuzz_machine_rest();
	poke(FUZZ_TIMING, "off");
	poke(FUZZ_DIR "use_inline", "1");
	want_status("format", admin(&format), 0);
	want_status("reset", xioctl(ctrl_fd, NVME_IOCTL_RESET, NULL), 0);
	want_status("DULBE off", set_feature(FEAT_RECOVERY, nsid, 0), 0);
	want_status("geometry", get_geometry(&g, nsid, sizeof(g)), 0);
	/* The times may have changed in between */
	need(!memcmp(&g, &geo, offsetof(struct geometry, times)),
	     "the geometry has changed");
	t_chunklog_order();
	t_vector_write();
	t_vector_scatter();
	t_all_or_nothing();
}

/* Wait for the threads; true if they have stopped making progress */
static bool fuzz_wait(void)
{
	u32 sent = 0, now, quiet = 0;

	while (__atomic_load_n(&fuzz_left, __ATOMIC_RELAXED) > 0 &&
	       !__atomic_load_n(&fuzz_stop, __ATOMIC_RELAXED)) {
		usleep(100000);
		now = fuzz_sent();
		quiet = now == sent ? quiet + 1 : 0;
		sent = now;
		if (quiet > 1200)
			return true;
	}
	return false;
}

/* The namespace whose answers are compared. Its geometry must be the wild one's */
static int open_model_ns(void)
{
	struct geometry g;
	int fd = -1;
	u32 id;

	if (model_path) {
		fd = open(model_path, O_RDWR | O_DIRECT);
		need(fd >= 0, "%s: %s", model_path, strerror(errno));
		id = ioctl(fd, NVME_IOCTL_ID);
		want_status("geometry", get_geometry(&g, id, sizeof(g)), 0);
		need(id != nsid && !memcmp(&g, &geo, sizeof(g)),
		     "%s is the same namespace, or another geometry",
		     model_path);
		upheaval_init(fd, id);
		fuzz_manage_init(id);
		streams_start(fd, id, fuzz_seed);
	} else {
		upheaval_init(-1, 0);
	}
	return fd;
}

static void start_threads(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(fuzzers); i++) {
		struct fuzzer *f = &fuzzers[i];

		f->id = i;
		f->rnd = (fuzz_seed + 1) * 0x9e3779b97f4a7c15ULL +
			i * 0x1234567ULL;
		need(!posix_memalign((void **)&f->buf, 4096, FUZZ_ROOM),
		     "no memory");
		memset(f->buf, 0x77, FUZZ_ROOM);
		need(!pthread_create(&f->thread, NULL, i < SENDERS ?
				     fuzz_thread : others[i - SENDERS], f),
		     "no thread");
		nr_fuzzers++;
	}
}

static u32 join_threads(void)
{
	u32 i, ok = 0;

	for (i = 0; i < nr_fuzzers; i++) {
		pthread_join(fuzzers[i].thread, NULL);
		free(fuzzers[i].buf);
		if (i < SENDERS)
			ok += fuzzers[i].ok;
	}
	return ok;
}

/* Returns 0 if all is well, else 1; says so in a line */
int run_fuzz(u64 from, long count)
{
	struct timespec begin, end;
	u32 i, ok, sent;
	static u32 bad;

	printf("# fuzz: seed %llu, %ld commands\n", (unsigned long long)from,
	       count);
	fflush(stdout);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	fuzz_seed = from;
	fuzz_left = count;
	if (setjmp(case_end)) {
		printf("not ok fuzz: seed %llu: %s\n",
		       (unsigned long long)from, case_reason);
		return 1;
	}
	open_model_ns();
	start_threads();
	if (fuzz_wait()) {
		for (i = 0; i < nr_fuzzers; i++)
			fuzz_print_last(&fuzzers[i]);
		printf("not ok fuzz: want progress, came none for 120 s\n");
		poke("/proc/sysrq-trigger", "w");
		fflush(stdout);
		return 1;
	}
	case_name = "fuzz";
	begin_watch(time(NULL));
	ok = join_threads();
	printf("# fuzz: %u formats and sanitizes, %u steps with namespaces\n",
	       fuzz_erasures(), fuzz_managed());
	poke(FUZZ_TIMING, "off");
	if (model_path)
		bad = streams_end();
	clock_gettime(CLOCK_MONOTONIC, &end);
	sent = fuzz_sent();
	printf("# fuzz: %u commands in %ld s, %u of the wild ones succeeded, %u upheavals\n",
	       sent, (long)(end.tv_sec - begin.tv_sec), ok, fuzz_epoch() / 2);
	need(!bad, "%u of %u streams saw what the model does not say", bad,
	     STREAMS);
	need(!fuzz_stop, "the controller was lost");
	t_fuzz_after();
	printf("ok fuzz\n");
	return 0;
}
