#!/bin/bash
# SPDX-License-Identifier: MIT
# nbdkit's blkio plugin on our library: nbdcopy fills and reads the disk, and
# SIGTERM ends the server with status 0.
. "$(dirname "$0")/lib.sh"
need nbdcopy

make_disk "$1" 16
random_file new.img 16
nbdkit_blkio
runs_on_ours
equal size "$(nbdinfo --size "$uri")" $((16 << 20))
nbdcopy "$uri" "$tmp/copy.img"
cmp "$start" "$tmp/copy.img"
nbdcopy --flush "$tmp/new.img" "$uri"
cmp "$tmp/new.img" "$disk"
stop_server
