/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_config_rows.h - what a device can be told, a row for each: included wherever a list of
 * all is made, after these have been defined:
 *
 *	OC_GEOM(name, help, default)
 *		a count of struct oc_geo, whose limits geometry.c has
 *	OC_UINT(name, help, default, least, most, want)
 *		a number
 *	OC_BOOL(name, help, default)
 *		0 or 1
 *	OC_NAME(name, help, default, flags, least, most, ban, check, want)
 *		as many characters, which can be printed, and none of those in ban
 *	OC_TEXT(name, help, field, default, most, check)
 *		text that check understands, or without it only who has the whole
 *		configuration
 *	OC_LIVE(name, help, default, most, check)
 *		the same, and it may change while the device runs
 *
 * Numbers that cannot be read, and texts that are refused, leave one line in the log that
 * says what would be right: want, or what check says.
 */
OC_GEOM(num_grp,
	"groups (channels), 1-256 (default 4)",
	4)
OC_GEOM(num_pu,
	"parallel units (LUNs) per group, 1-256 (default 4)",
	4)
OC_GEOM(num_chk,
	"chunks per parallel unit, 1-65536 (default 64)",
	64)
OC_GEOM(clba,
	"sectors per chunk, 1-16777216, a multiple of ws_min, with oc20 namespaces of ws_opt (default 512)",
	512)
OC_GEOM(ws_min,
	"smallest write, sectors, 1-64 (default 4)",
	4)
OC_GEOM(ws_opt,
	"best write, sectors, 1-64, a multiple of ws_min (default 8)",
	8)
OC_GEOM(mw_cunits,
	"sectors that must follow before a sector can be read, 0-clba (default 32)",
	32)
OC_GEOM(lba_size,
	"bytes per sector, a power of two, 512-16384 (default 4096)",
	4096)
OC_GEOM(oob_size,
	"out-of-band bytes per sector, a multiple of 8, 0-128 (default 16)",
	16)
OC_GEOM(mccap,
	"capabilities: sum of 1, vector copy, 2, free chunks may be reset, and 4, open chunks may be reset (default 5)",
	OC_MCCAP_VECTOR_COPY | OC_MCCAP_EARLY_RESET)
OC_GEOM(wit,
	"resets that a chunk's wear index may be from the average of its group before hosts are told, 0-255, 0 and 255 for never (default 255)",
	255)
OC_GEOM(dlfeat,
	"what unwritten sectors read as: 1 zeroes, 2 all ones, 0 zeroes without a promise; 0-2 (default 1)",
	OC_DLFEAT_ZEROES)
OC_GEOM(maxoc,
	"open chunks an oc20 namespace may have, 1-4294967295, 0 for no limit (default 0)",
	0)
OC_GEOM(maxocpu,
	"open chunks a parallel unit of an oc20 namespace may have, 1-4294967295, 0 for no limit (default 0)",
	0)
OC_GEOM(num_pln,
	"planes of parallel units in oc12 and oc12h namespaces, 1-4 but not 3; num_chk must be a multiple of it (default 1)",
	1)
OC_GEOM(secs_per_pg,
	"sectors per page in oc12 and oc12h namespaces, a power of two, 1-16; clba must be a multiple of it (default 4)",
	4)
OC_BOOL(strict,
	"0 lets oc12 and oc12h namespaces be written in any order, 1 holds them to NAND's; 0-1 (default 1)",
	1)
OC_BOOL(shared,
	"1 lets several controllers connect at once, without lightnvm; 0-1 (default 0)",
	0)
OC_BOOL(use_inline,
	"1 lets the submitter run an idle channel, 0 sends all to the workqueues; 0-1 (default 1)",
	1)
OC_UINT(endurance,
	"resets a chunk is rated for, 1-1000000; the SMART log's percentage used counts by it (default 3000)",
	OC_ENDURANCE, 1, 1000000, "1 to 1000000")
OC_TEXT(ns,
	"namespaces, KIND[:CHANNELS],... with a KIND of oc20, oc12, oc12h or block (block:CHANNELS:OP, over-provisioning of 3-80 per cent) (default oc20 on all channels)",
	ns, "", 1024, NULL)
OC_TEXT(type,
	"types of oc20 chunks: sequential, random, or random:N for the last N of each parallel unit (default sequential)",
	type, "sequential", 1024, NULL)
OC_TEXT(cnlb,
	"N:SECTORS, the last N chunks of each parallel unit of oc20 namespaces have SECTORS, a multiple of ws_min below clba (default: none)",
	cnlb, "", 1024, NULL)
OC_TEXT(formats,
	"LBA formats that nvme format can choose besides that of lba_size and oob_size, SIZE+OOB,..., at most 16 in all (default the usual ones)",
	formats, "", 1024, NULL)
OC_TEXT(gc,
	"how block namespaces choose what to collect: greedy or cost-benefit (default greedy)",
	gc, "greedy", 1024, oc_config_check_gc)
OC_NAME(subsysnqn,
	"subsystem NQN, 1-223 characters (default nqn.2026-11.ocloop:ssd0)",
	"nqn.2026-11.ocloop:", OC_ROW_AFTER_NAME, 1, NVMF_NQN_SIZE, " ,\"'", oc_config_check_nqn,
	"1 to 223 printable characters, no spaces, commas or quotes")
OC_NAME(serial,
	"serial number, 1-20 characters (default OC-ssd0)",
	"OC-", OC_ROW_AFTER_NAME, 1, 20, "", NULL, "1 to 20 printable characters")
OC_NAME(model,
	"model number, 1-40 characters (default \"ocloop open-channel SSD\")",
	"ocloop open-channel SSD", 0, 1, 40, "", NULL, "1 to 40 printable characters")
OC_NAME(host,
	"the one host NQN that may connect, 1-223 characters (default: any)",
	"", 0, 0, NVMF_NQN_SIZE, " ,\"'", NULL,
	"1 to 223 printable characters, no spaces, commas or quotes")
OC_TEXT(attach,
	"how hosts reach it: fabrics (nvme connect) or lightnvm (devices ssd0n1, ... of lightnvm's own) (default fabrics)",
	attach, "fabrics", 1024, NULL)
OC_NAME(transport,
	"a second fabrics transport name for nvme connect -t, which always takes ocloop, 1-31 characters (default loop)",
	"loop", OC_ROW_MODULE, 1, 31, " ,=", NULL,
	"1 to 31 characters, no spaces, commas or =")
OC_TEXT(faults,
	"what fails: rules separated by semicolons, or the path of a file of them, which begins with / (default: nothing)",
	faults.value, "", 1024, NULL)
OC_TEXT(state,
	"path of a file with the chunks' first states (default: all are free)",
	state.value, "", 1024, NULL)
OC_LIVE(timing,
	"times of the flash: off, slc, mlc, tlc and KEY=VALUE of read prog erase bus cmd ctrl suspend (0-4s) page planes cache, separated by commas; may be changed while running (default off)",
	"off", 159, oc_config_check_timing)
OC_LIVE(memory,
	"memory that data may take: bytes, with K, M or G behind them, 1%-100% of all memory, 0 for no limit, or auto, which leaves 5%, at least 128M, available; may be changed while running (default auto)",
	"auto", 63, oc_config_check_memory)
OC_LIVE(in_use,
	"Format, Sanitize, detach and delete of a namespace that a host has claimed or that has a target on it: refuse or ignore; may be changed while running (default refuse)",
	"refuse", 15, oc_config_check_in_use)

#undef OC_GEOM
#undef OC_UINT
#undef OC_BOOL
#undef OC_NAME
#undef OC_TEXT
#undef OC_LIVE
