#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Out of file descriptors the server waits, doesn't spin, serves those it
has, and takes the waiting client when there is room."""
import resource
import time

from wire import *

if WRAPPER:
    skip("valgrind has its own idea of file descriptors")
with Server() as s:
    first = s.wire().go()
    used = len(os.listdir(f"/proc/{s.pid}/fd"))
    resource.prlimit(s.pid, resource.RLIMIT_NOFILE, (used + 2, 4096))
    wires = [s.wire().go() for _ in range(2)]
    waiting = [Wire(s.connect(), greet=False) for _ in range(3)]
    wait_until("it is told", lambda: "can't accept" in s.log())

    cpu, start = s.cpu_s(), time.monotonic()
    while time.monotonic() - start < 1:
        equal(first.command(READ, 0, 512), (0, bytes(512)))
        time.sleep(0.05)
    check(s.cpu_s() - cpu < 0.5, "it spins:", s.cpu_s() - cpu)
    equal(s.log().count("can't accept"), 1, "lines in the log")

    for w in wires:
        w.close()
    for w in waiting[:2]:
        w.take(18)
