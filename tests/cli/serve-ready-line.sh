#!/bin/bash
# SPDX-License-Identifier: MIT
# When clients are served, one line on stdout has the URI of each listener and
# disk, and clients can use it as it is.
. "$(dirname "$0")/lib.sh"
need nbdinfo

truncate -s 4M "$tmp/a b.img"
ready sluice serve --nbd "unix:$sock" --nbd 127.0.0.1:0 "$tmp/a b.img"
equal lines "$(wc -l <"$tmp/ready")" 1
read -r unix tcp <"$tmp/ready"
equal "unix URI" "$unix" "nbd+unix:///?socket=$sock"
[[ $tcp =~ ^nbd://127\.0\.0\.1:[1-9][0-9]*$ ]] || fail "TCP URI is $tcp"
equal "size through unix" "$(nbdinfo --size "$unix")" $((4 << 20))
equal "size through TCP" "$(nbdinfo --size "$tcp")" $((4 << 20))
stop_server

ready sluice serve --nbd "unix:$sock" "$tmp/a b.img" driver=ram,size=1M
read -r one two <"$tmp/ready"
equal "URI with a name" "$one" "nbd+unix:///a%20b.img?socket=$sock"
equal "size of the first" "$(nbdinfo --size "$one")" $((4 << 20))
equal "size of the second" "$(nbdinfo --size "$two")" $((1 << 20))
