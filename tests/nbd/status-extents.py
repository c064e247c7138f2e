#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""base:allocation tells the true extents: of a ram disk, of a sparse file,
one at a time, and no more than a reply's bound."""
import os

from wire import *

HOLE, DATA = 3, 0
STEP = 64 * KIB


def expect_stripes(w, count):
    """Data at even steps, holes at odd ones."""
    equal(w.extents(0, count * STEP),
          [(STEP, HOLE if i % 2 else DATA) for i in range(count)])
    # parts of extents, unaligned
    equal(w.extents(STEP - 1, 2), [(1, DATA), (1, HOLE)])
    equal(w.extents(777, STEP), [(STEP - 777, DATA), (777, HOLE)])
    # one
    equal(w.extents(0, count * STEP, REQ_ONE), [(STEP, DATA)])
    equal(w.extents(0, 100, REQ_ONE), [(100, DATA)])
    equal(w.extents(STEP + 5, 4 * STEP, REQ_ONE), [(STEP - 5, HOLE)])


with Server("=driver=ram,size=64M") as s:
    path = s.tmp + "/sparse"
    with open(path, "wb") as f:
        f.truncate(64 * MIB)
        for i in range(0, 100, 2):
            f.seek(i * STEP)
            f.write(os.urandom(STEP))

    with s.wire() as w:
        w.go(context=True)
        equal(w.extents(0, 64 * MIB), [(64 * MIB, HOLE)])
        for i in range(0, 100, 2):
            equal(w.command(WRITE, i * STEP, data=b"x" * STEP), 0)
        expect_stripes(w, 100)
        equal(w.command(TRIM, 0, STEP), 0)
        equal(w.extents(0, 3 * STEP), [(2 * STEP, HOLE), (STEP, DATA)])

        # many: a bounded reply, and the rest for the asking
        equal(w.command(WRITE_ZEROES, 0, 64 * MIB), 0)
        for i in range(0, 8192, 2):
            w.send_request(WRITE, i * 4096, data=b"y" * 4096)
            equal(w.take_answer()[1], 0)
        at, got = 0, []
        while at < 8192 * 4096:
            part = w.extents(at, 8192 * 4096 - at)
            check(0 < len(part) <= 2048, "extents of one reply:", len(part))
            got += part
            at += sum(length for length, _ in part)
        equal(at, 8192 * 4096)
        equal(got, [(4096, HOLE if i % 2 else DATA) for i in range(8192)])

    # a file; the file system decides about holes, so ask it first
    if os.stat(path).st_blocks * 512 < 64 * MIB:
        try:
            f = Server("=driver=io_uring,read-only=on,filename=" + path)
        except AssertionError as e:
            skip(f"no io_uring here: {e}")
        with f, f.wire() as w:
            w.go(context=True)
            expect_stripes(w, 100)
