#!/bin/bash
# SPDX-License-Identifier: MIT
# fio's libblkio engine on our library trims the whole disk, in pieces at
# random, by discards and by writing zeroes: zeroes are what is there then.
. "$(dirname "$0")/lib.sh"

make_disk "$1" 16
for zeroes in 0 1; do
	cp "$start" "$disk"
	fio_jobs libblkio_write_zeroes_on_trim=$zeroes <<'END'
[trim]
rw=randtrim
bs=64k
iodepth=16
size=16M
END
	fio_engine_runs
	contains "$tmp/said" "TRIM: bw="
	cmp "$disk" <(head -c 16M /dev/zero)
done
