#!/bin/bash
# SPDX-License-Identifier: MIT
# qemu-io writes patterns at odd places, zeroes and discards, reads all back.
. "$(dirname "$0")/lib.sh"
need qemu-io

truncate -s 16M "$tmp/disk.img"
serve "$tmp/disk.img"
qemu-io -f raw "$uri" >"$tmp/said" 2>&1 <<'END'
write -P 0x11 0 1M
write -P 0x22 1000 3000
write -f -P 0x33 777777 1234567
write -z 4096 8192
write -z -u 2M 64k
writev -P 0x44 3M 512 4096 1024
discard 1M 512k
aio_write -P 0x55 8M 1M
aio_write -P 0x66 9M 1M
aio_flush
flush
read -P 0x11 0 1000
read -P 0x22 1000 3000
read -P 0x11 4000 96
read -P 0 4096 8192
read -P 0x11 12288 765489
read -P 0x33 777777 270799
read -P 0x33 1572864 439480
read -P 0x44 3M 5632
read -P 0x55 8M 1M
read -P 0x66 9M 1M
read -P 0 15M 1M
END
if grep -qiE 'failed|error' "$tmp/said"; then
	cat "$tmp/said" >&2
	fail "qemu-io saw an error or other bytes"
fi
equal "reads done" "$(grep -c 'read [0-9/]* bytes at' "$tmp/said")" 11
# bytes lie in the file where qemu-io put them
equal "byte 1000 of the file" \
	"$(od -An -tx1 -j1000 -N1 "$tmp/disk.img" | tr -d ' ')" 22
