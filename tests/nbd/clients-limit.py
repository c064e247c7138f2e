#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Clients beyond the limit are closed at once; when one goes there is room."""
from wire import *

with Server(max_clients=3) as s:
    wires = [s.wire().go() for _ in range(3)]
    for _ in range(5):
        with s.wire(greet=False) as w:
            check(w.at_end())
    for w in wires:
        equal(w.command(READ, 0, 512), (0, bytes(512)))
    wires.pop().close()

    def room():
        try:
            return s.wire()
        except Closed:
            return None
    wait_until("there is room again", room).go()
    equal(s.log().count("as many as allowed"), 1, "lines in the log")
