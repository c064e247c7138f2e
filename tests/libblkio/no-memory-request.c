/* SPDX-License-Identifier: MIT */
/* Requests when memory has run out: told by completions as far as the slots
 * set aside for that go, the rest by do_io; later ones are as ever. */
#include "libblkio/request.h"
#include "tests/libblkio/blkio_test.h"
#include "tests/libblkio/fail_nth.h"

#define MANY 5000

static struct blkio_completion c[MANY];

/* Completions of each kind among n. */
static void count(int n, int *done, int *no_memory)
{
	*done = *no_memory = 0;
	for (int i = 0; i < n; i++) {
		if (c[i].ret == 0) {
			check(!c[i].error_msg);
			++*done;
			continue;
		}
		check_int(c[i].ret, -ENOMEM);
		check_str(c[i].error_msg, "Out of memory");
		++*no_memory;
	}
}

/* Submit nr with no memory to be had; returns how many were done. */
static int run(struct blkioq *q, int nr, int *no_memory)
{
	int done, n;

	fail_arm(0, FAIL_NEVER);
	for (int i = 0; i < nr; i++)
		blkioq_flush(q, NULL, 0);
	fail_arm(FAIL_NEVER, 1);
	n = blkioq_do_io(q, c, 0, MANY, NULL);
	if (n == -ENOMEM) {
		check_contains(blkio_get_error_msg(), "were dropped");
		n = blkioq_do_io(q, c, 0, MANY, NULL);
	}
	check(n >= 0);
	count(n, &done, no_memory);
	return done;
}

static void check_queue(struct blkioq *q)
{
	int no_memory, done;
	char text[32];

	/* what the first slots hold, and one that finds none */
	done = run(q, 1, &no_memory);
	check_int(done, 1);
	done = run(q, MANY, &no_memory);
	check(done > 0);
	check_int(no_memory, REQUEST_RESERVE);

	/* the slots set aside are there again */
	check_int(run(q, MANY, &no_memory), done);
	check_int(no_memory, REQUEST_RESERVE);
	check_int(run(q, done + 3, &no_memory), done);
	check_int(no_memory, 3);

	/* bad requests find no slot either: what is told is the memory */
	fail_arm(0, FAIL_NEVER);
	for (int i = 0; i < done; i++)
		blkioq_flush(q, NULL, 0);
	blkioq_readv(q, 0, NULL, -1, NULL, 0);
	blkioq_flush(q, NULL, 1);
	fail_arm(FAIL_NEVER, 1);
	check_int(blkioq_do_io(q, c, 0, MANY, NULL), done + 2);
	check_int(c[0].ret, -ENOMEM);
	check_int(c[1].ret, -ENOMEM);

	/* how many were dropped, told once; others are waited for as usual */
	fail_arm(0, FAIL_NEVER);
	for (int i = 0; i < done + REQUEST_RESERVE + 7; i++)
		blkioq_flush(q, NULL, 0);
	fail_arm(FAIL_NEVER, 1);
	snprintf(text, sizeof(text), "%d requests", 7);
	check_fails(blkioq_do_io(q, c, 1, MANY, NULL), ENOMEM, text);
	check_int(blkioq_do_io(q, c, done + REQUEST_RESERVE, MANY, NULL),
		  done + REQUEST_RESERVE);

	/* with memory again */
	for (int i = 0; i < MANY; i++)
		blkioq_flush(q, NULL, 0);
	test_wait(q, c, MANY);
	count(MANY, &done, &no_memory);
	check_int(done, MANY);
}

int main(void)
{
	struct blkio *b = test_start("null", "");

	check_int(blkio_add_poll_queue(b), 0);
	check_queue(blkio_get_queue(b, 0));
	check_queue(blkio_get_poll_queue(b, 0));
	blkio_destroy(&b);
	return 0;
}
