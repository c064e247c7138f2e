#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The device's errors reach the client as the protocol's, one by one, and
the connection goes on."""
import errno

from wire import *

WANT = {
    errno.EPERM: EPERM, errno.EACCES: EPERM, errno.EROFS: EPERM,
    errno.EIO: EIO, errno.ENOMEM: ENOMEM, errno.EINVAL: EINVAL,
    errno.ENOSPC: ENOSPC, errno.EDQUOT: ENOSPC, errno.EFBIG: ENOSPC,
    errno.EOVERFLOW: EOVERFLOW, errno.ESHUTDOWN: ESHUTDOWN,
    errno.ENODEV: EIO, errno.ETIMEDOUT: EIO, errno.EILSEQ: EIO,
    # is for fast zeroes only
    errno.ENOTSUP: EINVAL,
}
OPS = {"read": (READ, CACHE), "write": (WRITE,), "flush": (FLUSH,),
       "block-status": (BLOCK_STATUS,)}


def one(w, cmd):
    if cmd == WRITE:
        return w.command(cmd, 4096, data=b"x" * 4096)
    got = w.command(cmd) if cmd == FLUSH else w.command(cmd, 4096, 4096)
    return got[0] if isinstance(got, tuple) else got


exports = [f"{op}-{number}=driver=ram,size=1M,error-op={op},"
           f"error-errno={number},error-count=2"
           for op in OPS for number in (errno.EIO, errno.ENOSPC)]
with Server(*exports) as s:
    for op, commands in OPS.items():
        for number in errno.EIO, errno.ENOSPC:
            with s.wire() as w:
                w.go(f"{op}-{number}".encode(), context=True)
                for _ in range(2 // len(commands)):
                    for cmd in commands:
                        equal(one(w, cmd), number, f"{op} {number}")
                for cmds in OPS.values():  # the fault has passed
                    for cmd in cmds:
                        equal(one(w, cmd), 0, f"{op} {number} after")

numbers = list(WANT)
for some in numbers[:8], numbers[8:]:
    with Server(*[f"{n}=driver=ram,size=1M,error-op=read,error-errno={n}"
                  for n in some]) as s:
        for n in some:
            for structured in False, True:
                with s.wire() as w:
                    w.go(str(n).encode(), structured=structured)
                    equal(one(w, READ), WANT[n], errno.errorcode[n])
                    equal(one(w, WRITE), 0)
