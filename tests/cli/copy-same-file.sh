#!/bin/bash
# SPDX-License-Identifier: MIT
# Source and target being one file, by whatever name, is refused: the file is
# as it was.
. "$(dirname "$0")/lib.sh"

random_file disk.img 1
cp "$tmp/disk.img" "$tmp/before.img"
ln -s disk.img "$tmp/symbolic"
ln "$tmp/disk.img" "$tmp/hard"
for target in "$tmp/disk.img" "$tmp/./disk.img" "$tmp/symbolic" "$tmp/hard" \
	"driver=io_uring,path=$tmp/disk.img"; do
	exits 1 sluice copy "$tmp/disk.img" "$target"
	says copy "the same file"
	cmp "$tmp/before.img" "$tmp/disk.img"
done
