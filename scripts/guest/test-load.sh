#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Loading: parameters, what is said about them, what stays behind.

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

# The one line of a good load; the arguments are what it says of namespaces and geometry.
ready_line()
{
	local logged

	read_log
	has "^ocloop: $1 ready on transport $2: ns $3; $4; $5 MiB, tables take [0-9]+ KiB\$" "$logged"
	# Some devices here are larger than the machine.
	same 'lines of ocloop in the log' \
		"$(grep '^ocloop: ' <<<"$logged" | grep -vc 'MiB when full')" 1
}

default()
{
	mark_log
	load
	ready_line "$nqn" loop oc20:4 '4 grp x 4 pu x 64 chk x 512 sectors of 4096\+16 bytes' 2048
	# The lab's machine has memory for it, of which KASAN takes an eighth.
	((slow > 1)) || has_not 'when full' "$(log_since_mark)"
	connect
	same groups "$(lightnvm groups)" 4
	same 'size of the namespace' "$(blockdev --getsize64 "/dev/$ns")" $((2 << 30))
	stop
	no_traces || fail "left behind: $(left_over)"
}

# Each parameter's unit, range and default stand in modinfo, and are true.
modinfo_text()
{
	local params name text default

	load
	params=$(modinfo -F parm "$OC_KO")
	same 'parameters' "$(wc -l <<<"$params")" "$(find /sys/module/ocloop/parameters -type f | wc -l)"
	while IFS=: read -r name text; do
		has '\(default' "$text"
		[[ $text == *'(uint)' ]] || continue
		has '[0-9]+-[0-9a-z]+|sum of' "$text"
		has 'groups|units|chunks|sectors|bytes|lets|capabilities|planes|resets' "$text"
		[[ $text =~ \(default\ ([0-9]+)\) ]]
		default=${BASH_REMATCH[1]}
		same "default of $name" "$(<"/sys/module/ocloop/parameters/$name")" "$default"
	done <<<"$params"
	has 'nvme-core' "$(modinfo -F depends "$OC_KO")"
}

chosen()
{
	local id

	mark_log
	nqn=nqn.2026-11.test:chosen
	load num_grp=8 num_pu=4 num_chk=128 clba=2048 ws_min=4 ws_opt=8 mw_cunits=64 \
		lba_size=4096 oob_size=16 subsysnqn="$nqn" serial=CHOSEN123
	ready_line "$nqn" loop oc20:8 '8 grp x 4 pu x 128 chk x 2048 sectors of 4096\+16 bytes' 32768
	connect
	same groups "$(lightnvm groups)" 8
	same punits "$(lightnvm punits)" 4
	same chunks "$(lightnvm chunks)" 128
	same clba "$(lightnvm clba)" 2048
	same ws_min "$(lightnvm ws_min)" 4
	same ws_opt "$(lightnvm ws_opt)" 8
	same mw_cunits "$(lightnvm mw_cunits)" 64
	id=$(nvme id-ctrl "/dev/$ctrl")
	has '^sn *: CHOSEN123 *$' "$id"
	has "^subnqn *: $nqn\$" "$id"
	has 'ms:16 +lbads:12 ' "$(nvme id-ns "/dev/$ns")"
}

# The quoted string in the log reads as the user's module line: spaces and all.
odd_values()
{
	local id

	mark_log
	nqn=$(printf 'nqn.%0218d' 0)	# one less than allowed: the host takes no more
	load subsysnqn="$nqn" serial=12345678901234567890 \
		'model="model with 40 characters, spaces, commas"' transport=loop
	ready_line "$nqn" loop oc20:4 '4 grp .*' 2048
	connect
	id=$(nvme id-ctrl "/dev/$ctrl")
	has '^sn *: 12345678901234567890$' "$id"
	has '^mn *: model with 40 characters, spaces, commas$' "$id"
	has "^subnqn *: $nqn\$" "$id"
}

two_namespaces()
{
	mark_log
	load num_grp=6 ns=oc20:4,oc20:2
	ready_line "$nqn" loop oc20:4,oc20:2 '6 grp .*' 3072
	connect
	wait_for 10 'the second namespace' has_node "$ctrl" 2
	same 'groups of the second' "$(lightnvm groups)" 2
	has 'num_grp +: 2$' "$(nvme lnvm id-ns "/dev/$ns" -n 2)"
	has '^ncap +: 0x40000$' "$(nvme id-ns "/dev/$ns")"
	has_node "$ctrl" 1
	same 'groups of the first' "$(lightnvm groups)" 4
	has 'num_grp +: 4$' "$(nvme lnvm id-ns "/dev/$ns")"
	has '^ncap +: 0x80000$' "$(nvme id-ns "/dev/$ns")"
	has '^ *\[ *1\]:0x2' "$(nvme list-ns "/dev/$ctrl")"
}

# A kind without a number takes what is left; channels may be left over.
namespace_rest()
{
	mark_log
	load num_grp=5 ns=oc20:1,oc20
	ready_line "$nqn" loop oc20:1,oc20:4 '5 grp .*' 2560
	unload
	mark_log
	load num_grp=5 ns=oc20:2
	ready_line "$nqn" loop oc20:2 '5 grp .*' 2560
	connect
	same groups "$(lightnvm groups)" 2
}

# 64 GiB: quick, and cheap until it is written to.
large()
{
	local before begin after

	drop_caches
	before=$(mem_available)
	begin=${EPOCHREALTIME/./}
	mark_log
	load num_grp=16 num_pu=4 num_chk=256 clba=1024
	echo "loaded in $(((${EPOCHREALTIME/./} - begin) / 1000)) ms"
	at_most 'milliseconds to load' $(((${EPOCHREALTIME/./} - begin) / 1000)) $((5000 * slow))
	ready_line "$nqn" loop oc20:16 '16 grp .*' 65536
	after=$(mem_available)
	echo "took $((before - after)) KiB"
	# The debug kernel keeps a shadow of it all.
	at_most 'KiB of memory taken' $((before - after)) $((slow > 1 ? 128 << 10 : 80 << 10))
	connect
	same 'size of the namespace' "$(blockdev --getsize64 "/dev/$ns")" $((64 << 30))
	stop
	drop_caches
	at_least 'KiB available again' "$(mem_available)" $((before - 8192))
}

# bad ERROR PARAMETER VALUE ARGUMENT... - a load that fails with the errno, and one line in
# the log that names the parameter and its value and says what would be right.
bad()
{
	local error=$1

	wanted+=("ocloop: $2=$3: want ")
	shift 3
	rows+=("$*")
	! said=$(insmod "$OC_KO" "$@" 2>&1) || {
		wrong+=("$*: was taken")
		rmmod ocloop
	}
	[[ $said == *"$error"* ]] || wrong+=("$*: insmod said '$said'")
}

bad_begin()
{
	wrong=() wanted=() rows=()
	mark_log
}

# The rows are judged together: all that is wrong is told at once.
bad_end()
{
	local lines i

	mapfile -t lines < <(log_since_mark | grep -a '^ocloop:')
	for ((i = 0; i < ${#rows[@]} || i < ${#lines[@]}; i++)); do
		[[ ${lines[i]:-} == "${wanted[i]:-nothing}"?* ]] ||
			wrong+=("${rows[i]:-too much}: logged '${lines[i]:-}'")
	done
	((!${#wrong[@]})) || fail "$(printf '%s; ' "${wrong[@]}")"
	no_traces || fail "left behind: $(left_over)"
}

einval='Invalid parameters'
enomem='Cannot allocate memory'
e2big='Argument list too long'

# Zero, negative, above the limit, no number at all, for every number there is.
bad_numbers()
{
	local param max

	bad_begin
	for param in num_grp num_pu num_chk clba ws_min ws_opt mw_cunits lba_size oob_size \
		mccap wit dlfeat maxoc maxocpu num_pln secs_per_pg strict shared use_inline; do
		bad "$einval" $param -1 $param=-1
		((slow == 1)) || continue
		bad "$einval" $param 4x $param=4x
		bad "$einval" $param 4294967296 $param=4294967296
	done
	for param in num_grp num_pu num_chk clba ws_min ws_opt lba_size num_pln \
		secs_per_pg; do
		bad "$einval" $param 0 $param=0
	done
	for max in num_grp=256 num_pu=256 num_chk=65536 clba=16777216 ws_min=64 ws_opt=64 \
		mw_cunits=16777216 oob_size=128 lba_size=16384 mccap=7 wit=255 dlfeat=2 \
		num_pln=4 secs_per_pg=16 strict=1 shared=1 use_inline=1; do
		param=${max%=*} max=${max#*=}
		bad "$einval" "$param" $((max + 1)) "$param=$((max + 1))"
		((slow == 1)) || continue
		bad "$einval" "$param" 4294967295 "$param=4294967295"
	done
	bad "$einval" num_grp '(empty)' num_grp=
	bad "$einval" clba banana clba=banana
	bad "$einval" clba 1.5 clba=1.5
	bad "$einval" lba_size 256 lba_size=256
	bad "$einval" lba_size 4095 lba_size=4095
	bad "$einval" lba_size 32768 lba_size=32768
	bad "$einval" oob_size 12 oob_size=12
	bad "$einval" mccap 8 mccap=8
	bad "$einval" type random:0 type=random:0
	bad "$einval" type random:65 type=random:65
	bad "$einval" type sometimes type=sometimes
	bad "$einval" cnlb 64 cnlb=64
	bad "$einval" cnlb 65:64 cnlb=65:64
	bad "$einval" cnlb 1:1024 cnlb=1:1024
	bad "$einval" cnlb 1:62 cnlb=1:62
	bad_end
}

# Each value right, their combination wrong.
bad_together()
{
	bad_begin
	bad "$einval" ws_opt 6 ws_opt=6 clba=24
	bad "$einval" ws_opt 2 ws_opt=2
	bad "$einval" clba 1020 clba=1020
	bad "$einval" clba 200 clba=200 ws_opt=24 ws_min=4
	bad "$einval" clba 4 clba=4 mw_cunits=0
	bad "$einval" mw_cunits 1025 mw_cunits=1025
	bad "$einval" oob_size 0 oob_size=0 ws_min=1 ws_opt=1
	bad "$einval" clba 1022 clba=1022 ns=block
	bad "$e2big" clba 16777216 num_pu=256 num_chk=65536 clba=16777216
	bad "$e2big" clba 1024 num_pu=256 num_chk=16384 clba=1024
	bad "$e2big" clba 16777216 num_pu=1 num_chk=256 clba=16777216
	bad_end
}

bad_namespaces()
{
	local text

	bad_begin
	for text in oc20:5 oc20:4,oc20:1 oc20:2,oc20:3 oc20,oc20 zoned:4 OC20 oc20:0 oc20:-1 \
		oc20:x oc20:4:4 oc20: 'oc20:4,' 'oc20:2,' ',' oc20:4294967297; do
		bad "$einval" ns "$text" "ns=$text"
	done
	bad_end
}

bad_names()
{
	local long223 long41

	bad_begin
	long223=$(printf '%0223d' 0)
	long41=$(printf '%041d' 0)
	bad "$einval" subsysnqn '(empty)' subsysnqn=
	bad "$einval" subsysnqn "${long223::79}" "subsysnqn=${long223}1"
	bad "$einval" subsysnqn a,b subsysnqn=a,b
	bad "$einval" subsysnqn 'a b' 'subsysnqn="a b"'
	bad "$einval" subsysnqn nqn.2014-08.org.nvmexpress.discovery \
		subsysnqn=nqn.2014-08.org.nvmexpress.discovery
	bad "$einval" serial '(empty)' serial=
	bad "$einval" serial 123456789012345678901 serial=123456789012345678901
	bad "$einval" model '(empty)' model=
	bad "$einval" model "$long41" "model=$long41"
	bad "$einval" host "${long223::79}" "host=${long223}1"
	bad "$einval" transport '(empty)' transport=
	bad "$einval" transport "${long41::32}" "transport=${long41::32}"
	bad "$einval" transport a,b transport=a,b
	bad "$einval" transport a=b transport=a=b
	bad_end
}

# Limits that are none, and tables larger than memory, by a little and by far.
bad_memory()
{
	local available chunks text

	bad_begin
	for text in -1 x 1T 1.5G 0% 101% 18446744073709551616; do
		bad "$einval" memory "$text" "memory=$text"
	done
	bad "$enomem" num_chk 65536 num_grp=256 num_pu=256 num_chk=65536 clba=64
	available=$(mem_available)
	# One group; a chunk takes 4 MiB of table and more for its OOB.
	chunks=$((available / 4096 + 1))
	bad "$enomem" num_chk $chunks num_grp=1 num_pu=1 num_chk=$chunks clba=1048576
	bad_end
}

# What the kernel refuses by itself or only warns of leaves nothing either.
unknown_parameter()
{
	mark_log
	load nonsense=1
	has "unknown parameter 'nonsense' ignored" "$(log_since_mark)"
	unload
	no_traces || fail "left behind: $(left_over)"
}

again_and_again()
{
	local i

	load
	refused load
	has 'File exists' "$said"
	for ((i = 0; i < 5; i++)); do
		unload
		load
	done
	connect
}

# The geometry pblk cannot use is loaded, with a word of warning.
advice()
{
	mark_log
	load num_chk=8 clba=256
	has '^ocloop: namespace 1: pblk needs num_chk of 11 or more' "$(log_since_mark)"
	unload
	mark_log
	load lba_size=512
	has '^ocloop: namespace 1: pblk needs lba_size=4096' "$(log_since_mark)"
	unload
	mark_log
	load lba_size=512 oob_size=0 ws_min=1 ws_opt=1 num_chk=96 clba=63 ns=block
	has_not 'pblk' "$(log_since_mark)"
}

t default 10 default
t modinfo 10 modinfo_text
t chosen 10 chosen
t odd-values 10 odd_values
t two-namespaces 10 two_namespaces
t namespace-rest 10 namespace_rest
t large 20 large
t advice 10 advice
t again 15 again_and_again
t unknown-parameter 10 unknown_parameter
t bad-numbers 60 bad_numbers
t bad-together 15 bad_together
t bad-namespaces 20 bad_namespaces
t bad-names 20 bad_names
t bad-memory 20 bad_memory
