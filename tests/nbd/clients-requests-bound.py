#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Requests of all clients together are bounded, so their stacks leave other
disks enough mappings; each client still has some, and all are answered."""
import contextlib

from wire import *

CLIENTS, EACH = 100, 128

with Server("slow=driver=ram,size=1M,latency-us=3000000",
            "quick=driver=ram,size=1M") as s, contextlib.ExitStack() as stack:
    def mappings():
        with open(f"/proc/{s.pid}/maps") as f:
            return len(f.readlines())

    bystander = stack.enter_context(s.wire())
    bystander.go(b"quick")
    clients = [stack.enter_context(s.wire()) for _ in range(CLIENTS)]
    for w in clients:
        w.go(b"slow")
    for w in clients:
        for _ in range(EACH):
            w.send_request(FLUSH)
    wait_until("thousands are in flight", lambda: mappings() > 8192)
    equal(bystander.command(READ, 0, 4096)[0], 0)
    most = mappings()
    for w in clients:
        for _ in range(EACH):
            equal(w.take_answer()[1], 0)
        most = max(most, mappings())
    # two for each stack of the 8192 requests and 4 more for each client, of
    # the clients themselves; and the program's own. Without a bound: 25600
    check(most < 2 * (8192 + 5 * CLIENTS) + 1000, most)
    equal(bystander.command(READ, 0, 4096)[0], 0)
