#!/bin/bash
# SPDX-License-Identifier: MIT
# A disk that can't be opened fails in one line that names it and says why.
. "$(dirname "$0")/lib.sh"

exits 1 sluice info "$tmp/missing"
says info "$tmp/missing" "No such file or directory"
exits 1 sluice info "$tmp"
says info "$tmp"
exits 1 sluice info driver=nonsense
says info nonsense
exits 1 sluice info driver=null,size=1M,nonsense=1
says info nonsense
exits 1 sluice info driver=null,size=large
says info size large
exits 1 sluice info '{"driver": '
says info JSON

touch "$tmp/private"
chmod 0 "$tmp/private"
exits 1 as_nobody info "$tmp/private"
says info "$tmp/private" "Permission denied"
