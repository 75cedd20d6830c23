#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every command of both versions of nvme-cli, and of its lnvm plugin, on all kinds of namespace, as
# a user would give it: what succeeds has done something, and what is not there is refused.
#
# The cases are tables. A row is what is wanted and the command: ok, or ok:PATTERN for what it
# must print (dots for spaces); an NVMe status in hex; -N for the tool's own exit status N; or
# "check" and shell code that looks for the effect.

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

# status_in TEXT STATUS - does nvme-cli name this status, in one of its ways?
status_in()
{
	[[ $1 =~ [^0-9a-fA-F]0?x?$2([^0-9a-fA-F]|$) || $1 == *":$((16#$2))"* ]]
}

# row WANT COMMAND... - run one; what is wrong with it goes into $wrong.
row()
{
	local want=$1 status=0 out

	shift
	if [[ $want == check ]]; then
		eval "$*" || wrong+=("not so: $*")
		return
	fi
	out=$("$@" 2>&1 </dev/null | tr -d '\0'; exit "${PIPESTATUS[0]}") || status=$?
	printf '%s: %s\n%s\n' "$status" "$*" "${out:0:500}"
	case $want in
	ok) ((!status)) ;;
	ok:*) ((!status)) && [[ $out =~ ${want#ok:} ]] ;;
	-*) ((status == -want)) ;;
	*) ((status)) && status_in "$out" "$want" ;;
	esac || wrong+=("$*: status $status, '${out:0:120}', not $want")
}

# rows - those on standard input, with variables in them; all are run, whatever fails.
rows()
{
	local - line wrong=() words

	set +x
	while IFS= read -r -u 3 line; do
		[[ $line && $line != '#'* ]] || continue
		read -ra words <<<"$line"
		row "${words[@]}"
	done 3<&0
	((!${#wrong[@]})) || fail "${wrong[*]}"
}

# All kinds. Whatever namespace "nvme lnvm diag-bbtbl" is given, 1.12 names number 1.
kinds()
{
	local i

	start num_grp=6 num_pu=2 num_chk=32 clba=64 num_pln=2 ns=oc12:1,oc20:1,oc12h:1,block:1
	wait_for 10 'all namespaces' has_node "$ctrl" 4
	c=/dev/$ctrl
	for i in 1 2 3 4; do
		n[i]=$(node $i)
	done
	noise "$work/data" 256
	noise "$work/oob" 1
	head -c 32768 "$work/data" >"$work/data8"
	head -c 128 "$work/oob" >"$work/oob8"
	head -c 4096 "$work/data" >"$work/data1"
}

# read_back NS SECTORS [OOB] - into $work/back, and must be what was written
read_back()
{
	local oob=() bytes=$(($2 * 4096))

	[[ ! ${3:-} ]] || oob=(-y $(($2 * 16)) -M "$work/backoob")
	"$nvme" read "$1" -s 0 -c $(($2 - 1)) -z $bytes -d "$work/back" "${oob[@]}" &&
		cmp -n $bytes "$work/back" "$work/data"
}

# flbas NS - the format that Identify has
flbas()
{
	[[ $("$nvme" id-ns "$1") =~ flbas\ *:\ *([^$'\n']*) ]] && echo $((BASH_REMATCH[1]))
}

chunk()
{
	local - row

	set +x
	while read -ra row; do
		[[ ${row[0]} != "$1" || ${row[1]} != "$2" || ${row[2]} != "$3" ]] || echo "${row[3]}"
	done <"$debug/chunks"
}

# What looks at the controller, and what changes it
controller()
{
	nvme=$1
	kinds
	rows <<-ROWS
		ok:$ctrl $nvme list
		ok:$ctrl.loop $nvme list-subsys
		ok:OC-ssd0 $nvme id-ctrl $c
		ok:0x1.*0x2.*0x3.*0x4 $nvme list-ns $c
		ok:0x1 $nvme list-ctrl $c
		ok:nguid $nvme ns-descs $c -n 1
		ok:nsze $nvme id-ns $c -n 4
		ok:namespace-id:4 $nvme get-ns-id ${n[4]}
		4002 $nvme id-nvmset $c
		4002 $nvme id-uuid $c
		4002 $nvme id-ns-granularity $c
		4002 $nvme list-secondary $c
		ok:1[.]0 $nvme fw-log $c
		ok $nvme changed-ns-list-log $c
		ok:critical_warning $nvme smart-log $c
		4002 $nvme smart-log $c -n 1
		4109 $nvme ana-log $c
		ok:(Invalid.Log|INVALID_LOG) $nvme error-log $c -e 1
		ok:avl_spare $nvme endurance-log $c -g 1
		4002 $nvme endurance-log $c -g 2
		4001 $nvme device-self-test $c -n 1 -s 1
		4109 $nvme self-test-log $c
		4109 $nvme telemetry-log $c -o $work/telemetry
		ok:log-id:2 $nvme get-log $c -i 2 -l 512
		400b $nvme get-log $c -i 0xca -l 32
		ok:log-id:202 $nvme get-log $c -n 2 -i 0xca -l 32
		4109 $nvme get-log $c -n 1 -i 0xca -l 32
		4001 $nvme fw-commit $c -s 1 -a 1
		4001 $nvme fw-download $c -f $work/data1
		4001 $nvme security-send $c -f $work/data1 -p 1 -s 1 -t 4096
		4001 $nvme security-recv $c -x 512 -p 1 -s 1 -t 512
		4001 $nvme dir-receive $c -n 1 -D 0 -O 1 -l 4096
		4001 $nvme dir-send $c -n 1 -D 0 -O 1 -T 1 -e 1
		4001 $nvme virt-mgmt $c -c 1 -r 0 -n 1 -a 7
		ok:value $nvme get-property $c -o 0
		4002 $nvme get-property $c -o 0x24
		ok $nvme set-property $c -o 0x14 -v 0x460001
		ok:feature $nvme get-feature $c -f 4
		ok $nvme set-feature $c -f 4 -v 0x150
		ok:0150 $nvme get-feature $c -f 4
		4002 $nvme get-feature $c -f 6
		4002 $nvme set-feature $c -f 6 -v 1
		ok $nvme admin-passthru $c -o 0x0a --cdw10=1
		4001 $nvme admin-passthru $c -o 0x55
		ok $nvme ns-rescan $c
		ok:nsid:5 $nvme create-ns $c -s 1000 -c 1000 -f 1
		ok:0x5 $nvme list-ns $c -a
		ok $nvme attach-ns $c -n 5 -c 1
		ok:0x5 $nvme list-ns $c
		check wait_for 10 namespace.5 node_of $ctrl 5
		check wait_for 10 nobody.at.it $nvme detach-ns $c -n 5 -c 1
		check [[ ! \$($nvme list-ns $c) == *0x5* ]]
		ok $nvme delete-ns $c -n 5
		check [[ ! \$($nvme list-ns $c -a) == *0x5* ]]
		400b $nvme delete-ns $c -n 7
		ok:nqn $nvme gen-hostnqn
		ok:nqn $nvme show-hostnqn
		ok:$nqn $nvme discover -t loop
		ok $nvme connect-all -t loop
		check controllers_are 1
		ok:SPROG.*65535 $nvme sanitize-log $c
		4002 $nvme sanitize $c -a 4
		ok $nvme write ${n[4]} -s 0 -c 0 -z 4096 -d $work/data1
		ok $nvme sanitize $c -a 2
		check wait_for 20 the.end.of.it sanitized $c
		check ! read_back ${n[4]} 1
		ok $nvme sanitize $c -a 1
		ok $nvme reset $c
		check wait_for 10 the.reset grep -q live /sys/class/nvme/$ctrl/state
		ok:feature $nvme get-feature $c -f 1
		ok $nvme version
		ok $nvme help
	ROWS
	"tools_$nvme"
	rows <<-ROWS
		ok $nvme disconnect -d $ctrl
		check wait_for 10 its.end no_controllers
		ok $nvme connect -t loop -n $nqn
		check wait_for 10 a.controller controllers_are 1
		ok $nvme disconnect-all
		check wait_for 10 its.end no_controllers
	ROWS
	unload
}

sanitized()
{
	# 2.3 shows three bits of it.
	[[ $(nvme sanitize-log "$1") =~ SSTAT[^0]*0x101 ]]
}

# What only one of the two has, or answers in its own way. 70 is EX_USAGE and the like.
tools_nvme()
{
	rows <<-ROWS
		ok:Identify $nvme effects-log $c
		ok:csts $nvme show-regs $c
		-70 $nvme subsystem-reset $c
	ROWS
}

# Where 2.3 is wrong itself: effects-log looks for PCI registers unless told the command set, and
# show-regs takes Invalid Field with DNR for the end of all registers.
tools_nvme2()
{
	rows <<-ROWS
		ok:Identify $nvme effects-log $c -c 0
		-1 $nvme show-regs $c
		-1 $nvme subsystem-reset $c
		4002 $nvme id-ns-lba-format $c
		4002 $nvme nvm-id-ctrl $c
		4002 $nvme nvm-id-ns $c -n 1
		4002 $nvme nvm-id-ns-lba-format $c
		4002 $nvme primary-ctrl-caps $c
		4002 $nvme cmdset-ind-id-ns $c -n 1
		4002 $nvme id-iocs $c
		4002 $nvme id-domain $c
		4002 $nvme list-endgrp $c
		4109 $nvme predictable-lat-log $c -i 1
		4109 $nvme pred-lat-event-agg-log $c -e 1
		4109 $nvme persistent-event-log $c -a 1 -l 512
		4109 $nvme endurance-event-agg-log $c -e 1
		4109 $nvme lba-status-log $c
		4109 $nvme resv-notif-log $c
		4109 $nvme boot-part-log $c -f $work/boot
		4109 $nvme supported-log-pages $c
		4109 $nvme fid-support-effects-log $c
		4109 $nvme mi-cmd-support-effects-log $c
		4109 $nvme media-unit-stat-log $c
		4109 $nvme supported-cap-config-log $c
		4001 $nvme capacity-mgmt $c -o 0
		4001 $nvme lockdown $c -f 1 -o 1
		ok:No.RPMB $nvme rpmb $c -c info
		-1 $nvme dim $c -t 1 -n nqn.nobody
		ok:$ctrl $nvme show-topology
		ok:DHHC $nvme gen-dhchap-key
		-1 $nvme check-dhchap-key --key=nonsense
		# There is no configuration.
		-1 $nvme config --scan
	ROWS
}

# What no open-channel namespace has, on NS with OOB
refusals()
{
	cat <<-ROWS
		4001 $nvme write-zeroes $1 -s 0 -c 3
		4001 $nvme write-uncor $1 -s 0 -c 3
		4001 $nvme verify $1 -s 0 -c 3
		4001 $nvme compare $1 -s 0 -c 0 -z 4096 -d $work/data1 -y 16 -M $work/oob8
		$(no_such "$1")
	ROWS
}

# What no namespace has
no_such()
{
	cat <<-ROWS
		4001 $nvme get-lba-status $1 -s 0 -m 32 -a 16 -l 1
		4001 $nvme resv-acquire $1 -c 1 -t 1 -a 0
		4001 $nvme resv-register $1 -n 1 -r 0
		4001 $nvme resv-release $1 -c 1 -t 1 -a 0
		4001 $nvme resv-report $1 -d 64
		4002 $nvme format $1 --force -s 2
		4002 $nvme format $1 --force -l 0 -p 1
		ok $nvme flush $1
		ok $nvme flush $1 -n 0xffffffff
		4001 $nvme io-passthru $1 -o 0x55 -n ${1##*n}
	ROWS
}

# formats NS [FROM TO] - to another format and back
formats()
{
	cat <<-ROWS
		ok $nvme format $1 --force -l ${2:-1}
		check [[ \$(flbas $1) == ${2:-1} ]]
		ok $nvme format $1 --force -l ${3:-0} -s 1
		check [[ \$(flbas $1) == ${3:-0} ]]
		check wait_for 10 $1 test -b $1
	ROWS
}

open_channel()
{
	kinds
	rows <<-ROWS
		ok:nsze $nvme id-ns ${n[2]}
		ok $nvme write ${n[2]} -s 0 -c 63 -z 262144 -y 1024 -d $work/data -M $work/oob
		check read_back ${n[2]} 64 oob && cmp -n 1024 $work/backoob $work/oob
		4280 $nvme write ${n[2]} -s 0 -c 7 -z 32768 -y 128 -d $work/data8 -M $work/oob8
		42f2 $nvme write ${n[2]} -s 72 -c 7 -z 32768 -y 128 -d $work/data8 -M $work/oob8
		ok $nvme set-feature $c -n 2 -f 5 -v 0x10000
		ok:10000 $nvme get-feature $c -n 2 -f 5
		4287 $nvme read ${n[2]} -s 64 -c 0 -z 4096 -y 16 -d $work/back -M $work/backoob
		ok $nvme set-feature $c -n 2 -f 5 -v 0
		ok $nvme set-feature $c -n 2 -f 0xca -v 1
		ok:1 $nvme get-feature $c -n 2 -f 0xca
		42c1 $nvme io-passthru ${n[2]} -o 0x90 -n 2 --cdw10=64
		4080 $nvme dsm ${n[2]} -d -s 0 -b 8
		check [[ \$(chunk 1 0 0) == closed ]]
		ok $nvme dsm ${n[2]} -d -s 0 -b 64
		check [[ \$(chunk 1 0 0) == free ]]
		$(refusals "${n[2]}")
		$(formats "${n[2]}")
	ROWS
	lightnvm_rows
	stop
}

# "id-ns" and the tables of bad blocks are those of namespace 1 unless told, or whatever it is told
lightnvm_rows()
{
	modprobe pblk
	rows <<-ROWS
		ok:${n[2]##*/} nvme lnvm list
		ok:pblk nvme lnvm info
		ok:ver_major.*0x2 nvme lnvm id-ns ${n[2]} -n 2
		ok:verid.*0x1 nvme lnvm id-ns ${n[1]}
		ok:dom.*0x1 nvme lnvm id-ns ${n[3]} -n 3
		4001 nvme lnvm id-ns ${n[4]} -n 4
		ok:Total.chunks.in.namespace:.64 nvme lnvm chunk-log ${n[2]}
		4002 nvme lnvm chunk-log ${n[1]}
		4002 nvme lnvm chunk-log ${n[3]}
		-1 nvme lnvm chunk-log ${n[4]}
		ok:tblks.*32 nvme lnvm diag-bbtbl ${n[1]} -c 0 -l 0
		ok nvme lnvm diag-set-bbtbl ${n[1]} -c 0 -l 1 -p 1 -b 3 -v 2
		check [[ \$(chunk 0 1 7) == offline ]]
		ok:tgrown.*1 nvme lnvm diag-bbtbl ${n[1]} -c 0 -l 1
		ok nvme lnvm diag-set-bbtbl ${n[1]} -c 0 -l 1 -p 1 -b 3 -v 0
		check [[ \$(chunk 0 1 7) == free ]]
		-234 nvme lnvm diag-bbtbl ${n[1]} -c 1 -l 0
		ok nvme lnvm create -d ${n[2]##*/} -t pblk -n cli2
		check wait_for 10 cli2 test -b /dev/cli2
		-255 nvme lnvm create -d ${n[2]##*/} -t pblk -n cli2
		4015 nvme format ${n[2]} --force -l 0
		ok nvme lnvm remove -n cli2
		check [[ ! -e /dev/cli2 ]]
		ok nvme lnvm create -d ${n[1]##*/} -t pblk -n cli1 -b 0 -e 1 -o 50 -f
		check wait_for 10 cli1 test -b /dev/cli1
		ok nvme lnvm remove -n cli1
		check [[ ! -e /dev/cli1 ]]
		-255 nvme lnvm create -d ${n[3]##*/} -t pblk -n cli3
		-255 nvme lnvm create -d ${n[4]##*/} -t pblk -n cli4
		-255 nvme lnvm create -d ${n[2]##*/} -t rrpc -n cli2
		-1 nvme lnvm remove -n cli2
		ok nvme lnvm version
		ok nvme lnvm help
		# The kernel's lightnvm (5.10) says yes to these two and does nothing, on any device.
		ok nvme lnvm init -d ${ctrl}n9
		ok nvme lnvm factory -d ${ctrl}n9
	ROWS
}

planes()
{
	kinds
	rows <<-ROWS
		ok $nvme write ${n[1]} -s 0 -c 7 -z 32768 -y 128 -d $work/data8 -M $work/oob8
		check read_back ${n[1]} 8 oob && cmp -n 128 $work/backoob $work/oob
		40ff $nvme write ${n[1]} -s 0 -c 7 -z 32768 -y 128 -d $work/data8 -M $work/oob8
		4001 $nvme dsm ${n[1]} -d -s 0 -b 64
		$(refusals "${n[1]}")
		$(formats "${n[1]}")
		# The hybrid: blocks are where the host has put them, and nothing else writes any
		4001 $nvme write ${n[3]} -s 0 -c 7 -z 32768 -y 128 -d $work/data8 -M $work/oob8
		ok $nvme read ${n[3]} -s 0 -c 0 -z 4096 -y 16 -d $work/back -M $work/backoob
		4001 $nvme dsm ${n[3]} -d -s 0 -b 64
		$(refusals "${n[3]}")
		$(formats "${n[3]}")
	ROWS
	stop
}

blocks()
{
	kinds
	rows <<-ROWS
		ok $nvme write ${n[4]} -s 0 -c 15 -z 65536 -d $work/data
		check read_back ${n[4]} 16
		ok $nvme compare ${n[4]} -s 0 -c 0 -z 4096 -d $work/data1
		4285 $nvme compare ${n[4]} -s 1 -c 0 -z 4096 -d $work/data1
		ok $nvme write-zeroes ${n[4]} -s 0 -c 3
		check ! read_back ${n[4]} 1
		check cmp -n 4096 $work/back /dev/zero
		ok $nvme write-uncor ${n[4]} -s 8 -c 3
		4281 $nvme verify ${n[4]} -s 8 -c 0
		4281 $nvme read ${n[4]} -s 8 -c 0 -z 4096 -d $work/back
		ok $nvme verify ${n[4]} -s 12 -c 3
		ok $nvme dsm ${n[4]} -d -s 0 -b 16
		ok:nuse.*:.0 $nvme id-ns ${n[4]}
		4080 $nvme dsm ${n[4]} -d -s 0x1000000 -b 1
		$(no_such "${n[4]}")
		410a $nvme format ${n[4]} --force -l 0
		410a $nvme format ${n[4]} --force -l 1 -m 1
		$(formats "${n[4]}" 4 1)
	ROWS
	stop
}

# What only the newer one sends to namespaces; to it OOB is no matter of the user's
newer()
{
	local i

	nvme=nvme2
	kinds
	for i in 1 2 3 4; do
		rows <<-ROWS
			4001 $nvme copy ${n[i]} --sdlba=8 --slbs=0 --blocks=0
			4001 $nvme io-mgmt-recv ${n[i]} --mos=0 --mo=1 -l 64
			4001 $nvme io-mgmt-send ${n[i]} --mos=0 --mo=1
		ROWS
	done
	rows <<-ROWS
		ok $nvme write ${n[1]} -s 0 -c 7 -z 32768 -d $work/data8
		check read_back ${n[1]} 8
		ok $nvme write ${n[2]} -s 0 -c 63 -z 262144 -d $work/data
		check read_back ${n[2]} 64
		ok $nvme write ${n[4]} -s 0 -c 63 -z 262144 -d $work/data
		check read_back ${n[4]} 64
	ROWS
	stop
}

# No command that the tools have is missing above.
complete()
{
	local tool name text missing=()

	text=$(<"$guest/test-cli.sh")
	for tool in 'nvme' 'nvme2' 'nvme lnvm'; do
		# shellcheck disable=SC2086 # two words
		while read -r name; do
			# What is about TCP is no business of ours.
			[[ $name == *-tls-key || $text == *"${tool%2} $name"[[:space:]]* ]] ||
				missing+=("$tool $name")
		done < <($tool help 2>&1 |
			sed -nE '/installed plugin/q; s/^  ([a-z][a-z-]+)  +[A-Z].*/\1/p')
	done
	((!${#missing[@]})) || fail "not tried: ${missing[*]}"
}

for cli in "${clis[@]}"; do
	t "controller-$cli" 20 controller "$cli"
done
t oc20 15 open_channel
t oc12 10 planes
t block 10 blocks
[[ $FLAVOUR != plain ]] || {
	t newer 10 newer
	t complete 10 complete
}
