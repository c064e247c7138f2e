#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Clients that ask and don't read their replies: memory stays bounded, for
one and for many, others are served, and who reads at last gets everything."""
import threading

from wire import *

READ_AT, READ_BYTES = 32 * MIB, MIB


def ask_until_blocked(w):
    """Requests until the server takes no more; returns how many."""
    w.sock.settimeout(0.3)
    count = 0
    try:
        while count < 100000:
            w.send_request(READ, READ_AT, READ_BYTES)
            count += 1
    except TimeoutError:
        pass
    w.sock.settimeout(DEADLINE_S)
    return count


for threads in 1, 2:
    with Server("=driver=ram,size=64M", threads=threads) as s:
        s.works()
        before = s.rss()
        slow = s.wire().go()
        asked = ask_until_blocked(slow)
        check(asked > 64, "only", asked, "requests were taken")
        one = s.rss() - before
        check(one < 80 * MIB, "memory for one client:", one)
        s.works()

        # 64 MiB each would be 6 GiB
        crowd = [s.wire().go() for _ in range(100)]
        for w in crowd:
            for _ in range(70):
                w.send_request(READ, READ_AT, READ_BYTES)
        s.works()
        # a new one gets large payloads through as well, again and again
        with s.wire() as w:
            w.go()
            for _ in range(20):
                equal(w.command(READ, 16 * MIB, 4 * MIB), (0, bytes(4 * MIB)))
                equal(w.command(WRITE, 8 * MIB, data=b"w" * 4 * MIB), 0)
        used = s.rss() - before
        check(used < (threads * 256 + 100 + 100) * MIB, "for many:", used)

        # late, but complete
        done = []

        def drain(w, count):
            for _ in range(count):
                equal(w.take_answer(READ_BYTES)[1], 0)
            done.append(w)
        readers = [threading.Thread(target=drain, args=(w, 70))
                   for w in crowd[:10]]
        for r in readers:
            r.start()
        for r in readers:
            r.join()
        equal(len(done), 10, "readers that got everything")
        for w in crowd:
            w.close()
        # the half request that was stuck in the socket is of no interest
        for _ in range(asked):
            equal(slow.take_answer(READ_BYTES)[1], 0)
        slow.close()

        # and it is given back when they have gone
        wait_until("all have gone", lambda: s.gone() >= 102)
        wait_until("memory is given back",
                   lambda: s.rss() < before + 16 * MIB)
