#!/bin/bash
# SPDX-License-Identifier: MIT
# nbdcopy writes a disk, over several connections, byte for byte.
. "$(dirname "$0")/lib.sh"
need nbdcopy

random_file source.img 32
truncate -s 64M "$tmp/source.img"
# what was there before must be gone, zeroes included
random_file disk.img 64
serve --threads 2 "$tmp/disk.img"
nbdcopy --connections 4 --flush "$tmp/source.img" "$uri"
cmp "$tmp/source.img" "$tmp/disk.img"
