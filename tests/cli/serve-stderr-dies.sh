#!/bin/bash
# SPDX-License-Identifier: MIT
# A server whose stdout and stderr have gone goes on serving.
. "$(dirname "$0")/lib.sh"
need nbdinfo

truncate -s 1M "$tmp/disk.img"
mkfifo "$tmp/reader"
sluice serve -v --nbd "unix:$sock" "$tmp/disk.img" >"$tmp/reader" 2>&1 &
server=$!
head -n 1 "$tmp/reader" >"$tmp/line"	# and then closes it
for i in 1 2 3; do
	equal "size, try $i" "$(nbdinfo --size "$uri")" $((1 << 20))
done
stop_server

# closed from the start: no disk or socket may be taken for them
sluice serve -v --nbd "unix:$sock" "$tmp/disk.img" <&- >&- 2>&- &
server=$!
wait_until "it serves" nbdinfo --size "$uri"
