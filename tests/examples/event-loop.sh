#!/bin/bash
# SPDX-License-Identifier: MIT
# examples/event-loop adds up all bytes of a file, of any size.
. "$(dirname "$0")/../cli/lib.sh"
loop=$SLUICE_BUILD/examples/event-loop

random_file disk 5
for size in 0 1 65536 65537 5000000; do
	head -c "$size" "$tmp/disk" >"$tmp/file"
	exits 0 "$loop" "$tmp/file"
	equal "sum of $size bytes" "$(cat "$tmp/out")" \
		"$($python -c 'import sys
print(sum(open(sys.argv[1], "rb").read()))' "$tmp/file")"
done
exits 1 "$loop" "$tmp/missing"
contains "$tmp/err" "No such file"
exits 1 "$loop"
contains "$tmp/err" usage
