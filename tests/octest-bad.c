// SPDX-License-Identifier: GPL-2.0
/*
 * octest-bad.c - counts, buffers and handles that must be refused
 */
#include "octest.h"

/* ---- bad counts, buffers, handles ------------------------------------- */

static const u8 vec_ops[] = { VEC_RESET, VEC_WRITE, VEC_READ };

static void t_counts(void)
{
	static const u16 counts[] = {
		64, 65, 127, 128, 192, 255, 256, 1023, 0x8000, 0xff00, 0xffff
	};
	struct chunk c = fresh(0);
	char what[32];
	u32 op, i, nlb;

	for (op = 0; op < ARRAY_SIZE(vec_ops); op++) {
		for (i = 0; i < ARRAY_SIZE(counts); i++) {
			snprintf(what, sizeof(what), "opcode %02x nlb %04x",
				 vec_ops[op], counts[i]);
			want_status(what, raw_vector(vec_ops[op], lba_of(c, 0),
						     counts[i], 0, data_room),
				    SC_FIELD | DNR);
		}
	}
	for (nlb = 64; nlb < 65536; nlb += 257) {
		snprintf(what, sizeof(what), "nlb %04x", nlb);
		want_status(what, raw_vector(VEC_READ, 0, nlb, 0, 4096),
			    SC_FIELD | DNR);
		want_status(what, raw_vector(IO_READ, 0, nlb, 0, 4096),
			    SC_FIELD | DNR);
	}
	want_chunk("after all that", c, CS_FREE, 0);
}

static void t_handles(void)
{
	static const u64 handles[] = {
		0, 1, 4, 7, 8, 0x1000, 0xff8, 0x1001, 0xfffffffffffff000,
		0xfffffffffffffff8, ~0ULL, 0xffff888000000000, 0xffff888000001000,
		0xffffffff81000000, 0x8000000000000000, 0x7fffffffffffffff,
		0x100000, 0x1000000, 0xffffc90000000000,
	};
	u32 op, i;
	char what[64];

	for (op = 0; op < ARRAY_SIZE(vec_ops); op++) {
		for (i = 0; i < ARRAY_SIZE(handles) + 150; i++) {
			u64 handle = i < ARRAY_SIZE(handles) ? handles[i] :
				rnd() >> (i % 3 ? 0 : 30);
			u32 nlb = 1 + i % 63;

			snprintf(what, sizeof(what), "opcode %02x handle %llx",
				 vec_ops[op], (unsigned long long)handle);
			want_status(what, raw_vector(vec_ops[op], handle, nlb,
						     0, data_room),
				    SC_FIELD | DNR);
		}
	}
}

/* Without lightnvm's list, the pool it comes from is out of reach as well */
static void t_handles_vio(void)
{
	u16 nppas;
	u32 op;

	for (op = 0; op < ARRAY_SIZE(vec_ops); op++) {
		for (nppas = 1; nppas < 70; nppas++) {
			struct passthru_vio cmd = {
				.opcode = vec_ops[op], .nppas = nppas,
				.addr = ptr(data), .data_len = data_room,
			};

			want_status("no list", xioctl(ns_fd, IO_VIO, &cmd),
				    -EIO);
			need(cmd.result == SC_FIELD, "no list: status %x",
			     cmd.result);
		}
	}
}

static void t_short_data(void)
{
	struct chunk c = fresh(0), full = readable(geo.num_grp - 1);
	u64 list[MAX_VEC], other[MAX_VEC];
	u32 n = max_write(), i;
	const u32 lens[] = {
		0, 4, 512, lba_size - 4, lba_size * (n - 1),
		lba_size * n - 4,
	};

	add_run(list, 0, c, 0, n);
	add_run(other, 0, full, 0, n);
	for (i = 0; i < 2 * ARRAY_SIZE(lens); i++) {
		u32 len = lens[i / 2];
		struct passthru_vio cmd = {
			.opcode = i % 2 ? VEC_READ : VEC_WRITE,
			.nppas = n - 1, .addr = ptr(data), .data_len = len,
			.ppa_list = n > 1 ? ptr(i % 2 ? other : list) :
				list[0],
		};
		int ret;

		if (len >= n * lba_size)
			continue;
		memset(data, 0x5a, lba_size * n);
		ret = xioctl(ns_fd, IO_VIO, &cmd);
		/* A read without data has no direction */
		need(ret == -EIO && cmd.result == SC_SHORT_DATA,
		     "opcode %02x, %u of %u bytes: ret %d status %x",
		     cmd.opcode, len, n * lba_size, ret, cmd.result);
		need(all_are(data + len, 0x5a, n * lba_size - len),
		     "opcode %02x, %u bytes: overrun", cmd.opcode, len);
	}
	want_chunk("short writes", c, CS_FREE, 0);
}

static void t_io_opcodes(void)
{
	static const u8 known[] = {
		IO_FLUSH, IO_WRITE, IO_READ, IO_DSM, VEC_RESET, VEC_WRITE,
		VEC_READ, ADMIN_FABRICS,
	};
	struct nvme_passthru_cmd cmd = { .nsid = nsid };
	char what[32];
	u32 op, len;

	for (op = 0; op < 256; op++) {
		if (memchr(known, op, sizeof(known)) ||
		    (op == VEC_COPY && (geo.mccap & CAP_COPY)))
			continue;
		for (len = 0; len <= 4096; len += 4096) {
			snprintf(what, sizeof(what), "opcode %02x", op);
			cmd.opcode = op;
			cmd.addr = ptr(data);
			cmd.data_len = len;
			want_status(what, io(&cmd), SC_OPCODE | DNR);
		}
	}
}

static void t_io_nsid(void)
{
	static const u8 ops[] = {
		IO_FLUSH, IO_WRITE, IO_READ, IO_DSM, VEC_RESET, VEC_WRITE,
		VEC_READ, 0xc7,
	};
	const u32 ids[] = { 0, nr_ns + 1, 0x100, 0x80000000 | nsid, ~0U };
	struct nvme_passthru_cmd cmd = { .addr = ptr(data) };
	char what[48];
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		for (k = 0; k < ARRAY_SIZE(ids); k++) {
			cmd.opcode = ops[i];
			cmd.nsid = ids[k];
			cmd.data_len = lba_size;
			snprintf(what, sizeof(what), "opcode %02x nsid %x",
				 ops[i], ids[k]);
			/* A Flush may be for all namespaces */
			want_status(what, io(&cmd), ops[i] == IO_FLUSH &&
				    ids[k] == ~0U ? 0 : SC_NSID | DNR);
		}
	}
}

const struct test bad_tests[] = {
	{ "bad.counts", t_counts },
	{ "bad.handles", t_handles },
	{ "bad.handles-vio", t_handles_vio },
	{ "bad.short-data", t_short_data },
	{ "bad.opcodes", t_io_opcodes },
	{ "bad.nsid", t_io_nsid },
	{}
};
