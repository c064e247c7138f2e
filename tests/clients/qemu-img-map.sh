#!/bin/bash
# SPDX-License-Identifier: MIT
# qemu-img map sees data, and holes as zero and not present in the file.
. "$(dirname "$0")/lib.sh"
need qemu-img

truncate -s 8M "$tmp/disk.img"
dd if=/dev/urandom of="$tmp/disk.img" bs=1M seek=2 count=1 conv=notrunc \
	status=none
serve "$tmp/disk.img"
qemu-img map -f raw --output=json "$uri" >"$tmp/map.json"
/usr/bin/python3 - "$tmp/map.json" <<'END'
import json
import sys

got = [(e["start"] >> 20, e["length"] >> 20, e["zero"], e["data"])
       for e in json.load(open(sys.argv[1]))]
wanted = [(0, 2, True, False), (2, 1, False, True), (3, 5, True, False)]
assert got == wanted, f"got {got}, wanted {wanted}"
END
