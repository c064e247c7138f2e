#!/bin/bash
# SPDX-License-Identifier: MIT
# The summary tells a rate of data only, so none when there was none; --quiet
# prints nothing at all, but JSON that is asked for.
. "$(dirname "$0")/lib.sh"

truncate -s 3G "$tmp/holes.img"
exits 0 sluice copy "$tmp/holes.img" "$tmp/new.img"
[[ $(cat "$tmp/out") =~ ^"copied 3G (0 of data) in "[0-9.]+" s"$ ]] ||
	fail "summary is: $(cat "$tmp/out")"
random_file disk.img 2
exits 0 sluice copy "$tmp/disk.img" "$tmp/new.img"
[[ $(cat "$tmp/out") =~ ^"copied 2M (2M of data) in "[0-9.]+" s, ".+/s$ ]] ||
	fail "summary is: $(cat "$tmp/out")"

for how in "" --progress; do
	exits 0 sluice copy -q $how driver=null,size=8M,latency-us=200000 -m 1 \
		"$tmp/new.img"
	equal output "$(cat "$tmp/out" "$tmp/err")" ""
done
exits 0 sluice copy --quiet --json "$tmp/disk.img" "$tmp/new.img"
equal bytes "$(json 'd["bytes"]')" $((2 << 20))
exits 1 sluice copy --quiet "$tmp/missing" "$tmp/new.img"
says copy "$tmp/missing"
