# SPDX-License-Identifier: MIT
"""Disks that hold nothing, behind vhost-user sockets: ours and QEMU's. What is
measured is the way to them."""
import os

import harness

DRIVER = "virtio-blk-vhost-user"
SOCKET = os.path.join(harness.data_dir(), "vhost-user.sock")
SIZE = 1 << 30

SERVERS = {
    "sluice serve": [harness.SLUICE, "serve", "--vhost-user", SOCKET,
                     f"driver=null,size={SIZE},read-zeroes=off"],
    "qemu-storage-daemon": harness.peer(
        "qemu-storage-daemon", "--blockdev",
        f"driver=null-co,node-name=disk,size={SIZE},read-zeroes=off",
        "--export", "type=vhost-user-blk,id=export,node-name=disk,"
        f"writable=on,addr.type=unix,addr.path={SOCKET}"),
}


def server(name):
    return harness.server(SERVERS[name], SOCKET,
                          lambda: harness.accepts(SOCKET))
