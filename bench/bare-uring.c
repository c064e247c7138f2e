/* SPDX-License-Identifier: MIT */
/*
 * bare-uring [OPTION...] FILE DEPTH COUNT: how many 4 KiB reads per second
 * io_uring does when nothing but liburing stands in front of it. Reads FILE
 * from its start on, again and again, keeping DEPTH requests in flight;
 * prints the rate.
 *
 *   --random         other offsets: those that `sluice bench` reads
 *   --single-issuer  the ring bound to its thread, as the library's property
 *                    of that name binds it, and its fd registered
 *   --fixed-buffers  registered buffers
 *   --direct         O_DIRECT
 *
 * As fast as a simple loop gets: the file is registered; one system call
 * submits all that has room and waits for one completion, completions are
 * taken in batches. Errors and short reads end the program.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#define BLOCK_BYTES 4096
#define SINGLE_ISSUER                                              \
	(IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | \
	 IORING_SETUP_TASKRUN_FLAG)

struct run {
	struct io_uring ring;
	uint64_t nr_blocks; /* of the file */
	uint64_t next;	    /* block, when reading in order */
	uint64_t state;	    /* of the generator */
	char *buffers;	    /* a block for each slot */
	bool random, single_issuer, fixed_buffers, direct;
};

static void die(const char *what, int error)
{
	fprintf(stderr, "bare-uring: %s: %s\n", what, strerror(error));
	exit(1);
}

static void check(const char *what, int ret)
{
	if (ret < 0)
		die(what, -ret);
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Its cost and, from the same state on, its blocks are `sluice bench`'s. */
static uint64_t next_block(struct run *run)
{
	uint64_t block;

	if (run->random) {
		run->state ^= run->state << 13;
		run->state ^= run->state >> 7;
		run->state ^= run->state << 17;
		return ((unsigned __int128)run->state * run->nr_blocks) >> 64;
	}
	block = run->next;
	run->next = block + 1 < run->nr_blocks ? block + 1 : 0;
	return block;
}

static void read_next(struct run *run, uint64_t slot)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&run->ring);
	char *buf = run->buffers + slot * BLOCK_BYTES;
	uint64_t offset = next_block(run) * BLOCK_BYTES;

	if (run->fixed_buffers)
		io_uring_prep_read_fixed(sqe, 0, buf, BLOCK_BYTES, offset, 0);
	else
		io_uring_prep_read(sqe, 0, buf, BLOCK_BYTES, offset);
	io_uring_sqe_set_flags(sqe, IOSQE_FIXED_FILE);
	io_uring_sqe_set_data64(sqe, slot);
}

static void read_all(struct run *run, unsigned long depth, unsigned long count)
{
	unsigned long started = 0, done = 0;

	while (started < depth && started < count)
		read_next(run, started++);
	while (done < count) {
		struct io_uring_cqe *cqe;
		unsigned head, taken = 0;

		check("io_uring_enter",
		      io_uring_submit_and_wait(&run->ring, 1));
		io_uring_for_each_cqe(&run->ring, head, cqe)
		{
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

/* ---- set up ---- */

static void file_open(struct run *run, const char *path)
{
	/* O_NOATIME, as the library does */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOATIME |
				    (run->direct ? O_DIRECT : 0));
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		die(path, errno);
	run->nr_blocks = (uint64_t)st.st_size / BLOCK_BYTES;
	if (!run->nr_blocks)
		die(path, EINVAL);
	check("register the file", io_uring_register_files(&run->ring, &fd, 1));
}

/* The kind of memory that libblkio's users get: shared pages, no huge ones. */
static void buffers_make(struct run *run, unsigned long depth)
{
	struct iovec all = {.iov_len = depth * BLOCK_BYTES};

	all.iov_base = mmap(NULL, all.iov_len, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (all.iov_base == MAP_FAILED)
		die("mmap", errno);
	run->buffers = all.iov_base;
	if (run->fixed_buffers)
		check("register the buffers",
		      io_uring_register_buffers(&run->ring, &all, 1));
}

static void ring_make(struct run *run, unsigned long depth)
{
	check("io_uring_setup",
	      io_uring_queue_init((unsigned)depth, &run->ring,
				  run->single_issuer ? SINGLE_ISSUER : 0));
	if (run->single_issuer)
		check("register the ring",
		      io_uring_register_ring_fd(&run->ring));
}

static void options_read(struct run *run, int argc, char **argv)
{
	static const struct option options[] = {
		{"random", no_argument, NULL, 'r'},
		{"single-issuer", no_argument, NULL, 's'},
		{"fixed-buffers", no_argument, NULL, 'f'},
		{"direct", no_argument, NULL, 'd'},
		{0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		run->random |= c == 'r';
		run->single_issuer |= c == 's';
		run->fixed_buffers |= c == 'f';
		run->direct |= c == 'd';
		if (c == '?')
			exit(2);
	}
}

int main(int argc, char **argv)
{
	struct run run = {.state = 0x9e3779b97f4a7c15};
	unsigned long depth, count;
	double begin_s;

	options_read(&run, argc, argv);
	if (argc - optind != 3) {
		fprintf(stderr,
			"usage: bare-uring [--random] [--single-issuer]"
			" [--fixed-buffers] [--direct] FILE DEPTH COUNT\n");
		return 2;
	}
	depth = strtoul(argv[optind + 1], NULL, 10);
	count = strtoul(argv[optind + 2], NULL, 10);
	if (!depth || depth > 4096 || !count)
		die("DEPTH is 1 to 4096, COUNT at least 1", EINVAL);
	ring_make(&run, depth);
	file_open(&run, argv[optind]);
	buffers_make(&run, depth);
	begin_s = now_s();
	read_all(&run, depth, count);
	printf("%.0f\n", count / (now_s() - begin_s));
	io_uring_queue_exit(&run.ring);
	return 0;
}
