#!/bin/bash
# SPDX-License-Identifier: MIT
# A file cut short under the server reads as zeroes from there; all else works.
. "$(dirname "$0")/lib.sh"
need nbdsh

random_file disk.img 8
serve "$tmp/disk.img"
file=$tmp/disk.img nbdsh -u "$uri" -c '
import os

path = os.environ["file"]
before = h.pread(1 << 20, 0)
edge = h.pread(4096, (4 << 20) - 4096)
os.truncate(path, 4 << 20)
assert h.pread(4096, 6 << 20) == bytes(4096)
assert h.pread(8192, (4 << 20) - 4096) == edge + bytes(4096)
assert h.pread(1 << 20, 0) == before
# a write past the end makes the file long again
h.pwrite(b"z" * 4096, 6 << 20, nbd.CMD_FLAG_FUA)
assert h.pread(8192, (6 << 20) - 4096) == bytes(4096) + b"z" * 4096
'
equal size "$(nbdinfo --size "$uri")" $((8 << 20))
nbdinfo --map "$uri" >"$tmp/map"
[ -s "$tmp/map" ] || fail "no map of the shorter file"
