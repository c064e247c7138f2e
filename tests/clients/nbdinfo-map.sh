#!/bin/bash
# SPDX-License-Identifier: MIT
# nbdinfo --map shows the file's own holes, where they are and how long.
. "$(dirname "$0")/lib.sh"
need nbdinfo

truncate -s 4M "$tmp/disk.img"
dd if=/dev/urandom of="$tmp/disk.img" bs=64K seek=16 count=4 conv=notrunc \
	status=none
serve "$tmp/disk.img"
nbdinfo --map "$uri" | awk '{ print $1, $2, $3 }' >"$tmp/map"
cat >"$tmp/wanted" <<END
0 1048576 3
1048576 262144 0
1310720 2883584 3
END
diff "$tmp/wanted" "$tmp/map" >&2 || fail "the map is another"
