// SPDX-License-Identifier: GPL-2.0
/*
 * oc12test-cases.c - what the specification says, a case each
 */
#include "oc12test.h"

/* Sector @i of what was read is that of @ppa */
static void want_sector(const char *what, u32 i, u64 ppa, u32 gen)
{
	const char *wrong = judge_sector(ppa, gen, true, data2 + i * lba_size,
					 oob2 + i * oob_size);

	need(!wrong, "%s: sector %u: %s", what, i, wrong);
}

static void identity_fields(void)
{
	u32 field, end = 0, i, planes = mpos & 0xff;
	u64 used = 0;

	need(page[0] == 1 && page[1] == 0 && page[2] == 1, "wrong header");
	need(page[256] == 0, "media type %u", page[256]);
	for (field = 0; field < FIELDS; field++) {
		need(count[field], "field %u has no count", field);
		for (i = 0; BIT64(i) < count[field]; i++)
			;
		need(len[field] == i, "field %u: %u bits for %u values", field,
		     len[field], count[field]);
		for (i = off[field]; i < off[field] + len[field]; i++) {
			need(!(used & BIT64(i)), "bit %u is used twice", i);
			used |= BIT64(i);
		}
		if (off[field] + len[field] > end)
			end = off[field] + len[field];
	}
	need(used == all_bits(end), "the address has gaps");
	need((mpos & 0xff) == (mpos >> 8 & 0xff) &&
	     (mpos & 0xff) == (mpos >> 16 & 0xff), "mpos is %08x", mpos);
	need(planes == (count[PLN] == 1 ? 1 : count[PLN] == 2 ? 3 : 5),
	     "mpos %08x for %u planes", mpos, count[PLN]);
	for (i = 1216; i < 4096; i++)
		need(!page[i], "byte %u is not 0", i);
}

static void bad_block_forms(void)
{
	struct block b = take_block(), c = take_block();
	u32 at = 64 + b.blk * count[PLN] + count[PLN] - 1, pln;
	u64 list[MAX_VEC];

	need(!memcmp(bbt, "BBLT\1\0", 6), "wrong header");
	need(*(u32 *)(bbt + 12) == count[BLK] * count[PLN], "wrong tblks");
	/* nvme-cli's way: one address, the value in CDW12 bits 23:16 */
	want_status("set one", admin_at(ADMIN_SET_BBT,
					ppa_of(b, 0, count[PLN] - 1, 0),
					2 << 16, NULL, 0), 0);
	get_bbt(b);
	need(bbt[at] == 2, "set 2, get %u", bbt[at]);
	need(*(u32 *)(bbt + 20) >= 1, "tgrown is 0");
	/* lightnvm's: a list over blocks, one address for each plane */
	for (pln = 0; pln < count[PLN]; pln++) {
		list[pln] = ppa_of(b, count[PG] - 1, pln, count[SEC] - 1);
		list[count[PLN] + pln] = ppa_of(c, 0, pln, 0);
	}
	want_status("set list", set_bbt_list(list, 2 * count[PLN], 1), 0);
	get_bbt(c);
	for (pln = 0; pln < count[PLN]; pln++)
		need(bbt[64 + c.blk * count[PLN] + pln] == 1,
		     "plane %u is not marked", pln);
	/* A bad block is erased no more, and takes no writes */
	want_vector("erase of a bad block",
		    vector(ERASE, list, 1, all_planes(), NULL, NULL), SC_FAIL,
		    1);
	want_status("write to a bad block", write_page(b, 0, 1), SC_FAIL);
	want_status("good again", set_bbt_list(list, 2 * count[PLN], 0), 0);
	want_status("erase", vector(ERASE, list, 1, all_planes(), NULL, NULL),
		    0);
	want_status("write", write_page(b, 0, 1), 0);
}

/* Elsewhere: a table that ignores the channel, the LUN or the plane */
static void defect_bad_block_place(void)
{
	u32 len = bbt_len(), luns = count[CH] * count[LUN], lun, i;
	struct block b = take_block(), at = { };
	u32 mine = 64 + b.blk * count[PLN] + count[PLN] - 1;
	u8 *before = malloc(luns * len);

	need(before, "no memory");
	for (lun = 0; lun < luns; lun++) {
		at.ch = lun / count[LUN];
		at.lun = lun % count[LUN];
		get_bbt(at);
		memcpy(before + lun * len, bbt, len);
	}
	want_status("set one", admin_at(ADMIN_SET_BBT,
					ppa_of(b, 0, count[PLN] - 1, 0),
					2 << 16, NULL, 0), 0);
	for (lun = 0; lun < luns; lun++) {
		at.ch = lun / count[LUN];
		at.lun = lun % count[LUN];
		get_bbt(at);
		for (i = 64; i < len; i++) {
			u8 want = before[lun * len + i];

			if (at.ch == b.ch && at.lun == b.lun && i == mine)
				want = 2;
			need(bbt[i] == want,
			     "channel %u LUN %u byte %u: %u instead of %u",
			     at.ch, at.lun, i, bbt[i], want);
		}
	}
	free(before);
	want_status("good again",
		    admin_at(ADMIN_SET_BBT, ppa_of(b, 0, count[PLN] - 1, 0), 0,
			     NULL, 0), 0);
}

static void bad_block_errors(void)
{
	struct block b = { };

	want_status("buffer one byte short",
		    admin_at(ADMIN_GET_BBT, 0, 0, bbt, bbt_len() - 4) ? 1 : 0, 1);
	want_status("value 10h", admin_at(ADMIN_SET_BBT, 0, 0x10 << 16, NULL, 0),
		    SC_FIELD);
	want_status("65 addresses", admin_at(ADMIN_SET_BBT, 0, 64, NULL, 0),
		    SC_FIELD);
	want_status("a list nobody has",
		    admin_at(ADMIN_SET_BBT, 0x7f00deadbee8ULL, 1, NULL, 0),
		    SC_FIELD);
	b.ch = count[CH];
	want_status("no such channel",
		    admin_at(ADMIN_GET_BBT, ppa_of(b, 0, 0, 0), 0, bbt, bbt_len()),
		    SC_FIELD);
}

static void write_then_read(void)
{
	struct block b = take_block();
	u32 gen = ++generation, per = count[PLN] * count[SEC], pg, i, nr;
	u64 list[MAX_VEC];

	for (pg = 0; pg < count[PG]; pg++)
		want_status("write a page", write_page(b, pg, gen), 0);
	/* Forwards, backwards, and as many as a list holds */
	for (pg = 0; pg + MAX_VEC / per <= count[PG]; pg += MAX_VEC / per) {
		for (i = 0, nr = 0; i < MAX_VEC / per; i++)
			nr = list_page(list, nr, b, pg + i);
		for (i = 0; pg % 2 && i < nr / 2; i++) {
			u64 swap = list[i];

			list[i] = list[nr - 1 - i];
			list[nr - 1 - i] = swap;
		}
		memset(oob2, 0, 64 * oob_size);
		want_status("read", vector(READ, list, nr, SUSPEND | SCRAMBLE,
					   data2, oob2), 0);
		for (i = 0; i < nr; i++)
			want_sector("read", i, list[i], gen);
	}
	/* One sector, without OOB, with plane bits */
	list[0] = ppa_of(b, 0, count[PLN] - 1, count[SEC] - 1);
	want_status("read one", vector(READ, list, 1, all_planes(), data2,
				       NULL), 0);
	need(!judge_sector(list[0], gen, true, data2, NULL),
	     "one sector has wrong data");
}

static void empty_pages(void)
{
	struct block b = take_block();
	u32 gen = ++generation, i, nr = 0;
	u64 list[MAX_VEC], want = 0;

	want_status("write", write_page(b, 0, gen), 0);
	/* Written and empty ones in turn, up to the last bit */
	for (i = 0; i < MAX_VEC; i++) {
		u32 pln = i / 2 % count[PLN], sec = i / 2 % count[SEC];

		list[nr++] = ppa_of(b, i % 2, pln, sec);
		if (i % 2)
			want |= BIT64(i);
	}
	/* What failed has no data for the user: the ioctl keeps it */
	want_vector("half empty", vector(READ, list, nr, SUSPEND, data2,
					 oob2), SC_EMPTY, want);
	list[0] = ppa_of(b, count[PG] - 1, count[PLN] - 1, 0);
	want_vector("the last page", vector(READ, list, 1,
					    all_planes() | SUSPEND, data2,
					    NULL), SC_EMPTY, 1);
	want_status("the first", vector(READ, &list[2], 1, 0, data2, NULL),
		    0);
}

static void write_order(void)
{
	struct block b = take_block();
	u32 gen = ++generation, per = count[PLN] * count[SEC];
	int refused = strict ? SC_FAIL : 0;
	u64 list[MAX_VEC];

	want_status("page 0", write_page(b, 0, gen), 0);
	want_status("page 0 once more", write_page(b, 0, gen), refused);
	need(!strict || bitmap == all_bits(per), "not all sectors failed");
	want_status("page 2 before 1", write_page(b, 2, gen), refused);
	list_page(list, 0, b, 1);
	if (per > 1) {
		want_status("less than a page",
			    vector(WRITE, list, per - 1, all_planes(), data,
				   oob), strict ? SC_FIELD : 0);
	}
	want_status("page 1", write_page(b, 1, gen), 0);
	want_status("read", vector(READ, list, per, 0, data2, oob2), 0);
}

static void erase_planes(void)
{
	struct block b = take_block();
	u64 list[MAX_VEC];
	u32 pln;

	want_status("write", write_page(b, 0, 1), 0);
	/* One plane, all the others stay */
	list[0] = ppa_of(b, 0, count[PLN] - 1, 0);
	want_status("single", vector(ERASE, list, 1, 0, NULL, NULL), 0);
	for (pln = 0; pln < count[PLN]; pln++) {
		list[0] = ppa_of(b, 0, pln, 0);
		want_status("read", vector(READ, list, 1, 0, data2, NULL),
			    pln == count[PLN] - 1 ? SC_EMPTY : 0);
	}
	/* All listed and the bits as well, which is once */
	for (pln = 0; pln < count[PLN]; pln++)
		list[pln] = ppa_of(b, 0, pln, 0);
	want_status("listed", vector(ERASE, list, count[PLN], all_planes(),
				     NULL, NULL), 0);
	want_status("write", write_page(b, 0, 2), 0);
	/* One address for all; a data buffer is ignored */
	want_status("together", vector(ERASE, list, 1, all_planes(), data,
				       NULL), 0);
	for (pln = 0; pln < count[PLN]; pln++)
		want_vector("empty", vector(READ, &list[pln], 1, 0, data2,
					    NULL), SC_EMPTY, 1);
}

/* Elsewhere: an erase that minds the order in which a list names planes */
static void defect_erase_list_order(void)
{
	struct block b[3] = { take_block(), take_block(), take_block() };
	u64 list[MAX_VEC], lba;
	u32 i, pln, nr = 0;

	for (i = 0; i < 3; i++)
		want_status("write", write_page(b[i], 0, 1), 0);
	/* From the last plane down, in both blocks by turns */
	for (pln = count[PLN]; pln--; ) {
		list[nr++] = ppa_of(b[1], 0, pln, 0);
		list[nr++] = ppa_of(b[0], 0, pln, 0);
	}
	want_status("erase", vector(ERASE, list, nr, 0, NULL, NULL), 0);
	for (i = 0; i < 3; i++) {
		for (pln = 0; pln < count[PLN]; pln++) {
			lba = ppa_of(b[i], 0, pln, 0);
			want_status("read", vector(READ, &lba, 1, 0, data2,
						   NULL),
				    i < 2 ? SC_EMPTY : 0);
		}
	}
}

static void addresses_of_nothing(void)
{
	static const u8 ops[] = { ERASE, WRITE, READ };
	struct block b = take_block();
	u64 list[2];
	u32 field, i;

	list[0] = ppa_of(b, 0, 0, 0);
	for (field = 0; field < FIELDS; field++) {
		const u32 val[FIELDS] = { b.ch, b.lun, 0, b.blk };

		/* The first value past the count, where the field has room */
		if (field != CH && BIT64(len[field]) == count[field])
			continue;
		list[1] = list[0] & ~((u64)val[field] << off[field]);
		list[1] |= (u64)count[field] << off[field];
		for (i = 0; i < ARRAY_SIZE(ops); i++)
			want_vector("address of nothing",
				    vector(ops[i], list, 2, 0,
					   ops[i] == ERASE ? NULL : data2,
					   NULL), SC_FIELD, 2);
	}
	list[1] = BIT64(63);
	want_vector("bit 63", vector(READ, list, 2, 0, data2, NULL), SC_FIELD,
		    2);
}

/* Elsewhere: the count is read as more bits than it has, or trusted */
static void counts_and_lists(void)
{
	struct nvme_passthru_cmd cmd = {
		.opcode = READ, .nsid = nsid, .addr = ptr(data2),
		.data_len = 64 * lba_size, .cdw12 = 64,
	};

	want_status("65 addresses",
		    xioctl(ns_fd, NVME_IOCTL_IO_CMD, &cmd) & ~DNR, SC_FIELD);
	cmd.cdw12 = 0xffff;
	want_status("65536 addresses",
		    xioctl(ns_fd, NVME_IOCTL_IO_CMD, &cmd) & ~DNR, SC_FIELD);
	cmd.cdw12 = 1;
	cmd.cdw10 = 0xdeadbee8;
	cmd.cdw11 = 0x7f00;
	want_status("a list nobody has",
		    xioctl(ns_fd, NVME_IOCTL_IO_CMD, &cmd) & ~DNR, SC_FIELD);
}

static void block_device(void)
{
	u8 *buf = data2;

	/* Partition scans read what was never written */
	memset(buf, 0xee, lba_size);
	need(pread(ns_fd, buf, lba_size, 0) == (ssize_t)lba_size,
	     "read: %s", strerror(errno));
}

/* Elsewhere: a bitmap shifted as 32 bits, or in the wrong words of the completion */
static void defect_bitmap(void)
{
	static const u64 sets[] = {
		1ULL << 31, 1ULL << 32, 1ULL << 33, 1ULL << 63, 0xf0ULL,
		0xf0ULL << 32, 0x5aa5000000000000ULL, 0x8000000100000001ULL,
	};
	struct block b = take_block(), c = take_block();
	u64 list[MAX_VEC];
	u32 i, k;

	want_status("write", write_page(b, 0, 1), 0);
	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		for (k = 0; k < MAX_VEC; k++)
			list[k] = ppa_of(sets[i] >> k & 1 ? c : b, 0, 0,
					 k % count[SEC]);
		want_vector("read", vector(READ, list, MAX_VEC, 0, data2, oob2),
			    SC_EMPTY, sets[i]);
	}
}

/* Elsewhere: of a write over several blocks only the first moves on */
static void defect_several_blocks(void)
{
	struct block b[2] = { take_block(), take_block() };
	u64 list[MAX_VEC];
	u32 pg, i, nr;

	generation = 77;
	for (pg = 0; pg < count[PG]; pg++) {
		for (i = 0, nr = 0; i < 2; i++)
			if (nr + count[PLN] * count[SEC] <= MAX_VEC)
				nr = list_page(list, nr, b[i], pg);
		pattern_list(list, nr);
		want_status("write", vector(WRITE, list, nr, all_planes(), data,
					    oob), 0);
		want_status("read", vector(READ, list, nr, 0, data2, oob2), 0);
		for (i = 0; i < nr; i++)
			want_sector("read", i, list[i], 77);
	}
}

/* Elsewhere: OOB that is not kept, which hosts find their addresses in */
static void defect_oob(void)
{
	struct block b = take_block();
	u64 list[MAX_VEC];
	u32 i, nr = list_page(list, 0, b, 0);

	if (!oob_size)
		skip("no OOB");
	generation = 78;
	pattern_list(list, nr);
	want_status("without OOB", vector(WRITE, list, nr, all_planes(), data,
					  NULL), 0);
	memset(oob2, 0, nr * oob_size);
	want_status("read", vector(READ, list, nr, 0, data2, oob2), 0);
	need(all_are(oob2, 0xff, nr * oob_size), "OOB that nobody wrote");
	list_page(list, 0, b, 1);
	pattern_list(list, nr);
	want_status("with OOB", vector(WRITE, list, nr, all_planes(), data, oob),
		    0);
	/* Backwards, so that a slot's place is the list's and not the page's */
	for (i = 0; i < nr / 2; i++) {
		u64 swap = list[i];

		list[i] = list[nr - 1 - i];
		list[nr - 1 - i] = swap;
	}
	want_status("read", vector(READ, list, nr, 0, data2, oob2), 0);
	for (i = 0; i < nr; i++)
		want_sector("read", i, list[i], 78);
}

/* Elsewhere: scalar reads are refused where sectors have OOB */
static void defect_scalar_with_oob(void)
{
	memset(oob2, 0, oob_size);
	want_status("read", scalar(0x02, 0, 1, data2, oob2), 0);
}

static void no_hybrid(void)
{
	u64 entry[2];

	want_status("get L2P", admin_at(ADMIN_GET_L2P, 0, 1, entry,
					sizeof(entry)), SC_OPCODE);
	want_status("hybrid write", logical(HYBRID_WRITE, entry, 1, 0, 7, data),
		    SC_OPCODE);
}

const struct test physical12_tests[] = {
	{ "identity", identity_fields },
	{ "bad-blocks", bad_block_forms },
	{ "defect-bad-block-place", defect_bad_block_place },
	{ "bad-block-errors", bad_block_errors },
	{ "write-read", write_then_read },
	{ "empty-pages", empty_pages },
	{ "write-order", write_order },
	{ "erase-planes", erase_planes },
	{ "defect-erase-list-order", defect_erase_list_order },
	{ "addresses-of-nothing", addresses_of_nothing },
	{ "defect-lengths", counts_and_lists },
	{ "defect-bitmap", defect_bitmap },
	{ "defect-several-blocks", defect_several_blocks },
	{ "defect-oob", defect_oob },
	{ "defect-scalar-with-oob", defect_scalar_with_oob },
	{ "block-device", block_device },
	{}
};

const struct test plain12_tests[] = {
	{ "no-hybrid", no_hybrid },
	{}
};
