#!/bin/bash
# SPDX-License-Identifier: MIT
# nbd-client -l lists the exports of a server on TCP.
. "$(dirname "$0")/lib.sh"

need nbd-client nbdinfo

truncate -s 1M "$tmp/disk.img"
port=$(free_port)
serve --nbd "127.0.0.1:$port" "driver=io_uring,filename=$tmp/disk.img,name=the-disk"
answers "nbd://127.0.0.1:$port/the-disk"
nbd-client -l 127.0.0.1 "$port" >"$tmp/list" 2>&1
contains "$tmp/list" the-disk
