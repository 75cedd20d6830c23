#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Out of memory: allocations fail. Commands may fail, what was acknowledged is there,
# nothing is lost, nothing hangs. Needs the debug kernel.

# shellcheck source-path=SCRIPTDIR
. "${BASH_SOURCE[0]%/*}/lib.sh"

slab=/sys/kernel/debug/failslab
page=/sys/kernel/debug/fail_page_alloc

# faults PERCENT WHOM - allocations that fail: nowait, those of everybody that must not
# sleep; workers, those of all kernel workers.
faults()
{
	local - dir file name filter=N nowait=N

	set +x
	[[ $2 == nowait ]] && nowait=Y || filter=Y
	for dir in $slab $page; do
		echo -1 >"$dir/times"
		echo 0 >"$dir/verbose"
		echo 1 >"$dir/interval"
		echo $filter >"$dir/task-filter"
		echo $nowait >"$dir/ignore-gfp-wait"
	done
	echo 0 >$page/min-order
	echo N >$page/ignore-gfp-highmem
	if [[ $2 == workers ]]; then
		for file in /proc/[0-9]*/comm; do
			{ read -r name <"$file"; } 2>/dev/null || continue
			[[ $name != kworker/* ]] || echo 1 >"${file%comm}make-it-fail" || true
		done 2>/dev/null
	fi
	echo "$1" >$slab/probability
	echo "$1" >$page/probability
}

no_faults()
{
	echo 0 >$slab/probability
	echo 0 >$page/probability
	echo N >$slab/task-filter
	echo N >$page/task-filter
}

# Sectors of a raw chunk that are written, as its write pointer tells
write_pointer()
{
	local log

	log=$(nvme lnvm chunk-log "/dev/$ns")
	[[ $log =~ \[\ *$1\]\ [^$'\n']*WP:\ 0x0*([0-9a-f]*), ]]
	echo $((16#0${BASH_REMATCH[1]}))
}

# raw_writes WHOM PERCENT... - chunks written by pieces of 64 KiB, one chunk for each
# percentage. A piece that dd reports as written is written; one that failed may be.
raw_writes()
{
	local whom=$1 chunk=0 piece percent good=0 bad=0

	start "${small[@]}" use_inline="$([[ $whom == workers ]] && echo 0 || echo 1)"
	noise "$work/tmp.a" 1024
	for percent in "${@:2}"; do
		piece=0
		faults "$percent" "$whom"
		while ((piece < 16)); do
			if dd if="$work/tmp.a" of="/dev/$ns" bs=64k count=1 skip=$piece \
				seek=$((chunk * 16 + piece)) oflag=direct status=none; then
				piece=$((piece + 1))
				good=$((good + 1))
				continue
			fi
			bad=$((bad + 1))
			no_faults
			same 'write pointer' "$(write_pointer $chunk)" $((piece * 16))
			# Enough is enough
			((bad % 6)) || percent=0
			faults "$percent" "$whom"
		done
		no_faults
		chunk=$((chunk + 1))
	done
	note "$good writes succeeded, $bad failed"
	[[ $whom != workers ]] || at_least 'writes that failed' $bad 1
	uncached "/dev/$ns"
	for ((piece = 0; piece < chunk; piece++)); do
		cmp -i "0:$((piece << 20))" -n $((1 << 20)) "$work/tmp.a" "/dev/$ns"
	done
	same 'closed chunks' "$(counter closed)" $chunk
	same 'sectors stored' "$(awk '$1 == "0" { print $3 }' "$debug/memory")" $((chunk * 256))
	stop
}

# pblk may lose what it is given when its own allocations fail: what came before and
# after counts.
pblk_verify()
{
	start "${small[@]}"
	modprobe pblk
	pblk tgt
	noise "$work/tmp.a" 4096
	dd if="$work/tmp.a" of=/dev/tgt bs=64k oflag=direct status=none
	faults 30 nowait
	verify /dev/tgt --offset=16m --size=4m --rw=randwrite --bs=16k --iodepth=8 ||
		echo 'fio got errors'
	no_faults
	cmp -n 4194304 "$work/tmp.a" /dev/tgt
	verify /dev/tgt --offset=32m --size=2m --rw=randwrite --bs=16k --iodepth=8
	unpblk tgt
	pblk tgt
	cmp -n 4194304 "$work/tmp.a" /dev/tgt
	unpblk tgt
	stop
}

# each_allocation PERL STEP - run the subroutine that PERL's text defines again and again,
# each time with another allocation of this process failing: the first, the second, and so
# on, in growing steps, until there are no more. It returns whether it succeeded.
each_allocation()
{
	no_faults
	echo N >$slab/ignore-gfp-wait
	echo N >$page/ignore-gfp-wait
	echo N >$page/ignore-gfp-highmem
	echo 0 >$page/min-order
	echo -1 >$slab/times
	echo -1 >$page/times
	perl -e '
		use strict;
		my ($code, $step) = splice(@ARGV, 0, 2);
		my ($good, $bad, %why) = (0, 0);
		my $attempt = eval "sub { $code }" or die $@;
		open(my $nth, "+<", "/proc/thread-self/fail-nth") or die "no fail-nth: $!";
		my $fd = fileno($nth);
		my $arm = sub { syswrite($nth, shift) };
		for (my $n = 1; ; $n += 1 + int($n / $step)) {
			die "no end after $n allocations\n" if $n > 20000;
			my $left = "\0" x 20;
			my $ok = $attempt->(sub { $arm->($n) }, sub {
				my $error = "$!";
				# pread64: what is left to count, 0 if the allocation came and failed
				syscall(17, $fd, $left, 20, 0) > 0 or die "cannot read fail-nth: $!";
				$arm->(0);
				$left = int($left =~ s/\D.*//sr);
				$why{$error}++ unless shift;
			});
			$ok ? $good++ : $bad++;
			print STDERR "allocation $n: ", $ok ? "ok" : "failed", ", left $left\n";
			next if $left == 0;
			die "failed although no allocation did\n" unless $ok;
			print "$n allocations; $good times it went well, $bad times not: ",
				join(", ", map { "$_ $why{$_}" } sort keys %why), "\n";
			exit 0;
		}' "$@"
}

# Loading is not among what fails here: Linux 5.10 itself does not survive an allocation
# that fails while it registers a module's tracepoints (static_call_module_notify()).

# Connecting, with every single allocation of it failing once. The controller works if there is one.
connects()
{
	local said

	load "${small[@]}"
	noise "$work/tmp.a" 1024
	connect
	dd if="$work/tmp.a" of="/dev/$ns" bs=64k oflag=direct status=none
	disconnect
	# shellcheck disable=SC2016 # perl's
	said=$(each_allocation '
		my ($begin, $end) = @_;
		open(my $dev, "+<", "/dev/nvme-fabrics") or die;
		my $options = "transport=loop,nqn=$ARGV[0]";
		$begin->();
		my $ok = defined(syswrite($dev, $options));
		$end->($ok);
		close($dev);
		my @ctrls = glob("/sys/class/nvme/nvme*");
		die "controllers: @ctrls\n" unless @ctrls == ($ok ? 1 : 0);
		if ($ok) {
			open(my $delete, ">", "$ctrls[0]/delete_controller") or die;
			syswrite($delete, "1") or die "cannot disconnect: $!";
		}
		return $ok;' 10 "$nqn")
	note "connect: $said"
	connect
	cmp -n 1048576 "$work/tmp.a" "/dev/$ns"
	stop
	no_traces || fail "left behind: $(left_over)"
}

live()
{
	[[ $(<"/sys/class/nvme/$ctrl/state") == live ]] 2>/dev/null
}

# Resets, rescans and admin commands while the workers that serve them find no memory: the
# controller comes back or is removed.
resets()
{
	local i gone=0 often=24

	[[ $FLAVOUR == plain ]] || often=12
	load "${small[@]}"
	connect
	noise "$work/tmp.a" 1024
	dd if="$work/tmp.a" of="/dev/$ns" bs=64k oflag=direct status=none
	for ((i = 0; i < often; i++)); do
		faults $((i % 4 * 4 + 2)) "$( ((i % 2)) && echo nowait || echo workers)"
		nvme reset "/dev/$ctrl" || true
		nvme ns-rescan "/dev/$ctrl" || true
		nvme id-ctrl "/dev/$ctrl" >/dev/null || true
		nvme smart-log "/dev/$ctrl" >/dev/null || true
		no_faults
		sleep 0.3
		nvme ns-rescan "/dev/$ctrl" || true
		if ! live || [[ ! -b /dev/$ns ]]; then
			gone=$((gone + 1))
			nvme disconnect-all
			wait_for 10 'the end of all controllers' no_controllers
			connect
		fi
	done
	note "$gone of $often controllers did not survive"
	uncached "/dev/$ns"
	cmp -n 1048576 "$work/tmp.a" "/dev/$ns"
	stop
	no_traces || fail "left behind: $(left_over)"
}

if [[ -e $slab && -e $page ]]; then
	# What the kernel prints about an allocation that failed; any other trace comes with
	# a line of its own that says what is wrong.
	echo 'Call Trace:' >>"$OC_OUT/expected-log-patterns"
	t raw-nowait 25 raw_writes nowait 5 10 20 50
	t raw-workers 25 raw_writes workers 5 20 50 80
	t pblk 20 pblk_verify
	t connects 50 connects
	t resets 40 resets
else
	echo "# skipped: theme faults, this kernel has no fault injection"
fi
