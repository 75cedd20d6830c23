/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_wire.h - wire structures and numbers that <linux/nvme.h> does not have
 *
 * Structures and numbers of the Open-Channel SSD specification 2.0. Every
 * multi-byte field is little endian; each structure's size and the offsets
 * that hosts rely on are asserted below it.
 */
#ifndef OC_WIRE_H
#define OC_WIRE_H

#include <linux/build_bug.h>
#include <linux/nvme.h>
#include <linux/stddef.h>
#include <linux/types.h>

/* Admin commands and log pages (OCSSD 2.0, 2.1 and 2.2) */
#define OC_ADMIN_GEOMETRY	0xe2
#define OC_ADMIN_GET_L2P	0xea	/* OCSSD 1.2 */
#define OC_LOG_ENDURANCE	0x09	/* NVMe 1.4 */
#define OC_LOG_SANITIZE		0x81	/* NVMe 1.4 */
#define OC_LOG_CHUNK_INFO	0xca
#define OC_LOG_NOTICES		0xd0

/* The event that announces the notification log: vendor specific, 0 */
#define OC_AER_NOTICE		(OC_LOG_NOTICES << 16 | 7)

/* The event that a Sanitize is over: I/O command specific, 1 */
#define OC_AER_SANITIZED	(OC_LOG_SANITIZE << 16 | 1 << 8 | NVME_AER_CSS)

/* Media feedback feature: high and very high ECC are reported in completions */
#define OC_FEAT_FEEDBACK	0xca
#define OC_FEEDBACK_HECC	BIT(0)
#define OC_FEEDBACK_VHECC	BIT(1)
#define OC_FEEDBACK_ALL		(OC_FEEDBACK_HECC | OC_FEEDBACK_VHECC)

/* I/O commands (OCSSD 2.0, 2.3) */
#define OC_CMD_VECTOR_RESET	0x90
#define OC_CMD_VECTOR_WRITE	0x91
#define OC_CMD_VECTOR_READ	0x92
#define OC_CMD_VECTOR_COPY	0x93

/* A vector command names at most this many logical blocks (6-bit, 0's based) */
#define OC_VECTOR_MAX		64U

/* Status: do not retry. <linux/nvme.h> has another name for it in each kernel */
#define OC_SC_DNR		0x4000

/* Status codes, media and command specific (OCSSD 2.0, 2.4) */
#define OC_SC_OFFLINE_CHUNK	0x2c0
#define OC_SC_INVALID_RESET	0x2c1
#define OC_SC_HIGH_ECC		0x2d0
#define OC_SC_WRITE_NEXT_UNIT	0x2f0
#define OC_SC_EARLY_CLOSE	0x2f1
#define OC_SC_OUT_OF_ORDER	0x2f2
/* The same of OCSSD 1.2 */
#define OC_SC_WRITE_FAIL	0x0ff
#define OC_SC_EMPTY_PAGE	0x2ff
#define OC_SC_HIGH_ECC_12	0x700

/* Identify Namespace: NSFEAT and DLFEAT (NVMe 1.4, figure 245) */
#define OC_NSFEAT_ATOMIC	BIT(1)	/* NAWUN and its like are defined */
#define OC_NSFEAT_DULBE		BIT(2)
#define OC_NSFEAT_OPTPERF	BIT(4)	/* NPWG and its like are defined */
#define OC_DLFEAT_ZEROES	1
#define OC_DLFEAT_ONES		2
#define OC_DLFEAT_WZ_DEAC	BIT(3)	/* Write Zeroes can deallocate */
/* VWC, bits 2:1: Flush takes NSID FFFFFFFFh. Bit 0: there is a cache, is clear */
#define OC_VWC_FLUSH_ALL	(3 << 1)
/* ONCS: Save and Select fields of Set and Get Features */
#define OC_ONCS_SAVE_SELECT	BIT(4)
#define OC_ONCS_VERIFY		BIT(7)	/* and the Verify command */
/* Effects: no other command in the same namespace meanwhile (CSE 001b) */
#define OC_EFFECTS_ONE_NS	BIT(16)
/* OACS: Format NVM is there, Namespace Management and Attachment are */
#define OC_OACS_FORMAT		BIT(1)
#define OC_OACS_NS_MANAGE	BIT(3)
/* Namespace Management and Attachment, CDW10 (NVMe 1.4, 5.19 and 5.20) */
#define OC_NS_SEL		GENMASK(3, 0)
#define OC_NS_CREATE		0	/* or attach */
#define OC_NS_DELETE		1	/* or detach */
#define OC_MAX_CTRL_LIST	2047	/* identifiers in a controller list */
/* MC: metadata in a buffer of its own, or after each sector's data */
#define OC_MC_EXTENDED		BIT(0)
#define OC_MC_SEPARATE		BIT(1)
/* Format NVM, CDW10 (NVMe 1.4, 5.23) */
#define OC_FORMAT_LBAF		GENMASK(3, 0)
#define OC_FORMAT_MSET		BIT(4)
#define OC_FORMAT_PI		GENMASK(7, 5)
#define OC_FORMAT_PIL		BIT(8)
#define OC_FORMAT_SES		GENMASK(11, 9)
#define OC_FORMAT_LBAFU		GENMASK(13, 12)
#define OC_FORMAT_RSVD		GENMASK(31, 14)
/* Sanitize, CDW10 (NVMe 1.4, 5.24) */
#define OC_SANITIZE_ACTION	GENMASK(2, 0)
#define OC_SANITIZE_EXIT	1	/* exit failure mode */
#define OC_SANITIZE_ERASE	2	/* block erase */
#define OC_SANITIZE_AUSE	BIT(3)	/* the host may exit failure mode */
#define OC_SANITIZE_NDAS	BIT(9)	/* do not deallocate */
#define OC_SANITIZE_RSVD	GENMASK(31, 10)
/* SANICAP: block erase, No-Deallocate is inhibited, nothing is done after it */
#define OC_SANICAP_BLOCK	BIT(1)
#define OC_SANICAP_NDI		BIT(29)
#define OC_SANICAP_UNMODIFIED	BIT(30)
/* Generic statuses that <linux/nvme.h> does not have */
#define OC_SC_OP_DENIED		0x15
#define OC_SC_FORMATTING	0x84
/* Get Log Page, CDW11: what the log specific identifier is in, and its byte */
#define OC_LOG_LSI		GENMASK(31, 16)
#define OC_LOG_LSI_BYTE		46
/* CNTRLTYPE */
#define OC_CNTRLTYPE_IO		1
#define OC_CNTRLTYPE_DISCOVERY	2
/* LPA: log pages may be read from an offset */
#define OC_LPA_EXTENDED		BIT(2)

/* Media and controller capabilities, geometry byte 16 */
#define OC_MCCAP_VECTOR_COPY	BIT(0)
#define OC_MCCAP_MULTI_RESET	BIT(1)
#define OC_MCCAP_EARLY_RESET	BIT(2)

/* Chunk state and type, as the chunk information log shows them */
#define OC_WIRE_CS_FREE		BIT(0)
#define OC_WIRE_CS_CLOSED	BIT(1)
#define OC_WIRE_CS_OPEN		BIT(2)
#define OC_WIRE_CS_OFFLINE	BIT(3)
#define OC_WIRE_CT_SEQ		BIT(0)
#define OC_WIRE_CT_RANDOM	BIT(1)
#define OC_WIRE_CT_SIZE		BIT(4)	/* cnlb is not clba */

/**
 * struct oc_wire_geometry - the answer to the geometry command (E2h)
 * @mjr:	major version, 2
 * @mnr:	minor version, 0
 * @rsvd2:	reserved
 * @grp_len:	bits of an LBA that name the group
 * @pu_len:	bits that name the parallel unit
 * @chk_len:	bits that name the chunk
 * @lba_len:	bits that name the logical block in its chunk
 * @rsvd12:	reserved
 * @mccap:	media and controller capabilities, OC_MCCAP_*
 * @rsvd20:	reserved
 * @wit:	wear-level index delta threshold
 * @rsvd33:	reserved
 * @num_grp:	groups
 * @num_pu:	parallel units per group
 * @num_chk:	chunks per parallel unit
 * @clba:	logical blocks per chunk
 * @rsvd76:	reserved
 * @ws_min:	smallest write, logical blocks
 * @ws_opt:	best write, logical blocks
 * @mw_cunits:	logical blocks behind the write pointer not yet readable
 * @maxoc:	open chunks at most, 0 for no limit
 * @maxocpu:	open chunks at most per parallel unit, 0 for no limit
 * @rsvd148:	reserved
 * @trdt:	typical read, ns
 * @trdm:	longest read, ns
 * @twrt:	typical write, ns
 * @twrm:	longest write, ns
 * @tcrst:	typical chunk reset, ns
 * @tcrsm:	longest chunk reset, ns
 * @rsvd216:	reserved
 * @vs:		vendor specific
 *
 * OCSSD 2.0, figure 2.
 */
struct oc_wire_geometry {
	__u8	mjr;
	__u8	mnr;
	__u8	rsvd2[6];
	__u8	grp_len;
	__u8	pu_len;
	__u8	chk_len;
	__u8	lba_len;
	__u8	rsvd12[4];
	__le32	mccap;
	__u8	rsvd20[12];
	__u8	wit;
	__u8	rsvd33[31];
	__le16	num_grp;
	__le16	num_pu;
	__le32	num_chk;
	__le32	clba;
	__u8	rsvd76[52];
	__le32	ws_min;
	__le32	ws_opt;
	__le32	mw_cunits;
	__le32	maxoc;
	__le32	maxocpu;
	__u8	rsvd148[44];
	__le32	trdt;
	__le32	trdm;
	__le32	twrt;
	__le32	twrm;
	__le32	tcrst;
	__le32	tcrsm;
	__u8	rsvd216[2856];
	__u8	vs[1024];
};

static_assert(sizeof(struct oc_wire_geometry) == 4096);
static_assert(offsetof(struct oc_wire_geometry, grp_len) == 8);
static_assert(offsetof(struct oc_wire_geometry, mccap) == 16);
static_assert(offsetof(struct oc_wire_geometry, wit) == 32);
static_assert(offsetof(struct oc_wire_geometry, num_grp) == 64);
static_assert(offsetof(struct oc_wire_geometry, clba) == 72);
static_assert(offsetof(struct oc_wire_geometry, ws_min) == 128);
static_assert(offsetof(struct oc_wire_geometry, maxocpu) == 144);
static_assert(offsetof(struct oc_wire_geometry, trdt) == 192);
static_assert(offsetof(struct oc_wire_geometry, tcrsm) == 212);
static_assert(offsetof(struct oc_wire_geometry, vs) == 3072);

/**
 * struct oc_wire_chunk - one descriptor of the chunk information log (CAh)
 * @cs:		state, one of OC_WIRE_CS_*
 * @ct:		type, OC_WIRE_CT_*
 * @wli:	wear-level index, 0 to 255
 * @rsvd3:	reserved
 * @slba:	first logical block of the chunk, in the namespace's address format
 * @cnlb:	logical blocks in the chunk
 * @wp:		write pointer, logical blocks from the chunk's start
 *
 * OCSSD 2.0, figure 4.
 */
struct oc_wire_chunk {
	__u8	cs;
	__u8	ct;
	__u8	wli;
	__u8	rsvd3[5];
	__le64	slba;
	__le64	cnlb;
	__le64	wp;
};

static_assert(sizeof(struct oc_wire_chunk) == 32);
static_assert(offsetof(struct oc_wire_chunk, slba) == 8);
static_assert(offsetof(struct oc_wire_chunk, cnlb) == 16);
static_assert(offsetof(struct oc_wire_chunk, wp) == 24);

/* What a notice says */
#define OC_NOTICE_ECC_LOW	BIT(0)	/* correction was light, ... */
#define OC_NOTICE_ECC_MEDIUM	BIT(1)
#define OC_NOTICE_ECC_HIGH	BIT(2)	/* ... heavy, ... */
#define OC_NOTICE_UNRECOVERABLE	BIT(3)	/* ... or of no avail */
#define OC_NOTICE_REFRESHED	BIT(4)	/* the controller has rewritten it */
#define OC_NOTICE_WEAR		BIT(8)	/* wear index further off than wit */

/* And about what */
#define OC_NOTICE_LBAS		BIT(0)
#define OC_NOTICE_CHUNK		BIT(1)
#define OC_NOTICE_PU		BIT(2)

/**
 * struct oc_wire_notice - one entry of the chunk notification log (D0h)
 * @nc:		number of the notice, the first is 1; 0 where there is none
 * @lba:	a logical block of what it is about
 * @nsid:	namespace
 * @state:	what has become of it, OC_NOTICE_*
 * @mask:	what it is about: OC_NOTICE_LBAS, _CHUNK or _PU
 * @rsvd23:	reserved
 * @nlb:	logical blocks less one, with OC_NOTICE_LBAS
 * @rsvd34:	reserved
 *
 * OCSSD 2.0, 2.2.2.
 */
struct oc_wire_notice {
	__le64	nc;
	__le64	lba;
	__le32	nsid;
	__le16	state;
	__u8	mask;
	__u8	rsvd23[9];
	__le16	nlb;
	__u8	rsvd34[30];
};

static_assert(sizeof(struct oc_wire_notice) == 64);
static_assert(offsetof(struct oc_wire_notice, state) == 20);
static_assert(offsetof(struct oc_wire_notice, nlb) == 32);

/**
 * struct oc_wire_vector - a vector reset, write, read or copy (90h to 93h)
 * @opcode:	OC_CMD_VECTOR_*
 * @flags:	fused and PSDT bits
 * @command_id:	the host's own
 * @nsid:	namespace
 * @rsvd8:	reserved
 * @metadata:	bus address of the OOB (or, for a reset, of the descriptors)
 * @dptr:	data pointer
 * @lbal:	the logical block itself when @nlb is 0, else the bus address of
 *		an array of @nlb + 1 little-endian logical blocks; of a copy,
 *		the source
 * @nlb:	logical blocks less one; bits 5:0 count, all others must be clear
 * @control:	FUA and limited retry in the two top bits, the rest ignored
 * @rsvd52:	reserved
 * @dlbal:	of a copy, the destination, in the same form as @lbal
 *
 * OCSSD 2.0, figures 9 to 12.
 */
struct oc_wire_vector {
	__u8	opcode;
	__u8	flags;
	__u16	command_id;
	__le32	nsid;
	__u8	rsvd8[8];
	__le64	metadata;
	union nvme_data_ptr dptr;
	__le64	lbal;
	__le16	nlb;
	__le16	control;
	__u8	rsvd52[4];
	__le64	dlbal;
};

static_assert(sizeof(struct oc_wire_vector) == 64);
static_assert(offsetof(struct oc_wire_vector, metadata) == 16);
static_assert(offsetof(struct oc_wire_vector, lbal) == 40);
static_assert(offsetof(struct oc_wire_vector, nlb) == 48);
static_assert(offsetof(struct oc_wire_vector, dlbal) == 56);
static_assert(offsetof(struct oc_wire_vector, control) ==
	      offsetof(struct nvme_rw_command, control));

/**
 * struct oc_wire_error - one entry of the error information log (01h)
 * @error_count:	number of the error, the first is 1
 * @sqid:		submission queue
 * @cmdid:		the host's command id
 * @status:		status as in the completion, phase bit included
 * @location:		byte of the command that was wrong, ffffh if none
 * @lba:		first LBA, for I/O commands
 * @nsid:		namespace
 * @vs:			vendor specific log page with more, 0 for none
 * @trtype:		type of the transport whose error it is; 0, as none is
 * @rsvd30:		reserved
 * @csi:		command specific: a vector command's bitmap
 * @rsvd40:		reserved
 *
 * NVMe 1.4, 5.14.1.1.
 */
struct oc_wire_error {
	__le64	error_count;
	__le16	sqid;
	__le16	cmdid;
	__le16	status;
	__le16	location;
	__le64	lba;
	__le32	nsid;
	__u8	vs;
	__u8	trtype;
	__u8	rsvd30[2];
	__le64	csi;
	__u8	rsvd40[24];
};

static_assert(sizeof(struct oc_wire_error) == 64);
static_assert(offsetof(struct oc_wire_error, lba) == 16);
static_assert(offsetof(struct oc_wire_error, trtype) == 29);
static_assert(offsetof(struct oc_wire_error, csi) == 32);

/**
 * struct oc_wire_endurance - the endurance group log (09h)
 * @critical_warning:	bit 0: the spare is below its threshold
 * @rsvd1:		reserved
 * @avail_spare:	spare that is left, per cent
 * @spare_thresh:	its threshold, per cent
 * @percent_used:	of the life that was estimated
 * @rsvd6:		reserved
 * @estimate:		bytes that can be written in a life, billions; not given
 * @units_read:		bytes that hosts have read, billions, the low half
 * @rsvd56:		its high half
 * @units_written:	bytes that hosts have written
 * @rsvd72:		its high half
 * @media_written:	bytes that were written to the media
 * @rsvd88:		its high half
 * @host_reads:		read commands
 * @rsvd104:		its high half
 * @host_writes:	write commands
 * @rsvd120:		its high half
 * @media_errors:	sectors that the media could not give back
 * @rsvd136:		its high half
 * @log_entries:	entries that the controller's error log has had
 * @rsvd152:		its high half, and reserved
 *
 * NVMe 1.4, 5.14.1.9.
 */
struct oc_wire_endurance {
	__u8	critical_warning;
	__u8	rsvd1[2];
	__u8	avail_spare;
	__u8	spare_thresh;
	__u8	percent_used;
	__u8	rsvd6[26];
	__u8	estimate[16];
	__le64	units_read;
	__u8	rsvd56[8];
	__le64	units_written;
	__u8	rsvd72[8];
	__le64	media_written;
	__u8	rsvd88[8];
	__le64	host_reads;
	__u8	rsvd104[8];
	__le64	host_writes;
	__u8	rsvd120[8];
	__le64	media_errors;
	__u8	rsvd136[8];
	__le64	log_entries;
	__u8	rsvd152[360];
};

static_assert(sizeof(struct oc_wire_endurance) == 512);
static_assert(offsetof(struct oc_wire_endurance, estimate) == 32);
static_assert(offsetof(struct oc_wire_endurance, units_read) == 48);
static_assert(offsetof(struct oc_wire_endurance, media_written) == 80);
static_assert(offsetof(struct oc_wire_endurance, host_writes) == 112);
static_assert(offsetof(struct oc_wire_endurance, log_entries) == 144);

/**
 * struct oc_wire_id_14 - Identify Controller: what NVMe 1.4 added to it
 * @rsvd0:	of struct nvme_id_ctrl, which has no name in 5.10 for what follows,
 *		and in others not the same
 * @cntrltype:	OC_CNTRLTYPE_IO or OC_CNTRLTYPE_DISCOVERY
 * @rsvd112:	of struct nvme_id_ctrl
 * @endgidmax:	the last endurance group
 * @rsvd342:	of struct nvme_id_ctrl
 *
 * NVMe 1.4, figure 247.
 */
struct oc_wire_id_14 {
	__u8	rsvd0[111];
	__u8	cntrltype;
	__u8	rsvd112[228];
	__le16	endgidmax;
	__u8	rsvd342[3754];
};

static_assert(sizeof(struct oc_wire_id_14) == sizeof(struct nvme_id_ctrl));
static_assert(offsetof(struct oc_wire_id_14, cntrltype) == 111);
static_assert(offsetof(struct oc_wire_id_14, endgidmax) == 340);

/**
 * struct oc_wire_sanitize - the sanitize status log (81h)
 * @progress:		65536ths that are done, ffffh if none is under way
 * @status:		how the last one ended in bits 2:0, OC_SANITIZE_BLANK
 * @cdw10:		of the command that began it
 * @overwrite:		seconds that an overwrite takes, OC_SANITIZE_NO_TIME if not
 *			known, as all that follow
 * @erase:		a block erase
 * @crypto:		a cryptographic erase
 * @overwrite_keep:	the same without deallocation
 * @erase_keep:		the same without deallocation
 * @crypto_keep:	the same without deallocation
 * @rsvd32:		reserved
 *
 * NVMe 1.4, 5.14.1.16.2.
 */
struct oc_wire_sanitize {
	__le16	progress;
	__le16	status;
	__le32	cdw10;
	__le32	overwrite;
	__le32	erase;
	__le32	crypto;
	__le32	overwrite_keep;
	__le32	erase_keep;
	__le32	crypto_keep;
	__u8	rsvd32[480];
};

static_assert(sizeof(struct oc_wire_sanitize) == 512);
static_assert(offsetof(struct oc_wire_sanitize, cdw10) == 4);
static_assert(offsetof(struct oc_wire_sanitize, erase) == 12);
static_assert(offsetof(struct oc_wire_sanitize, crypto_keep) == 28);

#define OC_SANITIZE_BLANK	BIT(8)	/* nothing was written since then */
#define OC_SANITIZE_NO_TIME	U32_MAX

#endif /* OC_WIRE_H */
