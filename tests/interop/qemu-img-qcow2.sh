#!/bin/bash
# SPDX-License-Identifier: MIT
# A qcow2 image on a disk of our library, in a file one that grows, is written,
# keeps a snapshot, and is sound afterwards by QEMU's own file driver. (Not past
# the page cache: QEMU has its header read to where O_DIRECT can't.)
. "$(dirname "$0")/lib.sh"

random_file source.img 8
make_disk "$1" 24
[ -b "$disk" ] || : >"$disk"
image=driver=qcow2,file.driver=io_uring,file.filename=$disk
qemu-img create -q -f qcow2 "$disk" 16M
peer qemu-img convert -n -m 8 -W --target-image-opts "$tmp/source.img" "$image"
peer qemu-img snapshot -c first --image-opts "$image"
peer qemu-io -c 'write -P 0x77 1M 2M' -c 'discard 4M 1M' -c 'write 12M 4M' \
	--image-opts "$image" >/dev/null
peer qemu-img check -q --image-opts "$image"
qemu-img check -q -f qcow2 "$disk"
qemu-io -r -f qcow2 -c 'read -P 0x77 1M 2M' -c 'read -P 0 4M 1M' "$disk" \
	>"$tmp/said"
! grep -q failed "$tmp/said" || fail "$(cat "$tmp/said")"
peer qemu-img snapshot -a first --image-opts "$image"
qemu-img convert -f qcow2 -O raw "$disk" "$tmp/copy.img"
truncate -s 16M "$tmp/source.img"
cmp "$tmp/source.img" "$tmp/copy.img"
