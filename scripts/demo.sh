#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The picture a newcomer wants to see: everything built, then the whole way from insmod
# to files on pblk, in a VM.

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$here/lib.sh"

first_time plain
dir=$("$here/build.sh" plain OC_KUNIT=)
info "booting the VM"
"$here/vm.sh" -t 240 -s "$dir" -- bash scripts/guest/demo.sh
info "done; make vm-shell gives a shell in the same VM"
