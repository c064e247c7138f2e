#!/bin/bash
# SPDX-License-Identifier: MIT
# libblkio's example blkio-copy on our library: from a file to the disk and
# from the disk to another one, byte for byte.
. "$(dirname "$0")/lib.sh"

example blkio-copy
make_disk "$1" 16
random_file source.img 16
peer "$tmp/blkio-copy" --input-file="$tmp/source.img" \
	--output-blkio=io_uring path="$disk" direct="$direct_bool"
cmp "$tmp/source.img" "$disk"
truncate -s 16M "$tmp/copy.img"
peer "$tmp/blkio-copy" --input-blkio=io_uring path="$disk" \
	direct="$direct_bool" read-only=true \
	--output-blkio=io_uring path="$tmp/copy.img"
cmp "$tmp/source.img" "$tmp/copy.img"
