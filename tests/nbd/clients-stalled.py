#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Half a request, then silence: the connection stays, costs nothing, harms
nobody, and goes on where it stopped."""
import struct
import time

from wire import *

with Server(handshake_ms=200) as s:
    header = struct.pack(">IHHQQI", 0x25609513, 0, WRITE, 77, 4096, MIB)
    stalled = []
    for n in 0, 1, 27, 28, 29, 28 + 4096, 28 + MIB - 1:
        w = s.wire().go()
        w.send((header + b"s" * MIB)[:n])
        stalled.append((w, n))
    with s.wire() as w:
        w.go()
        # the writes that are not complete have not been made, and long after
        # the time that a handshake may take all are still there
        cpu, start = s.cpu_s(), time.monotonic()
        while time.monotonic() - start < 0.6:
            equal(w.command(READ, 4096, 512), (0, bytes(512)))
            time.sleep(0.02)
        check(s.cpu_s() - cpu < 0.4, "it spins:", s.cpu_s() - cpu)
    wait_until("only that one has gone", lambda: s.gone() == 1)
    for w, n in stalled:
        w.send((header + b"s" * MIB)[n:])
        equal(w.take_answer(), (77, 0, b""))
        equal(w.command(READ, 4096, MIB), (0, b"s" * MIB))
        w.close()
