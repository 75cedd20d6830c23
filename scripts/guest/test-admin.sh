#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Admin commands with nvme-cli 1.12 (nvme) and 2.x (nvme2).

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

use()
{
	nvme=nvme
	start "${small[@]}" serial=ADMIN-SN 'model="admin model"'
	nvme=$1
	"${@:2}"
	nvme=nvme
	stop
}

# field NAME TEXT - the value of a line "NAME : value" of the tools' output.
field()
{
	local - line IFS=$'\n'

	set +x -f
	for line in $2; do
		[[ ${line,,} =~ ^${1,,}[[:blank:]]*:\ * ]] || continue
		line=${line:${#BASH_REMATCH}}
		line=${line%"${line##*[! ]}"}
		[[ ! $line =~ ^(.*)\ \([^\)]*\)$ ]] || line=${BASH_REMATCH[1]}
		printf '%s\n' "$line"
		return
	done
}

id_ctrl()
{
	local id

	id=$("$nvme" id-ctrl "/dev/$ctrl")
	same sn "$(field sn "$id")" ADMIN-SN
	same mn "$(field mn "$id")" 'admin model'
	same fr "$(field fr "$id")" "$(modinfo -F version "$OC_KO")"
	same cntlid "$(field cntlid "$id")" "$(printf '0x%x' "$(<"/sys/class/nvme/$ctrl/cntlid")")"
	same ver "$(field ver "$id")" 0x10400
	same cmic "$(field cmic "$id")" 0
	same mdts "$(field mdts "$id")" 6
	same kas "$(field kas "$id")" 1
	same oaes "$(field oaes "$id")" 0x100
	# Effects log and offsets; DSM, save and select, timestamp
	same lpa "$(field lpa "$id")" 0x6
	same oncs $(($(field oncs "$id") & 0x54)) $((0x54))
	same elpe "$(field elpe "$id")" 63
	same wctemp "$(field wctemp "$id")" 343
	same nn "$(field nn "$id")" 2
	same sqes "$(field sqes "$id")" 0x66
	same cqes "$(field cqes "$id")" 0x44
	same tnvmcap "$(field tnvmcap "$id")" $((2 * 123 * 256 * 4096))
	same unvmcap "$(field unvmcap "$id")" 0
	same subnqn "$(field subnqn "$id")" "$nqn"
	has '"sn" *: *"ADMIN-SN' "$("$nvme" id-ctrl "/dev/$ctrl" -o json)"
}

id_ns()
{
	local id guid

	id=$("$nvme" id-ns "/dev/$ns")
	same nsze "$(field nsze "$id")" 0x10000
	same ncap "$(field ncap "$id")" 0x10000
	same flbas "$(field flbas "$id")" 0
	# What a block namespace would have of it: all but 5 of 128 chunks, on two channels
	same nvmcap "$(field nvmcap "$id")" $((2 * 123 * 256 * 4096))
	has '^lbaf +0 : ms:16 +lbads:12 .*in use' "$id"
	guid=$(field nguid "$id")
	has '^[0-9a-f]{24}01000000$' "$guid"
	has "nguid *: $guid" "$("$nvme" ns-descs "/dev/$ns")"
	same 'GUID in sysfs' "$(tr -d - <"/sys/block/$ns/nguid")" "$guid"
	# The same namespace has the same name after a reload, another one has another.
	nvme=nvme
	stop
	start "${small[@]}"
	same 'GUID after a reload' "$(field nguid "$(nvme id-ns "/dev/$ns")")" "$guid"
	stop
	nqn=nqn.2026-11.test:other
	start "${small[@]}" subsysnqn="$nqn"
	[[ $(field nguid "$(nvme id-ns "/dev/$ns")") != "$guid" ]] || fail "two have GUID $guid"
}

list_ns()
{
	same 'list of namespaces' "$("$nvme" list-ns "/dev/$ctrl")" '[   0]:0x1'
	same 'list of all namespaces' "$("$nvme" list-ns "/dev/$ctrl" --all)" '[   0]:0x1'
	refused "$nvme" id-ns "/dev/$ctrl" -n 300
	refused "$nvme" ns-descs "/dev/$ctrl" -n 2
}

# smart PATTERN - a number of the SMART log.
smart()
{
	field "$1" "$("$nvme" smart-log "/dev/$ctrl")"
}

smart_log()
{
	local reads writes units_read units_written log

	log=$("$nvme" smart-log "/dev/$ctrl")
	has '^temperature.*: 40' "$log"
	has '^available_spare[[:space:]]*: 100%' "$log"
	same critical_warning "$(field critical_warning "$log")" 0
	same errors "$(field num_err_log_entries "$log")" 0
	reads=$(smart host_read_commands)
	writes=$(smart host_write_commands)
	units_read=$(smart 'data.units.read')
	units_written=$(smart 'data.units.written')
	# 16 writes of 256 KiB, 4 MiB: 8.4 data units of 1000 * 512 bytes
	dd if=/dev/zero of="/dev/$ns" bs=256k count=16 oflag=direct status=none
	same 'writes' $(($(smart host_write_commands) - writes)) 16
	same 'data units written' $(($(smart 'data.units.written') - units_written)) 9
	dd if="/dev/$ns" of=/dev/null bs=256k count=16 iflag=direct status=none
	same 'reads' $(($(smart host_read_commands) - reads)) 16
	at_least 'data units read' $(($(smart 'data.units.read') - units_read)) 8
	# Of one namespace there is none
	refused "$nvme" smart-log "/dev/$ctrl" -n 1
	has '4002|INVALID_FIELD|Invalid Field' "$said"
}

# Chunks that are good for one reset each
wear()
{
	local i

	nvme=nvme
	stop
	start "${small[@]}" mccap=6 endurance=1
	same 'percentage used' "$(smart 'percentage.used' | tr -d %)" 0
	for ((i = 0; i < 8; i++)); do
		nvme io-passthru "/dev/$ns" -o 0x90 -n 1 --cdw10=$((i * 256))
	done
	# 8 of 256
	same 'percentage used' "$(smart 'percentage.used' | tr -d %)" 3
}

effects_log()
{
	local raw csi=()

	# 2.x finds no command set in the capabilities of this transport, and says nothing.
	[[ $nvme == nvme ]] || csi=(--csi=0)
	has 'Identify' "$("$nvme" effects-log "/dev/$ctrl" "${csi[@]}")"
	raw=$("$nvme" get-log "/dev/$ctrl" -i 5 -l 4096 -b | od -An -v -tx4 -w4 | tr -d ' ')
	mapfile -t raw <<<"$raw"
	same dwords ${#raw[@]} 1024
	same 'delete queue' "${raw[0]}" 00000000
	same identify "${raw[6]}" 00000001
	same geometry "${raw[0xe2]}" 00000001
	same flush "${raw[256]}" 00000001
	same write "${raw[257]}" 00000003
	same 'vector reset' "${raw[256 + 0x90]}" 00000003
	same 'vector read' "${raw[256 + 0x92]}" 00000001
	same 'I/O opcode 0xff' "${raw[511]}" 00000000
}

# What the device warns of, it warns of in the log, too.
temperature()
{
	same critical_warning "$(($(smart critical_warning)))" 0
	"$nvme" set-feature "/dev/$ctrl" -f 4 -v 300
	same critical_warning "$(($(smart critical_warning)))" 2
	"$nvme" set-feature "/dev/$ctrl" -f 4 -v 400
	same critical_warning "$(($(smart critical_warning)))" 0
	"$nvme" set-feature "/dev/$ctrl" -f 4 -v $((1 << 20 | 330))
	same critical_warning "$(($(smart critical_warning)))" 2
	same 'under-temperature threshold' "$(feature 4 --cdw11=0x100000)" 14a
}

error_log()
{
	local log

	log=$("$nvme" error-log "/dev/$ctrl" -e 4)
	has '^error_count[[:space:]]*: 0$' "$log"
	has_not '^error_count[[:space:]]*: [1-9]' "$log"
	# A write of nothing-at-all's place, and an opcode that is none
	refused nvme io-passthru "/dev/$ctrl" -o 0x90 -n 1 --cdw10=0x300
	refused nvme admin-passthru "/dev/$ctrl" -o 0xc7 -n 1
	log=$("$nvme" error-log "/dev/$ctrl" -e 4)
	# The newest comes first.
	same 'error counts' "$(sed -n 's/^error_count[ \t]*: //p' <<<"$log" | xargs)" '2 1 0 0'
	has '^status_field[[:space:]]*: .*(4001|0x1|INVALID_OPCODE|Invalid Command Opcode)' "$log"
	has '^lba[[:space:]]*: (0x300|768)$' "$log"
	same 'number of errors in the SMART log' "$(smart num_err_log_entries)" 2
}

fw_log()
{
	local log

	log=$("$nvme" fw-log "/dev/$ctrl")
	has '^afi *: 0x1$' "$log"
	has '^frs1 *:.*\(1\.0' "$log"
}

# feature ID [OPTION...] - its value, without leading zeroes.
feature()
{
	local text

	text=$("$nvme" get-feature "/dev/$ctrl" -f "$@")
	[[ ! $text =~ value:\ *(0x)?0*([0-9a-f]+)\ *($|$'\n') ]] || echo "${BASH_REMATCH[2]}"
}

features()
{
	local id nr stamp

	nr=$(($(nproc) - 1))
	same arbitration "$(feature 1)" 7
	same 'power management' "$(feature 2)" 0
	same 'temperature threshold' "$(feature 4)" 157
	same 'under-temperature threshold' "$(feature 4 --cdw11=0x100000)" 0
	same 'error recovery' "$(feature 5 -n 1)" 0
	same queues "$(feature 7)" "$(printf '%x' $((nr << 16 | nr)))"
	same 'write atomicity' "$(feature 0xa)" 0
	same 'event configuration' "$(feature 0xb)" 100
	same 'keep-alive timer' "$(feature 0xf)" 3a98
	id=$("$nvme" get-feature "/dev/$ctrl" -f 0x81 --cdw11=1 -l 16)
	has '6f 63 6c 6f 6f 70 40 00|6c 63|oclo' "$id"
	# The volatile write cache, interrupts and what is reserved: there is none of it.
	for id in 3 6 8 9 0xc 0x10 0x7f 0xc0; do
		refused "$nvme" get-feature "/dev/$ctrl" -f $id
		has '4002|INVALID_FIELD|Invalid Field' "$said"
	done
	refused "$nvme" get-feature "/dev/$ctrl" -f 4 -s 4
	# The kernel has set the time when it connected.
	stamp=$("$nvme" get-feature "/dev/$ctrl" -f 0xe -l 8 -b | od -An -tu8 -w8 | tr -d ' ')
	same 'timestamp origin' $((stamp >> 49)) 1
	stamp=$(((stamp & ((1 << 48) - 1)) / 1000))
	at_least timestamp "$stamp" $(($(date +%s) - 120))
	at_most timestamp "$stamp" "$(date +%s)"
}

# Current, default and saved values, and what can be done with them.
selectors()
{
	"$nvme" set-feature "/dev/$ctrl" -f 4 -v 0x150
	same current "$(feature 4 -s 0)" 150
	same default "$(feature 4 -s 1)" 157
	same saved "$(feature 4 -s 2)" 157
	same capabilities "$(feature 4 -s 3)" 4
	refused "$nvme" set-feature "/dev/$ctrl" -f 4 -v 0x150 -s
	has '410d|NOT_SAVEABLE|[Nn]ot [Ss]aveable' "$said"
	same 'capabilities of error recovery' "$(feature 5 -n 1 -s 3)" 7
	same 'capabilities of the host identifier' "$(feature 0x81 --cdw11=1 -l 16 -s 3)" 0
	"$nvme" set-feature "/dev/$ctrl" -n 1 -f 5 -v 0x10007 -s
	"$nvme" set-feature "/dev/$ctrl" -n 1 -f 5 -v 1
	same current "$(feature 5 -n 1)" 1
	same saved "$(feature 5 -n 1 -s 2)" 10007
	same default "$(feature 5 -n 1 -s 1)" 0
	# What is saved outlives a reset and a reconnect, not the module.
	"$nvme" reset "/dev/$ctrl"
	wait_for 10 'a live controller' live
	same 'current after a reset' "$(feature 5 -n 1)" 10007
	nvme=nvme
	disconnect
	connect
	same 'current after a reconnect' "$(feature 5 -n 1)" 10007
	refused dd if="/dev/$ns" of=/dev/null bs=4k count=1 iflag=direct
	stop
	start "${small[@]}"
	same 'current after a reload' "$(feature 5 -n 1)" 0
}

aborts()
{
	# Nothing there to abort: bit 0 of the result is set.
	has 'result: *(0x)?0*1\>' "$("$nvme" admin-passthru "/dev/$ctrl" -o 8 \
		--cdw10=0x00070001 2>&1)"
}

set_features()
{
	"$nvme" set-feature "/dev/$ctrl" -f 4 -v 0x150
	same 'temperature threshold' "$(feature 4)" 150
	"$nvme" set-feature "/dev/$ctrl" -f 4 -v 0x100010
	same 'temperature threshold' "$(feature 4)" 150
	# DULBE: reading what was never written is an error, and no longer so after a reset.
	"$nvme" set-feature "/dev/$ctrl" -n 1 -f 5 -v 0x10000
	same 'error recovery' "$(feature 5 -n 1)" 10000
	refused dd if="/dev/$ns" of=/dev/null bs=4k count=1 iflag=direct
	refused "$nvme" set-feature "/dev/$ctrl" -n 7 -f 5 -v 0x10000
	"$nvme" set-feature "/dev/$ctrl" -f 1 -v 0x01020303
	same arbitration "$(feature 1)" 1020303
	refused "$nvme" set-feature "/dev/$ctrl" -f 2 -v 1
	refused "$nvme" set-feature "/dev/$ctrl" -f 7 -v 0x10001
	refused "$nvme" set-feature "/dev/$ctrl" -f 0x6 -v 1
	refused "$nvme" set-feature "/dev/$ctrl" -f 4 -v 0x150 -s
	"$nvme" reset "/dev/$ctrl"
	wait_for 10 'a live controller' live
	same 'temperature threshold after a reset' "$(feature 4)" 157
	same 'error recovery after a reset' "$(feature 5 -n 1)" 0
	dd if="/dev/$ns" of=/dev/null bs=4k count=1 iflag=direct status=none
}

live()
{
	[[ $(<"/sys/class/nvme/$ctrl/state") == live ]]
}

registers()
{
	local regs

	if [[ $nvme == nvme ]]; then
		regs=$(nvme show-regs "/dev/$ctrl")
		has '^cap +: .*f0103ff$' "$regs"
		has '^version +: 10400$' "$regs"
		has '^cc +: 460001$' "$regs"
		has '^csts +: 1$' "$regs"
	else
		# show-regs of this version gives up at the first property that is none.
		has 'value: 200f0103ff$' "$(nvme2 get-property "/dev/$ctrl" --offset=0)"
		has 'value: 10400$' "$(nvme2 get-property "/dev/$ctrl" --offset=8)"
		has 'value: 460001$' "$(nvme2 get-property "/dev/$ctrl" --offset=0x14)"
		has 'value: 1$' "$(nvme2 get-property "/dev/$ctrl" --offset=0x1c)"
		refused nvme2 get-property "/dev/$ctrl" --offset=0x38
	fi
}

resets()
{
	local i cntlid

	noise "$work/tmp.a" 1024
	dd if="$work/tmp.a" of="/dev/$ns" bs=256k oflag=direct status=none
	for ((i = 0; i < 3; i++)); do
		"$nvme" reset "/dev/$ctrl"
		wait_for 10 'a live controller' live
		cntlid=$(field cntlid "$("$nvme" id-ctrl "/dev/$ctrl")")
		same cntlid "$cntlid" "$(printf '0x%x' "$(<"/sys/class/nvme/$ctrl/cntlid")")"
	done
	uncached "/dev/$ns"
	cmp -n $((1 << 20)) "$work/tmp.a" "/dev/$ns"
	same 'namespaces' "$(namespaces "$ctrl")" "$ns"
}

rescan()
{
	"$nvme" ns-rescan "/dev/$ctrl"
	wait_for 5 'the namespace' test -b "/dev/$ns"
	same 'namespaces' "$(namespaces "$ctrl")" "$ns"
	nvme id-ns "/dev/$ns" >/dev/null
}

# Commands that are none, lengths that do not match: an error, and life goes on.
nonsense()
{
	local op

	for op in 0x00 0x01 0x04 0x05 0x0d 0x10 0x11 0x15 0xe1 0xe3 0xff; do
		refused "$nvme" admin-passthru "/dev/$ctrl" -o $op -n 1
	done
	for op in 0x03 0x04 0x05 0x08 0x0d 0x80 0x93 0xff; do
		refused "$nvme" io-passthru "/dev/$ns" -o $op -n 1
	done
	# Identify: no such structure, too little room; geometry of no namespace
	refused "$nvme" admin-passthru "/dev/$ctrl" -o 6 --cdw10=0xfe -l 4096 -r
	refused "$nvme" admin-passthru "/dev/$ctrl" -o 6 --cdw10=1 -l 2048 -r
	refused "$nvme" admin-passthru "/dev/$ctrl" -o 6 --cdw10=1
	refused "$nvme" admin-passthru "/dev/$ctrl" -o 0xe2 -n 2 -l 4096 -r
	refused "$nvme" admin-passthru "/dev/$ctrl" -o 0xe2 -n 0xffffffff -l 4096 -r
	"$nvme" admin-passthru "/dev/$ctrl" -o 0xe2 -n 1 -l 4096 -r -b | cmp -n 2 - <(printf '\2\0')
	# Logs: none such, longer than the buffer, an odd offset, past the end
	refused "$nvme" get-log "/dev/$ctrl" -i 0x7 -l 512
	refused "$nvme" admin-passthru "/dev/$ctrl" -o 2 --cdw10=0x03ff0002 -l 512 -r
	refused "$nvme" admin-passthru "/dev/$ctrl" -o 2 --cdw10=0x007f0002 --cdw12=2 -l 512 -r
	refused "$nvme" admin-passthru "/dev/$ctrl" -o 2 --cdw10=0x007f0002 --cdw13=1 -l 512 -r
	# Vectors: 65 addresses, a list and a metadata pointer that nobody handed out
	refused "$nvme" io-passthru "/dev/$ns" -o 0x92 -n 1 --cdw12=64 -l 266240 -r
	refused "$nvme" io-passthru "/dev/$ns" -o 0x92 -n 1 --cdw10=0x1000000 --cdw12=1 -l 8192 -r
	refused "$nvme" io-passthru "/dev/$ns" -o 0x92 -n 1 --cdw10=0xfffffff8 \
		--cdw11=0xffffffff --cdw12=7 -l 32768 -r
	refused "$nvme" io-passthru "/dev/$ns" -o 0x92 -n 1 --cdw2=0 --cdw12=0 -l 512 -r
	refused "$nvme" io-passthru "/dev/$ns" -o 2 -n 1 --cdw10=0x10000 -l 4096 -r
	refused "$nvme" io-passthru "/dev/$ns" -o 2 -n 1 --cdw12=7 -l 4096 -r
	refused "$nvme" io-passthru "/dev/$ns" -o 1 -n 1 --cdw12=3 -l 4096 -w -i /dev/zero
	same 'bytes stored' "$(data_bytes)" 0
	"$nvme" id-ctrl "/dev/$ctrl" >/dev/null
	dd if=/dev/zero of="/dev/$ns" bs=256k count=1 oflag=direct status=none
}

# Without CAP_SYS_ADMIN, even one who may open the nodes gets nowhere.
nobody()
{
	local as=(setpriv --reuid=65534 --regid=65534 --clear-groups)

	modprobe pblk
	for node in "/dev/$ctrl" "/dev/$ns" /dev/nvme-fabrics; do
		refused "${as[@]}" dd if="$node" of=/dev/null bs=4k count=1
	done
	[[ ! -e /dev/lightnvm/control ]] ||
		refused "${as[@]}" dd if=/dev/lightnvm/control of=/dev/null count=1
	refused "${as[@]}" cat "$debug/memory"
	"${as[@]}" "$nvme" disconnect -n "$nqn" || true
	same controllers "$(controllers)" "$ctrl"
	refused "${as[@]}" "$nvme" connect -t loop -n "$nqn"
	chmod 666 "/dev/$ctrl" "/dev/$ns"
	refused "${as[@]}" "$nvme" admin-passthru "/dev/$ctrl" -o 6 --cdw10=1 -l 4096 -r
	has 'Permission denied|Operation not permitted' "$said"
	refused "${as[@]}" "$nvme" io-passthru "/dev/$ns" -o 2 -n 1 -l 4096 -r
	refused "${as[@]}" "$nvme" io-passthru "/dev/$ctrl" -o 0x90 -n 1
	refused "${as[@]}" "$nvme" reset "/dev/$ctrl"
	refused "${as[@]}" "$nvme" ns-rescan "/dev/$ctrl"
	refused "${as[@]}" nvme lnvm create -d "$ns" -n tgt -t pblk -b 0 -e 7
	[[ ! -e /dev/tgt ]] || fail 'nobody made a target'
	live
}

for cli in "${clis[@]}"; do
	t "id-ctrl-$cli" 10 use "$cli" id_ctrl
	t "id-ns-$cli" 15 use "$cli" id_ns
	t "list-ns-$cli" 10 use "$cli" list_ns
	t "smart-log-$cli" 10 use "$cli" smart_log
	t "wear-$cli" 15 use "$cli" wear
	t "effects-log-$cli" 10 use "$cli" effects_log
	t "temperature-$cli" 10 use "$cli" temperature
	t "error-log-$cli" 10 use "$cli" error_log
	t "fw-log-$cli" 10 use "$cli" fw_log
	t "get-feature-$cli" 15 use "$cli" features
	t "set-feature-$cli" 15 use "$cli" set_features
	t "selectors-$cli" 20 use "$cli" selectors
	t "abort-$cli" 10 use "$cli" aborts
	t "registers-$cli" 10 use "$cli" registers
	t "reset-$cli" 15 use "$cli" resets
	t "ns-rescan-$cli" 10 use "$cli" rescan
	t "nobody-$cli" 15 use "$cli" nobody
done
# A log may be longer than a transfer of I/O: tools ask for all of it at once.
long_logs()
{
	local cli said from

	start num_grp=2 num_pu=4 num_chk=2048 clba=16 mw_cunits=0
	same mdts "$(nvme id-ctrl "/dev/$ctrl" | sed -n 's/^mdts *: //p')" 6
	nvme lnvm chunk-log "/dev/$ns" >"$work/tmp.text"
	same 'the first line' "$(head -n 1 "$work/tmp.text")" 'Total chunks in namespace: 16384'
	same 'lines of chunks' "$(grep -c SLBA: "$work/tmp.text")" 16384
	has '\[16383\] . SLBA: 0x0*3fff0,' "$(tail -n 1 "$work/tmp.text")"
	# The most there is, 4 MiB, of a log of 512 KiB; the same as by small pieces
	for cli in "${clis[@]}"; do
		"$cli" admin-passthru "/dev/$ctrl" -o 2 -n 1 -l 4194304 -r -b --cdw10=0xffff00ca \
			--cdw11=0xf >"$work/tmp.log"
		same 'bytes of the log' "$(stat -c %s "$work/tmp.log")" 4194304
		"$cli" get-log "/dev/$ctrl" -n 1 -i 0xca -l 524288 -b | cmp -n 524288 - "$work/tmp.log"
	done
	for from in 0 65532 262144 520192; do
		nvme admin-passthru "/dev/$ctrl" -o 2 -n 1 -l 4096 -r -b --cdw10=0x3ff00ca \
			--cdw12=$from >"$work/tmp.piece"
		cmp -n 4096 -i 0:$from "$work/tmp.piece" "$work/tmp.log"
	done
	cmp -n $((4194304 - 524288)) -i 524288:0 "$work/tmp.log" /dev/zero
	# Other logs are zeroes behind their end
	nvme admin-passthru "/dev/$ctrl" -o 2 -l 4194304 -r -b --cdw10=0xffff0002 \
		--cdw11=0xf >"$work/tmp.log"
	cmp -n $((4194304 - 512)) -i 512:0 "$work/tmp.log" /dev/zero
	# nvme-core looks at the controller again, and at what it may be sent
	refused nvme delete-ns "/dev/$ctrl" -n 9
	nvme lnvm chunk-log "/dev/$ns" >"$work/tmp.text"
	# Longer ones, though the kernel would carry them
	for from in 4194308 16777216; do
		refused nvme admin-passthru "/dev/$ctrl" -o 2 -n 1 -l $from -r \
			--cdw10=$(((from / 4 - 1) % 65536 << 16 | 0xca)) --cdw11=$(((from / 4 - 1) >> 16))
		has '4002|INVALID_FIELD' "$said"
	done
	# After a reset as well; and I/O has its own limit
	nvme reset "/dev/$ctrl"
	wait_for 10 'the whole log' nvme lnvm chunk-log "/dev/$ns"
	same 'kilobytes of a transfer' "$(<"/sys/block/$ns/queue/max_hw_sectors_kb")" 256
}

# bad_chunk N - chunk N is written and not reset, which is news.
bad_chunk()
{
	dd if=/dev/zero of="/dev/$ns" bs=64k seek=$(($1 * 16)) count=1 oflag=direct status=none
	refused nvme io-passthru "/dev/$ctrl" -o 0x90 -n 1 --cdw10=$(($1 * 256))
}

# newest LENGTH - the number of the first entry of the notification log.
newest()
{
	nvme get-log "/dev/$ctrl" --log-id=0xd0 --log-len="$1" --raw-binary >"$work/tmp.log"
	od -An -tu8 -N8 "$work/tmp.log" | tr -d ' '
}

# What the host has read stays read when the controller is reset.
notices()
{
	local i

	start "${small[@]}" faults=reset-fail
	for ((i = 0; i < 3; i++)); do
		bad_chunk $i
	done
	same 'first of the new ones' "$(newest 128)" 1
	nvme reset "/dev/$ctrl"
	same 'first of the new ones' "$(newest 4096)" 3
	nvme reset "/dev/$ctrl"
	bad_chunk 3
	same 'first of the new ones' "$(newest 4096)" 4
}

t nonsense 20 use nvme nonsense
t long-logs 20 long_logs
t notices 10 notices
