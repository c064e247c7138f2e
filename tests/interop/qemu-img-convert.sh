#!/bin/bash
# SPDX-License-Identifier: MIT
# qemu-img convert writes a sparse image over a disk of other bytes, with
# requests in parallel and out of order, and reads the disk back.
. "$(dirname "$0")/lib.sh"

random_file source.img 12
fallocate --punch-hole --offset 1M --length 3M "$tmp/source.img"
truncate -s 16M "$tmp/source.img"
make_disk "$1" 16
peer qemu-img convert -f raw -n -m 16 -W --target-image-opts \
	"$tmp/source.img" "$image"
cmp "$tmp/source.img" "$disk"
peer qemu-img convert -O qcow2 -c -m 8 -W --image-opts "$image" \
	"$tmp/copy.qcow2"
peer qemu-img compare -f raw -F qcow2 "$tmp/source.img" "$tmp/copy.qcow2" \
	>/dev/null

# from one disk to another, both on our library
truncate -s 16M "$tmp/second.img"
peer qemu-img convert -n --image-opts --target-image-opts "$image" \
	"driver=io_uring,filename=$tmp/second.img"
cmp "$tmp/source.img" "$tmp/second.img"
