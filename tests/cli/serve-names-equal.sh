#!/bin/bash
# SPDX-License-Identifier: MIT
# Two disks of one name are refused, and nothing is served.
. "$(dirname "$0")/lib.sh"

mkdir "$tmp/a" "$tmp/b"
truncate -s 1M "$tmp/a/disk.img" "$tmp/b/disk.img"
exits 1 sluice serve --nbd "unix:$sock" "$tmp/a/disk.img" "$tmp/b/disk.img"
says serve disk.img
[ ! -e "$sock" ] || fail "socket left"
exits 1 sluice serve --nbd "unix:$sock" driver=ram,size=1M,name=x \
	driver=null,size=1M,name=x
says serve "x"
