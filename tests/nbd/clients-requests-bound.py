#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Requests of all clients together are bounded, so their stacks leave other
disks enough mappings; each client still has some, and all are answered."""
import contextlib

from wire import *

CLIENTS, EACH = 100, 128

with Server("slow=driver=ram,size=1M,latency-us=3000000",
            "quick=driver=ram,size=1M") as s, contextlib.ExitStack() as stack:
    def stacks():
        """Each has a page below it that can't be touched."""
        nr = 0
        with open(f"/proc/{s.pid}/maps") as f:
            for line in f:
                area, access = line.split()[:2]
                start, end = (int(x, 16) for x in area.split("-"))
                nr += access == "---p" and end - start == 4096
        return nr

    bystander = stack.enter_context(s.wire())
    bystander.go(b"quick")
    clients = [stack.enter_context(s.wire()) for _ in range(CLIENTS)]
    for w in clients:
        w.go(b"slow")
    for w in clients:
        for _ in range(EACH):
            w.send_request(FLUSH)
    wait_until("thousands are in flight", lambda: stacks() > 4096)
    equal(bystander.command(READ, 0, 4096)[0], 0)
    most = stacks()
    for w in clients:
        for _ in range(EACH):
            equal(w.take_answer()[1], 0)
        most = max(most, stacks())
    # of 8192 requests, 4 more for each client, and the clients themselves;
    # some are the program's own. Without a bound: 12800
    check(most < 8192 + 5 * CLIENTS + 200, most)
    equal(bystander.command(READ, 0, 4096)[0], 0)
