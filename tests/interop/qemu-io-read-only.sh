#!/bin/bash
# SPDX-License-Identifier: MIT
# qemu-io opens a disk read-only and reads all of it; a device that is
# read-only itself opens, and refuses writes, as with the reference library.
. "$(dirname "$0")/lib.sh"

make_disk "$1" 1
like_reference qemu-io -r -c 'read 0 1M' -c 'write 0 4k' -c flush \
	--image-opts "$image"
contains "$tmp/said-peer" "read 1048576/1048576"
contains "$tmp/said-peer" "read-only"
peer qemu-img convert -O raw --image-opts "$image,read-only=on" "$tmp/copy"
cmp "$tmp/copy" "$start"

[ -b "$disk" ] || exit 0
frozen=$(losetup --read-only --find --show "$start")
undo+=("losetup -d $frozen")
image=${image/"$disk"/"$frozen"} disk=$frozen start=
like_reference qemu-io -c 'read 0 4k' -c 'write 0 4k' -c 'write -z 0 4k' \
	-c flush -c 'read 0 4k' --image-opts "$image"
contains "$tmp/said-peer" "write failed: Operation not permitted"
