#!/bin/bash
# SPDX-License-Identifier: MIT
# nbdkit's blkio plugin on our library: zeroes with and without holes, trims,
# FUA and odd ranges leave what they must, and nothing else changes.
. "$(dirname "$0")/lib.sh"
need nbdsh

make_disk "$1" 4
nbdkit_blkio
runs_on_ours
START=$start DISK=$disk nbdsh -u "$uri" -c - <<'END'
import os

K = 1024
with open(os.environ["START"], "rb") as file:
    want = bytearray(file.read())


def same():
    assert h.pread(len(want), 0) == want
    with open(os.environ["DISK"], "rb") as file:
        assert file.read() == want


def zero(length, start, flags=0):
    h.zero(length, start, flags)
    want[start:start + length] = bytes(length)
    same()


assert h.can_zero() and h.can_trim() and h.can_fua() and h.can_flush()
zero(64 * K, 0)
zero(64 * K, 128 * K, nbd.CMD_FLAG_NO_HOLE)
zero(64 * K, 256 * K, nbd.CMD_FLAG_FUA)
zero(64 * K, 384 * K, nbd.CMD_FLAG_NO_HOLE | nbd.CMD_FLAG_FUA)
zero(512, 1536 * K - 512)

want[700 * K:701 * K] = b"x" * K
h.pwrite(b"x" * K, 700 * K, nbd.CMD_FLAG_FUA)
same()
# without FUA, which this plugin passes on and libblkio has no such discard
h.trim(64 * K, 2048 * K)
h.flush()
want[2048 * K:2112 * K] = bytes(64 * K) # as it is for these disks
same()
for call in h.zero, h.trim:
    try:
        call(64 * K, len(want) - 32 * K)
        raise SystemExit("beyond the end of the disk")
    except nbd.Error:
        pass
same()
END
