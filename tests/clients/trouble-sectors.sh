#!/bin/bash
# SPDX-License-Identifier: MIT
# Block devices, of 512- and 4096-byte sectors, opened direct or not, take any
# client request: odd ends are read, written and zeroed.
. "$(dirname "$0")/lib.sh"
need losetup nbdsh
need_root "it makes a loop device"

# try SECTOR DIRECT
try() {
	local device
	random_file disk.img 8
	device=$(losetup -f --show -b "$1" "$tmp/disk.img" 2>"$tmp/said") ||
		skip "no loop device: $(cat "$tmp/said")"
	undo+=("losetup -d $device")
	equal "sector size" "$(blockdev --getss "$device")" "$1"
	serve "driver=io_uring,filename=$device,cache.direct=$2"
	file=$tmp/disk.img nbdsh -u "$uri" -c '
import os

with open(os.environ["file"], "rb") as f:
    disk = bytearray(f.read())
assert h.get_size() == len(disk)

def check(what):
    step = 1 << 20
    for offset in range(0, len(disk), step):
        assert h.pread(step, offset) == disk[offset:offset + step], what

# inside one sector, across two, over several; odd both ends
ranges = ((1, 1), (512, 512), (4000, 200), (8191, 12290), (20000, 100001),
          (len(disk) - 3, 3))
for offset, count in ranges:
    assert h.pread(count, offset) == disk[offset:offset + count]
    h.pwrite(b"w" * count, offset)
    disk[offset:offset + count] = b"w" * count
check("written")
for flags in (0, nbd.CMD_FLAG_NO_HOLE, nbd.CMD_FLAG_FUA):
    for offset, count in ranges:
        h.pwrite(b"z" * count, offset)
        h.zero(count, offset, flags)
        disk[offset:offset + count] = bytes(count)
        check("zeroed with flags %d" % flags)
    for offset, count in ranges:
        h.trim(count, offset)
h.flush()
'
	stop_server
}

try 512 off
try 4096 off
try 4096 on
