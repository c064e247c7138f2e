#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An option that can't be done gets its error, and negotiation goes on."""
from wire import *

LONGEST = 16 * KIB  # of option data that is understood

with Server() as s, s.wire() as w:
    def refused(want, option, data=b"", **how):
        equal(w.refused(option, data, **how), want, f"option {option}")

    for data in b"", b"x", bytes(5000), bytes(MIB):
        for option in 0, 4, OPT_EXTENDED_HEADERS, 12, 0x7FFFFFFF, 0xFFFFFFFF:
            refused(ERR_UNSUP, option, data)
    refused(ERR_UNSUP, OPT_STARTTLS)

    # data where none belongs
    for option in OPT_LIST, OPT_STRUCTURED_REPLY:
        refused(ERR_INVALID, option, b"x")
        refused(ERR_INVALID, option, bytes(LONGEST))

    # too long to be looked at
    for option in (OPT_LIST, OPT_INFO, OPT_GO, OPT_STRUCTURED_REPLY,
                   OPT_LIST_META_CONTEXT, OPT_SET_META_CONTEXT):
        refused(ERR_TOO_BIG, option, bytes(LONGEST + 1))

    # lengths that contradict each other, in every position
    good = info_query(b"name", INFO_NAME, INFO_BLOCK_SIZE)
    for option in OPT_INFO, OPT_GO:
        for n in range(len(good)):
            refused(ERR_INVALID, option, good[:n])
        refused(ERR_INVALID, option, good + b"x")
        for name_len in 5, 6, 100, 0x7FFFFFFF, 0xFFFFFFFF:
            refused(ERR_INVALID, option, info_query(b"name",
                                                    name_len=name_len))
        for count in 1, 2, 0xFFFF:
            refused(ERR_INVALID, option, info_query(b"", count=count))
        refused(ERR_INVALID, option, info_query(b"a\0b"))
        refused(ERR_INVALID, option, info_query(b"x" * 4097))
        refused(ERR_UNKNOWN, option, info_query(b"x" * 4096))
        refused(ERR_UNKNOWN, option, info_query(b"no\x1b[2Jsuch\n"))

    check("\x1b" not in s.log(), "control characters in the log")
    w.go()
    equal(w.command(READ, 0, 4096), (0, bytes(4096)))
