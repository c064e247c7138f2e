#!/bin/bash
# SPDX-License-Identifier: MIT
# An I/O error of either side ends the copy with side, offset and reason; a
# file that the copy made is removed.
. "$(dirname "$0")/lib.sh"

random_file disk.img 4
exits 1 sluice copy -m 1 -c 64K \
	driver=ram,size=4M,error-op=block-status,error-after=0 "$tmp/new.img"
says copy "Input/output error"
[ ! -e "$tmp/new.img" ] || fail "file left"

exits 1 sluice copy -m 1 -c 64K \
	driver=null,size=4M,read-zeroes=off,error-op=read,error-after=3 \
	"$tmp/new.img"
says copy reading "at offset 196608" "Input/output error" "was removed"
[ ! -e "$tmp/new.img" ] || fail "file left"

exits 1 sluice copy -m 1 -c 64K "$tmp/disk.img" \
	driver=null,size=4M,error-op=write,error-after=5
says copy writing "at offset 327680" "Input/output error"

exits 1 sluice copy "$tmp/disk.img" \
	driver=null,size=4M,error-op=flush,error-after=0
says copy flushing "Input/output error"
