/* SPDX-License-Identifier: MIT */
/*
 * A single issuer's queue belongs to the thread of its first do_io: another
 * one gets -EPERM and disturbs nothing. It can be taken down by any thread,
 * with requests in flight as well, and nothing writes to memory afterwards.
 * Argument: "any", or "old" for a kernel that knows of no single issuer.
 */
#include "tests/io_uring/hook.h"
#include "tests/io_uring/iou_test.h"

#include "util/clock.h"

#include <pthread.h>

static int gate[2];

static void wait_at_gate(struct io_uring_sqe *sqe)
{
	if (sqe->opcode == IORING_OP_READ)
		hook_wait_for(sqe, gate[0]);
}

static struct blkio *open_single(void)
{
	return open_disk(temp_file(MIB), "single-issuer=true", NULL);
}

static void *intrude(void *arg)
{
	struct blkio_completion c;
	struct blkioq *q = arg;

	check_int(blkioq_do_io(q, &c, 0, 1, NULL), -EPERM);
	check_contains(blkio_get_error_msg(), "single-issuer");
	check_int(blkioq_do_io(q, NULL, 0, 0, NULL), -EPERM);
	return NULL;
}

/* Begins a read, and more of them than the ring holds, and ends. */
static void *begin(void *arg)
{
	static char buf[4096];
	struct blkioq *q = arg;

	for (int i = 0; i < 200; i++)
		blkioq_read(q, 0, buf, sizeof(buf), NULL, 0);
	check_int(blkioq_do_io(q, NULL, 0, 0, NULL), 0);
	return NULL;
}

static void on_thread(void *(*run)(void *), struct blkioq *q)
{
	pthread_t thread;

	check_int(pthread_create(&thread, NULL, run, q), 0);
	check_int(pthread_join(thread, NULL), 0);
}

struct pair {
	struct blkioq *mine, *theirs;
};

/* A new thread, of the same name perhaps, with a ring of its own. */
static void *begin_and_intrude(void *arg)
{
	struct pair *pair = arg;

	begin(pair->mine);
	for (int i = 0; i < 10; i++)
		intrude(pair->theirs);
	for (int i = 0; i < 200; i++)
		check_int(next_ret(pair->mine), 0);
	return NULL;
}

static void successor(void)
{
	struct blkio *b = open_single();
	struct pair pair;
	pthread_t thread;

	check_int(blkio_add_queue(b), 1);
	pair.theirs = blkio_get_queue(b, 0);
	pair.mine = blkio_get_queue(b, 1);
	on_thread(begin, pair.theirs);
	/* there is something to hand over */
	blkioq_flush(pair.theirs, NULL, 0);
	check_int(pthread_create(&thread, NULL, begin_and_intrude, &pair), 0);
	check_int(pthread_join(thread, NULL), 0);
	blkio_destroy(&b);
}

static void other_thread(void)
{
	struct blkio *b = open_single();
	struct blkioq *q = queue_of(b);
	char *buf = buffer(4096);

	/* not bound yet: made by this thread, used by another */
	check_int(do_read(q, 0, buf, 4096), 0);
	blkioq_read(q, 0, buf, 4096, NULL, 0);
	on_thread(intrude, q);
	check_int(next_ret(q), 0);
	check_ok(blkio_remove_queue(b, 0));
	/* a new one is anybody's, once */
	check_int(blkio_add_queue(b), 0);
	on_thread(begin, queue_of(b));
	intrude(queue_of(b));
	blkio_destroy(&b);
	free(buf);
}

/* The thread that began the requests has ended, this one takes down. */
static void foreign_end(bool started)
{
	struct blkio *b = open_single();
	int64_t began;

	check_int(pipe(gate), 0);
	hook.sqe = wait_at_gate;
	if (started)
		on_thread(begin, queue_of(b));
	began = clock_now_ns();
	blkio_destroy(&b);
	check(clock_now_ns() - began < 4 * NS_PER_SEC);
	hook.sqe = NULL;
	close(gate[0]);
	close(gate[1]);
}

int main(int argc, char **argv)
{
	struct blkio *b = open_disk(temp_file(MIB), NULL);
	unsigned enters;
	char *buf = buffer(4096);

	hook.no_flags = strcmp(argv[1], "old") == 0;

	/* a queue without the property goes from hand to hand */
	check_int(do_read(queue_of(b), 0, buf, 4096), 0);
	on_thread(begin, queue_of(b));
	for (int i = 0; i < 200; i++)
		check_int(next_ret(queue_of(b)), 0);
	blkio_destroy(&b);

	other_thread();
	successor();
	foreign_end(false);
	foreign_end(true);

	/* still one system call for a read */
	b = open_single();
	check_int(do_read(queue_of(b), 0, buf, 4096), 0);
	enters = hook.enters;
	check_int(do_read(queue_of(b), 0, buf, 4096), 0);
	check_int(hook.enters - enters, 1);
	blkio_destroy(&b);
	free(buf);
	return 0;
}
