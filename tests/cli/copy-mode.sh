#!/bin/bash
# SPDX-License-Identifier: MIT
# A new file may be read by those who may read the source, less the umask; a
# file that is replaced keeps its own permissions.
. "$(dirname "$0")/lib.sh"

# makes SOURCE_MODE UMASK MODE
makes() {
	chmod "$1" "$tmp/disk.img"
	rm -f "$tmp/new.img"
	(umask "$2" && sluice copy -q "$tmp/disk.img" "$tmp/new.img")
	equal "copy of $1, umask $2" "$(stat -c %a "$tmp/new.img")" "$3"
}

random_file disk.img 1
makes 600 022 600
makes 640 022 640
makes 664 022 644
makes 666 000 666
makes 640 077 600
makes 755 022 755
makes 444 022 644

chmod 600 "$tmp/disk.img"
chmod 644 "$tmp/new.img"
exits 0 sluice copy "$tmp/disk.img" "$tmp/new.img"
equal "one that was there" "$(stat -c %a "$tmp/new.img")" 644
(umask 022 && sluice copy -q driver=ram,size=1M "$tmp/ram.img")
equal "copy of no file" "$(stat -c %a "$tmp/ram.img")" 644
