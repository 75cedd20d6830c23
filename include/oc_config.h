/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oc_config.h - what a device is made from, and the one table of how it is said: as module
 * parameters, and wherever else a device is described by names and values
 */
#ifndef OC_CONFIG_H
#define OC_CONFIG_H

#include <linux/bitmap.h>
#include <linux/types.h>

#include "oc.h"
#include "oc_geometry.h"
#include "oc_text.h"

#define OC_FIRST_NAME	"ssd0"	/* of the device that the parameters describe */
#define OC_NAME_MAX	16	/* characters of a device's name */

/* OC_CONFIG_num_grp and so on: a number for each row */
#define OC_GEOM(_name, ...)	OC_CONFIG_##_name,
#define OC_UINT(_name, ...)	OC_CONFIG_##_name,
#define OC_BOOL(_name, ...)	OC_CONFIG_##_name,
#define OC_NAME(_name, ...)	OC_CONFIG_##_name,
#define OC_TEXT(_name, ...)	OC_CONFIG_##_name,
#define OC_LIVE(_name, ...)	OC_CONFIG_##_name,
enum oc_config_id {
#include "oc_config_rows.h"
	OC_CONFIG_ROWS
};

/**
 * enum oc_config_type - how a row's value is kept
 * @OC_CONFIG_U32:	a u32, or of struct oc_geo
 * @OC_CONFIG_BOOL:	a bool
 * @OC_CONFIG_TEXT:	a const char *, NULL for the default
 */
enum oc_config_type {
	OC_CONFIG_U32,
	OC_CONFIG_BOOL,
	OC_CONFIG_TEXT,
};

#define OC_ROW_LIVE		BIT(0)	/* may change while the device runs */
#define OC_ROW_MODULE		BIT(1)	/* the module's, with its first device */
#define OC_ROW_AFTER_NAME	BIT(2)	/* the device's name follows the default */
#define OC_ROW_PRINTABLE	BIT(3)	/* hosts see it */

/**
 * struct oc_config_row - one thing that a device can be told
 * @name:	by which it is told
 * @help:	what it means, its unit, range and default
 * @type:	how it is kept
 * @offset:	where, in struct oc_config
 * @flags:	OC_ROW_*
 * @limits:	of a number, or of a text's characters; see oc_config_limits()
 * @num:	default of a number
 * @text:	default of a text
 * @ban:	characters that a text may not have
 * @check:	optional: is a text one that can be understood? 0, -EINVAL, or -ENOMEM
 *		with oc_complaint.param NULL
 */
struct oc_config_row {
	const char *name;
	const char *help;
	enum oc_config_type type;
	u32 offset;
	u32 flags;
	struct oc_limits limits;
	u32 num;
	const char *text;
	const char *ban;
	int (*check)(const char *text, struct oc_complaint *why);
};

extern const struct oc_config_row oc_config_rows[OC_CONFIG_ROWS];

/**
 * struct oc_script - a text that says much, from a parameter or a file
 * @value:	what the configuration says: a path, or the text itself
 * @name:	the file's path; NULL if there is none
 * @text:	the text; needs no end mark
 * @len:	its length, 0 for none
 * @buf:	what oc_script_free() frees
 */
struct oc_script {
	const char *value;
	const char *name;
	const char *text;
	size_t len;
	void *buf;
};

/**
 * struct oc_config - what a device is made from
 * @given:	by row, what oc_config_set() has set: its texts belong to the
 *		configuration, all others to who has put them there
 * @name:	the device's name; NULL for OC_FIRST_NAME. It is no row: who makes a
 *		device names it
 * @geo:	geometry, not yet checked as a whole
 * @ns:		namespaces, KIND[:CHANNELS[:OPTION]],..., or none; "" for oc20 on all
 * @formats:	LBA formats, as oc_formats_parse() takes them; "" for the usual
 * @gc:		how block namespaces collect garbage
 * @timing:	times, as oc_timing_parse() takes them
 * @in_use:	what becomes of changes to what hosts use, as oc_use_parse() takes it
 * @memory:	what data may take, as oc_memory_parse() takes it
 * @type:	types of chunks, as oc_geo_shape() takes them
 * @cnlb:	chunks of another size, the same way
 * @subsysnqn:	NQN
 * @serial:	serial number
 * @model:	model number
 * @host:	the one host NQN that may connect; "" for any
 * @attach:	how hosts reach it
 * @transport:	the module's name among fabrics transports
 * @shared:	several controllers may be connected at once
 * @bare:	hosts reach namespaces without a controller, and only those that
 *		have a geometry. No row either: it follows from @attach
 * @use_inline:	an idle channel may be run by the submitter
 * @strict:	OCSSD 1.2 namespaces hold writes to the order of NAND
 * @endurance:	resets a chunk is rated for
 * @faults:	rules of what fails, as oc_fault_parse() takes them
 * @state:	the chunks' first states, as oc_state_load() takes them
 */
struct oc_config {
	DECLARE_BITMAP(given, OC_CONFIG_ROWS);
	const char *name;
	struct oc_geo geo;
	const char *ns;
	const char *formats;
	const char *gc;
	const char *timing;
	const char *in_use;
	const char *memory;
	const char *type;
	const char *cnlb;
	const char *subsysnqn;
	const char *serial;
	const char *model;
	const char *host;
	const char *attach;
	const char *transport;
	bool shared;
	bool bare;
	bool use_inline;
	bool strict;
	u32 endurance;
	struct oc_script faults;
	struct oc_script state;
};

/* ---- config.c ------------------------------------------------------------- */

void oc_config_init(struct oc_config *cfg);
int oc_config_set(struct oc_config *cfg, enum oc_config_id id, const char *text,
		  struct oc_complaint *why);
void oc_config_clear(struct oc_config *cfg, enum oc_config_id id);
void oc_config_move(struct oc_config *to, struct oc_config *from,
		    enum oc_config_id id);
void oc_config_free(struct oc_config *cfg);
int oc_config_show(const struct oc_config *cfg, enum oc_config_id id, char *buf,
		   size_t size);
const char *oc_config_text(const struct oc_config *cfg, enum oc_config_id id);
const struct oc_limits *oc_config_limits(enum oc_config_id id);
int oc_config_check(const struct oc_config *cfg, struct oc_complaint *why);

#endif /* OC_CONFIG_H */
