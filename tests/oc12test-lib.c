// SPDX-License-Identifier: GPL-2.0
/*
 * oc12test-lib.c - what all cases use: the device, commands, addresses, blocks
 */
#include "oc12test.h"

u8 page[4096];
u32 count[FIELDS], off[FIELDS], len[FIELDS];
u32 mpos;
u64 total;
bool strict = true, hybrid;
u8 *bbt;

/* ---- commands --------------------------------------------------------- */

/* An admin command without a list, as nvme-cli sends it; DNR is cut off */
int admin_at(u8 opcode, u64 ppa, u32 cdw12, void *buf, u32 buf_len)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = opcode, .nsid = nsid, .addr = ptr(buf),
		.data_len = buf_len, .cdw10 = ppa, .cdw11 = ppa >> 32,
		.cdw12 = cdw12,
	};
	int ret = admin(&cmd);

	return ret < 0 ? ret : ret & ~DNR;
}

int vector(u8 opcode, const u64 *list, u32 nr, u16 control, void *buf,
	   void *meta)
{
	struct user_vio cmd = {
		.opcode = opcode, .control = control, .nppas = nr - 1,
		.addr = ptr(buf), .ppa_list = nr == 1 ? list[0] : ptr(list),
		.metadata = meta && oob_size ? ptr(meta) : 0,
		.metadata_len = meta ? nr * oob_size : 0,
	};

	return submit_vio(&cmd);
}

/* A command with the logical address that SUBMIT_VIO has no room for */
int logical(u8 opcode, const u64 *list, u32 nr, u16 control, u64 slba,
	    void *buf)
{
	struct passthru_vio cmd = {
		.opcode = opcode, .control = control, .nppas = nr - 1,
		.ppa_list = nr == 1 ? list[0] : ptr(list), .addr = ptr(buf),
		.data_len = nr * lba_size, .cdw14 = slba, .cdw15 = slba >> 32,
	};

	return passthru_vio(IO_VIO, &cmd);
}

/* Set Bad Block Table with a list, as lightnvm sends it */
int set_bbt_list(const u64 *list, u32 nr, u8 value)
{
	struct passthru_vio cmd = {
		.opcode = ADMIN_SET_BBT, .control = value, .nppas = nr - 1,
		.ppa_list = nr == 1 ? list[0] : ptr(list),
	};

	return passthru_vio(ADMIN_VIO, &cmd);
}

void want_vector(const char *what, int got, int status, u64 failed)
{
	want_status(what, got, status);
	need(!status || bitmap == failed,
	     "%s: want failed sectors %016llx, came %016llx", what,
	     (unsigned long long)failed, (unsigned long long)bitmap);
}

/* ---- addresses and blocks --------------------------------------------- */

u64 ppa_of(struct block b, u32 pg, u32 pln, u32 sec)
{
	const u32 val[FIELDS] = { b.ch, b.lun, pln, b.blk, pg, sec };
	u64 ppa = 0;
	u32 i;

	for (i = 0; i < FIELDS; i++)
		ppa |= (u64)val[i] << off[i];
	return ppa;
}

u64 linear(struct block b, u32 pg, u32 pln, u32 sec)
{
	u64 lin = b.ch;

	lin = lin * count[LUN] + b.lun;
	lin = lin * count[BLK] + b.blk;
	lin = lin * count[PG] + pg;
	lin = lin * count[PLN] + pln;
	return lin * count[SEC] + sec;
}

/* The control bits by which all planes work together */
u16 all_planes(void)
{
	return count[PLN] >> 1;
}

u32 bbt_len(void)
{
	return 64 + count[BLK] * count[PLN];
}

void get_bbt(struct block b)
{
	want_status("get bad blocks",
		    admin_at(ADMIN_GET_BBT, ppa_of(b, 0, 0, 0), 0, bbt,
			     bbt_len()), 0);
}

/* The next block whose planes are all good, erased */
struct block take_block(void)
{
	static u32 next = 1;
	u32 pln, tries;

	for (tries = count[CH] * count[LUN] * count[BLK]; tries; tries--) {
		struct block b = {
			.ch = next % count[CH],
			.lun = next / count[CH] % count[LUN],
			.blk = next / count[CH] / count[LUN] % count[BLK],
		};
		u64 ppa = ppa_of(b, 0, 0, 0);
		u8 bad = 0;

		next++;
		get_bbt(b);
		for (pln = 0; pln < count[PLN]; pln++)
			bad |= bbt[64 + b.blk * count[PLN] + pln];
		if (bad || !(b.ch | b.lun | b.blk))
			continue;
		want_status("erase", vector(ERASE, &ppa, 1, all_planes(), NULL,
					    NULL), 0);
		return b;
	}
	fail("no good block is left");
}

/* All of a page, planes after each other; from @at of @list on */
u32 list_page(u64 *list, u32 at, struct block b, u32 pg)
{
	u32 pln, sec;

	for (pln = 0; pln < count[PLN]; pln++)
		for (sec = 0; sec < count[SEC]; sec++)
			list[at++] = ppa_of(b, pg, pln, sec);
	return at;
}

int write_page(struct block b, u32 pg, u32 gen)
{
	u64 list[MAX_VEC];
	u32 nr = list_page(list, 0, b, pg);

	generation = gen;
	pattern_list(list, nr);
	return vector(WRITE, list, nr, all_planes() | SCRAMBLE, data, oob);
}

static u32 get16(u32 at)
{
	return page[at] | page[at + 1] << 8;
}

void open_device(void)
{
	u32 i;

	if (setjmp(case_end)) {
		printf("not ok setup: %s\n0 passed, 1 failed\n", case_reason);
		exit(1);
	}
	ns_fd = open(ns_path, O_RDONLY | O_CLOEXEC);
	need(ns_fd >= 0, "%s: %s", ns_path, strerror(errno));
	ctrl_fd = open(ctrl_path, O_RDONLY | O_CLOEXEC);
	need(ctrl_fd >= 0, "%s: %s", ctrl_path, strerror(errno));
	nsid = xioctl(ns_fd, NVME_IOCTL_ID, NULL);
	want_status("identity", admin_at(ADMIN_IDENTITY, 0, 0, page,
					 sizeof(page)), 0);
	need(page[0] == 1, "%s is no OCSSD 1.2 namespace", ns_path);
	for (i = 0; i < FIELDS; i++) {
		off[i] = page[12 + 2 * i];
		len[i] = page[13 + 2 * i];
	}
	lba_size = get16(270);
	oob_size = get16(272);
	count[CH] = page[260];
	count[LUN] = page[261];
	count[PLN] = page[262];
	count[BLK] = get16(264);
	count[PG] = get16(266);
	count[SEC] = get16(268) / lba_size;
	memcpy(&mpos, page + 300, sizeof(mpos));
	hybrid = page[8] & 1;
	/* What was never written reads as zeroes, where it can be read */
	dlfeat = 1;
	total = 1;
	for (i = 0; i < FIELDS; i++)
		total *= count[i];
	make_rooms();
	bbt = calloc(1, bbt_len());
	need(bbt, "no memory");
}
