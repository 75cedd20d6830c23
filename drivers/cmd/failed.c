// SPDX-License-Identifier: GPL-2.0
/*
 * cmd/failed.c - which sectors of a command have failed, and with what status
 *
 * A command has one status: that of the first of its sectors that failed. A warning
 * (high ECC) means that the data is good, so it gives way to any failure.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>

#include "oc.h"
#include "oc_assert.h"
#include "oc_channel.h"
#include "oc_cmd.h"
#include "oc_wire.h"

static bool oc_status_is_warning(u16 status)
{
	return status == OC_ERR(OC_SC_HIGH_ECC) ||
		status == OC_ERR(OC_SC_HIGH_ECC_12);
}

/**
 * oc_failed_add() - add sectors to those that have failed
 * @failed:	bit i: sector i has failed
 * @status:	NVMe status so far, 0 if @failed is 0
 * @more:	the sectors to add, not 0
 * @why:	their NVMe status
 *
 * Context: any.
 */
void oc_failed_add(u64 *failed, u16 *status, u64 more, u16 why)
{
	bool warning = oc_status_is_warning(why);

	if (*status && oc_status_is_warning(*status) != warning) {
		if (warning)
			return;
		*status = 0;
		*failed = 0;
	}
	if (!*status || __ffs64(more) < __ffs64(*failed))
		*status = why;
	*failed |= more;
}

/**
 * oc_part_fail() - sectors of a part have failed
 * @part:	part; failures, but not warnings, are counted in its channel
 * @sectors:	the sectors, not 0; those that had failed before count once
 * @status:	their NVMe status
 *
 * Context: owner of the part's channel.
 */
void oc_part_fail(struct oc_part *part, u64 sectors, u16 status)
{
	u64 before = oc_status_is_warning(part->status) ? 0 : part->failed;

	oc_assert_owned(part->ch);
	oc_failed_add(&part->failed, &part->status, sectors, status);
	if (!oc_status_is_warning(status))
		oc_count_add(part->ch->count.fails,
			     hweight64(sectors & ~before));
}
