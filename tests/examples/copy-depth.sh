#!/bin/bash
# SPDX-License-Identifier: MIT
# examples/copy-depth copies files of any size, and tells of errors.
. "$(dirname "$0")/../cli/lib.sh"
copy=$SLUICE_BUILD/examples/copy-depth

random_file disk 9
for size in 0 1 262144 262145 9000000; do
	head -c "$size" "$tmp/disk" >"$tmp/from"
	: >"$tmp/to"
	exits 0 "$copy" "$tmp/from" "$tmp/to"
	cmp "$tmp/from" "$tmp/to"
done

exits 0 "$copy" "$tmp/disk" "$tmp/disk" # over itself: nothing is lost
exits 1 "$copy" "$tmp/disk" "$tmp/missing"
contains "$tmp/err" "No such file"
exits 1 "$copy" "$tmp/disk"
contains "$tmp/err" usage
# a file that may not become that long, but longer than the buffers
: >"$tmp/to"
(
	trap '' XFSZ
	ulimit -f 5120
	exits 1 "$copy" "$tmp/disk" "$tmp/to"
	contains "$tmp/err" "write: File too large"
)
