#!/bin/bash
# SPDX-License-Identifier: MIT
# In the foreground, too, the pid file is there before the ready line, and
# gone after the end; another's contents are replaced.
. "$(dirname "$0")/lib.sh"

echo 1 >"$tmp/pid"
ready sluice serve --pid-file "$tmp/pid" --nbd "unix:$sock" driver=ram,size=1M
equal pid "$(cat "$tmp/pid")" "$server"
stop_server
[ ! -e "$tmp/pid" ] || fail "pid file left"
