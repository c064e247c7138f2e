#!/bin/bash
# SPDX-License-Identifier: MIT
# libblkio's example programs, built for that library, run on ours.
. "$(dirname "$0")/lib.sh"

for name in info copy bench; do
	# their header, their library; its C library is newer than ours here
	gcc -O1 -I"$CHROOT/usr/include" -o "$tmp/blkio-$name" \
		"$CHROOT/usr/share/doc/libblkio-dev/examples/blkio-$name.c" \
		"$(echo "$CHROOT"/usr/lib/*/libblkio.so.1)" \
		-Wl,--unresolved-symbols=ignore-in-shared-libs -lm -lpthread
done
PATH=$tmp:$PATH
export LD_LIBRARY_PATH=$tmp

random_file disk.img 8
equal capacity "$(blkio-info io_uring path="$tmp/disk.img" \
	capacity | tail -n 1 | tr -dc 0-9)" $((8 << 20))
truncate -s 8M "$tmp/copy.img"
blkio-copy --input-blkio=io_uring path="$tmp/disk.img" \
	--output-blkio=io_uring path="$tmp/copy.img"
cmp "$tmp/disk.img" "$tmp/copy.img"
blkio-bench --runtime=1 --iodepth=32 --num-threads=2 --readwrite=randread \
	io_uring path="$tmp/disk.img" >"$tmp/said"
/usr/bin/python3 -m json.tool "$tmp/said" >/dev/null
