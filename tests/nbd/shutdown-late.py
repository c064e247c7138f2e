#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Clients that hold a shutdown up are cut when its time is over."""
import struct
import time

from wire import *

for threads in 1, 2:
    with Server(shutdown_ms=300, threads=threads) as s:
        # takes no replies
        deaf = s.wire().go()
        for _ in range(100):
            deaf.send_request(READ, 0, MIB)
        # stops in the middle of a payload
        half = s.wire().go()
        half.send(struct.pack(">IHHQQI", 0x25609513, 0, WRITE, 7, 0, MIB) +
                  bytes(KIB))
        s.works()
        start = time.monotonic()
        s.stop()
        check(time.monotonic() - start >= 0.25, "it did not wait")
        check(half.at_end())

    # the device holds it up, which can't be helped: clients are let go
    with Server("=driver=ram,size=64M,latency-us=2000000", shutdown_ms=300,
                threads=threads) as s:
        w = s.wire().go()
        w.send_request(READ, 0, 512)
        refused = w.send_request(READ, 2**40, 512)
        equal(w.take_answer(), (refused, EINVAL, b""))
        start = time.monotonic()
        s.process.send_signal(signal.SIGTERM)
        check(w.at_end())
        check(time.monotonic() - start < 1.5, "held up as well")
        s.ended()
