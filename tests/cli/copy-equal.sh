#!/bin/bash
# SPDX-License-Identifier: MIT
# A copy is its source, byte for byte, whatever size, chunk and number of
# requests; also an empty file, and one of an odd size.
. "$(dirname "$0")/lib.sh"

random_file big.img 9
head -c 70001 /dev/urandom >"$tmp/odd.img"
: >"$tmp/empty.img"
for file in big odd empty; do
	for how in "-m 1 -c 4K" "-m 3 -c 64K" "-m 64 -c 1M" ""; do
		rm -f "$tmp/copy"
		exits 0 sluice copy $how "$tmp/$file.img" "$tmp/copy"
		cmp "$tmp/$file.img" "$tmp/copy" || fail "$file.img $how"
	done
done
