#!/bin/bash
# SPDX-License-Identifier: MIT
# In the foreground, too, the pid file is there before the ready line, and
# gone after the end; one that a dead process has left is replaced. A file
# that took its place meanwhile is left alone.
. "$(dirname "$0")/lib.sh"

echo 123456789 >"$tmp/pid"
ready sluice serve --pid-file "$tmp/pid" --nbd "unix:$sock" driver=ram,size=1M
equal pid "$(cat "$tmp/pid")" "$server"
stop_server
[ ! -e "$tmp/pid" ] || fail "pid file left"

ready sluice serve --pid-file "$tmp/pid" --nbd "unix:$sock" driver=ram,size=1M
echo precious >"$tmp/other"
mv "$tmp/other" "$tmp/pid"
stop_server
equal "another's file" "$(cat "$tmp/pid")" precious
