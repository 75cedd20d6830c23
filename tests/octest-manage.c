// SPDX-License-Identifier: GPL-2.0
/*
 * octest-manage.c - namespaces that come and go, formats and sanitizes
 *
 * One thread makes block namespaces of the channels that are left, attaches, formats,
 * detaches and deletes them, and knows what each of that does to their data. It also
 * erases the namespace of the streams, which rest meanwhile or do not.
 */
#include "octest-fuzz.h"

#define SLOTS		3U	/* namespaces at a time */
#define TRACKED		256U	/* of their blocks, the first */
#define CANDIDATES	8U	/* what a block may hold */
#define NO_ROOM		0x115
#define NS_FIRST	0x115	/* statuses of Namespace Management and Attachment */
#define NS_LAST		0x11c
#define CNS_ACTIVE	0x02
#define CNS_ALLOCATED	0x10
#define CNS_NS_ALLOCATED 0x11
#define IO_ZEROES	0x08
#define SC_CAPACITY	0x081
#define SANITIZE_BLOCKS	0x0a	/* block erase, unrestricted if that fails */
#define SANITIZE_FORGET	0x01

/*
 * A block holds the pattern of a generation, 0 for zeroes. Of each command whose end was not
 * seen it is one more that it may hold, until a command says which: a read, or one that
 * makes it another. Of too many nothing is known but that it is some generation.
 */
struct block {
	u32 nr;		/* 0: too many */
	u32 gen[CANDIDATES];
};

/* A namespace of ours */
struct slot {
	u32 id;
	bool attached;
	u32 lba_size;	/* 0: not known since it was made or formatted */
	struct block block[TRACKED];
};

static struct slot slots[SLOTS];
static u32 model_id, generations, erasures, steps;

u32 fuzz_erasures(void)
{
	return erasures;
}

u32 fuzz_managed(void)
{
	return steps;
}

void fuzz_manage_init(u32 id)
{
	model_id = id;
}

static bool wrong(const char *what, int status, u32 id)
{
	printf("# namespaces: %s of namespace %u: %s\n", what, id,
	       status_text(status));
	fflush(stdout);
	__atomic_store_n(&fuzz_stop, 3, __ATOMIC_RELEASE);
	return false;
}

/* ---- asking ----------------------------------------------------------- */

/* Is @id the first of a list of namespaces behind @id - 1? */
static int in_list(struct fuzzer *f, u8 cns, u32 id, bool *found)
{
	u32 *list = (u32 *)f->buf;
	int status = identify(cns, id - 1, list);

	if (!status)
		*found = list[0] == id;
	return status;
}

/* What became of a namespace of ours, once the device answers again */
static bool look_again(struct fuzzer *f, struct slot *slot)
{
	bool there = false, active = false;
	u32 i;

	for (i = 0; i < 600 && fuzz_going(); i++) {
		if (!in_list(f, CNS_ALLOCATED, slot->id, &there) &&
		    (!there || !in_list(f, CNS_ACTIVE, slot->id, &active))) {
			if (!there)
				slot->id = 0;
			slot->attached = there && active;
			return true;
		}
		usleep(100000);
	}
	return !fuzz_going() || wrong("nothing is known", 0, slot->id);
}

/* ---- making and unmaking ---------------------------------------------- */

/* A format of its table, or all ones' table, that has no metadata; -1 if it cannot be asked for */
static int pick_format(struct fuzzer *f, u32 id)
{
	u32 i;

	if (identify(id == ~0U ? 0 : CNS_NS_ALLOCATED, id, f->buf))
		return -1;
	i = fz_below(f, f->buf[25] + 1);
	return f->buf[128 + 4 * i + 2] && !f->buf[128 + 4 * i] &&
		!f->buf[128 + 4 * i + 1] ? (int)i : -1;
}

static int make(struct fuzzer *f, u32 *id)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_NS_MGMT, .addr = ptr(f->buf), .data_len = 4096,
	};
	u64 size = 1000 + fz_below(f, 20000);
	int lbaf = pick_format(f, ~0U), ret;

	if (lbaf < 0)
		return -EAGAIN;
	memset(f->buf, 0, 4096);
	f->buf[26] = lbaf;
	memcpy(f->buf, &size, 8);
	memcpy(f->buf + 8, &size, 8);
	ret = admin(&cmd);
	*id = cmd.result;
	return ret;
}

static int destroy(u32 id)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_NS_MGMT, .nsid = id, .cdw10 = 1,
	};

	return admin(&cmd);
}

static int attach(struct fuzzer *f, u32 id, bool detach)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_NS_ATTACH, .nsid = id, .cdw10 = detach,
		.addr = ptr(f->buf), .data_len = 4096,
	};
	u16 cntlid;
	int ret;

	ret = identify(1, 0, f->buf);
	if (ret)
		return ret;
	memcpy(&cntlid, f->buf + 78, 2);
	memset(f->buf, 0, 4096);
	f->buf[0] = 1;
	memcpy(f->buf + 2, &cntlid, 2);
	return admin(&cmd);
}

static int format(u32 id, u32 dw10)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_FORMAT, .nsid = id, .cdw10 = dw10,
	};

	return admin(&cmd);
}

/* Which sector size the namespace has */
static int ask_size(struct fuzzer *f, struct slot *slot)
{
	int ret = identify(CNS_NS_ALLOCATED, slot->id, f->buf);

	if (!ret)
		slot->lba_size = 1U << f->buf[128 + 4 * (f->buf[26] & 15) + 2];
	return ret;
}

/* ---- data ------------------------------------------------------------- */

static void becomes(struct block *block, u32 gen)
{
	block->gen[0] = gen;
	block->nr = 1;
}

static bool may_be(const struct block *block, u32 gen)
{
	u32 i;

	for (i = 0; i < block->nr; i++)
		if (block->gen[i] == gen)
			return true;
	return !block->nr;
}

/* It is what it was, or this */
static void may_become(struct block *block, u32 gen)
{
	if (may_be(block, gen))
		return;
	if (block->nr == CANDIDATES)
		block->nr = 0;
	else
		block->gen[block->nr++] = gen;
}

/* All of it is erased, or may be */
static void erased(struct slot *slot, bool sure)
{
	u32 i;

	for (i = 0; i < TRACKED; i++) {
		if (sure)
			becomes(&slot->block[i], 0);
		else
			may_become(&slot->block[i], 0);
	}
}

static bool holds(const struct slot *slot, u32 lba, u32 gen, const u8 *buf)
{
	u64 want = mix(lba, gen);

	if (!gen)
		return all_are(buf, 0, slot->lba_size);
	return !memcmp(buf, &want, 8) &&
		!memcmp(buf + slot->lba_size - 8, &want, 8);
}

/* The generation that it is in truth; ~0 if it is none */
static u32 find(const struct slot *slot, u32 lba, const u8 *buf)
{
	const struct block *block = &slot->block[lba];
	u32 i;

	for (i = 0; i < block->nr; i++)
		if (holds(slot, lba, block->gen[i], buf))
			return block->gen[i];
	for (i = generations; i != ~0U && !holds(slot, lba, i, buf); i--)
		;
	return i;
}

static bool judge(struct slot *slot, u32 lba, u32 n, const u8 *buf)
{
	u32 i, gen;

	for (i = lba; i < lba + n; i++, buf += slot->lba_size) {
		struct block *block = &slot->block[i];

		gen = find(slot, i, buf);
		if (gen == ~0U || !may_be(block, gen)) {
			printf("# namespaces: block %u is of generation %d, not %u",
			       i, (int)gen, block->gen[0]);
			printf(", or another of %u; %u bytes\n", block->nr,
			       slot->lba_size);
			return wrong("a read", 0, slot->id);
		}
		becomes(block, gen);
	}
	return true;
}

/* One command to some of the blocks. False: the model is wrong, or the device */
static bool touch(struct fuzzer *f, struct slot *slot, int fd)
{
	static const u8 ops[] = {
		IO_WRITE, IO_WRITE, IO_WRITE, IO_READ, IO_READ, IO_DSM, IO_FLUSH,
	};
	u32 n = 1 + fz_below(f, 32), lba = fz_below(f, TRACKED - n);
	struct range *range = (struct range *)f->buf;
	u32 was = fuzz_epoch(), gen = 0, i, k;
	struct nvme_passthru_cmd cmd = {
		.opcode = ops[fz_below(f, sizeof(ops))], .nsid = slot->id,
		.addr = ptr(f->buf), .data_len = n * slot->lba_size,
		.cdw10 = lba, .cdw12 = n - 1,
	};
	int ret;

	switch (cmd.opcode) {
	case IO_WRITE:
		gen = ++generations;
		for (i = 0; i < n; i++) {
			u64 *word = (u64 *)(f->buf + i * slot->lba_size);

			for (k = 0; k < slot->lba_size / 8; k++)
				word[k] = mix(lba + i, gen);
		}
		break;
	case IO_DSM:
		memset(range, 0, sizeof(*range));
		range->slba = lba;
		range->nlb = n;
		cmd.data_len = sizeof(*range);
		cmd.cdw10 = 0;
		cmd.cdw11 = 4;
		cmd.cdw12 = 0;
		break;
	case IO_FLUSH:
		cmd.addr = 0;
		cmd.data_len = 0;
		break;
	}
	ret = xioctl(fd, NVME_IOCTL_IO_CMD, &cmd);
	if (cmd.opcode == IO_READ && !ret)
		return judge(slot, lba, n, f->buf);
	if (cmd.opcode != IO_WRITE && cmd.opcode != IO_DSM)
		return true;
	for (i = lba; i < lba + n; i++) {
		if (!ret)
			becomes(&slot->block[i], gen);
		else
			may_become(&slot->block[i], gen);
	}
	/* No memory, no room, or the controller went away: all may be as it was */
	if (!ret || is_hosts(ret) || was & 1 || was != fuzz_epoch() ||
	    (ret & ~DNR) == SC_CAPACITY || (ret & ~DNR) == SC_INTERNAL)
		return true;
	return wrong(cmd.opcode == IO_WRITE ? "a write" : "deallocation", ret,
		     slot->id);
}

static bool use(struct fuzzer *f, struct slot *slot)
{
	u32 i;
	int fd;

	if (!slot->lba_size && ask_size(f, slot))
		return true;
	fd = fuzz_open_ns(slot->id, O_RDWR);
	for (i = 0; i < 20 && fd < 0 && fuzz_going(); i++) {
		xioctl(ctrl_fd, NVME_IOCTL_RESCAN, NULL);
		usleep(20000);
		fd = fuzz_open_ns(slot->id, O_RDWR);
	}
	if (fd < 0)
		return true;
	for (i = 0; i < 30 && fuzz_going(); i++)
		if (!touch(f, slot, fd))
			break;
	close(fd);
	return fuzz_going();
}

/* ---- steps ------------------------------------------------------------ */

/*
 * A step's end. Where the controller was reset meanwhile, or somebody else has the
 * channels, the device is asked instead.
 */
static bool settle(struct fuzzer *f, struct slot *slot, const char *what,
		   int ret, u32 was, bool strict)
{
	steps++;
	if (!ret)
		return true;
	/* Who sends at random may have attached it, or taken a channel */
	if (strict && !(was & 1) && was == fuzz_epoch() &&
	    ((ret & ~DNR) < NS_FIRST || (ret & ~DNR) > NS_LAST))
		return wrong(what, ret, slot->id);
	return look_again(f, slot);
}

static bool step_make(struct fuzzer *f, struct slot *slot, u32 was, bool strict)
{
	u32 id = 0;
	int ret = make(f, &id);

	steps++;
	/* Others take channels too, and a make whose end is lost leaves one */
	if (ret)
		return !strict || is_hosts(ret) || was != fuzz_epoch() ||
			(ret & ~DNR) == NO_ROOM || (ret & ~DNR) == SC_INTERNAL ||
			wrong("make", ret, 0);
	slot->id = id;
	slot->attached = false;
	slot->lba_size = 0;
	erased(slot, true);
	return true;
}

/* Whatever others have made goes, so that there are channels left */
static void sweep(struct fuzzer *f)
{
	u32 ids[64], i, k;

	if (identify(CNS_ALLOCATED, 0, f->buf))
		return;
	memcpy(ids, f->buf, sizeof(ids));
	for (i = 0; i < ARRAY_SIZE(ids) && ids[i]; i++) {
		for (k = 0; k < SLOTS && slots[k].id != ids[i]; k++)
			;
		if (k == SLOTS && ids[i] != nsid && ids[i] != model_id)
			destroy(ids[i]);
	}
}

static bool step(struct fuzzer *f, struct slot *slot, bool strict)
{
	u32 was = fuzz_epoch();
	bool ok;
	int ret;

	if (!slot->id) {
		if (!fz_below(f, 4))
			sweep(f);
		return step_make(f, slot, was, strict);
	}
	switch (fz_below(f, 8)) {
	case 0:
		ret = destroy(slot->id);
		ok = settle(f, slot, "delete", ret, was, strict);
		if (!ret)
			slot->id = 0;
		return ok;
	case 1:
		if (!slot->attached)
			break;
		ret = attach(f, slot->id, true);
		ok = settle(f, slot, "detach", ret, was, strict);
		if (!ret)
			slot->attached = false;
		return ok;
	case 2:
		ret = slot->attached ? pick_format(f, slot->id) : -1;
		if (ret < 0)
			return true;
		ret = format(slot->id, ret);
		ok = settle(f, slot, "format", ret, was, strict);
		if (!slot->id)
			return ok;
		erased(slot, !ret);
		slot->lba_size = 0;
		return ok;
	}
	if (slot->attached)
		return true;
	ret = attach(f, slot->id, false);
	ok = settle(f, slot, "attach", ret, was, strict);
	if (!ret)
		slot->attached = true;
	return ok;
}

/* ---- erasing all ------------------------------------------------------ */

static int sanitize(struct fuzzer *f)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = ADMIN_SANITIZE, .cdw10 = SANITIZE_BLOCKS,
	};
	u32 i, state;
	int ret;

	ret = admin(&cmd);
	for (i = 0; !ret && i < 3000; i++) {
		ret = get_log(LOG_SANITIZE, 0, 20, f->buf, 4096);
		state = f->buf[2] & 7;
		if (ret || state == 1)
			break;
		if (state == 3) {
			/* A rule of faults in the wild namespace */
			cmd.cdw10 = SANITIZE_FORGET;
			ret = admin(&cmd);
			break;
		}
		usleep(10000);
	}
	/* After half a minute it ought to be over */
	if (i == 3000)
		return -ETIME;
	for (i = 0; !ret && i < SLOTS; i++)
		erased(&slots[i], true);
	return ret;
}

/*
 * Format of the streams' namespace, or Sanitize of all; no reset comes between. Streams
 * are parked first: one of them may wait for an upheaval of its own.
 */
static bool erase(struct fuzzer *f)
{
	bool rest = fz_below(f, 2), all = !fz_below(f, 3);
	const char *what = NULL;
	int ret;

	if (rest)
		streams_park();
	fuzz_begin_upheaval();
	if (!rest)
		streams_erase_begins();
	ret = all ? sanitize(f) : format(model_id, lba_format);
	if (!ret && rest)
		what = streams_are_erased(fz(f) >> 20);
	if (!rest)
		streams_erase_ended();
	fuzz_end_upheaval();
	if (rest)
		streams_go_on();
	erasures++;
	if (what)
		printf("# after it was erased: %s\n", what);
	if (ret || what)
		return wrong(all ? "sanitize" : "format", ret, model_id);
	return true;
}

void *fuzz_manage_thread(void *arg)
{
	struct fuzzer *f = arg;

	while (model_id && fuzz_going()) {
		struct slot *slot = &slots[fz_below(f, SLOTS)];
		bool strict = fz_below(f, 4), ok;

		if (!fz_below(f, 16)) {
			ok = erase(f);
		} else if (slot->attached && fz_below(f, 2)) {
			ok = use(f, slot);
		} else {
			/* Strict: nobody resets the controller meanwhile */
			if (strict)
				fuzz_lock_upheaval();
			ok = step(f, slot, strict);
			if (strict)
				fuzz_unlock_upheaval();
		}
		if (!ok)
			break;
		usleep(fz_below(f, 5000));
	}
	return NULL;
}
