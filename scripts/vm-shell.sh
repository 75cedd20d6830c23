#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A shell in the VM with the module loaded and connected; PARAMS are for insmod.

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$here/lib.sh"

flavour=${FLAVOUR:-plain}
dir=$("$here/build.sh" "$flavour" OC_KUNIT=)
info "ocloop in a VM; leave with exit. nvme list, nvme lnvm list, dmesg are good starts"
exec "$here/vm.sh" -f "$flavour" -i -s "$dir" -- bash scripts/guest/shell.sh "$@"
