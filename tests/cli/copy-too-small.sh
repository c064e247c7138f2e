#!/bin/bash
# SPDX-License-Identifier: MIT
# A target that can't hold the source is refused, with both sizes, untouched.
. "$(dirname "$0")/lib.sh"

random_file disk.img 2
random_file target.img 1
cp "$tmp/target.img" "$tmp/before.img"
exits 1 sluice copy "$tmp/disk.img" "driver=io_uring,path=$tmp/target.img"
says copy "too small" 2097152 1048576
cmp "$tmp/before.img" "$tmp/target.img"
