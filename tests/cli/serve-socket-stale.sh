#!/bin/bash
# SPDX-License-Identifier: MIT
# A socket file that a killed server has left is replaced.
. "$(dirname "$0")/lib.sh"
need nbdinfo

truncate -s 2M "$tmp/disk.img"
serve "$tmp/disk.img"
kill_server
[ -S "$sock" ] || fail "no stale socket to test with"
serve "$tmp/disk.img"
equal size "$(nbdinfo --size "$uri")" $((2 << 20))
