#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What can be checked without running: checkpatch, sparse, W=1, a build for 32 bits,
# kernel-doc, shellcheck, and the layers of the module. One line "ok NAME" or "not ok NAME" for each.

set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$here/lib.sh"

top=$(dirname "$here")
cd "$top" || exit 1
failed=0

# check NAME - judge what stands on standard input: nothing is good.
check()
{
	local text

	text=$(cat)
	if [[ -z $text ]]; then
		printf 'ok static/%s\n' "$1"
	else
		printf '%s\n' "$text" | head -n 30
		printf 'not ok static/%s\n' "$1"
		failed=1
	fi
}

need_packages sparse shellcheck perl git make gcc mandoc python3-minimal
kdir=$("$here/kernel.sh" plain) || die "no kernel tree to check against"
src=$(sed -n 's/^include \(.*\)\/Makefile$/\1/p' "$kdir/Makefile")
[[ -d ${src:-} ]] || die "cannot find the kernel source that $kdir was built from"

mapfile -t code < <(find include drivers kunit tests examples -name '*.[ch]' 2>/dev/null | sort)
mapfile -t module < <(find include drivers -name '*.[ch]' | sort)
mapfile -t shell < <(grep -rlE '^#!/bin/bash' scripts .ci 2>/dev/null | sort)

for file in "${code[@]}"; do
	# Programs have no u64.
	types=()
	[[ $file != @(tests|examples)/* ]] || types=(--ignore PREFER_KERNEL_TYPES)
	perl "$src/scripts/checkpatch.pl" --terse "${types[@]}" -f "$file"
done 2>&1 | grep -v '^total:' | check checkpatch

# A whole build in a place of its own: both tools only see what is compiled.
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cp -r Kbuild Makefile doc include drivers kunit scripts "$tmp"
make -C "$kdir" M="$tmp" OC_KUNIT=1 C=2 CF='-Wsparse-error -Wcontext' W=1 -j"$(nproc)" modules \
	>"$tmp/build.log" 2>&1 || grep -E 'error:|Error' "$tmp/build.log" | head -n 5
[[ -e $tmp/ocloop.ko ]] || echo "ocloop.ko was not built" >>"$tmp/build.log"
grep -E "^$tmp/[^:]*:[0-9]+:|^([a-z]+/)?(include|drivers|kunit)[^:]*:[0-9]+:[0-9]+: |was not built" \
	"$tmp/build.log" | sort -u | check 'sparse and W=1'

# Calls go down. That the check finds what does not is seen in a copy.
"$here/floors.py" "$tmp" | check floors
planted=$(mktemp -d)
trap 'rm -rf "$tmp" "$planted"' EXIT
cp -r "$tmp"/. "$planted"
cat >>"$planted/drivers/base/text.c" <<'UP'
void oc_planted_up(void);
void oc_planted_up(void) { oc_cmd_end(NULL, 0); }
void oc_planted_end(void);
void oc_planted_end(void) { }
UP
cat >>"$planted/drivers/flash/l2p.c" <<'THERE'
void oc_planted_back(void);
void oc_planted_there(void);
void oc_planted_there(void) { oc_planted_back(); }
THERE
cat >>"$planted/drivers/flash/pblk.c" <<'BACK'
void oc_planted_back(void);
void oc_planted_there(void);
void oc_planted_back(void) { oc_planted_there(); }
BACK
sed -i 's/^#include "oc_text.h"$/&\n#include "oc_cmd.h"/' "$planted/drivers/base/text.c"
make -C "$kdir" M="$planted" OC_KUNIT=1 drivers/base/text.o drivers/flash/{l2p,pblk}.o \
	>"$planted/planted.log" 2>&1
"$here/floors.py" "$planted" >"$planted/found"
{
	grep -qF 'base/text calls up, to cmd/engine: oc_cmd_end' "$planted/found" ||
		echo "a planted call up was not found"
	grep -qF 'flash/l2p -> flash/pblk: oc_planted_back' "$planted/found" ||
		echo "a planted circle was not found"
} | check floors-finds-what-is-planted

# The same once more, and then installed: the module and its page
{
	make -C "$tmp" KDIR="$kdir" OC_KUNIT=1 W=1 INSTALL_MOD_PATH="$tmp/root" DESTDIR="$tmp/root" \
		install >"$tmp/install.log" 2>&1 || tail -n 5 "$tmp/install.log"
	[[ $(find "$tmp/root/lib/modules" -name ocloop.ko) ]] || echo "ocloop.ko was not installed"
	[[ -s $tmp/root/usr/local/share/man/man4/ocloop.4 ]] || echo "ocloop.4 was not installed"
} | check install

# And for 32 bits: what needs a helper of the compiler's, as an open division of 64 bits does,
# finds none in the kernel.
kdir32=$("$here/kernel.sh" i386) || die "no 32-bit kernel tree to check against"
find "$tmp" -name '*.o' -delete
make -C "$kdir32" M="$tmp" ARCH=i386 OC_KUNIT=1 KBUILD_MODPOST_WARN=1 -j"$(nproc)" modules \
	>"$tmp/32.log" 2>&1 || grep -E 'error:|Error' "$tmp/32.log" | head -n 5
{
	grep -E "^$tmp/[^:]*:[0-9]+:" "$tmp/32.log"
	find "$tmp"/drivers "$tmp"/kunit -name '*.o' -exec nm -Au {} + |
		grep -E ' U __(u?(div|mod|divmod)[dt]i[34]|u?cmp[dt]i2|mul[dt]i3|(ash[lr]|lshr)[dt]i3)$'
} | check 32-bit

# Every structure and every function that is not static must be described.
{
	for file in "${module[@]}"; do
		perl "$src/scripts/kernel-doc" -none "$file" 2>&1
	done | grep -E 'warning|error' | grep -v 'no structured comments found'
	for file in "${module[@]}"; do
		[[ $file == *.c ]] || continue
		perl -0777 -ne 'while (/((?:^[^\n]*\n){0,1})^(?!static|extern|return|else|typedef)[a-z][\w \*]*?\b(oc_\w+)\([^;{}]*\)\n\{/mg) {
			print "$ARGV: $2() has no kernel-doc\n" if $1 !~ /\*\/\n$/ }' "$file"
	done
} | check kernel-doc

shellcheck -x "${shell[@]}" 2>&1 | check shellcheck

grep -nE 'LINUX_VERSION_CODE|KERNEL_VERSION' "${code[@]}" | grep -vE '^include/oc_compat(_nvme)?\.h:' |
	check version-only-in-compat
binding='^(drivers/host/[a-z-]+\.c|include/oc_(transport|compat_nvme)\.h):'
grep -nE '^#include [<"](linux/(blk|bio|lightnvm|genhd)[^>]*|nvme\.h|fabrics\.h)[>"]' \
	"${code[@]}" | grep -vE "$binding" | check blk-mq-only-in-binding
grep -nE '\bstruct (request|nvme_ctrl|blk_mq_[a-z_]+|bio)\b' "${code[@]}" |
	grep -vE "$binding|^[^:]*:[0-9]+:[[:space:]]*(/?\*)" |
	check no-request-below-binding

# What an event reserves for a text is computed apart from the text, and pointers are followed
# when it is printed.
grep -nE '__(string|dynamic_array|bitmask)\(|__assign_(str|bitmask)\(|%p' include/oc_trace.h |
	grep -vE '^[0-9]+: \*' | check no-text-of-variable-length-in-events

# What its comment leaves to the owner of a channel asks in debug builds whether the caller is.
perl -0777 -ne '
	while (m{/\*\*((?:(?!\*/).)*)\*/\n[^;{}]*?\b(\w+)\(([^;{}]*)\)\n\{\n(.*?)^\}}msg) {
		my ($doc, $name, $params, $body) = ($1, $2, $3, $4);
		print "$ARGV: $name() does not ask who owns the channel\n"
			if $doc =~ /Context:\s+(process, )?(the )?(channel.s )?owner/ &&
			$params =~ /struct oc_(channel|part|block_ch|chunk_stat|l2p|clock|ftl) \*/ &&
			$body !~ /\boc_assert_owned/;
	}' "${module[@]}" | check owners-are-asserted

# One version, one list of parameters.
version=$(sed -n 's/^#define OC_VERSION[[:space:]]*"\(.*\)"/\1/p' include/oc.h)
{ grep -qxF "PACKAGE_VERSION=\"$version\"" dkms.conf || echo "dkms.conf is not version $version"; } |
	check one-version
sed -nE 's/^OC_(GEOM|UINT|BOOL|NAME|TEXT|LIVE)\((\w+),$/\2/p' include/oc_config_rows.h | while read -r param; do
	grep -qF "| \`$param\` |" doc/parameters.md || echo "doc/parameters.md has no row for $param"
	grep -qF ".It Cm $param Ns = Ns " doc/ocloop.4 || echo "doc/ocloop.4 has no item for $param"
done | check parameters-in-manual

# Which other manuals there are is the machine's business.
mandoc -T lint doc/ocloop.4 2>/dev/null | grep -v 'referenced manual not found' | check man-page

# Blocks that say how they are treated, links that lead somewhere, and a map that is right
{
	(($(wc -l <README.md) < 250)) || echo "README.md has 250 lines or more"
	PYTHONDONTWRITEBYTECODE=1 python3 scripts/guest/pages.py --check README.md doc/*.md
	grep -oE '\boc[0-9a-z]*_[a-z0-9_]+\(\)' doc/source.md | sort -u | while read -r name; do
		grep -rqE "\\b${name%()}\\(" drivers include || echo "doc/source.md: there is no $name"
	done
	# shellcheck disable=SC2016 # they are Markdown's
	grep -oE '`([a-z0-9]+/)*[a-z0-9-]+\.c`' doc/source.md | tr -d '\`' | sort -u |
		while read -r name; do
			[[ $(find drivers -path "*/$name") ]] || echo "doc/source.md: there is no $name"
		done
	find drivers -name '*.c' | while read -r name; do
		grep -qF "\`${name##*/}\`" doc/source.md || echo "doc/source.md does not name $name"
	done
} | check manual

exit "$failed"
