/* SPDX-License-Identifier: MIT */
/* A hang-up goes to on_read when reading is wanted, else to on_write. */
#include <fcntl.h>

#include "tests/loop/loop_test.h"

static int reads, writes;

static void on_read(struct loop_fd *h)
{
	reads++;
}

static void on_write(struct loop_fd *h)
{
	writes++;
}

static const struct loop_fd_ops ops = {on_read, on_write, NULL, NULL, NULL};

int main(void)
{
	struct loop *loop = test_loop();
	struct loop_fd reader = {.ops = &ops}, writer = {.ops = &ops};
	static const char page[4096];
	int fds[2];

	check_int(pipe(fds), 0);
	reader.fd = fds[0];
	test_add(loop, &reader, LOOP_READ);
	close(fds[1]); /* EPOLLHUP without EPOLLIN */
	check(loop_run_once(loop, true));
	check_int(reads, 1);
	check_int(writes, 0);
	loop_fd_remove(&reader);
	close(fds[0]);

	check_int(pipe2(fds, O_NONBLOCK), 0);
	writer.fd = fds[1];
	while (write(fds[1], page, sizeof(page)) > 0)
		;
	close(fds[0]); /* EPOLLERR without EPOLLOUT: the pipe is full */
	test_add(loop, &writer, LOOP_WRITE);
	check(loop_run_once(loop, true));
	check_int(reads, 1);
	check_int(writes, 1);
	loop_fd_remove(&writer);
	loop_destroy(loop);
	return 0;
}
