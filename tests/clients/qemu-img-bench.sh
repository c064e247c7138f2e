#!/bin/bash
# SPDX-License-Identifier: MIT
# qemu-img bench keeps 64 requests in flight, reads and flushed writes.
. "$(dirname "$0")/lib.sh"
need qemu-img

truncate -s 64M "$tmp/disk.img"
serve "$tmp/disk.img"
qemu-img bench -f raw -c 20000 -d 64 -s 4096 "$uri" >"$tmp/said"
qemu-img bench -f raw -c 5000 -d 64 -s 8192 -w --pattern=90 \
	--flush-interval=100 "$uri" >>"$tmp/said"
equal "runs completed" "$(grep -c 'Run completed' "$tmp/said")" 2
# 5000 writes of 8 KiB from the start
equal "bytes written" "$(tr -dc Z <"$tmp/disk.img" | wc -c)" 40960000
