#!/bin/bash
# SPDX-License-Identifier: MIT
# --vhost-user fd:N serves a socket that was handed in, be it one of
# LISTEN_FDS, whose others are for NBD, or not; what isn't a listening unix
# socket is refused.
. "$(dirname "$0")/lib.sh"
need nbdinfo

cat >"$tmp/activate.py" <<'END'
import os, socket, sys
kind, *paths = sys.argv[1:sys.argv.index("--")]
command = sys.argv[sys.argv.index("--") + 1:]
socks = []
for path in paths:
    if path == "tcp":
        s = socket.socket()
        s.bind(("127.0.0.1", 0))
    else:
        s = socket.socket(socket.AF_UNIX)
        s.bind(path)
    if kind != "bound":
        s.listen(5)
    # out of the way of 3, 4 ...
    socks.append(os.fdopen(os.dup(s.fileno()), closefd=False))
fds = [os.dup2(s.fileno(), 20 + i) for i, s in enumerate(socks)]
for i, fd in enumerate(fds):
    os.dup2(fd, 3 + i, inheritable=True)
if kind == "activated":
    os.environ.update(LISTEN_FDS=str(len(paths)), LISTEN_PID=str(os.getpid()))
os.execvp(command[0], command)
END

capacity() {
	sluice info --json "driver=virtio-blk-vhost-user,path=$1" |
		grep -q 3145728
}

# activate KIND PATH... -- ARGUMENTS...: in the background, until it serves
activate() {
	$python "$tmp/activate.py" "$@" 2>>"$tmp/server.err" >"$tmp/ready" &
	server=$!
}

activate activated "$tmp/n.sock" "$tmp/v.sock" -- \
	sluice serve --vhost-user fd:4 driver=ram,size=3M
wait_until "vhost-user" capacity "$tmp/v.sock"
wait_until "NBD" nbdinfo --size "nbd+unix:///?socket=$tmp/n.sock"
equal "ready line" "$(cat "$tmp/ready")" ""
stop_server
[ -S "$tmp/v.sock" ] || fail "the socket was its maker's to remove"

activate plain "$tmp/p.sock" -- \
	sluice serve --vhost-user fd:3 --nbd "unix:$sock" driver=ram,size=3M
wait_until "vhost-user" capacity "$tmp/p.sock"
equal "size" "$(nbdinfo --size "$uri")" 3145728
stop_server

exits 1 $python "$tmp/activate.py" bound "$tmp/b.sock" -- \
	sluice serve --vhost-user fd:3 driver=ram,size=3M
says serve "fd 3" listening
exits 1 $python "$tmp/activate.py" plain tcp -- \
	sluice serve --vhost-user fd:3 driver=ram,size=3M
says serve "unix socket wanted"
exits 1 sluice serve --vhost-user fd:1000 driver=ram,size=3M
says serve "fd 1000"
for fd in fd: fd:x fd:-1; do
	exits 2 sluice serve --vhost-user $fd driver=ram,size=3M
	says serve "'$fd'" wanted
done
exits 2 $python "$tmp/activate.py" plain "$tmp/d.sock" -- \
	sluice serve --daemon --vhost-user fd:3 driver=ram,size=3M
says serve --daemon "inherited sockets"
