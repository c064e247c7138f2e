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

cd "$tmp"
for uri in nbd://localhost nbd:localhost:10809 "nbd+unix:///?socket=$tmp/s" \
	http://localhost/disk.img; do
	exits 1 sluice info "$uri"
	says info "'$uri'" "no NBD client" "a path or driver="
	exits 1 sluice copy driver=ram,size=1M "$uri"
	says copy "'$uri'" "no NBD client"
	exits 1 sluice copy - "$tmp/new.img"
	says copy "'-'" "./-"
	exits 1 sluice copy driver=ram,size=1M -
	says copy "'-'" "./-"
done
truncate -s 1M ./- nbd:file
mkdir -p nbd:/localhost
truncate -s 1M nbd:/localhost/file
for file in ./- nbd:file nbd://localhost/file; do
	exits 0 sluice info "$file"
done

touch "$tmp/private"
chmod 0 "$tmp/private"
need_nobody
exits 1 as_nobody info "$tmp/private"
says info "$tmp/private" "Permission denied"
