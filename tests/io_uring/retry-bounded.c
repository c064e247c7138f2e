/* SPDX-License-Identifier: MIT */
/*
 * EAGAIN, EINTR and EBUSY of a request are tried again, but not for ever;
 * other errors are passed on as they are.
 */
#include "tests/io_uring/hook.h"
#include "tests/io_uring/iou_test.h"

#include <sys/eventfd.h>

static unsigned failures; /* still to come */
static int full;	  /* an eventfd that a write would have to wait for */

/* Writing 8 bytes to a full eventfd that must not block gives EAGAIN. */
static void fail(struct io_uring_sqe *sqe)
{
	static const uint64_t one = 1;

	if (failures == 0)
		return;
	failures--;
	sqe->opcode = IORING_OP_WRITE;
	sqe->flags = 0;
	sqe->fd = full;
	sqe->off = 0;
	sqe->addr = (uintptr_t)&one;
	sqe->len = sizeof(one);
	sqe->rw_flags = RWF_NOWAIT;
}

static void fail_hard(struct io_uring_sqe *sqe)
{
	sqe->flags = 0;
	sqe->fd = -1;
}

int main(void)
{
	struct blkio *b = open_disk(temp_file(4096), NULL);
	struct blkioq *q = queue_of(b);
	char *buf = buffer(4096);

	full = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	check_int(eventfd_write(full, UINT64_MAX - 1), 0);
	hook.sqe = fail;
	failures = 10;
	check_int(do_read(q, 0, buf, 4096), 0);
	check_int(failures, 0);
	failures = 10;
	check_int(do_flush(q), 0);
	check_int(failures, 0);
	failures = 1000000;
	check_int(do_read(q, 0, buf, 4096), -EAGAIN);
	check(failures > 1000000 - 1000);
	hook.sqe = fail_hard;
	check_int(do_read(q, 0, buf, 4096), -EBADF);
	hook.sqe = NULL;
	check_int(do_read(q, 0, buf, 4096), 0);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
