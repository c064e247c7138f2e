#!/bin/bash
# SPDX-License-Identifier: MIT
# --version tells the command's version and the API's.
. "$(dirname "$0")/lib.sh"

exits 0 sluice --version
[[ $(cat "$tmp/out") =~ ^"sluice "[0-9.]+" (libblkio API 1.5.0)"$ ]] ||
	fail "version is: $(cat "$tmp/out")"
