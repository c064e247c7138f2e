#!/bin/bash
# SPDX-License-Identifier: MIT
# A source that can't be opened leaves the target alone; a target that can't
# be made is told.
. "$(dirname "$0")/lib.sh"

random_file disk.img 1
cp "$tmp/disk.img" "$tmp/target.img"
exits 1 sluice copy "$tmp/missing" "$tmp/target.img"
says copy "$tmp/missing" "No such file or directory"
cmp "$tmp/disk.img" "$tmp/target.img"
exits 1 sluice copy "$tmp/missing" "$tmp/new.img"
[ ! -e "$tmp/new.img" ] || fail "target made for nothing"
exits 1 sluice copy "$tmp/disk.img" "$tmp/no/new.img"
says copy "$tmp/no/new.img" "No such file or directory"
exits 1 sluice copy "$tmp/disk.img" "$tmp"
says copy "$tmp"
exits 1 sluice copy "$tmp/disk.img" /dev/null
says copy /dev/null
ln -s nowhere "$tmp/dangling"
exits 1 sluice copy "$tmp/disk.img" "$tmp/dangling"
says copy "$tmp/dangling" "symbolic link to a file that does not exist"
[ ! -e "$tmp/nowhere" ] || fail "made where the link leads"
