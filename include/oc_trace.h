/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_trace.h - tracepoints: what happens to a command, a chunk, the media
 *
 * Events of the system "ocloop". One that is off costs a nop (static branch). All
 * values are copied when the event happens, and addresses are decoded: ch and pu
 * count from 0, chk is the chunk in its unit, sec the sector in its chunk.
 *
 * One source file of each module that links the device defines
 * CREATE_TRACE_POINTS: trace.c here, trace_test.c of the KUnit module, which
 * says OC_TRACE_KUNIT as well, for a system of its own.
 */
#undef TRACE_SYSTEM
#ifdef OC_TRACE_KUNIT
#define TRACE_SYSTEM ocloop_kunit
#else
#define TRACE_SYSTEM ocloop
#endif

#if !defined(OC_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define OC_TRACE_H

#include <linux/tracepoint.h>

#include "oc_chunk.h"
#include "oc_cmd.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_ns.h"

/*
 * Texts are copied, and truncated, into arrays. A __string() is evaluated twice, for
 * its length and for its text; the name of a command may get longer in between, and
 * would overwrite the next event.
 */
#define OC_TRACE_TEXT	48

/* Before its Connect a queue has no controller */
#define oc_trace_cntlid(_cmd)						\
	({								\
		const struct oc_ctrl *_ctrl = READ_ONCE((_cmd)->queue->ctrl); \
									\
		_ctrl ? _ctrl->cntlid : 0;				\
	})

#define oc_trace_wp(_dev, _ch, _chk)	((_dev)->ch[_ch].chunks[_chk].wp)

/*
 * Numbers, not names of enums or macros: what reads a trace in user space gets
 * these lists as text.
 */
#define oc_show_status(_status)						\
	__print_symbolic((_status) & 0x7ff,				\
			 { 0x000, "ok" },				\
			 { 0x001, "invalid opcode" },			\
			 { 0x002, "invalid field" },			\
			 { 0x004, "data transfer error" },		\
			 { 0x006, "internal error" },			\
			 { 0x007, "aborted" },				\
			 { 0x00b, "invalid namespace" },		\
			 { 0x00c, "command sequence error" },		\
			 { 0x00f, "data length invalid" },		\
			 { 0x010, "metadata length invalid" },		\
			 { 0x080, "LBA out of range" },			\
			 { 0x0ff, "write failed" },			\
			 { 0x105, "too many event requests" },		\
			 { 0x109, "invalid log page" },			\
			 { 0x10a, "invalid format" },			\
			 { 0x10d, "feature not saveable" },		\
			 { 0x10e, "feature not changeable" },		\
			 { 0x10f, "feature not of a namespace" },	\
			 { 0x180, "incompatible connect format" },	\
			 { 0x181, "controller busy" },			\
			 { 0x182, "invalid connect parameter" },	\
			 { 0x184, "host not allowed" },			\
			 { 0x280, "write fault" },			\
			 { 0x281, "unrecovered read error" },		\
			 { 0x285, "compare failure" },			\
			 { 0x287, "unwritten block" },			\
			 { 0x2c0, "offline chunk" },			\
			 { 0x2c1, "invalid reset" },			\
			 { 0x2d0, "high ECC" },				\
			 { 0x2f0, "write failed, write next unit" },	\
			 { 0x2f1, "chunk closed early" },		\
			 { 0x2f2, "out of order write" },		\
			 { 0x2ff, "empty page" },			\
			 { 0x700, "high ECC warning" })

/* Where in the command; 255 where no field is at fault */
#define oc_show_field(_field)						\
	__print_symbolic(_field,					\
			 { 0, "opcode" },				\
			 { 1, "flags" },				\
			 { 4, "nsid" },					\
			 { 16, "mptr" },				\
			 { 24, "dptr" },				\
			 { 40, "cdw10" },				\
			 { 44, "cdw11" },				\
			 { 48, "cdw12" },				\
			 { 52, "cdw13" },				\
			 { 56, "cdw14" },				\
			 { 60, "cdw15" },				\
			 { 255, "none" })

#define oc_show_state(_state)						\
	__print_symbolic(_state,					\
			 { 0, "free" },					\
			 { 1, "open" },					\
			 { 2, "closed" },				\
			 { 3, "offline" })

#define oc_show_media(_op)						\
	__print_symbolic(_op,						\
			 { 0, "read" },					\
			 { 1, "write" },				\
			 { 2, "discard" })

/* A command has come in and is not parsed yet */
TRACE_EVENT(oc_cmd_begin,
	    TP_PROTO(const struct oc_cmd *cmd, const char *op),
	    TP_ARGS(cmd, op),
	    TP_STRUCT__entry(__field(u16, cntlid)
			     __field(u16, qid)
			     __field(u16, cid)
			     __field(u8, opcode)
			     __field(u32, nsid)
			     __field(u64, addr)
			     __field(u32, cdw12)
			     __field(u32, bytes)
			     __array(char, op, OC_TRACE_TEXT)
	    ),
	    TP_fast_assign(__entry->cntlid = oc_trace_cntlid(cmd);
			   __entry->qid = cmd->queue->qid;
			   __entry->cid = cmd->sqe->common.command_id;
			   __entry->opcode = cmd->sqe->common.opcode;
			   __entry->nsid = le32_to_cpu(cmd->sqe->common.nsid);
			   __entry->addr = le64_to_cpu(cmd->sqe->rw.slba);
			   __entry->cdw12 = le32_to_cpu(cmd->sqe->common.cdw12);
			   __entry->bytes = cmd->data_len;
			   strscpy(__entry->op, op, sizeof(__entry->op))
	    ),
	    TP_printk("ctrl=%u qid=%u cid=%u opcode=%#x (%s) nsid=%u addr=%#llx cdw12=%#x bytes=%u",
		      __entry->cntlid, __entry->qid, __entry->cid, __entry->opcode,
		      __entry->op, __entry->nsid, __entry->addr, __entry->cdw12,
		      __entry->bytes));

/* A command has ended */
TRACE_EVENT(oc_cmd_end,
	    TP_PROTO(const struct oc_cmd *cmd, const char *op),
	    TP_ARGS(cmd, op),
	    TP_STRUCT__entry(__field(u16, cntlid)
			     __field(u16, qid)
			     __field(u16, cid)
			     __field(u8, opcode)
			     __field(u16, status)
			     __field(u64, result)
			     __array(char, op, OC_TRACE_TEXT)
	    ),
	    TP_fast_assign(__entry->cntlid = oc_trace_cntlid(cmd);
			   __entry->qid = cmd->queue->qid;
			   __entry->cid = cmd->sqe->common.command_id;
			   __entry->opcode = cmd->sqe->common.opcode;
			   __entry->status = cmd->status;
			   __entry->result = le64_to_cpu(cmd->result.u64);
			   strscpy(__entry->op, op, sizeof(__entry->op))
	    ),
	    TP_printk("ctrl=%u qid=%u cid=%u opcode=%#x (%s) status=%#x (%s) result=%#llx",
		      __entry->cntlid, __entry->qid, __entry->cid, __entry->opcode,
		      __entry->op, __entry->status,
		      oc_show_status(__entry->status), __entry->result));

/*
 * A command is refused, or has failed: which field was at fault, and the first
 * address that failed, if one did. Just before its oc_cmd_end
 */
TRACE_EVENT(oc_refuse,
	    TP_PROTO(const struct oc_cmd *cmd, const char *op),
	    TP_ARGS(cmd, op),
	    TP_STRUCT__entry(__field(u16, cntlid)
			     __field(u16, qid)
			     __field(u16, cid)
			     __field(u8, opcode)
			     __field(u16, status)
			     __field(u16, byte)
			     __field(u8, field)
			     __field(s32, index)
			     __field(u32, ch)
			     __field(u32, pu)
			     __field(u32, chk)
			     __field(u32, sec)
			     __array(char, op, OC_TRACE_TEXT)
	    ),
	    TP_fast_assign(const struct oc_addr *addr = oc_cmd_first_failed(cmd);

			   __entry->cntlid = oc_trace_cntlid(cmd);
			   __entry->qid = cmd->queue->qid;
			   __entry->cid = cmd->sqe->common.command_id;
			   __entry->opcode = cmd->sqe->common.opcode;
			   __entry->status = cmd->status;
			   __entry->byte = cmd->err_loc;
			   __entry->field = oc_cmd_field(cmd->err_loc);
			   __entry->index = addr ? addr - cmd->addr : -1;
			   __entry->ch = addr ? cmd->ns->first + addr->grp : 0;
			   /* Its namespace may have gone: ask the device */
			   __entry->pu = addr ?
				    addr->chk / cmd->ns->dev->geo.num_chk : 0;
			   __entry->chk = addr ?
				    addr->chk % cmd->ns->dev->geo.num_chk : 0;
			   __entry->sec = addr ? addr->sec : 0;
			   strscpy(__entry->op, op, sizeof(__entry->op))
	    ),
	    TP_printk("ctrl=%u qid=%u cid=%u opcode=%#x (%s) status=%#x (%s) field=%s index=%d ch=%u pu=%u chk=%u sec=%u",
		      __entry->cntlid, __entry->qid, __entry->cid, __entry->opcode,
		      __entry->op, __entry->status,
		      oc_show_status(__entry->status),
		      oc_show_field(__entry->field), __entry->index, __entry->ch,
		      __entry->pu, __entry->chk, __entry->sec));

/* A chunk refuses an operation, and why */
TRACE_EVENT(oc_chunk_refuse,
	    TP_PROTO(const struct oc_channel *ch, const struct oc_chunk *chk,
		     u32 sec, u32 n, u16 status, const char *why),
	    TP_ARGS(ch, chk, sec, n, status, why),
	    TP_STRUCT__entry(__field(u32, ch)
			     __field(u32, pu)
			     __field(u32, chk)
			     __field(u32, sec)
			     __field(u32, n)
			     __field(u8, state)
			     __field(u32, wp)
			     __field(u16, status)
			     __array(char, reason, OC_TRACE_TEXT)
	    ),
	    TP_fast_assign(__entry->ch = ch->id;
			   __entry->pu = (chk - ch->chunks) / ch->geo->num_chk;
			   __entry->chk = (chk - ch->chunks) % ch->geo->num_chk;
			   __entry->sec = sec;
			   __entry->n = n;
			   __entry->state = chk->state;
			   __entry->wp = chk->wp;
			   __entry->status = status;
			   strscpy(__entry->reason, why,
				   sizeof(__entry->reason))
	    ),
	    TP_printk("ch=%u pu=%u chk=%u sec=%u n=%u state=%s wp=%u status=%#x (%s) reason=%s",
		      __entry->ch, __entry->pu, __entry->chk, __entry->sec,
		      __entry->n, oc_show_state(__entry->state), __entry->wp,
		      __entry->status, oc_show_status(__entry->status),
		      __entry->reason));

/*
 * A sector of a command's list is shown as empty, for there is nothing that may
 * be read: why, and its chunk's write pointer. @addr is NULL where the command
 * does not name a sector
 */
TRACE_EVENT(oc_read_nothing,
	    TP_PROTO(const struct oc_cmd *cmd, u32 i,
		     const struct oc_addr *addr, const char *why),
	    TP_ARGS(cmd, i, addr, why),
	    TP_STRUCT__entry(__field(u16, cntlid)
			     __field(u16, qid)
			     __field(u16, cid)
			     __field(u32, index)
			     __field(u32, ch)
			     __field(u32, pu)
			     __field(u32, chk)
			     __field(u32, sec)
			     __field(u32, wp)
			     __array(char, reason, OC_TRACE_TEXT)
	    ),
	    TP_fast_assign(__entry->cntlid = oc_trace_cntlid(cmd);
			   __entry->qid = cmd->queue->qid;
			   __entry->cid = cmd->sqe->common.command_id;
			   __entry->index = i;
			   __entry->ch = addr ? cmd->ns->first + addr->grp : 0;
			   __entry->pu = addr ?
				    addr->chk / cmd->ns->dev->geo.num_chk : 0;
			   __entry->chk = addr ?
				    addr->chk % cmd->ns->dev->geo.num_chk : 0;
			   __entry->sec = addr ? addr->sec : 0;
			   __entry->wp = addr ?
				    oc_trace_wp(cmd->ns->dev, __entry->ch,
						addr->chk) : 0;
			   strscpy(__entry->reason, why,
				   sizeof(__entry->reason));
	    ),
	    TP_printk("ctrl=%u qid=%u cid=%u index=%u ch=%u pu=%u chk=%u sec=%u wp=%u reason=%s",
		      __entry->cntlid, __entry->qid, __entry->cid,
		      __entry->index, __entry->ch, __entry->pu, __entry->chk,
		      __entry->sec, __entry->wp, __entry->reason));

/* A chunk goes from one state into another */
TRACE_EVENT(oc_chunk_state,
	    TP_PROTO(const struct oc_chunk_stat *stat, const struct oc_chunk *chk,
		     u8 state),
	    TP_ARGS(stat, chk, state),
	    TP_STRUCT__entry(__field(u32, ch)
			     __field(u32, pu)
			     __field(u32, chk)
			     __field(u8, from)
			     __field(u8, to)
			     __field(u32, wp)
			     __field(u32, resets)
	    ),
	    TP_fast_assign(u32 i = stat->first ? chk - stat->first : 0;

			   __entry->ch = stat->ch;
			   __entry->pu = stat->first ? i / stat->num_chk : 0;
			   __entry->chk = stat->first ? i % stat->num_chk : 0;
			   __entry->from = chk->state;
			   __entry->to = state;
			   __entry->wp = chk->wp;
			   __entry->resets = chk->resets
	    ),
	    TP_printk("ch=%u pu=%u chk=%u %s -> %s wp=%u resets=%u",
		      __entry->ch, __entry->pu, __entry->chk,
		      oc_show_state(__entry->from), oc_show_state(__entry->to),
		      __entry->wp, __entry->resets));

/* The media reads or writes sectors that follow each other, or drops a chunk's */
TRACE_EVENT(oc_media,
	    TP_PROTO(const struct oc_channel *ch, u8 op, u32 index, u32 n,
		     bool oob),
	    TP_ARGS(ch, op, index, n, oob),
	    TP_STRUCT__entry(__field(u8, op)
			     __field(bool, oob)
			     __field(u32, ch)
			     __field(u32, pu)
			     __field(u32, chk)
			     __field(u32, sec)
			     __field(u32, n)
			     __field(u32, bytes)
	    ),
	    TP_fast_assign(u32 chk = index / ch->geo->clba;

			   __entry->op = op;
			   __entry->oob = oob;
			   __entry->ch = ch->id;
			   __entry->pu = chk / ch->geo->num_chk;
			   __entry->chk = chk % ch->geo->num_chk;
			   __entry->sec = index % ch->geo->clba;
			   __entry->n = n;
			   __entry->bytes = n << ch->geo->lba_shift
	    ),
	    TP_printk("%s ch=%u pu=%u chk=%u sec=%u n=%u bytes=%u oob=%d",
		      oc_show_media(__entry->op), __entry->ch, __entry->pu,
		      __entry->chk, __entry->sec, __entry->n, __entry->bytes,
		      __entry->oob));

#endif /* OC_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE oc_trace
#include <trace/define_trace.h>
