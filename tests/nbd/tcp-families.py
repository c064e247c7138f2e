#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Over TCP, in both address families of localhost, small and large."""
from wire import *

with Server(address="localhost:0") as s:
    port = int(s.address.rpartition(":")[2])
    families = 0
    for host in "127.0.0.1", "::1":
        try:
            sock = socket.create_connection((host, port), DEADLINE_S)
        except OSError:
            check(host == "::1", "no IPv4")  # a machine may lack IPv6
            continue
        families += 1
        with Wire(sock) as w:
            w.go(structured=True)
            equal(w.command(WRITE, 100, data=b"small"), 0)
            equal(w.command(READ, 100, 5), (0, b"small"))
            data = os.urandom(MIB) * 32
            equal(w.command(WRITE, 4096, data=data), 0)
            equal(w.command(READ, 4096, 32 * MIB), (0, data))
    check(families > 0, "no address")
