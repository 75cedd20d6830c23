/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_image_wire.h - the bytes of an image, as doc/image-format.md has them
 */
#ifndef OC_IMAGE_WIRE_H
#define OC_IMAGE_WIRE_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>

#define OC_IMG_SECTOR		512U	/* bytes that a cut does not tear */
#define OC_IMG_BLOCK		4096U	/* what regions and transfers are multiples of */
#define OC_IMG_SUPER		8192U	/* bytes of a superblock */
#define OC_IMG_SUPER_B		BIT_ULL(20)	/* where the second one is */
#define OC_IMG_MAJOR		1
#define OC_IMG_MINOR		0
#define OC_IMG_REGIONS		48	/* room in the table of regions */
#define OC_IMG_SPARE		1024U	/* slots of a channel beyond its sectors */
#define OC_IMG_NQN		256	/* characters of each string, its end included */
#define OC_IMG_SERIAL		32
#define OC_IMG_MODEL		64
#define OC_IMG_FORMATS		1280
#define OC_IMG_NS		4096
#define OC_IMG_KIND		16

/**
 * enum oc_img_kind - regions of an image, and the kind of their sectors
 * @OC_IMG_JOURNAL:	commits
 * @OC_IMG_DEV:		the device and its namespaces
 * @OC_IMG_CHAN:	channels
 * @OC_IMG_CHUNK:	chunks
 * @OC_IMG_MAP:		which slot a sector is in, and what it was written for
 * @OC_IMG_MARK:	logical sectors that are in no slot, and not deallocated
 * @OC_IMG_HYBRID:	which sector the logical ones of oc12h are in
 * @OC_IMG_OOB:		OOB, by slot
 * @OC_IMG_DATA:	data, by slot
 * @OC_IMG_KINDS:	one more than the last
 */
enum oc_img_kind {
	OC_IMG_JOURNAL = 1,
	OC_IMG_DEV,
	OC_IMG_CHAN,
	OC_IMG_CHUNK,
	OC_IMG_MAP,
	OC_IMG_MARK,
	OC_IMG_HYBRID,
	OC_IMG_OOB,
	OC_IMG_DATA,
	OC_IMG_KINDS,
};

#define OC_IMG_NEEDED		BIT(0)	/* flags of a region */
#define OC_IMG_CLEAN		BIT(0)	/* flags of the superblock */

/* Values of a map entry's slot that are none */
#define OC_IMG_NONE		0U
#define OC_IMG_BLANK		U32_MAX	/* written, and nothing stored */

/* ---- wire ------------------------------------------------------------- */

/**
 * struct oc_img_region - an entry of the table of regions
 * @kind:	enum oc_img_kind
 * @version:	of its contents
 * @flags:	OC_IMG_NEEDED
 * @start:	first byte
 * @bytes:	its size
 * @per_ch:	bytes of it that each channel has, 0 if it is not divided
 */
struct oc_img_region {
	__le16	kind;
	__le16	version;
	__le32	flags;
	__le64	start;
	__le64	bytes;
	__le64	per_ch;
};

static_assert(sizeof(struct oc_img_region) == 32);

/**
 * struct oc_img_super - the superblock
 * @magic:	OCLOOPIM
 * @crc:	of all of it, this taken as 0
 * @major:	version that readers must know
 * @minor:	version that they need not
 * @generation:	one more with each that is written
 * @may:	features that may be ignored
 * @write:	features that writers must know
 * @must:	features that everybody must know
 * @uuid:	of the image
 * @made:	seconds since 1970
 * @written:	seconds since 1970
 * @salt:	what checksums of metadata begin with
 * @flags:	OC_IMG_CLEAN
 * @incarnation: one more with each load
 * @seq:	journal: its first part's number
 * @block:	journal: and block
 * @boot:	who has loaded it last
 * @geo:	geometry it was made with, in the order of struct oc_geo
 * @strict:	and that
 * @slots:	of a channel
 * @max_lba:	largest sector of any format, bytes
 * @max_oob:	largest OOB, bytes
 * @nr_regions:	entries of @region
 * @bytes:	of the image
 * @durability:	it was loaded with last
 * @rsvd236:	reserved
 * @region:	table of regions
 * @nqn:	it was made with, as all that follow
 * @serial:	serial number
 * @model:	model number
 * @rsvd2400:	reserved
 * @formats:	LBA formats
 * @ns:		namespaces
 */
struct oc_img_super {
	__u8	magic[8];
	__le32	crc;
	__le16	major;
	__le16	minor;
	__le64	generation;
	__le64	may;
	__le64	write;
	__le64	must;
	__u8	uuid[16];
	__le64	made;
	__le64	written;
	__le32	salt;
	__le32	flags;
	__le64	incarnation;
	__le64	seq;
	__le64	block;
	__u8	boot[16];
	__le32	geo[19];
	__le32	strict;
	__le32	slots;
	__le32	max_lba;
	__le32	max_oob;
	__le32	nr_regions;
	__le64	bytes;
	__le32	durability;
	__u8	rsvd236[276];
	struct oc_img_region region[OC_IMG_REGIONS];
	char	nqn[OC_IMG_NQN];
	char	serial[OC_IMG_SERIAL];
	char	model[OC_IMG_MODEL];
	__u8	rsvd2400[416];
	char	formats[OC_IMG_FORMATS];
	char	ns[OC_IMG_NS];
};

static_assert(sizeof(struct oc_img_super) == OC_IMG_SUPER);
static_assert(offsetof(struct oc_img_super, generation) == 16);
static_assert(offsetof(struct oc_img_super, incarnation) == 88);
static_assert(offsetof(struct oc_img_super, geo) == 128);
static_assert(offsetof(struct oc_img_super, bytes) == 224);
static_assert(offsetof(struct oc_img_super, region) == 512);
static_assert(offsetof(struct oc_img_super, nqn) == 2048);
static_assert(offsetof(struct oc_img_super, formats) == 2816);

/**
 * struct oc_img_head - what a metadata sector begins with
 * @crc:	of what follows in the sector
 * @kind:	enum oc_img_kind
 * @version:	of its kind
 * @nr:		entries in use
 * @era:	of what it is about
 * @rsvd12:	reserved
 */
struct oc_img_head {
	__le32	crc;
	__u8	kind;
	__u8	version;
	__le16	nr;
	__le32	era;
	__le32	rsvd12;
};

static_assert(sizeof(struct oc_img_head) == 16);

/**
 * struct oc_img_chunk - a chunk
 * @state:	enum oc_chunk_state
 * @flags:	OC_CHK_WORN, OC_CHK_SHUT
 * @mark:	OCSSD 1.2: the host's mark
 * @role:	OC_IMG_FAILED
 * @wp:		write pointer
 * @resets:	resets it has seen
 * @fails:	failures
 * @settled:	sectors that are readable whatever mw_cunits says
 * @era:	one more with each reset, 0 for 1
 * @reads:	sectors read
 * @writes:	sectors written
 * @stamp:	kept for when it was programmed
 * @disturb:	kept for reads since its erase
 * @wear:	kept for a wear-out state
 * @rsvd56:	reserved
 */
struct oc_img_chunk {
	__u8	state;
	__u8	flags;
	__u8	mark;
	__u8	role;
	__le32	wp;
	__le32	resets;
	__le32	fails;
	__le32	settled;
	__le32	era;
	__le64	reads;
	__le64	writes;
	__le64	stamp;
	__le32	disturb;
	__le32	wear;
	__u8	rsvd56[8];
};

static_assert(sizeof(struct oc_img_chunk) == 64);

#define OC_IMG_FAILED		BIT(0)	/* oc_img_chunk.role: data to be moved away */

#define OC_IMG_CHUNKS		7U	/* of a sector */
#define OC_IMG_ENTRIES		62U
#define OC_IMG_MARKS		1984U
#define OC_IMG_HYBRIDS		124U

/**
 * struct oc_img_chunks - a sector of chunks
 * @head:	its head
 * @chunk:	the chunks
 * @rsvd464:	reserved
 */
struct oc_img_chunks {
	struct oc_img_head head;
	struct oc_img_chunk chunk[OC_IMG_CHUNKS];
	__u8	rsvd464[48];
};

static_assert(sizeof(struct oc_img_chunks) == OC_IMG_SECTOR);

/**
 * struct oc_img_entry - where a sector is
 * @slot:	slot plus 1, OC_IMG_NONE or OC_IMG_BLANK
 * @back:	logical sector it was written for plus 1, 0 for none
 */
struct oc_img_entry {
	__le32	slot;
	__le32	back;
};

/**
 * struct oc_img_map - a sector of the map
 * @head:	its head; the era is the chunk's
 * @entry:	sectors of a chunk that follow each other
 */
struct oc_img_map {
	struct oc_img_head head;
	struct oc_img_entry entry[OC_IMG_ENTRIES];
};

static_assert(sizeof(struct oc_img_map) == OC_IMG_SECTOR);

/**
 * struct oc_img_marks - a sector of marks
 * @head:	its head; the era is the channel's
 * @mark:	two bits for each logical sector
 */
struct oc_img_marks {
	struct oc_img_head head;
	__u8	mark[OC_IMG_MARKS / 4];
};

static_assert(sizeof(struct oc_img_marks) == OC_IMG_SECTOR);

/**
 * struct oc_img_hybrid - a sector of the map of hybrid namespaces
 * @head:	its head
 * @sector:	for each logical sector the linear number of its sector, or 0
 */
struct oc_img_hybrid {
	struct oc_img_head head;
	__le32	sector[OC_IMG_HYBRIDS];
};

static_assert(sizeof(struct oc_img_hybrid) == OC_IMG_SECTOR);

#define OC_IMG_COUNTS		8	/* of struct oc_count */
#define OC_IMG_UNITS		6	/* of struct oc_units */
#define OC_IMG_FTL_COUNTS	10	/* of struct oc_ftl_count */

/**
 * struct oc_img_chan - a channel
 * @head:	its head; the era is the channel's
 * @count:	struct oc_count, in its order
 * @units:	struct oc_units, in its order
 * @ftl:	struct oc_ftl_count, in its order
 * @rsvd208:	reserved
 */
struct oc_img_chan {
	struct oc_img_head head;
	__le64	count[OC_IMG_COUNTS];
	__le64	units[OC_IMG_UNITS];
	__le64	ftl[OC_IMG_FTL_COUNTS];
	__u8	rsvd208[304];
};

static_assert(sizeof(struct oc_img_chan) == OC_IMG_SECTOR);

/**
 * struct oc_img_dev - the device
 * @head:	its head
 * @clock_ns:	how long it has been loaded, ever
 * @loads:	how often it was
 * @unsafe:	loads after a crash, or with hosts that were not shut down
 * @cmds:	commands, one count per OC_COUNT_*
 * @nr_created:	namespaces ever made at run time
 * @sanitize_dword: the last Sanitize's CDW10
 * @sanitize_written: sectors written until it ended
 * @sanitize_state: enum oc_sanitize_state
 * @cache:	OC_IMG_CACHE_*
 * @rsvd82:	reserved
 */
struct oc_img_dev {
	struct oc_img_head head;
	__le64	clock_ns;
	__le64	loads;
	__le64	unsafe;
	__le64	cmds[3];
	__le32	nr_created;
	__le32	sanitize_dword;
	__le64	sanitize_written;
	__u8	sanitize_state;
	__u8	cache;
	__u8	rsvd82[430];
};

static_assert(sizeof(struct oc_img_dev) == OC_IMG_SECTOR);
static_assert(offsetof(struct oc_img_dev, nr_created) == 64);

#define OC_IMG_CACHE_SAVED	BIT(0)	/* oc_img_dev.cache: the feature was saved */
#define OC_IMG_CACHE_ON		BIT(1)	/* and the cache is on then */

/**
 * struct oc_img_ns - a namespace slot
 * @head:	its head
 * @kind:	name of its kind, empty for no namespace
 * @first:	first channel
 * @num_grp:	channels
 * @format:	number of its format
 * @flags:	OC_IMG_NS_*
 * @rsvd42:	reserved
 * @op:		over-provisioning, per cent
 * @nsze:	sectors it was made with, or 0
 * @nguid:	globally unique identifier
 * @recovery:	error recovery feature as saved
 * @rsvd76:	reserved
 */
struct oc_img_ns {
	struct oc_img_head head;
	char	kind[OC_IMG_KIND];
	__le32	first;
	__le32	num_grp;
	__u8	format;
	__u8	flags;
	__u8	rsvd42[2];
	__le32	op;
	__le64	nsze;
	__u8	nguid[16];
	__le32	recovery;
	__u8	rsvd76[436];
};

static_assert(sizeof(struct oc_img_ns) == OC_IMG_SECTOR);
static_assert(offsetof(struct oc_img_ns, nguid) == 56);

#define OC_IMG_NS_EXTENDED	BIT(0)
#define OC_IMG_NS_ATTACHED	BIT(1)
#define OC_IMG_NS_SHARED	BIT(2)
#define OC_IMG_NS_SPLIT		BIT(3)

/**
 * struct oc_img_part - what a part of the journal begins with
 * @magic:	OCJP
 * @crc:	of what follows, to the end of the items
 * @incarnation: that of the superblock
 * @seq:	one more than that of the part before
 * @blocks:	its length
 * @items:	how many follow
 * @flags:	OC_IMG_PART_END
 * @rsvd36:	reserved
 */
struct oc_img_part {
	__u8	magic[4];
	__le32	crc;
	__le64	incarnation;
	__le64	seq;
	__le32	blocks;
	__le32	items;
	__le32	flags;
	__u8	rsvd36[28];
};

static_assert(sizeof(struct oc_img_part) == 64);

#define OC_IMG_PART_END		BIT(0)	/* the last one of a commit */

/**
 * struct oc_img_item - an item of a part
 * @sector:	of the image, in units of OC_IMG_SECTOR
 * @kind:	OC_IMG_ITEM_*
 * @nr:		sectors
 * @crc:	of them
 */
struct oc_img_item {
	__le64	sector;
	__le16	kind;
	__le16	nr;
	__le32	crc;
};

static_assert(sizeof(struct oc_img_item) == 16);

#define OC_IMG_ITEM_META	1	/* a metadata sector, whose image follows */
#define OC_IMG_ITEM_CHECK	2	/* what was written there before the commit */

#endif /* OC_IMAGE_WIRE_H */
