# SPDX-License-Identifier: MIT
# Sourced by the tests that run other people's programs on our libblkio.so.1:
# what tests/clients/lib.sh gives, and programs of the chroot that
# tests/interop/setup makes. $tmp is the same directory there.
#
# The end of a script reads what the dynamic linker logged of each peer, and
# fails if one ran on another libblkio than ours, or none on ours.
. "$(dirname "${BASH_SOURCE[0]}")/where.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../clients/lib.sh"
need_root "the peers are in a chroot"
cp -L "$SLUICE_BUILD/libblkio/libblkio.so.1" "$tmp/"
export SHARE=$tmp
# not $sock: neither nbdkit nor QEMU removes its socket at the end
socket=$tmp/peer.sock
uri="nbd+unix:///?socket=$socket"
chroot_run=$SLUICE_SOURCE/tests/interop/peer
on_ours=("$chroot_run" env LD_LIBRARY_PATH="$tmp" LD_DEBUG=libs
	LD_DEBUG_OUTPUT="$tmp/loader")
undo+=('rmdir "$CHROOT$tmp" 2>/dev/null' '[ $status != 0 ] || only_ours || status=1')

# peer COMMAND...: a program of the chroot, our library in place of theirs
peer() {
	"${on_ours[@]}" "$@"
}

# reference COMMAND...: the same on their library
reference() {
	"$chroot_run" env -u LD_LIBRARY_PATH "$@"
}

# daemon COMMAND...: as peer, in the background until stop_server
daemon() {
	"${on_ours[@]}" "$@" 2>>"$tmp/server.err" &
	server=$!
}

only_ours() {
	local inits
	inits=$(cat "$tmp"/loader.* | grep -o 'calling init: .*/libblkio\.so.*')
	[ -n "$inits" ] || {
		echo "no peer loaded our libblkio" >&2
		return 1
	}
	! grep -vxF "calling init: $tmp/libblkio.so.1" <<<"$inits" >&2
}

# make_disk KIND MIB: random bytes, at $disk. KIND is file or loop, a block
# device; with -direct after it the page cache is passed by: $direct is on
# (QEMU's word) or off, $direct_bool true or false. $start has the same bytes,
# $image is the disk for QEMU's --image-opts.
make_disk() {
	random_file disk.img "$2"
	start=$tmp/start.img
	cp "$tmp/disk.img" "$start"
	sync "$tmp/disk.img" # no request waits for these bytes' way to the disk
	disk=$tmp/disk.img direct=off direct_bool=false
	case $1 in
	*-direct) direct=on direct_bool=true ;;
	esac
	case $1 in
	loop*)
		disk=$(losetup --find --show "$tmp/disk.img")
		undo+=("losetup -d $disk")
		;;
	esac
	image=driver=io_uring,filename=$disk,cache.direct=$direct
}

# like_reference COMMAND...: what it says (times and error texts of the library
# aside), its exit status and the bytes on the disk afterwards are the same on
# both libraries. Each starts with the bytes of $start, if that is not empty.
like_reference() {
	local run status
	for run in reference peer; do
		[ -z "$start" ] || cp "$start" "$disk"
		status=0
		$run "$@" >"$tmp/out" 2>&1 || status=$?
		sed -E 's/; [0-9:.]+ ?(sec|hours).*//
			s/(blkio_[a-z_]+ failed|Unknown property name).*/\1/' \
			"$tmp/out" >"$tmp/said-$run"
		{
			echo "status $status"
			md5sum <"$disk"
		} >>"$tmp/said-$run"
	done
	diff -u "$tmp/said-reference" "$tmp/said-peer" >&2 ||
		fail "not as on the reference: $*"
}

# example NAME: compile that program of libblkio-dev as it is, for their header
# and library, to $tmp/NAME. Its C library is newer than the compiler's here.
example() {
	local doc=$CHROOT/usr/share/doc/libblkio-dev/examples
	mkdir -p "$tmp/include"
	cp "$CHROOT/usr/include/blkio.h" "$tmp/include/"
	gcc -O1 -I"$tmp/include" -o "$tmp/$1" "$doc/$1.c" \
		"$(echo "$CHROOT"/usr/lib/*/libblkio.so.1)" \
		-Wl,--unresolved-symbols=ignore-in-shared-libs -lm -lpthread
}

# disk_polls: our library says that $disk can be polled
disk_polls() {
	[ "$(peer "$tmp/blkio-info" io_uring path="$disk" \
		direct="$direct_bool" supports-poll-queues)" = true ]
}

# fio_jobs OPTION...: a job file for fio's libblkio engine on $disk: what is
# the same for all jobs, and on stdin the jobs
fio_jobs() {
	[ -x "$CHROOT/opt/fio-libblkio" ] ||
		skip "no fio with its libblkio engine: tests/interop/setup says why"
	printf '%s\n' '[global]' ioengine=libblkio libblkio_driver=io_uring \
		libblkio_path="$disk" \
		direct="$([ "$direct" = off ]; echo $?)" \
		allow_file_create=0 "$@" >"$tmp/jobs.fio"
	cat >>"$tmp/jobs.fio"
}

fio_engine() {
	peer /opt/fio-libblkio --eta=never "$tmp/jobs.fio" >"$tmp/said" 2>&1
}

fio_engine_runs() {
	fio_engine || {
		cat "$tmp/said" >&2
		fail "fio failed"
	}
	! grep -E 'err= *[1-9]|blkio.* failed' "$tmp/said" >&2 ||
		fail "fio saw an error"
}

# storage_daemon [OPTION...]: QEMU's serves $image at $uri, writable
storage_daemon() {
	daemon qemu-storage-daemon --blockdev "$image,node-name=disk" \
		--nbd-server "addr.type=unix,addr.path=$socket,max-connections=0" \
		"$@" --export type=nbd,id=e,node-name=disk,name=,writable=on
	answers "$uri"
}

# nbdkit_blkio [OPTION...]: nbdkit serves $disk at $uri. Only path= passes
# through its plugin: it mangles the names of other properties.
nbdkit_blkio() {
	daemon nbdkit --foreground --unix "$socket" "$@" blkio io_uring \
		path="$disk"
	answers "$uri"
}

# runs_on_ours: $server has our library mapped, and no other libblkio
runs_on_ours() {
	local maps
	maps=$(awk '/\/libblkio\.so/ { print $5 }' "/proc/$server/maps" | sort -u)
	equal "inode of the server's libblkio" "$maps" \
		"$(stat -c %i "$tmp/libblkio.so.1")"
}

# fio_verify [OPTION...]: fio writes $uri at random through 4 connections, and
# reads the checksums of all it wrote
fio_verify() {
	(cd "$tmp" && fio --name=verify --ioengine=nbd --uri="$uri" \
		--rw=randwrite --size=4M --offset_increment=4M --numjobs=4 \
		--bsrange=4k-64k --iodepth=16 --verify=crc32c --verify_fatal=1 \
		--do_verify=1 --group_reporting --output="$tmp/said" "$@") || {
		cat "$tmp/said" >&2
		fail "fio failed"
	}
	contains "$tmp/said" "err= 0"
	contains "$tmp/said" "READ: bw="
}
