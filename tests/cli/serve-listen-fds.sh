#!/bin/bash
# SPDX-License-Identifier: MIT
# Inherited sockets are served, alone (then there is no ready line) and beside
# --nbd; what is not a listening socket is refused, and alone so is --daemon:
# who made the socket would lose the server.
. "$(dirname "$0")/lib.sh"
need nbdinfo

cat >"$tmp/activate.py" <<'END'
import os, socket, sys
kind, path, *command = sys.argv[1:]
s = socket.socket(socket.AF_UNIX)
s.bind(path)
if kind == "listening":
    s.listen(5)
if s.fileno() != 3:
    os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execvp(command[0], command)
END

$python "$tmp/activate.py" listening "$tmp/a.sock" \
	sluice serve driver=ram,size=3M >"$tmp/ready" 2>"$tmp/server.err" &
server=$!
wait_until "it serves" nbdinfo --size "nbd+unix:///?socket=$tmp/a.sock"
equal size "$(cat "$tmp/wait.log")" $((3 << 20))
equal "ready line" "$(cat "$tmp/ready")" ""
stop_server
[ -S "$tmp/a.sock" ] || fail "the socket was its maker's to remove"

ready $python "$tmp/activate.py" listening "$tmp/b.sock" \
	sluice serve --nbd "unix:$sock" driver=ram,size=3M
for path in "$tmp/b.sock" "$sock"; do
	equal size "$(nbdinfo --size "nbd+unix:///?socket=$path")" $((3 << 20))
done
stop_server

exits 1 $python "$tmp/activate.py" bound "$tmp/c.sock" \
	sluice serve driver=ram,size=3M
says serve listening

exits 2 $python "$tmp/activate.py" listening "$tmp/d.sock" \
	sluice serve --daemon driver=ram,size=3M
says serve --daemon "inherited sockets"
