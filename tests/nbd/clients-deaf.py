#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A client that has said goodbye has to take its last replies: one that takes
none is cut, a slow one gets them all."""
import time

from wire import *

TIMEOUT_S = 0.4

with Server("=driver=ram,size=64M", handshake_ms=int(TIMEOUT_S * 1000)) as s:
    wires = {}
    for how in "closes", "disconnects", "garbage", "slow":
        w = wires[how] = s.wire().go()
        for _ in range(16):
            w.send_request(READ, 0, MIB)
        if how == "disconnects":
            w.send_request(DISC)
        elif how == "garbage":
            w.send(b"x" * 28)
        else:
            w.sock.shutdown(socket.SHUT_WR)
    # waits, with replies untaken, but has not said goodbye
    patient = s.wire().go()
    for _ in range(16):
        patient.send_request(READ, 0, MIB)

    start = time.monotonic()
    slow = wires["slow"]
    for _ in range(16):
        equal(slow.take_answer(MIB)[1:], (0, bytes(MIB)))
        time.sleep(TIMEOUT_S / 4)
    check(slow.at_end())
    check(time.monotonic() - start > 2 * TIMEOUT_S)
    wait_until("the deaf ones are cut", lambda: s.gone() == 4)
    equal(s.log().count("takes no replies"), 3)
    for _ in range(16):
        equal(patient.take_answer(MIB)[1:], (0, bytes(MIB)))
