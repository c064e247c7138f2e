/* SPDX-License-Identifier: MIT */
/*
 * What a client shares with the export by file descriptors: guest memory,
 * in-flight records, the log of dirty pages. Each is mapped and guarded
 * (guard.h): if its file is cut short, "lost" tells.
 *
 * Threads: the main loop, but for "lost", and what queues look up.
 */
#ifndef EXPORT_VHOST_USER_BLK_SHARED_H
#define EXPORT_VHOST_USER_BLK_SHARED_H

#include <stdatomic.h>

#include "block/node.h"
#include "proto/guest_memory.h"
#include "proto/vhost_user.h"

/* Regions that a client can have: as many as other servers take. */
#define VUB_REGIONS_MAX 509u

/* ---- mapping.c: a part of a file ---- */

struct vub_mapping {
	void *map; /* NULL: none */
	size_t map_bytes;
	size_t skip_bytes; /* before what was asked for: for alignment */
};

/*
 * Map so many bytes at the offset of the file fd, which stays the caller's;
 * *lost gets true when they have vanished.
 *   -EINVAL   no file, or too small
 *   -ENOSPC   too many mappings in this process
 *   other     from mmap(2), fstat(2)
 */
int vub_map(struct vub_mapping *m, int fd, uint64_t offset, uint64_t bytes,
	    atomic_bool *lost, struct err *err);

/* Nobody is using it. No-op when there is none. */
void vub_unmap(struct vub_mapping *m);

/* What was asked for begins here. */
static inline char *vub_mapped(const struct vub_mapping *m)
{
	return (char *)m->map + m->skip_bytes;
}

/* ---- memory.c: guest memory ---- */

struct vub_region {
	struct vub_mapping mapping;
	int fd;		 /* -1: not needed */
	bool registered; /* the node was told of buf */
	struct node_buffer buf;
};

/* What queues look addresses up in: never changes. */
struct vub_table {
	struct guest_memory mem;
	struct guest_region regions[]; /* by guest address */
};

struct vub_memory {
	struct node *node;
	unsigned nr;
	struct vhost_user_region regions[VUB_REGIONS_MAX]; /* in any order */
	struct vub_region maps[VUB_REGIONS_MAX];	   /* of these */
	struct vub_table *table; /* of them all; NULL: there are none yet */
	atomic_bool lost; /* some of what is shared has vanished; any thread */
};

/*
 * One more region, of the file fd, which stays the caller's. The table is
 * made anew: *old is the one that queues may use, to be freed.
 *   -EINVAL   the region makes no sense, or its file is too small
 *   -ENOSPC   too many
 *   other     from mmap(2), dup(2)
 */
int vub_memory_add(struct vub_memory *m, const struct vhost_user_region *region,
		   int fd, struct vub_table **old, struct err *err);

/* One less: no queue is running. -ENOENT: there is no such region. */
int vub_memory_remove(struct vub_memory *m,
		      const struct vhost_user_region *region, struct err *err);

/* None: no queue is running. */
void vub_memory_clear(struct vub_memory *m);

/* len bytes at the client's own address; NULL: -EFAULT, told. */
void *vub_memory_user(struct vub_memory *m, uint64_t user_addr, uint64_t len,
		      struct err *err);

/* ---- inflight.c: in-flight records, which outlive us ---- */

struct vub_inflight {
	struct vub_mapping mapping;
	uint64_t bytes; /* 0: none; so do all functions find it when zeroed */
	uint16_t nr_queues;
	uint16_t queue_size; /* entries that there are records for, each */
	struct vub_kept *kept; /* behind them; NULL: they aren't ours */
};

/*
 * New records for what the message asks, which gets their size, in place of
 * those in *f. Returns a descriptor for the client, or
 *   -EINVAL   more queues or entries than max_queues, max_entries
 *   other     from memfd_create(2), ftruncate(2), mmap(2)
 */
int vub_inflight_create(struct vub_inflight *f, struct vhost_user_inflight *msg,
			bool packed, unsigned max_queues, unsigned max_entries,
			atomic_bool *lost, struct err *err);

/*
 * Records that the client has kept, in place of those in *f. -EINVAL: they
 * are too small for what they are said to be; other: as vub_map().
 */
int vub_inflight_set(struct vub_inflight *f,
		     const struct vhost_user_inflight *msg, int fd, bool packed,
		     atomic_bool *lost, struct err *err);

/*
 * *records of a queue whose ring has so many entries; NULL if it isn't to
 * have any. -EINVAL: it has some, but not for such a ring.
 */
int vub_inflight_records(const struct vub_inflight *f, unsigned queue,
			 uint32_t size, bool packed, void **records,
			 struct err *err);

void vub_inflight_clear(struct vub_inflight *f);

/*
 * The write cache as the driver has chosen it is kept with the records, for a
 * client that reconnects doesn't tell it again. *writeback is left alone when
 * there is nothing kept.
 */
void vub_inflight_keep(struct vub_inflight *f, bool writeback);
void vub_inflight_kept(const struct vub_inflight *f, bool *writeback);

/* ---- dirty.c: the log of dirty pages ---- */

struct vub_dirty {
	struct vub_mapping mapping;
	uint64_t bytes; /* of the bitmap; 0: none */
};

/* Log here. No queue is running. -EINVAL: 0 bytes; other: as vub_map() */
int vub_dirty_set(struct vub_dirty *d, const struct vhost_user_log *msg, int fd,
		  atomic_bool *lost, struct err *err);

/* No queue is running. */
void vub_dirty_clear(struct vub_dirty *d);

/* So many bytes at a guest address, or at what was found for one, have been
 * written to. Any thread. */
void vub_dirty_mark(const struct vub_dirty *d, uint64_t addr, uint64_t len);
void vub_dirty_mark_host(const struct vub_dirty *d,
			 const struct guest_memory *mem, const void *host,
			 uint64_t len);

#endif
