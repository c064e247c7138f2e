#!/bin/bash
# SPDX-License-Identifier: MIT
# A pid file that a running server has, daemon or not, is refused with that
# one's process id, and goes on being its own; once it is killed, the file is
# free.
. "$(dirname "$0")/lib.sh"

# on SOCKET [OPTIONS]: a server there, with the pid file
on() {
	sluice serve --pid-file "$tmp/pid" --nbd "unix:$tmp/$1" ${2-} \
		driver=ram,size=1M
}

held_by() {
	for how in "" --daemon; do
		exits 1 on refused.sock $how
		says serve "'$tmp/pid' is in use by process $1"
		equal pid "$(cat "$tmp/pid")" "$1"
		[ ! -e "$tmp/refused.sock" ] || fail "socket left"
	done
}

ready sluice serve --pid-file "$tmp/pid" --nbd "unix:$sock" driver=ram,size=1M
held_by "$server"
kill_server
equal "a killed server's" "$(wc -l <"$tmp/pid")" 1

exits 0 on daemon.sock --daemon
pid=$(cat "$tmp/pid")
undo+=("kill -KILL $pid 2>/dev/null")
held_by "$pid"
gone() { ! kill -0 "$pid" 2>/dev/null; }
kill "$pid"
wait_until "the daemon ends" gone
undo=()
[ ! -e "$tmp/pid" ] || fail "pid file left"
