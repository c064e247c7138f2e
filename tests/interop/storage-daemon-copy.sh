#!/bin/bash
# SPDX-License-Identifier: MIT
# qemu-storage-daemon serves a disk of our library: nbdcopy fills it, QEMU's
# and libnbd's clients read it, and SIGTERM ends it with status 0.
. "$(dirname "$0")/lib.sh"
need nbdcopy qemu-img

make_disk "$1" 16
random_file new.img 16
storage_daemon
runs_on_ours
equal size "$(nbdinfo --size "$uri")" $((16 << 20))
nbdcopy "$uri" "$tmp/copy.img"
cmp "$start" "$tmp/copy.img"
nbdcopy --flush "$tmp/new.img" "$uri"
cmp "$tmp/new.img" "$disk"
qemu-img compare -f raw -F raw "$tmp/new.img" "$uri" >/dev/null
stop_server
cmp "$tmp/new.img" "$disk"
