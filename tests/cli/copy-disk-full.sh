#!/bin/bash
# SPDX-License-Identifier: MIT
# A full disk: the message tells offset and reason; a file that the copy made
# is removed, one that was there is left, and said to be incomplete.
. "$(dirname "$0")/lib.sh"
need unshare

random_file disk.img 8
mkdir "$tmp/small"
cat >"$tmp/inside" <<END
mount -t tmpfs -o size=2M none "$tmp/small" || exit 77
"$sluice" copy "$tmp/disk.img" "$tmp/small/new.img" 2>"$tmp/err1"
echo \$? >"$tmp/status1"
[ ! -e "$tmp/small/new.img" ] || echo left >>"$tmp/status1"
echo old >"$tmp/small/old.img"
"$sluice" copy "$tmp/disk.img" "$tmp/small/old.img" 2>"$tmp/err2"
echo \$? >"$tmp/status2"
[ -e "$tmp/small/old.img" ] || echo removed >>"$tmp/status2"
END
status=0
unshare --user --map-root-user --mount sh "$tmp/inside" >"$tmp/said" 2>&1 ||
	status=$?
[ -e "$tmp/status2" ] || skip "no mounts of our own: $(cat "$tmp/said")"
equal "a new file" "$(cat "$tmp/status1")" 1
equal "an old file" "$(cat "$tmp/status2")" 1
for n in 1 2; do
	cp "$tmp/err$n" "$tmp/err"
	says copy "No space left on device" "at offset"
done
contains "$tmp/err1" "new.img' was removed"
contains "$tmp/err2" "old.img' is incomplete"
