#!/bin/bash
# SPDX-License-Identifier: MIT
# One disk answers to the empty name and its own; several answer to name= or
# the base name of their file, and to no other.
. "$(dirname "$0")/lib.sh"
need nbdinfo

at() { echo "nbd+unix:///$1?socket=$sock"; }

truncate -s 1M "$tmp/one.img"
truncate -s 2M "$tmp/two.img"
serve "$tmp/one.img"
equal "by default" "$(nbdinfo --size "$(at "")")" $((1 << 20))
equal "by its name" "$(nbdinfo --size "$(at one.img)")" $((1 << 20))
fails nbdinfo --size "$(at two.img)"
stop_server

ready sluice serve --nbd "unix:$sock" "$tmp/one.img" \
	"driver=io_uring,path=$tmp/two.img,name=second" \
	'{"driver": "ram", "size": "3M", "node-name": "third"}'
equal one "$(nbdinfo --size "$(at one.img)")" $((1 << 20))
equal two "$(nbdinfo --size "$(at second)")" $((2 << 20))
equal three "$(nbdinfo --size "$(at third)")" $((3 << 20))
fails nbdinfo --size "$(at two.img)"
fails nbdinfo --size "$(at "")"
