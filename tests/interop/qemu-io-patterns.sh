#!/bin/bash
# SPDX-License-Identifier: MIT
# qemu-io through QEMU's blkio driver: patterns, FUA, zeroes, discards and
# requests in parallel read back, and are on the disk as its file driver does.
. "$(dirname "$0")/lib.sh"

make_disk "$1" 16
peer qemu-io --image-opts "$image" >"$tmp/said" 2>&1 <<'END'
write -P 0x11 0 1M
write -f -P 0x22 1001472 4096
write -z 4096 8192
write -z -u 2M 64k
write -z -f 2560k 64k
writev -P 0x55 6M 512 4096 1024 512
discard 3M 1M
aio_write -P 0x33 8M 1M
aio_write -P 0x44 9M 1M
aio_flush
flush
read -P 0x11 0 4096
read -P 0 4096 8192
read -P 0x11 12288 989184
read -P 0x22 1001472 4096
read -P 0x11 1005568 43008
read -P 0 2M 64k
read -P 0 2560k 64k
readv -P 0x55 6M 2048 512 3584
read -P 0x33 8M 1M
read -P 0x44 9M 1M
END
! grep -qiE 'failed|error|invalid' "$tmp/said" || fail "$(cat "$tmp/said")"
equal "reads done" "$(grep -c 'read [0-9/]* bytes at' "$tmp/said")" 10

# all but the 3 MiB in question: what discarded bytes read as is open
peer qemu-io -f raw "$start" >"$tmp/said" 2>&1 <<'END'
write -P 0x11 0 1M
write -P 0x22 1001472 4096
write -z 4096 8192
write -z 2M 64k
write -z 2560k 64k
write -P 0x55 6M 6144
write -P 0x33 8M 1M
write -P 0x44 9M 1M
END
cmp -n $((3 << 20)) "$disk" "$start"
cmp -i $((4 << 20)) "$disk" "$start"
