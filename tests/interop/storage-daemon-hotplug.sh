#!/bin/bash
# SPDX-License-Identifier: MIT
# A running qemu-storage-daemon adds disks of our library, serves and removes
# them, over and over: nothing of them stays, no file descriptor, no mapping.
. "$(dirname "$0")/lib.sh"

make_disk "$1" 4
storage_daemon --chardev "socket,id=q,path=$tmp/qmp.sock,server=on,wait=off" \
	--monitor chardev=q
runs_on_ours
cp "$start" "$tmp/second.img"
/usr/bin/python3 - "$(dirname "$0")" "$tmp" $server "$direct_bool" <<'END'
import os
import sys
sys.path.insert(0, sys.argv[1])
import nbd
from qmp import Qmp

tmp, pid, direct = sys.argv[2], sys.argv[3], sys.argv[4] == "true"
q = Qmp(f"{tmp}/qmp.sock")
with open(f"{tmp}/second.img", "rb") as file:
    want = file.read(65536)


def held():
    """Its open files, and its mappings of rings."""
    fds = f"/proc/{pid}/fd"
    with open(f"/proc/{pid}/maps") as maps:
        return (len(os.listdir(fds)),
                sum("io_uring" in line for line in maps))


def round_trip():
    q.run("blockdev-add", driver="io_uring", filename=f"{tmp}/second.img",
          cache={"direct": direct}, **{"node-name": "second"})
    q.run("block-export-add", type="nbd", id="s", name="second",
          **{"node-name": "second"})
    h = nbd.NBD()
    h.connect_uri(f"nbd+unix:///second?socket={tmp}/peer.sock")
    assert h.pread(65536, 0) == want
    h.shutdown()
    q.run("block-export-del", id="s")
    q.wait("BLOCK_EXPORT_DELETED", id="s")
    q.run("blockdev-del", **{"node-name": "second"})


round_trip()
before = held()
for _ in range(50):
    round_trip()
assert held() == before, (before, held())
END
