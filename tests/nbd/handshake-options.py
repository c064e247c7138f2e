#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Each option that the server knows does what it is for."""
import struct

from wire import *

EXPORTS = ("one=driver=ram,size=1M", "two=driver=ram,size=2M")


def server(name, text):
    return (REP_SERVER, struct.pack(">I", len(name)) + name + text)


with Server(*EXPORTS) as s:
    with s.wire() as w:
        equal(w.handshake_flags, 3, "handshake flags")
        replies, final = w.option(OPT_LIST)
        equal(final, REP_ACK)
        equal(replies, [server(b"one", b"made for tests"),
                        server(b"two", b"made for tests")])

        # information: only what is asked for, besides the export itself
        replies, final = w.option(OPT_INFO, info_query(b"two"))
        equal(final, REP_ACK)
        equal([struct.unpack(">H", d[:2])[0] for _, d in replies],
              [INFO_EXPORT])
        w.set_export(replies)
        equal(w.size, 2 * MIB)

        # all there is, an unknown one in between, and the canonical name
        replies, final = w.option(OPT_INFO, info_query(
            b"", INFO_NAME, 0x7777, INFO_DESCRIPTION, INFO_BLOCK_SIZE))
        equal(final, REP_ACK)
        got = {struct.unpack(">H", d[:2])[0]: d[2:] for _, d in replies}
        equal(set(got), {INFO_EXPORT, INFO_NAME, INFO_DESCRIPTION,
                         INFO_BLOCK_SIZE})
        equal(got[INFO_NAME], b"one")
        equal(got[INFO_DESCRIPTION], b"made for tests")
        equal(struct.unpack(">III", got[INFO_BLOCK_SIZE]),
              (1, 4096, 32 * MIB))
        size, flags = struct.unpack(">QH", got[INFO_EXPORT])
        equal(size, MIB)
        check(not flags & 0x80, "DF without structured replies")

        equal(w.refused(OPT_GO, info_query(b"three")), ERR_UNKNOWN)
        equal(w.option(OPT_STRUCTURED_REPLY), ([], REP_ACK))
        equal(w.option(OPT_STRUCTURED_REPLY), ([], REP_ACK))  # again
        replies, final = w.option(OPT_GO, info_query(b"one"))
        equal(final, REP_ACK)
        w.set_export(replies)
        # HAS_FLAGS FLUSH FUA TRIM ZEROES DF MULTI_CONN CACHE FAST_ZERO
        equal(w.flags, 0x001 | 0x004 | 0x008 | 0x020 | 0x040 | 0x080 | 0x100 |
              0x400 | 0x800)
        w.structured = True
        equal(w.command(READ, 0, 512), (0, bytes(512)))

    # a soft disconnect is acknowledged, whatever comes with it
    for data in b"", b"reason", bytes(100 * KIB):
        with s.wire() as w:
            w.send_option(OPT_ABORT, data)
            equal(w.take_reply(OPT_ABORT), (REP_ACK, b""))
            check(w.at_end())
