// SPDX-License-Identifier: GPL-2.0
/*
 * oc_test.c - the module: the list of all suites, in the order in which they run
 */
#include <linux/module.h>

#include "oc_test.h"

unsigned int oc_effort = 1;
module_param_named(effort, oc_effort, uint, 0444);
MODULE_PARM_DESC(effort, "how many times as much the random cases try");

#ifdef OC_KUNIT_RACES
/* Those in which others may come by, for kernels that are slow (OC_KUNIT=races) */
kunit_test_suites(&oc_block_worker_suite, &oc_block_fault_worker_suite,
		  &oc_block_format_worker_suite, &oc_sanitize_suite,
		  &oc_manage_suite, &oc_manage_hosts_suite, &oc_freeze_suite,
		  &oc_reset_suite, &oc_timing_channel_suite,
		  &oc_channel_suite, &oc_gather_suite, &oc_call_suite,
		  &oc_memory_suite, &oc_memory_io_suite, &oc_admin_suite,
		  &oc_logs_suite, &oc_io_worker_suite,
		  &oc_io_rules_worker_suite, &oc_io_reset_worker_suite,
		  &oc_notify_suite, &oc_format_suite, &oc_fault_worker_suite);
#else
kunit_test_suites(&oc_assert_suite, &oc_geometry_suite, &oc_chunk_suite,
		  &oc_l2p_suite, &oc_bits_suite, &oc_text_suite,
		  &oc_slots_suite,
		  &oc_image_suite, &oc_part_suite, &oc_journal_suite,
		  &oc_data_suite, &oc_ftl_suite, &oc_ftl_fail_suite,
		  &oc_block_suite, &oc_block_fault_suite,
		  &oc_block_format_suite, &oc_block_config_suite,
		  &oc_block_time_suite, &oc_block_worker_suite,
		  &oc_block_fault_worker_suite, &oc_block_format_worker_suite,
		  &oc_sanitize_suite, &oc_manage_suite,
		  &oc_manage_hosts_suite, &oc_freeze_suite, &oc_reset_suite,
		  &oc_wire_suite, &oc_timing_suite, &oc_timing_random_suite,
		  &oc_timing_text_suite, &oc_timing_channel_suite,
		  &oc_channel_suite, &oc_gather_suite, &oc_call_suite,
		  &oc_memory_suite, &oc_memory_io_suite, &oc_config_suite,
		  &oc_device_suite, &oc_name_suite, &oc_devices_suite,
		  &oc_admin_suite, &oc_logs_suite, &oc_trace_suite,
		  &oc_parse_suite, &oc_failed_suite, &oc_io_suite,
		  &oc_io_rules_suite,
		  &oc_io_reset_suite, &oc_io_worker_suite,
		  &oc_io_rules_worker_suite, &oc_io_reset_worker_suite,
		  &oc_notify_suite, &oc_oc20_suite, &oc_copy_suite,
		  &oc_range_suite, &oc_claims_suite, &oc_claims_ns_suite,
		  &oc_claims_log_suite, &oc_claims_life_suite,
		  &oc_format_suite, &oc_formats_suite, &oc_oc12_suite,
		  &oc_oc12_rules_suite, &oc_oc12_hybrid_suite,
		  &oc_fault_suite, &oc_fault_io_suite, &oc_fault_worker_suite,
		  &oc_state_suite);
#endif

MODULE_DESCRIPTION("KUnit tests of ocloop's device");
MODULE_LICENSE("GPL");
