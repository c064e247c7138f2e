/* SPDX-License-Identifier: MIT */
/* The error text is the calling thread's own, stays until its next failure,
 * and is cut when too long. */
#include <pthread.h>

#include "tests/libblkio/blkio_test.h"

const char *blkio_get_error_msg_(void);
void blkio_set_error_msg_(const char *text, size_t len);

static void *in_thread(void *arg)
{
	struct blkio *b;

	check_str(blkio_get_error_msg(), "");
	check_fails(blkio_create("elsewhere", &b), ENOENT, "elsewhere");
	return NULL;
}

int main(void)
{
	char longest[600];
	pthread_t thread;
	struct blkio *b;

	check_str(blkio_get_error_msg(), "");
	check_int(pthread_create(&thread, NULL, in_thread, NULL), 0);
	check_int(pthread_join(thread, NULL), 0);
	check_str(blkio_get_error_msg(), "");

	check_fails(blkio_create("here", &b), ENOENT, "here");
	check_ok(blkio_create("null", &b));
	check_contains(blkio_get_error_msg(), "here");
	check_fails(blkio_start(b), ENODEV, "Device must be connected");

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	check_fails(blkio_set_str(b, "error-op", longest), EINVAL, "error-op");
	check_int(strlen(blkio_get_error_msg()), 255);

	/* the reference's own entry points: text of a given length */
	blkio_set_error_msg_("abcdef", 3);
	check_str(blkio_get_error_msg(), "abc");
	check_str(blkio_get_error_msg_(), "abc");
	blkio_set_error_msg_(longest, sizeof(longest) - 1);
	check_int(strlen(blkio_get_error_msg()), 255);
	blkio_destroy(&b);
	return 0;
}
