// SPDX-License-Identifier: GPL-2.0
/*
 * nand_bed.c - a device of planes, blocks and pages, and the commands of OCSSD 1.2
 */
#include <linux/log2.h>
#include <linux/string.h>

#include "nand_bed.h"

/**
 * nand_config() - 3 channels of 3 LUNs of 4 blocks per plane of 6 pages of 4 sectors
 * @num_pln:	planes
 * @strict:	writes have to follow the order of pages
 * @ns:		namespaces
 *
 * Return: the configuration.
 */
struct oc_config nand_config(u32 num_pln, bool strict, const char *ns)
{
	struct oc_config cfg = bench_config();

	cfg.geo.num_grp = 3;
	cfg.geo.num_pln = num_pln;
	cfg.geo.num_chk = 4 * num_pln;
	cfg.strict = strict;
	cfg.ns = ns;
	return cfg;
}

/**
 * nand_bench() - a device of nand_config(), for this case
 * @test:	the case; its priv changes
 * @num_pln:	planes
 * @strict:	writes have to follow the order of pages
 * @ns:		namespaces
 *
 * Return: the bench.
 */
struct bench *nand_bench(struct kunit *test, u32 num_pln, bool strict, const char *ns)
{
	struct oc_config cfg = nand_config(num_pln, strict, ns);

	return bench_remake(test, &cfg);
}

/**
 * nand_ppa() - an address
 * @bench:	bench
 * @ch:		channel
 * @lun:	LUN
 * @blk:	block
 * @pg:		page
 * @pln:	plane
 * @sec:	sector in the page
 *
 * Bits, from 0 upwards: 2 sector, log2 planes, 3 page, 2 block, 2 LUN, 2 channel.
 *
 * Return: the address.
 */
u64 nand_ppa(const struct bench *bench, u32 ch, u32 lun, u32 blk, u32 pg, u32 pln,
	     u32 sec)
{
	u64 addr = ch;

	addr = addr << 2 | lun;
	addr = addr << 2 | blk;
	addr = addr << 3 | pg;
	addr = (addr << ilog2(bench->dev->geo.num_pln)) + pln;
	return addr << 2 | sec;
}

/**
 * nand_rw() - a command as OCSSD 1.2 lays it out
 * @bc:		command
 *
 * Return: its submission queue entry.
 */
struct oc12_wire_rw *nand_rw(struct bench_cmd *bc)
{
	return (void *)&bc->sqe;
}

/**
 * nand_page() - list the sectors of a page of channel 1
 * @bc:		command whose addresses they become
 * @at:		the first of these addresses
 * @lun:	LUN
 * @blk:	block
 * @pg:		page
 * @pln:	first plane
 * @nr:		planes
 *
 * Return: how many addresses the list has now.
 */
u32 nand_page(struct bench_cmd *bc, u32 at, u32 lun, u32 blk, u32 pg, u32 pln, u32 nr)
{
	u32 k, sec;

	for (k = 0; k < nr; k++)
		for (sec = 0; sec < 4; sec++)
			bc->lba[at++] = nand_ppa(bc->bench, 1, lun, blk, pg, pln + k, sec);
	return at;
}

/**
 * nand_run() - run a command on a list of sectors
 * @bc:		command with @nr addresses
 * @opcode:	90h, 91h or 92h
 * @nr:		addresses
 * @control:	control bits: plane mode and hints
 * @seed:	of what is written
 *
 * Return: its status.
 */
u16 nand_run(struct bench_cmd *bc, u8 opcode, u32 nr, u16 control, u32 seed)
{
	bench_vector(bc, opcode, nr);
	nand_rw(bc)->control = cpu_to_le16(control);
	if (opcode == OC_CMD_VECTOR_WRITE)
		bench_fill(bc, nr, seed);
	return bench_run(bc);
}

/**
 * nand_write() - write a block of channel 1 from its first page on, on all planes
 * @bench:	bench
 * @lun:	LUN
 * @blk:	block
 * @pages:	how many pages
 * @seed:	of what is written
 *
 * Return: the status of the first write that fails, or of the last.
 */
u16 nand_write(struct bench *bench, u32 lun, u32 blk, u32 pages, u32 seed)
{
	u32 num_pln = bench->dev->geo.num_pln, pg;
	struct bench_cmd *bc = bench_cmd(bench);
	u16 status = 0;

	for (pg = 0; pg < pages && !status; pg++) {
		u32 nr = nand_page(bc, 0, lun, blk, pg, 0, num_pln);

		status = nand_run(bc, 0x91, nr, num_pln >> 1, seed);
	}
	bench_cmd_free(bc);
	return status;
}

/**
 * nand_erase() - erase a block
 * @bench:	bench
 * @addr:	an address in it
 * @control:	plane mode
 *
 * Return: the command's status.
 */
u16 nand_erase(struct bench *bench, u64 addr, u16 control)
{
	struct bench_cmd *bc = bench_cmd(bench);
	u16 status;

	bc->lba[0] = addr;
	status = nand_run(bc, 0x90, 1, control, 0);
	bench_cmd_free(bc);
	return status;
}

/**
 * nand_chunk() - the chunk that a block is on one plane
 * @bench:	bench
 * @ch:		channel
 * @lun:	LUN
 * @blk:	block
 * @pln:	plane
 *
 * Return: the chunk.
 */
struct oc_chunk *nand_chunk(const struct bench *bench, u32 ch, u32 lun, u32 blk,
			    u32 pln)
{
	const struct oc_geo *geo = &bench->dev->geo;

	return &bench->dev->ch[ch].chunks[lun * geo->num_chk +
					  blk * geo->num_pln + pln];
}

/**
 * nand_get_bbt() - read the bad blocks of a LUN, into the command's data
 * @bc:		command
 * @addr:	an address in the LUN
 * @len:	bytes of the buffer
 *
 * Return: the command's status.
 */
u16 nand_get_bbt(struct bench_cmd *bc, u64 addr, u32 len)
{
	memset(&bc->sqe, 0, sizeof(bc->sqe));
	nand_rw(bc)->opcode = 0xf2;
	nand_rw(bc)->nsid = cpu_to_le32(1);
	nand_rw(bc)->ppa = cpu_to_le64(addr);
	memset(bc->data, 0xee, len);
	bench_data(bc, true, len);
	return bench_run_admin(bc);
}

/**
 * nand_set_bbt() - mark blocks
 * @bc:		command with @nr addresses
 * @nr:		addresses; two and more are a list
 * @value:	what they are marked as
 *
 * Return: the command's status.
 */
u16 nand_set_bbt(struct bench_cmd *bc, u32 nr, u8 value)
{
	bench_vector(bc, 0xf1, nr);
	nand_rw(bc)->metadata = 0;
	nand_rw(bc)->control = cpu_to_le16(value);
	bench_data(bc, false, 0);
	return bench_run_admin(bc);
}
