#!/bin/bash
# SPDX-License-Identifier: MIT
# qemu-io tells of each request, refused ones among them, what it tells with
# the reference library, and leaves the same bytes.
. "$(dirname "$0")/lib.sh"

make_disk "$1" 4
like_reference qemu-io -c 'write -P 1 0 64k' -c 'write -f -P 2 1M 4k' \
	-c 'write -z 64k 64k' -c 'write -z -u 128k 64k' -c 'write -z -n 1M 4k' \
	-c 'writev -P 3 2M 512 1024' -c 'discard 3M 0' -c 'read 4M 512' \
	-c 'write 4M 512' -c 'read 4095k 2k' -c 'discard 4095k 2k' \
	-c 'write -z 4095k 2k' -c 'truncate 3M' -c 'truncate 4M' \
	-c 'truncate 5M' -c 'alloc 0 4M' -c map -c info -c length -c flush \
	-c 'read -P 1 0 64k' --image-opts "$image"
# misaligned for O_DIRECT
like_reference qemu-io -c 'write -P 1 1 511' -c 'write -P 2 1000 3000' \
	-c 'read -P 2 1000 3000' -c 'write -z 5000 100' --image-opts "$image"
