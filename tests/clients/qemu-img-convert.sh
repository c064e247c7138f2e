#!/bin/bash
# SPDX-License-Identifier: MIT
# qemu-img convert: a disk into a qcow2 image, and that into another disk.
. "$(dirname "$0")/lib.sh"
need qemu-img

random_file disk.img 16
truncate -s 40M "$tmp/disk.img"
serve "$tmp/disk.img"
qemu-img convert -f raw -O qcow2 "$uri" "$tmp/copy.qcow2"
stop_server

truncate -s 40M "$tmp/other.img"
serve "$tmp/other.img"
qemu-img convert -n -f qcow2 -O raw "$tmp/copy.qcow2" "$uri"
stop_server
cmp "$tmp/disk.img" "$tmp/other.img"
