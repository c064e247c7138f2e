/* SPDX-License-Identifier: MIT */
/*
 * The functions that hook.h speaks of, in front of liburing's.
 */
#include "tests/io_uring/hook.h"

#include <errno.h>
#include <poll.h>

#include "tests/check.h"

struct hook hook;

static struct io_uring *ring; /* the one ring */

int __real_io_uring_queue_init_params(unsigned entries, struct io_uring *r,
				      struct io_uring_params *p);
int __wrap_io_uring_queue_init_params(unsigned entries, struct io_uring *r,
				      struct io_uring_params *p);
int __real_io_uring_enter2(unsigned fd, unsigned to_submit,
			   unsigned min_complete, unsigned flags, sigset_t *sig,
			   size_t sz);
int __wrap_io_uring_enter2(unsigned fd, unsigned to_submit,
			   unsigned min_complete, unsigned flags, sigset_t *sig,
			   size_t sz);
int __real_io_uring_register_sync_cancel(struct io_uring *r,
					 struct io_uring_sync_cancel_reg *reg);
int __wrap_io_uring_register_sync_cancel(struct io_uring *r,
					 struct io_uring_sync_cancel_reg *reg);

int __wrap_io_uring_queue_init_params(unsigned entries, struct io_uring *r,
				      struct io_uring_params *p)
{
	int ret = hook.init_error;

	if (hook.no_flags && p->flags & ~IORING_SETUP_IOPOLL)
		return -EINVAL;
	if (ret == 0)
		ret = __real_io_uring_queue_init_params(entries, r, p);
	ring = r;
	r->features &= ~hook.hidden_features;
	return ret;
}

static void show_sqes(unsigned nr)
{
	for (unsigned i = 0; i < nr; i++) {
		unsigned slot = (*ring->sq.khead + i) & ring->sq.ring_mask;

		hook.sqes++;
		if (hook.sqe)
			hook.sqe(&ring->sq.sqes[ring->sq.array[slot]]);
	}
}

int __wrap_io_uring_enter2(unsigned fd, unsigned to_submit,
			   unsigned min_complete, unsigned flags, sigset_t *sig,
			   size_t sz)
{
	int ret = hook.enter ? hook.enter(to_submit, min_complete) : 0;

	if (!(flags & IORING_ENTER_REGISTERED_RING))
		check_int(fd, ring->ring_fd);
	if (ret < 0)
		return ret;
	hook.enters++;
	show_sqes(to_submit);
	return __real_io_uring_enter2(fd, to_submit, min_complete, flags, sig,
				      sz);
}

int __wrap_io_uring_register_sync_cancel(struct io_uring *r,
					 struct io_uring_sync_cancel_reg *reg)
{
	if (hook.no_sync_cancel)
		return -EINVAL;
	return __real_io_uring_register_sync_cancel(r, reg);
}

int __real_io_uring_register_buffers_sparse(struct io_uring *r, unsigned nr);
int __wrap_io_uring_register_buffers_sparse(struct io_uring *r, unsigned nr);
int __real_io_uring_register_buffers_update_tag(struct io_uring *r,
						unsigned off,
						const struct iovec *iovecs,
						const __u64 *tags, unsigned nr);
int __wrap_io_uring_register_buffers_update_tag(struct io_uring *r,
						unsigned off,
						const struct iovec *iovecs,
						const __u64 *tags, unsigned nr);

int __wrap_io_uring_register_buffers_sparse(struct io_uring *r, unsigned nr)
{
	return hook.sparse_error ?
		       hook.sparse_error :
		       __real_io_uring_register_buffers_sparse(r, nr);
}

int __wrap_io_uring_register_buffers_update_tag(struct io_uring *r,
						unsigned off,
						const struct iovec *iovecs,
						const __u64 *tags, unsigned nr)
{
	if (hook.buffer_error && iovecs->iov_base)
		return hook.buffer_error;
	return __real_io_uring_register_buffers_update_tag(r, off, iovecs, tags,
							   nr);
}

void hook_wait_for(struct io_uring_sqe *sqe, int fd)
{
	uint64_t user_data = sqe->user_data;

	*sqe = (struct io_uring_sqe){
		.opcode = IORING_OP_POLL_ADD,
		.fd = fd,
		.poll_events = POLLIN,
		.user_data = user_data,
	};
}
