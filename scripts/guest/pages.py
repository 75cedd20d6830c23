#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Run the blocks of the manual's pages and compare what comes with what they show.

A fenced block says how it is treated, behind its language:

    run       commands and what they print; run and compared
    run-long  the same, but only with --long
    show      never run; the line above it begins with "*Not run" and says so
    text      a drawing, with no commands in it

A command begins with "# " and goes on in lines that begin with "> ". The other lines are
what it prints. They are compared line by line, with runs of blanks taken for one, and

    ~N         stands for about N: from half of it to twice as much
    <n>        stands for a number
    <LO..HI>   stands for a number between the two
    <hex>      stands for a hexadecimal number
    <word>     stands for anything without blanks
    <any>      stands for anything
    ...        alone in its line stands for any lines, or none

The commands of a page share one shell, so directories and variables last. A command that
prints nothing must succeed.
"""

import argparse
import glob
import json
import os
import re
import subprocess
import sys
import time

KINDS = ('run', 'run-long', 'show', 'text')
NUMBER = r'-?\d+(?:\.\d+)?'
HOLE = re.compile(r'<(n|hex|word|any|' + NUMBER + r'\.\.' + NUMBER + r')>|(?<!\S)~(' + NUMBER + ')')


class PageError(Exception):
    """A page that is not as it should be."""


class Command:
    """A command and the lines it is said to print."""

    def __init__(self, line, text):
        self.line = line        # where it stands in the page
        self.text = text
        self.want = []          # (line number, text)


class Block:
    """A fenced block."""

    def __init__(self, line, kind):
        self.line = line
        self.kind = kind
        self.commands = []

    def add(self, number, text):
        """Take one line of the block."""
        if self.kind == 'text' and text.startswith('# '):
            raise PageError(f'{number}: there are no commands in a drawing')
        if self.kind in ('show', 'text'):
            return
        last = self.commands[-1] if self.commands else None
        if text.startswith('# '):
            self.commands.append(Command(number, text[2:]))
        elif last is None:
            raise PageError(f'{number}: output without a command')
        elif text.startswith('> ') or text == '>':
            if last.want:
                raise PageError(f'{number}: a command goes on behind its output')
            last.text += '\n' + text[2:]
        else:
            last.want.append((number, text))


def parse(path):
    """The blocks of a page."""
    blocks, block, before = [], None, ''
    with open(path, encoding='utf-8') as page:
        lines = page.read().split('\n')
    for number, text in enumerate(lines, 1):
        if text.startswith('```') and block is None:
            words = text[3:].split()
            kind = words[-1] if words else ''
            if kind not in KINDS:
                raise PageError(f'{number}: a block is one of {", ".join(KINDS)}')
            if kind == 'show' and not before.startswith('*Not run'):
                raise PageError(f'{number}: no line above says "*Not run"')
            block = Block(number, kind)
        elif text.startswith('```'):
            blocks.append(block)
            block = None
        elif block is not None:
            block.add(number, text)
        elif text.startswith('    ') and not before_is_list(lines, number):
            raise PageError(f'{number}: an indented block has no mark; fence it')
        if text.strip():
            before = text
    if block is not None:
        raise PageError(f'{block.line}: the block has no end')
    return blocks


def before_is_list(lines, number):
    """Does an indented line go on with an item of a list?"""
    for text in reversed(lines[:number - 1]):
        if re.match(r'\s*([*+-]|\d+\.) ', text):
            return True
        if text and not text.startswith(' '):
            return False
    return False


def fits(want, got):
    """Is a printed line what the page shows?"""
    want, got = ' '.join(want.split()), ' '.join(got.split())
    pattern, bounds, end = '', [], 0
    for hole in HOLE.finditer(want):
        pattern += re.escape(want[end:hole.start()])
        end = hole.end()
        name, about = hole.groups()
        if about:
            pattern += f'({NUMBER})'
            bounds.append([float(about) / 2, float(about) * 2])
        elif name == 'any':
            pattern += '.*'
        elif name == 'word':
            pattern += r'\S+'
        elif name == 'hex':
            pattern += '(?:0x)?[0-9a-fA-F]+'
        elif name == 'n':
            pattern += NUMBER
        else:
            pattern += f'({NUMBER})'
            bounds.append([float(x) for x in name.split('..')])
    match = re.fullmatch(pattern + re.escape(want[end:]), got)
    return bool(match) and all(low <= float(value) <= high for (low, high), value
                               in zip(bounds, match.groups()))


def judge(command, got):
    """What is wrong with the lines a command printed, or None."""
    want = command.want
    # How far the page's lines fit: reachable[j] after j lines that came
    reachable = {0}
    for number, text in want:
        if text.strip() == '...':
            reachable = set(range(min(reachable), len(got) + 1))
            continue
        after = {j + 1 for j in reachable if j < len(got) and fits(text, got[j])}
        if not after:
            j = min(reachable)
            came = repr(got[j]) if j < len(got) else 'nothing more'
            return f'{number}: the page shows {text!r}, and there came {came}'
        reachable = after
    if len(got) not in reachable:
        extra = got[max(reachable)]
        return f'{command.line}: {command.text!r} printed {extra!r} as well'
    return None


class Shell:
    """One bash for all commands of a page."""

    END = '--- page command over'
    # It says where in our file it is; to whoever types it says less
    OWN = re.compile(r'/tmp/page-command\.\d+: line \d+:\s+(?:\d+ (Killed)\s.*)?')

    def __init__(self):
        self.proc = subprocess.Popen(['bash', '--norc', '--noprofile'],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT)
        self.file = f'/tmp/page-command.{os.getpid()}'

    def run(self, text):
        """The lines a command prints, and its status."""
        with open(self.file, 'w', encoding='utf-8') as out:
            out.write(text + '\n')
        self.proc.stdin.write(f'. {self.file} </dev/null\necho "{self.END} $?"\n'.encode())
        self.proc.stdin.flush()
        lines = []
        for raw in self.proc.stdout:
            line = raw.decode('utf-8', 'replace').rstrip('\n')
            at = line.find(self.END)
            if at >= 0:
                # What a command printed last may have had no end of line
                if at:
                    lines.append(line[:at])
                while lines and not lines[-1].strip():
                    lines.pop()
                return lines, int(line[at + len(self.END):])
            lines.append(self.OWN.sub(lambda m: m.group(1) or 'bash: ', line))
        raise PageError('the shell has ended')

    def close(self):
        """End it."""
        self.proc.stdin.close()
        self.proc.wait()
        if os.path.exists(self.file):
            os.remove(self.file)


def wait_until(condition, seconds=10):
    """Whoever types is slower than the kernel; we have to wait for it."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)


def attached():
    """How many namespaces the controllers say they have."""
    count = 0
    for node in glob.glob('/dev/nvme[0-9]*'):
        if re.fullmatch(r'/dev/nvme\d+', node):
            said = subprocess.run(['nvme', 'list-ns', node], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, check=False).stdout
            count += said.count(b']:')
    return count


def disks():
    """How many of them are there to be opened."""
    return len([node for node in glob.glob('/sys/class/nvme/nvme*/nvme*n*')
                if re.search(r'/nvme\d+(c\d+)?n\d+$', node)])


def settle(text):
    """What a command of nvme-cli sets off goes on behind its back."""
    if re.search(r'\bnvme2? (connect|reset|attach-ns|detach-ns|delete-ns|format)\b', text):
        count = attached()
        wait_until(lambda: disks() == count)
    for node in re.findall(r'\bnvme lnvm create .*-n (\w+)', text):
        wait_until(lambda node=node: os.path.exists('/dev/' + node))


def run_page(path, args):
    """Run one page: what was wrong, or None; and what its commands printed."""
    shell, record = Shell(), {}
    try:
        for block in parse(path):
            if block.kind in ('show', 'text') or (block.kind == 'run-long' and not args.long):
                continue
            for command in block.commands:
                begin = time.monotonic()
                got, status = shell.run(command.text)
                settle(command.text)
                record[str(command.line)] = got
                if args.verbose:
                    print(f'# {command.line}: {command.text}\n' + '\n'.join(got))
                    print(f'({time.monotonic() - begin:.1f} s)', flush=True)
                wrong = judge(command, got)
                if wrong is None and status and not got:
                    wrong = f'{command.line}: {command.text!r} has failed: {status}'
                if wrong:
                    if args.verbose and not args.keep_going:
                        print('\n'.join(got))
                    print(f'{path}:{wrong}', flush=True)
                    if not args.keep_going:
                        return wrong, record
    finally:
        shell.close()
    return None, record


def plant(path, record):
    """Change one word of each line of output: is each change found? Returns how many."""
    planted = 0
    for block in parse(path):
        for command in block.commands:
            got = record.get(str(command.line))
            if got is None:
                continue
            for i, (number, text) in enumerate(command.want):
                for word in re.finditer(r'(?<![<\w])[A-Za-z]{2,}(?![\w>])', text):
                    wrong = text[:word.start()] + word.group().swapcase() + text[word.end():]
                    command.want[i] = (number, wrong)
                    if judge(command, got) is None:
                        raise PageError(f'{number}: nobody sees {wrong!r}')
                    planted += 1
                command.want[i] = (number, text)
    return planted


def anchors(path):
    """What links into a page can name."""
    found, code = set(), False
    with open(path, encoding='utf-8') as page:
        for text in page:
            code ^= text.startswith('```')
            if text.startswith('#') and not code:
                text = text.lstrip('#').strip().lower().replace('`', '')
                found.add(re.sub(r'[^\w\- ]', '', text).replace(' ', '-'))
    return found


def check_links(path):
    """Links of a page that lead nowhere."""
    with open(path, encoding='utf-8') as page:
        text = re.sub(r'^```.*?^```$', '', page.read(), flags=re.S | re.M)
    for link in re.findall(r'\]\(([^)\s]+)\)', text):
        if '://' in link:
            continue
        target, _, anchor = link.partition('#')
        target = os.path.join(os.path.dirname(path), target) if target else path
        if not os.path.exists(target):
            raise PageError(f'there is no {link}')
        if anchor and anchor not in anchors(target):
            raise PageError(f'there is no heading for {link}')


def main():
    """See the usage."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('pages', nargs='+', metavar='PAGE')
    parser.add_argument('--check', action='store_true', help='look at marks and links only')
    parser.add_argument('--long', action='store_true', help='run the long blocks, too')
    parser.add_argument('--record', metavar='FILE', help='keep what the commands printed')
    parser.add_argument('--plant', metavar='FILE',
                        help='do not run; change each word of the output in turn, and see '
                        'whether that is noticed, going by such a record')
    parser.add_argument('-k', '--keep-going', action='store_true',
                        help='go on behind a line that differs')
    parser.add_argument('-v', '--verbose', action='store_true', help='show all output')
    args = parser.parse_args()
    bad = 0
    for path in args.pages:
        try:
            if args.check:
                parse(path)
                check_links(path)
            elif args.plant:
                with open(args.plant, encoding='utf-8') as file:
                    print(f'{path}: {plant(path, json.load(file))} changes noticed')
            else:
                wrong, record = run_page(path, args)
                bad += wrong is not None
                if args.record:
                    with open(args.record, 'w', encoding='utf-8') as file:
                        json.dump(record, file)
        except PageError as error:
            print(f'{path}:{error}')
            bad += 1
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
