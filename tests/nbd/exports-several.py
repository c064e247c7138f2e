#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Several exports in one server don't mix; the default answers to both its
names; sizes are each their own."""
from wire import *

with Server("a=driver=ram,size=1M", "b=driver=ram,size=2M",
            read_only=["c=driver=ram,size=3M"]) as s:
    wires = {}
    for name, size in (b"", 1), (b"a", 1), (b"b", 2), (b"c", 3):
        wires[name] = w = s.wire().go(name, structured=name == b"b")
        equal(w.size, size * MIB)
    equal(wires[b"a"].command(WRITE, 0, data=b"a" * 512), 0)
    equal(wires[b"b"].command(WRITE, 0, data=b"b" * 512), 0)
    equal(wires[b"c"].command(WRITE, 0, data=b"c" * 512), EPERM)
    for name, want in (b"", b"a"), (b"a", b"a"), (b"b", b"b"), (b"c", b"\0"):
        equal(wires[name].command(READ, 0, 512), (0, want * 512))
    for w in wires.values():
        w.close()
    replies, _ = s.wire().option(OPT_LIST)
    equal([data[4:5] for _, data in replies], [b"a", b"b", b"c"])
