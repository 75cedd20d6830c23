// SPDX-License-Identifier: GPL-2.0
/*
 * myftl.c - a flash translation layer in user space, on lightnvm's vector ioctl
 * "myftl /dev/nvme0n1 PAGES COUNT" finds what earlier runs wrote to an OCSSD 2.0 namespace,
 * writes COUNT times to a random one of PAGES, and reads all of them back. A page is one write
 * unit, ws_min sectors. Its OOB says which page and version it is, so no map need be stored.
 */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <linux/nvme_ioctl.h>

#define SUBMIT_VIO _IOWR('L', 0x42, struct vio)
enum { RESET = 0x90, WRITE, READ, FREE = 1, CLOSED = 2, OPEN = 4, SECTOR = 4096 };

struct vio {				/* what lightnvm's ioctl takes */
	uint8_t opcode, flags;
	uint16_t control, nppas, rsvd;
	uint64_t metadata, addr, ppa_list;
	uint32_t metadata_len, data_len;
	uint64_t status;
	uint32_t result, rsvd3[3];
};

static struct chunk {			/* an entry of the chunk information log */
	uint8_t state, type, wear, rsvd;
	uint32_t used;			/* reserved there; here, pages that are up to date */
	uint64_t slba, sectors, wp;
} *chunk, *current;			/* current: the one that is written */

/* OOB has 16 bytes for each sector; the data of a page begins with the same */
static struct tag { uint64_t page, version; } oob[64], data[64 * SECTOR / 16];
static struct page { struct chunk *chk; uint64_t sec, version; } *map;
static int fd, chunks, unit, pages, newest, moves;

static void admin(int opcode, uint32_t cdw10, void *buf, uint32_t len)
{
	struct nvme_passthru_cmd cmd = { .opcode = opcode, .nsid = 1, .cdw10 = cdw10,
		.addr = (uintptr_t)buf, .data_len = len };

	if (ioctl(fd, NVME_IOCTL_ADMIN_CMD, &cmd))
		errx(1, "opcode %02x was refused", opcode);
}

/* A command for n sectors from addr on, with their OOB; one address is passed without a list */
static void vector(int opcode, uint64_t addr, int n)
{
	uint64_t list[64];
	struct vio vio = { .opcode = opcode, .nppas = n - 1,
		.ppa_list = n > 1 ? (uintptr_t)list : addr,
		.addr = opcode == RESET ? 0 : (uintptr_t)data,
		.metadata = (uintptr_t)oob, .metadata_len = n * sizeof(oob[0]) };

	for (int i = 0; i < n; i++)
		list[i] = addr + i;
	if (ioctl(fd, SUBMIT_VIO, &vio))
		errx(1, "command %02x at %#lx: status %03x", opcode, addr, vio.result);
}

static void note(struct chunk *c, int sec)	/* the OOB says what is there */
{
	struct page *page = &map[oob[0].page];

	if (oob[0].page >= pages || oob[0].version < page->version)
		return;
	if (page->version)
		page->chk->used--;
	c->used++;
	*page = (struct page){ c, sec, oob[0].version };
	newest = page->version > newest ? page->version : newest;
}

static void append(uint64_t page, uint64_t version)
{
	if (!current || current->state == CLOSED)
		for (current = chunk; current->state != FREE;)
			if (++current == chunk + chunks)
				errx(1, "no free chunk");
	oob[0] = (struct tag){ page, version };
	vector(WRITE, current->slba + current->wp, unit);
	note(current, current->wp);
	current->wp += unit;
	current->state = current->wp < current->sectors ? OPEN : CLOSED;
}

/* A chunk must be free for what is moved: empty the closed one with the fewest pages in use */
static void collect(void)
{
	struct chunk *c, *best = NULL;
	int free = 0, i;

	for (c = chunk; c < chunk + chunks; c++) {
		free += c->state == FREE;
		if (c->state == CLOSED && (!best || c->used < best->used))
			best = c;
	}
	if (free > 1 || !best)
		return;
	for (i = 0; i < pages; i++)
		if (map[i].chk == best) {
			vector(READ, best->slba + map[i].sec, unit);
			append(i, map[i].version);
			moves++;
		}
	vector(RESET, best->slba, 1);
	best->state = FREE;
	best->wp = 0;
}

int main(int argc, char **argv)
{
	uint32_t geo[1024], i, good = 0;

	fd = argc == 4 ? open(argv[1], O_RDWR) : -1;
	if (fd < 0)
		errx(1, "usage: myftl NAMESPACE PAGES COUNT");
	pages = atoi(argv[2]);
	admin(0xe2, 0, geo, sizeof(geo));		/* geometry */
	chunks = (geo[16] & 0xffff) * (geo[16] >> 16) * geo[17];
	unit = geo[32];
	chunk = calloc(chunks, sizeof(*chunk));
	map = calloc(pages, sizeof(*map));
	admin(2, (chunks * 8 - 1) << 16 | 0xca, chunk, chunks * sizeof(*chunk));
	for (struct chunk *c = chunk; c < chunk + chunks; c++) {
		for (current = c; c->state == OPEN;)	/* the end of it cannot be read yet */
			append(UINT64_MAX, 0);
		for (i = 0; c->state == CLOSED && i < c->sectors; i += unit) {
			vector(READ, c->slba + i, unit);
			note(c, i);
		}
	}
	printf("found version %d\n", newest);
	for (current = NULL, i = atoi(argv[3]); i; i--) {
		collect();
		data[0] = (struct tag){ rand() % pages, newest + 1 };
		append(data[0].page, data[0].version);
	}
	while (current && current->state == OPEN)
		append(UINT64_MAX, 0);
	for (i = 0; i < pages; i++)
		if (map[i].version) {
			vector(READ, map[i].chk->slba + map[i].sec, unit);
			good += data[0].page == i && data[0].version == map[i].version;
		}
	printf("wrote %s, moved %d; %d pages hold what was written last\n", argv[3], moves, good);
}
