#!/bin/bash
# SPDX-License-Identifier: MIT
# A block device is copied to and from by its path; one that is too small is
# refused before anything is written.
. "$(dirname "$0")/lib.sh"
need losetup
need_root "loop devices"

truncate -s 8M "$tmp/backing"
loop=$(losetup --find --show "$tmp/backing") || skip "no loop devices"
undo+=("losetup -d $loop")
random_file disk.img 8
exits 0 sluice copy "$tmp/disk.img" "$loop"
exits 0 sluice copy "$loop" "$tmp/back.img"
cmp "$tmp/disk.img" "$tmp/back.img"
exits 0 sluice copy "driver=io_uring,path=$loop,cache.direct=on" "$tmp/back.img"
cmp "$tmp/disk.img" "$tmp/back.img"

random_file large.img 9
exits 1 sluice copy "$tmp/large.img" "$loop"
says copy "$loop" "too small"
exits 0 sluice copy "$loop" "$tmp/back.img"
cmp "$tmp/disk.img" "$tmp/back.img"
