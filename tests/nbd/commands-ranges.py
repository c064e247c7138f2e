#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Ranges at and beyond the end, empty ones, and those that wrap around."""
from wire import *

SIZE = MIB + 512

with Server(f"=driver=ram,size={SIZE}") as s:
    for context in False, True:
        with s.wire() as w:
            w.go(context=context)
            equal(w.size, SIZE)

            def error(cmd, offset, length):
                if cmd == WRITE:
                    return w.command(cmd, offset, data=bytes(length))
                got = w.command(cmd, offset, length)
                return got[0] if isinstance(got, tuple) else got

            beyond = {READ: EINVAL, WRITE: ENOSPC, TRIM: EINVAL,
                      CACHE: EINVAL, WRITE_ZEROES: ENOSPC}
            if context:
                beyond[BLOCK_STATUS] = EINVAL
            for cmd, want in beyond.items():
                for offset, length in (SIZE, 1), (SIZE - 1, 2), (0, SIZE + 1), \
                        (SIZE + 1, 1), (2**63, 1), (2**64 - 1, 1), \
                        (2**64 - 512, 512), (2**64 - 1, 4096):
                    equal(error(cmd, offset, length), want,
                          f"command {cmd} at {offset}+{length}")
                for offset, length in (SIZE - 1, 1), (SIZE - 512, 512), \
                        (1, SIZE - 1), (0, SIZE):
                    equal(error(cmd, offset, length), 0,
                          f"command {cmd} at {offset}+{length}")
                # nothing, at the end and inside: unspecified, we do it
                want_empty = EINVAL if cmd == BLOCK_STATUS else 0
                for offset in 0, 777, SIZE:
                    equal(error(cmd, offset, 0), want_empty, f"{cmd} empty")
                equal(error(cmd, SIZE + 1, 0),
                      EINVAL if cmd == BLOCK_STATUS else want)
            # reserved fields of a flush
            equal(w.command(FLUSH, 1, 0), EINVAL)
            equal(w.command(FLUSH, 0, 512), EINVAL)
            equal(w.command(FLUSH), 0)

            # 4 GiB - 1 is a length like others where no payload is involved
            for cmd in TRIM, WRITE_ZEROES:
                equal(error(cmd, 0, 2**32 - 1), beyond[cmd])
