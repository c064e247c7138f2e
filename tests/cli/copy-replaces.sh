#!/bin/bash
# SPDX-License-Identifier: MIT
# An existing file takes the source's size, larger or smaller than its own.
. "$(dirname "$0")/lib.sh"

random_file disk.img 3
for mib in 1 9; do
	random_file target.img $mib
	exits 0 sluice copy "$tmp/disk.img" "$tmp/target.img"
	cmp "$tmp/disk.img" "$tmp/target.img"
done
