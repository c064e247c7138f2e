#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Who dawdles in the handshake is cut; who is past it may be silent."""
import struct

from wire import *

with Server(handshake_ms=300) as s, s.wire() as idle:
    idle.go()
    silent = s.wire(greet=False)
    no_option = s.wire()
    half_option = s.wire()
    half_option.send(struct.pack(">QI", IHAVEOPT, OPT_GO))
    half_data = s.wire()
    half_data.send_option(OPT_GO, b"\0\0\0", length=6)
    never_skipped = s.wire()
    never_skipped.send_option(99, b"x", length=1000)
    # asks and asks, and never takes the answers
    deaf = s.wire()
    deaf.sock.settimeout(0.5)
    try:
        while True:
            deaf.send(struct.pack(">QII", IHAVEOPT, 98, 0) * 100)
    except (TimeoutError, Closed):
        pass

    silent.take(18)
    for w in silent, no_option, half_option, half_data, never_skipped:
        check(w.at_end())
        w.close()
    wait_until("the deaf client is cut", lambda: s.gone() == 6)
    deaf.close()

    # much longer than the timeout has passed for this one
    equal(idle.command(READ, 0, 512), (0, bytes(512)))
