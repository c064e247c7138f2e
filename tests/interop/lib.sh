# SPDX-License-Identifier: MIT
# Sourced by the tests that run other people's programs on our libblkio.so.1:
# what tests/clients/lib.sh gives, and `peer COMMAND...`, which runs a program
# of the chroot (tests/interop/setup) with our library in place of theirs. $tmp
# is the same directory there.
. "$(dirname "${BASH_SOURCE[0]}")/where.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../clients/lib.sh"
need_root "the peers are in a chroot"
cp -L "$SLUICE_BUILD/libblkio/libblkio.so.1" "$tmp/"

peer() {
	SHARE=$tmp "$SLUICE_SOURCE/tests/interop/peer" \
		env LD_LIBRARY_PATH="$tmp" "$@"
}

# the linker's own word that it is our library which the program runs on
ours() {
	peer env LD_DEBUG=libs "$@" 2>&1 |
		grep "calling init: $tmp/libblkio.so.1" >/dev/null ||
		fail "not on our libblkio: $*"
}
