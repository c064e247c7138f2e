#!/bin/bash
# SPDX-License-Identifier: MIT
# --pid-file and --log-file never write over a disk, by whatever name, and
# --pid-file over nothing but another pid file: all are as they were.
. "$(dirname "$0")/lib.sh"

unharmed() {
	cmp "$tmp/before" "$tmp/disk.img" || fail "the disk is harmed"
	[ ! -e "$sock" ] || fail "socket left"
}

random_file disk.img 1
cp "$tmp/disk.img" "$tmp/before"
ln "$tmp/disk.img" "$tmp/hard"
ln -s disk.img "$tmp/symbolic"
for option in --pid-file --log-file; do
	for path in disk.img hard symbolic; do
		exits 1 sluice serve $option "$tmp/$path" --nbd "unix:$sock" \
			driver=ram,size=1M,name=x \
			"driver=io_uring,path=$tmp/disk.img"
		says serve "$option '$tmp/$path' is the disk" "disk.img'"
		unharmed
	done
done
: >"$tmp/empty.img"	# what it holds would not stop us
exits 1 sluice serve -P "$tmp/empty.img" --nbd "unix:$sock" "$tmp/empty.img"
says serve "is the disk"
[ -e "$tmp/empty.img" ] || fail "the disk is removed"

exits 1 sluice serve -P "$tmp/disk.img" --nbd "unix:$sock" driver=ram,size=1M
says serve "'$tmp/disk.img'" "no process id"
unharmed
for text in "12 monkeys" "-1" "0123456789012345" $'12\n13\n' ' 1'; do
	echo "$text" >"$tmp/file"
	exits 1 sluice serve -P "$tmp/file" --nbd "unix:$sock" driver=ram,size=1M
	says serve "no process id"
	equal "the file" "$(cat "$tmp/file")" "$(echo "$text")"
done
mkfifo "$tmp/fifo"
exits 1 sluice serve -P "$tmp/fifo" --nbd "unix:$sock" driver=ram,size=1M
says serve "'$tmp/fifo'" "not a regular file"
[ -p "$tmp/fifo" ] || fail "the fifo is gone"
exits 1 sluice serve -P "$tmp" --nbd "unix:$sock" driver=ram,size=1M
says serve "'$tmp'" "Is a directory"
exits 1 sluice serve -P "$tmp/a" --log-file "$tmp/a" --nbd "unix:$sock" \
	driver=ram,size=1M
says serve "log file, too"
unharmed
