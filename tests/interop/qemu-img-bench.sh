#!/bin/bash
# SPDX-License-Identifier: MIT
# qemu-img bench reads at depth 64, and writes with flushes between: all of
# its requests end, and the last round of them is what the disk holds.
. "$(dirname "$0")/lib.sh"

make_disk "$1" 16
peer qemu-img bench -c 20000 -d 64 -s 4096 --image-opts "$image" >"$tmp/said"
contains "$tmp/said" "Run completed"
peer qemu-img bench -w -c 4096 -d 32 -s 4096 --pattern=90 \
	--flush-interval=256 --image-opts "$image" >"$tmp/said"
contains "$tmp/said" "Run completed"
cmp "$disk" <(head -c 16M /dev/zero | tr '\0' '\132')
