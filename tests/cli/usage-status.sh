#!/bin/bash
# SPDX-License-Identifier: MIT
# Exit status 2 is for verbs, options and the number of disks; a disk or an
# address that can't be used is 1, however it is misspelt.
. "$(dirname "$0")/lib.sh"

for disk in "" "driver=" "driver=null,size" '{"driver"' "size=1M" \
	"driver=null,size=1M,size=2M" "driver=null,size=1M,what=1"; do
	for verb in serve info bench; do
		exits 1 sluice $verb "$disk"
		says $verb
	done
	exits 1 sluice copy "$disk" "$tmp/new.img"
	exits 1 sluice copy driver=null,size=1M "$disk"
	[ ! -e "$tmp/new.img" ] || fail "target made for '$disk'"
done
exits 1 sluice serve --nbd nonsense driver=null,size=1M
says serve nonsense
exits 2 sluice serve --nbd
exits 2 sluice info
exits 2 sluice describe
