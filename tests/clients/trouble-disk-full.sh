#!/bin/bash
# SPDX-License-Identifier: MIT
# A full file system reaches the client as ENOSPC and the server's log, and the
# server serves on.
. "$(dirname "$0")/lib.sh"
need nbdsh
need_root "it mounts a tiny file system"

mkdir "$tmp/tiny"
mount -t tmpfs -o size=4M tiny "$tmp/tiny" || skip "mount is not allowed here"
undo+=('umount "$tmp/tiny"')
truncate -s 64M "$tmp/tiny/disk.img"
serve "$tmp/tiny/disk.img"
nbdsh -u "$uri" -c '
import errno

h.pwrite(b"kept" * 1024, 0)
h.flush()
try:
    for i in range(1, 16):
        h.pwrite(b"x" * (1 << 20), i << 20)
    raise SystemExit("16 MiB fit into 4 MiB")
except nbd.Error as e:
    assert e.errnum == errno.ENOSPC, e.errno
# this connection goes on: reads, and writes where there is room again
assert h.pread(4096, 0) == b"kept" * 1024
h.trim(15 << 20, 1 << 20)
h.pwrite(b"again", 20 << 20)
assert h.pread(5, 20 << 20) == b"again"
'
contains "$tmp/server.err" 'export "disk.img": write of 1048576 bytes at '
contains "$tmp/server.err" "No space left on device"
# and so do others
equal size "$(nbdinfo --size "$uri")" $((64 << 20))
