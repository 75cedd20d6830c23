// SPDX-License-Identifier: GPL-2.0
/*
 * cmd/decode.c - what a command says: addresses, lists, buffers
 *
 * Lists and buffers are the host's memory. A list is read once only. A buffer must
 * have been handed out to the sender of the command, or the command is refused.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "oc.h"
#include "oc20.h"
#include "oc_cmd.h"
#include "oc_data.h"
#include "oc_geometry.h"
#include "oc_ns.h"

/**
 * oc_invalid_field() - refuse a command for one of its fields
 * @cmd:	command
 * @where:	byte of the command where the field begins
 *
 * Context: any.
 * Return: Invalid Field in Command.
 */
u16 oc_invalid_field(struct oc_cmd *cmd, u16 where)
{
	cmd->err_loc = where;
	return OC_ERR(NVME_SC_INVALID_FIELD);
}

static void oc_cmd_decode(struct oc_cmd *cmd, u32 i, u64 lba)
{
	const struct oc_ns *ns = cmd->ns;
	bool ok;

	if (ns->kind->decode)
		ok = ns->kind->decode(ns, lba, &cmd->addr[i]);
	else
		ok = oc_geo_decode(&ns->geo, lba, &cmd->addr[i]);
	if (unlikely(!ok))
		cmd->invalid |= BIT_ULL(i);
}

/* The 64-bit word at byte @where of a command */
static u64 oc_cmd_word(const struct oc_cmd *cmd, u16 where)
{
	return le64_to_cpup((const void *)cmd->sqe + where);
}

/**
 * oc_cmd_map_list() - find a list of addresses in the host's memory
 * @cmd:	command
 * @where:	byte of the command that has the bus address of the list
 * @nr:		addresses
 *
 * Context: any; does not sleep.
 * Return: the list; NULL if it was not handed out to the sender of the command, or
 * is not aligned to 8 bytes.
 */
const __le64 *oc_cmd_map_list(struct oc_cmd *cmd, u16 where, u32 nr)
{
	u64 handle = oc_cmd_word(cmd, where);

	if (handle % sizeof(__le64))
		return NULL;
	return cmd->host->map(cmd, where, handle, nr * sizeof(__le64));
}

/**
 * oc_cmd_list() - fetch and decode the addresses of a vector command
 * @cmd:	command
 * @where:	byte of the command that has the address itself if @nr is 1, else
 *		the bus address of a list
 * @nr:		addresses, at most OC_VECTOR_MAX
 *
 * The list is read once: the host may change it meanwhile.
 *
 * Context: any; does not sleep.
 * Return: false if no such list was handed out to the sender of the command.
 */
bool oc_cmd_list(struct oc_cmd *cmd, u16 where, u32 nr)
{
	const __le64 *list;
	u32 i;

	cmd->nr = nr;
	cmd->invalid = 0;
	if (nr == 1) {
		oc_cmd_decode(cmd, 0, oc_cmd_word(cmd, where));
		return true;
	}

	list = oc_cmd_map_list(cmd, where, nr);
	if (!list) {
		/* What @addr holds is another command's */
		cmd->nr = 0;
		return false;
	}
	for (i = 0; i < nr; i++)
		oc_cmd_decode(cmd, i, le64_to_cpu(READ_ONCE(list[i])));
	return true;
}

/**
 * oc_cmd_sources() - fetch and decode what a vector copy copies from
 * @cmd:	command that has had its oc_cmd_list(), which said how many
 * @where:	byte of the command that has the address itself if it is one, else
 *		the bus address of a list
 *
 * Context: any; does not sleep.
 * Return: false if no such list was handed out to the sender of the command.
 */
bool oc_cmd_sources(struct oc_cmd *cmd, u16 where)
{
	u64 lba = oc_cmd_word(cmd, where);
	const __le64 *list = NULL;
	u32 i;

	if (cmd->nr > 1) {
		list = oc_cmd_map_list(cmd, where, cmd->nr);
		if (!list)
			return false;
	}
	cmd->copy = true;
	cmd->src_invalid = 0;
	for (i = 0; i < cmd->nr; i++) {
		if (list)
			lba = le64_to_cpu(READ_ONCE(list[i]));
		if (!oc_geo_decode(&cmd->ns->geo, lba, &cmd->src[i]))
			cmd->src_invalid |= BIT_ULL(i);
	}
	return true;
}

/**
 * oc_cmd_no_list() - refuse a command that has a list where its address belongs
 * @cmd:	command with one address, in CDW10-11
 *
 * lightnvm copies the list of an ioctl and puts the copy's bus address into the
 * command, even if the opcode takes no list. Used as a sector address, it would
 * leak a kernel address to the caller of the ioctl.
 *
 * Context: any.
 * Return: 0, or Invalid Field.
 */
u16 oc_cmd_no_list(struct oc_cmd *cmd)
{
	if (likely(!cmd->listed))
		return 0;
	cmd->err_loc = offsetof(struct nvme_common_command, cdw10);
	return OC_ERR(NVME_SC_INVALID_FIELD);
}

/**
 * oc_cmd_range() - decode the addresses of a scalar command
 * @cmd:	command
 * @slba:	first address; @slba + @nr does not overflow
 * @nr:		addresses, at most OC_VECTOR_MAX
 *
 * Context: any; does not sleep.
 */
void oc_cmd_range(struct oc_cmd *cmd, u64 slba, u32 nr)
{
	const struct oc_ns *ns = cmd->ns;
	u32 i, more = 0;

	cmd->nr = nr;
	cmd->invalid = 0;
	cmd->scalar = true;
	if (likely(nr == 1)) {
		oc_cmd_decode(cmd, 0, slba);
		return;
	}
	for (i = 0; i < nr; i++) {
		/* In a chunk the next address is the next sector */
		if (more) {
			cmd->addr[i] = cmd->addr[i - 1];
			cmd->addr[i].sec++;
			more--;
			continue;
		}
		oc_cmd_decode(cmd, i, slba + i);
		if (!ns->kind->decode && !(cmd->invalid & BIT_ULL(i)))
			more = ns->geo.clba - cmd->addr[i].sec - 1;
	}
}

/**
 * oc_cmd_need_data() - has the host given a buffer this long?
 * @cmd:	command
 * @len:	bytes
 *
 * More than needed is fine: hosts pass one fixed buffer for several lengths.
 *
 * Context: any.
 * Return: 0, or Data SGL Length Invalid.
 */
u16 oc_cmd_need_data(struct oc_cmd *cmd, u32 len)
{
	if (likely(cmd->data_len >= len))
		return 0;
	cmd->err_loc = offsetof(struct nvme_common_command, dptr);
	return OC_ERR(NVME_SC_SGL_INVALID_DATA);
}

/**
 * oc_cmd_need_oob() - find the host's metadata buffer
 * @cmd:	command; @cmd->oob is set, to NULL if the host gave none
 * @mptr:	the command's metadata pointer
 * @len:	bytes it must have
 *
 * Context: any; does not sleep.
 * Return: 0, Metadata SGL Length Invalid if the buffer that came with the data
 * is too short, Invalid Field if the pointer was not handed out to the sender of
 * the command.
 */
u16 oc_cmd_need_oob(struct oc_cmd *cmd, u64 mptr, u32 len)
{
	cmd->oob = NULL;
	if (!len)
		return 0;

	cmd->err_loc = offsetof(struct nvme_common_command, metadata);
	if (cmd->meta) {
		if (cmd->meta_len < len)
			return OC_ERR(NVME_SC_SGL_INVALID_METADATA);
		cmd->oob = cmd->meta;
	} else if (mptr) {
		cmd->oob = cmd->host->map(cmd, cmd->err_loc, mptr, len);
		if (!cmd->oob)
			return OC_ERR(NVME_SC_INVALID_FIELD);
	}
	cmd->err_loc = U16_MAX;
	return 0;
}

/**
 * oc_copy_to_host() - put bytes into a command's data buffer
 * @cmd:	command
 * @off:	where in the buffer
 * @src:	bytes
 * @len:	how many
 *
 * Context: any; does not sleep.
 * Return: 0, or Data SGL Length Invalid if the buffer ends before.
 */
u16 oc_copy_to_host(struct oc_cmd *cmd, u32 off, const void *src, u32 len)
{
	struct iov_iter iter = cmd->data;
	u16 status;

	status = oc_cmd_need_data(cmd, off + len);
	if (status)
		return status;
	iov_iter_advance(&iter, off);
	oc_iter_put(&iter, src, len);
	return 0;
}

/**
 * oc_cmd_window() - how much of a log page is in the window that a host reads?
 * @cmd:	Get Log Page
 * @size:	bytes of the page
 * @off:	first byte of the window
 * @len:	bytes of the window
 * @n:		set to the bytes of the window that the page has
 *
 * Context: any.
 * Return: 0, or Invalid Field if the window begins past the page's end.
 */
u16 oc_cmd_window(struct oc_cmd *cmd, u64 size, u64 off, u32 len, u32 *n)
{
	if (off > size)
		return oc_invalid_field(cmd,
			offsetof(struct nvme_get_log_page_command, lpo));
	*n = min_t(u64, len, size - off);
	return 0;
}

/**
 * oc_send_window() - put a window of a log page into a command's data buffer
 * @cmd:	command, whose data buffer has @len bytes
 * @from:	the bytes of the window that the page has
 * @n:		how many, from oc_cmd_window()
 * @len:	bytes of the window; what the page does not have is zeroes
 *
 * Context: any; does not sleep.
 */
void oc_send_window(struct oc_cmd *cmd, const void *from, u32 n, u32 len)
{
	struct iov_iter iter = cmd->data;

	oc_iter_put(&iter, from, n);
	iov_iter_zero(len - n, &iter);
}

/**
 * oc_copy_page() - copy the page that comes with a command
 * @cmd:	command
 * @status:	set to 0, Data SGL Length Invalid, or Internal Error for lack of
 *		memory
 *
 * Context: process; sleeps.
 * Return: a copy of its 4096 bytes, for kfree(); NULL with @status.
 */
void *oc_copy_page(struct oc_cmd *cmd, u16 *status)
{
	struct iov_iter iter = cmd->data;
	void *page;

	*status = oc_cmd_need_data(cmd, NVME_IDENTIFY_DATA_SIZE);
	if (*status)
		return NULL;
	page = kzalloc(NVME_IDENTIFY_DATA_SIZE, GFP_KERNEL);
	if (page)
		oc_iter_get(&iter, page, NVME_IDENTIFY_DATA_SIZE);
	else
		*status = NVME_SC_INTERNAL;
	return page;
}

/**
 * oc_ns_encode() - encode an address in the namespace's format
 * @ns:		namespace
 * @addr:	parts, each below its count
 *
 * Context: any.
 * Return: the address.
 */
u64 oc_ns_encode(const struct oc_ns *ns, const struct oc_addr *addr)
{
	if (ns->kind->encode)
		return ns->kind->encode(ns, addr);
	return oc_geo_encode(&ns->geo, addr);
}
