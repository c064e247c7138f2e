/* SPDX-License-Identifier: MIT */
/* What epoll can't watch is an error with text, also with no event wanted. */
#include <stdlib.h>

#include "tests/loop/loop_test.h"

static void on_read(struct loop_fd *h)
{
}

static const struct loop_fd_ops ops = {.on_read = on_read};

int main(void)
{
	struct loop *loop = test_loop();
	struct loop_fd h = {.ops = &ops};
	FILE *file = tmpfile();
	struct err err = ERR_INIT;
	char text[32];

	check(file);
	h.fd = fileno(file);
	check_int(loop_fd_add(loop, &h, LOOP_READ, &err), -EPERM);
	snprintf(text, sizeof(text), "fd %d", h.fd);
	check_contains(err.text, text);
	check_int(loop_fd_add(loop, &h, 0, NULL), -EPERM);
	h.fd = -1;
	check_int(loop_fd_add(loop, &h, LOOP_READ, NULL), -EBADF);
	loop_fd_remove(&h); /* not registered: no-op */
	fclose(file);
	loop_destroy(loop);
	return 0;
}
