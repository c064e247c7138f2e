#!/bin/bash
# SPDX-License-Identifier: MIT
# qemu-storage-daemon on our library under several clients at a time: fio's
# four jobs check what they wrote, while others copy and read the disk.
. "$(dirname "$0")/lib.sh"
need fio nbdcopy qemu-img

make_disk "$1" 16
storage_daemon
nbdcopy "$uri" "$tmp/copy.img" &
copy=$!
qemu-img bench -f raw -c 4000 -d 16 "$uri" >/dev/null &
bench=$!
fio_verify
wait $copy
wait $bench
runs_on_ours
