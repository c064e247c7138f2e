#!/bin/bash
# SPDX-License-Identifier: MIT
# bench --mode write goes through the whole disk, every block once, with bytes
# that are not zero.
. "$(dirname "$0")/lib.sh"

for how in "" --direct-library; do
	truncate -s 0 "$tmp/disk.img"
	truncate -s 1M "$tmp/disk.img"
	exits 0 sluice bench --mode write $how --threads 2 --depth 3 \
		--count 256 "$tmp/disk.img"
	equal "zero blocks $how" "$($python -c '
import sys
d = open(sys.argv[1], "rb").read()
print(sum(not any(d[i:i + 4096]) for i in range(0, len(d), 4096)))
' "$tmp/disk.img")" 0
done
