# SPDX-License-Identifier: MIT
# Sourced: where the chroot with the peers is, unless the caller has said.
CHROOT=${CHROOT:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/sluice/trixie}
export CHROOT
