#!/bin/bash
# SPDX-License-Identifier: MIT
# kill -9 in the middle of writing, restart: every flushed byte is there.
. "$(dirname "$0")/lib.sh"
need nbdsh

truncate -s 64M "$tmp/disk.img"
serve "$tmp/disk.img"

# block number i is written full of i+1; what is flushed is told on stdout
nbdsh -u "$uri" -c '
i = 0
while True:
    for i in range(i, i + 8):
        h.pwrite(bytes([i % 255 + 1]) * 4096, i % 16384 * 4096)
    h.flush()
    i += 1
    print(i, flush=True)
' >"$tmp/flushed" 2>/dev/null &
writer=$!
enough() {
	[ "$(tail -n 1 "$tmp/flushed")" -ge 400 ]
}
wait_until "400 blocks are flushed" enough
kill_server
wait "$writer" || true	# its connection is gone

# the socket file of the dead server is in the way, and is replaced
[ -S "$sock" ] || fail "the killed server removed its socket?"
serve "$tmp/disk.img"
flushed=$(tail -n 1 "$tmp/flushed") nbdsh -u "$uri" -c '
import os

flushed = int(os.environ["flushed"])
for i in range(max(0, flushed - 16384), flushed):
    want = bytes([i % 255 + 1]) * 4096
    got = h.pread(4096, i % 16384 * 4096)
    # the block may have been written once more, 64 MiB later
    again = bytes([(i + 16384) % 255 + 1]) * 4096
    assert got in (want, again), f"block {i} of {flushed} is lost"
'
