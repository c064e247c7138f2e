#!/bin/bash
# SPDX-License-Identifier: MIT
# fio's nbd engine: random writes of mixed sizes, every checksum read back.
. "$(dirname "$0")/lib.sh"
need fio
fio --enghelp | grep -qw nbd || skip "this fio has no nbd engine"

truncate -s 64M "$tmp/disk.img"
serve --threads 2 "$tmp/disk.img"
cd "$tmp" # fio keeps a state file for verify here
fio --name=verify --ioengine=nbd --uri="$uri" --rw=randwrite --size=64M \
	--bsrange=4k-64k --bs_unaligned=0 --iodepth=32 --verify=crc32c \
	--verify_fatal=1 --do_verify=1 --randseed=7 --output="$tmp/said" || {
	cat "$tmp/said" >&2
	fail "fio failed"
}
contains "$tmp/said" "err= 0"
contains "$tmp/said" "READ: bw="
