/* SPDX-License-Identifier: MIT */
/*
 * An instance's end waits for a request that can't be cancelled, also when
 * the kernel has no memory to wait with at first: the request's buffer is the
 * caller's again afterwards.
 */
#include "tests/io_uring/hook.h"
#include "tests/io_uring/iou_test.h"

#include "util/clock.h"

#include <pthread.h>
#include <stdatomic.h>

static int gate[2];
static atomic_bool opened;
static unsigned failures;

static void wait_at_gate(struct io_uring_sqe *sqe)
{
	if (sqe->opcode == IORING_OP_READ)
		hook_wait_for(sqe, gate[0]);
}

static int fail(unsigned to_submit, unsigned min_complete)
{
	return failures > 0 && failures-- ? -EAGAIN : 0;
}

static void *open_gate(void *arg)
{
	const struct timespec pause = { .tv_nsec = 100 * NS_PER_MS };

	nanosleep(&pause, NULL);
	atomic_store(&opened, true);
	check_int(write(gate[1], "x", 1), 1);
	return NULL;
}

int main(void)
{
	struct blkio *b = open_disk(temp_file(4096), NULL);
	char *buf = buffer(4096);
	pthread_t opener;

	check_int(pipe(gate), 0);
	hook.sqe = wait_at_gate;
	hook.no_sync_cancel = true;
	blkioq_read(queue_of(b), 0, buf, 4096, NULL, 0);
	check_int(blkioq_do_io(queue_of(b), NULL, 0, 0, NULL), 0);
	hook.enter = fail;
	failures = 3;
	check_int(pthread_create(&opener, NULL, open_gate, NULL), 0);
	blkio_destroy(&b);
	check(atomic_load(&opened));
	check_int(failures, 0);
	check_int(pthread_join(opener, NULL), 0);
	free(buf);
	return 0;
}
