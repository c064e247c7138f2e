#!/bin/bash
# SPDX-License-Identifier: MIT
# Two signals at once, as timeout(1) sends them, count as one: the server ends
# in order.
. "$(dirname "$0")/lib.sh"

truncate -s 1M "$tmp/disk.img"
ready sluice serve --nbd "unix:$sock" "$tmp/disk.img"
kill -TERM "$server"
kill -INT "$server"
status=0
wait "$server" || status=$?
server=
equal "exit status" $status 0
equal "messages" "$(cat "$tmp/server.err")" ""
