#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What bench.sh measured: tables, the targets, and plots.

bench-report.py report RESULTS.json DIR     table and targets; DIR/{bench,scale,timing}.svg
bench-report.py count RESULTS.json          instructions of one command
bench-report.py sample SOCKET DIR           sample the VM's processors while DIR/now says so
bench-report.py budget DIR                  where those samples were
"""
import bisect
import collections
import json
import math
import os
import re
import socket
import statistics
import sys
import time
from xml.sax.saxutils import escape

WORKLOADS = [
    ("read4k-psync-qd1", "4k random read, psync QD1"),
    ("read4k-libaio-qd32-j1", "4k random read, libaio QD32"),
    ("read4k-libaio-qd32-j2", "4k random read, libaio QD32, 2 jobs"),
    ("read4k-uring-qd32-j1", "4k random read, io_uring QD32"),
    ("read4k-uring-qd32-j2", "4k random read, io_uring QD32, 2 jobs"),
    ("write4k-psync-qd1", "4k sequential write, psync QD1"),
    ("write4k-libaio-qd32", "4k sequential write, libaio QD32"),
    ("randwrite4k-psync-qd1", "4k random write, psync QD1"),
    ("randwrite4k-libaio-qd32", "4k random write, libaio QD32"),
    ("read64k-qd8", "64k sequential read, QD8"),
    ("write64k-qd8", "64k sequential write, QD8"),
    ("read4k-p99-qd32-j4", "4k random read, QD32, 4 jobs"),
]

COLOURS = {
    "null_blk": "#777777",
    "nvme-loop": "#d9822b",
    "qemu": "#8e5ea2",
    "ocloop": "#1f5fa8",
    "ocloop-worker": "#7fb0e0",
    "ocloop-oob16": "#14324f",
    "pblk": "#2e8b57",
    "pblk-direct": "#85c79a",
    "block": "#b03060",
}

# name, workload, ours, theirs, goal
TARGETS = [
    ("read4k-qd1-vs-nvme-loop", "read4k-psync-qd1", "ocloop", "nvme-loop", 2.0),
    ("read4k-qd32-vs-nvme-loop", "read4k-libaio-qd32-j1", "ocloop", "nvme-loop", 2.0),
    ("read4k-qd32-2jobs-vs-nvme-loop", "read4k-libaio-qd32-j2", "ocloop", "nvme-loop", 2.0),
    ("read4k-uring-qd32-vs-nvme-loop", "read4k-uring-qd32-j1", "ocloop", "nvme-loop", 2.0),
    ("read4k-uring-qd32-2jobs-vs-nvme-loop", "read4k-uring-qd32-j2", "ocloop", "nvme-loop", 2.0),
    ("write4k-qd1-vs-nvme-loop", "write4k-psync-qd1", "ocloop", "nvme-loop", 2.0),
    ("write4k-qd32-vs-nvme-loop", "write4k-libaio-qd32", "ocloop", "nvme-loop", 2.0),
    ("read64k-vs-nvme-loop", "read64k-qd8", "ocloop", "nvme-loop", 1.3),
    ("write64k-vs-nvme-loop", "write64k-qd8", "ocloop", "nvme-loop", 1.3),
    ("block-read4k-qd1-vs-nvme-loop", "read4k-psync-qd1", "block", "nvme-loop", 2.0),
    ("block-read4k-qd32-vs-nvme-loop", "read4k-libaio-qd32-j1", "block", "nvme-loop", 2.0),
    ("block-randwrite4k-qd1-vs-nvme-loop", "randwrite4k-psync-qd1", "block", "nvme-loop", 2.0),
    ("block-randwrite4k-qd32-vs-nvme-loop", "randwrite4k-libaio-qd32", "block", "nvme-loop",
     2.0),
    ("block-read64k-vs-nvme-loop", "read64k-qd8", "block", "nvme-loop", 1.3),
    ("block-write64k-vs-nvme-loop", "write64k-qd8", "block", "nvme-loop", 1.3),
    ("read4k-qd1-vs-qemu", "read4k-psync-qd1", "ocloop", "qemu", 3.0),
    ("read4k-qd1-vs-null_blk", "read4k-psync-qd1", "ocloop", "null_blk", 0.85),
    ("read4k-qd32-vs-null_blk", "read4k-libaio-qd32-j1", "ocloop", "null_blk", 0.85),
    ("pblk-read4k-qd1-vs-direct", "read4k-psync-qd1", "pblk", "pblk-direct", 0.8),
    ("pblk-read4k-qd32-vs-direct", "read4k-libaio-qd32-j1", "pblk", "pblk-direct", 0.8),
    ("pblk-randwrite4k-vs-direct", "randwrite4k-libaio-qd32", "pblk", "pblk-direct", 0.8),
    ("pblk-read64k-vs-direct", "read64k-qd8", "pblk", "pblk-direct", 0.8),
    ("pblk-write64k-vs-direct", "write64k-qd8", "pblk", "pblk-direct", 0.8),
]


class Results:
    """The records, by what they are about."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
        self.machine = data["machine"]
        self.records = data["records"]
        self.runs = collections.defaultdict(dict)
        for rec in self.kind("fio"):
            name = rec["workload"]
            if "gib" in rec:
                name += "-%d" % rec["gib"]
            self.runs[name, rec["device"]][rec["round"], rec["turn"]] = rec

    def kind(self, kind):
        return [rec for rec in self.records if rec["kind"] == kind]

    def values(self, workload, device, field="iops"):
        return [rec[field] for rec in self.runs.get((workload, device), {}).values()]

    def ratios(self, workload, ours, theirs, field="iops"):
        """Of runs that were neighbours in time."""
        a = self.runs.get((workload, ours), {})
        b = self.runs.get((workload, theirs), {})
        return [a[key][field] / b[key][field] for key in a if key in b and b[key][field]]


    def compare(self, workload, ours, theirs):
        """Ratios; of those that were not there at the same time, by their yardsticks."""
        if theirs != "pblk-direct":
            return self.ratios(workload, ours, theirs)
        mine = self.ratios(workload, ours, "null_blk-pblk")
        direct = self.ratios(workload, theirs, "null_blk-direct")
        return [statistics.median(mine) / statistics.median(direct)] if mine and direct else []


def quartiles(values):
    if len(values) < 2:
        return values[0], values[0]
    cuts = statistics.quantiles(values, n=4, method="inclusive")
    return cuts[0], cuts[2]


def spread(values):
    """Half the distance of the quartiles, in percent of the median."""
    low, high = quartiles(values)
    return 50 * (high - low) / statistics.median(values)


# ---- text ------------------------------------------------------------------


def print_head(res):
    machine = res.machine
    guest = res.kind("guest")[0]
    print("machine: %s, %d processors, Linux %s; QEMU %s, %s" % (
        machine["cpu"], machine["cpus"], machine["host_kernel"], machine["qemu"],
        machine["accel"]))
    print("guest: %d processors, Linux %s, %s; seed %d; ocloop %s; %s" % (
        guest["cpus"], guest["kernel"], guest["fio"], machine["seed"],
        machine["commit"], machine["date"]))
    print("%s: %d rounds of %d turns, %d ms each" % (
        guest["mode"], guest["rounds"], guest["turns"], guest["ms"]))
    for rec in res.kind("skip"):
        print("skipped %s: %s" % (rec["what"], rec["why"]))
    for rec in res.kind("failed"):
        print("failed: %s" % rec["what"])


def print_table(res):
    print("\n%-38s %-14s %5s %9s %7s %11s" % (
        "workload", "device", "runs", "kIOPS", "spread", "x nvme-loop"))
    for name, title in WORKLOADS:
        for device in COLOURS:
            values = res.values(name, device)
            if not values:
                continue
            ratio = res.ratios(name, device, "nvme-loop")
            print("%-38s %-14s %5d %9.1f %6.0f%% %11s" % (
                title, device, len(values), statistics.median(values) / 1000,
                spread(values), "%.2f" % statistics.median(ratio) if ratio else "-"))
            title = ""
    print("\n4k random read, QD32, 4 jobs: latency, ms")
    for device in COLOURS:
        p99 = res.values("read4k-p99-qd32-j4", device, "p99_us")
        if p99:
            print("%-14s median %8.2f  p99 %8.2f  spread %3.0f%%" % (
                device,
                statistics.median(res.values("read4k-p99-qd32-j4", device, "p50_us")) / 1000,
                statistics.median(p99) / 1000, spread(p99)))


def count(path):
    """A table: by the guest's clock, a nanosecond is an instruction."""
    res = Results(path)
    print_head(res)
    print("\n%-38s %-14s %12s %11s" % (
        "instructions, both processors", "device", "of one", "x nvme-loop"))
    for name, title in WORKLOADS:
        peer = res.values(name, "nvme-loop")
        for device in COLOURS:
            for iops in res.values(name, device):
                print("%-38s %-14s %12.0f %11s" % (
                    title, device, 1e9 / iops, "%.2f" % (iops / peer[0]) if peer else "-"))
                title = ""
    return 0


def capacities(res):
    return sorted({rec["gib"] for rec in res.kind("fio")
                   if "gib" in rec and rec["device"] == "null_blk"})


def print_scale(res):
    for axis in ("channels", "jobs", "depth"):
        rows = scale_rows(res, axis)
        if rows:
            print("\n4k random read, kIOPS, by %s" % axis)
        for device, points in rows.items():
            print("%-14s %s" % (device, "  ".join(
                "%d: %.1f" % (x, y) for x, y, _, _ in points)))
    sizes = capacities(res)
    if sizes:
        print("\n4k random read QD1, time for one relative to null_blk, by capacity in GiB")
    for what in ("written", "anywhere"):
        if sizes:
            print("%-14s %s" % (what, "  ".join("%d: %.2f" % (
                gib, statistics.median(res.ratios("capacity-%s-%d" % (what, gib),
                                                  "null_blk", "ocloop")))
                for gib in sizes)))


def print_rest(res):
    host = sum(rec["host"] for rec in res.kind("block"))
    if host:
        print("\nblock: write amplification of the 4k random writes %.2f" % (
            sum(rec["programs"] for rec in res.kind("block")) / host))
    for rec in res.kind("vector")[:1]:
        many = statistics.median(r["many_ns"] for r in res.kind("vector"))
        one = statistics.median(r["one_ns"] for r in res.kind("vector"))
        print("\nvector read: 64 commands of one address %.0f us, one of 64 %.0f us" % (
            one / 1000, many / 1000))
    if res.kind("idle"):
        print("\n%-28s %10s %10s %12s %6s" % (
            "idle", "CPU", "timer irqs", "timers armed", "parts"))
    for rec in res.kind("idle"):
        print("%-28s %8.2f %% %8.1f/s %12d %6d" % (
            rec["name"], 100 * rec["cpu_ticks"] / rec["hz"] / rec["seconds"],
            rec["timer_interrupts"] / rec["seconds"], rec["timers_armed"], rec["parts"]))
    rows = res.kind("timing")
    if rows:
        print("\n%-40s %-8s %10s %10s %8s" % ("timing", "value", "model", "measured", "off by"))
    for rec in rows:
        off = "%+7.1f%%" % deviation(rec) if rec["want"] else ""
        print("%-40s %-8s %10g %10.4g %8s" % (
            rec["name"], rec["value"], rec["want"], rec["got"], off))


def deviation(rec):
    return 100 * (rec["got"] / rec["want"] - 1)


def print_targets(res):
    print()

    def line(name, ratio, goal):
        print("target %s: ratio %.2f, goal %g, %s" % (
            name, ratio, goal, "ok" if ratio >= goal else "short"))

    for name, workload, ours, theirs, goal in TARGETS:
        ratio = res.compare(workload, ours, theirs)
        if ratio:
            line(name, statistics.median(ratio), goal)
    ratio = res.ratios("read4k-p99-qd32-j4", "nvme-loop", "ocloop", "p99_us")
    if ratio:
        line("p99-nvme-loop-by-ocloop", statistics.median(ratio), 1)
    vector = res.kind("vector")
    if vector:
        line("64-commands-by-vector-of-64",
             statistics.median(r["one_ns"] / r["many_ns"] for r in vector), 3)
    sizes = capacities(res)
    for what in ("written", "anywhere"):
        if len(sizes) > 1:
            first, last = (
                statistics.median(res.ratios("capacity-%s-%d" % (what, gib), "ocloop", "null_blk"))
                for gib in (sizes[0], sizes[-1]))
            line("%s-%dgib-by-%dgib" % (what, sizes[-1], sizes[0]), last / first, 0.9)
    timing = [rec for rec in res.kind("timing")
              if rec["want"] and rec["value"][:3] in ("p50", "p20", "p80", "p99", "rat", "sum") and
              not rec["name"].startswith("control")]
    if timing:
        line("timing-rows-within-3-percent",
             sum(abs(deviation(rec)) <= 3 for rec in timing) / len(timing), 1)
    for rec in res.kind("timing"):
        if rec["value"] == "cpu" and not rec["name"].startswith("control"):
            line("quarter-processor-by-16-busy-units", 25 / max(rec["got"], 1), 1)


# ---- plots -----------------------------------------------------------------


class Svg:
    """A drawing; the texts are for people, so no library is needed."""

    def __init__(self, width, height):
        self.width, self.height = width, height
        self.parts = []

    def add(self, text, *args):
        self.parts.append(text % args)

    def line(self, x1, y1, x2, y2, colour="#bbb", width=1.0, dash=""):
        self.add('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" '
                 'stroke-width="%g"%s/>', x1, y1, x2, y2, colour, width,
                 ' stroke-dasharray="%s"' % dash if dash else "")

    def dot(self, x, y, colour, radius=4):
        self.add('<circle cx="%.1f" cy="%.1f" r="%g" fill="%s"/>', x, y, radius, colour)

    def text(self, x, y, text, anchor="start", size=12, weight="normal", colour="#222"):
        self.add('<text x="%.1f" y="%.1f" text-anchor="%s" font-size="%d" '
                 'font-weight="%s" fill="%s">%s</text>', x, y, anchor, size, weight,
                 colour, escape(text))

    def path(self, points, colour):
        self.add('<polyline points="%s" fill="none" stroke="%s" stroke-width="1.8"/>',
                 " ".join("%.1f,%.1f" % point for point in points), colour)

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            file.write('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" '
                       'font-family="sans-serif">\n<rect width="100%%" height="100%%" '
                       'fill="white"/>\n' % (self.width, self.height))
            file.write("\n".join(self.parts))
            file.write("\n</svg>\n")


def legend(svg, devices, x, y):
    for device in devices:
        svg.dot(x, y - 4, COLOURS[device])
        svg.text(x + 9, y, device)
        x += 26 + 7.2 * len(device)


def footer(svg, res):
    machine = res.machine
    svg.text(16, svg.height - 10, "%s, QEMU %s %s, %d processors in the guest; median and "
             "quartiles; ocloop %s" % (machine["cpu"], machine["qemu"], machine["accel"],
                                       res.kind("guest")[0]["cpus"], machine["commit"]),
             size=10, colour="#666")


def plot_bench(res, path):
    """Each workload a row, each device a dot, relative to nvme-loop."""
    rows = [(name, title) for name, title in WORKLOADS
            if "p99" not in name and res.values(name, "nvme-loop")]
    devices = [device for device in COLOURS
               if any(res.ratios(name, device, "nvme-loop") for name, _ in rows)]
    step, left, right, top = 15, 270, 740, 76
    heights = [step * len([d for d in devices if res.ratios(name, d, "nvme-loop")]) + 14
               for name, _ in rows]
    svg = Svg(780, top + sum(heights) + 66)
    low, high = math.log10(0.1), math.log10(16)

    def place(ratio):
        ratio = min(max(math.log10(ratio), low), high)
        return left + (ratio - low) / (high - low) * (right - left)

    svg.text(16, 26, "Throughput with no times set, relative to nvme-loop over null_blk",
             size=15, weight="bold")
    legend(svg, devices, 24, 52)
    bottom = top + sum(heights)
    for mark in (0.1, 0.25, 0.5, 1, 2, 4, 8, 16):
        svg.line(place(mark), top - 8, place(mark), bottom, "#999" if mark == 1 else "#e4e4e4")
        svg.text(place(mark), bottom + 16, "%gx" % mark, "middle", 11)
    svg.text((left + right) / 2, bottom + 33, "times the throughput of nvme-loop (log scale)",
             "middle", 11)
    y = top
    for (name, title), height in zip(rows, heights):
        svg.text(left - 12, y + height / 2, title, "end", 12)
        svg.line(16, y + height - 7, right, y + height - 7, "#eeeeee")
        at = y + 8
        for device in devices:
            ratio = res.ratios(name, device, "nvme-loop")
            if not ratio:
                continue
            one, three = quartiles(ratio)
            svg.line(place(one), at, place(three), at, COLOURS[device], 2)
            svg.dot(place(statistics.median(ratio)), at, COLOURS[device])
            svg.text(place(three) + 7, at + 4, "%.2g" % statistics.median(ratio), size=10,
                     colour="#555")
            at += step
        y += height
    footer(svg, res)
    svg.write(path)


def scale_rows(res, axis):
    """device -> [(x, median, quartile, quartile)] in kIOPS"""
    rows = {}
    for device in COLOURS:
        points = []
        for name, other in res.runs:
            match = re.fullmatch("scale-%s-([0-9]+)" % axis, name)
            if other == device and match:
                values = [value / 1000 for value in res.values(name, device)]
                points.append((int(match[1]), statistics.median(values)) + quartiles(values))
        if points:
            rows[device] = sorted(points)
    return rows


def plot_panel(svg, box, title, xlabel, ylabel, rows, colours):
    """Lines over a logarithmic x axis; rows: name -> [(x, y, low, high)]"""
    left, top, right, bottom = box
    xs = sorted({point[0] for points in rows.values() for point in points})
    peak = max(point[3] for points in rows.values() for point in points) * 1.08
    unit = 10 ** math.floor(math.log10(peak))
    tick = next(unit * n for n in (0.2, 0.25, 0.5, 1, 2, 2.5) if peak / (unit * n) <= 6)

    def x_at(value):
        span = math.log2(xs[-1] / xs[0]) or 1
        return left + math.log2(value / xs[0]) / span * (right - left)

    def y_at(value):
        return bottom - value / peak * (bottom - top)

    svg.text(left, top - 12, title, size=13, weight="bold")
    for n in range(int(peak / tick) + 1):
        svg.line(left, y_at(n * tick), right, y_at(n * tick), "#e4e4e4")
        svg.text(left - 6, y_at(n * tick) + 4, "%g" % (n * tick), "end", 10)
    for x in xs:
        svg.text(x_at(x), bottom + 15, "%d" % x, "middle", 10)
    svg.text((left + right) / 2, bottom + 31, xlabel, "middle", 11)
    svg.text(right, top - 12, ylabel, "end", 10, colour="#555")
    svg.line(left, bottom, right, bottom, "#555")
    for name, points in rows.items():
        svg.path([(x_at(x), y_at(y)) for x, y, _, _ in points], colours[name])
        for x, y, low, high in points:
            svg.line(x_at(x), y_at(low), x_at(x), y_at(high), colours[name], 1)
            svg.dot(x_at(x), y_at(y), colours[name], 3.2)


def plot_scale(res, path):
    panels = []
    for axis, title, xlabel in (
            ("channels", "Channels", "channels (2 jobs, QD32)"),
            ("jobs", "Jobs", "jobs (QD32 each)"),
            ("depth", "Queue depth", "queue depth (1 job)")):
        rows = scale_rows(res, axis)
        if rows:
            panels.append((title, xlabel, "kIOPS", rows, COLOURS))
    sizes = capacities(res)
    if sizes:
        rows = {}
        for what in ("written", "anywhere"):
            rows[what] = []
            for gib in sizes:
                values = res.ratios("capacity-%s-%d" % (what, gib), "null_blk", "ocloop")
                rows[what].append((gib, statistics.median(values)) + quartiles(values))
        panels.append(("Capacity", "GiB (QD1; reads of 256 MiB written, and anywhere)",
                       "time of one, x null_blk", rows,
                       {"written": "#1f5fa8", "anywhere": "#b03060"}))
    if not panels:
        return
    svg = Svg(780, 640)
    svg.text(16, 26, "4k random read", size=15, weight="bold")
    legend(svg, [d for d in ("null_blk", "nvme-loop", "ocloop", "ocloop-worker")
                 if any(d in panel[3] for panel in panels)], 200, 26)
    for i, panel in enumerate(panels):
        x, y = 60 + i % 2 * 385, 75 + i // 2 * 285
        plot_panel(svg, (x, y, x + 310, y + 190), panel[0], panel[1], panel[2], panel[3],
                   panel[4])
    if sizes:
        for i, (name, colour) in enumerate((("written", "#1f5fa8"), ("anywhere", "#b03060"))):
            svg.dot(465 + i * 70, 534, colour)
            svg.text(474 + i * 70, 538, name, size=11)
    footer(svg, res)
    svg.write(path)


def plot_timing(res, path):
    """How far each row is from the model."""
    rows = [rec for rec in res.kind("timing")
            if rec["want"] and rec["value"] not in ("cpu", "wall", "busy")]
    if not rows:
        return
    left, right, top, step, limit = 340, 740, 84, 19, 8.0
    svg = Svg(780, top + step * len(rows) + 70)
    bottom = top + step * len(rows)

    def place(percent):
        percent = min(max(percent, -limit), limit)
        return left + (percent + limit) / (2 * limit) * (right - left)

    svg.text(16, 26, "Times set: measured against the model", size=15, weight="bold")
    svg.text(16, 46, "p50: median, lat: mean (light; the first request finds an idle unit), p99, all in ms; "
             "rate: per second; sum: of all operations; shaded: 3 %", size=11, colour="#555")
    svg.add('<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="#eef4ea"/>', place(-3),
            top - 10, place(3) - place(-3), bottom - top + 10)
    for mark in range(-8, 9, 2):
        svg.line(place(mark), top - 10, place(mark), bottom, "#888" if not mark else "#e4e4e4")
        svg.text(place(mark), bottom + 15, "%+d %%" % mark if mark else "0", "middle", 10)
    svg.text((left + right) / 2, bottom + 32, "measured, relative to the model", "middle", 11)
    last = None
    for i, rec in enumerate(rows):
        y = top + i * step + 6
        if rec["name"] != last:
            svg.text(16, y + 4, rec["name"], size=11)
        last = rec["name"]
        svg.text(left - 14, y + 4, "%s %.4g / %g" % (rec["value"], rec["got"], rec["want"]),
                 "end", 11, colour="#555")
        svg.dot(place(deviation(rec)), y,
                "#8fb3d9" if rec["value"].startswith("lat") else "#1f5fa8")
    footer(svg, res)
    svg.write(path)


def report(path, plots):
    res = Results(path)
    print_head(res)
    print_table(res)
    print_scale(res)
    print_rest(res)
    print_targets(res)
    plot_bench(res, os.path.join(plots, "bench.svg"))
    plot_scale(res, os.path.join(plots, "scale.svg"))
    plot_timing(res, os.path.join(plots, "timing.svg"))
    return 0


# ---- where the time goes -----------------------------------------------------

# The first pattern that matches a function's name says what it is part of.
STAGES = [
    ("copy of the data", r"^(_?copy_(to|from|page|user)|_*memcpy|_*memset|clear_page)"),
    ("locks, IPIs", r"queued_spin|send_IPI|_raw_spin|_raw_write|_raw_read"),
    ("ocloop", r"\[ocloop\]"),
    ("pblk, lightnvm", r"\[pblk\]|nvm_|lightnvm"),
    ("nvme-loop target", r"\[nvme.loop\]|\[nvmet\]|^nvmet_|^nvme_loop"),
    ("nvme host core", r"\[nvme_core\]|\[nvme\]|\[nvme_fabrics\]"),
    ("null_blk", r"\[null_blk\]|radix_tree_lookup"),
    ("hand-over: workqueue, scheduler",
     r"work|schedule|sched|wake|ttwu|kthread|rq_clock|pick_next|enqueue|dequeue|"
     r"switch_to|finish_task|update_curr|load_avg|_fair|cpu_|ipi|smp_|select_task"),
    ("idle", r"idle|halt|mwait"),
    ("block layer", r"blk|bio|request|sbitmap|disk|blkdev|part|bvec|elv|elevator|plug|biovec"),
    ("system call, VFS, direct I/O",
     r"sys|sync_read|iter|entry|dio|file|vfs|gup|get_user_pages|pages_fast|security|fget|fput|iocb|kiocb|io_|"
     r"ktime|clock|read_tsc|pvclock|timekeep|aio|inode|atime|current_time|rw_verify|fsnotify"),
    ("memory allocation", r"kmem|kmalloc|kfree|slab|mempool|page"),
    ("interrupts, timers", r"irq|apic|tick|timer|softirq|rcu"),
]


def sample(path, out):
    """Ask QEMU where its processors are, some hundred times a second."""
    now = os.path.join(out, "now")
    for _ in range(1200):
        if os.path.exists(path):
            break
        time.sleep(0.1)
    monitor = socket.socket(socket.AF_UNIX)
    # However long it takes to answer: the end of QEMU ends this too.
    monitor.connect(path)
    prompt = b"(qemu) "

    def until_prompt():
        text = b""
        while not text.endswith(prompt):
            got = monitor.recv(65536)
            if not got:
                raise OSError("QEMU has gone")
            text += got
        return text.decode("ascii", "replace")

    counts = collections.defaultdict(list)
    try:
        until_prompt()
        while True:
            try:
                with open(now, encoding="ascii") as file:
                    word = file.read().split()
            except OSError:
                word = []
            if not word or word[0] != "budget":
                time.sleep(0.05)
                monitor.sendall(b"\n")
                until_prompt()
                continue
            monitor.sendall(b"info registers -a\n")
            text = until_prompt()
            counts[word[1]].append([
                (int(rip, 16), int(cpl)) for rip, cpl in
                re.findall(r"RIP=([0-9a-f]+).*?CPL=([0-3])", text, re.S)])
            time.sleep(0.004)
    except OSError:
        pass
    with open(os.path.join(out, "samples.json"), "w", encoding="ascii") as file:
        json.dump(counts, file)


def load_symbols(path):
    symbols = []
    with open(path, encoding="ascii") as file:
        for text in file:
            word = text.split()
            if word[1] in "tTwW":
                symbols.append((int(word[0], 16), word[2] +
                                (" " + word[3] if len(word) > 3 else "")))
    symbols.sort()
    return symbols, [start for start, _ in symbols]


def budget(out):
    tables = {"direct": None, "block": None, "": None}
    for which in tables:
        name = os.path.join(out, "kallsyms" + ("-" + which if which else ""))
        if os.path.exists(name):
            tables[which] = load_symbols(name)
    with open(os.path.join(out, "samples.json"), encoding="ascii") as file:
        samples = json.load(file)
    iops = {}
    with open(os.path.join(out, "records"), encoding="utf-8") as file:
        for text in file:
            rec = json.loads(text)
            if rec["kind"] == "fio":
                iops["%s/%s" % (rec["device"], rec["workload"])] = rec["iops"]
    printed = 0
    for run, taken in samples.items():
        # Each load of the module is somewhere else
        symbols, starts = tables[next((word for word in ("direct", "block")
                                       if word in run.split("/")[0]), "")]
        stages, names = collections.Counter(), collections.Counter()
        # fio's own start and end are no part of it.
        taken = taken[len(taken) // 8:-len(taken) // 16]
        if not taken or run not in iops:
            continue
        printed += 1
        for cpus in taken:
            for rip, cpl in cpus:
                stage, name = "fio (user space)", "user"
                if not cpl and rip < starts[0]:
                    stage, name = "other", "?"
                elif rip >= starts[0]:
                    name = symbols[bisect.bisect(starts, rip) - 1][1]
                    stage = next((title for title, pattern in STAGES
                                  if re.search(pattern, name)), "other")
                stages[stage] += 1
                if stage != "idle":
                    names[stage, name] += 1
        per = 1e6 / iops[run]
        print("\n%s: %.1f us for one; %d samples of %d processors" % (
            run, per, len(taken), len(taken[0])))
        for stage, count in stages.most_common():
            if stage == "idle":
                continue
            top = ", ".join("%s %.2f" % (name.split()[0], n / len(taken) * per)
                            for (where, name), n in names.most_common()
                            if where == stage)
            print("%7.2f us  %-34s %s" % (count / len(taken) * per, stage, top[:220]))
    for run in iops.keys() - samples.keys():
        print("\n%s: no samples" % run)
    return 0 if printed else 1


def main(argv):
    modes = {"report": (report, 2), "count": (count, 1), "sample": (sample, 2),
             "budget": (budget, 1)}
    if len(argv) < 2 or argv[1] not in modes or len(argv) - 2 != modes[argv[1]][1]:
        print(__doc__, file=sys.stderr)
        return 2
    return modes[argv[1]][0](*argv[2:])


if __name__ == "__main__":
    sys.exit(main(sys.argv))
