#!/bin/bash
# SPDX-License-Identifier: MIT
# nbdinfo sees the size, the block sizes and what the server can do.
. "$(dirname "$0")/lib.sh"
need nbdinfo

truncate -s 3M "$tmp/disk.img"
serve "$tmp/disk.img"
# --no-content: that would run file(1) on it
nbdinfo --json --no-content "$uri" >"$tmp/info.json"
/usr/bin/python3 - "$tmp/info.json" <<'END'
import json
import sys

info = json.load(open(sys.argv[1]))
assert info["protocol"] == "newstyle-fixed", info
assert info["structured"] is True, info
export, = info["exports"]
wanted = {
    "export-size": 3 << 20, "is_read_only": False, "can_flush": True,
    "can_fua": True, "can_trim": True, "can_zero": True, "can_df": True,
    "can_cache": True, "can_fast_zero": True, "can_multi_conn": True,
    "is_rotational": False,
}
got = {key: export.get(key) for key in wanted}
assert got == wanted, f"got {got}, wanted {wanted}"
assert "base:allocation" in export["contexts"], export
smallest = export["block_size_minimum"]
assert smallest >= 1 and smallest & (smallest - 1) == 0, export
assert export["block_size_preferred"] >= max(512, smallest), export
assert export["block_size_maximum"] >= 1 << 20, export
END
