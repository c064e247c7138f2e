#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Each command with each flag: done if it is for it, else EINVAL."""
from wire import *

# FUA is valid for all; the rest as each command's section says
TAKES = {
    READ: DF, WRITE: 0, FLUSH: 0, TRIM: 0, CACHE: 0,
    WRITE_ZEROES: NO_HOLE | FAST_ZERO, BLOCK_STATUS: REQ_ONE,
}


def one(w, cmd, flags):
    if cmd == WRITE:
        return w.command(cmd, 4096, data=bytes(4096), flags=flags)
    if cmd == FLUSH:
        return w.command(cmd, flags=flags)
    result = w.command(cmd, 4096, 4096, flags=flags)
    return result[0] if isinstance(result, tuple) else result


with Server() as s:
    for structured in False, True:
        with s.wire() as w:
            w.go(structured=structured, context=structured)
            for cmd, takes in TAKES.items():
                if cmd == BLOCK_STATUS and not structured:
                    continue
                takes |= FUA
                if not structured:
                    takes &= ~DF
                for flags in [1 << bit for bit in range(16)] + [
                        0, FUA | NO_HOLE, FUA | DF, FUA | FAST_ZERO,
                        NO_HOLE | FAST_ZERO, 0xFFFF]:
                    want = EINVAL if flags & ~takes else 0
                    # a ram disk's zeroes with NO_HOLE are no faster
                    if want == 0 and flags & FAST_ZERO and flags & NO_HOLE:
                        want = (0, ENOTSUP)
                    else:
                        want = (want,)
                    got = one(w, cmd, flags)
                    check(got in want, f"structured {structured} command "
                          f"{cmd} flags {flags:#x}: {got}, wanted {want}")

            # commands that there are not, with any flags
            for cmd in 8, 9, 255, 0x7FFF, 0xFFFF:
                for flags in 0, FUA, 0xFFFF:
                    equal(w.command(cmd, 0, 512, flags), EINVAL, cmd)
            equal(w.command(READ, 0, 512), (0, w.command(READ, 0, 512)[1]))

    # read-only: what would write is refused, flagged or not
    with Server(read_only=["ro=driver=ram,size=1M"]) as r, r.wire() as w:
        w.go(b"ro", context=True)
        check(w.flags & 2, "NBD_FLAG_READ_ONLY")
        equal(w.flags & 0x860, 0, "no trim, zeroes, fast zeroes offered")
        equal(w.command(WRITE, 0, data=bytes(512)), EPERM)
        equal(w.command(WRITE, 0, data=bytes(512), flags=FUA), EPERM)
        equal(w.command(TRIM, 0, 512), EPERM)
        equal(w.command(WRITE_ZEROES, 0, 512), EPERM)
        equal(w.command(WRITE_ZEROES, 0, 512, FAST_ZERO), EPERM)
        equal(w.command(FLUSH), 0)
        equal(w.command(CACHE, 0, 4096), 0)
        equal(w.command(READ, 0, 512), (0, bytes(512)))
        equal(w.extents(0, MIB), [(MIB, 3)])
