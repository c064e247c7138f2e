#!/bin/bash
# SPDX-License-Identifier: MIT
# bench only writes when told to: by default a read-only file will do.
. "$(dirname "$0")/lib.sh"

random_file disk.img 1
chmod 444 "$tmp/disk.img"
cp "$tmp/disk.img" "$tmp/before.img"
for how in "" "--mode read" --direct-library; do
	need_nobody
	exits 0 as_nobody bench $how --count 1000 "$tmp/disk.img"
done
cmp "$tmp/before.img" "$tmp/disk.img"
exits 1 as_nobody bench --mode write --count 10 "$tmp/disk.img"
says bench "Permission denied"
