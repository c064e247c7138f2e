#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""SIGTERM: requests in flight finish and their replies leave, later ones get
ESHUTDOWN or the end, idle clients and handshakes are ended, status 0."""
import struct

from wire import *


def listening(s):
    """Is a new client taken? (The socket's file is there to the end.)"""
    try:
        with Wire(s.connect(), greet=False) as w:
            w.sock.settimeout(0.1)
            w.take(18)
            return True
    except (Closed, TimeoutError, ConnectionRefusedError, FileNotFoundError):
        return False


for threads in 1, 2:
    with Server("=driver=ram,size=64M,latency-us=300000",
                threads=threads) as s:
        idle, greeted, waiting = s.wire().go(), s.wire(), s.wire(greet=False)
        half = s.wire().go()
        half.send(struct.pack(">IHHQQI", 0x25609513, 0, READ, 1, 0, 512)[:20])
        busy = s.wire().go(structured=True)
        cookies = [busy.send_request(READ, i * 65536, 65536)
                   for i in range(64)]
        # a refusal comes after all before it were taken
        last = busy.send_request(READ, 2**40, 512)
        equal(busy.take_answer()[:2], (last, EINVAL))
        s.process.send_signal(signal.SIGTERM)
        for _ in cookies:
            cookie, error, data = busy.take_answer()
            equal((error, data), (0, bytes(65536)))
            cookies.remove(cookie)
            cookies.append(None)
        waiting.take(18)
        for w in busy, idle, greeted, half, waiting:
            check(w.at_end())
        s.ended()

    # a write that arrives bit by bit while the server stops is in flight
    with Server("=driver=ram,size=64M", threads=threads) as s:
        w = s.wire().go()
        w.send(struct.pack(">IHHQQI", 0x25609513, 0, WRITE, 7, 0, MIB) +
               bytes(KIB))
        equal(s.wire().go().command(READ, 0, 512)[0], 0)  # it was taken
        s.process.send_signal(signal.SIGTERM)
        wait_until("it does not listen", lambda: not listening(s))
        w.send(bytes(MIB - KIB))
        equal(w.take_answer(), (7, 0, b""))
        check(w.at_end())
        s.ended()

    # requests that come while others hold the server up
    with Server("=driver=ram,size=64M,latency-us=500000",
                threads=threads) as s:
        w = s.wire().go(structured=True)
        first = w.send_request(READ, 0, 512)
        refused = w.send_request(READ, 2**40, 512)
        equal(w.take_answer()[:2], (refused, EINVAL))
        s.process.send_signal(signal.SIGTERM)
        wait_until("it does not listen", lambda: not listening(s))
        late = w.send_request(READ, 0, 512)
        got = {w.take_answer()[:2], w.take_answer()[:2]}
        equal(got, {(late, ESHUTDOWN), (first, 0)})
        check(w.at_end())
        s.ended()
