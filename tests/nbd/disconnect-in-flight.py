#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Clients that leave with 64 requests in flight: by NBD_CMD_DISC, all are
answered first; by closing, they end unheard. Others go on."""
from wire import *

N = 64

with Server("=driver=ram,size=64M,latency-us=100000", threads=2) as s, \
        s.wire() as bystander:
    bystander.go()

    with s.wire() as w:
        w.go()
        cookies = {w.send_request(WRITE, i * 8192, data=bytes([i]) * 8192)
                   for i in range(N)}
        cookies |= {w.send_request(READ, MIB * i, 100 * KIB)
                    for i in range(1, N)}
        w.send_request(DISC)
        while cookies:
            read = {c for c in cookies if c > N}
            cookie, error, _ = w.take_answer(
                lambda c: 100 * KIB if c in read else 0)
            equal(error, 0)
            cookies.remove(cookie)
        check(w.at_end())

    before = s.gone()
    for i in range(20):
        w = s.wire().go(structured=i % 2)
        for j in range(N):
            if j % 2:
                w.send_request(READ, 32 * MIB + j * 65536, 65536)
            else:
                # an area for each: nobody else writes there meanwhile
                w.send_request(WRITE, (i * N + j) * 8192,
                               data=bytes([j]) * 8192)
        if i % 3 == 0:
            w.sock.shutdown(socket.SHUT_RDWR)
        w.close()
    equal(bystander.command(READ, 32 * MIB, 8192)[0], 0)
    wait_until("all have gone", lambda: s.gone() == before + 20)
    # what was acknowledged is there
    equal(bystander.command(READ, 0, N * 8192),
          (0, b"".join(bytes([i]) * 8192 for i in range(N))))

    # a client that closes its sending side only still gets its answers
    with s.wire() as w:
        w.go()
        cookies = [w.send_request(READ, 0, 8192) for _ in range(N)]
        w.sock.shutdown(socket.SHUT_WR)
        for _ in cookies:
            equal(w.take_answer(8192)[1:], (0, bytes(8192)))
        check(w.at_end())
