#!/bin/bash
# SPDX-License-Identifier: MIT
# nbdcopy reads a disk, over several connections, byte for byte.
. "$(dirname "$0")/lib.sh"
need nbdcopy

random_file disk.img 48
truncate -s 64M "$tmp/disk.img"
serve --read-only --threads 2 "$tmp/disk.img"
nbdcopy --connections 4 "$uri" "$tmp/copy.img"
cmp "$tmp/disk.img" "$tmp/copy.img"

# the hole at the end was not copied as data
[ "$(stat -c %b "$tmp/copy.img")" -le $(((48 << 20) / 512 + 256)) ] ||
	fail "the copy is not sparse"
