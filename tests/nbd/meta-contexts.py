#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Metadata contexts: listing, choosing, and when block status is allowed."""
import struct

from wire import *

LIST, SET = OPT_LIST_META_CONTEXT, OPT_SET_META_CONTEXT
ALLOCATION = b"base:allocation"

with Server("one=driver=ram,size=1M", "two=driver=ram,size=2M") as s:
    with s.wire() as w:
        # without structured replies
        for option in LIST, SET:
            equal(w.refused(option, meta_query(b"", ALLOCATION)), ERR_INVALID)
        w.option(OPT_STRUCTURED_REPLY)

        def found(option, *queries, name=b""):
            replies, final = w.option(option, meta_query(name, *queries))
            equal(final, REP_ACK)
            check(all(r == REP_META_CONTEXT for r, _ in replies))
            return [data[4:] for _, data in replies]

        for queries in (), (b"base:",), (ALLOCATION,), \
                (ALLOCATION, ALLOCATION, b"base:"), (b"x-y:z", b"base:"):
            equal(found(LIST, *queries), [ALLOCATION], queries)
        for queries in (b"qemu:dirty",), (b"base:other",), (b"",), \
                (b"base",), (b"base:allocation2",), (b"Base:allocation",):
            equal(found(LIST, *queries), [], queries)
            equal(found(SET, *queries), [], queries)
        for queries in (), (b"base:",):
            equal(found(SET, *queries), [], queries)
        for queries in (ALLOCATION,), (b"qemu:x", ALLOCATION, ALLOCATION):
            equal(found(SET, *queries), [ALLOCATION], queries)
        equal(found(LIST, *[b"x:%d" % i for i in range(1000)]), [])

        # malformed, at each length; a wild count
        good = meta_query(b"one", ALLOCATION, b"x:y")
        for option in LIST, SET:
            for n in range(len(good)):
                equal(w.refused(option, good[:n]), ERR_INVALID, n)
            equal(w.refused(option, good + b"x"), ERR_INVALID)
            for count in 3, 0xFFFFFFFF:
                equal(w.refused(option, meta_query(b"one", ALLOCATION,
                                                   b"x:y", count=count)),
                      ERR_INVALID)
            equal(w.refused(option, meta_query(b"none", ALLOCATION)),
                  ERR_UNKNOWN)

    def status_after(*steps, go=b"one"):
        """The error of a block status after these settings."""
        with s.wire() as w:
            w.option(OPT_STRUCTURED_REPLY)
            w.structured = True
            for option, data in steps:
                for _, text in w.option(option, data)[0]:
                    if option == LIST:
                        continue
                    w.context_id = struct.unpack(">I", text[:4])[0]
            w.go(go)
            return w.command(BLOCK_STATUS, 0, 4096)[0]

    one, two = (meta_query(n, ALLOCATION) for n in (b"one", b"two"))
    equal(status_after(), EINVAL, "never set")
    equal(status_after((LIST, one)), EINVAL, "only listed")
    equal(status_after((SET, one)), 0, "set")
    equal(status_after((SET, one), go=b""), 0, "set, by its other name")
    equal(status_after((SET, two)), EINVAL, "set for another export")
    equal(status_after((SET, one), (SET, two)), EINVAL, "set anew")
    equal(status_after((SET, one), (SET, one[:-1])), EINVAL,
          "a failing set takes the choice back")
    equal(status_after((SET, one), (SET, meta_query(b"one"))), EINVAL,
          "none chosen")
    equal(status_after((SET, one), (LIST, two)), 0, "listing changes nothing")

    # a client without structured replies can't have any
    with s.wire() as w:
        w.go()
        equal(w.command(BLOCK_STATUS, 0, 4096)[0], EINVAL)
