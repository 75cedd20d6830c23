#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The manual: what its pages have one type is run, and what comes must be what they show.

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

tree=$(realpath "$guest/../..")
: "${OC_LONG:=0}"

# runner ARGUMENT... - where a page expects to be: in the source, with the module built
runner()
{
	local options=()

	((!OC_LONG)) || options+=(--long)
	mkdir -p "$work/tmp.tree"
	cp -r "$tree/examples" "$work/tmp.tree/"
	echo >/sys/kernel/tracing/trace
	ln -sf "$OC_KO" "$work/tmp.tree/ocloop.ko"
	(cd "$work/tmp.tree" && python3 "$tree/scripts/guest/pages.py" "${options[@]}" "$@")
}

page()
{
	runner --verbose --record "$work/record" "$1" >"$work/tmp.said" 2>&1 || {
		cat "$work/tmp.said"
		fail "$(tail -n 1 "$work/tmp.said")"
	}
	cat "$work/tmp.said"
	# Whatever word of what was printed the page had wrong, it would have been noticed.
	runner --plant "$work/record" "$1"
}

# The whole way, with a change in a copy
planted()
{
	# shellcheck disable=SC2016 # they are Markdown's
	sed '/^```console run$/,/^```$/ s/ready on transport/reads on transport/' \
		"$1" >"$work/tmp.page"
	refused cmp "$1" "$work/tmp.page"
	refused runner "$work/tmp.page"
	has "shows '.*reads on transport.*came '.*ready on transport" "$said"
}

for file in "$tree"/README.md "$tree"/doc/*.md; do
	grep -qE '^```.* run(-long)?$' "$file" || continue
	name=${file##*/}
	t "${name%.md}" $((OC_LONG ? 600 : 30)) page "$file"
done
t planted 20 planted "$tree/README.md"
