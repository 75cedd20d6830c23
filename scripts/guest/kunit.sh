#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In the VM: run the KUnit suites; their output is what the kernel's log gains.

set -euo pipefail

modprobe kunit
dmesg --clear
insmod ./ocloop_kunit.ko
dmesg | tee /out/kunit.log | grep -E '^(\[[^]]*\] )?(not ok| +# .*(FAIL|EXPECT))' || true
# insmod succeeds even when cases fail.
rmmod ocloop_kunit
if grep -qE '(^|\] ) *not ok' /out/kunit.log; then
	exit 1
fi
grep -qE '(^|\] )ok 1' /out/kunit.log
