#!/bin/bash
# SPDX-License-Identifier: MIT
# info shows the serial number of a disk that has one, as far as it can be
# printed, and none for a driver that can't ask.
. "$(dirname "$0")/lib.sh"

truncate -s 5M "$tmp/disk.img"
exits 0 sluice info --json "$tmp/disk.img"
equal "no serial number" "$(json 'd["serial"]')" None
exits 0 sluice info "$tmp/disk.img"
equal "no line of it" "$(awk '$1 == "serial"' "$tmp/out")" ""

# shows SERIAL TEXT: a server's
shows() {
	disk=driver=virtio-blk-vhost-user,path=$tmp/vm.sock
	ready sluice serve --vhost-user "$tmp/vm.sock" --serial "$1" \
		"$tmp/disk.img"
	exits 0 sluice info --json "$disk"
	equal "serial number" "$(json 'd["serial"]')" "$2"
	equal queues "$(json 'd["properties"]["num-queues"]')" 1
	exits 0 sluice info "$disk"
	equal line "$(awk '$1 == "serial" { print $2 }' "$tmp/out")" "$2"
	stop_server
}

shows S123 S123
shows 12345678901234567890 12345678901234567890
shows $'a\eb' 'a?b'
