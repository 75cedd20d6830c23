// SPDX-License-Identifier: GPL-2.0
/*
 * base/trace.c - the tracepoints of oc_trace.h, made for this module
 */
#define CREATE_TRACE_POINTS
#include "oc_trace.h"
