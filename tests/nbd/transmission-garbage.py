#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Garbage where a request should be ends that connection after what was in
flight is answered; others don't notice."""
import random
import struct

from wire import *

with Server("=driver=ram,size=64M,latency-us=20000") as s, \
        s.wire() as bystander:
    bystander.go()

    for magic in 0, 0x25609514, 0x67446698, 0x21E41C71, 0xFFFFFFFF:
        with s.wire() as w:
            w.go()
            good = {w.send_request(READ, i * 512, 512) for i in range(10)}
            w.send_request(READ, 0, 512, magic=magic)
            for _ in range(10):
                cookie, error, data = w.take_answer(512)
                equal((error, data), (0, bytes(512)))
                good.remove(cookie)
            check(w.at_end())

    # the end in the middle of a header, and of a payload
    for n in 1, 4, 27:
        with s.wire() as w:
            w.go()
            cookie = w.send_request(READ, 0, 512)
            w.send(struct.pack(">IHHQQI", 0x25609513, 0, 0, 9, 0, 512)[:n])
            w.sock.shutdown(socket.SHUT_WR)
            equal(w.take_answer(512), (cookie, 0, bytes(512)))
            check(w.at_end())
    with s.wire() as w:
        w.go()
        equal(w.command(WRITE, 0, data=b"before"), 0)
        w.send(struct.pack(">IHHQQI", 0x25609513, 0, WRITE, 9, 0, 100) +
               b"x" * 99)
        w.sock.shutdown(socket.SHUT_WR)
        check(w.at_end())
    equal(bystander.command(READ, 0, 6), (0, b"before"),
          "a write with half its payload")

    rng = random.Random(2)
    for i in range(300):
        with s.wire() as w:
            w.go(structured=i % 2)
            try:
                for _ in range(rng.randrange(4)):
                    w.send_request(rng.randrange(10), rng.randrange(2 * MIB),
                                   rng.randrange(2 * MIB),
                                   rng.randrange(0x40))
                w.send(rng.randbytes(rng.randrange(300)))
            except Closed:
                pass

    equal(bystander.command(READ, 32 * MIB, 512), (0, bytes(512)))
    s.works()
