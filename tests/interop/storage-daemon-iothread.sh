#!/bin/bash
# SPDX-License-Identifier: MIT
# A queue of our library moves between threads of qemu-storage-daemon, by
# exports that are run by one and then the other; clients check what they write.
. "$(dirname "$0")/lib.sh"
need fio

make_disk "$1" 16
storage_daemon --object iothread,id=one --object iothread,id=two \
	--chardev "socket,id=q,path=$tmp/qmp.sock,server=on,wait=off" \
	--monitor chardev=q
runs_on_ours
for thread in one two one; do
	/usr/bin/python3 - "$(dirname "$0")" "$tmp/qmp.sock" $thread <<'END'
import sys
sys.path.insert(0, sys.argv[1])
from qmp import Qmp

q = Qmp(sys.argv[2])
q.run("block-export-del", id="e")
while q.run("query-block-exports"):
    pass
q.run("block-export-add", type="nbd", id="e", name="", writable=True,
      iothread=sys.argv[3], **{"node-name": "disk"})
END
	answers "$uri"
	fio_verify --size=1M
done
