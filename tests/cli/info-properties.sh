#!/bin/bash
# SPDX-License-Identifier: MIT
# info shows the size, and every property with units or its special meaning;
# an asterisk is at those that can be options, and nowhere else.
. "$(dirname "$0")/lib.sh"

truncate -s 3M "$tmp/disk.img"
exits 0 sluice info "$tmp/disk.img"
contains "$tmp/out" "* can be set by an option"
for name in path read-only num-entries; do
	grep -q "^\* $name " "$tmp/out" || fail "$name can be set"
done
for name in driver capacity request-alignment; do
	grep -q "^  $name " "$tmp/out" || fail "$name can't be set"
done
sed -i 's/^\*/ /' "$tmp/out"
equal size "$(awk '$1 == "size" { print $2, $3 }' "$tmp/out")" "3145728 (3M)"
equal driver "$(awk '$1 == "driver" { print $2 }' "$tmp/out")" io_uring
equal path "$(awk '$1 == "path" { print $2 }' "$tmp/out")" "$tmp/disk.img"
equal limit "$(awk '$1 == "max-mem-regions" { print $2, $3 }' "$tmp/out")" \
	"no limit"
equal transfer "$(awk '$1 == "max-transfer" { print $2, $3, $4 }' "$tmp/out")" \
	"0 (no limit)"
contains "$tmp/out" num-entries
