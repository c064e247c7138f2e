#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Replies come as requests complete: a quick one passes a slow one, and many
are in flight at the same time."""
import time

from wire import *

LATENCY_S = 0.2

with Server(f"=driver=ram,size=64M,latency-us={int(LATENCY_S * 1e6)}") as s:
    with s.wire() as w:
        w.go()
        slow = w.send_request(READ, 0, 4096)
        refused = w.send_request(READ, 64 * MIB, 4096)
        equal(w.take_answer(0)[:2], (refused, EINVAL))
        equal(w.take_answer(4096), (slow, 0, bytes(4096)))

        start = time.monotonic()
        cookies = {w.send_request(READ, i * 4096, 4096) for i in range(100)}
        for _ in range(100):
            cookie, error, _ = w.take_answer(4096)
            equal(error, 0)
            cookies.remove(cookie)
        check(time.monotonic() - start < 50 * LATENCY_S, "one after the other")
