#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Over TCP: both address families of localhost, and small replies that don't
wait for a timer (Nagle's algorithm is off)."""
import time

from wire import *

with Server(address="localhost:0") as s:
    port = int(s.address.rpartition(":")[2])
    families = 0
    for host in "127.0.0.1", "::1":
        try:
            sock = socket.create_connection((host, port), DEADLINE_S)
        except OSError:
            check(host == "::1", "no IPv4")  # a machine may lack IPv6
            continue
        families += 1
        with Wire(sock) as w:
            w.go(structured=True)
            start = time.monotonic()
            for i in range(100):
                # several pieces, so that a delayed one would show
                equal(w.command(WRITE, 0, data=bytes([i]) * 100), 0)
                equal(w.command(READ, 0, 100), (0, bytes([i]) * 100))
            # 200 delayed acknowledgements of 40 ms would be 8 s
            check(time.monotonic() - start < 4, "delayed")
            equal(w.command(READ, 0, 32 * MIB)[0], 0)
    check(families > 0, "no address")
