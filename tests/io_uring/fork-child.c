/* SPDX-License-Identifier: MIT */
/*
 * A child of fork(2) that cleans up, as programs do at their end, doesn't
 * disturb its parent's instance, nor wait for threads that it hasn't got.
 */
#include "tests/io_uring/iou_test.h"

#include <sys/wait.h>

int main(void)
{
	struct blkio *b = open_disk(temp_file(MIB), NULL);
	struct blkioq *q = queue_of(b);
	struct blkio_extent extent;
	char *buf = buffer(4096);
	int status;
	pid_t pid;

	/* with a worker thread there, and a request on its way */
	check_int(do_block_status(q, 0, MIB, &extent, 1), 1);
	blkioq_read(q, 0, buf, 4096, NULL, 0);
	pid = fork();
	check(pid >= 0);
	if (pid == 0) {
		alarm(10);
		blkio_destroy(&b);
		_exit(b != NULL);
	}
	check_int(waitpid(pid, &status, 0), pid);
	check_int(status, 0);
	check_int(next_ret(q), 0);
	check_int(do_read(q, 0, buf, 4096), 0);
	check_int(do_block_status(q, 0, MIB, &extent, 1), 1);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
