#!/bin/bash
# SPDX-License-Identifier: MIT
# nbdkit's blkio plugin on our library under fio: four connections at once
# check what they wrote.
. "$(dirname "$0")/lib.sh"
need fio

make_disk "$1" 16
nbdkit_blkio
runs_on_ours
fio_verify
