/* SPDX-License-Identifier: MIT */
/* While blkioq_do_io() fails no request ends: the device may still use its
 * buffer. Later each ends once with its own result, and closing waits. */
#include <stdlib.h>
#include <unistd.h>

#include <blkio.h>

#include "tests/block/node_test.h"

enum { REQUESTS = 150, BYTES = 4096 };

#define STALL_NS (50 * NS_PER_MS)

int __real_blkioq_do_io(struct blkioq *q, struct blkio_completion *completions,
			int min, int max, struct timespec *timeout);
int __wrap_blkioq_do_io(struct blkioq *q, struct blkio_completion *completions,
			int min, int max, struct timespec *timeout);

static int fail_with;	      /* -errno ... */
static int64_t fail_until_ns; /* ... until then, */
static int pass_first;	      /* but for so many calls */
static int failures;
static struct node *node;
static int ended[REQUESTS], nr_ended;

/* Nothing but time ends the stall: it is to be found out by trying again. */
int __wrap_blkioq_do_io(struct blkioq *q, struct blkio_completion *completions,
			int min, int max, struct timespec *timeout)
{
	if (pass_first-- > 0 || clock_now_ns() >= fail_until_ns)
		return __real_blkioq_do_io(q, completions, min, max, timeout);
	check_int(nr_ended, 0);
	failures++;
	return fail_with;
}

/* Reads, writes and discards by turns; the discards are to fail. The buffer
 * is gone as soon as the request is said to have ended. */
static void co_request(void *opaque)
{
	int i = (int)((int *)opaque - ended);
	uint64_t offset = (uint64_t)i * BYTES;
	char *buf = malloc(BYTES);

	check(buf);
	if (i % 3 == 0) {
		check_int(node_co_pread(node, offset, buf, BYTES, 0), 0);
		check_int(buf[0], 0);
		check_int(buf[BYTES - 1], 0);
	} else if (i % 3 == 1) {
		memset(buf, 'w', BYTES);
		check_int(node_co_pwrite(node, offset, buf, BYTES, 0), 0);
	} else {
		check_int(node_co_discard(node, offset, BYTES), -EIO);
	}
	free(buf);
	ended[i]++;
	nr_ended++;
}

/* Fail for a while, with the requests queued or with the device. */
static void start_stalled(int error, bool handed_over)
{
	memset(ended, 0, sizeof(ended));
	nr_ended = failures = 0;
	fail_with = error;
	pass_first = handed_over;
	fail_until_ns = clock_now_ns() + STALL_NS;
	for (int i = 0; i < REQUESTS; i++)
		check_int(co_start(co_request, &ended[i]), 0);
}

static bool all_ended(void *opaque)
{
	return nr_ended == REQUESTS;
}

static void check_ended(void)
{
	for (int i = 0; i < REQUESTS; i++)
		check_int(ended[i], 1);
	check(failures > 0);
	check(clock_now_ns() >= fail_until_ns);
}

static void stall(int error, bool handed_over)
{
	start_stalled(error, handed_over);
	loop_run_until(test_loop, all_ended, NULL);
	check_ended();
	check_int(node_in_flight(node), 0);
}

int main(void)
{
	alarm(30); /* what is not tried again would wait for ever */
	test_begin();
	node = open_disk("driver=ram,size=1M,latency-us=2000,error-op=discard");
	stall(-EAGAIN, false);
	stall(-ENOMEM, true);
	stall(-EIO, true);
	start_stalled(-ENOMEM, true);
	close_disk(node);
	check_ended();
	test_end();
	return 0;
}
