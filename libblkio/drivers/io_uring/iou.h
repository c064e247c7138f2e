/* SPDX-License-Identifier: MIT */
/*
 * What the files of the io_uring driver share.
 *
 * device.c   open, properties, resize, the driver table
 * limits.c   what the kernel says about the device
 * probe.c    what is only known by trying
 * ring.c     a queue's ring: set up, thread, tear down
 * queue.c    submitting and waiting: the system calls of the data path
 * buffers.c  registered buffers, with a header of its own
 * request.c  requests into SQEs, CQEs into completions
 * offload.c  what io_uring can't do: block status, discard on older kernels
 *
 * Threads: a device is configured under its lock; a queue belongs to the
 * thread that uses it and shares nothing with other queues but the device's
 * constants and its pool of workers.
 */
#ifndef LIBBLKIO_IOU_H
#define LIBBLKIO_IOU_H

#include <liburing.h>
#include <sys/stat.h>

#include "libblkio/driver.h"
#include "libblkio/worker.h"
#include "util/list.h"

/* The io_uring discard command for block devices, Linux 6.12; the uapi
 * headers we build with are older. */
#define IOU_BLOCK_CMD_DISCARD 0x1200u /* _IO(0x12, 0) */

/* Vectors of a registered buffer, Linux 6.15. */
#define IOU_OP_READV_FIXED 60
#define IOU_OP_WRITEV_FIXED 61

/* How long a queue's end waits for requests in flight */
#define IOU_EXIT_WAIT_NS (5 * NS_PER_SEC)

#define IOU_SIGSET_BYTES 8 /* the kernel's sigset_t */

/* A result that no CQE has, sign-extended or not: the request's CQEs all get
 * a closer look. Lengths are smaller. */
#define IOU_LEFT_UNKNOWN (UINT64_C(1) << 63)

enum iou_discard {
	IOU_DISCARD_PUNCH, /* regular file: punch a hole */
	IOU_DISCARD_CMD,   /* block device: IOU_BLOCK_CMD_DISCARD */
	IOU_DISCARD_IOCTL, /* block device: BLKDISCARD on a worker */
};

struct iou_buffers; /* buffers.h */

struct iou_dev {
	struct blkio base;
	struct worker_pool workers;
	int num_entries;     /* property: SQEs of a ring */
	bool single_issuer;  /* property: a queue is bound to a thread */
	bool fixed_buffers;  /* property: register mapped regions */
	int fd;		     /* of the device, owned; -1: not connected */
	int status_fd;	     /* for lseek: a description of our own, or fd */
	bool direct;	     /* property: O_DIRECT */
	bool block_device;   /* else a regular file */
	bool native_zeroes;  /* block device: zeroes without writing them */
	enum iou_discard discard; /* known once started */
	uint32_t align;	     /* request-alignment, bytes, power of two */
};

/*
 * A read or write may take several SQEs: the one in flight begins pos bytes
 * after the request's start and is to transfer left bytes. While base.plain is
 * set it is the first and transfers all from or to a single buffer, and
 * nothing below says so: most requests end without touching this memory.
 */
struct iou_request {
	struct request base;
	uint64_t left; /* bytes; the CQE's result when all is well */
	uint64_t pos;  /* bytes */
	uint64_t high; /* bytes from start on that some SQE has transferred */
	struct iou_iov *rest; /* iovec of a remainder, or NULL */
	uint32_t rest_count;  /* entries of it */
	uint8_t opcode;	      /* IORING_OP_* */
	uint8_t retries;      /* of the kernel's EAGAIN, EINTR, EBUSY */
	uint16_t slot;	      /* of the registered buffer, if opcode needs one */
	int mode;	      /* fallocate(2), poll(2) */
	struct worker_job job;
	int job_ret; /* of the job, once collected */
};

/* A private iovec, trimmed to what is left of a request. */
struct iou_iov {
	struct list_node link; /* in the queue's rests */
	struct iovec iov[];
};

/*
 * SQEs are filled from tail on and handed to the kernel from head on; both
 * run free. A CQE is owed for every SQE from its filling on, and never more
 * than the CQ ring holds, so that it can't overflow.
 */
struct iou_queue {
	struct blkioq base;
	struct io_uring_sqe *sqes;
	unsigned sq_mask;
	unsigned sq_entries;
	unsigned head, tail;
	unsigned cq_entries;
	unsigned owed;		   /* CQEs to come */
	unsigned jobs;		   /* with the workers, not yet collected */
	struct request_fifo again; /* taken, but need another SQE */
	struct list rests;	   /* struct iou_iov in use */
	struct iou_buffers *buffers; /* NULL: none are registered */
	int enter_fd;		     /* of io_uring_enter(2), with ... */
	unsigned enter_flags;	     /* ... these flags */
	unsigned pull;		     /* IORING_ENTER_GETEVENTS, if CQEs come
					only when asked for; else 0 */
	bool unusual;		     /* process() has more to do */
	bool disabled;		     /* single-issuer: no thread yet */
	uint64_t issuer;	     /* single-issuer: iou_thread_id() */
	int gone_fd;		     /* single-issuer: HUP when the kernel is done
					with the ring; else -1 */
	struct io_uring ring;
	struct worker_port port;
	struct iou_request wake; /* polls the port while there are jobs */
	bool wake_armed;
};

static inline struct iou_dev *to_ioudev(struct blkio *b)
{
	return (struct iou_dev *)b;
}

static inline struct iou_queue *to_iouq(struct blkioq *q)
{
	return (struct iou_queue *)q;
}

static inline struct iou_request *to_iour(struct request *r)
{
	return (struct iou_request *)r;
}

static inline struct iou_dev *iouq_dev(struct iou_queue *q)
{
	return to_ioudev(q->base.dev);
}

static inline bool iou_has_room(const struct iou_queue *q)
{
	return q->tail - q->head < q->sq_entries && q->owed < q->cq_entries;
}

static inline bool iou_has_cqes(const struct iou_queue *q)
{
	return io_uring_smp_load_acquire(q->ring.cq.ktail) !=
	       *q->ring.cq.khead;
}

/* ---- limits.c ---- */

/*
 * Fill info, align and native_zeroes for the open fd. 0, or -errno of the
 * ioctl(2) that failed.
 */
int iou_read_limits(struct iou_dev *d, int fd, const struct stat *st,
		    struct err *err);

/* Bytes in the file or block device; -errno. */
int64_t iou_size(int fd);

/* ---- probe.c ---- */

/* The kernel knows the opcode; not so when there is no memory to ask. */
bool iou_has_opcode(struct io_uring *ring, int opcode);

/* Which way to discard on the block device. */
enum iou_discard iou_probe_discard(int fd);

/* Whether a polled read of fd, opened with O_DIRECT, at start works. It must
 * be of data: the device isn't asked for anything else. May block. */
bool iou_probe_polling(int fd, uint64_t start, size_t block_bytes);

/* ---- ring.c ---- */

/* Make the ring, with the device's fd as file 0; undone by iou_ring_exit(). */
int iou_ring_init(struct iou_queue *q, struct err *err);

/* Nothing is in flight, or the caller has given up on it. */
void iou_ring_exit(struct iou_queue *q);

/* Bind a new ring to the calling thread; 0 or -errno. */
int iou_ring_bind(struct iou_queue *q);

/* The calling thread's, which no other one ever has. */
uint64_t iou_thread_id(void);

/* On the thread that a single-issuer ring is bound to, if to any. */
static inline bool iou_on_thread(const struct iou_queue *q)
{
	return q->gone_fd < 0 || q->disabled || q->issuer == iou_thread_id();
}

/* ---- queue.c ---- */

int iou_queue_init(struct blkioq *bq, struct err *err);
void iou_queue_exit(struct blkioq *bq);
int iou_process(struct blkioq *bq, unsigned want, bool reap,
		const struct queue_wait *wait);
int iou_do_io(struct blkioq *bq, struct blkio_completion *completions,
	      unsigned min, unsigned max);
void iou_completion_fd_changed(struct blkioq *bq);

/* ---- request.c ---- */

int iou_submit(struct blkioq *bq, struct request *req);

/* Fill an SQE for r as it stands; there is room. */
void iou_fill(struct iou_queue *q, struct iou_request *r);

/* Turn all CQEs that have arrived into completions. */
void iou_reap(struct iou_queue *q);

/*
 * As iou_reap(), but for at most max CQEs, and those of requests that are
 * complete and well straight into completions: returns how many.
 */
unsigned iou_reap_into(struct iou_queue *q,
		       struct blkio_completion *completions, unsigned max);

/* ---- offload.c ---- */

/* As the driver's submit(). */
int iou_offload(struct iou_queue *q, struct iou_request *r);

/* The wake-up's CQE is there: complete what the workers have done. */
void iou_offload_collect(struct iou_queue *q);

#endif
