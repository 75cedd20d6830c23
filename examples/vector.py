#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Vector commands to an OCSSD 2.0 namespace, through lightnvm's ioctl.

usage: vector.py /dev/nvme0n1
"""

import ctypes
import fcntl
import os
import struct
import sys


class Admin(ctypes.Structure):
    """What NVME_IOCTL_ADMIN_CMD takes."""
    _fields_ = [('opcode', ctypes.c_uint8), ('flags', ctypes.c_uint8),
                ('rsvd', ctypes.c_uint16), ('nsid', ctypes.c_uint32),
                ('cdw2', ctypes.c_uint32), ('cdw3', ctypes.c_uint32),
                ('metadata', ctypes.c_uint64), ('addr', ctypes.c_uint64),
                ('metadata_len', ctypes.c_uint32), ('data_len', ctypes.c_uint32),
                ('cdw10_15', ctypes.c_uint32 * 6), ('timeout', ctypes.c_uint32),
                ('result', ctypes.c_uint32)]


class Vio(ctypes.Structure):
    """What SUBMIT_VIO takes."""
    _fields_ = [('opcode', ctypes.c_uint8), ('flags', ctypes.c_uint8),
                ('control', ctypes.c_uint16), ('nppas', ctypes.c_uint16),
                ('rsvd', ctypes.c_uint16), ('metadata', ctypes.c_uint64),
                ('addr', ctypes.c_uint64), ('ppa_list', ctypes.c_uint64),
                ('metadata_len', ctypes.c_uint32), ('data_len', ctypes.c_uint32),
                ('status', ctypes.c_uint64), ('result', ctypes.c_uint32),
                ('rsvd3', ctypes.c_uint32 * 3)]


def iowr(letter, number, size):
    """The number of an ioctl that reads and writes a structure."""
    return 3 << 30 | size << 16 | ord(letter) << 8 | number


ADMIN_CMD = iowr('N', 0x41, ctypes.sizeof(Admin))
SUBMIT_VIO = iowr('L', 0x42, ctypes.sizeof(Vio))
RESET, WRITE, READ = 0x90, 0x91, 0x92
FD = os.open(sys.argv[1], os.O_RDWR)


def admin(opcode, cdw10, length):
    """An admin command that returns data."""
    data = ctypes.create_string_buffer(length)
    fcntl.ioctl(FD, ADMIN_CMD, Admin(
        opcode=opcode, nsid=1, addr=ctypes.addressof(data), data_len=length,
        cdw10_15=(ctypes.c_uint32 * 6)(cdw10)))
    return data.raw


def vector(opcode, addresses, data=None, oob=None):
    """A vector command; one address is passed without a list. Prints how it ended."""
    many = (ctypes.c_uint64 * len(addresses))(*addresses)
    vio = Vio(opcode=opcode, nppas=len(addresses) - 1,
              addr=ctypes.addressof(data) if data else 0,
              metadata=ctypes.addressof(oob) if oob else 0,
              metadata_len=len(oob) if oob else 0,
              ppa_list=ctypes.addressof(many) if len(addresses) > 1 else addresses[0])
    try:
        fcntl.ioctl(FD, SUBMIT_VIO, vio)
        end = 'ok'
    except OSError:
        end = f'status {vio.result:03x}, failed {vio.status:x}'
    name = {RESET: 'reset', WRITE: 'write', READ: 'read'}[opcode]
    print(f'{name} {len(addresses)} from {addresses[0]:#x}: {end}')


def chunk(number):
    """Print an entry of the chunk information log."""
    log = admin(0x02, ((number + 1) * 8 - 1) << 16 | 0xca, (number + 1) * 32)
    state, first, size, wp = struct.unpack_from('<B7xQQQ', log, number * 32)
    name = {1: 'free', 2: 'closed', 4: 'open', 8: 'offline'}[state]
    print(f'chunk at {first:#x}: {name}, {wp} of {size} sectors written')
    return first


geo = admin(0xe2, 0, 4096)
num_grp, num_pu, num_chk, clba = struct.unpack_from('<HHII', geo, 64)
ws_min, ws_opt, mw_cunits = struct.unpack_from('<III', geo, 128)
print(f'{num_grp} groups of {num_pu} units of {num_chk} chunks of {clba} sectors')
print(f'writes of {ws_min}, best {ws_opt}; {mw_cunits} must follow before a read')

start = chunk(0)
text = ctypes.create_string_buffer(64 * 4096)
oobs = ctypes.create_string_buffer(64 * 16)
for i in range(64):
    struct.pack_into('16s', text, i * 4096, b'sector %d' % i)
    struct.pack_into('16s', oobs, i * 16, b'oob of %d' % i)
vector(WRITE, [start + i for i in range(64)], text, oobs)
chunk(0)

for where in (start, start + 63):
    text = ctypes.create_string_buffer(4096)
    oobs = ctypes.create_string_buffer(16)
    vector(READ, [where], text, oobs)
    print(f'  data {text.value!r}, OOB {oobs.value!r}')

text = ctypes.create_string_buffer(ws_min * 4096)
vector(WRITE, [start + i for i in range(ws_min)], text)
vector(RESET, [start])
vector(RESET, [start])
chunk(0)
