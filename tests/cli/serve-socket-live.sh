#!/bin/bash
# SPDX-License-Identifier: MIT
# A socket in use, and a file that is no socket, are refused and left alone.
. "$(dirname "$0")/lib.sh"
need nbdinfo

truncate -s 2M "$tmp/disk.img"
serve "$tmp/disk.img"
exits 1 sluice serve --nbd "unix:$sock" driver=ram,size=1M
says serve "$sock"
equal "size, still" "$(nbdinfo --size "$uri")" $((2 << 20))

echo precious >"$tmp/file"
exits 1 sluice serve --nbd "unix:$tmp/file" driver=ram,size=1M
says serve "$tmp/file"
equal "the file" "$(cat "$tmp/file")" precious
