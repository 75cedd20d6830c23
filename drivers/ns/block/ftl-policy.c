// SPDX-License-Identifier: GPL-2.0
/*
 * ns/block/ftl-policy.c - which chunk an FTL collects next
 *
 * Pure arithmetic.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/string.h>

#include "oc_ftl.h"

static u64 oc_ftl_greedy(const struct oc_ftl *ftl, u32 chk, u32 free)
{
	return free;
}

/*
 * Benefit over cost: the sectors gained, weighted with the age of the chunk, over
 * reading and writing the valid ones (Kawaguchi et al., "A Flash-Memory Based File
 * System", USENIX 1995).
 */
static u64 oc_ftl_cost_benefit(const struct oc_ftl *ftl, u32 chk, u32 free)
{
	u32 age = ftl->now - ftl->chk[chk].stamp;

	return div_u64(((u64)age + 1) * free, 2 * ftl->chk[chk].valid + 1);
}

static const struct oc_ftl_policy oc_ftl_policies[] = {
	{ .name = "greedy", .gain = oc_ftl_greedy },
	{ .name = "cost-benefit", .gain = oc_ftl_cost_benefit },
};

/**
 * oc_ftl_policy() - look a policy up
 * @name:	its name
 *
 * Context: any.
 * Return: the policy, or NULL.
 */
const struct oc_ftl_policy *oc_ftl_policy(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(oc_ftl_policies); i++)
		if (!strcmp(oc_ftl_policies[i].name, name))
			return &oc_ftl_policies[i];
	return NULL;
}
