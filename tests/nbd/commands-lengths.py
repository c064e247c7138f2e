#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Payloads up to 32 MiB are done, above refused, above 64 MiB cut."""
import os

from wire import *

MAX = 32 * MIB

with Server("=driver=ram,size=200M") as s:
    for structured in False, True:
        with s.wire() as w:
            w.go(structured=structured)
            data = os.urandom(MIB) * 32
            equal(w.command(WRITE, 12345, data=data), 0)
            equal(w.command(READ, 12345, MAX), (0, data))
            equal(w.command(CACHE, 0, MAX), 0)

            too_long = EOVERFLOW if structured else EINVAL
            for length in MAX + 1, 2 * MAX, 100 * MIB, 2**32 - 1:
                equal(w.command(READ, 0, length), (too_long, b""))
                equal(w.command(CACHE, 0, length), too_long)
            # the payload is skipped, and the next request is found
            for length in MAX + 1, 2 * MAX:
                equal(w.command(WRITE, 0, data=bytes(length)), EINVAL)
            equal(w.command(READ, 12345, 4096), (0, data[:4096]))
            # no payload, no limit
            equal(w.command(WRITE_ZEROES, 0, 200 * MIB), 0)
            equal(w.command(TRIM, 0, 200 * MIB), 0)
            equal(w.command(READ, 12345, 4096), (0, bytes(4096)))

    for length in 2 * MAX + 1, 2**31, 2**32 - 1:
        with s.wire() as w:
            w.go()
            w.send_request(WRITE, 0, length)
            check(w.at_end())
    s.works()
