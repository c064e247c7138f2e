#!/bin/bash
# SPDX-License-Identifier: MIT
# copy --json prints one object with what was copied and how fast.
. "$(dirname "$0")/lib.sh"

random_file disk.img 3
exits 0 sluice copy --json "$tmp/disk.img" "$tmp/new.img"
equal source "$(json 'd["source"]')" "$tmp/disk.img"
equal target "$(json 'd["target"]')" "$tmp/new.img"
equal bytes "$(json 'd["bytes"]')" $((3 << 20))
equal sum "$(json 'd["data_bytes"] + d["zero_bytes"]')" $((3 << 20))
equal time "$(json '0 < d["seconds"] < 600')" True
equal rate "$(json 'abs(d["bytes_per_second"] * d["seconds"] - d["bytes"])
	< d["bytes"] / 1000')" True
equal messages "$(cat "$tmp/err")" ""
