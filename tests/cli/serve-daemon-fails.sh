#!/bin/bash
# SPDX-License-Identifier: MIT
# A daemon that can't start tells why on the caller's stderr, with status 1,
# and leaves neither socket nor pid file.
. "$(dirname "$0")/lib.sh"

for disk in "$tmp/missing" driver=nonsense; do
	exits 1 sluice serve --daemon --pid-file "$tmp/pid" \
		--nbd "unix:$sock" "$disk"
	says serve "${disk#driver=}"
	[ ! -e "$sock" ] || fail "socket left"
	[ ! -e "$tmp/pid" ] || fail "pid file left"
done
exits 1 sluice serve --daemon --pid-file "$tmp/no/pid" --nbd "unix:$sock" \
	driver=ram,size=1M
says serve "$tmp/no/pid" "No such file or directory"
[ ! -e "$sock" ] || fail "socket left"
