#!/bin/bash
# SPDX-License-Identifier: MIT
# --max-clients turns further clients away; those that are in go on, and when
# one leaves, another comes in.
. "$(dirname "$0")/lib.sh"
need nbdinfo

ready sluice serve --max-clients 2 --nbd "unix:$sock" driver=ram,size=1M
cat >"$tmp/clients.py" <<'END'
import socket, sys

def client():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(30)
    s.connect(sys.argv[1])
    try:
        return s, s.recv(8)
    except ConnectionResetError:
        return s, b""

first, hello = client()
assert hello == b"NBDMAGIC", hello
second, hello = client()
assert hello == b"NBDMAGIC", hello
third, hello = client()
assert hello == b"", hello
first.close()
END
$python "$tmp/clients.py" "$sock" || fail "not two clients, exactly"
wait_until "a place is free again" nbdinfo --size "$uri"
