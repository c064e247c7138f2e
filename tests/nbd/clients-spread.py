#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Clients are shared among the loops, each stays on its own; who goes makes
room where it was."""
from wire import *


def cpu_ns(s):
    """How long each thread of the server has run."""
    times = {}
    for task in os.listdir(f"/proc/{s.pid}/task"):
        with open(f"/proc/{s.pid}/task/{task}/schedstat") as f:
            times[task] = int(f.read().split()[0])
    return times


def thread_of(s, w):
    """The thread that serves w: others have nothing to do meanwhile."""
    before = cpu_ns(s)
    for _ in range(200):
        equal(w.command(READ, 0, 512)[0], 0)
    after = cpu_ns(s)
    return max(before, key=lambda task: after[task] - before[task])


if WRAPPER:
    skip("valgrind runs one thread at a time")
with Server(threads=3) as s:
    wires = [s.wire().go() for _ in range(6)]
    threads = [thread_of(s, w) for w in wires]
    equal([threads.count(t) for t in set(threads)], [2, 2, 2], threads)
    equal([thread_of(s, w) for w in wires], threads, "stay where they are")

    left = s.gone()
    for i in range(6):
        if threads[i] == threads[0]:
            wires[i].close()
    wait_until("two have gone", lambda: s.gone() == left + 2)
    for _ in range(2):
        equal(thread_of(s, s.wire().go()), threads[0], "where there is room")
