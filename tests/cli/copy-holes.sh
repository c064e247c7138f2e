#!/bin/bash
# SPDX-License-Identifier: MIT
# Holes stay holes in a new file and in one that is replaced, and the result
# counts them.
. "$(dirname "$0")/lib.sh"

truncate -s 64M "$tmp/disk.img"
for mib in 0 7 8 40 63; do
	head -c 1M /dev/urandom |
		dd of="$tmp/disk.img" bs=1M seek=$mib conv=notrunc status=none
done
blocks() { stat -c %b "$1"; }
[ "$(blocks "$tmp/disk.img")" -lt 16384 ] || skip "no holes on this file system"
head -c 8M /dev/urandom >"$tmp/old.img"
for copy in new.img old.img; do
	exits 0 sluice copy --json "$tmp/disk.img" "$tmp/$copy"
	cmp "$tmp/disk.img" "$tmp/$copy"
	equal "data copied" "$(json 'd["data_bytes"]')" $((5 << 20))
	equal "zeroes" "$(json 'd["zero_bytes"]')" $((59 << 20))
	[ "$(blocks "$tmp/$copy")" -le "$(($(blocks "$tmp/disk.img") + 64))" ] ||
		fail "$copy takes $(blocks "$tmp/$copy") blocks"
done
