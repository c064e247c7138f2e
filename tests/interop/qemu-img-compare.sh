#!/bin/bash
# SPDX-License-Identifier: MIT
# qemu-img compare of a disk and a copy of it: equal; then one byte differs.
. "$(dirname "$0")/lib.sh"

make_disk "$1" 16
compare=(qemu-img compare --image-opts "$image"
	"driver=raw,file.driver=file,file.filename=$start")
peer "${compare[@]}" >"$tmp/said"
contains "$tmp/said" "Images are identical."

printf '\377\0\377\0' | dd of="$start" bs=1 seek=$((9 << 20)) conv=notrunc \
	status=none
fails peer "${compare[@]}"
contains "$tmp/said" "Content mismatch at offset 9437184!"
