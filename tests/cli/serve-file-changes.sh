#!/bin/bash
# SPDX-License-Identifier: MIT
# A file that is truncated under the server reads as zeroes, at its old size;
# growing is not noticed; a file that is deleted is served on.
. "$(dirname "$0")/lib.sh"
need nbdinfo qemu-io

# reads PATTERN OFFSET BYTES
reads() {
	qemu-io -r -f raw -c "read -P $1 $2 $3" "$uri" >"$tmp/said" 2>&1
	! grep -iE "failed|error" "$tmp/said" || fail "not $1 at $2"
	equal "size" "$(nbdinfo --size "$uri")" $((2 << 20))
}

tr '\0' Z </dev/zero | head -c 2M >"$tmp/disk.img" || true
serve "$tmp/disk.img"
reads 0x5a 0 2M
truncate -s 4M "$tmp/disk.img"
reads 0x5a 0 2M
truncate -s 1M "$tmp/disk.img"
reads 0x5a 0 1M
reads 0 1M 1M
rm "$tmp/disk.img"
reads 0x5a 0 1M
