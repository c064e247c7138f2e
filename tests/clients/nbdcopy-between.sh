#!/bin/bash
# SPDX-License-Identifier: MIT
# nbdcopy copies from one sluice to another: file to memory, and back.
. "$(dirname "$0")/lib.sh"
need nbdcopy

random_file disk.img 16
serve driver=ram,size=16M
nbdcopy -- [ "$sluice" serve --read-only "$tmp/disk.img" ] "$uri"
nbdcopy "$uri" "$tmp/copy.img"
cmp "$tmp/disk.img" "$tmp/copy.img"
