#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A shell in the VM with the module loaded and connected; PARAMS are for insmod.
# Environment: OC_LAB, a directory that the VM has as /lab (default: lab in this tree).

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$here/lib.sh"

flavour=${FLAVOUR:-plain}
: "${OC_LAB:=$(dirname "$here")/lab}"
first_time "$flavour"
mkdir -p "$OC_LAB"
OC_LAB=$(realpath "$OC_LAB")
dir=$("$here/build.sh" "$flavour" OC_KUNIT=)
info "booting the VM; leave with exit"
exec "$here/vm.sh" -f "$flavour" -i -s "$dir" -w "$OC_LAB" -- \
	env OC_LAB="$OC_LAB" bash scripts/guest/shell.sh "$@"
