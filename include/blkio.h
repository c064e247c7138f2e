/* SPDX-License-Identifier: MIT */
/*
 * blkio.h - block device I/O; API and ABI of libblkio 1.5.0.
 *
 * Life of an instance: blkio_create() -> set properties -> blkio_connect()
 * -> set more -> blkio_start() -> queues carry requests -> blkio_destroy().
 *
 * Functions that can fail return 0 (or a value >= 0), or a negative errno;
 * blkio_get_error_msg() then has the text for the calling thread.
 *
 * Threads: control calls on one instance may come from any thread; the
 * library serialises them. A queue is used by one thread at a time.
 * Submitting and completing on one queue never touches another.
 *
 * Common errnos of the control calls:
 *   -EINVAL   an argument or value is out of range or malformed
 *   -ENODEV   only possible once connected
 *   -EBUSY    no longer (or not yet) possible in this state
 *   -ENOMEM   no memory
 *   -ENOTSUP  the driver can't do it
 */
#ifndef BLKIO_H
#define BLKIO_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/select.h> /* sigset_t, in strict ISO C as well */
#include <sys/uio.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct blkio;
struct blkioq;
struct timespec; /* before C11 <time.h> may not have it */

/* Memory that requests may use; see blkio_map_mem_region(). */
struct blkio_mem_region {
	void *addr;	   /* start, aligned to mem-region-alignment */
	size_t len;	   /* bytes, a multiple of mem-region-alignment */
	uint64_t iova;	   /* reserved, 0 */
	int64_t fd_offset; /* of addr in fd, bytes */
	int fd;		   /* file backing the memory, or -1 */
	uint32_t flags;	   /* reserved, 0 */
};

struct blkio_completion {
	void *user_data;       /* as given with the request */
	const char *error_msg; /* static text, or NULL */
	int ret;	       /* 0, or a negative errno */
	uint8_t reserved_[12]; /* zero */
};

/*
 * Text of the last failed call in this thread; "" before the first. Never
 * NULL; valid until the thread's next failing call. Success leaves it alone.
 */
const char *blkio_get_error_msg(void);

/*
 * Create an instance of the named driver in *bp.
 *   -EINVAL   driver is not UTF-8
 *   -ENOENT   no driver of that name in this build
 */
int blkio_create(const char *driver, struct blkio **bp);

/*
 * Open the device that the properties name. No-op when connected. On failure
 * the instance is as before the call, ready for another try, and an fd given
 * through the "fd" property is still the caller's.
 *   -EBUSY    started already
 *   -EINVAL   properties missing or in contradiction
 *   other     from opening the device
 */
int blkio_connect(struct blkio *b);

/*
 * Make the queues. No-op when started.
 *   -ENODEV   not connected
 *   other     from setting up the queues
 */
int blkio_start(struct blkio *b);

/*
 * Close the device, free *bp and its queues, set *bp to NULL. Requests still
 * in flight are cancelled or waited for, 5 seconds at most for each queue (but
 * the io_uring driver's block status and discards until they end); their
 * completions are lost. A device that hangs for longer may use the buffers of such
 * requests until it goes on: who can't exclude that fetches all completions
 * first. In a child of fork(2) the instance is still the parent's: nothing but
 * *bp changes.
 */
void blkio_destroy(struct blkio **bp);

/*
 * Properties, by name. The string forms work for every type; a string got is
 * malloc'ed and the caller's to free. On failure a getter stores false, 0 or
 * NULL.
 *   -ENOENT   unknown name          -ENOTTY   the property has another type
 *   -EACCES   read-only             -EBUSY    not settable in this state
 *   -ENODEV   needs a connection    -EINVAL   bad value, or not UTF-8
 */
int blkio_get_bool(struct blkio *b, const char *name, bool *value);
int blkio_get_int(struct blkio *b, const char *name, int *value);
int blkio_get_uint64(struct blkio *b, const char *name, uint64_t *value);
int blkio_get_str(struct blkio *b, const char *name, char **value);
int blkio_set_bool(struct blkio *b, const char *name, bool value);
int blkio_set_int(struct blkio *b, const char *name, int value);
int blkio_set_uint64(struct blkio *b, const char *name, uint64_t value);
int blkio_set_str(struct blkio *b, const char *name, const char *value);

/*
 * Allocate shared, zeroed memory of len bytes that can be mapped. The
 * instance owns it: freed by blkio_free_mem_region() or blkio_destroy().
 *   -EINVAL   len is 0 or not a multiple of mem-region-alignment
 *   -ENODEV   not connected
 *   -ENOMEM, -EMFILE, -ENFILE
 */
int blkio_alloc_mem_region(struct blkio *b, struct blkio_mem_region *region,
			   size_t len);

/* Free an allocated region; a region still mapped is unmapped first. A
 * region that this instance did not allocate is left alone. */
void blkio_free_mem_region(struct blkio *b,
			   const struct blkio_mem_region *region);

/*
 * Let requests use the region. Where needs-mem-regions is false this is
 * optional and may make them faster. The memory stays the caller's and must
 * stay valid until it is unmapped. Any thread.
 *   -EBUSY    not started
 *   -EINVAL   misaligned, empty, overlapping a mapped region, reserved
 *             fields set
 *   -ENOSPC   max-mem-regions are mapped
 */
int blkio_map_mem_region(struct blkio *b,
			 const struct blkio_mem_region *region);

/* The reverse; no request may be using the region. Unknown: no-op. */
void blkio_unmap_mem_region(struct blkio *b,
			    const struct blkio_mem_region *region);

/* Queue number index, or NULL. Valid until removed or the instance's end. */
struct blkioq *blkio_get_queue(struct blkio *b, int index);
struct blkioq *blkio_get_poll_queue(struct blkio *b, int index);

/*
 * Add a queue to a started instance: its index (the lowest free one), or
 *   -EBUSY    not started
 *   -EOPNOTSUPP  can-add-queues is false
 *   -EINVAL   poll queues not supported
 */
int blkio_add_queue(struct blkio *b);
int blkio_add_poll_queue(struct blkio *b);

/* Remove an idle queue. -ENOENT no such queue; -EBUSY requests in flight. */
int blkio_remove_queue(struct blkio *b, int index);
int blkio_remove_poll_queue(struct blkio *b, int index);

/* Request flags */
enum {
	BLKIO_REQ_FUA = 1 << 0,		/* on stable storage when complete */
	BLKIO_REQ_NO_UNMAP = 1 << 1,	/* zeroes: keep the space allocated */
	BLKIO_REQ_NO_FALLBACK = 1 << 2, /* zeroes: fail rather than be slow */
};

/*
 * Requests. start and len are bytes. Each yields exactly one completion with
 * its user_data; bad arguments, too, are told by the completion. Buffers and
 * iovec arrays must stay valid until then. Flags a request does not take are
 * -EINVAL: read, readv, discard and flush take none; write and writev FUA;
 * write_zeroes all three. A full queue is not an error: requests wait inside.
 *
 * A request may not start before blkioq_do_io() on the queue.
 */
void blkioq_read(struct blkioq *q, uint64_t start, void *buf, size_t len,
		 void *user_data, uint32_t flags);
void blkioq_write(struct blkioq *q, uint64_t start, const void *buf, size_t len,
		  void *user_data, uint32_t flags);
void blkioq_readv(struct blkioq *q, uint64_t start, const struct iovec *iovec,
		  int iovcnt, void *user_data, uint32_t flags);
void blkioq_writev(struct blkioq *q, uint64_t start, struct iovec *iovec,
		   int iovcnt, void *user_data, uint32_t flags);
void blkioq_write_zeroes(struct blkioq *q, uint64_t start, uint64_t len,
			 void *user_data, uint32_t flags);
void blkioq_discard(struct blkioq *q, uint64_t start, uint64_t len,
		    void *user_data, uint32_t flags);
void blkioq_flush(struct blkioq *q, void *user_data, uint32_t flags);

/* Zoned devices */
enum {
	BLKIO_ZONE_TYPE_CONVENTIONAL = 0x1,
	BLKIO_ZONE_TYPE_SEQWRITE_REQ = 0x2,
	BLKIO_ZONE_TYPE_SEQWRITE_PREF = 0x3,
};

enum {
	BLKIO_ZONE_STATE_EMPTY = 0x1,
	BLKIO_ZONE_STATE_IMP_OPEN = 0x2,
	BLKIO_ZONE_STATE_EXP_OPEN = 0x3,
	BLKIO_ZONE_STATE_CLOSED = 0x4,
	BLKIO_ZONE_STATE_READONLY = 0xD,
	BLKIO_ZONE_STATE_FULL = 0xE,
	BLKIO_ZONE_STATE_OFFLINE = 0xF,
};

struct blkio_zone {
	uint64_t start;	   /* bytes */
	uint64_t len;	   /* bytes */
	uint64_t capacity; /* writable bytes */
	uint64_t write_pointer;
	uint8_t zone_type;  /* BLKIO_ZONE_TYPE_* */
	uint8_t zone_state; /* BLKIO_ZONE_STATE_* */
	uint8_t reset;	    /* the device recommends a reset */
	uint8_t reserved_[29];
};

/* Zone requests take no flags; offset lies in the zone meant. */
void blkioq_report_zones(struct blkioq *q, uint64_t offset,
			 struct blkio_zone *zones, uint32_t nr_zones,
			 void *user_data, uint32_t flags);
void blkioq_close_zone(struct blkioq *q, uint64_t offset, void *user_data,
		       uint32_t flags);
void blkioq_finish_zone(struct blkioq *q, uint64_t offset, void *user_data,
			uint32_t flags);
void blkioq_open_zone(struct blkioq *q, uint64_t offset, void *user_data,
		      uint32_t flags);
void blkioq_reset_zone(struct blkioq *q, uint64_t offset, void *user_data,
		       uint32_t flags);
void blkioq_close_all_zones(struct blkioq *q, void *user_data, uint32_t flags);
void blkioq_finish_all_zones(struct blkioq *q, void *user_data, uint32_t flags);
void blkioq_open_all_zones(struct blkioq *q, void *user_data, uint32_t flags);
void blkioq_reset_all_zones(struct blkioq *q, void *user_data, uint32_t flags);

/*
 * Submit what is queued, then wait until at least min_completions requests
 * are complete and store up to max_completions of them; errors found at
 * submission come first. With both 0 it only submits. timeout, if not NULL,
 * bounds the wait and is left holding the time that was not used.
 *
 * Returns the completions stored, or
 *   -EINVAL   negative or contradicting counts, a bad timespec,
 *             min_completions above the requests outstanding
 *   -ETIME    the timeout ended the wait
 *   -EPERM    the queue belongs to another thread (io_uring, single-issuer)
 *   -EAGAIN   the kernel has no memory to take requests with; call again
 *   -ENOMEM   there was no memory to keep some requests in: they are gone
 *             (blkioq_reserve() in <blkio-ext.h> avoids that)
 * Otherwise nothing is lost: what completed comes with the next call.
 */
int blkioq_do_io(struct blkioq *q, struct blkio_completion *completions,
		 int min_completions, int max_completions,
		 struct timespec *timeout);

/*
 * As blkioq_do_io(), with the thread's signal mask set to *sig (if not NULL)
 * while waiting. Also:
 *   -EINTR    a signal ended the wait
 *   -ENOTSUP  sig on a poll queue
 */
int blkioq_do_io_interruptible(struct blkioq *q,
			       struct blkio_completion *completions,
			       int min_completions, int max_completions,
			       struct timespec *timeout, const sigset_t *sig);

/*
 * The fd that becomes readable (8 bytes) when completions arrive; -1 for a
 * poll queue. Owned by the queue; may be read and polled, nothing else.
 */
int blkioq_get_completion_fd(struct blkioq *q);

/*
 * Ask for, or do without, the signal. After enabling it, look once more for
 * completions that came before: those are not signalled.
 */
void blkioq_set_completion_fd_enabled(struct blkioq *q, bool enable);

#ifdef __cplusplus
}
#endif

#endif /* BLKIO_H */
