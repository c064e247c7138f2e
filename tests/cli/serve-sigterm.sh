#!/bin/bash
# SPDX-License-Identifier: MIT
# SIGTERM, SIGINT and SIGHUP end the server with status 0 and no socket left,
# also with a client connected, and what that client wrote is there.
# one who runs the tests under nohup has SIGHUP ignored, as the server rightly
# would
[ -n "${HUP_COUNTS-}" ] || HUP_COUNTS=1 exec env --default-signal=HUP "$0"
. "$(dirname "$0")/lib.sh"
need qemu-io

truncate -s 4M "$tmp/disk.img"
for signal in TERM INT HUP; do
	serve "$tmp/disk.img"
	mkfifo "$tmp/commands"
	qemu-io -f raw "$uri" <"$tmp/commands" >"$tmp/client" 2>&1 &
	client=$!
	exec 9>"$tmp/commands"
	echo "write -P 0x5a 1M 64k" >&9
	wait_until "the write is done" grep -q "wrote 65536" "$tmp/client"
	stop_server $signal
	exec 9>&-
	wait $client || true
	qemu-io -f raw -c "read -P 0x5a 1M 64k" "$tmp/disk.img" >"$tmp/said"
	! grep -i "verification failed" "$tmp/said" || fail "bytes are lost"
	rm "$tmp/commands"
done
