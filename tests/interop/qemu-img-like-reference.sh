#!/bin/bash
# SPDX-License-Identifier: MIT
# qemu-img info, map, measure, create, resize, and disks that can't be opened:
# it answers as on the reference library, refusals among them.
. "$(dirname "$0")/lib.sh"

make_disk "$1" 4
like_reference qemu-img info --output=json --image-opts "$image"
contains "$tmp/said-peer" '"virtual-size": 4194304'
like_reference qemu-img map --output=json --image-opts "$image"
contains "$tmp/said-peer" '"length": 4194304, "depth": 0, "present": true'
like_reference qemu-img measure -O qcow2 --image-opts "$image"
like_reference qemu-img resize --image-opts "$image" 4M
contains "$tmp/said-peer" "status 0"
like_reference qemu-img resize --image-opts "$image" +1M
contains "$tmp/said-peer" "status 1"
like_reference qemu-img resize --shrink --image-opts "$image" 1M
like_reference qemu-img create -f io_uring "$disk" 4M
like_reference qemu-img bench -c 1 -s 4096 -o 4M --image-opts "$image"
for path in "$tmp/none" "$tmp" /dev/null; do
	like_reference qemu-img info --image-opts \
		"driver=io_uring,filename=$path,cache.direct=$direct"
	contains "$tmp/said-peer" "status 1"
done
