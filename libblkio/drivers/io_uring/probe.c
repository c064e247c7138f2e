/* SPDX-License-Identifier: MIT */
/*
 * What can only be found out by trying: how a block device discards, whether
 * polled reads work. Kernel versions say little: features are ported back, and
 * drivers differ. Each probe has a small ring of its own; where none can be
 * made the answer is the one that always works, and whoever needs a ring
 * finds out why there is none.
 *
 * Thread rule: under the device's lock.
 */
#include "libblkio/drivers/io_uring/iou.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "util/clock.h"

#define POLLING_WAIT_NS (5 * NS_PER_SEC)

bool iou_has_opcode(struct io_uring *ring, int opcode)
{
	struct io_uring_probe *probe = io_uring_get_probe_ring(ring);
	bool known = probe && io_uring_opcode_supported(probe, opcode);

	io_uring_free_probe(probe);
	return known;
}

/*
 * Hand sqe over and wait for its result. A polled ring is looked at again and
 * again, which can be given up.
 */
static int try(struct io_uring *ring, const struct io_uring_sqe *sqe,
	       bool polled)
{
	int64_t deadline_ns = clock_now_ns() + POLLING_WAIT_NS;
	struct io_uring_cqe *cqe;
	unsigned to_submit = 1;
	int ret;

	ring->sq.sqes[0] = *sqe;
	if (ring->sq.array) /* later liburings make rings without */
		ring->sq.array[0] = 0;
	io_uring_smp_store_release(ring->sq.ktail, 1);
	do {
		ret = io_uring_enter2((unsigned)ring->ring_fd, to_submit,
				      polled ? 0 : 1, IORING_ENTER_GETEVENTS,
				      NULL, IOU_SIGSET_BYTES);
		if (ret > 0)
			to_submit = 0;
		if (io_uring_peek_cqe(ring, &cqe) == 0)
			return cqe->res;
		if (ret < 0 && ret != -EINTR)
			return ret;
	} while (clock_now_ns() < deadline_ns);
	return -ETIME;
}

/*
 * The command is tried with an empty range: a kernel that knows it finds
 * fault with the range, or with a read-only device.
 */
enum iou_discard iou_probe_discard(int fd)
{
	const struct io_uring_sqe sqe = {
		.opcode = IORING_OP_URING_CMD,
		.fd = fd,
		.cmd_op = IOU_BLOCK_CMD_DISCARD,
	};
	struct io_uring_params params = { 0 };
	struct io_uring ring;
	int res;

	if (io_uring_queue_init_params(1, &ring, &params) < 0)
		return IOU_DISCARD_IOCTL;
	/* a kernel without any commands says -EINVAL as well */
	res = iou_has_opcode(&ring, IORING_OP_URING_CMD) ? try(&ring, &sqe, false) :
						       -ENOSYS;
	io_uring_queue_exit(&ring);
	return res == -EINVAL || res == -EBADF ? IOU_DISCARD_CMD :
						 IOU_DISCARD_IOCTL;
}

bool iou_probe_polling(int fd, uint64_t start, size_t block_bytes)
{
	size_t bytes = MAX(block_bytes, (size_t)sysconf(_SC_PAGESIZE));
	struct io_uring_sqe sqe = {
		.opcode = IORING_OP_READ,
		.fd = fd,
		.off = start,
		.len = (uint32_t)block_bytes,
	};
	struct io_uring_params params = { .flags = IORING_SETUP_IOPOLL };
	struct io_uring ring;
	void *buf;
	int res = -ENOMEM;

	if (io_uring_queue_init_params(1, &ring, &params) < 0)
		return false;
	buf = aligned_alloc(bytes, bytes);
	if (buf) {
		sqe.addr = (uintptr_t)buf;
		res = try(&ring, &sqe, true);
	}
	io_uring_queue_exit(&ring);
	/* a device that hangs may still write into it */
	if (res != -ETIME)
		free(buf);
	return res == (int)block_bytes;
}
