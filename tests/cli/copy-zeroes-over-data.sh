#!/bin/bash
# SPDX-License-Identifier: MIT
# On a target that exists and is spelt with options, holes of the source
# overwrite what was there, and what lies behind the source's end stays.
. "$(dirname "$0")/lib.sh"

truncate -s 4M "$tmp/disk.img"
head -c 100000 /dev/urandom |
	dd of="$tmp/disk.img" bs=1M seek=2 conv=notrunc status=none
random_file target.img 6
cp "$tmp/target.img" "$tmp/before.img"
exits 0 sluice copy "$tmp/disk.img" "driver=io_uring,path=$tmp/target.img"
cmp -n $((4 << 20)) "$tmp/disk.img" "$tmp/target.img"
cmp -i $((4 << 20)) "$tmp/before.img" "$tmp/target.img"
equal size "$(stat -c %s "$tmp/target.img")" $((6 << 20))
