#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the other scripts share; source it. Messages go to stderr, results to stdout.
# Environment: OC_CACHE (what is slow to make), OC_MIRROR, OC_SECURITY_MIRROR (Debian).

# Debian 12's, the only one that Linux 5.10 builds with and KCSAN works with there
# shellcheck disable=SC2034 # for the scripts
OC_CLANG=clang-14
: "${OC_CACHE:=${XDG_CACHE_HOME:-$HOME/.cache}/ocloop}"

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

info()
{
	# Not behind the line of progress()
	[[ ! ${OC_PROGRESS:-} || ! -t 2 ]] || printf '\r\e[K' >&2
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# need_packages PKG... - install the Debian packages that are missing.
need_packages()
{
	local log="$OC_CACHE/apt.log" missing

	mapfile -t missing < <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
		awk -v want="$*" '
			$2 == "installed" { have[$1] = 1 }
			END { n = split(want, pkg); for (i = 1; i <= n; i++) if (!have[pkg[i]]) print pkg[i] }')
	((${#missing[@]})) || return 0
	[[ $EUID -eq 0 ]] || die "must be root to install: ${missing[*]}"

	info "installing ${missing[*]}"
	export DEBIAN_FRONTEND=noninteractive
	mkdir -p "$OC_CACHE"
	# Stages that run side by side take turns. What the packages start holds no lock (-o).
	# Another entry of the machine's sources may be out of reach: the install decides.
	flock -o "$OC_CACHE/apt.lock" apt-get update >"$log" 2>&1 || true
	flock -o "$OC_CACHE/apt.lock" apt-get -o DPkg::Lock::Timeout=300 install -y \
		--no-install-recommends "${missing[@]}" >>"$log" 2>&1 </dev/null ||
		die "cannot install ${missing[*]}; the log is $log"
}

# oc_site CODENAME - where this machine's apt gets that Debian suite from.
oc_site()
{
	# A machine whose package lists were removed knows no targets.
	[[ $(apt-get indextargets 'Created-By: Packages') ]] || apt-get -qq update >&2 || true
	# shellcheck disable=SC2016 # apt expands these, not the shell
	apt-get indextargets --format '$(RELEASE) $(CODENAME) $(SITE)' \
		'Created-By: Packages' 'Component: main' |
		awk -v suite="$1" '!found && ($1 == suite || $2 == suite) { print $NF; found = 1 }'
}

# oc_mirror - print the URI of the Debian mirror.
oc_mirror()
{
	local site=${OC_MIRROR:-}

	[[ $site ]] || site=$(oc_site bookworm)
	[[ $site ]] || die "apt knows no mirror of bookworm; set OC_MIRROR"
	printf '%s\n' "${site%/}"
}

# oc_security_mirror - the same for security updates; nothing where there is none.
oc_security_mirror()
{
	local site=${OC_SECURITY_MIRROR:-}

	[[ $site || ${OC_MIRROR:-} ]] || site=$(oc_site bookworm-security)
	printf '%s\n' "${site%/}"
}

# oc_sources SUITE - sources.list lines for a Debian release, signatures checked.
oc_sources()
{
	local opt='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg check-valid-until=no]'
	local main security

	main=$(oc_mirror)
	security=$(oc_security_mirror)
	printf 'deb %s %s %s main\n' "$opt" "$main" "$1"
	[[ -z $security ]] || printf 'deb %s %s %s-security main\n' "$opt" "$security" "$1"
}

# oc_apt SUITE ARG... - apt-get with an own configuration that knows only SUITE;
# the machine's own apt is left alone. Call oc_apt SUITE update first.
oc_apt()
{
	local dir="$OC_CACHE/apt-$1" suite=$1

	shift
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	oc_sources "$suite" >"$dir/sources.list"
	: >"$dir/status"
	apt-get -qq -o Dir::Etc::sourcelist="$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
		-o Dir::State::lists="$dir/lists" -o Dir::State::status="$dir/status" \
		-o Dir::Cache="$dir/cache" -o APT::Sandbox::User=root -o APT::Default-Release= "$@"
}

# oc_key ARG... - a cache key from the contents of files and from other words.
oc_key()
{
	local arg

	for arg in "$@"; do
		if [[ -f $arg ]]; then cat "$arg"; else printf '%s\n' "$arg"; fi
	done | sha256sum | cut -c1-12
}

# oc_lock NAME - wait until no other run is at work on this cache entry. The lock
# ends with oc_unlock or the script; children must not inherit the descriptor.
oc_lock()
{
	mkdir -p "$OC_CACHE/lock"
	exec {OC_LOCK_FD}>"$OC_CACHE/lock/$1"
	flock -n "$OC_LOCK_FD" || {
		info "waiting for another run that makes $1"
		flock "$OC_LOCK_FD"
	}
}

oc_unlock()
{
	exec {OC_LOCK_FD}>&-
}

# oc_judge_log [-e EXPECTED] HITS LOG... - leave in HITS the lines of kernel logs that tell of a
# fault, but those that known-log-lines.txt or the file EXPECTED has patterns for.
oc_judge_log()
{
	local fault='WARNING|\<BUG\>|Oops|Call Trace|Kernel panic|general protection|KASAN|UBSAN'
	fault+='|INFO: (possible|suspicious|trying to register|task)|possible .*(deadlock|locking)'
	fault+='|inconsistent lock|soft lockup|workqueue lockup|blocked for more than|rcu.* stall'
	fault+='|ODEBUG|list_(add|del) corruption|refcount_t|corrupted read LBA|unable to handle'
	fault+='|unreferenced object|new suspected memory leaks|(scheduling|sleep).* while atomic'
	fault+='|sleeping function called|Bad page|already present!|page allocation failure'
	local known=("${BASH_SOURCE[0]%/*}/known-log-lines.txt") hits

	[[ $1 != -e ]] || { known+=("$2"); shift 2; }
	hits=$1
	shift
	cat "$@" | tr -d '\r' | { grep -aE -e "$fault" || true; } | { grep -avE -f <(
		cat "${known[@]}" | grep -v -e '^#' -e '^$') || true; } | awk '!seen[$0]++' >"$hits"
}

# progress TOTAL COMMAND... - say from time to time how far it is with what takes minutes, until
# progress_end: COMMAND prints a number, which will be about TOTAL. On a terminal that is one line.
progress()
{
	local begin=$SECONDS total=$1

	shift
	{
		trap 'exit 0' TERM
		exec {never}<> <(:)
		while kill -0 $$ 2>/dev/null; do
			# No sleep: it would outlive us.
			if [[ -t 2 ]]; then pause=2; else pause=60; fi
			read -r -t "$pause" -u "$never" || true
			progress_line "$total" "$("$@" 2>/dev/null)" $((SECONDS - begin))
		done
	} </dev/null >/dev/null &
	OC_PROGRESS=$!
}

progress_line()
{
	local total=$1 now=${2:-0} spent=$3 text

	((now < total)) || now=$((total - 1))
	text="$((now * 100 / total)) %, $((spent / 60)) min $((spent % 60)) s so far"
	((now * 20 < total)) ||
		text+=", about $((spent * (total - now) / now / 60 + 1)) min to go"
	if [[ -t 2 ]]; then
		printf '\r%s: %s\e[K' "${0##*/}" "$text" >&2
	else
		info "$text"
	fi
}

progress_end()
{
	[[ ${OC_PROGRESS:-} ]] || return 0
	kill "$OC_PROGRESS" 2>/dev/null || true
	wait "$OC_PROGRESS" 2>/dev/null || true
	OC_PROGRESS=
	[[ ! -t 2 ]] || printf '\r\e[K' >&2
}

# first_time FLAVOUR - what has to be made before a VM can start, and how long that takes.
first_time()
{
	local made=("$OC_CACHE/kernel-$1"-*/.ocloop-complete)

	if [[ -e ${made[0]} ]]; then
		info "building the module: a minute if it is not there"
		return
	fi
	info "the first time: packages, a test kernel (10 minutes on two processors with nothing" \
		"else to do, more on others), a root file system (1 to 3), the module (1)"
	info "all of that is kept in $OC_CACHE and build; afterwards it is a matter of seconds"
}
