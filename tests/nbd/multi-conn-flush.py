#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What NBD_FLAG_CAN_MULTI_CONN promises: a flush on one connection makes
durable what was written on another, also when they are on different loops;
a write is visible to all at once."""

from wire import *

for threads in "1", "2":
    with Server("=driver=ram,size=64M", threads=threads) as s:
        wires = [s.wire().go() for _ in range(8)]
        check(wires[0].flags & 0x100, "NBD_FLAG_CAN_MULTI_CONN")
        for i, w in enumerate(wires):
            data = bytes([i + 1]) * 5000
            equal(w.command(WRITE, i * 5000, data=data, flags=FUA * (i % 2)), 0)
            for other in wires:
                equal(other.command(READ, i * 5000, 5000), (0, data))
        for w in wires:
            equal(w.command(FLUSH), 0)
            w.close()

    # the device's flush fails: on each connection each time, although the
    # write was made on the first and on another loop
    with Server("=driver=ram,size=64M,error-op=flush,error-errno=5,"
                "error-count=4", threads=threads) as s:
        writer, other = s.wire().go(), s.wire().go()
        for w in other, writer:
            equal(writer.command(WRITE, 0, data=b"x" * 512), 0)
            equal(w.command(FLUSH), EIO, "a flush that reaches the device")
        equal(other.command(WRITE, 0, data=b"y" * 512, flags=FUA),
              0, "FUA is no flush where the device has it")
        equal(other.command(TRIM, 0, 65536, FUA), EIO, "a trim with FUA")
        equal(other.command(TRIM, 0, 65536), 0, "and without")
        equal(writer.command(FLUSH), EIO)
        equal(other.command(FLUSH), 0)
