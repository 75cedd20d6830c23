// SPDX-License-Identifier: GPL-2.0
/*
 * config.c - what a device is made from, told by names and values
 *
 * A row tells all that there is to know of one of them, so that what is wrong with a
 * value is said in the same words wherever it comes from. What is wrong with a
 * combination, oc_dev_create() finds.
 */
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "oc_config.h"
#include "oc_freeze.h"
#include "oc_ftl.h"
#include "oc_memory.h"
#include "oc_timing.h"
#include "oc_wire.h"

/* ---- texts that can be judged by themselves ----------------------------- */

static int oc_config_check_gc(const char *text, struct oc_complaint *why)
{
	if (oc_ftl_policy(text))
		return 0;
	oc_complain(why, "gc", *text ? text : "(empty)",
		    "greedy or cost-benefit");
	return -EINVAL;
}

static int oc_config_check_nqn(const char *text, struct oc_complaint *why)
{
	if (strcmp(text, NVME_DISC_SUBSYS_NAME))
		return 0;
	oc_complain(why, "subsysnqn", text,
		    "an NQN other than the discovery service's");
	return -EINVAL;
}

static int oc_config_check_timing(const char *text, struct oc_complaint *why)
{
	struct oc_timing timing;

	return oc_timing_parse(&timing, text, why);
}

static int oc_config_check_memory(const char *text, struct oc_complaint *why)
{
	struct oc_memory_limit limit;

	return oc_memory_parse(&limit, text, (u64)totalram_pages() << PAGE_SHIFT,
			       why);
}

static int oc_config_check_in_use(const char *text, struct oc_complaint *why)
{
	bool ignore;

	return oc_use_parse(&ignore, text, why);
}

/* ---- the table ---------------------------------------------------------- */

#define OC_ROW(_name, _field, _type, _help)				\
	.name = #_name, .help = _help, .type = _type,			\
	.offset = offsetof(struct oc_config, _field)
#define OC_GEOM(_name, _help, _num)					\
	{ OC_ROW(_name, geo._name, OC_CONFIG_U32, _help), .num = _num },
#define OC_UINT(_name, _help, _num, _min, _max, _want)			\
	{ OC_ROW(_name, _name, OC_CONFIG_U32, _help), .num = _num,	\
	  .limits = { _min, _max, 1, _want } },
#define OC_BOOL(_name, _help, _num)					\
	{ OC_ROW(_name, _name, OC_CONFIG_BOOL, _help), .num = _num,	\
	  .limits = { 0, 1, 1, "0 or 1" } },
#define OC_NAME(_name, _help, _text, _flags, _min, _max, _ban, _check, _want) \
	{ OC_ROW(_name, _name, OC_CONFIG_TEXT, _help), .text = _text,	\
	  .flags = OC_ROW_PRINTABLE | (_flags), .ban = _ban,		\
	  .limits = { _min, _max, 1, _want }, .check = _check },
#define OC_TEXT(_name, _help, _field, _text, _max, _check)		\
	{ OC_ROW(_name, _field, OC_CONFIG_TEXT, _help), .text = _text,	\
	  .limits = { 0, _max, 1, NULL }, .check = _check },
#define OC_LIVE(_name, _help, _text, _max, _check)			\
	{ OC_ROW(_name, _name, OC_CONFIG_TEXT, _help), .text = _text,	\
	  .flags = OC_ROW_LIVE, .limits = { 0, _max, 1, NULL },		\
	  .check = _check },

const struct oc_config_row oc_config_rows[OC_CONFIG_ROWS] = {
#include "oc_config_rows.h"
};

static void *oc_config_field(const struct oc_config *cfg, enum oc_config_id id)
{
	return (char *)cfg + oc_config_rows[id].offset;
}

/**
 * oc_config_limits() - what a number, or the length of a text, may be
 * @id:		row
 *
 * Context: any.
 * Return: its limits.
 */
const struct oc_limits *oc_config_limits(enum oc_config_id id)
{
	const struct oc_config_row *row = &oc_config_rows[id];

	/* geometry.c has those of what belongs to it */
	return row->limits.max ? &row->limits : oc_geo_limits(row->name);
}

/* ---- checks ------------------------------------------------------------- */

static int oc_config_refuse(enum oc_config_id id, const char *text,
			    struct oc_complaint *why)
{
	const struct oc_limits *limits = oc_config_limits(id);
	const char *name = oc_config_rows[id].name;

	if (!*text)
		text = "(empty)";
	if (limits->want)
		oc_complain(why, name, text, "%s", limits->want);
	else
		oc_complain(why, name, text, "at most %u characters",
			    limits->max);
	return -EINVAL;
}

static int oc_config_check_num(enum oc_config_id id, u32 num,
			       struct oc_complaint *why)
{
	char text[16];

	if (oc_limits_hold(oc_config_limits(id), num))
		return 0;
	snprintf(text, sizeof(text), "%u", num);
	return oc_config_refuse(id, text, why);
}

static int oc_config_check_text(enum oc_config_id id, const char *text,
				struct oc_complaint *why)
{
	const struct oc_config_row *row = &oc_config_rows[id];
	size_t len = strlen(text), i = 0;

	if (row->flags & OC_ROW_PRINTABLE)
		while (i < len && isascii(text[i]) && isprint(text[i]) &&
		       !strchr(row->ban, text[i]))
			i++;
	else
		i = len;
	if (i < len || len < row->limits.min || len > row->limits.max)
		return oc_config_refuse(id, text, why);
	why->param = NULL;
	return row->check ? row->check(text, why) : 0;
}

/* It is part of a path, an NQN and a disk's name */
static int oc_config_check_name(const char *name, struct oc_complaint *why)
{
	size_t len;

	for (len = 0; isascii(name[len]); len++)
		if (!isalnum(name[len]) && (!len || !name[len] ||
					    !strchr("-_.", name[len])))
			break;
	if (!name[len] && len && len <= OC_NAME_MAX)
		return 0;
	oc_complain(why, "name", *name ? name : "(empty)",
		    "1 to %u letters, digits, -, _ or ., of which the first is a letter or digit",
		    OC_NAME_MAX);
	return -EINVAL;
}

/**
 * oc_config_check() - is each value of a configuration one that it may have?
 * @cfg:	configuration, however it was filled in
 * @why:	filled in if not
 *
 * Context: process; sleeps.
 * Return: 0, -EINVAL, or -ENOMEM with @why->param NULL.
 */
int oc_config_check(const struct oc_config *cfg, struct oc_complaint *why)
{
	enum oc_config_id id;
	int ret = 0;

	why->param = NULL;
	if (cfg->name)
		ret = oc_config_check_name(cfg->name, why);
	for (id = 0; id < OC_CONFIG_ROWS && !ret; id++) {
		const void *field = oc_config_field(cfg, id);
		const char *text;

		switch (oc_config_rows[id].type) {
		case OC_CONFIG_U32:
			ret = oc_config_check_num(id, *(const u32 *)field, why);
			break;
		case OC_CONFIG_TEXT:
			text = *(const char *const *)field;
			if (text)
				ret = oc_config_check_text(id, text, why);
			break;
		case OC_CONFIG_BOOL:
			break;
		}
	}
	return ret;
}

/* ---- set and show ------------------------------------------------------- */

/**
 * oc_config_init() - begin a configuration: nothing is given yet
 * @cfg:	filled in with the defaults
 *
 * Context: any.
 */
void oc_config_init(struct oc_config *cfg)
{
	enum oc_config_id id;

	memset(cfg, 0, sizeof(*cfg));
	for (id = 0; id < OC_CONFIG_ROWS; id++)
		oc_config_clear(cfg, id);
}

/**
 * oc_config_clear() - a row has its default again
 * @cfg:	configuration
 * @id:		row
 *
 * Context: any.
 */
void oc_config_clear(struct oc_config *cfg, enum oc_config_id id)
{
	const struct oc_config_row *row = &oc_config_rows[id];
	bool given = __test_and_clear_bit(id, cfg->given);
	void *field = oc_config_field(cfg, id);

	switch (row->type) {
	case OC_CONFIG_U32:
		*(u32 *)field = row->num;
		break;
	case OC_CONFIG_BOOL:
		*(bool *)field = row->num;
		break;
	case OC_CONFIG_TEXT:
		if (given)
			kfree(*(const char **)field);
		*(const char **)field = NULL;
		break;
	}
}

/**
 * oc_config_free() - free what a configuration has been given
 * @cfg:	configuration; has the defaults afterwards
 *
 * Context: any.
 */
void oc_config_free(struct oc_config *cfg)
{
	enum oc_config_id id;

	for (id = 0; id < OC_CONFIG_ROWS; id++)
		oc_config_clear(cfg, id);
}

static int oc_config_set_text(struct oc_config *cfg, enum oc_config_id id,
			      const char *text, struct oc_complaint *why)
{
	bool live = oc_config_rows[id].flags & OC_ROW_LIVE;
	char *copy, *begin;
	int ret;

	copy = kstrdup(text, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	/* echo ends them with a line end, and nothing but space is the default */
	begin = live ? strim(copy) : copy;
	memmove(copy, begin, strlen(begin) + 1);
	ret = oc_config_check_text(id, copy, why);
	if (ret) {
		kfree(copy);
		return ret;
	}
	oc_config_clear(cfg, id);
	__set_bit(id, cfg->given);
	if (live && !*copy) {
		kfree(copy);
		copy = NULL;
	}
	*(const char **)oc_config_field(cfg, id) = copy;
	return 0;
}

/**
 * oc_config_set() - give a row a value
 * @cfg:	configuration from oc_config_init(); as it was if the value is wrong
 * @id:		row
 * @text:	the value: a decimal, octal (0...) or hexadecimal (0x...) number, or a
 *		text, of which a copy is made
 * @why:	filled in if it is wrong
 *
 * Context: process; sleeps.
 * Return: 0, -EINVAL, or -ENOMEM with @why->param NULL.
 */
int oc_config_set(struct oc_config *cfg, enum oc_config_id id, const char *text,
		  struct oc_complaint *why)
{
	const struct oc_config_row *row = &oc_config_rows[id];
	void *field = oc_config_field(cfg, id);
	u32 num;

	why->param = NULL;
	if (row->type == OC_CONFIG_TEXT)
		return oc_config_set_text(cfg, id, text, why);
	if (kstrtou32(text, 0, &num) ||
	    !oc_limits_hold(oc_config_limits(id), num))
		return oc_config_refuse(id, text, why);
	if (row->type == OC_CONFIG_BOOL)
		*(bool *)field = num;
	else
		*(u32 *)field = num;
	__set_bit(id, cfg->given);
	return 0;
}

/**
 * oc_config_move() - give a row the value that it has in another configuration
 * @to:		configuration
 * @from:	the other, where the row has been set and has its default afterwards
 * @id:		row of texts
 *
 * Context: any.
 */
void oc_config_move(struct oc_config *to, struct oc_config *from,
		    enum oc_config_id id)
{
	const char **text = oc_config_field(from, id);

	oc_config_clear(to, id);
	*(const char **)oc_config_field(to, id) = *text;
	__set_bit(id, to->given);
	*text = NULL;
	oc_config_clear(from, id);
}

/**
 * oc_config_text() - the text of a row
 * @cfg:	configuration
 * @id:		row of texts
 *
 * Context: any.
 * Return: the text, or its default; what the device's name is to follow, without.
 */
const char *oc_config_text(const struct oc_config *cfg, enum oc_config_id id)
{
	const char *text = *(const char *const *)oc_config_field(cfg, id);

	return text ? text : oc_config_rows[id].text;
}

/**
 * oc_config_show() - the value of a row, as text
 * @cfg:	configuration
 * @id:		row
 * @buf:	where it goes
 * @size:	room, in bytes
 *
 * Context: any.
 * Return: its length.
 */
int oc_config_show(const struct oc_config *cfg, enum oc_config_id id, char *buf,
		   size_t size)
{
	const struct oc_config_row *row = &oc_config_rows[id];
	const void *field = oc_config_field(cfg, id);
	const char *name = "";

	if (row->type == OC_CONFIG_U32)
		return scnprintf(buf, size, "%u", *(const u32 *)field);
	if (row->type == OC_CONFIG_BOOL)
		return scnprintf(buf, size, "%u", *(const bool *)field);
	if (row->flags & OC_ROW_AFTER_NAME && !*(const char *const *)field)
		name = cfg->name ? cfg->name : OC_FIRST_NAME;
	return scnprintf(buf, size, "%s%s", oc_config_text(cfg, id), name);
}
