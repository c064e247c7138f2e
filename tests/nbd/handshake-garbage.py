#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Garbage at each step of the handshake ends that connection, no other."""
import random
import struct

from wire import *

with Server() as s, s.wire() as bystander:
    bystander.go()

    # client flags that nobody knows
    for flags in 4, 0x80000000, 0xFFFFFFFF:
        with s.wire(client_flags=flags) as w:
            check(w.at_end())

    # wrong magics: all zero, the reply's, one bit
    for magic in 0, 0x3E889045565A9, IHAVEOPT ^ 1:
        with s.wire() as w:
            w.send_option(OPT_LIST, magic=magic)
            check(w.at_end())

    # claims beyond reason
    for option in OPT_LIST, OPT_INFO, 77:
        for length in MIB + 1, 0x7FFFFFFF, 0xFFFFFFFF:
            with s.wire() as w:
                w.send_option(option, length=length)
                check(w.at_end())

    # ends in the middle of each part
    parts = (struct.pack(">I", 3) +
             struct.pack(">QII", IHAVEOPT, OPT_INFO, 6) + info_query() +
             struct.pack(">QII", IHAVEOPT, 99, 40) + bytes(40) +
             struct.pack(">QII", IHAVEOPT, OPT_GO, 6) + info_query())
    for n in range(len(parts)):
        with s.wire(greet=False) as w:
            w.send(parts[:n])

    # noise
    rng = random.Random(1)
    for i in range(300):
        with s.wire(greet=False) as w:
            try:
                if i % 3 > 0:
                    w.send(struct.pack(">I", 3))
                if i % 3 > 1:
                    w.send(struct.pack(">QII", IHAVEOPT, rng.randrange(12),
                                       rng.randrange(64)))
                w.send(rng.randbytes(rng.randrange(200)))
            except Closed:
                pass

    equal(bystander.command(WRITE, 0, data=b"alive" * 100), 0)
    equal(bystander.command(READ, 0, 500), (0, b"alive" * 100))
    s.works()
