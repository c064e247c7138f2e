#!/bin/bash
# SPDX-License-Identifier: MIT
# QEMU 10's blkio block driver works on our library: patterns, zeroes, flushes.
. "$(dirname "$0")/lib.sh"

random_file disk.img 16
cp "$tmp/disk.img" "$tmp/same.img"
disk=driver=io_uring,filename=$tmp/disk.img
script=(-c 'write -P 0x11 0 1M' -c 'write -f -P 0x22 1001472 4096'
	-c 'write -z 4096 8192' -c 'write -z -u 2M 64k' -c 'discard 3M 1M'
	-c 'aio_write -P 0x33 8M 1M' -c 'aio_write -P 0x44 9M 1M' -c aio_flush
	-c 'read -P 0x11 0 4096' -c 'read -P 0 4096 8192'
	-c 'read -P 0x22 1001472 4096' -c 'read -P 0x44 9M 1M' -c flush)
ours qemu-io -c 'read 0 4k' --image-opts "$disk"
peer qemu-io "${script[@]}" --image-opts "$disk" >"$tmp/said" 2>&1
! grep -qiE 'failed|error' "$tmp/said" || fail "$(cat "$tmp/said")"

# the same through QEMU's own file driver
peer qemu-io -f raw "${script[@]}" "$tmp/same.img" >/dev/null 2>&1
cmp "$tmp/disk.img" "$tmp/same.img"

peer qemu-img bench -c 50000 -d 64 -s 4096 --image-opts "$disk" >"$tmp/said"
contains "$tmp/said" "Run completed"
