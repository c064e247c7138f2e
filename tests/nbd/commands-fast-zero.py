#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Fast zeroes: ENOTSUP and nothing changed where only writing would do; the
same range zeroed without the flag."""
import errno

from wire import *

# a device that can't write zeroes by itself
DISK = f"driver=ram,size=1M,error-op=write-zeroes,error-errno={errno.ENOTSUP}"

with Server("=" + DISK, "able=driver=ram,size=1M") as s:
    with s.wire() as w:
        w.go()
        check(w.flags & 0x800, "NBD_FLAG_SEND_FAST_ZERO")
        data = b"abcd" * 1024
        equal(w.command(WRITE, 0, data=data), 0)
        equal(w.command(WRITE_ZEROES, 0, 4096, FAST_ZERO), ENOTSUP)
        equal(w.command(READ, 0, 4096), (0, data))
        equal(w.command(WRITE_ZEROES, 0, 4096), 0)
        equal(w.command(READ, 0, 4096), (0, bytes(4096)))
    with s.wire() as w:
        w.go(b"able", context=True)
        equal(w.command(WRITE, 0, data=data), 0)
        equal(w.command(WRITE_ZEROES, 0, 4096, FAST_ZERO), 0)
        equal(w.command(READ, 0, 4096), (0, bytes(4096)))
        equal(w.extents(0, 4096), [(4096, 3)], "a hole was allowed")
        equal(w.command(WRITE_ZEROES, 4096, 4096, NO_HOLE), 0)
        state = w.extents(4096, 4096)[0][1]
        check(not state & 1, "NO_HOLE, and yet a hole")
