#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""NBD_OPT_EXPORT_NAME: 134 or 10 bytes and no error reply, ever."""
import struct

from wire import *

with Server("one=driver=ram,size=1M", "two=driver=ram,size=2M") as s:
    for flags, zeroes in (0, 124), (1, 124), (2, 0), (3, 0):
        for name, size in (b"", MIB), (b"one", MIB), (b"two", 2 * MIB):
            with s.wire(client_flags=flags) as w:
                w.send_option(OPT_EXPORT_NAME, name)
                got, export_flags = struct.unpack(">QH", w.take(10))
                equal(w.take(zeroes), bytes(zeroes))
                equal(got, size)
                check(export_flags & 1)
                # the next byte is a reply's: no padding was left behind
                equal(w.command(READ, 512, 512), (0, bytes(512)))

    for name in b"on", b"onee", b"one\0", b"x" * 4097, b"x" * 40000:
        with s.wire() as w:
            w.send_option(OPT_EXPORT_NAME, name)
            check(w.at_end())
    s.works()
