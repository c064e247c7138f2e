#!/bin/bash
# SPDX-License-Identifier: MIT
# What can't be served, or not there, fails in one line and leaves nothing.
. "$(dirname "$0")/lib.sh"

truncate -s 1M "$tmp/disk.img"
for disk in "$tmp/missing" "$tmp" /dev/null driver=io_uring driver=ram,sise=1; do
	exits 1 sluice serve --nbd "unix:$sock" "$tmp/disk.img" "$disk"
	says serve "$disk"
	[ ! -e "$sock" ] || fail "socket left"
done
for address in nonsense "unix:" "unix:$tmp/no/sock" host:port:1 localhost:99999 \
	"unix:$(printf '/%0200d' 7)"; do
	exits 1 sluice serve --nbd "$address" "$tmp/disk.img"
	says serve
done
for address in "$tmp/x.sock" x.sock x/y; do
	exits 1 sluice serve --nbd "$address" "$tmp/disk.img"
	says serve "say unix:$address"
done
exits 1 sluice serve --nbd unix: "$tmp/disk.img"
says serve "unix:PATH"
exits 1 sluice serve --nbd nbd://localhost "$tmp/disk.img"
says serve "is a URI" HOST:PORT
# the second of two addresses: the first one's socket goes again
exits 1 sluice serve --nbd "unix:$sock" --nbd nonsense "$tmp/disk.img"
[ ! -e "$sock" ] || fail "socket left"
