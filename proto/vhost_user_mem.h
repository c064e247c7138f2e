/* SPDX-License-Identifier: MIT */
/*
 * Memory that a vhost-user front-end shares: do its regions make sense, alone
 * and beside each other, and which of them holds an address. For ring
 * addresses and control messages: these walk the whole table. Guest addresses
 * are looked up by guest_memory.h.
 *
 * Errors: as named, with text. Threads: any; pure functions.
 */
#ifndef PROTO_VHOST_USER_MEM_H
#define PROTO_VHOST_USER_MEM_H

#include "proto/vhost_user.h"

/*
 * One region: not empty, neither address wraps, and its part of the file is
 * one that a file can have. -EINVAL otherwise. Whether the file is as long is
 * for the caller to see.
 */
int vhost_user_check_region(const struct vhost_user_region *region,
			    struct err *err);

/*
 * One more region beside the nr that are there. Guest addresses may not
 * overlap; user addresses may, since the same memory can be at two places of
 * the guest. -EINVAL: as above, or it overlaps; -ENOSPC: max are there.
 */
int vhost_user_check_new_region(const struct vhost_user_region *regions,
				size_t nr, size_t max,
				const struct vhost_user_region *region,
				struct err *err);

/* Which of nr regions REM_MEM_REG means. -ENOENT: none. */
int vhost_user_find_region(const struct vhost_user_region *regions, size_t nr,
			   const struct vhost_user_region *region,
			   struct err *err);

/*
 * Which of nr regions holds all len > 0 bytes from this user address. -EFAULT:
 * none does on its own.
 */
int vhost_user_find_user(const struct vhost_user_region *regions, size_t nr,
			 uint64_t user_addr, uint64_t len, struct err *err);

/*
 * Alignment of a ring's three parts, as its format needs it. -EINVAL if one
 * is wrong. Their lengths, and the regions, are the caller's to know.
 */
int vhost_user_check_vring_addr(const struct vhost_user_vring_addr *addr,
				bool packed, struct err *err);

#endif
