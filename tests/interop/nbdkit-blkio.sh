#!/bin/bash
# SPDX-License-Identifier: MIT
# nbdkit's blkio plugin works on our library: a disk written and read over it.
. "$(dirname "$0")/lib.sh"
need nbdcopy

random_file disk.img 16
truncate -s 16M "$tmp/served.img"
ours nbdkit --dump-plugin blkio
peer nbdkit -f -U "$sock" blkio io_uring path="$tmp/served.img" \
	2>"$tmp/server.err" &
nbdkit=$!
undo+=('kill $nbdkit 2>/dev/null; wait $nbdkit')
answers "$uri"
nbdcopy --flush "$tmp/disk.img" "$uri"
nbdcopy "$uri" "$tmp/copy.img"
cmp "$tmp/disk.img" "$tmp/copy.img"
cmp "$tmp/disk.img" "$tmp/served.img"
