#!/bin/bash
# SPDX-License-Identifier: MIT
# A server on TCP answers at its IPv4 and its IPv6 address.
. "$(dirname "$0")/lib.sh"
need nbdinfo

truncate -s 1M "$tmp/disk.img"
for host in 127.0.0.1 '[::1]'; do
	port=$(free_port)
	serve --nbd "$host:$port" "$tmp/disk.img"
	answers "nbd://$host:$port"
	equal "size at $host" "$(nbdinfo --size "nbd://$host:$port")" \
		$((1 << 20))
	stop_server
done
