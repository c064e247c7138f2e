#!/bin/bash
# SPDX-License-Identifier: MIT
# A block device of 4096-byte sectors, opened direct, takes any client request.
. "$(dirname "$0")/lib.sh"
need losetup nbdsh qemu-io
need_root "it makes a loop device"

random_file disk.img 8
device=$(losetup -f --show -b 4096 "$tmp/disk.img" 2>"$tmp/said") ||
	skip "no loop device: $(cat "$tmp/said")"
undo+=('losetup -d "$device"')
equal "sector size" "$(blockdev --getss "$device")" 4096

"$sluice" info --json "driver=io_uring,filename=$device,cache.direct=on" \
	>"$tmp/info"
serve "driver=io_uring,filename=$device,cache.direct=on"
file=$tmp/disk.img nbdsh -u "$uri" -c '
import os

with open(os.environ["file"], "rb") as f:
    disk = bytearray(f.read())
assert h.get_size() == len(disk)
# inside one sector, across two, over several; odd both ends
for offset, count in ((1, 1), (512, 512), (4000, 200), (8191, 12290),
                      (len(disk) - 3, 3)):
    assert h.pread(count, offset) == disk[offset:offset + count]
    h.pwrite(b"w" * count, offset)
    disk[offset:offset + count] = b"w" * count
h.zero(5000, 100001)
disk[100001:105001] = bytes(5000)
h.flush()
step = 1 << 20
for offset in range(0, len(disk), step):
    assert h.pread(step, offset) == disk[offset:offset + step], offset
'
