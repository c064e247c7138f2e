#!/bin/bash
# SPDX-License-Identifier: MIT
# --read-only serves a file that we may not write to, tells clients, and
# refuses their writes; without it such a file is an error.
. "$(dirname "$0")/lib.sh"
need nbdinfo qemu-io

random_file disk.img 1
chmod 444 "$tmp/disk.img"
need_nobody
exits 1 as_nobody serve --nbd "unix:$tmp/x.sock" "$tmp/disk.img"
says serve disk.img "Permission denied" "with --read-only"

cp "$tmp/disk.img" "$tmp/private.img"
chmod 0 "$tmp/private.img"
exits 1 as_nobody serve --nbd "unix:$tmp/x.sock" "$tmp/private.img"
says serve private.img "Permission denied"
! grep -q -e --read-only "$tmp/err" || fail "a hint that does not help"

mkdir -m 777 "$tmp/open"
sock=$tmp/open/nbd.sock
uri="nbd+unix:///?socket=$sock"
as_nobody serve --read-only --nbd "unix:$sock" "$tmp/disk.img" \
	>"$tmp/ready" 2>"$tmp/server.err" &
server=$!
wait_until "the ready line" line_or_end
nbdinfo --is read-only "$uri" || fail "clients are not told"
qemu-io -r -f raw -c "read 0 1M" "$uri" >"$tmp/said"
fails qemu-io -f raw -c "write 0 512" "$uri"
