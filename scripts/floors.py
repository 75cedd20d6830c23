#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Do calls go down? Looks at the symbols of a build's objects.

usage: floors.py BUILD_DIR

The order of the floors is the line oc-floors in Kbuild, lowest first; drivers/ itself is
the roof. No object may use a symbol of a higher floor, and no objects may form a circle.
Prints what does, and fails then. Tracepoints, which the kernel makes of oc_trace.h, count as
lowest.
"""
import pathlib
import re
import subprocess
import sys


def floors(build):
    """Folder -> height."""
    text = (build / "Kbuild").read_text().replace("\\\n", " ")
    order = re.search(r"^oc-floors := (.*)$", text, re.M).group(1).split()
    return {name: height for height, name in enumerate(order + ["."])}


def symbols(obj):
    """What an object defines for others, and what it wants from them."""
    out = subprocess.run(["nm", obj], check=True, capture_output=True, text=True).stdout
    defined, wanted = set(), set()
    for line in out.splitlines():
        *_, kind, name = line.split()
        if kind in "Uw":
            wanted.add(name)
        elif kind.isupper():
            defined.add(name)
    return defined, wanted


def circles(calls):
    """Sets of objects that reach each other (Tarjan)."""
    index, low, stack, found = {}, {}, [], []

    def visit(obj):
        index[obj] = low[obj] = len(index)
        stack.append(obj)
        for other in calls.get(obj, ()):
            if other not in index:
                visit(other)
            if other in stack:
                low[obj] = min(low[obj], low[other])
        if low[obj] == index[obj]:
            members = set()
            while obj not in members:
                members.add(stack.pop())
            if len(members) > 1:
                found.append(members)

    for obj in sorted(calls):
        if obj not in index:
            visit(obj)
    return found


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1])
    height = floors(build)
    wants, owner = {}, {}
    for obj in sorted((build / "drivers").rglob("*.o")):
        name = str(obj.relative_to(build / "drivers"))[:-2]
        if name.endswith(".mod"):
            continue
        defined, wants[name] = symbols(obj)
        owner.update((symbol, name) for symbol in defined)
    if len(wants) < 2:
        sys.exit(f"{build}: no objects")

    def floor(name):
        folder = str(pathlib.PurePath(name).parent)
        if folder not in height:
            sys.exit(f"{name}: no floor of oc-floors in Kbuild")
        return height[folder]

    bad, calls = 0, {}
    for name, symbols_wanted in wants.items():
        for symbol in sorted(symbols_wanted & owner.keys()):
            other = owner[symbol]
            if other == name:
                continue
            calls.setdefault(name, {}).setdefault(other, []).append(symbol)
            if floor(other) > floor(name):
                print(f"{name} calls up, to {other}: {symbol}")
                bad = 1
    for members in circles(calls):
        bad = 1
        print("a circle:")
        for name in sorted(members):
            for other in sorted(members & calls[name].keys()):
                print(f"    {name} -> {other}: {', '.join(calls[name][other])}")
    sys.exit(bad)


if __name__ == "__main__":
    main()
