// SPDX-License-Identifier: GPL-2.0
/*
 * wire_test.c - sizes, offsets and numbers as the specifications print them
 *
 * The offsets are literal, from the figures of OCSSD 2.0 and NVMe 1.4: a
 * field that moved in oc_wire.h must not move here too.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "oc.h"
#include "oc_test.h"

struct field {
	const char *name;
	size_t offset;
	size_t size;
	size_t want_offset;
	size_t want_size;
};

#define FIELD(_struct, _field, _offset, _size)				\
	{ #_struct "." #_field, offsetof(struct _struct, _field),	\
	  sizeof_field(struct _struct, _field), _offset, _size }

static void check_fields(struct kunit *test, const struct field *field, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ_MSG(test, field[i].offset,
				    field[i].want_offset, "%s", field[i].name);
		KUNIT_EXPECT_EQ_MSG(test, field[i].size, field[i].want_size,
				    "%s", field[i].name);
	}
}

#define check_layout(_test, _type, _size, _fields)			\
	do {								\
		KUNIT_EXPECT_EQ(_test, sizeof(_type), (size_t)(_size));	\
		check_fields(_test, _fields, ARRAY_SIZE(_fields));	\
	} while (0)

static const struct field geometry_fields[] = {
	FIELD(oc_wire_geometry, mjr, 0, 1),
	FIELD(oc_wire_geometry, mnr, 1, 1),
	FIELD(oc_wire_geometry, grp_len, 8, 1),
	FIELD(oc_wire_geometry, pu_len, 9, 1),
	FIELD(oc_wire_geometry, chk_len, 10, 1),
	FIELD(oc_wire_geometry, lba_len, 11, 1),
	FIELD(oc_wire_geometry, mccap, 16, 4),
	FIELD(oc_wire_geometry, wit, 32, 1),
	FIELD(oc_wire_geometry, num_grp, 64, 2),
	FIELD(oc_wire_geometry, num_pu, 66, 2),
	FIELD(oc_wire_geometry, num_chk, 68, 4),
	FIELD(oc_wire_geometry, clba, 72, 4),
	FIELD(oc_wire_geometry, ws_min, 128, 4),
	FIELD(oc_wire_geometry, ws_opt, 132, 4),
	FIELD(oc_wire_geometry, mw_cunits, 136, 4),
	FIELD(oc_wire_geometry, maxoc, 140, 4),
	FIELD(oc_wire_geometry, maxocpu, 144, 4),
	FIELD(oc_wire_geometry, trdt, 192, 4),
	FIELD(oc_wire_geometry, trdm, 196, 4),
	FIELD(oc_wire_geometry, twrt, 200, 4),
	FIELD(oc_wire_geometry, twrm, 204, 4),
	FIELD(oc_wire_geometry, tcrst, 208, 4),
	FIELD(oc_wire_geometry, tcrsm, 212, 4),
	FIELD(oc_wire_geometry, vs, 3072, 1024),
};

static void wire_geometry_layout(struct kunit *test)
{
	check_layout(test, struct oc_wire_geometry, 4096, geometry_fields);
}

static const struct field chunk_fields[] = {
	FIELD(oc_wire_chunk, cs, 0, 1),
	FIELD(oc_wire_chunk, ct, 1, 1),
	FIELD(oc_wire_chunk, wli, 2, 1),
	FIELD(oc_wire_chunk, slba, 8, 8),
	FIELD(oc_wire_chunk, cnlb, 16, 8),
	FIELD(oc_wire_chunk, wp, 24, 8),
};

static void wire_chunk_layout(struct kunit *test)
{
	check_layout(test, struct oc_wire_chunk, 32, chunk_fields);
}

static const struct field vector_fields[] = {
	FIELD(oc_wire_vector, opcode, 0, 1),
	FIELD(oc_wire_vector, flags, 1, 1),
	FIELD(oc_wire_vector, command_id, 2, 2),
	FIELD(oc_wire_vector, nsid, 4, 4),
	FIELD(oc_wire_vector, metadata, 16, 8),
	FIELD(oc_wire_vector, dptr, 24, 16),
	FIELD(oc_wire_vector, lbal, 40, 8),
	FIELD(oc_wire_vector, nlb, 48, 2),
	FIELD(oc_wire_vector, control, 50, 2),
};

static void wire_vector_layout(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, sizeof(struct nvme_command), (size_t)64);
	check_layout(test, struct oc_wire_vector, 64, vector_fields);
}

static const struct field error_fields[] = {
	FIELD(oc_wire_error, error_count, 0, 8),
	FIELD(oc_wire_error, sqid, 8, 2),
	FIELD(oc_wire_error, cmdid, 10, 2),
	FIELD(oc_wire_error, status, 12, 2),
	FIELD(oc_wire_error, location, 14, 2),
	FIELD(oc_wire_error, lba, 16, 8),
	FIELD(oc_wire_error, nsid, 24, 4),
};

static void wire_error_layout(struct kunit *test)
{
	check_layout(test, struct oc_wire_error, 64, error_fields);
}

static const struct {
	const char *name;
	u32 value;
	u32 want;
} numbers[] = {
	{ "geometry", OC_ADMIN_GEOMETRY, 0xe2 },
	{ "chunk log", OC_LOG_CHUNK_INFO, 0xca },
	{ "vector reset", OC_CMD_VECTOR_RESET, 0x90 },
	{ "vector write", OC_CMD_VECTOR_WRITE, 0x91 },
	{ "vector read", OC_CMD_VECTOR_READ, 0x92 },
	{ "sectors of a command", OC_VECTOR_MAX, 64 },
	{ "offline chunk", OC_SC_OFFLINE_CHUNK, 0x2c0 },
	{ "invalid reset", OC_SC_INVALID_RESET, 0x2c1 },
	{ "out of order", OC_SC_OUT_OF_ORDER, 0x2f2 },
	{ "status with DNR", OC_ERR(OC_SC_OUT_OF_ORDER), 0x42f2 },
	{ "mccap copy", OC_MCCAP_VECTOR_COPY, 1 },
	{ "mccap multiple reset", OC_MCCAP_MULTI_RESET, 2 },
	{ "mccap early reset", OC_MCCAP_EARLY_RESET, 4 },
	{ "state free", OC_WIRE_CS_FREE, 1 },
	{ "state closed", OC_WIRE_CS_CLOSED, 2 },
	{ "state open", OC_WIRE_CS_OPEN, 4 },
	{ "state offline", OC_WIRE_CS_OFFLINE, 8 },
	{ "sequential chunk", OC_WIRE_CT_SEQ, 1 },
};

static void wire_numbers(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		KUNIT_EXPECT_EQ_MSG(test, numbers[i].value, numbers[i].want,
				    "%s", numbers[i].name);
}

/* Byte for byte, so that a big-endian machine would have to agree */
static void wire_chunk_is_little_endian(struct kunit *test)
{
	static const u8 want[32] = {
		0x04, 0x01, 0x05, 0, 0, 0, 0, 0,
		0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
		0x60, 0x10, 0, 0, 0, 0, 0, 0,
		0x34, 0x02, 0, 0, 0, 0, 0, 0,
	};
	const struct oc_geo geo = { .clba = 0x1060 };
	const struct oc_chunk chk = {
		.state = OC_CHK_OPEN, .wp = 0x234, .resets = 5,
	};
	struct oc_wire_chunk desc;

	memset(&desc, 0xee, sizeof(desc));
	oc_chunk_describe(&geo, &chk, 0x1122334455667788ULL, &desc);
	KUNIT_EXPECT_EQ(test, memcmp(&desc, want, sizeof(want)), 0);
}

static struct kunit_case wire_cases[] = {
	KUNIT_CASE(wire_geometry_layout),
	KUNIT_CASE(wire_chunk_layout),
	KUNIT_CASE(wire_vector_layout),
	KUNIT_CASE(wire_error_layout),
	KUNIT_CASE(wire_numbers),
	KUNIT_CASE(wire_chunk_is_little_endian),
	{}
};

struct kunit_suite oc_wire_suite = {
	.name = "oc_wire",
	.test_cases = wire_cases,
};
