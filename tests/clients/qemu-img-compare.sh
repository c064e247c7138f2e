#!/bin/bash
# SPDX-License-Identifier: MIT
# qemu-img compare finds a disk equal to its file, and one byte of difference.
. "$(dirname "$0")/lib.sh"
need qemu-img

random_file disk.img 8
truncate -s 24M "$tmp/disk.img"
cp --sparse=always "$tmp/disk.img" "$tmp/same.img"
serve --read-only "$tmp/disk.img"
qemu-img compare -f raw -F raw "$tmp/same.img" "$uri"

printf x | dd of="$tmp/same.img" bs=1 seek=20000256 conv=notrunc status=none
fails qemu-img compare -f raw -F raw "$tmp/same.img" "$uri"
contains "$tmp/said" "mismatch at offset 20000256"
