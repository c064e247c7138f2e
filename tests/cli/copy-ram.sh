#!/bin/bash
# SPDX-License-Identifier: MIT
# Drivers other than files are sources and targets, too.
. "$(dirname "$0")/lib.sh"

exits 0 sluice copy driver=ram,size=5M "$tmp/zeroes.img"
truncate -s 5M "$tmp/want.img"
cmp "$tmp/zeroes.img" "$tmp/want.img"
random_file disk.img 4
exits 0 sluice copy "$tmp/disk.img" driver=ram,size=4M
