#!/bin/bash
# SPDX-License-Identifier: MIT
# --daemon returns when clients are served, with the pid file written; the
# daemon has let go of directory, terminal and standard files, and removes
# socket and pid file, though both were given relative to the old directory.
. "$(dirname "$0")/lib.sh"
need nbdinfo

truncate -s 2M "$tmp/disk.img"
cd "$tmp"
exits 0 sluice serve --daemon --pid-file pid --nbd unix:nbd.sock disk.img
pid=$(cat pid)
undo+=("kill -KILL $pid 2>/dev/null")
equal "size at once" "$(nbdinfo --size "$uri")" $((2 << 20))
equal "ready line" "$(cat out)" "nbd+unix:///?socket=$sock"
equal directory "$(readlink "/proc/$pid/cwd")" /
for fd in 0 1 2; do
	equal "file $fd" "$(readlink "/proc/$pid/fd/$fd")" /dev/null
done
equal session "$(ps -o sid= -p "$pid" | tr -d ' ')" "$pid"

gone() { ! kill -0 "$pid" 2>/dev/null; }
kill "$pid"
wait_until "the daemon ends" gone
undo=()
equal "what is left" "$(ls)" "$(printf '%s\n' disk.img err out wait.log)"
