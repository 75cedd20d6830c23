// SPDX-License-Identifier: GPL-2.0
/*
 * claims_ns_test.c - what a namespace says of itself is what it does: a table for
 * Identify Namespace, with a row for every field of NVMe 1.4
 */
#include "claims.h"

/* ---- Identify Namespace ------------------------------------------------ */

static struct nvme_id_ns *ns_page(struct desk *d)
{
	return (void *)d->page;
}

static void check_nsze(struct desk *d, u64 val)
{
	expect(d, val && io(d, nvme_cmd_read, d->nsid, val - 1, 1) !=
	       OUT_OF_RANGE && io(d, nvme_cmd_read, d->nsid, val, 1) ==
	       OUT_OF_RANGE, "NSZE", val);
}

static void check_ncap(struct desk *d, u64 val)
{
	u64 nsze = le64_to_cpu(ns_page(d)->nsze);

	/* The size, as bit 0 of NSFEAT has it, but where addresses have holes */
	expect(d, val && (ns_page(d)->vs[0] ? val <= nsze : val == nsze),
	       "NCAP", val);
}

static void check_nuse(struct desk *d, u64 val)
{
	expect(d, val <= le64_to_cpu(ns_page(d)->ncap), "NUSE", val);
}

static void check_nsfeat(struct desk *d, u64 val)
{
	const struct nvme_id_ns *id = ns_page(d);

	/* Thin, so that Create would take less capacity than size */
	expect(d, !(val & 1), "THINP", val);
	expect(d, !(val & 2) == !(id->nawun || id->nawupf || id->nacwu ||
				  id->nabsn || id->nabo || id->nabspf),
	       "NSABP", val);
	expect(d, served(set_feature(d, NVME_FEAT_ERR_RECOVERY, d->nsid, BIT(16))) ==
	       (val >> 2 & 1), "DULBE", val);
	set_feature(d, NVME_FEAT_ERR_RECOVERY, d->nsid, 0);
	expect(d, !(val & 16) == !(id->npwg || id->npwa || id->npdg ||
				   id->npda || id->nows), "OPTPERF", val);
	expect(d, !(val & ~0x16ULL), "NSFEAT", val);
}

static void check_flbas(struct desk *d, u64 val)
{
	const struct nvme_id_ns *id = ns_page(d);

	expect(d, val <= id->nlbaf && 1U << id->lbaf[val].ds ==
	       d->bench->dev->ns[d->nsid - 1].geo.lba_size, "FLBAS", val);
}

static void check_mc(struct desk *d, u64 val)
{
	u32 most = 0, i;

	for (i = 0; i <= ns_page(d)->nlbaf; i++)
		most = max_t(u32, most, le16_to_cpu(ns_page(d)->lbaf[i].ms));
	expect(d, !!(val & 2) == !!most && !(val & ~3ULL), "MC", val);
}

static void check_dpc(struct desk *d, u64 val)
{
	u32 pi;

	for (pi = 1; pi <= 3; pi++)
		expect(d, !val && admin(d, nvme_admin_format_nvm, d->nsid,
					pi << 5 | ns_page(d)->flbas, 0) ==
		       BAD_FORMAT, "DPC", pi);
}

static void check_nmic(struct desk *d, u64 val)
{
	expect(d, val == d->bench->dev->shared, "NMIC", val);
}

/* Unwritten sectors read as bits 2:0 say; bit 3: Write Zeroes deallocates */
static void check_dlfeat(struct desk *d, u64 val)
{
	memset(d->bc->data, 0xa5, 512);
	expect(d, !io(d, nvme_cmd_read, d->nsid, 8, 1), "DLFEAT", val);
	expect(d, (val & 7) == 1 && !memchr_inv(d->bc->data, 0, 512), "DLFEAT",
	       val);
	expect(d, (io(d, nvme_cmd_write_zeroes, d->nsid, U64_MAX, 1) !=
		   BAD_OPCODE) == (val >> 3 & 1), "Write Zeroes", val);
	expect(d, !(val >> 4), "DLFEAT", val);
}

static void check_atomic(struct desk *d, u64 val)
{
	const struct nvme_id_ns *id = ns_page(d);

	/* Nothing is atomic across a boundary, nor when power is lost */
	expect(d, le16_to_cpu(id->nawun) < OC_VECTOR_MAX &&
	       (!id->nabsn || id->nabsn == id->nawun) && !id->nawupf &&
	       !id->nacwu && !id->nabo && !id->nabspf, "NAWUN",
	       le16_to_cpu(id->nawun));
}

/* Another one has larger sectors, or had: transfers are cut there */
static void check_noiob(struct desk *d, u64 val)
{
	expect(d, !val || val == OC_VECTOR_MAX, "NOIOB", val);
}

static void check_nvmcap(struct desk *d, u64 val)
{
	const struct oc_ns *ns = &d->bench->dev->ns[d->nsid - 1];

	expect(d, val == oc_ns_capacity(ns, ns->geo.lba_shift) &&
	       (ns_page(d)->vs[0] || val >= le64_to_cpu(ns_page(d)->nsze) <<
		ns->geo.lba_shift), "NVMCAP", val);
}

static void check_npwg(struct desk *d, u64 val)
{
	const struct nvme_id_ns *id = ns_page(d);
	u32 npwg = le16_to_cpu(id->npwg) + 1, npwa = le16_to_cpu(id->npwa) + 1;

	expect(d, npwg % npwa == 0 &&
	       (le16_to_cpu(id->nows) + 1) % npwg == 0, "NPWG", val);
}

static void check_endgid(struct desk *d, u64 val)
{
	expect(d, val && !get_log(d, OC_LOG_ENDURANCE, 0, val), "ENDGID", val);
}

static void check_nguid(struct desk *d, u64 val)
{
	expect(d, val && !identify(d, NVME_ID_CNS_NS_DESC_LIST, d->nsid) &&
	       d->bc->data[0] == NVME_NIDT_NGUID && d->bc->data[1] == 16 &&
	       !memcmp(d->bc->data + 4, ns_page(d)->nguid, 16) &&
	       !memchr_inv(d->bc->data + 20, 0, 4096 - 20), "NGUID", val);
}

/* Linux' mark of open-channel namespaces: those that answer to E2h */
static void check_mark(struct desk *d, u64 val)
{
	expect(d, served(admin(d, OC_ADMIN_GEOMETRY, d->nsid, 0, 0)) == val, "VS", val);
}

/* Each format can be chosen exactly if its size is not 0. The data is lost */
static void check_formats(struct desk *d, u64 val)
{
	const struct nvme_id_ns *id = ns_page(d);
	u16 status;
	u32 i;

	for (i = 0; i < 16; i++) {
		bool there = i <= id->nlbaf && id->lbaf[i].ds;

		status = admin(d, nvme_admin_format_nvm, d->nsid, i, 0);
		expect(d, status == (there ? 0 : BAD_FORMAT), "LBAF", i);
		expect(d, there || !id->lbaf[i].ms, "LBAF, MS", i);
		/* With metadata interleaved, as far as MC says so */
		if (!there || !id->lbaf[i].ms)
			continue;
		status = admin(d, nvme_admin_format_nvm, d->nsid, i | 16, 0);
		expect(d, status == (id->mc & 1 ? 0 : BAD_FORMAT),
		       "interleaved", i);
	}
	expect(d, !admin(d, nvme_admin_format_nvm, d->nsid, id->flbas, 0),
	       "FLBAS", id->flbas);
}

static const struct claim namespace[] = {
	{ "NSZE", 0, 8, .check = check_nsze },
	{ "NCAP", 8, 8, .check = check_ncap },
	{ "NUSE", 16, 8, .check = check_nuse },
	{ "NSFEAT", 24, 1, .check = check_nsfeat },
	{ "NLBAF", 25, 1, 15 },
	{ "FLBAS", 26, 1, .check = check_flbas },
	{ "MC", 27, 1, .check = check_mc },
	{ "DPC", 28, 1, .check = check_dpc }, { "DPS", 29, 1 },
	{ "NMIC", 30, 1, .check = check_nmic }, { "RESCAP", 31, 1 },
	{ "FPI", 32, 1 }, { "DLFEAT", 33, 1, .check = check_dlfeat },
	{ "NAWUN", 34, 12, .check = check_atomic },
	{ "NOIOB", 46, 2, .check = check_noiob },
	{ "NVMCAP", 48, 16, .check = check_nvmcap },
	{ "NPWG", 64, 10, .check = check_npwg },
	{ "ANAGRPID", 92, 4 }, { "NSATTR", 99, 1 }, { "NVMSETID", 100, 2 },
	{ "ENDGID", 102, 2, .check = check_endgid },
	{ "NGUID", 104, 16, .check = check_nguid }, { "EUI64", 120, 8 },
	{ "LBAF", 128, 64, .check = check_formats },
	{ "VS", 384, 1, .check = check_mark },
};

static void claims_of_namespaces(struct kunit *test)
{
	struct desk d;
	u32 i, nsid;

	for (i = 0; i < ARRAY_SIZE(desks); i++) {
		KUNIT_ASSERT_TRUE(test, desk_make(test, &d, desks[i].ns,
						  desks[i].shared, false));
		for (nsid = 1; nsid <= 5; nsid++) {
			if (!test_bit(nsid - 1, d.bench->port.active))
				continue;
			d.nsid = nsid;
			d.what = d.bench->dev->ns[nsid - 1].kind->name;
			KUNIT_EXPECT_EQ(test, identify(&d, NVME_ID_CNS_NS,
						       nsid), (u16)0);
			memcpy(d.page, d.bc->data, 4096);
			/* As one that is allocated it is the same */
			identify(&d, NVME_ID_CNS_NS_PRESENT, nsid);
			KUNIT_EXPECT_EQ_MSG(test, memcmp(d.page, d.bc->data,
							 4096), 0, "%s",
					    d.what);
			check_page(&d, namespace, ARRAY_SIZE(namespace), 4096);
		}
		timer_delete_sync(&d.bench->ctrl.kato);
	}
}

static struct kunit_case claims_ns_cases[] = {
	KUNIT_CASE(claims_of_namespaces),
	{}
};

struct kunit_suite oc_claims_ns_suite = {
	.name = "oc_claims_ns",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = claims_ns_cases,
};
