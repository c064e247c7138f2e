#!/bin/bash
# SPDX-License-Identifier: MIT
# info --json is one JSON object with typed values, of the options as given.
. "$(dirname "$0")/lib.sh"

truncate -s 5M "$tmp/disk.img"
exits 0 sluice info --json "{\"driver\": \"io_uring\",
	\"path\": \"$tmp/disk.img\", \"num-entries\": 64}"
equal size "$(json 'd["size"]')" $((5 << 20))
equal capacity "$(json 'd["properties"]["capacity"]')" $((5 << 20))
equal entries "$(json 'd["properties"]["num-entries"]')" 64
equal driver "$(json 'd["properties"]["driver"]')" io_uring
equal boolean "$(json 'd["properties"]["direct"]')" False
equal limit \
	"$(json 'int(d["properties"]["max-mem-regions"]) == 2**64')" True
