/* SPDX-License-Identifier: MIT */
/*
 * Requests inside the library: one slot from submission until its completion
 * has been fetched. Slots come from the queue's pool, which grows to the
 * most that were ever outstanding and is freed with the queue.
 *
 * Threads: as the queue: one at a time, no locks.
 */
#ifndef LIBBLKIO_REQUEST_H
#define LIBBLKIO_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct blkio_extent;
struct blkio_zone;

enum request_op {
	REQUEST_READ,
	REQUEST_WRITE,
	REQUEST_READV,
	REQUEST_WRITEV,
	REQUEST_WRITE_ZEROES,
	REQUEST_DISCARD,
	REQUEST_FLUSH,
	REQUEST_BLOCK_STATUS,
	REQUEST_REPORT_ZONES,
	REQUEST_CLOSE_ZONE,
	REQUEST_FINISH_ZONE,
	REQUEST_OPEN_ZONE,
	REQUEST_RESET_ZONE,
	REQUEST_CLOSE_ALL_ZONES,
	REQUEST_FINISH_ALL_ZONES,
	REQUEST_OPEN_ALL_ZONES,
	REQUEST_RESET_ALL_ZONES,
	REQUEST_GET_ID,
	REQUEST_NR_OPS,
};

struct request {
	struct request *next; /* in whichever list it is */
	void *user_data;
	const char *error_msg; /* static, or NULL */
	int ret;	       /* once complete */
	uint32_t flags;	       /* BLKIO_REQ_*, checked */
	uint64_t start;	       /* bytes */
	uint64_t len;	       /* bytes; of READV, WRITEV the driver's */
	union {
		void *buf;		      /* READ, WRITE (not written to) */
		const struct iovec *iov;      /* READV, WRITEV */
		struct blkio_extent *extents; /* BLOCK_STATUS */
		struct blkio_zone *zones;     /* REPORT_ZONES */
	};
	uint32_t count; /* entries of iov, extents or zones */
	uint8_t op;	/* enum request_op */
	bool plain;	/* the driver's */
};

struct request_fifo {
	struct request *head;
	struct request **tail; /* &head when empty */
};

static inline void request_fifo_init(struct request_fifo *f)
{
	f->head = NULL;
	f->tail = &f->head;
}

static inline void request_fifo_push(struct request_fifo *f, struct request *r)
{
	r->next = NULL;
	*f->tail = r;
	f->tail = &r->next;
}

static inline struct request *request_fifo_pop(struct request_fifo *f)
{
	struct request *r = f->head;

	if (r) {
		f->head = r->next;
		if (!f->head)
			f->tail = &f->head;
	}
	return r;
}

/* Slots set aside to tell "no memory" with. */
#define REQUEST_RESERVE 32

struct request_pool {
	struct request *free;	      /* linked by next */
	struct request *reserve;      /* linked by next */
	struct request_chunk *chunks; /* all memory, for freeing */
	size_t request_size;	      /* bytes */
	unsigned nr_reserve;	      /* up to REQUEST_RESERVE */
	unsigned nr_slots;	      /* all, the reserve included */
};

/* With a full reserve and some free slots; 0 or -ENOMEM. */
int request_pool_init(struct request_pool *pool, size_t request_size);
void request_pool_destroy(struct request_pool *pool);

/* Add as many free slots as seems good, or nr; 0 or -ENOMEM. */
int request_pool_grow(struct request_pool *pool);
int request_pool_add(struct request_pool *pool, unsigned nr);

/* A slot with undefined content, or NULL when there is no memory. */
static inline struct request *request_get(struct request_pool *pool)
{
	struct request *r = pool->free;

	if (__builtin_expect(!r, 0)) {
		if (request_pool_grow(pool) < 0)
			return NULL;
		r = pool->free;
	}
	pool->free = r->next;
	return r;
}

static inline void request_put(struct request_pool *pool, struct request *r)
{
	r->next = pool->free;
	pool->free = r;
}

/* A slot of the reserve, or NULL. */
struct request *request_get_reserved(struct request_pool *pool);

/* As request_put(), but the reserve is filled up first. */
void request_put_reserved(struct request_pool *pool, struct request *r);

#endif
