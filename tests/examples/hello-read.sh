#!/bin/bash
# SPDX-License-Identifier: MIT
# examples/hello-read writes the first 4 KiB of a file, or all of a shorter
# one, and says what is wrong with one that it can't read.
. "$(dirname "$0")/../cli/lib.sh"
hello=$SLUICE_BUILD/examples/hello-read

random_file long 1
head -c 4096 "$tmp/long" >"$tmp/start"
exits 0 "$hello" "$tmp/long"
cmp "$tmp/out" "$tmp/start"

head -c 100 "$tmp/long" >"$tmp/short"
exits 0 "$hello" "$tmp/short"
cmp "$tmp/out" "$tmp/short"

exits 1 "$hello" "$tmp/missing"
contains "$tmp/err" "$tmp/missing"
contains "$tmp/err" "No such file"
equal "bytes out" "$(stat -c %s "$tmp/out")" 0
exits 2 "$hello"
