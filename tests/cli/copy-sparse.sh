#!/bin/bash
# SPDX-License-Identifier: MIT
# Zeroes that the source holds as data become holes, in blocks of --sparse, in
# a new target and in one with other data in it; --sparse 0 writes them.
. "$(dirname "$0")/lib.sh"

# 16 MiB, all data: random but for 4M + 12K of zeroes, at 2M and at 10M + 4K,
# of 1000 bytes in the midst of a block, and for the last, short block
random_file disk.img 16
zero() { # OFFSET BYTES
	head -c "$2" /dev/zero | dd of="$tmp/disk.img" bs=4K seek="$1" \
		oflag=seek_bytes conv=notrunc status=none
}
zero $((2 << 20)) $((4 << 20))
zero $(((10 << 20) + 4096)) 12288
zero $(((12 << 20) + 100)) 1000
zero $((16 << 20)) 1500
bytes=$(((16 << 20) + 1500))
equal "all data" "$(stat -c '%b' "$tmp/disk.img" |
	awk '{ print ($1 * 512 >= 16 * 1024 * 1024) }')" 1

# copies HOW TARGET DATA_BYTES
copies() {
	exits 0 sluice copy --json $1 "$tmp/disk.img" "$2"
	cmp -n $bytes "$tmp/disk.img" "$tmp/target.img" || fail "copy $1 $2"
	equal "data, $1" "$(json 'd["data_bytes"]')" "$3"
	equal "all, $1" "$(json 'd["bytes"]')" $bytes
}

for how in "" "-c 4K -m 1" "--sparse 4k -c 64K"; do
	rm -f "$tmp/target.img"
	copies "$how" "$tmp/target.img" $(((12 << 20) - 12288))
	[ "$(stat -c %b "$tmp/target.img")" -le $((12 << 11)) ] ||
		fail "zeroes take space"
	random_file target.img 17
	copies "$how" "driver=io_uring,path=$tmp/target.img" \
		$(((12 << 20) - 12288))
done
rm "$tmp/target.img"
copies "--sparse 64k" "$tmp/target.img" $((12 << 20))
copies "--sparse 0" "$tmp/target.img" $bytes
