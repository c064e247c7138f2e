/* SPDX-License-Identifier: MIT */
/*
 * bare-uring FILE DEPTH COUNT: how many 4 KiB reads per second io_uring does
 * when nothing but liburing stands in front of it. Reads FILE from its start
 * on, again and again, keeping DEPTH requests in flight; prints the rate.
 *
 * As fast as a simple loop gets: one system call submits all that has room
 * and waits for one completion, completions are taken in batches. Errors and
 * short reads end the program: the file is in the page cache.
 */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define BLOCK_BYTES 4096

static void die(const char *what, int error)
{
	fprintf(stderr, "bare-uring: %s: %s\n", what, strerror(error));
	exit(1);
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

struct run {
	struct io_uring ring;
	int fd;
	unsigned long size_bytes; /* of the file, whole blocks */
	unsigned long offset;	  /* of the next read */
	char *buffers;		  /* a block for each slot */
};

static void read_next(struct run *run, unsigned long slot)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&run->ring);

	io_uring_prep_read(sqe, run->fd, run->buffers + slot * BLOCK_BYTES,
			   BLOCK_BYTES, run->offset);
	io_uring_sqe_set_data64(sqe, slot);
	run->offset += BLOCK_BYTES;
	if (run->offset == run->size_bytes)
		run->offset = 0;
}

static void read_all(struct run *run, unsigned long depth, unsigned long count)
{
	unsigned long started = 0, done = 0;

	while (started < depth && started < count)
		read_next(run, started++);
	while (done < count) {
		struct io_uring_cqe *cqe;
		unsigned head, taken = 0;
		int ret = io_uring_submit_and_wait(&run->ring, 1);

		if (ret < 0)
			die("io_uring_enter", -ret);
		io_uring_for_each_cqe(&run->ring, head, cqe) {
			if (cqe->res != BLOCK_BYTES)
				die("read", cqe->res < 0 ? -cqe->res : EIO);
			taken++;
			if (started < count) {
				read_next(run, cqe->user_data);
				started++;
			}
		}
		io_uring_cq_advance(&run->ring, taken);
		done += taken;
	}
}

int main(int argc, char **argv)
{
	struct run run = { .fd = -1 };
	unsigned long depth, count;
	struct stat st;
	double begin_s;
	int ret;

	if (argc != 4) {
		fprintf(stderr, "usage: bare-uring FILE DEPTH COUNT\n");
		return 2;
	}
	depth = strtoul(argv[2], NULL, 10);
	count = strtoul(argv[3], NULL, 10);
	run.fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (run.fd < 0 || fstat(run.fd, &st) < 0)
		die(argv[1], errno);
	run.size_bytes = st.st_size / BLOCK_BYTES * BLOCK_BYTES;
	run.buffers = aligned_alloc(BLOCK_BYTES, depth * BLOCK_BYTES);
	if (!depth || !count || !run.size_bytes || !run.buffers)
		die("nothing to do, or no memory", EINVAL);
	ret = io_uring_queue_init(depth, &run.ring, 0);
	if (ret < 0)
		die("io_uring_setup", -ret);
	begin_s = now_s();
	read_all(&run, depth, count);
	printf("%.0f\n", count / (now_s() - begin_s));
	io_uring_queue_exit(&run.ring);
	free(run.buffers);
	return 0;
}
