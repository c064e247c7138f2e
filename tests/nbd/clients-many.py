#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""300 clients at once, each with requests in flight; all are answered, and
when they have gone their memory has, too."""
from wire import *

N = 300

for threads in 1, 2:
    with Server(threads=threads) as s:
        s.works()
        wires = [s.wire() for _ in range(N)]
        for w in wires:
            w.go()
        for i, w in enumerate(wires):
            for j in range(8):
                w.send_request(WRITE, (i * 8 + j) * 4096,
                               data=bytes([(i + j) % 256]) * 4096)
        for w in wires:
            for _ in range(8):
                equal(w.take_answer()[1], 0)
        for i, w in enumerate(reversed(wires)):
            w.send_request(READ, 8 * 4096 * i, 32768)
        for i, w in enumerate(reversed(wires)):
            want = b"".join(bytes([(i + j) % 256]) * 4096 for j in range(8))
            equal(w.take_answer(32768)[1:], (0, want))
        for i, w in enumerate(wires):
            if i % 2:
                w.send_request(DISC)
            w.close()
        wait_until("all have gone", lambda: s.gone() >= N)
        s.works()
