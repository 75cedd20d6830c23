#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Boot the test kernel in QEMU, run a command in it as root, and exit with its status,
# or with 99 when the command succeeded but the kernel log shows a fault.

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$here/lib.sh"

flavour=plain limit=900 memory=3072 cpus=2 share=$PWD lab='' out='' interactive=0
tmp='' qemu_pid='' relay_pid=''

usage()
{
	cat <<USAGE
usage: ${0##*/} [-f plain|debug|kcsan] [-t SECONDS] [-m MIB] [-c CPUS] [-s SHARE_DIR]
             [-o OUT_DIR] [-w DIR] [-i] [--] COMMAND [ARG...]
  -f  kernel flavour (default plain)
  -t  time for the whole run, 0 for no limit (default 900; 0 with -i)
  -m  memory (default 3072; a leak scan takes 5 s per GiB)   -c  processors (default 2)
  -s  host directory the command finds, read-only, as its working directory /share
      (default: the current directory)
  -o  host directory the command can write as /out (default: a temporary one); it gets
      output.log, dmesg.log, kernel.log (console), kmemleak.log (debug) and
      faults.log, the lines of those that tell of a fault
  -w  host directory that is /lab, to read and write, nothing of it cached on either side
  -i  run COMMAND (default: a shell) on this terminal; the log is not judged
Log lines that match scripts/known-log-lines.txt or /out/expected-log-patterns, which a
command may write, are no fault.
Exit status: the command's; 99 fault in the kernel log; 98 the VM died; 97 time ran out
Environment: OC_LEAKS=0 skips the kmemleak scan, OC_APPEND adds to the kernel's command
line, OC_QEMU_ARGS to QEMU's, OC_ACCEL is its accelerator (default: kvm where that works, else
tcg,thread=multi); OC_CACHE, OC_MIRROR, OC_SECURITY_MIRROR
USAGE
}

# shellcheck disable=SC2317 # reached through the trap
cleanup()
{
	# timeout passes the signal on to QEMU.
	[[ -z $qemu_pid ]] || kill "$qemu_pid" 2>/dev/null || true
	[[ -z $relay_pid ]] || kill "$relay_pid" 2>/dev/null || true
	[[ -z $tmp ]] || rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A KVM device on a machine without the extension can hang a guest for ever. Emulated, "rep movsb"
# goes byte by byte, and the kernel copies and clears with it where the processor says that it
# is fast: 10 us more for each page.
accelerator()
{
	if [[ ${OC_ACCEL:-} ]]; then
		printf '%s\n' -accel "$OC_ACCEL" -cpu max,erms=off
	elif grep -qE -m 1 '^flags.* (vmx|svm)( |$)' /proc/cpuinfo &&
		{ : <>/dev/kvm; } 2>/dev/null; then
		printf '%s\n' -accel kvm -cpu host
	else
		printf '%s\n' -accel tcg,thread=multi -cpu max,erms=off
	fi
}

# tsc_khz - print how fast this machine's time stamp counter is, which is an emulated processor's
# too; nothing where it cannot be told. A guest of a busy machine measures it wrong, once 60 times
# too slow: its seconds were over in no time, and it took its processors for stuck.
tsc_khz()
{
	local dir

	dir=$(mktemp -d) || return 0
	cat >"$dir/tsc.c" <<'TSC'
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

/* Both at the same time: of ten tries the one that took least */
static void look(unsigned long long *tsc, unsigned long long *ns)
{
	unsigned long long least = -1ULL, from, to;
	struct timespec ts;
	int i;

	for (i = 0; i < 10; i++) {
		from = __rdtsc();
		clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
		to = __rdtsc();
		if (to - from >= least)
			continue;
		least = to - from;
		*tsc = from + least / 2;
		*ns = ts.tv_sec * 1000000000ULL + ts.tv_nsec;
	}
}

int main(void)
{
	unsigned long long tsc[2], ns[2];

	look(&tsc[0], &ns[0]);
	usleep(50000);
	look(&tsc[1], &ns[1]);
	printf("%.0f\n", (tsc[1] - tsc[0]) * 1e6 / (ns[1] - ns[0]));
}
TSC
	if gcc -O1 -o "$dir/tsc" "$dir/tsc.c" 2>/dev/null; then
		"$dir/tsc"
	fi
	rm -rf "$dir"
}

# write_command ARG... - what vm-init.sh runs, with this terminal's size.
write_command()
{
	{
		((!interactive)) || printf 'stty rows %s cols %s\nexport TERM=%q\n' \
			"$(tput lines || echo 24)" "$(tput cols || echo 80)" "${TERM:-linux}"
		printf 'exec'
		printf ' %q' "$@"
		printf '\n'
	} >"$out/command"
}

# folder TAG DIR [OPTION] - one more 9p share; the arguments end up in qemu_args.
folder()
{
	[[ $2 != *,* ]] || die "QEMU cannot share a path with a comma: $2"
	qemu_args+=(-virtfs
		"local,mount_tag=$1,path=$2,security_model=none,multidevs=remap${3:-}")
}

make_qemu_args()
{
	local kdir=$1 image=$2 words=${OC_QEMU_ARGS:-} append kernel extra khz=

	mapfile -t qemu_args < <(accelerator)
	[[ ${qemu_args[1]} != kvm ]] || info "using KVM"
	# Where QEMU counts instructions for a clock, they are the guest's counter
	[[ ${qemu_args[1]} != tcg* || "$words ${OC_ACCEL:-}" == *icount* ]] || khz=$(tsc_khz)
	# norandmaps: emulation translates code for the address it is at, and all of a program and
	# its libraries again when it starts at another one, which takes longer than to run them.
	# maxcpus=1: vm-init.sh starts the other processors. QEMU 7.2 without KVM can send one
	# processor's APIC access to a wrong device, and abort, while another one maps a BAR.
	append="root=/dev/vda rw init=/sbin/oc-init console=ttyS0 loglevel=5 oops=panic panic=-1
		norandmaps maxcpus=1 tsc=reliable clocksource=tsc ${khz:+tsc_early_khz=$khz} mitigations=off no_timer_check
		printk.devkmsg=on oc.shell=$interactive oc.lab=${lab:+1} oc.leaks=${OC_LEAKS:-1} ${OC_APPEND:-}"
	# Booted by its PVH entry, vmlinux need not be unpacked; KASAN does not survive that entry.
	[[ $flavour == plain ]] && kernel=$kdir/vmlinux || kernel=$kdir/arch/x86/boot/bzImage
	qemu_args+=(-M "q35,smm=off" -m "$memory" -smp "$cpus" -nodefaults -no-user-config -no-reboot
		-display none -kernel "$kernel" -append "${append//[$'\n\t']/ }"
		-serial "file:$out/kernel.log" -device virtio-serial-pci
		-drive "file=$image,format=raw,if=virtio,snapshot=on")
	folder oc "$here" ,readonly=on
	folder mods "$kdir/mods/lib/modules" ,readonly=on
	folder share "$share" ,readonly=on
	folder out "$out"
	[[ ! $lab ]] || folder lab "$lab"
	if ((interactive)); then
		qemu_args+=(-chardev "stdio,id=term,mux=on,signal=off"
			-device "virtconsole,chardev=term")
	else
		qemu_args+=(-chardev "file,id=term,path=$tmp/output"
			-device "virtserialport,chardev=term,nr=1")
	fi
	read -ra extra <<<"${words//[$'\n\t']/ }"
	qemu_args+=("${extra[@]}")
}

# Run QEMU under the time limit; its exit status ends up in qemu_status (124: time ran out).
run_qemu()
{
	local hold run=(timeout --foreground -k 5 "$limit" qemu-system-x86_64 "${qemu_args[@]}")

	qemu_status=0
	if ((interactive)); then
		"${run[@]}" || qemu_status=$?
		return
	fi
	# Held open here, so that neither end waits for the other and the relay ends after us.
	mkfifo "$tmp/output"
	exec {hold}<>"$tmp/output"
	tee "$out/output.log" <"$tmp/output" {hold}>&- &
	relay_pid=$!
	"${run[@]}" </dev/null >&2 {hold}>&- &
	qemu_pid=$!
	wait "$qemu_pid" || qemu_status=$?
	qemu_pid=
	exec {hold}>&-
	wait "$relay_pid" || true
	relay_pid=
}

# Print the fault lines of the kernel's messages; true when there are none.
judge_log()
{
	local hits=$out/faults.log log=() expected=() file

	for file in dmesg.log kernel.log kmemleak.log; do
		[[ ! -e $out/$file ]] || log+=("$out/$file")
	done
	[[ ! -s $out/expected-log-patterns ]] || expected=(-e "$out/expected-log-patterns")
	oc_judge_log "${expected[@]}" "$hits" "${log[@]}"
	[[ -s $hits ]] || return 0
	info "faults in the kernel log ($out/dmesg.log or kernel.log):"
	head -n 40 "$hits" >&2
	return 1
}

while getopts :f:t:m:c:s:o:w:ih opt; do
	case $opt in
	f) flavour=$OPTARG ;;
	t) limit=$OPTARG ;;
	m) memory=$OPTARG ;;
	c) cpus=$OPTARG ;;
	s) share=$OPTARG ;;
	o) out=$OPTARG ;;
	w) lab=$OPTARG ;;
	i) interactive=1 ;;
	h) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[[ $flavour == plain || $flavour == debug || $flavour == kcsan ]] || { usage >&2; exit 2; }
if ((interactive)); then
	limit=0
	(($#)) || set -- /bin/bash -l
fi
(($#)) || { usage >&2; exit 2; }
[[ -d $share ]] || die "no such directory: $share"
[[ ! $lab || -d $lab ]] || die "no such directory: $lab"

need_packages qemu-system-x86 gcc libc6-dev
kdir=$("$here/kernel.sh" "$flavour")
image=$("$here/rootfs.sh")
tmp=$(mktemp -d)
if [[ -z $out ]]; then
	out=$(mktemp -d "${TMPDIR:-/tmp}/ocloop-vm.XXXXXX")
	info "the logs go to $out"
fi
mkdir -p "$out"
share=$(realpath "$share")
[[ ! $lab ]] || lab=$(realpath "$lab")
out=$(realpath "$out")
rm -f "$out"/{status,command-status,expected-log-patterns,{output,dmesg,kernel,kmemleak,faults}.log}
: >"$out/kernel.log"
write_command "$@"
make_qemu_args "$kdir" "$image"
run_qemu

if [[ ! -s $out/status ]]; then
	((interactive)) && exit 0
	judge_log || true
	info "last lines of the console, $out/kernel.log:"
	tail -n 40 "$out/kernel.log" >&2
	[[ $qemu_status -eq 124 ]] && { info "time ran out after $limit seconds"; exit 97; }
	info "the VM died (QEMU's status $qemu_status)"
	exit 98
fi
status=$(<"$out/status")
if ((!interactive)) && ! judge_log; then
	[[ $status -ne 0 ]] || status=99
fi
exit "$status"
